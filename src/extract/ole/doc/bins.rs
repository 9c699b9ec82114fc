//! Formatted disk pages: which properties the bytes of the text have (MS-DOC 2.9.32 to 2.9.35, 2.9.174).

use super::super::{u16_at, u32_at};
use super::pieces::{Plc, page_number};

/// Bytes of a page.
const PAGE: usize = 512;

/// Whether the pages are those of runs or of paragraphs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Runs,
    Paragraphs,
}

/// Properties from one offset of the main stream to another.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Stretch<'a> {
    start: u32,
    /// Offset of the first byte that is outside.
    pub(super) end: u32,
    /// Number of the style; of paragraphs only.
    pub(super) style: u16,
    /// Modifiers.
    pub(super) list: &'a [u8],
}

/// The pages of one kind, with the stretch that was asked for last.
pub(super) struct Bins<'a> {
    main: &'a [u8],
    table: Plc<'a>,
    of: Of,
    is_old: bool,
    page: &'a [u8],
    at: usize,
    last: Stretch<'a>,
}

impl<'a> Bins<'a> {
    /// Pages of the main stream as `table` lists them.
    pub(super) fn new(main: &'a [u8], table: &'a [u8], of: Of, is_old: bool) -> Bins<'a> {
        let size = if is_old { 2 } else { 4 };
        let table = Plc::new(table, size);
        Bins { main, table, of, is_old, page: &[], at: 0, last: Stretch::default() }
    }

    /// The stretch that holds the byte at `offset`. Where nothing is said, one without properties.
    pub(super) fn find(&mut self, offset: u32) -> Stretch<'a> {
        if (self.last.start..self.last.end).contains(&offset) {
            return self.last;
        }
        self.last = self.following(offset).or_else(|| self.search(offset)).unwrap_or(Stretch {
            start: offset,
            end: offset.saturating_add(PAGE as u32),
            ..Stretch::default()
        });
        self.last
    }

    fn count(&self) -> usize {
        usize::from(self.page.get(PAGE - 1).copied().unwrap_or(0))
    }

    /// Text is mostly read in the order in which it lies.
    fn following(&mut self, offset: u32) -> Option<Stretch<'a>> {
        if self.page.is_empty() || offset != self.last.end {
            return None;
        }
        self.at += 1;
        self.stretch(self.at).filter(|stretch| (stretch.start..stretch.end).contains(&offset))
    }

    fn search(&mut self, offset: u32) -> Option<Stretch<'a>> {
        let data = self.table.data(self.table.find(offset)?)?;
        let number = page_number(data)?;
        self.page = self.main.get(number as usize * PAGE..)?.get(..PAGE)?;
        let (mut low, mut high) = (0, self.count());
        while low < high {
            let middle = (low + high) / 2;
            if u32_at(self.page, (middle + 1) * 4)? <= offset { low = middle + 1 } else { high = middle }
        }
        self.at = low;
        self.stretch(low).filter(|stretch| (stretch.start..stretch.end).contains(&offset))
    }

    fn stretch(&self, at: usize) -> Option<Stretch<'a>> {
        let count = self.count();
        if at >= count {
            return None;
        }
        let (start, end) = (u32_at(self.page, at * 4)?, u32_at(self.page, at * 4 + 4)?);
        let entries = (count + 1) * 4;
        let size = match (self.of, self.is_old) {
            (Of::Runs, _) => 1,
            (Of::Paragraphs, true) => 7,
            (Of::Paragraphs, false) => 13,
        };
        let offset = usize::from(*self.page.get(entries + at * size)?) * 2;
        let bare = Stretch { start, end, ..Stretch::default() };
        if offset == 0 {
            return Some(bare);
        }
        let len = usize::from(*self.page.get(offset)?);
        let content = match (self.of, self.is_old, len) {
            (Of::Runs, ..) => self.page.get(offset + 1..)?.get(..len),
            // The length is counted in words; with an odd number of bytes it counts itself (MS-DOC 2.9.175).
            (Of::Paragraphs, false, 0) => {
                let len = usize::from(*self.page.get(offset + 1)?) * 2;
                self.page.get(offset + 2..)?.get(..len)
            }
            (Of::Paragraphs, false, len) => self.page.get(offset + 1..)?.get(..len * 2 - 1),
            (Of::Paragraphs, true, len) => {
                let rest = self.page.get(offset + 1..)?;
                Some(rest.get(..len * 2).unwrap_or(rest))
            }
        };
        let Some(content) = content else { return Some(bare) };
        Some(match self.of {
            Of::Runs => Stretch { list: content, ..bare },
            Of::Paragraphs => Stretch {
                style: u16_at(content, 0).unwrap_or(0),
                list: content.get(2..).unwrap_or_default(),
                ..bare
            },
        })
    }
}
