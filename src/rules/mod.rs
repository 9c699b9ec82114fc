//! Rule packs: what markings look like, as data.
//!
//! In: TOML packs, embedded or the user's. Out: a [`RuleSet`] that finding and judging share. Left out: looking at
//! documents. `rules/README.md` teaches the format.

pub mod banner;
mod compile;
mod floods;
mod grams;
mod hashed;
mod keywords;
mod known;
mod load;
mod pack;
mod repair;
mod words;

pub(crate) use compile::case_forms;
pub use compile::{CompiledEvidence, CompiledRule, Match, RuleSet};
pub use floods::{Flood, floods};
pub(crate) use grams::Grams;
pub use hashed::{KeywordKey, hash_list, is_hashed};
pub use keywords::Keywords;
pub use known::{DigestKind, Known, TextDigest};
pub use load::{NamedLabel, RuleError, Selection, bare_guid, keyword_key, load};
pub use pack::{
    Basis, Case, Evidence, Example, Lines, Pack, PackHead, Points, Rollup, Rule, RuleKind, Scope, Shape,
    Title, Where,
};
pub(crate) use repair::LONGEST as LONGEST_REPAIRED;
pub use repair::{Damage, Repaired};
pub use words::Words;
