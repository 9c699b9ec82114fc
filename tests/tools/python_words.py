#!/usr/bin/env python3
"""How many of the words that python-docx, openpyxl and python-pptx show of a file `daumat extract` shows too, file by file.

usage: python_words.py BINARY FILE_OR_FOLDER... [--worst 20]      needs: pip install python-docx openpyxl python-pptx

Asked for are paragraphs, tables, headers, footers and properties of DOCX; cells, comments, headers and names of sheets of XLSX; texts of all
shapes, tables, groups and notes of PPTX. Files that a library does not open are left out and counted. Words are counted as in `tika_words.py`.
"""
import argparse
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tika_words import measure, report, text_of

READ = '''
import sys

def docx(path):
    import docx
    document = docx.Document(path)
    def block(part):
        for paragraph in part.paragraphs:
            yield paragraph.text
        for table in part.tables:
            for row in table.rows:
                for cell in row.cells:
                    yield from block(cell)
    yield from block(document)
    for section in document.sections:
        for part in (section.header, section.footer, section.first_page_header, section.even_page_header):
            yield from block(part)
    properties = document.core_properties
    yield from (properties.title, properties.author, properties.subject, properties.keywords, properties.comments, properties.category)

def xlsx(path):
    import openpyxl
    book = openpyxl.load_workbook(path, data_only=True)
    for sheet in book.worksheets:
        yield sheet.title
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str):
                    yield cell.value
                if cell.comment:
                    yield cell.comment.text
        for part in (sheet.oddHeader, sheet.oddFooter):
            yield from (side.text for side in (part.left, part.center, part.right) if side.text)

def pptx(path):
    import pptx
    def shapes(all):
        for shape in all:
            if shape.has_text_frame:
                yield shape.text_frame.text
            if getattr(shape, "has_table", False) and shape.has_table:
                for row in shape.table.rows:
                    for cell in row.cells:
                        yield cell.text
            if hasattr(shape, "shapes"):
                yield from shapes(shape.shapes)
    for slide in pptx.Presentation(path).slides:
        yield from shapes(slide.shapes)
        if slide.has_notes_slide:
            yield from shapes(slide.notes_slide.shapes)

read = globals()[sys.argv[2]]
sys.stdout.buffer.write("\\n".join(text for text in read(sys.argv[1]) if text).encode("utf-8", "replace"))
'''
KINDS = {"docx": "docx", "docm": "docx", "xlsx": "xlsx", "xlsm": "xlsx", "pptx": "pptx", "pptm": "pptx"}


def shown(path):
    command = [sys.executable, "-c", READ, str(path), KINDS[path.suffix.lower()[1:]]]
    try:
        run = subprocess.run(command, capture_output=True, timeout=120)
    except subprocess.TimeoutExpired:
        return None
    return text_of(run.stdout.decode("utf-8", "replace")) if run.returncode == 0 else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binary")
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--worst", type=int, default=20)
    args = parser.parse_args()
    files = [file for path in args.paths for file in (sorted(path.rglob("*")) if path.is_dir() else [path])]
    files = [file for file in files if file.is_file() and file.suffix.lower()[1:] in KINDS]
    with ThreadPoolExecutor(2) as pool:
        rows = list(pool.map(lambda file: (file, measure(args.binary, file, shown(file))), files))
    report(rows, list(KINDS), args.worst)


if __name__ == "__main__":
    main()
