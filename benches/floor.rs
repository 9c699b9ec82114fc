//! Reading against its floor: `cargo bench --bench floor -- FOLDER...`.
//!
//! For each kind of packed document in the folders: CPU time of inflating its XML parts and doing nothing with them (the floor), and
//! of reading it with every place (ours), in turn, round after round, with the files in memory. The ratio is what to look at.
//! Documents that hold others (embedded files, macros) are left out: what lies in those is no part of the floor.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use daumat::extract::Input;
use daumat::extract::limits::{Budget, Limits};
use daumat::model::Segment;
use daumat::scan::door::{Consumer, ReadOutcome, read_document};

/// Rounds; the best of each counts, since noise only adds.
const ROUNDS: usize = 5;

struct Nothing;

impl Consumer for Nothing {
    fn begin(&mut self, _members: &[String], _slide: Option<u32>) {}
    fn segment(&mut self, segment: Segment<'_>) {
        std::hint::black_box(segment.text.len());
    }
    fn end(
        &mut self,
        _members: &[String],
        outcome: ReadOutcome,
        _digest: &mut dyn FnMut(daumat::rules::DigestKind) -> Option<String>,
    ) {
        std::hint::black_box(outcome);
    }
}

/// CPU time of this thread.
#[cfg(unix)]
fn now() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap())
}

/// Wall time where nothing better is at hand.
#[cfg(not(unix))]
fn now() -> Duration {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap()
}

/// Bytes that came out.
fn inflate(bytes: &[u8], buffer: &mut [u8]) -> u64 {
    let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) else { return 0 };
    let mut total = 0;
    for part in 0..archive.len() {
        let Ok(mut part) = archive.by_index(part) else { continue };
        let is_text = part.name().is_ok_and(|name| ends_in(&name, &[".xml", ".rels", ".vml"]));
        if !is_text {
            continue;
        }
        while let Ok(got @ 1..) = part.read(buffer) {
            total += got as u64;
        }
    }
    total
}

fn ends_in(name: &str, extensions: &[&str]) -> bool {
    let name = name.to_ascii_lowercase();
    extensions.iter().any(|extension| name.ends_with(extension))
}

/// Whether it is a package without documents inside it.
fn is_plain(bytes: &[u8]) -> bool {
    zip::ZipArchive::new(Cursor::new(bytes)).is_ok_and(|archive| {
        archive.file_names().flatten().all(|name| !name.contains("embeddings/") && !ends_in(&name, &[".bin"]))
    })
}

fn read(name: &str, bytes: &[u8]) {
    let budget = Budget::new(Limits::default());
    read_document(&mut Input::from_bytes(name, bytes, &budget), name, &mut Nothing);
}

fn collect(folder: &Path, kinds: &mut BTreeMap<String, Vec<(String, Vec<u8>)>>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, kinds);
            continue;
        }
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        if matches!(extension.as_str(), "docx" | "xlsx" | "pptx" | "odt" | "ods" | "odp") {
            let bytes = std::fs::read(&path).unwrap();
            if is_plain(&bytes) {
                kinds.entry(extension).or_default().push((path.to_string_lossy().into_owned(), bytes));
            }
        }
    }
}

fn main() {
    let folders: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let mut kinds = BTreeMap::new();
    for folder in &folders {
        collect(Path::new(folder), &mut kinds);
    }
    if kinds.is_empty() {
        println!("no documents; usage: cargo bench --bench floor -- FOLDER...");
        return;
    }
    let mut buffer = vec![0; 64 << 10];
    println!(
        "| kind | files | MB packed | MB of XML | inflate MB/s of XML | read MB/s of XML | times the floor |"
    );
    println!("|---|---|---|---|---|---|---|");
    for (kind, files) in &kinds {
        let (mut floor, mut ours, mut unpacked) = (Duration::MAX, Duration::MAX, 0);
        for _ in 0..ROUNDS {
            let start = now();
            unpacked = files.iter().map(|(_, bytes)| inflate(bytes, &mut buffer)).sum();
            floor = floor.min(now().saturating_sub(start));
            let start = now();
            for (name, bytes) in files {
                read(name, bytes);
            }
            ours = ours.min(now().saturating_sub(start));
        }
        let packed: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
        let mb = unpacked as f64 / 1e6;
        println!(
            "| {kind} | {} | {:.1} | {mb:.1} | {:.0} | {:.0} | {:.2} |",
            files.len(),
            packed as f64 / 1e6,
            mb / floor.as_secs_f64(),
            mb / ours.as_secs_f64(),
            ours.as_secs_f64() / floor.as_secs_f64()
        );
    }
}
