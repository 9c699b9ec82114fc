//! LZ4 frames (LZ4 Frame Format Description 1.6.4), old and new, behind each other, skippable ones between them.

use std::io::{self, Chain, Read};

use lz4_flex::frame::FrameDecoder;

use super::{broken, is_skippable, magic, plain, skip};

const MAGIC: [u8; 4] = [0x04, 0x22, 0x4D, 0x18];
/// Linux kernels and old tools; the frame ends where the stream ends.
const LEGACY: [u8; 4] = [0x02, 0x21, 0x4C, 0x18];

/// A decoder that is given the magic number again, which was read to know the frame.
type Frame<R> = FrameDecoder<Chain<io::Cursor<[u8; 4]>, Watched<R>>>;

/// The content of all frames of a stream.
pub(in crate::extract) struct Lz4<R: Read> {
    state: State<R>,
}

enum State<R: Read> {
    Between(Watched<R>),
    Frame(Box<Frame<R>>, [u8; 4]),
    End,
}

/// Remembers that the end of the stream was met: the decoder takes an end within a frame for the frame's end.
struct Watched<R> {
    inner: R,
    ended: bool,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(buf)?;
        self.ended |= got == 0 && !buf.is_empty();
        Ok(got)
    }
}

impl<R: Read> Lz4<R> {
    /// The frames of `source`, which should be buffered. A decoder holds 17 MB at most (old frames), 8.1 MB else.
    pub(in crate::extract) fn new(source: R) -> Lz4<R> {
        Lz4 { state: State::Between(Watched { inner: source, ended: false }) }
    }

    fn next(&mut self) -> io::Result<bool> {
        loop {
            match std::mem::replace(&mut self.state, State::End) {
                State::End => return Ok(false),
                State::Between(mut source) => {
                    let Some(magic) = magic(&mut source)? else { return Ok(false) };
                    if is_skippable(magic) {
                        let mut length = [0u8; 4];
                        source.read_exact(&mut length)?;
                        skip(&mut source, u64::from(u32::from_le_bytes(length)))?;
                        self.state = State::Between(source);
                    } else if magic == MAGIC || magic == LEGACY {
                        let again = io::Cursor::new(magic).chain(source);
                        self.state = State::Frame(Box::new(FrameDecoder::new(again)), magic);
                        return Ok(true);
                    } else {
                        return Err(broken("no LZ4 frame"));
                    }
                }
                State::Frame(frame, magic) => {
                    let (_, source) = frame.into_inner().into_inner();
                    if source.ended && magic != LEGACY {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                    self.state = State::Between(source);
                }
            }
        }
    }
}

impl<R: Read> Read for Lz4<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        loop {
            if let State::Frame(frame, _) = &mut self.state {
                let got = frame.read(buf).map_err(plain)?;
                if got > 0 {
                    return Ok(got);
                }
            }
            if !self.next().map_err(plain)? {
                return Ok(0);
            }
        }
    }
}
