//! `--state`: what has not changed is not read again, and is reported as if it had been.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use std::fs;
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use common::{Desk, Run, run};
use serde_json::Value;

/// A desk with a share of three files.
fn desk() -> Desk {
    Desk::holding(&[
        ("share/a.txt", "SỞ THỬ NGHIỆM\nSố: 07/BC-STN\nTỐI MẬT\nBÁO CÁO\nĐèn lồng số 1\n"),
        ("share/b.txt", "Soup of the day\n"),
        ("share/c.zip", "PK\x03\x04 no archive"),
    ])
}

impl Desk {
    fn scan(&self, more: &[&str]) -> Run {
        let (share, state) = (self.path("share"), self.path("state"));
        let mut args =
            vec!["scan", share.to_str().unwrap(), "-f", "jsonl", "--state", state.to_str().unwrap()];
        args.extend(more);
        run(args)
    }
}

/// The records without what no two runs share, and how many files were not read again.
fn told(run: &Run) -> (Vec<Value>, u64) {
    let mut unchanged = None;
    let records = run.out.lines().map(|line| {
        let mut record: Value = serde_json::from_str(line).unwrap();
        let fields = record.as_object_mut().unwrap();
        fields.remove("started");
        fields.remove("elapsed_ms");
        unchanged = fields.remove("unchanged").and_then(|it| it.as_u64()).or(unchanged);
        record
    });
    let records = records.collect();
    (records, unchanged.unwrap())
}

/// Files that changed a moment ago are read again, so a state is of use only a little later.
fn settle() {
    sleep(Duration::from_millis(3_100));
}

#[test]
fn what_has_not_changed_is_told_as_before() {
    let desk = desk();
    let fresh = desk.scan(&[]);
    assert_eq!(fresh.code, 1, "{}", fresh.err);
    let (first, unchanged) = told(&fresh);
    assert_eq!(unchanged, 0);
    let (again, unchanged) = told(&desk.scan(&[]));
    assert_eq!(
        (unchanged, &again),
        (0, &first),
        "what was written a moment ago may change without another time"
    );
    settle();
    assert_eq!(told(&desk.scan(&[])), (first.clone(), 0), "now it is settled");
    let known = desk.scan(&["--list-all"]);
    assert_eq!(told(&known).1, 0, "other settings give other records");
    assert!(known.err.contains("every file is read again"), "{}", known.err);
    assert_eq!(told(&desk.scan(&[])).1, 0);

    let same = desk.scan(&["-j2"]);
    assert_eq!(same.code, 1);
    assert_eq!(told(&same), (first.clone(), 3), "{}", same.err);
    // What the state told stays in the next one.
    assert_eq!(told(&desk.scan(&[])), (first, 3));
    let readable = desk.path("readable");
    desk.scan(&["--report", &format!("text={}", readable.display())]);
    let readable = fs::read_to_string(readable).unwrap();
    assert!(readable.contains("not changed since the last scan, reported as then: 3 files"), "{readable}");

    let other = desk.scan(&["--exclude-rule", "vn.state-secret.tuyet-mat"]);
    assert_eq!(told(&other).1, 0, "other rules find other things");
    assert!(other.err.contains("every file is read again"), "{}", other.err);
}

#[test]
fn changed_files_are_read_again() {
    let desk = desk();
    settle();
    assert_eq!(told(&desk.scan(&[])).1, 0);
    let modified = fs::metadata(desk.path("share/b.txt")).unwrap().modified().unwrap();
    // The same size, and the time set back: somebody hides something.
    desk.put("share/b.txt", "SECRET//NOFORN\n\n");
    let file = fs::File::options().append(true).open(desk.path("share/b.txt")).unwrap();
    file.set_modified(modified).unwrap();
    drop(file);
    let (records, unchanged) = told(&desk.scan(&[]));
    assert_eq!(unchanged, if cfg!(unix) { 2 } else { 3 });
    let found = |records: &[Value], name: &str| {
        records.iter().any(|it| it["type"] == "finding" && it["path"].as_str().unwrap().ends_with(name))
    };
    assert_eq!(found(&records, "b.txt"), cfg!(unix), "{records:?}");
    fs::rename(desk.path("share/a.txt"), desk.path("share/d.txt")).unwrap();
    let (records, unchanged) = told(&desk.scan(&[]));
    assert!(unchanged <= 1, "{unchanged}");
    assert!(found(&records, "d.txt") && !found(&records, "a.txt"), "{records:?}");
}

#[test]
fn a_damaged_state_is_told_and_not_used() {
    let desk = desk();
    settle();
    let first = told(&desk.scan(&[])).0;
    let mut bytes = fs::read(desk.path("state")).unwrap();
    let last = bytes.len() - 40;
    bytes[last] ^= 1;
    fs::write(desk.path("state"), bytes).unwrap();
    let run = desk.scan(&["--quiet"]);
    assert!(run.err.contains("damaged"), "{}", run.err);
    assert_eq!(told(&run), (first.clone(), 0));
    assert_eq!(told(&desk.scan(&[])), (first, 3));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(desk.path("state")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "it holds findings");
    }
    assert_eq!(fs::read_dir(desk.folder.path()).unwrap().count(), 2, "nothing else is left behind");
}

#[test]
fn a_state_that_cannot_be_kept_ends_the_run() {
    let desk = desk();
    let missing = desk.path("nowhere/state");
    let run = run(["scan".as_ref(), desk.path("share").as_os_str(), "--state".as_ref(), missing.as_os_str()]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("cannot keep the state in"), "{}", run.err);
    assert_eq!(run.out, "");
}

#[test]
fn a_long_crawl_file_is_recalled_as_a_whole() {
    let desk = desk();
    let filler = "Đèn lồng giấy và cá chép. ".repeat(3_000);
    let mut warc = String::new();
    for page in 0..450 {
        let mark = if page == 440 { "<p><b>TUYỆT MẬT</b></p>" } else { "" };
        let body = format!("<html><body>{mark}<p>{filler}</p></body></html>");
        let http = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{body}");
        warc += &format!(
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://vidu.example/{page}\r\nWARC-Date: 2026-01-01T00:00:00Z\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: {}\r\n\r\n{http}\r\n\r\n",
            http.len()
        );
    }
    assert!(warc.len() > 33 << 20, "{}: it must be cut", warc.len());
    desk.put("share/site.warc", &warc);
    let old = SystemTime::now() - Duration::from_secs(60);
    fs::File::options().append(true).open(desk.path("share/site.warc")).unwrap().set_modified(old).unwrap();
    settle();
    let (first, unchanged) = told(&desk.scan(&["-j2"]));
    assert_eq!(unchanged, 0);
    assert!(first.iter().any(|it| it["type"] == "finding" && it["members"][0] == "https://vidu.example/440"));
    assert_eq!(told(&desk.scan(&["-j2"])), (first, 4));
}
