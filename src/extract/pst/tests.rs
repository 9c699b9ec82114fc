//! A store of one folder and one message is put together here, field by field as MS-PST says; real ones, which nothing but
//! Outlook writes, are read by `tests/tools/pst_words.py`.

use proptest::prelude::*;

use super::super::testing::{Record, read_bytes};
use super::*;

/// Turns the table of the permutation around: what a writer does.
fn encode(data: &[u8]) -> Vec<u8> {
    let mut inverse = [0u8; 256];
    for byte in 0..=255u8 {
        let mut one = [byte];
        crypt::permute(&mut one);
        inverse[usize::from(one[0])] = byte;
    }
    data.iter().map(|byte| inverse[usize::from(*byte)]).collect()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A heap of these items; the first is the root.
fn heap(client: u8, items: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![0, 0, ltp::HEAP_SIGNATURE, client, 0x20, 0, 0, 0, 0, 0, 0, 0];
    let mut places = vec![12u16];
    for item in items {
        bytes.extend(item);
        places.push(bytes.len() as u16);
    }
    let map = bytes.len() as u16;
    bytes[..2].copy_from_slice(&map.to_le_bytes());
    bytes.extend((items.len() as u16).to_le_bytes());
    bytes.extend([0, 0]);
    bytes.extend(places.iter().flat_map(|place| place.to_le_bytes()));
    bytes
}

enum V<'v> {
    Inline(u32),
    Item(Vec<u8>),
    Below(&'v u32),
}

/// A property context.
fn context(properties: &[(u16, u16, V<'_>)]) -> Vec<u8> {
    let mut items = vec![[0xB5, 2, 6, 0, 0x40, 0, 0, 0].to_vec(), Vec::new()];
    let mut leaves = Vec::new();
    for (id, kind, value) in properties {
        leaves.extend(id.to_le_bytes());
        leaves.extend(kind.to_le_bytes());
        let number = match value {
            V::Inline(number) => *number,
            V::Below(node) => **node,
            V::Item(bytes) => {
                items.push(bytes.clone());
                (items.len() as u32) << 5
            }
        };
        leaves.extend(number.to_le_bytes());
    }
    items[1] = leaves;
    heap(0xBC, &items)
}

#[derive(Default)]
struct Builder {
    file: Vec<u8>,
    blocks: Vec<(u64, u64, u16)>,
    nodes: Vec<[u64; 4]>,
}

impl Builder {
    fn new() -> Builder {
        Builder { file: vec![0; 1024], ..Builder::default() }
    }

    /// Writes a block and gives its number.
    fn block(&mut self, data: &[u8], internal: bool) -> u64 {
        let id = (self.blocks.len() as u64 + 1) * 4 + if internal { 2 } else { 0 };
        let data = if internal { data.to_vec() } else { encode(data) };
        let at = self.file.len();
        self.file.extend(&data);
        self.file.resize(at + (data.len() + 16).next_multiple_of(64) - 16, 0);
        let mut crc = crc32fast::Hasher::new_with_initial(u32::MAX);
        crc.update(&data);
        self.file.extend((data.len() as u16).to_le_bytes());
        self.file.extend([0, 0]);
        self.file.extend((!crc.finalize()).to_le_bytes());
        self.file.extend(id.to_le_bytes());
        self.blocks.push((id, at as u64, data.len() as u16));
        id
    }

    /// A list of nodes below another.
    fn below(&mut self, nodes: &[(u32, u64, u64)]) -> u64 {
        let mut list = vec![2, 0, nodes.len() as u8, 0, 0, 0, 0, 0];
        for (id, data, below) in nodes {
            list.extend(u64::from(*id).to_le_bytes());
            list.extend(data.to_le_bytes());
            list.extend(below.to_le_bytes());
        }
        self.block(&list, true)
    }

    fn node(&mut self, id: u32, data: &[u8], below: u64, parent: u32) {
        let data = self.block(data, false);
        self.nodes.push([u64::from(id), data, below, u64::from(parent)]);
    }

    fn page(&mut self, size: u8, entries: &[u8]) -> u64 {
        let at = self.file.len().next_multiple_of(512);
        self.file.resize(at, 0);
        self.file.extend(entries);
        self.file.resize(at + 488, 0);
        self.file.extend([(entries.len() / usize::from(size)) as u8, 0, size, 0]);
        self.file.resize(at + 512, 0);
        at as u64
    }

    fn finish(mut self) -> Vec<u8> {
        self.nodes.sort_unstable();
        let nodes: Vec<u8> = self.nodes.iter().flatten().flat_map(|word| word.to_le_bytes()).collect();
        let nodes = self.page(32, &nodes);
        let blocks: Vec<u8> = self
            .blocks
            .iter()
            .flat_map(|(id, at, len)| {
                [&id.to_le_bytes()[..], &at.to_le_bytes(), &len.to_le_bytes(), &[2, 0, 0, 0, 0, 0]].concat()
            })
            .collect();
        let blocks = self.page(24, &blocks);
        self.file[..4].copy_from_slice(b"!BDN");
        self.file[8..12].copy_from_slice(&[b'S', b'M', 23, 0]);
        self.file[224..232].copy_from_slice(&nodes.to_le_bytes());
        self.file[240..248].copy_from_slice(&blocks.to_le_bytes());
        self.file[513] = 1;
        self.file
    }
}

fn store() -> Vec<u8> {
    let mut store = Builder::new();
    let text = |text: &str| V::Item(utf16(text));
    // One property has a name of its own: its entry, and the text it points to.
    let entries = [0u32.to_le_bytes(), [1, 0, 0, 0]].concat();
    let name = utf16("X-Protective-Marking");
    let names = [&(name.len() as u32).to_le_bytes()[..], &name].concat();
    store.node(NAMES, &context(&[(3, 0x102, V::Item(entries)), (4, 0x102, V::Item(names))]), 0, 0);
    store.node(STORE, &context(&[(0x3001, 0x1F, text("Hộp thư Ví Dụ"))]), 0, 0);
    store.node(0x122, &context(&[]), 0, 0x122);
    store.node(0x8022, &context(&[(0x3001, 0x1F, text("Công văn"))]), 0, 0x122);
    let data = store.block(b"BODY OF THE FILE", false);
    // The attachment is named here, and its data lies below it.
    let in_attachment = store.below(&[(0x1F, data, 0)]);
    let attachment = context(&[
        (0x3701, 0x102, V::Below(&0x1F)),
        (0x3705, 3, V::Inline(1)),
        (0x3707, 0x1F, text("kế hoạch.txt")),
    ]);
    let attachment = store.block(&attachment, false);
    let inner = store.block(&context(&[(0x0037, 0x1F, text("\u{1}\u{1}Thư bên trong"))]), false);
    let in_forward = store.below(&[(0x24, inner, 0)]);
    let object = [0x24u32.to_le_bytes(), 0u32.to_le_bytes()].concat();
    let forward = context(&[(0x3701, 0x0D, V::Item(object)), (0x3705, 3, V::Inline(5))]);
    let forward = store.block(&forward, false);
    // One recipient: a table of two rows of eight bytes, of which the second has no value.
    let columns = [0x1F, 0, 0x01, 0x30, 0, 0, 4, 0];
    let info =
        [&[0x7C, 1][..], &[4, 0, 4, 0, 4, 0, 8, 0], &[0; 4], &[0x40, 0, 0, 0], &[0; 4], &columns].concat();
    let rows = [&0x60u32.to_le_bytes()[..], &[0x80, 0, 0, 0], &0x60u32.to_le_bytes(), &[0; 4]].concat();
    let table = store.block(&heap(0x7C, &[info, rows, utf16("Nguyễn Văn Giả")]), false);
    let below = store.below(&[
        (RECIPIENTS, table, 0),
        (0x8025, attachment, in_attachment),
        (0x8045, forward, in_forward),
    ]);
    let message = context(&[
        (0x0036, 3, V::Inline(3)),
        (0x0037, 0x1F, text("\u{1}\u{5}RE: TỐI MẬT/2026")),
        (0x1000, 0x1F, text("Kính gửi")),
        (0x8000, 0x1F, text("SEC=SECRET")),
    ]);
    store.node(0x20_0024, &message, below, 0x8022);
    store.finish()
}

fn read(bytes: &[u8]) -> Record {
    assert!(Pst.matches(&Head { bytes, extension: "pst", media: None }));
    read_bytes(&Pst, "x.pst", bytes)
}

#[test]
fn messages_attachments_and_names() {
    let got = read(&store());
    assert!(got.gaps.is_empty(), "{:?}", got.gaps);
    assert_eq!(got.lines(), ["property|store|Hộp thư Ví Dụ", "property|folder|Công văn"]);
    let members: Vec<&str> = got.members.iter().map(|(name, _)| name.as_str()).collect();
    let way = "Công văn/RE: TỐI MẬT 2026";
    assert_eq!(
        members,
        [format!("{way}.msg"), format!("{way}/kế hoạch.txt"), format!("{way}/Thư bên trong.msg"),]
    );
    assert_eq!(got.members[1].1, b"BODY OF THE FILE");
    let message = read_bytes(&super::super::tnef::Tnef, "x.msg", &got.members[0].1);
    let mut lines = message.lines();
    lines.sort();
    assert_eq!(
        lines,
        [
            "body|body|Kính gửi",
            "label|X-Protective-Marking|SEC=SECRET",
            "label|sensitivity|Company-Confidential",
            "property|display name|Nguyễn Văn Giả",
            "subject|subject|RE: TỐI MẬT/2026",
        ]
    );
    assert!(message.gaps.is_empty());
}

#[test]
fn what_is_wrong_is_told() {
    let mut bytes = store();
    // One byte of the first block.
    bytes[1024 + 20] ^= 1;
    assert!(!read(&bytes).gaps.is_empty());
    let mut closed = store();
    closed[513] = 0x10;
    assert!(read(&closed).error.is_some_and(|error| error.starts_with("encrypted")));
}

proptest! {
    #[test]
    fn any_bytes_end(changes in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..40), cut in any::<u16>()) {
        let mut bytes = store();
        let len = bytes.len();
        for (at, byte) in changes {
            bytes[12 + usize::from(at) % (len - 12)] = byte;
        }
        bytes.truncate(len.saturating_sub(usize::from(cut) % 900).max(12));
        read(&bytes);
    }
}
