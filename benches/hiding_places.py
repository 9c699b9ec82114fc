#!/usr/bin/env python3
"""The planted-token matrix: one token in every place where text can hide, and which reader finds it there.

    benches/hiding_places.py [--daumat PATH] [--env FOLDER] [--keep FOLDER] [--only KIND]... [--write]

Documents are written by other software (python-docx, XlsxWriter, openpyxl, python-pptx, odfpy, reportlab, LibreOffice, Python's email
package, aspose-email-foss); parts that no library writes are put in by hand ("XML" in the tables). DOC, XLS, PPT, RTF and
more of ODF are what LibreOffice makes of them: a place it drops is left out there, which is decided by the bytes
of the file and by what any reader sees. A token counts as found only as a whole word. For daumat the kind of place, what says whether it is
visible, sheet, cell and slide must be right, too.

The Python packages go into the environment named by `--env`, which is made if it is not there. LibreOffice, catdoc,
antiword and unrtf are used when they are installed; a tool that is missing or fails on a file is shown as such and is not a miss.
`--write` stores the tables as runs/hiding_places.md and the summary in ../docs/coverage.md.
"""

import argparse
import datetime
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGES = [
    "python-docx==1.2.0",
    "openpyxl==3.1.5",
    "XlsxWriter==3.3.1",
    "python-pptx==1.0.2",
    "odfpy==1.4.1",
    "python-calamine==0.9.1",
    "kreuzberg==4.10.4",
    "extractous==0.3.0",
    "reportlab==5.1.0",
    "pikepdf==10.17.0",
    "pillow",
    "aspose-email-foss==26.3",
    "extract-msg==0.57.0",
]
SECONDS = 120
FAMILIES = {"docx": "word", "odt": "word", "xlsx": "sheet", "ods": "sheet", "pptx": "slides", "odp": "slides"}
TARGETS = {"word": ("odt", "doc", "rtf", "docx"), "sheet": ("ods", "xls", "xlsx"), "slides": ("odp", "ppt", "pptx")}
#: kind -> readers beside daumat, in the order of the columns; those with a blank are programs.
TOOLS = {
    "docx": ["kreuzberg", "tika", "python_docx"],
    "xlsx": ["kreuzberg", "tika", "openpyxl", "calamine"],
    "pptx": ["kreuzberg", "tika", "python_pptx"],
    "odt": ["kreuzberg", "tika", "odfpy"],
    "ods": ["kreuzberg", "tika", "odfpy", "calamine"],
    "odp": ["kreuzberg", "tika", "odfpy"],
    "doc": ["kreuzberg", "tika", "catdoc", "antiword"],
    "xls": ["kreuzberg", "tika", "calamine", "xls2csv"],
    "ppt": ["kreuzberg", "tika", "catppt"],
    "rtf": ["kreuzberg", "tika", "unrtf", "catdoc"],
    "eml": ["kreuzberg", "tika", "python_email"],
    "msg": ["kreuzberg", "tika", "extract_msg"],
    "pdf": ["kreuzberg", "tika", "pdftotext"],
}
PROGRAMS = {
    "catdoc": ["catdoc", "-d", "utf-8", "-w"],
    "antiword": ["antiword", "-m", "UTF-8.txt", "-s"],
    "xls2csv": ["xls2csv", "-d", "utf-8"],
    "catppt": ["catppt", "-d", "utf-8"],
    "unrtf": ["unrtf", "--text"],
    "pdftotext": ["pdftotext"],
}
MISSING = "not installed"


def environment(folder):
    """Goes on in the virtual environment `folder`, which is made and filled first if need be."""
    python = folder / "bin" / "python"
    if Path(sys.prefix).resolve() == folder.resolve():
        return
    stamp = folder / "hiding_places.txt"
    wanted = "\n".join(PACKAGES)
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *PACKAGES], check=True)
        stamp.write_text(wanted)
    os.execv(python, [str(python), *sys.argv])


def convert(documents, folder, only):
    """What LibreOffice makes of the documents in the other formats of their family; `only` these formats, if any."""
    from planting.plan import Document, raw_text

    office = shutil.which("soffice")
    if not office:
        return []
    version = subprocess.run([office, "--version"], capture_output=True, text=True).stdout.split()
    by = "LibreOffice " + (version[1] if len(version) > 1 else "")
    out = []
    jobs = defaultdict(list)
    for document in documents:
        for target in TARGETS.get(FAMILIES.get(document.kind), ()):
            if target != document.kind and (not only or target in only):
                jobs[target].append(document)
    for target, sources in jobs.items():
        source = folder / f"to-{target}"
        made = folder / f"made-{target}"
        for place in (source, made):
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(parents=True)
        for document in sources:
            (source / document.name).write_bytes(document.data)
        filters = {
            "xls": "xls:MS Excel 97",
            "doc": "doc:MS Word 97",
            "ppt": "ppt:MS PowerPoint 97",
            "docx": "docx:MS Word 2007 XML",
            "xlsx": "xlsx:Calc MS Excel 2007 XML",
            "pptx": "pptx:Impress MS PowerPoint 2007 XML",
        }
        # One by one: a file LibreOffice cannot open must not take the others with it.
        subprocess.run(
            [
                office,
                f"-env:UserInstallation={(folder / 'office').as_uri()}",
                "--headless",
                "--convert-to",
                filters.get(target, target),
                "--outdir",
                str(made),
                *[str(source / d.name) for d in sources],
            ],
            capture_output=True,
            timeout=600,
        )
        for document in sources:
            result = made / f"{document.name.rsplit('.', 1)[0]}.{target}"
            if not result.exists():
                print(f"LibreOffice made no {target} of {document.name}", file=sys.stderr)
                continue
            data = result.read_bytes()
            spots = [adapted(spot, target) for spot in document.spots]
            stem = document.name.replace(".", "-")
            kept = Document(f"{stem}.{target}", data, spots, f"{by} from {document.name}")
            raw = raw_text(data)
            kept.dropped = {spot.token for spot in spots if not holds(raw, spot.token, spots)}
            out.append(kept)
    return out


def holds(raw, token, spots):
    """Whether the bytes hold the token, not counting where it only begins a longer one."""
    longer = [s.token[len(token) :] for s in spots if s.token != token and s.token.startswith(token)]
    return re.search(token + "".join(f"(?!{rest})" for rest in longer), raw) is not None


def adapted(spot, target):
    """The place after a conversion: other kinds may be right, and what no rule tells is not judged."""
    import copy

    spot = copy.copy(spot)
    spot.kinds = (*spot.kinds, *(spot.converted.get(target) or spot.converted.get("*") or ()))
    spot.visible = spot.visible if spot.keeps else None
    if target in ("odt", "ods", "odp") and spot.kinds[0] in ("header", "footer"):
        # They belong to a page style or to a declaration, which many sheets or slides may share.
        spot.sheet = spot.slide = None
    spot.by = "LibreOffice"
    return spot


def run(command):
    """What it prints, or (None, why)."""
    # An empty path: no reader may start another program, above all no text recognition.
    env = {"HOME": os.environ.get("HOME", "/"), "LANG": "C.UTF-8", "PATH": "", "PYTHONPATH": str(HERE)}
    # unrtf writes pictures into the current folder.
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(command, capture_output=True, timeout=SECONDS, env=env, cwd=folder)
        except subprocess.TimeoutExpired:
            return None, "timeout"
    if done.returncode != 0:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or [f"code {done.returncode}"]
        # The addresses of Java's objects differ from run to run.
        return None, re.sub("@[0-9a-f]{5,}", "", lines[-1])[:200]
    return done.stdout.decode("utf-8", "replace"), None


def read_by(tool, path):
    if tool in PROGRAMS:
        program = shutil.which(PROGRAMS[tool][0])
        if not program:
            return None, MISSING
        after = ["-"] if tool == "pdftotext" else []
        text, why = run([program, *PROGRAMS[tool][1:], str(path), *after])
    else:
        text, why = run([sys.executable, "-m", "planting.readers", tool, str(path)])
    if text is not None and not text.strip():
        return None, "no text at all"
    return text, why


def daumat_reads(daumat, path):
    """Segments, and why the run is not to be used."""
    done = subprocess.run([daumat, "extract", "-f", "jsonl", str(path)], capture_output=True, timeout=SECONDS)
    if done.returncode not in (0, 3):
        return None, f"code {done.returncode}"
    # Not splitlines(): U+2028 inside a text is no line end.
    records = [json.loads(line) for line in done.stdout.decode("utf-8").split("\n") if line]
    return [r for r in records if r["type"] == "segment"], None


def judge(spot, segments):
    """ "" if daumat has the token at the right place; else what is wrong: the best of all segments that hold it."""
    from planting.plan import whole

    hits = [s for s in segments if spot.token in s["text"]]
    if not hits:
        return "missed"
    if not any(whole(spot.token, s["text"]) for s in hits):
        return "glued: " + next(s["text"] for s in hits)[:80]
    faults = []
    for s in (s for s in hits if whole(spot.token, s["text"])):
        place = s["place"]
        wrong = []
        if place["kind"] not in spot.kinds:
            wrong.append(f"kind {place['kind']}, not {'/'.join(spot.kinds)}")
        if spot.visible is not None and place["visible"] != spot.visible:
            wrong.append("visible" if place["visible"] else "not visible")
        for key in ("sheet", "cell", "slide"):
            want = getattr(spot, key)
            if want is not None and place.get(key) != want:
                wrong.append(f"{key} {place.get(key)}, not {want}")
        if spot.member and not s["members"]:
            wrong.append("no member")
        if not wrong:
            return ""
        faults.append(wrong)
    return "; ".join(min(faults, key=len))


def measure(document, daumat, folder):
    """Per tool: {token: "yes" | "no" | fault}, or a failure as text."""
    from planting.plan import whole

    path = folder / document.name
    path.write_bytes(document.data)
    results = {}
    segments, why = daumat_reads(daumat, path)
    results["daumat"] = why if segments is None else {s.token: judge(s, segments) or "yes" for s in document.spots}
    for tool in TOOLS[document.kind]:
        text, why = read_by(tool, path)
        results[tool] = (
            why if text is None else {s.token: "yes" if whole(s.token, text) else "no" for s in document.spots}
        )
    anyone = {t for r in results.values() if isinstance(r, dict) for t, v in r.items() if seen(v)}
    document.spots = [s for s in document.spots if s.token not in document.dropped or s.token in anyone]
    return results


def seen(value):
    """Whether the tool has the token as a word, wherever it says it stands."""
    return value not in ("no", "missed") and not value.startswith("glued")


def report(kinds, daumat):
    """The tables, and per kind and tool the counts of the summary."""
    lines, totals = [], {}
    for kind, rows in kinds.items():
        tools = ["daumat", *TOOLS[kind]]
        count = {t: {"found": 0, "right": 0, "failed": 0, "why": set()} for t in tools}
        places = sum(len(d.spots) for d, _ in rows)
        lines += [
            f"## {kind}",
            "",
            "| place | written by | " + " | ".join(tools) + " |",
            "|---|---|" + "---|" * len(tools),
        ]
        for document, results in rows:
            lines.append(
                f"| **{document.name}** ({document.by}) | |"
                + "".join(
                    " |" if isinstance(results[t], dict) else f" *{MISSING if results[t] == MISSING else 'failed'}* |"
                    for t in tools
                )
            )
            for t in tools:
                if not isinstance(results[t], dict):
                    count[t]["failed"] += len(document.spots)
                    count[t]["why"].add(f"{document.name}: {results[t]}")
            for spot in document.spots:
                cells = []
                for t in tools:
                    if not isinstance(results[t], dict):
                        cells.append("")
                        continue
                    value = results[t][spot.token]
                    count[t]["found"] += seen(value)
                    count[t]["right"] += value == "yes"
                    cells.append(
                        {"yes": "yes", "no": "-", "missed": "**-**"}.get(value, "**" + value.replace("|", "/") + "**")
                    )
                lines.append(f"| {spot.about} | {spot.by} | " + " | ".join(cells) + " |")
        lines.append("")
        failures = sorted(
            w.replace("|", "/") for t in tools for w in (f"{t}, {x}" for x in count[t]["why"]) if MISSING not in w
        )
        if failures:
            lines += ["Failed runs:", "", *[f"- {w}" for w in failures], ""]
        totals[kind] = (places, count)
    return lines, totals


def cell(count, places, placed=False):
    if count["failed"] == places:
        return MISSING if any(MISSING in w for w in count["why"]) else "failed"
    judged = places - count["failed"]
    text = f"{count['found']}/{judged}" if count["failed"] else str(count["found"])
    return text


def summary(totals):
    """One row per kind. Where runs failed, what was found is shown against the places of the files that were read."""
    lines = [
        "| kind | places | daumat: found | at the right place | kreuzberg | Tika (extractous) | others |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind, (places, count) in totals.items():
        others = ", ".join(f"{t.replace('_', '-')} {cell(count[t], places)}" for t in TOOLS[kind][2:])
        lines.append(
            f"| {kind} | {places} | {cell(count['daumat'], places)} | {count['daumat']['right']} | {cell(count['kreuzberg'], places)} | {cell(count['tika'], places)} | {others} |"
        )
    return lines


def versions(daumat):
    from importlib.metadata import version

    names = [p.split("=")[0] for p in PACKAGES]
    out = [f"{name} {version(name)}" for name in names]
    for command in (["soffice", "--version"], ["catdoc", "-V"], ["unrtf", "--version"], ["pdftotext", "-v"]):
        if shutil.which(command[0]):
            done = subprocess.run(command, capture_output=True, text=True)
            out.append(
                (f"{command[0]} " if command[0] == "unrtf" else "")
                + (done.stdout + done.stderr).strip().splitlines()[0].strip()
            )
    commit = subprocess.run(
        ["git", "-C", str(HERE), "rev-parse", "--short", "HEAD"], capture_output=True, text=True
    ).stdout.strip()
    own = subprocess.run([daumat, "--version"], capture_output=True, text=True).stdout.strip()
    return out, own, commit


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--daumat", default=str(HERE.parent / "target" / "release" / "daumat"), help="the program under test"
    )
    parser.add_argument("--commit", help="the commit the program was built from [default: the work tree's]")
    parser.add_argument(
        "--env",
        type=Path,
        default=Path(tempfile.gettempdir()) / "daumat-hiding-places-env",
        help="virtual environment, made if need be",
    )
    parser.add_argument("--keep", type=Path, help="folder for the planted documents [default: thrown away]")
    parser.add_argument(
        "--only", action="append", default=[], metavar="KIND", help="only documents of this kind, such as xls"
    )
    parser.add_argument(
        "--write", action="store_true", help="store the tables in runs/ and the summary in docs/coverage.md"
    )
    args = parser.parse_args()
    if args.write and args.only:
        parser.error("--write stores all kinds; leave --only out")
    environment(args.env)
    sys.path.insert(0, str(HERE))
    from planting import everything

    folder = (args.keep or Path(tempfile.mkdtemp(prefix="daumat-plant-"))).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    documents = everything()
    documents += convert(documents, folder, args.only)
    wanted = [d for d in documents if not args.only or d.kind in args.only]
    with ThreadPoolExecutor(2) as pool:
        measured = list(pool.map(lambda d: (d, measure(d, args.daumat, folder)), wanted))
    kinds = {k: [r for r in measured if r[0].kind == k and r[0].spots] for k in TOOLS}
    kinds = {k: v for k, v in kinds.items() if v}
    table, totals = report(kinds, args.daumat)
    short = summary(totals)
    tools, own, commit = versions(args.daumat)
    print("\n".join(short))
    for kind, rows in kinds.items():
        for document, results in rows:
            if not isinstance(results["daumat"], dict):
                print(f"{document.name}: daumat failed: {results['daumat']}")
                continue
            for spot in document.spots:
                if results["daumat"][spot.token] != "yes":
                    print(f"{folder / document.name}: {spot.about} [{spot.token}]: {results['daumat'][spot.token]}")
    if args.write:
        store(short, table, tools, own, args.commit or commit)
    if not args.keep:
        shutil.rmtree(folder)


BEGIN = "<!-- written by benches/hiding_places.py -->"
END = "<!-- end -->"


def store(short, table, tools, own, commit):
    day = datetime.date.today().isoformat()
    (HERE / "runs" / "hiding_places.md").write_text(
        "\n".join(
            [
                "# Planted tokens: every hiding place, and who finds it",
                "",
                f"Written by `python3 benches/hiding_places.py --write`; do not edit. {day}, {own}, commit {commit}, {platform.system()} {platform.machine()}, Python {platform.python_version()}.",
                "",
                'One token stands in each place and nowhere else in its file; it counts only as a whole word. "Written by" names the software that wrote the place; "XML" means that no library writes it and the part was put in by hand. '
                "For daumat `yes` means that kind of place, visibility, sheet, cell and slide are right as well; what is wrong is said in bold. `-` is a miss, *failed* a tool that ended with an error or gave no text for the file. "
                "A place that LibreOffice drops when it converts is left out of that file: a place counts if the token is in its bytes (8-bit or UTF-16, inflated) or any reader sees it.",
                "",
                "Tools: " + ", ".join(tools) + ".",
                "",
                *short,
                "",
                *table,
            ]
        ),
        encoding="utf-8",
    )
    coverage = HERE.parent / "docs" / "coverage.md"
    text = coverage.read_text(encoding="utf-8")
    block = "\n".join(
        [
            BEGIN,
            *short,
            "",
            f"{day}, commit {commit}. Full tables with the versions of all tools: [benches/runs/hiding_places.md](../benches/runs/hiding_places.md).",
            END,
        ]
    )
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    if not rest:
        raise SystemExit(f"docs/coverage.md has no {BEGIN}")
    coverage.write_text(before + block + after, encoding="utf-8")


if __name__ == "__main__":
    main()
