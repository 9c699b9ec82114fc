//! The bytes of one document, whether they lie in memory, in a file, or come out of a container.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::rc::Rc;
use std::sync::Arc;

use super::Unreadable;
use super::limits::{Budget, Lease};
use crate::model::{GapReason, Seam, Span};

/// How many bytes [`Input::head`] holds at most: enough for every signature, the charset declaration of an HTML page
/// (the standard looks at 1,024) and a fair sample for guessing an 8-bit encoding.
pub const HEAD: usize = 16 << 10;

/// Reading with random access.
pub trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

enum Source<'a> {
    Bytes(&'a [u8]),
    File(&'a File, u64),
    /// Lies unpacked in a file that holds more.
    Window(Window<'a>),
    /// Head was taken from the stream already and must be given first.
    Stream(Tracked<'a>),
    /// What was read into memory because somebody needed random access.
    Held {
        /// All of it.
        bytes: Arc<Vec<u8>>,
        /// Its share of the entry's memory; none for what fits the head.
        _lease: Option<Lease>,
    },
}

/// A piece of a file, as if it were a file of its own.
#[derive(Debug, Clone)]
pub struct Window<'a> {
    file: &'a File,
    start: u64,
    len: u64,
    at: u64,
}

impl<'a> Window<'a> {
    /// So many bytes of a file from that one on.
    #[must_use]
    pub fn new(file: &'a File, start: u64, len: u64) -> Window<'a> {
        Window { file, start, len, at: 0 }
    }

    /// The same, to be read from its byte `at` on.
    fn from(&self, at: u64) -> Window<'a> {
        Window { at, ..self.clone() }
    }
}

impl Read for Window<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        // Several windows of a file share its position.
        let mut file = self.file;
        file.seek(SeekFrom::Start(self.start.saturating_add(self.at)))?;
        let got = file.take(self.len.saturating_sub(self.at)).read(buf)?;
        self.at += got as u64;
        Ok(got)
    }
}

impl Seek for Window<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.len.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// A stream whose content hash grows while it is read, since it cannot be read again.
struct Tracked<'a> {
    stream: &'a mut dyn Read,
    /// Of all bytes so far; dropped when they are held in memory.
    hash: Option<Box<Hashes>>,
}

/// Hashes of a stream as far as it was read.
struct Hashes {
    blake3: blake3::Hasher,
    /// Only where somebody will ask: it costs several times as much.
    sha256: Option<sha2::Sha256>,
}

impl Hashes {
    fn new(budget: &Budget) -> Hashes {
        let sha256 = budget.wants_sha256().then(<sha2::Sha256 as sha2::Digest>::new);
        Hashes { blake3: blake3::Hasher::new(), sha256 }
    }

    fn update(&mut self, bytes: &[u8]) {
        self.blake3.update(bytes);
        if let Some(sha256) = &mut self.sha256 {
            sha2::Digest::update(sha256, bytes);
        }
    }
}

impl Read for Tracked<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let got = self.stream.read(buf)?;
        if let Some(hash) = &mut self.hash {
            hash.update(buf.get(..got).unwrap_or_default());
        }
        Ok(got)
    }
}

/// What [`Input::access`] gives.
pub enum Access<'a> {
    /// The whole document with random access.
    Random(Box<dyn ReadSeek + 'a>),
    /// It comes out of a container and is too large to be held: once, from the first byte to the last.
    Once(Box<dyn Read + 'a>),
}

/// One document to be read.
pub struct Input<'a> {
    name: &'a str,
    media: Option<&'a str>,
    charset: Option<&'a str>,
    head: Vec<u8>,
    source: Source<'a>,
    /// Why a short stream broke off behind its head.
    damage: Option<io::Error>,
    budget: Rc<Budget>,
    span: Option<Span>,
    seam: Option<Seam>,
    pages: Option<(u32, u32)>,
}

impl<'a> Input<'a> {
    /// A document in memory. `name` is its own name, without the way to it.
    #[must_use]
    pub fn from_bytes(name: &'a str, bytes: &'a [u8], budget: &Rc<Budget>) -> Input<'a> {
        let head = bytes.get(..HEAD).unwrap_or(bytes).to_vec();
        Input {
            name,
            media: None,
            charset: None,
            head,
            source: Source::Bytes(bytes),
            damage: None,
            budget: Rc::clone(budget),
            span: None,
            seam: None,
            pages: None,
        }
    }

    /// A document in memory that a reader may keep without copying it.
    #[must_use]
    pub fn from_shared(name: &'a str, bytes: Arc<Vec<u8>>, budget: &Rc<Budget>) -> Input<'a> {
        let head = bytes.get(..HEAD).unwrap_or(&bytes).to_vec();
        Input { head, source: Source::Held { bytes, _lease: None }, ..Input::from_bytes(name, &[], budget) }
    }

    /// A document on disk.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn from_file(name: &'a str, file: &'a File, budget: &Rc<Budget>) -> io::Result<Input<'a>> {
        let len = file.metadata()?.len();
        // Room for all of it: growing step by step would be ten calls of the system.
        let mut head = Vec::with_capacity(usize::try_from(len).unwrap_or(HEAD).min(HEAD));
        let mut from_start = file;
        from_start.seek(SeekFrom::Start(0))?;
        from_start.take(HEAD as u64).read_to_end(&mut head)?;
        let source = Source::File(file, len);
        let budget = Rc::clone(budget);
        Ok(Input {
            name,
            media: None,
            charset: None,
            head,
            source,
            damage: None,
            budget,
            span: None,
            seam: None,
            pages: None,
        })
    }

    /// A document that lies unpacked in a file.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn from_window(name: &'a str, window: Window<'a>, budget: &Rc<Budget>) -> io::Result<Input<'a>> {
        let mut head = Vec::new();
        window.from(0).take(HEAD as u64).read_to_end(&mut head)?;
        Ok(Input { source: Source::Window(window), head, ..Input::from_bytes(name, &[], budget) })
    }

    /// A document that comes out of a container. One that breaks off within its first bytes is read as far as it goes:
    /// see [`Input::take_damage`].
    ///
    /// # Errors
    /// When not a single byte can be read; a [`LimitReached`](super::limits::LimitReached) inside names the limit.
    pub fn from_stream(
        name: &'a str,
        stream: &'a mut dyn Read,
        budget: &Rc<Budget>,
    ) -> io::Result<Input<'a>> {
        let mut head = Vec::new();
        let damage = match stream.take(HEAD as u64).read_to_end(&mut head) {
            Err(error) if head.is_empty() => return Err(error),
            end => end.err(),
        };
        let source = if head.len() < HEAD || damage.is_some() {
            Source::Held { bytes: Arc::new(head.clone()), _lease: None }
        } else {
            let mut hash = Box::new(Hashes::new(budget));
            hash.update(&head);
            Source::Stream(Tracked { stream, hash: Some(hash) })
        };
        let budget = Rc::clone(budget);
        Ok(Input {
            name,
            media: None,
            charset: None,
            head,
            source,
            damage,
            budget,
            span: None,
            seam: None,
            pages: None,
        })
    }

    /// Adds what the container declares: media type and charset, as in a mail part or an HTTP answer.
    #[must_use]
    pub fn declared(mut self, media: Option<&'a str>, charset: Option<&'a str>) -> Input<'a> {
        self.media = media;
        self.charset = charset;
        self
    }

    /// Only a part of it is to be read. Only formats that [split](super::Format::splits) look at it.
    #[must_use]
    pub fn part(mut self, span: Option<Span>) -> Input<'a> {
        self.span = span;
        self
    }

    /// The part that is to be read; `None` for all of it.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.span
    }

    /// Only these pages are asked for, the first and the last one. Only a reader of a format with pages looks at it.
    #[must_use]
    pub fn only_pages(mut self, pages: Option<(u32, u32)>) -> Input<'a> {
        self.pages = pages;
        self
    }

    /// The pages that are asked for; `None` for everything.
    #[must_use]
    pub fn pages(&self) -> Option<(u32, u32)> {
        self.pages
    }

    /// Says which records of the part were read.
    pub fn set_seam(&mut self, seam: Seam) {
        self.seam = Some(seam);
    }

    /// Which records of the part were read; `None` when the reader knows no parts.
    #[must_use]
    pub fn seam(&self) -> Option<Seam> {
        self.seam.clone()
    }

    /// Its own name, without the way to it.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// Its extension in lower case, without the dot; empty when there is none.
    #[must_use]
    pub fn extension(&self) -> String {
        extension(self.name)
    }

    /// Media type the container declares.
    #[must_use]
    pub fn media(&self) -> Option<&'a str> {
        self.media
    }

    /// Charset the container declares.
    #[must_use]
    pub fn charset(&self) -> Option<&'a str> {
        self.charset
    }

    /// Its first bytes, [`HEAD`] at most.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Why the document ends before its end, where that showed before anybody read it; told once. Whoever reads it takes
    /// what is there for the whole.
    pub fn take_damage(&mut self) -> Option<Unreadable> {
        self.damage.take().map(Unreadable::from)
    }

    /// Its length in bytes, where it is known without reading on.
    #[must_use]
    pub fn len(&self) -> Option<u64> {
        match &self.source {
            Source::Bytes(bytes) => Some(bytes.len() as u64),
            Source::File(_, len) | Source::Window(Window { len, .. }) => Some(*len),
            Source::Stream(_) => None,
            Source::Held { bytes, .. } => Some(bytes.len() as u64),
        }
    }

    /// Whether it has no bytes at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.head.is_empty()
    }

    /// The limits and counters of the entry this document belongs to.
    #[must_use]
    pub fn budget(&self) -> &Rc<Budget> {
        &self.budget
    }

    /// Everything, when it lies in memory already; nothing is read for it. A file no longer than [`HEAD`] does.
    #[must_use]
    pub fn in_memory(&self) -> Option<&[u8]> {
        match &self.source {
            Source::Bytes(bytes) => Some(bytes),
            Source::Held { bytes, .. } => Some(bytes),
            Source::File(_, len) if *len == self.head.len() as u64 => Some(&self.head),
            Source::File(..) | Source::Window(_) | Source::Stream(_) => None,
        }
    }

    /// Everything, for crates that want to own what they read, when it lies in memory of its own already.
    #[must_use]
    pub fn shared(&self) -> Option<Arc<Vec<u8>>> {
        match &self.source {
            Source::Held { bytes, .. } => Some(Arc::clone(bytes)),
            _ => None,
        }
    }

    /// The file itself, for crates that want to own what they read. `None` when the document is no plain file.
    #[must_use]
    pub fn file(&self) -> Option<File> {
        let Source::File(file, _) = self.source else { return None };
        let mut file = file.try_clone().ok()?;
        file.seek(SeekFrom::Start(0)).ok()?;
        Some(file)
    }

    /// Everything at once.
    ///
    /// # Errors
    /// `limit-size` when it is larger than may be held in memory; `io` when it cannot be read.
    pub fn bytes(&mut self) -> Result<&[u8], Unreadable> {
        let cap = self.budget.room();
        let limit = self.budget.limits.max_in_memory;
        let too_large = || {
            let detail = format!("larger than {} MB, and this format must be held in memory", limit >> 20);
            Unreadable::gap(GapReason::LimitSize, detail)
        };
        let held = match &mut self.source {
            Source::Bytes(_) | Source::Held { .. } => None,
            Source::File(_, len) | Source::Window(Window { len, .. }) if *len > cap => {
                return Err(too_large());
            }
            Source::File(file, len) => {
                let mut all = Vec::with_capacity(usize::try_from(*len).unwrap_or(0) + 1);
                file.seek(SeekFrom::Start(0))?;
                (*file).take(cap + 1).read_to_end(&mut all)?;
                Some(all)
            }
            Source::Window(window) => {
                let mut all = Vec::new();
                window.from(0).read_to_end(&mut all)?;
                Some(all)
            }
            Source::Stream(stream) => {
                let mut all = std::mem::take(&mut self.head);
                self.head = all.clone();
                stream.hash = None;
                stream.take(cap + 1).read_to_end(&mut all)?;
                Some(all)
            }
        };
        if let Some(all) = held {
            if all.len() as u64 > cap {
                return Err(too_large());
            }
            let lease = self.budget.hold(all.len() as u64);
            self.source = Source::Held { bytes: Arc::new(all), _lease: Some(lease) };
        }
        match &self.source {
            Source::Bytes(bytes) => Ok(bytes),
            Source::Held { bytes, .. } => Ok(bytes),
            Source::File(..) | Source::Window(_) | Source::Stream(_) => {
                Err(Unreadable::gap(GapReason::Io, "not held in memory"))
            }
        }
    }

    /// From the first byte to the last, once.
    ///
    /// # Errors
    /// `io` when the file cannot be rewound.
    pub fn stream(&mut self) -> Result<Box<dyn Read + '_>, Unreadable> {
        Ok(match &mut self.source {
            Source::Bytes(bytes) => Box::new(*bytes),
            Source::Held { bytes, .. } => Box::new(bytes.as_slice()),
            Source::File(file, _) => {
                file.seek(SeekFrom::Start(0))?;
                Box::new(*file)
            }
            Source::Window(window) => Box::new(window.from(0)),
            Source::Stream(stream) => Box::new(self.head.as_slice().chain(stream)),
        })
    }

    /// From a byte on, once. What comes out of a container is read up to there.
    ///
    /// # Errors
    /// `io` when the file cannot be positioned.
    pub fn stream_from(&mut self, offset: u64) -> Result<Box<dyn Read + '_>, Unreadable> {
        if let Source::File(file, _) = self.source {
            let mut from = file;
            from.seek(SeekFrom::Start(offset))?;
            return Ok(Box::new(from));
        }
        if let Source::Window(window) = &self.source {
            return Ok(Box::new(window.from(offset)));
        }
        let mut stream = self.stream()?;
        io::copy(&mut (&mut stream).take(offset), &mut io::sink())?;
        Ok(stream)
    }

    /// With random access: a plain file is read where it lies, a stream is held in memory.
    ///
    /// # Errors
    /// As [`Input::bytes`] for a stream.
    pub fn seekable(&mut self) -> Result<Box<dyn ReadSeek + '_>, Unreadable> {
        if let Source::File(file, _) = self.source {
            let mut from_start = file;
            from_start.seek(SeekFrom::Start(0))?;
            return Ok(Box::new(BufReader::with_capacity(64 << 10, from_start)));
        }
        if let Source::Window(window) = &self.source {
            return Ok(Box::new(BufReader::with_capacity(64 << 10, window.from(0))));
        }
        Ok(Box::new(Cursor::new(self.bytes()?)))
    }

    /// With random access where that is possible, else as a stream: for formats that can be read either way.
    ///
    /// # Errors
    /// `io` or a limit while the stream is read into memory.
    pub fn access(&mut self) -> Result<Access<'_>, Unreadable> {
        self.access_below(u64::MAX)
    }

    /// The same; a stream of so many bytes or more stays one, even where there were room for it.
    ///
    /// # Errors
    /// As [`Input::access`].
    pub fn access_below(&mut self, most: u64) -> Result<Access<'_>, Unreadable> {
        if let Source::Stream(stream) = &mut self.source {
            let cap = self.budget.room().min(most);
            let mut all = self.head.clone();
            let hash = stream.hash.take();
            stream.take(cap.saturating_sub(all.len() as u64)).read_to_end(&mut all)?;
            let lease = self.budget.hold(all.len() as u64);
            if (all.len() as u64) < cap {
                self.source = Source::Held { bytes: Arc::new(all), _lease: Some(lease) };
            } else {
                let Source::Stream(stream) = &mut self.source else { return Err(Unreadable::Stop) };
                stream.hash = hash.map(|mut hash| {
                    hash.update(all.get(self.head.len()..).unwrap_or_default());
                    hash
                });
                return Ok(Access::Once(Box::new(Begun::new(all, lease).chain(stream))));
            }
        }
        Ok(Access::Random(self.seekable()?))
    }
}

impl Input<'_> {
    /// SHA-256 of the whole content in hex, for who has read it. What is left of a stream is read for it, and hashed where the budget
    /// said beforehand that it would be asked for. `None` for a part of a file, and for what cannot be read to its end.
    pub fn sha256(&mut self) -> Option<String> {
        if self.span.is_some() {
            return None;
        }
        match &mut self.source {
            Source::Bytes(bytes) => sha256(&mut &**bytes).ok(),
            Source::Held { bytes, .. } => sha256(&mut bytes.as_slice()).ok(),
            Source::File(file, _) => {
                file.seek(SeekFrom::Start(0)).ok()?;
                sha256(file).ok()
            }
            Source::Window(window) => sha256(&mut window.from(0)).ok(),
            Source::Stream(stream) => {
                io::copy(stream, &mut io::sink()).ok()?;
                let hasher = stream.hash.as_ref()?.sha256.clone()?;
                Some(hex(&sha2::Digest::finalize(hasher)))
            }
        }
    }

    /// BLAKE3 of the whole content in hex, for who has read it. What is left of a stream is read for it; a file is read
    /// again. `None` for a part of a file, and for what cannot be read to its end.
    pub fn digest(&mut self) -> Option<String> {
        if self.span.is_some() {
            return None;
        }
        let hash = match &mut self.source {
            Source::Bytes(bytes) => blake3::hash(bytes),
            Source::Held { bytes, .. } => blake3::hash(bytes),
            Source::File(file, _) => {
                file.seek(SeekFrom::Start(0)).ok()?;
                blake3::Hasher::new().update_reader(*file).ok()?.finalize()
            }
            Source::Window(window) => blake3::Hasher::new().update_reader(window.from(0)).ok()?.finalize(),
            Source::Stream(stream) => {
                io::copy(stream, &mut io::sink()).ok()?;
                stream.hash.as_ref()?.blake3.finalize()
            }
        };
        Some(hash.to_hex().to_string())
    }
}

fn hex(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 of what a reader gives, in hex.
fn sha256(content: &mut dyn std::io::Read) -> std::io::Result<String> {
    let mut hasher = <sha2::Sha256 as sha2::Digest>::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = content.read(&mut buffer)?;
        if read == 0 {
            return Ok(hex(&sha2::Digest::finalize(hasher)));
        }
        sha2::Digest::update(&mut hasher, buffer.get(..read).unwrap_or_default());
    }
}

/// The beginning of a document that turned out too large to be held. Its memory is given back once it was read.
struct Begun {
    begin: Cursor<Vec<u8>>,
    lease: Option<Lease>,
}

impl Begun {
    fn new(begin: Vec<u8>, lease: Lease) -> Begun {
        Begun { begin: Cursor::new(begin), lease: Some(lease) }
    }
}

impl Read for Begun {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let got = self.begin.read(buf)?;
        if got == 0 && !buf.is_empty() {
            self.begin = Cursor::default();
            self.lease = None;
        }
        Ok(got)
    }
}

/// The extension of a name in lower case, without the dot; empty when there is none. Addresses and the names that
/// crawlers make of them lose what is asked of the server: `index.html?id=3`, `index.html@id=3`.
#[must_use]
pub fn extension(name: &str) -> String {
    let path = match name.split_once("://") {
        // Of an address without a path the host's last part is no extension.
        Some((_, rest)) => {
            rest.split(['?', '#']).next().and_then(|rest| rest.split_once('/')).map_or("", |(_, path)| path)
        }
        None => name,
    };
    let last = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let asked = last.split('?').next().unwrap_or(last);
    // `wget --restrict-file-names=windows` writes `@` for `?`.
    let asked = match asked.split_once('@') {
        Some((file, query)) if query.contains('=') || query.contains('&') => file,
        _ => asked,
    };
    match asked.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && extension.len() <= 12 => extension.to_lowercase(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::limits::Limits;
    use super::*;

    #[test]
    fn a_stream_gives_its_head_again() {
        let budget = Budget::new(Limits::default());
        let long = vec![7u8; HEAD * 3];
        let mut stream = long.as_slice();
        let mut input = Input::from_stream("x", &mut stream, &budget).unwrap();
        let mut all = Vec::new();
        input.stream().unwrap().read_to_end(&mut all).unwrap();
        assert_eq!(all, long);
    }

    #[test]
    fn the_digest_is_that_of_the_content_however_it_was_read() {
        let budget = Budget::new(Limits { max_in_memory: 100_000, ..Limits::default() });
        budget.want_sha256();
        for length in [10, HEAD, HEAD * 3, 200_000] {
            let content: Vec<u8> = (0..length).map(|at| u8::try_from(at % 251).unwrap()).collect();
            let expected = Some(blake3::hash(&content).to_hex().to_string());
            assert_eq!(Input::from_bytes("x", &content, &budget).digest(), expected);
            type Reading = fn(&mut Input<'_>);
            let ways: [Reading; 4] = [
                |_| {},
                |input| drop(input.bytes()),
                |input| drop(input.access().map(drop)),
                |input| drop(input.stream().unwrap().read(&mut [0; 20_000])),
            ];
            for way in ways {
                let mut stream = content.as_slice();
                let mut input = Input::from_stream("x", &mut stream, &budget).unwrap();
                way(&mut input);
                // Who failed to hold it in memory has lost its beginning.
                let digest = input.digest();
                let same = Input::from_bytes("x", &content, &budget).sha256();
                assert_eq!(input.sha256(), same.filter(|_| digest.is_some()), "{length}");
                assert!(digest == expected || (length == 200_000 && digest.is_none()), "{length}");
            }
        }
    }

    #[test]
    fn a_stream_that_breaks_off_keeps_its_beginning() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::InvalidData.into())
            }
        }
        let budget = Budget::new(Limits::default());
        let mut stream = b"TUY".chain(Broken);
        let mut input = Input::from_stream("x", &mut stream, &budget).unwrap();
        assert_eq!(input.bytes().unwrap(), b"TUY");
        assert!(matches!(input.take_damage(), Some(Unreadable::Gap { reason: GapReason::Damaged, .. })));
        assert!(Input::from_stream("x", &mut Broken, &budget).is_err());
    }

    #[test]
    fn a_stream_larger_than_memory_is_refused_by_name() {
        let budget = Budget::new(Limits { max_in_memory: 100_000, ..Limits::default() });
        let mut stream = io::repeat(1).take(200_000);
        let mut input = Input::from_stream("x", &mut stream, &budget).unwrap();
        let error = input.bytes().unwrap_err();
        assert!(matches!(error, Unreadable::Gap { reason: GapReason::LimitSize, .. }));
    }

    #[test]
    fn a_window_is_a_file_of_its_own() {
        let mut file = tempfile::tempfile().unwrap();
        let content: Vec<u8> = (0..200_000u32).map(|at| (at % 251) as u8).collect();
        io::Write::write_all(&mut file, &content).unwrap();
        let budget = Budget::new(Limits::default());
        let (start, len) = (1_000, 100_000);
        let expected = &content[1_000..101_000];
        let window = Window::new(&file, start, len);
        let mut input = Input::from_window("x", window, &budget).unwrap();
        assert_eq!(input.head(), &expected[..HEAD]);
        assert_eq!(input.len(), Some(len));
        let mut tail = Vec::new();
        input.stream_from(90_000).unwrap().read_to_end(&mut tail).unwrap();
        assert_eq!(tail, &expected[90_000..]);
        let mut last = [0; 4];
        let mut seekable = input.seekable().unwrap();
        seekable.seek(SeekFrom::End(-4)).unwrap();
        seekable.read_exact(&mut last).unwrap();
        assert_eq!(last, expected[99_996..]);
        drop(seekable);
        assert_eq!(input.digest(), Some(blake3::hash(expected).to_hex().to_string()));
        assert_eq!(input.bytes().unwrap(), expected);
    }

    #[test]
    fn extensions() {
        assert_eq!(extension("a/b.C/report.DOCX"), "docx");
        assert_eq!(extension(".htaccess"), "");
        assert_eq!(extension("noext"), "");
        assert_eq!(extension("www.example/index.html?v=1.2"), "html");
        assert_eq!(extension("a.php@id=3&x=1.5"), "php");
        assert_eq!(extension("https://www.example.com"), "");
        assert_eq!(extension("https://www.example.com/"), "");
        assert_eq!(extension("https://www.example.com/a.pdf?x=b.c/d#e"), "pdf");
        assert_eq!(extension("john@example.com.eml"), "eml");
    }
}
