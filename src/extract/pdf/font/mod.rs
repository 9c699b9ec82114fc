//! Fonts: from the bytes of a shown string to letters and advance widths.
//!
//! In: a font dictionary. Out: for each code its text and width. Text comes from `/ToUnicode` first, then from
//! encoding names, then from predefined CMaps. A code without text is counted by the caller and reported as a gap.
//! A page shows 40 of the 256 codes of a font, so a code is looked up when it is first shown, and the embedded program
//! is opened only for a code that nothing else explains. Left out: outlines.

mod composite;
mod names;
mod widths;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;

use hayro_cmap::{CMap, CidFamily};

use super::document::{Array, Dict, Name, Object, Rect, Stream};
use super::encoding::{self, Base};
use super::filter::Decoder;
use super::program;
use super::tounicode::ToUnicode;
use crate::extract::limits::LimitReached;
use composite::{Composite, predefined};
use names::{bare_name, differences, is_bold, is_legacy, is_symbols, numbered};
use widths::{composite_widths, simple_widths};

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
    /// Nobody knows, but the code is that of a letter (TeX's bitmap fonts name their glyphs as they like and keep the
    /// codes), or the glyph has the number that letter has in most fonts. Given as text, and still counted as unknown.
    Guess(char),
    /// Nobody knows.
    Unknown,
}

/// A font as far as reading needs it.
pub(super) struct Font<'d> {
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
    codes: Codes<'d>,
    /// A limit that was reached while a code was looked up.
    over: Option<LimitReached>,
}

enum Codes<'d> {
    One(Box<Simple<'d>>),
    Many(Box<Composite>),
}

/// A font whose codes are single bytes.
struct Simple<'d> {
    /// Answers, filled when asked.
    glyphs: [Option<Glyph>; 256],
    to_unicode: ToUnicode,
    /// Names by code, from `/Differences`; of equal codes the last one counts.
    names: Vec<(u8, Cow<'d, [u8]>)>,
    /// `None` until it is known whether the embedded program has an encoding of its own.
    base: Option<Base>,
    program: Program<'d>,
    /// Legacy fonts: the bytes are the letters the fold stage knows, so a map made by a converter is not asked.
    bytes_are_letters: bool,
    /// Type 3: glyphs are drawings under names of the producer's own.
    drawn: bool,
    /// Codes are the numbers of glyphs.
    unnamed: bool,
    first: i32,
    /// In units of the font size, from code `first` on.
    widths: Vec<f32>,
    default: Option<f32>,
}

/// What the embedded program says about its codes: needed only where nothing in the PDF does.
enum Program<'d> {
    /// Not asked, or nothing to be learned.
    Silent,
    /// Still packed, in the stream of this font descriptor.
    Packed(Dict<'d>),
    /// Letters by code.
    Known(HashMap<u8, String>),
}

impl<'d> Font<'d> {
    /// A font that knows nothing: what a page gets that names a font that is not there.
    pub(super) fn missing() -> Font<'d> {
        Font {
            name: String::new(),
            bold: false,
            legacy: false,
            symbols: false,
            vertical: false,
            em: 1.0,
            long: Vec::new(),
            codes: Codes::One(Box::new(Simple::new(Some(Base::WinAnsi)))),
            over: None,
        }
    }

    /// Reads a font dictionary.
    ///
    /// # Errors
    /// When the entry has produced more than it may, or its time is over.
    pub(super) fn read(dict: &Dict<'d>, decoder: &mut Decoder) -> Result<Font<'d>, LimitReached> {
        let descendant = dict.get::<Object<'d>>("DescendantFonts").and_then(|object| match object {
            Object::Array(all) => all.iter::<Dict<'d>>().next(),
            other => other.into_dict(),
        });
        let face = descendant.as_ref().unwrap_or(dict);
        let descriptor = face.get::<Dict<'d>>("FontDescriptor").unwrap_or_default();
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
            name,
            ..Font::missing()
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
            font.read_simple(dict, descriptor, flags, to_unicode);
        }
        Ok(font)
    }

    fn read_simple(&mut self, dict: &Dict<'d>, descriptor: Dict<'d>, flags: i32, to_unicode: ToUnicode) {
        let subtype = dict.get::<Name<'_>>("Subtype");
        let type3 = subtype.as_deref() == Some(b"Type3");
        let symbolic = flags & 4 != 0 && flags & 32 == 0;
        let mut named = None;
        let mut names = Vec::new();
        let mut differs = false;
        match dict.get::<Object<'d>>("Encoding") {
            Some(Object::Name(name)) => named = Base::named(&name),
            Some(Object::Dict(encoding)) => {
                named = encoding.get::<Name<'_>>("BaseEncoding").and_then(|name| Base::named(&name));
                if let Some(list) = encoding.get::<Array<'d>>("Differences") {
                    differs = true;
                    names = differences(&list);
                }
            }
            _ => {}
        }
        let ask = named.is_none() && !self.legacy && !type3 && (to_unicode.is_empty() || differs);
        let lower = self.name.to_ascii_lowercase();
        let first = dict.get::<i32>("FirstChar").unwrap_or(0);
        // Printers' drivers and converters through PostScript: a code below the blank is no letter of any encoding.
        let unnamed =
            ask && symbolic && first == i32::from(BLANK_GLYPH) && descriptor.contains_key("FontFile2");
        let base = match named {
            Some(base) => Some(base),
            None if unnamed => Some(Base::Nothing),
            None if type3 => Some(Base::Nothing),
            None if self.legacy => Some(Base::WinAnsi),
            None if lower.starts_with("symbol") => Some(Base::Symbol),
            None if lower.contains("dingbat") => Some(Base::Nothing),
            None if subtype.as_deref() == Some(b"TrueType") => Some(Base::WinAnsi),
            // A symbolic Type 1 subset without names: its codes may mean anything, if it has codes of its own.
            None if symbolic && ask => None,
            None => Some(Base::Standard),
        };
        let mut unit = 0.001;
        if type3 {
            let matrix = dict.get::<Array<'_>>("FontMatrix").and_then(|matrix| matrix.iter::<f32>().next());
            unit = matrix.map_or(0.001, f32::abs);
            let height = dict.get::<Rect>("FontBBox").map_or(0.0, |bbox| bbox.height() as f32) * unit;
            if (0.05..=500.0).contains(&height) {
                self.em = height;
            }
        }
        let mut widths = dict.get::<Array<'_>>("Widths").map(|all| simple_widths(&all)).unwrap_or_default();
        widths.iter_mut().for_each(|width| *width *= unit);
        let default = descriptor.get::<f32>("MissingWidth").filter(|width| *width > 0.0);
        self.codes = Codes::One(Box::new(Simple {
            to_unicode,
            names,
            program: if ask && !unnamed { Program::Packed(descriptor) } else { Program::Silent },
            bytes_are_letters: self.legacy && !differs,
            drawn: type3,
            unnamed,
            first,
            widths,
            default: default.map(|width| width * unit),
            ..Simple::new(base)
        }));
    }

    fn read_composite(
        &mut self,
        dict: &Dict<'d>,
        face: &Dict<'d>,
        descriptor: &Dict<'d>,
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
                cmap = CMap::parse(&data, hayro_cmap::load_embedded).map(Rc::new);
            }
            _ => {}
        }
        // Where codes lead to glyphs by a map they are mostly letters; where they are glyphs, such words say nothing.
        let mapped = face.get::<Stream<'_>>("CIDToGIDMap").is_some();
        let to_unicode = if to_unicode.numbered && !mapped { ToUnicode::default() } else { to_unicode };
        let identity = (mapped || dict.get::<Stream<'_>>("Encoding").is_some())
            && dict.get::<Name<'_>>("ToUnicode").is_some_and(|name| name.as_ref().starts_with(b"Identity"));
        let info = face.get::<Dict<'_>>("CIDSystemInfo").unwrap_or_default();
        let part = |key: &str| info.get::<Object<'_>>(key).and_then(Object::into_string);
        let collection = match (part("Registry"), part("Ordering")) {
            (Some(registry), Some(ordering)) => {
                let named = |registry: &[u8]| {
                    CidFamily::from_registry_ordering(registry, ordering.as_bytes()).ucs2_cmap()
                };
                // `Korea1` is Adobe's, whoever signs for it.
                named(registry.as_bytes()).or_else(|| named(b"Adobe"))
            }
            _ => None,
        };
        let mut glyphs = None;
        let mut unnamed = false;
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
            unnamed = program.is_empty() && cmap.is_none();
            if unnamed && !embedded {
                // The viewer's own font of that name is meant.
                program = (0..=u8::MAX)
                    .filter_map(|glyph| Some((u32::from(glyph), usual_letter(glyph.into())?)))
                    .collect();
            }
        }
        self.codes = Codes::Many(Box::new(Composite {
            cmap,
            to_unicode,
            identity,
            unicode_codes,
            collection,
            collected: OnceCell::new(),
            program,
            unnamed,
            glyphs,
            widths: composite_widths(face),
            default: face.get::<f32>("DW").unwrap_or(1000.0) / 1000.0,
            cache: HashMap::new(),
            pages: Vec::new(),
        }));
        Ok(())
    }

    /// A limit that was reached since this was last asked.
    ///
    /// # Errors
    /// When the entry has produced more than it may, or its time is over.
    pub(super) fn check(&mut self) -> Result<(), LimitReached> {
        self.over.take().map_or(Ok(()), Err)
    }

    /// The longer text of [`Text::Long`].
    pub(super) fn long(&self, index: u32) -> &str {
        self.long.get(index as usize).map_or("", String::as_str)
    }

    /// Takes the next code off `bytes`: its glyph, and whether word spacing applies (a one-byte code 32).
    #[inline]
    pub(super) fn next(&mut self, bytes: &mut &[u8], decoder: &mut Decoder) -> Option<(Glyph, bool)> {
        // A letter that was shown before, as nearly all.
        if let Codes::One(simple) = &self.codes
            && let Some((&first, rest)) = bytes.split_first()
            && let Some(Some(glyph)) = simple.glyphs.get(usize::from(first))
        {
            *bytes = rest;
            return Some((*glyph, first == b' '));
        }
        self.next_looked_up(bytes, decoder)
    }

    fn next_looked_up(&mut self, bytes: &mut &[u8], decoder: &mut Decoder) -> Option<(Glyph, bool)> {
        let (&first, rest) = bytes.split_first()?;
        match &mut self.codes {
            Codes::One(simple) => {
                *bytes = rest;
                match simple.look_up(first, &self.name, &mut self.long, decoder) {
                    Ok(glyph) => Some((glyph, first == b' ')),
                    Err(over) => {
                        self.over = Some(over);
                        None
                    }
                }
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

impl<'d> Simple<'d> {
    fn new(base: Option<Base>) -> Simple<'d> {
        Simple {
            glyphs: [None; 256],
            to_unicode: ToUnicode::default(),
            names: Vec::new(),
            base,
            program: Program::Silent,
            bytes_are_letters: false,
            drawn: false,
            unnamed: false,
            first: 0,
            widths: Vec::new(),
            default: None,
        }
    }

    fn look_up(
        &mut self,
        code: u8,
        font: &str,
        long: &mut Vec<String>,
        decoder: &mut Decoder,
    ) -> Result<Glyph, LimitReached> {
        let mut out = String::new();
        let known = self.text(code, &mut out, decoder)?;
        let text = match known {
            true => intern(&out, long),
            false if self.drawn && code.is_ascii_graphic() => Text::Guess(char::from(code)),
            false if self.unnamed => guess(code.into()),
            false => Text::Unknown,
        };
        let index = usize::try_from(i32::from(code).wrapping_sub(self.first)).ok();
        let width = match index.and_then(|index| self.widths.get(index).copied()).or(self.default) {
            Some(width) => width,
            None if !self.widths.is_empty() => 0.0,
            None => encoding::standard_width(font, out.chars().next().unwrap_or('x')),
        };
        let glyph = Glyph { width, text };
        if let Some(slot) = self.glyphs.get_mut(usize::from(code)) {
            *slot = Some(glyph);
        }
        Ok(glyph)
    }

    fn text(&mut self, code: u8, out: &mut String, decoder: &mut Decoder) -> Result<bool, LimitReached> {
        if self.bytes_are_letters && code >= 0x20 {
            return Ok(named_or(Base::WinAnsi, code, out));
        }
        if self.to_unicode.get(u32::from(code), out) {
            return Ok(true);
        }
        if let Some((_, name)) = self.names.iter().rfind(|entry| entry.0 == code) {
            let name = std::str::from_utf8(name).unwrap_or_default();
            return Ok(encoding::glyph_name(name, out) || numbered(name, code, out));
        }
        if let Program::Packed(descriptor) = &self.program {
            let letters = program::built_in(descriptor, decoder)?;
            self.base.get_or_insert(if letters.is_some() { Base::Nothing } else { Base::Standard });
            self.program = letters.map_or(Program::Silent, Program::Known);
        }
        if let Program::Known(letters) = &self.program
            && let Some(text) = letters.get(&code)
        {
            out.push_str(text);
            return Ok(true);
        }
        Ok(named_or(self.base.unwrap_or(Base::Standard), code, out))
    }
}

/// Number of the blank in the fonts of Windows and macOS, from which on they hold ASCII in order.
const BLANK_GLYPH: u8 = 3;

/// The letter that most fonts have at this number.
fn usual_letter(glyph: u32) -> Option<char> {
    let letter = char::from_u32(glyph.checked_sub(BLANK_GLYPH.into())? + 0x20)?;
    letter.is_ascii().then_some(letter).filter(|letter| *letter <= '~')
}

/// What a glyph of which only the number is known may be.
fn guess(glyph: u32) -> Text {
    match usual_letter(glyph) {
        Some(' ') => Text::Letter(' '),
        Some(letter) => Text::Guess(letter),
        None => Text::Unknown,
    }
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

#[cfg(test)]
mod tests {
    use super::super::document::FromBytes as _;
    use super::*;
    use crate::extract::limits::{Budget, Limits};

    fn decoder() -> Decoder {
        Decoder::new(&Budget::new(Limits::default()))
    }

    fn font(dict: &'static [u8]) -> Font<'static> {
        let dict = Dict::from_bytes(dict).unwrap();
        Font::read(&dict, &mut decoder()).unwrap()
    }

    fn text(font: &mut Font<'_>, mut bytes: &[u8]) -> String {
        let mut out = String::new();
        let mut decoder = decoder();
        while let Some((glyph, _)) = font.next(&mut bytes, &mut decoder) {
            match glyph.text {
                Text::Letter(letter) => out.push(letter),
                Text::Long(index) => out.push_str(font.long(index)),
                Text::Guess(letter) => out.extend(['~', letter]),
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
        assert_eq!(font.next(&mut &b"\x02"[..], &mut decoder()).unwrap().0.width, 0.6);
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
            assert_eq!(font.next(&mut &[0, code][..], &mut decoder()).unwrap().0.width, width);
        }
        assert_eq!(text(&mut font, b"\x02A\0"), "??");
        let mut japanese = font_with_collection();
        assert_eq!(text(&mut japanese, b"\x82\xa0A"), "あA");
    }

    #[test]
    fn pdf_fonts_that_only_hint_at_their_letters() {
        let mut type3 =
            font(b"<</Subtype/Type3/FontMatrix[1 0 0 1 0 0]/Encoding<</Differences[65/a65/a7/x67]>>>>");
        assert_eq!(text(&mut type3, b"ABC\x01"), "A~BC?");
        let mut system = font(
            b"<</Subtype/Type0/BaseFont/TimesNewRoman/Encoding/Identity-H/DescendantFonts[<</Subtype/CIDFontType2>>]>>",
        );
        assert_eq!(text(&mut system, b"\0\x36\0\x28\x01\0"), "SE?");
        let mut embedded = font(
            b"<</Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[<</FontDescriptor<</FontFile2 9 0 R>>>>]>>",
        );
        assert_eq!(text(&mut embedded, b"\0\x36\0\x28\0\x03\x01\0\0\x62"), "~S~E ??");
        let mut printed =
            font(b"<</Subtype/TrueType/BaseFont/X/FirstChar 3/FontDescriptor<</Flags 4/FontFile2 9 0 R>>>>");
        assert_eq!(text(&mut printed, b"\x36(\x03\xC8"), "~S~E ?");
    }

    fn font_with_collection() -> Font<'static> {
        font(
            b"<</Subtype/Type0/BaseFont/X/Encoding/90ms-RKSJ-H/DescendantFonts[<</CIDSystemInfo<</Registry(Adobe)\
              /Ordering(Japan1)/Supplement 2>>>>]>>",
        )
    }
}
