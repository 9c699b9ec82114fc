//! Word documents of Word 6 to 2003 (MS-DOC).
//!
//! In: the streams `WordDocument`, `0Table` or `1Table`, and `Data`. Out: the text by paragraphs and cells in the order of
//! the piece table, with its part (body, header, note, comment, text box), page as long as it is sure, look and font;
//! hidden and deleted text, instructions of fields, form fields, links, bookmarks, variables, words in the
//! numbering of lists, WordArt and alternative texts; what a quick save left behind in the file. Left out: numbers
//! of lists, names of macros, who saved the file where, and the pixels of pictures.

mod bins;
mod data;
mod fib;
mod pieces;
mod props;
mod sprm;
mod story;
mod strings;
mod styles;
#[cfg(test)]
mod tests;

use std::io::Read as _;
use std::rc::Rc;

use encoding_rs::{Encoding, WINDOWS_1252};

use self::data::Data;
use self::fib::{Fib, Part, Table};
use self::pieces::{Piece, Plc};
use self::story::{Role, Walker};
use self::styles::{FontTable, Styles};
use super::compound::Compound;
use super::office_art::{self, Shape};
use super::{runs, u16_at, u32_at};
use crate::extract::charset::decode_legacy;
use crate::extract::input::ReadSeek;
use crate::extract::limits::{Budget, Lease};
use crate::extract::look::SCAN_TEXT;
use crate::extract::metafile;
use crate::extract::ooxml::kind_of_property;
use crate::extract::{Relay, Sink, Stop, Unreadable};
use crate::model::{Gap, GapReason, Kind, Place, Segment, Shape as Form};

/// A document's bytes and what they are.
struct Document<'a> {
    main: &'a [u8],
    table: &'a [u8],
    fib: Fib,
    pieces: Vec<Piece<'a>>,
    fonts: FontTable,
    styles: Styles,
    sections: Vec<Section>,
    /// Even and odd pages have headers of their own.
    facing: bool,
    /// Of strings of one byte a letter.
    encoding: &'static Encoding,
}

/// A section of the main text.
struct Section {
    /// Position after its last character.
    end: u32,
    /// Its first page has a header of its own.
    has_title: bool,
    /// It begins on the page on which the one before ends.
    continues: bool,
}

impl<'a> Document<'a> {
    /// `None` when there is no text to be had.
    fn read(main: &'a [u8], table: &'a [u8], fib: Fib) -> Option<Document<'a>> {
        let table = if fib.is_old { main } else { table };
        let get = |wanted: Table| fib.table(wanted, table).unwrap_or_default();
        let pieces = pieces::read(&fib, fib.table(Table::Pieces, table)?)?;
        let encoding = match (fib.is_old, fib.is_mac) {
            (_, true) => encoding_rs::MACINTOSH,
            (true, false) => styles::of_language(fib.language),
            (false, false) => WINDOWS_1252,
        };
        let fonts = FontTable::read(get(Table::Fonts), fib.is_old, encoding);
        let styles = Styles::read(get(Table::Styles), fib.is_old, &fonts, encoding);
        let sections = sections(main, get(Table::Sections), fib.is_old);
        let facing = get(Table::Settings).first().is_some_and(|flags| flags & 1 != 0);
        Some(Document { main, table, pieces, fonts, styles, sections, facing, encoding, fib })
    }

    fn get(&self, wanted: Table) -> &'a [u8] {
        self.fib.table(wanted, self.table).unwrap_or_default()
    }

    /// Whether the section that ends with the character at `position` is followed by one on the same page.
    fn is_same_page(&self, position: u32) -> bool {
        let at = self.sections.partition_point(|section| section.end <= position);
        self.sections.get(at).is_some_and(|section| section.end == position + 1)
            && self.sections.get(at + 1).is_none_or(|next| next.continues)
    }

    /// Text that was taken byte for byte. Letters that are no bytes stay.
    fn decode(&self, bytes: &str, encoding: &'static Encoding) -> String {
        let mut text = String::with_capacity(bytes.len());
        let mut raw = Vec::with_capacity(bytes.len());
        for letter in bytes.chars() {
            if let Ok(byte) = u8::try_from(u32::from(letter)) {
                raw.push(byte);
            } else {
                decode_legacy(encoding, &raw, &mut text);
                raw.clear();
                text.push(letter);
            }
        }
        decode_legacy(encoding, &raw, &mut text);
        text
    }
}

fn sections(main: &[u8], table: &[u8], is_old: bool) -> Vec<Section> {
    let table = Plc::new(table, 12);
    let mut sections = Vec::new();
    for at in 0..table.len {
        let (Some(end), Some(data)) = (table.position(at + 1), table.data(at)) else { break };
        let mut section = Section { end, has_title: false, continues: false };
        let list = u32_at(data, 2).and_then(|offset| {
            let rest = main.get(offset as usize..)?;
            rest.get(2..)?.get(..usize::from(u16_at(rest, 0)?))
        });
        for sprm in sprm::list(list.unwrap_or_default(), is_old) {
            match sprm.code {
                0x3009 => section.continues = sprm.byte() == 0,
                0x300A => section.has_title = sprm.byte() != 0,
                _ => {}
            }
        }
        sections.push(section);
    }
    sections
}

/// Reads the document of a compound file. Where its tables are broken, the streams stay for the search of text runs.
///
/// # Errors
/// When the sink stops or a limit is reached.
pub(super) fn read(file: &mut Compound<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let budget = Rc::clone(file.budget());
    let Some(main_at) = file.find("WordDocument") else { return Ok(()) };
    let Some((main, _main_lease)) = whole(file, main_at, &budget, sink) else { return Ok(()) };
    let Some(fib) = Fib::read(&main, 0) else {
        sink.gap(Gap::new(GapReason::Damaged, "no file information block"));
        return Ok(());
    };
    // The document itself lies in there; what is outside only says so (MS-OFFCRYPTO 2.2.1).
    if let Some(at) = file.find("DRMContent") {
        file.claim_unread(at);
        sink.gap(Gap::new(GapReason::Encrypted, "rights management"));
    }
    let table_at = file.find(if fib.second_table { "1Table" } else { "0Table" });
    let mut table = Vec::new();
    let mut _table_lease = None;
    if let Some(at) = table_at.filter(|_| !fib.is_old) {
        let Some((bytes, lease)) = whole(file, at, &budget, sink) else { return Ok(()) };
        (table, _table_lease) = (bytes, Some(lease));
    }
    let Some(document) = Document::read(&main, &table, fib) else {
        sink.gap(Gap::new(GapReason::Damaged, "piece table"));
        return Ok(());
    };
    let data_at = file.find("Data");
    let mut data = Data::new(None, 0);
    if let Some(at) = data_at {
        let len = file.stream(at).len;
        let stream = file.open(at).ok().map(|stream| Box::new(stream) as Box<dyn ReadSeek + '_>);
        data = Data::new(stream, len);
    }
    let has_objects = file.all().any(|at| file.stream(at).name.starts_with("ObjectPool/"));

    let mut seen = Seen::default();
    texts(&document, &mut data, &budget, false, &mut seen, sink)?;
    if document.fib.next > 0
        && let Some(inner) = Fib::read(&main, document.fib.next)
        && let Some(inner) = Document::read(&main, &table, inner)
    {
        texts(&inner, &mut data, &budget, true, &mut seen, sink)?;
    }
    for name in &document.styles.names {
        sink.segment(Segment::new(name, Place::new(Kind::Property).hidden().named("style")))?;
    }
    left_over(&document, &budget, sink)?;
    // Pictures that stand on the page and not in the text lie between the pieces.
    let place = Place::new(Kind::Textbox).named("picture");
    seen.text += metafile::push_all(&main, place, &budget, sink)?;
    other_streams(file, if document.fib.second_table { "0Table" } else { "1Table" }, &budget, sink)?;
    if seen.is_cut {
        // What is there of the text is searched once more, since the table cannot be trusted.
        sink.gap(Gap::new(GapReason::Damaged, "the piece table points outside of the file"));
    } else {
        file.claim_unread(main_at);
    }
    if let Some(at) = table_at {
        file.claim_unread(at);
    }
    if let Some(at) = data_at.filter(|_| document.fib.is_old || data.is_understood()) {
        file.claim_unread(at);
    }
    if seen.pictures > 0 {
        sink.fact("pictures", seen.pictures.to_string());
        // An embedded file shows as a picture of its icon.
        if seen.text < SCAN_TEXT && !has_objects {
            sink.gap(Gap::new(GapReason::ImageOnly, "nothing but pictures"));
        }
    }
    Ok(())
}

/// All bytes of a stream; `None` with a gap when they may not be held.
fn whole(
    file: &mut Compound<'_>,
    at: usize,
    budget: &Rc<Budget>,
    sink: &mut dyn Sink,
) -> Option<(Vec<u8>, Lease)> {
    let len = file.stream(at).len;
    if len > budget.room() {
        sink.gap(Gap::new(GapReason::LimitSize, "a document larger than may be held in memory"));
        return None;
    }
    let lease = budget.hold(len);
    let mut bytes = Vec::with_capacity(usize::try_from(len).unwrap_or(0));
    let result = file.open(at).and_then(|stream| stream.take(len).read_to_end(&mut bytes));
    if result.is_err() || (bytes.len() as u64) < len {
        sink.gap(Gap::new(GapReason::Damaged, format!("stream breaks off: {}", file.stream(at).name)));
    }
    Some((bytes, lease))
}

/// What was met in all texts of a file.
#[derive(Default)]
struct Seen {
    text: usize,
    pictures: u32,
    is_cut: bool,
}

/// Reads everything of one document.
fn texts<'d>(
    document: &'d Document<'d>,
    data: &mut Data<'_>,
    budget: &Rc<Budget>,
    is_auto_text: bool,
    seen: &mut Seen,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    let shapes = drawings(document, sink)?;
    let mut walker = Walker::new(document, data, budget, sink);
    let fib = &document.fib;
    let role = |kind: Kind| {
        let role = Role { visible: !is_auto_text, ..Role::new(kind) };
        if is_auto_text { role.named("AutoText") } else { role }
    };
    walker.read(fib.range(Part::Main), Role { pages: !is_auto_text, ..role(Kind::Body) })?;
    for (range, part) in headers(document) {
        walker.read(range, Role { visible: part.visible && !is_auto_text, ..part })?;
    }
    for range in ranges(document, Part::Footnotes, Table::FootnoteText, 0) {
        walker.read(range, role(Kind::Footnote))?;
    }
    for range in ranges(document, Part::Endnotes, Table::EndnoteText, 0) {
        walker.read(range, role(Kind::Footnote).named("endnote"))?;
    }
    let authors = authors(document);
    for (at, range) in ranges(document, Part::Comments, Table::CommentText, 0).into_iter().enumerate() {
        if let Some(author) = authors.get(at).filter(|author| !author.is_empty()) {
            let place = Place { visible: !is_auto_text, ..Place::new(Kind::Comment).named("author") };
            walker.sink().segment(Segment::new(author, place))?;
        }
        walker.read(range, role(Kind::Comment))?;
    }
    walker.read(fib.range(Part::Macros), role(Kind::Hidden))?;
    for (part, table) in [(Part::Boxes, Table::BoxText), (Part::HeaderBoxes, Table::HeaderBoxText)] {
        let boxes = Plc::new(document.get(table), 22);
        for (at, range) in
            ranges(document, part, table, if fib.is_old { 0 } else { 22 }).into_iter().enumerate()
        {
            let id = boxes.data(at).and_then(|data| u32_at(data, 14)).filter(|_| !fib.is_old);
            let shape = shapes.iter().find(|shape| Some(shape.id) == id);
            let mut role = role(Kind::Textbox);
            role.visible &= !shape.is_some_and(|shape| shape.hidden);
            role.framed = shape.is_some_and(|shape| shape.lined != Some(false));
            walker.read(range, role)?;
        }
    }
    // Characters that no part claims; one paragraph mark closes the whole text.
    let end = document.pieces.last().map_or(0, |piece| piece.end);
    if end > fib.length().saturating_add(1) {
        walker.read((fib.length(), end), role(Kind::Body))?;
    }
    seen.text += walker.visible_text;
    seen.pictures += walker.pictures + shapes.iter().filter(|shape| shape.has_picture).count() as u32;
    seen.is_cut |= walker.is_cut || end < fib.length();
    names(document, sink)
}

/// Stretches of a part as its table cuts it, empty ones too; what the table leaves out, or all of the part when it is
/// broken, is one more.
fn ranges(document: &Document<'_>, part: Part, table: Table, size: usize) -> Vec<(u32, u32)> {
    let (start, end) = document.fib.range(part);
    let table = Plc::new(document.get(table), size);
    let mut ranges = Vec::new();
    let mut before = 0;
    for at in 0..table.len {
        let (Some(from), Some(to)) = (table.position(at), table.position(at + 1)) else { break };
        if from != before || to < from || to > end - start {
            break;
        }
        ranges.push((start + from, start + to));
        before = to;
    }
    if before < end - start {
        ranges.push((start + before, end));
    }
    ranges
}

/// Headers and footers: six of each section, after the separators of notes (MS-DOC 2.3.3).
fn headers(document: &Document<'_>) -> Vec<((u32, u32), Role)> {
    let table = Plc::new(document.get(Table::Headers), 0);
    // The oldest files store only those headers that there are; MS-DOC ones store all.
    let is_regular = !document.fib.is_old && table.len >= 6;
    let mut parts = Vec::new();
    for (at, range) in ranges(document, Part::Headers, Table::Headers, 0).into_iter().enumerate() {
        let section = document.sections.get(at.saturating_sub(6) / 6);
        let has_title = section.is_some_and(|section| section.has_title);
        let (kind, name, visible) = match (is_regular, at) {
            (false, _) => (Kind::Header, None, true),
            (true, 0..6) => (Kind::Footnote, Some("separator"), true),
            (true, at) => match at % 6 {
                0 => (Kind::Header, Some("even pages"), document.facing),
                1 => (Kind::Header, None, true),
                2 => (Kind::Footer, Some("even pages"), document.facing),
                3 => (Kind::Footer, None, true),
                4 => (Kind::Header, Some("first page"), has_title),
                _ => (Kind::Footer, Some("first page"), has_title),
            },
        };
        if range.0 < range.1 {
            parts.push((range, Role { visible, name, ..Role::new(kind) }));
        }
    }
    parts
}

/// The author of each comment, in order (ATRDPre10, MS-DOC 2.9.6).
fn authors(document: &Document<'_>) -> Vec<String> {
    let is_old = document.fib.is_old;
    let names = strings::row(document.get(Table::CommentAuthors), is_old, document.encoding);
    // The number of the author stands behind the initials: ten UTF-16 units, or as many bytes.
    let (size, at) = if is_old { (20, 10) } else { (30, 20) };
    let table = Plc::new(document.get(Table::CommentRefs), size);
    (0..table.len)
        .map(|comment| {
            let number = table.data(comment).and_then(|data| u16_at(data, at));
            number.and_then(|number| names.get(usize::from(number))).cloned().unwrap_or_default()
        })
        .collect()
}

/// Pushes what shapes say themselves, and gives the shapes.
fn drawings<'d>(document: &'d Document<'_>, sink: &mut dyn Sink) -> Result<Vec<Shape<'d>>, Unreadable> {
    let mut shapes = Vec::new();
    if document.fib.is_old {
        return Ok(shapes);
    }
    let bytes = document.get(Table::Drawings);
    // The data of all drawings, then each drawing with a byte before it: 0 in the text, 1 in headers (MS-DOC 2.9.172).
    let (mut at, mut in_header) = (0, false);
    while at < bytes.len() {
        let used = office_art::shapes(bytes.get(at..).unwrap_or_default(), &mut |shape| {
            let kind = if in_header || shape.is_watermark() { Kind::Watermark } else { Kind::Textbox };
            shape.push(Place::new(kind), sink)?;
            shapes.push(shape.clone());
            Ok(())
        })?;
        at += used;
        in_header = bytes.get(at) == Some(&1);
        at += 1;
        if used == 0 && at > 1 {
            break;
        }
    }
    Ok(shapes)
}

/// Pushes names and properties that stand in tables of strings.
fn names(document: &Document<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let is_old = document.fib.is_old;
    let get = |table: Table| strings::all(document.get(table), is_old, document.encoding);
    for name in get(Table::Bookmarks).iter().filter(|name| !name.starts_with('_') && !name.is_empty()) {
        sink.segment(Segment::new(name, Place::new(Kind::Bookmark).hidden().named("bookmark")))?;
    }
    // The first one is always "Unknown".
    for author in get(Table::RevisionAuthors).iter().skip(1).filter(|author| !author.is_empty()) {
        sink.segment(Segment::new(author, Place::new(Kind::Property).hidden().named("revision author")))?;
    }
    // Numbers of SttbfAssoc (MS-DOC 2.9.276): copies of what the property sets say, mostly.
    for (text, name) in get(Table::Associated).iter().zip([
        "",
        "template",
        "title",
        "subject",
        "keywords",
        "comments",
        "author",
        "last author",
        "data source",
        "header document",
    ]) {
        if !text.trim().is_empty() && !name.is_empty() {
            let kind = if name == "title" { Kind::Title } else { kind_of_property(name) };
            let segment = Segment::new(text, Place::new(kind).hidden().named(name));
            sink.segment(Segment { shape: Form::View, ..segment })?;
        }
    }
    for (name, value) in strings::variables(document.get(Table::Variables), is_old, document.encoding) {
        if !value.trim().is_empty() {
            let place = Place::new(kind_of_property(&name)).hidden().named(&name);
            sink.segment(Segment::new(&value, place))?;
        }
    }
    let lists = document.get(Table::Lists);
    if !is_old && !lists.is_empty() {
        let levels = document.fib.behind(Table::Lists, document.table);
        for text in strings::list_texts(lists, levels) {
            sink.segment(Segment::new(&text, Place::new(Kind::Hidden).hidden().named("numbering")))?;
        }
    }
    Ok(())
}

/// Searches what a quick save has left behind: text that no piece shows any more.
fn left_over(document: &Document<'_>, budget: &Rc<Budget>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let mut sink = AsRevision(sink);
    let size = if document.fib.is_old { 2 } else { 4 };
    let mut pages = Plc::new(document.get(Table::CharacterBins), size).pages();
    pages.extend(Plc::new(document.get(Table::ParagraphBins), size).pages());
    for (start, end) in pieces::unused(&document.fib, &document.pieces, &pages) {
        let Some(mut bytes) = document.main.get(start..end) else { continue };
        runs::search(&mut bytes, "left by a quick save", runs::MIN_LETTERS, budget, &mut sink)?;
    }
    Ok(())
}

/// The table of an earlier save, and custom XML (MS-DOC 2.1.8, the storage MsoDataStore).
fn other_streams(
    file: &mut Compound<'_>,
    earlier_table: &str,
    budget: &Rc<Budget>,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    if let Some(at) = file.find(earlier_table) {
        file.claim_unread(at);
        if let Ok(content) = file.open(at) {
            let mut content = budget.guard(content, 0);
            let name = "table of an earlier save";
            runs::search(&mut content, name, runs::MIN_LETTERS, budget, &mut AsRevision(sink))?;
        }
    }
    for at in file.unclaimed() {
        let name = file.stream(at).name.clone();
        match name.strip_prefix("MsoDataStore/").and_then(|rest| rest.rsplit_once('/')) {
            Some((_, "Item")) => file.member(at, &format!("{name}.xml"), sink)?,
            // Which schemas the item follows.
            Some((_, "Properties")) => file.claim_unread(at),
            _ => {}
        }
    }
    Ok(())
}

/// Turns text runs into text of an earlier revision.
struct AsRevision<'s>(&'s mut dyn Sink);

impl Relay for AsRevision<'_> {
    fn inner(&mut self) -> &mut dyn Sink {
        self.0
    }

    fn relay(&mut self, segment: Segment<'_>) -> Result<(), Stop> {
        let place = Place { kind: Kind::Revision, visible: false, ..segment.place };
        self.0.segment(Segment { place, ..segment })
    }
}
