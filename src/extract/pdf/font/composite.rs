//! Composite fonts: codes of one to four bytes, through CMaps to glyph numbers and letters.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use hayro_cmap::{BfString, CMap, CMapName};

use super::super::tounicode::ToUnicode;
use super::widths::{MAX_WIDTHS, Widths};
use super::{Glyph, Text, guess, intern};

/// A font whose codes are one to four bytes.
pub(super) struct Composite {
    /// `None`: two bytes are the glyph's number (Identity-H and -V).
    pub(super) cmap: Option<Rc<CMap>>,
    pub(super) to_unicode: ToUnicode,
    /// `/ToUnicode` is the name `Identity-H`: what nothing else tells is its own code.
    pub(super) identity: bool,
    /// The code itself is UTF-16 (`UniJIS-UTF16-H`).
    pub(super) unicode_codes: bool,
    /// From the numbers of an Adobe collection to Unicode: its name, and the map once it was needed.
    pub(super) collection: Option<CMapName<'static>>,
    pub(super) collected: OnceCell<Option<Rc<CMap>>>,
    /// From glyph numbers to Unicode, read from the embedded font program.
    pub(super) program: HashMap<u32, char>,
    /// Nothing tells what the glyphs of the embedded program are.
    pub(super) unnamed: bool,
    /// `/CIDToGIDMap` when it is a stream.
    pub(super) glyphs: Option<Vec<u8>>,
    pub(super) widths: Widths,
    pub(super) default: f32,
    /// Answers by code, in pages of 256, filled when asked.
    pub(super) cache: HashMap<u32, Glyph>,
    pub(super) pages: Vec<Option<Box<[Option<Glyph>; 256]>>>,
}

impl Composite {
    /// The code that begins `bytes`, its length, and the glyph's number in the font.
    pub(super) fn code(&self, bytes: &[u8]) -> (u32, usize, u32) {
        if let Some(cmap) = &self.cmap {
            let mut code = 0;
            for (index, &byte) in bytes.iter().take(4).enumerate() {
                code = code << 8 | u32::from(byte);
                let length = index + 1;
                if let Some(cid) = cmap.lookup_cid_code(code, length.to_le_bytes()[0]) {
                    return (code, length, cid);
                }
            }
        }
        match bytes {
            [high, low, ..] => {
                let code = u32::from(*high) << 8 | u32::from(*low);
                (code, 2, if self.cmap.is_some() { 0 } else { code })
            }
            _ => (bytes.first().copied().map_or(0, u32::from), 1, 0),
        }
    }

    /// What a code shows.
    pub(super) fn glyph(&mut self, code: u32, cid: u32, vertical: bool, long: &mut Vec<String>) -> Glyph {
        if code > 0xFFFF {
            if let Some(glyph) = self.cache.get(&code) {
                return *glyph;
            }
            let glyph = self.make(code, cid, vertical, long);
            if self.cache.len() < MAX_WIDTHS {
                self.cache.insert(code, glyph);
            }
            return glyph;
        }
        let (page, slot) = ((code >> 8) as usize, (code & 0xFF) as usize);
        if self.pages.len() <= page {
            self.pages.resize_with(page + 1, || None);
        }
        let known = self
            .pages
            .get(page)
            .and_then(Option::as_ref)
            .and_then(|cells| cells.get(slot).copied().flatten());
        if let Some(glyph) = known {
            return glyph;
        }
        let glyph = self.make(code, cid, vertical, long);
        if let Some(page) = self.pages.get_mut(page) {
            let cells = page.get_or_insert_with(|| Box::new([None; 256]));
            if let Some(cell) = cells.get_mut(slot) {
                *cell = Some(glyph);
            }
        }
        glyph
    }

    fn make(&self, code: u32, cid: u32, vertical: bool, long: &mut Vec<String>) -> Glyph {
        let width = if vertical { 1.0 } else { self.widths.get(cid).unwrap_or(self.default) };
        let mut text = String::new();
        let known = self.to_unicode.get(code, &mut text)
            || self.other_text(code, cid, &mut text)
            || self.identity_text(code, &mut text);
        let text = match known {
            true => intern(&text, long),
            false if self.unnamed => guess(cid),
            false => Text::Unknown,
        };
        Glyph { width, text }
    }

    fn identity_text(&self, code: u32, out: &mut String) -> bool {
        let letter = char::from_u32(code).filter(|letter| self.identity && !letter.is_control());
        out.extend(letter);
        letter.is_some()
    }

    fn other_text(&self, code: u32, cid: u32, out: &mut String) -> bool {
        if self.unicode_codes
            && let Some(letter) = char::from_u32(code)
        {
            out.push(letter);
            return true;
        }
        let collected = self.collected.get_or_init(|| self.collection.and_then(embedded));
        if let Some(collection) = collected {
            match collection.lookup_bf_string(cid) {
                Some(BfString::Char(letter)) => out.push(letter),
                Some(BfString::String(text)) => out.push_str(&text),
                None => return false,
            }
            return true;
        }
        let glyph = match &self.glyphs {
            Some(map) => {
                let at = (cid as usize).saturating_mul(2);
                match map.get(at..at.saturating_add(2)) {
                    Some(&[high, low]) => u32::from(high) << 8 | u32::from(low),
                    _ => cid,
                }
            }
            None => cid,
        };
        out.extend(self.program.get(&glyph));
        !out.is_empty()
    }
}

/// A CMap that is named.
pub(super) fn predefined(name: &[u8]) -> Option<Rc<CMap>> {
    embedded(CMapName::from_bytes(name))
}

/// Predefined CMaps kept by a thread from file to file: a map is 100 KB to 2 MB, and parsing one takes 3 ms.
const MAX_KEPT: usize = 6;

thread_local! {
    static KEPT: RefCell<Vec<(&'static [u8], Rc<CMap>)>> = const { RefCell::new(Vec::new()) };
}

/// A CMap of the standard.
fn embedded(name: CMapName<'_>) -> Option<Rc<CMap>> {
    let data = hayro_cmap::load_embedded(name)?;
    KEPT.with(|kept| {
        let mut kept = kept.borrow_mut();
        if let Some(known) = kept.iter().position(|entry| std::ptr::eq(entry.0, data)) {
            let entry = kept.remove(known);
            let map = Rc::clone(&entry.1);
            kept.push(entry);
            return Some(map);
        }
        let map = Rc::new(CMap::parse(data, hayro_cmap::load_embedded)?);
        if kept.len() >= MAX_KEPT {
            kept.remove(0);
        }
        kept.push((data, Rc::clone(&map)));
        Some(map)
    })
}
