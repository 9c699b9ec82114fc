#!/usr/bin/env python3
"""Compares the words daumat reads from PDFs with those pdftotext (or pdfium, or both) reads.

    benches/pdf_words.py [--pdfium|--union] [--cache FILE] DAUMAT FOLDER...

`--pdfium` takes pdfium as witness (`pip install pypdfium2`), `--union` for each word the witness that has it more often. What the
witnesses said is kept in the cache: they take most of the time, and say the same of the same file.

For every PDF of a folder: multiset recall of words of two letters and more ("strict"), and how many of pdftotext's
words occur in our text with blanks and punctuation left out ("bare": what counts when a matcher ignores blanks;
pdftotext joins hyphenated words over lines, which costs strict but not bare). Views (stream order) count only for bare.
Prints totals, gaps, crashes, the slowest and the worst files, every file below 90 %, and those of which nothing was read. pdftotext is a witness, not the truth: without a Unicode
map it prints glyph numbers as letters.
"""

import argparse
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


def ask(who, path):
    """How often each word stands in the file, for one witness."""
    if who == "pdftotext":
        return Counter(words(run(["pdftotext", path, "-"])[1]))
    # U+FFFE: where pdfium thinks a word is divided.
    return Counter(words(run([sys.executable, "-c", PDFIUM, path])[1].replace("\ufffe\r\n", "").replace("\ufffe", "")))


def witness(which, path, cache):
    """How often each word stands in the file; for a union the higher number of the two."""
    seen = Counter()
    for who in ["pdftotext", "pdfium"] if which == "union" else [which]:
        key = f"{who} {path} {path.stat().st_size}"
        if key not in cache:
            cache[key] = ask(who, path)
        seen |= Counter(cache[key])
    return seen


def compare(daumat, path, which, cache):
    begin = time.time()
    code, out = run([daumat, "extract", "-f", "jsonl", path])
    seconds = time.time() - begin
    # Not splitlines(): U+2028 inside a text is no line end.
    records = [json.loads(line) for line in out.split("\n") if line]
    segments = [r for r in records if r["type"] == "segment" and not r["members"]]
    gaps = [g for r in records if r["type"] == "document" and not r["members"] for g in r["gaps"]]
    ours = Counter(w for s in segments if "view" not in s.get("look", []) for w in words(s["text"]))
    bare = "".join(w for s in segments for w in words(s["text"]))
    theirs = witness(which, path, cache)
    return {
        "name": path.name,
        "code": code,
        "seconds": seconds,
        "words": sum(theirs.values()),
        "strict": sum(min(count, ours[word]) for word, count in theirs.items()),
        "bare": sum(count for word, count in theirs.items() if word in bare),
        "gaps": sorted({g["reason"] for g in gaps}),
    }


def report(title, rows):
    judged = [row for row in rows if row["words"] >= 5]
    total = sum(row["words"] for row in judged) or 1
    share = lambda key: 100 * sum(row[key] for row in judged) / total
    print(f"\n{title}: {len(rows)} files, {len(judged)} with 5 words or more, {total} words")
    print(f"strict {share('strict'):.2f} %, bare {share('bare'):.2f} %,", end=" ")
    print(f"files with bare >= 99.9 %: {sum(row['bare'] >= 0.999 * row['words'] for row in judged)}")
    print("gaps", dict(Counter(gap for row in rows for gap in row["gaps"])))
    print("not ended well", [row["name"] for row in rows if row["code"] not in (0, 3) or "crash" in row["gaps"]])
    below = [row for row in judged if row["bare"] < 0.9 * row["words"]]
    slowest = sorted(rows, key=lambda row: -row["seconds"])[:5]
    unread = [row for row in rows if row["words"] and not row["bare"]]
    for title, some in [("slowest", slowest), ("below 90 %", below), ("read by them and not here", unread)]:
        print(title)
        for row in some:
            counts = f"{row['words']:8} {row['strict']:8} {row['bare']:8} {row['seconds']:6.2f} s"
            print(f"  {counts}  {row['name']} {' '.join(row['gaps'])}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--pdfium", dest="which", action="store_const", const="pdfium", default="pdftotext")
    which.add_argument("--union", dest="which", action="store_const", const="union")
    parser.add_argument("--cache", type=Path, help="what the witnesses said, kept between runs")
    parser.add_argument("daumat")
    parser.add_argument("folders", nargs="+", type=Path)
    args = parser.parse_args()
    cache = json.loads(args.cache.read_text()) if args.cache and args.cache.exists() else {}
    everything = []
    for folder in args.folders:
        paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".pdf" and path.is_file())
        with ThreadPoolExecutor(2) as pool:
            rows = list(pool.map(lambda path: compare(args.daumat, path, args.which, cache), paths))
        report(folder.name, rows)
        everything += rows
        if args.cache:
            args.cache.write_text(json.dumps(cache))
    if len(args.folders) > 1:
        report("all", everything)


if __name__ == "__main__":
    main()
