//! A compound file with as many sectors as its table speaks of.
//!
//! In: a file that is shorter. Out: the same, with zeros behind its end, and whether anybody asked for them. SheetJS, with which many
//! portals write their tables, marks the table's unused entries as ends of chains, and not as free.

use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

/// See the module's head.
pub(super) struct Padded<R> {
    inner: R,
    /// Where it ends, and where it is to end.
    end: u64,
    shown_end: u64,
    at: u64,
    missed: Rc<Cell<bool>>,
}

impl<R: Read + Seek> Padded<R> {
    /// Pads a file. Also gives what tells later whether a byte behind its end was read.
    ///
    /// # Errors
    /// When it cannot be read, or is too short for a header.
    pub(super) fn new(mut inner: R) -> io::Result<(Padded<R>, Rc<Cell<bool>>)> {
        let end = inner.seek(SeekFrom::End(0))?;
        inner.rewind()?;
        let mut header = [0; 48];
        inner.read_exact(&mut header)?;
        inner.rewind()?;
        // [MS-CFB] 2.2: sector shift, and number of sectors of the table, each of which must be there.
        let [.., low, high, _, _, _, _, _, _, _, _, _, _, _, _, a, b, c, d] = header;
        let sector = 1u64 << u16::from_le_bytes([low, high]).clamp(9, 12);
        let tables = u64::from(u32::from_le_bytes([a, b, c, d])).min(end / sector);
        let shown_end = end.max((1 + tables * (sector / 4)) * sector);
        let missed = Rc::new(Cell::new(false));
        Ok((Padded { inner, end, shown_end, at: 0, missed: Rc::clone(&missed) }, missed))
    }
}

impl<R: Read + Seek> Read for Padded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let room =
            |end: u64| usize::try_from(end.saturating_sub(self.at)).unwrap_or(usize::MAX).min(out.len());
        let (held, shown) = (room(self.end), room(self.shown_end));
        let read = if held > 0 {
            self.inner.read(out.get_mut(..held).unwrap_or_default())?
        } else {
            let zeros = out.get_mut(..shown).unwrap_or_default();
            zeros.fill(0);
            self.missed.set(self.missed.get() || shown > 0);
            shown
        };
        self.at += read as u64;
        Ok(read)
    }
}

impl<R: Read + Seek> Seek for Padded<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.shown_end.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        self.inner.seek(SeekFrom::Start(self.at.min(self.end)))?;
        Ok(self.at)
    }
}
