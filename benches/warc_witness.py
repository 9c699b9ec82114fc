#!/usr/bin/env python3
"""Crawl files, record by record: what daumat hands on, against what warcio reads.

    warc_witness.py FILE...        needs: pip install warcio brotli zstandard blake3

Compared are the address, the length and the digest of every decoded payload of response, resource and conversion records; a payload that
daumat skips because it has seen it counts when warcio has the same payload under another record. Differences are printed.
"""
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import blake3
import brotli
from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import BufferedReader



class Brotli:
    """warcio asks the decompressor of another module for what is left over."""

    unused_data = b""

    def __init__(self):
        self.inner = brotli.Decompressor()

    def decompress(self, data):
        return self.inner.process(data)

    def flush(self):
        return b""


BufferedReader.DECOMPRESSORS["br"] = Brotli
HERE = Path(__file__).resolve().parent.parent


def witness(path):
    rows = []
    try:
        with open(path, "rb") as stream:
            for record in ArchiveIterator(stream, arc2warc=True):
                if record.rec_type not in ("response", "resource", "conversion"):
                    continue
                url = record.rec_headers.get_header("WARC-Target-URI") or record.rec_headers.get_header("WARC-Record-ID") or ""
                try:
                    data = record.content_stream().read()
                except Exception as error:  # what warcio cannot decode is no witness
                    rows.append((url, None, str(error)))
                    continue
                rows.append((url, len(data), blake3.blake3(data).hexdigest()[:16]))
    except Exception as error:
        rows.append(("", None, f"warcio stops: {error}"))
    return rows


def main():
    files = sys.argv[1:]
    built = os.environ.get("DAUMAT_CRAWLS")  # the test's binary, so that nothing is compiled
    test = [built] if built else ["cargo", "test", "-q", "--test", "crawls", "--"]
    run = subprocess.run([*test, "--ignored", "--nocapture", "list"], cwd=HERE, text=True, capture_output=True,
                         env={**os.environ, "DAUMAT_WARC": ":".join(os.path.abspath(f) for f in files)})
    own, gaps, here = {}, {}, None
    for line in run.stdout.splitlines():
        if line.startswith("== "):
            here = line[3:]
            own[here], gaps[here] = [], []
        elif line.startswith("- ") and here:
            tail = 1 if line.endswith(" repeated") else 3 if line.endswith(" broken") else 2
            url, *rest = line[2:].rsplit(" ", tail)
            own[here].append(" ".join([url.replace(" ", "%20"), *rest]))  # as warcio shows addresses
        elif line.startswith("! ") and here:
            gaps[here].append(line[2:])
    total = same = 0
    for path in files:
        path = os.path.abspath(path)
        rows = witness(path)
        ours = own.get(path)
        if ours is None:
            print(f"{path}: not read: {run.stderr[-400:]}")
            continue
        digests = {line.rsplit(" ", 1)[1] for line in ours if not line.endswith(("repeated", "broken"))}
        expected = Counter(f"{url} {size} {digest}" for url, size, digest in rows if size is not None)
        found = Counter(ours)
        lines = []
        for row, count in expected.items():
            url, digest = row.rsplit(" ", 2)[0], row.rsplit(" ", 1)[1]
            again = found[f"{url} repeated"] if digest in digests else 0
            ok = min(count, found[row] + again)
            total += count
            same += ok
            if ok < count:
                lines.append(f"  only warcio: {row}")
        lines += [f"  warcio: {url}: {why}" for url, size, why in rows if size is None]
        lines += [f"  only daumat: {row}" for row in found if row not in expected and not row.endswith("repeated")]
        lines += [f"  gap: {gap}" for gap in gaps[path]]
        print(f"{os.path.basename(path)}: {sum(expected.values())} records by warcio, {len(ours)} by daumat" + ("" if lines else ", all the same"))
        print("\n".join(lines[:12]), end="\n" if lines else "")
    print(f"{same} of {total} payloads the same")


if __name__ == "__main__":
    main()
