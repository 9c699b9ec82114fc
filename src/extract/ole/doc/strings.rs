//! Tables of strings: bookmarks, authors, variables, associated properties (STTB, MS-DOC 2.2.4).

use std::collections::BTreeSet;

use encoding_rs::{Encoding, UTF_16LE};

use super::super::{decode, u16_at};
use crate::extract::xml::has_letter;

/// Strings of a table, with where it ends. `encoding` is that of strings of one byte a letter.
fn table(bytes: &[u8], is_old: bool, encoding: &'static Encoding) -> (Vec<String>, usize) {
    let mut texts = Vec::new();
    if is_old {
        // The length of it all, then strings with their length before them.
        let end = usize::from(u16_at(bytes, 0).unwrap_or(0)).min(bytes.len());
        let mut at = 2;
        while at < end
            && let Some(text) = short(bytes, &mut at, encoding)
        {
            texts.push(text);
        }
        return (texts, at);
    }
    let wide = u16_at(bytes, 0) == Some(0xFFFF);
    let mut at = if wide { 2 } else { 0 };
    let (Some(count), Some(extra)) = (u16_at(bytes, at), u16_at(bytes, at + 2)) else { return (texts, at) };
    at += 4;
    for _ in 0..count {
        let text = if wide { long(bytes, &mut at) } else { short(bytes, &mut at, encoding) };
        let Some(text) = text else { break };
        texts.push(text);
        at += usize::from(extra);
    }
    (texts, at)
}

/// A count of UTF-16 units and these.
pub(super) fn long(bytes: &[u8], at: &mut usize) -> Option<String> {
    let len = usize::from(u16_at(bytes, *at)?) * 2;
    let raw = bytes.get(*at + 2..)?.get(..len)?;
    *at += 2 + len;
    Some(decode(raw, UTF_16LE))
}

fn short(bytes: &[u8], at: &mut usize, encoding: &'static Encoding) -> Option<String> {
    let len = usize::from(*bytes.get(*at)?);
    let raw = bytes.get(*at + 1..)?.get(..len)?;
    *at += 1 + len;
    Some(decode(raw, encoding))
}

/// Strings of a table.
pub(super) fn all(bytes: &[u8], is_old: bool, encoding: &'static Encoding) -> Vec<String> {
    table(bytes, is_old, encoding).0
}

/// Strings that follow each other without a table around them (GrpXstAtnOwners).
pub(super) fn row(bytes: &[u8], is_old: bool, encoding: &'static Encoding) -> Vec<String> {
    let mut at = 0;
    let mut texts = Vec::new();
    while at < bytes.len() {
        let text = if is_old { short(bytes, &mut at, encoding) } else { long(bytes, &mut at) };
        let Some(text) = text else { break };
        texts.push(text);
    }
    texts
}

/// Names and values of the document's variables (StwUser, MS-DOC 2.9.276).
pub(super) fn variables(bytes: &[u8], is_old: bool, encoding: &'static Encoding) -> Vec<(String, String)> {
    let (names, end) = table(bytes, is_old, encoding);
    let values = row(bytes.get(end..).unwrap_or_default(), is_old, encoding);
    names.into_iter().zip(values.into_iter().chain(std::iter::repeat(String::new()))).collect()
}

/// Words around the numbers of lists ("Phụ lục %1"): of `lists` their levels (PlfLst), which are described in `levels`
/// one after the other (LVL, MS-DOC 2.9.150). Each text once.
pub(super) fn list_texts(lists: &[u8], levels: &[u8]) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    let count = usize::from(u16_at(lists, 0).unwrap_or(0));
    let mut at = 0;
    for list in 0..count {
        let Some(flags) = lists.get(2 + list * 28 + 26) else { break };
        // fSimpleList: one level, else nine.
        for _ in 0..if flags & 1 != 0 { 1 } else { 9 } {
            let (Some(runs), Some(paragraphs)) = (levels.get(at + 24), levels.get(at + 25)) else {
                return texts;
            };
            at += 28 + usize::from(*runs) + usize::from(*paragraphs);
            let Some(text) = long(levels, &mut at) else { return texts };
            // Placeholders of the levels' numbers are 0 to 8.
            let text: String = text.chars().map(|c| if c < '\u{9}' { '#' } else { c }).collect();
            if has_letter(&text) && text.chars().filter(|c| c.is_alphabetic()).count() > 1 {
                texts.insert(text);
            }
        }
    }
    texts
}
