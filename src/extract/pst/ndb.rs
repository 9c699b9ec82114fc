//! The node database (MS-PST 2.2): a header, two B-trees of pages that lead from a node to its blocks and from a block to its
//! place in the file, and the blocks. Three layouts: 32 bits ("ANSI"), 64 bits ("Unicode"), and 64 bits in pages of 4 KiB with
//! packed blocks, which Outlook writes for `.ost` since 2013 (not in MS-PST; as libpff's documentation describes it).

use std::collections::HashMap;
use std::io::{self, Read, SeekFrom};
use std::rc::Rc;

use super::crypt;
use crate::extract::Unreadable;
use crate::extract::input::ReadSeek;
use crate::extract::limits::{Budget, LimitReached};
use crate::model::GapReason;

/// Layout of pages and blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    Ansi,
    Unicode,
    Large,
}

/// A node: something with data and nodes below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Node {
    /// Number; the lower five bits are its type.
    pub(super) id: u32,
    /// Block or tree of blocks with its data; 0 for none.
    pub(super) data: u64,
    /// Block with the nodes below it; 0 for none.
    pub(super) below: u64,
    /// Node it belongs to.
    pub(super) parent: u32,
}

impl Node {
    /// Type of the node (2.2.2.1).
    pub(super) fn kind(self) -> u32 {
        self.id & 0x1F
    }
}

/// Pages kept: 2 MiB at most of the largest.
const PAGES: usize = 512;

/// Nodes below one node beyond this many are not read: a message of as many attachments is no message.
const MAX_BELOW: usize = 200_000;

/// An opened store.
pub(super) struct Store<'a> {
    reader: Box<dyn ReadSeek + 'a>,
    len: u64,
    layout: Layout,
    crypt: u8,
    /// Packed blocks are unpacked before they are decoded.
    unpack_first: bool,
    nodes: u64,
    blocks: u64,
    pages: HashMap<u64, Rc<[u8]>>,
    budget: Rc<Budget>,
    /// Whether a block did not have the checksum it should.
    pub(super) wrong_sums: u32,
}

fn damaged(what: &str) -> Unreadable {
    Unreadable::damaged(what)
}

/// A little-endian number of `size` bytes.
pub(super) fn number(bytes: &[u8], at: usize, size: usize) -> Option<u64> {
    let raw = bytes.get(at..at.checked_add(size)?)?;
    Some(raw.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}

/// The same of 16 bits.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|raw| u16::from_le_bytes(*raw))
}

/// The same of 32 bits.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|raw| u32::from_le_bytes(*raw))
}

impl<'a> Store<'a> {
    /// Reads the header (2.2.2.6).
    ///
    /// # Errors
    /// `unsupported`, `encrypted` or `damaged`.
    pub(super) fn open(
        mut reader: Box<dyn ReadSeek + 'a>,
        budget: &Rc<Budget>,
    ) -> Result<Store<'a>, Unreadable> {
        let len = reader.seek(SeekFrom::End(0))?;
        reader.seek(SeekFrom::Start(0))?;
        let mut head = Vec::new();
        (&mut reader).take(564).read_to_end(&mut head)?;
        let version = u16_at(&head, 10).ok_or_else(|| damaged("header"))?;
        let layout = match version {
            14 | 15 => Layout::Ansi,
            20..36 => Layout::Unicode,
            36.. => Layout::Large,
            _ => return Err(Unreadable::gap(GapReason::Unsupported, format!("store of version {version}"))),
        };
        let fields = match layout {
            Layout::Ansi => (number(&head, 188, 4), number(&head, 196, 4), head.get(461)),
            _ => (number(&head, 224, 8), number(&head, 240, 8), head.get(513)),
        };
        let (Some(nodes), Some(blocks), Some(crypt)) = fields else { return Err(damaged("header")) };
        if *crypt == 0x10 {
            let detail = "under Windows Information Protection";
            return Err(Unreadable::gap(GapReason::Encrypted, detail));
        }
        let mut store = Store {
            reader,
            len,
            layout,
            crypt: *crypt,
            unpack_first: true,
            nodes,
            blocks,
            pages: HashMap::new(),
            budget: Rc::clone(budget),
            wrong_sums: 0,
        };
        store.settle_order();
        Ok(store)
    }

    /// Nobody has published in which order packed blocks are decoded and unpacked: the store's own properties, which
    /// begin with a known byte, show it.
    fn settle_order(&mut self) {
        if self.layout != Layout::Large || self.crypt == 0 {
            return;
        }
        let is_heap = |store: &mut Self| {
            let node = store.node(super::STORE).ok().flatten();
            let block = node.and_then(|node| store.block(node.data).ok());
            block.is_some_and(|block| block.get(2) == Some(&super::ltp::HEAP_SIGNATURE))
        };
        if !is_heap(self) {
            self.unpack_first = false;
            if !is_heap(self) {
                self.unpack_first = true;
            }
        }
    }

    /// Whether it has pages of 4 KiB.
    pub(super) fn is_large(&self) -> bool {
        self.layout == Layout::Large
    }

    /// Bytes of the numbers of nodes, blocks and places.
    fn word(&self) -> usize {
        if self.layout == Layout::Ansi { 4 } else { 8 }
    }

    fn page(&mut self, at: u64) -> Result<Rc<[u8]>, Unreadable> {
        if let Some(page) = self.pages.get(&at) {
            return Ok(Rc::clone(page));
        }
        let size = if self.layout == Layout::Large { 4_096 } else { 512 };
        let page: Rc<[u8]> = self.read_at(at, size)?.into();
        if self.pages.len() >= PAGES {
            self.pages.clear();
        }
        self.pages.insert(at, Rc::clone(&page));
        Ok(page)
    }

    fn read_at(&mut self, at: u64, size: usize) -> Result<Vec<u8>, Unreadable> {
        self.budget.charge(size as u64)?;
        if at.checked_add(size as u64).is_none_or(|end| end > self.len) {
            return Err(damaged("points behind its end"));
        }
        self.reader.seek(SeekFrom::Start(at))?;
        let mut bytes = vec![0; size];
        self.reader.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Level, size of an entry, and number of entries of a page of a B-tree (2.2.2.7.7.1).
    fn shape(&self, page: &[u8]) -> Option<(u8, usize, usize)> {
        let (count, size, level, room) = match self.layout {
            Layout::Ansi => (u64::from(*page.get(496)?), 498, 499, 496),
            Layout::Unicode => (u64::from(*page.get(488)?), 490, 491, 488),
            Layout::Large => (number(page, 4_056, 2)?, 4_060, 4_061, 4_056),
        };
        let size = usize::from(*page.get(size)?);
        let count = usize::try_from(count).ok()?;
        (size > 0 && count * size <= room).then_some((*page.get(level)?, size, count))
    }

    /// The leaf entry of a B-tree with that key. The lowest bit of the number of a block is not part of it (2.2.2.2).
    fn entry(&mut self, root: u64, key: u64) -> Result<Option<Vec<u8>>, Unreadable> {
        let word = self.word();
        let mask = if root == self.blocks { !1 } else { !0 };
        let key = key & mask;
        let mut at = root;
        let mut above = u8::MAX;
        loop {
            let page = self.page(at)?;
            let (level, size, count) = self.shape(&page).ok_or_else(|| damaged("page of a tree"))?;
            if level >= above {
                return Err(damaged("tree with a loop"));
            }
            above = level;
            let mut found = None;
            for entry in page.chunks_exact(size).take(count) {
                let known = number(entry, 0, word).unwrap_or(u64::MAX) & mask;
                if level == 0 && known == key {
                    return Ok(Some(entry.to_vec()));
                }
                if level > 0 && known <= key {
                    found = number(entry, 2 * word, word);
                }
            }
            match found {
                Some(next) if level > 0 => at = next,
                _ => return Ok(None),
            }
        }
    }

    /// A node by its number.
    ///
    /// # Errors
    /// `damaged`, `io` or a limit.
    pub(super) fn node(&mut self, id: u32) -> Result<Option<Node>, Unreadable> {
        let entry = self.entry(self.nodes, u64::from(id))?;
        Ok(entry.and_then(|entry| self.node_of(&entry)))
    }

    fn node_of(&self, entry: &[u8]) -> Option<Node> {
        let word = self.word();
        Some(Node {
            id: u32_at(entry, 0)?,
            data: number(entry, word, word)?,
            below: number(entry, 2 * word, word)?,
            parent: u32_at(entry, 3 * word)?,
        })
    }

    /// Pages with nodes, in order; each gives [`Store::nodes_of`]. A page that cannot be read is told to `broken`.
    ///
    /// # Errors
    /// A limit.
    pub(super) fn leaves(&mut self, broken: &mut dyn FnMut(Unreadable)) -> Result<Vec<u64>, Unreadable> {
        let mut leaves = Vec::new();
        let mut open = vec![(self.nodes, u8::MAX)];
        // A tree that leads to its pages several times must not grow.
        let mut left = self.len / 512 + 1;
        while let Some((at, above)) = open.pop() {
            left = match left.checked_sub(1) {
                Some(left) => left,
                None => return Err(damaged("tree with more pages than the file")),
            };
            let page = match self.page(at) {
                Ok(page) => page,
                Err(error @ Unreadable::Gap { reason: GapReason::Damaged, .. }) => {
                    broken(error);
                    continue;
                }
                Err(error) => return Err(error),
            };
            match self.shape(&page) {
                Some((0, ..)) => leaves.push(at),
                Some((level, size, count)) if level < above => {
                    let word = self.word();
                    let children =
                        page.chunks_exact(size).take(count).filter_map(|entry| number(entry, 2 * word, word));
                    let mut children: Vec<(u64, u8)> = children.map(|child| (child, level)).collect();
                    children.reverse();
                    open.append(&mut children);
                }
                _ => broken(damaged("page of a tree")),
            }
        }
        Ok(leaves)
    }

    /// The nodes of a page.
    ///
    /// # Errors
    /// `damaged`, `io` or a limit.
    pub(super) fn nodes_of(&mut self, leaf: u64) -> Result<Vec<Node>, Unreadable> {
        let page = self.page(leaf)?;
        let Some((0, size, count)) = self.shape(&page) else { return Err(damaged("page of a tree")) };
        Ok(page.chunks_exact(size).take(count).filter_map(|entry| self.node_of(entry)).collect())
    }

    /// The content of a block (2.2.2.8).
    fn block(&mut self, id: u64) -> Result<Vec<u8>, Unreadable> {
        let word = self.word();
        let entry = self.entry(self.blocks, id)?.ok_or_else(|| damaged("a block is missing"))?;
        let at = number(&entry, word, word);
        let (Some(at), Some(size)) = (at, u16_at(&entry, 2 * word)) else { return Err(damaged("block")) };
        let mut data = self.read_at(at, usize::from(size))?;
        self.check(&data, at)?;
        // Internal blocks hold numbers of others and are never encoded.
        let decode = |data: &mut [u8]| match self.crypt {
            1 if id & 2 == 0 => crypt::permute(data),
            2 if id & 2 == 0 => crypt::cyclic(data, id as u32),
            _ => {}
        };
        let whole =
            u16_at(&entry, 2 * word + 2).filter(|whole| self.layout == Layout::Large && *whole != size);
        let Some(whole) = whole else {
            decode(&mut data);
            return Ok(data);
        };
        if !self.unpack_first {
            decode(&mut data);
        }
        let mut unpacked = Vec::with_capacity(usize::from(whole));
        let unpacker = flate2::read::ZlibDecoder::new(data.as_slice());
        unpacker.take(u64::from(whole)).read_to_end(&mut unpacked)?;
        self.budget.charge(unpacked.len() as u64)?;
        if self.unpack_first {
            decode(&mut unpacked);
        }
        Ok(unpacked)
    }

    /// Holds a block against the checksum behind it (2.2.2.8.1).
    fn check(&mut self, data: &[u8], at: u64) -> Result<(), Unreadable> {
        let (trailer, sum) = match self.layout {
            Layout::Ansi => (12, 8),
            Layout::Unicode => (16, 4),
            Layout::Large => return Ok(()),
        };
        let whole = (data.len() as u64 + trailer).next_multiple_of(64);
        let Ok(raw) = self.read_at(at + whole - trailer + sum, 4) else { return Ok(()) };
        // The CRC of the standard begins with 0 and is not turned over at the end (5.3).
        let mut crc = crc32fast::Hasher::new_with_initial(u32::MAX);
        crc.update(data);
        if u32_at(&raw, 0) != Some(!crc.finalize()) {
            self.wrong_sums += 1;
        }
        Ok(())
    }

    /// Numbers of the blocks that hold the data of a node, in order.
    ///
    /// # Errors
    /// `damaged`, `io` or a limit.
    pub(super) fn data_blocks(&mut self, id: u64) -> Result<Vec<u64>, Unreadable> {
        let mut leaves = Vec::new();
        if id == 0 {
            return Ok(leaves);
        }
        let mut open = vec![(id, u8::MAX)];
        let most = usize::try_from(self.len / 64).unwrap_or(usize::MAX).saturating_add(1);
        while let Some((id, above)) = open.pop() {
            if id & 2 == 0 {
                leaves.push(id);
                if leaves.len() > most {
                    return Err(damaged("more blocks than the file has"));
                }
                continue;
            }
            let tree = self.block(id)?;
            // XBLOCK and XXBLOCK (2.2.2.8.3.2): type, level, count, total, numbers.
            let (Some([1, level @ 1..=2]), Some(count)) = (tree.first_chunk::<2>(), u16_at(&tree, 2)) else {
                return Err(damaged("tree of blocks"));
            };
            if *level >= above {
                return Err(damaged("tree with a loop"));
            }
            let words = tree.get(8..).unwrap_or_default().chunks_exact(self.word());
            let children = words.take(usize::from(count)).filter_map(|raw| number(raw, 0, raw.len()));
            let mut children: Vec<(u64, u8)> = children.map(|child| (child, *level)).collect();
            children.reverse();
            open.append(&mut children);
        }
        Ok(leaves)
    }

    /// The nodes below a node (2.2.2.8.3.3).
    ///
    /// # Errors
    /// `damaged`, `io` or a limit.
    pub(super) fn below(&mut self, id: u64) -> Result<Vec<Node>, Unreadable> {
        let mut nodes = Vec::new();
        if id == 0 {
            return Ok(nodes);
        }
        let word = self.word();
        let mut open = vec![(id, u8::MAX)];
        while let Some((id, above)) = open.pop() {
            let block = self.block(id)?;
            let (Some([2, level @ 0..=1]), Some(count)) = (block.first_chunk::<2>(), u16_at(&block, 2))
            else {
                return Err(damaged("list of nodes"));
            };
            if *level >= above {
                return Err(damaged("tree with a loop"));
            }
            // The layout of 32 bits has no filling in the header.
            let entries = block.get(if word == 4 { 4 } else { 8 }..).unwrap_or_default();
            for entry in entries.chunks_exact(if *level == 0 { 3 } else { 2 } * word).take(usize::from(count))
            {
                let (Some(id), Some(data)) = (u32_at(entry, 0), number(entry, word, word)) else { break };
                if *level == 1 {
                    open.push((data, *level));
                } else if nodes.len() < MAX_BELOW {
                    let below = number(entry, 2 * word, word).unwrap_or(0);
                    nodes.push(Node { id, data, below, parent: 0 });
                }
            }
        }
        Ok(nodes)
    }

    /// The data of a node in blocks as they lie, at most `limit` bytes.
    ///
    /// # Errors
    /// `limit-size` when there is more; `damaged`, `io` or a limit.
    pub(super) fn blocks(&mut self, id: u64, limit: u64) -> Result<Vec<Vec<u8>>, Unreadable> {
        let mut blocks = Vec::new();
        let mut total = 0;
        for id in self.data_blocks(id)? {
            let block = self.block(id)?;
            total += block.len() as u64;
            if total > limit {
                let detail = "properties larger than may be held in memory";
                return Err(Unreadable::gap(GapReason::LimitSize, detail));
            }
            blocks.push(block);
        }
        Ok(blocks)
    }

    /// The data of a node as a stream.
    ///
    /// # Errors
    /// `damaged`, `io` or a limit.
    pub(super) fn stream(&mut self, id: u64) -> Result<Stream<'_, 'a>, Unreadable> {
        let blocks = self.data_blocks(id)?;
        Ok(Stream { store: self, blocks: blocks.into_iter(), block: Vec::new(), at: 0 })
    }
}

/// Data of a node, block by block.
pub(super) struct Stream<'s, 'a> {
    store: &'s mut Store<'a>,
    blocks: std::vec::IntoIter<u64>,
    block: Vec<u8>,
    at: usize,
}

impl Read for Stream<'_, '_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.block.len() {
            let Some(id) = self.blocks.next() else { return Ok(0) };
            self.block = self.store.block(id).map_err(|error| match error {
                Unreadable::Gap { reason: GapReason::Damaged, detail } => {
                    io::Error::new(io::ErrorKind::InvalidData, detail)
                }
                Unreadable::Gap { reason, .. } => io::Error::other(LimitReached { reason }),
                Unreadable::Stop => io::Error::other("stopped"),
            })?;
            self.at = 0;
        }
        let rest = self.block.get(self.at..).unwrap_or_default();
        let count = rest.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.at += count;
        Ok(count)
    }
}
