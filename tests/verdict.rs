//! One document from standard input is judged at once: a mail gate waits for it. `benches/verdict.py` measures; here the bound is so
//! generous that only a start that does work nobody asked for breaks it.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use std::time::{Duration, Instant};

/// An unoptimised build on a busy machine takes a few hundred milliseconds.
const BOUND: Duration = Duration::from_secs(3);

#[test]
fn one_document_is_judged_at_once() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/docx/body-stamp.docx");
    let document = std::fs::read(path).unwrap();
    let mut took = Vec::new();
    for _ in 0..5 {
        let begun = Instant::now();
        let run = common::run_with_input(["scan", "-", "-f", "jsonl"], &document);
        took.push(begun.elapsed());
        assert_eq!(run.code, 1, "{}", run.err);
    }
    let best = took.iter().min().unwrap();
    assert!(*best < BOUND, "{took:?}");
}
