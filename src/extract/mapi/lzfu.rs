//! Compressed RTF of Outlook (MS-OXRTFCP): a dictionary of 4,096 bytes that begins with common words of RTF.

use std::io::{self, Read};

/// What the dictionary holds at first (2.1.2.1).
const FIRST: &[u8] =
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \
\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \
\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

const WINDOW: usize = 4096;

/// Magic of the compressed and of the plain form (2.1.3.1.1).
const COMPRESSED: &[u8] = b"LZFu";
const PLAIN: &[u8] = b"MELA";

/// Unpacks while it is read.
pub(in crate::extract) struct Lzfu<'b> {
    rest: &'b [u8],
    /// Bytes that are still to come out, as the header says.
    left: usize,
    compressed: bool,
    window: Vec<u8>,
    write: usize,
    /// Bytes of the reference under way: where they are, and how many.
    copy: (usize, usize),
    flags: u8,
    turns: u8,
    ended: bool,
}

impl<'b> Lzfu<'b> {
    /// `None` when the bytes are not of this form.
    pub(in crate::extract) fn new(bytes: &'b [u8]) -> Option<Lzfu<'b>> {
        let magic = bytes.get(8..12)?;
        let compressed = magic == COMPRESSED;
        if !compressed && magic != PLAIN {
            return None;
        }
        let size = bytes.get(4..8)?.first_chunk().map(|size| u32::from_le_bytes(*size))?;
        let mut window = vec![b' '; WINDOW];
        window.get_mut(..FIRST.len())?.copy_from_slice(FIRST);
        Some(Lzfu {
            rest: bytes.get(16..)?,
            // The header may lie: what comes out is bounded by what went in, nine references of 17 bytes in 17.
            left: usize::try_from(size).ok()?.min(bytes.len().saturating_mul(9)),
            compressed,
            window,
            write: FIRST.len(),
            copy: (0, 0),
            flags: 0,
            turns: 0,
            ended: false,
        })
    }

    fn take(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn put(&mut self, byte: u8) -> u8 {
        if let Some(slot) = self.window.get_mut(self.write) {
            *slot = byte;
        }
        self.write = (self.write + 1) % WINDOW;
        byte
    }

    fn step(&mut self) -> Option<u8> {
        if !self.compressed {
            return self.take();
        }
        loop {
            if self.copy.1 > 0 {
                let byte = self.window.get(self.copy.0).copied().unwrap_or(b' ');
                self.copy = ((self.copy.0 + 1) % WINDOW, self.copy.1 - 1);
                return Some(self.put(byte));
            }
            if self.turns == 0 {
                self.flags = self.take()?;
                self.turns = 8;
            }
            self.turns -= 1;
            let reference = self.flags & 1 == 1;
            self.flags >>= 1;
            let byte = self.take()?;
            if !reference {
                return Some(self.put(byte));
            }
            let second = self.take()?;
            let from = usize::from(byte) << 4 | usize::from(second >> 4);
            // A reference to where the next byte is to be written ends the text.
            if from == self.write {
                return None;
            }
            self.copy = (from, usize::from(second & 15) + 2);
        }
    }
}

impl Read for Lzfu<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut got = 0;
        while let Some(slot) = buf.get_mut(got) {
            if self.left == 0 || self.ended {
                break;
            }
            match self.step() {
                Some(byte) => *slot = byte,
                // Cut off: what came out is kept, and the reader of RTF notes the groups that are open.
                None => {
                    self.ended = true;
                    break;
                }
            }
            got += 1;
            self.left -= 1;
        }
        Ok(got)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpack(bytes: &[u8]) -> String {
        let mut out = String::new();
        Lzfu::new(bytes).unwrap().read_to_string(&mut out).unwrap();
        out
    }

    #[test]
    fn the_examples_of_the_standard() {
        // MS-OXRTFCP 3.1 and 3.2.
        let simple = [
            0x2d, 0x00, 0x00, 0x00, 0x2b, 0x00, 0x00, 0x00, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7,
            0x03, 0x00, 0x0a, 0x00, 0x72, 0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20,
            0x68, 0x65, 0x6c, 0x09, 0x00, 0x20, 0x62, 0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f,
            0xa0,
        ];
        assert_eq!(unpack(&simple), "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
        let crossing = [
            0x1a, 0x00, 0x00, 0x00, 0x1c, 0x00, 0x00, 0x00, 0x4c, 0x5a, 0x46, 0x75, 0xe2, 0xd4, 0x4b, 0x51,
            0x41, 0x00, 0x04, 0x20, 0x57, 0x58, 0x59, 0x5a, 0x0d, 0x6e, 0x7d, 0x01, 0x0e, 0xb0,
        ];
        assert_eq!(unpack(&crossing), "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}");
    }

    #[test]
    fn plain_text_and_what_is_neither() {
        assert_eq!(unpack(b"\x10\0\0\0\x05\0\0\0MELA\0\0\0\0{\\rtfxxx"), "{\\rtf");
        assert!(Lzfu::new(b"\x10\0\0\0\x05\0\0\0XXXX\0\0\0\0").is_none());
        assert!(Lzfu::new(b"").is_none());
    }
}
