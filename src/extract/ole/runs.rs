//! Text runs: letters in a row in bytes that nobody understands, in UTF-16 and in 8 bits.

use std::cell::RefCell;
use std::io::Read;
use std::rc::Rc;
use std::sync::LazyLock;

use encoding_rs::WINDOWS_1252;

use super::super::limits::Budget;
use super::super::{Relay, Sink, Stop, Unreadable};
use crate::model::{Kind, Place, Segment};

/// Letters a run must have: fewer are common in binary data, and shorter words are found with their neighbours.
pub(in super::super) const MIN_LETTERS: usize = 4;

/// The same for streams that are mostly pictures.
pub(super) const MIN_LETTERS_NOISE: usize = 8;

/// ASCII letters in a row that make an 8-bit run text. In compressed pictures, where every byte is as likely as any
/// other, one run of ten bytes in fifteen has three.
const ASCII_IN_A_ROW: u32 = 3;

/// Letters and blanks in a row that do it as well: "TèI MËT" (TỐI MẬT in TCVN3) has no three ASCII letters in a row.
const LETTERS_IN_A_ROW: u32 = 7;

/// A run of more bytes is cut, at a blank where there is one within as many more.
const MAX_RUN: usize = 32 << 10;

/// Bytes of the shortest UTF-16 run: MẬT, three letters.
const LEAST_WIDE: usize = 6;

/// Bytes read at a time.
pub(super) const CHUNK: usize = 64 << 10;

thread_local! {
    /// What is being searched. A compound file has dozens of streams, and first touch of new memory is costly.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What a byte of Windows-1252 is in a run, as bits; no bit: control codes, which end a run.
mod class {
    pub(super) const TEXT: u8 = 1;
    pub(super) const LETTER: u8 = 2;
    pub(super) const ASCII: u8 = 4;
    pub(super) const BLANK: u8 = 8;
}

/// Classes of all bytes as Windows-1252 has them (WHATWG Encoding Standard, index-windows-1252).
static CLASSES: LazyLock<[u8; 256]> = LazyLock::new(|| {
    let mut classes = [0; 256];
    for (byte, class) in (0u8..=255).zip(classes.iter_mut()) {
        let (text, _) = WINDOWS_1252.decode_without_bom_handling(std::slice::from_ref(&byte));
        *class = match text.chars().next() {
            Some(' ' | '\t' | '\u{a0}') => class::TEXT | class::BLANK,
            Some(c) if c.is_ascii_alphabetic() => class::TEXT | class::LETTER | class::ASCII,
            Some(c) if is_letter(c) => class::TEXT | class::LETTER,
            Some(c) if !c.is_control() => class::TEXT,
            _ => 0,
        };
    }
    classes
});

/// Letters of the blocks that [`is_text`] lets through; `char::is_alphabetic` took half of the time here.
#[inline]
fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic()
        || matches!(c, '\u{c0}'..='\u{24f}' | '\u{386}'..='\u{52f}' | '\u{1e00}'..='\u{1eff}')
}

/// Whether a UTF-16 unit is taken for text: Latin, Greek, Cyrillic, the Vietnamese letters, and common signs. In other
/// blocks two bytes of anything are a letter.
#[inline]
fn is_text(low: u8, high: u8) -> bool {
    // In binary data nearly every unit ends here, which the processor then foresees.
    if high > 5 && !(0x1e..=0x21).contains(&high) {
        return false;
    }
    match high {
        0 => matches!(low, 0x09 | 0x20..=0x7e | 0xa0..),
        1 | 3 | 4 | 0x1e => true,
        2 => low < 0x50,
        5 => low < 0x30,
        0x20 => matches!(low, 0x10..=0x27 | 0x2f..=0x3a | 0xab),
        0x21 => low == 0x16,
        _ => false,
    }
}

/// A stretch of UTF-16: where it begins in the buffer, and where it was looked at up to.
#[derive(Debug, Clone, Copy, Default)]
struct Wide {
    start: usize,
    at: usize,
}

/// The same for 8 bits, with what was seen in it. Counted on the way: compressed pictures are made of short stretches, and
/// looking at each of them twice was a tenth of the time.
#[derive(Debug, Clone, Copy, Default)]
struct Narrow {
    start: usize,
    at: usize,
    letters: u32,
    /// ASCII letters in a row up to here; letters and blanks in a row up to here.
    ascii: u32,
    row: u32,
    is_word: bool,
}

/// Searches bytes for runs of text: UTF-16LE at even and odd offsets, and 8 bits. A run has `least` letters or more.
///
/// # Errors
/// What reading the bytes gave, or when the sink stops.
pub(in super::super) fn search(
    content: &mut dyn Read,
    name: &str,
    least: usize,
    budget: &Rc<Budget>,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    let mut search = Search { text: String::new(), name, least, sink };
    let mut buffer = BUFFER.take();
    let result = search.all(content, &mut buffer, budget);
    BUFFER.set(buffer);
    result
}

/// Turns the pieces of a search into hidden text of a place, such as a sheet.
pub(in super::super) struct Aside<'a> {
    /// Where it stands.
    pub(in super::super) base: Place<'a>,
    /// Who takes it.
    pub(in super::super) sink: &'a mut dyn Sink,
}

impl Relay for Aside<'_> {
    fn inner(&mut self) -> &mut dyn Sink {
        self.sink
    }

    fn relay(&mut self, segment: Segment<'_>) -> Result<(), Stop> {
        let place = Place { kind: Kind::Hidden, name: segment.place.name, ..self.base.hidden() };
        self.sink.segment(Segment { place, ..segment })
    }
}

struct Search<'s> {
    text: String,
    name: &'s str,
    least: usize,
    sink: &'s mut dyn Sink,
}

impl Search<'_> {
    fn all(
        &mut self,
        content: &mut dyn Read,
        buffer: &mut Vec<u8>,
        budget: &Rc<Budget>,
    ) -> Result<(), Unreadable> {
        let mut narrow = Narrow::default();
        let mut even = Wide::default();
        let mut odd = Wide { start: 1, at: 1 };
        let mut held = 0;
        loop {
            // What no stretch needs any more goes; by an even number, so that even stays even.
            let done = narrow.start.min(even.start).min(odd.start).min(held) & !1;
            buffer.copy_within(done..held, 0);
            held -= done;
            narrow.start -= done;
            narrow.at -= done;
            for stretch in [&mut even, &mut odd] {
                stretch.start -= done;
                stretch.at -= done;
            }
            if buffer.len() < held + CHUNK {
                buffer.resize(held + CHUNK, 0);
            }
            let (got, end) = match content.read(buffer.get_mut(held..held + CHUNK).unwrap_or_default()) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Ok(got) => (got, None),
                Err(error) => (0, Some(error)),
            };
            held += got;
            let bytes = buffer.get(..held).unwrap_or_default();
            let last = got == 0;
            self.wide(bytes, &mut even, last)?;
            self.wide(bytes, &mut odd, last)?;
            self.narrow(bytes, &mut narrow, last)?;
            if last {
                return end.map_or(Ok(()), |error| Err(error.into()));
            }
            budget.charge(0)?;
        }
    }

    /// Looks for 8-bit runs from `stretch.at` on.
    fn narrow(&mut self, bytes: &[u8], stretch: &mut Narrow, last: bool) -> Result<(), Unreadable> {
        let classes = &*CLASSES;
        let class_of = |byte: &u8| classes.get(usize::from(*byte)).copied().unwrap_or(0);
        let mut now = *stretch;
        while let Some(rest) = bytes.get(now.at..).filter(|rest| !rest.is_empty()) {
            if now.at == now.start {
                // Most of a binary stream is no text: a loop that does nothing else passes over it.
                let skipped = rest.iter().position(|byte| class_of(byte) != 0).unwrap_or(rest.len());
                now = Narrow { start: now.at + skipped, at: now.at + skipped, ..Narrow::default() };
            }
            for byte in bytes.get(now.at..).unwrap_or_default() {
                let class = class_of(byte);
                if class == 0 || is_cut(now.at - now.start, class & class::BLANK != 0) {
                    if now.is_word {
                        self.push_narrow(bytes, &now)?;
                    }
                    let start = if class == 0 { now.at + 1 } else { now.at };
                    now = Narrow { start, at: start, ..Narrow::default() };
                    break;
                }
                let is = |bits: u8| u32::from(class & bits != 0);
                now.letters += is(class::LETTER);
                now.ascii = (now.ascii + 1) * is(class::ASCII);
                now.row = (now.row + 1) * is(class::LETTER | class::BLANK);
                now.is_word |= now.ascii >= ASCII_IN_A_ROW || now.row >= LETTERS_IN_A_ROW;
                now.at += 1;
            }
        }
        if last {
            self.push_narrow(bytes, &now)?;
            now = Narrow { start: now.at, at: now.at, ..Narrow::default() };
        }
        *stretch = now;
        Ok(())
    }

    fn push_narrow(&mut self, bytes: &[u8], stretch: &Narrow) -> Result<(), Unreadable> {
        if !stretch.is_word || (stretch.letters as usize) < self.least {
            return Ok(());
        }
        let run = bytes.get(stretch.start..stretch.at).unwrap_or_default();
        let (text, _) = WINDOWS_1252.decode_without_bom_handling(run);
        let place = Place::new(Kind::Body).named(self.name);
        Ok(self.sink.segment(Segment::new(text.trim(), place))?)
    }

    /// Looks for UTF-16 runs from `stretch.at` on, in steps of two bytes.
    fn wide(&mut self, bytes: &[u8], stretch: &mut Wide, last: bool) -> Result<(), Unreadable> {
        let Wide { mut start, mut at } = *stretch;
        for pair in bytes.get(at..).unwrap_or_default().chunks_exact(2) {
            let [low, high] = *pair else { break };
            if !is_text(low, high) {
                if at - start >= LEAST_WIDE {
                    self.push_wide(bytes.get(start..at).unwrap_or_default())?;
                }
                start = at + 2;
            } else if is_cut(at - start, low == b' ' && high == 0) {
                self.push_wide(bytes.get(start..at).unwrap_or_default())?;
                start = at;
            }
            at += 2;
        }
        if last {
            self.push_wide(bytes.get(start..at).unwrap_or_default())?;
            start = at;
        }
        *stretch = Wide { start, at };
        Ok(())
    }

    fn push_wide(&mut self, run: &[u8]) -> Result<(), Unreadable> {
        // Excel puts a byte 01 for "two bytes a letter" before the letters (MS-XLS 2.5.293); with the high byte of the
        // length before it, it looks like a letter.
        let run = run.strip_prefix(&[0x00, 0x01]).unwrap_or(run);
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        let (mut letters, mut vietnamese) = (0usize, false);
        for pair in run.chunks_exact(2) {
            let [low, high] = pair else { break };
            // No surrogates are let through.
            let Some(c) = char::from_u32(u32::from(u16::from_le_bytes([*low, *high]))) else { continue };
            text.push(c);
            letters += usize::from(is_letter(c));
            vietnamese |= ('\u{1ea0}'..='\u{1ef9}').contains(&c);
        }
        // A number behind the letters whose low byte is 0, such as the size that Forms 2.0 writes, looks like a letter.
        let odd = text
            .char_indices()
            .next_back()
            .filter(|(at, c)| *at > 0 && u32::from(*c) & 0xFF == 0 && is_letter(*c));
        if let Some((at, _)) = odd {
            text.insert(at, ' ');
        }
        // MẬT has three letters; letters of that block do not come by chance.
        let least = if vietnamese { 3 } else { self.least };
        let result = if letters >= least {
            let place = Place::new(Kind::Body).named(self.name);
            self.sink.segment(Segment::new(text.trim(), place))
        } else {
            Ok(())
        };
        self.text = text;
        Ok(result?)
    }
}

/// Whether a run of that many bytes ends before the character at hand.
fn is_cut(len: usize, blank: bool) -> bool {
    len >= MAX_RUN && (blank || len >= 2 * MAX_RUN)
}
