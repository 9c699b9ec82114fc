//! The bytes of a document through a small window: RTF holds pictures and objects as digits, so that a file of some
//! pages may be larger than memory.

use std::io::{self, Read};

/// Bytes asked for at a time.
const CHUNK: usize = 64 << 10;

/// A stream of bytes that can be looked at before they are taken.
pub(super) struct Source<'i> {
    from: Box<dyn Read + 'i>,
    buffer: Vec<u8>,
    at: usize,
    end: usize,
    ended: bool,
    failed: Option<io::Error>,
}

impl<'i> Source<'i> {
    /// Nothing is read yet.
    pub(super) fn new(from: Box<dyn Read + 'i>) -> Source<'i> {
        Source { from, buffer: vec![0; CHUNK], at: 0, end: 0, ended: false, failed: None }
    }

    /// At least `least` of the next bytes ([`CHUNK`] at most), fewer only at the end; usually many more.
    pub(super) fn peek(&mut self, least: usize) -> &[u8] {
        if self.end - self.at < least && !self.ended {
            self.fill(least.min(CHUNK));
        }
        self.buffer.get(self.at..self.end).unwrap_or_default()
    }

    fn fill(&mut self, least: usize) {
        self.buffer.copy_within(self.at..self.end, 0);
        self.end -= self.at;
        self.at = 0;
        while self.end < least && !self.ended {
            match self.from.read(self.buffer.get_mut(self.end..).unwrap_or_default()) {
                Ok(0) => self.ended = true,
                Ok(got) => self.end += got,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.ended = true;
                    self.failed = Some(error);
                }
            }
        }
    }

    /// Passes over bytes that were seen by [`Source::peek`].
    pub(super) fn advance(&mut self, count: usize) {
        self.at = (self.at + count).min(self.end);
    }

    /// Passes over bytes, seen or not.
    pub(super) fn skip(&mut self, mut count: u64) {
        while count > 0 {
            let there = self.peek(1).len();
            if there == 0 {
                return;
            }
            let step = there.min(usize::try_from(count).unwrap_or(usize::MAX));
            self.advance(step);
            count -= step as u64;
        }
    }

    /// The next byte.
    pub(super) fn next(&mut self) -> Option<u8> {
        let byte = self.peek(1).first().copied();
        self.advance(1);
        byte
    }

    /// Why it ended before its end, once.
    pub(super) fn failure(&mut self) -> Option<io::Error> {
        self.failed.take()
    }
}
