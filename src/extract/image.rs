//! Pictures: their size and the text kept beside the pixels.
//!
//! In: bytes of a raster picture. Out: text chunks, comments and XMP as properties, the size as a fact, and the gap
//! that nobody looked at the pixels. Left out: the pixels; a stamp may stand in them, so a picture is never read in full.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::ZlibDecoder;
use memchr::memmem;

use super::{Format, Head, Input, Sink, Stop, Unreadable, charset};
use crate::model::{Gap, GapReason, Kind, Place, Segment};

/// Raster pictures.
pub(super) struct Image;

impl Format for Image {
    fn name(&self) -> &'static str {
        "image"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &[
            "png", "apng", "jpg", "jpeg", "jpe", "jfif", "gif", "webp", "bmp", "dib", "tif", "tiff", "heic",
            "heif", "avif", "psd", "psb", "ico", "cur", "jp2", "jpx", "jxl",
        ]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        kind(head.bytes).is_some()
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let Some(kind) = kind(input.head()) else { return Err(Unreadable::damaged("not a picture")) };
        sink.format(kind);
        let mut cut = None;
        let budget = input.budget().clone();
        if let Err(error) = input.bytes() {
            cut = Some(error);
        }
        let bytes = if cut.is_none() { input.bytes()? } else { input.head() };
        let size = match kind {
            "png" => png(bytes, &budget, sink)?,
            "jpeg" => jpeg(bytes, sink)?,
            "gif" => gif(bytes, sink)?,
            "tiff" => tiff(bytes, sink)?,
            "webp" => webp(bytes),
            "bmp" => little(bytes, 18, 4)
                .zip(little(bytes, 22, 4))
                .map(|(width, height)| (width, height.min(height.wrapping_neg() & 0xFFFF_FFFF))),
            "psd" => big(bytes, 18, 4).zip(big(bytes, 14, 4)),
            "ico" => ico(bytes),
            "jp2" => after(bytes, b"ihdr").and_then(|at| big(bytes, at + 4, 4).zip(big(bytes, at, 4))),
            _ => after(bytes, b"ispe").and_then(|at| big(bytes, at + 4, 4).zip(big(bytes, at + 8, 4))),
        };
        xmp(bytes, sink)?;
        if let Some((width, height)) = size {
            sink.fact("size", format!("{width}x{height}"));
        }
        if let Some(detail) = unread_pixels(size) {
            sink.gap(Gap::new(GapReason::ImageOnly, detail));
        }
        cut.map_or(Ok(()), Err)
    }
}

/// Sides below this cannot show a stamp: five letters need at least 8 pixels of height to be told apart and 48 of
/// width. Without this every bullet and tracking pixel of a page would make it incomplete.
const SMALLEST: (u64, u64) = (48, 8);

/// What the ledger says of a picture's pixels; nothing for pictures too small to show a mark.
fn unread_pixels(size: Option<(u64, u64)>) -> Option<String> {
    let (long, short) = SMALLEST;
    match size {
        Some((width, height)) if (width < long && height < long) || width < short || height < short => None,
        Some((width, height)) => Some(format!("picture {width}x{height}, not read by OCR")),
        None => Some("picture, not read by OCR".to_owned()),
    }
}

fn kind(bytes: &[u8]) -> Option<&'static str> {
    let brand = bytes.get(4..12).and_then(|is| is.strip_prefix(b"ftyp"));
    Some(match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => "png",
        [0xFF, 0xD8, 0xFF, ..] => "jpeg",
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => "gif",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "webp",
        // The reserved words and the size of the next header tell it from a text that begins with BM.
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, _, _, 0, 0, 12 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0, ..] => {
            "bmp"
        }
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => "tiff",
        [b'8', b'B', b'P', b'S', 0, 1 | 2, 0, 0, ..] => "psd",
        [0, 0, 1 | 2, 0, 1..=64, 0, ..] if bytes.get(9) == Some(&0) && bytes.len() > 22 => "ico",
        [0, 0, 0, 12, b'j', b'P', b' ', b' ', b'\r', b'\n', ..] => "jp2",
        _ => match brand? {
            b"heic" | b"heix" | b"hevc" | b"heim" | b"heis" | b"mif1" | b"msf1" => "heic",
            b"avif" | b"avis" => "avif",
            _ => return None,
        },
    })
}

fn number(bytes: &[u8], at: usize, length: usize, little: bool) -> Option<u64> {
    let digits = bytes.get(at..at.checked_add(length)?)?;
    let join = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
    Some(if little { digits.iter().rev().fold(0, join) } else { digits.iter().fold(0, join) })
}

fn big(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    number(bytes, at, length, false)
}

fn little(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    number(bytes, at, length, true)
}

fn after(bytes: &[u8], what: &[u8]) -> Option<usize> {
    memmem::find(bytes, what).map(|at| at + what.len())
}

fn property(name: &str, text: &[u8], sink: &mut dyn Sink) -> Result<(), Stop> {
    let (text, _) = charset::decode(text, None);
    let text = text.trim_matches(['\0', ' ', '\n', '\r']);
    if text.is_empty() {
        return Ok(());
    }
    sink.segment(Segment::lines(text, Place::new(Kind::Property).hidden().named(name)))
}

/// Text chunks beyond this many are not looked at.
const MAX_CHUNKS: usize = 10_000;

/// Bytes that one compressed text chunk may give.
const MAX_TEXT: u64 = 4 << 20;

fn png(
    bytes: &[u8],
    budget: &std::rc::Rc<super::limits::Budget>,
    sink: &mut dyn Sink,
) -> Result<Option<(u64, u64)>, Unreadable> {
    let mut at = 8;
    let mut size = None;
    for _ in 0..MAX_CHUNKS {
        let Some(length) = big(bytes, at, 4).and_then(|length| usize::try_from(length).ok()) else { break };
        let name = bytes.get(at + 4..at + 8).unwrap_or_default();
        let end = (at + 8).saturating_add(length);
        let data = bytes.get(at + 8..end.min(bytes.len())).unwrap_or_default();
        let inflate = |packed: &[u8]| {
            let mut out = Vec::new();
            let guarded = budget.guard(ZlibDecoder::new(packed), packed.len() as u64);
            // What came out before an error is still text.
            let _ = guarded.take(MAX_TEXT).read_to_end(&mut out);
            out
        };
        let keyword_end = memchr::memchr(0, data).unwrap_or(data.len());
        let keyword = String::from_utf8_lossy(data.get(..keyword_end).unwrap_or_default());
        let rest = data.get(keyword_end + 1..).unwrap_or_default();
        match name {
            b"IHDR" => size = big(data, 0, 4).zip(big(data, 4, 4)),
            b"tEXt" => property(&keyword, rest, sink)?,
            b"zTXt" => property(&keyword, &inflate(rest.get(1..).unwrap_or_default()), sink)?,
            b"iTXt" => {
                let packed = rest.first() == Some(&1);
                let mut fields = rest.get(2..).unwrap_or_default().splitn(3, |byte| *byte == 0);
                let text = fields.nth(2).unwrap_or_default();
                let text = if packed { Cow::Owned(inflate(text)) } else { Cow::Borrowed(text) };
                // The packet is pushed with those of all formats, unless it was packed.
                if packed || memmem::find(&text, XMP_BEGIN).is_none() {
                    property(&keyword, &text, sink)?;
                }
            }
            b"IEND" => break,
            _ => {}
        }
        at = end.saturating_add(4);
    }
    Ok(size)
}

fn jpeg(bytes: &[u8], sink: &mut dyn Sink) -> Result<Option<(u64, u64)>, Unreadable> {
    let mut at = 2;
    let mut size = None;
    for _ in 0..MAX_CHUNKS {
        let (Some(0xFF), Some(marker)) = (bytes.get(at), bytes.get(at + 1)) else { break };
        if *marker == 0xFF {
            at += 1;
            continue;
        }
        let Some(length) = big(bytes, at + 2, 2).and_then(|length| usize::try_from(length).ok()) else {
            break;
        };
        let data = bytes.get(at + 4..(at + 2 + length.max(2)).min(bytes.len())).unwrap_or_default();
        match marker {
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                size = big(data, 3, 2).zip(big(data, 1, 2));
            }
            0xFE => property("comment", data, sink)?,
            0xE1 => {
                if let Some(exif) = data.strip_prefix(b"Exif\0\0") {
                    tiff(exif, sink)?;
                }
            }
            0xED => iptc(data, sink)?,
            // The picture's data begin.
            0xDA => break,
            _ => {}
        }
        at += 2 + length.max(2);
    }
    Ok(size)
}

/// Texts of an IPTC record: headline, keywords, caption and so on (dataset 2, IIM 4.2).
fn iptc(data: &[u8], sink: &mut dyn Sink) -> Result<(), Stop> {
    for at in memmem::find_iter(data, b"\x1c\x02").take(MAX_CHUNKS) {
        let Some(length) = big(data, at + 3, 2).and_then(|length| usize::try_from(length).ok()) else {
            continue;
        };
        if let (Some(5..=221), Some(text)) = (data.get(at + 2), data.get(at + 5..at + 5 + length)) {
            property("iptc", text, sink)?;
        }
    }
    Ok(())
}

fn gif(bytes: &[u8], sink: &mut dyn Sink) -> Result<Option<(u64, u64)>, Unreadable> {
    let size = little(bytes, 6, 2).zip(little(bytes, 8, 2));
    let table = |flags: u8| if flags & 0x80 != 0 { 3usize << ((flags & 7) + 1) } else { 0 };
    let mut at = 13 + bytes.get(10).map_or(0, |flags| table(*flags));
    for _ in 0..MAX_CHUNKS {
        let mut text = Vec::new();
        let comment = match (bytes.get(at), bytes.get(at + 1)) {
            (Some(0x21), Some(label)) => {
                at += 2;
                // Comment and plain text extensions.
                matches!(label, 0xFE | 0x01)
            }
            (Some(0x2C), _) => {
                at += 11 + bytes.get(at + 9).map_or(0, |flags| table(*flags));
                false
            }
            _ => break,
        };
        while let Some(length) = bytes.get(at).filter(|length| **length > 0) {
            let next = at + 1 + usize::from(*length);
            if comment && text.len() < 1 << 20 {
                text.extend_from_slice(bytes.get(at + 1..next).unwrap_or_default());
            }
            at = next;
        }
        at += 1;
        property("comment", &text, sink)?;
    }
    Ok(size)
}

/// Pages of one TIFF beyond this many are not looked at.
const MAX_PAGES: usize = 1_000;

fn tiff(bytes: &[u8], sink: &mut dyn Sink) -> Result<Option<(u64, u64)>, Unreadable> {
    let is_little = bytes.first() == Some(&b'I');
    let read = |at: usize, length: usize| number(bytes, at, length, is_little);
    let mut size = None;
    let mut at = read(4, 4).and_then(|at| usize::try_from(at).ok()).unwrap_or(0);
    let mut pages = 0;
    while at != 0 && pages < MAX_PAGES {
        pages += 1;
        let Some(count) = read(at, 2).and_then(|count| usize::try_from(count).ok()) else { break };
        let (mut width, mut height) = (None, None);
        for entry in 0..count {
            let at = at + 2 + entry * 12;
            let (Some(tag), Some(kind), Some(length)) = (read(at, 2), read(at + 2, 2), read(at + 4, 4))
            else {
                break;
            };
            let short = if kind == 3 { read(at + 8, 2) } else { read(at + 8, 4) };
            let name = match tag {
                256 => {
                    width = short;
                    continue;
                }
                257 => {
                    height = short;
                    continue;
                }
                269 => "DocumentName",
                270 => "ImageDescription",
                285 => "PageName",
                305 => "Software",
                315 => "Artist",
                316 => "HostComputer",
                33432 => "Copyright",
                0x9C9B..=0x9C9F => "XP",
                _ => continue,
            };
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            let from = if length <= 4 {
                Some(at + 8)
            } else {
                read(at + 8, 4).and_then(|at| usize::try_from(at).ok())
            };
            if let Some(text) = from.and_then(|from| bytes.get(from..from.checked_add(length)?)) {
                property(name, text, sink)?;
            }
        }
        size = size.or(width.zip(height));
        at = read(at + 2 + count * 12, 4).and_then(|at| usize::try_from(at).ok()).unwrap_or(0);
    }
    Ok(size)
}

fn webp(bytes: &[u8]) -> Option<(u64, u64)> {
    match bytes.get(12..16)? {
        b"VP8X" => Some((little(bytes, 24, 3)? + 1, little(bytes, 27, 3)? + 1)),
        b"VP8L" => {
            let bits = little(bytes, 21, 4)?;
            Some(((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1))
        }
        b"VP8 " => Some((little(bytes, 26, 2)? & 0x3FFF, little(bytes, 28, 2)? & 0x3FFF)),
        _ => None,
    }
}

/// The largest picture of an icon file; 0 means 256.
fn ico(bytes: &[u8]) -> Option<(u64, u64)> {
    let count = usize::try_from(little(bytes, 4, 2)?).ok()?;
    let side = |at: usize| little(bytes, at, 1).map(|side| if side == 0 { 256 } else { side });
    (0..count).filter_map(|entry| side(6 + entry * 16).zip(side(7 + entry * 16))).max()
}

const XMP_BEGIN: &[u8] = b"<x:xmpmeta";

/// Every XMP packet as it stands, wherever the format keeps it.
fn xmp(bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Stop> {
    let mut rest = bytes;
    for _ in 0..100 {
        let Some(begin) = memmem::find(rest, XMP_BEGIN) else { break };
        let packet = rest.get(begin..).unwrap_or_default();
        let end = memmem::find(packet, b"</x:xmpmeta>").unwrap_or(packet.len().min(64 << 10));
        property("xmp", packet.get(..end).unwrap_or_default(), sink)?;
        // A label's name and its value, which the packet as a whole does not part.
        if let Err(Unreadable::Stop) = super::pdf::xmp_labels(packet.get(..end).unwrap_or_default(), sink) {
            return Err(Stop);
        }
        rest = packet.get(end..).unwrap_or_default();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::limits::{Budget, Limits};
    use super::super::testing::Record;
    use super::*;

    fn read(bytes: &[u8]) -> Record {
        let budget = Budget::new(Limits::default());
        let mut input = Input::from_bytes("a", bytes, &budget);
        let mut sink = Record::default();
        let _ = Image.read(&mut input, &mut sink);
        sink
    }

    fn chunk(name: &[u8], data: &[u8]) -> Vec<u8> {
        [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], name, data, &[0; 4]].concat()
    }

    #[test]
    fn text_of_a_png_and_its_gap() {
        let png = |side: u32| {
            let size = [side.to_be_bytes(), side.to_be_bytes()].concat();
            let itxt = [b"Title\0\0\0vi\0\0".as_slice(), "Sở Thử Nghiệm".as_bytes()].concat();
            [
                b"\x89PNG\r\n\x1a\n".to_vec(),
                chunk(b"IHDR", &size),
                chunk(b"tEXt", b"Comment\0TOP SECRET"),
                chunk(b"iTXt", &itxt),
            ]
            .concat()
        };
        let sink = read(&png(800));
        assert_eq!(sink.lines(), ["property|Comment|TOP SECRET", "property|Title|Sở Thử Nghiệm"]);
        assert_eq!(sink.gaps[0].detail, "picture 800x800, not read by OCR");
        assert!(read(&png(32)).gaps.is_empty());
    }

    #[test]
    fn comments_of_jpeg_and_gif() {
        let jpeg = b"\xFF\xD8\xFF\xFE\0\x08SECRET\xFF\xC0\0\x0B\x08\0\x64\0\xC8\x01\x01\x11\0\xFF\xDA";
        assert_eq!(read(jpeg).lines(), ["property|comment|SECRET"]);
        assert_eq!(read(jpeg).facts, [("size", "200x100".to_owned())]);
        let gif = b"GIF89a\x64\0\x64\0\0\0\0\x21\xFE\x03TOP\x07 SECRET\0\x3B";
        assert_eq!(read(gif).lines(), ["property|comment|TOP SECRET"]);
    }

    proptest! {
        #[test]
        fn any_bytes_end(kind in 0usize..6, tail in proptest::collection::vec(any::<u8>(), 0..300)) {
            let start: &[u8] = [&b"\x89PNG\r\n\x1a\n"[..], b"\xFF\xD8\xFF\xE1", b"GIF89a", b"II\x2a\0\x08\0\0\0", b"RIFF\0\0\0\0WEBPVP8X", b"8BPS\0\x01\0\0"][kind];
            read(&[start, &tail].concat());
        }
    }
}
