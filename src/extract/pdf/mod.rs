//! PDF: text by page and position, and everything else a PDF can hold.
//!
//! In: the bytes of a file. Out: lines with page, box and look; annotations, fields, bookmarks, links, scripts,
//! properties; embedded files as members; gaps for pages that are pictures, fonts nobody can read, broken streams.
//!
//! ```text
//!  document (hayro, lopdf) ─► filter ─► content ─► canvas ─► layout ─► lines of a page ─┐
//!      └─► annotations, interactive, metadata ──────────────────────────────────────────┴─► sink
//! ```
//!
//! At most three pages are held at once: a line in the margin is a header only if the page before or after repeats it.
//! Left out: pictures (no text recognition here), digital signatures.

mod annotations;
mod aside;
mod canvas;
mod color;
mod condense;
mod content;
mod document;
mod encoding;
mod excerpt;
mod filter;
mod font;
mod interactive;
mod layout;
mod leftover;
mod lexer;
mod metadata;
mod program;
mod rtl;
mod tables;
mod tounicode;
mod unlock;
mod visible;

#[cfg(test)]
mod tests;

pub(super) use metadata::xmp_labels;

use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Read as _;
use std::rc::Rc;

use canvas::{Box2, Canvas, Matrix};
use condense::Condensed;
use content::{Fonts, Interpreter, Layers};
use document::{Array, Dict, Document, Id, Name, Object, Page, Rotation, Stream};
use filter::{Decoded, Decoder};
use layout::{Class, Line, Lines};

use super::limits::Lease;
use super::{Format, Head, Input, Sink, Unreadable};
use crate::model::{Area, Gap, GapReason, Kind, Place, Segment, Shape, Style};

/// Reader of PDF files.
#[derive(Debug)]
pub(super) struct Pdf;

impl Format for Pdf {
    fn name(&self) -> &'static str {
        "pdf"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["pdf", "ai", "pdfa"]
    }

    /// `%PDF-` within the first 1,024 bytes, as viewers accept it.
    fn matches(&self, head: &Head<'_>) -> bool {
        let window = head.bytes.get(..1024).unwrap_or(head.bytes);
        memchr::memmem::find(window, b"%PDF-").is_some()
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let budget = Rc::clone(input.budget());
        if let Some(asked) = input.pages() {
            return some_pages(input, asked, sink);
        }
        let (condensed, _lease) = hold(input)?;
        let mut decoder = Decoder::new(&budget);
        let left_out = condensed.left_out;
        let document = Document::open(condensed, input.file(), &mut decoder)?;
        if left_out > 0 {
            let detail = format!("{left_out} streams of more than {} MB each", condense::MAX_OTHER >> 20);
            sink.gap(Gap::new(GapReason::LimitSize, detail));
        }
        let mut reader = Reader::new(&document, decoder);
        reader.known = (!document.revision_ends().is_empty()).then(Known::default);
        sink.fact("pages", document.pages().len().to_string());
        if document.rewritten() {
            // Pages may be among what was lost, so "clean" cannot be said.
            sink.gap(Gap::new(GapReason::Damaged, "page tree broken; read from what is left"));
        } else if document.declared_pages() > document.pages().len() {
            let (declared, found) = (document.declared_pages(), document.pages().len());
            let detail = format!("{declared} pages declared, {found} found");
            sink.gap(Gap::new(GapReason::Damaged, detail));
        }
        metadata::read(&document, &mut reader.decoder, sink)?;
        let pages = reader.pages(sink);
        // Gaps of the pages that were read count even when the rest could not be.
        reader.gaps(sink);
        pages?;
        let attached = std::mem::take(&mut reader.attached);
        interactive::read(&document, attached, &mut reader.decoder, sink)?;
        if let Some(mut known) = reader.known.take() {
            earlier_revisions(&document, &mut known, &mut reader, sink)?;
            reader.known = Some(known);
        }
        leftover::read(&mut reader, sink)
    }
}

/// Reads some pages and nothing else; what is not asked for is no gap.
fn some_pages(input: &mut Input<'_>, asked: (u32, u32), sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let mut decoder = Decoder::new(input.budget());
    let file = input.file();
    let room = input.budget().room();
    let small = file.and_then(|file| excerpt::excerpt(&file, asked, room, &mut decoder));
    let (document, first, declared, _lease) = match small {
        Some(small) => {
            let lease = input.budget().hold(small.bytes.len() as u64);
            let document = Document::open(Condensed::whole(small.bytes), None, &mut decoder)?;
            (document, asked.0, small.declared, lease)
        }
        None => {
            let (condensed, lease) = hold(input)?;
            let document = Document::open(condensed, None, &mut decoder)?;
            let declared = document.pages().len();
            (document, 1, declared, lease)
        }
    };
    sink.fact("pages", declared.to_string());
    let last = asked.1.min(u32::try_from(declared).unwrap_or(u32::MAX));
    let read = if asked.0 == last { last.to_string() } else { format!("{}-{last}", asked.0) };
    sink.fact("pages-read", read);
    let mut reader = Reader::new(&document, decoder);
    let pages = reader.pages_from(first, asked, sink);
    reader.gaps(sink);
    pages
}

/// Earlier revisions that are read: the first one and the latest. A form that was saved after each field has hundreds.
const MAX_REVISIONS: usize = 16;

/// Texts that are remembered to tell what an earlier revision has more.
const MAX_SAID: usize = 500_000;

/// Forms inside forms that are looked at to tell whether a page has changed.
const MAX_FRESH_DEPTH: u32 = 4;

/// Reads what earlier revisions say and the current one does not. A file is updated by adding to its end, so the part
/// up to an earlier `%%EOF` is a whole file; pages whose streams were all read before are passed over.
fn earlier_revisions(
    document: &Document,
    known: &mut Known,
    current: &mut Reader<'_>,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    let mut numbered: Vec<(usize, usize)> = (1..).zip(document.revision_ends().iter().copied()).collect();
    if numbered.len() > MAX_REVISIONS {
        let left = numbered.len() - MAX_REVISIONS;
        numbered.drain(1..=left);
        sink.gap(Gap::new(GapReason::LimitCount, format!("{left} of the earlier revisions are not read")));
    }
    for (number, end) in numbered.into_iter().rev() {
        let Some(earlier) = document.open_revision(end) else { continue };
        let name = format!("revision {number}");
        let mut reader = Reader::new(&earlier, Decoder::new(current.decoder.budget()));
        for (number, page) in (1u32..).zip(earlier.pages()) {
            let what = match known.fresh(&earlier, page) {
                Fresh { content: true, .. } => What::All,
                Fresh { annotations: true, .. } => What::Annotations,
                _ => continue,
            };
            let held = reader.page(number, page, what)?;
            let place = Place::new(Kind::Revision).on_page(number).named(&name).hidden();
            let lines = held.lines.lines.iter().map(|line| (held.lines.text_of(line), Some(line)));
            let notes = held.notes.iter().map(|note| (note.text.as_str(), note.look.as_ref()));
            for (text, line) in lines.chain(notes) {
                if known.says(text) {
                    reader.push(&held, text, place, line, sink)?;
                }
            }
        }
        current.decoder.saw(&reader.decoder);
        current.annotations.append(&mut reader.annotations);
    }
    if known.full {
        sink.gap(Gap::new(GapReason::LimitCount, "too many lines to compare the revisions"));
    }
    Ok(())
}

/// What of a page was not read before.
#[derive(Debug, Default, Clone, Copy)]
struct Fresh {
    content: bool,
    annotations: bool,
}

/// What of a page is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    All,
    Annotations,
}

/// What was read already, to tell what an earlier revision has more.
#[derive(Debug, Default)]
struct Known {
    /// Fingerprints of the texts pushed.
    texts: HashSet<u64>,
    /// Streams and annotations, by their place in the file, or a hash where they have none.
    pieces: HashSet<u64>,
    full: bool,
}

impl Known {
    /// Notes a text; true when it is new.
    fn says(&mut self, text: &str) -> bool {
        if self.texts.len() >= MAX_SAID {
            self.full = true;
            return false;
        }
        self.texts.insert(fingerprint(text))
    }

    /// Notes the streams and annotations of a page, and tells which of them are new. What stands at the same place of
    /// the file is the same. Fonts are not compared: letters that change while the content stays are not looked for.
    fn fresh(&mut self, document: &Document, page: &Page<'_>) -> Fresh {
        let mut fresh = Fresh::default();
        match page.raw().get::<Object<'_>>("Contents") {
            Some(Object::Stream(stream)) => fresh.content |= self.stream(document, &stream),
            Some(Object::Array(list)) => {
                for stream in contents(&list) {
                    fresh.content |= self.stream(document, &stream);
                }
            }
            _ => {}
        }
        fresh.content |= self.forms(document, &page.resources().x_objects, 0);
        if let Some(list) = page.raw().get::<Array<'_>>("Annots") {
            for annotation in list.iter::<Dict<'_>>().take(annotations::MAX_ANNOTATIONS) {
                fresh.annotations |= self.piece(document, annotation.data());
                if let Some(form) = annotations::appearance(&annotation) {
                    fresh.annotations |= self.stream(document, &form);
                }
            }
        }
        fresh
    }

    fn forms(&mut self, document: &Document, objects: &Dict<'_>, depth: u32) -> bool {
        let mut fresh = false;
        for key in objects.keys().take(content::MAX_FORMS as usize) {
            let Some(form) = objects.get::<Stream<'_>>(key.as_ref()) else { continue };
            let dict = form.dict();
            if dict.get::<Name<'_>>("Subtype").as_deref() != Some(b"Form") || !self.stream(document, &form) {
                continue;
            }
            fresh = true;
            let inner = dict.get::<Dict<'_>>("Resources").and_then(|all| all.get::<Dict<'_>>("XObject"));
            if let (Some(inner), true) = (inner, depth < MAX_FRESH_DEPTH) {
                self.forms(document, &inner, depth + 1);
            }
        }
        fresh
    }

    fn stream(&mut self, document: &Document, stream: &Stream<'_>) -> bool {
        let dict = stream.dict().data();
        match document.offset_of(dict) {
            Some(_) => self.piece(document, dict),
            // The file was written anew, so the place says nothing.
            None => self.pieces.insert(hash_of(&(dict, stream.raw_data()))),
        }
    }

    fn piece(&mut self, document: &Document, data: &[u8]) -> bool {
        let identity = match document.offset_of(data) {
            Some(offset) => offset as u64,
            None => hash_of(&data),
        };
        self.pieces.insert(identity)
    }
}

fn hash_of(value: &impl std::hash::Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// A text without its blanks as a number.
fn fingerprint(text: &str) -> u64 {
    let bare: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    hash_of(&bare)
}

/// The whole file in memory, without holding it twice: hayro wants to own its bytes. A file that is too long comes
/// without its pictures and attached files.
fn hold(input: &mut Input<'_>) -> Result<(Condensed, Lease), Unreadable> {
    let cap = input.budget().room();
    let limit = input.budget().limits.max_in_memory;
    let known = input.len().unwrap_or(0);
    let mut condensed = Condensed::default();
    if known > cap
        && let Some(file) = input.file()
    {
        condensed = condense::condense(&file, known, cap, input.budget())?;
    } else if known <= cap {
        condensed.bytes.reserve_exact(usize::try_from(known).unwrap_or(0) + 1);
        input.stream()?.take(cap + 1).read_to_end(&mut condensed.bytes)?;
    }
    if condensed.bytes.is_empty() || condensed.bytes.len() as u64 > cap {
        let detail =
            format!("larger than {} MB, and a PDF that is no file must be held in memory", limit >> 20);
        return Err(Unreadable::gap(GapReason::LimitSize, detail));
    }
    let lease = input.budget().hold(condensed.bytes.len() as u64);
    Ok((condensed, lease))
}

/// Pages that share a defect: consecutive ones become one gap.
#[derive(Debug, Default)]
struct Pages {
    runs: Vec<(u32, u32)>,
    worst: u32,
}

impl Pages {
    fn add(&mut self, page: u32, share: u32) {
        self.worst = self.worst.max(share);
        match self.runs.last_mut() {
            Some(run) if run.1 + 1 == page => run.1 = page,
            _ => self.runs.push((page, page)),
        }
    }

    /// One gap for each run of pages; `detail` follows `page 3: ` or `pages 3-7: `.
    fn report(&self, reason: GapReason, detail: &str, sink: &mut dyn Sink) {
        for &(first, last) in &self.runs {
            let pages = if first == last { format!("page {first}") } else { format!("pages {first}-{last}") };
            let place = Place::new(Kind::Body).on_page(first).to_owned();
            sink.gap(Gap::new(reason, format!("{pages}: {detail}")).at(place));
        }
    }
}

/// A text beside the page's own lines: annotation, form field, link.
#[derive(Debug)]
struct Note {
    kind: Kind,
    visible: bool,
    text: String,
    name: Option<String>,
    look: Option<Line>,
}

/// A page that waits for its neighbours.
struct Held {
    number: u32,
    width: f32,
    height: f32,
    lines: Lines,
    notes: Vec<Note>,
    /// Marks of the lines in its margins.
    margins: HashSet<u64>,
}

/// Pages held back: a header may repeat on every second page only.
const LAG: usize = 2;

/// Margin lines remembered over the document.
const MAX_MARGINS: usize = 20_000;

/// Part of the page's height, at the top and at the bottom, that counts as margin.
const MARGIN: f32 = 0.085;

/// A page with a picture over half of it and fewer letters than this is a scan: a signature line or a scanner's
/// imprint does not make it text.
const SCAN_LETTERS: usize = 40;

struct Reader<'d> {
    document: &'d Document,
    decoder: Decoder,
    fonts: Fonts<'d>,
    layers: Layers,
    canvas: Canvas,
    content: Vec<u8>,
    held: VecDeque<Held>,
    margins: HashSet<u64>,
    pictures: Pages,
    unreadable: Pages,
    broken: Pages,
    cut: Pages,
    unsupported: Pages,
    recognised: u32,
    /// Files attached to annotations.
    attached: Vec<Dict<'d>>,
    /// What was read, kept only where there is an earlier revision.
    known: Option<Known>,
    /// Where the dictionaries of the annotations lie in memory that were read, and their lengths.
    annotations: Vec<(usize, usize)>,
    /// What annotations of the page that is being read strike out.
    strikes: Vec<Box2>,
    thumbnails: u32,
}

impl<'d> Reader<'d> {
    fn new(document: &'d Document, decoder: Decoder) -> Reader<'d> {
        Reader {
            document,
            decoder,
            fonts: Fonts::default(),
            layers: document.root().map(|root| Layers::read(&root)).unwrap_or_default(),
            canvas: Canvas::default(),
            content: Vec::new(),
            held: VecDeque::new(),
            margins: HashSet::new(),
            pictures: Pages::default(),
            unreadable: Pages::default(),
            broken: Pages::default(),
            cut: Pages::default(),
            unsupported: Pages::default(),
            recognised: 0,
            attached: Vec::new(),
            known: None,
            annotations: Vec::new(),
            strikes: Vec::new(),
            thumbnails: 0,
        }
    }

    /// The first page as it is shown; A4 where there is none.
    fn usual_page(&self) -> Box2 {
        let none = Box2 { left: 0.0, top: 0.0, right: 595.0, bottom: 842.0 };
        self.document.pages().first().map_or(none, |page| base_matrix(page).1)
    }

    fn pages(&mut self, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        self.pages_from(1, (1, u32::MAX), sink)
    }

    /// Reads the pages that are asked for; the first one of the document has the number `first`.
    fn pages_from(&mut self, first: u32, asked: (u32, u32), sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let document = self.document;
        for (number, page) in (first..).zip(document.pages()) {
            if number < asked.0 {
                continue;
            }
            if number > asked.1 {
                break;
            }
            if let Some(known) = &mut self.known {
                known.fresh(document, page);
            }
            match self.page(number, page, What::All) {
                Ok(held) => self.held.push_back(held),
                Err(error) => {
                    self.flush(0, sink)?;
                    return Err(error);
                }
            }
            self.flush(LAG, sink)?;
        }
        self.flush(0, sink)
    }

    fn page(&mut self, number: u32, page: &'d Page<'d>, what: What) -> Result<Held, Unreadable> {
        let (base, area) = base_matrix(page);
        self.content.clear();
        let mut broken = false;
        let mut cut = false;
        let mut unsupported = false;
        let mut streams: Vec<Stream<'d>> = Vec::new();
        match page.raw().get::<Object<'d>>("Contents") {
            _ if what == What::Annotations => {}
            Some(Object::Stream(stream)) => streams.push(stream),
            Some(Object::Array(list)) => {
                streams.extend(contents(&list));
                broken |= self.lost(&list, streams.len());
            }
            Some(_) => {}
            None => broken |= self.endless(page)?,
        }
        for stream in &streams {
            match self.decoder.decode(stream, &mut self.content)? {
                Decoded::Whole => {}
                Decoded::Cut => cut = true,
                Decoded::Broken | Decoded::Picture => broken = true,
                Decoded::Unsupported => unsupported = true,
            }
            self.content.push(b'\n');
            if self.content.len() > filter::MAX_STREAM {
                cut = true;
                break;
            }
        }
        self.canvas.clear();
        let mut interpreter =
            Interpreter::new(&mut self.fonts, &mut self.decoder, &self.layers, &mut self.canvas, area);
        interpreter.page(&self.content, page.resources(), base)?;
        broken |= interpreter.broken;
        cut |= interpreter.cut;
        unsupported |= interpreter.unsupported;
        if self.content.capacity() > 8 << 20 {
            self.content = Vec::new();
        }
        let mut lines = layout::lines(&mut self.canvas, &self.fonts, area);
        cut |= self.canvas.full;
        self.count(number, &lines);
        let (glyphs, unknown) = (self.canvas.glyphs, self.canvas.unknown - self.canvas.unknown_symbols);
        self.strikes.clear();
        let mut notes = annotations::read(self, page, base, area)?;
        for line in &mut lines.lines {
            line.struck = self.strikes.iter().any(|strike| strikes_out(*strike, line.area));
        }
        if page.raw().contains_key("AA") {
            for (name, text) in interactive::events(page.raw(), &mut self.decoder)? {
                notes.push(Note { kind: Kind::Script, visible: false, text, name: Some(name), look: None });
            }
        }
        self.thumbnails += u32::from(page.raw().contains_key("Thumb"));
        if unknown >= MIN_UNKNOWN {
            self.unreadable.add(number, unknown.saturating_mul(100).div_ceil(glyphs.max(1)));
        }
        if broken {
            self.broken.add(number, 0);
        }
        if cut {
            self.cut.add(number, 0);
        }
        if unsupported {
            self.unsupported.add(number, 0);
        }
        let margins = margin_marks(&lines, area.height());
        let (width, height) = (area.width(), area.height());
        Ok(Held { number, width, height, lines, notes, margins })
    }

    /// Whether streams of a list could not be read; what is in the file nowhere counts as empty.
    fn lost(&self, list: &Array<'_>, read: usize) -> bool {
        let references = || list.raw_iter().take(MAX_CONTENTS).filter_map(|item| item.as_obj_ref());
        references().count() > read
            && references().any(|reference| {
                let id = Id::from(reference);
                self.document.stream(id).is_none() && self.document.mentions(id)
            })
    }

    /// Content that is no stream: what of it can be read all the same. True when there is any.
    fn endless(&mut self, page: &Page<'_>) -> Result<bool, Unreadable> {
        let Some(id) = page.raw().get_ref("Contents").map(Id::from) else { return Ok(false) };
        let document = self.document;
        match document.endless_stream(id) {
            Some((body, true)) => drop(self.decoder.inflate_loose(body, &mut self.content)?),
            Some((body, false)) => {
                self.content.extend_from_slice(body.get(..filter::MAX_STREAM).unwrap_or(body));
            }
            None => return Ok(document.mentions(id)),
        }
        self.content.push(b'\n');
        Ok(true)
    }

    fn count(&mut self, number: u32, lines: &Lines) {
        let of = |class: Class| lines.lines.iter().filter(move |line| line.class == class && !line.view);
        let letters: usize = of(Class::Shown)
            .map(|line| lines.text_of(line).chars().filter(|letter| letter.is_alphabetic()).count())
            .sum();
        let recognised = of(Class::Recognised).next().is_some();
        self.recognised += u32::from(recognised);
        if lines.pictures >= 0.5 && letters < SCAN_LETTERS && !recognised {
            self.pictures.add(number, 0);
        }
    }

    /// Pushes held pages until only `keep` are left.
    fn flush(&mut self, keep: usize, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        while self.held.len() > keep {
            let Some(page) = self.held.pop_front() else { break };
            if let Some(known) = &mut self.known {
                let lines = page.lines.lines.iter().map(|line| page.lines.text_of(line));
                for text in lines.chain(page.notes.iter().map(|note| note.text.as_str())) {
                    known.says(text);
                }
            }
            for line in &page.lines.lines {
                self.push_line(&page, line, sink)?;
            }
            for note in &page.notes {
                self.push_note(&page, note, sink)?;
            }
            if self.margins.len() < MAX_MARGINS {
                self.margins.extend(page.margins);
            }
        }
        Ok(())
    }

    fn push_line(&self, page: &Held, line: &Line, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let text = page.lines.text_of(line);
        let repeated = |mark: u64| {
            self.margins.contains(&mark) || self.held.iter().any(|other| other.margins.contains(&mark))
        };
        let kind = match line.class {
            Class::Shown => match margin_mark(text, line, page.height) {
                Some((kind, mark)) if repeated(mark) => kind,
                _ => Kind::Body,
            },
            Class::Recognised => Kind::Ocr,
            Class::Covered => Kind::Redacted,
            Class::Hidden => Kind::Hidden,
        };
        let mut place = Place::new(kind).on_page(page.number);
        if matches!(line.class, Class::Covered | Class::Hidden) {
            place = place.hidden();
        }
        self.push(page, text, place, Some(line), sink)
    }

    fn push_note(&self, page: &Held, note: &Note, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let mut place = Place::new(note.kind).on_page(page.number);
        place.name = note.name.as_deref();
        place.visible = note.visible;
        self.push(page, &note.text, place, note.look.as_ref(), sink)
    }

    fn push(
        &self,
        page: &Held,
        text: &str,
        place: Place<'_>,
        line: Option<&Line>,
        sink: &mut dyn Sink,
    ) -> Result<(), Unreadable> {
        let mut segment = Segment::new(text, place);
        let Some(line) = line else { return Ok(sink.segment(segment)?) };
        let area = line.area;
        segment.area = Some(Area {
            left: area.left,
            top: area.top,
            right: area.right,
            bottom: area.bottom,
            page_width: page.width,
            page_height: page.height,
        });
        self.push_styled(segment, line, sink)
    }

    /// Pushes a line that stands on no page.
    fn push_bare(
        &self,
        text: &str,
        place: Place<'_>,
        line: &Line,
        sink: &mut dyn Sink,
    ) -> Result<(), Unreadable> {
        self.push_styled(Segment::new(text, place), line, sink)
    }

    fn push_styled(
        &self,
        mut segment: Segment<'_>,
        line: &Line,
        sink: &mut dyn Sink,
    ) -> Result<(), Unreadable> {
        if line.view {
            segment.shape = Shape::View;
        }
        let pushed = self.fonts.with(line.font, |font| {
            let mut styled = segment;
            styled.style = Style {
                size: Some(line.size),
                color: Some(line.color),
                bold: line.bold,
                framed: line.framed,
                struck: line.struck,
                font: Some(font.name.as_str()).filter(|name| !name.is_empty()),
                ..Style::default()
            };
            sink.segment(styled)
        });
        match pushed {
            Some(result) => Ok(result?),
            None => Ok(sink.segment(segment)?),
        }
    }

    fn gaps(&self, sink: &mut dyn Sink) {
        self.pictures.report(GapReason::ImageOnly, "pictures without text", sink);
        let share = format!(
            "up to {} % of the letters in fonts that do not tell which they are",
            self.unreadable.worst
        );
        self.unreadable.report(GapReason::FontUnreadable, &share, sink);
        self.broken.report(GapReason::Damaged, "content breaks off", sink);
        self.cut.report(GapReason::LimitCount, "more content than is read", sink);
        self.unsupported.report(GapReason::Unsupported, "content packed in a way that is not read", sink);
        if self.thumbnails > 0 {
            sink.fact("thumbnails", format!("{} pages with a picture of themselves", self.thumbnails));
        }
        if self.recognised > 0 {
            sink.fact("text-layer", format!("{} pages with recognised text over a picture", self.recognised));
        }
    }
}

/// Whether a strike-out lies over next to all of a line.
fn strikes_out(strike: Box2, line: Box2) -> bool {
    let common = strike.cut(line);
    common.width() >= 0.8 * line.width() && common.height() >= 0.4 * line.height() && line.width() > 0.0
}

/// Fewer unknown letters than this on a page are bullets and ornaments; `MẬT` has three.
const MIN_UNKNOWN: u32 = 3;

/// Streams of one page: the standard sets no limit, 200 were seen.
const MAX_CONTENTS: usize = 10_000;

fn contents<'d>(list: &Array<'d>) -> impl Iterator<Item = Stream<'d>> {
    list.iter::<Object<'d>>().take(MAX_CONTENTS).filter_map(Object::into_stream)
}

/// From the page's own coordinates to points from the top left of the page as it is shown, and its box there.
fn base_matrix(page: &Page<'_>) -> (Matrix, Box2) {
    let mut shown = page.intersected_crop_box();
    if shown.width() < 1.0 || shown.height() < 1.0 {
        shown = page.media_box();
    }
    let sane = |value: f64| if value.is_finite() { value.clamp(-1e6, 1e6) as f32 } else { 0.0 };
    let (x0, y0, x1, y1) = (sane(shown.x0), sane(shown.y0), sane(shown.x1), sane(shown.y1));
    let (width, height) = ((x1 - x0).max(1.0), (y1 - y0).max(1.0));
    let (six, width, height) = match page.rotation() {
        Rotation::None => ([1.0, 0.0, 0.0, -1.0, -x0, y1], width, height),
        Rotation::Horizontal => ([0.0, 1.0, 1.0, 0.0, -y0, -x0], height, width),
        Rotation::Flipped => ([-1.0, 0.0, 0.0, 1.0, x1, -y0], width, height),
        Rotation::FlippedHorizontal => ([0.0, -1.0, -1.0, 0.0, y1, x1], height, width),
    };
    (Matrix::from(six), Box2 { left: 0.0, top: 0.0, right: width, bottom: height })
}

fn margin_marks(lines: &Lines, height: f32) -> HashSet<u64> {
    let shown = lines.lines.iter().filter(|line| line.class == Class::Shown);
    shown
        .filter_map(|line| margin_mark(lines.text_of(line), line, height))
        .map(|(_, mark)| mark)
        .take(200)
        .collect()
}

/// What makes a margin line the same on two pages: its height, and its text with digits left out.
fn margin_mark(text: &str, line: &Line, height: f32) -> Option<(Kind, u64)> {
    let kind = if line.area.top >= -1.0 && line.area.top <= MARGIN * height {
        Kind::Header
    } else if line.area.bottom >= (1.0 - MARGIN) * height && line.area.bottom <= height + 1.0 {
        Kind::Footer
    } else {
        return None;
    };
    if text.len() > 1000 {
        return None;
    }
    let mut hasher = DefaultHasher::new();
    (kind == Kind::Header).hash(&mut hasher);
    ((line.area.bottom / 6.0).round() as i32).hash(&mut hasher);
    let mut digits = false;
    for letter in text.chars() {
        if letter.is_ascii_digit() {
            if !digits {
                '#'.hash(&mut hasher);
            }
            digits = true;
        } else {
            digits = false;
            letter.hash(&mut hasher);
        }
    }
    Some((kind, hasher.finish()))
}
