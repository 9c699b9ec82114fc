//! What kills a reader costs exactly one document. Faults are ordered by file names; only test builds obey.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use std::fs;
use std::time::{Duration, Instant};

use common::{MARKED, PLAIN, run};

/// Ten documents, every third marked, and one that orders a fault.
fn folder(fault: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for number in 0..10 {
        let text = if number % 3 == 0 { MARKED } else { PLAIN };
        fs::write(dir.path().join(format!("doc-{number}.txt")), text).unwrap();
    }
    fs::write(dir.path().join(format!("doc-5-fault-{fault}.txt")), PLAIN).unwrap();
    dir
}

fn scan_with_fault(fault: &str, reason: &str, more: &[&str]) {
    let dir = folder(fault);
    let mut args = vec!["scan", dir.path().to_str().unwrap(), "-f", "jsonl", "-j2"];
    args.extend(more);
    let begun = Instant::now();
    let run = run(args);
    assert!(begun.elapsed() < Duration::from_secs(60), "{fault} held the scan up");
    assert_eq!(run.code, 1, "{}", run.err);
    let summary = run.summary();
    assert_eq!((&summary["documents"], &summary["none"]), (&11.into(), &1.into()), "{}", run.out);
    assert_eq!(summary["gaps"], serde_json::json!({ reason: 1 }));
    assert_eq!(summary["flagged_documents"], 4);
    let lost = run.of("document").into_iter().find(|document| document["coverage"] == "none").unwrap();
    assert!(lost["path"].as_str().unwrap().contains(fault));
}

#[test]
fn an_abort_costs_one_document() {
    scan_with_fault("abort", "crash", &[]);
}

#[test]
fn a_stack_overflow_costs_one_document() {
    scan_with_fault("stack-overflow", "crash", &[]);
}

#[test]
fn a_huge_allocation_costs_one_document() {
    scan_with_fault("allocation", "crash", &[]);
}

#[test]
fn an_endless_loop_costs_one_document() {
    scan_with_fault("endless-loop", "timeout", &["--timeout", "1"]);
}

#[test]
fn two_culprits_cost_two_documents() {
    let dir = folder("abort");
    fs::write(dir.path().join("doc-7-fault-stack-overflow.txt"), PLAIN).unwrap();
    let run = run(["scan", dir.path().to_str().unwrap(), "-f", "jsonl", "-j2"]);
    assert_eq!(run.summary()["gaps"]["crash"], 2, "{}", run.out);
    assert_eq!(run.summary()["documents"], 12);
    assert_eq!(run.summary()["flagged_documents"], 4);
}

#[test]
#[cfg(unix)]
fn ctrl_c_ends_with_a_partial_ledger() {
    let dir = folder("endless-loop");
    let mut child =
        common::command(["scan", dir.path().to_str().unwrap(), "-f", "jsonl", "-j1"]).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(1_500));
    let asked = Instant::now();
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let status = child.wait().unwrap();
    assert!(asked.elapsed() < Duration::from_secs(1), "took {:?}", asked.elapsed());
    assert_eq!(status.code(), Some(130));
    let mut out = String::new();
    std::io::Read::read_to_string(&mut child.stdout.take().unwrap(), &mut out).unwrap();
    let summary: serde_json::Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!(summary["verdict"], if summary["flagged_documents"] == 0 { "incomplete" } else { "findings" });
    assert_eq!(summary["interrupted"], true);
    let count = |name: &str| summary[name].as_u64().unwrap();
    assert_eq!(count("documents"), count("full") + count("partial") + count("none") + count("skipped"));
}
