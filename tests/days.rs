//! A day of each of the three people the program is for, with the real program: the officer clears a folder, the administrator
//! watches a site, the engineer's gate stands before an upload. Every step says what it expects of the ledger.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::{Desk, Run, binary, files_below, here};
use serde_json::Value;

impl Desk {
    fn records(&self, name: &str) -> Vec<Value> {
        self.text(name).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// A recipe of `integrations/`, as its user would start it.
    fn recipe(&self, script: &str, args: &[&str], input: Option<&Path>) -> Run {
        let mut command = Command::new(here("integrations").join(script));
        command.args(args).current_dir(self.folder.path()).env("DAUMAT", binary()).env("LC_ALL", "C");
        command.stdin(input.map_or_else(Stdio::null, |path| fs::File::open(path).unwrap().into()));
        command.output().unwrap().into()
    }
}

fn of<'a>(records: &'a [Value], kind: &str) -> Vec<&'a Value> {
    records.iter().filter(|record| record["type"] == kind).collect()
}

/// The summary, after its sums were checked against the other records.
fn ledger(records: &[Value]) -> Value {
    let summaries = of(records, "summary");
    let [summary] = summaries.as_slice() else { panic!("{} summaries", summaries.len()) };
    let count = |key: &str| summary[key].as_u64().unwrap();
    let parts = count("full") + count("partial") + count("none") + count("skipped");
    assert_eq!(count("documents"), parts, "{summary}");
    let documents = of(records, "document");
    let read = |how: &str| documents.iter().filter(|it| it["coverage"] == how).count() as u64;
    assert_eq!((count("partial"), count("none")), (read("partial"), read("none")), "{summary}");
    let findings = of(records, "finding");
    let known = findings.iter().filter(|it| it["baseline"]["suppresses"] == true).count() as u64;
    assert_eq!(count("suppressed"), known, "{summary}");
    let bands = summary["findings"].as_object().unwrap();
    let counted: u64 = bands.values().map(|it| it.as_u64().unwrap()).sum();
    // Low ones are counted and not listed.
    assert_eq!(counted - bands["low"].as_u64().unwrap() + known, findings.len() as u64, "{summary}");
    let listed: u64 = documents.iter().map(|it| it["findings"].as_u64().unwrap()).sum();
    assert_eq!(listed, findings.len() as u64, "{summary}");
    (*summary).clone()
}

fn paths<'a>(records: impl IntoIterator<Item = &'a &'a Value>) -> BTreeSet<String> {
    records.into_iter().map(|it| it["path"].as_str().unwrap().to_owned()).collect()
}

/// What counts: findings that no decision covers.
fn open(records: &[Value]) -> BTreeSet<String> {
    let findings = of(records, "finding");
    paths(findings.iter().filter(|it| it["baseline"]["suppresses"] != true))
}

/// Text of a part of a DOCX.
fn part(docx: &Path, name: &str) -> String {
    let mut text = String::new();
    let mut archive = zip::ZipArchive::new(fs::File::open(docx).unwrap()).unwrap();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

fn letter(number: usize, mark: &str) -> String {
    format!(
        "SỞ THỬ NGHIỆM TỈNH VÍ DỤ    CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nSố: {number}/BC-STN\n{mark}\nBÁO CÁO\nVề chiếc đèn lồng giấy số {number}\n"
    )
}

const FOLDERS: [&str; 5] = ["văn thư/đến", "văn thư/đi", "phòng 1", "phòng 2/lưu trữ/2025", "tổ đèn lồng"];
const FILES: usize = 2_000;

/// Fills `share` with 2,000 files; gives the plain letters that are marked, and all others that were written here.
fn fill_share(desk: &Desk) -> (BTreeSet<String>, BTreeSet<String>) {
    let skipped = ["recipes", "hostile", "notation"].map(|name| here("fixtures").join(name));
    let is_document = |path: &PathBuf| {
        let ends = ["toml", "py", "md"];
        !skipped.iter().any(|folder| path.starts_with(folder))
            && !ends.iter().any(|end| path.extension().is_some_and(|it| it == *end))
            && fs::metadata(path).unwrap().len() < 9_000
    };
    let fixtures: Vec<PathBuf> = files_below(&here("fixtures")).into_iter().filter(is_document).collect();
    let mut number = 0;
    let mut place = |name: &str| {
        number += 1;
        format!("share/{}/{number:04} {name}", FOLDERS[number % FOLDERS.len()])
    };
    let mut put = 0;
    // Every eighth one a second time under another name: people copy.
    for path in fixtures.iter().chain(fixtures.iter().step_by(8)) {
        let name = path.file_name().unwrap().to_str().unwrap();
        desk.put(&place(name), fs::read(path).unwrap());
        put += 1;
    }
    assert!(put > 100, "only {put} fixtures");
    let (mut marked, mut plain) = (BTreeSet::new(), BTreeSet::new());
    for letter_number in put..FILES {
        let is_marked = letter_number % 100 == 0;
        let name = place("thư.txt");
        desk.put(&name, letter(letter_number, if is_marked { "TỐI MẬT" } else { "" }));
        if is_marked { &mut marked } else { &mut plain }.insert(name);
    }
    (marked, plain)
}

#[test]
fn the_officer_clears_a_folder() {
    let desk = Desk::holding(&[]);
    let (marked, plain) = fill_share(&desk);
    assert_eq!(files_below(&desk.path("share")).len(), FILES);
    assert_eq!(desk.run(&["report", "keygen", "office.key"]).code, 0);

    // Morning: everything, with canaries, three reports and a signed proof.
    let first = desk.run(&[
        "scan",
        "share",
        "--canary",
        "--report",
        "jsonl=first.jsonl",
        "--report",
        "html=first.html",
        "--report",
        "csv=first.csv",
        "--evidence",
        "proof-1",
        "--sign-key",
        "office.key",
    ]);
    assert_eq!(first.code, 1, "{}", first.err);
    let records = desk.records("first.jsonl");
    let summary = ledger(&records);
    let found = paths(&of(&records, "finding"));
    assert!(marked.is_subset(&found), "missed {:?}", marked.difference(&found));
    assert!(plain.is_disjoint(&found), "wrongly {:?}", plain.intersection(&found));
    // Copies have the findings of their original.
    let mut by_content: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    for it in of(&records, "document") {
        if let Some(content) = it["blake3"].as_str() {
            by_content.entry(content).or_default().insert(it["findings"].as_u64().unwrap());
        }
    }
    assert!(by_content.values().all(|counts| counts.len() == 1));
    // The proof names every file that was given, the clean ones too.
    let proof = desk.records("proof-1/results.jsonl");
    assert_eq!(ledger(&proof), summary);
    let given: BTreeSet<String> = files_below(&desk.path("share"))
        .iter()
        .map(|path| path.strip_prefix(desk.folder.path()).unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(paths(&of(&proof, "document")), given);
    let told = desk.run(&["report", "verify", "proof-1", "--public-key", "office.key.pub"]);
    assert_eq!(told.code, 0, "{}", told.err);
    // The reports say the same.
    let rows = desk.text("first.csv").matches("\r\n").count() - 1;
    let gaps: usize = of(&records, "document").iter().map(|it| it["gaps"].as_array().unwrap().len()).sum();
    assert_eq!(rows, of(&records, "finding").len() + gaps);
    let html = desk.text("first.html");
    assert!(found.iter().all(|path| html.contains(path.rsplit('/').next().unwrap())));

    // The paper for the file: numbers, no names of documents.
    desk.put(
        "don-vi.toml",
        "parent = \"Ủy ban nhân dân tỉnh Ví Dụ\"\nunit = \"Sở Thử Nghiệm\"\ncode = \"STN\"\n",
    );
    let minutes = desk.run(&[
        "report",
        "minutes",
        "first.jsonl",
        "-o",
        "bien-ban.docx",
        "--office",
        "don-vi.toml",
        "--number",
        "12",
    ]);
    assert_eq!(minutes.code, 0, "{}", minutes.err);
    let paper = part(&desk.path("bien-ban.docx"), "word/document.xml");
    assert!(paper.contains("12/BB-STN") && paper.contains("SỞ THỬ NGHIỆM"), "{paper}");
    let documents = summary["documents"].as_u64().unwrap();
    let number = format!("{}.{:03}", documents / 1000, documents % 1000);
    assert!(paper.contains(&number), "{number} in {paper}");
    assert!(!paper.contains("thư.txt") && !paper.contains("đèn lồng"), "{paper}");

    // Noon: decisions. Fixtures are accepted, one rule is a false alarm, the letters must go.
    assert_eq!(desk.run(&["baseline", "create", "known.jsonl", "first.jsonl"]).code, 0);
    let decide = |decision: &str, more: &[&str]| {
        let mut args = vec!["baseline", "audit", "known.jsonl", "--decide", decision];
        args.extend(["--approver", "Trần Thị Thử", "--reason", "theo biên bản 12/BB-STN"]);
        args.extend(more);
        let run = desk.run(&args);
        assert_eq!(run.code, 0, "{}", run.err);
    };
    let scan = |report: &str, more: &[&str]| {
        let target = format!("jsonl={report}");
        let mut args =
            vec!["scan", "share", "--baseline", "known.jsonl", "--require-audit", "--report", &target];
        args.extend(more);
        let run = desk.run(&args);
        let records = desk.records(report);
        (run, records)
    };
    decide("accepted", &["--all", "--expires", "2999-12-31"]);
    decide("false-alarm", &["--rule", "tlp.label"]);
    for path in &marked {
        decide("to-fix", &["--path", path]);
    }
    let (second, records) = scan("second.jsonl", &["--canary"]);
    assert_eq!(second.code, 1, "{}", second.err);
    let now = ledger(&records);
    assert_eq!(now["documents"], summary["documents"]);
    assert_eq!(open(&records), marked, "only what must go counts");
    assert_eq!(now["flagged_documents"], marked.len());
    assert!(marked.iter().all(|path| second.out.contains(path.as_str())), "{}", second.out);

    // Afternoon: the mark is taken from all but one letter, that one is removed; what cannot be read is taken out.
    let mut letters = marked.iter();
    fs::remove_file(desk.path(letters.next().unwrap())).unwrap();
    for path in letters {
        let text = desk.text(path).replace("TỐI MẬT\n", "");
        desk.put(path, text);
    }
    let (third, records) = scan("third.jsonl", &["--canary"]);
    let left = ledger(&records);
    assert_eq!((third.code, left["flagged_documents"].as_u64()), (3, Some(0)), "{}", third.out);
    assert_eq!(left["documents"].as_u64(), Some(documents - 1));
    assert!(third.err.contains(&format!("{} baseline entries met nothing", marked.len())), "{}", third.err);
    let unread = paths(of(&records, "document").iter().filter(|it| it["coverage"] != "full"));
    assert!(!unread.is_empty() && !third.out.contains("thư.txt"), "{}", third.out);
    for path in &unread {
        assert!(third.out.contains(path.as_str()), "{path}: {}", third.out);
        fs::remove_file(desk.path(path)).unwrap();
    }

    // Evening: the list is put in order, and a proof of the clean folder is signed.
    let pruned = desk.run(&["baseline", "prune", "known.jsonl", "third.jsonl"]);
    assert!(pruned.out.contains(&format!("{} removed", marked.len())), "{} {}", pruned.out, pruned.err);
    let (last, records) =
        scan("last.jsonl", &["--canary", "--evidence", "proof-2", "--sign-key", "office.key"]);
    assert_eq!(last.code, 0, "{} {}", last.out, last.err);
    let end = ledger(&records);
    assert_eq!((&end["verdict"], &end["partial"], &end["none"]), (&"clean".into(), &0.into(), &0.into()));
    assert!(open(&records).is_empty() && !last.out.contains("share/"), "{}", last.out);
    let told = desk.run(&["report", "verify", "proof-2", "--public-key", "office.key.pub"]);
    assert!(told.code == 0 && told.out.contains("clean"), "{} {}", told.out, told.err);
}

/// A crawl file of these pages, each record packed by itself as crawlers do.
fn crawl(day: u32, pages: &[(String, String)]) -> Vec<u8> {
    let mut file = Vec::new();
    for (number, (address, text)) in pages.iter().enumerate() {
        let body = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{text}");
        let record = format!(
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{day:04}{number:08}>\r\nWARC-Target-URI: {address}\r\nWARC-Date: 2026-11-{day:02}T01:00:00Z\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: {}\r\n\r\n{body}\r\n\r\n",
            body.len()
        );
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(record.as_bytes()).unwrap();
        file.extend(packed.finish().unwrap());
    }
    file
}

fn page(number: usize, mark: &str) -> (String, String) {
    let body: String = letter(number, mark).lines().map(|line| format!("<p>{line}</p>\n")).collect();
    let text =
        format!("<!DOCTYPE html><html lang=vi><title>Trang {number}</title><body>{body}</body></html>");
    (format!("http://vidu.example/van-ban/{number}"), text)
}

#[test]
fn the_administrator_sees_only_what_is_new() {
    let desk = Desk::holding(&[]);
    let mut pages: Vec<_> = (1..=40).map(|n| page(n, if n % 20 == 0 { "MẬT" } else { "" })).collect();
    let night = |keep: &str| {
        let run = desk.recipe("nightly/daumat-nightly", &["state", "crawl"], None);
        // Nights of a test have one date; the report of each is kept under a name of its own.
        let mut reports = files_below(&desk.path("state"));
        reports.retain(|path| path.file_name().unwrap().to_str().unwrap().starts_with("20"));
        let [report] = reports.as_slice() else { panic!("{reports:?}: {}", run.err) };
        fs::rename(report, desk.path(keep)).unwrap();
        (run, desk.records(keep))
    };
    desk.put("crawl/2026-11-20.warc.gz", crawl(20, &pages));
    let (first, records) = night("1.jsonl");
    assert_eq!(first.code, 1, "{}", first.err);
    // The crawl file and its pages.
    assert_eq!(ledger(&records)["documents"], 41);
    assert_eq!(ledger(&records)["flagged_documents"], 2);

    // Tonight's crawl is another file; one page is new.
    fs::remove_file(desk.path("crawl/2026-11-20.warc.gz")).unwrap();
    pages.insert(7, page(41, "TỐI MẬT"));
    desk.put("crawl/2026-11-21.warc.gz", crawl(21, &pages));
    let (second, records) = night("2.jsonl");
    assert_eq!(second.code, 1, "{}", second.err);
    let summary = ledger(&records);
    assert_eq!((&summary["documents"], &summary["flagged_documents"]), (&42.into(), &1.into()));
    assert!(second.out.contains("van-ban/41"), "{}", second.out);
    assert!(!second.out.contains("van-ban/20") && !second.out.contains("van-ban/40"), "{}", second.out);

    // Nothing new, then one page is taken down.
    desk.put("crawl/2026-11-21.warc.gz", crawl(22, &pages));
    let (third, records) = night("3.jsonl");
    assert_eq!((third.code, &ledger(&records)["suppressed"]), (0, &3.into()), "{}", third.out);
    pages.retain(|(address, _)| !address.ends_with("/20"));
    desk.put("crawl/2026-11-21.warc.gz", crawl(23, &pages));
    let (fourth, records) = night("4.jsonl");
    assert_eq!((fourth.code, &ledger(&records)["suppressed"]), (0, &2.into()), "{}", fourth.out);

    // Half a year later: three findings, one of which is gone. That the others are known does not mean that they are handled.
    let today = jiff::Zoned::now().date();
    let day = |days: i64| today.saturating_add(jiff::Span::new().days(days)).to_string();
    let (from, to) = (day(-180), day(1));
    let paper = |output: &str, reports: &[&str]| {
        let mut args = vec!["report", "periodic"];
        args.extend(reports);
        args.extend(["--period", "6-months", "--from", &from, "--to", &to, "-o", output]);
        args.extend(["--unit", "Sở Thử Nghiệm"]);
        let made = desk.run(&args);
        assert_eq!((made.code, made.err.as_str()), (0, ""), "{}", made.err);
    };
    paper("bao-cao.html", &["1.jsonl", "2.jsonl", "3.jsonl", "4.jsonl"]);
    let text = desk.text("bao-cao.html");
    assert!(text.contains("Phát hiện 3 dấu hiệu; đã xử lý 1; còn lại 2."), "{text}");
    assert!(!text.contains("vidu.example"), "{text}");
    // Somebody decides about one of them.
    let decided = desk.run(&[
        "baseline",
        "audit",
        "state/known.jsonl",
        "--rule",
        "vn.state-secret.toi-mat",
        "--decide",
        "accepted",
        "--reason",
        "đã giải mật",
        "--approver",
        "Trần Thị Thử",
    ]);
    assert_eq!(decided.code, 0, "{}", decided.err);
    assert_eq!(night("5.jsonl").0.code, 0);
    paper("bao-cao.docx", &["5.jsonl", "4.jsonl", "3.jsonl", "2.jsonl", "1.jsonl"]);
    let text = part(&desk.path("bao-cao.docx"), "word/document.xml");
    assert!(text.contains("SỞ THỬ NGHIỆM"), "{text}");
    assert!(text.contains("Phát hiện 3 dấu hiệu; đã xử lý 2; còn lại 1."), "{text}");
}

#[test]
fn the_gate_blocks_a_bad_upload_and_passes_a_good_one() {
    let desk = Desk::holding(&[]);
    let good = here("fixtures/docx/plain-report.docx");
    let bad = here("fixtures/docx/header.docx");
    let locked = here("fixtures/zip/encrypted-aes.zip");
    for (file, word, code) in [(&good, "publish", 0), (&bad, "stop", 1), (&locked, "ask", 3)] {
        let verdict = desk.recipe("upload/daumat-upload", &[], Some(file));
        assert_eq!((verdict.out.trim(), verdict.code), (word, code), "{}", file.display());
        // The same from a script of the engineer's own.
        let own = desk.run_with(&["scan", "-", "-f", "jsonl"], &fs::read(file).unwrap());
        assert_eq!(own.code, code, "{}", own.err);
        ledger(&own.records());
    }
    let failed = desk.recipe("upload/daumat-upload", &["--rules", "nowhere.toml"], Some(&good));
    assert_eq!((failed.out.trim(), failed.code), ("failed", 2));

    // Settings of the pipeline, a list of files, SARIF for code scanning.
    desk.put("outbox/a b.docx", fs::read(&good).unwrap());
    desk.put("outbox/thư.txt", letter(7, ""));
    desk.put("outbox/not-listed.docx", fs::read(&bad).unwrap());
    let list = "outbox/a b.docx\0outbox/thư.txt\0";
    let gate = |list: &str| {
        desk.run_with(
            &["scan", "--files-from", "-", "--config", "gate.toml", "--report", "sarif=out.sarif"],
            list.as_bytes(),
        )
    };
    desk.put("gate.toml", "[scan]\nfail-on = \"confidential\"\nformat = \"jsonl\"\nlist-all = true\n");
    let passed = gate(list);
    assert_eq!(passed.code, 0, "{} {}", passed.out, passed.err);
    assert_eq!(ledger(&passed.records())["documents"], 2);
    let sarif = |desk: &Desk| -> Value { serde_json::from_str(&desk.text("out.sarif")).unwrap() };
    assert_eq!(sarif(&desk)["runs"][0]["results"].as_array().unwrap().len(), 0);

    desk.put("outbox/bad.txt", letter(8, "TỐI MẬT"));
    let blocked = gate(&format!("{list}outbox/bad.txt\0"));
    assert_eq!(blocked.code, 1, "{}", blocked.err);
    let report = sarif(&desk);
    assert_eq!(report["version"], "2.1.0");
    let results = report["runs"][0]["results"].as_array().unwrap();
    let [result] = results.as_slice() else { panic!("{results:?}") };
    assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "outbox/bad.txt");
    assert_eq!((&result["level"], &result["ruleId"]), (&"error".into(), &"vn.state-secret.toi-mat".into()));

    // What is below the level of the gate passes, and what is typed wins over the file.
    desk.put("outbox/bad.txt", "NATO RESTRICTED\n\nFictitious memo.\n");
    assert_eq!(gate("outbox/bad.txt\n").code, 0);
    assert_eq!(
        desk.run(&["scan", "outbox/bad.txt", "--config", "gate.toml", "--fail-on", "internal"]).code,
        1
    );
    // What cannot be read stops, unless the engineer said so; a wrong word in the settings stops everything.
    desk.put("outbox/locked.zip", fs::read(&locked).unwrap());
    assert_eq!(gate("outbox/locked.zip\n").code, 3);
    desk.put("gate.toml", "[scan]\nallow-incomplete = [\"encrypted\"]\n");
    assert_eq!(gate("outbox/locked.zip\n").code, 0);
    desk.put("gate.toml", "[scan]\nallow-incomplet = [\"encrypted\"]\n");
    let wrong = gate("outbox/locked.zip\n");
    assert!(wrong.code == 2 && wrong.err.contains("allow-incomplete"), "{}", wrong.err);
    assert_eq!(gate("outbox/nowhere.txt\n").code, 2);
}
