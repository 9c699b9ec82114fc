//! Zstandard (RFC 8878): frames behind each other, skippable frames, checksums. Dictionaries come with crawls only, whose
//! reader knows them (`warc::unpack`).

use std::io::{self, Read};
use std::rc::Rc;

use ruzstd::decoding::errors::FrameDecoderError;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::{broken, is_skippable, magic, plain, skip, too_large};
use crate::extract::limits::{Budget, Lease};

const MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];
/// A block is never longer (RFC 8878, section 3.1.1.2.4), and the decoder keeps one beside the window.
const BLOCK: u64 = 128 << 10;

/// The content of all frames of a stream.
pub(in crate::extract) struct Zstd<R> {
    source: R,
    decoder: FrameDecoder,
    budget: Rc<Budget>,
    /// Window of the decoder: it keeps the largest it ever had.
    lease: Option<(u64, Lease)>,
    in_frame: bool,
}

impl<R: Read> Zstd<R> {
    /// The frames of `source`, which should be buffered.
    pub(in crate::extract) fn new(source: R, budget: &Rc<Budget>) -> Zstd<R> {
        Zstd { source, decoder: FrameDecoder::new(), budget: Rc::clone(budget), lease: None, in_frame: false }
    }

    /// Goes on to the next frame with content; false at the end of the stream.
    fn next_frame(&mut self) -> io::Result<bool> {
        loop {
            let Some(magic) = magic(&mut self.source)? else { return Ok(false) };
            if is_skippable(magic) {
                let mut length = [0u8; 4];
                self.source.read_exact(&mut length)?;
                skip(&mut self.source, u64::from(u32::from_le_bytes(length)))?;
            } else if magic == MAGIC {
                self.open_frame()?;
                return Ok(true);
            } else {
                return Err(broken("no zstd frame"));
            }
        }
    }

    fn open_frame(&mut self) -> io::Result<()> {
        let mut header = Header::read(&mut self.source)?;
        if header.window > self.budget.room().saturating_add(self.lease.as_ref().map_or(0, |(held, _)| *held))
        {
            return Err(too_large());
        }
        if self.lease.as_ref().is_none_or(|(held, _)| *held < header.window) {
            self.lease = None;
            self.lease = Some((header.window, self.budget.hold(header.window + BLOCK)));
        }
        self.decoder.set_max_window_size(header.window);
        self.decoder.reset(header.bytes()).map_err(told)?;
        self.in_frame = true;
        Ok(())
    }
}

impl<R: Read> Read for Zstd<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.in_frame && !self.next_frame().map_err(plain)? {
                return Ok(0);
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                self.decoder
                    .decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1))
                    .map_err(told)
                    .map_err(plain)?;
            }
            let got = self.decoder.read(buf)?;
            if got > 0 {
                return Ok(got);
            }
            self.in_frame = false;
            let told = self.decoder.get_checksum_from_data();
            if told.is_some() && told != self.decoder.get_calculated_checksum() {
                return Err(broken("zstd checksum"));
            }
        }
    }
}

fn told(error: FrameDecoderError) -> io::Error {
    match error {
        FrameDecoderError::DictNotProvided { .. } => {
            io::Error::new(io::ErrorKind::Unsupported, "zstd dictionary is not in the file")
        }
        error => io::Error::other(error),
    }
}

/// A frame's header: what it asks for, and its bytes for the decoder.
struct Header {
    window: u64,
    bytes: [u8; 18],
    len: usize,
}

impl Header {
    /// The header behind the magic number (RFC 8878, section 3.1.1.1).
    fn read(source: &mut impl Read) -> io::Result<Header> {
        let mut header = Header { window: 0, bytes: [0; 18], len: 0 };
        header.push(&MAGIC);
        let [descriptor] = header.next::<1>(source, 1)?;
        let single = descriptor & 0x20 != 0;
        if !single {
            let [window] = header.next::<1>(source, 1)?;
            let base = 1u64 << (10 + (window >> 3));
            header.window = base + base / 8 * u64::from(window & 7);
        }
        let id = [0, 1, 2, 4].get(usize::from(descriptor & 3)).copied().unwrap_or(0);
        header.next::<4>(source, id)?;
        let size = match descriptor >> 6 {
            0 => usize::from(single),
            1 => 2,
            2 => 4,
            _ => 8,
        };
        let content = u64::from_le_bytes(header.next::<8>(source, size)?);
        if single {
            header.window = content + if size == 2 { 256 } else { 0 };
        }
        Ok(header)
    }

    fn push(&mut self, bytes: &[u8]) {
        if let Some(room) = self.bytes.get_mut(self.len..self.len + bytes.len()) {
            room.copy_from_slice(bytes);
            self.len += bytes.len();
        }
    }

    fn next<const N: usize>(&mut self, source: &mut impl Read, len: usize) -> io::Result<[u8; N]> {
        let mut bytes = [0u8; N];
        let wanted = bytes.get_mut(..len).unwrap_or_default();
        source.read_exact(wanted)?;
        self.push(wanted);
        Ok(bytes)
    }

    fn bytes(&mut self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&[])
    }
}
