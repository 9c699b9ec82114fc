//! String constants in parsed formulas (MS-XLS 2.5.198, MS-XLSB 2.5.97): the only text a formula holds that no cell shows.

use encoding_rs::{Encoding, UTF_16LE, WINDOWS_1252};

use crate::extract::Unreadable;

/// Which program version's tokens.
#[derive(Debug, Clone, Copy)]
pub(in crate::extract) enum Tokens {
    /// Excel 5 and 95: strings are bytes of a code page.
    Biff5(&'static Encoding),
    /// Excel 97 and later.
    Biff8,
    /// Binary workbooks (XLSB).
    Biff12,
}

/// Pushes every string constant of a formula: `tokens` are its tokens, `extra` what stands behind them. False when a
/// token is not known; what comes after it was searched for things that look like a string.
///
/// # Errors
/// What `push` gave.
pub(in crate::extract) fn constants(
    tokens: &[u8],
    extra: &[u8],
    kind: Tokens,
    push: &mut dyn FnMut(&str) -> Result<(), Unreadable>,
) -> Result<bool, Unreadable> {
    let mut rest = tokens;
    // Array constants, and areas of which the values are kept, stand behind the tokens in their order.
    let mut arrays: Vec<bool> = Vec::new();
    while let Some((token, after)) = rest.split_first() {
        if *token == 0x17 {
            let Some((text, next)) = string(after, kind) else { return guess(rest, kind, push) };
            push(&text)?;
            rest = next;
            continue;
        }
        let Some(len) = operand(*token, after, kind) else { return guess(rest, kind, push) };
        match base_of(*token) {
            0x20 => arrays.push(true),
            0x26 => arrays.push(false),
            _ => {}
        }
        let Some(next) = after.get(len..) else { return guess(rest, kind, push) };
        rest = next;
    }
    let mut extra = extra;
    for array in arrays {
        match if array { array_constant(extra, kind, push)? } else { skip_areas(extra, kind) } {
            Some(next) => extra = next,
            None => return Ok(extra.is_empty()),
        }
    }
    Ok(true)
}

/// Tokens come in three classes that differ in two bits.
fn base_of(token: u8) -> u8 {
    if token >= 0x20 { token & 0x1F | 0x20 } else { token }
}

/// Bytes that follow a token.
fn operand(token: u8, after: &[u8], kind: Tokens) -> Option<usize> {
    let (five, twelve) = (matches!(kind, Tokens::Biff5(_)), matches!(kind, Tokens::Biff12));
    let pick = |biff5: usize, biff8: usize, biff12: usize| {
        if five {
            biff5
        } else if twelve {
            biff12
        } else {
            biff8
        }
    };
    Some(match base_of(token) {
        0x01 | 0x02 => 4,
        0x03..=0x16 => 0,
        0x18 => match after.first()? {
            0x19 => 1 + 12,
            _ => 1 + 4,
        },
        // PtgAttrChoose is followed by a table of jumps.
        0x19 if after.first()? & 0x04 != 0 => {
            let jumps = u16::from_le_bytes(*after.get(1..)?.first_chunk()?);
            3 + (usize::from(jumps) + 1) * 2
        }
        0x19 => 3,
        0x1C | 0x1D => 1,
        0x1E | 0x21 | 0x29 | 0x2E | 0x2F => 2,
        0x1F => 8,
        0x20 => pick(7, 7, 14),
        0x22 => 3,
        0x23 => pick(14, 4, 4),
        0x24 | 0x2A | 0x2C => pick(3, 4, 6),
        0x25 | 0x2B | 0x2D => pick(6, 8, 12),
        0x26..=0x28 => 6,
        0x39 => pick(24, 6, 6),
        0x3A | 0x3C => pick(17, 6, 8),
        0x3B | 0x3D => pick(20, 10, 14),
        _ => return None,
    })
}

fn string(bytes: &[u8], kind: Tokens) -> Option<(String, &[u8])> {
    let (len, start, encoding) = match kind {
        Tokens::Biff5(encoding) => (usize::from(*bytes.first()?), 1, encoding),
        Tokens::Biff8 => wide_or_narrow(usize::from(*bytes.first()?), *bytes.get(1)?, 2),
        Tokens::Biff12 => (usize::from(u16::from_le_bytes(*bytes.first_chunk()?)) * 2, 2, UTF_16LE),
    };
    take(bytes, start, len, encoding)
}

fn wide_or_narrow(chars: usize, flags: u8, start: usize) -> (usize, usize, &'static Encoding) {
    if flags & 1 != 0 { (chars * 2, start, UTF_16LE) } else { (chars, start, WINDOWS_1252) }
}

fn take<'b>(
    bytes: &'b [u8],
    start: usize,
    len: usize,
    encoding: &'static Encoding,
) -> Option<(String, &'b [u8])> {
    let raw = bytes.get(start..start + len)?;
    let (text, _) = encoding.decode_without_bom_handling(raw);
    Some((text.into_owned(), bytes.get(start + len..)?))
}

/// Pushes the strings of an array constant and gives what follows it.
fn array_constant<'b>(
    bytes: &'b [u8],
    kind: Tokens,
    push: &mut dyn FnMut(&str) -> Result<(), Unreadable>,
) -> Result<Option<&'b [u8]>, Unreadable> {
    let twelve = matches!(kind, Tokens::Biff12);
    let (values, mut rest) = if twelve {
        let (Some(columns), Some(rows)) = (long(bytes, 0), long(bytes, 4)) else { return Ok(None) };
        (u64::from(columns) * u64::from(rows), bytes.get(8..).unwrap_or_default())
    } else {
        let Some([columns, low, high]) = bytes.first_chunk::<3>() else { return Ok(None) };
        let rows = u16::from_le_bytes([*low, *high]);
        ((u64::from(*columns) + 1) * (u64::from(rows) + 1), bytes.get(3..).unwrap_or_default())
    };
    for _ in 0..values {
        let Some((value, after)) = rest.split_first() else { return Ok(None) };
        let is_string = if twelve { *value == 1 } else { *value == 2 };
        let next = if is_string {
            let Some((text, next)) = array_string(after, kind) else { return Ok(None) };
            push(&text)?;
            Some(next)
        } else {
            let len = match (twelve, value) {
                (true, 2) => 1,
                (true, 4) => 4,
                _ => 8,
            };
            after.get(len..)
        };
        let Some(next) = next else { return Ok(None) };
        rest = next;
    }
    Ok(Some(rest))
}

fn array_string(bytes: &[u8], kind: Tokens) -> Option<(String, &[u8])> {
    match kind {
        Tokens::Biff8 => {
            let chars = usize::from(u16::from_le_bytes(*bytes.first_chunk()?));
            let (len, start, encoding) = wide_or_narrow(chars, *bytes.get(2)?, 3);
            take(bytes, start, len, encoding)
        }
        Tokens::Biff5(_) | Tokens::Biff12 => string(bytes, kind),
    }
}

fn skip_areas(bytes: &[u8], kind: Tokens) -> Option<&[u8]> {
    if matches!(kind, Tokens::Biff12) {
        return bytes.get((long(bytes, 0)? as usize).checked_mul(16)?.checked_add(4)?..);
    }
    let count = usize::from(u16::from_le_bytes(*bytes.first_chunk()?));
    bytes.get(2 + count * if matches!(kind, Tokens::Biff5(_)) { 6 } else { 8 }..)
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|raw| u32::from_le_bytes(*raw))
}

/// Looks for strings where tokens are not understood. Always false.
fn guess(
    bytes: &[u8],
    kind: Tokens,
    push: &mut dyn FnMut(&str) -> Result<(), Unreadable>,
) -> Result<bool, Unreadable> {
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(0x17, rest) {
        let after = rest.get(at + 1..).unwrap_or_default();
        rest = match string(after, kind) {
            Some((text, next)) if text.chars().count() > 1 && !text.chars().any(char::is_control) => {
                push(&text)?;
                next
            }
            _ => after,
        };
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(tokens: &[u8], extra: &[u8], kind: Tokens) -> (Vec<String>, bool) {
        let mut texts = Vec::new();
        let known = constants(tokens, extra, kind, &mut |text| {
            texts.push(text.to_owned());
            Ok(())
        });
        (texts, known.unwrap())
    }

    #[test]
    fn strings_stand_between_other_tokens() {
        // IF(A1;"ab";"é") with its jumps, as Excel 97 writes it.
        let tokens = [
            &[0x44, 0, 0, 0, 0xC0][..],
            &[0x19, 0x02, 9, 0],
            &[0x17, 2, 0, b'a', b'b'],
            &[0x19, 0x08, 5, 0],
            &[0x17, 1, 1, 0xC9, 0x1E],
            &[0x42, 3, 1, 0],
        ]
        .concat();
        assert_eq!(all(&tokens, &[], Tokens::Biff8), (vec!["ab".to_owned(), "\u{1ec9}".to_owned()], true));
    }

    #[test]
    fn array_constants_hold_strings() {
        let extra = [&[1, 0, 0][..], &[1, 0, 0, 0, 0, 0, 0, 0, 0], &[2, 3, 0, 0, b'a', b'b', b'c']].concat();
        let tokens = [0x20, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(all(&tokens, &extra, Tokens::Biff8), (vec!["abc".to_owned()], true));
    }

    #[test]
    fn unknown_tokens_are_told_and_searched() {
        let tokens = [&[0x3F, 1, 2][..], &[0x17, 2, 0, b'a', b'b']].concat();
        assert_eq!(all(&tokens, &[], Tokens::Biff8), (vec!["ab".to_owned()], false));
    }
}
