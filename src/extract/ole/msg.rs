//! Outlook messages (MS-OXMSG): a stream a property, `__substg1.0_` with its id and type.

use encoding_rs::{UTF_16LE, WINDOWS_1252};

use super::super::ooxml::kind_of_property;
use super::super::xml::has_letter;
use super::super::{Sink, Unreadable};
use super::compound::Compound;
use super::decode;
use crate::model::{Gap, GapReason, Kind, Place, Segment};

/// Reads the properties, bodies and attachments of a message. Messages inside are left to
/// [`Compound::documents_inside`].
///
/// # Errors
/// When the sink stops.
pub(super) fn read(file: &mut Compound<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    for at in file.unclaimed() {
        file.budget().charge(0)?;
        property(file, at, sink)?;
    }
    Ok(())
}

fn property(file: &mut Compound<'_>, at: usize, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let name = file.stream(at).name.clone();
    let last = file.stream(at).last().to_owned();
    if last.starts_with("__properties_version") || name.starts_with("__nameid") {
        file.claim_unread(at);
        return Ok(());
    }
    // What lies in a message inside is that message's.
    if name.contains("__substg1.0_3701000D/") {
        return Ok(());
    }
    let Some(code) = last.strip_prefix("__substg1.0_") else { return Ok(()) };
    let (id, kind) = (code.get(..4).unwrap_or_default(), code.get(4..8).unwrap_or_default());
    let folder = name.strip_suffix(&last).unwrap_or_default();
    match (id, kind) {
        // PidTagAttachDataBinary
        ("3701", "0102") => {
            let name = attachment_name(file, folder);
            file.member(at, &name, sink)?;
        }
        // PidTagHtml, PidTagRtfCompressed
        ("1013", "0102") => file.member(at, "body.html", sink)?,
        ("1009", "0102") => {
            file.claim_unread(at);
            let plain = ["1000001F", "1000001E", "10130102"]
                .iter()
                .any(|code| file.find(&format!("{folder}__substg1.0_{code}")).is_some());
            if !plain {
                sink.gap(Gap::new(GapReason::Unsupported, "compressed RTF body is not read"));
            }
        }
        (_, "001F" | "001E" | "101F" | "101E") => {
            let encoding = if kind.ends_with('F') { UTF_16LE } else { WINDOWS_1252 };
            let text = decode(&file.claim(at), encoding);
            // Byte counts of multi-valued texts stand in a stream of the same type.
            if has_letter(&text) {
                let (kind, visible, name) = match id {
                    "0037" | "0E1D" | "0070" => (Kind::Subject, true, "subject"),
                    "1000" => (Kind::Body, true, "body"),
                    "007D" => (Kind::Property, false, "transport headers"),
                    "0C1A" | "0042" | "0E04" | "0E03" | "0E02" => (Kind::Property, true, "address"),
                    _ => (kind_of_property(&text), false, last.as_str()),
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
        _ => file.claim_unread(at),
    }
    Ok(())
}

/// PidTagAttachLongFilename, PidTagAttachFilename or PidTagDisplayName of the attachment in `folder`; else the folder.
fn attachment_name(file: &mut Compound<'_>, folder: &str) -> String {
    for id in ["3707", "3704", "3001"] {
        for (kind, encoding) in [("001F", UTF_16LE), ("001E", WINDOWS_1252)] {
            if let Some(at) = file.find(&format!("{folder}__substg1.0_{id}{kind}")) {
                let name = decode(&file.small(at), encoding);
                if !name.is_empty() {
                    return name;
                }
            }
        }
    }
    folder.trim_end_matches('/').to_owned()
}
