//! A pull reader of XML for Office and OpenDocument parts: bytes in, tokens out, one small window in memory.
//!
//! Why not `quick-xml` here: walking XML is what Office reading costs (inflating is 12-23 % of it), and its buffered
//! reader copies and checks every event on its own. This one checks UTF-8 once per 64 KiB and hands out borrowed
//! slices. `quick-xml` is the witness in the tests.
//!
//! Forgiving on purpose: a marking in a broken part must still be found. What breaks the rules is remembered in
//! [`Xml::damage`]. Left out: DTD entities (Office refuses them; the reference stays as written), namespaces (strict
//! and transitional files differ only there, so names are compared without prefix).

mod markup;
mod nest;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::Read;
use std::mem;

use encoding_rs::{Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use self::markup::{Dull, doctype_end, dull_block, tag_end};
pub(crate) use self::markup::{Markup, sure_tag_end};
pub(crate) use self::nest::{Nest, has_letter, has_word, is_given, is_legacy_font};
use super::Unreadable;

/// Bytes asked of the source at a time.
const CHUNK: usize = 64 << 10;

/// Largest tag with its attributes, in bytes. Office writes whole formulas and file paths into attributes, never megabytes.
const MAX_TAG: usize = 8 << 20;

/// A text longer than this comes in several tokens.
const TEXT_PIECE: usize = 32 << 10;

/// One step through a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// An element begins. An empty element is followed by its own [`Token::End`].
    Start(Tag<'a>),
    /// The innermost element ends.
    End,
    /// Text; entities still stand in it.
    Text(&'a str),
    /// Text of a CDATA section, nothing to resolve.
    Literal(&'a str),
    /// A comment or a document type declaration: not shown, but there to be read.
    Comment(&'a str),
}

/// A start tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tag<'a> {
    /// Name with its prefix.
    pub(crate) name: &'a str,
    /// Length of the prefix with its colon.
    prefix: usize,
    attributes: &'a str,
}

/// How long the name is that a tag begins with, and the length of its prefix with the colon.
#[inline]
fn name_of(inside: &[u8]) -> (usize, usize) {
    let mut prefix = 0;
    for (at, byte) in inside.iter().enumerate() {
        match byte {
            b':' if prefix == 0 => prefix = at + 1,
            b' ' | b'\t' | b'\n' | b'\r' | b'/' => return (at, prefix),
            _ => {}
        }
    }
    (inside.len(), prefix)
}

impl<'a> Tag<'a> {
    /// The empty element that stands at the beginning, and its length; `None` for anything else, and where it takes a closer look.
    /// `single_quotes`: as [`sure_tag_end`] has it.
    pub(crate) fn empty(rest: &'a str, single_quotes: bool) -> Option<(Tag<'a>, usize)> {
        let tag = rest.strip_prefix('<')?;
        let end = sure_tag_end(tag.as_bytes(), single_quotes)?;
        let inside = tag.get(..end)?.strip_suffix('/')?;
        let (name_len, prefix) = name_of(inside.as_bytes());
        let (name, attributes) = inside.split_at_checked(name_len)?;
        Some((Tag { name, prefix, attributes }, end + 2))
    }

    /// Name without prefix.
    #[inline]
    pub(crate) fn local(&self) -> &'a str {
        self.name.get(self.prefix..).unwrap_or(self.name)
    }

    /// Prefix of the name; empty when there is none.
    pub(crate) fn prefix(&self) -> &'a str {
        self.name.get(..self.prefix.saturating_sub(1)).unwrap_or_default()
    }

    /// All attributes in order.
    pub(crate) fn attributes(&self) -> Attributes<'a> {
        Attributes { rest: self.attributes }
    }

    /// Value of the first attribute of that name without prefix, entities resolved.
    pub(crate) fn attribute(&self, name: &str) -> Option<Cow<'a, str>> {
        self.raw(name).map(|raw| Attribute { name: "", raw }.value())
    }

    /// Whether these letters stand anywhere in the attributes: where they do not, no attribute has them for its name.
    pub(crate) fn may_have(&self, letters: &memchr::memmem::Finder<'_>) -> bool {
        letters.find(self.attributes.as_bytes()).is_some()
    }

    /// The same, entities left as they stand: for numbers and keywords.
    pub(crate) fn raw(&self, name: &str) -> Option<&'a str> {
        // Most tags of Word have one attribute, with the prefix of the tag, and it is the one that is asked for.
        let first = self
            .attributes
            .strip_prefix(' ')
            .and_then(|rest| rest.strip_prefix(self.name.get(..self.prefix)?));
        if let Some(quoted) = first.and_then(|rest| rest.strip_prefix(name)?.strip_prefix("=\""))
            && let Some(end) = near(b'"', quoted.as_bytes())
        {
            return quoted.get(..end);
        }
        self.attributes().find(|attribute| attribute.local() == name).map(|attribute| attribute.raw)
    }
}

/// One attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attribute<'a> {
    /// Name with its prefix.
    pub(crate) name: &'a str,
    /// Value with entities.
    pub(crate) raw: &'a str,
}

impl<'a> Attribute<'a> {
    /// Name without prefix.
    pub(crate) fn local(&self) -> &'a str {
        local(self.name)
    }

    /// Value with entities resolved.
    pub(crate) fn value(&self) -> Cow<'a, str> {
        if self.raw.contains('&') {
            let mut out = String::with_capacity(self.raw.len());
            resolve(self.raw, &mut out);
            Cow::Owned(out)
        } else {
            Cow::Borrowed(self.raw)
        }
    }
}

/// Walks the attributes of a tag.
#[derive(Debug, Clone)]
pub(crate) struct Attributes<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Attribute<'a>;

    #[inline]
    fn next(&mut self) -> Option<Attribute<'a>> {
        let rest = self.rest.trim_ascii_start();
        let equals = near(b'=', rest.as_bytes())?;
        let (name, after) = (rest.get(..equals)?, rest.get(equals + 1..)?);
        // Nearly always a double quote comes at once.
        if let Some(quoted) = after.strip_prefix('"')
            && let Some(end) = near(b'"', quoted.as_bytes())
        {
            self.rest = quoted.get(end + 1..)?;
            return Some(Attribute { name: name.trim_ascii_end(), raw: quoted.get(..end)? });
        }
        let after = after.trim_ascii_start();
        let (raw, rest) = match after.as_bytes().first()? {
            quote @ (b'"' | b'\'') => {
                let quoted = after.get(1..)?;
                match near(*quote, quoted.as_bytes()) {
                    Some(end) => (quoted.get(..end)?, quoted.get(end + 1..)?),
                    None => (quoted, ""),
                }
            }
            _ => after.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((after, "")),
        };
        self.rest = rest;
        Some(Attribute { name: name.trim_ascii_end(), raw })
    }
}

/// A name without its prefix.
pub(crate) fn local(name: &str) -> &str {
    match name.bytes().position(|byte| byte == b':') {
        Some(at) => name.get(at + 1..).unwrap_or(name),
        None => name,
    }
}

/// Bytes searched here before `memchr` is called: its choice of instructions costs a call that pays off later only, and
/// most names, values and texts of markup are shorter.
const NEAR: usize = 64;

/// Where a byte stands first. As `memchr`, made for distances of a few bytes.
#[inline(always)]
pub(crate) fn near(wanted: u8, bytes: &[u8]) -> Option<usize> {
    const LOW: u64 = u64::from_le_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    let pattern = LOW * u64::from(wanted);
    let (words, tail) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        if at == NEAR / 8 {
            return memchr::memchr(wanted, bytes.get(NEAR..)?).map(|at| at + NEAR);
        }
        // A byte is zero where it is the wanted one; the lowest such byte is marked rightly (Hacker's Delight, 6-1).
        let differ = u64::from_le_bytes(*word) ^ pattern;
        let zero = differ.wrapping_sub(LOW) & !differ & HIGH;
        if zero != 0 {
            return Some(at * 8 + zero.trailing_zeros() as usize / 8);
        }
    }
    tail.iter().position(|byte| *byte == wanted).map(|at| at + words.len() * 8)
}

/// Appends text with its entities and character references resolved; what is neither stays as it is.
pub(crate) fn resolve(raw: &str, out: &mut String) {
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        // The longest reference that means something is &#x10FFFF; with some leading zeros.
        let end = from.bytes().take(16).position(|byte| byte == b';');
        let known = end.and_then(|end| Some((end, reference(from.get(1..end)?)?)));
        match known {
            Some((end, c)) => {
                out.push(c);
                rest = from.get(end + 1..).unwrap_or_default();
            }
            None => {
                out.push('&');
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
}

fn reference(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

/// What kind of long construct the reader stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Normal,
    Comment,
    CData,
}

/// A token as positions in the window, so that the window may still be refilled while it is looked for.
enum Found {
    Start { name: (usize, usize), prefix: usize, attributes: (usize, usize) },
    End,
    Text(usize, usize),
    Literal(usize, usize),
    Comment(usize, usize),
}

/// Buffers of a reader that ended, for the next one: a package has dozens of small parts, and clearing and first touch of
/// new memory cost more than reading them.
#[derive(Debug, Default)]
struct Buffers {
    window: String,
    staging: Vec<u8>,
}

/// Buffers kept for each thread: as many as parts are read at the same time.
const KEPT: usize = 4;

/// Larger ones are given back: one part with a tag of megabytes must not cost memory for ever.
const MAX_KEPT: usize = 512 << 10;

thread_local! {
    static BUFFERS: RefCell<Vec<Buffers>> = const { RefCell::new(Vec::new()) };
}

impl<R> Drop for Xml<R> {
    fn drop(&mut self) {
        let buffers = Buffers { window: mem::take(&mut self.window), staging: mem::take(&mut self.staging) };
        if buffers.window.capacity() > MAX_KEPT || buffers.staging.capacity() > MAX_KEPT {
            return;
        }
        // At the end of a thread there is nobody left to keep them for.
        let _ = BUFFERS.try_with(|kept| {
            if let Ok(mut kept) = kept.try_borrow_mut()
                && kept.len() < KEPT
            {
                kept.push(buffers);
            }
        });
    }
}

/// A pull reader over a part.
pub(crate) struct Xml<R> {
    source: R,
    /// Decoded text that is not used up; `at` is where the next token begins.
    window: String,
    at: usize,
    staging: Vec<u8>,
    /// Bytes at the start of `staging` that are the beginning of a character.
    carry: usize,
    decoder: Option<Decoder>,
    started: bool,
    ended: bool,
    /// Why the source broke off, to be told when what came before is used up.
    broken: Option<std::io::Error>,
    mode: Mode,
    depth: u32,
    /// An empty element was given; its end comes next.
    end_due: bool,
    damage: Option<&'static str>,
    /// Whether a single quote stands anywhere in the window; Office writes double ones.
    single_quotes: bool,
}

impl<R: Read> Xml<R> {
    /// A reader over the bytes of one part, in whatever encoding it declares.
    pub(crate) fn new(source: R) -> Xml<R> {
        let Buffers { mut window, staging } = BUFFERS
            .with(|kept| kept.try_borrow_mut().ok().and_then(|mut kept| kept.pop()))
            .unwrap_or_default();
        window.clear();
        Xml {
            source,
            window,
            at: 0,
            staging,
            carry: 0,
            decoder: None,
            started: false,
            ended: false,
            broken: None,
            mode: Mode::Normal,
            depth: 0,
            end_due: false,
            damage: None,
            single_quotes: false,
        }
    }

    /// What was found broken so far, in words.
    pub(crate) fn damage(&self) -> Option<&'static str> {
        self.damage
    }

    fn hurt(&mut self, what: &'static str) {
        self.damage.get_or_insert(what);
    }

    /// The next token; `None` at the end.
    ///
    /// # Errors
    /// What reading the source gave (limits included), or a tag longer than [`MAX_TAG`].
    pub(crate) fn next(&mut self) -> Result<Option<Token<'_>>, Unreadable> {
        let Some(found) = self.find()? else { return Ok(None) };
        let piece = |(from, to): (usize, usize)| self.window.get(from..to).unwrap_or_default();
        Ok(Some(match found {
            Found::Start { name, prefix, attributes } => {
                Token::Start(Tag { name: piece(name), prefix, attributes: piece(attributes) })
            }
            Found::End => Token::End,
            Found::Text(from, to) => Token::Text(piece((from, to))),
            Found::Literal(from, to) => Token::Literal(piece((from, to))),
            Found::Comment(from, to) => Token::Comment(piece((from, to))),
        }))
    }

    /// Whether the rest of the part is markup alone: no text but blanks, no comment, nothing broken that shows here. Reads it
    /// all, much faster than tokens would; the answer may wrongly be no, as [`Markup`] says.
    ///
    /// # Errors
    /// As [`Xml::next`].
    pub(crate) fn holds_only_markup(mut self) -> Result<bool, Unreadable> {
        let mut markup = Markup::default();
        loop {
            let bytes = self.window.as_bytes().get(self.at..).unwrap_or_default();
            if markup.has_text(bytes) || self.damage.is_some() {
                return Ok(false);
            }
            self.at = self.window.len();
            if !self.fill()? {
                return Ok(markup.outside);
            }
        }
    }

    /// What stands between the start tag just given and the next end tag of that name, when all of it is in the window.
    /// Nothing is used up. An element of the same name inside is for the caller to notice.
    pub(crate) fn block(&self, name: &str) -> Option<&str> {
        if self.end_due || self.mode != Mode::Normal {
            return None;
        }
        let rest = self.window.get(self.at..)?;
        let mut end = 0;
        loop {
            end += near(b'<', rest.as_bytes().get(end..)?)?;
            let tag = rest.as_bytes().get(end + 1..)?;
            if let Some(closed) = tag.strip_prefix(b"/")
                && closed.strip_prefix(name.as_bytes()).is_some_and(|after| after.starts_with(b">"))
            {
                return rest.get(..end);
            }
            end += 1;
        }
    }

    /// Passes over a block of that many bytes that [`Xml::block`] gave, and over the end tag of that name.
    pub(crate) fn skip_block(&mut self, len: usize, name: &str) {
        self.at = (self.at + len + name.len() + 3).min(self.window.len());
        self.depth = self.depth.saturating_sub(1);
    }

    /// Passes over the inside of the element just given and its end tag, when all of it is in the window and it holds no text
    /// and no element of the same name; false when nothing was passed over.
    ///
    /// # Errors
    /// As [`Xml::next`].
    pub(crate) fn skip_markup(&mut self, name: &str) -> Result<bool, Unreadable> {
        let mut found = dull_block(self.ahead().as_bytes(), name.as_bytes());
        if found == Dull::Cut && !self.end_due && self.window.len() - self.at < CHUNK {
            // Its end may come next; the window stays below two chunks.
            self.fill()?;
            found = dull_block(self.ahead().as_bytes(), name.as_bytes());
        }
        let Dull::Up(len) = found else { return Ok(false) };
        self.skip_block(len, name);
        Ok(true)
    }

    /// What is in the window behind the last token, for readers that know their part better than tokens tell; empty where
    /// the end of an empty element comes next, or the inside of a comment.
    pub(crate) fn ahead(&self) -> &str {
        if self.end_due || self.mode != Mode::Normal {
            return "";
        }
        self.window.get(self.at..).unwrap_or_default()
    }

    /// Whether single quotes stand in the window. See [`sure_tag_end`].
    pub(crate) fn has_single_quotes(&self) -> bool {
        self.single_quotes
    }

    /// Passes over so many bytes of what [`Xml::ahead`] gave: whole elements, so that depth stays right.
    pub(crate) fn pass(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.window.len());
    }

    /// The same for a start tag alone.
    pub(crate) fn enter(&mut self, bytes: usize) {
        self.pass(bytes);
        self.depth += 1;
    }

    /// The same for an end tag alone; false, and nothing is passed over, where no element is open.
    pub(crate) fn leave(&mut self, bytes: usize) -> bool {
        let Some(depth) = self.depth.checked_sub(1) else { return false };
        self.depth = depth;
        self.pass(bytes);
        true
    }

    /// Passes over the empty elements of known names, written `<name .../>`, that come next.
    pub(crate) fn pass_empty(&mut self, is_known: impl Fn(&str) -> bool) {
        let mut passed = 0;
        let ahead = self.ahead();
        while let Some(tag) = ahead.get(passed + 1..).filter(|_| ahead.as_bytes().get(passed) == Some(&b'<'))
        {
            let len = tag.bytes().take_while(|byte| !matches!(byte, b' ' | b'/' | b'>')).count();
            let known = tag.get(..len).is_some_and(&is_known) && tag.as_bytes().get(len) != Some(&b'>');
            let end = if known { sure_tag_end(tag.as_bytes(), self.single_quotes) } else { None };
            let Some(end) = end.filter(|end| tag.as_bytes().get(end - 1) == Some(&b'/')) else { break };
            passed += end + 2;
        }
        self.pass(passed);
    }

    fn find(&mut self) -> Result<Option<Found>, Unreadable> {
        if self.end_due {
            self.end_due = false;
            self.depth = self.depth.saturating_sub(1);
            return Ok(Some(Found::End));
        }
        loop {
            match self.mode {
                Mode::Normal => {}
                Mode::Comment => match self.until(b"-->")? {
                    Some((from, to)) => return Ok(Some(Found::Comment(from, to))),
                    None => continue,
                },
                Mode::CData => match self.until(b"]]>")? {
                    Some((from, to)) => return Ok(Some(Found::Literal(from, to))),
                    None => continue,
                },
            }
            let rest = self.window.as_bytes().get(self.at..).unwrap_or_default();
            let Some(first) = rest.first() else {
                if self.fill()? {
                    continue;
                }
                if self.depth > 0 {
                    self.hurt("XML ends inside an element");
                }
                return Ok(None);
            };
            if *first != b'<' {
                match self.text()? {
                    Some(found) => return Ok(Some(found)),
                    None => continue,
                }
            }
            match rest.get(1) {
                None => {
                    if !self.fill()? {
                        return Ok(Some(self.broken_rest()));
                    }
                }
                Some(b'/') => match near(b'>', rest) {
                    Some(end) => {
                        self.at += end + 1;
                        if self.depth == 0 {
                            self.hurt("XML closes what was not opened");
                            continue;
                        }
                        self.depth -= 1;
                        return Ok(Some(Found::End));
                    }
                    None => self.more_of_tag()?,
                },
                Some(b'!') => {
                    let comment = rest.starts_with(b"<!--");
                    let cdata = rest.starts_with(b"<![CDATA[");
                    if comment || cdata {
                        self.at += if comment { 4 } else { 9 };
                        self.mode = if comment { Mode::Comment } else { Mode::CData };
                    } else if rest.len() < 9 && !self.ended {
                        self.fill()?;
                    } else if let Some(end) = doctype_end(rest) {
                        let from = self.at;
                        self.at += end + 1;
                        return Ok(Some(Found::Comment(from + 2, from + end)));
                    } else {
                        self.more_of_tag()?;
                    }
                }
                Some(b'?') => match memchr::memmem::find(rest, b"?>") {
                    Some(end) => self.at += end + 2,
                    None => self.more_of_tag()?,
                },
                Some(next) if next.is_ascii_alphabetic() || *next == b'_' || *next >= 0x80 => {
                    match tag_end(rest, self.single_quotes) {
                        Some(end) => return Ok(Some(self.start(end))),
                        None => self.more_of_tag()?,
                    }
                }
                Some(_) => {
                    // A lone `<`: keep it as text, what follows is read on.
                    self.hurt("XML with a bare <");
                    let from = self.at;
                    self.at += 1;
                    return Ok(Some(Found::Text(from, from + 1)));
                }
            }
        }
    }

    /// The start tag that ends `end` bytes from here.
    fn start(&mut self, end: usize) -> Found {
        let from = self.at + 1;
        let mut to = self.at + end;
        self.at = to + 1;
        let mut inside = self.window.as_bytes().get(from..to).unwrap_or_default();
        if let Some(empty) = inside.strip_suffix(b"/") {
            inside = empty;
            to -= 1;
            self.end_due = true;
        }
        let (name_len, prefix) = name_of(inside);
        self.depth += 1;
        Found::Start { name: (from, from + name_len), prefix, attributes: (from + name_len, to) }
    }

    /// Text up to the next markup, or a piece of it.
    fn text(&mut self) -> Result<Option<Found>, Unreadable> {
        let rest = self.window.as_bytes().get(self.at..).unwrap_or_default();
        let from = self.at;
        let len = match near(b'<', rest) {
            Some(len) => len,
            None if self.ended => rest.len(),
            None if rest.len() >= TEXT_PIECE => {
                // Never cut inside a reference: the longest is 16 bytes.
                let tail = rest.len() - 16;
                match rest.get(tail..).and_then(|tail| memchr::memrchr(b'&', tail)) {
                    Some(at) => tail + at,
                    None => rest.len(),
                }
            }
            None => {
                self.fill()?;
                return Ok(None);
            }
        };
        self.at += len;
        Ok(Some(Found::Text(from, from + len)))
    }

    /// The inside of a comment or CDATA section up to its end, or a piece of it. `None`: read on.
    fn until(&mut self, end: &[u8]) -> Result<Option<(usize, usize)>, Unreadable> {
        let rest = self.window.as_bytes().get(self.at..).unwrap_or_default();
        let from = self.at;
        if let Some(len) = memchr::memmem::find(rest, end) {
            self.at += len + end.len();
            self.mode = Mode::Normal;
            return Ok(Some((from, from + len)));
        }
        if self.ended {
            let len = rest.len();
            self.at += len;
            self.mode = Mode::Normal;
            self.hurt("XML ends inside a comment or CDATA section");
            return Ok((len > 0).then_some((from, from + len)));
        }
        if rest.len() > TEXT_PIECE {
            // The end mark is ASCII, so stepping back to a character border cannot split it.
            let mut len = rest.len() - end.len();
            while !self.window.is_char_boundary(from + len) {
                len -= 1;
            }
            self.at += len;
            return Ok(Some((from, from + len)));
        }
        self.fill()?;
        Ok(None)
    }

    /// More bytes for a tag that is not complete; at the end of the part the rest is given up as text.
    fn more_of_tag(&mut self) -> Result<(), Unreadable> {
        if self.window.len() - self.at > MAX_TAG {
            return Err(Unreadable::damaged("an XML tag is longer than 8 MB"));
        }
        if !self.fill()? {
            self.hurt("XML ends inside a tag");
            // Step over the `<`, so that what follows is read as text.
            self.at += 1;
        }
        Ok(())
    }

    fn broken_rest(&mut self) -> Found {
        self.hurt("XML ends inside a tag");
        let from = self.at;
        self.at = self.window.len();
        Found::Text(from, self.at)
    }

    /// Brings more text into the window; false at the end.
    fn fill(&mut self) -> Result<bool, Unreadable> {
        if self.ended {
            return Ok(false);
        }
        if let Some(error) = self.broken.take() {
            return Err(error.into());
        }
        if self.at > 0 {
            self.window.drain(..self.at);
            self.at = 0;
        }
        // Growing with what is already there keeps the search for the end of a long tag linear.
        let want = CHUNK.max(self.window.len()) + self.carry;
        if self.staging.len() < want {
            self.staging.resize(want, 0);
        }
        let mut filled = self.carry;
        // Small reads of the source would make small windows; the first one must hold the encoding declaration.
        while let Some(free) = self.staging.get_mut(filled..want) {
            if free.is_empty() {
                break;
            }
            let got = match self.source.read(free) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                // What came before the break is read first.
                Err(error) if filled > self.carry => {
                    self.broken = Some(error);
                    break;
                }
                other => other?,
            };
            if got == 0 {
                self.ended = true;
                break;
            }
            filled += got;
        }
        self.carry = 0;
        let staging = mem::take(&mut self.staging);
        self.take_in(staging.get(..filled).unwrap_or_default());
        self.staging = staging;
        let carry = self.carry;
        self.staging.copy_within(filled - carry..filled, 0);
        self.single_quotes = memchr::memchr(b'\'', self.window.as_bytes()).is_some();
        Ok(self.window.len() > self.at || !self.ended)
    }

    /// Decodes bytes onto the window. Sets `carry` to the number of bytes at the end that wait for more.
    fn take_in(&mut self, bytes: &[u8]) {
        let mut bytes = bytes;
        if !self.started {
            self.started = true;
            let (encoding, bom) = declared_encoding(bytes);
            bytes = bytes.get(bom..).unwrap_or_default();
            if encoding != UTF_8 {
                self.decoder = Some(encoding.new_decoder_without_bom_handling());
            }
        }
        if let Some(decoder) = &mut self.decoder {
            let room = decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len() * 3);
            self.window.reserve(room);
            let (_, _, errors) = decoder.decode_to_string(bytes, &mut self.window, self.ended);
            if errors {
                self.hurt("XML has bytes that are not of its encoding");
            }
            return;
        }
        loop {
            match simdutf8::compat::from_utf8(bytes) {
                Ok(text) => {
                    self.window.push_str(text);
                    return;
                }
                Err(error) => {
                    let (good, rest) = bytes.split_at(error.valid_up_to());
                    self.window.push_str(std::str::from_utf8(good).unwrap_or_default());
                    match error.error_len() {
                        None if !self.ended => {
                            self.carry = rest.len();
                            return;
                        }
                        bad => {
                            self.hurt("XML has bytes that are not of its encoding");
                            self.window.push(char::REPLACEMENT_CHARACTER);
                            bytes = rest.get(bad.unwrap_or(rest.len())..).unwrap_or_default();
                        }
                    }
                }
            }
        }
    }
}

/// The encoding of a part and the length of its byte order mark.
fn declared_encoding(bytes: &[u8]) -> (&'static Encoding, usize) {
    if let Some((encoding, bom)) = Encoding::for_bom(bytes) {
        return (encoding, bom);
    }
    if bytes.starts_with(b"<\0") {
        return (UTF_16LE, 0);
    }
    if bytes.starts_with(b"\0<") {
        return (UTF_16BE, 0);
    }
    let head = bytes.get(..200).unwrap_or(bytes);
    let declaration = memchr::memmem::find(head, b"?>").and_then(|end| head.get(..end)).unwrap_or_default();
    let label = memchr::memmem::find(declaration, b"encoding")
        .and_then(|at| declaration.get(at..)?.split(|byte| matches!(byte, b'"' | b'\'')).nth(1));
    let encoding = label.and_then(Encoding::for_label).unwrap_or(UTF_8);
    // It was read as ASCII just now, so it cannot be two bytes a character.
    if encoding == UTF_16LE || encoding == UTF_16BE { (UTF_8, 0) } else { (encoding, 0) }
}
