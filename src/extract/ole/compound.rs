//! A compound file with its streams in order, and which of them somebody has claimed.

use std::collections::BTreeSet;
use std::io::{self, Cursor, Read, Write as _};
use std::path::PathBuf;
use std::rc::Rc;

use cfb::CompoundFile;

use super::super::input::ReadSeek;
use super::super::limits::{Budget, LimitReached};
use super::super::{Member, Sink, Unreadable};
use crate::model::{Gap, GapReason};

/// Entries of one compound file beyond this many are not read. The directory of a large mail holds some thousands.
const MAX_ENTRIES: usize = 200_000;

/// Streams held in memory: property sets, text properties, headers. Larger ones are only searched.
const MAX_SMALL: u64 = 16 << 20;

/// Streams that make the storage around them a document of its own: see [`Compound::documents_inside`].
const MAIN_STREAMS: &[&str] = &[
    "WordDocument",
    "Workbook",
    "Book",
    "PowerPoint Document",
    "__properties_version1.0",
    "EncryptedPackage",
    "VisioDocument",
];

/// A stream of a compound file.
pub(super) struct Stream {
    path: PathBuf,
    /// Path with `/`, control characters of the names left out.
    pub(super) name: String,
    /// Bytes, as the directory has it.
    pub(super) len: u64,
    claimed: bool,
}

impl Stream {
    /// The last part of its path.
    pub(super) fn last(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or_default()
    }
}

/// What takes the place of a stream in a copy. See [`Compound::copy_with`].
pub(super) type Change<'c> = dyn FnMut(&str, Vec<u8>) -> Vec<(Option<String>, Vec<u8>)> + 'c;

/// An opened compound file. Streams are told by their number in the order of the directory.
pub(super) struct Compound<'a> {
    file: CompoundFile<Box<dyn ReadSeek + 'a>>,
    streams: Vec<Stream>,
    budget: Rc<Budget>,
}

impl<'a> Compound<'a> {
    /// Lists the streams.
    pub(super) fn new(file: CompoundFile<Box<dyn ReadSeek + 'a>>, budget: &Rc<Budget>) -> Compound<'a> {
        let streams = file
            .walk()
            .filter(cfb::Entry::is_stream)
            .take(MAX_ENTRIES)
            .map(|entry| {
                let path = entry.path().to_owned();
                let name: String =
                    path.to_string_lossy().replace('\\', "/").chars().filter(|c| !c.is_control()).collect();
                let name = name.trim_start_matches('/').to_owned();
                Stream { path, name, len: entry.len(), claimed: false }
            })
            .collect();
        Compound { file, streams, budget: Rc::clone(budget) }
    }

    /// The budget of the entry.
    pub(super) fn budget(&self) -> &Rc<Budget> {
        &self.budget
    }

    /// Numbers of all streams.
    pub(super) fn all(&self) -> std::ops::Range<usize> {
        0..self.streams.len()
    }

    /// Numbers of the streams that nobody has claimed.
    pub(super) fn unclaimed(&self) -> Vec<usize> {
        self.all().filter(|at| !self.stream(*at).claimed).collect()
    }

    /// The stream of that number, which must be one that this file gave.
    #[expect(clippy::indexing_slicing, reason = "numbers come from `all` and `find`")]
    pub(super) fn stream(&self, at: usize) -> &Stream {
        &self.streams[at]
    }

    /// The number of the stream of that path; case does not count, as in Windows.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.streams.iter().position(|stream| stream.name.eq_ignore_ascii_case(name))
    }

    /// Opens a stream without claiming it.
    ///
    /// # Errors
    /// `io` when its chain is broken at the beginning.
    pub(super) fn open(&mut self, at: usize) -> io::Result<cfb::Stream<Box<dyn ReadSeek + 'a>>> {
        let path = self.stream(at).path.clone();
        self.file.open_stream(path)
    }

    /// Its first bytes, `len` at most; fewer where it breaks off.
    pub(super) fn head(&mut self, at: usize, len: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        if let Ok(content) = self.open(at) {
            // A broken chain ends the content; the caller reads what there is.
            let _ = content.take(len).read_to_end(&mut bytes);
        }
        bytes
    }

    /// A stream of small data, [`MAX_SMALL`] at most. What breaks off is returned as far as it came.
    pub(super) fn small(&mut self, at: usize) -> Vec<u8> {
        self.head(at, MAX_SMALL)
    }

    /// The same, and nobody else need look at it.
    pub(super) fn claim(&mut self, at: usize) -> Vec<u8> {
        self.claim_unread(at);
        self.small(at)
    }

    /// Nobody else need look at this stream.
    pub(super) fn claim_unread(&mut self, at: usize) {
        if let Some(stream) = self.streams.get_mut(at) {
            stream.claimed = true;
        }
    }

    /// Hands on a stream as a document of its own.
    ///
    /// # Errors
    /// When the sink stops.
    pub(super) fn member(&mut self, at: usize, name: &str, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        self.member_as(at, Member::named(name), sink)
    }

    /// The same, with all that is known of it.
    ///
    /// # Errors
    /// When the sink stops.
    pub(super) fn member_as(
        &mut self,
        at: usize,
        member: Member<'_>,
        sink: &mut dyn Sink,
    ) -> Result<(), Unreadable> {
        let budget = Rc::clone(&self.budget);
        self.claim_unread(at);
        match self.open(at) {
            Ok(content) => sink.member(member, &mut budget.guard(content, 0))?,
            Err(error) => {
                if let Some(gap) = Option::<Gap>::from(Unreadable::from(error)) {
                    sink.unread_member(member, gap);
                }
            }
        }
        Ok(())
    }

    /// Hands on every storage that is a document of its own (`ObjectPool/_123/WordDocument`, `MBD001/Workbook`), as a
    /// member named after the storage.
    ///
    /// # Errors
    /// When the sink stops.
    pub(super) fn documents_inside(&mut self, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let mut folders = BTreeSet::new();
        for at in self.unclaimed() {
            if let Some((folder, last)) = self.stream(at).name.rsplit_once('/')
                && MAIN_STREAMS.iter().any(|main| main.eq_ignore_ascii_case(last))
            {
                folders.insert(folder.to_owned());
            }
        }
        let mut outer: Option<String> = None;
        for folder in folders {
            // Sorted: what lies inside another comes after it, and goes with it.
            if outer.as_ref().is_some_and(|outer| folder.starts_with(&format!("{outer}/"))) {
                continue;
            }
            self.storage(&folder, &folder, sink)?;
            outer = Some(folder);
        }
        Ok(())
    }

    /// Hands on the storage `folder` and everything in it as a compound file of its own.
    ///
    /// # Errors
    /// When the sink stops.
    pub(super) fn storage(
        &mut self,
        folder: &str,
        name: &str,
        sink: &mut dyn Sink,
    ) -> Result<(), Unreadable> {
        self.storage_with(folder, name, None, sink)
    }

    /// The same; it takes a copy of the storage `shared` of the outermost level along.
    ///
    /// # Errors
    /// When the sink stops.
    pub(super) fn storage_with(
        &mut self,
        folder: &str,
        name: &str,
        shared: Option<&str>,
        sink: &mut dyn Sink,
    ) -> Result<(), Unreadable> {
        let prefix = format!("{folder}/");
        let mut inside: Vec<usize> =
            self.all().filter(|at| self.stream(*at).name.starts_with(&prefix)).collect();
        let shared = shared.map(|shared| format!("{shared}/"));
        let also: Vec<usize> = self
            .all()
            .filter(|at| shared.as_ref().is_some_and(|shared| self.stream(*at).name.starts_with(shared)))
            .collect();
        inside.extend(also);
        let len: u64 = inside.iter().map(|at| self.stream(*at).len).sum();
        for at in &inside {
            self.claim_unread(*at);
        }
        if len > self.budget.room() {
            let gap =
                Gap::new(GapReason::LimitSize, "an embedded document larger than may be held in memory");
            sink.unread_member(Member::named(name), gap);
            return Ok(());
        }
        let _lease = self.budget.hold(len);
        match self.copy_of(&inside, &prefix, &mut |_, bytes| vec![(None, bytes)]) {
            Ok(bytes) => sink.member(Member::named(name), &mut bytes.as_slice())?,
            Err(error) => {
                if let Some(gap) = Option::<Gap>::from(Unreadable::from(error)) {
                    sink.unread_member(Member::named(name), gap);
                }
            }
        }
        Ok(())
    }

    /// A copy of the whole file, each stream changed by its name without path and its bytes: gives the streams that are to stand in its
    /// place, under the same name or another.
    ///
    /// # Errors
    /// `io` when a stream cannot be read, or the copy may not be held in memory.
    pub(super) fn copy_with(&mut self, change: &mut Change<'_>) -> io::Result<Vec<u8>> {
        let len: u64 = self.all().map(|at| self.stream(at).len).sum();
        // The largest stream is there twice for a moment, and a growing copy up to twice.
        if len.saturating_mul(3) > self.budget.room() {
            return Err(io::Error::other(LimitReached { reason: GapReason::LimitSize }));
        }
        let all: Vec<usize> = self.all().collect();
        self.copy_of(&all, "", change)
    }

    fn copy_of(&mut self, streams: &[usize], prefix: &str, change: &mut Change<'_>) -> io::Result<Vec<u8>> {
        let mut copy = CompoundFile::create(Cursor::new(Vec::new()))?;
        // The root is the first component of every path.
        let depth = prefix.matches('/').count();
        for at in streams {
            // Names keep their control characters (`\x05SummaryInformation`).
            let depth = if self.stream(*at).name.starts_with(prefix) { depth } else { 0 };
            let path: PathBuf = self.stream(*at).path.components().skip(depth + 1).collect();
            if let Some(parent) = path.parent() {
                copy.create_storage_all(parent)?;
            }
            let bytes = self.head(*at, self.stream(*at).len);
            for (name, bytes) in change(self.stream(*at).last(), bytes) {
                let path = name.map_or_else(|| path.clone(), |name| path.with_file_name(name));
                copy.create_stream(path)?.write_all(&bytes)?;
            }
        }
        copy.flush()?;
        Ok(copy.into_inner().into_inner())
    }
}
