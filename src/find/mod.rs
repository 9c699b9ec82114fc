//! Where rules meet text.
//!
//! In: segments of one document. Out: candidates (a rule met a piece of text, with the lines around it) and an
//! outline of the document. Left out: whether a candidate is a marking; that is `judge`'s question.
//!
//! One pass over the text with the [`Sieve`] for letters that stand in every possible match; only lines with a hit are
//! folded and confirmed. A sieve may be wrong in saying yes, never in saying no.

mod candidate;
mod finder;
mod shape;
mod sieve;
mod windows;

pub use candidate::{Candidate, Group, LabelNumber, Outline, Transform};
pub use finder::{Finder, Found};
pub use shape::is_ticked;
pub use sieve::Sieve;
