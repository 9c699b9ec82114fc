//! What one page holds after its content was interpreted: text runs with their geometry, and the painted areas that
//! may cover, frame or back them. Points, origin at the top left of the page as it is shown.

use super::font::{Font, Glyph, Text};
use super::rtl;

/// Most runs of one page; a dense page of tables has 5,000, a drawing with letters placed singly 60,000.
pub(super) const MAX_RUNS: usize = 300_000;

/// Most bytes of text of one page.
pub(super) const MAX_TEXT: usize = 8 << 20;

/// Letters of one page whose places are kept; runs beyond them are covered as a whole or not at all.
const MAX_STOPS: usize = 1 << 20;

/// Most painted areas and lines of one page that are remembered. Beyond them frames and covers are no longer told,
/// text still is.
const MAX_PAINT: usize = 4096;

/// Different texts beside the content of one page; each is compared with those before it.
const MAX_ASIDES: usize = 2000;

/// An affine map as PDF writes it: `x' = a x + c y + e`, `y' = b x + d y + f`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Matrix {
    pub(super) a: f32,
    pub(super) b: f32,
    pub(super) c: f32,
    pub(super) d: f32,
    pub(super) e: f32,
    pub(super) f: f32,
}

impl Matrix {
    pub(super) const IDENTITY: Matrix = Matrix { a: 1.0, b: 0.0, c: 0.0, d: 1.0, e: 0.0, f: 0.0 };

    pub(super) fn from(six: [f32; 6]) -> Matrix {
        let [a, b, c, d, e, f] = six;
        Matrix { a, b, c, d, e, f }
    }

    /// First `self`, then `next`.
    pub(super) fn then(self, next: Matrix) -> Matrix {
        Matrix {
            a: self.a * next.a + self.b * next.c,
            b: self.a * next.b + self.b * next.d,
            c: self.c * next.a + self.d * next.c,
            d: self.c * next.b + self.d * next.d,
            e: self.e * next.a + self.f * next.c + next.e,
            f: self.e * next.b + self.f * next.d + next.f,
        }
    }

    pub(super) fn point(self, x: f32, y: f32) -> (f32, f32) {
        (self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f)
    }

    /// The box around a rectangle's image, and whether the image is itself an upright rectangle.
    pub(super) fn area(self, x: f32, y: f32, width: f32, height: f32) -> (Box2, bool) {
        let mut area = Box2::EMPTY;
        for (px, py) in [(x, y), (x + width, y), (x, y + height), (x + width, y + height)] {
            let (px, py) = self.point(px, py);
            area.extend(px, py);
        }
        let near =
            |value: f32| value.abs() < 1e-3 * (self.a.abs() + self.b.abs() + self.c.abs() + self.d.abs());
        (area, (near(self.b) && near(self.c)) || (near(self.a) && near(self.d)))
    }
}

/// An upright rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Box2 {
    pub(super) left: f32,
    pub(super) top: f32,
    pub(super) right: f32,
    pub(super) bottom: f32,
}

impl Box2 {
    pub(super) const EMPTY: Box2 = Box2 { left: f32::MAX, top: f32::MAX, right: f32::MIN, bottom: f32::MIN };

    pub(super) fn extend(&mut self, x: f32, y: f32) {
        self.left = self.left.min(x);
        self.right = self.right.max(x);
        self.top = self.top.min(y);
        self.bottom = self.bottom.max(y);
    }

    pub(super) fn join(&mut self, other: Box2) {
        self.left = self.left.min(other.left);
        self.right = self.right.max(other.right);
        self.top = self.top.min(other.top);
        self.bottom = self.bottom.max(other.bottom);
    }

    pub(super) fn width(self) -> f32 {
        (self.right - self.left).max(0.0)
    }

    pub(super) fn height(self) -> f32 {
        (self.bottom - self.top).max(0.0)
    }

    /// What both have in common; may be empty.
    pub(super) fn cut(self, other: Box2) -> Box2 {
        Box2 {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        }
    }

    /// Whether `other` lies inside, give or take `slack`.
    pub(super) fn holds(self, other: Box2, slack: f32) -> bool {
        self.left <= other.left + slack
            && self.right >= other.right - slack
            && self.top <= other.top + slack
            && self.bottom >= other.bottom - slack
    }

    pub(super) fn holds_point(self, x: f32, y: f32) -> bool {
        (self.left..=self.right).contains(&x) && (self.top..=self.bottom).contains(&y)
    }
}

/// Text mode 3 or 7: neither filled nor stroked.
pub(super) const UNPAINTED: u8 = 1;
/// In a layer that is switched off.
pub(super) const LAYER_OFF: u8 = 2;
/// Bold font, or filled and stroked.
pub(super) const BOLD: u8 = 4;
/// A blank was drawn before the first letter.
pub(super) const LEAD: u8 = 8;
/// A blank was drawn after the last letter.
pub(super) const TRAIL: u8 = 16;
/// Put together from `/ActualText`.
pub(super) const ACTUAL: u8 = 32;

/// A piece of a run that something painted later hides.
pub(super) const COVERED: u8 = 64;
/// Outside the area that content may paint, with all its letters: a word that is cut by an edge stays whole.
pub(super) const CLIPPED: u8 = 128;

/// How text is drawn; letters of one run share it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Look {
    /// Direction of writing, a unit vector.
    pub(super) direction: (f32, f32),
    /// Height of an em in points.
    pub(super) size: f32,
    pub(super) color: [u8; 3],
    /// Index in the document's fonts.
    pub(super) font: u32,
    /// [`UNPAINTED`], [`LAYER_OFF`], [`BOLD`], [`CLIPPED`].
    pub(super) flags: u8,
}

/// Letters drawn one after the other on one baseline without a gap.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub(super) look: Look,
    /// Where the first letter begins and the last one ends, on the baseline.
    pub(super) from: (f32, f32),
    pub(super) to: (f32, f32),
    /// Bytes of [`Canvas::text`].
    pub(super) text: (usize, usize),
    /// Order of painting.
    pub(super) order: u32,
    /// Its letters in [`Canvas::stops`]; none when they are not told apart.
    pub(super) stops: (u32, u32),
}

/// A letter of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stop {
    /// Bytes of [`Canvas::text`], without a blank before it.
    pub(super) text: (u32, u32),
    /// Where it begins and ends, on the baseline.
    pub(super) from: (f32, f32),
    pub(super) to: (f32, f32),
}

/// A filled area.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fill {
    pub(super) area: Box2,
    pub(super) order: u32,
    pub(super) color: [u8; 3],
    /// An upright rectangle without transparency: nothing is seen through it.
    pub(super) covers: bool,
    pub(super) image: bool,
}

/// A text that stands for drawn letters without being the same (`/ActualText`).
#[derive(Debug)]
pub(super) struct Instead {
    pub(super) text: String,
    pub(super) run: usize,
}

/// A page while it is interpreted.
#[derive(Debug, Default)]
pub(super) struct Canvas {
    pub(super) text: String,
    pub(super) runs: Vec<Run>,
    /// The letters of all runs, one after the other.
    letters: Vec<Stop>,
    pub(super) fills: Vec<Fill>,
    pub(super) frames: Vec<Box2>,
    pub(super) horizontals: Vec<Box2>,
    pub(super) verticals: Vec<Box2>,
    pub(super) instead: Vec<Instead>,
    /// Texts that stand beside the content: the key of the property list, and what it says. Each once.
    pub(super) asides: Vec<(&'static str, String)>,
    /// Letters shown, and how many of them nobody can tell.
    pub(super) glyphs: u32,
    pub(super) unknown: u32,
    /// Of the unknown ones, those of symbol fonts.
    pub(super) unknown_symbols: u32,
    /// There are letters that are written from right to left.
    pub(super) rtl: bool,
    /// More was on the page than is kept.
    pub(super) full: bool,
    order: u32,
    open: bool,
    /// The open run looks like what is being shown.
    alike: bool,
    blank: bool,
    /// Where the last letter or blank ended.
    pen: (f32, f32),
}

/// A gap below this many ems keeps letters in one run: kerning and rounding. Above it a letter of another font may
/// stand between them (LibreOffice draws letters that a font lacks at the end of the line).
const RUN_GAP: f32 = 0.12;

/// A drawn blank wider than this many ems ends a run: columns made of blanks.
const BLANK_GAP: f32 = 1.2;

/// A letter further than this many ems behind a blank leaves room for another letter: `i` is 0.28 wide.
const BLANK_HOLE: f32 = 0.2;

impl Canvas {
    pub(super) fn clear(&mut self) {
        let keep = |capacity: usize| capacity <= 64 << 10;
        if !keep(self.runs.capacity())
            || !keep(self.text.capacity() >> 4)
            || !keep(self.letters.capacity() >> 3)
        {
            *self = Canvas::default();
            return;
        }
        self.text.clear();
        self.runs.clear();
        self.letters.clear();
        self.fills.clear();
        self.frames.clear();
        self.horizontals.clear();
        self.verticals.clear();
        self.instead.clear();
        self.asides.clear();
        (self.glyphs, self.unknown, self.unknown_symbols, self.order) = (0, 0, 0, 0);
        (self.full, self.rtl, self.open, self.blank) = (false, false, false, false);
    }

    /// Ends the open run: what follows is another piece of content.
    pub(super) fn close(&mut self) {
        if self.open
            && self.blank
            && let Some(run) = self.runs.last_mut()
        {
            run.look.flags |= TRAIL;
        }
        self.open = false;
    }

    /// Keeps a text that stands beside the content.
    pub(super) fn aside(&mut self, key: &'static str, text: String) {
        if self.asides.len() >= MAX_ASIDES {
            self.full = true;
        } else if !self.asides.iter().any(|known| known.0 == key && known.1 == text) {
            self.asides.push((key, text));
        }
    }

    /// Begins a shown string: its letters share a look, so it is compared with the open run's once.
    pub(super) fn begin(&mut self, look: &Look) {
        self.alike = self.runs.last().is_some_and(|run| {
            run.look.font == look.font
                && run.look.color == look.color
                && (run.look.flags ^ look.flags) & (UNPAINTED | LAYER_OFF | BOLD) == 0
                && (run.look.size - look.size).abs() < 0.05 * look.size.max(0.01)
                && (run.look.direction.0 - look.direction.0).abs()
                    + (run.look.direction.1 - look.direction.1).abs()
                    < 0.02
        });
    }

    /// Adds a letter that is drawn from `from` to `to`, of the string begun last.
    pub(super) fn glyph(
        &mut self,
        look: &Look,
        font: &Font<'_>,
        glyph: Glyph,
        from: (f32, f32),
        to: (f32, f32),
    ) {
        self.glyphs = self.glyphs.saturating_add(1);
        match glyph.text {
            Text::Letter(letter) if letter > ' ' && letter < '\u{A0}' => {
                if self.seat(look, from, to) {
                    let begin = self.text.len();
                    self.text.push(letter);
                    self.stop(look, begin, from, to);
                }
            }
            _ => self.rare_glyph(look, font, glyph, from, to),
        }
    }

    /// Adds what is no letter of ASCII.
    fn rare_glyph(&mut self, look: &Look, font: &Font<'_>, glyph: Glyph, from: (f32, f32), to: (f32, f32)) {
        let mut buffer = [0; 4];
        let turned: Option<String>;
        let text: &str = match glyph.text {
            Text::Letter(' ' | '\u{A0}' | '\u{3000}' | '\t' | '\r' | '\n') => {
                // A hole before the blank is the place of a letter that is drawn elsewhere.
                if self.open && !self.blank && self.gap(from).is_none_or(|gap| gap > RUN_GAP) {
                    self.open = false;
                }
                self.blank = true;
                self.pen = to;
                return;
            }
            Text::Letter(letter) if letter < ' ' => return,
            Text::Letter(letter) => {
                self.rtl |= rtl::is_strong(letter);
                letter.encode_utf8(&mut buffer)
            }
            Text::Long(index) => {
                let text = font.long(index);
                // A ligature has its letters in reading order; they are turned here since the line will be turned.
                turned = if text.is_ascii() { None } else { rtl::turn(text) };
                self.rtl |= turned.is_some();
                turned.as_deref().unwrap_or(text)
            }
            Text::Unknown | Text::Guess(_) => {
                if glyph.width == 0.0 {
                    return;
                }
                self.unknown = self.unknown.saturating_add(1);
                if font.symbols {
                    self.unknown_symbols = self.unknown_symbols.saturating_add(1);
                }
                match glyph.text {
                    Text::Guess(letter) => letter.encode_utf8(&mut buffer),
                    _ => "\u{FFFD}",
                }
            }
        };
        if self.seat(look, from, to) {
            let begin = self.text.len();
            self.text.push_str(text);
            self.stop(look, begin, from, to);
        }
    }

    /// Makes room for a letter: in the open run, or in a new one. False when the page is full.
    #[inline]
    fn seat(&mut self, look: &Look, from: (f32, f32), to: (f32, f32)) -> bool {
        let mut fits = false;
        if self.open
            && let Some(run) = self.runs.last_mut()
        {
            let (dx, dy) = (from.0 - run.to.0, from.1 - run.to.1);
            let (ux, uy) = run.look.direction;
            let size = look.size.max(0.01);
            let along = dx * ux + dy * uy;
            let across = (dy * ux - dx * uy).abs();
            let hole = || (from.0 - self.pen.0) * ux + (from.1 - self.pen.1) * uy;
            let most = if self.blank { BLANK_GAP } else { RUN_GAP };
            fits = self.alike
                && across < 0.1 * size
                && along > -0.25 * size
                && along < most * size
                && (!self.blank || hole() < BLANK_HOLE * size);
            if fits {
                if self.blank {
                    self.text.push(' ');
                }
                run.to = to;
            } else if self.blank {
                run.look.flags |= TRAIL;
            }
        }
        if !fits {
            if self.runs.len() >= MAX_RUNS || self.text.len() >= MAX_TEXT {
                self.full = true;
                return false;
            }
            let mut look = *look;
            if self.blank {
                look.flags |= LEAD;
            }
            let at = self.text.len();
            let order = self.next_order();
            let stop = u32::try_from(self.letters.len()).unwrap_or(u32::MAX);
            self.runs.push(Run { look, from, to, text: (at, at), order, stops: (stop, stop) });
            (self.open, self.alike) = (true, true);
        }
        self.blank = false;
        self.pen = to;
        true
    }

    /// Notes the letter whose text was added last, and began at byte `begin`.
    #[inline]
    fn stop(&mut self, look: &Look, begin: usize, from: (f32, f32), to: (f32, f32)) {
        let end = self.text.len();
        let room = self.letters.len() < MAX_STOPS;
        if room {
            // MAX_TEXT is far below what 32 bits hold.
            let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            self.letters.push(Stop { text: (place(begin), place(end)), from, to });
        }
        if let Some(run) = self.runs.last_mut() {
            run.look.flags &= look.flags | !CLIPPED;
            run.text.1 = end;
            run.stops = if room { (run.stops.0, run.stops.1.saturating_add(1)) } else { (0, 0) };
        }
    }

    /// The distance from the end of the open run, in ems; `None` when it is on another line.
    fn gap(&self, from: (f32, f32)) -> Option<f32> {
        let run = self.runs.last()?;
        let (dx, dy) = (from.0 - run.to.0, from.1 - run.to.1);
        let (ux, uy) = run.look.direction;
        let size = run.look.size.max(0.01);
        ((dy * ux - dx * uy).abs() < 0.1 * size).then_some((dx * ux + dy * uy) / size)
    }

    /// Forgets a blank that was drawn: the next text is placed elsewhere.
    pub(super) fn moved(&mut self) {
        if !self.open {
            self.blank = false;
        }
    }

    fn next_order(&mut self) -> u32 {
        self.order = self.order.saturating_add(1);
        self.order
    }

    /// The letters of a run.
    pub(super) fn stops(&self, run: &Run) -> &[Stop] {
        self.letters.get(run.stops.0 as usize..run.stops.1 as usize).unwrap_or(&[])
    }

    /// The text of a run.
    pub(super) fn run_text(&self, run: &Run) -> &str {
        self.text.get(run.text.0..run.text.1).unwrap_or("")
    }

    /// Adds a filled area. Thin ones are lines.
    pub(super) fn fill(&mut self, area: Box2, color: [u8; 3], covers: bool, image: bool) {
        if covers {
            // What follows lies over it, also where it goes on in the same line.
            self.close();
        }
        let order = self.next_order();
        if area.left > area.right || area.top > area.bottom {
            // Nothing of it is left by a clip.
            return;
        }
        if !image && (area.width() < THIN || area.height() < THIN) {
            self.line(area);
            return;
        }
        if self.fills.len() < MAX_PAINT && area.left.is_finite() {
            self.fills.push(Fill { area, order, color, covers, image });
        }
    }

    /// Adds a stroked rectangle.
    pub(super) fn frame(&mut self, area: Box2) {
        if area.width() < THIN || area.height() < THIN {
            self.line(area);
        } else if self.frames.len() < MAX_PAINT {
            self.frames.push(area);
        }
    }

    /// Adds a straight line that is upright or level.
    pub(super) fn line(&mut self, area: Box2) {
        let (width, height) = (area.width(), area.height());
        let lines = if height < THIN && width > 2.0 * THIN {
            &mut self.horizontals
        } else if width < THIN && height > 2.0 * THIN {
            &mut self.verticals
        } else {
            return;
        };
        if lines.len() < MAX_PAINT {
            lines.push(area);
        }
    }
}

/// A filled rectangle thinner than this many points is a line.
const THIN: f32 = 2.5;
