//! One sheet: cells, comments, text boxes, print headers, links, rules, charts.

use encoding_rs::UTF_16LE;

use super::super::super::Unreadable;
use super::super::super::look::Look;
use super::super::super::workbook::{Run, Strings, header_footer, is_in, push_cell, runs_of};
use super::super::super::xml::has_letter;
use super::super::{decode, office_art};
use super::globals::{Entry, Globals};
use super::records::{Dialect, Records};
use super::{Context, aside, formula, search, u16_at, u32_at};
use crate::model::{Cell, Kind, Place, Segment};

/// Hidden column ranges kept per sheet.
const MAX_COLUMNS: usize = 1_024;

/// Bytes of comments that wait for their cell; more are pushed without it.
const MAX_WAITING: usize = 4 << 20;

/// Bytes of one drawing, or of one rule, that are looked at.
const MAX_DRAWING: usize = 4 << 20;

/// Kind of an object that is a comment (FtCmo, MS-XLS 2.5.143).
const NOTE_OBJECT: u16 = 0x19;

/// A comment whose cell is not known yet.
#[derive(Debug)]
struct Comment {
    object: u16,
    text: String,
    runs: Vec<Run>,
    look: Look,
}

/// A sheet being read.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    name: Option<String>,
    hidden: bool,
    /// A bit for each row.
    hidden_rows: Vec<u64>,
    hidden_columns: Vec<(u32, u32)>,
    /// Kind and number of the last object.
    object: (u16, u16),
    comments: Vec<Comment>,
    waiting: usize,
    /// The cell whose formula has a text as result, which follows in a record of its own.
    result: Option<(Cell, u16)>,
}

impl Sheet {
    /// A sheet of that name, or one that is not listed.
    pub(super) fn new(entry: Option<Entry>) -> Sheet {
        match entry {
            Some(entry) => {
                let name = Some(entry.name).filter(|name| !name.is_empty());
                Sheet { hidden: !entry.visible, name, ..Sheet::default() }
            }
            None => Sheet::default(),
        }
    }

    fn base(&self) -> Place<'_> {
        Place { sheet: self.name.as_deref(), visible: !self.hidden, ..Place::new(Kind::Table) }
    }

    fn at(&self, cell: Cell) -> Place<'_> {
        let hidden_row =
            self.hidden_rows.get(cell.row as usize / 64).is_some_and(|word| word >> (cell.row % 64) & 1 == 1);
        Place {
            kind: if self.hidden { Kind::Hidden } else { Kind::Table },
            visible: !self.hidden && !hidden_row && !is_in(&self.hidden_columns, cell.column),
            cell: Some(cell),
            ..self.base()
        }
    }

    /// The substream ends: comments whose cell nobody named.
    ///
    /// # Errors
    /// When the sink stops.
    pub(super) fn end(&mut self, globals: &Globals, context: &mut Context<'_>) -> Result<(), Unreadable> {
        let _ = globals;
        for comment in std::mem::take(&mut self.comments) {
            let place = Place { kind: Kind::Comment, ..self.base() };
            push_cell(&comment.text, &comment.runs, place, comment.look, context.fonts, context.sink)?;
        }
        self.waiting = 0;
        Ok(())
    }

    /// Reads one record of a sheet.
    ///
    /// # Errors
    /// `damaged` when it breaks off, or when the sink stops.
    pub(super) fn record(
        &mut self,
        kind: u16,
        records: &mut Records<'_>,
        globals: &Globals,
        strings: &mut Strings,
        context: &mut Context<'_>,
    ) -> Result<(), Unreadable> {
        match kind {
            // Row: bit 5 of the flags, or no height.
            0x0208 => {
                let body = records.body();
                if u16_at(body, 12).is_some_and(|flags| flags & 0x20 != 0) {
                    let row = usize::from(u16_at(body, 0).unwrap_or(0));
                    if self.hidden_rows.len() <= row / 64 {
                        self.hidden_rows.resize(row / 64 + 1, 0);
                    }
                    if let Some(word) = self.hidden_rows.get_mut(row / 64) {
                        *word |= 1 << (row % 64);
                    }
                }
            }
            // ColInfo
            0x007D => {
                let body = records.body();
                if let (Some(first), Some(last), Some(flags)) =
                    (u16_at(body, 0), u16_at(body, 2), u16_at(body, 8))
                    && flags & 1 != 0
                    && self.hidden_columns.len() < MAX_COLUMNS
                {
                    self.hidden_columns.push((u32::from(first), u32::from(last)));
                }
            }
            // LabelSst
            0x00FD => {
                let body = records.body();
                if let (Some((cell, format)), Some(number)) = (cell_of(body), u32_at(body, 6)) {
                    strings.push(
                        number as usize,
                        self.at(cell),
                        globals.cell(format),
                        context.fonts,
                        context.sink,
                    )?;
                }
            }
            // Label, RString
            0x0004 | 0x0204 | 0x00D6 => self.label(kind, records, globals, context)?,
            // Formula
            0x0006 | 0x0206 | 0x0406 => self.formula(records, context)?,
            // String: the result of the formula before.
            0x0007 | 0x0207 => {
                if let Some((cell, format)) = self.result.take() {
                    let look = globals.cell(format);
                    let dialect = context.dialect.legacy(context.fonts.is_legacy(look.font));
                    let mut text = String::new();
                    let result = records.cursor(0).long_text(dialect, &mut text);
                    push_cell(&text, &[], self.at(cell), look, context.fonts, context.sink)?;
                    result?;
                }
            }
            // Array, ShrFmla, Table
            0x0021 | 0x0221 | 0x04BC => {
                let body = records.body();
                let cell = Cell {
                    row: u32::from(u16_at(body, 0).unwrap_or(0)),
                    column: u32::from(body.get(4).copied().unwrap_or(0)),
                };
                let at = match (kind, context.dialect.version) {
                    (0x04BC, _) => 8,
                    (_, 5..) => 12,
                    _ => return Ok(()),
                };
                self.tokens(body, at, cell, context)?;
            }
            0x001C => self.note(records, context)?,
            0x01B6 => self.text_object(records, globals, context)?,
            0x005D => {
                let body = records.body();
                if context.dialect.version >= 8 {
                    // ftCmo comes first: its number and length, then kind and number of the object.
                    self.object = (u16_at(body, 4).unwrap_or(0), u16_at(body, 6).unwrap_or(0));
                } else {
                    let base = self.base();
                    search(&mut records.cursor(0), base, "object", context)?;
                }
            }
            0x00EC => self.drawing(records, context)?,
            0x01B8 => {
                let body = records.body();
                let cell = Cell {
                    row: u32::from(u16_at(body, 0).unwrap_or(0)),
                    column: u32::from(u16_at(body, 4).unwrap_or(0)),
                };
                // Range, class identifier, link.
                for text in office_art::hyperlink(body.get(24..).unwrap_or_default()) {
                    let place = Place { kind: Kind::Link, cell: Some(cell), ..self.base().hidden() };
                    context.sink.segment(Segment::new(&text, place.named("hyperlink")))?;
                }
            }
            // HLinkTooltip
            0x0800 => {
                let text = decode(records.body().get(10..).unwrap_or_default(), UTF_16LE);
                aside(Kind::Link, "tooltip", &text, self.base(), context.sink)?;
            }
            0x01BE => self.validation(records, context)?,
            // CF: two formulas at the end.
            0x01B1 => {
                let body = records.body();
                let first = usize::from(u16_at(body, 2).unwrap_or(0));
                let second = usize::from(u16_at(body, 4).unwrap_or(0));
                let place = Place { kind: Kind::Hidden, ..self.base().hidden() }.named("list or rule");
                let tail =
                    body.len().checked_sub(first + second).and_then(|at| body.get(at..)).unwrap_or_default();
                let (first, second) = tail.split_at_checked(first).unwrap_or_default();
                formula(first, &[], place, context)?;
                formula(second, &[], place, context)?;
            }
            0x009E => self.filter(records, context)?,
            // What programs since 2007 add, scenarios, lists, pivot tables, queries: texts between numbers.
            0x00AF | 0x01AD | 0x0868 | 0x0872 | 0x0877 | 0x0878 | 0x087A | 0x087E | 0x00B0 | 0x00B1
            | 0x00B2 | 0x0100 | 0x0103 | 0x0801 | 0x0802 => {
                let base = self.base();
                search(&mut records.cursor(0), base, name_of(kind), context)?;
            }
            // HFPicture: a picture in the print header; Bitmap: one behind the sheet.
            0x0866 | 0x00E9 => *context.pictures += 1,
            0x0051
            | 0x0052
            | 0x01B5
            | 0x00DC
            | 0x00CD
            | 0x00F0..=0x00F8
            | 0x0803..=0x0805
            | 0x0864
            | 0x0018
            | 0x0023
            | 0x01BA => {
                globals_of_sheet(kind, records, self.base(), context)?;
            }
            _ => self.print_header(kind, records, context)?,
        }
        Ok(())
    }

    /// Reads one record of a chart.
    ///
    /// # Errors
    /// As [`Sheet::record`].
    pub(super) fn chart_record(
        &mut self,
        kind: u16,
        records: &mut Records<'_>,
        globals: &Globals,
        context: &mut Context<'_>,
    ) -> Result<(), Unreadable> {
        let mut text = String::new();
        match kind {
            // SeriesText: titles, names of series and axes.
            0x100D => {
                let mut cursor = records.cursor(2);
                cursor.short_text(context.dialect, &mut text)?;
            }
            // A cell of the table beside a chart of Microsoft Graph.
            0x0004 => {
                let Some((cell, _)) = cell_of(records.body()) else { return Ok(()) };
                records.cursor(7).short_text(context.dialect, &mut text)?;
                return push_cell(&text, &[], self.at(cell), Look::default(), context.fonts, context.sink);
            }
            // Cached names of categories.
            0x0204 => {
                let mut cursor = records.cursor(6);
                cursor.long_text(context.dialect, &mut text)?;
            }
            0x01B6 => return self.text_object(records, globals, context),
            0x005D if context.dialect.version >= 8 => {
                let body = records.body();
                self.object = (u16_at(body, 4).unwrap_or(0), u16_at(body, 6).unwrap_or(0));
            }
            0x00EC => return self.drawing(records, context),
            // AI: a formula of a series.
            0x1051 => {
                let body = records.body();
                let place = Place { kind: Kind::Hidden, ..self.base().hidden() }.named("chart");
                let len = usize::from(u16_at(body, 6).unwrap_or(0));
                let tokens = body.get(8..).and_then(|rest| rest.get(..len)).unwrap_or_default();
                return formula(tokens, &[], place, context);
            }
            _ => return self.print_header(kind, records, context),
        }
        if has_letter(&text) {
            let place = Place { kind: Kind::Body, ..self.base() }.named("chart");
            context.sink.segment(Segment::new(&text, place))?;
        }
        Ok(())
    }

    /// Header, Footer, HeaderFooter.
    fn print_header(
        &self,
        kind: u16,
        records: &mut Records<'_>,
        context: &mut Context<'_>,
    ) -> Result<(), Unreadable> {
        let mut text = String::new();
        let mut cursor = records.cursor(0);
        match kind {
            0x0014 | 0x0015 if cursor.left() > 0 => {
                match context.dialect.version {
                    8.. => cursor.long_text(context.dialect, &mut text)?,
                    _ => cursor.short_text(context.dialect, &mut text)?,
                }
                let kind = if kind == 0x0014 { Kind::Header } else { Kind::Footer };
                header_footer(&text, Place { kind, ..self.base() }, context.sink)
            }
            // Of even pages and of the first page: their lengths, then those that are not empty.
            0x089C => {
                cursor.skip(12 + 16 + 2)?;
                let mut lens = [0u16; 4];
                for len in &mut lens {
                    *len = cursor.u16()?;
                }
                for (at, _) in lens.iter().enumerate().filter(|(_, len)| **len > 0) {
                    text.clear();
                    cursor.long_text(context.dialect, &mut text)?;
                    let kind = if at % 2 == 0 { Kind::Header } else { Kind::Footer };
                    header_footer(&text, Place { kind, ..self.base() }, context.sink)?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn label(
        &mut self,
        kind: u16,
        records: &mut Records<'_>,
        globals: &Globals,
        context: &mut Context<'_>,
    ) -> Result<(), Unreadable> {
        let Some((cell, format)) = cell_of(records.body()) else { return Ok(()) };
        let version = context.dialect.version;
        let look = if version > 2 { globals.cell(format) } else { globals.font(0) };
        let dialect = context.dialect.legacy(context.fonts.is_legacy(look.font));
        let mut text = String::new();
        let mut cursor = records.cursor(if version > 2 { 6 } else { 7 });
        let result = cursor.long_text(dialect, &mut text);
        let mut runs = Vec::new();
        if kind == 0x00D6 && result.is_ok() {
            let mut units = Vec::new();
            let count = if version >= 8 { cursor.u16()? } else { u16::from(cursor.u8()?) };
            for _ in 0..count {
                let (at, font) = match version {
                    8.. => (cursor.u16()?, cursor.u16()?),
                    _ => (u16::from(cursor.u8()?), u16::from(cursor.u8()?)),
                };
                units.push((u32::from(at), globals.font(font)));
            }
            runs_of(&text, &units, context.fonts, &mut runs);
        }
        push_cell(&text, &runs, self.at(cell), look, context.fonts, context.sink)?;
        result
    }

    fn formula(&mut self, records: &mut Records<'_>, context: &mut Context<'_>) -> Result<(), Unreadable> {
        let body = records.body();
        let Some((cell, format)) = cell_of(body) else { return Ok(()) };
        // Row, column, format, result of eight bytes; in BIFF2 three bytes of attributes.
        let (result, tokens) = match context.dialect.version {
            2 => (7, 16),
            3 | 4 => (6, 16),
            _ => (6, 20),
        };
        let is_text = body.get(result) == Some(&0) && u16_at(body, result + 6) == Some(0xFFFF);
        // BIFF2 tells nothing of the kind of a result; what follows in a String record is one.
        self.result = (is_text || context.dialect.version == 2).then_some((cell, format));
        if context.dialect.version >= 5 {
            self.tokens(body, tokens, cell, context)?;
        }
        Ok(())
    }

    /// The strings in a formula, whose length stands at `at`.
    fn tokens(
        &self,
        body: &[u8],
        at: usize,
        cell: Cell,
        context: &mut Context<'_>,
    ) -> Result<(), Unreadable> {
        let len = usize::from(u16_at(body, at).unwrap_or(0));
        let rest = body.get(at + 2..).unwrap_or_default();
        // No string, no array constant.
        if memchr::memchr(0x17, rest).is_none() && !rest.iter().any(|byte| matches!(byte, 0x20 | 0x40 | 0x60))
        {
            return Ok(());
        }
        let (tokens, extra) = rest.split_at_checked(len).unwrap_or((rest, &[]));
        let place = Place { kind: Kind::Hidden, cell: Some(cell), ..self.base().hidden() };
        formula(tokens, extra, place.named("formula"), context)
    }

    /// A comment: before BIFF8 with its text, since then with the number of the object that has it.
    fn note(&mut self, records: &mut Records<'_>, context: &mut Context<'_>) -> Result<(), Unreadable> {
        let body = records.body();
        let (Some(row), Some(column)) = (u16_at(body, 0), u16_at(body, 2)) else { return Ok(()) };
        let cell = Cell { row: u32::from(row), column: u32::from(column) };
        let shown = Place { kind: Kind::Comment, cell: Some(cell), ..self.base() };
        let mut text = String::new();
        if context.dialect.version < 8 {
            let mut cursor = records.cursor(4);
            let chars = usize::from(cursor.u16()?).min(cursor.left());
            cursor.text(context.dialect, chars, &mut text)?;
            // Row 65535: the text of the note before goes on.
            let place = if row == 0xFFFF { Place { cell: None, ..shown } } else { shown };
            if has_letter(&text) {
                context.sink.segment(Segment::new(&text, place))?;
            }
            return Ok(());
        }
        let object = u16_at(body, 6).unwrap_or(0);
        let author = records.cursor(8).long_text(context.dialect, &mut text);
        if has_letter(&text) {
            context.sink.segment(Segment::new(&text, shown.named("author")))?;
        }
        if let Some(at) = self.comments.iter().position(|comment| comment.object == object) {
            let comment = self.comments.swap_remove(at);
            self.waiting = self.waiting.saturating_sub(comment.text.len());
            let place = Place { kind: Kind::Comment, cell: Some(cell), ..self.base() };
            push_cell(&comment.text, &comment.runs, place, comment.look, context.fonts, context.sink)?;
        }
        author
    }

    /// TxO: text of a shape, and of a comment.
    fn text_object(
        &mut self,
        records: &mut Records<'_>,
        globals: &Globals,
        context: &mut Context<'_>,
    ) -> Result<(), Unreadable> {
        let body = records.body();
        let (chars, runs_len) = (u16_at(body, 10).unwrap_or(0), u16_at(body, 12).unwrap_or(0));
        if chars == 0 {
            return Ok(());
        }
        let mut cursor = records.cursor(0);
        let (mut text, mut raw, mut units) = (String::new(), Vec::new(), Vec::new());
        let mut result = Err(Unreadable::damaged("a text breaks off"));
        if cursor.next_part()? {
            let flags = cursor.u8()?;
            result = cursor.chars(usize::from(chars), flags, &mut text);
            if result.is_ok() && cursor.next_part()? {
                cursor.bytes(usize::from(runs_len), &mut raw)?;
                units.extend(raw.chunks_exact(8).map(|run| {
                    (u32::from(u16_at(run, 0).unwrap_or(0)), globals.font(u16_at(run, 2).unwrap_or(0)))
                }));
                // The last one only says where the text ends.
                units.pop();
            }
        }
        let mut runs = Vec::new();
        runs_of(&text, &units, context.fonts, &mut runs);
        let look = units.first().map(|(_, look)| *look).unwrap_or_default();
        let (kind, object) = self.object;
        if kind == NOTE_OBJECT && self.waiting < MAX_WAITING {
            self.waiting += text.len();
            self.comments.push(Comment { object, text, runs, look });
            return result;
        }
        let kind = if kind == NOTE_OBJECT { Kind::Comment } else { Kind::Textbox };
        push_cell(&text, &runs, Place { kind, ..self.base() }, look, context.fonts, context.sink)?;
        result
    }

    /// MsoDrawing: shapes with WordArt, alternative texts, links.
    fn drawing(&mut self, records: &mut Records<'_>, context: &mut Context<'_>) -> Result<(), Unreadable> {
        let mut bytes = Vec::new();
        records.cursor(0).bytes(MAX_DRAWING, &mut bytes)?;
        let base = self.base();
        let sink = &mut *context.sink;
        office_art::shapes(&bytes, &mut |shape| {
            let kind = if shape.is_watermark() { Kind::Watermark } else { Kind::Textbox };
            shape.push(Place { kind, ..base }, sink)
        })?;
        Ok(())
    }

    /// DV: titles and texts of prompt and error, then two formulas, of which a list is one string with zeros in it.
    fn validation(&self, records: &mut Records<'_>, context: &mut Context<'_>) -> Result<(), Unreadable> {
        let dialect = context.dialect;
        let base = self.base();
        let mut cursor = records.cursor(4);
        let mut text = String::new();
        for name in ["promptTitle", "errorTitle", "prompt", "error"] {
            text.clear();
            cursor.long_text(dialect, &mut text)?;
            aside(Kind::FormField, name, &text, base, context.sink)?;
        }
        for _ in 0..2 {
            let len = usize::from(cursor.u16()?);
            cursor.skip(2)?;
            let mut tokens = Vec::new();
            cursor.bytes(len, &mut tokens)?;
            let sink = &mut *context.sink;
            super::constants(&tokens, &[], super::Tokens::Biff8, &mut |list| {
                for item in list.split('\0') {
                    aside(Kind::FormField, "list", item, base, sink)?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// AutoFilter: two conditions of ten bytes; the letters of those that are texts follow.
    fn filter(&self, records: &mut Records<'_>, context: &mut Context<'_>) -> Result<(), Unreadable> {
        let body = records.body();
        let chars = [4usize, 14].map(|at| match body.get(at) {
            Some(6) => body.get(at + 6).copied().unwrap_or(0),
            _ => 0,
        });
        let mut cursor = records.cursor(24);
        for chars in chars.into_iter().filter(|chars| *chars > 0) {
            let mut text = String::new();
            cursor.text(context.dialect, usize::from(chars), &mut text)?;
            aside(Kind::Hidden, "filter", &text, self.base(), context.sink)?;
        }
        Ok(())
    }
}

/// Row, column and format, with which every cell begins.
fn cell_of(body: &[u8]) -> Option<(Cell, u16)> {
    let cell = Cell { row: u32::from(u16_at(body, 0)?), column: u32::from(u16_at(body, 2)?) };
    Some((cell, u16_at(body, 4)?))
}

fn name_of(kind: u16) -> &'static str {
    match kind {
        0x00AF => "scenario",
        0x087A => "list or rule",
        0x087E => "filter",
        0x00B0 | 0x00B1 | 0x00B2 | 0x0100 | 0x0103 | 0x0802 => "pivot table",
        0x0872 | 0x0877 | 0x0878 => "table",
        _ => "settings",
    }
}

/// Records that stand among the globals or in a sheet.
fn globals_of_sheet(
    kind: u16,
    records: &mut Records<'_>,
    base: Place<'_>,
    context: &mut Context<'_>,
) -> Result<(), Unreadable> {
    let dialect: Dialect = context.dialect;
    let mut text = String::new();
    match kind {
        0x01BA => {
            records.cursor(0).long_text(dialect, &mut text)?;
            aside(Kind::Property, "codeName", &text, base, context.sink)
        }
        0x0018 | 0x0023 => search(&mut records.cursor(0), base, "defined name", context),
        _ => search(&mut records.cursor(0), base, "data source", context),
    }
}
