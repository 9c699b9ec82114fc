//! Windows metafiles: drawings kept as the calls that draw them, EMF (MS-EMF, with MS-EMFPLUS inside) and WMF (MS-WMF).
//!
//! In: the bytes of a drawing. Out: its text records, joined where they stand side by side on a line, with font, colour and weight;
//! the title of the drawing; metafiles inside. Left out: lines and fills, and so letters drawn as such; pixels of bitmaps. A drawing
//! with pixels, or without any text record, is a gap when it is a document of its own.

mod blip;
mod canvas;
mod emf;
mod emfplus;
#[cfg(test)]
mod tests;
mod wmf;

pub(super) use blip::{MAX_DRAWING, find, has_drawing, push_all, read_picture, too_large};
use canvas::Canvas;

use super::{Format, Head, Input, Sink, Unreadable};
use crate::model::{Gap, GapReason, Kind, Place};

/// Metafiles inside each other beyond this depth are not followed.
const MAX_DEPTH: u32 = 4;

/// The reader of EMF and WMF files.
pub(super) struct Metafile;

impl Format for Metafile {
    fn name(&self) -> &'static str {
        "emf"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["emf", "wmf", "emz", "wmz", "apm"]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        is_emf(head.bytes) || is_wmf(head.bytes)
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let bytes = input.bytes()?;
        sink.format(if is_emf(bytes) { "emf" } else { "wmf" });
        let seen = read(bytes, Place::new(Kind::Body), sink)?;
        if seen.pixels {
            sink.gap(Gap::new(GapReason::ImageOnly, "pixels in a drawing, not read by OCR"));
        } else if seen.letters == 0 {
            sink.gap(Gap::new(GapReason::ImageOnly, "drawing without text"));
        }
        Ok(())
    }
}

/// What was met in a drawing.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    /// Bytes of text.
    pub(super) letters: usize,
    /// It shows a bitmap. In a document of another kind that is a picture like others, and no gap.
    pub(super) pixels: bool,
    /// Text is given by numbers of glyphs.
    glyphs: bool,
    /// It ends before its end.
    damaged: bool,
}

/// Pushes the texts of a drawing, each at `place`, and says what of its texts could not be read.
///
/// # Errors
/// When the sink stops.
pub(super) fn read(bytes: &[u8], place: Place<'_>, sink: &mut dyn Sink) -> Result<Seen, Unreadable> {
    let mut canvas = Canvas::new(place, sink);
    draw(bytes, &mut canvas, 0)?;
    let seen = canvas.finish()?;
    if seen.damaged {
        sink.gap(Gap::new(GapReason::Damaged, "the drawing breaks off"));
    }
    if seen.glyphs {
        sink.gap(Gap::new(GapReason::FontUnreadable, "letters by their numbers in a font"));
    }
    Ok(seen)
}

/// Whether these are the first bytes of an EMF (MS-EMF 2.3.4.2): the header record, and ` EMF` in it.
pub(super) fn is_emf(head: &[u8]) -> bool {
    head.starts_with(&[1, 0, 0, 0]) && head.get(40..44) == Some(b" EMF")
}

/// Whether these are the first bytes of a WMF (MS-WMF 2.3.2.2, 2.3.2.3): with a placeable header, or the header alone.
pub(super) fn is_wmf(head: &[u8]) -> bool {
    head.starts_with(b"\xD7\xCD\xC6\x9A") || matches!(head, [1 | 2, 0, 9, 0, 0, 1 | 3, ..] if head.len() > 18)
}

fn draw(bytes: &[u8], canvas: &mut Canvas<'_>, depth: u32) -> Result<(), Unreadable> {
    if depth > MAX_DEPTH {
        return Ok(());
    }
    if is_emf(bytes) {
        emf::draw(bytes, canvas, depth)
    } else if is_wmf(bytes) {
        wmf::draw(bytes, canvas, depth)
    } else {
        Ok(())
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|raw| u16::from_le_bytes(*raw))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|raw| u32::from_le_bytes(*raw))
}

fn i16_at(bytes: &[u8], at: usize) -> Option<f64> {
    bytes.get(at..)?.first_chunk().map(|raw| f64::from(i16::from_le_bytes(*raw)))
}

fn i32_at(bytes: &[u8], at: usize) -> Option<f64> {
    bytes.get(at..)?.first_chunk().map(|raw| f64::from(i32::from_le_bytes(*raw)))
}

/// UTF-16 from `at` on, so many units, up to a zero.
fn utf16(bytes: &[u8], at: usize, units: usize) -> String {
    let end = at.saturating_add(units.saturating_mul(2)).min(bytes.len());
    let (pairs, _) = bytes.get(at..end).unwrap_or_default().as_chunks::<2>();
    let units = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).take_while(|unit| *unit != 0);
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
