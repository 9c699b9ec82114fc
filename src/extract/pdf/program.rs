//! Letters from embedded font programs, for fonts of which the PDF itself says nothing.
//!
//! In: the font descriptor. Out: letters by code (Type 1) or by glyph number (TrueType). Read only when there is
//! neither `/ToUnicode` nor an encoding: 2,014 programs of the public files hold 82 MB.

use std::collections::HashMap;

use super::document::{Dict, Stream};
use super::encoding;
use super::filter::Decoder;
use super::lexer::{Lexer, Token, number};
use crate::extract::limits::LimitReached;

/// The clear part of a Type 1 program, where its encoding stands, ends within this many bytes.
const CLEAR_PART: usize = 64 << 10;

/// Letters by code as the embedded program gives them; `None` when there is no program or it does not tell.
pub(super) fn built_in(
    descriptor: &Dict<'_>,
    decoder: &mut Decoder,
) -> Result<Option<HashMap<u8, String>>, LimitReached> {
    if let Some(stream) = descriptor.get::<Stream<'_>>("FontFile") {
        let mut data = Vec::new();
        decoder.decode_start(&stream, CLEAR_PART, &mut data)?;
        return Ok(type1(data.get(..CLEAR_PART).unwrap_or(&data)));
    }
    if let Some(stream) = descriptor.get::<Stream<'_>>("FontFile2") {
        let mut data = Vec::new();
        decoder.decode(&stream, &mut data)?;
        return Ok(truetype_codes(&data));
    }
    if let Some(stream) = descriptor.get::<Stream<'_>>("FontFile3") {
        let mut data = Vec::new();
        decoder.decode(&stream, &mut data)?;
        return Ok(match sfnt(&data, b"CFF ") {
            Some(table) => {
                Compact::read(table).and_then(|compact| compact.codes()).or_else(|| truetype_codes(&data))
            }
            None => Compact::read(&data).and_then(|compact| compact.codes()),
        });
    }
    Ok(None)
}

/// The parts of a CFF program (Adobe Technical Note 5176) that name its glyphs.
struct Compact<'a> {
    data: &'a [u8],
    top: Vec<(u16, i32)>,
    strings: Vec<&'a [u8]>,
    /// Numbers of names by glyph.
    names: Vec<usize>,
}

impl<'a> Compact<'a> {
    /// `None` where the program has no names (CID fonts).
    fn read(data: &'a [u8]) -> Option<Compact<'a>> {
        let (_, after) = index(data, usize::from(*data.get(2)?))?;
        let (tops, after) = index(data, after)?;
        let (strings, _) = index(data, after)?;
        let top = operands(tops.first()?);
        // 12 30 is `ROS`: a font without names.
        if top.iter().any(|entry| entry.0 == 0x0C1E) {
            return None;
        }
        let mut compact = Compact { data, top, strings, names: vec![0] };
        let (glyphs, _) = index(data, compact.operand(17)?)?;
        match compact.operand(15).unwrap_or(0) {
            // ISOAdobe: the standard strings in order.
            0 => compact.names = (0..=228).take(glyphs.len()).collect(),
            1 | 2 => return None,
            charset => {
                let format = *data.get(charset)?;
                let mut at = charset + 1;
                while compact.names.len() < glyphs.len() {
                    let first = u16_at(data, at)?;
                    let left = match format {
                        0 => 0,
                        1 => usize::from(*data.get(at + 2)?),
                        _ => u16_at(data, at + 2)?,
                    };
                    at += 2 + usize::from(format.min(2));
                    let room = glyphs.len() - compact.names.len();
                    compact.names.extend((first..=first + left).take(room));
                }
            }
        }
        Some(compact)
    }

    fn operand(&self, key: u16) -> Option<usize> {
        self.top.iter().find(|entry| entry.0 == key).and_then(|entry| usize::try_from(entry.1).ok())
    }

    fn text(&self, name: usize) -> Option<String> {
        let name = match name.checked_sub(STANDARD_STRINGS) {
            None => include_str!("tables/cff_strings.txt").lines().nth(name)?,
            Some(own) => std::str::from_utf8(self.strings.get(own)?).ok()?,
        };
        let mut text = String::new();
        encoding::glyph_name(name, &mut text).then_some(text)
    }

    /// Letters by code, as its encoding and its names give them; `None` where it uses a predefined encoding.
    fn codes(&self) -> Option<HashMap<u8, String>> {
        let data = self.data;
        let encoding = self.operand(16).filter(|&offset| offset > 1)?;
        let mut letters = HashMap::new();
        let mut set = |code: u8, name: Option<usize>| {
            if let Some(text) = name.and_then(|name| self.text(name)) {
                letters.insert(code, text);
            }
        };
        let format = *data.get(encoding)?;
        let count = usize::from(*data.get(encoding + 1)?);
        let mut at = encoding + 2;
        let mut glyph = 1usize;
        for _ in 0..count {
            let first = *data.get(at)?;
            let left = if format & 0x7F == 0 { 0 } else { *data.get(at + 1)? };
            at += if format & 0x7F == 0 { 1 } else { 2 };
            for offset in 0..=left {
                set(first.wrapping_add(offset), self.names.get(glyph).copied());
                glyph += 1;
            }
        }
        if format & 0x80 != 0 {
            for entry in 0..usize::from(*data.get(at)?) {
                let place = at + 1 + entry * 3;
                set(*data.get(place)?, u16_at(data, place + 1));
            }
        }
        (!letters.is_empty()).then_some(letters)
    }

    /// Letters by glyph number.
    fn glyphs(&self) -> HashMap<u32, char> {
        let letter = |name: usize| self.text(name).and_then(|text| text.chars().next());
        let named = (0u32..).zip(&self.names).skip(1);
        named.filter_map(|(glyph, &name)| Some((glyph, letter(name)?))).collect()
    }
}

/// Strings that every CFF program has without listing them.
const STANDARD_STRINGS: usize = 391;

/// An INDEX of a CFF program: its items and where it ends.
fn index(data: &[u8], at: usize) -> Option<(Vec<&[u8]>, usize)> {
    let count = u16_at(data, at)?;
    if count == 0 {
        return Some((Vec::new(), at + 2));
    }
    let size = usize::from(*data.get(at + 2)?);
    let offset = |item: usize| {
        let from = at + 3 + item * size;
        let bytes = data.get(from..from + size).filter(|bytes| (1..=4).contains(&bytes.len()))?;
        Some(bytes.iter().fold(0usize, |sum, &byte| sum << 8 | usize::from(byte)))
    };
    let base = at + 2 + (count + 1) * size;
    let mut items = Vec::with_capacity(count);
    for item in 0..count {
        items.push(data.get(base.checked_add(offset(item)?)?..base.checked_add(offset(item + 1)?)?)?);
    }
    Some((items, base.checked_add(offset(count)?)?))
}

/// Operators of a DICT with the last operand of each; `12 x` is `0x0C00 + x`. Real numbers count as 0.
fn operands(mut data: &[u8]) -> Vec<(u16, i32)> {
    let mut found = Vec::new();
    let mut value = 0i32;
    while let Some((&first, rest)) = data.split_first() {
        let byte = |index: usize| rest.get(index).copied().map_or(0, i32::from);
        let first = i32::from(first);
        let used = match first {
            12 => {
                found.push((0x0C00 + u16::try_from(byte(0)).unwrap_or(0), value));
                1
            }
            0..=21 => {
                found.push((u16::try_from(first).unwrap_or(0), value));
                0
            }
            28 => {
                value = byte(0) << 8 | byte(1);
                2
            }
            29 => {
                value = byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
                4
            }
            30 => {
                value = 0;
                rest.iter()
                    .position(|&pair| pair & 0x0F == 0x0F || pair >> 4 == 0x0F)
                    .map_or(rest.len(), |at| at + 1)
            }
            32..=246 => {
                value = first - 139;
                0
            }
            247..=250 => {
                value = (first - 247) * 256 + byte(0) + 108;
                1
            }
            251..=254 => {
                value = -(first - 251) * 256 - byte(0) - 108;
                1
            }
            _ => 0,
        };
        data = rest.get(used..).unwrap_or(&[]);
    }
    found
}

/// Letters by glyph number from an embedded program: its Unicode `cmap`, else the names of its glyphs; empty when it
/// has neither.
pub(super) fn glyph_letters(
    descriptor: &Dict<'_>,
    decoder: &mut Decoder,
) -> Result<HashMap<u32, char>, LimitReached> {
    let stream =
        descriptor.get::<Stream<'_>>("FontFile2").or_else(|| descriptor.get::<Stream<'_>>("FontFile3"));
    let Some(stream) = stream else { return Ok(HashMap::new()) };
    let mut data = Vec::new();
    decoder.decode(&stream, &mut data)?;
    let mut letters = HashMap::new();
    for table in cmaps(&data) {
        if table.unicode {
            // The first letter wins: a glyph that serves several (hyphen and soft hyphen) is the commoner one.
            each_mapping(table.data, &mut |code, glyph| {
                if let Some(letter) = char::from_u32(code).filter(|_| glyph != 0) {
                    letters.entry(glyph).or_insert(letter);
                }
            });
        }
    }
    if letters.is_empty() {
        letters = post_letters(&data);
    }
    if letters.is_empty() {
        let compact = sfnt(&data, b"CFF ").unwrap_or(&data);
        letters = Compact::read(compact).map(|compact| compact.glyphs()).unwrap_or_default();
    }
    Ok(letters)
}

/// Letters by glyph number from the names in a `post` table of format 2.
fn post_letters(data: &[u8]) -> HashMap<u32, char> {
    /// Glyphs 226 to 257 of the Macintosh order; those before are ASCII and Mac Roman.
    const LAST: &str = "ŁłŠšŽž¦ÐðÝýÞþ−×¹²³½¼¾₣ĞğİŞşĆćČčđ";
    let mut letters = HashMap::new();
    let Some(post) = sfnt(data, b"post").filter(|post| u32_at(post, 0) == Some(0x2_0000)) else {
        return letters;
    };
    let count = u16_at(post, 32).unwrap_or(0);
    let mut names: Vec<&[u8]> = Vec::new();
    let mut rest = post.get(34 + count * 2..).unwrap_or(&[]);
    while let Some((&length, tail)) = rest.split_first() {
        let Some(name) = tail.get(..usize::from(length)) else { break };
        names.push(name);
        rest = tail.get(usize::from(length)..).unwrap_or(&[]);
    }
    let mac = encoding::Base::MacRoman.table();
    for glyph in 0..count {
        let Some(name) = u16_at(post, 34 + glyph * 2) else { break };
        let letter = match name {
            0..3 => None,
            3..=97 => u8::try_from(name + 29).ok().map(char::from),
            98..=225 => mac.get(name + 30).copied().filter(|letter| *letter != '\0'),
            226..258 => LAST.chars().nth(name - 226),
            own => {
                let mut text = String::new();
                let name = names.get(own - 258).and_then(|name| std::str::from_utf8(name).ok());
                name.filter(|name| encoding::glyph_name(name, &mut text)).and_then(|_| text.chars().next())
            }
        };
        if let (Ok(glyph), Some(letter)) = (u32::try_from(glyph), letter) {
            letters.insert(glyph, letter);
        }
    }
    letters
}

/// `dup 65 /A put` of a Type 1 program.
fn type1(clear: &[u8]) -> Option<HashMap<u8, String>> {
    let begin = memchr::memmem::find(clear, b"/Encoding")?;
    let mut lexer = Lexer::new(clear.get(begin + 9..)?);
    let mut letters = HashMap::new();
    let mut code = None;
    let mut name = None;
    while let Some(token) = lexer.next() {
        match token {
            Token::Word(b"StandardEncoding") if letters.is_empty() => return None,
            Token::Number(digits) => code = Some(number(digits)),
            Token::Name(bytes) => name = std::str::from_utf8(bytes).ok(),
            Token::Word(b"put") => {
                if let (Some(code), Some(name)) = (code.take(), name.take()) {
                    let mut text = String::new();
                    if (0.0..256.0).contains(&code) && encoding::glyph_name(name, &mut text) {
                        letters.insert(code as u8, text);
                    }
                }
            }
            Token::Word(b"def" | b"readonly" | b"eexec") if code.is_none() && !letters.is_empty() => break,
            Token::Word(b"eexec") => break,
            _ => {}
        }
    }
    (!letters.is_empty()).then_some(letters)
}

/// Letters by code of a simple TrueType font: its symbol or Macintosh table gives the glyph of a code, its Unicode
/// table the letter of the glyph. A font with only a symbol table has its letters at U+F000 + code.
fn truetype_codes(data: &[u8]) -> Option<HashMap<u8, String>> {
    let mut by_glyph: HashMap<u32, char> = HashMap::new();
    let mut by_code: HashMap<u8, u32> = HashMap::new();
    for table in cmaps(data) {
        each_mapping(table.data, &mut |code, glyph| {
            if table.unicode {
                if let Some(letter) = char::from_u32(code).filter(|_| glyph != 0) {
                    by_glyph.entry(glyph).or_insert(letter);
                }
            } else if let Ok(byte) = u8::try_from(if code >= 0xF000 { code - 0xF000 } else { code }) {
                by_code.entry(byte).or_insert(glyph);
            }
        });
    }
    if by_glyph.is_empty() {
        by_glyph = post_letters(data);
    }
    let mut letters = HashMap::new();
    for (code, glyph) in by_code {
        if let Some(letter) = by_glyph.get(&glyph) {
            letters.insert(code, letter.to_string());
        }
    }
    (!letters.is_empty()).then_some(letters)
}

struct Table<'a> {
    unicode: bool,
    data: &'a [u8],
}

fn u16_at(data: &[u8], at: usize) -> Option<usize> {
    match data.get(at..at.checked_add(2)?) {
        Some(&[high, low]) => Some(usize::from(u16::from_be_bytes([high, low]))),
        _ => None,
    }
}

fn u32_at(data: &[u8], at: usize) -> Option<usize> {
    Some(u16_at(data, at)? << 16 | u16_at(data, at.checked_add(2)?)?)
}

/// A table of an OpenType program, with what follows it.
fn sfnt<'a>(data: &'a [u8], tag: &[u8]) -> Option<&'a [u8]> {
    let count = u16_at(data, 4)?;
    let entry = (0..count).map(|index| 12 + index * 16).find(|&at| data.get(at..at + 4) == Some(tag))?;
    data.get(u32_at(data, entry + 8)?..)
}

/// The tables inside `cmap` of an OpenType program.
fn cmaps(data: &[u8]) -> Vec<Table<'_>> {
    let Some(cmap) = sfnt(data, b"cmap") else { return Vec::new() };
    let mut tables = Vec::new();
    for index in 0..u16_at(cmap, 2).unwrap_or(0).min(16) {
        let at = 4 + index * 8;
        let (Some(platform), Some(encoding), Some(offset)) =
            (u16_at(cmap, at), u16_at(cmap, at + 2), u32_at(cmap, at + 4))
        else {
            break;
        };
        let unicode = platform == 0 || (platform == 3 && matches!(encoding, 1 | 10));
        if let Some(data) = cmap.get(offset..) {
            tables.push(Table { unicode, data });
        }
    }
    tables
}

/// Calls `found(code, glyph)` for what a table maps. Formats 0, 4, 6 and 12; at most 70,000 mappings.
fn each_mapping(table: &[u8], found: &mut dyn FnMut(u32, u32)) {
    const MOST: usize = 70_000;
    let mut left = MOST;
    let mut give = |code: usize, glyph: usize| {
        left = left.saturating_sub(1);
        if let (Ok(code), Ok(glyph)) = (u32::try_from(code), u32::try_from(glyph)) {
            found(code, glyph);
        }
        left > 0
    };
    match u16_at(table, 0) {
        Some(0) => {
            for (code, &glyph) in table.iter().skip(6).take(256).enumerate() {
                give(code, usize::from(glyph));
            }
        }
        Some(4) => {
            let Some(segments) = u16_at(table, 6).map(|twice| twice / 2) else { return };
            for segment in 0..segments {
                let at = |part: usize| 14 + part * segments * 2 + segment * 2;
                let (Some(end), Some(start)) = (u16_at(table, at(0)), u16_at(table, at(1) + 2)) else {
                    return;
                };
                let (Some(delta), Some(offset)) = (u16_at(table, at(2) + 2), u16_at(table, at(3) + 2)) else {
                    return;
                };
                if end == 0xFFFF && start == 0xFFFF {
                    break;
                }
                for code in start..=end {
                    let glyph = if offset == 0 {
                        (code + delta) & 0xFFFF
                    } else {
                        let place = at(3) + 2 + offset + (code - start) * 2;
                        match u16_at(table, place) {
                            Some(0) | None => 0,
                            Some(glyph) => (glyph + delta) & 0xFFFF,
                        }
                    };
                    if !give(code, glyph) {
                        return;
                    }
                }
            }
        }
        Some(6) => {
            let (Some(first), Some(count)) = (u16_at(table, 6), u16_at(table, 8)) else { return };
            for index in 0..count {
                let Some(glyph) = u16_at(table, 10 + index * 2) else { return };
                give(first + index, glyph);
            }
        }
        Some(12) => {
            let groups = u32_at(table, 12).unwrap_or(0);
            for group in 0..groups {
                let at = 16 + group * 12;
                let (Some(start), Some(end), Some(glyph)) =
                    (u32_at(table, at), u32_at(table, at + 4), u32_at(table, at + 8))
                else {
                    return;
                };
                for code in start..=end.min(0x10_FFFF) {
                    if !give(code, glyph.saturating_add(code - start)) {
                        return;
                    }
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pdf_type1_program_tells_its_encoding() {
        let clear = b"%!PS /Encoding 256 array 0 1 255 {1 index exch /.notdef put} for\n\
                      dup 65 /Ecircumflexdotbelow put\ndup 66 /T put readonly def currentfile eexec \x80\x81";
        let letters = type1(clear).unwrap();
        assert_eq!(letters.get(&65).map(String::as_str), Some("Ệ"));
        assert_eq!(letters.len(), 2);
        assert_eq!(type1(b"/Encoding StandardEncoding def"), None);
    }

    #[test]
    fn pdf_compact_program_tells_its_encoding() {
        // Header, name index, top dict (charset 34, encoding 37, glyphs 40), strings, no subroutines.
        let mut data = vec![1, 0, 4, 1, 0, 1, 1, 1, 2, b'X'];
        data.extend([0, 1, 1, 1, 7, 173, 15, 176, 16, 179, 17]);
        data.extend([0, 1, 1, 1, 8]);
        data.extend(b"uni1EAC");
        data.push(0);
        assert_eq!(data.len(), 34);
        data.extend([0, 0x01, 0x87, 0, 1, 65]);
        data.extend([0, 2, 1, 1, 2, 3, 14, 14]);
        let compact = |data: &[u8]| Compact::read(data).and_then(|compact| compact.codes());
        let letters = compact(&data).unwrap();
        assert_eq!(letters.get(&65).map(String::as_str), Some("Ậ"));
        for end in 0..data.len() {
            compact(&data[..end]);
        }
        for at in 0..data.len() {
            let mut broken = data.clone();
            broken[at] ^= 0xFF;
            compact(&broken);
        }
    }

    #[test]
    fn pdf_cmap_tables_of_hostile_programs_end() {
        let mut table = vec![0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF];
        table.extend([0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0].repeat(10));
        let mut count = 0;
        each_mapping(&table, &mut |_, _| count += 1);
        assert_eq!(count, 70_000);
        each_mapping(&[0, 4, 0, 0, 0, 0, 0xFF, 0xFF, 1], &mut |_, _| {});
        assert!(cmaps(b"\0\x01\0\0\xFF\xFF").is_empty());
    }
}
