"""Presentations: what python-pptx writes, and the parts of a PPTX that no library writes."""

from io import BytesIO

from lxml import etree
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.shapes import MSO_SHAPE, PROG_ID
from pptx.util import Inches

from .plan import HEAD, OFFICE, Document, Package, Planting
from .word import core, diagram, embedded_sheet, extended, picture

P = "http://schemas.openxmlformats.org/presentationml/2006/main"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
SLIDE = "application/vnd.openxmlformats-officedocument.presentationml"


def saved(deck):
    out = BytesIO()
    deck.save(out)
    return out.getvalue()


def main():
    plant = Planting("slides", "pa")
    by = "python-pptx"
    deck = Presentation()
    core(plant, deck.core_properties, by)
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    one = {"slide": 1}
    slide.shapes.title.text = plant("title of a slide", "title body textbox", by, **one)
    slide.placeholders[1].text = plant("body placeholder", "body textbox", by, **one)
    paragraph = slide.placeholders[1].text_frame.add_paragraph()
    halves = plant("word cut into runs", "body textbox", by, **one)
    for index in range(0, len(halves), 5):
        paragraph.add_run().text = halves[index : index + 5]
    box = slide.shapes.add_textbox(Inches(1), Inches(4), Inches(3), Inches(1))
    box.text_frame.text = plant("text box", "textbox", by, **one)
    run = box.text_frame.add_paragraph().add_run()
    run.text = plant("link: text", "textbox", by, **one)
    run.hyperlink.address = f"https://example.org/{plant('link: target', 'link', by, False, **one)}"
    run._r.rPr.find(f"{{{A}}}hlinkClick").set("tooltip", plant("link: tooltip", "link alt-text", "XML", False, **one))
    shape = slide.shapes.add_shape(MSO_SHAPE.OVAL, Inches(5), Inches(4), Inches(2), Inches(1))
    shape.text_frame.text = plant("text of a shape", "textbox", by, **one)
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(Inches(6), Inches(6), Inches(2), Inches(1)).text_frame.text = plant(
        "text box in a group", "textbox", by, **one
    )
    table = slide.shapes.add_table(2, 2, Inches(1), Inches(5), Inches(4), Inches(1))
    table.table.cell(0, 0).text = plant("table cell", "table", by, **one)
    image = slide.shapes.add_picture(picture(), Inches(8), Inches(1))
    properties = image._element.nvPicPr.cNvPr
    properties.set("descr", plant("picture: alternative text", "alt-text", "XML", False, **one))
    properties.set("title", plant("picture: alternative title", "alt-text", "XML", False, **one))
    image.name = plant("picture: name", "alt-text property hidden", by, False, **one)
    slide.notes_slide.notes_text_frame.text = plant("speaker notes", "notes", by, None, **one)
    outside = slide.shapes.add_textbox(Inches(-5), Inches(1), Inches(3), Inches(1))
    outside.text_frame.text = plant("text box beside the slide", "textbox hidden", by, None, **one)

    hidden = deck.slides.add_slide(deck.slide_layouts[5])
    hidden._element.set("show", "0")
    hidden.shapes.title.text = plant("title of a hidden slide", "title body textbox hidden", by, False, slide=2)
    hidden.notes_slide.notes_text_frame.text = plant("notes of a hidden slide", "notes hidden", by, None, slide=2)
    unseen = hidden.shapes.add_textbox(Inches(1), Inches(4), Inches(3), Inches(1))
    unseen._element.nvSpPr.cNvPr.set("hidden", "1")
    unseen.text_frame.text = plant("hidden shape", "textbox hidden", by, False, slide=2)

    for holder, name in ((deck.slide_layouts[1], "layout"), (deck.slide_master, "master")):
        text = plant(f"{name}: text", "textbox body header hidden watermark", by, None)
        shapes = holder.shapes
        tree = shapes._spTree
        tree.append(
            etree.fromstring(
                f'<p:sp xmlns:p="{P}" xmlns:a="{A}"><p:nvSpPr><p:cNvPr id="99" name="t"/><p:cNvSpPr txBox="1"/><p:nvPr userDrawn="1"/></p:nvSpPr><p:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="3000000" cy="400000"/></a:xfrm>'
                f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr><p:txBody><a:bodyPr/><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>'
            )
        )
    deck.slide_layouts[3].name = plant("layout: name", "property hidden bookmark", by, False)
    # Footer placeholders, as PowerPoint's "header and footer" box puts them on a slide.
    for index, (kind, kinds) in enumerate((("ftr", "footer"), ("dt", "header footer"), ("sldNum", "header footer"))):
        text = plant(
            {"ftr": "footer placeholder", "dt": "date placeholder", "sldNum": "slide number placeholder"}[kind],
            kinds,
            by,
            # LibreOffice writes those two into PPT as text boxes without a placeholder's record: a text box is what the file holds.
            converted={"ppt": ("textbox",)} if kind != "ftr" else {},
            **one,
        )
        slide.shapes._spTree.append(
            etree.fromstring(
                f'<p:sp xmlns:p="{P}" xmlns:a="{A}"><p:nvSpPr><p:cNvPr id="{120 + index}" name="{kind}"/><p:cNvSpPr/><p:nvPr><p:ph type="{kind}" sz="quarter" idx="{10 + index}"/></p:nvPr></p:nvSpPr><p:spPr/>'
                f"<p:txBody><a:bodyPr/><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
            )
        )
    package = Package(saved(deck))
    extended(package, plant)
    by = "XML"
    source = "ppt/presentation.xml"
    package.relate(source, "customXml", "/customXml/item1.xml")
    package.edit(
        source,
        "</p:presentation>",
        (
            f'<p:custShowLst><p:custShow name="{plant("custom show: name", "property hidden bookmark", by, False)}" id="0"><p:sldLst/></p:custShow></p:custShowLst>'
            f'<p:extLst><p:ext uri="{{521415D9-36F7-43E2-AB2F-B90AF26B5E84}}"><p14:sectionLst xmlns:p14="http://schemas.microsoft.com/office/powerpoint/2010/main">'
            f'<p14:section name="{plant("section: name", "property hidden bookmark title", by, None)}" id="{{2096f6a2-d2f7-48be-b329-b73aaa526e5d}}"><p14:sldIdLst/></p14:section></p14:sectionLst></p:ext></p:extLst></p:presentation>'
        ),
    )
    package.part(
        "ppt/tags/tag1.xml",
        f'{HEAD}<p:tagLst xmlns:p="{P}"><p:tag name="{plant("tag: name", "property hidden label", by, False)}" val="{plant("tag: value", "property hidden label", by, False)}"/></p:tagLst>',
        f"{SLIDE}.tags+xml",
    )
    package.relate(source, "tags", "tags/tag1.xml")
    package.part(
        "ppt/handoutMasters/handoutMaster1.xml",
        (
            f'{HEAD}<p:handoutMaster xmlns:p="{P}" xmlns:a="{A}"><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/><p:sp><p:nvSpPr><p:cNvPr id="2" name="h"/><p:cNvSpPr/><p:nvPr><p:ph type="hdr"/></p:nvPr></p:nvSpPr><p:spPr/>'
            f'<p:txBody><a:bodyPr/><a:p><a:r><a:t>{plant("handout master: header", "header notes hidden", by, None)}</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld><p:clrMap bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" accent2="accent2" accent3="accent3" accent4="accent4" accent5="accent5" accent6="accent6" hlink="hlink" folHlink="folHlink"/></p:handoutMaster>'
        ),
        f"{SLIDE}.handoutMaster+xml",
    )
    package.relate(source, "handoutMaster", "handoutMasters/handoutMaster1.xml")
    return Document("slides.pptx", package.bytes(), plant.spots, "python-pptx + XML")


def objects():
    """Charts, embedded files, diagrams, comments: apart, because some readers fail on a whole file for them."""
    plant = Planting("slides-objects", "pb")
    by = "python-pptx"
    one = {"slide": 1}
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    data = CategoryChartData()
    data.categories = [plant("chart: category", "textbox body table", by, short="chart category", **one), "b"]
    data.add_series(plant("chart: series name", "textbox body table", by, short="chart series", **one), (1, 2))
    frame = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(1), Inches(4), Inches(3), data)
    frame.chart.has_title = True
    frame.chart.chart_title.text_frame.text = plant("chart: title", "textbox body title", by, **one)
    frame._element.nvGraphicFramePr.cNvPr.set(
        "descr", plant("chart: alternative text", "alt-text", "XML", False, **one)
    )
    slide.shapes.add_ole_object(
        BytesIO(embedded_sheet(plant("embedded workbook: cell", "table", "openpyxl", None, member=True, keeps=False))),
        PROG_ID.XLSX,
        Inches(6),
        Inches(1),
        icon_file=picture(),
    )
    slide.shapes.add_ole_object(
        BytesIO(plant("embedded text file (OLE package)", "body", by, None, member=True).encode()),
        "Package",
        Inches(6),
        Inches(4),
        icon_file=picture(),
    )
    package = Package(saved(deck))
    source, root = "ppt/slides/slide1.xml", "ppt/presentation.xml"
    by = "XML"
    dm, lo, qs, cs = diagram(package, plant, "ppt", source, "textbox body")
    dgm = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
    package.edit(
        source,
        "</p:spTree>",
        (
            f'<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="70" name="d"/><p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr><p:xfrm><a:off x="0" y="0"/><a:ext cx="3000000" cy="1000000"/></p:xfrm><a:graphic><a:graphicData uri="{dgm}">'
            f'<dgm:relIds xmlns:dgm="{dgm}" xmlns:r="{OFFICE}/relationships" r:dm="{dm}" r:lo="{lo}" r:qs="{qs}" r:cs="{cs}"/></a:graphicData></a:graphic></p:graphicFrame>'
            f'<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice xmlns:p14="http://schemas.microsoft.com/office/powerpoint/2010/main" Requires="p14">{box(81, plant("text box in mc:Choice", "textbox", by, **one))}</mc:Choice>'
            f'<mc:Fallback>{box(82, plant("other text in mc:Fallback", "textbox", by, None, **one))}</mc:Fallback></mc:AlternateContent></p:spTree>'
        ),
    )
    package.part(
        "ppt/commentAuthors.xml",
        (
            f'{HEAD}<p:cmAuthorLst xmlns:p="{P}"><p:cmAuthor id="0" name="{plant("comment: author", "comment property", by, None)}" initials="{plant("comment: initials", "comment property", by, None)}" lastIdx="1" clrIdx="0"/></p:cmAuthorLst>'
        ),
        f"{SLIDE}.commentAuthors+xml",
    )
    package.relate(root, "commentAuthors", "commentAuthors.xml")
    package.part(
        "ppt/comments/comment1.xml",
        (
            f'{HEAD}<p:cmLst xmlns:p="{P}"><p:cm authorId="0" dt="2026-03-02T08:00:00" idx="1"><p:pos x="10" y="10"/><p:text>{plant("comment", "comment", by, None, **one)}</p:text></p:cm></p:cmLst>'
        ),
        f"{SLIDE}.comments+xml",
    )
    package.relate(source, "comments", "../comments/comment1.xml")
    p188 = "http://schemas.microsoft.com/office/powerpoint/2018/8/main"
    package.part(
        "ppt/authors.xml",
        (
            f'{HEAD}<p188:authorLst xmlns:p188="{p188}"><p188:author id="{{1B1B1B1B-0000-0000-0000-000000000001}}" name="{plant("modern comment: author", "comment property hidden", by, None)}" initials="A" userId="{plant("modern comment: user", "comment property hidden", by, None)}" providerId="None"/></p188:authorLst>'
        ),
        "application/vnd.ms-powerpoint.authors+xml",
    )
    package.relate(root, "http://schemas.microsoft.com/office/2018/10/relationships/authors", "authors.xml")
    text = "<p188:txBody><a:bodyPr/><a:p><a:r><a:t>{}</a:t></a:r></a:p></p188:txBody>"
    ids = 'id="{{1B1B1B1B-0000-0000-0000-00000000000{}}}" authorId="{{1B1B1B1B-0000-0000-0000-000000000001}}" created="2026-03-02T08:00:00"'
    package.part(
        "ppt/comments/modernComment_1.xml",
        (
            f'{HEAD}<p188:cmLst xmlns:p188="{p188}" xmlns:a="{A}"><p188:cm {ids.format(3)}><p188:replyLst><p188:reply {ids.format(4)}>{text.format(plant("modern comment: reply", "comment", by, None, **one))}</p188:reply></p188:replyLst>'
            f'{text.format(plant("modern comment", "comment", by, None, **one))}</p188:cm></p188:cmLst>'
        ),
        "application/vnd.ms-powerpoint.comments+xml",
    )
    package.relate(
        source, "http://schemas.microsoft.com/office/2018/10/relationships/comments", "../comments/modernComment_1.xml"
    )
    return Document("slides-objects.pptx", package.bytes(), plant.spots, "python-pptx + XML")


def box(number, text):
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="b"/><p:cNvSpPr txBox="1"/><p:nvPr/></p:nvSpPr><p:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="3000000" cy="400000"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr>'
        f"<p:txBody><a:bodyPr/><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
    )


def documents():
    return [main(), objects()]
