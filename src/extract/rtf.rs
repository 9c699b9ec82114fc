//! Rich Text Format.
//!
//! In: bytes of RTF 1.9.1. Out: paragraphs, cells, headers, footers, notes, comments, text boxes, drawn text and
//! properties, each a piece of its own, with font, size, colour and frame; hidden and deleted runs apart. Left out:
//! pictures' pixels and embedded objects, which become gaps; lists' numbering that is not written out.

use std::collections::HashMap;

use encoding_rs::Encoding;

use super::{Format, Head, Input, Sink, Stop, Unreadable, charset};
use crate::model::{Gap, GapReason, Kind, Place, Segment, Style};

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
        head.bytes.trim_ascii_start().starts_with(b"{\\rtf")
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let nesting = input.budget().limits.max_nesting as usize;
        Reader::new(input.bytes()?, nesting, sink).run()?;
        Ok(())
    }
}

/// What the text of a group is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Text of the innermost piece.
    Text,
    /// No text of the document.
    Skip,
    FontTable,
    ColorTable,
    /// Name and value of a shape's property.
    ShapeName,
    ShapeValue,
    /// Name and value of a property of the user.
    PropertyName,
    PropertyValue,
    /// A field's instruction: its target is a link.
    Instruction,
    /// Embedded object.
    Object,
    /// A group that old readers pass over, and this one does not know.
    Unknown,
}

/// Formatting of one group.
#[derive(Debug, Clone)]
struct State {
    role: Role,
    /// Characters that follow each `\u` for readers without Unicode.
    fallback: usize,
    font: i32,
    half_points: i32,
    color: usize,
    bold: bool,
    capitals: bool,
    struck: bool,
    hidden: bool,
    deleted: bool,
    /// The group opened a piece of its own.
    piece: bool,
    /// `\*` was read and the next word names the destination.
    optional: bool,
}

/// A piece under way.
struct Piece {
    kind: Kind,
    name: Option<String>,
    text: String,
    hidden: String,
    deleted: String,
    look: Look,
    framed: bool,
    table: bool,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Look {
    size: Option<f32>,
    color: Option<[u8; 3]>,
    bold: bool,
    capitals: bool,
    struck: bool,
    font: Option<String>,
}

impl Piece {
    fn new(kind: Kind, name: Option<String>) -> Piece {
        let look = Look::default();
        let (text, hidden, deleted) = (String::new(), String::new(), String::new());
        Piece { kind, name, text, hidden, deleted, look, framed: false, table: false }
    }
}

struct Font {
    name: String,
    encoding: Option<&'static Encoding>,
}

struct Reader<'b, 's> {
    bytes: &'b [u8],
    at: usize,
    sink: &'s mut dyn Sink,
    nesting: usize,
    /// Groups beyond the nesting limit that are open.
    too_deep: usize,
    state: State,
    stack: Vec<State>,
    pieces: Vec<Piece>,
    fonts: HashMap<i32, Font>,
    default_font: i32,
    encoding: &'static Encoding,
    colors: Vec<[u8; 3]>,
    color: [u8; 3],
    /// Bytes of the current run, not yet decoded.
    pending: Vec<u8>,
    /// First half of a surrogate pair.
    surrogate: Option<u16>,
    /// Characters still to be passed over after `\u`.
    skip: usize,
    /// Text of the small groups: font name, property name and value, field instruction.
    scratch: String,
    name: String,
    font_under_way: i32,
    objects: u32,
    pictures: u32,
    /// Bytes of visible text.
    visible: usize,
}

/// A piece longer than this many bytes is pushed before it ends: broken files have no paragraph ends.
const LONGEST_PIECE: usize = 64 << 10;

impl<'b, 's> Reader<'b, 's> {
    fn new(bytes: &'b [u8], nesting: usize, sink: &'s mut dyn Sink) -> Reader<'b, 's> {
        let state = State {
            role: Role::Text,
            fallback: 1,
            font: -1,
            half_points: 24,
            color: 0,
            bold: false,
            capitals: false,
            struck: false,
            hidden: false,
            deleted: false,
            piece: false,
            optional: false,
        };
        Reader {
            bytes,
            at: 0,
            sink,
            nesting,
            too_deep: 0,
            state,
            stack: Vec::new(),
            pieces: vec![Piece::new(Kind::Body, None)],
            fonts: HashMap::new(),
            default_font: 0,
            encoding: encoding_rs::WINDOWS_1252,
            colors: Vec::new(),
            color: [0; 3],
            pending: Vec::new(),
            surrogate: None,
            skip: 0,
            scratch: String::new(),
            name: String::new(),
            font_under_way: 0,
            objects: 0,
            pictures: 0,
            visible: 0,
        }
    }

    fn run(mut self) -> Result<(), Stop> {
        while let Some(&byte) = self.bytes.get(self.at) {
            self.at += 1;
            match byte {
                b'{' => self.open(),
                b'}' => self.close()?,
                b'\\' => self.control()?,
                b'\r' | b'\n' | 0 => {}
                _ => {
                    self.byte(byte);
                    if self.skip == 0 && self.state.role == Role::Skip {
                        // Pictures are megabytes of digits.
                        let rest = self.bytes.get(self.at..).unwrap_or_default();
                        self.at += memchr::memchr3(b'{', b'}', b'\\', rest).unwrap_or(rest.len());
                    }
                }
            }
        }
        let unclosed = !self.stack.is_empty();
        while !self.stack.is_empty() {
            self.close()?;
        }
        self.end_piece()?;
        if unclosed {
            self.sink.gap(Gap::new(GapReason::Damaged, "ends inside a group"));
        }
        if self.pictures > 0 {
            self.sink.fact("pictures", self.pictures.to_string());
            if self.visible < super::look::SCAN_TEXT {
                self.sink.gap(Gap::new(GapReason::ImageOnly, "nothing but pictures"));
            }
        }
        if self.objects > 0 {
            let detail = format!("{} embedded objects not read", self.objects);
            self.sink.gap(Gap::new(GapReason::Unsupported, detail));
        }
        Ok(())
    }

    fn open(&mut self) {
        self.flush();
        self.skip = 0;
        if self.stack.len() >= self.nesting {
            self.too_deep += 1;
            return;
        }
        self.stack.push(self.state.clone());
        self.state.piece = false;
        self.state.optional = false;
    }

    fn close(&mut self) -> Result<(), Stop> {
        self.flush();
        self.skip = 0;
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return Ok(());
        }
        if self.state.piece {
            self.end_piece()?;
            self.pieces.pop();
        }
        let role = self.state.role;
        let Some(outer) = self.stack.pop() else { return Ok(()) };
        self.state = outer;
        if role != self.state.role || matches!(role, Role::FontTable) {
            self.end_role(role)?;
        }
        Ok(())
    }

    /// A group with a meaning of its own ended; its text is in `scratch`.
    fn end_role(&mut self, role: Role) -> Result<(), Stop> {
        let text = std::mem::take(&mut self.scratch);
        let trimmed = text.trim();
        match role {
            Role::FontTable => self.end_font(trimmed),
            Role::ShapeName | Role::PropertyName => self.name = trimmed.to_owned(),
            Role::ShapeValue if !trimmed.is_empty() => {
                let kind = match self.name.as_str() {
                    "gtextUNICODE" => Kind::Watermark,
                    "wzDescription" | "wzName" => Kind::AltText,
                    "pihlShape" => Kind::Link,
                    _ => return Ok(()),
                };
                return self.sink.segment(Segment::new(trimmed, Place::new(kind)));
            }
            Role::PropertyValue if !trimmed.is_empty() => {
                let place = Place::new(Kind::Property).hidden().named(&self.name);
                return self.sink.segment(Segment::new(trimmed, place));
            }
            Role::Instruction if trimmed.contains('"') => {
                return self.sink.segment(Segment::new(trimmed, Place::new(Kind::Link).hidden()));
            }
            // What this reader does not know may still be text; data are one long word.
            Role::Unknown if trimmed.split_whitespace().count() > 1 || !trimmed.is_ascii() => {
                let place = Place::new(Kind::Hidden).hidden().named("ignored-group");
                return self.sink.segment(Segment::new(trimmed, place));
            }
            _ => {}
        }
        Ok(())
    }

    fn end_font(&mut self, name: &str) {
        let name = name.split(';').next().unwrap_or_default().trim();
        if !name.is_empty() {
            let font =
                self.fonts.entry(self.font_under_way).or_insert(Font { name: String::new(), encoding: None });
            name.clone_into(&mut font.name);
        }
    }

    /// Pushes the innermost piece and begins anew.
    fn end_piece(&mut self) -> Result<(), Stop> {
        self.flush();
        let Some(piece) = self.pieces.last_mut() else { return Ok(()) };
        let kind = if piece.table && piece.kind == Kind::Body { Kind::Table } else { piece.kind };
        let place = Place { name: piece.name.as_deref(), ..Place::new(kind) };
        let style = Style {
            size: piece.look.size,
            color: piece.look.color,
            bold: piece.look.bold,
            capitals: piece.look.capitals,
            struck: piece.look.struck,
            framed: piece.framed,
            font: piece.look.font.as_deref(),
        };
        if !piece.text.trim().is_empty() {
            if place.visible {
                self.visible += piece.text.len();
            }
            self.sink.segment(Segment::new(&piece.text, place).styled(style))?;
        }
        for (text, kind) in [(&piece.deleted, Kind::Deleted), (&piece.hidden, Kind::Hidden)] {
            if !text.trim().is_empty() {
                let place = Place { kind, ..place }.hidden();
                self.sink.segment(Segment::new(text, place).styled(style))?;
            }
        }
        piece.text.clear();
        piece.hidden.clear();
        piece.deleted.clear();
        Ok(())
    }

    /// One character of the document's code page, or a byte of one.
    fn byte(&mut self, byte: u8) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if self.state.role != Role::Skip && self.state.role != Role::Object {
            if self.state.role == Role::ColorTable {
                if byte == b';' {
                    self.colors.push(self.color);
                    self.color = [0; 3];
                }
                return;
            }
            self.pending.push(byte);
        }
    }

    fn font_name(&self) -> Option<&str> {
        let font = if self.state.font < 0 { self.default_font } else { self.state.font };
        self.fonts.get(&font).map(|font| font.name.as_str())
    }

    /// Decodes the bytes of the current run.
    fn flush(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.pending);
        let font = if self.state.font < 0 { self.default_font } else { self.state.font };
        let font = self.fonts.get(&font);
        let encoding = match font {
            Some(font) if is_legacy(&font.name) => encoding_rs::WINDOWS_1252,
            Some(Font { encoding: Some(encoding), .. }) => encoding,
            _ => self.encoding,
        };
        let mut text = String::new();
        charset::decode_legacy(encoding, &bytes, &mut text);
        self.text(&text);
        self.pending = bytes;
        self.pending.clear();
    }

    fn text(&mut self, text: &str) {
        match self.state.role {
            Role::Text => {}
            Role::Skip | Role::Object | Role::ColorTable => return,
            _ => {
                if self.scratch.len() < LONGEST_PIECE {
                    self.scratch.push_str(text);
                }
                return;
            }
        }
        let font = self.font_name().map(str::to_owned);
        let (size, color) = (self.state.half_points, self.colors.get(self.state.color).copied());
        // Halves of a point; sizes beyond i16 are nonsense.
        let size = i16::try_from(size).ok().map(|size| f32::from(size) / 2.0);
        let State { bold, capitals, struck, .. } = self.state;
        let look = Look { size, color: color.filter(|_| self.state.color > 0), bold, capitals, struck, font };
        let changes = self.pieces.last().is_some_and(|piece| {
            let legacy = |look: &Look| look.font.as_deref().is_some_and(is_legacy);
            !piece.text.trim().is_empty()
                && (piece.text.len() > LONGEST_PIECE
                    || (piece.look.font != look.font && (legacy(&piece.look) || legacy(&look))))
        });
        if changes {
            // Letters of another alphabet: decoded by the font's name, so they must not share a piece. The sink's
            // answer is seen again at the paragraph's end.
            let pending = std::mem::take(&mut self.pending);
            let _ = self.end_piece();
            self.pending = pending;
        }
        let State { hidden, deleted, .. } = self.state;
        let Some(piece) = self.pieces.last_mut() else { return };
        if piece.look == Look::default() {
            piece.look = look.clone();
        }
        if deleted {
            piece.deleted.push_str(text);
        } else if hidden {
            piece.hidden.push_str(text);
        } else {
            if piece.text.trim().is_empty() {
                piece.look = look;
            } else if piece.look.color.is_none() {
                piece.look.color = look.color;
            }
            piece.text.push_str(text);
        }
    }

    fn character(&mut self, text: &str) {
        self.flush();
        if self.skip > 0 {
            self.skip -= 1;
        } else {
            self.text(text);
        }
    }

    fn control(&mut self) -> Result<(), Stop> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let letters = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        if letters == 0 {
            return self.symbol(rest.first().copied());
        }
        let word = rest.get(..letters).unwrap_or_default();
        let after = rest.get(letters..).unwrap_or_default();
        let sign = usize::from(after.first() == Some(&b'-'));
        let digits = after.iter().skip(sign).take_while(|byte| byte.is_ascii_digit()).take(10).count();
        let (parameter, used) = if digits == 0 {
            (None, letters)
        } else {
            let text = after.get(..sign + digits).and_then(|text| std::str::from_utf8(text).ok());
            (text.and_then(|text| text.parse::<i64>().ok()), letters + sign + digits)
        };
        self.at += used + usize::from(rest.get(used) == Some(&b' '));
        self.flush();
        if word == b"bin" {
            self.at = self.at.saturating_add(parameter.and_then(|n| usize::try_from(n).ok()).unwrap_or(0));
            return Ok(());
        }
        if self.skip > 0 {
            self.skip -= 1;
            return Ok(());
        }
        let parameter = parameter.and_then(|parameter| i32::try_from(parameter).ok());
        self.word(word, parameter)
    }

    fn symbol(&mut self, symbol: Option<u8>) -> Result<(), Stop> {
        self.at += 1;
        match symbol {
            Some(b'\'') => {
                let digit = |at: usize| self.bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
                match (digit(self.at), digit(self.at + 1)) {
                    (Some(high), Some(low)) => {
                        self.at += 2;
                        self.byte(u8::try_from(high * 16 + low).unwrap_or_default());
                    }
                    _ => self.byte(b'\''),
                }
            }
            Some(byte @ (b'\\' | b'{' | b'}')) => self.byte(byte),
            Some(b'~') => self.character("\u{a0}"),
            Some(b'-') => self.character("\u{ad}"),
            Some(b'_') => self.character("\u{2011}"),
            Some(b'\r' | b'\n') => return self.end_piece(),
            Some(b'*') => self.state.optional = true,
            _ => {}
        }
        Ok(())
    }

    fn begin_piece(&mut self, kind: Kind, name: Option<&str>) {
        if self.state.role == Role::Skip || self.too_deep > 0 {
            return;
        }
        self.state.role = Role::Text;
        self.state.hidden = false;
        self.state.deleted = false;
        if !self.state.piece {
            self.state.piece = true;
            self.pieces.push(Piece::new(kind, name.map(str::to_owned)));
        }
    }

    fn role(&mut self, role: Role) {
        if self.state.role != Role::Skip && self.too_deep == 0 {
            self.state.role = role;
            self.scratch.clear();
        }
    }

    fn word(&mut self, word: &[u8], parameter: Option<i32>) -> Result<(), Stop> {
        let on = parameter != Some(0);
        let optional = std::mem::take(&mut self.state.optional);
        match word {
            b"par" | b"sect" | b"page" | b"column" => return self.end_piece(),
            b"cell" | b"nestcell" => {
                if let Some(piece) = self.pieces.last_mut() {
                    piece.table = true;
                }
                return self.end_piece();
            }
            b"row" | b"nestrow" => {
                self.end_piece()?;
                if let Some(piece) = self.pieces.last_mut() {
                    piece.table = false;
                }
            }
            b"intbl" => {
                if let Some(piece) = self.pieces.last_mut() {
                    piece.table = true;
                }
            }
            b"pard" => {
                if let Some(piece) = self.pieces.last_mut() {
                    piece.table = false;
                    piece.framed = false;
                }
            }
            b"box" | b"brdrt" | b"chbrdr" => {
                if let Some(piece) = self.pieces.last_mut() {
                    piece.framed = true;
                }
            }
            b"line" | b"lbr" => self.character("\n"),
            b"tab" => self.character("\t"),
            b"emdash" => self.character("\u{2014}"),
            b"endash" => self.character("\u{2013}"),
            b"bullet" => self.character("\u{2022}"),
            b"lquote" => self.character("\u{2018}"),
            b"rquote" => self.character("\u{2019}"),
            b"ldblquote" => self.character("\u{201c}"),
            b"rdblquote" => self.character("\u{201d}"),
            b"emspace" | b"enspace" | b"qmspace" => self.character(" "),
            b"zwj" | b"zwnj" | b"zwbo" | b"zwnbo" => {}
            b"u" => self.unicode(parameter.unwrap_or(0)),
            b"uc" => self.state.fallback = usize::try_from(parameter.unwrap_or(1)).unwrap_or(1).min(16),
            b"f" => {
                self.state.font = parameter.unwrap_or(0);
                if self.state.role == Role::FontTable {
                    self.font_under_way = self.state.font;
                }
            }
            b"deff" => self.default_font = parameter.unwrap_or(0),
            b"fcharset" if self.state.role == Role::FontTable => {
                let encoding = font_charset(parameter.unwrap_or(0));
                let font = self
                    .fonts
                    .entry(self.font_under_way)
                    .or_insert(Font { name: String::new(), encoding: None });
                font.encoding = encoding;
            }
            b"ansicpg" => self.encoding = code_page(parameter.unwrap_or(1252)),
            b"mac" => self.encoding = encoding_rs::MACINTOSH,
            b"fs" => self.state.half_points = parameter.unwrap_or(24),
            b"cf" => self.state.color = usize::try_from(parameter.unwrap_or(0)).unwrap_or(0),
            b"red" | b"green" | b"blue" if self.state.role == Role::ColorTable => {
                let value = u8::try_from(parameter.unwrap_or(0)).unwrap_or(0);
                let [red, green, blue] = &mut self.color;
                *match word {
                    b"red" => red,
                    b"green" => green,
                    _ => blue,
                } = value;
            }
            b"b" => self.state.bold = on,
            b"caps" => self.state.capitals = on,
            b"strike" | b"striked" => self.state.struck = on,
            b"v" => self.state.hidden = on,
            b"deleted" => self.state.deleted = on,
            b"plain" => {
                self.state.bold = false;
                self.state.capitals = false;
                self.state.struck = false;
                self.state.hidden = false;
                self.state.deleted = false;
                self.state.color = 0;
                self.state.half_points = 24;
                self.state.font = -1;
            }
            b"fonttbl" => self.role(Role::FontTable),
            b"colortbl" => self.role(Role::ColorTable),
            b"header" | b"headerl" | b"headerr" | b"headerf" => self.begin_piece(Kind::Header, None),
            b"footer" | b"footerl" | b"footerr" | b"footerf" => self.begin_piece(Kind::Footer, None),
            b"footnote" => self.begin_piece(Kind::Footnote, None),
            b"annotation" => self.begin_piece(Kind::Comment, None),
            b"atnauthor" | b"atnid" => self.begin_piece(Kind::Comment, Some("author")),
            b"shptxt" | b"dptxbxtext" => self.begin_piece(Kind::Textbox, None),
            b"bkmkstart" => self.begin_piece(Kind::Bookmark, None),
            b"ffname" | b"ffdeftext" | b"ffhelptext" | b"ffstattext" | b"ffl" | b"ffformat" => {
                self.begin_piece(Kind::FormField, None);
            }
            b"title" if self.in_info() => self.begin_piece(Kind::Title, None),
            b"subject" | b"author" | b"manager" | b"company" | b"operator" | b"category" | b"keywords"
            | b"comment" | b"doccomm" | b"hlinkbase"
                if self.in_info() =>
            {
                self.begin_piece(Kind::Property, std::str::from_utf8(word).ok());
            }
            b"sn" => self.role(Role::ShapeName),
            b"sv" => self.role(Role::ShapeValue),
            b"propname" => self.role(Role::PropertyName),
            b"staticval" | b"linkval" => self.role(Role::PropertyValue),
            b"fldinst" => self.role(Role::Instruction),
            b"objdata" => {
                self.objects += 1;
                self.role(Role::Object);
            }
            b"pict" => {
                self.pictures += 1;
                self.role(Role::Skip);
            }
            b"stylesheet"
            | b"themedata"
            | b"colorschememapping"
            | b"latentstyles"
            | b"datastore"
            | b"listtable"
            | b"listoverridetable"
            | b"rsidtbl"
            | b"xmlnstbl"
            | b"generator"
            | b"mmathPr"
            | b"filetbl"
            | b"revtbl"
            | b"bkmkend"
            | b"blipuid"
            | b"nonshppict"
            | b"objclass"
            | b"objname"
            | b"ftnsep"
            | b"ftnsepc"
            | b"ftncn"
            | b"aftnsep"
            | b"aftnsepc"
            | b"aftncn"
            | b"panose"
            | b"falt"
            | b"fontemb"
            | b"pgptbl"
            | b"wgrffmtfilter"
            | b"datafield"
            | b"atnref"
            | b"atndate"
            | b"atrfstart"
            | b"atrfend"
            | b"atntime"
            | b"atnparent"
            | b"pnseclvl"
            | b"passwordhash"
            | b"shprslt"
            | b"fchars"
            | b"lchars"
                if self.state.role != Role::Skip =>
            {
                self.role(Role::Skip);
            }
            // Parts of the text that carry an asterisk.
            b"shpinst" | b"shppict" | b"shp" | b"shpgrp" | b"fldrslt" | b"formfield" | b"userprops"
            | b"pn" | b"do" | b"nesttableprops" | b"cs" | b"ts" | b"info" | b"background" | b"objalias"
            | b"objsect" | b"field" | b"result" | b"moveTo" | b"xe" | b"tc" | b"listtext" | b"pntext"
            | b"pntxtb" | b"pntxta" | b"picprop" => {}
            _ if optional => self.role(Role::Unknown),
            _ => {}
        }
        Ok(())
    }

    /// Property names are words like any other outside the `\info` group, which has no text of its own.
    fn in_info(&self) -> bool {
        self.state.role == Role::Text && self.stack.len() >= 3 && !self.state.piece
    }

    fn unicode(&mut self, parameter: i32) {
        // Values above 32,767 are written as negative numbers.
        let [_, _, high, low] = parameter.to_be_bytes();
        let unit = u16::from_be_bytes([high, low]);
        self.skip = self.state.fallback;
        let pair = match self.surrogate.take() {
            Some(first) => vec![first, unit],
            None if (0xD800..0xDC00).contains(&unit) => {
                self.surrogate = Some(unit);
                return;
            }
            None => vec![unit],
        };
        let text: String =
            char::decode_utf16(pair).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        self.text(&text);
    }
}

/// Vietnamese fonts before Unicode: their bytes must stay as they are.
fn is_legacy(font: &str) -> bool {
    let begins = |prefix: &str| font.get(..prefix.len()).is_some_and(|is| is.eq_ignore_ascii_case(prefix));
    begins(".vn") || begins("vni") || begins("vps")
}

/// Encodings of `\fcharset`; `None`: the document's.
fn font_charset(charset: i32) -> Option<&'static Encoding> {
    Some(code_page(match charset {
        0 => 1252,
        77 => 10000,
        128 => 932,
        129 => 949,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        _ => return None,
    }))
}

/// The encoding of a Windows code page; those nobody decodes are given as Windows-1252.
fn code_page(number: i32) -> &'static Encoding {
    match number {
        874 => encoding_rs::WINDOWS_874,
        866 => encoding_rs::IBM866,
        932 => encoding_rs::SHIFT_JIS,
        936 => encoding_rs::GBK,
        949 => encoding_rs::EUC_KR,
        950 => encoding_rs::BIG5,
        1250 => encoding_rs::WINDOWS_1250,
        1251 => encoding_rs::WINDOWS_1251,
        1253 => encoding_rs::WINDOWS_1253,
        1254 => encoding_rs::WINDOWS_1254,
        1255 => encoding_rs::WINDOWS_1255,
        1256 => encoding_rs::WINDOWS_1256,
        1257 => encoding_rs::WINDOWS_1257,
        1258 => encoding_rs::WINDOWS_1258,
        10000 => encoding_rs::MACINTOSH,
        65001 => encoding_rs::UTF_8,
        _ => encoding_rs::WINDOWS_1252,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::Record;
    use super::*;

    fn read(rtf: &[u8]) -> Record {
        let mut sink = Record::default();
        Reader::new(rtf, 100, &mut sink).run().unwrap();
        sink
    }

    #[test]
    fn pieces_with_their_places() {
        let rtf = br#"{\rtf1\ansi\ansicpg1258\deff0{\fonttbl{\f0\fnil\fcharset163 Times;}{\f1 .VnTimeH;}}
{\colortbl;\red255\green0\blue0;}{\stylesheet{\s0 Normal;}}
{\info{\title T\u7845?p}{\author Ng\u432\'3f\u7901?i}{\*\company S\u7903?}}
{\header \pard TOP SECRET\par}{\*\generator x;}
\pard\cf1\b\fs28 TUY\'ca\'f2T M\'c2\'f2T\par \plain a{\v kh\u244?ng th\u7845?y}b{\deleted x\'f3a}\line c\par
\trowd\intbl one\cell two\cell\row\pard
text{\footnote note}{\*\annotation remark}{\*\atnauthor Orla} on\par
{\f1 tuy\'d6t m\'cbt}\par
{\shp{\*\shpinst{\sp{\sn gtextUNICODE}{\sv M\u7852?T}}{\shptxt boxed\par}}}
{\field{\*\fldinst HYPERLINK "http://vidu.example"}{\fldrslt link}}\par
{\*\unknown some words}{\pict 00ff00}{\object{\*\objdata 01}}
}"#;
        let sink = read(rtf);
        let lines = sink.lines();
        for expected in [
            "title||Tấp",
            "property|author|Người",
            "property|company|Sở",
            "header||TOP SECRET",
            "body||TUYÊ\u{323}T MÂ\u{323}T",
            "body||ab\nc",
            "hidden||không thấy",
            "deleted||xóa",
            "table||one",
            "table||two",
            "body||text on",
            "footnote||note",
            "comment||remark",
            "comment|author|Orla",
            "body||tuyÖt mËt",
            "watermark||MẬT",
            "textbox||boxed",
            "link||HYPERLINK \"http://vidu.example\"",
            "body||link",
            "hidden|ignored-group|some words",
        ] {
            assert!(lines.iter().any(|line| line == expected), "{expected:?} not in {lines:#?}");
        }
        let red = sink.segments.iter().find(|s| s.text.starts_with("TUY")).unwrap();
        assert_eq!(red.color, Some([255, 0, 0]));
        let legacy = sink.segments.iter().find(|s| s.text.starts_with("tuy")).unwrap();
        assert_eq!(legacy.font.as_deref(), Some(".VnTimeH"));
        assert_eq!(sink.gaps.len(), 1);
    }

    #[test]
    fn a_file_cut_off_gives_what_is_there() {
        let sink = read(br"{\rtf1 one\par {\b SECRET");
        assert_eq!(sink.lines(), ["body||one", "body||SECRET"]);
        assert_eq!(sink.gaps[0].reason, GapReason::Damaged);
        assert_eq!(read(&b"{".repeat(100_000)).lines().len(), 0);
    }

    proptest! {
        #[test]
        fn any_bytes_end(text in "(\\{|\\}|\\\\par |\\\\u7852\\?|\\\\'c2|\\\\\\*|\\\\header |\\\\pict|\\\\bin9 |\\\\v |[a-z ]{0,4}){0,60}") {
            read(text.as_bytes());
        }
    }
}
