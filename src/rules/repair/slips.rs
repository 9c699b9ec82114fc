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

/// Whether `typed` is `word` with one slip: two letters exchanged, one left out, one doubled, one struck wrong, or one too many inside. A
/// letter more at the end or another vowel there makes another form of the word, not a slip.
pub(super) fn is_slip(typed: &[char], word: &[char]) -> bool {
    let same = typed.iter().zip(word).take_while(|(one, other)| one == other).count();
    let tail = |offset: usize, other: usize| typed.get(offset..) == word.get(other..);
    let has_endings = !word.iter().any(is_vietnamese);
    if typed.len() == word.len() {
        let (a, b) = (typed.get(same), typed.get(same + 1));
        let swapped =
            b.is_some() && a == word.get(same + 1) && b == word.get(same) && tail(same + 2, same + 2);
        let struck = tail(same + 1, same + 1);
        let last = same + 1 == word.len();
        let vowels = has_endings
            && last
            && [typed, word].iter().all(|text| text.last().copied().is_some_and(is_vowel));
        return same < word.len() && (swapped || struck && !vowels);
    }
    if typed.len() + 1 == word.len() {
        // `LIMIT`, `SEGRET`: without its last vowel a word is another form of it.
        let ending = has_endings
            && same + 1 == word.len()
            && word.len() <= LEAST_LETTERS + 1
            && word.last().copied().is_some_and(is_vowel);
        return !ending && tail(same, same + 1);
    }
    if typed.len() == word.len() + 1 {
        let more = typed.get(same);
        let doubled = same > 0 && more == typed.get(same - 1);
        let inside = same > 0 && same < word.len();
        return tail(same + 1, same) && (doubled || inside);
    }
    false
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

/// Whether `typed` is `mark` with one slip of letters: two exchanged, one left out, doubled, struck wrong, or one too many inside. Among
/// ideographs and syllables no key is another's neighbour.
fn is_one_slip(typed: &[char], mark: &[char]) -> bool {
    let same = typed.iter().zip(mark).take_while(|(one, other)| one == other).count();
    let tail = |offset: usize, other: usize| typed.get(offset..) == mark.get(other..);
    let (a, b) = (typed.get(same), mark.get(same));
    let is_letter = |letter: Option<&char>| letter.is_some_and(|letter| letter.is_alphanumeric());
    let is_struck =
        |letter: Option<&char>| letter.is_some_and(|letter| letter.is_alphabetic() && *letter < '\u{2E80}');
    if typed.len() == mark.len() {
        let swapped =
            a.is_some() && a == mark.get(same + 1) && b == typed.get(same + 1) && tail(same + 2, same + 2);
        return swapped && is_letter(a) && is_letter(b)
            || is_struck(a) && is_struck(b) && tail(same + 1, same + 1);
    }
    if typed.len() + 1 == mark.len() {
        return is_letter(b) && tail(same, same + 1);
    }
    let doubled = same > 0 && a == typed.get(same - 1);
    let inside = same > 0 && same < mark.len();
    typed.len() == mark.len() + 1 && is_letter(a) && tail(same + 1, same) && (doubled || inside)
}
