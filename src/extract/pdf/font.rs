//! Fonts: from the bytes of a shown string to letters and advance widths.
//!
//! In: a font dictionary. Out: for each code its text and width. Text comes from `/ToUnicode` first, then from
//! encoding names, then from predefined CMaps. A code without text is counted by the caller and reported as a gap.
//! Left out: outlines.

use std::collections::HashMap;

use hayro_cmap::{BfString, CMap, CMapName, CidFamily};

use super::document::{Array, Dict, Name, Object, Rect, Stream};
use super::encoding::{self, Base};
use super::filter::Decoder;
use super::program;
use super::tounicode::ToUnicode;
use crate::extract::limits::LimitReached;

/// Most entries of a `/W` array that are kept: one for each glyph a font can have.
const MAX_WIDTHS: usize = 70_000;

/// What a code shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Glyph {
    /// Advance in units of the font size.
    pub(super) width: f32,
    /// Its text.
    pub(super) text: Text,
}

/// The text of a glyph.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Text {
    /// One letter, nearly always.
    Letter(char),
    /// Index of a longer text in [`Font::long`].
    Long(u32),
    /// Nobody knows.
    Unknown,
}

/// A font as far as reading needs it.
pub(super) struct Font {
    /// Name without the subset tag.
    pub(super) name: String,
    /// Bold by name, weight or flag.
    pub(super) bold: bool,
    /// One of the fonts that draw Vietnamese letters over Latin codes (`.Vn*`, `VNI*`).
    pub(super) legacy: bool,
    /// Pictures and mathematical signs rather than letters: an unknown glyph of it is not lost text.
    pub(super) symbols: bool,
    /// Written from top to bottom.
    pub(super) vertical: bool,
    /// Height of an em in units of the font size: 1, but for Type 3 fonts what their box says.
    pub(super) em: f32,
    long: Vec<String>,
    codes: Codes,
}

enum Codes {
    One(Box<[Glyph; 256]>),
    Many(Box<Composite>),
}

/// First and last glyph number, and the width of each.
type WidthRange = (u32, u32, f32);

struct Composite {
    /// `None`: two bytes are the glyph's number (Identity-H and -V).
    cmap: Option<CMap>,
    to_unicode: ToUnicode,
    /// The code itself is UTF-16 (`UniJIS-UTF16-H`).
    unicode_codes: bool,
    /// From the numbers of an Adobe collection to Unicode.
    collection: Option<CMap>,
    /// From glyph numbers to Unicode, read from the embedded font program.
    program: HashMap<u32, char>,
    /// `/CIDToGIDMap` when it is a stream.
    glyphs: Option<Vec<u8>>,
    widths: HashMap<u32, f32>,
    ranges: Vec<WidthRange>,
    default: f32,
    /// Answers by code, in pages of 256, filled when asked.
    cache: HashMap<u32, Glyph>,
    pages: Vec<Option<Box<[Option<Glyph>; 256]>>>,
}

impl Font {
    /// A font that knows nothing: what a page gets that names a font that is not there.
    pub(super) fn missing() -> Font {
        Font {
            name: String::new(),
            bold: false,
            legacy: false,
            symbols: false,
            vertical: false,
            em: 1.0,
            long: Vec::new(),
            codes: simple_codes(
                &mut Vec::new(),
                |code, out| named_or(Base::WinAnsi, code, out),
                |_, letter| encoding::standard_width("Helvetica", letter),
            ),
        }
    }

    /// Reads a font dictionary.
    ///
    /// # Errors
    /// When the entry has produced more than it may, or its time is over.
    pub(super) fn read(dict: &Dict<'_>, decoder: &mut Decoder) -> Result<Font, LimitReached> {
        let descendant = dict
            .get::<Array<'_>>("DescendantFonts")
            .and_then(|all| all.iter::<Dict<'_>>().next())
            .or_else(|| dict.get::<Dict<'_>>("DescendantFonts"));
        let face = descendant.as_ref().unwrap_or(dict);
        let descriptor = face.get::<Dict<'_>>("FontDescriptor").unwrap_or_default();
        let base = dict
            .get::<Name<'_>>("BaseFont")
            .or_else(|| face.get::<Name<'_>>("BaseFont"))
            .or_else(|| descriptor.get::<Name<'_>>("FontName"))
            .or_else(|| dict.get::<Name<'_>>("Name"));
        let name = base.map(|name| bare_name(&name)).unwrap_or_default();
        let flags = descriptor.get::<i32>("Flags").unwrap_or(0);
        let mut font = Font {
            bold: is_bold(&name, flags, descriptor.get::<f32>("FontWeight")),
            legacy: is_legacy(&name),
            symbols: is_symbols(&name),
            vertical: false,
            em: 1.0,
            long: Vec::new(),
            codes: Codes::One(Box::new([Glyph { width: 0.5, text: Text::Unknown }; 256])),
            name,
        };
        let to_unicode = match dict.get::<Stream<'_>>("ToUnicode") {
            Some(stream) => {
                let mut data = Vec::new();
                decoder.decode(&stream, &mut data)?;
                ToUnicode::parse(&data)
            }
            None => ToUnicode::default(),
        };
        if descendant.is_some() || dict.get::<Name<'_>>("Subtype").as_deref() == Some(b"Type0") {
            font.read_composite(dict, face, &descriptor, to_unicode, decoder)?;
        } else {
            font.read_simple(dict, &descriptor, flags, &to_unicode, decoder)?;
        }
        Ok(font)
    }

    fn read_simple(
        &mut self,
        dict: &Dict<'_>,
        descriptor: &Dict<'_>,
        flags: i32,
        to_unicode: &ToUnicode,
        decoder: &mut Decoder,
    ) -> Result<(), LimitReached> {
        let subtype = dict.get::<Name<'_>>("Subtype");
        let type3 = subtype.as_deref() == Some(b"Type3");
        let symbolic = flags & 4 != 0 && flags & 32 == 0;
        let encoding = dict.get::<Object<'_>>("Encoding");
        let mut named = None;
        let mut names: HashMap<u8, String> = HashMap::new();
        let mut differs = false;
        match encoding {
            Some(Object::Name(name)) => named = Base::named(&name),
            Some(Object::Dict(encoding)) => {
                named = encoding.get::<Name<'_>>("BaseEncoding").and_then(|name| Base::named(&name));
                if let Some(list) = encoding.get::<Array<'_>>("Differences") {
                    differs = true;
                    differences(&list, &mut names);
                }
            }
            _ => {}
        }
        // What the embedded program itself says about its codes: needed only where nothing in the PDF does.
        let mut built_in: Option<HashMap<u8, String>> = None;
        if named.is_none() && !self.legacy && !type3 && (to_unicode.is_empty() || differs) {
            built_in = program::built_in(descriptor, decoder)?;
        }
        let lower = self.name.to_ascii_lowercase();
        let base = match named {
            Some(base) => base,
            None if type3 => Base::Nothing,
            None if self.legacy => Base::WinAnsi,
            None if lower.starts_with("symbol") => Base::Symbol,
            None if lower.contains("dingbat") => Base::Nothing,
            None if subtype.as_deref() == Some(b"TrueType") => Base::WinAnsi,
            // A symbolic Type 1 subset without names: its codes may mean anything.
            None if symbolic && built_in.is_some() => Base::Nothing,
            None => Base::Standard,
        };
        // Legacy fonts: the bytes are the letters the fold stage knows, so a map made by a converter is not asked.
        let bytes_are_letters = self.legacy && !differs;
        let text = |code: u8, out: &mut String| -> bool {
            if bytes_are_letters && code >= 0x20 {
                return named_or(Base::WinAnsi, code, out);
            }
            if to_unicode.get(u32::from(code), out) {
                return true;
            }
            if let Some(name) = names.get(&code) {
                return encoding::glyph_name(name, out) || numbered(name, code, out);
            }
            if let Some(built_in) = &built_in
                && let Some(text) = built_in.get(&code)
            {
                out.push_str(text);
                return true;
            }
            named_or(base, code, out)
        };
        let first = dict.get::<i32>("FirstChar").unwrap_or(0);
        let widths: Vec<f32> = match dict.get::<Array<'_>>("Widths") {
            Some(all) => all.iter::<f32>().take(256).collect(),
            None => Vec::new(),
        };
        let unit = if type3 {
            let matrix = dict.get::<Array<'_>>("FontMatrix").and_then(|matrix| matrix.iter::<f32>().next());
            let unit = matrix.map_or(0.001, f32::abs);
            let height = dict.get::<Rect>("FontBBox").map_or(0.0, |bbox| bbox.height() as f32) * unit;
            if (0.05..=500.0).contains(&height) {
                self.em = height;
            }
            unit
        } else {
            0.001
        };
        let default = descriptor.get::<f32>("MissingWidth").filter(|width| *width > 0.0);
        let name = self.name.clone();
        let width = |code: u8, letter: char| {
            let index = usize::try_from(i32::from(code) - first).ok();
            match index.and_then(|index| widths.get(index)).or(default.as_ref()) {
                Some(width) => width * unit,
                None if !widths.is_empty() => 0.0,
                None => encoding::standard_width(&name, letter),
            }
        };
        self.codes = simple_codes(&mut self.long, text, width);
        Ok(())
    }

    fn read_composite(
        &mut self,
        dict: &Dict<'_>,
        face: &Dict<'_>,
        descriptor: &Dict<'_>,
        to_unicode: ToUnicode,
        decoder: &mut Decoder,
    ) -> Result<(), LimitReached> {
        let mut unicode_codes = false;
        let mut cmap = None;
        match dict.get::<Object<'_>>("Encoding") {
            Some(Object::Name(name)) => {
                let bytes: &[u8] = &name;
                self.vertical = bytes.ends_with(b"-V");
                unicode_codes = bytes.starts_with(b"Uni") && memchr::memmem::find(bytes, b"UCS2").is_some()
                    || memchr::memmem::find(bytes, b"UTF16").is_some();
                if !bytes.starts_with(b"Identity") {
                    cmap = predefined(bytes);
                }
            }
            Some(Object::Stream(stream)) => {
                let mut data = Vec::new();
                decoder.decode(&stream, &mut data)?;
                self.vertical = stream.dict().get::<i32>("WMode") == Some(1);
                cmap = CMap::parse(&data, hayro_cmap::load_embedded);
            }
            _ => {}
        }
        let info = face.get::<Dict<'_>>("CIDSystemInfo").unwrap_or_default();
        let part = |key: &str| info.get::<Object<'_>>(key).and_then(Object::into_string);
        let family = match (part("Registry"), part("Ordering")) {
            (Some(registry), Some(ordering)) => {
                Some(CidFamily::from_registry_ordering(registry.as_bytes(), ordering.as_bytes()))
            }
            _ => None,
        };
        let collection = family
            .and_then(|family| family.ucs2_cmap())
            .and_then(hayro_cmap::load_embedded)
            .and_then(|data| CMap::parse(data, hayro_cmap::load_embedded));
        let mut glyphs = None;
        let mut program = HashMap::new();
        if to_unicode.is_empty() && collection.is_none() && !unicode_codes {
            if let Some(stream) = face.get::<Stream<'_>>("CIDToGIDMap") {
                let mut data = Vec::new();
                decoder.decode(&stream, &mut data)?;
                glyphs = Some(data);
            }
            program = program::glyph_letters(descriptor, decoder)?;
            let embedded =
                ["FontFile", "FontFile2", "FontFile3"].iter().any(|key| descriptor.contains_key(key));
            if program.is_empty() && !embedded && cmap.is_none() {
                // Not embedded: the viewer's own font of that name is meant, and the fonts of Windows and macOS hold
                // ASCII in order from glyph 3 on.
                program =
                    (3u32..=97).filter_map(|glyph| Some((glyph, char::from_u32(glyph + 29)?))).collect();
            }
        }
        let (widths, ranges) = composite_widths(face);
        self.codes = Codes::Many(Box::new(Composite {
            cmap,
            to_unicode,
            unicode_codes,
            collection,
            program,
            glyphs,
            widths,
            ranges,
            default: face.get::<f32>("DW").unwrap_or(1000.0) / 1000.0,
            cache: HashMap::new(),
            pages: Vec::new(),
        }));
        Ok(())
    }

    /// The longer text of [`Text::Long`].
    pub(super) fn long(&self, index: u32) -> &str {
        self.long.get(index as usize).map_or("", String::as_str)
    }

    /// Takes the next code off `bytes`: its glyph, and whether word spacing applies (a one-byte code 32).
    pub(super) fn next(&mut self, bytes: &mut &[u8]) -> Option<(Glyph, bool)> {
        let (&first, rest) = bytes.split_first()?;
        match &mut self.codes {
            Codes::One(table) => {
                *bytes = rest;
                let glyph = table.get(usize::from(first)).copied()?;
                Some((glyph, first == b' '))
            }
            Codes::Many(composite) => {
                let (code, length, cid) = composite.code(bytes);
                *bytes = bytes.get(length..).unwrap_or(&[]);
                let glyph = composite.glyph(code, cid, self.vertical, &mut self.long);
                Some((glyph, length == 1 && code == 32))
            }
        }
    }
}

impl Composite {
    /// The code that begins `bytes`, its length, and the glyph's number in the font.
    fn code(&self, bytes: &[u8]) -> (u32, usize, u32) {
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

    fn glyph(&mut self, code: u32, cid: u32, vertical: bool, long: &mut Vec<String>) -> Glyph {
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
        let width = match self.widths.get(&cid) {
            _ if vertical => 1.0,
            Some(width) => *width,
            None => {
                let range = self.ranges.iter().find(|(low, high, _)| (*low..=*high).contains(&cid));
                range.map_or(self.default, |range| range.2)
            }
        };
        let mut text = String::new();
        let known = self.to_unicode.get(code, &mut text) || self.other_text(code, cid, &mut text);
        Glyph { width, text: if known { intern(&text, long) } else { Text::Unknown } }
    }

    fn other_text(&self, code: u32, cid: u32, out: &mut String) -> bool {
        if self.unicode_codes
            && let Some(letter) = char::from_u32(code)
        {
            out.push(letter);
            return true;
        }
        if let Some(collection) = &self.collection {
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

fn predefined(name: &[u8]) -> Option<CMap> {
    let data = hayro_cmap::load_embedded(CMapName::from_bytes(name))?;
    CMap::parse(data, hayro_cmap::load_embedded)
}

fn intern(text: &str, long: &mut Vec<String>) -> Text {
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(only), None) => Text::Letter(only),
        (None, _) => Text::Unknown,
        _ => {
            let index = u32::try_from(long.len()).unwrap_or(0);
            long.push(text.to_owned());
            Text::Long(index)
        }
    }
}

fn named_or(base: Base, code: u8, out: &mut String) -> bool {
    match base.table().get(usize::from(code)) {
        Some('\0') | None => false,
        Some(letter) => {
            out.push(*letter);
            true
        }
    }
}

fn simple_codes(
    long: &mut Vec<String>,
    text: impl Fn(u8, &mut String) -> bool,
    width: impl Fn(u8, char) -> f32,
) -> Codes {
    let mut table = Box::new([Glyph { width: 0.0, text: Text::Unknown }; 256]);
    let mut out = String::new();
    for (code, glyph) in (0..=255u8).zip(table.iter_mut()) {
        out.clear();
        if text(code, &mut out) {
            glyph.text = intern(&out, long);
        }
        glyph.width = width(code, out.chars().next().unwrap_or('x'));
    }
    Codes::One(table)
}

/// `a65` at code 65: names that repeat their code say that the code is the letter. TeX's Type 3 fonts are written so.
fn numbered(name: &str, code: u8, out: &mut String) -> bool {
    let digits = name.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
    let same = digits.len() < name.len() && digits.parse() == Ok(code) && (0x21..0x7F).contains(&code);
    if same {
        out.push(char::from(code));
    }
    same
}

/// `/Differences`: a code, then names for it and its followers.
fn differences(list: &Array<'_>, names: &mut HashMap<u8, String>) {
    let mut code = 0u32;
    for item in list.iter::<Object<'_>>().take(1024) {
        match item {
            Object::Number(number) => code = u32::try_from(number.as_i64()).unwrap_or(u32::MAX),
            Object::Name(name) => {
                if let Ok(code) = u8::try_from(code) {
                    names.insert(code, String::from_utf8_lossy(&name).into_owned());
                }
                code = code.saturating_add(1);
            }
            _ => {}
        }
    }
}

/// `/W`: `c [w1 w2 ...]` and `first last w`.
fn composite_widths(face: &Dict<'_>) -> (HashMap<u32, f32>, Vec<WidthRange>) {
    let (mut widths, mut ranges) = (HashMap::new(), Vec::new());
    let Some(list) = face.get::<Array<'_>>("W") else { return (widths, ranges) };
    let mut held: Vec<f32> = Vec::new();
    let whole = |value: f32| if value >= 0.0 { value as u32 } else { 0 };
    for item in list.iter::<Object<'_>>().take(3 * MAX_WIDTHS) {
        match item {
            Object::Array(run) => {
                let first = whole(held.first().copied().unwrap_or(0.0));
                for (offset, width) in (0u32..).zip(run.iter::<f32>().take(MAX_WIDTHS)) {
                    if widths.len() < MAX_WIDTHS {
                        widths.insert(first.saturating_add(offset), width / 1000.0);
                    }
                }
                held.clear();
            }
            Object::Number(number) => {
                held.push(number.as_f32());
                if let &[first, last, width] = held.as_slice() {
                    if ranges.len() < 4096 {
                        ranges.push((whole(first), whole(last), width / 1000.0));
                    }
                    held.clear();
                }
            }
            _ => held.clear(),
        }
    }
    (widths, ranges)
}

/// A font name without its subset tag: six capitals and a plus sign.
fn bare_name(name: &[u8]) -> String {
    let text = match std::str::from_utf8(name) {
        Ok(text) => text.to_owned(),
        Err(_) => name.iter().map(|&byte| char::from(byte)).collect(),
    };
    match text.split_once('+') {
        Some((tag, rest)) if tag.len() == 6 && tag.bytes().all(|byte| byte.is_ascii_uppercase()) => {
            rest.to_owned()
        }
        _ => text,
    }
}

/// TCVN3 fonts are called `.VnTime`, `.VnArialH` and so on, VNI fonts `VNI-Times`, `VNI-Helve`.
pub(super) fn is_legacy(name: &str) -> bool {
    let starts =
        |prefix: &str| name.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
    starts(".Vn") || starts("VNI")
}

fn is_bold(name: &str, flags: i32, weight: Option<f32>) -> bool {
    const FORCE_BOLD: i32 = 1 << 18;
    let lower = name.to_ascii_lowercase();
    let named = ["bold", "black", "heavy", "demi"].iter().any(|word| lower.contains(word));
    named || flags & FORCE_BOLD != 0 || weight.is_some_and(|weight| weight >= 600.0)
}

fn is_symbols(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let words = [
        "symbol", "dingbat", "wingding", "webding", "icon", "awesome", "math", "cmsy", "cmex", "cmmi",
        "msam", "msbm",
    ];
    words.iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::super::document::FromBytes as _;
    use super::*;
    use crate::extract::limits::{Budget, Limits};

    fn font(dict: &'static [u8]) -> Font {
        let dict = Dict::from_bytes(dict).unwrap();
        Font::read(&dict, &mut Decoder::new(&Budget::new(Limits::default()))).unwrap()
    }

    fn text(font: &mut Font, mut bytes: &[u8]) -> String {
        let mut out = String::new();
        while let Some((glyph, _)) = font.next(&mut bytes) {
            match glyph.text {
                Text::Letter(letter) => out.push(letter),
                Text::Long(index) => out.push_str(font.long(index)),
                Text::Unknown => out.push('?'),
            }
        }
        out
    }

    #[test]
    fn pdf_font_with_names_of_its_own() {
        let mut font = font(
            b"<</Type/Font/Subtype/Type1/BaseFont/ABCDEF+Example-Bold/Encoding<</BaseEncoding/WinAnsiEncoding\
              /Differences[1/T/uni1EAC/f_f 200/g77]>>/FirstChar 1/Widths[500 600]>>",
        );
        assert_eq!(text(&mut font, b"\x01\x02\x03A\xC8"), "TẬffA?");
        assert!(font.bold && font.name == "Example-Bold");
        assert_eq!(font.next(&mut &b"\x02"[..]).unwrap().0.width, 0.6);
    }

    #[test]
    fn pdf_legacy_font_gives_raw_letters() {
        let mut font = font(b"<</Subtype/TrueType/BaseFont/ABCDEF+#2EVnTimeH/Encoding/MacRomanEncoding>>");
        assert!(font.legacy && font.name == ".VnTimeH");
        assert_eq!(text(&mut font, b"M\xCBT \xAD"), "MËT \u{AD}");
    }

    #[test]
    fn pdf_composite_font() {
        let mut font = font(
            b"<</Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[<</W[3[250 300] 10 20 700]/DW 900>>]>>",
        );
        for (code, width) in [(3u8, 0.25), (4, 0.3), (15, 0.7), (99, 0.9)] {
            assert_eq!(font.next(&mut &[0, code][..]).unwrap().0.width, width);
        }
        assert_eq!(text(&mut font, b"\x02A\0"), "??");
        let mut japanese = font_with_collection();
        assert_eq!(text(&mut japanese, b"\x82\xa0A"), "あA");
    }

    #[test]
    fn pdf_fonts_that_only_hint_at_their_letters() {
        let mut type3 =
            font(b"<</Subtype/Type3/FontMatrix[1 0 0 1 0 0]/Encoding<</Differences[65/a65/a7/x67]>>>>");
        assert_eq!(text(&mut type3, b"ABC"), "A?C");
        let mut system = font(
            b"<</Subtype/Type0/BaseFont/TimesNewRoman/Encoding/Identity-H/DescendantFonts[<</Subtype/CIDFontType2>>]>>",
        );
        assert_eq!(text(&mut system, b"\0\x36\0\x28\x01\0"), "SE?");
    }

    fn font_with_collection() -> Font {
        font(
            b"<</Subtype/Type0/BaseFont/X/Encoding/90ms-RKSJ-H/DescendantFonts[<</CIDSystemInfo<</Registry(Adobe)\
              /Ordering(Japan1)/Supplement 2>>>>]>>",
        )
    }
}
