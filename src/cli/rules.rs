//! `daumat rules` and `daumat explain`.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::args::{ExplainArgs, RuleArgs, RulesArgs, RulesVerb};
use super::{Exit, Failure, lang, output, rule_tests};
use crate::model::{Finding, Level};
use crate::report::escape::for_terminal;
use crate::report::{display, place_in_words};
use crate::rules::{self, Case, Example, Flood, RuleKind, RuleSet, floods, hash_list, is_hashed};
use crate::scan::conductor::{Intake, Isolation, Plan, Ready, scan};
use crate::scan::examine::{Equipment, Examiner, Settings};
use crate::text::{Word, codes, fill};
use crate::walk::{Entry, Walk};

/// Runs one of the rule verbs.
pub(super) fn run(args: &RulesArgs) -> Result<Exit, Failure> {
    match &args.verb {
        RulesVerb::List(args) => list(&rules::load(&args.selection())?),
        RulesVerb::Show { id, rules } => show(&load_all(rules)?, id),
        RulesVerb::Check(args) => check(&load_all(args)?, &args.keywords),
        RulesVerb::Test(args) => rule_tests::run(args, load_all(&args.rules)?),
        RulesVerb::Digest { files, level } => digest(files, (*level).into()),
        RulesVerb::HashWords { list, key, output } => hash_words(list, key.as_deref(), output.as_deref()),
    }
}

/// Makes a hashed list of a readable one.
fn hash_words(list: &Path, key: Option<&Path>, output: Option<&Path>) -> Result<Exit, Failure> {
    let file = list.display().to_string();
    let Some(key) = rules::keyword_key(key)? else {
        return Err(Failure::new(Word::NoKeywordKey.get(lang())));
    };
    let text = std::fs::read_to_string(list)
        .map_err(|error| rules::RuleError::Unreadable { file: file.clone(), error })?;
    let hashed = hash_list(&text, &key).map_err(|message| rules::RuleError::Syntax { file, message })?;
    match output {
        None => super::print(&hashed)?,
        Some(path) => {
            let mut read: Vec<_> = list.canonicalize().into_iter().collect();
            let mut file = output::create_new(path, &mut read)?;
            file.write_all(hashed.as_bytes())?;
        }
    }
    Ok(Exit::Clean)
}

/// Prints digests of documents as a list of known ones takes them.
fn digest(files: &[PathBuf], level: Level) -> Result<Exit, Failure> {
    let mut rules = rules::load(&rules::Selection::default())?;
    rules.known.ask_for_texts();
    let settings = Settings { list_all: true, digests: true, text_digests: true, ..Settings::default() };
    let equipment = Equipment::new(rules, settings);
    let mut out = io::stdout().lock();
    let mut exit = Exit::Clean;
    for path in files {
        let shown = path.display().to_string();
        let size = std::fs::metadata(path)
            .map_err(|error| rules::RuleError::Unreadable { file: shown.clone(), error })?
            .len();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let entry = Entry { id: 0, path: path.clone().into(), name, size, content: None, span: None };
        let report = Examiner::new(&equipment).entry(&entry);
        let outer = report.documents.iter().find(|document| document.members.is_empty());
        let Some((document, content)) = outer.and_then(|outer| Some((outer, outer.blake3.as_ref()?))) else {
            return Err(Failure::new(fill(Word::NoDigest.get(lang()), &[&for_terminal(&shown)])));
        };
        let name = for_terminal(&shown);
        writeln!(out, "blake3:{content}\t{level}\t# {name}")?;
        match document.facts.iter().find(|fact| fact.code == "text-digest") {
            Some(text) => writeln!(out, "text:{}\t{level}\t# {name}", text.value)?,
            // An archive, a picture, or too little text.
            None => exit = Exit::Incomplete,
        }
    }
    Ok(exit)
}

/// Every pack unless the user names some: a rule can be looked at whether or not it is in effect.
fn load_all(args: &RuleArgs) -> Result<RuleSet, Failure> {
    let mut selection = args.selection();
    if selection.packs.is_empty() {
        selection.packs.push("all".to_owned());
    }
    Ok(rules::load(&selection)?)
}

fn title(title: &rules::Title) -> &str {
    title.get(lang())
}

fn list(rules: &RuleSet) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    let mut count = 0;
    for rule in rules.rules.iter().filter(|rule| rule.rule.kind != RuleKind::Part) {
        let level = match rule.rule.kind {
            RuleKind::Cancel => Word::Declassified.get(lang()),
            RuleKind::Mention => Word::AManual.get(lang()),
            _ => rule.rule.level.map_or(Word::ByMatch.get(lang()), crate::model::Level::as_str),
        };
        writeln!(out, "{:<40} {level:<13} {}", rule.rule.id, title(&rule.rule.title))?;
        count += 1;
    }
    let told = fill(Word::RulesCount.get(lang()), &[&count, &rules.keywords.len(), &rules.digest]);
    writeln!(out, "{told}")?;
    Ok(Exit::Clean)
}

/// A named line of `rules show`.
fn row(out: &mut impl Write, name: Word, value: &dyn std::fmt::Display) -> io::Result<()> {
    writeln!(out, "{:<9} {value}", name.get(lang()))
}

fn show(rules: &RuleSet, id: &str) -> Result<Exit, Failure> {
    let Some(found) = rules.rules.iter().find(|rule| rule.rule.id == id) else {
        return Err(Failure::new(rules::RuleError::NoRule { id: id.to_owned() }));
    };
    let rule = &found.rule;
    let mut out = io::stdout().lock();
    writeln!(out, "{}\n  {}", rule.id, rule.title.en)?;
    if let Some(title) = &rule.title.vi {
        writeln!(out, "  {title}")?;
    }
    match (&rule.level, &rule.level_from) {
        (Some(level), _) => row(&mut out, Word::ShowLevel, level)?,
        (None, Some(from)) => {
            let map: Vec<String> = from.map.iter().map(|(text, level)| format!("{text} = {level}")).collect();
            row(&mut out, Word::ShowLevel, &fill(Word::ShowByText.get(lang()), &[&map.join(", ")]))?;
        }
        (None, None) => {}
    }
    for term in &rule.terms {
        row(&mut out, Word::ShowWord, term)?;
    }
    for pattern in &rule.patterns {
        row(&mut out, Word::ShowPattern, pattern)?;
    }
    let letters = match rule.case {
        Case::Capitals => Word::LettersCapitals,
        Case::Any => Word::LettersAny,
        Case::Mixed => Word::LettersMixed,
    };
    row(&mut out, Word::ShowLetters, &letters.get(lang()))?;
    let points = &rule.points;
    for (shape, points) in [
        (Word::ShapeAlone, points.alone),
        (Word::ShapeField, points.labelled),
        (Word::ShapeEdge, points.edge),
        (Word::ShapePrefix, points.prefix),
        (Word::ShapeWithin, points.within),
    ] {
        if let Some(points) = points {
            row(&mut out, Word::ShowPoints, &format!("{points} {}", shape.get(lang())))?;
        }
    }
    let most = fill(Word::AtMost.get(lang()), &[&rule.ceiling, &rule.within_ceiling]);
    row(&mut out, Word::ShowAtMost, &most)?;
    for example in &rule.examples {
        row(&mut out, Word::ShowFinds, &for_terminal(example.text()))?;
    }
    for example in &rule.counter_examples {
        row(&mut out, Word::ShowLeaves, &for_terminal(example.text()))?;
    }
    if let Some(basis) = rules.basis_of(found.pack) {
        row(&mut out, Word::ShowLaw, &format!("{}: {}", basis.id, title(&basis.title)))?;
    }
    for reference in rules.sources(found) {
        row(&mut out, Word::ShowSource, &reference)?;
    }
    Ok(Exit::Clean)
}

/// Own packs must teach as much as ours do.
const LEAST_EXAMPLES: usize = 2;

/// More than this a compiled pattern of ours does not take; a costlier one is built anew by every process that scans.
const BEARABLE: usize = 1 << 20;

fn check(rules: &RuleSet, lists: &[PathBuf]) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    let mut problems = 0;
    let mut warnings = 0;
    for rule in &rules.rules {
        let id = rule.rule.id.as_str();
        if let Err(error) = rule.check() {
            writeln!(out, "{id}: {}", crate::text::rules::wrong(&error, lang()))?;
            problems += 1;
        }
        let few =
            rule.rule.examples.len() < LEAST_EXAMPLES || rule.rule.counter_examples.len() < LEAST_EXAMPLES;
        if few {
            let needs = fill(Word::NeedsExamples.get(lang()), &[&LEAST_EXAMPLES, &LEAST_EXAMPLES]);
            writeln!(out, "{id}: {needs}")?;
            problems += 1;
        }
        for pattern in &rule.rule.patterns {
            let costly = regex::RegexBuilder::new(pattern).size_limit(BEARABLE).build().is_err();
            if costly && rule.check().is_ok() {
                writeln!(out, "{id}: {}", fill(Word::CostlyPattern.get(lang()), &[&pattern]))?;
                warnings += 1;
            }
        }
        // Only within a rule: what one rule finds at low may be another's counter-example.
        let mut seen: HashMap<(&str, String), bool> = HashMap::new();
        let finds = rule.rule.examples.iter().map(|example| (example, true));
        let leaves = rule.rule.counter_examples.iter().map(|example| (example, false));
        for (example, finds) in finds.chain(leaves) {
            let place = match example {
                Example::Full { place, name, .. } => format!("{:?} {name:?}", place.unwrap_or_default()),
                Example::Text(_) => format!("{:?} {:?}", crate::model::Kind::default(), None::<String>),
            };
            let Some(found_too) = seen.insert((example.text(), place), finds) else { continue };
            let text = for_terminal(example.text());
            if finds == found_too {
                writeln!(out, "{id}: {}", fill(Word::ExampleTwice.get(lang()), &[&text]))?;
                warnings += 1;
            } else {
                writeln!(out, "{id}: {}", fill(Word::ExampleBoth.get(lang()), &[&text]))?;
                problems += 1;
            }
        }
    }
    for list in lists {
        let file = list.display().to_string();
        let text = std::fs::read_to_string(list)
            .map_err(|error| rules::RuleError::Unreadable { file: file.clone(), error })?;
        if is_hashed(&text) {
            continue;
        }
        let told =
            floods(&text).map_err(|message| rules::RuleError::Syntax { file: file.clone(), message })?;
        for (line, flood) in told {
            let why = match flood {
                Flood::Short => Word::FloodShort,
                Flood::Digits => Word::FloodDigits,
                Flood::Common => Word::FloodCommon,
                Flood::Twice => Word::FloodTwice,
            };
            // The line's number, not the word: such output goes into logs.
            writeln!(out, "{}", fill(Word::LineWrong.get(lang()), &[&file, &line, &why.get(lang())]))?;
            warnings += 1;
        }
    }
    if warnings > 0 {
        writeln!(out, "{}", fill(Word::Warnings.get(lang()), &[&warnings]))?;
    }
    let told = fill(Word::RulesChecked.get(lang()), &[&rules.rules.len(), &problems]);
    writeln!(out, "{told}")?;
    Ok(if problems == 0 { Exit::Clean } else { Exit::Failed })
}

/// Says why a rule exists, or why a finding scored as it did.
pub(super) fn explain(args: &ExplainArgs) -> Result<Exit, Failure> {
    let is_fingerprint = args.what.len() >= 6 && args.what.chars().all(|letter| letter.is_ascii_hexdigit());
    if !is_fingerprint {
        return show(&load_all(&args.rules)?, &args.what);
    }
    if args.within.is_empty() {
        return Err(Failure::new(Word::FingerprintAlone.get(lang())));
    }
    let selection = args.rules.selection();
    let equipment = Equipment::new(
        rules::load(&selection)?,
        Settings { context: true, lang: lang(), ..Settings::default() },
    );
    let plan = Plan {
        selection,
        settings: equipment.settings.clone(),
        jobs: std::thread::available_parallelism().map_or(1, usize::from),
        isolation: Isolation::None,
        sandbox: false,
        roots: Vec::new(),
    };
    let walker = Walk { roots: args.within.clone(), ..Walk::default() }.prepare().map_err(Failure::new)?;
    let mut found: Vec<(String, Finding)> = Vec::new();
    let never = Arc::new(AtomicBool::new(false));
    let mut take = |report: crate::model::EntryReport| {
        for document in &report.documents {
            let same = document.findings.iter().filter(|finding| finding.fingerprint.starts_with(&args.what));
            found.extend(same.map(|finding| (display(&report.path, &document.members), finding.clone())));
        }
        Ok(())
    };
    let intake = Intake { walker, extra: Vec::new(), state: None };
    scan(&plan, Ready::Rules(Arc::clone(&equipment)), intake, &never, &mut take, &mut |_| {})
        .map_err(Failure::new)?;
    if found.is_empty() {
        return Err(Failure::new(fill(Word::NoFinding.get(lang()), &[&args.what])));
    }
    let glossary = output::glossary(&equipment.rules);
    let mut out = io::stdout().lock();
    for (path, finding) in &found {
        writeln!(out, "{}", for_terminal(path))?;
        let level = codes::level(finding.level, lang());
        writeln!(out, "  {} ({}), {level} {}", finding.title, finding.rule, finding.confidence)?;
        let place = place_in_words(&finding.place, lang());
        let stands = fill(Word::StandsAs.get(lang()), &[&finding.matched, &place]);
        writeln!(out, "  {}", for_terminal(&stands))?;
        for reason in &finding.reasons {
            let told = glossary.reason(&reason.code, lang());
            writeln!(out, "  {:+4}  {:<22} {told}", reason.points, reason.code)?;
        }
        let sum: i32 = finding.reasons.iter().map(|reason| reason.points).sum();
        let counts =
            fill(Word::SumCounts.get(lang()), &[&codes::band(finding.band(), lang()), &finding.confidence]);
        writeln!(out, "  {sum:4}  {:<22} {counts}", Word::Sum.get(lang()))?;
    }
    Ok(Exit::Clean)
}
