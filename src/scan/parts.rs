//! Long crawl files, read in parts by several threads.
//!
//! A crawl file may have 100 GB, and its records do not depend on each other. The conductor, which parses nothing, cuts
//! it by size alone; a reader of a part looks for the first record in it and reads all that begin there. Whether what it
//! took for a record's beginning was one (a page may quote a record), shows at the seams: a part must begin where the
//! one before ended. Where it does not, it is read again from there. So the result is that of one reader who goes from
//! record to record, whatever the number of threads.
//!
//! The same goes for crawl files that lie unpacked in an archive (WACZ): their records, in the order of their offsets, are one row,
//! and each crawl file is a member that may lie in several parts.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read as _;

use super::conductor::PART;
use crate::model::{Coverage, DocumentReport, EntryReport, Fact, Seam, Span};
use crate::walk::Entry;

/// Gaps kept of one file, as of any document.
const MAX_GAPS: usize = 200;

/// Cuts one file.
pub(super) struct Cutter {
    entry: Entry,
    next: u64,
}

impl Cutter {
    /// A file that is worth cutting, by its size and its name or first letters; otherwise the entry comes back. What is cut in vain
    /// is read whole as its first part.
    pub(super) fn new(entry: Entry, max_file_size: u64) -> Result<Cutter, Entry> {
        let long = entry.content.is_none() && entry.size > PART && entry.size <= max_file_size;
        if long && (is_named_as_crawl(&entry.name) || begins_as_crawl(&entry.path)) {
            Ok(Cutter { entry, next: 0 })
        } else {
            Err(entry)
        }
    }

    /// The next part, as an entry of its own with the id given; `None` after the last.
    pub(super) fn part(&mut self, id: u64) -> Option<Entry> {
        let start = self.next;
        let left = self.entry.size.checked_sub(start).filter(|left| *left > 0)?;
        // A short rest goes with the part before.
        let last = left <= PART + PART / 2;
        let size = if last { left } else { PART };
        self.next += size;
        let span = Span { start, end: if last { u64::MAX } else { start + size }, exact: start == 0 };
        Some(Entry { id, size, span: Some(span), ..self.entry.clone() })
    }
}

fn is_named_as_crawl(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".warc", ".warc.gz", ".warc.zst", ".wacz"].iter().any(|end| name.ends_with(end))
}

/// Whether a file begins with a record that is not packed. A packed crawl under another name shows only when it is unpacked, which is
/// nothing for this process.
fn begins_as_crawl(path: &OsStr) -> bool {
    let mut first = [0; 5];
    File::open(path).and_then(|mut file| file.read_exact(&mut first)).is_ok() && &first == b"WARC/"
}

/// What follows from a part's report.
pub(super) enum Joined {
    /// Others follow.
    More,
    /// It was the last: the report of the file.
    Whole(EntryReport),
    /// It does not begin where the one before ended: it must be read again so.
    Again(Span),
}

/// Puts the reports of a file's parts together, in order.
#[derive(Default)]
pub(super) struct Joiner {
    report: Option<EntryReport>,
    container: Option<DocumentReport>,
    /// Whether a part was read of whose container there was nothing to say.
    quiet: bool,
    /// Where the next record begins; `None` when that cannot be told, because reading broke off.
    expected: Option<u64>,
    /// The member that the records read last belong to, when they are not the file's own.
    member: Option<String>,
}

impl Joiner {
    /// Takes the report of the next part.
    pub(super) fn add(&mut self, span: Span, report: EntryReport) -> Joined {
        if span.start == 0 {
            *self = Joiner { expected: Some(0), ..Joiner::default() };
        }
        let last = span.end == u64::MAX;
        match (report.seam.clone(), self.expected) {
            // Inside a record that a part before has read.
            (Some(_), Some(expected)) if expected >= span.end => {}
            (Some(seam), Some(expected)) if !span.exact && seam.begin != Some(expected) => {
                return Joined::Again(Span { start: expected, exact: true, ..span });
            }
            (Some(seam), _) => {
                self.expected = seam.end;
                self.merge(report);
            }
            (None, _) => {
                self.expected = None;
                self.merge(report);
            }
        }
        if !last {
            return Joined::More;
        }
        self.finish().map_or(Joined::More, Joined::Whole)
    }

    /// What there is so far.
    pub(super) fn finish(&mut self) -> Option<EntryReport> {
        let mut report = self.report.take()?;
        match self.container.take() {
            Some(mut container) => {
                if self.quiet && container.coverage == Coverage::None {
                    container.coverage = Coverage::Partial;
                }
                report.documents.insert(0, container);
            }
            None => report.quiet.full += u64::from(self.quiet),
        }
        Some(report)
    }

    /// The member at hand is in the reports of several parts, too.
    fn merge_member(&mut self, part: &mut EntryReport) {
        let Some(name) = &self.member else { return };
        let is_it = |document: &DocumentReport| document.members.iter().eq([name]);
        let earlier = self.report.as_mut();
        let later = part.documents.iter().position(is_it);
        match (earlier.and_then(|report| report.documents.iter_mut().find(|it| is_it(it))), later) {
            (Some(first), Some(later)) => join(first, part.documents.remove(later)),
            (Some(first), None) => {
                part.quiet.full = part.quiet.full.saturating_sub(1);
                if first.coverage == Coverage::None {
                    first.coverage = Coverage::Partial;
                }
            }
            (None, Some(later)) => {
                if let Some(report) = &mut self.report {
                    report.quiet.full = report.quiet.full.saturating_sub(1);
                }
                if let Some(document) =
                    part.documents.get_mut(later).filter(|it| it.coverage == Coverage::None)
                {
                    document.coverage = Coverage::Partial;
                }
            }
            (None, None) => part.quiet.full = part.quiet.full.saturating_sub(1),
        }
    }

    fn merge(&mut self, mut part: EntryReport) {
        let Seam { members, resumes, .. } = part.seam.take().unwrap_or_default();
        // The file itself is in every part's report: as its first document, or among the quiet ones.
        if part.documents.first().is_some_and(|document| document.members.is_empty()) {
            let container = part.documents.remove(0);
            match &mut self.container {
                Some(first) => join(first, container),
                None => self.container = Some(container),
            }
        } else if part.quiet.full > 0 {
            part.quiet.full -= 1;
            self.quiet = true;
        }
        if resumes && members.first() == self.member.as_ref() {
            self.merge_member(&mut part);
        }
        self.member = members.last().cloned();
        let Some(report) = &mut self.report else {
            self.report = Some(part);
            return;
        };
        report.bytes = report.bytes.max(part.bytes);
        report.documents.append(&mut part.documents);
        report.quiet.full += part.quiet.full;
        for (reason, count) in part.quiet.skipped {
            *report.quiet.skipped.entry(reason).or_default() += count;
        }
    }
}

/// Adds what a later part says of the file itself, or of a member that lies in several parts.
fn join(first: &mut DocumentReport, later: DocumentReport) {
    if first.coverage != later.coverage {
        first.coverage = Coverage::Partial;
    }
    if first.format == "unknown" {
        first.format = later.format;
    }
    first.bytes = first.bytes.max(later.bytes);
    for gap in later.gaps {
        if first.gaps.len() < MAX_GAPS && !first.gaps.contains(&gap) {
            first.gaps.push(gap);
        }
    }
    for finding in later.findings {
        if !first.findings.iter().any(|known| known.fingerprint == finding.fingerprint) {
            first.findings.push(finding);
        }
    }
    for fact in later.facts {
        add(&mut first.facts, fact);
    }
}

/// Counts are added up, other facts are named once.
fn add(facts: &mut Vec<Fact>, fact: Fact) {
    match facts.iter_mut().find(|known| known.code == fact.code) {
        Some(known) => match (known.value.parse::<u64>(), fact.value.parse::<u64>()) {
            (Ok(sum), Ok(more)) => known.value = (sum + more).to_string(),
            _ if known.value != fact.value && facts.len() < MAX_GAPS => facts.push(fact),
            _ => {}
        },
        None => facts.push(fact),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Gap, GapReason};

    fn entry(size: u64) -> Entry {
        Entry { id: 7, path: "a.warc.gz".into(), name: "a.warc.gz".into(), size, content: None, span: None }
    }

    fn report(begin: Option<u64>, end: Option<u64>, pages: u64) -> EntryReport {
        let mut report = EntryReport::of("a.warc.gz".as_ref(), 100);
        report.quiet.full = pages + 1;
        report.seam = Some(Seam { begin, end, ..Seam::default() });
        report
    }

    #[test]
    fn parts_cover_every_byte_once() {
        for size in [PART + 1, PART * 3 / 2, PART * 3 / 2 + 1, PART * 5 - 7] {
            let mut cutter = Cutter::new(entry(size), u64::MAX).ok().unwrap();
            let parts: Vec<Entry> = std::iter::from_fn(|| cutter.part(1)).collect();
            assert_eq!(parts.iter().map(|part| part.size).sum::<u64>(), size);
            let mut next = 0;
            for part in &parts {
                let span = part.span.unwrap();
                assert_eq!(span.start, next);
                next = span.end;
            }
            assert_eq!(next, u64::MAX);
        }
        assert!(Cutter::new(entry(PART), u64::MAX).is_err());
        assert!(Cutter::new(entry(PART * 9), PART).is_err());
    }

    #[test]
    fn a_crawl_under_another_name_is_known_by_its_first_letters() {
        let folder = tempfile::tempdir().unwrap();
        let cut = |name: &str, content: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            let found = Entry { path: path.into(), name: name.into(), ..entry(PART * 2) };
            Cutter::new(found, u64::MAX).is_ok()
        };
        assert!(cut("crawl.dat", b"WARC/1.1\r\nWARC-Type: warcinfo\r\n"));
        assert!(!cut("crawl.txt", b"WAR"));
        assert!(!cut("pages.gz", b"\x1f\x8b\x08"));
        assert!(
            Cutter::new(Entry { name: "gone".into(), path: "gone".into(), ..entry(PART * 2) }, u64::MAX)
                .is_err()
        );
    }

    #[test]
    fn a_part_that_begins_elsewhere_is_read_again() {
        let span = |start, end| Span { start, end, exact: start == 0 };
        let mut joiner = Joiner::default();
        assert!(matches!(joiner.add(span(0, 10), report(Some(0), Some(12), 3)), Joined::More));
        // A page that quotes a record begins at 11.
        let again = joiner.add(span(10, 20), report(Some(11), Some(21), 5));
        let Joined::Again(exact) = again else { panic!("taken") };
        assert_eq!(exact, Span { start: 12, end: 20, exact: true });
        assert!(matches!(joiner.add(exact, report(Some(12), Some(45), 2)), Joined::More));
        // The last record of it covers the next part wholly, and what was taken for a record there counts for nothing.
        assert!(matches!(joiner.add(span(20, 40), report(Some(30), Some(50), 9)), Joined::More));
        let Joined::Whole(whole) = joiner.add(span(40, u64::MAX), report(Some(45), Some(90), 4)) else {
            panic!("not the last")
        };
        assert_eq!(whole.quiet.full, 3 + 2 + 4 + 1);
    }

    #[test]
    fn a_member_in_several_parts_counts_once() {
        let span = |start, end| Span { start, end, exact: start == 0 };
        // The file, its crawl and the pages: all quiet, or with something to say.
        let part = |begin, end, pages, resumes, gap: bool| {
            let mut report = report(Some(begin), Some(end), pages + u64::from(!gap));
            if gap {
                let gap = Gap::new(GapReason::Damaged, "broken gzip member");
                let mut lost = EntryReport::unread("a.wacz".as_ref(), 10, Some(gap), None);
                let mut document = lost.documents.remove(0);
                document.members = vec!["a.warc.gz".to_owned()];
                report.documents.push(document);
            }
            let members = vec!["a.warc.gz".to_owned()];
            report.seam = Some(Seam { begin: Some(begin), end: Some(end), members, resumes });
            report
        };
        for gaps in 0..8u8 {
            let mut joiner = Joiner::default();
            joiner.add(span(0, 10), part(5, 12, 3, false, gaps & 1 > 0));
            joiner.add(span(10, 20), part(12, 22, 4, true, gaps & 2 > 0));
            let Joined::Whole(whole) = joiner.add(span(20, u64::MAX), part(22, 90, 2, true, gaps & 4 > 0))
            else {
                panic!("not the last")
            };
            assert_eq!(whole.documents.len(), usize::from(gaps > 0), "{gaps}");
            assert_eq!(whole.quiet.full, 3 + 4 + 2 + 1 + u64::from(gaps == 0), "{gaps}");
            let partial = whole.documents.first().is_some_and(|it| it.coverage == Coverage::Partial);
            assert_eq!(partial, gaps > 0 && gaps < 7, "{gaps}");
        }
    }

    #[test]
    fn a_lost_part_is_a_gap_of_the_file() {
        let span = |start, end| Span { start, end, exact: start == 0 };
        let mut joiner = Joiner::default();
        joiner.add(span(0, 10), report(Some(0), Some(12), 3));
        let lost = Gap::new(GapReason::Crash, "the reader died on it");
        joiner.add(span(10, 20), EntryReport::unread("a.warc.gz".as_ref(), 10, Some(lost), None));
        let Joined::Whole(whole) = joiner.add(span(20, u64::MAX), report(Some(33), Some(90), 4)) else {
            panic!("not the last")
        };
        assert_eq!(whole.quiet.full, 7);
        assert_eq!(whole.documents.len(), 1);
        assert_eq!(whole.documents[0].coverage, Coverage::Partial);
    }
}
