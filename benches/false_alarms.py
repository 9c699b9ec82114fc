#!/usr/bin/env python3
"""False alarms: what is found in documents that bear no marking.

    python3 benches/false_alarms.py vi-law=FOLDER vi-news=FOLDER en=FOLDER ... [--daumat PATH] 

Each CLASS=FOLDER is scanned as a user would, at medium and above, and once more for lows. The corpora lie outside the tree;
`benches/README.md` says which ones were used. Every finding at medium or above is printed with its reasons and with the judgement
stored in `benches/false_alarms.tsv` (class, path's last part, rule, matched, judgement, remark), where judgement is

    marking    the document does bear the marking: no false alarm
    defended   it bears none, but only a person can tell; kept on purpose, the remark says why
    wrong      it bears none, and the program should have told

The run fails (1) when a finding is wrong or not judged yet, or when a class has fewer documents than its bound asks for.
"""

import argparse
import collections
import csv
import json
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
JUDGED = HERE / "false_alarms.tsv"
# Most findings at medium and above, as documents a finding; 0 is none at all (issue 5).
BOUNDS = {"vi-": 0, "": 10_000}


def judgements():
    if not JUDGED.exists():
        return {}
    with JUDGED.open(encoding="utf-8") as lines:
        rows = csv.reader((line for line in lines if not line.startswith("#")), delimiter="\t", quoting=csv.QUOTE_NONE)
        return {tuple(row[:4]): (row[4], row[5] if len(row) > 5 else "") for row in rows if len(row) >= 5}


def scan(daumat, folder, extra):
    """Findings with the display of their document, and the summary."""
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as out:
        command = [daumat, "scan", "-f", "jsonl", "-o", out.name + ".out", "--exit-zero", "--min-confidence", "low", "--show-context", *extra, folder]
        before = time.time()
        done = subprocess.run(command, capture_output=True, text=True)
        seconds = time.time() - before
        path = pathlib.Path(out.name + ".out")
        if not path.exists():
            sys.exit(f"{' '.join(command)}: {done.stderr.strip()}")
        findings, summary = [], {}
        with path.open(encoding="utf-8") as records:
            for line in records:
                record = json.loads(line)
                if record["type"] == "finding":
                    findings.append(record)
                elif record["type"] == "summary":
                    summary = record
        path.unlink()
    return findings, summary, seconds


def lines_in(folder):
    """Line ends of all files, as `wc -l` counts them; 0 of packed documents says nothing."""
    count = 0
    for path in pathlib.Path(folder).rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                while block := file.read(1 << 20):
                    count += block.count(b"\n")
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="+", metavar="CLASS=FOLDER")
    parser.add_argument("--daumat", default=str(HERE.parent / "target/release/daumat"))
    parser.add_argument("--lines", action="store_true", help="count lines, too (reads everything again)")
    parser.add_argument("--lows", action="store_true", help="list findings below medium by rule")
    parser.add_argument("--tsv", action="store_true", help="print unjudged findings as lines for false_alarms.tsv")
    parser.add_argument("--scan", action="append", default=[], metavar="ARG", help="further arguments of `daumat scan`, such as --scan=--rules --scan=FILE")
    arguments = parser.parse_args()
    judged, failed = judgements(), False
    for corpus in arguments.corpora:
        name, _, folder = corpus.partition("=")
        findings, summary, seconds = scan(arguments.daumat, folder, arguments.scan)
        shown = [finding for finding in findings if finding["band"] != "low"]
        documents = summary.get("documents", 0)
        bad = []
        print(f"\n## {name}: {documents} documents, {summary.get('bytes', 0) / 1e6:.1f} MB", end="")
        if arguments.lines:
            print(f", {lines_in(folder)} lines", end="")
        print(f", {seconds:.0f} s; full {summary.get('full')}, partial {summary.get('partial')}, none {summary.get('none')}, skipped {summary.get('skipped')}")
        bands = collections.Counter(finding["band"] for finding in findings)
        print(f"   findings: high {bands['high']}, medium {bands['medium']}, low {bands['low']}")
        for finding in shown:
            key = (name, pathlib.PurePosixPath(finding["display"]).name, finding["rule"], finding["matched"].replace("\t", " "))
            judgement, remark = judged.get(key, ("not judged", ""))
            if judgement not in ("marking", "defended"):
                failed = True
            if judgement != "marking":
                bad.append(key)
            reasons = ", ".join(f"{reason['code']} {reason['points']:+d}" for reason in finding["reasons"])
            print(f" - {finding['band']} {finding['confidence']} {finding['level']} [{finding['rule']}] {finding['display']}")
            print(f"     {finding['matched']!r} in {finding['place']}: {reasons}")
            print(f"     {finding.get('context', '')[:300]!r}")
            print(f"     judged: {judgement} {remark}")
            if arguments.tsv and judgement == "not judged":
                print("\t".join([*key, "", ""]))
        per = next(bound for prefix, bound in BOUNDS.items() if name.startswith(prefix))
        allowed = documents // per if per else 0
        verdict = "within" if len(bad) <= allowed else "ABOVE"
        failed |= len(bad) > allowed
        print(f"   false alarms at medium and above: {len(bad)} of {documents} documents ({verdict} the bound of {allowed})")
        if arguments.lows:
            for (rule, matched), count in collections.Counter((f["rule"], f["matched"]) for f in findings if f["band"] == "low").most_common(60):
                print(f"   low {count:5} {rule} {matched!r}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
