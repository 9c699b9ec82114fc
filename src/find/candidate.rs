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
    /// The mark is damaged, and was repaired.
    Damaged(crate::rules::Damage),
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
    /// It stands in the name of a file: this one's, or one that a link leads to.
    pub in_name: bool,
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
    /// How many of them, the nearest ones, stand in the same kind of place: within or outside headers, footers and watermarks.
    pub peers: (usize, usize),
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
    /// Labels known by number only, in the order met.
    pub label_numbers: Vec<LabelNumber>,
}

/// A label of a document's metadata that has a number and perhaps no name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelNumber {
    /// Its GUID, small letters, without braces.
    pub guid: String,
    /// Its own program says that it is disabled or removed.
    pub off: bool,
    /// Name of the property or attribute that told the number.
    pub place: OwnedPlace,
}

impl Outline {
    /// Takes what a label property says of a label's number and state: `MSIP_Label_<guid>_Enabled`, and `id`, `enabled`
    /// and `removed` of `LabelInfo.xml`, whose first attribute is the number.
    pub(super) fn label(&mut self, name: &str, value: &str, place: &OwnedPlace) {
        const MOST: usize = 64;
        let off = |wanted: bool| {
            let is = value.trim().eq_ignore_ascii_case("true") || value.trim() == "1";
            let is_not = value.trim().eq_ignore_ascii_case("false") || value.trim() == "0";
            if wanted { is_not } else { is }
        };
        let msip = name.strip_prefix("MSIP_Label_").and_then(|rest| rest.split_once('_'));
        let (guid, property) = match msip {
            Some((guid, property)) => (crate::rules::bare_guid(guid), property),
            None if name == "id" && value.trim().len() >= 32 => (crate::rules::bare_guid(value), ""),
            None => {
                if let Some(last) = self.label_numbers.last_mut() {
                    last.off |= name == "removed" && off(false) || name == "enabled" && off(true);
                }
                return;
            }
        };
        if !self.label_numbers.iter().any(|label| label.guid == guid) && self.label_numbers.len() < MOST {
            self.label_numbers.push(LabelNumber { guid: guid.clone(), off: false, place: place.clone() });
        }
        if property == "Enabled" && off(true) {
            self.label_numbers
                .iter_mut()
                .filter(|label| label.guid == guid)
                .for_each(|label| label.off = true);
        }
    }
}

/// Key of a [`Group`].
pub(super) type GroupKey = (Option<usize>, String, Kind);
