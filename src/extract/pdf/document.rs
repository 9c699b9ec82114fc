//! The structure of a PDF behind a small surface of ours: the only file that names `hayro_syntax` and `lopdf`.
//!
//! In: the bytes of a file. Out: pages, dictionaries and decoded streams. Who does what, measured on 1,225 public files
//! (2026-11-21, one core): hayro-syntax 0.9 reads lazily, 1,176 files, no crash, 3.8 times faster than lopdf;
//! lopdf 0.47 parses everything at once but opens 1,218 of them. So hayro reads, and what it refuses (17 files) or
//! finds no page in is written anew by lopdf and read again; where both fail, the page objects that are left are
//! gathered. Streams are decoded in [`filter`](super::filter),
//! because hayro's own decoding has no limit (a bomb of 1 GiB took 1,094 MB).

use std::collections::HashSet;
use std::fs::File;
use std::sync::{Arc, LazyLock};

use aho_corasick::{AhoCorasick, packed};

pub(super) use hayro_syntax::object::{
    Array, Dict, FromBytes, MaybeRef, Name, Object, ObjectIdentifier as Id, Rect, Stream,
};
pub(super) use hayro_syntax::page::{Page, Resources, Rotation};
use memchr::memmem;

use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};

use super::condense::{Condensed, Elsewhere};
use super::filter::{Decoder, MAX_STREAM};
use crate::extract::Unreadable;
use crate::extract::limits::{Lease, LimitReached};
use crate::model::GapReason;

/// An opened PDF.
pub(super) struct Document {
    pdf: Pdf,
    bytes: Beginning,
    rewritten: bool,
    revisions: Vec<usize>,
    landmarks: Landmarks,
    /// Long object streams, which had to be inflated before anybody else does.
    unpacked: Vec<Unpacked>,
    /// The attached files of a condensed file, and the file they lie in; its bytes are those above.
    condensed: Condensed,
    file: Option<File>,
    /// What it was opened with; mostly nothing.
    password: String,
    /// Its attached files are encrypted, and nothing else.
    files_locked: bool,
}

/// Where certain words stand in a file: looked for in one go, since each pass over the bytes costs 1 % of the time. Places
/// have 32 bits: what is held in memory is far shorter.
#[derive(Debug, Default)]
struct Landmarks {
    /// `/ObjStm` and `/XRef`: streams that hayro inflates itself.
    streams: Vec<usize>,
    /// `%%EOF`
    ends: Vec<usize>,
    /// `/Info`
    information: Vec<usize>,
    /// `/UE`: the user's key of an encryption dictionary with AES-256.
    keys: Vec<usize>,
    /// `/Alt` and `/ActualText`, and longer words that begin so.
    alternatives: Vec<usize>,
    /// `/Contents` of pages and annotations.
    contents: Vec<usize>,
    /// `/Encrypt` occurs.
    encrypted: bool,
    /// ` obj`
    objects: Vec<u32>,
    /// `stream` and the end of `endstream`.
    stream_words: Vec<u32>,
    /// `<FEFF` and `<feff`, by which hexadecimal strings of UTF-16 begin.
    hex_strings: Vec<u32>,
}

/// The words, in the order that [`Landmarks::note`] knows; none begins another.
const LANDMARKS: [&str; 13] = [
    "/ObjStm",
    "/XRef",
    "%%EOF",
    "/Info",
    "/UE",
    "/Contents",
    "/Encrypt",
    "/Alt",
    "/ActualText",
    " obj",
    "stream",
    "<FEFF",
    "<feff",
];

/// Objects, streams and strings of one file that are remembered; a drawing of 20,000 pages has 500,000.
const MAX_OBJECTS: usize = 2_000_000;

impl Landmarks {
    fn of(bytes: &[u8]) -> Landmarks {
        // Vectors of the processor compare several words at once: half of the time that the automaton takes.
        static WORDS: LazyLock<Option<packed::Searcher>> = LazyLock::new(|| packed::Searcher::new(LANDMARKS));
        static AUTOMATON: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(LANDMARKS).ok());
        let mut landmarks = Landmarks::default();
        let mut note = |found: aho_corasick::Match| landmarks.note(found.pattern().as_usize(), found.start());
        match (WORDS.as_ref(), &AUTOMATON) {
            (Some(words), _) => words.find_iter(bytes).for_each(&mut note),
            (None, words) => words.iter().for_each(|words| words.find_iter(bytes).for_each(&mut note)),
        }
        landmarks
    }

    /// Notes that a word of [`LANDMARKS`] stands at a place.
    fn note(&mut self, word: usize, at: usize) {
        let (places, most) = match word {
            0 | 1 => (&mut self.streams, 1 << 20),
            2 => (&mut self.ends, 10_000),
            3 => (&mut self.information, 1000),
            4 => (&mut self.keys, 8),
            5 => (&mut self.contents, 200_000),
            6 => {
                self.encrypted = true;
                return;
            }
            7 | 8 => (&mut self.alternatives, 200_000),
            _ => {
                let places = match word {
                    9 => &mut self.objects,
                    10 => &mut self.stream_words,
                    _ => &mut self.hex_strings,
                };
                if places.len() < MAX_OBJECTS {
                    places.extend(u32::try_from(at).ok());
                }
                return;
            }
        };
        if places.len() < most {
            places.push(at);
        }
    }
}

/// An object stream that was inflated already.
struct Unpacked {
    /// Where its packed data begin in the file.
    at: usize,
    data: Vec<u8>,
    _lease: Lease,
}

/// Most bytes of inflated object streams of a file that are kept.
const MAX_UNPACKED: usize = 24 << 20;

/// The first `end` bytes of a file: an earlier revision of it is nothing else.
#[derive(Clone)]
struct Beginning {
    all: Arc<Vec<u8>>,
    end: usize,
}

impl AsRef<[u8]> for Beginning {
    fn as_ref(&self) -> &[u8] {
        self.all.get(..self.end).unwrap_or(&self.all)
    }
}

/// Most bytes a stream may inflate to while lopdf loads a file; the same as ours, see [`super::filter::MAX_STREAM`].
const LOPDF_STREAM: usize = MAX_STREAM;

impl Document {
    /// Opens a file held in memory.
    ///
    /// # Errors
    /// `encrypted` when a password is needed; `damaged` when nobody finds a page in it; `limit-ratio` for a bomb.
    pub(super) fn open(
        mut bytes: Arc<Vec<u8>>,
        condensed: Condensed,
        file: Option<File>,
        decoder: &mut Decoder,
    ) -> Result<Document, Unreadable> {
        let mut landmarks = Landmarks::of(&bytes);
        let unpacked = refuse_bombs(&bytes, &landmarks, decoder)?;
        if !landmarks.keys.is_empty() {
            let bytes: &mut Vec<u8> = Arc::make_mut(&mut bytes);
            super::unlock::unlock(bytes, &landmarks.keys, decoder.budget());
        }
        let end = bytes.len();
        let revisions = revision_ends(&bytes, std::mem::take(&mut landmarks.ends));
        let document = Document::open_beginning(Beginning { all: bytes, end }, decoder)?;
        Ok(Document { revisions, landmarks, unpacked, condensed, file, ..document })
    }

    /// Opens the revision that ends at byte `end` of this file, without copying it. `None` when that is no whole file:
    /// then it was no revision, and is not mended.
    pub(super) fn open_revision(&self, end: usize) -> Option<Document> {
        let bytes = Beginning { all: Arc::clone(&self.bytes.all), end };
        let pdf = Pdf::new_with_password(Arc::new(bytes.clone()), &self.password).ok()?;
        Some(Document::of(pdf, bytes, false))
    }

    fn of(pdf: Pdf, bytes: Beginning, rewritten: bool) -> Document {
        Document {
            pdf,
            bytes,
            rewritten,
            revisions: Vec::new(),
            landmarks: Landmarks::default(),
            unpacked: Vec::new(),
            condensed: Condensed::default(),
            file: None,
            password: String::new(),
            files_locked: false,
        }
    }

    /// Opens a file of which only the attached files are encrypted, as if it were not.
    fn open_around_files(mut bytes: Beginning) -> Option<Document> {
        let all = bytes.as_ref();
        let plain = |key: &[u8]| {
            let mut values = memmem::find_iter(all, key)
                .filter_map(|at| all.get(at + key.len()..).map(<[u8]>::trim_ascii_start))
                .peekable();
            values.peek().is_some() && values.all(|value| value.starts_with(b"/Identity"))
        };
        if !plain(b"/StmF") || !plain(b"/StrF") {
            return None;
        }
        let places: Vec<usize> = memmem::find_iter(all, b"/Encrypt").collect();
        let all = Arc::make_mut(&mut bytes.all);
        for at in places {
            // `/EncryptMetadata` becomes another word, too; nobody asks for it any more.
            all.get_mut(at..at + 8)?.copy_from_slice(b"/Unasked");
        }
        let pdf = Pdf::new(Arc::new(bytes.clone())).ok()?;
        Some(Document { files_locked: true, ..Document::of(pdf, bytes, false) })
    }

    /// Opens it with the first password of the list that fits, or around what is locked.
    fn open_locked(bytes: Beginning, decoder: &Decoder) -> Result<Document, Unreadable> {
        let passwords = decoder.budget().passwords();
        for password in passwords {
            // Testing one takes up to 10 ms.
            decoder.budget().charge(0)?;
            if let Ok(pdf) = Pdf::new_with_password(Arc::new(bytes.clone()), password) {
                let document = Document::of(pdf, bytes.clone(), false);
                return Ok(Document { password: password.clone(), ..document });
            }
        }
        if let Some(document) = Document::open_around_files(bytes) {
            return Ok(document);
        }
        if passwords.is_empty() {
            return Err(encrypted(DecryptionError::PasswordProtected));
        }
        let detail =
            format!("a password is needed to open it, and none of the {} given fits", passwords.len());
        Err(Unreadable::gap(GapReason::Encrypted, detail))
    }

    fn open_beginning(bytes: Beginning, decoder: &mut Decoder) -> Result<Document, Unreadable> {
        match Pdf::new(Arc::new(bytes.clone())) {
            Ok(pdf) if !pdf.pages().is_empty() => Ok(Document::of(pdf, bytes, false)),
            Err(LoadPdfError::Decryption(DecryptionError::PasswordProtected)) => {
                Document::open_locked(bytes, decoder)
            }
            Err(LoadPdfError::Decryption(error)) => {
                Document::open_around_files(bytes).ok_or_else(|| encrypted(error))
            }
            Ok(pdf) => match second_opinion(bytes.as_ref()) {
                Ok(Some(other)) => Ok(Document::of(other, bytes, true)),
                // No page at all: its properties and attachments may still be read.
                _ => Ok(Document::of(pdf, bytes, false)),
            },
            Err(LoadPdfError::Invalid) => match second_opinion(bytes.as_ref()) {
                // Behind a broken cross-reference hayro does not say why it gives up; lopdf says only that it is encrypted.
                Err(_) => Document::open_locked(bytes, decoder),
                Ok(Some(pdf)) => Ok(Document::of(pdf, bytes, true)),
                Ok(None) => match loose_pages(bytes.as_ref(), decoder)? {
                    Some(pdf) => Ok(Document::of(pdf, bytes, true)),
                    None => Err(Unreadable::damaged("no page tree found")),
                },
            },
        }
    }

    /// The pages in order.
    pub(super) fn pages(&self) -> &[Page<'_>] {
        self.pdf.pages()
    }

    /// The file as it lies on disk.
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.as_ref()
    }

    /// Where a piece of the file stands in it; `None` for what came out of an object stream or was written anew.
    pub(super) fn offset_of(&self, piece: &[u8]) -> Option<usize> {
        let offset = (piece.as_ptr() as usize).checked_sub(self.bytes().as_ptr() as usize)?;
        (offset < self.bytes().len()).then_some(offset)
    }

    /// Where an attached file lies that was too long to be held, and the file it lies in.
    pub(super) fn elsewhere(&self, stream: &Stream<'_>) -> Option<(&File, Elsewhere)> {
        let dict = stream.dict().data();
        let found = self.condensed.attached(self.offset_of(dict)? + dict.len())?;
        Some((self.file.as_ref()?, found))
    }

    /// Whether its attached files are encrypted, and nothing else.
    pub(super) fn files_locked(&self) -> bool {
        self.files_locked
    }

    /// Whether an object of that number stands in the file in the open, whatever it is.
    pub(super) fn mentions(&self, id: Id) -> bool {
        self.object_text(id).is_some()
    }

    fn object_text(&self, id: Id) -> Option<&[u8]> {
        let head = format!("{} {} obj", id.obj_number, id.gen_number);
        let bytes = self.bytes();
        let at = memmem::rfind_iter(bytes, head.as_bytes()).take(16).find(|&at| {
            at.checked_sub(1).and_then(|before| bytes.get(before)).is_none_or(|byte| !byte.is_ascii_digit())
        })?;
        bytes.get(at + head.len()..)
    }

    /// What a stream without an end holds, up to the end of its object, and whether it is deflated.
    pub(super) fn endless_stream(&self, id: Id) -> Option<(&[u8], bool)> {
        let text = self.object_text(id).filter(|_| !self.encrypted())?;
        let begin = memmem::find(text.get(..4096).unwrap_or(text), b"stream")?;
        let dict = text.get(..begin)?;
        let flate = memmem::find(dict, b"/FlateDecode").is_some();
        if memmem::find(dict, b"endobj").is_some() || (!flate && memmem::find(dict, b"/Filter").is_some()) {
            return None;
        }
        let body = text.get(begin + 6..)?.trim_ascii_start();
        let end = memmem::find(body, b"endobj").unwrap_or(body.len());
        Some((body.get(..end)?, flate))
    }

    /// Pages that the page tree says it has.
    pub(super) fn declared_pages(&self) -> usize {
        let tree = self.root().and_then(|root| root.get::<Dict<'_>>("Pages"));
        tree.and_then(|tree| tree.get::<i32>("Count"))
            .and_then(|count| usize::try_from(count).ok())
            .unwrap_or(0)
    }

    /// Where earlier revisions of the file end, in bytes from its start.
    pub(super) fn revision_ends(&self) -> &[usize] {
        &self.revisions
    }

    /// Where `/Info` stands in the file.
    pub(super) fn information(&self) -> &[usize] {
        &self.landmarks.information
    }

    /// Where `/Alt` or `/ActualText` stands in the file.
    pub(super) fn alternatives(&self) -> &[usize] {
        &self.landmarks.alternatives
    }

    /// Where `/Contents` stands in the file.
    pub(super) fn contents(&self) -> &[usize] {
        &self.landmarks.contents
    }

    /// Where ` obj` stands in the file.
    pub(super) fn objects(&self) -> &[u32] {
        &self.landmarks.objects
    }

    /// Where `stream` stands in the file, also as a part of `endstream`.
    pub(super) fn stream_words(&self) -> &[u32] {
        &self.landmarks.stream_words
    }

    /// Where hexadecimal strings of UTF-16 begin in the file.
    pub(super) fn hex_strings(&self) -> &[u32] {
        &self.landmarks.hex_strings
    }

    /// Whether something in it may be encrypted.
    pub(super) fn encrypted(&self) -> bool {
        self.landmarks.encrypted
    }

    /// Where an address in memory lies in the file.
    pub(super) fn place_of(&self, address: usize) -> Option<usize> {
        let place = address.checked_sub(self.bytes().as_ptr() as usize)?;
        (place < self.bytes().len()).then_some(place)
    }

    /// The dictionary that begins last before a place in the file, whether a cross-reference knows it or not.
    pub(super) fn dict_around(&self, at: usize) -> Option<Dict<'_>> {
        let from = at.saturating_sub(4096);
        let before = self.bytes().get(from..at)?;
        let (begin, id) = object_before(before)?;
        let here = |dict: &Dict<'_>| {
            self.offset_of(dict.data()).is_some_and(|place| (from + begin..=at).contains(&place))
        };
        self.dict(id).filter(here).or_else(|| {
            let text = self.bytes().get(from + begin + 4..)?;
            if self.encrypted() { None } else { Dict::from_bytes(text.trim_ascii_start()) }
        })
    }

    /// The objects around `/ObjStm` and `/XRef`: each once, in the order of the file.
    pub(super) fn object_streams(&self) -> Vec<Id> {
        let mut ids: Vec<Id> =
            self.landmarks.streams.iter().filter_map(|&at| self.object_around(at)).collect();
        let mut seen = HashSet::new();
        ids.retain(|id| seen.insert(*id));
        ids
    }

    /// The object that begins last before a place in the file; a dictionary is not looked for over more than 4 KB.
    pub(super) fn object_around(&self, at: usize) -> Option<Id> {
        let before = self.bytes().get(at.saturating_sub(4096)..at)?;
        object_before(before).map(|found| found.1)
    }

    /// Whether hayro could not read the file as it is.
    pub(super) fn rewritten(&self) -> bool {
        self.rewritten
    }

    /// The document catalog.
    pub(super) fn root(&self) -> Option<Dict<'_>> {
        self.pdf.xref().get(self.pdf.xref().root_id())
    }

    /// What an object stream holds; `spare` is where it goes when it is not there yet.
    ///
    /// # Errors
    /// When the entry has produced more than it may, or its time is over.
    pub(super) fn object_stream<'a>(
        &'a self,
        stream: &Stream<'_>,
        decoder: &mut Decoder,
        spare: &'a mut Vec<u8>,
    ) -> Result<&'a [u8], LimitReached> {
        if !self.unpacked.is_empty()
            && let Some(at) = self.offset_of(&stream.raw_data())
            && let Some(known) = self.unpacked.iter().find(|known| known.at == at)
            && Decoder::is_plain_flate(stream.dict())
        {
            return Ok(&known.data);
        }
        spare.clear();
        decoder.decode(stream, spare)?;
        Ok(spare)
    }

    /// The stream of that number.
    pub(super) fn stream(&self, id: Id) -> Option<Stream<'_>> {
        self.pdf.xref().get(id)
    }

    /// The dictionary of that number.
    pub(super) fn dict(&self, id: Id) -> Option<Dict<'_>> {
        self.pdf.xref().get(id)
    }

    /// The values of the information dictionary that hayro keeps: where the trailer itself cannot be found again.
    pub(super) fn info(&self) -> [(&'static str, Option<&[u8]>); 6] {
        let meta = self.pdf.metadata();
        [
            ("Title", meta.title.as_deref()),
            ("Author", meta.author.as_deref()),
            ("Subject", meta.subject.as_deref()),
            ("Keywords", meta.keywords.as_deref()),
            ("Creator", meta.creator.as_deref()),
            ("Producer", meta.producer.as_deref()),
        ]
    }
}

/// Smallest Flate data that can inflate to [`MAX_STREAM`]: DEFLATE gives 1,032 bytes for one at most.
const SMALLEST_BOMB: usize = MAX_STREAM / 1032;

/// Looks at the object and cross-reference streams before hayro does: it inflates these itself, and without limit.
///
/// Only streams that could be bombs are tried: those larger than 63 KB (a producer puts 100 to 200 objects into one,
/// 5 to 30 KB) or with two compressing filters (never seen). Names written with escapes, and encrypted files, pass;
/// the memory limit of the reader process is behind this.
fn refuse_bombs(
    bytes: &[u8],
    landmarks: &Landmarks,
    decoder: &mut Decoder,
) -> Result<Vec<Unpacked>, Unreadable> {
    let mut unpacked: Vec<Unpacked> = Vec::new();
    let bomb = || Err(Unreadable::gap(GapReason::LimitRatio, "an object stream inflates beyond all measure"));
    // Ends are looked for once, and a stream is tried once, however often its kind is written in it.
    let (mut end, mut tried) = (0, 0);
    for &at in &landmarks.streams {
        let before = bytes.get(at.saturating_sub(1024)..at).unwrap_or(&[]);
        let begin = memmem::rfind(before, b"obj").map_or(at, |from| at - before.len() + from);
        let after = bytes.get(at..at.saturating_add(4096).min(bytes.len())).unwrap_or(&[]);
        let Some(length) = memmem::find(after, b"stream") else { continue };
        let dict = bytes.get(begin..at + length).unwrap_or(&[]);
        let packing: usize = ["/Fl", "/LZW", "/RunLength", "/RL"]
            .iter()
            .map(|name| memmem::find_iter(dict, name.as_bytes()).count())
            .sum();
        if packing > 1 {
            return bomb();
        }
        let start = at + length + 6;
        if start <= tried {
            continue;
        }
        tried = start;
        if end < start {
            let rest = bytes.get(start..).unwrap_or(&[]);
            end = start + memmem::find(rest, b"endstream").unwrap_or(rest.len());
        }
        if end - start < SMALLEST_BOMB {
            continue;
        }
        let packed = bytes.get(start..end).unwrap_or(&[]).trim_ascii_start();
        let room = unpacked.iter().fold(MAX_UNPACKED, |room, one| room.saturating_sub(one.data.len()));
        let mut data = Vec::new();
        if decoder.overflows(packed, room, &mut data)? {
            return bomb();
        }
        if !data.is_empty() {
            let lease = decoder.budget().hold(data.len() as u64);
            let at = (packed.as_ptr() as usize).saturating_sub(bytes.as_ptr() as usize);
            unpacked.push(Unpacked { at, data, _lease: lease });
        }
    }
    Ok(unpacked)
}

/// Where earlier revisions of the file end: behind each `%%EOF` but the last, where objects follow. The first one of a
/// file made for the web ends its first page, not a revision.
fn revision_ends(bytes: &[u8], mut ends: Vec<usize>) -> Vec<usize> {
    ends.iter_mut().for_each(|end| *end += 5);
    let head = bytes.get(..2048).unwrap_or(bytes);
    if memmem::find(head, b"/Linearized").is_some() && !ends.is_empty() {
        ends.remove(0);
    }
    ends.pop();
    if ends.is_empty() {
        return ends;
    }
    let last = memmem::rfind(bytes, b"endobj").unwrap_or(0);
    ends.retain(|&end| end < last);
    ends
}

fn encrypted(error: DecryptionError) -> Unreadable {
    let detail = match error {
        DecryptionError::PasswordProtected => "a password is needed to open it",
        _ => "encrypted in a way that is not read",
    };
    Unreadable::gap(GapReason::Encrypted, detail)
}

/// Most pages that are gathered one by one.
const MAX_LOOSE: usize = 50_000;

/// The catalog and the page tree often stand at the end of a file, and are what a broken transfer cuts off. Names the
/// catalog again when it lies in an object stream; otherwise gathers the page objects that are left, and gives them a
/// catalog and a tree.
fn loose_pages(bytes: &[u8], decoder: &mut Decoder) -> Result<Option<Pdf>, LimitReached> {
    let packed = packed_objects(bytes, decoder)?;
    if let Some(root) = packed.catalog
        && let Some(pdf) =
            mended(bytes, &format!("\nendstream\nendobj\ntrailer\n<</Root {root} 0 R>>\n%%EOF\n"))
    {
        return Ok(Some(pdf));
    }
    let mut kids = String::new();
    for at in memmem::find_iter(bytes, b"/Page").take(MAX_LOOSE) {
        let before = bytes.get(at.saturating_sub(256)..at).unwrap_or(&[]);
        if let Some((_, id)) = object_before(before).filter(|_| is_page(bytes, at)) {
            kids.push_str(&format!("{} {} R ", id.obj_number, id.gen_number));
        }
    }
    for number in packed.pages {
        kids.push_str(&format!("{number} 0 R "));
    }
    if kids.is_empty() {
        return Ok(None);
    }
    let tail = format!(
        "\nendstream\nendobj\n8388600 0 obj\n<</Type/Catalog/Pages 8388601 0 R>>\nendobj\n8388601 0 obj\n\
         <</Type/Pages/Kids[{kids}]>>\nendobj\ntrailer\n<</Root 8388600 0 R>>\n%%EOF\n"
    );
    Ok(mended(bytes, &tail))
}

/// The last `12 0 obj` of some bytes: where its `obj` begins, and its number.
pub(super) fn object_before(before: &[u8]) -> Option<(usize, Id)> {
    let begin = memmem::rfind(before, b" obj")?;
    let head = before.get(begin.saturating_sub(20)..begin)?;
    let head = head.rsplit(|byte| !byte.is_ascii_digit() && !byte.is_ascii_whitespace()).next()?;
    let mut words = std::str::from_utf8(head).ok()?.split_ascii_whitespace().rev();
    let (generation, number) = (words.next()?.parse::<u16>().ok()?, words.next()?.parse::<u32>().ok()?);
    Some((begin, Id::new(number, generation.into())))
}

/// The file with another end, which begins with the end of the stream that the break may have cut through.
fn mended(bytes: &[u8], tail: &str) -> Option<Pdf> {
    let mut mended = Vec::with_capacity(bytes.len() + tail.len());
    mended.extend_from_slice(bytes);
    mended.extend(tail.bytes());
    Pdf::new(Arc::new(mended)).ok().filter(|pdf| !pdf.pages().is_empty())
}

/// Whether the `/Page` at `at` is the type of a page, not of `/Pages`, and not a key.
fn is_page(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(at.saturating_sub(16)..at).unwrap_or(&[]);
    before.trim_ascii_end().ends_with(b"/Type")
        && bytes.get(at + 5).is_none_or(|next| !next.is_ascii_alphanumeric())
}

/// What object streams hold, by object number.
#[derive(Default)]
struct Packed {
    catalog: Option<u32>,
    pages: Vec<u32>,
}

/// Looks for catalog and pages in the object streams of a file that has lost its cross-reference.
fn packed_objects(bytes: &[u8], decoder: &mut Decoder) -> Result<Packed, LimitReached> {
    let mut packed = Packed::default();
    let mut data = Vec::new();
    // A stream is read once, however often its kind is written in it.
    let mut done = 0;
    for at in memmem::find_iter(bytes, b"/ObjStm").take(MAX_LOOSE) {
        if at < done {
            continue;
        }
        let before = bytes.get(at.saturating_sub(1024)..at).unwrap_or(&[]);
        let begin = memmem::rfind(before, b"obj").map_or(at, |from| at - before.len() + from + 3);
        let after = bytes.get(at..at.saturating_add(4096).min(bytes.len())).unwrap_or(&[]);
        let Some(length) = memmem::find(after, b"stream") else { continue };
        let Some(dict) = bytes.get(begin..at + length).map(<[u8]>::trim_ascii).and_then(Dict::from_bytes)
        else {
            continue;
        };
        let first = dict.get::<i32>("First").and_then(|first| usize::try_from(first).ok()).unwrap_or(0);
        let body = bytes.get(at + length + 6..).unwrap_or(&[]);
        let end = memmem::find(body, b"endstream").unwrap_or(body.len());
        done = at + length + 6 + end;
        data.clear();
        decoder.inflate_loose(body.get(..end).unwrap_or(&[]).trim_ascii_start(), &mut data)?;
        let (head, objects) = data.split_at(first.min(data.len()));
        let mut numbers = std::str::from_utf8(head).unwrap_or("").split_ascii_whitespace();
        let mut index: Vec<(usize, u32)> = Vec::new();
        while let (Some(Ok(number)), Some(Ok(offset))) =
            (numbers.next().map(str::parse), numbers.next().map(str::parse))
        {
            index.push((offset, number));
        }
        index.sort_unstable();
        let holder = |at: usize| {
            let after = index.partition_point(|entry| entry.0 <= at);
            index.get(after.checked_sub(1)?).map(|entry| entry.1)
        };
        if let Some(number) = memmem::find(objects, b"/Catalog").and_then(holder) {
            packed.catalog = Some(number);
        }
        let pages = memmem::find_iter(objects, b"/Page").filter(|&at| is_page(objects, at));
        packed.pages.extend(pages.filter_map(holder).take(MAX_LOOSE));
    }
    Ok(packed)
}

/// Reads the file with lopdf and writes it anew. `None` when that does not help.
fn second_opinion(bytes: &[u8]) -> Result<Option<Pdf>, Unreadable> {
    let options = lopdf::LoadOptions { max_decompressed_size: Some(LOPDF_STREAM), ..Default::default() };
    let mut document = match lopdf::Document::load_mem_with_options(bytes, options) {
        Ok(document) => document,
        Err(lopdf::Error::InvalidPassword) => return Err(encrypted(DecryptionError::PasswordProtected)),
        Err(_) => return Ok(None),
    };
    if document.is_encrypted() {
        return Err(encrypted(DecryptionError::PasswordProtected));
    }
    if document.get_pages().is_empty() {
        return Ok(None);
    }
    let mut written = Vec::with_capacity(bytes.len() + 1024);
    if document.save_to(&mut written).is_err() {
        return Ok(None);
    }
    Ok(Pdf::new(Arc::new(written)).ok().filter(|pdf| !pdf.pages().is_empty()))
}
