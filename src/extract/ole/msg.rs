//! Outlook messages (MS-OXMSG): a stream a property, `__substg1.0_` with its id and type; recipients, attachments and
//! messages inside are storages of their own.

use std::collections::HashMap;

use super::super::mapi::lzfu::Lzfu;
use super::super::mapi::{self, CodePages, ids, kinds};
use super::super::{Member, Sink, Unreadable};
use super::compound::Compound;
use super::{u16_at, u32_at};
use crate::extract::xml::has_letter;
use crate::model::{Gap, GapReason, Kind, Place, Segment};

/// The stream of values that have a fixed size.
const FIXED: &str = "__properties_version1.0";

/// The storage that maps the names a message gives properties to their numbers.
const NAMES: &str = "__nameid_version1.0";

/// A message that is an attachment.
const MESSAGE: &str = "__substg1.0_3701000D";

/// Names beyond this many are not read; Outlook writes some hundreds.
const MAX_NAMES: usize = 100_000;

/// Reads the properties, recipients, bodies and attachments of a message.
///
/// # Errors
/// When the sink stops.
pub(super) fn read(file: &mut Compound<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let mut message = Message { pages: CodePages::default(), names: names(file, sink)? };
    message.fixed(file, sink)?;
    messages_inside(file, &message, sink)?;
    for at in file.unclaimed() {
        file.budget().charge(0)?;
        message.property(file, at, sink)?;
    }
    Ok(())
}

struct Message {
    pages: CodePages,
    /// Names of the properties from 0x8000 on.
    names: HashMap<u16, String>,
}

/// Id, type, and whether the stream is one value of several, of `__substg1.0_IIIITTTT[-NNNNNNNN]`.
fn code(last: &str) -> Option<(u16, u16, bool)> {
    let code = last.strip_prefix("__substg1.0_")?;
    let id = u16::from_str_radix(code.get(..4)?, 16).ok()?;
    let kind = u16::from_str_radix(code.get(4..8)?, 16).ok()?;
    Some((id, kind, code.get(8..).is_some_and(|rest| rest.starts_with('-'))))
}

/// The names that the message gives properties (MS-OXMSG 2.2.3).
///
/// # Errors
/// When the sink stops.
fn names(file: &mut Compound<'_>, sink: &mut dyn Sink) -> Result<HashMap<u16, String>, Unreadable> {
    let mut streams = [Vec::new(), Vec::new()];
    for (stream, id) in streams.iter_mut().zip(["00030102", "00040102"]) {
        if let Some(at) = file.find(&format!("{NAMES}/__substg1.0_{id}")) {
            *stream = file.small(at);
        }
    }
    let [entries, strings] = streams;
    let mut names = HashMap::new();
    for entry in entries.chunks_exact(8).take(MAX_NAMES) {
        let (Some(value), Some(kind), Some(index)) = (u32_at(entry, 0), u16_at(entry, 4), u16_at(entry, 6))
        else {
            break;
        };
        let name = if kind & 1 == 0 {
            mapi::numbered(value)
        } else {
            let at = value as usize;
            let text = u32_at(&strings, at)
                .and_then(|len| strings.get(at + 4..)?.get(..len as usize))
                .map(|raw| super::decode(raw, encoding_rs::UTF_16LE));
            match text {
                Some(text) => {
                    if has_letter(&text) {
                        let place = Place::new(Kind::Property).hidden().named("property name");
                        sink.segment(Segment::new(&text, place))?;
                    }
                    text
                }
                None => continue,
            }
        };
        names.insert(index.saturating_add(0x8000), name);
    }
    Ok(names)
}

impl Message {
    /// Values of a fixed size: code pages, and the sensitivity the sender chose.
    fn fixed(&mut self, file: &mut Compound<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let Some(at) = file.find(FIXED) else { return Ok(()) };
        let bytes = file.small(at);
        // A message of its own has a header of 32 bytes, one inside another 24 (2.4.1).
        let header = if bytes.len() % 16 == 8 { 24 } else { 32 };
        for entry in bytes.get(header..).unwrap_or_default().chunks_exact(16) {
            let (Some(id), Some(value)) = (u16_at(entry, 2), u32_at(entry, 8)) else { break };
            match id {
                ids::CODE_PAGE => self.pages.message = Some(value),
                ids::INTERNET_CODE_PAGE => self.pages.internet = Some(value),
                ids::LOCALE => self.pages.locale = Some(value),
                ids::SENSITIVITY => mapi::push_sensitivity(value, sink)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn property(&self, file: &mut Compound<'_>, at: usize, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let name = file.stream(at).name.clone();
        let last = file.stream(at).last().to_owned();
        if last.eq_ignore_ascii_case(FIXED) || name.starts_with(NAMES) {
            file.claim_unread(at);
            return Ok(());
        }
        // What lies in an object inside is that object's.
        if name.contains("__substg1.0_3701000D/") {
            return Ok(());
        }
        let Some((id, kind, part)) = code(&last) else { return Ok(()) };
        let folder = name.strip_suffix(&last).unwrap_or_default();
        match (id, kind & !kinds::MULTIPLE) {
            (ids::DATA, kinds::BINARY) => self.attachment(file, at, folder, sink)?,
            (ids::HTML, kinds::BINARY) => {
                let charset = self.pages.html();
                let member =
                    Member { name: "body.html", media: Some("text/html"), charset: charset.as_deref() };
                file.member_as(at, member, sink)?;
            }
            (ids::HTML, kinds::STRING | kinds::STRING8) => {
                let text = self.pages.text(kind, &file.claim(at));
                let member = Member { name: "body.html", media: Some("text/html"), charset: Some("utf-8") };
                let marked = format!("\u{feff}{text}");
                sink.member(member, &mut marked.as_bytes())?;
            }
            (ids::RTF, kinds::BINARY) => rtf(file, at, sink)?,
            // How long the values of several are stands in a stream of their type.
            (_, kinds::STRING | kinds::STRING8) if kind & kinds::MULTIPLE != 0 && !part => {
                file.claim_unread(at)
            }
            // The attachment's own name is the member's.
            (ids::LONG_NAME | ids::SHORT_NAME | ids::DISPLAY_NAME, _) if folder.starts_with("__attach") => {
                file.claim_unread(at);
            }
            (_, kinds::STRING | kinds::STRING8) => {
                let text = self.pages.text(kind, &file.claim(at));
                let given = self.names.get(&id).map(String::as_str);
                mapi::push_text(id, given, &text, sink)?;
            }
            _ => file.claim_unread(at),
        }
        Ok(())
    }

    fn attachment(
        &self,
        file: &mut Compound<'_>,
        at: usize,
        folder: &str,
        sink: &mut dyn Sink,
    ) -> Result<(), Unreadable> {
        let name = self.name_of(file, folder);
        let declared = self.text_of(file, folder, ids::MEDIA).to_ascii_lowercase();
        if mapi::is_rights_protected(&name, &declared) {
            file.claim_unread(at);
            let gap = Gap::new(GapReason::Encrypted, "message under rights management");
            sink.unread_member(Member::named(&name), gap);
            return Ok(());
        }
        let member = Member { media: mapi::media(&declared), ..Member::named(&name) };
        file.member_as(at, member, sink)
    }

    /// A text property of the storage `folder`; empty when it has none.
    fn text_of(&self, file: &mut Compound<'_>, folder: &str, id: u16) -> String {
        for kind in [kinds::STRING, kinds::STRING8] {
            if let Some(at) = file.find(&format!("{folder}__substg1.0_{id:04X}{kind:04X}")) {
                let text = self.pages.text(kind, &file.small(at));
                if !text.is_empty() {
                    return text;
                }
            }
        }
        String::new()
    }

    /// The name of the attachment in `folder`; else the folder.
    fn name_of(&self, file: &mut Compound<'_>, folder: &str) -> String {
        for id in [ids::LONG_NAME, ids::SHORT_NAME, ids::DISPLAY_NAME] {
            let name = self.text_of(file, folder, id);
            if !name.trim().is_empty() {
                return name;
            }
        }
        folder.trim_end_matches('/').to_owned()
    }
}

/// Hands on the messages that are attached, named by their attachment or subject.
fn messages_inside(
    file: &mut Compound<'_>,
    message: &Message,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    let mut folders: Vec<String> = Vec::new();
    for at in file.all() {
        let name = &file.stream(at).name;
        if let Some(folder) = name.strip_suffix(&format!("/{FIXED}"))
            && folder.ends_with(MESSAGE)
            && folder.matches(MESSAGE).count() == 1
        {
            folders.push(folder.to_owned());
        }
    }
    for folder in folders {
        let outer = folder.strip_suffix(MESSAGE).unwrap_or_default();
        let mut name = message.name_of(file, outer);
        if name == outer.trim_end_matches('/') {
            let subject = message.text_of(file, &format!("{folder}/"), ids::SUBJECT);
            if !subject.trim().is_empty() {
                name = subject;
            }
        }
        if !name.to_ascii_lowercase().ends_with(".msg") {
            name.push_str(".msg");
        }
        // The names of properties are kept once, by the outermost message.
        file.storage_with(&folder, &name, Some(NAMES), sink)?;
    }
    Ok(())
}

/// The body in compressed RTF. It is read even where there are others: nothing but good manners keeps them the same.
fn rtf(file: &mut Compound<'_>, at: usize, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let len = file.stream(at).len;
    if len > file.budget().room() {
        file.claim_unread(at);
        let gap = Gap::new(GapReason::LimitSize, "larger than may be held in memory");
        sink.unread_member(Member::named("body.rtf"), gap);
        return Ok(());
    }
    let _lease = file.budget().hold(len);
    let bytes = file.head(at, len);
    file.claim_unread(at);
    match Lzfu::new(&bytes) {
        Some(text) => {
            let mut text = file.budget().guard(text, len);
            sink.member(Member::named("body.rtf"), &mut text)?;
        }
        None if bytes.is_empty() => {}
        None => sink.gap(Gap::new(GapReason::Damaged, "compressed RTF body")),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::super::super::testing::{Record, read_bytes};
    use super::super::Ole;

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn fixed(id: u16, value: u32) -> Vec<u8> {
        [&[3, 0][..], &id.to_le_bytes(), &[6, 0, 0, 0], &value.to_le_bytes(), &[0; 4]].concat()
    }

    fn message(streams: &[(&str, &[u8])]) -> Record {
        let mut file = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
        for (path, content) in streams {
            let path = std::path::Path::new(path);
            file.create_storage_all(path.parent().unwrap()).unwrap();
            file.create_stream(path).unwrap().write_all(content).unwrap();
        }
        file.flush().unwrap();
        read_bytes(&Ole, "x.msg", &file.into_inner().into_inner())
    }

    #[test]
    fn code_pages_names_and_messages_inside() {
        let head = [&[0; 32][..], &fixed(0x3FFD, 1251), &fixed(0x0036, 3)].concat();
        let names = [utf16("X-Protective-Marking").len() as u8, 0, 0, 0].into_iter();
        let names: Vec<u8> = names.chain(utf16("X-Protective-Marking")).collect();
        let got = message(&[
            ("/__properties_version1.0", &head),
            ("/__nameid_version1.0/__substg1.0_00030102", &[0, 0, 0, 0, 7, 0, 0, 0]),
            ("/__nameid_version1.0/__substg1.0_00040102", &names),
            ("/__substg1.0_8000001F", &utf16("SEC=SECRET")),
            ("/__substg1.0_0037001E", b"\xD2\xE8\xF5\xEE"),
            ("/__substg1.0_007D001F", &utf16("From: x\r\nSIO-Label: marking=\"TOP SECRET\"\r\n\r\n")),
            ("/__substg1.0_8001101F", &[4, 0, 0, 0]),
            ("/__substg1.0_8001101F-00000000", &utf16("word")),
            ("/__recip_version1.0_#00000000/__substg1.0_3001001F", &utf16("Giả Thiết")),
            ("/__attach_version1.0_#00000000/__substg1.0_3707001F", &utf16("a.txt")),
            ("/__attach_version1.0_#00000000/__substg1.0_37010102", b"TOP SECRET"),
            ("/__attach_version1.0_#00000001/__substg1.0_3001001F", &utf16("Fwd")),
            ("/__attach_version1.0_#00000001/__substg1.0_3701000D/__properties_version1.0", &[0; 24]),
            (
                "/__attach_version1.0_#00000001/__substg1.0_3701000D/__substg1.0_8000001F",
                &utf16("SEC=SECRET"),
            ),
            ("/__substg1.0_10090102", b"\x12\0\0\0\x06\0\0\0MELA\0\0\0\0{\\rtf}"),
        ]);
        let mut lines = got.lines();
        lines.sort();
        assert_eq!(
            lines,
            [
                "label|X-Protective-Marking|SEC=SECRET",
                "label|sensitivity|Company-Confidential",
                "label|sio-label marking|TOP SECRET",
                "label|sio-label|marking=\"TOP SECRET\"",
                "property|display name|Giả Thiết",
                "property|from|x",
                "property|property 8001|word",
                "property|property name|X-Protective-Marking",
                "subject|subject|Тихо",
            ]
        );
        let members: Vec<&str> = got.members.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(members, ["Fwd.msg", "body.rtf", "a.txt"]);
        assert!(got.gaps.is_empty(), "{:?}", got.gaps);
        // The names are kept by the outer message only.
        let inner = read_bytes(&Ole, "Fwd.msg", &got.members[0].1);
        assert_eq!(
            inner.lines(),
            ["property|property name|X-Protective-Marking", "label|X-Protective-Marking|SEC=SECRET"]
        );
    }
}
