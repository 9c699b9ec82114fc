//! Words that several authorities use, and marks that count only in company.

use std::collections::BTreeSet;

use crate::find::Found;
use crate::model::{Finding, Reason};
use crate::rules::{CompiledRule, Rollup, RuleKind, RuleSet, Shape};

/// What the reading with the higher level of an ambiguous word loses, so that the lower stands first.
const HIGHER_READING: u8 = 5;

/// From here on a person should look.
const MEDIUM: u8 = 50;

/// Whether enough other marks stand in the document for a mark that never counts alone: others of its kind and of
/// other values at the beginning of paragraphs, or a banner or block of the same pack.
pub(super) fn in_company(found: &Found, rules: &RuleSet, rule: &CompiledRule, rollup: Rollup) -> bool {
    let mut count = 0;
    let mut values: BTreeSet<&str> = BTreeSet::new();
    for group in &found.groups {
        for candidate in &group.members {
            let Some(other) = candidate.rule.and_then(|index| rules.rules.get(index)) else { continue };
            let portion = matches!(candidate.shape, Shape::Prefix | Shape::Alone);
            let same =
                other.rule.id == rule.rule.id || other.rule.part_of.as_deref() == Some(rule.rule.id.as_str());
            if same && portion {
                count += group.count / group.members.len().max(1) as u64;
                values.insert(candidate.matched.as_str());
            } else if other.pack == rule.pack
                && other.rule.kind == RuleKind::Marking
                && other.rule.rollup.is_none()
                && matches!(candidate.shape, Shape::Alone | Shape::Companion | Shape::Edge | Shape::Labelled)
                && other.rule.points.of(candidate.shape).is_some_and(|points| points >= 40)
            {
                return true;
            }
        }
    }
    count >= rollup.count && values.len() >= rollup.values
}

/// The same letters at the same place, read by several authorities: of readings with the same level the more certain
/// stays; where only some have a cue (letterhead, language, institution) they stay; else all stay, each says so, and the
/// lower level comes first.
pub(super) fn settle(findings: &mut Vec<Finding>) {
    let same = |a: &Finding, b: &Finding| a.pack != b.pack && a.place == b.place && a.matched == b.matched;
    let cue = |finding: &Finding| {
        let is_cue = |reason: &Reason| {
            (reason.code.ends_with("-cue") || reason.code.ends_with("letterhead")) && reason.points > 0
        };
        finding.reasons.iter().any(is_cue)
    };
    let mut index = 0;
    while let Some(one) = findings.get(index) {
        let beaten = findings.iter().enumerate().any(|(other, finding)| {
            // A state's grade says more than a company's.
            let rank = |finding: &Finding, at: usize| {
                let state = finding.pack != "company" && finding.confidence >= MEDIUM;
                (state, cue(finding), finding.confidence, usize::MAX - at)
            };
            other != index
                && same(finding, one)
                && !(finding.pack == "company" && one.pack != "company")
                && if finding.level == one.level {
                    rank(finding, other) > rank(one, index)
                } else {
                    // A reading that is only a mention yields to one that a person should look at.
                    let likely = finding.confidence >= MEDIUM && one.confidence < MEDIUM;
                    cue(finding) && !cue(one) && finding.confidence >= one.confidence || likely
                }
        });
        if beaten { drop(findings.remove(index)) } else { index += 1 }
    }
    let others: Vec<Vec<(String, crate::model::Level)>> = findings
        .iter()
        .map(|one| {
            let other = findings.iter().filter(|other| same(other, one) && other.level != one.level);
            other.map(|other| (other.pack.clone(), other.level)).collect()
        })
        .collect();
    for (finding, others) in findings.iter_mut().zip(others) {
        if others.is_empty() {
            continue;
        }
        let higher = others.iter().any(|(_, level)| *level < finding.level);
        let points = if higher { HIGHER_READING.min(finding.confidence) } else { 0 };
        finding.reasons.push(Reason { code: "ambiguous".to_owned(), points: -i32::from(points) });
        finding.confidence -= points;
        let named: Vec<String> = others.iter().map(|(pack, level)| format!("{pack}: {level}")).collect();
        finding.title = format!("{} [{}]", finding.title, named.join(", "));
    }
}
