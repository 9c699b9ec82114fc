//! The data stream: pictures in the text, and what form fields and links keep (MS-DOC 2.9.192, 2.9.157).

use std::io::{Read as _, SeekFrom};

use encoding_rs::WINDOWS_1252;

use super::super::office_art::{self, Shape};
use super::super::{decode, u16_at, u32_at};
use super::strings;
use crate::extract::input::ReadSeek;
use crate::extract::{Sink, metafile};

/// Bytes of the header before a picture or data (MS-DOC 2.9.191, cbHeader).
const HEADER: usize = 68;

/// Bytes of one block that are looked at: the shape stands before the pixels.
const LOOKED_AT: u32 = 1 << 20;

/// Pictures beyond this many are only counted.
const MAX_BLOCKS: usize = 100_000;

/// The stream, and which parts of it were met.
pub(super) struct Data<'a> {
    stream: Option<Box<dyn ReadSeek + 'a>>,
    len: u32,
    seen: Vec<(u32, u32)>,
}

impl<'a> Data<'a> {
    /// A stream of that length; without one nothing is found.
    pub(super) fn new(stream: Option<Box<dyn ReadSeek + 'a>>, len: u64) -> Data<'a> {
        Data { stream, len: u32::try_from(len).unwrap_or(u32::MAX), seen: Vec::new() }
    }

    fn at(&mut self, offset: u32, len: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        if let Some(stream) = &mut self.stream
            && stream.seek(SeekFrom::Start(u64::from(offset))).is_ok()
        {
            // A broken chain ends the block; what came is used.
            let _ = stream.take(u64::from(len)).read_to_end(&mut bytes);
        }
        bytes
    }

    /// The block at `offset`, header included, not more than is looked at.
    fn block(&mut self, offset: u32) -> Option<Vec<u8>> {
        if offset >= self.len || self.seen.len() >= MAX_BLOCKS {
            return None;
        }
        let head = self.at(offset, 6);
        let len = u32_at(&head, 0)?;
        if (len as usize) < HEADER || len > self.len - offset {
            return None;
        }
        self.seen.push((offset, offset + len));
        // The names of a shape come first; most pictures show that there are none within these.
        let bytes = self.at(offset, len.min(4 << 10));
        let shape = bytes.get(usize::from(u16_at(&bytes, 4)?)..).unwrap_or_default();
        let whole = u32_at(shape, 4).is_some_and(|needed| (needed as usize) < shape.len());
        if whole || len <= 4 << 10 { Some(bytes) } else { Some(self.at(offset, len.min(LOOKED_AT))) }
    }

    /// The block at `offset` when the picture in it is a drawing of text and lines, and not longer than may be held; longer ones are gaps.
    pub(super) fn drawing(&mut self, offset: u32, sink: &mut dyn Sink) -> Option<Vec<u8>> {
        if offset >= self.len {
            return None;
        }
        let head = self.at(offset, 4 << 10);
        let len = u32_at(&head, 0).filter(|len| *len <= self.len - offset)?;
        if !metafile::has_drawing(&head) {
            return None;
        }
        if u64::from(len) > metafile::MAX_DRAWING {
            metafile::too_large(sink);
            return None;
        }
        Some(self.at(offset, len))
    }

    /// Gives the texts of the picture at `offset` (PICFAndOfficeArtData).
    pub(super) fn picture(&mut self, offset: u32) -> Option<(Shape<'static>, String)> {
        let bytes = self.block(offset)?;
        let mut at = usize::from(u16_at(&bytes, 4)?);
        let mut name = String::new();
        // MM_SHAPEFILE: the name of the linked file stands before the shape (MS-DOC 2.9.155).
        if u16_at(&bytes, 6) == Some(0x66) {
            let len = usize::from(*bytes.get(at)?);
            name = decode(bytes.get(at + 1..)?.get(..len)?, WINDOWS_1252);
            at += 1 + len;
        }
        let mut found = Shape::default();
        let _ = office_art::shapes(bytes.get(at..)?, &mut |shape| {
            found = Shape { client_text: &[], client_data: &[], client_anchor: &[], ..shape.clone() };
            Ok(())
        });
        Some((found, name))
    }

    /// Names and texts of the form field whose data lie at `offset` (FFData, MS-DOC 2.9.78).
    pub(super) fn form_field(&mut self, offset: u32) -> Vec<(&'static str, String)> {
        let mut texts = Vec::new();
        if let Some(bytes) = self.block(offset) {
            read_form_field(bytes.get(HEADER..).unwrap_or_default(), &mut texts);
        }
        texts.retain(|(_, text)| !text.trim().is_empty());
        texts
    }

    /// Texts of the link whose data lie at `offset` (HFD, MS-DOC 2.9.107).
    pub(super) fn link(&mut self, offset: u32) -> Vec<String> {
        let bytes = self.block(offset).unwrap_or_default();
        office_art::hyperlink(bytes.get(HEADER + 17..).unwrap_or_default())
    }

    /// Modifiers of a paragraph that were too many for their page (PrcData, MS-DOC 2.9.212).
    pub(super) fn modifiers(&mut self, offset: u32) -> Vec<u8> {
        let head = self.at(offset, 2);
        let Some(len) = u16_at(&head, 0) else { return Vec::new() };
        if self.seen.len() < MAX_BLOCKS {
            self.seen.push((offset, offset.saturating_add(2 + u32::from(len))));
        }
        self.at(offset.saturating_add(2), u32::from(len))
    }

    /// Whether everything in the stream was met, or is a picture or a list of modifiers of an earlier state: no other
    /// text can hide in it.
    pub(super) fn is_understood(&mut self) -> bool {
        if self.seen.len() >= MAX_BLOCKS {
            return true;
        }
        let mut seen = std::mem::take(&mut self.seen);
        seen.sort_unstable();
        seen.push((self.len, self.len));
        let mut from = 0;
        for (start, end) in seen {
            while from < start {
                let head = self.at(from, HEADER as u32);
                let len = u32_at(&head, 0).unwrap_or(0);
                if len as usize >= HEADER && u16_at(&head, 4) == Some(HEADER as u16) && len <= start - from {
                    from += len;
                } else if let Some(len) = modifiers_len(&head).filter(|len| *len <= start - from) {
                    from += len;
                } else if head.iter().take((start - from) as usize).all(|byte| *byte == 0) {
                    from = from.saturating_add(HEADER as u32);
                } else {
                    return false;
                }
            }
            from = from.max(end);
        }
        true
    }
}

/// Length of a list of modifiers (PrcData), when these bytes begin one: of paragraphs or tables, `sgc` 1 and 5.
fn modifiers_len(head: &[u8]) -> Option<u32> {
    let len = u16_at(head, 0)?;
    let code = u16_at(head, 2)?;
    // PrcData holds 0x3FA2 bytes at most (MS-DOC 2.9.212).
    let is_list = (3..=0x3FA2).contains(&len) && matches!((code >> 10) & 7, 1 | 5) && code >> 13 != 0;
    is_list.then_some(2 + u32::from(len))
}

fn read_form_field(bytes: &[u8], texts: &mut Vec<(&'static str, String)>) -> Option<()> {
    let kind = u16_at(bytes, 4)? & 3;
    let mut at = 10;
    let text = |at: &mut usize| {
        let text = strings::long(bytes, at);
        // Each ends with a zero that its length does not count.
        *at += 2;
        text
    };
    texts.push(("name", text(&mut at)?));
    if kind == 0 {
        texts.push(("default", text(&mut at)?));
    } else {
        at += 2;
    }
    // How numbers and dates are written.
    text(&mut at)?;
    texts.push(("helpText", text(&mut at)?));
    texts.push(("statusText", text(&mut at)?));
    // Names of macros.
    text(&mut at)?;
    text(&mut at)?;
    if kind == 2 {
        for entry in strings::all(bytes.get(at..)?, false, WINDOWS_1252) {
            texts.push(("listEntry", entry));
        }
    }
    Some(())
}
