//! What of a page can be seen: letters that are not painted, white on white, or under something painted later.
//!
//! In: the [`Canvas`] of a page. Out: a [`Class`] for each run. A box over or under a part of a line is how most redactions are
//! made, so runs are first cut at the edges of what covers them. Left out: transparency groups, and covers that
//! are no upright rectangles.

use super::canvas::{
    Box2, CLIPPED, COVERED, Canvas, Fill, LAYER_OFF, LEAD, Look, Run, Stop, TRAIL, UNPAINTED,
};
use super::layout::{Class, MAX_COMPARISONS, SCAN};

/// Part of a letter's box that must be covered; the same as the measure of freelawproject's x-ray.
const HIDDEN_PART: f32 = 0.8;

/// Least height and width of a cover in points: below are underlines and strokes.
const LEAST_COVER: f32 = 4.0;

/// A cover of more than this part of the page with visible text over it is a background, not a redaction.
const BACKGROUND: f32 = 0.2;

/// The box around a run: 0.75 em above the baseline, 0.2 below.
pub(super) fn run_box(run: &Run) -> Box2 {
    letter_box(&run.look, run.from, run.to)
}

/// The same of letters from one place on the baseline to another.
pub(super) fn letter_box(look: &Look, from: (f32, f32), to: (f32, f32)) -> Box2 {
    let (ux, uy) = look.direction;
    let size = look.size;
    let mut area = Box2::EMPTY;
    for (x, y) in [from, to] {
        // Up is against the normal (-uy, ux).
        area.extend(x + uy * 0.75 * size, y - ux * 0.75 * size);
        area.extend(x - uy * 0.2 * size, y + ux * 0.2 * size);
    }
    area
}

/// Cuts runs of which a part is hidden, by a cover painted later or by an area of the text's own colour painted before,
/// so that each piece is hidden or not.
pub(super) fn split(canvas: &mut Canvas, page: Box2) {
    let covers: Vec<Fill> = canvas
        .fills
        .iter()
        .filter(|fill| fill.covers && fill.area.width() >= LEAST_COVER && fill.area.height() >= LEAST_COVER)
        .copied()
        .collect();
    if covers.is_empty() {
        return;
    }
    let largest = BACKGROUND * page.width() * page.height();
    let mut comparisons = 0usize;
    let mut pieces: Vec<(usize, Vec<Run>)> = Vec::new();
    for (index, run) in canvas.runs.iter().enumerate() {
        let area = run_box(run);
        let after = covers.partition_point(|cover| cover.order < run.order);
        let (before, after) = (covers.get(..after).unwrap_or(&[]), covers.get(after..).unwrap_or(&[]));
        comparisons += covers.len();
        if comparisons > MAX_COMPARISONS {
            break;
        }
        let touches = |cover: &Fill| {
            let common = cover.area.cut(area);
            common.width() > 0.0 && common.height() > 0.0
        };
        let whole = after.iter().any(|cover| cover.area.holds(area, 0.2 * run.look.size));
        let over: Vec<Box2> = after.iter().filter(|cover| touches(cover)).map(|cover| cover.area).collect();
        // A large area is not looked at: it may be cut down to nothing by a clip, and letters in its colour are no box.
        let box_of_its_color = |cover: &&Fill| {
            let seen = cover.area.cut(page);
            !cover.image && same(cover.color, run.look.color) && seen.width() * seen.height() <= largest
        };
        let alike = !white(run.look.color) && before.iter().filter(box_of_its_color).any(touches);
        if whole || (over.is_empty() && !alike) {
            continue;
        }
        let under = if alike { canvas.fills.as_slice() } else { &[] };
        let cut = cut(run, canvas.stops(run), &over, under, largest);
        if !cut.is_empty() {
            pieces.push((index, cut));
        }
    }
    if pieces.is_empty() {
        return;
    }
    let more: usize = pieces.iter().map(|(_, cut)| cut.len()).sum();
    let mut runs = Vec::with_capacity(canvas.runs.len() + more);
    let mut pieces = pieces.into_iter().peekable();
    let mut instead = canvas.instead.iter_mut().peekable();
    for (index, run) in canvas.runs.iter().enumerate() {
        while let Some(next) = instead.next_if(|next| next.run <= index) {
            next.run = runs.len();
        }
        match pieces.next_if(|next| next.0 == index) {
            Some((_, cut)) => runs.extend(cut),
            None => runs.push(*run),
        }
    }
    canvas.runs = runs;
}

fn white(color: [u8; 3]) -> bool {
    color.iter().all(|&part| part >= 245)
}

/// Whether nobody can tell two colours apart.
fn same(one: [u8; 3], other: [u8; 3]) -> bool {
    one.iter().zip(other).all(|(&one, other)| one.abs_diff(other) <= 8)
}

/// The pieces of a run; none when nothing of it is hidden. `over` are the areas painted after it, `under` all areas of
/// the page when one before it has its colour; only those up to `largest` square points hide it.
fn cut(run: &Run, stops: &[Stop], over: &[Box2], under: &[Fill], largest: f32) -> Vec<Run> {
    let hidden = |stop: &Stop| {
        let letter = letter_box(&run.look, stop.from, stop.to);
        let area = (letter.width() * letter.height()).max(1e-3);
        let hides = |cover: Box2| {
            let common = cover.cut(letter);
            common.width() * common.height() >= HIDDEN_PART * area
        };
        let ground = under.iter().rev().find(|fill| fill.order < run.order && hides(fill.area));
        over.iter().any(|cover| hides(*cover))
            || ground.is_some_and(|fill| {
                let small = fill.area.width() * fill.area.height() <= largest;
                fill.covers && !fill.image && small && same(fill.color, run.look.color)
            })
    };
    let mut pieces: Vec<Run> = Vec::new();
    let mut any = false;
    for stop in stops {
        let hidden = hidden(stop);
        let text = (stop.text.0 as usize, stop.text.1 as usize);
        any |= hidden;
        match pieces.last_mut() {
            Some(last) if (last.look.flags & COVERED != 0) == hidden => {
                last.to = stop.to;
                last.text.1 = text.1;
            }
            before => {
                let mut piece = *run;
                piece.look.flags &= !(LEAD | TRAIL | COVERED);
                piece.look.flags |= if hidden { COVERED } else { 0 };
                // A blank before the letter was part of the run's text.
                if let Some(before) = before {
                    if text.0 > before.text.1 {
                        piece.look.flags |= LEAD;
                    }
                } else {
                    piece.look.flags |= run.look.flags & LEAD;
                }
                (piece.from, piece.to, piece.text) = (stop.from, stop.to, text);
                pieces.push(piece);
            }
        }
    }
    if let Some(last) = pieces.last_mut() {
        last.look.flags |= run.look.flags & TRAIL;
    }
    if any { pieces } else { Vec::new() }
}

/// Tells runs that are seen from those that are not.
pub(super) struct Sight<'c> {
    canvas: &'c Canvas,
    page: Box2,
    /// Pictures cover the page: it is a scan.
    scan: bool,
    /// What covers, in the order of painting, and whether it is a background: asked when needed.
    covers: Vec<(&'c Fill, Option<bool>)>,
    comparisons: usize,
}

impl<'c> Sight<'c> {
    pub(super) fn new(canvas: &'c Canvas, page: Box2, scan: bool) -> Sight<'c> {
        let covers = canvas.fills.iter().filter(|fill| fill.covers).map(|fill| (fill, None)).collect();
        Sight { canvas, page, scan, covers, comparisons: 0 }
    }

    pub(super) fn classify(&mut self, run: &Run) -> Class {
        if run.look.flags & (LAYER_OFF | CLIPPED) != 0 {
            return Class::Hidden;
        }
        if run.look.flags & UNPAINTED != 0 {
            return if self.scan { Class::Recognised } else { Class::Hidden };
        }
        let area = run_box(run);
        let middle = ((area.left + area.right) / 2.0, (area.top + area.bottom) / 2.0);
        // Below one point nobody reads it; page numbers of thumbnails are 2.
        if run.look.size < 1.0 || !self.page.holds_point(middle.0, middle.1) {
            return Class::Hidden;
        }
        if let Some(class) = self.covered(run, area, middle) {
            return class;
        }
        if white(run.look.color) && self.comparisons < MAX_COMPARISONS {
            self.comparisons += self.canvas.fills.len();
            let behind = self.canvas.fills.iter().any(|fill| {
                fill.order < run.order
                    && (fill.image || !white(fill.color))
                    && fill.area.holds_point(middle.0, middle.1)
            });
            if !behind {
                return Class::Hidden;
            }
        }
        Class::Shown
    }

    /// The class of a run under something that was painted later, or on something of its colour.
    fn covered(&mut self, run: &Run, area: Box2, middle: (f32, f32)) -> Option<Class> {
        let whole = self.page.width() * self.page.height();
        let part = |fill: &Fill| {
            let cut = fill.area.cut(self.page);
            cut.width() * cut.height() / whole.max(1.0)
        };
        let known = run.look.flags & COVERED != 0;
        let slack = 0.2 * run.look.size;
        for (fill, background) in self.covers.iter_mut().rev() {
            if fill.order <= run.order || self.comparisons >= MAX_COMPARISONS {
                break;
            }
            self.comparisons += 1;
            let over =
                if known { fill.area.holds_point(middle.0, middle.1) } else { fill.area.holds(area, slack) };
            if !over {
                continue;
            }
            let part = part(fill);
            if fill.image && part >= SCAN {
                return Some(Class::Recognised);
            }
            let is_background = part > BACKGROUND
                && *background.get_or_insert_with(|| {
                    self.comparisons += self.canvas.runs.len();
                    self.canvas.runs.iter().any(|other| {
                        let area = run_box(other);
                        other.order > fill.order
                            && other.look.flags & (UNPAINTED | LAYER_OFF | CLIPPED) == 0
                            && fill.area.cut(self.page).holds(area, 0.0)
                    })
                });
            return Some(if is_background { Class::Hidden } else { Class::Covered });
        }
        // In the colour of what lies under it.
        known.then_some(Class::Covered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pdf_runs_are_cut_where_a_box_covers_them() {
        let look = Look { direction: (1.0, 0.0), size: 10.0, color: [0; 3], font: 0, flags: 0 };
        let stop = |index: u8, text: (u32, u32)| {
            let at = f32::from(index) * 6.0;
            Stop { text, from: (at, 100.0), to: (at + 6.0, 100.0) }
        };
        // `ab cd`, with the blank before the third letter.
        let stops = [stop(0, (0, 1)), stop(1, (1, 2)), stop(3, (3, 4)), stop(4, (4, 5))];
        let run = Run { look, from: (0.0, 100.0), to: (30.0, 100.0), text: (0, 5), order: 1, stops: (0, 4) };
        let cover = Box2 { left: 17.0, top: 90.0, right: 40.0, bottom: 103.0 };
        let pieces = cut(&run, &stops, &[cover], &[], 1e5);
        let seen: Vec<_> = pieces.iter().map(|piece| (piece.text, piece.look.flags)).collect();
        assert_eq!(seen, [((0, 2), 0), ((3, 5), COVERED | LEAD)]);
        // Half a letter under the box is still read.
        let half = Box2 { left: 27.0, ..cover };
        assert!(cut(&run, &stops, &[half], &[], 1e5).is_empty());
        let line = Box2 { top: 96.0, bottom: 98.0, ..cover };
        assert!(cut(&run, &stops, &[line], &[], 1e5).is_empty());
    }
}
