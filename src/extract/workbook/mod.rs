//! What the readers of workbooks share, whether XML, BIFF12 or BIFF: shared strings, cells, print headers.

pub(super) mod formula;

use std::collections::HashMap;

use super::limits::Lease;
use super::look::{Fonts, Look};
use super::xml::{has_letter, is_legacy_font};
use super::{Sink, Unreadable};
use crate::model::{Kind, Place, Segment, Style};

/// Where a run of a rich text begins, in bytes of its UTF-8, and its own look.
pub(super) type Run = (u32, Look);

/// The shared strings of a workbook: one text, and where each string ends.
#[derive(Debug, Default)]
pub(super) struct Strings {
    text: String,
    ends: Vec<u32>,
    /// Looks of strings whose first run has one of its own.
    looks: HashMap<u32, Look>,
    /// All runs of strings in which letters change their meaning from one run to the next.
    cuts: HashMap<u32, Box<[Run]>>,
    used: Vec<u64>,
    /// Bytes that may be held. Strings beyond are pushed without their cells, so that a table made to fill memory
    /// does not.
    room: usize,
    full: bool,
    /// Their share of the entry's memory.
    lease: Option<Lease>,
}

/// What a string costs beside its text: where it ends, and its look if it has one.
const STRING_COST: usize = 8;
const LOOK_COST: usize = 64;

/// Strings longer than this many bytes are pushed at their first cell only. Markings with all their lines are shorter.
const LONG_STRING: usize = 1_024;

impl Strings {
    /// No strings yet; `room` bytes of them may be held.
    pub(super) fn with_room(room: u64) -> Strings {
        Strings { room: usize::try_from(room).unwrap_or(usize::MAX), ..Strings::default() }
    }

    /// Bytes they hold.
    pub(super) fn cost(&self) -> usize {
        let runs: usize = self.cuts.values().map(|runs| runs.len() * LOOK_COST).sum();
        self.text.len() + self.ends.len() * STRING_COST + self.looks.len() * LOOK_COST + runs
    }

    /// All strings are there; `lease` is their share of the entry's memory.
    pub(super) fn finish(&mut self, lease: Lease) {
        self.used = vec![0; self.ends.len() / 64 + 1];
        self.lease = Some(lease);
    }

    /// Adds the next string. `runs` are its rich runs, if it has any.
    ///
    /// # Errors
    /// When the sink wants nothing more.
    pub(super) fn add(
        &mut self,
        value: &str,
        runs: &[Run],
        fonts: &Fonts,
        sink: &mut dyn Sink,
    ) -> Result<(), Unreadable> {
        let number = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        let held = self.text.len() + self.ends.len() * STRING_COST + self.looks.len() * LOOK_COST;
        self.full |= held + value.len() > self.room;
        if self.full {
            let place = Place::new(Kind::Table).named("shared string");
            return push_cell(value, runs, place, Look::default(), fonts, sink);
        }
        self.text.push_str(value);
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        if let Some((_, look)) = runs.first().filter(|(start, look)| *start == 0 && *look != Look::default())
        {
            self.looks.insert(number, *look);
        }
        if runs.iter().any(|(_, look)| fonts.is_legacy(look.font))
            && runs.len() + usize::from(!runs.is_empty()) > 1
        {
            self.cuts.insert(number, runs.into());
        }
        Ok(())
    }

    /// Pushes the cell that shows a string. A long one is given once only: a few bytes a cell must not become kilobytes.
    ///
    /// # Errors
    /// When the sink wants nothing more.
    pub(super) fn push(
        &mut self,
        number: usize,
        place: Place<'_>,
        look: Look,
        fonts: &Fonts,
        sink: &mut dyn Sink,
    ) -> Result<(), Unreadable> {
        let Some(end) = self.ends.get(number).map(|end| *end as usize) else { return Ok(()) };
        let start =
            number.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| *end as usize);
        if let Some(word) = self.used.get_mut(number / 64) {
            if end - start > LONG_STRING && *word >> (number % 64) & 1 == 1 {
                return Ok(());
            }
            *word |= 1 << (number % 64);
        }
        let text = self.text.get(start..end).unwrap_or_default();
        let key = u32::try_from(number).unwrap_or(u32::MAX);
        if let Some(runs) = self.cuts.get(&key) {
            return push_cell(text, runs, place, look, fonts, sink);
        }
        let own = if self.looks.is_empty() { None } else { self.looks.get(&key).copied() };
        push_cell(text, &[], place, own.map_or(look, |own| own.over(look)), fonts, sink)
    }

    /// Pushes the strings no cell shows: left over from deleted cells, and still in the file.
    ///
    /// # Errors
    /// When the sink wants nothing more.
    pub(super) fn push_unused(&self, fonts: &Fonts, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let mut start = 0;
        for (number, end) in self.ends.iter().enumerate() {
            let end = *end as usize;
            let used = self.used.get(number / 64).is_some_and(|word| word >> (number % 64) & 1 == 1);
            let text = self.text.get(start..end).unwrap_or_default();
            if !used {
                let key = u32::try_from(number).unwrap_or(u32::MAX);
                let runs = self.cuts.get(&key).map_or(&[][..], |runs| runs);
                let look = self.looks.get(&key).copied().unwrap_or_default();
                let place = Place::new(Kind::Hidden).hidden().named("unused string");
                push_cell(text, runs, place, look, fonts, sink)?;
            }
            start = end;
        }
        Ok(())
    }
}

/// Pushes a text that has a letter: in one piece, or in several where a legacy Vietnamese font begins or ends. What
/// stands before the first run, and what a run is silent about, has the look of the cell.
///
/// # Errors
/// When the sink wants nothing more.
pub(super) fn push_cell(
    text: &str,
    runs: &[Run],
    place: Place<'_>,
    look: Look,
    fonts: &Fonts,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    if !has_letter(text) {
        return Ok(());
    }
    let mut now = match runs.first() {
        Some((0, first)) => first.over(look),
        _ => look,
    };
    let mut start = 0;
    for (from, own) in runs {
        let next = own.over(look);
        let from = *from as usize;
        if from > start && fonts.differ(now.font, next.font) {
            push_piece(text.get(start..from).unwrap_or_default(), place, now, fonts, sink)?;
            start = from;
            now = next;
        }
    }
    push_piece(text.get(start..).unwrap_or_default(), place, now, fonts, sink)
}

fn push_piece(
    text: &str,
    place: Place<'_>,
    look: Look,
    fonts: &Fonts,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    if has_letter(text) {
        sink.segment(Segment::new(text, place).styled(look.style(fonts)))?;
    }
    Ok(())
}

/// Rich runs as BIFF and BIFF12 have them, counted in UTF-16 units, as [`Run`]s. None when no letter changes its meaning.
pub(super) fn runs_of(text: &str, units: &[(u32, Look)], fonts: &Fonts, out: &mut Vec<Run>) {
    out.clear();
    let Some((first, look)) = units.first() else { return };
    if !units.iter().any(|(_, look)| fonts.is_legacy(look.font)) {
        if *first == 0 {
            out.push((0, *look));
        }
        return;
    }
    let mut wanted = units.iter().peekable();
    let mut unit = 0u32;
    for (byte, c) in text.char_indices() {
        while let Some((_, look)) = wanted.next_if(|(at, _)| *at <= unit) {
            out.push((u32::try_from(byte).unwrap_or(u32::MAX), *look));
        }
        unit = unit.saturating_add(c.len_utf16() as u32);
    }
}

/// Pushes the parts of a print header or footer without its codes: `&L`, `&C`, `&R` begin the left, middle and right part;
/// other codes are fonts, sizes, colours and fields.
///
/// # Errors
/// When the sink wants nothing more.
pub(super) fn header_footer(text: &str, place: Place<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let mut part = String::new();
    let mut chars = text.chars().peekable();
    let mut font = String::new();
    let mut push = |part: &mut String, font: &str| -> Result<(), Unreadable> {
        if !part.trim().is_empty() {
            let style = Style { font: (!font.is_empty()).then_some(font), ..Style::default() };
            sink.segment(Segment::new(part.trim(), place).styled(style))?;
        }
        part.clear();
        Ok(())
    };
    while let Some(c) = chars.next() {
        if c != '&' {
            part.push(c);
            continue;
        }
        match chars.next() {
            Some('L' | 'C' | 'R') => {
                push(&mut part, &font)?;
                font.clear();
            }
            Some('&') => part.push('&'),
            Some('"') => {
                // "font,style": what came before was written in another one.
                let named: String = chars.by_ref().take_while(|c| *c != '"').collect();
                let named = named.split(',').next().unwrap_or_default().trim();
                // "-" is the font of the sheet's own style.
                let next = if named == "-" { String::new() } else { named.to_owned() };
                if is_legacy_font(&font) != is_legacy_font(&next) || (is_legacy_font(&font) && font != next) {
                    push(&mut part, &font)?;
                }
                font = next;
            }
            Some('K') => {
                // RRGGBB, or a theme colour with its tint: 01+000.
                for _ in 0..6 {
                    if chars.peek().is_some_and(|c| c.is_ascii_hexdigit() || matches!(c, '+' | '-')) {
                        chars.next();
                    }
                }
            }
            Some(digit) if digit.is_ascii_digit() => {
                while chars.peek().is_some_and(char::is_ascii_digit) {
                    chars.next();
                }
            }
            // &P page, &D date, &B bold...
            Some(_) | None => {}
        }
    }
    push(&mut part, &font)
}

/// Whether a column, counted from 0, is hidden.
pub(super) fn is_in(ranges: &[(u32, u32)], column: u32) -> bool {
    ranges.iter().any(|(min, max)| (*min..=*max).contains(&column))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Record, texts};
    use super::*;

    #[test]
    fn header_codes_are_not_text() {
        let mut record = Record::default();
        let text = "&L&\"Arial,Bold\"&14&KFF0000TỐI MẬT&CTrang &P/&N R&&D&RSở Thử Nghiệm";
        header_footer(text, Place::new(Kind::Header), &mut record).unwrap();
        assert_eq!(texts(&record), ["TỐI MẬT", "Trang / R&D", "Sở Thử Nghiệm"]);
    }

    #[test]
    fn headers_are_cut_where_a_legacy_font_begins() {
        let mut record = Record::default();
        header_footer("&CSo &\".VnTime,Regular\"TèI MËT", Place::new(Kind::Header), &mut record).unwrap();
        assert_eq!(texts(&record), ["So", "TèI MËT"]);
        assert_eq!(record.the("TèI MËT").font.as_deref(), Some(".VnTime"));
    }

    #[test]
    fn cells_are_cut_where_a_legacy_font_begins() {
        let mut fonts = Fonts::default();
        let look = |name: &str, fonts: &mut Fonts| Look { font: fonts.number(name), ..Look::default() };
        let (arial, old) = (look("Arial", &mut fonts), look(".VnTime", &mut fonts));
        let mut runs = Vec::new();
        runs_of("𝒜é TèI", &[(0, arial), (4, old)], &fonts, &mut runs);
        assert_eq!(runs, [(0, arial), (7, old)]);
        let mut record = Record::default();
        let mut strings = Strings::with_room(1_000);
        strings.add("𝒜é TèI", &runs, &fonts, &mut record).unwrap();
        strings.push(0, Place::new(Kind::Table), Look::default(), &fonts, &mut record).unwrap();
        assert_eq!(texts(&record), ["𝒜é ", "TèI"]);
        assert_eq!(record.the("TèI").font.as_deref(), Some(".VnTime"));
    }
}
