//! Rule packs: what markings look like, as data.
//!
//! In: TOML packs, embedded or the user's. Out: a [`RuleSet`] that finding and judging share. Left out: looking at
//! documents. `rules/README.md` teaches the format.

mod compile;
mod load;
mod pack;

pub(crate) use compile::case_forms;
pub use compile::{CompiledEvidence, CompiledRule, Match, RuleSet};
pub use load::{NamedLabel, RuleError, Selection, bare_guid, keyword_key, load};
pub use pack::{
    Basis, Case, Evidence, Example, Lines, Pack, PackHead, Points, Rollup, Rule, RuleKind, Scope, Shape,
    Title, Where,
};
