'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const LEVELS = ['internal', 'restricted', 'confidential', 'secret', 'top-secret'];
  const BANDS = ['low', 'medium', 'high'];
  const STEP = 100;
  let lang = data.lang;
  const pick = both => both[lang === 'vi' ? 1 : 0];
  const word = (name, ...values) => {
    let next = 0;
    return pick(data.words[name]).replace(/\{\}/g, () => values[next++]);
  };
  const number = n => new Intl.NumberFormat(lang === 'vi' ? 'vi-VN' : 'en').format(n);
  const code = (table, name) => (data[table][name] ? pick(data[table][name]) : name);
  // Text goes in as text nodes and nowhere else: nothing of a document or of a name is ever read as markup.
  const make = (tag, set, ...inside) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(set || {})) node.setAttribute(name, value);
    node.append(...inside);
    return node;
  };
  const at = id => document.getElementById(id);
  const folded = text => text.normalize('NFD').replace(/\p{M}/gu, '').replace(/[đĐ]/g, 'd').toLowerCase();

  for (const [index, doc] of data.docs.entries()) {
    doc.index = index;
    doc.live = doc.h.filter(f => !f.s);
    const worst = list => list.reduce((best, f) => Math.max(best,
      BANDS.indexOf(f.b) * 1e4 + LEVELS.indexOf(f.l) * 1e3 + f.c), -1);
    doc.rank = doc.live.length ? worst(doc.live) : worst(doc.h) - 1e6;
    doc.exact = [doc.n, ...doc.h.flatMap(f => [f.m, f.r, f.f, ...(data.rules[f.r] || [])])]
      .join('\n').normalize('NFC').toLowerCase();
    doc.loose = folded(doc.exact);
  }
  const flagged = data.docs.filter(doc => doc.h.length).sort((a, b) => b.rank - a.rank || (a.n < b.n ? -1 : 1));
  const unread = new Map();
  for (const doc of data.docs) {
    for (const [reason, detail, place] of doc.g) {
      if (!unread.has(reason)) unread.set(reason, []);
      unread.get(reason).push({ doc, detail, place });
    }
  }

  let shown = [];
  let limit = STEP;
  const filters = { text: '', level: '', band: '', group: 'document', decided: false };

  const place = p => {
    const parts = [code('kinds', p.kind)];
    for (const [field, name] of [['page', 'PlacePage'], ['slide', 'PlaceSlide'], ['sheet', 'PlaceSheet'],
      ['cell', 'PlaceCell'], ['line', 'PlaceLine']]) {
      if (p[field] !== undefined) parts.push(word(name, p[field]));
    }
    if (p.name !== undefined) parts.push('"' + p.name + '"');
    if (!p.visible) parts.push(word('NotVisible'));
    return parts.join(', ');
  };
  const row = (list, name, ...inside) => list.append(make('dt', {}, word(name)), make('dd', {}, ...inside));

  const finding = f => {
    const list = make('dl');
    row(list, 'Level', `${code('levels', f.l)}, ${word('Confidence')} ${f.c} (${code('bands', f.b)})`);
    row(list, 'Rule', data.rules[f.r] ? pick(data.rules[f.r]) : f.t, ' ', make('span', { class: 'code' }, f.r));
    row(list, 'Place', place(f.p));
    const reasons = make('ul');
    for (const [name, points] of f.w) {
      reasons.append(make('li', {}, make('span', { class: 'pts' }, (points < 0 ? '−' : '+') + Math.abs(points)),
        code('reasons', name)));
    }
    row(list, 'Reasons', reasons);
    if (f.x !== undefined) row(list, 'Context', make('div', { class: 'ctx' }, f.x));
    if (f.s) row(list, 'Decided', [f.s.decision, f.s.reason, f.s.approver, f.s.expires].filter(Boolean).join('; '));
    row(list, 'Fingerprint', make('span', { class: 'code' }, f.f));
    return make('div', { class: `finding l-${f.l}${f.s ? ' decided' : ''}` }, make('span', { class: 'mark' }, f.m), list);
  };
  const listed = doc => (filters.decided ? doc.h : doc.live);

  const fillBody = (details, group) => {
    if (details.dataset.full === lang) return;
    details.dataset.full = lang;
    details.querySelector('.body')?.remove();
    const body = make('div', { class: 'body' });
    if (group.length > 1) {
      const names = make('ul');
      for (const doc of group) names.append(make('li', {}, doc.n));
      body.append(make('p', {}, word('Copies', number(group.length))), names);
    }
    const doc = group[0];
    const list = make('dl', { class: 'about' });
    row(list, 'Format', doc.f + (doc.c === 'full' ? '' : `, ${code('coverage', doc.c)}`));
    for (const [name, value] of doc.x) list.append(make('dt', {}, code('facts', name)), make('dd', {}, value));
    body.append(list, ...listed(doc).map(finding));
    details.append(body);
  };
  const item = group => {
    const doc = group[0];
    const all = listed(doc);
    const top = all.reduce((best, f) => (LEVELS.indexOf(f.l) * 1e3 + f.c + BANDS.indexOf(f.b) * 1e4
      > LEVELS.indexOf(best.l) * 1e3 + best.c + BANDS.indexOf(best.b) * 1e4 ? f : best), all[0]);
    const marks = [...new Set(all.map(f => f.m))];
    const summary = make('summary', {},
      make('span', { class: `badge l-${top.l}` }, code('levels', top.l)),
      make('span', { class: 'num' }, String(top.c)),
      make('span', { class: 'mark' }, marks.slice(0, 3).join(' · ') + (marks.length > 3 ? ' …' : '')),
      make('span', { class: 'name' }, doc.n));
    if (group.length > 1) summary.append(make('span', { class: 'num' }, word('Copies', number(group.length))));
    const details = make('details', { class: 'doc' }, summary);
    details.addEventListener('toggle', () => { if (details.open) fillBody(details, group); });
    details.group = group;
    return details;
  };

  const filter = () => {
    const text = filters.text.normalize('NFC').toLowerCase().trim();
    const loose = folded(text) === text;
    const passes = doc => {
      const list = listed(doc);
      return list.length
        && (!text || (loose ? doc.loose : doc.exact).includes(text))
        && ((!filters.level && !filters.band)
          || list.some(f => (!filters.level || f.l === filters.level) && (!filters.band || f.b === filters.band)));
    };
    const passing = flagged.filter(passes);
    if (filters.group === 'content') {
      const groups = new Map();
      for (const doc of passing) {
        // Without a digest, the same findings in the same surroundings.
        const key = doc.d || listed(doc).map(f => f.f).join();
        if (!groups.has(key)) groups.set(key, []);
        groups.get(key).push(doc);
      }
      shown = [...groups.values()];
    } else {
      shown = passing.map(doc => [doc]);
    }
    limit = STEP;
    at('list').replaceChildren();
    more();
    const total = flagged.filter(doc => listed(doc).length).length;
    at('count').textContent = passing.length || !total
      ? (total ? word('Shown', number(passing.length), number(total)) : word('NoFindings')) : word('NothingMatches');
  };
  const more = () => {
    const list = at('list');
    list.append(...shown.slice(list.children.length, limit).map(item));
    const rest = shown.length - list.children.length;
    at('more').hidden = rest <= 0;
    at('more').textContent = word('ShowMore', number(Math.min(rest, STEP)));
  };

  const gaps = all => {
    const box = at('gaps');
    box.replaceChildren();
    if (!unread.size) box.append(make('p', {}, word('UnreadNone')));
    for (const [reason, list] of [...unread].sort((a, b) => b[1].length - a[1].length)) {
      const names = make('ul');
      const line = ({ doc, detail, place: where }) => make('li', {}, doc.n, ' ',
        make('span', { class: 'num' }, `(${code('coverage', doc.c)}${where ? ', ' + place(where) : ''}: ${pick(detail)})`));
      const add = count => names.append(...list.slice(names.children.length, names.children.length + count).map(line));
      add(all ? list.length : 20);
      const group = make('section', { class: 'gapgroup' },
        make('h3', {}, `${code('gaps', reason)} (${number(list.length)})`),
        make('p', { class: 'advice' }, `${word('WhatToDo')}: ${code('advice', reason)}`), names);
      if (list.length > names.children.length) {
        const button = make('button', { class: 'more', type: 'button' });
        const label = () => {
          const rest = list.length - names.children.length;
          button.hidden = rest <= 0;
          button.textContent = word('ShowMore', number(Math.min(rest, 500)));
        };
        button.addEventListener('click', () => { add(500); label(); });
        label();
        group.append(button);
      }
      box.append(group);
    }
  };

  const speak = () => {
    document.documentElement.lang = lang;
    document.title = word('ReportTitle');
    for (const node of document.querySelectorAll('[data-w]')) node.textContent = word(node.dataset.w);
    for (const node of document.querySelectorAll('[data-n]')) node.textContent = number(Number(node.dataset.n));
    for (const node of document.querySelectorAll('[data-code]')) {
      const [table, name] = node.dataset.code.split('/');
      node.textContent = code(table, name);
    }
    for (const node of document.querySelectorAll('[data-time]')) node.textContent = pick(JSON.parse(node.dataset.time));
    for (const [id, first, table, names] of [['level', 'AllLevels', 'levels', [...LEVELS].reverse()],
      ['band', 'AllBands', 'bands', [...BANDS].reverse()]]) {
      at(id).replaceChildren(make('option', { value: '' }, word(first)),
        ...names.map(name => make('option', { value: name }, code(table, name))));
      at(id).value = filters[id];
    }
    at('group').replaceChildren(make('option', { value: 'document' }, word('GroupDocument')),
      make('option', { value: 'content' }, word('GroupContent')));
    at('group').value = filters.group;
    filter();
    gaps(false);
  };

  let waiting;
  at('text').addEventListener('input', event => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { filters.text = event.target.value; filter(); }, 80);
  });
  for (const id of ['level', 'band', 'group']) {
    at(id).addEventListener('change', event => { filters[id] = event.target.value; filter(); });
  }
  at('decided').addEventListener('change', event => { filters.decided = event.target.checked; filter(); });
  at('decided').closest('label').hidden = !data.docs.some(doc => doc.h.some(f => f.s));
  at('more').addEventListener('click', () => { limit += STEP; more(); });
  at('lang').addEventListener('click', () => { lang = lang === 'vi' ? 'en' : 'vi'; speak(); });
  at('print').addEventListener('click', () => print());
  at('theme').addEventListener('click', () => {
    const dark = document.documentElement.dataset.theme === 'dark'
      || (!document.documentElement.dataset.theme && matchMedia('(prefers-color-scheme: dark)').matches);
    document.documentElement.dataset.theme = dark ? 'light' : 'dark';
  });
  const openAll = () => {
    for (const details of at('list').children) { details.open = true; fillBody(details, details.group); }
  };
  at('open').addEventListener('click', openAll);
  addEventListener('beforeprint', () => { limit = shown.length; more(); openAll(); gaps(true); });
  addEventListener('keydown', event => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === 'Escape' && event.target === at('text')) {
      at('text').value = filters.text = '';
      filter();
      at('text').blur();
    }
    if (typing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === '/') { event.preventDefault(); at('text').focus(); }
    if (event.key === 'p') print();
    if (event.key === 'j' || event.key === 'k') {
      let items = [...at('list').children];
      const here = items.indexOf(document.activeElement.closest('.doc'));
      const next = event.key === 'j' ? here + 1 : Math.max(here - 1, 0);
      if (next >= items.length && !at('more').hidden) { at('more').click(); items = [...at('list').children]; }
      items[next]?.querySelector('summary').focus();
    }
  });
  at('app').hidden = false;
  speak();
})();
