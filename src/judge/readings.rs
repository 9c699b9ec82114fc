//! Words that several authorities use, and marks that count only in company.

use std::collections::BTreeSet;

use crate::find::Found;
use crate::model::{Finding, Level, Reason};
use crate::rules::{CompiledRule, Rollup, RuleKind, RuleSet, Shape};

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

/// The same letters at the same place, read by several authorities: of readings with the same level the more certain stays; where only some
/// have a cue (letterhead, language, institution) they stay; else the lowest stays, and names the others (domain page, section 1.1).
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
    let others: Vec<Vec<(String, Level)>> = findings
        .iter()
        .map(|one| {
            // What a person need not look at is no other reading.
            let unlikely = one.confidence < MEDIUM && one.pack != "company";
            let likely = |other: &&Finding| other.confidence >= MEDIUM || unlikely;
            let other = findings.iter().filter(|other| same(other, one) && other.level != one.level);
            let other = other.filter(likely);
            other.map(|other| (other.pack.clone(), other.level)).collect()
        })
        .collect();
    let mut kept = Vec::with_capacity(findings.len());
    for (mut finding, mut others) in findings.drain(..).zip(others) {
        // A company's word is no other reading of a state's.
        let company = |pack: &str| pack == "company";
        let state = others.iter().any(|(pack, _)| !company(pack));
        let lower = |(pack, level): &(String, Level)| *level < finding.level && !company(pack);
        if others.iter().any(lower) || company(&finding.pack) && state {
            continue;
        }
        if !others.is_empty() {
            others.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
            finding.reasons.push(Reason { code: "ambiguous".to_owned(), points: 0 });
            let named: Vec<String> = others.iter().map(|(pack, level)| format!("{pack}: {level}")).collect();
            finding.title = format!("{} [{}]", finding.title, named.join(", "));
        }
        kept.push(finding);
    }
    *findings = kept;
}
