//! Talk goes to standard error, escaped: file names in it come from strangers.

use std::io::{self, Write as _};

use crate::report::escape::for_terminal;

/// Tells why the run failed.
pub(super) fn error(text: &str) {
    tell("error", text);
}

/// Tells something the user should know.
pub(super) fn warning(text: &str) {
    tell("warning", text);
}

fn tell(kind: &str, text: &str) {
    let mut lines = text.lines().map(for_terminal);
    let mut out = io::stderr().lock();
    // Nobody is left to tell when standard error is gone.
    let _ = writeln!(out, "daumat: {kind}: {}", lines.next().unwrap_or_default());
    for line in lines {
        let _ = writeln!(out, "  {line}");
    }
}
