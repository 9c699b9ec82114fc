//! Jupyter notebooks (nbformat 4, and the worksheets of 3): JSON whose letters may be escaped, which a reader of plain
//! text would not find.
//!
//! In: a notebook, held in memory. Out: sources and outputs of the cells as text, HTML and pictures of outputs as
//! members, metadata as properties. Anything else in the JSON is read over.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::input::Input;
use super::{Format, Head, Member, Sink, Unreadable, base64};
use crate::model::{Kind, Place, Segment};

/// The reader of notebooks.
pub(super) struct Notebook;

/// Text, whole or line by line.
#[derive(Deserialize)]
#[serde(untagged)]
enum Lines<'a> {
    One(#[serde(borrow)] Cow<'a, str>),
    Many(#[serde(borrow)] Vec<Cow<'a, str>>),
    Other(serde::de::IgnoredAny),
}

impl Lines<'_> {
    fn joined(&self) -> Cow<'_, str> {
        match self {
            Lines::One(text) => Cow::Borrowed(text.as_ref()),
            Lines::Many(lines) => Cow::Owned(lines.concat()),
            Lines::Other(_) => Cow::Borrowed(""),
        }
    }
}

#[derive(Deserialize)]
struct Book<'a> {
    #[serde(borrow, default)]
    cells: Vec<Cell<'a>>,
    #[serde(borrow, default)]
    worksheets: Vec<Sheet<'a>>,
    #[serde(default)]
    metadata: Value,
}

#[derive(Deserialize)]
struct Sheet<'a> {
    #[serde(borrow, default)]
    cells: Vec<Cell<'a>>,
}

type Bundle<'a> = BTreeMap<Cow<'a, str>, Lines<'a>>;

#[derive(Deserialize)]
struct Cell<'a> {
    #[serde(borrow, default)]
    cell_type: Cow<'a, str>,
    #[serde(borrow)]
    source: Option<Lines<'a>>,
    /// Source of code in format 3.
    #[serde(borrow)]
    input: Option<Lines<'a>>,
    #[serde(borrow, default)]
    outputs: Vec<Output<'a>>,
    /// Pictures pasted into text, by name.
    #[serde(borrow, default)]
    attachments: BTreeMap<Cow<'a, str>, Bundle<'a>>,
}

#[derive(Deserialize)]
struct Output<'a> {
    #[serde(borrow)]
    text: Option<Lines<'a>>,
    #[serde(borrow)]
    traceback: Option<Lines<'a>>,
    #[serde(borrow, default)]
    data: Bundle<'a>,
}

impl Format for Notebook {
    fn name(&self) -> &'static str {
        "ipynb"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["ipynb"]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        let start = head.bytes.trim_ascii_start();
        let has = |word: &[u8]| memchr::memmem::find(head.bytes, word).is_some();
        start.starts_with(b"{") && (has(b"\"cell_type\"") || (head.extension == "ipynb" && has(b"\"cells\"")))
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let bytes = input.bytes()?;
        let book: Book<'_> = serde_json::from_slice(bytes)
            .map_err(|error| Unreadable::damaged(format!("notebook: {error}")))?;
        properties(&book.metadata, "", 0, sink)?;
        let cells = book.cells.iter().chain(book.worksheets.iter().flat_map(|sheet| &sheet.cells));
        for (nth, cell) in cells.enumerate() {
            let name = format!("cell {}", nth + 1);
            let kind = if cell.cell_type == "code" { Kind::Script } else { Kind::Body };
            for source in cell.source.iter().chain(&cell.input) {
                lines(&source.joined(), Place::new(kind).named(&name), sink)?;
            }
            for (file, bundle) in &cell.attachments {
                members(bundle, &format!("{name} {file}"), sink)?;
            }
            let name = format!("output of cell {}", nth + 1);
            for output in &cell.outputs {
                for text in output.text.iter().chain(&output.traceback) {
                    lines(&text.joined(), Place::new(Kind::Body).named(&name), sink)?;
                }
                members(&output.data, &name, sink)?;
            }
        }
        Ok(())
    }
}

fn lines(text: &str, place: Place<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    if !text.trim().is_empty() {
        sink.segment(Segment::lines(text, place))?;
    }
    Ok(())
}

/// Values by media type: plain ones as text, documents and pictures as members.
fn members(bundle: &Bundle<'_>, name: &str, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    for (media, value) in bundle {
        let text = value.joined();
        let extension = match media.as_ref() {
            "text/html" => "html",
            "image/svg+xml" => "svg",
            "image/png" => "png",
            "image/jpeg" => "jpg",
            "image/gif" => "gif",
            "application/pdf" => "pdf",
            _ => {
                lines(&text, Place::new(Kind::Body).named(name), sink)?;
                continue;
            }
        };
        let decoded;
        let mut content = if matches!(extension, "html" | "svg") {
            text.as_bytes()
        } else {
            decoded = base64::decode(text.as_bytes());
            decoded.as_slice()
        };
        let name = format!("{name}.{extension}");
        let member = Member { media: Some(media), charset: Some("utf-8"), ..Member::named(&name) };
        sink.member(member, &mut content)?;
    }
    Ok(())
}

/// Texts of the metadata, named by their keys.
fn properties(value: &Value, name: &str, depth: u32, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    match value {
        Value::String(text) if super::xml::has_letter(text) => {
            let kind = match name {
                "title" => Kind::Title,
                name => super::ooxml::kind_of_property(name),
            };
            Ok(sink.segment(Segment::new(text, Place::new(kind).hidden().named(name)))?)
        }
        Value::Array(values) if depth < 16 => {
            values.iter().try_for_each(|value| properties(value, name, depth + 1, sink))
        }
        Value::Object(map) if depth < 16 => {
            map.iter().try_for_each(|(key, value)| properties(value, key, depth + 1, sink))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::read_bytes;
    use super::*;

    #[test]
    fn cells_and_outputs() {
        let bytes =
            std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/pack/notebook.ipynb")).unwrap();
        assert!(Notebook.matches(&Head { bytes: &bytes, extension: "", media: None }));
        let got = read_bytes(&Notebook, "x.ipynb", &bytes);
        assert_eq!(got.error, None);
        assert_eq!(
            got.lines(),
            [
                "title|title|Sổ thử nghiệm",
                "body|cell 1|TUYỆT MẬT\n\nKết quả vận hành thử",
                "script|cell 2|print(1)\n",
                "body|output of cell 2|ngọn hải đăng Orla\n",
                "body|output of cell 2|1",
            ]
        );
        assert_eq!(got.members, [("output of cell 2.html".to_owned(), "<p>TỐI MẬT</p>".as_bytes().to_vec())]);
    }
}
