//! Talk goes to standard error, escaped: file names in it come from strangers.

use std::io::{self, Write as _};

use super::lang;
use crate::report::escape::for_terminal;
use crate::text::Word;

/// Tells why the run failed.
pub(super) fn error(text: &str) {
    tell(Word::Error, text);
}

/// Tells something the user should know.
pub(super) fn warning(text: &str) {
    tell(Word::Warning, text);
}

fn tell(kind: Word, text: &str) {
    let kind = kind.get(lang());
    let hint = |line: &str| match line.strip_prefix("hint:") {
        Some(rest) => format!("{}{}", Word::Hint.get(lang()), for_terminal(rest)),
        None => for_terminal(line),
    };
    let mut lines = text.lines().map(hint);
    let mut out = io::stderr().lock();
    // Nobody is left to tell when standard error is gone.
    let _ = writeln!(out, "daumat: {kind}: {}", lines.next().unwrap_or_default());
    for line in lines {
        let _ = writeln!(out, "  {line}");
    }
}
