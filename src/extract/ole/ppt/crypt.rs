//! What of a presentation is encrypted, and with which block of the key (MS-PPT 2.3.7).

use std::collections::HashSet;

use super::{MAX_OBJECTS, Record, Records, record};
use crate::extract::ole::rc4_key::Key;
use crate::extract::ole::{u16_at, u32_at};

/// CryptSession10Container.
const CRYPT_SESSION: u16 = 12_052;

/// Where the persistent objects of an encrypted presentation lie.
pub(in super::super) struct Session {
    /// Offset of the header that says how it is encrypted, and its length.
    header: (usize, usize),
    /// Offsets and numbers of the objects that are encrypted.
    objects: HashSet<(u32, u32)>,
}

impl Session {
    /// Follows the edits from the last one, whose records are clear; `None` when they name no encryption.
    pub(in super::super) fn find(bytes: &[u8], last: u32) -> Option<Session> {
        let record_at = |at: u32| -> Option<Record<'_>> { Records { bytes, at: at as usize }.next() };
        let (mut at, mut session) = (last, None);
        let mut objects = HashSet::new();
        for _ in 0..MAX_OBJECTS {
            let Some(edit) = record_at(at).filter(|edit| edit.kind == record::USER_EDIT) else { break };
            let (Some(before), Some(directory)) = (u32_at(edit.content, 8), u32_at(edit.content, 12)) else {
                break;
            };
            session = session.or_else(|| u32_at(edit.content, 28));
            if let Some(directory) =
                record_at(directory).filter(|record| record.kind == record::PERSIST_DIRECTORY)
            {
                objects.extend(super::persisted(directory.content).take(MAX_OBJECTS - objects.len()));
            }
            if before == 0 || before >= at {
                break;
            }
            at = before;
        }
        let session = session?;
        let (offset, _) = *objects.iter().find(|(_, number)| *number == session)?;
        let header = record_at(offset).filter(|record| record.kind == CRYPT_SESSION)?;
        let header = (offset as usize + 8, header.content.len());
        objects.retain(|(_, number)| *number != session);
        Some(Session { header, objects })
    }

    /// How the presentation is encrypted.
    pub(in super::super) fn header<'b>(&self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        bytes.get(self.header.0..)?.get(..self.header.1)
    }

    /// Decrypts every object: each is a record that is encrypted from its header on, in the block of its number.
    pub(in super::super) fn open(&self, key: &Key, bytes: &mut [u8]) {
        for (offset, number) in &self.objects {
            let Some(rest) = bytes.get_mut(*offset as usize..) else { continue };
            let mut head = rest.get(..8).unwrap_or_default().to_vec();
            key.open(*number, &mut head);
            let Some(len) = u32_at(&head, 4) else { continue };
            let len = rest.len().min((len as usize).saturating_add(8));
            key.open(*number, rest.get_mut(..len).unwrap_or_default());
        }
    }
}

/// Decrypts the drawings among the pictures: each field of a record begins the key anew. Others are left as they are, since nobody
/// reads them here.
pub(in super::super) fn open_pictures(key: &Key, bytes: &mut [u8]) {
    let mut at = 0usize;
    while let Some(head) = bytes.get_mut(at..).and_then(|rest| rest.get_mut(..8)) {
        key.open(0, head);
        let (Some(first), Some(kind), Some(len)) = (u16_at(head, 0), u16_at(head, 2), u32_at(head, 4)) else {
            return;
        };
        let end = (at + 8).saturating_add(len as usize).min(bytes.len());
        // OfficeArtBlipEMF, OfficeArtBlipWMF: one identifier or two, the header of the metafile, its content (MS-ODRAW 2.2.24, 2.2.25).
        if matches!(kind, 0xF01A | 0xF01B) {
            let is_double = matches!(first >> 4, 0x3D5 | 0x217);
            let fields: &[usize] = if is_double { &[16, 16, 34] } else { &[16, 34] };
            let mut from = at + 8;
            for len in fields.iter().copied().chain([usize::MAX]) {
                let to = from.saturating_add(len).min(end);
                key.open(0, bytes.get_mut(from..to).unwrap_or_default());
                from = to;
            }
        }
        at = end;
    }
}
