//! `daumat baseline`: known findings, and what was decided about them.

use std::collections::HashSet;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::args::{AuditArgs, BaselineVerb};
use super::{Exit, Failure, lang, message, report};
use crate::baseline::{Baseline, BaselineError, Entry};
use crate::model::Decision;
use crate::report::escape::for_terminal;
use crate::report::{display, replay};
use crate::text::{Word, codes, fill};

/// Runs one of the baseline verbs.
pub(super) fn run(verb: BaselineVerb) -> Result<Exit, Failure> {
    match verb {
        BaselineVerb::Create { baseline, reports, force } => create(&baseline, &reports, force),
        BaselineVerb::Update { baseline, reports } => update(Baseline::read(&baseline)?, &baseline, &reports),
        BaselineVerb::Audit(args) => audit(&args),
        BaselineVerb::Prune { baseline, reports } => prune(&baseline, &reports),
    }
}

fn create(path: &Path, reports: &[PathBuf], force: bool) -> Result<Exit, Failure> {
    if path.exists() && !force {
        return Err(Failure::new(fill(Word::BaselineThere.get(lang()), &[&path.display()])));
    }
    update(Baseline::default(), path, reports)
}

fn update(mut baseline: Baseline, path: &Path, reports: &[PathBuf]) -> Result<Exit, Failure> {
    let done = baseline.update(entries_of(reports)?);
    baseline.write(path)?;
    if done.unbound > 0 {
        message::warning(&fill(Word::BaselineUnbound.get(lang()), &[&done.unbound]));
    }
    let total = baseline.entries().len();
    let counts: [&dyn std::fmt::Display; 4] = [&path.display(), &total, &done.added, &done.kept];
    writeln!(io::stdout().lock(), "{}", fill(Word::BaselineCount.get(lang()), &counts))?;
    Ok(Exit::Clean)
}

fn audit(args: &AuditArgs) -> Result<Exit, Failure> {
    let mut baseline = Baseline::read(&args.baseline)?;
    let wanted = |entry: &Entry| {
        args.decision.is_none_or(|decision| entry.decision == decision.into())
            && args.path.as_ref().is_none_or(|path| entry.path.starts_with(path.as_str()))
            && args.rule.as_ref().is_none_or(|rule| entry.rule == *rule)
            && (args.finding.is_empty()
                || args.finding.iter().any(|begin| entry.finding.starts_with(begin.as_str())))
    };
    let today = jiff::Zoned::now().date();
    let Some(decision) = args.decide else {
        return list(&baseline, wanted, today);
    };
    let chosen =
        args.decision.is_some() || args.path.is_some() || args.rule.is_some() || !args.finding.is_empty();
    if !chosen && !args.all {
        return Err(Failure::new(Word::DecideAll.get(lang())));
    }
    if args.expires.is_some_and(|day| day < today) {
        return Err(Failure::new(Word::DayOver.get(lang())));
    }
    let count = baseline.decide(wanted, |entry| {
        entry.decision = decision.into();
        let decided = entry.decision != Decision::Undecided;
        entry.reason = args.reason.clone().filter(|_| decided);
        entry.approver = args.approver.clone().filter(|_| decided);
        entry.decided = decided.then_some(today);
        entry.expires = args.expires.filter(|_| decided);
    });
    if count == 0 {
        return Err(Failure::new(Word::NoEntryMeant.get(lang())));
    }
    baseline.write(&args.baseline)?;
    let told = codes::decision(decision.into(), lang());
    writeln!(io::stdout().lock(), "{}", fill(Word::EntriesDecided.get(lang()), &[&count, &told]))?;
    Ok(Exit::Clean)
}

fn list(baseline: &Baseline, wanted: impl Fn(&Entry) -> bool, today: Date) -> Result<Exit, Failure> {
    let lang = lang();
    let mut out = io::stdout().lock();
    let mut undecided = 0;
    let mut shown = 0;
    for entry in baseline.entries().iter().filter(|entry| wanted(entry)) {
        shown += 1;
        undecided += usize::from(entry.decision == Decision::Undecided);
        let expired = if entry.is_expired(today) { Word::IsExpired.get(lang) } else { "" };
        let short: String = entry.finding.chars().take(12).collect();
        let decision = codes::decision(entry.decision, lang);
        let level = codes::level(entry.level, lang);
        writeln!(out, "{decision}{expired}  {level}  {}", for_terminal(&entry.path))?;
        let told = fill(Word::EntryIs.get(lang), &[&entry.rule, &entry.place, &short, &entry.first_seen]);
        writeln!(out, "    {}", for_terminal(&told))?;
        if let (Some(approver), Some(reason)) = (&entry.approver, &entry.reason) {
            let day = |word: Word, day: Option<Date>| {
                day.map_or(String::new(), |day| fill(word.get(lang), &[&lang.date(&day.to_string())]))
            };
            let (on, until) = (day(Word::DecidedOn, entry.decided), day(Word::DecidedUntil, entry.expires));
            writeln!(out, "    {}{on}{until}: {}", for_terminal(approver), for_terminal(reason))?;
        }
    }
    let total = baseline.entries().len();
    writeln!(out, "{}", fill(Word::EntriesShown.get(lang), &[&shown, &total, &undecided]))?;
    Ok(Exit::Clean)
}

fn prune(path: &Path, reports: &[PathBuf]) -> Result<Exit, Failure> {
    let mut baseline = Baseline::read(path)?;
    let today = jiff::Zoned::now().date();
    let there: Option<HashSet<(String, String)>> = if reports.is_empty() {
        None
    } else {
        Some(entries_of(reports)?.into_iter().map(|entry| (entry.document, entry.finding)).collect())
    };
    let gone = baseline.prune(|entry| {
        let met = there
            .as_ref()
            .is_none_or(|there| there.contains(&(entry.document.clone(), entry.finding.clone())));
        met && !entry.is_expired(today)
    });
    baseline.write(path)?;
    writeln!(
        io::stdout().lock(),
        "{}: {} entries, {gone} removed",
        path.display(),
        baseline.entries().len()
    )?;
    Ok(Exit::Clean)
}

/// The findings of JSONL reports as entries; the content hash is empty where the report has none.
fn entries_of(reports: &[PathBuf]) -> Result<Vec<Entry>, Failure> {
    let mut entries = Vec::new();
    for path in reports {
        let name = path.display().to_string();
        let mut lines = report::read(path)?;
        let start = replay::read_start(&name, &mut lines)?;
        let started = start.started.parse::<jiff::Timestamp>();
        let first_seen =
            started.map_or_else(|_| jiff::Zoned::now(), |at| at.to_zoned(TimeZone::system())).date();
        let tally = replay::read_rest(&name, &mut lines, &mut |report| {
            for document in &report.documents {
                let address = display(&report.path, &document.members);
                let content = document.blake3.clone().unwrap_or_default();
                let of = |finding| Entry::of(address.clone(), content.clone(), finding, first_seen);
                entries.extend(document.findings.iter().map(of));
            }
            Ok(())
        })?;
        report::warn(&name, &tally);
    }
    Ok(entries)
}

impl From<BaselineError> for Failure {
    fn from(error: BaselineError) -> Failure {
        let words =
            |word: Word, values: &[&dyn std::fmt::Display]| Failure::new(fill(word.get(lang()), values));
        match error {
            BaselineError::Io { file, error } => Failure::new(format!("{file}: {error}")),
            BaselineError::Line { file, line, message } => words(Word::LineWrong, &[&file, &line, &message]),
            BaselineError::Unsigned { file, line } => {
                words(Word::LineWrong, &[&file, &line, &Word::NeedsApprover.get(lang())])
            }
            BaselineError::NoHead { file } => words(Word::NoBaseline, &[&file]),
        }
    }
}
