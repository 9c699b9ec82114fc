//! Compiled HTML Help (CHM, "ITSF" version 3): pages of HTML in one LZX stream.
//!
//! No public specification; the layout is that of Russotto's "Unofficial CHM spec" and Wise's notes. In: a file with random
//! access. Out: members in the order of their data, so that the stream is unpacked once. Left out: system files of the
//! format itself (`::DataSpace`, `#...`, `$...` but the strings and topics), version 2 and 1 of the container.

use std::io::{self, Read, SeekFrom};
use std::rc::Rc;

use super::codec::broken;
use super::input::{Input, ReadSeek};
use super::lzx::Lzx;
use super::{Format, Head, Member, Sink, Unreadable};
use crate::model::{Gap, GapReason};

/// The reader of CHM files.
pub(super) struct Chm;

/// Bytes of a block of LZX, unpacked.
const FRAME: u64 = 32 << 10;
/// Longest table that is read.
const MAX_TABLE: u64 = 16 << 20;

impl Format for Chm {
    fn name(&self) -> &'static str {
        "chm"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["chm", "chi", "chw"]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        head.bytes.starts_with(b"ITSF\x03\0\0\0")
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let budget = Rc::clone(input.budget());
        let mut reader = input.seekable()?;
        let head = bytes_at(&mut reader, 0, 0x60)?;
        let directory = u64_at(&head, 0x48);
        let length = u64_at(&head, 0x50);
        let content = u64_at(&head, 0x58);
        let mut entries = entries(&mut reader, directory, length)?;
        entries.sort_by_key(|entry| (entry.section, entry.offset));
        for entry in entries.iter().filter(|entry| entry.section == 0 && entry.is_document()) {
            reader.seek(SeekFrom::Start(content.saturating_add(entry.offset)))?;
            sink.member(Member::named(entry.path()), &mut (&mut reader).take(entry.length))?;
        }
        let packed: Vec<&Entry> =
            entries.iter().filter(|entry| entry.section == 1 && entry.is_document()).collect();
        if packed.is_empty() {
            return Ok(());
        }
        let stream = Stream::open(reader, content, &entries)?;
        let size = stream.packed;
        let mut stream = budget.guard(stream, size);
        let mut at = 0u64;
        let mut failed: Option<Gap> = None;
        for entry in packed {
            let member = Member::named(entry.path());
            if failed.is_none() {
                failed = match entry.offset.checked_sub(at) {
                    Some(ahead) => match io::copy(&mut (&mut stream).take(ahead), &mut io::sink()) {
                        Ok(got) if got == ahead => None,
                        Ok(_) => Some(Gap::new(GapReason::Damaged, "data ends early")),
                        Err(error) => Unreadable::from(error).into(),
                    },
                    None => {
                        sink.unread_member(
                            member,
                            Gap::new(GapReason::Damaged, "overlaps the page before it"),
                        );
                        continue;
                    }
                };
                at = at.max(entry.offset);
            }
            if let Some(gap) = &failed {
                sink.unread_member(member, gap.clone());
                continue;
            }
            let mut content = (&mut stream).take(entry.length);
            sink.member(member, &mut content)?;
            let rest = io::copy(&mut content, &mut io::sink());
            let missing = content.limit();
            at += entry.length - missing;
            failed = match rest {
                Ok(_) if missing == 0 => None,
                Ok(_) => Some(Gap::new(GapReason::Damaged, "data ends early")),
                Err(error) => Unreadable::from(error).into(),
            };
            if missing > 0 {
                sink.gap(Gap::new(GapReason::Damaged, format!("page ends early: {}", entry.path())));
            }
        }
        Ok(())
    }
}

/// A file of the directory.
struct Entry {
    name: String,
    section: u64,
    offset: u64,
    length: u64,
}

impl Entry {
    /// Files of the format itself begin with `::`, `/#` or `/$`; those of the author with `/`. Titles and words of the
    /// index are repeated in `/#STRINGS`, which is text of the author.
    fn is_document(&self) -> bool {
        let own = self.name.starts_with("::") || self.name.starts_with("/#") || self.name.starts_with("/$");
        self.length > 0 && !self.name.ends_with('/') && !own
    }

    fn path(&self) -> &str {
        self.name.trim_start_matches('/')
    }
}

fn bytes_at(reader: &mut Box<dyn ReadSeek + '_>, at: u64, len: u64) -> Result<Vec<u8>, Unreadable> {
    if len > MAX_TABLE {
        return Err(Unreadable::gap(GapReason::LimitSize, "table larger than 16 MB"));
    }
    let mut bytes = Vec::new();
    reader.seek(SeekFrom::Start(at))?;
    reader.take(len).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < len { Err(Unreadable::damaged("file ends early")) } else { Ok(bytes) }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// A number in groups of seven bits, highest first.
fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for _ in 0..10 {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value = value << 7 | u64::from(first & 0x7F);
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// All files of the directory, from its listing chunks ("PMGL").
fn entries(reader: &mut Box<dyn ReadSeek + '_>, at: u64, length: u64) -> Result<Vec<Entry>, Unreadable> {
    let header = bytes_at(reader, at, 0x54)?;
    if !header.starts_with(b"ITSP") {
        return Err(Unreadable::damaged("no directory"));
    }
    let chunk = u64::from(u32_at(&header, 0x10));
    let start = u64::from(u32_at(&header, 8));
    if !(64..=1 << 20).contains(&chunk) || start > length {
        return Err(Unreadable::damaged("directory"));
    }
    let chunks = bytes_at(reader, at.saturating_add(start), length - start)?;
    let mut entries = Vec::new();
    for chunk in chunks.chunks(usize::try_from(chunk).unwrap_or(4096)) {
        if !chunk.starts_with(b"PMGL") {
            continue;
        }
        let free = u32_at(chunk, 4) as usize;
        let mut rest = chunk.get(0x14..chunk.len().saturating_sub(free)).unwrap_or_default();
        while !rest.is_empty() {
            let Some(len) = number(&mut rest).and_then(|len| usize::try_from(len).ok()) else { break };
            let Some((name, after)) = rest.split_at_checked(len) else { break };
            rest = after;
            let (Some(section), Some(offset), Some(length)) =
                (number(&mut rest), number(&mut rest), number(&mut rest))
            else {
                break;
            };
            entries.push(Entry { name: String::from_utf8_lossy(name).into_owned(), section, offset, length });
        }
    }
    Ok(entries)
}

/// The LZX stream of section 1.
struct Stream<'a> {
    reader: Box<dyn ReadSeek + 'a>,
    /// Where the packed data begins in the file, and its length.
    start: u64,
    packed: u64,
    /// Where each frame begins in the packed data.
    frames: Vec<u8>,
    count: u64,
    /// Length of the whole, unpacked.
    length: u64,
    /// The decoder forgets everything each so many frames.
    reset: u64,
    lzx: Lzx,
    next: u64,
    buffer: Vec<u8>,
    at: usize,
}

impl<'a> Stream<'a> {
    fn open(mut reader: Box<dyn ReadSeek + 'a>, content: u64, entries: &[Entry]) -> Result<Self, Unreadable> {
        let part = |name: &str| {
            entries
                .iter()
                .find(|entry| {
                    entry.name.starts_with("::DataSpace/Storage/MSCompressed/") && entry.name.ends_with(name)
                })
                .map(|entry| (content.saturating_add(entry.offset), entry.length))
                .ok_or_else(|| Unreadable::damaged(format!("missing: {name}")))
        };
        let (at, len) = part("/ControlData")?;
        let control = bytes_at(&mut reader, at, len)?;
        // Version 2 counts in frames, version 1 in bytes.
        let unit = if u32_at(&control, 8) == 2 { FRAME } else { 1 };
        let reset = u64::from(u32_at(&control, 12)) * unit / FRAME;
        let size = u64::from(u32_at(&control, 16)) * unit;
        if control.get(4..8) != Some(b"LZXC") || reset == 0 || !size.is_power_of_two() {
            return Err(Unreadable::damaged("control data"));
        }
        let lzx = Lzx::new(u16::try_from(size.trailing_zeros()).unwrap_or(0))?;
        let (at, len) = part("/InstanceData/ResetTable")?;
        let table = bytes_at(&mut reader, at, len)?;
        let entry_size = u64::from(u32_at(&table, 8));
        let header = usize::try_from(u32_at(&table, 12)).unwrap_or(0);
        if entry_size != 8 {
            return Err(Unreadable::damaged("reset table"));
        }
        let (start, packed) = part("/Content")?;
        let frames = table.get(header..).unwrap_or_default().to_vec();
        let count = (frames.len() / 8) as u64;
        Ok(Stream {
            reader,
            start,
            packed: packed.min(u64_at(&table, 24)),
            frames,
            count,
            length: u64_at(&table, 16),
            reset,
            lzx,
            next: 0,
            buffer: Vec::new(),
            at: 0,
        })
    }

    /// Unpacks one frame; false at the end.
    fn frame(&mut self) -> io::Result<bool> {
        let done = self.next * FRAME;
        if self.next >= self.count || done >= self.length {
            return Ok(false);
        }
        let at = |nth: u64| usize::try_from(nth * 8).map_or(0, |at| u64_at(&self.frames, at));
        let from = at(self.next);
        let to = if self.next + 1 < self.count { at(self.next + 1) } else { self.packed };
        let len =
            to.checked_sub(from).filter(|len| *len <= 2 * FRAME).ok_or_else(|| broken("reset table"))?;
        self.reader.seek(SeekFrom::Start(self.start.saturating_add(from)))?;
        let mut packed = Vec::new();
        (&mut self.reader).take(len).read_to_end(&mut packed)?;
        if self.next.is_multiple_of(self.reset) {
            self.lzx.reset();
        }
        let size = usize::try_from((self.length - done).min(FRAME)).unwrap_or(0);
        self.lzx.frame(&packed, size, &mut self.buffer)?;
        self.at = 0;
        self.next += 1;
        Ok(true)
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.buffer.len() {
            if !self.frame()? {
                return Ok(0);
            }
        }
        let mut rest = self.buffer.get(self.at..).unwrap_or_default();
        let got = rest.read(buf)?;
        self.at += got;
        Ok(got)
    }
}
