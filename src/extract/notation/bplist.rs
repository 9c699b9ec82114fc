//! Binary property lists of Apple (CFBinaryPList.c): every string, each a line, and data as members.

use super::super::{Format, Head, Input, Member, Sink, Unreadable};
use crate::model::{Gap, GapReason, Kind, Place, Segment};

/// The reader of binary property lists.
pub(in super::super) struct BinaryPlist;

/// Data shorter than this is a number or digest.
const SHORT_DATA: usize = 32;

impl Format for BinaryPlist {
    fn name(&self) -> &'static str {
        "plist"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["plist", "bplist", "strings", "webarchive", "nib"]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        head.bytes.starts_with(b"bplist0")
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let bytes = input.bytes()?;
        let damaged = || Unreadable::damaged("property list without its table");
        // The last 32 bytes: sizes of offsets and references, number of objects, the top one, where the offsets lie.
        let trailer = bytes.len().checked_sub(32).and_then(|at| bytes.get(at..)).ok_or_else(damaged)?;
        let width = usize::from(trailer.get(6).copied().unwrap_or_default());
        let count = number(trailer.get(8..16).unwrap_or_default());
        let table = usize::try_from(number(trailer.get(24..32).unwrap_or_default())).ok();
        let table = table.and_then(|table| bytes.get(table..bytes.len() - 32)).ok_or_else(damaged)?;
        if !(1..=8).contains(&width) {
            return Err(damaged());
        }
        let mut text = String::new();
        let mut broken = count > (table.len() / width) as u64;
        let mut data = 0;
        for offset in table.chunks_exact(width).take(usize::try_from(count).unwrap_or(usize::MAX)) {
            let offset = usize::try_from(number(offset)).ok();
            let Some((kind, content)) = offset.and_then(|offset| object(bytes, offset)) else {
                broken = true;
                continue;
            };
            match kind {
                0x5 => text.extend(content.iter().map(|byte| char::from(*byte))),
                0x6 => {
                    let units = content.chunks_exact(2).map(|pair| number(pair) as u16);
                    text.extend(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
                }
                0x4 if content.len() >= SHORT_DATA => {
                    data += 1;
                    sink.member_in_memory(Member::named(&format!("data-{data}")), content)?;
                    continue;
                }
                _ => continue,
            }
            text.push('\n');
        }
        if !text.trim().is_empty() {
            sink.segment(Segment::lines(&text, Place::new(Kind::Body)))?;
        }
        if broken {
            sink.gap(Gap::new(GapReason::Damaged, "objects outside the property list"));
        }
        Ok(())
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

/// Kind and content of the object at an offset. Content is empty for objects without bytes of their own.
fn object(bytes: &[u8], offset: usize) -> Option<(u8, &[u8])> {
    let marker = *bytes.get(offset)?;
    let kind = marker >> 4;
    let mut length = u64::from(marker & 0xF);
    let mut at = offset + 1;
    if !matches!(kind, 0x4..=0x6) {
        return Some((kind, &[]));
    }
    if length == 0xF {
        // An integer object follows: its low bits are the power of two of its length.
        let width = 1usize << (*bytes.get(at)? & 0xF).min(3);
        length = number(bytes.get(at + 1..at + 1 + width)?);
        at += 1 + width;
    }
    let unit = if kind == 0x6 { 2 } else { 1 };
    let length = usize::try_from(length).ok()?.checked_mul(unit)?;
    Some((kind, bytes.get(at..at.checked_add(length)?)?))
}
