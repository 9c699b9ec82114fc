//! Settings from `daumat.toml`, completions and manual pages.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use std::fs;

use common::Desk;

fn desk() -> Desk {
    Desk::holding(&[("outbox/memo.txt", "NATO RESTRICTED\n\nFictitious memo.\n")])
}

#[test]
fn settings_of_the_working_folder_are_used_and_what_is_typed_wins() {
    let desk = desk();
    assert_eq!(desk.run(&["scan", "outbox"]).code, 1);
    fs::write(desk.folder.path().join("daumat.toml"), "[scan]\nfail-on = \"secret\"\nformat = \"jsonl\"\n")
        .unwrap();
    let set = desk.run(&["scan", "outbox"]);
    assert_eq!(set.code, 0, "{}", set.err);
    assert!(set.out.starts_with("{\"type\":\"start\""));
    assert_eq!(desk.run(&["scan", "outbox", "--fail-on", "restricted"]).code, 1);
    assert_eq!(desk.run(&["scan", "outbox", "--no-config"]).code, 1);
    // Paths are meant from where the file lies.
    fs::create_dir(desk.folder.path().join("conf")).unwrap();
    fs::write(desk.folder.path().join("conf/words.txt"), "fictitious\tsecret\n").unwrap();
    fs::write(desk.folder.path().join("conf/own.toml"), "[scan]\nkeywords = [\"words.txt\"]\n").unwrap();
    let named = desk.run(&["--config", "conf/own.toml", "scan", "outbox", "-f", "jsonl"]);
    assert!(named.of("finding").iter().any(|it| it["pack"] == "keywords"), "{} {}", named.out, named.err);
}

#[test]
fn settings_in_what_is_scanned_are_not_the_users() {
    let desk = desk();
    fs::write(desk.folder.path().join("daumat.toml"), "[scan]\nexit-zero = true\n").unwrap();
    let scan = desk.run(&["scan", "."]);
    assert_eq!(scan.code, 1, "{}", scan.out);
    assert!(scan.err.contains("lies in what is scanned"), "{}", scan.err);
    let listed = desk.run(&["scan", "--files-from", "no-list"]);
    assert!(listed.err.contains("lies in what is scanned"), "{}", listed.err);
    assert_eq!(desk.run(&["scan", ".", "--config", "daumat.toml"]).code, 0);
}

#[test]
fn wrong_settings_stop_the_run_with_line_and_hint() {
    let desk = desk();
    let file = desk.folder.path().join("daumat.toml");
    fs::write(&file, "[scan]\njobs = 2\n\nmin-confidense = \"high\"\n").unwrap();
    for args in [["scan", "outbox"], ["config", "check"]] {
        let run = desk.run(&args);
        assert_eq!(run.code, 2);
        assert!(run.err.contains("line 4") && run.err.contains("min-confidence"), "{}", run.err);
    }
    fs::write(&file, "[scan]\njobs = 2\nmin-confidence = \"high\"\n").unwrap();
    assert_eq!(desk.run(&["config", "check"]).code, 0);
    assert_eq!(desk.run(&["config", "check", "nowhere.toml"]).code, 2);
    assert_eq!(desk.run(&["scan", "outbox", "--config", "nowhere.toml"]).code, 2);
}

#[test]
fn completions_and_manual_pages_know_every_verb() {
    let desk = desk();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = desk.run(&["completions", shell]);
        assert!(run.code == 0 && run.out.contains("min-confidence"), "{shell}");
    }
    assert!(desk.run(&["man"]).out.contains(".TH daumat 1"));
    assert_eq!(desk.run(&["man", "--output", "pages"]).code, 0);
    for page in ["daumat.1", "daumat-scan.1", "daumat-baseline-audit.1"] {
        let text = fs::read_to_string(desk.folder.path().join("pages").join(page)).unwrap();
        assert!(text.contains(page.trim_end_matches(".1")), "{page}");
    }
}
