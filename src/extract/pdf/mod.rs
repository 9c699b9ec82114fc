//! PDF: text by page and position, and everything else a PDF can hold.
//!
//! In: the bytes of a file. Out: lines with page, box and look; annotations, fields, bookmarks, links, scripts,
//! properties; embedded files as members; gaps for pages that are pictures, fonts nobody can read, broken streams.
//!
//! ```text
//!  document (hayro, lopdf) ─► filter ─► content ─► canvas ─► layout ─► lines of a page ─┐
//!      └─► annotations, interactive, metadata ──────────────────────────────────────────┴─► sink
//! ```
//!
//! At most three pages are held at once: a line in the margin is a header only if the page before or after repeats it.
//! Left out: pictures (no text recognition here), digital signatures.

mod annotations;
mod aside;
mod canvas;
mod color;
mod condense;
mod content;
mod document;
mod encoding;
mod excerpt;
mod filter;
mod font;
mod interactive;
mod layout;
mod leftover;
pub(super) mod lexer;
mod metadata;
mod orphans;
mod program;
mod reader;
mod revisions;
mod rtl;
mod tables;
mod tounicode;
mod unlock;
mod visible;

#[cfg(test)]
mod tests;

pub(super) use metadata::xmp_labels;

use std::io::Read as _;
use std::rc::Rc;
use std::sync::Arc;

use condense::Condensed;
use document::Document;
use filter::Decoder;
use reader::Reader;
use revisions::Known;

use super::limits::Lease;
use super::{Format, Head, Input, Sink, Unreadable};
use crate::model::{Gap, GapReason};

/// Reader of PDF files.
#[derive(Debug)]
pub(super) struct Pdf;

impl Format for Pdf {
    fn name(&self) -> &'static str {
        "pdf"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["pdf", "ai", "pdfa"]
    }

    /// `%PDF-` within the first 1,024 bytes, as viewers accept it.
    fn matches(&self, head: &Head<'_>) -> bool {
        let window = head.bytes.get(..1024).unwrap_or(head.bytes);
        memchr::memmem::find(window, b"%PDF-").is_some()
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let budget = Rc::clone(input.budget());
        if let Some(asked) = input.pages() {
            return some_pages(input, asked, sink);
        }
        let most = budget.limits.max_pages;
        let mut decoder = Decoder::new(&budget);
        if most < u32::MAX
            && let Some(part) = Part::alone(input, (1, most), &mut decoder)
            && part.declared > most as usize
        {
            return part.beginning(most, decoder, sink);
        }
        let (bytes, condensed, lease) = hold(input)?;
        let left_out = condensed.left_out;
        let document = Document::open(bytes, condensed, input.file(), &mut decoder)?;
        if left_out > 0 {
            let detail = format!("{left_out} streams of more than {} MB each", condense::MAX_OTHER >> 20);
            sink.gap(Gap::new(GapReason::LimitSize, detail));
        }
        if document.rewritten() {
            // Pages may be among what was lost, so "clean" cannot be said.
            sink.gap(Gap::new(GapReason::Damaged, "page tree broken; read from what is left"));
        } else if document.declared_pages() > document.pages().len() {
            let (declared, found) = (document.declared_pages(), document.pages().len());
            let detail = format!("{declared} pages declared, {found} found");
            sink.gap(Gap::new(GapReason::Damaged, detail));
        }
        if document.pages().len() > most as usize {
            return Part::whole(document, lease).beginning(most, decoder, sink);
        }
        let mut reader = Reader::new(&document, decoder);
        reader.known = (!document.revision_ends().is_empty()).then(Known::default);
        sink.fact("pages", document.pages().len().to_string());
        metadata::read(&document, &mut reader.decoder, sink)?;
        let pages = reader.pages(sink);
        // Gaps of the pages that were read count even when the rest could not be.
        reader.gaps(sink);
        pages?;
        let attached = std::mem::take(&mut reader.attached);
        interactive::read(&document, attached, &mut reader.decoder, sink)?;
        if let Some(mut known) = reader.known.take() {
            revisions::read(&document, &mut known, &mut reader, sink)?;
            reader.known = Some(known);
        }
        leftover::read(&mut reader, sink)?;
        orphans::read(&mut reader, sink)
    }
}

/// Reads some pages and nothing else; what is not asked for is no gap.
fn some_pages(input: &mut Input<'_>, asked: (u32, u32), sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let mut decoder = Decoder::new(input.budget());
    let part = match Part::alone(input, asked, &mut decoder) {
        Some(part) => part,
        None => {
            let (bytes, condensed, lease) = hold(input)?;
            Part::whole(Document::open(bytes, condensed, None, &mut decoder)?, lease)
        }
    };
    part.read(asked, decoder, sink)
}

/// A document of which only pages are wanted.
struct Part {
    document: Document,
    /// The number of its first page.
    first: u32,
    /// Pages of the whole.
    declared: usize,
    _lease: Lease,
}

impl Part {
    /// Some pages, taken out of the file without reading the rest; `None` when the whole must be read.
    fn alone(input: &mut Input<'_>, asked: (u32, u32), decoder: &mut Decoder) -> Option<Part> {
        let file = input.file()?;
        let small = excerpt::excerpt(&file, asked, input.budget().room(), decoder)?;
        let lease = input.budget().hold(small.bytes.len() as u64);
        let document = Document::open(Arc::new(small.bytes), Condensed::default(), None, decoder).ok()?;
        Some(Part { document, first: asked.0, declared: small.declared, _lease: lease })
    }

    fn whole(document: Document, lease: Lease) -> Part {
        let declared = document.pages().len();
        Part { document, first: 1, declared, _lease: lease }
    }

    /// Reads the first pages of a document that has more than may be read.
    fn beginning(self, most: u32, decoder: Decoder, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let detail = format!("first {most} of {} pages read", self.declared);
        sink.gap(Gap::new(GapReason::LimitCount, detail));
        self.read((1, most), decoder, sink)
    }

    fn read(self, asked: (u32, u32), decoder: Decoder, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        sink.fact("pages", self.declared.to_string());
        let last = asked.1.min(u32::try_from(self.declared).unwrap_or(u32::MAX));
        let read = if asked.0 == last { last.to_string() } else { format!("{}-{last}", asked.0) };
        sink.fact("pages-read", read);
        let mut reader = Reader::new(&self.document, decoder);
        let pages = reader.pages_from(self.first, asked, sink);
        reader.gaps(sink);
        pages
    }
}

/// The whole file in memory, without holding it twice: hayro wants to own its bytes. A file that is too long comes
/// without its pictures and attached files.
fn hold(input: &mut Input<'_>) -> Result<(Arc<Vec<u8>>, Condensed, Lease), Unreadable> {
    let cap = input.budget().room();
    let limit = input.budget().limits.max_in_memory;
    let known = input.len().unwrap_or(0);
    let mut condensed = Condensed::default();
    if let Some(bytes) = input.shared().filter(|bytes| !bytes.is_empty() && bytes.len() as u64 <= cap) {
        let lease = input.budget().hold(bytes.len() as u64);
        return Ok((bytes, condensed, lease));
    }
    if known > cap
        && let Some(file) = input.file()
    {
        condensed = condense::condense(&file, known, cap, input.budget())?;
    } else if known <= cap {
        condensed.bytes.reserve_exact(usize::try_from(known).unwrap_or(0) + 1);
        input.stream()?.take(cap + 1).read_to_end(&mut condensed.bytes)?;
    }
    if condensed.bytes.is_empty() || condensed.bytes.len() as u64 > cap {
        let detail =
            format!("larger than {} MB, and a PDF that is no file must be held in memory", limit >> 20);
        return Err(Unreadable::gap(GapReason::LimitSize, detail));
    }
    let lease = input.budget().hold(condensed.bytes.len() as u64);
    Ok((Arc::new(std::mem::take(&mut condensed.bytes)), condensed, lease))
}
