//! The prefilter: short byte strings of which one stands in every text that a rule can match.
//!
//! Each rule names anchors, folded words in capitals. From each anchor the sieve takes the few bytes that are rarest
//! in ordinary text, in every form they can have before folding: cases, composed and decomposed letters,
//! letter-spaced, legacy charsets. Few and short strings fit the SIMD searcher, which runs at memory speed; an
//! automaton of all words would cost as much as reading the text.

use aho_corasick::packed;
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use memchr::memmem::Finder;
use unicode_normalization::UnicodeNormalization as _;

use crate::fold::legacy::{Charset, surface_forms};
use crate::rules::{Case, RuleSet, case_forms};

/// A longer line, in bytes, is looked at piecewise around its hits: a marking is short, and text without line ends (web
/// pages, news archives) would otherwise be folded whole for every word such as `bảo mật`.
pub(super) const LONG_LINE: usize = 512;

/// Strings of one pass of the SIMD searcher. It takes 64, but up to 32 it looks at twice as many bytes at a time.
const PER_PASS: usize = 32;

/// Letters of an ASCII anchor that go into the sieve. The first four fill the searcher's fingerprint, the rest keep
/// false hits away.
const ASCII_WINDOW: usize = 8;
/// Fewest of them before a blank, which may be of any kind and number in the text.
const ASCII_LEAST: usize = 4;
/// Syllables of an anchor in Hangul.
const HANGUL_WINDOW: usize = 3;
/// Letters of an anchor in another script.
const FOREIGN_WINDOW: usize = 5;
/// Shorter strings, in bytes, would blunt the fingerprint of a whole pass; they are searched by themselves.
const LEAST_BYTES: usize = 4;
/// So many strings are searched one by one rather than together.
const MOST_SINGLES: usize = 2;
/// The accented capital of the degrees: so rare in other text (103 times in 105 MB of Vietnamese news and wiki pages,
/// where `ậ` is one letter in a hundred) that it is searched for alone, which bears spacing, gluing and splitting.
/// Other accented letters need their neighbours.
const RARE_CAPITAL: char = 'Ậ';
/// The combining dot below. Composed text has none, so it stands for every decomposed form of the letters under it.
const DOT_BELOW: char = '\u{323}';
/// Characters without width that may hide in the middle of a word.
const INVISIBLE: [char; 8] =
    ['\u{AD}', '\u{200B}', '\u{200C}', '\u{200D}', '\u{200E}', '\u{200F}', '\u{2060}', '\u{FEFF}'];

/// See the module's head.
pub struct Sieve {
    passes: Vec<Pass>,
    singles: Vec<(Finder<'static>, Scripts)>,
    /// First three letters of words in ASCII capitals that may be set apart by blanks, sorted.
    spaced: Vec<[u8; 3]>,
}

/// Strings that are searched together.
struct Pass {
    searcher: Searcher,
    /// For each string, whether a letter after it makes the hit worthless.
    closes: Vec<bool>,
    scripts: Scripts,
}

/// Scripts of which one stands in every one of some strings, as bits ([`script`]); none for strings of ASCII alone. Most
/// text has few scripts, and what is written in others need not be searched for: the strings of thirty authorities cost a
/// text in English as much as those of three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Scripts(u8);

impl Scripts {
    /// Those in a text, or more.
    fn in_text(text: &[u8]) -> Scripts {
        if text.is_ascii() {
            return Scripts(0);
        }
        // Without a branch, so that sixteen bytes are looked at at a time.
        let within = |byte: u8, first: u8, last: u8, bit: u8| {
            u8::from(byte.wrapping_sub(first) <= last - first) << bit
        };
        Scripts(text.iter().fold(0, |bits, byte| {
            bits | within(*byte, 0xC0, 0xCD, 1)
                | within(*byte, 0xE1, 0xE1, 1)
                | within(*byte, 0xCE, 0xD3, 2)
                | within(*byte, 0xD4, 0xDF, 3)
                | within(*byte, 0xE0, 0xE0, 4)
                | within(*byte, 0xE2, 0xE2, 5)
                | within(*byte, 0xE3, 0xE9, 6)
                | within(*byte, 0xEA, 0xFF, 7)
        }))
    }

    /// That of the first letter outside ASCII of each string.
    fn of(fragments: &[(Vec<u8>, bool)]) -> Scripts {
        let bit = |fragment: &[u8]| {
            Some(script(fragment)).filter(|script| *script > 0).map_or(0, |script| 1 << script)
        };
        Scripts(fragments.iter().fold(0, |bits, (fragment, _)| bits | bit(fragment)))
    }

    /// Whether strings with these may stand in a text that has those.
    fn may_be_in(self, text: Scripts) -> bool {
        self.0 == 0 || self.0 & text.0 != 0
    }
}

/// Number of the script that a string is searched with: Latin, Greek and Cyrillic, Hebrew... (UTF-8 lead bytes).
fn script(fragment: &[u8]) -> u8 {
    match fragment.iter().find(|byte| **byte >= 0xC0) {
        None => 0,
        Some(0xC0..=0xCD | 0xE1) => 1,
        Some(0xCE..=0xD3) => 2,
        Some(0xD4..=0xDF) => 3,
        Some(0xE0) => 4,
        Some(0xE2) => 5,
        Some(0xE3..=0xE9) => 6,
        Some(_) => 7,
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
        let mut fragments: Vec<(Vec<u8>, bool)> = vec![(DOT_BELOW.to_string().into_bytes(), false)];
        fragments.extend(INVISIBLE.map(|letter| (letter.to_string().into_bytes(), false)));
        for (anchor, rule) in rules.anchor_words() {
            let own = fragments_of(&anchor, rule.case, rule.legacy);
            // What follows a fragment follows its anchor only if the fragment is the whole of it.
            let whole = |fragment: &Vec<u8>| !anchor.is_ascii() || fragment.len() == anchor.len();
            fragments.extend(own.into_iter().map(|fragment| {
                let closes = rule.closes && whole(&fragment);
                (fragment, closes)
            }));
        }
        // A string that contains another one says nothing new, unless the other is the choosier.
        fragments.sort();
        fragments.dedup();
        let all = fragments.clone();
        fragments.retain(|(long, long_closes)| {
            !all.iter().any(|(short, closes)| {
                let other = short.len() < long.len() || (short.len() == long.len() && closes != long_closes);
                other
                    && (!closes || *long_closes && short.len() < long.len())
                    && memchr::memmem::find(long, short).is_some()
            })
        });
        let mut sieve = Sieve { passes: Vec::new(), singles: Vec::new(), spaced: Vec::new() };
        fragments.retain(|(fragment, _)| match fragment.as_slice() {
            [one, b' ', two, b' ', three]
                if [one, two, three].iter().all(|letter| letter.is_ascii_uppercase()) =>
            {
                sieve.spaced.push([*one, *two, *three]);
                false
            }
            _ => true,
        });
        sieve.spaced.sort_unstable();
        fragments.sort_by_key(|(fragment, _)| (script(fragment), fragment.len() < LEAST_BYTES));
        for group in fragments.chunk_by(|(a, _), (b, _)| {
            (script(a), a.len() < LEAST_BYTES) == (script(b), b.len() < LEAST_BYTES)
        }) {
            // One string is found faster by itself than several together, whatever their length.
            if group.len() <= MOST_SINGLES {
                let single = |fragment: &(Vec<u8>, bool)| {
                    (Finder::new(&fragment.0).into_owned(), Scripts::of(std::slice::from_ref(fragment)))
                };
                sieve.singles.extend(group.iter().map(single));
            } else {
                sieve.passes.extend(group.chunks(PER_PASS).filter_map(Pass::new));
            }
        }
        sieve
    }

    /// Byte offsets of hits in ascending order: the first of each pass in each line, in longer lines the first in each
    /// 512 bytes. `text` has `\n` as line end.
    pub fn hits(&self, text: &[u8], hits: &mut Vec<usize>) {
        hits.clear();
        let next_line = |at: usize| {
            let far = (at + LONG_LINE / 2).min(text.len());
            memchr::memchr(b'\n', text.get(at..far).unwrap_or_default())
                .map_or(far.max(at + 1), |end| at + end + 1)
        };
        let scripts = Scripts::in_text(text);
        for pass in self.passes.iter().filter(|pass| pass.scripts.may_be_in(scripts)) {
            let mut from = 0;
            while let Some((at, end, closes)) = pass.find(text, from) {
                if closes && !is_closed(text, end) {
                    from = end;
                    continue;
                }
                hits.push(at);
                from = next_line(at);
            }
        }
        for (finder, _) in self.singles.iter().filter(|(_, needed)| needed.may_be_in(scripts)) {
            let mut from = 0;
            while let Some(at) = finder.find(text.get(from..).unwrap_or_default()) {
                hits.push(from + at);
                from = next_line(from + at);
            }
        }
        let mut from = 0;
        while let Some(at) = self.find_spaced(text, from) {
            hits.push(at);
            from = next_line(at);
        }
        hits.sort_unstable();
    }

    /// The next word in capitals that is set letter by letter.
    fn find_spaced(&self, text: &[u8], mut from: usize) -> Option<usize> {
        loop {
            let rest = text.get(from..).filter(|rest| rest.len() >= 5)?;
            let far = rest.len().min(SPACED_STEP + 4);
            let window = rest.get(..far).unwrap_or_default();
            if has_spaced(window) {
                let known = |five: &[u8]| match five {
                    [one, b' ', two, b' ', three] => self.spaced.binary_search(&[*one, *two, *three]).is_ok(),
                    _ => false,
                };
                if let Some(at) = window.windows(5).position(known) {
                    return Some(from + at);
                }
            }
            from += far - 4;
        }
    }
}

/// Bytes in which words set letter by letter are looked for at a time.
const SPACED_STEP: usize = 512;

/// Whether three single capitals with blanks between stand in a text. Without an exit, so that many places are compared at
/// a time.
fn has_spaced(text: &[u8]) -> bool {
    let from = |at: usize| text.get(at..).unwrap_or_default().iter();
    let letters = from(0).zip(from(2)).zip(from(4));
    let blanks = from(1).zip(from(3));
    let capital = |byte: &u8| u8::from(byte.wrapping_sub(b'A') < 26);
    let blank = |byte: &u8| u8::from(*byte == b' ');
    letters.zip(blanks).fold(0, |found, (((one, two), three), (gap, other))| {
        found | (capital(one) & capital(two) & capital(three) & blank(gap) & blank(other))
    }) != 0
}

/// Whether no letter follows, blanks aside. Letters outside ASCII begin with C3 or higher; signs of those bytes are
/// taken for letters only where a mention is as likely.
fn is_closed(text: &[u8], end: usize) -> bool {
    let mut rest = text.get(end..).unwrap_or_default().iter();
    let next = rest.find(|byte| **byte != b' ');
    !next.is_some_and(|byte| byte.is_ascii_alphanumeric() || (0xC3..0xE2).contains(byte) || *byte == 0xE1)
}

impl Pass {
    fn new(fragments: &[(Vec<u8>, bool)]) -> Option<Pass> {
        let strings = || fragments.iter().map(|(fragment, _)| fragment);
        let closes = fragments.iter().map(|(_, closes)| *closes).collect();
        let scripts = Scripts::of(fragments);
        if let Some(searcher) = packed::Config::new().builder().extend(strings()).build() {
            return Some(Pass { searcher: Searcher::Packed(searcher), closes, scripts });
        }
        // No SIMD on this machine.
        let automaton = AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(strings()).ok()?;
        Some(Pass { searcher: Searcher::Automaton(automaton), closes, scripts })
    }

    /// The next hit: where it begins and ends, and whether it must be closed.
    fn find(&self, text: &[u8], from: usize) -> Option<(usize, usize, bool)> {
        let hit = match &self.searcher {
            Searcher::Packed(searcher) => {
                searcher.find_in(text, aho_corasick::Span { start: from, end: text.len() })
            }
            Searcher::Automaton(automaton) => {
                automaton.find(aho_corasick::Input::new(text).span(from..text.len()))
            }
        }?;
        let closes = self.closes.get(hit.pattern().as_usize()).copied().unwrap_or(false);
        Some((hit.start(), hit.end(), closes))
    }
}

/// The byte strings of which one stands in every raw form of an anchor.
fn fragments_of(anchor: &str, case: Case, legacy: bool) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    for (number, form) in case_forms(anchor, case).iter().enumerate() {
        // Without its first letter a word in small letters is the same with and without a capital in front.
        let first = form.chars().next().map_or(0, char::len_utf8);
        match number {
            0 => push_windows(form, true, &mut out),
            _ if form.len() > first + ASCII_LEAST => {
                push_windows(form.get(first..).unwrap_or_default(), false, &mut out)
            }
            _ => push_windows(form, false, &mut out),
        }
    }
    if legacy {
        for charset in Charset::ALL {
            for form in surface_forms(&anchor.to_uppercase(), charset) {
                out.push(around_first_special(&form));
            }
        }
    }
    out
}

/// The rarest window of a word, in every normalisation, and letter-spaced.
fn push_windows(word: &str, capitals: bool, out: &mut Vec<Vec<u8>>) {
    let letters: Vec<char> = word.chars().collect();
    let rare = letters.iter().position(|letter| capitals && *letter == RARE_CAPITAL);
    match rare.or_else(|| letters.iter().rposition(|letter| !letter.is_ascii())) {
        // Hangul: a syllable and its letters are the same text, so every form of a few syllables.
        Some(_) if rare.is_none() && letters.iter().all(|letter| *letter == ' ' || is_hangul(*letter)) => {
            let longest = word.split(' ').max_by_key(|part| part.len()).unwrap_or_default();
            let syllables: Vec<char> = longest.chars().take(HANGUL_WINDOW).collect();
            let of = |form: &dyn Fn(char) -> String| {
                syllables.iter().map(|letter| form(*letter)).collect::<String>()
            };
            let apart = |letter: char| std::iter::once(letter).nfd().collect::<String>();
            let half = |letter: char| {
                let parts: Vec<char> = std::iter::once(letter).nfd().collect();
                let (first, rest) = parts.split_at(parts.len().min(2));
                first.iter().copied().nfc().chain(rest.iter().copied()).collect::<String>()
            };
            for form in [of(&String::from), of(&apart), of(&half)] {
                out.push(form.into_bytes());
            }
        }
        // Scripts without Latin letters: a few letters from the beginning, as with ASCII; one letter and its neighbours
        // would be a common syllable.
        Some(_) if rare.is_none() && letters.iter().all(|letter| is_plain_foreign(*letter)) => {
            let word = letters.iter().take_while(|letter| **letter != ' ');
            let window: String = word.take(FOREIGN_WINDOW).collect();
            let cased = letters.iter().any(|letter| letter.is_uppercase());
            if capitals
                && letters.len() >= 3
                && (cased || letters.iter().all(|letter| letter.is_alphabetic()))
            {
                let spaced: String = letters.iter().take(3).map(|letter| format!("{letter} ")).collect();
                out.push(spaced.trim_end().as_bytes().to_vec());
            }
            out.push(window.into_bytes());
        }
        Some(at) => {
            let neighbour = |at: Option<usize>| at.and_then(|at| letters.get(at)).filter(|_| rare.is_none());
            let (before, after) = (neighbour(at.checked_sub(1)), neighbour(at.checked_add(1)));
            let Some(letter) = letters.get(at) else { return };
            for form in normal_forms(*letter) {
                // Any dot below is a hit of its own.
                if form.contains(DOT_BELOW) {
                    continue;
                }
                out.push(
                    before
                        .into_iter()
                        .copied()
                        .chain(form.chars())
                        .chain(after.copied())
                        .collect::<String>()
                        .into_bytes(),
                );
            }
        }
        None => {
            let blank = letters.iter().skip(ASCII_LEAST).position(|letter| *letter == ' ');
            let length = blank.map_or(ASCII_WINDOW, |blank| ASCII_WINDOW.min(blank + ASCII_LEAST));
            let window: String = letters.iter().take(length).collect();
            let spaced: String = window.chars().take(3).map(|letter| format!("{letter} ")).collect();
            // Stamps are letter-spaced, and stamps are in capitals.
            if capitals && letters.len() >= 3 && window.chars().all(char::is_alphanumeric) {
                out.push(spaced.trim_end().as_bytes().to_vec());
            }
            out.push(window.into_bytes());
        }
    }
}

fn is_hangul(letter: char) -> bool {
    ('\u{AC00}'..='\u{D7A3}').contains(&letter)
}

/// A letter outside Latin script that no normalisation changes, or a blank between such letters.
fn is_plain_foreign(letter: char) -> bool {
    letter == ' ' || (letter >= '\u{370}' && normal_forms(letter).len() == 1)
}

/// A letter composed, decomposed, and every mixture of the two that text files hold.
fn normal_forms(letter: char) -> Vec<String> {
    let parts: Vec<char> = std::iter::once(letter).nfd().collect();
    let mut forms = vec![String::from(letter)];
    match parts.as_slice() {
        [base, mark] => forms.push(format!("{base}{mark}")),
        [base, first, second] => {
            for (inner, outer) in [(first, second), (second, first)] {
                forms.push(format!("{base}{inner}{outer}"));
                forms.push([*base, *inner].into_iter().nfc().chain([*outer]).collect());
            }
        }
        _ => {}
    }
    forms.sort();
    forms.dedup();
    forms
}

/// The first letter outside ASCII of a legacy spelling with its neighbours.
fn around_first_special(form: &str) -> Vec<u8> {
    let letters: Vec<char> = form.chars().collect();
    let special = |letter: &char| !letter.is_ascii() || letter.is_control();
    let at = letters.iter().position(special).unwrap_or(0);
    let window: String = letters.iter().skip(at.saturating_sub(1)).take(3).collect();
    window.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(anchor: &str, case: Case, legacy: bool, text: &str) -> bool {
        let dot = DOT_BELOW.to_string().into_bytes();
        fragments_of(anchor, case, legacy)
            .iter()
            .chain([&dot])
            .any(|fragment| memchr::memmem::find(text.as_bytes(), fragment).is_some())
    }

    #[test]
    fn every_form_of_a_degree_passes() {
        for text in [
            "TUYỆT MẬT",
            "TUYỆTMẬT",
            "T U Y Ệ T M Ậ T",
            "MA\u{323}\u{302}T",
            "MÂ\u{323}T",
            "MA\u{302}\u{323}T",
            "TUYÖT MËT",
            "tuyÖt mËt",
            "TUYEÄT MAÄT",
            "MÂòT",
            "Máº¬T",
            "M\u{2021}T",
            "M\u{3}T",
        ] {
            assert!(finds("MẬT", Case::Capitals, true, text), "{text:?}");
        }
        for text in ["Mật", "mật", "Ma\u{323}\u{302}t", "MẬT"] {
            assert!(finds("MẬT", Case::Any, false, text), "{text:?}");
        }
        assert!(!finds("MẬT", Case::Capitals, true, "Luật này, mặt trận, MẶT BẰNG, mật khẩu"));
    }

    #[test]
    fn ascii_words_pass_in_their_cases() {
        assert!(finds("SECRET", Case::Capitals, false, "x S E C R E T y"));
        assert!(!finds("SECRET", Case::Capitals, false, "client_secret"));
        assert!(finds("SECRET", Case::Any, false, "Secret//Noforn"));
    }
}
