#!/usr/bin/env python3
"""Times `daumat scan` beside its neighbours, in one sitting, on the same files.

    cargo build --release
    python3 benches/end_to_end.py                          corpus from fixtures/, 3 rounds
    python3 benches/end_to_end.py -n 5 ~/share ~/mirror    and these folders, split by extension
    python3 benches/end_to_end.py --classes pdf,office --save
    python3 benches/end_to_end.py --classes pdf --files 1000 ~/pdfs   1,000 of them, evenly chosen; 300 by default

Only the Python standard library is needed; `rg`, `pdftotext`, pypdfium2 and kreuzberg are measured if they are there.
Absolute figures shake with the load of the machine: compare within one run only. See README.md.
"""

import argparse
import datetime
import io
import json
import os
import pathlib
import platform
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
import zipfile
import zlib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
# The marks that peers look for. `same_marks` has all that daumat looks for by default.
PATTERN = "TUYỆT MẬT|TỐI MẬT|SECRET//|COSMIC TOP SECRET|NATO RESTRICTED|TLP:RED"
CLASSES = {
    "text": {"txt", "md", "csv", "json", "yaml", "xml", "log", "py", "c", "rs", "java"},
    "html": {"html", "htm", "xhtml"},
    "office": set("docx docm dotx dotm xlsx xlsm xltx xltm xlsb pptx pptm potx potm ppsx ppsm odt ott ods ots odp otp odg fodt fods fodp "
                  "doc dot xls xlt ppt pps pot rtf".split()),
    "pdf": {"pdf"},
}
#: Copies of each fixture, and kilobytes of filler put into each copy.
COPIES = {"text": (12, 160), "html": (16, 120), "office": (10, 60), "pdf": (3, 0)}


# --- corpus -----------------------------------------------------------------------------------------------------

SYLLABLES = ("ba bấc bến bìa bờ buồm cát cầu chài chèo chim cờ cột cuốn dây diều dốc đá đảo đèn đêm đò đồi gác gai ghe ghềnh gió "
             "giấy hải hồ kè khói lái lau lặng lửa lưới mái mây mỏ mùa mưa nan nắng neo ngày ngọn nước ống phao phố quai quạt rạch "
             "rêu sào sáng sậy sóng sông sương tháp thuyền tre trăng trạm trực vàng vách vịnh vòm xanh xóm").split()


def same_marks():
    """A file of the words daumat's own prefilter looks for: what rg must find to look for the same marks."""
    words = set()
    for pack in sorted((ROOT / "rules/packs").glob("*.toml")):
        for rule in tomllib.loads(pack.read_text("utf-8")).get("rule", []):
            if rule.get("kind") == "part" or "text" not in rule.get("scope", ["text"]):
                continue
            anchors = rule.get("anchors") or [max(re.split("[ -]", term), key=len) for term in rule.get("terms", [])]
            words.update(anchors)
            if rule.get("case", "capitals") != "capitals":
                words.update(form for word in anchors for form in (word.lower(), word.title()))
    path = pathlib.Path(tempfile.gettempdir()) / "daumat-same-marks.txt"
    path.write_text("\n".join(sorted(words)), "utf-8")
    return str(path)


def filler(rng, size):
    """Invented Vietnamese prose of about `size` bytes, in paragraphs."""
    out, have = [], 0
    while have < size:
        sentence = " ".join(rng.choices(SYLLABLES, k=rng.randint(8, 24))).capitalize() + rng.choice(".;,:")
        line = f"{sentence} {rng.randint(1, 9999)}"
        out.append(line)
        have += len(line.encode()) + 1
    return out


def fill_office(data, rng, size):
    """The same office document, distinct from its other copies; a package gets filler in its main part."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return data + b"\n" * rng.randint(1, 1 << 16)  # readers of OLE and RTF stop before it
    words = filler(rng, size)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as z, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as w:
        for info in z.infolist():
            part = z.read(info)
            if info.filename == "word/document.xml":
                at = part.rfind(b"<w:sectPr")
                part = part[:at] + "".join(f"<w:p><w:r><w:t>{x}</w:t></w:r></w:p>" for x in words).encode() + part[at:] if at > 0 else part
            elif info.filename == "xl/worksheets/sheet1.xml":
                rows = "".join(f'<row r="{1000 + i}"><c r="A{1000 + i}" t="inlineStr"><is><t>{x}</t></is></c></row>' for i, x in enumerate(words))
                part = part.replace(b"</sheetData>", rows.encode() + b"</sheetData>")
            elif info.filename == "content.xml":
                part = part.replace(b"</office:text>", "".join(f"<text:p>{x}</text:p>" for x in words).encode() + b"</office:text>")
            w.writestr(info, part, compress_type=info.compress_type)
        w.comment = str(rng.random()).encode()
    return out.getvalue()


def plain_pdf(rng, pages):
    """A PDF of filler without accents, for bulk."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for _ in range(pages):
        lines = [re.sub(r"[^\x20-\x7e]", "", x) for x in filler(rng, 3000)]
        body = zlib.compress(("BT /F1 10 Tf 13 TL 50 800 Td " + " ".join(f"({x}) Tj T*" for x in lines) + " ET").encode())
        objects.append(b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(body) + body + b"\nendstream")
        objects.append(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>" % len(objects))
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (pages, b" ".join(kids))
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for i, o in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % i + o + b"\nendobj\n"
    at = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % o for o in offsets)
    return bytes(out + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, at))


def class_of(path):
    ext = path.suffix.lower().lstrip(".")
    return next((name for name, exts in CLASSES.items() if ext in exts), None)


def build(work, folders, classes, scale, most):
    """Fills `work/CLASS/` and gives {class: {relative path: True marked | False clean | None unknown}}."""
    rng = random.Random(20260302)
    truth = {c: {} for c in classes}

    def put(cls, name, data, mark):
        target = work / cls / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        truth[cls][name] = mark

    for note in sorted((ROOT / "fixtures").rglob("*.expect.toml")):
        path = note.with_name(note.name.removesuffix(".expect.toml"))
        cls = class_of(path)
        if cls not in classes or "hostile" in path.parts:
            continue
        expect = tomllib.loads(note.read_text("utf-8"))
        mark = (any(f["min_band"] != "low" for f in expect.get("findings", [])) or (False if expect.get("clean") else None))
        data = path.read_bytes()
        copies, kilobytes = COPIES[cls]
        for i in range(copies * scale):
            name = f"fixtures/{path.stem}-{i:02}{path.suffix}"
            if cls == "text":
                try:
                    more = ("\n\n" + "\n".join(filler(rng, kilobytes * 1024))).encode() if data.decode("utf-8") is not None else b""
                except UnicodeDecodeError:
                    more = b"\r\n" * (i + 1)  # legacy encodings: filler in UTF-8 would be a lie
                put(cls, name, data + more, mark)
            elif cls == "html":
                try:
                    data.decode("utf-8")
                    more = "".join(f"<p>{x}</p>\n" for x in filler(rng, kilobytes * 1024)).encode()
                except UnicodeDecodeError:
                    more = b"\n" * (i + 1)
                put(cls, name, data.replace(b"</body>", more + b"</body>"), mark)
            elif cls == "office":
                put(cls, name, fill_office(data, rng, kilobytes * 1024), mark)
            else:
                put(cls, name, data + b"%% copy %d\n" % i, mark)
    if "pdf" in classes:
        for i in range(15 * scale):
            put("pdf", f"bulk/bulk-{i:02}.pdf", plain_pdf(rng, 60), False)
    for n, folder in enumerate(folders):
        given = {c: [] for c in classes}
        for path in sorted(p for p in pathlib.Path(folder).rglob("*") if p.is_file() and not p.is_symlink()):
            if class_of(path) in classes:
                given[class_of(path)].append(path)
        for cls, paths in given.items():
            # pdftotext is started for each file, and would need an hour for all of a large folder.
            for path in paths if cls != "pdf" or len(paths) <= most else [paths[i * len(paths) // most] for i in range(most)]:
                put(cls, f"given{n}/{path.relative_to(folder).as_posix()}", path.read_bytes(), None)
    return truth


# --- floor: reading, and inflating what is packed; run as a process of its own -----------------------------------

def floor(folder):
    seen = 0
    for base, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(base, name), "rb") as f:
                data = f.read()
            seen += len(data)
            if data[:2] == b"PK":
                try:
                    with zipfile.ZipFile(io.BytesIO(data)) as z:
                        for info in z.infolist():
                            if info.flag_bits & 1 or info.file_size > 64 << 20:
                                continue
                            try:
                                seen += len(z.read(info))
                            except (zipfile.BadZipFile, NotImplementedError, zlib.error):
                                pass
                except (zipfile.BadZipFile, ValueError, OSError):
                    pass
            elif data[:5] == b"%PDF-":
                at = 0
                while (at := data.find(b"stream", at)) >= 0:
                    if b"FlateDecode" in data[max(0, at - 300):at] and data[at - 3:at] != b"end":
                        start = at + 6 + (2 if data[at + 6:at + 8] == b"\r\n" else 1)
                        try:
                            seen += len(zlib.decompressobj().decompress(data[start:], 64 << 20))
                        except zlib.error:
                            pass
                    at += 6
    print(seen)


# --- measuring --------------------------------------------------------------------------------------------------

HZ, PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")


def tree(root):
    kids = {}
    for d in os.listdir("/proc"):
        if d.isdigit():
            try:
                s = open(f"/proc/{d}/stat").read()
                kids.setdefault(int(s[s.rindex(")") + 2:].split()[1]), []).append(int(d))
            except (OSError, ValueError):
                pass
    out, todo = [], [root]
    while todo:
        pid = todo.pop()
        out.append(pid)
        todo += kids.get(pid, [])
    return out


def measure(command, limit):
    """Wall seconds, CPU seconds of the process tree, peak resident bytes of the tree, exit code, output.

    The peak is sampled: the kernel's own figure for a child begins with what its parent held at the fork, and knows no sum over processes.
    """
    with tempfile.TemporaryFile() as out:
        start = time.monotonic()
        p = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, start_new_session=True)
        peak, late = 0, False
        while True:
            pid, status, usage = os.wait4(p.pid, os.WNOHANG)
            if pid:
                break
            total = 0
            for q in tree(p.pid) if os.path.isdir("/proc/self") else []:
                try:
                    total += int(open(f"/proc/{q}/statm").read().split()[1]) * PAGE
                except (OSError, ValueError, IndexError):
                    pass
            peak = max(peak, total)
            if time.monotonic() - start > limit and not late:
                late = True
                for q in tree(p.pid):
                    try:
                        os.kill(q, signal.SIGKILL)
                    except OSError:
                        pass
            time.sleep(0.02)
        wall = time.monotonic() - start
        p.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        return (wall, usage.ru_utime + usage.ru_stime, peak or usage.ru_maxrss * 1024, "timeout" if late else p.returncode,
                out.read().decode("utf-8", "replace"))


def can_import(module):
    return subprocess.run([sys.executable, "-c", f"import {module}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


PDFIUM = """
import sys, re, pathlib, pypdfium2
mark = re.compile(sys.argv[2])
for path in sorted(pathlib.Path(sys.argv[1]).rglob('*')):
    if path.is_file():
        try:
            doc, found = pypdfium2.PdfDocument(str(path)), False
            for number in range(len(doc)):
                try:
                    page = doc[number]
                    text = page.get_textpage()
                    found = bool(mark.search(text.get_text_range())) or found
                    text.close()
                    page.close()
                except Exception: pass
            doc.close()
            if found: print(path)
        except Exception: pass
"""
KREUZBERG = """
import sys, re, pathlib, kreuzberg
mark = re.compile(sys.argv[2])
plain = kreuzberg.ExtractionConfig(use_cache=False)
files = sorted(str(path) for path in pathlib.Path(sys.argv[1]).rglob('*') if path.is_file())
def each(some):  # one file that raises ends a batch
    for path in some:
        try: yield path, kreuzberg.extract_file_sync(path, config=plain)
        except BaseException: pass
for at in range(0, len(files), 64):
    some = files[at:at + 64]
    try: results = list(zip(some, kreuzberg.batch_extract_files_sync(some, config=plain)))
    except BaseException: results = each(some)
    for path, result in results:
        if mark.search(result.content + str(result.metadata)): print(path)
"""


def tools(args, cls, folder):
    """(name, command) of what can be measured on this class."""
    out = []
    if args.daumat:
        out += [("daumat -j2", [args.daumat, "scan", "-j", "2", "-f", "paths", "--exit-zero", folder]),
                ("daumat -j1", [args.daumat, "scan", "-j", "1", "-f", "paths", "--exit-zero", folder])]
    out.append(("floor (python)", [sys.executable, __file__, "--floor", folder]))
    if shutil.which("rg"):
        out.append(("rg -uu -a -c, six marks", ["rg", "-uu", "-a", "-c", PATTERN, folder]))
        out.append(("rg -uu -a -c, the same marks", ["rg", "-uu", "-a", "-c", "-F", "-f", same_marks(), folder]))
    if cls == "pdf":
        if shutil.which("pdftotext"):
            out.append(("pdftotext", ["sh", "-c", 'find "$1" -type f -print0 | xargs -0 -I@ sh -c \'pdftotext -q "$1" - 2>/dev/null | grep -qE "$2" && echo "$1"\' _ @ "$2" || true',
                                      "_", folder, PATTERN]))
        if can_import("pypdfium2"):
            out.append(("pypdfium2", [sys.executable, "-c", PDFIUM, folder, PATTERN]))
    if cls in ("pdf", "office", "html") and can_import("kreuzberg"):
        out.append(("kreuzberg", [sys.executable, "-c", KREUZBERG, folder, PATTERN]))
    return out


def flagged(output, folder):
    """Relative paths among the lines of the output; `rg -c` appends a count."""
    out = set()
    for line in output.splitlines():
        line = re.sub(r":\d+$", "", line)
        if line.startswith(folder):
            out.add(line[len(folder):].lstrip("/"))
    return out


def machine():
    model = platform.processor()
    if os.path.exists("/proc/cpuinfo"):
        model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), model)
    return {"cpu": model, "cores": os.cpu_count(), "system": platform.system(), "load": [round(x, 2) for x in os.getloadavg()]}


def commit():
    done = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return done.stdout.strip() or "unknown"


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--floor":
        return floor(sys.argv[2])
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("folders", nargs="*", help="more documents; split by extension, marks unknown")
    ap.add_argument("--daumat", default=str(ROOT / "target/release/daumat"), help="binary to measure")
    ap.add_argument("-n", "--rounds", type=int, default=3)
    ap.add_argument("--classes", default=",".join(CLASSES))
    ap.add_argument("--scale", type=int, default=1, help="times as many copies")
    ap.add_argument("--files", type=int, default=300, help="at most so many PDFs from each folder, evenly chosen")
    ap.add_argument("--limit", type=float, default=600, help="seconds for one run")
    ap.add_argument("--work", help="keep the corpus here instead of a temporary folder")
    ap.add_argument("--save", action="store_true", help="store the run under benches/runs/")
    args = ap.parse_args()
    if not os.access(args.daumat, os.X_OK):
        print(f"no binary at {args.daumat}: its neighbours only", file=sys.stderr)
        args.daumat = None
    classes = [c for c in args.classes.split(",") if c in CLASSES]
    record = {"date": datetime.date.today().isoformat(), "commit": commit(), "machine": machine(), "rounds": args.rounds, "pattern": PATTERN, "classes": {}}
    with tempfile.TemporaryDirectory(prefix="daumat-bench-") as temporary:
        work = pathlib.Path(args.work or temporary)
        truth = build(work, args.folders, classes, args.scale, args.files)
        print(f"{record['machine']['cpu']}, {record['machine']['cores']} cores, load {record['machine']['load'][0]}, commit {record['commit']}, "
              f"median of {args.rounds} interleaved rounds\n")
        print("| class | tool | CPU s | wall s | peak RSS MB | MB per CPU s | against the first | marked found | clean flagged | exit |\n|" + "---|" * 10)
        for cls in classes:
            folder = str(work / cls)
            files = truth[cls]
            if not files:
                continue
            size = 0
            for name in files:  # warms the page cache
                with open(os.path.join(folder, name), "rb") as f:
                    size += len(f.read())
            runs = {name: [] for name, _ in tools(args, cls, folder)}
            for _ in range(args.rounds):
                for name, command in tools(args, cls, folder):
                    runs[name].append(measure(command, args.limit))
            marked = {f for f, m in files.items() if m}
            clean = {f for f, m in files.items() if m is False}
            first = None
            rows = {}
            for name, results in runs.items():
                cpu, wall = statistics.median(r[1] for r in results), statistics.median(r[0] for r in results)
                first = first or cpu
                hits = flagged(results[-1][4], folder)
                silent = name.startswith("floor")
                row = {"cpu_s": round(cpu, 3), "wall_s": round(wall, 3), "peak_rss_mb": round(max(r[2] for r in results) / 1e6, 1),
                       "mb_per_cpu_s": round(size / 1e6 / max(cpu, 1e-3), 1), "cpu_ratio": round(cpu / max(first, 1e-3), 2),
                       "found": None if silent else len(hits & marked), "false": None if silent else len(hits & clean), "exit": results[-1][3]}
                rows[name] = row
                shown = ["-" if silent else f"{row['found']}/{len(marked)}", "-" if silent else f"{row['false']}/{len(clean)}"]
                print(f"| {cls} | {name} | {row['cpu_s']} | {row['wall_s']} | {row['peak_rss_mb']} | {row['mb_per_cpu_s']} | {row['cpu_ratio']} | {shown[0]} | {shown[1]} | {row['exit']} |", flush=True)
            record["classes"][cls] = {"files": len(files), "megabytes": round(size / 1e6, 1), "marked": len(marked), "clean": len(clean), "tools": rows}
    print()
    text = json.dumps(record, indent=1, ensure_ascii=False)
    if args.save:
        target = HERE / "runs" / f"end_to_end-{record['date']}-{record['commit']}.json"
        target.parent.mkdir(exist_ok=True)
        target.write_text(text + "\n", encoding="utf-8")
        print("stored", target.relative_to(ROOT))
    else:
        print(text)


if __name__ == "__main__":
    main()
