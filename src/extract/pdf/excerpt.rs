//! Some pages of a PDF, without reading the rest of it.
//!
//! In: a file and the numbers of pages. Out: a small PDF of these pages and what they draw with, to be read like any
//! other. hayro wants the whole file in memory and lists all its pages when it opens it, which takes 120 ms for 20,000 pages; here the
//! cross-reference is asked for single objects, and each is read where it lies. It gives up, and the file is read as a whole, where
//! anything is out of the ordinary: no cross-reference where it should be, encryption, an object that is another.
//! Left out: what hangs on the document and not on a page.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};

use memchr::memmem;

use super::document::{Array, Dict, FromBytes as _, MaybeRef, Name, Object, Stream};
use super::filter::{Decoded, Decoder};
use super::lexer::{Lexer, Token};

/// Cross-references that follow each other by `/Prev`; hayro's own limit.
const MAX_SECTIONS: usize = 256;

/// Longest object that is no stream, and longest search for the end of a stream.
const MAX_OBJECT: u64 = 64 << 20;

/// Depth of the page tree.
const MAX_DEPTH: usize = 64;

/// Depth of dictionaries in dictionaries that are looked through for references.
const MAX_NESTING: u32 = 32;

/// Some pages as a file of their own.
pub(super) struct Excerpt {
    /// The file.
    pub(super) bytes: Vec<u8>,
    /// Pages the whole document says it has.
    pub(super) declared: usize,
}

/// Takes the pages `first` to `last` out of a file, holding no more than `room` bytes; `None` when the whole must be read.
pub(super) fn excerpt(file: &File, pages: (u32, u32), room: u64, decoder: &mut Decoder) -> Option<Excerpt> {
    let length = file.metadata().ok()?.len();
    let mut long = Long { file, length, sections: Vec::new(), packed: HashMap::new(), decoder };
    let root = long.open()?;
    let mut out = Collected { objects: BTreeMap::new(), room };
    let catalog = long.object(root)?;
    let (tree, mut open) = {
        let dict = dict_of(&catalog)?;
        let mut layers = Vec::new();
        if let Some(value) = dict.get_raw::<Object<'_>>("OCProperties") {
            references(value, 0, &mut layers);
        }
        (number(&dict, "Pages")?, layers)
    };
    out.keep(root, catalog)?;
    let declared = long.pages(tree, pages, &mut out, &mut open)?;
    while let Some(next) = open.pop() {
        if out.objects.contains_key(&next) {
            continue;
        }
        if long.entry(next).is_none() {
            // A reference to nothing is nothing.
            continue;
        }
        let object = long.object(next)?;
        if let Some(dict) = dict_of(&object) {
            if matches!(dict.get::<Name<'_>>("Type").as_deref(), Some(b"Page" | b"Pages" | b"Catalog")) {
                continue;
            }
            followed(&dict, &mut open);
        } else if let Some(Object::Array(list)) = value_of(&object).and_then(Object::from_bytes) {
            list.raw_iter().for_each(|item| references(item, 0, &mut open));
        }
        out.keep(next, object)?;
    }
    Some(Excerpt { bytes: out.written(root), declared })
}

/// The objects of the small file.
struct Collected {
    objects: BTreeMap<u32, Vec<u8>>,
    room: u64,
}

impl Collected {
    fn keep(&mut self, number: u32, object: Vec<u8>) -> Option<()> {
        self.room = self.room.checked_sub(2 * object.len() as u64)?;
        self.objects.insert(number, object);
        Some(())
    }

    fn written(self, root: u32) -> Vec<u8> {
        let mut out = b"%PDF-1.7\n".to_vec();
        let mut table = b"xref\n".to_vec();
        for (number, object) in &self.objects {
            let mut words = object.split(|byte| byte.is_ascii_whitespace());
            let generation: u32 =
                words.nth(1).and_then(|word| std::str::from_utf8(word).ok()?.parse().ok()).unwrap_or(0);
            // Writing to memory does not fail.
            let _ = writeln!(table, "{number} 1\n{:010} {generation:05} n ", out.len());
            out.extend_from_slice(object);
            out.extend_from_slice(b"\nendobj\n");
        }
        let start = out.len();
        out.append(&mut table);
        let _ = write!(out, "trailer<</Root {root} 0 R/Size 8388607>>\nstartxref\n{start}\n%%EOF\n");
        out
    }
}

/// One cross-reference.
enum Section {
    /// First object, objects, where their rows of 20 bytes begin.
    Table(Vec<(u32, u32, u64)>),
    /// First object and objects; widths of the three fields; rows.
    Rows(Vec<(u32, u32)>, [usize; 3], Rows),
}

/// The rows of a cross-reference stream: its beginning, until more is asked for. What the first pages need stands mostly
/// there, and the rows of 20,000 pages take as long to inflate as the page to be read.
struct Rows {
    bytes: Vec<u8>,
    /// The object they come from, while they are not all there.
    rest: Option<Vec<u8>>,
}

/// So many bytes of rows are inflated at first.
const FIRST_ROWS: usize = 16 << 10;

/// Where an object lies.
#[derive(Clone, Copy)]
enum Entry {
    At(u64),
    In(u32, usize),
}

/// An object stream: number and place of each object, and all of them.
type Packed = (Vec<(u32, usize)>, Vec<u8>);

/// A row of a cross-reference stream (ISO 32000-2, table 18).
fn row(rows: &mut Rows, index: usize, widths: [usize; 3], decoder: &mut Decoder) -> Option<Entry> {
    let [first, second, third] = widths;
    let (begin, end) = (index * (first + second + third), (index + 1) * (first + second + third));
    if rows.bytes.len() < end
        && let Some(object) = rows.rest.take()
    {
        rows.bytes.clear();
        let stream = Stream::from_bytes(value_of(&object)?)?;
        (decoder.decode(&stream, &mut rows.bytes).ok()? == Decoded::Whole).then_some(())?;
    }
    let row = rows.bytes.get(begin..end)?;
    let field = |from: usize, width: usize| {
        let bytes = row.get(from..from + width).unwrap_or(&[]);
        bytes.iter().fold(0u64, |sum, &byte| sum << 8 | u64::from(byte))
    };
    let kind = if first == 0 { 1 } else { field(0, first) };
    let (place, index) = (field(first, second), field(first + second, third));
    match kind {
        1 => Some(Entry::At(place)),
        2 => Some(Entry::In(u32::try_from(place).ok()?, usize::try_from(index).ok()?)),
        _ => None,
    }
}

/// A file of which only what is needed is read.
struct Long<'f> {
    file: &'f File,
    length: u64,
    /// The newest first.
    sections: Vec<Section>,
    packed: HashMap<u32, Packed>,
    decoder: &'f mut Decoder,
}

impl Long<'_> {
    fn read(&self, at: u64, count: u64) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        self.append(at, count, &mut bytes)?;
        Some(bytes)
    }

    /// Reads behind what is in `out`.
    fn append(&self, at: u64, count: u64, out: &mut Vec<u8>) -> Option<()> {
        // With room for what is set behind it, so that it is not moved again.
        out.reserve_exact(usize::try_from(count.min(self.length.saturating_sub(at))).ok()? + 64);
        let mut file = self.file;
        file.seek(SeekFrom::Start(at)).ok()?;
        file.take(count).read_to_end(out).ok()?;
        Some(())
    }

    /// Reads the cross-references; the number of the catalog.
    fn open(&mut self) -> Option<u32> {
        let tail = self.read(self.length.saturating_sub(2048), 2048)?;
        let at = memmem::rfind(&tail, b"startxref")?;
        let mut at = match Lexer::new(tail.get(at + 9..)?).next()? {
            Token::Number(digits) => digits_of(digits)?,
            _ => return None,
        };
        let mut seen = HashSet::new();
        let mut root = None;
        while self.sections.len() < MAX_SECTIONS && seen.insert(at) {
            let trailer = self.section(at)?;
            let dict = Dict::from_bytes(&trailer)?;
            if dict.contains_key("Encrypt") {
                return None;
            }
            root = root.or_else(|| number(&dict, "Root"));
            if let Some(hybrid) = dict.get::<u32>("XRefStm") {
                self.section(hybrid.into())?;
            }
            match dict.get::<u32>("Prev") {
                Some(before) => at = before.into(),
                None => return root,
            }
        }
        None
    }

    /// Reads the cross-reference at that place; its dictionary.
    fn section(&mut self, at: u64) -> Option<Vec<u8>> {
        let head = self.read(at, 32)?;
        let blanks = head.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if head.get(blanks..)?.starts_with(b"xref") {
            return self.table(at + blanks as u64 + 4);
        }
        let object = self.object_at(at + blanks as u64)?.1;
        let stream = Stream::from_bytes(value_of(&object)?)?;
        let dict = stream.dict();
        let widths: Vec<usize> =
            dict.get::<Array<'_>>("W")?.iter::<u32>().map(|width| width as usize).collect();
        let &[first, second, third] = widths.as_slice() else { return None };
        if [first, second, third].iter().any(|width| *width > 8) || second == 0 {
            return None;
        }
        let parts = match dict.get::<Array<'_>>("Index") {
            Some(index) => index.iter::<(u32, u32)>().collect(),
            None => vec![(0, dict.get::<u32>("Size")?)],
        };
        let mut rows = Rows { bytes: Vec::new(), rest: None };
        let decoded = self.decoder.decode_start(&stream, FIRST_ROWS, &mut rows.bytes).ok()?;
        let trailer = dict.data().to_vec();
        match decoded {
            Decoded::Whole => {}
            Decoded::Cut => rows.rest = Some(object),
            _ => return None,
        }
        self.sections.push(Section::Rows(parts, [first, second, third], rows));
        Some(trailer)
    }

    fn table(&mut self, mut at: u64) -> Option<Vec<u8>> {
        let mut parts = Vec::new();
        loop {
            let head = self.read(at, 64)?;
            let mut lexer = Lexer::new(&head);
            match lexer.next()? {
                Token::Word(b"trailer") => {
                    let begin = memmem::find(&head, b"trailer")? as u64 + 7;
                    let text = self.read(at + begin, 16 << 10)?;
                    let Token::Dict(dict) = Lexer::new(&text).next()? else { return None };
                    self.sections.push(Section::Table(parts));
                    return Some(dict.to_vec());
                }
                Token::Number(first) => {
                    let Token::Number(count) = lexer.next()? else { return None };
                    let end = (count.as_ptr() as usize).checked_sub(head.as_ptr() as usize)? + count.len();
                    let blanks =
                        head.get(end..)?.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
                    let rows = at + (end + blanks) as u64;
                    let (first, count) = (digits_of(first)?, digits_of(count)?);
                    parts.push((u32::try_from(first).ok()?, u32::try_from(count).ok()?, rows));
                    at = rows.checked_add(20 * count)?;
                }
                _ => return None,
            }
        }
    }

    fn entry(&mut self, number: u32) -> Option<Entry> {
        let mut sections = std::mem::take(&mut self.sections);
        let found = sections.iter_mut().find_map(|section| match section {
            Section::Table(parts) => {
                let part =
                    parts.iter().find(|part| (part.0..part.0.saturating_add(part.1)).contains(&number))?;
                let row = self.read(part.2 + 20 * u64::from(number - part.0), 20)?;
                (row.get(17) == Some(&b'n')).then_some(())?;
                digits_of(row.get(..10)?).map(Entry::At)
            }
            Section::Rows(parts, widths, rows) => {
                let mut before = 0usize;
                for &(start, count) in &*parts {
                    if (start..start.saturating_add(count)).contains(&number) {
                        return row(rows, before + (number - start) as usize, *widths, self.decoder);
                    }
                    before += count as usize;
                }
                None
            }
        });
        self.sections = sections;
        found
    }

    /// An object from its number to before its `endobj`; `None` when there is none.
    fn object(&mut self, number: u32) -> Option<Vec<u8>> {
        match self.entry(number)? {
            Entry::At(at) => {
                let (found, object) = self.object_at(at)?;
                (found == number).then_some(object)
            }
            Entry::In(holder, index) => {
                if !self.packed.contains_key(&holder) {
                    let packed = self.unpack(holder)?;
                    self.packed.insert(holder, packed);
                }
                let (places, data) = self.packed.get(&holder)?;
                let (found, from) = *places.get(index)?;
                (found == number).then_some(())?;
                let end = places.get(index + 1).map_or(data.len(), |next| next.1);
                let mut object = format!("{number} 0 obj\n").into_bytes();
                object.extend_from_slice(data.get(from..end)?);
                Some(object)
            }
        }
    }

    fn unpack(&mut self, holder: u32) -> Option<Packed> {
        let Entry::At(at) = self.entry(holder)? else { return None };
        let object = self.object_at(at)?.1;
        let stream = Stream::from_bytes(value_of(&object)?)?;
        let (count, first) = (stream.dict().get::<u32>("N")?, stream.dict().get::<u32>("First")? as usize);
        let mut data = Vec::new();
        (self.decoder.decode(&stream, &mut data).ok()? == Decoded::Whole).then_some(())?;
        let mut lexer = Lexer::new(data.get(..first)?);
        let mut places = Vec::new();
        for _ in 0..count {
            let (Token::Number(number), Token::Number(place)) = (lexer.next()?, lexer.next()?) else {
                return None;
            };
            let place = first + usize::try_from(digits_of(place)?).ok()?;
            if places.last().is_some_and(|last: &(u32, usize)| last.1 > place) {
                return None;
            }
            places.push((u32::try_from(digits_of(number)?).ok()?, place));
        }
        Some((places, data))
    }

    /// The object at a place, with its number. The data of pictures is left out.
    fn object_at(&mut self, at: u64) -> Option<(u32, Vec<u8>)> {
        let mut size = 1 << 10;
        loop {
            let chunk = self.read(at, size)?;
            let whole = (chunk.len() as u64) < size;
            if let Some(found) = self.object_in(at, &chunk, whole) {
                return found;
            }
            size *= 8;
            if whole || size > MAX_OBJECT {
                return None;
            }
        }
    }

    /// The object that a piece of the file begins with; `None` when more of it is needed.
    fn object_in(&mut self, at: u64, chunk: &[u8], whole: bool) -> Option<Option<(u32, Vec<u8>)>> {
        let mut lexer = Lexer::new(chunk);
        let (Some(Token::Number(number)), Some(Token::Number(_)), Some(Token::Word(b"obj"))) =
            (lexer.next(), lexer.next(), lexer.next())
        else {
            return Some(None);
        };
        let Some(number) = digits_of(number).and_then(|number| u32::try_from(number).ok()) else {
            return Some(None);
        };
        let place = |part: &[u8]| (part.as_ptr() as usize).saturating_sub(chunk.as_ptr() as usize);
        let Some(Token::Dict(dict)) = lexer.next() else {
            let end = memmem::find(chunk, b"endobj");
            return match (end, whole) {
                (Some(end), _) => Some(chunk.get(..end).map(|object| (number, object.to_vec()))),
                (None, true) => Some(None),
                (None, false) => None,
            };
        };
        let end = place(dict) + dict.len();
        let rest = chunk.get(end..).unwrap_or(&[]);
        let after = rest.trim_ascii_start();
        if after.len() < 16 && !whole {
            return None;
        }
        let object = chunk.get(..end).unwrap_or(&[]);
        if !after.starts_with(b"stream") {
            return Some(Some((number, object.to_vec())));
        }
        let line_end = match after.get(6..) {
            Some([b'\r', b'\n', ..]) => 2,
            Some([b'\r' | b'\n', ..]) => 1,
            _ => 0,
        };
        let begin = at + (place(after) + 6 + line_end) as u64;
        let mut out = object.to_vec();
        out.extend_from_slice(b"stream\n");
        Some(self.stream(dict, begin, &mut out).map(|()| (number, out)))
    }

    /// Appends the data of a stream and its end; no data for a picture.
    fn stream(&mut self, dict: &[u8], begin: u64, out: &mut Vec<u8>) -> Option<()> {
        const END: &[u8] = b"\nendstream";
        let dict = Dict::from_bytes(dict)?;
        if dict.get::<Name<'_>>("Subtype").as_deref() == Some(b"Image") {
            out.extend_from_slice(END);
            return Some(());
        }
        let declared = match dict.get_raw::<Object<'_>>("Length")? {
            MaybeRef::Ref(reference) => {
                let number = super::document::Id::from(reference).obj_number;
                let Entry::At(at) = self.entry(number)? else { return None };
                // No more than a number is expected, so that streams do not send each other on.
                let text = self.read(at, 64)?;
                let mut lexer = Lexer::new(&text);
                for _ in 0..3 {
                    lexer.next()?;
                }
                match lexer.next()? {
                    Token::Number(digits) => digits_of(digits)?,
                    _ => return None,
                }
            }
            MaybeRef::NotRef(_) => dict.get::<u32>("Length")?.into(),
        };
        let end = self.read(begin.checked_add(declared)?, 24)?;
        if declared > MAX_OBJECT || !end.trim_ascii_start().starts_with(b"endstream") {
            return None;
        }
        self.append(begin, declared, out)?;
        out.extend_from_slice(END);
        Some(())
    }

    /// Keeps the pages asked for and the nodes above them; what they refer to is added to `open`.
    fn pages(
        &mut self,
        tree: u32,
        asked: (u32, u32),
        out: &mut Collected,
        open: &mut Vec<u32>,
    ) -> Option<usize> {
        let mut declared = 0;
        let mut seen = HashSet::new();
        let mut nodes = vec![(tree, 0usize)];
        let mut page = 0u64;
        while let Some((number, depth)) = nodes.pop() {
            if page >= asked.1.into() {
                break;
            }
            if depth > MAX_DEPTH || !seen.insert(number) {
                return None;
            }
            let object = self.object(number)?;
            let dict = dict_of(&object)?;
            if dict.get::<Name<'_>>("Type").as_deref() == Some(b"Pages") || dict.contains_key("Kids") {
                let count = dict.get::<u32>("Count")?;
                declared = if depth == 0 { count as usize } else { declared };
                if depth > 0 && page + u64::from(count) < asked.0.into() {
                    page += u64::from(count);
                    continue;
                }
                let kids: Vec<u32> = dict
                    .get::<Array<'_>>("Kids")?
                    .raw_iter()
                    .map(|kid| Some(super::document::Id::from(kid.as_obj_ref()?).obj_number))
                    .collect::<Option<_>>()?;
                // As many pages as children: all of them are pages, and those before the first are passed over.
                let over = if kids.len() as u64 == u64::from(count) {
                    u64::from(asked.0).saturating_sub(1).saturating_sub(page).min(u64::from(count))
                } else {
                    0
                };
                page += over;
                let kids = kids.get(usize::try_from(over).ok()?..)?;
                nodes.extend(kids.iter().rev().map(|kid| (*kid, depth + 1)));
                if let Some(MaybeRef::Ref(resources)) = dict.get_raw::<Object<'_>>("Resources") {
                    open.push(super::document::Id::from(resources).obj_number);
                } else if let Some(resources) = dict.get::<Dict<'_>>("Resources") {
                    followed(&resources, open);
                }
                out.keep(number, object)?;
            } else {
                page += 1;
                if page >= asked.0.into() {
                    followed(&dict, open);
                    out.keep(number, object)?;
                }
            }
        }
        Some(declared)
    }
}

/// Digits as a number.
fn digits_of(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// What stands behind `12 0 obj`.
fn value_of(object: &[u8]) -> Option<&[u8]> {
    let at = memmem::find(object, b"obj")?;
    object.get(at + 3..).map(<[u8]>::trim_ascii_start)
}

/// The dictionary of an object or of its stream.
fn dict_of(object: &[u8]) -> Option<Dict<'_>> {
    value_of(object).filter(|value| value.starts_with(b"<<")).and_then(Dict::from_bytes)
}

/// The number of the object that an entry refers to.
fn number(dict: &Dict<'_>, key: &str) -> Option<u32> {
    dict.get_ref(key).map(|reference| super::document::Id::from(reference).obj_number)
}

/// What a dictionary refers to, apart from other pages and what only an attachment holds.
fn followed(dict: &Dict<'_>, out: &mut Vec<u32>) {
    for (key, value) in dict.entries() {
        if !matches!(key.as_ref(), b"Kids" | b"P" | b"EF" | b"Dest" | b"B") {
            references(value, 0, out);
        }
    }
}

fn references(value: MaybeRef<Object<'_>>, depth: u32, out: &mut Vec<u32>) {
    match value {
        MaybeRef::Ref(reference) => out.push(super::document::Id::from(reference).obj_number),
        MaybeRef::NotRef(_) if depth > MAX_NESTING => {}
        MaybeRef::NotRef(Object::Dict(dict)) => {
            dict.entries().for_each(|(_, value)| references(value, depth + 1, out));
        }
        MaybeRef::NotRef(Object::Array(list)) => {
            list.raw_iter().for_each(|value| references(value, depth + 1, out));
        }
        MaybeRef::NotRef(_) => {}
    }
}
