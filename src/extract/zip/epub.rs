//! EPUB (EPUB 3.3, sections 4 to 6): metadata of the package document as properties, chapters in reading order.

use super::Package;
use crate::extract::xml::{Token, has_letter, resolve};
use crate::extract::{Sink, Unreadable, ooxml};
use crate::model::{Kind, Place, Segment};

/// Whether the archive is a book.
pub(super) fn is_epub(package: &Package<'_>) -> bool {
    package.find("META-INF/container.xml").is_some() && package.find("mimetype").is_some()
}

/// Pushes the book's metadata; gives the entries in the order of its spine, then the others.
///
/// # Errors
/// When the sink stops or a limit is met.
pub(super) fn order(package: &mut Package<'_>, sink: &mut dyn Sink) -> Result<Vec<usize>, Unreadable> {
    let mut first = Vec::new();
    for opf in rootfiles(package)? {
        first.extend(spine(package, opf, sink)?);
    }
    let mut seen = vec![false; package.len()];
    let mut order = Vec::with_capacity(package.len());
    for part in first.into_iter().chain(0..package.len()) {
        if let Some(seen) = seen.get_mut(part)
            && !std::mem::replace(seen, true)
        {
            order.push(part);
        }
    }
    Ok(order)
}

/// Package documents that `META-INF/container.xml` names.
fn rootfiles(package: &mut Package<'_>) -> Result<Vec<usize>, Unreadable> {
    let Some(container) = package.find("META-INF/container.xml") else { return Ok(Vec::new()) };
    let mut paths = Vec::new();
    // A broken or encrypted part is a gap when it is read as a member.
    if let Ok(mut xml) = package.xml(container) {
        while let Ok(Some(token)) = xml.next() {
            if let Token::Start(tag) = token
                && tag.local() == "rootfile"
                && let Some(path) = tag.attribute("full-path")
            {
                paths.push(path.into_owned());
            }
        }
    }
    package.budget().charge(0)?;
    Ok(paths.iter().filter_map(|path| package.find(path)).collect())
}

/// Reads a package document: Dublin Core elements as properties, the spine as entries.
fn spine(package: &mut Package<'_>, opf: usize, sink: &mut dyn Sink) -> Result<Vec<usize>, Unreadable> {
    let folder = package.name(opf).rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let mut manifest = std::collections::HashMap::new();
    let mut references = Vec::new();
    if let Ok(mut xml) = package.xml(opf) {
        let (mut in_metadata, mut name, mut value) = (false, String::new(), String::new());
        while let Ok(Some(token)) = xml.next() {
            match token {
                Token::Start(tag) => {
                    value.clear();
                    match tag.local() {
                        "metadata" => in_metadata = true,
                        "manifest" => in_metadata = false,
                        "item" => {
                            if let (Some(id), Some(href)) = (tag.attribute("id"), tag.attribute("href")) {
                                manifest.insert(id.into_owned(), href.into_owned());
                            }
                        }
                        "itemref" => {
                            references.extend(tag.attribute("idref").map(std::borrow::Cow::into_owned))
                        }
                        "meta" => {
                            // EPUB 2 puts the value into an attribute.
                            name = tag
                                .attribute("property")
                                .or(tag.attribute("name"))
                                .unwrap_or_default()
                                .into_owned();
                            if let Some(content) = tag.attribute("content") {
                                value.push_str(&content);
                            }
                        }
                        other => {
                            name.clear();
                            name.push_str(other);
                        }
                    }
                }
                Token::Text(text) => resolve(text, &mut value),
                Token::Literal(text) => value.push_str(text),
                Token::Comment(_) => {}
                Token::End => {
                    let text = value.trim();
                    if in_metadata && has_letter(text) {
                        let kind = if name == "title" { Kind::Title } else { ooxml::kind_of_property(&name) };
                        sink.segment(Segment::new(text, Place::new(kind).hidden().named(&name)))?;
                    }
                    value.clear();
                }
            }
        }
    }
    let path = |id: &String| manifest.get(id).map(|href| format!("{folder}{}", unescaped(href)));
    Ok(references.iter().filter_map(path).filter_map(|path| package.find(&path)).collect())
}

/// A relative address as a path: `%20` and the like decoded, no fragment.
fn unescaped(href: &str) -> String {
    let href = href.split('#').next().unwrap_or_default();
    let mut bytes = Vec::with_capacity(href.len());
    let mut rest = href.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let pair = after.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => bytes.push(*first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
