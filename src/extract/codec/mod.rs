//! Decoders of compressed streams, each a [`Read`] that needs a bounded memory: the place that knows their crates.
//!
//! Used by the readers of compressed files, of ZIP, of 7z and of HTTP answers; deflate and Brotli need no care and are used
//! where they occur. What a decoder needs for its window is held against the
//! [`Budget`] of the entry; a stream that asks for more than there is room ends in `limit-size` before anything is
//! allocated. Bytes that come out are counted by whoever wraps the decoder in [`Budget::guard`].

mod compress;
mod lz4;
mod lzip;
mod zstd;

use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

pub(super) use compress::Compress;
pub(super) use lz4::Lz4;
pub(super) use lzip::Lzip;
pub(super) use zstd::Zstd;

use super::limits::{Budget, Lease, LimitReached};
use crate::model::GapReason;

/// Bytes read from a compressed stream at once.
const BUFFER: usize = 64 << 10;

/// A buffered reader of a compressed stream.
pub(super) fn buffered<R: Read>(inner: R) -> BufReader<R> {
    BufReader::with_capacity(BUFFER, inner)
}

/// A decoder with what it holds of the entry's memory. Its errors are told in our terms: see [`plain`].
pub(super) struct Decoder<'a> {
    inner: Box<dyn Read + 'a>,
    _lease: Lease,
}

impl<'a> Decoder<'a> {
    fn new(inner: impl Read + 'a, memory: u64, budget: &Rc<Budget>) -> Decoder<'a> {
        Decoder { inner: Box::new(inner), _lease: budget.hold(memory) }
    }
}

impl Read for Decoder<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buf).map_err(plain)
    }
}

/// An error as the rest of the program understands it: a limit keeps its name wherever the decoder wrapped it, a window
/// too large is a limit, and what a decoder calls "other" is broken data.
pub(super) fn plain(error: io::Error) -> io::Error {
    if let Some(limit) = limit_inside(&error) {
        return io::Error::other(limit);
    }
    match error.kind() {
        io::ErrorKind::OutOfMemory => too_large(),
        io::ErrorKind::Other => io::Error::new(io::ErrorKind::InvalidData, error.to_string()),
        _ => error,
    }
}

fn limit_inside(error: &io::Error) -> Option<LimitReached> {
    let mut inner: Option<&(dyn std::error::Error + 'static)> = error.get_ref().map(|inner| inner as _);
    // Decoders wrap a few levels; a cycle is not possible, a bound costs nothing.
    for _ in 0..8 {
        let this = inner?;
        if let Some(limit) = this.downcast_ref::<LimitReached>() {
            return Some(*limit);
        }
        inner = match this.downcast_ref::<io::Error>() {
            Some(error) => error.get_ref().map(|inner| inner as _),
            None => this.source(),
        };
    }
    None
}

/// The decoder would need more memory than there is room.
pub(super) fn too_large() -> io::Error {
    io::Error::other(LimitReached { reason: GapReason::LimitSize })
}

/// Broken data, told in a few words.
pub(super) fn broken(what: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.into())
}

fn room_kb(budget: &Budget) -> u32 {
    u32::try_from(budget.room() >> 10).unwrap_or(u32::MAX - 1)
}

/// What libbz2 holds for blocks of 900 kB.
const BZIP2_MEMORY: u64 = 4 << 20;

/// bzip2, several streams behind each other.
pub(super) fn bzip2<'a>(inner: impl Read + 'a, budget: &Rc<Budget>) -> io::Result<Decoder<'a>> {
    fits(BZIP2_MEMORY, budget)?;
    Ok(Decoder::new(bzip2::bufread::MultiBzDecoder::new(buffered(inner)), BZIP2_MEMORY, budget))
}

/// XZ, several streams and padding between them.
pub(super) fn xz<'a>(inner: impl Read + 'a, budget: &Rc<Budget>) -> io::Result<Decoder<'a>> {
    let mut inner = buffered(inner);
    // The first block's dictionary is held against the budget; a later block may not ask for more.
    let needed = u64::from(xz_memory_kb(inner.fill_buf()?)) << 10;
    fits(needed, budget)?;
    let limit = u32::try_from(needed >> 10).unwrap_or(u32::MAX - 1);
    Ok(Decoder::new(lzma_rust2::XzReader::new_mem_limit(inner, true, limit), needed, budget))
}

/// Memory of an XZ stream in KiB, from the header of its first block (The .xz File Format 1.2, section 3.1); of what
/// cannot be told, that of the largest preset, `xz -9`.
fn xz_memory_kb(head: &[u8]) -> u32 {
    const LARGEST_PRESET: u32 = 64 << 20;
    const LZMA2: u8 = 0x21;
    let size = head.get(12).map_or(0, |size| usize::from(*size) * 4);
    // The filter flags end in: id, length of properties (1), dictionary size, then padding and the CRC.
    let flags = head.get(14..12 + size).unwrap_or(&[]);
    let bits = flags.windows(3).filter_map(|window| match window {
        [LZMA2, 1, bits] if *bits <= 40 => Some(*bits),
        _ => None,
    });
    // A length field before the filter may look like one: the largest reading counts.
    let dictionary = bits.map(lzma2_dictionary).max().unwrap_or(LARGEST_PRESET);
    lzma_rust2::lzma2_get_memory_usage(dictionary).saturating_add(64)
}

/// Dictionary size in bytes from its one-byte form in XZ and 7z.
pub(super) fn lzma2_dictionary(bits: u8) -> u32 {
    match bits {
        40.. => u32::MAX,
        _ => (2 | u32::from(bits & 1)) << (bits / 2 + 11),
    }
}

/// `.lzma`: properties, dictionary size, length, data. Old, but still what `lzma` and some firmware write.
pub(super) fn lzma_alone<'a>(inner: impl Read + 'a, budget: &Rc<Budget>) -> io::Result<Decoder<'a>> {
    let mut inner = buffered(inner);
    let mut header = [0u8; 13];
    inner.read_exact(&mut header)?;
    let [props, d0, d1, d2, d3, length @ ..] = header;
    lzma(inner, props, u32::from_le_bytes([d0, d1, d2, d3]), u64::from_le_bytes(length), budget)
}

/// Raw LZMA data; a length of `u64::MAX` means that an end mark tells it.
pub(super) fn lzma<'a>(
    inner: impl Read + 'a,
    props: u8,
    dictionary: u32,
    length: u64,
    budget: &Rc<Budget>,
) -> io::Result<Decoder<'a>> {
    // A dictionary longer than the content is never used; writers declare 64 MB for a page of text.
    let dictionary = u32::try_from(length.max(4096)).map_or(dictionary, |length| dictionary.min(length));
    let needed = lzma_rust2::lzma_get_memory_usage_by_props(dictionary, props).map_err(plain)?;
    fits(u64::from(needed) << 10, budget)?;
    let reader =
        lzma_rust2::LzmaReader::new_with_props(inner, length, props, dictionary, None).map_err(plain)?;
    Ok(Decoder::new(reader, u64::from(needed) << 10, budget))
}

/// LZMA as ZIP packs it (APPNOTE 5.8.8): version of the coder, length of the properties (5), properties, data.
/// `length` is the entry's, where it is known.
pub(super) fn lzma_of_zip<'a>(
    mut inner: impl Read + 'a,
    length: Option<u64>,
    budget: &Rc<Budget>,
) -> io::Result<Decoder<'a>> {
    let mut header = [0u8; 9];
    inner.read_exact(&mut header)?;
    let [_, _, 5, 0, props, d0, d1, d2, d3] = header else { return Err(broken("properties of LZMA")) };
    lzma(buffered(inner), props, u32::from_le_bytes([d0, d1, d2, d3]), length.unwrap_or(u64::MAX), budget)
}

/// Raw LZMA2 data.
pub(super) fn lzma2<'a>(
    inner: impl Read + 'a,
    dictionary: u32,
    length: u64,
    budget: &Rc<Budget>,
) -> io::Result<Decoder<'a>> {
    let dictionary = u32::try_from(length.max(4096)).map_or(dictionary, |length| dictionary.min(length));
    let needed = lzma_rust2::lzma2_get_memory_usage(dictionary);
    fits(u64::from(needed) << 10, budget)?;
    let reader =
        lzma_rust2::Lzma2Reader::new_mem_limit(inner, dictionary, room_kb(budget), None).map_err(plain)?;
    Ok(Decoder::new(reader, u64::from(needed) << 10, budget))
}

/// PPMd version H, as 7z packs.
pub(super) fn ppmd7<'a>(
    inner: impl Read + 'a,
    order: u32,
    memory: u32,
    budget: &Rc<Budget>,
) -> io::Result<Decoder<'a>> {
    fits(u64::from(memory), budget)?;
    let reader = ppmd_rust::Ppmd7Decoder::new(buffered(inner), order, memory)
        .map_err(|_| broken("PPMd properties"))?;
    Ok(Decoder::new(reader, u64::from(memory), budget))
}

/// PPMd version I revision 1, as ZIP packs (APPNOTE 5.10).
pub(super) fn ppmd8<'a>(inner: impl Read + 'a, budget: &Rc<Budget>) -> io::Result<Decoder<'a>> {
    let mut inner = buffered(inner);
    let mut word = [0u8; 2];
    inner.read_exact(&mut word)?;
    let word = u32::from(u16::from_le_bytes(word));
    let (order, megabytes) = ((word & 15) + 1, ((word >> 4) & 255) + 1);
    let method = match word >> 12 {
        0 => ppmd_rust::RestoreMethod::Restart,
        1 => ppmd_rust::RestoreMethod::CutOff,
        _ => return Err(broken("PPMd restore method")),
    };
    let memory = megabytes << 20;
    fits(u64::from(memory), budget)?;
    let reader =
        ppmd_rust::Ppmd8Decoder::new(inner, order, memory, method).map_err(|_| broken("PPMd properties"))?;
    Ok(Decoder::new(reader, u64::from(memory), budget))
}

/// Zstandard frames.
pub(super) fn zstd<'a>(inner: impl Read + 'a, budget: &Rc<Budget>) -> Zstd<BufReader<Box<dyn Read + 'a>>> {
    Zstd::new(buffered(Box::new(inner) as Box<dyn Read + 'a>), budget)
}

fn fits(needed: u64, budget: &Budget) -> io::Result<()> {
    if needed > budget.room() { Err(too_large()) } else { Ok(()) }
}

/// Skips so many bytes; fewer at the end of the stream are an error.
fn skip(inner: &mut impl Read, bytes: u64) -> io::Result<()> {
    let skipped = io::copy(&mut inner.take(bytes), &mut io::sink())?;
    if skipped < bytes { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

/// The next four bytes as a number, little endian; `None` at the end of the stream.
fn magic(inner: &mut impl Read) -> io::Result<Option<[u8; 4]>> {
    let mut magic = [0u8; 4];
    let mut filled = 0;
    while let Some(rest) = magic.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match inner.read(rest)? {
            0 if filled == 0 => return Ok(None),
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            got => filled += got,
        }
    }
    Ok(Some(magic))
}

/// Frames of LZ4 and Zstandard that carry no content (RFC 8878, section 3.1.2).
fn is_skippable(magic: [u8; 4]) -> bool {
    matches!(magic, [0x50..=0x5F, 0x2A, 0x4D, 0x18])
}
