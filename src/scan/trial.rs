//! Rules tried on their own examples, through the real door, finder and judge.

use super::examine::{Equipment, Examiner};
use crate::find::Finder;
use crate::judge::{Options, judge};
use crate::model::{Band, Finding, Kind, Level, Place, Segment};
use crate::rules::{Example, RuleKind};
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
    for rule in &equipment.rules.rules {
        let rule = &rule.rule;
        if !matches!(rule.kind, RuleKind::Marking | RuleKind::Keyword) {
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

/// What is found in an example. A body example is a text file; other places are one segment of such a place.
fn findings(equipment: &Equipment, example: &Example) -> Vec<Finding> {
    let text = example.text().replace('⏎', "\n");
    let (place, name) = match example {
        Example::Full { place, name, .. } => (place.unwrap_or_default(), name.as_deref()),
        Example::Text(_) => (Kind::Body, None),
    };
    if place == Kind::Body {
        let content = Some(text.clone().into_bytes());
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
    let mut finder = Finder::new(&equipment.rules, &equipment.sieve);
    let place = Place { name, ..Place::new(place) };
    finder.segment(&Segment::new(&text, place));
    judge(&finder.finish(), &equipment.rules, Options::default())
}
