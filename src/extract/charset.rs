//! Which encoding bytes are in, and their text.
//!
//! In: bytes, and what a container declares. Out: text in which *every byte stays distinguishable*. Left out: the
//! Vietnamese 8-bit encodings before Unicode (TCVN3, VNI, VISCII, VPS). No guesser knows them and whole-text guessing
//! takes Spanish for TCVN3, so such text is given as Windows-1252 with the undefined bytes and the C0 controls kept
//! (VPS draws capitals there), and the fold stage decodes the segments that spell a mark.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    BIG5, DecoderResult, EUC_JP, EUC_KR, Encoding, GB18030, GBK, ISO_2022_JP, REPLACEMENT, SHIFT_JIS, UTF_8,
    UTF_16BE, UTF_16LE, WINDOWS_1252, WINDOWS_1258, X_USER_DEFINED,
};
use memchr::memmem;

/// An encoding as far as reading must tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charset {
    Utf8,
    /// UTF-16 or UTF-32.
    Wide(Wide),
    /// One of the encodings of the WHATWG standard, one or two bytes a character.
    Legacy(&'static Encoding),
}

/// Encodings of two or four bytes a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wide {
    Utf16Le,
    Utf16Be,
    Utf32Le,
    Utf32Be,
}

impl Charset {
    /// The encoding a container or a document names; `None` when the name is unknown or says nothing of use
    /// (`x-user-defined` stands on pages in Vietnamese fonts before Unicode).
    pub(super) fn from_label(label: &str) -> Option<Charset> {
        let label = label.trim().trim_matches(['"', '\'']);
        match label.to_ascii_lowercase().as_str() {
            "utf-32" | "utf-32le" | "ucs-4" => return Some(Charset::Wide(Wide::Utf32Le)),
            "utf-32be" => return Some(Charset::Wide(Wide::Utf32Be)),
            _ => {}
        }
        let encoding = Encoding::for_label(label.as_bytes())?;
        if encoding == UTF_8 {
            Some(Charset::Utf8)
        } else if encoding == UTF_16LE {
            Some(Charset::Wide(Wide::Utf16Le))
        } else if encoding == UTF_16BE {
            Some(Charset::Wide(Wide::Utf16Be))
        } else if encoding == X_USER_DEFINED || encoding == REPLACEMENT {
            None
        } else {
            Some(Charset::Legacy(encoding))
        }
    }

    /// Its name in lower case.
    pub(super) fn name(self) -> String {
        match self {
            Charset::Utf8 => "utf-8".to_owned(),
            Charset::Wide(Wide::Utf16Le) => "utf-16le".to_owned(),
            Charset::Wide(Wide::Utf16Be) => "utf-16be".to_owned(),
            Charset::Wide(Wide::Utf32Le) => "utf-32le".to_owned(),
            Charset::Wide(Wide::Utf32Be) => "utf-32be".to_owned(),
            Charset::Legacy(encoding) => encoding.name().to_ascii_lowercase(),
        }
    }
}

/// The encoding a byte order mark names, and the mark's length.
pub(super) fn bom(bytes: &[u8]) -> Option<(Charset, usize)> {
    match bytes {
        [0xEF, 0xBB, 0xBF, ..] => Some((Charset::Utf8, 3)),
        [0xFF, 0xFE, 0, 0, ..] => Some((Charset::Wide(Wide::Utf32Le), 4)),
        [0, 0, 0xFE, 0xFF, ..] => Some((Charset::Wide(Wide::Utf32Be), 4)),
        [0xFF, 0xFE, ..] => Some((Charset::Wide(Wide::Utf16Le), 2)),
        [0xFE, 0xFF, ..] => Some((Charset::Wide(Wide::Utf16Be), 2)),
        _ => None,
    }
}

/// How many bytes the statistics of [`wide`] look at.
const WIDE_SAMPLE: usize = 4096;

/// UTF-16 or UTF-32 without a byte order mark, told by where the zero bytes stand.
///
/// Text of any alphabet has blanks, digits and line ends, whose upper bytes are zero; a NUL character or half a
/// surrogate pair stands in none. Ideographic UTF-16 without a mark is not told: it has no zero bytes.
pub(super) fn wide(bytes: &[u8]) -> Option<Wide> {
    let sample = bytes.get(..WIDE_SAMPLE).unwrap_or(bytes);
    let whole = bytes.len() <= WIDE_SAMPLE;
    if sample.len() < 2 || memchr::memchr(0, sample).is_none() {
        return None;
    }
    if sample.len() >= 8 && (!whole || sample.len().is_multiple_of(4)) {
        for (wide, unit) in [
            (Wide::Utf32Le, u32::from_le_bytes as fn([u8; 4]) -> u32),
            (Wide::Utf32Be, u32::from_be_bytes as fn([u8; 4]) -> u32),
        ] {
            let (units, _) = sample.as_chunks::<4>();
            let valid = |c: u32| char::from_u32(c).is_some() && !is_control(c);
            let common = units.iter().filter(|bytes| unit(**bytes) < 0x1_0000).count();
            if common * 4 >= units.len() * 3 && units.iter().all(|bytes| valid(unit(*bytes))) {
                return Some(wide);
            }
        }
    }
    if whole && !sample.len().is_multiple_of(2) {
        return None;
    }
    for (wide, unit) in [
        (Wide::Utf16Le, u16::from_le_bytes as fn([u8; 2]) -> u16),
        (Wide::Utf16Be, u16::from_be_bytes as fn([u8; 2]) -> u16),
    ] {
        let (units, _) = sample.as_chunks::<2>();
        if is_utf16(units.iter().map(|bytes| unit(*bytes)), units.len()) {
            return Some(wide);
        }
    }
    None
}

fn is_utf16(units: impl Iterator<Item = u16> + Clone, count: usize) -> bool {
    let mut ascii = 0usize;
    let mut blanks = 0usize;
    let mut pages = [false; 256];
    for unit in units.clone() {
        if is_control(u32::from(unit)) {
            return false;
        }
        let [upper, _] = unit.to_be_bytes();
        if let Some(page) = pages.get_mut(usize::from(upper)) {
            *page = true;
        }
        ascii += usize::from(unit < 0x7F);
        blanks += usize::from(matches!(unit, 0x20 | 0x0A | 0x0D | 0x09));
    }
    // The last unit may be the first half of a pair that the sample cuts.
    let broken = char::decode_utf16(units).filter(Result::is_err).count();
    // An alphabet keeps to few pages of 256 characters: 4 are enough for Latin with Vietnamese.
    let alphabet = pages.iter().filter(|seen| **seen).count() <= 5 && blanks * 20 >= count;
    broken <= 1 && (ascii * 5 >= count * 2 || alphabet)
}

/// Control characters that no text holds.
fn is_control(unit: u32) -> bool {
    unit < 0x20 && !matches!(unit, 0x09 | 0x0A | 0x0C | 0x0D | 0x0B | 0x08 | 0x1B)
}

/// Whether the bytes can be text in any encoding. They are the first of a document.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    match bom(bytes) {
        Some((Charset::Utf8, _)) => return true,
        Some((Charset::Wide(kind), skip)) => {
            let rest = bytes.get(skip..).unwrap_or_default();
            return rest.len() < 2 || wide_share_of_junk(kind, rest) < 0.05;
        }
        _ => {}
    }
    // Some programs fill the last block of a file with zeros.
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
    let text = bytes.get(..end).unwrap_or_default();
    let (nul, control) = count_controls(text);
    if nul == 0 && control == 0 {
        return !text.is_empty();
    }
    if wide(bytes).is_some() {
        return true;
    }
    // One stray zero in a log of 16 KiB does not make it binary, or a single byte would hide a document.
    // VPS capitals are control characters: a page of capitals holds up to 15 % of them, a line 25 %.
    let high = text.iter().filter(|byte| **byte >= 0x80).count();
    let length = text.len();
    if nul > 0 {
        return nul * 500 <= length && (nul + control) * 200 <= length && high * 3 <= length;
    }
    let allowed = if length <= 256 { 4 } else { 6 };
    control * 50 <= length || (control * allowed <= length && high * 5 <= length)
}

/// NULs and other control characters that are not white space, backspace or escape.
fn count_controls(bytes: &[u8]) -> (usize, usize) {
    let mut nul = 0;
    let mut control = 0;
    // Sums of bytes in short chunks, which the compiler turns into SIMD.
    for chunk in bytes.chunks(128) {
        let zeros: u8 = chunk.iter().map(|byte| u8::from(*byte == 0)).sum();
        let controls: u8 = chunk
            .iter()
            .map(|byte| u8::from(*byte < 0x20) & u8::from(byte.wrapping_sub(8) > 5) & u8::from(*byte != 0x1B))
            .sum();
        nul += usize::from(zeros);
        control += usize::from(controls - zeros);
    }
    (nul, control)
}

fn wide_share_of_junk(kind: Wide, bytes: &[u8]) -> f64 {
    let sample = bytes.get(..WIDE_SAMPLE).unwrap_or(bytes);
    let mut text = String::new();
    WideDecoder::new(kind).decode(sample, false, &mut text);
    let junk = text.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER || is_control(*c as u32)).count();
    // Both counts are below 2^53.
    #[allow(clippy::cast_precision_loss)]
    let share = junk as f64 / text.chars().count().max(1) as f64;
    share
}

/// Decodes UTF-16 and UTF-32 piece by piece.
pub(super) struct WideDecoder {
    kind: Wide,
    utf16: Option<encoding_rs::Decoder>,
    rest: Vec<u8>,
}

impl WideDecoder {
    pub(super) fn new(kind: Wide) -> WideDecoder {
        let utf16 = match kind {
            Wide::Utf16Le => Some(UTF_16LE.new_decoder_without_bom_handling()),
            Wide::Utf16Be => Some(UTF_16BE.new_decoder_without_bom_handling()),
            Wide::Utf32Le | Wide::Utf32Be => None,
        };
        WideDecoder { kind, utf16, rest: Vec::new() }
    }

    /// Adds the text of the next bytes to `out`; what breaks the encoding becomes U+FFFD.
    pub(super) fn decode(&mut self, bytes: &[u8], last: bool, out: &mut String) {
        if let Some(decoder) = &mut self.utf16 {
            out.reserve(decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(0));
            let _ = decoder.decode_to_string(bytes, out, last);
            return;
        }
        self.rest.extend_from_slice(bytes);
        let (units, rest) = self.rest.as_chunks::<4>();
        for unit in units {
            let code = match self.kind {
                Wide::Utf32Be => u32::from_be_bytes(*unit),
                _ => u32::from_le_bytes(*unit),
            };
            out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        if last && !rest.is_empty() {
            out.push(char::REPLACEMENT_CHARACTER);
        }
        let kept = rest.len();
        let done = self.rest.len() - kept;
        self.rest.drain(..done);
    }
}

/// How many bytes from the first non-ASCII one the guess looks at.
const GUESS_SAMPLE: usize = 64 << 10;

/// The encoding of 8-bit text that is not valid UTF-8. `declared` wins where the bytes do not contradict it.
pub(super) fn narrow(bytes: &[u8], declared: Option<Charset>) -> Charset {
    let start = bytes.iter().position(|byte| *byte >= 0x80).unwrap_or(0).saturating_sub(64);
    let sample = bytes.get(start..).unwrap_or_default();
    let sample = sample.get(..GUESS_SAMPLE).unwrap_or(sample);
    if is_mostly_utf8(sample) {
        return Charset::Utf8;
    }
    if let Some(Charset::Legacy(encoding)) = declared
        && is_plausible(sample, encoding)
    {
        return Charset::Legacy(encoding);
    }
    if has_combining_marks(sample) {
        return Charset::Legacy(WINDOWS_1258);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    if guess == WINDOWS_1252
        || guess == WINDOWS_1258
        || has_legacy_vietnamese(sample)
        || !is_plausible(sample, guess)
    {
        return Charset::Legacy(WINDOWS_1252);
    }
    Charset::Legacy(guess)
}

/// Whether the non-ASCII bytes are UTF-8 but for a few broken ones. One in four may be broken: bytes of an 8-bit
/// encoding form UTF-8 sequences by chance only, and what is broken is decoded as Windows-1252 beside it, so that a
/// log of two encodings loses nothing of either.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let mut good = 0usize;
    let mut broken = 0usize;
    for chunk in bytes.utf8_chunks() {
        // A sequence of three bytes is far less likely to be chance than one of two.
        good += chunk
            .valid()
            .bytes()
            .map(|byte| usize::from(byte >= 0xC0) + 2 * usize::from(byte >= 0xE0))
            .sum::<usize>();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    good > broken.saturating_mul(3)
}

/// Whether the bytes follow the rules of an encoding: at most one of fifty characters outside ASCII breaks them.
fn is_plausible(sample: &[u8], encoding: &'static Encoding) -> bool {
    if encoding.is_single_byte() {
        return true;
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text =
        String::with_capacity(decoder.max_utf8_buffer_length_without_replacement(sample.len()).unwrap_or(0));
    let mut broken = 0usize;
    let mut at = 0;
    // Room is reserved for all, so each turn ends in a broken sequence or in the end of the input.
    while let Some(rest) = sample.get(at..) {
        let (result, read) = decoder.decode_to_string_without_replacement(rest, &mut text, false);
        at += read;
        match result {
            DecoderResult::Malformed(..) => broken += 1,
            DecoderResult::InputEmpty | DecoderResult::OutputFull => break,
        }
    }
    let good = text.chars().filter(|c| *c as u32 >= 0x80).count();
    if broken * 50 > good {
        return false;
    }
    // In these, second bytes of common characters are high too. Latin words with an accent here and there pair
    // the accent with an ASCII letter and pass for rare characters.
    if encoding == GBK || encoding == GB18030 || encoding == EUC_KR || encoding == EUC_JP {
        let high = sample.iter().filter(|byte| **byte >= 0x80).count();
        return high * 2 >= good * 3;
    }
    encoding == BIG5 || encoding == SHIFT_JIS || encoding == ISO_2022_JP || good > 0
}

/// Windows-1258 writes the tone after its vowel; in another encoding these bytes stand anywhere. The guesser is not
/// asked: it took a page of capitals for Windows-1252.
fn has_combining_marks(sample: &[u8]) -> bool {
    let mut after_vowel = 0usize;
    let mut elsewhere = 0usize;
    for pair in sample.windows(2) {
        let [before, mark] = pair else { continue };
        if matches!(mark, 0xCC | 0xD2 | 0xDE | 0xEC | 0xF2) {
            let vowel = matches!(
                before.to_ascii_lowercase(),
                b'a' | b'e'
                    | b'i'
                    | b'o'
                    | b'u'
                    | b'y'
                    | 0xC2
                    | 0xE2
                    | 0xCA
                    | 0xEA
                    | 0xD4
                    | 0xF4
                    | 0xC3
                    | 0xE3
                    | 0xD5
                    | 0xF5
                    | 0xDD
                    | 0xFD
            );
            if vowel {
                after_vowel += 1;
            } else {
                elsewhere += 1;
            }
        }
    }
    after_vowel >= 3 && after_vowel > elsewhere * 9
}

/// Common words and marks in TCVN3, VNI, VISCII and VPS bytes (vietnam-markings 4.1). Only asked when a guesser
/// claims some other encoding.
static LEGACY_WORDS: &[&[u8]] = &[
    // TCVN3: mật, MẬT, Số, của, cộng, việt, nhân dân, độc lập, hỏa, được
    b"m\xCBt",
    b"M\xCBT",
    b"S\xE8 ",
    b"S\xE8:",
    b"c\xF1a",
    b"c\xE9ng",
    b"vi\xD6t",
    b"Vi\xD6t",
    b"VI\xD6T",
    b"d\xA9n",
    b"\xAE\xE9c",
    b"l\xCBp",
    b"\xAE\xAD\xEEc",
    b"h\xE9i",
    b"quy\xD5t",
    // VNI
    b"ma\xE4t",
    b"MA\xC4T",
    b"So\xE1 ",
    b"So\xE1:",
    b"cu\xFBa",
    b"co\xE4ng",
    b"vie\xE4t",
    b"Vie\xE4t",
    b"VIE\xC4T",
    b"\xF1o\xE4c",
    b"\xF1\xF6\xF4\xEFc",
    b"quye\xE1t",
    // VISCII
    b"m\xA7t",
    b"M\x87T",
    b"vi\xAEt",
    b"Vi\xAEt",
    b"VI\x8ET",
    b"c\xF5a",
    b"c\xF4ng ho\xE0",
    // VPS
    b"M\x03T",
    b"TUY\x06T",
];

/// Whether bytes spell a common word in one of the encodings of fonts before Unicode.
pub(super) fn has_legacy_vietnamese(sample: &[u8]) -> bool {
    LEGACY_WORDS.iter().any(|word| memmem::find(sample, word).is_some())
}

/// Adds the text of UTF-8 with broken bytes; each broken byte becomes its Windows-1252 character.
pub(super) fn decode_mixed(bytes: &[u8], out: &mut String) {
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        decode_legacy(WINDOWS_1252, chunk.invalid(), out);
    }
}

/// Adds the text of bytes in one of the standard's encodings. Windows-1252 keeps every byte apart: its five undefined
/// ones become U+0081, 8D, 8F, 90 and 9D.
pub(super) fn decode_legacy(encoding: &'static Encoding, bytes: &[u8], out: &mut String) {
    if bytes.is_empty() {
        return;
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    out.reserve(decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(0));
    let _ = decoder.decode_to_string(bytes, out, true);
}

/// The text of a whole document or field.
pub(super) fn decode<'b>(bytes: &'b [u8], declared: Option<&str>) -> (Cow<'b, str>, Charset) {
    let declared = declared.and_then(Charset::from_label);
    let (bytes, charset) = match bom(bytes) {
        Some((charset, skip)) => (bytes.get(skip..).unwrap_or_default(), Some(charset)),
        None => (bytes, wide(bytes).map(Charset::Wide)),
    };
    let charset = match (charset, declared) {
        (Some(charset), _) => charset,
        (None, Some(Charset::Legacy(encoding))) if encoding == ISO_2022_JP => Charset::Legacy(encoding),
        (None, declared) => match simdutf8::basic::from_utf8(bytes) {
            Ok(text) => return (Cow::Borrowed(text), Charset::Utf8),
            Err(_) => narrow(bytes, declared),
        },
    };
    let mut out = String::new();
    match charset {
        Charset::Utf8 => match simdutf8::basic::from_utf8(bytes) {
            Ok(text) => return (Cow::Borrowed(text), charset),
            Err(_) => decode_mixed(bytes, &mut out),
        },
        Charset::Wide(kind) => WideDecoder::new(kind).decode(bytes, true, &mut out),
        Charset::Legacy(encoding) => decode_legacy(encoding, bytes, &mut out),
    }
    (Cow::Owned(out), charset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        decode(bytes, None).0.into_owned()
    }

    fn utf16le(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn unicode_with_and_without_a_mark() {
        let original = "Sở Thử Nghiệm tỉnh Ví Dụ\nTUYỆT MẬT 𝄞\n";
        let mut forms: Vec<Vec<u8>> = vec![
            original.as_bytes().to_vec(),
            utf16le(original),
            original.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            original.chars().flat_map(|c| (c as u32).to_le_bytes()).collect(),
            original.chars().flat_map(|c| (c as u32).to_be_bytes()).collect(),
        ];
        for form in forms.clone() {
            assert!(is_text(&form));
            assert_eq!(text(&form), original);
        }
        for (form, mark) in forms.iter_mut().zip([
            &b"\xEF\xBB\xBF"[..],
            b"\xFF\xFE",
            b"\xFE\xFF",
            b"\xFF\xFE\0\0",
            b"\0\0\xFE\xFF",
        ]) {
            form.splice(..0, mark.iter().copied());
            assert!(is_text(form));
            assert_eq!(text(form), original);
        }
    }

    #[test]
    fn every_byte_of_unknown_8_bit_text_stays_apart() {
        let bytes: Vec<u8> = (1..=255).collect();
        let mut out = String::new();
        decode_legacy(WINDOWS_1252, &bytes, &mut out);
        let mut letters: Vec<char> = out.chars().collect();
        assert_eq!(letters.len(), 255);
        letters.sort_unstable();
        letters.dedup();
        assert_eq!(letters.len(), 255);
    }

    #[test]
    fn vietnamese_before_unicode_is_given_as_windows_1252() {
        // TCVN3, VNI, VISCII, VPS of "MẬT", each with a few more words.
        assert_eq!(
            text(b"TUY\xD6T M\xCBT\nC\xE9NG H\xDFA X\xB7 H\xE9I CH\xF1 NGH\xDCA VI\xD6T NAM\n"),
            "TUYÖT MËT\nCéNG HßA X· HéI CHñ NGHÜA VIÖT NAM\n"
        );
        assert_eq!(text(b"TUYE\xC4T MA\xC4T\nCO\xC4NG HO\xD8A XA\xD5"), "TUYEÄT MAÄT\nCOÄNG HOØA XAÕ");
        assert_eq!(text(b"TUY\x8ET M\x87T"), "TUYŽT M‡T");
        assert_eq!(text(b"T\x8FI M\x87T"), "T\u{8f}I M‡T");
        assert_eq!(text(b"TUY\x06T M\x03T, T\x96I"), "TUY\u{6}T M\u{3}T, T–I");
        assert!(is_text(b"TUY\x06T M\x03T"));
    }

    #[test]
    fn windows_1258_is_told_by_its_tones() {
        let bytes = b"TUY\xCA\xF2T M\xC2\xF2T\nC\xD4\xF2NG HO\xCCA XA\xDE H\xD4\xF2I CHU\xD2 NGHI\xDEA VI\xCA\xF2T NAM\n\
            \xD0\xF4\xF2c l\xE2\xF2p - T\xFD\xF2 do - Ha\xF2nh phu\xECc\n";
        assert!(text(bytes).contains("VIÊ\u{323}T"), "{}", text(bytes));
    }

    #[test]
    fn other_scripts_are_guessed() {
        let russian = "Совершенно секретно. Настоящий документ является собственностью отдела.";
        let (bytes, ..) = encoding_rs::WINDOWS_1251.encode(russian);
        assert_eq!(text(&bytes), russian);
        let chinese = "绝密文件，请勿外传。本文件属于虚构的试验局，仅供内部使用。";
        let (bytes, ..) = GBK.encode(chinese);
        assert_eq!(text(&bytes), chinese);
    }

    #[test]
    fn a_few_broken_bytes_do_not_spoil_utf8() {
        assert_eq!(
            text(
                "Số: 01/BC-STN \u{1EAC}"
                    .as_bytes()
                    .iter()
                    .chain(b"\xFF!")
                    .copied()
                    .collect::<Vec<_>>()
                    .as_slice()
            ),
            "Số: 01/BC-STN Ậÿ!"
        );
    }

    #[test]
    fn what_is_declared_wins_where_it_is_plausible() {
        assert_eq!(decode(b"M\xC2\xF2T", Some("windows-1258")).0, "MÂ\u{323}T");
        assert_eq!(decode("MẬT".as_bytes(), Some("iso-8859-1")).0, "MẬT");
        assert_eq!(decode(b"m\xCBt", Some("x-user-defined")).0, "mËt");
        assert_eq!(decode(b"M\xCBT", Some("utf-8")).0, "MËT");
    }

    #[test]
    fn binary_is_refused() {
        assert!(!is_text(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0"));
        assert!(!is_text(&(0..=255).cycle().take(4096).collect::<Vec<u8>>()));
        assert!(!is_text(&[0; 512]));
        assert!(is_text(
            b"log line\0 with a stray zero\n"
                .iter()
                .chain(&b"line\n".repeat(200))
                .copied()
                .collect::<Vec<_>>()
                .as_slice()
        ));
        assert!(is_text(b"\x1b[31mred\x1b[0m\r\n\x0c"));
    }
}
