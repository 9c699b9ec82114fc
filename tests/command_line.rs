//! The contract's command line: exit codes, messages, records, output files.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use std::fs;

use common::{MARKED, PLAIN, here, run, run_with_input};

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    dir
}

fn scan(dir: &tempfile::TempDir, more: &[&str]) -> common::Run {
    let mut args = vec!["scan", dir.path().to_str().unwrap()];
    args.extend(more);
    run(args)
}

#[test]
fn exit_codes() {
    let clean = folder(&[("a.txt", PLAIN.as_bytes())]);
    assert_eq!(scan(&clean, &[]).code, 0);
    let marked = folder(&[("a.txt", PLAIN.as_bytes()), ("b.txt", MARKED.as_bytes())]);
    assert_eq!(scan(&marked, &[]).code, 1);
    assert_eq!(scan(&marked, &["--exit-zero"]).code, 0);
    assert_eq!(scan(&marked, &["--fail-on", "top-secret"]).code, 0);
    let unread =
        folder(&[("a.txt", PLAIN.as_bytes()), ("x.bin", b"\x00\x01\x02\x03\xff\xfe\x00\x99nothing known")]);
    assert_eq!(scan(&unread, &[]).code, 3);
    assert_eq!(scan(&unread, &["--allow-incomplete"]).code, 0);
    assert_eq!(scan(&unread, &["--allow-incomplete=unsupported,encrypted"]).code, 0);
    assert_eq!(scan(&unread, &["--allow-incomplete=encrypted"]).code, 3);
    let both = folder(&[("x.bin", b"\x00\x01\x02\x03\xff\xfe\x00\x99nothing"), ("b.txt", MARKED.as_bytes())]);
    assert_eq!(scan(&both, &["--allow-incomplete"]).code, 1, "1 wins over 3");
}

#[test]
fn failures_name_what_and_where() {
    let dir =
        folder(&[("a.txt", PLAIN.as_bytes()), ("bad.toml", b"[pack]\nid = 3\n"), ("empty.txt", b"# none\n")]);
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    for (more, told) in [
        (vec![at("missing")], "missing"),
        (vec![at("a.txt"), "--rules".into(), at("bad.toml")], "bad.toml"),
        (vec![at("a.txt"), "--rules".into(), at("nothing.toml")], "nothing.toml"),
        (vec![at("a.txt"), "--pack".into(), "moon".into()], "moon"),
        (vec![at("a.txt"), "--rule".into(), "vn.no.such".into()], "vn.no.such"),
        (vec![at("a.txt"), "--legal-basis".into(), "1999".into()], "1999"),
        (vec![at("a.txt"), "--keywords".into(), at("empty.txt")], "empty.txt"),
        (vec![at("a.txt"), "-o".into(), at("no/such/folder/report")], "no/such/folder/report"),
        (vec![at("a.txt"), "-g".into(), "{a".into()], "{a"),
        (vec![at("a.txt"), "--allow-incomplete=weather".into()], "weather"),
        (vec![at("a.txt"), "--files-from".into(), at("nolist")], "nolist"),
        (vec![], "no path"),
    ] {
        let mut args = vec!["scan".to_owned()];
        args.extend(more);
        let run = run(&args);
        assert_eq!(run.code, 2, "{args:?}: {}", run.err);
        assert!(run.err.contains(told), "{args:?}: {}", run.err);
        assert!(!run.err.contains("panicked"), "{}", run.err);
    }
}

#[test]
fn no_rule_in_effect_is_a_failure_and_never_a_pass() {
    let dir = folder(&[("a.txt", MARKED.as_bytes())]);
    let run = scan(&dir, &["--pack", "generic"]);
    assert_eq!(run.code, 2, "{}", run.err);
}

#[test]
#[cfg(unix)]
fn a_folder_without_permission_is_a_gap() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = folder(&[("a.txt", PLAIN.as_bytes()), ("locked/b.txt", MARKED.as_bytes())]);
    let locked = dir.path().join("locked");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    let readable = fs::read_dir(&locked).is_ok();
    let run = scan(&dir, &["-f", "jsonl"]);
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o700)).unwrap();
    if readable {
        // Root reads everything; the ledger then has both files.
        assert_eq!(run.summary()["documents"], 2);
        return;
    }
    assert_eq!(run.code, 3, "{}", run.err);
    assert_eq!(run.summary()["gaps"]["permission"], 1);
}

#[test]
#[cfg(unix)]
fn output_files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = folder(&[("in/b.txt", MARKED.as_bytes())]);
    let report = dir.path().join("report.jsonl");
    let paths = dir.path().join("paths.txt");
    let input = dir.path().join("in");
    let further = format!("paths={}", paths.display());
    let run = run([
        "scan",
        input.to_str().unwrap(),
        "-f",
        "jsonl",
        "-o",
        report.to_str().unwrap(),
        "--report",
        &further,
    ]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert_eq!(fs::metadata(&report).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(fs::read_to_string(&paths).unwrap().trim_end().ends_with("in/b.txt"));
}

#[test]
fn long_pdfs_can_be_judged_by_their_first_pages() {
    let scan = |more: &[&str], file: &str| {
        let path = common::here(file).display().to_string();
        common::run([&["scan", "-f", "jsonl", &path], more].concat())
    };
    let marked = "fixtures/pdf/header-pages.pdf";
    let begun = scan(&["--max-pages", "1"], marked);
    let gaps = &begun.of("document")[0]["gaps"];
    assert_eq!((begun.code, &gaps[0]["reason"]), (1, &"limit-count".into()), "{}", begun.out);
    assert_eq!(gaps[0]["detail"], "first 1 of 4 pages read");
    assert!(begun.of("finding").iter().all(|finding| finding["place"]["page"] == 1));
    let whole = scan(&["--max-pages", "4"], marked);
    assert_eq!(whole.summary()["partial"], 0, "{}", whole.out);
    assert_eq!(scan(&["--max-pages", "1"], "fixtures/pdf/libreoffice-header.pdf").summary()["partial"], 1);
    assert_eq!(scan(&["--max-pages", "0"], marked).code, 2);
}

#[test]
fn one_document_from_standard_input() {
    let marked = run_with_input(["scan", "-", "-f", "jsonl"], MARKED.as_bytes());
    assert_eq!(marked.code, 1, "{}", marked.err);
    assert_eq!(marked.of("finding")[0]["path"], "-");
    assert_eq!(run_with_input(["scan", "-"], PLAIN.as_bytes()).code, 0);
}

#[test]
fn lists_of_files() {
    let dir =
        folder(&[("a.txt", PLAIN.as_bytes()), ("b.txt", MARKED.as_bytes()), ("c.txt", MARKED.as_bytes())]);
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let list = format!("{}\n{}\n{}\n", at("a.txt"), at("b.txt"), at("gone.txt"));
    let run = run_with_input(["scan", "--files-from", "-", "-f", "jsonl"], list.as_bytes());
    assert_eq!(run.code, 1);
    assert_eq!(run.summary()["documents"], 3, "a listed path that is gone is accounted for");
    assert_eq!(run.summary()["gaps"]["io"], 1);
    let zero = format!("{}\0{}", at("b.txt"), at("c.txt"));
    assert_eq!(
        run_with_input(["scan", "--files-from", "-", "-f", "paths"], zero.as_bytes()).out.lines().count(),
        2
    );
}

#[test]
fn own_rules_and_keywords() {
    let pack = r#"
        [pack]
        id = "orla"
        format = 1
        version = "1"
        title = { en = "Orla" }
        [[rule]]
        id = "orla.paper-lantern"
        title = { en = "Paper Lantern" }
        level = "secret"
        terms = ["PAPER LANTERN"]
        points = { alone = 60, within = 55 }
        within_ceiling = 90
        examples = ["PAPER LANTERN", "ORLA PAPER LANTERN REVIEW"]
        counter_examples = ["a paper bag", "lantern"]
    "#;
    let dir = folder(&[
        ("pack.toml", pack.as_bytes()),
        ("words.txt", "Hải đăng Orla\tconfidential\n".as_bytes()),
        ("in/a.txt", b"ORLA PAPER LANTERN REVIEW\n"),
        ("in/b.txt", "Kế hoạch sửa hải  đăng ORLA năm tới\n".as_bytes()),
    ]);
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let run =
        run(["scan", &at("in"), "--rules", &at("pack.toml"), "--keywords", &at("words.txt"), "-f", "jsonl"]);
    let found: Vec<_> = run.of("finding").iter().map(|f| (f["rule"].clone(), f["level"].clone())).collect();
    assert_eq!(
        found,
        [("orla.paper-lantern".into(), "secret".into()), ("keywords.term".into(), "confidential".into())]
    );
    assert_eq!(common::run(["rules", "test", "--rules", &at("pack.toml"), "--pack", "vn"]).code, 0);
    assert!(common::run(["rules", "list", "--rules", &at("pack.toml")]).out.contains("orla.paper-lantern"));
}

#[test]
fn hostile_names_reach_no_terminal() {
    if !cfg!(unix) {
        return;
    }
    let dir = folder(&[("evil\u{1b}[2J\u{202e}txt.b.txt", MARKED.as_bytes())]);
    let text = scan(&dir, &[]);
    assert!(!text.out.contains('\u{1b}') && !text.out.contains('\u{202e}'), "{:?}", text.out);
    let records = scan(&dir, &["-f", "jsonl"]);
    assert!(
        records.of("finding")[0]["path"].as_str().unwrap().contains('\u{202e}'),
        "machines get the name itself"
    );
}

#[test]
#[cfg(unix)]
fn names_that_are_not_utf8() {
    use std::os::unix::ffi::OsStrExt as _;
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(std::ffi::OsStr::from_bytes(b"b\xff.txt")), MARKED).unwrap();
    let run = scan(&dir, &["-f", "jsonl"]);
    assert_eq!(run.code, 1);
    assert!(run.of("finding")[0]["path"].as_str().unwrap().ends_with("b\\xFF.txt"));
}

#[test]
fn records_keep_to_the_published_schema() {
    let schema: serde_json::Value = serde_json::from_str(&run(["schema"]).out).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let fixtures = here("fixtures");
    let all = run([
        "scan",
        fixtures.to_str().unwrap(),
        "-f",
        "jsonl",
        "--list-all",
        "--min-confidence",
        "low",
        "--show-context",
    ]);
    let records = all.records();
    assert!(records.len() > 200, "{}", all.err);
    for record in &records {
        if let Err(error) = schema.validate(record) {
            panic!("{error}: {record}");
        }
        if record["type"] == "finding" {
            let sum: i64 = record["reasons"]
                .as_array()
                .unwrap()
                .iter()
                .map(|reason| reason["points"].as_i64().unwrap())
                .sum();
            assert_eq!(
                sum.clamp(0, 100),
                record["confidence"].as_i64().unwrap(),
                "the reasons add up: {record}"
            );
        }
    }
    let summary = all.summary();
    let count = |name: &str| summary[name].as_u64().unwrap();
    assert_eq!(count("documents"), count("full") + count("partial") + count("none") + count("skipped"));
    let listed = records.iter().filter(|record| record["type"] == "document").count() as u64;
    assert_eq!(count("documents"), listed, "--list-all lists every document");
    assert!(!schema.is_valid(&serde_json::json!({"type": "finding"})), "the schema refuses what is wrong");
}

#[test]
fn extract_and_explain_show_what_the_scanner_saw() {
    let dir = folder(&[("b.txt", MARKED.as_bytes())]);
    let file = dir.path().join("b.txt").to_str().unwrap().to_owned();
    let extract = run(["extract", &file]);
    assert!(extract.out.contains("TỐI MẬT") && extract.out.contains("read: full"), "{}", extract.out);
    let found = run(["scan", &file, "-f", "jsonl"]).of("finding");
    let fingerprint = found[0]["fingerprint"].as_str().unwrap();
    let explained = run(["explain", fingerprint, "--in", &file]);
    assert!(explained.out.contains("number-line") && explained.out.contains("TỐI MẬT"), "{}", explained.out);
    assert!(run(["explain", "vn.state-secret.toi-mat"]).out.contains("Circular 24/2020"));
    assert_eq!(run(["explain", "abcdef123456"]).code, 2);
}

#[test]
fn fingerprints_survive_moves_and_edits_elsewhere() {
    let more = format!("{MARKED}{}\nMột dòng mới ở cuối\n", "Nội dung.\n".repeat(20));
    let dir = folder(&[
        ("b.txt", MARKED.as_bytes()),
        ("moved/c.txt", MARKED.as_bytes()),
        ("d.txt", more.as_bytes()),
    ]);
    let found = scan(&dir, &["-f", "jsonl"]).of("finding");
    let fingerprints: Vec<&str> =
        found.iter().map(|finding| finding["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(fingerprints.len(), 3);
    assert!(fingerprints.iter().all(|one| *one == fingerprints[0]), "{fingerprints:?}");
}

#[test]
fn the_law_and_the_language_are_the_users_choice() {
    let marked = folder(&[("b.txt", MARKED.as_bytes())]);
    let default = scan(&marked, &[]);
    assert!(
        default.out.contains("legal basis (vn): since 1 March 2026: Law 117/2025/QH15"),
        "{}",
        default.out
    );
    let older = scan(&marked, &["--legal-basis", "2020", "--lang", "vi"]);
    assert!(older.out.contains("Luật số 29/2018/QH14") && older.out.contains("Dấu độ mật"), "{}", older.out);
    let records = scan(&marked, &["-f", "jsonl", "--legal-basis", "2002"]);
    assert!(records.out.contains(r#""legal_basis":[{"pack":"vn","id":"2002""#), "{}", records.out);
    let rule = run(["explain", "vn.state-secret.toi-mat", "--legal-basis", "2015"]);
    assert!(rule.out.contains("Circular 33/2015/TT-BCA") && !rule.out.contains("29/2018"), "{}", rule.out);
    // What is found is the same.
    let findings = |text: &str| {
        text.lines()
            .filter(|line| line.contains(r#""type":"finding""#))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(findings(&scan(&marked, &["-f", "jsonl"]).out), findings(&records.out));
}

#[test]
fn our_own_rules_pass_their_examples() {
    assert_eq!(run(["rules", "check"]).code, 0);
    let test = run(["rules", "test"]);
    assert_eq!(test.code, 0, "{}", test.out);
}
