//! Old PowerPoint presentations, 97 and later (MS-PPT).
//!
//! In: the stream `PowerPoint Document`, a sequence of records of which those count that the last edit refers to. Out: one
//! segment per paragraph of slides, notes, masters and handouts, with the slide's number; comments, headers and footers,
//! links, alternative texts; embedded objects as members. What earlier edits left in the file and nobody refers to is
//! pushed as `revision`, as far as it says something else. Left out: sound, animations, pictures (a fact).

pub(super) mod crypt;
#[cfg(test)]
mod tests;
mod text;

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash as _, Hasher as _};
use std::io::{self, Read, Seek as _, SeekFrom};
use std::rc::Rc;

use encoding_rs::UTF_16LE;
use flate2::read::ZlibDecoder;

use self::text::{Blocks, Master, Text};
use super::super::limits::{Budget, LimitReached};
use super::super::look::{Fonts, Look, SCAN_TEXT};
use super::super::metafile;
use super::super::xml::has_letter;
use super::super::{Member, Sink, Unreadable};
use super::compound::Compound;
use super::{decode, office_art, u16_at, u32_at};
use crate::model::{Gap, GapReason, Kind, Place, Segment};

/// Record types (MS-PPT 2.13.24).
mod record {
    pub(super) const DOCUMENT: u16 = 1000;
    pub(super) const SLIDE: u16 = 1006;
    pub(super) const NOTES: u16 = 1008;
    pub(super) const NOTES_ATOM: u16 = 1009;
    pub(super) const ENVIRONMENT: u16 = 1010;
    pub(super) const SLIDE_PERSIST: u16 = 1011;
    pub(super) const MASTER: u16 = 1016;
    pub(super) const SLIDE_SHOW: u16 = 1017;
    pub(super) const VBA: u16 = 1023;
    pub(super) const DRAWING_GROUP: u16 = 1035;
    pub(super) const DRAWING: u16 = 1036;
    pub(super) const NAMED_SHOW: u16 = 1041;
    pub(super) const FONTS: u16 = 2005;
    pub(super) const SOUNDS: u16 = 2020;
    pub(super) const OBJECT_REFERENCE: u16 = 3009;
    pub(super) const PLACEHOLDER: u16 = 3011;
    pub(super) const OUTLINE_REFERENCE: u16 = 3998;
    pub(super) const TEXT_HEADER: u16 = 3999;
    pub(super) const TEXT_CHARS: u16 = 4000;
    pub(super) const TEXT_STYLE: u16 = 4001;
    pub(super) const MASTER_STYLE: u16 = 4003;
    pub(super) const TEXT_BYTES: u16 = 4008;
    pub(super) const FONT: u16 = 4023;
    pub(super) const STRING: u16 = 4026;
    pub(super) const OBJECT_ATOM: u16 = 4035;
    pub(super) const HANDOUT: u16 = 4041;
    pub(super) const BOOKMARK: u16 = 4048;
    pub(super) const HYPERLINK_ATOM: u16 = 4051;
    pub(super) const HYPERLINK: u16 = 4055;
    pub(super) const HEADERS: u16 = 4057;
    pub(super) const HEADERS_ATOM: u16 = 4058;
    pub(super) const SLIDE_LIST: u16 = 4080;
    pub(super) const INTERACTIVE: u16 = 4082;
    pub(super) const INTERACTIVE_ATOM: u16 = 4083;
    pub(super) const USER_EDIT: u16 = 4085;
    pub(super) const OBJECT: u16 = 4113;
    pub(super) const STRING_TAG: u16 = 5001;
    pub(super) const BINARY_TAG: u16 = 5003;
    pub(super) const PERSIST_DIRECTORY: u16 = 6002;
    pub(super) const HEADER_PLACEHOLDER: u16 = 1056;
    pub(super) const COMMENT: u16 = 12000;
}

/// Records inside each other beyond this depth are not followed.
const MAX_DEPTH: u32 = 64;

/// Slides, edits and persistent objects beyond this many are not told apart.
const MAX_OBJECTS: usize = 200_000;

/// Texts of the current edit that are remembered, to tell what earlier edits said otherwise.
const MAX_SEEN: usize = 1 << 20;

/// A record: type, instance, content.
#[derive(Debug, Clone, Copy)]
struct Record<'a> {
    kind: u16,
    instance: u16,
    is_container: bool,
    content: &'a [u8],
    /// Offset of its header.
    at: usize,
    /// It says it is longer than what it stands in.
    is_cut: bool,
}

/// Records one after the other.
#[derive(Debug, Clone)]
struct Records<'a> {
    bytes: &'a [u8],
    at: usize,
}

fn records(bytes: &[u8]) -> Records<'_> {
    Records { bytes, at: 0 }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let at = self.at;
        let head = u16_at(self.bytes, at)?;
        let kind = u16_at(self.bytes, at + 2)?;
        let len = u32_at(self.bytes, at + 4)? as usize;
        let rest = self.bytes.get(at + 8..)?;
        let content = rest.get(..len).unwrap_or(rest);
        self.at = at + 8 + content.len();
        let is_container = head & 0xF == 0xF;
        Some(Record { kind, instance: head >> 4, is_container, content, at, is_cut: content.len() < len })
    }
}

/// The records of the stream. Some writers leave zeros between them.
fn top_records(bytes: &[u8]) -> Vec<Record<'_>> {
    let mut top = Vec::new();
    let mut all = records(bytes);
    while top.len() < MAX_OBJECTS {
        if bytes.get(all.at..all.at.saturating_add(8)).is_some_and(|head| head.iter().all(|byte| *byte == 0))
        {
            let rest = bytes.get(all.at..).unwrap_or_default();
            let Some(zeros) = rest.iter().position(|byte| *byte != 0) else { break };
            // A header may begin with zeros itself: no version, no instance.
            let first = all.at + zeros;
            let begins = |at: &usize| {
                let record = Records { bytes, at: *at }.next();
                record.is_some_and(|record| (1_000..=12_300).contains(&record.kind) && !record.is_cut)
            };
            all.at = [first - 2, first - 1, first].into_iter().find(begins).unwrap_or(first);
        }
        let Some(record) = all.next() else { break };
        top.push(record);
    }
    top
}

/// Pushes the texts of the pictures that are drawings: records one behind the other in a stream of their own (MS-PPT 2.1.3). Gives
/// how many bytes of text there were.
fn drawings(file: &mut Compound<'_>, at: usize, sink: &mut dyn Sink) -> Result<usize, Unreadable> {
    let budget = Rc::clone(file.budget());
    let place = Place::new(Kind::Textbox).named("picture");
    let mut letters = 0;
    let Ok(mut stream) = file.open(at) else { return Ok(0) };
    let mut record = Vec::new();
    loop {
        record.clear();
        if (&mut stream).take(8).read_to_end(&mut record).is_err() {
            return Ok(letters);
        }
        let (Some(kind), Some(len)) = (u16_at(&record, 2), u32_at(&record, 4).map(u64::from)) else {
            return Ok(letters);
        };
        // OfficeArtBlipEMF, OfficeArtBlipWMF.
        let is_drawing = matches!(kind, 0xF01A | 0xF01B);
        let fits = len <= metafile::MAX_DRAWING.min(budget.room() / 2);
        if is_drawing && !fits {
            metafile::too_large(sink);
        }
        if is_drawing && fits {
            let _lease = budget.hold(len);
            let whole = (&mut stream).take(len).read_to_end(&mut record);
            letters += metafile::push_all(&record, place, &budget, sink)?;
            if whole.is_err() {
                return Ok(letters);
            }
        } else if stream.seek(SeekFrom::Current(i64::try_from(len).unwrap_or(i64::MAX))).is_err() {
            return Ok(letters);
        }
        budget.charge(0)?;
    }
}

/// Reads the presentation of a compound file. What breaks the rules, and what is too large to be held, is left to the
/// search for text runs.
///
/// # Errors
/// When the sink stops or a limit is met.
pub(super) fn read(file: &mut Compound<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let found = ["PP97_DUALSTORAGE/PowerPoint Document", "PowerPoint Document"]
        .iter()
        .find_map(|name| Some((*name, file.find(name)?)));
    let Some((name, at)) = found else { return Ok(()) };
    let folder = name.strip_suffix("PowerPoint Document").unwrap_or_default();
    let budget = Rc::clone(file.budget());
    let len = file.stream(at).len;
    if len > budget.room() {
        sink.gap(Gap::new(GapReason::LimitSize, "a presentation larger than may be held in memory"));
        return Ok(());
    }
    let _lease = budget.hold(len);
    let bytes = file.head(at, len);
    budget.charge(bytes.len() as u64)?;
    let user = file.find(&format!("{folder}Current User"));
    // MS-PPT 2.3.2: the offset of the last edit.
    let edit = user.and_then(|user| u32_at(&file.small(user), 16));
    let pictures = file.find(&format!("{folder}Pictures"));
    let drawn = match pictures {
        Some(at) => drawings(file, at, sink)?,
        None => 0,
    };
    let mut reader = Reader {
        bytes: &bytes,
        fonts: Fonts::default(),
        font_numbers: Vec::new(),
        masters: Master::default(),
        objects: HashMap::new(),
        live: HashSet::new(),
        link_slides: HashMap::new(),
        object_slides: HashMap::new(),
        slides_at: HashMap::new(),
        done: HashSet::new(),
        seen: HashSet::new(),
        revision: false,
        broken: (bytes.len() as u64) < len,
        unknown: false,
        pictures: 0,
        visible_text: drawn,
        members: 0,
        budget: &budget,
        sink,
    };
    reader.all(edit)?;
    if reader.unknown {
        return Ok(());
    }
    if reader.broken {
        reader.sink.gap(Gap::new(GapReason::Damaged, "records of the presentation break off"));
        return Ok(());
    }
    file.claim_unread(at);
    if let Some(user) = user {
        file.claim_unread(user);
    }
    Ok(())
}

/// A slide as the document lists it, with the texts of its placeholders.
#[derive(Debug)]
struct Listed<'a> {
    /// Offset of its record.
    at: Option<usize>,
    id: u32,
    texts: Blocks<'a>,
    /// Numbers of the links in these texts.
    links: Vec<u32>,
}

/// Where text stands that is being walked.
#[derive(Debug, Clone, Copy)]
struct Role {
    kind: Kind,
    visible: bool,
    slide: Option<u32>,
    name: Option<&'static str>,
}

impl Role {
    fn new(kind: Kind) -> Role {
        Role { kind, visible: true, slide: None, name: None }
    }

    fn place(self) -> Place<'static> {
        Place { visible: self.visible, slide: self.slide, name: self.name, ..Place::new(self.kind) }
    }

    fn aside(self, kind: Kind, name: &'static str) -> Place<'static> {
        Place { kind, visible: false, slide: self.slide, name: Some(name), ..Place::new(kind) }
    }
}

struct Reader<'r> {
    bytes: &'r [u8],
    fonts: Fonts,
    /// Numbers in `fonts`, by number in the presentation.
    font_numbers: Vec<Option<u16>>,
    masters: Master,
    /// Offsets of persistent objects by their number.
    objects: HashMap<u32, u32>,
    live: HashSet<u32>,
    /// Slides on which links stand first, by the number of the link.
    link_slides: HashMap<u32, u32>,
    /// Slides on which embedded objects stand first, by the number of the object; then by the offset of its record.
    object_slides: HashMap<u32, u32>,
    slides_at: HashMap<u32, u32>,
    done: HashSet<usize>,
    seen: HashSet<u64>,
    /// What is walked belongs to an earlier edit.
    revision: bool,
    broken: bool,
    /// There is no document: PowerPoint 95 and earlier had other records.
    unknown: bool,
    pictures: u64,
    visible_text: usize,
    members: u32,
    budget: &'r Rc<Budget>,
    sink: &'r mut dyn Sink,
}

impl<'r> Reader<'r> {
    fn all(&mut self, edit: Option<u32>) -> Result<(), Unreadable> {
        let bytes = self.bytes;
        let document = edit.and_then(|edit| self.edits(edit));
        let top = top_records(bytes);
        self.unknown = !top.iter().any(|record| record.kind == record::DOCUMENT);
        if self.unknown {
            return Ok(());
        }
        self.broken |= top.iter().any(|record| record.is_cut);
        self.live = self.objects.values().copied().collect();
        let document = document
            .and_then(|at| self.record_at(at as usize))
            .filter(|record| record.kind == record::DOCUMENT)
            .or_else(|| top.iter().rev().find(|record| record.kind == record::DOCUMENT).copied());
        let (mut slides, mut notes) = (Vec::new(), Vec::new());
        if let Some(document) = document {
            self.fonts_of(document.content);
            for list in records(document.content).filter(|record| record.kind == record::SLIDE_LIST) {
                match list.instance {
                    0 => slides.extend(self.listed(list.content)),
                    2 => notes.extend(self.listed(list.content)),
                    _ => {}
                }
            }
            self.done.insert(document.at);
        }
        // Masters have the looks of all texts that have none.
        for master in top.iter().filter(|record| record.kind == record::MASTER) {
            for style in records(master.content).filter(|record| record.kind == record::MASTER_STYLE) {
                self.masters.add(style.instance, style.content, &self.font_numbers);
            }
        }
        for (number, slide) in slides.iter().enumerate() {
            let number = u32::try_from(number).unwrap_or(u32::MAX).saturating_add(1);
            self.slide(slide, number)?;
        }
        for (number, notes) in notes.iter().enumerate() {
            let number = u32::try_from(number).unwrap_or(u32::MAX).saturating_add(1);
            let record = notes.at.and_then(|at| self.record_at(at));
            self.notes(record, Some(&notes.texts), &slides, number)?;
        }
        if let Some(document) = document {
            self.walk(document.content, document.kind, Role::new(Kind::Body), None, 0)?;
        }
        for stale in [false, true] {
            self.revision = stale;
            for record in &top {
                let is_live =
                    self.live.is_empty() || u32::try_from(record.at).is_ok_and(|at| self.live.contains(&at));
                if is_live != stale && self.done.insert(record.at) {
                    self.top(record)?;
                }
            }
        }
        if self.pictures > 0 {
            self.sink.fact("pictures", self.pictures.to_string());
            if self.visible_text < SCAN_TEXT && self.members == 0 {
                self.sink.gap(Gap::new(GapReason::ImageOnly, "nothing but pictures"));
            }
        }
        Ok(())
    }

    fn record_at(&self, at: usize) -> Option<Record<'r>> {
        Records { bytes: self.bytes, at }.next()
    }

    /// Follows the edits from the last to the first; the last word on where an object lies counts. Gives the offset of the
    /// document.
    fn edits(&mut self, last: u32) -> Option<u32> {
        let (mut at, mut document) = (last, None);
        for _ in 0..MAX_OBJECTS {
            let edit = self.record_at(at as usize).filter(|record| record.kind == record::USER_EDIT)?;
            let before = u32_at(edit.content, 8)?;
            let directory = u32_at(edit.content, 12)?;
            document = document.or_else(|| u32_at(edit.content, 16));
            if let Some(directory) =
                self.record_at(directory as usize).filter(|record| record.kind == record::PERSIST_DIRECTORY)
            {
                for (offset, number) in persisted(directory.content) {
                    if self.objects.len() < MAX_OBJECTS {
                        self.objects.entry(number).or_insert(offset);
                    }
                }
            }
            // Edits before this one lie before it.
            if before == 0 || before >= at {
                break;
            }
            at = before;
        }
        self.objects.get(&document?).copied()
    }

    fn fonts_of(&mut self, document: &[u8]) {
        let environment = records(document).filter(|record| record.kind == record::ENVIRONMENT);
        for record in environment.flat_map(|environment| records(environment.content)) {
            match record.kind {
                record::FONTS => {
                    for font in records(record.content).filter(|font| font.kind == record::FONT) {
                        let name = decode(font.content.get(..64).unwrap_or(font.content), UTF_16LE);
                        let name = name.split('\0').next().unwrap_or_default();
                        let at = usize::from(font.instance);
                        if self.font_numbers.len() <= at {
                            self.font_numbers.resize(at + 1, None);
                        }
                        if let Some(slot) = self.font_numbers.get_mut(at) {
                            *slot = self.fonts.number(name);
                        }
                    }
                }
                record::MASTER_STYLE => {
                    self.masters.add(record.instance, record.content, &self.font_numbers);
                }
                _ => {}
            }
        }
    }

    /// Slides of a list, each with the texts that follow it.
    fn listed(&self, list: &'r [u8]) -> Vec<Listed<'r>> {
        let mut listed: Vec<Listed<'r>> = Vec::new();
        for record in records(list) {
            if record.kind == record::SLIDE_PERSIST && listed.len() < MAX_OBJECTS {
                let number = u32_at(record.content, 0).unwrap_or(0);
                let at = self.objects.get(&number).map(|at| *at as usize);
                let id = u32_at(record.content, 12).unwrap_or(0);
                listed.push(Listed { at, id, texts: Blocks::default(), links: Vec::new() });
            } else if let Some(last) = listed.last_mut() {
                if record.kind == record::INTERACTIVE {
                    last.links.extend(records(record.content).filter_map(|record| link(&record)));
                }
                last.texts.add(record);
            }
        }
        listed
    }

    fn slide(&mut self, slide: &Listed<'r>, number: u32) -> Result<(), Unreadable> {
        let mut role = Role { slide: Some(number), ..Role::new(Kind::Body) };
        let record = slide.at.and_then(|at| self.record_at(at)).filter(|record| record.kind == record::SLIDE);
        slide.links.iter().for_each(|link| self.link_stands(*link, Some(number)));
        let mut used = vec![false; slide.texts.len()];
        if let Some(record) = record {
            self.done.insert(record.at);
            role.visible = !is_hidden(record.content);
            self.walk(record.content, record.kind, role, Some((&slide.texts, &mut used)), 0)?;
        }
        for (at, _) in used.iter().enumerate().filter(|(_, used)| !**used) {
            let Some(block) = slide.texts.get(at) else { break };
            self.paragraphs(&block, role)?;
        }
        Ok(())
    }

    fn notes(
        &mut self,
        record: Option<Record<'r>>,
        texts: Option<&Blocks<'r>>,
        slides: &[Listed<'r>],
        number: u32,
    ) -> Result<(), Unreadable> {
        let record = record.filter(|record| record.kind == record::NOTES);
        let of = record
            .and_then(|record| records(record.content).find(|record| record.kind == record::NOTES_ATOM))
            .and_then(|atom| u32_at(atom.content, 0))
            .and_then(|id| slides.iter().position(|slide| slide.id == id))
            .map(|at| u32::try_from(at).unwrap_or(u32::MAX).saturating_add(1));
        let role = Role { slide: of.or(Some(number)), ..Role::new(Kind::Notes) };
        let mut used = vec![false; texts.map_or(0, Blocks::len)];
        if let Some(record) = record {
            self.done.insert(record.at);
            self.walk(record.content, record.kind, role, texts.map(|texts| (texts, &mut used)), 0)?;
        }
        for (at, _) in used.iter().enumerate().filter(|(_, used)| !**used) {
            if let Some(block) = texts.and_then(|texts| texts.get(at)) {
                self.paragraphs(&block, role)?;
            }
        }
        Ok(())
    }

    /// A link stands on a slide.
    fn link_stands(&mut self, link: u32, slide: Option<u32>) {
        if let Some(slide) = slide.filter(|_| self.link_slides.len() < MAX_OBJECTS) {
            self.link_slides.entry(link).or_insert(slide);
        }
    }

    /// The slide of an embedded object's record (ExOleObjAtom, MS-PPT 2.10.12). The list of objects comes after the slides.
    fn object_stands(&mut self, atom: &[u8]) {
        let slide = u32_at(atom, 8).and_then(|object| self.object_slides.get(&object).copied());
        let at = u32_at(atom, 16).and_then(|number| self.objects.get(&number).copied());
        if let (Some(slide), Some(at)) = (slide, at) {
            self.slides_at.entry(at).or_insert(slide);
        }
    }

    /// A record that no list of slides leads to.
    fn top(&mut self, record: &Record<'r>) -> Result<(), Unreadable> {
        self.budget.charge(0)?;
        let role = match record.kind {
            record::SLIDE | record::DOCUMENT => Role::new(Kind::Body),
            record::MASTER => Role { name: Some("master"), ..Role::new(Kind::Body) },
            record::NOTES => Role { name: Some("master"), ..Role::new(Kind::Notes) },
            record::HANDOUT => Role { name: Some("handout"), ..Role::new(Kind::Notes) },
            record::OBJECT if self.revision => return Ok(()),
            record::OBJECT => return self.object(record),
            _ if record.is_container => Role { visible: false, ..Role::new(Kind::Hidden) },
            _ => return Ok(()),
        };
        let visible = role.visible && !(record.kind == record::SLIDE && is_hidden(record.content));
        self.walk(record.content, record.kind, Role { visible, ..role }, None, 0)
    }

    /// Everything in a container, whose type is `within`.
    fn walk(
        &mut self,
        bytes: &'r [u8],
        within: u16,
        role: Role,
        mut outline: Option<(&Blocks<'r>, &mut Vec<bool>)>,
        depth: u32,
    ) -> Result<(), Unreadable> {
        if depth > MAX_DEPTH {
            return Ok(());
        }
        let mut blocks = Blocks::default();
        let mut flags = 0;
        for record in records(bytes) {
            match record.kind {
                record::DRAWING => {
                    let outline = outline.as_mut().map(|(texts, used)| (*texts, &mut **used));
                    self.drawing(record.content, role, outline)?;
                }
                record::DRAWING_GROUP => self.count_pictures(record.content, 0),
                record::TEXT_HEADER..=record::TEXT_STYLE | record::TEXT_BYTES => blocks.add(record),
                record::HEADERS_ATOM => flags = u16_at(record.content, 2).unwrap_or(0),
                record::STRING => self.string(&record, within, flags, role)?,
                record::BOOKMARK => {
                    let name = decode(record.content.get(4..).unwrap_or_default(), UTF_16LE);
                    self.push(&name, role.aside(Kind::Bookmark, "bookmark"), Look::default())?;
                }
                record::OBJECT => self.object(&record)?,
                record::OBJECT_REFERENCE => {
                    if let (Some(object), Some(slide)) = (u32_at(record.content, 0), role.slide)
                        && self.object_slides.len() < MAX_OBJECTS
                    {
                        self.object_slides.entry(object).or_insert(slide);
                    }
                }
                record::OBJECT_ATOM => self.object_stands(record.content),
                // Slides' and notes' texts were read with them.
                record::SLIDE_LIST
                    if matches!(record.instance, 0 | 2) && within == record::DOCUMENT && !self.revision => {}
                record::VBA | record::ENVIRONMENT => {}
                record::INTERACTIVE_ATOM => {
                    if let Some(link) = link(&record) {
                        self.link_stands(link, role.slide);
                    }
                }
                // What links lead to is listed in the document; the slides that use them come before it.
                record::HYPERLINK => {
                    let number = records(record.content).find(|record| record.kind == record::HYPERLINK_ATOM);
                    let slide =
                        number.and_then(|number| self.link_slides.get(&u32_at(number.content, 0)?).copied());
                    let role = Role { slide: slide.or(role.slide), ..role };
                    self.walk(record.content, record.kind, role, None, depth + 1)?;
                }
                record::BINARY_TAG => self.walk(record.content, record.kind, role, None, depth + 1)?,
                // Within a list of masters: their texts, in blocks.
                _ if record.is_container => {
                    let outline = outline.as_mut().map(|(texts, used)| (*texts, &mut **used));
                    self.walk(record.content, record.kind, role, outline, depth + 1)?;
                }
                _ => {}
            }
        }
        for at in 0..blocks.len() {
            if let Some(block) = blocks.get(at) {
                self.paragraphs(&block, role)?;
            }
        }
        Ok(())
    }

    /// CString: what it says depends on where it stands, and on its number there.
    fn string(&mut self, record: &Record<'_>, within: u16, flags: u16, role: Role) -> Result<(), Unreadable> {
        let place = match (within, record.instance) {
            // Whether it is switched on: fHasUserDate, fHasHeader, fHasFooter.
            (record::HEADERS, 0) => {
                Place { visible: role.visible && flags & 4 != 0, ..role.aside(Kind::Header, "date") }
            }
            (record::HEADERS, 1) => {
                Place { visible: role.visible && flags & 16 != 0, ..role.aside(Kind::Header, "header") }
            }
            (record::HEADERS, _) => {
                Place { visible: role.visible && flags & 32 != 0, ..role.aside(Kind::Footer, "footer") }
            }
            (record::COMMENT, 1) => {
                Place { name: None, visible: role.visible, ..role.aside(Kind::Comment, "") }
            }
            (record::COMMENT, _) => role.aside(Kind::Comment, "author"),
            (record::HYPERLINK, _) => role.aside(Kind::Link, "hyperlink"),
            (record::NAMED_SHOW, _) => role.aside(Kind::Property, "custom show"),
            (record::SLIDE | record::MASTER | record::NOTES, _) => role.aside(Kind::Property, "name"),
            (record::STRING_TAG, _) => role.aside(Kind::Hidden, "tag"),
            (record::INTERACTIVE, _) => role.aside(Kind::Hidden, "action"),
            (record::SOUNDS, _) => return Ok(()),
            _ => role.aside(Kind::Hidden, "text"),
        };
        let text = decode(record.content, UTF_16LE);
        // Programs' own tags: ___PPT9, ___PPT10...
        if text.starts_with("___PPT") {
            return Ok(());
        }
        self.push(&text.replace('\r', "\n"), place, Look::default())
    }

    fn drawing(
        &mut self,
        bytes: &'r [u8],
        role: Role,
        mut outline: Option<(&Blocks<'r>, &mut Vec<bool>)>,
    ) -> Result<(), Unreadable> {
        office_art::shapes(bytes, &mut |shape| {
            let placeholder = placeholder(shape.client_data);
            let kind = match (role.kind, placeholder) {
                // Date, slide number, footer, header.
                (_, Some(7 | 8 | 10)) => Kind::Header,
                (_, Some(9)) => Kind::Footer,
                (Kind::Body, None) if shape.in_table => Kind::Table,
                (Kind::Body, None) => Kind::Textbox,
                (kind, _) => kind,
            };
            let role = Role { kind, visible: role.visible && !shape.hidden, ..role };
            let art = if shape.is_watermark() { Kind::Watermark } else { kind };
            if !self.revision {
                shape.push(Place { kind: art, ..role.place() }, self.sink)?;
                if has_letter(&shape.word_art) {
                    self.visible_text += shape.word_art.len();
                }
            }
            let mut blocks = Blocks::default();
            for record in records(shape.client_text) {
                match record.kind {
                    record::OUTLINE_REFERENCE => {
                        let number = u32_at(record.content, 0).unwrap_or(u32::MAX) as usize;
                        if let Some((texts, used)) = &mut outline
                            && let Some(used) = used.get_mut(number)
                            && let Some(block) = texts.get(number)
                        {
                            *used = true;
                            self.paragraphs(&block, role)?;
                        }
                    }
                    _ if record.is_container => self.walk(record.content, record.kind, role, None, 1)?,
                    _ => blocks.add(record),
                }
            }
            for at in 0..blocks.len() {
                if let Some(block) = blocks.get(at) {
                    self.paragraphs(&block, role)?;
                }
            }
            // Comments of old versions, tags, actions.
            self.walk(shape.client_data, 0, role, None, 1)
        })?;
        Ok(())
    }

    fn paragraphs(&mut self, block: &Text<'_>, role: Role) -> Result<(), Unreadable> {
        let mut pieces = Vec::new();
        block.pieces(&self.masters, &self.font_numbers, &self.fonts, &mut pieces);
        for (text, look) in pieces {
            self.push(&text, role.place(), look)?;
        }
        Ok(())
    }

    fn push(&mut self, text: &str, place: Place<'_>, look: Look) -> Result<(), Unreadable> {
        let text = text.trim_matches(['\0', '\r', '\n']);
        // An asterisk stands for a date or number that is filled in.
        if text.trim().trim_matches('*').is_empty() {
            return Ok(());
        }
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let hash = hasher.finish();
        let mut place = place;
        if self.revision {
            if self.seen.contains(&hash) {
                return Ok(());
            }
            place = Place { kind: Kind::Revision, name: None, ..place.hidden() };
        }
        if self.seen.len() < MAX_SEEN {
            self.seen.insert(hash);
        }
        if place.visible {
            self.visible_text += text.len();
        }
        Ok(self.sink.segment(Segment::new(text, place).styled(look.style(&self.fonts)))?)
    }

    /// ExOleObjStg: a compound file, mostly compressed.
    fn object(&mut self, record: &Record<'r>) -> Result<(), Unreadable> {
        self.members += 1;
        let name = format!("object-{}.bin", self.members);
        let member = Member::named(&name);
        let at = u32::try_from(record.at).ok();
        self.sink.next_on_slide(at.and_then(|at| self.slides_at.get(&at).copied()));
        if record.instance == 0 {
            let mut content = record.content;
            return Ok(self.sink.member(member, &mut content)?);
        }
        let packed = record.content.get(4..).unwrap_or_default();
        let unpacked = ZlibDecoder::new(packed);
        let content = self.budget.guard(unpacked, packed.len() as u64);
        let size = u32_at(record.content, 0).unwrap_or(u32::MAX);
        Ok(self.sink.member(member, &mut Measured { content, left: u64::from(size) })?)
    }

    /// Counts the pictures of a drawing group (OfficeArtFBSE).
    fn count_pictures(&mut self, bytes: &[u8], depth: u32) {
        for record in records(bytes) {
            if record.kind == 0xF007 {
                self.pictures += 1;
            } else if record.is_container && depth < 4 {
                self.count_pictures(record.content, depth + 1);
            }
        }
    }
}

/// An object that says how long it is: some writers leave out the end of what is packed, and nothing is lost by it.
struct Measured<R> {
    content: R,
    left: u64,
}

impl<R: Read> Read for Measured<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.content.read(into) {
            Ok(got) => {
                self.left = self.left.saturating_sub(got as u64);
                Ok(got)
            }
            Err(error) if self.left == 0 && error.get_ref().is_none_or(|it| !it.is::<LimitReached>()) => {
                Ok(0)
            }
            Err(error) => Err(error),
        }
    }
}

/// Number of the link that an action leads to (InteractiveInfoAtom, MS-PPT 2.8.1); 0 is none.
fn link(record: &Record<'_>) -> Option<u32> {
    let number = u32_at(record.content, 4).filter(|_| record.kind == record::INTERACTIVE_ATOM)?;
    (number != 0).then_some(number)
}

/// Offsets and numbers of persistent objects (PersistDirectoryAtom, MS-PPT 2.3.4).
fn persisted(directory: &[u8]) -> impl Iterator<Item = (u32, u32)> {
    let mut entry = 0;
    let mut run = (0, 0);
    std::iter::from_fn(move || {
        while run.1 == 0 {
            let head = u32_at(directory, entry)?;
            entry += 4;
            run = (head & 0xF_FFFF, head >> 20);
        }
        let (number, left) = run;
        let offset = u32_at(directory, entry)?;
        entry += 4;
        run = (number.saturating_add(1), left - 1);
        Some((offset, number))
    })
}

/// Whether a slide is left out of the show: fHidden of its SlideShowSlideInfoAtom.
fn is_hidden(slide: &[u8]) -> bool {
    records(slide)
        .find(|record| record.kind == record::SLIDE_SHOW)
        .and_then(|record| u16_at(record.content, 10))
        .is_some_and(|flags| flags & 0x0004 != 0)
}

/// What a shape holds the place of (PlaceholderEnum, MS-PPT 2.13.19).
fn placeholder(client_data: &[u8]) -> Option<u8> {
    records(client_data).find_map(|record| match record.kind {
        record::PLACEHOLDER => record.content.get(4).copied(),
        record::HEADER_PLACEHOLDER => record.content.first().copied(),
        _ => None,
    })
}
