//! The ledger: every document is counted once, and the totals add up.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Threshold;
use crate::model::{Band, Coverage, EntryReport, GapReason, SkipReason};

/// How the run as a whole ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Everything was read in full and nothing was found.
    Clean,
    /// Something was found.
    Findings,
    /// Nothing was found, and not everything was read.
    Incomplete,
}

impl Verdict {
    /// The name used in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Clean => "clean",
            Verdict::Findings => "findings",
            Verdict::Incomplete => "incomplete",
        }
    }
}

/// Counts of a scan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Documents of all kinds.
    pub documents: u64,
    /// Bytes of the documents on disk, members not counted again.
    pub bytes: u64,
    /// Read in full.
    pub full: u64,
    /// Read in part.
    pub partial: u64,
    /// Not read.
    pub none: u64,
    /// Left out on purpose, by reason.
    pub skipped: BTreeMap<SkipReason, u64>,
    /// Findings by band, those apart that the baseline covers.
    pub findings: BTreeMap<Band, u64>,
    /// Findings that the baseline covers.
    pub suppressed: u64,
    /// Documents with a finding at or above the threshold.
    pub flagged_documents: u64,
    /// Documents with a finding that makes the run fail.
    pub failing_documents: u64,
    /// Gaps by reason: the sum over all document records.
    pub gaps: BTreeMap<GapReason, u64>,
    /// Files that were not read again, because they had not changed since an earlier scan; `None` without `--state`.
    pub recalled: Option<u64>,
    /// Time of the whole run.
    pub elapsed: Duration,
    /// Whether somebody stopped the run.
    pub interrupted: bool,
}

impl Tally {
    /// Counts an entry.
    pub fn add(&mut self, report: &EntryReport, threshold: &Threshold) {
        self.full += report.quiet.full;
        self.documents += report.quiet.full;
        for (reason, count) in &report.quiet.skipped {
            *self.skipped.entry(*reason).or_default() += count;
            self.documents += count;
        }
        self.bytes += report.bytes;
        for document in &report.documents {
            self.documents += 1;
            match (document.skipped, document.coverage) {
                (Some(reason), _) => *self.skipped.entry(reason).or_default() += 1,
                (None, Coverage::Full) => self.full += 1,
                (None, Coverage::Partial) => self.partial += 1,
                (None, Coverage::None) => self.none += 1,
            }
            for gap in &document.gaps {
                *self.gaps.entry(gap.reason).or_default() += 1;
            }
            for finding in &document.findings {
                if finding.is_suppressed() {
                    self.suppressed += 1;
                } else {
                    *self.findings.entry(finding.band()).or_default() += 1;
                }
            }
            self.flagged_documents += u64::from(threshold.shown(document).next().is_some());
            self.failing_documents +=
                u64::from(document.findings.iter().any(|finding| threshold.fails(finding)));
        }
    }

    /// Counts another scan.
    pub fn join(&mut self, other: &Tally) {
        for (own, more) in [
            (&mut self.documents, other.documents),
            (&mut self.bytes, other.bytes),
            (&mut self.full, other.full),
            (&mut self.partial, other.partial),
            (&mut self.none, other.none),
            (&mut self.suppressed, other.suppressed),
            (&mut self.flagged_documents, other.flagged_documents),
            (&mut self.failing_documents, other.failing_documents),
        ] {
            *own += more;
        }
        other.skipped.iter().for_each(|(reason, n)| *self.skipped.entry(*reason).or_default() += n);
        other.findings.iter().for_each(|(band, n)| *self.findings.entry(*band).or_default() += n);
        other.gaps.iter().for_each(|(reason, n)| *self.gaps.entry(*reason).or_default() += n);
        if let Some(recalled) = other.recalled {
            *self.recalled.get_or_insert_default() += recalled;
        }
        self.elapsed += other.elapsed;
        self.interrupted |= other.interrupted;
    }

    /// All that were left out.
    #[must_use]
    pub fn skipped_total(&self) -> u64 {
        self.skipped.values().sum()
    }

    /// Findings of a band.
    #[must_use]
    pub fn in_band(&self, band: Band) -> u64 {
        self.findings.get(&band).copied().unwrap_or(0)
    }

    /// Whether something was not read.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.partial + self.none > 0 || self.interrupted
    }

    /// The run in one word.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if self.flagged_documents > 0 {
            Verdict::Findings
        } else if self.is_incomplete() {
            Verdict::Incomplete
        } else {
            Verdict::Clean
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Gap, Level, Quiet};

    const THRESHOLD: Threshold = Threshold { band: Band::Medium, fail_on: Level::Internal };

    #[test]
    fn the_ledger_adds_up() {
        let mut tally = Tally::default();
        let mut report = EntryReport::unread("a".as_ref(), 5, Some(Gap::new(GapReason::Io, "x")), None);
        report.quiet = Quiet { full: 3, skipped: [(SkipReason::Video, 2)].into() };
        tally.add(&report, &THRESHOLD);
        tally.add(&EntryReport::unread("b".as_ref(), 0, None, Some(SkipReason::Filter)), &THRESHOLD);
        assert_eq!(tally.documents, tally.full + tally.partial + tally.none + tally.skipped_total());
        assert_eq!((tally.documents, tally.none, tally.skipped_total()), (7, 1, 3));
        assert_eq!(tally.verdict(), Verdict::Incomplete);
    }
}
