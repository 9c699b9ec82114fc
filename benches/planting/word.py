"""Text documents: what python-docx writes, and the parts of a DOCX that no library writes."""

from io import BytesIO

import docx
import openpyxl
from docx.enum.text import WD_BREAK
from docx.oxml import parse_xml
from docx.shared import Pt, RGBColor
from PIL import Image

from .plan import HEAD, OFFICE, Document, Package, Planting

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NS = (
    f'xmlns:w="{W}" xmlns:r="{OFFICE}/relationships" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
)
DRAWING = "application/vnd.openxmlformats-officedocument.drawingml"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def saved(document):
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def picture():
    out = BytesIO()
    Image.new("RGB", (60, 20), "white").save(out, "PNG")
    return BytesIO(out.getvalue())


def add(document, xml):
    """Puts the children of a piece of body XML before the section's properties."""
    for child in list(parse_xml(f"<w:x {NS}>{xml}</w:x>")):
        document.element.body.insert(len(document.element.body) - 1, child)


def core(plant, properties, by):
    """All text properties of docProps/core.xml."""
    properties.title = plant("property: title", "title property", by, None)
    for name in (
        "subject",
        "author",
        "keywords",
        "comments",
        "category",
        "content_status",
        "last_modified_by",
        "identifier",
        "version",
    ):
        setattr(properties, name, plant("property: " + name.replace("_", " "), "property label", by, False))


def extended(package, plant):
    """Custom properties, company and manager, the label part, custom XML: places of every OOXML package."""
    company = plant("property: company", "property label", "XML", False)
    manager = plant("property: manager", "property label", "XML", False)
    template = plant("property: template", "property label", "XML", False)
    titles = plant("property: titles of parts", "property label", "XML", False)
    app = (
        f'{HEAD}<Properties xmlns="{OFFICE}/extended-properties" xmlns:vt="{OFFICE}/docPropsVTypes"><Template>{template}</Template>'
        f'<Manager>{manager}</Manager><Company>{company}</Company><TitlesOfParts><vt:vector size="1" baseType="lpstr">'
        f"<vt:lpstr>{titles}</vt:lpstr></vt:vector></TitlesOfParts></Properties>"
    )
    from zipfile import ZipFile

    with ZipFile(BytesIO(package.data)) as archive:
        known = "docProps/app.xml" in archive.namelist()
    package.part(
        "docProps/app.xml",
        app,
        None if known else "application/vnd.openxmlformats-officedocument.extended-properties+xml",
    )
    if not known:
        package.relate("", "extended-properties", "docProps/app.xml")
    name = plant("custom property: name", "property label", "XML", False)
    value = plant("custom property: value", "property label", "XML", False)
    label = plant("label in a custom property (MSIP)", "label", "XML", False)
    fmtid = 'fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"'
    package.part(
        "docProps/custom.xml",
        (
            f'{HEAD}<Properties xmlns="{OFFICE}/custom-properties" xmlns:vt="{OFFICE}/docPropsVTypes">'
            f'<property {fmtid} pid="2" name="{name}"><vt:lpwstr>{value}</vt:lpwstr></property>'
            f'<property {fmtid} pid="3" name="MSIP_Label_2096f6a2-d2f7-48be-b329-b73aaa526e5d_Name"><vt:lpwstr>{label}</vt:lpwstr></property>'
            "</Properties>"
        ),
        "application/vnd.openxmlformats-officedocument.custom-properties+xml",
    )
    package.relate("", "custom-properties", "docProps/custom.xml")
    part = plant("label part (LabelInfo.xml)", "label", "XML", False)
    package.part(
        "docMetadata/LabelInfo.xml",
        (
            f'{HEAD}<clbl:labelList xmlns:clbl="http://schemas.microsoft.com/office/2020/mipLabelMetadata"><clbl:label '
            f'id="{{2096f6a2-d2f7-48be-b329-b73aaa526e5d}}" enabled="1" method="Privileged" siteId="{{11111111-2222-3333-4444-555555555555}}" '
            f'name="{part}" removed="0"/></clbl:labelList>'
        ),
    )
    package.relate(
        "",
        "http://schemas.microsoft.com/office/2020/02/relationships/classificationlabels",
        "docMetadata/LabelInfo.xml",
    )
    text = plant("custom XML: text", "hidden property label", "XML", False)
    attribute = plant("custom XML: attribute", "hidden property label", "XML", False)
    package.part(
        "customXml/item1.xml", f'{HEAD}<paper xmlns="urn:example" grade="{attribute}"><mark>{text}</mark></paper>'
    )


def main():
    plant = Planting("word", "da")
    by = "python-docx"
    d = docx.Document()
    core(plant, d.core_properties, by)
    d.add_heading(plant("heading", "body", by), 1)
    d.add_paragraph(plant("paragraph", "body", by))
    halves = plant("word cut into runs", "body", by)
    p = d.add_paragraph()
    for index in range(0, len(halves), 3):
        p.add_run(halves[index : index + 3]).bold = index % 2 == 0
    d.add_paragraph(plant("list item", "body", by), "List Bullet")
    table = d.add_table(2, 2)
    table.cell(0, 0).text = plant("table cell", "table", by)
    table.cell(1, 1).add_table(1, 1).cell(0, 0).text = plant("cell of a table in a cell", "table", by)
    p = d.add_paragraph("a ")
    run = p.add_run(plant("hidden text (w:vanish)", "hidden", by, False))
    run.font.hidden = True
    run = p.add_run(" " + plant("white text", "body hidden", by, None))
    run.font.color.rgb = RGBColor(255, 255, 255)
    run = p.add_run(" " + plant("text of 1 point", "body hidden", by, None))
    run.font.size = Pt(1)
    run = p.add_run(" " + plant("text struck through", "body", by))
    run.font.strike = True
    p.add_run(" x").add_break(WD_BREAK.PAGE)

    picture_run = d.add_paragraph().add_run()
    shape = picture_run.add_picture(picture())
    properties = shape._inline.docPr
    properties.set("descr", plant("picture: alternative text", "alt-text", "XML", False))
    properties.set("title", plant("picture: alternative title", "alt-text", "XML", False))
    properties.set("name", plant("picture: name", "alt-text property hidden", "XML", False))

    # Headers and footers: of the first section all kinds in use, of the second all switched off but written.
    d.settings.odd_and_even_pages_header_footer = True
    first = d.sections[0]
    first.different_first_page_header_footer = True
    first.header.paragraphs[0].text = plant("header", "header", by)
    first.first_page_header.paragraphs[0].text = plant("header of the first page", "header", by)
    first.even_page_header.paragraphs[0].text = plant("header of even pages", "header", by)
    first.footer.paragraphs[0].text = plant("footer", "footer", by)
    first.first_page_footer.paragraphs[0].text = plant("footer of the first page", "footer", by)
    first.even_page_footer.paragraphs[0].text = plant("footer of even pages", "footer", by)
    cell = first.header.add_table(1, 1, Pt(200)).cell(0, 0)
    cell.text = plant("header: table cell", "header", by)
    second = d.add_section()
    second.different_first_page_header_footer = True
    for part in (second.first_page_header, second.first_page_footer):
        part.is_linked_to_previous = False
    second.first_page_header.paragraphs[0].text = plant("first header, switched off", "header", by, None)
    second.first_page_footer.paragraphs[0].text = plant("first footer, switched off", "footer", by, None)
    second.different_first_page_header_footer = False
    d.add_paragraph("x")

    package = Package(saved(d))
    extended(package, plant)
    package.relate("word/document.xml", "customXml", "../customXml/item1.xml")
    return Document("word.docx", package.bytes(), plant.spots, "python-docx + XML")


def comments():
    """Comments apart from the rest, because some readers fail on a whole file for them."""
    plant = Planting("word-comments", "dd")
    by = "python-docx"
    d = docx.Document()
    p = d.add_paragraph("about this")
    comment = d.add_comment(
        [p.runs[0]],
        text=plant("comment", "comment", by, None),
        author=plant("comment: author", "comment", by, None),
        initials=plant("comment: initials", "comment", by, None),
    )
    comment.add_paragraph(plant("comment: second paragraph", "comment", by, None))
    package = Package(saved(d))
    by = "XML"
    document = "word/document.xml"
    # Comments as Word 365 keeps them: the people apart.
    package.part(
        "word/people.xml",
        (
            f'{HEAD}<w15:people xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml"><w15:person w15:author="{plant("people: author", "comment property hidden", by, None)}">'
            f'<w15:presenceInfo w15:providerId="AD" w15:userId="{plant("people: user", "comment property hidden", by, None)}"/></w15:person></w15:people>'
        ),
        f"{WORD}.people+xml",
    )
    package.relate(document, "http://schemas.microsoft.com/office/2011/relationships/people", "people.xml")
    return Document("word-comments.docx", package.bytes(), plant.spots, "python-docx + XML")


def run(text, properties=""):
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def marks():
    """What has no interface in a library: revisions, fields, content controls, links, notes, settings."""
    plant = Planting("word-marks", "db")
    by = "XML"
    d = docx.Document()
    d.add_paragraph("x")
    who = 'w:author="{}" w:date="2026-03-02T08:00:00Z"'
    add(
        d,
        f"""
<w:p>{run('a ')}<w:ins w:id="101" {who.format(plant("insertion: author", "comment property hidden", by, None, keeps=False))}>{run(plant("tracked insertion", "body", by))}</w:ins>{run(' ')}
 <w:del w:id="102" {who.format(plant("deletion: author", "comment property hidden deleted", by, None))}><w:r><w:delText>{plant("tracked deletion", "deleted", by, False)}</w:delText></w:r></w:del></w:p>
<w:p><w:moveFromRangeStart w:id="103" w:name="move1" {who.format('A')}/><w:moveFrom w:id="104" {who.format('A')}>{run(plant("tracked move: old place", "deleted", by, False))}</w:moveFrom><w:moveFromRangeEnd w:id="103"/></w:p>
<w:p><w:moveToRangeStart w:id="105" w:name="move1" {who.format('A')}/><w:moveTo w:id="106" {who.format('A')}>{run(plant("tracked move: new place", "body", by))}</w:moveTo><w:moveToRangeEnd w:id="105"/></w:p>
<w:tbl><w:tblPr/><w:tr><w:trPr><w:del w:id="107" {who.format('A')}/></w:trPr><w:tc><w:p><w:del w:id="108" {who.format('A')}><w:r><w:delText>{plant("cell of a deleted row", "deleted", by, False)}</w:delText></w:r></w:del></w:p></w:tc></w:tr></w:tbl>
<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> QUOTE "{plant("field: instruction", "hidden", by, False)}" </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>{run(plant("field: result", "body form-field", by))}<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>
<w:p><w:fldSimple w:instr=' QUOTE "{plant("simple field: instruction", "hidden", by, False)}" '>{run(plant("simple field: result", "body form-field", by))}</w:fldSimple></w:p>
<w:p><w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:name w:val="{plant("old form field: name", "form-field bookmark", by, None)}"/><w:enabled/><w:calcOnExit w:val="0"/><w:helpText w:type="text" w:val="{plant("old form field: help", "form-field alt-text", by, None)}"/><w:statusText w:type="text" w:val="{plant("old form field: status text", "form-field alt-text", by, None)}"/><w:textInput><w:default w:val="{plant("old form field: default", "form-field", by, None)}"/></w:textInput></w:ffData></w:fldChar></w:r><w:r><w:instrText> FORMTEXT </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>{run(plant("old form field: text", "body form-field", by))}<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>
<w:p><w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:name w:val="Drop"/><w:enabled/><w:calcOnExit w:val="0"/><w:ddList><w:listEntry w:val="{plant("old drop-down: item", "form-field", by, None)}"/><w:listEntry w:val="b"/></w:ddList></w:ffData></w:fldChar></w:r><w:r><w:instrText> FORMDROPDOWN </w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>
<w:sdt><w:sdtPr><w:alias w:val="{plant("content control: title", "form-field", by, None)}"/><w:tag w:val="{plant("content control: tag", "form-field", by, None)}"/><w:id w:val="5001"/></w:sdtPr><w:sdtContent><w:p>{run(plant("content control: text", "body form-field", by))}</w:p></w:sdtContent></w:sdt>
<w:sdt><w:sdtPr><w:id w:val="5002"/><w:showingPlcHdr/><w:text/></w:sdtPr><w:sdtContent><w:p>{run(plant("content control: placeholder shown", "body form-field", by))}</w:p></w:sdtContent></w:sdt>
<w:sdt><w:sdtPr><w:id w:val="5003"/><w:dropDownList><w:listItem w:displayText="{plant("drop-down: item", "form-field", by, None)}" w:value="{plant("drop-down: value", "form-field", by, None)}"/></w:dropDownList></w:sdtPr><w:sdtContent><w:p>{run('choose')}</w:p></w:sdtContent></w:sdt>
<w:sdt><w:sdtPr><w:id w:val="5004"/><w:dataBinding w:xpath="/paper/{plant("content control: data binding", "form-field hidden", by, False)}" w:storeItemID="{{0}}"/><w:text/></w:sdtPr><w:sdtContent><w:p>{run('bound')}</w:p></w:sdtContent></w:sdt>
<w:p><w:bookmarkStart w:id="7" w:name="{plant("bookmark", "bookmark", by, None)}"/>{run('b')}<w:bookmarkEnd w:id="7"/></w:p>
<w:p><w:smartTag w:uri="urn:example" w:element="{plant("smart tag: element", "hidden property", by, False)}"><w:smartTagPr><w:attr w:name="a" w:val="{plant("smart tag: attribute", "hidden property", by, False)}"/></w:smartTagPr>{run(plant("smart tag: text", "body", by))}</w:smartTag></w:p>
<w:p><w:r><w:ruby><w:rubyPr/><w:rt>{run(plant("ruby text", "body", by))}</w:rt><w:rubyBase>{run('base')}</w:rubyBase></w:ruby></w:r></w:p>
<w:p><m:oMath xmlns:m="{OFFICE}/math"><m:r><m:t>{plant("formula", "body", by)}</m:t></m:r></m:oMath></w:p>
<w:p>{run(plant("text hidden on the web only", "body hidden", by, None), '<w:webHidden/>')}{run(' ')}{run(plant("text in capitals by style", "body", by), '<w:caps/>')}</w:p>
""",
    )
    settings = d.settings.element
    settings.append(
        parse_xml(
            f'<w:docVars {NS}><w:docVar w:name="{plant("document variable: name", "hidden property form-field", by, False)}" '
            f'w:val="{plant("document variable: value", "hidden property form-field", by, False)}"/></w:docVars>'
        )
    )
    settings.insert(
        0,
        parse_xml(
            f'<w:mailMerge {NS}><w:mainDocumentType w:val="formLetters"/><w:dataType w:val="textFile"/>'
            f'<w:connectString w:val="{plant("mail merge: connection", "hidden property link", by, False)}"/>'
            f'<w:query w:val="SELECT * FROM {plant("mail merge: query", "hidden property", by, False)}"/></w:mailMerge>'
        ),
    )
    package = Package(saved(d))
    document = "word/document.xml"
    link = package.relate(
        document, "hyperlink", f"https://example.org/{plant('link: target', 'link', by, False)}", external=True
    )
    end = "<w:sectPr"
    package.edit(
        document,
        end,
        (
            f'<w:p><w:hyperlink xmlns:r="{OFFICE}/relationships" r:id="{link}" w:tooltip="{plant("link: tooltip", "link alt-text", by, False)}">'
            f'{run(plant("link: text", "body", by))}</w:hyperlink></w:p>'
            f'<w:p>{run("n")}<w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:endnoteReference w:id="2"/></w:r></w:p>{end}'
        ),
    )
    for what in ("footnote", "endnote"):
        package.part(
            f"word/{what}s.xml",
            (
                f'{HEAD}<w:{what}s xmlns:w="{W}"><w:{what} w:type="separator" w:id="0"><w:p><w:r><w:separator/></w:r></w:p></w:{what}>'
                f'<w:{what} w:id="2"><w:p>{run(plant(what, "footnote", by))}</w:p></w:{what}></w:{what}s>'
            ),
            f"{WORD}.{what}s+xml",
        )
        package.relate(document, f"{what}s", f"{what}s.xml")
    # The glossary (building blocks): quick parts and the placeholder texts of content controls.
    package.part(
        "word/glossary/document.xml",
        (
            f'{HEAD}<w:glossaryDocument xmlns:w="{W}"><w:docParts><w:docPart><w:docPartPr><w:name w:val="{plant("glossary: name", "hidden property form-field bookmark", by, False)}"/>'
            f'<w:category><w:name w:val="{plant("glossary: category", "hidden property form-field bookmark", by, False)}"/><w:gallery w:val="placeholder"/></w:category>'
            f'<w:description w:val="{plant("glossary: description", "hidden property form-field", by, False)}"/></w:docPartPr>'
            f'<w:docPartBody><w:p>{run(plant("glossary: text", "hidden form-field", by, False))}</w:p></w:docPartBody></w:docPart></w:docParts></w:glossaryDocument>'
        ),
        f"{WORD}.document.glossary+xml",
    )
    package.relate(document, "glossaryDocument", "glossary/document.xml")
    # A style nobody uses and a numbering text.
    package.edit(
        "word/styles.xml",
        "</w:styles>",
        f'<w:style w:type="paragraph" w:styleId="zz"><w:name w:val="{plant("style: name", "hidden property", by, False)}"/></w:style></w:styles>',
    )
    package.part("word/webSettings.xml", f'{HEAD}<w:webSettings xmlns:w="{W}"><w:divs/></w:webSettings>')
    return Document("word-marks.docx", package.bytes(), plant.spots, "python-docx + XML")


def numbering(token):
    return (
        f'{HEAD}<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="77"><w:multiLevelType w:val="singleLevel"/>'
        f'<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="{token} %1"/><w:lvlJc w:val="left"/></w:lvl></w:abstractNum>'
        '<w:num w:numId="77"><w:abstractNumId w:val="77"/></w:num></w:numbering>'
    )


def chart(plant, kinds, by="XML"):
    """A bar chart part with cached texts."""
    c = "http://schemas.openxmlformats.org/drawingml/2006/chart"
    a = "http://schemas.openxmlformats.org/drawingml/2006/main"
    title = plant("chart: title", kinds, by, converted={"*": ("table",)})
    series = plant("chart: series name in the cache", kinds, by, converted={"*": ("table",)}, short="chart series")
    category = plant("chart: category in the cache", kinds, by, converted={"*": ("table",)}, short="chart category")
    axis = plant("chart: axis title", kinds, by, converted={"*": ("table",)})
    rich = "<c:tx><c:rich><a:bodyPr/><a:p><a:r><a:t>{}</a:t></a:r></a:p></c:rich></c:tx>"
    return (
        f'{HEAD}<c:chartSpace xmlns:c="{c}" xmlns:a="{a}"><c:chart><c:title>{rich.format(title)}</c:title><c:plotArea><c:layout/><c:barChart><c:barDir val="col"/><c:grouping val="clustered"/>'
        f'<c:ser><c:idx val="0"/><c:order val="0"/><c:tx><c:strRef><c:f>S!$A$1</c:f><c:strCache><c:ptCount val="1"/><c:pt idx="0"><c:v>{series}</c:v></c:pt></c:strCache></c:strRef></c:tx>'
        f'<c:cat><c:strRef><c:f>S!$B$1</c:f><c:strCache><c:ptCount val="1"/><c:pt idx="0"><c:v>{category}</c:v></c:pt></c:strCache></c:strRef></c:cat>'
        '<c:val><c:numRef><c:f>S!$C$1</c:f><c:numCache><c:ptCount val="1"/><c:pt idx="0"><c:v>1</c:v></c:pt></c:numCache></c:numRef></c:val></c:ser>'
        f'<c:axId val="1"/><c:axId val="2"/></c:barChart><c:catAx><c:axId val="1"/><c:scaling/><c:delete val="0"/><c:axPos val="b"/><c:title>{rich.format(axis)}</c:title><c:crossAx val="2"/></c:catAx><c:valAx><c:axId val="2"/><c:scaling/><c:delete val="0"/><c:axPos val="l"/><c:crossAx val="1"/></c:valAx>'
        "</c:plotArea></c:chart></c:chartSpace>"
    )


def diagram(package, plant, folder, source, kinds):
    """The five parts of a SmartArt diagram; gives the relationship ids dm, lo, qs, cs."""
    dgm = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
    a = "http://schemas.openxmlformats.org/drawingml/2006/main"
    node = plant("SmartArt: text of a node", kinds, "XML")
    drawn = plant("SmartArt: text of the drawing kept beside it", kinds, "XML", short="smartart drawing")
    parts = {
        "data": (
            f'<dgm:dataModel xmlns:dgm="{dgm}" xmlns:a="{a}"><dgm:ptLst><dgm:pt modelId="1" type="doc"><dgm:prSet/><dgm:spPr/></dgm:pt><dgm:pt modelId="2"><dgm:prSet/><dgm:spPr/>'
            f'<dgm:t><a:bodyPr/><a:lstStyle/><a:p><a:r><a:t>{node}</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:ptLst><dgm:cxnLst><dgm:cxn modelId="3" srcId="1" destId="2" srcOrd="0" destOrd="0"/></dgm:cxnLst><dgm:bg/><dgm:whole/></dgm:dataModel>',
            "diagramData",
        ),
        "layout": (
            f'<dgm:layoutDef xmlns:dgm="{dgm}" uniqueId="urn:x"><dgm:layoutNode/></dgm:layoutDef>',
            "diagramLayout",
        ),
        "quickStyle": (
            f'<dgm:styleDef xmlns:dgm="{dgm}" uniqueId="urn:x"><dgm:scene3d/></dgm:styleDef>',
            "diagramStyle",
        ),
        "colors": (f'<dgm:colorsDef xmlns:dgm="{dgm}" uniqueId="urn:x"/>', "diagramColors"),
    }
    ids = []
    for name, (xml, kind) in parts.items():
        relation = {"quickStyle": "diagramQuickStyle"}.get(name, kind)
        package.part(f"{folder}/diagrams/{name}1.xml", HEAD + xml, f"{DRAWING}.{kind}+xml")
        ids.append(package.relate(source, relation, "/" + f"{folder}/diagrams/{name}1.xml"))
    package.part(
        f"{folder}/diagrams/drawing1.xml",
        (
            f'{HEAD}<dsp:drawing xmlns:dsp="http://schemas.microsoft.com/office/drawing/2008/diagram" xmlns:a="{a}"><dsp:spTree><dsp:nvGrpSpPr><dsp:cNvPr id="0" name=""/><dsp:cNvGrpSpPr/></dsp:nvGrpSpPr><dsp:grpSpPr/>'
            f'<dsp:sp modelId="x"><dsp:nvSpPr><dsp:cNvPr id="0" name=""/><dsp:cNvSpPr/></dsp:nvSpPr><dsp:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="900000" cy="300000"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></dsp:spPr>'
            f"<dsp:txBody><a:bodyPr/><a:lstStyle/><a:p><a:r><a:t>{drawn}</a:t></a:r></a:p></dsp:txBody></dsp:sp></dsp:spTree></dsp:drawing>"
        ),
        "application/vnd.ms-office.drawingml.diagramDrawing+xml",
    )
    package.relate(
        source,
        "http://schemas.microsoft.com/office/2007/relationships/diagramDrawing",
        f"/{folder}/diagrams/drawing1.xml",
    )
    return ids


def embedded_sheet(token):
    book = openpyxl.Workbook()
    book.active["A1"] = token
    return saved(book)


def drawings():
    """Text boxes, watermarks, charts, diagrams, embedded files: what python-docx does not know."""
    plant = Planting("word-drawings", "dc")
    by = "XML"
    d = docx.Document()
    d.add_paragraph("x")
    d.sections[0].header.paragraphs[0].text = "h"
    box = lambda token: f"<w:txbxContent><w:p>{run(token)}</w:p></w:txbxContent>"
    anchor = '<wp:inline><wp:extent cx="1800000" cy="600000"/><wp:docPr id="{id}" name="s{id}" descr="{descr}"/><a:graphic><a:graphicData uri="{uri}">{content}</a:graphicData></a:graphic></wp:inline>'
    shape_uri = "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"
    drawn = '<wps:wsp><wps:cNvSpPr txBox="1"/><wps:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="1800000" cy="600000"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></wps:spPr><wps:txbx>{}</wps:txbx><wps:bodyPr/></wps:wsp>'
    vml = '<w:pict><v:shape id="{id}" alt="{alt}" type="#_x0000_t202" style="width:150pt;height:40pt"><v:textbox>{content}</v:textbox></v:shape></w:pict>'
    add(
        d,
        f"""
<w:p><w:r>{vml.format(id="vml1", alt=plant("VML shape: alternative text", "alt-text", by, False), content=box(plant("VML text box", "textbox", by)))}</w:r></w:p>
<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>{anchor.format(id=31, descr=plant("shape: alternative text", "alt-text", by, False), uri=shape_uri, content=drawn.format(box(plant("DrawingML text box (mc:Choice)", "textbox", by))))}</w:drawing></mc:Choice>
<mc:Fallback>{vml.format(id="vml2", alt="x", content=box(plant("DrawingML text box, other text in mc:Fallback", "textbox", by, None, short="fallback")))}</mc:Fallback></mc:AlternateContent></w:r></w:p>
<w:p><w:r><w:pict><v:shape id="wordart" style="width:200pt;height:50pt"><v:textpath string="{plant("WordArt text (VML)", "textbox watermark", by)}"/></v:shape></w:pict></w:r></w:p>
""",
    )
    package = Package(saved(d))
    document, header = "word/document.xml", "word/header1.xml"
    mark = plant("watermark in the header (VML)", "watermark", by)
    package.edit(
        header,
        "</w:hdr>",
        (
            f'<w:p><w:r><w:pict xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"><v:shape id="PowerPlusWaterMarkObject357476642" type="#_x0000_t136" '
            f'style="position:absolute;width:468pt;height:117pt;rotation:315;z-index:-251658752"><v:textpath style="font-family:&quot;Calibri&quot;;font-size:1pt" string="{mark}"/></v:shape></w:pict></w:r></w:p></w:hdr>'
        ),
    )
    package.part("word/charts/chart1.xml", chart(plant, "textbox body"), f"{DRAWING}.chart+xml")
    chart_id = package.relate(document, "chart", "charts/chart1.xml")
    dm, lo, qs, cs = diagram(package, plant, "word", document, "textbox body")
    sheet = package.relate(document, "package", "embeddings/sheet.xlsx")
    package.default("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    package.part(
        "word/embeddings/sheet.xlsx",
        embedded_sheet(plant("embedded workbook: cell", "table", "openpyxl", None, member=True, keeps=False)),
    )
    chunk = package.relate(document, "aFChunk", "chunk.htm")
    package.default("htm", "text/html")
    package.part(
        "word/chunk.htm", f"<html><body><p>{plant('altChunk (HTML)', 'body', by, None, member=True)}</p></body></html>"
    )
    numbered = plant("numbering text", "body hidden property", by, None)
    package.part("word/numbering.xml", numbering(numbered))
    dgm = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
    holder = (
        '<w:p xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
        f'xmlns:r="{OFFICE}/relationships"><w:r><w:drawing>{{}}</w:drawing></w:r></w:p>'
    )
    charted = anchor.format(
        id=41,
        descr=plant("chart: alternative text", "alt-text", by, False),
        uri="http://schemas.openxmlformats.org/drawingml/2006/chart",
        content=f'<c:chart xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" r:id="{chart_id}"/>',
    )
    art = anchor.format(
        id=42,
        descr="x",
        uri=dgm,
        content=f'<dgm:relIds xmlns:dgm="{dgm}" r:dm="{dm}" r:lo="{lo}" r:qs="{qs}" r:cs="{cs}"/>',
    )
    ole = (
        f'<w:p><w:r><w:object xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:r="{OFFICE}/relationships"><v:shape id="ole1" style="width:60pt;height:30pt"/>'
        f'<o:OLEObject Type="Embed" ProgID="Excel.Sheet.12" ShapeID="ole1" DrawAspect="Content" ObjectID="_1" r:id="{sheet}"/></w:object></w:r></w:p>'
    )
    package.edit(
        document,
        "<w:sectPr",
        f'{holder.format(charted)}{holder.format(art)}{ole}<w:altChunk xmlns:r="{OFFICE}/relationships" r:id="{chunk}"/>'
        f'<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="77"/></w:numPr></w:pPr>{run("numbered")}</w:p><w:sectPr',
    )
    return Document("word-drawings.docx", package.bytes(), plant.spots, "python-docx + XML")


def documents():
    return [main(), comments(), marks(), drawings()]
