//! The directory of a 7z archive: blocks ("folders" there) of coders, sizes, names.

use std::io;

use crate::extract::codec::broken;

/// A directory as it stands.
pub(super) const HEADER: u8 = 0x01;
/// A directory that is packed itself.
pub(super) const ENCODED: u8 = 0x17;
const END: u8 = 0x00;
const ARCHIVE_PROPERTIES: u8 = 0x02;
const MAIN_STREAMS: u8 = 0x04;
const FILES: u8 = 0x05;
const PACK_INFO: u8 = 0x06;
const UNPACK_INFO: u8 = 0x07;
const SUBSTREAMS: u8 = 0x08;
const SIZE: u8 = 0x09;
const CRC: u8 = 0x0A;
const FOLDER: u8 = 0x0B;
const UNPACK_SIZE: u8 = 0x0C;
const NUM_UNPACK: u8 = 0x0D;
const EMPTY_STREAM: u8 = 0x0E;
const EMPTY_FILE: u8 = 0x0F;
const NAMES: u8 = 0x11;

/// More coders than 7-Zip itself accepts in a block.
const MAX_CODERS: usize = 32;

/// Everything the directory tells.
#[derive(Debug, Default)]
pub(super) struct Archive {
    /// Where the first packed stream begins in the file.
    pub(super) pack_start: u64,
    pub(super) pack_sizes: Vec<u64>,
    pub(super) blocks: Vec<Block>,
    pub(super) files: Vec<File>,
}

/// One chain of coders.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub(super) coders: Vec<Coder>,
    /// Input stream and the output stream that feeds it.
    pub(super) binds: Vec<(usize, usize)>,
    /// Input streams that are read from the file, in the order of its packed streams.
    pub(super) packed: Vec<usize>,
    /// Number of the first packed stream.
    pub(super) first_pack: usize,
    /// Length of each output stream.
    pub(super) unpack_sizes: Vec<u64>,
    crc: Option<u32>,
    /// Whether the directory tells how many files are in it.
    split: bool,
    /// Length and checksum of each file in it.
    pub(super) sizes: Vec<(u64, Option<u32>)>,
}

/// One method with its properties.
#[derive(Debug)]
pub(super) struct Coder {
    pub(super) method: u64,
    pub(super) inputs: usize,
    pub(super) properties: Vec<u8>,
}

/// A file or directory.
#[derive(Debug)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) has_stream: bool,
    pub(super) is_dir: bool,
}

impl Archive {
    /// Bytes it takes in memory, roughly.
    pub(super) fn memory(&self) -> u64 {
        let names: usize = self.files.iter().map(|file| file.name.len() + 80).sum();
        (names + self.blocks.len() * 300 + self.pack_sizes.len() * 8) as u64
    }

    /// Bytes of a block in the file.
    pub(super) fn packed_size(&self, block: usize) -> u64 {
        self.blocks.get(block).map_or(0, |block| {
            let sizes = self.pack_sizes.get(block.first_pack..).unwrap_or(&[]);
            sizes.iter().take(block.packed.len()).fold(0, |sum: u64, size| sum.saturating_add(*size))
        })
    }
}

impl Block {
    /// The output stream that no coder takes: the block's content.
    pub(super) fn last_output(&self) -> Option<usize> {
        (0..self.coders.len()).find(|output| self.binds.iter().all(|(_, bound)| bound != output))
    }

    /// Length of its content.
    pub(super) fn unpacked_size(&self) -> u64 {
        self.last_output().and_then(|output| self.unpack_sizes.get(output)).copied().unwrap_or(0)
    }
}

/// Reads a directory, its first byte included.
///
/// # Errors
/// When it breaks the rules.
pub(super) fn parse(bytes: &[u8]) -> io::Result<Archive> {
    let mut at = Cursor { rest: bytes };
    let mut archive = Archive::default();
    at.byte()?;
    let mut id = at.byte()?;
    if id == ARCHIVE_PROPERTIES {
        while at.byte()? != END {
            let size = at.number()?;
            at.skip(size)?;
        }
        id = at.byte()?;
    }
    if id == MAIN_STREAMS {
        at.streams(&mut archive)?;
        id = at.byte()?;
    }
    if id == FILES {
        at.files(&mut archive)?;
    }
    Ok(archive)
}

/// Reads where a packed directory lies, its first byte included.
///
/// # Errors
/// When it breaks the rules.
pub(super) fn parse_encoded(bytes: &[u8]) -> io::Result<Archive> {
    let mut at = Cursor { rest: bytes };
    let mut archive = Archive::default();
    at.byte()?;
    at.streams(&mut archive)?;
    Ok(archive)
}

/// What is left of the directory. A count is never believed beyond the bytes that are left.
struct Cursor<'b> {
    rest: &'b [u8],
}

impl<'b> Cursor<'b> {
    fn byte(&mut self) -> io::Result<u8> {
        let (first, rest) = self.rest.split_first().ok_or_else(|| broken("directory ends early"))?;
        self.rest = rest;
        Ok(*first)
    }

    fn take(&mut self, len: u64) -> io::Result<&'b [u8]> {
        let len = usize::try_from(len).map_err(|_| broken("length in the directory"))?;
        let (taken, rest) = self.rest.split_at_checked(len).ok_or_else(|| broken("directory ends early"))?;
        self.rest = rest;
        Ok(taken)
    }

    fn skip(&mut self, len: u64) -> io::Result<()> {
        self.take(len).map(|_| ())
    }

    /// A number of one to nine bytes: the leading ones of the first tell how many follow, its other bits are the
    /// highest of the number.
    fn number(&mut self) -> io::Result<u64> {
        let first = self.byte()?;
        let more = first.leading_ones();
        let mut low = 0u64;
        for nth in 0..more {
            low |= u64::from(self.byte()?) << (8 * nth);
        }
        let high = if more >= 7 { 0 } else { u64::from(first) & ((1 << (7 - more)) - 1) };
        Ok(if more >= 8 { low } else { low | high << (8 * more) })
    }

    /// A count of things of which each takes at least a bit of the directory, or is bounded elsewhere.
    fn count(&mut self, per_byte: u64) -> io::Result<usize> {
        let count = self.number()?;
        if count > (self.rest.len() as u64).saturating_mul(per_byte) {
            return Err(broken("count in the directory"));
        }
        usize::try_from(count).map_err(|_| broken("count in the directory"))
    }

    fn bits(&mut self, count: usize) -> io::Result<Vec<bool>> {
        let bytes = self.take(count.div_ceil(8) as u64)?;
        let bit = |nth: usize| bytes.get(nth / 8).is_some_and(|byte| byte & (0x80 >> (nth % 8)) != 0);
        Ok((0..count).map(bit).collect())
    }

    fn crcs(&mut self, count: usize) -> io::Result<Vec<Option<u32>>> {
        let defined = if self.byte()? != 0 { vec![true; count] } else { self.bits(count)? };
        let mut crcs = Vec::new();
        for defined in defined {
            let crc = if defined {
                self.take(4)?.first_chunk::<4>().map(|bytes| u32::from_le_bytes(*bytes))
            } else {
                None
            };
            crcs.push(crc);
        }
        Ok(crcs)
    }

    fn streams(&mut self, archive: &mut Archive) -> io::Result<()> {
        loop {
            match self.byte()? {
                END => break,
                PACK_INFO => self.pack_info(archive)?,
                UNPACK_INFO => self.unpack_info(archive)?,
                SUBSTREAMS => {
                    self.substreams(archive)?;
                    continue;
                }
                _ => return Err(broken("unknown part of the directory")),
            }
        }
        for block in &mut archive.blocks {
            if !block.split {
                block.sizes.push((block.unpacked_size(), block.crc));
            }
        }
        Ok(())
    }

    fn pack_info(&mut self, archive: &mut Archive) -> io::Result<()> {
        archive.pack_start = self.number()?.checked_add(32).ok_or_else(|| broken("start of the data"))?;
        let count = self.count(1)?;
        loop {
            match self.byte()? {
                END => return Ok(()),
                SIZE => {
                    for _ in 0..count {
                        archive.pack_sizes.push(self.number()?);
                    }
                }
                CRC => {
                    self.crcs(count)?;
                }
                _ => return Err(broken("unknown part of the directory")),
            }
        }
    }

    fn unpack_info(&mut self, archive: &mut Archive) -> io::Result<()> {
        if self.byte()? != FOLDER {
            return Err(broken("no blocks in the directory"));
        }
        let count = self.count(1)?;
        if self.byte()? != 0 {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "7z directory in additional streams"));
        }
        let mut packed = 0;
        for _ in 0..count {
            let mut block = self.block()?;
            block.first_pack = packed;
            packed += block.packed.len();
            archive.blocks.push(block);
        }
        loop {
            match self.byte()? {
                END => return Ok(()),
                UNPACK_SIZE => {
                    for block in &mut archive.blocks {
                        for _ in 0..block.coders.len() {
                            block.unpack_sizes.push(self.number()?);
                        }
                    }
                }
                CRC => {
                    let crcs = self.crcs(archive.blocks.len())?;
                    for (block, crc) in archive.blocks.iter_mut().zip(crcs) {
                        block.crc = crc;
                    }
                }
                _ => return Err(broken("unknown part of the directory")),
            }
        }
    }

    fn block(&mut self) -> io::Result<Block> {
        let mut block = Block::default();
        let count = self.count(1)?;
        if count == 0 || count > MAX_CODERS {
            return Err(broken("number of coders"));
        }
        let mut inputs = 0;
        for _ in 0..count {
            let flags = self.byte()?;
            let id = self.take(u64::from(flags & 0x0F))?;
            if id.len() > 8 {
                return Err(broken("method"));
            }
            let method = id.iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
            let mut coder = Coder { method, inputs: 1, properties: Vec::new() };
            if flags & 0x10 != 0 {
                coder.inputs = self.count(1)?;
                let outputs = self.count(1)?;
                if coder.inputs > MAX_CODERS || outputs != 1 {
                    return Err(broken("streams of a coder"));
                }
            }
            if flags & 0x20 != 0 {
                let size = self.number()?;
                coder.properties = self.take(size)?.to_vec();
            }
            if flags & 0x80 != 0 {
                return Err(broken("coder with alternatives"));
            }
            inputs += coder.inputs;
            block.coders.push(coder);
        }
        for _ in 0..count - 1 {
            let (input, output) = (self.count(u64::MAX)?, self.count(u64::MAX)?);
            block.binds.push((input, output));
        }
        let packed = inputs.checked_sub(count - 1).filter(|packed| *packed > 0);
        match packed.ok_or_else(|| broken("streams of a block"))? {
            1 => {
                let free = (0..inputs).find(|input| block.binds.iter().all(|(bound, _)| bound != input));
                block.packed.extend(free);
            }
            packed => {
                for _ in 0..packed {
                    block.packed.push(self.count(u64::MAX)?);
                }
            }
        }
        Ok(block)
    }

    fn substreams(&mut self, archive: &mut Archive) -> io::Result<()> {
        let mut counts = vec![1usize; archive.blocks.len()];
        let mut id = self.byte()?;
        if id == NUM_UNPACK {
            for count in &mut counts {
                *count = self.count(1)?;
            }
            id = self.byte()?;
        }
        for (block, count) in archive.blocks.iter_mut().zip(&counts) {
            block.split = true;
            let mut left = block.unpacked_size();
            for _ in 1..*count {
                let size = if id == SIZE { self.number()? } else { 0 };
                left = left.checked_sub(size).ok_or_else(|| broken("sizes in a block"))?;
                block.sizes.push((size, None));
            }
            if *count > 0 {
                block.sizes.push((left, None));
            }
        }
        if id == SIZE {
            id = self.byte()?;
        }
        while id != END {
            if id == CRC {
                let known = |block: &Block| block.sizes.len() == 1 && block.crc.is_some();
                let unknown =
                    archive.blocks.iter().filter(|block| !known(block)).map(|block| block.sizes.len()).sum();
                let mut crcs = self.crcs(unknown)?.into_iter();
                for block in &mut archive.blocks {
                    if known(block) {
                        block.sizes.iter_mut().for_each(|(_, crc)| *crc = block.crc);
                    } else {
                        block.sizes.iter_mut().for_each(|(_, crc)| *crc = crcs.next().flatten());
                    }
                }
            } else {
                return Err(broken("unknown part of the directory"));
            }
            id = self.byte()?;
        }
        Ok(())
    }

    fn files(&mut self, archive: &mut Archive) -> io::Result<()> {
        // Each file has at least the two zero bytes that end its name.
        let count = self.count(1)?;
        let mut empty_stream = vec![false; count];
        let mut empty_file = Vec::new();
        let mut names = Vec::new();
        loop {
            let id = self.byte()?;
            if id == END {
                break;
            }
            let size = self.number()?;
            let mut part = Cursor { rest: self.take(size)? };
            match id {
                EMPTY_STREAM => empty_stream = part.bits(count)?,
                EMPTY_FILE => {
                    let empty = empty_stream.iter().filter(|empty| **empty).count();
                    empty_file = part.bits(empty)?;
                }
                NAMES => {
                    if part.byte()? != 0 {
                        return Err(io::Error::new(
                            io::ErrorKind::Unsupported,
                            "7z names in additional streams",
                        ));
                    }
                    names = utf16_names(part.rest);
                }
                // Times, attributes, anti items and padding say nothing that is text.
                _ => {}
            }
        }
        let mut names = names.into_iter();
        let mut empty_file = empty_file.into_iter();
        for empty in empty_stream {
            let is_file = empty && empty_file.next().unwrap_or(false);
            archive.files.push(File {
                name: names.next().unwrap_or_default(),
                has_stream: !empty,
                is_dir: empty && !is_file,
            });
        }
        Ok(())
    }
}

/// Names in UTF-16, each ended by a zero.
fn utf16_names(bytes: &[u8]) -> Vec<String> {
    let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
    let mut names: Vec<String> = units
        .split(|unit| *unit == 0)
        .map(|name| String::from_utf16_lossy(name).replace('\\', "/"))
        .collect();
    // What stands behind the last zero is no name.
    names.pop();
    names
}
