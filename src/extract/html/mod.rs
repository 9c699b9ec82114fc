//! Pages of HTML and XHTML.
//!
//! In: bytes in any encoding. Out: the visible text as blocks of lines, broken where a browser breaks them, so that
//! neither tags nor entities split a word; beside it what a person does not see at once: hidden elements, comments,
//! scripts, attributes, link targets, embedded documents. Style sheets inside the page decide what is hidden or red as
//! far as their selectors are simple. Left out: sheets in other files, and what scripts would draw.
//!
//! Broken markup loses nothing: a comment, script or tag that never ends is given as what it is, up to the end.

mod attributes;
mod controls;
mod entities;
mod flow;
mod push;
mod sheet;
mod sniff;
mod source;
mod style;
mod tags;
mod values;

use std::borrow::Cow;

use memchr::memmem;

use super::heads::Heads;
use super::{Format, Head, Input, Sink, Stop, Unreadable, base64, charset, text};
use crate::model::{Gap, GapReason, Kind, Place, Segment, Shape, Style};
use attributes::Attributes;
pub(super) use attributes::percent_bytes;
pub(crate) use attributes::percent_decoded;
use controls::Controls;
use flow::Flow;
use sheet::Sheet;
pub(super) use source::{escaped_unit, script_text};
use style::Look;
use tags::{LONGEST_NAME, Tag, element_name, lowered, tag};
use values::Meta;
pub(super) use values::{decoded, with_letters};

/// HTML and XHTML.
pub(super) struct Html;

impl Format for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["html", "htm", "xhtml", "xht", "shtml", "php", "asp", "aspx", "jsp", "cgi", "do"]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        sniff::is_html(head)
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let declared = input.charset().map(str::to_owned);
        if input.in_memory().is_none()
            && input.len().is_some_and(|len| len > input.budget().limits.max_in_memory)
        {
            let detail =
                "page larger than memory: its source was read as plain text, tags and entities in it";
            sink.gap(Gap::new(GapReason::LimitSize, detail));
            return text::read_text(input, sink, Place::new(Kind::Body));
        }
        let nesting = input.budget().limits.max_nesting as usize;
        let bytes = match input.in_memory() {
            Some(_) => input.in_memory().unwrap_or_default(),
            None => input.bytes()?,
        };
        let (page, charset) = decode(bytes, declared.as_deref());
        if charset != charset::Charset::Utf8 {
            sink.fact("charset", charset.name());
        }
        Ok(read_page(&page, nesting, sink)?)
    }
}

/// The text of a page: mark, container, `<meta>`, XML declaration, guess; in this order.
fn decode<'b>(bytes: &'b [u8], declared: Option<&str>) -> (Cow<'b, str>, charset::Charset) {
    let inside = || text::xml_encoding(bytes).or_else(|| sniff::meta_charset(bytes));
    // Servers say UTF-8 or Latin-1 for whatever lies in the folder; the page itself knows better.
    let label = match declared {
        Some(label)
            if !["utf-8", "iso-8859-1", "us-ascii"].iter().any(|weak| label.eq_ignore_ascii_case(weak)) =>
        {
            Some(label)
        }
        weak => inside().or(weak),
    };
    charset::decode(bytes, label)
}

/// Pushes everything on a page.
///
/// # Errors
/// When the sink wants nothing more.
pub(super) fn read_page(page: &str, nesting: usize, sink: &mut dyn Sink) -> Result<(), Stop> {
    let mut page = Page {
        text: page,
        at: 0,
        sink,
        body: Flow::default(),
        unseen: Flow::default(),
        options: Flow::default(),
        links: String::new(),
        alternatives: String::new(),
        data: String::new(),
        fields: String::new(),
        handlers: String::new(),
        special: Vec::new(),
        nesting,
        hidden: 0,
        keep: 0,
        in_option: false,
        in_svg: false,
        strict_quotes: true,
        no_bracket: false,
        embedded: 0,
        lines: Lines::default(),
        sheet: Sheet::default(),
        tables: Vec::new(),
        cell: None,
        controls: Controls::default(),
    };
    page.run()?;
    page.finish()
}

/// A block is pushed at the first line end after this many bytes.
const BLOCK: usize = 64 << 10;

/// A framed or red element with more text than this many bytes is layout, not a stamp.
const LONGEST_STAMP: usize = 600;

/// An open element that is hidden, or looks in a way that counts.
struct Special {
    tag: Tag,
    /// Name in lower case; elements of one name nest.
    name: Vec<u8>,
    /// Open elements of the same name inside it.
    depth: u32,
    look: Look,
    /// Where in the body's block its text begins.
    start: usize,
    /// Its text was longer than a block.
    long: bool,
}

struct Page<'t, 's> {
    text: &'t str,
    at: usize,
    sink: &'s mut dyn Sink,
    body: Flow,
    unseen: Flow,
    options: Flow,
    links: String,
    alternatives: String,
    data: String,
    fields: String,
    handlers: String,
    special: Vec<Special>,
    nesting: usize,
    /// How many of `special` hide their text.
    hidden: usize,
    /// Open elements that keep white space.
    keep: u32,
    in_option: bool,
    in_svg: bool,
    /// Off once a tag did not end because of its quotes; then tags end at the first `>`, so that broken quotes cost
    /// linear time.
    strict_quotes: bool,
    /// No `>` follows any more.
    no_bracket: bool,
    /// Documents found in attributes.
    embedded: u32,
    lines: Lines,
    sheet: Sheet,
    /// Heads of the open tables.
    tables: Vec<Heads>,
    /// Where in the body's block the open cell's text begins.
    cell: Option<usize>,
    controls: Controls,
}

/// Counts source lines as far as they are asked for.
#[derive(Default)]
struct Lines {
    offset: usize,
    before: u64,
}

impl Lines {
    /// Line of an offset, from 1.
    fn at(&mut self, text: &str, offset: usize) -> u64 {
        let count = |from: usize, to: usize| {
            let bytes = text.as_bytes().get(from..to).unwrap_or_default();
            memchr::memchr_iter(b'\n', bytes).count() as u64
        };
        if offset >= self.offset {
            self.before += count(self.offset, offset);
            self.offset = offset;
            self.before + 1
        } else {
            self.before - count(offset, self.offset) + 1
        }
    }
}

impl<'t> Page<'t, '_> {
    fn run(&mut self) -> Result<(), Stop> {
        let bytes = self.text.as_bytes();
        while let Some(rest) = bytes.get(self.at..).filter(|rest| !rest.is_empty()) {
            match memchr::memchr(b'<', rest) {
                None => {
                    let all = self.at;
                    self.at = bytes.len();
                    self.show(self.text.get(all..).unwrap_or_default(), all);
                }
                Some(length) => {
                    let start = self.at;
                    if length > 0 {
                        self.show(self.text.get(start..start + length).unwrap_or_default(), start);
                    }
                    self.at = start + length;
                    self.markup()?;
                }
            }
        }
        Ok(())
    }

    /// `self.at` stands on a `<`.
    fn markup(&mut self) -> Result<(), Stop> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        match bytes.get(start + 1) {
            Some(letter) if letter.is_ascii_alphabetic() => self.start_tag(start),
            Some(b'/') => {
                self.end_tag(start);
                self.flush_full()
            }
            Some(b'!') if bytes.get(start + 2..).is_some_and(|rest| rest.starts_with(b"--")) => {
                self.comment(start)
            }
            Some(b'!') if bytes.get(start + 2..).is_some_and(|rest| rest.starts_with(b"[CDATA[")) => {
                self.cdata(start);
                Ok(())
            }
            Some(b'!' | b'?') => self.declaration(start),
            _ => {
                self.show("<", start);
                self.at = start + 1;
                Ok(())
            }
        }
    }

    /// Shown, hidden or an option's text, with white space collapsed and entities decoded.
    pub(super) fn show(&mut self, text: &str, offset: usize) {
        let keep = self.keep > 0;
        let flow = if self.hidden > 0 {
            &mut self.unseen
        } else if self.in_option {
            &mut self.options
        } else {
            &mut self.body
        };
        flow.add(text, keep, offset);
    }

    fn line_break(&mut self) {
        if self.hidden > 0 {
            self.unseen.line_break();
        } else if self.in_option {
            self.options.line_break();
        } else {
            self.body.line_break();
        }
    }

    fn comment(&mut self, start: usize) -> Result<(), Stop> {
        let from = start + 4;
        let rest = self.text.get(from..).unwrap_or_default();
        // `<!-->` and `<!--->` are empty comments.
        if rest.starts_with('>') || rest.starts_with("->") {
            self.at = from + if rest.starts_with('>') { 1 } else { 2 };
            return Ok(());
        }
        let bytes = rest.as_bytes();
        let mut length = bytes.len();
        let mut next = self.text.len();
        for dashes in memmem::find_iter(bytes, b"--") {
            let after = bytes.get(dashes + 2..).unwrap_or_default();
            let end = match after {
                [b'>', ..] => 3,
                [b'!', b'>', ..] => 4,
                // Of `--->` the last two dashes count.
                [b'-', b'>', ..] => 4,
                _ => continue,
            };
            length = dashes;
            next = from + dashes + end;
            break;
        }
        self.at = next;
        let comment = rest.get(..length).unwrap_or_default();
        // Markup that was commented out, and what old browsers took for conditions.
        if memchr::memchr2(b'<', b'&', comment.as_bytes()).is_some() {
            return self.unseen_piece(&source::without_tags(comment), "comment", start);
        }
        self.unseen_piece(comment, "comment", start)
    }

    fn cdata(&mut self, start: usize) {
        let from = start + 9;
        let rest = self.text.get(from..).unwrap_or_default();
        let length = memmem::find(rest.as_bytes(), b"]]>");
        let text = rest.get(..length.unwrap_or(rest.len())).unwrap_or_default();
        let keep = self.keep > 0;
        if self.hidden > 0 { &mut self.unseen } else { &mut self.body }.add_plain(text, keep, from);
        self.at = from + length.map_or(rest.len(), |length| length + 3);
    }

    /// `<!DOCTYPE …>`, `<?xml …?>` and other things in pointed brackets.
    fn declaration(&mut self, start: usize) -> Result<(), Stop> {
        let from = start + 2;
        let rest = self.text.get(from..).unwrap_or_default();
        let length = memchr::memchr(b'>', rest.as_bytes());
        let inner = rest.get(..length.unwrap_or(rest.len())).unwrap_or_default();
        self.at = from + length.map_or(rest.len(), |length| length + 1);
        let ordinary = ["doctype", "xml", "[if", "[endif"];
        if ordinary
            .iter()
            .any(|known| inner.get(..known.len()).is_some_and(|is| is.eq_ignore_ascii_case(known)))
            && inner.len() < 400
        {
            return Ok(());
        }
        self.unseen_piece(inner, "comment", start)
    }

    fn end_tag(&mut self, start: usize) {
        let bytes = self.text.as_bytes();
        let from = start + 2;
        let name = element_name(bytes.get(from..).unwrap_or_default());
        let Some(length) = self.next_bracket(from) else {
            self.show("</", start);
            self.at = from;
            return;
        };
        self.at = from + length + 1;
        if name.is_empty() || !name.is_ascii() {
            // `</>` is nothing; `</ text>` is a comment and `</MẬT>` an unknown element: too odd to lose.
            let inner = self.text.get(from..from + length).unwrap_or_default();
            self.show(inner, from);
            return;
        }
        let mut lower = [0; LONGEST_NAME];
        let name = lowered(name, &mut lower);
        let tag = tag(name);
        if matches!(name, b"td" | b"th" | b"tr" | b"table") {
            self.end_cell();
        }
        match name {
            b"table" => drop(self.tables.pop()),
            b"label" => self.end_label(),
            _ => {}
        }
        match tag {
            Tag::Block | Tag::Paragraph | Tag::Item | Tag::Cell | Tag::Row | Tag::Break => self.line_break(),
            Tag::Pre => {
                self.line_break();
                self.keep = self.keep.saturating_sub(1);
            }
            Tag::Option | Tag::Select => {
                self.line_break();
                self.in_option = false;
                self.end_option();
            }
            Tag::Svg => {
                self.in_svg = false;
                self.line_break();
            }
            _ => {}
        }
        if !self.special.is_empty() {
            self.close(name);
        }
    }

    /// How far the next `>` is. Once there is none, nobody looks again.
    fn next_bracket(&mut self, from: usize) -> Option<usize> {
        if self.no_bracket {
            return None;
        }
        let found = self.text.as_bytes().get(from..).and_then(|rest| memchr::memchr(b'>', rest));
        self.no_bracket = found.is_none();
        found
    }

    /// Ends the innermost special element of that name, and those inside it that were never closed.
    fn close(&mut self, name: &[u8]) {
        let Some(at) = self.special.iter().rposition(|open| open.name == name) else { return };
        if let Some(open) = self.special.get_mut(at)
            && open.depth > 0
        {
            open.depth -= 1;
            return;
        }
        while self.special.len() > at {
            // The sink's answer is seen again at the next block.
            let _ = self.pop();
        }
    }

    fn pop(&mut self) -> Result<(), Stop> {
        let Some(open) = self.special.pop() else { return Ok(()) };
        if open.look.hidden.is_some() {
            self.hidden = self.hidden.saturating_sub(1);
            if self.hidden == 0 {
                return self.flush_unseen(open.look.hidden.unwrap_or_default());
            }
            return Ok(());
        }
        if open.look.struck && !open.long && self.push_struck(&open)? {
            return Ok(());
        }
        self.push_view(&open)
    }

    /// Takes short struck text out of the body and gives it by itself, so that it is not read as if it stood; false where it is long.
    fn push_struck(&mut self, open: &Special) -> Result<bool, Stop> {
        let length = self.body.text.get(open.start..).map_or(0, str::len);
        if length == 0 || length > LONGEST_STAMP {
            return Ok(false);
        }
        let text = self.body.text.split_off(open.start);
        let line = self.lines.at(self.text, self.at);
        let place = Place { line: Some(line), ..Place::new(Kind::Body) };
        let style = Style { size: open.look.size, color: open.look.color, struck: true, ..Style::default() };
        self.sink.segment(Segment::new(text.trim(), place).styled(style))?;
        Ok(true)
    }

    /// The text of a red, framed or legacy-font element once more, with its look.
    fn push_view(&mut self, open: &Special) -> Result<(), Stop> {
        let text = self.body.text.get(open.start..).unwrap_or_default().trim();
        let stamp = !open.long && text.len() <= LONGEST_STAMP;
        if text.is_empty() || !(stamp || open.look.font.is_some()) {
            return Ok(());
        }
        // The element's end: its beginning may lie far back, and counting to and fro would cost more than reading.
        let line = self.lines.at(self.text, self.at);
        let place = Place { line: Some(line), ..Place::new(Kind::Body) };
        let style = Style {
            size: open.look.size,
            color: open.look.color,
            bold: open.look.bold,
            framed: open.look.framed && stamp,
            font: open.look.font.as_deref(),
            ..Style::default()
        };
        self.sink.segment(Segment { shape: Shape::View, ..Segment::new(text, place).styled(style) })
    }

    fn start_tag(&mut self, start: usize) -> Result<(), Stop> {
        let bytes = self.text.as_bytes();
        let from = start + 1;
        let rest = bytes.get(from..).unwrap_or_default();
        let raw_name = element_name(rest);
        if !raw_name.is_ascii() {
            // `<MẬT>` is an unknown element to a browser, and a decorated mark to its writer.
            self.show("<", start);
            self.at = from;
            return Ok(());
        }
        let mut lower = [0; LONGEST_NAME];
        let name = lowered(raw_name, &mut lower);
        let tag = tag(name);
        let mut inside = from + raw_name.len();

        let mut look = Look::default();
        let mut closed = false;
        let mut meta = Meta::default();
        if bytes.get(inside) == Some(&b'>') {
            self.at = inside + 1;
            if !self.sheet.is_empty()
                && let Some(of_sheet) = self.sheet.look(name, "", "")
            {
                look = of_sheet;
            }
        } else {
            let Some(bracket) = self.next_bracket(inside) else {
                // Not a tag, as far as the end of the page tells.
                self.show("<", start);
                self.at = start + 1;
                return Ok(());
            };
            let limit = if self.strict_quotes { bytes.len() } else { inside + bracket + 1 };
            let mut attributes = Attributes::new(self.text.get(..limit).unwrap_or_default(), inside);
            for attribute in attributes.by_ref() {
                self.attribute(tag, name, attribute, &mut look, &mut meta)?;
            }
            closed = attributes.closed;
            inside = attributes.at;
            if !attributes.ended {
                if self.strict_quotes {
                    self.strict_quotes = false;
                    return Ok(());
                }
                inside = limit;
            }
            self.at = inside;
            if !self.sheet.is_empty()
                && let Some(mut of_sheet) = self.sheet.look(name, meta.classes, meta.id)
            {
                of_sheet.take(&look);
                look = of_sheet;
            }
            match tag {
                Tag::Meta => self.meta(&meta)?,
                Tag::Input => self.field(&meta)?,
                _ => {}
            }
        }

        if matches!(name, b"td" | b"th" | b"tr" | b"table") {
            self.end_cell();
        }
        if !self.special.is_empty() {
            self.implied_end(tag, name);
        }
        match tag {
            Tag::Block | Tag::Paragraph | Tag::Item | Tag::Cell | Tag::Row => self.line_break(),
            Tag::Break => {
                if self.keep > 0 {
                    self.show("\n", start);
                } else {
                    self.line_break();
                }
            }
            Tag::Pre if !closed => {
                self.line_break();
                self.keep += 1;
            }
            Tag::Option => {
                self.end_option();
                self.in_option = true;
                self.options.line_break();
                self.start_option(meta.selected);
            }
            Tag::Select => self.start_select(meta.id),
            Tag::Svg => {
                self.in_svg = !closed;
                self.line_break();
            }
            Tag::Unseen if look.hidden.is_none() => {
                look.hidden = Some(if name == b"template" { "template" } else { "noscript" });
            }
            Tag::Raw | Tag::Script | Tag::Title | Tag::Textarea | Tag::Plaintext
                if !closed && (tag != Tag::Title || !self.in_svg) =>
            {
                return self.raw_text(tag, name, self.at);
            }
            _ => {}
        }
        match name {
            b"table" if self.tables.len() < self.nesting => self.tables.push(Heads::default()),
            b"tr" => self.tables.last_mut().into_iter().for_each(Heads::row),
            b"td" | b"th" => self.start_cell(meta.span, meta.rows),
            b"label" => self.start_label(meta.target),
            _ => {}
        }
        let empty = matches!(tag, Tag::Void | Tag::Break | Tag::Meta | Tag::Input)
            || (closed && matches!(tag, Tag::Inline | Tag::Svg));
        if !empty {
            look.struck |= matches!(name, b"s" | b"strike" | b"del");
            if look.counts() && self.special.len() < self.nesting {
                self.hidden += usize::from(look.hidden.is_some());
                let start = self.body.text.len();
                self.special.push(Special { tag, name: name.to_vec(), depth: 0, look, start, long: false });
            } else if let Some(open) = self.special.iter_mut().rev().find(|open| open.name == name) {
                open.depth += 1;
            }
        }
        self.flush_full()
    }

    /// Ends special elements whose end tag may be left out.
    fn implied_end(&mut self, tag: Tag, name: &[u8]) {
        while let Some(top) = self.special.last() {
            let ends = top.depth == 0
                && match top.tag {
                    Tag::Paragraph => {
                        matches!(
                            tag,
                            Tag::Paragraph | Tag::Block | Tag::Item | Tag::Cell | Tag::Row | Tag::Pre
                        )
                    }
                    Tag::Item => tag == Tag::Item && (top.name == name || name != b"li"),
                    Tag::Cell => matches!(tag, Tag::Cell | Tag::Row),
                    Tag::Row => tag == Tag::Row,
                    Tag::Option => matches!(tag, Tag::Option),
                    _ => false,
                };
            if !ends {
                return;
            }
            let _ = self.pop();
        }
    }
}

#[cfg(test)]
mod tests;
