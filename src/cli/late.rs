//! Arguments of verbs that are prepared once their verb was typed.

use std::cell::Cell;
use std::ops::Deref;

use clap::{ArgMatches, Args, Command, CommandFactory as _, FromArgMatches};

use super::args::Cli;

/// The arguments of a verb. For [`Cli::late`] they are prepared once that verb was typed: preparing those of all verbs took a third
/// of the instructions of `--version`, and a ninth of those of `extract --pages 1` of a small PDF (callgrind).
#[derive(Debug)]
pub(super) struct Late<T>(Box<T>);

thread_local! {
    static LATE: Cell<bool> = const { Cell::new(false) };
}

impl Cli {
    /// The command line, each verb without its arguments until it is typed. Who looks through the verbs wants [`Cli::command`].
    pub(super) fn late() -> Command {
        LATE.set(true);
        let command = Cli::command();
        LATE.set(false);
        command
    }
}

impl<T: Args> Args for Late<T> {
    fn augment_args(command: Command) -> Command {
        if LATE.get() { command.defer(T::augment_args) } else { T::augment_args(command) }
    }

    fn augment_args_for_update(command: Command) -> Command {
        T::augment_args_for_update(command)
    }
}

impl<T: FromArgMatches> FromArgMatches for Late<T> {
    fn from_arg_matches(found: &ArgMatches) -> Result<Late<T>, clap::Error> {
        T::from_arg_matches(found).map(|args| Late(Box::new(args)))
    }

    fn update_from_arg_matches(&mut self, found: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(found)
    }
}

impl<T> Deref for Late<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Late<T> {
    /// The arguments themselves.
    pub(super) fn taken(self) -> T {
        *self.0
    }
}
