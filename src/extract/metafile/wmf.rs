//! Windows metafiles of 16 bits (MS-WMF).

use std::rc::Rc;

use super::canvas::{Canvas, Drawn, Font};
use super::emf::again;
use super::{i16_at, u16_at, u32_at};
use crate::extract::Unreadable;

/// Record functions (MS-WMF 2.1.1.1).
mod record {
    pub(super) const SAVE: u16 = 0x001E;
    pub(super) const RESTORE: u16 = 0x0127;
    pub(super) const SELECT_OBJECT: u16 = 0x012D;
    pub(super) const SET_TEXT_ALIGN: u16 = 0x012E;
    pub(super) const DELETE_OBJECT: u16 = 0x01F0;
    pub(super) const SET_TEXT_COLOR: u16 = 0x0209;
    pub(super) const MOVE_TO: u16 = 0x0214;
    pub(super) const CREATE_FONT: u16 = 0x02FB;
    pub(super) const TEXT: u16 = 0x0521;
    pub(super) const ESCAPE: u16 = 0x0626;
    pub(super) const EXTENDED_TEXT: u16 = 0x0A32;
    /// Palette, pattern, bitmap, brush, pen, region.
    pub(super) const OTHER_OBJECTS: [u16; 6] = [0x00F7, 0x01F9, 0x0142, 0x02FC, 0x02FA, 0x06FF];
    /// BitBlt, StretchBlt, SetDIBitsToDevice, and those of device-independent bitmaps.
    pub(super) const BITMAPS: [u16; 6] = [0x0922, 0x0B23, 0x0D33, 0x0940, 0x0B41, 0x0F43];
}

/// Objects beyond this many are not kept; the format counts them in 16 bits.
const MAX_OBJECTS: usize = 65_536;

/// Bitmaps with fewer bytes than this cannot show letters: 48 by 8 pixels of one bit, and their header.
const MIN_BITMAP: usize = 88;

/// Draws the records of a file.
///
/// # Errors
/// When the sink stops.
pub(super) fn draw(bytes: &[u8], canvas: &mut Canvas<'_>, depth: u32) -> Result<(), Unreadable> {
    // Fonts, and places of other objects: a number is the first free place.
    let mut objects: Vec<Option<Option<Rc<Font>>>> = Vec::new();
    let mut enhanced = Vec::new();
    let mut at = if bytes.starts_with(b"\xD7\xCD\xC6\x9A") { 22 } else { 0 };
    at += 18;
    let ended = loop {
        let (Some(words), Some(function)) = (u32_at(bytes, at), u16_at(bytes, at + 4)) else { break false };
        let end = at.saturating_add((words as usize).saturating_mul(2));
        let Some(data) = bytes.get(at + 6..end) else { break function == 0 };
        at = end;
        match function {
            0 => break true,
            record::SAVE => canvas.save(),
            record::RESTORE => {
                canvas.restore(u16_at(data, 0).map_or(-1, |which| i32::from(which.cast_signed())))
            }
            record::SET_TEXT_ALIGN => canvas.pen.align = u32::from(u16_at(data, 0).unwrap_or(0)),
            record::SET_TEXT_COLOR => canvas.pen.color = data.first_chunk().copied(),
            record::MOVE_TO => {
                if let (Some(y), Some(x)) = (i16_at(data, 0), i16_at(data, 2)) {
                    canvas.pen.at = (x, y);
                }
            }
            record::CREATE_FONT => keep(&mut objects, Some(Rc::new(font(data)))),
            function if record::OTHER_OBJECTS.contains(&function) => keep(&mut objects, None),
            record::SELECT_OBJECT => {
                let object = u16_at(data, 0).and_then(|number| objects.get(usize::from(number)));
                if let Some(Some(Some(font))) = object {
                    canvas.pen.font = Rc::clone(font);
                }
            }
            record::DELETE_OBJECT => {
                if let Some(place) = u16_at(data, 0).and_then(|number| objects.get_mut(usize::from(number))) {
                    *place = None;
                }
            }
            record::TEXT => {
                let count = usize::from(u16_at(data, 0).unwrap_or(0));
                let text = data.get(2..2 + count).unwrap_or_default();
                let behind = 2 + count + count % 2;
                if let (Some(y), Some(x)) = (i16_at(data, behind), i16_at(data, behind + 2)) {
                    let text = canvas.pen.font.decode(text);
                    canvas.draw(Drawn { text, at: (x, y), advance: None })?;
                }
            }
            record::EXTENDED_TEXT => extended(data, canvas)?,
            record::ESCAPE => escape(data, &mut enhanced),
            function if record::BITMAPS.contains(&function) => {
                canvas.seen.pixels |= data.len() > 20 + MIN_BITMAP;
            }
            _ => {}
        }
    };
    canvas.seen.damaged |= !ended;
    if enhanced.is_empty() { Ok(()) } else { again(&enhanced, canvas, depth) }
}

fn keep(objects: &mut Vec<Option<Option<Rc<Font>>>>, object: Option<Rc<Font>>) {
    if let Some(place) = objects.iter_mut().find(|place| place.is_none()) {
        *place = Some(object);
    } else if objects.len() < MAX_OBJECTS {
        objects.push(Some(object));
    }
}

/// The font that a record makes (MS-WMF 2.2.1.2).
fn font(data: &[u8]) -> Font {
    let mut font = Font {
        height: i16_at(data, 0).unwrap_or(0.0),
        bold: i16_at(data, 8).is_some_and(|weight| weight >= 600.0),
        struck: data.get(12).is_some_and(|struck| *struck != 0),
        charset: data.get(13).copied().unwrap_or(0),
        face: String::new(),
    };
    let face = data.get(18..).unwrap_or_default();
    font.face = font.decode(face.get(..32).unwrap_or(face));
    font
}

/// META_EXTTEXTOUT (MS-WMF 2.3.3.5).
fn extended(data: &[u8], canvas: &mut Canvas<'_>) -> Result<(), Unreadable> {
    const RECTANGLE: u16 = 2 | 4;
    const GLYPH_INDEX: u16 = 0x10;
    let (Some(y), Some(x)) = (i16_at(data, 0), i16_at(data, 2)) else { return Ok(()) };
    let (Some(count), Some(options)) = (u16_at(data, 4), u16_at(data, 6)) else { return Ok(()) };
    let count = usize::from(count);
    if options & GLYPH_INDEX != 0 {
        canvas.seen.glyphs |= count > 0;
        return Ok(());
    }
    let from = if options & RECTANGLE != 0 { 16 } else { 8 };
    let text = data.get(from..(from + count).min(data.len())).unwrap_or_default();
    let spacing = from + count + count % 2;
    let advance = (data.len() >= spacing + 2 * count)
        .then(|| (0..count).filter_map(|number| i16_at(data, spacing + number * 2)).sum());
    let text = canvas.pen.font.decode(text);
    canvas.draw(Drawn { text, at: (x, y), advance })
}

/// Pieces of an EMF that a WMF carries for who can read it (MS-WMF 2.3.6.1).
fn escape(data: &[u8], enhanced: &mut Vec<u8>) {
    const COMMENT: u16 = 15;
    const WMFC: u32 = 0x4346_4D57;
    if u16_at(data, 0) != Some(COMMENT) || u32_at(data, 4) != Some(WMFC) || u32_at(data, 8) != Some(1) {
        return;
    }
    // Identifier, type, version, checksum, flags, number of records; size of this one, of the rest, of all.
    if let Some(size) = u32_at(data, 26) {
        let piece = data.get(38..).unwrap_or_default();
        enhanced.extend_from_slice(piece.get(..size as usize).unwrap_or(piece));
    }
}
