//! What belongs to the document rather than to a page: bookmarks, form fields, scripts, embedded files.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::io::{Read, Seek as _, SeekFrom};

use super::content::text_of;
use super::document::{Array, Dict, Document, Id, MaybeRef, Name, Object, Stream};
use super::encoding::text_string;
use super::filter::Decoder;
use crate::extract::limits::LimitReached;
use crate::extract::{Member, Sink, Unreadable};
use crate::model::{Gap, GapReason, Kind, Place, Segment};

/// Nodes of one tree (bookmarks, fields, names) that are visited. The bookmarks of a 10,000 page manual are 30,000.
pub(super) const MAX_NODES: usize = 200_000;

/// Options of one choice field; a list of all communes has 11,000.
const MAX_OPTIONS: usize = 50_000;

/// Longest value or script that is given as one text, in bytes.
const MAX_VALUE: usize = 4 << 20;

/// Pushes bookmarks, fields, scripts and embedded files.
///
/// `attached` are the file specifications that annotations hold.
pub(super) fn read<'d>(
    document: &'d Document,
    attached: Vec<Dict<'d>>,
    decoder: &mut Decoder,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    let Some(root) = document.root() else { return Ok(()) };
    bookmarks(document, &root, decoder, sink)?;
    fields(&root, decoder, sink)?;
    scripts(&root, decoder, sink)?;
    super::aside::read(document, &root, decoder, sink)?;
    files(document, &root, attached, decoder, sink)
}

fn bookmarks(
    document: &Document,
    root: &Dict<'_>,
    decoder: &mut Decoder,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    let Some(outlines) = root.get::<Dict<'_>>("Outlines") else { return Ok(()) };
    let mut seen: HashSet<Id> = HashSet::new();
    let mut open: Vec<Id> = outlines.get_ref("First").map(Id::from).into_iter().collect();
    while let Some(id) = open.pop() {
        if seen.len() >= MAX_NODES || !seen.insert(id) {
            continue;
        }
        let Some(item) = document.dict(id) else { continue };
        if let Some(title) = text_of(&item, "Title").filter(|title| !title.trim().is_empty()) {
            sink.segment(Segment::new(&title, Place::new(Kind::Bookmark)))?;
        }
        if let Some(action) = item.get::<Dict<'_>>("A")
            && let Some(uri) = action.get::<Object<'_>>("URI").and_then(Object::into_string)
        {
            sink.segment(Segment::new(&text_string(uri.as_bytes()), Place::new(Kind::Link).hidden()))?;
        }
        if let Some(action) = item.get::<Dict<'_>>("A") {
            for source in scripts_of(&action, decoder)? {
                sink.segment(Segment::new(&source, Place::new(Kind::Script).hidden()))?;
            }
        }
        // Children before the next sibling.
        open.extend(["Next", "First"].iter().filter_map(|key| item.get_ref(key)).map(Id::from));
    }
    Ok(())
}

/// Parents of fields, each read once: one with 2,000 children names them all, so reading it for each of them was quadratic.
#[derive(Default)]
pub(super) struct Parents<'d>(HashMap<Id, Dict<'d>>);

impl<'d> Parents<'d> {
    fn of(&mut self, field: &Dict<'d>) -> Option<Dict<'d>> {
        let Some(id) = field.get_ref("Parent").map(Id::from) else { return field.get::<Dict<'d>>("Parent") };
        if let Some(known) = self.0.get(&id) {
            return Some(known.clone());
        }
        let parent = field.get::<Dict<'d>>("Parent")?;
        if self.0.len() < MAX_PARENTS {
            self.0.insert(id, parent.clone());
        }
        Some(parent)
    }
}

/// Parents that are remembered.
const MAX_PARENTS: usize = 4096;

/// The name of a field: its own and its parents', joined by full stops.
pub(super) fn field_name<'d>(field: &Dict<'d>, parents: &mut Parents<'d>) -> Option<String> {
    let mut parts = Vec::new();
    let mut at = Some(field.clone());
    let mut seen = Vec::new();
    // Parents may form a circle; no form nests deeper than 16.
    for _ in 0..16 {
        let Some(dict) = at.filter(|dict| !seen.contains(&dict.data().as_ptr())) else { break };
        seen.push(dict.data().as_ptr());
        parts.extend(text_of(&dict, "T"));
        at = parents.of(&dict);
    }
    parts.reverse();
    let name = parts.join(".");
    (!name.is_empty()).then_some(name)
}

/// The value of a field that holds text; buttons have states, not text.
pub(super) fn field_value<'d>(
    field: &Dict<'d>,
    parents: &mut Parents<'d>,
    decoder: &mut Decoder,
) -> Result<Option<String>, LimitReached> {
    let mut inherited =
        |key: &str| field.get::<Object<'d>>(key).or_else(|| parents.of(field)?.get::<Object<'d>>(key));
    if matches!(inherited("FT"), Some(Object::Name(kind)) if kind.as_ref() == b"Btn") {
        return Ok(None);
    }
    text_value(inherited("V"), decoder)
}

/// The options of a choice field, shown or not: strings, or pairs of what is sent and what is shown.
pub(super) fn options<'d>(field: &Dict<'d>, parents: &mut Parents<'d>) -> Vec<String> {
    let list = field.get::<Array<'d>>("Opt").or_else(|| parents.of(field)?.get::<Array<'d>>("Opt"));
    let mut found = Vec::new();
    for item in list.iter().flat_map(Array::iter::<Object<'_>>).take(MAX_OPTIONS) {
        match item {
            Object::String(text) => found.push(text_string(text.as_bytes())),
            Object::Array(pair) => {
                let parts = pair.iter::<Object<'_>>().take(2).filter_map(Object::into_string);
                found.extend(parts.map(|part| text_string(part.as_bytes())));
            }
            _ => {}
        }
    }
    found.dedup();
    found
}

/// Whether a field shows all of its choices: a list, not one that opens (ISO 32000-2, table 233, flag 18).
pub(super) fn is_open_list<'d>(field: &Dict<'d>, parents: &mut Parents<'d>) -> bool {
    const COMBO: i32 = 1 << 17;
    let flags = field.get::<i32>("Ff").or_else(|| parents.of(field)?.get::<i32>("Ff")).unwrap_or(0);
    flags & COMBO == 0
        && (field.contains_key("Opt") || parents.of(field).is_some_and(|of| of.contains_key("Opt")))
}

/// A string, a stream or a list of strings as text.
fn text_value(value: Option<Object<'_>>, decoder: &mut Decoder) -> Result<Option<String>, LimitReached> {
    let text = match value {
        Some(Object::String(string)) => text_string(string.as_bytes()),
        Some(Object::Stream(stream)) => {
            let mut bytes = Vec::new();
            decoder.decode(&stream, &mut bytes)?;
            bytes.truncate(MAX_VALUE);
            text_string(&bytes)
        }
        Some(Object::Array(list)) => {
            let parts = list.iter::<Object<'_>>().take(1000).filter_map(Object::into_string);
            parts.map(|part| text_string(part.as_bytes())).collect::<Vec<_>>().join("\n")
        }
        _ => return Ok(None),
    };
    Ok(Some(text).filter(|text| !text.trim().is_empty()))
}

/// The source of a script action.
fn script(action: &Dict<'_>, decoder: &mut Decoder) -> Result<Option<String>, LimitReached> {
    text_value(action.get::<Object<'_>>("JS"), decoder)
}

/// Actions in a row that are looked at.
const MAX_ACTIONS: usize = 64;

/// The sources of an action and of those that follow it (`/Next`).
pub(super) fn scripts_of(action: &Dict<'_>, decoder: &mut Decoder) -> Result<Vec<String>, LimitReached> {
    let mut found = Vec::new();
    let mut open = vec![action.clone()];
    // They may form a circle.
    for _ in 0..MAX_ACTIONS {
        let Some(action) = open.pop() else { break };
        found.extend(script(&action, decoder)?);
        match action.get::<Object<'_>>("Next") {
            Some(Object::Dict(next)) => open.push(next),
            Some(Object::Array(all)) => open.extend(all.iter::<Dict<'_>>().take(MAX_ACTIONS)),
            _ => {}
        }
    }
    Ok(found)
}

/// The scripts bound to events (`/AA`) of a page, an annotation or the document, with the event.
pub(super) fn events(
    holder: &Dict<'_>,
    decoder: &mut Decoder,
) -> Result<Vec<(String, String)>, LimitReached> {
    let mut found = Vec::new();
    let Some(events) = holder.get::<Dict<'_>>("AA") else { return Ok(found) };
    for event in events.keys().take(32) {
        let Some(action) = events.get::<Dict<'_>>(event.as_ref()) else { continue };
        let name = String::from_utf8_lossy(&event).into_owned();
        found.extend(scripts_of(&action, decoder)?.into_iter().map(|source| (name.clone(), source)));
    }
    Ok(found)
}

/// Fields without a widget on any page (those on pages come with their annotation), and default values and tooltips
/// of all of them.
fn fields(root: &Dict<'_>, decoder: &mut Decoder, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let Some(form) = root.get::<Dict<'_>>("AcroForm") else { return Ok(()) };
    let mut seen = HashSet::new();
    let mut parents = Parents::default();
    let mut open: Vec<Dict<'_>> = Vec::new();
    if let Some(all) = form.get::<Array<'_>>("Fields") {
        open.extend(children(&all, &mut seen));
    }
    while let Some(field) = open.pop() {
        let name = field_name(&field, &mut parents);
        let mut place = Place::new(Kind::FormField);
        place.name = name.as_deref();
        let has_widget = field.contains_key("Rect");
        let mut texts = vec![text_of(&field, "TU")];
        if !has_widget {
            texts.push(field_value(&field, &mut parents, decoder)?);
        }
        for text in texts.into_iter().flatten().filter(|text| !text.trim().is_empty()) {
            sink.segment(Segment::new(&text, place))?;
        }
        if let Some(kids) = field.get::<Array<'_>>("Kids") {
            open.extend(children(&kids, &mut seen));
        }
    }
    Ok(())
}

/// The dictionaries of a list that were not visited yet.
fn children<'a>(list: &Array<'a>, seen: &mut HashSet<Id>) -> Vec<Dict<'a>> {
    let mut found = Vec::new();
    let items = list.raw_iter().take(MAX_NODES).zip(list.iter::<Object<'a>>());
    for (raw, item) in items {
        let fresh = match raw {
            MaybeRef::Ref(reference) => seen.len() < MAX_NODES && seen.insert(reference.into()),
            MaybeRef::NotRef(_) => true,
        };
        if fresh {
            found.extend(item.into_dict());
        }
    }
    found.reverse();
    found
}

fn scripts(root: &Dict<'_>, decoder: &mut Decoder, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let mut actions: Vec<(String, Dict<'_>)> = Vec::new();
    if let Some(names) = root.get::<Dict<'_>>("Names").and_then(|names| names.get::<Dict<'_>>("JavaScript")) {
        name_tree(names, &mut |name, action| actions.extend(action.into_dict().map(|action| (name, action))));
    }
    actions.extend(root.get::<Dict<'_>>("OpenAction").map(|action| ("OpenAction".to_owned(), action)));
    let mut sources = events(root, decoder)?;
    for (name, action) in actions {
        sources.extend(scripts_of(&action, decoder)?.into_iter().map(|source| (name.clone(), source)));
    }
    for (name, source) in sources {
        sink.segment(Segment::new(&source, Place::new(Kind::Script).named(&name).hidden()))?;
    }
    Ok(())
}

/// Calls `found(name, value)` for the leaves of a name tree, ISO 32000-2 7.9.6.
pub(super) fn name_tree<'a>(root: Dict<'a>, found: &mut dyn FnMut(String, Object<'a>)) {
    leaves(root, "Names", &mut |key, value| {
        if let Object::String(name) = key {
            found(text_string(name.as_bytes()), value);
        }
    });
}

/// Calls `found(key, value)` for the leaves of a name tree or a number tree.
pub(super) fn leaves<'a>(root: Dict<'a>, list: &str, found: &mut dyn FnMut(Object<'a>, Object<'a>)) {
    let mut seen = HashSet::new();
    let mut open = vec![root];
    let mut count = 0;
    while let Some(node) = open.pop() {
        if let Some(kids) = node.get::<Array<'a>>("Kids") {
            open.extend(children(&kids, &mut seen));
        }
        let Some(pairs) = node.get::<Array<'a>>(list) else { continue };
        let mut key = None;
        for item in pairs.iter::<Object<'a>>() {
            count += 1;
            if count > MAX_NODES {
                return;
            }
            match key.take() {
                // A lost value must not shift the rest: a key is a string or a number, a value mostly neither.
                Some(Object::String(_)) if matches!(item, Object::String(_)) && list == "Names" => {
                    key = Some(item);
                }
                Some(key) => found(key, item),
                None => key = Some(item),
            }
        }
    }
}

/// Embedded files: of the document, of its associated files, of file attachment annotations.
fn files<'d>(
    document: &Document,
    root: &Dict<'d>,
    attached: Vec<Dict<'d>>,
    decoder: &mut Decoder,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    let mut specs: Vec<(String, Dict<'d>)> = Vec::new();
    if let Some(names) =
        root.get::<Dict<'_>>("Names").and_then(|names| names.get::<Dict<'_>>("EmbeddedFiles"))
    {
        name_tree(names, &mut |name, spec| specs.extend(spec.into_dict().map(|spec| (name, spec))));
    }
    if let Some(list) = root.get::<Array<'_>>("AF") {
        let all = list.iter::<Object<'_>>().take(1000).filter_map(Object::into_dict);
        specs.extend(all.map(|spec| (String::new(), spec)));
    }
    specs.extend(attached.into_iter().map(|spec| (String::new(), spec)));
    let mut seen = HashSet::new();
    for (key, spec) in specs {
        let name = ["UF", "F", "Unix", "DOS"].iter().find_map(|key| text_of(&spec, key));
        let name = name.filter(|name| !name.is_empty()).unwrap_or(key);
        if let Some(text) = text_of(&spec, "Desc").filter(|text| !text.trim().is_empty()) {
            sink.segment(Segment::new(&text, Place::new(Kind::Property).named("Desc")))?;
        }
        let Some(embedded) = spec.get::<Dict<'_>>("EF") else { continue };
        let streams = ["UF", "F", "Unix", "DOS", "Mac"];
        let Some(stream) = streams.iter().find_map(|key| embedded.get::<Stream<'_>>(key)) else { continue };
        if seen.insert(stream.obj_id()) {
            embedded_file(document, &name, &stream, decoder, sink)?;
        }
    }
    Ok(())
}

fn embedded_file(
    document: &Document,
    name: &str,
    stream: &Stream<'_>,
    decoder: &mut Decoder,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    let subtype =
        stream.dict().get::<Name<'_>>("Subtype").map(|name| String::from_utf8_lossy(&name).into_owned());
    let name = if name.is_empty() { "attachment" } else { name };
    let member = Member { name, media: subtype.as_deref(), charset: None };
    if document.files_locked() {
        let gap = Gap::new(GapReason::Encrypted, "a password is needed to open it");
        sink.unread_member(member, gap);
        return Ok(());
    }
    let filter = stream.dict().get::<Object<'_>>("Filter");
    let plain_flate = match &filter {
        Some(Object::Name(name)) => name.as_ref() == b"FlateDecode",
        Some(Object::Array(list)) => {
            let names: Vec<Name<'_>> = list.iter::<Name<'_>>().take(2).collect();
            matches!(names.as_slice(), [only] if only.as_ref() == b"FlateDecode")
        }
        _ => false,
    };
    let plain_flate = plain_flate && !stream.dict().contains_key("DecodeParms");
    let raw = stream.raw_data();
    let budget = std::rc::Rc::clone(decoder.budget());
    if let Some((mut file, place)) = document.elsewhere(stream) {
        // What hayro decrypts is owned.
        if matches!(raw, Cow::Owned(_)) || !(plain_flate || filter.is_none()) {
            let detail = format!("{} MB, encrypted or packed in an unusual way", place.length >> 20);
            sink.unread_member(member, Gap::new(GapReason::LimitSize, detail));
            return Ok(());
        }
        file.seek(SeekFrom::Start(place.from))?;
        let mut data = file.take(place.length);
        if filter.is_none() {
            return Ok(sink.member(member, &mut data)?);
        }
        let inflate = flate2::read::ZlibDecoder::new(data);
        return Ok(sink.member(member, &mut budget.guard(inflate, place.length))?);
    }
    if plain_flate {
        // Streamed: an attachment may be larger than what we hold of a page.
        let inflate = flate2::read::ZlibDecoder::new(raw.as_ref());
        let mut guarded = budget.guard(inflate, raw.len() as u64);
        return Ok(sink.member(member, &mut guarded as &mut dyn Read)?);
    }
    if filter.is_none() {
        return Ok(sink.member(member, &mut raw.as_ref())?);
    }
    let mut bytes = Vec::new();
    decoder.decode(stream, &mut bytes)?;
    Ok(sink.member(member, &mut bytes.as_slice())?)
}
