//! Runs the sieve over the text of one document and confirms its hits.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;

use super::candidate::{Candidate, Group, GroupKey, Outline, Transform};
use super::shape::{field_value, shape_of};
use super::sieve::{Hit, LONG_LINE, Sieve};
use crate::fold::legacy::{self, Charset};
use crate::fold::{Folded, is_letter_spaced, latin_lookalike, seen_length, trim_edges, without_separators};
use crate::model::{Area, Cell, Kind, Level, OwnedPlace, Place, Segment, Shape as SegmentShape};
use crate::rules::{DigestKind, LONGEST_REPAIRED, Match, RuleSet, Scope, Shape, TextDigest, Words};

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
/// Longest piece, in bytes, that is joined with its neighbours or decoded by trial: a marking is short.
const SHORT_PIECE: usize = 200;
/// Bytes that two parts of a long line share.
const OVERLAP: usize = 64;
/// Longest property or label that is looked at without the sieve, in bytes.
const UNSIEVED: usize = 4 << 10;
/// Blanks that part two columns.
const COLUMN_GAP: &str = "    ";
/// Longest head of a column or name of a field, in bytes.
const HEAD_LENGTH: usize = 60;
/// Columns of a document that are remembered by their head.
const MAX_HEADS: usize = 64;
/// Rows of a sheet in which heads may stand; asking every one of a million cells would cost a third of reading them.
const HEAD_CELLS: u32 = 64;
/// Lines of a text in which heads of its columns may stand.
const HEAD_ROWS: usize = 8;
/// Rows with a letter under such a head that are looked at; more say nothing new.
const LETTERED_LINES: usize = 200;
/// Longest cell under such a head that is looked at as a field's value, in bytes.
const VALUE_LENGTH: usize = 40;
/// Lines or cells of one word or two that a marking may be broken over, before and after.
const STACKED: usize = 7;
/// Longest of them, in bytes.
const STACKED_LENGTH: usize = 60;
/// Bytes at the beginning of a line in which a small letter tells that it is no line of capitals.
const CAPITALS_LOOK: usize = 24;
/// Longest marking shown, in characters (contract).
const MAX_MATCHED: usize = 200;

/// Extensions of files whose names are looked at where a link leads to them.
static DOCUMENTS: &[&str] = &[
    "pdf", "doc", "docx", "docm", "dot", "dotx", "rtf", "odt", "txt", "xls", "xlsx", "xlsm", "xlsb", "ods",
    "csv", "ppt", "pptx", "pps", "ppsx", "odp", "zip", "rar", "7z", "tif", "tiff", "jpg", "jpeg", "png",
    "msg", "eml",
];

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
    lines: u64,
    hits: Vec<Hit>,
    /// Segments to be looked at without the sieve, by where they stand in the window: properties and labels.
    unsieved: Vec<usize>,
    /// Lines that were looked at for a letter under a head.
    lettered: usize,
    /// Heads of columns and names of fields that a rule on properties knows, such as `Độ mật`.
    heads: Vec<Head>,
    outline: Outline,
    groups: HashMap<GroupKey, Group>,
    /// Finds words, for the user's keywords.
    words: Words,
    /// Digest of the text, where it is asked for.
    text: Option<TextDigest>,
}

/// A cell that names the cells below it and the one beside it.
struct Head {
    sheet: Option<usize>,
    cell: Cell,
    name: usize,
    /// Its column in lines of tab-separated cells, where there is no sheet.
    lines: bool,
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
            lines: 0,
            hits: Vec::new(),
            unsieved: Vec::new(),
            lettered: 0,
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
        if let (Kind::Table, Some(cell), None) = (place.kind, place.cell, name) {
            name = self.field_of(sheet, cell, &text);
            if name.is_some() {
                self.unsieved.push(start);
            }
        } else if segment.shape != SegmentShape::Piece {
            if self.segments.is_empty() {
                self.heads_of_lines(&text, segment.shape);
            }
            self.letters_under_heads(&text, start, segment.shape);
        }
        let held = Held {
            start,
            end: self.window.len(),
            kind: place.kind,
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

    /// The name of the field that a cell of a sheet is the value of: the head of its column, or the cell before it.
    fn field_of(&mut self, sheet: Option<usize>, cell: Cell, text: &str) -> Option<usize> {
        let value = text.trim();
        let mine = |head: &&Head| {
            head.sheet == sheet
                && !head.lines
                && (head.cell.column == cell.column && head.cell.row < cell.row
                    || head.cell.row == cell.row && head.cell.column + 1 == cell.column)
        };
        let found = self.heads.iter().rev().find(mine).map(|head| head.name);
        if found.is_none()
            && value.len() <= HEAD_LENGTH
            && self.heads.len() < MAX_HEADS
            && cell.row < HEAD_CELLS
            && self.rules.names_field(value)
        {
            let name = self.intern(value);
            self.heads.push(Head { sheet, cell, name, lines: false });
        }
        // Only what may be a degree: a letter, or a word with accents or in capitals.
        let short = (1..=VALUE_LENGTH).contains(&value.len());
        found.filter(|_| short && (value.len() <= 2 || !value.bytes().all(|byte| byte.is_ascii_digit())))
    }

    /// Heads of tab-separated columns, in the first lines of a text: a title may stand above them.
    fn heads_of_lines(&mut self, text: &str, shape: SegmentShape) {
        let delimiter = match shape {
            SegmentShape::Rows(delimiter) => char::from(delimiter),
            _ => '\t',
        };
        let lines = text.lines().take(HEAD_ROWS).filter(|line| line.contains(delimiter));
        for (column, head) in lines.flat_map(|line| line.split(delimiter).enumerate().take(MAX_HEADS)) {
            let head = head.trim();
            if head.len() <= HEAD_LENGTH && self.rules.names_field(head) {
                let cell = Cell { row: 0, column: u32::try_from(column).unwrap_or(u32::MAX) };
                let name = self.intern(head);
                if self.heads.len() >= MAX_HEADS {
                    return;
                }
                self.heads.push(Head { sheet: None, cell, name, lines: true });
            }
        }
    }

    /// Lines whose cell under such a head is one letter, as registers write a degree: no anchor stands in them.
    fn letters_under_heads(&mut self, text: &str, start: usize, shape: SegmentShape) {
        let delimiter = match shape {
            SegmentShape::Rows(delimiter) => char::from(delimiter),
            _ => '\t',
        };
        let columns: Vec<usize> = self
            .heads
            .iter()
            .filter(|head| head.lines)
            .filter_map(|head| usize::try_from(head.cell.column).ok())
            .collect();
        if columns.is_empty() || self.lettered >= LETTERED_LINES {
            return;
        }
        let mut at = start;
        for line in text.split_inclusive('\n') {
            let letter = |column: &usize| {
                let cell = line.split(delimiter).nth(*column).unwrap_or_default().trim().trim_matches('"');
                matches!(cell, "A" | "B" | "C")
            };
            if columns.iter().any(letter) && self.lettered < LETTERED_LINES {
                self.lettered += 1;
                self.unsieved.push(at);
            }
            at += line.len();
        }
    }

    /// The head of the tab-separated column in which a piece of a line stands.
    fn head_of_piece(&self, line: &str, piece: &Range<usize>, shape: SegmentShape) -> Option<usize> {
        if !self.heads.iter().any(|head| head.lines) {
            return None;
        }
        let delimiter = match shape {
            SegmentShape::Rows(delimiter) => delimiter,
            _ => b'\t',
        };
        let before = line.as_bytes().get(..piece.start).unwrap_or_default();
        let column = memchr::memchr_iter(delimiter, before).count();
        let here = |head: &&Head| head.lines && usize::try_from(head.cell.column) == Ok(column);
        self.heads.iter().find(here).map(|head| head.name)
    }

    /// Ends the document and gives what was found; the finder is then ready for the next one.
    pub fn finish(&mut self) -> Found {
        self.search(true);
        self.window.clear();
        self.segments.clear();
        self.names.clear();
        self.heads.clear();
        self.lettered = 0;
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
            if (6..=LONGEST_REPAIRED * 2).contains(&line.len()) && is_like_a_stamp(line) {
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

    /// A line in which the sieve hit something, with the hits in it. `line_number` counts from the segment's first line.
    fn line(&mut self, index: usize, range: Range<usize>, line_number: u64, cut: &Cut, hits: &[Hit]) {
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
        let head = head.or(held.name.filter(|_| held.kind == Kind::Table));
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
        let stands = |one: &Seen| matches!(one.shape, Shape::Alone | Shape::Companion | Shape::Labelled);
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
            if !seen.iter().any(stands)
                && let Some(repaired) = self.rules.repaired(piece, &in_shape)
            {
                let matched = shown(text, plain.source(trimmed));
                let transforms: Vec<Transform> =
                    repaired.damage.into_iter().map(Transform::Damaged).collect();
                let (hits, text) = (&repaired.hits, &repaired.text);
                let of = |hit| Seen::new(hit, hits, text, held.kind, matched.clone(), transforms.clone());
                return hits.iter().map(of).collect();
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

    /// Whether a rule may be met in text that was joined.
    fn has_terms(&self, rule: Option<usize>) -> bool {
        let rule = rule.and_then(|rule| self.rules.rules.get(rule));
        rule.is_some_and(|rule| !rule.rule.terms.is_empty() || rule.rule.joins)
    }

    /// A short piece joined with its neighbours, where a marking may be broken over lines or cells: with the piece
    /// before it, the piece after it, or a column of single letters.
    fn joined(&self, index: usize, text: &str, at: &Range<usize>) -> Option<String> {
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
            let (before, after) = self.neighbours(at);
            let letter = |line: &&String| seen_length(line.trim()) <= 2;
            let above: Vec<&str> = before.iter().rev().take_while(letter).map(|line| line.trim()).collect();
            let below: Vec<&str> = after.iter().take_while(letter).map(|line| line.trim()).collect();
            let column: Vec<&str> = above.into_iter().rev().chain([bare]).chain(below).collect();
            return (column.len() >= 3).then(|| column.concat());
        }
        let last = self.before(at).next().filter(part);
        let next = self.after(at).next().filter(part);
        let joins = |joined: String| {
            let folded = Folded::new(&joined);
            let piece = folded.text.get(trim_edges(&folded.text)).unwrap_or_default().to_owned();
            let whole = self.rules.matches(&piece, Scope::Text, None);
            whole
                .iter()
                .any(|hit| hit.range == (0..piece.len()) && self.has_terms(Some(hit.rule)))
                .then_some(joined)
        };
        // A field's name and its value in two cells stand without colon.
        let try_join = |first: &str, second: &str| {
            let (first, second) = (first.trim(), second.trim());
            joins(format!("{first} {second}")).or_else(|| joins(format!("{first}: {second}")))
        };
        last.and_then(|last| try_join(last, bare)).or_else(|| next.and_then(|next| try_join(bare, next)))
    }

    /// A short piece of words of marks with pieces of such words above and below: narrow stamps, cells, and what readers make of
    /// them. The longest run of them that a rule meets as a whole.
    fn stacked(&self, index: usize, text: &str, at: &Range<usize>) -> Option<(String, Vec<Match>)> {
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
        let (before, after) = self.neighbours(at);
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
                if !hits.is_empty() {
                    return Some((piece, hits));
                }
            }
        }
        None
    }

    /// Lines before and after a range of the window.
    fn neighbours(&self, range: &Range<usize>) -> (Vec<String>, Vec<String>) {
        let mut before: Vec<String> = self.before(range).take(NEIGHBOURS).map(shortened).collect();
        before.reverse();
        (before, self.after(range).take(NEIGHBOURS).map(shortened).collect())
    }

    /// Lines and cells before a range of the window, the nearest first.
    fn before(&self, range: &Range<usize>) -> impl Iterator<Item = &str> {
        let floor = self.window.ceil_char_boundary(range.start.saturating_sub(NEIGHBOUR_REACH));
        let before = self.window.get(floor..range.start).unwrap_or_default();
        let lines = before.rsplit(is_border).flat_map(|line| line.rsplit(COLUMN_GAP));
        lines.map(str::trim).filter(|line| !line.is_empty())
    }

    /// Lines and cells after a range of the window.
    fn after(&self, range: &Range<usize>) -> impl Iterator<Item = &str> {
        let ceiling = self.window.floor_char_boundary(range.end + NEIGHBOUR_REACH);
        let after = self.window.get(range.end..ceiling).unwrap_or_default();
        let lines = after.split(is_border).flat_map(|line| line.split(COLUMN_GAP));
        lines.map(str::trim).filter(|line| !line.is_empty())
    }

    fn record(&mut self, index: usize, piece: &Range<usize>, line_number: u64, seen: Seen) {
        let Some(held) = self.segments.get(index) else { return };
        let key: GroupKey = (seen.rule, seen.key.clone(), held.kind);
        let known = self.groups.get(&key);
        // A word of the user's list says the same wherever it stands.
        let most = if seen.rule.is_some() { GROUP_MEMBERS } else { 1 };
        let full = known.is_some_and(|group| group.members.len() >= most);
        if known.is_none() && self.groups.len() >= MAX_GROUPS {
            return;
        }
        let candidate = (!full).then(|| {
            let (mut before, mut after) = self.neighbours(piece);
            if let Some(Transform::Legacy(charset) | Transform::LegacyCapitals(charset)) =
                seen.transforms.first()
            {
                for text in before.iter_mut().chain(&mut after) {
                    if let Some(decoded) = legacy::decode(text, *charset) {
                        *text = decoded;
                    }
                }
            }
            let name = |index: Option<usize>| {
                index.and_then(|index| self.names.get(index)).map(|name| name.to_string())
            };
            Candidate {
                in_name: false,
                rule: seen.rule,
                level: seen.level,
                shape: seen.shape,
                matched: seen.matched,
                around: seen.around,
                place: OwnedPlace {
                    kind: held.kind,
                    visible: held.visible,
                    page: held.page,
                    sheet: name(held.sheet),
                    cell: held.cell.map(|cell| cell.to_string()),
                    slide: held.slide,
                    line: held.line.map(|line| line + line_number),
                    name: name(held.name),
                },
                ordinal: held.ordinal.map(|ordinal| ordinal + line_number),
                area: held.area,
                red: held.red,
                framed: held.framed,
                struck: held.struck,
                transforms: seen.transforms,
                notes: seen.notes,
                before,
                after,
                other_levels: seen.other_levels,
            }
        });
        let (page, view) = (held.page.or(held.slide), held.shape == SegmentShape::View);
        let group = self.groups.entry(key).or_default();
        // The same text seen in another order is not a repetition.
        if !view || group.count == 0 {
            group.count += 1;
        }
        if let Some(page) = page
            && group.pages.len() < GROUP_MEMBERS
        {
            group.pages.insert(page);
        }
        group.members.extend(candidate);
    }

    /// The name of a file, this one's or one that a link leads to: each folder and the stem are pieces of their own.
    fn name(&mut self, name: &str, place: &Place<'_>) {
        let mut parts: Vec<&str> = name.split(['/', '\\']).filter(|part| !part.is_empty()).collect();
        if let Some(last) = parts.last_mut()
            && let Some((stem, _)) = last.rsplit_once('.')
            && !stem.is_empty()
        {
            *last = stem;
        }
        for part in parts {
            let text = part.replace('_', " ");
            let folded = Folded::new(&text);
            let piece = folded.text.get(trim_edges(&folded.text)).unwrap_or_default();
            let hits = self.rules.matches(piece, Scope::Name, None);
            for hit in &hits {
                let matched: String = part.nfc().take(MAX_MATCHED).collect();
                let seen = Seen::new(hit, &hits, piece, Kind::Name, matched, Vec::new());
                let candidate = Candidate {
                    rule: seen.rule,
                    level: seen.level,
                    shape: seen.shape,
                    matched: seen.matched,
                    around: seen.around,
                    place: place.to_owned(),
                    in_name: true,
                    ordinal: None,
                    area: None,
                    red: false,
                    framed: false,
                    struck: false,
                    transforms: Vec::new(),
                    notes: seen.notes,
                    before: Vec::new(),
                    after: Vec::new(),
                    other_levels: seen.other_levels,
                };
                let key: GroupKey = (seen.rule, seen.key, place.kind);
                if self.groups.len() >= MAX_GROUPS && !self.groups.contains_key(&key) {
                    return;
                }
                let group = self.groups.entry(key).or_default();
                group.count += 1;
                if group.members.len() < GROUP_MEMBERS {
                    group.members.push(candidate);
                }
            }
        }
    }

    /// The user's keywords in a searched region.
    fn keywords(&mut self, region: Range<usize>) {
        let text = self.window.get(region.clone()).unwrap_or_default();
        let found = self.rules.keywords.find(text, &mut self.words);
        // Where lines of the segment at hand were last counted.
        let mut counted = (usize::MAX, 0usize, 0u64);
        for (range, level) in found {
            let range = region.start + range.start..region.start + range.end;
            let matched = shown(&self.window, range.clone());
            let index = self.segments.partition_point(|held| held.end <= range.start);
            let Some(held) = self.segments.get(index) else { continue };
            if counted.0 != index || range.start < counted.1 {
                counted = (index, held.start, 0);
            }
            let bytes = self.window.as_bytes();
            counted.2 += count_lines(bytes.get(counted.1..range.start).unwrap_or_default());
            counted.1 = range.start;
            let lines = counted.2;
            let seen = Seen {
                rule: None,
                level: Some(level),
                shape: Shape::Within,
                key: matched.to_lowercase(),
                matched,
                around: (String::new(), String::new()),
                transforms: Vec::new(),
                notes: Vec::new(),
                other_levels: BTreeSet::new(),
            };
            self.record(index, &range, lines, seen);
        }
    }
}

/// A match before it is known whether it is kept.
struct Seen {
    rule: Option<usize>,
    level: Option<Level>,
    shape: Shape,
    key: String,
    matched: String,
    around: (String, String),
    transforms: Vec<Transform>,
    notes: Vec<&'static str>,
    other_levels: BTreeSet<Level>,
}

impl Seen {
    fn new(
        hit: &Match,
        all: &[Match],
        piece: &str,
        kind: Kind,
        matched: String,
        transforms: Vec<Transform>,
    ) -> Seen {
        let part = |range: Range<usize>| piece.get(range).unwrap_or_default();
        let key: String = part(hit.range.clone()).chars().filter(|letter| !letter.is_whitespace()).collect();
        Seen {
            rule: Some(hit.rule),
            level: hit.level,
            shape: shape_in_company(hit, all, piece, kind),
            key,
            matched,
            around: (shortened(part(0..hit.range.start)), shortened(part(hit.range.end..piece.len()))),
            transforms,
            notes: hit.notes.clone(),
            other_levels: all
                .iter()
                .filter(|other| other.range != hit.range)
                .filter_map(|other| other.level)
                .collect(),
        }
    }
}

/// How a match stands in its piece, where the same level in another language may stand beside it: `TUYỆT MẬT / TOP SECRET`.
fn shape_in_company(hit: &Match, all: &[Match], piece: &str, kind: Kind) -> Shape {
    /// Switzerland has three languages.
    const LANGUAGES: usize = 3;
    let shape = shape_of(piece, &hit.range, kind);
    if !matches!(shape, Shape::Prefix | Shape::Within) || all.len() < 2 {
        return shape;
    }
    let same = |other: &&Match| other.level.is_some() && other.level == hit.level;
    let mut marks: Vec<Range<usize>> = all.iter().filter(same).map(|other| other.range.clone()).collect();
    marks.sort_by_key(|mark| (mark.start, std::cmp::Reverse(mark.end)));
    marks.dedup_by(|next, before| next.start < before.end);
    let mut gaps = Vec::new();
    let mut end = 0;
    for mark in &marks {
        gaps.push(piece.get(end..mark.start).unwrap_or_default().trim());
        end = mark.end;
    }
    let outside = [gaps.first().copied().unwrap_or_default(), piece.get(end..).unwrap_or_default().trim()];
    let parted = |gap: &&str| matches!(*gap, "/" | "-" | "|" | "//" | "(" | ",") || gap.is_empty();
    let bilingual = (2..=LANGUAGES).contains(&marks.len())
        && gaps.iter().skip(1).all(parted)
        && outside.iter().all(|text| trim_edges(text).is_empty());
    if bilingual { Shape::Companion } else { shape }
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
    let (front, rest) = line.split_at(line.len().min(CAPITALS_LOOK));
    is_heading()
        || !small(front)
            && front.iter().any(|byte| byte.is_ascii_uppercase() || *byte >= 0xC3)
            && !small(rest)
}

/// What ends a line, or a cell in it.
fn is_border(letter: char) -> bool {
    matches!(letter, '\n' | '\t' | '|')
}

/// Kinds whose segments are names of things rather than running text.
fn is_labelling(kind: Kind) -> bool {
    matches!(kind, Kind::Label | Kind::Property | Kind::Title)
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
    for (at, letter) in line.char_indices() {
        blanks = if letter == ' ' { blanks + 1 } else { 0 };
        let cut = letter == '\t'
            || letter == '|'
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

/// The name of the document that an address leads to, if it leads to one: `/van-ban/12%20(MẬT).pdf?v=2`. Pages are left
/// out: their names are titles, and what they are about.
fn linked_file(address: &str) -> Option<&str> {
    let path = address.split(['?', '#']).next()?;
    let name = path.rsplit(['/', '\\']).next()?.trim();
    let (_, extension) = name.rsplit_once('.')?;
    let known = DOCUMENTS.iter().any(|known| extension.eq_ignore_ascii_case(known));
    known.then_some(name)
}

/// Red as ink of a stamp: clearly more red than anything else.
fn is_red([red, green, blue]: [u8; 3]) -> bool {
    red >= 150 && u16::from(red) > 2 * u16::from(green) && u16::from(red) > 2 * u16::from(blue)
}

fn count_lines(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}

fn shortened(line: &str) -> String {
    let end = if line.len() > NEIGHBOUR_LENGTH { line.char_indices().nth(NEIGHBOUR_LENGTH) } else { None };
    end.and_then(|(end, _)| line.get(..end)).unwrap_or(line).to_owned()
}

/// A part of the source as records show it.
fn shown(source: &str, range: Range<usize>) -> String {
    source.get(range).unwrap_or_default().trim().nfc().take(MAX_MATCHED).collect()
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
        assert_eq!(cut("a         b"), ["a", "b"]);
    }

    #[test]
    fn string_values_of_scripts_are_pieces() {
        let line = "var mark = \"TUYỆT MẬT\";";
        let found: Vec<&str> =
            pieces(line, SegmentShape::Lines, Kind::Script).into_iter().map(|r| &line[r]).collect();
        assert!(found.contains(&"TUYỆT MẬT"));
    }

    #[test]
    fn links_lead_to_files() {
        assert_eq!(linked_file("/van-ban/12 (MẬT).pdf?v=2#a"), Some("12 (MẬT).pdf"));
        assert_eq!(linked_file("bc_toi_mat.DOCX"), Some("bc_toi_mat.DOCX"));
        for other in ["https://vidu.example/mat.html", "toi-mat", "mailto:a@b.example", "/a.pdf/xem", ""] {
            assert_eq!(linked_file(other), None, "{other}");
        }
    }

    #[test]
    fn red_is_red() {
        assert!(is_red([255, 0, 0]));
        assert!(is_red([192, 0, 0]));
        assert!(!is_red([255, 128, 0]));
        assert!(!is_red([90, 0, 0]));
    }
}
