//! What the records of a drawing do to text: the font, colour and alignment that are set, and lines put together from records.
//! Programs write a record for each run, each word or each letter.

use std::rc::Rc;

use encoding_rs::WINDOWS_1252;

use super::Seen;
use crate::extract::xml::is_legacy_font;
use crate::extract::{Member, Sink, Unreadable, rtf};
use crate::model::{Place, Segment, Style};

/// A font as it was made.
#[derive(Debug, Default)]
pub(super) struct Font {
    /// Name of its face.
    pub(super) face: String,
    /// Height of its letters, logical units; 0 when unknown.
    pub(super) height: f64,
    pub(super) bold: bool,
    pub(super) struck: bool,
    /// Character set (MS-WMF 2.1.1.5).
    pub(super) charset: u8,
}

impl Font {
    /// Text in 8 bits, in the code page of the font's character set.
    pub(super) fn decode(&self, bytes: &[u8]) -> String {
        // Legacy Vietnamese is decoded later by the font's name, from these very bytes.
        let encoding = if is_legacy_font(&self.face) { None } else { rtf::charset(i32::from(self.charset)) };
        let bytes = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
        encoding.unwrap_or(WINDOWS_1252).decode_without_bom_handling(bytes).0.into_owned()
    }
}

/// What `SaveDC` saves, as far as it matters.
#[derive(Debug, Clone, Default)]
pub(super) struct Pen {
    pub(super) font: Rc<Font>,
    pub(super) color: Option<[u8; 3]>,
    /// Flags of `SetTextAlign`.
    pub(super) align: u32,
    /// Where the next text goes when the flags say so.
    pub(super) at: (f64, f64),
}

/// A text and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Drawn {
    pub(super) text: String,
    /// Reference point, logical units.
    pub(super) at: (f64, f64),
    /// How far its letters go, where that is said.
    pub(super) advance: Option<f64>,
}

/// A line that may go on.
struct Line {
    text: String,
    font: Rc<Font>,
    color: Option<[u8; 3]>,
    /// Right end, and the line's height above zero.
    end: f64,
    level: f64,
}

/// Reference point is the end or the middle of the text, or the current position (MS-WMF 2.1.2.3).
const UPDATE_POSITION: u32 = 1;
const RIGHT: u32 = 2;
const CENTER: u32 = 6;

/// States that `SaveDC` may keep.
const MAX_SAVED: usize = 1_000;

/// Bytes of text that are kept to leave out what a second form of the same drawing repeats.
const MAX_REMEMBERED: usize = 1 << 20;

pub(super) struct Canvas<'s> {
    sink: &'s mut dyn Sink,
    place: Place<'s>,
    pub(super) pen: Pen,
    saved: Vec<Pen>,
    line: Option<Line>,
    /// All text so far without blanks.
    remembered: String,
    /// What is drawn now is another form of what was drawn: only what was not said yet counts.
    pub(super) repeats: bool,
    pub(super) seen: Seen,
}

impl<'s> Canvas<'s> {
    pub(super) fn new(place: Place<'s>, sink: &'s mut dyn Sink) -> Canvas<'s> {
        Canvas {
            sink,
            place,
            pen: Pen::default(),
            saved: Vec::new(),
            line: None,
            remembered: String::new(),
            repeats: false,
            seen: Seen::default(),
        }
    }

    pub(super) fn save(&mut self) {
        if self.saved.len() < MAX_SAVED {
            self.saved.push(self.pen.clone());
        }
    }

    /// `which`: below zero, so many states back; above, the state of that number.
    pub(super) fn restore(&mut self, which: i32) {
        let count = self.saved.len();
        let keep = match usize::try_from(which) {
            Ok(number) => number.saturating_sub(1),
            Err(_) => count.saturating_sub(which.unsigned_abs() as usize),
        };
        if let Some(pen) = self.saved.get(keep) {
            self.pen = pen.clone();
            self.saved.truncate(keep);
        }
    }

    /// A text is drawn.
    pub(super) fn draw(&mut self, drawn: Drawn) -> Result<(), Unreadable> {
        if drawn.text.is_empty() {
            return Ok(());
        }
        let font = Rc::clone(&self.pen.font);
        let height = font.height.abs();
        // Half a height a letter is what proportional fonts come to.
        let advance = drawn.advance.unwrap_or_else(|| drawn.text.chars().count() as f64 * height / 2.0);
        let moves = self.pen.align & UPDATE_POSITION != 0;
        let (x, level) = if moves { self.pen.at } else { drawn.at };
        let x = match self.pen.align & CENTER {
            CENTER => x - advance / 2.0,
            RIGHT => x - advance,
            _ => x,
        };
        if moves {
            self.pen.at = (x + advance, level);
        }
        let same_font = |line: &Line| {
            line.font.face == font.face || !(is_legacy_font(&line.font.face) || is_legacy_font(&font.face))
        };
        let joined = self.line.as_mut().filter(|line| {
            let gap = x - line.end;
            same_font(line)
                && (level - line.level).abs() <= height / 3.0
                && gap > -height / 3.0
                && gap < height * 1.5
        });
        match joined {
            Some(line) => {
                let apart = drawn.advance.is_some() || !moves;
                if apart
                    && x - line.end > height / 5.0
                    && !line.text.ends_with(' ')
                    && !drawn.text.starts_with(' ')
                {
                    line.text.push(' ');
                }
                line.text.push_str(&drawn.text);
                line.end = x + advance;
            }
            None => {
                self.flush()?;
                let color = self.pen.color;
                self.line = Some(Line { text: drawn.text, font, color, end: x + advance, level });
            }
        }
        Ok(())
    }

    /// A text that stands for itself, in a second form of the drawing: left out when the first form said it.
    pub(super) fn draw_again(&mut self, text: &str, font: Option<&Font>) -> Result<(), Unreadable> {
        self.flush()?;
        if self.is_known(text) { Ok(()) } else { self.push(text, self.place, font, None) }
    }

    fn is_known(&self, text: &str) -> bool {
        let bare: String = text.split_whitespace().collect();
        self.remembered.contains(&bare)
    }

    /// A text that says something of the drawing.
    pub(super) fn aside(&mut self, text: &str, place: Place<'_>) -> Result<(), Unreadable> {
        self.flush()?;
        let place =
            Place { page: self.place.page, slide: self.place.slide, sheet: self.place.sheet, ..place };
        Ok(self.sink.segment(Segment::new(text, place))?)
    }

    /// A document that the drawing holds.
    pub(super) fn document(&mut self, name: &str, content: &[u8]) -> Result<(), Unreadable> {
        self.flush()?;
        self.sink.next_on_slide(self.place.slide);
        Ok(self.sink.member_in_memory(Member::named(name), content)?)
    }

    /// The line that was put together is done.
    pub(super) fn flush(&mut self) -> Result<(), Unreadable> {
        let Some(line) = self.line.take() else { return Ok(()) };
        if self.repeats && self.is_known(&line.text) {
            return Ok(());
        }
        self.push(&line.text, self.place, Some(&line.font), line.color)
    }

    fn push(
        &mut self,
        text: &str,
        place: Place<'_>,
        font: Option<&Font>,
        color: Option<[u8; 3]>,
    ) -> Result<(), Unreadable> {
        if text.trim().is_empty() {
            return Ok(());
        }
        self.seen.letters += text.len();
        if self.remembered.len() < MAX_REMEMBERED {
            self.remembered.extend(text.split_whitespace());
        }
        let style = Style {
            color,
            bold: font.is_some_and(|font| font.bold),
            struck: font.is_some_and(|font| font.struck),
            font: font.map(|font| font.face.as_str()).filter(|face| !face.is_empty()),
            ..Style::default()
        };
        Ok(self.sink.segment(Segment::new(text, place).styled(style))?)
    }

    /// Ends the drawing.
    pub(super) fn finish(mut self) -> Result<Seen, Unreadable> {
        self.flush()?;
        Ok(self.seen)
    }
}
