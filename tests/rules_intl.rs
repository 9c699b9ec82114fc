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
        "subject" => ("eml", format!("From: a@example.org\nTo: b@example.org\nSubject: {text}\nDate: Mon, 3 May 2031 10:00:00 +0000\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nFictitious text.\n")),
        "header" => {
            let (name, value) = text.split_once('=').unwrap();
            ("eml", format!("From: a@example.org\nTo: b@example.org\n{name}: {value}\nSubject: Orla\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nFictitious text.\n"))
        }
        "ooxml" => {
            let metas: String = text
                .split(" | ")
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap();
                    format!("<meta name=\"{name}\" content=\"{value}\">\n")
                })
                .collect();
            ("html", format!("<!doctype html><html><head>{metas}<title>Orla</title></head><body><p>Fictitious text.</p></body></html>\n"))
        }
        "xml" => ("xml", format!("<?xml version=\"1.0\"?>\n<doc xmlns:ism=\"urn:us:gov:ic:ism\">{text}Fictitious text.</p></doc>\n")),
        kind if kind.contains("block") || kind == "rollup" => ("txt", format!("{}\n", text.replace(" | ", "\n"))),
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

fn judge(file: &str) {
    let lines = lines(file);
    let dir = tempfile::tempdir().unwrap();
    for (number, line) in lines.iter().enumerate() {
        let (ending, content) = document(line);
        fs::write(dir.path().join(format!("{number:04}.{ending}")), content).unwrap();
    }
    let out = run(["scan", dir.path().to_str().unwrap(), "-f", "jsonl", "--pack", "all", "--exit-zero", "--allow-incomplete"]);
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
            (false, _) => told.iter().all(|(_, rule)| rule.starts_with("company.") && line.authority != "company"),
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
    judge("intl-domain.tsv");
}

#[test]
fn further_lines() {
    judge("intl-more.tsv");
}
