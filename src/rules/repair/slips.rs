//! Slips of the keyboard: in a word, and in a whole mark whose words are short.

use super::LEAST_LETTERS;
use super::vocabulary::words_of;
use crate::fold::unaccented;
use crate::rules::compile::RuleSet;

/// Letters that end the forms of one word in most languages.
fn is_vowel(letter: char) -> bool {
    let plain = unaccented(letter.encode_utf8(&mut [0; 4]));
    matches!(
        plain.chars().next(),
        Some('A' | 'E' | 'I' | 'O' | 'U' | 'Y' | 'А' | 'Е' | 'И' | 'О' | 'У' | 'Ы' | 'Я' | 'І' | 'Ь' | 'Й')
    )
}

/// Letters that the languages with endings do not have: Vietnamese has none.
fn is_vietnamese(letter: &char) -> bool {
    matches!(letter, '\u{1EA0}'..='\u{1EF9}' | 'Ă' | 'Đ' | 'Ơ' | 'Ư')
}

/// One slip of the keyboard, with the letters it is about.
enum Slip {
    /// Two letters exchanged.
    Swapped(char, char),
    /// One struck wrong: what was typed, and what was meant.
    Struck(char, char),
    /// One left out.
    Missing(char),
    /// One doubled, or one too many inside.
    More(char),
}

/// The one slip that makes `typed` of `meant`, and the letters before it; a letter too many at the beginning or end is none.
fn slip(typed: &[char], meant: &[char]) -> Option<(usize, Slip)> {
    let same = typed.iter().zip(meant).take_while(|(one, other)| one == other).count();
    let tail = |offset: usize, other: usize| typed.get(same + offset..) == meant.get(same + other..);
    let (a, b) = (typed.get(same).copied(), meant.get(same).copied());
    let found = if typed.len() == meant.len() {
        let (a, b) = (a?, b?);
        if typed.get(same + 1) == Some(&b) && meant.get(same + 1) == Some(&a) && tail(2, 2) {
            Slip::Swapped(a, b)
        } else {
            tail(1, 1).then_some(Slip::Struck(a, b))?
        }
    } else if typed.len() + 1 == meant.len() {
        Slip::Missing(b.filter(|_| tail(0, 1))?)
    } else if typed.len() == meant.len() + 1 {
        let before = typed.get(same.checked_sub(1)?).copied();
        Slip::More(a.filter(|_| (a == before || same < meant.len()) && tail(1, 0))?)
    } else {
        return None;
    };
    Some((same, found))
}

/// Whether `typed` is `word` with one slip. A letter more at the end or another vowel there makes another form of the word, not a slip.
pub(super) fn is_slip(typed: &[char], word: &[char]) -> bool {
    let Some((same, slip)) = slip(typed, word) else { return false };
    let has_endings = || !word.iter().any(is_vietnamese);
    let another_form = match slip {
        Slip::Struck(typed, meant) => is_vowel(typed) && is_vowel(meant),
        // `LIMIT`, `SEGRET`: without its last vowel a word is another form of it.
        Slip::Missing(letter) => word.len() <= LEAST_LETTERS + 1 && is_vowel(letter),
        Slip::Swapped(..) | Slip::More(_) => false,
    };
    !(another_form && same + 1 == word.len() && has_endings())
}

/// Ends a mark that is the beginning of a longer one: `TLP:…`.
const OPEN: char = '…';
/// Letters of a mark in which one slip says nothing, whatever word it makes.
const SURE_LETTERS: usize = 12;
/// Words of such a mark.
const SURE_WORDS: usize = 4;

/// A mark whose slips are looked for in the whole of it.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    /// As it is written; of one that goes on, its beginning.
    pub(super) text: String,
    /// Index of its rule.
    pub(super) rule: usize,
    /// Whether it is its beginning only, up to the last sign of `text`.
    pub(super) open: bool,
    letters: Vec<char>,
    sure: bool,
}

impl Mark {
    fn new(rule: usize, slip: &str) -> Mark {
        let text = slip.strip_suffix(OPEN).unwrap_or(slip);
        let letters: Vec<char> = text.chars().collect();
        let words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
        let sure = letters.iter().filter(|letter| letter.is_alphanumeric()).count() >= SURE_LETTERS
            || words.count() >= SURE_WORDS;
        Mark { text: text.to_owned(), rule, open: text.len() < slip.len(), letters, sure }
    }

    /// Whether a text is this mark with one slip, judged by the words that it does not have; of a long mark no word is asked about.
    fn is_meant(&self, typed: &str, is_word: &dyn Fn(&str) -> bool) -> bool {
        self.sure
            || !words_of(typed).any(|word| !words_of(&self.text).any(|own| own == word) && is_word(word))
    }
}

/// Letters of the longest mark whose slips are looked for.
pub(in crate::rules) const LONGEST_SLIP: usize = 62;
/// One more that was struck twice, and room for what goes on.
const MOST_LETTERS: usize = LONGEST_SLIP + 2;

/// Marks of short words, whose slips are looked for in the whole of them (key `slips` of a rule), by their number of letters.
#[derive(Debug, Default)]
pub(super) struct Marks {
    whole: Vec<Vec<Mark>>,
    open: Vec<Vec<Mark>>,
    /// Last signs of those that go on.
    ends: Vec<char>,
    /// Most bytes of a whole mark with a slip, and of the beginning of one that goes on.
    longest: usize,
    reach: usize,
}

impl Marks {
    pub(super) fn new(rules: &RuleSet) -> Marks {
        /// A slip is one letter more at most.
        const LETTER: usize = 4;
        let mut marks = Marks::default();
        for (index, rule) in rules.rules.iter().enumerate() {
            for mark in rule.rule.slips.iter().map(|slip| Mark::new(index, slip)) {
                let length = mark.letters.len();
                let (table, most) = if mark.open {
                    marks.ends.extend(mark.letters.last());
                    (&mut marks.open, &mut marks.reach)
                } else {
                    (&mut marks.whole, &mut marks.longest)
                };
                *most = (*most).max(mark.text.len() + LETTER);
                if table.len() <= length {
                    table.resize_with(length + 1, Vec::new);
                }
                table.get_mut(length).into_iter().for_each(|row| row.push(mark.clone()));
            }
        }
        marks.ends.sort_unstable();
        marks.ends.dedup();
        marks
    }

    /// The marks that a piece is with one slip, each with how much of the piece that is in bytes. `is_word`: words that may stand there
    /// for themselves.
    pub(super) fn near(&self, piece: &str, is_word: &dyn Fn(&str) -> bool) -> Vec<(usize, &Mark)> {
        let mut found = Vec::new();
        // Asked of every heading: most have no letters to compare.
        let length = if piece.len() <= self.longest { piece.chars().count() } else { usize::MAX };
        let has_rows = rows(&self.whole, length).any(|row| !row.is_empty());
        let is_end = |letter: char| !letter.is_ascii_alphanumeric() && self.ends.contains(&letter);
        let beginning = piece.get(..piece.floor_char_boundary(self.reach)).unwrap_or(piece);
        if !has_rows && !beginning.chars().any(|letter| is_end(as_folded(letter))) {
            return found;
        }
        let mut letters = ['\0'; MOST_LETTERS];
        let mut count = 0;
        for (at, letter) in piece.char_indices() {
            let width = letter.len_utf8();
            let letter = as_folded(letter);
            let Some(slot) = letters.get_mut(count) else { return found };
            *slot = letter;
            count += 1;
            if at < self.reach && is_end(letter) {
                let end = at + width;
                let typed = letters.get(..count).unwrap_or_default();
                slipped(&self.open, typed, piece.get(..end).unwrap_or(piece), is_word, &mut found);
            }
            if !has_rows && at >= self.reach {
                return found;
            }
        }
        slipped(&self.whole, letters.get(..count).unwrap_or_default(), piece, is_word, &mut found);
        found
    }
}

/// As folding writes it; text that was not folded is asked about as well.
fn as_folded(letter: char) -> char {
    if letter == '：' { ':' } else { letter }
}

/// Marks of about so many letters.
fn rows(table: &[Vec<Mark>], length: usize) -> impl Iterator<Item = &Vec<Mark>> {
    let from = length.saturating_sub(1);
    table.iter().skip(from).take(if length == 0 { 0 } else { 3 })
}

fn slipped<'m>(
    table: &'m [Vec<Mark>],
    letters: &[char],
    typed: &str,
    is_word: &dyn Fn(&str) -> bool,
    found: &mut Vec<(usize, &'m Mark)>,
) {
    let near = rows(table, letters.len()).flatten().filter(|mark| is_one_slip(letters, &mark.letters));
    found.extend(near.filter(|mark| mark.is_meant(typed, is_word)).map(|mark| (typed.len(), mark)));
}

/// Whether `typed` is `mark` with one slip of letters. Among ideographs and syllables no key is another's neighbour.
fn is_one_slip(typed: &[char], mark: &[char]) -> bool {
    let is_key = |letter: char| letter.is_alphabetic() && letter < '\u{2E80}';
    match slip(typed, mark) {
        Some((_, Slip::Swapped(one, other))) => one.is_alphanumeric() && other.is_alphanumeric(),
        Some((_, Slip::Struck(typed, meant))) => is_key(typed) && is_key(meant),
        Some((_, Slip::Missing(letter) | Slip::More(letter))) => letter.is_alphanumeric(),
        None => false,
    }
}
