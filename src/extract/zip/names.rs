//! Names and comments of entries, in whatever encoding they were written.
//!
//! The format knows code page 437 and UTF-8 (APPNOTE appendix D). Writers store UTF-8 without the flag, the code page of
//! their system, or, on old Vietnamese systems, the letters of a font. One encoding is told from all names of an
//! archive together, since a single name is too short to tell it.

use encoding_rs::{Encoding, WINDOWS_1252, WINDOWS_1258};

use crate::extract::charset::{self, Charset};

/// Bytes of names that are looked at; more does not make the guess better.
const SAMPLE: usize = 16 << 10;

/// How the names of one archive are read where they are not UTF-8.
pub(super) struct Names {
    encoding: Option<&'static Encoding>,
}

impl Names {
    /// Tells the encoding from all names.
    pub(super) fn of(names: impl IntoIterator<Item = Vec<u8>>) -> Names {
        let mut sample = Vec::new();
        for name in names {
            if std::str::from_utf8(&name).is_err() {
                sample.extend_from_slice(&name);
                sample.push(b'\n');
            }
            if sample.len() > SAMPLE {
                break;
            }
        }
        if sample.is_empty() {
            return Names { encoding: None };
        }
        let encoding = match charset::narrow(&sample, None) {
            _ if charset::has_legacy_vietnamese(&sample) => Some(WINDOWS_1252),
            Charset::Legacy(encoding) if encoding == WINDOWS_1258 || spells(encoding, &sample) => {
                Some(encoding)
            }
            _ => None,
        };
        Names { encoding }
    }

    /// A name as it was meant: UTF-8 when it is valid UTF-8 (many writers forget the flag), else in the encoding of this
    /// archive, else as `read`, the zip crate's reading (code page 437).
    pub(super) fn show(&self, raw: &[u8], read: Option<&str>) -> String {
        let name = match (std::str::from_utf8(raw), self.encoding, read) {
            // An extra field may give a better name than the header (APPNOTE 4.6.9).
            (Ok(name), _, Some(read)) if name.is_ascii() && name != read => read.to_owned(),
            (Ok(name), _, _) => name.to_owned(),
            (Err(_), _, Some(read)) if read != from_437(raw) => read.to_owned(),
            (Err(_), Some(encoding), _) => {
                let mut name = String::new();
                charset::decode_legacy(encoding, raw, &mut name);
                name
            }
            (Err(_), None, _) => from_437(raw),
        };
        if name.contains('\\') && !name.contains('/') { name.replace('\\', "/") } else { name }
    }
}

/// Whether the bytes are words in an encoding of two bytes a letter: accents of code page 437 pair with letters, too,
/// but to punctuation and boxes.
fn spells(encoding: &'static Encoding, sample: &[u8]) -> bool {
    if encoding.is_single_byte() {
        return false;
    }
    let (text, _, broken) = encoding.decode(sample);
    let (mut letters, mut others) = (0usize, 0usize);
    for letter in text.chars().filter(|letter| *letter as u32 >= 0x80) {
        if letter.is_alphanumeric() {
            letters += 1;
        } else {
            others += 1;
        }
    }
    !broken && letters > others
}

/// A comment of an entry. The zip crate reads it as code page 437 unless it is flagged; what is valid UTF-8 was meant so.
pub(super) fn comment(read: &str) -> String {
    let bytes: Option<Vec<u8>> = read.chars().map(to_437).collect();
    match bytes.map(String::from_utf8) {
        Some(Ok(text)) => text,
        _ => read.to_owned(),
    }
}

/// Upper half of code page 437.
const CP437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
    └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■ ";

fn from_437(raw: &[u8]) -> String {
    let letter = |byte: &u8| match byte {
        0..=127 => char::from(*byte),
        _ => CP437.chars().nth(usize::from(*byte - 128)).unwrap_or(char::REPLACEMENT_CHARACTER),
    };
    raw.iter().map(letter).collect()
}

fn to_437(letter: char) -> Option<u8> {
    if letter.is_ascii() {
        return u8::try_from(letter).ok();
    }
    CP437.chars().position(|known| known == letter).and_then(|at| u8::try_from(at + 128).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(raw: &[u8]) -> String {
        Names::of([raw.to_vec()]).show(raw, Some(&from_437(raw)))
    }

    #[test]
    fn names_in_any_encoding() {
        assert_eq!(one("mật.txt".as_bytes()), "mật.txt");
        // für.txt of a German DOS, Größe
        assert_eq!(one(b"f\x81r.txt"), "für.txt");
        assert_eq!(one(b"Gr\x94\xE1e 2026.doc"), "Größe 2026.doc");
        // 新しい文書.txt of a Japanese Windows
        assert_eq!(one(b"\x90V\x82\xB5\x82\xA2\x95\xB6\x8F\x91.txt"), "新しい文書.txt");
        // Letters of a .Vn font are kept apart for the folding: TuyÖt mËt is what a program without the font shows.
        assert_eq!(one(b"B\xB8o c\xB8o tuy\xD6t m\xCBt.doc"), "B¸o c¸o tuyÖt mËt.doc");
        assert_eq!(one(b"a\\b.txt"), "a/b.txt");
    }

    #[test]
    fn comments_that_forgot_the_flag() {
        assert_eq!(comment(&from_437("TỐI MẬT".as_bytes())), "TỐI MẬT");
        assert_eq!(comment("für"), "für");
    }
}
