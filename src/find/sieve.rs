//! The prefilter: of the byte strings it knows, one stands in every text that a rule can match.
//!
//! [`windows`](super::windows) makes the strings of the rules' anchors, [`Grams`] looks for them. A sieve may
//! be wrong in saying yes, never in saying no.

use std::collections::BTreeMap;
use std::ops::Range;

use aho_corasick::packed;
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use memchr::memmem::Finder;
use unicode_normalization::UnicodeNormalization as _;

use super::windows::{Beside, DOT_BELOW, Window, windows_of};
use crate::fold::{is_default_ignorable, latin_lookalike};
use crate::rules::{Grams, RuleSet};

/// A longer line, in bytes, is looked at piecewise around its hits: a marking is short, and text without line ends (web
/// pages, news archives) would otherwise be folded whole for every word such as `bảo mật`.
pub(super) const LONG_LINE: usize = 512;

/// Strings of one pass of the SIMD searcher. It takes 64, but up to 32 it looks at twice as many bytes at a time.
const PER_PASS: usize = 32;
/// Length of the strings that it is given: shorter ones would blunt its fingerprint, longer ones are found by their grams.
const SHORT: usize = 3;
/// Characters without width that may hide in the middle of a word.
const INVISIBLE: [char; 8] =
    ['\u{AD}', '\u{200B}', '\u{200C}', '\u{200D}', '\u{200E}', '\u{200F}', '\u{2060}', '\u{FEFF}'];
/// Bytes of text before and after such a character, or a mark, that are searched without it: with one behind every
/// letter a word is four times as long.
const HIDDEN_REACH: usize = 160;

/// See the module's head.
pub struct Sieve {
    strings: Vec<Known>,
    /// Finds the long ones.
    grams: Grams,
    /// Strings of three bytes, of which many are known, and the number of each.
    short: Vec<(Searcher, Vec<usize>)>,
    /// Those of two.
    single: Vec<(Finder<'static>, usize)>,
}

/// A string that is looked for.
struct Known {
    bytes: Box<[u8]>,
    what: What,
}

/// What a string tells.
enum What {
    /// It is a window of anchors; one of these must stand beside it.
    Window(Vec<Beside>),
    /// Something without a look of its own, or a mark: the text around it is to be searched without it.
    Hidden,
}

/// A place in which a rule may match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Where to look.
    pub at: usize,
    /// First byte of what was found.
    pub start: usize,
    /// First byte after it.
    pub end: usize,
}

impl Hit {
    /// Everything in a line is to be looked at.
    pub(super) fn of_line(at: usize) -> Hit {
        Hit { at, start: at, end: usize::MAX }
    }
}

enum Searcher {
    Packed(packed::Searcher),
    Automaton(AhoCorasick),
}

impl Sieve {
    /// A sieve for all anchors of a rule set.
    #[must_use]
    pub fn new(rules: &RuleSet) -> Sieve {
        let mut windows: BTreeMap<Vec<u8>, Vec<Beside>> = BTreeMap::new();
        for (anchor, rule) in rules.anchor_words() {
            for Window { bytes, beside } in windows_of(&anchor, rule.case, rule.legacy, rule.closes) {
                let known = windows.entry(bytes).or_default();
                if !known.contains(&beside) {
                    known.push(beside);
                }
            }
        }
        let mut strings: Vec<Known> = INVISIBLE
            .iter()
            .chain([&DOT_BELOW])
            .map(|letter| Known { bytes: letter.to_string().into_bytes().into(), what: What::Hidden })
            .collect();
        strings.extend(windows.into_iter().map(|(bytes, mut beside)| {
            if beside.iter().any(Beside::is_open) {
                beside = vec![Beside::default()];
            }
            Known { bytes: bytes.into(), what: What::Window(beside) }
        }));
        let numbered = |wanted: &dyn Fn(usize) -> bool| {
            let numbers = strings.iter().enumerate().filter(|(_, known)| wanted(known.bytes.len()));
            numbers.map(|(number, _)| number).collect::<Vec<_>>()
        };
        let bytes = |number: &usize| strings.get(*number).map_or(&[][..], |known| &known.bytes);
        let short = numbered(&|length| length == SHORT);
        let short = short
            .chunks(PER_PASS)
            .filter_map(|numbers| Some((Searcher::new(numbers.iter().map(bytes))?, numbers.to_vec())));
        let single = numbered(&|length| length < SHORT).into_iter();
        Sieve {
            grams: Grams::new(strings.iter().map(|known| known.bytes.clone()).collect()),
            short: short.collect(),
            single: single.map(|number| (Finder::new(bytes(&number)).into_owned(), number)).collect(),
            strings,
        }
    }

    /// Places in which a rule may match, in ascending order. `text` has `\n` as line end.
    pub fn hits(&self, text: &str, hits: &mut Vec<Hit>) {
        hits.clear();
        let mut hidden = Vec::new();
        self.search(text.as_bytes(), &mut |start, known| match &known.what {
            What::Hidden => hidden.push(start),
            What::Window(beside) => {
                let window = start..start + known.bytes.len();
                if beside.iter().any(|beside| beside.fits(text.as_bytes(), window.clone())) {
                    hits.push(Hit { at: start, start, end: window.end });
                }
            }
        });
        hidden.sort_unstable();
        self.unhide(text, &hidden, hits);
        hits.sort_unstable();
    }

    /// Every string in a text, in no order.
    fn search(&self, text: &[u8], found: &mut impl FnMut(usize, &Known)) {
        let mut tell = |start: usize, number: usize| {
            if let Some(known) = self.strings.get(number) {
                found(start, known);
            }
        };
        self.grams.each(text, &mut tell);
        for (searcher, numbers) in &self.short {
            let mut from = 0;
            while let Some((at, number)) = searcher.find(text, from) {
                numbers.get(number).into_iter().for_each(|number| tell(at, *number));
                from = at + 1;
            }
        }
        for (finder, number) in &self.single {
            finder.find_iter(text).for_each(|at| tell(at, *number));
        }
    }

    /// Whether a text that was made ready holds a window.
    fn holds(&self, text: &str) -> bool {
        let mut holds = false;
        self.search(text.as_bytes(), &mut |start, known| {
            if let What::Window(beside) = &known.what {
                let window = start..start + known.bytes.len();
                holds |= beside.iter().any(|beside| beside.fits(text.as_bytes(), window.clone()));
            }
        });
        holds
    }

    /// Searches the text around characters without a look and marks, `hidden`, as folding will make it.
    fn unhide(&self, text: &str, hidden: &[usize], hits: &mut Vec<Hit>) {
        let mut done = 0;
        for at in hidden.iter().copied() {
            if at < done {
                continue;
            }
            let around = around(text, at);
            // What stands near the end of this part is seen again with what follows it.
            let whole = text.as_bytes().get(around.end).is_none_or(|byte| *byte == b'\n');
            done = if whole { around.end } else { around.end - HIDDEN_REACH };
            let part = text.get(around.clone()).unwrap_or_default();
            let seen = || part.chars().filter(|letter| !is_default_ignorable(*letter));
            let twin = |letter: char| latin_lookalike(letter).unwrap_or(letter);
            let has_twin = seen().any(|letter| !letter.is_ascii() && latin_lookalike(letter).is_some());
            if self.holds(&seen().nfc().nfkc().collect::<String>())
                || has_twin && self.holds(&seen().map(twin).nfc().nfkc().collect::<String>())
            {
                hits.push(Hit { at, start: around.start, end: around.end });
            }
        }
    }
}

/// The part of a line around a place in which a word may stand that something is hidden in.
fn around(text: &str, at: usize) -> Range<usize> {
    let bytes = text.as_bytes();
    let floor = text.floor_char_boundary(at.saturating_sub(HIDDEN_REACH));
    let ceiling = text.ceil_char_boundary(at + 2 * HIDDEN_REACH);
    let start = memchr::memrchr(b'\n', bytes.get(floor..at).unwrap_or_default())
        .map_or(floor, |line| floor + line + 1);
    let end =
        memchr::memchr(b'\n', bytes.get(at..ceiling).unwrap_or_default()).map_or(ceiling, |line| at + line);
    start..end
}

impl Searcher {
    fn new<'s>(strings: impl Iterator<Item = &'s [u8]> + Clone) -> Option<Searcher> {
        if let Some(searcher) = packed::Config::new().builder().extend(strings.clone()).build() {
            return Some(Searcher::Packed(searcher));
        }
        // No SIMD on this machine.
        AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(strings).ok().map(Searcher::Automaton)
    }

    /// The next string: where it begins, and its number.
    fn find(&self, text: &[u8], from: usize) -> Option<(usize, usize)> {
        let hit = match self {
            Searcher::Packed(searcher) => {
                searcher.find_in(text, aho_corasick::Span { start: from, end: text.len() })
            }
            Searcher::Automaton(automaton) => {
                automaton.find(aho_corasick::Input::new(text).span(from..text.len()))
            }
        }?;
        Some((hit.start(), hit.pattern().as_usize()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Selection, case_forms, load};

    fn hits(sieve: &Sieve, text: &str) -> Vec<Hit> {
        let mut hits = Vec::new();
        sieve.hits(text, &mut hits);
        hits
    }

    #[test]
    fn every_anchor_passes_in_every_form_and_place() {
        let rules = load(&Selection { packs: vec!["all".to_owned()], ..Selection::default() }).unwrap();
        let sieve = Sieve::new(&rules);
        let mut wrong = Vec::new();
        for (anchor, rule) in rules.anchor_words() {
            for form in case_forms(&anchor, rule.case) {
                let apart: String = form.nfd().collect();
                let hidden: String = form.nfc().flat_map(|letter| [letter, '\u{200B}']).collect();
                let soft: String = form.nfc().flat_map(|letter| [letter, '\u{AD}']).collect();
                for (name, written) in
                    [("as it is", &form), ("apart", &apart), ("hidden", &hidden), ("soft", &soft)]
                {
                    // At every place of a block, at the edges of a text and of its lines.
                    for before in 0..9 {
                        let before = "y".repeat(before);
                        for text in [
                            written.clone(),
                            format!("{before} {written}"),
                            format!("{before}\n{written}\nmột dòng khác"),
                            format!("{before}|{written}| của một bảng có chữ thường"),
                        ] {
                            if hits(&sieve, &text).is_empty() {
                                wrong.push(format!("{}: {name}: {text:?}", rule.id));
                            }
                        }
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{} such as\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
    }

    #[test]
    fn what_is_hidden_is_seen() {
        let rules = load(&Selection::default()).unwrap();
        let sieve = Sieve::new(&rules);
        let word = "TUYE\u{323}\u{302}T MA\u{323}\u{302}T";
        let twins = "М\u{410}\u{323}\u{302}Т";
        let many = format!("{}{word}", "a\u{200B}b\u{323}c ".repeat(300));
        for text in [word, twins, "S\u{AD}E\u{AD}CR\u{AD}ET", &many] {
            assert!(!hits(&sieve, text).is_empty(), "{text:?}");
        }
        for text in [
            "một\u{200B} tin thường\u{200B}",
            "tie\u{302}\u{301}ng Vie\u{323}\u{302}t",
            &"c\u{323}".repeat(2_000),
        ] {
            assert_eq!(hits(&sieve, text), [], "{text:?}");
        }
    }
}
