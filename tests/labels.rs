//! Sensitivity labels that need more than their file to be read, and lists of known documents.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::fs;
use std::path::Path;

use common::run;

const GUID: &str = "0d0e0f00-1111-4222-8333-444455556666";

fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/labels").join(name).display().to_string()
}

/// Rule and level of each finding.
fn found(args: &[&str]) -> Vec<(String, String)> {
    let out = run(["scan", "-f", "jsonl", "--exit-zero"].iter().chain(args));
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    out.of("finding").iter().map(|one| (text(&one["rule"]), text(&one["level"]))).collect()
}

#[test]
fn a_number_is_explained_by_the_users_file() {
    let dir = tempfile::tempdir().unwrap();
    let map = dir.path().join("labels.toml");
    fs::write(&map, format!("[{GUID}]\nname = \"Orla Secret\"\nlevel = \"secret\"\n")).unwrap();
    let map = map.to_str().unwrap();
    let mapped = vec![("labels.mapped".to_owned(), "secret".to_owned())];
    assert_eq!(found(&[&fixture("labelinfo.docx"), "--labels", map]), mapped);
    // Without it there is only a number, and taken off it says nothing.
    assert_eq!(found(&[&fixture("labelinfo.docx")]), []);
    for off in ["labelinfo-removed.docx", "labelinfo-disabled.docx", "msip-info-disabled.pdf"] {
        assert_eq!(found(&[&fixture(off), "--labels", map, "--min-confidence", "low"]), [], "{off}");
    }
}

#[test]
fn a_label_lower_than_the_stamp_is_told() {
    let all = found(&[&fixture("contradiction.docx")]);
    assert!(all.contains(&("labels.contradiction".to_owned(), "secret".to_owned())), "{all:?}");
}

#[test]
fn known_documents_are_found_by_content_and_by_text() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).display().to_string();
    let text =
        "Kế hoạch hư cấu của hội đèn biển Orla: kiểm kê mười hai ngọn đèn, hai chiếc thuyền và một con mèo.";
    fs::write(at("plan.txt"), format!("{text}\n")).unwrap();
    fs::write(at("again.html"), format!("<html><body><p>{}</p></body></html>", text.replace(": ", ":<br>")))
        .unwrap();
    fs::write(
        at("other.txt"),
        "Một kế hoạch hư cấu khác của hội đèn biển Orla, không ai biết và cũng không ai tìm nó ở đây.",
    )
    .unwrap();
    let list = run(["rules", "digest", "--level", "secret", &at("plan.txt")]);
    assert_eq!(list.code, 0, "{}", list.err);
    assert_eq!(list.out.lines().count(), 2, "{}", list.out);
    fs::write(at("known.list"), &list.out).unwrap();
    let of = |file: &str| {
        let mut found = found(&[&at(file), "--known", &at("known.list")]);
        found.sort();
        found
    };
    let secret = |rule: &str| (rule.to_owned(), "secret".to_owned());
    assert_eq!(of("plan.txt"), [secret("known.file"), secret("known.text")]);
    assert_eq!(of("again.html"), [secret("known.text")]);
    assert_eq!(of("other.txt"), []);
    // As sha256sum writes it; without a level it is internal.
    let digest = <sha2::Sha256 as sha2::Digest>::digest(fs::read(at("other.txt")).unwrap());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    fs::write(at("sums"), format!("{hex}  other.txt\n")).unwrap();
    assert_eq!(
        found(&[&at("other.txt"), "--known", &at("sums")]),
        [("known.file".to_owned(), "internal".to_owned())]
    );
    fs::write(at("wrong"), "0123\n").unwrap();
    let refused = run(["scan", &at("other.txt"), "--known", &at("wrong")]);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("line 1"), "{}", refused.err);
}
