//! EMF+ (MS-EMFPLUS), which stands in comments of an EMF: most often beside records that draw the same, sometimes instead of them.

use std::collections::HashMap;

use super::canvas::{Canvas, Font};
use super::emf::again;
use super::{u16_at, u32_at, utf16};
use crate::extract::Unreadable;

/// Identifier of its comments: `EMF+`.
pub(super) const COMMENT: u32 = 0x2B46_4D45;

/// Record types (MS-EMFPLUS 2.1.1.1).
mod record {
    pub(super) const OBJECT: u16 = 0x4008;
    pub(super) const DRAW_STRING: u16 = 0x401C;
    pub(super) const DRAW_DRIVER_STRING: u16 = 0x4036;
}

/// Object types (MS-EMFPLUS 2.1.1.22).
const IMAGE: u16 = 5;
const FONT: u16 = 6;
/// Texts kept until the other records were drawn.
const MAX_TEXTS: usize = 100_000;

/// What was met so far.
#[derive(Debug, Default)]
pub(super) struct Reader {
    fonts: HashMap<u16, String>,
    /// Texts with their fonts.
    texts: Vec<(String, String)>,
}

impl Reader {
    /// Reads the records of a comment.
    ///
    /// # Errors
    /// When the sink stops.
    pub(super) fn read(
        &mut self,
        bytes: &[u8],
        canvas: &mut Canvas<'_>,
        depth: u32,
    ) -> Result<(), Unreadable> {
        let mut at = 0;
        while let (Some(kind), Some(flags), Some(size)) =
            (u16_at(bytes, at), u16_at(bytes, at + 2), u32_at(bytes, at + 4))
        {
            let end = at.saturating_add((size as usize).max(12)).min(bytes.len());
            let data = bytes.get(at + 12..end).unwrap_or_default();
            at = end;
            let number = flags & 0xFF;
            match kind {
                record::OBJECT if flags & 0x8000 == 0 => match flags >> 8 & 0x7F {
                    FONT => {
                        let count = u32_at(data, 20).unwrap_or(0) as usize;
                        self.fonts.insert(number, utf16(data, 24, count));
                    }
                    IMAGE => match u32_at(data, 4) {
                        // A metafile with its type and length before it.
                        Some(2) => again(data.get(16..).unwrap_or_default(), canvas, depth)?,
                        _ => canvas.seen.pixels |= data.len() > 128,
                    },
                    _ => {}
                },
                record::OBJECT => canvas.seen.pixels |= flags >> 8 & 0x7F == IMAGE,
                record::DRAW_STRING => {
                    let count = u32_at(data, 8).unwrap_or(0) as usize;
                    self.note(utf16(data, 28, count), number);
                }
                record::DRAW_DRIVER_STRING => {
                    let count = u32_at(data, 12).unwrap_or(0) as usize;
                    if u32_at(data, 4).is_some_and(|options| options & 1 != 0) {
                        self.note(utf16(data, 16, count), number);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn note(&mut self, text: String, font: u16) {
        if self.texts.len() < MAX_TEXTS {
            self.texts.push((text, self.fonts.get(&font).cloned().unwrap_or_default()));
        }
    }

    /// Pushes what the records beside it did not say.
    ///
    /// # Errors
    /// When the sink stops.
    pub(super) fn finish(self, canvas: &mut Canvas<'_>) -> Result<(), Unreadable> {
        for (text, face) in self.texts {
            canvas.draw_again(&text, Some(&Font { face, ..Font::default() }))?;
        }
        Ok(())
    }
}
