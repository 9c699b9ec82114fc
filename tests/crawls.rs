//! Crawl files: the same records give the same documents however they are packed. `benches/warc_witness.py` compares
//! the list with what warcio reads from public crawl files.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test")]

use std::fs::File;
use std::io::Read;

use daumat::extract::limits::{Budget, Limits};
use daumat::extract::{FORMATS, Input, Member, Sink, Stop};
use daumat::model::{Gap, Segment, SkipReason};

#[derive(Default)]
struct Members {
    lines: Vec<String>,
    gaps: Vec<String>,
    repeated: usize,
}

impl Sink for Members {
    fn segment(&mut self, _: Segment<'_>) -> Result<(), Stop> {
        Ok(())
    }

    fn member(&mut self, member: Member<'_>, content: &mut dyn Read) -> Result<(), Stop> {
        let mut bytes = Vec::new();
        let broken = content.read_to_end(&mut bytes).is_err();
        let digest = blake3::hash(&bytes).to_hex();
        let broken = if broken { " broken" } else { "" };
        self.lines.push(format!("{} {} {}{broken}", member.name, bytes.len(), &digest[..16]));
        Ok(())
    }

    fn repeated(&mut self, name: &str, _first: &str) -> Result<(), Stop> {
        self.repeated += 1;
        self.lines.push(format!("{name} repeated"));
        Ok(())
    }

    fn unread_member(&mut self, member: Member<'_>, gap: Gap) {
        self.gaps.push(format!("{}: {}", member.name, gap.detail));
    }

    fn gap(&mut self, gap: Gap) {
        self.gaps.push(gap.detail);
    }

    fn fact(&mut self, _: &'static str, _: String) {}

    fn skip(&mut self, _: SkipReason) {}
    fn format(&mut self, _: &'static str) {}
}

fn members_of(path: &str) -> Members {
    let file = File::open(path).unwrap();
    let budget = Budget::new(Limits::default());
    let mut input = Input::from_file(path, &file, &budget).unwrap();
    let mut members = Members::default();
    let warc = FORMATS.iter().find(|format| format.name() == "warc").unwrap();
    if let Err(error) = warc.read(&mut input, &mut members) {
        members.gaps.push(error.to_string());
    }
    members
}

#[test]
fn packing_changes_nothing() {
    let of = |name: &str| members_of(&format!("{}/fixtures/warc/{name}", env!("CARGO_MANIFEST_DIR")));
    let plain = of("site.warc");
    assert_eq!(plain.gaps, [""; 0]);
    assert_eq!((plain.lines.len(), plain.repeated), (5, 2), "{:?}", plain.lines);
    for name in ["site.warc.gz", "site-dictionary.warc.zst"] {
        let packed = of(name);
        assert_eq!((packed.lines, packed.gaps), (plain.lines.clone(), Vec::new()), "{name}");
    }
}

#[test]
#[ignore = "no test of its own: lists the files named in DAUMAT_WARC for benches/warc_witness.py, which compares"]
fn list() {
    for path in std::env::var("DAUMAT_WARC").unwrap().split(':') {
        let members = members_of(path);
        println!("== {path}");
        members.lines.iter().for_each(|line| println!("- {line}"));
        members.gaps.iter().for_each(|gap| println!("! {gap}"));
    }
}

/// A record of a page.
fn record(url: &str, body: &str) -> String {
    let http = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{body}");
    format!(
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n\
         Content-Type: application/http; msgtype=response\r\nContent-Length: {}\r\n\r\n{http}\r\n\r\n",
        http.len()
    )
}

/// A collection of two crawl files that are stored as they are, read in parts, gives what it gives when it is read in one go.
#[test]
fn a_long_collection_is_read_in_parts() {
    let filler = "Đèn lồng giấy và cá chép. ".repeat(3_000);
    let mut crawls = [String::new(), String::new()];
    for page in 0..300 {
        let mark = if page % 60 == 17 { "<p><b>TUYỆT MẬT</b></p>" } else { "" };
        let body = format!("<html><body><p>{page}</p>{mark}<p>{filler}</p></body></html>");
        crawls[page / 150] += &record(&format!("https://vidu.example/{page}"), &body);
    }
    let size: usize = crawls.iter().map(String::len).sum();
    assert!(size > 25 << 20, "{size}: it must be cut");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.zip");
    let mut writer = zip::ZipWriter::new(File::create(&path).unwrap());
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, content) in [
        ("datapackage.json", "{}"),
        ("archive/a.warc", &crawls[0]),
        ("archive/b.warc", &crawls[1]),
        ("note.txt", "x"),
    ] {
        writer.start_file(name, stored).unwrap();
        std::io::Write::write_all(&mut writer, content.as_bytes()).unwrap();
    }
    writer.finish().unwrap();
    // Documents with findings, and what the ledger counts.
    let told = |path: &std::path::Path, jobs: &str| {
        let out = std::process::Command::new(env!("CARGO_BIN_EXE_daumat"))
            .args(["scan", "-f", "jsonl", jobs])
            .arg(path)
            .output()
            .unwrap();
        let text = String::from_utf8(out.stdout).unwrap();
        let records: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let mut found: Vec<String> = records
            .iter()
            .filter(|it| it["type"] == "finding")
            .map(|it| format!("{} {}", it["members"], it["fingerprint"]))
            .collect();
        found.sort();
        let summary = records.iter().find(|it| it["type"] == "summary").unwrap();
        (found, ["documents", "full", "partial", "none"].map(|key| summary[key].as_u64().unwrap()))
    };
    let whole = told(&path, "-j1");
    assert_eq!(whole.0.len(), 5, "{:?}", whole.0);
    assert_eq!(whole.1[0], 300 + 2 + 2 + 1);
    let cut = folder.path().join("site.wacz");
    std::fs::rename(&path, &cut).unwrap();
    assert_eq!(told(&cut, "-j1"), whole);
    assert_eq!(told(&cut, "-j2"), whole);
}
