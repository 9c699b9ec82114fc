//! ZIP without a directory: local headers one after the other, in constant memory.

use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use super::names::Names;
use super::{unpack, unread_method};
use crate::extract::limits::Budget;
use crate::extract::{Member, Sink, Unreadable, ooxml};
use crate::model::{Gap, GapReason};

/// Follows local headers from the first byte on: for a broken directory, and for a zip inside a container that is too
/// large for memory.
pub(super) fn salvage(
    stream: Box<dyn Read + '_>,
    budget: &Rc<Budget>,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    let mut stream = BufReader::with_capacity(64 << 10, stream);
    while to_local_header(&mut stream)? {
        let mut header = [0u8; 26];
        if stream.read_exact(&mut header).is_err() {
            break;
        }
        let u16_at = |at: usize| {
            header
                .get(at..at + 2)
                .map_or(0, |bytes| bytes.iter().rev().fold(0u16, |sum, byte| sum << 8 | u16::from(*byte)))
        };
        let u32_at = |at: usize| u64::from(u16_at(at)) | u64::from(u16_at(at + 2)) << 16;
        let (flags, method) = (u16_at(2), u16_at(4));
        let mut packed = u32_at(14);
        let size = Some(u32_at(18)).filter(|size| *size != u64::from(u32::MAX));
        let mut name = vec![0u8; usize::from(u16_at(22))];
        let mut extra = vec![0u8; usize::from(u16_at(24))];
        if stream.read_exact(&mut name).is_err() || stream.read_exact(&mut extra).is_err() {
            break;
        }
        if packed == u64::from(u32::MAX) {
            packed = zip64_packed(&extra).unwrap_or(packed);
        }
        let name = Names::of([name.clone()]).show(&name, None);
        if name.ends_with('/') {
            continue;
        }
        let member = Member::named(&name);
        let descriptor = flags & 8 != 0;
        match method {
            _ if flags & 1 != 0 => {
                sink.unread_member(member, Gap::new(GapReason::Encrypted, "password needed"));
                if !descriptor {
                    io::copy(&mut (&mut stream).take(packed), &mut io::sink())?;
                }
            }
            0 if !descriptor => {
                let mut content = (&mut stream).take(packed);
                stray(member, &mut content, budget, sink)?;
                io::copy(&mut content, &mut io::sink())?;
            }
            8 => {
                let known = if descriptor { 0 } else { packed };
                let mut content = budget.guard(flate2::bufread::DeflateDecoder::new(&mut stream), known);
                stray(member, &mut content, budget, sink)?;
                // The next header stands behind the packed data; broken data is the member's gap already.
                let _ = io::copy(&mut content, &mut io::sink());
            }
            // The length of the packed data is not told before it, so the decoder must find the end itself.
            9 => {
                let known = if descriptor { 0 } else { packed };
                let mut content = budget.guard(deflate64::Deflate64Decoder::with_buffer(&mut stream), known);
                stray(member, &mut content, budget, sink)?;
                let _ = io::copy(&mut content, &mut io::sink());
            }
            _ if descriptor => {
                let gap =
                    Gap::new(GapReason::Unsupported, format!("zip method {method} without a length: {name}"));
                sink.unread_member(member, gap);
            }
            _ => {
                let mut raw = (&mut stream).take(packed);
                match unpack(method, &mut raw, size, budget).map_err(Unreadable::from) {
                    Ok(Some(content)) => stray(member, &mut budget.guard(content, packed), budget, sink)?,
                    other => {
                        let error = other.err().unwrap_or_else(|| unread_method(method, &name));
                        if let Some(gap) = error.into() {
                            sink.unread_member(member, gap);
                        }
                    }
                }
                io::copy(&mut raw, &mut io::sink())?;
            }
        }
        budget.charge(0)?;
    }
    Ok(())
}

/// A part of an Office package is read as what its path says; anything else is a member.
fn stray(
    member: Member<'_>,
    content: &mut dyn Read,
    budget: &Rc<Budget>,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    match ooxml::read_stray(content, member.name, budget.limits.max_nesting, sink) {
        Ok(true) => Ok(()),
        Ok(false) => Ok(sink.member(member, content)?),
        Err(Unreadable::Gap { reason, detail })
            if !matches!(reason, GapReason::Timeout | GapReason::LimitSize) =>
        {
            sink.gap(Gap::new(reason, format!("{detail}: {}", member.name)));
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// Packed size from the ZIP64 extra field (id 1: unpacked size, then packed size).
fn zip64_packed(extra: &[u8]) -> Option<u64> {
    let mut rest = extra;
    while let Some((head, after)) = rest.split_first_chunk::<4>() {
        let [id, id_high, len, len_high] = *head;
        let len = usize::from(u16::from_le_bytes([len, len_high]));
        let field = after.get(..len)?;
        if u16::from_le_bytes([id, id_high]) == 1 {
            return field.get(8..16)?.first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes));
        }
        rest = after.get(len..)?;
    }
    None
}

/// Reads on to behind the next local header signature; false at the end.
fn to_local_header(stream: &mut impl BufRead) -> io::Result<bool> {
    let mut last = 0u32;
    loop {
        let bytes = stream.fill_buf()?;
        if bytes.is_empty() {
            return Ok(false);
        }
        let found = bytes.iter().position(|byte| {
            last = last << 8 | u32::from(*byte);
            last == 0x504B_0304
        });
        let used = found.map_or(bytes.len(), |at| at + 1);
        stream.consume(used);
        if found.is_some() {
            return Ok(true);
        }
    }
}
