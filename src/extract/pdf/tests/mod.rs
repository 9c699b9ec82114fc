//! Whole files through the reader: small PDFs made here, read, and compared.

mod beside;
mod broken;
mod hidden;
mod lines;
mod long;

use std::io::{Read, Write as _};

use super::*;
use crate::extract::limits::{Budget, Limits};
use crate::extract::{Member, Stop};
use crate::model::{Area, Kind, Segment, Shape};

/// Text, colour, bold, framed, font.
type Look = (String, Option<[u8; 3]>, bool, bool, Option<String>);

#[derive(Debug, Default)]
struct Seen {
    segments: Vec<(Kind, bool, String)>,
    looks: Vec<Look>,
    numbers: Vec<(String, Option<u32>)>,
    views: Vec<String>,
    members: Vec<(String, Vec<u8>)>,
    gaps: Vec<(GapReason, String)>,
    struck: Vec<String>,
    unread: Vec<(String, GapReason)>,
    facts: Vec<(&'static str, String)>,
}

impl Sink for Seen {
    fn segment(&mut self, segment: Segment<'_>) -> Result<(), Stop> {
        if segment.shape == Shape::View {
            self.views.push(segment.text.to_owned());
            return Ok(());
        }
        self.segments.push((segment.place.kind, segment.place.visible, segment.text.to_owned()));
        self.numbers.push((segment.text.to_owned(), segment.place.page));
        let style = segment.style;
        if style.struck {
            self.struck.push(segment.text.to_owned());
        }
        self.looks.push((
            segment.text.to_owned(),
            style.color,
            style.bold,
            style.framed,
            style.font.map(str::to_owned),
        ));
        Ok(())
    }

    fn member(&mut self, member: Member<'_>, content: &mut dyn Read) -> Result<(), Stop> {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes).unwrap();
        self.members.push((member.name.to_owned(), bytes));
        Ok(())
    }

    fn unread_member(&mut self, member: Member<'_>, gap: Gap) {
        self.unread.push((member.name.to_owned(), gap.reason));
    }

    fn gap(&mut self, gap: Gap) {
        self.gaps.push((gap.reason, gap.detail));
    }

    fn fact(&mut self, code: &'static str, value: String) {
        self.facts.push((code, value));
    }

    fn skip(&mut self, _: crate::model::SkipReason) {}

    fn format(&mut self, _: &'static str) {}
}

impl Seen {
    fn has(&self, kind: Kind, visible: bool, text: &str) {
        let wanted = (kind, visible, text.to_owned());
        assert!(self.segments.contains(&wanted), "{wanted:?} not in {:#?} {:?}", self.segments, self.gaps);
    }

    fn body(&self) -> Vec<&str> {
        self.of(Kind::Body)
    }

    /// The pages that a text stands on.
    fn pages_of(&self, text: &str) -> Vec<Option<u32>> {
        self.numbers.iter().filter(|one| one.0 == text).map(|one| one.1).collect()
    }

    fn of(&self, kind: Kind) -> Vec<&str> {
        self.segments.iter().filter(|segment| segment.0 == kind).map(|segment| segment.2.as_str()).collect()
    }
}

fn read(bytes: &[u8]) -> Seen {
    read_with(bytes, Limits::default())
}

fn read_with(bytes: &[u8], limits: Limits) -> Seen {
    let budget = Budget::new(limits);
    let mut input = Input::from_bytes("test.pdf", bytes, &budget);
    let mut seen = Seen::default();
    if let Err(Unreadable::Gap { reason, detail }) = Pdf.read(&mut input, &mut seen) {
        seen.gaps.push((reason, detail));
    }
    seen
}

/// A PDF from its objects, numbered from 1; object 1 is the catalog. With a cross-reference table and a trailer.
fn file(objects: &[Vec<u8>], trailer: &str) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (number, object) in (1..).zip(objects) {
        offsets.push(out.len());
        writeln!(out, "{number} 0 obj").unwrap();
        out.extend(object);
        out.extend(b"\nendobj\n");
    }
    let start = out.len();
    write!(out, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).unwrap();
    for offset in offsets {
        writeln!(out, "{offset:010} 00000 n ").unwrap();
    }
    writeln!(out, "trailer <</Size {} /Root 1 0 R {trailer}>>\nstartxref\n{start}\n%%EOF", objects.len() + 1)
        .unwrap();
    out
}

fn stream(dict: &str, data: &[u8]) -> Vec<u8> {
    let mut out = format!("<<{dict} /Length {}>>\nstream\n", data.len()).into_bytes();
    out.extend(data);
    out.extend(b"\nendstream");
    out
}

/// Pages with these contents, and further objects from number 6 + pages on.
fn pages(
    contents: &[&str],
    resources: &str,
    page: &str,
    catalog: &str,
    more: &[Vec<u8>],
    trailer: &str,
) -> Vec<u8> {
    let count = contents.len();
    let kids: Vec<String> = (0..count).map(|index| format!("{} 0 R", 4 + index * 2)).collect();
    let mut objects = vec![
        format!("<</Type/Catalog/Pages 2 0 R {catalog}>>").into_bytes(),
        format!("<</Type/Pages/Count {count}/Kids[{}]/MediaBox[0 0 600 800]>>", kids.join(" ")).into_bytes(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding<</BaseEncoding/WinAnsiEncoding/Differences[\
          1/Ecircumflexdotbelow/Acircumflexdotbelow/Ograve/Dcroat]>>>>"
            .to_vec(),
    ];
    for (index, content) in contents.iter().enumerate() {
        objects.push(
            format!(
                "<</Type/Page/Parent 2 0 R/Contents {} 0 R/Resources<</Font<</F 3 0 R>>{resources}>>{page}>>",
                5 + index * 2
            )
            .into_bytes(),
        );
        objects.push(stream("", content.as_bytes()));
    }
    objects.extend(more.iter().cloned());
    file(&objects, trailer)
}

fn page(content: &str) -> Vec<u8> {
    pages(&[content], "", "", "", &[], "")
}
