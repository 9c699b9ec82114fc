//! Marks as people, copiers and converters damage them.
//!
//! In: a text and the mark in it. Out: the text with the mark damaged in one way, for each way that applies. What comes out depends on
//! nothing but what goes in, so that two runs can be compared. Left out: whether it is still found; that is `trial`'s question.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// A way in which marks are damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mutation {
    /// One slip of the keyboard: letters swapped, one left out, doubled, or its neighbour struck; in a word of five letters and more where the
    /// mark has one.
    Typo,
    /// Another sign between the parts, or blanks around it.
    Delimiter,
    /// No sign between the parts.
    MissingDelimiter,
    /// Parts after the first in another order.
    Order,
    /// Small letters, or capitals in front only.
    Case,
    /// Letters set apart, words glued or set far apart, a no-break space.
    Spacing,
    /// The place is lost (header, label), or only its look changed: decorated, decomposed letters, one word a line.
    LostFormat,
    /// Letters that recognition takes for each other.
    Ocr,
    /// Accents lost.
    Accents,
}

impl Mutation {
    /// Every way.
    pub const ALL: [Mutation; 9] = [
        Mutation::Typo,
        Mutation::Delimiter,
        Mutation::MissingDelimiter,
        Mutation::Order,
        Mutation::Case,
        Mutation::Spacing,
        Mutation::LostFormat,
        Mutation::Ocr,
        Mutation::Accents,
    ];

    /// Its name in tables and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Mutation::Typo => "typo",
            Mutation::Delimiter => "delimiter",
            Mutation::MissingDelimiter => "missing-delimiter",
            Mutation::Order => "order",
            Mutation::Case => "case",
            Mutation::Spacing => "spacing",
            Mutation::LostFormat => "lost-format",
            Mutation::Ocr => "ocr",
            Mutation::Accents => "accents",
        }
    }

    /// The text with the mark at `mark` damaged this way, in each form that differs from the text.
    #[must_use]
    pub fn of(self, text: &str, mark: &Range<usize>) -> Vec<String> {
        let (Some(before), Some(middle), Some(after)) =
            (text.get(..mark.start), text.get(mark.clone()), text.get(mark.end..))
        else {
            return Vec::new();
        };
        let mut forms: Vec<String> = self.forms(middle).into_iter().filter(|form| form != middle).collect();
        forms.sort();
        forms.dedup();
        forms.into_iter().map(|form| format!("{before}{form}{after}")).collect()
    }

    fn forms(self, mark: &str) -> Vec<String> {
        match self {
            Mutation::Typo => typos(mark),
            Mutation::Delimiter => delimiters(mark),
            Mutation::MissingDelimiter => {
                let bare =
                    mark.replace("//", " ").replace(['/', ':'], " ").replace(" - ", " ").replace(" – ", " ");
                vec![bare.split_whitespace().collect::<Vec<_>>().join(" ")]
            }
            Mutation::Order => orders(mark),
            Mutation::Case => vec![mark.to_lowercase(), in_title_case(mark)],
            Mutation::Spacing => spacings(mark),
            Mutation::LostFormat => vec![
                format!("**{mark}**"),
                format!("[{mark}]"),
                mark.nfd().collect(),
                mark.replace(' ', "\n"),
            ],
            Mutation::Ocr => misread(mark),
            Mutation::Accents => {
                let bare: String = mark.nfd().filter(|letter| !is_combining_mark(*letter)).collect();
                vec![bare.replace('Đ', "D").replace('đ', "d")]
            }
        }
    }
}

/// Words of letters in a mark.
#[must_use]
pub fn words(mark: &str) -> usize {
    let inside = |letter: char| letter.is_alphanumeric() || is_combining_mark(letter);
    mark.split(|letter: char| !inside(letter)).filter(|word| !word.is_empty()).count()
}

/// Fewest letters of a word in which a slip leaves the word to be known.
const LONG_WORD: usize = 5;

/// Whether a mark has a word in which a slip can be told from another word.
#[must_use]
pub fn has_long_word(mark: &str) -> bool {
    let composed: String = mark.nfc().collect();
    composed.split(|letter: char| !letter.is_alphabetic()).any(|word| word.chars().count() >= LONG_WORD)
}

/// For each letter, whether it stands in a word of so many letters that a slip happens there: any, in marks of short words.
fn in_long_words(letters: &[char]) -> Vec<bool> {
    let mut inside = vec![false; letters.len()];
    let mut start = 0;
    for (at, letter) in letters.iter().chain([&' ']).enumerate() {
        if letter.is_alphabetic() {
            continue;
        }
        if at - start >= LONG_WORD {
            inside.iter_mut().take(at).skip(start).for_each(|inside| *inside = true);
        }
        start = at + 1;
    }
    if inside.contains(&true) { inside } else { vec![true; letters.len()] }
}

/// A place among `count`, by the mark alone: every mark gets a place of its own, the same in every run.
fn pick(mark: &str, salt: u8, count: usize) -> usize {
    let mut hash = blake3::Hasher::new();
    hash.update(&[salt]).update(mark.as_bytes());
    let bytes = hash.finalize();
    let number = bytes.as_bytes().iter().take(4).fold(0usize, |sum, byte| sum << 8 | usize::from(*byte));
    number.checked_rem(count).unwrap_or(0)
}

/// Keys beside each other on the keyboard most people use.
const ROWS: [&str; 3] = ["QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM"];

fn neighbour(letter: char) -> Option<char> {
    let row = ROWS.iter().find(|row| row.contains(letter.to_ascii_uppercase()))?;
    let at = row.find(letter.to_ascii_uppercase())?;
    let next = row
        .get(at + 1..)
        .and_then(|rest| rest.chars().next())
        .or_else(|| row.get(at - 1..)?.chars().next())?;
    Some(if letter.is_lowercase() { next.to_ascii_lowercase() } else { next })
}

/// One slip in one word, at places that the mark's own letters choose.
fn typos(mark: &str) -> Vec<String> {
    let letters: Vec<char> = mark.nfc().collect();
    let long = in_long_words(&letters);
    let at = |index: usize| {
        letters.get(index).copied().filter(|letter| letter.is_alphabetic() && long.get(index) == Some(&true))
    };
    let inner: Vec<usize> = (0..letters.len()).filter(|index| at(*index).is_some()).collect();
    let pairs: Vec<usize> = inner
        .iter()
        .copied()
        .filter(|index| at(index + 1).is_some_and(|next| Some(next) != at(*index)))
        .collect();
    let keys: Vec<usize> = inner
        .iter()
        .copied()
        .filter(|index| at(*index).is_some_and(|letter| neighbour(letter).is_some()))
        .collect();
    let chosen = |places: &[usize], salt| places.get(pick(mark, salt, places.len())).copied();
    let mut forms = Vec::new();
    let mut made = |change: &dyn Fn(&mut Vec<char>)| {
        let mut changed = letters.clone();
        change(&mut changed);
        forms.push(changed.into_iter().collect());
    };
    if let Some(index) = chosen(&pairs, 1) {
        made(&|letters| letters.swap(index, index + 1));
    }
    if let Some(index) = chosen(&inner, 2) {
        made(&|letters| {
            letters.remove(index);
        });
    }
    if let Some(index) = chosen(&inner, 3)
        && let Some(letter) = at(index)
    {
        made(&|letters| letters.insert(index, letter));
    }
    if let Some(index) = chosen(&keys, 4)
        && let Some(struck) = at(index).and_then(neighbour)
    {
        made(&|letters| letters.iter_mut().skip(index).take(1).for_each(|letter| *letter = struck));
    }
    forms
}

fn delimiters(mark: &str) -> Vec<String> {
    if mark.contains("//") {
        return [" // ", "/", "|", " / / ", "\\\\", "///", "; "]
            .iter()
            .map(|sign| mark.replace("//", sign))
            .collect();
    }
    let signs: [(&str, &[&str]); 4] = [
        // A bar would part the cells of a table of equivalents.
        ("/", &[" / ", "\\", "//"]),
        (" - ", &["-", " – ", ": ", "/"]),
        (":", &[" :", " -", "："]),
        ("-", &["–", " - ", " ", "_"]),
    ];
    match signs.iter().find(|(sign, _)| mark.contains(sign)) {
        Some((sign, others)) => others.iter().map(|other| mark.replace(sign, other)).collect(),
        // Words only; a sign between all of them, or between the first two.
        None if mark
            .chars()
            .all(|letter| letter.is_alphabetic() || is_combining_mark(letter) || letter == ' ') =>
        {
            let first = ["–", " - "].iter().map(|sign| mark.replacen(' ', sign, 1));
            first.chain([mark.replace(' ', "-")]).collect()
        }
        None => Vec::new(),
    }
}

fn orders(mark: &str) -> Vec<String> {
    let turned = |sign: &str, first: usize| {
        let mut parts: Vec<&str> = mark.split(sign).collect();
        let rest = parts.get_mut(first..).filter(|rest| rest.len() > 1)?;
        rest.reverse();
        Some(parts.join(sign))
    };
    let lists = mark.split("//").map(|part| {
        let mut items: Vec<&str> = part.split('/').collect();
        items.reverse();
        items.join("/")
    });
    turned("//", 1).into_iter().chain([lists.collect::<Vec<_>>().join("//")]).collect()
}

fn in_title_case(mark: &str) -> String {
    let mut out = String::with_capacity(mark.len());
    let mut inside = false;
    for letter in mark.chars() {
        if inside {
            out.extend(letter.to_lowercase());
        } else {
            out.extend(letter.to_uppercase());
        }
        inside = letter.is_alphanumeric() || is_combining_mark(letter);
    }
    out
}

fn spacings(mark: &str) -> Vec<String> {
    let mut forms = vec![
        mark.replace(' ', "  "),
        mark.replace(' ', "\u{A0}"),
        mark.replace(' ', ""),
        mark.replace(' ', "\t"),
    ];
    // Letters set apart, words by more.
    let apart = |word: &str| {
        let letters: Vec<String> = word.nfc().map(String::from).collect();
        letters.join(" ")
    };
    if mark.chars().all(|letter| letter.is_alphabetic() || letter == ' ') {
        forms.push(mark.split(' ').map(apart).collect::<Vec<_>>().join("   "));
    }
    forms
}

/// What recognition confuses: letters and digits of the same shape.
const CONFUSED: [(char, char); 12] = [
    ('O', '0'),
    ('I', 'l'),
    ('S', '5'),
    ('B', '8'),
    ('E', 'F'),
    ('Z', '2'),
    ('o', '0'),
    ('l', '1'),
    ('s', '5'),
    ('i', 'l'),
    ('Ệ', 'Ê'),
    ('Ậ', 'Â'),
];

fn misread(mark: &str) -> Vec<String> {
    let mark: String = mark.nfc().collect();
    let places: Vec<(usize, char, char)> = mark
        .char_indices()
        .filter_map(|(at, letter)| {
            CONFUSED.iter().find(|(from, _)| *from == letter).map(|(_, to)| (at, letter, *to))
        })
        .collect();
    let chosen = places.get(pick(&mark, 5, places.len())).copied();
    let one = chosen.map(|(at, from, to)| {
        let (before, rest) = mark.split_at(at);
        format!("{before}{to}{}", rest.strip_prefix(from).unwrap_or(rest))
    });
    let zeros = mark.replace('O', "0").replace('I', "l");
    one.into_iter().chain([zeros]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_changes_the_mark_and_nothing_else() {
        let text = "Head\nSECRET//SI/TK//NOFORN\nFoot";
        let mark = 5..26;
        assert_eq!(&text[mark.clone()], "SECRET//SI/TK//NOFORN");
        for way in Mutation::ALL {
            for form in way.of(text, &mark) {
                assert!(form.starts_with("Head\n") && form.ends_with("\nFoot") && form != text, "{form}");
            }
            assert_eq!(way.of(text, &mark), way.of(text, &mark));
        }
        assert_eq!(Mutation::Typo.of(text, &mark).len(), 4);
        assert!(Mutation::Order.of(text, &mark).contains(&"Head\nSECRET//NOFORN//SI/TK\nFoot".to_owned()));
        assert!(Mutation::Accents.of(text, &mark).is_empty());
    }

    #[test]
    fn vietnamese_keeps_or_loses_its_accents_whole() {
        assert_eq!(Mutation::Accents.forms("ĐỘ MẬT"), ["DO MAT"]);
        assert!(Mutation::Spacing.forms("TỐI MẬT").contains(&"T Ố I   M Ậ T".to_owned()));
        assert_eq!(words("TỐI MẬT"), 2);
        assert_eq!(words("(S//NF)"), 2);
    }
}
