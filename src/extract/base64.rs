//! Base64 and quoted-printable as mail and pages hold them: broken, wrapped, cut off.
//!
//! Strict decoders refuse what a mail program shows; here whatever can be decoded is.

/// The bytes of Base64 text; characters outside the alphabet are skipped, `-` and `_` of the URL alphabet count.
pub(super) fn decode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    Decoder::default().decode(text, &mut out);
    out
}

/// The same for text that comes in pieces.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    bits: u32,
    count: u32,
}

impl Decoder {
    /// Appends the bytes of the next piece.
    pub(super) fn decode(&mut self, text: &[u8], out: &mut Vec<u8>) {
        let Decoder { mut bits, mut count } = *self;
        for byte in text {
            let value = match VALUES.get(usize::from(*byte)) {
                Some(&value) if value < 64 => value,
                _ if *byte == b'=' => {
                    // Padding ends a group; a second encoded part may follow.
                    bits = 0;
                    count = 0;
                    continue;
                }
                _ => continue,
            };
            bits = bits << 6 | u32::from(value);
            count += 6;
            if count >= 8 {
                count -= 8;
                let [.., byte] = (bits >> count).to_be_bytes();
                out.push(byte);
            }
        }
        *self = Decoder { bits, count };
    }
}

static VALUES: [u8; 256] = {
    let mut values = [255; 256];
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut at = 0;
    while at < 64 {
        values[alphabet[at] as usize] = at as u8;
        at += 1;
    }
    values[b'-' as usize] = 62;
    values[b'_' as usize] = 63;
    values
};

/// The bytes of quoted-printable text. A `=` that begins no code stands for itself.
pub(super) fn quoted_printable(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'=', rest) {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        let after = rest.get(at + 1..).unwrap_or_default();
        let digit = |at: usize| after.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        let used = match (digit(0), digit(1)) {
            (Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or_default());
                2
            }
            _ => {
                // A soft line break, perhaps with blanks that a mail server added.
                let blanks = after.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
                match after.get(blanks..) {
                    Some([b'\r', b'\n', ..]) => blanks + 2,
                    Some([b'\n', ..]) => blanks + 1,
                    Some([]) => blanks,
                    _ => {
                        out.push(b'=');
                        0
                    }
                }
            }
        };
        rest = after.get(used..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_and_broken_base64() {
        assert_eq!(decode(b"VE9Q\r\nIFNF Q1JF\nVA=="), b"TOP SECRET");
        assert_eq!(decode(b"VE9QIFNFQ1JFVA"), b"TOP SECRET");
        assert_eq!(decode(b"VE9Q!IFNFQ1JF*VA=="), b"TOP SECRET");
        assert_eq!(decode(b"VE8=UCE="), b"TOP!");
    }

    #[test]
    fn quoted_printable_with_soft_breaks() {
        assert_eq!(
            quoted_printable("TUY=E1=BB=86T M=E1=BA=\r\n=ACT = 3=".as_bytes()),
            "TUYỆT MẬT = 3".as_bytes()
        );
    }
}
