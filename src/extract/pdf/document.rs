//! The structure of a PDF behind a small surface of ours: the only file that names `hayro_syntax` and `lopdf`.
//!
//! In: the bytes of a file. Out: pages, dictionaries and decoded streams. Who does what, measured on 1,225 public files
//! (2026-11-21, one core): hayro-syntax 0.9 reads lazily, 1,176 files, no crash, 3.8 times faster than lopdf;
//! lopdf 0.47 parses everything at once but opens 1,218 of them. So hayro reads, and what it refuses (17 files) or
//! finds no page in is written anew by lopdf and read again; where both fail, the page objects that are left are
//! gathered. Streams are decoded in [`filter`](super::filter),
//! because hayro's own decoding has no limit (a bomb of 1 GiB took 1,094 MB).
//! Left out: passwords, other than the empty one.

use std::sync::Arc;

pub(super) use hayro_syntax::object::{
    Array, Dict, FromBytes, MaybeRef, Name, Object, ObjectIdentifier as Id, Rect, Stream,
};
pub(super) use hayro_syntax::page::{Page, Resources, Rotation};
use memchr::memmem;

use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};

use super::filter::{Decoder, MAX_STREAM};
use crate::extract::Unreadable;
use crate::model::GapReason;

/// An opened PDF.
pub(super) struct Document {
    pdf: Pdf,
    bytes: Beginning,
    rewritten: bool,
}

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
    pub(super) fn open(bytes: Vec<u8>, decoder: &mut Decoder) -> Result<Document, Unreadable> {
        refuse_bombs(&bytes, decoder)?;
        let end = bytes.len();
        Document::open_beginning(Beginning { all: Arc::new(bytes), end })
    }

    /// Opens the revision that ends at byte `end` of this file, without copying it.
    ///
    /// # Errors
    /// As [`Document::open`].
    pub(super) fn open_revision(&self, end: usize) -> Result<Document, Unreadable> {
        Document::open_beginning(Beginning { all: Arc::clone(&self.bytes.all), end })
    }

    fn open_beginning(bytes: Beginning) -> Result<Document, Unreadable> {
        match Pdf::new(Arc::new(bytes.clone())) {
            Ok(pdf) if !pdf.pages().is_empty() => Ok(Document { pdf, bytes, rewritten: false }),
            Err(LoadPdfError::Decryption(error)) => Err(encrypted(error)),
            Ok(pdf) => match second_opinion(bytes.as_ref()) {
                Ok(Some(other)) => Ok(Document { pdf: other, bytes, rewritten: true }),
                // No page at all: its properties and attachments may still be read.
                _ => Ok(Document { pdf, bytes, rewritten: false }),
            },
            Err(LoadPdfError::Invalid) => match second_opinion(bytes.as_ref())? {
                Some(pdf) => Ok(Document { pdf, bytes, rewritten: true }),
                None => match loose_pages(bytes.as_ref()) {
                    Some(pdf) => Ok(Document { pdf, bytes, rewritten: true }),
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

    /// Pages that the page tree says it has.
    pub(super) fn declared_pages(&self) -> usize {
        let tree = self.root().and_then(|root| root.get::<Dict<'_>>("Pages"));
        tree.and_then(|tree| tree.get::<i32>("Count")).and_then(|count| usize::try_from(count).ok()).unwrap_or(0)
    }

    /// Whether hayro could not read the file as it is.
    pub(super) fn rewritten(&self) -> bool {
        self.rewritten
    }

    /// The document catalog.
    pub(super) fn root(&self) -> Option<Dict<'_>> {
        self.pdf.xref().get(self.pdf.xref().root_id())
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
fn refuse_bombs(bytes: &[u8], decoder: &mut Decoder) -> Result<(), Unreadable> {
    let bomb = || Err(Unreadable::gap(GapReason::LimitRatio, "an object stream inflates beyond all measure"));
    for kind in [&b"/ObjStm"[..], b"/XRef"] {
        // Ends are looked for once, and a stream is tried once, however often its kind is written in it.
        let (mut end, mut tried) = (0, 0);
        for at in memmem::find_iter(bytes, kind).take(1 << 20) {
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
            if end - start >= SMALLEST_BOMB
                && decoder.overflows(bytes.get(start..end).unwrap_or(&[]).trim_ascii_start())?
            {
                return bomb();
            }
        }
    }
    Ok(())
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

/// The catalog and the page tree often stand at the end of a file, and are what a broken transfer cuts off. Gathers the
/// page objects that are left and gives them a catalog and a tree.
fn loose_pages(bytes: &[u8]) -> Option<Pdf> {
    let mut kids = String::new();
    for at in memmem::find_iter(bytes, b"/Page").take(MAX_LOOSE) {
        let before = bytes.get(at.saturating_sub(256)..at)?;
        let typed = before.trim_ascii_end().ends_with(b"/Type");
        let named = bytes.get(at + 5).is_none_or(|next| !next.is_ascii_alphanumeric());
        let Some(begin) = memmem::rfind(before, b" obj").filter(|_| typed && named) else { continue };
        let head = before.get(..begin)?.split(|byte| matches!(byte, b'\n' | b'\r')).next_back()?;
        let head = std::str::from_utf8(head).ok()?;
        let mut words = head.split_ascii_whitespace().rev();
        if let (Some(Ok(generation)), Some(Ok(number))) =
            (words.next().map(str::parse::<u16>), words.next().map(str::parse::<u32>))
        {
            kids.push_str(&format!("{number} {generation} R "));
        }
    }
    if kids.is_empty() {
        return None;
    }
    let mut mended = bytes.to_vec();
    let tail = format!(
        "\nendobj\n8388600 0 obj\n<</Type/Catalog/Pages 8388601 0 R>>\nendobj\n8388601 0 obj\n\
         <</Type/Pages/Kids[{kids}]>>\nendobj\ntrailer\n<</Root 8388600 0 R>>\n%%EOF\n"
    );
    mended.extend(tail.bytes());
    Pdf::new(Arc::new(mended)).ok().filter(|pdf| !pdf.pages().is_empty())
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
