//! Records read back and given to other reports: `report convert` and `report merge`.
//!
//! In: JSONL of one scan or several, line by line. Out: calls of [`Report`], one entry for each document. What JSONL
//! does not list (documents read in full without findings) is in its summary, and so in the tally.

use std::collections::BTreeMap;
use std::io::{self, BufRead};
use std::time::Duration;

use serde::Deserialize;

use super::{LegalBasis, Report, SCHEMA_VERSION, Start, Tally};
use crate::model::{
    Band, Coverage, DocumentReport, EntryReport, Fact, Finding, Gap, GapReason, Kind, Known, Level,
    OwnedPlace, Reason, SkipReason,
};

/// Longest line that is read: a finding with context is some kilobytes, a document with 10,000 gaps some megabytes.
const MAX_LINE: u64 = 64 << 20;

/// Why records cannot be read back.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The file fails.
    #[error("{file}: {error}")]
    Io {
        /// File.
        file: String,
        /// What the system says.
        error: io::Error,
    },
    /// Not a record of ours.
    #[error("{file}, line {line}: not a record of `daumat scan --format jsonl`: {message}")]
    Record {
        /// File.
        file: String,
        /// Line, from 1.
        line: u64,
        /// What is wrong.
        message: String,
    },
    /// A record of a later version.
    #[error(
        "{file}: its schema is {found}, this program knows {SCHEMA_VERSION}\nhint: use the program that wrote it, or a later one"
    )]
    Schema {
        /// File.
        file: String,
        /// Its schema.
        found: u32,
    },
    /// A report cannot be written.
    #[error("{0}")]
    Report(io::Error),
}

/// A scan as its records tell it, without its documents.
#[derive(Debug, Clone)]
pub struct Told {
    /// How it began.
    pub start: Start,
    /// How it ended; interrupted when the records break off.
    pub tally: Tally,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Record {
    Start(StartIn),
    Finding(Box<FindingIn>),
    Document(Box<DocumentIn>),
    Summary(Box<SummaryIn>),
    #[serde(other)]
    Unknown,
}

#[derive(Deserialize)]
struct StartIn {
    schema: u32,
    version: String,
    rules_digest: String,
    packs: Vec<String>,
    #[serde(default)]
    legal_basis: Vec<LegalBasis>,
    roots: Vec<String>,
    started: String,
}

#[derive(Deserialize)]
struct PlaceIn {
    kind: Kind,
    visible: bool,
    page: Option<u32>,
    sheet: Option<String>,
    cell: Option<String>,
    slide: Option<u32>,
    line: Option<u64>,
    name: Option<String>,
}

impl From<PlaceIn> for OwnedPlace {
    fn from(place: PlaceIn) -> OwnedPlace {
        let PlaceIn { kind, visible, page, sheet, cell, slide, line, name } = place;
        OwnedPlace { kind, visible, page, sheet, cell, slide, line, name }
    }
}

#[derive(Deserialize)]
struct FindingIn {
    path: String,
    members: Vec<String>,
    rule: String,
    pack: String,
    title: String,
    level: Level,
    confidence: u8,
    place: PlaceIn,
    matched: String,
    reasons: Vec<Reason>,
    context: Option<String>,
    fingerprint: String,
    baseline: Option<Known>,
}

#[derive(Deserialize)]
struct GapIn {
    reason: GapReason,
    detail: String,
    place: Option<PlaceIn>,
}

#[derive(Deserialize)]
struct DocumentIn {
    path: String,
    members: Vec<String>,
    format: String,
    bytes: u64,
    coverage: Coverage,
    gaps: Vec<GapIn>,
    skipped: Option<SkipReason>,
    #[serde(default)]
    facts: Vec<Fact>,
    blake3: Option<String>,
}

#[derive(Deserialize)]
struct BandsIn {
    high: u64,
    medium: u64,
    low: u64,
}

#[derive(Deserialize)]
struct SummaryIn {
    documents: u64,
    bytes: u64,
    full: u64,
    partial: u64,
    none: u64,
    skipped: u64,
    #[serde(default)]
    skipped_by_reason: BTreeMap<SkipReason, u64>,
    findings: BandsIn,
    #[serde(default)]
    suppressed: u64,
    flagged_documents: u64,
    gaps: BTreeMap<GapReason, u64>,
    unchanged: Option<u64>,
    elapsed_ms: u64,
    #[serde(default)]
    interrupted: bool,
}

impl From<SummaryIn> for Tally {
    fn from(summary: SummaryIn) -> Tally {
        let mut skipped = summary.skipped_by_reason;
        let rest = summary.skipped.saturating_sub(skipped.values().sum());
        if rest > 0 {
            *skipped.entry(SkipReason::Filter).or_default() += rest;
        }
        let BandsIn { high, medium, low } = summary.findings;
        Tally {
            documents: summary.documents,
            bytes: summary.bytes,
            full: summary.full,
            partial: summary.partial,
            none: summary.none,
            skipped,
            findings: [(Band::High, high), (Band::Medium, medium), (Band::Low, low)].into(),
            suppressed: summary.suppressed,
            flagged_documents: summary.flagged_documents,
            failing_documents: 0,
            gaps: summary.gaps,
            recalled: summary.unchanged,
            elapsed: Duration::from_millis(summary.elapsed_ms),
            interrupted: summary.interrupted,
        }
    }
}

/// The `start` record of a stream, which stands in its first line.
///
/// # Errors
/// When there is none, or of a version this program does not know.
pub fn read_start(file: &str, lines: &mut dyn BufRead) -> Result<Start, ReplayError> {
    let wrong =
        |message: &str| ReplayError::Record { file: file.to_owned(), line: 1, message: message.to_owned() };
    let line = next_line(file, 1, lines)?.ok_or_else(|| wrong("the file is empty"))?;
    match parse(file, 1, &line)? {
        Record::Start(start) if start.schema > SCHEMA_VERSION => {
            Err(ReplayError::Schema { file: file.to_owned(), found: start.schema })
        }
        Record::Start(start) => Ok(Start {
            version: start.version,
            rules_digest: start.rules_digest,
            packs: start.packs,
            legal_basis: start.legal_basis,
            roots: start.roots,
            started: start.started,
        }),
        _ => Err(wrong("the first record is not `start`")),
    }
}

/// Gives everything behind the `start` record to `each`; returns how the scan ended.
///
/// # Errors
/// When a line is no record of ours, or `each` fails.
pub fn read_rest(
    file: &str,
    lines: &mut dyn BufRead,
    each: &mut dyn FnMut(&EntryReport) -> io::Result<()>,
) -> Result<Tally, ReplayError> {
    let mut number = 1;
    let mut findings: Vec<Finding> = Vec::new();
    let mut address: (String, Vec<String>) = Default::default();
    let mut counted = Tally { interrupted: true, ..Tally::default() };
    let mut summary = None;
    loop {
        number += 1;
        let Some(line) = next_line(file, number, lines)? else { break };
        let wrong = |message: &str| ReplayError::Record {
            file: file.to_owned(),
            line: number,
            message: message.to_owned(),
        };
        if line.trim_ascii().is_empty() {
            continue;
        }
        match parse(file, number, &line)? {
            Record::Start(_) => return Err(wrong("a second `start`: give each scan as a file of its own")),
            Record::Finding(finding) => {
                let FindingIn { path, members, place, .. } = *finding;
                if !findings.is_empty() && address != (path.clone(), members.clone()) {
                    return Err(wrong("the document of the findings before it is missing"));
                }
                address = (path, members);
                findings.push(Finding {
                    rule: finding.rule,
                    pack: finding.pack,
                    title: finding.title,
                    level: finding.level,
                    confidence: finding.confidence,
                    place: place.into(),
                    matched: finding.matched,
                    reasons: finding.reasons,
                    context: finding.context,
                    fingerprint: finding.fingerprint,
                    known: finding.baseline,
                });
            }
            Record::Document(document) => {
                let DocumentIn { path, members, format, bytes, coverage, gaps, skipped, facts, blake3 } =
                    *document;
                if !findings.is_empty() && address != (path.clone(), members.clone()) {
                    return Err(wrong("the document of the findings before it is missing"));
                }
                let gap = |gap: GapIn| Gap {
                    reason: gap.reason,
                    detail: gap.detail,
                    place: gap.place.map(Into::into),
                };
                let entry = EntryReport {
                    path,
                    bytes: if members.is_empty() { bytes } else { 0 },
                    documents: vec![DocumentReport {
                        members,
                        format,
                        bytes,
                        coverage,
                        skipped,
                        gaps: gaps.into_iter().map(gap).collect(),
                        facts,
                        findings: std::mem::take(&mut findings),
                        blake3,
                    }],
                    ..EntryReport::default()
                };
                counted.add(&entry, &super::Threshold::LOWEST);
                each(&entry).map_err(ReplayError::Report)?;
            }
            Record::Summary(told) => summary = Some(Tally::from(*told)),
            Record::Unknown => {}
        }
    }
    // Records without a summary are of a scan that was killed: what they list is all that is known.
    Ok(summary.unwrap_or(counted))
}

/// One scan, as another format.
///
/// # Errors
/// When the records cannot be read, or the report not be written.
pub fn convert(file: &str, lines: &mut dyn BufRead, report: &mut dyn Report) -> Result<Told, ReplayError> {
    let start = read_start(file, lines)?;
    report.start(&start).map_err(ReplayError::Report)?;
    let tally = read_rest(file, lines, &mut |entry| report.entry(entry))?;
    report.finish(&tally).map_err(ReplayError::Report)?;
    Ok(Told { start, tally })
}

/// Several scans as one. Starts are read first, since a report begins with them.
///
/// # Errors
/// When records cannot be read, or the report not be written.
pub fn merge(scans: &mut [(String, Box<dyn BufRead>)], report: &mut dyn Report) -> Result<Told, ReplayError> {
    let mut starts = Vec::new();
    for (file, lines) in scans.iter_mut() {
        starts.push(read_start(file, lines)?);
    }
    let start = join(starts);
    report.start(&start).map_err(ReplayError::Report)?;
    let mut tally = Tally::default();
    for (file, lines) in scans.iter_mut() {
        tally.join(&read_rest(file, lines, &mut |entry| report.entry(entry))?);
    }
    report.finish(&tally).map_err(ReplayError::Report)?;
    Ok(Told { start, tally })
}

/// The start of several scans together: the earliest time, all roots and packs, and every digest of rules there was.
#[must_use]
pub fn join(starts: Vec<Start>) -> Start {
    let mut starts = starts.into_iter();
    let Some(mut all) = starts.next() else { return Start::default() };
    let mut digests = vec![all.rules_digest.clone()];
    for start in starts {
        for (known, new) in [(&mut all.packs, start.packs), (&mut all.roots, start.roots)] {
            for name in new {
                if !known.contains(&name) {
                    known.push(name);
                }
            }
        }
        if !digests.contains(&start.rules_digest) {
            digests.push(start.rules_digest);
        }
        if start.started < all.started {
            all.started = start.started;
        }
    }
    all.rules_digest = digests.join("+");
    all
}

fn next_line(file: &str, number: u64, lines: &mut dyn BufRead) -> Result<Option<Vec<u8>>, ReplayError> {
    let mut line = Vec::new();
    let read = io::Read::take(&mut *lines, MAX_LINE).read_until(b'\n', &mut line);
    read.map_err(|error| ReplayError::Io { file: file.to_owned(), error })?;
    if line.len() as u64 == MAX_LINE {
        let message = "the line is too long".to_owned();
        return Err(ReplayError::Record { file: file.to_owned(), line: number, message });
    }
    Ok((!line.is_empty()).then_some(line))
}

fn parse(file: &str, line: u64, text: &[u8]) -> Result<Record, ReplayError> {
    serde_json::from_slice(text).map_err(|error| ReplayError::Record {
        file: file.to_owned(),
        line,
        message: error.to_string(),
    })
}
