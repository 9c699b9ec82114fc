"""Workbooks: what XlsxWriter and openpyxl write, and the parts of an XLSX that no library writes."""

from io import BytesIO

import openpyxl
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.scenario import InputCells, Scenario, ScenarioList

from .plan import HEAD, OFFICE, Document, Package, Planting
from .word import core, embedded_sheet, extended, picture

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def cells():
    """Cells, sheets, rules, comments, links: XlsxWriter, shared strings."""
    plant = Planting("sheet", "xa")
    by = "XlsxWriter"
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    for name, key in (
        ("title", "title"),
        ("subject", "subject"),
        ("author", "author"),
        ("manager", "manager"),
        ("company", "company"),
        ("category", "category"),
        ("keywords", "keywords"),
        ("comments", "comments"),
        ("status", "status"),
    ):
        kinds = "title property" if name == "title" else "property label"
        book.set_properties(
            {**book.doc_properties, key: plant(f"property: {name}", kinds, by, None if name == "title" else False)}
        )
    book.set_custom_property(
        plant("custom property: name", "property label", by, False),
        plant("custom property: value", "property label", by, False),
    )
    book.set_custom_property(
        "MSIP_Label_2096f6a2-d2f7-48be-b329-b73aaa526e5d_Name",
        plant("label in a custom property (MSIP)", "label", by, False),
    )
    s = book.add_worksheet("Main")
    on = {"sheet": "Main"}
    s.write("A1", plant("cell", "table", by, cell="A1", **on))
    s.write_rich_string(
        "A2",
        "a ",
        book.add_format({"bold": True}),
        plant("rich text of a cell: a run", "table", by, cell="A2", **on),
        " b",
    )
    halves = plant("rich text: word cut into runs", "table", by, cell="A3", **on)
    s.write_rich_string("A3", book.add_format({"bold": True}), halves[:6], halves[6:])
    s.write_formula("A4", '=LOWER("X")', None, plant("formula: string result", "table", by, cell="A4", **on))
    s.write_formula("A5", f'=LEN("{plant("formula: literal", "hidden table", by, False, cell="A5", **on)}")', None, 10)
    s.write_array_formula(
        "A6:A6", f'{{=LEN("{plant("array formula: literal", "hidden table", by, False, cell="A6", **on)}")}}', None, 10
    )
    s.write("A7", 7, book.add_format({"num_format": f'0 "{plant("number format: text", "hidden table", by, None)}"'}))
    s.write(
        "A8",
        plant("white on white", "table hidden", by, None, cell="A8", **on),
        book.add_format({"font_color": "white"}),
    )
    s.write(
        "A9",
        plant("cell with the format ;;;", "table hidden", by, None, cell="A9", **on),
        book.add_format({"num_format": ";;;"}),
    )
    s.write("A30", plant("cell of a hidden row", "table hidden", by, False, cell="A30", **on))
    s.set_row(29, None, None, {"hidden": True})
    s.write("K1", plant("cell of a hidden column", "table hidden", by, False, cell="K1", **on))
    s.set_column("K:K", None, None, {"hidden": True})
    s.merge_range("C1:D2", plant("merged cells", "table", by, cell="C1", **on))
    s.write("C20", plant("cell far outside the print area", "table", by, cell="C20", **on))
    s.print_area("A1:B5")
    s.write_comment(
        "A1", plant("comment", "comment", by, None, **on), {"author": plant("comment: author", "comment", by, None)}
    )
    s.write_comment("A2", plant("comment, always shown", "comment", by, None, **on), {"visible": True})
    s.data_validation(
        "B1",
        {
            "validate": "list",
            "source": [plant("validation: list", "form-field hidden", by, None), "b"],
            "input_title": plant("validation: prompt title", "form-field", by, None),
            "input_message": plant("validation: prompt", "form-field", by, None),
            "error_title": plant("validation: error title", "form-field", by, None),
            "error_message": plant("validation: error", "form-field", by, None),
        },
    )
    s.conditional_format(
        "B3",
        {
            "type": "text",
            "criteria": "containing",
            "value": plant("conditional format: text", "hidden", by, False),
            "format": book.add_format({"bold": True}),
        },
    )
    s.conditional_format(
        "B4",
        {
            "type": "formula",
            "criteria": f'=B4="{plant("conditional format: formula", "hidden", by, False)}"',
            "format": book.add_format({"bold": True}),
        },
    )
    s.write_url(
        "B5",
        f"https://example.org/{plant('link: target', 'link', by, False)}",
        None,
        plant("link: text", "table", by, cell="B5", **on),
        plant("link: tooltip", "link alt-text", by, False),
    )
    s.write_url("B6", f"internal:'Main'!A1#{plant('link: place in the book', 'link', by, False)}", None, "x")
    s.write_url("B7", f"external:{plant('link: file', 'link', by, False)}.xlsx", None, "x")
    s.write_formula(
        "B8",
        f'=HYPERLINK("https://example.org/{plant("HYPERLINK(): target", "hidden link", by, False)}","x")',
        None,
        "x",
    )
    book.define_name(plant("defined name", "bookmark", by, None), "=Main!$A$1")
    book.define_name("Constant", f'="{plant("defined name: value", "hidden bookmark", by, None)}"')
    s.set_header(
        f'&L{plant("header: left", "header", by, **on)}&C{plant("header: middle", "header", by, **on)}&R{plant("header: right", "header", by, **on)}'
    )
    s.set_footer(f'&C&"Arial,Bold"{plant("footer", "footer", by, **on)}')
    s.autofilter("M1:M3")
    s.filter_column("M", f"x == {plant('filter: value', 'hidden', by, False)}")
    s.add_table(
        "E10:F12",
        {
            "columns": [
                {"header": plant("table: column name", "table", by, cell="E10", **on)},
                {"header": "b", "total_string": "t"},
            ],
            "name": plant("table: name", "bookmark property hidden", by, None),
            "total_row": True,
        },
    )
    s.ignore_errors({"number_stored_as_text": "A1"})
    s.set_vba_name(plant("code name of the sheet", "property bookmark hidden", by, False))
    side = book.add_worksheet(plant("name of a sheet", "property", by))
    side.write("A1", "x")
    hidden = book.add_worksheet("Hid")
    hidden.write("B2", plant("cell of a hidden sheet", "hidden table", by, False, sheet="Hid", cell="B2"))
    hidden.hide()
    very = book.add_worksheet("Very")
    very.write("B2", plant("cell of a very hidden sheet", "hidden table", by, False, sheet="Very", cell="B2"))
    very.very_hidden()
    gone = book.add_worksheet(plant("name of a hidden sheet", "property hidden", by, None))
    gone.hide()
    book.close()
    package = Package(out.getvalue())
    unused = plant("shared string no cell uses", "hidden", "XML", False)
    package.edit("xl/sharedStrings.xml", "</sst>", f"<si><t>{unused}</t></si></sst>")
    return Document("sheet.xlsx", package.bytes(), plant.spots, by)


def drawings():
    """Text boxes, pictures, charts."""
    plant = Planting("sheet-drawings", "xb")
    by = "XlsxWriter"
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    s = book.add_worksheet("Main")
    on = {"sheet": "Main"}
    s.write_column("A1", [1, 2])
    s.insert_textbox(
        "C2",
        plant("text box", "textbox", by, **on),
        {"description": plant("text box: alternative text", "alt-text", by, False)},
    )
    s.insert_image(
        "C12",
        "p.png",
        {
            "image_data": picture(),
            "description": plant("picture: alternative text", "alt-text", by, False),
            "url": f"https://example.org/{plant('picture: link', 'link', by, False)}",
            "tip": plant("picture: tooltip", "link alt-text", by, False),
        },
    )
    s.insert_button(
        "C20",
        {
            "caption": plant("button: caption", "textbox form-field", by),
            "macro": plant("button: macro", "script hidden link property form-field", by, False),
        },
    )
    chart = book.add_chart({"type": "column"})
    cache = book.add_worksheet("Data")
    cache.write(
        "A1", plant("chart: series name, cell and cache", "table", by, sheet="Data", cell="A1", short="seriescell")
    )
    cache.write("A2", "cat")
    chart.add_series(
        {
            "name": "=Data!$A$1",
            "categories": "=Data!$A$2:$A$2",
            "values": "=Main!$A$1:$A$1",
            "data_labels": {"custom": [{"value": plant("chart: data label", "body textbox", by)}]},
        }
    )
    chart.add_series(
        {
            "name": plant("chart: series name", "body textbox", by, converted={"*": ("table",)}),
            "values": "=Main!$A$1:$A$2",
        }
    )
    chart.set_title({"name": plant("chart: title", "body textbox title", by)})
    chart.set_x_axis({"name": plant("chart: axis title", "body textbox", by)})
    s.insert_chart("H2", chart, {"description": plant("chart: alternative text", "alt-text", by, False)})
    page = book.add_chartsheet("Plot")
    other = book.add_chart({"type": "pie"})
    other.add_series({"values": "=Main!$A$1:$A$2"})
    other.set_title({"name": plant("chart sheet: title", "body textbox title", by)})
    page.set_chart(other)
    page.set_header(f'&C{plant("chart sheet: header", "header", by)}')
    book.close()
    return Document("sheet-drawings.xlsx", out.getvalue(), plant.spots, by)


def inline():
    """Strings inside the cells, as streaming writers store them."""
    plant = Planting("sheet-inline", "xc")
    by = "XlsxWriter"
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True})
    s = book.add_worksheet("Main")
    s.write("A1", plant("cell, inline string", "table", by, sheet="Main", cell="A1"))
    s.write_rich_string(
        "A2",
        "a ",
        book.add_format({"bold": True}),
        plant("inline rich text: a run", "table", by, sheet="Main", cell="A2"),
        " b",
    )
    book.close()
    return Document("sheet-inline.xlsx", out.getvalue(), plant.spots, by)


def parts():
    """openpyxl for what XlsxWriter does not write, and parts put in by hand."""
    plant = Planting("sheet-parts", "xd")
    by = "openpyxl"
    book = openpyxl.Workbook()
    s = book.active
    s.title = "Main"
    s["A1"] = "x"
    core(plant, Properties(book.properties), by)
    head = s.HeaderFooter
    head.differentFirst = head.differentOddEven = True
    for part, name in (
        (head.oddHeader, "header"),
        (head.evenHeader, "header of even pages"),
        (head.firstHeader, "header of the first page"),
        (head.oddFooter, "footer"),
        (head.evenFooter, "footer of even pages"),
        (head.firstFooter, "footer of the first page"),
    ):
        part.center.text = plant(name, name.split()[0], by, sheet="Main")
    off = book.create_sheet("Off")
    off["A1"] = "x"
    off.HeaderFooter.firstHeader.center.text = plant("first header, switched off", "header", by, None, sheet="Off")
    off.HeaderFooter.evenFooter.center.text = plant("even footer, switched off", "footer", by, None, sheet="Off")
    name = DefinedName(
        "Named",
        attr_text="Main!$A$1",
        comment=plant("defined name: comment", "comment hidden bookmark property", by, None),
    )
    book.defined_names["Named"] = name
    shy = plant("hidden defined name", "bookmark hidden", by, None)
    book.defined_names[shy] = DefinedName(shy, attr_text="Main!$A$1", hidden=True)
    s["B2"] = "c"
    s["B2"].comment = Comment(
        plant("comment", "comment", by, None, sheet="Main"), plant("comment: author", "comment", by, None)
    )
    s.scenarios = ScenarioList(
        scenario=[
            Scenario(
                name=plant("scenario: name", "hidden property bookmark", by, None),
                user=plant("scenario: user", "hidden property", by, None),
                comment=plant("scenario: comment", "comment hidden property", by, None),
                inputCells=[InputCells(r="A1", val=plant("scenario: value", "hidden table property", by, None))],
            )
        ]
    )
    out = BytesIO()
    book.save(out)

    by = "XML"
    package = Package(out.getvalue())
    extended(package, plant)
    book_part, sheet = "xl/workbook.xml", "xl/worksheets/sheet1.xml"
    package.relate(book_part, "customXml", "/customXml/item1.xml")
    # Threaded comments (Excel 365) and their people.
    threaded = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
    package.part(
        "xl/threadedComments/threadedComment1.xml",
        (
            f'{HEAD}<ThreadedComments xmlns="{threaded}"><threadedComment ref="B2" dT="2026-03-02T08:00:00.00" personId="{{1B1B1B1B-0000-0000-0000-000000000001}}" '
            f'id="{{1B1B1B1B-0000-0000-0000-000000000002}}"><text>{plant("threaded comment", "comment", by, None)}</text></threadedComment></ThreadedComments>'
        ),
        "application/vnd.ms-excel.threadedcomments+xml",
    )
    package.relate(
        sheet,
        "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment",
        "/xl/threadedComments/threadedComment1.xml",
    )
    package.part(
        "xl/persons/person.xml",
        (
            f'{HEAD}<personList xmlns="{threaded}"><person displayName="{plant("threaded comment: person", "comment property hidden", by, None)}" id="{{1B1B1B1B-0000-0000-0000-000000000001}}" '
            f'userId="{plant("threaded comment: user", "comment property hidden", by, None)}" providerId="None"/></personList>'
        ),
        "application/vnd.ms-excel.person+xml",
    )
    package.relate(
        book_part, "http://schemas.microsoft.com/office/2017/10/relationships/person", "/xl/persons/person.xml"
    )
    # A pivot table's cache keeps the rows of its source.
    package.part(
        "xl/pivotCache/pivotCacheDefinition1.xml",
        (
            f'{HEAD}<pivotCacheDefinition xmlns="{MAIN}" xmlns:r="{OFFICE}/relationships" refreshedBy="{plant("pivot cache: refreshed by", "hidden property", by, False)}" recordCount="1"><cacheSource type="worksheet"><worksheetSource ref="A1:A2" sheet="Gone"/></cacheSource>'
            f'<cacheFields count="1"><cacheField name="{plant("pivot cache: field", "hidden table", by, None)}"><sharedItems count="1"><s v="{plant("pivot cache: item", "hidden table", by, None)}"/></sharedItems></cacheField></cacheFields></pivotCacheDefinition>'
        ),
        f"{SHEET}.pivotCacheDefinition+xml",
    )
    cache = package.relate(book_part, "pivotCacheDefinition", "/xl/pivotCache/pivotCacheDefinition1.xml")
    package.part(
        "xl/pivotCache/pivotCacheRecords1.xml",
        f'{HEAD}<pivotCacheRecords xmlns="{MAIN}" count="1"><r><s v="{plant("pivot cache: record", "hidden table", by, None)}"/></r></pivotCacheRecords>',
        f"{SHEET}.pivotCacheRecords+xml",
    )
    package.relate("xl/pivotCache/pivotCacheDefinition1.xml", "pivotCacheRecords", "pivotCacheRecords1.xml")
    # The last known values of another workbook.
    package.part(
        "xl/externalLinks/externalLink1.xml",
        (
            f'{HEAD}<externalLink xmlns="{MAIN}"><externalBook xmlns:r="{OFFICE}/relationships" r:id="rIdZq1"><sheetNames><sheetName val="{plant("external link: sheet name", "hidden property link", by, None)}"/></sheetNames>'
            f'<sheetDataSet><sheetData sheetId="0"><row r="1"><cell r="A1" t="str"><v>{plant("external link: cached value", "hidden table link", by, None)}</v></cell><cell r="B1" t="str"><v>{plant("external link: cached value beside it", "hidden table link", by, None, short="cached value b")}</v></cell></row></sheetData></sheetDataSet></externalBook></externalLink>'
        ),
        f"{SHEET}.externalLink+xml",
    )
    package.parts["xl/externalLinks/_rels/externalLink1.xml.rels"] = (
        f'{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rIdZq1" Type="{OFFICE}/relationships/externalLinkPath" Target="{plant("external link: file", "link", by, False)}.xlsx" TargetMode="External"/></Relationships>'
    )
    external = package.relate(book_part, "externalLink", "/xl/externalLinks/externalLink1.xml")
    package.part(
        "xl/connections.xml",
        (
            f'{HEAD}<connections xmlns="{MAIN}"><connection id="1" name="{plant("data connection: name", "hidden property link bookmark", by, False)}" description="{plant("data connection: description", "hidden property link", by, False)}" type="1" refreshedVersion="6">'
            f'<dbPr connection="DSN={plant("data connection: string", "hidden property link", by, False)}" command="SELECT * FROM {plant("data connection: command", "hidden property script link", by, False)}"/></connection></connections>'
        ),
        f"{SHEET}.connections+xml",
    )
    package.relate(book_part, "connections", "/xl/connections.xml")
    package.default("xlsx", f"{SHEET}.sheet")
    package.part(
        "xl/embeddings/inner.xlsx",
        embedded_sheet(plant("embedded workbook: cell", "table", "openpyxl", None, member=True)),
    )
    package.relate(sheet, "package", "/xl/embeddings/inner.xlsx")
    package.part(
        "xl/revisions/revisionLog1.xml",
        (
            f'{HEAD}<revisions xmlns="{MAIN}"><rcc rId="1" sId="1"><oc r="A1" t="inlineStr"><is><t>{plant("shared workbook: old value", "hidden deleted revision table", by, False)}</t></is></oc><nc r="A1" t="inlineStr"><is><t>x</t></is></nc></rcc></revisions>'
        ),
        f"{SHEET}.revisionLog+xml",
    )
    package.relate(book_part, "revisionLog", "/xl/revisions/revisionLog1.xml")
    package.edit(
        book_part,
        "<calcPr",
        f'<externalReferences xmlns:r="{OFFICE}/relationships"><externalReference r:id="{external}"/></externalReferences><calcPr',
    )
    package.edit(
        book_part,
        "</workbook>",
        f'<pivotCaches xmlns:r="{OFFICE}/relationships"><pivotCache cacheId="1" r:id="{cache}"/></pivotCaches></workbook>',
    )
    return Document("sheet-parts.xlsx", package.bytes(), plant.spots, "openpyxl + XML")


class Properties:
    """openpyxl's names of the core properties, under python-docx's."""

    NAMES = {
        "author": "creator",
        "comments": "description",
        "content_status": "contentStatus",
        "last_modified_by": "lastModifiedBy",
    }

    def __init__(self, properties):
        object.__setattr__(self, "properties", properties)

    def __setattr__(self, name, value):
        setattr(self.properties, self.NAMES.get(name, name), value)


def documents():
    return [cells(), drawings(), inline(), parts()]
