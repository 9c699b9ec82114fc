//! Enhanced metafiles (MS-EMF).

use std::collections::HashMap;
use std::rc::Rc;

use super::canvas::{Canvas, Drawn, Font};
use super::{draw as draw_inside, emfplus, i32_at, u32_at, utf16};
use crate::extract::Unreadable;
use crate::extract::xml::has_letter;
use crate::model::{Kind, Place};

/// Record types (MS-EMF 2.1.1).
mod record {
    pub(super) const EOF: u32 = 14;
    pub(super) const SET_TEXT_ALIGN: u32 = 22;
    pub(super) const SET_TEXT_COLOR: u32 = 24;
    pub(super) const MOVE_TO: u32 = 27;
    pub(super) const SAVE: u32 = 33;
    pub(super) const RESTORE: u32 = 34;
    pub(super) const SELECT_OBJECT: u32 = 37;
    pub(super) const DELETE_OBJECT: u32 = 40;
    pub(super) const COMMENT: u32 = 70;
    pub(super) const BIT_BLT: u32 = 76;
    pub(super) const STRETCH_DIBITS: u32 = 81;
    pub(super) const CREATE_FONT: u32 = 82;
    pub(super) const TEXT_A: u32 = 83;
    pub(super) const TEXT_W: u32 = 84;
    pub(super) const POLY_TEXT_A: u32 = 96;
    pub(super) const POLY_TEXT_W: u32 = 97;
    pub(super) const SMALL_TEXT: u32 = 108;
    pub(super) const ALPHA_BLEND: u32 = 114;
    pub(super) const TRANSPARENT_BLT: u32 = 116;
}

/// Options of a text (MS-EMF 2.1.11).
const GLYPH_INDEX: u32 = 0x10;
const NO_RECT: u32 = 0x100;
const SMALL_CHARS: u32 = 0x200;
const PDY: u32 = 0x2000;

/// Fonts beyond this many are not kept.
const MAX_FONTS: usize = 65_536;

/// Bitmaps with fewer bytes than this cannot show letters: 48 by 8 pixels of one bit, and their header.
const MIN_BITMAP: usize = 88;

/// Draws the records of a file.
///
/// # Errors
/// When the sink stops.
pub(super) fn draw(bytes: &[u8], canvas: &mut Canvas<'_>, depth: u32) -> Result<(), Unreadable> {
    let mut fonts: HashMap<u32, Rc<Font>> = HashMap::new();
    let mut plus = emfplus::Reader::default();
    // The drawing in other forms, read when it is known what this one says.
    let mut forms = Vec::new();
    // The title: name of the program, then of the picture, each ended by a zero.
    let (count, offset) = (u32_at(bytes, 60).unwrap_or(0), u32_at(bytes, 64).unwrap_or(0));
    let (mut at, mut left) = (offset as usize, (count as usize).min(1_024));
    while offset > 0 && left > 0 {
        let part = utf16(bytes, at, left);
        let units = part.encode_utf16().count() + 1;
        if has_letter(&part) {
            canvas.aside(&part, Place::new(Kind::Property).hidden().named("description"))?;
        }
        (at, left) = (at + units * 2, left.saturating_sub(units));
    }
    let mut at = 0;
    let ended = loop {
        let (Some(kind), Some(size)) = (u32_at(bytes, at), u32_at(bytes, at + 4)) else { break false };
        let end = at.saturating_add(size as usize);
        let Some(record) = bytes.get(at..end).filter(|record| record.len() >= 8) else { break false };
        at = end;
        match kind {
            record::EOF => break true,
            record::SET_TEXT_ALIGN => canvas.pen.align = u32_at(record, 8).unwrap_or(0),
            record::SET_TEXT_COLOR => {
                canvas.pen.color = record.get(8..).and_then(|rgb| rgb.first_chunk().copied())
            }
            record::MOVE_TO => {
                if let (Some(x), Some(y)) = (i32_at(record, 8), i32_at(record, 12)) {
                    canvas.pen.at = (x, y);
                }
            }
            record::SAVE => canvas.save(),
            record::RESTORE => canvas.restore(u32_at(record, 8).unwrap_or(u32::MAX).cast_signed()),
            record::CREATE_FONT => {
                if fonts.len() < MAX_FONTS
                    && let (Some(number), Some(font)) = (u32_at(record, 8), font(record))
                {
                    fonts.insert(number, Rc::new(font));
                }
            }
            record::SELECT_OBJECT => {
                if let Some(font) = u32_at(record, 8).and_then(|number| fonts.get(&number)) {
                    canvas.pen.font = Rc::clone(font);
                }
            }
            record::DELETE_OBJECT => {
                u32_at(record, 8).and_then(|number| fonts.remove(&number));
            }
            record::TEXT_A | record::TEXT_W => text(record, 36, kind == record::TEXT_W, canvas)?,
            record::POLY_TEXT_A | record::POLY_TEXT_W => {
                let count = u32_at(record, 36).unwrap_or(0) as usize;
                for number in 0..count.min(record.len() / 40) {
                    text(record, 40 + number * 40, kind == record::POLY_TEXT_W, canvas)?;
                }
            }
            record::SMALL_TEXT => small_text(record, canvas)?,
            record::COMMENT => comment(record, canvas, &mut plus, &mut forms, depth)?,
            record::BIT_BLT..=record::STRETCH_DIBITS | record::ALPHA_BLEND | record::TRANSPARENT_BLT => {
                canvas.seen.pixels |= record.len() > 100 + MIN_BITMAP;
            }
            _ => {}
        }
    };
    canvas.seen.damaged |= !ended;
    for form in forms {
        again(form, canvas, depth)?;
    }
    plus.finish(canvas)
}

/// The font that a record makes (LogFont, MS-EMF 2.2.13).
fn font(record: &[u8]) -> Option<Font> {
    Some(Font {
        height: i32_at(record, 12)?,
        bold: i32_at(record, 28)? >= 600.0,
        struck: record.get(34).is_some_and(|struck| *struck != 0),
        charset: *record.get(35)?,
        face: utf16(record, 40, 32),
    })
}

/// A text whose description (EmrText, MS-EMF 2.2.5) stands at `at`.
fn text(record: &[u8], at: usize, wide: bool, canvas: &mut Canvas<'_>) -> Result<(), Unreadable> {
    let field = |number: usize| u32_at(record, at + number * 4);
    let (Some(x), Some(y)) = (i32_at(record, at), i32_at(record, at + 4)) else { return Ok(()) };
    let (Some(count), Some(offset), Some(options)) = (field(2), field(3), field(4)) else { return Ok(()) };
    if options & GLYPH_INDEX != 0 {
        canvas.seen.glyphs |= count > 0;
        return Ok(());
    }
    let (count, offset) = (count as usize, offset as usize);
    let text = if wide {
        utf16(record, offset, count)
    } else {
        let end = offset.saturating_add(count).min(record.len());
        canvas.pen.font.decode(record.get(offset..end).unwrap_or_default())
    };
    let step = if options & PDY != 0 { 8 } else { 4 };
    let spacing = field(9).map(|spacing| spacing as usize).filter(|spacing| *spacing > 0);
    let advance = spacing.map(|spacing| {
        (0..count.min(record.len())).filter_map(|number| i32_at(record, spacing + number * step)).sum()
    });
    canvas.draw(Drawn { text, at: (x, y), advance })
}

/// EMR_SMALLTEXTOUT (MS-EMF 2.3.5.37).
fn small_text(record: &[u8], canvas: &mut Canvas<'_>) -> Result<(), Unreadable> {
    let (Some(x), Some(y)) = (i32_at(record, 8), i32_at(record, 12)) else { return Ok(()) };
    let (Some(count), Some(options)) = (u32_at(record, 16), u32_at(record, 20)) else { return Ok(()) };
    if options & GLYPH_INDEX != 0 {
        canvas.seen.glyphs |= count > 0;
        return Ok(());
    }
    let (count, from) = (count as usize, if options & NO_RECT != 0 { 36 } else { 52usize });
    let text = if options & SMALL_CHARS != 0 {
        // The lower halves of UTF-16.
        let end = from.saturating_add(count).min(record.len());
        record.get(from..end).unwrap_or_default().iter().map(|byte| char::from(*byte)).collect()
    } else {
        utf16(record, from, count)
    };
    canvas.draw(Drawn { text, at: (x, y), advance: None })
}

/// A comment: EMF+, a group's description, or the drawing in another form (MS-EMF 2.3.3).
fn comment<'b>(
    record: &'b [u8],
    canvas: &mut Canvas<'_>,
    plus: &mut emfplus::Reader,
    forms: &mut Vec<&'b [u8]>,
    depth: u32,
) -> Result<(), Unreadable> {
    const PUBLIC: u32 = 0x4349_4447; // GDIC
    const BEGIN_GROUP: u32 = 2;
    const WINDOWS_METAFILE: u32 = 0x8000_0001;
    const MULTIPLE_FORMATS: u32 = 0x4000_0004;
    const ENHANCED: u32 = 0x464D_4520; // " EMF"
    match (u32_at(record, 12), u32_at(record, 16)) {
        (Some(emfplus::COMMENT), _) => plus.read(record.get(16..).unwrap_or_default(), canvas, depth),
        (Some(PUBLIC), Some(BEGIN_GROUP)) => {
            let count = u32_at(record, 36).unwrap_or(0) as usize;
            let text = utf16(record, 40, count);
            if has_letter(&text) {
                canvas.aside(&text, Place::new(Kind::Property).hidden().named("group"))?;
            }
            Ok(())
        }
        (Some(PUBLIC), Some(WINDOWS_METAFILE)) => {
            let size = u32_at(record, 32).unwrap_or(0) as usize;
            let inside = record.get(36..).unwrap_or_default();
            forms.push(inside.get(..size).unwrap_or(inside));
            Ok(())
        }
        (Some(PUBLIC), Some(MULTIPLE_FORMATS)) => {
            let count = u32_at(record, 36).unwrap_or(0) as usize;
            for number in 0..count.min(16) {
                let field = |field: usize| u32_at(record, 40 + number * 16 + field * 4);
                let (Some(kind), Some(size), Some(offset)) = (field(0), field(2), field(3)) else { break };
                // From the comment's identifier on.
                let inside = record.get(12usize.saturating_add(offset as usize)..).unwrap_or_default();
                let inside = inside.get(..size as usize).unwrap_or(inside);
                if kind == ENHANCED {
                    forms.push(inside);
                } else if inside.starts_with(b"%PDF") {
                    // Office on a Mac draws pasted pages as pixels and keeps the page beside them.
                    canvas.document("drawing.pdf", inside)?;
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// The same drawing in another form, or one inside it.
pub(super) fn again(bytes: &[u8], canvas: &mut Canvas<'_>, depth: u32) -> Result<(), Unreadable> {
    canvas.flush()?;
    let pen = std::mem::take(&mut canvas.pen);
    let (damaged, repeats) = (canvas.seen.damaged, std::mem::replace(&mut canvas.repeats, true));
    draw_inside(bytes, canvas, depth + 1)?;
    canvas.flush()?;
    (canvas.seen.damaged, canvas.repeats) = (damaged, repeats);
    canvas.pen = pen;
    Ok(())
}
