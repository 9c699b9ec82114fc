//! Text made comparable, with a map back to where it stood.
//!
//! In: a piece of text as a reader gave it. Out: the same in composed letters, without invisible characters, with one
//! kind of blank, dash, slash and quote; case and accents are kept, since `MẬT` is a marking and `MẶT` is not.
//! Left out: finding anything.

pub mod legacy;
mod lookalike;

use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

pub use lookalike::latin_lookalike;

/// A folded text. Every byte of it knows where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Folded {
    /// The folded text.
    pub text: String,
    /// For each byte of `text`, the start of its source cluster; one more entry for the end.
    from: Vec<u32>,
}

impl Folded {
    /// Folds a text: NFC, then NFKC; default-ignorable characters dropped; every run of blanks is one blank; dashes,
    /// slashes and quotation marks of all shapes become `-`, `/`, `"`.
    #[must_use]
    pub fn new(source: &str) -> Folded {
        Folded::build(source, Blanks::One, false)
    }

    /// Folds a letter-spaced text: a single blank between letters is dropped, two or more are a word's end.
    #[must_use]
    pub fn unspaced(source: &str) -> Folded {
        Folded::build(source, Blanks::LetterSpaced, false)
    }

    /// Folds a text and drops every blank: letters set so far apart that words cannot be told.
    #[must_use]
    pub fn glued(source: &str) -> Folded {
        Folded::build(source, Blanks::None, false)
    }

    /// Folds a text and replaces Cyrillic and Greek letters that look like Latin ones.
    #[must_use]
    pub fn latin_lookalikes(source: &str) -> Folded {
        Folded::build(source, Blanks::One, true)
    }

    fn build(source: &str, blanks: Blanks, lookalikes: bool) -> Folded {
        let mut folded =
            Folded { text: String::with_capacity(source.len()), from: Vec::with_capacity(source.len() + 1) };
        let mut chars = source.char_indices().peekable();
        // Blanks seen since the last letter, and where they began.
        let mut pending = 0usize;
        let mut blank_at = 0usize;
        while let Some((at, first)) = chars.next() {
            if first > '\u{AC}' && is_default_ignorable(first) {
                continue;
            }
            if first.is_whitespace() {
                if pending == 0 {
                    blank_at = at;
                }
                pending += 1;
                continue;
            }
            let needed = match blanks {
                Blanks::One => 1,
                Blanks::LetterSpaced => 2,
                Blanks::None => usize::MAX,
            };
            if pending >= needed {
                folded.blank(blank_at);
            }
            pending = 0;
            // Most letters are what they are; asking the normaliser about each made folding the cost of a scan.
            let plain =
                first.is_ascii() || (is_stable(first) && !(lookalikes && latin_lookalike(first).is_some()));
            let marked = chars.peek().is_some_and(|(_, next)| *next >= '\u{300}' && continues(*next));
            if plain && !marked {
                folded.push(first, at);
                continue;
            }
            // Before composition: a Cyrillic letter takes no Vietnamese marks, its Latin twin does.
            let twin =
                |letter: char| if lookalikes { latin_lookalike(letter).unwrap_or(letter) } else { letter };
            let mut cluster = String::from(twin(first));
            while let Some((_, next)) = chars.peek() {
                if continues(*next) {
                    cluster.push(*next);
                } else if !is_default_ignorable(*next) {
                    break;
                }
                chars.next();
            }
            // Canonical composition first repairs marks in the wrong order; compatibility then folds widths and styles.
            for letter in cluster.nfc().nfkc() {
                let letter = same_sign(letter);
                let letter = if lookalikes { latin_lookalike(letter).unwrap_or(letter) } else { letter };
                if !letter.is_whitespace() {
                    // Some signs are a blank with a mark in compatibility form: `´`.
                    if pending >= needed {
                        folded.blank(blank_at);
                    }
                    pending = 0;
                    folded.push(letter, at);
                    continue;
                }
                if pending == 0 {
                    blank_at = at;
                }
                pending += 1;
            }
        }
        folded.from.push(u32::try_from(source.len()).unwrap_or(u32::MAX));
        folded
    }

    /// One blank between words, never two and never at the beginning.
    fn blank(&mut self, at: usize) {
        if !self.text.is_empty() && !self.text.ends_with(' ') {
            self.push(' ', at);
        }
    }

    fn push(&mut self, letter: char, at: usize) {
        self.text.push(letter);
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        for _ in 0..letter.len_utf8() {
            self.from.push(at);
        }
    }

    /// The bytes of the source that a range of the folded text came from.
    #[must_use]
    pub fn source(&self, range: Range<usize>) -> Range<usize> {
        let at = |index: usize| self.from.get(index).or(self.from.last()).map_or(0, |at| *at as usize);
        let start = at(range.start);
        // The end is where the next cluster starts; blanks between belong to neither.
        start..at(range.end).max(start)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Blanks {
    One,
    LetterSpaced,
    None,
}

/// A text whose letters are set apart by dots, hyphens or underscores (`M.Ậ.T`), with blanks in their place; offsets
/// stay what they are. `None` where they are not.
#[must_use]
pub fn without_separators(text: &str) -> Option<String> {
    let separator = |letter: char| matches!(letter, '.' | '-' | '_' | '*' | '\u{B7}');
    // Of most texts nothing more is asked; B7 is the last byte of U+00B7 and of others.
    let may_separate = |byte: &u8| matches!(byte, b'.' | b'-' | b'_' | b'*' | 0xB7);
    if text.bytes().filter(|byte| may_separate(byte)).count() < 2 {
        return None;
    }
    let mut seen =
        text.chars().filter(|letter| !is_combining_mark(*letter) && !is_default_ignorable(*letter));
    let (mut before, mut middle) = (seen.next()?, seen.next()?);
    let mut between = 0usize;
    for after in seen {
        between += usize::from(before.is_alphanumeric() && separator(middle) && after.is_alphanumeric());
        (before, middle) = (middle, after);
    }
    if between < 2 {
        return None;
    }
    // Two bytes stay two bytes.
    let blank = |letter: char| match letter {
        '\u{B7}' => '\u{A0}',
        letter if separator(letter) => ' ',
        letter => letter,
    };
    let spread: String = text.chars().map(blank).collect();
    is_letter_spaced(&spread).then_some(spread)
}

/// Letters and signs of a text that are seen: marks on letters and characters without a look are not counted.
#[must_use]
pub fn seen_length(text: &str) -> usize {
    text.chars().filter(|letter| !is_combining_mark(*letter) && !is_default_ignorable(*letter)).count()
}

/// Whether a text is set letter by letter with blanks between: at least three single letters, and hardly anything else.
#[must_use]
pub fn is_letter_spaced(text: &str) -> bool {
    let (mut single, mut longer) = (0usize, 0usize);
    for word in text.split_whitespace().take(64) {
        let mut letters =
            word.chars().filter(|letter| !is_combining_mark(*letter) && !is_default_ignorable(*letter));
        let first = letters.next().is_some_and(char::is_alphanumeric);
        if first && letters.next().is_none() { single += 1 } else { longer += 1 }
    }
    single >= 3 && longer * 4 <= single
}

/// Characters without a look of their own (Unicode property Default_Ignorable_Code_Point, without variation
/// selectors' supplement and tags beyond the BMP, which are dropped as well).
#[must_use]
pub fn is_default_ignorable(letter: char) -> bool {
    matches!(letter,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Letters that no normalisation changes when no combining mark follows: Latin-1, Latin Extended-A up to the ligatures,
/// the Vietnamese letters, Cyrillic, kana, ideographs and Hangul syllables.
fn is_stable(letter: char) -> bool {
    matches!(letter,
        '\u{C0}'..='\u{131}' | '\u{1A0}'..='\u{1A1}' | '\u{1AF}'..='\u{1B0}' | '\u{1EA0}'..='\u{1EF9}'
        | '\u{400}'..='\u{45F}' | '\u{3041}'..='\u{3096}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}')
}

/// Whether a letter belongs to the one before it: a mark, or a vowel or final consonant of a Hangul syllable in letters.
fn continues(letter: char) -> bool {
    is_combining_mark(letter) || matches!(letter, '\u{1161}'..='\u{11FF}')
}

/// One sign for all shapes of dash, slash and quotation mark.
fn same_sign(letter: char) -> char {
    match letter {
        '\u{2010}'..='\u{2015}'
        | '\u{2212}'
        | '\u{2043}'
        | '\u{FE58}'
        | '\u{FE63}'
        | '\u{2500}'
        | '\u{2501}' => '-',
        '\u{2044}' | '\u{2215}' | '\u{29F8}' | '\u{FF0F}' => '/',
        '\u{201C}'..='\u{201F}' | '\u{AB}' | '\u{BB}' | '\u{2033}' | '\u{300C}' | '\u{300D}' => '"',
        '\u{2018}'..='\u{201B}' | '\u{2039}' | '\u{203A}' | '\u{2032}' => '\'',
        other => other,
    }
}

/// The part of a folded piece without decoration at its edges: stars, rules, brackets, quotation marks, full stops.
///
/// Check boxes and colons are not decoration: `□ MẬT` is a choice, `Mật:` a field.
#[must_use]
pub fn trim_edges(text: &str) -> Range<usize> {
    let decoration = |letter: char| {
        letter.is_whitespace()
            || matches!(letter, '*' | '[' | ']' | '(' | ')' | '{' | '}' | '<' | '>' | '"' | '\'' | '-' | '_' | '=' | '|'
                | '.' | ',' | ';' | '!' | '#' | '~' | '+' | '`' | '^' | 'ˆ' | '°' | '¤'
                | '\u{25AB}' | '\u{25AC}'
                | '\u{25C6}' | '\u{25C7}' | '\u{2580}'..='\u{259F}' | '\u{2701}'..='\u{2712}' | '\u{271A}'..='\u{2767}'
                | '\u{FFFD}' | '•' | '·' | '■' | '▪' | '●' | '★' | '☆' | '※' | '►'
                | '◄' | '†' | '\u{2502}'..='\u{257F}' | '\u{0}'..='\u{1F}' | '【' | '】')
    };
    let start = text.len() - text.trim_start_matches(decoration).len();
    let end = text.trim_end_matches(decoration).len();
    if start >= end { 0..0 } else { start..end }
}

/// Letters without accents, in capitals; `Đ` is `D`. For file names and for cues such as the letterhead, never for a
/// degree: MẬT would become 22,796 words instead of 6,511 in 117.6 million characters of law text.
#[must_use]
pub fn unaccented(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_uppercase();
    }
    text.nfkd()
        .filter(|letter| !is_combining_mark(*letter) && !is_default_ignorable(*letter))
        .map(|letter| match letter {
            'Đ' | 'đ' => 'D',
            other => same_sign(other),
        })
        .flat_map(char::to_uppercase)
        .collect()
}

/// Whether the letters of a text are capitals, as far as its script has case: no small letter, at least one letter.
#[must_use]
pub fn is_capitals(text: &str) -> bool {
    text.chars().any(char::is_alphabetic) && !text.chars().any(char::is_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn composed_and_decomposed_are_the_same() {
        for source in ["TUYỆT MẬT", "TUYE\u{323}\u{302}T MA\u{323}\u{302}T", "TUYÊ\u{323}T MÂ\u{323}T"]
        {
            assert_eq!(Folded::new(source).text, "TUYỆT MẬT", "{source:?}");
        }
    }

    #[test]
    fn invisible_wide_and_blank_characters() {
        assert_eq!(Folded::new("TỐI\u{200B} \u{A0}MẬT").text, "TỐI MẬT");
        assert_eq!(Folded::new("\u{FF2D}Ậ\u{FF34}").text, "MẬT");
        assert_eq!(Folded::new("SEC\u{AD}RET\u{2215}\u{2215}NOFORN").text, "SECRET//NOFORN");
    }

    #[test]
    fn offsets_lead_back_to_the_source() {
        let source = "x  TỐI\u{200B} \u{A0}MA\u{323}\u{302}T y";
        let folded = Folded::new(source);
        let at = folded.text.find("TỐI MẬT").unwrap();
        let range = folded.source(at..at + "TỐI MẬT".len());
        assert_eq!(source[range].trim_end(), "TỐI\u{200B} \u{A0}MA\u{323}\u{302}T");
    }

    #[test]
    fn letter_spacing() {
        assert!(is_letter_spaced("T U Y Ệ T   M Ậ T"));
        assert!(!is_letter_spaced("Mục I và mục V a b"));
        assert_eq!(Folded::unspaced("T U Y Ệ T   M Ậ T").text, "TUYỆT MẬT");
        assert_eq!(Folded::glued("T  Ố  I   M  Ậ  T").text, "TỐIMẬT");
        assert_eq!(without_separators("M.Ậ.T").as_deref(), Some("M Ậ T"));
        assert_eq!(without_separators("M·Ậ·T").as_deref(), Some("M\u{A0}Ậ\u{A0}T"));
        assert_eq!(without_separators("v1.2.3-rc"), None);
        assert!(without_separators("M\u{200B}.\u{200B}A\u{323}\u{302}\u{200B}.\u{200B}T").is_some());
    }

    #[test]
    fn look_alikes_take_vietnamese_marks() {
        for text in ["МẬТ", "М\u{410}\u{323}\u{302}Т", "Μ\u{391}\u{323}\u{302}Τ", "ꓟẬꓔ", "𝐌𝐀\u{323}\u{302}𝐓"]
        {
            assert_eq!(Folded::latin_lookalikes(text).text, "MẬT", "{text:?}");
        }
    }

    #[test]
    fn edges() {
        let text = "── * MẬT * ──";
        let folded = Folded::new(text);
        assert_eq!(&folded.text[trim_edges(&folded.text)], "MẬT");
        assert_eq!(trim_edges("***"), 0..0);
    }

    proptest::proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,40}") {
            let once = Folded::new(&text).text;
            proptest::prop_assert_eq!(Folded::new(&once).text, once);
        }

        #[test]
        fn a_marking_is_found_where_it_stands(before in "[a-z \u{A0}\u{AD}]{0,9}", after in "[ \u{200B}][a-z ]{0,9}", gap in "[ \u{A0}\u{2009}]{1,3}", hidden in "[\u{AD}\u{200B}\u{2060}]{0,2}") {
            let mark = format!("TỐ{hidden}I{gap}MA\u{323}\u{302}T");
            let source = format!("{before} {mark}{after}");
            let folded = Folded::new(&source);
            let at = folded.text.find("TỐI MẬT").unwrap();
            let range = folded.source(at..at + "TỐI MẬT".len());
            proptest::prop_assert_eq!(source[range].trim_end_matches(|c: char| c.is_whitespace() || is_default_ignorable(c)), mark);
        }

        #[test]
        fn the_short_cut_gives_what_the_normaliser_gives(text in "[\\u{C0}-\\u{24F}\\u{300}-\\u{345}\\u{400}-\\u{45F}\\u{1E00}-\\u{1EFF}\\u{3041}-\\u{3099}a-z]{0,12}") {
            let expected: String = text.nfc().nfkc().filter(|letter| !is_default_ignorable(*letter)).collect();
            proptest::prop_assert_eq!(Folded::new(&text).text, expected.split_whitespace().collect::<Vec<_>>().join(" "));
        }

        #[test]
        fn every_range_maps_into_the_source(text in "\\PC{0,40}") {
            for folded in [Folded::new(&text), Folded::unspaced(&text), Folded::glued(&text), Folded::latin_lookalikes(&text)] {
                let bounds: Vec<usize> = folded.text.char_indices().map(|(at, _)| at).chain([folded.text.len()]).collect();
                let mut last = 0;
                for pair in bounds.windows(2) {
                    let range = folded.source(pair[0]..pair[1]);
                    proptest::prop_assert!(text.get(range.clone()).is_some());
                    // In order, and folding what a range came from gives what stands there.
                    proptest::prop_assert!(range.start >= last || range.is_empty());
                    last = range.start;
                }
            }
        }
    }
}
