//! Lines written from the domain pages alone, the first 646 before the rules were looked at: `tests/data/blind.tsv`, each as a plain text of its own, at the head of a
//! text, and at the head of a web page (markings), or within a text and a page (what is no marking).
//!
//! A marking must be found with its level at medium or above; of what is none nothing may reach medium but marks of
//! companies and of internal use. Recall and precision are printed (`cargo test --test rules_blind -- --nocapture`).

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, missing_docs)]

mod common;

use std::collections::HashMap;
use std::fmt::Write as _;
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

fn lines() -> Vec<Line> {
    let data = fs::read_to_string(here("tests/data/blind.tsv")).unwrap();
    let rows = data.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    rows.map(|row| {
        let columns: Vec<&str> = row.splitn(5, '\t').collect();
        let [authority, sign, level, _, text] = columns.as_slice() else { panic!("{row}") };
        let kinds = ["bytes", "html", "xml", "csv", "subject", "header"];
        let of_kind = |kind: &&&str| text.strip_prefix(**kind).is_some_and(|rest| rest.starts_with(':'));
        let kind = kinds.iter().find(of_kind).copied().unwrap_or_default();
        let text = if kind.is_empty() { text } else { &text[kind.len() + 1..] };
        Line {
            source: row.to_owned(),
            authority: (*authority).to_owned(),
            wanted: *sign == "+",
            level: (*level).to_owned(),
            kind: kind.to_owned(),
            text: unescaped(text),
        }
    })
    .collect()
}

/// `\uXXXX` as its letter, `⏎` as a line break.
fn unescaped(text: &str) -> String {
    let mut parts = text.split("\\u");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push(char::from_u32(u32::from_str_radix(&part[..4], 16).unwrap()).unwrap());
        out.push_str(&part[4..]);
    }
    out.replace('⏎', "\n")
}

/// Ordinary text of the same script.
fn filler(authority: &str) -> &'static str {
    match authority {
        "vn" => {
            "Thực hiện Công văn số 15/CV-STN của Sở Thử Nghiệm tỉnh Ví Dụ, đơn vị báo cáo như sau. Hiện có 24 máy tính, 3 máy đã hỏng.\n\nĐề nghị Sở xem xét, cấp bổ sung kinh phí sửa chữa trong quý tới.\n"
        }
        "ru" | "ua" | "bg" => {
            "В соответствии с планом работ на озере Орла проведены измерения глубины.\n\nСледующие измерения запланированы на май.\n"
        }
        "cn" | "tw" | "jp" => "奥拉湖项目组完成了水深测量工作。具体结果见附表。\n\n下一次测量安排在五月。\n",
        _ => {
            "The survey of Lake Orla began in May and ended in June. Nine trucks took part.\n\nThe next survey is planned for spring.\n"
        }
    }
}

/// The file of a line, if it can be carried so.
fn document(line: &Line, carrier: &str) -> Option<(String, Vec<u8>)> {
    let text = &line.text;
    let mail = |headers: String| {
        format!(
            "From: a@example.org\nTo: b@example.org\n{headers}\nDate: Mon, 3 May 2031 10:00:00 +0000\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nFictitious text.\n"
        )
    };
    let filler = filler(&line.authority);
    let around =
        if line.wanted { format!("{text}\n\n{filler}") } else { format!("{filler}\n{text}\n\n{filler}") };
    let (ending, content) = match (line.kind.as_str(), carrier) {
        ("bytes", "alone") => {
            let (bytes, _, lost) = encoding_rs::WINDOWS_1252.encode(text);
            assert!(!lost, "{text}");
            return Some(("txt".to_owned(), bytes.into_owned()));
        }
        ("subject", "alone") => ("eml", mail(format!("Subject: {text}"))),
        ("header", "alone") => {
            let (name, value) = text.split_once('=').unwrap();
            ("eml", mail(format!("{name}: {value}\nSubject: Orla")))
        }
        ("html" | "xml" | "csv", "alone") => (line.kind.as_str(), text.clone()),
        ("", "alone") => ("txt", format!("{text}\n")),
        ("", "text") => ("txt", around),
        // Blanks between columns are one blank in a web page.
        ("", "page") if !text.contains("    ") => {
            let mut page =
                "<!doctype html><html><head><meta charset=\"utf-8\"><title>Orla</title></head><body>"
                    .to_owned();
            for paragraph in around.lines().filter(|line| !line.trim().is_empty()) {
                let escaped = paragraph.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                writeln!(page, "<p>{escaped}</p>").unwrap();
            }
            ("html", page + "</body></html>")
        }
        _ => return None,
    };
    Some((ending.to_owned(), content.into_bytes()))
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

/// Lines that are judged otherwise than wanted in a carrier, and how many there are of markings and of others.
fn judge(carrier: &str) -> (Vec<String>, [usize; 2], [usize; 2]) {
    let lines = lines();
    let dir = tempfile::tempdir().unwrap();
    let mut carried = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        if let Some((ending, content)) = document(line, carrier) {
            fs::write(dir.path().join(format!("{number:04}.{ending}")), content).unwrap();
            carried.push((number, line));
        }
    }
    let path = dir.path().to_str().unwrap();
    let out = run(["scan", path, "-f", "jsonl", "--pack", "all", "--exit-zero", "--allow-incomplete"]);
    assert_eq!(out.code, 0, "{}", out.err);
    let mut found: HashMap<usize, Vec<(String, String)>> = HashMap::new();
    for record in out.out.lines() {
        let record: serde_json::Value = serde_json::from_str(record).unwrap();
        if record["type"] == "finding" && record["band"] != "low" {
            let name = record["path"].as_str().unwrap().rsplit('/').next().unwrap();
            let said = |key: &str| record[key].as_str().unwrap().to_owned();
            found.entry(name[..4].parse().unwrap()).or_default().push((said("level"), said("rule")));
        }
    }
    let (mut wrong, mut right, mut all) = (Vec::new(), [0, 0], [0, 0]);
    for (number, line) in carried {
        let told = found.remove(&number).unwrap_or_default();
        let good = match (line.wanted, level_name(&line.level)) {
            (false, _) => {
                told.iter().all(|(level, rule)| level == "internal" || rule.starts_with("company."))
            }
            (true, Some(level)) => told.iter().any(|(found, _)| found == level),
            (true, None) => !told.is_empty(),
        };
        all[usize::from(line.wanted)] += 1;
        right[usize::from(line.wanted)] += usize::from(good);
        if !good {
            wrong.push(format!("{}\n    {told:?}", line.source));
        }
    }
    (wrong, right, all)
}

/// Of a hundred markings this many are found at least; of what is none, this many of a hundred are left alone.
fn hold(carrier: &str, recall: usize, left_alone: usize) {
    let (wrong, right, all) = judge(carrier);
    println!(
        "{carrier}: {} of {} markings found, {} of {} others left alone",
        right[1], all[1], right[0], all[0]
    );
    println!("{}", wrong.join("\n"));
    assert!(
        right[1] * 100 >= all[1] * recall && right[0] * 100 >= all[0] * left_alone,
        "{}",
        wrong.join("\n")
    );
}

#[test]
fn alone() {
    hold("alone", 98, 99);
}

#[test]
fn at_the_head_of_a_text() {
    hold("text", 98, 99);
}

#[test]
fn at_the_head_of_a_page() {
    hold("page", 97, 99);
}
