//! Records of a BIFF stream one after the other, decrypted if need be, and reading over the borders of CONTINUE records.

use std::io::{self, Read};
use std::ops::Range;

use encoding_rs::{Encoding, WINDOWS_1252};

use super::super::super::Unreadable;
use super::crypt::Cipher;

/// Bytes held of the stream: the longest record twice.
const WINDOW: usize = 128 << 10;

/// CONTINUE (MS-XLS 2.4.58).
const CONTINUE: u16 = 0x003C;

/// MsoDrawingGroup (MS-XLS 2.4.171): a second one goes on where the first ended.
const DRAWING_GROUP: u16 = 0x00EB;

/// How texts are stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dialect {
    /// Version of BIFF: 2 to 5, 8.
    pub(super) version: u8,
    /// Code page of 8-bit texts before BIFF8.
    pub(super) encoding: &'static Encoding,
}

impl Dialect {
    /// The same for text in a legacy Vietnamese font, whose bytes are not letters of the code page.
    pub(super) fn legacy(self, legacy: bool) -> Dialect {
        if legacy { Dialect { encoding: WINDOWS_1252, ..self } } else { self }
    }
}

/// The records of a stream.
pub(super) struct Records<'a> {
    inner: Box<dyn Read + 'a>,
    buffer: Vec<u8>,
    body: Range<usize>,
    end: usize,
    /// Offset in the stream of the first byte of `buffer`.
    base: u64,
    eof: bool,
    kind: u16,
    offset: u64,
    cut: bool,
    cipher: Option<Cipher>,
}

impl<'a> Records<'a> {
    /// The records of these bytes.
    pub(super) fn new(inner: Box<dyn Read + 'a>) -> Records<'a> {
        Records {
            inner,
            buffer: Vec::new(),
            body: 0..0,
            end: 0,
            base: 0,
            eof: false,
            kind: 0,
            offset: 0,
            cut: false,
            cipher: None,
        }
    }

    /// Makes `need` bytes from `from` on lie in the buffer, if there are so many. Gives where `from` lies now.
    fn fill(&mut self, from: usize, need: usize) -> io::Result<usize> {
        if self.end - from >= need || self.eof {
            return Ok(from);
        }
        self.buffer.copy_within(from..self.end, 0);
        self.base += from as u64;
        self.end -= from;
        self.buffer.resize(WINDOW.max(need), 0);
        while self.end < need {
            match self.inner.read(self.buffer.get_mut(self.end..).unwrap_or_default()) {
                Ok(0) => {
                    self.eof = true;
                    break;
                }
                Ok(got) => self.end += got,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.eof = true;
                    return Err(error);
                }
            }
        }
        Ok(0)
    }

    /// Goes to the next record and gives its number; `None` at the end.
    ///
    /// # Errors
    /// What reading gave.
    pub(super) fn next(&mut self) -> io::Result<Option<u16>> {
        let from = self.fill(self.body.end, 4)?;
        let header = self.buffer.get(from..self.end).and_then(|rest| rest.first_chunk::<4>()).copied();
        let Some([low, high, len_low, len_high]) = header else {
            self.body = from..from;
            self.cut |= from < self.end
                && self.buffer.get(from..self.end).unwrap_or_default().iter().any(|b| *b != 0);
            return Ok(None);
        };
        let len = usize::from(u16::from_le_bytes([len_low, len_high]));
        // The header of the next one is wanted for `goes_on`.
        let from = self.fill(from, 4 + len + 4)?;
        self.kind = u16::from_le_bytes([low, high]);
        self.offset = self.base + from as u64;
        self.body = from + 4..(from + 4 + len).min(self.end);
        self.cut |= self.body.len() < len;
        if let Some(cipher) = &mut self.cipher {
            let body = self.buffer.get_mut(self.body.clone()).unwrap_or_default();
            cipher.apply(self.kind, self.offset + 4, body);
        }
        Ok(Some(self.kind))
    }

    /// Whether the record at hand is continued by the next.
    fn goes_on(&self) -> bool {
        let next = self.buffer.get(self.body.end..self.end).and_then(|rest| rest.first_chunk::<2>());
        next.is_some_and(|raw| {
            let next = u16::from_le_bytes(*raw);
            next == CONTINUE || (next == DRAWING_GROUP && self.kind == DRAWING_GROUP)
        })
    }

    /// Content of the record at hand.
    pub(super) fn body(&self) -> &[u8] {
        self.buffer.get(self.body.clone()).unwrap_or_default()
    }

    /// Offset of the record at hand in the stream.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether the stream broke off within a record.
    pub(super) fn cut(&self) -> bool {
        self.cut
    }

    /// Records after this one are encrypted.
    pub(super) fn decrypt(&mut self, cipher: Cipher) {
        self.cipher = Some(cipher);
    }

    /// Goes to the offset in the stream, which must not lie behind; false when the stream ends before.
    ///
    /// # Errors
    /// What reading gave.
    pub(super) fn skip_to(&mut self, offset: u64) -> io::Result<bool> {
        loop {
            let end = self.base + self.end as u64;
            if offset <= end {
                let at = usize::try_from(offset.saturating_sub(self.base)).unwrap_or(0).max(self.body.end);
                self.body = at..at;
                return Ok(true);
            }
            self.body = self.end..self.end;
            let at = self.fill(self.end, 1)?;
            self.body = at..at;
            if self.eof && self.end == at {
                return Ok(false);
            }
        }
    }

    /// Reads the record at hand, and those that continue it, from byte `at` on.
    pub(super) fn cursor(&mut self, at: usize) -> Cursor<'_, 'a> {
        Cursor { records: self, at }
    }
}

/// A place in a record that may go on in CONTINUE records.
pub(super) struct Cursor<'r, 'a> {
    records: &'r mut Records<'a>,
    at: usize,
}

impl Cursor<'_, '_> {
    /// What is left of the record at hand, or the whole next one that continues it; empty at the end.
    fn rest(&mut self) -> Result<&[u8], Unreadable> {
        while self.at >= self.records.body.len() && self.next_part()? {}
        Ok(self.records.body().get(self.at..).unwrap_or_default())
    }

    /// Goes to the beginning of the next record that continues this one.
    ///
    /// # Errors
    /// What reading gave.
    pub(super) fn next_part(&mut self) -> Result<bool, Unreadable> {
        if !self.records.goes_on() {
            return Ok(false);
        }
        let kind = self.records.kind;
        self.records.next()?;
        // The number of the record that is continued decides what continues it.
        self.records.kind = kind;
        self.at = 0;
        Ok(true)
    }

    /// Whether nothing is left.
    ///
    /// # Errors
    /// What reading gave.
    pub(super) fn is_end(&mut self) -> Result<bool, Unreadable> {
        Ok(self.rest()?.is_empty())
    }

    /// Bytes left in the record at hand, without those that continue it.
    pub(super) fn left(&self) -> usize {
        self.records.body.len().saturating_sub(self.at)
    }

    /// One byte.
    ///
    /// # Errors
    /// `damaged` when the record ends here.
    pub(super) fn u8(&mut self) -> Result<u8, Unreadable> {
        let byte = self.rest()?.first().copied();
        self.at += 1;
        byte.ok_or_else(|| Unreadable::damaged("a record ends too early"))
    }

    /// Two bytes, the lower first.
    ///
    /// # Errors
    /// As [`Cursor::u8`].
    pub(super) fn u16(&mut self) -> Result<u16, Unreadable> {
        Ok(u16::from_le_bytes([self.u8()?, self.u8()?]))
    }

    /// Four bytes, the lowest first.
    ///
    /// # Errors
    /// As [`Cursor::u8`].
    pub(super) fn u32(&mut self) -> Result<u32, Unreadable> {
        Ok(u32::from_le_bytes([self.u8()?, self.u8()?, self.u8()?, self.u8()?]))
    }

    /// Leaves bytes out; stops at the end without an error.
    ///
    /// # Errors
    /// What reading gave.
    pub(super) fn skip(&mut self, mut bytes: u64) -> Result<(), Unreadable> {
        while bytes > 0 {
            let here = self.rest()?.len();
            if here == 0 {
                break;
            }
            let step = usize::try_from(bytes).unwrap_or(usize::MAX).min(here);
            self.at += step;
            bytes -= step as u64;
        }
        Ok(())
    }

    /// So many bytes, fewer at the end.
    ///
    /// # Errors
    /// What reading gave.
    pub(super) fn bytes(&mut self, len: usize, out: &mut Vec<u8>) -> Result<(), Unreadable> {
        let mut left = len;
        while left > 0 {
            let here = self.rest()?;
            let step = left.min(here.len());
            if step == 0 {
                break;
            }
            out.extend_from_slice(here.get(..step).unwrap_or_default());
            self.at += step;
            left -= step;
        }
        Ok(())
    }

    /// Text of so many characters, whose flags were read. A record that continues it begins with flags of its own.
    ///
    /// # Errors
    /// `damaged` when the record ends within the text; what there is was appended.
    pub(super) fn chars(&mut self, chars: usize, flags: u8, out: &mut String) -> Result<(), Unreadable> {
        let (mut left, mut wide) = (chars, flags & 1 != 0);
        while left > 0 {
            if self.at >= self.records.body.len() {
                if !self.next_part()? {
                    return Err(Unreadable::damaged("a text breaks off"));
                }
                wide = self.u8()? & 1 != 0;
                continue;
            }
            let here = self.records.body().get(self.at..).unwrap_or_default();
            if wide {
                let take = (left * 2).min(here.len() & !1);
                if take == 0 {
                    // Half a letter at the end of a record.
                    self.at = self.records.body.len();
                    continue;
                }
                push_wide(here.get(..take).unwrap_or_default(), out);
                self.at += take;
                left -= take / 2;
            } else {
                let take = left.min(here.len());
                push_narrow(here.get(..take).unwrap_or_default(), out);
                self.at += take;
                left -= take;
            }
        }
        Ok(())
    }

    /// Text of so many characters: in BIFF8 after a byte of flags, else bytes of the code page.
    ///
    /// # Errors
    /// As [`Cursor::chars`].
    pub(super) fn text(
        &mut self,
        dialect: Dialect,
        chars: usize,
        out: &mut String,
    ) -> Result<(), Unreadable> {
        // Some writers leave the flags of an empty text out.
        if chars == 0 && dialect.version >= 8 {
            self.at += usize::from(self.left() > 0);
            return Ok(());
        }
        if dialect.version >= 8 {
            let flags = self.u8()?;
            let runs = if flags & 0x08 != 0 { self.u16()? } else { 0 };
            let extra = if flags & 0x04 != 0 { self.u32()? } else { 0 };
            self.chars(chars, flags, out)?;
            return self.skip(u64::from(runs) * 4 + u64::from(extra));
        }
        let mut raw = Vec::new();
        self.bytes(chars, &mut raw)?;
        let (text, _) = dialect.encoding.decode_without_bom_handling(&raw);
        out.push_str(&text);
        if raw.len() < chars {
            return Err(Unreadable::damaged("a text breaks off"));
        }
        Ok(())
    }

    /// Text with its length in one byte before it.
    ///
    /// # Errors
    /// As [`Cursor::chars`].
    pub(super) fn short_text(&mut self, dialect: Dialect, out: &mut String) -> Result<(), Unreadable> {
        let chars = usize::from(self.u8()?);
        self.text(dialect, chars, out)
    }

    /// Text with its length in two bytes before it, in one before BIFF3.
    ///
    /// # Errors
    /// As [`Cursor::chars`].
    pub(super) fn long_text(&mut self, dialect: Dialect, out: &mut String) -> Result<(), Unreadable> {
        if dialect.version < 3 {
            return self.short_text(dialect, out);
        }
        let chars = usize::from(self.u16()?);
        self.text(dialect, chars, out)
    }
}

/// UTF-16LE as text.
pub(super) fn push_wide(bytes: &[u8], out: &mut String) {
    let units =
        bytes.chunks_exact(2).filter_map(|pair| pair.first_chunk::<2>()).map(|raw| u16::from_le_bytes(*raw));
    out.extend(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
}

/// Low bytes of UTF-16 units whose high bytes are 0.
pub(super) fn push_narrow(bytes: &[u8], out: &mut String) {
    match std::str::from_utf8(bytes) {
        Ok(text) if bytes.is_ascii() => out.push_str(text),
        _ => out.extend(bytes.iter().map(|byte| char::from(*byte))),
    }
}
