#!/usr/bin/env python3
"""HTML against two witnesses: html5lib over the tree construction tests of html5lib-tests, and Chromium's innerText over real pages.

    html_witness.py DAUMAT trees HTML5LIB-TESTS       needs: pip install html5lib
    html_witness.py DAUMAT chromium PAGE...           needs: chromium

trees: every word of every text node, comment and attribute that html5lib builds must stand in some segment. chromium: every word of
document.body.innerText must stand in a visible segment; scripts of the page are taken out first, since daumat runs none.
"""
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

WORD = re.compile(r"[^\W_]+")


def segments(tool, path):
    out = subprocess.run([tool, "extract", "-f", "jsonl", path], capture_output=True, text=True).stdout
    return [line for line in map(json.loads, out.splitlines()) if line["type"] == "segment"]


def trees(tool, folder):
    import html5lib
    cases = words = missed = 0
    worst = []
    with tempfile.TemporaryDirectory() as here:
        page = Path(here) / "case.html"
        for file in sorted(Path(folder, "tree-construction").glob("*.dat")):
            for block in re.split(r"(?m)^#data\n", file.read_bytes().decode("utf-8", "replace"))[1:]:
                source = block.split("\n#errors", 1)[0]
                if "#document-fragment" in block or "#script-on" in block or not source.strip():
                    continue
                page.write_bytes(source.encode())
                tree = html5lib.parse(source, treebuilder="etree", namespaceHTMLElements=False)
                expected = []
                for element in tree.iter():
                    expected += [element.text or "", element.tail or ""]
                wanted = Counter(word for text in expected for word in WORD.findall(text))
                own = "\n".join(s["text"] for s in segments(tool, page) if s["place"]["kind"] != "name")
                found = set(WORD.findall(own))
                cases += 1
                words += sum(wanted.values())
                lost = [word for word in wanted if word not in found and word not in own]
                missed += sum(wanted[word] for word in lost)
                if lost:
                    worst.append((file.name, source, lost))
    print(f"{cases} cases, {words} words, {missed} missed, in {len(worst)} cases")
    for name, source, lost in worst[:40]:
        print(f"  {name}: {source[:90]!r} lost {lost[:5]}")


def inner_text(page, here):
    source = Path(page).read_bytes()
    source = re.sub(rb"(?is)<script\b.*?</script\s*>|<noscript\b.*?</noscript\s*>|<meta[^>]+http-equiv=.?refresh[^>]*>|<base\b[^>]*>", b"", source)
    source += b"<script>addEventListener('load',()=>{let t=document.body.innerText;document.documentElement.innerHTML='';" \
              b"document.documentElement.appendChild(document.createElement('textarea')).textContent=t})</script>"
    copy = Path(here) / "page.html"
    copy.write_bytes(source)
    run = subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=2000",
                          "--dump-dom", copy.as_uri()], capture_output=True, timeout=60)
    dom = run.stdout.decode("utf-8", "replace")
    text = re.search(r"(?s)<textarea>(.*)</textarea>", dom)
    import html
    return html.unescape(text.group(1)) if text else None


def chromium(tool, pages):
    words = missed = extra = own_words = 0
    with tempfile.TemporaryDirectory() as here:
        for page in pages:
            try:
                text = inner_text(page, here)
            except subprocess.TimeoutExpired:
                text = None
            if text is None:
                print(f"  {page}: chromium gives nothing")
                continue
            wanted = Counter(WORD.findall(text.lower()))
            visible = Counter(word for s in segments(tool, page) if s["place"]["visible"] and "view" not in s.get("look", [])
                              and s["place"]["kind"] in ("body", "form-field", "table") for word in WORD.findall(s["text"].lower()))
            lost = wanted - visible
            more = visible - wanted
            words += sum(wanted.values())
            missed += sum(lost.values())
            own_words += sum(visible.values())
            extra += sum(more.values())
            if sum(lost.values()) > 0.01 * sum(wanted.values()):
                print(f"  {Path(page).name}: {sum(lost.values())} of {sum(wanted.values())} lost, as {list(lost)[:6]}")
    print(f"{len(pages)} pages, {words} words of innerText, {missed} not in visible text ({100 - 100 * missed / max(1, words):.2f} % found); "
          f"{extra} of {own_words} visible words are not in innerText")


if __name__ == "__main__":
    {"trees": lambda: trees(sys.argv[1], sys.argv[3]), "chromium": lambda: chromium(sys.argv[1], sys.argv[3:])}[sys.argv[2]]()
