//! The walk over the text: from characters with their properties to paragraphs with their place and look.

use std::mem;

use encoding_rs::WINDOWS_1252;

use std::rc::Rc;

use super::Document;
use super::bins::{Bins, Of};
use super::data::Data;
use super::fib::Table;
use super::pieces::{Change, Piece};
use super::props::{self, Marks, Paragraph};
use crate::extract::charset::decode_legacy;
use crate::extract::field;
use crate::extract::limits::Budget;
use crate::extract::look::{Look, Tally};
use crate::extract::metafile;
use crate::extract::xml::has_letter;
use crate::extract::{Sink, Unreadable};
use crate::model::{Kind, Place, Segment};

/// What a part of the text is in its document.
#[derive(Debug, Clone)]
pub(super) struct Role {
    pub(super) kind: Kind,
    pub(super) visible: bool,
    pub(super) name: Option<&'static str>,
    /// A box is drawn around all of it.
    pub(super) framed: bool,
    /// Pages are counted.
    pub(super) pages: bool,
}

impl Role {
    /// A visible part of that kind.
    pub(super) fn new(kind: Kind) -> Role {
        Role { kind, visible: true, name: None, framed: false, pages: false }
    }

    /// The same with a name.
    pub(super) fn named(self, name: &'static str) -> Role {
        Role { name: Some(name), ..self }
    }
}

/// A paragraph longer than this many bytes is pushed before it ends: broken files have no paragraph ends.
const LONGEST: usize = 64 << 10;

/// A field's instruction longer than this many bytes is taken for text whose field was never closed.
const LONGEST_FIELD: usize = 16 << 10;

/// Fields in each other; Word allows 20.
const MAX_FIELDS: usize = 64;

/// At most so many segments of a table's first cell wait until it is known whether the table is a frame.
const MAX_HELD: usize = 8;

/// Letters on a page at most while the page number is still sure: Word 97 files do not tell where pages end. A dense A4
/// page set in 9 points holds about 5,500.
const SURE_PAGE: usize = 3_000;

/// Letters from here on have the same properties.
#[derive(Debug, Clone, Copy)]
struct Span<'a> {
    from: usize,
    list: &'a [u8],
    change: Change<'a>,
    deleted: bool,
}

/// An open field.
#[derive(Debug, Default)]
struct Field {
    instruction: String,
    /// Its result is being read.
    in_result: bool,
}

struct Held {
    text: String,
    kind: Kind,
    visible: bool,
    page: Option<u32>,
    look: Look,
}

/// Walks the parts of one document's text.
pub(super) struct Walker<'d, 's, 'a> {
    document: &'d Document<'d>,
    runs: Bins<'d>,
    paragraphs: Bins<'d>,
    data: &'s mut Data<'a>,
    budget: &'s Rc<Budget>,
    sink: &'s mut dyn Sink,
    role: Role,
    text: String,
    wide: Wide,
    spans: Vec<Span<'d>>,
    fields: Vec<Field>,
    visible: String,
    hidden: String,
    deleted: String,
    held: Vec<Held>,
    holding: bool,
    in_table: bool,
    cells: u32,
    rows: u32,
    framed_row: bool,
    page: u32,
    is_sure: bool,
    since_break: usize,
    /// Bytes of visible text so far.
    pub(super) visible_text: usize,
    /// Pictures met.
    pub(super) pictures: u32,
    /// Text that the pieces promise and the stream does not hold.
    pub(super) is_cut: bool,
}

impl<'d, 's, 'a> Walker<'d, 's, 'a> {
    /// A walker over a document.
    pub(super) fn new(
        document: &'d Document<'d>,
        data: &'s mut Data<'a>,
        budget: &'s Rc<Budget>,
        sink: &'s mut dyn Sink,
    ) -> Walker<'d, 's, 'a> {
        let is_old = document.fib.is_old;
        let bins = |table: Table, of: Of| {
            let table = document.fib.table(table, document.table).unwrap_or_default();
            Bins::new(document.main, table, of, is_old)
        };
        Walker {
            document,
            runs: bins(Table::CharacterBins, Of::Runs),
            paragraphs: bins(Table::ParagraphBins, Of::Paragraphs),
            data,
            budget,
            sink,
            role: Role::new(Kind::Body),
            text: String::new(),
            wide: Wide::new(),
            spans: Vec::new(),
            fields: Vec::new(),
            visible: String::new(),
            hidden: String::new(),
            deleted: String::new(),
            held: Vec::new(),
            holding: false,
            in_table: false,
            cells: 0,
            rows: 0,
            framed_row: false,
            page: 1,
            is_sure: true,
            since_break: 0,
            visible_text: 0,
            pictures: 0,
            is_cut: false,
        }
    }

    /// The sink, for what is not running text.
    pub(super) fn sink(&mut self) -> &mut dyn Sink {
        self.sink
    }

    /// Reads the characters from one position to another.
    ///
    /// # Errors
    /// When the sink stops or the time is over.
    pub(super) fn read(&mut self, (start, end): (u32, u32), role: Role) -> Result<(), Unreadable> {
        self.role = role;
        let pieces = &self.document.pieces;
        let first = pieces.partition_point(|piece| piece.end <= start);
        let mut last = None;
        for piece in pieces.get(first..).unwrap_or_default().iter().take_while(|piece| piece.start < end) {
            self.budget.charge(0)?;
            let (from, to) = (piece.start.max(start), piece.end.min(end));
            last = self.piece(piece, from, to)?.or(last);
        }
        for _ in 0..self.fields.len() {
            self.end_field()?;
        }
        if let Some(offset) = last.filter(|_| !self.text.is_empty()) {
            self.end_paragraph(offset, Change::None)?;
        }
        self.end_table()
    }

    /// Reads positions `from` to `to` of a piece. Gives the offset of the last character.
    fn piece(&mut self, piece: &Piece<'d>, from: u32, to: u32) -> Result<Option<u32>, Unreadable> {
        let unit = piece.unit();
        let begin = u64::from(piece.at) + u64::from(from - piece.start) * u64::from(unit);
        let end = begin + u64::from(to - from) * u64::from(unit);
        let stop = end.min(self.document.main.len() as u64);
        self.is_cut |= stop < end;
        let (Ok(begin), Ok(stop)) = (u32::try_from(begin), u32::try_from(stop)) else {
            self.is_cut = true;
            return Ok(None);
        };
        let mut at = begin;
        let mut position = from;
        while at + unit <= stop {
            let stretch = self.runs.find(at);
            let count = (stretch.end.min(stop) - at).div_ceil(unit).min((stop - at) / unit).max(1);
            let next = at + count * unit;
            let mut marks = Marks::default();
            props::marks(stretch.list, self.document.fib.is_old, &mut marks);
            match &piece.change {
                Change::None => {}
                Change::One(one) => props::marks(one, true, &mut marks),
                Change::Many(list) => props::marks(list, self.document.fib.is_old, &mut marks),
            }
            let bytes = self.document.main.get(at as usize..next as usize).unwrap_or_default();
            let run = Run {
                span: Span { from: 0, list: stretch.list, change: piece.change, deleted: marks.deleted },
                marks,
            };
            self.run(bytes, piece.wide, at, position, &run)?;
            at = next;
            position += count;
        }
        Ok((at > begin).then(|| at - unit))
    }

    /// Reads letters of the same properties.
    fn run(
        &mut self,
        bytes: &'d [u8],
        wide: bool,
        at: u32,
        position: u32,
        run: &Run<'d>,
    ) -> Result<(), Unreadable> {
        let unit = if wide { 2 } else { 1 };
        let mut done = 0;
        while done < bytes.len() {
            let rest = bytes.get(done..).unwrap_or_default();
            let plain = match (run.marks.special, wide) {
                (true, _) => 0,
                (_, false) => rest.iter().position(|byte| *byte < 0x20).unwrap_or(rest.len()),
                (_, true) => {
                    let units = rest.chunks_exact(2);
                    let count = units.len();
                    let plain = |pair: &[u8]| matches!(*pair, [low, 0] if low < 0x20);
                    units.map(plain).position(|control| control).unwrap_or(count) * 2
                }
            };
            if plain > 0 {
                self.span(run.span);
                let letters = rest.get(..plain).unwrap_or_default();
                let is_old = self.document.fib.is_old;
                let target = target(&mut self.fields, &mut self.text);
                if wide && is_old {
                    // Word 95 marks a byte of the code page above ASCII by 10 in the upper half.
                    target.extend(letters.chunks_exact(2).map(|pair| match *pair {
                        [low, 0x00 | 0x10] => char::from(low),
                        [low, high] => letter_of(u16::from_le_bytes([low, high])),
                        _ => ' ',
                    }));
                } else if wide {
                    self.wide.push(letters, target);
                } else if is_old {
                    // Which code page it is, the font tells; see `end_paragraph`.
                    target.extend(letters.iter().map(|byte| char::from(*byte)));
                } else {
                    decode_legacy(WINDOWS_1252, letters, target);
                }
                self.check_length(at + done as u32, run)?;
                done += plain;
                continue;
            }
            let code = match *rest {
                [low, high, ..] if wide => u16::from_le_bytes([low, high]),
                [low, ..] => u16::from(low),
                [] => break,
            };
            let offset = done as u32;
            self.character(code, at + offset, position + offset / unit, run)?;
            done += unit as usize;
        }
        Ok(())
    }

    /// A character that is not simply a letter (MS-DOC 2.4.1, 2.8.x).
    fn character(&mut self, code: u16, at: u32, position: u32, run: &Run<'d>) -> Result<(), Unreadable> {
        match code {
            0x07 | 0x0D | 0x0C => {
                if code == 0x07 {
                    while self.fields.iter().any(|field| !field.in_result) {
                        self.end_field()?;
                    }
                } else if let Some(field) = self.instruction() {
                    field.push('\n');
                    return self.check_length(at, run);
                }
                let ends_row = self.end_paragraph(at, run.span.change)?;
                if code == 0x07 && !ends_row {
                    self.cells += 1;
                }
                if code == 0x0C && !self.document.is_same_page(position) {
                    self.new_page();
                }
            }
            0x09 => self.plain('\t', run.span),
            0x0B | 0x0E => self.plain('\n', run.span),
            0x1E => self.plain('\u{2011}', run.span),
            0x13 => {
                if self.fields.len() < MAX_FIELDS {
                    self.fields.push(Field::default());
                }
            }
            0x14 => {
                if let Some(field) = self.fields.last_mut().filter(|field| !field.in_result) {
                    field.in_result = true;
                    let instruction = mem::take(&mut field.instruction);
                    self.field(&instruction)?;
                }
            }
            0x15 => self.end_field()?,
            0x01 if run.marks.special => self.picture(&run.marks)?,
            0x28 if run.marks.symbol.is_some() => {
                let (_, letter) = run.marks.symbol.unwrap_or_default();
                // Letters of symbol fonts lie in the private area.
                let letter = char::from_u32(u32::from(letter)).filter(|c| *c >= ' ' && !is_private(*c));
                self.plain(letter.unwrap_or(' '), run.span);
            }
            // Soft hyphens (1F) are not seen; the others stand for notes, drawings, and what has no text.
            0..0x20 => {}
            code => {
                let letter = if self.document.fib.is_old {
                    char::from(code.to_le_bytes()[0])
                } else {
                    letter_of(code)
                };
                self.plain(letter, run.span);
            }
        }
        Ok(())
    }

    fn plain(&mut self, letter: char, span: Span<'d>) {
        self.span(span);
        target(&mut self.fields, &mut self.text).push(letter);
    }

    /// Notes the properties of what comes next.
    fn span(&mut self, span: Span<'d>) {
        let same = self.spans.last().is_some_and(|last| {
            std::ptr::eq(last.list, span.list)
                && last.deleted == span.deleted
                && matches!((last.change, span.change), (Change::None, Change::None))
        });
        if !same {
            self.spans.push(Span { from: self.text.len(), ..span });
        }
    }

    fn instruction(&mut self) -> Option<&mut String> {
        self.fields.iter_mut().rev().find(|field| !field.in_result).map(|field| &mut field.instruction)
    }

    fn check_length(&mut self, at: u32, run: &Run<'d>) -> Result<(), Unreadable> {
        if self.text.len() > LONGEST {
            self.end_paragraph(at, run.span.change)?;
        }
        while self.fields.iter().any(|field| field.instruction.len() > LONGEST_FIELD) {
            self.end_field()?;
        }
        Ok(())
    }

    fn end_field(&mut self) -> Result<(), Unreadable> {
        match self.fields.pop() {
            Some(field) if !field.in_result => self.field(&field.instruction),
            _ => Ok(()),
        }
    }

    /// A field's instruction: of links the target, of others as it is.
    fn field(&mut self, instruction: &str) -> Result<(), Unreadable> {
        let mut instruction = instruction.trim().to_owned();
        if self.document.fib.is_old {
            instruction = self.document.decode(&instruction, self.document.encoding);
        }
        if instruction.get(..9).is_some_and(|word| word.eq_ignore_ascii_case("HYPERLINK")) {
            // Bookmarks that Word makes begin with `_`.
            for target in quoted(&instruction).filter(|target| has_letter(target) && !target.starts_with('_'))
            {
                self.aside(Kind::Link, "link", target)?;
            }
            // LibreOffice writes a window's name without quotes.
            if instruction.contains('"') {
                let bare = instruction.split('"').step_by(2).flat_map(str::split_whitespace).skip(1);
                for word in bare.filter(|word| !word.starts_with(['\\', '_']) && has_letter(word)) {
                    self.aside(Kind::Link, "link", word)?;
                }
            }
            return Ok(());
        }
        if let Some(drawn) = field::drawn(&instruction) {
            return self.emit(self.role.kind, self.role.visible, Some("field"), &drawn, Look::default());
        }
        if has_letter(&instruction) {
            self.aside(field::kind(&instruction), "field", &instruction)
        } else {
            Ok(())
        }
    }

    /// A picture in the text, or the data of a field.
    fn picture(&mut self, marks: &Marks) -> Result<(), Unreadable> {
        let offset = marks.picture.unwrap_or(u32::MAX);
        if marks.data {
            let is_link = self.instruction().is_some_and(|text| {
                text.trim_start().get(..9).is_some_and(|w| w.eq_ignore_ascii_case("HYPERLINK"))
            });
            if is_link {
                for text in self.data.link(offset) {
                    if !text.starts_with('_') {
                        self.aside(Kind::Link, "link", &text)?;
                    }
                }
            } else {
                for (name, text) in self.data.form_field(offset) {
                    self.aside(Kind::FormField, name, &text)?;
                }
            }
            return Ok(());
        }
        if !marks.object {
            self.pictures += 1;
        }
        if let Some(block) = self.data.drawing(offset, self.sink) {
            let kind = match self.role.kind {
                kind @ (Kind::Header | Kind::Footer) => kind,
                _ => Kind::Textbox,
            };
            let place = Place { visible: self.role.visible, ..Place::new(kind).named("picture") };
            self.visible_text += metafile::push_all(&block, place, self.budget, self.sink)?;
        }
        if let Some((shape, name)) = self.data.picture(offset) {
            let place = Place { visible: self.role.visible, ..Place::new(self.role.kind) };
            shape.push(place, self.sink)?;
            if !name.is_empty() {
                self.aside(Kind::Link, "picture", &name)?;
            }
        }
        Ok(())
    }

    fn new_page(&mut self) {
        self.page += 1;
        self.since_break = 0;
    }

    /// Pushes the paragraph that ends with the character at `offset`. True when it is the end of a row.
    fn end_paragraph(&mut self, offset: u32, change: Change<'d>) -> Result<bool, Unreadable> {
        let document = self.document;
        let is_old = document.fib.is_old;
        let stretch = self.paragraphs.find(offset);
        let style = document.styles.paragraph(stretch.style);
        let mut paragraph = style.paragraph;
        paragraph.apply(stretch.list, is_old);
        if let Some(huge) = paragraph.huge.take() {
            paragraph.apply(&self.data.modifiers(huge), is_old);
        }
        match change {
            Change::None => {}
            Change::One(one) => paragraph.apply(&one, true),
            Change::Many(list) => paragraph.apply(list, is_old),
        }
        if paragraph.ends_row {
            self.text.clear();
            self.spans.clear();
            self.rows += 1;
            self.cells = 0;
            self.framed_row = self.rows == 1 && paragraph.is_framed_row();
            return Ok(true);
        }
        if paragraph.in_table {
            if !self.in_table {
                self.holding = true;
                self.rows = 0;
                self.cells = 0;
                self.framed_row = false;
            } else if self.cells > 0 || self.rows > 0 {
                self.release(false)?;
            }
            self.in_table = true;
        } else {
            self.end_table()?;
        }
        if paragraph.new_page && self.since_break > 0 {
            self.new_page();
        }
        let text = mem::take(&mut self.text);
        let spans = mem::take(&mut self.spans);
        let result = self.letters(&text, &spans, paragraph, style.look);
        (self.text, self.spans) = (text, spans);
        self.text.clear();
        self.spans.clear();
        result?;
        Ok(false)
    }

    /// Sorts a paragraph's letters by what they are, and pushes them.
    fn letters(
        &mut self,
        text: &str,
        spans: &[Span<'d>],
        paragraph: Paragraph,
        style: Look,
    ) -> Result<(), Unreadable> {
        if text.is_empty() {
            return Ok(());
        }
        let document = self.document;
        let is_old = document.fib.is_old;
        let mut base = style;
        if self.role.framed || paragraph.is_framed() {
            base.framed = Some(true);
        }
        if paragraph.shaded {
            base.shaded = Some(true);
        }
        let kind =
            if paragraph.in_table && self.role.kind == Kind::Body { Kind::Table } else { self.role.kind };
        let mut tally = Tally::default();
        let mut font = None;
        let mut seen = false;
        for (at, span) in spans.iter().enumerate() {
            let end = spans.get(at + 1).map_or(text.len(), |next| next.from);
            let letters = text.get(span.from..end).unwrap_or_default();
            if letters.is_empty() {
                continue;
            }
            let mut look = base;
            let character =
                |number: u16, look: Look| document.styles.character(number, look, is_old, &document.fonts);
            let mut apply = |list: &[u8], is_old: bool| {
                props::look(list, is_old, &mut look, base, &document.fonts, &character);
            };
            apply(span.list, is_old);
            match &span.change {
                Change::None => {}
                Change::One(one) => apply(one, true),
                Change::Many(list) => apply(list, is_old),
            }
            // Word paints no white paper behind white letters; a tiny size hides as well as a colour does.
            let white = look.color == Some([255; 3])
                && look.shaded != Some(true)
                && !paragraph.in_table
                && self.role.kind != Kind::Textbox;
            if look.size.is_some_and(|size| size <= 2) || white {
                look.hidden = Some(true);
            }
            let is_legacy = document.fonts.fonts.is_legacy(look.font);
            let decoded;
            let letters = if is_old {
                let encoding = document.fonts.encoding(look.font).filter(|_| !is_legacy);
                let default = if is_legacy { WINDOWS_1252 } else { document.encoding };
                decoded = document.decode(letters, encoding.unwrap_or(default));
                decoded.as_str()
            } else if is_legacy && letters.chars().any(is_private) {
                // Letters of a font that says it is made of symbols.
                let mut bytes = String::new();
                for letter in letters.chars() {
                    let byte = u8::try_from(u32::from(letter) & 0xFF).unwrap_or(b' ');
                    if is_private(letter) {
                        decode_legacy(WINDOWS_1252, &[byte], &mut bytes);
                    } else {
                        bytes.push(letter);
                    }
                }
                decoded = bytes;
                decoded.as_str()
            } else {
                letters
            };
            if span.deleted {
                self.deleted.push_str(letters);
            } else if look.hidden == Some(true) {
                // Two hidden pieces with something seen between them are no word.
                if mem::take(&mut seen) && !self.hidden.is_empty() {
                    self.hidden.push('\n');
                }
                self.hidden.push_str(letters);
            } else {
                seen = true;
                // The letters of a legacy font are decoded per segment, so none may hold two encodings.
                if !self.visible.is_empty() && document.fonts.fonts.differ(font, look.font) {
                    self.flush(kind, tally.take())?;
                }
                font = look.font;
                self.visible.push_str(letters);
                tally.add(look, letters.len());
            }
        }
        self.flush(kind, tally.take())?;
        let mut deleted = mem::take(&mut self.deleted);
        let mut hidden = mem::take(&mut self.hidden);
        if !deleted.trim().is_empty() {
            self.emit(Kind::Deleted, false, None, &deleted, Look::default())?;
        }
        if !hidden.trim().is_empty() {
            self.emit(Kind::Hidden, false, Some("hidden text"), &hidden, Look::default())?;
        }
        deleted.clear();
        hidden.clear();
        (self.deleted, self.hidden) = (deleted, hidden);
        Ok(())
    }

    fn flush(&mut self, kind: Kind, look: Look) -> Result<(), Unreadable> {
        let mut text = mem::take(&mut self.visible);
        if !text.trim().is_empty() {
            self.visible_text += text.len();
            if self.role.pages {
                self.since_break += text.len();
                self.is_sure &= self.since_break <= SURE_PAGE;
            }
            self.emit(kind, self.role.visible, None, &text, look)?;
        }
        text.clear();
        self.visible = text;
        Ok(())
    }

    /// Text that stands beside the flow: names, targets, alternative text.
    fn aside(&mut self, kind: Kind, name: &'static str, text: &str) -> Result<(), Unreadable> {
        self.emit(kind, false, Some(name), text, Look::default())
    }

    fn emit(
        &mut self,
        kind: Kind,
        visible: bool,
        name: Option<&'static str>,
        text: &str,
        look: Look,
    ) -> Result<(), Unreadable> {
        let page = (self.role.pages && self.is_sure).then_some(self.page);
        if self.holding && name.is_none() {
            if self.held.len() < MAX_HELD {
                self.held.push(Held { text: text.to_owned(), kind, visible, page, look });
                return Ok(());
            }
            self.release(false)?;
        }
        self.push(kind, visible, name, page, text, look)
    }

    fn push(
        &mut self,
        kind: Kind,
        visible: bool,
        name: Option<&'static str>,
        page: Option<u32>,
        text: &str,
        look: Look,
    ) -> Result<(), Unreadable> {
        let place = Place { visible, page, name: name.or(self.role.name), ..Place::new(kind) };
        self.sink.segment(Segment::new(text, place).styled(look.style(&self.document.fonts.fonts)))?;
        Ok(())
    }

    /// A table ends, if there was one. One cell with borders is a frame.
    fn end_table(&mut self) -> Result<(), Unreadable> {
        let framed = self.in_table && self.rows == 1 && self.framed_row;
        self.in_table = false;
        self.release(framed)
    }

    /// Lets go the segments of a table's first cell.
    fn release(&mut self, framed: bool) -> Result<(), Unreadable> {
        self.holding = false;
        for held in mem::take(&mut self.held) {
            let mut look = held.look;
            if framed {
                look.framed = Some(true);
            }
            self.push(held.kind, held.visible, None, held.page, &held.text, look)?;
        }
        Ok(())
    }
}

/// Letters of the same properties.
struct Run<'a> {
    span: Span<'a>,
    marks: Marks,
}

/// Whether a letter lies where Word puts those of symbol fonts.
fn is_private(letter: char) -> bool {
    ('\u{F020}'..='\u{F0FF}').contains(&letter)
}

fn letter_of(code: u16) -> char {
    char::from_u32(u32::from(code)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Where letters go: into the instruction of a field, or into the paragraph.
fn target<'t>(fields: &'t mut [Field], text: &'t mut String) -> &'t mut String {
    match fields.iter_mut().rev().find(|field| !field.in_result) {
        Some(field) => &mut field.instruction,
        None => text,
    }
}

/// Scratch space for letters of two bytes.
struct Wide {
    units: Vec<u16>,
    text: String,
}

/// Letters decoded at a time.
const AT_ONCE: usize = 512;

impl Wide {
    fn new() -> Wide {
        // A unit takes three bytes at most.
        Wide { units: Vec::with_capacity(AT_ONCE), text: "\0".repeat(AT_ONCE * 3) }
    }

    /// Adds letters of UTF-16LE; lone halves of pairs become U+FFFD. Character by character it took a third of all time.
    fn push(&mut self, bytes: &[u8], out: &mut String) {
        let mut rest = bytes.chunks_exact(2).map(|pair| match *pair {
            [low, high] => u16::from_le_bytes([low, high]),
            _ => 0,
        });
        loop {
            self.units.clear();
            self.units.extend(rest.by_ref().take(AT_ONCE - 1));
            // A pair must not be cut.
            if self.units.last().is_some_and(|last| (0xD800..0xDC00).contains(last)) {
                self.units.extend(rest.next());
            }
            if self.units.is_empty() {
                return;
            }
            let len = encoding_rs::mem::convert_utf16_to_str(&self.units, &mut self.text);
            out.push_str(self.text.get(..len).unwrap_or_default());
        }
    }
}

/// What stands between quotation marks, straight or curly; of an instruction without any, its last word.
fn quoted(instruction: &str) -> impl Iterator<Item = &str> {
    let mut parts = instruction.split(['"', '\u{201C}', '\u{201D}']);
    let bare = parts.clone().count() == 1;
    parts.next();
    let last = bare.then(|| instruction.split_whitespace().next_back().unwrap_or_default());
    parts.step_by(2).chain(last)
}
