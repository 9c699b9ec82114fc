#!/usr/bin/env python3
"""Pages as files against the same pages in a crawl file: CPU seconds of whole scans, interleaved.

    warc_speed.py DAUMAT FOLDER [ROUNDS]        needs: pip install warcio

Writes the pages of FOLDER once into a plain and a gzipped WARC file (in a temporary folder) and scans all three in turn with -j1; then the
crawl files with -j2 and -j1 for wall time, and compares their reports byte by byte. The aim is 70 % of the speed of files.
"""
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter


def crawl(pages, out, gz):
    with open(out, "wb") as stream:
        writer = WARCWriter(stream, gzip=gz)
        for number, page in enumerate(pages):
            with open(page, "rb") as body:
                http = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
                url = f"http://crawl.example/{number}/{page.name}"
                writer.write_record(writer.create_warc_record(url, "response", payload=body, http_headers=http))


def scan(tool, path, jobs, form="paths"):
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    run = subprocess.run([tool, "scan", "--exit-zero", f"-j{jobs}", "-f", form, path], capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.monotonic() - wall, run.stdout


def main():
    tool, folder = sys.argv[1], Path(sys.argv[2])
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    pages = sorted(page for page in folder.rglob("*") if page.is_file() and page.suffix in (".html", ".htm"))
    size = sum(page.stat().st_size for page in pages)
    with tempfile.TemporaryDirectory() as temporary:
        here = Path(temporary)
        (here / "files").mkdir()
        for number, page in enumerate(pages):
            os.link(page, here / "files" / f"{number}.html") if os.stat(page).st_dev == os.stat(here).st_dev else \
                (here / "files" / f"{number}.html").write_bytes(page.read_bytes())
        crawl(pages, here / "pages.warc", False)
        crawl(pages, here / "pages.warc.gz", True)
        things = {"files": here / "files", "warc": here / "pages.warc", "warc.gz": here / "pages.warc.gz"}
        times = {name: [] for name in things}
        for _ in range(rounds):
            for name, path in things.items():
                times[name].append(scan(tool, path, 1)[0])
        files = statistics.median(times["files"])
        print(f"{len(pages)} pages, {size / 1e6:.0f} MB")
        for name, values in times.items():
            middle = statistics.median(values)
            print(f"{name:8} median {middle:.2f} s, least {min(values):.2f} s, {size / 1e6 / middle:.0f} MB/s, {100 * files / middle:.0f} % of files")
        for name in ("warc", "warc.gz"):
            one, two = scan(tool, things[name], 1, "jsonl"), scan(tool, things[name], 2, "jsonl")
            strip = lambda out: [line for line in out.splitlines() if b'"type":"start"' not in line and b'"type":"summary"' not in line]
            print(f"{name:8} wall -j1 {one[1]:.2f} s, -j2 {two[1]:.2f} s; reports " + ("the same" if strip(one[2]) == strip(two[2]) else "DIFFER"))


if __name__ == "__main__":
    main()
