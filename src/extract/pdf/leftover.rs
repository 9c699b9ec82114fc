//! What lies in the file and no page shows: content that nothing draws any more, and notes of annotations that no page has.
//!
//! In: the bytes of a file of which everything else was read. Out: hidden segments named after their object. Programs that
//! take out a page or a stamp often take out the reference alone. Nothing is walked for it: streams are looked for by
//! their keyword, and what the decoder was never asked for and looks like content is run. That finds superseded objects,
//! those that no cross-reference knows, and forms that are referred to and never drawn. Left out: dictionaries in object
//! streams, superseded streams of an encrypted file; other strings are [`orphans`](super::orphans)' business.

use aho_corasick::AhoCorasick;
use memchr::memmem;

use super::canvas::{Box2, Canvas, Matrix};
use super::content::{Interpreter, contents_hold, shows_text};
use super::document::{Dict, Document, FromBytes as _, Resources, Stream};
use super::encoding::text_string;
use super::filter::Decoded;
use super::layout;
use super::lexer::{Lexer, Token, unescape, unhex};
use super::reader::Reader;
use crate::extract::{Sink, Unreadable};
use crate::model::{Gap, GapReason, Kind, Place, Segment};

/// Longest dictionary of a stream that is looked at, in bytes.
const MAX_DICT: usize = 4 << 10;

/// Streams that are tried. Files with a picture font have a stream for each letter.
const MAX_TRIED: usize = 50_000;

/// Most bytes of one stream that are looked at.
const MAX_CONTENT: usize = 8 << 20;

/// Fewer letters than this are check marks and the letters of picture fonts; `MẬT` has three.
const LEAST: usize = 3;

/// Longest note, in bytes of the file.
const MAX_NOTE: usize = 64 << 10;

/// What the dictionary of a stream that is no content says.
static OTHER: std::sync::LazyLock<Option<AhoCorasick>> = std::sync::LazyLock::new(|| {
    AhoCorasick::new([
        "/Image",
        "/Length1",
        "/Length2",
        "/XRef",
        "/ObjStm",
        "/FunctionType",
        "/ShadingType",
        "/N ",
        "/CMapName",
        "/EmbeddedFile",
        "/Metadata",
        "Type1C",
        "CIDFontType0C",
        "/OpenType",
        "/XML",
        "/DCTDecode",
        "/JPXDecode",
        "/CCITTFax",
        "/JBIG2",
        "/HalftoneType",
    ])
    .ok()
});

/// Bytes by which content is told from tables: of 3,244 streams that nothing had asked for (pdf.js) 187
/// showed text.
const HEAD: usize = 256;

/// Whether the first bytes of a stream may be those of content: its words are plain letters, strings may be anything.
fn may_be_content(head: &[u8]) -> bool {
    let word = head.get(..4).unwrap_or(head);
    let plain = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    (word.iter().all(plain) || word.iter().any(|byte| matches!(byte, b'(' | b'<' | b'[')))
        && memmem::find(head, b"begincmap").is_none()
}

/// Pushes what was not read yet.
pub(super) fn read<'d>(reader: &mut Reader<'d>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let document = reader.document;
    if document.rewritten() {
        // What was written anew has other places.
        return Ok(());
    }
    notes(reader, sink)?;
    let bytes = document.bytes();
    let mut seen: Vec<usize> = reader.decoder.seen().iter().filter_map(|&at| document.place_of(at)).collect();
    seen.sort_unstable();
    let mut canvas = Canvas::default();
    // The first has little room on purpose: a stream is inflated as far as there is room.
    let (mut tried, mut head, mut data) = (0, Vec::new(), Vec::new());
    for at in document.stream_words().iter().map(|&at| at as usize) {
        let from = at.saturating_sub(MAX_DICT);
        let before = bytes.get(from..at).unwrap_or(&[]).trim_ascii_end();
        if !before.ends_with(b">>") || !matches!(bytes.get(at + 6), Some(b'\r' | b'\n')) {
            continue;
        }
        let Some(object) = memmem::rfind(before, b" obj") else { continue };
        let begin = from + object + 4;
        let next = seen.partition_point(|&place| place < begin);
        if seen.get(next).is_some_and(|&place| place < at) {
            continue;
        }
        let text = before.get(object + 4..).unwrap_or(&[]).trim_ascii_start();
        if OTHER.as_ref().is_some_and(|words| words.is_match(text)) {
            continue;
        }
        tried += 1;
        if tried > MAX_TRIED {
            let detail = format!("more than {MAX_TRIED} streams that no page shows");
            sink.gap(Gap::new(GapReason::LimitCount, detail));
            break;
        }
        let Some(id) = document.object_around(at) else { continue };
        let is_here = |stream: &Stream<'_>| {
            document.offset_of(stream.dict().data()).is_some_and(|place| (begin..at).contains(&place))
        };
        let current = document.stream(id).filter(is_here);
        let superseded = || {
            let all = bytes.get(begin..).unwrap_or(&[]).trim_ascii_start();
            if document.encrypted() { None } else { Stream::from_bytes(all) }
        };
        let Some(stream) = current.or_else(superseded) else { continue };
        head.clear();
        let first = reader.decoder.decode_start(&stream, HEAD, &mut head)?;
        if first == Decoded::Cut && !may_be_content(&head) {
            continue;
        }
        data.clear();
        if first == Decoded::Whole {
            data.extend_from_slice(&head);
        } else {
            reader.decoder.decode_start(&stream, MAX_CONTENT, &mut data)?;
        }
        if !shows_text(&data) {
            continue;
        }
        let resources = resources(document, &stream, at);
        canvas.clear();
        let area = reader.usual_page();
        let base = Matrix { d: -1.0, f: area.height(), ..Matrix::IDENTITY };
        let everything =
            Box2 { left: f32::MIN / 4.0, top: f32::MIN / 4.0, right: f32::MAX / 4.0, bottom: f32::MAX / 4.0 };
        let mut interpreter =
            Interpreter::new(&mut reader.fonts, &mut reader.decoder, &reader.layers, &mut canvas, everything);
        interpreter.form(&stream, &resources, base)?;
        let lines = layout::lines(&mut canvas, &reader.fonts, area);
        let name = format!("object {}", id.obj_number);
        let place = Place::new(Kind::Hidden).named(&name).hidden();
        let all = lines.lines.iter().filter(|line| !line.view);
        let letters =
            all.clone().flat_map(|line| lines.text_of(line).chars()).filter(|letter| letter.is_alphabetic());
        if letters.take(LEAST).count() < LEAST {
            continue;
        }
        for line in all {
            let text = lines.text_of(line);
            if reader.known.as_mut().is_none_or(|known| known.says(text)) {
                reader.push_bare(text, place, line, sink)?;
            }
        }
        for (_, text) in canvas.asides.drain(..) {
            if reader.known.as_mut().is_none_or(|known| known.says(&text)) {
                sink.segment(Segment::new(&text, place))?;
            }
        }
    }
    Ok(())
}

/// What a stream draws with: its own resources, those of the page it was content of, or those of the first page.
fn resources<'d>(document: &'d Document, stream: &Stream<'d>, at: usize) -> Resources<'d> {
    if let Some(own) = stream.dict().get::<Dict<'d>>("Resources") {
        return Resources::new(own);
    }
    let holder = document.contents().iter().filter_map(|&place| {
        let dict = document.dict_around(place)?;
        contents_hold(&dict, stream.obj_id()).then_some(())?;
        dict.get::<Dict<'d>>("Resources")
            .or_else(|| dict.get::<Dict<'d>>("Parent")?.get::<Dict<'d>>("Resources"))
    });
    // Of several the nearest: an object number may have been given twice.
    let nearest = holder
        .min_by_key(|dict| document.offset_of(dict.data()).map_or(usize::MAX, |place| place.abs_diff(at)));
    match nearest {
        Some(dict) => Resources::new(dict),
        None => document
            .pages()
            .first()
            .map_or_else(|| Resources::new(Dict::empty()), |page| page.resources().clone()),
    }
}

/// Texts of annotations that no page has.
fn notes(reader: &mut Reader<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let document = reader.document;
    if document.encrypted() {
        return Ok(());
    }
    let bytes = document.bytes();
    let mut seen: Vec<(usize, usize)> = reader
        .annotations
        .iter()
        .filter_map(|&(at, length)| Some((document.place_of(at)?, length)))
        .collect();
    seen.sort_unstable();
    for &at in document.contents() {
        let before = seen.partition_point(|one| one.0 <= at);
        if before.checked_sub(1).and_then(|last| seen.get(last)).is_some_and(|one| at < one.0 + one.1) {
            continue;
        }
        let text = bytes.get(at + 9..bytes.len().min(at + 9 + MAX_NOTE)).unwrap_or(&[]);
        let mut lexer = Lexer::new(text);
        let text = match lexer.next() {
            Some(Token::Literal(raw)) => text_string(&unescape(raw)),
            Some(Token::Hex(raw)) => {
                let mut bytes = Vec::new();
                unhex(raw, &mut bytes);
                text_string(&bytes)
            }
            _ => continue,
        };
        // The `/Contents` of a signature are bytes.
        let control = |letter: char| letter.is_control() && !letter.is_whitespace();
        if text.chars().filter(|letter| letter.is_alphabetic()).take(LEAST).count() < LEAST
            || text.contains(control)
        {
            continue;
        }
        let Some(id) = document.object_around(at) else { continue };
        if reader.known.as_mut().is_some_and(|known| !known.says(&text)) {
            continue;
        }
        let name = format!("object {}", id.obj_number);
        sink.segment(Segment::new(&text, Place::new(Kind::Hidden).named(&name).hidden()))?;
    }
    Ok(())
}
