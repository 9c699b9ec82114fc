#!/usr/bin/env python3
"""Holds a binary against fixtures/**/*.expect.toml, as fixtures/README.md defines them.

    python3 tests/tools/check_fixtures.py [--daumat PATH] [PREFIX]...    e.g. docx/ hostile/pdf

The Rust tests do the same from inside; this is for a binary that was built elsewhere, and for a quick look. Needs Python 3.11 only.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import tomllib
import unicodedata

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"
BANDS = ["low", "medium", "high"]
LEVELS = ["internal", "restricted", "confidential", "secret", "top-secret"]


def bare(text):
    return "".join(unicodedata.normalize("NFC", text).split())


def blank(text):
    return " ".join(unicodedata.normalize("NFC", text).split())


def records(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines() if line.strip()]


def one_of(value, wanted):
    return value in ([wanted] if isinstance(wanted, str) else wanted)


def fits(f, want):
    return (BANDS.index(f["band"]) >= BANDS.index(want["min_band"])
            and want.get("level") in (None, f["level"])
            and want.get("rule_pack") in (None, f["pack"])
            and ("kind" not in want or one_of(f["place"]["kind"], want["kind"]))
            and ("matched" not in want or bare(want["matched"]) in bare(f["matched"]))
            and want.get("members") in (None, f["members"]))


def brief(f):
    return f"{f['level']} {f['band']} {f['confidence']} {f['place']['kind']} {f['pack']} {f['matched']!r} {f['members'] or ''}".strip()


def check(daumat, path, expect, hostile):
    passwords = expect.get("passwords")
    if not passwords:
        return compare(daumat, path, expect, hostile, [])
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as known:
        known.write("\n".join(passwords) + "\n")
        known.flush()
        wrong = compare(daumat, path, expect, hostile, ["--passwords", known.name])
    locked = {"clean": True, "incomplete": True}
    wrong += [f"without the password: {w}" for w in compare(daumat, path, locked, hostile, [])]
    lines = records([daumat, "scan", "-f", "jsonl", "--list-all", str(path)])[1]
    if not any(g["reason"] == "encrypted" for d in lines if d["type"] == "document" for g in d["gaps"]):
        wrong.append("without the password: not told to be encrypted")
    return wrong


def compare(daumat, path, expect, hostile, options):
    wrong = []
    code, lines = records([daumat, "scan", "-f", "jsonl", "--list-all", "--min-confidence", "low", *options, str(path)])
    documents = [r for r in lines if r["type"] == "document"]
    findings = [r for r in lines if r["type"] == "finding"]
    strong = [f for f in findings if f["band"] != "low"]
    if code not in (0, 1, 3):
        wrong.append(f"exit code {code}")
    if not any(not d["members"] for d in documents):
        wrong.append("no record of the file itself")
    for want in expect.get("findings", []):
        if not any(fits(f, want) for f in findings):
            wrong.append(f"not found: {want}; found: " + ("; ".join(brief(f) for f in findings) or "nothing"))
    levels = [w.get("level") for w in expect.get("findings", [])]
    if levels and all(levels):
        top = max(LEVELS.index(l) for l in levels)
        wrong += [f"above what was planted: {brief(f)}" for f in strong if LEVELS.index(f["level"]) > top]
    ceiling = "low" if expect.get("clean") else expect.get("max_band")
    if ceiling:
        wrong += [f"should be {ceiling} at most: {brief(f)}" for f in findings if BANDS.index(f["band"]) > BANDS.index(ceiling)]
    seen = {d["coverage"] for d in documents if not d.get("skipped")}
    coverage = ("full" if seen <= {"full", "skipped"} else
                "none" if any(d["coverage"] == "none" and not d["members"] for d in documents) else "partial")
    gaps = sorted({g["reason"] for d in documents for g in d["gaps"]})
    if expect.get("coverage") not in (None, coverage):
        wrong.append(f"coverage {coverage} instead of {expect['coverage']}; gaps {gaps}")
    if expect.get("incomplete") and coverage == "full":
        wrong.append("read in full, which cannot be")
    if "gaps" in expect and gaps != sorted(set(expect["gaps"])):
        wrong.append(f"gaps {gaps} instead of {expect['gaps']}: " + "; ".join(g["detail"] for d in documents for g in d["gaps"]))
    if hostile and "crash" in gaps:
        wrong.append("crash")
    if expect.get("contains"):
        segments = [r for r in records([daumat, "extract", "-f", "jsonl", *options, str(path)])[1] if r["type"] == "segment"]
        for want in expect["contains"]:
            kinds, text = want.split(": ", 1)
            if not any(s["place"]["kind"] in kinds.split("|") and blank(text) in blank(s["text"]) for s in segments):
                elsewhere = {s["place"]["kind"] for s in segments if blank(text) in blank(s["text"])}
                wrong.append(f"no segment {want!r}" + (f", but as {sorted(elsewhere)}" if elsewhere else ""))
    return wrong


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("prefixes", nargs="*")
    ap.add_argument("--daumat", default=str(ROOT / "target/release/daumat"))
    args = ap.parse_args()
    good = bad = 0
    for note in sorted(FIXTURES.rglob("*.expect.toml")):
        path = note.with_name(note.name.removesuffix(".expect.toml"))
        name = path.relative_to(FIXTURES).as_posix()
        if args.prefixes and not name.startswith(tuple(args.prefixes)):
            continue
        start = time.monotonic()
        try:
            wrong = check(args.daumat, path, tomllib.loads(note.read_text("utf-8")), name.startswith("hostile/"))
        except (subprocess.TimeoutExpired, ValueError, KeyError) as problem:
            wrong = [f"{type(problem).__name__}: {problem}"]
        if time.monotonic() - start > 20:
            wrong.append(f"took {time.monotonic() - start:.0f} s")
        good, bad = good + (not wrong), bad + bool(wrong)
        if wrong:
            print(name)
            print("".join(f"    {w}\n" for w in wrong), end="", flush=True)
    print(f"{good + bad} fixtures: {good} as expected, {bad} not")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
