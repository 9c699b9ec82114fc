//! The words of all marks, and what a word may be that is none of them.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use super::slips::{Mark, Marks, is_slip};
use super::{MOST_WORDS, may_stand};
use crate::fold::unaccented;
use crate::rules::compile::{Anchors, RuleSet};
use crate::rules::pack::{RuleKind, Scope};

/// A set or map of words that is asked about every word of a line in capitals: FNV-1a, since the words are ours and short.
#[derive(Clone, Copy)]
pub(super) struct Fnv(u64);

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

pub(super) type ByFnv = BuildHasherDefault<Fnv>;

/// Words that are one slip away from a word of a mark and are words themselves.
const ORDINARY: &str = include_str!("../../../rules/tables/ordinary.txt");

const COMMON: &str = include_str!("../common.txt");

/// Tables that grammars read, whose words are words of marks.
const TABLES: [&str; 9] = [
    include_str!("../../../rules/tables/us-sci.txt"),
    include_str!("../../../rules/tables/us-aea.txt"),
    include_str!("../../../rules/tables/us-foreign.txt"),
    include_str!("../../../rules/tables/us-dissem.txt"),
    include_str!("../../../rules/tables/us-nonic.txt"),
    include_str!("../../../rules/tables/country3.txt"),
    include_str!("../../../rules/tables/cui-basic.txt"),
    include_str!("../../../rules/tables/cui-specified.txt"),
    include_str!("../../../rules/tables/cui-dissem.txt"),
];

/// Levels that grammars know beside their tables.
const GRAMMAR_WORDS: &str =
    "TOP SECRET CONFIDENTIAL UNCLASSIFIED RESTRICTED JOINT COSMIC NATO CUI CONTROLLED SP REL TO USA";

/// What may stand beside a mark in its line.
const BESIDE: &str = "PAGE OF COPY NO TRANG BẢN SỐ CLASSIFICATION SECURITY LEVEL SENSITIVITY PROTECTIVE MARKING HỎA HOẢ TỐC HẸN GIỜ THƯỢNG KHẨN THU HỒI ĐỘ MỨC CẤP";

/// Kinds of papers and the like, which stand in patterns beside marks and in headings everywhere: no words of marks.
const OF_HEADINGS: &str = "QUYẾT LUẬN KẾT THÔNG THỊ BIÊN PHỤ LỤC PHƯƠNG SECTION REASONS";

/// The words of marks, in capitals.
#[derive(Debug, Default)]
pub(in crate::rules) struct Vocabulary {
    pub(super) words: Vec<String>,
    pub(super) known: HashSet<String, ByFnv>,
    /// Digest of a word or of a word without one of its letters, and the word; sorted.
    shorter: Vec<(u64, u32)>,
    /// A word without accents, where it has some.
    pub(super) bare: HashMap<String, u32, ByFnv>,
    pub(super) ordinary: HashSet<String, ByFnv>,
    longest: usize,
    /// Letters and digits alone of the words that rules need whose matches are repaired; apart, those that begin with a bracket.
    anchors: Anchors,
    bracketed: Anchors,
    /// Marks of short words.
    marks: Marks,
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
        for word in words_of(OF_HEADINGS) {
            known.remove(word);
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
        Vocabulary {
            words,
            known,
            shorter,
            bare,
            ordinary,
            longest,
            anchors: of(false),
            bracketed: of(true),
            marks: Marks::new(rules),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether a text of these words may be a mark, whatever signs stand between them; `brackets`: there are some around them.
    pub(super) fn may_be_a_mark(&self, words: &str, brackets: bool) -> bool {
        let letters = letters_of(words);
        self.anchors.stand_in(&letters) || brackets && self.bracketed.stand_in(&letters)
    }

    /// The marks of short words that a piece, or its beginning up to so many bytes, is with one slip; not where the slip makes a word.
    pub(super) fn slipped(&self, piece: &str) -> Vec<(usize, &Mark)> {
        self.marks.near(piece, &|word| {
            let word = word.to_uppercase();
            self.ordinary.contains(&word) || self.known.contains(&word)
        })
    }

    pub(super) fn knows(&self, word: &str) -> bool {
        let bare = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
        self.known.contains(word) || bare.is_empty() || bare.len() < word.len() && self.known.contains(bare)
    }

    /// Words one slip away from a word that is none.
    pub(super) fn near(&self, word: &str) -> Vec<&str> {
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
    pub(super) fn cuts(&self, run: &str) -> Vec<String> {
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
pub(super) fn is_in_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '€' || unicode_normalization::char::is_combining_mark(letter)
}

/// Letters and digits of a text.
pub(super) fn letters_of(text: &str) -> String {
    text.chars().filter(|letter| is_in_word(*letter)).collect()
}

/// Words of two letters and more.
pub(super) fn words_of(text: &str) -> impl Iterator<Item = &str> {
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
