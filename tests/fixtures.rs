//! Every fixture against what stands beside it. `fixtures/README.md` says what `*.expect.toml` means; a new fixture needs no
//! new Rust.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, missing_docs)]

mod common;

use std::path::Path;
use std::sync::Mutex;

use daumat::extract::Input;
use daumat::extract::limits::{Budget, Limits};
use daumat::model::{Band, EntryReport, Finding, GapReason, Level};
use daumat::rules::{Selection, load};
use daumat::scan::door::read_document;
use daumat::scan::examine::{Equipment, Examiner, Settings};
use daumat::scan::transcript::{Line, Transcript};
use daumat::text::Lang;
use daumat::text::details::detail;
use daumat::walk::Entry;
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization as _;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    #[serde(rename = "about")]
    _about: Option<String>,
    #[serde(rename = "made_with")]
    _made_with: Option<String>,
    #[serde(default)]
    findings: Vec<Wanted>,
    #[serde(default)]
    clean: bool,
    max_band: Option<String>,
    coverage: Option<String>,
    #[serde(default)]
    incomplete: bool,
    gaps: Option<Vec<String>>,
    #[serde(default)]
    contains: Vec<String>,
    #[serde(default)]
    passwords: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    level: Option<String>,
    rule_pack: Option<String>,
    kind: Option<OneOrMore>,
    min_band: String,
    matched: Option<String>,
    members: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

fn band(name: &str) -> Band {
    [Band::Low, Band::Medium, Band::High].into_iter().find(|band| band.as_str() == name).unwrap()
}

fn bare(text: &str) -> String {
    text.nfc().filter(|letter| !letter.is_whitespace()).collect()
}

fn spaced(text: &str) -> String {
    text.nfc().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Wanted {
    fn fits(&self, finding: &Finding, members: &[String]) -> bool {
        let kind = finding.place.kind.as_str();
        self.level.as_deref().is_none_or(|level| level == finding.level.as_str())
            && self.rule_pack.as_deref().is_none_or(|pack| pack == finding.pack)
            && self.kind.as_ref().is_none_or(|wanted| match wanted {
                OneOrMore::One(one) => one == kind,
                OneOrMore::More(more) => more.iter().any(|one| one == kind),
            })
            && finding.band() >= band(&self.min_band)
            && self.matched.as_deref().is_none_or(|text| bare(&finding.matched).contains(&bare(text)))
            && self.members.as_deref().is_none_or(|wanted| wanted == members)
    }
}

/// Everything that is not as expected, in words. What a password opens must be told to be encrypted without it.
fn check_all(plain: &Equipment, keyed: &Equipment, path: &Path, expect: &Expect) -> Vec<String> {
    if expect.passwords.is_empty() {
        return check(plain, path, expect);
    }
    let mut wrong = check(keyed, path, expect);
    let locked = Expect { clean: true, incomplete: true, ..Expect::default() };
    wrong.extend(check(plain, path, &locked).into_iter().map(|text| format!("without the password: {text}")));
    let gaps: Vec<GapReason> =
        report(plain, path).documents.iter().flat_map(|it| &it.gaps).map(|gap| gap.reason).collect();
    if !gaps.contains(&GapReason::Encrypted) {
        wrong.push(format!("without the password: gaps {gaps:?}"));
    }
    wrong
}

fn report(equipment: &Equipment, path: &Path) -> EntryReport {
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    let size = path.metadata().unwrap().len();
    let entry = Entry { id: 0, path: path.into(), name, size, content: None, span: None };
    Examiner::new(equipment).entry(&entry)
}

fn check(equipment: &Equipment, path: &Path, expect: &Expect) -> Vec<String> {
    let mut wrong = Vec::new();
    let report = report(equipment, path);
    let findings: Vec<(&Finding, &[String])> = report
        .documents
        .iter()
        .flat_map(|document| document.findings.iter().map(|finding| (finding, document.members.as_slice())))
        .collect();
    let told = |finding: &Finding| {
        let kind = finding.place.kind.as_str();
        format!(
            "{} {} {} {kind} {:?} {:?}",
            finding.rule, finding.level, finding.confidence, finding.matched, finding.reasons
        )
    };
    // Whoever reads Vietnamese is told in Vietnamese what was not read.
    for gap in report.documents.iter().flat_map(|document| &document.gaps) {
        if detail(&gap.detail, Lang::Vi) == gap.detail {
            wrong.push(format!("no Vietnamese for {:?}", gap.detail));
        }
    }
    // A mark at the foot of a page and one at the head of the next are two of them, not one that is written twice.
    for (finding, _) in &findings {
        let words: Vec<&str> = finding.matched.split_whitespace().collect();
        let (first, second) = words.split_at(words.len() / 2);
        if !first.is_empty() && first == second {
            wrong.push(format!("twice the same: {}", told(finding)));
        }
    }
    for wanted in &expect.findings {
        if !findings.iter().any(|(finding, members)| wanted.fits(finding, members)) {
            let instead: Vec<String> = findings.iter().map(|(finding, _)| told(finding)).collect();
            wrong.push(format!("not found: {wanted:?}; found: {instead:#?}"));
        }
    }
    let highest = expect
        .findings
        .iter()
        .map(|wanted| wanted.level.as_deref().and_then(Level::from_name))
        .collect::<Option<Vec<_>>>();
    if let Some(highest) = highest.and_then(|levels| levels.into_iter().max()) {
        let above =
            findings.iter().filter(|(finding, _)| finding.band() > Band::Low && finding.level > highest);
        wrong.extend(above.map(|(finding, _)| format!("above what was planted: {}", told(finding))));
    }
    let most = if expect.clean { Some(Band::Low) } else { expect.max_band.as_deref().map(band) };
    if let Some(most) = most {
        let above = findings.iter().filter(|(finding, _)| finding.band() > most);
        wrong.extend(
            above.map(|(finding, _)| format!("should be {} at most: {}", most.as_str(), told(finding))),
        );
    }
    let coverage = coverage(&report);
    if expect.coverage.as_deref().is_some_and(|wanted| wanted != coverage)
        || (expect.incomplete && coverage == "full")
    {
        wrong.push(format!("coverage {coverage}, not {:?}", expect.coverage));
    }
    let mut gaps: Vec<&str> =
        report.documents.iter().flat_map(|document| &document.gaps).map(|gap| gap.reason.as_str()).collect();
    gaps.sort_unstable();
    gaps.dedup();
    if let Some(wanted) = &expect.gaps {
        let mut wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
        wanted.sort_unstable();
        if wanted != gaps {
            let details: Vec<_> = report.documents.iter().flat_map(|document| &document.gaps).collect();
            wrong.push(format!("gaps {gaps:?}, not {wanted:?}: {details:?}"));
        }
    }
    if gaps.contains(&GapReason::Crash.as_str()) {
        wrong.push(format!("a reader panicked: {:?}", report.documents));
    }
    if !expect.contains.is_empty() {
        wrong.extend(missing_text(equipment, path, &expect.contains));
    }
    wrong
}

fn coverage(report: &EntryReport) -> &'static str {
    let documents = || report.documents.iter().filter(|document| document.skipped.is_none());
    if documents().all(|document| document.coverage.as_str() == "full") {
        "full"
    } else if documents().any(|document| document.members.is_empty() && document.coverage.as_str() == "none")
    {
        "none"
    } else {
        "partial"
    }
}

fn missing_text(equipment: &Equipment, path: &Path, contains: &[String]) -> Vec<String> {
    let mut segments: Vec<(&'static str, String)> = Vec::new();
    let bytes = std::fs::read(path).unwrap();
    let name = path.file_name().unwrap().to_str().unwrap();
    let size = Some(bytes.len() as u64);
    let budget = Budget::with_passwords(Limits::default(), size, &equipment.settings.passwords);
    let mut transcript = Transcript::new(|line| {
        if let Line::Segment { place, text, .. } = line {
            segments.push((place.kind.as_str(), spaced(&text)));
        }
    });
    read_document(&mut Input::from_bytes(name, &bytes, &budget), name, &mut transcript);
    let absent = contains.iter().filter(|wanted| {
        let (kinds, text) = wanted.split_once(": ").unwrap();
        let text = spaced(text);
        !segments
            .iter()
            .any(|(kind, segment)| kinds.split('|').any(|one| one == *kind) && segment.contains(&text))
    });
    absent.map(|wanted| format!("no segment {wanted:?}")).collect()
}

fn check_folder(folders: impl Fn(&str) -> bool + Sync) {
    let root = common::here("fixtures");
    let equipment = |passwords: Vec<String>| {
        let settings = Settings { list_all: true, passwords, ..Settings::default() };
        Equipment::new(load(&Selection::default()).unwrap(), settings)
    };
    let notes: Vec<(String, Expect)> = common::files_below(&root)
        .into_iter()
        .filter(|path| path.to_str().is_some_and(|path| path.ends_with(".expect.toml")))
        .filter(|path| folders(path.strip_prefix(&root).unwrap().iter().next().unwrap().to_str().unwrap()))
        .map(|note| {
            let expect = toml::from_str(&std::fs::read_to_string(&note).unwrap())
                .unwrap_or_else(|error| panic!("{}: {error}", note.display()));
            (note.to_str().unwrap().trim_end_matches(".expect.toml").to_owned(), expect)
        })
        .collect();
    // One list for all, as a user has one.
    let passwords = notes.iter().flat_map(|(_, expect)| expect.passwords.clone()).collect();
    let (plain, keyed) = (equipment(Vec::new()), equipment(passwords));
    assert!(notes.len() > 5, "no fixtures");
    let wrong = Mutex::new(Vec::new());
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((path, expect)) =
                    notes.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
                {
                    let found = check_all(&plain, &keyed, Path::new(path), expect);
                    wrong.lock().unwrap().extend(found.into_iter().map(|text| format!("{path}\n    {text}")));
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().unwrap();
    wrong.sort();
    assert!(wrong.is_empty(), "{} wrong of {} fixtures:\n{}", wrong.len(), notes.len(), wrong.join("\n"));
}

#[test]
fn text_html_and_mail() {
    check_folder(|folder| matches!(folder, "txt" | "html" | "eml" | "rtf"));
}

#[test]
fn office() {
    check_folder(|folder| {
        matches!(folder, "docx" | "xlsx" | "pptx" | "odt" | "ods" | "odp" | "doc" | "xls" | "ppt")
    });
}

#[test]
fn pdf() {
    check_folder(|folder| folder == "pdf");
}

#[test]
fn everything_else() {
    let others = [
        "txt", "html", "eml", "rtf", "docx", "xlsx", "pptx", "odt", "ods", "odp", "doc", "xls", "ppt", "pdf",
    ];
    check_folder(|folder| !others.contains(&folder));
}
