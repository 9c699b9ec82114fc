"""The documents of `benches/hiding_places.py`: one token per place where text can hide."""


def everything():
    """All documents that are not conversions."""
    from . import mail, odf, pdf, sheets, slides, word

    return [
        *word.documents(),
        *sheets.documents(),
        *slides.documents(),
        *odf.documents(),
        *mail.documents(),
        *pdf.documents(),
    ]
