//! Labels that are only numbers, labels that nobody can read, and labels that contradict the text.

use super::Options;
use crate::find::Found;
use crate::model::{Finding, Kind, Level, OwnedPlace, Reason};
use crate::rules::RuleSet;
use crate::text::{Word, fill};

/// A number that the user's own file explains.
const MAPPED: u8 = 90;
/// A label that nobody explains: information, no marking.
const UNKNOWN: u8 = 30;
/// A contradiction is never more certain than this: the text may quote.
const CONTRADICTION: u8 = 79;

/// Words of a label that say that the document is open.
const OPEN: [&str; 12] = [
    "UNCLASSIFIED",
    "UNOFFICIAL",
    "PUBLIC",
    "OPEN",
    "NON PROTEGE",
    "OFFEN",
    "NIET GERUBRICEERD",
    "OFFICIAL",
    "NATO UNCLASSIFIED",
    "TLP:CLEAR",
    "TLP:WHITE",
    "NON-BUSINESS",
];

/// Adds what labels say beyond the words of their names. Nothing without the pack `labels`.
pub(super) fn judge(found: &Found, rules: &RuleSet, options: Options, findings: &mut Vec<Finding>) {
    if !rules.packs.iter().any(|pack| pack.id == "labels") {
        return;
    }
    let named = |guid: &str| {
        let name = format!("MSIP_Label_{guid}_Name");
        found.outline.labels.keys().any(|known| known.eq_ignore_ascii_case(&name))
    };
    for label in found.outline.label_numbers.iter().filter(|label| !label.off) {
        match rules.labels.get(&label.guid) {
            Some(known) => {
                let Some(level) = known.level else { continue };
                let title = format!("{}: {}", Word::RuleLabelMapped.get(options.lang), known.name);
                findings.push(finding(
                    "labels.mapped",
                    title,
                    level,
                    MAPPED,
                    &label.place,
                    &known.name,
                    "label-map",
                ));
            }
            None if !named(&label.guid) => {
                let title = Word::RuleLabelUnknown.get(options.lang).to_owned();
                findings.push(finding(
                    "labels.unknown",
                    title,
                    Level::Internal,
                    UNKNOWN,
                    &label.place,
                    &label.guid,
                    "label-unknown",
                ));
            }
            None => {}
        }
    }
    contradiction(found, options, findings);
}

/// A label lower than the marking in the text, or one that says the document is open.
fn contradiction(found: &Found, options: Options, findings: &mut Vec<Finding>) {
    let certain = |finding: &&Finding| finding.confidence >= 50;
    let is_label = |finding: &&Finding| finding.place.kind == Kind::Label || finding.pack == "labels";
    let state =
        |finding: &&Finding| !matches!(finding.pack.as_str(), "tlp" | "company" | "keywords" | "labels");
    let visible = |finding: &&Finding| {
        matches!(
            finding.place.kind,
            Kind::Body
                | Kind::Header
                | Kind::Footer
                | Kind::Watermark
                | Kind::Textbox
                | Kind::Stamp
                | Kind::Table
                | Kind::Ocr
                | Kind::Subject
        )
    };
    let text = findings.iter().filter(certain).filter(state).filter(visible).filter(|one| !is_label(one));
    let Some(marked) = text.max_by_key(|finding| (finding.level, finding.confidence)).cloned() else {
        return;
    };
    let label = findings.iter().filter(certain).filter(is_label).max_by_key(|finding| finding.level);
    let (place, told) = match label {
        Some(label) if label.level < marked.level => (label.place.clone(), label.matched.clone()),
        Some(_) => return,
        None => match open_label(found) {
            Some((name, value)) => {
                let place = OwnedPlace { kind: Kind::Label, name: Some(name), ..OwnedPlace::default() };
                (place, value)
            }
            None => return,
        },
    };
    let title = fill(Word::RuleLabelContradiction.get(options.lang), &[&told, &marked.matched]);
    let confidence = marked.confidence.min(CONTRADICTION);
    findings.push(finding(
        "labels.contradiction",
        title,
        marked.level,
        confidence,
        &place,
        &told,
        "label-contradiction",
    ));
}

/// A label that says the document is open.
fn open_label(found: &Found) -> Option<(String, String)> {
    let mut open: Vec<(String, String)> = Vec::new();
    for (name, value) in &found.outline.labels {
        let lower = name.to_lowercase();
        let tells = ["_name", "classification", "sensitivity", "securitylabel", "security-label", "marking"];
        if !tells.iter().any(|part| lower.ends_with(part) || lower.contains("protective")) {
            continue;
        }
        if let Some(stem) = name.strip_suffix("_Name") {
            let enabled = found.outline.labels.get(&format!("{stem}_Enabled"));
            if enabled.is_some_and(|value| value.trim().eq_ignore_ascii_case("false")) {
                continue;
            }
        }
        let plain = crate::fold::unaccented(value.trim());
        let field =
            plain.split("SEC=").nth(1).map(|rest| rest.split([',', ']']).next().unwrap_or_default().trim());
        if OPEN.contains(&field.unwrap_or(plain.as_str())) {
            open.push((name.clone(), value.trim().to_owned()));
        }
    }
    open.sort();
    open.into_iter().next()
}

fn finding(
    rule: &str,
    title: String,
    level: Level,
    confidence: u8,
    place: &OwnedPlace,
    matched: &str,
    reason: &str,
) -> Finding {
    let mut hasher = blake3::Hasher::new_derive_key("daumat finding fingerprint v1");
    for part in [rule, matched, place.kind.as_str(), place.name.as_deref().unwrap_or_default()] {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    Finding {
        rule: rule.to_owned(),
        pack: "labels".to_owned(),
        title,
        level,
        confidence,
        place: place.clone(),
        matched: matched.to_owned(),
        reasons: vec![Reason { code: reason.to_owned(), points: i32::from(confidence) }],
        context: None,
        fingerprint: hasher.finalize().to_hex().chars().take(32).collect(),
        known: None,
    }
}
