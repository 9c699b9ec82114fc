//! Crawls: WARC 1.0 and 1.1 (ISO 28500) and its drafts, plain, with one gzip member or one Zstandard frame for each
//! record, and ARC files.
//!
//! In: a file of any length, or a part of one. Out: the answers of servers (`response`), and what crawlers add as
//! documents of their own (`resource`, `conversion`), as members named by their address. Requests and metadata are
//! counted as facts. Of identical content, and of records that say they repeat another (`revisit`), the first is
//! read; the others are told to the sink. What breaks off or does not fit is a gap, and reading goes on at the next
//! record.
//!
//! Payloads of some megabytes are held in memory to be compared; longer ones are streamed and never compared.

mod header;
mod http;
mod raw;
mod unpack;
mod within;

use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use super::limits::Budget;
use super::{Format, Head, Input, Member, Sink, Unreadable};
use crate::model::{Gap, GapReason, Kind, Place, Seam, Segment, Span};
use header::Header;
use raw::Raw;
use unpack::{Archive, Packing, Unpacked};
pub(super) use within::{Stored, read_stored};

/// The reader of WARC and ARC files.
pub(super) struct Warc;

/// Payloads up to this size are held and compared.
const HELD: u64 = 8 << 20;
/// Different payloads that are remembered. Parts of large files are shorter than this many records.
const REMEMBERED: usize = 50_000;
/// Longest header of a record.
const MAX_HEADER: usize = 1 << 20;

impl Format for Warc {
    fn name(&self) -> &'static str {
        "warc"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["warc", "arc", "gz", "zst", "open"]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        unpack::recognise(head.bytes).is_some()
    }

    fn splits(&self, head: &Head<'_>) -> bool {
        is_crawl(head.bytes)
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let Some((packing, archive)) = unpack::recognise(input.head()) else {
            return Err(Unreadable::damaged("no record at the beginning"));
        };
        if archive == Archive::Arc {
            sink.format("arc");
        }
        let budget = Rc::clone(input.budget());
        let span = input.span();
        let dictionary = match packing {
            Packing::Zstd => unpack::dictionary(&mut Raw::new(input.stream_from(0)?, 0), &budget)?,
            Packing::Plain | Packing::Gzip => None,
        };
        let (start, lookback) =
            span.map_or((0, 0), |span| (span.start, u64::from(span.start > 0 && !span.exact)));
        // One byte before a part's beginning tells whether a line begins there.
        let from = start.saturating_sub(lookback);
        let raw = Raw::new(input.stream_from(from)?, from);
        let records = Unpacked::new(raw, packing, archive, dictionary, &budget)?;
        let teller = Teller {
            archive,
            arc_version: 1,
            budget,
            sink,
            counts: BTreeMap::new(),
            seen: HashMap::new(),
            buffer: Vec::new(),
        };
        let (result, begin, end) = {
            let mut crawl = Crawl { records, span, teller, begin: None, end: None };
            let result = crawl.run();
            for (code, count) in std::mem::take(&mut crawl.teller.counts) {
                crawl.teller.sink.fact(code, count.to_string());
            }
            (result, crawl.begin, crawl.end)
        };
        input.set_seam(Seam { begin, end, ..Seam::default() });
        result
    }
}

/// Whether a document that begins so can be read from any of its records on.
pub(super) fn is_crawl(head: &[u8]) -> bool {
    unpack::recognise(head).is_some_and(|(_, archive)| archive == Archive::Warc)
}

/// The way through a file from record to record.
struct Crawl<'a, 's> {
    records: Unpacked<'a>,
    span: Option<Span>,
    teller: Teller<'s>,
    begin: Option<u64>,
    end: Option<u64>,
}

/// Says what is in the records.
struct Teller<'s> {
    archive: Archive,
    arc_version: u8,
    budget: Rc<Budget>,
    sink: &'s mut dyn Sink,
    /// Records that are no documents, by what they are.
    counts: BTreeMap<&'static str, u64>,
    /// Address of the first record with a payload, by the payload's digest.
    seen: HashMap<[u8; 16], Box<str>>,
    /// The payload at hand.
    buffer: Vec<u8>,
}

impl Crawl<'_, '_> {
    fn run(&mut self) -> Result<(), Unreadable> {
        let end = self.span.map_or(u64::MAX, |span| span.end);
        if let Some(span) = self.span.filter(|span| span.start > 0 && !span.exact)
            && !self.records.seek_border(span.end)?
        {
            return Ok(());
        }
        let mut trouble = false;
        loop {
            match self.next(end, &mut trouble) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(Unreadable::Gap { reason: GapReason::Damaged, detail }) => {
                    if !trouble {
                        let detail = format!("{detail}, near byte {}", self.records.offset());
                        self.teller.sink.gap(Gap::new(GapReason::Damaged, detail));
                    }
                    trouble = true;
                    if !self.records.seek_border(end)? {
                        // Where the next part begins is then its own affair.
                        return Ok(());
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads a record; false at the end of the file or of the part. `trouble` is whether the record before was broken.
    fn next(&mut self, end: u64, trouble: &mut bool) -> Result<bool, Unreadable> {
        loop {
            let bytes = self.records.fill()?;
            if bytes.is_empty() {
                self.end = Some(self.records.offset());
                return Ok(false);
            }
            let blank = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            if blank == 0 {
                break;
            }
            self.records.consume(blank);
        }
        if let Some(border) = self.records.border() {
            if border >= end {
                self.end = Some(border);
                return Ok(false);
            }
            self.begin.get_or_insert(border);
        }
        let first = self.records.fill()?;
        let line = first.split(|byte| *byte == b'\n').next().unwrap_or_default();
        // A line that was cut by the end of a buffer is looked at again when all of it is there.
        if line.len() > 5
            && !Header::is_first_line(line, self.teller.archive)
            && self.teller.archive == Archive::Warc
        {
            return Err(Unreadable::damaged("no record where one should begin"));
        }
        let unit = self.records.unit().filter(|_| self.records.border().is_some());
        let header = self.header()?;
        let Some(length) = header.length else {
            return Err(Unreadable::damaged("record without length"));
        };
        *trouble = false;
        let mut block = Block { records: &mut self.records, left: length, unit };
        let result = self.teller.record(&header, &mut block);
        if let Err(Unreadable::Stop) = result {
            return Err(Unreadable::Stop);
        }
        let left = io::copy(&mut block, &mut io::sink());
        result?;
        left?;
        Ok(true)
    }

    fn header(&mut self) -> Result<Header, Unreadable> {
        let mut bytes = Vec::new();
        loop {
            let before = bytes.len();
            if !read_line(&mut self.records, &mut bytes)? {
                return Err(Unreadable::damaged("the file ends within a header"));
            }
            let line = bytes.get(before..).unwrap_or_default();
            if before == 0 && !Header::is_first_line(line, self.teller.archive) {
                return Err(Unreadable::damaged("no record where one should begin"));
            }
            if self.teller.archive == Archive::Arc {
                let line = String::from_utf8_lossy(line);
                let version = if line.starts_with("filedesc:") { 1 } else { self.teller.arc_version };
                return Header::of_arc(&line, version)
                    .ok_or_else(|| Unreadable::damaged("no record where one should begin"));
            }
            if line.trim_ascii().is_empty() {
                return Ok(Header::of_warc(&String::from_utf8_lossy(&bytes)));
            }
            if bytes.len() > MAX_HEADER {
                return Err(Unreadable::damaged("header of a record longer than 1 MB"));
            }
        }
    }
}

/// Appends a line with its end; false at the end of the file.
fn read_line(records: &mut Unpacked<'_>, line: &mut Vec<u8>) -> io::Result<bool> {
    let before = line.len();
    loop {
        let bytes = records.fill()?;
        if bytes.is_empty() {
            return Ok(line.len() > before);
        }
        let end = memchr::memchr(b'\n', bytes);
        let length = end.map_or(bytes.len(), |at| at + 1);
        line.extend_from_slice(bytes.get(..length).unwrap_or(bytes));
        records.consume(length);
        if end.is_some() || line.len() - before > MAX_HEADER {
            return Ok(true);
        }
    }
}

/// The block of a record.
struct Block<'r, 'a> {
    records: &'r mut Unpacked<'a>,
    left: u64,
    /// The member or frame that the record fills by itself.
    unit: Option<u64>,
}

impl BufRead for Block<'_, '_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Ok(&[]);
        }
        let early = |what| Err(io::Error::new(io::ErrorKind::UnexpectedEof, what));
        let unit = self.unit;
        let left = self.left;
        if self.records.fill()?.is_empty() {
            return early("the file ends within a record");
        }
        // A length that is too large must not swallow the next record.
        if self.records.unit() != unit && unit.is_some() && self.records.border().is_some() {
            self.left = 0;
            return early("record shorter than its length says");
        }
        let bytes = self.records.fill()?;
        let length = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        Ok(bytes.get(..length).unwrap_or(bytes))
    }

    fn consume(&mut self, bytes: usize) {
        self.records.consume(bytes);
        self.left = self.left.saturating_sub(bytes as u64);
    }
}

impl Read for Block<'_, '_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let bytes = self.fill_buf()?;
        let length = bytes.len().min(into.len());
        if let (Some(to), Some(from)) = (into.get_mut(..length), bytes.get(..length)) {
            to.copy_from_slice(from);
        }
        self.consume(length);
        Ok(length)
    }
}

impl Teller<'_> {
    fn count(&mut self, code: &'static str) {
        *self.counts.entry(code).or_default() += 1;
    }

    /// Reads one record's block.
    fn record(&mut self, header: &Header, block: &mut Block<'_, '_>) -> Result<(), Unreadable> {
        match header.kind.as_str() {
            "response" | "resource" | "conversion" => {}
            "request" => {
                self.count("requests");
                return Ok(());
            }
            "metadata" => {
                self.count("metadata-records");
                return Ok(());
            }
            "revisit" => {
                self.count("revisits");
                let first = header.refers_to.as_deref().unwrap_or(&header.url);
                if first != header.url {
                    self.sink.segment(Segment::new(&header.url, Place::new(Kind::Name)))?;
                }
                return Ok(self.sink.repeated(&header.url, first)?);
            }
            "warcinfo" => return self.about_the_crawl(block),
            "arc" if header.url.starts_with("filedesc:") => {
                if block.fill_buf()?.first() == Some(&b'2') {
                    self.arc_version = 2;
                }
                return self.about_the_crawl(block);
            }
            "continuation" => {
                let gap =
                    Gap::new(GapReason::Unsupported, "later part of a record that was cut into several");
                self.sink.unread_member(Member::named(&header.url), gap);
                return Ok(());
            }
            _ => {}
        }
        if header.segment.is_some() {
            let place = Place::new(Kind::Link).named(&header.url).to_owned();
            self.sink.gap(
                Gap::new(GapReason::Unsupported, "record cut into several: only its first part is read")
                    .at(place),
            );
        }
        let length = block.left;
        let answers = self.archive == Archive::Arc
            || header.media.get(..16).is_some_and(|media| media.eq_ignore_ascii_case("application/http"))
            || header.kind == "response";
        let head = if answers { http::read_head(block)? } else { None };
        let (mut media, mut charset) = http::media(&header.media);
        let mut body: Box<dyn BufRead + '_> = match &head {
            Some(head) => {
                (media, charset) = (head.media.clone(), head.charset.clone());
                tell_headers(&head.text, &header.url, &mut *self.sink)?;
                head.body(&mut *block, length, &self.budget)?
            }
            None => Box::new(&mut *block),
        };
        self.buffer.clear();
        let most = HELD.min(self.budget.room() / 2);
        let lease = self.budget.hold(most.min(length.saturating_mul(8)));
        let broken = body.by_ref().take(most).read_to_end(&mut self.buffer).err();
        let whole = broken.is_none()
            && ((self.buffer.len() as u64) < most || body.fill_buf().is_ok_and(<[u8]>::is_empty));
        if whole && !self.buffer.is_empty() {
            let mut digest = [0; 16];
            blake3::Hasher::new().update(&self.buffer).finalize_xof().fill(&mut digest);
            if let Some(first) = self.seen.get(&digest).cloned() {
                return self.identical(&header.url, &first);
            }
            if self.seen.len() < REMEMBERED {
                self.seen.insert(digest, header.url.as_str().into());
            }
        }
        if !header.date.is_empty() {
            self.sink.about_next("captured", header.date.clone());
        }
        if let Some(why) = &header.truncated {
            self.sink.about_next("truncated-by-crawler", why.clone());
        }
        let member = Member { name: &header.url, media: media.as_deref(), charset: charset.as_deref() };
        if whole {
            self.sink.member_in_memory(member, &self.buffer)?;
        } else {
            drop(lease);
            let mut content = self.buffer.as_slice().chain(Failing(broken)).chain(body);
            self.sink.member(member, &mut content)?;
        }
        Ok(())
    }

    /// A document with the same bytes as one that was read. Its address is text of its own.
    fn identical(&mut self, url: &str, first: &str) -> Result<(), Unreadable> {
        self.count("identical-payloads");
        if first != url {
            self.sink.segment(Segment::new(url, Place::new(Kind::Name)))?;
        }
        Ok(self.sink.repeated(url, first)?)
    }

    /// Who crawled what, and why: lines of `name: value`.
    fn about_the_crawl(&mut self, block: &mut Block<'_, '_>) -> Result<(), Unreadable> {
        let mut bytes = Vec::new();
        block.take(MAX_HEADER as u64).read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        if text.trim().is_empty() {
            return Ok(());
        }
        let place = Place::new(Kind::Property).hidden().named("warcinfo");
        Ok(self.sink.segment(Segment::lines(text.trim(), place))?)
    }
}

/// Gives the error with which reading ended; nothing when there was none.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _into: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Headers of an answer that speak of the document: its file name, and markings that some servers and gateways add.
fn tell_headers(head: &str, url: &str, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    for (name, value) in header::fields(head) {
        let lower = name.to_ascii_lowercase();
        let label = ["protective", "classification", "sensitivity", "marking", "msip"]
            .iter()
            .any(|word| lower.contains(word));
        if value.is_empty() || !(label || lower == "content-disposition") {
            continue;
        }
        if label {
            sink.segment(Segment::new(value, Place::new(Kind::Label).hidden().named(&lower)))?;
        } else {
            sink.segment(Segment::new(value, Place::new(Kind::Property).hidden().named(url)))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
