"""PDF: pages by reportlab; what hangs on them by pikepdf."""

from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, String
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen import canvas

from .plan import Document, Planting


def documents():
    plant = Planting("page", "fa")
    by = "reportlab"
    out = BytesIO()
    c = canvas.Canvas(out, pagesize=A4)
    c.setTitle(plant("information: title", "title property", by, None))
    c.setAuthor(plant("information: author", "property", by, False))
    c.setSubject(plant("information: subject", "property", by, False))
    c.setKeywords(plant("information: keywords", "property label", by, False))
    c.setFont("Helvetica", 11)
    c.drawString(80, 500, plant("text of a page", "body", by))
    c.setFillColorRGB(1, 1, 1)
    c.drawString(80, 480, plant("white text", "body hidden", by, None))
    c.setFillColorRGB(0, 0, 0)
    c.setFont("Helvetica", 1)
    c.drawString(80, 460, plant("text of 1 point", "body hidden", by, None))
    c.saveState()
    text = c.beginText(80, 440)
    text.setFont("Helvetica", 11)
    text.setTextRenderMode(3)
    text.textOut(plant("invisible text (render mode 3)", "hidden ocr", by, False))
    c.drawText(text)
    c.restoreState()
    c.setFont("Helvetica", 11)
    c.drawString(80, 400, plant("text under a box", "redacted hidden", by, False))
    c.rect(70, 395, 300, 16, fill=1, stroke=0)
    c.drawString(80, 2000, plant("text outside the page", "hidden body", by, None))
    c.saveState()
    c.translate(300, 400)
    c.rotate(45)
    c.setFillAlpha(0.2)
    c.setFont("Helvetica", 30)
    c.drawCentredString(0, 0, plant("watermark drawn on the page", "body watermark", by))
    c.restoreState()
    c.beginForm("f1")
    c.drawString(80, 360, plant("text of a form XObject", "body", by))
    c.endForm()
    c.doForm("f1")
    c.bookmarkPage("p1")
    c.addOutlineEntry(plant("outline entry", "bookmark", by, None), "p1")
    c.linkURL(f"https://example.org/{plant('link: target', 'link', by, False)}", (80, 300, 200, 320))
    c.textAnnotation(plant("note annotation", "annotation comment", by, None), (80, 260, 100, 280))
    c.acroForm.textfield(
        name=plant("form field: name", "form-field", by, None),
        tooltip=plant("form field: tooltip", "form-field alt-text", by, None),
        value=plant("form field: value", "form-field", by, None),
        x=80,
        y=200,
        width=200,
        height=20,
    )
    c.acroForm.choice(
        name="ch",
        options=[plant("form field: choice", "form-field", by, None), "b"],
        value="b",
        x=80,
        y=160,
        width=200,
        height=20,
    )
    c.showPage()
    c.save()

    by = "pikepdf"
    with pikepdf.open(BytesIO(out.getvalue())) as pdf:
        with pdf.open_metadata(update_docinfo=False) as meta:
            meta["dc:description"] = plant("XMP: description", "property", by, False)
            meta["pdfx:Own"] = plant("XMP: own property", "property label", by, False)
        pdf.docinfo["/Own"] = plant("information: own key", "property label", by, False)
        file = plant("attached file: name", "name", by, None) + ".txt"
        content = plant("attached text file", "body", by, None, member=True).encode()
        about = plant("attached file: description", "property comment annotation alt-text hidden", by, None)
        pdf.attachments[file] = pikepdf.AttachedFileSpec(pdf, content, filename=file, description=about)
        pdf.Root.OpenAction = Dictionary(
            S=Name.JavaScript, JS=String(f'app.alert("{plant("script", "script", by, False)}");')
        )
        page = pdf.pages[0]
        for subtype, about, kinds in (
            ("/Stamp", "stamp annotation", "stamp"),
            ("/FreeText", "free text annotation", "annotation textbox"),
            ("/Highlight", "highlight: comment", "annotation comment"),
        ):
            note = Dictionary(
                Type=Name.Annot,
                Subtype=Name(subtype),
                Rect=[300, 200, 500, 240],
                Contents=String(plant(about, kinds, by, None)),
                T=String(plant(f"{about}: author", f"{kinds} annotation comment property", by, None)),
            )
            if subtype == "/FreeText":
                note.DA = String("/Helv 10 Tf 0 g")
            if subtype == "/Highlight":
                note.QuadPoints = Array([300, 240, 500, 240, 300, 200, 500, 200])
            page.Annots.append(pdf.make_indirect(note))
        layer = pdf.make_indirect(
            Dictionary(Type=Name.OCG, Name=String(plant("layer: name", "property bookmark hidden", by, None)))
        )
        pdf.Root.OCProperties = Dictionary(OCGs=[layer], D=Dictionary(OFF=[layer], Order=[layer]))
        page.Resources.Properties = Dictionary(L1=layer)
        page.contents_add(
            f"/OC /L1 BDC BT /F1 11 Tf 80 120 Td ({plant('text of a layer switched off', 'hidden', by, False)}) Tj ET EMC".encode()
        )
        page.contents_add(
            f"/Span << /ActualText ({plant('ActualText of a span', 'body hidden alt-text', by, None)}) >> BDC BT /F1 11 Tf 80 90 Td (z) Tj ET EMC".encode()
        )
        page.contents_add(
            f"/Figure << /MCID 0 /Alt ({plant('alternative text of marked content', 'alt-text', by, False)}) >> BDC BT /F1 11 Tf 80 70 Td (y) Tj ET EMC".encode()
        )
        figure = pdf.make_indirect(
            Dictionary(
                Type=Name.StructElem,
                S=Name.Figure,
                Alt=String(plant("alternative text in the structure", "alt-text", by, False)),
                T=String(plant("title in the structure", "alt-text title property", by, None)),
            )
        )
        pdf.Root.StructTreeRoot = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot, K=[figure]))
        pdf.Root.PageLabels = Dictionary(
            Nums=[
                0,
                Dictionary(P=String(plant("page label", "property header footer bookmark hidden", by, None) + " ")),
            ]
        )
        pdf.Root.Names.Dests = Dictionary(
            Names=[String(plant("named destination", "bookmark link", by, None)), Array([page.obj, Name.Fit])]
        )
        result = BytesIO()
        pdf.save(result, compress_streams=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    first = Document("page.pdf", result.getvalue(), plant.spots, "reportlab, pikepdf")
    return [first]
