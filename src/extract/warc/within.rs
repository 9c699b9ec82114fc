//! Crawl files that lie unpacked in an archive, read in parts of the archive: WACZ (Web Archive Collection Zipped 1.1.1, 5.2.1)
//! stores its WARC files as they are, so that records can be found by their offset.

use std::fs::File;

use crate::extract::{Member, Sink, Unreadable, Window};
use crate::model::{Seam, Span};

/// A crawl file in an archive.
#[derive(Debug, Clone)]
pub(in crate::extract) struct Stored {
    /// Name in the archive.
    pub(in crate::extract) name: String,
    /// Offset of its first byte in the archive.
    pub(in crate::extract) start: u64,
    /// Its length in bytes.
    pub(in crate::extract) len: u64,
}

impl Stored {
    fn end(&self) -> u64 {
        self.start.saturating_add(self.len)
    }
}

/// Hands the records of these crawl files that begin in `part` of the archive to the sink, each file as a member. `crawls` are in
/// the order of their offsets, and none overlaps the next.
///
/// Seen so, the records of all of them are one row: behind the last of a file comes the first of the next.
///
/// # Errors
/// When the sink wants nothing more.
pub(in crate::extract) fn read_stored(
    crawls: &[Stored],
    archive: &File,
    part: Span,
    sink: &mut dyn Sink,
) -> Result<Seam, Unreadable> {
    let archive_len = archive.metadata()?.len();
    let follows = |offset: u64| {
        let next = crawls.iter().find(|crawl| crawl.start >= offset);
        next.map_or(archive_len.max(offset), |crawl| crawl.start)
    };
    let mut seam = Seam { end: Some(follows(part.start)), ..Seam::default() };
    for crawl in crawls.iter().filter(|crawl| crawl.start < part.end && part.start < crawl.end()) {
        let start = part.start.saturating_sub(crawl.start);
        let end = if part.end >= crawl.end() { u64::MAX } else { part.end - crawl.start };
        let span = Span { start, end, exact: start == 0 || part.exact };
        if seam.members.is_empty() {
            seam.resumes = start > 0;
        }
        seam.members.push(crawl.name.clone());
        let window = Window::new(archive, crawl.start, crawl.len);
        let inner = sink.member_part(Member::named(&crawl.name), window, span)?.unwrap_or_default();
        if seam.begin.is_none() {
            seam.begin = inner.begin.map(|begin| begin.saturating_add(crawl.start));
        }
        seam.end = inner.end.map(|end| {
            let end = end.saturating_add(crawl.start);
            if end < crawl.end() { end } else { follows(crawl.end()) }
        });
    }
    if seam.members.is_empty() {
        seam.begin = seam.end;
    }
    Ok(seam)
}
