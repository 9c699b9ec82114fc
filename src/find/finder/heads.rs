//! Heads of columns and names of fields, and the cells that are their values.

use std::ops::Range;

use super::Finder;
use crate::model::{Cell, Shape as SegmentShape};
use crate::rules::Scope;

/// Longest head of a column or name of a field, in bytes.
const HEAD_LENGTH: usize = 60;
/// Columns of a document that are remembered by their head.
const MAX_HEADS: usize = 64;
/// Rows of a sheet in which heads may stand; asking every one of a million cells would cost a third of reading them.
const HEAD_CELLS: u32 = 64;
/// Lines of a text in which heads of its columns may stand.
const HEAD_ROWS: usize = 8;
/// Rows with a value under such a head that are looked at; more say nothing new.
const LETTERED_LINES: usize = 200;
/// Rows whose cell under such a head is asked about: a table of a million rows shall not cost a second.
const LOOKED_LINES: usize = 5_000;
/// Longest cell under such a head that is looked at as a field's value, in bytes.
pub(super) const VALUE_LENGTH: usize = 40;

/// A cell that names the cells below it and the one beside it.
pub(super) struct Head {
    sheet: Option<usize>,
    cell: Cell,
    name: usize,
    /// Its column in lines of tab-separated cells, where there is no sheet.
    lines: bool,
}

impl Finder<'_> {
    /// The name of the field that a cell of a sheet is the value of: the head of its column, or the cell before it.
    pub(super) fn field_of(&mut self, sheet: Option<usize>, cell: Cell, text: &str) -> Option<usize> {
        let value = text.trim();
        let mine = |head: &&Head| {
            head.sheet == sheet
                && !head.lines
                && (head.cell.column == cell.column && head.cell.row < cell.row
                    || head.cell.row == cell.row && head.cell.column + 1 == cell.column)
        };
        let found = self.heads.iter().rev().find(mine).map(|head| head.name);
        if found.is_none()
            && value.len() <= HEAD_LENGTH
            && self.heads.len() < MAX_HEADS
            && cell.row < HEAD_CELLS
            && self.rules.names_field(value)
        {
            let name = self.intern(value);
            self.heads.push(Head { sheet, cell, name, lines: false });
        }
        // Only what may be a degree: a letter, or a word with accents or in capitals.
        let short = (1..=VALUE_LENGTH).contains(&value.len());
        found.filter(|_| short && (value.len() <= 2 || !value.bytes().all(|byte| byte.is_ascii_digit())))
    }

    /// Heads of tab-separated columns, in the first lines of a text: a title may stand above them.
    pub(super) fn heads_of_lines(&mut self, text: &str, shape: SegmentShape) {
        let delimiter = match shape {
            SegmentShape::Rows(delimiter) => char::from(delimiter),
            _ => '\t',
        };
        let lines = text.lines().take(HEAD_ROWS).filter(|line| line.contains(delimiter));
        for (column, head) in lines.flat_map(|line| line.split(delimiter).enumerate().take(MAX_HEADS)) {
            let head = head.trim();
            if head.len() <= HEAD_LENGTH && self.rules.names_field(head) {
                let cell = Cell { row: 0, column: u32::try_from(column).unwrap_or(u32::MAX) };
                let name = self.intern(head);
                if self.heads.len() >= MAX_HEADS {
                    return;
                }
                self.heads.push(Head { sheet: None, cell, name, lines: true });
            }
        }
    }

    /// Lines whose cell under such a head may be its value without an anchor of a text in it: a letter, as registers write a degree,
    /// or a level in small letters.
    pub(super) fn values_under_heads(&mut self, text: &str, start: usize, shape: SegmentShape) {
        let delimiter = match shape {
            SegmentShape::Rows(delimiter) => char::from(delimiter),
            _ => '\t',
        };
        let heads = self.heads.iter().filter(|head| head.lines);
        let columns: Vec<(usize, usize)> =
            heads.filter_map(|head| Some((usize::try_from(head.cell.column).ok()?, head.name))).collect();
        if columns.is_empty() || self.lettered >= LETTERED_LINES {
            return;
        }
        let mut at = start;
        for line in text.split_inclusive('\n') {
            if self.lettered >= LETTERED_LINES || self.looked >= LOOKED_LINES {
                return;
            }
            let mut value = |(column, name): &(usize, usize)| {
                let cell = line.split(delimiter).nth(*column).unwrap_or_default().trim().trim_matches('"');
                if cell.is_empty()
                    || cell.len() > VALUE_LENGTH
                    || cell.bytes().all(|byte| byte.is_ascii_digit())
                {
                    return false;
                }
                self.looked += 1;
                let name = self.names.get(*name).map(|name| &**name);
                matches!(cell, "A" | "B" | "C") || !self.rules.matches(cell, Scope::Label, name).is_empty()
            };
            if columns.iter().any(&mut value) {
                self.lettered += 1;
                self.unsieved.push(at);
            }
            at += line.len();
        }
    }

    /// The head of the tab-separated column in which a piece of a line stands.
    pub(super) fn head_of_piece(
        &self,
        line: &str,
        piece: &Range<usize>,
        shape: SegmentShape,
    ) -> Option<usize> {
        if !self.heads.iter().any(|head| head.lines) {
            return None;
        }
        let delimiter = match shape {
            SegmentShape::Rows(delimiter) => delimiter,
            _ => b'\t',
        };
        let before = line.as_bytes().get(..piece.start).unwrap_or_default();
        let column = memchr::memchr_iter(delimiter, before).count();
        let here = |head: &&Head| head.lines && usize::try_from(head.cell.column) == Ok(column);
        self.heads.iter().find(here).map(|head| head.name)
    }
}
