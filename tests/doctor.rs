//! The program's own proof that it reads: `doctor`, and canaries in a scan.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use std::fs;

use common::run;

#[test]
fn every_canary_is_found() {
    let doctor = run(["doctor"]);
    assert_eq!(doctor.code, 0, "{}{}", doctor.out, doctor.err);
    assert!(!doctor.out.contains("NOT FOUND"), "{}", doctor.out);
    for format in ["docx", "pdf", "xls", "warc", "sqlite", "tnef"] {
        assert!(
            doctor.out.lines().any(|line| line.trim_start().starts_with(format)),
            "{format}: {}",
            doctor.out
        );
    }
    if cfg!(target_os = "linux") {
        assert!(doctor.out.contains("memory      limited: yes"), "{}", doctor.out);
    }
}

#[test]
fn canaries_go_along_and_leave_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("menu.txt"), "Soup of the day\n").unwrap();
    let path = folder.path().to_str().unwrap();
    let scan = run(["scan", path, "--canary", "-f", "jsonl", "--list-all"]);
    assert_eq!(scan.code, 0, "{}", scan.err);
    assert_eq!(scan.summary()["documents"], 1);
    assert!(!scan.out.contains("canary"), "{}", scan.out);
}

#[test]
fn a_scan_that_cannot_find_them_fails() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("menu.txt"), "Soup of the day\n").unwrap();
    let path = folder.path().to_str().unwrap();
    // One rule is left: the canaries of the others do not count, those of this one do.
    assert_eq!(run(["scan", path, "--canary", "--rule", "vn.state-secret.tuyet-mat"]).code, 0);
    let none = run(["scan", path, "--canary", "--pack", "us"]);
    assert!(none.code == 2 && none.err.contains("none of the rules"), "{}", none.err);
    // Limits so tight that archives are not opened.
    let blind = run(["scan", path, "--canary", "--max-archive-depth", "0"]);
    assert!(blind.code == 2 && blind.err.contains("zip"), "{}", blind.err);
}
