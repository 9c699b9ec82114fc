//! The report a person reads: worst first, grouped by document, with place and reasons; then what was not read; then
//! the ledger.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::escape::for_terminal;
use super::{LegalBasis, Options, Report, Start, Tally, display, ledger_line, place_in_words};
use crate::model::{Band, EntryReport, Fact, Finding, GapReason, Level};
use crate::text::details::detail;
use crate::text::{Lang, Word, codes, fill};

/// Documents of one gap reason that are named; the rest is counted. `-v` names all.
const NAMED_GAPS: usize = 10;

/// See the module's head.
pub struct Text<W: Write> {
    out: W,
    options: Options,
    flagged: Vec<Flagged>,
    legal_basis: Vec<LegalBasis>,
    /// Packs that findings were shown of.
    packs: BTreeSet<String>,
    unread: BTreeMap<GapReason, (Vec<String>, u64)>,
}

/// A document with something to show.
struct Flagged {
    name: String,
    findings: Vec<Finding>,
    /// When a crawler captured it, and the other addresses it found the same content at.
    crawled: Vec<String>,
}

/// What a crawl says of a document beside its text.
fn crawled(facts: &[Fact], lang: Lang) -> Vec<String> {
    let told = |code: &str| {
        let facts = facts.iter().filter(|fact| fact.code == code);
        facts.map(|fact| format!("{} {}", codes::fact(code, lang), fact.value)).collect::<Vec<_>>()
    };
    [told("captured"), told("also-at")].concat()
}

impl<W: Write> Text<W> {
    /// A report that goes to `out`.
    pub fn new(out: W, options: Options) -> Text<W> {
        Text {
            out,
            options,
            flagged: Vec::new(),
            legal_basis: Vec::new(),
            packs: BTreeSet::new(),
            unread: BTreeMap::new(),
        }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.options.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let lang = self.options.lang;
        let glossary = &self.options.glossary;
        self.packs.insert(finding.pack.clone());
        let mark = self.paint("1", &for_terminal(&finding.matched));
        let title = glossary.title(&finding.rule, &finding.title, lang);
        let reasons: Vec<String> = finding
            .reasons
            .iter()
            .map(|reason| match lang {
                // The code is what `--help`, packs and other reports call it.
                Lang::En => format!("{} {:+}", reason.code, reason.points),
                Lang::Vi => format!("{} {:+}", glossary.reason(&reason.code, lang), reason.points),
            })
            .collect();
        writeln!(self.out, "    {mark}  {} [{}]", for_terminal(title), finding.rule)?;
        let place = for_terminal(&place_in_words(&finding.place, lang));
        writeln!(self.out, "      {:<6} {place}", Word::Where.get(lang))?;
        let sum: i32 = finding.reasons.iter().map(|reason| reason.points).sum();
        let kept = i32::from(finding.confidence);
        let counts = if sum == kept { String::new() } else { fill(Word::CountsAs.get(lang), &[&kept]) };
        let separator = lang.pick(", ", "; ");
        writeln!(self.out, "      {:<6} {} = {sum}{counts}", Word::Why.get(lang), reasons.join(separator))?;
        if let Some(known) = &finding.known {
            let decision = codes::decision(known.decision, lang);
            let since = fill(Word::KnownSince.get(lang), &[&decision, &known.first_seen]);
            let over = known.expires.as_ref().filter(|_| known.expired);
            let over = over.map_or(String::new(), |day| fill(Word::DecisionOver.get(lang), &[day]));
            writeln!(self.out, "      {:<6} {since}{over}", Word::Known.get(lang))?;
        }
        if let Some(context) = &finding.context {
            for line in context.lines() {
                writeln!(self.out, "      {:<6} {}", Word::Text.get(lang), for_terminal(line))?;
            }
        }
        Ok(())
    }

    fn ledger(&mut self, tally: &Tally) -> io::Result<()> {
        let lang = self.options.lang;
        let skipped: Vec<String> = tally
            .skipped
            .iter()
            .map(|(reason, n)| match lang {
                Lang::En => format!("{} {n}", reason.as_str()),
                Lang::Vi => format!("{} {n}", codes::skip(*reason, lang)),
            })
            .collect();
        let skipped = if skipped.is_empty() { String::new() } else { format!(" ({})", skipped.join(", ")) };
        writeln!(self.out, "{}{skipped}", ledger_line(tally, lang))?;
        let bands = [Band::High, Band::Medium, Band::Low];
        let told = |shown: bool| {
            let told = bands.into_iter().filter(|band| (*band >= self.options.threshold.band) == shown);
            told.map(|band| format!("{} {}", codes::band(band, lang), tally.in_band(band)))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let (shown, below) = (told(true), told(false));
        let below = if below.is_empty() { String::new() } else { fill(Word::NotShown.get(lang), &[&below]) };
        let found = fill(Word::PossibleMarkings.get(lang), &[&shown, &tally.flagged_documents]);
        writeln!(self.out, "{found}{below}")?;
        if tally.suppressed > 0 {
            writeln!(self.out, "{}", fill(Word::Covered.get(lang), &[&tally.suppressed]))?;
        }
        if let Some(recalled) = tally.recalled {
            writeln!(self.out, "{}", fill(Word::Recalled.get(lang), &[&lang.number(recalled)]))?;
        }
        if tally.interrupted {
            writeln!(self.out, "{}", self.paint("31", Word::Interrupted.get(lang)))?;
        } else if tally.flagged_documents == 0 {
            let rest = if tally.is_incomplete() { Word::UnreadIsAbove.get(lang) } else { "" };
            writeln!(self.out, "{}{rest}", Word::NothingFound.get(lang))?;
        }
        for cited in self.legal_basis.iter().filter(|cited| self.packs.contains(&cited.pack)) {
            writeln!(self.out, "{}", fill(Word::LegalBasisCited.get(lang), &[&cited.pack, &cited.title]))?;
        }
        writeln!(self.out, "{}", Word::Honesty.get(lang))
    }
}

fn level_color(level: Level) -> &'static str {
    match level {
        Level::TopSecret | Level::Secret => "1;31",
        Level::Confidential => "31",
        Level::Restricted => "33",
        Level::Internal => "36",
    }
}

impl<W: Write> Report for Text<W> {
    fn start(&mut self, start: &Start) -> io::Result<()> {
        self.legal_basis.clone_from(&start.legal_basis);
        Ok(())
    }

    fn entry(&mut self, report: &EntryReport) -> io::Result<()> {
        for document in &report.documents {
            let name = display(&report.path, &document.members);
            let shown: Vec<Finding> = self.options.threshold.shown(document).cloned().collect();
            if !shown.is_empty() {
                let crawled = crawled(&document.facts, self.options.lang);
                self.flagged.push(Flagged { name: name.clone(), findings: shown, crawled });
            }
            let mut told: Vec<GapReason> = Vec::new();
            for gap in &document.gaps {
                if document.skipped.is_some() || told.contains(&gap.reason) {
                    continue;
                }
                told.push(gap.reason);
                let (names, count) = self.unread.entry(gap.reason).or_default();
                *count += 1;
                if self.options.verbose || names.len() < NAMED_GAPS {
                    names.push(match self.options.lang {
                        Lang::En => format!("{name}: {} ({})", gap.detail, document.coverage.as_str()),
                        Lang::Vi => {
                            let coverage = codes::coverage(document.coverage, Lang::Vi);
                            format!("{name}: {coverage} ({})", detail(&gap.detail, Lang::Vi))
                        }
                    });
                }
            }
        }
        Ok(())
    }

    fn finish(&mut self, tally: &Tally) -> io::Result<()> {
        let lang = self.options.lang;
        let mut flagged = std::mem::take(&mut self.flagged);
        let worst = |findings: &[Finding]| {
            findings.iter().map(|finding| (finding.band(), finding.level, finding.confidence)).max()
        };
        flagged.sort_by(|a, b| worst(&b.findings).cmp(&worst(&a.findings)).then_with(|| a.name.cmp(&b.name)));
        for Flagged { name, findings, crawled } in &flagged {
            let Some((band, level, confidence)) = worst(findings) else { continue };
            let head = match lang {
                Lang::En => format!("{} {level} {confidence}", band.as_str().to_uppercase()),
                Lang::Vi => {
                    let level = codes::level(level, lang).to_uppercase();
                    format!("{level} {confidence} ({})", codes::band(band, lang))
                }
            };
            writeln!(self.out, "{}  {}", self.paint(level_color(level), &head), for_terminal(name))?;
            for line in crawled {
                writeln!(self.out, "    {}", for_terminal(line))?;
            }
            for finding in findings {
                self.finding(finding)?;
            }
            writeln!(self.out)?;
        }
        let unread = std::mem::take(&mut self.unread);
        if !unread.is_empty() {
            writeln!(self.out, "{}", self.paint("1", Word::NotRead.get(lang)))?;
            for (reason, (names, count)) in &unread {
                let told = lang.pick(reason.as_str(), codes::gap(*reason, lang));
                writeln!(self.out, "  {} ({count})", self.paint("33", told))?;
                for name in names {
                    writeln!(self.out, "    {}", for_terminal(name))?;
                }
                let more = count - names.len() as u64;
                if more > 0 {
                    writeln!(self.out, "    {}", fill(Word::AndMore.get(lang), &[&more]))?;
                }
            }
            writeln!(self.out)?;
        }
        self.ledger(tally)?;
        self.out.flush()
    }
}
