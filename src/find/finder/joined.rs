//! Pieces joined with their neighbours, where a marking is broken over lines or cells.

use std::ops::Range;

use super::record::shortened;
use super::{Finder, Held, NEIGHBOUR_REACH, NEIGHBOURS};
use crate::find::shape::shape_of;
use crate::fold::{Folded, is_letter_spaced, seen_length, trim_edges};
use crate::model::{Kind, Shape as SegmentShape};
use crate::rules::{Match, Scope, Shape};

/// Blanks that part two columns.
const COLUMN_GAP: &str = "    ";
/// Lines or cells of one word or two that a marking may be broken over, before and after.
const STACKED: usize = 7;
/// Longest of them, in bytes.
const STACKED_LENGTH: usize = 60;

impl Finder<'_> {
    /// Whether a rule may be met in text that was joined.
    pub(super) fn has_terms(&self, rule: Option<usize>) -> bool {
        let rule = rule.and_then(|rule| self.rules.rules.get(rule));
        rule.is_some_and(|rule| !rule.rule.terms.is_empty() || rule.rule.joins)
    }

    /// A short piece joined with its neighbours, where a marking may be broken over lines or cells: with the piece
    /// before it, the piece after it, or a column of single letters.
    pub(super) fn joined(&self, index: usize, text: &str, at: &Range<usize>) -> Option<String> {
        const LONGEST_PART: usize = 40;
        let held = self.segments.get(index)?;
        if text.trim().chars().count() > LONGEST_PART
            || !(held.kind.is_flow() || held.kind == Kind::Textbox || held.kind == Kind::Watermark)
        {
            return None;
        }
        let part = |line: &&str| line.chars().nth(LONGEST_PART).is_none();
        let bare = text.trim();
        if seen_length(bare) <= 2 {
            let (before, after) = self.neighbours(at, held.shape);
            let letter = |line: &&String| seen_length(line.trim()) <= 2;
            let above: Vec<&str> = before.iter().rev().take_while(letter).map(|line| line.trim()).collect();
            let below: Vec<&str> = after.iter().take_while(letter).map(|line| line.trim()).collect();
            let column: Vec<&str> = above.into_iter().rev().chain([bare]).chain(below).collect();
            return (column.len() >= 3).then(|| column.concat());
        }
        let last = self.before(at, held.shape).next().filter(part);
        let next = self.after(at, held.shape).next().filter(part);
        let whole = |text: &str| {
            let folded = Folded::new(text);
            let piece = folded.text.get(trim_edges(&folded.text)).unwrap_or_default().to_owned();
            let mut hits = self.rules.matches(&piece, Scope::Text, None);
            hits.retain(|hit| hit.range == (0..piece.len()) && self.has_terms(Some(hit.rule)));
            hits
        };
        let joins = |joined: String, parts: [&str; 2]| {
            let mut hits = whole(&joined);
            // A mark that stands in one of them already takes nothing from the other.
            hits.retain(|hit| {
                goes_on(&parts)
                    || !parts.iter().any(|part| whole(part).iter().any(|one| self.says_already(one, hit)))
            });
            (!hits.is_empty()).then_some(joined)
        };
        // A field's name and its value in two cells stand without colon.
        let try_join = |first: &str, second: &str| {
            // Between words whose letters are set one by one the gap is as wide as between two columns.
            let spaced = is_letter_spaced(first) && is_letter_spaced(second);
            let word = |text: &str| if spaced { Folded::glued(text).text } else { text.trim().to_owned() };
            let (first, second) = (word(first), word(second));
            let parts = [first.as_str(), second.as_str()];
            joins(format!("{first} {second}"), parts).or_else(|| joins(format!("{first}: {second}"), parts))
        };
        last.and_then(|last| try_join(last, bare)).or_else(|| next.and_then(|next| try_join(bare, next)))
    }

    /// A short piece of words of marks with pieces of such words above and below: narrow stamps, cells, and what readers make of
    /// them. The longest run of them that a rule meets as a whole.
    pub(super) fn stacked(
        &self,
        index: usize,
        text: &str,
        at: &Range<usize>,
    ) -> Option<(String, Vec<Match>)> {
        let held = self.segments.get(index)?;
        let letter = |letter: char| {
            letter.is_alphanumeric()
                || unicode_normalization::char::is_combining_mark(letter)
                || matches!(
                    letter,
                    ' ' | '-' | '/' | ',' | '&' | '.' | ':' | '\'' | '№' | '§' | '(' | ')' | '"'
                )
        };
        // A word or a few, or a sign that stands between them.
        let part = |line: &str| {
            let folded = Folded::new(line);
            let line = folded.text.trim();
            line.len() <= STACKED_LENGTH
                && line.split(' ').count() <= 4
                && line.chars().all(letter)
                && (line.chars().count() <= 2 || self.rules.are_words_of_marks(line))
        };
        let hidden = matches!(
            held.kind,
            Kind::Script | Kind::Link | Kind::Name | Kind::Label | Kind::Property | Kind::FormField
        );
        if hidden || !self.rules.are_words_of_marks(text) || !part(text) {
            return None;
        }
        let in_shape = |text: &str, range: &Range<usize>| {
            matches!(shape_of(text, range, held.kind), Shape::Companion | Shape::Labelled)
        };
        let (before, after) = self.neighbours(at, held.shape);
        let above = before.iter().rev().take(STACKED).take_while(|line| part(line)).count();
        let below = after.iter().take(STACKED).take_while(|line| part(line)).count();
        let own = above;
        let all: Vec<&str> = before
            .iter()
            .skip(before.len() - above)
            .map(String::as_str)
            .chain([text.trim()])
            .chain(after.iter().take(below).map(String::as_str))
            .collect();
        for length in (2..=all.len().min(STACKED + 1)).rev() {
            for start in own.saturating_sub(length - 1)..=own.min(all.len() - length) {
                let lines = all.get(start..start + length)?;
                // The number of a page below a mark.
                if lines.last().is_some_and(|last| !last.contains(char::is_alphabetic)) {
                    continue;
                }
                let joined = lines.join(" ");
                let folded = Folded::new(&joined);
                let piece = folded.text.get(trim_edges(&folded.text)).unwrap_or_default().to_owned();
                let mut hits = self.rules.standing(&piece, &in_shape);
                // All of it is broken, not a whole mark with a number below it, or with a letter above it that a rule for
                // misread marks lets pass.
                hits.retain(|hit| {
                    let misread = self.rules.rules.get(hit.rule).is_some_and(|rule| rule.rule.damaged);
                    !misread
                        && !all
                            .iter()
                            .any(|line| line.contains(piece.get(hit.range.clone()).unwrap_or_default()))
                });
                // Nor one that stands in its line already, and takes the next one to it.
                hits.retain(|hit| {
                    let says_already = |one: &Match| self.says_already(one, hit);
                    goes_on(lines)
                        || !lines
                            .iter()
                            .any(|line| self.rules.standing(line, &in_shape).iter().any(says_already))
                });
                if !hits.is_empty() {
                    return Some((piece, hits));
                }
            }
        }
        None
    }

    /// Whether a mark says already what another would say of more text: of the same authority and level, and no weaker by itself.
    fn says_already(&self, one: &Match, wider: &Match) -> bool {
        let rule = |hit: &Match| self.rules.rules.get(hit.rule);
        let (Some(own), Some(other)) = (rule(one), rule(wider)) else { return false };
        one.level == wider.level && own.pack == other.pack && own.rule.points.alone >= other.rule.points.alone
    }

    /// Lines and cells before and after a range of the window that stands in text of a shape.
    pub(super) fn neighbours(&self, range: &Range<usize>, shape: SegmentShape) -> (Vec<String>, Vec<String>) {
        let mut before: Vec<String> = self.before(range, shape).take(NEIGHBOURS).map(shortened).collect();
        before.reverse();
        (before, self.after(range, shape).take(NEIGHBOURS).map(shortened).collect())
    }

    /// How many of those stand in the same kind of place: what a page has in its header or footer, and what it has between them, make no
    /// list together.
    pub(super) fn peers(&self, index: usize, range: &Range<usize>) -> (usize, usize) {
        let Some(held) = self.segments.get(index) else { return (0, 0) };
        let reach = range.start.saturating_sub(NEIGHBOUR_REACH)..range.end + NEIGHBOUR_REACH;
        let same = |other: &&Held| {
            other.kind.is_margin() == held.kind.is_margin()
                && other.end >= reach.start
                && other.start <= reach.end
        };
        let above = self.segments.get(..index).unwrap_or_default();
        let first = above.iter().rev().take_while(same).last().unwrap_or(held);
        let below = self.segments.get(index + 1..).unwrap_or_default();
        let last = below.iter().take_while(same).last().unwrap_or(held);
        let count = |text: &mut dyn Iterator<Item = &str>, reach: Range<usize>| {
            let inside = |line: &&str| reach.contains(&(line.as_ptr().addr() - self.window.as_ptr().addr()));
            text.take(NEIGHBOURS).take_while(inside).count()
        };
        (
            count(&mut self.before(range, held.shape), first.start..range.start),
            count(&mut self.after(range, held.shape), range.end..last.end),
        )
    }

    /// Lines and cells before a range of the window, the nearest first.
    fn before(&self, range: &Range<usize>, shape: SegmentShape) -> impl Iterator<Item = &str> {
        let floor = self.window.ceil_char_boundary(range.start.saturating_sub(NEIGHBOUR_REACH));
        let before = self.window.get(floor..range.start).unwrap_or_default();
        let lines = before.rsplit(is_border(shape)).flat_map(|line| line.rsplit(COLUMN_GAP));
        lines.map(str::trim).filter(|line| !line.is_empty())
    }

    /// Lines and cells after a range of the window.
    fn after(&self, range: &Range<usize>, shape: SegmentShape) -> impl Iterator<Item = &str> {
        let ceiling = self.window.floor_char_boundary(range.end + NEIGHBOUR_REACH);
        let after = self.window.get(range.end..ceiling).unwrap_or_default();
        let lines = after.split(is_border(shape)).flat_map(|line| line.split(COLUMN_GAP));
        lines.map(str::trim).filter(|line| !line.is_empty())
    }
}

/// Whether a sign at the end of a line or at the beginning of the next says that they are one: `RESTREINT UE/`, `//NOFORN`.
fn goes_on(lines: &[&str]) -> bool {
    const SIGNS: [char; 4] = ['/', '-', '–', '&'];
    let ends = lines.iter().take(lines.len().saturating_sub(1)).any(|line| line.trim_end().ends_with(SIGNS));
    ends || lines.iter().skip(1).any(|line| line.trim_start().starts_with(SIGNS))
}

/// What ends a line, or a cell in it.
fn is_border(shape: SegmentShape) -> impl Fn(char) -> bool {
    let delimiter = match shape {
        SegmentShape::Rows(delimiter) => char::from(delimiter),
        _ => '\t',
    };
    move |letter| matches!(letter, '\n' | '\t' | '|') || letter == delimiter
}
