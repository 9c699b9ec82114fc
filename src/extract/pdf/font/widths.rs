//! Widths of glyphs: `/Widths` of simple fonts, `/W` of composite ones.

use super::super::document::{Array, Object};
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

/// `/W`: `c [w1 w2 ...]` and `first last w`.
pub(super) fn composite_widths(list: &Array<'_>) -> Widths {
    let mut widths = Widths::default();
    let mut held: Vec<f32> = Vec::new();
    let whole = |value: f32| if value >= 0.0 { value as u32 } else { 0 };
    let triple = |widths: &mut Widths, held: &mut Vec<f32>, value: f32| {
        held.push(value);
        if let &[first, last, width] = held.as_slice() {
            if widths.ranges.len() < 4096 {
                widths.ranges.push((whole(first), whole(last), width / 1000.0));
            }
            held.clear();
        }
    };
    let place = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    if !list.data().contains(&b'R') {
        // Numbers only, nearly always: read as they lie there.
        let mut run = None;
        let mut lexer = Lexer::new(list.data());
        while let Some(token) = lexer.next() {
            match (token, run) {
                (Token::Number(digits), Some(_)) if widths.values.len() < MAX_WIDTHS => {
                    widths.values.push(number(digits) / 1000.0);
                }
                (Token::Number(digits), None) => triple(&mut widths, &mut held, number(digits)),
                (Token::Open, None) if !held.is_empty() => run = Some(widths.values.len()),
                (Token::Close, Some(begin)) => {
                    let first = whole(held.first().copied().unwrap_or(0.0));
                    widths.runs.push((first, place(begin), place(widths.values.len())));
                    held.clear();
                    run = None;
                }
                _ => {}
            }
        }
    } else {
        for item in list.iter::<Object<'_>>().take(3 * MAX_WIDTHS) {
            match item {
                Object::Array(run) => {
                    let first = whole(held.first().copied().unwrap_or(0.0));
                    let begin = widths.values.len();
                    let room = MAX_WIDTHS.saturating_sub(begin);
                    widths.values.extend(run.iter::<f32>().take(room).map(|width| width / 1000.0));
                    widths.runs.push((first, place(begin), place(widths.values.len())));
                    held.clear();
                }
                Object::Number(number) => triple(&mut widths, &mut held, number.as_f32()),
                _ => held.clear(),
            }
        }
    }
    widths.runs.sort_by_key(|run| run.0);
    widths
}
