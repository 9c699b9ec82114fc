//! `daumat completions` and `daumat man`: made of the command line itself.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use clap::{Command, CommandFactory as _};

use super::args::Cli;
use super::{Exit, Failure};

/// Prints completions.
pub(super) fn completions(shell: clap_complete::Shell) -> Result<Exit, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "daumat", &mut text);
    io::stdout().lock().write_all(&text)?;
    Ok(Exit::Clean)
}

/// Prints the page of the program, or writes the pages of all verbs.
pub(super) fn pages(folder: Option<&Path>) -> Result<Exit, Failure> {
    let mut command = Cli::command();
    command.build();
    let Some(folder) = folder else {
        io::stdout().lock().write_all(&page(command)?)?;
        return Ok(Exit::Clean);
    };
    let failed = |error| Failure::new(format!("{}: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(failed)?;
    write_pages(command, "daumat", folder).map_err(failed)?;
    Ok(Exit::Clean)
}

fn page(command: Command) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command).render(&mut text)?;
    Ok(text)
}

fn write_pages(command: Command, name: &str, folder: &Path) -> io::Result<()> {
    for verb in command.get_subcommands().filter(|verb| verb.get_name() != "help") {
        write_pages(verb.clone(), &format!("{name}-{}", verb.get_name()), folder)?;
    }
    // A page names the whole way to its verb.
    fs::write(folder.join(format!("{name}.1")), page(command.name(name.to_owned()))?)
}
