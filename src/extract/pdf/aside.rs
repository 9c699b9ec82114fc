//! What a document says beside its pages, and no viewer shows in the open: named destinations, page labels, XFA forms,
//! and the texts of the structure tree that stand for pictures.
//!
//! In: the catalog, and where `/Alt`, `/ActualText`, `/T` and `/E` stand in the file. Out: segments. The structure tree of a tagged
//! document has 50 nodes a page and one in a thousand of them has a text, so the tree is not walked: the keys are looked
//! for in the bytes and in the inflated object streams, which is ten times faster and finds nodes that no tree holds any
//! more. Left out: headings and table summaries given as attributes of the tree.

use std::collections::HashSet;

use super::content::text_of;
use super::document::{Array, Dict, Document, FromBytes as _, Name, Object, Stream};
use super::encoding::text_string;
use super::filter::{Decoded, Decoder};
use super::interactive::{self, MAX_NODES};
use super::lexer::{Lexer, Token, unescape, unhex};
use crate::extract::xml::{self, Xml, has_letter, local, resolve};
use crate::extract::{Sink, Unreadable};
use crate::model::{Gap, GapReason, Kind, Place, Segment};

/// Different alternative texts of a document that are pushed.
const MAX_TEXTS: usize = 100_000;

/// Pushes all of it.
pub(super) fn read(
    document: &Document,
    root: &Dict<'_>,
    decoder: &mut Decoder,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    destinations(root, sink)?;
    labels(root, sink)?;
    forms(root, decoder, sink)?;
    layer_names(root, sink)?;
    alternatives(document, root, decoder, sink)
}

/// Names of places in the document; those that a program counted up (`page.12`) say nothing, but are short.
fn destinations(root: &Dict<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let mut names: Vec<String> = Vec::new();
    if let Some(tree) = root.get::<Dict<'_>>("Names").and_then(|names| names.get::<Dict<'_>>("Dests")) {
        interactive::name_tree(tree, &mut |name, _| names.push(name));
    }
    if let Some(old) = root.get::<Dict<'_>>("Dests") {
        names.extend(old.keys().take(MAX_NODES).map(|key| text_string(&key)));
    }
    for name in names.iter().filter(|name| xml::has_letter(name)) {
        sink.segment(Segment::new(name, Place::new(Kind::Bookmark).named("destination").hidden()))?;
    }
    Ok(())
}

/// Prefixes of page numbers, `MẬT-1`: a viewer shows them beside the page, not on it.
fn labels(root: &Dict<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let Some(tree) = root.get::<Dict<'_>>("PageLabels") else { return Ok(()) };
    let mut prefixes: Vec<String> = Vec::new();
    interactive::leaves(tree, "Nums", &mut |_, value| {
        if let Object::Dict(label) = value {
            prefixes.extend(text_of(&label, "P").filter(|prefix| !prefix.trim().is_empty()));
        }
    });
    prefixes.dedup();
    for prefix in prefixes {
        sink.segment(Segment::new(&prefix, Place::new(Kind::Property).named("page label")))?;
    }
    Ok(())
}

/// The XML of an XFA form, ISO 32000-1 12.7.8: one stream, or packets with their names.
fn forms(root: &Dict<'_>, decoder: &mut Decoder, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let mut packets: Vec<(String, Stream<'_>)> = Vec::new();
    match root.get::<Dict<'_>>("AcroForm").and_then(|form| form.get::<Object<'_>>("XFA")) {
        Some(Object::Stream(stream)) => packets.push((String::from("xfa"), stream)),
        Some(Object::Array(list)) => {
            let mut name = String::new();
            for item in list.iter::<Object<'_>>().take(1000) {
                match item {
                    Object::String(string) => name = text_string(string.as_bytes()),
                    Object::Stream(stream) => packets.push((format!("xfa {name}"), stream)),
                    _ => {}
                }
            }
        }
        _ => {}
    }
    let mut data = Vec::new();
    for (name, stream) in packets {
        data.clear();
        if decoder.decode(&stream, &mut data)? != Decoded::Whole {
            sink.gap(Gap::new(GapReason::Damaged, format!("{name}: breaks off")));
        }
        packet(&name, &data, sink)?;
    }
    Ok(())
}

/// Texts of a packet, one for each element; what broken XML has before its break.
fn packet(name: &str, data: &[u8], sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let mut xml = Xml::new(data);
    let mut text = String::new();
    // `pre` and `open` end a text, formatting inside rich text does not.
    let formats = |tag: &str| matches!(local(tag), "span" | "b" | "i" | "sup" | "sub" | "a");
    let mut open: Vec<(Kind, bool)> = Vec::new();
    let mut flush = |text: &mut String, kind: Kind| -> Result<(), Unreadable> {
        if xml::has_letter(text) {
            let place = Place::new(kind).named(name);
            let place = if kind == Kind::Script { place.hidden() } else { place };
            sink.segment(Segment::new(text.trim(), place))?;
        }
        text.clear();
        Ok(())
    };
    while let Ok(Some(token)) = xml.next() {
        let kind = open.last().map_or(Kind::FormField, |top| top.0);
        match token {
            xml::Token::Start(tag) => {
                let inline = formats(tag.name);
                let inner = if tag.local() == "script" { Kind::Script } else { kind };
                if !inline {
                    flush(&mut text, kind)?;
                }
                if open.len() < 512 {
                    open.push((inner, inline));
                }
            }
            xml::Token::Text(raw) => resolve(raw, &mut text),
            xml::Token::Literal(raw) => text.push_str(raw),
            xml::Token::Comment(_) => {}
            xml::Token::End => {
                if !open.pop().is_some_and(|top| top.1) {
                    flush(&mut text, kind)?;
                }
            }
        }
    }
    flush(&mut text, Kind::FormField)
}

/// Names of optional content groups, as a viewer lists them (ISO 32000-2, 8.11.2).
fn layer_names(root: &Dict<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let Some(groups) = root.get::<Dict<'_>>("OCProperties").and_then(|all| all.get::<Array<'_>>("OCGs"))
    else {
        return Ok(());
    };
    for group in groups.iter::<Dict<'_>>().take(MAX_TEXTS) {
        if let Some(name) = text_of(&group, "Name").filter(|name| has_letter(name)) {
            sink.segment(Segment::new(&name, Place::new(Kind::Property).hidden().named("layer")))?;
        }
    }
    Ok(())
}

/// Texts of structure elements, ISO 32000-2 table 355: those that any dictionary may have, and those whose keys mean
/// something else elsewhere.
const ANYWHERE: [&str; 2] = ["Alt", "ActualText"];
const ELEMENTS: [&str; 2] = ["T", "E"];

/// Places of one file or object stream that are looked at for the short keys.
const MAX_PLACES: usize = 200_000;

/// Texts of structure elements: what stands for them, what their abbreviations mean, their titles.
fn alternatives(
    document: &Document,
    root: &Dict<'_>,
    decoder: &mut Decoder,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    let mut said = Said::default();
    let tagged = root.contains_key("StructTreeRoot");
    let mut places = document.alternatives().to_vec();
    if tagged {
        places.extend(short_keys(document.bytes()));
        places.sort_unstable();
    }
    let mut last = None;
    for at in places {
        let id = document.object_around(at);
        if id.is_none() || id == last {
            continue;
        }
        last = id;
        if let Some(dict) = id.and_then(|id| document.dict(id)) {
            said.texts_of(&dict, &ANYWHERE, sink)?;
            if tagged && is_element(&dict) {
                said.texts_of(&dict, &ELEMENTS, sink)?;
            }
        }
    }
    if !tagged {
        return Ok(());
    }
    let mut spare = Vec::new();
    for id in document.object_streams() {
        let Some(stream) = document.stream(id) else { continue };
        if stream.dict().get::<Name<'_>>("Type").as_deref() != Some(b"ObjStm") {
            continue;
        }
        let data = document.object_stream(&stream, decoder, &mut spare)?;
        for key in ANYWHERE {
            for at in memchr::memmem::find_iter(data, key.as_bytes()) {
                let Some(at) = at.checked_sub(1) else { continue };
                let mut lexer = Lexer::new(data.get(at..).unwrap_or(&[]));
                if lexer.next() != Some(Token::Name(key.as_bytes())) {
                    continue;
                }
                match lexer.next() {
                    Some(Token::Literal(raw)) => said.say(key, text_string(&unescape(raw)), sink)?,
                    Some(Token::Hex(raw)) => {
                        let mut bytes = Vec::new();
                        unhex(raw, &mut bytes);
                        said.say(key, text_string(&bytes), sink)?;
                    }
                    _ => {}
                }
            }
        }
        let places = short_keys(data);
        if places.is_empty() {
            continue;
        }
        let begins = beginnings(&stream, data);
        let mut last = None;
        for at in places {
            let object = begins.partition_point(|&begin| begin <= at).checked_sub(1);
            let Some(&begin) = object.and_then(|object| begins.get(object)) else { continue };
            if last.replace(begin) == Some(begin) {
                continue;
            }
            let dict = data.get(begin..).and_then(|bytes| Dict::from_bytes(bytes.trim_ascii_start()));
            if let Some(dict) = dict.filter(is_element) {
                said.texts_of(&dict, &ELEMENTS, sink)?;
            }
        }
    }
    Ok(())
}

/// Texts already pushed: a logo has the same on every page.
#[derive(Default)]
struct Said(HashSet<String>);

impl Said {
    fn say(&mut self, key: &str, text: String, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        if text.chars().filter(|letter| letter.is_alphabetic()).take(3).count() == 3
            && self.0.len() < MAX_TEXTS
            && !self.0.contains(&text)
        {
            sink.segment(Segment::new(&text, Place::new(Kind::AltText).named(key).hidden()))?;
            self.0.insert(text);
        }
        Ok(())
    }

    fn texts_of(&mut self, dict: &Dict<'_>, keys: &[&str], sink: &mut dyn Sink) -> Result<(), Unreadable> {
        for key in keys {
            if let Some(text) = text_of(dict, key) {
                self.say(key, text, sink)?;
            }
        }
        Ok(())
    }
}

/// Whether a dictionary is a structure element: fields and annotations have a `/T`, too.
fn is_element(dict: &Dict<'_>) -> bool {
    let named = dict.get::<Name<'_>>("Type").as_deref() == Some(b"StructElem");
    let other = ["Subtype", "FT", "Rect"].iter().any(|key| dict.contains_key(*key));
    dict.get::<Name<'_>>("S").is_some() && (named || dict.contains_key("P")) && !other
}

/// Where [`ELEMENTS`] stand before a string.
fn short_keys(data: &[u8]) -> Vec<usize> {
    let mut places = Vec::new();
    for key in [b"/T", b"/E"] {
        let before_string = |&at: &usize| {
            let after = data.get(at + 2..).unwrap_or(&[]).trim_ascii_start();
            matches!(after, [b'(', ..]) || matches!(after, [b'<', next, ..] if *next != b'<')
        };
        places.extend(memchr::memmem::find_iter(data, key).filter(before_string).take(MAX_PLACES));
    }
    places.sort_unstable();
    places
}

/// Where the objects of an object stream begin, in order (ISO 32000-2, 7.5.7).
fn beginnings(stream: &Stream<'_>, data: &[u8]) -> Vec<usize> {
    let first = stream.dict().get::<i32>("First").and_then(|first| usize::try_from(first).ok()).unwrap_or(0);
    let mut lexer = Lexer::new(data.get(..first).unwrap_or(&[]));
    let mut begins = Vec::new();
    while let (Some(Token::Number(_)), Some(Token::Number(offset))) = (lexer.next(), lexer.next()) {
        let offset = std::str::from_utf8(offset).ok().and_then(|digits| digits.parse::<usize>().ok());
        begins.extend(offset.and_then(|offset| first.checked_add(offset)));
    }
    begins.sort_unstable();
    begins
}
