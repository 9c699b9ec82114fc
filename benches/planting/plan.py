"""What a planted document is: a file, its tokens, and where a reader must say each token stands."""

import re
import unicodedata
import zipfile
from dataclasses import dataclass, field
from io import BytesIO


@dataclass
class Spot:
    """One hiding place of one document, and the token that stands there and nowhere else."""

    #: What the place is, for people: "header of even pages".
    about: str
    token: str
    #: Place kinds that are right for it.
    kinds: tuple[str, ...]
    #: Whether a person sees it as the document is usually opened or printed; None = not judged.
    visible: bool | None
    #: The software that wrote the place; "XML" = no library writes it, the part was put in by hand.
    by: str
    sheet: str | None = None
    cell: str | None = None
    slide: int | None = None
    #: The token stands in a document inside the document.
    member: bool = False
    #: Kinds that are also right after a conversion to that format: {"rtf": ("body",)}.
    converted: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: Whether the conversion keeps what makes it visible or not; False = not judged there.
    keeps: bool = True


class Planting:
    """Tokens for one document. `tag` makes them differ from those of every other document."""

    def __init__(self, name, tag):
        self.name = name
        self.tag = tag
        self.spots = []

    def __call__(self, about, kinds, by, visible=True, short="", **more):
        """A new token for the place `about`; `kinds` are the accepted place kinds, parted by blanks."""
        plain = unicodedata.normalize("NFD", short or about).encode("ascii", "ignore").decode().lower()
        token = "zq" + self.tag + re.sub("[^a-z]", "", plain)[:22]
        if any(spot.token == token for spot in self.spots):
            raise ValueError(f"{self.name}: {token} twice")
        self.spots.append(Spot(about, token, tuple(kinds.split()), visible, by, **more))
        return token


@dataclass
class Document:
    """A finished file with the places planted in it."""

    #: "word-text.docx"
    name: str
    data: bytes
    spots: list[Spot]
    #: What wrote the file; for a conversion: what converted it.
    by: str
    #: Tokens a conversion lost, as far as the bytes tell.
    dropped: set[str] = field(default_factory=set)

    @property
    def kind(self):
        return self.name.rsplit(".", 1)[1]


def whole(token, text):
    """Whether the token stands in the text as a word of its own: glued words do not count."""
    return re.search(r"(?<![^\W_])" + token + r"(?![^\W_])", text) is not None


def raw_text(data):
    """Everything in a file that a token could be found in: inflated entries, as 8-bit and as UTF-16 text.

    Decides only whether a conversion kept a token at all.
    """
    blobs = [data]
    if data.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(data)) as archive:
            blobs = [archive.read(name) for name in archive.namelist()]
            blobs += [raw_text(blob).encode() for blob in blobs if blob.startswith(b"PK")]
    out = []
    for blob in blobs:
        out.append(blob.decode("latin-1"))
        out += [blob[start:].decode("utf-16-le", "ignore") for start in (0, 1)]
    return "\n".join(out)


def patch(data, parts=(), edits=()):
    """Rewrites a package: `parts` {name: text} are added or replaced, `edits` are (name, old, new), each of which must fit."""
    parts = dict(parts)
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        names = source.namelist()
        for _, name in ((0, edit[0]) for edit in edits):
            if name not in names and name not in parts:
                raise ValueError(f"no part {name} in {names}")
        for name in [*names, *(part for part in parts if part not in names)]:
            content = parts.get(name) if name in parts else source.read(name)
            if isinstance(content, str):
                content = content.encode()
            for where, old, new in edits:
                if where == name:
                    if old.encode() not in content:
                        raise ValueError(f"{name} does not hold {old!r}: {content[:1500]!r}")
                    content = content.replace(old.encode(), new.encode(), 1)
            target.writestr(name, content)
    return out.getvalue()


OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


class Package:
    """Parts put by hand into an OOXML package that a library wrote: content types and relationships follow by themselves."""

    def __init__(self, data):
        self.data = data
        self.parts = {}
        self.edits = []
        self.types = []
        self.count = 0

    def part(self, name, content, content_type=None):
        self.parts[name] = content
        if content_type:
            self.types.append(f'<Override PartName="/{name}" ContentType="{content_type}"/>')

    def default(self, extension, content_type):
        self.types.append(f'<Default Extension="{extension}" ContentType="{content_type}"/>')

    def relate(self, source, kind, target, external=False):
        """Adds a relationship from the part `source` ("" = the package) and returns its id."""
        folder, _, name = source.rpartition("/")
        rels = f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"
        self.count += 1
        rid = f"rIdZq{self.count}"
        if "://" not in kind:
            kind = f"{OFFICE}/relationships/{kind}"
        mode = ' TargetMode="External"' if external else ""
        entry = f'<Relationship Id="{rid}" Type="{kind}" Target="{target}"{mode}/>'
        with zipfile.ZipFile(BytesIO(self.data)) as archive:
            known = rels in archive.namelist()
        if known:
            self.edits.append((rels, "</Relationships>", entry + "</Relationships>"))
        elif rels in self.parts:
            self.parts[rels] = self.parts[rels].replace("</Relationships>", entry + "</Relationships>")
        else:
            self.parts[rels] = f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{entry}</Relationships>'
        return rid

    def edit(self, name, old, new):
        self.edits.append((name, old, new))

    def bytes(self):
        kinds = "[Content_Types].xml"
        edits = [*self.edits]
        with zipfile.ZipFile(BytesIO(self.data)) as archive:
            known = archive.read(kinds).decode()
        fresh = [
            entry
            for entry in self.types
            if not entry.startswith("<Default") or entry.split('"')[1] not in known.split('"')
        ]
        if fresh:
            edits.append((kinds, "</Types>", "".join(fresh) + "</Types>"))
        return patch(self.data, self.parts, edits)
