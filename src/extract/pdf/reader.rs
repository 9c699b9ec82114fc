//! Reads pages one after the other: lines, what hangs on the page, and what could not be read.
//!
//! In: the pages of a document. Out: segments in the order of the pages, held back for two pages since a line in the
//! margin is a header only where another page repeats it; gaps for whole runs of pages.

use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::canvas::{Box2, Canvas, Matrix};
use super::content::{Fonts, Interpreter, Layers};
use super::document::{Array, Dict, Document, Id, Object, Page, Rotation, Stream};
use super::filter::{self, Decoded, Decoder};
use super::layout::{self, Class, Line, Lines};
use super::revisions::{Known, What};
use super::{annotations, interactive};
use crate::extract::{Sink, Unreadable};
use crate::model::{Area, Gap, GapReason, Kind, Place, Segment, Shape, Style};

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
pub(super) struct Note {
    pub(super) kind: Kind,
    pub(super) visible: bool,
    pub(super) text: String,
    pub(super) name: Option<String>,
    pub(super) look: Option<Line>,
}

impl Note {
    /// A text of marked content that stands beside what is drawn, named by its key.
    pub(super) fn aside((key, text): (&'static str, String)) -> Note {
        Note { kind: Kind::AltText, visible: false, text, name: Some(key.to_owned()), look: None }
    }
}

/// A page that waits for its neighbours.
pub(super) struct Held {
    pub(super) number: u32,
    pub(super) width: f32,
    pub(super) height: f32,
    pub(super) lines: Lines,
    pub(super) notes: Vec<Note>,
    /// Marks of the lines in its margins.
    pub(super) margins: HashSet<u64>,
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

/// Reads the pages of one document, and remembers what was met on the way.
pub(super) struct Reader<'d> {
    pub(super) document: &'d Document,
    pub(super) decoder: Decoder,
    pub(super) fonts: Fonts<'d>,
    pub(super) layers: Layers,
    pub(super) canvas: Canvas,
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
    pub(super) attached: Vec<Dict<'d>>,
    /// What was read, kept only where there is an earlier revision.
    pub(super) known: Option<Known>,
    /// Where the dictionaries of the annotations lie in memory that were read, and their lengths.
    pub(super) annotations: Vec<(usize, usize)>,
    /// What annotations of the page that is being read strike out.
    pub(super) strikes: Vec<Box2>,
    thumbnails: u32,
    /// Parents of form fields.
    pub(super) parents: interactive::Parents<'d>,
}

impl<'d> Reader<'d> {
    pub(super) fn new(document: &'d Document, decoder: Decoder) -> Reader<'d> {
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
            parents: interactive::Parents::default(),
        }
    }

    /// The first page as it is shown; A4 where there is none.
    pub(super) fn usual_page(&self) -> Box2 {
        let none = Box2 { left: 0.0, top: 0.0, right: 595.0, bottom: 842.0 };
        self.document.pages().first().map_or(none, |page| base_matrix(page).1)
    }

    pub(super) fn pages(&mut self, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        self.pages_from(1, (1, u32::MAX), sink)
    }

    /// Reads the pages that are asked for; the first one of the document has the number `first`.
    pub(super) fn pages_from(
        &mut self,
        first: u32,
        asked: (u32, u32),
        sink: &mut dyn Sink,
    ) -> Result<(), Unreadable> {
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

    pub(super) fn page(&mut self, number: u32, page: &'d Page<'d>, what: What) -> Result<Held, Unreadable> {
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
        let asides = std::mem::take(&mut self.canvas.asides);
        let mut notes: Vec<Note> = asides.into_iter().map(Note::aside).collect();
        notes.append(&mut annotations::read(self, page, base, area)?);
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
        let recognised = of(Class::Recognised).next().is_some();
        self.recognised += u32::from(recognised);
        if lines.pictures < 0.5 || recognised {
            return;
        }
        let letters = of(Class::Shown).flat_map(|line| lines.text_of(line).chars());
        if letters.filter(|letter| letter.is_alphabetic()).take(SCAN_LETTERS).count() < SCAN_LETTERS {
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

    pub(super) fn push(
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
    pub(super) fn push_bare(
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

    pub(super) fn gaps(&self, sink: &mut dyn Sink) {
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

pub(super) fn contents<'d>(list: &Array<'d>) -> impl Iterator<Item = Stream<'d>> {
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
    // Two digits next to each other have an empty piece between them, and count as one.
    for (index, piece) in text.split(|letter: char| letter.is_ascii_digit()).enumerate() {
        if index == 1 || (index > 1 && !digits) {
            hasher.write_u8(b'#');
        }
        hasher.write(piece.as_bytes());
        digits = piece.is_empty();
    }
    Some((kind, hasher.finish()))
}
