//! The pack format as `serde` sees it. Unknown keys are errors, so that a typing mistake never switches a rule off.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::Level;
use crate::text::Lang;

/// One TOML file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// Who and what.
    pub pack: PackHead,
    /// Laws under which papers were marked, the one in force first.
    #[serde(default)]
    pub basis: Vec<Basis>,
    /// What is looked for.
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
    /// What makes a match more or less credible.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
    /// Words that several rules name, one list a name.
    #[serde(default, rename = "table")]
    pub tables: BTreeMap<String, Vec<String>>,
}

/// Who speaks in the pack.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackHead {
    /// Short lower-case id; every rule id begins with it.
    pub id: String,
    /// Version of the pack's format; 1.
    pub format: u32,
    /// Version of its content.
    pub version: String,
    /// Title.
    pub title: Title,
    /// Authority whose markings these are, in words.
    #[serde(default)]
    pub authority: String,
    /// Whether it is used unless the user names packs: verified against its sources, and not for companies.
    #[serde(default = "yes")]
    pub default: bool,
    /// Sources: laws, registers, standards.
    #[serde(default)]
    pub references: Vec<String>,
    /// Licence of the pack.
    #[serde(default)]
    pub license: String,
}

/// A law under which papers were marked. Reports cite the one the user chose; what is found is the same.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    /// Short id, such as the year it came into force.
    pub id: String,
    /// When it was in force, and what it is called.
    pub title: Title,
    /// Its parts.
    #[serde(default)]
    pub references: Vec<String>,
}

fn yes() -> bool {
    true
}

/// A text in the languages of the program.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Title {
    /// English.
    pub en: String,
    /// Vietnamese; English is shown where it is missing.
    #[serde(default)]
    pub vi: Option<String>,
}

impl Title {
    /// The text in Vietnamese if that is wanted and there, else in English.
    #[must_use]
    pub fn get(&self, lang: Lang) -> &str {
        lang.pick(None, self.vi.as_deref()).unwrap_or(&self.en)
    }
}

/// What a rule says of a document when it fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleKind {
    /// The document bears a marking.
    #[default]
    Marking,
    /// One line of a block; a finding only together with others of the same block (see [`Rule::block`]).
    Part,
    /// The document was declassified; takes the certainty from its markings.
    Cancel,
    /// A word of texts about markings; no finding by itself. Three levels, twice each, make the document a `manual`.
    Mention,
    /// The user's own keyword.
    Keyword,
}

/// Which letters a match may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Case {
    /// All capitals, in the text or by its look.
    #[default]
    Capitals,
    /// Any.
    Any,
    /// Not all capitals.
    Mixed,
}

/// What kinds of text a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Everything a person may read, hidden or not; string values in scripts.
    Text,
    /// Names of files, folders and members.
    Name,
    /// Machine-readable labels and document properties.
    Label,
}

/// How a match stands in its piece of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Shape {
    /// The piece is the marking, decoration aside.
    Alone,
    /// Alone but for a page number, copy number or date beside it.
    Companion,
    /// After a field label such as `Classification:`.
    Labelled,
    /// At the beginning or end of a header, footer, watermark, text box or stamp.
    Edge,
    /// First thing of a longer piece (portion marks).
    Prefix,
    /// Anywhere in a longer piece.
    Within,
}

/// Points a match starts with, by shape. A shape without points is no match.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Points {
    /// See [`Shape::Alone`]; [`Shape::Companion`] gets 5 less.
    pub alone: Option<i32>,
    /// See [`Shape::Labelled`].
    pub labelled: Option<i32>,
    /// See [`Shape::Edge`].
    pub edge: Option<i32>,
    /// See [`Shape::Prefix`].
    pub prefix: Option<i32>,
    /// See [`Shape::Within`]; never more than [`Rule::within_ceiling`] in the end.
    pub within: Option<i32>,
}

impl Points {
    /// Points of a shape.
    #[must_use]
    pub fn of(&self, shape: Shape) -> Option<i32> {
        match shape {
            Shape::Alone => self.alone,
            Shape::Companion => self.alone.map(|points| points - 5),
            Shape::Labelled => self.labelled.or(self.alone),
            Shape::Edge => self.edge,
            Shape::Prefix => self.prefix,
            Shape::Within => self.within,
        }
    }
}

/// The level of a match read off a named group of its pattern.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelFrom {
    /// Named group.
    pub group: String,
    /// Folded capitals of the group to a level.
    pub map: BTreeMap<String, Level>,
}

/// A condition on the tokens of a banner: one of them must stand in a table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Controls {
    /// Named group that holds the tokens, separated by slashes and commas.
    pub group: String,
    /// Table of the pack.
    pub table: String,
}

/// How many lines of a block must stand together.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lines {
    /// Different parts needed.
    pub parts: usize,
    /// Lines before and after in which they must stand; 8 at most.
    pub lines: usize,
}

/// Marks too short to count alone: so many of them in a document, or a banner or block of the same pack.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rollup {
    /// Marks of this rule and its parts at the beginning of a paragraph.
    pub count: u64,
    /// Different ones among them.
    pub values: usize,
}

/// A text a rule must find or must leave alone.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Example {
    /// A plain text; `⏎` is a line break, `|` stays what it is.
    Text(String),
    /// A text with what is expected of it.
    Full {
        /// The text.
        text: String,
        /// Level it must be found with.
        level: Option<Level>,
        /// Kind of place it stands in: `body` (default), `header`, `name`, `property`, `label`.
        #[serde(default)]
        place: Option<crate::model::Kind>,
        /// Name of the place, such as a property's.
        #[serde(default)]
        name: Option<String>,
    },
}

impl Example {
    /// The text itself.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Example::Text(text) | Example::Full { text, .. } => text,
        }
    }
}

/// One thing that is looked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Id, `pack.group.name`.
    pub id: String,
    /// Title.
    pub title: Title,
    /// What it says when it fires.
    #[serde(default)]
    pub kind: RuleKind,
    /// Its level, unless `level_from` tells.
    pub level: Option<Level>,
    /// Its level by a group of the pattern.
    pub level_from: Option<LevelFrom>,
    /// Words to find; blanks and hyphens in them match any blank, hyphen or none.
    #[serde(default)]
    pub terms: Vec<String>,
    /// Regular expressions on the folded piece without its decoration.
    #[serde(default)]
    pub patterns: Vec<String>,
    /// Letters that must stand in every match, for the prefilter; the terms where none are given.
    #[serde(default)]
    pub anchors: Vec<String>,
    /// No letter follows an anchor in a match, blanks aside: lets the prefilter pass over most mentions of a common word.
    #[serde(default)]
    pub closes: bool,
    /// Which letters a match may have.
    #[serde(default)]
    pub case: Case,
    /// What texts it looks at; `text` and `label` where none are given.
    #[serde(default = "default_scope")]
    pub scope: Vec<Scope>,
    /// Look at letters without accents, in capitals.
    #[serde(default)]
    pub unaccented: bool,
    /// For `unaccented`: what the match must be where it is written with accents, as a regular expression.
    pub accented: Option<String>,
    /// Also find it in legacy Vietnamese charsets.
    #[serde(default)]
    pub legacy: bool,
    /// It goes with a level and names none: `BẢN SAO SỐ` beside `MẬT` is no list of two levels.
    #[serde(default)]
    pub companion: bool,
    /// Marks of short words whose slips of the keyboard are looked for in the whole of them; `…` at the end: the mark goes on.
    #[serde(default)]
    pub slips: Vec<String>,
    /// It is for marks that are damaged already: `rules test --mutate` does not damage them once more.
    #[serde(default)]
    pub damaged: bool,
    /// Also find it broken over two lines or cells, as terms are: `Độ mật` and `Tối mật` in two cells.
    #[serde(default)]
    pub joins: bool,
    /// Name of the property or header that a match must stand in, as a regular expression.
    pub property: Option<String>,
    /// A token that must be known.
    pub controls: Option<Controls>,
    /// Marks that a grammar reads instead of patterns.
    pub grammar: Option<super::banner::Grammar>,
    /// Counts only in company.
    pub rollup: Option<Rollup>,
    /// Points to start with.
    #[serde(default)]
    pub points: Points,
    /// Highest confidence.
    #[serde(default = "hundred")]
    pub ceiling: i32,
    /// Highest confidence of a match within a longer text.
    #[serde(default = "within_ceiling")]
    pub within_ceiling: i32,
    /// For a part: the rule that it is part of. For a rule with parts: how many.
    pub part_of: Option<String>,
    /// How many parts make the block.
    pub block: Option<Lines>,
    /// Texts it must find.
    #[serde(default)]
    pub examples: Vec<Example>,
    /// Texts that no rule of the pack may find at medium or above.
    #[serde(default)]
    pub counter_examples: Vec<Example>,
    /// Sources.
    #[serde(default)]
    pub references: Vec<String>,
    /// Further sources, by the law they belong to (see [`Basis`]).
    #[serde(default)]
    pub basis: BTreeMap<String, Vec<String>>,
    /// Whether a source confirms it; unverified rules are off unless the pack is named.
    #[serde(default = "yes")]
    pub verified: bool,
}

fn default_scope() -> Vec<Scope> {
    vec![Scope::Text, Scope::Label]
}

fn hundred() -> i32 {
    100
}

/// A mention is never more than "the words occur" (domain page, rule VN-NHAC).
fn within_ceiling() -> i32 {
    40
}

/// Where evidence is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Where {
    /// The first lines of the document and the lines around the match.
    Page,
    /// The lines around the match.
    Near,
    /// The rest of the piece before the match.
    Before,
    /// The piece before the match and the one after it, a line, cell or column.
    Adjacent,
    /// The piece before the match.
    Previous,
    /// The rest of the piece after the match.
    After,
    /// The whole piece.
    Piece,
}

/// Something that makes matches of its pack more or less credible.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Name shown as a reason.
    pub code: String,
    /// Title.
    pub title: Title,
    /// Points of the first hit.
    pub points: i32,
    /// Points of each further pattern that hits.
    #[serde(default)]
    pub more: i32,
    /// Where it is looked for.
    #[serde(rename = "where")]
    pub place: Where,
    /// Regular expressions on unaccented capitals, line by line.
    #[serde(default)]
    pub patterns: Vec<String>,
    /// Letters in unaccented capitals without blanks or signs, found wherever lines break.
    #[serde(default)]
    pub glued: Vec<String>,
    /// Whether it also speaks for other packs.
    #[serde(default)]
    pub all_packs: bool,
    /// Highest confidence of a match that has this evidence.
    pub ceiling: Option<i32>,
    /// Ids of the rules it speaks to; all of its pack where none are given.
    #[serde(default)]
    pub rules: Vec<String>,
    /// Codes of what speaks against a match and is settled by this evidence.
    #[serde(default)]
    pub settles: Vec<String>,
}
