//! `daumat scan`: what the arguments mean, and the run.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal as _, Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::args::{FormatArg, IsolationArg, ScanArgs, WhenArg};
use super::progress::Progress;
use super::{Exit, Failure, message};
use crate::model::{GapReason, show_path};
use crate::report::{Jsonl, Paths, Report, Start, Tally, Text, Threshold};
use crate::rules;
use crate::scan::conductor::{Ended, Isolation, Plan, ScanError, scan};
use crate::scan::examine::{Equipment, Settings};
use crate::walk::{Entry, Walk};

/// Runs a scan.
pub(super) fn run(args: ScanArgs) -> Result<Exit, Failure> {
    let begun = Instant::now();
    let allowed = allowed_reasons(args.allow_incomplete.as_deref())?;
    let selection = absolute(args.rules.selection())?;
    let rules = rules::load(&selection)?;
    let limits = args.limits.limits();
    let (roots, stdin) = roots(&args)?;
    let start = Start {
        rules_digest: rules.digest.clone(),
        packs: rules.packs.iter().map(|pack| pack.id.clone()).collect(),
        roots: args.paths.iter().map(|path| show_path(path.as_os_str())).collect(),
        started: jiff::Timestamp::now().to_string(),
    };
    let threshold = Threshold { band: args.min_confidence.into(), fail_on: args.fail_on.into() };
    let mut reports = open_reports(&args, threshold)?;
    let settings =
        Settings { limits, list_all: args.list_all, context: args.show_context, vietnamese: false };
    let extra = if stdin { vec![standard_input(limits.max_in_memory)?] } else { Vec::new() };
    let globs = args.glob.iter().cloned().chain(args.exclude.iter().map(|glob| format!("!{glob}"))).collect();
    let walk =
        Walk { roots: roots.clone(), globs, ignore_files: args.ignore_file.clone(), follow: args.follow };
    let walker = walk.prepare().map_err(Failure::new)?;
    let isolation = match args.isolation {
        IsolationArg::Process => Isolation::Process,
        IsolationArg::None => Isolation::None,
    };
    let plan = Plan {
        selection,
        settings,
        jobs: args
            .jobs
            .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
            .clamp(1, 256),
        isolation,
        sandbox: true,
        roots: sandbox_roots(&roots, args.follow),
    };
    let equipment = (isolation == Isolation::None).then(|| Equipment::new(rules, settings));
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
        equipment,
        walker,
        extra,
        &interrupted,
        &mut |entry| {
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
        Err(error @ (ScanError::Reader(_) | ScanError::Walk(_))) => return Err(Failure::new(error)),
    };
    tally.interrupted = ended == Ended::Interrupted;
    tally.elapsed = begun.elapsed();
    for report in &mut reports {
        report.finish(&tally)?;
    }
    if tally.documents == 0 && !args.quiet {
        message::warning("no file was found at the given paths");
    }
    Ok(exit(&tally, args.exit_zero, unallowed))
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
            Failure::new(format!(
                "--allow-incomplete: no reason `{name}`\nhint: reasons are {}",
                known.join(", ")
            ))
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
        return Err(Failure::new(format!("cannot scan {}", missing.join("; "))));
    }
    if let Some(list) = &args.files_from {
        if list.as_os_str() == "-" && stdin {
            return Err(Failure::new("standard input cannot be a document and the list of files at once"));
        }
        roots.extend(listed(list)?);
    } else if args.paths.is_empty() {
        return Err(Failure::new("no path to scan\nhint: `daumat scan .` scans the current folder"));
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
    read.map_err(|error| Failure::new(format!("standard input: {error}")))?;
    if content.len() as u64 > limit {
        let text = format!(
            "standard input is larger than {} MB\nhint: write it to a file and scan that",
            limit >> 20
        );
        return Err(Failure::new(text));
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
    for path in selection.paths.iter_mut().chain(&mut selection.keywords).chain(&mut selection.labels) {
        *path = std::path::absolute(&*path)
            .map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
    }
    Ok(selection)
}

fn open_reports(args: &ScanArgs, threshold: Threshold) -> Result<Vec<Box<dyn Report>>, Failure> {
    let mut reports: Vec<Box<dyn Report>> = Vec::new();
    let terminal = args.output.is_none() && io::stdout().is_terminal();
    let out: Box<dyn Write> = match &args.output {
        Some(path) => Box::new(create(path)?),
        None => Box::new(io::stdout().lock()),
    };
    reports.push(report(args.format, out, args, threshold, terminal));
    for typed in &args.report {
        let Some((format, path)) = typed.split_once('=') else {
            return Err(Failure::new(format!("--report {typed}: expected FORMAT=FILE")));
        };
        let format = <FormatArg as clap::ValueEnum>::from_str(format, true).map_err(|_| {
            Failure::new(format!(
                "--report {typed}: no format `{format}`\nhint: formats are text, paths, jsonl"
            ))
        })?;
        reports.push(report(format, Box::new(create(Path::new(path))?), args, threshold, false));
    }
    Ok(reports)
}

fn report(
    format: FormatArg,
    out: Box<dyn Write>,
    args: &ScanArgs,
    threshold: Threshold,
    terminal: bool,
) -> Box<dyn Report> {
    let out = BufWriter::with_capacity(64 << 10, out);
    let color = match args.color {
        WhenArg::Always => true,
        WhenArg::Never => false,
        WhenArg::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    };
    match format {
        FormatArg::Text => Box::new(Text::new(out, threshold, color, args.verbose)),
        FormatArg::Paths => Box::new(Paths::new(out, threshold, terminal)),
        FormatArg::Jsonl => Box::new(Jsonl::new(out, threshold, args.list_all)),
    }
}

/// Creates an output file that only its owner can read: a list of where secret papers lie is itself sensitive.
fn create(path: &Path) -> Result<File, Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let failed = |error| Failure::new(format!("cannot write {}: {error}", path.display()));
    let file = options.open(path).map_err(failed)?;
    // A file that was there keeps its mode when it is opened.
    #[cfg(unix)]
    if file.metadata().map_err(failed)?.is_file() {
        let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        file.set_permissions(owner_only).map_err(failed)?;
    }
    Ok(file)
}
