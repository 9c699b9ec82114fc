//! Frames of a stream of messages: a length of four bytes, little-endian, then the message as `postcard` writes it.
//!
//! The conductor and the reader process talk in frames, and a state file is made of them.

use std::io::{self, Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Longest frame: a document from standard input travels in one.
const MAX_FRAME: u32 = 512 << 20;

/// Bytes before each message.
pub(crate) const LENGTH: u64 = 4;

/// Writes a message.
///
/// # Errors
/// When the other side is gone, or the message is too long.
pub(crate) fn write(out: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    write_bytes(out, &postcard::to_stdvec(message).map_err(io::Error::other)?)
}

/// Writes a message that is bytes already.
///
/// # Errors
/// As [`write()`].
pub(crate) fn write_bytes(out: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).ok().filter(|length| *length <= MAX_FRAME);
    let length = length.ok_or_else(|| io::Error::other("message too long"))?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(bytes)
}

/// Reads a message; `None` at the end of the stream.
///
/// # Errors
/// When the stream breaks inside a message, or the message is not one.
pub(crate) fn read<T: DeserializeOwned>(input: &mut impl Read) -> io::Result<Option<T>> {
    let Some(bytes) = read_bytes(input)? else { return Ok(None) };
    postcard::from_bytes(&bytes).map(Some).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Reads the bytes of a message; `None` at the end of the stream.
///
/// # Errors
/// When the stream breaks inside a message.
pub(crate) fn read_bytes(input: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; LENGTH as usize];
    let mut filled = 0;
    while let Some(rest) = length.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match input.read(rest) {
            Ok(0) if filled == 0 => return Ok(None),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let length = u32::from_le_bytes(length);
    if length > MAX_FRAME {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "message too long"));
    }
    let mut bytes = Vec::new();
    if input.take(u64::from(length)).read_to_end(&mut bytes)? < length as usize {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_survive_and_torn_ones_are_errors() {
        let mut bytes = Vec::new();
        write(&mut bytes, &("Ví Dụ".to_owned(), 7u64)).unwrap();
        write(&mut bytes, &(String::new(), 0u64)).unwrap();
        let mut input = bytes.as_slice();
        assert_eq!(read::<(String, u64)>(&mut input).unwrap(), Some(("Ví Dụ".to_owned(), 7)));
        assert_eq!(read::<(String, u64)>(&mut input).unwrap(), Some((String::new(), 0)));
        assert_eq!(read::<(String, u64)>(&mut input).unwrap(), None);
        let first = bytes.len() - 6;
        for torn in (1..bytes.len()).filter(|torn| *torn != first) {
            let mut input = &bytes[..torn];
            let read = (0..2).map(|_| read::<(String, u64)>(&mut input)).collect::<Vec<_>>();
            assert!(read.iter().any(Result::is_err), "{torn}");
        }
    }
}
