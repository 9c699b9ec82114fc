//! Paths: what may be a frame, a line, a cover or a clip.

use super::super::canvas::Box2;
use super::state::State;

/// The path under construction, as far as it may be a frame, a line or a cover.
#[derive(Debug, Default)]
pub(super) struct Path {
    pub(super) rectangles: Vec<(Box2, bool)>,
    pub(super) points: Vec<(f32, f32)>,
    /// Too many points or curves: only its box counts.
    pub(super) complex: bool,
    pub(super) around: Option<Box2>,
    /// Points were passed over, so not even the box is known.
    pub(super) open: bool,
    /// It will clip once it is painted.
    pub(super) clips: bool,
}

impl Path {
    pub(super) fn clear(&mut self) {
        self.rectangles.clear();
        self.points.clear();
        self.complex = false;
        self.around = None;
        self.open = false;
        self.clips = false;
    }

    /// Clips by the path when it was asked to.
    pub(super) fn clip(&self, state: &mut State) {
        if !self.clips || self.open {
            return;
        }
        let mut area = self.around;
        for rectangle in &self.rectangles {
            area.get_or_insert(Box2::EMPTY).join(rectangle.0);
        }
        if let Some(area) = area.filter(|area| area.left.is_finite() && area.bottom.is_finite()) {
            state.cut(area);
        }
    }

    /// Whether a rectangle lies in another one: filled together they are a frame, and what is inside is seen. Paths of
    /// very many rectangles are not looked at, and taken for that.
    pub(super) fn is_nested(&self) -> bool {
        let all = &self.rectangles;
        let inside = |(index, inner): (usize, &(Box2, bool))| {
            all.iter().enumerate().any(|(other, outer)| other != index && outer.0.holds(inner.0, 0.5))
        };
        all.len() > 1 && (all.len() > 64 || all.iter().enumerate().any(inside))
    }

    pub(super) fn point(&mut self, point: (f32, f32)) {
        self.around.get_or_insert(Box2::EMPTY).extend(point.0, point.1);
        self.points.push(point);
    }

    /// Ends a subpath: two points are a line, four that turn at right angles a rectangle.
    pub(super) fn end_subpath(&mut self) {
        let mut area = Box2::EMPTY;
        self.points.iter().for_each(|point| area.extend(point.0, point.1));
        let upright = self.points.windows(2).all(|pair| match pair {
            [a, b] => (a.0 - b.0).abs() < 0.5 || (a.1 - b.1).abs() < 0.5,
            _ => true,
        });
        if upright
            && self.rectangles.len() < 256
            && (self.points.len() == 2 || matches!(self.points.len(), 4 | 5))
        {
            self.rectangles.push((area, true));
        } else if !self.points.is_empty() {
            self.complex = true;
        }
        self.points.clear();
    }
}
