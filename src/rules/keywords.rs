//! The user's own words: project names and the like, up to hundreds of thousands.
//!
//! A hash set of word sequences, not an automaton: for 100,000 terms an automaton took 10 s to build and 136 MiB
//! (domain page, section 6.4), the set a fraction of a second, and its speed does not depend on the list's length.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::hashed::{Hashed, KeywordKey, is_hashed};
use crate::fold::Folded;
use crate::model::Level;

/// Longest term in words.
const MAX_WORDS: usize = 12;

/// A map whose keys are hashes already.
type ByHash<V> = HashMap<u64, V, BuildHasherDefault<Ready>>;

/// Gives a key that is a hash as it is: hashing every word of a text twice was a third of the time.
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
}

/// FNV-1a with 64 bits, a letter or word at a time. Two of 100,000 terms share a hash once in four thousand million lists.
fn mix(hash: u64, value: u64) -> u64 {
    let mixed = (hash ^ value).wrapping_mul(0x0000_0100_0000_01b3);
    mixed ^ (mixed >> 29)
}

/// Start of a hash (FNV's offset basis).
const EMPTY: u64 = 0xcbf2_9ce4_8422_2325;

/// See the module's head.
#[derive(Debug, Clone, Default)]
pub struct Keywords {
    /// Hash of a term's first word, with how many words terms that begin with it have (bit n: n + 1 words).
    first: ByHash<u16>,
    /// Hash of a whole term, with its level.
    terms: ByHash<Level>,
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
            hash: words.iter().fold(EMPTY, |hash, (_, word)| mix(hash, *word)),
            count: words.len(),
            level,
        })
    })
}

/// Words of a text in small letters, with one blank between.
fn small(text: &str, words: impl Iterator<Item = std::ops::Range<usize>>) -> String {
    let mut out = String::new();
    for word in words {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(text.get(word).unwrap_or_default().chars().flat_map(char::to_lowercase));
    }
    out
}

/// Calls `found` with each term of a hashed list.
fn find_hashed(list: &Hashed, text: &str, found: &mut impl FnMut(std::ops::Range<usize>, Level)) {
    for (range, hash) in words_of(text) {
        let Some(lengths) = list.lengths(hash) else { continue };
        // Few words come here, so the ones after them may be looked at again.
        let rest = words_of(text.get(range.end..).unwrap_or_default());
        let following = rest.map(|(word, _)| word.start + range.end..word.end + range.end);
        let mut term = String::new();
        for (index, word) in std::iter::once(range.clone()).chain(following).take(MAX_WORDS).enumerate() {
            if lengths >> index == 0 {
                break;
            }
            let end = word.end;
            let word = small(text, std::iter::once(word));
            if index > 0 {
                term.push(' ');
            }
            term.push_str(&word);
            if lengths >> index & 1 == 1
                && let Some(level) = list.level(&term)
            {
                found(range.start..end, level);
            }
        }
    }
}

/// A term that may have begun.
struct Open {
    start: usize,
    /// Numbers of words that terms with this first word have.
    lengths: u16,
    words: u32,
    hash: u64,
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
            let Term { first, hash, count: words, level, .. } = term?;
            *self.first.entry(first).or_default() |= 1 << (words - 1);
            let known = self.terms.entry(hash).or_insert(level);
            *known = (*known).max(level);
            count += 1;
        }
        if count == 0 {
            return Err("no term in it".to_owned());
        }
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

    /// Calls `found` with byte range and level of each term in a text.
    pub fn find(&self, text: &str, mut found: impl FnMut(std::ops::Range<usize>, Level)) {
        self.hashed.iter().for_each(|list| find_hashed(list, text, &mut found));
        if self.terms.is_empty() {
            return;
        }
        // Terms are looked up from their first word on.
        let mut open: Vec<Open> = Vec::new();
        for (range, hash) in words_of(text) {
            if let Some(lengths) = self.first.get(&hash) {
                open.push(Open { start: range.start, lengths: *lengths, words: 0, hash: EMPTY });
            }
            open.retain_mut(|term| {
                term.hash = mix(term.hash, hash);
                let wanted = 1u16.checked_shl(term.words).unwrap_or(0);
                term.words += 1;
                if term.lengths & wanted != 0
                    && let Some(level) = self.terms.get(&term.hash)
                {
                    found(term.start..range.end, *level);
                }
                term.lengths >= wanted << 1
            });
        }
    }
}

/// Words (runs of letters, digits and marks) with the hash of their small letters.
fn words_of(text: &str) -> impl Iterator<Item = (std::ops::Range<usize>, u64)> + '_ {
    let is_word =
        |letter: char| letter.is_alphanumeric() || unicode_normalization::char::is_combining_mark(letter);
    let mut chars = text.char_indices().peekable();
    std::iter::from_fn(move || {
        while chars.next_if(|(_, letter)| !is_word(*letter)).is_some() {}
        let (start, _) = *chars.peek()?;
        let mut hash = EMPTY;
        let mut end = start;
        while let Some((at, letter)) = chars.next_if(|(_, letter)| is_word(*letter)) {
            match letter {
                'a'..='z' | '0'..='9' => hash = mix(hash, u64::from(letter)),
                _ => letter.to_lowercase().for_each(|small| hash = mix(hash, u64::from(small))),
            }
            end = at + letter.len_utf8();
        }
        Some((start..end, hash))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(list: &str, text: &str) -> Vec<(String, Level)> {
        let mut keywords = Keywords::default();
        keywords.add("list", list, None).unwrap();
        let mut out = Vec::new();
        keywords.find(text, |range, level| out.push((text[range].to_owned(), level)));
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
        for text in [
            "the ORLA site",
            "dự án giấy  lồng đèn.",
            "Orlando paper lantern",
            "Paper, paper lantern-TWO",
            "",
        ] {
            let mut out = Vec::new();
            keywords.find(text, |range, level| out.push((text[range].to_owned(), level)));
            let mut plain = found(list, text);
            out.sort();
            plain.sort();
            assert_eq!(out, plain, "{text}");
        }
        let other = KeywordKey::new(b"another key of sixteen bytes").unwrap();
        assert!(Keywords::default().add("l", &hashed, Some(&other)).unwrap_err().contains("another key"));
        assert!(Keywords::default().add("l", &hashed, None).unwrap_err().contains("--keywords-key"));
        assert!(KeywordKey::new(b"short").is_none());
    }
}
