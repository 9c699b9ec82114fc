//! Rules tried on their own examples, through the real door, finder and judge.

use std::collections::BTreeMap;

use super::examine::{Equipment, Examiner};
use super::mutate::{Mutation, has_long_word, words};
use crate::find::{Finder, Found};
use crate::fold::Folded;
use crate::judge::{Options, judge};
use crate::model::{Band, Finding, Kind, Level, Place, Segment};
use crate::rules::{Example, Rule, RuleKind, Scope};
use crate::walk::Entry;

/// How one example went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The rule.
    pub rule: String,
    /// The example.
    pub text: String,
    /// Whether it went as the rule says.
    pub passed: bool,
    /// What went wrong.
    pub problem: String,
}

/// Tries every example and counter-example.
#[must_use]
pub fn try_rules(equipment: &Equipment) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for (index, rule) in equipment.rules.rules.iter().enumerate() {
        let rule = &rule.rule;
        if !matches!(rule.kind, RuleKind::Marking | RuleKind::Keyword) {
            outcomes.extend(try_unreported(equipment, index, rule));
            continue;
        }
        for example in &rule.examples {
            let found = findings(equipment, example);
            let own = found.iter().find(|finding| finding.rule == rule.id);
            let wanted: Option<Level> = match example {
                Example::Full { level, .. } => *level,
                Example::Text(_) => None,
            };
            let problem = match own {
                None => format!("not found; found instead: {}", names(&found)),
                Some(finding) if wanted.is_some_and(|level| level != finding.level) => {
                    format!("found as {}, not {}", finding.level, wanted.map_or("", Level::as_str))
                }
                Some(_) => String::new(),
            };
            outcomes.push(outcome(&rule.id, example, problem));
        }
        let pack = rule.id.split('.').next().unwrap_or_default();
        for example in &rule.counter_examples {
            let wrong: Vec<Finding> = findings(equipment, example)
                .into_iter()
                .filter(|finding| finding.pack == pack && finding.band() >= Band::Medium)
                .collect();
            let problem = if wrong.is_empty() {
                String::new()
            } else {
                format!("found, though it is none: {}", names(&wrong))
            };
            outcomes.push(outcome(&rule.id, example, problem));
        }
    }
    outcomes
}

/// Rules that make no finding of their own (parts of blocks, releases, mentions): the text meets the rule, or does not. Beside a
/// release no marking of the text stays above its ceiling.
fn try_unreported(equipment: &Equipment, index: usize, rule: &Rule) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for (examples, wanted) in [(&rule.examples, true), (&rule.counter_examples, false)] {
        for example in examples {
            let (place, name) = place_of(example);
            let text = unfolded(example.text());
            let found = seen_in(equipment, &text, place, name);
            // As a block looks for its parts: line by line, without the sieve.
            let in_lines = || {
                let met = |line: &str| {
                    let hits = equipment.rules.matches(Folded::new(line).text.trim(), Scope::Text, None);
                    hits.iter().any(|hit| hit.rule == index)
                };
                rule.kind == RuleKind::Part && text.lines().any(met)
            };
            let members = || found.groups.iter().flat_map(|group| &group.members);
            let met = members().any(|one| one.rule == Some(index)) || in_lines();
            let above = || {
                let findings = judge(&found, &equipment.rules, Options::default());
                let above = findings.into_iter().filter(|one| i32::from(one.confidence) > rule.ceiling);
                above.collect::<Vec<_>>()
            };
            let problem = match (met, wanted) {
                (false, true) => "not met".to_owned(),
                (true, false) => "met, though it should not be".to_owned(),
                (true, true) if rule.kind == RuleKind::Cancel && !above().is_empty() => {
                    format!("found above the ceiling of {}: {}", rule.ceiling, names(&above()))
                }
                _ => String::new(),
            };
            outcomes.push(outcome(&rule.id, example, problem));
        }
    }
    outcomes
}

fn outcome(rule: &str, example: &Example, problem: String) -> Outcome {
    Outcome { rule: rule.to_owned(), text: example.text().to_owned(), passed: problem.is_empty(), problem }
}

fn names(findings: &[Finding]) -> String {
    let named: Vec<String> = findings
        .iter()
        .map(|finding| format!("{} {} {}", finding.rule, finding.level, finding.confidence))
        .collect();
    if named.is_empty() { "nothing".to_owned() } else { named.join(", ") }
}

/// What is found in an example.
fn findings(equipment: &Equipment, example: &Example) -> Vec<Finding> {
    let (place, name) = place_of(example);
    found_in(equipment, &unfolded(example.text()), place, name)
}

fn place_of(example: &Example) -> (Kind, Option<&str>) {
    match example {
        Example::Full { place, name, .. } => (place.unwrap_or_default(), name.as_deref()),
        Example::Text(_) => (Kind::Body, None),
    }
}

/// Line breaks as they are written in examples and tables.
fn unfolded(text: &str) -> String {
    text.replace('⏎', "\n")
}

/// What is found in a text. In the body it is a text file; other places are one segment of such a place.
fn found_in(equipment: &Equipment, text: &str, place: Kind, name: Option<&str>) -> Vec<Finding> {
    if place == Kind::Body {
        let content = Some(text.as_bytes().to_vec());
        let entry = Entry {
            id: 0,
            path: "example.txt".into(),
            name: "example.txt".into(),
            size: text.len() as u64,
            content,
            span: None,
        };
        let report = Examiner::new(equipment).entry(&entry);
        return report.documents.into_iter().flat_map(|document| document.findings).collect();
    }
    judge(&seen_in(equipment, text, place, name), &equipment.rules, Options::default())
}

/// What rules meet in a text, as one segment of such a place.
fn seen_in(equipment: &Equipment, text: &str, place: Kind, name: Option<&str>) -> Found {
    let mut finder = Finder::new(&equipment.rules, &equipment.sieve);
    let place = Place { name, ..Place::new(place) };
    finder.segment(&Segment::new(text, place));
    finder.finish()
}

/// A line of an outside table: a text, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Number of the line, from 1.
    pub line: usize,
    /// The text, with line breaks as they are.
    pub text: String,
    /// What must be found in it.
    pub wanted: Wanted,
    /// Name of its class.
    pub class: String,
}

/// What must be found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Nothing at medium or above.
    Nothing,
    /// A marking of whatever level.
    Any,
    /// A marking; the highest that is found has this level.
    Level(Level),
}

/// Reads a table: text, level (`none`: no marking; `any`: a level that is not named), and a class if there is one, with tabs between.
///
/// # Errors
/// The number of the line that is wrong.
pub fn read_cases(table: &str) -> Result<Vec<Case>, usize> {
    let mut cases = Vec::new();
    for (number, line) in table.trim_start_matches('\u{FEFF}').lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let mut fields = line.split('\t');
        let (text, level) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default().trim());
        let wanted = match level {
            "none" => Wanted::Nothing,
            "any" => Wanted::Any,
            _ => Wanted::Level(Level::from_name(level).ok_or(number + 1)?),
        };
        let class = fields.next().map(str::trim).filter(|class| !class.is_empty()).unwrap_or("-").to_owned();
        cases.push(Case { line: number + 1, text: unfolded(text), wanted, class });
    }
    Ok(cases)
}

/// How the texts of a class went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Score {
    /// Texts with a marking.
    pub marked: usize,
    /// Of those: found at medium or above.
    pub found: usize,
    /// Of those: with the right level.
    pub right: usize,
    /// Texts without a marking.
    pub plain: usize,
    /// Of those: something was found at medium or above.
    pub falsely: usize,
    /// What went wrong, in the order of the texts.
    pub wrong: Vec<Wrong>,
}

impl Score {
    /// Percent of the texts with a marking that were found with the right level; none without such texts.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 texts")]
    pub fn recall(&self) -> Option<f64> {
        (self.marked > 0).then(|| 100.0 * self.right as f64 / self.marked as f64)
    }

    /// Percent of the texts without a marking in which nothing was found; none without such texts.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 texts")]
    pub fn left_alone(&self) -> Option<f64> {
        (self.plain > 0).then(|| 100.0 * (self.plain - self.falsely) as f64 / self.plain as f64)
    }

    fn add(&mut self, source: &str, text: &str, wanted: Wanted, found: &[Finding]) {
        let level =
            found.iter().filter(|finding| finding.band() >= Band::Medium).map(|finding| finding.level).max();
        let right = match wanted {
            Wanted::Nothing => level.is_none(),
            Wanted::Any => level.is_some(),
            Wanted::Level(wanted) => level == Some(wanted),
        };
        if wanted == Wanted::Nothing {
            self.plain += 1;
            self.falsely += usize::from(!right);
        } else {
            self.marked += 1;
            self.found += usize::from(level.is_some());
            self.right += usize::from(right);
        }
        if !right {
            self.wrong.push(Wrong {
                source: source.to_owned(),
                text: text.to_owned(),
                wanted,
                found: names(found),
            });
        }
    }
}

/// A text that did not go as it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Rule or line it comes from.
    pub source: String,
    /// The text as it was tried.
    pub text: String,
    /// What should have been found.
    pub wanted: Wanted,
    /// What was: rules, levels, confidences.
    pub found: String,
}

/// Tries the texts of a table; scores by class.
#[must_use]
pub fn try_cases(equipment: &Equipment, cases: &[Case]) -> BTreeMap<String, Score> {
    let mut scores: BTreeMap<String, Score> = BTreeMap::new();
    for case in cases {
        let found = found_in(equipment, &case.text, Kind::Body, None);
        let score = scores.entry(case.class.clone()).or_default();
        score.add(&case.line.to_string(), &case.text, case.wanted, &found);
    }
    scores
}

/// A text whose marking is found, to be damaged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sound<'a> {
    source: String,
    text: String,
    place: Kind,
    name: Option<&'a str>,
}

/// The examples of the rules.
#[must_use]
pub fn examples(equipment: &Equipment) -> Vec<Sound<'_>> {
    let rules = equipment.rules.rules.iter().map(|rule| &rule.rule);
    let judged = rules.filter(|rule| matches!(rule.kind, RuleKind::Marking | RuleKind::Keyword));
    let all = judged.flat_map(|rule| rule.examples.iter().map(move |example| (rule, example)));
    all.map(|(rule, example)| {
        let (place, name) = place_of(example);
        Sound { source: rule.id.clone(), text: unfolded(example.text()), place, name }
    })
    .collect()
}

/// The marked texts of a table.
#[must_use]
pub fn marked(cases: &[Case]) -> Vec<Sound<'static>> {
    let marked = cases.iter().filter(|case| case.wanted != Wanted::Nothing);
    marked
        .map(|case| Sound {
            source: case.line.to_string(),
            text: case.text.clone(),
            place: Kind::Body,
            name: None,
        })
        .collect()
}

/// How marks went that were damaged in one way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Damaged {
    /// Marks of one word.
    pub one: Score,
    /// Marks of several words, all so short that a slip makes other words of them.
    pub short: Score,
    /// Other marks of several words.
    pub several: Score,
    /// The same by pack.
    pub packs: BTreeMap<String, Score>,
}

/// More words make a sentence: a notice, copied rather than typed or stamped.
const MOST_WORDS: usize = 6;

/// Reasons of marks that are damaged already.
const DAMAGED: [&str; 13] = [
    "mistyped",
    "misread",
    "glued",
    "other-delimiters",
    "without-accents",
    "letter-spaced",
    "split-over-lines",
    "look-alike-letters",
    "form-delimiter",
    "form-order",
    "form-typo",
    "form-case",
    "form-unknown",
];

/// Damages the mark of each text in every way, and tries whether it is still found at medium or above with the same level. Left out: texts
/// that are not found undamaged, and whose mark does not stand in them as it is shown; marks that are damaged already; sentences; names of
/// files, properties and markup, which software writes.
#[must_use]
pub fn try_damaged(equipment: &Equipment, texts: &[Sound<'_>]) -> BTreeMap<Mutation, Damaged> {
    let mut scores: BTreeMap<Mutation, Damaged> = BTreeMap::new();
    for sound in texts {
        let found = found_in(equipment, &sound.text, sound.place, sound.name);
        let certain = found.iter().filter(|finding| finding.band() >= Band::Medium);
        // The first of the highest ones.
        let Some(best) = certain.reduce(|best, next| if next.level > best.level { next } else { best })
        else {
            continue;
        };
        let Some(start) = sound.text.find(&best.matched) else { continue };
        let rule = equipment.rules.rules.iter().find(|rule| rule.rule.id == best.rule).map(|rule| &rule.rule);
        let written = rule.is_none_or(|rule| rule.scope.contains(&Scope::Text) && !rule.damaged)
            && !matches!(sound.place, Kind::Name | Kind::Label | Kind::Property)
            && !best.matched.contains(['<', '=']);
        let damaged = best
            .reasons
            .iter()
            .any(|reason| DAMAGED.contains(&reason.code.as_str()) || reason.code.starts_with("charset-"));
        if !written || damaged || words(&best.matched) > MOST_WORDS {
            continue;
        }
        let mark = start..start + best.matched.len();
        for way in Mutation::ALL {
            // Only what stands alone can be told from other words.
            let alone = best.reasons.first().is_some_and(|reason| {
                matches!(reason.code.as_str(), "own-line" | "beside-number" | "field-value" | "edge-of-line")
            });
            if !alone && way != Mutation::Delimiter {
                continue;
            }
            let score = scores.entry(way).or_default();
            let several = words(&best.matched) > 1;
            let short = several && way == Mutation::Typo && !has_long_word(&best.matched);
            let wanted = Wanted::Level(best.level);
            let mut texts = way.of(&sound.text, &mark);
            let mut tried: Vec<(String, Vec<Finding>)> = Vec::new();
            if way == Mutation::LostFormat && sound.place != Kind::Body {
                tried.push((sound.text.clone(), found_in(equipment, &sound.text, Kind::Body, None)));
            }
            tried.extend(texts.drain(..).map(|text| {
                let found = found_in(equipment, &text, sound.place, sound.name);
                (text, found)
            }));
            for (text, found) in &tried {
                let row = match (several, short) {
                    (false, _) => &mut score.one,
                    (true, true) => &mut score.short,
                    (true, false) => &mut score.several,
                };
                row.add(&sound.source, text, wanted, found);
                if several && !short {
                    score.packs.entry(best.pack.clone()).or_default().add(&sound.source, text, wanted, found);
                }
            }
        }
    }
    scores
}
