#!/usr/bin/env python3
"""Fictitious Vietnamese office papers, with a stamp, without it, and with the words only in a sentence.

    python3 benches/vn_papers.py OUT [--daumat PATH] [--only LAYOUT]

Needs python-docx and openpyxl, and LibreOffice for PDF, DOC, ODT, RTF, XLS and ODS; Chromium for printed web pages, if it is there.
Every layout is made in every carrier that can hold it, and scanned: a stamped paper must be found with its level at medium or above (how
many at high is printed), its twins must be silent at medium and above. All text is invented.
"""

import argparse
import collections
import json
import pathlib
import shutil
import subprocess
import sys
from email.message import EmailMessage

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt, RGBColor
from openpyxl import Workbook

# Not Times New Roman: LibreOffice would draw it with Liberation, which has no Ệ, Ậ and Ố.
FONT = "DejaVu Serif"
LEVELS = {"TUYỆT MẬT": "top-secret", "TỐI MẬT": "secret", "MẬT": "confidential"}
FILL = [
    "Thực hiện chương trình công tác năm 2026, Sở Thử nghiệm tỉnh Ví Dụ báo cáo kết quả thử nghiệm số 1 như sau.",
    "Trong kỳ, đơn vị đã tổ chức 12 cuộc kiểm tra, ghi nhận tình hình ổn định, không có vấn đề phát sinh.",
    "Đề nghị các phòng, ban tiếp tục theo dõi, tổng hợp và gửi kết quả trước ngày 25 hằng tháng.",
]
MENTION = [
    "Cán bộ được giao quản lý văn bản phải phân biệt văn bản độ Tuyệt mật, Tối mật và Mật theo quy định của pháp luật.",
    "Không soạn thảo nội dung bí mật nhà nước trên máy tính nối mạng; đổi mật khẩu theo định kỳ và bảo mật thông tin.",
]
TCVN3 = dict(zip("àảãáạằẳẵắặăâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵ",
    "µ¶·¸¹»¼½¾Æ¨©ÇÈÉÊË®ÌÎÏÐÑªÒÓÔÕÖ×ØÜÝÞßáâãä«åæçèé¬êëìíîïñòóô\u00adõö÷øùúûüýþ"))
VNI = {"Ậ": "AÄ", "Ệ": "EÄ", "Ố": "OÁ", "Ộ": "OÄ", "Ò": "OØ", "Ã": "AÕ", "Ủ": "UÛ", "Ĩ": "Ó", "Á": "AÙ", "À": "AØ", "Ư": "Ö", "Ớ": "ÔÙ", "Ê": "EÂ"}


def tcvn3(text):
    return "".join(TCVN3.get(letter, letter) for letter in text)


def vni(text):
    return "".join(VNI.get(letter, letter) for letter in text)


def run(paragraph, text, bold=False, red=False, size=13, font=FONT):
    piece = paragraph.add_run(text)
    piece.bold, piece.font.size, piece.font.name = bold, Pt(size), font
    piece._element.rPr.rFonts.set(qn("w:cs"), font)
    piece._element.rPr.rFonts.set(qn("w:hAnsi"), font)
    if red:
        piece.font.color.rgb = RGBColor(0xD0, 0, 0)
    return piece


def border(paragraph):
    sides = "".join(f'<w:{side} w:val="single" w:sz="8" w:space="1" w:color="D00000"/>' for side in ("top", "left", "bottom", "right"))
    paragraph._p.get_or_add_pPr().append(parse_xml(f"<w:pBdr {nsdecls('w')}>{sides}</w:pBdr>"))


def letterhead(document, left=None, right=None, party=False, turn=lambda text: text, font=FONT):
    table = document.add_table(rows=2, cols=2)
    first = ("TỈNH ỦY VÍ DỤ\n*", "ĐẢNG CỘNG SẢN VIỆT NAM") if party else ("UBND TỈNH VÍ DỤ\nSỞ THỬ NGHIỆM", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc")
    second = ("Số 12-BC/TU" if party else "Số: 07/BC-STN", "Ví Dụ, ngày 03 tháng 02 năm 2026")
    for row, texts in enumerate((first, second)):
        for column, text in enumerate(texts):
            cell = table.cell(row, column)
            for number, line in enumerate(text.split("\n")):
                paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
                run(paragraph, turn(line), bold=True, font=font)
    if left:
        left(table.cell(1, 0).add_paragraph())
    if right:
        right(table.cell(1, 1).add_paragraph())
    return table


def body(document, mention, kind="BÁO CÁO"):
    for line, bold in ((kind, True), ("Kết quả thử nghiệm số 1", True)):
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run(paragraph, line, bold)
    for line in FILL * 3 + (MENTION if mention else []) + FILL:
        run(document.add_paragraph(), line)
    run(document.add_paragraph(), "Nơi nhận: - Như trên; - Lưu: VT, NC.")


# Each layout draws a paper; `mark` is None where the paper bears none.

def under_number(document, mark, mention):
    letterhead(document)
    if mark:
        paragraph = document.add_paragraph()
        run(paragraph, mark, True, True)
        border(paragraph)
    body(document, mention)


def plain_line(document, mark, mention):
    letterhead(document)
    if mark:
        run(document.add_paragraph(), mark, True)
    body(document, mention)


def in_letterhead_left(document, mark, mention):
    letterhead(document, left=(lambda paragraph: run(paragraph, mark, True)) if mark else None)
    body(document, mention)


def in_letterhead_right(document, mark, mention):
    letterhead(document, right=(lambda paragraph: run(paragraph, mark, True, True)) if mark else None)
    body(document, mention)


def boxed_table(document, mark, mention):
    letterhead(document)
    if mark:
        table = document.add_table(rows=1, cols=1)
        table.style = "Table Grid"
        run(table.cell(0, 0).paragraphs[0], mark, True, True)
    body(document, mention)


def text_box(document, mark, mention):
    letterhead(document)
    if mark:
        xml = f"""<w:r {nsdecls('w')} xmlns:v="urn:schemas-microsoft-com:vml"><w:pict><v:rect style="width:113pt;height:23pt" strokecolor="red" fillcolor="white">
            <v:textbox><w:txbxContent><w:p><w:r><w:rPr><w:b/><w:color w:val="FF0000"/></w:rPr><w:t>{mark}</w:t></w:r></w:p></w:txbxContent></v:textbox></v:rect></w:pict></w:r>"""
        document.add_paragraph()._p.append(parse_xml(xml))
    body(document, mention)


def in_header(document, mark, mention):
    if mark:
        run(document.sections[0].header.paragraphs[0], mark, True)
    letterhead(document)
    body(document, mention)


def in_footer(document, mark, mention):
    if mark:
        run(document.sections[0].footer.paragraphs[0], f"{mark} - Bản số: 02")
    letterhead(document)
    body(document, mention)


def watermark(document, mark, mention):
    if mark:
        xml = f"""<w:r {nsdecls('w')} xmlns:v="urn:schemas-microsoft-com:vml"><w:pict><v:shape id="PowerPlusWaterMarkObject1" type="#_x0000_t136"
            style="position:absolute;width:400pt;height:80pt;rotation:315" fillcolor="silver" stroked="f"><v:textpath style="font-family:'Times New Roman'" string="{mark}"/></v:shape></w:pict></w:r>"""
        document.sections[0].header.paragraphs[0]._p.append(parse_xml(xml))
    letterhead(document)
    body(document, mention)


def party(document, mark, mention):
    letterhead(document, party=True)
    if mark:
        run(document.add_paragraph(), mark, True)
    body(document, mention)


def by_style(document, mark, mention):
    letterhead(document)
    if mark:
        run(document.add_paragraph(), mark.capitalize(), True)._element.rPr.append(OxmlElement("w:caps"))
    body(document, mention)


def letter_runs(document, mark, mention):
    letterhead(document)
    if mark:
        paragraph = document.add_paragraph()
        for letter in mark:
            run(paragraph, letter, True)
    body(document, mention)


def spaced(document, mark, mention):
    letterhead(document)
    if mark:
        run(document.add_paragraph(), "   ".join(" ".join(word) for word in mark.split()), True)
    body(document, mention)


def two_lines(document, mark, mention):
    letterhead(document)
    if mark:
        paragraph = document.add_paragraph()
        for number, word in enumerate(mark.split()):
            run(paragraph, word, True).add_break() if number == 0 and " " in mark else run(paragraph, word, True)
    body(document, mention)


def decomposed(document, mark, mention):
    import unicodedata
    letterhead(document)
    if mark:
        run(document.add_paragraph(), unicodedata.normalize("NFD", f"* {mark} *"), True)
    body(document, mention)


def with_urgency(document, mark, mention):
    letterhead(document)
    if mark:
        run(document.add_paragraph(), mark, True, True)
    run(document.add_paragraph(), "HỎA TỐC", True, True)
    body(document, mention, "CÔNG ĐIỆN")


def field(document, mark, mention):
    letterhead(document)
    run(document.add_paragraph(), "PHIẾU TRÌNH GIẢI QUYẾT CÔNG VIỆC", True)
    run(document.add_paragraph(), f"Độ mật: {mark.capitalize() if mark else 'Thường'}")
    run(document.add_paragraph(), "Người soạn thảo: Phòng Mẫu")
    body(document, mention)


def field_table(document, mark, mention):
    letterhead(document)
    table = document.add_table(rows=3, cols=2)
    table.style = "Table Grid"
    for row, texts in enumerate((("Tên văn bản", "Báo cáo thử nghiệm"), ("Độ mật", mark.capitalize() if mark else "Thường"), ("Độ khẩn", "Thường"))):
        for column, text in enumerate(texts):
            run(table.cell(row, column).paragraphs[0], text)
    body(document, mention, "PHIẾU GỬI")


def ticks(document, mark, mention):
    letterhead(document)
    choices = ["Tuyệt mật", "Tối mật", "Mật", "Thường"]
    ticked = mark.capitalize() if mark else "Thường"
    run(document.add_paragraph(), "Độ mật: " + "   ".join(("☒ " if choice == ticked else "☐ ") + choice for choice in choices))
    body(document, mention, "PHIẾU GỬI")


def legacy_tcvn3(document, mark, mention):
    # Tahoma-like fonts would draw it otherwise; the bytes are what counts.
    low = lambda text: tcvn3(text.lower())
    letterhead(document, turn=low, font=".VnTimeH")
    if mark:
        run(document.add_paragraph(), low(mark), True, font=".VnTimeH")
    for line in FILL + (MENTION if mention else []):
        run(document.add_paragraph(), tcvn3(line), font=".VnTime")


def legacy_vni(document, mark, mention):
    letterhead(document, turn=lambda text: vni(text.upper()), font="VNI-Times")
    if mark:
        run(document.add_paragraph(), vni(mark), True, font="VNI-Times")
    for line in FILL:
        run(document.add_paragraph(), line)


def extract_paper(document, mark, mention):
    if mark:
        run(document.add_paragraph(), "BẢN SAO SỐ: 03", True)
        run(document.add_paragraph(), mark, True)
    letterhead(document)
    body(document, mention)


def paper_property(document, mark, mention):
    letterhead(document)
    if mark:
        document.core_properties.category = mark
    body(document, mention)


LAYOUTS = [under_number, plain_line, in_letterhead_left, in_letterhead_right, boxed_table, text_box, in_header, in_footer, watermark, party, by_style,
           letter_runs, spaced, two_lines, decomposed, with_urgency, field, field_table, ticks, legacy_tcvn3, legacy_vni, extract_paper, paper_property]
MARKS = ["TUYỆT MẬT", "TỐI MẬT", "MẬT"]
# What LibreOffice itself does not carry over (a watermark becomes curves in PDF and is lost in RTF).
NOT_IN = {("paper_property", "rtf"), ("paper_property", "txt"), ("watermark", "txt"), ("in_header", "txt"), ("in_footer", "txt"), ("text_box", "txt"),
          ("watermark", "pdf"), ("watermark", "rtf"), ("legacy_tcvn3", "pdf"), ("legacy_vni", "pdf"), ("paper_property", "pdf"), ("paper_property", "html")}


def register(path, filled):
    book = Workbook()
    sheet = book.active
    sheet.title = "Sổ đi"
    sheet.append(["SỔ ĐĂNG KÝ BÍ MẬT NHÀ NƯỚC ĐI"])
    sheet.append(["Năm 2026"])
    sheet.append(["Số", "Ngày", "Tên loại", "Độ mật", "Nơi nhận", "Ghi chú"])
    for row in range(1, 40):
        degree = ("Mật", "Tối mật", "Tuyệt mật")[row % 3] if filled == "words" else "ABC"[row % 3] if filled else ""
        sheet.append([row if filled else "", "03/02/2026" if filled else "", "BC" if filled else "", degree, "Sở Mẫu" if filled else "", ""])
    book.save(path)


def list_of_papers(path, marked):
    book = Workbook()
    sheet = book.active
    sheet.append(["Số", "Trích yếu", "Độ mật"])
    for row in range(1, 120):
        sheet.append([row, f"Văn bản thử nghiệm {row}", "Tối mật" if marked and row == 77 else "Thường"])
    book.save(path)


def web_page(mark, mention):
    stamp = f'<div style="display:inline-block;border:3px double #d00;color:#d00;font-weight:bold;padding:2px">{mark}</div>' if mark else ""
    lines = "".join(f"<p>{line}</p>" for line in FILL * 4 + (MENTION if mention else []))
    return f"""<!DOCTYPE html><html lang="vi"><meta charset="utf-8"><title>Báo cáo</title><body style="font-family:Tinos,DejaVu Serif,serif">
        <table><tr><td>UBND TỈNH VÍ DỤ<br><b>SỞ THỬ NGHIỆM</b></td><td><b>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM</b><br>Độc lập - Tự do - Hạnh phúc</td></tr>
        <tr><td>Số: 07/BC-STN<br>{stamp}</td><td>Ví Dụ, ngày 03 tháng 02 năm 2026</td></tr></table><h2>BÁO CÁO</h2>{lines}</body></html>"""


def mail(mark, mention):
    message = EmailMessage()
    message["From"], message["To"] = "van.thu@stn.example", "phong.mau@stn.example"
    message["Subject"] = f"[{mark}] Báo cáo tháng 02" if mark else "Báo cáo tháng 02"
    message["Date"] = "Tue, 03 Feb 2026 08:00:00 +0700"
    message.set_content("\n".join(FILL + (MENTION if mention else [])))
    return message.as_bytes()


def make(out, only):
    papers = []  # path, level or None
    for name in ("docx", "txt", "web", "sheets", "mail"):
        (out / name).mkdir(parents=True, exist_ok=True)
    for number, layout in enumerate(LAYOUTS):
        if only and layout.__name__ != only:
            continue
        for variant, mark, mention in (("stamped", MARKS[number % 3], False), ("both", MARKS[(number + 1) % 3], True), ("plain", None, False), ("mention", None, True)):
            document = Document()
            layout(document, mark, mention)
            path = out / "docx" / f"{layout.__name__}-{variant}.docx"
            document.save(path)
            papers.append((layout.__name__, path, LEVELS.get(mark)))
    if not only:
        for kind, filled in (("empty", None), ("words", "words"), ("symbols", "symbols")):
            path = out / "sheets" / f"register-{kind}.xlsx"
            register(path, filled)
            papers.append(("register", path, "top-secret" if filled else None))
        for kind in (True, False):
            path = out / "sheets" / f"list-{kind}.xlsx"
            list_of_papers(path, kind)
            papers.append(("list", path, "secret" if kind else None))
        for mark in [*MARKS, None]:
            for mention in (False, True):
                stem = f"{LEVELS.get(mark, 'none')}-{mention}"
                (out / "web" / f"{stem}.html").write_text(web_page(mark, mention), encoding="utf-8")
                (out / "mail" / f"{stem}.eml").write_bytes(mail(mark, mention))
                text = ["UBND TỈNH VÍ DỤ          CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Số: 07/BC-STN          Ví Dụ, ngày 03 tháng 02 năm 2026", mark or "", "BÁO CÁO", *FILL, *(MENTION if mention else [])]
                (out / "txt" / f"{stem}.txt").write_text("\n".join(text), encoding="utf-8")
                # The same in TCVN3 and VNI bytes, as old text files are.
                old = "\n".join(tcvn3(line.lower()).upper() if False else "".join(TCVN3.get(letter.lower(), letter) if letter.lower() in TCVN3 else letter for letter in line) for line in text)
                (out / "txt" / f"{stem}-tcvn3.txt").write_bytes(old.encode("latin-1", "replace"))
                for path in (out / "web" / f"{stem}.html", out / "mail" / f"{stem}.eml", out / "txt" / f"{stem}.txt", out / "txt" / f"{stem}-tcvn3.txt"):
                    papers.append((path.parent.name, path, LEVELS.get(mark)))
    return papers


def convert(out, papers):
    more = []
    office = shutil.which("soffice")
    for target, sources in (("pdf", "docx"), ("doc", "docx"), ("odt", "docx"), ("rtf", "docx"), ("xls", "xlsx"), ("ods", "xlsx"), ("csv", "xlsx")):
        files = [path for _, path, _ in papers if path.suffix == f".{sources}"]
        folder = out / f"as-{target}"
        if not office or not files:
            continue
        how = "csv:Text - txt - csv (StarCalc):44,34,76" if target == "csv" else target
        subprocess.run([office, f"-env:UserInstallation=file://{out}/profile", "--headless", "--convert-to", how, "--outdir", str(folder), *map(str, files)], capture_output=True, timeout=560)
        for layout, path, level in papers:
            made = folder / f"{path.stem}.{target}"
            if path in files and made.exists() and (layout, target) not in NOT_IN:
                more.append((f"{layout}", made, level))
    chrome = shutil.which("chromium")
    for layout, path, level in papers:
        if chrome and layout == "web":
            made = path.with_suffix(".pdf")
            subprocess.run([chrome, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={out}/chrome", f"--print-to-pdf={made}", str(path)], capture_output=True, timeout=120)
            if made.exists():
                more.append(("web-printed", made, level))
    return more


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--daumat", default=str(pathlib.Path(__file__).resolve().parent.parent / "target/release/daumat"))
    parser.add_argument("--only")
    parser.add_argument("--keep", action="store_true", help="do not make them again")
    parser.add_argument("--scan", action="append", default=[])
    arguments = parser.parse_args()
    listing = arguments.out / "papers.json"
    if arguments.keep:
        papers = [(layout, pathlib.Path(path), level) for layout, path, level in json.loads(listing.read_text())]
    else:
        shutil.rmtree(arguments.out, ignore_errors=True)
        arguments.out.mkdir(parents=True)
        papers = make(arguments.out, arguments.only)
        papers += convert(arguments.out, papers)
        listing.write_text(json.dumps([(layout, str(path), level) for layout, path, level in papers]))
    done = subprocess.run([arguments.daumat, "scan", "-f", "jsonl", "--exit-zero", "--min-confidence", "low", *arguments.scan, *[str(path) for _, path, _ in papers]], capture_output=True, text=True)
    found = collections.defaultdict(list)
    for line in done.stdout.splitlines():
        record = json.loads(line)
        # An attached paper counts for its mail; names are not what is asked for.
        if record["type"] == "finding" and record["place"]["kind"] != "name":
            found[record["path"]].append(record)
    stamped, high, silent, wrong = 0, 0, 0, []
    order = ["internal", "restricted", "confidential", "secret", "top-secret"]
    for layout, path, level in papers:
        shown = [record for record in found[str(path)] if record["band"] != "low"]
        worst = max((record["level"] for record in shown), key=order.index, default=None)
        told = "; ".join(f"{r['rule']} {r['level']} {r['confidence']} in {r['place']['kind']}: " + ", ".join(f"{x['code']} {x['points']:+d}" for x in r["reasons"]) for r in found[str(path)])
        if level is None:
            silent += not shown
            if shown:
                wrong.append(f"FALSE  {path.relative_to(arguments.out)}: {told}")
        else:
            stamped += 1
            is_high = any(record["band"] == "high" and record["level"] == level for record in shown)
            high += is_high
            if worst != level:
                wrong.append(f"MISSED {path.relative_to(arguments.out)} {level}: {told or 'nothing'}")
            elif not is_high:
                wrong.append(f"medium {path.relative_to(arguments.out)} {level}: {told}")
    missed = sum(line.startswith("MISSED") for line in wrong)
    false = sum(line.startswith("FALSE") for line in wrong)
    print("\n".join(wrong))
    print(f"{len(papers)} papers: {stamped} stamped, {stamped - missed} found at medium and above with their level, {high} at high; {len(papers) - stamped} without stamp, {silent} silent, {false} false")
    sys.exit(1 if missed or false else 0)


if __name__ == "__main__":
    main()
