//! A sink that collects, for the tests of readers.

use std::io::Read;

use super::{Member, Sink, Stop};
use crate::model::{Gap, OwnedPlace, Segment, Shape};

/// A segment that owns its text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Kept {
    pub(super) text: String,
    pub(super) place: OwnedPlace,
    pub(super) shape: Shape,
    pub(super) color: Option<[u8; 3]>,
    pub(super) framed: bool,
    pub(super) font: Option<String>,
}

/// Everything a reader pushed.
#[derive(Debug, Default)]
pub(super) struct Collected {
    pub(super) segments: Vec<Kept>,
    pub(super) members: Vec<(String, Option<String>, Vec<u8>)>,
    pub(super) gaps: Vec<Gap>,
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) format: Option<&'static str>,
}

impl Collected {
    /// `kind|name|text` of each segment.
    pub(super) fn lines(&self) -> Vec<String> {
        self.segments
            .iter()
            .map(|s| {
                format!("{}|{}|{}", s.place.kind.as_str(), s.place.name.as_deref().unwrap_or(""), s.text)
            })
            .collect()
    }

    /// All text of a kind.
    pub(super) fn text_of(&self, kind: crate::model::Kind) -> String {
        self.segments.iter().filter(|s| s.place.kind == kind).map(|s| s.text.as_str()).collect()
    }
}

impl Sink for Collected {
    fn segment(&mut self, segment: Segment<'_>) -> Result<(), Stop> {
        self.segments.push(Kept {
            text: segment.text.to_owned(),
            place: segment.place.to_owned(),
            shape: segment.shape,
            color: segment.style.color,
            framed: segment.style.framed,
            font: segment.style.font.map(str::to_owned),
        });
        Ok(())
    }

    fn member(&mut self, member: Member<'_>, content: &mut dyn Read) -> Result<(), Stop> {
        let mut bytes = Vec::new();
        let _ = content.read_to_end(&mut bytes);
        self.members.push((member.name.to_owned(), member.media.map(str::to_owned), bytes));
        Ok(())
    }

    fn unread_member(&mut self, member: Member<'_>, gap: Gap) {
        self.members.push((member.name.to_owned(), None, Vec::new()));
        self.gaps.push(gap);
    }

    fn gap(&mut self, gap: Gap) {
        self.gaps.push(gap);
    }

    fn fact(&mut self, code: &'static str, value: String) {
        self.facts.push((code, value));
    }

    fn format(&mut self, name: &'static str) {
        self.format = Some(name);
    }
}
