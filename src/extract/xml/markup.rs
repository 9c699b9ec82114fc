//! Where tags end, and whether anything but tags is there, told from bytes without walking through tokens.

use super::near;

/// Tells whether anything but markup and blanks stands in XML that comes in pieces. A `>` in the value of an attribute is
/// taken for the end of a tag, so that the answer may wrongly be yes.
#[derive(Debug, Default)]
pub(crate) struct Markup {
    /// The last piece ended behind a tag and the blanks that follow it.
    pub(super) outside: bool,
    /// It ended in `<`.
    opening: bool,
}

impl Markup {
    /// Whether a block between two tags, all of it, holds text.
    pub(crate) fn is_text_within(block: &str) -> bool {
        Markup { outside: true, opening: false }.has_text(block.as_bytes())
    }

    /// Whether the next piece holds text, a comment or a declaration.
    pub(super) fn has_text(&mut self, bytes: &[u8]) -> bool {
        let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
        if self.opening && *first == b'!' {
            return true;
        }
        // Only what follows a tag needs a look; most of the bytes are tags.
        let mut at = 0;
        if !self.outside {
            match near(b'>', bytes) {
                Some(end) => at = end + 1,
                None => at = bytes.len(),
            }
            self.outside = at > 0 && bytes.get(at - 1) == Some(&b'>');
        }
        while self.outside {
            let rest = bytes.get(at..).unwrap_or_default();
            let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'>');
            let rest = rest.get(rest.iter().take_while(blank).count()..).unwrap_or_default();
            match rest {
                [] => break,
                [b'<', b'!', ..] => return true,
                [b'<', ..] => match near(b'>', rest) {
                    Some(end) => at = bytes.len() - rest.len() + end + 1,
                    None => self.outside = false,
                },
                _ => return true,
            }
        }
        self.opening = *last == b'<';
        false
    }
}

/// What stands before an end tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dull {
    /// Markup alone, of so many bytes.
    Up(usize),
    /// The bytes end before.
    Cut,
    /// Something that takes a closer look.
    Other,
}

/// How far it is to the end tag of that name, when nothing but markup and blanks stands before it, and no element of the same
/// name. In one pass, since style sheets are mostly such blocks. Of a `>` in the value of an attribute: see [`Markup`].
pub(super) fn dull_block(bytes: &[u8], name: &[u8]) -> Dull {
    let mut at = 0;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        match rest {
            [b'<', tag @ ..] => {
                let named = tag.strip_prefix(b"/").unwrap_or(tag);
                if named.starts_with(name) {
                    let ends = named.len() < tag.len() && named.get(name.len()) == Some(&b'>');
                    return if ends { Dull::Up(at) } else { Dull::Other };
                }
                if tag.first() == Some(&b'!') {
                    return Dull::Other;
                }
                let Some(end) = near(b'>', tag) else { return Dull::Cut };
                at += end + 2;
            }
            [b' ' | b'\t' | b'\r' | b'\n' | b'>', ..] => at += 1,
            [] => return Dull::Cut,
            _ => return Dull::Other,
        }
    }
}

/// Where a start tag surely ends. Nearly always the first `>` is it: surely so when no quote stands before it, or when there
/// are double quotes only and the last byte is one that closes: an opening one follows `=` or a blank. `single_quotes`: there
/// may be such. `None`: it takes a closer look, or more bytes.
pub(crate) fn sure_tag_end(rest: &[u8], single_quotes: bool) -> Option<usize> {
    let first = near(b'>', rest)?;
    let inside = rest.get(..first)?;
    let single = single_quotes && near(b'\'', inside).is_some();
    let sure = match inside.strip_suffix(b"/").unwrap_or(inside) {
        [.., before, b'"'] => !single && !matches!(before, b'=' | b' ' | b'\t' | b'\n' | b'\r'),
        _ => !single && near(b'"', inside).is_none(),
    };
    sure.then_some(first)
}

/// Where a start tag ends: the first `>` that is not inside quotes. `single_quotes`: there may be such.
pub(super) fn tag_end(rest: &[u8], single_quotes: bool) -> Option<usize> {
    if let Some(end) = sure_tag_end(rest, single_quotes) {
        return Some(end);
    }
    let mut quote = 0u8;
    for (at, byte) in rest.iter().enumerate() {
        match *byte {
            b'>' if quote == 0 => return Some(at),
            byte @ (b'"' | b'\'') => {
                if quote == 0 {
                    quote = byte;
                } else if quote == byte {
                    quote = 0;
                }
            }
            _ => {}
        }
    }
    None
}

/// Where a document type declaration ends, with its internal subset in brackets.
pub(super) fn doctype_end(rest: &[u8]) -> Option<usize> {
    let mut brackets = 0usize;
    for (at, byte) in rest.iter().enumerate() {
        match byte {
            b'[' => brackets += 1,
            b']' => brackets = brackets.saturating_sub(1),
            b'>' if brackets == 0 => return Some(at),
            _ => {}
        }
    }
    None
}
