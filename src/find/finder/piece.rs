//! One piece of a line, and everything the rules see in it.

use std::borrow::Cow;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;

use super::record::{MAX_MATCHED, Seen, shown};
use super::{Cut, Finder, is_labelling};
use crate::find::candidate::Transform;
use crate::find::shape::{field_value, shape_of};
use crate::find::sieve::Hit;
use crate::fold::legacy::{self, Charset};
use crate::fold::{Folded, is_letter_spaced, latin_lookalike, trim_edges, without_separators};
use crate::model::{Kind, Shape as SegmentShape};
use crate::rules::{RuleKind, Scope, Shape};

/// Longest piece, in bytes, that is joined with its neighbours or decoded by trial: a marking is short.
const SHORT_PIECE: usize = 200;

impl Finder<'_> {
    /// A line in which the sieve hit something, with the hits in it. `line_number` counts from the segment's first line.
    pub(super) fn line(
        &mut self,
        index: usize,
        range: Range<usize>,
        line_number: u64,
        cut: &Cut,
        hits: &[Hit],
    ) {
        let Some(held) = self.segments.get(index) else { return };
        let (kind, shape) = (held.kind, held.shape);
        let Some(line) = self.window.get(range.clone()) else { return };
        let mut found: Vec<(Range<usize>, Seen)> = Vec::new();
        for piece in pieces(line, shape, kind) {
            let absolute = range.start + piece.start..range.start + piece.end;
            // A piece that was cut off looks as if it stood alone; only the one with the hit is whole enough.
            let at_cut =
                (cut.start && absolute.start == range.start) || (cut.end && absolute.end == range.end);
            if at_cut && !absolute.contains(&cut.at) {
                continue;
            }
            let Some(text) = self.window.get(absolute.clone()) else { continue };
            let head = self.head_of_piece(line, &piece, shape);
            // A line of a script has hundreds of values, and none is joined with the next.
            if kind == Kind::Script
                && head.is_none()
                && !hits.iter().any(|hit| {
                    self.done + hit.start < absolute.end && absolute.start < self.done.saturating_add(hit.end)
                })
            {
                continue;
            }
            let seen = self.piece(index, text, &absolute, head);
            found.extend(seen.into_iter().map(|seen| (absolute.clone(), seen)));
        }
        for (piece, seen) in found {
            self.record(index, &piece, line_number, seen);
        }
    }

    /// Everything the rules see in one piece.
    fn piece(&self, index: usize, text: &str, at: &Range<usize>, head: Option<usize>) -> Vec<Seen> {
        let Some(held) = self.segments.get(index) else { return Vec::new() };
        let scope = if is_labelling(held.kind) { Scope::Label } else { Scope::Text };
        let head = head.or(held.name.filter(|_| held.field));
        let name = head.or(held.name).and_then(|name| self.names.get(name)).map(|name| &**name);
        let confirm = |folded: &Folded, source: &str, transforms: Vec<Transform>| -> Vec<Seen> {
            let trimmed = trim_edges(&folded.text);
            let piece = folded.text.get(trimmed.clone()).unwrap_or_default();
            // Portion marks begin with a bracket, which is decoration elsewhere.
            let whole = folded.text.trim();
            let outer = folded.text.len() - folded.text.trim_start().len();
            let mut hits = match head {
                // A cell whose head is a field's name is a property, before it is text.
                Some(_) => self.rules.matches(piece, Scope::Label, name),
                None => Vec::new(),
            };
            let mut view = piece;
            let mut shift = trimmed.start;
            // Decoration before the bracket aside.
            let bare = whole.trim_start_matches(['*', '_', ' ']);
            let bare = bare.strip_prefix('[').filter(|rest| rest.starts_with('(')).unwrap_or(bare);
            if hits.is_empty() && bare.starts_with(['(', '[']) {
                hits = self.rules.matches(bare, scope, name);
                hits.retain(|hit| hit.range.start == 0);
                if !hits.is_empty() {
                    view = bare;
                    shift = outer + whole.len() - bare.len();
                }
            }
            if hits.is_empty() {
                hits = self.rules.matches(piece, scope, name);
            }
            if hits.is_empty() && whole.len() != piece.len() {
                hits = self.rules.matches(whole, scope, name);
                view = whole;
                shift = outer;
            }
            // A grade that only counts alone is alone in its field as well.
            if hits.is_empty()
                && let Some(at) = field_value(piece)
                && let Some(value) = piece.get(at..)
            {
                (view, shift) = (piece, trimmed.start);
                hits = self.rules.matches(value, scope, name);
                hits.retain(|hit| hit.range == (0..value.len()));
                hits.iter_mut().for_each(|hit| hit.range = hit.range.start + at..hit.range.end + at);
            }
            hits.iter()
                .map(|hit| {
                    let range = hit.range.start + shift..hit.range.end + shift;
                    Seen::new(
                        hit,
                        &hits,
                        view,
                        held.kind,
                        shown(source, folded.source(range)),
                        transforms.clone(),
                    )
                })
                .collect()
        };
        let plain = Folded::new(text);
        let mut seen = confirm(&plain, text, Vec::new());
        if text.len() > SHORT_PIECE {
            return seen;
        }
        if let Some(joined) = self.joined(index, text, at)
            && let Some(better) =
                confirm(&Folded::new(&joined), &joined, vec![Transform::Split]).into_iter().find(|better| {
                    better.shape == Shape::Alone
                        && self.has_terms(better.rule)
                        && !seen.iter().any(|one| one.rule == better.rule)
                })
        {
            return vec![better];
        }
        // A line of a block is not yet a mark, and a portion mark is one where it begins its paragraph.
        let is_part = |one: &Seen| {
            let rule = one.rule.and_then(|rule| self.rules.rules.get(rule));
            rule.is_some_and(|rule| rule.rule.kind == RuleKind::Part || rule.rule.block.is_some())
        };
        let stands = |one: &Seen| match one.shape {
            Shape::Alone | Shape::Companion | Shape::Labelled => !is_part(one),
            Shape::Prefix => one.key.starts_with(['(', '[']) && !one.notes.contains(&"form-unknown"),
            Shape::Edge | Shape::Within => false,
        };
        if scope == Scope::Text {
            if let Some((joined, hits)) = self.stacked(index, text, at) {
                let matched: String = joined.nfc().take(MAX_MATCHED).collect();
                let of =
                    |hit| Seen::new(hit, &hits, &joined, held.kind, matched.clone(), vec![Transform::Split]);
                return hits.iter().map(of).collect();
            }
            let trimmed = trim_edges(&plain.text);
            let piece = plain.text.get(trimmed.clone()).unwrap_or_default();
            let in_shape = |text: &str, range: &Range<usize>| {
                matches!(shape_of(text, range, held.kind), Shape::Companion | Shape::Labelled)
            };
            // A bracketed mark begins with what is decoration elsewhere.
            let whole = plain.text.trim();
            let repaired = (!seen.iter().any(stands)).then(|| {
                let outer = plain.text.len() - plain.text.trim_start().len();
                let in_brackets = || Some((outer, self.rules.repaired_in_brackets(whole, &in_shape)?));
                let at = trimmed.start;
                self.rules.repaired(piece, &in_shape).map(|read| (at, read)).or_else(in_brackets)
            });
            if let Some((at, repaired)) = repaired.flatten() {
                let matched = shown(text, plain.source(at..at + repaired.length));
                let transforms: Vec<Transform> =
                    repaired.damage.into_iter().map(Transform::Damaged).collect();
                let (hits, text) = (&repaired.hits, &repaired.text);
                let of = |hit| Seen::new(hit, hits, text, held.kind, matched.clone(), transforms.clone());
                seen.retain(is_part);
                seen.extend(hits.iter().map(of));
                return seen;
            }
        }
        if seen.is_empty() {
            let spread = if is_letter_spaced(text) { Some(Cow::Borrowed(text)) } else { None };
            if let Some(spread) = spread.or_else(|| without_separators(text).map(Cow::Owned)) {
                seen = confirm(&Folded::unspaced(&spread), text, vec![Transform::LetterSpaced]);
                if seen.is_empty() {
                    seen = confirm(&Folded::glued(&spread), text, vec![Transform::LetterSpaced]);
                }
            }
        }
        if seen.is_empty() && text.chars().any(|letter| latin_lookalike(letter).is_some()) {
            seen = confirm(&Folded::latin_lookalikes(text), text, vec![Transform::LookAlike]);
        }
        if seen.is_empty() && (!text.is_ascii() || text.bytes().any(|byte| byte < 0x20)) {
            let decodes = |one: &Seen| {
                let rule = one.rule.and_then(|rule| self.rules.rules.get(rule));
                one.shape != Shape::Within && rule.is_some_and(|rule| rule.rule.legacy)
            };
            for charset in Charset::ALL {
                let Some(decoded) = legacy::decode(text, charset) else { continue };
                let as_is = (decoded.clone(), Transform::Legacy(charset));
                let in_capitals = (decoded.to_uppercase(), Transform::LegacyCapitals(charset));
                let wanted = if charset == Charset::Tcvn3 { vec![as_is, in_capitals] } else { vec![as_is] };
                for (decoded, transform) in wanted {
                    let mut tried = confirm(&Folded::new(&decoded), &decoded, vec![transform]);
                    tried.retain(decodes);
                    if !tried.is_empty() {
                        return tried;
                    }
                }
            }
        }
        seen
    }
}

/// Cuts a line into pieces: at tabs, bars and four or more blanks; string values in scripts; cells of a table line.
fn pieces(line: &str, shape: SegmentShape, kind: Kind) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut blanks = 0;
    let quotes = kind == Kind::Script;
    let delimiter = match shape {
        SegmentShape::Rows(delimiter) => char::from(delimiter),
        _ => '\t',
    };
    let mut push = |range: Range<usize>| {
        if line.get(range.clone()).is_some_and(|piece| !piece.trim().is_empty()) {
            out.push(range);
        }
    };
    // A bar within a bracket is a sign of a portion mark, `(S|NF)`, not the border of a cell.
    let mut bracket = 0;
    for (at, letter) in line.char_indices() {
        if letter == '(' && bracket <= at {
            bracket = barred_portion(line.get(at..).unwrap_or_default()).map_or(at, |length| at + length);
        }
        blanks = if letter == ' ' { blanks + 1 } else { 0 };
        let cut = letter == '\t'
            || letter == '|' && at >= bracket
            || letter == delimiter
            || (quotes && matches!(letter, '"' | '\'' | '`'));
        if cut {
            push(start..at);
            start = at + letter.len_utf8();
        } else if blanks == 4 {
            push(start..at + 1 - 4);
            start = at + 1;
        }
    }
    push(start..line.len());
    out
}

/// Length of a bracket that a text begins with, where it is short, in capitals, and has bars without blanks beside them.
fn barred_portion(text: &str) -> Option<usize> {
    /// Of a portion mark, in bytes.
    const LONGEST: usize = 40;
    let text = text.get(..text.floor_char_boundary(LONGEST))?;
    let inside = text.strip_prefix('(')?.split_once(')')?.0;
    let is_part = |part: &str| part.starts_with(char::is_uppercase) && !part.ends_with(' ');
    let fits = inside.contains('|')
        && inside.split('|').all(is_part)
        && !inside.contains(|letter: char| letter.is_lowercase() || letter == '\t');
    fits.then_some(inside.len() + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(line: &str) -> Vec<&str> {
        pieces(line, SegmentShape::Piece, Kind::Body).into_iter().map(|range| line[range].trim()).collect()
    }

    #[test]
    fn columns_are_pieces() {
        assert_eq!(cut("UBND TỈNH VÍ DỤ    CỘNG HÒA\tMẬT| x"), ["UBND TỈNH VÍ DỤ", "CỘNG HÒA", "MẬT", "x"]);
        assert_eq!(cut("a   b"), ["a   b"]);
        assert_eq!(cut("(S|NF) Orla|x"), ["(S|NF) Orla", "x"]);
        assert_eq!(cut("(S | NF)|(a|b)"), ["(S", "NF)", "(a", "b)"]);
        assert_eq!(cut("a         b"), ["a", "b"]);
    }

    #[test]
    fn string_values_of_scripts_are_pieces() {
        let line = "var mark = \"TUYỆT MẬT\";";
        let found: Vec<&str> =
            pieces(line, SegmentShape::Lines, Kind::Script).into_iter().map(|r| &line[r]).collect();
        assert!(found.contains(&"TUYỆT MẬT"));
    }
}
