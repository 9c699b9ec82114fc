//! Binary workbooks (XLSB): the parts that XLSX has as XML, as records of BIFF12 (MS-XLSB).
//!
//! Out: what the reader of XLSX gives, at the same places. Records that hold text between numbers (tables, filters, rules,
//! pivot tables, links to other workbooks) are searched for it and give `hidden` text.

use std::io::{self, BufReader, Read};
use std::rc::Rc;

use super::sheet::{Book, CellStyles, SheetEntry};
use crate::extract::limits::Budget;
use crate::extract::look::{Fonts, Look};
use crate::extract::ole::runs;
use crate::extract::workbook::formula::{Tokens, constants};
use crate::extract::workbook::{Run, Strings, header_footer, is_in, push_cell, runs_of};
use crate::extract::xml::has_letter;
use crate::extract::{Sink, Unreadable};
use crate::model::{Cell, GapReason, Kind, Place, Segment};

/// Record types (MS-XLSB 2.3.2).
mod record {
    pub(super) const ROW: u32 = 0;
    pub(super) const CELL_BLANK: u32 = 1;
    pub(super) const CELL_TEXT: u32 = 6;
    pub(super) const CELL_SHARED: u32 = 7;
    pub(super) const FORMULA_TEXT: u32 = 8;
    pub(super) const FORMULA_NUMBER: u32 = 9;
    pub(super) const FORMULA_BOOL: u32 = 10;
    pub(super) const FORMULA_ERROR: u32 = 11;
    /// From here on, cells that stand right behind the one before and do not say where.
    pub(super) const SHORT_BLANK: u32 = 12;
    pub(super) const SHORT_TEXT: u32 = 17;
    pub(super) const SHORT_SHARED: u32 = 18;
    pub(super) const STRING: u32 = 19;
    pub(super) const NAME: u32 = 39;
    pub(super) const FONT: u32 = 43;
    pub(super) const NUMBER_FORMAT: u32 = 44;
    pub(super) const BORDER: u32 = 46;
    pub(super) const CELL_FORMAT: u32 = 47;
    pub(super) const COLUMN: u32 = 60;
    pub(super) const CELL_RICH: u32 = 62;
    pub(super) const VALIDATION: u32 = 64;
    pub(super) const SHEET: u32 = 156;
    pub(super) const FILTER: u32 = 167;
    pub(super) const ARRAY: u32 = 426;
    pub(super) const SHARED_FORMULA: u32 = 427;
    pub(super) const HEADER_FOOTER: u32 = 479;
    pub(super) const HYPERLINK: u32 = 494;
    pub(super) const BEGIN_CELL_FORMATS: u32 = 617;
    pub(super) const END_CELL_FORMATS: u32 = 618;
    pub(super) const COMMENT_AUTHOR: u32 = 632;
    pub(super) const COMMENT: u32 = 635;
    pub(super) const COMMENT_TEXT: u32 = 637;
}

/// Records longer than this many bytes are passed over; a cell holds 32,767 letters.
const MAX_RECORD: usize = 16 << 20;

/// Sheets, formats and hidden column ranges beyond this many are not kept.
const MAX_KEPT: usize = 70_000;

/// The records of a part.
struct Records<R> {
    inner: BufReader<R>,
    body: Vec<u8>,
    skipped: bool,
}

impl<R: Read> Records<R> {
    fn new(inner: R) -> Records<R> {
        Records { inner: BufReader::with_capacity(64 << 10, inner), body: Vec::new(), skipped: false }
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        let mut byte = [0];
        match self.inner.read_exact(&mut byte) {
            Ok(()) => Ok(Some(byte[0])),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A number of as many bytes as have the highest bit set, and one more.
    fn number(&mut self, most: u32) -> io::Result<Option<u32>> {
        let mut value = 0;
        for at in 0..most {
            let Some(byte) = self.byte()? else { return Ok(None) };
            value |= u32::from(byte & 0x7F) << (7 * at);
            if byte & 0x80 == 0 {
                break;
            }
        }
        Ok(Some(value))
    }

    /// Goes to the next record and gives its type.
    fn next(&mut self) -> Result<Option<u32>, Unreadable> {
        let Some(kind) = self.number(2)? else { return Ok(None) };
        let Some(len) = self.number(4)? else { return Err(breaks_off()) };
        let len = len as usize;
        self.body.clear();
        let got = self.inner.by_ref().take(len.min(MAX_RECORD) as u64).read_to_end(&mut self.body)?;
        if got < len.min(MAX_RECORD) {
            return Err(breaks_off());
        }
        if len > MAX_RECORD {
            io::copy(&mut self.inner.by_ref().take((len - MAX_RECORD) as u64), &mut io::sink())?;
            self.skipped = true;
        }
        Ok(Some(kind))
    }

    fn end(&self) -> Result<(), Unreadable> {
        if self.skipped {
            return Err(Unreadable::gap(GapReason::LimitSize, "a record larger than 16 MB"));
        }
        Ok(())
    }
}

fn breaks_off() -> Unreadable {
    Unreadable::damaged("a record breaks off")
}

/// Fields of a record, one after the other.
struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (field, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(field)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2)?.first_chunk().map(|raw| u16::from_le_bytes(*raw))
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.first_chunk().map(|raw| u32::from_le_bytes(*raw))
    }

    /// XLWideString and XLNullableWideString: a count of UTF-16 units, all ones for none, then these.
    fn text(&mut self, out: &mut String) -> Option<()> {
        out.clear();
        let len = self.u32()?;
        if len == u32::MAX {
            return Some(());
        }
        let raw = self.take((len as usize).checked_mul(2)?)?;
        let units = raw
            .chunks_exact(2)
            .filter_map(|pair| pair.first_chunk::<2>())
            .map(|pair| u16::from_le_bytes(*pair));
        out.extend(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
        Some(())
    }

    /// A formula: its tokens and what stands behind them, each after its length.
    fn formula(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        let len = self.u32()? as usize;
        let tokens = self.take(len)?;
        let len = self.u32()? as usize;
        Some((tokens, self.take(len)?))
    }

    /// RichStr: flags, text, runs of fonts; how it reads aloud.
    fn rich(&mut self, text: &mut String, runs: &mut Vec<(u32, u16)>, reading: &mut String) -> Option<()> {
        runs.clear();
        reading.clear();
        let flags = self.u8()?;
        self.text(text)?;
        if flags & 1 != 0 {
            for _ in 0..self.u32()? {
                let (at, font) = (self.u16()?, self.u16()?);
                runs.push((u32::from(at), font));
            }
        }
        if flags & 2 != 0 {
            self.text(reading)?;
        }
        Some(())
    }
}

/// Reads `workbook.bin`: lists the sheets, pushes their names and the defined names.
///
/// # Errors
/// What reading its bytes gave, `damaged` for records that break off.
pub(super) fn read_workbook(
    part: impl Read,
    budget: &Rc<Budget>,
    sink: &mut dyn Sink,
) -> Result<Vec<SheetEntry>, Unreadable> {
    let mut records = Records::new(part);
    let mut sheets = Vec::new();
    let (mut text, mut relation) = (String::new(), String::new());
    while let Some(kind) = records.next()? {
        let mut fields = Fields { rest: &records.body };
        match kind {
            record::SHEET => {
                let visible = fields.u32() == Some(0);
                fields.u32();
                if fields.text(&mut relation).and_then(|()| fields.text(&mut text)).is_none() {
                    continue;
                }
                let place =
                    Place { visible, sheet: Some(&text), ..Place::new(Kind::Property).named("sheet") };
                sink.segment(Segment::new(&text, place))?;
                if sheets.len() < MAX_KEPT {
                    sheets.push(SheetEntry { name: text.clone(), relation: relation.clone(), visible });
                }
            }
            record::NAME => {
                let built_in = fields.u32().is_some_and(|flags| flags & 0x20 != 0);
                fields.take(5);
                if fields.text(&mut text).is_none() {
                    continue;
                }
                if !built_in && !text.starts_with("_xlnm.") {
                    aside(Kind::Bookmark, "defined name", &text, Place::new(Kind::Bookmark), sink)?;
                }
                if let Some((tokens, extra)) = fields.formula() {
                    let place = Place::new(Kind::Hidden).hidden().named("defined name");
                    push_constants(tokens, extra, place, sink)?;
                }
                // A comment, and the texts of a macro that is a function.
                for _ in 0..5 {
                    if fields.text(&mut text).is_none() {
                        break;
                    }
                    aside(Kind::Bookmark, "defined name", &text, Place::new(Kind::Bookmark), sink)?;
                }
            }
            _ => search(&records.body, "workbook", Place::new(Kind::Hidden), budget, sink)?,
        }
    }
    records.end()?;
    Ok(sheets)
}

/// Reads `styles.bin`.
///
/// # Errors
/// As [`read_workbook`].
pub(super) fn read_styles(
    part: impl Read,
    fonts: &mut Fonts,
    sink: &mut dyn Sink,
) -> Result<CellStyles, Unreadable> {
    let mut records = Records::new(part);
    let mut styles = CellStyles::default();
    let mut borders = Vec::new();
    let mut in_cells = false;
    let mut text = String::new();
    while let Some(kind) = records.next()? {
        let mut fields = Fields { rest: &records.body };
        match kind {
            record::FONT if styles.fonts.len() < MAX_KEPT => {
                styles.fonts.push(font(&mut fields, &mut text, fonts).unwrap_or_default());
            }
            record::NUMBER_FORMAT => {
                fields.u16();
                if fields.text(&mut text).is_some() && text.contains('"') {
                    aside(Kind::Hidden, "number format", &text, Place::new(Kind::Hidden), sink)?;
                }
            }
            record::BORDER if borders.len() < MAX_KEPT => {
                // Flags, then top, bottom, left and right in ten bytes each, the first of which is the line.
                let line = |at: usize| records.body.get(at).is_some_and(|line| *line > 0);
                borders.push([1, 11, 21, 31].into_iter().all(line));
            }
            record::BEGIN_CELL_FORMATS => in_cells = true,
            record::END_CELL_FORMATS => in_cells = false,
            record::CELL_FORMAT if in_cells && styles.looks.len() < MAX_KEPT => {
                fields.take(4);
                let font = usize::from(fields.u16().unwrap_or(0));
                fields.u16();
                let border = usize::from(fields.u16().unwrap_or(0));
                let mut look = styles.fonts.get(font).copied().unwrap_or_default();
                look.framed = borders.get(border).copied().filter(|framed| *framed);
                styles.looks.push(look);
            }
            _ => {}
        }
    }
    records.end()?;
    Ok(styles)
}

fn font(fields: &mut Fields<'_>, name: &mut String, fonts: &mut Fonts) -> Option<Look> {
    let (height, flags, weight) = (fields.u16()?, fields.u16()?, fields.u16()?);
    fields.take(6)?;
    let color = fields.take(8)?;
    fields.u8()?;
    fields.text(name)?;
    // The kind of colour is in the upper seven bits: 2 is RGB.
    let color = match color {
        [5, _, _, _, red, green, blue, _] => Some([*red, *green, *blue]),
        _ => None,
    };
    Some(Look {
        // Twentieths of a point.
        size: Some(height / 10),
        bold: Some(weight >= 600),
        struck: Some(flags & 8 != 0),
        color,
        font: fonts.number(name),
        ..Look::default()
    })
}

/// Reads `sharedStrings.bin`.
///
/// # Errors
/// As [`read_workbook`].
pub(super) fn read_strings(
    part: impl Read,
    styles: &CellStyles,
    fonts: &Fonts,
    budget: &Rc<Budget>,
    sink: &mut dyn Sink,
) -> Result<Strings, Unreadable> {
    let mut records = Records::new(part);
    let mut strings = Strings::with_room(budget.room());
    let mut rich = Rich::default();
    let mut result = Ok(());
    loop {
        match records.next() {
            Ok(Some(record::STRING)) => {
                rich.read(&mut Fields { rest: &records.body }, styles, fonts);
                strings.add(&rich.text, &rich.runs, fonts, sink)?;
                aside(Kind::Hidden, "reading", &rich.reading, Place::new(Kind::Hidden), sink)?;
            }
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(error) => {
                result = Err(error);
                break;
            }
        }
    }
    strings.finish(budget.hold(strings.cost() as u64));
    if let Err(Unreadable::Gap { reason, detail }) = result.and_then(|()| records.end()) {
        sink.gap(crate::model::Gap::new(reason, format!("{detail}: shared strings")));
    }
    Ok(strings)
}

/// A text with its runs.
#[derive(Default)]
struct Rich {
    text: String,
    reading: String,
    numbers: Vec<(u32, u16)>,
    units: Vec<(u32, Look)>,
    runs: Vec<Run>,
}

impl Rich {
    fn read(&mut self, fields: &mut Fields<'_>, styles: &CellStyles, fonts: &Fonts) {
        self.text.clear();
        // What breaks off within its runs still has its text.
        let _ = fields.rich(&mut self.text, &mut self.numbers, &mut self.reading);
        self.units.clear();
        self.units.extend(
            self.numbers
                .iter()
                .map(|(at, font)| (*at, styles.fonts.get(usize::from(*font)).copied().unwrap_or_default())),
        );
        runs_of(&self.text, &self.units, fonts, &mut self.runs);
    }
}

/// Reads a sheet of any kind.
///
/// # Errors
/// As [`read_workbook`].
pub(super) fn read_sheet(
    part: impl Read,
    sheet: &SheetEntry,
    book: &mut Book,
    budget: &Rc<Budget>,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    let mut records = Records::new(part);
    let base = Place { sheet: Some(&sheet.name), visible: sheet.visible, ..Place::new(Kind::Table) };
    let cell_kind = if sheet.visible { Kind::Table } else { Kind::Hidden };
    let mut hidden_columns: Vec<(u32, u32)> = Vec::new();
    let (mut row, mut row_hidden) = (0, false);
    // Of the cell read last.
    let mut column = None;
    let mut text = String::new();
    let mut rich = Rich::default();
    while let Some(kind) = records.next()? {
        let body = records.body.as_slice();
        let mut fields = Fields { rest: body };
        match kind {
            record::ROW => {
                row = fields.u32().unwrap_or(row);
                column = None;
                row_hidden = body.get(11).is_some_and(|flags| flags & 0x10 != 0);
            }
            record::COLUMN => {
                let (first, last) = (fields.u32().unwrap_or(0), fields.u32().unwrap_or(0));
                fields.take(8);
                if fields.u16().is_some_and(|flags| flags & 1 != 0) && hidden_columns.len() < 1_024 {
                    hidden_columns.push((first, last));
                }
            }
            record::CELL_BLANK..=record::SHORT_SHARED | record::CELL_RICH => {
                column = match kind {
                    record::SHORT_BLANK..=record::SHORT_SHARED => {
                        Some(column.map_or(0, |before: u32| before.saturating_add(1)))
                    }
                    _ => fields.u32(),
                };
                let (Some(column), Some(style)) = (column, fields.u32()) else { continue };
                let cell = Cell { row, column };
                let visible = base.visible && !row_hidden && !is_in(&hidden_columns, column);
                let place = Place { kind: cell_kind, cell: Some(cell), visible, ..base };
                let look = book.styles.looks.get(style as usize & 0xFF_FFFF).copied().unwrap_or_default();
                let formula_at = match kind {
                    record::CELL_SHARED | record::SHORT_SHARED => {
                        if let Some(number) = fields.u32() {
                            book.strings.push(number as usize, place, look, &book.fonts, sink)?;
                        }
                        continue;
                    }
                    record::CELL_RICH => {
                        rich.read(&mut fields, &book.styles, &book.fonts);
                        push_cell(&rich.text, &rich.runs, place, look, &book.fonts, sink)?;
                        continue;
                    }
                    record::CELL_TEXT | record::SHORT_TEXT | record::FORMULA_TEXT => {
                        if fields.text(&mut text).is_none() {
                            continue;
                        }
                        push_cell(&text, &[], place, look, &book.fonts, sink)?;
                        if kind != record::FORMULA_TEXT {
                            continue;
                        }
                        0
                    }
                    record::FORMULA_NUMBER => 8,
                    record::FORMULA_BOOL | record::FORMULA_ERROR => 1,
                    // Cells without text.
                    _ => continue,
                };
                fields.take(formula_at + 2);
                if let Some((tokens, extra)) = fields.formula() {
                    let place = Place { kind: Kind::Hidden, ..place.hidden() }.named("formula");
                    push_constants(tokens, extra, place, sink)?;
                }
            }
            record::ARRAY | record::SHARED_FORMULA => {
                let cell = Cell { row: fields.u32().unwrap_or(row), column: 0 };
                fields.take(4);
                let cell = Cell { column: fields.u32().unwrap_or(0), ..cell };
                fields.take(if kind == record::ARRAY { 5 } else { 4 });
                if let Some((tokens, extra)) = fields.formula() {
                    let place =
                        Place { kind: Kind::Hidden, cell: Some(cell), ..base.hidden() }.named("formula");
                    push_constants(tokens, extra, place, sink)?;
                }
            }
            record::HEADER_FOOTER => {
                fields.u16();
                for kind in [Kind::Header, Kind::Footer].into_iter().cycle().take(6) {
                    if fields.text(&mut text).is_none() {
                        break;
                    }
                    header_footer(&text, Place { kind, ..base }, sink)?;
                }
            }
            record::HYPERLINK => {
                let cell = Cell { row: fields.u32().unwrap_or(0), column: 0 };
                fields.take(4);
                let cell = Cell { column: fields.u32().unwrap_or(0), ..cell };
                fields.take(4);
                // The first names the relationship.
                for name in ["", "location", "tooltip", "display"] {
                    if fields.text(&mut text).is_none() {
                        break;
                    }
                    if !name.is_empty() {
                        aside(Kind::Link, name, &text, Place { cell: Some(cell), ..base }, sink)?;
                    }
                }
            }
            record::VALIDATION => {
                fields.u32();
                let ranges = fields.u32().unwrap_or(0) as usize;
                fields.take(ranges.saturating_mul(16));
                for name in ["errorTitle", "error", "promptTitle", "prompt"] {
                    if fields.text(&mut text).is_none() {
                        break;
                    }
                    aside(Kind::FormField, name, &text, base, sink)?;
                }
                for _ in 0..2 {
                    let Some((tokens, extra)) = fields.formula() else { break };
                    let place = Place { kind: Kind::FormField, ..base.hidden() }.named("list");
                    push_constants(tokens, extra, place, sink)?;
                }
            }
            record::FILTER => {
                // A text that breaks off is empty.
                let _ = fields.text(&mut text);
                aside(Kind::Hidden, "filter", &text, base, sink)?;
            }
            _ if body.len() >= 8 => search(body, "settings", base, budget, sink)?,
            _ => {}
        }
    }
    records.end()
}

/// Reads the comments of a sheet.
///
/// # Errors
/// As [`read_workbook`].
pub(super) fn read_comments(
    part: impl Read,
    sheet: Option<&SheetEntry>,
    book: &Book,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    let mut records = Records::new(part);
    let base = Place {
        sheet: sheet.map(|sheet| sheet.name.as_str()),
        visible: sheet.is_none_or(|sheet| sheet.visible),
        ..Place::new(Kind::Comment)
    };
    let mut cell = None;
    let mut text = String::new();
    let mut rich = Rich::default();
    while let Some(kind) = records.next()? {
        let mut fields = Fields { rest: &records.body };
        match kind {
            record::COMMENT_AUTHOR => {
                let _ = fields.text(&mut text);
                push_cell(&text, &[], base.named("author"), Look::default(), &book.fonts, sink)?;
            }
            record::COMMENT => {
                fields.u32();
                let row = fields.u32();
                fields.u32();
                cell = row.zip(fields.u32()).map(|(row, column)| Cell { row, column });
            }
            record::COMMENT_TEXT => {
                rich.read(&mut fields, &book.styles, &book.fonts);
                push_cell(
                    &rich.text,
                    &rich.runs,
                    Place { cell, ..base },
                    Look::default(),
                    &book.fonts,
                    sink,
                )?;
            }
            _ => {}
        }
    }
    records.end()
}

/// Searches a part of which only the records are known.
///
/// # Errors
/// As [`read_workbook`].
pub(super) fn read_other(
    part: impl Read,
    name: &str,
    base: Place<'_>,
    budget: &Rc<Budget>,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    let mut records = Records::new(part);
    while records.next()?.is_some() {
        if records.body.len() >= 8 {
            search(&records.body, name, base, budget, sink)?;
        }
    }
    records.end()
}

fn search(
    body: &[u8],
    name: &str,
    base: Place<'_>,
    budget: &Rc<Budget>,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    let mut aside = runs::Aside { base, sink };
    runs::search(&mut &*body, name, runs::MIN_LETTERS, budget, &mut aside)
}

fn push_constants(
    tokens: &[u8],
    extra: &[u8],
    place: Place<'_>,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    constants(tokens, extra, Tokens::Biff12, &mut |text| {
        for item in text.split('\0').filter(|item| has_letter(item)) {
            sink.segment(Segment::new(item, place))?;
        }
        Ok(())
    })?;
    Ok(())
}

fn aside(kind: Kind, name: &str, text: &str, base: Place<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    if has_letter(text) {
        sink.segment(Segment::new(text, Place { kind, ..base.hidden() }.named(name)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{Record, texts};
    use super::*;
    use crate::extract::limits::Limits;

    fn record(kind: u8, body: &[u8]) -> Vec<u8> {
        [&[kind, u8::try_from(body.len()).unwrap()][..], body].concat()
    }

    fn wide(text: &str) -> Vec<u8> {
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        [&(units.len() as u32 / 2).to_le_bytes()[..], &units].concat()
    }

    #[test]
    fn shared_strings_find_their_cells() {
        let budget = Budget::new(Limits::default());
        let mut sink = Record::default();
        let mut fonts = Fonts::default();
        let look = |name: &str, fonts: &mut Fonts| Look { font: fonts.number(name), ..Look::default() };
        let styles = CellStyles {
            fonts: vec![look("Arial", &mut fonts), look(".VnTime", &mut fonts)],
            ..CellStyles::default()
        };
        let runs = [&[1, 0, 0, 0][..], &[2, 0, 1, 0]].concat();
        let part = record(19, &[&[1][..], &wide("a TèI"), &runs].concat());
        let strings = read_strings(part.as_slice(), &styles, &fonts, &budget, &mut sink).unwrap();
        let mut book = Book { strings, styles, fonts };
        let sheet = SheetEntry { name: "Kho".to_owned(), visible: true, ..SheetEntry::default() };
        let row = [&[4, 0, 0, 0][..], &[0; 6], &[0, 0x10], &[0; 5]].concat();
        let part = [record(0, &row), record(7, &[&[2, 0, 0, 0, 0, 0, 0, 0][..], &[0; 4]].concat())].concat();
        read_sheet(part.as_slice(), &sheet, &mut book, &budget, &mut sink).unwrap();
        assert_eq!(texts(&sink), ["a ", "TèI"]);
        let seen = sink.the("TèI");
        assert_eq!((seen.place.cell.as_deref(), seen.place.visible), (Some("C5"), false));
        assert_eq!(seen.font.as_deref(), Some(".VnTime"));
    }

    #[test]
    fn short_cells_stand_behind_the_one_before() {
        let budget = Budget::new(Limits::default());
        let mut sink = Record::default();
        let strings = Strings::with_room(budget.room());
        let mut book = Book { strings, styles: CellStyles::default(), fonts: Fonts::default() };
        let sheet = SheetEntry { name: "Kho".to_owned(), visible: true, ..SheetEntry::default() };
        let short = |text: &str| record(17, &[&[0; 4][..], &wide(text)].concat());
        let row = |number: u8| record(0, &[&[number][..], &[0; 16]].concat());
        let part = [
            row(0),
            record(6, &[&[1, 0, 0, 0, 0, 0, 0, 0][..], &wide("one")].concat()),
            short("two"),
            record(12, &[0; 4]),
            short("four"),
            row(1),
            short("first"),
        ];
        read_sheet(part.concat().as_slice(), &sheet, &mut book, &budget, &mut sink).unwrap();
        let cells: Vec<_> = sink
            .segments
            .iter()
            .map(|seen| (seen.text.as_str(), seen.place.cell.as_deref().unwrap()))
            .collect();
        assert_eq!(cells, [("one", "B1"), ("two", "C1"), ("four", "E1"), ("first", "A2")]);
    }

    #[test]
    fn a_record_that_breaks_off_is_told() {
        let budget = Budget::new(Limits::default());
        let part = record(156, &[0; 20]);
        let result = read_workbook(part.get(..12).unwrap(), &budget, &mut Record::default());
        assert!(matches!(result, Err(Unreadable::Gap { reason: GapReason::Damaged, .. })));
    }
}
