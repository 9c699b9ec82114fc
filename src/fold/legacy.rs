//! Vietnamese text written before Unicode: which letters the bytes of an old font or charset stand for.
//!
//! Readers give such text as Windows-1252 letters with undefined bytes kept as control characters, so that every byte
//! can be told again. Fonts decide the charset where there are fonts; without them, only a piece that spells a known
//! word is decoded, because Spanish and German use the same bytes.

use std::sync::LazyLock;

/// A legacy Vietnamese charset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Charset {
    /// TCVN3 (ABC), fonts `.Vn*`: no accented capitals; capitals are ASCII capitals around accented small letters.
    Tcvn3,
    /// VNI, fonts `VNI-*`: letter and mark in two bytes.
    Vni,
    /// VISCII, RFC 1456.
    Viscii,
    /// VPS: some capitals sit in control bytes.
    Vps,
    /// TCVN 5712:1993 VN1.
    Vn1,
    /// Windows-1258 read as Windows-1252: base letters with combining tone marks.
    Windows1258,
    /// UTF-8 read as Windows-1252.
    Mojibake,
    /// UTF-8 read as Windows-1252 twice.
    DoubleMojibake,
}

impl Charset {
    /// All of them, the more common first.
    pub const ALL: [Charset; 8] = [
        Charset::Tcvn3,
        Charset::Vni,
        Charset::Windows1258,
        Charset::Mojibake,
        Charset::DoubleMojibake,
        Charset::Viscii,
        Charset::Vps,
        Charset::Vn1,
    ];

    /// Name shown in reasons.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Charset::Tcvn3 => "tcvn3",
            Charset::Vni => "vni",
            Charset::Viscii => "viscii",
            Charset::Vps => "vps",
            Charset::Vn1 => "vn1",
            Charset::Windows1258 => "windows-1258",
            Charset::Mojibake => "utf-8-as-windows-1252",
            Charset::DoubleMojibake => "utf-8-as-windows-1252-twice",
        }
    }
}

/// What a font name says: the charset, and whether the font draws small letters as capitals.
#[must_use]
pub fn font_charset(font: &str) -> Option<(Charset, bool)> {
    // A PDF subset tag: six capitals and a plus.
    let name = match font.split_once('+') {
        Some((tag, rest)) if tag.len() == 6 => rest,
        _ => font,
    };
    let name = name.trim_start_matches('/');
    let begins = |start: &str| name.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start));
    // Some PDF makers leave the dot out: VnTime, VnArialH, but not VNI or VNtimes.
    let dotless =
        name.strip_prefix("Vn").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()));
    if begins(".vn") || dotless {
        // ".VnTimeH", ".VnArialH,Bold"
        let family = name.split([',', '-', ' ']).next().unwrap_or(name);
        return Some((Charset::Tcvn3, family.ends_with('H')));
    }
    if begins("vni") {
        return Some((Charset::Vni, false));
    }
    if begins("vps") {
        return Some((Charset::Vps, false));
    }
    // The TriChlor family and its followers (from memory; the names are used for nothing else).
    const VISCII_FONTS: [&str; 7] =
        ["VI Times", "VI Arial", "HoangYen", "MinhQuan", "PhuongThao", "ThaHuong", "UHoai"];
    if VISCII_FONTS.iter().any(|known| begins(known)) || (name.contains('V') && name.contains("VISCII")) {
        return Some((Charset::Viscii, false));
    }
    None
}

/// Decodes text given as Windows-1252 letters. `None` when nothing changes. Letters that no byte stands for (box
/// drawing, a bullet that was added later) stay what they are.
#[must_use]
pub fn decode(text: &str, charset: Charset) -> Option<String> {
    let mut decoded = String::with_capacity(text.len());
    let mut bytes: Vec<u8> = Vec::with_capacity(text.len());
    for letter in text.chars() {
        if let Some(byte) = surface_byte(letter).or_else(|| pdf_byte(letter, charset)) {
            bytes.push(byte);
            continue;
        }
        decode_bytes(&bytes, charset, &mut decoded);
        bytes.clear();
        decoded.push(letter);
    }
    decode_bytes(&bytes, charset, &mut decoded);
    (decoded != text).then_some(decoded)
}

/// PDF extractors turn the bytes AD and B7 into these signs (measured in 129 cases of five TCVN3 papers).
fn pdf_byte(letter: char, charset: Charset) -> Option<u8> {
    match letter {
        '\u{2212}' if charset == Charset::Tcvn3 => Some(0xAD),
        '\u{2219}' if charset == Charset::Tcvn3 => Some(0xB7),
        _ => None,
    }
}

fn decode_bytes(bytes: &[u8], charset: Charset, out: &mut String) {
    // Between the letters of other text stand these, and they are the same in all charsets.
    if bytes.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        out.extend(bytes.iter().copied().map(char::from));
        return;
    }
    match charset {
        Charset::Windows1258 => {
            out.push_str(&encoding_rs::WINDOWS_1258.decode_without_bom_handling(bytes).0);
        }
        Charset::Mojibake => out.push_str(&lenient_utf8(bytes)),
        Charset::DoubleMojibake => {
            let once = lenient_utf8(bytes);
            // What was misread twice is still Windows-1252 letters after the first repair.
            out.push_str(&decode(&once, Charset::Mojibake).unwrap_or(once));
        }
        Charset::Tcvn3 => out.push_str(&capitals_of_tcvn3(&TCVN3.decode(bytes), bytes)),
        Charset::Vni => out.push_str(&VNI.decode(bytes)),
        Charset::Viscii => out.push_str(&VISCII.decode(bytes)),
        Charset::Vps => out.push_str(&VPS.decode(bytes)),
        Charset::Vn1 => out.push_str(&VN1.decode(bytes)),
    }
}

/// UTF-8 where the bytes are UTF-8, their Windows-1252 letters where not: one damaged letter must not hide a marking.
fn lenient_utf8(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.push_str(&surface(chunk.invalid().iter().copied()));
    }
    out
}

/// Decodes a run in a legacy font. Returns `None` when the font is not one.
#[must_use]
pub fn decode_run(text: &str, font: &str) -> Option<String> {
    let (charset, capitals) = font_charset(font)?;
    let decoded = decode(text, charset).unwrap_or_else(|| text.to_owned());
    Some(if capitals { decoded.to_uppercase() } else { decoded })
}

/// How a Vietnamese word looks when its bytes in a charset are read as Windows-1252; several forms where capitals are
/// written in more than one way. Empty when the charset cannot write it.
#[must_use]
pub fn surface_forms(word: &str, charset: Charset) -> Vec<String> {
    let small = word.to_lowercase();
    let forms: Vec<Option<String>> = match charset {
        // Capitals are ASCII capitals with the small accented letters' bytes; in an H font all bytes are small.
        Charset::Tcvn3 => {
            let mixed: String = word
                .chars()
                .map(|c| if c.is_ascii() { c } else { c.to_lowercase().next().unwrap_or(c) })
                .collect();
            vec![TCVN3.encode(&mixed), TCVN3.encode(&small)]
        }
        Charset::Vni => vec![VNI.encode(word), VNI.encode(&small)],
        Charset::Viscii => vec![VISCII.encode(word), VISCII.encode(&small)],
        Charset::Vps => vec![VPS.encode(word), VPS.encode(&small)],
        Charset::Vn1 => vec![VN1.encode(word)],
        Charset::Windows1258 => [word, small.as_str()].into_iter().map(encode_1258).collect(),
        Charset::Mojibake => {
            [word, small.as_str()].into_iter().map(|word| Some(surface(word.bytes()))).collect()
        }
        Charset::DoubleMojibake => {
            let twice = |word: &str| surface(surface(word.bytes()).bytes());
            [word, small.as_str()].into_iter().map(|word| Some(twice(word))).collect()
        }
    };
    let mut forms: Vec<String> =
        forms.into_iter().flatten().filter(|form| form != word && form != &small).collect();
    forms.dedup();
    forms
}

/// A TCVN3 word is in capitals when its ASCII letters are.
fn capitals_of_tcvn3(decoded: &str, bytes: &[u8]) -> String {
    let any_capital = bytes.iter().any(u8::is_ascii_uppercase);
    let any_small = bytes.iter().any(u8::is_ascii_lowercase);
    if any_capital && !any_small { decoded.to_uppercase() } else { decoded.to_owned() }
}

fn encode_1258(word: &str) -> Option<String> {
    use unicode_normalization::UnicodeNormalization as _;
    // Windows-1258 composes the vowel and leaves the tone as a combining mark; encoding_rs does not decompose.
    let mut spread = String::new();
    for letter in word.chars() {
        let (_, _, unmappable) = encoding_rs::WINDOWS_1258.encode(letter.encode_utf8(&mut [0; 4]));
        if !unmappable {
            spread.push(letter);
            continue;
        }
        let parts: Vec<char> = std::iter::once(letter).nfd().collect();
        let tone = parts
            .iter()
            .copied()
            .find(|part| matches!(part, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}'));
        spread.extend(parts.iter().copied().filter(|part| Some(*part) != tone).nfc());
        spread.extend(tone);
    }
    let (bytes, _, unmappable) = encoding_rs::WINDOWS_1258.encode(&spread);
    (!unmappable).then(|| surface(bytes.iter().copied()))
}

/// The byte behind a letter of text read as Windows-1252 with undefined bytes kept.
fn surface_byte(letter: char) -> Option<u8> {
    let code = u32::from(letter);
    if let Ok(byte) = u8::try_from(code) {
        return Some(byte);
    }
    // Windows-1252 differs from Latin-1 in these 32 bytes only.
    let at = SPECIALS.iter().position(|known| *known == letter)?;
    u8::try_from(0x80 + at).ok()
}

/// Letters of the bytes 80 to 9F in Windows-1252.
static SPECIALS: LazyLock<Vec<char>> = LazyLock::new(|| surface(0x80..=0x9F).chars().collect());

/// Bytes as Windows-1252 letters; encoding_rs maps the five undefined bytes to control characters, as wanted here.
fn surface(bytes: impl Iterator<Item = u8>) -> String {
    let bytes: Vec<u8> = bytes.collect();
    encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes).0.into_owned()
}

/// Byte sequences and the letters they stand for.
struct Table {
    /// Longest sequence first.
    rows: Vec<(Vec<u8>, char)>,
    /// Numbers of the rows that begin with each byte, in the order of `rows`. Trial decoding asks for every byte of
    /// every suspicious piece; asking all rows each time was a quarter of the time a folder of old Office files took.
    by_first: Vec<Vec<usize>>,
    /// What a byte is that begins no row: its Windows-1252 letter.
    surfaces: Vec<char>,
}

impl Table {
    /// Reads `HEX letter` lines; `#` starts a comment.
    fn parse(text: &str) -> Table {
        let mut rows: Vec<(Vec<u8>, char)> = Vec::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((hex, letter)) = line.split_once(' ') else { continue };
            let bytes =
                (0..hex.len() / 2).filter_map(|i| u8::from_str_radix(hex.get(2 * i..2 * i + 2)?, 16).ok());
            if let Some(letter) = letter.chars().next() {
                rows.push((bytes.collect(), letter));
            }
        }
        // Longest sequence first: in VNI a letter and its mark come before the letter alone.
        rows.sort_by_key(|(bytes, _)| std::cmp::Reverse(bytes.len()));
        let by_first = (0..=u8::MAX)
            .map(|first| {
                let begins = |(_, (bytes, _)): &(usize, &(Vec<u8>, char))| bytes.first() == Some(&first);
                rows.iter().enumerate().filter(begins).map(|(number, _)| number).collect()
            })
            .collect();
        let surfaces = surface(0..=u8::MAX).chars().collect();
        Table { rows, by_first, surfaces }
    }

    fn decode(&self, bytes: &[u8]) -> String {
        let mut out = String::with_capacity(bytes.len() * 2);
        let mut rest = bytes;
        while let Some((first, after)) = rest.split_first() {
            let rows = self.by_first.get(usize::from(*first)).map_or(&[][..], Vec::as_slice);
            let mut rows = rows.iter().filter_map(|number| self.rows.get(*number));
            if let Some((sequence, letter)) = rows.find(|(sequence, _)| rest.starts_with(sequence)) {
                out.push(*letter);
                rest = rest.get(sequence.len()..).unwrap_or_default();
            } else {
                out.extend(self.surfaces.get(usize::from(*first)));
                rest = after;
            }
        }
        out
    }

    fn encode(&self, word: &str) -> Option<String> {
        let mut bytes = Vec::new();
        for letter in word.chars() {
            match self.rows.iter().find(|(_, known)| *known == letter) {
                Some((sequence, _)) => bytes.extend_from_slice(sequence),
                None if letter.is_ascii() => bytes.push(letter as u8),
                None => return None,
            }
        }
        Some(surface(bytes.into_iter()))
    }
}

static TCVN3: LazyLock<Table> = LazyLock::new(|| Table::parse(include_str!("tables/tcvn3.txt")));
static VNI: LazyLock<Table> = LazyLock::new(|| Table::parse(include_str!("tables/vni.txt")));
static VISCII: LazyLock<Table> = LazyLock::new(|| Table::parse(include_str!("tables/viscii.txt")));
static VPS: LazyLock<Table> = LazyLock::new(|| Table::parse(include_str!("tables/vps.txt")));
static VN1: LazyLock<Table> = LazyLock::new(|| Table::parse(include_str!("tables/vn1.txt")));

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization as _;

    use super::*;

    /// Spellings measured for the domain page, section 4.1, with a published conversion package and glibc `iconv`.
    #[test]
    fn ascii_is_ascii_in_every_charset() {
        let ascii: Vec<u8> = (b' '..=b'~').collect();
        let table = |table: &Table| table.decode(&ascii);
        for decoded in [&*TCVN3, &*VNI, &*VISCII, &*VPS, &*VN1].map(table) {
            assert_eq!(decoded.as_bytes(), ascii);
        }
        for charset in Charset::ALL {
            for text in [String::from_utf8(ascii.clone()).unwrap(), "TOP SECRET".to_owned()] {
                assert_eq!(decode(&text, charset), None, "{charset:?}");
            }
        }
        // Without the shortcut, too.
        assert_eq!(lenient_utf8(&ascii).as_bytes(), ascii);
        assert_eq!(encoding_rs::WINDOWS_1258.decode_without_bom_handling(&ascii).0.as_bytes(), ascii);
        assert_eq!(capitals_of_tcvn3("TOP SECRET", b"TOP SECRET"), "TOP SECRET");
    }

    #[test]
    fn the_degrees_in_every_charset() {
        for (charset, legacy, word) in [
            (Charset::Tcvn3, "TUYÖT MËT", "TUYỆT MẬT"),
            (Charset::Tcvn3, "tuyÖt mËt", "tuyệt mật"),
            (Charset::Tcvn3, "TèI MËT", "TỐI MẬT"),
            (Charset::Vni, "TUYEÄT MAÄT", "TUYỆT MẬT"),
            (Charset::Vni, "TOÁI MAÄT", "TỐI MẬT"),
            (Charset::Viscii, "TUY\u{17D}T M\u{2021}T", "TUYỆT MẬT"),
            (Charset::Vps, "TUY\u{6}T M\u{3}T", "TUYỆT MẬT"),
            (Charset::Windows1258, "TUYÊòT MÂòT", "TUYỆT MẬT"),
            (Charset::Mojibake, "TUYá»†T Máº¬T", "TUYỆT MẬT"),
            (Charset::DoubleMojibake, "TUYÃ¡Â»â€\u{A0}T MÃ¡ÂºÂ¬T", "TUYỆT MẬT"),
        ] {
            let decoded: String = decode(legacy, charset).unwrap().nfc().collect();
            assert_eq!(decoded, word, "{charset:?}");
            assert!(
                surface_forms(word.to_uppercase().as_str(), charset).contains(&legacy.to_owned()),
                "{charset:?} {legacy}"
            );
        }
    }

    #[test]
    fn what_is_not_of_the_charset_stays() {
        assert_eq!(decode("│ MËT │", Charset::Tcvn3).as_deref(), Some("│ MẬT │"));
        // The byte 90 of Ố is undefined in Windows-1252, and some programs drop it.
        assert_eq!(decode("Tá»I Máº¬T", Charset::Mojibake).as_deref(), Some("Tá»I MẬT"));
        assert_eq!(decode("L\u{2212}u hµnh néi bé", Charset::Tcvn3).as_deref(), Some("Lưu hành nội bộ"));
    }

    #[test]
    fn letterheads() {
        assert_eq!(
            decode("CéNG HßA X· HéI CHñ NGHÜA VIÖT NAM", Charset::Tcvn3).unwrap(),
            "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
        );
        assert_eq!(
            decode("COÄNG HOØA XAÕ HOÄI CHUÛ NGHÓA VIEÄT NAM", Charset::Vni).unwrap(),
            "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
        );
    }

    #[test]
    fn fonts() {
        assert_eq!(font_charset("ABCDEF+.VnTimeH"), Some((Charset::Tcvn3, true)));
        assert_eq!(font_charset(".VnTime,Bold"), Some((Charset::Tcvn3, false)));
        assert_eq!(font_charset("VNI-Times"), Some((Charset::Vni, false)));
        assert_eq!(font_charset("ABCDEF+VnArialH"), Some((Charset::Tcvn3, true)));
        assert_eq!(font_charset("VPS Times"), Some((Charset::Vps, false)));
        assert_eq!(font_charset("Times New Roman"), None);
        assert_eq!(font_charset("VNtimes"), None);
        assert_eq!(decode_run("mËt", ".VnTimeH").as_deref(), Some("MẬT"));
        assert_eq!(decode_run("L\u{2212}u", ".VnTime").as_deref(), Some("Lưu"));
    }
}
