//! OpenDocument: text, spreadsheet, presentation, drawing, as packages and as flat XML.
//!
//! In: an opened zip, or one XML file. Out: headers and footers, then the body in order, one segment per paragraph;
//! annotations, tracked deletions, notes, hidden sections and sheets, alternative texts, properties. Objects inside
//! (charts, formulas) are read as part of the document; foreign objects are members. Left out: pictures (a document
//! of pictures alone is a gap), thumbnails, replacement pictures of objects. Repeated cells count once.

mod elements;
mod looks;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::mem;
use std::rc::Rc;

use super::look::{Fonts, Look, Tally};
use super::metafile;
use super::xml::{Nest, Tag, Token, Xml, has_letter, is_given, resolve};
use super::zip::Package;
use super::{Format, Head, Input, Sink, Unreadable};
use crate::model::{Cell, Gap, GapReason, Kind, Place, Segment};

const MIME: &str = "application/vnd.oasis.opendocument.";

/// The reader of flat OpenDocument files.
pub(super) struct FlatOdf;

impl Format for FlatOdf {
    fn name(&self) -> &'static str {
        "fodt"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["fodt", "fods", "fodp", "fodg", "xml"]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        let start = head.bytes.get(..4_096).unwrap_or(head.bytes);
        memchr::memmem::find(start, b"<office:document").is_some()
            && memchr::memmem::find(start, b"urn:oasis:names:tc:opendocument:xmlns:office").is_some()
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let max_nesting = input.budget().limits.max_nesting;
        let head = String::from_utf8_lossy(input.head().get(..4_096).unwrap_or(input.head())).into_owned();
        sink.format(match format_of(head.split(MIME).nth(1).unwrap_or_default()) {
            "ods" | "ots" => "fods",
            "odp" | "otp" => "fodp",
            "odg" | "otg" => "fodg",
            _ => "fodt",
        });
        let mut reader = Reader::new(sink, max_nesting);
        reader.read(Xml::new(input.stream()?), "flat file")?;
        reader.finish();
        Ok(())
    }
}

/// Format name of what stands behind [`MIME`].
fn format_of(rest: &str) -> &'static str {
    let word = rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next().unwrap_or_default();
    match word {
        "text" => "odt",
        "text-template" => "ott",
        "text-master" => "odm",
        "text-web" => "oth",
        "spreadsheet" => "ods",
        "spreadsheet-template" => "ots",
        "presentation" => "odp",
        "presentation-template" => "otp",
        "graphics" => "odg",
        "graphics-template" => "otg",
        "chart" => "odc",
        "formula" => "odf",
        "database" | "base" => "odb",
        _ => "opendocument",
    }
}

/// Whether a package is an OpenDocument (or its ancestor of OpenOffice.org 1).
pub(super) fn is_odf(package: &mut Package<'_>) -> bool {
    if let Some(part) = package.find("mimetype") {
        let mime = package.peek(part, 100);
        if mime.starts_with(MIME.as_bytes()) || mime.starts_with(b"application/vnd.sun.xml.") {
            return true;
        }
        if !mime.is_empty() {
            return false;
        }
    }
    package.find("content.xml").is_some() && package.find("META-INF/manifest.xml").is_some()
}

/// Reads a package.
///
/// # Errors
/// When the sink stops or a limit of the whole entry is met.
pub(super) fn read(package: &mut Package<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let mime = package.find("mimetype").map(|part| package.peek(part, 100)).unwrap_or_default();
    let mime = String::from_utf8_lossy(&mime).into_owned();
    sink.format(match mime.strip_prefix(MIME) {
        Some(rest) => format_of(rest),
        None => "opendocument",
    });
    let encrypted = encrypted_parts(package);
    if !encrypted.is_empty() {
        sink.gap(Gap::new(GapReason::Encrypted, format!("{} parts need a password", encrypted.len())));
    }
    let budget = Rc::clone(package.budget());
    let mut reader = Reader::new(sink, budget.limits.max_nesting);
    // Named styles first: the body refers to them.
    let first: Vec<usize> =
        ["meta.xml", "styles.xml", "content.xml"].iter().filter_map(|name| package.find(name)).collect();
    for part in first.iter().copied().chain((0..package.len()).filter(|part| !first.contains(part))) {
        let name = package.name(part).to_owned();
        if package.is_dir(part) || encrypted.contains(&name) {
            continue;
        }
        let lower = name.to_lowercase();
        if lower == "mimetype" || lower == "meta-inf/manifest.xml" || lower.starts_with("thumbnails/") {
            continue;
        }
        if lower.contains("objectreplacements/") {
            // What an embedded object looks like, under a name without extension.
            let head = package.peek(part, 64);
            if metafile::is_emf(&head) || metafile::is_wmf(&head) {
                reader.drawing(package, part, &name)?;
            }
            continue;
        }
        let extension = super::input::extension(&name);
        match extension.as_str() {
            "png" | "jpg" | "jpeg" | "gif" | "bmp" | "tif" | "tiff" | "emf" | "wmf" | "svm" | "eps"
            | "webp" | "pct" => {
                reader.pictures += 1;
                if matches!(extension.as_str(), "emf" | "wmf") {
                    reader.drawing(package, part, &name)?;
                }
            }
            "ttf" | "otf" | "mp3" | "mp4" | "wav" | "ogg" | "avi" | "mpg" | "wmv" => {}
            "xml" | "rdf" | "svg" | "xlb" => {
                let result = match package.xml(part) {
                    Ok(xml) => reader.read(xml, &name),
                    Err(error) => Err(error),
                };
                match result {
                    Ok(()) => {}
                    Err(Unreadable::Gap { reason, detail })
                        if !matches!(reason, GapReason::Timeout | GapReason::LimitSize) =>
                    {
                        reader.sink.gap(Gap::new(reason, format!("{detail}: {name}")));
                    }
                    Err(error) => return Err(error),
                }
            }
            _ if lower.starts_with("pictures/") || lower.contains("/pictures/") => reader.pictures += 1,
            _ if lower.ends_with("layout-cache") || lower.ends_with("current.xml") => {}
            _ => package.member(part, reader.sink)?,
        }
    }
    reader.finish();
    Ok(())
}

/// Names of parts the manifest calls encrypted.
fn encrypted_parts(package: &mut Package<'_>) -> HashSet<String> {
    let mut encrypted = HashSet::new();
    let Some(mut xml) = package.find("META-INF/manifest.xml").and_then(|part| package.xml(part).ok()) else {
        return encrypted;
    };
    let mut path = String::new();
    while let Ok(Some(token)) = xml.next() {
        let Token::Start(tag) = token else { continue };
        match tag.local() {
            "file-entry" => path = tag.attribute("full-path").unwrap_or_default().into_owned(),
            "encryption-data" => {
                encrypted.insert(path.clone());
            }
            _ => {}
        }
    }
    encrypted
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum El {
    Other,
    Paragraph,
    Span,
    Annotation,
    Change,
    Deletion,
    Note,
    Notes,
    Header,
    Footer,
    Shape,
    Frame,
    Table,
    Row,
    Cell,
    HiddenSection,
    Style,
    Page,
    Meta,
    Validation,
    /// Its text is captured as a piece of its own.
    Capture,
    /// Base64.
    Binary,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Paragraph,
    Text,
    Cell,
    Other,
}

#[derive(Debug, Clone, Default)]
struct Style {
    look: Look,
    parent: Option<String>,
    /// Sheet or slide of this style is not shown.
    hides: bool,
}

/// A chain of parent styles longer than this is a loop.
const MAX_CHAIN: usize = 32;

/// More styles than this are not kept per family. LibreOffice writes one per distinct formatting.
const MAX_STYLES: usize = 200_000;

#[derive(Debug, Default)]
struct Paragraph {
    text: String,
    hidden: String,
    /// Length of `text` when something was last added to `hidden`.
    hidden_at: usize,
    tally: Tally,
    looks: Vec<Look>,
    font: Option<u16>,
    any: bool,
}

/// Blanks a single element may stand for.
const MAX_BLANKS: usize = 1_000;

struct Reader<'s> {
    sink: &'s mut dyn Sink,
    max_nesting: u32,
    fonts: Fonts,
    faces: HashMap<String, String>,
    styles: [HashMap<String, Style>; 4],
    /// The style last asked for, of each family, and its look.
    last_looks: [(String, Look); 4],
    defaults: Look,
    pictures: usize,
    visible_text: usize,
    sheet_document: bool,
    part: String,
    nest: Nest<El>,
    paragraphs: Vec<Paragraph>,
    open: usize,
    style: Option<(Family, Option<String>, Style)>,
    annotations: u32,
    changes: u32,
    deletions: u32,
    notes: u32,
    slide_notes: u32,
    region: Option<Kind>,
    shapes: u32,
    shape_framed: bool,
    watermark: bool,
    placeholder: Option<Kind>,
    tables: u32,
    hidden_sections: u32,
    validations: u32,
    in_meta: bool,
    sheet: Option<String>,
    sheet_visible: bool,
    row: u32,
    row_hidden: bool,
    rows_next: u32,
    column: u32,
    column_at: u32,
    columns_next: u32,
    hidden_columns: Vec<(u32, u32)>,
    cell_look: Look,
    cell_text: bool,
    covered: bool,
    cell_value: String,
    slide: u32,
    slide_visible: bool,
    capture: Option<(Kind, String)>,
    captured: String,
    leaf: String,
}

impl<'s> Reader<'s> {
    fn new(sink: &'s mut dyn Sink, max_nesting: u32) -> Reader<'s> {
        Reader {
            sink,
            max_nesting,
            fonts: Fonts::default(),
            faces: HashMap::new(),
            styles: Default::default(),
            last_looks: Default::default(),
            defaults: Look::default(),
            pictures: 0,
            visible_text: 0,
            sheet_document: false,
            part: String::new(),
            nest: Nest::new(max_nesting),
            paragraphs: Vec::new(),
            open: 0,
            style: None,
            annotations: 0,
            changes: 0,
            deletions: 0,
            notes: 0,
            slide_notes: 0,
            region: None,
            shapes: 0,
            shape_framed: false,
            watermark: false,
            placeholder: None,
            tables: 0,
            hidden_sections: 0,
            validations: 0,
            in_meta: false,
            sheet: None,
            sheet_visible: true,
            row: 0,
            row_hidden: false,
            rows_next: 0,
            column: 0,
            column_at: 0,
            columns_next: 0,
            hidden_columns: Vec::new(),
            cell_look: Look::default(),
            cell_text: false,
            covered: false,
            cell_value: String::new(),
            slide: 0,
            slide_visible: true,
            capture: None,
            captured: String::new(),
            leaf: String::new(),
        }
    }

    /// Reads the texts of a picture that is a drawing.
    fn drawing(&mut self, package: &mut Package<'_>, part: usize, name: &str) -> Result<(), Unreadable> {
        let file = name.rsplit('/').next().unwrap_or(name);
        let place = Place::new(Kind::Textbox).named(file);
        let budget = Rc::clone(package.budget());
        let content = package.part(part);
        match content.and_then(|content| metafile::read_picture(content, false, place, &budget, self.sink)) {
            Ok(letters) => self.visible_text += letters,
            Err(Unreadable::Gap { reason, detail })
                if !matches!(reason, GapReason::Timeout | GapReason::LimitSize) =>
            {
                self.sink.gap(Gap::new(reason, format!("{detail}: {name}")));
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn finish(self) {
        if self.pictures > 0 {
            self.sink.fact("pictures", self.pictures.to_string());
            // A page that was scanned carries no more text than its own file name.
            if !self.sheet_document && self.visible_text < super::look::SCAN_TEXT {
                self.sink.gap(Gap::new(GapReason::ImageOnly, "nothing but pictures"));
            }
        }
    }

    fn read<R: Read>(&mut self, mut xml: Xml<R>, part: &str) -> Result<(), Unreadable> {
        part.clone_into(&mut self.part);
        self.nest = Nest::new(self.max_nesting);
        self.open = 0;
        (self.annotations, self.deletions, self.notes, self.slide_notes) = (0, 0, 0, 0);
        self.changes = 0;
        (self.shapes, self.tables, self.hidden_sections, self.validations) = (0, 0, 0, 0);
        self.region = None;
        self.placeholder = None;
        self.sheet = None;
        self.sheet_visible = true;
        self.slide_visible = true;
        self.in_meta = false;
        self.capture = None;
        let result = loop {
            match xml.next() {
                Ok(Some(token)) => {
                    if let Err(error) = self.token(token) {
                        break Err(error);
                    }
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        if !matches!(result, Err(Unreadable::Stop)) {
            while self.open > 0 {
                self.end_paragraph()?;
            }
        }
        if self.nest.overflowed() {
            let detail = format!("elements nested deeper than {}: {part}", self.max_nesting);
            self.sink.gap(Gap::new(GapReason::LimitDepth, detail));
        }
        if let Some(damage) = xml.damage() {
            self.sink.gap(Gap::new(GapReason::Damaged, format!("{damage}: {part}")));
        }
        result
    }

    fn token(&mut self, token: Token<'_>) -> Result<(), Unreadable> {
        match token {
            Token::Start(tag) => {
                self.flush_leaf()?;
                let el = self.start(&tag)?;
                if !self.nest.push(el) {
                    // Balanced: what was begun beyond the cap ends at once.
                    self.end(el)?;
                }
                Ok(())
            }
            Token::End => {
                self.flush_leaf()?;
                match self.nest.pop() {
                    Some(el) => self.end(el),
                    None => Ok(()),
                }
            }
            Token::Text(text) => self.text(text, false),
            Token::Literal(text) => self.text(text, true),
            Token::Comment(text) => {
                if has_letter(text) {
                    self.aside(Kind::Hidden, "comment in the source", text)?;
                }
                Ok(())
            }
        }
    }

    fn end(&mut self, el: El) -> Result<(), Unreadable> {
        match el {
            El::Paragraph => self.end_paragraph()?,
            El::Span => {
                if let Some(paragraph) = self.paragraph() {
                    paragraph.looks.pop();
                }
            }
            El::Annotation => self.annotations = self.annotations.saturating_sub(1),
            El::Change => self.changes = self.changes.saturating_sub(1),
            El::Deletion => self.deletions = self.deletions.saturating_sub(1),
            El::Note => self.notes = self.notes.saturating_sub(1),
            El::Notes => self.slide_notes = self.slide_notes.saturating_sub(1),
            El::Header | El::Footer => self.region = None,
            El::Shape => {
                self.shapes = self.shapes.saturating_sub(1);
                self.watermark = false;
            }
            El::Frame => {
                self.placeholder = None;
                self.watermark = false;
                self.shape_framed = false;
            }
            El::Table => {
                self.tables = self.tables.saturating_sub(1);
                if self.tables == 0 {
                    self.sheet = None;
                    self.sheet_visible = true;
                }
            }
            El::Cell => self.end_cell()?,
            El::HiddenSection => self.hidden_sections = self.hidden_sections.saturating_sub(1),
            El::Style => {
                if let Some((family, name, style)) = self.style.take() {
                    self.last_looks = Default::default();
                    match name {
                        Some(name) => {
                            let styles = self.family(family);
                            if styles.len() < MAX_STYLES {
                                styles.insert(name, style);
                            }
                        }
                        None if family == Family::Paragraph => self.defaults = style.look,
                        None => {}
                    }
                }
            }
            El::Page => self.slide_visible = true,
            El::Meta => self.in_meta = false,
            El::Validation => self.validations = self.validations.saturating_sub(1),
            El::Capture => self.end_capture()?,
            El::Other | El::Row | El::Binary => {}
        }
        Ok(())
    }

    fn begin_capture(&mut self, kind: Kind, name: &str) -> El {
        self.capture = Some((kind, name.to_owned()));
        self.captured.clear();
        El::Capture
    }

    fn end_capture(&mut self) -> Result<(), Unreadable> {
        let Some((kind, name)) = self.capture.take() else { return Ok(()) };
        let text = mem::take(&mut self.captured);
        let trimmed = text.trim();
        let dull = matches!(trimmed, "true" | "false") && kind == Kind::Property;
        if kind == Kind::Label && !trimmed.is_empty() || has_letter(trimmed) && !dull {
            self.aside(kind, &name, trimmed)?;
        }
        self.captured = text;
        Ok(())
    }

    fn shape_name(&mut self, tag: &Tag<'_>) -> Result<(), Unreadable> {
        if let Some(name) = tag.attribute("name") {
            if name.to_lowercase().contains("watermark") {
                self.watermark = true;
            } else if is_given(&name) {
                self.aside(Kind::Property, "shape name", &name)?;
            }
        }
        Ok(())
    }

    fn start_table(&mut self, tag: &Tag<'_>) -> Result<(), Unreadable> {
        self.tables += 1;
        if self.tables > 1 {
            return Ok(());
        }
        (self.row, self.rows_next, self.column, self.columns_next, self.column_at) = (0, 0, 0, 0, 0);
        self.hidden_columns.clear();
        if self.sheet_document && self.shapes == 0 {
            let name = tag.attribute("name").unwrap_or_default().into_owned();
            self.sheet_visible = !tag.attribute("style-name").is_some_and(|style| self.hides(&style));
            let place =
                Place { visible: self.sheet_visible, sheet: Some(&name), ..Place::new(Kind::Property) };
            self.sink.segment(Segment::new(&name, place.named("sheet")))?;
            self.sheet = Some(name);
        }
        Ok(())
    }

    fn start_cell(&mut self, tag: &Tag<'_>) -> Result<(), Unreadable> {
        self.cell_value.clear();
        self.cell_text = false;
        self.covered = tag.local() != "table-cell";
        if self.tables <= 1 {
            self.column = self.column.saturating_add(self.columns_next);
            self.columns_next = 1;
        }
        self.cell_look = Look::default();
        let mut style = None;
        for attribute in tag.attributes() {
            match attribute.local() {
                "number-columns-repeated" if self.tables <= 1 => {
                    self.columns_next = attribute.raw.parse().unwrap_or(1);
                }
                "style-name" => style = Some(attribute.value()),
                "string-value" => {
                    self.cell_value.clear();
                    self.cell_value.push_str(&attribute.value());
                }
                "formula" if attribute.raw.contains("&quot;") || attribute.raw.contains('"') => {
                    let formula = attribute.value();
                    if has_letter(&formula) {
                        self.aside(Kind::Hidden, "formula", &formula)?;
                    }
                }
                _ => {}
            }
        }
        if let Some(style) = style {
            self.cell_look = self.look(Family::Cell, &style);
        }
        Ok(())
    }

    fn end_cell(&mut self) -> Result<(), Unreadable> {
        if !self.cell_text && has_letter(&self.cell_value) {
            let value = mem::take(&mut self.cell_value);
            let (kind, visible) = self.kind();
            self.push(kind, visible, None, &value, self.cell_look)?;
        }
        self.cell_value.clear();
        if self.tables > 1 {
            // An inner table's cell ends inside an outer cell that had text of its own.
            self.cell_text = true;
        }
        Ok(())
    }

    fn paragraph(&mut self) -> Option<&mut Paragraph> {
        self.open.checked_sub(1).and_then(|last| self.paragraphs.get_mut(last))
    }

    fn start_paragraph(&mut self, tag: &Tag<'_>) {
        let own =
            tag.attribute("style-name").map(|name| self.look(Family::Paragraph, &name)).unwrap_or_default();
        let mut base = own;
        if self.tables > 0 {
            base = base.over(Look { framed: None, ..self.cell_look });
            if self.sheet.is_some() {
                base.framed = base.framed.or(self.cell_look.framed);
            }
        }
        base = base.over(self.defaults);
        if self.shapes > 0 && self.shape_framed {
            base.framed = Some(true);
        }
        self.open += 1;
        if self.paragraphs.len() < self.open {
            self.paragraphs.push(Paragraph::default());
        }
        if let Some(paragraph) = self.paragraph() {
            paragraph.looks.clear();
            paragraph.looks.push(base);
            paragraph.any = false;
        }
    }

    fn end_paragraph(&mut self) -> Result<(), Unreadable> {
        self.flush_text()?;
        if let Some(paragraph) = self.paragraph() {
            let mut hidden = mem::take(&mut paragraph.hidden);
            if !hidden.trim().is_empty() {
                self.push(Kind::Hidden, false, Some("hidden text"), hidden.trim(), Look::default())?;
            }
            hidden.clear();
            if let Some(paragraph) = self.paragraph() {
                (paragraph.hidden, paragraph.hidden_at) = (hidden, 0);
            }
        }
        self.open = self.open.saturating_sub(1);
        Ok(())
    }

    fn flush_text(&mut self) -> Result<(), Unreadable> {
        let Some(paragraph) = self.paragraph() else { return Ok(()) };
        let look = paragraph.tally.take();
        let mut text = mem::take(&mut paragraph.text);
        if !text.trim().is_empty() && (self.sheet.is_none() || has_letter(&text)) {
            let (kind, visible) = self.kind();
            self.cell_text |= kind != Kind::Comment;
            self.push(kind, visible, None, text.trim_end(), look)?;
        }
        text.clear();
        if let Some(paragraph) = self.paragraph() {
            paragraph.text = text;
        }
        Ok(())
    }

    fn kind(&self) -> (Kind, bool) {
        let visible = self.hidden_sections == 0
            && self.sheet_visible
            && self.slide_visible
            && !(self.sheet.is_some()
                && (self.row_hidden
                    || self.covered
                    || self.hidden_columns.iter().any(|(from, to)| (*from..*to).contains(&self.column))));
        let kind = if self.annotations + self.changes > 0 {
            Kind::Comment
        } else if self.deletions > 0 {
            return (Kind::Deleted, false);
        } else if self.validations > 0 {
            return (Kind::FormField, false);
        } else if self.slide_notes > 0 {
            Kind::Notes
        } else if self.watermark {
            Kind::Watermark
        } else if self.notes > 0 {
            Kind::Footnote
        } else if self.shapes > 0 {
            Kind::Textbox
        } else if let Some(kind) = self.placeholder.or(self.region) {
            kind
        } else if self.hidden_sections > 0 || !self.sheet_visible {
            Kind::Hidden
        } else if self.tables > 0 {
            Kind::Table
        } else {
            Kind::Body
        };
        (kind, visible)
    }

    fn plain(&mut self, c: char) {
        if self.capture.is_some() {
            return;
        }
        if let Some(paragraph) = self.paragraph() {
            paragraph.text.push(c);
        }
    }

    fn text(&mut self, raw: &str, literal: bool) -> Result<(), Unreadable> {
        if self.nest.top() == Some(El::Binary) {
            return Ok(());
        }
        if self.capture.is_some() {
            if literal {
                self.captured.push_str(raw)
            } else {
                resolve(raw, &mut self.captured)
            }
            return Ok(());
        }
        let white_hides =
            self.tables == 0 && self.shapes == 0 && self.placeholder.is_none() && self.slide == 0;
        let is_watermark = self.watermark;
        let Some(paragraph) = self.paragraph() else {
            if !self.leaf.is_empty() || !raw.trim_ascii().is_empty() {
                resolve(raw, &mut self.leaf);
            }
            return Ok(());
        };
        let look = paragraph.looks.last().copied().unwrap_or_default();
        let white = look.color == Some([255; 3]) && look.shaded != Some(true) && white_hides;
        let tiny = look.size.is_some_and(|size| size <= 2);
        // The letters of a watermark are stretched over its shape, whatever their size.
        if (look.hidden == Some(true) || white || tiny) && !is_watermark {
            // Two hidden pieces with something seen between them are no word.
            let seen = mem::replace(&mut paragraph.hidden_at, paragraph.text.len()) != paragraph.text.len();
            if seen && !paragraph.hidden.is_empty() {
                paragraph.hidden.push('\n');
            }
            collapse(raw, literal, &mut paragraph.hidden);
            return Ok(());
        }
        let (any, font) = (paragraph.any, paragraph.font);
        if any && self.fonts.differ(look.font, font) {
            self.flush_text()?;
        }
        self.visible_text += raw.len();
        if let Some(paragraph) = self.paragraph() {
            paragraph.any = true;
            paragraph.font = look.font;
            let before = paragraph.text.len();
            collapse(raw, literal, &mut paragraph.text);
            let added = paragraph.text.len() - before;
            paragraph.tally.add(look, added);
        }
        Ok(())
    }

    fn flush_leaf(&mut self) -> Result<(), Unreadable> {
        if self.leaf.is_empty() {
            return Ok(());
        }
        let mut leaf = mem::take(&mut self.leaf);
        if has_letter(&leaf) {
            let part = mem::take(&mut self.part);
            self.push(Kind::Hidden, false, Some(&part), leaf.trim(), Look::default())?;
            self.part = part;
        }
        leaf.clear();
        self.leaf = leaf;
        Ok(())
    }

    fn aside(&mut self, kind: Kind, name: &str, text: &str) -> Result<(), Unreadable> {
        if text.trim().is_empty() {
            return Ok(());
        }
        let visible = matches!(kind, Kind::Comment | Kind::Header | Kind::Footer) && self.slide_visible;
        self.push(kind, visible, Some(name), text, Look::default())
    }

    fn push(
        &mut self,
        kind: Kind,
        visible: bool,
        name: Option<&str>,
        text: &str,
        look: Look,
    ) -> Result<(), Unreadable> {
        let object = self.part.strip_suffix("/content.xml");
        let place = Place {
            kind,
            visible,
            page: None,
            sheet: self.sheet.as_deref(),
            cell: self.sheet.is_some().then_some(Cell { row: self.row, column: self.column }),
            slide: (self.slide > 0).then_some(self.slide),
            line: None,
            name: name.or(object),
        };
        self.sink.segment(Segment::new(text, place).styled(look.style(&self.fonts)))?;
        Ok(())
    }
}

fn repeated(tag: &Tag<'_>, name: &str) -> u32 {
    tag.raw(name).and_then(|count| count.parse().ok()).unwrap_or(1)
}

/// OpenDocument folds blanks and line ends of the source into one blank; real ones are elements.
fn collapse(raw: &str, literal: bool, out: &mut String) {
    let blank = |byte: &u8| matches!(byte, b'\n' | b'\t' | b'\r');
    if !raw.bytes().any(|byte| blank(&byte)) && !raw.contains("  ") {
        if literal {
            out.push_str(raw)
        } else {
            resolve(raw, out)
        }
        return;
    }
    let mut resolved = String::with_capacity(raw.len());
    if literal {
        resolved.push_str(raw)
    } else {
        resolve(raw, &mut resolved)
    }
    for piece in resolved.split_inclusive([' ', '\n', '\t', '\r']) {
        let word = piece.trim_end_matches([' ', '\n', '\t', '\r']);
        out.push_str(word);
        if word.len() < piece.len() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
}
