//! What all sheets of a workbook share: sheets, fonts, cell formats, shared strings, names, other workbooks.

use super::super::super::Unreadable;
use super::super::super::look::Look;
use super::super::super::workbook::{Strings, runs_of};
use super::records::{Records, push_wide};
use super::{Context, MAX_SEARCHED, aside, font_look, formula, search, u16_at, u32_at};
use crate::extract::metafile;
use crate::extract::xml::has_letter;
use crate::model::{Kind, Place, Segment};

/// Sheets beyond this many are read without a name.
const MAX_SHEETS: usize = 20_000;

/// Fonts and cell formats beyond this many have no look. Excel allows 65,490.
const MAX_FORMATS: usize = 70_000;

/// Runs of one string beyond this many are not told apart.
const MAX_RUNS: usize = 4_096;

/// A sheet as the workbook lists it.
#[derive(Debug, Clone, Default)]
pub(super) struct Entry {
    /// Offset of its substream.
    pub(super) at: u64,
    /// Its name.
    pub(super) name: String,
    /// Neither hidden nor very hidden.
    pub(super) visible: bool,
}

/// Sheets, fonts and formats.
#[derive(Debug, Default)]
pub(super) struct Globals {
    sheets: Vec<Entry>,
    font_looks: Vec<Look>,
    /// Font of each cell format, and whether it draws a frame.
    formats: Vec<(u16, bool)>,
    palette: Vec<[u8; 3]>,
    /// Colours are known only after all fonts (`icv` of each).
    colors: Vec<u16>,
}

impl Globals {
    /// The sheet whose substream begins there; a substream nobody lists has no name.
    pub(super) fn sheet_at(&self, offset: u64) -> Option<Entry> {
        self.sheets.iter().find(|sheet| sheet.at == offset).cloned()
    }

    /// The offset of the first sheet behind this one.
    pub(super) fn next_sheet(&self, offset: u64) -> Option<u64> {
        self.sheets.iter().map(|sheet| sheet.at).filter(|at| *at > offset).min()
    }

    /// The look of a font, by its number.
    pub(super) fn font(&self, number: u16) -> Look {
        font_look(&self.font_looks, number)
    }

    /// The look of a cell, by the number of its format.
    pub(super) fn cell(&self, format: u16) -> Look {
        let Some((font, framed)) = self.formats.get(usize::from(format)) else { return Look::default() };
        Look { framed: framed.then_some(true), ..self.font(*font) }
    }

    /// Reads one record; false when it is none of ours.
    ///
    /// # Errors
    /// `damaged` when it breaks off, or when the sink stops.
    pub(super) fn record(
        &mut self,
        kind: u16,
        records: &mut Records<'_>,
        context: &mut Context<'_>,
    ) -> Result<bool, Unreadable> {
        let dialect = context.dialect;
        let place = Place::new(Kind::Property);
        let mut text = String::new();
        match kind {
            // BoundSheet8
            0x0085 => {
                let mut cursor = records.cursor(0);
                let (mut at, mut visible) = (u64::MAX, true);
                if dialect.version > 4 {
                    at = u64::from(cursor.u32()?);
                    visible = cursor.u16()? & 3 == 0;
                }
                cursor.short_text(dialect, &mut text)?;
                // Those of Microsoft Graph have no name.
                if !text.is_empty() {
                    let place = Place { visible, sheet: Some(&text), ..place.named("sheet") };
                    context.sink.segment(Segment::new(&text, place))?;
                }
                if self.sheets.len() < MAX_SHEETS {
                    self.sheets.push(Entry { at, name: text, visible });
                }
            }
            // BUNDLEHEADER of Excel 4: the sheet that follows.
            0x008F => {
                let mut cursor = records.cursor(4);
                cursor.short_text(dialect, &mut text)?;
                let place = Place { sheet: Some(&text), ..place.named("sheet") };
                context.sink.segment(Segment::new(&text, place))?;
                let at = records.offset() + 4 + records.body().len() as u64;
                if self.sheets.len() < MAX_SHEETS {
                    self.sheets.push(Entry { at, name: text, visible: true });
                }
            }
            0x0031 | 0x0231 => self.font_record(records, context)?,
            0x0043 | 0x0243 | 0x0443 | 0x00E0 => self.format(kind, records.body()),
            // Palette
            0x0092 => {
                let colors = records.body().get(2..).unwrap_or_default().chunks_exact(4);
                self.palette = colors
                    .filter_map(|raw| raw.first_chunk::<3>().copied())
                    .take(usize::from(u16_at(records.body(), 0).unwrap_or(0)))
                    .collect();
                self.color();
            }
            // Format
            0x041E | 0x001E if kind == 0x041E || dialect.version < 5 => {
                let mut cursor = records.cursor(if dialect.version > 3 { 2 } else { 0 });
                match dialect.version {
                    8.. => cursor.long_text(dialect, &mut text)?,
                    _ => cursor.short_text(dialect, &mut text)?,
                }
                if text.contains('"') {
                    aside(Kind::Hidden, "number format", &text, place, context.sink)?;
                }
            }
            0x0018 | 0x0218 => self.name(records, context)?,
            // NameCmt
            0x0894 => {
                let mut cursor = records.cursor(12);
                let (name, comment) = (usize::from(cursor.u16()?), usize::from(cursor.u16()?));
                cursor.text(dialect, name, &mut text)?;
                text.clear();
                cursor.text(dialect, comment, &mut text)?;
                aside(Kind::Bookmark, "defined name", &text, place, context.sink)?;
            }
            // SupBook
            0x01AE => {
                let mut cursor = records.cursor(0);
                let (sheets, chars) = (cursor.u16()?, cursor.u16()?);
                // This workbook, or functions of an add-in.
                if !matches!(chars, 0x0401 | 0x3A01) {
                    cursor.text(dialect, usize::from(chars), &mut text)?;
                    external(&text, place, context)?;
                    for _ in 0..sheets {
                        if cursor.is_end()? {
                            break;
                        }
                        text.clear();
                        cursor.long_text(dialect, &mut text)?;
                        aside(Kind::Hidden, "external link", &text, place, context.sink)?;
                    }
                }
            }
            // ExternSheet, which names a workbook before BIFF8.
            0x0017 if dialect.version < 8 => {
                records.cursor(0).short_text(dialect, &mut text)?;
                external(&text, place, context)?;
            }
            // ExternName
            0x0023 | 0x0223 => {
                let mut cursor = records.cursor(if dialect.version < 5 { 2 } else { 6 });
                if cursor.left() > 0 {
                    cursor.short_text(dialect, &mut text)?;
                    aside(Kind::Hidden, "external link", &text, place, context.sink)?;
                }
            }
            // CRN: cached values of another workbook.
            0x005A => {
                let mut cursor = records.cursor(0);
                let (last, first) = (cursor.u8()?, cursor.u8()?);
                cursor.skip(2)?;
                for _ in first..=last {
                    if cursor.is_end()? {
                        break;
                    }
                    if cursor.u8()? == 2 {
                        text.clear();
                        match dialect.version {
                            8.. => cursor.long_text(dialect, &mut text)?,
                            _ => cursor.short_text(dialect, &mut text)?,
                        }
                        aside(Kind::Hidden, "external link", &text, place, context.sink)?;
                    } else {
                        cursor.skip(8)?;
                    }
                }
            }
            // CodeName
            0x01BA => {
                records.cursor(0).long_text(dialect, &mut text)?;
                aside(Kind::Property, "codeName", &text, place, context.sink)?;
            }
            // FileSharing: who reserved it.
            0x005B if records.body().len() > 6 => {
                let mut cursor = records.cursor(4);
                match dialect.version {
                    8.. => cursor.long_text(dialect, &mut text)?,
                    _ => cursor.short_text(dialect, &mut text)?,
                }
                aside(Kind::Property, "reserved by", &text, place, context.sink)?;
            }
            // MsoDrawingGroup: counts pictures.
            0x00EB => pictures(records, context)?,
            // SXStreamID and what follows tell where a pivot table comes from: DConRef, DConName, SxTbl, DBQuery...
            0x0051 | 0x0052 | 0x01B5 | 0x00DC | 0x00CD | 0x0803 | 0x0804 | 0x0805 | 0x0864 | 0x0899 => {
                search(&mut records.cursor(0), place, "data source", context)?;
            }
            0x00F0..=0x00F8 => search(&mut records.cursor(0), place, "pivot table", context)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn font_record(
        &mut self,
        records: &mut Records<'_>,
        context: &mut Context<'_>,
    ) -> Result<(), Unreadable> {
        let version = context.dialect.version;
        let body = records.body();
        let (height, flags) = (u16_at(body, 0), u16_at(body, 2).unwrap_or(0));
        let color = if version > 2 { u16_at(body, 4).unwrap_or(0x7FFF) } else { 0x7FFF };
        let weight = if version > 4 { u16_at(body, 6).unwrap_or(400) } else { 400 };
        let mut name = String::new();
        let start = match version {
            2 => 4,
            3 | 4 => 6,
            _ => 14,
        };
        records.cursor(start).short_text(context.dialect, &mut name)?;
        if self.font_looks.len() < MAX_FORMATS {
            self.font_looks.push(Look {
                // Twentieths of a point.
                size: height.map(|height| height / 10),
                bold: Some(weight >= 600 || (version < 5 && flags & 1 != 0)),
                struck: Some(flags & 8 != 0),
                font: context.fonts.number(&name),
                ..Look::default()
            });
            self.colors.push(color);
            self.color();
        }
        Ok(())
    }

    /// Gives the fonts their colours; the palette may come after the fonts.
    fn color(&mut self) {
        for (look, color) in self.font_looks.iter_mut().zip(&self.colors) {
            let at = usize::from(*color);
            look.color = match at {
                8..=63 => self.palette.get(at - 8).or_else(|| PALETTE.get(at - 8)).copied(),
                0..=7 => PALETTE.get(at).copied(),
                // Automatic.
                _ => None,
            };
        }
    }

    /// XF: which font and which borders.
    fn format(&mut self, kind: u16, body: &[u8]) {
        if self.formats.len() >= MAX_FORMATS {
            return;
        }
        let byte = |at: usize| u16::from(body.get(at).copied().unwrap_or(0));
        let (font, framed) = match kind {
            0x00E0 => {
                let borders = if body.len() >= 20 {
                    let sides = u16_at(body, 10).unwrap_or(0);
                    [sides & 15, sides >> 4 & 15, sides >> 8 & 15, sides >> 12]
                } else {
                    let sides = u16_at(body, 12).unwrap_or(0);
                    [sides & 7, sides >> 3 & 7, sides >> 6 & 7, byte(10) >> 6 | byte(11) & 1]
                };
                (u16_at(body, 0).unwrap_or(0), borders.iter().all(|side| *side > 0))
            }
            _ => (byte(0), false),
        };
        self.formats.push((font, framed));
    }

    /// Lbl: a defined name, its texts, and the strings of what it stands for.
    fn name(&mut self, records: &mut Records<'_>, context: &mut Context<'_>) -> Result<(), Unreadable> {
        let dialect = context.dialect;
        let place = Place::new(Kind::Property);
        let mut cursor = records.cursor(0);
        let flags = cursor.u16()?;
        let _key = cursor.u8()?;
        let chars = usize::from(cursor.u8()?);
        let tokens = usize::from(cursor.u16()?);
        let mut text = String::new();
        let mut others = [0usize; 4];
        if dialect.version >= 5 {
            cursor.skip(4)?;
            for len in &mut others {
                *len = usize::from(cursor.u8()?);
            }
        }
        cursor.text(dialect, chars, &mut text)?;
        // A built-in name is one character with a number.
        if flags & 0x20 == 0 {
            aside(Kind::Bookmark, "defined name", &text, place, context.sink)?;
        }
        let mut raw = Vec::new();
        cursor.bytes(tokens, &mut raw)?;
        for len in others.into_iter().filter(|len| *len > 0) {
            text.clear();
            // The lengths of these do not count what stands behind the tokens.
            if cursor.text(dialect, len, &mut text).is_err() {
                break;
            }
            aside(Kind::Bookmark, "defined name", &text, place, context.sink)?;
        }
        // Values of constant arrays stand behind the tokens; where texts do, too, nothing tells where those begin.
        let mut arrays = Vec::new();
        if others == [0; 4] {
            cursor.bytes(MAX_SEARCHED, &mut arrays)?;
        }
        let place = Place { kind: Kind::Hidden, ..place.hidden() }.named("defined name");
        formula(&raw, &arrays, place, context)
    }

    /// SST: the shared strings.
    ///
    /// # Errors
    /// `damaged` when they break off, or when the sink stops.
    pub(super) fn strings(
        &mut self,
        records: &mut Records<'_>,
        strings: &mut Strings,
        context: &mut Context<'_>,
    ) -> Result<(), Unreadable> {
        *strings = Strings::with_room(context.budget.room());
        let mut cursor = records.cursor(4);
        let count = cursor.u32()?;
        let result = self.each_string(&mut cursor, count, strings, context);
        strings.finish(context.budget.hold(strings.cost() as u64));
        result
    }

    fn each_string(
        &self,
        cursor: &mut super::Cursor<'_, '_>,
        count: u32,
        strings: &mut Strings,
        context: &mut Context<'_>,
    ) -> Result<(), Unreadable> {
        let (mut text, mut raw, mut units, mut runs) = (String::new(), Vec::new(), Vec::new(), Vec::new());
        for _ in 0..count {
            // The count may lie.
            if cursor.is_end()? {
                break;
            }
            let chars = usize::from(cursor.u16()?);
            let flags = cursor.u8()?;
            let rich = if flags & 0x08 != 0 { usize::from(cursor.u16()?) } else { 0 };
            let extra = if flags & 0x04 != 0 { cursor.u32()? } else { 0 };
            text.clear();
            let result = cursor.chars(chars, flags, &mut text);
            runs.clear();
            if rich > 0 {
                raw.clear();
                cursor.bytes(rich.min(MAX_RUNS) * 4, &mut raw)?;
                cursor.skip(rich.saturating_sub(MAX_RUNS) as u64 * 4)?;
                units.clear();
                units.extend(raw.chunks_exact(4).map(|run| {
                    let at = u32::from(u16_at(run, 0).unwrap_or(0));
                    (at, self.font(u16_at(run, 2).unwrap_or(0)))
                }));
                runs_of(&text, &units, context.fonts, &mut runs);
            }
            strings.add(&text, &runs, context.fonts, context.sink)?;
            result?;
            if extra > 0 {
                raw.clear();
                cursor.bytes((extra as usize).min(MAX_READING), &mut raw)?;
                cursor.skip(u64::from(extra).saturating_sub(MAX_READING as u64))?;
                // ExtRst: its own header, then how it reads aloud, after counts of runs and characters.
                if let Some(chars) = u16_at(&raw, 10).map(usize::from) {
                    text.clear();
                    push_wide(
                        raw.get(14..).and_then(|rest| rest.get(..chars * 2)).unwrap_or_default(),
                        &mut text,
                    );
                    if has_letter(&text) {
                        let place = Place::new(Kind::Hidden).hidden().named("reading");
                        context.sink.segment(Segment::new(&text, place))?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Bytes of the reading of one string.
const MAX_READING: usize = 64 << 10;

/// Another workbook's path, without the signs that stand for drives and separators (MS-XLS 2.5.277, VirtualPath).
fn external(text: &str, place: Place<'_>, context: &mut Context<'_>) -> Result<(), Unreadable> {
    let path: String = text
        .trim_start_matches(['\u{1}', '\u{2}', '\0'])
        .chars()
        .map(|c| if c.is_control() { '/' } else { c })
        .collect();
    aside(Kind::Link, "external link", &path, place, context.sink)
}

/// Counts the pictures of a drawing group without reading them.
fn pictures(records: &mut Records<'_>, context: &mut Context<'_>) -> Result<(), Unreadable> {
    let mut cursor = records.cursor(0);
    let mut head = Vec::new();
    loop {
        head.clear();
        cursor.bytes(8, &mut head)?;
        let (Some(version), Some(kind), Some(len)) = (u16_at(&head, 0), u16_at(&head, 2), u32_at(&head, 4))
        else {
            return Ok(());
        };
        match kind {
            // OfficeArtFBSE: one for each picture, which lies in it.
            0xF007 => {
                *context.pictures += 1;
                head.clear();
                cursor.bytes((len as usize).min(256), &mut head)?;
                let rest = (len as usize).saturating_sub(head.len());
                let is_drawing = metafile::has_drawing(&head);
                let fits = rest as u64 <= metafile::MAX_DRAWING;
                if is_drawing && !fits {
                    metafile::too_large(context.sink);
                }
                if is_drawing && fits {
                    cursor.bytes(rest, &mut head)?;
                    let place = Place::new(Kind::Textbox).named("picture");
                    metafile::push_all(&head, place, context.budget, context.sink)?;
                } else {
                    cursor.skip(rest as u64)?;
                }
            }
            _ if version & 0xF == 0xF => {}
            _ => cursor.skip(u64::from(len))?,
        }
    }
}

/// Colours of the numbers 8 to 63 when the workbook has no palette of its own (MS-XLS 2.5.161, Icv).
const PALETTE: [[u8; 3]; 56] = [
    [0x00, 0x00, 0x00],
    [0xFF, 0xFF, 0xFF],
    [0xFF, 0x00, 0x00],
    [0x00, 0xFF, 0x00],
    [0x00, 0x00, 0xFF],
    [0xFF, 0xFF, 0x00],
    [0xFF, 0x00, 0xFF],
    [0x00, 0xFF, 0xFF],
    [0x80, 0x00, 0x00],
    [0x00, 0x80, 0x00],
    [0x00, 0x00, 0x80],
    [0x80, 0x80, 0x00],
    [0x80, 0x00, 0x80],
    [0x00, 0x80, 0x80],
    [0xC0, 0xC0, 0xC0],
    [0x80, 0x80, 0x80],
    [0x99, 0x99, 0xFF],
    [0x99, 0x33, 0x66],
    [0xFF, 0xFF, 0xCC],
    [0xCC, 0xFF, 0xFF],
    [0x66, 0x00, 0x66],
    [0xFF, 0x80, 0x80],
    [0x00, 0x66, 0xCC],
    [0xCC, 0xCC, 0xFF],
    [0x00, 0x00, 0x80],
    [0xFF, 0x00, 0xFF],
    [0xFF, 0xFF, 0x00],
    [0x00, 0xFF, 0xFF],
    [0x80, 0x00, 0x80],
    [0x80, 0x00, 0x00],
    [0x00, 0x80, 0x80],
    [0x00, 0x00, 0xFF],
    [0x00, 0xCC, 0xFF],
    [0xCC, 0xFF, 0xFF],
    [0xCC, 0xFF, 0xCC],
    [0xFF, 0xFF, 0x99],
    [0x99, 0xCC, 0xFF],
    [0xFF, 0x99, 0xCC],
    [0xCC, 0x99, 0xFF],
    [0xFF, 0xCC, 0x99],
    [0x33, 0x66, 0xFF],
    [0x33, 0xCC, 0xCC],
    [0x99, 0xCC, 0x00],
    [0xFF, 0xCC, 0x00],
    [0xFF, 0x99, 0x00],
    [0xFF, 0x66, 0x00],
    [0x66, 0x66, 0x99],
    [0x96, 0x96, 0x96],
    [0x00, 0x33, 0x66],
    [0x33, 0x99, 0x66],
    [0x00, 0x33, 0x00],
    [0x33, 0x33, 0x00],
    [0x99, 0x33, 0x00],
    [0x99, 0x33, 0x66],
    [0x33, 0x33, 0x99],
    [0x33, 0x33, 0x33],
];
