#!/usr/bin/env python3
"""Compares the words daumat reads from PDFs with those pdftotext (or pdfium, or both) reads.

    benches/pdf_words.py [--pdfium|--union] DAUMAT FOLDER

`--pdfium` takes pdfium as witness (`pip install pypdfium2`), `--union` for each word the witness that has it more often.

For every PDF of a folder: multiset recall of words of two letters and more ("strict"), and how many of pdftotext's
words occur in our text with blanks and punctuation left out ("bare": what counts when a matcher ignores blanks;
pdftotext joins hyphenated words over lines, which costs strict but not bare). Views (stream order) count only for bare.
Prints totals, gaps, crashes, the slowest and the worst files. pdftotext is a witness, not the truth: without a Unicode
map it prints glyph numbers as letters.
"""

import json
import re
import subprocess
import sys
import time
import unicodedata
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SECONDS = 60


def words(text):
    return re.findall(r"[^\W\d_]{2,}", unicodedata.normalize("NFKC", text))


def run(command):
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS)
        return done.returncode, done.stdout.decode("utf8", "replace")
    except subprocess.TimeoutExpired:
        return "timeout", ""


PDFIUM = """
import sys, pypdfium2
document = pypdfium2.PdfDocument(sys.argv[1])
for number in range(len(document)):
    print(document[number].get_textpage().get_text_range().encode("utf8", "replace").decode("utf8"))
"""


def witness(which, path):
    """How often each word stands in the file."""
    seen = Counter()
    if which != "pdfium":
        seen |= Counter(words(run(["pdftotext", path, "-"])[1]))
    if which != "pdftotext":
        # U+FFFE: where pdfium thinks a word is divided.
        seen |= Counter(words(run([sys.executable, "-c", PDFIUM, path])[1].replace("\ufffe\r\n", "").replace("\ufffe", "")))
    return seen


def compare(daumat, path, which):
    begin = time.time()
    code, out = run([daumat, "extract", "-f", "jsonl", path])
    seconds = time.time() - begin
    # Not splitlines(): U+2028 inside a text is no line end.
    records = [json.loads(line) for line in out.split("\n") if line]
    segments = [r for r in records if r["type"] == "segment" and not r["members"]]
    gaps = [g for r in records if r["type"] == "document" and not r["members"] for g in r["gaps"]]
    ours = Counter(w for s in segments if "view" not in s.get("look", []) for w in words(s["text"]))
    bare = "".join(w for s in segments for w in words(s["text"]))
    theirs = witness(which, path)
    return {
        "name": path.name,
        "code": code,
        "seconds": seconds,
        "words": sum(theirs.values()),
        "strict": sum(min(count, ours[word]) for word, count in theirs.items()),
        "bare": sum(count for word, count in theirs.items() if word in bare),
        "gaps": sorted({g["reason"] for g in gaps}),
    }


def main():
    which = "pdftotext"
    if sys.argv[1] in ("--pdfium", "--union"):
        which = sys.argv.pop(1)[2:]
    daumat, folder = sys.argv[1], Path(sys.argv[2])
    with ThreadPoolExecutor(2) as pool:
        rows = list(pool.map(lambda path: compare(daumat, path, which), sorted(folder.rglob("*.pdf"))))
    judged = [row for row in rows if row["words"] >= 5]
    total = sum(row["words"] for row in judged) or 1
    share = lambda key: 100 * sum(row[key] for row in judged) / total
    print(f"{len(rows)} files, {len(judged)} with 5 words or more, {total} words")
    print(f"strict {share('strict'):.2f} %, bare {share('bare'):.2f} %,", end=" ")
    print(f"files with bare >= 99.9 %: {sum(row['bare'] >= 0.999 * row['words'] for row in judged)}")
    print("gaps", dict(Counter(gap for row in rows for gap in row["gaps"])))
    print("not ended well", [row["name"] for row in rows if row["code"] not in (0, 3) or "crash" in row["gaps"]])
    for title, key in [("slowest", lambda r: -r["seconds"]), ("worst", lambda r: r["bare"] - r["words"])]:
        print(title)
        for row in sorted(rows if title == "slowest" else judged, key=key)[:20]:
            counts = f"{row['words']:8} {row['strict']:8} {row['bare']:8} {row['seconds']:6.2f} s"
            print(f"  {counts}  {row['name']} {' '.join(row['gaps'])}")


if __name__ == "__main__":
    main()
