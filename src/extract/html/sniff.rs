//! Whether a document is HTML, and which encoding it names.

use std::borrow::Cow;

use memchr::memmem;

use super::super::Head;
use super::super::charset::{self, Charset};

/// First bytes that are searched for a `<meta charset>`. The standard says 1,024; real pages put scripts before it.
const META: usize = 4096;

/// Tags that begin a page without `<html>`.
static FIRST_TAGS: &[&str] = &[
    "head", "body", "title", "script", "style", "meta", "link", "table", "div", "p", "h1", "h2", "h3",
    "font", "a", "b", "br", "iframe", "ul", "ol", "span", "center", "form", "img", "frameset",
];

pub(super) fn is_html(head: &Head<'_>) -> bool {
    let start = begin(head.bytes);
    let text = prolog(&start);
    let begins =
        |word: &str| text.get(..word.len()).is_some_and(|is| is.eq_ignore_ascii_case(word.as_bytes()));
    if begins("<!doctype") {
        let end = memchr::memchr(b'>', text).unwrap_or(text.len()).min(300);
        let declaration = text.get(..end).unwrap_or_default().to_ascii_lowercase();
        return memmem::find(&declaration, b"html").is_some();
    }
    if begins("<html") {
        return true;
    }
    let named = matches!(head.extension, "html" | "htm" | "xhtml" | "xht" | "shtml")
        || head.media.is_some_and(|media| {
            ["text/html", "application/xhtml+xml"]
                .iter()
                .any(|html| media.get(..html.len()).is_some_and(|is| is.eq_ignore_ascii_case(html)))
        });
    if named {
        return charset::is_text(head.bytes);
    }
    // Without a name only what begins as pages do: Markdown begins with tags too, but has a name.
    head.extension.is_empty()
        && head.media.is_none_or(|media| !media.eq_ignore_ascii_case("text/plain"))
        && FIRST_TAGS.iter().any(|tag| {
            text.strip_prefix(b"<").is_some_and(|rest| {
                rest.get(..tag.len()).is_some_and(|is| is.eq_ignore_ascii_case(tag.as_bytes()))
                    && rest
                        .get(tag.len())
                        .is_some_and(|next| matches!(next, b' ' | b'>' | b'\n' | b'\r' | b'\t'))
            })
        })
        && charset::is_text(head.bytes)
}

/// The first bytes in an encoding that contains ASCII.
fn begin(bytes: &[u8]) -> Cow<'_, [u8]> {
    let found = charset::bom(bytes).or_else(|| {
        // UTF-16 without a mark: only what begins with a bracket can be a page.
        let bracket = bytes.get(..8).is_some_and(|first| first.contains(&b'<') && first.contains(&0));
        if bracket { charset::wide(bytes).map(|wide| (Charset::Wide(wide), 0)) } else { None }
    });
    match found {
        Some((Charset::Wide(wide), skip)) => {
            let mut text = String::new();
            let end = bytes.len().min(META * 2);
            charset::WideDecoder::new(wide).decode(
                bytes.get(skip..end).unwrap_or_default(),
                false,
                &mut text,
            );
            Cow::Owned(text.into_bytes())
        }
        Some((_, skip)) => Cow::Borrowed(bytes.get(skip..).unwrap_or_default()),
        None => Cow::Borrowed(bytes),
    }
}

/// Skips blanks, comments and processing instructions.
fn prolog(mut text: &[u8]) -> &[u8] {
    loop {
        text = text.trim_ascii_start();
        let end = if text.starts_with(b"<!--") {
            memmem::find(text, b"-->").map(|at| at + 3)
        } else if text.starts_with(b"<?") {
            memchr::memchr(b'>', text).map(|at| at + 1)
        } else {
            return text;
        };
        let Some(rest) = end.and_then(|end| text.get(end..)) else { return &[] };
        text = rest;
    }
}

/// The encoding a `<meta>` names.
pub(super) fn meta_charset(bytes: &[u8]) -> Option<&str> {
    let head = bytes.get(..META).unwrap_or(bytes);
    memmem::find_iter(head, b"charset").chain(memmem::find_iter(head, b"CHARSET")).find_map(|at| {
        // Inside a `<meta`, not in a script's source.
        let before = head.get(..at)?;
        let tag = memchr::memrchr(b'<', before)?;
        if !before.get(tag + 1..tag + 5)?.eq_ignore_ascii_case(b"meta") {
            return None;
        }
        let value = head.get(at + 7..)?.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
        let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value);
        let end = value.iter().position(|byte| {
            matches!(byte, b'"' | b'\'' | b'>' | b';' | b'/') || byte.is_ascii_whitespace()
        })?;
        let label = std::str::from_utf8(value.get(..end)?).ok()?;
        // A page that can be read as ASCII is not UTF-16, whatever it says.
        (!label.to_ascii_lowercase().starts_with("utf-16")).then_some(label)
    })
}
