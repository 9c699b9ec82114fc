//! `daumat baseline`: known findings, and what was decided about them.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Deserialize;

use super::args::{AuditArgs, BaselineVerb};
use super::{Exit, Failure, message};
use crate::baseline::{Baseline, Entry};
use crate::model::{Decision, Level};
use crate::report::display;
use crate::report::escape::for_terminal;

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
        return Err(Failure::new(format!(
            "{} is there already\nhint: `daumat baseline update` keeps its decisions; --force replaces it",
            path.display()
        )));
    }
    update(Baseline::default(), path, reports)
}

fn update(mut baseline: Baseline, path: &Path, reports: &[PathBuf]) -> Result<Exit, Failure> {
    let done = baseline.update(entries_of(reports)?);
    baseline.write(path)?;
    if done.unbound > 0 {
        message::warning(&format!(
            "{} findings are in no baseline: their documents have no content hash, or could not be read to the end",
            done.unbound
        ));
    }
    let total = baseline.entries().len();
    writeln!(
        io::stdout().lock(),
        "{}: {total} entries, {} new, {} known",
        path.display(),
        done.added,
        done.kept
    )?;
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
        return Err(Failure::new(
            "this would decide about every entry\nhint: choose with --finding, --path, --rule or --decision, or say --all",
        ));
    }
    if args.expires.is_some_and(|day| day < today) {
        return Err(Failure::new("--expires: that day is over"));
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
        return Err(Failure::new("no entry is meant\nhint: `daumat baseline audit FILE` lists them"));
    }
    baseline.write(&args.baseline)?;
    writeln!(io::stdout().lock(), "{count} entries: {}", Decision::from(decision).as_str())?;
    Ok(Exit::Clean)
}

fn list(baseline: &Baseline, wanted: impl Fn(&Entry) -> bool, today: Date) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    let mut undecided = 0;
    let mut shown = 0;
    for entry in baseline.entries().iter().filter(|entry| wanted(entry)) {
        shown += 1;
        undecided += usize::from(entry.decision == Decision::Undecided);
        let expired = if entry.is_expired(today) { " (expired)" } else { "" };
        let short: String = entry.finding.chars().take(12).collect();
        writeln!(
            out,
            "{}{expired}  {}  {}",
            entry.decision.as_str(),
            entry.level,
            for_terminal(&entry.path)
        )?;
        writeln!(
            out,
            "    {} in {}, finding {short}, first seen {}",
            entry.rule, entry.place, entry.first_seen
        )?;
        if let (Some(approver), Some(reason)) = (&entry.approver, &entry.reason) {
            let until = entry.expires.map_or(String::new(), |day| format!(", until {day}"));
            let on = entry.decided.map_or(String::new(), |day| format!(" on {day}"));
            writeln!(out, "    {}{on}{until}: {}", for_terminal(approver), for_terminal(reason))?;
        }
    }
    writeln!(out, "{shown} of {} entries, {undecided} undecided", baseline.entries().len())?;
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

/// What is needed of a record.
#[derive(Deserialize)]
struct Record {
    r#type: String,
    #[serde(default)]
    path: String,
    #[serde(default)]
    members: Vec<String>,
    rule: Option<String>,
    level: Option<Level>,
    fingerprint: Option<String>,
    place: Option<PlaceRecord>,
    blake3: Option<String>,
    interrupted: Option<bool>,
}

#[derive(Deserialize)]
struct PlaceRecord {
    kind: String,
}

/// The findings of JSONL reports as entries; the content hash is empty where the report has none.
fn entries_of(reports: &[PathBuf]) -> Result<Vec<Entry>, Failure> {
    let mut entries = Vec::new();
    for path in reports {
        let input: Box<dyn BufRead> = if path.as_os_str() == "-" {
            Box::new(io::stdin().lock())
        } else {
            let file =
                File::open(path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
            Box::new(BufReader::new(file))
        };
        read_report(input, &path.display().to_string(), &mut entries)?;
    }
    Ok(entries)
}

fn read_report(input: impl BufRead, name: &str, entries: &mut Vec<Entry>) -> Result<(), Failure> {
    let mut findings: Vec<(String, Record)> = Vec::new();
    let mut contents: HashMap<String, String> = HashMap::new();
    let mut today = jiff::Zoned::now().date();
    let mut complete = false;
    for (number, line) in input.lines().enumerate() {
        let line = line.map_err(|error| Failure::new(format!("{name}: {error}")))?;
        if line.trim().is_empty() {
            continue;
        }
        let record: Record = serde_json::from_str(&line).map_err(|error| {
            Failure::new(format!(
                "{name}: line {}: {error}\nhint: a report of `daumat scan --format jsonl` is expected",
                number + 1
            ))
        })?;
        let address = display(&record.path, &record.members);
        match record.r#type.as_str() {
            "start" => {
                let started = serde_json::from_str::<Started>(&line).ok();
                if let Some(day) = started.and_then(|start| start.started.parse::<jiff::Timestamp>().ok()) {
                    today = day.to_zoned(jiff::tz::TimeZone::system()).date();
                }
            }
            "finding" => findings.push((address, record)),
            "document" => {
                if let Some(content) = record.blake3 {
                    contents.insert(address, content);
                }
            }
            "summary" => complete = !record.interrupted.unwrap_or(false),
            _ => {}
        }
    }
    if !complete {
        message::warning(&format!("{name}: the report is of a scan that did not come to its end"));
    }
    entries.extend(findings.into_iter().filter_map(|(address, record)| {
        Some(Entry {
            document: contents.get(&address).cloned().unwrap_or_default(),
            path: address,
            finding: record.fingerprint?,
            rule: record.rule?,
            level: record.level?,
            place: record.place?.kind,
            decision: Decision::Undecided,
            reason: None,
            approver: None,
            decided: None,
            expires: None,
            first_seen: today,
        })
    }));
    Ok(())
}

#[derive(Deserialize)]
struct Started {
    started: String,
}
