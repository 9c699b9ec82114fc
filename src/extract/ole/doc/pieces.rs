//! The piece table: which bytes of the main stream are the text, in which order (MS-DOC 2.8.35, 2.9.38).

use super::super::{u16_at, u32_at};
use super::fib::Fib;

/// A stretch of text that lies in one place and is stored in one way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'a> {
    /// First character position, and the one after the last.
    pub(super) start: u32,
    pub(super) end: u32,
    /// Offset of its first byte in the main stream.
    pub(super) at: u32,
    /// Two bytes a letter.
    pub(super) wide: bool,
    /// Properties that were changed after the piece was written.
    pub(super) change: Change<'a>,
}

impl Piece<'_> {
    /// Bytes a character takes.
    pub(super) fn unit(&self) -> u32 {
        if self.wide { 2 } else { 1 }
    }
}

/// Properties put on a piece as a whole (Prm, MS-DOC 2.9.214).
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum Change<'a> {
    #[default]
    None,
    /// One property in the short codes of Word 6, with its value.
    One([u8; 2]),
    /// A list of properties.
    Many(&'a [u8]),
}

/// A table of positions with `size` bytes of data for each stretch between two of them (PLC, MS-DOC 2.2.2).
#[derive(Debug, Clone, Copy)]
pub(super) struct Plc<'a> {
    bytes: &'a [u8],
    size: usize,
    /// Stretches.
    pub(super) len: usize,
}

impl<'a> Plc<'a> {
    /// A table whose data have that size.
    pub(super) fn new(bytes: &'a [u8], size: usize) -> Plc<'a> {
        Plc { bytes, size, len: bytes.len().saturating_sub(4) / (4 + size) }
    }

    /// Where stretch `at` begins; the one after the last gives the end.
    pub(super) fn position(&self, at: usize) -> Option<u32> {
        if at > self.len { None } else { u32_at(self.bytes, at * 4) }
    }

    /// Data of stretch `at`.
    pub(super) fn data(&self, at: usize) -> Option<&'a [u8]> {
        if at >= self.len {
            return None;
        }
        self.bytes.get((self.len + 1) * 4 + at * self.size..)?.get(..self.size)
    }

    /// Numbers of pages, of 22 bits (MS-DOC 2.9.193), which are the data of the tables of pages.
    pub(super) fn pages(&self) -> Vec<u32> {
        (0..self.len).filter_map(|at| page_number(self.data(at)?)).collect()
    }

    /// The stretch that holds `position`.
    pub(super) fn find(&self, position: u32) -> Option<usize> {
        let (mut low, mut high) = (0, self.len);
        while low < high {
            let middle = (low + high) / 2;
            if self.position(middle + 1)? <= position { low = middle + 1 } else { high = middle }
        }
        (low < self.len && self.position(low)? <= position).then_some(low)
    }
}

/// The number of a page of properties; Word 6 has two bytes for it.
pub(super) fn page_number(data: &[u8]) -> Option<u32> {
    u32_at(data, 0).map(|number| number & 0x003F_FFFF).or_else(|| u16_at(data, 0).map(u32::from))
}

/// Pieces in order of their character positions. `None` when the table is broken.
pub(super) fn read<'a>(fib: &Fib, bytes: &'a [u8]) -> Option<Vec<Piece<'a>>> {
    let mut changes: Vec<&[u8]> = Vec::new();
    let mut at = 0;
    loop {
        match bytes.get(at) {
            Some(1) => {
                let len = usize::from(u16_at(bytes, at + 1)?);
                changes.push(bytes.get(at + 3..)?.get(..len)?);
                at += 3 + len;
            }
            Some(2) => {
                let len = u32_at(bytes, at + 1)? as usize;
                let rest = bytes.get(at + 5..)?;
                return pieces(fib, rest.get(..len).unwrap_or(rest), &changes);
            }
            // A file of Word 6 that was saved whole has no table: its text is one piece.
            None if fib.is_old && bytes.is_empty() => {
                let (at, end) = fib.text;
                let unit = if fib.is_wide { 2 } else { 1 };
                let length = fib.length().max(end.saturating_sub(at) / unit);
                let wide = fib.is_wide;
                return Some(vec![Piece { start: 0, end: length, at, wide, change: Change::None }]);
            }
            _ => return None,
        }
    }
}

fn pieces<'a>(fib: &Fib, bytes: &'a [u8], changes: &[&'a [u8]]) -> Option<Vec<Piece<'a>>> {
    let table = Plc::new(bytes, 8);
    let mut pieces = Vec::with_capacity(table.len);
    let mut before = 0;
    for at in 0..table.len {
        let (start, end) = (table.position(at)?, table.position(at + 1)?);
        let data = table.data(at)?;
        if start != before || end < start {
            return None;
        }
        before = end;
        let place = u32_at(data, 2)?;
        let prm = u16_at(data, 6)?;
        let change = match prm {
            0 => Change::None,
            prm if prm & 1 == 0 => {
                let [low, high] = prm.to_le_bytes();
                Change::One([low >> 1, high])
            }
            prm => changes.get(usize::from(prm >> 1)).map_or(Change::None, |list| Change::Many(list)),
        };
        // fCompressed: bit 30 tells one byte a letter, at half of the offset (MS-DOC 2.9.73).
        let narrow = if fib.is_old { !fib.is_wide } else { place & 0x4000_0000 != 0 };
        let place = if fib.is_old { place } else { place & 0x3FFF_FFFF };
        let at = if narrow && !fib.is_old { place / 2 } else { place };
        pieces.push(Piece { start, end, at, wide: !narrow, change });
    }
    (!pieces.is_empty()).then_some(pieces)
}

/// Parts of the text's area that no piece and no page of properties takes: what was deleted since the last full save.
/// Offsets in the main stream.
pub(super) fn unused(fib: &Fib, pieces: &[Piece<'_>], pages: &[u32]) -> Vec<(usize, usize)> {
    let pieces = pieces.iter().map(|piece| {
        (piece.at, piece.at.saturating_add((piece.end - piece.start).saturating_mul(piece.unit())))
    });
    let pages =
        pages.iter().map(|page| (page.saturating_mul(512), page.saturating_add(1).saturating_mul(512)));
    let mut used: Vec<(u32, u32)> = pieces.chain(pages).collect();
    used.sort_unstable();
    let (mut from, end) = fib.text;
    let mut gaps = Vec::new();
    for (start, stop) in used.into_iter().chain([(end, end)]) {
        if start.min(end) > from {
            gaps.push((from as usize, start.min(end) as usize));
        }
        from = from.max(stop);
    }
    gaps
}
