//! Documents that are known: digests of whole files and of their text.
//!
//! In: the user's lists. Out: the level of a document whose digest stands in one. Left out: making digests; a file's is its content's, a
//! text's is [`TextDigest`]'s.

use std::collections::HashMap;

use crate::fold::Folded;
use crate::model::Level;

/// What a digest was taken of, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DigestKind {
    /// SHA-256 of the content.
    Sha256,
    /// BLAKE3 of the content.
    Blake3,
    /// BLAKE3 of the letters of the visible text.
    Text,
}

impl DigestKind {
    /// Its name in lists.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            DigestKind::Sha256 => "sha256",
            DigestKind::Blake3 => "blake3",
            DigestKind::Text => "text",
        }
    }
}

/// Letters of a digest: all three have 256 bits.
const LENGTH: usize = 64;

/// See the module's head.
#[derive(Debug, Clone, Default)]
pub struct Known {
    levels: HashMap<(DigestKind, String), Level>,
    kinds: [bool; 3],
}

impl Known {
    /// Adds a list: one digest in hex a line, with `sha256:`, `blake3:` or `text:` before it (without one it is SHA-256, as `sha256sum`
    /// writes); a level may follow after a blank or tab, `#` begins a comment, and what else follows is not looked at (a file's name).
    ///
    /// # Errors
    /// The line that is wrong.
    pub fn add(&mut self, text: &str) -> Result<(), String> {
        let mut count = 0usize;
        for (number, line) in text.trim_start_matches('\u{FEFF}').lines().enumerate() {
            let mut fields = line.split('#').next().unwrap_or_default().split_whitespace();
            let Some(first) = fields.next() else { continue };
            let (kind, digest) = match first.split_once(':') {
                None | Some(("sha256", _)) => (DigestKind::Sha256, first.trim_start_matches("sha256:")),
                Some(("blake3", digest)) => (DigestKind::Blake3, digest),
                Some(("text", digest)) => (DigestKind::Text, digest),
                Some((other, _)) => {
                    return Err(format!(
                        "line {}: no digest `{other}`; there are sha256, blake3 and text",
                        number + 1
                    ));
                }
            };
            if digest.len() != LENGTH || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(format!("line {}: a digest has {LENGTH} hexadecimal digits", number + 1));
            }
            let level = fields.next().and_then(Level::from_name).unwrap_or(Level::Internal);
            let known = self.levels.entry((kind, digest.to_ascii_lowercase())).or_insert(level);
            *known = (*known).max(level);
            if let Some(has) = self.kinds.get_mut(kind as usize) {
                *has = true;
            }
            count += 1;
        }
        if count == 0 { Err("no digest in it".to_owned()) } else { Ok(()) }
    }

    /// Whether there is nothing to look for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.levels.is_empty()
    }

    /// Whether a digest of that kind stands in a list.
    #[must_use]
    pub fn has(&self, kind: DigestKind) -> bool {
        self.kinds.get(kind as usize).copied().unwrap_or(false)
    }

    /// Asks for digests of texts without a list, for who makes one.
    pub fn ask_for_texts(&mut self) {
        if let Some(has) = self.kinds.get_mut(DigestKind::Text as usize) {
            *has = true;
        }
    }

    /// The level of a document with that digest.
    #[must_use]
    pub fn level(&self, kind: DigestKind, digest: &str) -> Option<Level> {
        self.levels.get(&(kind, digest.to_owned())).copied()
    }
}

/// Fewest letters of a text that is told apart from others.
const LEAST_LETTERS: usize = 64;

/// Digest of a text as it is read: letters and digits in order, in small letters, whatever stands between them. The same document saved
/// anew, in another version of its format or with other fonts, has the same one.
#[derive(Debug, Clone, Default)]
pub struct TextDigest {
    hasher: blake3::Hasher,
    letters: usize,
}

impl TextDigest {
    /// Takes the next piece of text.
    pub fn add(&mut self, text: &str) {
        let mut piece = String::with_capacity(text.len());
        if text.is_ascii() {
            piece.extend(
                text.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()),
            );
        } else {
            let folded = Folded::new(text).text;
            piece.extend(
                folded.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase),
            );
        }
        self.letters += piece.chars().count();
        self.hasher.update(piece.as_bytes());
    }

    /// The digest in hex; none of a text too short to be known by it.
    #[must_use]
    pub fn finish(self) -> Option<String> {
        (self.letters >= LEAST_LETTERS).then(|| self.hasher.finalize().to_hex().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_as_other_programs_write_them() {
        let digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        let mut known = Known::default();
        let list = format!(
            "# known\n{digest}  report.docx\nblake3:{digest}\tsecret\ntext:{digest} top-secret # plan\n"
        );
        known.add(&list).unwrap();
        assert_eq!(known.level(DigestKind::Sha256, digest), Some(Level::Internal));
        assert_eq!(known.level(DigestKind::Blake3, digest), Some(Level::Secret));
        assert_eq!(known.level(DigestKind::Text, digest), Some(Level::TopSecret));
        for (wrong, line) in [("abc", "line 1"), ("md5:abc", "line 1"), ("\n# nothing\n", "no digest")] {
            assert!(Known::default().add(wrong).unwrap_err().contains(line), "{wrong}");
        }
    }

    #[test]
    fn a_text_is_its_letters() {
        let of = |pieces: &[&str]| {
            let mut digest = TextDigest::default();
            pieces.iter().for_each(|piece| digest.add(piece));
            digest.finish()
        };
        let text = "Báo cáo về ngọn hải đăng Orla trên hồ Giả Định, số liệu năm 2026 và kế hoạch năm sau.";
        let known = of(&[text]);
        assert!(known.is_some());
        let (one, other) = text.split_at(text.find("Orla").unwrap());
        assert_eq!(of(&[one, "\n", &other.replace(' ', "\u{A0} ")]), known);
        assert_ne!(of(&[other, one]), known);
        assert_eq!(of(&["short"]), None);
    }
}
