//! Keyword lists that cannot be read: keyed hashes of terms, so that a host that scans holds no names of projects.
//!
//! Keyed BLAKE3, not HMAC-SHA-256: it is a keyed hash by design, the program has it already, and a term costs one block instead of
//! four. The list does not hide its terms from who holds the key: short names can be guessed one by one. It holds, sorted so that
//! neither order nor neighbours tell anything:
//!
//! - `term`: the first 16 bytes of the keyed hash of the term's words in small letters, joined by one blank, and its level;
//! - `begin`: the rough hash of a term's first two words (or of its only one), and the numbers of words of the terms that begin so,
//!   enciphered. The keyed hash is only computed for words with such a hash: at each word of a text, and a short keyed hash of each
//!   two neighbours, too, it made a scan several times as long. The rough hash knows no key, so it must not be readable without.
//!
//! The cipher is the keyed hash's own stream of bytes, for an `iv` that is a keyed hash of what is enciphered: the same list gives the
//! same file, another list another stream, and what was changed is told.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use super::keywords::{Term, terms_of};
use crate::model::Level;

/// First line of a hashed list.
const HEAD: &str = "daumat hashed keywords 2";

/// What keys are derived for: terms, the cipher's `iv` and stream, and the name of the key. Part of the format.
const CONTEXTS: [&str; 4] = [
    "daumat 2026-11-22 keyword list, terms",
    "daumat 2026-11-22 keyword list, iv",
    "daumat 2026-11-22 keyword list, stream",
    "daumat 2026-11-22 keyword list, key id",
];

/// Bytes of an enciphered beginning: its hash and numbers of words.
const BEGINNING: usize = size_of::<u32>() + size_of::<u16>();

/// A key with fewer bytes could be tried out.
const LEAST_KEY: usize = 16;

/// The key of hashed lists.
#[derive(Clone)]
pub struct KeywordKey {
    terms: [u8; 32],
    iv: [u8; 32],
    stream: [u8; 32],
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
        let [terms, iv, stream, id] = CONTEXTS.map(|context| blake3::derive_key(context, bytes));
        let id = id.iter().take(4).fold(String::new(), |id, byte| id + &format!("{byte:02x}"));
        Some(KeywordKey { terms, iv, stream, id })
    }

    /// Its name: tells keys apart, and nothing else.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The `iv` of beginnings.
    fn iv(&self, beginnings: &[u8]) -> [u8; 16] {
        let hash = blake3::keyed_hash(&self.iv, beginnings);
        hash.as_bytes().first_chunk().copied().unwrap_or_default()
    }

    /// Enciphers beginnings, or deciphers them.
    fn cipher(&self, iv: [u8; 16], beginnings: &mut [u8]) {
        let mut stream = vec![0; beginnings.len()];
        blake3::Hasher::new_keyed(&self.stream).update(&iv).finalize_xof().fill(&mut stream);
        beginnings.iter_mut().zip(stream).for_each(|(byte, mask)| *byte ^= mask);
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
    // Terms of one word apart: theirs is the hash of a word, not of two.
    let mut begin: BTreeMap<(bool, u32), u16> = BTreeMap::new();
    for term in terms_of(text) {
        let Term { folded, beginning, count, level, .. } = term?;
        let known = terms.entry(key.term(&folded)).or_insert(level);
        *known = (*known).max(level);
        *begin.entry((count > 1, beginning)).or_default() |= 1 << (count - 1);
    }
    if terms.is_empty() {
        return Err("no term in it".to_owned());
    }
    let mut beginnings: Vec<u8> = Vec::new();
    for ((_, beginning), lengths) in begin {
        beginnings.extend(beginning.to_le_bytes());
        beginnings.extend(lengths.to_le_bytes());
    }
    let iv = key.iv(&beginnings);
    key.cipher(iv, &mut beginnings);
    let mut out = format!("{HEAD}\nkey {}\niv {:032x}\n", key.id, u128::from_be_bytes(iv));
    for beginning in beginnings.chunks(BEGINNING) {
        let digits = beginning.iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"));
        // Writing to a String cannot fail.
        let _ = writeln!(out, "begin {digits}");
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

/// Bytes of a number in hexadecimal digits.
fn bytes_of<const N: usize>(digits: &str) -> Option<[u8; N]> {
    let number = u128::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 2 * N)?;
    number.to_be_bytes().last_chunk().copied()
}

/// A hashed list with its key.
#[derive(Debug, Clone)]
pub(super) struct Hashed {
    key: KeywordKey,
    terms: HashMap<[u8; 16], Level>,
}

impl Hashed {
    /// Reads a list. With it come the rough hashes of the beginnings of its terms, each with their numbers of words (bit n: n + 1).
    pub(super) fn read(text: &str, key: Option<&KeywordKey>) -> Result<(Hashed, Vec<(u32, u16)>), String> {
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
        let (mut iv, mut beginnings, mut terms) = ([0; 16], Vec::new(), HashMap::new());
        for (number, line) in lines {
            let wrong = || format!("line {}: not a line of a hashed list", number + 1);
            let mut fields = line.split_whitespace();
            let (kind, digits) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
            match kind {
                "iv" => iv = bytes_of(digits).ok_or_else(wrong)?,
                "begin" => beginnings.extend(bytes_of::<BEGINNING>(digits).ok_or_else(wrong)?),
                "term" => {
                    let level = fields.next().and_then(Level::from_name).ok_or_else(wrong)?;
                    terms.insert(bytes_of(digits).ok_or_else(wrong)?, level);
                }
                _ => return Err(wrong()),
            }
        }
        if terms.is_empty() {
            return Err("no term in it".to_owned());
        }
        key.cipher(iv, &mut beginnings);
        if key.iv(&beginnings) != iv {
            return Err(
                "lines of it were changed or are missing\nhint: make it again with `daumat rules hash-words`"
                    .to_owned(),
            );
        }
        let (beginnings, _) = beginnings.as_chunks::<BEGINNING>();
        let read = |[a, b, c, d, e, f]: &[u8; BEGINNING]| {
            (u32::from_le_bytes([*a, *b, *c, *d]), u16::from_le_bytes([*e, *f]))
        };
        Ok((Hashed { key: key.clone(), terms }, beginnings.iter().map(read).collect()))
    }

    /// Number of terms.
    pub(super) fn len(&self) -> usize {
        self.terms.len()
    }

    /// The level of a term, words in small letters with one blank between.
    pub(super) fn level(&self, words: &str) -> Option<Level> {
        self.terms.get(&self.key.term(words)).copied()
    }
}
