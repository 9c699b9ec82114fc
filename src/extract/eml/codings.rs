//! Codings of mail that no encoding library knows: UTF-7, uuencode, yEnc, flowed text.

use std::borrow::Cow;

use memchr::memmem;

use super::super::charset;

/// The text of bytes in a charset that a message declares; UTF-7, too, which no guess may take for anything.
pub(super) fn decode<'b>(bytes: &'b [u8], declared: Option<&str>) -> Cow<'b, str> {
    let is_utf7 = declared.is_some_and(|label| {
        matches!(label.trim().to_ascii_lowercase().as_str(), "utf-7" | "utf7" | "unicode-1-1-utf-7")
    });
    if is_utf7 && bytes.is_ascii() { Cow::Owned(utf7(bytes)) } else { charset::decode(bytes, declared).0 }
}

/// RFC 2152: `+AGE-` holds UTF-16 in Base64 without padding.
fn utf7(bytes: &[u8]) -> String {
    let mut out = String::new();
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(b'+', rest) {
        out.push_str(&String::from_utf8_lossy(rest.get(..at).unwrap_or_default()));
        let after = rest.get(at + 1..).unwrap_or_default();
        let coded =
            after.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')).count();
        let ends = usize::from(after.get(coded) == Some(&b'-'));
        if coded == 0 {
            out.push('+');
        } else {
            let raw = super::super::base64::decode(after.get(..coded).unwrap_or_default());
            let units = raw.chunks_exact(2).map(|pair| match pair {
                [high, low] => u16::from_be_bytes([*high, *low]),
                _ => 0,
            });
            out.extend(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
        }
        rest = after.get(coded + ends..).unwrap_or_default();
    }
    out.push_str(&String::from_utf8_lossy(rest));
    out
}

/// RFC 3676: a line that ends in a blank goes on in the next. `delsp`: that blank was added.
pub(super) fn unflowed(text: &str, delsp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    // Quoted lines go on in lines of as many marks.
    let mut quoted = None;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\r', '\n']);
        let depth = content.bytes().take_while(|byte| *byte == b'>').count();
        let own = content.get(depth..).unwrap_or_default();
        let own = own.strip_prefix(' ').unwrap_or(own);
        if quoted != Some(depth) {
            if quoted.is_some() {
                out.push('\n');
            }
            out.extend(std::iter::repeat_n('>', depth));
        }
        // The line before a signature is `-- `.
        let flows = own.ends_with(' ') && own != "-- ";
        out.push_str(if flows && delsp { own.strip_suffix(' ').unwrap_or(own) } else { own });
        if flows {
            quoted = Some(depth);
        } else {
            quoted = None;
            out.push_str(line.get(content.len()..).unwrap_or_default());
        }
    }
    out
}

/// A file in letters, in the midst of a text.
#[derive(Debug, PartialEq)]
pub(super) struct Inline {
    /// Its name.
    pub(super) name: String,
    /// Its bytes.
    pub(super) content: Vec<u8>,
    /// Where it begins and ends in the text.
    pub(super) span: std::ops::Range<usize>,
}

/// The first file in uuencode or yEnc at or behind `from`.
pub(super) fn inline_file(text: &[u8], from: usize) -> Option<Inline> {
    let rest = text.get(from..)?;
    let mut best: Option<Inline> = None;
    for (word, read) in [
        (&b"begin "[..], uuencoded as fn(&[u8], usize) -> Option<Inline>),
        (b"begin-base64 ", uuencoded),
        (b"=ybegin ", yencoded),
    ] {
        for at in memmem::find_iter(rest, word) {
            let at = from + at;
            if best.as_ref().is_some_and(|best| best.span.start <= at) {
                break;
            }
            if (at == 0 || text.get(at - 1) == Some(&b'\n'))
                && let Some(file) = read(text, at)
            {
                best = Some(file);
                break;
            }
        }
    }
    best
}

/// The line that begins at `at`, without its end, and where the next begins.
fn line(text: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
    let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    let line = rest.get(..end)?;
    Some((line.strip_suffix(b"\r").unwrap_or(line), (at + end + 1).min(text.len())))
}

/// `begin 644 name`, lines of a count and its letters, `end` (POSIX, uuencode).
fn uuencoded(text: &[u8], at: usize) -> Option<Inline> {
    let (head, mut next) = line(text, at)?;
    let head = String::from_utf8_lossy(head).into_owned();
    let mut words = head.splitn(3, ' ');
    let base64 = words.next()? == "begin-base64";
    let mode = words.next()?;
    if !(3..=4).contains(&mode.len()) || !mode.bytes().all(|digit| (b'0'..=b'7').contains(&digit)) {
        return None;
    }
    let name = words.next()?.trim().to_owned();
    let mut content = Vec::new();
    while let Some((line, after)) = line(text, next) {
        if line == b"end" || line == b"====" {
            next = after;
            break;
        }
        if base64 {
            content.extend(super::super::base64::decode(line));
        } else if !uu_line(line, &mut content) {
            // Cut off: text again.
            break;
        }
        next = after;
    }
    Some(Inline { name, content, span: at..next })
}

fn uu_line(line: &[u8], out: &mut Vec<u8>) -> bool {
    let Some((first, letters)) = line.split_first() else { return true };
    if !(b' '..=b'`').contains(first) {
        return false;
    }
    let count = usize::from((first - b' ') & 0x3F);
    if letters.len() > count.div_ceil(3) * 4 + 2 || !letters.iter().all(|byte| (b' '..=b'`').contains(byte)) {
        return false;
    }
    let start = out.len();
    let value = |group: &[u8], at: usize| group.get(at).map_or(0, |byte| byte.wrapping_sub(b' ') & 0x3F);
    for group in letters.chunks(4) {
        let [a, b, c, d] = [value(group, 0), value(group, 1), value(group, 2), value(group, 3)];
        out.extend([a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d]);
    }
    out.resize(start + count, 0);
    true
}

/// `=ybegin line=128 size=5 name=x`, bytes moved by 42, `=yend` (yEnc 1.3).
fn yencoded(text: &[u8], at: usize) -> Option<Inline> {
    let (head, mut next) = line(text, at)?;
    let head = charset::decode(head, None).0;
    let name = head.split_once(" name=")?.1.trim().to_owned();
    let mut content = Vec::new();
    while let Some((line, after)) = line(text, next) {
        next = after;
        if line.starts_with(b"=yend") {
            break;
        }
        if line.starts_with(b"=ypart") {
            continue;
        }
        let mut bytes = line.iter();
        while let Some(byte) = bytes.next() {
            let value = match byte {
                b'=' => bytes.next().map_or(0, |next| next.wrapping_sub(64)),
                other => *other,
            };
            content.push(value.wrapping_sub(42));
        }
    }
    Some(Inline { name, content, span: at..next })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf7_text() {
        assert_eq!(decode(b"M+Hqw-T 1 +- 2 +AOkA6Q.", Some("UTF-7")), "M\u{1eac}T 1 + 2 éé.");
        assert_eq!(decode(b"a+b-c", None), "a+b-c");
    }

    #[test]
    fn lines_that_flow() {
        assert_eq!(unflowed("TOP \r\nSECRET\r\n-- \r\nx\r\n", false), "TOP SECRET\r\n-- \r\nx\r\n");
        assert_eq!(unflowed("> a \n> b\n>> c \nd\n", false), ">a b\n>>c \nd\n");
        assert_eq!(unflowed("mậ \nt\n", true), "mật\n");
    }

    #[test]
    fn files_in_letters() {
        // Made with Python's binascii.b2a_uu and with yenc 0.4.
        let text = b"see\nbegin 644 a b.txt\n*5$]0(%-%0U)%5   \n`\nend\nafter\nbegin to doubt\n";
        let file = inline_file(text, 0).unwrap();
        assert_eq!((file.name.as_str(), file.content.as_slice()), ("a b.txt", &b"TOP SECRET"[..]));
        assert_eq!(text.get(file.span.end..), Some(&b"after\nbegin to doubt\n"[..]));
        assert_eq!(inline_file(text, file.span.end), None);
        let text = b"=ybegin line=128 size=10 name=x.txt\r\n~yzJ}om|o~\r\n=yend size=10\r\n";
        assert_eq!(inline_file(text, 0).unwrap().content, b"TOP SECRET");
    }
}
