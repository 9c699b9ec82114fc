#!/usr/bin/env python3
"""Long PDFs: memory and time of a whole scan, and how soon the first page is out, beside `pdftotext -f 1 -l 1`.

    benches/pdf_long.py [--daumat PATH] [--rounds N] [--work FOLDER] [--save] [CASE|FILE]...

Builds a PDF of 20,000 pages (with a classic cross-reference table, and with object streams), one of 2 GB of pictures, and one of 2 GB of
attached texts, each with a mark on its first and on its last page or attachment. Prints the peak resident memory of `daumat scan -j2`,
sampled over the process tree as `memory.py` does, and whether both marks were found; then, in turn, the CPU milliseconds (user and system,
mean) of `daumat extract --pages 1` and of `pdftotext -f 1 -l 1`, as they are and without what an empty process of each costs
(`--version`, `-v`); what an empty process costs stands below; and the wall seconds until the first line of the whole text is out.
A FILE of your own is measured as it is.
Only the Python standard library is needed.
"""

import argparse
import datetime
import json
import os
import random
import resource
import select
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

from end_to_end import ROOT, commit, filler, machine
from memory import MB, measure

PAGES = 20_000
MARK = "TUYỆT MẬT"
# Codes are UTF-16, so the font says what its letters are and needs no font program.
RANGES = "".join(f"<{high:02X}00><{high:02X}FF><{high:02X}00>\n" for high in range(0x20)).encode()
UNICODE = b"/CIDInit/ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange<0000><FFFF>endcodespacerange 32 beginbfrange\n" + RANGES + b"endbfrange endcmap end end"


class Writer:
    """Objects one after another; with `packed`, those that are no streams go into object streams of 100."""

    def __init__(self, path, packed=False):
        self.file = open(path, "wb")
        self.file.write(b"%PDF-1.7\n")
        self.at, self.packed, self.waiting = {}, packed, []

    def number(self):
        self.at[len(self.at) + 1] = None
        return len(self.at)

    def plain(self, number, body):
        self.at[number] = (1, self.file.tell(), 0)
        self.file.write(b"%d 0 obj\n" % number + body + b"\nendobj\n")

    def object(self, number, body):
        if not self.packed:
            return self.plain(number, body)
        self.waiting.append((number, body))
        if len(self.waiting) == 100:
            self.pack()

    def pack(self):
        waiting, self.waiting = self.waiting, []
        if not waiting:
            return
        holder, head, bodies = self.number(), b"", b""
        for index, (number, body) in enumerate(waiting):
            self.at[number] = (2, holder, index)
            head += b"%d %d " % (number, len(bodies))
            bodies += body + b"\n"
        data = zlib.compress(head + bodies)
        self.plain(holder, b"<</Type/ObjStm/N %d/First %d/Filter/FlateDecode/Length %d>>stream\n" % (len(waiting), len(head), len(data)) + data + b"\nendstream")

    def stream(self, number, entries, data):
        self.plain(number, b"<<%s/Length %d>>stream\n" % (entries, len(data)) + data + b"\nendstream")

    def end(self, root):
        self.pack()
        if self.packed:
            me, place = self.number(), self.file.tell()
            self.at[me] = (1, place, 0)
            rows = b"\0" * 7 + b"".join(bytes([kind]) + where.to_bytes(4) + index.to_bytes(2) for kind, where, index in map(self.at.get, range(1, me + 1)))
            self.stream(me, b"/Type/XRef/W[1 4 2]/Size %d/Root %d 0 R/Filter/FlateDecode" % (me + 1, root), zlib.compress(rows))
        else:
            place = self.file.tell()
            self.file.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(self.at) + 1))
            self.file.write(b"".join(b"%010d 00000 n \n" % self.at[number][1] for number in range(1, len(self.at) + 1)))
            self.file.write(b"trailer<</Size %d/Root %d 0 R>>\n" % (len(self.at) + 1, root))
        self.file.write(b"startxref\n%d\n%%%%EOF\n" % place)
        self.file.close()


def document(path, pages, packed=False, picture=0, attached=0):
    """A PDF of `pages` pages of prose; each with a picture of that many bytes; with so many texts of 100 MB attached."""
    rng = random.Random(20261122)
    prose = filler(rng, 2 * MB)
    w = Writer(path, packed)
    root, tree, font, cid, unicode = (w.number() for _ in range(5))
    w.stream(unicode, b"", UNICODE)
    w.object(cid, b"<</Type/Font/Subtype/CIDFontType2/BaseFont/Vidu/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/DW 500/FontDescriptor"
             b"<</Type/FontDescriptor/FontName/Vidu/Flags 4/FontBBox[0 0 1000 1000]/ItalicAngle 0/Ascent 800/Descent -200/CapHeight 700/StemV 80>>>>")
    w.object(font, b"<</Type/Font/Subtype/Type0/BaseFont/Vidu/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>" % (cid, unicode))
    hexed = lambda text: text.encode("utf-16-be").hex().encode()
    nodes = []
    for first in range(0, pages, 200):
        node, kids = w.number(), []
        nodes.append(node)
        for number in range(first, min(first + 200, pages)):
            lines = [prose[(number * 37 + line) % len(prose)] for line in range(3 if picture else 36)]
            mark = MARK if number in (0, pages - 1) and not attached else f"Trang {number + 1}"
            content = b"BT /F 14 Tf 200 800 Td <" + hexed(mark) + b"> Tj /F 10 Tf -150 -30 Td 14 TL " + b"".join(b"<" + hexed(line[:90]) + b"> Tj T* " for line in lines) + b"ET"
            page, body = w.number(), w.number()
            objects = b""
            if picture:
                image = w.number()
                w.stream(image, b"/Type/XObject/Subtype/Image/Width 1000/Height 1400/BitsPerComponent 8/ColorSpace/DeviceRGB/Filter/DCTDecode", rng.randbytes(picture))
                objects = b"/XObject<</I %d 0 R>>" % image
                content += b" q 500 0 0 600 50 50 cm /I Do Q"
            w.stream(body, b"/Filter/FlateDecode", zlib.compress(content, 1))
            w.object(page, b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F %d 0 R>>%s>>/Contents %d 0 R>>" % (node, font, objects, body))
            kids.append(b"%d 0 R" % page)
        w.object(node, b"<</Type/Pages/Parent %d 0 R/Count %d/Kids[%s]>>" % (tree, len(kids), b" ".join(kids)))
    w.object(tree, b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, b" ".join(b"%d 0 R" % node for node in nodes)))
    names = b""
    text = ("\n".join(prose) + "\n").encode()
    for number in range(attached):
        mark = f"\n\n{MARK}\n\n".encode() if number in (0, attached - 1) else b""
        stream, spec = w.number(), w.number()
        w.stream(stream, b"/Type/EmbeddedFile/Subtype/text#2Fplain", mark + text * (100 * MB // len(text)) + mark)
        w.object(spec, b"<</Type/Filespec/F(a%d.txt)/UF(a%d.txt)/EF<</F %d 0 R>>>>" % (number, number, stream))
        names += b"(a%d.txt)%d 0 R" % (number, spec)
    w.object(root, b"<</Type/Catalog/Pages %d 0 R/Names<</EmbeddedFiles<</Names[%s]>>>>>>" % (tree, names))
    w.end(root)


CASES = {
    "20,000 pages": lambda path: document(path, PAGES),
    "20,000 pages, object streams": lambda path: document(path, PAGES, packed=True),
    "2 GB of pictures": lambda path: document(path, 2000, picture=MB),
    "2 GB attached": lambda path: document(path, 10, attached=20),
}


def cpu(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def first_output(command):
    """Wall seconds until the first byte."""
    start = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        select.select([child.stdout], [], [], 600)
        seconds = time.monotonic() - start
        child.kill()
    return seconds


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("cases", nargs="*", metavar="CASE|FILE", help=f"of {'; '.join(CASES)}; or PDFs of your own")
    ap.add_argument("--daumat", default=str(ROOT / "target/release/daumat"))
    ap.add_argument("--rounds", type=int, default=40)
    ap.add_argument("--work", help="where the documents are built, and kept when it is given")
    ap.add_argument("--save", action="store_true", help="store the run under runs/pdf_long.md")
    args = ap.parse_args()
    here = machine()
    out = []

    def say(line):
        out.append(line)
        print(line, flush=True)

    say("| file | MB | peak RSS MB at -j2 | scan, wall s | scan, CPU s | read | marks found | first page, CPU ms | pdftotext -l 1, CPU ms | times | times, without the start of the process | all text, first line after, wall s | pdftotext, same |")
    say("|---|---|---|---|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="daumat-long-", dir=args.work) as folder:
        for name in args.cases or CASES:
            own = name not in CASES
            path = Path(name) if own else Path(args.work or folder) / (name.replace(" ", "-").replace(",", "") + ".pdf")
            if not own and not path.exists():
                CASES[name](path)
            path.read_bytes() if path.stat().st_size < 500 * MB else None  # a warm cache
            peak, wall, seconds, code, said = measure([args.daumat, "scan", "-f", "jsonl", "--exit-zero", "-j2", str(path)])
            records = [json.loads(line) for line in said.splitlines()]
            summary = next((r for r in records if r["type"] == "summary"), {})
            whole = code == 0 and not summary.get("partial", 1) and not summary.get("none", 1)
            marks = sum(r["type"] == "finding" and r["matched"] == MARK for r in records)
            page = {"daumat": [args.daumat, "extract", "--pages", "1", str(path)], "pdftotext": ["pdftotext", "-f", "1", "-l", "1", str(path), "-"],
                    "empty daumat": [args.daumat, "--version"], "empty pdftotext": ["pdftotext", "-v"]}
            times = {tool: [] for tool in page}
            for _ in range(args.rounds):
                for tool, command in page.items():
                    times[tool].append(cpu(command))
            ours, theirs, start, their_start = (1000 * statistics.mean(times[tool]) for tool in page)
            net = (theirs - their_start) / max(ours - start, 0.05)
            first = [statistics.median(first_output(command) for _ in range(3)) for command in ([args.daumat, "extract", str(path)], ["pdftotext", str(path), "-"])]
            say(f"| {path.name if own else name} | {path.stat().st_size / MB:.0f} | {peak / MB:.0f} | {wall:.1f} | {seconds:.1f} | {'whole' if whole else summary.get('gaps', f'exit {code}')} | {marks} | "
                f"{ours:.1f} | {theirs:.1f} | {theirs / ours:.1f} | {net:.1f} | {first[0]:.3f} | {first[1]:.3f} |")
            if not args.work and not own:
                path.unlink()
        say("")
        say(f"An empty daumat: {start:.2f} ms, an empty pdftotext: {their_start:.2f} ms.")
    if args.save:
        head = f"# Long PDFs\n\n{datetime.date.today()}, commit {commit()}, {here['cpu']}, {here['cores']} cores, load {here['load'][0]}. `benches/pdf_long.py --save`\n\n"
        (ROOT / "benches/runs/pdf_long.md").write_text(head + "\n".join(out) + "\n")


if __name__ == "__main__":
    sys.exit(main())
