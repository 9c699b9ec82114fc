use std::ffi::OsStr;

use serde::{Deserialize, Serialize};

use super::{Finding, Gap, Locator, Seam, SkipReason, show_path};

/// How much of a document was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Coverage {
    /// All of it.
    Full,
    /// Some of it; the gaps say what not.
    Partial,
    /// Nothing.
    None,
}

impl Coverage {
    /// The name used in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Coverage::Full => "full",
            Coverage::Partial => "partial",
            Coverage::None => "none",
        }
    }
}

/// Something noted of a document that is neither text nor a gap, such as an extension that contradicts the content.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fact {
    /// Name of the fact, such as `extension-mismatch`.
    pub code: String,
    /// Its value.
    pub value: String,
}

/// How the scan of one document ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentReport {
    /// Way into the entry's file; empty for the file itself.
    pub members: Vec<String>,
    /// Short name of the format, `unknown` when it was not recognised.
    pub format: String,
    /// Size in bytes, as read.
    pub bytes: u64,
    /// How much was read.
    pub coverage: Coverage,
    /// Set when the document was left out on purpose; then coverage says nothing.
    pub skipped: Option<SkipReason>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// What was noted besides.
    pub facts: Vec<Fact>,
    /// What was found, all bands.
    pub findings: Vec<Finding>,
    /// BLAKE3 of the content in hex, where it was computed.
    pub blake3: Option<String>,
}

/// Documents that need no report of their own: read in full or left out, and nothing found. Only counted, since an
/// archive may hold a million of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Quiet {
    /// Read in full.
    pub full: u64,
    /// Left out, by reason.
    pub skipped: std::collections::BTreeMap<SkipReason, u64>,
}

/// The report of one entry: its file, and every document inside it, in reading order, the file first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EntryReport {
    /// The file as shown in records.
    pub path: String,
    /// The file itself, where its name is not UTF-8 and so cannot be told by `path`.
    pub file: Option<std::ffi::OsString>,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// The file and its members, as far as there is something to say of them.
    pub documents: Vec<DocumentReport>,
    /// The others.
    pub quiet: Quiet,
    /// Where a part of a long file begins and ends, when only a part was read: see `scan::parts`.
    pub seam: Option<Seam>,
}

impl EntryReport {
    /// The address of one of the documents.
    #[must_use]
    pub fn locator(&self, document: &DocumentReport) -> Locator {
        Locator { path: self.path.clone(), members: document.members.clone() }
    }

    /// The report of a path that was not read.
    #[must_use]
    pub fn unread(file: &OsStr, bytes: u64, gap: Option<Gap>, skipped: Option<SkipReason>) -> EntryReport {
        let document = DocumentReport {
            members: Vec::new(),
            format: "unknown".to_owned(),
            bytes,
            coverage: Coverage::None,
            skipped,
            gaps: gap.into_iter().collect(),
            facts: Vec::new(),
            findings: Vec::new(),
            blake3: None,
        };
        EntryReport { documents: vec![document], ..EntryReport::of(file, bytes) }
    }

    /// An empty report of a file.
    #[must_use]
    pub fn of(file: &OsStr, bytes: u64) -> EntryReport {
        let odd = file.to_str().is_none().then(|| file.to_owned());
        EntryReport { path: show_path(file), file: odd, bytes, ..EntryReport::default() }
    }
}
