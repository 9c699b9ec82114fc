//! The command line: what was typed, what it means, and the exit code.

mod args;
mod extract;
mod message;
mod output;
mod progress;
mod report;
mod rules;
mod scan;
mod vietnamese;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use std::sync::atomic::{AtomicBool, Ordering};

use args::{LangArg, Verb};

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
    let cli = match vietnamese::parse(&arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are not failures; clap knows which stream is right.
            let failed = error.use_stderr();
            vietnamese::print(&error);
            return if failed { Exit::Failed } else { Exit::Clean };
        }
    };
    if let Some(lang) = cli.lang {
        VIETNAMESE.store(lang == LangArg::Vi, Ordering::Relaxed);
    }
    let result = match cli.verb {
        Verb::Scan(args) => scan::run(*args),
        Verb::Extract(args) => extract::run(&args),
        Verb::Explain(args) => rules::explain(&args),
        Verb::Rules(args) => rules::run(&args),
        Verb::Report(args) => report::run(&args),
        Verb::Schema => print(crate::report::SCHEMA).map_err(Failure::from).map(|()| Exit::Clean),
    };
    match result {
        Ok(exit) => exit,
        Err(Failure::ClosedPipe) => Exit::Clean,
        Err(Failure::Message(text)) => {
            message::error(&text);
            Exit::Failed
        }
    }
}

/// Why the run itself failed.
#[derive(Debug)]
enum Failure {
    /// Something to tell: what, where, and after `hint:` what to do.
    Message(String),
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
            RuleError::Rule { file, id, message } => told(Word::RuleWrong, &[file, id, message]),
            RuleError::NoFiles { folder } => told(Word::NoPackFiles, &[folder]),
            RuleError::NoPack { id, known } => told(Word::NoPack, &[id, known]),
            RuleError::NoRule { id } => told(Word::NoRule, &[id]),
            RuleError::Empty => told(Word::NoRuleInEffect, &[]),
            RuleError::Syntax { .. } => Failure::new(error),
        }
    }
}

/// Prints data.
fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
