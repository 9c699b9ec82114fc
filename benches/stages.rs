//! Stages in bytes per second: `cargo bench --bench stages`. Compare figures of one run only; machines are shared and noisy.

#![allow(clippy::unwrap_used, missing_docs)]

use std::path::Path;
use std::sync::Arc;

use daumat::extract::Input;
use daumat::extract::limits::{Budget, Limits};
use daumat::find::Sieve;
use daumat::fold::Folded;
use daumat::model::Segment;
use daumat::rules::{Selection, load};
use daumat::scan::door::{Consumer, ReadOutcome, read_document};
use daumat::scan::examine::{Equipment, Examiner, Settings};
use daumat::walk::Entry;
use divan::{Bencher, black_box, counter::BytesCount};

fn main() {
    divan::main();
}

/// A page of office prose without a marking.
const PROSE: &str = "Sở Thử Nghiệm tỉnh Ví Dụ báo cáo việc thay bấc đèn của ngọn hải đăng Orla trong quý ba; mật độ sương \
mù giảm, thuyền giấy về bến an toàn, các đơn vị tiếp tục bảo mật sổ trực theo quy định chung của cơ quan.\n";

/// About four megabytes of it, each line with a number of its own.
fn prose() -> String {
    (0..16_000).map(|number| format!("{number}. {PROSE}")).collect()
}

/// Takes text and does nothing with it: what remains is reading.
struct Nothing;

impl Consumer for Nothing {
    fn begin(&mut self, _members: &[String], _slide: Option<u32>) {}
    fn segment(&mut self, segment: Segment<'_>) {
        black_box(segment.text.len());
    }
    fn end(
        &mut self,
        _members: &[String],
        outcome: ReadOutcome,
        _digest: &mut dyn FnMut(daumat::rules::DigestKind) -> Option<String>,
    ) {
        black_box(outcome);
    }
}

fn equipment() -> Arc<Equipment> {
    Equipment::new(load(&Selection::default()).unwrap(), Settings::default())
}

#[divan::bench]
fn sieve(bencher: Bencher<'_, '_>) {
    let rules = load(&Selection::default()).unwrap();
    let sieve = Sieve::new(&rules);
    let text = prose();
    let mut hits = Vec::new();
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| {
        sieve.hits(black_box(&text), &mut hits);
        hits.len()
    });
}

#[divan::bench]
fn fold(bencher: Bencher<'_, '_>) {
    let text = prose();
    bencher.counter(BytesCount::of_str(&text)).bench(|| Folded::new(black_box(&text)));
}

#[divan::bench]
fn load_rules() -> daumat::rules::RuleSet {
    load(&Selection::default()).unwrap()
}

fn read(bencher: Bencher<'_, '_>, name: &str, bytes: &[u8]) {
    bencher.counter(BytesCount::of_slice(bytes)).bench(|| {
        let budget = Budget::new(Limits::default());
        read_document(&mut Input::from_bytes(name, black_box(bytes), &budget), name, &mut Nothing);
    });
}

#[divan::bench]
fn read_text(bencher: Bencher<'_, '_>) {
    read(bencher, "x.txt", prose().as_bytes());
}

#[divan::bench]
fn read_html(bencher: Bencher<'_, '_>) {
    let rows: String =
        prose().lines().map(|line| format!("<p class=\"row\">{line}<br><b>&amp;</b></p>\n")).collect();
    read(bencher, "x.html", format!("<!DOCTYPE html><meta charset=utf-8><body>{rows}").as_bytes());
}

/// Documents that other software wrote; small, so that the cost of opening shows.
#[divan::bench(args = ["docx/body-stamp.docx", "xlsx/cell-stamp.xlsx", "pdf/libreoffice-tinos.pdf", "eml/base64-body.eml"])]
fn read_fixture(bencher: Bencher<'_, '_>, name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    read(bencher, name, &std::fs::read(path).unwrap());
}

/// Everything from bytes to findings, on a text that holds a marking now and then.
#[divan::bench]
fn examine_text(bencher: Bencher<'_, '_>) {
    let equipment = equipment();
    let mut text = prose();
    text.push_str("Số: 12/BC-STN\nTỐI MẬT\nBÁO CÁO\n");
    let entry = Entry {
        id: 0,
        path: "x.txt".into(),
        name: "x.txt".into(),
        size: text.len() as u64,
        content: Some(text.into_bytes()),
        span: None,
    };
    let mut examiner = Examiner::new(&equipment);
    bencher.counter(BytesCount::new(entry.size)).bench_local(|| examiner.entry(black_box(&entry)));
}
