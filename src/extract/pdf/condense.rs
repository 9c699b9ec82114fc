//! PDFs longer than may be held in memory, without the data of their pictures and attached files.
//!
//! In: a file. Out: a shorter one with the same objects, and where the attached files lie in the long one. What makes a PDF
//! long is scans, whose pixels are not read anyway, and attachments, which are read from the file itself. The file is read
//! once from its first byte to its last, and what is left out is passed over without being read where its length is
//! told rightly. Places in the file change, so its cross-reference is put out of action and hayro gathers the objects
//! as it does in a damaged file. A memory map would spare all this, but cannot be had without `unsafe` (a file that is
//! cut while it is mapped ends the process, one that is changed breaks the promise of `&[u8]`), and a map of 2 GB does
//! not fit the address space that the reader process leaves itself.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};

use memchr::memmem;

use super::document::{Dict, FromBytes as _, Name};
use crate::extract::Unreadable;
use crate::extract::limits::Budget;
use crate::model::GapReason;

/// Bytes read at once.
const STEP: usize = 256 << 10;

/// Longest dictionary of a stream that is understood.
const MAX_DICT: usize = 16 << 10;

/// Data shorter than this stays: it costs no more than what would be noted of it.
const SMALL: u64 = 1 << 10;

/// Attached files longer than this are left where they lie.
const SMALL_FILE: u64 = 64 << 10;

/// Longest other stream that is kept; fonts of all Chinese characters have 20 MB.
pub(super) const MAX_OTHER: u64 = 32 << 20;

/// An attached file that was left where it lies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Elsewhere {
    /// Where its `stream` begins in the shorter file.
    at: usize,
    /// First byte in the long file.
    pub(super) from: u64,
    /// Bytes.
    pub(super) length: u64,
}

/// A file without its pictures and attachments.
#[derive(Debug, Default)]
pub(super) struct Condensed {
    /// The shorter file, until it is opened.
    pub(super) bytes: Vec<u8>,
    /// In the order of the file.
    attached: Vec<Elsewhere>,
    /// Other streams that were too long.
    pub(super) left_out: usize,
}

impl Condensed {
    /// The attached file whose dictionary ends at that place of the shorter file.
    pub(super) fn attached(&self, dict_end: usize) -> Option<Elsewhere> {
        let next = self.attached.partition_point(|one| one.at < dict_end);
        self.attached.get(next).filter(|one| one.at - dict_end <= 32).copied()
    }
}

/// What is done with the data of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Kept,
    Dropped,
    Attached,
}

/// Reads a file of `length` bytes; what is kept is no longer than `room`.
///
/// # Errors
/// `limit-size` when the rest is longer than `room`; a limit; `io`.
pub(super) fn condense(
    file: &File,
    length: u64,
    room: u64,
    budget: &Budget,
) -> Result<Condensed, Unreadable> {
    let mut out = Condensed::default();
    let mut source = Source { file, length, at: 0, window: Vec::new(), from: 0, room, budget };
    while let Some(word) = source.keep_to(b"stream", &mut out.bytes)? {
        let kept = out.bytes.len() - word;
        let before = out.bytes.get(kept.saturating_sub(MAX_DICT)..kept).unwrap_or(&[]).trim_ascii_end();
        if !before.ends_with(b">>") {
            continue;
        }
        let Some(object) = memmem::rfind(before, b" obj") else { continue };
        let text = before.get(object + 4..).unwrap_or(&[]).trim_ascii_start();
        let Some(dict) = Dict::from_bytes(text) else { continue };
        let fate = fate(&dict);
        let declared = dict.get::<u32>("Length").map(u64::from);
        source.keep_line_end(&mut out.bytes)?;
        let declared = match declared {
            Some(declared) if source.ends_at(declared)? => Some(declared),
            _ => None,
        };
        let small = if fate == Fate::Attached { SMALL_FILE } else { SMALL };
        let (fate, body) = match (fate, declared) {
            (Fate::Kept, Some(body)) if body > MAX_OTHER => {
                out.left_out += 1;
                (Fate::Dropped, Some(body))
            }
            (Fate::Kept, body) => (Fate::Kept, body),
            (_, Some(body)) if body <= small => (Fate::Kept, Some(body)),
            other => other,
        };
        let begin = source.position();
        match (fate, body) {
            (Fate::Kept, Some(body)) => source.keep(body, &mut out.bytes)?,
            (Fate::Kept, None) => {
                source.keep_to(b"endstream", &mut out.bytes)?;
                continue;
            }
            (_, Some(body)) => source.skip(body)?,
            (_, None) => source.skip_to(b"endstream")?,
        }
        if fate == Fate::Kept {
            continue;
        }
        empty_length(out.bytes.get_mut(kept.saturating_sub(MAX_DICT)..kept).unwrap_or(&mut []));
        if fate == Fate::Attached {
            out.attached.push(Elsewhere { at: kept, from: begin, length: source.position() - begin });
        }
    }
    disable_references(&mut out.bytes);
    Ok(out)
}

/// What the dictionary of a stream says it is.
fn fate(dict: &Dict<'_>) -> Fate {
    let kind = dict.get::<Name<'_>>("Type");
    let subtype = dict.get::<Name<'_>>("Subtype");
    match (kind.as_deref(), subtype.as_deref()) {
        (Some(b"EmbeddedFile"), _) => Fate::Attached,
        (Some(b"XObject") | None, Some(b"Image")) => Fate::Dropped,
        // A type that is missing is seldom; the media type of an attached file has a slash.
        (None, Some(media)) if media.contains(&b'/') => Fate::Attached,
        _ => Fate::Kept,
    }
}

/// Sets the last `/Length` of some bytes to nothing, in the same number of bytes.
fn empty_length(dict: &mut [u8]) {
    let begin = memmem::rfind(dict, b" obj").unwrap_or(0);
    let places: Vec<usize> = memmem::find_iter(dict.get(begin..).unwrap_or(&[]), b"/Length").collect();
    for at in places {
        let number = dict.get_mut(begin + at + 7..).unwrap_or(&mut []);
        // `/Length1` of a font is another entry, and `/Length 12 0 R` another object.
        if !number.first().is_some_and(u8::is_ascii_whitespace) {
            continue;
        }
        let digits = number.iter_mut().skip_while(|byte| byte.is_ascii_whitespace());
        let mut digits: Vec<&mut u8> = digits.take_while(|byte| byte.is_ascii_digit()).collect();
        if let Some((first, rest)) = digits.split_first_mut() {
            **first = b'0';
            rest.iter_mut().for_each(|byte| **byte = b' ');
        }
    }
}

/// Makes `startxref` unreadable where a number and the end follow: it is that of another file now.
fn disable_references(bytes: &mut [u8]) {
    let places: Vec<usize> = memmem::find_iter(bytes, b"startxref").collect();
    for at in places {
        let after = bytes.get(at + 9..(at + 48).min(bytes.len())).unwrap_or(&[]).trim_ascii_start();
        let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if after.get(digits..).unwrap_or(&[]).trim_ascii_start().starts_with(b"%%EOF")
            && let Some(word) = bytes.get_mut(at..at + 9)
        {
            word.copy_from_slice(b"_________");
        }
    }
}

/// A file that is read from its beginning to its end, with a view of what comes next.
struct Source<'f> {
    file: &'f File,
    length: u64,
    /// Where the window ends in the file.
    at: u64,
    window: Vec<u8>,
    /// Where in the window reading stands.
    from: usize,
    room: u64,
    budget: &'f Budget,
}

impl Source<'_> {
    fn position(&self) -> u64 {
        self.at - self.ahead().len() as u64
    }

    fn ahead(&self) -> &[u8] {
        self.window.get(self.from..).unwrap_or(&[])
    }

    /// Reads on; false at the end.
    fn fill(&mut self) -> Result<bool, Unreadable> {
        self.budget.charge(0)?;
        self.window.drain(..self.from.min(self.window.len()));
        self.from = 0;
        let mut file = self.file;
        file.seek(SeekFrom::Start(self.at))?;
        let got = file.take(STEP as u64).read_to_end(&mut self.window)?;
        self.at += got as u64;
        Ok(got > 0)
    }

    fn push(&mut self, count: usize, out: &mut Vec<u8>) -> Result<(), Unreadable> {
        let piece = self.window.get(self.from..self.from + count).unwrap_or(&[]);
        if (out.len() + piece.len()) as u64 > self.room {
            let detail = format!("more than {} MB besides its pictures and attached files", self.room >> 20);
            return Err(Unreadable::gap(GapReason::LimitSize, detail));
        }
        if out.capacity() - out.len() < piece.len() {
            // Doubling would hold half as much again as is needed.
            out.reserve_exact(piece.len().max(8 << 20));
        }
        out.extend_from_slice(piece);
        self.from += count;
        Ok(())
    }

    /// Keeps everything up to a word and the word; its length, or `None` at the end of the file.
    fn keep_to(&mut self, word: &[u8], out: &mut Vec<u8>) -> Result<Option<usize>, Unreadable> {
        loop {
            if let Some(at) = memmem::find(self.ahead(), word) {
                self.push(at + word.len(), out)?;
                return Ok(Some(word.len()));
            }
            self.push(self.ahead().len().saturating_sub(word.len()), out)?;
            if !self.fill()? {
                self.push(self.ahead().len(), out)?;
                return Ok(None);
            }
        }
    }

    fn keep_line_end(&mut self, out: &mut Vec<u8>) -> Result<(), Unreadable> {
        if self.ahead().len() < 2 {
            self.fill()?;
        }
        let count = match self.ahead() {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => 0,
        };
        self.push(count, out)
    }

    /// Whether `endstream` stands behind so many bytes.
    fn ends_at(&self, count: u64) -> io::Result<bool> {
        let place = self.position().saturating_add(count);
        if place >= self.length {
            return Ok(false);
        }
        let mut end = Vec::new();
        let mut file = self.file;
        let inside = usize::try_from(count).ok().and_then(|count| self.ahead().get(count..));
        match inside.and_then(|rest| rest.get(..24)) {
            Some(rest) => end.extend_from_slice(rest),
            None => {
                file.seek(SeekFrom::Start(place))?;
                file.take(24).read_to_end(&mut end)?;
            }
        }
        Ok(end.trim_ascii_start().starts_with(b"endstream"))
    }

    fn keep(&mut self, mut count: u64, out: &mut Vec<u8>) -> Result<(), Unreadable> {
        while count > 0 {
            let piece = usize::try_from(count).unwrap_or(usize::MAX).min(self.ahead().len());
            self.push(piece, out)?;
            count -= piece as u64;
            if count > 0 && !self.fill()? {
                break;
            }
        }
        Ok(())
    }

    fn skip(&mut self, count: u64) -> Result<(), Unreadable> {
        match usize::try_from(count).ok().filter(|count| *count <= self.ahead().len()) {
            Some(count) => self.from += count,
            None => {
                self.at = self.position().saturating_add(count).min(self.length);
                self.window.clear();
                self.from = 0;
                self.budget.charge(0)?;
            }
        }
        Ok(())
    }

    fn skip_to(&mut self, word: &[u8]) -> Result<(), Unreadable> {
        loop {
            if let Some(at) = memmem::find(self.ahead(), word) {
                self.from += at;
                return Ok(());
            }
            self.from += self.ahead().len().saturating_sub(word.len());
            if !self.fill()? {
                self.from = self.window.len();
                return Ok(());
            }
        }
    }
}
