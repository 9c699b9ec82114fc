//! `daumat report`: records of scans as other reports.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use super::args::{
    ConvertArgs, MergeArgs, MinutesArgs, OutputArgs, PaperArgs, PaperFormat, PeriodArg, PeriodicArgs,
    ReportArgs, ReportVerb,
};
use super::output::{self, Wanted};
use super::{Exit, Failure, evidence, lang, message};
use crate::model::Level;
use crate::report::office::{self, Office, Paper, Period, Scan, Term};
use crate::report::replay::{self, ReplayError};
use crate::report::{Report, SCHEMA_VERSION, Start, Tally, Threshold};
use crate::rules::{self, Selection};
use crate::text::{Word, fill};

/// Runs one of the report verbs.
pub(super) fn run(args: &ReportArgs) -> Result<Exit, Failure> {
    match &args.verb {
        ReportVerb::Convert(args) => convert(args),
        ReportVerb::Merge(args) => merge(args),
        ReportVerb::Verify(args) => evidence::verify(args),
        ReportVerb::Keygen(args) => evidence::keygen(args),
        ReportVerb::Minutes(args) => minutes(args),
        ReportVerb::Periodic(args) => periodic(args),
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

fn minutes(args: &MinutesArgs) -> Result<Exit, Failure> {
    let office = names(&args.paper)?;
    let scan = scan(&args.input, &args.paper)?;
    write(&office::minutes(&office, &scan), &args.paper, std::slice::from_ref(&args.input))
}

fn periodic(args: &PeriodicArgs) -> Result<Exit, Failure> {
    let office = names(&args.paper)?;
    let scans = args.inputs.iter().map(|input| scan(input, &args.paper)).collect::<Result<Vec<Scan>, _>>()?;
    let latest = scans.iter().filter_map(Scan::day).max();
    // A scan after the closing day belongs to the year to come.
    let of_latest = latest.map(|day| {
        let after = (day.month(), day.day()) > (args.closing.1, args.closing.0);
        day.year() + i16::from(after)
    });
    let year = args.year.or(of_latest).unwrap_or(2000);
    let (usual, term) = match args.period {
        PeriodArg::Year => (Period::year(year, args.closing), Term::Year(year)),
        PeriodArg::SixMonths => (Period::half(year, args.closing), Term::HalfYear(year)),
    };
    let usual = usual.map_err(Failure::new)?;
    let term = if args.from.is_some() || args.to.is_some() { Term::Days } else { term };
    let period = Period { from: args.from.unwrap_or(usual.from), to: args.to.unwrap_or(usual.to) };
    if period.to < period.from {
        return Err(Failure::new(fill(Word::PeriodBackwards.get(lang()), &[&period.to, &period.from])));
    }
    let mut counted = Vec::new();
    for (scan, input) in scans.into_iter().zip(&args.inputs) {
        match scan.day() {
            Some(day) if !period.has(day) => {
                message::warning(&fill(Word::OutsidePeriod.get(lang()), &[&input.display(), &day]));
            }
            _ => counted.push(scan),
        }
    }
    if counted.is_empty() {
        return Err(Failure::new(fill(Word::NothingInPeriod.get(lang()), &[&period.from, &period.to])));
    }
    write(&office::periodic(&office, &counted, period, term), &args.paper, &args.inputs)
}

fn scan(input: &Path, args: &PaperArgs) -> Result<Scan, Failure> {
    let threshold = Threshold { band: args.min_confidence.into(), fail_on: Level::Internal };
    let name = input.display().to_string();
    let scan = Scan::read(&name, &mut read(input)?, threshold)?;
    warn(&name, &scan.tally);
    Ok(scan)
}

/// Units and persons: from the file, and over it from the command line.
fn names(args: &PaperArgs) -> Result<Office, Failure> {
    let file = match &args.office {
        None => Office::default(),
        Some(path) => {
            let failed = |error: &dyn std::fmt::Display| {
                Failure::new(fill(Word::CannotRead.get(lang()), &[&path.display(), error]))
            };
            let text = std::fs::read_to_string(path).map_err(|error| failed(&error))?;
            toml::from_str(&text).map_err(|error| failed(&error))?
        }
    };
    Ok(file.overlaid(Office {
        parent: args.parent.clone(),
        unit: args.unit.clone(),
        code: args.code.clone(),
        number: args.number.clone(),
        place: args.place.clone(),
        date: args.date.map(|date| date.to_string()),
        location: args.location.clone(),
        machine: args.machine.clone(),
        present: args.present.clone(),
        recipients: args.recipient.clone(),
        signer_title: args.signer_title.clone(),
        signer: args.signer.clone(),
        secretary: args.secretary.clone(),
        legal_basis: args.legal_basis,
    }))
}

fn write(paper: &Paper, args: &PaperArgs, inputs: &[PathBuf]) -> Result<Exit, Failure> {
    let extension = args.output.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let format = match (args.format, extension.to_ascii_lowercase().as_str()) {
        (Some(format), _) => format,
        (None, "docx") => PaperFormat::Docx,
        (None, "html" | "htm") => PaperFormat::Html,
        _ => return Err(Failure::new(fill(Word::PaperExtension.get(lang()), &[&args.output.display()]))),
    };
    let mut files: Vec<PathBuf> = inputs.iter().filter_map(|file| file.canonicalize().ok()).collect();
    let file = output::create_new(&args.output, &mut files)?;
    match format {
        PaperFormat::Docx => office::write_docx(paper, file)?,
        PaperFormat::Html => office::write_html(paper, io::BufWriter::new(file))?,
    }
    Ok(Exit::Clean)
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
            ReplayError::Io { file, error } => Failure::new(format!("{file}: {error}")),
            ReplayError::Record { file, line, message } => {
                Failure::new(fill(Word::NoRecord.get(lang()), &[&file, &line, &message]))
            }
            ReplayError::Schema { file, found } => {
                Failure::new(fill(Word::LaterSchema.get(lang()), &[&file, &found, &SCHEMA_VERSION]))
            }
        }
    }
}
