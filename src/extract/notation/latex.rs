//! LaTeX: accents put on their letters (`M\d{\^A}T`), commands that only change the look taken out, comments apart.
//! Commands are not run: what a macro would print is given as it is written.

use super::{Notation, Out};

#[derive(Debug, Default)]
pub(super) struct Latex;

/// Accents (combining characters) by their command: source2e, "Text symbols"; T5 for Vietnamese.
fn accent(name: &str) -> Option<char> {
    Some(match name {
        "`" => '\u{300}',
        "'" => '\u{301}',
        "^" => '\u{302}',
        "~" => '\u{303}',
        "=" => '\u{304}',
        "u" => '\u{306}',
        "." => '\u{307}',
        "\"" => '\u{308}',
        "h" => '\u{309}',
        "r" => '\u{30A}',
        "H" => '\u{30B}',
        "v" => '\u{30C}',
        "horn" => '\u{31B}',
        "d" => '\u{323}',
        "c" => '\u{327}',
        "k" => '\u{328}',
        _ => return None,
    })
}

/// Letters by their command.
fn letter(name: &str) -> Option<&'static str> {
    Some(match name {
        "DJ" => "Đ",
        "dj" => "đ",
        "OHORN" => "Ơ",
        "ohorn" => "ơ",
        "UHORN" => "Ư",
        "uhorn" => "ư",
        "ABREVE" => "Ă",
        "abreve" => "ă",
        "ACIRCUMFLEX" => "Â",
        "acircumflex" => "â",
        "ECIRCUMFLEX" => "Ê",
        "ecircumflex" => "ê",
        "OCIRCUMFLEX" => "Ô",
        "ocircumflex" => "ô",
        "i" => "i",
        "j" => "j",
        "ss" => "ß",
        "ae" => "æ",
        "AE" => "Æ",
        "o" => "ø",
        "O" => "Ø",
        "aa" => "å",
        "AA" => "Å",
        "l" => "ł",
        "L" => "Ł",
        _ => return None,
    })
}

/// Commands that change the look of a part of a word.
static LOOKS: &[&str] = &[
    "textbf",
    "textit",
    "textsc",
    "textrm",
    "textsf",
    "texttt",
    "textup",
    "textsl",
    "textnormal",
    "text",
    "emph",
    "underline",
    "uppercase",
    "MakeUppercase",
    "mathrm",
    "mathbf",
    "mbox",
    "hbox",
    "uline",
    "so",
    "textcolor",
    "bf",
    "it",
    "bfseries",
    "itshape",
    "large",
    "Large",
    "LARGE",
    "huge",
    "Huge",
    "small",
    "normalsize",
    "kern",
];

impl Notation for Latex {
    fn block(&mut self, source: &str, out: &mut Out) {
        for line in source.split_inclusive('\n') {
            self.line(line, out);
        }
    }

    fn end(&mut self, _out: &mut Out) {}
}

impl Latex {
    fn line(&mut self, line: &str, out: &mut Out) {
        let mut rest = line;
        let mut accents: Vec<char> = Vec::new();
        while let Some(first) = rest.chars().next() {
            let mut used = first.len_utf8();
            match first {
                '\\' => {
                    let after = rest.get(1..).unwrap_or_default();
                    let name_end =
                        after.bytes().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(after.len());
                    let name = if name_end == 0 {
                        after.get(..after.chars().next().map_or(0, char::len_utf8)).unwrap_or_default()
                    } else {
                        after.get(..name_end).unwrap_or_default()
                    };
                    used += name.len();
                    let follows = after.get(name.len()..).unwrap_or_default();
                    if let Some(mark) = accent(name).filter(|_| !(name == "=" && follows.starts_with('>'))) {
                        accents.push(mark);
                        used += blanks(follows, name_end > 0);
                    } else if let Some(text) = letter(name) {
                        put(text, &mut accents, out);
                        used += blanks(follows, true);
                    } else if LOOKS.contains(&name) {
                        used += blanks(follows, true);
                    } else {
                        match name {
                            "\\" | "newline" | "par" | "item" | "quad" | "qquad" | "tab" => out.border(),
                            "begin" | "end" => {
                                let environment = environment(follows);
                                out.border();
                                out.body.push_str(environment);
                                out.border();
                                used += if environment.is_empty() {
                                    blanks(follows, true)
                                } else {
                                    environment.len() + 2
                                };
                            }
                            "%" | "&" | "_" | "#" | "$" | "{" | "}" => out.body.push_str(name),
                            " " | "," | ";" | ":" | "thinspace" => out.body.push(' '),
                            "-" | "/" | "!" => {}
                            // Not every line end keeps its backslash.
                            "\n" | "\r" => used -= name.len(),
                            _ => {
                                out.border();
                                used += follows.len() - follows.trim_start_matches(' ').len();
                            }
                        }
                    }
                }
                '%' => {
                    let comment = rest.trim_end_matches('\n');
                    Out::line(&mut out.hidden, comment.get(1..).unwrap_or_default());
                    used = comment.len();
                }
                '{' | '}' | '$' => {}
                '~' => out.body.push(' '),
                '&' => out.border(),
                letter => put(letter.encode_utf8(&mut [0; 4]), &mut accents, out),
            }
            rest = rest.get(used..).unwrap_or_default();
        }
        out.body.extend(accents);
    }
}

/// The name of an environment, in braces: a field of its own.
fn environment(follows: &str) -> &str {
    let name = follows.strip_prefix('{').and_then(|rest| rest.split_once('}'));
    name.map_or("", |(name, _)| name)
}

/// Blanks behind a command of letters belong to it.
fn blanks(text: &str, letters: bool) -> usize {
    if letters { text.len() - text.trim_start_matches(' ').len() } else { 0 }
}

/// A letter with the accents that wait for it: the innermost stands nearest.
fn put(text: &str, accents: &mut Vec<char>, out: &mut Out) {
    out.body.push_str(text);
    while let Some(mark) = accents.pop() {
        out.body.push(mark);
    }
}
