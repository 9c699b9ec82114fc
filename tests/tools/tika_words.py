#!/usr/bin/env python3
"""How many of the words that Apache Tika shows of a file `daumat extract` shows too, file by file.

usage: tika_words.py BINARY FILE_OR_FOLDER... [--kinds doc,xls,ppt,rtf,msg] [--worst 30]      needs: pip install extractous

Tika runs as a native program inside extractous, which lacks some of its classes: files it fails on or shows nothing of are left out and
counted. A word is a run of letters with at least two; it counts as found when it stands in any text of the file or its members as a word,
or, in the second figure, anywhere after blanks are removed on both sides (Tika glues cells and runs, or cuts them). Names of months and
days, and `NaN`, are not counted in workbooks: Tika shows dates as such, which are numbers in the file, and numbers are no marking.
"""
import argparse
import collections
import json
import os
import re
import subprocess
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

WORD = re.compile(r"[^\W\d_]{2,}")
MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
DATES = {form for name in MONTHS + DAYS for form in (name, name[:3])} | {"NaN"}
TIKA = """
import sys, extractous
extractor = extractous.Extractor().set_extract_string_max_length(1 << 26)
sys.stdout.write(extractor.extract_file_to_string(sys.argv[1])[0])
"""


def text_of(text):
    return unicodedata.normalize("NFC", text.replace("\u00ad", ""))


def tika(path):
    # An empty path: no other program may be started, above all no text recognition.
    try:
        run = subprocess.run([sys.executable, "-c", TIKA, str(path)], capture_output=True, timeout=120,
                             env={"HOME": os.environ.get("HOME", "/"), "LANG": "C.UTF-8", "PATH": ""})
    except subprocess.TimeoutExpired:
        return None
    return text_of(run.stdout.decode("utf-8", "replace")) if run.returncode == 0 else None


def daumat(binary, path):
    run = subprocess.run([binary, "extract", "-f", "jsonl", str(path)], capture_output=True, timeout=300)
    records = [json.loads(line) for line in run.stdout.decode("utf-8", "replace").split("\n") if line]
    gaps = {gap["reason"] for record in records for gap in record.get("gaps", [])}
    return text_of("\n".join(record["text"] for record in records if "text" in record)), gaps


def measure(binary, path, shown):
    """Words of what another program shows, those found as words, those found in all, those missing, and the file's gaps."""
    if not shown or not WORD.search(shown):
        return None
    text, gaps = daumat(binary, path)
    words = (word for word in WORD.findall(shown) if path.suffix.lower() != ".xls" or word not in DATES)
    wanted, got = collections.Counter(words), set(WORD.findall(text))
    glued = "".join(text.split())
    missing = [word for word in wanted if word not in got]
    lost = [word for word in missing if word not in glued]
    total = sum(wanted.values())
    return total, total - sum(wanted[w] for w in missing), total - sum(wanted[w] for w in lost), lost, gaps


def report(rows, kinds, most):
    """Prints a line for each kind, and the files of which most is missing."""
    for kind in kinds:
        mine = [row for path, row in rows if path.suffix.lower() == "." + kind]
        read = [row for row in mine if row]
        total = sum(row[0] for row in read)
        if total:
            whole, any_, good = sum(r[1] for r in read), sum(r[2] for r in read), sum(r[2] >= 0.99 * r[0] for r in read)
            print(f"{kind}: {len(read)} of {len(mine)} files, {total} words: {100 * whole / total:.2f} % as words, "
                  f"{100 * any_ / total:.2f} % in all; {good} files at 99 % or more")
    worst = sorted(((path, row) for path, row in rows if row and row[2] < row[0]), key=lambda it: it[1][2] - it[1][0])
    for path, (total, _, found, lost, gaps) in worst[:most]:
        print(f"  {total - found} of {total}: {path} {' '.join(lost[:12])!r} gaps {sorted(gaps)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binary")
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--kinds", default="doc,xls,ppt,rtf,msg")
    parser.add_argument("--worst", type=int, default=30)
    args = parser.parse_args()
    kinds = args.kinds.split(",")
    files = [file for path in args.paths for file in (sorted(path.rglob("*")) if path.is_dir() else [path])]
    files = [file for file in files if file.is_file() and file.suffix.lower().lstrip(".") in kinds]
    with ThreadPoolExecutor(2) as pool:
        rows = list(pool.map(lambda file: (file, measure(args.binary, file, tika(file))), files))
    report(rows, kinds, args.worst)


if __name__ == "__main__":
    main()
