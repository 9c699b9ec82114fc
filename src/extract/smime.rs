//! Cryptographic messages (CMS, RFC 5652; the `smime.p7m` of S/MIME): what is signed or compressed is handed on, what
//! is encrypted is said to be.
//!
//! In: DER or BER, also in PEM. Out: the content as a member; the ESS security label (RFC 2634) as a label. Left out:
//! signatures and certificates are not checked.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::ZlibDecoder;
use memchr::memmem;

use super::{Format, Head, Input, Member, Sink, Unreadable, base64};
use crate::model::{Gap, GapReason, Kind, Place, Segment};

/// The reader of cryptographic messages.
pub(super) struct Smime;

/// `1.2.840.113549.1.7`, the types of PKCS #7, without their last number.
const PKCS7: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07];

/// `1.2.840.113549.1.9.16.1`, later types.
const SMIME_TYPE: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x01];

/// `1.2.840.113549.1.9.16.2.2`, the security label among the signed attributes (RFC 2634, 3.2), with tag and length.
const LABEL: &[u8] = &[0x06, 0x0B, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x02, 0x02];

impl Format for Smime {
    fn name(&self) -> &'static str {
        "smime"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["p7m", "p7s", "p7c", "p7b", "p7z", "pem"]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        is_message(head.bytes)
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let budget = std::rc::Rc::clone(input.budget());
        let name = input.name();
        let bytes = unwrapped(input.bytes()?);
        let _lease = matches!(bytes, Cow::Owned(_)).then(|| budget.hold(bytes.len() as u64));
        let broken = || Unreadable::damaged("cryptographic message");
        let (info, _) = Value::first(&bytes).ok_or_else(broken)?;
        let (kind, rest) = Value::first(info.body).ok_or_else(broken)?;
        let Some(content) = Value::first(rest).and_then(|(wrapped, _)| Value::first(wrapped.body)) else {
            return Err(broken());
        };
        label(&bytes, sink)?;
        let content = content.0;
        match Type::of(kind.body) {
            Type::Data => hand_on(&octets(&content), name, sink),
            Type::Signed => {
                sink.fact("signature", "cms".to_owned());
                match enclosed(content.body) {
                    Some(octets) => hand_on(&octets, name, sink),
                    // The signature of what lies beside it.
                    None => Ok(()),
                }
            }
            Type::Compressed => {
                let octets = enclosed(content.body).ok_or_else(broken)?;
                let inner = ZlibDecoder::new(&*octets);
                let member = Member { media: Some("message/rfc822"), ..Member::named("compressed.eml") };
                Ok(sink.member(member, &mut budget.guard(inner, octets.len() as u64))?)
            }
            Type::Encrypted => {
                sink.gap(Gap::new(GapReason::Encrypted, "encrypted message (S/MIME)"));
                Ok(())
            }
            Type::Other => {
                sink.gap(Gap::new(GapReason::Unsupported, "cryptographic message of an unknown type"));
                Ok(())
            }
        }
    }
}

/// Whether the bytes begin a cryptographic message.
pub(super) fn is_message(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"-----BEGIN PKCS7-----") || bytes.starts_with(b"-----BEGIN CMS-----") {
        return true;
    }
    kind_of(bytes).is_some()
}

/// Whether it is an encrypted one.
pub(super) fn is_encrypted(bytes: &[u8]) -> bool {
    kind_of(&unwrapped(bytes)) == Some(Type::Encrypted)
}

/// The type that the first object identifier names; the rest need not be there yet.
fn kind_of(bytes: &[u8]) -> Option<Type> {
    if bytes.first() != Some(&0x30) {
        return None;
    }
    let length = bytes.get(1)?;
    let header = 2 + if *length > 0x80 { usize::from(length & 0x7F) } else { 0 };
    let rest = bytes.get(header..)?;
    let id = rest.strip_prefix(&[0x06])?;
    let id = id.get(1..=usize::from(*id.first()?))?;
    Some(Type::of(id)).filter(|kind| *kind != Type::Other)
}

/// Without the armour of PEM.
fn unwrapped(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.starts_with(b"-----BEGIN") {
        return Cow::Borrowed(bytes);
    }
    let from = memchr::memchr(b'\n', bytes).unwrap_or(0);
    let rest = bytes.get(from..).unwrap_or_default();
    let end = memmem::find(rest, b"-----END").unwrap_or(rest.len());
    Cow::Owned(base64::decode(rest.get(..end).unwrap_or_default()))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Data,
    Signed,
    Compressed,
    Encrypted,
    Other,
}

impl Type {
    fn of(id: &[u8]) -> Type {
        match (id.strip_prefix(PKCS7), id.strip_prefix(SMIME_TYPE)) {
            (Some([1]), _) => Type::Data,
            (Some([2]), _) => Type::Signed,
            (Some([3 | 4 | 6]), _) | (_, Some([23])) => Type::Encrypted,
            (_, Some([9])) => Type::Compressed,
            _ => Type::Other,
        }
    }
}

/// A tag with its content (X.690).
#[derive(Debug, Clone, Copy)]
struct Value<'b> {
    tag: u8,
    body: &'b [u8],
}

/// Indefinite lengths nested deeper than this are not followed; messages have about eight levels.
const MAX_DEPTH: u32 = 32;

impl<'b> Value<'b> {
    /// The first value and what follows it. One that is cut off holds what is there.
    fn first(bytes: &'b [u8]) -> Option<(Value<'b>, &'b [u8])> {
        Value::nested(bytes, MAX_DEPTH)
    }

    fn nested(bytes: &'b [u8], depth: u32) -> Option<(Value<'b>, &'b [u8])> {
        let (&tag, rest) = bytes.split_first()?;
        let (&length, rest) = rest.split_first()?;
        if length == 0x80 {
            // Ends at two zeros; what is inside must be walked to find them.
            let mut inside = rest;
            loop {
                match inside {
                    [] => return Some((Value { tag, body: rest }, &[])),
                    [0, 0, after @ ..] => {
                        let body = rest.get(..rest.len() - inside.len())?;
                        return Some((Value { tag, body }, after));
                    }
                    _ if depth == 0 => return None,
                    _ => match Value::nested(inside, depth - 1) {
                        Some((_, after)) => inside = after,
                        None => return Some((Value { tag, body: rest }, &[])),
                    },
                }
            }
        }
        let (length, rest) = if length < 0x80 {
            (usize::from(length), rest)
        } else {
            let count = usize::from(length & 0x7F).min(8);
            let digits = rest.get(..count)?;
            let length =
                digits.iter().fold(0usize, |all, digit| all.saturating_mul(256) + usize::from(*digit));
            (length, rest.get(count..)?)
        };
        let (body, after) = rest.split_at(length.min(rest.len()));
        Some((Value { tag, body }, after))
    }

    /// The values inside, in order.
    fn inside(self) -> impl Iterator<Item = Value<'b>> {
        let mut rest = self.body;
        std::iter::from_fn(move || {
            let (value, after) = Value::first(rest)?;
            rest = after;
            Some(value)
        })
    }
}

/// The content of SignedData or CompressedData: the first sequence that begins with an object identifier and goes on
/// with octets (RFC 5652, 5.2).
fn enclosed(body: &[u8]) -> Option<Cow<'_, [u8]>> {
    let data = Value { tag: 0x30, body };
    // The identifiers of algorithms are sequences in a set, or carry no [0].
    let content = data.inside().filter(|value| value.tag == 0x30).find_map(|value| {
        let mut parts = value.inside();
        let _ = parts.next().filter(|id| id.tag == 0x06)?;
        parts.next().filter(|content| content.tag == 0xA0)
    })?;
    let (value, _) = Value::first(content.body)?;
    Some(octets(&value))
}

/// Octets, in one piece or in many.
fn octets<'b>(value: &Value<'b>) -> Cow<'b, [u8]> {
    if value.tag & 0x20 == 0 {
        return Cow::Borrowed(value.body);
    }
    let mut all = Vec::new();
    let mut waiting = vec![*value];
    while let Some(value) = waiting.pop() {
        if value.tag & 0x20 == 0 {
            all.extend_from_slice(value.body);
        } else if waiting.len() < 1_000_000 {
            let at = waiting.len();
            waiting.extend(value.inside());
            if let Some(new) = waiting.get_mut(at..) {
                new.reverse();
            }
        }
    }
    Cow::Owned(all)
}

/// Hands on what is signed: in mail the parts of a message, elsewhere a file that gave its name (`report.xml.p7m`).
fn hand_on(content: &[u8], name: &str, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let head = content.get(..12).unwrap_or(content).to_ascii_lowercase();
    let mail = head.starts_with(b"content-") || head.starts_with(b"mime-version");
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let member = if mail {
        Member { media: Some("message/rfc822"), ..Member::named("signed.eml") }
    } else {
        Member::named(if stem.is_empty() { "signed" } else { stem })
    };
    Ok(sink.member(member, &mut std::io::Cursor::new(content).take(u64::MAX))?)
}

/// ESSSecurityLabel ::= SET { policy OID, classification INTEGER OPTIONAL, privacy-mark OPTIONAL, categories OPTIONAL }
fn label(bytes: &[u8], sink: &mut dyn Sink) -> Result<(), Unreadable> {
    for at in memmem::find_iter(bytes, LABEL).take(100) {
        let after = bytes.get(at + LABEL.len()..).unwrap_or_default();
        let Some((values, _)) = Value::first(after) else { continue };
        for part in values.inside().flat_map(Value::inside) {
            let text = match (part.tag, part.body) {
                // RFC 2634, 3.2: SecurityClassification.
                (0x02, [level]) => match level {
                    1 => "UNCLASSIFIED".to_owned(),
                    2 => "RESTRICTED".to_owned(),
                    3 => "CONFIDENTIAL".to_owned(),
                    4 => "SECRET".to_owned(),
                    5 => "TOP SECRET".to_owned(),
                    _ => continue,
                },
                (0x0C | 0x13, text) => String::from_utf8_lossy(text).into_owned(),
                _ => continue,
            };
            let place = Place::new(Kind::Label).hidden().named("security-label");
            sink.segment(Segment::new(&text, place))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{Record, read_bytes};
    use super::*;

    fn tlv(tag: u8, body: &[u8]) -> Vec<u8> {
        let mut out = vec![tag, 0x82];
        out.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
        out.extend(body);
        out
    }

    fn indefinite(tag: u8, body: &[u8]) -> Vec<u8> {
        [&[tag, 0x80], body, &[0, 0]].concat()
    }

    fn oid(last: u8) -> Vec<u8> {
        [&[0x06, 0x09], PKCS7, &[last]].concat()
    }

    fn read(name: &str, bytes: &[u8]) -> Record {
        assert!(Smime.matches(&Head { bytes, extension: "p7m", media: None }));
        read_bytes(&Smime, name, bytes)
    }

    #[test]
    fn signed_content_in_either_form() {
        let octets = [tlv(0x04, b"TOP "), tlv(0x04, b"SECRET")].concat();
        let content = [oid(1), indefinite(0xA0, &indefinite(0x24, &octets))].concat();
        let data =
            [vec![2, 1, 1], tlv(0x31, &tlv(0x30, &oid(5))), indefinite(0x30, &content), tlv(0x31, b"")]
                .concat();
        let bytes = indefinite(0x30, &[oid(2), indefinite(0xA0, &indefinite(0x30, &data))].concat());
        assert_eq!(read("a.txt.p7m", &bytes).members, [("a.txt".to_owned(), b"TOP SECRET".to_vec())]);

        let content = [oid(1), tlv(0xA0, &tlv(0x04, b"Content-Type: text/plain\r\n\r\nx"))].concat();
        let set = tlv(0x31, &tlv(0x31, &[vec![0x06, 1, 42, 2, 1, 5], tlv(0x0C, b"EYES ONLY")].concat()));
        let signer = tlv(0x31, &[LABEL, &set].concat());
        let data = [vec![2, 1, 1], tlv(0x31, b""), tlv(0x30, &content), signer].concat();
        let bytes = tlv(0x30, &[oid(2), tlv(0xA0, &tlv(0x30, &data))].concat());
        let got = read("smime.p7m", &bytes);
        assert_eq!(got.members[0].0, "signed.eml");
        assert_eq!(got.lines(), ["label|security-label|TOP SECRET", "label|security-label|EYES ONLY"]);
    }

    #[test]
    fn encrypted_and_detached() {
        let bytes = tlv(0x30, &[oid(3), tlv(0xA0, &tlv(0x30, b""))].concat());
        assert_eq!(read("smime.p7m", &bytes).gaps[0].reason, GapReason::Encrypted);
        assert!(is_encrypted(&bytes));
        let data = [vec![2, 1, 1], tlv(0x31, b""), tlv(0x30, &oid(1)), tlv(0x31, b"")].concat();
        let got = read("smime.p7s", &tlv(0x30, &[oid(2), tlv(0xA0, &tlv(0x30, &data))].concat()));
        assert!(got.gaps.is_empty() && got.members.is_empty() && got.error.is_none());
    }

    proptest! {
        #[test]
        fn any_bytes_end(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let bytes = [&[0x30, 0x80], oid(2).as_slice(), &[0xA0, 0x80, 0x30, 0x80], &body].concat();
            read("x.p7m", &bytes);
        }
    }
}
