//! Every limit of reading in one struct, each with its unit and its reason, and the budget that enforces them.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::model::GapReason;

/// What reading one entry (a file with everything inside it) may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Largest file opened at all, in bytes. Default: no limit, since text and archives are streamed.
    pub max_file_size: u64,
    /// Bytes of documents that one entry may hold in memory at the same time: formats that need random access and are
    /// not plain files, however they lie in each other, and the shared strings of a workbook.
    ///
    /// 96 MiB: two threads at `-j2` hold 192 MiB at most, which leaves 100 MB of the 300 MB we promise for the two
    /// processes with their rules and buffers (`benches/memory.py`). It is a sum for each entry and not one for the
    /// process: what can be read must not depend on what another thread reads at that moment.
    pub max_in_memory: u64,
    /// Bytes that may come out of all containers of one entry together. A bomb stops here.
    pub max_archive_size: u64,
    /// Bytes that may come out per byte that went in: of one packed member, judged once 32 MiB came out of it, and of a
    /// whole entry against its own size, judged once 256 MiB came out. Real office files reach 100, log archives 200;
    /// DEFLATE cannot exceed 1,032 in one layer, but layers multiply.
    pub max_archive_ratio: u64,
    /// Documents inside one entry.
    pub max_archive_files: u64,
    /// How deep documents may lie inside each other; the entry itself is depth 0.
    pub max_archive_depth: u32,
    /// Pages of a PDF that are read, the first ones; of a longer one nothing else is.
    pub max_pages: u32,
    /// Time for one entry.
    pub timeout: Duration,
    /// Nesting of elements, groups or objects inside one document. Readers keep their own stacks this short.
    pub max_nesting: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            max_file_size: u64::MAX,
            max_in_memory: 96 << 20,
            max_archive_size: 64 << 30,
            max_archive_ratio: 1_000,
            max_archive_files: 1_000_000,
            max_archive_depth: 16,
            max_pages: u32::MAX,
            timeout: Duration::from_secs(120),
            max_nesting: 512,
        }
    }
}

/// A limit was reached while bytes were being read; travels inside an [`io::Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("limit reached: {}", reason.as_str())]
pub struct LimitReached {
    /// Which one.
    pub reason: GapReason,
}

/// What one entry has used so far; shared by all readers that work on it.
#[derive(Debug)]
pub struct Budget {
    /// The limits it watches.
    pub limits: Limits,
    /// Bytes of the entry itself; `None` when unknown, then no ratio is judged over the whole.
    size: Option<u64>,
    passwords: Vec<String>,
    produced: Cell<u64>,
    held: Cell<u64>,
    documents: Cell<u64>,
    sha256: Cell<bool>,
    deadline: Instant,
}

impl Budget {
    /// A fresh budget; the clock starts now.
    #[must_use]
    pub fn new(limits: Limits) -> Rc<Budget> {
        Budget::begin(limits, None, &[])
    }

    /// The same for an entry of that many bytes.
    #[must_use]
    pub fn for_entry(limits: Limits, size: u64) -> Rc<Budget> {
        Budget::begin(limits, Some(size), &[])
    }

    /// The same with passwords that documents may be opened with; of unknown size where there is none.
    #[must_use]
    pub fn with_passwords(limits: Limits, size: Option<u64>, passwords: &[String]) -> Rc<Budget> {
        Budget::begin(limits, size, passwords)
    }

    fn begin(limits: Limits, size: Option<u64>, passwords: &[String]) -> Rc<Budget> {
        Rc::new(Budget {
            limits,
            size,
            passwords: passwords.to_vec(),
            produced: Cell::new(0),
            held: Cell::new(0),
            documents: Cell::new(0),
            sha256: Cell::new(false),
            deadline: Instant::now() + limits.timeout,
        })
    }

    /// Passwords that documents may be opened with.
    #[must_use]
    pub fn passwords(&self) -> &[String] {
        &self.passwords
    }

    /// SHA-256 of every document will be asked for, so that what is read once must be hashed on the way.
    pub fn want_sha256(&self) {
        self.sha256.set(true);
    }

    /// Whether SHA-256 of every document will be asked for.
    #[must_use]
    pub fn wants_sha256(&self) -> bool {
        self.sha256.get()
    }

    /// Whether the time for this entry is over.
    #[must_use]
    pub fn is_late(&self) -> bool {
        Instant::now() >= self.deadline
    }

    /// Counts one more document inside the entry; false when there are too many.
    #[must_use]
    pub fn another_document(&self) -> bool {
        self.documents.set(self.documents.get() + 1);
        self.documents.get() <= self.limits.max_archive_files
    }

    /// Wraps a decompressing reader so that bombs end in an error that names the limit.
    ///
    /// `packed` is the number of bytes that go in; 0 when unknown, then no ratio is judged.
    pub fn guard<R: Read>(self: &Rc<Self>, inner: R, packed: u64) -> Guarded<R> {
        Guarded { inner, budget: Rc::clone(self), packed, produced: 0 }
    }

    /// Counts bytes that a reader inflated by its own means.
    ///
    /// # Errors
    /// When the entry has produced more than it may, or its time is over.
    pub fn charge(&self, bytes: u64) -> Result<(), LimitReached> {
        self.produced.set(self.produced.get().saturating_add(bytes));
        if self.produced.get() > self.limits.max_archive_size {
            return Err(LimitReached { reason: GapReason::LimitSize });
        }
        // Zips in zips that each stay below the ratio of one layer.
        let allowed = self.size.map(|size| size.max(1).saturating_mul(self.limits.max_archive_ratio));
        if self.produced.get() > ENTRY_RATIO_FREE
            && allowed.is_some_and(|allowed| self.produced.get() > allowed)
        {
            return Err(LimitReached { reason: GapReason::LimitRatio });
        }
        if self.is_late() {
            return Err(LimitReached { reason: GapReason::Timeout });
        }
        Ok(())
    }

    /// Bytes that may still be held in memory; see [`Limits::max_in_memory`].
    #[must_use]
    pub fn room(&self) -> u64 {
        self.limits.max_in_memory.saturating_sub(self.held.get())
    }

    /// Takes so many bytes of the [room](Budget::room), until the lease is dropped. Whoever asks has looked at the room.
    #[must_use]
    pub fn hold(self: &Rc<Self>, bytes: u64) -> Lease {
        self.held.set(self.held.get().saturating_add(bytes));
        Lease { budget: Rc::clone(self), bytes }
    }
}

/// A share of an entry's memory. See [`Budget::hold`].
#[derive(Debug)]
pub struct Lease {
    budget: Rc<Budget>,
    bytes: u64,
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.budget.held.set(self.budget.held.get().saturating_sub(self.bytes));
    }
}

/// A reader under a [`Budget`]. See [`Budget::guard`].
#[derive(Debug)]
pub struct Guarded<R> {
    inner: R,
    budget: Rc<Budget>,
    packed: u64,
    produced: u64,
}

/// Below this many bytes no ratio is judged: a small file of zeros is not a bomb.
const RATIO_FREE: u64 = 32 << 20;

/// The same for all that comes out of one entry: a second of work, which any file may cost.
const ENTRY_RATIO_FREE: u64 = 256 << 20;

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(buf)?;
        self.produced += got as u64;
        self.budget.charge(got as u64).map_err(io::Error::other)?;
        let allowed = self.packed.saturating_mul(self.budget.limits.max_archive_ratio);
        if self.packed > 0 && self.produced > RATIO_FREE && self.produced > allowed {
            return Err(io::Error::other(LimitReached { reason: GapReason::LimitRatio }));
        }
        Ok(got)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bomb_stops_at_the_ratio_and_names_it() {
        let budget = Budget::new(Limits::default());
        let mut bomb = budget.guard(io::repeat(0).take(1 << 30), 1_000);
        let error = io::copy(&mut bomb, &mut io::sink()).unwrap_err();
        let limit = error.get_ref().and_then(|inner| inner.downcast_ref::<LimitReached>());
        assert_eq!(limit, Some(&LimitReached { reason: GapReason::LimitRatio }));
    }

    #[test]
    fn layers_below_the_ratio_are_a_bomb_together() {
        let budget = Budget::for_entry(Limits::default(), 1_000);
        let layer = || io::copy(&mut budget.guard(io::repeat(0).take(100 << 20), 1 << 20), &mut io::sink());
        assert!(layer().is_ok());
        assert!(layer().is_ok());
        let error = layer().unwrap_err();
        let limit = error.get_ref().and_then(|inner| inner.downcast_ref::<LimitReached>());
        assert_eq!(limit, Some(&LimitReached { reason: GapReason::LimitRatio }));
    }

    #[test]
    fn what_is_held_is_given_back() {
        let budget = Budget::new(Limits { max_in_memory: 100, ..Limits::default() });
        let first = budget.hold(60);
        let second = budget.hold(30);
        assert_eq!(budget.room(), 10);
        drop(first);
        assert_eq!(budget.room(), 70);
        drop(second);
        assert_eq!(budget.room(), 100);
    }

    #[test]
    fn the_total_counts_over_all_readers_of_an_entry() {
        let budget = Budget::new(Limits { max_archive_size: 1_000, ..Limits::default() });
        assert!(io::copy(&mut budget.guard(io::repeat(0).take(600), 0), &mut io::sink()).is_ok());
        assert!(io::copy(&mut budget.guard(io::repeat(0).take(600), 0), &mut io::sink()).is_err());
    }
}
