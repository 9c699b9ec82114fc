//! Lists, tables and properties (MS-PST 2.3): heaps on nodes, B-trees on heaps, property contexts, table contexts.

use super::ndb::{Node, Store, u16_at, u32_at};
use crate::extract::Unreadable;
use crate::extract::mapi::kinds;

/// `bSig` of a heap (2.3.1.2).
pub(super) const HEAP_SIGNATURE: u8 = 0xEC;

/// Properties of one thing beyond this many are not read; a message has some hundreds.
const MAX_PROPERTIES: usize = 20_000;

/// Rows of a table of recipients beyond this many are not read.
const MAX_ROWS: usize = 100_000;

/// Items of changing size on the data of a node (2.3.1), with the nodes below it.
pub(super) struct Heap {
    blocks: Vec<Vec<u8>>,
    pub(super) below: Vec<Node>,
    /// Stores in pages of 4 KiB give more bits to the number of an item.
    large: bool,
}

/// A property and where its value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Property {
    pub(super) id: u16,
    /// Type of the value (MS-OXCDATA 2.11.1).
    pub(super) kind: u16,
    /// The value itself when it has four bytes or fewer, else an item of the heap or a node below.
    pub(super) value: u32,
}

/// Where a value lies.
pub(super) enum Value<'h> {
    Item(&'h [u8]),
    Below(Node),
    Missing,
}

impl Heap {
    /// The heap on a node.
    ///
    /// # Errors
    /// `damaged`, `io` or a limit.
    pub(super) fn of(store: &mut Store<'_>, node: Node, limit: u64) -> Result<Heap, Unreadable> {
        let blocks = store.blocks(node.data, limit)?;
        let below = store.below(node.below)?;
        let heap = Heap { blocks, below, large: store.is_large() };
        if heap.blocks.first().and_then(|block| block.get(2)) != Some(&HEAP_SIGNATURE) {
            return Err(Unreadable::damaged("no heap on a node"));
        }
        Ok(heap)
    }

    /// An item by its number (2.3.1.1): block and place in its map.
    fn item(&self, id: u32) -> Option<&[u8]> {
        let (index_bits, block_shift) = if self.large { (14, 19) } else { (11, 16) };
        let index = (id >> 5 & ((1 << index_bits) - 1)) as usize;
        let block = self.blocks.get((id >> block_shift) as usize)?;
        let map = usize::from(u16_at(block, 0)?);
        // Counts of items and of freed ones stand before the places (2.3.1.5).
        let place = map + 4 + 2 * index.checked_sub(1)?;
        if index > usize::from(u16_at(block, map)?) {
            return None;
        }
        block.get(usize::from(u16_at(block, place)?)..usize::from(u16_at(block, place + 2)?))
    }

    fn root(&self) -> Option<&[u8]> {
        self.item(u32_at(self.blocks.first()?, 4)?)
    }

    /// Leaves of a B-tree on the heap (2.3.2) with their keys.
    fn leaves(&self, header: &[u8], most: usize) -> Option<Vec<&[u8]>> {
        let [0xB5, key, value, levels] = *header.first_chunk::<4>()? else { return None };
        let (key, value) = (usize::from(key), usize::from(value));
        let mut leaves = Vec::new();
        let mut open = vec![(u32_at(header, 4)?, levels)];
        let mut left = most;
        while let Some((id, level)) = open.pop() {
            left = left.checked_sub(1)?;
            let Some(item) = self.item(id) else { continue };
            if level == 0 {
                leaves.extend(item.chunks_exact((key + value).max(1)).take(most - leaves.len().min(most)));
            } else {
                let children = item.chunks_exact(key + 4).filter_map(|entry| u32_at(entry, key));
                let mut children: Vec<(u32, u8)> = children.map(|child| (child, level - 1)).collect();
                children.reverse();
                open.append(&mut children);
            }
        }
        Some(leaves)
    }

    /// The properties of a property context (2.3.3).
    pub(super) fn properties(&self) -> Option<Vec<Property>> {
        let leaves = self.leaves(self.root()?, MAX_PROPERTIES)?;
        let property = |leaf: &[u8]| {
            Some(Property { id: u16_at(leaf, 0)?, kind: u16_at(leaf, 2)?, value: u32_at(leaf, 4)? })
        };
        Some(leaves.into_iter().filter_map(property).collect())
    }

    /// Where the value of that number lies (2.3.3.2).
    pub(super) fn value(&self, id: u32) -> Value<'_> {
        if id == 0 {
            return Value::Missing;
        }
        if id & 0x1F == 0 {
            return self.item(id).map_or(Value::Missing, Value::Item);
        }
        let below = self.below.iter().find(|node| node.id == id);
        below.map_or(Value::Missing, |node| Value::Below(*node))
    }

    /// All of a value, where it has no more than `limit` bytes.
    ///
    /// # Errors
    /// `limit-size`, `damaged`, `io` or a limit.
    pub(super) fn bytes(&self, store: &mut Store<'_>, id: u32, limit: u64) -> Result<Vec<u8>, Unreadable> {
        match self.value(id) {
            Value::Item(item) => Ok(item.to_vec()),
            Value::Below(node) => Ok(store.blocks(node.data, limit)?.concat()),
            Value::Missing => Ok(Vec::new()),
        }
    }

    /// The texts of a table context (2.3.4), row by row: id, type and number of the value.
    ///
    /// # Errors
    /// `limit-size`, `damaged`, `io` or a limit.
    pub(super) fn rows(&self, store: &mut Store<'_>, limit: u64) -> Result<Vec<Vec<Property>>, Unreadable> {
        let Some(info) = self.root() else { return Ok(Vec::new()) };
        let (Some([0x7C, count]), Some(width), Some(bits), Some(rows)) =
            (info.first_chunk::<2>(), u16_at(info, 8), u16_at(info, 6), u32_at(info, 14))
        else {
            return Err(Unreadable::damaged("no table on a node"));
        };
        let (width, bits) = (usize::from(width).max(1), usize::from(bits));
        // Tag, place in the row, size, bit that tells whether there is a value.
        let columns: Vec<(u16, u16, usize, usize)> = info
            .get(22..)
            .unwrap_or_default()
            .chunks_exact(8)
            .take(usize::from(*count))
            .filter_map(|column| {
                let place = usize::from(u16_at(column, 4)?);
                Some((u16_at(column, 2)?, u16_at(column, 0)?, place, usize::from(*column.get(7)?)))
            })
            .filter(|(_, kind, ..)| matches!(*kind, kinds::STRING | kinds::STRING8))
            .collect();
        // Rows do not reach from one block into the next.
        let blocks = match self.value(rows) {
            Value::Item(item) => vec![item.to_vec()],
            Value::Below(node) => store.blocks(node.data, limit)?,
            Value::Missing => Vec::new(),
        };
        let row = |row: &[u8]| -> Vec<Property> {
            let property = |(id, kind, place, bit): &(u16, u16, usize, usize)| {
                let set = row.get(bits + bit / 8).is_some_and(|byte| byte >> (7 - bit % 8) & 1 == 1);
                let value = u32_at(row, *place).filter(|_| set)?;
                Some(Property { id: *id, kind: *kind, value })
            };
            columns.iter().filter_map(property).collect()
        };
        let rows = blocks.iter().flat_map(|block| block.chunks_exact(width));
        Ok(rows.take(MAX_ROWS).map(row).collect())
    }
}
