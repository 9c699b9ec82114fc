//! The graphics state, as far as text needs it.

use std::rc::Rc;

use super::super::canvas::{Box2, Matrix};
use super::super::color::Space;

#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) ctm: Matrix,
    /// The box around what may be painted; `None` for the whole page.
    pub(super) clip: Option<Box2>,
    pub(super) fill: [u8; 3],
    pub(super) stroke: [u8; 3],
    pub(super) space: Rc<Space>,
    /// Fill alpha is 1 and there is no soft mask.
    pub(super) solid: bool,
    pub(super) font: Option<u32>,
    pub(super) size: f32,
    pub(super) char_space: f32,
    pub(super) word_space: f32,
    pub(super) scale: f32,
    pub(super) leading: f32,
    pub(super) rise: f32,
    pub(super) mode: u8,
}

impl State {
    pub(super) fn new(ctm: Matrix) -> State {
        State {
            ctm,
            clip: None,
            fill: [0; 3],
            stroke: [0; 3],
            space: Rc::new(Space::Gray),
            solid: true,
            font: None,
            size: 0.0,
            char_space: 0.0,
            word_space: 0.0,
            scale: 1.0,
            leading: 0.0,
            rise: 0.0,
            mode: 0,
        }
    }

    /// Narrows what may be painted.
    pub(super) fn cut(&mut self, area: Box2) {
        self.clip = Some(self.clip.map_or(area, |clip| clip.cut(area)));
    }

    /// What is left of an area.
    pub(super) fn clipped(&self, area: Box2) -> Box2 {
        self.clip.map_or(area, |clip| clip.cut(area))
    }
}

/// What an entry of `/ExtGState` sets of that.
#[derive(Debug, Clone, Copy)]
pub(super) struct GraphicsState {
    pub(super) solid: Option<bool>,
    /// The font and its size.
    pub(super) font: Option<(u32, f32)>,
}

impl GraphicsState {
    pub(super) fn apply(self, state: &mut State) {
        state.solid = self.solid.unwrap_or(state.solid);
        if let Some((font, size)) = self.font {
            (state.font, state.size) = (Some(font), size);
        }
    }
}

/// Part of a letter's box that must lie where it may be painted; boxes around letters are rough.
const PAINTED_PART: f32 = 0.1;

/// Whether next to nothing of a letter lies where it may be painted.
pub(super) fn outside(clip: Box2, letter: Box2) -> bool {
    let seen = clip.cut(letter);
    seen.width() * seen.height() < PAINTED_PART * letter.width() * letter.height()
}
