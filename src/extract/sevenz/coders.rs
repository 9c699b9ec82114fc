//! From a block's coders to one stream.

use std::cell::RefCell;
use std::io::{self, Read, SeekFrom};
use std::rc::Rc;

use lzma_rust2::filter::bcj::BcjReader;
use lzma_rust2::filter::bcj2::Bcj2Reader;
use lzma_rust2::filter::delta::DeltaReader;

use super::cipher::Keys;
use super::header::{Archive, Block};
use crate::extract::Unreadable;
use crate::extract::codec::{self, broken, buffered};
use crate::extract::input::ReadSeek;
use crate::extract::limits::Budget;
use crate::model::GapReason;

/// Numbers of methods (DOC/Methods.txt of 7-Zip).
mod method {
    pub(super) const COPY: u64 = 0x00;
    pub(super) const DELTA: u64 = 0x03;
    pub(super) const BCJ_X86: u64 = 0x04;
    pub(super) const BCJ_PPC: u64 = 0x05;
    pub(super) const BCJ_IA64: u64 = 0x06;
    pub(super) const BCJ_ARM: u64 = 0x07;
    pub(super) const BCJ_ARMT: u64 = 0x08;
    pub(super) const BCJ_SPARC: u64 = 0x09;
    pub(super) const BCJ_ARM64: u64 = 0x0A;
    pub(super) const BCJ_RISCV: u64 = 0x0B;
    pub(super) const LZMA2: u64 = 0x21;
    pub(super) const LZMA: u64 = 0x03_01_01;
    pub(super) const X86: u64 = 0x03_03_01_03;
    pub(super) const BCJ2: u64 = 0x03_03_01_1B;
    pub(super) const PPC: u64 = 0x03_03_02_05;
    pub(super) const IA64: u64 = 0x03_03_04_01;
    pub(super) const ARM: u64 = 0x03_03_05_01;
    pub(super) const ARMT: u64 = 0x03_03_07_01;
    pub(super) const SPARC: u64 = 0x03_03_08_05;
    pub(super) const PPMD: u64 = 0x03_04_01;
    pub(super) const DEFLATE: u64 = 0x04_01_08;
    pub(super) const DEFLATE64: u64 = 0x04_01_09;
    pub(super) const BZIP2: u64 = 0x04_02_02;
    pub(super) const ZSTD: u64 = 0x04_F7_11_01;
    pub(super) const LZ4: u64 = 0x04_F7_11_04;
    pub(super) const AES: u64 = 0x06_F1_07_01;
}

/// A packed stream of the file. Several of one block are read in turns, so each seeks for itself.
struct Packed<'r, 'a> {
    reader: Rc<RefCell<&'r mut Box<dyn ReadSeek + 'a>>>,
    at: u64,
    end: u64,
}

impl Read for Packed<'_, '_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let want = left.min(buf.len());
        let Some(room) = buf.get_mut(..want).filter(|room| !room.is_empty()) else { return Ok(0) };
        let mut reader = self.reader.borrow_mut();
        reader.seek(SeekFrom::Start(self.at))?;
        let got = reader.read(room)?;
        self.at += got as u64;
        Ok(got)
    }
}

/// The content of a block.
///
/// # Errors
/// `encrypted`, `unsupported`, `damaged`, or `limit-size` for a dictionary larger than the room.
pub(super) fn open<'r>(
    reader: &'r mut Box<dyn ReadSeek + '_>,
    archive: &Archive,
    nth: usize,
    keys: &Keys,
    budget: &Rc<Budget>,
) -> Result<Box<dyn Read + 'r>, Unreadable> {
    let block = archive.blocks.get(nth).ok_or_else(|| Unreadable::damaged("no such block"))?;
    if !block.coders.iter().any(|coder| coder.method == method::AES) {
        return chain(reader, archive, block, None, budget);
    }
    // The length and checksum by which a password is told from another: of the first file, or of the whole.
    let (size, crc) = block.sizes.first().copied().unwrap_or((block.unpacked_size(), None));
    for number in keys.last.get().into_iter().chain(0..budget.passwords().len()) {
        let fits = match chain(reader, archive, block, Some((keys, number)), budget) {
            Ok(stream) => unpacks(stream, size, crc),
            Err(Unreadable::Gap { reason: GapReason::Unsupported | GapReason::LimitSize, .. }) => true,
            Err(_) => false,
        };
        if fits {
            keys.last.set(Some(number));
            return chain(reader, archive, block, Some((keys, number)), budget);
        }
        budget.charge(0).map_err(io::Error::other)?;
    }
    Err(Unreadable::gap(GapReason::Encrypted, "password needed"))
}

/// Bytes of a block that must unpack for a password to fit.
const PROBE: u64 = 64 << 10;

/// Whether the beginning of a stream can be read, and has the checksum if it is read to its end.
fn unpacks(stream: Box<dyn Read + '_>, size: u64, crc: Option<u32>) -> bool {
    let mut bytes = Vec::new();
    let wanted = size.min(PROBE);
    let read = stream.take(wanted).read_to_end(&mut bytes).is_ok() && bytes.len() as u64 == wanted;
    read && (wanted < size || crc.is_none_or(|crc| crc32fast::hash(&bytes) == crc))
}

/// The coders of a block one behind the other, with the number of a password where one of them is a cipher.
fn chain<'r>(
    reader: &'r mut Box<dyn ReadSeek + '_>,
    archive: &Archive,
    block: &Block,
    password: Option<(&Keys, usize)>,
    budget: &Rc<Budget>,
) -> Result<Box<dyn Read + 'r>, Unreadable> {
    let mut at = archive.pack_start;
    let mut inputs = Vec::new();
    for (number, size) in archive.pack_sizes.iter().enumerate().take(block.first_pack + block.packed.len()) {
        let end = at.checked_add(*size).ok_or_else(|| Unreadable::damaged("sizes of packed streams"))?;
        if number >= block.first_pack {
            inputs.push((at, end));
        }
        at = end;
    }
    let chain = Chain { reader: Rc::new(RefCell::new(reader)), block, inputs, password, budget };
    let output = block.last_output().ok_or_else(|| Unreadable::damaged("coders in a circle"))?;
    chain.output(output, 0)
}

struct Chain<'r, 'a, 'b> {
    reader: Rc<RefCell<&'r mut Box<dyn ReadSeek + 'a>>>,
    block: &'b Block,
    /// Where the packed streams of this block lie.
    inputs: Vec<(u64, u64)>,
    password: Option<(&'b Keys, usize)>,
    budget: &'b Rc<Budget>,
}

impl<'r, 'a: 'r> Chain<'r, 'a, '_> {
    /// What feeds an input stream: another coder, or the file.
    fn input(&self, number: usize, depth: usize) -> Result<Box<dyn Read + 'r>, Unreadable> {
        if let Some((_, output)) = self.block.binds.iter().find(|(input, _)| *input == number) {
            return self.output(*output, depth + 1);
        }
        let at = self.block.packed.iter().position(|packed| *packed == number);
        let (start, end) = at
            .and_then(|at| self.inputs.get(at).copied())
            .ok_or_else(|| Unreadable::damaged("a coder without input"))?;
        Ok(Box::new(buffered(Packed { reader: Rc::clone(&self.reader), at: start, end })))
    }

    /// What a coder gives.
    fn output(&self, number: usize, depth: usize) -> Result<Box<dyn Read + 'r>, Unreadable> {
        if depth > self.block.coders.len() {
            return Err(Unreadable::damaged("coders in a circle"));
        }
        let coder = self.block.coders.get(number).ok_or_else(|| Unreadable::damaged("no such coder"))?;
        let size = self.block.unpack_sizes.get(number).copied().unwrap_or(0);
        let first: usize = self.block.coders.iter().take(number).map(|coder| coder.inputs).sum();
        if coder.method == method::BCJ2 {
            let mut inputs = Vec::new();
            for nth in 0..coder.inputs {
                inputs.push(self.input(first + nth, depth)?);
            }
            return Ok(Box::new(Bcj2Reader::try_new(inputs, size)?));
        }
        if coder.inputs != 1 {
            return Err(Unreadable::gap(GapReason::Unsupported, format!("7z method {:x}", coder.method)));
        }
        let input = self.input(first, depth)?;
        let properties = coder.properties.as_slice();
        let (budget, len) = (self.budget, size);
        Ok(match coder.method {
            method::COPY => input,
            method::AES => {
                let deciphered = self
                    .password
                    .and_then(|(keys, number)| keys.decipher(input, properties, number, budget))
                    .ok_or_else(|| Unreadable::gap(GapReason::Encrypted, "password needed"))?;
                Box::new(deciphered.take(len))
            }
            method::LZMA => {
                let [props, d0, d1, d2, d3, ..] = *properties else {
                    return Err(broken("LZMA properties").into());
                };
                Box::new(codec::lzma(input, props, u32::from_le_bytes([d0, d1, d2, d3]), len, budget)?)
            }
            method::LZMA2 => {
                let [bits, ..] = *properties else { return Err(broken("LZMA2 properties").into()) };
                Box::new(codec::lzma2(input, codec::lzma2_dictionary(bits), len, budget)?)
            }
            method::PPMD => {
                let [order, m0, m1, m2, m3, ..] = *properties else {
                    return Err(broken("PPMd properties").into());
                };
                let memory = u32::from_le_bytes([m0, m1, m2, m3]);
                Box::new(codec::ppmd7(input, u32::from(order), memory, budget)?.take(len))
            }
            method::BZIP2 => Box::new(codec::bzip2(input, budget)?),
            method::DEFLATE => Box::new(flate2::read::DeflateDecoder::new(input)),
            method::DEFLATE64 => Box::new(deflate64::Deflate64Decoder::new(input)),
            method::ZSTD => Box::new(codec::zstd(input, budget)),
            method::LZ4 => Box::new(codec::Lz4::new(input)),
            method::DELTA => {
                Box::new(DeltaReader::new(input, properties.first().map_or(1, |less| usize::from(*less) + 1)))
            }
            method::X86 | method::BCJ_X86 => Box::new(BcjReader::new_x86(input, 0)),
            method::PPC | method::BCJ_PPC => Box::new(BcjReader::new_ppc(input, 0)),
            method::IA64 | method::BCJ_IA64 => Box::new(BcjReader::new_ia64(input, 0)),
            method::ARM | method::BCJ_ARM => Box::new(BcjReader::new_arm(input, 0)),
            method::ARMT | method::BCJ_ARMT => Box::new(BcjReader::new_arm_thumb(input, 0)),
            method::SPARC | method::BCJ_SPARC => Box::new(BcjReader::new_sparc(input, 0)),
            method::BCJ_ARM64 => Box::new(BcjReader::new_arm64(input, 0)),
            method::BCJ_RISCV => Box::new(BcjReader::new_riscv(input, 0)),
            other => return Err(Unreadable::gap(GapReason::Unsupported, format!("7z method {other:x}"))),
        })
    }
}
