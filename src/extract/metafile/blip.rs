//! Metafiles inside the streams of old Office files: pictures (OfficeArtBlipEMF, OfficeArtBlipWMF; MS-ODRAW 2.2.24, 2.2.25) and
//! what an embedded object looks like (`OlePres`, MS-OLEDS 2.3.4). They are looked for by their signatures, so that it does not
//! matter which of a dozen structures points to them.

use std::io::Read;
use std::rc::Rc;

use flate2::read::{GzDecoder, ZlibDecoder};
use memchr::memmem;

use super::{is_emf, is_wmf, read, u32_at};
use crate::extract::limits::Budget;
use crate::extract::{Sink, Unreadable};
use crate::model::{Gap, GapReason, Place};

/// Longest drawing that is held in memory.
pub(in crate::extract) const MAX_DRAWING: u64 = 16 << 20;

/// Says that a drawing is longer than that.
pub(in crate::extract) fn too_large(sink: &mut dyn Sink) {
    sink.gap(Gap::new(GapReason::LimitSize, "a drawing larger than may be held in memory"));
}

/// Pushes the texts of all drawings in a stream that lies in memory; gives how many bytes of text there were.
///
/// # Errors
/// When the sink stops, or a limit is met.
pub(in crate::extract) fn push_all(
    bytes: &[u8],
    place: Place<'_>,
    budget: &Rc<Budget>,
    sink: &mut dyn Sink,
) -> Result<usize, Unreadable> {
    let mut letters = 0;
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr(0xF0, rest)) {
        at += found + 1;
        let Some(start) = at.checked_sub(4) else { continue };
        let Some((packed, len)) = bytes.get(start..).and_then(blip) else { continue };
        let mut drawing = Vec::new();
        if is_emf(packed) || is_wmf(packed) {
            letters += read(packed, place, sink)?.letters;
        } else {
            let unpacked = budget.guard(ZlibDecoder::new(packed), packed.len() as u64);
            let most = MAX_DRAWING.min(budget.room() / 2);
            let lease = budget.hold(most);
            // What came out before an error is drawn.
            let _ = unpacked.take(most).read_to_end(&mut drawing);
            if drawing.len() as u64 == most {
                too_large(sink);
            }
            letters += read(&drawing, place, sink)?.letters;
            drop(lease);
        }
        at = start + len;
    }
    Ok(letters)
}

/// Pushes the texts of a picture that is a file of its own in a document, packed with gzip (`.emz`) or not; gives how many bytes
/// of text there were.
///
/// # Errors
/// What reading gave, or when the sink stops.
pub(in crate::extract) fn read_picture(
    content: impl Read,
    packed: bool,
    place: Place<'_>,
    budget: &Rc<Budget>,
    sink: &mut dyn Sink,
) -> Result<usize, Unreadable> {
    let most = MAX_DRAWING.min(budget.room() / 2);
    let _lease = budget.hold(most);
    let mut drawing = Vec::new();
    if packed {
        budget.guard(GzDecoder::new(content), 0).take(most).read_to_end(&mut drawing)?;
    } else {
        content.take(most).read_to_end(&mut drawing)?;
    }
    if drawing.len() as u64 == most {
        too_large(sink);
    }
    Ok(read(&drawing, place, sink)?.letters)
}

/// The drawing of a picture record, as it is packed, and the length of the record.
fn blip(bytes: &[u8]) -> Option<(&[u8], usize)> {
    // Version, instance, type: EMF and WMF with one identifier or two.
    let ids = match bytes.first_chunk::<4>()? {
        [0x40, 0x3D, 0x1A, 0xF0] | [0x60, 0x21, 0x1B, 0xF0] => 1,
        [0x50, 0x3D, 0x1A, 0xF0] | [0x70, 0x21, 0x1B, 0xF0] => 2,
        _ => return None,
    };
    let len = u32_at(bytes, 4)? as usize;
    let header = 8 + ids * 16;
    let packed = u32_at(bytes, header + 28)? as usize;
    let data = bytes.get(header + 34..)?;
    let data = data.get(..packed).unwrap_or(data);
    (len >= 50 && packed > 0).then_some((data, (8 + len).min(bytes.len())))
}

/// Whether a picture record with a drawing begins in these bytes.
pub(in crate::extract) fn has_drawing(bytes: &[u8]) -> bool {
    memchr::memchr_iter(0xF0, bytes).any(|at| {
        let start = at.checked_sub(3).and_then(|start| bytes.get(start..));
        start.and_then(blip).is_some()
    })
}

/// The first drawing that lies unpacked in a stream, such as the look of an object.
pub(in crate::extract) fn find(bytes: &[u8]) -> Option<&[u8]> {
    let emf = memmem::find(bytes, b" EMF").and_then(|at| at.checked_sub(40));
    let wmf = [&b"\x01\0\x09\0\0\x03"[..], b"\x01\0\x09\0\0\x01"].map(|head| memmem::find(bytes, head));
    // A WMF may carry an EMF.
    let mut starts = [emf, wmf[0], wmf[1]];
    starts.sort_unstable();
    let drawings = starts.into_iter().flatten().filter_map(|at| bytes.get(at..));
    drawings.into_iter().find(|rest| is_emf(rest) || is_wmf(rest))
}
