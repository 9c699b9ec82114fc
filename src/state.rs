//! What an earlier scan said of files that have not changed since: `--state FILE`.
//!
//! In: files the walk finds. Out: the report that an earlier scan made of the same file. Left out: what is new among
//! the findings; that is `baseline`'s question.
//!
//! A file counts as unchanged by what backup programs go by: path, size, time of modification and, on Unix, time of
//! change, device and inode; a program that sets the modification time back cannot set the time of change. A state is
//! used only by the same program with the same rules, limits and settings; otherwise everything is read again.
//!
//! The file: a line that names the format, the key of what it holds for, one frame for each file (as between the processes),
//! and BLAKE3 of everything before. It holds findings, so it is made for its owner only.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::frames;
use crate::model::{EntryReport, GapReason};
use crate::walk::Entry;

const HEAD: &[u8] = b"daumat state 1\n";
const DIGEST: u64 = 32;

/// A file that changed this shortly before it was looked at may change again without another time: FAT counts in steps of 2 s.
const SETTLED: Duration = Duration::from_secs(2);

/// Seconds since 1970 and nanoseconds.
type Moment = (i64, u32);
/// Device and inode; zero where the system has none.
type Identity = (u64, u64);

/// What a file looked like when the walk saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    path: OsString,
    /// The path below its root, which rules on names see.
    name: String,
    size: u64,
    /// Of modification and, on Unix, of change.
    times: [Moment; 2],
    identity: Identity,
}

impl Sighting {
    /// Looks at a file. `None`: there is none to look at, or it changed a moment ago.
    #[must_use]
    pub fn of(entry: &Entry) -> Option<Sighting> {
        if entry.content.is_some() || entry.span.is_some() {
            return None;
        }
        let metadata = fs::metadata(&entry.path).ok()?;
        let (times, identity) = times_of(&metadata)?;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
        let settled = i64::try_from(now.saturating_sub(SETTLED).as_secs()).ok()?;
        let sighting = Sighting {
            path: entry.path.clone(),
            name: entry.name.clone(),
            size: entry.size,
            times,
            identity,
        };
        (metadata.len() == entry.size && times.iter().all(|(seconds, _)| *seconds < settled))
            .then_some(sighting)
    }
}

#[cfg(unix)]
fn times_of(metadata: &Metadata) -> Option<([Moment; 2], Identity)> {
    use std::os::unix::fs::MetadataExt as _;
    let part = |nanoseconds: i64| u32::try_from(nanoseconds).ok();
    let times =
        [(metadata.mtime(), part(metadata.mtime_nsec())?), (metadata.ctime(), part(metadata.ctime_nsec())?)];
    Some((times, (metadata.dev(), metadata.ino())))
}

#[cfg(not(unix))]
fn times_of(metadata: &Metadata) -> Option<([Moment; 2], Identity)> {
    let modified = metadata.modified().ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let modified = (i64::try_from(modified.as_secs()).ok()?, modified.subsec_nanos());
    Some(([modified, modified], (0, 0)))
}

/// A file and what was said of it.
#[derive(Deserialize)]
struct Remembered {
    /// [`key_of`] its path, so that an index can be made without reading more.
    _key: u64,
    sighting: Sighting,
    report: EntryReport,
}

/// Why an earlier state is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unused {
    /// There is none yet.
    Missing,
    /// It is of another program, other rules, limits or settings.
    Other,
    /// It is no state, or was changed since it was written.
    Damaged,
}

/// The state of an earlier scan, and that of the scan that is running.
pub struct State {
    path: PathBuf,
    old: Option<Old>,
    new: Writer,
    recalled: u64,
}

struct Old {
    file: File,
    /// Key of the path, offset of the frame, and whether it was recalled or replaced; sorted.
    frames: Vec<(u64, u64, bool)>,
}

struct Writer {
    path: PathBuf,
    out: BufWriter<File>,
    digest: blake3::Hasher,
    finished: bool,
}

impl State {
    /// Reads the state at `path` and begins the next one beside it. `key` stands for everything that results depend
    /// on besides the file.
    ///
    /// # Errors
    /// When the old one cannot be read or the new one cannot be written.
    pub fn open(path: &Path, key: &[u8; 32]) -> io::Result<(State, Option<Unused>)> {
        let (old, unused) = match Old::read(path, key)? {
            Ok(old) => (Some(old), None),
            Err(unused) => (None, Some(unused)),
        };
        let new = Writer::create(path, key)?;
        Ok((State { path: path.to_owned(), old, new, recalled: 0 }, unused))
    }

    /// What the earlier scan said of a file that looks the same.
    ///
    /// # Errors
    /// When the new state cannot be written.
    pub fn recall(&mut self, sighting: &Sighting) -> io::Result<Option<EntryReport>> {
        let Some(found) = self.old.as_mut().and_then(|old| old.find(sighting)) else { return Ok(None) };
        if found.sighting != *sighting {
            return Ok(None);
        }
        self.new.put(sighting, &found.report)?;
        self.recalled += 1;
        Ok(Some(found.report))
    }

    /// Keeps what was said of a file. What may go better the next time is not kept.
    ///
    /// # Errors
    /// When the new state cannot be written.
    pub fn remember(&mut self, sighting: &Sighting, report: &EntryReport) -> io::Result<()> {
        let passing = [GapReason::Timeout, GapReason::Crash, GapReason::Io, GapReason::Permission];
        let mut gaps = report.documents.iter().flat_map(|document| &document.gaps);
        if gaps.any(|gap| passing.contains(&gap.reason)) {
            return Ok(());
        }
        self.new.put(sighting, report)
    }

    /// Files that were recalled.
    #[must_use]
    pub fn recalled(&self) -> u64 {
        self.recalled
    }

    /// Puts the new state in place of the old one. After a run that was interrupted, the old one's files that were
    /// not met stay.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self, interrupted: bool) -> io::Result<()> {
        if let Some(old) = self.old.as_mut().filter(|_| interrupted) {
            for (_, offset, _) in old.frames.iter().filter(|(.., met)| !met) {
                old.file.seek(SeekFrom::Start(*offset))?;
                if let Some(frame) = frames::read_bytes(&mut old.file)? {
                    self.new.put_frame(&frame)?;
                }
            }
        }
        drop(self.old.take());
        self.new.finish(&self.path)
    }
}

impl Old {
    fn read(path: &Path, key: &[u8; 32]) -> io::Result<Result<Old, Unused>> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Err(Unused::Missing)),
            Err(error) => return Err(error),
        };
        match Old::index(file, key) {
            Err(error)
                if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData) =>
            {
                Ok(Err(Unused::Damaged))
            }
            read => read,
        }
    }

    fn index(file: File, key: &[u8; 32]) -> io::Result<Result<Old, Unused>> {
        let length = file.metadata()?.len();
        let body = length.checked_sub(DIGEST).ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut input = Hashing { inner: BufReader::new(file).take(body), digest: blake3::Hasher::new() };
        let mut head = [0; HEAD.len()];
        let mut own_key = [0; 32];
        input.read_exact(&mut head)?;
        input.read_exact(&mut own_key)?;
        if head != HEAD {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut frames = Vec::new();
        let mut offset = (HEAD.len() + own_key.len()) as u64;
        while let Some(frame) = frames::read_bytes(&mut input)? {
            let (key, _) = postcard::take_from_bytes::<u64>(&frame)
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
            frames.push((key, offset, false));
            offset += frames::LENGTH + frame.len() as u64;
        }
        let Hashing { inner, digest } = input;
        let mut file = inner.into_inner();
        let mut written = [0; DIGEST as usize];
        file.read_exact(&mut written)?;
        if digest.finalize() != written {
            return Ok(Err(Unused::Damaged));
        }
        if own_key != *key {
            return Ok(Err(Unused::Other));
        }
        frames.sort_unstable();
        Ok(Ok(Old { file: file.into_inner(), frames }))
    }

    /// What is kept of the path. It counts as met, whether or not the file looks the same.
    fn find(&mut self, sighting: &Sighting) -> Option<Remembered> {
        let key = key_of(&sighting.path);
        let first = self.frames.partition_point(|(other, ..)| *other < key);
        for (_, offset, met) in self.frames.iter_mut().skip(first).take_while(|(other, ..)| *other == key) {
            self.file.seek(SeekFrom::Start(*offset)).ok()?;
            // What cannot be read back is read anew from the file itself.
            let found = frames::read::<Remembered>(&mut self.file).ok()??;
            if found.sighting.path == sighting.path {
                *met = true;
                return Some(found);
            }
        }
        None
    }
}

impl Writer {
    fn create(path: &Path, key: &[u8; 32]) -> io::Result<Writer> {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{}.new", std::process::id()));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let out = BufWriter::new(options.open(&name)?);
        let mut writer = Writer { path: name.into(), out, digest: blake3::Hasher::new(), finished: false };
        writer.write(HEAD)?;
        writer.write(key)?;
        Ok(writer)
    }

    fn put(&mut self, sighting: &Sighting, report: &EntryReport) -> io::Result<()> {
        let remembered = (key_of(&sighting.path), sighting, report);
        let frame = postcard::to_stdvec(&remembered).map_err(io::Error::other)?;
        self.put_frame(&frame)
    }

    fn put_frame(&mut self, frame: &[u8]) -> io::Result<()> {
        let mut framed = Vec::with_capacity(frame.len() + 4);
        frames::write_bytes(&mut framed, frame)?;
        self.write(&framed)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.digest.update(bytes);
        self.out.write_all(bytes)
    }

    fn finish(&mut self, path: &Path) -> io::Result<()> {
        let digest = self.digest.finalize();
        self.out.write_all(digest.as_bytes())?;
        self.out.flush()?;
        self.out.get_ref().sync_all()?;
        fs::rename(&self.path, path)?;
        self.finished = true;
        Ok(())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.finished {
            drop(fs::remove_file(&self.path));
        }
    }
}

/// A reader that hashes what goes through it.
struct Hashing<R> {
    inner: R,
    digest: blake3::Hasher,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.digest.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

fn key_of(path: &OsStr) -> u64 {
    let hash = blake3::hash(path.as_encoded_bytes());
    hash.as_bytes().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Gap;

    const KEY: [u8; 32] = [7; 32];

    fn sighting(path: &str, size: u64) -> Sighting {
        let path = path.into();
        Sighting { path, name: "n".to_owned(), size, times: [(1, 2), (3, 4)], identity: (5, 6) }
    }

    fn report(bytes: u64) -> EntryReport {
        EntryReport::of(OsStr::new("r"), bytes)
    }

    fn written(path: &Path, files: &[(&str, u64)], interrupted: bool) {
        let (mut state, _) = State::open(path, &KEY).unwrap();
        for (name, size) in files {
            state.remember(&sighting(name, *size), &report(*size)).unwrap();
        }
        state.finish(interrupted).unwrap();
    }

    #[test]
    fn only_what_looks_the_same_is_recalled() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        written(&path, &[("a", 1), ("b", 2)], false);
        let (mut state, unused) = State::open(&path, &KEY).unwrap();
        assert_eq!(unused, None);
        assert_eq!(state.recall(&sighting("b", 2)).unwrap(), Some(report(2)));
        assert_eq!(state.recall(&sighting("a", 9)).unwrap(), None);
        assert_eq!(state.recall(&Sighting { times: [(1, 2), (3, 5)], ..sighting("a", 1) }).unwrap(), None);
        assert_eq!(state.recall(&sighting("c", 1)).unwrap(), None);
        assert_eq!(state.recalled(), 1);
        state.finish(false).unwrap();
        let (mut state, _) = State::open(&path, &KEY).unwrap();
        assert_eq!(state.recall(&sighting("b", 2)).unwrap(), Some(report(2)));
        // It was met, looked otherwise, and nothing was said of it again.
        assert_eq!(state.recall(&sighting("a", 1)).unwrap(), None);
        drop(state);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "a state that was not finished is removed");
    }

    #[test]
    fn what_an_interrupted_scan_did_not_meet_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        written(&path, &[("a", 1), ("b", 2)], false);
        let (mut state, _) = State::open(&path, &KEY).unwrap();
        assert_eq!(state.recall(&sighting("a", 3)).unwrap(), None);
        state.remember(&sighting("a", 3), &report(3)).unwrap();
        state.finish(true).unwrap();
        let (mut state, _) = State::open(&path, &KEY).unwrap();
        assert_eq!(state.recall(&sighting("a", 3)).unwrap(), Some(report(3)));
        assert_eq!(state.recall(&sighting("b", 2)).unwrap(), Some(report(2)));
    }

    #[test]
    fn what_may_go_better_is_not_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        let (mut state, unused) = State::open(&path, &KEY).unwrap();
        assert_eq!(unused, Some(Unused::Missing));
        for (name, reason) in [("t", GapReason::Timeout), ("e", GapReason::Encrypted)] {
            let unread = EntryReport::unread(OsStr::new(name), 1, Some(Gap::new(reason, "")), None);
            state.remember(&sighting(name, 1), &unread).unwrap();
        }
        state.finish(false).unwrap();
        let (mut state, _) = State::open(&path, &KEY).unwrap();
        assert_eq!(state.recall(&sighting("t", 1)).unwrap(), None);
        assert!(state.recall(&sighting("e", 1)).unwrap().is_some());
    }

    #[test]
    fn any_changed_byte_and_any_other_key_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        written(&path, &[("a", 1), ("b", 2)], false);
        assert_eq!(State::open(&path, &[8; 32]).unwrap().1, Some(Unused::Other));
        let good = fs::read(&path).unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            fs::write(&path, &bad).unwrap();
            assert_eq!(State::open(&path, &KEY).unwrap().1, Some(Unused::Damaged), "byte {at}");
            fs::write(&path, &good[..at]).unwrap();
            assert_eq!(State::open(&path, &KEY).unwrap().1, Some(Unused::Damaged), "length {at}");
        }
    }
}
