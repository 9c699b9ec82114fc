//! Earlier revisions: what they say and the current one does not.
//!
//! In: a document whose pages were read, and what they said. Out: hidden segments of kind `revision`. A file is updated
//! by adding to its end (ISO 32000-2, 7.5.6), so every earlier end closes a whole file.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hasher as _};

use super::document::{Array, Dict, Document, Name, Object, Page, Stream};
use super::filter::Decoder;
use super::reader::{Reader, contents};
use super::{annotations, content};
use crate::extract::{Sink, Unreadable};
use crate::model::{Gap, GapReason, Kind, Place};

/// Earlier revisions that are read: the first one and the latest. A form that was saved after each field has hundreds.
const MAX_REVISIONS: usize = 16;

/// Texts that are remembered to tell what an earlier revision has more.
const MAX_SAID: usize = 500_000;

/// Forms inside forms that are looked at to tell whether a page has changed.
const MAX_FRESH_DEPTH: u32 = 4;

/// Reads what earlier revisions say and the current one does not. A file is updated by adding to its end, so the part
/// up to an earlier `%%EOF` is a whole file; pages whose streams were all read before are passed over.
pub(super) fn read(
    document: &Document,
    known: &mut Known,
    current: &mut Reader<'_>,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    let mut numbered: Vec<(usize, usize)> = (1..).zip(document.revision_ends().iter().copied()).collect();
    if numbered.len() > MAX_REVISIONS {
        let left = numbered.len() - MAX_REVISIONS;
        numbered.drain(1..=left);
        sink.gap(Gap::new(GapReason::LimitCount, format!("{left} of the earlier revisions are not read")));
    }
    for (number, end) in numbered.into_iter().rev() {
        let Some(earlier) = document.open_revision(end) else { continue };
        let name = format!("revision {number}");
        let mut reader = Reader::new(&earlier, Decoder::new(current.decoder.budget()));
        for (number, page) in (1u32..).zip(earlier.pages()) {
            let what = match known.fresh(&earlier, page) {
                Fresh { content: true, .. } => What::All,
                Fresh { annotations: true, .. } => What::Annotations,
                _ => continue,
            };
            let held = reader.page(number, page, what)?;
            let place = Place::new(Kind::Revision).on_page(number).named(&name).hidden();
            let lines = held.lines.lines.iter().map(|line| (held.lines.text_of(line), Some(line)));
            let notes = held.notes.iter().map(|note| (note.text.as_str(), note.look.as_ref()));
            for (text, line) in lines.chain(notes) {
                if known.says(text) {
                    reader.push(&held, text, place, line, sink)?;
                }
            }
        }
        current.decoder.saw(&reader.decoder);
        current.annotations.append(&mut reader.annotations);
    }
    if known.full {
        sink.gap(Gap::new(GapReason::LimitCount, "too many lines to compare the revisions"));
    }
    Ok(())
}

/// What of a page was not read before.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Fresh {
    content: bool,
    annotations: bool,
}

/// What of a page is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    All,
    Annotations,
}

/// What was read already, to tell what an earlier revision has more.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Fingerprints of the texts pushed.
    texts: HashSet<u64>,
    /// Streams and annotations, by their place in the file, or a hash where they have none.
    pieces: HashSet<u64>,
    full: bool,
}

impl Known {
    /// Notes a text; true when it is new.
    pub(super) fn says(&mut self, text: &str) -> bool {
        if self.texts.len() >= MAX_SAID {
            self.full = true;
            return false;
        }
        self.texts.insert(fingerprint(text))
    }

    /// Notes the streams and annotations of a page, and tells which of them are new. What stands at the same place of
    /// the file is the same. Fonts are not compared: letters that change while the content stays are not looked for.
    pub(super) fn fresh(&mut self, document: &Document, page: &Page<'_>) -> Fresh {
        let mut fresh = Fresh::default();
        match page.raw().get::<Object<'_>>("Contents") {
            Some(Object::Stream(stream)) => fresh.content |= self.stream(document, &stream),
            Some(Object::Array(list)) => {
                for stream in contents(&list) {
                    fresh.content |= self.stream(document, &stream);
                }
            }
            _ => {}
        }
        fresh.content |= self.forms(document, &page.resources().x_objects, 0);
        if let Some(list) = page.raw().get::<Array<'_>>("Annots") {
            for annotation in list.iter::<Dict<'_>>().take(annotations::MAX_ANNOTATIONS) {
                fresh.annotations |= self.piece(document, annotation.data());
                if let Some(form) = annotations::appearance(&annotation) {
                    fresh.annotations |= self.stream(document, &form);
                }
            }
        }
        fresh
    }

    fn forms(&mut self, document: &Document, objects: &Dict<'_>, depth: u32) -> bool {
        let mut fresh = false;
        for key in objects.keys().take(content::MAX_FORMS as usize) {
            let Some(form) = objects.get::<Stream<'_>>(key.as_ref()) else { continue };
            let dict = form.dict();
            if dict.get::<Name<'_>>("Subtype").as_deref() != Some(b"Form") || !self.stream(document, &form) {
                continue;
            }
            fresh = true;
            let inner = dict.get::<Dict<'_>>("Resources").and_then(|all| all.get::<Dict<'_>>("XObject"));
            if let (Some(inner), true) = (inner, depth < MAX_FRESH_DEPTH) {
                self.forms(document, &inner, depth + 1);
            }
        }
        fresh
    }

    fn stream(&mut self, document: &Document, stream: &Stream<'_>) -> bool {
        let dict = stream.dict().data();
        match document.offset_of(dict) {
            Some(_) => self.piece(document, dict),
            // The file was written anew, so the place says nothing.
            None => self.pieces.insert(hash_of(&(dict, stream.raw_data()))),
        }
    }

    fn piece(&mut self, document: &Document, data: &[u8]) -> bool {
        let identity = match document.offset_of(data) {
            Some(offset) => offset as u64,
            None => hash_of(&data),
        };
        self.pieces.insert(identity)
    }
}

fn hash_of(value: &impl std::hash::Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// A text without its blanks as a number.
fn fingerprint(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.split_whitespace().for_each(|word| hasher.write(word.as_bytes()));
    hasher.finish()
}
