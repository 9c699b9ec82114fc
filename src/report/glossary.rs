//! What rules and reasons are called in both languages, for reports that stand alone.

use std::collections::BTreeMap;

use crate::model::Level;
use crate::text::{Lang, codes};

/// A text in both languages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Both {
    /// English.
    pub en: String,
    /// Vietnamese.
    pub vi: String,
}

impl Both {
    /// The text in a language.
    #[must_use]
    pub fn get(&self, lang: Lang) -> &str {
        lang.pick(&self.en, &self.vi)
    }
}

/// A rule, as far as reports tell of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleWords {
    /// Title.
    pub title: Both,
    /// Its level, unless each match tells.
    pub level: Option<Level>,
    /// Laws, standards, registers.
    pub references: Vec<String>,
}

/// See the module's head.
#[derive(Debug, Clone, Default)]
pub struct Glossary {
    /// Rules by id.
    pub rules: BTreeMap<String, RuleWords>,
    /// Evidence of packs by code.
    pub evidence: BTreeMap<String, Both>,
}

impl Glossary {
    /// What a reason means; its code where nobody knows.
    #[must_use]
    pub fn reason(&self, code: &str, lang: Lang) -> String {
        match self.evidence.get(code) {
            Some(both) => both.get(lang).to_owned(),
            None => codes::reason(code, lang).unwrap_or_else(|| code.to_owned()),
        }
    }

    /// A rule's title; what the record says where the rule is not known.
    #[must_use]
    pub fn title<'a>(&'a self, rule: &str, told: &'a str, lang: Lang) -> &'a str {
        self.rules.get(rule).map_or(told, |words| words.title.get(lang))
    }
}
