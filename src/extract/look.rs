//! How a run of text looks, small enough to copy, and how looks inherit. Shared by the Office readers.

use std::collections::HashMap;

use super::xml::is_legacy_font;
use crate::model::Style;

/// Properties of a run or style; `None` means inherited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Look {
    /// Font size in half points.
    pub(super) size: Option<u16>,
    /// Text colour as red, green, blue.
    pub(super) color: Option<[u8; 3]>,
    /// Bold face.
    pub(super) bold: Option<bool>,
    /// Drawn in capitals.
    pub(super) capitals: Option<bool>,
    /// Struck through.
    pub(super) struck: Option<bool>,
    /// Marked as hidden.
    pub(super) hidden: Option<bool>,
    /// A border is drawn around it.
    pub(super) framed: Option<bool>,
    /// A background is painted behind it, so that white letters can be seen.
    pub(super) shaded: Option<bool>,
    /// Font, as a number of [`Fonts`].
    pub(super) font: Option<u16>,
}

impl Look {
    /// These properties, and where they are silent those of `base`.
    #[must_use]
    pub(super) fn over(self, base: Look) -> Look {
        Look {
            size: self.size.or(base.size),
            color: self.color.or(base.color),
            bold: self.bold.or(base.bold),
            capitals: self.capitals.or(base.capitals),
            struck: self.struck.or(base.struck),
            hidden: self.hidden.or(base.hidden),
            framed: self.framed.or(base.framed),
            shaded: self.shaded.or(base.shaded),
            font: self.font.or(base.font),
        }
    }

    /// As the model shows it.
    #[must_use]
    pub(super) fn style(self, fonts: &Fonts) -> Style<'_> {
        Style {
            size: self.size.map(|half_points| f32::from(half_points) / 2.0),
            color: self.color,
            bold: self.bold == Some(true),
            capitals: self.capitals == Some(true),
            struck: self.struck == Some(true),
            framed: self.framed == Some(true),
            font: self.font.and_then(|font| fonts.name(font)),
        }
    }
}

/// Font names of one document, each kept once.
#[derive(Debug, Default)]
pub(super) struct Fonts {
    names: Vec<(String, bool)>,
    numbers: HashMap<String, u16>,
}

impl Fonts {
    /// The number of a font name; `None` for theme references (`+mn-lt`), no name, or the 65,536th name.
    pub(super) fn number(&mut self, name: &str) -> Option<u16> {
        if name.is_empty() || name.starts_with('+') {
            return None;
        }
        if let Some(number) = self.numbers.get(name) {
            return Some(*number);
        }
        let number = u16::try_from(self.names.len()).ok()?;
        self.names.push((name.to_owned(), is_legacy_font(name)));
        self.numbers.insert(name.to_owned(), number);
        Some(number)
    }

    fn name(&self, number: u16) -> Option<&str> {
        self.names.get(usize::from(number)).map(|(name, _)| name.as_str())
    }

    /// Whether letters in this font are stored in a legacy Vietnamese encoding.
    pub(super) fn is_legacy(&self, number: Option<u16>) -> bool {
        number.and_then(|number| self.names.get(usize::from(number))).is_some_and(|(_, legacy)| *legacy)
    }

    /// Whether letters change their meaning between these fonts.
    pub(super) fn differ(&self, one: Option<u16>, other: Option<u16>) -> bool {
        one != other && (self.is_legacy(one) || self.is_legacy(other))
    }
}

/// The look most letters of a paragraph have.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// More looks than this in one paragraph are not told apart.
    seen: Vec<(Look, usize)>,
}

impl Tally {
    /// So many bytes have this look.
    pub(super) fn add(&mut self, look: Look, bytes: usize) {
        if let Some((_, sum)) = self.seen.iter_mut().find(|(known, _)| *known == look) {
            *sum += bytes;
        } else if self.seen.len() < 16 {
            self.seen.push((look, bytes));
        }
    }

    /// The look of most bytes; the tally starts anew.
    pub(super) fn take(&mut self) -> Look {
        let mut most = (Look::default(), 0);
        for (look, sum) in self.seen.drain(..) {
            if sum > most.1 {
                most = (look, sum);
            }
        }
        most.0
    }
}

/// A colour written as `RRGGBB` or `#RRGGBB`.
pub(super) fn hex_color(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    // AARRGGBB in spreadsheets.
    let digits = if digits.len() == 8 { digits.get(2..)? } else { digits };
    if digits.len() != 6 {
        return None;
    }
    let value = u32::from_str_radix(digits, 16).ok()?;
    let [_, red, green, blue] = value.to_be_bytes();
    Some([red, green, blue])
}

/// A document with pictures and less visible text than this many bytes is taken for a scan. A cover letter has 500.
pub(super) const SCAN_TEXT: usize = 40;
