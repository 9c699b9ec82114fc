//! tar: one member per file, streamed, so the archive may have any size. GNU long names and pax headers count.
//!
//! Left out: devices and empty directories, which hold no text. The target of a link is pushed as a link.

use std::io::Read as _;

use super::codec::plain;
use super::{Format, Head, Input, Member, Sink, Unreadable, charset};
use crate::model::{Kind, Place, Segment};

/// The reader of tar archives.
pub(super) struct Tar;

impl Format for Tar {
    fn name(&self) -> &'static str {
        "tar"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["tar", "gem", "ova", "cbt"]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        let Some(header) = head.bytes.get(..512) else { return false };
        header.get(257..262) == Some(b"ustar") || checksum_fits(header)
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let mut archive = tar::Archive::new(input.stream()?);
        // A block of zeros ends an archive; what `tar -A` or `cat` put behind it is still there to be read.
        archive.set_ignore_zeros(true);
        for entry in archive.entries().map_err(plain)? {
            let mut entry = entry.map_err(plain)?;
            let name = show(&entry.path_bytes());
            if let Some(target) = entry.link_name_bytes() {
                let target = show(&target);
                sink.segment(Segment::new(&target, Place::new(Kind::Link).named(&name)))?;
            }
            let kind = entry.header().entry_type();
            if kind.is_dir() || kind.is_symlink() || kind.is_hard_link() || kind.is_block_special() {
                continue;
            }
            if entry.size() > 0 || kind.is_file() {
                sink.member(Member::named(&name), &mut (&mut entry).take(u64::MAX))?;
            }
        }
        Ok(())
    }
}

/// Names have no encoding of their own: UTF-8 today, that of the system in older archives.
fn show(name: &[u8]) -> String {
    charset::decode(name, None).0.into_owned()
}

/// Old tars have no magic: the header's own sum (octal at 148, taken as blanks) is the only sign.
fn checksum_fits(header: &[u8]) -> bool {
    let Some(field) = header.get(148..156) else { return false };
    let digits: String = field.iter().map(|byte| char::from(*byte)).collect();
    let Ok(wanted) = u32::from_str_radix(digits.trim_matches([' ', '\0']), 8) else { return false };
    let blanks = 8 * u32::from(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum::<u32>() + blanks;
    let own: u32 = field.iter().map(|byte| u32::from(*byte)).sum();
    header.first() != Some(&0) && sum - own == wanted
}

#[cfg(test)]
mod tests {
    use super::super::testing::{read_bytes, texts};
    use super::*;

    fn archive() -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        let long = format!("{}/kế hoạch.txt", "thư-mục-rất-dài".repeat(12));
        for name in ["a.txt", &long] {
            let mut header = tar::Header::new_gnu();
            header.set_size(3);
            header.set_mode(0o644);
            builder.append_data(&mut header, name, &b"abc"[..]).unwrap();
        }
        builder.into_inner().unwrap()
    }

    #[test]
    fn members_with_long_names() {
        let got = read_bytes(&Tar, "x.tar", &archive());
        assert_eq!(got.members.len(), 2);
        assert_eq!(got.members[0], ("a.txt".to_owned(), b"abc".to_vec()));
        assert!(got.members[1].0.ends_with("/kế hoạch.txt"));
        assert_eq!(texts(&got), [""; 0]);
    }

    #[test]
    fn a_truncated_archive_keeps_what_came_before() {
        let whole = archive();
        let got = read_bytes(&Tar, "x.tar", &whole[..1024 + 600]);
        assert_eq!(got.members.len(), 1);
        assert!(got.error.is_some());
    }

    #[test]
    fn old_headers_are_known_by_their_sum() {
        let mut whole = archive();
        for byte in &mut whole[257..265] {
            *byte = 0;
        }
        let head = |bytes: &[u8]| Tar.matches(&Head { bytes, extension: "", media: None });
        assert!(!head(&whole));
        let sum: u32 = whole[..512]
            .iter()
            .enumerate()
            .map(|(at, b)| if (148..156).contains(&at) { 32 } else { u32::from(*b) })
            .sum();
        whole[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        assert!(head(&whole));
        assert!(!head(&[0; 512]));
    }
}
