"""Other readers of the same files, each asked for everything its interface gives.

    readers.py TOOL FILE

Prints the text; ends with another code than 0 when the tool fails on the file. A process of its own for every file: a reader that
crashes takes nothing with it, and its memory starts empty.
"""

import sys


def kreuzberg(path):
    import kreuzberg as k

    config = k.ExtractionConfig(
        use_cache=False,
        disable_ocr=True,
        include_document_structure=True,
        pages=k.PageConfig(extract_pages=True),
        content_filter=k.ContentFilterConfig(
            include_headers=True, include_footers=True, include_watermarks=True, strip_repeating_text=False
        ),
    )
    return dump(k.extract_file_sync(path, config=config))


def dump(value, depth=0):
    """All text of a result: content, metadata, tables, annotations, children, links."""
    if depth > 8 or value is None or isinstance(value, (bool, int, float, bytes)):
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "\n".join(f"{dump(k, depth + 1)}\n{dump(v, depth + 1)}" for k, v in value.items())
    if isinstance(value, (list, tuple, set)):
        return "\n".join(dump(v, depth + 1) for v in value)
    names = [n for n in dir(value) if not n.startswith("_") and n not in ("embedding", "data")]
    return "\n".join(dump(v, depth + 1) for v in (getattr(value, n, None) for n in names) if not callable(v))


def tika(path):
    import extractous

    extractor = extractous.Extractor().set_extract_string_max_length(50_000_000)
    text, metadata = extractor.extract_file_to_string(path)
    return text + "\n" + dump(metadata)


def properties(core):
    return [
        str(getattr(core, name))
        for name in dir(core)
        if not name.startswith("_") and isinstance(getattr(core, name, None), str)
    ]


def python_docx(path):
    import docx

    d = docx.Document(path)
    out = properties(d.core_properties)

    def blocks(holder):
        for item in holder.iter_inner_content():
            if hasattr(item, "rows"):
                for row in item.rows:
                    for cell in row.cells:
                        blocks(cell)
            else:
                out.append(item.text)
                for link in getattr(item, "hyperlinks", []):
                    out.append(link.url)

    blocks(d)
    for section in d.sections:
        for part in (
            "header",
            "first_page_header",
            "even_page_header",
            "footer",
            "first_page_footer",
            "even_page_footer",
        ):
            blocks(getattr(section, part))
    for comment in d.comments:
        out.extend([comment.author, comment.initials, comment.text])
    return "\n".join(x for x in out if x)


def openpyxl(path):
    import openpyxl

    out = []
    for data_only in (False, True):
        book = openpyxl.load_workbook(path, data_only=data_only, rich_text=True)
        out += properties(book.properties)
        out += [f"{p.name}\n{p.value}" for p in book.custom_doc_props.props]
        out += [f"{name}\n{d.attr_text}\n{d.comment}" for name, d in book.defined_names.items()]
        for sheet in book.worksheets:
            out.append(sheet.title)
            for row in sheet.iter_rows():
                for cell in row:
                    value = getattr(cell.value, "text", cell.value)
                    out += [str(value), cell.number_format or ""]
                    if cell.comment:
                        out += [cell.comment.text, cell.comment.author]
                    if cell.hyperlink:
                        out += [
                            str(x) for x in (cell.hyperlink.target, cell.hyperlink.location, cell.hyperlink.tooltip)
                        ]
            head = sheet.HeaderFooter
            for part in (
                head.oddHeader,
                head.evenHeader,
                head.firstHeader,
                head.oddFooter,
                head.evenFooter,
                head.firstFooter,
            ):
                out += [str(getattr(part, side).text) for side in ("left", "center", "right")]
            for rule in sheet.data_validations.dataValidation:
                out += [
                    str(x)
                    for x in (rule.formula1, rule.formula2, rule.prompt, rule.promptTitle, rule.error, rule.errorTitle)
                ]
            for group in sheet.conditional_formatting:
                for rule in group.rules:
                    out += [str(rule.text), *rule.formula]
            for table in sheet.tables.values():
                out += [table.name, *(c.name for c in table.tableColumns)]
            for column in sheet.auto_filter.filterColumn:
                out += [str(f.val) for f in (column.customFilters.customFilter if column.customFilters else [])]
            for scenario in (sheet.scenarios.scenario if sheet.scenarios else []):
                out += [
                    str(x)
                    for x in (scenario.name, scenario.user, scenario.comment, *(c.val for c in scenario.inputCells))
                ]
    return "\n".join(out)


def python_pptx(path):
    from pptx import Presentation

    deck = Presentation(path)
    out = properties(deck.core_properties)

    def shapes(holder):
        for shape in holder:
            out.append(shape.name)
            if shape.has_text_frame:
                out.append("\n".join(p.text for p in shape.text_frame.paragraphs))
                for p in shape.text_frame.paragraphs:
                    out.extend(str(r.hyperlink.address) for r in p.runs)
            if getattr(shape, "has_table", False) and shape.has_table:
                out.extend(cell.text for cell in shape.table.iter_cells())
            if getattr(shape, "has_chart", False) and shape.has_chart:
                c = shape.chart
                if c.has_title:
                    out.append(c.chart_title.text_frame.text)
                for plot in c.plots:
                    out.extend(str(x) for x in plot.categories)
                    out.extend(s.name for s in plot.series)
            if hasattr(shape, "shapes"):
                shapes(shape.shapes)

    for slide in deck.slides:
        shapes(slide.shapes)
        if slide.has_notes_slide:
            shapes(slide.notes_slide.shapes)
    for master in deck.slide_masters:
        shapes(master.shapes)
        for layout in master.slide_layouts:
            out.append(layout.name)
            shapes(layout.shapes)
    return "\n".join(out)


def calamine(path):
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_path(path)
    out = list(book.sheet_names)
    for name in book.sheet_names:
        try:
            sheet = book.get_sheet_by_name(name)
        except python_calamine.CalamineError:
            continue  # a chart sheet
        out += ["\n".join(str(cell) for cell in row) for row in sheet.to_python()]
    return "\n".join(out)


def odfpy(path):
    from odf import meta, opendocument, teletype
    from odf.namespaces import METANS
    from odf.element import Element

    d = opendocument.load(path)
    out = []

    def walk(node):
        for child in getattr(node, "childNodes", []):
            if isinstance(child, Element) and child.qname[1] in ("p", "h"):
                out.append(teletype.extractText(child))
            walk(child)

    for part in (d.body, d.masterstyles):
        walk(part)
    out += [teletype.extractText(node) for node in d.meta.childNodes]
    out += [str(node.getAttribute("name")) for node in d.meta.getElementsByType(meta.UserDefined)]
    return "\n".join(out)


def python_email(path):
    import email
    from email import policy

    with open(path, "rb") as file:
        message = email.message_from_binary_file(file, policy=policy.default)
    out = []
    for part in message.walk():
        out += [f"{k}: {v}" for k, v in part.items()]
        if part.get_content_maintype() == "text":
            out.append(part.get_content())
    return "\n".join(out)


def extract_msg(path):
    import extract_msg as reader

    with reader.openMsg(path) as message:
        out = [
            str(x)
            for x in (
                message.subject,
                message.sender,
                message.to,
                message.cc,
                message.bcc,
                message.body,
                message.htmlBody,
                message.header,
            )
        ]
        for item in message.attachments:
            out += [str(item.longFilename), str(item.shortFilename)]
            data = item.data
            out.append(
                data.decode("latin-1")
                if isinstance(data, bytes)
                else str(getattr(data, "body", "")) + "\n" + str(getattr(data, "subject", ""))
            )
    return "\n".join(out)


TOOLS = {
    f.__name__: f
    for f in (kreuzberg, tika, python_docx, openpyxl, python_pptx, calamine, odfpy, python_email, extract_msg)
}

if __name__ == "__main__":
    sys.stdout.buffer.write(TOOLS[sys.argv[1]](sys.argv[2]).encode("utf-8", "replace"))
