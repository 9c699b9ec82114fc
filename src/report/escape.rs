//! Text from strangers made harmless for a terminal: file names and document text must not move the cursor, change
//! colours, or show letters in another order than they stand.

use std::fmt::Write as _;

/// Replaces control characters, bidirectional controls, zero-width and tag characters by visible escapes.
#[must_use]
pub fn for_terminal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_dangerous(letter) {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\u{{{:x}}}", u32::from(letter));
        } else {
            out.push(letter);
        }
    }
    out
}

fn is_dangerous(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_that_it_would_obey() {
        assert_eq!(for_terminal("a\x1b[31mb\rc\nd"), "a\\u{1b}[31mb\\u{d}c\\u{a}d");
        assert_eq!(for_terminal("x\u{202E}fdp.exe"), "x\\u{202e}fdp.exe");
        assert_eq!(for_terminal("Báo cáo số 1.pdf"), "Báo cáo số 1.pdf");
        assert_eq!(for_terminal("\u{E0041}\u{9b}31m"), "\\u{e0041}\\u{9b}31m");
    }
}
