//! The tools themselves are the witness: fixtures of `fixtures/pack` were written by them, and longer streams are packed
//! here where a crate of the tests can.

use std::io::{Read as _, Write as _};

use super::super::limits::Limits;
use super::super::testing::{read_bytes, read_with};
use super::*;

fn bz2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn lz4(bytes: &[u8]) -> Vec<u8> {
    let info = lz4_flex::frame::FrameInfo::new().block_size(lz4_flex::frame::BlockSize::Max64KB);
    let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zst(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

fn content(format: &Packed, name: &str, bytes: &[u8]) -> Vec<u8> {
    assert!(format.matches(&Head { bytes, extension: "", media: None }), "{name}");
    let got = read_bytes(format, name, bytes);
    assert_eq!(got.error, None);
    assert_eq!(got.member_errors, [""; 0]);
    assert_eq!(got.members.len(), 1);
    got.members.into_iter().next().unwrap().1
}

#[test]
fn streams_behind_each_other_are_one_content() {
    let skippable = [&b"\x53\x2A\x4D\x18\x03\0\0\0abc"[..]].concat();
    for (format, pack) in [(&BZIP2, bz2 as fn(&[u8]) -> Vec<u8>), (&LZ4, lz4), (&ZSTD, zst)] {
        let two = [pack(b"one "), pack(b"two")].concat();
        assert_eq!(content(format, "x.txt", &two), b"one two");
        if format.name != "bzip2" {
            let three = [pack(b"one "), skippable.clone(), pack(b""), pack(b"two")].concat();
            assert_eq!(content(format, "x.txt", &three), b"one two");
            let skipped_first = [skippable.clone(), pack(b"one")].concat();
            assert_eq!(content(format, "x.txt", &skipped_first), b"one");
        }
    }
}

#[test]
fn a_stream_cut_short_keeps_what_came_before_and_says_so() {
    let long: Vec<u8> = (0..400_000u32).flat_map(|n| (n.wrapping_mul(2_654_435_761)).to_le_bytes()).collect();
    for (format, pack) in [(&BZIP2, bz2 as fn(&[u8]) -> Vec<u8>), (&LZ4, lz4), (&ZSTD, zst)] {
        let whole = pack(&long);
        for cut in [whole.len() - 1, whole.len() / 2, whole.len() - 9] {
            let got = read_bytes(format, "x", &whole[..cut]);
            assert_eq!(got.member_errors.len(), 1, "{} {cut}", format.name);
            let (_, bytes) = &got.members[0];
            assert!(
                long.starts_with(bytes) && bytes.len() > long.len() / 4,
                "{} {}",
                format.name,
                bytes.len()
            );
        }
    }
}

#[test]
fn bombs_stop_with_their_reason() {
    let zeros = vec![0; 40 << 20];
    let limits = Limits { max_archive_ratio: 100, ..Limits::default() };
    for (format, bomb) in [(&BZIP2, bz2(&zeros)), (&ZSTD, zst(&zeros))] {
        let got = read_with(format, "x", &bomb, limits);
        assert_eq!(got.member_errors, ["limit reached: limit-ratio"], "{}", format.name);
    }
}

#[test]
fn windows_larger_than_the_room_are_refused_before_they_are_allocated() {
    let limits = Limits { max_in_memory: 1 << 20, ..Limits::default() };
    // A frame header that asks for 1 GB (RFC 8878, window descriptor 0xA0), and an .lzma that does.
    let zstd = b"\x28\xB5\x2F\xFD\0\xA0\x01\0\0";
    let lzma = b"\x5D\0\0\0\x40\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0\0\0\0\0";
    let lzip = b"LZIP\x01\x1D\0\0\0\0\0\0\0\0";
    for (format, bytes) in [(&ZSTD, &zstd[..]), (&LZMA, lzma), (&LZIP, lzip)] {
        let got = read_with(format, "x", bytes, limits);
        let told: Vec<String> = got.error.into_iter().chain(got.member_errors).collect();
        assert_eq!(told.len(), 1, "{}", format.name);
        assert!(told[0].contains("limit-size"), "{}: {}", format.name, told[0]);
    }
}

#[test]
fn compress_reads_what_ncompress_writes() {
    // `compress -b 9 < /dev/stdin` of "abababab\n"; written by ncompress 4.2.4.
    let packed = b"\x1f\x9d\x89\x61\xc4\x04\x1c\x28\x46\x01";
    let mut out = Vec::new();
    codec::Compress::new(&packed[..]).unwrap().read_to_end(&mut out).unwrap();
    assert_eq!(out, b"abababab\n");
}

#[test]
fn names() {
    assert_eq!(inner_name("a/b.TBZ2"), "b.tar");
    assert_eq!(inner_name("a.tar.zst"), "a.tar");
    assert_eq!(inner_name("a"), "a content");
}

#[test]
fn lzma_is_told_from_what_only_begins_so() {
    let head = |bytes: &[u8]| is_lzma(bytes);
    assert!(head(b"\x5D\0\0\x80\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0\x36"));
    assert!(!head(b"\x5D\0\0\x81\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0\x36"));
    assert!(!head(b"]\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
    assert!(!head(b"] text that begins with a bracket"));
}
