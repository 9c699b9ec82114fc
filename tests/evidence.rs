//! Signed proofs of scans: what they hold, and that no change passes. `minisign` itself is asked where it is installed.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use std::fs;
use std::process::Command;

use common::{Desk, Run, run};

/// A desk with an outbox and a key.
fn desk() -> Desk {
    let desk = Desk::holding(&[
        ("outbox/memo.txt", "SECRET//NOFORN\n\nFictitious memo.\n"),
        ("outbox/menu.txt", "Soup of the day\n"),
    ]);
    let made = desk.run(&["report", "keygen", "key"]);
    assert_eq!(made.code, 0, "{}", made.err);
    desk
}

impl Desk {
    fn scan(&self) -> Run {
        self.run(&["scan", "outbox", "--evidence", "proof", "--sign-key", "key"])
    }
}

#[test]
fn a_proof_says_what_was_scanned_and_is_signed() {
    let desk = desk();
    assert_eq!(desk.scan().code, 1);
    let results = fs::read_to_string(desk.path("proof/results.jsonl")).unwrap();
    let hash = blake3::hash(b"Soup of the day\n").to_hex().to_string();
    assert!(results.contains(&hash), "the hash of a clean document: {results}");
    for key in [vec![], vec!["--public-key", "key.pub"]] {
        let told = desk.run(&[vec!["report", "verify", "proof"], key.clone()].concat());
        assert_eq!(told.code, 0, "{}", told.err);
        assert!(told.out.contains("outbox") && told.out.contains("2 documents"), "{}", told.out);
        assert_eq!(told.out.contains("given key"), !key.is_empty());
        assert_eq!(told.out.lines().count(), 1);
    }
    let manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(desk.path("proof/manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["verdict"], "findings");
    let checked = Command::new("minisign")
        .args(["-Vm", "manifest.json", "-p", "../key.pub"])
        .current_dir(desk.path("proof"))
        .output();
    // Another program's opinion, where there is one.
    if let Ok(checked) = checked {
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    }
}

#[test]
fn no_change_passes() {
    let desk = desk();
    desk.scan();
    for (file, from, to) in [
        ("results.jsonl", "memo.txt", "mema.txt"),
        ("manifest.json", "\"flagged\": 1", "\"flagged\": 0"),
        ("manifest.json.minisig", "daumat", "daumax"),
    ] {
        let path = desk.path("proof").join(file);
        let whole = fs::read_to_string(&path).unwrap();
        let changed = whole.replacen(from, to, 1);
        assert_ne!(whole, changed, "{file}");
        fs::write(&path, changed).unwrap();
        let told = desk.run(&["report", "verify", "proof"]);
        assert_eq!(told.code, 2, "{file}: {}", told.out);
        assert!(told.err.contains("proof"), "{}", told.err);
        fs::write(&path, whole).unwrap();
    }
    assert_eq!(desk.run(&["report", "keygen", "other"]).code, 0);
    let foreign = desk.run(&["report", "verify", "proof", "--public-key", "other.pub"]);
    assert_eq!(foreign.code, 2, "{}", foreign.out);
    fs::remove_file(desk.path("proof/results.jsonl")).unwrap();
    assert_eq!(desk.run(&["report", "verify", "proof"]).code, 2);
}

#[test]
fn what_is_there_is_not_overwritten() {
    let desk = desk();
    assert_eq!(desk.run(&["report", "keygen", "key"]).code, 2);
    desk.scan();
    let twice = desk.scan();
    assert!(twice.code == 2 && twice.err.contains("not empty"), "{}", twice.err);
    let no_key = run(["scan", "x", "--evidence", "y"]);
    assert!(no_key.code == 2 && no_key.err.contains("--sign-key"), "{}", no_key.err);
}
