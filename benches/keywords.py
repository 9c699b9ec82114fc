#!/usr/bin/env python3
"""What a long keyword list costs: preparing it, memory, and a scan of text with and without it.

    benches/keywords.py --binary target/release/daumat [--terms 100000] [--text-mb 25 | --texts FOLDER] [--rounds 9] [--hashed] [--count MB]

Terms are made up of syllables, two to four words each; the text is made of the same syllables, so that every word begins a term and
thousands of terms are found: the worst case. With --texts the files of a folder are scanned instead. All ways run in turn, round after
round, one process, -j1; a figure is the median of user and system CPU seconds over the rounds, and so is the ratio, which is taken
within a round; its quartiles stand beside it. What starting with an empty folder takes is taken off. Peak memory as the system tells, the
largest. --count also counts instructions with callgrind over the first so many MB: they do not shake on a busy machine, but do not
know what waits for memory.
"""
import argparse
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile


def measured(command):
    """CPU seconds and peak KiB of a command."""
    code = (
        "import resource,subprocess,sys\n"
        "status=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL).returncode\n"
        "use=resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(use.ru_utime+use.ru_stime,use.ru_maxrss,status)"
    )
    out = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=True).stdout
    seconds, memory, status = out.split()
    if int(status) not in (0, 1):
        sys.exit(f"{command}: exit {status}")
    return float(seconds), int(memory)


def instructions(command, folder):
    """Instructions of a command, in millions."""
    out = f"{folder}/callgrind"
    told = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", *command], capture_output=True, text=True).stderr
    found = re.search(r"Collected : (\d+)", told)
    return int(found.group(1)) / 1e6 if found else sys.exit(told[-500:])


def made_up(folder, terms, megabytes):
    """Writes a list of terms and, where megabytes are asked for, texts of the same syllables."""
    draw = random.Random(6)
    heads, ends = "b c d đ g h kh l m n ng nh ph qu r s t th tr v x".split(), ["", "", "n", "ng", "m", "t", "c", "p"]
    vowels = "a ă â e ê i o ô ơ u ư á à ả ã ạ ấ ầ ậ ề ệ ố ồ ộ ớ ờ ợ".split()
    words = sorted({draw.choice(heads) + draw.choice(vowels) + draw.choice(ends) for _ in range(60_000)})
    lines = set()
    while len(lines) < terms:
        lines.add(" ".join(draw.choice(words) for _ in range(draw.choice((2, 2, 3, 4)))))
    with open(f"{folder}/words.txt", "w") as file:
        file.write("\n".join(sorted(lines)) + "\n")
    os.mkdir(f"{folder}/texts")
    for number in range(megabytes):
        with open(f"{folder}/texts/{number:03}.txt", "w") as file:
            size = 0
            while size < 1 << 20:
                line = " ".join(draw.choice(words) for _ in range(12)) + ".\n"
                size += len(line.encode())
                file.write(line)


def files_of(folder):
    return sorted(f"{at}/{name}" for at, _, names in os.walk(folder) for name in names)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--binary", default="target/release/daumat")
    options.add_argument("--terms", type=int, default=100_000)
    options.add_argument("--text-mb", type=int, default=25)
    options.add_argument("--texts", help="scan the files of this folder instead of made-up text")
    options.add_argument("--rounds", type=int, default=9)
    options.add_argument("--hashed", action="store_true", help="also as a hashed list")
    options.add_argument("--count", type=float, metavar="MB", help="also count instructions over so much of the text")
    args = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made_up(folder, args.terms, 0 if args.texts else args.text_mb)
        plain, empty, texts = f"{folder}/words.txt", f"{folder}/empty", args.texts or f"{folder}/texts"
        os.mkdir(empty)
        written = sum(map(os.path.getsize, files_of(texts)))
        ways = {"without": [], "plain": ["--keywords", plain]}
        if args.hashed:
            key, hashed = f"{folder}/key", f"{folder}/hashed"
            with open(key, "w") as file:
                file.write("fictitious key of the bench")
            subprocess.run([args.binary, "rules", "hash-words", plain, "--key", key, "-o", hashed], check=True)
            ways["hashed"] = ["--keywords", hashed, "--keywords-key", key]
        scan = lambda where, more: [args.binary, "scan", where, "-q", "-j1", "--isolation", "none", "--exit-zero", "-f", "paths", *more]
        took = {way: [] for way in ways}
        ready = {way: [] for way in ways}
        for _ in range(args.rounds):
            for way, more in ways.items():
                ready[way].append(measured(scan(empty, more)))
                took[way].append(measured(scan(texts, more)))
        print(f"{args.terms} terms, {os.path.getsize(plain) / 1e6:.2f} MB; text {written / 1e6:.0f} MB; medians of {args.rounds} rounds, -j1, one process")
        middle = lambda runs, which=0: statistics.median(run[which] for run in runs)
        scanned = {way: [whole[0] - start[0] for whole, start in zip(took[way], ready[way])] for way in ways}
        for way in ways:
            ratios = statistics.quantiles([one / other for one, other in zip(scanned[way], scanned["without"])], n=4)
            print(
                f"{way:8} preparing {middle(ready[way]):.2f} s (+{middle(ready[way]) - middle(ready['without']):.2f}), after that {middle(ready[way], 1) / 1024:.0f} MiB "
                f"(+{(middle(ready[way], 1) - middle(ready['without'], 1)) / 1024:.0f}); scan {statistics.median(scanned[way]):.2f} s "
                f"({1e9 * statistics.median(scanned[way]) / written:.2f} ns a byte), {ratios[1]:.2f} times ({ratios[0]:.2f} to {ratios[2]:.2f}), peak {max(run[1] for run in took[way]) / 1024:.0f} MiB"
            )
        if args.count:
            some, size = f"{folder}/some", 0
            os.mkdir(some)
            for number, path in enumerate(files_of(texts)):
                if size >= args.count * 1e6:
                    break
                with open(path, "rb") as source, open(f"{some}/{number}{os.path.splitext(path)[1]}", "wb") as file:
                    part = source.read(int(args.count * 1e6) - size)
                    # Half a letter would be another charset.
                    size += file.write(part if not source.read(1) else part[: part.rfind(b"\n") + 1])
            counted = {way: instructions(scan(some, more), folder) - instructions(scan(empty, more), folder) for way, more in ways.items()}
            for way, millions in counted.items():
                print(f"{way:8} {millions:.1f} million instructions for {size / 1e6:.1f} MB ({millions * 1e6 / size:.1f} a byte), {millions / counted['without']:.2f} times")


if __name__ == "__main__":
    main()
