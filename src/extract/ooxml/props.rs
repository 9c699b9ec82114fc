//! Document properties: core, application and custom ones, and Microsoft's label part. Also which property names are
//! those of machine-readable labels, for every Office format.

use std::io::Read;

use crate::extract::xml::{Token, Xml, has_letter, resolve};
use crate::extract::{Sink, Unreadable};
use crate::model::{Kind, Place, Segment};

/// Names of properties in which labelling products write their mark, lower case. A name that begins with one is a label.
///
/// MSIP_Label_: Microsoft Purview. bj: Boldon James / Fortra (bjDocumentSecurityLabel, bjSaver...). Titus: TITUS. The
/// others: UK and NATO profiles of STANAG 4774/4778 and X-Protective-Marking of the Australian PSPF.
const LABEL_PREFIXES: [&str; 9] = [
    "msip_label_",
    "bj",
    "titus",
    "x-protective-marking",
    "x-protectivemarking",
    "urn:bails:",
    "docindexref",
    "stanag",
    "janusseal",
];

/// Whether a property is a label by its name, or an ordinary one.
pub(in crate::extract) fn kind_of_property(name: &str) -> Kind {
    let lower = name.to_lowercase();
    let label = LABEL_PREFIXES.iter().any(|prefix| lower.starts_with(prefix))
        || ["classification", "sensitivity", "confidentiality", "protectivemarking"]
            .iter()
            .any(|part| lower.contains(part));
    if label { Kind::Label } else { Kind::Property }
}

/// Reads `docProps/core.xml`, `docProps/app.xml` and the like: every leaf is a property named by its element.
///
/// # Errors
/// What reading its bytes gave.
pub(super) fn read_plain<R: Read>(mut xml: Xml<R>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let mut name = String::new();
    let mut parent = String::new();
    let mut value = String::new();
    while let Some(token) = xml.next()? {
        match token {
            Token::Start(tag) => {
                // vt:lpstr in a vector: the vector's own name tells more.
                if tag.prefix() != "vt" {
                    std::mem::swap(&mut parent, &mut name);
                    name.clear();
                    name.push_str(tag.local());
                }
                value.clear();
            }
            Token::Text(text) => resolve(text, &mut value),
            Token::Literal(text) => value.push_str(text),
            Token::Comment(text) if has_letter(text) => {
                sink.segment(Segment::new(
                    text,
                    Place::new(Kind::Hidden).hidden().named("comment in the source"),
                ))?;
            }
            Token::Comment(_) => {}
            Token::End => {
                let text = value.trim();
                if has_letter(text) || kind_of_property(&name) == Kind::Label && !text.is_empty() {
                    let kind = if name == "title" { Kind::Title } else { kind_of_property(&name) };
                    sink.segment(Segment::new(text, Place::new(kind).hidden().named(&name)))?;
                }
                value.clear();
            }
        }
    }
    Ok(())
}

/// Reads `docProps/custom.xml`: values named by the property's own name.
///
/// # Errors
/// What reading its bytes gave.
pub(super) fn read_custom<R: Read>(mut xml: Xml<R>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let mut name = String::new();
    let mut value = String::new();
    while let Some(token) = xml.next()? {
        match token {
            Token::Start(tag) => {
                if tag.local() == "property" {
                    name.clear();
                    name.push_str(&tag.attribute("name").unwrap_or_default());
                    if has_letter(&name) {
                        let place = Place::new(Kind::Property).hidden().named("property name");
                        sink.segment(Segment::new(&name, place))?;
                    }
                    if let Some(link) = tag.attribute("linkTarget") {
                        sink.segment(Segment::new(&link, Place::new(Kind::Property).hidden().named(&name)))?;
                    }
                }
                value.clear();
            }
            Token::Text(text) => resolve(text, &mut value),
            Token::Literal(text) => value.push_str(text),
            Token::Comment(_) => {}
            Token::End => {
                if !value.trim().is_empty() {
                    let place = Place::new(kind_of_property(&name)).hidden().named(&name);
                    sink.segment(Segment::new(value.trim(), place))?;
                }
                value.clear();
            }
        }
    }
    Ok(())
}

/// Reads `docMetadata/LabelInfo.xml`: every attribute of every label.
///
/// # Errors
/// What reading its bytes gave.
pub(super) fn read_labels<R: Read>(mut xml: Xml<R>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    while let Some(token) = xml.next()? {
        match token {
            Token::Start(tag) => {
                for attribute in tag.attributes().filter(|attribute| !attribute.name.starts_with("xmlns")) {
                    let value = attribute.value();
                    if !value.trim().is_empty() {
                        let place = Place::new(Kind::Label).hidden().named(attribute.local());
                        sink.segment(Segment::new(&value, place))?;
                    }
                }
            }
            Token::Text(text) if has_letter(text) => {
                sink.segment(Segment::new(text, Place::new(Kind::Label).hidden()))?;
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_known_by_name() {
        for name in [
            "MSIP_Label_1f2e_Name",
            "bjDocumentSecurityLabel",
            "TitusGUID",
            "Data Classification",
            "urn:bails:x",
        ] {
            assert_eq!(kind_of_property(name), Kind::Label, "{name}");
        }
        for name in ["Company", "Keywords", "object"] {
            assert_eq!(kind_of_property(name), Kind::Property, "{name}");
        }
    }
}
