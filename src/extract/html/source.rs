//! What is no markup to a browser: scripts, style sheets, raw text and comments.

use std::borrow::Cow;

use memchr::memmem;

use super::Page;
use super::flow::Flow;
use super::tags::{INLINE, LONGEST_NAME, Tag, element_name, end_of, lowered, tag};
use super::values::decoded;
use crate::extract::{Stop, notation};
use crate::model::{Kind, Place, Segment};

impl Page<'_, '_> {
    /// Elements whose content is no markup: up to their own end tag, or to the end of the page.
    pub(super) fn raw_text(&mut self, tag: Tag, name: &[u8], from: usize) -> Result<(), Stop> {
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

    pub(super) fn style_sheet(&mut self, source: &str, line: u64) -> Result<(), Stop> {
        let mut content = Vec::new();
        self.sheet.read(source, &mut content);
        for text in content {
            let place = Place { line: Some(line), ..Place::new(Kind::Body) }.named("content");
            self.sink.segment(Segment::new(&text, place))?;
        }
        Ok(())
    }
}

/// Text of markup that is not shown: tags taken out, or lines broken where they break them; entities decoded. Names that
/// are no element's stay: `<SECRET>` is a word of its writer.
pub(super) fn without_tags(markup: &str) -> String {
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

/// A script's source; `\u1EAC` and `\n` of its strings decoded, so that JSON inside it can be read.
pub(in crate::extract) fn script_text(source: &str) -> Cow<'_, str> {
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
pub(in crate::extract) fn escaped_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}
