//! Plain text in any encoding: logs, source code, Markdown, and the base of the notations (JSON, XML, CSV...).
//!
//! In: bytes. Out: blocks of whole lines, each with the number of its first line. Left out: markup.
//!
//! A document of any length passes through one block of memory. Blocks are cut at a line end. A line longer than a
//! block is cut at a character, better at a blank, and the next block begins [`OVERLAP`] bytes before the cut, so that
//! no mark is cut in two; text in the overlap is seen twice.

use std::cell::RefCell;
use std::io::Read;

use encoding_rs::{Encoding, ISO_2022_JP};

use super::charset::{self, Charset, Wide, WideDecoder};
use super::html::with_letters;
use super::{Format, Head, Input, Sink, Stop, Unreadable};
use crate::model::{Gap, GapReason, Kind, Place, Segment};

/// Plain text.
pub(super) struct Text;

impl Format for Text {
    fn name(&self) -> &'static str {
        "text"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &[]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        charset::is_text(head.bytes)
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        read_text(input, sink, Place::new(Kind::Body))
    }
}

/// Bytes of a block: it stays in the second-level cache between reading, checking and searching.
const BLOCK: usize = 256 << 10;

/// Bytes seen twice where a line longer than a block is cut. The longest mark with its qualifiers has 150 characters.
const OVERLAP: usize = 256;

thread_local! {
    /// First touch of new memory costs more than reading a small file, so the block is kept.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Pushes a document's text as blocks of lines at `place`.
///
/// # Errors
/// When it cannot be read to its end; what was read was pushed.
pub(super) fn read_text(
    input: &mut Input<'_>,
    sink: &mut dyn Sink,
    place: Place<'_>,
) -> Result<(), Unreadable> {
    read_blocks(input, sink, place, true)
}

/// Pushes a document's text once and in order, as blocks that end anywhere, for readers that look closer.
///
/// # Errors
/// As [`read_text`].
pub(super) fn read_parts(input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    read_blocks(input, sink, Place::new(Kind::Body), false)
}

fn read_blocks(
    input: &mut Input<'_>,
    sink: &mut dyn Sink,
    place: Place<'_>,
    overlap: bool,
) -> Result<(), Unreadable> {
    let mut blocks = Blocks { overlap, ..Blocks::new(input, sink, place) };
    if let Some(bytes) = input.in_memory() {
        blocks.whole(bytes)?;
    } else {
        let mut buffer = BUFFER.take();
        buffer.resize(BLOCK, 0);
        let result = blocks.stream(&mut *input.stream()?, &mut buffer);
        BUFFER.set(buffer);
        result?;
    }
    if blocks.charset != Charset::Utf8 {
        let name = blocks.charset.name();
        sink.fact("charset", name);
    }
    Ok(())
}

struct Blocks<'s, 'p> {
    sink: &'s mut dyn Sink,
    place: Place<'p>,
    /// Number of the next block's first line.
    line: u64,
    /// Bytes of the byte order mark.
    skip: usize,
    /// UTF-8 until a block says otherwise.
    charset: Charset,
    declared: Option<Charset>,
    /// Lines end with a carriage return alone, as on old Macs.
    returns: bool,
    /// Blocks of a long line share some text.
    overlap: bool,
    /// Decoded text of the current block.
    decoded: String,
    /// Whether a block was not text at all; told once.
    binary: bool,
}

impl<'s, 'p> Blocks<'s, 'p> {
    fn new(input: &Input<'_>, sink: &'s mut dyn Sink, place: Place<'p>) -> Blocks<'s, 'p> {
        let head = input.head();
        let declared = input.charset().or_else(|| xml_encoding(head)).and_then(Charset::from_label);
        let (charset, skip) = match charset::bom(head) {
            Some(found) => found,
            None => match (charset::wide(head), declared) {
                (Some(wide), _) => (Charset::Wide(wide), 0),
                // Its bytes are ASCII and would pass for UTF-8.
                (None, Some(Charset::Legacy(encoding))) if encoding == ISO_2022_JP => {
                    (Charset::Legacy(encoding), 0)
                }
                (None, None) if memchr::memmem::find(head, b"\x1b$B").is_some() => {
                    (Charset::Legacy(ISO_2022_JP), 0)
                }
                (None, _) => (Charset::Utf8, 0),
            },
        };
        let returns = !matches!(charset, Charset::Wide(_))
            && memchr::memchr2(b'\r', b'\n', head).is_some()
            && memchr::memchr(b'\n', head).is_none();
        Blocks {
            sink,
            place,
            line: 1,
            skip,
            charset,
            declared,
            returns,
            decoded: String::new(),
            binary: false,
            overlap: true,
        }
    }

    fn whole(&mut self, bytes: &[u8]) -> Result<(), Unreadable> {
        let mut rest = bytes.get(self.skip..).unwrap_or_default();
        if let Charset::Wide(wide) = self.charset {
            return self.wide(wide, &mut &*rest, BLOCK);
        }
        while rest.len() > BLOCK {
            let (block, _) = rest.split_at(BLOCK);
            let (end, next) = self.cut(block);
            self.push(block.get(..end).unwrap_or(block))?;
            rest = rest.get(next..).unwrap_or_default();
        }
        Ok(self.push(rest)?)
    }

    /// Reads through `buffer`, whose length is the block's.
    fn stream(&mut self, from: &mut dyn Read, buffer: &mut [u8]) -> Result<(), Unreadable> {
        let skipped = std::io::copy(&mut (&mut *from).take(self.skip as u64), &mut std::io::sink());
        skipped?;
        if let Charset::Wide(wide) = self.charset {
            return self.wide(wide, from, buffer.len());
        }
        let mut filled = 0;
        loop {
            let Some(free) = buffer.get_mut(filled..) else { return Ok(()) };
            match from.read(free) {
                Ok(0) => {
                    return Ok(self.push(buffer.get(..filled).unwrap_or_default())?);
                }
                Ok(got) => filled += got,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.push(buffer.get(..filled).unwrap_or_default())?;
                    return Err(error.into());
                }
            }
            if filled == buffer.len() {
                let (end, next) = self.cut(buffer);
                self.push(buffer.get(..end).unwrap_or_default())?;
                buffer.copy_within(next.., 0);
                filled -= next;
            }
        }
    }

    fn wide(&mut self, wide: Wide, from: &mut dyn Read, block: usize) -> Result<(), Unreadable> {
        let mut decoder = WideDecoder::new(wide);
        let mut bytes = vec![0; block.min(64 << 10)];
        let mut text = String::new();
        loop {
            let got = match from.read(&mut bytes) {
                Ok(got) => got,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.push_text(&text)?;
                    return Err(error.into());
                }
            };
            decoder.decode(bytes.get(..got).unwrap_or_default(), got == 0, &mut text);
            if got == 0 {
                return Ok(self.push_text(&text)?);
            }
            while text.len() > block {
                let (end, next) = self.cut(text.as_bytes().get(..block).unwrap_or_default());
                self.push_text(text.get(..end).unwrap_or(&text))?;
                text.drain(..next);
            }
        }
    }

    fn cut(&self, block: &[u8]) -> (usize, usize) {
        let (end, next) = cut(block);
        (end, if self.overlap { next } else { end })
    }

    /// Pushes a block of 8-bit text.
    fn push(&mut self, block: &[u8]) -> Result<(), Stop> {
        let legacy = match self.charset {
            Charset::Legacy(encoding) if encoding == ISO_2022_JP => Some(encoding),
            _ => match simdutf8::basic::from_utf8(block) {
                Ok(text) if memchr::memchr(0, block).is_none() => return self.push_text(text),
                Ok(text) => {
                    self.note_binary(block);
                    return self.push_text(text);
                }
                Err(_) => {
                    self.note_binary(block);
                    self.legacy(block)
                }
            },
        };
        let mut decoded = std::mem::take(&mut self.decoded);
        decoded.clear();
        match legacy {
            Some(encoding) => charset::decode_legacy(encoding, block, &mut decoded),
            None => charset::decode_mixed(block, &mut decoded),
        }
        let result = self.push_text(&decoded);
        self.decoded = decoded;
        result
    }

    /// The first bytes were text, or this reader would not be asked; what follows may be something else, such as the
    /// records of a crawl. It is searched as it is, but it was not read.
    fn note_binary(&mut self, block: &[u8]) {
        if !self.binary && !charset::is_text(block) {
            self.binary = true;
            self.sink.gap(Gap::new(GapReason::Unsupported, "binary data within the text"));
        }
    }

    /// The encoding of a block that is not UTF-8; `None`: UTF-8 with broken bytes. Once told, it stays.
    fn legacy(&mut self, block: &[u8]) -> Option<&'static Encoding> {
        if self.charset == Charset::Utf8 && self.skip == 0 {
            self.charset = charset::narrow(block, self.declared);
        }
        match self.charset {
            Charset::Legacy(encoding) => Some(encoding),
            Charset::Utf8 | Charset::Wide(_) => None,
        }
    }

    fn push_text(&mut self, text: &str) -> Result<(), Stop> {
        if text.is_empty() {
            return Ok(());
        }
        let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count() as u64;
        let place = Place { line: Some(self.line), ..self.place };
        self.line += lines;
        if self.returns {
            self.line += memchr::memchr_iter(b'\r', text.as_bytes()).count() as u64;
            let text = text.replace('\r', "\n");
            return self.sink.segment(Segment::lines(&with_letters(&text), place));
        }
        self.sink.segment(Segment::lines(&with_letters(text), place))
    }
}

/// Where a full block ends and where the next one begins. A block without a line end is cut at a blank of its last
/// quarter, else at the last character's first byte, and the next one begins earlier; both at a character.
fn cut(block: &[u8]) -> (usize, usize) {
    if let Some(at) = memchr::memrchr2(b'\n', b'\r', block)
        && (block.get(at) == Some(&b'\n') || at + 1 < block.len())
    {
        return (at + 1, at + 1);
    }
    let quarter = block.len() - block.len() / 4;
    let blank =
        block.get(quarter..).and_then(|tail| memchr::memrchr2(b' ', b'\t', tail)).map(|at| quarter + at + 1);
    let end = blank.unwrap_or_else(|| character(block, block.len().saturating_sub(1)));
    if end == 0 {
        return (block.len(), block.len());
    }
    // The overlap must leave something to go forward by, whatever the block's size.
    let next = character(block, end - OVERLAP.min(end / 2));
    (end, if next == 0 { end } else { next })
}

/// The start of the UTF-8 character that the byte `at` belongs to.
fn character(block: &[u8], at: usize) -> usize {
    let mut start = at;
    while start > 0 && at - start < 3 && block.get(start).is_some_and(|byte| byte & 0xC0 == 0x80) {
        start -= 1;
    }
    start
}

/// The encoding that an XML declaration names.
pub(super) fn xml_encoding(head: &[u8]) -> Option<&str> {
    let head = head.trim_ascii_start();
    if !head.starts_with(b"<?xml") {
        return None;
    }
    let declaration = head.get(..memchr::memchr(b'>', head)?)?;
    let at = memchr::memmem::find(declaration, b"encoding")?;
    let value = declaration.get(at + 8..)?.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (quote, value) = value.split_first()?;
    let end = memchr::memchr(*quote, value)?;
    std::str::from_utf8(value.get(..end)?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::limits::{Budget, Limits};
    use super::super::testing::Record;
    use super::*;

    fn read(bytes: &[u8]) -> Vec<(Option<u64>, String)> {
        let budget = Budget::new(Limits::default());
        let mut input = Input::from_bytes("a.txt", bytes, &budget);
        let mut sink = Record::default();
        Text.read(&mut input, &mut sink).unwrap();
        sink.segments.into_iter().map(|segment| (segment.place.line, segment.text)).collect()
    }

    #[test]
    fn blocks_end_at_line_ends_and_know_their_first_line() {
        let line = "Sở Thử Nghiệm tỉnh Ví Dụ, dự án Orla\n";
        let text = line.repeat(30_000);
        let blocks = read(text.as_bytes());
        assert!(blocks.len() > 3);
        let mut expected = 1;
        for (at, block) in &blocks {
            assert_eq!(*at, Some(expected));
            assert!(block.ends_with('\n') && block.len() <= BLOCK);
            expected += block.matches('\n').count() as u64;
        }
        assert_eq!(blocks.into_iter().map(|(_, block)| block).collect::<String>(), text);
    }

    #[test]
    fn a_legacy_part_deep_in_an_ascii_file_is_decoded() {
        let mut bytes = b"plain line\n".repeat(60_000);
        bytes.extend_from_slice(b"TUY\xD6T M\xCBT\n");
        assert!(read(&bytes).last().unwrap().1.ends_with("TUYÖT MËT\n"));
    }

    #[test]
    fn xml_declarations_count() {
        let bytes = b"<?xml version='1.0' encoding = \"windows-1258\"?><a>M\xC2\xF2T</a>";
        assert!(read(bytes)[0].1.contains("MÂ\u{323}T"));
    }

    #[test]
    fn lines_of_old_macs_become_lines() {
        assert_eq!(read(b"one\rTOP SECRET\rthree")[0].1, "one\nTOP SECRET\nthree");
    }

    /// Joins blocks; where a block repeats the end of the one before, the repetition goes.
    fn joined(blocks: &[String], overlap_from: &[usize]) -> String {
        blocks.iter().zip(overlap_from).map(|(block, from)| &block[*from..]).collect()
    }

    proptest! {
        #[test]
        fn cutting_loses_no_character(text in "[ạMẬT \\n\u{1D11E}a]{0,400}", size in 8usize..64) {
            let mut rest = text.as_bytes();
            let mut blocks = Vec::new();
            let mut repeated = vec![0];
            while rest.len() > size {
                let (end, next) = cut(&rest[..size]);
                prop_assert!(next > 0 && next <= end && end <= size);
                blocks.push(std::str::from_utf8(&rest[..end]).unwrap().to_owned());
                repeated.push(end - next);
                rest = &rest[next..];
            }
            blocks.push(std::str::from_utf8(rest).unwrap().to_owned());
            prop_assert_eq!(joined(&blocks, &repeated), text);
        }

        #[test]
        fn streams_give_what_memory_gives(bytes in proptest::collection::vec(any::<u8>(), 0..2000), size in 64usize..200) {
            let budget = Budget::new(Limits::default());
            let input = Input::from_bytes("a", &bytes, &budget);
            let mut sink = Record::default();
            let mut buffer = vec![0; size];
            Blocks::new(&input, &mut sink, Place::new(Kind::Body)).stream(&mut bytes.as_slice(), &mut buffer).unwrap();
            prop_assert!(sink.segments.iter().all(|segment| segment.text.len() <= size * 3));
        }
    }
}
