"""Reports of the real binary, read by the programs of others.

    python3 -m venv /tmp/env && /tmp/env/bin/pip install jsonschema junitparser sarif-tools python-docx openpyxl
    DAUMAT_BIN=target/debug/daumat /tmp/env/bin/python tests/tools/reports.py

SARIF: the OASIS schema through `jsonschema`, and `sarif-tools`. JUnit: `junitparser`. CSV: Python's `csv`, and LibreOffice, which makes a
workbook of it that `openpyxl` reads. DOCX: `python-docx`, and LibreOffice, which makes a PDF of it. Parts whose program is missing are
named and left out; with `--all` that is an error.
"""
import csv
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

BINARY = os.path.abspath(os.environ.get("DAUMAT_BIN", "target/debug/daumat"))
HERE = pathlib.Path(__file__).resolve().parents[2]
MARKED = "SỞ THỬ NGHIỆM TỈNH VÍ DỤ    CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nSố: 12/BC-STN\nTỐI MẬT\nBÁO CÁO\nVề chiếc đèn lồng giấy\n"
HOSTILE = ['=HYPERLINK("x","y").txt', "@SUM(1+1)|cmd.txt", "+1.txt", "-2+3.txt", "<script>alert(1)</script>.txt".replace("/", "\u2215"),
           "a\"b'c&d]]>.txt", "đúng\u202etxt.exe.txt", "new\nline,::error::x.txt", "\x1b[2Jclear.txt", "100% #hash?query.txt", "\tab=1.txt"]
missing = []


def daumat(*args, cwd=None):
    run = subprocess.run([BINARY, *args], capture_output=True, text=True, cwd=cwd, env={**os.environ, "LC_ALL": "C"})
    assert run.returncode in (0, 1), run.stderr
    return run.stdout


def soffice(folder, kind, *files, reading=()):
    program = shutil.which("soffice")
    if not program:
        missing.append(f"soffice ({kind})")
        return False
    subprocess.run([program, "--headless", f"-env:UserInstallation=file://{folder}/profile", *reading, "--convert-to", kind, "--outdir", str(folder), *map(str, files)],
                   check=True, capture_output=True, timeout=300)
    return True


def sarif(folder, findings, gaps):
    report = json.loads((folder / "sarif").read_text("utf-8"))
    try:
        import jsonschema
        schema = (HERE / "tests/schemas/sarif-2.1.0.json").read_text("utf-8")
        validator = jsonschema.Draft7Validator(json.loads(schema), format_checker=jsonschema.FormatChecker())
        errors = [f"{'/'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(report)]
        assert not errors, errors[:5]
    except ImportError:
        missing.append("jsonschema")
    try:
        from sarif import loader
        (folder / "report.sarif").write_text(json.dumps(report), "utf-8")
        read = loader.load_sarif_file(str(folder / "report.sarif"))
        assert read.get_result_count() == findings, (read.get_result_count(), findings)
        records = read.get_records()
        assert {record["Severity"] for record in records} == {"error"} and all(record["Location"] for record in records)
    except ImportError:
        missing.append("sarif-tools")
    told = report["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert len(told) == gaps
    print(f"SARIF: valid; sarif-tools reads {findings} results; {gaps} notifications")


def junit(folder, documents):
    try:
        import junitparser
    except ImportError:
        missing.append("junitparser")
        return
    xml = junitparser.JUnitXml.fromfile(str(folder / "junit"))
    suites = list(xml)
    cases = [case for suite in suites for case in suite]
    failed = [case for case in cases if any(isinstance(result, junitparser.Failure) for result in case.result)]
    assert len(cases) == suites[0].tests == xml.tests and len(failed) == suites[0].failures == documents, (len(cases), len(failed), documents)
    print(f"JUnit: junitparser reads {len(cases)} cases, {len(failed)} failed")


def table(folder, findings, names):
    text = (folder / "csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))
    found = [row for row in rows if row["type"] == "finding"]
    assert len(found) == findings and all(None not in row for row in rows)
    assert {row["matched"] for row in found} == {"TỐI MẬT"}
    shutil.copy(folder / "csv", folder / "table.csv")
    # Without a window there is no dialog, which would take UTF-8 from the byte order mark; so it is said.
    if soffice(folder, "xlsx", folder / "table.csv", reading=["--infilter=CSV:44,34,UTF8"]):
        import openpyxl
        cells = [cell for row in openpyxl.load_workbook(folder / "table.xlsx").active.iter_rows() for cell in row]
        formulas = [cell.value for cell in cells if cell.data_type == "f"]
        assert not formulas, formulas
        texts = {str(cell.value) for cell in cells}
        assert "TỐI MẬT" in texts and any("đúng" in text for text in texts)
        print(f"CSV: csv reads {len(rows)} rows; LibreOffice makes no formula of {names} hostile names, Vietnamese is intact")


def papers(folder):
    (folder / "office.toml").write_text('parent = "Ủy ban nhân dân tỉnh Ví Dụ"\nunit = "Sở Thử Nghiệm"\ncode = "STN"\nplace = "Ví Dụ"\ndate = "2026-02-03"\n'
                                        'signer = "<w:p>&amp;\\u001b"\n', "utf-8")
    for verb in ("minutes", "periodic"):
        daumat("report", verb, str(folder / "jsonl"), "-o", str(folder / f"{verb}.docx"), "--office", str(folder / "office.toml"))
    try:
        import docx
    except ImportError:
        missing.append("python-docx")
        return
    for verb, symbol in (("minutes", "BB"), ("periodic", "BC")):
        paper = docx.Document(folder / f"{verb}.docx")
        section = paper.sections[0]
        assert [round(length.mm) for length in (section.page_width, section.page_height, section.left_margin, section.top_margin)] == [210, 297, 30, 20]
        head = [cell.text for cell in paper.tables[0].rows[0].cells]
        assert "SỞ THỬ NGHIỆM" in head[0] and f"/{symbol}-STN" in head[0] and "Độc lập - Tự do - Hạnh phúc" in head[1], head
    if soffice(folder, "pdf", folder / "minutes.docx", folder / "periodic.docx") and shutil.which("pdftotext"):
        for verb in ("minutes", "periodic"):
            text = subprocess.run(["pdftotext", "-layout", folder / f"{verb}.pdf", "-"], capture_output=True, text=True, check=True).stdout
            assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text, "the national motto stands in one line"
            assert "đèn lồng" not in text and "HYPERLINK" not in text
        print("DOCX: python-docx and LibreOffice read both papers")


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="daumat-reports-"))
    world = folder / "world"
    world.mkdir()
    for index, name in enumerate(HOSTILE):
        (world / name).write_text(MARKED + str(index), "utf-8")
    (world / "unknown.bin").write_bytes(b"\x00\x01\x02\x03\xff\xfe\x00\x99nothing known")
    formats = ["jsonl", "sarif", "junit", "csv"]
    daumat("scan", ".", "-f", "paths", "-o", str(folder / "paths"), *(arg for name in formats for arg in ("--report", f"{name}={folder / name}")), cwd=world)
    records = [json.loads(line) for line in (folder / "jsonl").read_text("utf-8").splitlines()]
    findings = [record for record in records if record["type"] == "finding"]
    documents = [record for record in records if record["type"] == "document"]
    sarif(folder, len(findings), sum(len(document["gaps"]) for document in documents))
    junit(folder, sum(document["findings"] > 0 for document in documents))
    table(folder, len(findings), len(HOSTILE))
    papers(folder)
    shutil.rmtree(folder)
    if missing:
        print("left out, not installed: " + ", ".join(missing))
        if "--all" in sys.argv:
            sys.exit(1)


main()
