//! Tables with separated values (RFC 4180): cells without their quotes, and read as markup where they
//! hold some. Spreadsheets write semicolons where the comma
//! is the decimal sign.

use super::super::Input;
use super::{Notation, Out};

/// A quoted cell with more lines is a lone quote.
const LONGEST_CELL: u32 = 200;

#[derive(Debug)]
pub(super) struct Csv {
    separator: u8,
    state: State,
    /// Lines of the quoted cell at hand.
    lines: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    CellStart,
    Bare,
    Quoted,
    /// A quote within a quoted cell: its end, or half of a doubled one.
    Quote,
}

impl Csv {
    pub(super) fn new(input: &Input<'_>) -> Csv {
        let count = |sign: u8| memchr::memchr_iter(sign, input.head()).count();
        let signs: &[u8] = match input.extension().as_str() {
            "tsv" | "tab" => b"\t",
            "psv" => b"|",
            _ => b",;\t|",
        };
        let separator = signs.iter().copied().rev().max_by_key(|sign| count(*sign)).unwrap_or(b',');
        Csv { separator, state: State::CellStart, lines: 0 }
    }
}

impl Notation for Csv {
    fn block(&mut self, source: &str, out: &mut Out) {
        let bytes = source.as_bytes();
        let mut at = 0;
        // Blocks end behind lines, and what was complete is gone from the buffer.
        let mut cell = out.body.len();
        while let Some(&byte) = bytes.get(at) {
            let start = at;
            at += 1;
            match (self.state, byte) {
                (State::CellStart, b'"') => {
                    self.state = State::Quoted;
                    self.lines = 0;
                }
                (State::Quoted, b'"') => self.state = State::Quote,
                (State::Quote, b'"') => {
                    out.body.push('"');
                    self.state = State::Quoted;
                }
                (State::Quoted, b'\n') if self.lines < LONGEST_CELL => {
                    self.lines += 1;
                    out.body.push('\n');
                }
                (_, b'\n') => {
                    out.unfold(cell);
                    out.body.push('\n');
                    self.state = State::CellStart;
                    cell = out.body.len();
                }
                (state, _) if byte == self.separator && state != State::Quoted => {
                    out.unfold(cell);
                    out.body.push('\t');
                    self.state = State::CellStart;
                    cell = out.body.len();
                }
                (state, _) => {
                    if state != State::Quoted {
                        self.state = State::Bare;
                    }
                    let rest = bytes.get(at..).unwrap_or_default();
                    at += memchr::memchr3(self.separator, b'"', b'\n', rest).unwrap_or(rest.len());
                    out.body.push_str(source.get(start..at).unwrap_or_default());
                }
            }
        }
        out.unfold(cell);
    }

    fn end(&mut self, _out: &mut Out) {}
}
