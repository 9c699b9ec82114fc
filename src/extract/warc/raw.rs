//! Bytes of a crawl file as they lie on disk, with a look ahead and the offset of the next one.

use std::io::{self, Read};

/// Bytes that can be looked at before they are taken: a block of Zstandard (128 KiB) and more.
pub(super) const WINDOW: usize = 256 << 10;

/// See the module's head.
pub(super) struct Raw<'a> {
    source: Box<dyn Read + 'a>,
    buffer: Vec<u8>,
    at: usize,
    filled: usize,
    offset: u64,
    ended: bool,
}

impl<'a> Raw<'a> {
    /// The first byte of `source` has this offset in its file.
    pub(super) fn new(source: Box<dyn Read + 'a>, offset: u64) -> Raw<'a> {
        Raw { source, buffer: Vec::new(), at: 0, filled: 0, offset, ended: false }
    }

    /// Offset of the next byte in the file.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The bytes that come next: at least so many, unless the file ends before. Empty at the end.
    ///
    /// # Errors
    /// What reading gave.
    pub(super) fn peek(&mut self, least: usize) -> io::Result<&[u8]> {
        let least = least.min(WINDOW);
        if self.filled - self.at < least && !self.ended {
            if self.buffer.is_empty() {
                self.buffer.resize(WINDOW, 0);
            }
            if self.at > 0 {
                self.buffer.copy_within(self.at..self.filled, 0);
                self.filled -= self.at;
                self.at = 0;
            }
            while self.filled < least {
                let Some(free) = self.buffer.get_mut(self.filled..) else { break };
                match self.source.read(free) {
                    Ok(0) => {
                        self.ended = true;
                        break;
                    }
                    Ok(got) => self.filled += got,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(self.held())
    }

    /// What can be looked at without reading.
    pub(super) fn held(&self) -> &[u8] {
        self.buffer.get(self.at..self.filled).unwrap_or_default()
    }

    /// Takes so many of the bytes that were looked at.
    pub(super) fn consume(&mut self, bytes: usize) {
        let bytes = bytes.min(self.filled - self.at);
        self.at += bytes;
        self.offset += bytes as u64;
    }
}

impl Read for Raw<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let held = self.peek(1)?;
        let length = held.len().min(into.len());
        if let (Some(to), Some(from)) = (into.get_mut(..length), held.get(..length)) {
            to.copy_from_slice(from);
        }
        self.consume(length);
        Ok(length)
    }
}
