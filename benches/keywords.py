#!/usr/bin/env python3
"""What a long keyword list costs: preparing it, memory, and a scan of plain text with and without it.

    benches/keywords.py --binary target/release/daumat [--terms 100000] [--text-mb 64 | --texts FOLDER] [--runs 3] [--hashed]

Terms are made up of syllables, one to four words each; the text is made of the same syllables, so that first words of terms keep
occurring: the worst case, where every word may begin a term. With --texts the files of a folder are scanned instead. CPU seconds of child processes, runs interleaved, the least of each; peak memory of the largest process, as the system tells.
"""
import argparse
import os
import random
import subprocess
import sys
import tempfile


def measured(command, env=None):
    """CPU seconds and peak KiB of a command."""
    code = (
        "import resource,subprocess,sys\n"
        "status=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL).returncode\n"
        "use=resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(use.ru_utime+use.ru_stime,use.ru_maxrss,status)"
    )
    out = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=True, env=env).stdout
    seconds, memory, status = out.split()
    if int(status) not in (0, 1):
        sys.exit(f"{command}: exit {status}")
    return float(seconds), int(memory)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--binary", default="target/release/daumat")
    options.add_argument("--terms", type=int, default=100_000)
    options.add_argument("--text-mb", type=int, default=64)
    options.add_argument("--texts", help="scan the files of this folder instead of made-up text")
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--hashed", action="store_true", help="also as a hashed list")
    args = options.parse_args()
    draw = random.Random(6)
    syllable = lambda: draw.choice("b c d đ g h kh l m n ng nh ph qu r s t th tr v x".split()) + draw.choice("a ă â e ê i o ô ơ u ư á à ả ã ạ ấ ầ ậ ề ệ ố ồ ộ ớ ờ ợ".split()) + draw.choice(["", "", "n", "ng", "m", "t", "c", "p"])
    words = sorted({syllable() for _ in range(60_000)})
    terms = set()
    while len(terms) < args.terms:
        terms.add(" ".join(draw.choice(words) for _ in range(draw.choice((2, 2, 3, 4)))))
    with tempfile.TemporaryDirectory() as folder:
        plain, empty, texts = f"{folder}/words.txt", f"{folder}/empty", f"{folder}/texts"
        with open(plain, "w") as file:
            file.write("\n".join(sorted(terms)) + "\n")
        os.mkdir(texts)
        os.mkdir(empty)
        written = 0
        if args.texts:
            texts = args.texts
            written = sum(os.path.getsize(f"{at}/{name}") for at, _, names in os.walk(texts) for name in names)
        for number in range(0 if args.texts else args.text_mb):
            with open(f"{texts}/{number:03}.txt", "w") as file:
                size = 0
                while size < 1 << 20:
                    line = " ".join(draw.choice(words) for _ in range(12)) + ".\n"
                    size += len(line.encode())
                    file.write(line)
                written += size
        ways = {"without": [], "plain": ["--keywords", plain]}
        if args.hashed:
            key, hashed = f"{folder}/key", f"{folder}/hashed"
            with open(key, "w") as file:
                file.write("fictitious key of the bench")
            subprocess.run([args.binary, "rules", "hash-words", plain, "--key", key, "-o", hashed], check=True)
            ways["hashed"] = ["--keywords", hashed, "--keywords-key", key]
        scan = lambda where, more: measured([args.binary, "scan", where, "-q", "-j1", "--isolation", "none", "--exit-zero", "-f", "paths", *more])
        took = {way: [] for way in ways}
        ready = {way: [] for way in ways}
        for _ in range(args.runs):
            for way, more in ways.items():
                ready[way].append(scan(empty, more))
                took[way].append(scan(texts, more))
        print(f"{len(terms)} terms, {os.path.getsize(plain) / 1e6:.2f} MB; text {written / 1e6:.0f} MB; least of {args.runs} runs, -j1, one process")
        base = None
        for way in ways:
            start, start_memory = min(ready[way])
            scanning, memory = min(took[way])[0] - start, max(run[1] for run in took[way])
            base = base or (start, start_memory, scanning)
            print(
                f"{way:8} preparing {start:.2f} s (+{start - base[0]:.2f}), after that {start_memory / 1024:.0f} MiB (+{(start_memory - base[1]) / 1024:.0f}); "
                f"scan {scanning:.2f} s ({written / 1e6 / scanning:.0f} MB/s, {scanning / base[2]:.2f} times), peak {memory / 1024:.0f} MiB"
            )


if __name__ == "__main__":
    main()
