//! Markings of other authorities through the real binary: one document a line of `tests/data/intl-*.tsv`.
//!
//! Columns: authority, `+` or `-`, level (0 to 4, `c` classified without a level, `co` a company's), kind, text. `|` separates lines in blocks. A positive line must be found with its level at medium confidence or above
//! when it stands alone in a document; a negative one must not reach medium.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use std::collections::HashMap;
use std::fs;

use common::{here, run};

struct Line {
    source: String,
    authority: String,
    wanted: bool,
    level: String,
    kind: String,
    text: String,
}

fn lines(file: &str) -> Vec<Line> {
    let text = fs::read_to_string(here(&format!("tests/data/{file}"))).unwrap();
    let rows = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    rows.map(|row| {
        let mut columns = row.splitn(5, '\t').map(str::to_owned);
        let mut next = || columns.next().unwrap_or_else(|| panic!("{file}: {row}"));
        let (authority, sign, level, kind, text) = (next(), next(), next(), next(), next());
        Line { source: row.to_owned(), authority, wanted: sign == "+", level, kind, text }
    })
    .collect()
}

/// The document of a line: its name's ending and its content.
fn document(line: &Line) -> (&'static str, String) {
    let text = &line.text;
    match line.kind.as_str() {
        "subject" => (
            "eml",
            format!(
                "From: a@example.org\nTo: b@example.org\nSubject: {text}\nDate: Mon, 3 May 2031 10:00:00 +0000\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nFictitious text.\n"
            ),
        ),
        "header" => {
            let (name, value) = text.split_once('=').unwrap();
            (
                "eml",
                format!(
                    "From: a@example.org\nTo: b@example.org\n{name}: {value}\nSubject: Orla\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nFictitious text.\n"
                ),
            )
        }
        "ooxml" => {
            let metas: String = text
                .split(" | ")
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap();
                    format!("<meta name=\"{name}\" content=\"{value}\">\n")
                })
                .collect();
            (
                "html",
                format!(
                    "<!doctype html><html><head>{metas}<title>Orla</title></head><body><p>Fictitious text.</p></body></html>\n"
                ),
            )
        }
        "xml" => (
            "xml",
            format!(
                "<?xml version=\"1.0\"?>\n<doc xmlns:ism=\"urn:us:gov:ic:ism\">{text}Fictitious text.</p></doc>\n"
            ),
        ),
        kind if kind.contains("block") || kind == "rollup" => {
            ("txt", format!("{}\n", text.replace(" | ", "\n")))
        }
        _ => ("txt", format!("{text}\n")),
    }
}

fn level_name(level: &str) -> Option<&'static str> {
    Some(match level {
        "4" => "top-secret",
        "3" => "secret",
        "2" => "confidential",
        "1" => "restricted",
        _ => return None,
    })
}

/// The line at the head and at the foot of a page so short that each sees the other.
fn head_and_foot(line: &Line) -> (&'static str, String) {
    let (ending, content) = document(line);
    let content = match ending {
        "txt" => format!("{content}\nThe lantern club meets on Monday.\n\n{content}"),
        _ => content,
    };
    (ending, content)
}

fn judge(file: &str, document: fn(&Line) -> (&'static str, String)) {
    let lines = lines(file);
    let dir = tempfile::tempdir().unwrap();
    for (number, line) in lines.iter().enumerate() {
        let (ending, content) = document(line);
        fs::write(dir.path().join(format!("{number:04}.{ending}")), content).unwrap();
    }
    let out = run([
        "scan",
        dir.path().to_str().unwrap(),
        "-f",
        "jsonl",
        "--pack",
        "all",
        "--exit-zero",
        "--allow-incomplete",
    ]);
    assert_eq!(out.code, 0, "{}", out.err);
    let mut found: HashMap<usize, Vec<(String, String)>> = HashMap::new();
    for record in out.out.lines() {
        let record: serde_json::Value = serde_json::from_str(record).unwrap();
        if record["type"] == "finding" && record["band"] != "low" {
            let path = record["path"].as_str().unwrap();
            let name = path.rsplit('/').next().unwrap();
            let said = |key: &str| record[key].as_str().unwrap().to_owned();
            found.entry(name[..4].parse().unwrap()).or_default().push((said("level"), said("rule")));
        }
    }
    let mut wrong = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let told = found.remove(&number).unwrap_or_default();
        let good = match (line.wanted, level_name(&line.level)) {
            (false, _) => {
                told.iter().all(|(_, rule)| rule.starts_with("company.") && line.authority != "company")
            }
            (true, Some(level)) => told.iter().any(|(found, _)| found == level),
            (true, None) => !told.is_empty(),
        };
        if !good {
            wrong.push(format!("{}\n    {told:?}", line.source));
        }
    }
    assert!(wrong.is_empty(), "{} of {} lines of {file}:\n{}", wrong.len(), lines.len(), wrong.join("\n"));
}

#[test]
fn lines_of_the_domain_notes() {
    judge("intl-domain.tsv", document);
}

#[test]
fn further_lines() {
    judge("intl-more.tsv", document);
}

#[test]
fn the_same_mark_again_is_no_list_of_levels() {
    judge("intl-domain.tsv", head_and_foot);
    judge("intl-more.tsv", head_and_foot);
}

#[test]
fn a_mark_takes_nothing_from_the_line_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let matched = |text: &str| -> Vec<String> {
        let path = dir.path().join("a.txt");
        fs::write(&path, text).unwrap();
        let out =
            run(["scan", path.to_str().unwrap(), "-f", "jsonl", "--exit-zero", "--min-confidence", "low"]);
        out.of("finding").iter().map(|one| one["matched"].as_str().unwrap().to_owned()).collect()
    };
    // The foot of a page and the head of the next, with the page's number under it.
    let page = |number: u32| {
        format!(
            "SECRET//NOFORN\nPage {number}\nLamps of the Orla lighthouse are counted in June.\nSECRET//NOFORN\n\u{c}"
        )
    };
    assert_eq!(matched(&(1..9).map(page).collect::<String>()), ["SECRET//NOFORN"]);
    let text = "Lamps of the Orla lighthouse are counted in June.\n";
    assert_eq!(matched(&format!("TỐI MẬT\nTỐI MẬT\n\n{text}")), ["TỐI MẬT"]);
    // A sign at the break says that the mark goes on.
    assert_eq!(matched(&format!("RESTREINT UE/\nEU RESTRICTED\n\n{text}")), ["RESTREINT UE/ EU RESTRICTED"]);
    assert_eq!(matched(&format!("SECRET\n//NOFORN\n\n{text}")), ["SECRET //NOFORN"]);
}

/// Rules found in a message with a header and a body, at any confidence.
fn message(header: &str, body: &str, more: &[&str]) -> Vec<(String, String)> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.eml");
    let content = format!(
        "From: a@example.org\nTo: b@example.org\n{header}\nSubject: Orla\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"
    );
    fs::write(&path, content).unwrap();
    let mut args =
        vec!["scan", path.to_str().unwrap(), "-f", "jsonl", "--exit-zero", "--min-confidence", "low"];
    args.extend(more);
    let out = run(args);
    assert_eq!(out.code, 0, "{}", out.err);
    let findings = out.of("finding");
    findings
        .iter()
        .map(|one| (one["rule"].as_str().unwrap().to_owned(), one["level"].as_str().unwrap().to_owned()))
        .collect()
}

const NUMBERED: &str = "msip_labels: MSIP_Label_11111111-2222-3333-4444-555555555555_Enabled=true;\n MSIP_Label_11111111-2222-3333-4444-555555555555_SetDate=2031-05-03T10:00:00Z;";

#[test]
fn a_label_without_a_name_is_explained_by_the_users_file() {
    let told = message(NUMBERED, "Fictitious text.", &[]);
    assert!(told.iter().any(|(rule, _)| rule == "labels.unknown"), "{told:?}");
    let dir = tempfile::tempdir().unwrap();
    let map = dir.path().join("labels.toml");
    fs::write(&map, "[11111111-2222-3333-4444-555555555555]\nname = \"Orla Keepers\"\nlevel = \"secret\"\n")
        .unwrap();
    let told = message(NUMBERED, "Fictitious text.", &["--labels", map.to_str().unwrap()]);
    assert!(told.contains(&("labels.mapped".to_owned(), "secret".to_owned())), "{told:?}");
    assert!(!told.iter().any(|(rule, _)| rule == "labels.unknown"), "{told:?}");
    let off = NUMBERED.replace("=true", "=false");
    let told = message(&off, "Fictitious text.", &["--labels", map.to_str().unwrap()]);
    assert!(told.is_empty(), "{told:?}");
}

#[test]
fn a_label_that_contradicts_the_text_is_a_finding() {
    let header = |level: &str| {
        format!("X-Protective-Marking: VER=2025.1, NS=gov.au, SEC={level}, ORIGIN=a@example.org")
    };
    for open in ["OFFICIAL", "UNOFFICIAL", "PROTECTED"] {
        let told = message(&header(open), "SECRET//NOFORN\nFictitious text.", &[]);
        assert!(told.contains(&("labels.contradiction".to_owned(), "secret".to_owned())), "{open}: {told:?}");
    }
    for (level, body) in [("SECRET", "SECRET//NOFORN\nFictitious text."), ("OFFICIAL", "Fictitious text.")] {
        let told = message(&header(level), body, &[]);
        assert!(!told.iter().any(|(rule, _)| rule == "labels.contradiction"), "{level}: {told:?}");
    }
}

#[test]
fn confidentiality_labels_in_any_xml() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.xml");
    let label = |level: &str| {
        format!(
            "<?xml version=\"1.0\"?>\n<root xmlns:slab=\"urn:nato:stanag:4774:confidentialitymetadatalabel:1:0\"><slab:originatorConfidentialityLabel><slab:ConfidentialityInformation><slab:PolicyIdentifier>NATO</slab:PolicyIdentifier><slab:Classification>{level}</slab:Classification></slab:ConfidentialityInformation></slab:originatorConfidentialityLabel></root>\n"
        )
    };
    for (level, expected) in
        [("SECRET", Some("secret")), ("RESTRICTED", Some("restricted")), ("UNCLASSIFIED", None)]
    {
        fs::write(&path, label(level)).unwrap();
        let out = run(["scan", path.to_str().unwrap(), "-f", "jsonl", "--exit-zero"]);
        let found = out.of("finding");
        let found = found
            .iter()
            .find(|one| one["rule"] == "labels.stanag-4774")
            .map(|one| one["level"].as_str().unwrap().to_owned());
        assert_eq!(found.as_deref(), expected, "{level}: {}", out.out);
    }
}

#[test]
fn a_word_of_two_authorities_is_settled_by_a_cue_or_read_as_the_lower() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.txt");
    let read = |text: &str| {
        fs::write(&path, text).unwrap();
        let out = run(["scan", path.to_str().unwrap(), "-f", "jsonl", "--exit-zero"]);
        let of = |one: &serde_json::Value| {
            let ambiguous =
                one["reasons"].as_array().unwrap().iter().any(|reason| reason["code"] == "ambiguous");
            (one["rule"].as_str().unwrap().to_owned(), ambiguous)
        };
        out.of("finding").iter().map(of).collect::<Vec<_>>()
    };
    // Without a cue the lower level counts, and the other is named.
    assert_eq!(read("機密\n"), [("tw.level.jimi".to_owned(), true)]);
    assert_eq!(read("SECRETO\n"), [("pt.level.secreto".to_owned(), true)]);
    assert_eq!(
        read("MINISTERIO DE DEFENSA\nSECRETO\nInforme ficticio\n"),
        [("es.level.secreto".to_owned(), false)]
    );
    assert_eq!(
        read("MINISTÉRIO DA DEFESA NACIONAL\nSECRETO\nRelatório fictício\n"),
        [("pt.level.secreto".to_owned(), false)]
    );
    assert_eq!(read("行政院\n機密\n虛構文件\n"), [("tw.level.jimi".to_owned(), false)]);
    assert_eq!(read("防衛省\n機密\n架空の文書\n"), [("jp.level.kimitsu".to_owned(), false)]);
}
