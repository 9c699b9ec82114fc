//! OLE2 compound files: old Word, Excel, PowerPoint, Outlook messages, Visio, Publisher, Project, and embedded objects.
//!
//! Property sets are read properly, so are the text streams and attachments of Outlook messages, and packed objects
//! become members. Encryption is told. All other streams are searched for runs of text in UTF-16 and in 8 bits, which
//! is noted as a gap: places, styles and the order of text need readers of the formats themselves.

use std::cell::RefCell;
use std::io::{Read, Seek};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::LazyLock;

use cfb::CompoundFile;
use encoding_rs::{Encoding, UTF_8, UTF_16LE, WINDOWS_1252};

use super::limits::Budget;
use super::ooxml::kind_of_property;
use super::xml::has_letter;
use super::{Format, Head, Input, Member, Sink, Unreadable};
use crate::model::{Gap, GapReason, Kind, Place, Segment};

/// The reader of compound files.
pub(super) struct Ole;

const SIGNATURE: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

impl Format for Ole {
    fn name(&self) -> &'static str {
        "ole"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &[
            "doc", "dot", "xls", "xlt", "xla", "ppt", "pps", "pot", "msg", "oft", "vsd", "vss", "vst", "pub",
            "mpp", "mpt", "ole", "bin", "wps", "msi", "docx", "docm", "xlsx", "xlsm", "xlsb", "pptx", "pptm",
            "db", "sdw", "sdc", "hwp",
        ]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        head.bytes.starts_with(SIGNATURE)
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let budget = Rc::clone(input.budget());
        let opened = match CompoundFile::open(input.seekable()?) {
            Ok(file) => return read_file(file, &budget, sink),
            Err(error) => Gap::new(GapReason::Damaged, format!("compound file: {error}")),
        };
        sink.gap(opened);
        runs(&mut input.stream()?, "whole file", MIN_LETTERS, &budget, sink)
    }
}

/// Entries of one compound file beyond this many are not read. The directory of a large mail holds some thousands.
const MAX_ENTRIES: usize = 200_000;

/// Streams held in memory: property sets, text properties, headers. Larger ones are only searched.
const MAX_SMALL: u64 = 16 << 20;

struct Stream {
    path: PathBuf,
    /// Path with `/`, control characters of the names left out.
    name: String,
    len: u64,
}

fn read_file<F: Read + Seek>(
    mut file: CompoundFile<F>,
    budget: &Rc<Budget>,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    let mut streams = Vec::new();
    for entry in file.walk() {
        if entry.is_stream() && streams.len() < MAX_ENTRIES {
            let path = entry.path().to_owned();
            let name: String =
                path.to_string_lossy().replace('\\', "/").chars().filter(|c| !c.is_control()).collect();
            streams.push(Stream { path, name: name.trim_start_matches('/').to_owned(), len: entry.len() });
        }
    }
    let has = |name: &str| streams.iter().any(|stream| stream.name.eq_ignore_ascii_case(name));
    let format = if has("EncryptedPackage") || has("EncryptionInfo") {
        "ooxml-encrypted"
    } else if has("WordDocument") {
        "doc"
    } else if has("Workbook") || has("Book") {
        "xls"
    } else if has("PowerPoint Document") || has("PP97_DUALSTORAGE/PowerPoint Document") {
        "ppt"
    } else if has("__properties_version1.0") {
        "msg"
    } else if has("VisioDocument") {
        "vsd"
    } else if has("Quill/QuillSub/CONTENTS") {
        "pub"
    } else if streams.iter().any(|stream| stream.name.starts_with("Props") && stream.name.len() <= 7) {
        "mpp"
    } else {
        "ole"
    };
    sink.format(format);
    let encrypted = format == "ooxml-encrypted" || is_encrypted(&mut file, &streams);
    if encrypted {
        sink.gap(Gap::new(GapReason::Encrypted, "a password is needed"));
    }
    let mut searched = false;
    for stream in &streams {
        budget.charge(0)?;
        let last = stream.name.rsplit('/').next().unwrap_or_default();
        if last.ends_with("SummaryInformation") {
            let bytes = small(&mut file, stream)?;
            properties(&bytes, sink)?;
            continue;
        }
        if format == "msg" && message_stream(&mut file, &streams, stream, last, budget, sink)? {
            continue;
        }
        // Control data of embedding, and pictures.
        if matches!(last, "Ole" | "CompObj" | "ObjInfo" | "Pictures" | "LinkInfo" | "PIC" | "META" | "PRINT")
            || last.starts_with("OlePres")
            || stream.len == 0
        {
            continue;
        }
        if encrypted && !stream.name.contains("DataSpaces") {
            continue;
        }
        if embedded(&mut file, stream, last, budget, sink)? {
            continue;
        }
        if stream.name.contains("VBA/") {
            sink.gap(Gap::new(GapReason::Unsupported, "macro project (VBA) is not read"));
        }
        searched = true;
        match file.open_stream(&stream.path) {
            Ok(content) => {
                let mut content = budget.guard(content, 0);
                let least = if last == "Data" { MIN_LETTERS_NOISE } else { MIN_LETTERS };
                let result = runs(&mut content, &stream.name, least, budget, sink);
                note(result, &stream.name, sink)?;
            }
            Err(error) => note(Err(error.into()), &stream.name, sink)?,
        }
    }
    if searched {
        sink.gap(Gap::new(GapReason::Unsupported, "read as text runs only"));
    }
    Ok(())
}

fn note(result: Result<(), Unreadable>, name: &str, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    match result {
        Err(Unreadable::Gap { reason, detail })
            if !matches!(reason, GapReason::Timeout | GapReason::LimitSize) =>
        {
            sink.gap(Gap::new(reason, format!("{detail}: {name}")));
            Ok(())
        }
        other => other,
    }
}

/// A stream's first bytes, [`MAX_SMALL`] at most. What breaks off is returned as far as it came.
fn small<F: Read + Seek>(file: &mut CompoundFile<F>, stream: &Stream) -> Result<Vec<u8>, Unreadable> {
    let mut bytes = Vec::new();
    if let Ok(content) = file.open_stream(&stream.path) {
        // A broken chain ends the content; the caller reads what there is.
        let _ = content.take(MAX_SMALL).read_to_end(&mut bytes);
    }
    Ok(bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|raw| u16::from_le_bytes(*raw))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|raw| u32::from_le_bytes(*raw))
}

fn is_encrypted<F: Read + Seek>(file: &mut CompoundFile<F>, streams: &[Stream]) -> bool {
    let mut head = |name: &str, len: u64| -> Vec<u8> {
        let mut bytes = Vec::new();
        if let Some(stream) = streams.iter().find(|stream| stream.name.eq_ignore_ascii_case(name))
            && let Ok(content) = file.open_stream(&stream.path)
        {
            let _ = content.take(len).read_to_end(&mut bytes);
        }
        bytes
    };
    // MS-DOC 2.5.2: fEncrypted is bit 8 of the flags at offset 10 of the FIB.
    if u16_at(&head("WordDocument", 32), 10).is_some_and(|flags| flags & 0x0100 != 0) {
        return true;
    }
    // MS-PPT 2.3.2: the header token of an encrypted presentation.
    if u32_at(&head("Current User", 32), 12) == Some(0xF3D1_C4DF) || !head("EncryptedSummary", 4).is_empty() {
        return true;
    }
    // MS-XLS 2.4.117: FilePass stands in the globals, before their EOF.
    for name in ["Workbook", "Book"] {
        let bytes = head(name, 64 << 10);
        let mut at = 0;
        while let (Some(record), Some(len)) = (u16_at(&bytes, at), u16_at(&bytes, at + 2)) {
            match record {
                0x2F => return true,
                0x0A => break,
                _ => at += 4 + usize::from(len),
            }
        }
    }
    false
}

/// Streams of an Outlook message: `__substg1.0_` with property id and type. True when it was taken care of.
fn message_stream<F: Read + Seek>(
    file: &mut CompoundFile<F>,
    streams: &[Stream],
    stream: &Stream,
    last: &str,
    budget: &Rc<Budget>,
    sink: &mut dyn Sink,
) -> Result<bool, Unreadable> {
    let Some(code) = last.strip_prefix("__substg1.0_") else {
        return Ok(last.starts_with("__properties_version") || stream.name.starts_with("__nameid"));
    };
    let (id, kind) = (code.get(..4).unwrap_or_default(), code.get(4..8).unwrap_or_default());
    if stream.name.starts_with("__nameid") {
        return Ok(true);
    }
    let folder = stream.name.strip_suffix(last).unwrap_or_default();
    match (id, kind) {
        // PidTagAttachDataBinary
        ("3701", "0102") => {
            let mut name = String::new();
            // PidTagAttachLongFilename, PidTagAttachFilename, PidTagDisplayName
            for id in ["3707", "3704", "3001"] {
                for kind in ["001F", "001E"] {
                    let wanted = format!("{folder}__substg1.0_{id}{kind}");
                    if let Some(found) = streams.iter().find(|other| name.is_empty() && other.name == wanted)
                    {
                        name = decode(
                            &small(file, found)?,
                            if kind == "001F" { UTF_16LE } else { WINDOWS_1252 },
                        );
                    }
                }
            }
            if name.is_empty() {
                name = folder.trim_end_matches('/').to_owned();
            }
            member(file, stream, &name, budget, sink)?;
        }
        // PidTagHtml, PidTagRtfCompressed
        ("1013", "0102") => member(file, stream, "body.html", budget, sink)?,
        ("1009", "0102") => {
            let plain = ["1000001F", "1000001E", "10130102"].iter().any(|code| {
                let wanted = format!("{folder}__substg1.0_{code}");
                streams.iter().any(|other| other.name == wanted)
            });
            if !plain {
                sink.gap(Gap::new(GapReason::Unsupported, "compressed RTF body is not read"));
            }
        }
        (_, "001F" | "001E" | "101F" | "101E") => {
            let encoding = if kind.ends_with('F') { UTF_16LE } else { WINDOWS_1252 };
            let text = decode(&small(file, stream)?, encoding);
            // Byte counts of multi-valued texts stand in a stream of the same type.
            if has_letter(&text) {
                let (kind, visible, name) = match id {
                    "0037" | "0E1D" | "0070" => (Kind::Subject, true, "subject"),
                    "1000" => (Kind::Body, true, "body"),
                    "007D" => (Kind::Property, false, "transport headers"),
                    "0C1A" | "0042" | "0E04" | "0E03" | "0E02" => (Kind::Property, true, "address"),
                    _ => (kind_of_property(&text), false, last),
                };
                let place = Place { visible, ..Place::new(kind).named(name) };
                let segment = if name == "body" || name == "transport headers" {
                    Segment::lines(&text, place)
                } else {
                    Segment::new(&text, place)
                };
                sink.segment(segment)?;
            }
        }
        _ => {}
    }
    Ok(true)
}

fn member<F: Read + Seek>(
    file: &mut CompoundFile<F>,
    stream: &Stream,
    name: &str,
    budget: &Rc<Budget>,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    match file.open_stream(&stream.path) {
        Ok(content) => sink.member(Member::named(name), &mut budget.guard(content, 0))?,
        Err(error) => {
            let gap: Option<Gap> = Unreadable::from(error).into();
            if let Some(gap) = gap {
                sink.unread_member(Member::named(name), gap);
            }
        }
    }
    Ok(())
}

/// Hands on a stream that is a file of its own. True when it was one.
fn embedded<F: Read + Seek>(
    file: &mut CompoundFile<F>,
    stream: &Stream,
    last: &str,
    budget: &Rc<Budget>,
    sink: &mut dyn Sink,
) -> Result<bool, Unreadable> {
    if last == "Ole10Native" {
        let bytes = small(file, stream)?;
        if let Some((name, content)) = native(&bytes) {
            sink.member(Member::named(&name), &mut &*content)?;
            return Ok(true);
        }
    }
    let mut head = [0u8; 8];
    let Ok(mut content) = file.open_stream(&stream.path) else { return Ok(false) };
    let got = content.read(&mut head).unwrap_or(0);
    let head = head.get(..got).unwrap_or_default();
    let known = [&b"PK\x03\x04"[..], b"%PDF-", SIGNATURE, b"{\\rtf"];
    if !known.iter().any(|signature| head.starts_with(signature)) {
        return Ok(false);
    }
    drop(content);
    member(file, stream, &stream.name, budget, sink)?;
    Ok(true)
}

/// Name and content of a packed file (`\x01Ole10Native`): size, flags, label, file name, flags, command, data.
fn native(bytes: &[u8]) -> Option<(String, &[u8])> {
    let rest = bytes.get(6..)?;
    let text = |from: usize| -> Option<(String, usize)> {
        let len = memchr::memchr(0, rest.get(from..)?)?;
        Some((decode(rest.get(from..from + len)?, WINDOWS_1252), from + len + 1))
    };
    let (label, next) = text(0)?;
    let (_, next) = text(next)?;
    let next = next + 4;
    let command = u32_at(rest, next)? as usize;
    let next = next.checked_add(4)?.checked_add(command)?;
    let len = u32_at(rest, next)? as usize;
    let content = rest.get(next + 4..)?;
    Some((label, content.get(..len).unwrap_or(content)))
}

fn decode(bytes: &[u8], encoding: &'static Encoding) -> String {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    text.trim_matches(['\0', '\u{feff}']).to_owned()
}

fn code_page(number: u16) -> &'static Encoding {
    let label = match number {
        65_001 => return UTF_8,
        1_200 => return UTF_16LE,
        932 => "shift_jis".to_owned(),
        936 => "gbk".to_owned(),
        949 => "euc-kr".to_owned(),
        950 => "big5".to_owned(),
        10_000 => "macintosh".to_owned(),
        number => format!("windows-{number}"),
    };
    Encoding::for_label(label.as_bytes()).unwrap_or(WINDOWS_1252)
}

/// Properties of one set beyond this many are not read; Office writes tens.
const MAX_PROPERTIES: u32 = 20_000;

/// Reads a property set stream (MS-OLEPS): summary, document summary, user-defined.
fn properties(bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let sets = u32_at(bytes, 24).unwrap_or(0).min(8) as usize;
    for set in 0..sets {
        let Some(format) = bytes.get(28 + set * 20..44 + set * 20) else { break };
        let Some(section) = u32_at(bytes, 44 + set * 20).and_then(|offset| bytes.get(offset as usize..))
        else {
            break;
        };
        // D5CDD505-2E9C-101B-9397-08002B2CF9AE: user-defined; F29F85E0-...: summary.
        let user_defined = format.starts_with(&[0x05, 0xd5, 0xcd, 0xd5]);
        let summary = format.starts_with(&[0xe0, 0x85, 0x9f, 0xf2]);
        let count = u32_at(section, 4).unwrap_or(0).min(MAX_PROPERTIES) as usize;
        let entry = |at: usize| -> Option<(u32, &[u8])> {
            let offset = u32_at(section, 12 + at * 8)? as usize;
            Some((u32_at(section, 8 + at * 8)?, section.get(offset..)?))
        };
        let page =
            (0..count).filter_map(entry).find(|(id, _)| *id == 1).and_then(|(_, value)| u16_at(value, 4));
        let encoding = page.map_or(WINDOWS_1252, code_page);
        let mut names = Vec::new();
        if let Some((_, dictionary)) = (0..count).filter_map(entry).find(|(id, _)| *id == 0) {
            let entries = u32_at(dictionary, 0).unwrap_or(0).min(MAX_PROPERTIES);
            let mut at = 4;
            for _ in 0..entries {
                let (Some(id), Some(len)) = (u32_at(dictionary, at), u32_at(dictionary, at + 4)) else {
                    break;
                };
                let wide = encoding == UTF_16LE;
                let len = (len as usize).saturating_mul(if wide { 2 } else { 1 });
                let Some(raw) = dictionary.get(at + 8..).and_then(|rest| rest.get(..len)) else { break };
                names.push((id, decode(raw, encoding)));
                at += 8 + if wide { len.next_multiple_of(4) } else { len };
            }
        }
        for (id, value) in (0..count).filter_map(entry).filter(|(id, _)| *id > 1) {
            let fixed = match id {
                2 if summary => "title",
                3 if summary => "subject",
                4 if summary => "author",
                5 if summary => "keywords",
                6 if summary => "comments",
                7 if summary => "template",
                8 if summary => "last author",
                2 if !user_defined => "category",
                14 if !user_defined => "manager",
                15 if !user_defined => "company",
                _ => "property",
            };
            let name = names.iter().find(|(known, _)| *known == id).map_or(fixed, |(_, name)| name.as_str());
            let kind = if name == "title" && summary { Kind::Title } else { kind_of_property(name) };
            for text in property_texts(value, encoding) {
                if !text.trim().is_empty() {
                    sink.segment(Segment::new(&text, Place::new(kind).hidden().named(name)))?;
                }
            }
        }
    }
    Ok(())
}

fn property_texts(value: &[u8], encoding: &'static Encoding) -> Vec<String> {
    let Some(kind) = u32_at(value, 0) else { return Vec::new() };
    let (count, mut at) =
        if kind & 0x1000 != 0 { (u32_at(value, 4).unwrap_or(0).min(MAX_PROPERTIES), 8) } else { (1, 4) };
    let mut texts = Vec::new();
    for _ in 0..count {
        let Some(len) = u32_at(value, at) else { break };
        let len = len as usize;
        let (bytes, encoding) = match kind & 0xFFF {
            // VT_LPSTR: bytes of the code page; VT_LPWSTR: UTF-16 units.
            0x1E => (len, encoding),
            0x1F => (len.saturating_mul(2), UTF_16LE),
            _ => break,
        };
        let Some(raw) = value.get(at + 4..).and_then(|rest| rest.get(..bytes)) else { break };
        texts.push(decode(raw, encoding));
        at += 4 + if kind & 0xFFF == 0x1F { bytes.next_multiple_of(4) } else { bytes };
    }
    texts
}

/// Letters a run must have: fewer are common in binary data, and shorter words are found with their neighbours.
const MIN_LETTERS: usize = 4;

/// The same for streams that are mostly pictures.
const MIN_LETTERS_NOISE: usize = 8;

/// ASCII letters in a row that make an 8-bit run text. In compressed pictures, where every byte is as likely as any
/// other, one run of ten bytes in fifteen has three.
const ASCII_IN_A_ROW: u32 = 3;

/// Letters and blanks in a row that do it as well: "TèI MËT" (TỐI MẬT in TCVN3) has no three ASCII letters in a row.
const LETTERS_IN_A_ROW: u32 = 7;

/// A run of more bytes is cut, at a blank where there is one within as many more.
const MAX_RUN: usize = 32 << 10;

/// Bytes of the shortest UTF-16 run: MẬT, three letters.
const LEAST_WIDE: usize = 6;

/// Bytes read at a time.
const CHUNK: usize = 64 << 10;

thread_local! {
    /// What is being searched. A compound file has dozens of streams, and first touch of new memory is costly.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What a byte of Windows-1252 is in a run, as bits; no bit: control codes, which end a run.
mod class {
    pub(super) const TEXT: u8 = 1;
    pub(super) const LETTER: u8 = 2;
    pub(super) const ASCII: u8 = 4;
    pub(super) const BLANK: u8 = 8;
}

/// Classes of all bytes as Windows-1252 has them (WHATWG Encoding Standard, index-windows-1252).
static CLASSES: LazyLock<[u8; 256]> = LazyLock::new(|| {
    let mut classes = [0; 256];
    for (byte, class) in (0u8..=255).zip(classes.iter_mut()) {
        let (text, _) = WINDOWS_1252.decode_without_bom_handling(std::slice::from_ref(&byte));
        *class = match text.chars().next() {
            Some(' ' | '\t' | '\u{a0}') => class::TEXT | class::BLANK,
            Some(c) if c.is_ascii_alphabetic() => class::TEXT | class::LETTER | class::ASCII,
            Some(c) if is_letter(c) => class::TEXT | class::LETTER,
            Some(c) if !c.is_control() => class::TEXT,
            _ => 0,
        };
    }
    classes
});

/// Letters of the blocks that [`is_text`] lets through; `char::is_alphabetic` took half of the time here.
#[inline]
fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic()
        || matches!(c, '\u{c0}'..='\u{24f}' | '\u{386}'..='\u{52f}' | '\u{1e00}'..='\u{1eff}')
}

/// Whether a UTF-16 unit is taken for text: Latin, Greek, Cyrillic, the Vietnamese letters, and common signs. In other
/// blocks two bytes of anything are a letter.
#[inline]
fn is_text(low: u8, high: u8) -> bool {
    // In binary data nearly every unit ends here, which the processor then foresees.
    if high > 5 && !(0x1e..=0x21).contains(&high) {
        return false;
    }
    match high {
        0 => matches!(low, 0x09 | 0x20..=0x7e | 0xa0..),
        1 | 3 | 4 | 0x1e => true,
        2 => low < 0x50,
        5 => low < 0x30,
        0x20 => matches!(low, 0x10..=0x27 | 0x2f..=0x3a | 0xab),
        0x21 => low == 0x16,
        _ => false,
    }
}

/// A stretch of UTF-16: where it begins in the buffer, and where it was looked at up to.
#[derive(Debug, Clone, Copy, Default)]
struct Wide {
    start: usize,
    at: usize,
}

/// The same for 8 bits, with what was seen in it. Counted on the way: compressed pictures are made of short stretches, and
/// looking at each of them twice was a tenth of the time.
#[derive(Debug, Clone, Copy, Default)]
struct Narrow {
    start: usize,
    at: usize,
    letters: u32,
    /// ASCII letters in a row up to here; letters and blanks in a row up to here.
    ascii: u32,
    row: u32,
    is_word: bool,
}

/// Searches bytes for runs of text: UTF-16LE at even and odd offsets, and 8 bits.
fn runs(
    content: &mut dyn Read,
    name: &str,
    least: usize,
    budget: &Rc<Budget>,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    let mut search = Search { text: String::new(), name, least, sink };
    let mut buffer = BUFFER.take();
    let result = search.all(content, &mut buffer, budget);
    BUFFER.set(buffer);
    result
}

struct Search<'s> {
    text: String,
    name: &'s str,
    least: usize,
    sink: &'s mut dyn Sink,
}

impl Search<'_> {
    fn all(
        &mut self,
        content: &mut dyn Read,
        buffer: &mut Vec<u8>,
        budget: &Rc<Budget>,
    ) -> Result<(), Unreadable> {
        let mut narrow = Narrow::default();
        let mut even = Wide::default();
        let mut odd = Wide { start: 1, at: 1 };
        let mut held = 0;
        loop {
            // What no stretch needs any more goes; by an even number, so that even stays even.
            let done = narrow.start.min(even.start).min(odd.start).min(held) & !1;
            buffer.copy_within(done..held, 0);
            held -= done;
            narrow.start -= done;
            narrow.at -= done;
            for stretch in [&mut even, &mut odd] {
                stretch.start -= done;
                stretch.at -= done;
            }
            if buffer.len() < held + CHUNK {
                buffer.resize(held + CHUNK, 0);
            }
            let (got, end) = match content.read(buffer.get_mut(held..held + CHUNK).unwrap_or_default()) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Ok(got) => (got, None),
                Err(error) => (0, Some(error)),
            };
            held += got;
            let bytes = buffer.get(..held).unwrap_or_default();
            let last = got == 0;
            self.wide(bytes, &mut even, last)?;
            self.wide(bytes, &mut odd, last)?;
            self.narrow(bytes, &mut narrow, last)?;
            if last {
                return end.map_or(Ok(()), |error| Err(error.into()));
            }
            budget.charge(0)?;
        }
    }

    /// Looks for 8-bit runs from `stretch.at` on.
    fn narrow(&mut self, bytes: &[u8], stretch: &mut Narrow, last: bool) -> Result<(), Unreadable> {
        let classes = &*CLASSES;
        let class_of = |byte: &u8| classes.get(usize::from(*byte)).copied().unwrap_or(0);
        let mut now = *stretch;
        while let Some(rest) = bytes.get(now.at..).filter(|rest| !rest.is_empty()) {
            if now.at == now.start {
                // Most of a binary stream is no text: a loop that does nothing else passes over it.
                let skipped = rest.iter().position(|byte| class_of(byte) != 0).unwrap_or(rest.len());
                now = Narrow { start: now.at + skipped, at: now.at + skipped, ..Narrow::default() };
            }
            for byte in bytes.get(now.at..).unwrap_or_default() {
                let class = class_of(byte);
                if class == 0 || is_cut(now.at - now.start, class & class::BLANK != 0) {
                    if now.is_word {
                        self.push_narrow(bytes, &now)?;
                    }
                    let start = if class == 0 { now.at + 1 } else { now.at };
                    now = Narrow { start, at: start, ..Narrow::default() };
                    break;
                }
                let is = |bits: u8| u32::from(class & bits != 0);
                now.letters += is(class::LETTER);
                now.ascii = (now.ascii + 1) * is(class::ASCII);
                now.row = (now.row + 1) * is(class::LETTER | class::BLANK);
                now.is_word |= now.ascii >= ASCII_IN_A_ROW || now.row >= LETTERS_IN_A_ROW;
                now.at += 1;
            }
        }
        if last {
            self.push_narrow(bytes, &now)?;
            now = Narrow { start: now.at, at: now.at, ..Narrow::default() };
        }
        *stretch = now;
        Ok(())
    }

    fn push_narrow(&mut self, bytes: &[u8], stretch: &Narrow) -> Result<(), Unreadable> {
        if !stretch.is_word || (stretch.letters as usize) < self.least {
            return Ok(());
        }
        let run = bytes.get(stretch.start..stretch.at).unwrap_or_default();
        let (text, _) = WINDOWS_1252.decode_without_bom_handling(run);
        let place = Place::new(Kind::Body).named(self.name);
        Ok(self.sink.segment(Segment::new(text.trim(), place))?)
    }

    /// Looks for UTF-16 runs from `stretch.at` on, in steps of two bytes.
    fn wide(&mut self, bytes: &[u8], stretch: &mut Wide, last: bool) -> Result<(), Unreadable> {
        let Wide { mut start, mut at } = *stretch;
        for pair in bytes.get(at..).unwrap_or_default().chunks_exact(2) {
            let [low, high] = *pair else { break };
            if !is_text(low, high) {
                if at - start >= LEAST_WIDE {
                    self.push_wide(bytes.get(start..at).unwrap_or_default())?;
                }
                start = at + 2;
            } else if is_cut(at - start, low == b' ' && high == 0) {
                self.push_wide(bytes.get(start..at).unwrap_or_default())?;
                start = at;
            }
            at += 2;
        }
        if last {
            self.push_wide(bytes.get(start..at).unwrap_or_default())?;
            start = at;
        }
        *stretch = Wide { start, at };
        Ok(())
    }

    fn push_wide(&mut self, run: &[u8]) -> Result<(), Unreadable> {
        // Excel puts a byte 01 for "two bytes a letter" before the letters (MS-XLS 2.5.293); with the high byte of the
        // length before it, it looks like a letter.
        let run = run.strip_prefix(&[0x00, 0x01]).unwrap_or(run);
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        let (mut letters, mut vietnamese) = (0usize, false);
        for pair in run.chunks_exact(2) {
            let [low, high] = pair else { break };
            // No surrogates are let through.
            let Some(c) = char::from_u32(u32::from(u16::from_le_bytes([*low, *high]))) else { continue };
            text.push(c);
            letters += usize::from(is_letter(c));
            vietnamese |= ('\u{1ea0}'..='\u{1ef9}').contains(&c);
        }
        // MẬT has three letters; letters of that block do not come by chance.
        let least = if vietnamese { 3 } else { self.least };
        let result = if letters >= least {
            let place = Place::new(Kind::Body).named(self.name);
            self.sink.segment(Segment::new(text.trim(), place))
        } else {
            Ok(())
        };
        self.text = text;
        Ok(result?)
    }
}

/// Whether a run of that many bytes ends before the character at hand.
fn is_cut(len: usize, blank: bool) -> bool {
    len >= MAX_RUN && (blank || len >= 2 * MAX_RUN)
}

/// Text runs of a binary part of an Office package.
///
/// # Errors
/// What reading its bytes gave, or when the sink stops.
pub(super) fn search(
    content: &mut dyn Read,
    name: &str,
    budget: &Rc<Budget>,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    runs(content, name, MIN_LETTERS, budget, sink)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::super::testing::{Record, read_bytes};
    use super::*;

    fn ole(streams: &[(&str, &[u8])]) -> Record {
        let mut file = CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
        for (path, content) in streams {
            file.create_stream(path).unwrap().write_all(content).unwrap();
        }
        file.flush().unwrap();
        read_bytes(&Ole, "x.doc", &file.into_inner().into_inner())
    }

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn runs_of_text_in_any_alignment() {
        let mut bytes = vec![0u8; 33];
        bytes.extend(utf16("Sở Thử Nghiệm\rMẬT\r"));
        bytes.extend([0, 1]);
        bytes.extend(b"eight bit text\x00no\x01");
        bytes.extend([8, 0, 1]);
        bytes.extend(utf16("TỐI MẬT"));
        let got = ole(&[("/WordDocument", &bytes)]);
        assert_eq!(got.format, Some("doc"));
        let mut texts: Vec<&str> = got.of(Kind::Body);
        texts.sort_unstable();
        assert_eq!(texts, ["MẬT", "Sở Thử Nghiệm", "TỐI MẬT", "eight bit text"]);
        assert_eq!(got.gaps.iter().map(|gap| gap.reason).collect::<Vec<_>>(), [GapReason::Unsupported]);
    }

    #[test]
    fn legacy_words_are_text_and_noise_is_not() {
        let noise = b"\xa7k\xb6Q%\xe6x\xd7#w\xf0\x00";
        let got = ole(&[(
            "/WordDocument",
            &[&b"\x01T\xe8I M\xcbT\x02"[..], noise, b"TUY\xd6T M\xcbT\x00"].concat(),
        )]);
        assert_eq!(got.of(Kind::Body), ["TèI MËT", "TUYÖT MËT"]);
    }

    #[test]
    fn runs_go_over_the_borders_of_reads() {
        let mut bytes = vec![0u8; CHUNK - 5];
        bytes.extend(b"across the border\x00");
        bytes.extend(vec![0u8; 2 * CHUNK - 4 - bytes.len()]);
        bytes.extend(utf16("Sở Thử Nghiệm"));
        let got = ole(&[("/WordDocument", &bytes)]);
        assert_eq!(got.of(Kind::Body), ["across the border", "Sở Thử Nghiệm"]);
    }

    #[test]
    fn encryption_is_told() {
        let mut fib = [0u8; 32];
        fib[11] = 1;
        for streams in [
            vec![("/EncryptedPackage", &b"xxxx"[..]), ("/EncryptionInfo", b"yyyy")],
            vec![("/WordDocument", &fib[..])],
            vec![("/Workbook", &[9, 8, 2, 0, 0, 0, 0x2f, 0, 0, 0][..])],
        ] {
            let got = ole(&streams);
            assert_eq!(
                got.gaps.iter().map(|gap| gap.reason).collect::<Vec<_>>(),
                [GapReason::Encrypted],
                "{streams:?}"
            );
        }
    }

    #[test]
    fn messages_give_subject_body_and_attachments() {
        let got = ole(&[
            ("/__properties_version1.0", b"x"),
            ("/__substg1.0_0037001F", &utf16("Kế hoạch")),
            ("/__substg1.0_1000001F", &utf16("TỐI MẬT\r\nnội dung")),
        ]);
        assert_eq!(got.of(Kind::Subject), ["Kế hoạch"]);
        assert_eq!(got.of(Kind::Body), ["TỐI MẬT\r\nnội dung"]);
        assert!(got.gaps.is_empty());
    }

    #[test]
    fn property_sets() {
        let mut set = vec![0xfe, 0xff, 0, 0];
        set.extend([0; 20]);
        set.extend(1u32.to_le_bytes());
        set.extend([
            0xe0, 0x85, 0x9f, 0xf2, 0xf9, 0x4f, 0x68, 0x10, 0xab, 0x91, 8, 0, 0x2b, 0x27, 0xb3, 0xd9,
        ]);
        set.extend(48u32.to_le_bytes());
        let title = utf16("TỐI MẬT\0");
        for value in [0u32, 1, 2, 16, 0x1f, 8] {
            set.extend(value.to_le_bytes());
        }
        set.extend(title);
        let got = ole(&[("/\u{5}SummaryInformation", &set)]);
        assert_eq!(got.of(Kind::Title), ["TỐI MẬT"]);
    }
}
