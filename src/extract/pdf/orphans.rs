//! Strings of objects that nothing refers to, and what superseded objects said besides.
//!
//! In: the bytes of a file. Out: hidden segments named after their object. Programs that take out a bookmark, a field or a
//! property often take out the reference alone, and an update writes the object anew behind the old one. Objects and
//! references are looked for by their keywords (ISO 32000-2, 7.3.10); object streams are inflated only where an object
//! has a string and no reference outside them. Left out: objects inside object streams, encrypted files, and notes
//! of annotations, which [`leftover`](super::leftover) gives.

use std::collections::HashSet;

use super::document::{Document, Id, object_before};
use super::encoding::text_string;
use super::filter::Decoder;
use super::lexer::{Lexer, Token, unescape, unhex};
use super::reader::Reader;
use crate::extract::limits::LimitReached;
use crate::extract::{Sink, Unreadable};
use crate::model::{Gap, GapReason, Kind, Place, Segment};

/// Longest dictionary that is looked at, in bytes.
const MAX_DICT: usize = 64 << 10;

/// Different strings that are pushed.
const MAX_STRINGS: usize = 10_000;

/// Fewer letters than this are states and units; `MẬT` has three.
const LEAST: usize = 3;

/// Dictionaries in dictionaries.
const MAX_DEPTH: u32 = 8;

/// Keys whose strings nobody wrote: names of character collections, dates, marks of identity, languages, styles.
const DULL: [&[u8]; 13] = [
    b"Registry",
    b"Ordering",
    b"DA",
    b"DS",
    b"M",
    b"ModDate",
    b"CreationDate",
    b"LastModified",
    b"Lang",
    b"ID",
    b"NM",
    b"CheckSum",
    b"Contents",
];

/// Pushes them.
pub(super) fn read(reader: &mut Reader<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let document = reader.document;
    if document.encrypted() || document.rewritten() {
        return Ok(());
    }
    let mut left: Vec<(Id, Vec<String>)> = Vec::new();
    let mut current: Vec<(Id, Vec<String>)> = Vec::new();
    for (id, dict) in pieces(document) {
        let mut strings = strings(dict);
        if strings.is_empty() {
            continue;
        }
        match document.dict(id) {
            Some(now) if now.data().as_ptr() == dict.as_ptr() => current.push((id, strings)),
            now => {
                let known = now.map(|now| self::strings(now.data())).unwrap_or_default();
                strings.retain(|text| !known.contains(text));
                left.push((id, strings));
            }
        }
    }
    unreferenced(document, &mut reader.decoder, &mut current)?;
    left.append(&mut current);
    let mut said = HashSet::new();
    for (id, strings) in left {
        let name = format!("object {}", id.obj_number);
        for text in strings {
            if said.len() >= MAX_STRINGS {
                let detail = format!("more than {MAX_STRINGS} texts in objects that nothing refers to");
                sink.gap(Gap::new(GapReason::LimitCount, detail));
                return Ok(());
            }
            let fresh = said.insert(text.clone());
            if fresh && reader.known.as_mut().is_none_or(|known| known.says(&text)) {
                sink.segment(Segment::new(&text, Place::new(Kind::Hidden).named(&name).hidden()))?;
            }
        }
    }
    Ok(())
}

/// Objects that are dictionaries with strings, and no streams.
fn pieces(document: &Document) -> impl Iterator<Item = (Id, &[u8])> {
    let bytes = document.bytes();
    let mut objects = document.objects().iter().map(|&at| at as usize).peekable();
    let mut streams = document.stream_words().iter().map(|&at| at as usize).peekable();
    let mut hexes = document.hex_strings().iter().map(|&at| at as usize).peekable();
    std::iter::from_fn(move || Some((objects.next()?, objects.peek().copied()))).filter_map(
        move |(at, next)| {
            let begin = at + 4;
            let rest = bytes.get(begin..).unwrap_or(&[]);
            let blanks = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).take(16).count();
            if rest.get(blanks..blanks + 2) != Some(b"<<") {
                return None;
            }
            while streams.next_if(|&place| place < begin).is_some() {}
            while hexes.next_if(|&place| place < begin).is_some() {}
            let end = [next, streams.peek().copied(), Some(begin + MAX_DICT), Some(bytes.len())];
            let end = end.into_iter().flatten().min().unwrap_or(begin);
            let hex = hexes.peek().is_some_and(|&place| place < end);
            if !hex && memchr::memchr(b'(', bytes.get(begin..end)?).is_none() {
                return None;
            }
            let (_, id) = object_before(bytes.get(at.saturating_sub(20)..begin)?)?;
            let mut lexer = Lexer::new(rest.get(..MAX_DICT).unwrap_or(rest));
            let Some(Token::Dict(dict)) = lexer.next() else { return None };
            (lexer.next() != Some(Token::Word(b"stream"))).then_some((id, dict))
        },
    )
}

/// Texts of a dictionary and of those inside it.
fn strings(dict: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    collect(dict, 0, &mut found);
    found
}

fn collect(dict: &[u8], depth: u32, found: &mut Vec<String>) {
    let inner = dict.get(2..).unwrap_or(&[]);
    let mut lexer = Lexer::new(inner);
    let mut key: &[u8] = b"";
    while let Some(token) = lexer.next() {
        let text = match token {
            Token::Name(name) => {
                key = name;
                continue;
            }
            Token::Dict(more) if depth < MAX_DEPTH => {
                collect(more, depth + 1, found);
                continue;
            }
            Token::Literal(raw) => text_string(&unescape(raw)),
            Token::Hex(raw) => {
                let mut bytes = Vec::new();
                unhex(raw, &mut bytes);
                text_string(&bytes)
            }
            _ => continue,
        };
        let control = |letter: char| letter.is_control() && !letter.is_whitespace();
        if !DULL.contains(&key)
            && text.chars().filter(|letter| letter.is_alphabetic()).take(LEAST).count() == LEAST
            && !text.contains(control)
        {
            found.push(text);
        }
    }
}

/// Keeps the objects that nothing refers to.
fn unreferenced<T>(
    document: &Document,
    decoder: &mut Decoder,
    objects: &mut Vec<(Id, T)>,
) -> Result<(), LimitReached> {
    if objects.is_empty() {
        return Ok(());
    }
    let mut wanted: HashSet<i64> = objects.iter().map(|one| i64::from(one.0.obj_number)).collect();
    let named = |wanted: &mut HashSet<i64>, bytes: &[u8]| {
        for number in references(bytes) {
            if wanted.is_empty() {
                break;
            }
            wanted.remove(&number);
        }
    };
    outside_streams(document).for_each(|piece| named(&mut wanted, piece));
    let mut spare = Vec::new();
    for id in document.object_streams() {
        if wanted.is_empty() {
            break;
        }
        let Some(stream) = document.stream(id) else { continue };
        named(&mut wanted, document.object_stream(&stream, decoder, &mut spare)?);
    }
    objects.retain(|one| wanted.contains(&i64::from(one.0.obj_number)));
    Ok(())
}

/// The file without the data of its streams: what looks like a reference there is none.
fn outside_streams(document: &Document) -> impl Iterator<Item = &[u8]> {
    let bytes = document.bytes();
    let mut words = document.stream_words().iter().map(|&at| at as usize);
    // Where the piece begins that is given next; `None` at the end.
    let mut from = Some(0);
    std::iter::from_fn(move || {
        let begin = from?;
        let before = |at: usize| bytes.get(..at).unwrap_or(&[]);
        let opens = |at: &usize| {
            before(*at).trim_ascii_end().ends_with(b">>") && matches!(bytes.get(at + 6), Some(b'\r' | b'\n'))
        };
        let end = words.find(opens);
        // A stream without an end is looked at, too.
        from = end.map(|end| words.find(|&at| before(at).ends_with(b"end")).unwrap_or(end));
        bytes.get(begin..end.unwrap_or(bytes.len()))
    })
}

/// The numbers of all `12 0 R`.
fn references(bytes: &[u8]) -> impl Iterator<Item = i64> {
    memchr::memchr_iter(b'R', bytes).filter_map(|at| {
        let before = bytes.get(at.saturating_sub(24)..at)?;
        if !before.last().is_some_and(u8::is_ascii_whitespace) {
            return None;
        }
        let mut words = before.trim_ascii_end().rsplit(|byte| !byte.is_ascii_digit());
        let generation = words.next().filter(|word| !word.is_empty())?;
        let number = words.find(|word| !word.is_empty())?;
        (generation.len() <= 5).then(|| std::str::from_utf8(number).ok()?.parse().ok()).flatten()
    })
}
