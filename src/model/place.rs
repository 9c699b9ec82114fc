use serde::{Deserialize, Serialize};

/// What part of a document a text stands in, as the contract names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Running text.
    #[default]
    Body,
    /// Page header.
    Header,
    /// Page footer.
    Footer,
    /// Text box or shape with text.
    Textbox,
    /// Watermark behind the page.
    Watermark,
    /// Stamp annotation, or a shape made as a stamp.
    Stamp,
    /// Table or spreadsheet cell.
    Table,
    /// Review or cell comment.
    Comment,
    /// Tracked deletion.
    Deleted,
    /// Footnote or endnote.
    Footnote,
    /// Speaker notes.
    Notes,
    /// Title of the document (HTML `<title>`, properties' title).
    Title,
    /// Any other document property.
    Property,
    /// Machine-readable sensitivity label.
    Label,
    /// Alternative text of pictures and shapes.
    AltText,
    /// Annotation other than a stamp.
    Annotation,
    /// Form field and its value.
    FormField,
    /// Bookmark, outline entry, named destination.
    Bookmark,
    /// Link target.
    Link,
    /// Script or style source.
    Script,
    /// Text that is there but not shown (hidden text, hidden sheet, invisible layer, comment in the source).
    Hidden,
    /// Text under a box or picture that covers it.
    Redacted,
    /// Earlier revision.
    Revision,
    /// Text recognised in a picture.
    Ocr,
    /// Subject or another header of a message.
    Subject,
    /// A file's, member's or URL's own name.
    Name,
}

impl Kind {
    /// All kinds, in the order the contract lists them.
    pub const ALL: [Kind; 26] = [
        Kind::Body,
        Kind::Header,
        Kind::Footer,
        Kind::Textbox,
        Kind::Watermark,
        Kind::Stamp,
        Kind::Table,
        Kind::Comment,
        Kind::Deleted,
        Kind::Footnote,
        Kind::Notes,
        Kind::Title,
        Kind::Property,
        Kind::Label,
        Kind::AltText,
        Kind::Annotation,
        Kind::FormField,
        Kind::Bookmark,
        Kind::Link,
        Kind::Script,
        Kind::Hidden,
        Kind::Redacted,
        Kind::Revision,
        Kind::Ocr,
        Kind::Subject,
        Kind::Name,
    ];

    /// The name used in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Body => "body",
            Kind::Header => "header",
            Kind::Footer => "footer",
            Kind::Textbox => "textbox",
            Kind::Watermark => "watermark",
            Kind::Stamp => "stamp",
            Kind::Table => "table",
            Kind::Comment => "comment",
            Kind::Deleted => "deleted",
            Kind::Footnote => "footnote",
            Kind::Notes => "notes",
            Kind::Title => "title",
            Kind::Property => "property",
            Kind::Label => "label",
            Kind::AltText => "alt-text",
            Kind::Annotation => "annotation",
            Kind::FormField => "form-field",
            Kind::Bookmark => "bookmark",
            Kind::Link => "link",
            Kind::Script => "script",
            Kind::Hidden => "hidden",
            Kind::Redacted => "redacted",
            Kind::Revision => "revision",
            Kind::Ocr => "ocr",
            Kind::Subject => "subject",
            Kind::Name => "name",
        }
    }

    /// Whether the kind is part of the page or sheet itself, so that position and neighbours say something.
    #[must_use]
    pub fn is_flow(self) -> bool {
        matches!(self, Kind::Body | Kind::Table | Kind::Ocr)
    }

    /// Whether what stands there stands on every page, beside or behind its text.
    #[must_use]
    pub fn is_margin(self) -> bool {
        matches!(self, Kind::Header | Kind::Footer | Kind::Watermark)
    }
}

/// A spreadsheet cell; both counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cell {
    /// Row, from 0.
    pub row: u32,
    /// Column, from 0.
    pub column: u32,
}

impl std::fmt::Display for Cell {
    /// As a spreadsheet program names it: `A1`, `AB12`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut letters = [0u8; 8];
        let mut used = 0;
        let mut rest = u64::from(self.column) + 1;
        while rest > 0 && used < letters.len() {
            rest -= 1;
            if let (Some(slot), Ok(letter)) = (letters.get_mut(used), u8::try_from(rest % 26)) {
                *slot = b'A' + letter;
            }
            used += 1;
            rest /= 26;
        }
        for letter in letters.iter().take(used).rev() {
            write!(f, "{}", char::from(*letter))?;
        }
        write!(f, "{}", u64::from(self.row) + 1)
    }
}

/// Where a segment stands. Borrowed, because a reader makes one for every cell of a large sheet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place<'a> {
    /// Part of the document.
    pub kind: Kind,
    /// Whether a person sees the text when the document is opened or printed as usual.
    pub visible: bool,
    /// Page, from 1.
    pub page: Option<u32>,
    /// Sheet name.
    pub sheet: Option<&'a str>,
    /// Cell in the sheet.
    pub cell: Option<Cell>,
    /// Slide, from 1; of a document that lies on one, that.
    pub slide: Option<u32>,
    /// Line of a plain text, from 1; for a block of many lines, its first line.
    pub line: Option<u64>,
    /// Name of the part, property, field, header or attribute.
    pub name: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// A place of that kind, visible, nothing else known.
    #[must_use]
    pub const fn new(kind: Kind) -> Place<'a> {
        Place {
            kind,
            visible: true,
            page: None,
            sheet: None,
            cell: None,
            slide: None,
            line: None,
            name: None,
        }
    }

    /// The same place, not seen by a person who opens the document as usual.
    #[must_use]
    pub const fn hidden(mut self) -> Place<'a> {
        self.visible = false;
        self
    }

    /// The same place with a name.
    #[must_use]
    pub const fn named(mut self, name: &'a str) -> Place<'a> {
        self.name = Some(name);
        self
    }

    /// The same place on a page, counted from 1.
    #[must_use]
    pub const fn on_page(mut self, page: u32) -> Place<'a> {
        self.page = Some(page);
        self
    }

    /// A copy that owns its names.
    #[must_use]
    pub fn to_owned(&self) -> OwnedPlace {
        OwnedPlace {
            kind: self.kind,
            visible: self.visible,
            page: self.page,
            sheet: self.sheet.map(Into::into),
            cell: self.cell.map(|cell| cell.to_string()),
            slide: self.slide,
            line: self.line,
            name: self.name.map(Into::into),
        }
    }
}

/// A place that owns its names, as kept in findings and gaps and written to records.
///
/// Every field is always serialised; the record writer leaves the empty ones out.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct OwnedPlace {
    /// Part of the document.
    pub kind: Kind,
    /// Whether a person sees the text when the document is opened or printed as usual.
    pub visible: bool,
    /// Page, from 1.
    pub page: Option<u32>,
    /// Sheet name.
    pub sheet: Option<String>,
    /// Cell as `A1`.
    pub cell: Option<String>,
    /// Slide, from 1.
    pub slide: Option<u32>,
    /// Line of a plain text, from 1.
    pub line: Option<u64>,
    /// Name of the part, property, field, header or attribute.
    pub name: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_named_as_spreadsheets_do() {
        for (row, column, name) in
            [(0, 0, "A1"), (9, 25, "Z10"), (0, 26, "AA1"), (1_048_575, 16_383, "XFD1048576")]
        {
            assert_eq!(Cell { row, column }.to_string(), name);
        }
    }
}
