//! The command line in Vietnamese: help, and what was typed wrongly. `clap` itself speaks English only.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, CommandFactory as _, FromArgMatches as _};

use super::args::Cli;
use super::{lang, message};
use crate::text::help::{ARGUMENTS, EXIT_CODES, HEADINGS, VALUES, VERBS, of};
use crate::text::{Lang, Word, fill};

/// What was typed.
pub(super) fn parse(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    let command = if lang() == Lang::Vi {
        speak(Cli::command())
    } else if arguments.iter().any(|word| word == "help" || word == "-h" || word == "--help") {
        // Options of all verbs would stand before the verb's own.
        Cli::command()
    } else {
        Cli::late()
    };
    command.try_get_matches_from(arguments).and_then(|found| Cli::from_arg_matches(&found))
}

/// Prints help, the version, or what was typed wrongly; `clap` knows which stream is right.
pub(super) fn print(error: &clap::Error) {
    match usage_error(error) {
        Some(text) => message::error(&text),
        None => drop(error.print()),
    }
}

/// Puts Vietnamese texts in the place of the English ones.
fn speak(command: Command) -> Command {
    verb(command.version(env!("CARGO_PKG_VERSION")).disable_version_flag(true), "").arg(
        Arg::new("version")
            .short('V')
            .long("version")
            .action(ArgAction::Version)
            .help(of(ARGUMENTS, "version"))
            .help_heading(Word::OptionsHead.get(Lang::Vi)),
    )
}

fn verb(command: Command, words: &str) -> Command {
    let usage = Word::Usage.get(Lang::Vi);
    let after = if words.is_empty() { EXIT_CODES } else { "" };
    let about = of(VERBS, words).unwrap_or_default();
    let command = command
        .about(about)
        .long_about(about)
        .help_template(format!("{{about-with-newline}}\n{usage} {{usage}}\n\n{{all-args}}{{after-help}}"))
        .subcommand_help_heading(Word::Commands.get(Lang::Vi))
        .after_help(after)
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .mut_args(|arg| argument(arg, words))
        .mut_subcommands(|one| {
            let words = format!("{words} {}", one.get_name());
            verb(one, words.trim())
        });
    command.arg(
        Arg::new("help")
            .short('h')
            .long("help")
            .action(ArgAction::Help)
            .help(of(ARGUMENTS, "help"))
            .help_heading(Word::OptionsHead.get(Lang::Vi)),
    )
}

/// The Vietnamese help of an argument of a verb.
fn help_of(id: &str, words: &str) -> Option<&'static str> {
    of(ARGUMENTS, &format!("{words}/{id}")).or_else(|| of(ARGUMENTS, id))
}

fn argument(arg: Arg, words: &str) -> Arg {
    let id = arg.get_id().to_string();
    let heading = match arg.get_help_heading() {
        Some(heading) => of(HEADINGS, heading),
        None if arg.is_positional() => Some(Word::Arguments.get(Lang::Vi)),
        None => Some(Word::OptionsHead.get(Lang::Vi)),
    };
    let told = help_of(&id, words).unwrap_or_default();
    let arg = arg.help_heading(heading);
    if !arg.get_action().takes_values() {
        return arg.help(told).long_help(told);
    }
    let mut short = told.to_owned();
    let mut long = told.to_owned();
    let values = arg.get_possible_values();
    let names: Vec<&str> = values.iter().map(clap::builder::PossibleValue::get_name).collect();
    let default: Vec<String> =
        arg.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
    let mut notes = String::new();
    if !default.is_empty() {
        notes = format!(" [mặc định: {}]", default.join(", "));
    }
    if !names.is_empty() {
        let explained: Vec<String> = names
            .iter()
            .filter_map(|name| of(VALUES, &format!("{id}={name}")).map(|text| format!("- {name}: {text}")))
            .collect();
        short += &format!(" [giá trị: {}]", names.join(", "));
        long += &if explained.is_empty() {
            format!(" [giá trị: {}]", names.join(", "))
        } else {
            format!("\n\nGiá trị:\n{}\n\n", explained.join("\n"))
        };
    }
    short += &notes;
    long += &notes;
    arg.help(short).long_help(long).hide_possible_values(true).hide_default_value(true)
}

/// A usage error in the language of this run; `None` where `clap` says it better (help and version are such errors).
fn usage_error(error: &clap::Error) -> Option<String> {
    if lang() == Lang::En || !error.use_stderr() {
        return None;
    }
    let told = |kind: ContextKind| {
        error.get(kind).map(|value| match value {
            ContextValue::String(text) => text.clone(),
            ContextValue::Strings(all) => all.join(", "),
            ContextValue::StyledStr(text) => text.to_string(),
            ContextValue::StyledStrs(all) => {
                all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
            }
            other => other.to_string(),
        })
    };
    let one = |word: Word, kind: ContextKind| told(kind).map(|text| fill(word.get(Lang::Vi), &[&text]));
    let source = || std::error::Error::source(error).map(ToString::to_string);
    let mut text = match error.kind() {
        ErrorKind::UnknownArgument => one(Word::UnknownArgument, ContextKind::InvalidArg)?,
        ErrorKind::InvalidSubcommand => one(Word::UnknownVerb, ContextKind::InvalidSubcommand)?,
        ErrorKind::MissingRequiredArgument => one(Word::MissingArgument, ContextKind::InvalidArg)?,
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let (arg, value) = (told(ContextKind::InvalidArg)?, told(ContextKind::InvalidValue)?);
            match source() {
                _ if value.is_empty() => fill(Word::MissingValue.get(Lang::Vi), &[&arg]),
                Some(why) => fill(Word::WrongValueWhy.get(Lang::Vi), &[&value, &arg, &why]),
                None => fill(Word::WrongValue.get(Lang::Vi), &[&value, &arg]),
            }
        }
        ErrorKind::ArgumentConflict => {
            let (arg, prior) = (told(ContextKind::InvalidArg)?, told(ContextKind::PriorArg)?);
            fill(Word::Conflict.get(Lang::Vi), &[&arg, &prior])
        }
        _ => return None,
    };
    let hint = if let Some(near) =
        told(ContextKind::SuggestedArg).or_else(|| told(ContextKind::SuggestedSubcommand))
    {
        fill(Word::DidYouMean.get(Lang::Vi), &[&near])
    } else if let Some(values) = told(ContextKind::ValidValue).filter(|values| !values.is_empty()) {
        fill(Word::PossibleValues.get(Lang::Vi), &[&values])
    } else {
        Word::ForMore.get(Lang::Vi).to_owned()
    };
    text += &format!("\nhint: {hint}");
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(command: &Command, words: &str, missing: &mut Vec<String>) {
        if of(VERBS, words).is_none() {
            missing.push(format!("verb `{words}`"));
        }
        for arg in command.get_arguments() {
            let id = arg.get_id().as_str();
            if help_of(id, words).is_none() {
                missing.push(format!("argument `{words}/{id}`"));
            }
            if let Some(heading) = arg.get_help_heading()
                && of(HEADINGS, heading).is_none()
            {
                missing.push(format!("heading `{heading}`"));
            }
            for value in arg.get_possible_values() {
                let key = format!("{id}={}", value.get_name());
                if value.get_help().is_some() && of(VALUES, &key).is_none() {
                    missing.push(format!("value `{key}`"));
                }
            }
        }
        for one in command.get_subcommands() {
            walk(one, format!("{words} {}", one.get_name()).trim(), missing);
        }
    }

    #[test]
    fn no_help_lacks_a_translation() {
        let mut missing = Vec::new();
        walk(&Cli::command(), "", &mut missing);
        assert!(missing.is_empty(), "src/text/help.rs lacks {missing:#?}");
    }

    #[test]
    fn the_vietnamese_command_line_is_consistent_and_the_same() {
        let command = speak(Cli::command());
        command.clone().debug_assert();
        let typed = ["daumat", "scan", "a", "--lang", "vi", "-f", "sarif", "--report", "csv=x"];
        assert!(command.try_get_matches_from(typed).is_ok());
    }
}
