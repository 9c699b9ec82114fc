//! What leaves the program: reports of a scan, one small file for each output format.
//!
//! In: entry reports in walk order, and the tally at the end. Left out: deciding what is found; only the user's
//! threshold is applied here.

pub mod escape;
mod jsonl;
mod paths;
mod tally;
mod text;

use std::io;

use crate::model::{Band, EntryReport, Finding, Level};

pub use jsonl::Jsonl;
pub use paths::Paths;
pub use tally::{Tally, Verdict};
pub use text::{Text, place_in_words};

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
    /// Whether a finding is shown.
    #[must_use]
    pub fn shows(&self, finding: &Finding) -> bool {
        finding.band() >= self.band
    }

    /// Whether a finding makes the run fail.
    #[must_use]
    pub fn fails(&self, finding: &Finding) -> bool {
        self.shows(finding) && finding.level >= self.fail_on
    }
}

/// The law that a pack's findings are told by.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LegalBasis {
    /// Id of the pack.
    pub pack: String,
    /// Id of the law in the pack, as `--legal-basis` takes it.
    pub id: String,
    /// When it was in force, and its name.
    pub title: String,
}

/// What a report says at its start.
#[derive(Debug, Clone)]
pub struct Start {
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
