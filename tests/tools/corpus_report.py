#!/usr/bin/env python3
"""Scans a folder and tells how the ledger stands: what was read, what was not and why, and what was found.

    python3 tests/tools/corpus_report.py FOLDER [--daumat PATH] [--findings 200] [-- further scan flags]

Exit 1 when the ledger does not add up, a record is malformed, or a document ended in crash or timeout. Needs Python 3 only.
"""

import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def clean(text, limit=160):
    """Document text on its way to a terminal."""
    shown = "".join(ch if ch.isprintable() else f"\\u{ord(ch):04x}" for ch in str(text))
    return shown if len(shown) <= limit else shown[:limit] + "…"


def place(p):
    out = p.get("kind", "?")
    for key in ("page", "sheet", "cell", "slide", "line", "name"):
        if p.get(key) is not None:
            out += f" {key} {p[key]}"
    return out if p.get("visible", True) else out + " (not shown)"


def disk_name(path):
    """A path as the records write it: `/` as separator, bytes that are not UTF-8 as \\xNN."""
    raw = os.fsencode(path)
    out, at = "", 0
    while at < len(raw):
        try:
            out += raw[at:].decode("utf-8")
            break
        except UnicodeDecodeError as problem:
            out += raw[at:at + problem.start].decode("utf-8") + "".join(f"\\x{b:02x}" for b in raw[at + problem.start:at + problem.end])
            at += problem.end
    return out.replace(os.sep, "/")


def main():
    argv, extra = sys.argv[1:], []
    if "--" in argv:
        extra = argv[argv.index("--") + 1:]
        argv = argv[:argv.index("--")]
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("folder")
    ap.add_argument("--daumat", default=str(ROOT / "target/release/daumat"))
    ap.add_argument("--findings", type=int, default=200, help="findings to print")
    ap.add_argument("--keep", help="keep the records in this file")
    args = ap.parse_args(argv)

    start = time.monotonic()
    scan = subprocess.run([args.daumat, "scan", "-f", "jsonl", "--list-all", *extra, args.folder], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wall = time.monotonic() - start
    if args.keep:
        pathlib.Path(args.keep).write_bytes(scan.stdout)
    wrong, documents, findings, summary = [], [], [], None
    for i, line in enumerate(scan.stdout.splitlines(), 1):
        try:
            record = json.loads(line)
        except ValueError:
            wrong.append(f"line {i} is not JSON: {clean(line.decode('utf-8', 'replace'), 80)}")
            continue
        kind = record.get("type")
        if kind == "document":
            documents.append(record)
        elif kind == "finding":
            findings.append(record)
        elif kind == "summary":
            if summary:
                wrong.append("more than one summary")
            summary = record
    if scan.returncode not in (0, 1, 3):
        wrong.append(f"exit code {scan.returncode}: {clean(scan.stderr.decode('utf-8', 'replace')[-300:], 300)}")

    for d in documents:
        if d.get("skipped"):
            d["coverage"] = "skipped"
    coverage = collections.Counter(d.get("coverage", "?") for d in documents)
    reasons = collections.Counter(g["reason"] for d in documents for g in d.get("gaps", []))
    outer = [d for d in documents if not d.get("members")]
    print(f"{args.folder}: {len(outer)} files, {len(documents)} documents, {sum(d.get('bytes', 0) for d in outer) / 1e6:.1f} MB, {wall:.1f} s, exit {scan.returncode}")
    print("coverage: " + ", ".join(f"{k} {v}" for k, v in coverage.most_common()))
    print("gaps: " + (", ".join(f"{k} {v}" for k, v in reasons.most_common()) or "none"))

    # formats against gaps
    formats = collections.defaultdict(collections.Counter)
    for d in documents:
        row = formats[d.get("format", "?")]
        row["documents"] += 1
        row[d.get("coverage", "?")] += 1
        for reason in {g["reason"] for g in d.get("gaps", [])}:
            row["gap:" + reason] += 1
    columns = ["documents", "full", "partial", "none", "skipped"] + [f"gap:{r}" for r, _ in reasons.most_common()]
    print("\n| format | " + " | ".join(c.removeprefix("gap:") for c in columns) + " |\n|" + "---|" * (len(columns) + 1))
    for name, row in sorted(formats.items(), key=lambda item: -item[1]["documents"]):
        print(f"| {clean(name)} | " + " | ".join(str(row[c] or "") for c in columns) + " |")

    details = collections.Counter((d.get("format"), g["reason"], g.get("detail", "")) for d in documents for g in d.get("gaps", []))
    print("\nmost frequent gaps:")
    for (fmt, reason, detail), n in details.most_common(25):
        print(f"  {n:6} {fmt}: {reason}: {clean(detail, 100)}")

    strong = [f for f in findings if f.get("band") in ("medium", "high")]
    bands = collections.Counter(f.get("band", "?") for f in findings)
    print(f"\nfindings: {dict(bands)}, in {len({f['path'] for f in strong})} files at medium or above")
    for f in strong[:args.findings]:
        print(f"  {f['level']:12} {f['confidence']:3} {clean(f['display'])} [{clean(place(f['place']), 60)}] {f['rule']}: {clean(f['matched'], 60)!r} "
              + " ".join(f"{r['code']}{r['points']:+}" for r in f.get("reasons", [])))
    if len(strong) > args.findings:
        print(f"  … and {len(strong) - args.findings} more")

    # the ledger
    if summary is None:
        wrong.append("no summary record")
    else:
        parts = {k: summary.get(k, 0) for k in ("full", "partial", "none", "skipped")}
        if summary.get("documents") != sum(parts.values()):
            wrong.append(f"documents {summary.get('documents')} is not the sum of {parts}")
        listed = summary.get("documents", 0) - (0 if coverage.get("skipped") else parts["skipped"])  # skipped ones may go unlisted
        if listed != len(documents):
            wrong.append(f"summary counts {summary.get('documents')} documents, {len(documents)} have a record")
        for key in parts:
            if key == "skipped" and not coverage.get("skipped"):
                continue
            if parts[key] != coverage.get(key, 0):
                wrong.append(f"summary counts {parts[key]} {key}, the records {coverage.get(key, 0)}")
        for band, n in (summary.get("findings") or {}).items():
            if band != "low" and n != bands.get(band, 0):
                wrong.append(f"summary counts {n} findings of band {band}, the records {bands.get(band, 0)}")
        if {k: v for k, v in (summary.get("gaps") or {}).items() if v} != dict(reasons):
            wrong.append(f"summary gaps {summary.get('gaps')} differ from the records {dict(reasons)}")
    for d in documents:
        if d.get("coverage") == "full" and d.get("gaps"):
            wrong.append(f"full with gaps: {clean(d['display'])}")
        if d.get("coverage") in ("partial", "none") and not d.get("gaps"):
            wrong.append(f"{d['coverage']} without a reason: {clean(d['display'])}")
    known = {d["path"] for d in documents}
    if not extra:
        walked = [os.path.join(base, name) for base, _, names in os.walk(args.folder) for name in names]
        missing = [p for p in walked if os.path.isfile(p) and not os.path.islink(p) and disk_name(p) not in known]
        if summary and not coverage.get("skipped") and len(missing) <= summary.get("skipped", 0):
            missing = []
        wrong += [f"no record of {clean(p)}" for p in missing[:20]]
        if len(missing) > 20:
            wrong.append(f"… and {len(missing) - 20} more files without a record")
    keys = collections.Counter((d["path"], tuple(d.get("members", []))) for d in documents)
    twice = [k for k, n in keys.items() if n > 1]
    if twice:
        print(f"\nnote: {len(twice)} addresses with more than one record, such as {clean(twice[0])}")
    for f in findings:
        if (f["path"], tuple(f.get("members", []))) not in keys:
            wrong.append(f"finding in a document without a record: {clean(f['display'])}")

    bad = [(d, g) for d in documents for g in d.get("gaps", []) if g["reason"] in ("crash", "timeout")]
    print(f"\ncrash or timeout: {len(bad)}")
    for d, g in bad:
        print(f"  {g['reason']}: {clean(d['display'])} ({d.get('format')}, {d.get('bytes')} bytes): {clean(g.get('detail', ''))}")
    print("ledger: " + ("adds up" if not wrong else f"{len(wrong)} problems"))
    for line in wrong[:60]:
        print("  " + line)
    return 1 if wrong or bad else 0


if __name__ == "__main__":
    sys.exit(main())
