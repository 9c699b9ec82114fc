//! `/ToUnicode`: from character codes to text.
//!
//! In: a decoded CMap stream. Out: a map. `bfchar` and `bfrange` count, and `cidrange` of those who took one CMap for the other; code lengths are not checked, since no
//! viewer does and broken ones are common. Ranges are kept as ranges: `<0000> <FFFF>` costs one entry.

use super::lexer::{Lexer, Token, unhex};

/// Most entries of one map. A font has at most 65,536 glyphs.
const MAX_ENTRIES: usize = 70_000;

/// Longest text of one code in UTF-16 bytes; ligatures have 3 letters, the longest seen phrase glyph 18.
const MAX_TEXT: usize = 128;

/// A parsed map.
#[derive(Debug, Default)]
pub(super) struct ToUnicode {
    /// Sorted by code; of equal codes the last one counts.
    singles: Vec<(u32, Span)>,
    ranges: Vec<(u32, u32, Span)>,
    /// All texts in UTF-16, one after the other.
    texts: Vec<u16>,
    /// It has a `cidrange`, which belongs into another kind of CMap.
    pub(super) numbered: bool,
}

/// Begin and length in [`ToUnicode::texts`].
type Span = (u32, u32);

impl ToUnicode {
    /// Reads a map; broken parts are left out.
    pub(super) fn parse(data: &[u8]) -> ToUnicode {
        #[derive(Clone, Copy, PartialEq)]
        enum In {
            Nothing,
            Chars,
            Ranges,
            Numbers,
        }
        let mut map = ToUnicode::default();
        let mut section = In::Nothing;
        let mut lexer = Lexer::new(data);
        let mut codes: Vec<u32> = Vec::new();
        let mut text = Vec::new();
        // Next code of `<lo> <hi> [<a> <b> ...]`.
        let mut list: Option<u32> = None;
        while let Some(token) = lexer.next() {
            match token {
                Token::Word(b"beginbfchar") => section = In::Chars,
                Token::Word(b"beginbfrange") => section = In::Ranges,
                Token::Word(b"begincidrange") => section = In::Numbers,
                Token::Word(b"endbfchar" | b"endbfrange" | b"endcidrange") => section = In::Nothing,
                Token::Number(digits) if section == In::Numbers => {
                    let first =
                        std::str::from_utf8(digits).ok().and_then(|digits| digits.parse::<u16>().ok());
                    if let (&[low, high], Some(first)) = (codes.as_slice(), first) {
                        map.range(low, high, &first.to_be_bytes());
                        map.numbered = true;
                    }
                }
                Token::Open if section == In::Ranges => list = codes.first().copied(),
                Token::Close if list.is_some() => {
                    list = None;
                    codes.clear();
                }
                Token::Hex(hex) if section != In::Nothing => {
                    text.clear();
                    unhex(hex, &mut text);
                    text.truncate(MAX_TEXT);
                    if let Some(code) = list {
                        map.single(code, &text);
                        list = code.checked_add(1);
                        continue;
                    }
                    match (section, codes.as_slice()) {
                        (In::Chars, &[code]) => {
                            map.single(code, &text);
                            codes.clear();
                        }
                        (In::Ranges, &[low, high]) => {
                            map.range(low, high, &text);
                            codes.clear();
                        }
                        _ => codes.push(code(&text)),
                    }
                    continue;
                }
                _ => {}
            }
            if !matches!(token, Token::Open) {
                codes.clear();
            }
        }
        map.singles.sort_by_key(|single| single.0);
        map.ranges.sort_by_key(|range| range.0);
        map
    }

    fn single(&mut self, code: u32, text: &[u8]) {
        if self.singles.len() < MAX_ENTRIES {
            let span = self.keep(text);
            self.singles.push((code, span));
        }
    }

    fn range(&mut self, low: u32, high: u32, text: &[u8]) {
        if low <= high && self.ranges.len() < MAX_ENTRIES {
            let span = self.keep(text);
            self.ranges.push((low, high, span));
        }
    }

    fn keep(&mut self, text: &[u8]) -> Span {
        let at = self.texts.len();
        match text {
            // One byte where two belong: taken as Latin-1.
            [only] => self.texts.push(u16::from(*only)),
            _ => {
                let pairs = text.chunks_exact(2);
                self.texts
                    .extend(pairs.map(|pair| pair.iter().fold(0, |unit, &byte| unit << 8 | u16::from(byte))));
            }
        }
        let whole = |count: usize| u32::try_from(count).unwrap_or(0);
        (whole(at), whole(self.texts.len() - at))
    }

    /// Whether it maps nothing at all.
    pub(super) fn is_empty(&self) -> bool {
        self.singles.is_empty() && self.ranges.is_empty()
    }

    /// The range that holds a code. Ranges that overlap are a defect of the producer; of the last few that begin
    /// before the code, the last one that reaches it wins.
    fn range_of(&self, code: u32) -> Option<&(u32, u32, Span)> {
        let end = self.ranges.partition_point(|range| range.0 <= code);
        self.ranges.get(..end)?.iter().rev().take(8).find(|range| range.1 >= code)
    }

    /// Appends the text of a code; false when the map does not know it or says that it is unknown.
    pub(super) fn get(&self, code: u32, out: &mut String) -> bool {
        let end = self.singles.partition_point(|single| single.0 <= code);
        let single = end.checked_sub(1).and_then(|last| self.singles.get(last));
        let (&(at, length), offset) = match single {
            Some((known, span)) if *known == code => (span, 0),
            _ => match self.range_of(code) {
                Some((low, _, span)) => (span, code - low),
                None => return false,
            },
        };
        let units = self.texts.get(at as usize..).and_then(|rest| rest.get(..length as usize)).unwrap_or(&[]);
        let Some((last, before)) = units.split_last() else { return false };
        let offset = offset as u16;
        let before_len = out.len();
        let all = before.iter().copied().chain(std::iter::once(last.wrapping_add(offset)));
        for letter in char::decode_utf16(all) {
            match letter {
                // U+0000 and U+FFFD are how producers write "not known".
                Ok('\0' | '\u{FFFD}') | Err(_) => {
                    out.truncate(before_len);
                    return false;
                }
                Ok(letter) => out.push(letter),
            }
        }
        true
    }
}

fn code(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |code, &byte| code << 8 | u32::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(map: &ToUnicode, code: u32) -> Option<String> {
        let mut out = String::new();
        map.get(code, &mut out).then_some(out)
    }

    #[test]
    fn pdf_to_unicode() {
        let map = ToUnicode::parse(
            b"/CIDInit /ProcSet findresource begin 1 begincodespacerange <0000> <FFFF> endcodespacerange\n\
              3 beginbfchar <0003> <1EC6> <0005> <00660066> <0006> <0000> endbfchar\n\
              3 beginbfrange <0010> <0012> <0041> <0020><0021>[<1EAC> <0054>] <0030> <0030> <D83DDE00> endbfrange end",
        );
        assert_eq!(text(&map, 3).as_deref(), Some("Ệ"));
        assert_eq!(text(&map, 5).as_deref(), Some("ff"));
        assert_eq!(text(&map, 6), None);
        assert_eq!(text(&map, 0x12).as_deref(), Some("C"));
        assert_eq!(text(&map, 0x20).as_deref(), Some("Ậ"));
        assert_eq!(text(&map, 0x21).as_deref(), Some("T"));
        assert_eq!(text(&map, 0x30).as_deref(), Some("😀"));
        assert_eq!(text(&map, 0x13), None);
    }

    #[test]
    fn pdf_to_unicode_of_hostile_data_is_small_and_ends() {
        let map = ToUnicode::parse(b"1 beginbfrange <00000000> <FFFFFFFF> <0041>");
        assert_eq!(text(&map, 2).as_deref(), Some("C"));
        let mut bytes = b"beginbfchar ".to_vec();
        for code in 0..200_000u32 {
            bytes.extend(format!("<{code:08x}> <0041>").bytes());
        }
        assert_eq!(ToUnicode::parse(&bytes).singles.len(), MAX_ENTRIES);
        assert!(ToUnicode::parse(b"beginbfrange <00> [[[ <41> ] endbfrange >>> (").ranges.is_empty());
    }
}
