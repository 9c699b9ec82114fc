//! Numbers of scans, collected from their records.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::BufRead;

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use crate::model::{Decision, EntryReport, Finding, GapReason, Level};
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
    /// A person decided that it may stay, or that it is none. What is merely known, and what must be fixed, is not decided so.
    pub decided: bool,
    /// Key of the document's content, fingerprint, and which copy it is; where the content's hash is known. A page keeps it from
    /// one night's crawl file to the next, whose names differ.
    pub content: Option<[u8; 16]>,
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
        let mut copies = HashMap::new();
        let mut each = |entry: &EntryReport| {
            for document in &entry.documents {
                if document.skipped.is_none() {
                    let mut reasons: Vec<GapReason> = document.gaps.iter().map(|gap| gap.reason).collect();
                    reasons.sort_unstable();
                    reasons.dedup();
                    reasons.into_iter().for_each(|reason| *unread.entry(reason).or_default() += 1);
                }
                for finding in threshold.told(document) {
                    let at = std::iter::once(&entry.path).chain(&document.members);
                    let short = key_of(at.chain([&finding.fingerprint]).map(String::as_bytes));
                    let content = document.blake3.as_ref().map(|content| {
                        let parts = [content.as_bytes(), finding.fingerprint.as_bytes()];
                        let copy: &mut u64 = copies.entry(key_of(parts)).or_default();
                        *copy += 1;
                        let [hash, fingerprint] = parts;
                        key_of([hash, fingerprint, &copy.to_le_bytes()])
                    });
                    let mut fingerprint = [b' '; 12];
                    for (slot, letter) in fingerprint.iter_mut().zip(finding.fingerprint.bytes()) {
                        *slot = letter;
                    }
                    let decided = is_decided(finding);
                    let (level, confidence) = (finding.level, finding.confidence);
                    findings.entry(short).or_insert(Found {
                        level,
                        confidence,
                        decided,
                        content,
                        fingerprint,
                    });
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

/// A short key of these parts.
fn key_of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 16] {
    let mut key = blake3::Hasher::new();
    for part in parts {
        key.update(part);
        key.update(&[0]);
    }
    let mut short = [0; 16];
    key.finalize_xof().fill(&mut short);
    short
}

/// Whether a person settled it. A finding that is only known does not count in a scan, and yet nobody has looked at it.
fn is_decided(finding: &Finding) -> bool {
    let known = finding.known.as_ref();
    finding.is_suppressed() && known.is_some_and(|known| known.decision != Decision::Undecided)
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
            let mut thread = Thread::default();
            let mut still = HashMap::new();
            for scan in scans.iter() {
                still = thread.follow(scan);
            }
            for (id, level) in thread.levels.iter().enumerate() {
                let (found, handled, remaining) = figures.by_level.entry(*level).or_default();
                *found += 1;
                match still.get(&id) {
                    Some(decided) if !decided => *remaining += 1,
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

/// Findings of one scope, followed from scan to scan: the same content, or else the same place, is the same finding.
#[derive(Default)]
struct Thread {
    by_content: HashMap<[u8; 16], usize>,
    by_place: HashMap<[u8; 16], usize>,
    /// Level of each finding.
    levels: Vec<Level>,
}

impl Thread {
    /// Takes the next scan; gives the findings it has, and whether a person decided on them.
    fn follow(&mut self, scan: &Scan) -> HashMap<usize, bool> {
        let mut findings: Vec<_> = scan.findings.iter().collect();
        findings.sort_unstable_by_key(|(place, _)| **place);
        let mut has: HashMap<usize, bool> = HashMap::new();
        let mut met: HashSet<[u8; 16]> = HashSet::new();
        // Contents first: a document that was moved must not lose its number to the one now in its place.
        for (place, found) in &findings {
            let id = found.content.and_then(|content| self.by_content.get(&content).copied());
            if let Some(id) = id
                && !has.contains_key(&id)
            {
                has.insert(id, found.decided);
                self.by_place.insert(**place, id);
                met.insert(**place);
            }
        }
        for (place, found) in findings {
            if met.contains(place) {
                continue;
            }
            let id = match self.by_place.get(place) {
                Some(id) if !has.contains_key(id) => *id,
                _ => {
                    self.levels.push(found.level);
                    self.levels.len() - 1
                }
            };
            has.insert(id, found.decided);
            self.by_place.insert(*place, id);
            if let Some(content) = found.content {
                self.by_content.insert(content, id);
            }
        }
        has
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> [u8; 16] {
        key_of([name.as_bytes()])
    }

    fn scan(day: u8, findings: &[(&str, &str, bool)]) -> Scan {
        let start = Start { started: format!("2026-03-{day:02}T00:00:00Z"), ..Start::default() };
        let of = |(place, content, decided): &(&str, &str, bool)| {
            let found = Found {
                level: Level::Secret,
                confidence: 90,
                decided: *decided,
                content: Some(key(content)),
                fingerprint: [b'a'; 12],
            };
            (key(place), found)
        };
        let findings = findings.iter().map(of).collect();
        Scan { start, tally: Tally::default(), unread: BTreeMap::new(), findings }
    }

    #[test]
    fn findings_are_followed_by_content_and_by_place() {
        let told = |scans: &[Scan]| Figures::of(scans).total();
        // A page in tomorrow's crawl file is the same; one that nobody decided about remains.
        let first = scan(1, &[("20.warc!a", "A", false), ("20.warc!b", "B", false)]);
        assert_eq!(told(&[first.clone(), scan(2, &[("21.warc!a", "A", false)])]), (2, 1, 1));
        assert_eq!(told(&[first.clone(), scan(2, &[("21.warc!a", "A", true)])]), (2, 2, 0));
        // Changed at its place: the same, still there.
        assert_eq!(told(&[first.clone(), scan(2, &[("20.warc!a", "A2", false)])]), (2, 1, 1));
        // Moved, and another one put in its place: three, two of which are there.
        let moved = scan(2, &[("20.warc!c", "A", false), ("20.warc!a", "C", false)]);
        assert_eq!(told(&[first.clone(), moved]), (3, 1, 2));
        // The order of the files given does not matter.
        assert_eq!(told(&[scan(2, &[]), first]), (2, 2, 0));
    }

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
