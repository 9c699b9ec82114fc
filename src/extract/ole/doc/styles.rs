//! The style sheet, resolved along what each style is based on (MS-DOC 2.9.271), and the fonts (2.9.291).

use encoding_rs::{Encoding, UTF_16LE, WINDOWS_1252};

use super::super::property_set::code_page;
use super::super::{decode, u16_at};
use super::props::{self, Fontlist, Paragraph};
use crate::extract::look::{Fonts, Look};
use crate::extract::xml::has_letter;

/// A chain of styles longer than this is a loop; Word stops at 11 (MS-DOC 2.9.259).
const MAX_CHAIN: usize = 32;

/// The style that a style without a base has.
const NO_BASE: u16 = 0xFFF;

/// Fonts of the file.
#[derive(Debug, Default)]
pub(super) struct FontTable {
    /// The names, kept once.
    pub(super) fonts: Fonts,
    /// Number in `fonts` and code page of each font, by the file's numbers.
    list: Vec<(Option<u16>, &'static Encoding)>,
}

impl FontTable {
    /// Reads the table of fonts. `encoding` is that of fonts that name none.
    pub(super) fn read(bytes: &[u8], is_old: bool, encoding: &'static Encoding) -> FontTable {
        let mut table = FontTable::default();
        let mut at = if is_old { 2 } else { 4 };
        while let Some(len) = bytes.get(at) {
            let len = usize::from(*len);
            let Some(entry) = bytes.get(at + 1..).map(|rest| rest.get(..len).unwrap_or(rest)) else { break };
            let raw = entry.get(if is_old { 5 } else { 39 }..).unwrap_or_default();
            let name = if is_old { decode(raw, WINDOWS_1252) } else { decode(raw, UTF_16LE) };
            // An alternative name follows after a zero.
            let name = name.split('\0').next().unwrap_or_default();
            let charset = entry.get(3).and_then(|charset| of_charset(*charset));
            let encoding = charset.or_else(|| of_name(name)).unwrap_or(encoding);
            table.list.push((table.fonts.number(name), encoding));
            at += 1 + len;
        }
        table
    }

    /// The code page of a font by its number in `fonts`.
    pub(super) fn encoding(&self, font: Option<u16>) -> Option<&'static Encoding> {
        self.list
            .iter()
            .find(|(number, _)| number.is_some() && *number == font)
            .map(|(_, encoding)| *encoding)
    }

    fn number(&self, file: u16) -> Option<u16> {
        self.list.get(usize::from(file)).and_then(|(number, _)| *number)
    }
}

impl Fontlist for FontTable {
    fn ascii(&self, number: u16, before: Option<u16>) -> Option<u16> {
        self.number(number).or(before)
    }

    fn other(&self, number: u16, before: Option<u16>) -> Option<u16> {
        let number = self.number(number);
        if self.fonts.is_legacy(number) { number } else { before.or(number) }
    }
}

/// The code page of a font's character set (LOGFONT, `lfCharSet`); `None` for the default and for symbols.
fn of_charset(charset: u8) -> Option<&'static Encoding> {
    let page = match charset {
        77 => 10_000,
        128 => 932,
        129 => 949,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        _ => return None,
    };
    Some(code_page(page))
}

/// The code page of the old fonts of Windows that bear it in their names.
fn of_name(name: &str) -> Option<&'static Encoding> {
    let (_, last) = name.rsplit_once(' ')?;
    let page = match last.to_ascii_lowercase().as_str() {
        "cyr" => 1251,
        "ce" => 1250,
        "greek" => 1253,
        "tur" => 1254,
        "baltic" => 1257,
        _ => return None,
    };
    Some(code_page(page))
}

/// The code page of a language's texts, where it is not Windows-1252.
pub(super) fn of_language(language: u16) -> &'static Encoding {
    code_page(match (language & 0x3FF, language) {
        (0x19 | 0x22 | 0x23 | 0x02 | 0x2F, _) | (_, 0x0C1A) => 1251,
        (0x05 | 0x0E | 0x15 | 0x18 | 0x1A | 0x1B | 0x1C | 0x24, _) => 1250,
        (0x08, _) => 1253,
        (0x1F, _) => 1254,
        (0x0D, _) => 1255,
        (0x01 | 0x29, _) => 1256,
        (0x25..=0x27, _) => 1257,
        (0x2A, _) => 1258,
        (0x1E, _) => 874,
        (0x11, _) => 932,
        (0x12, _) => 949,
        (_, 0x0804 | 0x1004) => 936,
        (0x04, _) => 950,
        _ => 1252,
    })
}

/// A style with everything it inherits.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Style {
    pub(super) look: Look,
    pub(super) paragraph: Paragraph,
}

#[derive(Debug, Clone, Copy, Default)]
struct Raw<'a> {
    base: u16,
    /// Changes of the paragraph, and of its letters.
    paragraph: &'a [u8],
    run: &'a [u8],
    is_character: bool,
    known: bool,
}

/// The style sheet.
#[derive(Debug, Default)]
pub(super) struct Styles {
    styles: Vec<Style>,
    /// Changes of character styles, from the base to the style itself.
    characters: Vec<Vec<Vec<u8>>>,
    default: Style,
    /// Names of styles that are none of Word's own.
    pub(super) names: Vec<String>,
}

impl Styles {
    /// Reads the style sheet.
    /// Names in 8 bits are in `encoding`.
    pub(super) fn read(bytes: &[u8], is_old: bool, fonts: &FontTable, encoding: &'static Encoding) -> Styles {
        let header = usize::from(u16_at(bytes, 0).unwrap_or(0));
        let info = bytes.get(2..).and_then(|rest| rest.get(..header)).unwrap_or_default();
        // Word 6 has eight bytes before a style's name, Word 97 ten, later ones more.
        let fixed = usize::from(u16_at(info, 2).unwrap_or(8));
        // Ten points, unless a style says otherwise (MS-DOC 2.6.1, sprmCHps).
        let mut default = Style { look: Look { size: Some(20), ..Look::default() }, ..Style::default() };
        if !is_old {
            default.look.font = u16_at(info, 12).and_then(|font| fonts.number(font));
        }
        let mut raws = Vec::new();
        let mut names = Vec::new();
        let mut at = 2 + header;
        while let Some(len) = u16_at(bytes, at) {
            let len = usize::from(len);
            let Some(entry) = bytes.get(at + 2..).map(|rest| rest.get(..len).unwrap_or(rest)) else { break };
            raws.push(raw(entry, fixed, is_old).unwrap_or_default());
            names.extend(own_name(entry, fixed, is_old, encoding));
            at += 2 + len;
        }
        let mut styles =
            Styles { styles: Vec::with_capacity(raws.len()), characters: Vec::new(), default, names };
        for at in 0..raws.len() {
            let mut chain = Vec::new();
            let mut next = u16::try_from(at).unwrap_or(NO_BASE);
            while let Some(raw) = raws.get(usize::from(next)).filter(|_| chain.len() < MAX_CHAIN) {
                chain.push(*raw);
                next = raw.base;
            }
            let mut style = default;
            for raw in chain.iter().rev() {
                style.paragraph.apply(raw.paragraph, is_old);
                let before = style.look;
                props::look(raw.run, is_old, &mut style.look, before, fonts, &|_, look| look);
            }
            let is_character = raws.get(at).is_some_and(|raw| raw.is_character);
            let lists = chain.iter().rev().map(|raw| raw.run.to_vec()).filter(|_| is_character).collect();
            styles.styles.push(style);
            styles.characters.push(lists);
        }
        if let Some(normal) = styles.styles.first().filter(|_| raws.first().is_some_and(|raw| raw.known)) {
            styles.default = *normal;
        }
        styles
    }

    /// The style of a paragraph; the default one when there is none of that number.
    pub(super) fn paragraph(&self, number: u16) -> Style {
        self.styles.get(usize::from(number)).copied().unwrap_or(self.default)
    }

    /// `look` with what a character style changes.
    pub(super) fn character(&self, number: u16, look: Look, is_old: bool, fonts: &FontTable) -> Look {
        let mut look = look;
        for list in self.characters.get(usize::from(number)).into_iter().flatten() {
            let before = look;
            props::look(list, is_old, &mut look, before, fonts, &|_, look| look);
        }
        look
    }
}

/// The name of a style, with its aliases, that somebody made (`sti`, MS-DOC 2.9.260; 0xFFE: user-defined).
fn own_name(entry: &[u8], fixed: usize, is_old: bool, encoding: &'static Encoding) -> Option<String> {
    if u16_at(entry, 0)? & 0xFFF != 0xFFE {
        return None;
    }
    let name = if is_old {
        let len = usize::from(*entry.get(fixed)?);
        decode(entry.get(fixed + 1..)?.get(..len)?, encoding)
    } else {
        let len = usize::from(u16_at(entry, fixed)?) * 2;
        decode(entry.get(fixed + 2..)?.get(..len)?, UTF_16LE)
    };
    has_letter(&name).then_some(name)
}

fn raw(entry: &[u8], fixed: usize, is_old: bool) -> Option<Raw<'_>> {
    let kind = u16_at(entry, 2)?;
    let count = u16_at(entry, 4)? & 0xF;
    let is_character = kind & 0xF == 2;
    let mut raw = Raw { base: kind >> 4, is_character, known: true, ..Raw::default() };
    // The name, with its length before it and a zero behind it.
    let mut at = if is_old {
        fixed + 2 + usize::from(*entry.get(fixed)?)
    } else {
        fixed + 4 + usize::from(u16_at(entry, fixed)?) * 2
    };
    for part in 0..count {
        at = at.next_multiple_of(2);
        let Some(len) = u16_at(entry, at).map(usize::from) else { break };
        let Some(list) = entry.get(at + 2..).map(|rest| rest.get(..len).unwrap_or(rest)) else { break };
        match (kind & 0xF, part) {
            // The style's own number stands before the changes of the paragraph.
            (1, 0) | (3, 1) => raw.paragraph = list.get(2..).unwrap_or_default(),
            (1, 1) | (2, 0) | (3, 2) => raw.run = list,
            _ => {}
        }
        at += 2 + len;
    }
    Some(raw)
}
