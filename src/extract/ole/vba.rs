//! Macro projects (MS-OVBA): the source of every module, as it stands compressed in its stream.
//!
//! Left out: the compiled form before the source, which repeats it, and the binary layout of forms, whose streams nobody
//! claims.

use super::super::{Sink, Unreadable};
use super::compound::Compound;
use super::property_set::code_page;
use super::{u16_at, u32_at};
use crate::extract::xml::has_letter;
use crate::model::{Kind, Place, Segment};

/// A module as the `dir` stream lists it.
#[derive(Debug, Default)]
struct Module {
    stream: String,
    /// Where its source begins in the stream, in bytes.
    offset: usize,
}

/// Modules of one project beyond this many are not read as modules; their streams stay unclaimed.
const MAX_MODULES: usize = 10_000;

/// Text of one module or `dir` stream, in bytes. VBA itself stops at 65,534 lines.
const MAX_TEXT: usize = 16 << 20;

/// Reads every macro project of a file. What does not follow the specification stays unclaimed.
///
/// # Errors
/// When the sink stops or a limit is met.
pub(super) fn read(file: &mut Compound<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let projects: Vec<usize> = file
        .all()
        .filter(|at| {
            let name = &file.stream(*at).name;
            name.eq_ignore_ascii_case("VBA/dir") || name.to_ascii_lowercase().ends_with("/vba/dir")
        })
        .collect();
    for at in projects {
        let folder = file.stream(at).name.strip_suffix("dir").unwrap_or_default().to_owned();
        let packed = file.small(at);
        let Some(dir) = unpack(&packed) else { continue };
        file.budget().charge(dir.len() as u64)?;
        file.claim_unread(at);
        project(file, &folder, &dir, sink)?;
    }
    Ok(())
}

fn project(file: &mut Compound<'_>, folder: &str, dir: &[u8], sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let mut encoding = code_page(1252);
    let mut modules: Vec<Module> = Vec::new();
    let mut at = 0;
    while let (Some(id), Some(size)) = (u16_at(dir, at), u32_at(dir, at + 2)) {
        let size = size as usize;
        let Some(data) = dir.get(at + 6..).and_then(|rest| rest.get(..size)) else { break };
        let text = |kind: Kind, name: &str, sink: &mut dyn Sink| -> Result<(), Unreadable> {
            let (text, _) = encoding.decode_without_bom_handling(data);
            if has_letter(&text) {
                sink.segment(Segment::new(&text, Place::new(kind).hidden().named(name)))?;
            }
            Ok(())
        };
        match id {
            0x0003 => encoding = u16_at(data, 0).map_or(encoding, code_page),
            // Name, description, constants of the project; description of a module.
            0x0004 => text(Kind::Property, "macro project", sink)?,
            0x0005 | 0x001C => text(Kind::Property, "macro description", sink)?,
            0x000C => text(Kind::Script, "macro constants", sink)?,
            0x0019 if modules.len() < MAX_MODULES => modules.push(Module::default()),
            0x001A => {
                if let Some(module) = modules.last_mut() {
                    module.stream = encoding.decode_without_bom_handling(data).0.into_owned();
                }
            }
            0x0031 => {
                if let Some(module) = modules.last_mut() {
                    module.offset = u32_at(data, 0).unwrap_or(0) as usize;
                }
            }
            _ => {}
        }
        // PROJECTVERSION says 4 and has 6 bytes (MS-OVBA 2.3.4.2.1.11).
        at += 6 + size + if id == 0x0009 { 2 } else { 0 };
    }
    for module in modules {
        let Some(at) = file.find(&format!("{folder}{}", module.stream)) else { continue };
        let bytes = file.small(at);
        let Some(source) = bytes.get(module.offset..).and_then(unpack) else { continue };
        file.budget().charge(source.len() as u64)?;
        file.claim_unread(at);
        let (source, _) = encoding.decode_without_bom_handling(&source);
        let place = Place { line: Some(1), ..Place::new(Kind::Script).hidden().named(&module.stream) };
        sink.segment(Segment::lines(&source, place))?;
    }
    let outer = folder.strip_suffix("VBA/").unwrap_or(folder);
    for at in file.unclaimed() {
        let name = &file.stream(at).name;
        let inner = name.strip_prefix(folder);
        // Compiled forms of what was just read, and the list of module names.
        if inner.is_some_and(|inner| inner == "_VBA_PROJECT" || inner.starts_with("__SRP_"))
            || name.strip_prefix(outer).is_some_and(|inner| inner == "PROJECT" || inner == "PROJECTwm")
        {
            file.claim_unread(at);
        }
    }
    Ok(())
}

/// Unpacks a compressed container (MS-OVBA 2.4.1); `None` when it is none or breaks the rules.
fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let mut rest = packed.strip_prefix(&[1])?;
    let mut out = Vec::with_capacity(packed.len() * 2);
    while let Some(header) = u16_at(rest, 0) {
        let len = usize::from(header & 0xFFF) + 3;
        // Bits 12 to 14 are a signature; what follows the last chunk of a stream may be anything.
        if header >> 12 & 7 != 3 || out.len() > MAX_TEXT {
            break;
        }
        let chunk = rest.get(2..len.min(rest.len()))?;
        if header >> 15 == 1 {
            unpack_chunk(chunk, &mut out)?;
        } else {
            out.extend_from_slice(chunk);
        }
        rest = rest.get(len..).unwrap_or_default();
    }
    Some(out)
}

fn unpack_chunk(chunk: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let start = out.len();
    let mut at = 0;
    while let Some(flags) = chunk.get(at) {
        at += 1;
        for bit in 0..8 {
            if at >= chunk.len() {
                break;
            }
            if flags >> bit & 1 == 0 {
                out.push(*chunk.get(at)?);
                at += 1;
                continue;
            }
            let token = u16_at(chunk, at)?;
            at += 2;
            // As many bits for the distance as what is unpacked of this chunk needs, 4 at least (2.4.1.3.19.1).
            let done = out.len() - start;
            let bits = (usize::BITS - done.saturating_sub(1).leading_zeros()).clamp(4, 12);
            let len = usize::from(token & (0xFFFF >> bits)) + 3;
            let distance = usize::from(token >> (16 - bits)) + 1;
            if distance > done {
                return None;
            }
            for from in (out.len() - distance)..(out.len() - distance + len) {
                out.push(*out.get(from)?);
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of MS-OVBA 3.2.2, "normal compression".
    #[test]
    fn the_example_of_the_specification() {
        let packed = [
            0x01, 0x2F, 0xB0, 0x00, 0x23, 0x61, 0x61, 0x61, 0x62, 0x63, 0x64, 0x65, 0x82, 0x66, 0x00, 0x70,
            0x61, 0x67, 0x68, 0x69, 0x6A, 0x01, 0x38, 0x08, 0x61, 0x6B, 0x6C, 0x00, 0x30, 0x6D, 0x6E, 0x6F,
            0x70, 0x06, 0x71, 0x02, 0x70, 0x04, 0x10, 0x72, 0x73, 0x74, 0x75, 0x76, 0x10, 0x77, 0x78, 0x79,
            0x7A, 0x00, 0x3C,
        ];
        let text = unpack(&packed).unwrap();
        assert_eq!(text, b"#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa");
    }

    #[test]
    fn what_is_no_container_is_none() {
        assert_eq!(unpack(b""), None);
        assert_eq!(unpack(b"Attribute VB_Name"), None);
        // A distance before the beginning.
        assert_eq!(unpack(&[1, 0x02, 0xB0, 0x01, 0x00, 0x10]), None);
    }
}
