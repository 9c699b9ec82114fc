//! Outlook's stores of mail: `.pst`, `.ost`, `.pab` (MS-PST).
//!
//! In: the file with random access. Out: each message, contact, appointment... as a member, written down as TNEF (the way
//! Exchange itself hands on properties) so that one reader knows them all; attachments and messages inside as members beside it;
//! names of folders. All messages of the list of nodes are read, also those that no folder shows any more. Left out: what was
//! deleted and lies in blocks that are free; search folders; the tables of folders, which repeat what messages say.
//!
//! Why not `outlook-pst` 1.2 (Microsoft, MIT): it owns its reader for ever (`'static`), holds every value in memory whatever its
//! size, and opens files for writing, too: 15,000 lines, of which reading as it is needed here takes 700.

mod crypt;
mod ltp;
mod ndb;
#[cfg(test)]
mod tests;
mod tnef;

use std::collections::HashMap;
use std::io::Read;
use std::rc::Rc;

use self::ltp::{Heap, Property, Value};
use self::ndb::{Node, Store, u16_at, u32_at};
use super::limits::Budget;
use super::mapi::{self, CodePages, ids, kinds};
use super::{Format, Head, Input, Member, Sink, Unreadable};
use crate::model::{Gap, GapReason, Kind, Place, Segment};

/// The reader of Outlook's stores.
pub(super) struct Pst;

/// The node of the store's own properties, and that of the names of properties (2.4.1).
const STORE: u32 = 0x21;
const NAMES: u32 = 0x61;

/// The table of recipients below a message (2.4.1).
const RECIPIENTS: u32 = 0x692;

/// Types of nodes (2.2.2.1).
mod types {
    pub(super) const FOLDER: u32 = 0x02;
    pub(super) const MESSAGE: u32 = 0x04;
    pub(super) const ATTACHMENT: u32 = 0x05;
    /// Rules, views, forms: hidden messages of a folder.
    pub(super) const ASSOCIATED: u32 = 0x08;
}

/// Properties of an attachment (MS-OXPROPS) beside those of [`ids`].
mod attached {
    pub(super) const METHOD: u16 = 0x3705;
    pub(super) const LONG_PATH: u16 = 0x370D;
    pub(super) const PATH: u16 = 0x3708;
    pub(super) const LOCATION: u16 = 0x3713;
    /// Values of `METHOD`: a message.
    pub(super) const BY_MESSAGE: u32 = 5;
}

/// Bytes of one value of a message, and of its heap: a body of 16 MB is a book.
const MAX_VALUE: u64 = 16 << 20;

/// Folders remembered with their way; more are looked up anew.
const MAX_FOLDERS: usize = 20_000;

/// Folders lie in each other as deep as this at most; a loop ends here.
const MAX_FOLDER_DEPTH: usize = 32;

impl Format for Pst {
    fn name(&self) -> &'static str {
        "pst"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["pst", "ost", "pab", "nst"]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        // dwMagic, then a checksum, then wMagicClient (2.2.2.6): "SM", of an offline store "SO", of an address book "AB".
        head.bytes.starts_with(b"!BDN") && matches!(head.bytes.get(8..10), Some(b"SM" | b"SO" | b"AB"))
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let budget = Rc::clone(input.budget());
        let store = match input.file() {
            // Pages lie here and there; a buffer around the file would read 64 KiB for each.
            Some(file) => Store::open(Box::new(file), &budget)?,
            None => Store::open(input.seekable()?, &budget)?,
        };
        let mut reader = Reader { store, budget, names: HashMap::new(), folders: HashMap::new() };
        reader.all(sink)
    }
}

/// What a property from 0x8000 on is called (2.4.7).
#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    Number(u32),
    Text(String),
}

struct Reader<'a> {
    store: Store<'a>,
    budget: Rc<Budget>,
    names: HashMap<u16, Name>,
    folders: HashMap<u32, String>,
}

/// A part's error becomes a gap of the store; only what ends the whole reading is passed on.
fn note(result: Result<(), Unreadable>, what: &str, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    match result {
        Err(Unreadable::Gap {
            reason: reason @ (GapReason::Damaged | GapReason::LimitSize | GapReason::Io),
            detail,
        }) => {
            sink.gap(Gap::new(reason, format!("{detail}: {what}")));
            Ok(())
        }
        other => other,
    }
}

impl Reader<'_> {
    fn all(&mut self, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let names = self.read_names();
        note(names, "names of properties", sink)?;
        let leaves = self.store.leaves(&mut |error| {
            if let Unreadable::Gap { reason, detail } = error {
                sink.gap(Gap::new(reason, format!("{detail}: list of nodes")));
            }
        })?;
        let mut messages = 0u64;
        for leaf in leaves {
            for node in self.store.nodes_of(leaf)? {
                self.budget.charge(0)?;
                let result = match node.kind() {
                    _ if node.id == STORE => self.folder(node, sink),
                    types::FOLDER => self.folder(node, sink),
                    types::MESSAGE | types::ASSOCIATED => {
                        messages += 1;
                        let folder = self.way(node.parent);
                        self.message(node, &folder, 0, sink)
                    }
                    _ => Ok(()),
                };
                note(result, &format!("node {:X}", node.id), sink)?;
            }
        }
        sink.fact("messages", messages.to_string());
        if self.store.wrong_sums > 0 {
            let detail = format!("blocks with a wrong checksum: {}", self.store.wrong_sums);
            sink.gap(Gap::new(GapReason::Damaged, detail));
        }
        Ok(())
    }

    fn heap(&mut self, node: Node) -> Result<(Heap, Vec<Property>), Unreadable> {
        let limit = MAX_VALUE.min(self.budget.room());
        let heap = Heap::of(&mut self.store, node, limit)?;
        let properties = heap.properties().ok_or_else(|| Unreadable::damaged("list of properties"))?;
        Ok((heap, properties))
    }

    fn bytes(&mut self, heap: &Heap, property: Property) -> Result<Vec<u8>, Unreadable> {
        let limit = MAX_VALUE.min(self.budget.room());
        heap.bytes(&mut self.store, property.value, limit)
    }

    /// The text of the first of these properties that has one.
    fn text(
        &mut self,
        heap: &Heap,
        properties: &[Property],
        pages: CodePages,
        wanted: &[u16],
    ) -> Result<Option<String>, Unreadable> {
        for id in wanted {
            let found = properties.iter().find(|property| {
                property.id == *id && matches!(property.kind, kinds::STRING | kinds::STRING8)
            });
            let Some(property) = found else { continue };
            let text = pages.text(property.kind, &self.bytes(heap, *property)?);
            if !text.trim().is_empty() {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }

    fn read_names(&mut self) -> Result<(), Unreadable> {
        let Some(node) = self.store.node(NAMES)? else { return Ok(()) };
        let (heap, properties) = self.heap(node)?;
        let mut streams = [Vec::new(), Vec::new()];
        for (stream, id) in streams.iter_mut().zip([3, 4]) {
            if let Some(property) = properties.iter().find(|property| property.id == id) {
                *stream = self.bytes(&heap, *property)?;
            }
        }
        let [entries, texts] = streams;
        for entry in entries.chunks_exact(8) {
            let (Some(value), Some(kind), Some(index)) =
                (u32_at(entry, 0), u16_at(entry, 4), u16_at(entry, 6))
            else {
                break;
            };
            let name = if kind & 1 == 0 {
                Name::Number(value)
            } else {
                let at = value as usize;
                let raw = u32_at(&texts, at).and_then(|len| texts.get(at + 4..)?.get(..len as usize));
                let Some(raw) = raw else { continue };
                Name::Text(CodePages::default().text(kinds::STRING, raw))
            };
            self.names.insert(index.saturating_add(0x8000), name);
        }
        Ok(())
    }

    /// Names of a folder: how it is called, and what is said of it.
    fn folder(&mut self, node: Node, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let (heap, properties) = self.heap(node)?;
        let pages = code_pages(&properties);
        for property in properties {
            if matches!(property.kind, kinds::STRING | kinds::STRING8) {
                let text = pages.text(property.kind, &self.bytes(&heap, property)?);
                // PidTagContainerClass and its like are words of the machine.
                if matches!(property.id, ids::DISPLAY_NAME | 0x3004) && !text.trim().is_empty() {
                    let name = if node.id == STORE { "store" } else { "folder" };
                    sink.segment(Segment::new(&text, Place::new(Kind::Property).named(name)))?;
                }
            }
        }
        Ok(())
    }

    /// The way to a folder, its name with the names of those it lies in; empty for the root.
    fn way(&mut self, folder: u32) -> String {
        let mut steps = Vec::new();
        let mut known = String::new();
        let mut next = folder;
        for _ in 0..MAX_FOLDER_DEPTH {
            if let Some(way) = self.folders.get(&next) {
                known.clone_from(way);
                break;
            }
            let Ok(Some(node)) = self.store.node(next) else { break };
            // The root is its own parent.
            if node.kind() != types::FOLDER || node.parent == node.id {
                break;
            }
            let name = self.heap(node).and_then(|(heap, properties)| {
                self.text(&heap, &properties, code_pages(&properties), &[ids::DISPLAY_NAME])
            });
            steps.push(name.ok().flatten().map_or_else(String::new, |name| as_step(&name)));
            next = node.parent;
        }
        let steps = steps.into_iter().rev().filter(|step| !step.is_empty());
        let way = std::iter::once(known).filter(|known| !known.is_empty()).chain(steps);
        let way = way.collect::<Vec<String>>().join("/");
        if self.folders.len() < MAX_FOLDERS {
            self.folders.insert(folder, way.clone());
        }
        way
    }

    fn message(
        &mut self,
        node: Node,
        folder: &str,
        depth: u32,
        sink: &mut dyn Sink,
    ) -> Result<(), Unreadable> {
        let (heap, properties) = self.heap(node)?;
        let pages = code_pages(&properties);
        let mut out = tnef::Writer::new(pages.message.or(pages.internet));
        let mut subject = None;
        for property in &properties {
            let name = self.names.get(&property.id).filter(|_| property.id >= 0x8000).cloned();
            let base = property.kind & !kinds::MULTIPLE;
            if let 0x0002 | 0x0003 | 0x000B = property.kind {
                out.number(property.id, property.kind, name.as_ref(), property.value);
                continue;
            }
            let wanted = matches!(base, kinds::STRING | kinds::STRING8)
                || matches!((property.id, base), (ids::HTML | ids::RTF, kinds::BINARY));
            if !wanted {
                continue;
            }
            let mut bytes = match self.bytes(&heap, *property) {
                Ok(bytes) => bytes,
                Err(Unreadable::Stop) => return Err(Unreadable::Stop),
                Err(error) => {
                    note(Err(error), &format!("property {:04X} of node {:X}", property.id, node.id), sink)?;
                    continue;
                }
            };
            if property.id == ids::SUBJECT {
                // How long the prefix is stands before it, behind a mark (2.5.3.1.1.1).
                let unit = if base == kinds::STRING { 2 } else { 1 };
                if bytes.first() == Some(&1) && (unit == 1 || bytes.get(1) == Some(&0)) {
                    bytes.drain(..(2 * unit).min(bytes.len()));
                }
                subject = Some(pages.text(base, &bytes)).filter(|text| !text.trim().is_empty());
            }
            if property.kind == base {
                out.bytes(property.id, base, name.as_ref(), &[&bytes]);
            } else {
                out.bytes(property.id, base, name.as_ref(), &several(&bytes));
            }
        }
        if let Some(table) = heap.below.iter().copied().find(|below| below.id == RECIPIENTS) {
            let result = self.recipients(table, &mut out);
            note(result, &format!("recipients of node {:X}", node.id), sink)?;
        }
        let title = match subject {
            Some(subject) => as_step(&subject),
            None => self
                .text(&heap, &properties, pages, &[ids::DISPLAY_NAME])?
                .map_or_else(|| format!("message-{:X}", node.id), |name| as_step(&name)),
        };
        let way = if folder.is_empty() { title } else { format!("{folder}/{title}") };
        let bytes = out.finish();
        {
            let _lease = self.budget.hold(bytes.len() as u64);
            sink.member_in_memory(Member::named(&format!("{way}.msg")), &bytes)?;
        }
        drop(bytes);
        let attachments = heap.below.iter().copied().filter(|below| below.kind() == types::ATTACHMENT);
        let attachments: Vec<Node> = attachments.collect();
        drop(heap);
        for (number, attachment) in attachments.into_iter().enumerate() {
            let result = self.attachment(attachment, number + 1, &way, depth, sink);
            note(result, &format!("attachment {:X} of node {:X}", attachment.id, node.id), sink)?;
        }
        Ok(())
    }

    fn recipients(&mut self, table: Node, out: &mut tnef::Writer) -> Result<(), Unreadable> {
        let limit = MAX_VALUE.min(self.budget.room());
        let heap = Heap::of(&mut self.store, table, limit)?;
        for row in heap.rows(&mut self.store, limit)? {
            let mut list = tnef::List::default();
            for property in row {
                let bytes = self.bytes(&heap, property)?;
                list.bytes(property.id, property.kind, None, &[&bytes]);
            }
            out.recipient(&list);
        }
        Ok(())
    }

    fn attachment(
        &mut self,
        node: Node,
        number: usize,
        way: &str,
        depth: u32,
        sink: &mut dyn Sink,
    ) -> Result<(), Unreadable> {
        let (heap, properties) = self.heap(node)?;
        let pages = code_pages(&properties);
        let names = [ids::LONG_NAME, ids::SHORT_NAME, ids::DISPLAY_NAME];
        let name = self.text(&heap, &properties, pages, &names)?;
        let name = name.map_or_else(|| format!("attachment-{number}"), |name| as_step(&name));
        for id in [attached::PATH, attached::LONG_PATH, attached::LOCATION] {
            if let Some(text) = self.text(&heap, &properties, pages, &[id])? {
                mapi::push_text(id, None, &text, sink)?;
            }
        }
        let media =
            self.text(&heap, &properties, pages, &[ids::MEDIA])?.unwrap_or_default().to_ascii_lowercase();
        let full = format!("{way}/{name}");
        if mapi::is_rights_protected(&name, &media) {
            let gap = Gap::new(GapReason::Encrypted, "message under rights management");
            sink.unread_member(Member::named(&full), gap);
            return Ok(());
        }
        let method = properties.iter().find(|property| property.id == attached::METHOD);
        let Some(data) = properties.iter().find(|property| property.id == ids::DATA).copied() else {
            // By reference: the way to the file was given above.
            return Ok(());
        };
        if data.kind == kinds::OBJECT {
            // Number of a node below, and its size (2.3.3.5).
            let object = self.bytes(&heap, data)?;
            let Some(id) = u32_at(&object, 0) else { return Err(Unreadable::damaged("object")) };
            let Value::Below(below) = heap.value(id) else { return Err(Unreadable::damaged("object")) };
            drop(heap);
            if method.is_some_and(|method| method.value == attached::BY_MESSAGE) {
                // Budget and door count the depth of members; messages lie beside each other there.
                if depth >= self.budget.limits.max_archive_depth {
                    let detail = format!("messages deeper in each other than {depth}");
                    return Err(Unreadable::gap(GapReason::LimitDepth, detail));
                }
                return self.message(below, way, depth + 1, sink);
            }
            return self.stream(below, &full, &media, sink);
        }
        match heap.value(data.value) {
            Value::Item(item) => {
                let member = Member { media: mapi::media(&media), ..Member::named(&full) };
                Ok(sink.member_in_memory(member, item)?)
            }
            Value::Below(below) => self.stream(below, &full, &media, sink),
            Value::Missing if data.value == 0 => Ok(()),
            Value::Missing => Err(Unreadable::damaged("the data is missing")),
        }
    }

    fn stream(&mut self, node: Node, name: &str, media: &str, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let mut stream = self.store.stream(node.data)?;
        let member = Member { media: mapi::media(media), ..Member::named(name) };
        Ok(sink.member(member, &mut stream as &mut dyn Read)?)
    }
}

/// Values of several texts (2.3.3.4.2): their number, where each begins, and the texts.
fn several(bytes: &[u8]) -> Vec<&[u8]> {
    let count = u32_at(bytes, 0).unwrap_or(0) as usize;
    let place = |at: usize| u32_at(bytes, 4 + 4 * at).map(|place| place as usize);
    let mut values = Vec::new();
    for at in 0..count.min(bytes.len() / 4) {
        let Some(from) = place(at) else { break };
        let to = if at + 1 < count { place(at + 1).unwrap_or(bytes.len()) } else { bytes.len() };
        values.extend(bytes.get(from..to));
    }
    values
}

/// A name as a step of a way: on one line, without the mark between steps.
fn as_step(name: &str) -> String {
    let clean = |c: char| if c == '/' || c == '\\' || c.is_control() { ' ' } else { c };
    name.chars().map(clean).take(120).collect::<String>().trim().to_owned()
}

fn code_pages(properties: &[Property]) -> CodePages {
    let value = |id| properties.iter().find(|property| property.id == id && property.kind == 3);
    CodePages {
        message: value(ids::CODE_PAGE).map(|property| property.value),
        internet: value(ids::INTERNET_CODE_PAGE).map(|property| property.value),
        locale: value(ids::LOCALE).map(|property| property.value),
    }
}
