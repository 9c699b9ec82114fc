#!/usr/bin/env python3
"""What judging costs of a scan, in instructions.

    benches/judging.py [--binary target/release/daumat] [--mb 12] [--files 400] FOLDER...

From each folder files are drawn evenly over its sorted list, until so many or so many megabytes are there, and scanned under
callgrind (`--isolation none -j1`): instruction counts do not shake with the load of the machine. Told are finding (sieve, folding, rules) and judging,
each with everything below it, as a part of the run less what a scan of an empty folder takes. Patterns of evidence are compiled by the
first document that needs them; that is part of judging and told apart. Exit 1 when judging takes more than a tenth of a folder's scan.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

LIMIT = 0.10


def drawn(folder, files, size):
    names = sorted(os.path.join(at, name) for at, _, names in os.walk(folder) for name in names)
    names = [name for name in names if os.path.isfile(name) and os.path.getsize(name) < size / 2]
    taken, total = [], 0
    for name in names[:: max(1, len(names) // files)]:
        if len(taken) >= files or total > size:
            break
        taken.append(name)
        total += os.path.getsize(name)
    return taken, total


def counted(binary, folder):
    """Instructions of a scan: all, those of finding and judging with what they call, and of that what is compiled once."""
    with tempfile.TemporaryDirectory() as out:
        profile = f"{out}/profile"
        command = [binary, "scan", "--isolation", "none", "-j1", "-q", "-f", "paths", "--exit-zero", folder]
        subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", *command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        listing = subprocess.run(["callgrind_annotate", "--inclusive=yes", "--threshold=100", profile], check=True, capture_output=True, text=True).stdout
    counts = {"all": 0, "find": 0, "judge": 0, "once": 0}
    for line in listing.splitlines():
        number = int((line.split("(")[0].strip() or "x").replace(",", "")) if re.match(r"\s*[\d,]+ \(", line) else 0
        for key, pattern in {
            "all": r"PROGRAM TOTALS",
            "find": r":daumat::find::finder::(?:Finder::search|names::.*::name)\b",
            "judge": r":daumat::judge::judge\b",
            "once": r"once_lock\.rs:daumat::judge::evidence::weigh\b",
        }.items():
            if re.search(pattern, line):
                counts[key] = max(counts[key], number)
    return counts


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--binary", default="target/release/daumat")
    options.add_argument("--mb", type=float, default=12)
    options.add_argument("--files", type=int, default=400)
    options.add_argument("folders", nargs="+")
    args = options.parse_args()
    binary = os.path.abspath(args.binary)
    over = False
    with tempfile.TemporaryDirectory() as empty:
        start = counted(binary, empty)["all"]
    print(f"{'folder':24} {'files':>6} {'MB':>6} {'instructions':>14} {'finding':>8} {'judging':>8} {'of it compiling once':>21}")
    for folder in args.folders:
        files, size = drawn(folder, args.files, args.mb * 1e6)
        with tempfile.TemporaryDirectory() as sample:
            for number, name in enumerate(files):
                shutil.copyfile(name, f"{sample}/{number:05}-{os.path.basename(name)[-60:]}")
            counts = counted(binary, sample)
        whole = counts["all"] - start
        print(
            f"{os.path.basename(folder.rstrip('/')):24} {len(files):6} {size / 1e6:6.1f} {whole:14,} {counts['find'] / whole:8.1%} "
            f"{counts['judge'] / whole:8.1%} {counts['once'] / whole:21.1%}",
            flush=True,
        )
        over |= counts["judge"] > LIMIT * whole
    sys.exit(over)


if __name__ == "__main__":
    main()
