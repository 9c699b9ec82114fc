//! Many strings in one pass, at a cost that does not depend on how many they are.
//!
//! Of each string two trigrams side by side are known, and every second place of the text is asked whether a known
//! trigram stands there: wherever a string begins, one of its two is met. Only then the string itself is compared. This
//! is the sampling of Wu and Manber, *A fast algorithm for multi-pattern searching* (1994), with a step of two, so that
//! strings of four bytes can take part. SIMD searchers are faster for thirty strings, but thirty is what they take.

/// Letters of a gram.
const GRAM: usize = 3;
/// Bits of the set of grams, as a power of two: 16 KiB stay in the first-level cache beside the text.
const SET_BITS: u32 = 17;
/// Words of the set.
const SET_WORDS: usize = 1 << (SET_BITS - 5);
/// Buckets of the list of grams, as a power of two.
const BUCKET_BITS: u32 = 12;
/// Bytes whose places are asked together.
const BLOCK: usize = 8;

/// See the module's head.
#[derive(Debug)]
pub(crate) struct Grams {
    strings: Vec<Box<[u8]>>,
    set: Box<[u32; SET_WORDS]>,
    /// Sorted by bucket.
    entries: Vec<Entry>,
    /// Where the entries of each bucket begin; one more for the end.
    buckets: Vec<u32>,
}

/// A gram of a string.
#[derive(Debug)]
struct Entry {
    gram: u32,
    string: usize,
    /// Where in the string.
    offset: usize,
    /// The string's first eight bytes, as far as it has them, and which those are.
    first: u64,
    mask: u64,
}

impl Default for Grams {
    fn default() -> Grams {
        Grams::new(Vec::new())
    }
}

impl Grams {
    /// Bytes of the shortest string that is found: two grams side by side.
    pub(crate) const LEAST: usize = GRAM + 1;

    /// Takes strings of [`Grams::LEAST`] bytes or more; shorter ones are never found.
    pub(crate) fn new(strings: Vec<Box<[u8]>>) -> Grams {
        let mut entries = Vec::new();
        for (index, string) in strings.iter().enumerate() {
            let places = 0..(string.len() + 1).saturating_sub(Grams::LEAST);
            let Some(best) =
                places.min_by_key(|at| commonness(string.get(*at..at + Grams::LEAST).unwrap_or_default()))
            else {
                continue;
            };
            let mut first = [0; 8];
            first.iter_mut().zip(string).for_each(|(to, from)| *to = *from);
            let first = u64::from_le_bytes(first);
            let mask = 1u64
                .checked_shl(8 * u32::try_from(string.len()).unwrap_or(8))
                .map_or(u64::MAX, |end| end - 1);
            for offset in [best, best + 1] {
                if let Some([one, two, three]) = string.get(offset..).and_then(<[u8]>::first_chunk) {
                    let gram = u32::from_le_bytes([*one, *two, *three, 0]);
                    entries.push(Entry { gram, string: index, offset, first, mask });
                }
            }
        }
        entries.sort_by_key(|entry| (bucket(entry.gram), entry.gram, entry.string));
        let mut set = Box::new([0; SET_WORDS]);
        for entry in &entries {
            let (word, bit) = place(entry.gram);
            if let Some(bits) = set.get_mut(word) {
                *bits |= 1 << bit;
            }
        }
        let begin = |number: usize| {
            let begin = entries.partition_point(|entry| bucket(entry.gram) < number);
            u32::try_from(begin).unwrap_or(u32::MAX)
        };
        let buckets = (0..=1 << BUCKET_BITS).map(begin).collect();
        Grams { strings, set, entries, buckets }
    }

    /// Calls `found` with the start of each string in a text and the string's number, in no order.
    pub(crate) fn each(&self, text: &[u8], found: &mut impl FnMut(usize, usize)) {
        let mut at = 0;
        while let Some((block, grams)) = self.next_block(text, at) {
            for (number, gram) in grams.iter().enumerate() {
                if self.bit(*gram) & 1 != 0 {
                    self.compare(text, block + 2 * number, gram & 0x00FF_FFFF, found);
                }
            }
            at = block + BLOCK;
        }
        // Blocks begin at multiples of their length; the rest, too short for one, is asked place by place.
        at = at.max(text.len().saturating_sub(2) & !(BLOCK - 1));
        while let Some([one, two, three]) = text.get(at..).and_then(<[u8]>::first_chunk) {
            let gram = u32::from_le_bytes([*one, *two, *three, 0]);
            if self.bit(gram) & 1 != 0 {
                self.compare(text, at, gram, found);
            }
            at += 2;
        }
    }

    /// The next block, from one on, in which a gram may be known, and its grams. A block is whole and followed by two bytes,
    /// so that its last gram can be read with one load.
    #[inline(never)]
    fn next_block(&self, text: &[u8], from: usize) -> Option<(usize, [u32; BLOCK / 2])> {
        let mut at = from;
        loop {
            let block = text.get(at..)?.first_chunk::<{ BLOCK + 2 }>()?;
            let (first, last) =
                (u64::from_le_bytes(*block.first_chunk()?), u32::from_le_bytes(*block.last_chunk()?));
            // What is cut off above is what belongs to the later places.
            #[expect(clippy::cast_possible_truncation, reason = "the low four bytes are wanted")]
            let grams = [first as u32, (first >> 16) as u32, (first >> 32) as u32, last];
            // One branch for four places: hardly any of them knows its gram.
            if grams.iter().fold(0, |any, gram| any | self.bit(*gram)) & 1 != 0 {
                return Some((at, grams));
            }
            at += BLOCK;
        }
    }

    /// In the lowest bit whether a gram may be one of a string's.
    #[inline]
    fn bit(&self, gram: u32) -> u32 {
        let (word, bit) = place(gram);
        self.set.get(word).map_or(0, |bits| bits >> bit)
    }

    /// The strings that have a gram at a place of the text.
    #[inline(never)]
    fn compare(&self, text: &[u8], at: usize, gram: u32, found: &mut impl FnMut(usize, usize)) {
        let bucket = bucket(gram);
        let (Some(first), Some(end)) = (self.buckets.get(bucket), self.buckets.get(bucket + 1)) else {
            return;
        };
        let entries = self.entries.get(*first as usize..*end as usize).unwrap_or_default();
        for entry in entries.iter().filter(|entry| entry.gram == gram) {
            let Some(start) = at.checked_sub(entry.offset) else { continue };
            let Some(rest) = text.get(start..) else { continue };
            // Most are told apart by their first letters, with one comparison.
            if rest.first_chunk().is_some_and(|eight| u64::from_le_bytes(*eight) & entry.mask != entry.first)
            {
                continue;
            }
            if self.strings.get(entry.string).is_some_and(|string| rest.starts_with(string)) {
                found(start, entry.string);
            }
        }
    }
}

/// Word and bit of a gram in the set. The fourth byte does not count: its part of the product is beyond 32 bits.
#[inline]
fn place(gram: u32) -> (usize, u32) {
    let hash = gram.wrapping_mul(0x9E37_7900) >> (32 - SET_BITS);
    ((hash >> 5) as usize, hash & 31)
}

/// Bucket of a gram.
#[inline]
fn bucket(gram: u32) -> usize {
    (gram.wrapping_mul(0x85EB_CA6B) >> (32 - BUCKET_BITS)) as usize
}

/// How often these letters stand in ordinary text, roughly: small letters of the languages of the world's offices are
/// common, capitals and signs rare. Only speed depends on it.
fn commonness(letters: &[u8]) -> u32 {
    let of = |letter: &u8| match letter {
        b' ' => 12,
        b'e' | b't' | b'a' | b'o' | b'i' | b'n' => 11,
        b's' | b'r' | b'h' | b'l' | b'd' | b'u' | b'c' | b'm' | b'g' => 9,
        b'a'..=b'z' => 7,
        b'A'..=b'Z' | b'0'..=b'9' | b'.' | b',' => 4,
        // Vietnamese vowels begin so; combining marks with CC.
        0xE1 | 0xBA | 0xBB | 0xC3 => 9,
        0xCC => 2,
        0x80.. => 6,
        _ => 3,
    };
    letters.iter().map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(strings: &[&str], text: &[u8]) -> Vec<(usize, usize)> {
        let grams = Grams::new(strings.iter().map(|string| string.as_bytes().into()).collect());
        let mut found = Vec::new();
        grams.each(text, &mut |start, string| found.push((start, string)));
        found.sort_unstable();
        found
    }

    #[test]
    fn strings_are_found_wherever_they_begin() {
        let strings = ["CUI/", "SECRET", "fficial", "MẬT ", "ECRE"];
        for before in 0..70 {
            for string in strings {
                let text = format!("{}{string}{}", "x".repeat(before), "y".repeat(before % 37));
                let found = all(&strings, text.as_bytes());
                let number = strings.iter().position(|one| *one == string).unwrap();
                assert!(found.contains(&(before, number)), "{text}");
                assert_eq!(found.len(), if string == "SECRET" { 2 } else { 1 }, "{text}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn the_same_as_looking_one_by_one(
            strings in proptest::collection::vec("[a-cé]{4,7}", 1..40),
            text in "[a-cé]{0,300}",
        ) {
            let strings: Vec<&str> = strings.iter().map(String::as_str).collect();
            let mut wanted = Vec::new();
            for (number, string) in strings.iter().enumerate() {
                let places = 0..text.len();
                wanted.extend(places.filter(|at| text.as_bytes()[*at..].starts_with(string.as_bytes())).map(|at| (at, number)));
            }
            wanted.sort_unstable();
            proptest::prop_assert_eq!(all(&strings, text.as_bytes()), wanted);
        }
    }
}
