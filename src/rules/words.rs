//! Words of a text and their hashes, fast enough to ask every two neighbours of every text for a list of terms.
//!
//! A word is a run of letters, digits and marks; words with the same small letters are the same word. Hashing letter by
//! letter cost six times as much as everything else that is done with plain text, and remembering what is known of each
//! word still three times as much. So the bounds of words are found for 64 bytes at a time, and a word is hashed as it
//! lies in memory, once the bits are set in which capitals and small letters differ. Some different words get the same
//! [`rough`] hash: it is for asking a filter, and what passes is looked at letter by letter.

use std::ops::Range;

use fearless_simd::{Level, Simd, dispatch};

/// FNV-1a with 64 bits, a letter or word at a time. Two of 100,000 terms share a hash once in four thousand million lists.
pub(super) fn mix(hash: u64, value: u64) -> u64 {
    let mixed = (hash ^ value).wrapping_mul(0x0000_0100_0000_01b3);
    mixed ^ (mixed >> 29)
}

/// Start of a hash (FNV's offset basis).
pub(super) const EMPTY: u64 = 0xcbf2_9ce4_8422_2325;

/// Bytes of a word that are hashed at a time.
const CHUNK: usize = size_of::<u128>();
/// Bytes whose letters are told from other signs at a time.
const BLOCK: usize = u64::BITS as usize;
/// Bytes before them that are looked at, too.
const BEFORE: usize = 2;
/// First bytes of the marks that letters before them are composed with (U+0300 to U+037F).
const MARKS: [u8; 2] = [0xCC, 0xCD];

/// Which bytes of a block belong to words.
#[derive(Debug, Clone, Copy, Default)]
struct Block {
    letters: u64,
    /// A capital in it differs from its small letter in other bits than most do.
    unlike: bool,
}

/// Finds words in texts; kept for its memory.
#[derive(Debug, Clone, Default)]
pub struct Words {
    blocks: Vec<Block>,
    /// Where marks stand in the text.
    pub(super) marks: Vec<usize>,
}

impl Words {
    /// Calls `each` with the starts and the rough hashes of the words of a text, some words at a time: what is done with all of them
    /// then does not wait for each of them.
    pub(super) fn each(&mut self, text: &str, mut each: impl FnMut(&[usize], &[u64])) {
        self.blocks_of(text);
        let bytes = text.as_bytes();
        // Where words begin and end, in turn; the first may be the beginning of one that the block before did not end.
        let mut bounds = [0; BLOCK + 2];
        let (mut starts, mut hashes) = ([0; BLOCK / 2 + 1], [0; BLOCK / 2 + 1]);
        let (mut open, mut last, mut unlike_before) = (0, 0, false);
        // One block more, of which nothing is a letter: it ends a word at the end of the text.
        for (number, Block { letters, unlike }) in
            self.blocks.iter().copied().chain([Block::default()]).enumerate()
        {
            let mut edges = letters ^ (letters << 1 | last);
            last = letters >> (u64::BITS - 1);
            let mut known = open;
            while edges != 0 {
                let at = number * BLOCK + edges.trailing_zeros() as usize;
                bounds.get_mut(known).into_iter().for_each(|bound| *bound = at);
                known += 1;
                edges &= edges - 1;
            }
            let (words, _) = bounds.get(..known).unwrap_or_default().as_chunks();
            let by_letters = unlike || unlike_before;
            unlike_before = unlike;
            for (([start, end], hash), at) in words.iter().zip(&mut hashes).zip(&mut starts) {
                let short = if by_letters { None } else { short_word(bytes, *start, *end) };
                *hash = short.unwrap_or_else(|| rough(text.get(*start..*end).unwrap_or_default()));
                *at = *start;
            }
            let count = words.len();
            each(starts.get(..count).unwrap_or_default(), hashes.get(..count).unwrap_or_default());
            open = known % 2;
            if open == 1 {
                bounds.copy_within(known - 1..known, 0);
            }
        }
    }

    /// Tells letters and marks of a text.
    fn blocks_of(&mut self, text: &str) {
        self.blocks.clear();
        self.marks.clear();
        let bytes = text.as_bytes();
        let odd = dispatch!(Level::new(), simd => tell(simd, bytes, &mut self.blocks));
        for at in odd {
            let end = (at + BLOCK).min(bytes.len());
            // A letter that stands on an edge belongs to both blocks.
            let from = if text.is_char_boundary(at) { at } else { at.saturating_sub(BLOCK) };
            let to = if text.is_char_boundary(end) { end } else { end + BLOCK };
            for start in (from..to).step_by(BLOCK) {
                let known = self.blocks.get_mut(start / BLOCK);
                known.into_iter().for_each(|block| *block = block_by_letters(text, start));
            }
            let part = bytes.get(at..end).unwrap_or_default();
            let [one, other] = MARKS;
            self.marks.extend(memchr::memchr2_iter(one, other, part).map(|mark| at + mark));
        }
    }
}

/// Which bits of the halves of a chunk belong to so many bytes.
static KEPT: [[u64; 2]; CHUNK + 1] = {
    let mut kept = [[0; 2]; CHUNK + 1];
    let mut rest = kept.as_mut_slice();
    let mut bits = 0u128;
    while let Some((first, others)) = rest.split_first_mut() {
        *first = halves(bits);
        bits = bits << 8 | 0xFF;
        rest = others;
    }
    kept
};

/// The low half of a chunk and the high one.
const fn halves(chunk: u128) -> [u64; 2] {
    #[expect(clippy::cast_possible_truncation, reason = "the halves are wanted")]
    [chunk as u64, (chunk >> 64) as u64]
}

/// The rough hash of a word that needs no look at its letters. Nothing: it is long, or stands at the end of the text.
#[inline]
fn short_word(text: &[u8], start: usize, end: usize) -> Option<u64> {
    let [low_kept, high_kept] = KEPT.get(end - start)?;
    let [low, high] = halves(u128::from_le_bytes(*text.get(start..)?.first_chunk()?));
    Some(joined(0, [low & low_kept, high & high_kept]))
}

/// Adds a chunk, padded with zeros, to a rough hash. Capitals and small letters of ASCII and Latin-1 differ in bit 5, most others of
/// the Latin script in bit 0.
#[inline]
fn joined(hash: u64, chunk: [u64; 2]) -> u64 {
    const CASE: u64 = u64::from_le_bytes([0x20; 8]);
    const NOT_ASCII: u64 = u64::from_le_bytes([0x80; 8]);
    let [low, high] = chunk.map(|bytes| bytes | CASE | (bytes & NOT_ASCII) >> 7);
    let product = u128::from(low ^ hash ^ 0x9E37_79B9_7F4A_7C15) * u128::from(high ^ 0xD6E8_FEB8_6659_FD93);
    let [low, high] = halves(product);
    low ^ high
}

/// A hash that is the same for words with the same small letters, and for some others.
pub(super) fn rough(word: &str) -> u64 {
    const ROOM: usize = 4 * CHUNK;
    let mut small = [0; ROOM];
    let mut filled = 0;
    let letters = word.chars().flat_map(|letter| {
        let (simple, others) = match small_of(letter) {
            Some(small) => (Some(small), None),
            None => (None, Some(letter.to_lowercase())),
        };
        simple.into_iter().chain(others.into_iter().flatten())
    });
    let mut hash = 0;
    for letter in letters {
        // What is longer than a chunk is hashed chunk by chunk, the rest moved down.
        if filled > ROOM - 4 {
            let (first, rest) = small.split_at_mut(ROOM - CHUNK);
            hash = hashed(hash, first);
            first.fill(0);
            first.get_mut(..CHUNK).into_iter().for_each(|first| first.copy_from_slice(rest));
            rest.fill(0);
            filled -= ROOM - CHUNK;
        }
        let room = small.get_mut(filled..filled + letter.len_utf8()).unwrap_or_default();
        filled += letter.encode_utf8(room).len();
    }
    let chunks = filled.div_ceil(CHUNK).max(1);
    hashed(hash, small.get(..chunks * CHUNK).unwrap_or_default())
}

/// Adds whole chunks to a rough hash.
fn hashed(hash: u64, bytes: &[u8]) -> u64 {
    let (chunks, _) = bytes.as_chunks();
    chunks.iter().fold(hash, |hash, chunk| joined(hash, halves(u128::from_le_bytes(*chunk))))
}

/// The rough hash of two words that stand side by side, by theirs.
#[inline]
pub(super) fn rough_pair(first: u64, second: u64) -> u32 {
    rough_one(first.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(second))
}

/// The same of a word alone.
#[inline]
pub(super) fn rough_one(word: u64) -> u32 {
    u32::try_from(word.wrapping_mul(0xD6E8_FEB8_6659_FD93) >> 32).unwrap_or_default()
}

/// A block, letter by letter.
fn block_by_letters(text: &str, start: usize) -> Block {
    let (from, to) = (text.floor_char_boundary(start), text.ceil_char_boundary(start + BLOCK));
    let mut letters = 0;
    for (at, letter) in text.get(from..to).unwrap_or_default().char_indices() {
        if is_word(letter) {
            let bytes = (from + at).max(start)..(from + at + letter.len_utf8()).min(start + BLOCK);
            bytes.for_each(|byte| letters |= 1 << (byte - start));
        }
    }
    Block { letters, unlike: true }
}

/// What the bytes of a block tell.
struct Told {
    block: Block,
    /// There are letters for which bytes do not tell.
    odd: bool,
}

/// Tells the letters of each block of a text; gives where blocks begin in which bytes do not tell. Made for each kind of processor.
#[inline(always)]
fn tell<S: Simd>(_: S, text: &[u8], blocks: &mut Vec<Block>) -> Vec<usize> {
    let mut odd = Vec::new();
    for at in (0..text.len()).step_by(BLOCK) {
        let whole =
            at.checked_sub(BEFORE).and_then(|from| text.get(from..)?.first_chunk::<{ BEFORE + BLOCK }>());
        let told = match whole {
            Some(block) => letters_of(block),
            None => {
                let mut block = [0; BEFORE + BLOCK];
                let skip = BEFORE.saturating_sub(at);
                let from = text.get(at.saturating_sub(BEFORE)..).unwrap_or_default();
                block.iter_mut().skip(skip).zip(from).for_each(|(to, from)| *to = *from);
                letters_of(&block)
            }
        };
        if told.odd {
            odd.push(at);
        }
        blocks.push(told.block);
    }
    odd
}

/// Which bytes of a block, two bytes before it aside, belong to words, and whether all are of the scripts for which bytes
/// tell: ASCII, Latin letters to U+02BF and from U+1E80 to U+1EFF, the signs of Latin-1 and U+2000 to U+203F that are no
/// letters. Without a branch, so that many bytes are looked at at a time.
#[inline(always)]
fn letters_of(block: &[u8; BEFORE + BLOCK]) -> Told {
    let mut letters = [0u8; BLOCK];
    let (mut odd, mut unlike) = (0u8, 0u8);
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
        // İ and from Ĺ on, where even ones are small; to ň, and from Ÿ on; U+0180 to U+02BF but Ơ ơ ư; ẞ.
        unlike |= is(before, 0xC4) & (is(byte, 0xB0) | within(0xB9, 0xBF));
        unlike |= is(before, 0xC5) & (within(0x80, 0x88) | within(0xB8, 0xBE));
        unlike |= is(before, 0xC6) & (1 - is(byte & 0xFE, 0xA0)) & (1 - is(byte, 0xB0));
        unlike |= u8::from(before.wrapping_sub(0xC7) < 4);
        unlike |= is(before, 0xBA) & is(byte, 0x9E);
    }
    // Eight bytes of 0 and 1 become eight bits by one multiplication.
    let pack = |eight: &[u8; 8]| u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    let (eights, _) = letters.as_chunks();
    let letters = eights.iter().rev().fold(0, |bits, eight| bits << 8 | pack(eight));
    Told { block: Block { letters, unlike: unlike != 0 }, odd: odd != 0 }
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

    /// Words of a text with their rough hashes, in blocks and letter by letter.
    fn both_ways(text: &str) -> [Vec<(usize, u64)>; 2] {
        let mut found = Vec::new();
        Words::default()
            .each(text, |starts, hashes| found.extend(starts.iter().copied().zip(hashes.iter().copied())));
        let wanted = words_of(text).map(|(word, _)| (word.start, rough(&text[word])));
        [found, wanted.collect()]
    }

    #[test]
    fn every_letter_is_told_as_unicode_tells() {
        // At the end of a text, where the last sixteen bytes are looked at in another way, within it, and on the edge of blocks.
        let rest = " an other word of the same text, long enough to be looked at in the short way";
        for letter in ('\u{1}'..'\u{30000}').filter(|letter| *letter != '\n') {
            let texts = [format!("a{letter}b"), format!("{letter}x{letter}{rest}"), format!("{letter}")];
            // Bytes tell of Latin letters alone.
            for text in texts.iter().take(if letter < '\u{2200}' { 3 } else { 1 }) {
                let [found, wanted] = both_ways(text);
                assert_eq!(found, wanted, "{text:?} {letter:?}");
            }
        }
        for letter in ['ậ', '½', 'Ж', '漢', '\u{302}', '𝔸', '\u{2019}', 'Ư', '×'] {
            for before in 0..200 {
                let text = format!("{}{letter}b{rest}", "x".repeat(before));
                let [found, wanted] = both_ways(&text);
                assert_eq!(found, wanted, "{before} {letter:?}");
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

    #[test]
    fn marks_are_told() {
        let text = format!("{} a\u{302}b\u{37F}", "ậ½ ".repeat(30));
        let mut words = Words::default();
        words.each(&text, |_, _| ());
        assert_eq!(words.marks, [text.len() - 5, text.len() - 2]);
    }

    proptest::proptest! {
        #[test]
        fn words_are_those_that_letters_make(text in "[a-cA-Z ,.đĐƯ\u{1EAD}\u{1EAC}“”½×\u{A0}\u{301}Ж漢0-9]{0,200}") {
            let [found, wanted] = both_ways(&text);
            proptest::prop_assert_eq!(found, wanted);
        }

        #[test]
        fn words_with_the_same_small_letters_have_the_same_hash(word in "[a-zà-ỹĀ-ʯΑ-ωА-я]{1,40}") {
            proptest::prop_assert_eq!(rough(&word), rough(&word.to_lowercase()));
        }
    }
}
