//! Keyword lists that cannot be read: keyed hashes of terms, so that a host that scans holds no names of projects.
//!
//! Keyed BLAKE3, not HMAC-SHA-256: it is a keyed hash by design, the program has it already, and a term costs one block instead of
//! four. The list does not hide its terms from who holds the key: short names can be guessed one by one. It holds, sorted so that
//! neither order nor neighbours tell anything:
//!
//! - `term`: the first 16 bytes of the keyed hash of the term's words in small letters, joined by one blank, and its level;
//! - `word`: 32 bits of SipHash under the key, of a term's first word, with the numbers of words such terms have. Too short to tell
//!   a word, long enough that the keyed hash is only computed for one word in forty thousand of those that begin no term;
//! - `pair`: the same of a term's first two words. Common words begin many terms, and computing the keyed hash at each of them made a
//!   scan of plain text sixteen times as long. Lists without them are read, slowly.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::hash::Hasher as _;

use siphasher::sip::SipHasher24;

use super::keywords::{ByHash, Term, terms_of};
use crate::model::Level;

/// First line of a hashed list.
const HEAD: &str = "daumat hashed keywords 1";

/// What keys are derived for: terms, first words, and the name of the key. Part of the format.
const CONTEXTS: [&str; 3] = [
    "daumat 2026-11-22 keyword list, terms",
    "daumat 2026-11-22 keyword list, first words",
    "daumat 2026-11-22 keyword list, key id",
];

/// A key with fewer bytes could be tried out.
const LEAST_KEY: usize = 16;

/// The key of hashed lists.
#[derive(Clone)]
pub struct KeywordKey {
    terms: [u8; 32],
    words: SipHasher24,
    id: String,
}

impl std::fmt::Debug for KeywordKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeywordKey({})", self.id)
    }
}

impl KeywordKey {
    /// A key of a file's bytes; line breaks at the end do not count. `None`: fewer than 16 bytes.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<KeywordKey> {
        let bytes = bytes.trim_ascii_end();
        if bytes.len() < LEAST_KEY {
            return None;
        }
        let [terms, words, id] = CONTEXTS.map(|context| blake3::derive_key(context, bytes));
        let half = |range: std::ops::Range<usize>| {
            let bytes = words.get(range).and_then(|bytes| bytes.try_into().ok()).unwrap_or_default();
            u64::from_le_bytes(bytes)
        };
        let words = SipHasher24::new_with_keys(half(0..8), half(8..16));
        let id = id.iter().take(4).fold(String::new(), |id, byte| id + &format!("{byte:02x}"));
        Some(KeywordKey { terms, words, id })
    }

    /// Its name: tells keys apart, and nothing else.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The short hash of a first word, by the word's own hash.
    fn word(&self, hash: u64) -> u32 {
        let mut hasher = self.words;
        hasher.write_u64(hash);
        u32::try_from(hasher.finish() >> 32).unwrap_or_default()
    }

    /// The hash of a term: its words in small letters, one blank between.
    fn term(&self, words: &str) -> [u8; 16] {
        let hash = blake3::keyed_hash(&self.terms, words.as_bytes());
        hash.as_bytes().first_chunk().copied().unwrap_or_default()
    }
}

/// Makes a hashed list of a readable one.
///
/// # Errors
/// The line that is wrong.
pub fn hash_list(text: &str, key: &KeywordKey) -> Result<String, String> {
    let mut terms: BTreeMap<[u8; 16], Level> = BTreeMap::new();
    let mut words: BTreeMap<u32, u16> = BTreeMap::new();
    let mut pairs: BTreeMap<u32, u16> = BTreeMap::new();
    for term in terms_of(text) {
        let Term { folded, first, pair, count, level, .. } = term?;
        let known = terms.entry(key.term(&folded)).or_insert(level);
        *known = (*known).max(level);
        *words.entry(key.word(first)).or_default() |= 1 << (count - 1);
        if count > 1 {
            *pairs.entry(key.word(pair)).or_default() |= 1 << (count - 1);
        }
    }
    if terms.is_empty() {
        return Err("no term in it".to_owned());
    }
    let mut out = format!("{HEAD}\nkey {}\n", key.id);
    for (word, lengths) in words {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "word {word:08x} {lengths}");
    }
    for (pair, lengths) in pairs {
        let _ = writeln!(out, "pair {pair:08x} {lengths}");
    }
    for (term, level) in terms {
        let _ = writeln!(out, "term {:032x} {level}", u128::from_be_bytes(term));
    }
    Ok(out)
}

/// Whether a list is a hashed one.
#[must_use]
pub fn is_hashed(text: &str) -> bool {
    text.lines().next().is_some_and(|line| line.trim_end() == HEAD)
}

/// A hashed list with its key.
#[derive(Debug, Clone)]
pub(super) struct Hashed {
    key: KeywordKey,
    words: ByHash<u32, u16>,
    pairs: ByHash<u32, u16>,
    terms: HashMap<[u8; 16], Level>,
}

impl Hashed {
    /// Reads a list.
    pub(super) fn read(text: &str, key: Option<&KeywordKey>) -> Result<Hashed, String> {
        let mut lines = text.lines().enumerate().skip(1);
        let made_with =
            lines.next().and_then(|(_, line)| line.strip_prefix("key ")).unwrap_or_default().trim();
        let Some(key) = key else {
            return Err(format!(
                "a hashed list, made with key {made_with}\nhint: give the key with --keywords-key FILE or in DAUMAT_KEYWORDS_KEY"
            ));
        };
        if made_with != key.id {
            return Err(format!("made with another key ({made_with}, not {})", key.id));
        }
        let mut hashed = Hashed {
            key: key.clone(),
            words: ByHash::default(),
            pairs: ByHash::default(),
            terms: HashMap::new(),
        };
        for (number, line) in lines {
            let mut fields = line.split_whitespace();
            let (kind, hash, value) =
                (fields.next(), fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
            let word = u32::from_str_radix(hash, 16).ok().zip(value.parse().ok());
            let term = u128::from_str_radix(hash, 16).ok().zip(Level::from_name(value));
            match (kind, word, term) {
                (Some("word"), Some((word, lengths)), _) => {
                    hashed.words.insert(word, lengths);
                }
                (Some("pair"), Some((pair, lengths)), _) => {
                    hashed.pairs.insert(pair, lengths);
                }
                (Some("term"), _, Some((term, level))) => {
                    hashed.terms.insert(term.to_be_bytes(), level);
                }
                _ => return Err(format!("line {}: not a line of a hashed list", number + 1)),
            }
        }
        if hashed.terms.is_empty() {
            return Err("no term in it".to_owned());
        }
        Ok(hashed)
    }

    /// Number of terms.
    pub(super) fn len(&self) -> usize {
        self.terms.len()
    }

    /// Numbers of words that terms with this first word may have (bit n: n + 1 words).
    pub(super) fn lengths(&self, hash: u64) -> Option<u16> {
        self.words.get(&self.key.word(hash)).copied()
    }

    /// The same for terms of several words with these first two, by the hashes of the first and of both.
    pub(super) fn pair_lengths(&self, first: u64, pair: u64) -> Option<u16> {
        if self.pairs.is_empty() {
            return self.lengths(first);
        }
        self.pairs.get(&self.key.word(pair)).copied()
    }

    /// The level of a term, words in small letters with one blank between.
    pub(super) fn level(&self, words: &str) -> Option<Level> {
        self.terms.get(&self.key.term(words)).copied()
    }
}
