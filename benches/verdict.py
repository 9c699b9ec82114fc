#!/usr/bin/env python3
"""How long one document from standard input takes, process start included: what a mail gate waits for.

    benches/verdict.py [--binary target/release/daumat] [--runs 40] [FILE]

`daumat scan -` with nothing but defaults, reader process and sandbox included. FILE is a small DOCX with a stamp if none is named. Median and
worst of wall time, the first run aside (it reads the program from disk), CPU time of both processes, and the machine. Where valgrind is
there, also the instructions of a run in one process, which do not shake with the load. The aim is 100 ms.
"""
import argparse
import os
import platform
import resource
import shutil
import statistics
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--binary", default="target/release/daumat")
    options.add_argument("--runs", type=int, default=40)
    options.add_argument("file", nargs="?", default=f"{HERE}/../fixtures/docx/body-stamp.docx")
    args = options.parse_args()
    with open(args.file, "rb") as file:
        content = file.read()
    command = [args.binary, "scan", "-", "-q", "--exit-zero"]
    walls, cpus = [], []
    for _ in range(args.runs + 1):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begun = time.perf_counter()
        subprocess.run(command, input=content, stdout=subprocess.DEVNULL, check=True)
        walls.append(1000 * (time.perf_counter() - begun))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpus.append(1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "") if os.path.exists("/proc/cpuinfo") else ""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} x {model or platform.processor()}, load {load:.1f}")
    print(f"{os.path.basename(args.file)}, {len(content)} bytes, {args.runs} runs: median {statistics.median(walls[1:]):.0f} ms, worst {max(walls[1:]):.0f} ms, CPU {statistics.median(cpus[1:]):.0f} ms")
    if shutil.which("valgrind"):
        with tempfile.TemporaryDirectory() as folder:
            log = f"{folder}/log"
            one = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/profile", f"--log-file={log}", args.binary, "scan", "-", "-q", "--exit-zero", "--isolation", "none", "-j1"]
            subprocess.run(one, input=content, stdout=subprocess.DEVNULL, check=True)
            count = next(line.split()[-1] for line in open(log) if "Collected" in line)
            print(f"one process: {int(count) / 1e6:.0f} million instructions")


if __name__ == "__main__":
    main()
