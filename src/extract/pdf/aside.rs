//! What a document says beside its pages, and no viewer shows in the open: named destinations, page labels, XFA forms,
//! and the texts of the structure tree that stand for pictures.
//!
//! In: the catalog, and where `/Alt` and `/ActualText` stand in the file. Out: segments. The structure tree of a tagged
//! document has 50 nodes a page and one in a thousand of them has a text, so the tree is not walked: the keys are looked
//! for in the bytes and in the inflated object streams, which is ten times faster and finds nodes that no tree holds any
//! more. Left out: headings and table summaries given as attributes of the tree.

use std::collections::HashSet;

use super::content::text_of;
use super::document::{Array, Dict, Document, Name, Object, Stream};
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

/// `/Alt` and `/ActualText` of structure elements.
fn alternatives(
    document: &Document,
    root: &Dict<'_>,
    decoder: &mut Decoder,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    const KEYS: [&str; 2] = ["Alt", "ActualText"];
    let mut said: HashSet<String> = HashSet::new();
    let mut say = |text: String, sink: &mut dyn Sink| -> Result<(), Unreadable> {
        if text.chars().filter(|letter| letter.is_alphabetic()).take(3).count() == 3
            && said.len() < MAX_TEXTS
            && !said.contains(&text)
        {
            sink.segment(Segment::new(&text, Place::new(Kind::AltText)))?;
            said.insert(text);
        }
        Ok(())
    };
    let mut last = None;
    for &at in document.alternatives() {
        let id = document.object_around(at);
        if id.is_none() || id == last {
            continue;
        }
        last = id;
        let Some(dict) = id.and_then(|id| document.dict(id)) else { continue };
        for text in KEYS.iter().filter_map(|key| text_of(&dict, key)) {
            say(text, sink)?;
        }
    }
    if !root.contains_key("StructTreeRoot") {
        return Ok(());
    }
    let mut data = Vec::new();
    for id in document.object_streams() {
        let Some(stream) = document.stream(id) else { continue };
        if stream.dict().get::<Name<'_>>("Type").as_deref() != Some(b"ObjStm") {
            continue;
        }
        data.clear();
        decoder.decode(&stream, &mut data)?;
        for key in [&b"/Alt"[..], b"/ActualText"] {
            for at in memchr::memmem::find_iter(&data, key) {
                let mut lexer = Lexer::new(data.get(at..).unwrap_or(&[]));
                if lexer.next() != Some(Token::Name(key.get(1..).unwrap_or(&[]))) {
                    continue;
                }
                match lexer.next() {
                    Some(Token::Literal(raw)) => say(text_string(&unescape(raw)), sink)?,
                    Some(Token::Hex(raw)) => {
                        let mut bytes = Vec::new();
                        unhex(raw, &mut bytes);
                        say(text_string(&bytes), sink)?;
                    }
                    _ => {}
                }
            }
        }
    }
    Ok(())
}
