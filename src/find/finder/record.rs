//! Matches and the user's keywords, kept as candidates with what stands around them.

use std::collections::BTreeSet;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;

use super::{Finder, GROUP_MEMBERS, MAX_GROUPS, NEIGHBOUR_LENGTH, count_lines};
use crate::find::candidate::{Candidate, GroupKey, Transform};
use crate::find::shape::shape_of;
use crate::fold::{legacy, trim_edges};
use crate::model::{Kind, Level, OwnedPlace, Shape as SegmentShape};
use crate::rules::{Match, Shape};

/// Longest marking shown, in characters (contract).
pub(super) const MAX_MATCHED: usize = 200;

/// A match before it is known whether it is kept.
pub(super) struct Seen {
    pub(super) rule: Option<usize>,
    pub(super) level: Option<Level>,
    pub(super) shape: Shape,
    pub(super) key: String,
    pub(super) matched: String,
    pub(super) around: (String, String),
    pub(super) transforms: Vec<Transform>,
    pub(super) notes: Vec<&'static str>,
    pub(super) other_levels: BTreeSet<Level>,
}

impl Seen {
    pub(super) fn new(
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

impl Finder<'_> {
    pub(super) fn record(&mut self, index: usize, piece: &Range<usize>, line_number: u64, seen: Seen) {
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
            let (mut before, mut after) = self.neighbours(piece, held.shape);
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
                peers: self.peers(index, piece),
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

    /// The user's keywords in a searched region.
    pub(super) fn keywords(&mut self, region: Range<usize>) {
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

pub(super) fn shortened(line: &str) -> String {
    let end = if line.len() > NEIGHBOUR_LENGTH { line.char_indices().nth(NEIGHBOUR_LENGTH) } else { None };
    end.and_then(|(end, _)| line.get(..end)).unwrap_or(line).to_owned()
}

/// A part of the source as records show it.
pub(super) fn shown(source: &str, range: Range<usize>) -> String {
    source.get(range).unwrap_or_default().trim().nfc().take(MAX_MATCHED).collect()
}
