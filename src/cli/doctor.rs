//! `daumat doctor`: what this installation can read, proved by documents that it carries.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::{Exit, Failure, lang, print};
use crate::doctor::Flock;
use crate::extract::limits::Limits;
use crate::identify::unread_formats;
use crate::rules::{self, Selection};
use crate::scan::Given;
use crate::scan::conductor::{Intake, Isolation, Plan, Ready, scan};
use crate::scan::examine::Settings;
use crate::text::{Word, fill};
use crate::walk::Walk;

/// Scans the canaries as documents of a user are scanned, and tells.
pub(super) fn run() -> Result<Exit, Failure> {
    let lang = lang();
    let rules = rules::load(&Selection::default())?;
    let mut flock = Flock::of(&rules);
    let plan = Plan {
        selection: Selection::default(),
        settings: Settings::default(),
        jobs: std::thread::available_parallelism().map_or(1, usize::from),
        isolation: Isolation::Process,
        sandbox: true,
        roots: Vec::new(),
    };
    let walker = Walk { roots: Vec::<PathBuf>::new(), ..Walk::default() }.prepare().map_err(Failure::new)?;
    let mut given = Given::default();
    let never = Arc::new(AtomicBool::new(false));
    let extra = flock.entries(0);
    let mut take = |report| {
        drop(flock.take(report));
        Ok(())
    };
    let intake = Intake { walker, extra, state: None };
    scan(&plan, Ready::Nothing, intake, &never, &mut take, &mut |count| {
        given = count.sandbox.unwrap_or(given)
    })
    .map_err(Failure::new)?;

    let mut out = String::new();
    let mut line = |word: Word, values: &[&dyn std::fmt::Display]| {
        out.push_str(&fill(word.get(lang), values));
        out.push('\n');
    };
    let yes = |is: bool| if is { Word::Yes.get(lang) } else { Word::No.get(lang) };
    let packs: Vec<&str> = rules.packs.iter().map(|pack| pack.id.as_str()).collect();
    let digest: String = rules.digest.chars().take(16).collect();
    line(Word::DoctorRules, &[&rules.rules.len(), &packs.join(", "), &digest]);
    line(Word::DoctorReader, &[]);
    line(Word::DoctorFiles, &[&yes(given.files)]);
    line(Word::DoctorCalls, &[&yes(given.calls)]);
    line(Word::DoctorMemory, &[&yes(given.memory)]);
    let limits = Limits::default();
    line(
        Word::DoctorLimits,
        &[
            &(limits.max_in_memory >> 20),
            &(limits.max_archive_size >> 30),
            &lang.number(limits.max_archive_files),
            &limits.max_archive_depth,
            &limits.timeout.as_secs(),
        ],
    );
    line(Word::DoctorOcr, &[]);
    line(Word::DoctorUnread, &[&unread_formats().join(", ")]);
    let missed = flock.missed();
    line(Word::DoctorCanaries, &[&(flock.len() - missed.len()), &flock.len()]);
    for (canary, found) in flock.results() {
        let told = if found { Word::DoctorFound } else { Word::DoctorMissed }.get(lang);
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "  {:<16} {:<28} {told}",
            canary.format,
            canary.name.rsplit('/').next().unwrap_or_default()
        );
    }
    let head = format!(
        "daumat {} ({} {})\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH
    );
    print(&(head + &out))?;
    if missed.is_empty() {
        Ok(Exit::Clean)
    } else {
        Err(Failure::new(fill(Word::CanaryMissed.get(lang), &[&missed.join(", ")])))
    }
}
