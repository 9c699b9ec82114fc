//! Frames between the conductor and the reader process: a length of four bytes, little-endian, then the message.

use std::io::{self, Read, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::examine::Settings;
use crate::rules::Selection;
use crate::walk::Entry;

/// Longest frame: a document from standard input travels in one.
const MAX_FRAME: u32 = 512 << 20;

/// What the conductor tells the reader.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Order {
    /// First of all: how to work.
    Begin(Box<Begin>),
    /// Examine these, in one thread.
    Examine(Vec<Entry>),
}

/// How a reader works.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Begin {
    /// What is looked for.
    pub(super) selection: Selection,
    /// The same for all entries.
    pub(super) settings: Settings,
    /// Threads.
    pub(super) jobs: usize,
    /// Roots that may be read; the sandbox allows nothing else.
    pub(super) roots: Vec<std::ffi::OsString>,
    /// Whether to give up what is not needed.
    pub(super) sandbox: bool,
}

/// Writes a message.
///
/// # Errors
/// When the other side is gone, or the message is too long.
pub(super) fn write(out: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    let bytes = postcard::to_stdvec(message).map_err(io::Error::other)?;
    let length = u32::try_from(bytes.len()).ok().filter(|length| *length <= MAX_FRAME);
    let length = length.ok_or_else(|| io::Error::other("message too long"))?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(&bytes)
}

/// Reads a message; `None` at the end of the stream.
///
/// # Errors
/// When the stream breaks inside a message, or the message is not one.
pub(super) fn read<T: DeserializeOwned>(input: &mut impl Read) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    match input.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let length = u32::from_le_bytes(length);
    if length > MAX_FRAME {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "message too long"));
    }
    let mut bytes = Vec::new();
    if input.take(u64::from(length)).read_to_end(&mut bytes)? < length as usize {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    postcard::from_bytes(&bytes).map(Some).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_survive_and_a_torn_one_is_an_error() {
        let mut bytes = Vec::new();
        let entry = Entry {
            id: 7,
            path: "a".into(),
            name: "a".into(),
            size: 3,
            content: Some(vec![1, 2, 3]),
            span: None,
        };
        write(&mut bytes, &Order::Examine(vec![entry])).unwrap();
        let Some(Order::Examine(entries)) = read(&mut bytes.as_slice()).unwrap() else {
            panic!("no entries")
        };
        assert_eq!(entries.first().map(|entry| entry.id), Some(7));
        assert!(read::<Order>(&mut &bytes[..bytes.len() - 1]).is_err());
        assert!(read::<Order>(&mut [].as_slice()).unwrap().is_none());
    }
}
