//! A sink that writes down everything, for the tests of readers.

use std::io::{Read, Write as _};

use super::limits::{Budget, Limits};
use super::{Format, Input, Member, Sink, Stop};
use crate::model::{Gap, GapReason, Kind, OwnedPlace, Segment, Shape, SkipReason};

/// A segment with its text.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) text: String,
    pub(crate) place: OwnedPlace,
    pub(crate) look: String,
    pub(crate) shape: Shape,
    pub(crate) color: Option<[u8; 3]>,
    pub(crate) framed: bool,
    pub(crate) font: Option<String>,
}

/// Everything a reader said.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) segments: Vec<Seen>,
    pub(crate) members: Vec<(String, Vec<u8>)>,
    /// On which slide each of them lies.
    pub(crate) slides: Vec<Option<u32>>,
    next_slide: Option<u32>,
    pub(crate) member_errors: Vec<String>,
    pub(crate) unread: Vec<(String, GapReason)>,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) facts: Vec<(&'static str, String)>,
    pub(crate) format: Option<&'static str>,
    pub(crate) error: Option<String>,
    pub(crate) skipped: Option<SkipReason>,
}

impl Record {
    /// Texts of one kind.
    pub(crate) fn of(&self, kind: Kind) -> Vec<&str> {
        self.segments.iter().filter(|s| s.place.kind == kind).map(|s| s.text.as_str()).collect()
    }

    /// All text of a kind.
    pub(crate) fn text_of(&self, kind: Kind) -> String {
        self.of(kind).concat()
    }

    /// `kind|name|text` of each segment.
    pub(crate) fn lines(&self) -> Vec<String> {
        let name = |seen: &Seen| seen.place.name.clone().unwrap_or_default();
        self.segments.iter().map(|s| format!("{}|{}|{}", s.place.kind.as_str(), name(s), s.text)).collect()
    }

    /// The one segment with that text.
    pub(crate) fn the(&self, text: &str) -> &Seen {
        let mut all = self.segments.iter().filter(|s| s.text == text);
        let first = all.next().unwrap_or_else(|| panic!("no segment {text:?} in {:#?}", self.segments));
        assert!(all.next().is_none(), "twice: {text:?}");
        first
    }
}

impl Sink for Record {
    fn segment(&mut self, segment: Segment<'_>) -> Result<(), Stop> {
        let style = segment.style;
        let mut look = Vec::new();
        if let Some(size) = style.size {
            look.push(format!("{size}pt"));
        }
        if let Some([r, g, b]) = style.color {
            look.push(format!("#{r:02x}{g:02x}{b:02x}"));
        }
        for (set, name) in [
            (style.bold, "bold"),
            (style.capitals, "capitals"),
            (style.struck, "struck"),
            (style.framed, "framed"),
        ] {
            if set {
                look.push(name.to_owned());
            }
        }
        look.extend(style.font.map(str::to_owned));
        self.segments.push(Seen {
            text: segment.text.to_owned(),
            place: segment.place.to_owned(),
            look: look.join(" "),
            shape: segment.shape,
            color: style.color,
            framed: style.framed,
            font: style.font.map(str::to_owned),
        });
        Ok(())
    }

    fn member(&mut self, member: Member<'_>, content: &mut dyn Read) -> Result<(), Stop> {
        let mut bytes = Vec::new();
        let end = content.read_to_end(&mut bytes);
        if let Err(error) = end {
            self.member_errors.push(error.to_string());
        }
        self.members.push((member.name.to_owned(), bytes));
        self.slides.push(self.next_slide.take());
        Ok(())
    }

    fn next_on_slide(&mut self, slide: Option<u32>) {
        self.next_slide = slide;
    }

    fn unread_member(&mut self, member: Member<'_>, gap: Gap) {
        self.unread.push((member.name.to_owned(), gap.reason));
    }

    fn gap(&mut self, gap: Gap) {
        self.gaps.push(gap);
    }

    fn fact(&mut self, code: &'static str, value: String) {
        self.facts.push((code, value));
    }

    fn skip(&mut self, reason: SkipReason) {
        self.skipped = Some(reason);
    }

    fn format(&mut self, name: &'static str) {
        self.format = Some(name);
    }
}

/// What a format reads from bytes under limits.
pub(crate) fn read_with(format: &dyn Format, name: &str, bytes: &[u8], limits: Limits) -> Record {
    let budget = Budget::new(limits);
    let mut input = Input::from_bytes(name, bytes, &budget);
    let mut record = Record::default();
    if let Err(error) = format.read(&mut input, &mut record) {
        record.error = Some(error.to_string());
    }
    record
}

/// What a format reads from bytes.
pub(crate) fn read_bytes(format: &dyn Format, name: &str, bytes: &[u8]) -> Record {
    read_with(format, name, bytes, Limits::default())
}

/// All texts in order.
pub(crate) fn texts(record: &Record) -> Vec<&str> {
    record.segments.iter().map(|s| s.text.as_str()).collect()
}

/// A zip of these files.
pub(crate) fn zip_of(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}
