//! Banner lines and portion marks: the grammar of the CAPCO register and of the CUI registry.
//!
//! In: a folded piece of text. Out: what is marked, where in the piece, and in what the mark departs from its grammar.
//! Left out: whether the document bears it.
//!
//! A line is cut at its slashes, and each part is looked up in sorted tables (`rules/tables`). That is all the grammar
//! there is: it is regular once the slashes are gone. A malformed banner is still a leak, so everything that can be
//! read is found, and what is wrong with it is told beside it.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use crate::model::Level;

/// Which marks a rule asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grammar {
    /// United States banner with `//` where it belongs and a control that is known.
    Banner,
    /// The same with wrong or missing delimiters, in another order, in small letters, or with unknown controls only.
    BannerLoose,
    /// The same with a misspelt level.
    BannerTypo,
    /// Banner that begins with `//`: joint and foreign information.
    Foreign,
    /// The same in small letters.
    ForeignLoose,
    /// Banner that begins with `//` and a NATO level.
    Nato,
    /// The same in small letters.
    NatoLoose,
    /// United States or foreign portion mark with controls, in brackets at the beginning of a paragraph.
    Portion,
    /// NATO portion mark.
    NatoPortion,
    /// CUI banner with categories or controls.
    Cui,
    /// CUI portion mark.
    CuiPortion,
}

/// A mark that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Bytes of the piece.
    pub range: Range<usize>,
    /// What is marked.
    pub level: Level,
    /// What is wrong with its form, as codes of reasons; `form-ok` where nothing is.
    pub notes: Vec<&'static str>,
}

/// A table of terms, sorted, one a line; `#` begins a comment.
struct Table(Vec<&'static str>);

impl Table {
    fn new(text: &'static str) -> Table {
        let mut terms: Vec<&str> =
            text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        terms.sort_unstable();
        Table(terms)
    }

    fn has(&self, term: &str) -> bool {
        self.0.binary_search(&term).is_ok()
    }

    /// The longest term that `text` begins with, ended by anything but a letter or digit.
    fn prefix(&self, text: &str) -> Option<&'static str> {
        let fits = |term: &&&str| {
            text.strip_prefix(**term)
                .is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_alphanumeric()))
        };
        self.0.iter().filter(fits).max_by_key(|term| term.len()).copied()
    }
}

macro_rules! table {
    ($name:ident, $file:literal) => {
        static $name: LazyLock<Table> =
            LazyLock::new(|| Table::new(include_str!(concat!("../../rules/tables/", $file))));
    };
}
table!(SCI, "us-sci.txt");
table!(AEA, "us-aea.txt");
table!(FOREIGN, "us-foreign.txt");
table!(DISSEM, "us-dissem.txt");
table!(NON_IC, "us-nonic.txt");
table!(COUNTRIES, "country3.txt");
table!(CUI_BASIC, "cui-basic.txt");
table!(CUI_SPECIFIED, "cui-specified.txt");
table!(CUI_DISSEM, "cui-dissem.txt");

/// Place of a control in the order of the register: SCI, SAP and AEA, foreign, dissemination, other.
fn rank(item: &str) -> Option<usize> {
    let tables: [&LazyLock<Table>; 5] = [&SCI, &AEA, &FOREIGN, &DISSEM, &NON_IC];
    let place = tables.iter().position(|table| table.prefix(item).is_some());
    // `USA/CAN/GBR EYES ONLY`
    place.or_else(|| (item.ends_with("EYES ONLY") || COUNTRIES.has(item)).then_some(3))
}

/// Declassification in a banner, as it stood there until 2003: `25X1`, `50X1-HUM`, `20351231`, `MR`, `X1`.
#[expect(clippy::expect_used, reason = "a constant pattern that a test compiles")]
static DECLASS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:(?:25|50)X\d?(?:-[A-Z ]*)?|75X|X[1-8]|MR|(?:19|20)\d{6})$").expect("constant pattern")
});

/// A level spelled out, or misspelt a little.
const LEVELS: [(&str, Level); 4] = [
    ("TOP SECRET", Level::TopSecret),
    ("SECRET", Level::Secret),
    ("CONFIDENTIAL", Level::Confidential),
    ("UNCLASSIFIED", Level::Restricted),
];

/// A level as portions write it. `R` is foreign.
fn short_level(word: &str) -> Option<Level> {
    Some(match word {
        "TS" => Level::TopSecret,
        "S" => Level::Secret,
        "C" => Level::Confidential,
        "U" | "R" => Level::Restricted,
        _ => return None,
    })
}

fn long_level(words: &str) -> Option<Level> {
    LEVELS.iter().find(|(name, _)| *name == words).map(|(_, level)| *level)
}

/// A level with one wrong, missing, additional or exchanged letter; two in the long words.
fn misspelt_level(words: &str) -> Option<Level> {
    // Somebody replaced SI by COMINT everywhere, and it is part of UNCLASSIFIED.
    let repaired = words.replace("COMINT", "SI");
    LEVELS.iter().find_map(|(name, level)| {
        let bound = if name.len() > 8 { 2 } else { 1 };
        (distance(&repaired, name, bound) <= bound).then_some(*level)
    })
}

/// Damerau's distance (optimal string alignment), or something above `bound`.
fn distance(one: &str, other: &str, bound: usize) -> usize {
    let (a, b) = (one.as_bytes(), other.as_bytes());
    if a.len().abs_diff(b.len()) > bound {
        return bound + 1;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX / 2);
            let mut cost = at(&above, j) + usize::from(x != y);
            cost = cost.min(at(&above, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                cost = cost.min(at(&before, j - 1) + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or(bound + 1)
}

/// Who speaks at the head of a banner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Head {
    Us,
    Foreign,
    Nato,
}

/// What follows UNCLASSIFIED where a paper is for everybody.
fn is_release(control: &str) -> bool {
    let control = control.trim_end_matches(['.', ' ']);
    matches!(control, "UNLIMITED" | "DISTRIBUTION A" | "DISTRIBUTION STATEMENT A" | "PUBLIC")
        || control.ends_with("PUBLIC RELEASE")
        || control.starts_with("APPROVED FOR RELEASE")
}

/// A level with its owner, without slashes: `DEU SECRET`, `JOINT S GBR USA`, `NATO SECRET`, `CTS`.
fn foreign_level(words: &str) -> Option<(Head, Level)> {
    let nato = match words {
        "CTS" | "CTSA" | "CTS-A" | "CTS-B" | "CTS-BALK" | "NATO TS" | "NATO TOP SECRET" => {
            Some(Level::TopSecret)
        }
        "NS" | "NSAT" | "NATO S" => Some(Level::Secret),
        "NC" | "NCA" | "NATO C" => Some(Level::Confidential),
        "NR" | "NATO R" | "NATO RESTRICTED" => Some(Level::Restricted),
        _ if words.starts_with("COSMIC TOP SECRET") => Some(Level::TopSecret),
        _ => None,
    };
    if let Some(level) = nato {
        return Some((Head::Nato, level));
    }
    // N, the letter of an activity, a level: `NIS`.
    if let [b'N', b'A'..=b'Z', last @ (b'S' | b'C' | b'R')] = words.as_bytes() {
        let level = match last {
            b'S' => Level::Secret,
            b'C' => Level::Confidential,
            _ => Level::Restricted,
        };
        return Some((Head::Nato, level));
    }
    let level_of = |text: &str| match text {
        "RESTRICTED" => Some(Level::Restricted),
        _ => long_level(text).or_else(|| short_level(text)),
    };
    let words: Vec<&str> = words.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    let is_owner = |word: &&str| *word == "FGI" || COUNTRIES.has(word);
    if let Some((&"JOINT", rest)) = words.split_first() {
        let level_words = rest.iter().take_while(|word| !is_owner(word)).count();
        let level = level_of(&rest.get(..level_words)?.join(" "))?;
        return rest.get(level_words..)?.iter().all(is_owner).then_some((Head::Foreign, level));
    }
    let owners = words.iter().take_while(|word| is_owner(word)).count();
    let rest = words.get(owners..)?;
    let level = level_of(&rest.join(" "))?;
    let head = if words.first() == Some(&"NATO") { Head::Nato } else { Head::Foreign };
    (owners > 0).then_some((head, level))
}

/// A part between slashes.
struct Part<'t> {
    text: &'t str,
    /// Slashes before it.
    slashes: usize,
    /// Blanks stand among them.
    loose: bool,
}

/// Cuts at runs of slashes, blanks among them included.
fn parts(text: &str) -> Vec<Part<'_>> {
    let is_slash = |letter: char| matches!(letter, '/' | '\\');
    let mut out = Vec::new();
    let (mut slashes, mut loose) = (0, false);
    let mut rest = text;
    loop {
        let trimmed = rest.trim_start();
        if let Some(after) = trimmed.strip_prefix(is_slash) {
            loose |= trimmed.len() != rest.len();
            slashes += 1;
            rest = after;
            continue;
        }
        loose |= slashes > 0 && trimmed.len() != rest.len();
        if trimmed.is_empty() {
            return out;
        }
        let end = trimmed.find(is_slash).unwrap_or(trimmed.len());
        let part = trimmed.get(..end).unwrap_or_default();
        out.push(Part { text: part.trim_end(), slashes, loose });
        (slashes, loose) = (0, false);
        rest = trimmed.get(part.trim_end().len()..).unwrap_or_default();
    }
}

/// What a line was read as, before it is asked whether a rule wants it.
struct Line {
    head: Head,
    level: Level,
    /// No slash is missing or wrong, the level comes first, a control is known.
    strict: bool,
    typo: bool,
    notes: Vec<&'static str>,
}

/// Reads a whole line of capitals as a banner.
fn line(text: &str, in_brackets: bool) -> Option<Line> {
    let parts = parts(text);
    let first = parts.first()?;
    let leading = first.slashes > 0;
    let level_at = |part: &Part<'_>| long_level(part.text).map(|level| (Head::Us, level));
    let short = |index: usize, part: &Part<'_>| {
        let delimited = parts.get(1).is_some_and(|next| next.slashes >= 2 && rank(next.text).is_some());
        (index == 0 && !leading && (delimited || in_brackets))
            .then(|| short_level(part.text).map(|level| (Head::Us, level)))
            .flatten()
    };
    let mut heads: Vec<(usize, Head, Level)> = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let read = level_at(part).or_else(|| short(index, part)).or_else(|| foreign_level(part.text));
        heads.extend(read.map(|(head, level)| (index, head, level)));
    }
    let levels: Vec<Level> = parts.iter().filter_map(|part| long_level(part.text)).collect();
    if levels.windows(2).any(|pair| pair.first() != pair.last()) {
        // A choice of levels.
        return None;
    }
    let at_head = heads.first().map(|head| head.0);
    let controls: Vec<usize> = (0..parts.len()).filter(|index| Some(*index) != at_head).collect();
    let known = |index: &usize| {
        parts.get(*index).is_some_and(|part| {
            rank(part.text).is_some() || DECLASS.is_match(part.text) || foreign_level(part.text).is_some()
        })
    };
    let any_known = controls.iter().any(known);
    // `//DEU S` alone, not `// JOINT S` nor a comment such as `//NC`: several words, and one letter of level only behind
    // clean slashes or two owners.
    let owned = |part: &Part<'_>| {
        let words: Vec<&str> = part.text.split(' ').collect();
        let one_letter = words.last().is_some_and(|word| word.len() == 1);
        let clean = !part.loose && part.slashes == 2;
        words.len() > 1 && part.text != "JOINT S" && (clean || !one_letter || words.len() > 2)
            || part.text.len() > 8
    };
    let mut notes = Vec::new();
    if let Some((at, head, level)) = heads.first().copied() {
        let follows = parts.get(at + 1);
        let well_cut = parts.iter().skip(1).all(|part| !part.loose && part.slashes <= 2)
            && follows.is_none_or(|next| next.slashes == 2);
        let foreign = head != Head::Us;
        // A short foreign level such as `DEU C` needs its slashes, or controls behind it.
        let enough = match (foreign, leading) {
            (true, true) => any_known || in_brackets && head == Head::Nato || owned(first),
            (true, false) => any_known || in_brackets && head == Head::Nato && parts.len() == 1,
            (false, _) => {
                !controls.is_empty() && (any_known || follows.is_some_and(|next| next.slashes >= 2))
            }
        };
        // A single slash stands in names of things and of folders; then the control must say something.
        let single = follows.is_some_and(|next| next.slashes == 1 && !next.loose);
        let telling = controls.iter().filter(|index| known(index)).any(|index| {
            parts
                .get(*index)
                .is_some_and(|part| part.text.len() >= 3 || matches!(part.text, "SI" | "TK" | "NF" | "OC"))
        });
        let open = |index: &usize| parts.get(*index).is_some_and(|part| is_release(part.text));
        // `UNCLASSIFIED//APPROVED FOR PUBLIC RELEASE`; NATO UNCLASSIFIED, however it is cut.
        let owner = |index: &usize| parts.get(*index).is_some_and(|part| COUNTRIES.has(part.text));
        let released = controls.iter().all(open) || at > 0 && controls.iter().all(owner);
        if head == Head::Us && level == Level::Restricted && released {
            return None;
        }
        if !enough || single && !foreign && !telling {
            return if in_brackets { None } else { misspelt(text, &parts, leading, false) };
        }
        if !well_cut {
            notes.push("form-delimiter");
        }
        if at > 0 || foreign && !leading && !in_brackets {
            notes.push("form-order");
        }
        if !controls.iter().all(known) {
            notes.push("form-unknown");
        }
        let strict = well_cut && at == 0 && (any_known || foreign && leading);
        conformance(&parts, &controls, level, head, in_brackets, &mut notes);
        return Some(Line { head, level, strict, typo: false, notes });
    }
    if in_brackets {
        return None;
    }
    misspelt(text, &parts, leading, any_known)
}

/// A line without a level that is spelled right.
fn misspelt(text: &str, parts: &[Part<'_>], leading: bool, any_known: bool) -> Option<Line> {
    // No slash behind the level: `SECRET NOFORN`, `TOP SECRET SI//NOFORN`, `DEU C REL TO USA, CAN`.
    if let Some((head, level)) = without_delimiter(text, leading) {
        return Some(Line { head, level, strict: false, typo: false, notes: vec!["form-delimiter"] });
    }
    if parts.len() < 2 && !leading {
        return None;
    }
    // `TOP SECRET ANB/SI/TK//NOFORN`: the first slash is missing, and what follows is not in the tables.
    if let Some(part) = parts.first()
        && parts.iter().any(|part| part.slashes >= 2 && part.text.len() >= 4 && rank(part.text).is_some())
        && let Some((_, level)) = LEVELS.iter().find(|(name, _)| {
            part.text
                .strip_prefix(name)
                .is_some_and(|rest| rest.starts_with(' ') && rest.split(' ').count() <= 3)
        })
    {
        let notes = vec!["form-delimiter", "form-unknown"];
        return Some(Line { head: Head::Us, level: *level, strict: false, typo: false, notes });
    }
    let misspelt = |part: &Part<'_>| misspelt_level(part.text);
    if any_known && let Some(level) = parts.iter().find_map(misspelt) {
        return Some(Line { head: Head::Us, level, strict: false, typo: true, notes: vec!["form-typo"] });
    }
    // A misspelt control behind a level, or a slash within a word: without signs a level is followed by a control.
    let glued: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let glued = glued.replace("COMINT", "SI");
    let all = [&SCI, &AEA, &FOREIGN, &DISSEM, &NON_IC];
    let begins = |rest: &str| {
        all.iter().flat_map(|table| &table.0).any(|term| {
            let term: String = term.chars().filter(char::is_ascii_alphanumeric).collect();
            // A short word glued to a level must be all that is there.
            if term.len() >= 4 {
                rest.starts_with(&term)
            } else {
                rest == term || text.contains("//") && rest.starts_with(&term)
            }
        })
    };
    for (name, level) in LEVELS {
        let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        for length in [name.len(), name.len() - 1, name.len() + 1] {
            let (Some(front), Some(rest)) = (glued.get(..length), glued.get(length..)) else { continue };
            if distance(front, &name, 1) <= 1 && begins(rest) {
                return Some(Line {
                    head: Head::Us,
                    level,
                    strict: false,
                    typo: true,
                    notes: vec!["form-typo"],
                });
            }
        }
    }
    if !leading {
        return None;
    }
    // `//JOINT S GBR UA`, `//FSGI TS`: an owner that nobody knows before a level, and something known behind it.
    let first = parts.first()?;
    let words: Vec<&str> = first.text.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    let joint = words.first().is_some_and(|word| distance(word, "JOINT", 1) <= 1);
    let top = words
        .windows(2)
        .any(|pair| matches!(pair, ["TOP", word] if misspelt_level(word) == Some(Level::Secret)));
    let level = words.iter().skip(1).rev().find_map(|word| {
        let level = short_level(word).filter(|_| word.len() > 1 || any_known || joint);
        level.or_else(|| long_level(word)).or_else(|| misspelt_level(word))
    });
    let level = level.map(|level| if top { Level::TopSecret } else { level });
    let short_words = words.iter().all(|word| word.len() <= 14);
    let level = level.filter(|_| short_words && (any_known || joint && parts.len() > 1))?;
    Some(Line { head: Head::Foreign, level, strict: false, typo: true, notes: vec!["form-typo"] })
}

/// A level that is followed by known controls to the end of the line, without a slash between.
fn without_delimiter(text: &str, leading: bool) -> Option<(Head, Level)> {
    let text = text.trim_start_matches(['/', ' ']);
    for (name, level) in LEVELS {
        let Some(rest) = text.strip_prefix(name) else { continue };
        if rest.starts_with([' ', '-', ',', ';', ':', '.']) && only_controls(rest) {
            return Some((Head::Us, level));
        }
    }
    // The level ends where a control begins that reaches to the end.
    let words: Vec<&str> = text.split(' ').collect();
    for cut in 1..words.len().min(8) {
        let head = words.get(..cut)?.join(" ");
        let rest = words.get(cut..)?.join(" ");
        if let Some((head, level)) = foreign_level(&head)
            && only_controls(&rest)
            && (leading || head == Head::Nato || rest.contains("REL TO") || rest.contains("NOFORN"))
        {
            return Some((head, level));
        }
    }
    None
}

/// Whether a text is known controls and their arguments and nothing else, and one of them cannot be an ordinary word.
fn only_controls(text: &str) -> bool {
    let mut rest = text;
    let (mut telling, mut count) = (false, 0);
    loop {
        rest = rest.trim_start_matches([' ', '/', '-', ',', ';', ':', '.', '\\']);
        if rest.is_empty() {
            return telling && count > 0;
        }
        let tables = [&SCI, &AEA, &FOREIGN, &DISSEM, &NON_IC];
        let term = tables.iter().filter_map(|table| table.prefix(rest)).max_by_key(|term| term.len());
        if let Some(term) = term {
            let ordinary = matches!(
                term,
                "PR" | "OC"
                    | "DS"
                    | "ND"
                    | "RS"
                    | "EL"
                    | "XD"
                    | "EYES"
                    | "NATO"
                    | "RESERVE"
                    | "GAMMA"
                    | "MARVEL"
                    | "REL"
                    | "WAIVED"
                    | "SPOKE"
                    | "MORAY"
                    | "PII"
                    | "SAP"
                    | "BUR"
                    | "KLM"
                    | "DL"
                    | "AC"
            );
            telling |= !ordinary;
            count += 1;
            rest = rest.get(term.len()..).unwrap_or_default();
            continue;
        }
        // An argument: a country, a number, a compartment or a nickname behind a control.
        let end = rest.find([' ', '/', ',', '-']).unwrap_or(rest.len());
        let word = rest.get(..end).unwrap_or_default();
        let argument = COUNTRIES.has(word)
            || word == "USA"
            || word.len() <= 4 && count > 0
            || word.bytes().all(|byte| byte.is_ascii_digit());
        let nickname =
            count > 0 && (text.contains("SAR-") || text.contains("REQUIRED-") || text.contains("HCS-P"));
        let capitals = word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if !capitals || !(argument || nickname) {
            return false;
        }
        rest = rest.get(end..).unwrap_or_default();
    }
}

/// Whether the part behind the level is a known control or list of them, to its end.
fn control_follows(text: &str) -> bool {
    let tables = [&SCI, &AEA, &FOREIGN, &DISSEM, &NON_IC];
    let parts = parts(text);
    let is_level = |part: &Part<'_>| long_level(part.text).is_some() || foreign_level(part.text).is_some();
    let whole = |part: &Part<'_>| tables.iter().any(|table| table.has(part.text)) || only_controls(part.text);
    let known = |part: &Part<'_>| whole(part) || rank(part.text).is_some();
    parts.iter().find(|part| !is_level(part)).is_none_or(whole)
        || parts.len() > 2 && parts.iter().skip(1).all(|part| known(part) || is_level(part))
        || parts.iter().skip(1).filter(|part| whole(part)).count() >= 2
}

/// What the register asks for beside the shape. Never decides whether a mark is found.
fn conformance(
    parts: &[Part<'_>],
    controls: &[usize],
    level: Level,
    head: Head,
    in_brackets: bool,
    notes: &mut Vec<&'static str>,
) {
    let items: Vec<&str> =
        controls.iter().filter_map(|index| parts.get(*index)).map(|part| part.text).collect();
    let ranks: Vec<usize> = items.iter().filter_map(|item| rank(item)).collect();
    if ranks.windows(2).any(|pair| pair.first() > pair.last()) && !notes.contains(&"form-order") {
        notes.push("form-order");
    }
    let has = |names: &[&str]| {
        items
            .iter()
            .any(|item| names.iter().any(|name| item == name || item.starts_with(&format!("{name}-"))))
    };
    let closed = has(&["NOFORN", "NF"]) || items.iter().any(|item| item.starts_with("REL"));
    if head == Head::Us
        && has(&["HCS", "HCS-O", "HCS-P", "RD", "RESTRICTED DATA"])
        && !has(&["NOFORN", "NF"])
        && !closed
    {
        notes.push("form-noforn");
    }
    if let Some(list) = items.iter().find_map(|item| item.strip_prefix("REL TO "))
        && (!list.starts_with("USA") || !list.contains(','))
    {
        notes.push("form-rel-to");
    }
    let open = level == Level::Restricted && head == Head::Us;
    let sci = items.iter().any(|item| SCI.prefix(item).is_some());
    if open && (sci || has(&["ORCON", "OC", "RSEN", "TFNI", "SAR", "ATOMAL"]))
        || !open && has(&["FOUO", "SBU", "DOD UCNI", "DOE UCNI"])
    {
        notes.push("form-level");
    }
    let long = ["NOFORN", "ORCON", "IMCON", "PROPIN", "LIMDIS", "EXDIS", "NODIS", "DEA SENSITIVE"];
    let short = ["NF", "OC", "IMC", "PR", "DS", "XD", "ND", "DSEN", "RS"];
    if has(if in_brackets { &long } else { &short }) {
        notes.push("form-abbreviation");
    }
    if notes.is_empty() {
        notes.push("form-ok");
    }
}

/// Words in capitals with slashes that begin with a level, anywhere in a piece.
#[expect(clippy::expect_used, reason = "a constant pattern that a test compiles")]
static SPAN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?:TOP SECRET|SECRET|CONFIDENTIAL|UNCLASSIFIED) ?/[A-Z0-9 ,/&'-]+",
        r"|//(?:JOINT|FGI|NATO|COSMIC|[A-Z]{3,4}) [A-Z0-9 ,/&'-]+",
        r"|(?:Top Secret|Secret|Confidential|Unclassified) ?//[A-Za-z0-9 ,/&'-]+",
    ))
    .expect("constant pattern")
});

/// What numbers a paragraph: a bullet, `1.`, `a)`, `(iv)`; part of a regular expression.
pub(crate) const PARAGRAPH_NUMBER: &str =
    r"(?:[-*•·▪–—]|\(?(?:[0-9]{1,3}|[A-Za-z]|[ivxIVX]{1,4})[.)]|[0-9]{1,2}(?:\.[0-9]{1,2}){1,3}\.?)";

/// A portion mark at the beginning of a paragraph, behind its number if it has one.
#[expect(clippy::expect_used, reason = "a constant pattern that a test compiles")]
static PORTION: LazyLock<Regex> = LazyLock::new(|| {
    let mark = r"(?P<mark>[(\[](?P<inside>[A-Z0-9 ,;/\\&'-]{2,80})[)\]])";
    Regex::new(&format!("^(?:{PARAGRAPH_NUMBER} {{1,3}})?{mark}")).expect("constant pattern")
});

/// `CUI`, categories, controls.
#[expect(clippy::expect_used, reason = "a constant pattern that a test compiles")]
static CUI: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?:CUI|CONTROLLED) ?/[A-Z0-9 ,/\\-]+").expect("constant pattern"));

/// Reads what a grammar asks for in a folded piece.
#[must_use]
pub fn read(grammar: Grammar, piece: &str) -> Option<Reading> {
    match grammar {
        Grammar::Portion | Grammar::NatoPortion => portion(grammar, piece),
        Grammar::Cui => cui_banner(piece),
        Grammar::CuiPortion => {
            let inside = PORTION.captures(piece)?;
            let (whole, marks) = (inside.name("mark")?, inside.name("inside")?);
            let (known, notes) = cui_line(&marks.as_str().replace("; ", "//"))?;
            known.then_some(Reading { range: whole.range(), level: Level::Restricted, notes })
        }
        _ => banner(grammar, piece),
    }
}

/// Longest line that is tried as a banner, in bytes.
const LONGEST: usize = 240;

fn banner(grammar: Grammar, piece: &str) -> Option<Reading> {
    let wanted = |line: &Line| match grammar {
        Grammar::Banner => line.head == Head::Us && line.strict,
        Grammar::BannerLoose => line.head == Head::Us && !line.strict && !line.typo,
        Grammar::BannerTypo => line.head == Head::Us && line.typo,
        Grammar::Foreign => line.head == Head::Foreign && !line.notes.contains(&"form-case"),
        Grammar::ForeignLoose => line.head == Head::Foreign && line.notes.contains(&"form-case"),
        Grammar::Nato => line.head == Head::Nato && !line.notes.contains(&"form-case"),
        _ => line.head == Head::Nato && line.notes.contains(&"form-case"),
    };
    let shaped = |letter: u8| letter.is_ascii_alphanumeric() || b" ,/\\&'-.".contains(&letter);
    if piece.len() <= LONGEST && piece.bytes().all(shaped) {
        let capitals = piece.to_ascii_uppercase();
        let as_written = capitals == piece;
        if let Some(mut read) = line(&capitals, false) {
            let small = !as_written;
            let cut = piece.contains("//") || piece.contains("/ /");
            // Small letters and one slash are a path; behind a small level nothing but controls may stand.
            if small && !(cut && !read.typo && control_follows(&capitals)) {
                return None;
            }
            if small {
                read.strict = false;
                read.notes.retain(|note| *note != "form-ok");
                read.notes.push("form-case");
            }
            return wanted(&read).then_some(Reading {
                range: 0..piece.len(),
                level: read.level,
                notes: read.notes,
            });
        }
    }
    // Within a longer piece: the longest run of words that can be read.
    for found in SPAN.find_iter(piece) {
        // A portion mark without its first bracket; a banner in brackets at the beginning of a subject is whole.
        let bracketed = piece
            .get(..found.start())
            .is_some_and(|before| before.is_empty() || before.ends_with(['(', '[']));
        if !bracketed && piece.get(found.end()..).is_some_and(|rest| rest.starts_with([')', ']'])) {
            continue;
        }
        let mut text = found.as_str();
        for _ in 0..12 {
            text = text.trim_end_matches([' ', ',', '/', '-', '&', '\'']);
            let capitals = text.to_ascii_uppercase();
            if let Some(mut read) = line(&capitals, false)
                && !read.typo
                && read.notes.iter().all(|note| *note != "form-unknown")
            {
                if capitals != text {
                    read.strict = false;
                    read.notes.retain(|note| *note != "form-ok");
                    read.notes.push("form-case");
                }
                let range = found.start()..found.start() + text.len();
                return wanted(&read).then_some(Reading { range, level: read.level, notes: read.notes });
            }
            let Some(last) = text.rfind([' ', '/']) else { break };
            text = text.get(..last).unwrap_or_default();
        }
    }
    None
}

/// A control that no ordinary pair in brackets has, behind one slash or two with blanks: `(S/NF)`, `(U // FOUO)`.
fn is_control_of_portion(part: &Part<'_>) -> bool {
    matches!(
        part.text,
        "NF" | "OC" | "REL" | "FOUO" | "NOFORN" | "ORCON" | "PROPIN" | "IMCON" | "LES" | "SBU"
    ) || part.text.starts_with("REL TO ") && rank(part.text).is_some()
}

fn portion(grammar: Grammar, piece: &str) -> Option<Reading> {
    let found = PORTION.captures(piece)?;
    let (whole, marks) = (found.name("mark")?, found.name("inside")?);
    let mut text = marks.as_str().replace("; ", "//");
    let backslash = text.contains('\\');
    if backslash {
        text = text.replace('\\', "//");
    }
    let mut read = line(&text, true)?;
    if backslash && !read.notes.contains(&"form-delimiter") {
        read.notes.retain(|note| *note != "form-ok");
        read.notes.push("form-delimiter");
    }
    let nato = read.head == Head::Nato;
    // `(R)` and `(S)` alone are other rules' business; `(C/N)`, `(S/M)` are no marks.
    let telling = text.contains("//") || nato || parts(&text).iter().skip(1).all(is_control_of_portion);
    let known = read.notes.iter().all(|note| *note != "form-unknown") || text.starts_with("//");
    (telling && known && nato == (grammar == Grammar::NatoPortion)).then_some(Reading {
        range: whole.range(),
        level: read.level,
        notes: read.notes,
    })
}

fn cui_banner(piece: &str) -> Option<Reading> {
    if piece.len() <= LONGEST
        && (piece.starts_with("CUI") || piece.starts_with("CONTROLLED"))
        && piece.contains('/')
        && let Some((_, notes)) = cui_line(piece)
    {
        return Some(Reading { range: 0..piece.len(), level: Level::Restricted, notes });
    }
    for found in CUI.find_iter(piece) {
        if piece.get(found.end()..).is_some_and(|rest| rest.starts_with([')', ']'])) {
            continue;
        }
        let mut text = found.as_str();
        for _ in 0..8 {
            text = text.trim_end_matches([' ', ',', '/', '-']);
            if text.contains('/')
                && let Some((true, notes)) = cui_line(text)
            {
                let range = found.start()..found.start() + text.len();
                return Some(Reading { range, level: Level::Restricted, notes });
            }
            let Some(last) = text.rfind([' ', '/']) else { break };
            text = text.get(..last).unwrap_or_default();
        }
    }
    None
}

/// `CUI//SP-CTI/PRVCY//NOFORN`: whether everything behind its head is known, and what is wrong with it. A category that
/// the registry does not hold is a mark as well, as long as it looks like one.
fn cui_line(text: &str) -> Option<(bool, Vec<&'static str>)> {
    let parts = parts(text);
    let (first, rest) = parts.split_first()?;
    if !matches!(first.text, "CUI" | "CONTROLLED") || first.slashes > 0 {
        return None;
    }
    let shaped = |text: &str| {
        text.len() >= 2 && text.bytes().all(|byte| byte.is_ascii_uppercase() || b"-, ".contains(&byte))
    };
    let known = |part: &Part<'_>| {
        let bare = part.text.strip_prefix("SP-").unwrap_or(part.text);
        CUI_BASIC.has(bare)
            || CUI_SPECIFIED.has(bare)
            || CUI_DISSEM.prefix(part.text).is_some()
            || NON_IC.has(bare)
    };
    if rest.is_empty() || !rest.iter().all(|part| shaped(part.text)) {
        return None;
    }
    let all_known = rest.iter().all(known);
    let mut notes = Vec::new();
    if !all_known {
        // One unknown category alone is too little for the longer word of everyday use, and for short ones.
        let short = rest.iter().all(|part| part.text.len() <= 10 && !part.text.contains(' '));
        if !short || first.text == "CONTROLLED" && !rest.iter().any(known) {
            return None;
        }
        notes.push("form-unknown");
    }
    if rest.iter().any(|part| part.loose || part.slashes > 2)
        || rest.first().is_some_and(|part| part.slashes != 2)
    {
        notes.push("form-delimiter");
    }
    if notes.is_empty() {
        notes.push("form-ok");
    }
    Some((all_known, notes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(grammar: Grammar, text: &str) -> Option<Level> {
        read(grammar, text).map(|reading| reading.level)
    }

    fn notes(grammar: Grammar, text: &str) -> Vec<&'static str> {
        read(grammar, text).map(|reading| reading.notes).unwrap_or_default()
    }

    #[test]
    fn banners_in_their_form() {
        for (text, expected) in [
            ("SECRET//NOFORN", Level::Secret),
            ("TOP SECRET//HCS-P JJJ-P DDDD//ORCON/NOFORN", Level::TopSecret),
            ("SECRET//SAR-BUTTER POPCORN-123/CANDY APPLE-XYZ YYY//NOFORN", Level::Secret),
            ("UNCLASSIFIED//FOUO", Level::Restricted),
            ("SECRET//USA/CAN/GBR EYES ONLY", Level::Secret),
        ] {
            assert_eq!(level(Grammar::Banner, text), Some(expected), "{text}");
        }
        assert_eq!(notes(Grammar::Banner, "SECRET//NOFORN"), ["form-ok"]);
        assert_eq!(notes(Grammar::Banner, "TOP SECRET//HCS"), ["form-noforn"]);
        assert_eq!(notes(Grammar::Banner, "SECRET//REL TO GBR, USA"), ["form-rel-to"]);
        assert_eq!(notes(Grammar::Banner, "SECRET//NF"), ["form-abbreviation"]);
        assert_eq!(notes(Grammar::Banner, "SECRET//NOFORN//SI"), ["form-order"]);
    }

    #[test]
    fn banners_out_of_form() {
        for text in [
            "TOP SECRET / / SI // NOFORN",
            "NOFORN//TOP SECRET",
            "top secret//orcon",
            "TOP SECRET SI",
            "TOP SECRET NOFORN",
        ] {
            assert_eq!(level(Grammar::BannerLoose, text), Some(Level::TopSecret), "{text}");
        }
        for text in
            ["SERCET//NOFORN", "TECRET//TK", "SECRE/T/REL TO USA, AUS, GBR", "SECERT//REL TO USA, FVEY"]
        {
            assert_eq!(level(Grammar::BannerTypo, text), Some(Level::Secret), "{text}");
        }
    }

    #[test]
    fn other_owners() {
        for text in
            ["//DEU SECRET//REL TO USA, DEU", "//JOINT S GBR USA//REL TO USA, FVEY", "//FGI S//NF", "//DEU S"]
        {
            assert_eq!(level(Grammar::Foreign, text), Some(Level::Secret), "{text}");
        }
        assert_eq!(level(Grammar::Nato, "//COSMIC TOP SECRET//BOHEMIA"), Some(Level::TopSecret));
        assert_eq!(level(Grammar::Nato, "//NATO SECRET//ATOMAL//ORCON"), Some(Level::Secret));
    }

    #[test]
    fn portions() {
        assert_eq!(level(Grammar::Portion, "(S//NF) Text."), Some(Level::Secret));
        assert_eq!(level(Grammar::Portion, "(//DEU C//REL TO USA, DEU) Text."), Some(Level::Confidential));
        assert_eq!(level(Grammar::NatoPortion, "(//NS//ATOMAL//OC) Text."), Some(Level::Secret));
        for numbered in ["1. (S//NF) Text.", "a) (S//NF) Text.", "- (S//NF) Text.", "(iv) (S//NF) Text."] {
            assert_eq!(level(Grammar::Portion, numbered), Some(Level::Secret), "{numbered}");
        }
        assert_eq!(level(Grammar::Portion, "(S\\NF) Text."), Some(Level::Secret));
        assert_eq!(level(Grammar::Portion, "(U\\FOUO) Text."), Some(Level::Restricted));
        for text in [
            "(C) 2026 Orla Council",
            "(S) plural",
            "(S/N) ratio",
            "(C//D) quotient",
            "(A//B)",
            "(C\\D)",
            "(S\\n)",
        ] {
            assert_eq!(level(Grammar::Portion, text), None, "{text}");
        }
    }

    #[test]
    fn cui() {
        for text in
            ["CUI//SP-CTI//FEDCON", "CUI//PRVCY", "CUI // SP-PRVCY/CTI // NOFORN", "CONTROLLED//SP-TAX"]
        {
            assert_eq!(level(Grammar::Cui, text), Some(Level::Restricted), "{text}");
        }
        assert_eq!(level(Grammar::Cui, "CUI//"), None);
        assert_eq!(level(Grammar::Cui, "CONTROLLED/UNCONTROLLED AIRSPACE"), None);
    }

    #[test]
    fn ordinary_text() {
        let all =
            [Grammar::Banner, Grammar::BannerLoose, Grammar::BannerTypo, Grammar::Foreign, Grammar::Nato];
        for text in [
            "https://example.org/c/private/s/secret",
            "client_secret/reload",
            "UNCLASSIFIED / CONFIDENTIAL / SECRET / TOP SECRET",
            "SECRET SERVICE",
            "SECRET/PUBLIC KEY",
            "CONFIDENTIAL PR STRATEGY",
            "// SECRET is a comment",
            "//NOTE SECRET here is a Kubernetes secret",
            "TOP SECRET! THE MUSICAL",
            "UNCLASSIFIED//APPROVED FOR PUBLIC RELEASE",
            "UNCLASSIFIED // DISTRIBUTION A",
        ] {
            for grammar in all {
                assert_eq!(level(grammar, text), None, "{grammar:?} {text}");
            }
        }
    }

    #[test]
    fn distances() {
        assert_eq!(distance("SERCET", "SECRET", 2), 1);
        assert_eq!(distance("SECRET", "SECRET", 2), 0);
        assert_eq!(distance("SECRETARY", "SECRET", 2), 3);
    }
}
