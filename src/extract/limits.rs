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
    /// Largest document held in memory at once, in bytes: formats that need random access (PDF, zip members) and are
    /// not plain files. Two of them at `-j2` must fit 300 MB together with everything else.
    pub max_in_memory: u64,
    /// Bytes that may come out of all containers of one entry together. A bomb stops here.
    pub max_archive_size: u64,
    /// Bytes that may come out per byte that went in, judged once 32 MiB came out. Real office files reach 100,
    /// log archives 200; DEFLATE cannot exceed 1,032 in one layer.
    pub max_archive_ratio: u64,
    /// Documents inside one entry.
    pub max_archive_files: u64,
    /// How deep documents may lie inside each other; the entry itself is depth 0.
    pub max_archive_depth: u32,
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
    produced: Cell<u64>,
    documents: Cell<u64>,
    deadline: Instant,
}

impl Budget {
    /// A fresh budget; the clock starts now.
    #[must_use]
    pub fn new(limits: Limits) -> Rc<Budget> {
        Rc::new(Budget {
            limits,
            produced: Cell::new(0),
            documents: Cell::new(0),
            deadline: Instant::now() + limits.timeout,
        })
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
        if self.is_late() {
            return Err(LimitReached { reason: GapReason::Timeout });
        }
        Ok(())
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
    fn the_total_counts_over_all_readers_of_an_entry() {
        let budget = Budget::new(Limits { max_archive_size: 1_000, ..Limits::default() });
        assert!(io::copy(&mut budget.guard(io::repeat(0).take(600), 0), &mut io::sink()).is_ok());
        assert!(io::copy(&mut budget.guard(io::repeat(0).take(600), 0), &mut io::sink()).is_err());
    }
}
