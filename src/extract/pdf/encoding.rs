//! From codes and glyph names to letters, for fonts with one-byte codes.
//!
//! Tables: ISO 32000-2 annex D ([`tables`]); names: the Adobe Glyph List (`tables/glyphlist.txt`, 4,281
//! names, the Vietnamese ones among them) and its rules for `uniXXXX`, `uXXXXX`, suffixes and ligatures.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::tables;

/// A table of 256 letters; `\0` where a code has none.
pub(super) type Table = [char; 256];

/// The encodings a font may name or mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    Standard,
    WinAnsi,
    MacRoman,
    Symbol,
    /// No code has a letter unless `/Differences` or `/ToUnicode` gives it one.
    Nothing,
}

impl Base {
    /// The encoding of that PDF name.
    pub(super) fn named(name: &[u8]) -> Option<Base> {
        match name {
            b"WinAnsiEncoding" => Some(Base::WinAnsi),
            b"MacRomanEncoding" => Some(Base::MacRoman),
            b"StandardEncoding" => Some(Base::Standard),
            _ => None,
        }
    }

    /// Its table.
    pub(super) fn table(self) -> &'static Table {
        static TABLES: OnceLock<[Table; 5]> = OnceLock::new();
        let build = |text: &str| {
            let mut table = ['\0'; 256];
            table.iter_mut().zip(text.chars()).for_each(|(slot, letter)| *slot = letter);
            table
        };
        let [standard, win, mac, symbol, nothing] = TABLES.get_or_init(|| {
            [tables::STANDARD, tables::WIN_ANSI, tables::MAC_ROMAN, tables::SYMBOL, ""].map(build)
        });
        match self {
            Base::Standard => standard,
            Base::WinAnsi => win,
            Base::MacRoman => mac,
            Base::Symbol => symbol,
            Base::Nothing => nothing,
        }
    }
}

/// The text of a glyph name, appended to `out`; false when the name says nothing.
pub(super) fn glyph_name(name: &str, out: &mut String) -> bool {
    let before = out.len();
    // `f_i.alt`: the part after the full stop is a variant, the parts between underscores are letters of a ligature.
    let stem = name.split('.').next().unwrap_or(name);
    for part in stem.split('_') {
        if !name_part(part, out) {
            out.truncate(before);
            return false;
        }
    }
    out.len() > before
}

fn name_part(part: &str, out: &mut String) -> bool {
    if let Some(text) = glyph_list().get(part) {
        for code in text.split(' ') {
            out.extend(u32::from_str_radix(code, 16).ok().and_then(char::from_u32));
        }
        return true;
    }
    let hex = |digits: &str| {
        let upper = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        upper.then(|| u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)).flatten()
    };
    if let Some(digits) = part.strip_prefix("uni")
        && digits.len() >= 4
        && digits.len().is_multiple_of(4)
    {
        let mut letters = Vec::new();
        for at in (0..digits.len()).step_by(4) {
            match digits.get(at..at + 4).and_then(hex) {
                Some(letter) => letters.push(letter),
                None => return false,
            }
        }
        out.extend(letters);
        return true;
    }
    if let Some(digits) = part.strip_prefix('u')
        && (4..=6).contains(&digits.len())
        && let Some(letter) = hex(digits)
    {
        out.push(letter);
        return true;
    }
    false
}

fn glyph_list() -> &'static HashMap<&'static str, &'static str> {
    static LIST: OnceLock<HashMap<&'static str, &'static str>> = OnceLock::new();
    LIST.get_or_init(|| {
        let lines = include_str!("tables/glyphlist.txt").lines();
        lines.filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(';')).collect()
    })
}

/// Text of a string of the document level: UTF-16 or UTF-8 with a byte order mark, else PDFDocEncoding, which is
/// Latin-1 but for a few signs.
pub(super) fn text_string(bytes: &[u8]) -> String {
    match bytes {
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => match std::str::from_utf8(bytes) {
            // Not allowed, but written by several programs; Latin-1 text that is valid UTF-8 by chance is not seen.
            Ok(text) => text.to_owned(),
            Err(_) => bytes.iter().map(|&byte| pdf_doc(byte)).collect(),
        },
    }
}

/// UTF-16 units to text; language escapes (U+001B ... U+001B, ISO 32000-2 7.9.2.2) are left out.
fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let mut text: String = char::decode_utf16(units).map(|unit| unit.unwrap_or('\u{FFFD}')).collect();
    while let Some(begin) = text.find('\u{1B}') {
        match text.get(begin + 1..).and_then(|rest| rest.find('\u{1B}')) {
            Some(len) if len <= 8 => text.replace_range(begin..begin + len + 2, ""),
            _ => text.replace_range(begin..=begin, ""),
        }
    }
    text
}

fn pdf_doc(byte: u8) -> char {
    const HIGH: &str = "•†‡…—–ƒ⁄‹›−‰„“”‘’‚™ﬁﬂŁŒŠŸŽıłœšž\u{FFFD}€";
    match byte {
        0x18..=0x1F => "˘ˇˆ˙˝˛˚˜".chars().nth(usize::from(byte - 0x18)).unwrap_or('\u{FFFD}'),
        0x80..=0xA0 => HIGH.chars().nth(usize::from(byte - 0x80)).unwrap_or('\u{FFFD}'),
        _ => char::from(byte),
    }
}

/// Advance width of a letter in one of the 14 standard fonts, in units of the size. Letters with marks are as wide
/// as their base letter; what the tables lack is half an em.
pub(super) fn standard_width(font: &str, letter: char) -> f32 {
    let lower = font.to_ascii_lowercase();
    if lower.contains("courier") || lower.contains("mono") {
        return 0.6;
    }
    let bold = lower.contains("bold");
    let serif = lower.contains("times") || lower.contains("serif") || lower.contains("roman");
    let widths = match (serif, bold) {
        (true, true) => &tables::TIMES_BOLD,
        (true, false) => &tables::TIMES,
        (false, true) => &tables::HELVETICA_BOLD,
        (false, false) => &tables::HELVETICA,
    };
    let base = if letter.is_ascii() {
        letter
    } else {
        unicode_normalization::UnicodeNormalization::nfd(std::iter::once(letter)).next().unwrap_or(letter)
    };
    let index = (base as usize).wrapping_sub(0x20);
    widths.get(index).map_or(0.5, |&width| f32::from(width) / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Option<String> {
        let mut out = String::new();
        glyph_name(name, &mut out).then_some(out)
    }

    #[test]
    fn pdf_glyph_names() {
        assert_eq!(named("Ecircumflexdotbelow").as_deref(), Some("Ệ"));
        assert_eq!(named("uni1EAC").as_deref(), Some("Ậ"));
        assert_eq!(named("uni00540055").as_deref(), Some("TU"));
        assert_eq!(named("u1F600.alt").as_deref(), Some("😀"));
        assert_eq!(named("f_f_i").as_deref(), Some("ffi"));
        assert_eq!(named("dalethatafpatah").as_deref(), Some("ד\u{5B2}"));
        for nothing in ["g12", ".notdef", "", "uniZZZZ", "uD800", "a_g12"] {
            assert_eq!(named(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn pdf_tables_have_their_letters_in_place() {
        for base in [Base::Standard, Base::WinAnsi, Base::MacRoman] {
            assert_eq!(base.table()[0x41], 'A');
            assert_eq!(base.table()[0x20], ' ');
        }
        assert_eq!(Base::WinAnsi.table()[0xD6], 'Ö');
        assert_eq!(Base::MacRoman.table()[0x80], 'Ä');
        assert_eq!(Base::MacRoman.table()[0xFF], 'ˇ');
        assert_eq!(Base::Standard.table()[0xFB], 'ß');
        assert_eq!(Base::Symbol.table()[0x61], 'α');
        assert_eq!(Base::Nothing.table()[0x41], '\0');
    }

    #[test]
    fn pdf_text_strings() {
        assert_eq!(text_string(b"\xFE\xFF\x1E\xAC\x00T"), "ẬT");
        assert_eq!(text_string(b"\xFE\xFF\x00\x1B\x00v\x00i\x00\x1B\x00T"), "T");
        assert_eq!(text_string(b"caf\xE9 \x84"), "café —");
        assert_eq!(text_string("Sở".as_bytes()), "Sở");
    }

    #[test]
    fn pdf_standard_widths() {
        assert_eq!(standard_width("Helvetica", 'A'), 0.667);
        assert_eq!(standard_width("Times-Roman", 'Ậ'), standard_width("Times-Roman", 'A'));
        assert_eq!(standard_width("Courier-Bold", 'i'), 0.6);
    }
}
