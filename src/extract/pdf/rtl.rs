//! Hebrew, Arabic and their kin: from the order in which letters stand on the page, left to right, to the order in which
//! they are read.
//!
//! A content stream places glyphs, so the letters of a line come out sorted by place. The rules of Unicode Standard
//! Annex 9 go from reading order to place; this is their inverse for one line, with one level of embedding, which is
//! what a line of prose with numbers and foreign names has. Left out: explicit embeddings, mirrored brackets inside
//! foreign words.

/// Whether a letter is written from right to left: Hebrew, Arabic, Syriac, Thaana, N'Ko and their presentation forms.
pub(super) fn is_strong(letter: char) -> bool {
    letter >= '\u{590}'
        && matches!(letter, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' | '\u{10800}'..='\u{10FFF}'
        | '\u{1E800}'..='\u{1EFFF}')
        && !is_number(letter)
        && !is_mark(letter)
}

/// Arabic digits run from left to right like all others.
fn is_number(letter: char) -> bool {
    matches!(letter, '0'..='9' | '\u{660}'..='\u{669}' | '\u{6F0}'..='\u{6F9}')
}

/// Vowel signs, which stand on the letter before them.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36F}' | '\u{591}'..='\u{5BD}' | '\u{5BF}' | '\u{5C1}' | '\u{5C2}' | '\u{5C4}' | '\u{5C5}'
        | '\u{610}'..='\u{61A}' | '\u{64B}'..='\u{65F}' | '\u{670}' | '\u{6D6}'..='\u{6DC}' | '\u{6DF}'..='\u{6E4}'
        | '\u{FE20}'..='\u{FE2F}')
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Left,
    Right,
    Number,
    Neutral,
}

fn way(letter: char) -> Way {
    if is_strong(letter) {
        Way::Right
    } else if is_number(letter) {
        Way::Number
    } else if letter.is_alphabetic() {
        Way::Left
    } else {
        Way::Neutral
    }
}

/// A line in reading order; `None` when it has no letter that runs from right to left.
pub(super) fn turn(line: &str) -> Option<String> {
    // A letter and the signs on it stay together.
    let mut clusters: Vec<(Way, &str)> = Vec::new();
    let mut begin = 0;
    for (at, letter) in line.char_indices() {
        if at > begin && !is_mark(letter) {
            let text = line.get(begin..at)?;
            clusters.push((way(text.chars().next()?), text));
            begin = at;
        }
    }
    let text = line.get(begin..)?;
    clusters.push((way(text.chars().next()?), text));
    let count = |wanted: Way| clusters.iter().filter(|cluster| cluster.0 == wanted).count();
    let right = count(Way::Right);
    if right == 0 {
        return None;
    }
    let mainly_right = right >= count(Way::Left);
    // A piece is a stretch of letters of one way. Neutrals between two of a way belong to them, others to the line.
    let own = if mainly_right { Way::Right } else { Way::Left };
    // The next way behind each cluster, from the end.
    let mut after: Vec<Way> = Vec::with_capacity(clusters.len());
    let mut next = own;
    for cluster in clusters.iter().rev() {
        after.push(next);
        if cluster.0 != Way::Neutral {
            next = cluster.0;
        }
    }
    after.reverse();
    let mut before = own;
    let mut strong: Vec<Way> = Vec::with_capacity(clusters.len());
    for (cluster, after) in clusters.iter().zip(after) {
        strong.push(match (cluster.0, before, after) {
            (Way::Neutral, Way::Right, Way::Right) => Way::Right,
            // Digits and signs between them are one number; Latin words with a number are one phrase.
            (Way::Neutral, Way::Left | Way::Number, Way::Left | Way::Number) | (Way::Number, ..) => Way::Left,
            (Way::Neutral, ..) => own,
            (other, ..) => other,
        });
        if cluster.0 != Way::Neutral {
            before = cluster.0;
        }
    }
    let mut pieces: Vec<(Way, Vec<&str>)> = Vec::new();
    for ((_, text), way) in clusters.iter().zip(strong) {
        match pieces.last_mut() {
            Some(last) if last.0 == way => last.1.push(text),
            _ => pieces.push((way, vec![text])),
        }
    }
    if mainly_right {
        pieces.reverse();
    }
    let mut out = String::with_capacity(line.len());
    for (way, mut texts) in pieces {
        if way == Way::Right {
            texts.reverse();
        }
        out.extend(texts);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::turn;

    #[test]
    fn pdf_lines_from_right_to_left_are_turned() {
        // In the order of places; each expected line in the order of reading.
        assert_eq!(turn("םולש").as_deref(), Some("שלום"));
        assert_eq!(turn("תודוס 12.5 דומע").as_deref(), Some("עמוד 12.5 סודות"));
        assert_eq!(turn("NATO SECRET סוד").as_deref(), Some("NATO SECRET דוס"));
        assert_eq!(turn("the word םולש is here").as_deref(), Some("the word שלום is here"));
        assert_eq!(turn("\u{5DD}\u{5B8}\u{5D0}").as_deref(), Some("\u{5D0}\u{5DD}\u{5B8}"));
        assert_eq!(turn("plain"), None);
        assert_eq!(turn(""), None);
    }
}
