//! Headers of messages and parts: RFC 5322, 2045, 2047, 2231.

use std::borrow::Cow;

use memchr::memmem;

use super::super::{Sink, Stop, base64, html};
use super::codings::decode;
use super::split_headers;
use crate::model::{Kind, Place, Segment};

/// The name of the header in a line.
pub(super) fn header_name(line: &[u8]) -> Option<&str> {
    let end = memchr::memchr(b':', line)?;
    let name = line.get(..end)?.trim_ascii_end();
    let valid = !name.is_empty() && name.len() <= 76 && name.iter().all(|byte| byte.is_ascii_graphic());
    std::str::from_utf8(name).ok().filter(|_| valid)
}

/// Header lines, unfolded, not yet decoded.
pub(super) struct Headers<'b> {
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
    /// Pushes what stands at an inner part and is not of its packing: protected headers (RFC 9788), labels.
    ///
    /// # Errors
    /// When the sink stops.
    pub(super) fn push_of_part(&self, sink: &mut dyn Sink) -> Result<(), Stop> {
        let packing = |name: &str| name.get(..8).is_some_and(|head| head.eq_ignore_ascii_case("content-"));
        self.lines.iter().filter(|(name, _)| !packing(name)).try_for_each(|line| push_line(line, sink))
    }

    /// Cuts them apart.
    pub(super) fn parse(bytes: &'b [u8]) -> Headers<'b> {
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
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let (_, value) = self.lines.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(encoded_words(value))
    }

    /// Pushes all but those of the message's way.
    ///
    /// # Errors
    /// When the sink stops.
    pub(super) fn push(&self, sink: &mut dyn Sink) -> Result<(), Stop> {
        self.lines.iter().try_for_each(|line| push_line(line, sink))
    }
}

fn push_line((name, value): &(&str, Cow<'_, [u8]>), sink: &mut dyn Sink) -> Result<(), Stop> {
    let name = name.to_ascii_lowercase();
    if TRAVEL.contains(&name.as_str()) || name.starts_with("arc-") || value.is_empty() {
        return Ok(());
    }
    let label = is_label(&name);
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
    // Titus: JSON in base64.
    if name.starts_with("x-titus-metadata")
        && let Ok(json) = String::from_utf8(base64::decode(value.as_bytes()))
        && json.starts_with('{')
    {
        let place = Place::new(Kind::Label).hidden().named("x-titus-metadata");
        sink.segment(Segment::new(&json, place))?;
    }
    // RFC 7444: what a person is to be shown.
    if name == "sio-label"
        && let Some(marking) = Parameters::parse(&format!(";{value}")).get("marking")
    {
        let place = Place::new(Kind::Label).hidden().named("sio-label marking");
        sink.segment(Segment::new(marking, place))?;
    }
    sink.segment(Segment::new(&value, place.named(&name)))?;
    Ok(())
}

/// Whether a header, by its name in lower case, bears a label: those of the contract, of labelling products (Titus,
/// Boldon James, Janusseal), of mail systems of government (X-Protective-Marking of Australia's email marking standard, SIO-Label of RFC 7444), and whatever is named alike.
pub(in crate::extract) fn is_label(name: &str) -> bool {
    matches!(
        name,
        "msip_labels" | "sensitivity" | "keywords" | "comments" | "sio-label" | "sio-label-history"
    ) || name.starts_with("x-titus")
        || [
            "protective",
            "marking",
            "classification",
            "sensitivity",
            "msip",
            "security-label",
            "securitylabel",
            "security-policy",
        ]
        .iter()
        .any(|word| name.contains(word))
}

/// Pushes the headers of a message that another program keeps as one text, but for subject and addresses, which it
/// keeps beside them.
///
/// # Errors
/// When the sink stops.
pub(in crate::extract) fn push_headers(bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Stop> {
    let mut headers = Headers::parse(split_headers(bytes).0);
    headers.lines.retain(|(name, _)| {
        !["subject", "thread-topic"].iter().any(|known| name.eq_ignore_ascii_case(known))
    });
    headers.push(sink)
}

/// Each `MSIP_Label_<guid>_Name=value` of the header as a label of its own, so that it is read as the same property of
/// an Office file is: a disabled label is none.
///
/// # Errors
/// When the sink stops.
pub(in crate::extract) fn push_msip_labels(value: &str, sink: &mut dyn Sink) -> Result<(), Stop> {
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
                out.push_str(&decode(before, None));
            }
            pending_charset = charset;
        }
        pending.extend_from_slice(&word);
        rest = rest.get(at + used..).unwrap_or_default();
        plain = 0;
    }
    flush_word(&mut pending, pending_charset, &mut out);
    out.push_str(&decode(rest, None));
    out
}

fn flush_word(pending: &mut Vec<u8>, charset: &[u8], out: &mut String) {
    if !pending.is_empty() {
        out.push_str(&decode(pending, std::str::from_utf8(charset).ok()));
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
pub(super) struct Parameters {
    /// Before the first semicolon.
    pub(super) value: String,
    parameters: Vec<(String, String)>,
}

impl Parameters {
    /// Cuts a header's value apart.
    pub(super) fn parse(text: &str) -> Parameters {
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
            parameters.insert(0, (name, decode(&content, Some(&charset)).into_owned()));
        }
        Parameters { value, parameters }
    }

    /// The decoded value of a parameter.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
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
