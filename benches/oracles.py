#!/usr/bin/env python3
"""Recall over outside lists of markings, per class. Fetches nothing.

    benches/oracles.py --binary target/release/daumat FOLDER [--misses N]

FOLDER holds any of these, laid out as their makers publish them; what is missing is left out:

    marque/                          marquetools/marque: tests/corpus/capco and tests/fixtures/mangled (measure only, its licence forbids more)
    AustralianProtectiveMarkings/    pmcau/AustralianProtectiveMarkings: the strings of its *.verified.txt
    react-security-classification-banner/   PallasSystems: its types and tests
    *.oracle.tsv                     class, text: further lists, such as the examples of a manual

Every text is a file of its own; it counts as found when the scan reports it at medium confidence or above. Prose classes count the other way.
"""
import argparse
import collections
import glob
import json
import os
import re
import subprocess
import tempfile


def marque(root):
    banner = re.compile(r"^(?:TOP SECRET|SECRET|CONFIDENTIAL|UNCLASSIFIED|//|S//|NATO )")
    for path in sorted(glob.glob(f"{root}/tests/fixtures/mangled/*/*.json")):
        case = json.load(open(path))
        yield "mangled-" + path.split("/")[-2], case["observed"]
        yield "valid-banner", case["expected"]
    for kind in ("valid", "invalid", "foreign"):
        for path in sorted(glob.glob(f"{root}/tests/corpus/capco/{kind}/*.txt")):
            for line in open(path):
                line = line.strip()
                if line.startswith("("):
                    yield f"{kind}-portion", line
                elif banner.match(line) and line != "UNCLASSIFIED":
                    yield f"{kind}-banner", line
    for path in sorted(glob.glob(f"{root}/tests/corpus/capco/prose/*.txt")):
        for line in open(path):
            if not re.match(r"^(?:TOP SECRET|SECRET|CONFIDENTIAL)", line):
                yield "prose", line.strip()


def australia(root):
    for path in sorted(glob.glob(f"{root}/src/Tests/*.verified.txt")):
        for line in open(path, encoding="utf-8-sig"):
            found = re.search(r"SEC=(?:TOP-SECRET|SECRET|PROTECTED|OFFICIAL:Sensitive)[^:{\]]*(?:[:{].*)?", line)
            if found and "Message:" not in line:
                yield "australia-field", found.group(0).rstrip(" {:").strip()
            if re.match(r"^(?:TOP.SECRET|SECRET|PROTECTED|OFFICIAL: ?Sensitive)(?://|$)", line.strip()):
                yield "australia-page", line.strip()


def pallas(root):
    levels = ["TOP SECRET", "SECRET", "OFFICIAL-SENSITIVE"]
    instructions, descriptors = set(), set()
    for path in glob.glob(f"{root}/src/handlingInstructions/*.types.ts"):
        instructions |= set(re.findall(r"^\s*\|? ?'([A-Z][A-Z /]+)'", open(path).read(), re.M))
    for path in glob.glob(f"{root}/src/descriptors/*.types.ts"):
        descriptors |= set(re.findall(r"^\s*\|? ?'([A-Z][A-Z /]+)'", open(path).read(), re.M))
    for level in levels:
        yield "pallas", level
        for extra in sorted(instructions | descriptors):
            yield "pallas", f"{level} {extra}"
            yield "pallas", f"{level} - {extra}"
        yield "pallas", f"{level} GBR EYES ONLY" if level != "OFFICIAL-SENSITIVE" else level
    yield "pallas", "UK SECRET"
    yield "pallas", "UK TOP SECRET"


def lists(root):
    for path in sorted(glob.glob(f"{root}/*.oracle.tsv")):
        for line in open(path):
            kind, _, text = line.rstrip("\n").partition("\t")
            yield kind, text.replace("⏎", "\n")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder")
    options.add_argument("--binary", default="target/release/daumat")
    options.add_argument("--misses", type=int, default=20, help="misses listed of each class")
    options.add_argument("--scan", action="append", default=[], help="further option of the scan")
    args = options.parse_args()
    cases = []
    for name, read in (("marque", marque), ("AustralianProtectiveMarkings", australia), ("react-security-classification-banner", pallas)):
        if os.path.isdir(f"{args.folder}/{name}"):
            cases += read(f"{args.folder}/{name}")
    cases += lists(args.folder)
    cases = [case for case in dict.fromkeys(cases) if case[1].strip()]
    with tempfile.TemporaryDirectory() as folder:
        for number, (_, text) in enumerate(cases):
            with open(f"{folder}/{number:06}.txt", "w") as file:
                file.write(text + "\n")
        command = [args.binary, "scan", folder, "-f", "jsonl", "--exit-zero", *args.scan]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
    found = collections.defaultdict(list)
    for line in run.stdout.splitlines():
        record = json.loads(line)
        if record["type"] == "finding" and record["band"] != "low":
            found[int(os.path.basename(record["path"])[:6])].append(record)
    total, hit, missed = collections.Counter(), collections.Counter(), collections.defaultdict(list)
    for number, (kind, text) in enumerate(cases):
        total[kind] += 1
        good = bool(found[number]) != (kind == "prose")
        hit[kind] += good
        if not good:
            missed[kind].append(text)
    for kind in sorted(total):
        print(f"{kind:28} {hit[kind]:5} of {total[kind]:5}  {100 * hit[kind] / total[kind]:6.2f} %")
    for label, test in (("valid", "valid"), ("invalid", "invalid"), ("mangled", "mangled")):
        kinds = [kind for kind in total if kind.startswith(test)]
        count = sum(total[kind] for kind in kinds)
        if count:
            print(f"= {label:26} {sum(hit[k] for k in kinds):5} of {count:5}  {100 * sum(hit[k] for k in kinds) / count:6.2f} %")
    for kind in sorted(missed):
        for text in missed[kind][: args.misses]:
            print(f"missed  {kind:24} {text!r}")


if __name__ == "__main__":
    main()
