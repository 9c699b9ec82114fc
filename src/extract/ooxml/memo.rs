//! What blocks of properties do to the look of letters, remembered by their bytes.
//!
//! Word writes the same `<w:rPr>…</w:rPr>` before thousands of runs; properties are most of the bytes of a document. A
//! block that was walked once and pushed nothing is recognised by its bytes and passed over with what it did.

use super::styles::Borders;
use crate::extract::look::Look;

/// Looks that stand while a part is read: of the innermost paragraph, of its run, of the run's style, and the borders of
/// the innermost table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Looks {
    pub(super) base: Look,
    pub(super) run: Look,
    pub(super) run_style: Look,
    pub(super) borders: Borders,
}

#[derive(Debug)]
struct Known {
    block: String,
    before: Looks,
    after: Looks,
}

/// Places for blocks; one that hashes to a taken place takes it over. Documents have tens of different blocks, seldom
/// hundreds.
const SLOTS: usize = 256;

/// Longer blocks are not remembered. Those of ordinary runs have 100 to 400 bytes.
pub(super) const MAX_BLOCK: usize = 2_048;

/// The blocks of one document.
#[derive(Debug, Default)]
pub(super) struct Memo {
    slots: Vec<Option<Known>>,
}

impl Memo {
    /// The looks after a block, where it is known what it does to these.
    pub(super) fn recall(&self, block: &str, before: Looks) -> Option<Looks> {
        let known = self.slots.get(slot(block))?.as_ref()?;
        (known.before == before && known.block == block).then_some(known.after)
    }

    /// Remembers what a block did.
    pub(super) fn learn(&mut self, block: String, before: Looks, after: Looks) {
        if self.slots.is_empty() {
            self.slots.resize_with(SLOTS, || None);
        }
        let at = slot(&block);
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = Some(Known { block, before, after });
        }
    }
}

/// Eight bytes at a time; the bytes themselves are compared afterwards, so a collision costs time only.
fn slot(block: &str) -> usize {
    const ODD: u64 = 0x9E37_79B9_7F4A_7C15; // 2^64 / golden ratio
    let (words, tail) = block.as_bytes().as_chunks::<8>();
    let mut hash = block.len() as u64;
    for word in words {
        hash = (hash ^ u64::from_le_bytes(*word)).wrapping_mul(ODD).rotate_left(23);
    }
    for byte in tail {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(ODD);
    }
    (hash >> 32) as usize % SLOTS
}
