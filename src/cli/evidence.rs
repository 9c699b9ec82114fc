//! `scan --evidence`, `report verify` and `report keygen`.

use std::collections::BTreeMap;
use std::io::{self, Write as _};

use super::args::{KeygenArgs, ScanArgs, VerifyArgs};
use super::{Exit, Failure, lang};
use crate::evidence::{self, Bundle, EvidenceError, FORMAT, Manifest, Signer};
use crate::extract::limits::Limits;
use crate::model::EntryReport;
use crate::report::{Start, Tally};
use crate::text::{Word, fill};

/// The environment variable with the password of a secret key: it must stand in no list of processes and no file of settings.
const PASSWORD: &str = "DAUMAT_KEY_PASSWORD";

/// Whether a bundle is to be made.
pub(super) fn wanted(args: &ScanArgs) -> bool {
    args.evidence.is_some() && args.sign_key.is_some()
}

/// The bundle that was asked for.
pub(super) fn begin(args: &ScanArgs) -> Result<Option<Bundle>, Failure> {
    let (Some(folder), Some(key)) = (&args.evidence, &args.sign_key) else { return Ok(None) };
    let signer = Signer::read(key, std::env::var(PASSWORD).ok())?;
    Ok(Some(Bundle::begin(folder, signer)?))
}

/// Hashes a file that no reader saw as a whole: a crawl that was read in parts. One that cannot be read is a gap already.
pub(super) fn complete(report: &mut EntryReport) {
    let path = report.file.clone().unwrap_or_else(|| report.path.clone().into());
    if let Some(document) = report.documents.first_mut()
        && document.members.is_empty()
        && document.blake3.is_none()
    {
        let mut hasher = blake3::Hasher::new();
        let hashed = std::fs::File::open(path).and_then(|file| hasher.update_reader(file).map(|_| ()));
        document.blake3 = hashed.is_ok().then(|| hasher.finalize().to_hex().to_string());
    }
}

/// Writes manifest and signature.
pub(super) fn end(bundle: Bundle, start: &Start, tally: &Tally, limits: &Limits) -> Result<(), Failure> {
    let named = |pairs: &[(&str, String)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    };
    let verdict = if tally.interrupted { "interrupted" } else { tally.verdict().as_str() };
    let manifest = Manifest {
        format: FORMAT,
        tool: format!("daumat {}", start.version),
        arguments: std::env::args_os().skip(1).map(|word| crate::model::show_path(&word)).collect(),
        roots: start.roots.clone(),
        started: start.started.clone(),
        ended: jiff::Timestamp::now().to_string(),
        rules_digest: start.rules_digest.clone(),
        packs: start.packs.clone(),
        limits: named(&[
            ("max_file_size", limits.max_file_size.to_string()),
            ("max_in_memory", limits.max_in_memory.to_string()),
            ("max_archive_size", limits.max_archive_size.to_string()),
            ("max_archive_ratio", limits.max_archive_ratio.to_string()),
            ("max_archive_files", limits.max_archive_files.to_string()),
            ("max_archive_depth", limits.max_archive_depth.to_string()),
            ("max_pages", limits.max_pages.to_string()),
            ("timeout_seconds", limits.timeout.as_secs().to_string()),
        ]),
        environment: named(&[
            ("system", std::env::consts::OS.to_owned()),
            ("processor", std::env::consts::ARCH.to_owned()),
            ("machine", machine()),
            (
                "folder",
                std::env::current_dir().map_or_else(|_| String::new(), |path| path.display().to_string()),
            ),
        ]),
        documents: tally.documents,
        full: tally.full,
        unread: tally.partial + tally.none,
        skipped: tally.skipped_total(),
        flagged: tally.flagged_documents,
        verdict: verdict.to_owned(),
        files: Vec::new(),
    };
    Ok(bundle.end(manifest)?)
}

/// Name of this machine.
#[cfg(unix)]
fn machine() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Name of this machine.
#[cfg(not(unix))]
fn machine() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_default()
}

/// Checks a bundle and says in one line what it proves.
pub(super) fn verify(args: &VerifyArgs) -> Result<Exit, Failure> {
    let lang = lang();
    let it = evidence::verify(&args.bundle, args.public_key.as_deref())?;
    let values: [&dyn std::fmt::Display; 10] = [
        &lang.time(&it.started),
        &it.roots.join(", "),
        &it.tool,
        &it.rules_digest.chars().take(16).collect::<String>(),
        &lang.number(it.documents),
        &lang.number(it.full),
        &lang.number(it.unread),
        &lang.number(it.skipped),
        &lang.number(it.flagged),
        &it.verdict,
    ];
    let line = fill(Word::EvidenceTold.get(lang), &values);
    let signed = if args.public_key.is_some() { Word::EvidenceSigned } else { Word::EvidenceOwnKey };
    let line = crate::report::escape::for_terminal(&format!("{line}; {}", signed.get(lang)));
    writeln!(io::stdout().lock(), "{line}")?;
    Ok(Exit::Clean)
}

/// Makes a pair of keys.
pub(super) fn keygen(args: &KeygenArgs) -> Result<Exit, Failure> {
    let public = evidence::make_keys(&args.file, std::env::var(PASSWORD).ok())?;
    let told = fill(Word::KeysMade.get(lang()), &[&args.file.display(), &public.display()]);
    writeln!(io::stdout().lock(), "{told}")?;
    Ok(Exit::Clean)
}

impl From<EvidenceError> for Failure {
    fn from(error: EvidenceError) -> Failure {
        let words =
            |word: Word, values: &[&dyn std::fmt::Display]| Failure::new(fill(word.get(lang()), values));
        match error {
            EvidenceError::Io { file, error } => Failure::new(format!("{file}: {error}")),
            EvidenceError::Key { file, message } => words(Word::EvidenceKey, &[&file, &message]),
            EvidenceError::Manifest { file, message } => words(Word::EvidenceManifest, &[&file, &message]),
            EvidenceError::Signature { file, message } => words(Word::EvidenceSignature, &[&file, &message]),
            EvidenceError::Changed { file } => words(Word::EvidenceChanged, &[&file]),
        }
    }
}
