//! Marks of several words that are damaged: mistyped, misread, glued, with other signs between their words, without accents.
//!
//! In: a short piece of text that no rule meets as it is. Out: what a rule meets after the least repair, and what was repaired. Left out:
//! whether the document bears it, and marks of one word, which one slip makes a word like any other.
//!
//! Nothing is compared with whole marks, since patterns and grammars have too many. The *words* of all rules are known, and a piece is
//! repaired only if all its words but one are such words; then the rules are asked about the repaired piece, and only a match of all of it
//! counts. Ordinary lines have a second word that no mark has, and end there.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

use super::compile::{Anchors, CompiledRule, Match, RuleSet};
use super::pack::{RuleKind, Scope};
use crate::fold::unaccented;

/// Longest piece that is repaired, in bytes.
pub(crate) const LONGEST: usize = 120;
/// Most words of such a piece.
const MOST_WORDS: usize = 14;
/// Fewest letters of a word in which a slip can be told from another word.
const LEAST_LETTERS: usize = 5;
/// Fewest letters of the other words where the word with the slip is shorter.
const LEAST_REST: usize = 8;
/// Fewest letters of a run that may be several words without blanks.
const LEAST_GLUED: usize = 6;
/// Most texts that the rules are asked about for one piece.
const MOST_TRIES: usize = 40;
/// Fewest points of a rule that stands alone, for a damaged mark to be worth telling.
const LEAST_POINTS: i32 = 20;

/// How a mark is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Damage {
    /// One slip of the keyboard in one word.
    Mistyped,
    /// Digits and letters of the same shape.
    Misread,
    /// Blanks between words are missing.
    Glued,
    /// Other signs between the words.
    Delimiters,
    /// Accents lost.
    Unaccented,
}

impl Damage {
    /// Code of the reason.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Damage::Mistyped => "mistyped",
            Damage::Misread => "misread",
            Damage::Glued => "glued",
            Damage::Delimiters => "other-delimiters",
            Damage::Unaccented => "without-accents",
        }
    }
}

/// A piece after repair.
#[derive(Debug, Clone)]
pub struct Repaired {
    /// The piece as rules meet it.
    pub text: String,
    /// What they meet there, each as much of it as stands for itself.
    pub hits: Vec<Match>,
    /// What was repaired.
    pub damage: Vec<Damage>,
}

/// A set or map of words that is asked about every word of a line in capitals: FNV-1a, since the words are ours and short.
#[derive(Clone, Copy)]
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn with(self, value: u64) -> Fnv {
        Fnv((self.0 ^ value).wrapping_mul(0x0000_0100_0000_01b3))
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = Fnv(self.0).with(u64::from(*byte)).0;
        }
    }
}

type ByFnv = BuildHasherDefault<Fnv>;

/// Words that are one slip away from a word of a mark and are words themselves.
const ORDINARY: &str = include_str!("../../rules/tables/ordinary.txt");
const COMMON: &str = include_str!("common.txt");

/// Tables that grammars read, whose words are words of marks.
const TABLES: [&str; 9] = [
    include_str!("../../rules/tables/us-sci.txt"),
    include_str!("../../rules/tables/us-aea.txt"),
    include_str!("../../rules/tables/us-foreign.txt"),
    include_str!("../../rules/tables/us-dissem.txt"),
    include_str!("../../rules/tables/us-nonic.txt"),
    include_str!("../../rules/tables/country3.txt"),
    include_str!("../../rules/tables/cui-basic.txt"),
    include_str!("../../rules/tables/cui-specified.txt"),
    include_str!("../../rules/tables/cui-dissem.txt"),
];
/// Levels that grammars know beside their tables.
const GRAMMAR_WORDS: &str =
    "TOP SECRET CONFIDENTIAL UNCLASSIFIED RESTRICTED JOINT COSMIC NATO CUI CONTROLLED SP REL TO USA";
/// What may stand beside a mark in its line.
const BESIDE: &str = "PAGE OF COPY NO TRANG BẢN SỐ CLASSIFICATION SECURITY LEVEL SENSITIVITY PROTECTIVE MARKING HỎA HOẢ TỐC HẸN GIỜ THƯỢNG KHẨN THU HỒI ĐỘ MỨC CẤP";

/// Words of names of fields whose value is a mark.
const FIELD_NAMES: [&str; 12] = [
    "CLASSIFICATION",
    "SECURITY",
    "OVERALL",
    "DOCUMENT",
    "LEVEL",
    "PROTECTIVE",
    "MARKING",
    "SENSITIVITY",
    "HANDLING",
    "EINSTUFUNG",
    "GEHEIMHALTUNGSGRAD",
    "INFORMATION",
];

/// The words of marks, in capitals.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    words: Vec<String>,
    known: HashSet<String, ByFnv>,
    /// Digest of a word or of a word without one of its letters, and the word; sorted.
    shorter: Vec<(u64, u32)>,
    /// A word without accents, where it has some.
    bare: HashMap<String, u32, ByFnv>,
    ordinary: HashSet<String, ByFnv>,
    longest: usize,
    /// Letters and digits alone of the words that rules need whose matches are repaired; apart, those that begin with a bracket.
    anchors: Anchors,
    bracketed: Anchors,
}

impl Vocabulary {
    pub(super) fn new(rules: &RuleSet) -> Vocabulary {
        let mut known: HashSet<String, ByFnv> = HashSet::default();
        let mut grammar = false;
        for compiled in &rules.rules {
            let rule = &compiled.rule;
            if rule.kind != RuleKind::Marking || !rule.scope.contains(&Scope::Text) || rule.rollup.is_some() {
                continue;
            }
            grammar |= rule.grammar.is_some();
            for term in &rule.terms {
                known.extend(words_of(&term.to_uppercase()).map(str::to_owned));
            }
            for pattern in &rule.patterns {
                words_of_pattern(pattern, &mut known);
            }
        }
        if known.is_empty() && !grammar {
            return Vocabulary::default();
        }
        if grammar {
            let lines = TABLES.iter().flat_map(|table| table.lines()).filter(|line| !line.starts_with('#'));
            for line in lines.chain([GRAMMAR_WORDS]) {
                known.extend(words_of(line).map(str::to_owned));
            }
        }
        known.extend(words_of(BESIDE).map(str::to_owned));
        let mut words: Vec<String> = known.iter().cloned().collect();
        words.sort_unstable();
        let mut shorter = Vec::new();
        let mut bare = HashMap::default();
        for (index, word) in words.iter().enumerate() {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            let letters: Vec<char> = word.chars().collect();
            if letters.len() >= 2 {
                shorter.extend(shorter_forms(&letters).map(|form| (form, index)));
            }
            let plain = unaccented(word);
            if plain != *word && letters.iter().all(|letter| *letter < '\u{370}' || *letter >= '\u{1E00}') {
                bare.insert(plain, index);
            }
        }
        shorter.sort_unstable();
        let mut ordinary: HashSet<String, ByFnv> =
            ORDINARY.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
        let common = COMMON.lines().filter(|line| !line.starts_with('#')).flat_map(|line| line.split(", "));
        ordinary.extend(common.map(|word| word.trim().to_uppercase()));
        let longest = words.iter().map(String::len).max().unwrap_or(0);
        let of = |bracket: bool| {
            Anchors::of(&rules.rules, may_stand, |anchor| {
                (anchor.starts_with(['(', '[']) == bracket).then(|| letters_of(&anchor))
            })
        };
        Vocabulary { words, known, shorter, bare, ordinary, longest, anchors: of(false), bracketed: of(true) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether a text of these words may be a mark, whatever signs stand between them; `brackets`: there are some around them.
    fn may_be_a_mark(&self, words: &str, brackets: bool) -> bool {
        let letters = letters_of(words);
        self.anchors.stand_in(&letters) || brackets && self.bracketed.stand_in(&letters)
    }

    fn knows(&self, word: &str) -> bool {
        let bare = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
        self.known.contains(word) || bare.is_empty() || bare.len() < word.len() && self.known.contains(bare)
    }

    /// Words one slip away from a word that is none.
    fn near(&self, word: &str) -> Vec<&str> {
        let letters: Vec<char> = word.chars().collect();
        if !(2..=24).contains(&letters.len()) || self.ordinary.contains(word) {
            return Vec::new();
        }
        let of_form = |form: u64| {
            let from = self.shorter.partition_point(|(known, _)| *known < form);
            let same = self.shorter.get(from..).unwrap_or_default();
            same.iter().take_while(move |(known, _)| *known == form).map(|(_, word)| *word)
        };
        let mut found: Vec<u32> = shorter_forms(&letters).flat_map(of_form).collect();
        found.sort_unstable();
        found.dedup();
        let words = found.into_iter().filter_map(|index| self.words.get(index as usize)).map(String::as_str);
        words.filter(|known| is_slip(&letters, &known.chars().collect::<Vec<_>>())).collect()
    }

    /// A run of letters cut into words of marks: the cut with the fewest words first, a few at most.
    fn cuts(&self, run: &str) -> Vec<String> {
        // Most runs do not begin with a word, and end here.
        let is_word = |at: usize, end: usize| run.get(at..end).is_some_and(|word| self.known.contains(word));
        let places: Vec<usize> = run.char_indices().map(|(at, _)| at).chain([run.len()]).collect();
        let within = |at: usize, end: usize| end > at + 1 && end - at <= self.longest;
        if !places.iter().any(|end| within(0, *end) && is_word(0, *end)) {
            return Vec::new();
        }
        // Fewest words from each place to the end, and where the first of them may end.
        let mut best: Vec<Option<(usize, Vec<usize>)>> = vec![None; run.len() + 1];
        if let Some(last) = best.last_mut() {
            *last = Some((0, Vec::new()));
        }
        for at in places.iter().rev().skip(1) {
            let mut here: Option<(usize, Vec<usize>)> = None;
            for end in places.iter().filter(|end| within(*at, **end)) {
                let Some(Some((count, _))) = best.get(*end) else { continue };
                if !is_word(*at, *end) {
                    continue;
                }
                match &mut here {
                    Some((least, list)) if *least == count + 1 => list.push(*end),
                    Some((least, _)) if *least < count + 1 => {}
                    _ => here = Some((count + 1, vec![*end])),
                }
            }
            if let Some(slot) = best.get_mut(*at) {
                *slot = here;
            }
        }
        let Some(Some((count, _))) = best.first() else { return Vec::new() };
        if *count < 2 || *count > MOST_WORDS {
            return Vec::new();
        }
        let mut open = vec![(0usize, String::new())];
        let mut done = Vec::new();
        while let Some((at, text)) = open.pop() {
            if at == run.len() {
                done.push(text);
                if done.len() >= 4 {
                    break;
                }
                continue;
            }
            for end in best.get(at).into_iter().flatten().flat_map(|(_, ends)| ends) {
                let word = run.get(at..*end).unwrap_or_default();
                let text = if text.is_empty() { word.to_owned() } else { format!("{text} {word}") };
                open.push((*end, text));
            }
        }
        done
    }
}

/// Letters, digits, marks on letters, and the sign that recognition makes of an E.
fn is_in_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '€' || unicode_normalization::char::is_combining_mark(letter)
}

/// Letters and digits of a text.
fn letters_of(text: &str) -> String {
    text.chars().filter(|letter| is_in_word(*letter)).collect()
}

/// Words of two letters and more.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !is_in_word(letter)).filter(|word| word.chars().nth(1).is_some())
}

/// Ways to write one word that are told apart in a pattern.
const MOST_FORMS: usize = 16;

/// The words that stand in a pattern: runs of letters, with each letter of a class (`[EÉ]`), and with and without a letter that may be missing.
fn words_of_pattern(pattern: &str, known: &mut HashSet<String, ByFnv>) {
    let mut letters = pattern.chars().peekable();
    let mut forms: Vec<String> = Vec::new();
    let mut end = |forms: &mut Vec<String>| {
        let capitals = forms.drain(..).map(|form| form.to_uppercase());
        known.extend(capitals.filter(|form| form.chars().nth(1).is_some()));
    };
    let with = |forms: &mut Vec<String>, next: &[char]| {
        if forms.is_empty() {
            forms.push(String::new());
        }
        let longer = forms.iter().flat_map(|form| next.iter().map(move |letter| format!("{form}{letter}")));
        *forms = longer.take(MOST_FORMS * 2).collect();
    };
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                end(&mut forms);
                if letters.next() == Some('x') && letters.peek() == Some(&'{') {
                    letters.by_ref().take_while(|letter| *letter != '}').for_each(drop);
                }
            }
            '[' => {
                let mut escaped = false;
                let mut class = Vec::new();
                for inside in letters.by_ref() {
                    if inside == ']' && !escaped {
                        break;
                    }
                    escaped = inside == '\\' && !escaped;
                    class.push(inside);
                }
                if class.len() <= 4 && class.iter().all(|letter| letter.is_alphabetic()) {
                    with(&mut forms, &class);
                } else {
                    end(&mut forms);
                }
            }
            '(' => {
                let rest: String = letters.clone().collect();
                match rest.strip_prefix("?:").and_then(|rest| rest.split_once(')')) {
                    // Ways to write a part of a word: `F(?:Ü|UE)R`.
                    Some((inside, after))
                        if inside.chars().all(|letter| is_in_word(letter) || letter == '|') =>
                    {
                        let optional = after.starts_with(['?', '*']);
                        let parts = inside.split('|').chain(optional.then_some(""));
                        if forms.is_empty() {
                            forms.push(String::new());
                        }
                        forms = parts
                            .flat_map(|part| forms.iter().map(move |form| format!("{form}{part}")))
                            .take(MOST_FORMS * 2)
                            .collect();
                        let length = 2 + inside.chars().count() + 1 + usize::from(optional);
                        letters.by_ref().take(length).for_each(drop);
                    }
                    _ => {
                        end(&mut forms);
                        if letters.next_if_eq(&'?').is_some() {
                            letters
                                .by_ref()
                                .take_while(|letter| !matches!(letter, ':' | '>' | ')'))
                                .for_each(drop);
                        }
                    }
                }
            }
            '{' => {
                end(&mut forms);
                letters.by_ref().take_while(|letter| *letter != '}').for_each(drop);
            }
            '?' | '*' => {
                let shorter: Vec<String> = forms
                    .iter()
                    .map(|form| {
                        let mut form = form.clone();
                        form.pop();
                        form
                    })
                    .collect();
                forms.extend(shorter);
                forms.truncate(MOST_FORMS * 2);
            }
            letter if is_in_word(letter) => with(&mut forms, &[letter]),
            _ => end(&mut forms),
        }
    }
    end(&mut forms);
}

/// Digests of a word without each of its letters in turn, and of the whole word. Two words may share one: [`is_slip`] looks at the letters.
fn shorter_forms(letters: &[char]) -> impl Iterator<Item = u64> + '_ {
    (0..=letters.len()).map(|gone| {
        let kept = letters.iter().enumerate().filter(|(at, _)| *at != gone);
        kept.fold(Fnv::default().0, |sum, (_, letter)| Fnv(sum).with(u64::from(*letter)).0)
    })
}

/// Letters that end the forms of one word in most languages.
fn is_vowel(letter: char) -> bool {
    let plain = unaccented(letter.encode_utf8(&mut [0; 4]));
    matches!(
        plain.chars().next(),
        Some('A' | 'E' | 'I' | 'O' | 'U' | 'Y' | 'А' | 'Е' | 'И' | 'О' | 'У' | 'Ы' | 'Я' | 'І' | 'Ь' | 'Й')
    )
}

/// Whether `typed` is `word` with one slip: two letters exchanged, one left out, one doubled, one struck wrong, or one too many inside. A
/// letter more at the end or another vowel there makes another form of the word, not a slip.
fn is_slip(typed: &[char], word: &[char]) -> bool {
    let same = typed.iter().zip(word).take_while(|(one, other)| one == other).count();
    let tail = |offset: usize, other: usize| typed.get(offset..) == word.get(other..);
    if typed.len() == word.len() {
        let (a, b) = (typed.get(same), typed.get(same + 1));
        let swapped =
            b.is_some() && a == word.get(same + 1) && b == word.get(same) && tail(same + 2, same + 2);
        let struck = tail(same + 1, same + 1);
        let last = same + 1 == word.len();
        let vowels = last && [typed, word].iter().all(|text| text.last().copied().is_some_and(is_vowel));
        return same < word.len() && (swapped || struck && !vowels);
    }
    if typed.len() + 1 == word.len() {
        // `LIMIT`, `SEGRET`: without its last vowel a word is another form of it.
        let ending = same + 1 == word.len()
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

/// Digits and small letters that recognition takes for capitals.
fn as_read(word: &str) -> Option<String> {
    let letters = word.chars().filter(|letter| letter.is_alphabetic()).count();
    let mut changed = false;
    let read = word
        .chars()
        .map(|letter| {
            let read = match letter {
                '0' => 'O',
                '1' | 'l' => 'I',
                '5' => 'S',
                '8' => 'B',
                '2' => 'Z',
                '€' => 'E',
                other => other,
            };
            changed |= read != letter;
            read
        })
        .collect();
    (changed && letters >= 2).then_some(read)
}

/// Writes a word of a mark with the capitals of the word that stands for it.
fn written_like(word: &str, typed: &str) -> String {
    let small = typed.chars().any(char::is_lowercase);
    if !small {
        return word.to_owned();
    }
    if !typed.chars().any(char::is_uppercase) {
        return word.to_lowercase();
    }
    // A capital at its beginning, or one that was exchanged with the letter behind it.
    let mut letters = word.chars();
    let head: String = letters.by_ref().take(1).collect();
    head + &letters.as_str().to_lowercase()
}

/// Signs that stand between the words of marks.
fn is_delimiter(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(letter, '-' | '/' | '\\' | '|' | ';' | ':' | ',' | '.' | '_' | '&' | '\'' | '+')
}

/// A word and what stands before it.
struct Token<'t> {
    before: &'t str,
    word: &'t str,
}

fn tokens(piece: &str) -> (Vec<Token<'_>>, &str) {
    let mut out = Vec::new();
    let (mut gap, mut start) = (0, None);
    for (at, letter) in piece.char_indices() {
        match (is_in_word(letter), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                out.push(Token {
                    before: piece.get(gap..from).unwrap_or_default(),
                    word: piece.get(from..at).unwrap_or_default(),
                });
                (gap, start) = (at, None);
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        out.push(Token {
            before: piece.get(gap..from).unwrap_or_default(),
            word: piece.get(from..).unwrap_or_default(),
        });
        gap = piece.len();
    }
    (out, piece.get(gap..).unwrap_or_default())
}

/// What a word may be read as, the likeliest first.
type Read = Vec<(String, Option<Damage>)>;

/// Whether a match of a rule that is all of a text is a mark worth telling.
fn may_stand(rule: &CompiledRule) -> bool {
    let rule = &rule.rule;
    rule.kind == RuleKind::Marking
        && rule.block.is_none()
        && rule.rollup.is_none()
        && rule.points.alone.is_some_and(|points| points >= LEAST_POINTS)
}

impl RuleSet {
    fn vocabulary(&self) -> &Vocabulary {
        self.vocabulary.get_or_init(|| Vocabulary::new(self))
    }

    /// Whether all words of a piece are words of marks, in any case; false for a piece without.
    #[must_use]
    pub(crate) fn are_words_of_marks(&self, piece: &str) -> bool {
        let known = self.vocabulary();
        let mut words = words_of(piece).peekable();
        words.peek().is_some() && words.all(|word| known.knows(&word.to_uppercase()))
    }

    /// Whether a line may hold a damaged mark: cheap, and wrong only in saying yes.
    #[must_use]
    pub(crate) fn might_be_damaged(&self, line: &str) -> bool {
        let known = self.vocabulary();
        if known.is_empty() {
            return false;
        }
        line.split(['\t', '|']).flat_map(|part| part.split("    ")).any(|piece| {
            let (mut count, mut odd) = (0, None);
            for word in piece.split(|letter: char| !is_in_word(letter)) {
                if word.is_empty() {
                    continue;
                }
                count += 1;
                if count > MOST_WORDS || word.len() > LONGEST {
                    return false;
                }
                // Most lines are in capitals already.
                if word.chars().nth(1).is_none() || known.knows(word) {
                    continue;
                }
                let mixed = word.chars().any(char::is_lowercase);
                if mixed && known.knows(&word.to_uppercase()) || known.bare.contains_key(word) {
                    continue;
                }
                let misread = word.bytes().any(|byte| byte.is_ascii_digit()) || word.contains(['l', '€']);
                if misread && as_read(word).is_some_and(|read| known.known.contains(&read)) {
                    continue;
                }
                let released = piece.contains("REL") || piece.contains(" ONLY") || piece.contains("TO ");
                if released && (word.len() <= 4 || piece.contains("TO ")) {
                    continue;
                }
                // Of two words that no mark has one at least is no slip.
                if odd.replace(word).is_some() {
                    return false;
                }
            }
            let Some(odd) = odd else { return count >= 2 || count == 1 && !known.knows(piece.trim()) };
            let odd = odd.to_uppercase();
            count >= 2 && !known.near(&odd).is_empty()
                || odd.len() >= LEAST_GLUED && !known.cuts(&odd).is_empty()
        })
    }

    /// What rules meet in a folded piece, its decoration cut off, after the least repair. `stands` tells whether a match of a part of a
    /// text stands for itself, such as the value of a field.
    #[must_use]
    pub fn repaired(&self, piece: &str, stands: &dyn Fn(&str, &Range<usize>) -> bool) -> Option<Repaired> {
        if piece.len() > LONGEST || piece.len() < LEAST_GLUED {
            return None;
        }
        let known = self.vocabulary();
        if known.is_empty() {
            return None;
        }
        // The name of a field stays as it is.
        if let Some((name, value)) = piece.split_once(':')
            && words_of(name).next().is_some()
            && words_of(name).all(|word| FIELD_NAMES.contains(&word.to_uppercase().as_str()))
        {
            let value = value.trim_start();
            let mut read = self.repaired(value, stands)?;
            let name = piece.get(..piece.len() - value.len()).unwrap_or_default();
            read.text.insert_str(0, name);
            for hit in &mut read.hits {
                hit.range = hit.range.start + name.len()..hit.range.end + name.len();
            }
            return Some(read);
        }
        let (tokens, tail) = tokens(piece);
        if tokens.is_empty() || tokens.len() > MOST_WORDS {
            return None;
        }
        // Behind a release line stand owners that no table has.
        let released =
            tokens.iter().any(|token| matches!(token.word, "REL" | "RELEASABLE" | "EYES" | "ONLY"));
        let is_owner = |word: &str, at: usize| {
            let behind_to = at > 0 && tokens.get(at - 1).is_some_and(|token| token.word == "TO");
            let length = behind_to || (3..=4).contains(&word.len());
            (released || behind_to) && length && word.bytes().all(|byte| byte.is_ascii_uppercase())
        };
        let letters: usize = tokens.iter().map(|token| token.word.chars().count()).sum();
        let mut slips = 0;
        let mut reads: Vec<Read> = Vec::with_capacity(tokens.len());
        for (at, token) in tokens.iter().enumerate() {
            let word = token.word.to_uppercase();
            let length = word.chars().count();
            if length == 1 || known.knows(&word) || is_owner(token.word, at) {
                reads.push(vec![(token.word.to_owned(), None)]);
                continue;
            }
            if let Some(read) = as_read(token.word).filter(|read| known.known.contains(read)) {
                reads.push(vec![(read, Some(Damage::Misread))]);
                continue;
            }
            if let Some(index) = known.bare.get(&word).filter(|_| letters >= LEAST_REST) {
                let whole = known.words.get(*index as usize).map_or(word.as_str(), String::as_str);
                reads.push(vec![(written_like(whole, token.word), Some(Damage::Unaccented))]);
                continue;
            }
            let rest = letters - length;
            let fits = |near: &&str| {
                near.chars().count() >= LEAST_LETTERS
                    || rest >= LEAST_REST
                    || tokens.len() >= 3 && rest >= LEAST_REST - 2
                    // TỐI and MẬT are short, but few words stand beside them: TĂNG MẬT is too near to TRĂNG MẬT.
                    || is_degree(near)
            };
            let mut read: Read = Vec::new();
            if tokens.len() >= 2 {
                let near = known.near(&word);
                let near = near.into_iter().filter(fits);
                read.extend(near.map(|near| (written_like(near, token.word), Some(Damage::Mistyped))));
            }
            let slip = !read.is_empty();
            if length >= LEAST_GLUED {
                read.extend(known.cuts(&word).into_iter().map(|cut| {
                    let words: Vec<String> =
                        cut.split(' ').map(|word| written_like(word, token.word)).collect();
                    (words.join(" "), Some(Damage::Glued))
                }));
            }
            slips += usize::from(slip);
            if read.is_empty() || slips > 1 {
                return None;
            }
            reads.push(read);
        }
        self.tried(&tokens, tail, &reads, stands)
    }

    /// Asks the rules about every way to read the words, with the signs as they are and with others.
    fn tried(
        &self,
        tokens: &[Token<'_>],
        tail: &str,
        reads: &[Read],
        stands: &dyn Fn(&str, &Range<usize>) -> bool,
    ) -> Option<Repaired> {
        let most = reads.iter().map(Vec::len).max().unwrap_or(1);
        let choices: Vec<Vec<&(String, Option<Damage>)>> = (0..most.min(6))
            .map(|choice| reads.iter().filter_map(|read| read.get(choice).or(read.last())).collect())
            .collect();
        // Whatever signs stand between its words, a mark holds the letters of an anchor: of most lines nothing more is asked.
        let known = self.vocabulary();
        let bracket = |text: &str| text.contains(['(', '[']);
        let brackets = tokens.iter().any(|token| bracket(token.before)) || bracket(tail);
        let holds = |words: &[&(String, Option<Damage>)]| {
            let words: String = words.iter().map(|(word, _)| word.as_str()).collect();
            known.may_be_a_mark(&words, brackets)
        };
        let may_hold: Vec<&[&(String, Option<Damage>)]> =
            choices.iter().map(Vec::as_slice).filter(|words| holds(words)).collect();
        let mut asked: Vec<String> = Vec::new();
        let mut ask = |words: &[&(String, Option<Damage>)], text: String, other: bool| -> Option<Repaired> {
            if asked.len() >= MOST_TRIES || asked.contains(&text) {
                return None;
            }
            let mut hits = self.standing(&text, stands);
            // Other signs make a banner of words that no register has.
            hits.retain(|hit| !other || !hit.notes.contains(&"form-unknown"));
            asked.push(text.clone());
            if hits.is_empty() {
                return None;
            }
            let mut damage: Vec<Damage> = words.iter().filter_map(|(_, damage)| *damage).collect();
            if other {
                damage.push(Damage::Delimiters);
            }
            damage.sort_unstable();
            damage.dedup();
            Some(Repaired { text, hits, damage })
        };
        for words in may_hold.iter().filter(|words| words.iter().any(|(_, damage)| damage.is_some())) {
            let text = joined(tokens, words, &|before| before.to_owned()) + tail;
            if let Some(read) = ask(words, text, false) {
                return Some(read);
            }
        }
        // Boxes to tick, brackets and the like say something; they are no signs to be exchanged.
        if tokens.iter().any(|token| !token.before.chars().all(is_delimiter)) {
            return None;
        }
        let is_strong = |before: &str| before.contains(['/', '|', '\\', ';', ':']);
        let styles: [(&str, bool); 9] = [
            (" ", false),
            ("//", true),
            (" - ", false),
            ("/", true),
            ("-", false),
            (": ", true),
            (":", true),
            (" / ", true),
            (":", false),
        ];
        for words in &may_hold {
            for (sign, only_strong) in styles {
                let text = joined(tokens, words, &|before: &str| {
                    if only_strong && !is_strong(before) { before.to_owned() } else { sign.to_owned() }
                });
                if let Some(read) = ask(words, text, true) {
                    return Some(read);
                }
            }
        }
        // No sign where one belongs.
        let [words] = choices.as_slice() else { return None };
        let words: Vec<(String, Option<Damage>)> = words.iter().map(|word| (*word).clone()).collect();
        let gaps = if may_hold.is_empty() { 0..0 } else { 1..tokens.len().min(6) };
        for gap in gaps {
            if tokens.get(gap).is_some_and(|token| token.before != " ") {
                continue;
            }
            for sign in ["//", " / ", " - ", ":", ": ", "/"] {
                let parts = tokens.iter().zip(&words).enumerate().map(|(at, (token, (word, _)))| {
                    let before = match at {
                        0 => "",
                        _ if at == gap => sign,
                        _ => token.before,
                    };
                    format!("{before}{word}")
                });
                let text = parts.collect();
                if let Some(read) = ask(&words.iter().collect::<Vec<_>>(), text, true) {
                    return Some(read);
                }
            }
        }
        // A slip may make a word of another mark: `DIFUSION RESTREINTE`.
        if words.iter().any(|(_, damage)| damage.is_some()) {
            return None;
        }
        for (at, (word, _)) in words.iter().enumerate() {
            let others: usize =
                words.iter().map(|(word, _)| word.chars().count()).sum::<usize>() - word.chars().count();
            if word.chars().count() < LEAST_LETTERS || others < LEAST_LETTERS {
                continue;
            }
            for near in known.near(&word.to_uppercase()) {
                let near = (written_like(near, word), Some(Damage::Mistyped));
                let with: Vec<&(String, Option<Damage>)> = words
                    .iter()
                    .enumerate()
                    .map(|(index, word)| if index == at { &near } else { word })
                    .collect();
                if !holds(&with) {
                    continue;
                }
                let text = joined(tokens, &with, &|before| before.to_owned()) + tail;
                if let Some(read) = ask(&with, text, false) {
                    return Some(read);
                }
            }
        }
        None
    }

    /// The matches of markings of more than one word that are all of a text, or stand for themselves.
    pub(crate) fn standing(&self, text: &str, stands: &dyn Fn(&str, &Range<usize>) -> bool) -> Vec<Match> {
        if words_of(text).nth(1).is_none() && tokens(text).0.len() < 2 {
            return Vec::new();
        }
        let mut hits = self.matches(text, Scope::Text, None);
        hits.retain(|hit| {
            let several = text.get(hit.range.clone()).is_some_and(|mark| tokens(mark).0.len() > 1);
            let fits = self.rules.get(hit.rule).is_some_and(may_stand);
            fits && several && (hit.range == (0..text.len()) || stands(text, &hit.range))
        });
        hits
    }
}

/// Words of the degrees of Viet Nam: short, and with an accented letter that slips of the keyboard keep.
fn is_degree(word: &str) -> bool {
    matches!(word, "TUYỆT" | "TỐI" | "MẬT")
}

fn joined(
    tokens: &[Token<'_>],
    words: &[&(String, Option<Damage>)],
    sign: &dyn Fn(&str) -> String,
) -> String {
    let mut text = String::new();
    for (index, (token, (word, _))) in tokens.iter().zip(words).enumerate() {
        // Slashes in front belong to foreign banners.
        if index > 0 {
            text.push_str(&sign(token.before));
        } else {
            text.push_str(token.before);
        }
        text.push_str(word);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Selection, load};

    fn all() -> RuleSet {
        load(&Selection { packs: vec!["all".to_owned()], ..Selection::default() }).unwrap()
    }

    #[test]
    fn one_slip_is_a_slip() {
        let slip = |typed: &str, word: &str| {
            is_slip(&typed.chars().collect::<Vec<_>>(), &word.chars().collect::<Vec<_>>())
        };
        for typed in ["SERCET", "SECET", "SSECRET", "SECRETT", "SECRRT", "SECTRET"] {
            assert!(slip(typed, "SECRET"), "{typed}");
        }
        for typed in ["SECRET", "SECRETS", "SECRETE", "SCERTE", "ASECRET"] {
            assert!(!slip(typed, "SECRET"), "{typed}");
        }
        assert!(!slip("TAJNA", "TAJNE"));
    }

    #[test]
    fn what_stands_holds_letters_of_an_anchor() {
        let rules = all();
        let mut standing = 0;
        for rule in &rules.rules {
            for example in &rule.rule.examples {
                let folded = crate::fold::Folded::new(&example.text().replace('⏎', "\n")).text;
                for line in folded.lines().filter(|line| !rules.standing(line, &|_, _| true).is_empty()) {
                    standing += 1;
                    let brackets = line.contains(['(', '[']);
                    assert!(rules.vocabulary().may_be_a_mark(line, brackets), "{line}");
                }
            }
        }
        assert!(standing > 300, "{standing}");
    }

    #[test]
    fn damaged_marks_of_several_words_are_read() {
        let rules = all();
        let read = |text: &str| rules.repaired(text, &|_, _| false).map(|read| (read.text, read.damage));
        assert_eq!(read("NATO RESTRCITED"), Some(("NATO RESTRICTED".to_owned(), vec![Damage::Mistyped])));
        assert_eq!(read("NATOSECRET"), Some(("NATO SECRET".to_owned(), vec![Damage::Glued])));
        assert_eq!(read("T0P SECRET"), Some(("TOP SECRET".to_owned(), vec![Damage::Misread])));
        assert_eq!(read("OFFICIAL - SENSITVE").map(|read| read.1), Some(vec![Damage::Mistyped]));
        assert_eq!(read("SECRET; NOFORN").map(|read| read.1), Some(vec![Damage::Delimiters]));
        for ordinary in [
            "TOP SECRETS",
            "TOP SCORER",
            "TRADE SECRETS",
            "PROJECTED B",
            "TÚI MẬT",
            "BẢO MẬT",
            "SECERT",
            "NATO SECRETARIAT",
            "OTP SECRET",
        ] {
            assert_eq!(read(ordinary), None, "{ordinary}");
        }
    }
}
