// The HTML report in real Chromium: opens, filters, switches language, prints; asks no network; obeys no hostile name.
//
//     npm install --prefix /tmp/pw playwright-core
//     NODE_PATH=/tmp/pw/node_modules DAUMAT_BIN=target/debug/daumat node tests/tools/html_report.mjs [FOLDER FOR SCREENSHOTS]
//
// Needs Debian's chromium, node, python3 and, for the pages of the PDF, poppler-utils.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import assert from 'node:assert/strict';

// `import` does not look in NODE_PATH, `require` does.
const { chromium } = createRequire(import.meta.url)('playwright-core');
const binary = process.env.DAUMAT_BIN ?? 'target/debug/daumat';
const out = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'daumat-html-'));
mkdirSync(out, { recursive: true });
const daumat = (...args) => {
  try {
    return execFileSync(binary, args, { encoding: 'utf8', maxBuffer: 1 << 30 });
  } catch (error) {
    if (error.status === 1) return error.stdout;
    throw error;
  }
};

const marked = 'SỞ THỬ NGHIỆM TỈNH VÍ DỤ    CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nSố: 12/BC-STN\nTỐI MẬT\nBÁO CÁO\nVề chiếc đèn lồng giấy\n';
const hostile = ['<script>document.title="owned"</script>.txt', '<img src=x onerror=alert(1)>.txt', 'a"b\'c&d]]>.txt',
  'đúng\u202etxt.exe.txt', 'new\nline.txt', '--><!--.txt', '\u001b[2Jclear.txt'];
const world = join(out, 'world');
mkdirSync(world, { recursive: true });
hostile.forEach((name, index) => writeFileSync(join(world, name.replaceAll('/', '\u2215')), marked + index % 2));
writeFileSync(join(world, 'plain.txt'), 'Về mật độ dân số\n');
writeFileSync(join(world, 'unknown.bin'), Buffer.from([0, 1, 2, 3, 255, 254, 0, 0x99, 1, 2, 3]));
const small = join(out, 'small.html');
daumat('scan', world, '-f', 'html', '-o', small, '--lang', 'en', '--show-context');
const records = join(out, 'big.jsonl');
writeFileSync(records, execFileSync('python3', ['tests/tools/make_records.py'], { maxBuffer: 1 << 30 }));
const big = join(out, 'big.html');
daumat('report', 'convert', records, '-f', 'html', '-o', big, '--lang', 'vi');

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
const troubles = [];
const open = async (file, options = {}) => {
  const page = await browser.newPage({ viewport: { width: 1200, height: 1000 }, ...options });
  page.on('console', message => { if (message.type() === 'error' || message.type() === 'warning') troubles.push(message.text()); });
  page.on('pageerror', error => troubles.push(String(error)));
  page.on('dialog', dialog => { troubles.push('dialog ' + dialog.message()); dialog.dismiss(); });
  page.on('request', request => { if (!request.url().startsWith('file://' + file)) troubles.push('request ' + request.url()); });
  const begun = Date.now();
  await page.goto('file://' + file);
  await page.waitForSelector('#list > details, #list:empty');
  return { page, ms: Date.now() - begun };
};

// Hostile names, English.
{
  const { page } = await open(small);
  assert.equal(await page.title(), 'Report of a scan for classification markings');
  assert.equal(await page.locator('.doc').count(), hostile.length);
  assert.equal(await page.locator('main img, main script').count(), 0);
  const names = await page.locator('.doc .name').allTextContents();
  assert.ok(names.some(name => name.includes('<script>document.title="owned"<')), names.join());
  assert.ok(names.every(name => !/[\u0000-\u001f\u200b-\u200f\u202a-\u202e]/u.test(name)), 'control letters are shown, not obeyed');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('.doc[open]').count(), 1);
  assert.equal(await page.locator('.doc').nth(1).getAttribute('open'), '', 'j j Enter opens the second');
  assert.ok((await page.locator('.doc[open] .finding').innerText()).includes('TỐI MẬT'));
  await page.screenshot({ path: join(out, 'small-en.png'), fullPage: true });
  await page.click('#lang');
  assert.equal(await page.locator('html').getAttribute('lang'), 'vi');
  assert.ok((await page.locator('h1').innerText()).includes('Báo cáo rà quét'));
  const leftover = await page.evaluate(() => [...document.querySelectorAll('[data-w]')].filter(node => !node.textContent).length);
  assert.equal(leftover, 0, 'every word is there');
  await page.selectOption('#group', 'content');
  assert.equal(await page.locator('.doc').count(), 2, 'the same content is one group');
  await page.close();
}
// 100,000 documents, 5,000 findings, Vietnamese.
{
  const { page, ms } = await open(big);
  assert.equal(await page.locator('.doc').count(), 100);
  assert.ok((await page.locator('#count').innerText()).includes('5.000/5.000'));
  await page.screenshot({ path: join(out, 'big-vi.png') });
  const search = async text => {
    await page.fill('#text', '');
    await page.waitForTimeout(120);
    const begun = await page.evaluate(() => performance.now());
    await page.fill('#text', text);
    await page.waitForFunction(() => !document.getElementById('count').textContent.startsWith('hiển thị 5.000'));
    return (await page.evaluate(() => performance.now())) - begun;
  };
  const exact = await search('văn bản số 420.docx');
  assert.equal(await page.locator('.doc').count(), 1, 'accents are kept when typed');
  await page.keyboard.press('Escape');
  const loose = await search('van ban so 420.docx');
  assert.equal(await page.locator('.doc').count(), 1, 'and not needed');
  await page.keyboard.press('Escape');
  await page.selectOption('#level', 'top-secret');
  const badges = new Set(await page.locator('.doc .badge').allTextContents());
  assert.deepEqual([...badges], ['Tuyệt mật']);
  await page.click('#more');
  assert.equal(await page.locator('.doc').count(), 200);
  await page.locator('.doc summary').first().click();
  await page.screenshot({ path: join(out, 'big-vi-filtered.png') });
  await page.selectOption('#level', '');
  const begun = Date.now();
  const pdf = await page.pdf({ path: join(out, 'big-vi.pdf'), preferCSSPageSize: true });
  console.log(`big: opened in ${ms} ms, searches ${exact.toFixed(0)} and ${loose.toFixed(0)} ms (80 of them waiting for more letters), `
    + `PDF of ${pdf.length} bytes in ${Date.now() - begun} ms, page of ${readFileSync(big).length} bytes`);
  assert.ok(ms < 3000 && exact < 1000 && loose < 1000);
  await page.close();
}
{
  const { page } = await open(small, { colorScheme: 'dark' });
  await page.screenshot({ path: join(out, 'small-dark.png') });
  await page.click('#theme');
  const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(paper, 'rgb(255, 255, 255)', 'the button leads from dark to light');
  await page.pdf({ path: join(out, 'small.pdf'), preferCSSPageSize: true });
  await page.close();
}
{
  // Names, roles and contrast as a screen reader and a reader with weak eyes need them.
  const { page } = await open(small);
  const nameless = await page.evaluate(() => [...document.querySelectorAll('button, select, input')]
    .filter(node => !node.hidden && !node.textContent.trim() && !node.closest('label')?.textContent.trim()).length);
  assert.equal(nameless, 0, 'every control has a name');
  const contrast = await page.evaluate(() => {
    const light = text => {
      const [r, g, b] = text.match(/[\d.]+/g).map(Number).slice(0, 3).map(c => c / 255)
        .map(c => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = node => {
      for (let at = node; at; at = at.parentElement) {
        const color = getComputedStyle(at).backgroundColor;
        if (!/, 0\)$/.test(color)) return color;
      }
      return 'rgb(255, 255, 255)';
    };
    const worst = [];
    for (const theme of ['light', 'dark']) {
      document.documentElement.dataset.theme = theme;
      for (const node of document.querySelectorAll('p, dt, dd, button, .badge, .num, .name, .mark, h1, h2, li, .keys, label')) {
        const [a, b] = [light(getComputedStyle(node).color), light(ground(node))];
        worst.push([(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), theme, node.className || node.tagName]);
      }
    }
    return worst.sort((a, b) => a[0] - b[0])[0];
  });
  assert.ok(contrast[0] >= 4.5, `contrast ${contrast}`);
  console.log(`least contrast ${contrast[0].toFixed(2)} (${contrast[1]}, ${contrast[2]})`);
  await page.close();
}
await browser.close();
assert.deepEqual(troubles, [], 'no error, no dialog, no request');
for (const name of ['big-vi', 'small']) {
  const text = execFileSync('pdftotext', ['-layout', join(out, name + '.pdf'), '-'], { encoding: 'utf8', maxBuffer: 1 << 30 });
  const pages = text.split('\f').length - 1;
  assert.ok(new RegExp(`\\b1 ?/ ?${pages}\\b`).test(text), 'pages are numbered');
  if (name === 'big-vi') assert.ok(text.split('Mã nhận dạng').length - 1 === 5000, 'every finding is on paper');
  assert.ok(/ký, ghi rõ họ tên|signature, full name/.test(text), 'there are lines to sign');
  console.log(`${name}.pdf: ${pages} pages`);
}
console.log(`ok; pictures are in ${out}`);
