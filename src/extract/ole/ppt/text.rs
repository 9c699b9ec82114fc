//! Texts with their looks: runs of characters (MS-PPT 2.9), and what masters say where a run is silent.

use super::super::super::look::{Fonts, Look, Tally};
use super::{Record, record, u16_at, u32_at};

/// Kinds of text: title, body, notes, not used, other, centred body, centred title, half body, quarter body.
const TEXT_KINDS: usize = 9;

/// Looks of each kind of text, first level.
#[derive(Debug, Default)]
pub(super) struct Master([Option<Look>; TEXT_KINDS]);

impl Master {
    /// Reads a TextMasterStyleAtom: `kind` is its instance. The first one counts.
    pub(super) fn add(&mut self, kind: u16, bytes: &[u8], fonts: &[Option<u16>]) {
        let Some(slot @ None) = self.0.get_mut(usize::from(kind)) else { return };
        let mut reader = Reader { bytes, at: 2 };
        // From the fifth kind on each level says which it is.
        if kind >= 5 {
            reader.at += 2;
        }
        if reader.paragraph_properties().is_some()
            && let Some(look) = reader.character_properties(fonts)
        {
            *slot = Some(look);
        }
    }

    fn look(&self, kind: u32) -> Look {
        let of = |kind: usize| self.0.get(kind).copied().flatten();
        // Centred and small bodies and titles go by the plain ones.
        let plain = match kind {
            5 | 7 | 8 => Some(1),
            6 => Some(0),
            _ => None,
        };
        let own = of(kind as usize).unwrap_or_default();
        plain.and_then(of).map_or(own, |plain| own.over(plain))
    }
}

/// A text: its kind, letters and runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'a> {
    kind: u32,
    letters: &'a [u8],
    wide: bool,
    style: &'a [u8],
}

/// Texts one after the other, each begun by a header.
#[derive(Debug, Default)]
pub(super) struct Blocks<'a>(Vec<Text<'a>>);

impl<'a> Blocks<'a> {
    /// Takes the next record of a sequence; those that are no text are left out.
    pub(super) fn add(&mut self, record: Record<'a>) {
        let empty = Text { kind: 4, letters: &[], wide: false, style: &[] };
        match record.kind {
            record::TEXT_HEADER => {
                self.0.push(Text { kind: u32_at(record.content, 0).unwrap_or(4), ..empty });
            }
            record::TEXT_CHARS | record::TEXT_BYTES => {
                // A second text under one header does not happen, but must not be lost.
                if self.0.last().is_none_or(|last| !last.letters.is_empty()) {
                    self.0.push(empty);
                }
                if let Some(last) = self.0.last_mut() {
                    last.letters = record.content;
                    last.wide = record.kind == record::TEXT_CHARS;
                }
            }
            record::TEXT_STYLE => {
                if let Some(last) = self.0.last_mut() {
                    last.style = record.content;
                }
            }
            _ => {}
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// One of them.
    pub(super) fn get(&self, at: usize) -> Option<Text<'a>> {
        self.0.get(at).copied()
    }
}

impl Text<'_> {
    /// Its paragraphs, cut where a legacy Vietnamese font begins or ends, each with the look of most of its letters.
    pub(super) fn pieces(
        &self,
        master: &Master,
        numbers: &[Option<u16>],
        fonts: &Fonts,
        out: &mut Vec<(String, Look)>,
    ) {
        let units: Vec<u16> = if self.wide {
            let pairs = self.letters.chunks_exact(2).filter_map(|pair| pair.first_chunk::<2>());
            pairs.map(|pair| u16::from_le_bytes(*pair)).collect()
        } else {
            self.letters.iter().map(|byte| u16::from(*byte)).collect()
        };
        let base = master.look(self.kind);
        let runs = self.runs(units.len(), numbers);
        let mut runs = runs.iter();
        let mut run = runs.next().copied();
        let mut left = run.map_or(usize::MAX, |(len, _)| len);
        let (mut text, mut tally) = (String::new(), Tally::default());
        let mut now: Option<Look> = None;
        for unit in char::decode_utf16(units.iter().copied()) {
            let letter = unit.unwrap_or(char::REPLACEMENT_CHARACTER);
            while left == 0 {
                run = runs.next().copied();
                left = run.map_or(usize::MAX, |(len, _)| len);
            }
            left = left.saturating_sub(letter.len_utf16());
            let look = run.map_or(base, |(_, own)| own.over(base));
            if letter == '\r' || now.is_some_and(|now| fonts.differ(now.font, look.font)) {
                flush(&mut text, &mut tally, out);
            }
            now = Some(look);
            match letter {
                '\r' => {
                    now = None;
                    continue;
                }
                // A line break within the paragraph.
                '\u{b}' => text.push('\n'),
                letter => text.push(letter),
            }
            tally.add(look, letter.len_utf8());
        }
        flush(&mut text, &mut tally, out);
    }

    /// Lengths and looks of its runs; none when it has no style.
    fn runs(&self, units: usize, numbers: &[Option<u16>]) -> Vec<(usize, Look)> {
        let mut runs = Vec::new();
        let mut reader = Reader { bytes: self.style, at: 0 };
        // Both kinds of runs count one character more than there is: the end of the last paragraph.
        let mut done = 0usize;
        while done <= units {
            let Some(len) = reader.u32() else { return runs };
            // How far the paragraph is indented.
            reader.at += 2;
            if reader.paragraph_properties().is_none() || len == 0 {
                return runs;
            }
            done = done.saturating_add(len as usize);
        }
        done = 0;
        while done <= units {
            let Some(len) = reader.u32().filter(|len| *len > 0) else { return runs };
            let Some(look) = reader.character_properties(numbers) else { return runs };
            runs.push((len as usize, look));
            done = done.saturating_add(len as usize);
        }
        runs
    }
}

fn flush(text: &mut String, tally: &mut Tally, out: &mut Vec<(String, Look)>) {
    let look = tally.take();
    if !text.trim().is_empty() {
        out.push((std::mem::take(text), look));
    }
    text.clear();
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn u16(&mut self) -> Option<u16> {
        let value = u16_at(self.bytes, self.at)?;
        self.at += 2;
        Some(value)
    }

    fn u32(&mut self) -> Option<u32> {
        let value = u32_at(self.bytes, self.at)?;
        self.at += 4;
        Some(value)
    }

    /// TextPFException: passes over it.
    fn paragraph_properties(&mut self) -> Option<()> {
        let mask = self.u32()?;
        let has = |bits: u32| mask & bits != 0;
        for bits in [0x000F, 0x0080, 0x0010, 0x0040] {
            self.at += if has(bits) { 2 } else { 0 };
        }
        self.at += if has(0x0020) { 4 } else { 0 };
        for bits in [0x0800, 0x1000, 0x2000, 0x4000, 0x0100, 0x0400, 0x8000] {
            self.at += if has(bits) { 2 } else { 0 };
        }
        if has(0x0010_0000) {
            self.at += usize::from(self.u16()?) * 4;
        }
        for bits in [0x0001_0000, 0x000E_0000, 0x0020_0000] {
            self.at += if has(bits) { 2 } else { 0 };
        }
        Some(())
    }

    /// TextCFException.
    fn character_properties(&mut self, numbers: &[Option<u16>]) -> Option<Look> {
        let mask = self.u32()?;
        let has = |bits: u32| mask & bits != 0;
        let mut look = Look::default();
        if has(0xFFFF) {
            let style = self.u16()?;
            if has(1) {
                look.bold = Some(style & 1 != 0);
            }
        }
        // The font of Latin letters; then East Asian, ANSI, symbol.
        for bits in [0x0001_0000, 0x0020_0000, 0x0040_0000, 0x0080_0000] {
            if has(bits) {
                let number = self.u16()?;
                if bits == 0x0001_0000 {
                    look.font = numbers.get(usize::from(number)).copied().flatten();
                }
            }
        }
        if has(0x0002_0000) {
            look.size = self.u16()?.checked_mul(2);
        }
        if has(0x0004_0000) {
            let [red, green, blue, index] = self.u32()?.to_le_bytes();
            // Others are numbers in the colour scheme of the slide.
            look.color = (index == 0xFE).then_some([red, green, blue]);
        }
        if has(0x0008_0000) {
            self.u16()?;
        }
        Some(look)
    }
}
