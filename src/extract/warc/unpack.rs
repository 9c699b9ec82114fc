//! The bytes of records, whatever packs them: plain, one gzip member for each record, one Zstandard frame for each
//! record (IIPC, "WARC compression with Zstandard", with the dictionary in a skippable frame at the file's beginning).
//!
//! Decoders are driven here and not through [`codec`](crate::extract::codec), because the place in the file where each member
//! or frame begins must be known: there a part may begin, and reading goes on after damage.
//!
//! A file packed as a whole is read the same way; it only has no place inside where reading could begin.

use std::io::{self, Read as _};
use std::rc::Rc;

use flate2::{Crc, Decompress, FlushDecompress, Status};
use memchr::memmem;
use ruzstd::decoding::{BlockDecodingStrategy, Dictionary, FrameDecoder};

use super::raw::{Raw, WINDOW};
use crate::extract::Unreadable;
use crate::extract::limits::Budget;
use crate::model::GapReason;

/// Bytes unpacked at a time.
const CHUNK: usize = 64 << 10;
/// Largest window of a Zstandard frame. Crawlers keep one record a frame with windows of 8 MB; what asks for more
/// would take the memory that two threads may hold.
const MAX_ZSTD_WINDOW: u64 = 32 << 20;
/// Largest dictionary. The specification's tool trains 112 KB; `zstd --train` stops at 2 GB.
const MAX_DICTIONARY: u32 = 16 << 20;
/// Skippable frame that holds the dictionary.
const DICTIONARY_FRAME: [u8; 4] = [0x5D, 0x2A, 0x4D, 0x18];
const ZSTD_FRAME: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];
const GZIP_MEMBER: [u8; 3] = [0x1F, 0x8B, 8];

/// How records are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Plain,
    Gzip,
    Zstd,
}

/// The kind of crawl file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Archive {
    /// ISO 28500 and its drafts.
    Warc,
    /// The Internet Archive's older format.
    Arc,
}

/// What a file with these first bytes is.
pub(super) fn recognise(head: &[u8]) -> Option<(Packing, Archive)> {
    let archive = |bytes: &[u8]| {
        if bytes.starts_with(b"WARC/") {
            Some(Archive::Warc)
        } else if bytes.starts_with(b"filedesc://") {
            Some(Archive::Arc)
        } else {
            None
        }
    };
    if head.starts_with(&GZIP_MEMBER) {
        return archive(&gzip_beginning(head)).map(|kind| (Packing::Gzip, kind));
    }
    if head.starts_with(&DICTIONARY_FRAME) {
        // Only crawls put a dictionary into their file.
        let dictionary = head.get(8..12).unwrap_or_default();
        let known = dictionary == [0x37, 0xA4, 0x30, 0xEC] || dictionary == ZSTD_FRAME;
        return known.then_some((Packing::Zstd, Archive::Warc));
    }
    if head.starts_with(&ZSTD_FRAME) {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(MAX_ZSTD_WINDOW);
        let beginning = zstd_beginning(&mut decoder, head).unwrap_or_default();
        return archive(&beginning).map(|kind| (Packing::Zstd, kind));
    }
    archive(head).map(|kind| (Packing::Plain, kind))
}

/// The first bytes that come out of a gzip member.
fn gzip_beginning(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0; 16];
    let Header::Long(header) = gzip_header(bytes) else { return Vec::new() };
    let mut inflate = Decompress::new(false);
    let packed = bytes.get(header..).unwrap_or_default();
    if inflate.decompress(packed, &mut out, FlushDecompress::None).is_err() {
        return Vec::new();
    }
    out.truncate(usize::try_from(inflate.total_out()).unwrap_or(0));
    out
}

/// The first bytes that come out of a Zstandard frame, as far as its first block lies in `bytes`; `None` when it is no
/// frame. Of a frame of several blocks nothing comes out before its window is full, so there may be no bytes.
fn zstd_beginning(decoder: &mut FrameDecoder, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut rest = bytes;
    decoder.reset(&mut rest).ok()?;
    decoder.decode_blocks(&mut rest, BlockDecodingStrategy::UptoBlocks(1)).ok()?;
    let mut out = [0; 16];
    let got = decoder.read(&mut out).ok()?;
    Some(out.get(..got).unwrap_or_default().to_vec())
}

enum Header {
    /// So many bytes.
    Long(usize),
    /// More than was given.
    Longer,
    None,
}

/// Length of a gzip member's header (RFC 1952, 2.3).
fn gzip_header(bytes: &[u8]) -> Header {
    if bytes.len() < 10 {
        return Header::Longer;
    }
    let flags = bytes.get(3).copied().unwrap_or_default();
    if !bytes.starts_with(&GZIP_MEMBER) || flags & 0xE0 != 0 {
        return Header::None;
    }
    let mut at = 10;
    if flags & 4 != 0 {
        let (Some(low), Some(high)) = (bytes.get(at), bytes.get(at + 1)) else { return Header::Longer };
        at += 2 + usize::from(u16::from_le_bytes([*low, *high]));
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            let Some(end) = bytes.get(at..).and_then(|rest| memchr::memchr(0, rest)) else {
                return Header::Longer;
            };
            at += end + 1;
        }
    }
    if flags & 2 != 0 {
        at += 2;
    }
    if at > bytes.len() { Header::Longer } else { Header::Long(at) }
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn ends_early() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the file ends within a record")
}

enum State {
    Plain,
    Gzip { inflate: Box<Decompress>, crc: Crc, inside: bool },
    Zstd { decoder: Box<FrameDecoder>, dictionary: Option<u32>, inside: bool },
}

/// The unpacked bytes of a crawl file from some offset on.
pub(super) struct Unpacked<'a> {
    raw: Raw<'a>,
    state: State,
    archive: Archive,
    budget: Rc<Budget>,
    out: Vec<u8>,
    at: usize,
    filled: usize,
    /// Where the member or frame begins that the next byte comes from.
    unit: u64,
    /// Bytes of it were taken.
    begun: bool,
    /// The last byte that was taken from a plain file.
    last: u8,
}

impl<'a> Unpacked<'a> {
    /// Unpacks `raw`; `dictionary` is what [`dictionary`] gave.
    pub(super) fn new(
        raw: Raw<'a>,
        packing: Packing,
        archive: Archive,
        dictionary: Option<Dictionary>,
        budget: &Rc<Budget>,
    ) -> Result<Unpacked<'a>, Unreadable> {
        let state = match packing {
            Packing::Plain => State::Plain,
            Packing::Gzip => {
                State::Gzip { inflate: Box::new(Decompress::new(false)), crc: Crc::new(), inside: false }
            }
            Packing::Zstd => {
                let mut decoder = Box::new(FrameDecoder::new());
                decoder.set_max_window_size(MAX_ZSTD_WINDOW);
                let id = dictionary.as_ref().map(|dictionary| dictionary.id);
                if let Some(dictionary) = dictionary {
                    let added = decoder.add_dict(dictionary);
                    added.map_err(|error| Unreadable::damaged(format!("dictionary: {error}")))?;
                }
                State::Zstd { decoder, dictionary: id, inside: false }
            }
        };
        let unit = raw.offset();
        Ok(Unpacked {
            raw,
            state,
            archive,
            budget: Rc::clone(budget),
            out: Vec::new(),
            at: 0,
            filled: 0,
            unit,
            begun: false,
            last: b'\n',
        })
    }

    /// Offset in the file where a record begins whose first byte comes next: in a packed file only at the beginning of
    /// a member or frame. Only after [`Unpacked::fill`].
    pub(super) fn border(&self) -> Option<u64> {
        match self.state {
            State::Plain => Some(self.raw.offset()),
            _ => (!self.begun).then_some(self.unit),
        }
    }

    /// The member or frame the next byte comes from; `None` in a plain file.
    pub(super) fn unit(&self) -> Option<u64> {
        (!matches!(self.state, State::Plain)).then_some(self.unit)
    }

    /// How far the file was read.
    pub(super) fn offset(&self) -> u64 {
        self.raw.offset()
    }

    /// The next bytes; empty at the end.
    ///
    /// # Errors
    /// Damage, limits, and what reading gave.
    pub(super) fn fill(&mut self) -> io::Result<&[u8]> {
        if let State::Plain = self.state {
            return self.raw.peek(1);
        }
        while self.at == self.filled {
            let got = self.unpack()?;
            if got == 0 && self.raw.held().is_empty() && self.raw.peek(1)?.is_empty() && !self.is_inside() {
                return Ok(&[]);
            }
            self.at = 0;
            self.filled = got;
            self.budget.charge(got as u64).map_err(io::Error::other)?;
        }
        Ok(self.out.get(self.at..self.filled).unwrap_or_default())
    }

    /// Takes so many of the bytes that `fill` gave.
    pub(super) fn consume(&mut self, bytes: usize) {
        if let State::Plain = self.state {
            if let Some(last) = bytes.checked_sub(1).and_then(|last| self.raw.held().get(last)) {
                self.last = *last;
            }
            self.raw.consume(bytes);
        } else {
            self.at = (self.at + bytes).min(self.filled);
            self.begun |= bytes > 0;
        }
    }

    fn is_inside(&self) -> bool {
        match &self.state {
            State::Plain => false,
            State::Gzip { inside, .. } | State::Zstd { inside, .. } => *inside,
        }
    }

    /// Unpacks some bytes into `out`; 0 at a border or the end.
    fn unpack(&mut self) -> io::Result<usize> {
        if self.out.is_empty() {
            self.out.resize(CHUNK, 0);
        }
        match &mut self.state {
            State::Plain => Ok(0),
            State::Gzip { inflate, crc, inside } => {
                if !*inside {
                    let mut header = gzip_header(self.raw.peek(512)?);
                    if let Header::Longer = header {
                        header = gzip_header(self.raw.peek(WINDOW)?);
                    }
                    match header {
                        Header::Long(length) => {
                            self.unit = self.raw.offset();
                            self.begun = false;
                            self.raw.consume(length);
                            inflate.reset(false);
                            crc.reset();
                            *inside = true;
                        }
                        _ => {
                            // Some writers fill the end of a file with zeros.
                            let held = self.raw.held();
                            let zeros = held.iter().take_while(|byte| **byte == 0).count();
                            if zeros == 0 && !held.is_empty() {
                                return Err(broken("no gzip member where a record should begin"));
                            }
                            self.raw.consume(zeros);
                            return Ok(0);
                        }
                    }
                }
                let packed = self.raw.peek(1)?;
                let nothing_left = packed.is_empty();
                let (before_in, before_out) = (inflate.total_in(), inflate.total_out());
                let status = inflate
                    .decompress(packed, &mut self.out, FlushDecompress::None)
                    .map_err(|_| broken("broken gzip member"))?;
                let used = usize::try_from(inflate.total_in() - before_in).unwrap_or(0);
                let got = usize::try_from(inflate.total_out() - before_out).unwrap_or(0);
                self.raw.consume(used);
                crc.update(self.out.get(..got).unwrap_or_default());
                if status == Status::StreamEnd {
                    *inside = false;
                    let sum = crc.sum();
                    let trailer = self.raw.peek(8)?.first_chunk::<8>().copied();
                    let [a, b, c, d, ..] = trailer.ok_or_else(ends_early)?;
                    self.raw.consume(8);
                    if u32::from_le_bytes([a, b, c, d]) != sum {
                        return Err(broken("checksum of a gzip member does not fit"));
                    }
                } else if got == 0 && used == 0 && nothing_left {
                    *inside = false;
                    return Err(ends_early());
                }
                Ok(got)
            }
            State::Zstd { decoder, dictionary, inside } => {
                if !*inside {
                    let head = self.raw.peek(8)?;
                    if head.is_empty() {
                        return Ok(0);
                    }
                    if let Some([id @ 0x50..=0x5F, 0x2A, 0x4D, 0x18, a, b, c, d]) = head.first_chunk::<8>() {
                        let _ = id;
                        let length = u64::from(u32::from_le_bytes([*a, *b, *c, *d])) + 8;
                        io::copy(&mut (&mut self.raw).take(length), &mut io::sink())?;
                        return Ok(0);
                    }
                    if !head.starts_with(&ZSTD_FRAME) {
                        return Err(broken("no Zstandard frame where a record should begin"));
                    }
                    let names_dictionary = head.get(4).is_some_and(|descriptor| descriptor & 3 != 0);
                    self.unit = self.raw.offset();
                    self.begun = false;
                    decoder.reset(&mut self.raw).map_err(|error| broken(&format!("Zstandard: {error}")))?;
                    if let (Some(id), false) = (*dictionary, names_dictionary) {
                        decoder.force_dict(id).map_err(|error| broken(&format!("Zstandard: {error}")))?;
                    }
                    *inside = true;
                }
                if decoder.can_collect() == 0 && !decoder.is_finished() {
                    decoder
                        .decode_blocks(&mut self.raw, BlockDecodingStrategy::UptoBytes(CHUNK))
                        .map_err(|error| broken(&format!("Zstandard: {error}")))?;
                }
                let got = decoder.read(&mut self.out)?;
                if got == 0 && decoder.is_finished() {
                    *inside = false;
                    let (stored, own) = (decoder.get_checksum_from_data(), decoder.get_calculated_checksum());
                    if stored.is_some() && own.is_some() && stored != own {
                        return Err(broken("checksum of a Zstandard frame does not fit"));
                    }
                }
                Ok(got)
            }
        }
    }

    /// Gives up what is being unpacked and looks for the next record that begins before the offset `before`. Afterwards
    /// its first byte comes next.
    ///
    /// # Errors
    /// What reading gave.
    pub(super) fn seek_border(&mut self, before: u64) -> io::Result<bool> {
        self.at = 0;
        self.filled = 0;
        match &mut self.state {
            State::Plain => {}
            State::Gzip { inside, .. } | State::Zstd { inside, .. } => *inside = false,
        }
        self.unit = self.raw.offset();
        self.begun = false;
        let signature: &[u8] = match self.state {
            State::Plain => b"WARC/",
            State::Gzip { .. } => &GZIP_MEMBER,
            State::Zstd { .. } => &ZSTD_FRAME,
        };
        loop {
            if self.raw.offset() >= before {
                return Ok(false);
            }
            let held = self.raw.peek(WINDOW / 2)?;
            if held.len() < signature.len() {
                let rest = held.len();
                self.raw.consume(rest);
                return Ok(false);
            }
            let Some(found) = memmem::find(held, signature) else {
                let seen = held.len() - (signature.len() - 1);
                self.last = seen.checked_sub(1).and_then(|at| held.get(at)).copied().unwrap_or(self.last);
                self.raw.consume(seen);
                continue;
            };
            if let Some(last) = found.checked_sub(1).and_then(|at| held.get(at)) {
                self.last = *last;
            }
            self.raw.consume(found);
            if self.raw.offset() >= before {
                return Ok(false);
            }
            if self.begins_record()? {
                self.unit = self.raw.offset();
                return Ok(true);
            }
            self.last = signature.first().copied().unwrap_or_default();
            self.raw.consume(1);
        }
    }

    /// Whether what lies at the next byte is the beginning of a record and no chance.
    fn begins_record(&mut self) -> io::Result<bool> {
        let last = self.last;
        let archive = self.archive;
        let is_record = |bytes: &[u8]| match archive {
            Archive::Warc => bytes.starts_with(b"WARC/"),
            // URLs of any scheme; what is packed and begins so is no chance.
            Archive::Arc => bytes.iter().take(16).all(u8::is_ascii_graphic) && bytes.contains(&b':'),
        };
        Ok(match &mut self.state {
            State::Plain => last == b'\n' && is_header(self.raw.peek(256)?),
            State::Gzip { .. } => is_record(&gzip_beginning(self.raw.peek(8 << 10)?)),
            State::Zstd { decoder, .. } => zstd_beginning(decoder, self.raw.peek(WINDOW)?)
                .is_some_and(|bytes| bytes.is_empty() || is_record(&bytes)),
        })
    }
}

/// Whether these are the first two lines of a WARC header.
fn is_header(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    let version = lines.next().and_then(|line| line.strip_prefix(b"WARC/")).unwrap_or_default();
    let field = lines.next().unwrap_or_default();
    let begins = |name: &[u8]| field.get(..name.len()).is_some_and(|is| is.eq_ignore_ascii_case(name));
    (3..=8).contains(&version.len())
        && version.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
        && (begins(b"WARC-") || begins(b"Content-"))
}

/// The dictionary at the beginning of a `.warc.zst` file, if there is one.
///
/// # Errors
/// `damaged`, `limit-size` or `unsupported` for a dictionary that cannot be used.
pub(super) fn dictionary(raw: &mut Raw<'_>, budget: &Rc<Budget>) -> Result<Option<Dictionary>, Unreadable> {
    let Some([a, b, c, d, e, f, g, h]) = raw.peek(8)?.first_chunk::<8>().copied() else { return Ok(None) };
    if [a, b, c, d] != DICTIONARY_FRAME {
        return Ok(None);
    }
    let length = u32::from_le_bytes([e, f, g, h]);
    if length > MAX_DICTIONARY || u64::from(length) > budget.room() {
        return Err(Unreadable::gap(GapReason::LimitSize, "Zstandard dictionary larger than 16 MB"));
    }
    raw.consume(8);
    let mut bytes = Vec::new();
    raw.take(u64::from(length)).read_to_end(&mut bytes)?;
    if bytes.starts_with(&ZSTD_FRAME) {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(MAX_ZSTD_WINDOW);
        let mut packed = bytes.as_slice();
        let damaged = |error: &dyn std::fmt::Display| Unreadable::damaged(format!("dictionary: {error}"));
        decoder.reset(&mut packed).map_err(|error| damaged(&error))?;
        let mut out = Vec::new();
        while !decoder.is_finished() && out.len() < MAX_DICTIONARY as usize {
            decoder
                .decode_blocks(&mut packed, BlockDecodingStrategy::UptoBytes(CHUNK))
                .map_err(|error| damaged(&error))?;
            decoder.collect_to_writer(&mut out)?;
        }
        decoder.collect_to_writer(&mut out)?;
        bytes = out;
    }
    Dictionary::decode_dict(&bytes)
        .map(Some)
        .map_err(|error| Unreadable::damaged(format!("dictionary: {error}")))
}
