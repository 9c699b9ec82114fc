//! SQLite databases (File Format for SQLite 3, sqlite.org/fileformat2.html): own walk over the pages, nothing but reading.
//!
//! In: a database with random access. Out: each text value as a table cell named by table and column; values that are
//! documents as members; definitions as properties; text on free pages and in freed space as deleted. A crate would bring
//! the C library. Left out: the write-ahead log beside the file, indexes (they repeat columns), values of pages that a
//! broken tree does not reach.

mod record;

use std::collections::HashSet;
use std::io::{Read, SeekFrom};
use std::rc::Rc;

use self::record::{Encoding, Value, columns};
use super::input::{Input, ReadSeek};
use super::limits::Budget;
use super::{FORMATS, Format, Head, Member, Sink, Unreadable};
use crate::model::{Gap, GapReason, Kind, Place, Segment};

/// The reader of SQLite databases.
pub(super) struct Sqlite;

/// Deepest tree: 2^32 pages of two children each would be 32, real ones are 5.
const MAX_DEPTH: u32 = 40;

impl Format for Sqlite {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["sqlite", "sqlite3", "db", "db3", "s3db", "gpkg", "mbtiles", "fossil", "sqlitedb"]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        head.bytes.starts_with(b"SQLite format 3\0")
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let budget = Rc::clone(input.budget());
        let mut reader = input.seekable()?;
        let len = reader.seek(SeekFrom::End(0))?;
        let mut head = [0u8; 100];
        reader.seek(SeekFrom::Start(0))?;
        reader.read_exact(&mut head)?;
        let size = u16::from_be_bytes([head[16], head[17]]);
        let size = if size == 1 { 65_536 } else { u32::from(size) };
        if !size.is_power_of_two() || size < 512 {
            return Err(Unreadable::damaged("page size"));
        }
        let pages = u32::try_from(len / u64::from(size)).unwrap_or(u32::MAX);
        let encoding = Encoding::from_header(head[59]);
        let usable = size.saturating_sub(u32::from(head[20])).max(480);
        let free = u32::from_be_bytes([head[32], head[33], head[34], head[35]]);
        let mut database = Database {
            reader,
            size,
            usable: usable as usize,
            pages,
            encoding,
            seen: HashSet::new(),
            blobs: 0,
            budget,
            sink,
        };
        database.schema_and_tables()?;
        database.free_pages(free)?;
        if database.blobs > 0 {
            let detail = format!("{} binary values of no known format", database.blobs);
            database.sink.gap(Gap::new(GapReason::Unsupported, detail));
        }
        Ok(())
    }
}

struct Database<'d> {
    reader: Box<dyn ReadSeek + 'd>,
    size: u32,
    /// Bytes of a page that belong to SQLite.
    usable: usize,
    pages: u32,
    encoding: Encoding,
    /// Pages that were read: a broken tree may be a circle.
    seen: HashSet<u32>,
    /// Binary values that nobody reads.
    blobs: u64,
    budget: Rc<Budget>,
    sink: &'d mut dyn Sink,
}

/// A table of the schema.
struct Table {
    name: String,
    columns: Vec<String>,
    root: u32,
}

/// Takes the rows of a tree.
type Each<'e, 'd> = dyn FnMut(&mut Database<'d>, &Table, &[Value]) -> Result<(), Unreadable> + 'e;

impl<'d> Database<'d> {
    fn page(&mut self, number: u32) -> Result<Vec<u8>, Unreadable> {
        if number == 0 || number > self.pages {
            return Err(Unreadable::damaged(format!("page {number} is not in the file")));
        }
        self.budget.charge(0)?;
        let mut page = vec![0; self.size as usize];
        self.reader.seek(SeekFrom::Start(u64::from(number - 1) * u64::from(self.size)))?;
        self.reader.read_exact(&mut page)?;
        Ok(page)
    }

    fn schema_and_tables(&mut self) -> Result<(), Unreadable> {
        let mut tables = Vec::new();
        let schema = Table { name: "sqlite_schema".to_owned(), columns: Vec::new(), root: 1 };
        self.tree(1, &schema, 0, &mut |this, _, row| {
            let text = |nth: usize| match row.get(nth) {
                Some(Value::Text(bytes)) => this.encoding.decode(bytes),
                _ => String::new(),
            };
            let (kind, name, sql) = (text(0), text(1), text(4));
            let root = match row.get(3) {
                Some(Value::Integer(root)) => u32::try_from(*root).unwrap_or(0),
                _ => 0,
            };
            // What people wrote: comments and names, in tables, views and triggers.
            if !sql.is_empty() {
                this.sink.segment(Segment::lines(&sql, Place::new(Kind::Script).hidden().named(&name)))?;
            }
            if kind == "table" && root > 0 {
                tables.push(Table { columns: columns(&sql), name, root });
            }
            Ok(())
        })?;
        for table in &tables {
            let root = table.root;
            let end = self.tree(root, table, 0, &mut |this, table, row| this.row(table, row));
            match end {
                Err(Unreadable::Gap { reason: GapReason::Damaged, detail }) => {
                    self.sink.gap(Gap::new(GapReason::Damaged, format!("{detail}: table {}", table.name)));
                }
                other => other?,
            }
        }
        Ok(())
    }

    fn row(&mut self, table: &Table, row: &[Value]) -> Result<(), Unreadable> {
        for (nth, value) in row.iter().enumerate() {
            let column = table.columns.get(nth).map_or("", String::as_str);
            match value {
                Value::Text(bytes) if !bytes.is_empty() => {
                    let text = self.encoding.decode(bytes);
                    let place =
                        Place { sheet: Some(&table.name), name: Some(column), ..Place::new(Kind::Table) };
                    if text.chars().any(char::is_alphabetic) {
                        self.sink.segment(Segment::new(&text, place))?;
                    }
                }
                Value::Blob(bytes) if !bytes.is_empty() => self.blob(table, column, bytes)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// A binary value: a document if one of the readers knows it. What is too small to be one is left alone.
    fn blob(&mut self, table: &Table, column: &str, bytes: &[u8]) -> Result<(), Unreadable> {
        const SMALLEST: usize = 32;
        let head =
            Head { bytes: bytes.get(..super::input::HEAD).unwrap_or(bytes), extension: "", media: None };
        if FORMATS.iter().any(|format| format.matches(&head)) {
            let name = format!("{}.{column}", table.name);
            self.sink.member(Member::named(&name), &mut &*bytes)?;
        } else if bytes.len() >= SMALLEST {
            self.blobs += 1;
        }
        Ok(())
    }

    /// Walks a tree and gives its rows. Tables without row number are index trees (section 1.5).
    fn tree(
        &mut self,
        number: u32,
        table: &Table,
        depth: u32,
        each: &mut Each<'_, 'd>,
    ) -> Result<(), Unreadable> {
        if depth > MAX_DEPTH || !self.seen.insert(number) {
            return Err(Unreadable::damaged("tree in a circle"));
        }
        let page = self.page(number)?;
        let start = if number == 1 { 100 } else { 0 };
        let header = page.get(start..).unwrap_or_default();
        let kind = header.first().copied().unwrap_or(0);
        let cells = usize::from(u16_at(header, 3));
        let (interior, index) = match kind {
            0x02 => (true, true),
            0x05 => (true, false),
            0x0A => (false, true),
            0x0D => (false, false),
            _ => return Err(Unreadable::damaged(format!("page {number} is no page of a tree"))),
        };
        let pointers = start + if interior { 12 } else { 8 };
        for nth in 0..cells {
            let at = usize::from(u16_at(&page, pointers + 2 * nth));
            let Some(mut cell) = page.get(at..self.usable).filter(|_| at > pointers) else {
                return Err(Unreadable::damaged(format!("cell on page {number}")));
            };
            if interior {
                let child = u32_at(cell, 0);
                self.tree(child, table, depth + 1, each)?;
                if !index {
                    continue;
                }
                cell = cell.get(4..).unwrap_or_default();
            }
            let payload = varint(&mut cell).unwrap_or(0);
            if !index {
                varint(&mut cell);
            }
            if let Some(bytes) = self.payload(cell, payload, index)? {
                let row = record::values(&bytes);
                each(self, table, &row)?;
            }
        }
        if interior {
            self.tree(u32_at(header, 8), table, depth + 1, each)?;
        } else if !index {
            self.freed(&page, pointers + 2 * cells, usize::from(u16_at(header, 5)), u16_at(header, 1))?;
        }
        Ok(())
    }

    /// The bytes of a record, with those on overflow pages (section 1.6); `None` when it is too large to be held.
    fn payload(&mut self, cell: &[u8], size: u64, index: bool) -> Result<Option<Vec<u8>>, Unreadable> {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let usable = self.usable;
        let smallest = (usable - 12) * 32 / 255 - 23;
        let largest = if index { (usable - 12) * 64 / 255 - 23 } else { usable - 35 };
        if size <= largest {
            return Ok(Some(cell.get(..size).unwrap_or(cell).to_vec()));
        }
        if size as u64 > self.budget.room() / 2 || size as u64 > u64::from(self.pages) * u64::from(self.size)
        {
            let gap = Gap::new(GapReason::LimitSize, "a row larger than can be held in memory");
            self.sink.gap(gap);
            return Ok(None);
        }
        let first = smallest + (size - smallest) % (usable - 4);
        let local = if first <= largest { first } else { smallest };
        let mut bytes = cell.get(..local).unwrap_or(cell).to_vec();
        let mut next = u32_at(cell, local);
        while bytes.len() < size && next != 0 {
            if !self.seen.insert(next) {
                return Err(Unreadable::damaged("overflow pages in a circle"));
            }
            let page = self.page(next)?;
            let want = (size - bytes.len()).min(usable - 4);
            bytes.extend_from_slice(page.get(4..4 + want).unwrap_or_default());
            next = u32_at(&page, 0);
        }
        if bytes.len() < size {
            self.sink.gap(Gap::new(GapReason::Damaged, "overflow pages end early"));
        }
        Ok(Some(bytes))
    }

    /// Text in the unused part of a leaf and in its freed cells.
    fn freed(&mut self, page: &[u8], from: usize, to: usize, mut block: u16) -> Result<(), Unreadable> {
        let to = if to == 0 { 65_536 } else { to };
        self.deleted(page.get(from..to).unwrap_or_default())?;
        // Freed cells are a chain in rising order.
        let mut last = 0;
        while block > last {
            let at = usize::from(block);
            let size = usize::from(u16_at(page, at + 2));
            self.deleted(page.get(at + 4..at + size.max(4)).unwrap_or_default())?;
            last = block;
            block = u16_at(page, at);
        }
        Ok(())
    }

    /// Pages that no table uses any more, but that keep their bytes unless they were wiped (section 1.5).
    fn free_pages(&mut self, mut trunk: u32) -> Result<(), Unreadable> {
        while trunk != 0 && self.seen.insert(trunk) {
            let Ok(page) = self.page(trunk) else { return Ok(()) };
            let count = (u32_at(&page, 4) as usize).min(page.len() / 4 - 2);
            self.deleted(page.get(8 + 4 * count..).unwrap_or_default())?;
            for nth in 0..count {
                let leaf = u32_at(&page, 8 + 4 * nth);
                if self.seen.insert(leaf)
                    && let Ok(page) = self.page(leaf)
                {
                    self.deleted(&page)?;
                }
            }
            trunk = u32_at(&page, 0);
        }
        Ok(())
    }

    fn deleted(&mut self, bytes: &[u8]) -> Result<(), Unreadable> {
        let place = Place::new(Kind::Deleted).hidden().named("free space");
        for run in self.encoding.runs(bytes) {
            self.sink.segment(Segment::lines(&run, place))?;
        }
        Ok(())
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |bytes| u16::from_be_bytes(*bytes))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

/// A number of one to nine bytes, seven bits each but the ninth.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for nth in 0..9 {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        if nth == 8 {
            return Some(value << 8 | u64::from(*first));
        }
        value = value << 7 | u64::from(first & 0x7F);
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::testing::read_bytes;
    use super::*;

    fn fixture(name: &str) -> Vec<u8> {
        std::fs::read(format!("{}/fixtures/pack/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    #[test]
    fn texts_of_all_rows_in_both_encodings() {
        for name in ["utf-8.sqlite", "utf-16.sqlite"] {
            let got = read_bytes(&Sqlite, name, &fixture(name));
            assert_eq!(got.error, None);
            assert_eq!(got.gaps, []);
            let cells = got.of(Kind::Table);
            assert_eq!(cells.len(), 62, "{name}");
            assert!(cells.iter().any(|text| text.contains("Đỗ Văn Thí Điểm")), "overflow pages");
            assert_eq!(got.the("báo cáo").place.name.as_deref(), Some("ten"));
            assert_eq!(got.members.len(), 1);
            assert_eq!(got.members[0].0, "van_ban.tep");
        }
    }

    #[test]
    fn deleted_rows_are_still_there() {
        let got = read_bytes(&Sqlite, "x.db", &fixture("deleted.sqlite"));
        assert_eq!(got.of(Kind::Table).len(), 5);
        assert!(got.of(Kind::Deleted).iter().any(|text| text.contains("TUYỆT MẬT")));
    }

    #[test]
    fn any_byte_broken_ends_in_an_outcome() {
        let whole = fixture("utf-16.sqlite");
        for at in (0..whole.len()).step_by(97) {
            let mut broken = whole.clone();
            broken[at] ^= 0xFF;
            let _ = read_bytes(&Sqlite, "x.db", &broken);
        }
    }
}
