//! The user's own words: project names and the like, up to hundreds of thousands.
//!
//! A hash set of word sequences, not an automaton: for 100,000 terms an automaton took 10 s to build and 136 MiB
//! (domain page, section 6.4), the set a fraction of a second, and its speed does not depend on the list's length.
//! Every two neighbours of a text are looked up in a filter of a few hundred KiB; where it says yes, the words are looked at
//! letter by letter.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

use super::hashed::{Hashed, KeywordKey, is_hashed};
use super::words::{EMPTY, Words, mix, rough, rough_one, rough_pair, words_of};
use crate::fold::Folded;
use crate::model::Level;

/// Longest term in words.
const MAX_WORDS: usize = 12;

/// A map whose keys are hashes already.
type ByHash<K, V> = HashMap<K, V, BuildHasherDefault<Ready>>;

/// Gives a key that is a hash as it is.
#[derive(Default)]
struct Ready(u64);

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
    /// Terms of one word.
    single: Beginnings,
    /// First two words of longer ones.
    pairs: Beginnings,
    /// Hash of each term, with its level.
    terms: ByHash<u64, Level>,
    /// Lists that cannot be read.
    hashed: Vec<Hashed>,
    /// Names of the lists.
    lists: Vec<String>,
}

/// With what terms begin.
#[derive(Debug, Clone, Default)]
struct Beginnings {
    /// Numbers of words of the terms with a beginning (bit n: n + 1 words), by its rough hash.
    lengths: ByHash<u32, u16>,
    /// A Bloom filter of these hashes, one word of memory for each (Putze, Sanders and Singler, *Cache-, hash- and space-efficient
    /// Bloom filters*, 2007): nearly all neighbours in a text begin no term, and this is told by one look at memory near by.
    filter: Vec<u64>,
}

impl Beginnings {
    /// Bits of the filter for each beginning, at least: four in a thousand others pass.
    const BITS: usize = 16;
    /// Most words of the filter: 8 MiB, for four million beginnings.
    const MOST_WORDS: usize = 1 << 20;

    fn add(&mut self, hash: u32, lengths: u16) {
        *self.lengths.entry(hash).or_default() |= lengths;
    }

    /// Makes the filter, when all are added.
    fn settle(&mut self) {
        if self.lengths.is_empty() {
            return;
        }
        let words = (self.lengths.len() * Self::BITS).div_ceil(64).next_power_of_two().min(Self::MOST_WORDS);
        self.filter = vec![0; words];
        for hash in self.lengths.keys() {
            let (word, bits) = Self::place(*hash, words);
            self.filter.get_mut(word).into_iter().for_each(|known| *known |= bits);
        }
    }

    /// Word and bits of a hash in a filter of so many words.
    #[inline]
    fn place(hash: u32, words: usize) -> (usize, u64) {
        let word = (hash >> 12) as usize & words.wrapping_sub(1);
        (word, 1 << (hash & 63) | 1 << (hash >> 6 & 63) | 1 << (hash.wrapping_mul(0x9E37_79B9) >> 26))
    }

    /// Whether a term may begin so; never wrong in saying no.
    #[inline]
    fn may(&self, hash: u32) -> bool {
        let (word, bits) = Self::place(hash, self.filter.len());
        self.filter.get(word).is_some_and(|known| known & bits == bits)
    }

    /// Numbers of words that terms have that may begin so.
    fn lengths(&self, hash: u32) -> u16 {
        self.lengths.get(&hash).copied().unwrap_or(0)
    }
}

/// A term of a list.
pub(super) struct Term {
    /// Number of its line, from 1.
    pub(super) line: usize,
    /// Its words in small letters, with one blank between.
    pub(super) folded: String,
    /// Rough hash of its first two words; of its only one.
    pub(super) beginning: u32,
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
        let mut roughly = words.iter().map(|(word, _)| rough(text.get(word.clone()).unwrap_or_default()));
        let Some(first) = roughly.next() else {
            return Err(format!("line {line_number}: no letter or digit in it"));
        };
        if words.len() > MAX_WORDS {
            return Err(format!("line {line_number}: more than {MAX_WORDS} words"));
        }
        Ok(Term {
            line: line_number,
            folded: small(&text, words.iter().map(|(range, _)| range.clone())),
            beginning: roughly.next().map_or_else(|| rough_one(first), |second| rough_pair(first, second)),
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

/// The lines in which places of a text lie, in ascending order as they are.
fn lines_of(text: &str, places: &[usize]) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut lines: Vec<Range<usize>> = Vec::new();
    for at in places.iter().copied() {
        if lines.last().is_some_and(|line| at < line.end) {
            continue;
        }
        let before = memchr::memrchr(b'\n', bytes.get(..at).unwrap_or_default());
        let after = memchr::memchr(b'\n', bytes.get(at..).unwrap_or_default());
        lines.push(before.map_or(0, |end| end + 1)..after.map_or(text.len(), |end| at + end));
    }
    lines
}

impl Keywords {
    /// Adds a list: one term a line, `#` begins a comment, a level may follow after a tab. Letters' case and
    /// blanks do not matter, accents do. A hashed list needs the key it was made with.
    ///
    /// # Errors
    /// The line that is wrong.
    pub fn add(&mut self, name: &str, text: &str, key: Option<&KeywordKey>) -> Result<(), String> {
        if is_hashed(text) {
            let (list, beginnings) = Hashed::read(text, key)?;
            beginnings.into_iter().for_each(|(beginning, lengths)| self.begin(beginning, lengths));
            self.hashed.push(list);
        } else {
            let mut count = 0usize;
            for term in terms_of(text) {
                let Term { beginning, hash, count: words, level, .. } = term?;
                self.begin(beginning, 1 << (words - 1));
                let known = self.terms.entry(hash).or_insert(level);
                *known = (*known).max(level);
                count += 1;
            }
            if count == 0 {
                return Err("no term in it".to_owned());
            }
        }
        self.single.settle();
        self.pairs.settle();
        self.lists.push(name.to_owned());
        Ok(())
    }

    /// Adds a beginning of terms with these numbers of words: one, or others.
    fn begin(&mut self, beginning: u32, lengths: u16) {
        let of = if lengths == 1 { &mut self.single } else { &mut self.pairs };
        of.add(beginning, lengths);
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

    /// Byte range and level of each term in the lines of a text, in the order of their ends.
    #[must_use]
    pub fn find(&self, text: &str, words: &mut Words) -> Vec<(Range<usize>, Level)> {
        let mut found = Vec::new();
        self.find_as_written(text, words, &mut found);
        // Decomposed letters are compared composed.
        let marked = lines_of(text, &words.marks);
        found.retain(|(term, _)| {
            let line = marked.partition_point(|line| line.end <= term.start);
            marked.get(line).is_none_or(|line| line.start > term.start)
        });
        for line in marked {
            let folded = Folded::new(text.get(line.clone()).unwrap_or_default());
            let mut in_line = Vec::new();
            self.find_as_written(&folded.text, words, &mut in_line);
            found.extend(in_line.into_iter().map(|(term, level)| {
                let source = folded.source(term);
                (line.start + source.start..line.start + source.end, level)
            }));
        }
        found.sort_by_key(|(term, level)| (term.end, term.start, std::cmp::Reverse(*level)));
        found.dedup_by(|next, before| next.0 == before.0);
        found
    }

    /// The same of the letters as they are, in no order.
    fn find_as_written(&self, text: &str, words: &mut Words, found: &mut Vec<(Range<usize>, Level)>) {
        // Where terms may begin, and with how many words.
        let mut begun: Vec<(usize, u16)> = Vec::new();
        let mut add = |start: usize, lengths: u16| {
            if lengths != 0 {
                begun.push((start, lengths));
            }
        };
        let alone = !self.single.filter.is_empty();
        // Before the first word there is none.
        let mut before = (usize::MAX, 0);
        words.each(text, |starts, hashes| {
            for (start, hash) in starts.iter().copied().zip(hashes.iter().copied()) {
                let (begin, first) = std::mem::replace(&mut before, (start, hash));
                let pair = rough_pair(first, hash);
                if self.pairs.may(pair) {
                    add(begin, self.pairs.lengths(pair));
                }
            }
            if alone {
                for (start, hash) in starts.iter().zip(hashes) {
                    let word = rough_one(*hash);
                    if self.single.may(word) {
                        add(*start, self.single.lengths(word));
                    }
                }
            }
        });
        for (start, lengths) in begun {
            self.confirm(text, start, lengths, found);
        }
    }

    /// Adds the terms of so many words that begin at a place (bit n of `lengths`: n + 1 words).
    fn confirm(&self, text: &str, start: usize, lengths: u16, found: &mut Vec<(Range<usize>, Level)>) {
        let rest = text.get(start..).unwrap_or_default();
        let (mut hash, mut end, mut term) = (EMPTY, 0, String::new());
        for (index, (word, word_hash)) in words_of(rest).take(MAX_WORDS).enumerate() {
            let between = rest.get(end..word.start).unwrap_or_default();
            if lengths >> index == 0 || between.contains('\n') {
                break;
            }
            end = word.end;
            hash = mix(hash, word_hash);
            if !self.hashed.is_empty() {
                if index > 0 {
                    term.push(' ');
                }
                term.push_str(&small(rest, std::iter::once(word)));
            }
            if lengths >> index & 1 == 1 {
                let levels = self.hashed.iter().filter_map(|list| list.level(&term));
                let level = levels.chain(self.terms.get(&hash).copied()).max();
                found.extend(level.map(|level| (start..start + end, level)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(list: &str, text: &str) -> Vec<(String, Level)> {
        let mut keywords = Keywords::default();
        keywords.add("list", list, None).unwrap();
        let found = keywords.find(text, &mut Words::default());
        found.into_iter().map(|(range, level)| (text[range].to_owned(), level)).collect()
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
        for text in [
            "the ORLA site",
            "dự án giấy  lồng đèn.",
            "Orlando paper lantern",
            "Paper, paper lantern-TWO",
            "",
        ] {
            let hashed = keywords.find(text, &mut Words::default());
            let hashed: Vec<_> =
                hashed.into_iter().map(|(range, level)| (text[range].to_owned(), level)).collect();
            assert_eq!(hashed, found(list, text), "{text}");
        }
        let other = KeywordKey::new(b"another key of sixteen bytes").unwrap();
        assert!(Keywords::default().add("l", &hashed, Some(&other)).unwrap_err().contains("another key"));
        assert!(Keywords::default().add("l", &hashed, None).unwrap_err().contains("--keywords-key"));
        assert!(KeywordKey::new(b"short").is_none());
    }

    #[test]
    fn terms_do_not_go_on_in_the_next_line_and_marks_are_composed() {
        let list = "giấy lồng đèn\npaper lantern";
        let text = "paper\nlantern paper-LANTERN\nGia\u{302}\u{301}y lo\u{302}\u{300}ng đe\u{300}n, paper lantern\npaper lantern";
        let terms = found(list, text);
        let terms: Vec<&str> = terms.iter().map(|(term, _)| term.as_str()).collect();
        assert_eq!(
            terms,
            [
                "paper-LANTERN",
                "Gia\u{302}\u{301}y lo\u{302}\u{300}ng đe\u{300}n",
                "paper lantern",
                "paper lantern"
            ]
        );
    }

    #[test]
    fn a_term_in_two_lists_has_the_higher_level() {
        let mut keywords = Keywords::default();
        keywords.add("one", "paper lantern\trestricted", None).unwrap();
        let key = KeywordKey::new(b"a key of sixteen bytes or more").unwrap();
        let hashed = crate::rules::hash_list("Paper Lantern\tsecret", &key).unwrap();
        keywords.add("other", &hashed, Some(&key)).unwrap();
        assert_eq!(keywords.find("paper lantern", &mut Words::default()), [(0..13, Level::Secret)]);
    }

    proptest::proptest! {
        #[test]
        fn the_same_as_looking_word_by_word(
            terms in proptest::collection::vec("[abƯưẶặ]{1,2}( [abƯưẶặ]{1,2}){0,3}", 1..40),
            text in "[abÂâƯưẶặ½Жж,\u{301}\n ]{0,300}",
        ) {
            let mut keywords = Keywords::default();
            keywords.add("list", &terms.join("\n"), None).unwrap();
            let mut wanted = Vec::new();
            for line in text.split('\n') {
                let from = line.as_ptr() as usize - text.as_ptr() as usize;
                let folded = if line.contains('\u{301}') { Folded::new(line) } else { Folded::default() };
                let line = if line.contains('\u{301}') { &folded.text } else { line };
                let words: Vec<_> = words_of(line).map(|(word, _)| word).collect();
                for (at, first) in words.iter().enumerate() {
                    for last in words.iter().skip(at).take(4) {
                        let inner = words.iter().filter(|word| word.start >= first.start && word.end <= last.end);
                        let term = small(line, inner.cloned());
                        if terms.iter().any(|known| known.to_lowercase() == term) {
                            let range = first.start..last.end;
                            let range = if folded.text.is_empty() { range } else { folded.source(range) };
                            wanted.push((from + range.start..from + range.end, Level::Internal));
                        }
                    }
                }
            }
            wanted.sort_by_key(|(term, _)| (term.end, term.start));
            proptest::prop_assert_eq!(keywords.find(&text, &mut Words::default()), wanted);
        }
    }
}
