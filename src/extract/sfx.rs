//! Programs with an archive behind them: self-extracting ZIP, RAR and 7z for Windows.
//!
//! In: a program of the PE format. Out: what the archive's reader pushes. A program without an archive is left out as
//! such, as all programs are. Left out: archives within resources (cabinets of installers), other installers' formats.

use std::io::{Read, SeekFrom};

use super::codec::buffered;
use super::input::Input;
use super::{Format, Head, Member, Sink, Unreadable, zip};
use crate::model::SkipReason;

/// The reader of programs that may carry an archive.
pub(super) struct Sfx;

/// How far behind the program an archive may begin: 7-Zip puts a configuration in between.
const SEARCHED: u64 = 64 << 10;

impl Format for Sfx {
    fn name(&self) -> &'static str {
        "pe"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &[]
    }

    /// Libraries and drivers carry none; their number is great, and inflating them for nothing costs time.
    fn matches(&self, head: &Head<'_>) -> bool {
        matches!(head.extension, "exe" | "com" | "scr" | "sfx" | "") && overlay(head.bytes).is_some()
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let start = overlay(input.head()).unwrap_or(u64::MAX);
        if input.len().is_some_and(|len| len <= start) {
            sink.skip(SkipReason::Executable);
            return Ok(());
        }
        let mut begin = Vec::new();
        let mut reader = input.seekable()?;
        reader.seek(SeekFrom::Start(start))?;
        (&mut reader).take(SEARCHED).read_to_end(&mut begin)?;
        let find = |signature: &[u8]| memchr::memmem::find(&begin, signature);
        let first = [
            (find(b"PK\x03\x04"), "zip"),
            (find(b"Rar!\x1A\x07"), "archive.rar"),
            (find(b"7z\xBC\xAF\x27\x1C"), "archive.7z"),
        ];
        let first = first.into_iter().filter_map(|(at, name)| Some((at?, name))).min();
        match first {
            None => {
                sink.skip(SkipReason::Executable);
                Ok(())
            }
            // Offsets in its directory may count from the start of the program; its reader finds that out.
            Some((_, "zip")) => {
                drop(reader);
                zip::Zip.read(input, sink)
            }
            Some((at, name)) => {
                reader.seek(SeekFrom::Start(start + at as u64))?;
                Ok(sink.member(Member::named(name), &mut buffered(reader))?)
            }
        }
    }
}

/// Where the sections of a program end (PE Format, "COFF File Header" and "Section Table"); `None` when it is none.
fn overlay(bytes: &[u8]) -> Option<u64> {
    let number = |at: usize, len: usize| {
        let field = bytes.get(at..at.checked_add(len)?)?;
        Some(field.iter().rev().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte)))
    };
    if !bytes.starts_with(b"MZ") {
        return None;
    }
    let header = usize::try_from(number(0x3C, 4)?).ok()?;
    if bytes.get(header..header.checked_add(4)?) != Some(b"PE\0\0") {
        return None;
    }
    let sections = usize::try_from(number(header + 6, 2)?).ok()?;
    let table = header + 24 + usize::try_from(number(header + 20, 2)?).ok()?;
    let mut end = 0;
    for nth in 0..sections {
        let section = table + 40 * nth;
        end = end.max(number(section + 16, 4)? + number(section + 20, 4)?);
    }
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::super::testing::read_bytes;
    use super::*;

    #[test]
    fn a_zip_behind_a_program() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/pack/self-extracting.exe");
        let bytes = std::fs::read(path).unwrap();
        assert!(Sfx.matches(&Head { bytes: &bytes, extension: "exe", media: None }));
        let got = read_bytes(&Sfx, "x.exe", &bytes);
        assert_eq!(got.members.len(), 1);
        assert!(got.members[0].1.starts_with("ỦY BAN".as_bytes()));
        assert_eq!(got.gaps, []);
        // The same program without it is left out.
        let program = &bytes[..528];
        let got = read_bytes(&Sfx, "x.exe", program);
        assert_eq!(got.skipped, Some(SkipReason::Executable));
    }
}
