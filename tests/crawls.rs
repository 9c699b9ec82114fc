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
