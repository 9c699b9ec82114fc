//! gzip: one member, streamed; several gzip members behind each other are one content, as `zcat` gives it.
//!
//! The member is named after the header's file name, else after the file without `.gz` (`.tgz` becomes `.tar`).

use std::io::BufReader;
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;

use super::packed::inner_name;
use super::{Format, Head, Input, Member, Sink, Unreadable};

/// The reader of gzip files.
pub(super) struct Gz;

impl Format for Gz {
    fn name(&self) -> &'static str {
        "gzip"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["gz", "tgz", "gzip", "svgz", "emz", "wmz", "taz"]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        head.bytes.starts_with(&[0x1f, 0x8b, 8])
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let budget = Rc::clone(input.budget());
        let packed = input.len().unwrap_or(0);
        let input_name = input.name();
        let decoder = MultiGzDecoder::new(BufReader::with_capacity(64 << 10, input.stream()?));
        let inside = decoder.header().and_then(|header| header.filename());
        let name = match inside.map(|name| String::from_utf8_lossy(name).into_owned()) {
            Some(name) if !name.trim().is_empty() => name,
            _ => inner_name(input_name),
        };
        let mut content = budget.guard(decoder, packed);
        sink.member(Member::named(&name), &mut content)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::super::testing::read_bytes;
    use super::*;

    fn pack(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn several_members_are_one_content() {
        let mut both = pack(b"one ");
        both.extend(pack(b"two"));
        let got = read_bytes(&Gz, "dir/x.txt.gz", &both);
        assert_eq!(got.members, [("x.txt".to_owned(), b"one two".to_vec())]);
    }

    #[test]
    fn names() {
        assert_eq!(inner_name("a.TGZ"), "a.tar");
        assert_eq!(inner_name("a.tar.gz"), "a.tar");
        assert_eq!(inner_name("a"), "a content");
    }

    #[test]
    fn a_bomb_stops_with_its_reason() {
        let bomb = pack(&vec![0; 64 << 20]);
        let limits = crate::extract::limits::Limits { max_archive_ratio: 100, ..Default::default() };
        let got = super::super::testing::read_with(&Gz, "x.gz", &bomb, limits);
        assert_eq!(got.member_errors, ["limit reached: limit-ratio"]);
    }
}
