//! The records of the contract as `serde` writes them; JSONL and JSON share them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{SCHEMA_VERSION, Start, Tally, display};
use crate::model::{
    Band, DocumentReport, Fact, Finding, Gap, GapReason, Kind, Known, OwnedPlace, Reason, SkipReason,
};

#[derive(Serialize)]
#[serde(tag = "type", rename = "start")]
pub(super) struct StartRecord<'a> {
    schema: u32,
    tool: &'static str,
    version: &'a str,
    rules_digest: &'a str,
    packs: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    legal_basis: &'a [super::LegalBasis],
    roots: &'a [String],
    started: &'a str,
}

#[derive(Serialize)]
pub(super) struct PlaceRecord<'a> {
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
    pub(super) fn of(place: &'a OwnedPlace) -> PlaceRecord<'a> {
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
pub(super) struct FindingRecord<'a> {
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
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<&'a Known>,
}

#[derive(Serialize)]
pub(super) struct GapRecord<'a> {
    reason: &'static str,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<PlaceRecord<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "document")]
pub(super) struct DocumentRecord<'a> {
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
pub(super) struct SummaryRecord {
    documents: u64,
    bytes: u64,
    full: u64,
    partial: u64,
    none: u64,
    skipped: u64,
    skipped_by_reason: BTreeMap<&'static str, u64>,
    findings: Bands,
    suppressed: u64,
    flagged_documents: u64,
    gaps: BTreeMap<&'static str, u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unchanged: Option<u64>,
    elapsed_ms: u64,
    interrupted: bool,
    verdict: &'static str,
}

pub(super) fn start(start: &Start) -> StartRecord<'_> {
    StartRecord {
        schema: SCHEMA_VERSION,
        tool: "daumat",
        version: &start.version,
        rules_digest: &start.rules_digest,
        packs: &start.packs,
        legal_basis: &start.legal_basis,
        roots: &start.roots,
        started: &start.started,
    }
}

/// Address of a document with the kind of place, for people.
pub(super) fn display_with_place(path: &str, members: &[String], place: &OwnedPlace) -> String {
    let mut out = display(path, members);
    if place.kind != Kind::Name {
        out.push('#');
        out.push_str(place.kind.as_str());
    }
    out
}

pub(super) fn finding<'a>(
    path: &'a str,
    document: &'a DocumentReport,
    finding: &'a Finding,
) -> FindingRecord<'a> {
    FindingRecord {
        path,
        members: &document.members,
        display: display_with_place(path, &document.members, &finding.place),
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
        baseline: finding.known.as_ref(),
    }
}

pub(super) fn document<'a>(
    path: &'a str,
    document: &'a DocumentReport,
    shown: &[&Finding],
) -> DocumentRecord<'a> {
    let open = shown.iter().filter(|finding| !finding.is_suppressed());
    let worst = open.max_by_key(|finding| (finding.level, finding.confidence));
    let gap = |gap: &'a Gap| GapRecord {
        reason: gap.reason.as_str(),
        detail: &gap.detail,
        place: gap.place.as_ref().map(PlaceRecord::of),
    };
    DocumentRecord {
        path,
        members: &document.members,
        display: display(path, &document.members),
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

pub(super) fn summary(tally: &Tally) -> SummaryRecord {
    let by_name =
        |gaps: &BTreeMap<GapReason, u64>| gaps.iter().map(|(reason, n)| (reason.as_str(), *n)).collect();
    let left_out = |skipped: &BTreeMap<SkipReason, u64>| {
        skipped.iter().map(|(reason, n)| (reason.as_str(), *n)).collect()
    };
    SummaryRecord {
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
        suppressed: tally.suppressed,
        flagged_documents: tally.flagged_documents,
        gaps: by_name(&tally.gaps),
        unchanged: tally.recalled,
        elapsed_ms: u64::try_from(tally.elapsed.as_millis()).unwrap_or(u64::MAX),
        interrupted: tally.interrupted,
        verdict: tally.verdict().as_str(),
    }
}
