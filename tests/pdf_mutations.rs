//! Damaged PDFs: no panic, no hang, no memory without bound, whatever is broken.
//!
//! Small PDFs of `fixtures/` and their unpacked forms are broken in ways that reach the parsers (bytes, numbers, names,
//! pieces moved and doubled, two files grown together) and read by the real reader. The same seed gives the same files.
//! `DAUMAT_MUTATIONS=100000 cargo test --release --test pdf_mutations` runs as many as wanted, `DAUMAT_SEED` other ones,
//! `DAUMAT_FIRST` begins later, `DAUMAT_KEEP` names a folder where the case that runs is kept.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::io::Read;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use daumat::extract::limits::{Budget, Limits};
use daumat::extract::{FORMATS, Input, Member, Sink, Stop};
use daumat::model::{Gap, Segment, SkipReason};

/// Read by the test unless the environment asks for more: some seconds in a debug build.
const USUAL: u64 = 600;

/// Longest that one small file may take. Real ones take 1 ms; a debug build on a loaded machine is slow.
const LONGEST: Duration = Duration::from_secs(60);

/// What the process may hold at most, in bytes: the limit that is promised for two readers.
const MOST_MEMORY: u64 = 300 << 20;

struct Count(u64);

impl Sink for Count {
    fn segment(&mut self, segment: Segment<'_>) -> Result<(), Stop> {
        self.0 += segment.text.len() as u64;
        Ok(())
    }
    fn member(&mut self, _: Member<'_>, content: &mut dyn Read) -> Result<(), Stop> {
        // What comes out is guarded by the budget; an error is the member's gap.
        self.0 += std::io::copy(content, &mut std::io::sink()).unwrap_or(0);
        Ok(())
    }
    fn unread_member(&mut self, _: Member<'_>, _: Gap) {}
    fn gap(&mut self, _: Gap) {}
    fn fact(&mut self, _: &'static str, _: String) {}
    fn skip(&mut self, _: SkipReason) {}
    fn format(&mut self, _: &'static str) {}
}

/// xorshift64*: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 16).unwrap() % end.max(1)
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// Words that send a parser elsewhere.
const WORDS: [&[u8]; 34] = [
    b"1 0 R",
    b"2 0 R",
    b"3 0 R",
    b"<<",
    b">>",
    b"[",
    b"]",
    b"(",
    b")",
    b"<",
    b">",
    b"stream\n",
    b"endstream",
    b"endobj",
    b"/Kids",
    b"/Parent",
    b"/Resources",
    b"/Contents",
    b"/Length 0",
    b"/Filter/FlateDecode",
    b"/Filter/LZWDecode",
    b"/Filter[/ASCII85Decode/ASCIIHexDecode/RunLengthDecode]",
    b"/DecodeParms<</Predictor 15/Columns 1000000>>",
    b"/Prev 9",
    b"/Type/ObjStm/N 9999999/First 0",
    b"/Type/XRef/W[1 8 8]/Size 99999999",
    b"/W[0[1 2 3] 0 99999999 5]",
    b" BT ",
    b" Do ",
    b" 1e30 0 0 1e30 0 0 cm ",
    b"-2147483649",
    b"99999999999999999999",
    b"0.0000000001",
    b"%%EOF\nxref\n0 1\n",
];

fn mutate(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = random.pick(seeds).clone();
    for _ in 0..=random.below(12) {
        let at = random.below(bytes.len());
        let most = 1 << random.below(12);
        let length = random.below(most).min(bytes.len() - at);
        match random.below(10) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.next().to_le_bytes()[0],
            2 => drop(bytes.drain(at..at + length)),
            3 => bytes.truncate(at.max(16)),
            4 => {
                let piece = bytes[at..at + length].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, piece);
            }
            5 => {
                let other = random.pick(seeds);
                let from = random.below(other.len());
                let piece = other[from..(from + length).min(other.len())].to_vec();
                bytes.splice(at..at, piece);
            }
            6 => {
                let word = random.pick(&WORDS).to_vec();
                bytes.splice(at..at, word);
            }
            7 => {
                let word = *random.pick(&WORDS);
                let end = (at + word.len()).min(bytes.len());
                bytes.splice(at..end, word.iter().copied());
            }
            // The next number becomes another.
            8 => {
                if let Some(digit) = bytes[at..].iter().position(u8::is_ascii_digit) {
                    bytes[at + digit] = b'0' + random.next().to_le_bytes()[0] % 10;
                }
            }
            _ => {
                let end = at + length;
                bytes[at..end].reverse();
            }
        }
        if bytes.len() < 16 {
            break;
        }
        bytes.truncate(400_000);
    }
    bytes
}

/// Small fixtures as they are, and with their streams unpacked so that what is in them is broken, too.
fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")];
    while let Some(folder) = folders.pop() {
        let mut paths: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "pdf") {
                let bytes = std::fs::read(&path).unwrap();
                if bytes.len() > 120_000 {
                    continue;
                }
                if let Ok(mut document) = lopdf::Document::load_mem(&bytes) {
                    document.decompress();
                    let mut open = Vec::new();
                    if document.save_to(&mut open).is_ok() && open.len() < 300_000 {
                        seeds.push(open);
                    }
                }
                seeds.push(bytes);
            }
        }
    }
    seeds
}

/// Most memory this process has held so far, in bytes; `None` where the system does not tell so.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? << 10)
}

#[test]
fn broken_pdfs_do_no_harm() {
    let number =
        |key: &str, usual: u64| std::env::var(key).ok().and_then(|value| value.parse().ok()).unwrap_or(usual);
    let (count, seed) = (number("DAUMAT_MUTATIONS", USUAL), number("DAUMAT_SEED", 20_261_121));
    let first = number("DAUMAT_FIRST", 0);
    let seeds = seeds();
    assert!(seeds.len() > 20, "{} seeds", seeds.len());
    let pdf = FORMATS.iter().find(|format| format.name() == "pdf").unwrap();
    let (sender, receiver) = mpsc::channel();
    let worker = std::thread::spawn(move || {
        let mut text = 0;
        for case in first..first.saturating_add(count) {
            // Each case on its own, so that one can be looked at without those before it.
            let mut random = Random((seed ^ case.wrapping_mul(0x9E37_79B9_7F4A_7C15)) | 1);
            let bytes = mutate(&mut random, &seeds);
            if let Ok(folder) = std::env::var("DAUMAT_KEEP") {
                std::fs::write(Path::new(&folder).join("case.pdf"), &bytes).unwrap();
            }
            sender.send(case).unwrap();
            let budget = Budget::for_entry(Limits::default(), bytes.len() as u64);
            let mut input = Input::from_bytes("case.pdf", &bytes, &budget);
            let mut sink = Count(0);
            // An error is an answer: the file is damaged.
            let _ = pdf.read(&mut input, &mut sink);
            text += sink.0;
        }
        text
    });
    let mut current = None;
    loop {
        match receiver.recv_timeout(LONGEST) {
            Ok(case) => current = Some(case),
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("case {current:?} of seed {seed} hangs"),
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
    }
    let text = worker.join().unwrap_or_else(|_| panic!("case {current:?} of seed {seed} panics"));
    // Most files are still readable; were none, nothing would have been tested.
    assert!(text > count, "{text} bytes of text in {count} files");
    if let Some(peak) = peak() {
        assert!(peak < MOST_MEMORY, "{} MB at most", peak >> 20);
    }
}
