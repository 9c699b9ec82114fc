//! Marks of several words that are damaged: mistyped, misread, glued, with other signs between their words, without accents.
//!
//! In: a short piece of text that no rule meets as it is. Out: what a rule meets after the least repair, and what was repaired. Left out:
//! whether the document bears it, and marks of one word, which one slip makes a word like any other.
//!
//! Nothing is compared with whole marks, since patterns and grammars have too many. The *words* of all rules are known, and a piece is
//! repaired only if all its words but one are such words; then the rules are asked about the repaired piece, and only a match of all of it
//! counts. Ordinary lines have a second word that no mark has, and end there.

mod slips;
mod vocabulary;

use std::cell::LazyCell;
use std::ops::Range;

pub(super) use self::slips::LONGEST_SLIP;
pub(super) use self::vocabulary::Vocabulary;
use self::vocabulary::{is_in_word, words_of};
use super::banner::Grammar;
use super::compile::{CompiledRule, Match, RuleSet};
use super::pack::{RuleKind, Scope};

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
    /// How much of the piece that is, in bytes from its beginning.
    pub length: usize,
}

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
            let bare = piece.trim();
            let mark = |piece: &str| !known.slipped(piece).is_empty();
            let inner = bare.trim_matches(['*', '_', '"', '\'', '[', ']', '(', ')', '-', ' ']);
            if mark(bare) || inner.len() < bare.len() && mark(inner) || other_portion(bare).is_some() {
                return true;
            }
            let (mut count, mut odd) = (0, None);
            // Behind a release line stand owners that no table has.
            let behind_to = LazyCell::new(|| piece.contains("TO "));
            let released = LazyCell::new(|| *behind_to || piece.contains("REL") || piece.contains(" ONLY"));
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
                if *released && (word.len() <= 4 || *behind_to) {
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
        let by_words = self.by_words(piece, stands);
        let whole = by_words.map(|read| Repaired { length: piece.len(), ..read });
        whole.or_else(|| self.slipped(piece, stands))
    }

    /// The same for a piece with its decoration, of which a bracketed mark at its beginning is damaged: `[TỐI MT] Kế hoạch`, `(S\NF) …`.
    #[must_use]
    pub fn repaired_in_brackets(
        &self,
        piece: &str,
        stands: &dyn Fn(&str, &Range<usize>) -> bool,
    ) -> Option<Repaired> {
        if !piece.starts_with(['(', '[']) {
            return None;
        }
        self.slipped(piece, stands).or_else(|| self.portion_with_other_signs(piece))
    }

    /// A mark of short words with one slip anywhere in it (key `slips`).
    fn slipped(&self, piece: &str, stands: &dyn Fn(&str, &Range<usize>) -> bool) -> Option<Repaired> {
        let mut best: Option<Repaired> = None;
        for (length, mark) in self.vocabulary().slipped(piece) {
            let text = format!("{}{}", mark.text, piece.get(length..).unwrap_or_default());
            let mut hits = self.matches(&text, Scope::Text, None);
            hits.retain(|hit| {
                hit.rule == mark.rule
                    && (mark.open || hit.range == (0..text.len()) || stands(&text, &hit.range))
            });
            let Some(first) = hits.first() else { continue };
            // A slip that may be of two levels tells neither.
            if best
                .as_ref()
                .and_then(|best| best.hits.first())
                .is_some_and(|known| known.level != first.level)
            {
                return None;
            }
            best.get_or_insert(Repaired { text, hits, damage: vec![Damage::Mistyped], length });
        }
        best
    }

    /// A portion mark with other signs between its parts: `(S\NF)`, `(S|NF)`, `(CUI; CTI)`, `( // NS // ATOMAL)`.
    fn portion_with_other_signs(&self, piece: &str) -> Option<Repaired> {
        let (inside, rest) = other_portion(piece)?;
        let length = piece.len() - rest.len();
        let parts = inside.split(['/', '\\', ';', '|']).map(str::trim).filter(|part| !part.is_empty());
        let parts = parts.collect::<Vec<_>>().join("//");
        let front = if inside.trim_start().starts_with(['/', '\\', ';', '|']) { "//" } else { "" };
        let text = format!("({front}{parts}){rest}");
        let mut hits = self.matches(&text, Scope::Text, None);
        hits.retain(|hit| {
            let grammar = self.rules.get(hit.rule).and_then(|rule| rule.rule.grammar);
            let portion =
                matches!(grammar, Some(Grammar::Portion | Grammar::NatoPortion | Grammar::CuiPortion));
            portion && hit.range.start == 0 && !hit.notes.contains(&"form-unknown")
        });
        let found = !hits.is_empty() && text != piece;
        found.then(|| Repaired { text, hits, damage: vec![Damage::Delimiters], length })
    }

    fn by_words(&self, piece: &str, stands: &dyn Fn(&str, &Range<usize>) -> bool) -> Option<Repaired> {
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
            let mut read = self.by_words(value, stands)?;
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
            Some(Repaired { text, hits, damage, length: 0 })
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

/// What stands in the brackets of a portion mark with other signs than `//` between its parts, and what stands behind it.
fn other_portion(piece: &str) -> Option<(&str, &str)> {
    const LONGEST_PORTION: usize = 60;
    let (inside, rest) = piece.strip_prefix('(')?.split_once(')')?;
    let signs = ['\\', ';', '|'];
    let spaced = || {
        inside.contains(" /") || inside.contains("/ ") || inside.contains("///") || inside.starts_with('/')
    };
    let odd = inside.contains(signs) || spaced();
    let fits = inside.len() <= LONGEST_PORTION && odd && !inside.contains(char::is_lowercase);
    fits.then_some((inside, rest))
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
    use super::slips::is_slip;
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

    #[test]
    fn a_slip_in_a_mark_of_short_words_is_read_where_it_makes_no_word() {
        let rules = all();
        let read = |text: &str| {
            let read = rules
                .repaired(text, &|_, _| false)
                .or_else(|| rules.repaired_in_brackets(text, &|_, _| false));
            read.map(|read| (read.text, read.damage))
        };
        for (typed, meant) in [
            ("TỐO MẬT", "TỐI MẬT"),
            ("[TỐI MT] Kế hoạch", "[TỐI MẬT] Kế hoạch"),
            ("TPL:RED", "TLP:RED"),
            ("TLP:REDD", "TLP:RED"),
            ("TS-UE/EU-TD", "TS-UE/EU-TS"),
            ("S-EU/EU-S", "S-UE/EU-S"),
            ("VS-NDf", "VS-NfD"),
            ("UK EYES PNLY", "UK EYES ONLY"),
            ("密机★10年", "机密★10年"),
            ("密密级:绝密", "密级:绝密"),
            ("2급 밀비", "2급 비밀"),
            ("(S//FN) Orla", "(S//NF) Orla"),
            ("dMat: Mật", "doMat: Mật"),
        ] {
            assert_eq!(read(typed), Some((meant.to_owned(), vec![Damage::Mistyped])), "{typed}");
        }
        assert_eq!(read("(S\\NF) Orla").map(|read| read.1), Some(vec![Damage::Delimiters]));
        assert_eq!(
            read("( // NS // ATOMAL) Orla").map(|read| read.0),
            Some("(//NS//ATOMAL) Orla".to_owned())
        );
        for ordinary in [
            "TỐI MẶT",
            "TỎI MẬT",
            "[TÚI MẬT] Kế hoạch",
            "TLP:READ",
            "US EYES ONLY",
            // Of two levels or three.
            "密★10年",
            "(//NF) Orla",
            "S-UE/EU-C",
            "等级:绝密",
        ] {
            let read = read(ordinary);
            assert!(!read.as_ref().is_some_and(|read| read.1.contains(&Damage::Mistyped)), "{read:?}");
        }
    }

    #[test]
    fn marks_whose_slips_are_looked_for_are_marks_of_their_rule() {
        let rules = all();
        let mut count = 0;
        for (index, rule) in rules.rules.iter().enumerate() {
            for slip in rule.rule.slips.iter().filter(|slip| !slip.ends_with('…')) {
                let hits = rules.matches(slip, Scope::Text, None);
                assert!(hits.iter().any(|hit| hit.rule == index && hit.range == (0..slip.len())), "{slip}");
                count += 1;
            }
        }
        assert!(count > 20, "{count}");
    }
}
