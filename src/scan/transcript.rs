//! What the scanner sees of a file, for the `extract` command and for golden tests.

use serde::Serialize;

use super::door::{Consumer, ReadOutcome};
use crate::model::{Fact, Gap, OwnedPlace, Segment, Shape};
use crate::rules::DigestKind;

/// One line of a transcript.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Line {
    /// A piece of text.
    Segment {
        /// Way into the file.
        members: Vec<String>,
        /// Where it stands.
        place: OwnedPlace,
        /// The text as the reader gave it.
        text: String,
        /// Font size in points.
        #[serde(skip_serializing_if = "Option::is_none")]
        size: Option<f32>,
        /// Colour as `#rrggbb`.
        #[serde(skip_serializing_if = "Option::is_none")]
        color: Option<String>,
        /// Font name.
        #[serde(skip_serializing_if = "Option::is_none")]
        font: Option<String>,
        /// Other looks that are set: `bold`, `capitals`, `struck`, `framed`, `lines`, `view`.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        look: Vec<&'static str>,
        /// Left, top, right, bottom on the page in points.
        #[serde(skip_serializing_if = "Option::is_none")]
        area: Option<[f32; 4]>,
    },
    /// A document ended.
    Document {
        /// Way into the file.
        members: Vec<String>,
        /// Name of the format.
        format: String,
        /// Bytes of the document.
        bytes: u64,
        /// How much was read: `full`, `partial`, `none`, or `skipped`.
        coverage: String,
        /// What could not be read.
        gaps: Vec<Gap>,
        /// What was noted besides.
        facts: Vec<Fact>,
    },
}

/// Collects lines and hands each to a callback.
pub struct Transcript<F: FnMut(Line)> {
    /// Open documents: the way to each, and the slide it lies on.
    open: Vec<(Vec<String>, Option<u32>)>,
    line: F,
}

impl<F: FnMut(Line)> Transcript<F> {
    /// A transcript that gives each line to `line`.
    pub fn new(line: F) -> Transcript<F> {
        Transcript { open: Vec::new(), line }
    }
}

impl<F: FnMut(Line)> Consumer for Transcript<F> {
    fn begin(&mut self, members: &[String], slide: Option<u32>) {
        self.open.push((members.to_vec(), slide));
    }

    fn segment(&mut self, segment: Segment<'_>) {
        let style = segment.style;
        let look = [
            (style.bold, "bold"),
            (style.capitals, "capitals"),
            (style.struck, "struck"),
            (style.framed, "framed"),
            (segment.shape == Shape::Lines, "lines"),
            (segment.shape == Shape::View, "view"),
        ];
        let (members, slide) = self.open.last().cloned().unwrap_or_default();
        (self.line)(Line::Segment {
            members,
            place: OwnedPlace { slide: segment.place.slide.or(slide), ..segment.place.to_owned() },
            text: segment.text.to_owned(),
            size: style.size,
            color: style.color.map(|[r, g, b]| format!("#{r:02x}{g:02x}{b:02x}")),
            font: style.font.map(str::to_owned),
            look: look.into_iter().filter_map(|(set, name)| set.then_some(name)).collect(),
            area: segment.area.map(|area| [area.left, area.top, area.right, area.bottom]),
        });
    }

    fn end(
        &mut self,
        members: &[String],
        outcome: ReadOutcome,
        _digest: &mut dyn FnMut(DigestKind) -> Option<String>,
    ) {
        self.open.pop();
        let coverage = if outcome.skipped.is_some() { "skipped" } else { outcome.coverage.as_str() };
        (self.line)(Line::Document {
            members: members.to_vec(),
            format: outcome.format.to_owned(),
            bytes: outcome.bytes,
            coverage: coverage.to_owned(),
            gaps: outcome.gaps,
            facts: outcome.facts,
        });
    }
}
