#!/usr/bin/env python3
"""Builds large documents and prints the peak resident memory of `daumat scan -j2` on each; exits 1 above 300 MB.

    cargo build --release
    python3 benches/memory.py                     everything; needs 10 GB in the temporary folder (--work elsewhere)
    python3 benches/memory.py xlsx-1m docx-200m   these only

The peak is the sum over the process tree (conductor and reader), sampled from /proc every 10 ms. Each document bears one
mark near its end, and the run fails when it is not found or the document was not read whole: memory is easily saved by
not reading. Only the Python standard library is needed.
"""

import argparse
import io
import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
import zlib

from end_to_end import ROOT, PAGE, commit, filler, machine, tree

MB = 1_000_000
MARK = "\n\nTUYỆT MẬT\n\n".encode()


class World:
    """The folder, and 100 MB of invented prose that all documents are made of."""

    def __init__(self, folder):
        self.folder = folder
        rng = random.Random(20260302)
        piece = ("\n".join(filler(rng, 4 * MB)) + "\n").encode()
        self.prose = piece * (100 * MB // len(piece))

    def deflated(self, data, last):
        """Raw deflate of `data`, ended at a byte so that it can be repeated."""
        z = zlib.compressobj(1, zlib.DEFLATED, -15)
        return z.compress(data) + z.flush(zlib.Z_FINISH if last else zlib.Z_FULL_FLUSH)


def text_5g(w, path):
    with open(path, "wb") as f:
        for _ in range(50):
            f.write(w.prose)
        f.write(MARK)


def xlsx_1m(w, path):
    """500,000 shared strings, all different, and 500,000 inline."""
    words = filler(random.Random(1), 2 * MB)
    pick = lambda i: f"{words[i % len(words)]} {i}"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as z:
        z.writestr("[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
                   'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
                   '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>')
        package = "http://schemas.openxmlformats.org/package/2006/relationships"
        z.writestr("_rels/.rels", f'<Relationships xmlns="{package}"><Relationship Id="r1" Type="{rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>')
        z.writestr("xl/workbook.xml", f'<workbook xmlns="{main}" xmlns:r="{rel}"><sheets><sheet name="Sổ" sheetId="1" r:id="r1"/></sheets></workbook>')
        z.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{package}"><Relationship Id="r1" Type="{rel}/worksheet" Target="worksheets/sheet1.xml"/>'
                   f'<Relationship Id="r2" Type="{rel}/sharedStrings" Target="sharedStrings.xml"/></Relationships>')
        with z.open("xl/sharedStrings.xml", "w") as f:
            f.write(f'<sst xmlns="{main}">'.encode())
            for i in range(0, 500_000, 1_000):
                f.write("".join(f"<si><t>{pick(j)}</t></si>" for j in range(i, i + 1_000)).encode())
            f.write(b"</sst>")
        with z.open("xl/worksheets/sheet1.xml", "w") as f:
            f.write(f'<worksheet xmlns="{main}"><sheetData>'.encode())
            for row in range(1, 100_001):
                cells = [f'<c r="{c}{row}" t="s"><v>{(row - 1) * 5 + n}</v></c>' for n, c in enumerate("ABCDE")]
                cells += [f'<c r="{c}{row}" t="inlineStr"><is><t>{pick(row * 5 + n)}</t></is></c>' for n, c in enumerate("FGHIJ")]
                f.write(f'<row r="{row}">{"".join(cells)}</row>'.encode())
            f.write('<row r="100001"><c r="A100001" t="inlineStr"><is><t>TUYỆT MẬT</t></is></c></row></sheetData></worksheet>'.encode())


def targz_3g(w, path):
    """30 files of 100 MB; each file is a gzip stream of its own, as `cat` of several archives gives."""
    def block(name, data):
        out = io.BytesIO()
        info = tarfile.TarInfo(name)
        info.size = len(data)
        out.write(info.tobuf(tarfile.GNU_FORMAT, "utf-8", "strict"))
        out.write(data)
        out.write(b"\0" * (-len(data) % 512))
        z = zlib.compressobj(1, zlib.DEFLATED, 31)
        return z.compress(out.getvalue()) + z.flush()

    big = block("báo cáo.txt", w.prose)
    with open(path, "wb") as f:
        for _ in range(30):
            f.write(big)
        f.write(block("cuối.txt", MARK))
        z = zlib.compressobj(1, zlib.DEFLATED, 31)
        f.write(z.compress(b"\0" * 1024) + z.flush())


def zip_2g(w, path):
    """One text of 2 GB; written by hand, since deflating the same 100 MB twenty times would take minutes."""
    big, end = w.deflated(w.prose, False), w.deflated(MARK, True)
    crc = 0
    for _ in range(20):
        crc = zlib.crc32(w.prose, crc)
    crc = zlib.crc32(MARK, crc)
    name = "văn bản.txt".encode()
    sizes = struct.pack("<III", crc, 20 * len(big) + len(end), 20 * len(w.prose) + len(MARK))
    head = struct.pack("<HHHHH", 20, 0x800, 8, 0, 0x5A21) + sizes + struct.pack("<HH", len(name), 0)
    with open(path, "wb") as f:
        f.write(b"PK\3\4" + head + name)
        for _ in range(20):
            f.write(big)
        f.write(end)
        at = f.tell()
        central = b"PK\1\2" + struct.pack("<H", 20) + head + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
        f.write(central + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), at, 0))


def docx_200m(w, path):
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    lines = w.prose[:4 * MB].decode("utf-8", "ignore").split("\n")
    body = "".join(f'<w:p><w:pPr><w:jc w:val="both"/></w:pPr><w:r><w:rPr><w:sz w:val="28"/></w:rPr><w:t>{x}</w:t></w:r></w:p>' for x in lines).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as z:
        z.writestr("[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
                   'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
                   '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>')
        z.writestr("_rels/.rels", '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                   f'<Relationship Id="r1" Type="{rel}/officeDocument" Target="word/document.xml"/></Relationships>')
        with z.open("word/document.xml", "w") as f:
            f.write(f'<w:document xmlns:w="{namespace}"><w:body>'.encode())
            for _ in range(200 * MB // len(body) + 1):
                f.write(body)
            f.write("<w:p><w:r><w:t>TUYỆT MẬT</w:t></w:r></w:p></w:body></w:document>".encode())


def held_twice(w, path):
    """Two zips with a zip of 90 MB inside: the most that two threads hold at the same time."""
    path.mkdir()
    for n in range(2):
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w", zipfile.ZIP_STORED) as z:
            z.writestr("a.txt", w.prose[:89 * MB])
            z.writestr("z.txt", MARK)
        with zipfile.ZipFile(path / f"{n}.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as z:
            z.writestr("trong.zip", inner.getvalue())


CASES = {
    "text-5g": (text_5g, ".txt"),
    "xlsx-1m": (xlsx_1m, ".xlsx"),
    "targz-3g": (targz_3g, ".tar.gz"),
    "zip-2g": (zip_2g, ".zip"),
    "docx-200m": (docx_200m, ".docx"),
    "held-twice": (held_twice, ""),
}


def measure(command):
    """Peak bytes of the tree, wall and CPU seconds, exit code, output."""
    with tempfile.TemporaryFile() as out:
        start = time.monotonic()
        p = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        peak = 0
        while True:
            pid, status, usage = os.wait4(p.pid, os.WNOHANG)
            if pid:
                break
            total = 0
            for q in tree(p.pid):
                try:
                    total += int(open(f"/proc/{q}/statm").read().split()[1]) * PAGE
                except (OSError, ValueError, IndexError):
                    pass
            peak = max(peak, total)
            time.sleep(0.01)
        p.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        return peak, time.monotonic() - start, usage.ru_utime + usage.ru_stime, p.returncode, out.read().decode()


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("cases", nargs="*", help=f"of {', '.join(CASES)}; all when none is named")
    ap.add_argument("--daumat", default=str(ROOT / "target/release/daumat"), help="binary to measure")
    ap.add_argument("--limit", type=int, default=300, help="megabytes (10^6 bytes) a run may take")
    ap.add_argument("--work", help="where the documents are built; each is deleted after its run")
    args = ap.parse_args()
    if unknown := [c for c in args.cases if c not in CASES]:
        ap.error(f"no such case: {' '.join(unknown)}")
    here = machine()
    print(f"{here['cpu']}, {here['cores']} cores, load {here['load'][0]}, commit {commit()}\n")
    print("| case | MB on disk | peak RSS MB | wall s | CPU s | read | mark found |\n|---|---|---|---|---|---|---|")
    good = True
    with tempfile.TemporaryDirectory(prefix="daumat-memory-", dir=args.work) as folder:
        w = World(pathlib.Path(folder))
        for name in args.cases or CASES:
            build, suffix = CASES[name]
            path = w.folder / (name + suffix)
            build(w, path)
            files = [path] if path.is_file() else list(path.iterdir())
            size = sum(f.stat().st_size for f in files)
            peak, wall, cpu, code, out = measure([args.daumat, "scan", "-f", "jsonl", "--exit-zero", "-j2", str(path)])
            records = [json.loads(line) for line in out.splitlines()]
            summary = next((r for r in records if r["type"] == "summary"), {})
            whole = code == 0 and not summary.get("partial", 1) and not summary.get("none", 1)
            found = sum(summary.get("findings", {}).values()) >= len(files)
            fits = peak <= args.limit * MB
            good &= whole and found and fits
            print(f"| {name} | {size / MB:.0f} | {peak / MB:.0f}{'' if fits else ' TOO MUCH'} | {wall:.1f} | {cpu:.1f} | "
                  f"{'whole' if whole else summary.get('gaps', f'exit {code}')} | {'yes' if found else 'NO'} |", flush=True)
            for f in files:
                f.unlink()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
