//! Pages of HTML and XHTML.
//!
//! In: bytes in any encoding. Out: the visible text as blocks of lines, broken where a browser breaks them, so that
//! neither tags nor entities split a word; beside it what a person does not see at once: hidden elements, comments,
//! scripts, attributes, link targets, embedded documents. Style sheets inside the page decide what is hidden or red as
//! far as their selectors are simple. Left out: sheets in other files, and what scripts would draw.
//!
//! Broken markup loses nothing: a comment, script or tag that never ends is given as what it is, up to the end.

mod attributes;
mod entities;
mod flow;
mod sheet;
mod sniff;
mod style;

use std::borrow::Cow;

use memchr::memmem;

use super::{Format, Head, Input, Member, Sink, Stop, Unreadable, base64, charset, notation, text};
use crate::model::{Gap, GapReason, Kind, Place, Segment, Shape, Style};
pub(super) use attributes::percent_bytes;
pub(crate) use attributes::percent_decoded;
use attributes::{Attribute, Attributes};
use flow::Flow;
use sheet::Sheet;
use style::Look;

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

/// What an element does to the flow of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    /// Inline: its text joins its neighbours.
    Inline,
    /// Begins and ends a line.
    Block,
    Paragraph,
    Item,
    Cell,
    Row,
    Break,
    /// No content, no break.
    Void,
    Pre,
    Raw,
    Script,
    Title,
    Textarea,
    Option,
    Select,
    Unseen,
    Meta,
    Input,
    Svg,
    Plaintext,
}

fn tag(name: &[u8]) -> Tag {
    match name {
        b"div" | b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" | b"ul" | b"ol" | b"dl" | b"table"
        | b"thead" | b"tbody" | b"tfoot" | b"caption" | b"section" | b"article" | b"header" | b"footer"
        | b"nav" | b"aside" | b"main" | b"form" | b"fieldset" | b"legend" | b"figure" | b"figcaption"
        | b"address" | b"blockquote" | b"center" | b"details" | b"summary" | b"dialog" | b"dir" | b"menu"
        | b"body" | b"html" | b"head" | b"frameset" | b"hgroup" | b"optgroup" | b"button" | b"object"
        | b"text" | b"foreignobject" | b"desc" | b"video" | b"audio" | b"canvas" | b"marquee" | b"search" => {
            Tag::Block
        }
        b"p" => Tag::Paragraph,
        b"li" | b"dt" | b"dd" => Tag::Item,
        b"td" | b"th" => Tag::Cell,
        b"tr" => Tag::Row,
        b"br" | b"hr" => Tag::Break,
        b"img" | b"link" | b"base" | b"col" | b"area" | b"embed" | b"source" | b"track" | b"wbr"
        | b"param" | b"frame" | b"bgsound" | b"keygen" | b"basefont" => Tag::Void,
        b"pre" | b"listing" => Tag::Pre,
        b"xmp" | b"iframe" | b"noembed" | b"noframes" => Tag::Raw,
        b"script" | b"style" => Tag::Script,
        b"title" => Tag::Title,
        b"textarea" => Tag::Textarea,
        b"option" => Tag::Option,
        b"select" | b"datalist" => Tag::Select,
        b"template" | b"noscript" => Tag::Unseen,
        b"meta" => Tag::Meta,
        b"input" => Tag::Input,
        b"svg" => Tag::Svg,
        b"plaintext" => Tag::Plaintext,
        _ => Tag::Inline,
    }
}

/// Longest element name that is told from others; longer ones are inline and unknown.
const LONGEST_NAME: usize = 16;

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
    fn show(&mut self, text: &str, offset: usize) {
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
            return self.unseen_piece(&without_tags(comment), "comment", start);
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
        match tag {
            Tag::Block | Tag::Paragraph | Tag::Item | Tag::Cell | Tag::Row | Tag::Break => self.line_break(),
            Tag::Pre => {
                self.line_break();
                self.keep = self.keep.saturating_sub(1);
            }
            Tag::Option | Tag::Select => {
                self.line_break();
                self.in_option = false;
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
            let mut meta = Meta::default();
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
                self.in_option = true;
                self.options.line_break();
            }
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

    fn attribute(
        &mut self,
        tag: Tag,
        element: &[u8],
        attribute: Attribute<'t>,
        look: &mut Look,
        meta: &mut Meta<'t>,
    ) -> Result<(), Stop> {
        let mut lower = [0; LONGEST_NAME];
        let name = lowered(attribute.name.as_bytes(), &mut lower);
        let value = attribute.value;
        match name {
            b"class" | b"id" | b"rel" | b"width" | b"height" | b"target" | b"lang" | b"dir" | b"type"
            | b"role" | b"align" | b"valign" | b"colspan" | b"rowspan" | b"d" | b"for" | b"border"
            | b"cellpadding" | b"cellspacing" | b"bgcolor" => {
                match name {
                    b"type" => meta.kind = Some(value),
                    b"class" => meta.classes = value,
                    b"id" => meta.id = value,
                    _ => {}
                }
                if memchr::memchr(b'<', value.as_bytes()).is_some() {
                    // A quote was left out, and text fell into the value.
                    self.data_line(value);
                }
            }
            b"style" => look.read(value),
            b"hidden" => look.hidden = Some("hidden"),
            b"color" if element == b"font" => look.set_color(value),
            b"face" if element == b"font" => look.set_font(value),
            b"href" | b"src" | b"action" | b"formaction" | b"cite" | b"background" | b"poster"
            | b"longdesc" | b"xlink:href" | b"data" | b"codebase" | b"ping" | b"manifest" | b"data-src"
            | b"data-href" => {
                self.link(value)?;
            }
            b"alt" | b"title" | b"aria-label" | b"placeholder" | b"summary" | b"label"
            | b"aria-description" | b"abbr" | b"standby" => add_line(&mut self.alternatives, &decoded(value)),
            b"name" | b"property" | b"http-equiv" | b"itemprop" if tag == Tag::Meta => {
                meta.name = Some(value);
            }
            b"content" => {
                if tag == Tag::Meta {
                    meta.content = Some(value);
                } else {
                    add_line(&mut self.data, &decoded(value));
                }
            }
            b"value" => {
                if tag == Tag::Input {
                    meta.content = Some(value);
                } else {
                    add_line(&mut self.fields, &decoded(value));
                }
            }
            b"srcdoc" => {
                self.embedded += 1;
                let name = format!("srcdoc-{}.html", self.embedded);
                let document = decoded(value);
                let member = Member { name: &name, media: Some("text/html"), charset: Some("utf-8") };
                self.sink.member(member, &mut document.as_bytes())?;
            }
            _ if name.starts_with(b"data-") => self.data_line(value),
            _ if name.starts_with(b"on") => add_line(&mut self.handlers, &decoded(value)),
            // Of unknown attributes what can be text, not numbers and single words.
            _ if memchr::memchr2(b' ', b'<', value.as_bytes()).is_some() => self.data_line(value),
            _ => {}
        }
        Ok(())
    }

    fn data_line(&mut self, value: &str) {
        if value.len() > 2 {
            add_line(&mut self.data, &decoded(value));
        }
    }

    fn link(&mut self, value: &str) -> Result<(), Stop> {
        let target = decoded(value);
        let target = target.trim();
        if target.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:")) {
            return self.data_uri(target.get(5..).unwrap_or_default());
        }
        if target.len() > 1 {
            add_line(&mut self.links, &percent_decoded(target));
        }
        Ok(())
    }

    /// `text/html;charset=utf-8;base64,…`: a document in an attribute. Pictures in pages are decoration.
    fn data_uri(&mut self, uri: &str) -> Result<(), Stop> {
        let Some((head, payload)) = uri.split_once(',') else { return Ok(()) };
        let mut parts = head.split(';').map(str::trim);
        let media =
            parts.next().filter(|media| !media.is_empty()).unwrap_or("text/plain").to_ascii_lowercase();
        if ["image/", "audio/", "video/", "font/", "application/font", "application/x-font"]
            .iter()
            .any(|kind| media.starts_with(kind))
            && media != "image/svg+xml"
        {
            return Ok(());
        }
        let mut charset = None;
        let mut coded = false;
        for part in parts {
            if part.eq_ignore_ascii_case("base64") {
                coded = true;
            } else if let Some((name, value)) = part.split_once('=')
                && name.eq_ignore_ascii_case("charset")
            {
                charset = Some(value);
            }
        }
        let bytes = percent_bytes(payload);
        let bytes = if coded { Cow::Owned(base64::decode(&bytes)) } else { bytes };
        self.embedded += 1;
        let extension = match media.as_str() {
            "text/html" => "html",
            "application/pdf" => "pdf",
            "image/svg+xml" => "svg",
            _ => "txt",
        };
        let name = format!("data-{}.{extension}", self.embedded);
        self.sink.member(Member { name: &name, media: Some(&media), charset }, &mut &*bytes)
    }

    fn meta(&mut self, meta: &Meta<'_>) -> Result<(), Stop> {
        let Some(content) = meta.content.map(decoded).filter(|content| !content.trim().is_empty()) else {
            return Ok(());
        };
        let name = meta.name.map(decoded).unwrap_or_default();
        let lower = name.to_ascii_lowercase();
        if matches!(
            lower.as_str(),
            "viewport" | "content-type" | "x-ua-compatible" | "robots" | "theme-color"
        ) {
            return Ok(());
        }
        let label =
            ["msip", "protective", "marking", "titus", "sensitivity"].iter().any(|word| lower.contains(word));
        let place = Place::new(if label { Kind::Label } else { Kind::Property }).hidden().named(&name);
        self.sink.segment(Segment::new(&content, place))
    }

    fn field(&mut self, meta: &Meta<'_>) -> Result<(), Stop> {
        let Some(value) = meta.content.map(decoded).filter(|value| !value.trim().is_empty()) else {
            return Ok(());
        };
        if meta.kind.is_some_and(|kind| kind.eq_ignore_ascii_case("hidden")) {
            return self.sink.segment(Segment::new(&value, Place::new(Kind::FormField).hidden()));
        }
        add_line(&mut self.fields, &value);
        Ok(())
    }

    /// Elements whose content is no markup: up to their own end tag, or to the end of the page.
    fn raw_text(&mut self, tag: Tag, name: &[u8], from: usize) -> Result<(), Stop> {
        let rest = self.text.get(from..).unwrap_or_default();
        let end = if tag == Tag::Plaintext { None } else { end_of(rest.as_bytes(), name) };
        let content = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        self.at = from + content.len();
        let line = self.lines.at(self.text, from);
        match tag {
            Tag::Script if !content.trim().is_empty() => {
                let name = if name == b"style" { "style" } else { "script" };
                if name == "style" {
                    self.style_sheet(content, line)?;
                }
                // Data that a page carries for its scripts is what they will show, not what they do.
                let data = if name == "script" { notation::json_of_script(content) } else { None };
                if let Some(fields) = data {
                    let place = Place { line: Some(line), ..Place::new(Kind::Hidden) }.hidden().named("json");
                    return self.sink.segment(Segment::lines(&fields, place));
                }
                let place = Place { line: Some(line), ..Place::new(Kind::Script) }.hidden().named(name);
                self.sink.segment(Segment::lines(&script_text(content), place))
            }
            Tag::Title => {
                let mut flow = Flow::default();
                flow.add(content, false, from);
                let place = Place { line: Some(line), ..Place::new(Kind::Title) };
                if flow.text.is_empty() { Ok(()) } else { self.sink.segment(Segment::new(&flow.text, place)) }
            }
            Tag::Textarea if !content.trim().is_empty() => {
                let place = Place { line: Some(line), ..Place::new(Kind::FormField) };
                self.sink.segment(Segment::lines(&decoded(content), place))
            }
            Tag::Raw if name != b"xmp" => self.unseen_piece(content, "fallback", from),
            Tag::Raw | Tag::Plaintext => {
                self.line_break();
                let flow = if self.hidden > 0 { &mut self.unseen } else { &mut self.body };
                flow.add_plain(content, true, from);
                self.line_break();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn style_sheet(&mut self, source: &str, line: u64) -> Result<(), Stop> {
        let mut content = Vec::new();
        self.sheet.read(source, &mut content);
        for text in content {
            let place = Place { line: Some(line), ..Place::new(Kind::Body) }.named("content");
            self.sink.segment(Segment::new(&text, place))?;
        }
        Ok(())
    }

    fn unseen_piece(&mut self, text: &str, name: &'static str, offset: usize) -> Result<(), Stop> {
        if text.trim().is_empty() {
            return Ok(());
        }
        let line = self.lines.at(self.text, offset);
        let place = Place { line: Some(line), ..Place::new(Kind::Hidden) }.hidden().named(name);
        self.sink.segment(Segment::lines(text, place))
    }

    fn flush_unseen(&mut self, why: &'static str) -> Result<(), Stop> {
        if self.unseen.text.is_empty() {
            return Ok(());
        }
        let line = self.lines.at(self.text, self.unseen.offset);
        let place = Place { line: Some(line), ..Place::new(Kind::Hidden) }.hidden().named(why);
        let text = self.unseen.text.trim_end();
        let segment =
            if text.contains('\n') { Segment::lines(text, place) } else { Segment::new(text, place) };
        let result = self.sink.segment(segment);
        self.unseen.clear();
        result
    }

    fn flush_full(&mut self) -> Result<(), Stop> {
        if self.body.text.len() >= BLOCK && self.body.at_line_start() {
            self.flush_body()?;
        }
        for (buffer, kind) in [(&mut self.links, Kind::Link), (&mut self.data, Kind::Property)] {
            if buffer.len() >= BLOCK {
                flush_lines(self.sink, buffer, kind)?;
            }
        }
        Ok(())
    }

    fn flush_body(&mut self) -> Result<(), Stop> {
        let open = std::mem::take(&mut self.special);
        let mut result = Ok(());
        for special in
            open.iter().filter(|special| special.look.font.is_some() && special.look.hidden.is_none())
        {
            result = result.and(self.push_view(special));
        }
        self.special = open;
        for special in &mut self.special {
            special.start = 0;
            special.long = true;
        }
        result?;
        if self.body.text.is_empty() {
            return Ok(());
        }
        let line = self.lines.at(self.text, self.body.offset);
        let place = Place { line: Some(line), ..Place::new(Kind::Body) };
        self.sink.segment(Segment::lines(&self.body.text, place))?;
        self.body.clear();
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Stop> {
        while !self.special.is_empty() {
            self.pop()?;
        }
        self.flush_unseen("hidden")?;
        self.flush_body()?;
        let mut options = std::mem::take(&mut self.options.text);
        // A choice of a list is not its value, so it is told apart from what a field holds.
        if !options.is_empty() {
            let place = Place::new(Kind::FormField).named("option");
            self.sink.segment(Segment::lines(&options, place))?;
            options.clear();
        }
        for (buffer, kind) in [
            (&mut self.alternatives, Kind::AltText),
            (&mut self.fields, Kind::FormField),
            (&mut self.links, Kind::Link),
            (&mut self.data, Kind::Property),
            (&mut self.handlers, Kind::Script),
        ] {
            flush_lines(self.sink, buffer, kind)?;
        }
        Ok(())
    }
}

/// Attributes that only count together.
#[derive(Default)]
struct Meta<'t> {
    name: Option<&'t str>,
    content: Option<&'t str>,
    kind: Option<&'t str>,
    classes: &'t str,
    id: &'t str,
}

fn flush_lines(sink: &mut dyn Sink, buffer: &mut String, kind: Kind) -> Result<(), Stop> {
    if buffer.is_empty() {
        return Ok(());
    }
    let place = Place { visible: kind == Kind::FormField, ..Place::new(kind) };
    let result = sink.segment(Segment::lines(buffer, place));
    buffer.clear();
    result
}

fn add_line(buffer: &mut String, text: &str) {
    let text = text.trim();
    if !text.is_empty() {
        buffer.push_str(text);
        buffer.push('\n');
    }
}

/// An attribute's value with its entities decoded.
pub(super) fn decoded(value: &str) -> Cow<'_, str> {
    if memchr::memchr(b'&', value.as_bytes()).is_none() {
        return Cow::Borrowed(value);
    }
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        out.push_str(rest.get(..at).unwrap_or_default());
        let after = rest.get(at..).unwrap_or_default();
        let used = flow::entity(after, true, |text| out.push_str(text));
        if used == 0 {
            out.push('&');
        }
        rest = after.get(used.max(1)..).unwrap_or_default();
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Text of markup that is not shown: tags taken out, or lines broken where they break them; entities decoded. Names that
/// are no element's stay: `<SECRET>` is a word of its writer.
fn without_tags(markup: &str) -> String {
    let mut out = String::with_capacity(markup.len());
    let mut attributes = String::new();
    let mut rest = markup;
    // No tag ends behind the last `>`, and nobody looks for one there again.
    let last = memchr::memrchr(b'>', markup.as_bytes()).unwrap_or(0);
    while let Some(at) =
        memchr::memchr(b'<', rest.as_bytes()).filter(|at| markup.len() - rest.len() + at < last)
    {
        out.push_str(&decoded(rest.get(..at).unwrap_or_default()));
        let after = rest.get(at + 1..).unwrap_or_default();
        let name = element_name(after.strip_prefix('/').unwrap_or(after).as_bytes());
        let mut lower = [0; LONGEST_NAME];
        let name = lowered(name, &mut lower);
        let tag = tag(name);
        let known = tag != Tag::Inline || INLINE.contains(&name);
        let end = memchr::memchr(b'>', after.as_bytes()).filter(|_| known);
        let Some(end) = end else {
            out.push('<');
            rest = after;
            continue;
        };
        match tag {
            Tag::Inline | Tag::Void => {}
            Tag::Cell => out.push('\t'),
            _ => out.push('\n'),
        }
        let inside = after.get(..end).unwrap_or_default();
        // Attributes are words, too, but must not part the text.
        if inside.contains(['"', '\'']) {
            attributes.push('\n');
            attributes.push_str(inside);
        }
        rest = after.get(end + 1..).unwrap_or_default();
    }
    out.push_str(&decoded(rest));
    out.push_str(&decoded(&attributes));
    out
}

/// Elements that stand in a line and have a meaning (HTML, 4.5, and those of former versions).
static INLINE: &[&[u8]] = &[
    b"a", b"abbr", b"acronym", b"b", b"bdi", b"bdo", b"big", b"cite", b"code", b"data", b"del", b"dfn",
    b"em", b"font", b"i", b"ins", b"kbd", b"label", b"mark", b"nobr", b"o:p", b"q", b"rp", b"rt", b"ruby",
    b"s", b"samp", b"small", b"span", b"strike", b"strong", b"sub", b"sup", b"time", b"tt", b"u", b"var",
];

/// Text that is no markup, with references to letters decoded: somebody took markup for text. No line is added.
pub(super) fn with_letters(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut shown = 0;
    for at in memchr::memchr_iter(b'&', text.as_bytes()) {
        if let Some((letter, used)) = flow::letter(text.as_bytes().get(at + 1..).unwrap_or_default()) {
            out.push_str(text.get(shown..at).unwrap_or_default());
            out.push(letter);
            shown = at + 1 + used;
        }
    }
    if shown == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(shown..).unwrap_or_default());
    Cow::Owned(out)
}

/// A script's source; `\u1EAC` and `\n` of its strings decoded, so that JSON inside it can be read.
pub(super) fn script_text(source: &str) -> Cow<'_, str> {
    if memmem::find(source.as_bytes(), b"\\u").is_none() {
        return Cow::Borrowed(source);
    }
    let mut out = String::with_capacity(source.len());
    let mut units: Vec<u16> = Vec::new();
    let mut rest = source;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.push_str(rest.get(..at).unwrap_or_default());
        let after = rest.get(at..).unwrap_or_default();
        let mut used = 0;
        units.clear();
        while let Some(unit) = after.get(used..).and_then(escaped_unit) {
            units.push(unit);
            used += 6;
        }
        if used > 0 {
            out.extend(
                char::decode_utf16(units.iter().copied()).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)),
            );
        } else {
            used = match after.as_bytes().get(1) {
                Some(b'n') => 2,
                Some(b'"' | b'\\') => 2,
                _ => 1,
            };
            out.push_str(if after.starts_with("\\n") { "\n" } else { after.get(..used).unwrap_or_default() });
        }
        rest = after.get(used..).unwrap_or_default();
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The UTF-16 unit of a `\uXXXX` at the beginning.
pub(super) fn escaped_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

/// The bytes of an element's name at the beginning.
fn element_name(rest: &[u8]) -> &[u8] {
    let end = rest
        .iter()
        .position(|byte| matches!(byte, b' ' | b'\n' | b'\t' | b'\r' | b'\x0c' | b'/' | b'>'))
        .unwrap_or(rest.len());
    let name = rest.get(..end).unwrap_or_default();
    if name.first().is_some_and(u8::is_ascii_alphabetic) { name } else { &[] }
}

/// A name in lower case; one too long for `buffer` is cut and equals no known name.
fn lowered<'b>(name: &[u8], buffer: &'b mut [u8; LONGEST_NAME]) -> &'b [u8] {
    let length = name.len().min(LONGEST_NAME);
    for (slot, byte) in buffer.iter_mut().zip(name) {
        *slot = byte.to_ascii_lowercase();
    }
    buffer.get(..length).unwrap_or_default()
}

/// Where the end tag of a raw-text element begins.
fn end_of(content: &[u8], name: &[u8]) -> Option<usize> {
    memmem::find_iter(content, b"</").find(|at| {
        let after = content.get(at + 2..).unwrap_or_default();
        after.get(..name.len()).is_some_and(|is| is.eq_ignore_ascii_case(name))
            && !after.get(name.len()).is_some_and(u8::is_ascii_alphanumeric)
    })
}

#[cfg(test)]
mod tests;
