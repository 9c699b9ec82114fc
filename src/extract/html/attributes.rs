//! The attributes of one tag, and the coding of addresses in them.

use std::borrow::Cow;

/// A name as written, and its value without quotes; entities not yet decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Attribute<'t> {
    pub(super) name: &'t str,
    pub(super) value: &'t str,
}

/// Walks the attributes of a tag.
pub(super) struct Attributes<'t> {
    text: &'t str,
    /// Where reading stands; after the last attribute behind the tag's `>`.
    pub(super) at: usize,
    /// The tag's `>` was found.
    pub(super) ended: bool,
    /// The tag ends in `/>`.
    pub(super) closed: bool,
}

impl<'t> Attributes<'t> {
    /// Begins behind the element's name. `text` ends where the tag must end.
    pub(super) fn new(text: &'t str, at: usize) -> Attributes<'t> {
        Attributes { text, at, ended: false, closed: false }
    }

    fn skip_blank(&mut self) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(rest.len());
    }
}

impl<'t> Iterator for Attributes<'t> {
    type Item = Attribute<'t>;

    fn next(&mut self) -> Option<Attribute<'t>> {
        let bytes = self.text.as_bytes();
        loop {
            self.skip_blank();
            match bytes.get(self.at)? {
                b'>' => {
                    self.at += 1;
                    self.ended = true;
                    return None;
                }
                b'/' => {
                    self.at += 1;
                    self.closed = bytes.get(self.at) == Some(&b'>');
                }
                _ => break,
            }
        }
        let start = self.at;
        // A `=` at the beginning belongs to the name.
        let rest = bytes.get(start + 1..).unwrap_or_default();
        let length = rest
            .iter()
            .position(|byte| matches!(byte, b'=' | b'>' | b'/') || byte.is_ascii_whitespace())
            .unwrap_or(rest.len());
        self.at = start + 1 + length;
        // The first byte may begin a character of several; its other bytes are in `rest`.
        let name = self.text.get(start..self.at).unwrap_or_default();
        if bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.skip_blank();
        }
        if bytes.get(self.at) != Some(&b'=') {
            return Some(Attribute { name, value: "" });
        }
        self.at += 1;
        self.skip_blank();
        let from = self.at;
        let rest = bytes.get(from..).unwrap_or_default();
        let value = match rest.first() {
            Some(quote @ (b'"' | b'\'')) => {
                let inner = rest.get(1..).unwrap_or_default();
                let Some(length) = memchr::memchr(*quote, inner) else {
                    self.at = bytes.len();
                    return None;
                };
                self.at = from + length + 2;
                self.text.get(from + 1..from + 1 + length)
            }
            _ => {
                let length = rest
                    .iter()
                    .position(|byte| *byte == b'>' || byte.is_ascii_whitespace())
                    .unwrap_or(rest.len());
                self.at = from + length;
                self.text.get(from..self.at)
            }
        };
        Some(Attribute { name, value: value.unwrap_or_default() })
    }
}

/// An address with `%E1%BA%AC` decoded where that gives UTF-8, as it is otherwise.
pub(crate) fn percent_decoded(address: &str) -> Cow<'_, str> {
    match percent_bytes(address) {
        Cow::Borrowed(_) => Cow::Borrowed(address),
        Cow::Owned(bytes) => String::from_utf8(bytes).map_or(Cow::Borrowed(address), Cow::Owned),
    }
}

/// The bytes of an address.
pub(in crate::extract) fn percent_bytes(address: &str) -> Cow<'_, [u8]> {
    let bytes = address.as_bytes();
    if memchr::memchr(b'%', bytes).is_none() {
        return Cow::Borrowed(bytes);
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digit = |offset: usize| bytes.get(at + offset).and_then(|byte| char::from(*byte).to_digit(16));
        match (byte, digit(1), digit(2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or_default());
                at += 3;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    Cow::Owned(out)
}
