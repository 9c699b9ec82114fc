//! LZX as cabinets and CHM files have it: frames of 32 KB, unpacked by `lzxd`, jumps put right here.
//!
//! Before packing, addresses of jumps in programs (instruction E8) may be made absolute. `lzxd` 0.2.7 turns an address of zero back
//! wrongly (MS-PATCH 2.7.1 counts zero among the positive ones), and what it gives cannot be told from an address that was never
//! turned. So it is told that there are none: the bit that says so, and the 32 bits behind it, are taken out of the first frame.

use std::io;

use lzxd::{Lzxd, WindowSize};

use super::Unreadable;
use super::codec::broken;

/// A decoder with its window.
pub(super) struct Lzx {
    decoder: Lzxd,
    /// Length of the file as its packer said, when jumps are to be put right.
    jumps: Option<i32>,
    /// The first frame was seen.
    begun: bool,
    /// Bytes given so far.
    at: u64,
    first: Vec<u8>,
}

/// Jumps are put right in this many bytes only (MS-PATCH 2.7.1).
const MAX_JUMP: u64 = 1 << 30;

/// The last bytes of a frame where no jump is put right.
const TAIL: usize = 10;

impl Lzx {
    /// A decoder with a window of that many bytes, by its logarithm; 2 MB at most in cabinets.
    ///
    /// # Errors
    /// `damaged` when there is no such window.
    pub(super) fn new(log: u16) -> Result<Lzx, Unreadable> {
        let window = match log {
            15 => WindowSize::KB32,
            16 => WindowSize::KB64,
            17 => WindowSize::KB128,
            18 => WindowSize::KB256,
            19 => WindowSize::KB512,
            20 => WindowSize::MB1,
            21 => WindowSize::MB2,
            _ => return Err(Unreadable::damaged("window of LZX")),
        };
        Ok(Lzx { decoder: Lzxd::new(window), jumps: None, begun: false, at: 0, first: Vec::new() })
    }

    /// Forgets everything, as at the beginning.
    pub(super) fn reset(&mut self) {
        self.decoder.reset();
        (self.jumps, self.begun, self.at) = (None, false, 0);
    }

    /// Unpacks the next frame into `out`.
    ///
    /// # Errors
    /// When it breaks the rules.
    pub(super) fn frame(&mut self, packed: &[u8], size: usize, out: &mut Vec<u8>) -> io::Result<()> {
        let mut packed = packed;
        if !self.begun {
            self.begun = true;
            if let Some(length) = self.without_jumps(packed) {
                self.jumps = Some(length);
                packed = &self.first;
            }
        }
        let unpacked = self.decoder.decompress_next(packed, size).map_err(|_| broken("LZX frame"))?;
        out.clear();
        out.extend_from_slice(unpacked);
        if let Some(length) = self.jumps.filter(|_| self.at < MAX_JUMP) {
            put_right(out, i32::try_from(self.at).unwrap_or(i32::MAX), length);
        }
        self.at += out.len() as u64;
        Ok(())
    }

    /// The length behind the first bit, when that says that jumps were changed; `first` is then the frame without. Bits come
    /// from words of 16, the highest first, so that taking out 32 leaves the other words as they are.
    fn without_jumps(&mut self, packed: &[u8]) -> Option<i32> {
        let (words, rest) = packed.split_at_checked(6)?;
        let [a, b, c] = words.as_chunks::<2>().0 else { return None };
        let [a, b, c] = [a, b, c].map(|word| u32::from(u16::from_le_bytes(*word)));
        if a & 0x8000 == 0 {
            return None;
        }
        self.first.clear();
        self.first.extend(((c & 0x7FFF) as u16).to_le_bytes());
        self.first.extend_from_slice(rest);
        Some(((a & 0x7FFF) << 17 | b << 1 | c >> 15) as i32)
    }
}

/// Makes the addresses of jumps relative again (MS-PATCH 2.7.1). `at`: where the frame begins.
fn put_right(frame: &mut [u8], at: i32, length: i32) {
    let end = frame.len().saturating_sub(TAIL);
    let mut next = 0;
    while let Some(found) = frame.get(next..end).and_then(|rest| memchr::memchr(0xE8, rest)) {
        let jump = next + found;
        let here = at.saturating_add(i32::try_from(jump).unwrap_or(i32::MAX));
        if let Some(address) = frame.get_mut(jump + 1..).and_then(|rest| rest.first_chunk_mut::<4>()) {
            let absolute = i32::from_le_bytes(*address);
            if absolute >= -here && absolute < length {
                let relative =
                    if absolute >= 0 { absolute.wrapping_sub(here) } else { absolute.wrapping_add(length) };
                *address = relative.to_le_bytes();
            }
        }
        next = jump + 5;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame of one block as it is, with jumps: a bit, the length 300, the kind of block, its size, R0 to R2, the bytes.
    #[test]
    fn jumps_are_put_right() {
        let text: Vec<u8> = [
            &[0xE8, 0, 0, 0, 0][..],
            &[0xE8, 0, 0, 0, 0x80],
            &[0xE8, 0x2B, 1, 0, 0],
            &[0xE8, 0, 0, 0, 0],
            &[0xE8, 0xFF, 0xFF, 0xFF, 0xFF],
            b"0123456789",
        ]
        .concat();
        let bits = format!("1{:032b}011{:024b}", 300, text.len());
        let bits = format!("{bits:0<64}");
        let mut packed: Vec<u8> = Vec::new();
        for word in bits.as_bytes().chunks(16) {
            let word = u16::from_str_radix(std::str::from_utf8(word).unwrap(), 2).unwrap();
            packed.extend(word.to_le_bytes());
        }
        for r in [1u32; 3] {
            packed.extend(r.to_le_bytes());
        }
        packed.extend(&text);
        packed.push(0);
        let mut lzx = Lzx::new(15).unwrap();
        let mut out = Vec::new();
        lzx.frame(&packed, text.len(), &mut out).unwrap();
        let want: Vec<u8> = [
            &[0xE8, 0, 0, 0, 0][..],
            &[0xE8, 0, 0, 0, 0x80],
            &[0xE8, 0x21, 1, 0, 0],
            &[0xE8, 0xF1, 0xFF, 0xFF, 0xFF],
            &[0xE8, 0x2B, 1, 0, 0],
            b"0123456789",
        ]
        .concat();
        assert_eq!(out, want);
    }

    /// The frame of a cabinet made for this (libarchive's `test_read_format_cab_lzx_e8`); 7-Zip and cabextract unpack it so.
    #[test]
    fn jumps_to_zero_and_to_the_ends() {
        #[rustfmt::skip]
        let packed = [
            0x5B, 0x80, 0x80, 0x8D, 0x00, 0x30, 0xE0, 0x01, 0x0F, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
            0x05, 0x00, 0x00, 0x00, 0xE8, 0x00, 0x00, 0x00, 0x00, 0xE8, 0x00, 0x00, 0x00, 0x80, 0xE8, 0xFF,
            0xFF, 0xFF, 0x7F, 0xE8, 0x0E, 0x01, 0x00, 0x00, 0xE8, 0x12, 0x34, 0x56, 0x78, 0xE8, 0x87, 0x65,
            0x43, 0x21,
        ];
        #[rustfmt::skip]
        let want = [
            0xE8, 0x00, 0x00, 0x00, 0x00, 0xE8, 0x00, 0x00, 0x00, 0x80, 0xE8, 0xFF, 0xFF, 0xFF, 0x7F, 0xE8,
            0xFF, 0x00, 0x00, 0x00, 0xE8, 0x12, 0x34, 0x56, 0x78, 0xE8, 0x87, 0x65, 0x43, 0x21,
        ];
        let mut out = Vec::new();
        Lzx::new(15).unwrap().frame(&packed, want.len(), &mut out).unwrap();
        assert_eq!(out, want);
    }
}
