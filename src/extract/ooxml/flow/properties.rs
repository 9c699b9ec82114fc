//! Blocks of properties that are met for the first time, walked over their bytes.
//!
//! Every document brings hundreds of blocks of its own, and as tokens they were most of the tokens of a document. Only what Word writes
//! again and again is known here: empty elements one after the other, and the few lists among them that do not matter or hold
//! borders. Any other block is left to the tokens, which do the same and more.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::{El, Flow, MAX_BLOCK, element};
use crate::extract::look::Look;
use crate::extract::ooxml::memo::Around;
use crate::extract::ooxml::styles::run_property;
use crate::extract::xml::Tag;

impl Flow<'_> {
    /// The looks of a run with these properties, and of its style.
    pub(super) fn run_block(&mut self, block: &str, single_quotes: bool) -> Option<(Look, Look)> {
        let (mut look, mut style) = (Look::default(), Look::default());
        let mut rest = block;
        while !rest.is_empty() {
            let (tag, len) = plain(rest, single_quotes)?;
            if tag.local() == "rStyle" {
                style = tag.attribute("val").map(|id| self.styles.character(&id)).unwrap_or_default();
            } else {
                run_property(&tag, &mut look, &mut self.fonts);
            }
            rest = rest.get(len..)?;
        }
        Some((look, style))
    }

    /// Obeys the properties of a paragraph or cell; false, and nothing changed, when it takes the tokens.
    pub(super) fn block(&mut self, block: &str, around: Around, single_quotes: bool) -> bool {
        let before = self.looks();
        let done = match around {
            Around::Paragraph => self.paragraph_block(block, single_quotes),
            Around::Cell => self.cell_block(block, single_quotes),
            Around::Run | Around::Other => None,
        };
        if done.is_none() {
            self.look_so(before);
        }
        done.is_some()
    }

    fn paragraph_block(&mut self, block: &str, single_quotes: bool) -> Option<()> {
        let mut rest = block;
        while !rest.is_empty() {
            if let Some((tag, len)) = plain(rest, single_quotes) {
                self.paragraph_prop(&tag);
                rest = rest.get(len..)?;
                continue;
            }
            let (name, inside, after) = list(rest)?;
            let mut sides = 0;
            let mut inside = inside;
            while !inside.is_empty() {
                let (tag, len) = plain(inside, single_quotes)?;
                match (name, tag.local()) {
                    // Of the mark that ends the paragraph.
                    ("w:rPr", _) | ("w:numPr", "ilvl" | "numId") | ("w:tabs", "tab") => {}
                    ("w:pBdr", _) => {
                        sides += u32::from(!matches!(tag.raw("val"), Some("none" | "nil") | None))
                    }
                    _ => return None,
                }
                inside = inside.get(len..)?;
            }
            if sides >= 3
                && let Some(paragraph) = self.paragraph()
            {
                paragraph.base.framed = Some(true);
                paragraph.stale = true;
            }
            rest = after;
        }
        Some(())
    }

    fn cell_block(&mut self, block: &str, single_quotes: bool) -> Option<()> {
        let mut rest = block;
        while !rest.is_empty() {
            if let Some((tag, len)) = plain(rest, single_quotes) {
                match tag.local() {
                    "gridSpan" => self.widen_cell(tag.raw("val").unwrap_or_default()),
                    "tcW" | "vAlign" | "vMerge" | "hMerge" | "hideMark" | "noWrap" | "shd"
                    | "textDirection" | "cnfStyle" | "tcFitText" => {}
                    _ => return None,
                }
                rest = rest.get(len..)?;
                continue;
            }
            let (name, mut inside, after) = list(rest)?;
            while !inside.is_empty() {
                let (tag, len) = plain(inside, single_quotes)?;
                match (name, tag.local()) {
                    ("w:tcMar", "top" | "left" | "start" | "bottom" | "right" | "end") => {}
                    ("w:tcBorders", side) => {
                        if let Some(table) = self.tables.last_mut() {
                            table.borders.side(side, tag.raw("val").unwrap_or_default());
                        }
                    }
                    _ => return None,
                }
                inside = inside.get(len..)?;
            }
            rest = after;
        }
        Some(())
    }
}

/// How far it is to the end tag of a block of properties of that name.
pub(super) fn block_end(rest: &str, name: &str) -> Option<usize> {
    static RUN: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("</w:rPr>"));
    static PARAGRAPH: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("</w:pPr>"));
    static CELL: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("</w:tcPr>"));
    let end = match name {
        "w:rPr" => &RUN,
        "w:pPr" => &PARAGRAPH,
        "w:tcPr" => &CELL,
        _ => return None,
    };
    // Longer blocks are nobody's business here.
    let bytes = rest.as_bytes();
    end.find(bytes.get(..MAX_BLOCK).unwrap_or(bytes))
}

/// An empty element that means nothing but what its name says.
fn plain(rest: &str, single_quotes: bool) -> Option<(Tag<'_>, usize)> {
    let (tag, len) = Tag::empty(rest, single_quotes)?;
    let name = tag.name.strip_prefix("w:")?;
    (element(name) == El::Other && !name.starts_with("hlink")).then_some((tag, len))
}

/// An element without attributes: its name, what is in it, and what follows it.
fn list(rest: &str) -> Option<(&'static str, &str, &str)> {
    let name = ["w:rPr", "w:numPr", "w:tabs", "w:pBdr", "w:tcBorders", "w:tcMar"]
        .into_iter()
        .find(|name| rest.get(1..).is_some_and(|tag| tag.starts_with(name)))?;
    let inside = rest.get(name.len() + 1..)?.strip_prefix('>')?;
    // Nothing of that name stands in it.
    let (inside, after) = inside.split_once("</")?;
    Some((name, inside, after.strip_prefix(name)?.strip_prefix('>')?))
}
