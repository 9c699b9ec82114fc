//! Words of a text and their hashes, fast enough to ask every word of every text for a list of terms.
//!
//! A word is a run of letters, digits and marks; two words with the same small letters have the same hash. Hashing letter
//! by letter cost six times as much as everything else that is done with plain text, and the text of an office has few
//! different words: so the bounds of words are found for 64 bytes at a time, and what is known of a word is kept under
//! its bytes.

use std::ops::Range;

/// FNV-1a with 64 bits, a letter or word at a time. Two of 100,000 terms share a hash once in four thousand million lists.
pub(super) fn mix(hash: u64, value: u64) -> u64 {
    let mixed = (hash ^ value).wrapping_mul(0x0000_0100_0000_01b3);
    mixed ^ (mixed >> 29)
}

/// Start of a hash (FNV's offset basis).
pub(super) const EMPTY: u64 = 0xcbf2_9ce4_8422_2325;

/// Words that are remembered at a time, as a power of two: the most common ones of a language, in all their cases, and small enough
/// for the second-level cache.
const SLOT_BITS: u32 = 14;
/// Longest word that is remembered, in bytes.
const LONGEST: usize = size_of::<u128>();
/// Bytes whose letters are told from other signs at a time.
const BLOCK: usize = u64::BITS as usize;
/// Bytes before them that are looked at, too.
const BEFORE: usize = 2;

/// What is known of the words that were met last. For one list of terms only.
#[derive(Debug, Clone, Default)]
pub struct WordCache<T = super::keywords::Seen> {
    /// A word's bytes, padded with zeros, and what is known of it. No word is nothing but zeros.
    slots: Vec<(u128, T)>,
    /// Bounds of the words of a text; kept for its memory.
    bounds: Vec<u64>,
}

impl<T: Copy + Default> WordCache<T> {
    /// Calls `each` with every word of a text and what `know` knows of its hash.
    pub(super) fn each(
        &mut self,
        text: &str,
        know: impl Fn(u64) -> T,
        mut each: impl FnMut(Range<usize>, T),
    ) {
        let bytes = text.as_bytes();
        let mut bounds = std::mem::take(&mut self.bounds);
        if !simple_bounds(bytes, &mut bounds) {
            bounds = bounds_by_letters(text);
        }
        if self.slots.is_empty() {
            self.slots = vec![(0, T::default()); 1 << SLOT_BITS];
        }
        let hashed = |word: Range<usize>| hash_of(text.get(word).unwrap_or_default());
        let mut start = None;
        // One block more, of which nothing is a letter: it ends a word at the end of the text.
        let mut last = 0;
        for (number, letters) in bounds.iter().copied().chain([0]).enumerate() {
            let mut edges = letters ^ (letters << 1 | last);
            last = letters >> (u64::BITS - 1);
            while edges != 0 {
                let at = number * BLOCK + edges.trailing_zeros() as usize;
                edges &= edges - 1;
                let Some(from) = start.take() else {
                    start = Some(at);
                    continue;
                };
                let word = from..at;
                if word.len() > LONGEST {
                    each(word.clone(), know(hashed(word)));
                    continue;
                }
                let key = padded(bytes, &word);
                let slot = self.slots.get_mut(slot_of(key));
                match slot {
                    Some((known, what)) if *known == key => each(word, *what),
                    slot => {
                        let what = know(hashed(word.clone()));
                        slot.into_iter().for_each(|slot| *slot = (key, what));
                        each(word, what);
                    }
                }
            }
        }
        self.bounds = bounds;
    }
}

/// The bytes of a word, the first lowest, padded with zeros.
fn padded(text: &[u8], word: &Range<usize>) -> u128 {
    let rest = text.get(word.start..).unwrap_or_default();
    if let Some(sixteen) = rest.first_chunk() {
        let unused = u32::try_from(8 * (LONGEST - word.len())).unwrap_or(0);
        return u128::from_le_bytes(*sixteen) & (u128::MAX >> unused);
    }
    let mut bytes = [0; LONGEST];
    bytes.iter_mut().zip(rest.iter().take(word.len())).for_each(|(to, from)| *to = *from);
    u128::from_le_bytes(bytes)
}

/// Where a word is remembered.
fn slot_of(key: u128) -> usize {
    #[expect(clippy::cast_possible_truncation, reason = "the halves are wanted")]
    let (low, high) = (key as u64, (key >> 64) as u64);
    let mixed = (low ^ high.rotate_left(29)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> (u64::BITS - SLOT_BITS)) as usize
}

/// For each byte of a text whether it belongs to a word, as bits of blocks. False where that takes more than a look at bytes.
fn simple_bounds(text: &[u8], bounds: &mut Vec<u64>) -> bool {
    bounds.clear();
    let mut at = 0;
    while at < text.len() {
        let whole =
            at.checked_sub(BEFORE).and_then(|from| text.get(from..)?.first_chunk::<{ BEFORE + BLOCK }>());
        let (letters, simple) = match whole {
            Some(block) => letters_of(block),
            None => {
                let mut block = [0; BEFORE + BLOCK];
                let skip = BEFORE.saturating_sub(at);
                let from = text.get(at.saturating_sub(BEFORE)..).unwrap_or_default();
                block.iter_mut().skip(skip).zip(from).for_each(|(to, from)| *to = *from);
                letters_of(&block)
            }
        };
        if !simple {
            return false;
        }
        bounds.push(letters);
        at += BLOCK;
    }
    true
}

/// The same for any text, letter by letter.
fn bounds_by_letters(text: &str) -> Vec<u64> {
    let mut bounds = vec![0u64; text.len().div_ceil(BLOCK)];
    for (at, letter) in text.char_indices().filter(|(_, letter)| is_word(*letter)) {
        for byte in at..at + letter.len_utf8() {
            bounds.get_mut(byte / BLOCK).into_iter().for_each(|bits| *bits |= 1 << (byte % BLOCK));
        }
    }
    bounds
}

/// Which bytes of a block, two bytes before it aside, belong to words, and whether all are of the scripts for which bytes
/// tell: ASCII, Latin letters to U+02BF and from U+1E80 to U+1EFF, the signs of Latin-1 and U+2000 to U+203F that are no
/// letters. Without a branch, so that many bytes are looked at at a time.
fn letters_of(block: &[u8; BEFORE + BLOCK]) -> (u64, bool) {
    let mut letters = [0u8; BLOCK];
    let mut odd = 0u8;
    let earlier = block.first_chunk::<BLOCK>().unwrap_or(&[0; BLOCK]);
    let bytes = block.last_chunk::<BLOCK>().unwrap_or(earlier);
    let middle = block.get(1..).and_then(<[u8]>::first_chunk::<BLOCK>).unwrap_or(earlier);
    for (((letter, byte), before), earlier) in letters.iter_mut().zip(bytes).zip(middle).zip(earlier) {
        let (byte, before, earlier) = (*byte, *before, *earlier);
        let is = |one: u8, other: u8| u8::from(one == other);
        let within = |from: u8, to: u8| u8::from(byte.wrapping_sub(from) <= to - from);
        // Behind C2 and E2 80 stand signs.
        let sign = is(byte, 0xC2) | is(byte, 0xE2) | is(before, 0xC2) | is(before, 0xE2) | is(earlier, 0xE2);
        let ascii = within(b'0', b'9') | u8::from((byte | 0x20).wrapping_sub(b'a') < 26);
        *letter = ascii | (u8::from(byte >= 0x80) & (1 - sign));
        // Other scripts; × and ÷; ª ² ³ µ ¹ º ¼ ½ ¾; U+1E00 to U+1E7F and what else begins with E1; U+2040 and after.
        odd |= within(0xCB, 0xE0) | within(0xE3, 0xFF);
        odd |= is(before, 0xC3) & (is(byte, 0x97) | is(byte, 0xB7));
        odd |= is(before, 0xC2)
            & (is(byte, 0xAA) | (within(0xB2, 0xBF) & (1 - is(byte, 0xB7)) & (1 - is(byte, 0xBB))));
        odd |= is(before, 0xE1) & (1 - is(byte & 0xFE, 0xBA));
        odd |= is(before, 0xE2) & (1 - is(byte, 0x80));
    }
    // Eight bytes of 0 and 1 become eight bits by one multiplication.
    let pack = |eight: &[u8; 8]| u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    let (eights, _) = letters.as_chunks();
    let bits = eights.iter().rev().fold(0, |bits, eight| bits << 8 | pack(eight));
    (bits, odd == 0)
}

/// Whether a letter belongs to a word.
fn is_word(letter: char) -> bool {
    small_of(letter).is_some()
        || letter.is_alphanumeric()
        || unicode_normalization::char::is_combining_mark(letter)
}

/// The hash of a word.
fn hash_of(word: &str) -> u64 {
    word.chars().fold(EMPTY, |hash, letter| match small_of(letter) {
        Some(small) => mix(hash, u64::from(small)),
        None => letter.to_lowercase().fold(hash, |hash, small| mix(hash, u64::from(small))),
    })
}

/// The small letter of the letters that Vietnamese and most other text is made of; the general way is a search in a table.
fn small_of(letter: char) -> Option<char> {
    match letter {
        'a'..='z' | '0'..='9' | 'à'..='ö' | 'ø'..='ÿ' | 'ă' | 'đ' | 'ĩ' | 'ũ' | 'ơ' | 'ư' => {
            Some(letter)
        }
        'A'..='Z' | 'À'..='Ö' | 'Ø'..='Þ' => char::from_u32(u32::from(letter) + 0x20),
        '\u{1EA0}'..='\u{1EFF}' => char::from_u32(u32::from(letter) | 1),
        _ => None,
    }
}

/// Words with their hashes, letter by letter.
pub(super) fn words_of(text: &str) -> impl Iterator<Item = (Range<usize>, u64)> + '_ {
    let mut chars = text.char_indices().peekable();
    std::iter::from_fn(move || {
        while chars.next_if(|(_, letter)| !is_word(*letter)).is_some() {}
        let (start, _) = *chars.peek()?;
        let mut end = start;
        while let Some((at, letter)) = chars.next_if(|(_, letter)| is_word(*letter)) {
            end = at + letter.len_utf8();
        }
        Some((start..end, hash_of(text.get(start..end).unwrap_or_default())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cached(text: &str) -> Vec<(Range<usize>, u64)> {
        let mut cache = WordCache::default();
        let mut words = Vec::new();
        for _ in 0..2 {
            words.clear();
            cache.each(text, |hash| hash, |word, hash| words.push((word, hash)));
        }
        words
    }

    #[test]
    fn every_letter_is_told_as_unicode_tells() {
        for letter in ('\u{1}'..'\u{30000}').filter(|letter| *letter != '\n') {
            for text in [format!("a{letter}b"), format!("{letter}x{letter}"), format!("{letter}")] {
                assert_eq!(cached(&text), words_of(&text).collect::<Vec<_>>(), "{text:?} {letter:?}");
            }
        }
    }

    #[test]
    fn small_letters_are_those_of_unicode() {
        for letter in '\0'..='\u{FFFF}' {
            if let Some(small) = small_of(letter) {
                assert_eq!(letter.to_lowercase().collect::<String>(), String::from(small));
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn words_are_those_that_letters_make(text in "[a-cA-Z ,.đĐ\u{1EAD}\u{1EAC}“”½×\u{A0}0-9]{0,200}") {
            proptest::prop_assert_eq!(cached(&text), words_of(&text).collect::<Vec<_>>());
        }
    }
}
