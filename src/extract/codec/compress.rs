//! `.Z`: LZW as Unix `compress` writes it. No kept-up crate reads it as a stream, and it is a page of code.
//!
//! Codes grow from 9 bits to the width the header names; they are packed in groups of eight, and a change of width
//! skips the rest of the group, since the first implementation wrote whole groups.

use std::io::{self, Read};

use super::{broken, plain};

/// Code that empties the table, in block mode.
const CLEAR: u16 = 256;

/// The content of a `.Z` stream. Holds 260 kB.
pub(in crate::extract) struct Compress<R> {
    source: R,
    /// Header flag 0x80: code 256 clears the table.
    block: bool,
    max_bits: u32,
    bits: u32,
    /// For each code the code before it and its last byte.
    table: Vec<(u16, u8)>,
    last: Option<u16>,
    first_byte: u8,
    /// Bytes of the last code, last one first.
    pending: Vec<u8>,
    group: Group,
    /// Told after what was decoded before it was given.
    error: Option<io::Error>,
    ended: bool,
}

/// Up to eight codes of one width.
#[derive(Default)]
struct Group {
    bytes: [u8; 16],
    len: usize,
    at_bit: usize,
}

impl<R: Read> Compress<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// When it is none.
    pub(in crate::extract) fn new(mut source: R) -> io::Result<Compress<R>> {
        let mut header = [0u8; 3];
        source.read_exact(&mut header).map_err(plain)?;
        let [0x1F, 0x9D, flags] = header else { return Err(broken("no compress header")) };
        let max_bits = u32::from(flags & 0x1F);
        if !(9..=16).contains(&max_bits) {
            return Err(broken("code width of compress"));
        }
        let mut this = Compress {
            source,
            block: flags & 0x80 != 0,
            max_bits,
            bits: 9,
            table: Vec::new(),
            last: None,
            first_byte: 0,
            pending: Vec::new(),
            group: Group::default(),
            error: None,
            ended: false,
        };
        this.clear();
        Ok(this)
    }

    fn clear(&mut self) {
        self.bits = 9;
        self.table.clear();
        self.table.extend((0..=255).map(|byte| (0, byte)));
        if self.block {
            self.table.push((0, 0));
        }
    }

    /// The next code; `None` at the end.
    fn code(&mut self) -> io::Result<Option<u16>> {
        let bits = self.bits as usize;
        if self.group.at_bit + bits > self.group.len * 8 {
            self.group = Group::default();
            while let Some(room) = self.group.bytes.get_mut(self.group.len..bits).filter(|r| !r.is_empty()) {
                match self.source.read(room)? {
                    0 => break,
                    got => self.group.len += got,
                }
            }
            if self.group.len * 8 < bits {
                return Ok(None);
            }
        }
        let mut code = 0u32;
        let (byte, shift) = (self.group.at_bit / 8, self.group.at_bit % 8);
        for (nth, packed) in self.group.bytes.iter().skip(byte).take(3).enumerate() {
            code |= u32::from(*packed) << (8 * nth);
        }
        self.group.at_bit += bits;
        Ok(u16::try_from(code >> shift & ((1 << bits) - 1)).ok())
    }

    /// Decodes one code into `pending`; false at the end.
    fn step(&mut self) -> io::Result<bool> {
        // The writer widens once the table is full for this width, before the next code.
        if self.table.len() > (1 << self.bits) - 1 && self.bits < self.max_bits {
            self.bits += 1;
            self.group = Group::default();
        }
        let Some(code) = self.code()? else { return Ok(false) };
        if self.block && code == CLEAR {
            self.clear();
            self.last = None;
            self.group = Group::default();
            return Ok(true);
        }
        let known = usize::from(code) < self.table.len();
        let mut walk = match (known, self.last) {
            (true, _) => code,
            // The one code that is used before it is entered: the last string and its own first byte.
            (false, Some(last)) if usize::from(code) == self.table.len() => {
                self.pending.push(self.first_byte);
                last
            }
            _ => return Err(broken("code of compress")),
        };
        while walk > 255 {
            let Some((before, byte)) = self.table.get(usize::from(walk)).copied() else {
                return Err(broken("code of compress"));
            };
            self.pending.push(byte);
            if before >= walk {
                return Err(broken("code of compress"));
            }
            walk = before;
        }
        self.first_byte = u8::try_from(walk).map_err(|_| broken("code of compress"))?;
        self.pending.push(self.first_byte);
        if let Some(last) = self.last
            && self.table.len() < 1 << self.max_bits
        {
            self.table.push((last, self.first_byte));
        }
        self.last = Some(code);
        Ok(true)
    }
}

impl<R: Read> Read for Compress<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        if let Some(error) = self.error.take() {
            self.ended = true;
            return Err(error);
        }
        while let Some(room) = buf.get_mut(filled) {
            match self.pending.pop() {
                Some(byte) => {
                    *room = byte;
                    filled += 1;
                }
                None if self.ended => break,
                None => match self.step() {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) if filled > 0 => {
                        self.error = Some(plain(error));
                        break;
                    }
                    Err(error) => {
                        self.ended = true;
                        return Err(plain(error));
                    }
                },
            }
        }
        Ok(filled)
    }
}
