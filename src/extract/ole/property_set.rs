//! Property sets (MS-OLEPS): summary, document summary, user-defined properties.

use encoding_rs::{Encoding, UTF_8, UTF_16LE, WINDOWS_1252};

use super::super::ooxml::kind_of_property;
use super::super::xml::is_given;
use super::super::{Sink, Unreadable};
use super::{decode, u16_at, u32_at};
use crate::model::{Kind, Place, Segment};

/// The encoding of a Windows code page; Windows-1252 for those that nobody knows.
pub(super) fn code_page(number: u16) -> &'static Encoding {
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

/// Reads a property set stream.
///
/// # Errors
/// When the sink stops.
pub(super) fn read(bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Unreadable> {
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
        // Names that begin with an underscore are programs' own: _PID_GUID, _AdHocReviewCycleID.
        for (_, name) in
            names.iter().filter(|(_, name)| user_defined && is_given(name) && !name.starts_with('_'))
        {
            sink.segment(Segment::new(name, Place::new(Kind::Property).hidden().named("property name")))?;
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
