//! Is it a marking of this document, or do the words only occur?
//!
//! In: candidates with the lines around them, and the document's outline. Out: findings, each with the named points
//! that add up to its confidence. Left out: reading and finding.
//!
//! The points come from the domain pages (`vietnam-markings.md` section 5, `international-markings.md` sections 2
//! and 3). A floor keeps a stand-alone stamp in the top block of a letter from ever falling below "look at it";
//! ceilings keep weak evidence from ever reaching "certain".

mod evidence;
mod labels;
mod readings;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use crate::find::{Candidate, Found, Group, Transform};
use crate::fold::{Folded, trim_edges, unaccented};
use crate::model::{Area, Band, Finding, Kind, Level, OwnedPlace, Reason};
use crate::rules::{CompiledRule, RuleKind, RuleSet, Scope, Shape};
use crate::text::{Lang, Word};
use evidence::{Surroundings, Weighed};

/// Points of evidence that holds for every authority.
mod points {
    /// Upper third of page 1, left half; a flow format's first lines, where the side is unknown, get the mean.
    pub(super) const TOP_LEFT: i32 = 25;
    pub(super) const TOP_RIGHT: i32 = 15;
    pub(super) const TOP: i32 = 20;
    /// Upper or lower eighth of a later page: where banners stand.
    pub(super) const PAGE_EDGE: i32 = 15;
    pub(super) const WATERMARK: i32 = 25;
    pub(super) const STAMP: i32 = 25;
    pub(super) const HEADER: i32 = 20;
    pub(super) const TEXTBOX: i32 = 20;
    pub(super) const SUBJECT: i32 = 20;
    pub(super) const LABEL: i32 = 25;
    pub(super) const REPEATED: i32 = 10;
    pub(super) const RED: i32 = 15;
    pub(super) const FRAMED: i32 = 20;
    pub(super) const LIST_OF_LEVELS: i32 = -40;
    pub(super) const LONG_LIST_OF_LEVELS: i32 = -60;
    pub(super) const CHOICE: i32 = -60;
    pub(super) const QUOTED: i32 = -35;
    pub(super) const SENTENCE: i32 = -25;
    pub(super) const OPTION: i32 = -30;
    /// Titles of web pages are headlines and menus.
    pub(super) const PAGE_TITLE: i32 = -30;
    pub(super) const SCRIPT: i32 = -10;
    pub(super) const STRUCK: i32 = -40;
    pub(super) const MANUAL: i32 = -40;
    /// For the one finding that tells of a text about markings.
    pub(super) const SPOKEN: i32 = -5;
    /// Letters all small in a charset that was only guessed.
    pub(super) const GUESSED_SMALL: i32 = -35;
    pub(super) const GUESSED: i32 = -5;
    /// A mark that had to be repaired to be read: a ceiling holds for it.
    pub(super) const DAMAGED: i32 = 0;
    /// What the user asked for by name needs no corroboration.
    pub(super) const KEYWORD: i32 = 60;
}

/// A stand-alone stamp in the top block of a letter never falls below this (medium).
const FLOOR: i32 = 50;
/// Below this the words occur, and nothing speaks for a marking; such matches are not reported at all.
const LEAST: i32 = 25;
/// A damaged mark deserves a look, never certainty.
const DAMAGED_CEILING: i32 = 79;
/// Lines of a flow document that are its top.
const TOP_LINES: u64 = 15;
/// Share of the page's height that is its top block (Decree 30/2020 cell 10a: 0.14 to 0.34).
const TOP_SHARE: f32 = 0.36;
/// Share of the page's height at its edges where banners stand.
const EDGE_SHARE: f32 = 0.12;
/// Neighbour lines in which other levels make a list.
const LIST_LINES: usize = 3;

/// Levels that a text about markings speaks of, and how often each (domain page, section 3 on documents about markings).
const MANUAL_LEVELS: usize = 3;
const MANUAL_TIMES: u64 = 2;

/// What a user may choose about findings.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Show the text around a finding.
    pub context: bool,
    /// Language of titles.
    pub lang: Lang,
}

/// Judges everything that was found in a document.
#[must_use]
pub fn judge(found: &Found, rules: &RuleSet, options: Options) -> Vec<Finding> {
    let document = Document::of(found, rules);
    let mut findings: Vec<Finding> =
        found.groups.iter().filter_map(|group| document.finding(group, options)).collect();
    // Two rules of a pack that say the same of the same letters are one finding, the more certain.
    let same = |a: &Finding, b: &Finding| {
        a.pack == b.pack && a.level == b.level && a.place == b.place && (a.matched.contains(&b.matched))
    };
    let mut index = 0;
    while let Some(one) = findings.get(index) {
        let better = findings.iter().enumerate().any(|(other, finding)| {
            other != index && same(finding, one) && (finding.confidence, index) > (one.confidence, other)
        });
        if better { drop(findings.remove(index)) } else { index += 1 }
    }
    readings::settle(&mut findings);
    if !findings.iter().any(|finding| finding.band() > Band::Low) {
        findings.extend(document.about_markings(options));
    }
    labels::judge(found, rules, options, &mut findings);
    findings.sort_by(|a, b| {
        (b.confidence, b.level, &a.rule, a.place.page, a.place.line, &a.matched).cmp(&(
            a.confidence,
            a.level,
            &b.rule,
            b.place.page,
            b.place.line,
            &b.matched,
        ))
    });
    findings
}

/// What holds for the whole document.
struct Document<'a> {
    found: &'a Found,
    rules: &'a RuleSet,
    /// Several levels, several times each, in sentences and lists: a text about markings.
    manual: bool,
    /// Levels that mentions speak of three times over, highest first; empty where the document is no text about them.
    spoken: BTreeSet<Level>,
    /// A declassification stands on its own in the document: its rule.
    cancelled: Option<usize>,
    head: Surroundings,
    /// Lines beside candidates, [`MAX_LINES`] at most: where marks are dense, each stands beside many.
    lines: RefCell<HashMap<String, Rc<Line<'a>>>>,
}

/// Lines that are remembered with the marks they are.
const MAX_LINES: usize = 4_096;

/// A line beside a candidate.
struct Line<'a> {
    /// Folded, without what stands around it.
    piece: String,
    /// The marks that it is as a whole.
    marks: Vec<(&'a CompiledRule, Option<Level>)>,
}

impl<'a> Document<'a> {
    fn of(found: &'a Found, rules: &'a RuleSet) -> Document<'a> {
        let rule_of = |candidate: &Candidate| candidate.rule.and_then(|rule| rules.rules.get(rule));
        let mut spoken: BTreeSet<Level> = BTreeSet::new();
        let mut mentions = 0;
        let mut cancelled = None;
        for group in &found.groups {
            for candidate in &group.members {
                match rule_of(candidate).map(|rule| rule.rule.kind) {
                    Some(RuleKind::Cancel) => cancelled = cancelled.or(candidate.rule),
                    Some(RuleKind::Mention) => continue,
                    _ => {}
                }
                let mentioned = matches!(candidate.shape, Shape::Within | Shape::Prefix)
                    || !candidate.other_levels.is_empty()
                    || candidate.place.kind == Kind::Table;
                if let Some(level) = candidate.level
                    && mentioned
                {
                    spoken.insert(level);
                    spoken.extend(&candidate.other_levels);
                    mentions += 1;
                }
            }
        }
        let told = mentioned_levels(found, &rule_of);
        let manual = spoken.len() >= MANUAL_LEVELS && mentions >= 6 || !told.is_empty();
        let head = Surroundings::of(found.outline.head.iter());
        Document { found, rules, manual, spoken: told, cancelled, head, lines: RefCell::default() }
    }

    /// The finding of a text about markings: one, low, at the highest level it speaks of, so that it is never silently
    /// dropped and never a false alarm.
    fn about_markings(&self, options: Options) -> Option<Finding> {
        let highest = self.spoken.last().copied()?;
        let is_mention =
            |rule: usize| self.rules.rules.get(rule).is_some_and(|rule| rule.rule.kind == RuleKind::Mention);
        let candidates = self.found.groups.iter().flat_map(|group| group.members.first());
        let candidate = candidates
            .filter(|candidate| candidate.level == Some(highest) && candidate.rule.is_some_and(is_mention))
            .min_by_key(|candidate| (candidate.place.page, candidate.place.line, candidate.ordinal))?;
        let rule = candidate.rule.and_then(|rule| self.rules.rules.get(rule))?;
        let mut sum = Sum::default();
        sum.add(shape_code(candidate.shape), rule.rule.points.of(candidate.shape).unwrap_or(10));
        sum.add("manual", points::SPOKEN);
        sum.cap("ceiling", rule.rule.ceiling);
        Some(self.made(candidate, sum.reasons, options))
    }

    /// A finding of a candidate, with what the chosen language says of it.
    fn made(&self, candidate: &Candidate, reasons: Vec<Reason>, options: Options) -> Finding {
        let sum: i32 = reasons.iter().map(|reason| reason.points).sum();
        let rule = candidate.rule.and_then(|rule| self.rules.rules.get(rule));
        let (id, pack, title) = match rule {
            Some(rule) => {
                let pack = self.rules.packs.get(rule.pack).map(|pack| pack.id.clone());
                let title = rule.rule.title.get(options.lang).to_owned();
                (rule.rule.id.clone(), pack.unwrap_or_default(), title)
            }
            None => {
                let title = Word::RuleKeyword.get(options.lang);
                ("keywords.term".to_owned(), "keywords".to_owned(), title.to_owned())
            }
        };
        let fingerprint = fingerprint(&id, candidate);
        Finding {
            rule: id,
            pack,
            title,
            level: candidate.level.unwrap_or(Level::Internal),
            confidence: u8::try_from(sum.clamp(0, 100)).unwrap_or(0),
            place: candidate.place.clone(),
            matched: candidate.matched.clone(),
            reasons,
            context: options.context.then(|| context(candidate)),
            fingerprint,
            known: None,
        }
    }

    /// The finding of a group: its best member's, with what the group as a whole adds.
    fn finding(&self, group: &Group, options: Options) -> Option<Finding> {
        let judged = group.members.iter().filter_map(|candidate| {
            let reasons = self.reasons(candidate, group)?;
            let sum: i32 = reasons.iter().map(|reason| reason.points).sum();
            Some((candidate, reasons, sum))
        });
        // The first of the best, so that the place shown does not depend on how many follow.
        let (candidate, reasons, sum) =
            judged.reduce(|best, next| if next.2 > best.2 { next } else { best })?;
        candidate.level?;
        let kept = sum >= LEAST || reasons.iter().any(|reason| reason.code == "manual");
        kept.then(|| self.made(candidate, reasons, options))
    }

    /// Everything that speaks for and against a candidate; `None` when it is no match at all.
    fn reasons(&self, candidate: &Candidate, group: &Group) -> Option<Vec<Reason>> {
        let mut sum = Sum::default();
        let Some(rule) = candidate.rule.and_then(|rule| self.rules.rules.get(rule)) else {
            sum.add("keyword", points::KEYWORD);
            return Some(sum.reasons);
        };
        if !matches!(rule.rule.kind, RuleKind::Marking | RuleKind::Keyword) {
            return None;
        }
        if rule.rule.rollup.is_some_and(|rollup| !readings::in_company(self.found, self.rules, rule, rollup))
        {
            return None;
        }
        let base = match &rule.rule.block {
            Some(_) => rule.rule.points.alone?,
            None => rule.rule.points.of(candidate.shape)?,
        };
        sum.add(shape_code(candidate.shape), base);
        self.transforms(candidate, &mut sum);
        candidate.notes.iter().for_each(|note| sum.add(note, 0));
        if candidate.in_name {
            sum.cap(
                "ceiling-name",
                if candidate.shape == Shape::Within { rule.rule.within_ceiling } else { 75 },
            );
            return Some(sum.reasons);
        }
        if self.label_is_off(candidate) {
            return None;
        }
        let top = place_points(candidate, &mut sum);
        if group.count >= 2 && group.pages.len() >= 2 {
            sum.add("repeated-on-pages", points::REPEATED);
        }
        if candidate.red {
            sum.add("red", points::RED);
        }
        if candidate.framed {
            sum.add("framed", points::FRAMED);
        }
        let near = Surroundings::of(candidate.before.iter().chain(&candidate.after));
        let with_page = top || candidate.place.page.is_none_or(|page| page == 1);
        let head = with_page.then_some(&self.head);
        let Weighed { mut ceilings, settled } =
            evidence::weigh(self.rules, rule.pack, candidate, &near, head, &mut sum);
        let unsettled = |code: &str| !settled.contains(&code);
        let letterhead = sum.has("letterhead") || sum.has("party-letterhead") || sum.has("number-line");

        if candidate.struck {
            sum.add("struck-through", points::STRUCK);
        }
        // What stands beside a label or a subject in the file is another thing, and beside the value of a form's field stand the
        // choices that were not made.
        let around = match candidate.place.kind {
            Kind::Label | Kind::Subject => Around::Nothing,
            Kind::FormField if !is_option(&candidate.place) => Around::Nothing,
            _ if is_at_head_and_foot(candidate, group) => Around::Nothing,
            _ => self.markings_around(candidate, rule.pack),
        };
        match around {
            Around::OneOther | Around::Several if !unsettled("list-of-levels") => {}
            Around::Nothing => {}
            Around::OneOther => sum.add("list-of-levels", points::LIST_OF_LEVELS),
            Around::Several => sum.add("list-of-levels", points::LONG_LIST_OF_LEVELS),
        }
        let is_label_rule = rule.rule.id.starts_with("labels.");
        let other_level = candidate.other_levels.iter().any(|level| Some(*level) != candidate.level);
        // A label's value has several words of level: `Highly Confidential\Internal`, `DOWNTO=SECRET`.
        let other_level = other_level && candidate.place.kind != Kind::Label && !is_label_rule;
        let other_level = other_level && !crate::find::is_ticked(&candidate.around.0);
        if other_level || has_check_box(&candidate.around) {
            sum.add("choice", points::CHOICE);
        }
        if is_quoted(&candidate.around) {
            sum.add("quoted", points::QUOTED);
        }
        if matches!(candidate.shape, Shape::Within | Shape::Prefix) && is_sentence(&candidate.around) {
            sum.add("sentence", points::SENTENCE);
        }
        let banner = candidate.place.kind.is_margin() || candidate.place.kind == Kind::Label;
        if self.manual && !banner && unsettled("manual") {
            sum.add("manual", points::MANUAL);
        }
        if matches!(candidate.shape, Shape::Alone | Shape::Companion) && top && letterhead {
            sum.raise("floor-top-block", FLOOR);
        }
        if let Some(ceiling) =
            self.cancelled.and_then(|rule| self.rules.rules.get(rule)).map(|rule| rule.rule.ceiling)
        {
            ceilings.push(("declassified", ceiling));
        }
        if matches!(candidate.shape, Shape::Within | Shape::Prefix) && rule.rule.block.is_none() {
            ceilings.push(("ceiling-mention", rule.rule.within_ceiling));
        }
        if candidate.transforms.iter().any(|transform| matches!(transform, Transform::Damaged(_))) {
            ceilings.push(("ceiling-damaged", DAMAGED_CEILING));
        }
        ceilings.push(("ceiling", rule.rule.ceiling));
        for (code, ceiling) in ceilings {
            sum.cap(code, ceiling);
        }
        self.block_is_there(candidate).then_some(sum.reasons)
    }

    fn transforms(&self, candidate: &Candidate, sum: &mut Sum) {
        for transform in &candidate.transforms {
            match transform {
                Transform::Legacy(charset) => {
                    sum.add(&format!("charset-{}", charset.as_str()), points::GUESSED);
                }
                // Without a font, small letters may be small: TCVN3 capitals are a matter of the font.
                Transform::LegacyCapitals(charset) => {
                    sum.add(&format!("charset-{}", charset.as_str()), points::GUESSED_SMALL);
                }
                Transform::LetterSpaced => sum.add("letter-spaced", 0),
                Transform::Split => sum.add("split-over-lines", 0),
                Transform::LookAlike => sum.add("look-alike-letters", 0),
                Transform::Damaged(damage) => sum.add(damage.as_str(), points::DAMAGED),
            }
        }
    }

    /// A label that its own program marks as removed or disabled.
    fn label_is_off(&self, candidate: &Candidate) -> bool {
        let Some(name) = candidate.place.name.as_deref() else { return false };
        let Some((stem, "Name")) = name.rsplit_once('_') else { return false };
        let enabled = self.found.outline.labels.get(&format!("{stem}_Enabled"));
        enabled.is_some_and(|value| value.trim().eq_ignore_ascii_case("false"))
    }

    /// Other markings that stand alone in the next few lines: another level of the same authority, or any of another
    /// authority, which says most where its level is another, too.
    fn markings_around(&self, candidate: &Candidate, pack: usize) -> Around {
        let own = candidate.rule.and_then(|rule| self.rules.rules.get(rule));
        if own.is_some_and(|rule| rule.rule.companion) {
            return Around::Nothing;
        }
        let above = candidate.before.iter().rev().take(candidate.peers.0).enumerate();
        let below = candidate.after.iter().take(candidate.peers.1).enumerate();
        let mut others: BTreeSet<(usize, Option<Level>)> = BTreeSet::new();
        // Levels of the same authority further away: only with two of them it is a list.
        let mut own_levels: BTreeSet<Option<Level>> = BTreeSet::new();
        let mut foreign = false;
        let mut lines = 0usize;
        let split = candidate.transforms.contains(&Transform::Split);
        let own_text = Folded::new(&candidate.matched).text.to_uppercase();
        for (distance, line) in above.chain(below) {
            let line = self.line(line);
            let (piece, whole) = (line.piece.as_str(), &line.marks);
            // A part of a broken mark is no other mark.
            if split && !piece.is_empty() && candidate.matched.contains(piece) {
                continue;
            }
            // The same mark again, as at the foot of a short page, or its level without what follows (SECRET beside
            // SECRET – SPÉCIAL FRANCE): what another authority reads in it does not count.
            let again = |(rule, level): &(&CompiledRule, Option<Level>)| {
                *level == candidate.level && (rule.pack == pack || begins(&own_text, &piece.to_uppercase()))
            };
            if whole.iter().any(again) {
                continue;
            }
            let before = others.len();
            let alone = whole.iter().filter(|(rule, _)| rule.rule.points.alone.is_some_and(|p| p >= 20));
            for (rule, level) in alone {
                if rule.pack == pack {
                    own_levels.insert(*level);
                }
                if distance < LIST_LINES {
                    others.insert((rule.pack, *level));
                    foreign |= rule.pack != pack;
                }
            }
            lines += usize::from(others.len() > before);
        }
        match (others.len(), foreign) {
            _ if own_levels.len() >= 2 => Around::Several,
            (0, _) => Around::Nothing,
            // The same in the words of another authority: a paper of two of them, or two cells of a table of equivalents.
            _ if lines == 1 && others.iter().all(|(_, level)| *level == candidate.level) => {
                if candidate.place.kind.is_margin() { Around::Nothing } else { Around::OneOther }
            }
            (1, false) => Around::OneOther,
            _ => Around::Several,
        }
    }

    /// A line beside a candidate.
    fn line(&self, text: &str) -> Rc<Line<'a>> {
        if let Some(known) = self.lines.borrow().get(text) {
            return Rc::clone(known);
        }
        let folded = Folded::new(text);
        let piece = folded.text.get(trim_edges(&folded.text)).unwrap_or_default().to_owned();
        let hits = self.rules.matches(&piece, Scope::Text, None);
        let whole = hits.iter().filter(|hit| hit.range == (0..piece.len())).filter_map(|hit| {
            let rule = self.rules.rules.get(hit.rule)?;
            let marking =
                rule.rule.kind == RuleKind::Marking && rule.rule.block.is_none() && !rule.rule.companion;
            marking.then_some((rule, hit.level))
        });
        let marks = whole.collect();
        let line = Rc::new(Line { piece, marks });
        let mut lines = self.lines.borrow_mut();
        if lines.len() < MAX_LINES {
            lines.insert(text.to_owned(), Rc::clone(&line));
        }
        line
    }

    /// For the first line of a block: enough other parts of it stand near. Other rules need nothing.
    fn block_is_there(&self, candidate: &Candidate) -> bool {
        let Some(rule) = candidate.rule.and_then(|rule| self.rules.rules.get(rule)) else { return true };
        let Some(block) = &rule.rule.block else { return true };
        let mut parts: BTreeSet<usize> = BTreeSet::new();
        let own = [format!("{}{}{}", candidate.around.0, candidate.matched, candidate.around.1)];
        let lines =
            candidate.before.iter().rev().take(block.lines).chain(candidate.after.iter().take(block.lines));
        for line in lines.chain(&own) {
            let folded = Folded::new(line);
            for hit in self.rules.matches(folded.text.trim(), Scope::Text, None) {
                let part = self.rules.rules.get(hit.rule);
                if part.is_some_and(|part| part.rule.part_of.as_deref() == Some(rule.rule.id.as_str())) {
                    parts.insert(hit.rule);
                }
            }
        }
        parts.len() >= block.parts
    }
}

/// The levels that a text about markings speaks of; none where it speaks of fewer, or bears one in a header, footer or
/// watermark.
fn mentioned_levels<'r>(
    found: &Found,
    rule_of: &impl Fn(&Candidate) -> Option<&'r CompiledRule>,
) -> BTreeSet<Level> {
    let mut times: BTreeMap<Level, u64> = BTreeMap::new();
    for group in &found.groups {
        let Some(first) = group.members.first() else { continue };
        let Some(rule) = rule_of(first) else { continue };
        let banner = first.place.kind.is_margin();
        let mentions = rule.rule.kind == RuleKind::Mention;
        if banner && !mentions && first.level.is_some_and(|level| level > Level::Internal) {
            return BTreeSet::new();
        }
        if let (true, Some(level)) = (mentions, first.level) {
            *times.entry(level).or_default() += group.count;
        }
    }
    let often: BTreeSet<Level> =
        times.into_iter().filter(|(_, times)| *times >= MANUAL_TIMES).map(|(level, _)| level).collect();
    if often.len() >= MANUAL_LEVELS { often } else { BTreeSet::new() }
}

/// Whether one of two texts begins with the words of the other.
fn begins(one: &str, other: &str) -> bool {
    let (long, short) = if one.len() < other.len() { (other, one) } else { (one, other) };
    let rest = long.strip_prefix(short);
    !short.is_empty() && rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

/// Other markings beside a candidate.
enum Around {
    Nothing,
    /// One other level: perhaps a correction, perhaps a list.
    OneOther,
    /// A legend, a form, a table of equivalent levels.
    Several,
}

/// Whether a choice that a form offers stands there, not one that was made.
fn is_option(place: &OwnedPlace) -> bool {
    place.name.as_deref() == Some("option")
}

/// Points where a candidate stands; true when that is the top of the document.
fn place_points(candidate: &Candidate, sum: &mut Sum) -> bool {
    let place = &candidate.place;
    match place.kind {
        Kind::Watermark => sum.add("watermark", points::WATERMARK),
        Kind::Stamp => sum.add("stamp", points::STAMP),
        Kind::Header | Kind::Footer => sum.add(place.kind.as_str(), points::HEADER),
        Kind::Textbox => sum.add("textbox", points::TEXTBOX),
        Kind::Subject => sum.add("subject", points::SUBJECT),
        Kind::Label => sum.add("label", points::LABEL),
        Kind::FormField if is_option(place) => sum.add("option", points::OPTION),
        Kind::Link => sum.add("link", points::OPTION),
        Kind::Script => sum.add("script", points::SCRIPT),
        Kind::Title if place.name.is_none() => sum.add("title", points::PAGE_TITLE),
        _ => {}
    }
    let first_page = place.page.unwrap_or(1) == 1 && place.slide.unwrap_or(1) == 1;
    if place.kind.is_margin() {
        return first_page;
    }
    match (candidate.area, candidate.ordinal) {
        (Some(area), _) if area.page_height > 0.0 => page_position(area, first_page, sum),
        (None, Some(ordinal)) if ordinal < TOP_LINES && first_page && place.kind.is_flow() => {
            sum.add("top-of-document", points::TOP);
            true
        }
        _ => false,
    }
}

/// Whether a mark stands at the head of a page and again at its foot: the banner of that page, whatever else stands between the two.
fn is_at_head_and_foot(candidate: &Candidate, group: &Group) -> bool {
    let place = |one: &Candidate| {
        let area = one.area.filter(|area| area.page_height > 0.0)?;
        let (top, bottom) = (area.top / area.page_height, area.bottom / area.page_height);
        Some((one.place.page, top <= EDGE_SHARE, bottom >= 1.0 - EDGE_SHARE))
    };
    let own = place(candidate);
    let other_end = |one: &Candidate| {
        let (Some((page, head, foot)), Some(other)) = (own, place(one)) else { return false };
        other.0 == page && (head && other.2 || foot && other.1)
    };
    group.members.iter().any(other_end)
}

fn page_position(area: Area, first_page: bool, sum: &mut Sum) -> bool {
    let top = area.top / area.page_height;
    if first_page && top <= TOP_SHARE {
        let left = (area.left + area.right) / 2.0 <= area.page_width / 2.0;
        let (code, points) = if left {
            ("top-left-of-page-1", points::TOP_LEFT)
        } else {
            ("top-right-of-page-1", points::TOP_RIGHT)
        };
        sum.add(code, points);
        return true;
    }
    if top <= EDGE_SHARE || area.bottom / area.page_height >= 1.0 - EDGE_SHARE {
        sum.add("page-edge", points::PAGE_EDGE);
    }
    false
}

/// Named points that add up.
#[derive(Default)]
struct Sum {
    reasons: Vec<Reason>,
}

impl Sum {
    fn add(&mut self, code: &str, points: i32) {
        self.reasons.push(Reason { code: code.to_owned(), points });
    }

    fn total(&self) -> i32 {
        self.reasons.iter().map(|reason| reason.points).sum()
    }

    fn has(&self, code: &str) -> bool {
        self.reasons.iter().any(|reason| reason.code == code)
    }

    /// Takes what is above a ceiling, as a reason of its own, so that the points still add up.
    fn cap(&mut self, code: &str, ceiling: i32) {
        let over = self.total() - ceiling;
        if ceiling < 100 && over > 0 {
            self.add(code, -over);
        }
    }

    /// Adds what is missing to a floor.
    fn raise(&mut self, code: &str, floor: i32) {
        let missing = floor - self.total();
        if missing > 0 {
            self.add(code, missing);
        }
    }
}

fn shape_code(shape: Shape) -> &'static str {
    match shape {
        Shape::Alone => "own-line",
        Shape::Companion => "beside-number",
        Shape::Labelled => "field-value",
        Shape::Edge => "edge-of-line",
        Shape::Prefix => "begins-paragraph",
        Shape::Within => "in-line",
    }
}

/// A box to tick beside the marking.
fn has_check_box((before, after): &(String, String)) -> bool {
    let boxes = |letter: char| matches!(letter, '□' | '☐' | '☑' | '☒' | '◻' | '▢' | '\u{F0A8}' | '\u{F06F}');
    !crate::find::is_ticked(before) && before.chars().chain(after.chars()).any(boxes)
}

/// Quotation marks around the marking within a longer line; folding made them all `"`.
fn is_quoted((before, after): &(String, String)) -> bool {
    let longer = before.chars().chain(after.chars()).filter(|letter| letter.is_alphabetic()).count() >= 4;
    let quote = |letter: Option<char>| matches!(letter, Some('"' | '\''));
    longer && quote(before.trim_end().chars().next_back()) && quote(after.trim_start().chars().next())
}

/// Three or more words in small letters: somebody writes about it.
fn is_sentence((before, after): &(String, String)) -> bool {
    let small = |word: &&str| word.chars().next().is_some_and(char::is_lowercase);
    before.split_whitespace().chain(after.split_whitespace()).filter(small).count() >= 3
}

/// Text around a candidate, for people who asked for it.
fn context(candidate: &Candidate) -> String {
    let line = format!("{}{}{}", candidate.around.0, candidate.matched, candidate.around.1);
    let before = candidate.before.last().map(String::as_str).unwrap_or_default();
    let after = candidate.after.first().map(String::as_str).unwrap_or_default();
    [before, &line, after].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Keyed on rule, letters, kind of place and near text: stable over moves of the file and edits elsewhere in it.
fn fingerprint(rule: &str, candidate: &Candidate) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("daumat finding fingerprint v1");
    let near = [
        rule,
        &unaccented(&candidate.matched),
        candidate.place.kind.as_str(),
        candidate.place.name.as_deref().unwrap_or_default(),
        &candidate.around.0,
        &candidate.around.1,
        candidate.before.last().map(String::as_str).unwrap_or_default(),
        candidate.after.first().map(String::as_str).unwrap_or_default(),
    ];
    for part in near {
        let bare: String = part.chars().filter(|letter| !letter.is_whitespace()).collect();
        hasher.update(bare.as_bytes());
        hasher.update(&[0]);
    }
    hasher.finalize().to_hex().chars().take(32).collect()
}

/// Highest band among findings.
#[must_use]
pub fn worst_band(findings: &[Finding]) -> Option<Band> {
    findings.iter().map(Finding::band).max()
}
