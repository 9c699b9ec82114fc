//! The command line: what was typed, what it means, and the exit code.

mod args;
mod baseline;
mod config;
mod doctor;
mod evidence;
mod extract;
mod late;
mod manual;
mod message;
mod output;
mod progress;
mod report;
mod review;
mod rule_tests;
mod rules;
mod scan;
mod vietnamese;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::CommandFactory as _;

use args::{Cli, LangArg, Verb};

use crate::rules::RuleError;
use crate::text::{Lang, Word, fill};

/// The language of this run is Vietnamese. Set once, before anything is said; messages are made in many places.
static VIETNAMESE: AtomicBool = AtomicBool::new(false);

/// The language of this run.
fn lang() -> Lang {
    if VIETNAMESE.load(Ordering::Relaxed) { Lang::Vi } else { Lang::En }
}

/// The language that was asked for, wherever it stands on the command line: help and usage errors come before
/// everything else was understood.
fn chosen_lang(arguments: &[OsString]) -> Lang {
    let mut typed = arguments.iter().filter_map(|argument| argument.to_str()).skip(1);
    while let Some(argument) = typed.next() {
        let tag = match argument.strip_prefix("--lang") {
            Some("") => typed.next(),
            Some(rest) => rest.strip_prefix('='),
            None if argument == "--" => break,
            None => None,
        };
        if let Some(lang) = tag.and_then(Lang::from_tag) {
            return lang;
        }
    }
    Lang::of_locale()
}

/// Exit codes of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything was read in full, and nothing is at or above the threshold.
    Clean,
    /// At least one finding at or above the threshold.
    Findings,
    /// The run itself failed: usage, rules, configuration, output.
    Failed,
    /// No such finding, but not everything was read.
    Incomplete,
    /// Somebody stopped it.
    Interrupted,
}

impl Exit {
    /// The number.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::Failed => 2,
            Exit::Incomplete => 3,
            Exit::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

/// Runs the program with these arguments, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if arguments.get(1).is_some_and(|verb| verb == crate::scan::conductor::READER_VERB) {
        // Its standard error is closed; the conductor sees the end of its output.
        return if crate::scan::reader::run().is_ok() { Exit::Clean } else { Exit::Failed };
    }
    VIETNAMESE.store(chosen_lang(&arguments) == Lang::Vi, Ordering::Relaxed);
    let result = parse(&arguments).and_then(|cli| {
        if let Some(lang) = cli.lang {
            VIETNAMESE.store(lang == LangArg::Vi, Ordering::Relaxed);
        }
        run_verb(cli.verb)
    });
    match result {
        Ok(exit) => exit,
        Err(Failure::Usage(error)) => {
            // Help and version are not failures; clap knows which stream is right.
            let failed = error.use_stderr();
            vietnamese::print(&error);
            if failed { Exit::Failed } else { Exit::Clean }
        }
        Err(Failure::ClosedPipe) => Exit::Clean,
        Err(Failure::Message(text)) => {
            message::error(&text);
            Exit::Failed
        }
    }
}

/// Runs one verb.
fn run_verb(verb: Verb) -> Result<Exit, Failure> {
    match verb {
        Verb::Scan(args) => scan::run(args.taken()),
        Verb::Extract(args) => extract::run(&args),
        Verb::Explain(args) => rules::explain(&args),
        Verb::Rules(args) => rules::run(&args),
        Verb::Baseline(args) => baseline::run(args.taken().verb),
        Verb::Review(args) => review::run(&args),
        Verb::Doctor => doctor::run(),
        Verb::Config(args) => check_config(args.taken().verb),
        Verb::Report(args) => report::run(&args),
        Verb::Schema => print(crate::report::SCHEMA).map_err(Failure::from).map(|()| Exit::Clean),
        Verb::Completions { shell } => manual::completions(shell),
        Verb::Man { output } => manual::pages(output.as_deref()),
    }
}

/// What was typed, together with the user's settings.
fn parse(arguments: &[OsString]) -> Result<Cli, Failure> {
    let typed = |arguments: &[OsString]| vietnamese::parse(arguments).map_err(Failure::Usage);
    let Some(config) = config::choose(arguments).map_err(Failure::new)? else {
        return typed(arguments);
    };
    let command = Cli::command();
    let is_check = matches!(typed(arguments), Ok(Cli { verb: Verb::Config(_), .. }));
    if is_check {
        return typed(arguments);
    }
    let problems = config.problems(&command);
    let cli =
        typed(&if problems.is_empty() { config.expand(&command, arguments) } else { arguments.to_vec() });
    if let Ok(Cli { verb: Verb::Scan(args), .. }) = &cli
        && config.is_scanned(args)
    {
        message::warning(&fill(Word::ConfigScanned.get(lang()), &[&config.path().display()]));
        return typed(arguments);
    }
    if problems.is_empty() { cli } else { Err(Failure::Message(told(&config, &problems))) }
}

fn told(config: &config::Config, problems: &[config::Problem]) -> String {
    let line = |problem: &config::Problem| {
        fill(Word::LineWrong.get(lang()), &[&config.path().display(), &problem.line, &problem.message])
    };
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn check_config(verb: args::ConfigVerb) -> Result<Exit, Failure> {
    let args::ConfigVerb::Check { file } = verb;
    let path = file.unwrap_or_else(|| config::NAME.into());
    let config =
        config::Config::read(&path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
    let problems = config.problems(&Cli::command());
    if problems.is_empty() {
        print(&(fill(Word::ConfigFine.get(lang()), &[&path.display()]) + "\n"))?;
        return Ok(Exit::Clean);
    }
    Err(Failure::Message(told(&config, &problems)))
}

/// Why the run itself failed.
#[derive(Debug)]
enum Failure {
    /// Something to tell: what, where, and after `hint:` what to do.
    Message(String),
    /// The command line is wrong, or asks for help.
    Usage(clap::Error),
    /// The reader of our output went away; that is its right.
    ClosedPipe,
}

impl Failure {
    fn new(text: impl std::fmt::Display) -> Failure {
        Failure::Message(text.to_string())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        if error.kind() == io::ErrorKind::BrokenPipe { Failure::ClosedPipe } else { Failure::new(error) }
    }
}

impl From<RuleError> for Failure {
    fn from(error: RuleError) -> Failure {
        let told =
            |word: Word, values: &[&dyn std::fmt::Display]| Failure::new(fill(word.get(lang()), values));
        match &error {
            RuleError::Unreadable { file, error } => told(Word::RuleUnreadable, &[file, error]),
            RuleError::Rule { file, id, message } => {
                told(Word::RuleWrong, &[file, id, &crate::text::rules::wrong(message, lang())])
            }
            RuleError::NoFiles { folder } => told(Word::NoPackFiles, &[folder]),
            RuleError::NoPack { id, known } => told(Word::NoPack, &[id, known]),
            RuleError::NoBasis { id, known } => told(Word::NoBasis, &[id, known]),
            RuleError::NoRule { id } => told(Word::NoRule, &[id]),
            RuleError::Empty => told(Word::NoRuleInEffect, &[]),
            RuleError::Syntax { file, message } => {
                Failure::new(format_args!("{file}: {}", crate::text::rules::wrong(message, lang())))
            }
        }
    }
}

/// Prints data.
fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
