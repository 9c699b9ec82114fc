//! Known findings: what was found before, what a person decided about it, and until when that holds.
//!
//! In: the records of a report, and a file of entries. Out: findings that know whether the baseline covers them. Left out:
//! text of documents; an entry names the document, its content hash, the rule and the place, and nothing that stands in it.
//!
//! An entry is bound to content: it covers a finding only in a document with the very bytes it was decided for. A document
//! that was changed is new, wherever it lies; one that was only moved or copied is not.
//!
//! The file is JSON Lines: a head, then one entry a line in the order of their paths, so that versions can be compared.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::model::{Decision, EntryReport, Finding, Known, Level};

/// Number of the file format.
pub const FORMAT: u32 = 1;

/// Why a baseline cannot be used. The words for people are the command line's.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// The file cannot be read or written.
    #[error("{file}: {error}")]
    Io {
        /// The file.
        file: String,
        /// What the system says.
        error: io::Error,
    },
    /// A line is no record of the format.
    #[error("{file}: line {line}: {message}")]
    Line {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// A decision that nobody signed or gave a reason for.
    #[error("{file}: line {line}: a decision needs an approver and a reason")]
    Unsigned {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
    },
    /// Not a baseline at all.
    #[error("{file}: its first line is not a baseline head")]
    NoHead {
        /// The file.
        file: String,
    },
}

/// First line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename = "baseline")]
struct Head {
    format: u32,
    tool: String,
    version: String,
}

/// One known finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The document when it was last seen: path and members, joined by `!`. For people; it binds nothing.
    pub path: String,
    /// BLAKE3 of the document's bytes, hex.
    pub document: String,
    /// Fingerprint of the finding.
    pub finding: String,
    /// Its rule.
    pub rule: String,
    /// Its level.
    pub level: Level,
    /// Kind of place it stands in.
    pub place: String,
    /// What was decided.
    #[serde(default)]
    pub decision: Decision,
    /// Why, in the words of who decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approver: Option<String>,
    /// Day of the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Date>,
    /// Last day the decision holds; without it, it holds as long as the content does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Date>,
    /// Day the finding was first seen.
    pub first_seen: Date,
}

impl Entry {
    /// A finding nobody has decided about, in the document `path` with the hash `document`.
    #[must_use]
    pub fn of(path: String, document: String, finding: &Finding, first_seen: Date) -> Entry {
        Entry {
            path,
            document,
            finding: finding.fingerprint.clone(),
            rule: finding.rule.clone(),
            level: finding.level,
            place: finding.place.kind.as_str().to_owned(),
            decision: Decision::Undecided,
            reason: None,
            approver: None,
            decided: None,
            expires: None,
            first_seen,
        }
    }

    /// Whether its time is over on that day.
    #[must_use]
    pub fn is_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| last < today)
    }
}

/// Key of an entry: content of the document, fingerprint of the finding.
type Key = (String, String);

/// All known findings.
#[derive(Debug, Default)]
pub struct Baseline {
    entries: Vec<Entry>,
    by_key: HashMap<Key, usize>,
    /// Which entries a scan has met.
    met: Vec<bool>,
}

/// What [`Baseline::update`] did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Update {
    /// Findings that were not there before.
    pub added: usize,
    /// Findings that were.
    pub kept: usize,
    /// Findings without content hash, which cannot be bound.
    pub unbound: usize,
}

/// How the entries of a baseline did in a scan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// Entries whose time is over, and whose finding is still there.
    pub expired: usize,
    /// Entries that lie within the scan and met nothing: the document was changed or removed, or the rule says no more.
    pub stale: usize,
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    /// The file, or the line of it, that is wrong.
    pub fn read(path: &Path) -> Result<Baseline, BaselineError> {
        let file = || path.display().to_string();
        let opened = File::open(path).map_err(|error| BaselineError::Io { file: file(), error })?;
        let mut baseline = Baseline::default();
        let mut lines = BufReader::new(opened).lines().enumerate();
        let is_head = |line: &str| serde_json::from_str::<Head>(line).is_ok_and(|head| head.format == FORMAT);
        match lines.next() {
            Some((_, Ok(line))) if is_head(line.trim_start_matches('\u{FEFF}')) => {}
            Some((_, Err(error))) if error.kind() != io::ErrorKind::InvalidData => {
                return Err(BaselineError::Io { file: file(), error });
            }
            _ => return Err(BaselineError::NoHead { file: file() }),
        }
        for (number, line) in lines {
            let line = line.map_err(|error| BaselineError::Io { file: file(), error })?;
            if line.trim().is_empty() {
                continue;
            }
            let entry: Entry = serde_json::from_str(&line).map_err(|error| BaselineError::Line {
                file: file(),
                line: number + 1,
                message: error.to_string(),
            })?;
            let is_missing = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().is_empty();
            let decided = entry.decision != Decision::Undecided;
            if decided && (is_missing(&entry.approver) || is_missing(&entry.reason)) {
                return Err(BaselineError::Unsigned { file: file(), line: number + 1 });
            }
            baseline.put(entry);
        }
        Ok(baseline)
    }

    /// Writes it, readable for its owner only, in one step: a run that dies leaves the old file.
    ///
    /// # Errors
    /// The file that cannot be written.
    pub fn write(&mut self, path: &Path) -> Result<(), BaselineError> {
        self.entries
            .sort_by(|a, b| (&a.path, &a.document, &a.finding).cmp(&(&b.path, &b.document, &b.finding)));
        self.by_key = (self.entries.iter().enumerate()).map(|(at, entry)| (key(entry), at)).collect();
        let write = || -> io::Result<()> {
            let mut name = path.as_os_str().to_owned();
            name.push(".new");
            let new = PathBuf::from(name);
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut out = BufWriter::new(options.open(&new)?);
            let version = env!("CARGO_PKG_VERSION").to_owned();
            serde_json::to_writer(&mut out, &Head { format: FORMAT, tool: "daumat".to_owned(), version })?;
            out.write_all(b"\n")?;
            for entry in &self.entries {
                serde_json::to_writer(&mut out, entry)?;
                out.write_all(b"\n")?;
            }
            out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
            fs::rename(&new, path)
        };
        write().map_err(|error| BaselineError::Io { file: path.display().to_string(), error })
    }

    /// Its entries.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of a finding in a document with that content.
    #[must_use]
    pub fn get(&self, document: &str, finding: &str) -> Option<&Entry> {
        let at = self.by_key.get(&(document.to_owned(), finding.to_owned()))?;
        self.entries.get(*at)
    }

    /// Adds the findings of a report. Decisions that were taken stay; the path becomes the one seen last.
    pub fn update(&mut self, found: impl IntoIterator<Item = Entry>) -> Update {
        let mut update = Update::default();
        for entry in found {
            if entry.document.is_empty() {
                update.unbound += 1;
                continue;
            }
            match self.by_key.get(&key(&entry)).and_then(|at| self.entries.get_mut(*at)) {
                Some(known) => {
                    known.path = entry.path;
                    known.level = entry.level;
                    update.kept += 1;
                }
                None => {
                    self.put(entry);
                    update.added += 1;
                }
            }
        }
        update
    }

    /// Changes the entries that `which` chooses, and says how many.
    pub fn decide(&mut self, which: impl Fn(&Entry) -> bool, decide: impl Fn(&mut Entry)) -> usize {
        let chosen = self.entries.iter_mut().filter(|entry| which(entry));
        chosen.map(decide).count()
    }

    /// Keeps the entries that `keep` chooses, and says how many went.
    pub fn prune(&mut self, keep: impl Fn(&Entry) -> bool) -> usize {
        let old = std::mem::take(self);
        let before = old.entries.len();
        old.entries.into_iter().filter(keep).for_each(|entry| self.put(entry));
        before - self.entries.len()
    }

    /// Tells each finding of an entry's report what the baseline says of it. `audited`: entries nobody decided about say
    /// nothing.
    pub fn apply(&mut self, report: &mut EntryReport, today: Date, audited: bool) {
        for document in &mut report.documents {
            let Some(content) = &document.blake3 else { continue };
            for finding in &mut document.findings {
                let key = (content.clone(), finding.fingerprint.clone());
                let Some(at) = self.by_key.get(&key) else { continue };
                let Some(entry) = self.entries.get(*at) else { continue };
                if let Some(met) = self.met.get_mut(*at) {
                    *met = true;
                }
                let expired = entry.is_expired(today);
                let open = match entry.decision {
                    Decision::Undecided => audited,
                    Decision::ToFix => true,
                    Decision::Accepted | Decision::FalseAlarm => false,
                };
                finding.known = Some(Known {
                    decision: entry.decision,
                    suppresses: !expired && !open,
                    expired,
                    reason: entry.reason.clone(),
                    approver: entry.approver.clone(),
                    expires: entry.expires.map(|day| day.to_string()),
                    first_seen: entry.first_seen.to_string(),
                });
            }
        }
    }

    /// How the entries did in a scan of these roots, which was not interrupted.
    #[must_use]
    pub fn standing(&self, roots: &[String], today: Date) -> Standing {
        let within = |entry: &Entry| {
            roots.iter().any(|root| {
                let root = root.trim_end_matches('/');
                entry
                    .path
                    .strip_prefix(root)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '!']))
                    || root == "."
            })
        };
        let mut standing = Standing::default();
        for (entry, met) in self.entries.iter().zip(&self.met) {
            standing.expired += usize::from(*met && entry.is_expired(today));
            standing.stale += usize::from(!*met && within(entry));
        }
        standing
    }

    fn put(&mut self, entry: Entry) {
        let at = self.entries.len();
        match self.by_key.entry(key(&entry)) {
            // Two lines of the same finding: the later one counts, as in a file that two people appended to.
            std::collections::hash_map::Entry::Occupied(known) => {
                if let Some(old) = self.entries.get_mut(*known.get()) {
                    *old = entry;
                }
            }
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(at);
                self.entries.push(entry);
                self.met.push(false);
            }
        }
    }
}

fn key(entry: &Entry) -> Key {
    (entry.document.clone(), entry.finding.clone())
}
