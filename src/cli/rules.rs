//! `daumat rules` and `daumat explain`.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::args::{ExplainArgs, RuleArgs, RulesArgs, RulesVerb};
use super::{Exit, Failure, lang, output};
use crate::model::Finding;
use crate::report::escape::for_terminal;
use crate::report::{display, place_in_words};
use crate::rules::{self, Case, RuleKind, RuleSet};
use crate::scan::conductor::{Isolation, Plan, scan};
use crate::scan::examine::{Equipment, Settings};
use crate::scan::trial::{Outcome, try_rules};
use crate::text::{Lang, Word, codes, fill};
use crate::walk::Walk;

/// Runs one of the rule verbs.
pub(super) fn run(args: &RulesArgs) -> Result<Exit, Failure> {
    match &args.verb {
        RulesVerb::List(args) => list(&rules::load(&args.selection())?),
        RulesVerb::Show { id, rules } => show(&load_all(rules)?, id),
        RulesVerb::Check(args) => check(&load_all(args)?),
        RulesVerb::Test(args) => test(load_all(args)?),
    }
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
    title.in_language(lang() == Lang::Vi)
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

fn check(rules: &RuleSet) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    let mut problems = 0;
    for rule in &rules.rules {
        if let Err(error) = rule.check() {
            writeln!(out, "{}: {error}", rule.rule.id)?;
            problems += 1;
        }
        let judged = matches!(rule.rule.kind, RuleKind::Marking | RuleKind::Keyword);
        let few =
            rule.rule.examples.len() < LEAST_EXAMPLES || rule.rule.counter_examples.len() < LEAST_EXAMPLES;
        if judged && few {
            let needs = fill(Word::NeedsExamples.get(lang()), &[&LEAST_EXAMPLES, &LEAST_EXAMPLES]);
            writeln!(out, "{}: {needs}", rule.rule.id)?;
            problems += 1;
        }
    }
    let told = fill(Word::RulesChecked.get(lang()), &[&rules.rules.len(), &problems]);
    writeln!(out, "{told}")?;
    Ok(if problems == 0 { Exit::Clean } else { Exit::Failed })
}

fn test(rules: RuleSet) -> Result<Exit, Failure> {
    let outcomes = try_rules(&Equipment::new(rules, Settings::default()));
    let mut out = io::stdout().lock();
    let failed = outcomes.iter().filter(|outcome| !outcome.passed);
    for Outcome { rule, text, problem, .. } in failed.clone() {
        writeln!(out, "{rule}: {problem}\n    {}", for_terminal(text))?;
    }
    let told = fill(Word::ExamplesTried.get(lang()), &[&outcomes.len(), &failed.clone().count()]);
    writeln!(out, "{told}")?;
    Ok(if failed.count() == 0 { Exit::Clean } else { Exit::Failed })
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
        Settings { context: true, vietnamese: lang() == Lang::Vi, ..Settings::default() },
    );
    let plan = Plan {
        selection,
        settings: equipment.settings,
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
    scan(&plan, Some(Arc::clone(&equipment)), walker, Vec::new(), &never, &mut take, &mut |_| {})
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
