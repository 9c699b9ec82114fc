//! JSONL to the letter of the contract: one object a line.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::{Report, SCHEMA_VERSION, Start, Tally, Threshold, display};
use crate::model::{
    Band, DocumentReport, EntryReport, Fact, Finding, Gap, GapReason, OwnedPlace, Reason, SkipReason,
};

/// See the module's head.
pub struct Jsonl<W: Write> {
    out: W,
    threshold: Threshold,
    list_all: bool,
}

impl<W: Write> Jsonl<W> {
    /// A report that goes to `out`.
    pub fn new(out: W, threshold: Threshold, list_all: bool) -> Jsonl<W> {
        Jsonl { out, threshold, list_all }
    }

    fn line(&mut self, record: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, record)?;
        self.out.write_all(b"\n")
    }
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "start")]
struct StartRecord<'a> {
    schema: u32,
    tool: &'static str,
    version: &'static str,
    rules_digest: &'a str,
    packs: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    legal_basis: &'a [super::LegalBasis],
    roots: &'a [String],
    started: &'a str,
}

#[derive(Serialize)]
struct PlaceRecord<'a> {
    kind: &'static str,
    visible: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sheet: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cell: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slide: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
}

impl<'a> PlaceRecord<'a> {
    fn of(place: &'a OwnedPlace) -> PlaceRecord<'a> {
        PlaceRecord {
            kind: place.kind.as_str(),
            visible: place.visible,
            page: place.page,
            sheet: place.sheet.as_deref(),
            cell: place.cell.as_deref(),
            slide: place.slide,
            line: place.line,
            name: place.name.as_deref(),
        }
    }
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "finding")]
struct FindingRecord<'a> {
    path: &'a str,
    members: &'a [String],
    display: String,
    format: &'a str,
    rule: &'a str,
    pack: &'a str,
    title: &'a str,
    level: &'static str,
    confidence: u8,
    band: &'static str,
    place: PlaceRecord<'a>,
    matched: &'a str,
    reasons: &'a [Reason],
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<&'a str>,
    fingerprint: &'a str,
}

#[derive(Serialize)]
struct GapRecord<'a> {
    reason: &'static str,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<PlaceRecord<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "document")]
struct DocumentRecord<'a> {
    path: &'a str,
    members: &'a [String],
    display: String,
    format: &'a str,
    bytes: u64,
    coverage: &'static str,
    gaps: Vec<GapRecord<'a>>,
    findings: usize,
    level: Option<&'static str>,
    confidence: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<&'static str>,
    #[serde(skip_serializing_if = "<[Fact]>::is_empty")]
    facts: &'a [Fact],
    #[serde(skip_serializing_if = "Option::is_none")]
    blake3: Option<&'a str>,
}

#[derive(Serialize)]
struct Bands {
    high: u64,
    medium: u64,
    low: u64,
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "summary")]
struct SummaryRecord {
    documents: u64,
    bytes: u64,
    full: u64,
    partial: u64,
    none: u64,
    skipped: u64,
    skipped_by_reason: BTreeMap<&'static str, u64>,
    findings: Bands,
    flagged_documents: u64,
    gaps: BTreeMap<&'static str, u64>,
    elapsed_ms: u64,
    interrupted: bool,
    verdict: &'static str,
}

impl<W: Write> Report for Jsonl<W> {
    fn start(&mut self, start: &Start) -> io::Result<()> {
        self.line(&StartRecord {
            schema: SCHEMA_VERSION,
            tool: "daumat",
            version: env!("CARGO_PKG_VERSION"),
            rules_digest: &start.rules_digest,
            packs: &start.packs,
            legal_basis: &start.legal_basis,
            roots: &start.roots,
            started: &start.started,
        })
    }

    fn entry(&mut self, report: &EntryReport) -> io::Result<()> {
        for document in &report.documents {
            let threshold = self.threshold;
            let shown: Vec<&Finding> =
                document.findings.iter().filter(|finding| threshold.shows(finding)).collect();
            for finding in &shown {
                self.line(&finding_record(report, document, finding))?;
            }
            // A filtered file is the user's own choice and in the summary; one not read is always told.
            if !shown.is_empty() || self.list_all || (document.skipped.is_none() && !document.gaps.is_empty())
            {
                self.line(&document_record(report, document, &shown))?;
            }
        }
        Ok(())
    }

    fn finish(&mut self, tally: &Tally) -> io::Result<()> {
        let by_name =
            |gaps: &BTreeMap<GapReason, u64>| gaps.iter().map(|(reason, n)| (reason.as_str(), *n)).collect();
        let left_out = |skipped: &BTreeMap<SkipReason, u64>| {
            skipped.iter().map(|(reason, n)| (reason.as_str(), *n)).collect()
        };
        self.line(&SummaryRecord {
            documents: tally.documents,
            bytes: tally.bytes,
            full: tally.full,
            partial: tally.partial,
            none: tally.none,
            skipped: tally.skipped_total(),
            skipped_by_reason: left_out(&tally.skipped),
            findings: Bands {
                high: tally.in_band(Band::High),
                medium: tally.in_band(Band::Medium),
                low: tally.in_band(Band::Low),
            },
            flagged_documents: tally.flagged_documents,
            gaps: by_name(&tally.gaps),
            elapsed_ms: u64::try_from(tally.elapsed.as_millis()).unwrap_or(u64::MAX),
            interrupted: tally.interrupted,
            verdict: tally.verdict().as_str(),
        })?;
        self.out.flush()
    }
}

fn finding_record<'a>(
    report: &'a EntryReport,
    document: &'a DocumentReport,
    finding: &'a Finding,
) -> FindingRecord<'a> {
    let part = match finding.place.kind {
        crate::model::Kind::Name => String::new(),
        kind => format!("#{}", kind.as_str()),
    };
    FindingRecord {
        path: &report.path,
        members: &document.members,
        display: display(&report.path, &document.members) + &part,
        format: &document.format,
        rule: &finding.rule,
        pack: &finding.pack,
        title: &finding.title,
        level: finding.level.as_str(),
        confidence: finding.confidence,
        band: finding.band().as_str(),
        place: PlaceRecord::of(&finding.place),
        matched: &finding.matched,
        reasons: &finding.reasons,
        context: finding.context.as_deref(),
        fingerprint: &finding.fingerprint,
    }
}

fn document_record<'a>(
    report: &'a EntryReport,
    document: &'a DocumentReport,
    shown: &[&Finding],
) -> DocumentRecord<'a> {
    let worst = shown.iter().max_by_key(|finding| (finding.level, finding.confidence));
    let gap = |gap: &'a Gap| GapRecord {
        reason: gap.reason.as_str(),
        detail: &gap.detail,
        place: gap.place.as_ref().map(PlaceRecord::of),
    };
    DocumentRecord {
        path: &report.path,
        members: &document.members,
        display: display(&report.path, &document.members),
        format: &document.format,
        bytes: document.bytes,
        // Of what was left out, nothing was read.
        coverage: if document.skipped.is_some() { "none" } else { document.coverage.as_str() },
        gaps: document.gaps.iter().map(gap).collect(),
        findings: shown.len(),
        level: worst.map(|finding| finding.level.as_str()),
        confidence: worst.map(|finding| finding.confidence),
        skipped: document.skipped.map(SkipReason::as_str),
        facts: &document.facts,
        blake3: document.blake3.as_deref(),
    }
}
