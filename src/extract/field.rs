//! Fields of word processors: what the instruction of one is, and what of it is drawn.

use crate::model::Kind;

/// What a field's instruction is, by the first word of it: a target, what a person is asked, or a text nobody sees.
pub(super) fn kind(instruction: &str) -> Kind {
    const LINKS: [&str; 6] = ["HYPERLINK", "INCLUDETEXT", "INCLUDEPICTURE", "LINK", "DDE", "DDEAUTO"];
    const ASKED: [&str; 2] = ["FILLIN", "ASK"];
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\\');
    let word = instruction.trim_start().split(ends).next().unwrap_or_default();
    let is_one_of = |words: &[&str]| words.iter().any(|known| word.eq_ignore_ascii_case(known));
    if is_one_of(&LINKS) {
        Kind::Link
    } else if is_one_of(&ASKED) {
        Kind::FormField
    } else {
        Kind::Hidden
    }
}

/// What an `EQ` or `MACROBUTTON` field draws, as Word describes its fields: letters inside the parentheses of `EQ \x(…)`,
/// which draws a frame around a word, or `EQ \o(…)`, which sets ruby letters; all behind the macro's name of a button.
/// `None`: another field, or nothing to see.
pub(super) fn drawn(instruction: &str) -> Option<String> {
    let instruction = instruction.trim();
    let (name, rest) = instruction.split_once(|c: char| c.is_whitespace() || c == '\\')?;
    let drawn = if name.eq_ignore_ascii_case("MACROBUTTON") {
        rest.trim_start().split_once(char::is_whitespace)?.1.trim().to_owned()
    } else if name.eq_ignore_ascii_case("EQ") {
        equation(rest)
    } else {
        return None;
    };
    drawn.chars().any(char::is_alphabetic).then_some(drawn)
}

/// The arguments of all switches, apart from each other.
fn equation(text: &str) -> String {
    let mut out = String::new();
    let mut depth = 0u32;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // A switch and its measure, such as `\up 10`; `\(` is a letter.
            '\\' => match chars.peek() {
                Some('(' | ')' | ',' | ';' | '\\') => out.extend(chars.next()),
                _ => while chars.next_if(|c| !matches!(c, '(' | '\\')).is_some() {},
            },
            '(' => {
                depth += 1;
                space(&mut out);
            }
            ')' | ',' | ';' => {
                depth -= u32::from(c == ')' && depth > 0);
                space(&mut out);
            }
            c if depth > 0 => out.push(c),
            _ => {}
        }
    }
    out.trim().to_owned()
}

fn space(out: &mut String) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_are_told_by_their_first_word() {
        for (instruction, expected) in [
            (" HYPERLINK \"http://vidu.example\"", Kind::Link),
            ("includepicture x.png", Kind::Link),
            (r"DDEAUTO\x", Kind::Link),
            ("HYPERLINK\"x\"", Kind::Link),
            (" FILLIN \"Nhập độ mật\"", Kind::FormField),
            ("QUOTE \"x\"", Kind::Hidden),
            ("", Kind::Hidden),
        ] {
            assert_eq!(kind(instruction), expected, "{instruction}");
        }
    }

    #[test]
    fn what_is_drawn_is_told_from_how() {
        assert_eq!(drawn(" EQ \\x(TỐI MẬT)").as_deref(), Some("TỐI MẬT"));
        assert_eq!(
            drawn(r#"EQ \* jc3 \* "Font:Cambria" \* hps22 \o\al(\s\up 10(ruby),base)"#).as_deref(),
            Some("ruby base")
        );
        assert_eq!(drawn(r"eq \f(a\,b,c)").as_deref(), Some("a,b c"));
        assert_eq!(drawn("MACROBUTTON None [Nhập tên]").as_deref(), Some("[Nhập tên]"));
        for none in ["EQ", r"EQ \f(1,2)", "PAGE", "MACROBUTTON Run", "TITLE x", ""] {
            assert_eq!(drawn(none), None, "{none}");
        }
    }
}
