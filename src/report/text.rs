//! The report a person reads: worst first, grouped by document, with place and reasons; then what was not read; then
//! the ledger.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::escape::for_terminal;
use super::{LegalBasis, Report, Start, Tally, Threshold, display};
use crate::model::{Band, EntryReport, Fact, Finding, GapReason, Level, OwnedPlace};

/// Documents of one gap reason that are named; the rest is counted. `-v` names all.
const NAMED_GAPS: usize = 10;

/// See the module's head.
pub struct Text<W: Write> {
    out: W,
    threshold: Threshold,
    color: bool,
    all_gaps: bool,
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
fn crawled(facts: &[Fact]) -> Vec<String> {
    let told = |code: &str, words: &str| {
        let facts = facts.iter().filter(|fact| fact.code == code);
        facts.map(|fact| format!("{words} {}", fact.value)).collect::<Vec<_>>()
    };
    [told("captured", "captured"), told("also-at", "also at")].concat()
}

impl<W: Write> Text<W> {
    /// A report that goes to `out`; `color` for a terminal, `all_gaps` to name every document that was not read.
    pub fn new(out: W, threshold: Threshold, color: bool, all_gaps: bool) -> Text<W> {
        Text {
            out,
            threshold,
            color,
            all_gaps,
            flagged: Vec::new(),
            legal_basis: Vec::new(),
            packs: BTreeSet::new(),
            unread: BTreeMap::new(),
        }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let mark = self.paint("1", &for_terminal(&finding.matched));
        self.packs.insert(finding.pack.clone());
        writeln!(self.out, "    {mark}  {} [{}]", finding.title, finding.rule)?;
        writeln!(self.out, "      where  {}", for_terminal(&place_in_words(&finding.place)))?;
        let reasons: Vec<String> =
            finding.reasons.iter().map(|reason| format!("{} {:+}", reason.code, reason.points)).collect();
        let sum: i32 = finding.reasons.iter().map(|reason| reason.points).sum();
        let kept = i32::from(finding.confidence);
        let counts = if sum == kept { String::new() } else { format!(", counts as {kept}") };
        writeln!(self.out, "      why    {} = {sum}{counts}", reasons.join(", "))?;
        if let Some(context) = &finding.context {
            for line in context.lines() {
                writeln!(self.out, "      text   {}", for_terminal(line))?;
            }
        }
        Ok(())
    }

    fn ledger(&mut self, tally: &Tally) -> io::Result<()> {
        let skipped: Vec<String> =
            tally.skipped.iter().map(|(reason, n)| format!("{} {n}", reason.as_str())).collect();
        let skipped = if skipped.is_empty() { String::new() } else { format!(" ({})", skipped.join(", ")) };
        writeln!(
            self.out,
            "{} documents: {} read in full, {} in part, {} not read, {} left out{skipped}",
            tally.documents,
            tally.full,
            tally.partial,
            tally.none,
            tally.skipped_total()
        )?;
        let bands = [Band::High, Band::Medium, Band::Low];
        let told = |shown: bool| {
            let told = bands.into_iter().filter(|band| (*band >= self.threshold.band) == shown);
            told.map(|band| format!("{} {}", band.as_str(), tally.in_band(band)))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let (shown, below) = (told(true), told(false));
        let below = if below.is_empty() { String::new() } else { format!("; not shown: {below}") };
        writeln!(self.out, "possible markings: {shown}, in {} documents{below}", tally.flagged_documents)?;
        if tally.interrupted {
            writeln!(
                self.out,
                "{}",
                self.paint("31", "interrupted: only what was read until then is reported")
            )?;
        } else if tally.flagged_documents == 0 {
            let rest = if tally.is_incomplete() { "; what was not read is listed above" } else { "" };
            writeln!(self.out, "no marking found in what was read{rest}")?;
        }
        for cited in self.legal_basis.iter().filter(|cited| self.packs.contains(&cited.pack)) {
            writeln!(self.out, "legal basis ({}): {}", cited.pack, cited.title)?;
        }
        writeln!(
            self.out,
            "Formal signs only: this does not decide what is secret, and a missing mark proves nothing."
        )
    }
}

/// A place as a person says it.
#[must_use]
pub fn place_in_words(place: &OwnedPlace) -> String {
    let mut parts = vec![place.kind.as_str().to_owned()];
    parts.extend(place.page.map(|page| format!("page {page}")));
    parts.extend(place.slide.map(|slide| format!("slide {slide}")));
    parts.extend(place.sheet.as_ref().map(|sheet| format!("sheet {sheet}")));
    parts.extend(place.cell.as_ref().map(|cell| format!("cell {cell}")));
    parts.extend(place.line.map(|line| format!("line {line}")));
    parts.extend(place.name.as_ref().map(|name| format!("\"{name}\"")));
    if !place.visible {
        parts.push("not visible".to_owned());
    }
    parts.join(", ")
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
            let shown: Vec<Finding> =
                document.findings.iter().filter(|f| self.threshold.shows(f)).cloned().collect();
            if !shown.is_empty() {
                let crawled = crawled(&document.facts);
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
                if self.all_gaps || names.len() < NAMED_GAPS {
                    names.push(format!("{name}: {} ({})", gap.detail, document.coverage.as_str()));
                }
            }
        }
        Ok(())
    }

    fn finish(&mut self, tally: &Tally) -> io::Result<()> {
        let mut flagged = std::mem::take(&mut self.flagged);
        let worst = |findings: &[Finding]| {
            findings.iter().map(|finding| (finding.band(), finding.level, finding.confidence)).max()
        };
        flagged.sort_by(|a, b| worst(&b.findings).cmp(&worst(&a.findings)).then_with(|| a.name.cmp(&b.name)));
        for Flagged { name, findings, crawled } in &flagged {
            let Some((band, level, confidence)) = worst(findings) else { continue };
            let head = format!("{} {level} {confidence}", band.as_str().to_uppercase());
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
            writeln!(self.out, "{}", self.paint("1", "Not read, or not in full:"))?;
            for (reason, (names, count)) in &unread {
                writeln!(self.out, "  {} ({count})", self.paint("33", reason.as_str()))?;
                for name in names {
                    writeln!(self.out, "    {}", for_terminal(name))?;
                }
                let more = count - names.len() as u64;
                if more > 0 {
                    writeln!(self.out, "    and {more} more (-v names all)")?;
                }
            }
            writeln!(self.out)?;
        }
        self.ledger(tally)?;
        self.out.flush()
    }
}
