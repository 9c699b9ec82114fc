//! Embedded objects: `\objdata` and the like hold an OLE 1.0 object (MS-OLEDS 2.2) in hexadecimal digits.

use std::io::{self, Read};

use super::source::Source;

/// The bytes that the digits of the group under way stand for, up to its end. Groups inside belong to it, control
/// words do not; `\bin` gives bytes as they are.
pub(super) struct Digits<'s, 'i> {
    source: &'s mut Source<'i>,
    depth: u32,
    binary: u64,
    half: Option<u8>,
}

impl<'s, 'i> Digits<'s, 'i> {
    /// Stands behind the word that begins the data.
    pub(super) fn new(source: &'s mut Source<'i>) -> Digits<'s, 'i> {
        Digits { source, depth: 0, binary: 0, half: None }
    }

    /// The same behind a `\bin` that so many bytes follow.
    pub(super) fn behind_bin(source: &'s mut Source<'i>, count: u64) -> Digits<'s, 'i> {
        Digits { binary: count, ..Digits::new(source) }
    }

    /// Passes over what is left, to the brace that ends the group.
    pub(super) fn finish(mut self) {
        let mut buffer = [0; 4096];
        while matches!(self.read(&mut buffer), Ok(1..)) {}
    }

    /// A control word or symbol; stands behind the backslash.
    fn control(&mut self) {
        let rest = self.source.peek(64);
        let letters = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let digits = rest.iter().skip(letters).take_while(|b| b.is_ascii_digit() || **b == b'-').count();
        if letters == 0 {
            self.source.advance(1);
            return;
        }
        let number =
            rest.get(letters..letters + digits).and_then(|n| std::str::from_utf8(n).ok()?.parse().ok());
        let binary = rest.get(..letters) == Some(b"bin");
        let blank = usize::from(rest.get(letters + digits) == Some(&b' '));
        self.source.advance(letters + digits + blank);
        if binary {
            self.binary = number.unwrap_or(0);
        }
    }
}

impl Read for Digits<'_, '_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut got = 0;
        while let Some(slot) = buf.get_mut(got) {
            let Some(&byte) = self.source.peek(1).first() else { break };
            if self.binary > 0 {
                self.binary -= 1;
                self.source.advance(1);
                *slot = byte;
                got += 1;
                continue;
            }
            match byte {
                b'}' if self.depth == 0 => break,
                b'}' => self.depth -= 1,
                b'{' => self.depth += 1,
                b'\\' => {
                    self.source.advance(1);
                    self.control();
                    continue;
                }
                _ => {
                    if let Some(digit) = char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok()) {
                        match self.half.take() {
                            None => self.half = Some(digit),
                            Some(high) => {
                                *slot = high << 4 | digit;
                                got += 1;
                            }
                        }
                    }
                }
            }
            self.source.advance(1);
        }
        Ok(got)
    }
}

/// What the header of an object says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Header {
    /// Class name, such as `Package` or `Word.Document.8`.
    pub(super) class: String,
    /// File or topic a linked object comes from; empty for an embedded one.
    pub(super) topic: String,
    /// File name of a packed file.
    pub(super) file: String,
    /// Whether data follow.
    pub(super) embedded: bool,
    /// Bytes of the data.
    pub(super) size: u64,
    /// Bytes that were read and are no header after all: data that stand without one.
    pub(super) first: Vec<u8>,
}

/// Names of objects are short; longer ones are data that stand where no header is.
const MAX_NAME: usize = 4096;

const COMPOUND: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

impl Header {
    /// Reads the header; what follows in `data` are [`Header::first`] and the data themselves.
    ///
    /// # Errors
    /// When the data end or are no object.
    pub(super) fn read(data: &mut impl Read) -> io::Result<Header> {
        let mut start = [0; 8];
        data.read_exact(&mut start)?;
        if start == COMPOUND {
            return Ok(Header { embedded: true, size: u64::MAX, first: start.to_vec(), ..Header::default() });
        }
        // ObjectHeader: OLEVersion (any), FormatID 1 linked, 2 embedded.
        let [_, _, _, _, kind, zeros @ ..] = start;
        if !matches!(kind, 0..=2) || zeros != [0; 3] {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not an OLE object"));
        }
        let mut header = Header { class: name(data)?, ..Header::default() };
        // Word ends links behind their class.
        header.topic = if kind == 2 { name(data)? } else { name(data).unwrap_or_default() };
        let item = if kind == 2 { name(data)? } else { name(data).unwrap_or_default() };
        if kind != 2 {
            if !item.is_empty() {
                header.topic.push('!');
                header.topic.push_str(&item);
            }
            return Ok(header);
        }
        header.embedded = true;
        header.size = u64::from(u32(data)?);
        if header.class.eq_ignore_ascii_case("package") {
            header.package(data)?;
        }
        Ok(header)
    }

    /// The packager's own header: 2, label, file name, 0, 3, path, size.
    fn package(&mut self, data: &mut impl Read) -> io::Result<()> {
        let mut two = [0; 2];
        data.read_exact(&mut two)?;
        if two != [2, 0] {
            self.first = two.to_vec();
            return Ok(());
        }
        let label = until_zero(data)?;
        let path = until_zero(data)?;
        let _flags = u32(data)?;
        let command = u32(data)?;
        io::copy(&mut data.by_ref().take(u64::from(command)), &mut io::sink())?;
        self.size = u64::from(u32(data)?);
        self.file = if label.trim().is_empty() { path } else { label };
        Ok(())
    }
}

fn u32(data: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    data.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

/// LengthPrefixedAnsiString (MS-OLEDS 2.1.4).
fn name(data: &mut impl Read) -> io::Result<String> {
    let len = u32(data)? as usize;
    if len > MAX_NAME {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "not an OLE object"));
    }
    let mut bytes = vec![0; len];
    data.read_exact(&mut bytes)?;
    let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes);
    Ok(text.trim_end_matches('\0').to_owned())
}

fn until_zero(data: &mut impl Read) -> io::Result<String> {
    let mut bytes = Vec::new();
    let mut one = [0];
    while bytes.len() < MAX_NAME {
        data.read_exact(&mut one)?;
        if one == [0] {
            break;
        }
        bytes.extend(one);
    }
    Ok(encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes).0.into_owned())
}
