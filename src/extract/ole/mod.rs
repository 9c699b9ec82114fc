//! OLE2 compound files: old Word, Excel, PowerPoint, Outlook messages, Visio, Publisher, Project, and embedded objects.
//!
//! In: a compound file. A reader of its own kind of document claims the streams it understands; property sets are read for
//! all kinds; packed objects and storages that are documents of their own become members. Streams that nobody claims are searched
//! for runs of text in UTF-16 and in 8 bits, which is noted as a gap: it tells neither place nor look nor order.

mod compound;
mod doc;
mod msg;
mod office_art;
mod package_crypt;
mod padded;
mod ppt;
mod property_set;
mod rc4_key;
pub(super) mod runs;
mod unlock;
mod vba;
mod xls;
mod xor_key;

use std::io::Cursor;
use std::rc::Rc;

use cfb::CompoundFile;
use encoding_rs::{Encoding, WINDOWS_1252};

use self::compound::Compound;
use self::package_crypt::{Decrypted, Key};
use self::padded::Padded;
use self::rc4_key::passwords;
pub(super) use self::xls::Biff;
use super::input::ReadSeek;
use super::{Format, Head, Input, Member, Sink, Unreadable, metafile};
use crate::model::{Gap, GapReason, Kind, Place};

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
        let error = match CompoundFile::open(input.seekable()?) {
            Ok(file) => return read_file(&mut Compound::new(file, &budget), sink),
            Err(error) => error,
        };
        // Its table may tell of more sectors than there are, without using them (SheetJS), or the rest of it is lost.
        if let Ok((content, missed)) = Padded::new(input.seekable()?)
            && let Ok(file) = CompoundFile::open(Box::new(content) as Box<dyn ReadSeek + '_>)
        {
            read_file(&mut Compound::new(file, &budget), sink)?;
            if !missed.get() {
                return Ok(());
            }
        }
        sink.gap(Gap::new(GapReason::Damaged, format!("compound file: {error}")));
        runs::search(&mut input.stream()?, "whole file", runs::MIN_LETTERS, &budget, sink)
    }
}

fn read_file(file: &mut Compound<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let format = kind_of_file(file);
    sink.format(format);
    let encrypted = format == "ooxml-encrypted" || is_encrypted(file);
    if encrypted && format != "ooxml-encrypted" && unlocked(file, format, sink)? {
        return Ok(());
    }
    let opened = format == "ooxml-encrypted" && decrypted(file, sink)?;
    if encrypted && !opened {
        sink.gap(Gap::new(GapReason::Encrypted, "a password is needed"));
    }
    for at in file.all() {
        if file.stream(at).last().ends_with("SummaryInformation") {
            property_set::read(&file.claim(at), sink)?;
        }
    }
    match format {
        "msg" => msg::read(file, sink)?,
        "xls" => unlock::properties_of_workbook(file, sink)?,
        _ => {}
    }
    if encrypted {
        return Ok(());
    }
    vba::read(file, sink)?;
    match format {
        "doc" => doc::read(file, sink)?,
        "xls" => xls::read(file, sink)?,
        "ppt" => ppt::read(file, sink)?,
        _ => {}
    }
    previews(file, sink)?;
    file.documents_inside(sink)?;
    unclaimed(file, sink)
}

/// Hands on an Office package that needs no password but the programs' own or one of the list; false when it needs another.
fn decrypted(file: &mut Compound<'_>, sink: &mut dyn Sink) -> Result<bool, Unreadable> {
    let Some((info, package)) = file.find("EncryptionInfo").zip(file.find("EncryptedPackage")) else {
        return Ok(false);
    };
    let budget = Rc::clone(file.budget());
    let info = file.small(info);
    let Some(key) = passwords(&budget).find_map(|password| Key::new(&info, password)) else {
        return Ok(false);
    };
    let mut content = file.open(package).and_then(|stream| Decrypted::new(stream, key))?;
    sink.member(Member::named("EncryptedPackage"), &mut content)?;
    Ok(true)
}

/// Reads a document or presentation that one of those passwords opens; false when it needs another.
fn unlocked(file: &mut Compound<'_>, format: &str, sink: &mut dyn Sink) -> Result<bool, Unreadable> {
    let budget = Rc::clone(file.budget());
    let copy = match format {
        "doc" => unlock::document(file)?,
        "ppt" => unlock::presentation(file)?,
        _ => None,
    };
    let Some(copy) = copy else { return Ok(false) };
    let _lease = budget.hold(copy.len() as u64);
    let copy: Box<dyn ReadSeek> = Box::new(Cursor::new(copy));
    let mut copy = Compound::new(CompoundFile::open(copy)?, &budget);
    // The copy says that it is not encrypted; where it says otherwise something is wrong with it.
    if is_encrypted(&mut copy) {
        return Ok(false);
    }
    read_file(&mut copy, sink)?;
    Ok(true)
}

/// Pushes the texts of what embedded objects look like (`\x02OlePres000`, MS-OLEDS 2.3.4): a program that is not there any more
/// leaves nothing else to read.
fn previews(file: &mut Compound<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    for at in file.all() {
        let name = file.stream(at).last().to_owned();
        if name.trim_start_matches(|c: char| c.is_control()).starts_with("OlePres") {
            let bytes = file.small(at);
            if let Some(drawing) = metafile::find(&bytes) {
                metafile::read(drawing, Place::new(Kind::Textbox).named("picture of an object"), sink)?;
            }
        }
    }
    Ok(())
}

/// What kind of document a compound file is: by the names of its streams, since class identifiers are often wrong.
fn kind_of_file(file: &Compound<'_>) -> &'static str {
    let has = |name: &str| file.find(name).is_some();
    if has("EncryptedPackage") || has("EncryptionInfo") {
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
    } else if has("VBA/dir") {
        "vba"
    } else if file.all().any(|at| {
        let name = &file.stream(at).name;
        name.starts_with("Props") && name.len() <= 7
    }) {
        "mpp"
    } else {
        "ole"
    }
}

/// Reads the streams that no reader of their kind of document has claimed.
fn unclaimed(file: &mut Compound<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let budget = Rc::clone(file.budget());
    let mut searched = false;
    for at in file.unclaimed() {
        budget.charge(0)?;
        let stream = file.stream(at);
        let (name, last) = (stream.name.clone(), stream.last().to_owned());
        // Control data of embedding, pictures, and the sign of a program (SheetJS).
        if matches!(
            last.as_str(),
            "Ole" | "CompObj" | "ObjInfo" | "Pictures" | "LinkInfo" | "PIC" | "META" | "PRINT" | "Sh33tJ5"
        ) || last.starts_with("OlePres")
            || stream.len == 0
        {
            continue;
        }
        if embedded(file, at, sink)? {
            continue;
        }
        searched = true;
        let least = if last == "Data" { runs::MIN_LETTERS_NOISE } else { runs::MIN_LETTERS };
        let result = match file.open(at) {
            Ok(content) => runs::search(&mut budget.guard(content, 0), &name, least, &budget, sink),
            Err(error) => Err(error.into()),
        };
        note(result, &name, sink)?;
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
fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|raw| u16::from_le_bytes(*raw))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|raw| u32::from_le_bytes(*raw))
}
/// Whether the document can be opened with a password only.
fn is_encrypted(file: &mut Compound<'_>) -> bool {
    let mut head = |name: &str, len: u64| file.find(name).map_or_else(Vec::new, |at| file.head(at, len));
    // MS-DOC 2.5.2: fEncrypted is bit 8 of the flags at offset 10 of the FIB.
    if u16_at(&head("WordDocument", 32), 10).is_some_and(|flags| flags & 0x0100 != 0) {
        return true;
    }
    // MS-PPT 2.3.2: the header token of an encrypted presentation.
    if u32_at(&head("Current User", 32), 12) == Some(0xF3D1_C4DF) || !head("EncryptedSummary", 4).is_empty() {
        return true;
    }
    false
}
/// Hands on a stream that is a file of its own. True when it was one.
fn embedded(file: &mut Compound<'_>, at: usize, sink: &mut dyn Sink) -> Result<bool, Unreadable> {
    if file.stream(at).last() == "Ole10Native" {
        let bytes = file.small(at);
        if let Some((name, content)) = native(&bytes) {
            sink.member(Member::named(&name), &mut &*content)?;
            return Ok(true);
        }
    }
    let known = [&b"PK\x03\x04"[..], b"%PDF-", SIGNATURE, b"{\\rtf"];
    let head = file.head(at, 8);
    if !known.iter().any(|signature| head.starts_with(signature)) {
        return Ok(false);
    }
    let name = file.stream(at).name.clone();
    file.member(at, &name, sink)?;
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
/// Text of a field, without the zeros that fill it up.
fn decode(bytes: &[u8], encoding: &'static Encoding) -> String {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    text.trim_matches(['\0', '\u{feff}']).to_owned()
}
#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::super::testing::{Record, read_bytes};
    use super::*;
    use crate::model::Kind;

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
        let got = ole(&[("/CONTENTS", &bytes)]);
        assert_eq!(got.format, Some("ole"));
        let mut texts: Vec<&str> = got.of(Kind::Body);
        texts.sort_unstable();
        assert_eq!(texts, ["MẬT", "Sở Thử Nghiệm", "TỐI MẬT", "eight bit text"]);
        assert_eq!(got.gaps.iter().map(|gap| gap.reason).collect::<Vec<_>>(), [GapReason::Unsupported]);
    }

    #[test]
    fn legacy_words_are_text_and_noise_is_not() {
        let noise = b"\xa7k\xb6Q%\xe6x\xd7#w\xf0\x00";
        let got =
            ole(&[("/CONTENTS", &[&b"\x01T\xe8I M\xcbT\x02"[..], noise, b"TUY\xd6T M\xcbT\x00"].concat())]);
        assert_eq!(got.of(Kind::Body), ["TèI MËT", "TUYÖT MËT"]);
    }

    #[test]
    fn runs_go_over_the_borders_of_reads() {
        let mut bytes = vec![0u8; runs::CHUNK - 5];
        bytes.extend(b"across the border\x00");
        bytes.extend(vec![0u8; 2 * runs::CHUNK - 4 - bytes.len()]);
        bytes.extend(utf16("Sở Thử Nghiệm"));
        let got = ole(&[("/CONTENTS", &bytes)]);
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

    #[test]
    fn tables_of_more_sectors_than_there_are() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/xls/tcvn3-fonts.xls");
        let plain = std::fs::read(path).unwrap();
        let expected = read_bytes(&Ole, "x.xls", &plain).lines();
        // The table's unused entries as SheetJS writes them.
        let mut marked = plain.clone();
        let tables = u32_at(&plain, 44).unwrap() as usize;
        for table in (0..tables).map(|index| u32_at(&plain, 76 + index * 4).unwrap() as usize) {
            for entry in marked[512 * (1 + table)..][..512].chunks_exact_mut(4) {
                if entry == [0xFF; 4] {
                    entry[0] = 0xFE;
                }
            }
        }
        assert!(CompoundFile::open(Cursor::new(&marked)).is_err());
        let got = read_bytes(&Ole, "x.xls", &marked);
        assert_eq!(got.lines(), expected);
        assert!(got.gaps.is_empty());
        // Cut off, it is told; what is found without its structure comes besides.
        let cut = read_bytes(&Ole, "x.xls", &plain[..plain.len() - 1024]);
        assert_eq!(
            cut.gaps.iter().filter(|gap| gap.reason == GapReason::Damaged).count(),
            1,
            "{:?}",
            cut.gaps
        );
    }
}
