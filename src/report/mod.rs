//! What leaves the program: reports of a scan, one small file for each output format.
//!
//! In: entry reports in walk order, and the tally at the end. Left out: deciding what is found; only the user's
//! threshold is applied here.

mod annotations;
mod csv;
pub mod escape;
mod gitlab;
mod glossary;
mod html;
mod json;
mod jsonl;
mod junit;
pub mod office;
mod paths;
mod record;
pub mod replay;
mod sarif;
mod spool;
mod tally;
mod text;

use std::io::{self, Write};
use std::sync::Arc;

use crate::model::{Band, DocumentReport, EntryReport, Finding, Level, OwnedPlace};
use crate::text::{Lang, Word, codes, fill};

pub use annotations::Annotations;
pub use csv::Csv;
pub use gitlab::Gitlab;
pub use glossary::{Both, Glossary, RuleWords};
pub use html::Html;
pub use json::Json;
pub use jsonl::Jsonl;
pub use junit::Junit;
pub use paths::Paths;
pub use sarif::Sarif;
pub use tally::{Tally, Verdict};
pub use text::Text;

/// The JSON Schema of the records, as `daumat schema` prints it.
pub const SCHEMA: &str = include_str!("../../docs/daumat.schema.json");

/// Number of the record format (contract).
pub const SCHEMA_VERSION: u32 = 1;

/// What of the findings is shown and counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold {
    /// Least band.
    pub band: Band,
    /// Least level that makes the run fail.
    pub fail_on: Level,
}

impl Threshold {
    /// Everything that was recorded.
    pub const LOWEST: Threshold = Threshold { band: Band::Low, fail_on: Level::Internal };

    /// Whether a finding stands in machine reports: what a person decided on does, and says so.
    #[must_use]
    pub fn tells(&self, finding: &Finding) -> bool {
        finding.band() >= self.band
    }

    /// The findings of a document that stand in machine reports.
    pub fn told(self, document: &DocumentReport) -> impl Iterator<Item = &Finding> {
        document.findings.iter().filter(move |finding| self.tells(finding))
    }

    /// The findings of a document that are shown and count.
    pub fn shown(self, document: &DocumentReport) -> impl Iterator<Item = &Finding> {
        document.findings.iter().filter(move |finding| self.shows(finding))
    }

    /// Whether a finding is shown and counts.
    #[must_use]
    pub fn shows(&self, finding: &Finding) -> bool {
        self.tells(finding) && !finding.is_suppressed()
    }

    /// Whether a finding makes the run fail.
    #[must_use]
    pub fn fails(&self, finding: &Finding) -> bool {
        self.shows(finding) && finding.level >= self.fail_on
    }
}

/// The law that a pack's findings are told by.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LegalBasis {
    /// Id of the pack.
    pub pack: String,
    /// Id of the law in the pack, as `--legal-basis` takes it.
    pub id: String,
    /// When it was in force, and its name.
    pub title: String,
}

/// What a report says at its start.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// Version of the program that scanned.
    pub version: String,
    /// Digest of the rules.
    pub rules_digest: String,
    /// Ids of the packs in use.
    pub packs: Vec<String>,
    /// The laws that the packs cite, where they know several.
    pub legal_basis: Vec<LegalBasis>,
    /// Roots as given.
    pub roots: Vec<String>,
    /// When, RFC 3339.
    pub started: String,
}

/// A report being written.
pub trait Report {
    /// Before anything is read.
    ///
    /// # Errors
    /// When it cannot be written.
    fn start(&mut self, start: &Start) -> io::Result<()>;
    /// One entry, in walk order.
    ///
    /// # Errors
    /// When it cannot be written.
    fn entry(&mut self, report: &EntryReport) -> io::Result<()>;
    /// At the end.
    ///
    /// # Errors
    /// When it cannot be written.
    fn finish(&mut self, tally: &Tally) -> io::Result<()>;
}

/// A format of reports, as users name and choose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people: worst first, with place and reasons
    Text,
    /// One flagged path a line
    Paths,
    /// One record a line, the lossless form (see `daumat schema`)
    Jsonl,
    /// One JSON document with the same records
    Json,
    /// SARIF 2.1.0, for code scanning services
    Sarif,
    /// JUnit XML, for build servers
    Junit,
    /// A table for Excel and LibreOffice
    Csv,
    /// One page for the browser and for paper, in two languages
    Html,
    /// GitHub workflow commands
    Annotations,
    /// GitLab code quality report
    Gitlab,
}

/// How reports are written.
#[derive(Debug, Clone)]
pub struct Options {
    /// What is shown.
    pub threshold: Threshold,
    /// Language of texts for people.
    pub lang: Lang,
    /// Documents without anything to say are listed, too.
    pub list_all: bool,
    /// Every document that was not read is named on a terminal.
    pub verbose: bool,
    /// The output is a terminal.
    pub terminal: bool,
    /// Colours on the terminal.
    pub color: bool,
    /// Names of rules and reasons.
    pub glossary: Arc<Glossary>,
}

/// The writer of a format.
#[must_use]
pub fn writer(format: Format, out: Box<dyn Write>, options: &Options) -> Box<dyn Report> {
    let threshold = options.threshold;
    let own = options.clone();
    match format {
        Format::Text => Box::new(Text::new(out, own)),
        Format::Paths => Box::new(Paths::new(out, threshold, options.terminal)),
        Format::Jsonl => Box::new(Jsonl::new(out, threshold, options.list_all)),
        Format::Json => Box::new(Json::new(out, threshold, options.list_all)),
        Format::Sarif => Box::new(Sarif::new(out, own)),
        Format::Junit => Box::new(Junit::new(out, own)),
        Format::Csv => Box::new(Csv::new(out, own)),
        Format::Html => Box::new(Html::new(out, own)),
        Format::Annotations => Box::new(Annotations::new(out, own)),
        Format::Gitlab => Box::new(Gitlab::new(out, own)),
    }
}

/// Whether a report lists a document: it has findings, or was not read in full. A filtered file is the user's own
/// choice and in the summary.
fn is_listed(document: &DocumentReport, told: &[&Finding], list_all: bool) -> bool {
    !told.is_empty() || list_all || (document.skipped.is_none() && !document.gaps.is_empty())
}

/// The ledger in one sentence.
fn ledger_line(tally: &Tally, lang: Lang) -> String {
    let number = |number| lang.number(number);
    fill(
        Word::Ledger.get(lang),
        &[
            &number(tally.documents),
            &number(tally.full),
            &number(tally.partial),
            &number(tally.none),
            &number(tally.skipped_total()),
        ],
    )
}

/// A place as a person says it.
#[must_use]
pub fn place_in_words(place: &OwnedPlace, lang: Lang) -> String {
    let told = |word: Word, value: &dyn std::fmt::Display| fill(word.get(lang), &[value]);
    let mut parts = vec![codes::kind(place.kind, lang).to_owned()];
    parts.extend(place.page.map(|page| told(Word::PlacePage, &page)));
    parts.extend(place.slide.map(|slide| told(Word::PlaceSlide, &slide)));
    parts.extend(place.sheet.as_ref().map(|sheet| told(Word::PlaceSheet, sheet)));
    parts.extend(place.cell.as_ref().map(|cell| told(Word::PlaceCell, cell)));
    parts.extend(place.line.map(|line| told(Word::PlaceLine, &line)));
    parts.extend(place.name.as_ref().map(|name| format!("\"{name}\"")));
    if !place.visible {
        parts.push(Word::NotVisible.get(lang).to_owned());
    }
    parts.join(", ")
}

/// Takes the user's own words out of findings: a list of them may be as sensitive as what it finds. The first letter
/// of each word stays, so that its owner recognises it.
pub fn mask_keywords(report: &mut EntryReport) {
    let findings = report.documents.iter_mut().flat_map(|document| &mut document.findings);
    for finding in findings.filter(|finding| finding.pack == "keywords") {
        finding.matched = masked(&finding.matched);
    }
}

fn masked(text: &str) -> String {
    let word = |word: &str| word.chars().take(1).chain("•••".chars()).collect::<String>();
    text.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

/// Path and name of a document for people, without what a terminal would obey.
#[must_use]
pub fn display(path: &str, members: &[String]) -> String {
    let mut out = path.to_owned();
    for member in members {
        out.push('!');
        out.push_str(member);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masked_words_keep_their_first_letter_only() {
        assert_eq!(masked("Hải  đăng Orla"), "H••• đ••• O•••");
        assert_eq!(masked("X"), "X•••");
    }
}
