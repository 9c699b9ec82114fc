//! Packs made ready to run: patterns as regular expressions, anchors as one search.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use memchr::memmem;
use regex::{Regex, RegexBuilder};

use super::grams::Grams;
use super::pack::{Basis, Case, Controls, Evidence, LevelFrom, Pack, PackHead, Rule, RuleKind, Scope};
use crate::fold;
use crate::model::Level;

/// Of these one stands in every name of a field that is looked for in cells, composed or not, in usual letters.
static FIELD_WORDS: LazyLock<Vec<memmem::Finder<'static>>> = LazyLock::new(|| {
    let people = ["mật", "Mật", "MẬT", "\u{323}", "lass", "LASS", "ensitiv", "ENSITIV"];
    let programs = ["o_mat", "oMat", "o-mat", "O_MAT", "O-MAT", "domat"];
    people.into_iter().chain(programs).map(memmem::Finder::new).collect()
});

/// Largest compiled pattern, in bytes: a rule beyond it is refused, since hostile packs must not eat memory.
const MAX_PATTERN: usize = 1 << 20;

/// Everything that is looked for, ready to run; shared by all threads.
pub struct RuleSet {
    /// The packs in use, without rules.
    pub packs: Vec<PackHead>,
    /// The rules in use.
    pub rules: Vec<CompiledRule>,
    /// The evidence in use.
    pub evidence: Vec<CompiledEvidence>,
    /// Digest of everything above and of the user's keyword lists: the same digest means the same answers.
    pub digest: String,
    /// The user's own words.
    pub keywords: super::Keywords,
    /// Documents that the user knows by their digests.
    pub known: super::Known,
    /// Laws under which papers were marked, by pack.
    pub basis: Vec<Vec<Basis>>,
    /// Id of the law that reports cite; without one, each pack's first.
    pub legal_basis: Option<String>,
    /// What the user's labels mean, by GUID.
    pub labels: HashMap<String, super::load::NamedLabel>,
    /// Made by the first line that is looked at: the process that only hands out files needs none.
    anchors: OnceLock<Anchors>,
    /// Rules without anchor; they look at labels and properties only.
    unanchored: Vec<usize>,
    /// Words of marks, for damaged ones; made when a line first needs it.
    pub(super) vocabulary: OnceLock<super::repair::Vocabulary>,
}

/// A rule with its pattern.
pub struct CompiledRule {
    /// As written.
    pub rule: Rule,
    /// Index of its pack.
    pub pack: usize,
    /// Compiled when the rule is first needed: most documents need none, and start-up counts.
    patterns: OnceLock<Vec<Pattern>>,
    property: Option<Pattern>,
    accented: Option<Pattern>,
    table: Vec<String>,
}

/// Evidence with its patterns.
pub struct CompiledEvidence {
    /// As written.
    pub evidence: Evidence,
    /// Index of its pack.
    pub pack: usize,
    /// Patterns on lines.
    pub patterns: Vec<Pattern>,
}

/// A pattern that is compiled when a text first might match it: most scans need few of them, and start-up counts.
pub struct Pattern {
    source: String,
    gate: OnceLock<Gate>,
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    fn new(source: &str) -> Pattern {
        Pattern { source: source.to_owned(), gate: OnceLock::new(), regex: OnceLock::new() }
    }

    /// `None` for a pattern that [`RuleSet::check_pack`] refuses.
    fn regex(&self) -> Option<&Regex> {
        self.regex.get_or_init(|| compile(&self.source).ok()).as_ref()
    }

    /// The regular expression, unless no match can stand in the text. A compiled one tells that itself, and faster.
    fn regex_for(&self, text: &str) -> Option<&Regex> {
        let needed =
            self.regex.get().is_some() || self.gate.get_or_init(|| Gate::of(&self.source)).lets(text);
        if needed { self.regex() } else { None }
    }

    /// Whether it occurs in a text.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.regex_for(text).is_some_and(|regex| regex.is_match(text))
    }
}

/// What a text must have to match a pattern, as parsing it tells: compiling costs a hundred times as much.
struct Gate {
    /// Bytes of the shortest match.
    least: usize,
    /// Every match begins with one of these; empty where they are not few. Ready to search: making that ready for each text
    /// anew took six tenths of a scan of `fixtures/recipes`, texts full of marks (callgrind).
    beginnings: Vec<memmem::Finder<'static>>,
}

impl Gate {
    fn of(source: &str) -> Gate {
        let Ok(parsed) = regex_syntax::parse(source) else {
            return Gate { least: 0, beginnings: Vec::new() };
        };
        let literals = regex_syntax::hir::literal::Extractor::new().extract(&parsed);
        let beginnings = literals.literals().unwrap_or_default();
        // One that is empty says nothing.
        let telling = beginnings.iter().all(|literal| !literal.is_empty());
        let beginnings = beginnings
            .iter()
            .filter(|_| telling)
            .map(|literal| memmem::Finder::new(literal.as_bytes()).into_owned())
            .collect();
        Gate { least: parsed.properties().minimum_len().unwrap_or(0), beginnings }
    }

    /// Wrong only in saying yes.
    fn lets(&self, text: &str) -> bool {
        let stands = |beginning: &memmem::Finder<'_>| beginning.find(text.as_bytes()).is_some();
        text.len() >= self.least && (self.beginnings.is_empty() || self.beginnings.iter().any(stands))
    }
}

/// Words of which one stands in everything that a rule matches. ASCII letters are compared without case.
#[derive(Debug, Default)]
pub(super) struct Anchors {
    /// Finds the long words.
    grams: Grams,
    /// Short words by their first byte, and the number of each.
    short: Vec<Vec<(Box<[u8]>, usize)>>,
    /// The number of the word of which nothing is left as it is written here.
    everywhere: Option<usize>,
    /// For each word, the rules that need it.
    rules: Vec<Vec<usize>>,
}

impl Anchors {
    /// The anchors of some rules, each as `written`, which may leave some out.
    pub(super) fn of(
        rules: &[CompiledRule],
        wanted: impl Fn(&CompiledRule) -> bool,
        written: impl Fn(String) -> Option<String>,
    ) -> Anchors {
        let mut known: HashMap<Box<[u8]>, usize> = HashMap::new();
        let mut words: Vec<Box<[u8]>> = Vec::new();
        let mut by_word: Vec<Vec<usize>> = Vec::new();
        for (index, rule) in rules.iter().enumerate().filter(|(_, rule)| wanted(rule)) {
            let forms = rule.anchors();
            let forms = forms.iter().flat_map(|anchor| case_forms(anchor, rule.rule.case));
            for form in forms.filter_map(&written) {
                let word: Box<[u8]> = form.to_ascii_lowercase().into_bytes().into();
                let number = *known.entry(word.clone()).or_insert(words.len());
                if number == words.len() {
                    words.push(word);
                    by_word.push(Vec::new());
                }
                by_word.get_mut(number).into_iter().for_each(|list| list.push(index));
            }
        }
        let mut short = vec![Vec::new(); 1 << u8::BITS];
        for (number, word) in words.iter().enumerate().filter(|(_, word)| word.len() < Grams::LEAST) {
            let list = word.first().and_then(|first| short.get_mut(usize::from(*first)));
            list.into_iter().for_each(|list: &mut Vec<_>| list.push((word.clone(), number)));
        }
        let everywhere = words.iter().position(|word| word.is_empty());
        Anchors { grams: Grams::new(words), short, everywhere, rules: by_word }
    }

    /// Adds the rules that may match a text.
    fn wanted(&self, text: &str, wanted: &mut Vec<usize>) {
        self.each(text, |number| wanted.extend(self.rules.get(number).into_iter().flatten()));
    }

    /// Whether one of the words stands in a text.
    pub(super) fn stand_in(&self, text: &str) -> bool {
        let mut found = false;
        self.each(text, |_| found = true);
        found
    }

    /// Calls `found` with the number of each word in a text.
    fn each(&self, text: &str, mut found: impl FnMut(usize)) {
        let text = text.to_ascii_lowercase();
        self.everywhere.into_iter().for_each(&mut found);
        self.grams.each(text.as_bytes(), &mut |_, number| found(number));
        for (at, first) in text.bytes().enumerate() {
            for (word, number) in self.short.get(usize::from(first)).into_iter().flatten() {
                if text.as_bytes().get(at..).is_some_and(|rest| rest.starts_with(word)) {
                    found(*number);
                }
            }
        }
    }
}

/// A rule met a piece of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Index of the rule.
    pub rule: usize,
    /// Bytes of the folded piece.
    pub range: Range<usize>,
    /// Its level; `None` for parts and for declassification.
    pub level: Option<Level>,
    /// What a grammar says of its form, as codes of reasons.
    pub notes: Vec<&'static str>,
}

impl CompiledRule {
    fn new(rule: Rule, pack: usize, table: Vec<String>) -> CompiledRule {
        let property = rule.property.as_deref().map(Pattern::new);
        let accented = rule.accented.as_deref().map(Pattern::new);
        CompiledRule { rule, pack, patterns: OnceLock::new(), property, accented, table }
    }

    /// Its regular expressions: one for all terms, one a pattern, since patterns may name the same groups.
    fn sources(&self) -> Vec<String> {
        let case = if self.rule.case == Case::Capitals { "" } else { "(?i)" };
        // The longest first: an alternation takes the first that fits.
        let mut terms: Vec<&String> = self.rule.terms.iter().collect();
        terms.sort_by_key(|term| std::cmp::Reverse(term.len()));
        let terms: Vec<String> = terms.into_iter().map(|term| term_pattern(term)).collect();
        let terms = (!terms.is_empty()).then(|| terms.join("|"));
        terms.iter().chain(&self.rule.patterns).map(|source| format!("{case}(?:{source})")).collect()
    }

    /// Compiles its patterns now, for checks.
    ///
    /// # Errors
    /// What a regular expression lacks.
    pub fn check(&self) -> Result<(), String> {
        let sources = self.sources();
        let others = [&self.rule.property, &self.rule.accented].into_iter().flatten();
        sources.iter().chain(others).try_for_each(|source| compile(source).map(|_| ()))
    }

    fn patterns(&self) -> &[Pattern] {
        self.patterns.get_or_init(|| self.sources().iter().map(|source| Pattern::new(source)).collect())
    }

    /// Anchors in capitals. Terms bear blanks and hyphens, so the anchor of a term is its longest word.
    fn anchors(&self) -> Vec<String> {
        let longest = |term: &String| {
            term.split([' ', '-']).max_by_key(|word| word.len()).unwrap_or_default().to_uppercase()
        };
        match self.rule.anchors.as_slice() {
            [] => self.rule.terms.iter().map(longest).collect(),
            own if self.rule.case == Case::Any => own.to_vec(),
            own => own.iter().map(|anchor| anchor.to_uppercase()).collect(),
        }
    }
}

/// The forms of an anchor that text of a case can hold. ASCII letters are compared without case anyway, so these differ
/// only where accented letters do.
pub(crate) fn case_forms(anchor: &str, case: Case) -> Vec<String> {
    let mut forms = vec![anchor.to_uppercase()];
    if case != Case::Capitals {
        let small = anchor.to_lowercase();
        let mut letters = small.chars();
        let title = letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>());
        forms.extend(title);
        forms.push(small);
        // As written, for words such as `VS-NfD`.
        if !forms.iter().any(|form| form == anchor) {
            forms.push(anchor.to_owned());
        }
        forms.dedup();
    }
    forms
}

/// Compiles a pattern with a limit on its size.
fn compile(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern).size_limit(MAX_PATTERN).build().map_err(|error| error.to_string())
}

/// A term as a pattern: blanks, hyphens, or nothing between its words.
fn term_pattern(term: &str) -> String {
    let words: Vec<String> = term.split([' ', '-']).map(regex::escape).collect();
    words.join("[ -]?")
}

/// Letters or digits glue words together; a match must not begin or end inside a word.
fn is_whole_word(text: &str, range: &Range<usize>) -> bool {
    let inside = text.get(range.clone()).unwrap_or_default();
    let before = text.get(..range.start).and_then(|text| text.chars().next_back());
    let after = text.get(range.end..).and_then(|text| text.chars().next());
    let word = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    let glued_before = word(inside.chars().next()) && word(before);
    let glued_after = word(inside.chars().next_back()) && word(after);
    !glued_before && !glued_after
}

impl RuleSet {
    /// Makes packs ready. Packs are already selected; rules with `keep` false are left out.
    #[must_use]
    pub fn new(
        packs: Vec<Pack>,
        keep: &dyn Fn(&Rule) -> bool,
        keywords: super::Keywords,
        digest: String,
    ) -> RuleSet {
        let mut heads = Vec::new();
        let mut rules = Vec::new();
        let mut evidence = Vec::new();
        let mut basis = Vec::new();
        for (index, pack) in packs.into_iter().enumerate() {
            heads.push(pack.pack);
            basis.push(pack.basis);
            for rule in pack.rules.into_iter().filter(|rule| keep(rule)) {
                let table = rule.controls.as_ref().and_then(|controls| pack.tables.get(&controls.table));
                let table = table.cloned().unwrap_or_default();
                rules.push(CompiledRule::new(rule, index, table));
            }
            for item in pack.evidence {
                let patterns = item.patterns.iter().map(|pattern| Pattern::new(pattern)).collect();
                evidence.push(CompiledEvidence { evidence: item, pack: index, patterns });
            }
        }
        let unanchored = rules.iter().enumerate().filter(|(_, rule)| rule.anchors().is_empty());
        let unanchored = unanchored.map(|(index, _)| index).collect();
        RuleSet {
            packs: heads,
            rules,
            evidence,
            digest,
            keywords,
            known: super::Known::default(),
            labels: HashMap::new(),
            basis,
            legal_basis: None,
            anchors: OnceLock::new(),
            unanchored,
            vocabulary: OnceLock::new(),
        }
    }

    /// The words that rules need, and the rules that need each.
    fn anchors(&self) -> &Anchors {
        self.anchors.get_or_init(|| Anchors::of(&self.rules, |_| true, Some))
    }

    /// The law of a pack that reports cite: the user's choice, else its first.
    #[must_use]
    pub fn basis_of(&self, pack: usize) -> Option<&Basis> {
        let known = self.basis.get(pack)?;
        let chosen = self.legal_basis.as_deref().and_then(|id| known.iter().find(|basis| basis.id == id));
        chosen.or_else(|| known.first())
    }

    /// Whether a short text is the name of a field that some rule on properties asks for: `Độ mật`, `Classification`.
    #[must_use]
    pub fn names_field(&self, text: &str) -> bool {
        // One name in a million cells: the words that all such names have are looked for first.
        let bytes = text.as_bytes();
        let might = FIELD_WORDS.iter().any(|word| word.find(bytes).is_some());
        might
            && self.rules.iter().any(|rule| {
                let whole = |found: regex::Match<'_>| found.len() * 2 >= text.len();
                let property = rule.property.as_ref().and_then(Pattern::regex);
                property.and_then(|property| property.find(text)).is_some_and(whole)
            })
    }

    /// Sources of a rule: its own, those under the law that reports cite, that law, those of its pack.
    #[must_use]
    pub fn sources<'a>(&'a self, rule: &'a CompiledRule) -> Vec<&'a str> {
        let basis = self.basis_of(rule.pack);
        let under = basis.and_then(|basis| rule.rule.basis.get(&basis.id));
        let own = rule.rule.references.iter().chain(under.into_iter().flatten());
        let law = basis.into_iter().flat_map(|basis| &basis.references);
        let pack = self.packs.get(rule.pack).into_iter().flat_map(|pack| &pack.references);
        own.chain(law).chain(pack).map(String::as_str).collect()
    }

    /// Whether the patterns of a pack are regular expressions, those of properties and evidence also of bearable size.
    /// What rules find is only looked at closely by `rules check`, since compiling every rule would cost more than
    /// scanning a small file.
    ///
    /// # Errors
    /// Id of the rule or evidence, and what is wrong.
    pub fn check_pack(pack: &Pack) -> Result<(), (String, String)> {
        for rule in &pack.rules {
            // The parser alone finds every spelling mistake at a hundredth of the cost of compiling.
            let parse = |pattern: &String| regex_syntax::parse(pattern).map_err(|error| error.to_string());
            rule.patterns
                .iter()
                .try_for_each(|pattern| parse(pattern).map(|_| ()))
                .and_then(|()| {
                    let mut others = rule.property.iter().chain(&rule.accented);
                    others.try_for_each(|pattern| compile(pattern).map(|_| ()))
                })
                .map_err(|error| (rule.id.clone(), error))?;
        }
        for item in &pack.evidence {
            let mut patterns = item.patterns.iter();
            let checked = patterns.try_for_each(|pattern| compile(pattern).map(|_| ()));
            checked.map_err(|error| (item.code.clone(), error))?;
        }
        Ok(())
    }

    /// Whether there is anything to look for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let finds = |rule: &CompiledRule| matches!(rule.rule.kind, RuleKind::Marking | RuleKind::Keyword);
        !self.rules.iter().any(finds) && self.keywords.is_empty() && self.known.is_empty()
    }

    /// Id of a rule.
    #[must_use]
    pub fn id(&self, rule: usize) -> &str {
        self.rules.get(rule).map_or("", |rule| rule.rule.id.as_str())
    }

    /// Words that stand, in one form or another, in every running text that a rule can match; for the prefilter. Names,
    /// properties and labels are few and looked at without it. Parts of a block are only looked for beside its first
    /// line, which has an anchor of its own.
    pub fn anchor_words(&self) -> impl Iterator<Item = (String, &Rule)> + '_ {
        let text = self.rules.iter().map(|rule| (rule, &rule.rule));
        let text = text.filter(|(_, rule)| rule.scope.contains(&Scope::Text) && rule.kind != RuleKind::Part);
        text.flat_map(|(compiled, rule)| compiled.anchors().into_iter().map(move |anchor| (anchor, rule)))
    }

    /// What the rules of a scope match in a folded piece; longer matches hide shorter ones inside them.
    #[must_use]
    pub fn matches(&self, piece: &str, scope: Scope, place_name: Option<&str>) -> Vec<Match> {
        // Only names are looked at without accents: in running text MẬT must never be folded to MAT.
        let plain = if scope == Scope::Name { fold::unaccented(piece) } else { String::new() };
        let mut wanted: Vec<usize> = Vec::new();
        let anchors = self.anchors();
        anchors.wanted(piece, &mut wanted);
        if !plain.is_empty() {
            anchors.wanted(&plain, &mut wanted);
        }
        if scope == Scope::Label {
            wanted.extend(&self.unanchored);
        }
        wanted.sort_unstable();
        wanted.dedup();
        let mut found = Vec::new();
        for index in wanted {
            let Some(rule) = self.rules.get(index) else { continue };
            if !rule.rule.scope.contains(&scope) || !rule.fits_property(place_name) {
                continue;
            }
            rule.find(index, if rule.rule.unaccented { &plain } else { piece }, piece, &mut found);
        }
        self.longest_only(found)
    }

    /// Drops matches that lie inside a longer one. A part of a block says nothing by itself and hides nothing.
    fn longest_only(&self, mut found: Vec<Match>) -> Vec<Match> {
        let is_part =
            |hit: &Match| self.rules.get(hit.rule).is_some_and(|rule| rule.rule.kind == RuleKind::Part);
        found.sort_by_key(|hit| (std::cmp::Reverse(hit.range.len()), std::cmp::Reverse(hit.level), hit.rule));
        let mut kept: Vec<Match> = Vec::new();
        for hit in found {
            let inside = kept.iter().any(|other| {
                !is_part(other)
                    && other.range.start <= hit.range.start
                    && hit.range.end <= other.range.end
                    && other.range.len() > hit.range.len()
            });
            let same = kept.iter().any(|other| other.range == hit.range && other.rule == hit.rule);
            if !inside && !same {
                kept.push(hit);
            }
        }
        kept
    }
}

impl CompiledRule {
    fn fits_property(&self, name: Option<&str>) -> bool {
        self.property.as_ref().is_none_or(|property| name.is_some_and(|name| property.is_match(name)))
    }

    fn find(&self, index: usize, text: &str, piece: &str, found: &mut Vec<Match>) {
        if let Some(grammar) = self.rule.grammar
            && let Some(read) = super::banner::read(grammar, piece)
            && is_whole_word(piece, &read.range)
        {
            found.push(Match { rule: index, range: read.range, level: Some(read.level), notes: read.notes });
        }
        let regexes = self.patterns().iter().filter_map(|pattern| pattern.regex_for(text));
        for captures in regexes.flat_map(|regex| regex.captures_iter(text)) {
            // A group of that name is the marking; the rest of the pattern is what must stand beside it.
            let Some(whole) = captures.name("mark").or_else(|| captures.get(0)) else { continue };
            let range = whole.range();
            let case_fits = match self.rule.case {
                Case::Mixed => !fold::is_capitals(whole.as_str()),
                Case::Capitals | Case::Any => true,
            };
            if range.is_empty() || !case_fits || !is_whole_word(text, &range) {
                continue;
            }
            if let Some(controls) = &self.rule.controls
                && !self.has_known_token(&captures, controls)
            {
                continue;
            }
            let level = match &self.rule.level_from {
                Some(from) => level_of(&captures, from),
                None => self.rule.level,
            };
            if level.is_none() && !matches!(self.rule.kind, RuleKind::Part | RuleKind::Cancel) {
                continue;
            }
            // Offsets in unaccented text are not the piece's.
            let range = if text.len() == piece.len() { range } else { same_letters(text, piece, range) };
            let written = piece.get(range.clone()).unwrap_or_default();
            if !written.is_ascii()
                && self.accented.as_ref().is_some_and(|accented| !accented.is_match(written))
            {
                continue;
            }
            found.push(Match { rule: index, range, level, notes: Vec::new() });
        }
    }

    fn has_known_token(&self, captures: &regex::Captures<'_>, controls: &Controls) -> bool {
        let Some(rest) = captures.name(&controls.group) else { return false };
        rest.as_str().to_uppercase().split(['/', ',']).map(str::trim).any(|token| {
            self.table.iter().any(|known| {
                token
                    .strip_prefix(known.as_str())
                    .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
            })
        })
    }
}

/// The range of the same letters in the text that was stripped of its accents; all of it where letters do not
/// correspond one to one.
fn same_letters(plain: &str, piece: &str, range: Range<usize>) -> Range<usize> {
    if plain.chars().count() != piece.chars().count() {
        return 0..piece.len();
    }
    let before = plain.get(..range.start).unwrap_or_default().chars().count();
    let inside = plain.get(range).unwrap_or_default().chars().count();
    let at = |count: usize| piece.char_indices().nth(count).map_or(piece.len(), |(at, _)| at);
    at(before)..at(before + inside)
}

fn level_of(captures: &regex::Captures<'_>, from: &LevelFrom) -> Option<Level> {
    let value = captures.name(&from.group)?.as_str().to_uppercase();
    let same = |known: &str| {
        let bare = |text: &str| text.chars().filter(|c| c.is_alphanumeric() || *c == '+').collect::<String>();
        bare(known) == bare(&value)
    };
    from.map.iter().find(|(known, _)| same(known)).map(|(_, level)| *level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_bear_blanks_and_hyphens() {
        let pattern = Regex::new(&term_pattern("TUYỆT MẬT")).unwrap();
        for text in ["TUYỆT MẬT", "TUYỆTMẬT", "TUYỆT-MẬT"] {
            assert!(pattern.is_match(text), "{text}");
        }
    }

    #[test]
    fn nothing_is_compiled_before_it_is_needed() {
        let rules = crate::rules::load(&crate::rules::Selection::default()).unwrap();
        assert!(rules.anchors.get().is_none());
        let patterns = rules.rules.iter().flat_map(|rule| rule.property.iter().chain(&rule.accented));
        let patterns = patterns.chain(rules.evidence.iter().flat_map(|item| &item.patterns));
        assert!(patterns.clone().all(|pattern| pattern.regex.get().is_none()));
        assert!(patterns.count() > 40);
        assert!(rules.rules.iter().all(|rule| rule.patterns.get().is_none()));
    }

    #[test]
    fn a_gate_is_wrong_only_in_saying_yes() {
        let all = crate::rules::Selection { packs: vec!["all".to_owned()], ..Default::default() };
        let rules = crate::rules::load(&all).unwrap();
        let mut texts = Vec::new();
        for rule in &rules.rules {
            for example in rule.rule.examples.iter().chain(&rule.rule.counter_examples) {
                let folded = fold::Folded::new(&example.text().replace('⏎', "\n")).text;
                texts.extend(folded.lines().flat_map(|line| [line.to_owned(), fold::unaccented(line)]));
            }
        }
        let of_rules = rules.rules.iter().flat_map(CompiledRule::sources);
        let of_evidence = rules.evidence.iter().flat_map(|item| item.evidence.patterns.clone());
        let (mut passed, mut held) = (0, 0);
        for source in of_rules.chain(of_evidence) {
            let (gate, regex) = (Gate::of(&source), compile(&source).unwrap());
            for text in &texts {
                let lets = gate.lets(text);
                assert!(lets || !regex.is_match(text), "{source}: {text}");
                *(if lets { &mut passed } else { &mut held }) += 1;
            }
        }
        assert!(held > passed, "{held} held, {passed} passed");
    }

    #[test]
    fn every_pattern_of_ours_compiles() {
        let all = crate::rules::Selection { packs: vec!["all".to_owned()], ..Default::default() };
        let rules = crate::rules::load(&all).unwrap();
        for rule in &rules.rules {
            assert_eq!(rule.check(), Ok(()), "{}", rule.rule.id);
        }
        for item in &rules.evidence {
            for pattern in &item.patterns {
                assert!(pattern.regex().is_some(), "{}: {}", item.evidence.code, pattern.source);
            }
        }
    }

    #[test]
    fn a_match_is_a_whole_word() {
        assert!(is_whole_word("a SECRET b", &(2..8)));
        assert!(!is_whole_word("SECRETS", &(0..6)));
        assert!(!is_whole_word("client_SECRET", &(7..13)));
        assert!(is_whole_word("x(S//NF)", &(1..8)));
    }
}
