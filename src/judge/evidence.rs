//! Evidence of the packs: letterheads, number lines, companion lines, words that tell a model sheet from a letter.

use super::Sum;
use crate::find::{Candidate, Transform};
use crate::fold::{legacy, unaccented};
use crate::model::Kind;
use crate::rules::RuleSet;

/// Lines as evidence is looked for: in unaccented capitals, and glued without blanks and signs, since extractors break
/// `CỘNG HÒA XÃ⏎HỘI CHỦ NGHĨA` anywhere and write `HOÀ` as well as `HÒA`.
pub(super) struct Surroundings {
    /// As they stand; kept for decoding.
    raw: Vec<String>,
    lines: Vec<String>,
    glued: String,
}

impl Surroundings {
    pub(super) fn of<'a>(lines: impl Iterator<Item = &'a String>) -> Surroundings {
        let raw: Vec<String> = lines.cloned().collect();
        let lines: Vec<String> = raw
            .iter()
            .map(|line| unaccented(line).split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        let glued =
            lines.iter().flat_map(|line| line.chars()).filter(|letter| letter.is_alphanumeric()).collect();
        Surroundings { raw, lines, glued }
    }

    /// The same, read in a legacy charset.
    fn decoded(&self, charset: legacy::Charset) -> Surroundings {
        let lines: Vec<String> = self.raw.iter().filter_map(|line| legacy::decode(line, charset)).collect();
        Surroundings::of(lines.iter())
    }
}

/// What evidence brings besides points.
#[derive(Default)]
pub(super) struct Weighed<'r> {
    /// Highest confidence, with the code of the evidence that says so.
    pub(super) ceilings: Vec<(&'r str, i32)>,
    /// Codes of what no longer speaks against the candidate.
    pub(super) settled: Vec<&'r str>,
}

/// Adds the points of all evidence that holds for a candidate of a pack; gives the ceilings that come with it and what it settles.
pub(super) fn weigh<'r>(
    rules: &'r RuleSet,
    pack: usize,
    candidate: &Candidate,
    near: &Surroundings,
    head: Option<&Surroundings>,
    sum: &mut Sum,
) -> Weighed<'r> {
    use crate::rules::Where;
    let mut weighed = Weighed::default();
    let of_text = |text: &str| Surroundings::of([text.to_owned()].iter());
    let before = of_text(&candidate.around.0);
    let after = of_text(&candidate.around.1);
    let piece = of_text(&format!("{}{}{}", candidate.around.0, candidate.matched, candidate.around.1));
    let previous = Surroundings::of(candidate.before.last().into_iter());
    let next = Surroundings::of(candidate.after.first().into_iter());
    // The charset of a marking is that of its letterhead.
    let decoded_head = candidate.transforms.iter().find_map(|transform| match transform {
        Transform::Legacy(charset) | Transform::LegacyCapitals(charset) => Some(head?.decoded(*charset)),
        _ => None,
    });
    for item in &rules.evidence {
        if item.pack != pack && !item.evidence.all_packs {
            continue;
        }
        let spoken_to = |rule: usize| {
            rules.rules.get(rule).is_some_and(|rule| item.evidence.rules.contains(&rule.rule.id))
        };
        if !item.evidence.rules.is_empty() && !candidate.rule.is_some_and(spoken_to) {
            continue;
        }
        // What stands beside a property in the file is another thing.
        let beside = matches!(item.evidence.place, Where::Near | Where::Adjacent | Where::Previous);
        let of_file = matches!(candidate.place.kind, Kind::Property | Kind::Label);
        if of_file && beside && item.evidence.points < 0 {
            continue;
        }
        let texts: Vec<&Surroundings> = match item.evidence.place {
            Where::Page => [Some(near), head, decoded_head.as_ref()].into_iter().flatten().collect(),
            Where::Near => vec![near],
            Where::Adjacent => vec![&previous, &next],
            Where::Previous => vec![&previous],
            Where::Before => vec![&before],
            Where::After => vec![&after],
            Where::Piece => vec![&piece],
        };
        let by_line = item
            .patterns
            .iter()
            .filter(|pattern| texts.iter().any(|text| text.lines.iter().any(|line| pattern.is_match(line))));
        let by_letters = item
            .evidence
            .glued
            .iter()
            .filter(|letters| texts.iter().any(|text| text.glued.contains(letters.as_str())));
        let hits = by_line.count() + by_letters.count();
        if hits == 0 {
            continue;
        }
        // At most two further hits count: three companions say as much as five.
        let further = i32::try_from(hits.saturating_sub(1).min(2)).unwrap_or(0);
        sum.add(&item.evidence.code, item.evidence.points + item.evidence.more * further);
        if let Some(ceiling) = item.evidence.ceiling {
            weighed.ceilings.push((item.evidence.code.as_str(), ceiling));
        }
        weighed.settled.extend(item.evidence.settles.iter().map(String::as_str));
    }
    sum.reasons.retain(|reason| reason.points >= 0 || !weighed.settled.contains(&reason.code.as_str()));
    weighed
}
