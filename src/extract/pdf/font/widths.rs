//! Widths of glyphs: `/Widths` of simple fonts, `/W` of composite ones.

use super::super::document::{Array, Dict, Object};
use super::super::lexer::{Lexer, Token, number};

/// Most entries of a `/W` array that are kept: one for each glyph a font can have.
pub(super) const MAX_WIDTHS: usize = 70_000;

/// Widths of glyph numbers as `/W` gives them.
#[derive(Debug, Default)]
pub(super) struct Widths {
    /// First glyph number, and where its run begins and ends in `values`; sorted.
    runs: Vec<(u32, u32, u32)>,
    values: Vec<f32>,
    /// First and last glyph number, and the width of each.
    ranges: Vec<(u32, u32, f32)>,
}

impl Widths {
    /// The width of a glyph, in units of the font size.
    pub(super) fn get(&self, cid: u32) -> Option<f32> {
        let end = self.runs.partition_point(|run| run.0 <= cid);
        // Runs that overlap are a defect: the last few that begin before the number are looked at, the last one wins.
        for &(first, from, to) in self.runs.get(..end)?.iter().rev().take(8) {
            if cid - first < to - from {
                return self.values.get((from + (cid - first)) as usize).copied();
            }
        }
        let range = self.ranges.iter().find(|(low, high, _)| (*low..=*high).contains(&cid));
        range.map(|range| range.2)
    }
}

/// `/Widths`, one for each code.
pub(super) fn simple_widths(list: &Array<'_>) -> Vec<f32> {
    let bytes = list.data();
    // Numbers only, nearly always: read as they lie there.
    if bytes.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b' ' | b'\r' | b'\n' | b'[' | b']'))
    {
        let mut lexer = Lexer::new(bytes);
        let numbers = std::iter::from_fn(|| lexer.next()).filter_map(|token| match token {
            Token::Number(digits) => Some(number(digits)),
            _ => None,
        });
        return numbers.take(256).collect();
    }
    list.iter::<f32>().take(256).collect()
}

/// `/W` of a descendant font: `c [w1 w2 ...]` and `first last w`.
pub(super) fn composite_widths(face: &Dict<'_>) -> Widths {
    let mut widths = Widths::default();
    let data = face.data();
    // A list has thousands of numbers and stands in the dictionary itself, nearly always: read where it lies. To ask for it as an
    // object means to go through it once more.
    let direct = data.strip_prefix(b"<<").and_then(|inside| widths.read_numbers(list_of(inside, b"W")?));
    if direct.is_none()
        && let Some(list) = face.get::<Array<'_>>("W")
    {
        widths = Widths::default();
        let inside = list.data().strip_prefix(b"[").map(Lexer::new);
        if inside.and_then(|inside| widths.read_numbers(inside)).is_none() {
            widths = Widths::default();
            widths.read_objects(&list);
        }
    }
    widths.runs.sort_by_key(|run| run.0);
    widths
}

/// What stands behind the opening bracket of a list that a dictionary holds under `key`; `None` where it refers to it.
fn list_of<'a>(dict: &'a [u8], key: &[u8]) -> Option<Lexer<'a>> {
    let mut lexer = Lexer::new(dict);
    let mut depth = 0u32;
    let mut at_key = false;
    while let Some(token) = lexer.next() {
        match token {
            Token::Open if at_key && depth == 0 => return Some(lexer),
            Token::Open => depth += 1,
            Token::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        at_key = token == Token::Name(key);
    }
    None
}

/// A glyph number.
fn whole(value: f32) -> u32 {
    if value >= 0.0 { value as u32 } else { 0 }
}

fn place(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl Widths {
    /// Takes a number outside of brackets: one of `first last w`, or the `c` in front of some.
    fn take(&mut self, held: &mut Vec<f32>, value: f32) {
        held.push(value);
        if let &[first, last, width] = held.as_slice() {
            if self.ranges.len() < 4096 {
                self.ranges.push((whole(first), whole(last), width / 1000.0));
            }
            held.clear();
        }
    }

    /// Ends the widths of one after another that begin at `begin`.
    fn end_run(&mut self, held: &mut Vec<f32>, begin: usize) {
        let first = whole(held.first().copied().unwrap_or(0.0));
        self.runs.push((first, place(begin), place(self.values.len())));
        held.clear();
    }

    /// Reads up to the bracket that closes the list. `None` when it refers to other objects.
    fn read_numbers(&mut self, mut lexer: Lexer<'_>) -> Option<()> {
        let mut held: Vec<f32> = Vec::new();
        let mut run = None;
        while let Some(token) = lexer.next() {
            match (token, run) {
                (Token::Number(digits), Some(_)) if self.values.len() < MAX_WIDTHS => {
                    self.values.push(number(digits) / 1000.0);
                }
                (Token::Number(digits), None) => self.take(&mut held, number(digits)),
                (Token::Open, None) => run = Some(self.values.len()),
                (Token::Close, Some(begin)) => {
                    self.end_run(&mut held, begin);
                    run = None;
                }
                (Token::Close, None) => break,
                (Token::Word(b"R"), _) => return None,
                _ => {}
            }
        }
        Some(())
    }

    fn read_objects(&mut self, list: &Array<'_>) {
        let mut held: Vec<f32> = Vec::new();
        for item in list.iter::<Object<'_>>().take(3 * MAX_WIDTHS) {
            match item {
                Object::Array(run) => {
                    let begin = self.values.len();
                    let room = MAX_WIDTHS.saturating_sub(begin);
                    self.values.extend(run.iter::<f32>().take(room).map(|width| width / 1000.0));
                    self.end_run(&mut held, begin);
                }
                Object::Number(number) => self.take(&mut held, number.as_f32()),
                _ => held.clear(),
            }
        }
    }
}
