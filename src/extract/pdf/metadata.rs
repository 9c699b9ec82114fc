//! Properties of the document: the information dictionary, XMP, and the number of revisions.

use std::collections::HashSet;

use super::content::text_of;
use super::document::{Dict, Document, Id, Object, Stream};
use super::encoding::text_string;
use super::filter::Decoder;
use crate::extract::xml::{Token, Xml, resolve};
use crate::extract::{Sink, Unreadable};
use crate::model::{Kind, Place, Segment};

/// Information dictionaries read: an incremental update may bring a new one.
const MAX_INFO: usize = 16;

/// Entries of one information dictionary.
const MAX_ENTRIES: usize = 2000;

/// Longest XMP packet that is parsed, in bytes. Packets with thumbnails reach 1 MB.
const MAX_XMP: usize = 16 << 20;

/// Values pushed once: Info and XMP say the same in most files.
type Said = HashSet<(Kind, String)>;

/// Pushes the properties.
pub(super) fn read(
    document: &Document,
    decoder: &mut Decoder,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    let mut said = Said::new();
    let earlier = document.revision_ends().len();
    if earlier > 0 {
        sink.fact("revisions", (earlier + 1).to_string());
    }
    let dicts = information(document);
    for dict in &dicts {
        for (key, _) in dict.entries().take(MAX_ENTRIES) {
            let key_text = String::from_utf8_lossy(&key).into_owned();
            let value = match dict.get::<Object<'_>>(key.as_ref()) {
                Some(Object::String(string)) => text_string(string.as_bytes()),
                Some(Object::Name(name)) => String::from_utf8_lossy(&name).into_owned(),
                _ => continue,
            };
            property(&key_text, &value, &mut said, sink)?;
        }
    }
    if dicts.is_empty() {
        for (key, value) in document.info() {
            if let Some(value) = value {
                property(key, &text_string(value), &mut said, sink)?;
            }
        }
    }
    let Some(root) = document.root() else { return Ok(()) };
    if let Some(language) = text_of(&root, "Lang").filter(|text| !text.is_empty()) {
        sink.fact("language", language.chars().take(40).collect());
    }
    if let Some(stream) = root.get::<Stream<'_>>("Metadata") {
        let mut xmp = Vec::new();
        decoder.decode(&stream, &mut xmp)?;
        xmp.truncate(MAX_XMP);
        xmp_properties(&xmp, false, &mut said, sink)?;
        // XMP specification part 2, 8.4: previews of the pages, as pictures in base64.
        let previews = memchr::memmem::find_iter(&xmp, b"<xmpGImg:image").count();
        if previews > 0 {
            sink.fact("previews", format!("{previews} in the metadata"));
        }
    }
    Ok(())
}

/// The information dictionaries of all trailers. hayro keeps only the standard entries of the last, so the reference
/// is looked for in the bytes: trailers and cross-reference streams' dictionaries are never compressed.
fn information(document: &Document) -> Vec<Dict<'_>> {
    let bytes = document.bytes();
    let mut ids: Vec<Id> = Vec::new();
    for &at in document.information() {
        if let Some(id) = reference(bytes.get(at + 5..).unwrap_or(&[]))
            && !ids.contains(&id)
            && ids.len() < MAX_INFO
        {
            ids.push(id);
        }
    }
    ids.into_iter().rev().filter_map(|id| document.dict(id)).collect()
}

/// `12 0 R`, with blanks before.
fn reference(bytes: &[u8]) -> Option<Id> {
    let text =
        std::str::from_utf8(bytes.get(..32.min(bytes.len()))?.split(|byte| !byte.is_ascii()).next()?).ok()?;
    let mut words = text.split_ascii_whitespace();
    let (number, generation, r) = (words.next()?, words.next()?, words.next()?);
    r.starts_with('R').then_some(())?;
    Some(Id::new(number.parse().ok()?, generation.parse().ok()?))
}

/// Kind of a property: labels are what classification software leaves behind.
fn kind_of(key: &str) -> Kind {
    const LABELS: [&str; 7] = [
        "msip_label_",
        "titus",
        "bjdocumentsecuritylabel",
        "bjlabel",
        "bjclsuserrvm",
        "classification",
        "sensitivity",
    ];
    let bare = key.rsplit(':').next().unwrap_or(key).to_lowercase();
    if bare == "title" {
        Kind::Title
    } else if LABELS.iter().any(|label| bare.starts_with(label)) {
        Kind::Label
    } else {
        Kind::Property
    }
}

fn property(key: &str, value: &str, said: &mut Said, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let value = value.trim();
    if value.is_empty() {
        return Ok(());
    }
    let kind = kind_of(key);
    // A label's value (`true`) means nothing without its key, so labels are never taken for equal.
    if kind != Kind::Label && !said.insert((kind, value.to_owned())) {
        return Ok(());
    }
    Ok(sink.segment(Segment::new(value, Place::new(kind).named(key).hidden()))?)
}

/// The sensitivity labels of an XMP packet, for who gives the rest of it as it stands.
pub(in crate::extract) fn xmp_labels(bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let packet = bytes.get(..MAX_XMP.min(bytes.len())).unwrap_or_default();
    xmp_properties(packet, true, &mut Said::new(), sink)
}

/// Element names that only structure a value.
fn is_container(name: &[u8]) -> bool {
    matches!(
        name,
        b"rdf:Alt" | b"rdf:Bag" | b"rdf:Seq" | b"rdf:li" | b"rdf:Description" | b"rdf:RDF" | b"rdf:value"
    )
}

/// Texts and attributes of an XMP packet, each with the property it belongs to. Broken XML gives what stands before
/// the break.
fn xmp_properties(
    bytes: &[u8],
    labels_only: bool,
    said: &mut Said,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    let wanted = |key: &str| !labels_only || kind_of(key) == Kind::Label;
    let mut xml = Xml::new(bytes);
    // Names of the open elements; deeper ones are only counted.
    let mut open: Vec<String> = Vec::new();
    let mut deeper = 0usize;
    let mut value = String::new();
    // The bytes lie in memory, so what can fail is a tag longer than any packet's.
    while let Ok(Some(token)) = xml.next() {
        match token {
            Token::Start(tag) => {
                value.clear();
                for attribute in tag.attributes().take(1000) {
                    let key = attribute.name;
                    let structure = ["xmlns", "rdf:", "xml:"].iter().any(|prefix| key.starts_with(prefix));
                    if !structure && key.contains(':') && wanted(key) {
                        property(key, &attribute.value(), said, sink)?;
                    }
                }
                if open.len() < 64 {
                    open.push(tag.name.to_owned());
                } else {
                    deeper += 1;
                }
            }
            Token::Text(raw) => resolve(raw, &mut value),
            Token::Literal(text) => value.push_str(text),
            Token::Comment(_) => {}
            Token::End => {
                let key = open.iter().rev().find(|name| !is_container(name.as_bytes()));
                if let Some(key) = key.filter(|key| !key.ends_with(":image") && wanted(key)) {
                    property(key, &value, said, sink)?;
                }
                value.clear();
                if deeper > 0 {
                    deeper -= 1;
                } else {
                    open.pop();
                }
            }
        }
    }
    Ok(())
}
