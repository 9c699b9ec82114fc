//! Rich Text Format.
//!
//! In: bytes of RTF 1.9.1, of any length. Out: paragraphs, cells, headers, footers, notes, comments, text boxes, drawn
//! text, fields and properties, each a piece of its own, with font, size, colour and frame; hidden and deleted runs
//! apart; texts of pictures that are metafiles; embedded objects as members; the HTML that Outlook wraps in RTF (MS-OXRTFEX) as a member.
//! Groups that nobody knows are hidden text. Left out: pixels of pictures, list definitions (their text stands in the paragraphs), numbers
//! that fields would show.

mod drawing;
mod fonts;
mod object;
mod source;
mod styles;
#[cfg(test)]
mod tests;
mod words;

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::rc::Rc;

use encoding_rs::Encoding;

use self::fonts::Table;
pub(super) use self::fonts::charset;
use self::source::Source;
use super::limits::Budget;
use super::look::{Look, SCAN_TEXT, Tally};
use super::ooxml::kind_of_property;
use super::xml::has_letter;
use super::{Format, Head, Input, Member, Sink, Stop, Unreadable, charset, field};
use crate::model::{Gap, GapReason, Kind, Place, Segment};

/// Rich Text Format.
pub(super) struct Rtf;

impl Format for Rtf {
    fn name(&self) -> &'static str {
        "rtf"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["rtf", "doc"]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        let bytes = head.bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head.bytes);
        bytes.trim_ascii_start().starts_with(b"{\\rtf")
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let budget = Rc::clone(input.budget());
        Reader::new(Source::new(input.stream()?), budget, sink).run()
    }
}

/// What the text of a group is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Text of the innermost piece.
    Text,
    /// No text of the document.
    Skip,
    /// Pixels of a picture; its properties stand in groups inside it.
    Picture,
    /// Names of styles, each behind what defines it and before a semicolon.
    StyleNames,
    FontTable,
    ColorTable,
    /// Name and value of a shape's property.
    ShapeName,
    ShapeValue,
    /// Name and value of a property of the user, or of a variable.
    PropertyName,
    PropertyValue,
    /// A field's instruction.
    Instruction,
    /// Where a link leads.
    Target,
    /// Class of an embedded object.
    Class,
    /// Source of the HTML wrapped in this document.
    Html,
    /// A group that old readers pass over, and this one does not know.
    Unknown,
}

/// What a group changes, and its end restores.
#[derive(Debug, Clone, Copy)]
struct State {
    role: Role,
    /// The group collects text of its own in `scratch`.
    collects: bool,
    /// The group opened a piece of its own.
    piece: bool,
    /// Nothing stood in the group yet: only here does `\*` name a destination.
    fresh: bool,
    /// `\*` was read and the next word names the destination.
    optional: bool,
    /// Characters that follow each `\u` for readers without Unicode.
    fallback: usize,
    font: Option<i32>,
    look: Look,
    deleted: bool,
    /// Text for readers of RTF only, not of the HTML wrapped in it.
    rtf_only: bool,
    /// In `\info`, where words name properties.
    info: bool,
    /// In `\docvar`: groups met so far, from 1.
    variable: u8,
    /// Where `\upr` began: length of the innermost piece's text.
    upr: Option<usize>,
    /// Pictures here repeat others.
    repeats: bool,
    /// The picture whose data come next in this group, and not in one inside it, is a metafile.
    drawing: bool,
    /// In the table of page styles, whose headers LibreOffice writes again where they are in use.
    page_styles: bool,
}

/// Size of text before any `\fs`: RTF 1.9.1, "Font (Character) Formatting Properties".
const DEFAULT_SIZE: u16 = 24;

impl State {
    fn new() -> State {
        State {
            role: Role::Text,
            collects: false,
            piece: false,
            fresh: true,
            optional: false,
            fallback: 1,
            font: None,
            look: Look { size: Some(DEFAULT_SIZE), ..Look::default() },
            deleted: false,
            rtf_only: false,
            info: false,
            variable: 0,
            upr: None,
            repeats: false,
            drawing: false,
            page_styles: false,
        }
    }
}

/// A piece under way.
struct Piece {
    kind: Kind,
    name: Option<&'static str>,
    visible: bool,
    text: String,
    hidden: String,
    /// Length of the other text when the latest hidden letters came.
    hidden_at: usize,
    deleted: String,
    tally: Tally,
    /// Font of the latest letters.
    font: Option<u16>,
    framed: bool,
    shaded: bool,
    table: bool,
}

impl Piece {
    fn new(kind: Kind, name: Option<&'static str>, visible: bool) -> Piece {
        Piece {
            kind,
            name,
            visible,
            text: String::new(),
            hidden: String::new(),
            hidden_at: 0,
            deleted: String::new(),
            tally: Tally::default(),
            font: None,
            framed: false,
            shaded: false,
            table: false,
        }
    }

    fn len(&self) -> usize {
        self.text.len() + self.hidden.len() + self.deleted.len()
    }
}

struct Reader<'i, 's> {
    source: Source<'i>,
    budget: Rc<Budget>,
    sink: &'s mut dyn Sink,
    /// Groups beyond the nesting limit that are open.
    too_deep: usize,
    state: State,
    stack: Vec<State>,
    pieces: Vec<Piece>,
    fonts: Table,
    encoding: &'static Encoding,
    colors: Vec<[u8; 3]>,
    color: [u8; 3],
    /// Bytes of the current run, not yet decoded.
    pending: Vec<u8>,
    /// First half of a surrogate pair.
    surrogate: Option<u16>,
    /// Characters still to be passed over after `\u`.
    skip: usize,
    /// Texts of the groups that collect one, the innermost last.
    scratch: Vec<String>,
    /// Name of the shape's property, user's property or variable.
    name: String,
    /// Class of the object under way.
    class: String,
    objects: u32,
    pictures: u32,
    /// Bytes of visible text.
    visible: usize,
    /// HTML wrapped in the document, as far as it came.
    html: Option<String>,
    html_parts: u32,
    /// Text boxes that were pushed, and texts of drawings: the form for old readers repeats them.
    boxes: HashSet<u64>,
    /// Headers of page styles.
    page_styles: styles::PageStyles,
}

/// A piece longer than this many bytes is pushed before it ends: broken files have no paragraph ends.
const LONGEST_PIECE: usize = 64 << 10;

/// HTML wrapped in RTF is handed on in parts of this many bytes; mails are far shorter.
const HTML_PART: usize = 8 << 20;

/// Colours and text boxes that are remembered.
const MAX_KEPT: usize = 10_000;

impl<'i, 's> Reader<'i, 's> {
    fn new(source: Source<'i>, budget: Rc<Budget>, sink: &'s mut dyn Sink) -> Reader<'i, 's> {
        Reader {
            source,
            budget,
            sink,
            too_deep: 0,
            state: State::new(),
            stack: Vec::new(),
            pieces: vec![Piece::new(Kind::Body, None, true)],
            fonts: Table::default(),
            encoding: encoding_rs::WINDOWS_1252,
            colors: Vec::new(),
            color: [0; 3],
            pending: Vec::new(),
            surrogate: None,
            skip: 0,
            scratch: Vec::new(),
            name: String::new(),
            class: String::new(),
            objects: 0,
            pictures: 0,
            visible: 0,
            html: None,
            html_parts: 0,
            boxes: HashSet::new(),
            page_styles: styles::PageStyles::default(),
        }
    }

    fn run(mut self) -> Result<(), Unreadable> {
        let mut opened = false;
        let mut late = 0u32;
        while let Some(&byte) = self.source.peek(1).first() {
            match byte {
                b'{' => {
                    self.source.advance(1);
                    opened = true;
                    self.open()?;
                }
                b'}' => {
                    self.source.advance(1);
                    self.close()?;
                    if self.stack.is_empty() && opened {
                        self.after_the_end()?;
                        opened = false;
                    }
                }
                b'\\' => {
                    self.source.advance(1);
                    self.control()?;
                }
                _ if self.state.drawing && byte.is_ascii_whitespace() => self.source.advance(1),
                _ if self.state.drawing && byte.is_ascii_hexdigit() => self.drawing(0)?,
                _ => self.plain(),
            }
            late = late.wrapping_add(1);
            if late.is_multiple_of(4096) {
                self.budget.charge(0)?;
            }
        }
        let unclosed = !self.stack.is_empty();
        while !self.stack.is_empty() {
            self.close()?;
        }
        self.end_piece()?;
        self.page_styles.push_unused(&self.fonts.names, self.sink)?;
        self.end_html()?;
        if self.pictures > 0 {
            self.sink.fact("pictures", self.pictures.to_string());
            if self.visible < SCAN_TEXT {
                self.sink.gap(Gap::new(GapReason::ImageOnly, "nothing but pictures"));
            }
        }
        if let Some(error) = self.source.failure() {
            return Err(error.into());
        }
        if unclosed {
            self.sink.gap(Gap::new(GapReason::Damaged, "ends inside a group"));
        }
        Ok(())
    }

    /// Programs show nothing behind the brace that closes the document.
    fn after_the_end(&mut self) -> Result<(), Stop> {
        self.end_piece()?;
        self.end_html()?;
        self.state = State::new();
        if let Some(piece) = self.pieces.first_mut() {
            *piece = Piece::new(Kind::Hidden, Some("behind the end"), false);
        }
        Ok(())
    }

    /// Bytes up to the next that means something.
    fn plain(&mut self) {
        let rest = self.source.peek(1);
        let end = memchr::memchr3(b'{', b'}', b'\\', rest).unwrap_or(rest.len());
        let run = rest.get(..end).unwrap_or_default();
        match self.state.role {
            // Pictures are megabytes of digits.
            Role::Skip | Role::Picture => self.skip = 0,
            Role::ColorTable => {
                for byte in run {
                    if *byte == b';' && self.colors.len() < MAX_KEPT {
                        self.colors.push(std::mem::take(&mut self.color));
                    }
                }
            }
            _ => {
                for line in run.split(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
                    let skipped = self.skip.min(line.len());
                    self.skip -= skipped;
                    self.pending.extend_from_slice(line.get(skipped..).unwrap_or_default());
                }
            }
        }
        if run.iter().any(|byte| !matches!(byte, b'\r' | b'\n' | b' ')) {
            self.state.fresh = false;
            self.state.optional = false;
        }
        self.source.advance(end);
    }

    fn open(&mut self) -> Result<(), Stop> {
        self.flush()?;
        self.skip = 0;
        self.state.fresh = false;
        if self.stack.len() >= self.budget.limits.max_nesting as usize {
            self.too_deep += 1;
            return Ok(());
        }
        self.state.variable += u8::from((1..250).contains(&self.state.variable));
        self.stack.push(self.state);
        let part = self.state.variable;
        self.state = State {
            piece: false,
            collects: false,
            optional: false,
            fresh: true,
            variable: 0,
            drawing: false,
            ..self.state
        };
        match part {
            2 => self.role(Role::PropertyName),
            3 => self.role(Role::PropertyValue),
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), Stop> {
        self.flush()?;
        self.skip = 0;
        self.surrogate = None;
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return Ok(());
        }
        if self.state.piece {
            self.end_piece()?;
            self.pieces.pop();
        }
        let State { role, collects, .. } = self.state;
        let Some(outer) = self.stack.pop() else { return Ok(()) };
        self.state = outer;
        if collects && let Some(text) = self.scratch.pop() {
            self.end_role(role, &text)?;
        }
        Ok(())
    }

    /// A group with a meaning of its own ended.
    fn end_role(&mut self, role: Role, text: &str) -> Result<(), Stop> {
        let text = text.trim();
        match role {
            Role::FontTable if !text.is_empty() => self.fonts.set_name(text),
            Role::ShapeName | Role::PropertyName => text.clone_into(&mut self.name),
            Role::Class => text.clone_into(&mut self.class),
            Role::ShapeValue if has_letter(text) && !is_data(text) => {
                let name = std::mem::take(&mut self.name);
                let place = match name.as_str() {
                    // Word draws its watermarks as letters of a shape.
                    "gtextUNICODE" => Place::new(Kind::Watermark),
                    "wzDescription" | "wzName" | "wzTooltip" => Place::new(Kind::AltText).hidden(),
                    _ => Place::new(Kind::Hidden).hidden().named(&name),
                };
                if place.visible {
                    self.visible += text.len();
                }
                return self.sink.segment(Segment::new(text, place));
            }
            Role::PropertyValue if !text.is_empty() => {
                let name = std::mem::take(&mut self.name);
                if has_letter(&name) {
                    let place = Place::new(Kind::Property).hidden().named("property name");
                    self.sink.segment(Segment::new(&name, place))?;
                }
                let kind = kind_of_property(&name);
                if kind == Kind::Label || has_letter(text) {
                    return self.sink.segment(Segment::new(text, Place::new(kind).hidden().named(&name)));
                }
            }
            Role::Target | Role::Instruction if has_letter(text) => {
                // What these fields draw is in the instruction itself: ruby letters, a frame around a word, a prompt.
                if let Some(drawn) = field::drawn(text).filter(|_| role == Role::Instruction) {
                    self.visible += drawn.len();
                    return self.sink.segment(Segment::new(&drawn, Place::new(Kind::Body).named("field")));
                }
                let kind = if role == Role::Target { Kind::Link } else { field::kind(text) };
                return self.sink.segment(Segment::new(text, Place::new(kind).hidden().named("field")));
            }
            Role::StyleNames => return styles::names(text, self.sink),
            Role::Unknown => return self.unknown(text),
            _ => {}
        }
        Ok(())
    }

    /// Text of a group that nobody knows: programs pass over it, a person with an editor does not.
    fn unknown(&mut self, text: &str) -> Result<(), Stop> {
        if !has_letter(text) || is_data(text) {
            return Ok(());
        }
        self.sink.segment(Segment::new(text, Place::new(Kind::Hidden).hidden().named("ignored-group")))
    }

    /// Pushes the innermost piece and begins anew.
    fn end_piece(&mut self) -> Result<(), Stop> {
        self.flush()?;
        self.push_piece()
    }

    fn push_piece(&mut self) -> Result<(), Stop> {
        let Some(piece) = self.pieces.last_mut() else { return Ok(()) };
        let look = piece.tally.take();
        if piece.len() == 0 {
            return Ok(());
        }
        let kind = if piece.table && piece.kind == Kind::Body { Kind::Table } else { piece.kind };
        let place = Place { name: piece.name, visible: piece.visible, ..Place::new(kind) };
        let mut style = look.style(&self.fonts.names);
        style.framed |= piece.framed;
        let text = piece.text.trim_end_matches(['\n', ' ']);
        if self.state.page_styles {
            self.page_styles.keep(kind, text, look);
            piece.text.clear();
        } else if matches!(kind, Kind::Header | Kind::Footer) {
            self.page_styles.used(text);
        }
        let text = piece.text.trim_end_matches(['\n', ' ']);
        let mut again = false;
        if matches!(piece.name, Some(OLD_SHAPE)) || kind == Kind::Textbox {
            let mut hasher = DefaultHasher::new();
            text.trim().hash(&mut hasher);
            let hash = hasher.finish();
            again = kind == Kind::Hidden && self.boxes.contains(&hash);
            if self.boxes.len() < MAX_KEPT {
                self.boxes.insert(hash);
            }
        }
        if !text.trim().is_empty() && !again {
            if place.visible {
                self.visible += text.len();
            }
            self.sink.segment(Segment::new(text, place).styled(style))?;
        }
        for (text, kind) in [(&piece.deleted, Kind::Deleted), (&piece.hidden, Kind::Hidden)] {
            if !text.trim().is_empty() {
                let place = Place { kind, ..place }.hidden();
                self.sink.segment(Segment::new(text.trim_end_matches(['\n', ' ']), place).styled(style))?;
            }
        }
        piece.text.clear();
        piece.hidden.clear();
        piece.hidden_at = 0;
        piece.deleted.clear();
        Ok(())
    }

    /// One byte of a character written as `\'xx`.
    fn byte(&mut self, byte: u8) {
        self.state.fresh = false;
        if self.skip > 0 {
            self.skip -= 1;
        } else if !matches!(self.state.role, Role::Skip | Role::Picture | Role::ColorTable) {
            self.pending.push(byte);
        }
    }

    /// Decodes the bytes of the current run.
    fn flush(&mut self) -> Result<(), Stop> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let mut bytes = std::mem::take(&mut self.pending);
        let encoding = match self.state.role {
            Role::Text => self.fonts.encoding(self.state.font, self.encoding),
            _ => self.encoding,
        };
        let mut text = String::new();
        charset::decode_legacy(encoding, &bytes, &mut text);
        bytes.clear();
        self.pending = bytes;
        self.text(&text)
    }

    fn text(&mut self, text: &str) -> Result<(), Stop> {
        match self.state.role {
            Role::Text => {}
            Role::Skip | Role::Picture | Role::ColorTable => return Ok(()),
            Role::Html => return self.push_html(text),
            Role::FontTable => return self.font_names(text),
            role => {
                let Some(scratch) = self.scratch.last_mut() else { return Ok(()) };
                scratch.push_str(text);
                if scratch.len() > LONGEST_PIECE {
                    let all = std::mem::take(scratch);
                    return self.end_role(role, &all);
                }
                return Ok(());
            }
        }
        if self.html.is_some() && self.pieces.len() == 1 {
            if !self.state.rtf_only {
                return self.push_html(text);
            }
            let Some(piece) = self.pieces.last_mut() else { return Ok(()) };
            piece.hidden.push_str(text);
            return Ok(());
        }
        let font = self.fonts.name(self.state.font);
        let Some(piece) = self.pieces.last() else { return Ok(()) };
        // Letters of another alphabet: decoded by the font's name, so they must not share a piece.
        let changes = piece.len() > 0 && self.fonts.names.differ(piece.font, font);
        let long = piece.len() > LONGEST_PIECE && text.starts_with(|c: char| !c.is_alphanumeric());
        if changes || long || piece.len() > 2 * LONGEST_PIECE {
            self.push_piece()?;
        }
        let State { deleted, .. } = self.state;
        let look = Look { font, hidden: None, ..self.state.look };
        let nested = self.pieces.len() > 1;
        let Some(piece) = self.pieces.last_mut() else { return Ok(()) };
        piece.font = font;
        // White letters on white paper, and a tiny size, hide as well as the attribute does.
        let white = look.color == Some([255; 3])
            && look.shaded != Some(true)
            && !piece.shaded
            && !piece.table
            && !nested;
        let hides = self.state.look.hidden == Some(true) || white || look.size.is_some_and(|size| size <= 2);
        let into = if deleted {
            &mut piece.deleted
        } else if hides {
            // Two hidden pieces with something seen between them are no word.
            let seen = std::mem::replace(&mut piece.hidden_at, piece.text.len()) != piece.text.len();
            if seen && !piece.hidden.is_empty() {
                piece.hidden.push('\n');
            }
            &mut piece.hidden
        } else {
            &mut piece.text
        };
        if !(into.is_empty() && text.trim().is_empty()) {
            piece.tally.add(look, text.trim().len());
        }
        into.push_str(text);
        Ok(())
    }

    /// `Times New Roman;` ends a name.
    fn font_names(&mut self, text: &str) -> Result<(), Stop> {
        let Some(scratch) = self.scratch.last_mut() else { return Ok(()) };
        for piece in text.split_inclusive(';') {
            match piece.strip_suffix(';') {
                Some(end) => {
                    scratch.push_str(end);
                    self.fonts.set_name(scratch);
                    scratch.clear();
                }
                None if scratch.len() < 1024 => scratch.push_str(piece),
                None => {}
            }
        }
        Ok(())
    }

    fn push_html(&mut self, text: &str) -> Result<(), Stop> {
        let html = self.html.get_or_insert_default();
        html.push_str(text);
        if html.len() >= HTML_PART {
            self.end_html()?;
            self.html = Some(String::new());
        }
        Ok(())
    }

    /// Hands on the HTML that was wrapped in the document. The byte order mark outweighs a charset that it declares.
    fn end_html(&mut self) -> Result<(), Stop> {
        let Some(html) = self.html.take().filter(|html| !html.trim().is_empty()) else { return Ok(()) };
        self.html_parts += 1;
        let name = if self.html_parts == 1 {
            "body.html".to_owned()
        } else {
            format!("body-{}.html", self.html_parts)
        };
        let member = Member { name: &name, media: Some("text/html"), charset: Some("utf-8") };
        let _lease = self.budget.hold(html.len() as u64);
        self.sink.member(member, &mut std::io::Read::chain(&b"\xEF\xBB\xBF"[..], html.as_bytes()))
    }

    fn character(&mut self, text: &str) -> Result<(), Stop> {
        self.flush()?;
        self.text(text)
    }

    fn control(&mut self) -> Result<(), Stop> {
        let rest = self.source.peek(64);
        let letters = rest.iter().take(40).take_while(|byte| byte.is_ascii_alphabetic()).count();
        if letters == 0 {
            return self.symbol();
        }
        let mut word = [0; 40];
        if let (Some(to), Some(from)) = (word.get_mut(..letters), rest.get(..letters)) {
            to.copy_from_slice(from);
        }
        let after = rest.get(letters..).unwrap_or_default();
        let sign = usize::from(after.first() == Some(&b'-'));
        let digits = after.iter().skip(sign).take_while(|byte| byte.is_ascii_digit()).take(10).count();
        let number = after.get(..sign + digits).filter(|_| digits > 0);
        let parameter = number.and_then(|number| std::str::from_utf8(number).ok()?.parse::<i64>().ok());
        let used = letters + if digits > 0 { sign + digits } else { 0 };
        let used = used + usize::from(rest.get(used) == Some(&b' '));
        self.source.advance(used);
        self.flush()?;
        let word = word.get(..letters).unwrap_or_default();
        if word == b"bin" {
            let count = parameter.and_then(|count| u64::try_from(count).ok()).unwrap_or(0);
            if self.state.drawing {
                return self.drawing(count);
            }
            self.source.skip(count);
            return Ok(());
        }
        if self.skip > 0 && !matches!(word, b"u" | b"uc") {
            self.skip -= 1;
            return Ok(());
        }
        self.word(word, parameter.and_then(|parameter| i32::try_from(parameter).ok()))?;
        self.state.fresh = false;
        Ok(())
    }

    fn symbol(&mut self) -> Result<(), Stop> {
        let symbol = self.source.next();
        match symbol {
            Some(b'\'') => {
                let rest = self.source.peek(2);
                let digit = |at: usize| rest.get(at).and_then(|byte| char::from(*byte).to_digit(16));
                match (digit(0), digit(1)) {
                    (Some(high), Some(low)) => {
                        self.source.advance(2);
                        self.byte(u8::try_from(high * 16 + low).unwrap_or_default());
                    }
                    _ => self.byte(b'\''),
                }
            }
            Some(byte @ (b'\\' | b'{' | b'}')) => self.byte(byte),
            Some(b'*') => self.state.optional = self.state.fresh,
            Some(_) if self.skip > 0 => self.skip -= 1,
            Some(b'~') => return self.character("\u{a0}"),
            Some(b'-') => return self.character("\u{ad}"),
            Some(b'_') => return self.character("\u{2011}"),
            Some(b'\r' | b'\n') => return self.paragraph(),
            Some(b'\t') => return self.character("\t"),
            _ => {}
        }
        Ok(())
    }

    /// `\par` and what ends a paragraph as well.
    fn paragraph(&mut self) -> Result<(), Stop> {
        match self.state.role {
            Role::Text if self.html.is_none() || self.state.rtf_only || self.pieces.len() > 1 => {
                self.end_piece()
            }
            Role::Skip | Role::Picture | Role::ColorTable | Role::FontTable => Ok(()),
            _ => self.character("\n"),
        }
    }

    fn begin_piece(&mut self, kind: Kind, name: Option<&'static str>, visible: bool) {
        if matches!(self.state.role, Role::Skip | Role::Picture) || self.too_deep > 0 {
            return;
        }
        self.state.role = Role::Text;
        self.state.look.hidden = None;
        self.state.deleted = false;
        if !self.state.piece {
            self.state.piece = true;
            self.pieces.push(Piece::new(kind, name, visible));
        }
    }

    fn role(&mut self, role: Role) {
        if matches!(self.state.role, Role::Skip | Role::Picture) || self.too_deep > 0 {
            return;
        }
        self.state.role = role;
        if !self.state.collects && !matches!(role, Role::Skip | Role::Picture | Role::ColorTable | Role::Html)
        {
            self.state.collects = true;
            self.scratch.push(String::new());
        }
    }

    /// The table, frame or shade of the paragraph under way.
    fn piece(&mut self, change: impl FnOnce(&mut Piece)) {
        if self.state.role == Role::Text
            && let Some(piece) = self.pieces.last_mut()
        {
            change(piece);
        }
    }

    fn unicode(&mut self, parameter: i32) -> Result<(), Stop> {
        // Values above 32,767 are written as negative numbers.
        let [_, _, high, low] = parameter.to_be_bytes();
        let unit = u16::from_be_bytes([high, low]);
        self.skip = self.state.fallback;
        let units = match self.surrogate.take() {
            Some(first) => [Some(first), Some(unit)],
            None if (0xD800..0xDC00).contains(&unit) => {
                self.surrogate = Some(unit);
                return Ok(());
            }
            None => [Some(unit), None],
        };
        let text: String = char::decode_utf16(units.into_iter().flatten())
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        self.text(&text)
    }
}

/// Name of the form in which a shape is written for readers of before 1997.
const OLD_SHAPE: &str = "shape for old readers";

/// Whether text of an unknown group is data in letters: digits in hexadecimal, or one very long word.
fn is_data(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let first = words.next().unwrap_or_default();
    (text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte.is_ascii_whitespace()))
        || (first.len() > 256 && first.is_ascii() && words.all(|word| word.len() > 60 && word.is_ascii()))
}
