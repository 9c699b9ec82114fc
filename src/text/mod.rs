//! Everything the program says, in Vietnamese and in English.
//!
//! Texts that the program picks by name stand in [`words`]: the compiler sees to it that each has both. Texts for codes
//! of records (reasons, places, gaps) stand in [`codes`]; help of the command line, which `clap` keeps in English in
//! doc comments, has its Vietnamese in [`help`], what is wrong with rules and lists in [`rules`]. Tests hold that no code and no argument lacks one.

pub mod codes;
pub mod details;
pub mod help;
pub mod rules;
pub mod words;

pub use words::Word;

use serde::{Deserialize, Serialize};

/// A language of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Vietnamese.
    Vi,
    /// English.
    #[default]
    En,
}

impl Lang {
    /// The tag of BCP 47.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Lang::Vi => "vi",
            Lang::En => "en",
        }
    }

    /// The language of that tag or locale name: `vi`, `vi_VN.UTF-8`, `en-US`.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Lang> {
        let primary = tag.split(['_', '-', '.', '@']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "vi" => Some(Lang::Vi),
            "en" => Some(Lang::En),
            _ => None,
        }
    }

    /// The language of the locale: the first of `LC_ALL`, `LC_MESSAGES`, `LANG` that is set decides, as POSIX says.
    #[must_use]
    pub fn of_locale() -> Lang {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        set.and_then(|locale| Lang::from_tag(&locale)).unwrap_or_default()
    }

    /// One of two texts.
    #[must_use]
    pub fn pick<T>(self, en: T, vi: T) -> T {
        match self {
            Lang::Vi => vi,
            Lang::En => en,
        }
    }

    /// A number with the language's signs: `1,234,567` and `1.234.567`.
    #[must_use]
    pub fn number(self, number: u64) -> String {
        let digits = number.to_string();
        let mut out = String::with_capacity(digits.len() + digits.len() / 3);
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                out.push(self.pick(',', '.'));
            }
            out.push(digit);
        }
        out
    }

    /// A time stamp of RFC 3339 as people write it: `22/11/2026 08:15` and `2026-11-22 08:15`; UTC is said.
    #[must_use]
    pub fn time(self, stamp: &str) -> String {
        let (Some(date), Some(time)) = (stamp.get(..10), stamp.get(11..16)) else { return stamp.to_owned() };
        let zone = if stamp.ends_with('Z') { " UTC" } else { "" };
        format!("{} {time}{zone}", self.date(date))
    }

    /// A date of ISO 8601 as people write it.
    #[must_use]
    pub fn date(self, date: &str) -> String {
        let mut parts = date.splitn(3, '-');
        match (self, parts.next(), parts.next(), parts.next()) {
            (Lang::Vi, Some(year), Some(month), Some(day)) => format!("{day}/{month}/{year}"),
            _ => date.to_owned(),
        }
    }
}

/// Fills the places `{}` of a text, in order.
#[must_use]
pub fn fill(text: &str, values: &[&dyn std::fmt::Display]) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len() + 16 * values.len());
    let mut values = values.iter();
    let mut pieces = text.split("{}");
    out.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        if let Some(value) = values.next() {
            // Writing to a String cannot fail.
            let _ = write!(out, "{value}");
        }
        out.push_str(piece);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales() {
        assert_eq!(Lang::from_tag("vi_VN.UTF-8"), Some(Lang::Vi));
        assert_eq!(Lang::from_tag("VI"), Some(Lang::Vi));
        assert_eq!(Lang::from_tag("en-US"), Some(Lang::En));
        assert_eq!(Lang::from_tag("C.UTF-8"), None);
        assert_eq!(Lang::from_tag("vim"), None);
    }

    #[test]
    fn numbers_dates_and_filling() {
        assert_eq!(Lang::Vi.number(1_234_567), "1.234.567");
        assert_eq!(Lang::En.number(100), "100");
        assert_eq!(Lang::Vi.time("2026-11-22T01:02:03.5Z"), "22/11/2026 01:02 UTC");
        assert_eq!(Lang::En.time("soon"), "soon");
        assert_eq!(fill("{} of {}", &[&1, &"two"]), "1 of two");
    }
}
