#!/usr/bin/env python3
"""How many words of other readers of XLS, XLSB and PPT `daumat extract` finds, file by file.

    pip install xlrd python-calamine pyxlsb olefile
    sheet_words.py --daumat target/release/daumat FOLDER... [--worst 20]

Words of two letters or more; a word counts as found when it stands in any text of the file or of what lies in it. References:
xlrd (cells, sheet names, comments), python-calamine (cells, sheet names), xls2csv and catppt of catdoc where they are installed,
pyxlsb for XLSB, soffice (text of slides) with --soffice.
Besides: exit codes, time and coverage of each file.
"""

import argparse
import collections
import contextlib
import io
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unicodedata

WORD = re.compile(r"[^\W\d_]{2,}")


def words(text):
    return collections.Counter(WORD.findall(unicodedata.normalize("NFC", text)))


def daumat(binary, path):
    start = time.time()
    run = subprocess.run([binary, "extract", "-f", "jsonl", str(path)], capture_output=True, timeout=300)
    text, documents = [], []
    for line in run.stdout.decode("utf-8", "replace").splitlines():
        record = json.loads(line)
        if "text" in record:
            text.append(record["text"])
        elif "coverage" in record:
            documents.append(record)
    return run.returncode, time.time() - start, words("\n".join(text)), documents


def by_xlrd(path):
    import xlrd
    with contextlib.redirect_stdout(io.StringIO()):
        book = xlrd.open_workbook(path, logfile=io.StringIO())
    out = list(book.sheet_names())
    for sheet in book.sheets():
        for row in range(sheet.nrows):
            out += [cell.value for cell in sheet.row(row) if cell.ctype == xlrd.XL_CELL_TEXT]
        for note in sheet.cell_note_map.values():
            out += [note.text, note.author or ""]
    return "\n".join(out)


def by_calamine(path):
    import python_calamine
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    out = list(book.sheet_names)
    for name in book.sheet_names:
        if path.name == "51535.xls":
            break  # a dense range of a gigabyte
        try:
            rows = book.get_sheet_by_name(name).to_python()
        except Exception:
            continue
        out += [cell for row in rows for cell in row if isinstance(cell, str)]
    return "\n".join(out)


def by_pyxlsb(path):
    import pyxlsb
    out = []
    with pyxlsb.open_workbook(str(path)) as book:
        for name in book.sheets:
            out.append(name)
            with book.get_sheet(name) as sheet:
                for row in sheet.rows(sparse=True):
                    out += [cell.v for cell in row if isinstance(cell.v, str)]
    return "\n".join(out)


def by_command(*command):
    def read(path):
        run = subprocess.run([*command, str(path)], capture_output=True, timeout=60)
        return run.stdout.decode("utf-8", "replace")
    return read


def by_soffice(path):
    """Slides, notes and masters out of the flat XML that LibreOffice writes."""
    with tempfile.TemporaryDirectory() as tmp:
        subprocess.run(["soffice", f"-env:UserInstallation=file://{tempfile.gettempdir()}/sheet-words-lo", "--headless", "--convert-to", "fodp",
                        "--outdir", tmp, str(path)], capture_output=True, timeout=120)
        made = list(pathlib.Path(tmp).glob("*.fodp"))
        if not made:
            return ""
        text = made[0].read_text("utf-8")
    import html
    # Embedded documents bring their own settings.
    text = re.sub(r"<office:(meta|settings|scripts)\b.*?</office:\1>", " ", text, flags=re.S)
    body = text[text.find("<office:body"):]
    body = re.sub(r"<office:(event-listeners|binary-data)\b.*?</office:\1>", " ", body, flags=re.S)
    # Runs of one word are glued, paragraphs and fields are not.
    body = re.sub(r"</?text:(span|a|s|tab|line-break)\b[^>]*>", lambda m: " " if m[1] in ("s", "tab", "line-break") else "", body)
    return html.unescape(re.sub(r"<[^>]+>", "\n", body))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--daumat", required=True)
    parser.add_argument("--worst", type=int, default=20)
    parser.add_argument("--soffice", action="store_true")
    parser.add_argument("--only", default="xls xlt ppt pps pot xlsb")
    parser.add_argument("--json")
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    args = parser.parse_args()
    kinds = {"xls": {"xlrd": by_xlrd, "calamine": by_calamine}, "xlsb": {"pyxlsb": by_pyxlsb, "calamine": by_calamine}, "ppt": {}}
    if shutil.which("xls2csv"):
        kinds["xls"]["xls2csv"] = by_command("xls2csv", "-d", "utf-8")
    if shutil.which("catppt"):
        kinds["ppt"]["catppt"] = by_command("catppt", "-d", "utf-8")
    if args.soffice:
        kinds["ppt"]["soffice"] = by_soffice
    alias = {"xlt": "xls", "pps": "ppt", "pot": "ppt"}
    total = collections.defaultdict(lambda: [0, 0, 0, 0])
    coverage, codes, rows, empty, slow = collections.Counter(), collections.Counter(), [], [], []
    wanted = args.only.split()
    paths = sorted(p for folder in args.folders for p in ([folder] if folder.is_file() else folder.rglob("*")) if p.suffix[1:].lower() in wanted and p.is_file())
    for path in paths:
        kind = alias.get(path.suffix[1:].lower(), path.suffix[1:].lower())
        try:
            code, seconds, found, documents = daumat(args.daumat, path)
        except subprocess.TimeoutExpired:
            print("HANGS", path)
            continue
        codes[code] += 1
        slow.append((seconds, str(path)))
        outer = documents[-1] if documents else {"coverage": "?", "gaps": [], "format": "?"}
        coverage[kind, outer["coverage"], ",".join(sorted({g["reason"] for g in outer["gaps"]}))] += 1
        if sum(found.values()) <= 3 and not any(d["gaps"] for d in documents):
            empty.append(str(path))
        for name, reader in kinds[kind].items():
            try:
                reference = words(reader(path))
            except BaseException as error:  # panics of calamine are no Exception
                if isinstance(error, KeyboardInterrupt):
                    raise
                total[kind, name][3] += 1
                continue
            if not reference:
                continue
            # The reference may repeat a text once a cell; we give a long one once.
            missed = [w for w in reference if w not in found]
            stats = total[kind, name]
            stats[0] += 1
            stats[1] += len(reference)
            stats[2] += len(reference) - len(missed)
            if missed:
                rows.append((len(missed), len(reference), name, str(path), outer["coverage"], [g["detail"] for g in outer["gaps"]][:3], missed[:12]))
    rows.sort(key=lambda r: -r[0])
    for (kind, name), (files, all_, got, failed) in sorted(total.items()):
        print(f"{kind:5} {name:9} {files:4} files {all_:8} words {got:8} found {100 * got / max(all_, 1):7.3f} %   reference failed on {failed}")
    print("exit codes", dict(codes), "slowest", [(round(s, 2), p) for s, p in sorted(slow)[-3:]])
    for key, count in sorted(coverage.items()):
        print(" ", *key, count)
    print(len(empty), "without words and without a gap:", *empty[:40])
    for row in rows[:args.worst]:
        print(*row)
    if args.json:
        json.dump(rows, open(args.json, "w"), ensure_ascii=False, indent=0)


if __name__ == "__main__":
    sys.exit(main())
