//! From an anchor to the byte strings of which one stands in every text that holds it.
//!
//! Each rule names anchors, folded words in capitals. From each anchor come the few bytes that are rarest in ordinary
//! text, in every form they can have before folding: cases, composed and decomposed letters, letter-spaced, legacy
//! charsets. What of the anchor stands around them is kept, so that `right` and `might` are not taken for `LIGHT PROTOCOL`.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;

use crate::fold::legacy::{Charset, surface_forms};
use crate::rules::{Case, case_forms};

/// Letters of an ASCII anchor in a window. More would let fewer mixtures of cases pass.
const ASCII_WINDOW: usize = 8;
/// Fewest of them before a blank, which may be of any kind and number in the text.
const ASCII_LEAST: usize = 4;
/// Syllables of an anchor in Hangul.
const HANGUL_WINDOW: usize = 3;
/// Letters of an anchor in another script.
const FOREIGN_WINDOW: usize = 5;
/// The accented capital of the degrees: so rare in other text (103 times in 105 MB of Vietnamese news and wiki pages,
/// where `ậ` is one letter in a hundred) that it is searched for alone, which bears spacing, gluing and splitting.
/// Other accented letters need their neighbours.
const RARE_CAPITAL: char = 'Ậ';
/// The combining dot below: text that has one is composed before it is searched (`sieve`), so that it needs no windows.
pub(super) const DOT_BELOW: char = '\u{323}';
/// Blanks that part two columns; what stands behind them is another piece, and pieces are joined by trial.
const COLUMN_GAP: usize = 4;

/// A byte string that stands in a raw form of an anchor, and what of the anchor stands beside it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Window {
    /// The string.
    pub(super) bytes: Vec<u8>,
    /// The anchor's letters around it.
    pub(super) beside: Beside,
}

/// Letters of an anchor beside a window, as far as they are ASCII.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Beside {
    /// Those before it, the nearest first.
    before: Vec<u8>,
    /// Those after it.
    after: Vec<u8>,
    /// Whether a letter after the window makes it worthless.
    closes: bool,
}

impl Beside {
    /// The letters of a word around a part of it, up to the first outside ASCII.
    fn of(word: &[char], part: Range<usize>) -> Beside {
        let ascii = |letter: &char| u8::try_from(*letter).ok().filter(u8::is_ascii);
        let before = word.get(..part.start).unwrap_or_default();
        let after = word.get(part.end..).unwrap_or_default();
        Beside {
            before: before.iter().rev().map_while(ascii).collect(),
            after: after.iter().map_while(ascii).collect(),
            closes: false,
        }
    }

    /// Whether nothing is asked of what stands beside the window.
    pub(super) fn is_open(&self) -> bool {
        self.before.is_empty() && self.after.is_empty() && !self.closes
    }

    /// Whether the anchor may stand around a window. Says no only where plain letters or signs stand in its place: marks,
    /// letters of other scripts, and all that ends a piece of text may turn out to be the anchor after all.
    pub(super) fn fits(&self, text: &[u8], window: Range<usize>) -> bool {
        let before = text.get(..window.start).unwrap_or_default();
        let after = text.get(window.end..).unwrap_or_default();
        goes_on(&self.after, after.iter())
            && goes_on(&self.before, before.iter().rev())
            && (!self.closes || is_closed(after))
    }
}

/// Whether a text may go on with these letters; one blank of them stands for one and more in the text.
fn goes_on<'t>(letters: &[u8], text: impl Iterator<Item = &'t u8>) -> bool {
    let mut text = text.copied().peekable();
    for letter in letters {
        let mut blanks = 0;
        while text.next_if_eq(&b' ').is_some() {
            blanks += 1;
        }
        if blanks >= COLUMN_GAP {
            return true;
        }
        match (letter, blanks, text.peek()) {
            (_, _, None) => return true,
            (b' ', 0, Some(byte)) => return may_be_anything(*byte),
            (b' ', ..) => {}
            (_, 0, Some(byte)) if byte.eq_ignore_ascii_case(letter) => drop(text.next()),
            (_, 0, Some(byte)) => return may_be_anything(*byte),
            // Blanks after a blank of the letters were taken with it.
            (..) => return false,
        }
    }
    true
}

/// What may become a letter, a blank or nothing by folding, and what ends a piece: a table's delimiters, quotation marks of
/// strings in scripts.
fn may_be_anything(byte: u8) -> bool {
    !byte.is_ascii_graphic() || matches!(byte, b'|' | b',' | b';' | b'"' | b'\'' | b'`')
}

/// Whether no letter follows, blanks aside. Letters outside ASCII begin with C3 or higher; signs of those bytes are
/// taken for letters only where a mention is as likely.
fn is_closed(after: &[u8]) -> bool {
    let next = after.iter().find(|byte| **byte != b' ');
    !next.is_some_and(|byte| byte.is_ascii_alphanumeric() || (0xC3..0xE2).contains(byte) || *byte == 0xE1)
}

/// The windows of which one stands in every raw form of an anchor. `closes`: no letter follows the anchor in any match.
pub(super) fn windows_of(anchor: &str, case: Case, legacy: bool, closes: bool) -> Vec<Window> {
    let mut out = Vec::new();
    for (number, form) in case_forms(anchor, case).iter().enumerate() {
        let letters: Vec<char> = form.chars().collect();
        // Without its first letter a word in small letters is the same with and without a capital in front.
        let first = form.chars().next().map_or(0, char::len_utf8);
        let begin = usize::from(number > 0 && form.len() > first + ASCII_LEAST);
        push_windows(&letters, begin, number == 0, &mut out);
    }
    if legacy {
        for charset in Charset::ALL {
            for form in surface_forms(&anchor.to_uppercase(), charset) {
                out.push(Window { bytes: around_first_special(&form), beside: Beside::default() });
            }
        }
    }
    for window in &mut out {
        // What follows a window follows its anchor only if the window is the whole of it.
        window.beside.closes = closes && (!anchor.is_ascii() || window.bytes.len() == anchor.len());
    }
    out
}

/// The rarest window of a word from a letter on, in every normalisation, and letter-spaced.
fn push_windows(word: &[char], begin: usize, capitals: bool, out: &mut Vec<Window>) {
    let letters = word.get(begin..).unwrap_or_default();
    let open = |bytes: String| Window { bytes: bytes.into_bytes(), beside: Beside::default() };
    let spaced = || letters.iter().take(3).map(|letter| format!("{letter} ")).collect::<String>();
    let rare = letters.iter().position(|letter| capitals && *letter == RARE_CAPITAL);
    match rare.or_else(|| letters.iter().rposition(|letter| !letter.is_ascii())) {
        // Hangul: a syllable and its letters are the same text, so every form of a few syllables.
        Some(_) if rare.is_none() && letters.iter().all(|letter| *letter == ' ' || is_hangul(*letter)) => {
            let parts = letters.split(|letter| *letter == ' ');
            let longest = parts.max_by_key(|part| part.len()).unwrap_or_default();
            let syllables = longest.iter().take(HANGUL_WINDOW);
            let of = |form: &dyn Fn(char) -> String| {
                open(syllables.clone().map(|letter| form(*letter)).collect::<String>())
            };
            let apart = |letter: char| std::iter::once(letter).nfd().collect::<String>();
            let half = |letter: char| {
                let parts: Vec<char> = std::iter::once(letter).nfd().collect();
                let (first, rest) = parts.split_at(parts.len().min(2));
                first.iter().copied().nfc().chain(rest.iter().copied()).collect::<String>()
            };
            out.extend([of(&String::from), of(&apart), of(&half)]);
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
                out.push(open(spaced().trim_end().to_owned()));
            }
            out.push(open(window));
        }
        Some(at) => {
            let (first, end) = match rare {
                Some(_) => (at, at + 1),
                None => (at.saturating_sub(1), (at + 2).min(letters.len())),
            };
            let beside = match rare {
                Some(_) => Beside::default(),
                None => Beside::of(word, begin + first..begin + end),
            };
            // Every letter in every form: the neighbours may have marks of their own (`ƯỜ`).
            let mut windows = vec![String::new()];
            for letter in letters.get(first..end).unwrap_or_default() {
                let forms = normal_forms(*letter);
                let longer =
                    |window: &String| forms.iter().map(|form| format!("{window}{form}")).collect::<Vec<_>>();
                windows = windows.iter().flat_map(longer).collect();
            }
            windows.retain(|window| !window.contains(DOT_BELOW));
            let window = |window: String| Window { bytes: window.into_bytes(), beside: beside.clone() };
            out.extend(windows.into_iter().map(window));
        }
        None => {
            let blank = letters.iter().skip(ASCII_LEAST).position(|letter| *letter == ' ');
            let length = blank.map_or(ASCII_WINDOW, |blank| ASCII_WINDOW.min(blank + ASCII_LEAST));
            let window: String = letters.iter().take(length).collect();
            // Stamps are letter-spaced, and stamps are in capitals.
            if capitals && letters.len() >= 3 && window.chars().all(char::is_alphanumeric) {
                out.push(open(spaced().trim_end().to_owned()));
            }
            let end = begin + length.min(letters.len());
            out.push(Window { bytes: window.into_bytes(), beside: Beside::of(word, begin..end) });
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
        // The sieve composes such text before it looks.
        let text: String = text.nfc().collect();
        windows_of(anchor, case, legacy, false).iter().any(|window| {
            let place = memchr::memmem::find(text.as_bytes(), &window.bytes);
            place.is_some_and(|at| window.beside.fits(text.as_bytes(), at..at + window.bytes.len()))
        })
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

    #[test]
    fn letters_around_a_window_are_looked_at() {
        for text in ["the right way", "light bulbs", "LIGHT OF DAY", "lightprotocol", "over-light protocols"]
        {
            let wanted = text.contains("light protocol");
            assert_eq!(finds("LIGHT PROTOCOL", Case::Any, false, text), wanted, "{text}");
        }
        // Whatever folding or joining may make the anchor of.
        for text in [
            "Light   Protocol",
            "Light\u{A0}Protocol",
            "light",
            "light |protocol",
            "light\nprotocol",
            "light     x",
            "li\u{AD}ght",
            "\u{41B}ight protocol",
        ] {
            let soft = text.contains('\u{AD}');
            assert_eq!(finds("LIGHT PROTOCOL", Case::Any, false, text), !soft, "{text}");
        }
    }
}
