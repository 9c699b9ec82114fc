"""Messages: EML by Python's email package, MSG by aspose-email-foss."""

from email import policy
from email.message import EmailMessage
from io import BytesIO
from zipfile import ZipFile

from .plan import Document, Planting
from .word import embedded_sheet

BY = "Python email"


def page(plant, by):
    """A small HTML body."""
    return (
        f"<html><head><title>{plant('HTML: title', 'title', by, None)}</title><meta name='description' content='{plant('HTML: meta', 'property label', by, False)}'></head><body>"
        f"<p>{plant('HTML: text', 'body', by)}</p><table><tr><td>{plant('HTML: table cell', 'table body', by)}</td></tr></table>"
        f"<p style='display:none'>{plant('HTML: hidden text', 'hidden', by, False)}</p><!-- {plant('HTML: comment in the source', 'hidden', by, False)} -->"
        f"<img src='cid:x' alt='{plant('HTML: alternative text', 'alt-text', by, False)}'><a href='https://example.org/{plant('HTML: link target', 'link', by, False)}'>l</a></body></html>"
    )


def zipped(token):
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("inner.txt", token)
    return out.getvalue()


def eml():
    plant = Planting("message", "ea")
    m = EmailMessage(policy=policy.SMTP)
    m["Subject"] = plant("subject", "subject title", BY) + " – Đề mục"
    m["From"] = (
        f'"{plant("sender: name", "property subject", BY, None)}" <{plant("sender: address", "property subject", BY, None)}@example.org>'
    )
    m["To"] = f'"{plant("recipient: name", "property subject", BY, None)}" <a@example.org>'
    m["Cc"] = f'"{plant("copy: name", "property subject", BY, None)}" <b@example.org>'
    m["Bcc"] = f'"{plant("blind copy: name", "property subject", BY, None)}" <c@example.org>'
    m["Reply-To"] = f'"{plant("reply-to: name", "property subject", BY, None)}" <d@example.org>'
    m["Organization"] = plant("header: Organization", "property label", BY, None)
    m["Keywords"] = plant("header: Keywords", "property label", BY, None)
    m["Comments"] = plant("header: Comments", "property label comment", BY, None)
    m["Thread-Topic"] = plant("header: Thread-Topic", "subject", BY, None)
    m["X-Own"] = plant("header: X-Own", "property label", BY, None)
    m["X-Protective-Marking"] = f"VER=2018.6, SEC={plant('header: X-Protective-Marking', 'label', BY, None)}"
    m["msip_labels"] = (
        f"MSIP_Label_2096f6a2-d2f7-48be-b329-b73aaa526e5d_Name={plant('header: msip_labels', 'label', BY, None)}"
    )
    m["Date"] = "Mon, 02 Mar 2026 08:00:00 +0000"
    m.set_content(plant("plain text, base64", "body", BY) + " chữ Việt\n", cte="base64")
    m.add_alternative(page(plant, BY), subtype="html", cte="quoted-printable")
    m.add_attachment(
        plant("attached text file", "body", BY, None, member=True).encode(),
        maintype="text",
        subtype="plain",
        filename=plant("attached file: name", "name", BY, None) + ".txt",
    )
    m.add_attachment(
        plant("attached text in UTF-16", "body", BY, None, member=True).encode("utf-16"),
        maintype="application",
        subtype="octet-stream",
        filename="u.txt",
    )
    m.add_attachment(
        zipped(plant("file in an attached ZIP", "body", BY, None, member=True)),
        maintype="application",
        subtype="zip",
        filename="a.zip",
    )
    m.add_attachment(
        embedded_sheet(plant("cell of an attached workbook", "table", "openpyxl", None, member=True)),
        maintype="application",
        subtype="octet-stream",
        filename="w.xlsx",
    )
    calendar = f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:{plant('attached calendar: summary', 'body subject title property', BY, None, member=True)}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    m.add_attachment(calendar, subtype="calendar", filename="i.ics")
    inner = EmailMessage(policy=policy.SMTP)
    inner["Subject"] = plant("message inside: subject", "subject", BY, None, member=True)
    inner.set_content(plant("message inside: text", "body", BY, None, member=True))
    m.add_attachment(inner)
    part = next(p for p in m.walk() if p.get_filename() == "u.txt")
    part["Content-Description"] = plant(
        "header of a part: Content-Description", "property name comment alt-text hidden", BY, None
    )
    m.preamble = plant("text before the parts", "hidden", BY, False)
    m.epilogue = plant("text after the parts", "hidden", BY, False)
    return Document("message.eml", bytes(m), plant.spots, BY)


def msg(name, tag, wide):
    """A message as Outlook saves it, with UTF-16 or with 8-bit strings."""
    from aspose.email_foss.msg import MapiMessage, MapiNamedProperty

    plant = Planting(name, tag)
    by = "aspose-email-foss"
    text = 0x1F if wide else 0x1E
    m = MapiMessage.create(plant("subject", "subject title", by), plant("plain text", "body", by), unicode_strings=wide)
    m.set_property(0x1013, 0x102, page(plant, by).encode())
    for identity, about, kinds in (
        (0x0C1A, "sender: name", "property subject"),
        (0x0C1F, "sender: address", "property subject"),
        (0x0042, "sent on behalf of: name", "property subject"),
        (0x0E04, "display of the recipients", "property subject"),
        (0x0E03, "display of the copies", "property subject"),
        (0x0E02, "display of the blind copies", "property subject"),
        (0x0070, "conversation topic", "subject property"),
        (0x3004, "comment", "comment property"),
    ):
        m.set_property(identity, text, plant(about, kinds, by, None))
    m.set_property(
        0x007D,
        text,
        (
            f"X-Own: {plant('transport header: X-Own', 'property label', by, None)}\r\nX-Protective-Marking: SEC={plant('transport header: X-Protective-Marking', 'label', by, None)}\r\n"
            f"msip_labels: MSIP_Label_2096f6a2-d2f7-48be-b329-b73aaa526e5d_Name={plant('transport header: msip_labels', 'label', by, None)}\r\n"
        ),
    )
    m.set_named_property(
        MapiNamedProperty.string("Own"), text, plant("named property: value", "property label", by, None)
    )
    m.set_named_property(MapiNamedProperty.string(plant("named property: name", "property label", by, None)), text, "v")
    m.set_named_property(
        MapiNamedProperty.string("msip_labels", "00020386-0000-0000-C000-000000000046"),
        text,
        f"MSIP_Label_2096f6a2-d2f7-48be-b329-b73aaa526e5d_Name={plant('named property: msip_labels', 'label', by, None)}",
    )
    for kind, about in ((1, "recipient"), (2, "copy"), (3, "blind copy")):
        m.add_recipient(
            f"{plant(f'{about}: address', 'property subject', by, None)}@example.org",
            display_name=plant(f"{about}: name", "property subject", by, None),
            recipient_type=kind,
        )
    m.add_attachment(
        plant("attached file: name", "name", by, None) + ".txt",
        plant("attached text file", "body", by, None, member=True).encode(),
    )
    m.add_attachment(
        "w.xlsx", embedded_sheet(plant("cell of an attached workbook", "table", "openpyxl", None, member=True))
    )
    inner = MapiMessage.create(
        plant("message inside: subject", "subject", by, None, member=True),
        plant("message inside: text", "body", by, None, member=True),
        unicode_strings=wide,
    )
    m.add_embedded_message_attachment(inner)
    return Document(f"{name}.msg", m.to_bytes(), plant.spots, by)


def documents():
    return [eml(), msg("message-wide", "ma", True), msg("message-narrow", "mb", False)]
