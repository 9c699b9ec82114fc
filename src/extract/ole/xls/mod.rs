//! Old Excel workbooks: BIFF2 to BIFF5 and BIFF8 (MS-XLS), from a compound file or bare.
//!
//! In: the stream `Workbook` or `Book`, of Excel or Microsoft Graph, and the caches of pivot tables; or a bare stream of
//! records, as Excel 2 to 4 wrote it. Out: one segment per cell with text, with sheet and cell, and whatever else holds text,
//! placed as the reader of XLSX places it. Record by record: nothing but shared strings, formats and comments waiting for their
//! cell is held. Left out: cells of numbers, truth values and errors; pictures (a fact).

mod crypt;
mod globals;
mod records;
mod sheet;
#[cfg(test)]
mod tests;

#[cfg(test)]
pub(super) use self::crypt::tests::lock_of_excel;

use std::rc::Rc;

use encoding_rs::WINDOWS_1252;

use self::crypt::Cipher;
use self::globals::Globals;
use self::records::{Cursor, Dialect, Records};
use self::sheet::Sheet;
use super::super::limits::Budget;
use super::super::look::{Fonts, Look};
use super::super::workbook::Strings;
use super::super::workbook::formula::{Tokens, constants};
use super::super::xml::has_letter;
use super::super::{Format, Head, Input, Sink, Unreadable};
use super::compound::Compound;
use super::{runs, u16_at, u32_at};
use crate::model::{Gap, GapReason, Kind, Place, Segment};

/// The reader of worksheets of Excel 2 to 4, which are bare streams of records.
pub(in super::super) struct Biff;

impl Format for Biff {
    fn name(&self) -> &'static str {
        "xls"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["xls", "xlc", "xlm", "xlw", "xlt", "xla"]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        let (Some(kind), Some(len), Some(content)) =
            (u16_at(head.bytes, 0), u16_at(head.bytes, 2), u16_at(head.bytes, 6))
        else {
            return false;
        };
        matches!(kind, 0x0009 | 0x0209 | 0x0409 | 0x0809)
            && matches!(len, 4 | 6 | 8 | 16)
            && matches!(content, 0x05 | 0x06 | 0x10 | 0x20 | 0x40 | 0x100)
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let budget = Rc::clone(input.budget());
        match Workbook::new(&budget).read(Records::new(input.stream()?), sink) {
            Err(Unreadable::Gap { reason: GapReason::Damaged, detail }) => {
                sink.gap(Gap::new(GapReason::Damaged, detail));
                Ok(())
            }
            other => other,
        }
    }
}

/// Reads the workbook of a compound file. A stream that breaks the rules is left to the search for text runs.
///
/// # Errors
/// When the sink stops or a limit is met.
pub(super) fn read(file: &mut Compound<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let budget = Rc::clone(file.budget());
    let mut opened = None;
    for name in ["Workbook", "Book"] {
        let Some(at) = file.find(name) else { continue };
        let mut workbook = Workbook::new(&budget);
        let result = match file.open(at) {
            Ok(content) => workbook.read(Records::new(Box::new(budget.guard(content, 0))), sink),
            Err(error) => Err(error.into()),
        };
        let locked = matches!(result, Err(Unreadable::Gap { reason: GapReason::Encrypted, .. }));
        opened.get_or_insert((locked, workbook.dialect, workbook.cipher));
        settle(file, at, result, sink)?;
    }
    let Some((locked, dialect, cipher)) = opened else { return Ok(()) };
    for at in file.unclaimed() {
        let Some(number) = file.stream(at).name.strip_prefix("_SX_DB_CUR/") else { continue };
        let number = u16::from_str_radix(number, 16).ok();
        // Its first record says its number. LibreOffice encrypts the workbook alone.
        let plain = u16_at(&file.head(at, 10), 8) == number;
        if locked && !plain {
            // The workbook has told that a password is needed.
            file.claim_unread(at);
            continue;
        }
        let result = match file.open(at) {
            Ok(content) => {
                let mut records = Records::new(Box::new(budget.guard(content, 0)));
                let cipher = cipher.as_ref().filter(|_| !plain);
                let said = number.filter(|_| cipher.is_some());
                if let Some(cipher) = cipher {
                    records.decrypt(cipher.anew());
                }
                pivot_cache(records, dialect, said, sink)
            }
            Err(error) => Err(error.into()),
        };
        settle(file, at, result, sink)?;
    }
    Ok(())
}

/// The content of the FilePass record (MS-XLS 2.4.117) at the beginning of a workbook, if it is encrypted.
pub(super) fn file_pass(head: &[u8]) -> Option<&[u8]> {
    let mut at = 0;
    loop {
        let (kind, len) = (u16_at(head, at)?, usize::from(u16_at(head, at + 2)?));
        let body = head.get(at + 4..)?.get(..len)?;
        if kind == FILE_PASS {
            return Some(body);
        }
        at += 4 + len;
    }
}

fn settle(
    file: &mut Compound<'_>,
    at: usize,
    result: Result<(), Unreadable>,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    match result {
        Ok(()) => {
            file.claim_unread(at);
            Ok(())
        }
        Err(Unreadable::Gap { reason: GapReason::Encrypted, detail }) => {
            file.claim_unread(at);
            sink.gap(Gap::new(GapReason::Encrypted, detail));
            Ok(())
        }
        Err(Unreadable::Gap { reason: reason @ (GapReason::Damaged | GapReason::Io), detail }) => {
            let detail = format!("{detail}: {}", file.stream(at).name);
            sink.gap(Gap::new(reason, detail));
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// What a substream holds (BOF, MS-XLS 2.4.21).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Globals,
    Sheet,
    Chart,
    /// Visual Basic modules of Excel 5, and what nobody knows.
    Other,
}

/// A workbook being read.
struct Workbook {
    dialect: Dialect,
    globals: Globals,
    fonts: Fonts,
    strings: Strings,
    budget: Rc<Budget>,
    /// Records that broke off or made no sense, and what was wrong with the first.
    broken: Option<String>,
    pictures: u64,
    /// For other streams that are encrypted as this one is.
    cipher: Option<Cipher>,
}

/// What readers of records share: where text goes, and what it is made of.
struct Context<'c> {
    dialect: Dialect,
    fonts: &'c mut Fonts,
    budget: &'c Rc<Budget>,
    pictures: &'c mut u64,
    sink: &'c mut dyn Sink,
}

impl Workbook {
    fn new(budget: &Rc<Budget>) -> Workbook {
        Workbook {
            dialect: Dialect { version: 8, encoding: WINDOWS_1252 },
            globals: Globals::default(),
            fonts: Fonts::default(),
            strings: Strings::default(),
            budget: Rc::clone(budget),
            broken: None,
            pictures: 0,
            cipher: None,
        }
    }

    fn read(&mut self, mut records: Records<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let result = self.all(&mut records, sink);
        if let Err(Unreadable::Gap { reason: GapReason::Damaged | GapReason::Io, .. }) | Ok(()) = &result {
            self.strings.push_unused(&self.fonts, sink)?;
        }
        if self.pictures > 0 {
            sink.fact("pictures", self.pictures.to_string());
        }
        result?;
        if records.cut() {
            return Err(Unreadable::damaged("the workbook breaks off"));
        }
        match self.broken.take() {
            Some(detail) => Err(Unreadable::damaged(detail)),
            None => Ok(()),
        }
    }

    fn all(&mut self, records: &mut Records<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let mut open: Vec<Part> = Vec::new();
        let mut sheet = Sheet::default();
        let mut any = false;
        while let Some(kind) = records.next()? {
            match kind {
                0x0809 | 0x0409 | 0x0209 | 0x0009 => {
                    let part = self.begin(kind, !any, records.body());
                    if open.len() >= MAX_OPEN {
                        return Err(Unreadable::damaged("substreams inside each other"));
                    }
                    any = true;
                    // A chart within a sheet belongs to the sheet.
                    if open.is_empty() || open.last() == Some(&Part::Globals) {
                        sheet = Sheet::new(self.globals.sheet_at(records.offset()));
                    }
                    open.push(part);
                    continue;
                }
                0x000A => {
                    if let Some(part @ (Part::Sheet | Part::Chart)) = open.pop()
                        && (open.is_empty() || part == Part::Sheet)
                    {
                        self.with(|globals, _, context| sheet.end(globals, context), sink)?;
                    }
                    continue;
                }
                _ => {}
            }
            let Some(part) = open.last().copied() else {
                if !any {
                    return Err(Unreadable::damaged("no record begins the workbook"));
                }
                // Zeros fill up the last sector; anything else stands before a sheet we know of.
                let here = records.offset();
                match self.globals.next_sheet(here) {
                    Some(next) if records.skip_to(next)? => continue,
                    Some(_) => return Err(Unreadable::damaged("sheets are missing")),
                    None => break,
                }
            };
            if kind == FILE_PASS {
                let Some(cipher) = Cipher::new(records.body(), self.dialect.version, &self.budget) else {
                    return Err(Unreadable::gap(GapReason::Encrypted, "a password is needed"));
                };
                self.cipher = Some(cipher.anew());
                records.decrypt(cipher);
                continue;
            }
            let result = self.record(kind, part, records, &mut sheet, sink);
            match result {
                Err(Unreadable::Gap { reason: GapReason::Damaged, detail }) => {
                    self.broken.get_or_insert_with(|| format!("{detail} (record {kind:#06x})"));
                }
                other => other?,
            }
        }
        if open.last().is_some_and(|part| *part != Part::Globals) {
            self.with(|globals, _, context| sheet.end(globals, context), sink)?;
        }
        // Excel itself reads workbooks whose last EOF is missing.
        if any { Ok(()) } else { Err(Unreadable::damaged("no record begins the workbook")) }
    }

    /// A substream begins. The first says which version all are: in dual files the sheets of Excel 5 call themselves 97.
    fn begin(&mut self, kind: u16, first: bool, body: &[u8]) -> Part {
        let version = u16_at(body, 0).unwrap_or(0);
        self.dialect.version = match kind {
            _ if !first => self.dialect.version,
            0x0009 => 2,
            0x0209 => 3,
            0x0409 => 4,
            // Some writers give versions nobody defined; before 0600 strings are bytes.
            _ if version != 0 && version < 0x0600 => 5,
            _ => 8,
        };
        match u16_at(body, 2) {
            Some(0x0005 | 0x0100) => Part::Globals,
            Some(0x0010 | 0x0040) => Part::Sheet,
            // 8000: a chart of Microsoft Graph (MS-OGRAPH), with the table it was made of.
            Some(0x0020 | 0x8000) => Part::Chart,
            _ => Part::Other,
        }
    }

    fn with<T>(
        &mut self,
        act: impl FnOnce(&mut Globals, &mut Strings, &mut Context<'_>) -> T,
        sink: &mut dyn Sink,
    ) -> T {
        let mut context = Context {
            dialect: self.dialect,
            fonts: &mut self.fonts,
            budget: &self.budget,
            pictures: &mut self.pictures,
            sink,
        };
        act(&mut self.globals, &mut self.strings, &mut context)
    }

    fn record(
        &mut self,
        kind: u16,
        part: Part,
        records: &mut Records<'_>,
        sheet: &mut Sheet,
        sink: &mut dyn Sink,
    ) -> Result<(), Unreadable> {
        match kind {
            // CodePage
            0x0042 => {
                self.dialect.encoding = match u16_at(records.body(), 0) {
                    Some(0x8000) => encoding_rs::MACINTOSH,
                    Some(0x8001 | 1_200) | None => WINDOWS_1252,
                    Some(page) => super::property_set::code_page(page),
                };
                return Ok(());
            }
            // SST
            0x00FC => {
                return self
                    .with(|globals, strings, context| globals.strings(records, strings, context), sink);
            }
            _ => {}
        }
        self.with(
            |globals, strings, context| match part {
                Part::Globals => globals.record(kind, records, context),
                // Sheets of Excel 2 to 4 have fonts and names of their own.
                Part::Sheet if context.dialect.version < 5 && globals.record(kind, records, context)? => {
                    Ok(true)
                }
                Part::Sheet => sheet.record(kind, records, globals, strings, context).map(|()| true),
                Part::Chart => sheet.chart_record(kind, records, globals, context).map(|()| true),
                Part::Other => Ok(false),
            },
            sink,
        )?;
        Ok(())
    }
}

/// Substreams that may lie inside each other: a chart in a sheet in a workbook of Excel 4.
const MAX_OPEN: usize = 8;

/// The record that says how the others are encrypted (MS-XLS 2.4.117).
const FILE_PASS: u16 = 0x002F;

/// Reads the cache of a pivot table: the values it was made of (MS-XLS 2.1.7.12). One that was decrypted says its `number`.
fn pivot_cache(
    mut records: Records<'_>,
    dialect: Dialect,
    number: Option<u16>,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    let mut text = String::new();
    while let Some(kind) = records.next()? {
        text.clear();
        if kind == 0x00C6 && number.is_some_and(|number| u16_at(records.body(), 4) != Some(number)) {
            return Err(Unreadable::gap(GapReason::Encrypted, "a password is needed"));
        }
        let from = match kind {
            // SXString; SXFDB, whose name stands last; SxDB, whose last part is who refreshed it.
            0x00CD => 0,
            0x00C7 => 14,
            0x00C6 => 18,
            0x000A => break,
            _ => continue,
        };
        let mut cursor = records.cursor(from);
        // An absent text has the length 0xFFFF.
        if cursor.left() > 2 && cursor.long_text(dialect, &mut text).is_ok() && has_letter(&text) {
            sink.segment(Segment::new(&text, Place::new(Kind::Hidden).hidden().named("pivot cache")))?;
        }
    }
    Ok(())
}

/// Pushes a text of which nothing but its part is known.
fn aside(kind: Kind, name: &str, text: &str, base: Place<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let text = text.trim_matches(['\0', ' ', '\r', '\n']);
    if has_letter(text) {
        sink.segment(Segment::new(text, Place { kind, ..base.hidden() }.named(name)))?;
    }
    Ok(())
}

/// Pushes the string constants of a formula.
fn formula(
    tokens: &[u8],
    extra: &[u8],
    place: Place<'_>,
    context: &mut Context<'_>,
) -> Result<(), Unreadable> {
    let kind = match context.dialect.version {
        8.. => Tokens::Biff8,
        _ => Tokens::Biff5(context.dialect.encoding),
    };
    let sink = &mut *context.sink;
    constants(tokens, extra, kind, &mut |text| {
        if has_letter(text) {
            sink.segment(Segment::new(text, place))?;
        }
        Ok(())
    })?;
    Ok(())
}

/// Searches a record whose structure is not followed here for text.
fn search(
    cursor: &mut Cursor<'_, '_>,
    base: Place<'_>,
    name: &str,
    context: &mut Context<'_>,
) -> Result<(), Unreadable> {
    let mut bytes = Vec::new();
    cursor.bytes(MAX_SEARCHED, &mut bytes)?;
    let mut aside = runs::Aside { base, sink: &mut *context.sink };
    runs::search(&mut bytes.as_slice(), name, runs::MIN_LETTERS, context.budget, &mut aside)
}

/// Bytes of one record, with what continues it, that are searched.
const MAX_SEARCHED: usize = 1 << 20;

/// The look of a font record's number; the number 4 is never used (MS-XLS 2.5.122).
fn font_look(looks: &[Look], number: u16) -> Look {
    let at = usize::from(number);
    looks.get(if at > 4 { at - 1 } else { at }).copied().unwrap_or_default()
}
