//! Known findings: what the baseline covers, and what it must not cover.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{Desk, Run, run};

const PAPER: &str = "SỞ THỬ NGHIỆM\nSố: 07/BC-STN\nTỐI MẬT\nBÁO CÁO\nKết quả thử nghiệm số 1\n";

/// A desk with marked papers and room for a baseline.
fn office() -> Desk {
    Desk::holding(&[
        ("share/report.txt", PAPER),
        ("share/memo.txt", "Orla project\n\nSECRET//NOFORN\n\nMinutes of the fictitious meeting.\n"),
        ("share/menu.txt", "Soup of the day\n"),
    ])
}

impl Desk {
    fn share(&self) -> PathBuf {
        self.path("share")
    }

    fn baseline(&self) -> PathBuf {
        self.path("known.jsonl")
    }

    /// Scans the share with the baseline, and with further arguments.
    fn scan(&self, more: &[&str]) -> Run {
        let share = self.share();
        let baseline = self.baseline();
        let mut args = vec!["scan", share.to_str().unwrap(), "-f", "jsonl"];
        args.extend(["--baseline", baseline.to_str().unwrap()]);
        args.extend(more);
        run(args)
    }

    /// Writes a report of the share without a baseline.
    fn report(&self) -> PathBuf {
        let report = self.path("report.jsonl");
        run([
            "scan".as_ref(),
            self.share().as_os_str(),
            "-f".as_ref(),
            "jsonl".as_ref(),
            "-o".as_ref(),
            report.as_os_str(),
        ]);
        report
    }

    fn with(&self, verb: &str, more: &[&Path]) -> Run {
        let baseline = self.baseline();
        let mut args = vec!["baseline".as_ref(), verb.as_ref(), baseline.as_os_str()];
        args.extend(more.iter().map(|path| path.as_os_str()));
        run(args)
    }

    fn decide(&self, decision: &str, more: &[&str]) -> Run {
        let baseline = self.baseline();
        let mut args = vec!["baseline", "audit", baseline.to_str().unwrap(), "--decide", decision];
        args.extend(["--reason", "fictitious", "--approver", "Trần Thị Thử"]);
        args.extend(more);
        run(args)
    }
}

#[test]
fn known_findings_no_longer_count_and_stay_in_the_record() {
    let office = office();
    let made = office.with("create", &[&office.report()]);
    assert_eq!((made.code, made.err.as_str()), (0, ""), "{}", made.out);
    let again = office.scan(&[]);
    assert_eq!(again.code, 0, "{}", again.out);
    let findings = again.of("finding");
    assert!(!findings.is_empty() && findings.iter().all(|it| it["baseline"]["suppresses"] == true));
    let summary = again.summary();
    assert_eq!(summary["suppressed"], findings.len());
    assert_eq!((&summary["flagged_documents"], &summary["verdict"]), (&0.into(), &"clean".into()));
    // Nothing of the documents is in the file.
    let stored = fs::read_to_string(office.baseline()).unwrap();
    assert!(!stored.contains("MẬT") && !stored.contains("NOFORN"), "{stored}");
}

#[test]
fn only_what_is_new_counts() {
    let office = office();
    office.with("create", &[&office.report()]);
    // Moved: the same content.
    fs::create_dir(office.share().join("archive")).unwrap();
    fs::rename(office.share().join("memo.txt"), office.share().join("archive/memo 2.txt")).unwrap();
    let moved = office.scan(&[]);
    assert_eq!(moved.code, 0, "{}", moved.out);
    // Changed far from the mark: new.
    office.put("share/report.txt", format!("{PAPER}{}\nOne more line.\n", "Dòng giả định.\n".repeat(40)));
    let changed = office.scan(&[]);
    assert_eq!(changed.code, 1);
    let new: Vec<_> = changed.of("finding").into_iter().filter(|it| it["baseline"].is_null()).collect();
    assert!(!new.is_empty() && new.iter().all(|it| it["path"].as_str().unwrap().ends_with("report.txt")));
    assert!(changed.err.contains("1 baseline entries met nothing"), "{}", changed.err);
    // Known from now on; the entry of the old content goes.
    let updated = office.with("update", &[&office.report()]);
    assert!(updated.out.contains("3 entries, 1 new, 1 known"), "{}", updated.out);
    let pruned = office.with("prune", &[&office.report()]);
    assert!(pruned.out.contains("2 entries, 1 removed"), "{}", pruned.out);
    let quiet = office.scan(&[]);
    assert_eq!((quiet.code, quiet.err.as_str()), (0, ""));
}

#[test]
fn decisions_hold_as_long_as_they_say() {
    let office = office();
    office.with("create", &[&office.report()]);
    // Nobody has decided yet.
    assert_eq!(office.scan(&["--require-audit"]).code, 1);
    assert_eq!(office.decide("accepted", &["--rule", "no.such.rule"]).code, 2);
    assert_eq!(office.decide("accepted", &[]).code, 2, "everything at once needs --all");
    assert_eq!(office.decide("accepted", &["--all", "--expires", "2999-12-31"]).code, 0);
    let accepted = office.scan(&["--require-audit"]);
    assert_eq!(accepted.code, 0);
    let known = &accepted.of("finding")[0]["baseline"];
    assert_eq!(known["decision"], "accepted");
    assert_eq!(known["approver"], "Trần Thị Thử");
    // What must be fixed goes on counting.
    let rule = accepted.of("finding")[0]["rule"].as_str().unwrap().to_owned();
    assert_eq!(office.decide("to-fix", &["--rule", &rule]).code, 0);
    let open = office.scan(&[]);
    assert_eq!(open.code, 1);
    assert_eq!(open.summary()["flagged_documents"], 1);
    // A decision whose time is over warns and stops working.
    assert_eq!(office.decide("accepted", &["--all", "--expires", "2001-01-01"]).code, 2);
    assert_eq!(office.decide("false-alarm", &["--all", "--expires", "2999-12-31"]).code, 0);
    let stored = fs::read_to_string(office.baseline()).unwrap();
    fs::write(office.baseline(), stored.replace("2999-12-31", "2001-01-01")).unwrap();
    let over = office.scan(&[]);
    assert_eq!(over.code, 1);
    assert!(over.err.contains("2 baseline entries are expired"), "{}", over.err);
    assert!(over.of("finding").iter().all(|it| it["baseline"]["expired"] == true));
}

#[test]
fn documents_inside_others_are_bound_to_their_own_content() {
    let office = office();
    let archive = |extra: &str| {
        let mut tar = tar::Builder::new(Vec::new());
        let long = format!("{PAPER}{}", "Dòng giả định của báo cáo.\n".repeat(4_000));
        for (name, text) in [("a/report.txt", long.as_str()), ("b.txt", extra)] {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o600);
            header.set_cksum();
            tar.append_data(&mut header, name, text.as_bytes()).unwrap();
        }
        fs::write(office.share().join("papers.tar"), tar.into_inner().unwrap()).unwrap();
    };
    archive("nothing");
    office.with("create", &[&office.report()]);
    archive("nothing of interest, but other bytes");
    let again = office.scan(&[]);
    assert_eq!(again.code, 0, "{}", again.out);
    archive("TOP SECRET//SI//NOFORN");
    let more = office.scan(&[]);
    assert_eq!(more.code, 1);
    let new: Vec<_> = more.of("finding").into_iter().filter(|it| it["baseline"].is_null()).collect();
    assert!(!new.is_empty() && new.iter().all(|it| it["members"][0] == "b.txt"), "{new:?}");
}

#[test]
fn what_is_no_baseline_is_told() {
    let office = office();
    fs::write(office.baseline(), "{\"not\":\"a baseline\"}\n").unwrap();
    let wrong = office.scan(&[]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("is no baseline"), "{}", wrong.err);
    let text = office.path("no-report");
    fs::write(&text, "hello\n").unwrap();
    let wrong = office.with("update", &[&text]);
    assert_eq!(wrong.code, 2);
    fs::remove_file(office.baseline()).unwrap();
    let wrong = office.with("create", &[&text]);
    assert!(wrong.code == 2 && wrong.err.contains("line 1"), "{}", wrong.err);
    office.with("create", &[&office.report()]);
    let twice = office.with("create", &[&office.report()]);
    assert!(twice.code == 2 && twice.err.contains("is there already"), "{}", twice.err);
    let stored = fs::read_to_string(office.baseline()).unwrap();
    fs::write(office.baseline(), stored.replacen("\"undecided\"", "\"accepted\"", 1)).unwrap();
    let unsigned = office.scan(&[]);
    assert!(unsigned.code == 2 && unsigned.err.contains("line 2"), "{}", unsigned.err);
}
