//! The file information block: where everything lies (MS-DOC 2.5; for Word 6 and 95 the older block of the same shape).

use super::super::{u16_at, u32_at};

/// Tables of the file by their number in FibRgFcLcb97 (MS-DOC 2.5.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    Styles = 1,
    FootnoteText = 3,
    CommentRefs = 4,
    CommentText = 5,
    Sections = 6,
    Headers = 11,
    CharacterBins = 12,
    ParagraphBins = 13,
    Fonts = 15,
    Bookmarks = 21,
    Settings = 31,
    Associated = 32,
    Pieces = 33,
    CommentAuthors = 36,
    EndnoteText = 47,
    Drawings = 50,
    RevisionAuthors = 51,
    BoxText = 56,
    HeaderBoxText = 58,
    Variables = 60,
    Lists = 73,
}

/// Parts of the text in the order in which they follow each other in character positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Main,
    Footnotes,
    Headers,
    /// Macros of Word 6.
    Macros,
    Comments,
    Endnotes,
    Boxes,
    HeaderBoxes,
}

impl Part {
    /// All of them.
    pub(super) const ALL: [Part; 8] = [
        Part::Main,
        Part::Footnotes,
        Part::Headers,
        Part::Macros,
        Part::Comments,
        Part::Endnotes,
        Part::Boxes,
        Part::HeaderBoxes,
    ];
}

/// What the block says.
#[derive(Debug, Clone)]
pub(super) struct Fib {
    /// Word 6 or 95: text of one byte a letter, tables in the main stream, shorter codes of properties.
    pub(super) is_old: bool,
    /// The table stream is `1Table`, not `0Table`.
    pub(super) second_table: bool,
    /// Language, which tells the code page of the oldest files.
    pub(super) language: u16,
    /// Word 95 with two bytes a letter (fExtChar).
    pub(super) is_wide: bool,
    /// Text of an old Macintosh file is in Mac Roman.
    pub(super) is_mac: bool,
    /// Offset of the text's begin and end in the main stream.
    pub(super) text: (u32, u32),
    /// Offset of another block, that of the AutoText of a template; 0 when there is none.
    pub(super) next: usize,
    /// Lengths of the parts in characters.
    lengths: [u32; 8],
    tables: Vec<(u32, u32)>,
}

impl Fib {
    /// The block at `at`; `None` when there is none.
    pub(super) fn read(main: &[u8], at: usize) -> Option<Fib> {
        let bytes = main.get(at..)?;
        // A5EC since Word 97, A5DC before; A697 and A699 are those of East Asian versions.
        if !matches!(bytes.get(1)?, 0xA5 | 0xA6) {
            return None;
        }
        let version = u16_at(bytes, 2)?;
        let flags = u16_at(bytes, 10)?;
        // Word 6 is 101, Word 95 is 103 and 104; Word 97 begins at 193 (MS-DOC 2.5.1).
        let is_old = version < 0xC0;
        let lengths = if is_old { 52 } else { 76 };
        let lengths = std::array::from_fn(|part| {
            let length = u32_at(bytes, lengths + part * 4).unwrap_or(0);
            if length > i32::MAX as u32 { 0 } else { length }
        });
        let count = if is_old { 61 } else { usize::from(u16_at(bytes, 152)?) };
        let tables = (0..count.min(200))
            .map(|table| {
                let at = match table {
                    _ if !is_old => 154 + table * 8,
                    // The fields in between are not pairs.
                    0..=37 => 88 + table * 8,
                    38..=41 => return (0, 0),
                    _ => 434 + (table - 42) * 8,
                };
                (u32_at(bytes, at).unwrap_or(0), u32_at(bytes, at + 4).unwrap_or(0))
            })
            .collect();
        Some(Fib {
            is_old,
            second_table: flags & 0x0200 != 0,
            is_wide: flags & 0x1000 != 0,
            language: u16_at(bytes, 6)?,
            is_mac: is_old && u16_at(bytes, 20)? == 256,
            text: (u32_at(bytes, 24)?, u32_at(bytes, 28)?),
            next: usize::from(u16_at(bytes, 8)?) * 512,
            lengths,
            tables,
        })
    }

    /// A part's first character position and the one after its last.
    pub(super) fn range(&self, part: Part) -> (u32, u32) {
        let mut start = 0u32;
        for (each, length) in Part::ALL.iter().zip(self.lengths) {
            if *each == part {
                return (start, start.saturating_add(length));
            }
            start = start.saturating_add(length);
        }
        (start, start)
    }

    /// Characters of all parts together.
    pub(super) fn length(&self) -> u32 {
        self.range(Part::HeaderBoxes).1
    }

    /// The bytes of a table in its stream; empty when there is none. `None` when it lies outside.
    pub(super) fn table<'b>(&self, table: Table, stream: &'b [u8]) -> Option<&'b [u8]> {
        let (at, len) = self.tables.get(table as usize).copied().unwrap_or_default();
        if len == 0 {
            return Some(&[]);
        }
        stream.get(at as usize..)?.get(..len as usize)
    }

    /// The bytes that follow a table in its stream: some tables have a second half that their length does not count.
    pub(super) fn behind<'b>(&self, table: Table, stream: &'b [u8]) -> &'b [u8] {
        let (at, len) = self.tables.get(table as usize).copied().unwrap_or_default();
        stream.get((at as usize).saturating_add(len as usize)..).unwrap_or_default()
    }
}
