"""OpenDocument files written by odfpy: places that the conversions of Office files do not have."""

from io import BytesIO

from odf import dc, draw, form, meta, office, opendocument, presentation, style, svg, table, text
from odf.element import Element
from odf.namespaces import OFFICENS, TABLENS, TEXTNS

from .plan import Document, Planting, patch
from .word import picture

BY = "odfpy"
#: Office formats store controls as streams of their own, which no reader has to understand.
CONTROL = {"*": ("body", "hidden", "property")}


def saved(document):
    out = BytesIO()
    document.write(out)
    return out.getvalue()


def properties(d, plant):
    for element, name in (
        (dc.Title, "title"),
        (dc.Subject, "subject"),
        (dc.Description, "description"),
        (dc.Creator, "creator"),
        (meta.InitialCreator, "initial creator"),
        (meta.Keyword, "keyword"),
        (meta.PrintedBy, "printed by"),
    ):
        d.meta.addElement(
            element(
                text=plant(
                    f"property: {name}",
                    "title property" if name == "title" else "property label",
                    BY,
                    None if name == "title" else False,
                )
            )
        )
    field = meta.UserDefined(name=plant("user-defined property: name", "property label", BY, False))
    field.addText(plant("user-defined property: value", "property label", BY, False))
    d.meta.addElement(field)
    label = meta.UserDefined(name="MSIP_Label_2096f6a2-d2f7-48be-b329-b73aaa526e5d_Name")
    label.addText(plant("label in a user-defined property (MSIP)", "label", BY, False))
    d.meta.addElement(label)
    d.meta.addElement(meta.Template(title=plant("property: template", "property link", BY, False), href="t.ott"))


def raw(namespace, name, content=None, **attributes):
    """An element with attributes that odfpy's grammar does not know."""
    element = Element(qname=(namespace, name), qattributes={}, check_grammar=False)
    for key, value in attributes.items():
        prefix, _, local = key.partition("__")
        element.setAttrNS(
            {"text": TEXTNS, "office": OFFICENS, "table": TABLENS}[prefix], local.replace("_", "-"), value
        )
    if content:
        element.addText(content, check_grammar=False)
    return element


def note(plant, about, **where):
    annotation = office.Annotation()
    annotation.addElement(dc.Creator(text=plant(f"{about}: author", "comment", BY, None)))
    annotation.addElement(text.P(text=plant(about, "comment", BY, None, **where)))
    return annotation


def image(d, plant, kinds="alt-text", **where):
    frame = (
        draw.Frame(width="2cm", height="1cm", anchortype="as-char")
        if d.mimetype.endswith("text")
        else draw.Frame(width="2cm", height="1cm", x="1cm", y="1cm")
    )
    frame.addElement(draw.Image(href=d.addPicture("p.png", mediatype="image/png", content=picture().getvalue())))
    frame.addElement(svg.Title(text=plant("picture: alternative title", kinds, BY, False, **where)))
    frame.addElement(svg.Desc(text=plant("picture: alternative text", kinds, BY, False, **where)))
    frame.setAttribute("name", plant("picture: name", "alt-text property hidden", BY, False, **where))
    return frame


def writer():
    plant = Planting("text", "oa")
    d = opendocument.OpenDocumentText()
    properties(d, plant)
    hidden = style.Style(name="Hid", family="text")
    hidden.addElement(style.TextProperties(display="none"))
    white = style.Style(name="White", family="text")
    white.addElement(style.TextProperties(color="#ffffff"))
    tiny = style.Style(name="Tiny", family="text")
    tiny.addElement(style.TextProperties(fontsize="1pt"))
    mastered = style.Style(name="Master", family="paragraph", masterpagename="Standard")
    for s in (hidden, white, tiny, mastered):
        d.automaticstyles.addElement(s)

    layout = style.PageLayout(name="L")
    layout.addElement(style.PageLayoutProperties(pagewidth="21cm", pageheight="29.7cm", margin="2cm"))
    for element in (style.HeaderStyle, style.FooterStyle):
        holder = element()
        holder.addElement(style.HeaderFooterProperties(minheight="0.5cm"))
        layout.addElement(holder)
    d.automaticstyles.addElement(layout)
    master = style.MasterPage(name="Standard", pagelayoutname=layout)
    for element, about in (
        (style.Header, "header"),
        (style.HeaderLeft, "header of left pages"),
        (style.Footer, "footer"),
        (style.FooterLeft, "footer of left pages"),
    ):
        holder = element()
        holder.addElement(text.P(text=plant(about, about.split()[0], BY)))
        master.addElement(holder)
    d.masterstyles.addElement(master)
    spare = style.MasterPage(name="Spare", pagelayoutname=layout)
    holder = style.Header()
    holder.addElement(text.P(text=plant("header of a page style not in use", "header", BY, None)))
    spare.addElement(holder)
    d.masterstyles.addElement(spare)

    body = d.text
    changes = text.TrackedChanges(trackchanges="true")

    def region(identity, element, about, content=None):
        changed = text.ChangedRegion(qattributes={(TEXTNS, "id"): identity}, check_grammar=False)
        change = element()
        info = office.ChangeInfo()
        info.addElement(dc.Creator(text=plant(f"{about}: author", "comment property hidden deleted", BY, None)))
        info.addElement(dc.Date(text="2026-03-02T08:00:00"))
        info.addElement(text.P(text=plant(f"{about}: comment", "comment", BY, None)))
        change.addElement(info)
        if content:
            change.addElement(text.P(text=content))
        changed.addElement(change)
        changes.addElement(changed)

    region("ct1", text.Insertion, "insertion")
    region("ct2", text.Deletion, "deletion", plant("tracked deletion", "deleted", BY, False))
    body.addElement(changes)
    decls = text.UserFieldDecls()
    user = text.UserFieldDecl(
        name=plant("user field: name", "form-field property hidden bookmark", BY, None),
        valuetype="string",
        stringvalue=plant("user field: value", "form-field property hidden body", BY, None),
    )
    decls.addElement(user)
    body.addElement(decls)

    first = text.P(stylename=mastered)
    first.addText(plant("paragraph", "body", BY))
    body.addElement(first)
    body.addElement(text.H(outlinelevel=1, text=plant("heading", "body", BY)))

    def paragraph(*items):
        p = text.P()
        for item in items:
            if isinstance(item, str):
                p.addText(item)
            else:
                p.addElement(item)
        body.addElement(p)

    paragraph("a ", text.Span(stylename=hidden, text=plant("hidden text (text:display)", "hidden", BY, False)))
    paragraph(
        "a ",
        text.Span(stylename=white, text=plant("white text", "body hidden", BY, None)),
        " ",
        text.Span(stylename=tiny, text=plant("text of 1 point", "body hidden", BY, None)),
    )
    paragraph(
        "a ",
        text.ChangeStart(changeid="ct1"),
        plant("tracked insertion", "body", BY),
        text.ChangeEnd(changeid="ct1"),
        " ",
        text.Change(changeid="ct2"),
        ". b",
    )
    for about in ("footnote", "endnote"):
        n = text.Note(noteclass=about, id=about)
        n.addElement(text.NoteCitation(text="1"))
        inner = text.NoteBody()
        inner.addElement(text.P(text=plant(about, "footnote", BY)))
        n.addElement(inner)
        paragraph("n", n)
    paragraph("c", note(plant, "comment"))
    paragraph(
        text.BookmarkStart(name=plant("bookmark", "bookmark", BY, None)),
        "b",
        text.BookmarkEnd(name=plant.spots[-1].token),
    )
    paragraph(
        text.ReferenceMarkStart(name=plant("reference mark", "bookmark", BY, None)),
        "r",
        text.ReferenceMarkEnd(name=plant.spots[-1].token),
    )
    paragraph(
        text.A(
            href=f"https://example.org/{plant('link: target', 'link', BY, False)}",
            title=plant("link: title", "link alt-text", BY, False),
            text=plant("link: text", "body", BY),
        )
    )
    paragraph(
        "h ",
        text.HiddenText(
            condition="ooow:1", stringvalue=plant("hidden-text field", "hidden form-field", BY, False), ishidden="true"
        ),
    )
    paragraph(
        "h ",
        text.ConditionalText(
            condition="ooow:1",
            stringvalueiftrue=plant("conditional text: then", "hidden form-field", BY, None),
            stringvalueiffalse=plant("conditional text: else", "hidden form-field", BY, None),
            text="now",
        ),
    )
    paragraph(
        "h ",
        text.HiddenParagraph(condition="ooow:1", ishidden="true"),
        plant("hidden paragraph (field)", "hidden body", BY, None),
    )
    paragraph(
        "i ",
        text.TextInput(
            description=plant("input field: hint", "form-field alt-text", BY, None),
            text=plant("input field: text", "form-field body", BY),
        ),
    )
    paragraph(
        "i ",
        text.Placeholder(
            placeholdertype="text",
            description=plant("placeholder: hint", "form-field alt-text", BY, None),
            text=plant("placeholder: text", "form-field body", BY),
        ),
    )
    paragraph(
        "u ",
        text.UserFieldGet(
            name=plant.spots[[s.about for s in plant.spots].index("user field: name")].token, text="shown"
        ),
    )
    paragraph("s ", text.Script(language="JavaScript", text=plant("script in the text", "script", BY, False)))
    paragraph("m ", text.Meta(text=plant("text in text:meta", "body form-field", BY)))
    paragraph("r ", ruby(plant))
    section = text.Section(name=plant("section: name", "bookmark property hidden", BY, None), display="none")
    section.addElement(
        text.P(
            text=plant(
                "hidden section",
                "hidden",
                BY,
                False,
                keeps=False,
                converted={"docx": ("body",), "doc": ("body",), "rtf": ("body",)},
            )
        )
    )
    body.addElement(section)
    grid = table.Table(name=plant("table: name", "bookmark property alt-text hidden", BY, None))
    grid.addElement(table.TableColumn(numbercolumnsrepeated=1))
    row = table.TableRow()
    cell = table.TableCell(valuetype="string")
    cell.addElement(text.P(text=plant("table cell", "table", BY)))
    row.addElement(cell)
    grid.addElement(row)
    body.addElement(grid)
    frame = draw.Frame(width="4cm", height="2cm", anchortype="paragraph")
    box = draw.TextBox()
    box.addElement(text.P(text=plant("text box", "textbox", BY)))
    frame.addElement(box)
    paragraph(frame)
    paragraph(image(d, plant))
    shape = draw.CustomShape(width="4cm", height="2cm", anchortype="paragraph", x="1cm", y="1cm")
    shape.addElement(
        text.P(text=plant("text of a shape", "textbox", BY, converted={"rtf": ("watermark",), "doc": ("watermark",)}))
    )
    shape.addElement(draw.EnhancedGeometry(type="rectangle", enhancedpath="M 0 0 L 21600 0 21600 21600 0 21600 Z N"))
    paragraph(shape)
    forms = office.Forms()
    f = form.Form(name="f")
    f.addElement(
        form.Text(
            id="c1",
            name=plant("form control: name", "form-field bookmark", BY, None, converted=CONTROL),
            value=plant("form control: value", "form-field", BY, None, converted=CONTROL),
            title=plant("form control: tooltip", "form-field alt-text", BY, None, converted=CONTROL),
        )
    )
    f.addElement(
        form.Checkbox(
            id="c2", name="box", label=plant("form control: label", "form-field", BY, None, converted=CONTROL)
        )
    )
    forms.addElement(f)
    body.insertBefore(forms, body.firstChild)
    paragraph(
        draw.Control(control="c1", width="3cm", height="1cm", anchortype="as-char"),
        draw.Control(control="c2", width="3cm", height="1cm", anchortype="as-char"),
    )
    counter = text.ListLevelStyleNumber(
        level=1, numformat="1", numprefix=plant("numbering: prefix", "body hidden property", BY, None) + " "
    )
    listed = text.ListStyle(name="Num")
    listed.addElement(counter)
    d.automaticstyles.addElement(listed)
    items = text.List(stylename=listed)
    item = text.ListItem()
    item.addElement(text.P(text=plant("list item", "body", BY)))
    items.addElement(item)
    body.addElement(items)
    return Document("text.odt", patch(saved(d)), plant.spots, BY)


def ruby(plant):
    holder = text.Ruby()
    holder.addElement(text.RubyBase(text="base"))
    holder.addElement(text.RubyText(text=plant("ruby text", "body", BY)))
    return holder


def calc():
    plant = Planting("table", "ob")
    d = opendocument.OpenDocumentSpreadsheet()
    properties(d, plant)
    gone = style.Style(name="Gone", family="table")
    gone.addElement(style.TableProperties(display="false"))
    d.automaticstyles.addElement(gone)
    layout = style.PageLayout(name="L")
    layout.addElement(style.PageLayoutProperties(margin="2cm"))
    d.automaticstyles.addElement(layout)
    master = style.MasterPage(name="Default", pagelayoutname=layout)
    for element, about in (
        (style.Header, "header"),
        (style.HeaderLeft, "header of left pages"),
        (style.Footer, "footer"),
        (style.FooterLeft, "footer of left pages"),
    ):
        holder = element()
        if about == "header":
            region = style.RegionLeft()
            region.addElement(text.P(text=plant("header: left region", "header", BY)))
            holder.addElement(region)
        else:
            holder.addElement(text.P(text=plant(about, about.split()[0], BY)))
        master.addElement(holder)
    d.masterstyles.addElement(master)
    visible = style.Style(name="Shown", family="table", masterpagename="Default")
    visible.addElement(style.TableProperties(display="true"))
    d.automaticstyles.addElement(visible)

    rules = table.ContentValidations()
    rule = table.ContentValidation(
        name="v1",
        condition=f'of:cell-content-is-in-list("{plant("validation: list", "form-field hidden", BY, None)}";"b")',
        basecelladdress="Main.B1",
    )
    message = table.HelpMessage(title=plant("validation: prompt title", "form-field", BY, None), display="true")
    message.addElement(text.P(text=plant("validation: prompt", "form-field", BY, None)))
    rule.addElement(message)
    error = table.ErrorMessage(title=plant("validation: error title", "form-field", BY, None), display="true")
    error.addElement(text.P(text=plant("validation: error", "form-field", BY, None)))
    rule.addElement(error)
    rules.addElement(rule)
    d.spreadsheet.addElement(rules)
    sheet = table.Table(name="Main", stylename=visible)
    on = {"sheet": "Main"}
    sheet.addElement(table.TableColumn(numbercolumnsrepeated=3))
    sheet.addElement(table.TableColumn(visibility="collapse"))

    def row(*cells, **attributes):
        r = table.TableRow(**attributes)
        for c in cells:
            r.addElement(c)
        sheet.addElement(r)

    def cell(token, **attributes):
        c = table.TableCell(valuetype="string", **attributes)
        c.addElement(text.P(text=token))
        return c

    row(
        cell(plant("cell", "table", BY, cell="A1", **on)),
        cell("v", contentvalidationname="v1"),
        cell("x"),
        cell(plant("cell of a hidden column", "table hidden", BY, False, cell="D1", **on)),
    )
    formula = table.TableCell(
        valuetype="string",
        formula=f'of:=LOWER("{plant("formula: literal", "hidden table", BY, False, cell="A2", **on)}")',
        stringvalue="x",
    )
    formula.addElement(text.P(text=plant("formula: string result", "table", BY, cell="A2", **on)))
    commented = cell("c")
    commented.insertBefore(note(plant, "comment", **on), commented.firstChild)
    linked = table.TableCell(valuetype="string")
    p = text.P()
    p.addElement(
        text.A(
            href=f"https://example.org/{plant('link: target', 'link', BY, False)}",
            text=plant("link: text", "table", BY, cell="C2", **on),
        )
    )
    linked.addElement(p)
    row(formula, commented, linked)
    two = table.TableCell(valuetype="string")
    two.addElement(text.P(text=plant("cell: first paragraph", "table", BY, cell="A3", **on)))
    two.addElement(text.P(text=plant("cell: second paragraph", "table", BY, cell="A3", **on)))
    row(
        two,
        table.TableCell(numbercolumnsrepeated=1),
        cell(plant("cell after repeated ones", "table", BY, cell="C3", **on)),
    )
    row(cell(plant("cell of a hidden row", "table hidden", BY, False, cell="A4", **on)), visibility="collapse")
    row(cell(plant("cell of a filtered row", "table hidden", BY, False, cell="A5", **on)), visibility="filter")
    row(table.TableCell(), numberrowsrepeated=3)
    row(cell(plant("cell after repeated rows", "table", BY, cell="A9", **on)))
    merged = table.CoveredTableCell(valuetype="string")
    merged.addElement(text.P(text=plant("covered cell of a merge", "table hidden", BY, None, cell="B10", **on)))
    row(cell("m", numbercolumnsspanned=2, numberrowsspanned=1), merged)
    # Shapes of a sheet.
    frame = draw.Frame(width="4cm", height="2cm", x="8cm", y="1cm")
    holder = draw.TextBox()
    holder.addElement(text.P(text=plant("text box", "textbox", BY, **on)))
    frame.addElement(holder)
    shapes = table.Shapes()
    shapes.addElement(frame)
    shapes.addElement(image(d, plant))
    sheet.insertBefore(shapes, sheet.firstChild)
    d.spreadsheet.addElement(sheet)
    side = table.Table(name="Hid", stylename=gone)
    r = table.TableRow()
    r.addElement(cell(plant("cell of a hidden sheet", "hidden table", BY, False, sheet="Hid", cell="A1")))
    side.addElement(r)
    d.spreadsheet.addElement(side)
    named = table.Table(name=plant("name of a sheet", "property", BY))
    r = table.TableRow()
    r.addElement(cell("x"))
    named.addElement(r)
    d.spreadsheet.addElement(named)
    names = table.NamedExpressions()
    names.addElement(
        table.NamedRange(
            name=plant("named range", "bookmark", BY, None), cellrangeaddress="$Main.$A$1", basecelladdress="$Main.$A$1"
        )
    )
    names.addElement(
        table.NamedExpression(
            name=plant("named expression", "bookmark", BY, None),
            expression=f'of:="{plant("named expression: value", "hidden bookmark", BY, None)}"',
            basecelladdress="$Main.$A$1",
        )
    )
    d.spreadsheet.addElement(names)
    ranges = table.DatabaseRanges()
    span = table.DatabaseRange(
        name=plant("database range: name", "bookmark", BY, None), targetrangeaddress="Main.A1:Main.C3"
    )
    chosen = table.Filter()
    chosen.addElement(
        table.FilterCondition(fieldnumber=0, value=plant("filter: value", "hidden", BY, False), operator="=")
    )
    span.addElement(chosen)
    ranges.addElement(span)
    d.spreadsheet.addElement(ranges)
    return Document("table.ods", saved(d), plant.spots, BY)


def impress():
    plant = Planting("show", "oc")
    d = opendocument.OpenDocumentPresentation()
    properties(d, plant)
    layout = style.PageLayout(name="L")
    layout.addElement(style.PageLayoutProperties(margin="0cm", pagewidth="28cm", pageheight="21cm"))
    d.automaticstyles.addElement(layout)
    hide = style.Style(name="Hide", family="drawing-page")
    hide.addElement(style.DrawingPageProperties(visibility="hidden"))
    d.automaticstyles.addElement(hide)
    shown = style.Style(name="Show", family="drawing-page")
    shown.addElement(style.DrawingPageProperties(displayfooter="true", displaydatetime="true", displayheader="true"))
    d.automaticstyles.addElement(shown)
    master = style.MasterPage(name="M", pagelayoutname=layout)
    d.masterstyles.addElement(master)

    def box(token, **attributes):
        frame = draw.Frame(width="8cm", height="2cm", x="1cm", y="3cm", **attributes)
        holder = draw.TextBox()
        holder.addElement(text.P(text=token))
        frame.addElement(holder)
        return frame

    master.addElement(box(plant("master: text", "textbox body header hidden watermark", BY, None)))
    one = {"slide": 1}
    page = draw.Page(
        name=plant("name of a slide", "property bookmark title hidden", BY, None),
        masterpagename=master,
        stylename=shown,
        usefootername="f1",
        useheadername="h1",
        usedatetimename="d1",
    )
    for element, about, kinds, name in (
        (presentation.FooterDecl, "footer", "footer", "f1"),
        (presentation.HeaderDecl, "header", "header", "h1"),
    ):
        d.presentation.addElement(element(name=name, text=plant(f"{about} of the slides", kinds, BY, None)))
    d.presentation.addElement(
        presentation.DateTimeDecl(
            name="d1", source="fixed", text=plant("date of the slides", "header footer", BY, None)
        )
    )
    page.addElement(box(plant("title of a slide", "title body textbox", BY, **one)))
    page.addElement(box(plant("text box", "textbox body", BY, **one)))
    page.addElement(image(d, plant, **one))
    group = draw.G()
    group.addElement(box(plant("text box in a group", "textbox", BY, **one)))
    page.addElement(group)
    grid = draw.Frame(width="8cm", height="2cm", x="1cm", y="9cm")
    t = table.Table()
    t.addElement(table.TableColumn())
    r = table.TableRow()
    c = table.TableCell()
    c.addElement(text.P(text=plant("table cell", "table", BY, **one)))
    r.addElement(c)
    t.addElement(r)
    grid.addElement(t)
    page.addElement(grid)
    link = box("x")
    p = text.P()
    p.addElement(
        text.A(
            href=f"https://example.org/{plant('link: target', 'link', BY, False, **one)}",
            text=plant("link: text", "textbox", BY, **one),
        )
    )
    link.firstChild.addElement(p)
    page.addElement(link)
    notes = presentation.Notes()
    notes.addElement(box(plant("speaker notes", "notes", BY, None, **one)))
    page.addElement(notes)
    comment = note(plant, "comment", **one)
    page.addElement(comment, check_grammar=False)
    d.presentation.addElement(page)
    second = draw.Page(name="Two", masterpagename=master, stylename=hide)
    second.addElement(box(plant("text box of a hidden slide", "textbox body hidden", BY, False, slide=2)))
    d.presentation.addElement(second)
    settings = presentation.Settings()
    settings.addElement(
        presentation.Show(name=plant("custom show: name", "property hidden bookmark", BY, False), pages="Two")
    )
    d.presentation.addElement(settings)
    return Document("show.odp", saved(d), plant.spots, BY)


def documents():
    return [writer(), calc(), impress()]
