#!/usr/bin/env python3
"""What a second thread gains in a crawl: wall time of `scan -j1` and `-j2` of the same file, in turn.

Wall time is the question here, so it only says something on a quiet machine: the load is printed. The file must be above the length
of a part (`src/scan/parts.rs`), or one thread reads it all.
"""

import argparse
import os
import statistics
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def seconds(daumat, file, jobs):
    began = time.monotonic()
    command = [daumat, "scan", file, f"-j{jobs}", "-f", "paths", "--exit-zero", "-q"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", help=".warc.gz or .wacz")
    parser.add_argument("--daumat", default=str(ROOT / "target/release/daumat"), help="binary to measure")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}")
    for file in args.files:
        rounds = [(seconds(args.daumat, file, 1), seconds(args.daumat, file, 2)) for _ in range(args.rounds)]
        one, two = (statistics.median(times) for times in zip(*rounds))
        print(f"{file}: {one:.2f} s with -j1, {two:.2f} s with -j2: {one / two:.2f} times")


if __name__ == "__main__":
    main()
