//! Cabinet files (MS-CAB): one member per file, folder by folder, each folder unpacked once.
//!
//! In: a cabinet with random access; the header need not stand at the start, as in self-extracting programs. Out: members,
//! named by their path. The `cab` crate unpacks a folder anew for each of its files, which is quadratic. Left out:
//! Quantum compression (`unsupported`), and files that continue in another cabinet.

use std::io::{self, Read, SeekFrom};
use std::rc::Rc;

use super::codec::broken;
use super::input::{Input, ReadSeek};
use super::limits::Budget;
use super::lzx::Lzx;
use super::{Format, Head, Member, Sink, Unreadable, charset};
use crate::model::{Gap, GapReason};

/// The reader of cabinet files.
pub(super) struct Cab;

/// Longest block of packed data (MS-CAB 2.5: 32 KB and what packing may add); unpacked, 32 KB.
const BLOCK: usize = 32 << 10;

impl Format for Cab {
    fn name(&self) -> &'static str {
        "cab"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["cab", "ppkg", "wsp", "msu"]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        head.bytes.starts_with(b"MSCF\0\0\0\0")
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let budget = Rc::clone(input.budget());
        let mut reader = input.seekable()?;
        let cabinet = Cabinet::read(&mut reader)?;
        for (nth, folder) in cabinet.folders.iter().enumerate() {
            let files: Vec<&File> =
                cabinet.files.iter().filter(|file| usize::from(file.folder) == nth).collect();
            let packed = cabinet.folders.get(nth + 1).map_or(0, |next| u64::from(next.start));
            let packed = packed.saturating_sub(u64::from(folder.start));
            match Unpacked::open(&mut reader, folder, cabinet.reserve) {
                Ok(mut data) => {
                    read_folder(&mut budget.guard(&mut data, packed), &files, &budget, sink)?;
                    if data.wrong_sum {
                        let detail = "a block of data has a wrong checksum";
                        sink.gap(Gap::new(GapReason::Damaged, detail));
                    }
                }
                Err(error) => {
                    if let Some(gap) = Option::<Gap>::from(error) {
                        for file in files {
                            sink.unread_member(Member::named(&file.name), gap.clone());
                        }
                    }
                }
            }
        }
        for file in cabinet.files.iter().filter(|file| usize::from(file.folder) >= cabinet.folders.len()) {
            // 0xFFFD to 0xFFFF: begins or ends in another cabinet of the set.
            let gap = Gap::new(GapReason::Unsupported, "continues in another cabinet");
            sink.unread_member(Member::named(&file.name), gap);
        }
        Ok(())
    }
}

/// Hands the files of a folder to the sink in the order of their data.
fn read_folder(
    data: &mut dyn Read,
    files: &[&File],
    budget: &Rc<Budget>,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    let mut files = files.to_vec();
    files.sort_by_key(|file| file.offset);
    let mut at = 0u64;
    let mut failed: Option<Gap> = None;
    for file in files {
        budget.charge(0)?;
        let member = Member::named(&file.name);
        if failed.is_none() {
            let ahead = u64::from(file.offset).checked_sub(at);
            let moved = match ahead {
                Some(ahead) => {
                    io::copy(&mut (&mut *data).take(ahead), &mut io::sink()).map(|got| got == ahead)
                }
                None => Err(broken("files that overlap")),
            };
            failed = match moved {
                Ok(true) => None,
                Ok(false) => Some(Gap::new(GapReason::Damaged, "data ends early")),
                Err(error) => Unreadable::from(error).into(),
            };
        }
        if let Some(gap) = &failed {
            sink.unread_member(member, gap.clone());
            continue;
        }
        let mut content = Exact { inner: &mut *data, left: u64::from(file.size) };
        sink.member(member, &mut content)?;
        let rest = io::copy(&mut content, &mut io::sink());
        at = u64::from(file.offset) + u64::from(file.size) - content.left;
        if let Err(error) = rest {
            failed = Unreadable::from(error).into();
        }
    }
    Ok(())
}

/// So many bytes; fewer are an error.
struct Exact<'d> {
    inner: &'d mut dyn Read,
    left: u64,
}

impl Read for Exact<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let want = usize::try_from(self.left).unwrap_or(usize::MAX).min(buf.len());
        let Some(room) = buf.get_mut(..want).filter(|room| !room.is_empty()) else { return Ok(0) };
        let got = self.inner.read(room)?;
        if got == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= got as u64;
        Ok(got)
    }
}

struct Cabinet {
    folders: Vec<Folder>,
    files: Vec<File>,
    /// Bytes in front of each block that belong to applications.
    reserve: u8,
}

#[derive(Clone, Copy)]
struct Folder {
    start: u32,
    blocks: u16,
    method: u16,
}

struct File {
    name: String,
    size: u32,
    offset: u32,
    folder: u16,
}

impl Cabinet {
    /// Header, folders and files (MS-CAB 2.1 to 2.4).
    fn read(reader: &mut Box<dyn ReadSeek + '_>) -> Result<Cabinet, Unreadable> {
        let mut head = [0u8; 36];
        reader.read_exact(&mut head)?;
        let u16_at = |at: usize| {
            head.get(at..at + 2).and_then(|b| b.first_chunk()).map_or(0, |b| u16::from_le_bytes(*b))
        };
        let (folders, files, flags) = (u16_at(26), u16_at(28), u16_at(30));
        let first_file = u64::from(u16_at(16)) | u64::from(u16_at(18)) << 16;
        let (mut folder_reserve, mut reserve) = (0u8, 0u8);
        if flags & 4 != 0 {
            let [h0, h1, folder, data] = array(reader)?;
            skip(reader, u64::from(u16::from_le_bytes([h0, h1])))?;
            (folder_reserve, reserve) = (folder, data);
        }
        // Names of the cabinet and disk before and after this one.
        for _ in 0..2 * u32::from(flags & 1 != 0) + 2 * u32::from(flags & 2 != 0) {
            name(reader)?;
        }
        let mut cabinet = Cabinet { folders: Vec::new(), files: Vec::new(), reserve };
        for _ in 0..folders {
            let [s0, s1, s2, s3, b0, b1, m0, m1] = array(reader)?;
            skip(reader, u64::from(folder_reserve))?;
            cabinet.folders.push(Folder {
                start: u32::from_le_bytes([s0, s1, s2, s3]),
                blocks: u16::from_le_bytes([b0, b1]),
                method: u16::from_le_bytes([m0, m1]),
            });
        }
        reader.seek(SeekFrom::Start(first_file))?;
        let mut raw = Vec::new();
        for _ in 0..files {
            let [s0, s1, s2, s3, o0, o1, o2, o3, f0, f1, _, _, _, _, a0, _] = array(reader)?;
            let name = name(reader)?;
            raw.push((name, a0 & 0x80 != 0));
            cabinet.files.push(File {
                name: String::new(),
                size: u32::from_le_bytes([s0, s1, s2, s3]),
                offset: u32::from_le_bytes([o0, o1, o2, o3]),
                folder: u16::from_le_bytes([f0, f1]),
            });
        }
        for (file, (name, utf8)) in cabinet.files.iter_mut().zip(raw) {
            let text = if utf8 {
                String::from_utf8_lossy(&name).into_owned()
            } else {
                charset::decode(&name, None).0.into_owned()
            };
            file.name = text.replace('\\', "/");
        }
        Ok(cabinet)
    }
}

fn array<const N: usize>(reader: &mut Box<dyn ReadSeek + '_>) -> io::Result<[u8; N]> {
    let mut bytes = [0u8; N];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn skip(reader: &mut Box<dyn ReadSeek + '_>, bytes: u64) -> io::Result<()> {
    io::copy(&mut reader.take(bytes), &mut io::sink()).map(|_| ())
}

/// A name ended by a zero; 255 bytes at most.
fn name(reader: &mut Box<dyn ReadSeek + '_>) -> io::Result<Vec<u8>> {
    let mut name = Vec::new();
    loop {
        match array(reader)? {
            [0] => return Ok(name),
            [_] if name.len() >= 1024 => return Err(broken("name of a cabinet's file")),
            [byte] => name.push(byte),
        }
    }
}

/// The content of a folder.
struct Unpacked<'r, 'a> {
    reader: &'r mut Box<dyn ReadSeek + 'a>,
    blocks: u16,
    reserve: u8,
    method: Method,
    packed: Vec<u8>,
    unpacked: Vec<u8>,
    at: usize,
    /// A block did not have its checksum.
    wrong_sum: bool,
}

enum Method {
    Stored,
    /// Each block is a deflate stream that may refer to the block before it.
    MsZip(Box<flate2::Decompress>),
    Lzx(Box<Lzx>),
}

impl<'r, 'a> Unpacked<'r, 'a> {
    fn open(
        reader: &'r mut Box<dyn ReadSeek + 'a>,
        folder: &Folder,
        reserve: u8,
    ) -> Result<Self, Unreadable> {
        reader.seek(SeekFrom::Start(u64::from(folder.start)))?;
        let method = match folder.method & 0x0F {
            0 => Method::Stored,
            1 => Method::MsZip(Box::new(flate2::Decompress::new(false))),
            3 => Method::Lzx(Box::new(Lzx::new(folder.method >> 8 & 0x1F)?)),
            2 => return Err(Unreadable::gap(GapReason::Unsupported, "Quantum compression")),
            _ => return Err(Unreadable::damaged("compression of a cabinet")),
        };
        let (packed, unpacked) = (Vec::new(), Vec::new());
        Ok(Unpacked {
            reader,
            blocks: folder.blocks,
            reserve,
            method,
            packed,
            unpacked,
            at: 0,
            wrong_sum: false,
        })
    }

    /// Reads and unpacks one block; false at the end.
    fn next(&mut self) -> io::Result<bool> {
        if self.blocks == 0 {
            return Ok(false);
        }
        self.blocks -= 1;
        let [s0, s1, s2, s3, p0, p1, u0, u1] = array(self.reader)?;
        let mut header = vec![p0, p1, u0, u1];
        (&mut *self.reader).take(u64::from(self.reserve)).read_to_end(&mut header)?;
        let (packed, size) = (u16::from_le_bytes([p0, p1]), usize::from(u16::from_le_bytes([u0, u1])));
        self.packed.clear();
        (&mut *self.reader).take(u64::from(packed)).read_to_end(&mut self.packed)?;
        if self.packed.len() < usize::from(packed) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if size == 0 {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "block that continues in another cabinet",
            ));
        }
        // Zero: the packer wrote none.
        let sum = u32::from_le_bytes([s0, s1, s2, s3]);
        self.wrong_sum |= sum != 0 && sum != checksum(&header, checksum(&self.packed, 0));
        match &mut self.method {
            Method::Stored => std::mem::swap(&mut self.unpacked, &mut self.packed),
            Method::MsZip(inflate) => {
                let Some(data) = self.packed.strip_prefix(b"CK") else { return Err(broken("MSZIP block")) };
                if size > BLOCK {
                    return Err(broken("MSZIP block"));
                }
                let before = std::mem::take(&mut self.unpacked);
                inflate.reset(false);
                if !before.is_empty() {
                    inflate.set_dictionary(&before).map_err(|_| broken("MSZIP block"))?;
                }
                let mut out = Vec::with_capacity(size);
                inflate
                    .decompress_vec(data, &mut out, flate2::FlushDecompress::Finish)
                    .map_err(|_| broken("MSZIP block"))?;
                self.unpacked = out;
            }
            Method::Lzx(lzx) => lzx.frame(&self.packed, size, &mut self.unpacked)?,
        }
        self.at = 0;
        if self.unpacked.len() != size { Err(broken("length of a block")) } else { Ok(true) }
    }
}

/// The checksum of MS-CAB 3.1: words of four bytes under exclusive or, and what is left over with its first byte highest.
fn checksum(bytes: &[u8], seed: u32) -> u32 {
    let (words, rest) = bytes.as_chunks::<4>();
    let sum = words.iter().fold(seed, |sum, word| sum ^ u32::from_le_bytes(*word));
    sum ^ rest.iter().fold(0, |value, byte| value << 8 | u32::from(*byte))
}

impl Read for Unpacked<'_, '_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.unpacked.len() {
            if !self.next()? {
                return Ok(0);
            }
        }
        let mut rest = self.unpacked.get(self.at..).unwrap_or(&[]);
        let got = rest.read(buf)?;
        self.at += got;
        Ok(got)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::read_bytes;
    use super::*;

    #[test]
    fn a_changed_byte_is_told() {
        let path = format!("{}/fixtures/pack/stored.cab", env!("CARGO_MANIFEST_DIR"));
        let mut bytes = std::fs::read(path).unwrap();
        assert!(read_bytes(&Cab, "x.cab", &bytes).gaps.is_empty());
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        let got = read_bytes(&Cab, "x.cab", &bytes);
        assert_eq!(got.gaps.len(), 1);
        assert_eq!(got.members.len(), 2);
    }

    #[test]
    fn cabinets_of_gcab() {
        for name in ["mszip.cab", "stored.cab"] {
            let path = format!("{}/fixtures/pack/{name}", env!("CARGO_MANIFEST_DIR"));
            let got = read_bytes(&Cab, name, &std::fs::read(path).unwrap());
            assert_eq!(got.error, None);
            assert_eq!(got.member_errors, [""; 0]);
            let names: Vec<&str> = got.members.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names, ["lich.txt", "bao-cao.txt"]);
            assert!(got.members[1].1.starts_with("ỦY BAN NHÂN DÂN".as_bytes()));
        }
    }
}
