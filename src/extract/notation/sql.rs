//! Dumps of data bases in SQL: strings without their quotes, decoded, each a field, and read as markup where they hold
//! some; the lines that PostgreSQL copies from. All else stands as it is.

use super::{Notation, Out};

/// A string of more lines is a lone quote.
const LONGEST_STRING: u32 = 2_000;

#[derive(Debug, Default)]
pub(super) struct Sql {
    state: State,
    /// Lines of the string at hand.
    lines: u32,
    /// Where its text on this line begins.
    start: usize,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Code,
    String,
    /// Between `/*` and `*/`.
    Comment,
    /// Rows below `COPY … FROM stdin;`, up to `\.`.
    Copy,
}

impl Notation for Sql {
    fn block(&mut self, source: &str, out: &mut Out) {
        for line in source.split_inclusive('\n') {
            if self.state == State::Copy {
                self.row(line, out);
            } else {
                self.line(line, out);
                let copies = line.starts_with("COPY ") && line.trim_end().ends_with("FROM stdin;");
                if self.state == State::Code && copies {
                    self.state = State::Copy;
                }
            }
        }
    }

    fn end(&mut self, _out: &mut Out) {}
}

impl Sql {
    fn line(&mut self, line: &str, out: &mut Out) {
        let mut rest = line;
        self.start = out.body.len();
        while !rest.is_empty() {
            let used = match self.state {
                State::String => self.string(rest, out),
                State::Comment => {
                    let end = rest.find("*/").map(|at| at + 2);
                    if end.is_some() {
                        self.state = State::Code;
                    }
                    let used = end.unwrap_or(rest.len());
                    out.body.push_str(rest.get(..used).unwrap_or_default());
                    used
                }
                State::Code | State::Copy => self.code(rest, out),
            };
            rest = rest.get(used..).unwrap_or_default();
        }
        if self.state == State::String {
            out.unfold(self.start);
            self.lines += 1;
            if self.lines > LONGEST_STRING {
                self.state = State::Code;
            }
        }
    }

    /// Outside of strings; the bytes used.
    fn code(&mut self, rest: &str, out: &mut Out) -> usize {
        let bytes = rest.as_bytes();
        let at = memchr::memchr3(b'\'', b'-', b'/', bytes).unwrap_or(bytes.len());
        out.body.push_str(rest.get(..at).unwrap_or_default());
        let sign = rest.get(at..).unwrap_or_default();
        if at > 0 || sign.is_empty() {
            return at;
        }
        if sign.starts_with('\'') {
            out.border();
            self.state = State::String;
            self.lines = 0;
            self.start = out.body.len();
            return 1;
        }
        if sign.starts_with("--") {
            out.body.push_str(sign);
            return sign.len();
        }
        if sign.starts_with("/*") {
            self.state = State::Comment;
        }
        out.body.push_str(sign.get(..1).unwrap_or_default());
        1
    }

    /// Inside a string; the bytes used.
    fn string(&mut self, rest: &str, out: &mut Out) -> usize {
        let end = memchr::memchr2(b'\'', b'\\', rest.as_bytes()).unwrap_or(rest.len());
        if end > 0 {
            out.body.push_str(rest.get(..end).unwrap_or_default());
            return end;
        }
        match rest.as_bytes() {
            [b'\'', b'\'', ..] => out.body.push('\''),
            [b'\'', ..] => {
                self.state = State::Code;
                out.unfold(self.start);
                out.border();
                return 1;
            }
            _ => return escape(rest, out),
        }
        2
    }

    /// A row of values with tabs between them.
    fn row(&mut self, line: &str, out: &mut Out) {
        if line.trim_end() == "\\." {
            self.state = State::Code;
        }
        let mut rest = line;
        let mut start = out.body.len();
        while !rest.is_empty() {
            let end = memchr::memchr3(b'\t', b'\\', b'\n', rest.as_bytes()).unwrap_or(rest.len());
            out.body.push_str(rest.get(..end).unwrap_or_default());
            rest = rest.get(end..).unwrap_or_default();
            if rest.starts_with('\\') {
                let used = escape(rest, out);
                rest = rest.get(used..).unwrap_or_default();
                continue;
            }
            out.unfold(start);
            let used = usize::from(!rest.is_empty());
            out.body.push_str(rest.get(..used).unwrap_or_default());
            rest = rest.get(used..).unwrap_or_default();
            start = out.body.len();
        }
    }
}

/// A backslash and what follows; the bytes used. Breaks of lines become borders, so that lines keep their numbers.
fn escape(rest: &str, out: &mut Out) -> usize {
    match rest.as_bytes().get(1) {
        Some(b'n' | b'r' | b't') => out.border(),
        Some(sign @ (b'\'' | b'"' | b'\\' | b'%' | b'_')) => out.body.push(char::from(*sign)),
        _ => {
            out.body.push('\\');
            return 1;
        }
    }
    2
}
