//! Stream filters with a limit: what comes out of a stream is bounded whatever went in.
//!
//! In: a stream as it lies in the file (decrypted). Out: its bytes, and whether they are whole. Broken data gives what
//! came out before the break, as viewers do. Left out: picture filters; they are named, never decoded.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashSet;
use std::rc::Rc;

use flate2::{Decompress, FlushDecompress, Status};

use super::document::{Array, Dict, Name, Object, Stream};
use crate::extract::limits::{Budget, LimitReached};

/// Most bytes that come out of one stream. The largest page content among 1,103 public files was 9 MB; a bomb of 1 GiB is
/// cut here.
pub(super) const MAX_STREAM: usize = 64 << 20;

/// Filters one after the other on one stream. Two are common (ASCII85 over Flate), three were never seen.
const MAX_FILTERS: usize = 6;

/// How decoding ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decoded {
    /// All of it.
    Whole,
    /// The data breaks off or breaks the filter's rules; what came before the break is there.
    Broken,
    /// Cut at [`MAX_STREAM`].
    Cut,
    /// A picture.
    Picture,
    /// A filter that is not known here: `/BrotliDecode` of PDF 2.0's draft extension, for one.
    Unsupported,
}

/// Decodes streams and keeps the buffers from one to the next.
pub(super) struct Decoder {
    zlib: Option<Decompress>,
    /// For data without a sound header: seldom needed, and 7 KB to be cleared.
    raw: Option<Decompress>,
    spare: Vec<u8>,
    budget: Rc<Budget>,
    cap: usize,
    /// Where the dictionaries of the streams lie in memory that were asked for.
    seen: HashSet<usize>,
}

thread_local! {
    /// What the last decoder of this thread inflated with: making a new one for each file means 40 KB of fresh memory.
    static SPARE: Cell<Option<Decompress>> = const { Cell::new(None) };
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // At the end of a thread there may be nowhere to put it.
        let _ = SPARE.try_with(|spare| spare.set(self.zlib.take()));
    }
}

/// Inflates what has the header of zlib, from its beginning.
fn begun(zlib: &mut Option<Decompress>) -> &mut Decompress {
    let zlib = zlib.get_or_insert_with(|| {
        SPARE.try_with(Cell::take).ok().flatten().unwrap_or_else(|| Decompress::new(true))
    });
    zlib.reset(true);
    zlib
}

/// Streams remembered as asked for.
const MAX_SEEN: usize = 1 << 20;

impl Decoder {
    /// A decoder that charges what comes out to `budget`.
    pub(super) fn new(budget: &Rc<Budget>) -> Decoder {
        Decoder {
            zlib: None,
            raw: None,
            spare: Vec::new(),
            budget: Rc::clone(budget),
            cap: MAX_STREAM,
            seen: HashSet::new(),
        }
    }

    /// Where the dictionaries of the streams lie in memory that it was asked for.
    pub(super) fn seen(&self) -> &HashSet<usize> {
        &self.seen
    }

    /// What another decoder of the same file was asked for counts, too.
    pub(super) fn saw(&mut self, other: &Decoder) {
        self.seen.extend(&other.seen);
    }

    /// Whether a Flate stream inflates to more than [`MAX_STREAM`]. What comes out is given in `kept` when it is whole and no
    /// longer than `keep`; otherwise that is empty.
    ///
    /// # Errors
    /// As [`Decoder::decode`].
    pub(super) fn overflows(
        &mut self,
        data: &[u8],
        keep: usize,
        kept: &mut Vec<u8>,
    ) -> Result<bool, LimitReached> {
        const STEP: usize = 64 << 10;
        let zlib = begun(&mut self.zlib);
        let mut counted = Vec::new();
        let mut data = data;
        loop {
            let (consumed, produced) = (zlib.total_in(), zlib.total_out());
            if produced > self.cap as u64 {
                *kept = Vec::new();
                return Ok(true);
            }
            // Beyond what is kept the bytes are only counted.
            let out = if produced < keep as u64 { &mut *kept } else { &mut counted };
            if produced >= keep as u64 {
                out.clear();
            }
            out.reserve(STEP);
            let status = zlib.decompress_vec(data, out, FlushDecompress::None);
            let taken = usize::try_from(zlib.total_in() - consumed).unwrap_or(0);
            data = data.get(taken..).unwrap_or(&[]);
            let stuck = taken == 0 && zlib.total_out() == produced;
            if stuck || !matches!(status, Ok(Status::Ok | Status::BufError)) {
                if zlib.total_out() > keep as u64 || !matches!(status, Ok(Status::StreamEnd)) {
                    *kept = Vec::new();
                }
                self.budget.charge(zlib.total_out())?;
                return Ok(zlib.total_out() > self.cap as u64);
            }
        }
    }

    /// Appends what Flate data gives that was found without its stream's dictionary.
    ///
    /// # Errors
    /// As [`Decoder::decode`].
    pub(super) fn inflate_loose(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<Decoded, LimitReached> {
        let before = out.len();
        let state = self.inflate(data, out);
        self.budget.charge((out.len() - before) as u64)?;
        Ok(state)
    }

    /// Whether a stream is packed by Flate and nothing else.
    pub(super) fn is_plain_flate(dict: &Dict<'_>) -> bool {
        matches!(filters(dict).as_slice(), [(Filter::Flate, params)] if params.predictor <= 1)
    }

    /// The budget that is charged.
    pub(super) fn budget(&self) -> &Rc<Budget> {
        &self.budget
    }

    /// Appends the decoded stream to `out`.
    ///
    /// # Errors
    /// When the entry has produced more than it may, or its time is over.
    pub(super) fn decode(&mut self, stream: &Stream<'_>, out: &mut Vec<u8>) -> Result<Decoded, LimitReached> {
        if self.seen.len() < MAX_SEEN {
            self.seen.insert(stream.dict().data().as_ptr() as usize);
        }
        let raw = stream.raw_data();
        let filters = filters(stream.dict());
        let before = out.len();
        let state = self.chain(&raw, &filters, out);
        self.budget.charge((out.len() - before) as u64)?;
        Ok(state)
    }

    /// Like [`Decoder::decode`], but stops after about `limit` bytes.
    ///
    /// # Errors
    /// As [`Decoder::decode`].
    pub(super) fn decode_start(
        &mut self,
        stream: &Stream<'_>,
        limit: usize,
        out: &mut Vec<u8>,
    ) -> Result<Decoded, LimitReached> {
        let cap = self.cap;
        self.cap = limit.min(cap);
        let result = self.decode(stream, out);
        self.cap = cap;
        result
    }

    fn chain(&mut self, raw: &[u8], filters: &[(Filter, Params)], out: &mut Vec<u8>) -> Decoded {
        let mut current: Cow<'_, [u8]> = Cow::Borrowed(raw);
        let mut state = Decoded::Whole;
        let Some((last, before)) = filters.split_last() else {
            out.extend_from_slice(raw.get(..self.cap).unwrap_or(raw));
            return if raw.len() > self.cap { Decoded::Cut } else { Decoded::Whole };
        };
        for (filter, params) in before {
            let mut next = Vec::new();
            let one = self.apply(*filter, *params, &current, &mut next);
            if one != Decoded::Whole {
                state = one;
            }
            if matches!(one, Decoded::Picture | Decoded::Unsupported) {
                return one;
            }
            current = Cow::Owned(next);
        }
        match self.apply(last.0, last.1, &current, out) {
            Decoded::Whole => state,
            other => other,
        }
    }

    fn apply(&mut self, filter: Filter, params: Params, data: &[u8], out: &mut Vec<u8>) -> Decoded {
        let start = out.len();
        let cap = self.cap;
        let state = match filter {
            Filter::Flate => self.inflate(data, out),
            Filter::Lzw => lzw(data, params.early, cap, out),
            Filter::Hex => ascii_hex(data, out),
            Filter::Ascii85 => ascii85(data, cap, out),
            Filter::RunLength => run_length(data, cap, out),
            Filter::Crypt => {
                out.extend_from_slice(data);
                Decoded::Whole
            }
            Filter::Picture => return Decoded::Picture,
            Filter::Unknown => return Decoded::Unsupported,
        };
        if params.predictor > 1 && matches!(filter, Filter::Flate | Filter::Lzw) {
            self.spare.clear();
            if let Some(predicted) = out.get(start..) {
                self.spare.extend_from_slice(predicted);
            }
            out.truncate(start);
            unpredict(&self.spare, params, out);
        }
        state
    }

    fn inflate(&mut self, data: &[u8], out: &mut Vec<u8>) -> Decoded {
        let start = out.len();
        let state = pump(begun(&mut self.zlib), data, out, self.cap);
        if out.len() == start
            && state == Decoded::Broken
            && let Some(body) = data.get(2..)
        {
            // A wrong header over sound data: seen in files that were repaired by hand.
            let raw = self.raw.get_or_insert_with(|| Decompress::new(false));
            raw.reset(false);
            return match pump(raw, body, out, self.cap) {
                Decoded::Whole => Decoded::Whole,
                other => other,
            };
        }
        state
    }
}

fn pump(inflate: &mut Decompress, mut data: &[u8], out: &mut Vec<u8>, cap: usize) -> Decoded {
    let start = out.len();
    out.reserve(data.len().saturating_mul(4).min(cap.saturating_add(1)).clamp(1 << 10, 1 << 20));
    loop {
        let (consumed, written) = (inflate.total_in(), out.len());
        if written - start > cap {
            out.truncate(start + cap);
            return Decoded::Cut;
        }
        if out.capacity() == written {
            out.reserve((written - start).clamp(4 << 10, 4 << 20));
        }
        let status = inflate.decompress_vec(data, out, FlushDecompress::None);
        let taken = usize::try_from(inflate.total_in() - consumed).unwrap_or(0);
        data = data.get(taken..).unwrap_or(&[]);
        match status {
            Ok(Status::StreamEnd) => return Decoded::Whole,
            Ok(_) if taken == 0 && out.len() == written && out.capacity() > written => {
                return Decoded::Broken;
            }
            Ok(_) => {}
            Err(_) => return Decoded::Broken,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filter {
    Flate,
    Lzw,
    Hex,
    Ascii85,
    RunLength,
    Crypt,
    Picture,
    Unknown,
}

#[derive(Debug, Clone, Copy)]
struct Params {
    predictor: u32,
    colors: usize,
    bits: usize,
    columns: usize,
    early: bool,
}

impl Params {
    fn of(dict: Option<&Dict<'_>>) -> Params {
        let int = |key: &str, default: u32| {
            dict.and_then(|dict| dict.get::<i32>(key)).and_then(|n| u32::try_from(n).ok()).unwrap_or(default)
        };
        Params {
            predictor: int("Predictor", 1),
            colors: int("Colors", 1).clamp(1, 32) as usize,
            bits: int("BitsPerComponent", 8).clamp(1, 16) as usize,
            columns: int("Columns", 1).clamp(1, 1 << 20) as usize,
            early: int("EarlyChange", 1) != 0,
        }
    }
}

fn filters(dict: &Dict<'_>) -> Vec<(Filter, Params)> {
    let mut found = Vec::new();
    if let Some(name) = dict.get::<Name<'_>>("Filter") {
        let params = dict.get::<Dict<'_>>("DecodeParms").or_else(|| {
            dict.get::<Array<'_>>("DecodeParms").and_then(|all| all.iter::<Object<'_>>().next()?.into_dict())
        });
        found.push((filter(&name), Params::of(params.as_ref())));
    } else if let Some(names) = dict.get::<Array<'_>>("Filter") {
        let params: Vec<Option<Dict<'_>>> = match dict.get::<Array<'_>>("DecodeParms") {
            Some(all) => all.iter::<Object<'_>>().take(MAX_FILTERS).map(Object::into_dict).collect(),
            None => vec![dict.get::<Dict<'_>>("DecodeParms")],
        };
        for (index, name) in names.iter::<Name<'_>>().take(MAX_FILTERS).enumerate() {
            found.push((filter(&name), Params::of(params.get(index).and_then(Option::as_ref))));
        }
    }
    found
}

fn filter(name: &[u8]) -> Filter {
    match name {
        b"FlateDecode" | b"Fl" => Filter::Flate,
        b"LZWDecode" | b"LZW" => Filter::Lzw,
        b"ASCIIHexDecode" | b"AHx" => Filter::Hex,
        b"ASCII85Decode" | b"A85" => Filter::Ascii85,
        b"RunLengthDecode" | b"RL" => Filter::RunLength,
        b"Crypt" => Filter::Crypt,
        b"DCTDecode" | b"DCT" | b"JPXDecode" | b"JBIG2Decode" | b"CCITTFaxDecode" | b"CCF" => Filter::Picture,
        _ => Filter::Unknown,
    }
}

fn ascii_hex(data: &[u8], out: &mut Vec<u8>) -> Decoded {
    let mut high = None;
    for &byte in data {
        let digit = match byte {
            b'>' => break,
            _ => match char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()) {
                Some(digit) => digit,
                None => continue,
            },
        };
        match high.take() {
            Some(first) => out.push(first << 4 | digit),
            None => high = Some(digit),
        }
    }
    out.extend(high.map(|first| first << 4));
    Decoded::Whole
}

fn ascii85(data: &[u8], cap: usize, out: &mut Vec<u8>) -> Decoded {
    let start = out.len();
    let mut group = 0u32;
    let mut count = 0usize;
    let data = data.strip_prefix(b"<~").unwrap_or(data);
    for &byte in data {
        if out.len() - start > cap {
            return Decoded::Cut;
        }
        match byte {
            b'~' => break,
            b'z' if count == 0 => out.extend_from_slice(&[0; 4]),
            b'!'..=b'u' => {
                group = group.wrapping_mul(85).wrapping_add(u32::from(byte - b'!'));
                count += 1;
                if count == 5 {
                    out.extend_from_slice(&group.to_be_bytes());
                    (group, count) = (0, 0);
                }
            }
            _ => {}
        }
    }
    if count > 1 {
        for _ in count..5 {
            group = group.wrapping_mul(85).wrapping_add(84);
        }
        out.extend(group.to_be_bytes().iter().take(count - 1));
    }
    Decoded::Whole
}

fn run_length(data: &[u8], cap: usize, out: &mut Vec<u8>) -> Decoded {
    let start = out.len();
    let mut rest = data;
    while let Some((&length, tail)) = rest.split_first() {
        if out.len() - start > cap {
            return Decoded::Cut;
        }
        match length {
            128 => return Decoded::Whole,
            0..128 => {
                let count = usize::from(length) + 1;
                let Some(literal) = tail.get(..count) else {
                    out.extend_from_slice(tail);
                    return Decoded::Broken;
                };
                out.extend_from_slice(literal);
                rest = tail.get(count..).unwrap_or(&[]);
            }
            129.. => {
                let Some((&byte, after)) = tail.split_first() else { return Decoded::Broken };
                out.resize(out.len() + 257 - usize::from(length), byte);
                rest = after;
            }
        }
    }
    Decoded::Whole
}

/// LZW as PDF has it: codes of 9 to 12 bits, most significant bit first.
fn lzw(data: &[u8], early: bool, cap: usize, out: &mut Vec<u8>) -> Decoded {
    const CLEAR: usize = 256;
    const END: usize = 257;
    let start = out.len();
    // Each entry is a span of what was already written: the string itself stands there.
    let mut table: Vec<(usize, usize)> = Vec::with_capacity(4096 - 258);
    let mut previous: Option<(usize, usize)> = None;
    let (mut bits, mut held, mut width) = (0u32, 0u32, 9u32);
    for &byte in data {
        bits = bits << 8 | u32::from(byte);
        held += 8;
        if held < width {
            continue;
        }
        held -= width;
        let code = ((bits >> held) & ((1 << width) - 1)) as usize;
        let at = out.len();
        if at - start > cap {
            return Decoded::Cut;
        }
        match code {
            CLEAR => {
                table.clear();
                previous = None;
                width = 9;
                continue;
            }
            END => return Decoded::Whole,
            0..256 => out.push(code.to_le_bytes()[0]),
            _ => {
                let span = match (table.get(code - 258), previous) {
                    (Some(&span), _) => span,
                    // The one code that may be used before it is complete: the previous string and its first byte.
                    (None, Some((from, len))) if code - 258 == table.len() => (from, len + 1),
                    _ => return Decoded::Broken,
                };
                // The last byte of an incomplete entry is the one written just now, so copy byte by byte.
                for offset in 0..span.1 {
                    let Some(&byte) = out.get(span.0 + offset) else { return Decoded::Broken };
                    out.push(byte);
                }
            }
        }
        if let Some((from, len)) = previous
            && table.len() < 4096 - 258
        {
            table.push((from, len + 1));
        }
        previous = Some((at, out.len() - at));
        width = match table.len() + 258 + usize::from(early) {
            0..512 => 9,
            512..1024 => 10,
            1024..2048 => 11,
            _ => 12,
        };
    }
    Decoded::Whole
}

fn unpredict(data: &[u8], params: Params, out: &mut Vec<u8>) {
    let pixel = (params.colors * params.bits).div_ceil(8);
    let row = (params.colors * params.bits * params.columns).div_ceil(8);
    if params.predictor == 2 {
        for line in data.chunks(row) {
            let begin = out.len();
            for (index, &byte) in line.iter().enumerate() {
                let left = if index >= pixel && params.bits == 8 {
                    out.get(begin + index - pixel).copied().unwrap_or(0)
                } else {
                    0
                };
                out.push(byte.wrapping_add(left));
            }
        }
        return;
    }
    let mut above = vec![0u8; row];
    for line in data.chunks(row + 1) {
        let Some((&kind, line)) = line.split_first() else { return };
        let begin = out.len();
        for (index, &byte) in line.iter().enumerate() {
            let left = if index >= pixel { out.get(begin + index - pixel).copied().unwrap_or(0) } else { 0 };
            let up = above.get(index).copied().unwrap_or(0);
            let corner = if index >= pixel { above.get(index - pixel).copied().unwrap_or(0) } else { 0 };
            let guess = match kind {
                1 => left,
                2 => up,
                3 => u8::try_from((u16::from(left) + u16::from(up)) / 2).unwrap_or(0),
                4 => paeth(left, up, corner),
                _ => 0,
            };
            out.push(byte.wrapping_add(guess));
        }
        if let (Some(written), true) = (out.get(begin..), line.len() == row) {
            above.copy_from_slice(written);
        }
    }
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(up), i16::from(corner));
    let estimate = a + b - c;
    let (to_a, to_b, to_c) = ((estimate - a).abs(), (estimate - b).abs(), (estimate - c).abs());
    if to_a <= to_b && to_a <= to_c {
        left
    } else if to_b <= to_c {
        up
    } else {
        corner
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::extract::limits::Limits;

    fn deflate(data: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn decoder() -> Decoder {
        Decoder::new(&Budget::new(Limits::default()))
    }

    #[test]
    fn pdf_flate_gives_what_came_before_the_break() {
        let packed = deflate(&b"0123456789".repeat(2000));
        let mut out = Vec::new();
        assert_eq!(decoder().inflate(&packed[..packed.len() / 2], &mut out), Decoded::Broken);
        assert!(out.starts_with(b"0123456789") && out.len() < 20_000);
        let mut whole = Vec::new();
        assert_eq!(decoder().inflate(&packed, &mut whole), Decoded::Whole);
        assert_eq!(whole.len(), 20_000);
        let mut none = Vec::new();
        assert_eq!(decoder().inflate(&[], &mut none), Decoded::Broken);
    }

    #[test]
    fn pdf_flate_stops_at_the_cap() {
        let packed = deflate(&vec![0; 3 << 20]);
        let mut decoder = decoder();
        decoder.cap = 1 << 20;
        let mut out = Vec::new();
        assert_eq!(decoder.inflate(&packed, &mut out), Decoded::Cut);
        assert_eq!(out.len(), 1 << 20);
        assert!(out.capacity() < 8 << 20);
    }

    #[test]
    fn pdf_small_filters() {
        let mut out = Vec::new();
        ascii_hex(b"54 45 5 8>zz", &mut out);
        ascii85(b"<~87cURD]~>", 100, &mut out);
        run_length(&[2, b'a', b'b', b'c', 254, b'!', 128, 9], 100, &mut out);
        assert_eq!(out, b"TEXHello abc!!!".iter().filter(|b| **b != b' ').copied().collect::<Vec<_>>());
    }

    #[test]
    fn pdf_lzw_of_the_standard() {
        // ISO 32000-2, 7.4.4.2, example.
        let mut out = Vec::new();
        let packed = [0x80, 0x0B, 0x60, 0x50, 0x22, 0x0C, 0x0C, 0x85, 0x01];
        assert_eq!(lzw(&packed, true, 100, &mut out), Decoded::Whole);
        assert_eq!(out, [45, 45, 45, 45, 45, 65, 45, 45, 45, 66]);
    }
}
