//! Where reports go: files that only their owner can read, and the names that reports use.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueEnum as _;

use super::args::WhenArg;
use super::{Failure, lang};
use crate::report::{Both, Format, Glossary, Options, Report, RuleWords, Threshold, writer};
use crate::rules::RuleSet;
use crate::text::{Lang, Word, fill};

/// What the user wants written.
pub(super) struct Wanted<'a> {
    pub(super) format: Format,
    /// Standard output without one.
    pub(super) output: Option<&'a Path>,
    /// Further reports, `FORMAT=FILE`.
    pub(super) further: &'a [String],
    pub(super) color: WhenArg,
    pub(super) threshold: Threshold,
    pub(super) list_all: bool,
    pub(super) verbose: bool,
    pub(super) glossary: Arc<Glossary>,
    /// Files that are read: no report may take their place.
    pub(super) inputs: &'a [PathBuf],
}

/// Opens every report that was asked for, before anything is read.
pub(super) fn open(wanted: &Wanted<'_>) -> Result<Vec<Box<dyn Report>>, Failure> {
    let mut files: Vec<PathBuf> = wanted.inputs.iter().filter_map(|file| file.canonicalize().ok()).collect();
    let mut reports: Vec<Box<dyn Report>> = Vec::new();
    let terminal = wanted.output.is_none() && io::stdout().is_terminal();
    let further = wanted.further.iter().map(|typed| parse(typed)).collect::<Result<Vec<_>, _>>()?;
    let out: Box<dyn Write> = match wanted.output {
        Some(path) => Box::new(create_new(path, &mut files)?),
        None => Box::new(io::stdout().lock()),
    };
    reports.push(report(wanted.format, out, wanted, terminal));
    for (format, path) in further {
        reports.push(report(format, Box::new(create_new(Path::new(path), &mut files)?), wanted, false));
    }
    Ok(reports)
}

fn parse(typed: &str) -> Result<(Format, &str), Failure> {
    let Some((format, path)) = typed.split_once('=').filter(|(_, path)| !path.is_empty()) else {
        return Err(Failure::new(fill(Word::ReportSyntax.get(lang()), &[&typed])));
    };
    let known = Format::from_str(format, true).map_err(|_| {
        let names: Vec<String> = Format::value_variants()
            .iter()
            .filter_map(Format::to_possible_value)
            .map(|value| value.get_name().to_owned())
            .collect();
        Failure::new(fill(Word::ReportFormat.get(lang()), &[&typed, &format, &names.join(", ")]))
    })?;
    Ok((known, path))
}

fn report(format: Format, out: Box<dyn Write>, wanted: &Wanted<'_>, terminal: bool) -> Box<dyn Report> {
    let out = BufWriter::with_capacity(64 << 10, out);
    let color = match wanted.color {
        WhenArg::Always => true,
        WhenArg::Never => false,
        WhenArg::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    };
    let options = Options {
        threshold: wanted.threshold,
        lang: lang(),
        list_all: wanted.list_all,
        verbose: wanted.verbose,
        terminal,
        color,
        glossary: Arc::clone(&wanted.glossary),
    };
    writer(format, Box::new(out), &options)
}

/// Creates a file that no other report is written to, and nothing is read from.
pub(super) fn create_new(path: &Path, files: &mut Vec<PathBuf>) -> Result<File, Failure> {
    let same = path.canonicalize().is_ok_and(|whole| whole.is_file() && files.contains(&whole));
    if same {
        return Err(Failure::new(fill(Word::SameFile.get(lang()), &[&path.display()])));
    }
    let file = create(path)?;
    files.extend(path.canonicalize());
    Ok(file)
}

/// Creates an output file that only its owner can read: a list of where secret papers lie is itself sensitive.
pub(super) fn create(path: &Path) -> Result<File, Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let failed = |error| Failure::new(fill(Word::CannotWrite.get(lang()), &[&path.display(), &error]));
    let file = options.open(path).map_err(failed)?;
    // A file that was there keeps its mode when it is opened.
    #[cfg(unix)]
    if file.metadata().map_err(failed)?.is_file() {
        let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        file.set_permissions(owner_only).map_err(failed)?;
    }
    Ok(file)
}

/// The names of the rules in effect.
pub(super) fn glossary(rules: &RuleSet) -> Arc<Glossary> {
    let both = |title: &crate::rules::Title| Both {
        en: title.en.clone(),
        vi: title.vi.clone().unwrap_or_else(|| title.en.clone()),
    };
    let mut glossary = Glossary::default();
    for rule in &rules.rules {
        let pack = rules.packs.get(rule.pack).map(|pack| pack.references.as_slice()).unwrap_or_default();
        let references = rule.rule.references.iter().chain(pack).cloned().collect();
        let words = RuleWords { title: both(&rule.rule.title), level: rule.rule.level, references };
        glossary.rules.insert(rule.rule.id.clone(), words);
    }
    for (id, word) in [
        ("keywords.term", Word::RuleKeyword),
        ("known.file", Word::RuleKnownFile),
        ("known.text", Word::RuleKnownText),
    ] {
        let title = Both { en: word.get(Lang::En).to_owned(), vi: word.get(Lang::Vi).to_owned() };
        glossary.rules.insert(id.to_owned(), RuleWords { title, ..RuleWords::default() });
    }
    for item in &rules.evidence {
        glossary.evidence.insert(item.evidence.code.clone(), both(&item.evidence.title));
    }
    Arc::new(glossary)
}
