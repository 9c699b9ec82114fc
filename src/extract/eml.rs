//! Mail messages, saved web archives (MHTML) and mailboxes.
//!
//! In: bytes of RFC 5322/MIME. Out: headers, text of every alternative, and attachments as members. Left out: checking
//! signatures, decrypting.
//!
//! The parts are walked here and not by mail-parser 0.11.9: its messages inside messages nest as values, so that a
//! mail of 400,000 `message/rfc822` headers (12 MB) overflowed the stack and aborted the process; it holds every decoded
//! part in memory at once, and it decodes unknown charsets to U+FFFD, which the fold stage could not undo.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read};

use memchr::memmem;

use super::{Format, Head, Input, Member, Sink, Stop, Unreadable, base64, charset, html, text};
use crate::model::{Gap, GapReason, Kind, Place, Segment};

/// One message, or a web archive in MIME.
pub(super) struct Eml;

impl Format for Eml {
    fn name(&self) -> &'static str {
        "eml"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["eml", "mht", "mhtml", "emlx", "mim", "mime", "nws", "txt"]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        has_headers(head.bytes)
            || (head.media.is_some_and(|media| media.eq_ignore_ascii_case("message/rfc822"))
                && head
                    .bytes
                    .split(|byte| *byte == b'\n')
                    .next()
                    .is_some_and(|line| header_name(line).is_some())
                && charset::is_text(head.bytes))
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let nesting = input.budget().limits.max_nesting as usize;
        if text::is_larger_than_memory(input) {
            let detail = "message larger than memory: its source was read as plain text, attachments not";
            sink.gap(Gap::new(GapReason::LimitSize, detail));
            return text::read_text(input, sink, Place::new(Kind::Body));
        }
        let bytes = input.bytes()?;
        Ok(read_message(bytes, nesting, sink)?)
    }
}

/// Header names that begin a message. Two of them among the first lines make one.
static KNOWN: &[&str] = &[
    "from",
    "to",
    "cc",
    "bcc",
    "subject",
    "date",
    "received",
    "return-path",
    "delivered-to",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "reply-to",
    "sender",
    "x-mailer",
    "x-originating-ip",
    "references",
    "in-reply-to",
    "dkim-signature",
    "arc-seal",
    "authentication-results",
    "x-received",
    "thread-topic",
    "x-priority",
    "list-id",
    "x-protective-marking",
    "newsgroups",
    "path",
    "snapshot-content-location",
    "x-unsent",
    "importance",
];

/// Whether the bytes begin with message headers.
fn has_headers(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    let mut known = 0;
    for (at, line) in bytes.split(|byte| *byte == b'\n').take(60).enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        if matches!(line.first(), Some(b' ' | b'\t')) && at > 0 {
            continue;
        }
        let Some(name) = header_name(line) else { return false };
        known += usize::from(KNOWN.iter().any(|known| name.eq_ignore_ascii_case(known)));
        if known >= 2 {
            return true;
        }
    }
    false
}

fn header_name(line: &[u8]) -> Option<&str> {
    let end = memchr::memchr(b':', line)?;
    let name = line.get(..end)?.trim_ascii_end();
    let valid = !name.is_empty() && name.len() <= 76 && name.iter().all(|byte| byte.is_ascii_graphic());
    std::str::from_utf8(name).ok().filter(|_| valid)
}

/// A mailbox: messages one after another, each behind a `From ` line.
pub(super) struct Mbox;

impl Format for Mbox {
    fn name(&self) -> &'static str {
        "mbox"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["mbox", "mbx", "txt"]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        let end = memchr::memchr(b'\n', head.bytes).unwrap_or(head.bytes.len());
        head.bytes.get(..end).is_some_and(is_separator)
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let mut mailbox = Mailbox {
            from: BufReader::with_capacity(64 << 10, input.stream()?),
            line: Vec::new(),
            used: 0,
            more: true,
            failed: None,
        };
        mailbox.next_line();
        let mut count = 0u32;
        while mailbox.more {
            // The separator itself holds the sender's address and is no text.
            mailbox.next_line();
            count += 1;
            let name = format!("message-{count}.eml");
            let mut message = Message { mailbox: &mut mailbox, after_blank: false };
            let result = sink
                .member(Member { name: &name, media: Some("message/rfc822"), charset: None }, &mut message);
            io::copy(&mut message, &mut io::sink())?;
            result?;
            if let Some(error) = mailbox.failed.take() {
                return Err(error.into());
            }
        }
        sink.fact("messages", count.to_string());
        Ok(())
    }
}

struct Mailbox<R> {
    from: BufReader<R>,
    /// The current line with its end, or a piece of a very long one.
    line: Vec<u8>,
    used: usize,
    more: bool,
    failed: Option<io::Error>,
}

impl<R: Read> Mailbox<R> {
    fn next_line(&mut self) {
        self.line.clear();
        self.used = 0;
        match (&mut self.from).take(64 << 10).read_until(b'\n', &mut self.line) {
            Ok(got) => self.more = got > 0,
            Err(error) => {
                self.more = false;
                self.failed = Some(error);
            }
        }
    }
}

/// `From someone Thu Jan  1 00:00:00 2026`: a time and a year tell it from a sentence.
fn is_separator(line: &[u8]) -> bool {
    line.starts_with(b"From ")
        && line
            .windows(3)
            .any(|three| matches!(three, [a, b':', b] if a.is_ascii_digit() && b.is_ascii_digit()))
        && line
            .split(u8::is_ascii_whitespace)
            .any(|word| word.len() == 4 && word.iter().all(u8::is_ascii_digit))
}

/// One message of a mailbox, up to the next separator.
struct Message<'m, R> {
    mailbox: &'m mut Mailbox<R>,
    after_blank: bool,
}

impl<R: Read> Read for Message<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mailbox = &mut *self.mailbox;
        if mailbox.used == mailbox.line.len() {
            self.after_blank = matches!(mailbox.line.as_slice(), b"\n" | b"\r\n");
            mailbox.next_line();
        }
        if !mailbox.more || (mailbox.used == 0 && self.after_blank && is_separator(&mailbox.line)) {
            return Ok(0);
        }
        if mailbox.used == 0 && mailbox.line.starts_with(b">From ") {
            mailbox.used = 1;
        }
        let rest = mailbox.line.get(mailbox.used..).unwrap_or_default();
        let length = rest.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..length), rest.get(..length)) {
            to.copy_from_slice(from);
        }
        mailbox.used += length;
        Ok(length)
    }
}

/// A part that waits to be read.
struct Part<'b> {
    bytes: &'b [u8],
    depth: usize,
    /// What it is without a `Content-Type`.
    default: &'static str,
}

/// Parts of one message beyond this many are not read.
const MAX_PARTS: usize = 10_000;

fn read_message(bytes: &[u8], nesting: usize, sink: &mut dyn Sink) -> Result<(), Stop> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let start = bytes.len() - bytes.trim_ascii_start().len();
    let mut waiting =
        vec![Part { bytes: bytes.get(start..).unwrap_or_default(), depth: 0, default: "text/plain" }];
    let mut count = 0usize;
    while let Some(part) = waiting.pop() {
        count += 1;
        if count > MAX_PARTS {
            sink.gap(Gap::new(GapReason::LimitCount, "more parts in one message than allowed"));
            return Ok(());
        }
        let (headers, body) = split_headers(part.bytes);
        let headers = Headers::parse(headers);
        if count == 1 {
            headers.push(sink)?;
        }
        let kind = headers.get("content-type").map(|value| Parameters::parse(&value)).unwrap_or_default();
        let media = if kind.value.contains('/') { kind.value.as_str() } else { part.default };
        if media.starts_with("multipart/") {
            if media == "multipart/encrypted" {
                sink.gap(Gap::new(GapReason::Encrypted, "encrypted message (OpenPGP)"));
                continue;
            }
            let boundary = kind.get("boundary").unwrap_or_default();
            let default = if media == "multipart/digest" { "message/rfc822" } else { "text/plain" };
            if part.depth >= nesting {
                sink.gap(Gap::new(GapReason::LimitDepth, "parts nested deeper than allowed"));
            } else if let Some(parts) = split_parts(body, boundary.as_bytes()) {
                for (outside, name) in [(parts.before, "preamble"), (parts.after, "epilogue")] {
                    if !outside.trim_ascii().is_empty() {
                        let (text, _) = charset::decode(outside, None);
                        sink.segment(Segment::lines(&text, Place::new(Kind::Hidden).hidden().named(name)))?;
                    }
                }
                let depth = part.depth + 1;
                waiting.extend(parts.inside.into_iter().rev().map(|bytes| Part { bytes, depth, default }));
                continue;
            }
            // No boundary as declared: what is there is text.
            push_text(body, None, sink)?;
            continue;
        }
        leaf(media, &kind, &headers, body, count, nesting, sink)?;
    }
    Ok(())
}

/// A part without parts.
fn leaf(
    media: &str,
    kind: &Parameters,
    headers: &Headers<'_>,
    body: &[u8],
    count: usize,
    nesting: usize,
    sink: &mut dyn Sink,
) -> Result<(), Stop> {
    let coding = headers.get("content-transfer-encoding").unwrap_or_default().trim().to_ascii_lowercase();
    let body: Cow<'_, [u8]> = match coding.as_str() {
        "base64" => Cow::Owned(base64::decode(body)),
        "quoted-printable" => Cow::Owned(base64::quoted_printable(body)),
        _ => Cow::Borrowed(body),
    };
    let disposition =
        headers.get("content-disposition").map(|value| Parameters::parse(&value)).unwrap_or_default();
    let file = disposition.get("filename").or_else(|| kind.get("name"));
    let charset = kind.get("charset");
    if let Some(description) =
        headers.get("content-description").filter(|text| !text.trim().is_empty() && count > 1)
    {
        sink.segment(Segment::new(&description, Place::new(Kind::Property).named("content-description")))?;
    }
    let attached = disposition.value == "attachment" || (file.is_some() && disposition.value != "inline");
    match media {
        "text/html" | "application/xhtml+xml" if !attached => {
            let (page, _) = charset::decode(&body, charset);
            return html::read_page(&page, nesting, sink);
        }
        "application/pgp-encrypted" => {
            sink.gap(Gap::new(GapReason::Encrypted, "encrypted message (OpenPGP)"));
            return Ok(());
        }
        "application/pkcs7-mime" | "application/x-pkcs7-mime"
            if kind.get("smime-type").is_none_or(|kind| {
                kind.eq_ignore_ascii_case("enveloped-data") || kind.eq_ignore_ascii_case("authenveloped-data")
            }) =>
        {
            sink.gap(Gap::new(GapReason::Encrypted, "encrypted message (S/MIME)"));
            return Ok(());
        }
        // A signature beside its text, not around it.
        "application/pkcs7-signature" | "application/x-pkcs7-signature" | "application/pgp-signature" => {
            sink.fact("signature", media.to_owned());
            return Ok(());
        }
        "text/plain"
        | "text/enriched"
        | "text/rfc822-headers"
        | "message/delivery-status"
        | "message/disposition-notification"
            if !attached =>
        {
            if memmem::find(&body, b"-----BEGIN PGP MESSAGE-----").is_some() {
                sink.gap(Gap::new(GapReason::Encrypted, "encrypted text (OpenPGP)"));
            }
            return push_text(&body, charset, sink);
        }
        _ => {}
    }
    if body.trim_ascii().is_empty() && file.is_none() {
        return Ok(());
    }
    let name = match file {
        Some(file) => file.to_owned(),
        None => match headers.get("content-location") {
            Some(location) => location.trim().to_owned(),
            None => format!("part-{count}.{}", usual_extension(media)),
        },
    };
    sink.member(Member { name: &name, media: Some(media), charset }, &mut &*body)
}

fn usual_extension(media: &str) -> &str {
    match media {
        "message/rfc822" | "message/global" => "eml",
        "text/plain" => "txt",
        "text/html" => "html",
        "image/jpeg" => "jpg",
        "application/octet-stream" => "bin",
        _ => media
            .rsplit_once('/')
            .map(|(_, kind)| kind)
            .filter(|kind| kind.len() <= 5 && kind.bytes().all(|byte| byte.is_ascii_alphanumeric()))
            .unwrap_or("bin"),
    }
}

fn push_text(bytes: &[u8], charset: Option<&str>, sink: &mut dyn Sink) -> Result<(), Stop> {
    let (text, _) = charset::decode(bytes, charset);
    if text.trim().is_empty() {
        return Ok(());
    }
    sink.segment(Segment::lines(&text, Place::new(Kind::Body)))
}

/// Headers with their line ends, and what follows the blank line.
fn split_headers(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    while let Some(length) = bytes.get(at..).and_then(|rest| memchr::memchr(b'\n', rest)) {
        let line = bytes.get(at..at + length).unwrap_or_default();
        let next = at + length + 1;
        if matches!(line, b"" | b"\r") {
            return (bytes.get(..at).unwrap_or_default(), bytes.get(next..).unwrap_or_default());
        }
        // A part that begins with its text: no header, nothing lost.
        if header_name(line).is_none()
            && !matches!(line.first(), Some(b' ' | b'\t'))
            && !line.starts_with(b">From ")
        {
            return (bytes.get(..at).unwrap_or_default(), bytes.get(at..).unwrap_or_default());
        }
        at = next;
    }
    (bytes, &[])
}

struct Parts<'b> {
    before: &'b [u8],
    inside: Vec<&'b [u8]>,
    after: &'b [u8],
}

/// Cuts a body at its boundary lines; `None` when there is not one.
fn split_parts<'b>(body: &'b [u8], boundary: &[u8]) -> Option<Parts<'b>> {
    if boundary.is_empty() {
        return None;
    }
    let mut delimiter = b"--".to_vec();
    delimiter.extend_from_slice(boundary);
    let mut parts = Parts { before: &[], inside: Vec::new(), after: &[] };
    let mut from: Option<usize> = None;
    let finder = memmem::Finder::new(&delimiter);
    let mut ended = false;
    for at in finder.find_iter(body) {
        if at > 0 && body.get(at - 1) != Some(&b'\n') {
            continue;
        }
        let after = body.get(at + delimiter.len()..).unwrap_or_default();
        let last = after.starts_with(b"--");
        let line = memchr::memchr(b'\n', after).unwrap_or(after.len());
        let tail = after.get(if last { 2 } else { 0 }..line).unwrap_or_default();
        if !tail.trim_ascii().is_empty() {
            continue; // the boundary of an inner multipart that begins with the same letters
        }
        let content = body.get(from.unwrap_or(0)..at).unwrap_or_default();
        match from {
            None => parts.before = content,
            Some(_) => parts.inside.push(content),
        }
        let next = (at + delimiter.len() + line + 1).min(body.len());
        from = Some(next);
        if last {
            parts.after = body.get(next..).unwrap_or_default();
            ended = true;
            break;
        }
    }
    if let (Some(from), false) = (from, ended) {
        // Cut off before its end.
        parts.inside.push(body.get(from..).unwrap_or_default());
    }
    (!parts.inside.is_empty()).then_some(parts)
}

/// Header lines, unfolded, not yet decoded.
struct Headers<'b> {
    lines: Vec<(&'b str, Cow<'b, [u8]>)>,
}

/// Headers of one part beyond this many bytes are not kept apart.
const MAX_HEADERS: usize = 2_000;

/// Headers that say how a message travelled, not what it says.
static TRAVEL: &[&str] = &[
    "received",
    "x-received",
    "dkim-signature",
    "domainkey-signature",
    "authentication-results",
    "message-id",
    "references",
    "in-reply-to",
    "mime-version",
    "date",
    "return-path",
    "content-type",
    "content-transfer-encoding",
    "content-disposition",
    "content-length",
    "content-id",
    "received-spf",
    "x-google-smtp-source",
    "x-uidl",
    "lines",
];

impl<'b> Headers<'b> {
    fn parse(bytes: &'b [u8]) -> Headers<'b> {
        let mut lines: Vec<(&str, Cow<'_, [u8]>)> = Vec::new();
        for line in bytes.split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if matches!(line.first(), Some(b' ' | b'\t')) {
                if let Some((_, value)) = lines.last_mut() {
                    let value = value.to_mut();
                    value.push(b' ');
                    value.extend_from_slice(line.trim_ascii());
                }
            } else if let Some(name) = header_name(line)
                && lines.len() < MAX_HEADERS
            {
                let value = line.get(memchr::memchr(b':', line).unwrap_or(0) + 1..).unwrap_or_default();
                lines.push((name, Cow::Borrowed(value.trim_ascii())));
            }
        }
        Headers { lines }
    }

    /// The decoded value of the first header of that name.
    fn get(&self, name: &str) -> Option<String> {
        let (_, value) = self.lines.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(encoded_words(value))
    }

    fn push(&self, sink: &mut dyn Sink) -> Result<(), Stop> {
        for (name, value) in &self.lines {
            let name = name.to_ascii_lowercase();
            if TRAVEL.contains(&name.as_str()) || name.starts_with("arc-") || value.is_empty() {
                continue;
            }
            let label = matches!(name.as_str(), "msip_labels" | "sensitivity" | "keywords" | "comments")
                || name.starts_with("x-titus")
                || ["protective", "marking", "classification", "sensitivity", "msip"]
                    .iter()
                    .any(|word| name.contains(word));
            let place = match name.as_str() {
                "subject" | "thread-topic" => Place::new(Kind::Subject),
                "from" | "to" | "cc" | "bcc" | "reply-to" | "sender" => Place::new(Kind::Property),
                _ if label => Place::new(Kind::Label).hidden(),
                _ => Place::new(Kind::Property).hidden(),
            };
            let value = encoded_words(value);
            if name == "msip_labels" {
                push_msip_labels(&value, sink)?;
            }
            sink.segment(Segment::new(&value, place.named(&name)))?;
        }
        Ok(())
    }
}

/// Each `MSIP_Label_<guid>_Name=value` of the header as a label of its own, so that it is read as the same property of
/// an Office file is: a disabled label is none.
fn push_msip_labels(value: &str, sink: &mut dyn Sink) -> Result<(), Stop> {
    for (name, value) in value.split(';').filter_map(|pair| pair.split_once('=')) {
        let place = Place::new(Kind::Label).hidden().named(name.trim());
        sink.segment(Segment::new(value.trim(), place))?;
    }
    Ok(())
}

/// Decodes `=?utf-8?B?…?=` (RFC 2047); what is not encoded is decoded as the bytes tell. Words of one charset that
/// follow each other are joined before decoding: mailers cut inside a character.
fn encoded_words(value: &[u8]) -> String {
    let mut out = String::new();
    let mut pending: Vec<u8> = Vec::new();
    let mut pending_charset: &[u8] = &[];
    let mut rest = value;
    let mut plain = 0;
    while let Some(at) = rest.get(plain..).and_then(|tail| memmem::find(tail, b"=?")).map(|at| plain + at) {
        let Some((charset, word, used)) = encoded_word(rest.get(at..).unwrap_or_default()) else {
            plain = at + 2;
            continue;
        };
        let before = rest.get(..at).unwrap_or_default();
        let joins = !pending.is_empty() && before.trim_ascii().is_empty();
        if !(joins && charset.eq_ignore_ascii_case(pending_charset)) {
            flush_word(&mut pending, pending_charset, &mut out);
            if !joins {
                out.push_str(&charset::decode(before, None).0);
            }
            pending_charset = charset;
        }
        pending.extend_from_slice(&word);
        rest = rest.get(at + used..).unwrap_or_default();
        plain = 0;
    }
    flush_word(&mut pending, pending_charset, &mut out);
    out.push_str(&charset::decode(rest, None).0);
    out
}

fn flush_word(pending: &mut Vec<u8>, charset: &[u8], out: &mut String) {
    if !pending.is_empty() {
        out.push_str(&charset::decode(pending, std::str::from_utf8(charset).ok()).0);
        pending.clear();
    }
}

/// Charset, decoded bytes and length of the encoded word at the beginning.
fn encoded_word(text: &[u8]) -> Option<(&[u8], Vec<u8>, usize)> {
    let inner = text.strip_prefix(b"=?")?;
    let mut marks = memchr::memchr_iter(b'?', inner.get(..2_000).unwrap_or(inner));
    let first = marks.next()?;
    let second = marks.next()?;
    let end = second + 1 + memmem::find(inner.get(second + 1..)?, b"?=")?;
    let coded = inner.get(second + 1..end)?;
    let word = match inner.get(first + 1..second)? {
        b"B" | b"b" => base64::decode(coded),
        b"Q" | b"q" => {
            let spaced: Vec<u8> = coded.iter().map(|byte| if *byte == b'_' { b' ' } else { *byte }).collect();
            base64::quoted_printable(&spaced)
        }
        _ => return None,
    };
    // A language tag may follow the charset (RFC 2231).
    let charset = inner.get(..first)?.split(|byte| *byte == b'*').next()?;
    Some((charset, word, end + 4))
}

/// `text/plain; charset="utf-8"; name*=utf-8''x`: value in lower case, parameters decoded.
#[derive(Debug, Default)]
struct Parameters {
    value: String,
    parameters: Vec<(String, String)>,
}

impl Parameters {
    fn parse(text: &str) -> Parameters {
        let mut pieces = split_quoted(text).into_iter();
        let value = pieces.next().unwrap_or_default().trim().to_ascii_lowercase();
        let mut pairs: Vec<(String, String)> = Vec::new();
        for piece in pieces {
            let Some((name, raw)) = piece.split_once('=') else { continue };
            let raw = raw.trim();
            let raw = raw.strip_prefix('"').map_or(raw, |inner| inner.strip_suffix('"').unwrap_or(inner));
            pairs.push((name.trim().to_ascii_lowercase(), raw.replace("\\\"", "\"")));
        }
        // `name*0*=…; name*1=…` (RFC 2231): pieces in order, the first names the charset.
        let mut parameters: Vec<(String, String)> = Vec::new();
        let mut bytes: Vec<(String, Vec<u8>, String)> = Vec::new();
        for (name, raw) in pairs {
            let Some((base, rest)) = name.split_once('*') else {
                parameters.push((name, raw));
                continue;
            };
            let coded = rest.is_empty() || rest.ends_with('*');
            let first = !bytes.iter().any(|(known, ..)| known == base);
            let mut parts = raw.splitn(3, '\'');
            let (charset, content) = match (first && coded, parts.next(), parts.next(), parts.next()) {
                (true, Some(charset), Some(_), Some(content)) => (charset, content),
                _ => ("utf-8", raw.as_str()),
            };
            let content =
                if coded { html::percent_bytes(content) } else { Cow::Borrowed(content.as_bytes()) };
            match bytes.iter_mut().find(|(known, ..)| known == base) {
                Some((_, all, _)) => all.extend_from_slice(&content),
                None => bytes.push((base.to_owned(), content.into_owned(), charset.to_owned())),
            }
        }
        for (name, content, charset) in bytes {
            // The extended form is the better one where both are given.
            parameters.insert(0, (name, charset::decode(&content, Some(&charset)).0.into_owned()));
        }
        Parameters { value, parameters }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Cuts at semicolons outside quotes.
fn split_quoted(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut from = 0;
    let mut quoted = false;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b';' if !quoted => {
                pieces.push(text.get(from..at).unwrap_or_default());
                from = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(text.get(from..).unwrap_or_default());
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::limits::{Budget, Limits};
    use super::super::testing::Record;
    use super::*;

    fn read(message: &str) -> Record {
        let mut sink = Record::default();
        read_message(message.replace('\n', "\r\n").as_bytes(), 100, &mut sink).unwrap();
        sink
    }

    #[test]
    fn headers_texts_and_attachments() {
        let sink = read(
            "From: =?utf-8?Q?S=E1=BB=9F_Th=E1=BB=AD?= <a@vidu.example>\nTo: b@vidu.example\n\
             Subject: =?utf-8?B?VFVZ4bs=?=\n =?utf-8?B?hlQgTeG6rFQ=?= x\nX-Protective-Marking: VER=2018.4,\n SEC=SECRET\n\
             MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"b;1\"\n\nsee\n--b;1\n\
             Content-Type: multipart/alternative; boundary=in\n\n--in\n\nM=1\n--in\n\
             Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n<p>M=E1=BA=ACT=\n!</p>\n\
             --in--\n--b;1\nContent-Type: application/pdf; name*0*=utf-8''t%E1%BA%ADp; name*1=.pdf\n\
             Content-Transfer-Encoding: base64\n\nJVBERg==\n--b;1\nContent-Type: message/rfc822\n\nSubject: x\n\ny\n--b;1--\nafter\n",
        );
        let lines = sink.lines();
        for expected in [
            "property|from|Sở Thử <a@vidu.example>",
            "subject|subject|TUYỆT MẬT x",
            "label|x-protective-marking|VER=2018.4, SEC=SECRET",
            "hidden|preamble|see\r\n",
            "hidden|epilogue|after\r\n",
            "body||M=1\r\n",
            "body||MẬT!\n",
        ] {
            assert!(lines.iter().any(|line| line == expected), "{expected:?} not in {lines:#?}");
        }
        assert_eq!(sink.members[0].0, "tập.pdf");
        assert_eq!(sink.members[0].1, b"%PDF");
        assert_eq!(sink.members[1].0, "part-6.eml");
    }

    #[test]
    fn encrypted_messages_are_gaps() {
        for kind in [
            "multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b",
            "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m",
        ] {
            let sink = read(&format!("From: a@b.example\nTo: c\nContent-Type: {kind}\n\nMIAG\n"));
            assert_eq!(sink.gaps[0].reason, GapReason::Encrypted);
        }
    }

    #[test]
    fn a_boundary_that_is_missing_loses_no_text() {
        let sink = read("From: a\nTo: b\nContent-Type: multipart/mixed; boundary=x\n\nMẬT\n");
        assert_eq!(sink.text_of(Kind::Body), "MẬT\r\n");
        let sink = read("From: a\nTo: b\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\ncut off MẬT");
        assert_eq!(sink.text_of(Kind::Body), "cut off MẬT");
    }

    #[test]
    fn mailboxes_are_members() {
        let bytes =
            b"From a@b Thu Jan  1 00:00:00 2026\nSubject: 1\nFrom: x\n\none\n>From here\nFrom there\n\n\
            From a@b Thu Jan  1 00:00:00 2026\nSubject: 2\nFrom: x\n\ntwo\n";
        assert!(Mbox.matches(&Head { bytes, extension: "", media: None }));
        let budget = Budget::new(Limits::default());
        let mut input = Input::from_bytes("a.mbox", bytes, &budget);
        let mut sink = Record::default();
        Mbox.read(&mut input, &mut sink).unwrap();
        let texts: Vec<_> = sink.members.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes)).collect();
        assert_eq!(
            texts,
            ["Subject: 1\nFrom: x\n\none\nFrom here\nFrom there\n\n", "Subject: 2\nFrom: x\n\ntwo\n"]
        );
    }

    #[test]
    fn what_is_a_message() {
        assert!(has_headers(b"Received: by x\r\n\tid 1\r\nFrom: a\r\n\r\n"));
        assert!(!has_headers(b"Note: this\nFrom here on: nothing\n"));
        assert!(!has_headers(b"From: only one\n\nSubject: no\n"));
    }

    proptest! {
        #[test]
        fn any_message_ends(text in "(From: a\n|To: b\n|Content-Type: multipart/mixed; boundary=x\n|\n|--x\n|--x--\n|=\\?utf-8\\?B\\?|\\?=|[a-z ]{0,5}){0,30}") {
            read(&text);
        }
    }
}
