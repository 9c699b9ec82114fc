//! An HTTP answer as a crawler stored it (RFC 9112): status line, headers, body.
//!
//! Forgiving, since crawlers store what servers sent and some of them change it: a body that is said to be chunked or
//! packed and is not, is taken as it is.

use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use super::header::fields;
use crate::extract::codec;
use crate::extract::limits::Budget;

/// Longest head of an answer. Servers refuse more than 64 KB of their own.
const MAX_HEAD: usize = 1 << 20;
/// Codings on top of each other; the standard has no limit, servers use one.
const MAX_CODINGS: usize = 4;
/// Bytes of a body that are tried before a coding is believed.
const TRIAL: usize = 16 << 10;

/// Status line and headers, and what of them counts.
#[derive(Debug, Default)]
pub(super) struct Head {
    /// All of it as text.
    pub(super) text: String,
    /// `Content-Type` without parameters.
    pub(super) media: Option<String>,
    /// Its charset.
    pub(super) charset: Option<String>,
    chunked: bool,
    /// In the order they were applied.
    codings: Vec<Coding>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// Reads the head of an answer; `None` when the block does not begin as one.
///
/// # Errors
/// What reading gave.
pub(super) fn read_head(block: &mut impl BufRead) -> io::Result<Option<Head>> {
    let start = block.fill_buf()?;
    // `ICY 200 OK` is what sound servers say.
    if !start.starts_with(b"HTTP/") && !start.starts_with(b"ICY ") && !start.starts_with(b"HTTP ") {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    loop {
        let before = bytes.len();
        let room = (MAX_HEAD - before.min(MAX_HEAD)) as u64;
        block.by_ref().take(room).read_until(b'\n', &mut bytes)?;
        let line = bytes.get(before..).unwrap_or_default().trim_ascii_end();
        if line.is_empty() || bytes.len() >= MAX_HEAD {
            break;
        }
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => error.into_bytes().iter().map(|byte| char::from(*byte)).collect(),
    };
    let mut head = Head::default();
    for (name, value) in fields(&text) {
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
        if is("Content-Type") {
            (head.media, head.charset) = media(value);
        } else if is("Transfer-Encoding") || is("Content-Encoding") {
            for coding in value.split(',').map(|coding| coding.trim().to_ascii_lowercase()) {
                match coding.as_str() {
                    "chunked" => head.chunked = true,
                    "gzip" | "x-gzip" => head.codings.push(Coding::Gzip),
                    "deflate" => head.codings.push(Coding::Deflate),
                    "br" => head.codings.push(Coding::Brotli),
                    "zstd" => head.codings.push(Coding::Zstd),
                    _ => {}
                }
            }
        }
    }
    head.codings.truncate(MAX_CODINGS);
    head.text = text;
    Ok(Some(head))
}

/// `text/html; charset="utf-8"` in its two parts.
pub(super) fn media(value: &str) -> (Option<String>, Option<String>) {
    let mut parts = value.split(';').map(str::trim);
    let media = parts.next().filter(|media| !media.is_empty()).map(str::to_ascii_lowercase);
    let charset = parts
        .filter_map(|part| part.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
        .map(|(_, value)| value.trim().trim_matches(['"', '\'']).to_owned())
        .filter(|charset| !charset.is_empty());
    (media, charset)
}

impl Head {
    /// The body, with what was done to it for the way undone. `packed` is its length in bytes, about.
    ///
    /// # Errors
    /// What reading gave.
    pub(super) fn body<'b>(
        &self,
        block: impl BufRead + 'b,
        packed: u64,
        budget: &Rc<Budget>,
    ) -> io::Result<Box<dyn BufRead + 'b>> {
        let mut body: Box<dyn BufRead + 'b> = Box::new(block);
        if self.chunked {
            body = Box::new(BufReader::with_capacity(TRIAL, Dechunked::new(body)));
        }
        for coding in self.codings.iter().rev() {
            let beginning = body.fill_buf()?;
            let beginning = beginning.get(..TRIAL).unwrap_or(beginning);
            if beginning.is_empty() {
                break;
            }
            let inner: Box<dyn Read + 'b> = match coding {
                Coding::Gzip if beginning.starts_with(&[0x1F, 0x8B]) => {
                    Box::new(flate2::bufread::MultiGzDecoder::new(body))
                }
                Coding::Deflate if tries(flate2::bufread::ZlibDecoder::new(beginning)) => {
                    Box::new(flate2::bufread::ZlibDecoder::new(body))
                }
                // Many servers leave the zlib header out.
                Coding::Deflate if tries(flate2::bufread::DeflateDecoder::new(beginning)) => {
                    Box::new(flate2::bufread::DeflateDecoder::new(body))
                }
                Coding::Brotli if tries(brotli_decompressor::Decompressor::new(beginning, 4096)) => {
                    Box::new(brotli_decompressor::Decompressor::new(body, TRIAL))
                }
                Coding::Zstd if beginning.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) => {
                    Box::new(codec::Zstd::new(body, budget))
                }
                // It says so and is not: some crawlers store the unpacked body under the old headers.
                _ => continue,
            };
            body = Box::new(BufReader::with_capacity(64 << 10, budget.guard(inner, packed)));
        }
        Ok(body)
    }
}

/// Whether the beginning of a body can be decoded so: something comes out, or only more is needed.
fn tries(mut decoder: impl Read) -> bool {
    let mut some = [0; 64];
    match decoder.read(&mut some) {
        Ok(got) => got > 0,
        Err(error) => error.kind() == io::ErrorKind::UnexpectedEof,
    }
}

/// A chunked body put together (RFC 9112, 7.1). What does not look like a chunk's size is taken as content, and so is
/// everything behind it.
struct Dechunked<R> {
    inner: R,
    /// Bytes of the current chunk that are left.
    left: u64,
    /// What was read as a size and is none.
    spilled: io::Cursor<Vec<u8>>,
    state: Chunks,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Chunks {
    Size,
    Content,
    /// No chunks, or none any more.
    Plain,
    Ended,
}

/// Longest line with a chunk's size and its extensions.
const MAX_SIZE_LINE: u64 = 4096;

impl<R: BufRead> Dechunked<R> {
    fn new(inner: R) -> Dechunked<R> {
        Dechunked { inner, left: 0, spilled: io::Cursor::default(), state: Chunks::Size }
    }

    fn size(&mut self) -> io::Result<()> {
        let mut line = Vec::new();
        self.inner.by_ref().take(MAX_SIZE_LINE).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            self.state = Chunks::Ended;
            return Ok(());
        }
        let size = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        let size = std::str::from_utf8(size).ok().filter(|size| (1..=16).contains(&size.len()));
        match size.and_then(|size| u64::from_str_radix(size, 16).ok()) {
            Some(0) => {
                // Trailers follow; nobody reads them.
                self.state = Chunks::Ended;
            }
            Some(size) => {
                self.left = size;
                self.state = Chunks::Content;
            }
            None => {
                self.spilled = io::Cursor::new(line);
                self.state = Chunks::Plain;
            }
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Dechunked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.state {
                Chunks::Size => self.size()?,
                Chunks::Content => {
                    let got = self.inner.by_ref().take(self.left).read(into)?;
                    self.left -= got as u64;
                    if got == 0 && !into.is_empty() {
                        self.state = Chunks::Ended;
                    } else if self.left == 0 {
                        self.state = Chunks::Size;
                        let mut end = Vec::new();
                        // The line end behind a chunk; where it is missing, the size stands here already.
                        if self.inner.fill_buf()?.first().is_some_and(|byte| matches!(byte, b'\r' | b'\n')) {
                            self.inner.by_ref().take(2).read_until(b'\n', &mut end)?;
                        }
                    }
                    return Ok(got);
                }
                Chunks::Plain => {
                    let got = self.spilled.read(into)?;
                    return if got > 0 { Ok(got) } else { self.inner.read(into) };
                }
                Chunks::Ended => return Ok(0),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::extract::limits::Limits;

    fn body(answer: &[u8]) -> Vec<u8> {
        let budget = Budget::new(Limits::default());
        let mut block = answer;
        let head = read_head(&mut block).unwrap().unwrap();
        let mut out = Vec::new();
        head.body(block, answer.len() as u64, &budget).unwrap().read_to_end(&mut out).unwrap();
        out
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn chunks_are_joined_whatever_they_are_like() {
        let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        let of = |content: &[u8]| body(&[&head, content].concat());
        assert_eq!(
            of(b"3\r\nT\xe1\xbb\r\n5;x=1\r\n\x90I M\xe1\r\n0\r\n\r\n"),
            "TỐI M\u{0}".as_bytes()[..7].iter().copied().chain([0xe1]).collect::<Vec<u8>>()
        );
        assert_eq!(of(b"<html>not chunked\r\nat all"), b"<html>not chunked\r\nat all");
        assert_eq!(of(b"3\nabc4\ndefg0\n"), b"abcdefg");
        assert_eq!(of(b"2\r\nab\r\nwhat is this\r\n"), b"abwhat is this\r\n");
        assert_eq!(of(b"ff\r\ncut off"), b"cut off");
    }

    #[test]
    fn codings_are_undone_and_lies_are_forgiven() {
        let text = "TUYỆT MẬT".repeat(20);
        let answer = |coding: &str, content: &[u8]| {
            body(&[format!("HTTP/1.0 200\nContent-Encoding: {coding}\n\n").as_bytes(), content].concat())
        };
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(text.as_bytes()).unwrap();
        let mut raw = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        raw.write_all(text.as_bytes()).unwrap();
        assert_eq!(answer("gzip", &gzip(text.as_bytes())), text.as_bytes());
        assert_eq!(answer("gzip, x-gzip", &gzip(&gzip(text.as_bytes()))), text.as_bytes());
        assert_eq!(answer("deflate", &zlib.finish().unwrap()), text.as_bytes());
        assert_eq!(answer("deflate", &raw.finish().unwrap()), text.as_bytes());
        for coding in ["gzip", "deflate", "br", "zstd", "identity", "aes128gcm"] {
            assert_eq!(answer(coding, text.as_bytes()), text.as_bytes(), "{coding}");
        }
    }

    #[test]
    fn charset_of_the_answer() {
        assert_eq!(
            media("text/HTML; Charset=\"windows-1258\""),
            (Some("text/html".into()), Some("windows-1258".into()))
        );
        assert_eq!(media(""), (None, None));
    }
}
