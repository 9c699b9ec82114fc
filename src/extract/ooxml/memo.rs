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

/// What a block stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    Run,
    Paragraph,
    Cell,
    Other,
}

/// What a block was read under: it does the same again only under the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Under {
    pub(super) around: Around,
    pub(super) looks: Looks,
}

#[derive(Debug)]
struct Known {
    /// With its end tag.
    block: String,
    /// Length without.
    inside: usize,
    under: Under,
    after: Looks,
    /// Whether it is the first of a run and changes nothing but the look of that run.
    of_run: bool,
}

/// Places for blocks, as many as a byte tells apart; one that hashes to a taken place takes it over. Documents have tens of
/// different blocks, seldom hundreds.
const SLOTS: usize = 256;

/// Longer blocks are not remembered. Those of ordinary runs have 100 to 400 bytes.
pub(super) const MAX_BLOCK: usize = 2_048;

/// Places that are tried first, without looking for the end of the block: neighbours look alike.
const RECENT: usize = 4;

/// The blocks of one document.
#[derive(Debug, Default)]
pub(super) struct Memo {
    slots: Vec<Option<Known>>,
    /// Places that were of use, the last one first: of blocks of runs, and of others.
    recent_runs: [u8; RECENT],
    recent: [u8; RECENT],
}

impl Memo {
    /// The block that stands at the beginning of `ahead`, where it was met a moment ago: its length with the end tag, and the
    /// looks behind it.
    pub(super) fn recall_recent(&mut self, ahead: &str, under: Under) -> Option<(usize, Looks)> {
        let recent = if under.around == Around::Run { &mut self.recent_runs } else { &mut self.recent };
        let at = recent.iter().position(|place| {
            let known = self.slots.get(usize::from(*place)).and_then(Option::as_ref);
            known.is_some_and(|known| ahead.starts_with(&known.block) && known.under == under)
        })?;
        let known = self.slots.get(usize::from(*recent.get(at)?))?.as_ref()?;
        to_front(recent, at);
        Some((known.block.len(), known.after))
    }

    /// The same for the block a run begins with: its length, and the looks of the run and of its style.
    pub(super) fn recall_run(&mut self, ahead: &[u8]) -> Option<(usize, Look, Look)> {
        let at = self.recent_runs.iter().position(|place| {
            let known = self.slots.get(usize::from(*place)).and_then(Option::as_ref);
            known.is_some_and(|known| ahead.starts_with(known.block.as_bytes()) && known.of_run)
        })?;
        let known = self.slots.get(usize::from(*self.recent_runs.get(at)?))?.as_ref()?;
        to_front(&mut self.recent_runs, at);
        Some((known.block.len(), known.after.run, known.after.run_style))
    }

    /// The looks of a run, and of its style, that begins with this block, wherever it was met.
    pub(super) fn recall_of_run(&mut self, block: &str) -> Option<(Look, Look)> {
        let place = place(block);
        let known = self.slots.get(usize::from(place))?.as_ref()?;
        let same = known.of_run && known.block.get(..known.inside) == Some(block);
        let looks = same.then_some((known.after.run, known.after.run_style))?;
        self.note(place, Around::Run);
        Some(looks)
    }

    /// The looks after a block, where it is known what it does under these circumstances.
    pub(super) fn recall(&mut self, block: &str, name: &str, under: Under) -> Option<Looks> {
        let place = place(block);
        let known = self.slots.get(usize::from(place))?.as_ref()?;
        let same = known.under == under
            && known.block.get(..known.inside) == Some(block)
            && known.block.get(known.inside + 2..).is_some_and(|end| end.strip_suffix('>') == Some(name));
        let after = same.then_some(known.after)?;
        self.note(place, under.around);
        Some(after)
    }

    /// Remembers what a block did.
    pub(super) fn learn(&mut self, block: &str, name: &str, under: Under, after: Looks) {
        if self.slots.is_empty() {
            self.slots.resize_with(SLOTS, || None);
        }
        let place = place(block);
        let inside = block.len();
        let block = [block, "</", name, ">"].concat();
        let before = under.looks;
        let of_run = under.around == Around::Run
            && name == "w:rPr"
            && (before.run, before.run_style) == (Look::default(), Look::default())
            && (before.base, before.borders) == (after.base, after.borders);
        if let Some(slot) = self.slots.get_mut(usize::from(place)) {
            *slot = Some(Known { block, inside, under, after, of_run });
        }
        self.note(place, under.around);
    }

    fn note(&mut self, place: u8, around: Around) {
        let recent = if around == Around::Run { &mut self.recent_runs } else { &mut self.recent };
        let at = recent.iter().position(|known| *known == place).unwrap_or(RECENT - 1);
        if let Some(known) = recent.get_mut(at) {
            *known = place;
        }
        to_front(recent, at);
    }
}

fn to_front(recent: &mut [u8; RECENT], at: usize) {
    if let Some(up_to) = recent.get_mut(..=at) {
        up_to.rotate_right(1);
    }
}

/// Eight bytes at a time; the bytes themselves are compared afterwards, so a collision costs time only.
fn place(block: &str) -> u8 {
    const ODD: u64 = 0x9E37_79B9_7F4A_7C15; // 2^64 / golden ratio
    let (words, tail) = block.as_bytes().as_chunks::<8>();
    let mut hash = block.len() as u64;
    for word in words {
        hash = (hash ^ u64::from_le_bytes(*word)).wrapping_mul(ODD).rotate_left(23);
    }
    for byte in tail {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(ODD);
    }
    (hash >> 32) as u8
}
