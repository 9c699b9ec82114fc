#!/usr/bin/env python3
"""PDF: CPU time of daumat beside poppler, pdfium and other readers, over the same files, in turn.

    benches/pdf_speed.py [--daumat PATH] [--rounds N] [--save NAME] FOLDER...

What is measured is user and system time. `daumat` reads everything (positions, annotations, hidden text, attachments, earlier
revisions) and looks for markings, in one process on one thread. `pdfium` (`pip install pypdfium2`) takes the text of every page in one
process. The peers in `benches/peers/pdf` are built here (needs cargo and the package registry): lopdf, and
`floor`, which opens each file with hayro-syntax and inflates what the text of its pages needs, no more. `pdftotext` pays a
process per file and is run once; what an empty process of it costs is measured with `pdftotext -v` and taken off in a row of its own. A file
that hangs a tool or ends its process is left out for all.
"""
import argparse
import datetime
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
PDFIUM = """
import sys, pypdfium2, ctypes
files = chars = 0
for name in sys.stdin.read().splitlines():
    try:
        document = pypdfium2.PdfDocument(name)
        for number in range(len(document)):
            page = document[number]
            text = page.get_textpage()
            chars += len(text.get_text_range())
            text.close(); page.close()
        document.close()
        files += 1
    except Exception: pass
print(files, "files,", chars, "letters")
"""


def cpu(command, stdin=None, seconds=600):
    """CPU seconds and what it printed; None when it broke off."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out:
        given.write((stdin or "").encode())
        given.seek(0)
        child = subprocess.Popen(command, stdin=given, stdout=out, stderr=subprocess.DEVNULL, env={**os.environ, "RAYON_NUM_THREADS": "1"})
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        return (usage.ru_utime + usage.ru_stime if child.returncode >= 0 else None), out.read(200).decode("utf8", "replace").strip()


def pdftotext(files):
    return sum(cpu(["pdftotext", name, "-"])[0] or 0 for name in files), f"{len(files)} files"


def culprits(command, files):
    """The files that a tool breaks off at."""
    try:
        done = subprocess.run(command, input="\n".join(files).encode(), capture_output=True, timeout=120 + len(files), check=False)
        if done.returncode >= 0:
            return []
    except subprocess.TimeoutExpired:
        pass
    if len(files) == 1:
        return files
    half = len(files) // 2
    return culprits(command, files[:half]) + culprits(command, files[half:])


def sound(files, peer):
    """The files that no tool breaks off at."""
    for command in ([sys.executable, "-c", PDFIUM], [peer, "floor"], [peer, "lopdf"]):
        files = without(culprits(command, files), command[-1][:20].strip(), files)
    return without([name for name in files if hangs(["pdftotext", name, "-"])], "pdftotext", files)


def without(out, tool, files):
    for name in out:
        print("left out:", tool, name, file=sys.stderr)
    return [name for name in files if name not in out]


def hangs(command, seconds=20):
    try:
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return True
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--daumat", default=str(HERE.parent / "target/release/daumat"))
    parser.add_argument("--peer", help="the peers, when they are built already")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--list", help="keep the list of files here, and take it from here when it exists")
    parser.add_argument("--save", action="store_true", help="store the run under runs/pdf_speed.md")
    parser.add_argument("folders", nargs="+")
    args = parser.parse_args()
    peer = args.peer
    if not peer:
        target = tempfile.mkdtemp(prefix="daumat-pdf-peers-")
        subprocess.run(["cargo", "build", "--release", "--quiet", "--target-dir", target], cwd=HERE / "peers/pdf", check=True)
        peer = target + "/release/pdf"
    if args.list and os.path.exists(args.list):
        files = Path(args.list).read_text().splitlines()
    else:
        files = sound(sorted(str(path.resolve()) for folder in args.folders for path in Path(folder).rglob("*.pdf")), peer)
        if args.list:
            Path(args.list).write_text("\n".join(files) + "\n")
    size = sum(os.path.getsize(name) for name in files) / 1e6
    listed = "\n".join(files) + "\n"
    scan = [args.daumat, "scan", "-j1", "--isolation", "none", "--exit-zero", "-f", "paths", "--files-from", "-"]
    tools = {
        "daumat, everything": lambda: cpu(scan, listed),
        "floor: open, inflate what is needed": lambda: cpu([peer, "floor"], listed),
        "pdfium in one process": lambda: cpu([sys.executable, "-c", PDFIUM], listed),
        "lopdf `extract_text`": lambda: cpu([peer, "lopdf"], listed),
        "pdftotext, a process per file": lambda: pdftotext(files),
    }
    times = {tool: [] for tool in tools}
    said = {}
    for number in range(args.rounds):
        for tool, run in tools.items():
            if number > 0 and tool.startswith("pdftotext"):
                continue
            seconds, said[tool] = run()
            times[tool].append(seconds)
    load = os.getloadavg()[1]
    start = statistics.median(cpu(["pdftotext", "-v"])[0] for _ in range(50)) * len(files)
    median = {tool: statistics.median(t for t in runs if t is not None) for tool, runs in times.items() if any(runs)}
    median["pdftotext without its start"] = median["pdftotext, a process per file"] - start
    ours = median["daumat, everything"]
    lines = [f"{len(files)} files, {size:.1f} MB; median of {args.rounds} rounds in turn; CPU seconds, user and system.", "",
             "| tool | CPU s | MB/s | times daumat | it says |", "|---|---|---|---|---|"]
    for tool, seconds in median.items():
        lines.append(f"| {tool} | {seconds:.2f} | {size / seconds:.0f} | {seconds / ours:.2f} | {said.get(tool, '')[:60].splitlines()[0] if said.get(tool) and tool != 'daumat, everything' else ''} |")
    print("\n".join(lines))
    if args.save:
        commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=HERE, capture_output=True, text=True, check=False).stdout.strip()
        versions = subprocess.run(["pdftotext", "-v"], capture_output=True, text=True, check=False).stderr.splitlines()[0]
        import pypdfium2
        head = f"# PDF: speed beside other readers\n\n{datetime.date.today()}, commit {commit}, load {load:.1f} on {os.cpu_count()} cores; {versions}, pdfium {pypdfium2.version.PDFIUM_INFO}. `benches/pdf_speed.py --save FOLDER...`\n\n"
        (HERE / "runs/pdf_speed.md").write_text(head + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
