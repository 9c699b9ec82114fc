//! From text runs to the lines a reader sees.
//!
//! In: the [`Canvas`] of a page. Out: [`Line`]s in reading order, each with box, look and class, and besides them the
//! lines of the content stream's own order where they say something else. Position decides, not stream order:
//! LibreOffice draws the letters that a font lacks at the end of the line, and a stamp box may lie over a line. Runs on
//! one baseline belong together; where they overlap they are taken apart by colour, then by size.
//! Left out: paragraphs.

use std::cell::OnceCell;
use std::collections::HashSet;

use super::canvas::{BOLD, Box2, Canvas, LEAD, TRAIL};
use super::content::Fonts;
use super::rtl;
use super::visible::{self, Sight, run_box};

/// Gaps that cut a line into separate pieces, in ems: letterhead and national motto stand side by side.
///
/// A blank that was drawn may be wide in justified text. Without one, TeX sets words up to 0.6 apart. Neighbours that
/// do not follow each other in the content stream are mostly cells: LibreOffice leaves 0.8 between the two halves of a
/// Vietnamese letterhead; the letters it draws late close their gap to nearly 0.
const COLUMN_GAP: f32 = 2.5;
const COLUMN_GAP_UNDRAWN: f32 = 1.3;
const COLUMN_GAP_APART: f32 = 0.5;

/// Gap that is a blank although none was drawn, in ems. TeX sets words 0.2 to 0.5 apart, kerning stays below 0.1.
const WORD_GAP: f32 = 0.17;

/// Letters set apart one by one (by hand or by character spacing) are one word up to this gap in ems.
const SPACED_GAP: f32 = 0.3;

/// Baselines that differ by less than this many ems are one line.
const SAME_LINE: f32 = 0.3;

/// Overlap of neighbours in ems that cannot be kerning or a combining mark.
const OVERLAP: f32 = 0.35;

/// Comparisons of runs with painted areas per page; a hostile page could ask for 300,000 times 4,096.
pub(super) const MAX_COMPARISONS: usize = 20_000_000;

/// Colours of one line that are counted.
const MAX_COLORS: usize = 64;

/// Pictures that cover this part of a page make it a scan.
pub(super) const SCAN: f32 = 0.5;

/// How a line is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Class {
    /// As usual.
    Shown,
    /// The text layer that text recognition put under or over the picture of a page.
    Recognised,
    /// Under an opaque area that was painted later.
    Covered,
    /// Not painted, too small, off the page, white on white, or in a layer that is off.
    Hidden,
}

/// A line of text, or the piece of it in one column.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// Bytes of [`Lines::text`].
    pub(super) text: (usize, usize),
    pub(super) area: Box2,
    pub(super) class: Class,
    pub(super) size: f32,
    pub(super) color: [u8; 3],
    pub(super) bold: bool,
    pub(super) framed: bool,
    /// An annotation strikes it out.
    pub(super) struck: bool,
    pub(super) font: u32,
    /// The same letters as other lines, in another order.
    pub(super) view: bool,
}

/// The lines of a page.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub(super) text: String,
    pub(super) lines: Vec<Line>,
    /// Part of the page that pictures cover, 0 to 1.
    pub(super) pictures: f32,
}

impl Lines {
    /// The text of a line.
    pub(super) fn text_of(&self, line: &Line) -> &str {
        self.text.get(line.text.0..line.text.1).unwrap_or("")
    }
}

/// A run with its place along and across its direction of writing.
#[derive(Debug, Clone, Copy)]
struct Placed {
    run: usize,
    class: Class,
    /// Direction in whole degrees, 0 to 359.
    angle: i16,
    legacy: u32,
    start: f32,
    end: f32,
    base: f32,
    size: f32,
    color: [u8; 3],
}

/// Where each run went: the piece of a line, and its position there.
struct Seats {
    of: Vec<(u32, u32)>,
    pieces: u32,
}

/// A run that was left out, because it repeats another.
const NO_SEAT: (u32, u32) = (0, 0);

impl Seats {
    /// Whether these runs stand in this order, side by side, in one piece of a line.
    fn together(&self, runs: &[Placed]) -> bool {
        let seat = |placed: &Placed| self.of.get(placed.run).copied().unwrap_or(NO_SEAT);
        let Some(first) = runs.first().map(seat).filter(|first| *first != NO_SEAT) else { return false };
        (first.1..).zip(runs).all(|(position, run)| seat(run) == (first.0, position))
    }
}

/// Puts the runs of a page into lines.
pub(super) fn lines(canvas: &mut Canvas, fonts: &Fonts<'_>, page: Box2) -> Lines {
    visible::split(canvas, page);
    let canvas: &Canvas = canvas;
    let mut out = Lines { pictures: picture_share(canvas, page), ..Lines::default() };
    let placed = place(canvas, fonts, page, out.pictures >= SCAN);
    let mut ordered = placed.clone();
    ordered.sort_by(|a, b| {
        (a.class, a.angle, a.legacy)
            .cmp(&(b.class, b.angle, b.legacy))
            .then(a.base.total_cmp(&b.base))
            .then(a.start.total_cmp(&b.start))
    });
    let mut seats = Seats { of: vec![NO_SEAT; canvas.runs.len()], pieces: 0 };
    let mut rest = ordered.as_mut_slice();
    while let Some(first) = rest.first().copied() {
        let same = |other: &Placed| {
            (other.class, other.angle, other.legacy) == (first.class, first.angle, first.legacy)
                && other.base - first.base < SAME_LINE * first.size.min(other.size).max(0.5)
        };
        let length = rest.iter().position(|other| !same(other)).unwrap_or(rest.len()).max(1);
        let (line, tail) = rest.split_at_mut(length);
        split(canvas, line, 0, &mut seats, &mut out);
        rest = tail;
    }
    mark_frames(canvas, &mut out);
    out.lines.sort_by(|a, b| {
        let row = |line: &Line| (line.area.bottom / 3.0).round();
        a.class.cmp(&b.class).then(row(a).total_cmp(&row(b))).then(a.area.left.total_cmp(&b.area.left))
    });
    other_order(canvas, &placed, &seats, &mut out);
    for instead in &canvas.instead {
        let found = placed.binary_search_by_key(&instead.run, |placed| placed.run).ok();
        if let Some(run) = found.and_then(|found| placed.get(found)) {
            let at = out.text.len();
            out.text.push_str(&instead.text);
            let mut line = summary(canvas, &[*run]);
            line.text = (at, out.text.len());
            line.view = true;
            out.lines.push(line);
        }
    }
    out
}

fn picture_share(canvas: &Canvas, page: Box2) -> f32 {
    let whole = page.width() * page.height();
    if whole <= 0.0 {
        return 0.0;
    }
    let areas = canvas.fills.iter().filter(|fill| fill.image).map(|fill| {
        let seen = fill.area.cut(page);
        seen.width() * seen.height()
    });
    (areas.sum::<f32>() / whole).min(1.0)
}

fn place(canvas: &Canvas, fonts: &Fonts<'_>, page: Box2, scan: bool) -> Vec<Placed> {
    let mut sight = Sight::new(canvas, page, scan);
    let mut axes: Vec<(i16, (f32, f32))> = vec![(0, (1.0, 0.0))];
    let mut legacy_fonts: Vec<(u32, bool)> = Vec::new();
    let mut placed = Vec::with_capacity(canvas.runs.len());
    for (index, run) in canvas.runs.iter().enumerate() {
        let numbers = [run.from.0, run.from.1, run.to.0, run.to.1, run.look.size];
        if !numbers.iter().all(|number| number.is_finite()) {
            continue;
        }
        let (ux, uy) = run.look.direction;
        let angle = if ux > 0.9999 { 0 } else { (uy.atan2(ux).to_degrees().round() as i16).rem_euclid(360) };
        // One axis for all runs of an angle: rounding must not spread a line that is 500 points long.
        let axis = match axes.iter().find(|axis| axis.0 == angle) {
            Some(axis) => axis.1,
            None => {
                axes.push((angle, (ux, uy)));
                (ux, uy)
            }
        };
        let along = |point: (f32, f32)| point.0 * axis.0 + point.1 * axis.1;
        let across = |point: (f32, f32)| point.1 * axis.0 - point.0 * axis.1;
        let font = run.look.font;
        let is_legacy = match legacy_fonts.iter().find(|known| known.0 == font) {
            Some(known) => known.1,
            None => {
                let answer = fonts.with(font, |font| font.legacy).unwrap_or(false);
                legacy_fonts.push((font, answer));
                answer
            }
        };
        let class = sight.classify(run);
        placed.push(Placed {
            run: index,
            class,
            angle,
            legacy: if is_legacy { font + 1 } else { 0 },
            start: along(run.from).min(along(run.to)),
            end: along(run.to).max(along(run.from)),
            base: across(run.from),
            size: run.look.size,
            color: run.look.color,
        });
    }
    placed
}

/// Takes a line apart where its runs overlap: by colour first, then by size.
fn split(canvas: &Canvas, line: &mut [Placed], level: u8, seats: &mut Seats, out: &mut Lines) {
    line.sort_by(|a, b| a.start.total_cmp(&b.start).then(a.run.cmp(&b.run)));
    if level < 2 && overlaps(canvas, line) {
        // Sorted, not searched: a hostile line has 300,000 runs, each of its own colour.
        match level {
            0 => line.sort_by_key(|run| run.color),
            _ => line.sort_by(|a, b| a.size.total_cmp(&b.size)),
        }
        let mut rest = line;
        while let Some(first) = rest.first().copied() {
            let alike = |other: &Placed| match level {
                0 => other.color == first.color,
                _ => other.size <= first.size * 1.3 + 0.01,
            };
            let length = rest.iter().position(|other| !alike(other)).unwrap_or(rest.len()).max(1);
            let (group, tail) = rest.split_at_mut(length);
            split(canvas, group, level + 1, seats, out);
            rest = tail;
        }
        return;
    }
    let mut begin = 0;
    let mut reach = f32::MIN;
    for (index, run) in line.iter().enumerate() {
        if index > begin {
            let (size, most) = line.get(index - 1).map_or((run.size, COLUMN_GAP), |before| {
                let drawn = blank_drawn(canvas, before, run);
                let most = match (run.run == before.run + 1, drawn) {
                    (true, true) => COLUMN_GAP,
                    (true, false) => COLUMN_GAP_UNDRAWN,
                    (false, drawn) => COLUMN_GAP_APART + if drawn { 0.3 } else { 0.0 },
                };
                (before.size.max(run.size), most)
            });
            if run.start - reach > most * size {
                piece(canvas, line.get(begin..index).unwrap_or(&[]), seats, out);
                begin = index;
            }
        }
        reach = reach.max(run.end);
    }
    piece(canvas, line.get(begin..).unwrap_or(&[]), seats, out);
}

/// The same letters drawn twice at nearly the same place: bold by overprinting, or a shadow.
fn doubled(canvas: &Canvas, before: &Placed, run: &Placed) -> bool {
    let close =
        (run.start - before.start).abs() < 0.2 * run.size && (run.base - before.base).abs() < 0.2 * run.size;
    let text = |placed: &Placed| canvas.runs.get(placed.run).map(|run| canvas.run_text(run));
    close && text(before) == text(run)
}

fn overlaps(canvas: &Canvas, line: &[Placed]) -> bool {
    let mut reach = f32::MIN;
    let mut before: Option<&Placed> = None;
    for run in line {
        if run.start < reach - OVERLAP * run.size
            && !before.is_some_and(|before| doubled(canvas, before, run))
        {
            return true;
        }
        reach = reach.max(run.end);
        before = Some(run);
    }
    false
}

/// Whether a blank was drawn after the one or before the other.
fn blank_drawn(canvas: &Canvas, before: &Placed, run: &Placed) -> bool {
    let flag =
        |placed: &Placed, flag: u8| canvas.runs.get(placed.run).is_some_and(|run| run.look.flags & flag != 0);
    flag(before, TRAIL) || flag(run, LEAD)
}

fn letters(text: &str) -> usize {
    text.chars().take(3).count()
}

/// Joins the runs of one piece of a line, adding blanks where the gaps say so.
fn piece(canvas: &Canvas, runs: &[Placed], seats: &mut Seats, out: &mut Lines) {
    seats.pieces += 1;
    let mut kept: Vec<Placed> = Vec::with_capacity(runs.len());
    for run in runs {
        if !kept.last().is_some_and(|before| doubled(canvas, before, run)) {
            kept.push(*run);
        }
    }
    let text_of = |placed: &Placed| canvas.runs.get(placed.run).map_or("", |run| canvas.run_text(run));
    let blank_gap = word_gap(&kept, &text_of);
    let at = out.text.len();
    let mut before: Option<Placed> = None;
    let mut reach = f32::MIN;
    for (position, placed) in (0u32..).zip(&kept) {
        let Some(run) = canvas.runs.get(placed.run) else { continue };
        if let Some(seat) = seats.of.get_mut(placed.run) {
            *seat = (seats.pieces, position);
        }
        if let Some(before) = before {
            let size = before.size.min(placed.size).max(0.01);
            let gap = (placed.start - reach) / size;
            let drawn = blank_drawn(canvas, &before, placed);
            if gap > blank_gap || (drawn && gap > 0.1) {
                out.text.push(' ');
            }
        }
        out.text.push_str(canvas.run_text(run));
        reach = reach.max(placed.end);
        before = Some(*placed);
    }
    if canvas.rtl
        && let Some(turned) = out.text.get(at..).and_then(rtl::turn)
    {
        out.text.truncate(at);
        out.text.push_str(&turned);
    }
    let mut line = summary(canvas, &kept);
    line.text = (at, out.text.len());
    let nothing = out.text_of(&line).chars().all(|letter| letter.is_whitespace() || letter == '\u{FFFD}');
    if nothing {
        out.text.truncate(at);
    } else {
        out.lines.push(line);
    }
}

/// The gap that is a blank in this piece. Where most letters stand singly they are set apart on purpose, and a blank
/// is what is clearly wider than the usual gap.
fn word_gap<'a>(runs: &[Placed], text_of: &impl Fn(&Placed) -> &'a str) -> f32 {
    let single = runs.iter().filter(|run| letters(text_of(run)) == 1).count();
    if runs.len() < 3 || single * 10 < runs.len() * 7 {
        return WORD_GAP;
    }
    let mut gaps: Vec<f32> = runs
        .windows(2)
        .filter_map(|pair| match pair {
            [a, b] => Some((b.start - a.end) / a.size.min(b.size).max(0.01)),
            _ => None,
        })
        .collect();
    gaps.sort_by(f32::total_cmp);
    let usual = gaps.get(gaps.len() / 2).copied().unwrap_or(0.0);
    match usual {
        // Letters placed one by one at their natural distance.
        ..0.05 => WORD_GAP,
        0.05..1.0 => (usual * 1.6).max(SPACED_GAP),
        _ => WORD_GAP,
    }
}

/// Box and look of runs that form a line.
fn summary(canvas: &Canvas, runs: &[Placed]) -> Line {
    let mut area = Box2::EMPTY;
    let mut most: (usize, f32, u32) = (0, 0.0, 0);
    let (mut count, mut bold, mut coloured) = (0usize, 0usize, 0usize);
    let mut colors: Vec<([u8; 3], usize)> = Vec::new();
    let mut class = Class::Shown;
    for placed in runs {
        let Some(run) = canvas.runs.get(placed.run) else { continue };
        class = placed.class;
        area.join(run_box(run));
        let length = run.text.1 - run.text.0;
        count += length;
        if run.look.flags & BOLD != 0 {
            bold += length;
        }
        if length > most.0 {
            most = (length, run.look.size, run.look.font);
        }
        let room = colors.len() < MAX_COLORS;
        match colors.iter_mut().find(|known| known.0 == run.look.color) {
            Some(known) => known.1 += length,
            None if room => colors.push((run.look.color, length)),
            None => {}
        }
        if is_coloured(run.look.color) {
            coloured += length;
        }
    }
    // A third of the letters in colour make a coloured line: `Độ mật: TỐI MẬT` with its second half red.
    let by_count = |wanted: bool| {
        let all = colors.iter().filter(|color| !wanted || is_coloured(color.0));
        all.max_by_key(|color| color.1).map_or([0; 3], |color| color.0)
    };
    Line {
        text: (0, 0),
        area,
        class,
        size: most.1,
        color: by_count(coloured * 3 >= count && coloured > 0),
        bold: bold * 2 > count,
        framed: false,
        struck: false,
        font: most.2,
        view: false,
    }
}

fn is_coloured(color: [u8; 3]) -> bool {
    let (low, high) = color.iter().fold((255u8, 0u8), |(low, high), &part| (low.min(part), high.max(part)));
    high - low > 80
}

/// Marks lines that a frame goes tightly around: a stroked rectangle, four lines, or a filled box behind.
fn mark_frames(canvas: &Canvas, out: &mut Lines) {
    let paint = canvas.frames.len() + canvas.horizontals.len() + canvas.verticals.len() + canvas.fills.len();
    if paint == 0 || paint.saturating_mul(out.lines.len()) > MAX_COMPARISONS {
        return;
    }
    let white = |color: [u8; 3]| color.iter().all(|&part| part >= 245);
    for line in out.lines.iter_mut().filter(|line| line.class == Class::Shown) {
        let (area, size) = (line.area, line.size);
        // A stamp has one to three lines; a cell of a large table is wider or higher.
        let tight = |frame: &Box2| {
            frame.holds(area, 0.25 * size)
                && frame.height() <= 5.0 * size + 4.0
                && frame.width() <= area.width() + 6.0 * size
        };
        let level = |above: bool| {
            canvas.horizontals.iter().any(|rule| {
                let y = (rule.top + rule.bottom) / 2.0;
                let near = if above {
                    (area.top - 1.8 * size..=area.top + 0.3 * size).contains(&y)
                } else {
                    (area.bottom - 0.3 * size..=area.bottom + 1.8 * size).contains(&y)
                };
                near && rule.left <= area.left + 1.0
                    && rule.right >= area.right - 1.0
                    && rule.width() <= area.width() + 6.0 * size
            })
        };
        let upright = |before: bool| {
            canvas.verticals.iter().any(|rule| {
                let x = (rule.left + rule.right) / 2.0;
                let near = if before {
                    (area.left - 3.2 * size..=area.left + 1.0).contains(&x)
                } else {
                    (area.right - 1.0..=area.right + 3.2 * size).contains(&x)
                };
                near && rule.top <= area.top + 0.3 * size && rule.bottom >= area.bottom - 0.3 * size
            })
        };
        line.framed = canvas.frames.iter().any(tight)
            || canvas.fills.iter().any(|fill| !fill.image && !white(fill.color) && tight(&fill.area))
            || (level(true) && level(false) && upright(true) && upright(false));
    }
}

/// Letters without blanks, for comparing two orders of the same text.
fn without_blanks(text: &str, into: &mut String) {
    into.extend(text.chars().filter(|letter| !letter.is_whitespace()));
}

/// The lines found so far without blanks, each ended by a line feed.
struct Flat {
    text: String,
    ends: Vec<(usize, usize)>,
}

impl Flat {
    fn of(out: &Lines) -> Flat {
        let mut text = String::with_capacity(out.text.len());
        let mut ends = Vec::with_capacity(out.lines.len());
        for line in &out.lines {
            let at = text.len();
            without_blanks(out.text_of(line), &mut text);
            ends.push((at, text.len()));
            text.push('\n');
        }
        Flat { text, ends }
    }

    fn lines(&self) -> HashSet<&str> {
        self.ends.iter().filter_map(|&(from, to)| self.text.get(from..to)).collect()
    }
}

/// Adds the lines of the stream's own order that no line of the page holds.
fn other_order(canvas: &Canvas, placed: &[Placed], seats: &Seats, out: &mut Lines) {
    // Needed only where the two orders differ, which is seldom.
    let flat: OnceCell<Flat> = OnceCell::new();
    let known: OnceCell<HashSet<&str>> = OnceCell::new();
    let searcher_limit = MAX_COMPARISONS / 2;
    let mut searched = 0usize;
    let mut text = String::new();
    let mut bare = String::new();
    let mut found: Vec<(String, Line)> = Vec::new();
    let mut begin = 0;
    while let Some(first) = placed.get(begin) {
        let mut end = begin + 1;
        while let Some(next) = placed.get(end) {
            let same = (next.class, next.angle, next.legacy, next.color)
                == (first.class, first.angle, first.legacy, first.color)
                && (next.base - first.base).abs() < SAME_LINE * first.size.min(next.size).max(0.5);
            if !same {
                break;
            }
            end += 1;
        }
        let runs = placed.get(begin..end).unwrap_or(&[]);
        begin = end;
        // Runs that were turned around stand in another order, but say nothing else.
        if seats.together(runs) {
            continue;
        }
        text.clear();
        let mut last: Option<&Placed> = None;
        for placed in runs {
            let Some(run) = canvas.runs.get(placed.run) else { continue };
            if let Some(last) = last {
                let gap = (placed.start - last.end) / placed.size.max(0.01);
                let drawn = blank_drawn(canvas, last, placed);
                if drawn || gap.abs() > SPACED_GAP {
                    text.push(' ');
                }
            }
            text.push_str(canvas.run_text(run));
            last = Some(placed);
        }
        bare.clear();
        without_blanks(&text, &mut bare);
        if bare.chars().filter(|letter| letter.is_alphabetic()).take(2).count() < 2 {
            continue;
        }
        let flat = flat.get_or_init(|| Flat::of(out));
        if known.get_or_init(|| flat.lines()).contains(bare.as_str()) {
            continue;
        }
        searched = searched.saturating_add(flat.text.len() / 16 + 64);
        if searched > searcher_limit || memchr::memmem::find(flat.text.as_bytes(), bare.as_bytes()).is_some()
        {
            continue;
        }
        let mut line = summary(canvas, runs);
        line.view = true;
        found.push((std::mem::take(&mut text), line));
    }
    for (text, mut line) in found {
        let at = out.text.len();
        out.text.push_str(&text);
        line.text = (at, out.text.len());
        out.lines.push(line);
    }
}
