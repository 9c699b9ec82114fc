//! The same output whatever the number of threads and wherever documents are read.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use common::{here, run};

/// A report without what may differ: the start record, the clock.
fn report(more: &[&str]) -> String {
    let fixtures = here("fixtures");
    let mut args =
        vec!["scan", fixtures.to_str().unwrap(), "-f", "jsonl", "--list-all", "--min-confidence", "low"];
    args.extend(more);
    let run = run(args);
    let mut lines: Vec<String> = run.out.lines().skip(1).map(str::to_owned).collect();
    let mut summary: serde_json::Value = serde_json::from_str(&lines.pop().unwrap()).unwrap();
    summary["elapsed_ms"] = 0.into();
    lines.push(summary.to_string());
    lines.join("\n")
}

#[test]
fn one_thread_and_many_give_the_same() {
    let one = report(&["-j1"]);
    assert!(one.lines().count() > 200);
    assert!(one == report(&["-j7"]), "-j7 differs from -j1");
}

#[test]
fn with_and_without_isolation_is_the_same() {
    assert!(report(&["-j2"]) == report(&["-j2", "--isolation", "none"]), "--isolation none differs");
}
