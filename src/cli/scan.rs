//! `daumat scan`: what the arguments mean, and the run.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::args::{IsolationArg, ScanArgs};
use super::output::{self, Wanted};
use super::progress::Progress;
use super::{Exit, Failure, evidence, lang, message};
use crate::baseline::{Baseline, Standing};
use crate::doctor::Flock;
use crate::model::{GapReason, show_path};
use crate::report::{Jsonl, LegalBasis, Start, Tally, Threshold, mask_keywords};
use crate::rules;
use crate::scan::conductor::{Early, Ended, Intake, Isolation, Plan, Ready, ScanError, scan};
use crate::scan::examine::{Equipment, Settings};
use crate::state::{State, Unused};
use crate::text::{Lang, Word, fill};
use crate::walk::{Entry, Walk, WalkError};

/// The law that each pack cites, where it knows several.
fn legal_basis(rules: &rules::RuleSet, lang: Lang) -> Vec<LegalBasis> {
    let cited = |(index, pack): (usize, &rules::PackHead)| {
        let basis = rules.basis_of(index)?;
        let title = basis.title.get(lang).to_owned();
        Some(LegalBasis { pack: pack.id.clone(), id: basis.id.clone(), title })
    };
    rules.packs.iter().enumerate().filter_map(cited).collect()
}

/// Runs a scan.
pub(super) fn run(args: ScanArgs) -> Result<Exit, Failure> {
    let begun = Instant::now();
    let allowed = allowed_reasons(args.allow_incomplete.as_deref())?;
    let selection = absolute(args.rules.selection())?;
    let limits = args.limits.limits();
    let (roots, stdin) = roots(&args)?;
    let settings = Settings {
        limits,
        list_all: args.list_all || evidence::wanted(&args),
        digests: evidence::wanted(&args),
        text_digests: false,
        context: args.show_context,
        lang: lang(),
        passwords: args.passwords.read()?,
    };
    let isolation = match args.isolation {
        IsolationArg::Process => Isolation::Process,
        IsolationArg::None => Isolation::None,
    };
    let plan = Plan {
        selection,
        settings: settings.clone(),
        jobs: args
            .jobs
            .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
            .clamp(1, 256),
        isolation,
        sandbox: true,
        roots: sandbox_roots(&roots, args.follow),
    };
    // Both processes make rules ready at the same time.
    let early = (isolation == Isolation::Process).then(|| Early::start(&plan));
    let rules = rules::load(&plan.selection)?;
    let start = Start {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        rules_digest: rules.digest.clone(),
        packs: rules.packs.iter().map(|pack| pack.id.clone()).collect(),
        legal_basis: legal_basis(&rules, lang()),
        roots: args.paths.iter().map(|path| show_path(path.as_os_str())).collect(),
        started: jiff::Timestamp::now().to_string(),
    };
    let mut baseline = args.baseline.as_deref().map(Baseline::read).transpose()?;
    let today = jiff::Zoned::now().date();
    let threshold = Threshold { band: args.min_confidence.into(), fail_on: args.fail_on.into() };
    let mut reports = output::open(&Wanted {
        format: args.format,
        output: args.output.as_deref(),
        further: &args.report,
        color: args.color,
        threshold,
        list_all: args.list_all,
        verbose: args.verbose,
        glossary: output::glossary(&rules),
        inputs: &[],
    })?;
    let bundle = evidence::begin(&args)?;
    if let Some(bundle) = &bundle {
        reports.push(Box::new(Jsonl::new(bundle.results()?, threshold, true)));
    }
    let mut flock = if args.canary { canaries(&rules)? } else { Flock::default() };
    let mut extra = if stdin { vec![standard_input(limits.max_in_memory)?] } else { Vec::new() };
    extra.extend(flock.entries(extra.len() as u64));
    let globs = args.glob.iter().cloned().chain(args.exclude.iter().map(|glob| format!("!{glob}"))).collect();
    let walk =
        Walk { roots: roots.clone(), globs, ignore_files: args.ignore_file.clone(), follow: args.follow };
    let walker = walk.prepare().map_err(|error| match error {
        WalkError::IgnoreFile(error) => Failure::new(fill(Word::IgnoreFileWrong.get(lang()), &[&error])),
        WalkError::Glob { .. } => Failure::new(error),
    })?;
    let mut state =
        args.state.as_deref().map(|path| open_state(path, &rules, &plan, args.quiet)).transpose()?;
    let ready = match early {
        Some(early) => Ready::Process(early),
        None => Ready::Rules(Equipment::new(rules, settings)),
    };
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    drop(ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed)));

    for report in &mut reports {
        report.start(&start)?;
    }
    let mut tally = Tally::default();
    let flagged = std::cell::Cell::new(0u64);
    let mut progress = Progress::new(args.progress, args.quiet);
    let mut unallowed = false;
    let ended = scan(
        &plan,
        ready,
        Intake { walker, extra, state: state.as_mut() },
        &interrupted,
        &mut |entry| {
            let Some(mut entry) = flock.take(entry) else { return Ok(()) };
            if bundle.is_some() {
                evidence::complete(&mut entry);
            }
            if let Some(baseline) = &mut baseline {
                baseline.apply(&mut entry, today, args.require_audit);
            }
            if !args.show_context {
                mask_keywords(&mut entry);
            }
            tally.add(&entry, &threshold);
            flagged.set(tally.flagged_documents);
            for document in entry.documents.iter().filter(|document| document.skipped.is_none()) {
                unallowed |= document.gaps.iter().any(|gap| !allowed.covers(gap.reason));
            }
            reports.iter_mut().try_for_each(|report| report.entry(&entry))
        },
        &mut |count| progress.update(count, flagged.get()),
    );
    progress.end();
    let ended = match ended {
        Ok(ended) => ended,
        Err(ScanError::Report(error)) => return Err(error.into()),
        Err(ScanError::Reader(error)) => {
            return Err(Failure::new(fill(Word::ReaderUnusable.get(lang()), &[&error])));
        }
        Err(ScanError::Walk(error)) => {
            return Err(Failure::new(fill(Word::WalkFailed.get(lang()), &[&error])));
        }
        Err(ScanError::State(error)) => return Err(state_failure(args.state.as_deref(), &error)),
    };
    tally.interrupted = ended == Ended::Interrupted;
    if let Some(state) = state {
        tally.recalled = Some(state.recalled());
        state.finish(tally.interrupted).map_err(|error| state_failure(args.state.as_deref(), &error))?;
    }
    // Whole milliseconds, as records tell it: a report made of records is the same as one made at once.
    tally.elapsed = Duration::from_millis(u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX));
    for report in &mut reports {
        report.finish(&tally)?;
    }
    drop(reports);
    if let Some(bundle) = bundle {
        evidence::end(bundle, &start, &tally, &limits)?;
    }
    if !args.quiet {
        if tally.documents == 0 {
            message::warning(Word::NoFile.get(lang()));
        }
        let standing = baseline.filter(|_| !tally.interrupted).map(|it| it.standing(&start.roots, today));
        tell_standing(standing.unwrap_or_default());
    }
    let missed = flock.missed();
    if !missed.is_empty() && !tally.interrupted {
        return Err(Failure::new(fill(Word::CanaryMissed.get(lang()), &[&missed.join(", ")])));
    }
    Ok(exit(&tally, args.exit_zero, unallowed))
}

/// Opens the state of earlier scans. It holds only for this very program, these rules, limits and settings.
fn open_state(path: &Path, rules: &rules::RuleSet, plan: &Plan, quiet: bool) -> Result<State, Failure> {
    let failed = |error| state_failure(Some(path), &error);
    let program = std::env::current_exe().and_then(std::fs::metadata).map_err(failed)?;
    let built = program.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    let selection = &plan.selection;
    let key = rules::keyword_key(selection.keywords_key.as_deref())?.map(|key| key.id().to_owned());
    let parts =
        ((env!("CARGO_PKG_VERSION"), program.len(), built), (&rules.digest, selection, key), &plan.settings);
    let parts = postcard::to_stdvec(&parts).map_err(|error| failed(io::Error::other(error)))?;
    let (state, unused) = State::open(path, blake3::hash(&parts).as_bytes()).map_err(failed)?;
    match unused {
        Some(Unused::Other) if !quiet => {
            message::warning(&fill(Word::StateOther.get(lang()), &[&path.display()]))
        }
        // What was damaged, or changed by somebody, must not stay unnoticed.
        Some(Unused::Damaged) => message::warning(&fill(Word::StateDamaged.get(lang()), &[&path.display()])),
        _ => {}
    }
    Ok(state)
}

fn state_failure(path: Option<&Path>, error: &io::Error) -> Failure {
    let path = path.unwrap_or(Path::new("--state"));
    Failure::new(fill(Word::StateFailed.get(lang()), &[&path.display(), error]))
}

/// The canaries that fit the rules in effect. None at all would prove nothing.
fn canaries(rules: &rules::RuleSet) -> Result<Flock, Failure> {
    let flock = Flock::of(rules);
    if flock.is_empty() { Err(Failure::new(Word::NoCanary.get(lang()))) } else { Ok(flock) }
}

/// A decision that no longer works must not stay unnoticed.
fn tell_standing(standing: Standing) {
    if standing.expired > 0 {
        message::warning(&fill(Word::Expired.get(lang()), &[&standing.expired]));
    }
    if standing.stale > 0 {
        message::warning(&fill(Word::Stale.get(lang()), &[&standing.stale]));
    }
}

fn exit(tally: &Tally, exit_zero: bool, unallowed: bool) -> Exit {
    if tally.interrupted {
        Exit::Interrupted
    } else if exit_zero {
        Exit::Clean
    } else if tally.failing_documents > 0 {
        Exit::Findings
    } else if tally.is_incomplete() && unallowed {
        Exit::Incomplete
    } else {
        Exit::Clean
    }
}

/// Reasons for which incomplete reading is accepted.
enum Allowed {
    Nothing,
    Everything,
    These(Vec<GapReason>),
}

impl Allowed {
    fn covers(&self, reason: GapReason) -> bool {
        match self {
            Allowed::Nothing => false,
            Allowed::Everything => true,
            Allowed::These(reasons) => reasons.contains(&reason),
        }
    }
}

fn allowed_reasons(typed: Option<&[String]>) -> Result<Allowed, Failure> {
    let Some(typed) = typed else { return Ok(Allowed::Nothing) };
    let named: Vec<&String> = typed.iter().filter(|name| !name.is_empty()).collect();
    if named.is_empty() {
        return Ok(Allowed::Everything);
    }
    let reason = |name: &String| {
        GapReason::from_name(name).ok_or_else(|| {
            let known: Vec<&str> = GapReason::ALL.into_iter().map(GapReason::as_str).collect();
            Failure::new(fill(Word::NoReason.get(lang()), &[name, &known.join(", ")]))
        })
    };
    named.into_iter().map(reason).collect::<Result<_, _>>().map(Allowed::These)
}

/// The paths to walk, and whether standard input is a document.
fn roots(args: &ScanArgs) -> Result<(Vec<PathBuf>, bool), Failure> {
    let stdin = args.paths.iter().any(|path| path.as_os_str() == "-");
    let mut roots: Vec<PathBuf> = args.paths.iter().filter(|path| path.as_os_str() != "-").cloned().collect();
    let missing: Vec<String> = roots
        .iter()
        .filter_map(|path| path.symlink_metadata().err().map(|error| format!("{}: {error}", path.display())))
        .collect();
    if !missing.is_empty() {
        return Err(Failure::new(fill(Word::CannotScan.get(lang()), &[&missing.join("; ")])));
    }
    if let Some(list) = &args.files_from {
        if list.as_os_str() == "-" && stdin {
            return Err(Failure::new(Word::StdinTwice.get(lang())));
        }
        roots.extend(listed(list)?);
    } else if args.paths.is_empty() {
        return Err(Failure::new(Word::NoPath.get(lang())));
    }
    Ok((roots, stdin))
}

/// Paths from a list, one a line or NUL-separated. They need not be UTF-8.
fn listed(list: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut bytes = Vec::new();
    let read = if list.as_os_str() == "-" {
        io::stdin().lock().read_to_end(&mut bytes)
    } else {
        File::open(list).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    read.map_err(|error| Failure::new(format!("--files-from {}: {error}", list.display())))?;
    let separator = if bytes.contains(&0) { 0 } else { b'\n' };
    let paths = bytes.split(|byte| *byte == separator).map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    Ok(paths.filter(|path| !path.is_empty()).map(path_from_bytes).collect())
}

#[cfg(unix)]
fn path_from_bytes(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    std::ffi::OsStr::from_bytes(bytes).into()
}

#[cfg(not(unix))]
fn path_from_bytes(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// The document on standard input. It travels to the reader in memory, so it has a limit.
fn standard_input(limit: u64) -> Result<Entry, Failure> {
    let mut content = Vec::new();
    let read = io::stdin().lock().take(limit + 1).read_to_end(&mut content);
    read.map_err(|error| Failure::new(format!("{}: {error}", Word::StandardInput.get(lang()))))?;
    if content.len() as u64 > limit {
        return Err(Failure::new(fill(Word::StdinTooLarge.get(lang()), &[&(limit >> 20)])));
    }
    Ok(Entry {
        id: 0,
        path: "-".into(),
        name: String::new(),
        size: content.len() as u64,
        content: Some(content),
        span: None,
    })
}

/// Roots that are allowed one by one; each costs the kernel a rule that every opening of a file is held against.
const MAX_SANDBOX_ROOTS: usize = 256;

/// What the reader process may read. Links lead anywhere, so following them opens everything for reading, as does a
/// long list of files.
fn sandbox_roots(roots: &[PathBuf], follow: bool) -> Vec<OsString> {
    if follow || roots.len() > MAX_SANDBOX_ROOTS {
        return vec!["/".into()];
    }
    roots.iter().map(|root| root.clone().into_os_string()).collect()
}

/// The reader process has the same working folder, so relative paths would do; absolute ones survive a later change.
fn absolute(mut selection: rules::Selection) -> Result<rules::Selection, Failure> {
    let lists = selection.keywords.iter_mut().chain(&mut selection.keywords_key);
    for path in
        selection.paths.iter_mut().chain(lists).chain(&mut selection.labels).chain(&mut selection.known)
    {
        *path = std::path::absolute(&*path)
            .map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
    }
    Ok(selection)
}
