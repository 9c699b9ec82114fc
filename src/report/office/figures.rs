//! Numbers of scans, collected from their records.

use std::collections::{BTreeMap, HashMap};
use std::io::BufRead;

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use crate::model::{EntryReport, GapReason, Level};
use crate::report::replay::{self, ReplayError};
use crate::report::{Start, Tally, Threshold};

/// One scan.
#[derive(Debug, Clone)]
pub struct Scan {
    /// How it began.
    pub start: Start,
    /// How it ended.
    pub tally: Tally,
    /// Documents that were not read in full, by reason; each once for a reason.
    pub unread: BTreeMap<GapReason, u64>,
    /// Findings by document and fingerprint.
    pub findings: HashMap<[u8; 16], Found>,
}

/// A finding without its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Its level.
    pub level: Level,
    /// Its confidence.
    pub confidence: u8,
    /// A person decided on it.
    pub decided: bool,
    /// First letters of its fingerprint, enough for `daumat explain`.
    pub fingerprint: [u8; 12],
}

impl Scan {
    /// Reads the records of a scan.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn read(file: &str, lines: &mut dyn BufRead, threshold: Threshold) -> Result<Scan, ReplayError> {
        let start = replay::read_start(file, lines)?;
        let mut unread: BTreeMap<GapReason, u64> = BTreeMap::new();
        let mut findings = HashMap::new();
        let mut each = |entry: &EntryReport| {
            for document in &entry.documents {
                if document.skipped.is_none() {
                    let mut reasons: Vec<GapReason> = document.gaps.iter().map(|gap| gap.reason).collect();
                    reasons.sort_unstable();
                    reasons.dedup();
                    reasons.into_iter().for_each(|reason| *unread.entry(reason).or_default() += 1);
                }
                for finding in document.findings.iter().filter(|finding| threshold.tells(finding)) {
                    let mut key = blake3::Hasher::new();
                    for part in
                        std::iter::once(&entry.path).chain(&document.members).chain([&finding.fingerprint])
                    {
                        key.update(part.as_bytes());
                        key.update(&[0]);
                    }
                    let mut short = [0; 16];
                    key.finalize_xof().fill(&mut short);
                    let mut fingerprint = [b' '; 12];
                    for (slot, letter) in fingerprint.iter_mut().zip(finding.fingerprint.bytes()) {
                        *slot = letter;
                    }
                    let decided = finding.is_suppressed();
                    let (level, confidence) = (finding.level, finding.confidence);
                    findings.entry(short).or_insert(Found { level, confidence, decided, fingerprint });
                }
            }
            Ok(())
        };
        let tally = replay::read_rest(file, lines, &mut each)?;
        Ok(Scan { start, tally, unread, findings })
    }

    /// When it began and ended, in the time of Viet Nam (UTC+7, no summer time).
    #[must_use]
    pub fn times(&self) -> Option<(jiff::Zoned, jiff::Zoned)> {
        let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(7));
        let begun: Timestamp = self.start.started.parse().ok()?;
        let ended = begun.checked_add(SignedDuration::try_from(self.tally.elapsed).ok()?).ok()?;
        Some((begun.to_zoned(zone.clone()), ended.to_zoned(zone)))
    }

    /// The day it began, in Viet Nam.
    #[must_use]
    pub fn day(&self) -> Option<Date> {
        self.times().map(|(begun, _)| begun.date())
    }
}

/// First and last day of a periodic report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

impl Period {
    /// The year that is closed on a day and month of `year`: it began on the day after the last closing.
    ///
    /// # Errors
    /// When there is no such day.
    pub fn year(year: i16, closing: (i8, i8)) -> Result<Period, jiff::Error> {
        let (day, month) = closing;
        let to = Date::new(year, month, day)?;
        let from = Date::new(year - 1, month, day)?.checked_add(1.day())?;
        Ok(Period { from, to })
    }

    /// The first half of that year.
    ///
    /// # Errors
    /// When there is no such day.
    pub fn half(year: i16, closing: (i8, i8)) -> Result<Period, jiff::Error> {
        let whole = Period::year(year, closing)?;
        let to = whole.from.checked_add(6.months())?.checked_sub(1.day())?;
        Ok(Period { from: whole.from, to })
    }

    /// Whether a day lies in it.
    #[must_use]
    pub fn has(&self, day: Date) -> bool {
        self.from <= day && day <= self.to
    }
}

impl Default for Period {
    fn default() -> Period {
        Period { from: date(2000, 1, 1), to: date(2000, 1, 1) }
    }
}

/// What several scans say together.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// Found, handled and remaining, by level.
    pub by_level: BTreeMap<Level, (u64, u64, u64)>,
    /// What the last scan of each scope could not read, documents by reason.
    pub unread: BTreeMap<GapReason, u64>,
}

impl Figures {
    /// Puts scans together. Scans of the same paths follow each other: what an earlier one found and the last one did
    /// not, or what a person decided on, is handled.
    #[must_use]
    pub fn of(scans: &[Scan]) -> Figures {
        let mut scopes: BTreeMap<Vec<String>, Vec<&Scan>> = BTreeMap::new();
        for scan in scans {
            let mut roots = scan.start.roots.clone();
            roots.sort();
            scopes.entry(roots).or_default().push(scan);
        }
        let mut figures = Figures::default();
        for scans in scopes.values_mut() {
            scans.sort_by(|a, b| a.start.started.cmp(&b.start.started));
            let Some(last) = scans.last() else { continue };
            last.unread.iter().for_each(|(reason, n)| *figures.unread.entry(*reason).or_default() += n);
            let mut all: HashMap<[u8; 16], Level> = HashMap::new();
            for scan in scans.iter() {
                all.extend(scan.findings.iter().map(|(key, found)| (*key, found.level)));
            }
            for (key, level) in all {
                let (found, handled, remaining) = figures.by_level.entry(level).or_default();
                *found += 1;
                match last.findings.get(&key) {
                    Some(still) if !still.decided => *remaining += 1,
                    _ => *handled += 1,
                }
            }
        }
        figures
    }

    /// Found, handled and remaining of all levels.
    #[must_use]
    pub fn total(&self) -> (u64, u64, u64) {
        self.by_level.values().fold((0, 0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1, sum.2 + one.2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_end_on_the_closing_day() {
        // Decree 26/2020/NĐ-CP, article 8: figures from 15 December to 14 December.
        let year = Period::year(2026, (14, 12)).unwrap();
        assert_eq!((year.from, year.to), (date(2025, 12, 15), date(2026, 12, 14)));
        let half = Period::half(2026, (14, 12)).unwrap();
        assert_eq!((half.from, half.to), (date(2025, 12, 15), date(2026, 6, 14)));
        assert!(Period::year(2026, (31, 2)).is_err());
        let calendar = Period::half(2026, (31, 12)).unwrap();
        assert_eq!((calendar.from, calendar.to), (date(2026, 1, 1), date(2026, 6, 30)));
    }
}
