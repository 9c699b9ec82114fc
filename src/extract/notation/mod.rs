//! Text with a grammar of its own: XML and SVG, JSON, CSV, SQL, vCard and iCalendar, LaTeX, subtitles, source code with
//! escapes; and property lists in their binary form.
//!
//! In: the document's text, decoded block by block by the reader of plain text, so that files of any length and any
//! charset pass. Out: the same lines with the same numbers, what belongs together joined (`M<b>Ậ</b>T`, `\u1EACT`),
//! and a tab at every border of a field; beside it comments, attributes and links. Nothing is checked: what breaks the
//! grammar is text.
//!
//! Left out: what the text means. Markdown, INI, YAML, PO and the like are plain text and read as such.

mod bplist;
mod cards;
mod csv;
mod escapes;
mod json;
mod latex;
mod sql;
mod subtitles;
mod xml;

use super::charset;
use super::{Format, Head, Input, Member, Relay, Sink, Stop, Unreadable, text};
use crate::model::{Kind, Place, Segment};
pub(super) use bplist::BinaryPlist;
pub(super) use json::of_script as json_of_script;

/// A grammar, as far as it is undone here. Blocks end anywhere, most often behind a line.
trait Notation {
    /// Takes the next block. Every line end of the source must come out as one.
    fn block(&mut self, source: &str, out: &mut Out);
    /// The source has ended.
    fn end(&mut self, out: &mut Out);
}

/// What comes out.
#[derive(Debug, Default)]
struct Out {
    body: String,
    hidden: String,
    properties: String,
    links: String,
    /// Attributes that name a degree of secrecy, with their values.
    degrees: Vec<(String, String)>,
    /// Labels that the vocabulary marks as such, one a line.
    labels: String,
    /// Documents inside, with their names.
    members: Vec<(String, Vec<u8>)>,
}

impl Out {
    /// What follows is another field.
    fn border(&mut self) {
        if !matches!(self.body.as_bytes().last(), None | Some(b'\t' | b'\n')) {
            self.body.push('\t');
        }
    }

    /// The name of a field that names a degree of secrecy: its value follows on the same piece, as on paper.
    fn field(&mut self, name: &str) {
        self.border();
        self.body.push_str(name);
        self.body.push_str(": ");
    }

    /// Line ends of source that gives no text.
    fn lines_of(&mut self, source: &str) {
        for _ in memchr::memchr_iter(b'\n', source.as_bytes()) {
            self.body.push('\n');
        }
    }

    /// A line of its own in one of the other buffers.
    fn line(buffer: &mut String, text: &str) {
        let text = text.trim();
        if !text.is_empty() {
            buffer.push_str(text);
            buffer.push('\n');
        }
    }
}

/// A format whose text is given through a notation.
pub(super) struct Noted {
    name: &'static str,
    extensions: &'static [&'static str],
    /// Whether these first characters are of the format, whatever it is called. They begin without blanks.
    begins: fn(&str) -> bool,
    notation: fn(&Input<'_>) -> Box<dyn Notation>,
}

/// Whether the first thing is an element with a namespace.
fn has_namespace(beginning: &str) -> bool {
    let element = beginning.strip_prefix('<').and_then(|rest| rest.split('>').next()).unwrap_or_default();
    element.starts_with(|first: char| first.is_ascii_alphabetic())
        && element.split_whitespace().skip(1).any(|word| word.starts_with("xmlns"))
}

fn never(_beginning: &str) -> bool {
    false
}

/// XML of any vocabulary that no other reader knows.
pub(super) static XML: Noted = Noted {
    name: "xml",
    extensions: &[
        "xml", "svg", "xsd", "xsl", "xslt", "rss", "atom", "kml", "gpx", "plist", "xmp", "rdf", "opml",
        "xlf", "xliff", "resx", "wsdl", "dita", "ditamap", "ttml", "dfxp", "mathml", "xaml", "tei", "fb2",
        "dbk", "smil", "xul", "config", "nuspec", "csproj", "vcxproj", "musicxml", "gml", "collada", "dae",
        "tmx", "tbx", "ui",
    ],
    begins: |beginning| {
        beginning.starts_with("<?xml")
            || beginning.starts_with("<svg")
            || beginning.starts_with("<!DOCTYPE plist")
            || has_namespace(beginning)
    },
    notation: |_| Box::new(xml::Xml::default()),
};

/// JSON, with one value or one a line.
pub(super) static JSON: Noted = Noted {
    name: "json",
    extensions: &[
        "json",
        "jsonl",
        "ndjson",
        "geojson",
        "topojson",
        "ipynb",
        "jsonld",
        "webmanifest",
        "har",
        "map",
        "json5",
        "jsonc",
    ],
    begins: json::begins,
    notation: |_| Box::new(json::Json::default()),
};

/// Tables with separated values.
pub(super) static CSV: Noted = Noted {
    name: "csv",
    extensions: &["csv", "tsv", "tab", "psv"],
    begins: never,
    notation: |input| Box::new(csv::Csv::new(input)),
};

/// Dumps of data bases.
pub(super) static SQL: Noted = Noted {
    name: "sql",
    extensions: &["sql", "mysql", "psql", "pgsql"],
    begins: |beginning| {
        [
            "-- MySQL dump",
            "-- MariaDB dump",
            "-- phpMyAdmin SQL Dump",
            "-- PostgreSQL database dump",
            "PRAGMA foreign_keys=",
        ]
        .iter()
        .any(|head| beginning.trim_start_matches("--\n").starts_with(head))
    },
    notation: |_| Box::new(sql::Sql::default()),
};

/// vCard and iCalendar.
pub(super) static CARDS: Noted = Noted {
    name: "vcard",
    extensions: &["vcf", "vcard", "ics", "ical", "ifb", "vcs", "vnt"],
    begins: |beginning| {
        ["BEGIN:VCARD", "BEGIN:VCALENDAR", "BEGIN:VNOTE"]
            .iter()
            .any(|word| beginning.get(..word.len()).is_some_and(|is| is.eq_ignore_ascii_case(word)))
    },
    notation: |_| Box::new(cards::Cards::default()),
};

/// LaTeX and BibTeX.
pub(super) static LATEX: Noted = Noted {
    name: "latex",
    extensions: &["tex", "latex", "ltx", "sty", "cls", "bib", "bbl", "dtx"],
    begins: |beginning| {
        // Comments and options of packages may stand in front of it.
        let before = ["%", "\\PassOptionsTo", "\\RequirePackage", "\\NeedsTeXFormat"];
        let mut lines = beginning.lines().map(str::trim_start);
        let first = lines.find(|line| !line.is_empty() && !before.iter().any(|word| line.starts_with(word)));
        first.is_some_and(|line| line.starts_with("\\documentclass") || line.starts_with("\\documentstyle"))
    },
    notation: |_| Box::new(latex::Latex),
};

/// Subtitles with tags in them.
pub(super) static SUBTITLES: Noted = Noted {
    name: "subtitles",
    extensions: &["srt", "vtt", "ass", "ssa", "sbv"],
    begins: |beginning| beginning.starts_with("WEBVTT") || beginning.starts_with("[Script Info]"),
    notation: |_| Box::new(subtitles::Subtitles),
};

/// Source code and resources in which strings are written with escapes.
pub(super) static ESCAPED: Noted = Noted {
    name: "text",
    extensions: &[
        "properties",
        "js",
        "mjs",
        "cjs",
        "ts",
        "tsx",
        "jsx",
        "java",
        "kt",
        "cs",
        "py",
        "rb",
        "go",
        "strings",
        "po",
        "pot",
    ],
    begins: never,
    notation: |_| Box::new(escapes::Escapes),
};

impl Format for Noted {
    fn name(&self) -> &'static str {
        self.name
    }

    fn extensions(&self) -> &'static [&'static str] {
        self.extensions
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        if !charset::is_text(head.bytes) {
            return false;
        }
        // The name decides between notations that look alike; XML and JSON under a foreign name are told by their look.
        let beginning = beginning(head.bytes);
        if self.extensions.contains(&head.extension) {
            return match self.name {
                "xml" => beginning.starts_with('<'),
                "json" => beginning.starts_with(['{', '[', '"']),
                _ => true,
            };
        }
        (self.begins)(&beginning)
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let notation = (self.notation)(input);
        let mut through = Through { inner: sink, notation, out: Out::default(), line: 1 };
        text::read_parts(input, &mut through)?;
        through.notation.end(&mut through.out);
        Ok(through.flush(true)?)
    }
}

/// The first characters without blanks, whatever the encoding; ASCII counts only.
fn beginning(bytes: &[u8]) -> String {
    let head = bytes.get(..512).unwrap_or(bytes);
    let plain: Vec<u8> = match charset::bom(bytes) {
        Some((charset::Charset::Wide(_), skip)) => {
            head.get(skip..).unwrap_or_default().iter().copied().filter(|byte| *byte != 0).collect()
        }
        Some((_, skip)) => head.get(skip..).unwrap_or_default().to_vec(),
        None if charset::wide(bytes).is_some() => head.iter().copied().filter(|byte| *byte != 0).collect(),
        None => head.to_vec(),
    };
    String::from_utf8_lossy(plain.trim_ascii_start()).into_owned()
}

/// Puts a notation between the reader of plain text and the sink.
struct Through<'s> {
    inner: &'s mut dyn Sink,
    notation: Box<dyn Notation>,
    out: Out,
    /// Number of the first line in `out.body`.
    line: u64,
}

/// A field longer than this is given in pieces.
const LONG_FIELD: usize = 64 << 10;

impl Through<'_> {
    /// Pushes what is complete, at the end everything.
    fn flush(&mut self, last: bool) -> Result<(), Stop> {
        let body = &mut self.out.body;
        let border = memchr::memrchr2(b'\n', b'\t', body.as_bytes()).map_or(0, |at| at + 1);
        let mut end = if last || body.len() - border > LONG_FIELD { body.len() } else { border };
        while !body.is_char_boundary(end) {
            end -= 1;
        }
        let ready = body.get(..end).unwrap_or_default();
        if !ready.trim().is_empty() {
            let place = Place { line: Some(self.line), ..Place::new(Kind::Body) };
            self.inner.segment(Segment::lines(ready, place))?;
        }
        self.line += memchr::memchr_iter(b'\n', ready.as_bytes()).count() as u64;
        body.drain(..end);
        for (buffer, kind, name) in [
            (&mut self.out.hidden, Kind::Hidden, Some("comment")),
            (&mut self.out.properties, Kind::Property, None),
            (&mut self.out.links, Kind::Link, None),
            (&mut self.out.labels, Kind::Label, Some("xml label")),
        ] {
            if !buffer.trim().is_empty() {
                let place = Place { name, ..Place::new(kind) }.hidden();
                self.inner.segment(Segment::lines(buffer, place))?;
            }
            buffer.clear();
        }
        for (name, value) in std::mem::take(&mut self.out.degrees) {
            let place = Place { name: Some(&name), ..Place::new(Kind::Property) }.hidden();
            self.inner.segment(Segment::new(&value, place))?;
        }
        for (name, content) in std::mem::take(&mut self.out.members) {
            self.inner.member_in_memory(Member::named(&name), &content)?;
        }
        Ok(())
    }
}

impl Relay for Through<'_> {
    fn inner(&mut self) -> &mut dyn Sink {
        self.inner
    }

    fn relay(&mut self, segment: Segment<'_>) -> Result<(), Stop> {
        self.notation.block(segment.text, &mut self.out);
        self.flush(false)
    }
}

#[cfg(test)]
mod tests;
