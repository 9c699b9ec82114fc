//! Messages larger than what is held in memory, read once from the first byte to the last.
//!
//! Parts up to some megabytes are read as those of any message. A larger one is a member that is decoded while it is read, whether
//! it was attached or is the message's own text. Preambles and epilogues come where they stand.

use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use memchr::memmem;

use super::headers::{Headers, Parameters, header_name};
use super::{MAX_PARTS, base64, codings, leaf, name_of, push_text};
use crate::extract::limits::Budget;
use crate::extract::{Member, Sink, Unreadable, mapi};
use crate::model::{Gap, GapReason, Kind, Place, Segment};

/// Bytes of a part, as the message holds them, that are read at once.
const HELD: u64 = 8 << 20;

/// Bytes of a line that are looked at together. Boundaries and headers are shorter.
const LINE: u64 = 64 << 10;

/// Longest headers of a part.
const MAX_HEADER: usize = 1 << 20;

/// Reads a message.
///
/// # Errors
/// What reading gave, or when the sink stops.
pub(super) fn read(
    from: impl Read,
    nesting: usize,
    budget: &Rc<Budget>,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    let lines = Lines { from: BufReader::with_capacity(LINE as usize, from), line: Vec::new(), begins: true };
    let mut message = Message {
        lines,
        around: Vec::new(),
        used: 0,
        met: None,
        count: 0,
        nesting,
        budget: Rc::clone(budget),
    };
    message.next_line()?;
    if message.lines.line.starts_with(b"\xEF\xBB\xBF") {
        message.used = 3;
    }
    while message
        .lines
        .line
        .get(message.used..)
        .is_some_and(|line| !line.is_empty() && line.trim_ascii().is_empty())
    {
        message.next_line()?;
    }
    let mut default = "text/plain";
    loop {
        message.part(default, sink)?;
        match message.epilogues(sink)? {
            Some(next) => default = next,
            None => return Ok(()),
        }
        if message.count > MAX_PARTS {
            sink.gap(Gap::new(GapReason::LimitCount, "more parts in one message than allowed"));
            return Ok(());
        }
    }
}

/// Lines, or pieces of very long ones.
struct Lines<R> {
    from: BufReader<R>,
    /// With its end; empty at the end of the message.
    line: Vec<u8>,
    /// It is the beginning of a line.
    begins: bool,
}

/// A multipart that is open.
struct Around {
    boundary: Vec<u8>,
    /// What its parts are without a `Content-Type`.
    default: &'static str,
    /// A part of it was met.
    begun: bool,
}

/// A boundary of the multipart with that number.
#[derive(Debug, Clone, Copy)]
struct Boundary {
    of: usize,
    last: bool,
}

struct Message<R> {
    lines: Lines<R>,
    /// Multiparts that are open, the outermost first.
    around: Vec<Around>,
    /// Bytes of the line at hand that were given.
    used: usize,
    /// The line at hand is a boundary and belongs to no part.
    met: Option<Boundary>,
    count: usize,
    nesting: usize,
    budget: Rc<Budget>,
}

impl<R: Read> Message<R> {
    fn next_line(&mut self) -> io::Result<()> {
        let Lines { from, line, begins } = &mut self.lines;
        *begins = line.is_empty() || line.last() == Some(&b'\n');
        line.clear();
        self.used = 0;
        from.take(LINE).read_until(b'\n', line)?;
        self.met = self.boundary();
        Ok(())
    }

    /// Which boundary the line at hand is. One of an outer multipart ends the inner ones, too.
    fn boundary(&self) -> Option<Boundary> {
        let line = self.lines.line.strip_prefix(b"--").filter(|_| self.lines.begins)?;
        self.around.iter().enumerate().find_map(|(of, around)| {
            let tail = line.strip_prefix(around.boundary.as_slice())?;
            let last = tail.starts_with(b"--");
            let tail = tail.get(if last { 2 } else { 0 }..).unwrap_or_default();
            tail.trim_ascii().is_empty().then_some(Boundary { of, last })
        })
    }

    /// The headers that begin at the line at hand.
    fn headers(&mut self) -> io::Result<Vec<u8>> {
        let mut headers = Vec::new();
        while self.met.is_none() && !self.lines.line.is_empty() && headers.len() < MAX_HEADER {
            let line = self.lines.line.get(self.used..).unwrap_or_default();
            if matches!(line, b"\n" | b"\r\n") {
                self.next_line()?;
                break;
            }
            let folded = matches!(line.first(), Some(b' ' | b'\t')) || !self.lines.begins;
            if header_name(line).is_none() && !folded && !line.starts_with(b">From ") {
                break;
            }
            headers.extend_from_slice(line);
            self.next_line()?;
        }
        Ok(headers)
    }

    /// Reads a part with its headers, up to the next boundary.
    fn part(&mut self, default: &'static str, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        self.count += 1;
        let headers = self.headers()?;
        let headers = Headers::parse(&headers);
        if self.count == 1 {
            headers.push(sink)?;
        } else {
            headers.push_of_part(sink)?;
        }
        let kind = headers.get("content-type").map(|value| Parameters::parse(&value)).unwrap_or_default();
        let media = if kind.value.contains('/') { kind.value.as_str() } else { default };
        if !media.starts_with("multipart/") {
            return self.body(media, &kind, &headers, sink);
        }
        if media == "multipart/encrypted" {
            sink.gap(Gap::new(GapReason::Encrypted, "encrypted message (OpenPGP)"));
            return Ok(self.pass()?);
        }
        let boundary = kind.get("boundary").unwrap_or_default();
        if self.around.len() >= self.nesting {
            sink.gap(Gap::new(GapReason::LimitDepth, "parts nested deeper than allowed"));
        } else if !boundary.is_empty() {
            let default = if media == "multipart/digest" { "message/rfc822" } else { "text/plain" };
            self.around.push(Around { boundary: boundary.as_bytes().to_vec(), default, begun: false });
            self.met = self.boundary();
            return self.outside("preamble", sink);
        }
        self.body("text/plain", &Parameters::default(), &Headers::parse(b""), sink)
    }

    /// What follows the end of a part: the next part of the multipart around it, or ends of multiparts. Gives what the next part
    /// is as a rule; `None` at the end of the message.
    fn epilogues(&mut self, sink: &mut dyn Sink) -> Result<Option<&'static str>, Unreadable> {
        while let Some(Boundary { of, last }) = self.met {
            self.around.truncate(of + 1);
            let Some(around) = self.around.last_mut() else { break };
            around.begun |= !last;
            let (default, begun) = (around.default, around.begun);
            if last {
                self.around.truncate(of);
            }
            self.next_line()?;
            if !last {
                return Ok(Some(default));
            }
            self.outside(if begun { "epilogue" } else { "text" }, sink)?;
        }
        Ok(None)
    }

    /// Text before the first or behind the last part of a multipart. What was to be its preamble is text like any other when no
    /// boundary follows.
    fn outside(&mut self, name: &str, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let depth = self.around.len();
        let most = HELD.min(self.budget.room() / 4);
        let _lease = self.budget.hold(most);
        let mut held = Vec::new();
        (&mut *self).take(most).read_to_end(&mut held)?;
        if !held.trim_ascii().is_empty() {
            let has_parts = match name {
                "preamble" => self.met.is_some_and(|met| met.of + 1 == depth && !met.last),
                name => name == "epilogue",
            };
            if has_parts {
                let text = codings::decode(&held, None);
                sink.segment(Segment::lines(&text, Place::new(Kind::Hidden).hidden().named(name)))?;
            } else {
                push_text(&held, &Parameters::default(), sink)?;
            }
        }
        if !self.is_at_end() {
            let name = format!("{name}-{}.txt", self.count);
            sink.member(Member::named(&name), self)?;
            self.pass()?;
        }
        Ok(())
    }

    /// Reads the body of a part without parts.
    fn body(
        &mut self,
        media: &str,
        kind: &Parameters,
        headers: &Headers<'_>,
        sink: &mut dyn Sink,
    ) -> Result<(), Unreadable> {
        let most = HELD.min(self.budget.room() / 4);
        // As long again when it is decoded.
        let lease = self.budget.hold(most * 2);
        let mut held = Vec::new();
        (&mut *self).take(most).read_to_end(&mut held)?;
        if self.is_at_end() {
            return Ok(leaf(media, kind, headers, &held, self.count, self.nesting, sink)?);
        }
        drop(lease);
        if memmem::find(&held, b"-----BEGIN PGP MESSAGE-----").is_some() {
            sink.gap(Gap::new(GapReason::Encrypted, "encrypted text (OpenPGP)"));
        }
        let coding = headers.get("content-transfer-encoding").unwrap_or_default().trim().to_ascii_lowercase();
        let coding = match coding.as_str() {
            "base64" => Coding::Base64(base64::Decoder::default()),
            "quoted-printable" => Coding::Quoted,
            _ => {
                if coding.contains("uu") || coding == "x-yencode" || codings::inline_file(&held, 0).is_some()
                {
                    let detail = "file in uuencode or yEnc larger than memory";
                    sink.gap(Gap::new(GapReason::LimitSize, detail));
                }
                Coding::None
            }
        };
        let disposition =
            headers.get("content-disposition").map(|value| Parameters::parse(&value)).unwrap_or_default();
        let file = disposition.get("filename").or_else(|| kind.get("name"));
        let name = name_of(file, headers, media, self.count);
        if mapi::is_rights_protected(&name, media) {
            let gap = Gap::new(GapReason::Encrypted, "message under rights management");
            sink.unread_member(Member::named(&name), gap);
        } else {
            let member = Member { name: &name, media: Some(media), charset: kind.get("charset") };
            let from = io::Cursor::new(held).chain(&mut *self);
            sink.member(
                member,
                &mut Decoded { from, coding, raw: Vec::new(), out: Vec::new(), at: 0, ended: false },
            )?;
        }
        Ok(self.pass()?)
    }

    /// Whether no byte of the part is left.
    fn is_at_end(&self) -> bool {
        self.met.is_some() || self.lines.line.is_empty()
    }

    /// Passes over what is left of the part.
    fn pass(&mut self) -> io::Result<()> {
        while !self.is_at_end() {
            self.next_line()?;
        }
        Ok(())
    }
}

/// The bytes up to the next boundary.
impl<R: Read> Read for Message<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.is_at_end() || into.is_empty() {
            return Ok(0);
        }
        let rest = self.lines.line.get(self.used..).unwrap_or_default();
        let length = rest.len().min(into.len());
        if let (Some(to), Some(from)) = (into.get_mut(..length), rest.get(..length)) {
            to.copy_from_slice(from);
        }
        self.used += length;
        if self.used == self.lines.line.len() {
            self.next_line()?;
        }
        Ok(length)
    }
}

enum Coding {
    None,
    Base64(base64::Decoder),
    Quoted,
}

/// The bytes of a body under its coding.
struct Decoded<R> {
    from: R,
    coding: Coding,
    /// What was read and not yet decoded.
    raw: Vec<u8>,
    out: Vec<u8>,
    at: usize,
    ended: bool,
}

impl<R: Read> Decoded<R> {
    fn refill(&mut self) -> io::Result<()> {
        let before = self.raw.len();
        self.raw.resize(before + LINE as usize, 0);
        let got = self.from.read(self.raw.get_mut(before..).unwrap_or_default());
        self.raw.truncate(before + *got.as_ref().unwrap_or(&0));
        self.ended = got? == 0;
        self.at = 0;
        self.out.clear();
        match &mut self.coding {
            Coding::None => std::mem::swap(&mut self.raw, &mut self.out),
            Coding::Base64(decoder) => {
                decoder.decode(&self.raw, &mut self.out);
                self.raw.clear();
            }
            Coding::Quoted => {
                // A code or a soft line break must not be cut.
                let whole = if self.ended {
                    self.raw.len()
                } else {
                    let line = memchr::memrchr(b'\n', &self.raw).map(|at| at + 1);
                    line.or_else(|| memchr::memrchr(b'=', &self.raw).filter(|at| *at > 0))
                        .unwrap_or(self.raw.len())
                };
                let rest = self.raw.split_off(whole);
                self.out = base64::quoted_printable(&self.raw);
                self.raw = rest;
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at == self.out.len() && !self.ended {
            self.refill()?;
        }
        let rest = self.out.get(self.at..).unwrap_or_default();
        let length = rest.len().min(into.len());
        if let (Some(to), Some(from)) = (into.get_mut(..length), rest.get(..length)) {
            to.copy_from_slice(from);
        }
        self.at += length;
        Ok(length)
    }
}
