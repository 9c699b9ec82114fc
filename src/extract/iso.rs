//! ISO 9660 images (ECMA-119) with the names of Rock Ridge or Joliet.
//!
//! In: an image with random access; as a stream too large for memory it is a gap. Out: one member per file, named by its
//! path; the volume's names as properties. Left out: UDF (`unsupported` where a disc has nothing else), sparse and
//! compressed files of `zisofs`, boot images that no directory names.

use std::collections::HashSet;
use std::io::{self, Read, SeekFrom};
use std::rc::Rc;

use super::codec::broken;
use super::input::{Input, ReadSeek};
use super::{Format, Head, Member, Sink, Unreadable, charset};
use crate::model::{Gap, GapReason, Kind, Place, Segment};

/// The reader of ISO 9660 images.
pub(super) struct Iso;

const SECTOR: u64 = 2048;
/// Sectors before the first volume descriptor (ECMA-119 6.2.1).
const FIRST: u64 = 16;
/// Longest directory that is read.
const MAX_DIRECTORY: u64 = 16 << 20;
/// Directories within directories; the standard allows 8, Rock Ridge any.
const MAX_DEPTH: usize = 64;

impl Format for Iso {
    fn name(&self) -> &'static str {
        "iso9660"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["iso", "img", "cdr", "udf"]
    }

    /// The signature stands at 32,769, behind what identification sees. The system area before it is zeros in all
    /// images but those that also boot from a stick; there the name decides who is asked.
    fn matches(&self, head: &Head<'_>) -> bool {
        let named = matches!(head.extension, "iso" | "cdr" | "img" | "udf") && !charset::is_text(head.bytes);
        head.bytes.len() == super::input::HEAD && (named || head.bytes.iter().all(|byte| *byte == 0))
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let budget = Rc::clone(input.budget());
        let mut reader = input.seekable()?;
        let volume = Volume::find(&mut reader, sink)?;
        let mut walk = Walk { seen: HashSet::new(), volume, sink, reader: &mut reader };
        let root = walk.volume.root.clone();
        // System use fields begin behind as many bytes as the first record of the root tells.
        walk.directory(&root, "", 0, &mut |_| Ok(budget.charge(0)?))
    }
}

/// One volume descriptor, the best of the image.
#[derive(Clone)]
struct Volume {
    root: Record,
    joliet: bool,
    rock_ridge: Option<usize>,
}

/// A directory record (ECMA-119 9.1).
#[derive(Clone, Default)]
struct Record {
    start: u64,
    size: u64,
    flags: u8,
    name: Vec<u8>,
    system_use: Vec<u8>,
}

impl Record {
    fn is_dir(&self) -> bool {
        self.flags & 2 != 0
    }

    /// Reads a record from the start of the bytes.
    fn parse(bytes: &[u8]) -> Option<Record> {
        let len = usize::from(*bytes.first()?);
        let record = bytes.get(..len)?;
        let name_len = usize::from(*record.get(32)?);
        let number =
            |at: usize| record.get(at..at + 4)?.first_chunk::<4>().map(|b| u64::from(u32::from_le_bytes(*b)));
        // Extended attributes stand before the data.
        let extended = u64::from(*record.get(1)?);
        Some(Record {
            start: (number(2)? + extended) * SECTOR,
            size: number(10)?,
            flags: *record.get(25)?,
            name: record.get(33..33 + name_len)?.to_vec(),
            system_use: record.get(33 + name_len + (name_len + 1) % 2..).unwrap_or_default().to_vec(),
        })
    }
}

fn sector(reader: &mut Box<dyn ReadSeek + '_>, at: u64) -> io::Result<[u8; SECTOR as usize]> {
    let mut bytes = [0u8; SECTOR as usize];
    reader.seek(SeekFrom::Start(at))?;
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

impl Volume {
    fn find(reader: &mut Box<dyn ReadSeek + '_>, sink: &mut dyn Sink) -> Result<Volume, Unreadable> {
        let mut best: Option<Volume> = None;
        let mut udf = false;
        for nth in FIRST..FIRST + 64 {
            let bytes = match sector(reader, nth * SECTOR) {
                Ok(bytes) => bytes,
                Err(_) if nth > FIRST => break,
                Err(_) => return Err(no_image(sink)),
            };
            match bytes.get(1..6) {
                Some(b"CD001") => {}
                Some(b"NSR02" | b"NSR03") => {
                    udf = true;
                    continue;
                }
                Some(b"BEA01" | b"TEA01") => continue,
                _ if nth == FIRST => {
                    return Err(no_image(sink));
                }
                _ => break,
            }
            let kind = bytes.first().copied().unwrap_or(255);
            let escape = bytes.get(88..91).unwrap_or_default();
            let joliet = kind == 2 && [&b"%/@"[..], b"%/C", b"%/E"].contains(&escape);
            if !(kind == 1 || joliet) {
                continue;
            }
            names_of_volume(&bytes, joliet, sink)?;
            let Some(root) = bytes.get(156..190).and_then(Record::parse) else { continue };
            let rock_ridge = if joliet { None } else { rock_ridge(reader, &root) };
            // Rock Ridge keeps case, length and links; then Joliet; then capitals of eight letters.
            let better = best
                .as_ref()
                .is_none_or(|best| best.rock_ridge.is_none() && (joliet || rock_ridge.is_some()));
            if better {
                best = Some(Volume { root, joliet, rock_ridge });
            }
        }
        match best {
            Some(volume) => Ok(volume),
            None if udf => Err(Unreadable::gap(GapReason::Unsupported, "UDF without ISO 9660")),
            None => Err(Unreadable::damaged("no primary volume descriptor")),
        }
    }
}

/// Zeros, or another kind of image: what it is stays open.
fn no_image(sink: &mut dyn Sink) -> Unreadable {
    sink.format("unknown");
    Unreadable::gap(GapReason::Unsupported, "no ISO 9660 volume in it")
}

/// Volume, publisher, preparer, application (ECMA-119 8.4).
fn names_of_volume(bytes: &[u8], joliet: bool, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    for (name, range) in [
        ("volume", 40..72),
        ("volume set", 190..318),
        ("publisher", 318..446),
        ("preparer", 446..574),
        ("application", 574..702),
    ] {
        let text = text(bytes.get(range).unwrap_or_default(), joliet);
        let text = text.trim_matches([' ', '\0', '_']);
        if text.chars().any(char::is_alphabetic) {
            sink.segment(Segment::new(text, Place::new(Kind::Property).named(name)))?;
        }
    }
    Ok(())
}

/// Bytes to skip in each system use area, if the root's first record says that Rock Ridge is there (SUSP 5.3).
fn rock_ridge(reader: &mut Box<dyn ReadSeek + '_>, root: &Record) -> Option<usize> {
    let first = sector(reader, root.start).ok()?;
    let record = Record::parse(&first)?;
    match record.system_use.as_slice() {
        [b'S', b'P', 7, 1, 0xBE, 0xEF, skip, ..] => Some(usize::from(*skip)),
        _ => None,
    }
}

fn text(bytes: &[u8], joliet: bool) -> String {
    if joliet {
        let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
        String::from_utf16_lossy(&units)
    } else {
        charset::decode(bytes, None).0.into_owned()
    }
}

struct Walk<'w, 'r> {
    /// Directories that were read: a broken image may lead back.
    seen: HashSet<u64>,
    volume: Volume,
    sink: &'w mut dyn Sink,
    reader: &'w mut Box<dyn ReadSeek + 'r>,
}

impl Walk<'_, '_> {
    fn directory(
        &mut self,
        of: &Record,
        path: &str,
        depth: usize,
        clock: &mut dyn FnMut(()) -> Result<(), Unreadable>,
    ) -> Result<(), Unreadable> {
        if depth > MAX_DEPTH || !self.seen.insert(of.start) {
            return Ok(());
        }
        if of.size > MAX_DIRECTORY {
            self.sink.gap(Gap::new(GapReason::LimitSize, format!("directory larger than 16 MB: {path}")));
            return Ok(());
        }
        let mut bytes = Vec::new();
        self.reader.seek(SeekFrom::Start(of.start))?;
        (&mut *self.reader).take(of.size).read_to_end(&mut bytes)?;
        if (bytes.len() as u64) < of.size {
            self.sink.gap(Gap::new(GapReason::Damaged, format!("directory ends early: {path}")));
        }
        let mut parts: Vec<(u64, u64)> = Vec::new();
        // Records do not cross sectors; the rest of a sector is zeros.
        for sector in bytes.chunks(SECTOR as usize) {
            let mut at = 0;
            while let Some(record) = sector.get(at..).and_then(Record::parse) {
                at += usize::from(sector.get(at).copied().unwrap_or(0)).max(1);
                // The directory itself and the one above it.
                if matches!(record.name.as_slice(), [0 | 1]) {
                    continue;
                }
                clock(())?;
                let (name, link) = self.name(&record)?;
                let path = if path.is_empty() { name } else { format!("{path}/{name}") };
                if record.is_dir() {
                    self.directory(&record, &path, depth + 1, clock)?;
                    continue;
                }
                if let Some(link) = link {
                    self.sink.segment(Segment::new(&link, Place::new(Kind::Link).named(&path)))?;
                    continue;
                }
                // A file above 4 GB is several records, all but the last flagged.
                parts.push((record.start, record.size));
                if record.flags & 0x80 == 0 {
                    let mut content = Extents {
                        reader: &mut *self.reader,
                        parts: std::mem::take(&mut parts),
                        at: 0,
                        nth: 0,
                    };
                    self.sink.member(Member::named(&path), &mut content)?;
                }
            }
        }
        Ok(())
    }

    /// A record's name, and where it leads if it is a symbolic link.
    fn name(&mut self, record: &Record) -> Result<(String, Option<String>), Unreadable> {
        if let Some(skip) = self.volume.rock_ridge {
            let (mut name, mut link) = (Vec::new(), Vec::new());
            let mut area = record.system_use.get(skip..).unwrap_or_default().to_vec();
            // Continuations may lead to each other.
            for _ in 0..16 {
                match fields(&area, &mut name, &mut link) {
                    Some((at, len)) => {
                        area.clear();
                        self.reader.seek(SeekFrom::Start(at))?;
                        (&mut *self.reader).take(len).read_to_end(&mut area)?;
                    }
                    None => break,
                }
            }
            if !name.is_empty() {
                let link = (!link.is_empty()).then(|| text(&link, false));
                return Ok((text(&name, false), link));
            }
        }
        let name = text(&record.name, self.volume.joliet);
        let name = name.rsplit_once(';').map_or(name.as_str(), |(name, _)| name);
        Ok((name.trim_end_matches('.').to_owned(), None))
    }
}

/// Adds what the fields of a system use area say of name (NM) and link (SL); where it goes on (CE), if it does.
fn fields(area: &[u8], name: &mut Vec<u8>, link: &mut Vec<u8>) -> Option<(u64, u64)> {
    let mut next = None;
    let mut rest = area;
    while let [a, b, len, _version, ..] = *rest {
        let len = usize::from(len);
        if len < 4 {
            break;
        }
        let Some(field) = rest.get(4..len) else { break };
        match (&[a, b], field) {
            (b"NM", [flags, part @ ..]) if flags & 6 == 0 => name.extend_from_slice(part),
            (b"SL", [_, parts @ ..]) => link_parts(parts, link),
            (b"CE", field) => {
                let number = |at: usize| {
                    field
                        .get(at..at + 4)
                        .and_then(|b| b.first_chunk::<4>())
                        .map(|b| u64::from(u32::from_le_bytes(*b)))
                };
                if let (Some(block), Some(offset), Some(len)) = (number(0), number(8), number(16)) {
                    next = Some((block * SECTOR + offset, len.min(SECTOR)));
                }
            }
            (b"ST", _) => break,
            _ => {}
        }
        rest = rest.get(len..).unwrap_or_default();
    }
    next
}

/// Components of a symbolic link (RRIP 4.1.3).
fn link_parts(mut parts: &[u8], link: &mut Vec<u8>) {
    while let [flags, len, rest @ ..] = parts {
        if !link.is_empty() && link.last() != Some(&b'/') {
            link.push(b'/');
        }
        let (part, after) = rest.split_at_checked(usize::from(*len)).unwrap_or((rest, &[]));
        match flags & 0x0E {
            2 => link.push(b'.'),
            4 => link.extend_from_slice(b".."),
            8 => link.push(b'/'),
            _ => link.extend_from_slice(part),
        }
        parts = after;
    }
}

/// The bytes of a file, which may lie in several pieces.
struct Extents<'r, 'a> {
    reader: &'r mut Box<dyn ReadSeek + 'a>,
    parts: Vec<(u64, u64)>,
    nth: usize,
    /// Bytes of this piece that were read.
    at: u64,
}

impl Read for Extents<'_, '_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while let Some((start, size)) = self.parts.get(self.nth).copied() {
            let left = size.saturating_sub(self.at);
            if left == 0 {
                self.nth += 1;
                self.at = 0;
                continue;
            }
            let want = usize::try_from(left).unwrap_or(usize::MAX).min(buf.len());
            let Some(room) = buf.get_mut(..want).filter(|room| !room.is_empty()) else { return Ok(0) };
            self.reader.seek(SeekFrom::Start(start + self.at))?;
            let got = self.reader.read(room)?;
            if got == 0 {
                return Err(broken("file behind the end of the image"));
            }
            self.at += got as u64;
            return Ok(got);
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::read_bytes;
    use super::*;

    #[test]
    fn images_of_genisoimage() {
        for (name, path) in [
            ("joliet.iso", "nam 2026/báo cáo tháng tư.txt"),
            ("rock-ridge.iso", "nam 2026/báo cáo tháng tư.txt"),
            ("plain.iso", "NAM_2026/B"),
        ] {
            let bytes =
                std::fs::read(format!("{}/fixtures/pack/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
            let got = read_bytes(&Iso, name, &bytes);
            assert_eq!(got.error, None, "{name}");
            assert_eq!(got.member_errors, [""; 0]);
            let found = got.members.iter().find(|(name, _)| name.starts_with(path));
            let (_, content) = found.unwrap_or_else(|| panic!("{name}: {:?}", got.members));
            assert!(content.starts_with("ỦY BAN NHÂN DÂN".as_bytes()));
            assert!(got.of(Kind::Property).contains(&"VI DU"));
        }
    }
}
