use std::io::Write as _;

use super::super::testing::{Record, read_bytes, texts};
use super::*;
use crate::extract::limits::Limits;

fn record(kind: &str, url: &str, media: &str, block: &[u8]) -> Vec<u8> {
    let head = format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2024-02-03T04:05:06Z\r\n\
         Content-Type: {media}\r\nContent-Length: {}\r\n\r\n",
        block.len()
    );
    [head.as_bytes(), block, b"\r\n\r\n"].concat()
}

fn answer(url: &str, body: &str) -> Vec<u8> {
    let block = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{body}");
    record("response", url, "application/http; msgtype=response", block.as_bytes())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::GzBuilder::new()
        .filename("x.warc")
        .extra(b"sl\x04\0abcd".to_vec())
        .write(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A frame of raw blocks with content checksum off (RFC 8878, 3.1.1).
fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x28, 0xB5, 0x2F, 0xFD, 0xA0];
    out.extend((bytes.len() as u32).to_le_bytes());
    let mut chunks = bytes.chunks(100_000).peekable();
    while let Some(chunk) = chunks.next() {
        let header = (chunk.len() as u32) << 3 | u32::from(chunks.peek().is_none());
        out.extend(&header.to_le_bytes()[..3]);
        out.extend(chunk);
    }
    out
}

fn crawl() -> Vec<Vec<u8>> {
    vec![
        record("warcinfo", "", "application/warc-fields", b"software: by hand\r\noperator: Orla\r\n"),
        record(
            "request",
            "http://a.example/",
            "application/http; msgtype=request",
            b"GET / HTTP/1.0\r\n\r\n",
        ),
        answer("http://a.example/", "<p>TỐI MẬT</p>"),
        record("metadata", "http://a.example/", "application/warc-fields", b"via: x"),
        answer("http://a.example/b.html", "<p>two</p>"),
        answer("http://a.example/again", "<p>TỐI MẬT</p>"),
        record(
            "revisit",
            "http://a.example/",
            "application/http; msgtype=response",
            b"HTTP/1.1 304 Not Modified\r\n\r\n",
        ),
        record("resource", "urn:x:note", "text/plain", "ghi chú".as_bytes()),
    ]
}

fn expected() -> Vec<(String, Vec<u8>)> {
    [
        ("http://a.example/", "<p>TỐI MẬT</p>"),
        ("http://a.example/b.html", "<p>two</p>"),
        ("urn:x:note", "ghi chú"),
    ]
    .map(|(url, body)| (url.to_owned(), body.as_bytes().to_vec()))
    .to_vec()
}

fn check(got: &Record) {
    assert_eq!(got.error, None);
    assert_eq!(got.gaps, []);
    assert_eq!(got.members, expected());
    let facts: Vec<String> = got.facts.iter().map(|(code, value)| format!("{code} {value}")).collect();
    assert_eq!(facts, ["identical-payloads 1", "metadata-records 1", "requests 1", "revisits 1"]);
    assert_eq!(texts(got), ["software: by hand\r\noperator: Orla", "http://a.example/again"]);
}

#[test]
fn records_however_packed() {
    let records = crawl();
    let plain = records.concat();
    check(&read_bytes(&Warc, "x.warc", &plain));
    let each: Vec<u8> = records.iter().flat_map(|record| gzip(record)).collect();
    check(&read_bytes(&Warc, "x.warc.gz", &each));
    check(&read_bytes(&Warc, "x.warc.gz", &gzip(&plain)));
    let frames: Vec<u8> = records.iter().flat_map(|record| zstd(record)).collect();
    check(&read_bytes(&Warc, "x.warc.zst", &frames));
    // Line ends of other systems, and blank lines too many or too few.
    let bare = String::from_utf8(plain).unwrap();
    let loose = bare.replace("\r\n\r\nWARC", "\n\n\n\n\nWARC");
    check(&read_bytes(&Warc, "x.warc", loose.as_bytes()));
    check(&read_bytes(&Warc, "x.warc", bare.replace("\r\n\r\nWARC", "\nWARC").as_bytes()));
}

#[test]
fn arc_records() {
    let body = "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<p>MẬT</p>";
    let about = "1 0 InternetArchive\nURL IP-address Archive-date Content-type Archive-length\n";
    let file = format!(
        "filedesc://x.arc 0.0.0.0 20140204000000 text/plain {}\n{about}\nhttp://a.example/ 10.0.0.1 20140204000001 text/html {}\n{body}\n",
        about.len(),
        body.len()
    );
    let got = read_bytes(&Warc, "x.arc", file.as_bytes());
    assert_eq!(got.format, Some("arc"));
    assert_eq!(got.members, [("http://a.example/".to_owned(), "<p>MẬT</p>".as_bytes().to_vec())]);
    assert_eq!((got.error, got.gaps.len()), (None, 0));
}

#[test]
fn damage_costs_one_record() {
    let mut records = crawl();
    // A length too small, one too large, none, and rubbish between.
    let broken = |from: &str, to: &str, record: &[u8]| {
        String::from_utf8(record.to_vec()).unwrap().replace(from, to).into_bytes()
    };
    let two = records[4].clone();
    for (from, to) in [("Length: 69", "Length: 3"), ("Length: 69", "Length: x"), ("Length:", "Lenght:")] {
        records[4] = broken(from, to, &two);
        let got = read_bytes(&Warc, "x.warc", &records.concat());
        assert_eq!((got.gaps.len(), got.error.clone()), (1, None), "{to}: {:?}", got.gaps);
        assert_eq!(got.members.last(), expected().last());
        assert_eq!(got.members.first(), expected().first());
    }
    records[4] = broken("Length: 69", "Length: 690", &two);
    let got =
        read_bytes(&Warc, "x.warc.gz", &records.iter().flat_map(|record| gzip(record)).collect::<Vec<_>>());
    assert_eq!(got.member_errors, ["record shorter than its length says"]);
    assert_eq!(got.members.last(), expected().last());
    // The page after it has the content of the first.
    assert_eq!(got.members.len(), 3);
    // A byte of a packed record is wrong.
    let mut packed: Vec<Vec<u8>> = crawl().iter().map(|record| gzip(record)).collect();
    let middle = packed[2].len() / 2;
    packed[2][middle] ^= 0x55;
    let got = read_bytes(&Warc, "x.warc.gz", &packed.concat());
    assert_eq!(got.gaps.len(), 1, "{got:?}");
    assert_eq!(got.members.last(), expected().last());
    // The end is missing.
    let whole = crawl().concat();
    for cut in 5..whole.len() {
        let got = read_bytes(&Warc, "x.warc", &whole[..cut]);
        assert_eq!(got.error, None, "cut at {cut}");
    }
}

#[test]
fn parts_give_what_the_whole_gives() {
    let mut records = Vec::new();
    for number in 0..60 {
        let quoted = "x\r\n\r\nWARC/1.0\r\nWARC-Type: response\r\nContent-Length: 3\r\n\r\nabc\r\n\r\n"
            .repeat(number % 3);
        records.push(answer(
            &format!("http://a.example/{number}"),
            &format!("{number} {quoted} {}", "page ".repeat(number * 7)),
        ));
    }
    let plain = records.concat();
    let gz: Vec<u8> = records.iter().flat_map(|record| gzip(record)).collect();
    let zst: Vec<u8> = records.iter().flat_map(|record| zstd(record)).collect();
    let one: Vec<u8> = gzip(&plain);
    for file in [&plain, &gz, &zst, &one] {
        let whole = read_bytes(&Warc, "x.warc", file);
        assert_eq!(whole.members.len(), 60);
        for size in [61u64, 500, 3000] {
            let budget = Budget::new(Limits::default());
            let mut together = Record::default();
            let mut expected = 0;
            let mut start = 0;
            while start < file.len() as u64 {
                let span = Span { start, end: start + size, exact: start == 0 };
                start += size;
                if expected >= span.end {
                    continue;
                }
                let read = |span: Span| {
                    let mut record = Record::default();
                    let mut input = Input::from_bytes("x.warc", file, &budget).part(Some(span));
                    Warc.read(&mut input, &mut record).unwrap();
                    (record, input.seam().unwrap())
                };
                let (mut record, mut seam) = read(span);
                if seam.begin != Some(expected) {
                    (record, seam) = read(Span { start: expected, exact: true, ..span });
                }
                expected = seam.end.unwrap();
                together.members.extend(record.members);
                together.gaps.extend(record.gaps);
            }
            assert_eq!(together.members.len(), whole.members.len(), "parts of {size}");
            assert_eq!(together.members, whole.members);
            assert_eq!(together.gaps, []);
        }
    }
}

#[test]
fn dictionaries_and_bombs() {
    // A dictionary that is none is damage, not a crash; one that is too large is a limit.
    let frame = |length: u32| {
        [&[0x5D, 0x2A, 0x4D, 0x18][..], &length.to_le_bytes(), &[0x37, 0xA4, 0x30, 0xEC, 1, 2, 3]].concat()
    };
    assert!(read_bytes(&Warc, "x.warc.zst", &frame(7)).error.unwrap().starts_with("damaged"));
    assert!(read_bytes(&Warc, "x.warc.zst", &frame(1 << 30)).error.unwrap().starts_with("limit-size"));
    let mut bomb = Vec::new();
    let mut encoder = flate2::write::GzEncoder::new(&mut bomb, flate2::Compression::fast());
    for _ in 0..80 {
        encoder.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    encoder.finish().unwrap();
    let block = [b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", &bomb[..]].concat();
    let file =
        [record("response", "http://a.example/", "application/http", &block), crawl().concat()].concat();
    let limits = Limits { max_archive_ratio: 50, ..Limits::default() };
    let got = super::super::testing::read_with(&Warc, "x.warc", &file, limits);
    assert_eq!(got.member_errors, ["limit reached: limit-ratio"]);
    assert_eq!(got.members.last(), expected().last());
}
