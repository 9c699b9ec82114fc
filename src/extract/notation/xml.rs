//! XML of unknown vocabulary (XML 1.0, fifth edition), SVG among it.
//!
//! Elements break the text, but for those that many vocabularies use inside words (`M<b>Ậ</b>T`, `<tspan>`). Values of
//! attributes are properties. HTML in a CDATA section or escaped, as feeds have it, is read as markup too.

use super::super::html::{decoded, percent_decoded};
use super::{Notation, Out};
use crate::extract::heads::names_a_degree;

/// A tag, comment or section that does not end within this many bytes is text.
const LONGEST_TAG: usize = 1 << 20;

/// Elements that stand inside words, without prefix.
static INLINE: &[&str] = &[
    "b",
    "i",
    "u",
    "em",
    "strong",
    "span",
    "font",
    "tspan",
    "textPath",
    "small",
    "big",
    "sub",
    "sup",
    "hi",
    "emphasis",
    "bold",
    "italic",
    "underline",
    "mark",
    "code",
    "bpt",
    "ept",
    "ruby",
    "bdi",
    "bdo",
];

/// Attributes that hold no words.
static FORMAL: &[&str] = &[
    "d",
    "id",
    "class",
    "style",
    "points",
    "transform",
    "viewBox",
    "version",
    "encoding",
    "width",
    "height",
    "x",
    "y",
    "x1",
    "x2",
    "y1",
    "y2",
    "cx",
    "cy",
    "r",
    "rx",
    "ry",
    "dx",
    "dy",
    "fill",
    "stroke",
    "offset",
    "space",
    "lang",
    "standalone",
    "values",
    "clip-path",
    "font-family",
    "gradientTransform",
    "schemaLocation",
];

#[derive(Debug, Default)]
pub(super) struct Xml {
    /// Markup whose end has not come.
    carry: String,
    state: State,
    /// Tags since the last text: whether all of them stand inside words.
    tags: Option<bool>,
    /// A confidentiality label of STANAG 4774 has begun.
    confidentiality: bool,
    /// The next text is its level.
    level_follows: bool,
    /// The name of the field whose value the next text is, where that is a degree.
    named: Option<String>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    Comment,
    /// A CDATA section too long to be looked at as a whole.
    Literal,
}

impl Notation for Xml {
    fn block(&mut self, source: &str, out: &mut Out) {
        let joined;
        let mut rest = source;
        if !self.carry.is_empty() {
            joined = std::mem::take(&mut self.carry) + source;
            rest = &joined;
        }
        while !rest.is_empty() {
            let used = match self.state {
                State::Text => self.text(rest, out, true),
                State::Comment => self.until("-->", rest, out),
                State::Literal => self.until("]]>", rest, out),
            };
            if used == 0 {
                if rest.len() < LONGEST_TAG {
                    self.carry.push_str(rest);
                    return;
                }
                // Not what it looks like.
                let first = rest.chars().next().map_or(1, char::len_utf8);
                self.show(rest.get(..first).unwrap_or_default(), out);
                rest = rest.get(first..).unwrap_or_default();
            } else {
                rest = rest.get(used..).unwrap_or_default();
            }
        }
    }

    fn end(&mut self, out: &mut Out) {
        let carry = std::mem::take(&mut self.carry);
        self.show(&carry, out);
    }
}

impl Xml {
    /// Text up to a tag, or a tag; the bytes used, 0 when more must come.
    fn text(&mut self, rest: &str, out: &mut Out, sections: bool) -> usize {
        let bytes = rest.as_bytes();
        let length = memchr::memchr(b'<', bytes).unwrap_or(bytes.len());
        if length > 0 {
            let text = rest.get(..length).unwrap_or_default();
            // A reference that the block's end cut. The longest that means something has 33 bytes.
            let cut = memchr::memrchr(b'&', text.as_bytes()).filter(|at| {
                length == bytes.len()
                    && length - at < 34
                    && !text.get(*at..).unwrap_or_default().contains([';', '\n'])
            });
            let text = text.get(..cut.unwrap_or(length)).unwrap_or_default();
            self.section(&decoded(text), out);
            return text.len();
        }
        let begins = |what: &str| rest.len() < what.len() && what.starts_with(rest);
        if rest.starts_with("<!--") {
            self.tags = Some(false);
            self.state = State::Comment;
            return 4;
        }
        if sections && rest.starts_with("<![CDATA[") {
            return match memchr::memmem::find(bytes, b"]]>") {
                Some(end) => {
                    self.section(rest.get(9..end).unwrap_or_default(), out);
                    end + 3
                }
                None if rest.len() < LONGEST_TAG => 0,
                None => {
                    self.state = State::Literal;
                    9
                }
            };
        }
        if rest.starts_with("<!") || rest.starts_with("<?") {
            if begins("<!--") || begins("<![CDATA[") {
                return 0;
            }
            return self.declaration(rest, out);
        }
        let name_begins =
            rest.chars().nth(1).or(Some('a')).is_some_and(|c| c.is_alphabetic() || matches!(c, '/' | '_'));
        if !name_begins {
            self.show("<", out);
            return 1;
        }
        let Some(end) = tag_end(bytes) else { return 0 };
        let tag = rest.get(1..end).unwrap_or_default();
        self.tag(tag, out);
        out.lines_of(tag);
        end + 1
    }

    fn show(&mut self, text: &str, out: &mut Out) {
        let mut text = text;
        if !text.trim_start().is_empty() {
            if self.tags.take() == Some(false) {
                out.border();
            }
            if let Some(name) = self.named.take() {
                // The value may stand on a line of its own; the name goes with it.
                let value = text.trim_start();
                out.lines_of(text.get(..text.len() - value.len()).unwrap_or_default());
                out.field(&name);
                text = value;
            }
        }
        if self.level_follows && !text.trim().is_empty() {
            self.level_follows = false;
            Out::line(&mut out.labels, &format!("<Classification>{}</Classification>", text.trim()));
        }
        out.body.push_str(text);
    }

    /// A CDATA section, or text whose references are decoded.
    fn section(&mut self, content: &str, out: &mut Out) {
        if !is_markup(content) {
            return self.show(content, out);
        }
        let mut rest = content;
        while !rest.is_empty() {
            let used = self.text(rest, out, false);
            if used == 0 {
                return self.show(rest, out);
            }
            rest = rest.get(used..).unwrap_or_default();
            if self.state == State::Comment {
                let used = self.until("-->", rest, out);
                rest = rest.get(used.max(1)..).unwrap_or_default();
                self.state = State::Text;
            }
        }
    }

    /// `<!DOCTYPE …>` with what it declares, `<?…?>`.
    fn declaration(&mut self, rest: &str, out: &mut Out) -> usize {
        let bytes = rest.as_bytes();
        let end = if rest.starts_with("<?") {
            memchr::memmem::find(bytes, b"?>").map(|at| at + 2)
        } else {
            let mut depth = 0usize;
            bytes
                .iter()
                .position(|byte| {
                    match byte {
                        b'[' => depth += 1,
                        b']' => depth = depth.saturating_sub(1),
                        _ => {}
                    }
                    *byte == b'>' && depth == 0
                })
                .map(|at| at + 1)
        };
        let Some(end) = end else { return 0 };
        let text = rest.get(2..end).unwrap_or_default();
        self.tags = Some(false);
        out.lines_of(text);
        if !text.starts_with("xml ") {
            Out::line(&mut out.hidden, text);
        }
        end
    }

    /// The inside of a comment or a long section, up to its end.
    fn until(&mut self, end: &str, rest: &str, out: &mut Out) -> usize {
        let found = memchr::memmem::find(rest.as_bytes(), end.as_bytes());
        let mut length = found.unwrap_or_else(|| rest.len().saturating_sub(end.len() - 1));
        while !rest.is_char_boundary(length) {
            length -= 1;
        }
        let text = rest.get(..length).unwrap_or_default();
        if self.state == State::Comment {
            out.hidden.push_str(text);
            out.lines_of(text);
            if found.is_some() {
                out.hidden.push('\n');
            }
        } else {
            self.show(text, out);
        }
        if found.is_some() {
            self.state = State::Text;
            return length + end.len();
        }
        length
    }

    /// The inside of a tag.
    fn tag(&mut self, tag: &str, out: &mut Out) {
        let closing = tag.strip_prefix('/');
        let name = closing.unwrap_or(tag);
        let name = name.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
        let local = name.rsplit(':').next().unwrap_or(name);
        let inline = INLINE.contains(&local) && !tag.ends_with('/');
        // A span of SVG with a height of its own is a line of its own.
        let placed = local == "tspan" && (tag.contains(" y=") || tag.contains(" dy="));
        self.tags = Some(self.tags.unwrap_or(true) && inline && !placed);
        if !inline {
            self.named = None;
        }
        if closing.is_some() {
            self.level_follows = false;
            return;
        }
        // The level of a confidentiality label is a label already.
        if !self.level_follows && names_a_degree(local) {
            self.named = Some(local.to_owned());
        }
        // `<field name="Độ mật">`, `<item key="classification" value="SECRET"/>`.
        let mut field = None;
        self.confidentiality |= local == "ConfidentialityInformation";
        self.level_follows = self.confidentiality && local == "Classification";
        // ODNI ISM: the owner makes an attribute named classification a marking.
        if tag.contains("ownerProducer") && tag.contains("lassification") {
            Out::line(&mut out.labels, &tag.replace(['\n', '\t'], " "));
        }
        let mut rest = tag.get(name.len()..).unwrap_or_default();
        while let Some((before, after)) = rest.split_once('=') {
            let attribute = before.trim().rsplit([':', ' ', '\n', '\t']).next().unwrap_or_default();
            let whole = before.trim();
            let after = after.trim_start();
            let quote = if after.starts_with('\'') { '\'' } else { '"' };
            let (value, next) = match after.strip_prefix(quote) {
                Some(quoted) => quoted.split_once(quote).unwrap_or((quoted, "")),
                None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
            };
            rest = next;
            if whole.starts_with("xmlns")
                || FORMAL.contains(&attribute)
                || !value.chars().any(char::is_alphabetic)
            {
                continue;
            }
            if matches!(attribute, "href" | "src" | "url") {
                if !value.starts_with("data:image/") {
                    Out::line(&mut out.links, &percent_decoded(&decoded(value)));
                }
                continue;
            }
            let value = decoded(value);
            if matches!(attribute, "name" | "key" | "label" | "property") && names_a_degree(value.trim()) {
                self.named = Some(value.trim().to_owned());
                field = self.named.clone();
                continue;
            }
            let name = if names_a_degree(attribute) { Some(attribute) } else { None };
            match name.or(field.as_deref().filter(|_| matches!(attribute, "value" | "content"))) {
                Some(name) => out.degrees.push((name.to_owned(), value.into_owned())),
                None => Out::line(&mut out.properties, &value),
            }
        }
    }
}

/// Whether tags end in a text.
fn is_markup(text: &str) -> bool {
    memchr::memchr(b'<', text.as_bytes()).is_some_and(|at| {
        let rest = text.get(at..).unwrap_or_default();
        rest.contains("</") || rest.contains("/>") || rest.contains("<br")
    })
}

impl Out {
    /// Reads what stands from `from` on, the content of one field, as markup if it is some; tells whether it was.
    pub(super) fn unfold(&mut self, from: usize) -> bool {
        if !self.body.get(from..).is_some_and(is_markup) {
            return false;
        }
        let content = self.body.split_off(from);
        Xml::default().section(&content, self);
        true
    }
}

/// The first `>` that is not inside quotes.
fn tag_end(bytes: &[u8]) -> Option<usize> {
    let mut from = 1;
    loop {
        let at = from + memchr::memchr3(b'>', b'"', b'\'', bytes.get(from..)?)?;
        let quote = *bytes.get(at)?;
        if quote == b'>' {
            return Some(at);
        }
        // Quotes count behind `=` only: `don't` in what only looks like a tag does not hide the rest.
        let before = bytes.get(..at)?.trim_ascii_end();
        from = at + 1;
        if before.ends_with(b"=") {
            from += memchr::memchr(quote, bytes.get(from..)?)? + 1;
        }
    }
}
