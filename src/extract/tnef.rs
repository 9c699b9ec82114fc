//! TNEF, the `winmail.dat` of Outlook (MS-OXTNEF).
//!
//! In: the bytes of one message. Out: subject, addresses and properties; bodies; attachments and messages inside as
//! members. Left out: checksums are not held against the content.

use std::rc::Rc;

use super::limits::Budget;
use super::mapi::lzfu::Lzfu;
use super::mapi::{self, CodePages, ids, kinds};
use super::{Format, Head, Input, Member, Sink, Stop, Unreadable};
use crate::model::{Gap, GapReason};

/// The reader of TNEF.
pub(super) struct Tnef;

/// 2.1.3.1: TNEFSignature, little-endian.
pub(super) const SIGNATURE: &[u8] = &[0x78, 0x9F, 0x3E, 0x22];

impl Format for Tnef {
    fn name(&self) -> &'static str {
        "tnef"
    }

    fn extensions(&self) -> &'static [&'static str] {
        // Messages of a store are written so: see `pst`.
        &["dat", "tnef", "msg"]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        head.bytes.starts_with(SIGNATURE)
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let budget = Rc::clone(input.budget());
        let bytes = input.bytes()?;
        let pages = code_pages(bytes);
        Message { pages, budget, attached: Attached::default(), many: 0 }.read(bytes, sink)
    }
}

/// Attributes (2.1.3.2): type in the upper half, id in the lower.
pub(super) mod attribute {
    pub(in crate::extract) const SUBJECT: u32 = 0x0001_8004;
    pub(in crate::extract) const BODY: u32 = 0x0002_800C;
    pub(in crate::extract) const FROM: u32 = 0x0000_8000;
    pub(in crate::extract) const CODE_PAGE: u32 = 0x0006_9007;
    pub(in crate::extract) const MESSAGE_PROPERTIES: u32 = 0x0006_9003;
    pub(in crate::extract) const RECIPIENTS: u32 = 0x0006_9004;
    pub(in crate::extract) const ATTACHMENT_BEGINS: u32 = 0x0006_9002;
    pub(in crate::extract) const ATTACHMENT_TITLE: u32 = 0x0001_8010;
    pub(in crate::extract) const ATTACHMENT_DATA: u32 = 0x0006_800F;
    pub(in crate::extract) const ATTACHMENT_FILE: u32 = 0x0006_9001;
    pub(in crate::extract) const ATTACHMENT_PROPERTIES: u32 = 0x0006_9005;
}

/// What the file says of its 8-bit texts; it says so before them or in the same list of properties.
fn code_pages(bytes: &[u8]) -> CodePages {
    let mut pages = CodePages::default();
    let mut rest = Bytes(bytes.get(6..).unwrap_or_default());
    while let Some((id, data, _)) = rest.attribute() {
        match id {
            attribute::CODE_PAGE => pages.message = Bytes(data).u32(),
            attribute::MESSAGE_PROPERTIES => {
                let mut list = Bytes(data);
                let count = list.u32().unwrap_or(0);
                for _ in 0..count {
                    let Some(property) = list.property() else { break };
                    let value = property.fixed.and_then(|raw| Bytes(raw).u32());
                    match property.id {
                        ids::CODE_PAGE => pages.message = value,
                        ids::INTERNET_CODE_PAGE => pages.internet = value,
                        ids::LOCALE => pages.locale = value,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    pages
}

/// The attachment under way.
#[derive(Default)]
struct Attached<'b> {
    begun: bool,
    title: Option<String>,
    name: Option<String>,
    media: String,
    data: Option<&'b [u8]>,
    /// A message or a storage.
    object: Option<&'b [u8]>,
}

struct Message<'b> {
    pages: CodePages,
    budget: Rc<Budget>,
    attached: Attached<'b>,
    many: u32,
}

/// IID_IMessage, before the data of a message inside (MS-OXTNEF 2.1.3.3.11).
const MESSAGE: &[u8] =
    &[0x07, 0x03, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0xC0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x46];

impl<'b> Message<'b> {
    fn read(mut self, bytes: &'b [u8], sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let mut rest = Bytes(bytes.get(6..).unwrap_or_default());
        while let Some((id, data, cut)) = rest.attribute() {
            self.budget.charge(0)?;
            match id {
                attribute::SUBJECT => self.text(ids::SUBJECT, data, sink)?,
                attribute::BODY => self.text(ids::BODY, data, sink)?,
                attribute::FROM => {
                    // TRP structures with names behind them (2.1.3.3.1): texts between zeros.
                    for piece in data.split(|byte| *byte == 0).filter(|piece| piece.len() > 3) {
                        self.text(0x0C1A, piece, sink)?;
                    }
                }
                attribute::MESSAGE_PROPERTIES => {
                    self.properties(&mut Bytes(data), false, sink)?;
                }
                attribute::RECIPIENTS => {
                    let mut list = Bytes(data);
                    for _ in 0..list.u32().unwrap_or(0) {
                        if !self.properties(&mut list, false, sink)? {
                            break;
                        }
                    }
                }
                attribute::ATTACHMENT_BEGINS => {
                    self.attachment(sink)?;
                    self.attached.begun = true;
                }
                attribute::ATTACHMENT_TITLE => {
                    self.attached.title = Some(self.pages.text(kinds::STRING8, data));
                }
                attribute::ATTACHMENT_FILE => {
                    self.attached.name.get_or_insert(self.pages.text(kinds::STRING8, data));
                }
                attribute::ATTACHMENT_DATA => {
                    self.attached.begun = true;
                    self.attached.data = Some(data);
                }
                attribute::ATTACHMENT_PROPERTIES => {
                    self.properties(&mut Bytes(data), true, sink)?;
                }
                _ => {}
            }
            if cut {
                sink.gap(Gap::new(GapReason::Damaged, "ends inside an attribute"));
            }
        }
        self.attachment(sink)?;
        Ok(())
    }

    fn text(&self, id: u16, data: &[u8], sink: &mut dyn Sink) -> Result<(), Stop> {
        mapi::push_text(id, None, &self.pages.text(kinds::STRING8, data), sink)
    }

    /// Reads a list of properties; false when it breaks off.
    fn properties(
        &mut self,
        list: &mut Bytes<'b>,
        attachment: bool,
        sink: &mut dyn Sink,
    ) -> Result<bool, Unreadable> {
        let Some(count) = list.u32() else { return Ok(false) };
        for _ in 0..count {
            let Some(property) = list.property() else {
                sink.gap(Gap::new(GapReason::Damaged, "list of properties"));
                return Ok(false);
            };
            if property.id == ids::SENSITIVITY
                && let Some(value) = property.fixed.and_then(|raw| Bytes(raw).u32())
            {
                mapi::push_sensitivity(value, sink)?;
            }
            for value in property.values {
                match (property.id, property.kind) {
                    (ids::DATA, kinds::OBJECT) if attachment => self.attached.object = Some(value),
                    (ids::DATA, kinds::BINARY) if attachment => self.attached.data = Some(value),
                    (ids::LONG_NAME, kind) if attachment => {
                        self.attached.name = Some(self.pages.text(kind, value));
                    }
                    (ids::SHORT_NAME | ids::DISPLAY_NAME, kind) if attachment => {
                        self.attached.title.get_or_insert(self.pages.text(kind, value));
                    }
                    (ids::MEDIA, _) if attachment => self.attached.media = mapi::ascii(value),
                    (ids::RTF, kinds::BINARY) => match Lzfu::new(value) {
                        Some(text) => {
                            let mut text = self.budget.guard(text, value.len() as u64);
                            sink.member(Member::named("body.rtf"), &mut text)?;
                        }
                        None if value.is_empty() => {}
                        None => sink.gap(Gap::new(GapReason::Damaged, "compressed RTF body")),
                    },
                    (ids::HTML, kinds::BINARY | kinds::STRING8) => {
                        let charset = self.pages.html();
                        let member = Member {
                            name: "body.html",
                            media: Some("text/html"),
                            charset: charset.as_deref(),
                        };
                        sink.member(member, &mut &*value)?;
                    }
                    (_, kinds::STRING | kinds::STRING8) => {
                        let text = self.pages.text(property.kind, value);
                        mapi::push_text(property.id, property.name.as_deref(), &text, sink)?;
                    }
                    _ => {}
                }
            }
        }
        Ok(true)
    }

    /// Hands on the attachment under way, which is complete when the next begins.
    fn attachment(&mut self, sink: &mut dyn Sink) -> Result<(), Stop> {
        let attached = std::mem::take(&mut self.attached);
        if !attached.begun {
            return Ok(());
        }
        self.many += 1;
        let name = [attached.name, attached.title].into_iter().flatten().find(|name| !name.trim().is_empty());
        let mut name = name.unwrap_or_else(|| format!("attachment-{}", self.many));
        let media = attached.media.to_ascii_lowercase();
        if mapi::is_rights_protected(&name, &media) {
            let gap = Gap::new(GapReason::Encrypted, "message under rights management");
            sink.unread_member(Member::named(&name), gap);
            return Ok(());
        }
        if let Some(object) = attached.object {
            let content = object.get(16..).unwrap_or_default();
            if object.starts_with(MESSAGE) && !name.to_ascii_lowercase().ends_with(".tnef") {
                name.push_str(".tnef");
            }
            return sink.member(Member::named(&name), &mut &*content);
        }
        match attached.data {
            Some(mut data) => {
                sink.member(Member { media: mapi::media(&media), ..Member::named(&name) }, &mut data)
            }
            None => Ok(()),
        }
    }
}

/// Little-endian values one after another.
#[derive(Clone, Copy)]
struct Bytes<'b>(&'b [u8]);

/// One property of a list (2.1.3.4).
struct Property<'b> {
    id: u16,
    /// Type of each value.
    kind: u16,
    name: Option<String>,
    /// The first value, where it has a fixed size.
    fixed: Option<&'b [u8]>,
    /// Values of no fixed size.
    values: Vec<&'b [u8]>,
}

impl<'b> Bytes<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (now, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(now)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.first_chunk().map(|raw| u32::from_le_bytes(*raw))
    }

    /// Bytes behind their length, filled up to a multiple of four. Cut off, what is there.
    fn counted(&mut self) -> Option<&'b [u8]> {
        let len = self.u32()? as usize;
        let value = self.take(len.min(self.0.len()))?;
        let _ = self.take((4 - len % 4) % 4);
        Some(value)
    }

    /// Id and data of the next attribute, and whether it is cut off: level, id, length, data, checksum.
    fn attribute(&mut self) -> Option<(u32, &'b [u8], bool)> {
        let level = self.take(1)?;
        if !matches!(level, [1 | 2]) {
            return None;
        }
        let (id, len) = (self.u32()?, self.u32()? as usize);
        let cut = len > self.0.len();
        let data = self.take(len.min(self.0.len()))?;
        let _ = self.take(2);
        Some((id, data, cut))
    }

    fn property(&mut self) -> Option<Property<'b>> {
        let tag = self.u32()?;
        let [low, lower, high, higher] = tag.to_le_bytes();
        let (kind, id) = (u16::from_le_bytes([low, lower]), u16::from_le_bytes([high, higher]));
        let mut name = None;
        if id >= 0x8000 {
            let _set = self.take(16)?;
            name = Some(match self.u32()? {
                0 => mapi::numbered(self.u32()?),
                _ => CodePages::default().text(kinds::STRING, self.counted()?),
            });
        }
        let base = kind & !kinds::MULTIPLE;
        let mut property = Property { id, kind: base, name, fixed: None, values: Vec::new() };
        let varies = matches!(base, kinds::STRING | kinds::STRING8 | kinds::BINARY | kinds::OBJECT);
        let count = if varies || kind & kinds::MULTIPLE != 0 { self.u32()? } else { 1 };
        for _ in 0..count {
            if varies {
                property.values.push(self.counted()?);
                continue;
            }
            let size = match base {
                // Two bytes are filled up to four.
                0x0002 | 0x0003 | 0x0004 | 0x000A | 0x000B => 4,
                0x0005 | 0x0006 | 0x0007 | 0x0014 | 0x0040 => 8,
                0x0048 => 16,
                // PtypNull has no value at all.
                0x0001 => break,
                _ => return None,
            };
            let value = self.take(size)?;
            property.fixed.get_or_insert(value);
        }
        Some(property)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{Record, read_bytes};
    use super::*;

    fn attribute(level: u8, id: u32, data: &[u8]) -> Vec<u8> {
        let sum = data.iter().fold(0u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
        let len = u32::try_from(data.len()).unwrap();
        [&[level][..], &id.to_le_bytes(), &len.to_le_bytes(), data, &sum.to_le_bytes()].concat()
    }

    fn counted(data: &[u8]) -> Vec<u8> {
        let mut out = u32::try_from(data.len()).unwrap().to_le_bytes().to_vec();
        out.extend(data);
        out.resize(out.len().next_multiple_of(4), 0);
        out
    }

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
    }

    fn property(id: u16, kind: u16, value: &[u8]) -> Vec<u8> {
        [&kind.to_le_bytes()[..], &id.to_le_bytes(), &1u32.to_le_bytes(), &counted(value)].concat()
    }

    fn file(attributes: &[Vec<u8>]) -> Vec<u8> {
        [SIGNATURE, &[1, 0], &attributes.concat()].concat()
    }

    fn read(bytes: &[u8]) -> Record {
        assert!(Tnef.matches(&Head { bytes, extension: "dat", media: None }));
        read_bytes(&Tnef, "winmail.dat", bytes)
    }

    #[test]
    fn properties_and_attachments() {
        let named = [
            &kinds::STRING.to_le_bytes()[..],
            &0x8001u16.to_le_bytes(),
            &[0; 16],
            &1u32.to_le_bytes(),
            &counted(&utf16("X-Protective-Marking")),
            &1u32.to_le_bytes(),
            &counted(&utf16("SEC=SECRET")),
        ]
        .concat();
        let fixed = [&3u16.to_le_bytes()[..], &ids::SENSITIVITY.to_le_bytes(), &3u32.to_le_bytes()].concat();
        let list = [
            &4u32.to_le_bytes()[..],
            &property(ids::SUBJECT, kinds::STRING, &utf16("TỐI MẬT")),
            &named,
            &fixed,
            &property(ids::RTF, kinds::BINARY, b"\x12\0\0\0\x06\0\0\0MELA\0\0\0\0{\\rtf}"),
        ]
        .concat();
        let inner = file(&[attribute(1, attribute::SUBJECT, b"inner\0")]);
        let object = [MESSAGE, &inner].concat();
        let attached = [
            &2u32.to_le_bytes()[..],
            &property(ids::DISPLAY_NAME, kinds::STRING, &utf16("Thư")),
            &property(ids::DATA, kinds::OBJECT, &object),
        ]
        .concat();
        let bytes = file(&[
            attribute(1, attribute::CODE_PAGE, &[0xEA, 4, 0, 0, 0, 0, 0, 0]),
            attribute(1, attribute::BODY, b"M\xC2\xF2T\0"),
            attribute(1, attribute::MESSAGE_PROPERTIES, &list),
            attribute(2, attribute::ATTACHMENT_BEGINS, &[0; 14]),
            attribute(2, attribute::ATTACHMENT_TITLE, b"a.txt\0"),
            attribute(2, attribute::ATTACHMENT_DATA, b"TOP SECRET"),
            attribute(2, attribute::ATTACHMENT_BEGINS, &[0; 14]),
            attribute(2, attribute::ATTACHMENT_PROPERTIES, &attached),
        ]);
        let got = read(&bytes);
        assert_eq!(
            got.lines(),
            [
                "body|body|MÂ\u{323}T",
                "subject|subject|TỐI MẬT",
                "label|X-Protective-Marking|SEC=SECRET",
                "label|sensitivity|Company-Confidential",
            ]
        );
        let members: Vec<_> = got.members.iter().map(|(name, bytes)| (name.as_str(), bytes.len())).collect();
        assert_eq!(members, [("body.rtf", 6), ("a.txt", 10), ("Thư.tnef", inner.len())]);
        assert!(got.gaps.is_empty());
        let cut = read(bytes.get(..bytes.len() - 30).unwrap());
        assert_eq!(cut.members.len(), 3);
        assert!(!cut.gaps.is_empty());
    }

    proptest! {
        #[test]
        fn any_bytes_end(list in proptest::collection::vec(any::<u8>(), 0..200)) {
            read(&file(&[attribute(1, attribute::MESSAGE_PROPERTIES, &list), attribute(1, attribute::RECIPIENTS, &list), list]));
        }
    }
}
