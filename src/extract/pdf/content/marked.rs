//! Marked content, ISO 32000-2 14.6: layers, and the texts that stand for what is drawn.

use super::super::canvas::{ACTUAL, Instead, MAX_RUNS, Matrix, Run};
use super::super::document::{Dict, FromBytes as _, Resources};
use super::super::lexer::{Token, unname};
use super::state::State;
use super::{Interpreter, text_of};
use crate::extract::xml::has_letter;

/// What a property list says of its content without standing in its place: an alternative description (14.9.3) and what
/// an abbreviation is short for (14.9.5).
const BESIDE: [&str; 2] = ["Alt", "E"];

/// Whether a property list may hold one of the texts. Most hold a number alone.
fn may_say(list: &[u8]) -> bool {
    memchr::memchr_iter(b'/', list).any(|at| matches!(list.get(at + 1), Some(b'A' | b'E' | b'#')))
}

/// Whether marked content may say something where nothing is shown: a drawing with a description.
pub(super) fn may_describe(content: &[u8], resources: &Resources<'_>) -> bool {
    let has = |word: &[u8]| memchr::memmem::find(content, word).is_some();
    has(b"BDC") && (has(b"/Alt") || has(b"/E") || resources.properties.keys().next().is_some())
}

/// One level of marked content.
#[derive(Debug, Default)]
pub(super) struct Mark {
    pub(super) off: bool,
    pub(super) actual: Option<Actual>,
}

#[derive(Debug)]
pub(super) struct Actual {
    text: String,
    run: usize,
    unknown: u32,
}

impl<'d> Interpreter<'_, 'd> {
    /// Begins marked content: whether its layer is off, and what its property list says. The list stands in the content
    /// itself or among the resources (14.6.2).
    pub(super) fn mark(&mut self, operands: &[Token<'_>], resources: &Resources<'d>) -> Mark {
        let [.., Token::Name(tag), properties] = operands else { return Mark::default() };
        match properties {
            Token::Dict(bytes) if may_say(bytes) => {
                let actual = Dict::from_bytes(bytes).and_then(|list| self.texts(&list));
                Mark { off: false, actual }
            }
            Token::Name(name) => {
                let name = unname(name);
                let off = *tag == b"OC" && self.layers.hides(&resources.properties, &name);
                let list = resources.properties.get::<Dict<'_>>(name.as_ref());
                Mark { off, actual: list.and_then(|list| self.texts(&list)) }
            }
            _ => Mark::default(),
        }
    }

    /// Keeps the texts of a property list that stand beside the content; gives the one that stands for it.
    fn texts(&mut self, list: &Dict<'_>) -> Option<Actual> {
        for key in BESIDE {
            if let Some(text) = text_of(list, key).filter(|text| has_letter(text)) {
                self.canvas.aside(key, text);
            }
        }
        let text = text_of(list, "ActualText")?;
        self.canvas.close();
        Some(Actual { text, run: self.canvas.runs.len(), unknown: self.canvas.unknown })
    }

    /// Compares what `/ActualText` says with what was drawn: it fills in for letters that nobody can tell, and is kept
    /// beside them where it says something else.
    pub(super) fn end_actual(&mut self, actual: Actual, state: &State, matrix: Matrix, off: bool) {
        self.canvas.close();
        let Actual { text, run: first, unknown } = actual;
        let says =
            |text: &str| -> String { text.chars().filter(|letter| letter.is_alphanumeric()).collect() };
        let wanted = says(&text);
        if wanted.is_empty() {
            return;
        }
        let drawn: String = self
            .canvas
            .runs
            .get(first..)
            .unwrap_or(&[])
            .iter()
            .map(|run| says(self.canvas.run_text(run)))
            .collect();
        if drawn == wanted {
            return;
        }
        let lost = self.canvas.unknown > unknown;
        if !drawn.is_empty() && !lost {
            if self.canvas.instead.len() < 10_000 {
                self.canvas.instead.push(Instead { text, run: first });
            }
            return;
        }
        self.canvas.unknown = unknown;
        let at = self.canvas.text.len();
        self.canvas.text.push_str(&text);
        let end = self.canvas.text.len();
        let to = self.canvas.runs.last().map(|run| run.to);
        self.canvas.runs.truncate(first + 1);
        match (self.canvas.runs.get_mut(first), to) {
            (Some(run), Some(to)) => {
                run.text = (at, end);
                run.to = to;
                run.stops = (0, 0);
                run.look.flags |= ACTUAL;
            }
            _ => {
                let mut look = self.look(state, matrix, off);
                look.flags |= ACTUAL;
                let from = matrix.then(state.ctm).point(0.0, state.rise);
                #[allow(clippy::cast_precision_loss)]
                let reach = look.size * 0.5 * text.chars().count().min(1000) as f32;
                let to = (from.0 + look.direction.0 * reach, from.1 + look.direction.1 * reach);
                if self.canvas.runs.len() < MAX_RUNS {
                    self.canvas.runs.push(Run {
                        look,
                        from,
                        to,
                        text: (at, end),
                        order: u32::MAX,
                        stops: (0, 0),
                    });
                }
            }
        }
    }
}
