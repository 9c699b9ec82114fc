//! Shows strings: where each letter stands, how it looks, whether a clip leaves anything of it.

use super::super::canvas::{BOLD, Box2, CLIPPED, LAYER_OFF, Look, Matrix, UNPAINTED};
use super::super::lexer::{Token, number, unescape, unhex};
use super::super::visible::letter_box;
use super::Interpreter;
use super::state::{State, outside};
use crate::extract::limits::LimitReached;

impl Interpreter<'_, '_> {
    pub(super) fn look(&self, state: &State, matrix: Matrix, off: bool) -> Look {
        let m = matrix.then(state.ctm);
        let index = state.font.unwrap_or(0);
        let (vertical, bold, em) =
            self.fonts.with(index, |font| (font.vertical, font.bold, font.em)).unwrap_or((false, false, 1.0));
        let sign = if state.size * state.scale < 0.0 { -1.0 } else { 1.0 };
        let (dx, dy) = if vertical { (-m.c, -m.d) } else { (m.a * sign, m.b * sign) };
        let reach = length(dx, dy);
        let direction = if reach > 1e-6 { (dx / reach, dy / reach) } else { (1.0, 0.0) };
        let mode = state.mode;
        let mut flags = 0;
        if matches!(mode, 3 | 7) {
            flags |= UNPAINTED;
        }
        if off {
            flags |= LAYER_OFF;
        }
        if bold || matches!(mode, 2 | 6) {
            flags |= BOLD;
        }
        let color = if matches!(mode, 1 | 5) { state.stroke } else { state.fill };
        Look { direction, size: (state.size * em * length(m.c, m.d)).abs(), color, font: index, flags }
    }

    pub(super) fn show(
        &mut self,
        operands: &[Token<'_>],
        state: &State,
        matrix: &mut Matrix,
        off: bool,
    ) -> Result<(), LimitReached> {
        let mut state_with_font;
        let mut state = state;
        if state.font.is_none() {
            state_with_font = state.clone();
            state_with_font.font = Some(self.fonts.missing());
            state = &state_with_font;
        }
        let look = self.look(state, *matrix, off);
        let Some(font) = self.fonts.get(look.font) else { return Ok(()) };
        let mut font = font.borrow_mut();
        self.canvas.begin(&look);
        let (mut look, clip) = (look, state.clip);
        let m = matrix.then(state.ctm);
        let vertical = font.vertical;
        // Where the pen stands along the line of writing, in text space.
        let mut pen = 0f32;
        let place = |pen: f32| if vertical { m.point(0.0, pen) } else { m.point(pen, state.rise) };
        // Where the pen stood last, and where that is on the page.
        let mut last = (pen, place(pen));
        // Of letters on a baseline within these bounds nothing is clipped, however they are turned.
        let free = clip.map(|clip| Box2 {
            left: clip.left + look.size,
            top: clip.top + look.size,
            right: clip.right - look.size,
            bottom: clip.bottom - look.size,
        });
        for token in operands {
            let bytes = match token {
                Token::Number(digits) => {
                    let back = number(digits) / 1000.0 * state.size;
                    pen -= if vertical { back } else { back * state.scale };
                    continue;
                }
                Token::Literal(raw) => unescape(raw),
                Token::Hex(raw) => {
                    self.string.clear();
                    unhex(raw, &mut self.string);
                    std::borrow::Cow::Borrowed(self.string.as_slice())
                }
                _ => continue,
            };
            let mut bytes: &[u8] = &bytes;
            while let Some((glyph, blank)) = font.next(&mut bytes, self.decoder) {
                let spacing = state.char_space + if blank { state.word_space } else { 0.0 };
                let (ink, advance) = if vertical {
                    (-glyph.width * state.size, -(glyph.width * state.size) + spacing)
                } else {
                    (
                        glyph.width * state.size * state.scale,
                        (glyph.width * state.size + spacing) * state.scale,
                    )
                };
                // A blank is as wide as it is set, a letter as wide as it is.
                let end = if blank { advance } else { ink };
                let from = if last.0 == pen { last.1 } else { place(pen) };
                last = (pen + end, place(pen + end));
                let to = last.1;
                if let (Some(clip), Some(free)) = (clip, free)
                    && !(free.holds_point(from.0, from.1) && free.holds_point(to.0, to.1))
                {
                    let flag = if !blank && outside(clip, letter_box(&look, from, to)) { CLIPPED } else { 0 };
                    look.flags = look.flags & !CLIPPED | flag;
                } else {
                    look.flags &= !CLIPPED;
                }
                self.canvas.glyph(&look, &font, glyph, from, to);
                pen += advance;
            }
        }
        if vertical {
            *matrix = Matrix { f: pen, ..Matrix::IDENTITY }.then(*matrix);
        } else {
            *matrix = Matrix { e: pen, ..Matrix::IDENTITY }.then(*matrix);
        }
        font.check()
    }
}

/// The length of a vector. `hypot` would be right beyond 1e19 too, and is twenty times slower.
fn length(x: f32, y: f32) -> f32 {
    if y == 0.0 { x.abs() } else { (x * x + y * y).sqrt() }
}
