//! What was typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::late::Late;
use crate::report::Format;
use crate::report::office::Law;

/// Finds documents that bear a classification marking, says where it stands and why, and what could not be read.
///
/// Exit codes: 0 all read in full and nothing found; 1 a finding at or above the threshold; 2 the run failed;
/// 3 nothing found, but not everything was read; 130 interrupted.
#[derive(Debug, Parser)]
#[command(name = "daumat", version, max_term_width = 100)]
pub(super) struct Cli {
    /// Language of help, messages and reports [default: that of the locale]
    #[arg(long, global = true, value_name = "LANG")]
    pub(super) lang: Option<LangArg>,
    #[command(subcommand)]
    pub(super) verb: Verb,
    /// Read settings from this file instead of daumat.toml in the working folder
    #[arg(long, value_name = "FILE", global = true, help_heading = "Settings")]
    pub(super) config: Option<PathBuf>,
    /// Read no settings from a file
    #[arg(long, global = true, conflicts_with = "config", help_heading = "Settings")]
    pub(super) no_config: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Scan files, folders and archives for classification markings
    Scan(Late<ScanArgs>),
    /// Show what the scanner sees of a file: text with its place
    Extract(Late<ExtractArgs>),
    /// Say why a rule exists, or why a finding scored as it did
    Explain(Late<ExplainArgs>),
    /// List, show, check and test rules
    Rules(Late<RulesArgs>),
    /// Keep known findings, and what was decided about them
    Baseline(Late<BaselineArgs>),
    /// Make other reports of the records of a scan
    Report(Late<ReportArgs>),
    /// Print the JSON Schema of the JSONL records
    Schema,
    /// Step through the findings of a report in the terminal, decide, and write the baseline
    Review(Late<ReviewArgs>),
    /// Say what this installation can read, and prove it
    Doctor,
    /// Check settings (daumat.toml)
    Config(Late<ConfigArgs>),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write all pages into a folder
    Man {
        /// Folder for the pages of all verbs
        #[arg(short, long, value_name = "FOLDER")]
        output: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(super) struct ConfigArgs {
    #[command(subcommand)]
    pub(super) verb: ConfigVerb,
}

#[derive(Debug, Subcommand)]
pub(super) enum ConfigVerb {
    /// Say what is wrong in a file of settings, with line and hint
    Check {
        /// The file [default: daumat.toml]
        file: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(super) struct ScanArgs {
    /// Files and folders; `-` reads one document from standard input
    pub(super) paths: Vec<PathBuf>,
    /// Read paths from a file, one a line (or NUL-separated); `-` is standard input
    #[arg(long, value_name = "FILE", help_heading = "What to scan")]
    pub(super) files_from: Option<PathBuf>,
    /// Only files that match a glob (gitignore syntax); with `!` in front, all but those
    #[arg(short, long, value_name = "GLOB", help_heading = "What to scan")]
    pub(super) glob: Vec<String>,
    /// Leave out files and folders that match a glob
    #[arg(long, value_name = "GLOB", help_heading = "What to scan")]
    pub(super) exclude: Vec<String>,
    /// Leave out what a file in gitignore syntax (such as a .daumatignore) names; no such file is read by itself
    #[arg(long, value_name = "FILE", help_heading = "What to scan")]
    pub(super) ignore_file: Vec<PathBuf>,
    /// Follow symbolic links found below the paths
    #[arg(long, help_heading = "What to scan")]
    pub(super) follow: bool,

    #[command(flatten)]
    pub(super) rules: RuleArgs,

    /// Least confidence of findings that are shown
    #[arg(long, value_name = "BAND", default_value = "medium", help_heading = "What counts")]
    pub(super) min_confidence: BandArg,
    /// Least level that makes the run fail
    #[arg(long, value_name = "LEVEL", default_value = "internal", help_heading = "What counts")]
    pub(super) fail_on: LevelArg,
    /// Exit 0 instead of 3 when not everything was read; with reasons, only for those
    #[arg(long, value_name = "REASON,...", num_args = 0..=1, require_equals = true, default_missing_value = "", value_delimiter = ',', help_heading = "What counts")]
    pub(super) allow_incomplete: Option<Vec<String>>,
    /// Exit 0 whatever is found or not read
    #[arg(long, help_heading = "What counts")]
    pub(super) exit_zero: bool,

    /// Known findings, as `daumat baseline` keeps them: they stay in records and no longer count
    #[arg(long, value_name = "FILE", help_heading = "What counts")]
    pub(super) baseline: Option<PathBuf>,
    /// Known findings that nobody decided about count as new ones
    #[arg(long, requires = "baseline", help_heading = "What counts")]
    pub(super) require_audit: bool,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    pub(super) format: Format,
    /// Write to a file (created for its owner only) instead of standard output
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub(super) output: Option<PathBuf>,
    /// Write a further report; may be repeated
    #[arg(long, value_name = "FORMAT=FILE", help_heading = "Output")]
    pub(super) report: Vec<String>,
    /// Write a signed proof of the scan into a new folder: results with a hash of every document, settings, rules
    #[arg(long, value_name = "FOLDER", requires = "sign_key", help_heading = "Output")]
    pub(super) evidence: Option<PathBuf>,
    /// Secret key for --evidence, in minisign's format; DAUMAT_KEY_PASSWORD opens a protected one
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(super) sign_key: Option<PathBuf>,
    /// Also list documents that were read in full and have no finding (jsonl)
    #[arg(long, help_heading = "Output")]
    pub(super) list_all: bool,
    /// Show the text around findings; a report with it may itself become a leak
    #[arg(long, help_heading = "Output")]
    pub(super) show_context: bool,
    /// Colour
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = "Output")]
    pub(super) color: WhenArg,
    /// Show how far the scan is, on standard error
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = "Output")]
    pub(super) progress: WhenArg,
    /// No progress and no warnings
    #[arg(short, long, help_heading = "Output")]
    pub(super) quiet: bool,
    /// Name every document that was not read in full
    #[arg(short, long, help_heading = "Output")]
    pub(super) verbose: bool,

    #[command(flatten)]
    pub(super) passwords: PasswordArgs,
    #[command(flatten)]
    pub(super) limits: LimitArgs,

    /// Take built-in documents with known markings along; the run fails if one of them is not found
    #[arg(long, help_heading = "How to run")]
    pub(super) canary: bool,
    /// Keep what was said of each file here, and read again only files that changed since; the others are reported as then
    #[arg(long, value_name = "FILE", conflicts_with = "evidence", help_heading = "How to run")]
    pub(super) state: Option<PathBuf>,
    /// Threads that read documents [default: one for each processor]
    #[arg(short, long, value_name = "N", help_heading = "How to run")]
    pub(super) jobs: Option<usize>,
    /// Where documents are read: in a sandboxed process of their own, or in this one
    #[arg(long, value_name = "HOW", default_value = "process", help_heading = "How to run")]
    pub(super) isolation: IsolationArg,
}

#[derive(Debug, Args)]
pub(super) struct RuleArgs {
    /// Own rule packs: a TOML file or a folder of them; they come on top of the built-in ones
    #[arg(long = "rules", value_name = "PATH", help_heading = "What to look for")]
    pub(super) own_packs: Vec<PathBuf>,
    /// Packs to use [default: every verified pack that is not for companies; `all`: every pack]
    #[arg(long, value_name = "PACK,...", value_delimiter = ',', help_heading = "What to look for")]
    pub(super) pack: Vec<String>,
    /// Only this rule; may be repeated
    #[arg(long = "rule", value_name = "ID", help_heading = "What to look for")]
    pub(super) only: Vec<String>,
    /// Not this rule; may be repeated
    #[arg(long, value_name = "ID", help_heading = "What to look for")]
    pub(super) exclude_rule: Vec<String>,
    /// A list of own words, one a line; a level may follow after a tab
    #[arg(long, value_name = "FILE", help_heading = "What to look for")]
    pub(super) keywords: Vec<PathBuf>,
    /// Key of hashed lists, as `rules hash-words` makes them [default: the variable DAUMAT_KEYWORDS_KEY]
    #[arg(long, value_name = "FILE", help_heading = "What to look for")]
    pub(super) keywords_key: Option<PathBuf>,
    /// Digests of known documents, one a line: sha256:HEX, blake3:HEX or text:HEX, and a level (`rules digest` makes such lines)
    #[arg(long, value_name = "FILE", help_heading = "What to look for")]
    pub(super) known: Vec<PathBuf>,
    /// Law that reports cite: 2026, 2020, 2015 or 2002 for Viet Nam [default: the law in force]
    #[arg(long, value_name = "ID", help_heading = "What to look for")]
    pub(super) legal_basis: Option<String>,
    /// What sensitivity labels mean that documents hold only the number of (TOML: a table for each GUID, with name and level)
    #[arg(long, value_name = "FILE", help_heading = "What to look for")]
    pub(super) labels: Vec<PathBuf>,
}

impl RuleArgs {
    pub(super) fn selection(&self) -> crate::rules::Selection {
        crate::rules::Selection {
            packs: self.pack.clone(),
            paths: self.own_packs.clone(),
            only: self.only.clone(),
            exclude: self.exclude_rule.clone(),
            keywords: self.keywords.clone(),
            keywords_key: self.keywords_key.clone(),
            known: self.known.clone(),
            legal_basis: self.legal_basis.clone(),
            labels: self.labels.clone(),
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct LimitArgs {
    /// Largest file that is opened, such as 500M [default: no limit]
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = "Limits")]
    pub(super) max_file_size: Option<u64>,
    /// How deep documents may lie inside each other
    #[arg(long, value_name = "N", help_heading = "Limits")]
    pub(super) max_archive_depth: Option<u32>,
    /// How much may come out of one file's containers, such as 64G
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = "Limits")]
    pub(super) max_archive_size: Option<u64>,
    /// How many documents one file may hold
    #[arg(long, value_name = "N", help_heading = "Limits")]
    pub(super) max_archive_files: Option<u64>,
    /// How many bytes may come out of one byte
    #[arg(long, value_name = "N", help_heading = "Limits")]
    pub(super) max_archive_ratio: Option<u64>,
    /// How many pages of a PDF are read; the others, and what hangs on the file as a whole, are told as not read
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = "Limits")]
    pub(super) max_pages: Option<u32>,
    /// Seconds for one file
    #[arg(long, value_name = "SECONDS", help_heading = "Limits")]
    pub(super) timeout: Option<u64>,
}

impl LimitArgs {
    pub(super) fn limits(&self) -> crate::extract::limits::Limits {
        let default = crate::extract::limits::Limits::default();
        crate::extract::limits::Limits {
            max_file_size: self.max_file_size.unwrap_or(default.max_file_size),
            max_archive_depth: self.max_archive_depth.unwrap_or(default.max_archive_depth),
            max_archive_size: self.max_archive_size.unwrap_or(default.max_archive_size),
            max_archive_files: self.max_archive_files.unwrap_or(default.max_archive_files),
            max_archive_ratio: self.max_archive_ratio.unwrap_or(default.max_archive_ratio),
            max_pages: self.max_pages.unwrap_or(default.max_pages),
            timeout: self.timeout.map_or(default.timeout, std::time::Duration::from_secs),
            ..default
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct PasswordArgs {
    /// Passwords that PDF, ZIP, 7z and Office files may be opened with, one a line
    #[arg(long = "passwords", value_name = "FILE", help_heading = "What to scan")]
    passwords: Option<PathBuf>,
}

impl PasswordArgs {
    /// Reads the list: passwords on a command line would stand in every list of processes.
    pub(super) fn read(&self) -> Result<Vec<String>, super::Failure> {
        let Some(path) = &self.passwords else { return Ok(Vec::new()) };
        let text = std::fs::read_to_string(path)
            .map_err(|error| super::Failure::new(format!("{}: {error}", path.display())))?;
        let lines = text.trim_start_matches('\u{FEFF}').lines().map(|line| line.trim_end_matches('\r'));
        Ok(lines.filter(|line| !line.is_empty()).map(str::to_owned).collect())
    }
}

/// `1`, `3-7`, `5-`: the first and the last page.
fn pages(text: &str) -> Result<(u32, u32), String> {
    let number = |text: &str| text.trim().parse::<u32>().ok().filter(|number| *number > 0);
    let range = match text.split_once('-') {
        None => number(text).map(|only| (only, only)),
        Some((first, "")) => number(first).map(|first| (first, u32::MAX)),
        Some((first, last)) => number(first).zip(number(last)),
    };
    range.filter(|(first, last)| first <= last).ok_or_else(|| "not pages such as 1 or 3-7".to_owned())
}

/// `500`, `64K`, `500M`, `2G`: binary multiples.
fn size(text: &str) -> Result<u64, String> {
    let text = text.trim().trim_end_matches(['B', 'b']).trim_end_matches('i');
    let (number, shift) = match text.chars().next_back().map(|last| last.to_ascii_uppercase()) {
        Some('K') => (text.get(..text.len() - 1), 10),
        Some('M') => (text.get(..text.len() - 1), 20),
        Some('G') => (text.get(..text.len() - 1), 30),
        Some('T') => (text.get(..text.len() - 1), 40),
        _ => (Some(text), 0),
    };
    let number: u64 =
        number.unwrap_or_default().trim().parse().map_err(|_| "not a size such as 500M".to_owned())?;
    number.checked_mul(1 << shift).ok_or_else(|| "too large".to_owned())
}

#[derive(Debug, Args)]
pub(super) struct ExtractArgs {
    /// The file; `-` reads standard input
    pub(super) file: PathBuf,
    /// Output format
    #[arg(short, long, default_value = "text")]
    pub(super) format: ExtractFormat,
    /// Only these pages of a PDF, such as 1, 3-7 or 5-; nothing else of the file is read
    #[arg(long, value_name = "PAGES", value_parser = pages)]
    pub(super) pages: Option<(u32, u32)>,
    #[command(flatten)]
    pub(super) passwords: PasswordArgs,
    #[command(flatten)]
    pub(super) limits: LimitArgs,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// A rule's id, or a finding's fingerprint (or its beginning)
    pub(super) what: String,
    /// For a fingerprint: the file or folder the finding was in
    #[arg(long = "in", value_name = "PATH")]
    pub(super) within: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) rules: RuleArgs,
}

#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    #[command(subcommand)]
    pub(super) verb: ReportVerb,
}

#[derive(Debug, Subcommand)]
pub(super) enum ReportVerb {
    /// Make another report of the records of a scan
    Convert(ConvertArgs),
    /// Make one report of the records of several scans; the ledgers add up
    Merge(MergeArgs),
    /// Check the signed proof of a scan, and say what was scanned, when, with which rules, with what result
    Verify(VerifyArgs),
    /// Make a pair of keys for signing proofs; DAUMAT_KEY_PASSWORD protects the secret one
    Keygen(KeygenArgs),
    /// Write the minutes of a scan as an office paper (biên bản rà quét), DOCX or HTML
    Minutes(MinutesArgs),
    /// Write the periodic report of several scans as an office paper (báo cáo định kỳ), DOCX or HTML
    Periodic(PeriodicArgs),
}

#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    /// Folder that `scan --evidence` wrote
    pub(super) bundle: PathBuf,
    /// Public key of who must have signed it; without it, only changes since signing are found
    #[arg(long, value_name = "FILE")]
    pub(super) public_key: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct KeygenArgs {
    /// The secret key; the public one gets the same name with `.pub`
    pub(super) file: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct MinutesArgs {
    /// Records of a scan (JSONL); `-` is standard input
    pub(super) input: PathBuf,
    #[command(flatten)]
    pub(super) paper: PaperArgs,
}

#[derive(Debug, Args)]
pub(super) struct PeriodicArgs {
    /// Records of scans (JSONL), one file each
    #[arg(required = true)]
    pub(super) inputs: Vec<PathBuf>,
    /// Half a year or a year
    #[arg(long, value_name = "PERIOD", default_value = "year")]
    pub(super) period: PeriodArg,
    /// The year that is reported [default: that of the latest scan]
    #[arg(long, value_name = "YEAR")]
    pub(super) year: Option<i16>,
    /// Day and month on which the figures of a year are closed
    #[arg(long, value_name = "DD/MM", default_value = "14/12", value_parser = closing)]
    pub(super) closing: (i8, i8),
    /// First day, instead of the day after the last closing
    #[arg(long, value_name = "DATE")]
    pub(super) from: Option<jiff::civil::Date>,
    /// Last day, instead of the closing day
    #[arg(long, value_name = "DATE")]
    pub(super) to: Option<jiff::civil::Date>,
    #[command(flatten)]
    pub(super) paper: PaperArgs,
}

/// `14/12`: day and month.
fn closing(text: &str) -> Result<(i8, i8), String> {
    let wrong = || crate::text::Word::NotAClosingDay.get(super::lang()).to_owned();
    let (day, month) = text.split_once('/').ok_or_else(wrong)?;
    Ok((day.parse().map_err(|_| wrong())?, month.parse().map_err(|_| wrong())?))
}

#[derive(Debug, Args)]
pub(super) struct PaperArgs {
    /// Write to this file (created for its owner only); its extension tells DOCX from HTML
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: PathBuf,
    /// DOCX or HTML, whatever the extension says
    #[arg(short, long, value_name = "FORMAT")]
    pub(super) format: Option<PaperFormat>,
    /// Least confidence of findings that are counted
    #[arg(long, value_name = "BAND", default_value = "medium")]
    pub(super) min_confidence: BandArg,
    /// Names of units and persons from a TOML file, by the names of the options below
    #[arg(long, value_name = "FILE", help_heading = "Units and persons")]
    pub(super) office: Option<PathBuf>,
    /// The unit above
    #[arg(long, value_name = "NAME", help_heading = "Units and persons")]
    pub(super) parent: Option<String>,
    /// The unit that issues the paper
    #[arg(long, value_name = "NAME", help_heading = "Units and persons")]
    pub(super) unit: Option<String>,
    /// Short name of the unit in the symbol of the paper
    #[arg(long, value_name = "CODE", help_heading = "Units and persons")]
    pub(super) code: Option<String>,
    /// Number of the paper
    #[arg(long, value_name = "NUMBER", help_heading = "Units and persons")]
    pub(super) number: Option<String>,
    /// Name of the place before the date
    #[arg(long, value_name = "PLACE", help_heading = "Units and persons")]
    pub(super) place: Option<String>,
    /// Date of the paper, as 2026-11-22; left open without one
    #[arg(long, value_name = "DATE", help_heading = "Units and persons")]
    pub(super) date: Option<jiff::civil::Date>,
    /// Where it was scanned: building, room
    #[arg(long, value_name = "PLACE", help_heading = "Units and persons")]
    pub(super) location: Option<String>,
    /// The machine or share that was scanned
    #[arg(long, value_name = "NAME", help_heading = "Units and persons")]
    pub(super) machine: Option<String>,
    /// A person present, with his or her post; may be repeated
    #[arg(long, value_name = "PERSON", help_heading = "Units and persons")]
    pub(super) present: Vec<String>,
    /// Who gets the paper; may be repeated
    #[arg(long, value_name = "UNIT", help_heading = "Units and persons")]
    pub(super) recipient: Vec<String>,
    /// Post of who signs
    #[arg(long, value_name = "POST", help_heading = "Units and persons")]
    pub(super) signer_title: Option<String>,
    /// Who signs
    #[arg(long, value_name = "PERSON", help_heading = "Units and persons")]
    pub(super) signer: Option<String>,
    /// Who scanned and wrote the minutes
    #[arg(long, value_name = "PERSON", help_heading = "Units and persons")]
    pub(super) secretary: Option<String>,
    /// The law the paper names
    #[arg(long, value_name = "YEAR", help_heading = "Units and persons")]
    pub(super) legal_basis: Option<Law>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum PaperFormat {
    Docx,
    Html,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum PeriodArg {
    #[value(name = "6-months")]
    SixMonths,
    Year,
}

#[derive(Debug, Args)]
pub(super) struct ConvertArgs {
    /// Records of a scan (JSONL); `-` is standard input
    pub(super) input: PathBuf,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Debug, Args)]
pub(super) struct MergeArgs {
    /// Records of scans (JSONL), one file each
    #[arg(required = true)]
    pub(super) inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Debug, Args)]
pub(super) struct OutputArgs {
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: Format,
    /// Write to a file (created for its owner only) instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Write a further report; may be repeated
    #[arg(long, value_name = "FORMAT=FILE")]
    pub(super) report: Vec<String>,
    /// Least confidence of findings that are shown
    #[arg(long, value_name = "BAND", default_value = "low")]
    pub(super) min_confidence: BandArg,
    /// Colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: WhenArg,
    /// Name every document that was not read in full
    #[arg(short, long)]
    pub(super) verbose: bool,
}

#[derive(Debug, Args)]
pub(super) struct RulesArgs {
    #[command(subcommand)]
    pub(super) verb: RulesVerb,
}

#[derive(Debug, Subcommand)]
pub(super) enum RulesVerb {
    /// List the rules in effect
    List(RuleArgs),
    /// Show one rule
    Show {
        /// Its id
        id: String,
        #[command(flatten)]
        rules: RuleArgs,
    },
    /// Check packs: format, ids, patterns, number of examples
    Check(RuleArgs),
    /// Run examples and counter-examples, an outside table, or damaged marks through the real pipeline
    Test(TestArgs),
    /// Print the digests of documents as lines for --known: of the whole file, and of its text
    Digest {
        /// The documents
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Level that is written beside each digest
        #[arg(long, value_name = "LEVEL", default_value = "internal")]
        level: LevelArg,
    },
    /// Make a keyword list that finds the same and cannot be read: keyed hashes instead of words
    HashWords {
        /// A list of own words, one a line; a level may follow after a tab
        list: PathBuf,
        /// The key: a file of 16 bytes or more [default: the variable DAUMAT_KEYWORDS_KEY]
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// Write to a file (created for its owner only) instead of standard output
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(super) struct TestArgs {
    #[command(flatten)]
    pub(super) rules: RuleArgs,
    /// Try an outside table instead of the examples: text, level (or `none`, `any`) and class, with tabs between
    #[arg(long, value_name = "FILE", help_heading = "How to test")]
    pub(super) oracle: Option<PathBuf>,
    /// Damage the marks of the examples (with --oracle: of its texts) as people and machines do, and try them again
    #[arg(long, help_heading = "How to test")]
    pub(super) mutate: bool,
    /// Only this class of the table or this way of damage; may be repeated
    #[arg(long, value_name = "CLASS", help_heading = "How to test")]
    pub(super) class: Vec<String>,
    /// Fail if less than so many percent of a class went right (with --mutate: of its marks of several words)
    #[arg(long, value_name = "PERCENT", value_parser = percent, help_heading = "How to test")]
    pub(super) at_least: Option<f64>,
    /// Show each text that went wrong
    #[arg(short, long, help_heading = "How to test")]
    pub(super) verbose: bool,
}

/// `95`, `99.5` or `95%`.
fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim().trim_end_matches('%').trim().parse::<f64>();
    number
        .ok()
        .filter(|number| (0.0..=100.0).contains(number))
        .ok_or_else(|| "not a percentage such as 95".to_owned())
}

#[derive(Debug, Args)]
pub(super) struct BaselineArgs {
    #[command(subcommand)]
    pub(super) verb: BaselineVerb,
}

#[derive(Debug, Subcommand)]
pub(super) enum BaselineVerb {
    /// Make a baseline of the findings of JSONL reports
    Create {
        /// The new baseline
        baseline: PathBuf,
        /// JSONL reports; `-` is standard input
        #[arg(required = true)]
        reports: Vec<PathBuf>,
        /// Replace a baseline that is there, with all its decisions
        #[arg(long)]
        force: bool,
    },
    /// Add the new findings of JSONL reports; decisions stay
    Update {
        /// The baseline
        baseline: PathBuf,
        /// JSONL reports; `-` is standard input
        #[arg(required = true)]
        reports: Vec<PathBuf>,
    },
    /// List known findings, or decide about some of them
    Audit(AuditArgs),
    /// Remove entries that are expired, or that the reports no longer have
    Prune {
        /// The baseline
        baseline: PathBuf,
        /// JSONL reports of everything the baseline is for: what is in none of them goes
        reports: Vec<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(super) struct ReviewArgs {
    /// Records of a scan (JSONL); with --show-context in the scan, the text around markings can be seen
    pub(super) report: PathBuf,
    /// The baseline that decisions go to; made if it is not there
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: PathBuf,
    /// Name offered as the one who decides
    #[arg(long, value_name = "NAME")]
    pub(super) approver: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct AuditArgs {
    /// The baseline
    pub(super) baseline: PathBuf,
    /// Only entries with this decision
    #[arg(long, value_name = "DECISION", help_heading = "Which entries")]
    pub(super) decision: Option<DecisionArg>,
    /// Only entries whose path begins so
    #[arg(long, value_name = "PATH", help_heading = "Which entries")]
    pub(super) path: Option<String>,
    /// Only the entries of this finding: its fingerprint, or the beginning
    #[arg(long, value_name = "FINGERPRINT", help_heading = "Which entries")]
    pub(super) finding: Vec<String>,
    /// Only entries of this rule
    #[arg(long, value_name = "ID", help_heading = "Which entries")]
    pub(super) rule: Option<String>,
    /// Decide so about the chosen entries
    #[arg(long, value_name = "DECISION", requires_all = ["approver", "reason"], help_heading = "What to decide")]
    pub(super) decide: Option<DecisionArg>,
    /// Why
    #[arg(long, value_name = "TEXT", help_heading = "What to decide")]
    pub(super) reason: Option<String>,
    /// Who decides
    #[arg(long, value_name = "NAME", help_heading = "What to decide")]
    pub(super) approver: Option<String>,
    /// Last day the decision holds, such as 2027-03-31
    #[arg(long, value_name = "DATE", help_heading = "What to decide")]
    pub(super) expires: Option<jiff::civil::Date>,
    /// Decide about every entry, when no choice is given
    #[arg(long, help_heading = "What to decide")]
    pub(super) all: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum DecisionArg {
    /// Nobody has decided
    Undecided,
    /// A marking, and the document may stay
    Accepted,
    /// No marking of this document
    FalseAlarm,
    /// A marking, and the document must go or be changed; goes on counting
    ToFix,
}

impl From<DecisionArg> for crate::model::Decision {
    fn from(decision: DecisionArg) -> Self {
        match decision {
            DecisionArg::Undecided => Self::Undecided,
            DecisionArg::Accepted => Self::Accepted,
            DecisionArg::FalseAlarm => Self::FalseAlarm,
            DecisionArg::ToFix => Self::ToFix,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum BandArg {
    Low,
    Medium,
    High,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LevelArg {
    TopSecret,
    Secret,
    Confidential,
    Restricted,
    Internal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LangArg {
    /// Tiếng Việt
    Vi,
    /// English
    En,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ExtractFormat {
    Text,
    Jsonl,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum WhenArg {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum IsolationArg {
    /// In a process of their own, which may die
    Process,
    /// In this process
    None,
}

impl From<BandArg> for crate::model::Band {
    fn from(band: BandArg) -> Self {
        match band {
            BandArg::Low => Self::Low,
            BandArg::Medium => Self::Medium,
            BandArg::High => Self::High,
        }
    }
}

impl From<LevelArg> for crate::model::Level {
    fn from(level: LevelArg) -> Self {
        match level {
            LevelArg::TopSecret => Self::TopSecret,
            LevelArg::Secret => Self::Secret,
            LevelArg::Confidential => Self::Confidential,
            LevelArg::Restricted => Self::Restricted,
            LevelArg::Internal => Self::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }

    #[test]
    fn sizes() {
        assert_eq!(size("500"), Ok(500));
        assert_eq!(size("64K"), Ok(65_536));
        assert_eq!(size("2GiB"), Ok(2 << 30));
        assert!(size("much").is_err());
    }

    #[test]
    fn allow_incomplete_with_and_without_reasons() {
        let parse = |args: &[&str]| match Cli::parse_from(args).verb {
            Verb::Scan(args) => args.taken().allow_incomplete,
            _ => None,
        };
        assert_eq!(parse(&["daumat", "scan", "x"]), None);
        assert!(parse(&["daumat", "scan", "--allow-incomplete", "x"]).is_some());
        let some = parse(&["daumat", "scan", "--allow-incomplete=encrypted,image-only", "x"]);
        assert_eq!(some, Some(vec!["encrypted".to_owned(), "image-only".to_owned()]));
    }
}
