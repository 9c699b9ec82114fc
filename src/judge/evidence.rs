//! Evidence of the packs: letterheads, number lines, companion lines, words that tell a model sheet from a letter.

use super::Sum;
use crate::find::Candidate;
use crate::fold::unaccented;
use crate::rules::RuleSet;

/// Lines as evidence is looked for: in unaccented capitals, and glued without blanks and signs, since extractors break
/// `CỘNG HÒA XÃ⏎HỘI CHỦ NGHĨA` anywhere and write `HOÀ` as well as `HÒA`.
pub(super) struct Surroundings {
    lines: Vec<String>,
    glued: String,
}

impl Surroundings {
    pub(super) fn of<'a>(lines: impl Iterator<Item = &'a String>) -> Surroundings {
        let lines: Vec<String> =
            lines.map(|line| unaccented(line).split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        let glued =
            lines.iter().flat_map(|line| line.chars()).filter(|letter| letter.is_alphanumeric()).collect();
        Surroundings { lines, glued }
    }
}

/// Adds the points of all evidence that holds for a candidate of a pack; gives the ceilings that come with it.
pub(super) fn weigh<'r>(
    rules: &'r RuleSet,
    pack: usize,
    candidate: &Candidate,
    near: &Surroundings,
    head: Option<&Surroundings>,
    sum: &mut Sum,
) -> Vec<(&'r str, i32)> {
    use crate::rules::Where;
    let mut ceilings = Vec::new();
    let of_text = |text: &str| Surroundings::of([text.to_owned()].iter());
    let before = of_text(&candidate.around.0);
    let after = of_text(&candidate.around.1);
    let piece = of_text(&format!("{}{}{}", candidate.around.0, candidate.matched, candidate.around.1));
    for item in &rules.evidence {
        if item.pack != pack && !item.evidence.all_packs {
            continue;
        }
        let texts: Vec<&Surroundings> = match item.evidence.place {
            Where::Page => [Some(near), head].into_iter().flatten().collect(),
            Where::Near => vec![near],
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
            ceilings.push((item.evidence.code.as_str(), ceiling));
        }
    }
    ceilings
}
