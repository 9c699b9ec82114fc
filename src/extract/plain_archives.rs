//! Archives without compression that are a header and a file, again and again: cpio and ar (with it Debian packages).
//! One member per file, streamed.

use std::io::{self, BufRead, Read};

use super::codec::{broken, buffered};
use super::{Format, Head, Input, Member, Sink, Unreadable, charset};
use crate::model::{Kind, Place, Segment};

/// The reader of cpio archives: binary in both byte orders, `odc`, `newc`, `crc`.
pub(super) struct Cpio;

/// The reader of ar archives: the common, GNU and BSD kinds.
pub(super) struct Ar;

/// Longest name that is believed.
const MAX_NAME: u64 = 64 << 10;

impl Format for Cpio {
    fn name(&self) -> &'static str {
        "cpio"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["cpio", "img", "initrd"]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        kind(head.bytes).is_some_and(|kind| match kind {
            // Two bytes are no signature: the name must be ended by a zero where its length says so.
            CpioKind::Binary { .. } => {
                let mut bytes = head.bytes;
                CpioHeader::read(&mut bytes).is_ok_and(|header| {
                    header
                        .is_some_and(|header| !header.name.is_empty() && header.name_size > 1 && header.ended)
                })
            }
            CpioKind::Odc => head.bytes.get(6..76).is_some_and(|rest| rest.iter().all(u8::is_ascii_digit)),
            CpioKind::Newc => {
                head.bytes.get(6..110).is_some_and(|rest| rest.iter().all(u8::is_ascii_hexdigit))
            }
        })
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let mut stream = buffered(input.stream()?);
        while let Some(header) = CpioHeader::read(&mut stream)? {
            if header.name == b"TRAILER!!!" {
                // Padding, and perhaps another archive: initial RAM disks are several.
                if !skip_zeros(&mut stream)? || kind(stream.fill_buf()?).is_none() {
                    break;
                }
                continue;
            }
            let name = charset::decode(&header.name, None).0.into_owned();
            let mut content = (&mut stream).take(header.size);
            match header.mode & 0o170_000 {
                0o100_000 => sink.member(Member::named(&name), &mut content)?,
                0o120_000 if header.size <= MAX_NAME => {
                    let mut target = Vec::new();
                    content.read_to_end(&mut target)?;
                    let target = String::from_utf8_lossy(&target).into_owned();
                    sink.segment(Segment::new(&target, Place::new(Kind::Link).named(&name)))?;
                }
                _ => {}
            }
            io::copy(&mut content, &mut io::sink())?;
            if content.limit() > 0 {
                return Err(Unreadable::damaged("archive ends early"));
            }
            io::copy(&mut (&mut stream).take(header.padding), &mut io::sink())?;
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum CpioKind {
    Binary { swapped: bool },
    Odc,
    Newc,
}

fn kind(bytes: &[u8]) -> Option<CpioKind> {
    match bytes {
        [0xC7, 0x71, ..] => Some(CpioKind::Binary { swapped: false }),
        [0x71, 0xC7, ..] => Some(CpioKind::Binary { swapped: true }),
        _ if bytes.starts_with(b"070707") => Some(CpioKind::Odc),
        _ if bytes.starts_with(b"070701") || bytes.starts_with(b"070702") => Some(CpioKind::Newc),
        _ => None,
    }
}

struct CpioHeader {
    mode: u64,
    size: u64,
    name: Vec<u8>,
    name_size: u64,
    /// Whether a zero stands where the name ends.
    ended: bool,
    /// Bytes behind the content.
    padding: u64,
}

impl CpioHeader {
    /// The next header with its name (cpio(5) of libarchive); `None` at the end.
    fn read(stream: &mut impl Read) -> io::Result<Option<CpioHeader>> {
        let mut magic = [0u8; 6];
        let mut got = 0;
        while let Some(room) = magic.get_mut(got..).filter(|room| !room.is_empty()) {
            match stream.read(room)? {
                0 if got == 0 => return Ok(None),
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                more => got += more,
            }
        }
        let kind = kind(&magic).ok_or_else(|| broken("no cpio header"))?;
        let (mode, size, name_size, align, fixed) = match kind {
            CpioKind::Binary { swapped } => {
                let mut rest = [0u8; 26];
                rest.get_mut(..6).unwrap_or_default().copy_from_slice(&magic);
                stream.read_exact(rest.get_mut(6..).unwrap_or_default())?;
                let word = |at: usize| {
                    let bytes =
                        rest.get(at..at + 2).and_then(|b| b.first_chunk::<2>()).copied().unwrap_or_default();
                    u64::from(if swapped { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
                };
                (word(6), word(22) << 16 | word(24), word(20), 2, 26)
            }
            CpioKind::Odc => {
                let mut rest = [0u8; 70];
                stream.read_exact(&mut rest)?;
                let number = |at: usize, len: usize| digits(rest.get(at - 6..at - 6 + len), 8);
                (number(18, 6)?, number(65, 11)?, number(59, 6)?, 1, 76)
            }
            CpioKind::Newc => {
                let mut rest = [0u8; 104];
                stream.read_exact(&mut rest)?;
                let field = |nth: usize| digits(rest.get(nth * 8..nth * 8 + 8), 16);
                (field(1)?, field(6)?, field(11)?, 4, 110)
            }
        };
        if name_size == 0 || name_size > MAX_NAME {
            return Err(broken("name of a cpio entry"));
        }
        let mut name = Vec::new();
        stream.take(name_size).read_to_end(&mut name)?;
        if (name.len() as u64) < name_size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let ended = name.pop() == Some(0);
        let after = fixed + name_size;
        let align: u64 = align;
        io::copy(&mut stream.take(after.next_multiple_of(align) - after), &mut io::sink())?;
        let padding = size.checked_next_multiple_of(align).unwrap_or(size) - size;
        Ok(Some(CpioHeader { mode, size, name, name_size, ended, padding }))
    }
}

fn digits(bytes: Option<&[u8]>, radix: u32) -> io::Result<u64> {
    let text = bytes.and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
    u64::from_str_radix(text.trim(), radix).map_err(|_| broken("number in a header"))
}

/// Reads over zeros; false at the end of the stream.
fn skip_zeros(stream: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let bytes = stream.fill_buf()?;
        if bytes.is_empty() {
            return Ok(false);
        }
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let found = zeros < bytes.len();
        stream.consume(zeros);
        if found {
            return Ok(true);
        }
    }
}

impl Format for Ar {
    fn name(&self) -> &'static str {
        "ar"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["ar", "deb", "udeb", "a", "lib", "rlib"]
    }

    /// Libraries of object files begin with a table of symbols; they stay programs. What else is packed so is read.
    fn matches(&self, head: &Head<'_>) -> bool {
        let Some(first) = head.bytes.strip_prefix(b"!<arch>\n") else { return false };
        let is_header = first.get(58..60) == Some(b"`\n");
        is_header && ![&b"/ "[..], b"/SYM64/", b"__.SYMDEF"].iter().any(|table| first.starts_with(table))
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let mut stream = buffered(input.stream()?);
        io::copy(&mut (&mut stream).take(8), &mut io::sink())?;
        let mut long_names = Vec::new();
        while !stream.fill_buf()?.is_empty() {
            let mut header = [0u8; 60];
            stream.read_exact(&mut header)?;
            if header.get(58..) != Some(b"`\n") {
                return Err(Unreadable::damaged("no ar header"));
            }
            let mut size = digits(header.get(48..58), 10)?;
            let odd = size % 2;
            let raw = header.get(..16).unwrap_or_default().trim_ascii_end();
            let mut name = raw.to_vec();
            if raw == b"//" {
                (&mut stream).take(size.min(16 << 20)).read_to_end(&mut long_names)?;
                io::copy(&mut (&mut stream).take(odd), &mut io::sink())?;
                continue;
            }
            if let Some(length) = raw.strip_prefix(b"#1/") {
                let length = digits(Some(length), 10)?;
                if length > MAX_NAME || length > size {
                    return Err(Unreadable::damaged("name of an ar entry"));
                }
                name.clear();
                (&mut stream).take(length).read_to_end(&mut name)?;
                size -= length;
                name.truncate(name.trim_ascii_end().len());
                while name.pop_if(|byte| *byte == 0).is_some() {}
            } else if let Some(at) = raw.strip_prefix(b"/").filter(|at| !at.is_empty()) {
                let at = digits(Some(at), 10).ok().and_then(|at| usize::try_from(at).ok());
                let rest = at.and_then(|at| long_names.get(at..)).unwrap_or_default();
                name = rest.split(|byte| *byte == b'\n').next().unwrap_or_default().to_vec();
            }
            let name = charset::decode(name.strip_suffix(b"/").unwrap_or(&name), None).0.into_owned();
            let mut content = (&mut stream).take(size);
            sink.member(Member::named(&name), &mut content)?;
            io::copy(&mut content, &mut io::sink())?;
            if content.limit() > 0 {
                return Err(Unreadable::damaged("archive ends early"));
            }
            io::copy(&mut (&mut stream).take(odd), &mut io::sink())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::read_bytes;
    use super::*;

    fn names(format: &dyn Format, name: &str) -> Vec<String> {
        let bytes = std::fs::read(format!("{}/fixtures/pack/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        assert!(format.matches(&Head { bytes: &bytes, extension: "", media: None }), "{name}");
        let got = read_bytes(format, name, &bytes);
        assert_eq!(got.error, None, "{name}");
        let cut = read_bytes(format, name, &bytes[..bytes.len() / 2]);
        assert!(cut.error.is_some(), "{name}");
        got.members.into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn archives_of_the_tools() {
        for name in ["newc.cpio", "odc.cpio", "bin.cpio"] {
            assert_eq!(names(&Cpio, name), ["lich.txt", "bao-cao.txt"]);
        }
        assert_eq!(names(&Ar, "gnu.ar"), ["lich.txt", "bao cao rat dai ten.txt"]);
    }

    #[test]
    fn text_that_begins_so_is_no_archive() {
        for text in ["qÇ and more text of a page", "070 701", "!<arch>\nTUYỆT MẬT"] {
            let head = Head { bytes: text.as_bytes(), extension: "", media: None };
            assert!(!Cpio.matches(&head) && !Ar.matches(&head), "{text}");
        }
    }
}
