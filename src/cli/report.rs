//! `daumat report`: records of scans as other reports.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use super::args::{ConvertArgs, MergeArgs, OutputArgs, ReportArgs, ReportVerb};
use super::output::{self, Wanted};
use super::{Exit, Failure, evidence, lang, message};
use crate::model::Level;
use crate::report::replay::{self, ReplayError};
use crate::report::{Report, Start, Tally, Threshold};
use crate::rules::{self, Selection};
use crate::text::{Word, fill};

/// Runs one of the report verbs.
pub(super) fn run(args: &ReportArgs) -> Result<Exit, Failure> {
    match &args.verb {
        ReportVerb::Convert(args) => convert(args),
        ReportVerb::Merge(args) => merge(args),
        ReportVerb::Verify(args) => evidence::verify(args),
        ReportVerb::Keygen(args) => evidence::keygen(args),
    }
}

fn convert(args: &ConvertArgs) -> Result<Exit, Failure> {
    let inputs = std::slice::from_ref(&args.input);
    let mut lines = read(&args.input)?;
    let mut report = open(&args.output, inputs)?;
    let name = args.input.display().to_string();
    let told = replay::convert(&name, &mut lines, &mut report)?;
    warn(&name, &told.tally);
    Ok(Exit::Clean)
}

fn merge(args: &MergeArgs) -> Result<Exit, Failure> {
    let mut scans = Vec::new();
    for input in &args.inputs {
        scans.push((input.display().to_string(), read(input)?));
    }
    let mut report = open(&args.output, &args.inputs)?;
    let told = replay::merge(&mut scans, &mut report)?;
    warn(
        &args.inputs.iter().map(|input| input.display().to_string()).collect::<Vec<_>>().join(", "),
        &told.tally,
    );
    Ok(Exit::Clean)
}

/// Tells that records break off.
pub(super) fn warn(name: &str, tally: &Tally) {
    if tally.interrupted {
        message::warning(&fill(Word::CutShort.get(lang()), &[&name]));
    }
}

/// Opens records for reading; `-` is standard input.
pub(super) fn read(path: &Path) -> Result<Box<dyn BufRead>, Failure> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let file = File::open(path)
        .map_err(|error| Failure::new(fill(Word::CannotRead.get(lang()), &[&path.display(), &error])))?;
    Ok(Box::new(BufReader::with_capacity(256 << 10, file)))
}

fn open(args: &OutputArgs, inputs: &[PathBuf]) -> Result<Several, Failure> {
    // Every pack that is built in, for the names of its rules and reasons.
    let known = rules::load(&Selection { packs: vec!["all".to_owned()], ..Selection::default() })?;
    let threshold = Threshold { band: args.min_confidence.into(), fail_on: Level::Internal };
    let wanted = Wanted {
        format: args.format,
        output: args.output.as_deref(),
        further: &args.report,
        color: args.color,
        threshold,
        // What was listed once stays listed.
        list_all: true,
        verbose: args.verbose,
        glossary: output::glossary(&known),
        inputs,
    };
    output::open(&wanted).map(Several)
}

/// Several reports that are written side by side.
struct Several(Vec<Box<dyn Report>>);

impl Report for Several {
    fn start(&mut self, start: &Start) -> io::Result<()> {
        self.0.iter_mut().try_for_each(|report| report.start(start))
    }

    fn entry(&mut self, entry: &crate::model::EntryReport) -> io::Result<()> {
        self.0.iter_mut().try_for_each(|report| report.entry(entry))
    }

    fn finish(&mut self, tally: &Tally) -> io::Result<()> {
        self.0.iter_mut().try_for_each(|report| report.finish(tally))
    }
}

impl From<ReplayError> for Failure {
    fn from(error: ReplayError) -> Failure {
        match error {
            ReplayError::Report(error) => error.into(),
            other => Failure::new(other),
        }
    }
}
