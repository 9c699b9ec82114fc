//! Runs the sieve over the text of one document and confirms its hits.

mod heads;
mod joined;
mod names;
mod piece;
mod record;

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use self::heads::{Head, VALUE_LENGTH};
use self::names::linked_file;
use self::record::shortened;
use super::candidate::{Group, GroupKey, Outline};
use super::sieve::{Hit, LONG_LINE, Sieve};
use crate::fold::legacy;
use crate::model::{Area, Cell, Kind, Segment, Shape as SegmentShape};
use crate::rules::{DigestKind, LONGEST_REPAIRED, RuleSet, TextDigest, Words};

/// Text collected before it is searched: large enough for the SIMD searcher, small enough for the second-level cache.
const WINDOW: usize = 192 << 10;
/// Lines kept around a candidate.
const NEIGHBOURS: usize = 8;
/// Longest neighbour line kept, in characters.
const NEIGHBOUR_LENGTH: usize = 200;
/// How far neighbours are looked for, in bytes: files without line ends must not make a candidate expensive.
const NEIGHBOUR_REACH: usize = 8 << 10;
/// First visible lines kept.
const HEAD_LINES: usize = 48;
/// Candidates kept of one group; more would say nothing new.
const GROUP_MEMBERS: usize = 12;
/// Groups kept of one document.
const MAX_GROUPS: usize = 2_000;
/// Lines are counted for the position in the document up to this many.
const COUNTED_LINES: u64 = 1_000;
/// Bytes that two parts of a long line share.
const OVERLAP: usize = 64;
/// Longest property or label that is looked at without the sieve, in bytes.
const UNSIEVED: usize = 4 << 10;
/// Bytes at the beginning of a line in which a small letter tells that it is no line of capitals.
const CAPITALS_LOOK: usize = 24;

/// Finds candidates in the segments of one document. Can be used for one document after another.
pub struct Finder<'r> {
    rules: &'r RuleSet,
    sieve: &'r Sieve,
    /// Lines of all segments, each ended by `\n`.
    window: String,
    /// Bytes of the window that were searched.
    done: usize,
    segments: Vec<Held>,
    names: Vec<Box<str>>,
    /// Whether a name is that of a field, for those that were asked about.
    fields: Vec<Option<bool>>,
    lines: u64,
    hits: Vec<Hit>,
    /// Segments to be looked at without the sieve, by where they stand in the window: properties and labels.
    unsieved: Vec<usize>,
    /// Lines with a value under a head.
    lettered: usize,
    /// Lines that were looked at for one.
    looked: usize,
    /// Heads of columns and names of fields that a rule on properties knows, such as `Độ mật`.
    heads: Vec<Head>,
    outline: Outline,
    groups: HashMap<GroupKey, Group>,
    /// Finds words, for the user's keywords.
    words: Words,
    /// Digest of the text, where it is asked for.
    text: Option<TextDigest>,
}

/// How a long line was cut around a hit.
struct Cut {
    /// Text before it was cut off.
    start: bool,
    /// Text after it was cut off.
    end: bool,
    /// Where the hit is in the window.
    at: usize,
}

/// A segment whose text lies in the window.
struct Held {
    start: usize,
    end: usize,
    kind: Kind,
    /// Its name is that of the field whose value it is.
    field: bool,
    visible: bool,
    page: Option<u32>,
    sheet: Option<usize>,
    cell: Option<Cell>,
    slide: Option<u32>,
    line: Option<u64>,
    name: Option<usize>,
    red: bool,
    framed: bool,
    struck: bool,
    area: Option<Area>,
    shape: SegmentShape,
    ordinal: Option<u64>,
}

/// What a document holds, as far as finding can tell.
pub struct Found {
    /// Candidates by rule, letters and kind of place, in a stable order.
    pub groups: Vec<Group>,
    /// First lines and labels.
    pub outline: Outline,
    /// Digest of its visible text, where that was asked for.
    pub text: Option<String>,
}

impl<'r> Finder<'r> {
    /// A finder with nothing in it.
    #[must_use]
    pub fn new(rules: &'r RuleSet, sieve: &'r Sieve) -> Finder<'r> {
        Finder {
            rules,
            sieve,
            window: String::new(),
            done: 0,
            segments: Vec::new(),
            names: Vec::new(),
            fields: Vec::new(),
            lines: 0,
            hits: Vec::new(),
            unsieved: Vec::new(),
            lettered: 0,
            looked: 0,
            heads: Vec::new(),
            outline: Outline::default(),
            groups: HashMap::new(),
            words: Words::default(),
            text: rules.known.has(DigestKind::Text).then(TextDigest::default),
        }
    }

    /// Takes a piece of text.
    pub fn segment(&mut self, segment: &Segment<'_>) {
        let place = &segment.place;
        if place.kind == Kind::Name {
            self.name(segment.text, place);
            return;
        }
        if place.kind == Kind::Link {
            segment.text.lines().filter_map(linked_file).for_each(|file| self.name(file, place));
        }
        if place.kind == Kind::Label
            && let Some(name) = place.name
            && self.outline.labels.len() < HEAD_LINES
        {
            self.outline.label(name, segment.text, &place.to_owned());
            self.outline
                .labels
                .insert(name.to_owned(), segment.text.chars().take(NEIGHBOUR_LENGTH).collect());
        }
        let text = decoded(segment);
        if text.is_empty() {
            return;
        }
        if let Some(digest) = &mut self.text
            && place.visible
            && place.kind.is_flow()
            && segment.shape != SegmentShape::View
        {
            digest.add(&text);
        }
        let start = self.window.len();
        self.window.push_str(&text);
        if !text.ends_with('\n') {
            self.window.push('\n');
        }
        if is_labelling(place.kind) && text.len() <= UNSIEVED {
            self.unsieved.push(start);
        }
        let flows = place.visible && place.kind.is_flow() && segment.shape != SegmentShape::View;
        if flows
            && self.outline.head.len() < HEAD_LINES
            && place.page.unwrap_or(1) == 1
            && place.slide.unwrap_or(1) == 1
        {
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            let room = HEAD_LINES - self.outline.head.len();
            self.outline.head.extend(lines.take(room).map(shortened));
        }
        let ordinal = flows.then_some(self.lines);
        if flows && self.lines < COUNTED_LINES {
            self.lines += count_lines(text.as_bytes()).max(1);
        }
        let sheet = place.sheet.map(|sheet| self.intern(sheet));
        let mut name = place.name.map(|name| self.intern(name));
        let mut field = place.kind == Kind::Table;
        if let (Kind::Table, Some(cell), None) = (place.kind, place.cell, name) {
            name = self.field_of(sheet, cell, &text);
            if name.is_some() {
                self.unsieved.push(start);
            }
        } else if let (true, Some(name)) = (may_be_a_value(place.kind, &text), name) {
            // A value that the reader gives with the name of its field: a head, a label, a column of a data base.
            if self.is_field(name) {
                field = true;
                self.unsieved.push(start);
            }
        } else if segment.shape != SegmentShape::Piece {
            if self.segments.is_empty() {
                self.heads_of_lines(&text, segment.shape);
            }
            self.values_under_heads(&text, start, segment.shape);
        }
        let held = Held {
            start,
            end: self.window.len(),
            kind: place.kind,
            field,
            visible: place.visible,
            page: place.page,
            sheet,
            cell: place.cell,
            slide: place.slide,
            line: place.line,
            name,
            red: segment.style.color.is_some_and(is_red),
            framed: segment.style.framed,
            struck: segment.style.struck,
            area: segment.area,
            shape: segment.shape,
            ordinal,
        };
        self.segments.push(held);
        if self.window.len() - self.done > WINDOW {
            self.search(false);
        }
    }

    /// Ends the document and gives what was found; the finder is then ready for the next one.
    pub fn finish(&mut self) -> Found {
        self.search(true);
        self.window.clear();
        self.segments.clear();
        self.names.clear();
        self.fields.clear();
        self.heads.clear();
        self.lettered = 0;
        self.looked = 0;
        self.done = 0;
        self.lines = 0;
        let mut groups: Vec<(GroupKey, Group)> = self.groups.drain().collect();
        groups.sort_by(|(a, _), (b, _)| a.cmp(b));
        Found {
            groups: groups.into_iter().map(|(_, group)| group).collect(),
            outline: std::mem::take(&mut self.outline),
            text: self.text.as_mut().and_then(|text| std::mem::take(text).finish()),
        }
    }

    /// Names of sheets and parts come again and again; the last few are compared before a new one is kept.
    fn intern(&mut self, name: &str) -> usize {
        let recent = self.names.len().saturating_sub(8);
        let known = self.names.iter().skip(recent).position(|known| &**known == name);
        known.map_or_else(
            || {
                self.names.push(name.into());
                self.names.len() - 1
            },
            |at| recent + at,
        )
    }

    /// Whether a kept name is that of a field whose value is a degree.
    fn is_field(&mut self, name: usize) -> bool {
        if self.fields.len() <= name {
            self.fields.resize(name + 1, None);
        }
        let known = self.fields.get(name).copied().flatten();
        let is =
            known.unwrap_or_else(|| self.names.get(name).is_some_and(|name| self.rules.names_field(name)));
        if let Some(slot) = self.fields.get_mut(name) {
            *slot = Some(is);
        }
        is
    }

    fn search(&mut self, last: bool) {
        let end = if last { self.window.len() } else { self.settled_end() };
        let mut hits = std::mem::take(&mut self.hits);
        let region = self.window.get(self.done..end).unwrap_or_default();
        self.sieve.hits(region, &mut hits);
        self.damaged_lines(self.done..end, &mut hits);
        if self.unsieved.first().is_some_and(|start| *start < end) {
            let (now, later) = self.unsieved.iter().partition(|start| **start < end);
            self.unsieved = later;
            let now: Vec<usize> = now;
            hits.extend(now.into_iter().map(|start| Hit::of_line(start - self.done)));
            hits.sort_unstable();
        }
        let mut line_end = self.done;
        // Where lines of the segment at hand were last counted.
        let mut counted = (usize::MAX, 0usize, 0u64);
        for hit in &hits {
            let at = self.done + hit.at;
            if at < line_end {
                continue;
            }
            let bytes = self.window.as_bytes();
            let index = self.segments.partition_point(|held| held.end <= at);
            let Some(held) = self.segments.get(index) else { continue };
            // A long line is looked at around the hit; the end of the part before it is seen again, since a marking
            // may stand across.
            let floor =
                held.start.max(at.saturating_sub(LONG_LINE)).max(line_end.saturating_sub(OVERLAP).min(at));
            let ceiling = (at + LONG_LINE).min(end);
            let starts = memchr::memrchr(b'\n', bytes.get(floor..at).unwrap_or_default());
            let ends = memchr::memchr(b'\n', bytes.get(at..ceiling).unwrap_or_default());
            let start = starts.map_or_else(|| self.boundary(floor), |line| floor + line + 1);
            line_end = ends.map_or_else(|| self.boundary(ceiling), |line| at + line);
            let cut = Cut {
                start: starts.is_none() && start > held.start,
                end: ends.is_none() && line_end < end,
                at,
            };
            if counted.0 != index {
                counted = (index, held.start, 0);
            }
            counted.2 += count_lines(bytes.get(counted.1..start).unwrap_or_default());
            counted.1 = start.max(counted.1);
            let near = hits.partition_point(|hit| self.done + hit.at + 2 * LONG_LINE < start);
            let near = hits.get(near..).unwrap_or_default();
            let near =
                near.get(..near.partition_point(|hit| self.done + hit.at < line_end)).unwrap_or_default();
            self.line(index, start..line_end, counted.2, &cut, near);
        }
        self.hits = hits;
        if !self.rules.keywords.is_empty() {
            self.keywords(self.done..end);
        }
        self.done = end;
        if !last {
            self.compact();
        }
    }

    /// Adds lines like stamps that may hold a damaged mark: what is damaged has no anchor for the sieve. Such lines are few, and whether
    /// their words are words of marks is asked before they are folded.
    fn damaged_lines(&self, region: Range<usize>, hits: &mut Vec<Hit>) {
        let bytes = self.window.as_bytes().get(region.clone()).unwrap_or_default();
        let known = hits.len();
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', bytes).chain([bytes.len()]) {
            let line = bytes.get(start..end).unwrap_or_default();
            if (5..=LONGEST_REPAIRED * 2).contains(&line.len()) && is_like_a_stamp(line) {
                let text = self.window.get(region.start + start..region.start + end);
                if text.is_some_and(|text| self.rules.might_be_damaged(text)) {
                    hits.push(Hit::of_line(start));
                }
            }
            start = end + 1;
        }
        if hits.len() > known {
            hits.sort_unstable();
        }
    }

    /// The next character boundary of the window.
    fn boundary(&self, at: usize) -> usize {
        (at..self.window.len()).find(|at| self.window.is_char_boundary(*at)).unwrap_or(self.window.len())
    }

    /// Lines before this offset have all their neighbours in the window.
    fn settled_end(&self) -> usize {
        let bytes = self.window.as_bytes();
        let mut end = bytes.len();
        let floor = end.saturating_sub(NEIGHBOUR_REACH).max(self.done);
        for _ in 0..=NEIGHBOURS {
            match memchr::memrchr(b'\n', bytes.get(floor..end.saturating_sub(1)).unwrap_or_default()) {
                Some(line) => end = floor + line + 1,
                // One line longer than the reach: take the whole window.
                None => return if end < bytes.len() { end } else { bytes.len() },
            }
        }
        end
    }

    /// Drops what was searched, except the lines that may still be somebody's neighbours.
    fn compact(&mut self) {
        let mut keep = self.done.saturating_sub(NEIGHBOUR_REACH);
        while !self.window.is_char_boundary(keep) {
            keep += 1;
        }
        let keep = memchr::memchr(b'\n', self.window.as_bytes().get(keep..self.done).unwrap_or_default())
            .map_or(self.done, |line| keep + line + 1);
        self.segments.retain_mut(|held| {
            if held.end <= keep {
                return false;
            }
            if held.start < keep {
                let gone = self.window.as_bytes().get(held.start..keep).unwrap_or_default();
                if held.line.is_some() || held.ordinal.is_some_and(|ordinal| ordinal < COUNTED_LINES) {
                    let lines = count_lines(gone);
                    held.line = held.line.map(|line| line + lines);
                    held.ordinal = held.ordinal.map(|ordinal| ordinal + lines);
                }
            }
            held.start = held.start.max(keep) - keep;
            held.end -= keep;
            true
        });
        self.window.drain(..keep);
        self.unsieved.iter_mut().for_each(|start| *start -= keep);
        self.done -= keep;
    }
}

/// Whether a line may be a stamp by its letters: capitals and no small ones, as far as ASCII tells, or a short line that begins
/// with a capital.
fn is_like_a_stamp(line: &[u8]) -> bool {
    // `Dep. VERTROUWELIJK`, `VS-NfD`.
    const FEW: usize = 3;
    let small = |bytes: &[u8]| bytes.iter().filter(|byte| byte.is_ascii_lowercase()).count() > FEW;
    // `Protected B`, `Til tjenestebrug`: a heading of its own, as small letters in a stamp are.
    const SHORT: usize = 32;
    let is_heading = || line.len() <= SHORT && line.first().is_some_and(u8::is_ascii_uppercase);
    // A mark in capitals, and the law it stands on: `HEMMELIG iht. sikkerhetsloven § 5-3`.
    const CAPITAL_WORD: usize = 5;
    const WITH_LAW: usize = 48;
    let is_capital = |byte: &u8| byte.is_ascii_uppercase() || *byte >= 0x80;
    let begins_so =
        || line.len() <= WITH_LAW && line.get(..CAPITAL_WORD).is_some_and(|word| word.iter().all(is_capital));
    // A portion mark, or a bracketed one, in front of a text.
    const BRACKETED: usize = 60;
    let is_bracketed = || {
        let end = line.iter().take(BRACKETED).position(|byte| matches!(byte, b')' | b']')).unwrap_or(0);
        let inside = line.get(..end).unwrap_or_default();
        !small(inside) && inside.iter().any(is_capital)
    };
    if matches!(line.first(), Some(b'(' | b'[')) && is_bracketed() {
        return true;
    }
    let (front, rest) = line.split_at(line.len().min(CAPITALS_LOOK));
    is_heading()
        || begins_so()
        || !small(front)
            && front.iter().any(|byte| byte.is_ascii_uppercase() || *byte >= 0xC3)
            && !small(rest)
}

/// Whether a short text of a table or a form may be the value of a field.
fn may_be_a_value(kind: Kind, text: &str) -> bool {
    matches!(kind, Kind::Table | Kind::FormField) && (1..=VALUE_LENGTH).contains(&text.trim().len())
}

/// Kinds whose segments are names of things rather than running text.
fn is_labelling(kind: Kind) -> bool {
    matches!(kind, Kind::Label | Kind::Property | Kind::Title)
}

/// The segment's text as it is to be read: decoded by its font, in capitals where it is shown so.
fn decoded<'t>(segment: &Segment<'t>) -> Cow<'t, str> {
    let legacy = segment.style.font.and_then(|font| legacy::decode_run(segment.text, font));
    match (legacy, segment.style.capitals) {
        (Some(text), true) => Cow::Owned(text.to_uppercase()),
        (Some(text), false) => Cow::Owned(text),
        (None, true) => Cow::Owned(segment.text.to_uppercase()),
        (None, false) => Cow::Borrowed(segment.text),
    }
}

/// Red as ink of a stamp: clearly more red than anything else.
fn is_red([red, green, blue]: [u8; 3]) -> bool {
    red >= 150 && u16::from(red) > 2 * u16::from(green) && u16::from(red) > 2 * u16::from(blue)
}

fn count_lines(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn red_is_red() {
        assert!(is_red([255, 0, 0]));
        assert!(is_red([192, 0, 0]));
        assert!(!is_red([255, 128, 0]));
        assert!(!is_red([90, 0, 0]));
    }
}
