//! lzip: members behind each other, each LZMA with a header that names the dictionary and a trailer with checksum and
//! length (lzip manual, "File format"). The crate's own reader has no limit of memory, so its LZMA decoder is used.

use std::io::{self, Read};
use std::rc::Rc;

use lzma_rust2::LzmaReader;

use super::{broken, plain, too_large};
use crate::extract::limits::{Budget, Lease};

/// lc = 3, lp = 0, pb = 2, as every member has.
const PROPERTIES: u8 = 0x5D;

/// The content of all members of a stream.
pub(in crate::extract) struct Lzip<R> {
    state: State<R>,
    budget: Rc<Budget>,
}

enum State<R> {
    Between(Again<R>),
    Member(Box<Member<R>>),
    End,
}

struct Member<R> {
    reader: LzmaReader<Again<R>>,
    crc: crc32fast::Hasher,
    length: u64,
    _lease: Lease,
}

/// A reader that gives bytes back first which a decoder read too far.
struct Again<R> {
    pending: io::Cursor<Vec<u8>>,
    inner: R,
}

impl<R: Read> Read for Again<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.pending.read(buf)? {
            0 => self.inner.read(buf),
            got => Ok(got),
        }
    }
}

impl<R: Read> Lzip<R> {
    /// The members of `source`, which should be buffered.
    pub(in crate::extract) fn new(source: R, budget: &Rc<Budget>) -> Lzip<R> {
        let source = Again { pending: io::Cursor::default(), inner: source };
        Lzip { state: State::Between(source), budget: Rc::clone(budget) }
    }

    /// Begins the next member; false at the end. Bytes behind the last member that are none are left alone, as lzip does.
    fn begin(&mut self, mut source: Again<R>) -> io::Result<bool> {
        let Some(magic) = super::magic(&mut source)? else { return Ok(false) };
        if &magic != b"LZIP" {
            return Err(broken("no lzip member"));
        }
        let mut header = [0u8; 2];
        source.read_exact(&mut header)?;
        let [1, coded] = header else { return Err(broken("version of lzip")) };
        let base = 1u32 << (coded & 0x1F);
        let dictionary = base - (base / 16) * u32::from(coded >> 5);
        if !(12..=29).contains(&(coded & 0x1F)) {
            return Err(broken("dictionary of lzip"));
        }
        let needed = u64::from(dictionary) + (64 << 10);
        if needed > self.budget.room() {
            return Err(too_large());
        }
        let reader = LzmaReader::new_with_props(source, u64::MAX, PROPERTIES, dictionary, None)?;
        let lease = self.budget.hold(needed);
        let member = Member { reader, crc: crc32fast::Hasher::new(), length: 0, _lease: lease };
        self.state = State::Member(Box::new(member));
        Ok(true)
    }

    fn finish(&mut self, member: Member<R>) -> io::Result<()> {
        let (mut source, unused) = member.reader.into_parts();
        let mut pending = unused;
        source.pending.read_to_end(&mut pending)?;
        source.pending = io::Cursor::new(pending);
        let mut trailer = [0u8; 20];
        source.read_exact(&mut trailer)?;
        let [c0, c1, c2, c3, length @ ..] = trailer;
        let length = length.first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes));
        if u32::from_le_bytes([c0, c1, c2, c3]) != member.crc.finalize() || length != Some(member.length) {
            return Err(broken("lzip checksum"));
        }
        self.state = State::Between(source);
        Ok(())
    }
}

impl<R: Read> Read for Lzip<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        loop {
            match std::mem::replace(&mut self.state, State::End) {
                State::End => return Ok(0),
                State::Between(source) => {
                    if !self.begin(source).map_err(plain)? {
                        return Ok(0);
                    }
                }
                State::Member(mut member) => match member.reader.read(buf).map_err(plain)? {
                    0 => self.finish(*member).map_err(plain)?,
                    got => {
                        member.crc.update(buf.get(..got).unwrap_or(&[]));
                        member.length += got as u64;
                        self.state = State::Member(member);
                        return Ok(got);
                    }
                },
            }
        }
    }
}
