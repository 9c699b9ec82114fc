//! The user's own words: project names and the like, up to hundreds of thousands.
//!
//! A hash set of word sequences, not an automaton: for 100,000 terms an automaton took 10 s to build and 136 MiB
//! (domain page, section 6.4), the set a fraction of a second, and its speed does not depend on the list's length.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

use super::hashed::{Hashed, KeywordKey, is_hashed};
use super::words::{EMPTY, WordCache, mix, words_of};
use crate::fold::Folded;
use crate::model::Level;

/// Longest term in words.
const MAX_WORDS: usize = 12;

/// Bits for each pair of first words, at least: one pair in thirty that begins no term is taken for one that does.
const PAIR_BITS: usize = 32;
/// Most words of such bits: 8 MiB, for two million terms.
const MOST_PAIR_WORDS: usize = 1 << 20;

/// A map whose keys are hashes already.
pub(super) type ByHash<K, V> = HashMap<K, V, BuildHasherDefault<Ready>>;

/// Gives a key that is a hash as it is: hashing every word of a text twice was a third of the time.
#[derive(Default)]
pub(super) struct Ready(u64);

impl Hasher for Ready {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = mix(self.0, u64::from(*byte)));
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }

    fn write_u32(&mut self, key: u32) {
        // The map looks at the highest bits, too.
        self.0 = u64::from(key).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

/// See the module's head.
#[derive(Debug, Clone, Default)]
pub struct Keywords {
    /// Hash of a term's first word, with how many words terms that begin with it have (bit n: n + 1 words).
    first: ByHash<u64, u16>,
    /// The same for the first two words of a term together, and the level where those two are a term.
    pairs: ByHash<u64, (u16, Option<Level>)>,
    /// Bits of those hashes: most neighbours in a text begin no term, and this is told by one look at memory near by.
    pair_bits: Vec<u64>,
    /// Hash of a whole term, with its level; terms of two words stand in `pairs` as well.
    terms: ByHash<u64, Level>,
    /// Lists that cannot be read.
    hashed: Vec<Hashed>,
    /// Names of the lists.
    lists: Vec<String>,
}

/// A term of a list.
pub(super) struct Term {
    /// Number of its line, from 1.
    pub(super) line: usize,
    /// Its words in small letters, with one blank between.
    pub(super) folded: String,
    /// Hash of its first word.
    pub(super) first: u64,
    /// Hash of its first two words; of its only one.
    pub(super) pair: u64,
    /// Hash of all.
    pub(super) hash: u64,
    /// Number of its words.
    pub(super) count: usize,
    /// Its level.
    pub(super) level: Level,
}

/// The terms of a readable list.
pub(super) fn terms_of(text: &str) -> impl Iterator<Item = Result<Term, String>> + '_ {
    let lines = text.trim_start_matches('\u{FEFF}').lines().map(str::trim_end).enumerate();
    lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#')).map(|(number, line)| {
        let line_number = number + 1;
        let (term, level) = match line.split_once('\t') {
            Some((term, level)) => {
                let level = Level::from_name(level.trim()).ok_or_else(|| {
                    format!("line {line_number}: no level `{}`; levels are top-secret, secret, confidential, restricted, internal", level.trim())
                })?;
                (term, level)
            }
            None => (line, Level::Internal),
        };
        let text = Folded::new(term).text;
        let words = words_of(&text).collect::<Vec<_>>();
        let Some((_, first)) = words.first() else {
            return Err(format!("line {line_number}: no letter or digit in it"));
        };
        if words.len() > MAX_WORDS {
            return Err(format!("line {line_number}: more than {MAX_WORDS} words"));
        }
        Ok(Term {
            line: line_number,
            folded: small(&text, words.iter().map(|(range, _)| range.clone())),
            first: *first,
            pair: words.iter().take(2).fold(EMPTY, |hash, (_, word)| mix(hash, *word)),
            hash: words.iter().fold(EMPTY, |hash, (_, word)| mix(hash, *word)),
            count: words.len(),
            level,
        })
    })
}

/// Words of a text in small letters, with one blank between.
fn small(text: &str, words: impl Iterator<Item = Range<usize>>) -> String {
    let mut out = String::new();
    for word in words {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(text.get(word).unwrap_or_default().chars().flat_map(char::to_lowercase));
    }
    out
}

/// What is known of a word.
#[derive(Debug, Clone, Copy, Default)]
pub struct Seen {
    hash: u64,
    /// The hash of a term of this word alone, with which those of longer ones begin.
    begun: u64,
    /// Numbers of words that terms with this first word have.
    lengths: u16,
    /// The same for hashed lists.
    hashed: u16,
}

/// Adds the terms of a hashed list that begin at a place and have one of these numbers of words.
fn find_hashed(
    list: &Hashed,
    text: &str,
    start: usize,
    lengths: u16,
    found: &mut Vec<(Range<usize>, Level)>,
) {
    let mut term = String::new();
    for (index, (word, _)) in words_of(text.get(start..).unwrap_or_default()).take(MAX_WORDS).enumerate() {
        if lengths >> index == 0 {
            break;
        }
        let word = start + word.start..start + word.end;
        let end = word.end;
        if index > 0 {
            term.push(' ');
        }
        term.push_str(&small(text, std::iter::once(word)));
        if lengths >> index & 1 == 1
            && let Some(level) = list.level(&term)
        {
            found.push((start..end, level));
        }
    }
}

impl Keywords {
    /// Adds a list: one term a line, `#` begins a comment, a level may follow after a tab. Letters' case and
    /// blanks do not matter, accents do. A hashed list needs the key it was made with.
    ///
    /// # Errors
    /// The line that is wrong.
    pub fn add(&mut self, name: &str, text: &str, key: Option<&KeywordKey>) -> Result<(), String> {
        if is_hashed(text) {
            self.hashed.push(Hashed::read(text, key)?);
            self.lists.push(name.to_owned());
            return Ok(());
        }
        let mut count = 0usize;
        for term in terms_of(text) {
            let Term { first, pair, hash, count: words, level, .. } = term?;
            *self.first.entry(first).or_default() |= 1 << (words - 1);
            let known = self.terms.entry(hash).or_insert(level);
            *known = (*known).max(level);
            if words > 1 {
                let (lengths, of_two) = self.pairs.entry(pair).or_default();
                *lengths |= 1 << (words - 1);
                if words == 2 {
                    *of_two = Some(*known);
                }
            }
            count += 1;
        }
        if count == 0 {
            return Err("no term in it".to_owned());
        }
        let words = (self.pairs.len() * PAIR_BITS / 64).next_power_of_two().min(MOST_PAIR_WORDS);
        let mut bits = vec![0u64; words];
        for pair in self.pairs.keys() {
            let (word, bit) = pair_bit(*pair, words);
            bits.get_mut(word).into_iter().for_each(|bits| *bits |= 1 << bit);
        }
        self.pair_bits = bits;
        self.lists.push(name.to_owned());
        Ok(())
    }

    /// Whether there is nothing to look for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty() && self.hashed.is_empty()
    }

    /// Number of different terms.
    #[must_use]
    pub fn len(&self) -> usize {
        self.terms.len() + self.hashed.iter().map(Hashed::len).sum::<usize>()
    }

    /// Calls `found` with byte range and level of each term in a text. `cache` was used with no other list.
    pub fn find(&self, text: &str, cache: &mut WordCache, mut found: impl FnMut(Range<usize>, Level)) {
        let mut terms: Vec<(Range<usize>, Level)> = Vec::new();
        let mut hashed: Vec<Vec<(Range<usize>, Level)>> = vec![Vec::new(); self.hashed.len()];
        let mut before: Option<(usize, Seen)> = None;
        let mut begun: Vec<Begun> = Vec::new();
        let know = |hash: u64| Seen {
            hash,
            begun: mix(EMPTY, hash),
            lengths: self.first.get(&hash).copied().unwrap_or(0),
            hashed: self.hashed.iter().filter_map(|list| list.lengths(hash)).fold(0, |all, one| all | one),
        };
        cache.each(text, know, |word, seen| {
            if seen.lengths & 1 == 1
                && let Some(level) = self.terms.get(&seen.begun)
            {
                terms.push((word.clone(), *level));
            }
            begun.retain_mut(|term| {
                term.hash = mix(term.hash, seen.hash);
                term.lengths >>= 1;
                if term.lengths & 1 == 1
                    && let Some(level) = self.terms.get(&term.hash)
                {
                    terms.push((term.start..word.end, *level));
                }
                term.lengths > 1
            });
            if let Some((start, first)) = before
                && (first.lengths | first.hashed) > 1
            {
                let pair = mix(first.begun, seen.hash);
                if first.lengths > 1
                    && self.may_begin_with(pair)
                    && let Some((lengths, of_two)) = self.pairs.get(&pair)
                {
                    terms.extend(of_two.map(|level| (start..word.end, level)));
                    if lengths >> 2 != 0 {
                        begun.push(Begun { start, hash: pair, lengths: lengths >> 1 });
                    }
                }
                if first.hashed > 1 {
                    for (list, found) in self.hashed.iter().zip(&mut hashed) {
                        // Terms of one word were found with it.
                        let lengths = list.pair_lengths(first.hash, pair).unwrap_or(0) & !1;
                        find_hashed(list, text, start, lengths, found);
                    }
                }
            }
            if seen.hashed & 1 == 1 {
                for (list, found) in self.hashed.iter().zip(&mut hashed) {
                    find_hashed(list, text, word.start, list.lengths(seen.hash).unwrap_or(0) & 1, found);
                }
            }
            before = Some((word.start, seen));
        });
        // By their ends, as they are read.
        terms.sort_by_key(|(term, _)| (term.end, term.start));
        hashed.into_iter().flatten().chain(terms).for_each(|(term, level)| found(term, level));
    }

    /// Whether a term may begin with two words of this hash.
    fn may_begin_with(&self, pair: u64) -> bool {
        let (word, bit) = pair_bit(pair, self.pair_bits.len());
        self.pair_bits.get(word).is_some_and(|bits| bits >> bit & 1 == 1)
    }
}

/// Words of a text with which terms of more words begin.
struct Begun {
    /// Where they start.
    start: usize,
    /// Hash of the words so far.
    hash: u64,
    /// Numbers of words of such terms (bit n: n more words).
    lengths: u16,
}

/// Word and bit of a pair's hash in so many words of bits.
fn pair_bit(pair: u64, words: usize) -> (usize, u32) {
    let mixed = pair.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let bit = u32::try_from(mixed >> 58).unwrap_or(0);
    (usize::try_from(mixed >> 32 & 0x03FF_FFFF).unwrap_or(0) & words.wrapping_sub(1), bit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(list: &str, text: &str) -> Vec<(String, Level)> {
        let mut keywords = Keywords::default();
        keywords.add("list", list, None).unwrap();
        let mut out = Vec::new();
        keywords
            .find(text, &mut WordCache::default(), |range, level| out.push((text[range].to_owned(), level)));
        out
    }

    #[test]
    fn words_and_sequences() {
        let list = "Orla\tsecret\nGiấy Lồng Đèn\n# comment\npaper lantern two";
        assert_eq!(found(list, "the ORLA site"), [("ORLA".to_owned(), Level::Secret)]);
        assert_eq!(found(list, "dự án giấy  lồng đèn."), [("giấy  lồng đèn".to_owned(), Level::Internal)]);
        assert_eq!(found(list, "Orlando paper lantern"), []);
        assert_eq!(
            found(list, "paper paper lantern two"),
            [("paper lantern two".to_owned(), Level::Internal)]
        );
    }

    #[test]
    fn a_bad_line_is_named() {
        assert!(Keywords::default().add("l", "a\nOrla\tvery", None).unwrap_err().starts_with("line 2"));
        assert!(Keywords::default().add("l", "# nothing", None).is_err());
    }

    #[test]
    fn a_hashed_list_finds_what_the_plain_one_does_and_names_nothing() {
        let list = "Orla\tsecret\nGiấy Lồng Đèn\npaper lantern two\npaper";
        let key = KeywordKey::new(b"a key of sixteen bytes or more\n").unwrap();
        let hashed = crate::rules::hash_list(list, &key).unwrap();
        for word in ["orla", "paper", "lantern", "giấy"] {
            assert!(!hashed.to_lowercase().contains(word), "{word}");
        }
        let mut keywords = Keywords::default();
        keywords.add("hashed", &hashed, Some(&key)).unwrap();
        assert_eq!(keywords.len(), 4);
        // A list made before there were pairs.
        let mut old = Keywords::default();
        let lines = hashed.lines().filter(|line| !line.starts_with("pair"));
        old.add("old", &lines.map(|line| format!("{line}\n")).collect::<String>(), Some(&key)).unwrap();
        for text in [
            "the ORLA site",
            "dự án giấy  lồng đèn.",
            "Orlando paper lantern",
            "Paper, paper lantern-TWO",
            "",
        ] {
            let mut out = Vec::new();
            keywords.find(text, &mut WordCache::default(), |range, level| {
                out.push((text[range].to_owned(), level))
            });
            let mut plain = found(list, text);
            out.sort();
            plain.sort();
            assert_eq!(out, plain, "{text}");
            out.clear();
            old.find(text, &mut WordCache::default(), |range, level| {
                out.push((text[range].to_owned(), level))
            });
            out.sort();
            assert_eq!(out, plain, "{text}");
        }
        let other = KeywordKey::new(b"another key of sixteen bytes").unwrap();
        assert!(Keywords::default().add("l", &hashed, Some(&other)).unwrap_err().contains("another key"));
        assert!(Keywords::default().add("l", &hashed, None).unwrap_err().contains("--keywords-key"));
        assert!(KeywordKey::new(b"short").is_none());
    }
}
