//! What finding hands to judging.

use std::collections::{BTreeSet, HashMap};

use crate::model::{Area, Kind, Level, OwnedPlace};
use crate::rules::Shape;

/// How a text had to be changed before a rule met it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transform {
    /// Decoded from a legacy charset, told by the words it spells.
    Legacy(crate::fold::legacy::Charset),
    /// The same, and its small letters were taken for capitals, as fonts ending in `H` draw them.
    LegacyCapitals(crate::fold::legacy::Charset),
    /// Letters set one by one were joined.
    LetterSpaced,
    /// Pieces above each other or beside each other were joined.
    Split,
    /// Cyrillic or Greek letters stand for Latin ones: somebody may have meant it.
    LookAlike,
}

/// A rule met a piece of text.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Index of the rule; `None` for the user's keyword lists.
    pub rule: Option<usize>,
    /// Level of the match; `None` for parts and declassification.
    pub level: Option<Level>,
    /// How it stands in its piece.
    pub shape: Shape,
    /// The marking as it stands, NFC.
    pub matched: String,
    /// The rest of the piece before and after it, folded.
    pub around: (String, String),
    /// Where it stands.
    pub place: OwnedPlace,
    /// Number of the visible line in the document, from 0, where text flows.
    pub ordinal: Option<u64>,
    /// Box on the page.
    pub area: Option<Area>,
    /// Red text.
    pub red: bool,
    /// Framed.
    pub framed: bool,
    /// Struck through.
    pub struck: bool,
    /// What was changed to see it.
    pub transforms: Vec<Transform>,
    /// What its grammar says of its form, as codes of reasons.
    pub notes: Vec<&'static str>,
    /// Lines before it, nearest last; as they stand, 200 characters at most each.
    pub before: Vec<String>,
    /// Lines after it, nearest first.
    pub after: Vec<String>,
    /// Levels of other matches in the same piece.
    pub other_levels: BTreeSet<Level>,
}

/// Candidates of one rule with the same letters in the same kind of place.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// The first few of them; more would say nothing new.
    pub members: Vec<Candidate>,
    /// How often the rule met those letters there.
    pub count: u64,
    /// Different pages it stands on, counted up to a few.
    pub pages: BTreeSet<u32>,
}

/// What is kept of a document beside its candidates.
#[derive(Debug, Default)]
pub struct Outline {
    /// Its first visible lines, 200 characters at most each.
    pub head: Vec<String>,
    /// Sensitivity labels by name: `MSIP_Label_…_Enabled`, its value.
    pub labels: HashMap<String, String>,
}

/// Key of a [`Group`].
pub(super) type GroupKey = (Option<usize>, String, Kind);
