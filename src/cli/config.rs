//! `daumat.toml`: flags that a user does not want to type every time.
//!
//! A table stands for a verb, its keys for the flags of that verb without their dashes: `[scan]`, `fail-on = "secret"`.
//! What is typed wins; lists are added to. Keys and values are held against the command line itself, so a new flag can be
//! set here without a line of code.
//!
//! The file is `daumat.toml` in the working folder, or the one that `--config` names; never one from the scanned tree,
//! whose owner is not the user.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint};
use toml::de::{DeTable, DeValue};

use super::args::ScanArgs;
use super::lang;
use crate::text::{Word, fill};

/// Name of the file that is read without being asked for.
pub(super) const NAME: &str = "daumat.toml";

/// A configuration that was read.
pub(super) struct Config {
    path: PathBuf,
    text: String,
    /// Whether it was found rather than named.
    found: bool,
}

/// Something wrong in a configuration.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// Line, from 1.
    pub(super) line: usize,
    /// What, and after `hint:` what to do.
    pub(super) message: String,
}

/// Which configuration was asked for on the command line.
pub(super) fn choose(arguments: &[OsString]) -> Result<Option<Config>, String> {
    let mut named: Option<PathBuf> = None;
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.to_str() {
            Some("--") => break,
            Some("--no-config") => return Ok(None),
            Some("--config") => named = words.next().map(PathBuf::from),
            Some(word) => named = word.strip_prefix("--config=").map(PathBuf::from).or(named),
            None => {}
        }
    }
    let found = named.is_none();
    let path = named.unwrap_or_else(|| NAME.into());
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(Config { path, text, found })),
        Err(error) if found && error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn read(path: &Path) -> std::io::Result<Config> {
        Ok(Config { path: path.to_owned(), text: fs::read_to_string(path)?, found: false })
    }

    /// Its file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it was found in the working folder, and that is part of what these arguments scan.
    pub(super) fn is_scanned(&self, args: &ScanArgs) -> bool {
        let inside = |root: &Path| {
            let (Ok(root), Ok(file)) = (root.canonicalize(), self.path.canonicalize()) else { return false };
            file.starts_with(root)
        };
        self.found && (args.files_from.is_some() || args.paths.iter().any(|root| inside(root)))
    }

    /// Everything that is wrong in it, in the order of its lines.
    pub(super) fn problems(&self, command: &Command) -> Vec<Problem> {
        let table = match DeTable::parse(&self.text) {
            Ok(table) => table,
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                return vec![Problem { line: self.line(at), message: error.message().to_owned() }];
            }
        };
        let mut problems = Vec::new();
        self.check_table(table.get_ref(), command, command, &mut Vec::new(), &mut problems);
        problems.sort_by_key(|problem| problem.line);
        problems
    }

    fn check_table<'c>(
        &self,
        table: &DeTable<'_>,
        whole: &Command,
        command: &'c Command,
        verbs: &mut Vec<&'c str>,
        problems: &mut Vec<Problem>,
    ) {
        for (key, value) in table {
            let name: &str = key.get_ref();
            let line = self.line(key.span().start);
            let verb = command.get_subcommands().find(|verb| verb.get_name() == name);
            if let (Some(verb), Some(table)) = (verb, value.get_ref().as_table()) {
                verbs.push(verb.get_name());
                self.check_table(table, whole, verb, verbs, problems);
                verbs.pop();
                continue;
            }
            let Some(flag) = flag(command, name) else {
                problems.push(Problem { line, message: unknown(name, command, verbs) });
                continue;
            };
            let tokens = match tokens(flag, value.get_ref(), self.folder()) {
                Ok(tokens) => tokens,
                Err(message) => {
                    problems.push(Problem { line, message: format!("`{name}`: {message}") });
                    continue;
                }
            };
            let words = std::iter::once("daumat").chain(verbs.iter().copied()).map(OsString::from);
            if let Err(error) = whole.clone().try_get_matches_from(words.chain(tokens))
                && !matches!(
                    error.kind(),
                    ErrorKind::MissingRequiredArgument
                        | ErrorKind::MissingSubcommand
                        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
                )
            {
                let text = error.render().to_string();
                let told = text.split("\n\nUsage:").next().unwrap_or_default();
                let told = told.split("\n\nFor more").next().unwrap_or_default();
                let message = told.trim_start_matches("error: ").trim().to_owned();
                problems.push(Problem { line, message: format!("`{name}`: {message}") });
            }
        }
    }

    /// The arguments with what the file says of their verb put in. Call it only without [`Config::problems`].
    pub(super) fn expand(&self, command: &Command, arguments: &[OsString]) -> Vec<OsString> {
        let Ok(table) = DeTable::parse(&self.text) else { return arguments.to_vec() };
        let typed = command.clone().ignore_errors(true).try_get_matches_from(arguments).ok();
        let mut at = 1;
        let mut here = (table.get_ref(), command, typed.as_ref());
        let mut insert = None;
        while let Some(word) = arguments.get(at) {
            let (table, command, typed) = here;
            at += 1;
            if takes_next(command, word) {
                at += 1;
                continue;
            }
            let Some(verb) = command.get_subcommands().find(|verb| OsStr::new(verb.get_name()) == word)
            else {
                if word.to_str().is_some_and(|word| word.starts_with('-')) {
                    continue;
                }
                break;
            };
            let inner = table.get(verb.get_name()).and_then(|inner| inner.get_ref().as_table());
            let Some(inner) = inner else { break };
            here = (inner, verb, typed.and_then(|typed| typed.subcommand_matches(verb.get_name())));
            insert = Some(at);
        }
        let Some(insert) = insert else { return arguments.to_vec() };
        let (table, command, typed) = here;
        let mut words = arguments.to_vec();
        let mut new = Vec::new();
        for (key, value) in table {
            let Some(flag) = flag(command, key.get_ref()) else { continue };
            let several = matches!(flag.get_action(), ArgAction::Append);
            if !several && typed.is_some_and(|typed| is_typed(typed, flag)) {
                continue;
            }
            new.extend(tokens(flag, value.get_ref(), self.folder()).unwrap_or_default());
        }
        words.splice(insert..insert, new);
        words
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or_else(|| Path::new(""))
    }

    fn line(&self, at: usize) -> usize {
        self.text.get(..at).unwrap_or_default().matches('\n').count() + 1
    }
}

/// Flags that choose the configuration cannot stand in it.
const NOT_HERE: [&str; 4] = ["config", "no-config", "help", "version"];

fn flag<'c>(command: &'c Command, name: &str) -> Option<&'c Arg> {
    command.get_arguments().find(|flag| flag.get_long() == Some(name) && !NOT_HERE.contains(&name))
}

fn is_typed(typed: &ArgMatches, flag: &Arg) -> bool {
    let source = typed.try_contains_id(flag.get_id().as_str()).ok();
    source.is_some() && typed.value_source(flag.get_id().as_str()) == Some(ValueSource::CommandLine)
}

/// Whether the word is a flag of the program as a whole whose value follows it.
fn takes_next(command: &Command, word: &OsStr) -> bool {
    let Some(name) = word.to_str().and_then(|word| word.strip_prefix("--")) else { return false };
    command.get_arguments().any(|flag| flag.get_long() == Some(name) && flag.get_action().takes_values())
}

fn unknown(name: &str, command: &Command, verbs: &[&str]) -> String {
    let flags = command.get_arguments().filter_map(Arg::get_long).filter(|known| !NOT_HERE.contains(known));
    let tables = command.get_subcommands().map(Command::get_name);
    let near = flags.chain(tables).map(|known| (strsim::damerau_levenshtein(known, name), known)).min();
    match near {
        Some((distance, known)) if distance <= 3 => fill(Word::NoSettingNear.get(lang()), &[&name, &known]),
        _ if verbs.is_empty() => fill(Word::NoSettingTop.get(lang()), &[&name]),
        _ => fill(Word::NoSetting.get(lang()), &[&name, &verbs.join("."), &verbs.join(" ")]),
    }
}

/// The words a user would type for a setting.
fn tokens(flag: &Arg, value: &DeValue<'_>, folder: &Path) -> Result<Vec<OsString>, String> {
    let name = flag.get_long().unwrap_or_default();
    let with = |value: &str| {
        let mut word = OsString::from(format!("--{name}="));
        // Paths in the file are meant from where the file lies.
        match (flag.get_value_hint(), value.split_once('=')) {
            (ValueHint::Unknown, Some((format, path))) if name == "report" => {
                word.push(format);
                word.push("=");
                word.push(folder.join(path));
            }
            (ValueHint::AnyPath | ValueHint::FilePath | ValueHint::DirPath, _) if value != "-" => {
                word.push(folder.join(value));
            }
            _ => word.push(value),
        }
        word
    };
    let scalar = |value: &DeValue<'_>| match value {
        DeValue::String(text) => Ok(with(text)),
        DeValue::Integer(number) if number.radix() == 10 => Ok(with(number.as_str())),
        DeValue::Float(number) => Ok(with(number.as_str())),
        DeValue::Datetime(date) => Ok(with(&date.to_string())),
        other => Err(fill(Word::SettingType.get(lang()), &[&other.type_str()])),
    };
    let optional = flag.get_num_args().is_some_and(|count| count.min_values() == 0);
    let takes_value = flag.get_action().takes_values();
    match value {
        DeValue::Boolean(set) if !takes_value || optional => {
            Ok(if *set { vec![format!("--{name}").into()] } else { Vec::new() })
        }
        _ if !takes_value => Err(Word::SettingBool.get(lang()).to_owned()),
        DeValue::Array(values) if matches!(flag.get_action(), ArgAction::Append) => {
            values.iter().map(|value| scalar(value.get_ref())).collect()
        }
        other => Ok(vec![scalar(other)?]),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::super::args::Cli;
    use super::*;

    fn config(text: &str) -> Config {
        Config { path: "conf/daumat.toml".into(), text: text.to_owned(), found: false }
    }

    fn expand(text: &str, arguments: &[&str]) -> Vec<String> {
        let words: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        let config = config(text);
        assert_eq!(config.problems(&Cli::command()), [], "{text}");
        config.expand(&Cli::command(), &words).into_iter().map(|word| word.into_string().unwrap()).collect()
    }

    #[test]
    fn what_is_typed_wins_and_lists_are_added_to() {
        let text = "[scan]\nfail-on = \"secret\"\nglob = [\"*.docx\"]\nquiet = true\nlist-all = false\nallow-incomplete = [\"encrypted\"]\njobs = 2\nbaseline = \"known.jsonl\"\n";
        let expanded = expand(text, &["daumat", "scan", "-g", "*.pdf", "--jobs", "1", "x"]);
        assert_eq!(expanded.first().unwrap(), "daumat");
        assert!(expanded.contains(&"--fail-on=secret".to_owned()));
        assert!(expanded.contains(&"--glob=*.docx".to_owned()) && expanded.contains(&"*.pdf".to_owned()));
        assert!(expanded.contains(&"--allow-incomplete=encrypted".to_owned()));
        assert!(expanded.contains(&"--quiet".to_owned()) && !expanded.contains(&"--list-all".to_owned()));
        assert!(!expanded.contains(&"--jobs=2".to_owned()));
        assert!(expanded.iter().any(|word| word.starts_with("--baseline=conf")), "{expanded:?}");
        assert!(Cli::command().try_get_matches_from(expanded).is_ok());
        // Other verbs do not see it.
        assert_eq!(expand(text, &["daumat", "schema"]), ["daumat", "schema"]);
    }

    #[test]
    fn problems_have_a_line_and_a_hint() {
        let text = "[scan]\nfail-onn = \"secret\"\nfail-on = \"verysecret\"\njobs = \"many\"\nquiet = 3\n\n[skan]\nx = 1\n";
        let problems = config(text).problems(&Cli::command());
        let lines: Vec<usize> = problems.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [2, 3, 4, 5, 7], "{problems:?}");
        assert!(problems[0].message.contains("did you mean `fail-on`"), "{problems:?}");
        assert!(problems[1].message.contains("verysecret"), "{problems:?}");
        assert!(problems[4].message.contains("did you mean `scan`"), "{problems:?}");
        assert_eq!(config("[scan\n").problems(&Cli::command())[0].line, 1);
    }
}
