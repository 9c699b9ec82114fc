//! Mail messages, saved web archives (MHTML) and mailboxes.
//!
//! In: bytes of RFC 5322/MIME. Out: headers, text of every alternative, and attachments as members. Left out: checking
//! signatures, decrypting.
//!
//! The parts are walked here and not by mail-parser 0.11.9: its messages inside messages nest as values, so that a
//! mail of 400,000 `message/rfc822` headers (12 MB) overflowed the stack and aborted the process; it holds every decoded
//! part in memory at once, and it decodes unknown charsets to U+FFFD, which the fold stage could not undo.

mod codings;
mod headers;
mod large;
mod mailbox;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::rc::Rc;

use memchr::memmem;

use self::codings::decode;
use self::headers::{Headers, Parameters, header_name};
pub(super) use self::headers::{is_label, push_headers, push_msip_labels};
pub(super) use self::mailbox::{Emlx, Mbox};
use super::input::Access;
use super::{Format, Head, Input, Member, Sink, Stop, Unreadable, base64, charset, html, mapi, smime};
use crate::model::{Gap, GapReason, Kind, Place, Segment};

/// Larger messages are read part by part, so that what is attached to them may have the memory.
const HELD: u64 = 32 << 20;

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
        let budget = Rc::clone(input.budget());
        let most = HELD.min(budget.room() / 3);
        if input.in_memory().is_none() && input.len().is_some_and(|length| length > most) {
            return large::read(input.stream()?, nesting, &budget, sink);
        }
        match input.access_below(most)? {
            Access::Once(stream) => return large::read(stream, nesting, &budget, sink),
            Access::Random(_) => {}
        }
        Ok(read_message(input.bytes()?, nesting, sink)?)
    }
}

/// A file written as letters (uuencode, yEnc) that no message is around.
pub(super) struct Letters;

impl Format for Letters {
    fn name(&self) -> &'static str {
        "uuencode"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["uue", "uu", "yenc", "ync", "txt"]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        let begins = |word: &[u8]| head.bytes.starts_with(word);
        (begins(b"begin ") || begins(b"begin-base64 ") || begins(b"=ybegin "))
            && codings::inline_file(head.bytes, 0)
                .is_some_and(|file| file.span.start == 0 && !file.content.is_empty())
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        Ok(push_text(input.bytes()?, &Parameters::parse(""), sink)?)
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
        } else {
            headers.push_of_part(sink)?;
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
                        let text = decode(outside, None);
                        sink.segment(Segment::lines(&text, Place::new(Kind::Hidden).hidden().named(name)))?;
                    }
                }
                let depth = part.depth + 1;
                waiting.extend(parts.inside.into_iter().rev().map(|bytes| Part { bytes, depth, default }));
                continue;
            }
            // No boundary as declared: what is there is text.
            push_text(body, &Parameters::default(), sink)?;
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
        "uuencode" | "x-uuencode" | "x-uue" | "x-yencode" => match codings::inline_file(body, 0) {
            Some(file) => Cow::Owned(file.content),
            None => Cow::Borrowed(body),
        },
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
            let page = decode(&body, charset);
            return html::read_page(&page, nesting, sink);
        }
        "application/pgp-encrypted" => {
            sink.gap(Gap::new(GapReason::Encrypted, "encrypted message (OpenPGP)"));
            return Ok(());
        }
        "application/pkcs7-mime" | "application/x-pkcs7-mime" => {
            let declared = kind.get("smime-type").unwrap_or("enveloped-data").to_ascii_lowercase();
            if smime::is_encrypted(&body) || (declared.contains("enveloped") && !smime::is_message(&body)) {
                sink.gap(Gap::new(GapReason::Encrypted, "encrypted message (S/MIME)"));
                return Ok(());
            }
        }
        "message/partial" => {
            sink.gap(Gap::new(GapReason::Unsupported, "one part of a message that was sent in several"));
            return push_text(&body, kind, sink);
        }
        // A signature beside its text, not around it; one in DER may bear a security label.
        "application/pkcs7-signature" | "application/x-pkcs7-signature" if smime::is_message(&body) => {}
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
            return push_text(&body, kind, sink);
        }
        _ => {}
    }
    if body.trim_ascii().is_empty() && file.is_none() {
        return Ok(());
    }
    let name = name_of(file, headers, media, count);
    if mapi::is_rights_protected(&name, media) {
        let gap = Gap::new(GapReason::Encrypted, "message under rights management");
        sink.unread_member(Member::named(&name), gap);
        return Ok(());
    }
    sink.member(Member { name: &name, media: Some(media), charset }, &mut &*body)
}

/// What a part is called as a document.
fn name_of(file: Option<&str>, headers: &Headers<'_>, media: &str, count: usize) -> String {
    match file {
        Some(file) => file.to_owned(),
        None => match headers.get("content-location") {
            Some(location) => location.trim().to_owned(),
            None => format!("part-{count}.{}", usual_extension(media)),
        },
    }
}

fn usual_extension(media: &str) -> &str {
    match media {
        "message/rfc822" | "message/global" => "eml",
        "text/plain" => "txt",
        "text/html" => "html",
        "image/jpeg" => "jpg",
        "application/octet-stream" => "bin",
        "application/pkcs7-mime" | "application/x-pkcs7-mime" => "p7m",
        "application/pkcs7-signature" | "application/x-pkcs7-signature" => "p7s",
        "application/ms-tnef" => "dat",
        _ => media
            .rsplit_once('/')
            .map(|(_, kind)| kind)
            .filter(|kind| kind.len() <= 5 && kind.bytes().all(|byte| byte.is_ascii_alphanumeric()))
            .unwrap_or("bin"),
    }
}

/// Pushes a text part; files in it that are written as letters are members.
fn push_text(bytes: &[u8], kind: &Parameters, sink: &mut dyn Sink) -> Result<(), Stop> {
    let charset = kind.get("charset");
    let flowed = kind.get("format").is_some_and(|format| format.eq_ignore_ascii_case("flowed"));
    let delsp = kind.get("delsp").is_some_and(|delsp| delsp.eq_ignore_ascii_case("yes"));
    let push = |bytes: &[u8], sink: &mut dyn Sink| {
        let text = decode(bytes, charset);
        let text = if flowed { Cow::Owned(codings::unflowed(&text, delsp)) } else { text };
        if text.trim().is_empty() {
            return Ok(());
        }
        sink.segment(Segment::lines(&text, Place::new(Kind::Body)))
    };
    let mut at = 0;
    while let Some(file) = codings::inline_file(bytes, at) {
        push(bytes.get(at..file.span.start).unwrap_or_default(), sink)?;
        sink.member(Member::named(&file.name), &mut file.content.as_slice())?;
        at = file.span.end;
    }
    push(bytes.get(at..).unwrap_or_default(), sink)
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
