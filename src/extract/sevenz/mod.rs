//! 7z: own reader of the directory (7zFormat.txt of the LZMA SDK), with the decoders of [`codec`](super::codec).
//!
//! In: an archive with random access. Out: one member per file, block by block in the order of the archive, so that a
//! solid block is unpacked once and in constant memory. The `sevenz-rust2` crate was looked at (0.24): it takes a
//! dictionary of any size, and a crafted header of 100 bytes may ask for 4 GB; here every size is held against the
//! budget first. Encrypted blocks are opened with a password of the list, or their members say `encrypted`. Left out: archives
//! cut in several files.

mod cipher;
mod coders;
mod header;

use std::io::{self, Read, SeekFrom};
use std::rc::Rc;

use self::cipher::Keys;
use self::header::{Archive, File};
use super::codec::{broken, plain};
use super::input::{Input, ReadSeek};
use super::limits::Budget;
use super::packed::inner_name;
use super::{Format, Head, Member, Sink, Unreadable};
use crate::model::{Gap, GapReason};

/// The reader of 7z archives.
pub(super) struct SevenZ;

/// Longest directory that is read, packed or unpacked; 200,000 files take 20 MB.
const MAX_HEADER: u64 = 32 << 20;

impl Format for SevenZ {
    fn name(&self) -> &'static str {
        "7z"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["7z", "cb7", "001"]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        head.bytes.starts_with(b"7z\xBC\xAF\x27\x1C")
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let budget = Rc::clone(input.budget());
        let own_name = inner_name(input.name());
        let mut reader = input.seekable()?;
        let len = reader.seek(SeekFrom::End(0))?;
        let keys = Keys::default();
        let mut archive = directory(&mut reader, len, &keys, &budget)?;
        // Packers of a single stream leave the name out; 7-Zip names it after the archive.
        for file in archive.files.iter_mut().filter(|file| file.name.is_empty()) {
            file.name.clone_from(&own_name);
        }
        let _lease = budget.hold(archive.memory());
        for file in archive.files.iter().filter(|file| !file.has_stream && !file.is_dir) {
            sink.member(Member::named(&file.name), &mut io::empty())?;
        }
        let mut files = archive.files.iter().filter(|file| file.has_stream);
        for (nth, block) in archive.blocks.iter().enumerate() {
            let count = block.sizes.len();
            let mut inside = files.by_ref().take(count);
            match coders::open(&mut reader, &archive, nth, &keys, &budget) {
                Ok(stream) => {
                    let mut stream = budget.guard(stream, archive.packed_size(nth));
                    read_block(&mut stream, &block.sizes, &mut inside, sink)?;
                }
                Err(error) => {
                    for file in inside {
                        unread(file, &error, sink)?;
                    }
                }
            }
            budget.charge(0)?;
        }
        Ok(())
    }
}

/// Hands the files of one block to the sink, one after the other from one stream.
fn read_block(
    stream: &mut dyn Read,
    sizes: &[(u64, Option<u32>)],
    files: &mut dyn Iterator<Item = &File>,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    for (size, crc) in sizes {
        let Some(file) = files.next() else { return Ok(()) };
        let mut content =
            Checked { inner: &mut *stream, left: *size, crc: crc32fast::Hasher::new(), wanted: *crc };
        if file.is_dir {
            io::copy(&mut content, &mut io::sink())?;
            continue;
        }
        sink.member(Member::named(&file.name), &mut content)?;
        // What the member's reader did not want, and whatever is behind a broken spot, lies before the next file.
        if let Err(error) = io::copy(&mut content, &mut io::sink())
            && content.left > 0
        {
            let error = Unreadable::from(plain(error));
            for file in files {
                unread(file, &error, sink)?;
            }
            return Ok(());
        }
    }
    Ok(())
}

fn unread(file: &File, error: &Unreadable, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    match error {
        Unreadable::Stop => Err(Unreadable::Stop),
        Unreadable::Gap { reason, detail } => {
            sink.unread_member(Member::named(&file.name), Gap::new(*reason, detail.clone()));
            Ok(())
        }
    }
}

/// One file of a block: so many bytes, and their checksum at the end.
struct Checked<'s> {
    inner: &'s mut dyn Read,
    left: u64,
    crc: crc32fast::Hasher,
    wanted: Option<u32>,
}

impl Read for Checked<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let want = usize::try_from(self.left).unwrap_or(usize::MAX).min(buf.len());
        let Some(room) = buf.get_mut(..want).filter(|room| !room.is_empty()) else { return Ok(0) };
        let got = self.inner.read(room)?;
        if got == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.crc.update(room.get(..got).unwrap_or_default());
        self.left -= got as u64;
        if self.left == 0 && self.wanted.take().is_some_and(|wanted| wanted != self.crc.clone().finalize()) {
            return Err(broken("checksum"));
        }
        Ok(got)
    }
}

/// The directory: where the signature header points to, and what that may point to, packed.
fn directory(
    reader: &mut Box<dyn ReadSeek + '_>,
    len: u64,
    keys: &Keys,
    budget: &Rc<Budget>,
) -> Result<Archive, Unreadable> {
    let mut start = [0u8; 32];
    reader.seek(SeekFrom::Start(0))?;
    reader.read_exact(&mut start)?;
    let u64_at = |at: usize| {
        start.get(at..at + 8).and_then(|b| b.first_chunk::<8>()).map_or(0, |b| u64::from_le_bytes(*b))
    };
    let (offset, size) = (u64_at(12), u64_at(20));
    if size == 0 {
        return Ok(Archive::default());
    }
    let end = offset.checked_add(32).and_then(|at| at.checked_add(size));
    if end.is_none_or(|end| end > len) {
        return Err(Unreadable::damaged("the directory lies behind the end of the file"));
    }
    let mut header = bytes_at(reader, 32 + offset, size)?;
    // A packed directory may be packed again; 7-Zip writes one layer.
    for _ in 0..4 {
        match header.first() {
            Some(&header::HEADER) => return Ok(header::parse(&header)?),
            Some(&header::ENCODED) => {
                let packed = header::parse_encoded(&header)?;
                let length = packed.blocks.first().map_or(0, header::Block::unpacked_size);
                if length > MAX_HEADER {
                    return Err(Unreadable::gap(GapReason::LimitSize, "directory larger than 32 MB"));
                }
                let stream = coders::open(reader, &packed, 0, keys, budget).map_err(|error| match error {
                    Unreadable::Gap { reason: GapReason::Encrypted, .. } => {
                        Unreadable::gap(GapReason::Encrypted, "password needed, even for the names")
                    }
                    error => error,
                })?;
                let mut unpacked = Vec::new();
                budget.guard(stream, 0).take(length).read_to_end(&mut unpacked)?;
                header = unpacked;
            }
            _ => return Err(Unreadable::damaged("no directory")),
        }
    }
    Err(Unreadable::damaged("directory packed too often"))
}

fn bytes_at(reader: &mut Box<dyn ReadSeek + '_>, at: u64, size: u64) -> Result<Vec<u8>, Unreadable> {
    if size > MAX_HEADER {
        return Err(Unreadable::gap(GapReason::LimitSize, "directory larger than 32 MB"));
    }
    let mut bytes = Vec::new();
    reader.seek(SeekFrom::Start(at))?;
    reader.take(size).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Record, read_bytes, read_with};
    use super::*;
    use crate::extract::limits::Limits;

    fn fixture(name: &str) -> Vec<u8> {
        std::fs::read(format!("{}/fixtures/pack/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    #[test]
    fn a_solid_block_gives_its_files_in_order() {
        let got = read_bytes(&SevenZ, "x.7z", &fixture("solid.7z"));
        assert_eq!(got.error, None);
        assert_eq!(got.member_errors, [""; 0]);
        let names: Vec<&str> = got.members.iter().map(|(name, _)| name.as_str()).collect();
        assert!(names.contains(&"nam 2026/báo cáo.txt"), "{names:?}");
    }

    #[test]
    fn a_password_is_named_for_each_member() {
        let got = read_bytes(&SevenZ, "x.7z", &fixture("encrypted.7z"));
        assert_eq!(got.unread, [("bao-cao.txt".to_owned(), GapReason::Encrypted)]);
        let got = read_bytes(&SevenZ, "x.7z", &fixture("encrypted-names.7z"));
        assert!(got.error.unwrap().starts_with("encrypted"));
    }

    #[test]
    fn a_password_of_the_list_opens_members_and_names() {
        for name in ["encrypted.7z", "encrypted-names.7z"] {
            let read = |passwords: &[&str]| {
                let passwords: Vec<String> = passwords.iter().map(|&one| one.to_owned()).collect();
                let budget = Budget::with_passwords(Limits::default(), None, &passwords);
                let mut record = Record::default();
                let bytes = fixture(name);
                let done = SevenZ.read(&mut Input::from_bytes("x.7z", &bytes, &budget), &mut record).is_ok();
                (done, record.members, record.member_errors, record.unread.len())
            };
            let (done, members, errors, unread) = read(&["sai", "orla"]);
            assert!(done && errors == [""; 0] && unread == 0, "{name}: {errors:?}");
            let text = String::from_utf8_lossy(&members[0].1);
            assert!(members[0].0 == "bao-cao.txt" && text.contains("TUYỆT MẬT"), "{name}: {text}");
            let (_, members, _, _) = read(&["sai", "wrong"]);
            assert!(members.is_empty(), "{name}");
        }
    }

    #[test]
    fn a_dictionary_larger_than_the_room_is_a_limit() {
        let limits = Limits { max_in_memory: 12_000, ..Limits::default() };
        let got = read_with(&SevenZ, "x.7z", &fixture("lzma2-16mb.7z"), limits);
        let reasons: Vec<GapReason> = got.unread.iter().map(|(_, reason)| *reason).collect();
        assert!(
            got.error.is_some_and(|error| error.starts_with("limit-size"))
                || reasons.contains(&GapReason::LimitSize)
        );
    }

    #[test]
    fn any_byte_broken_ends_in_an_outcome() {
        let whole = fixture("solid.7z");
        for at in (0..whole.len()).step_by(7) {
            let mut broken = whole.clone();
            broken[at] ^= 0x55;
            let _ = read_bytes(&SevenZ, "x.7z", &broken);
            let _ = read_bytes(&SevenZ, "x.7z", &whole[..at]);
        }
    }
}
