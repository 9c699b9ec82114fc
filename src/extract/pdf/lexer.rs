//! Tokens of content streams, CMaps and Type 1 font programs: one lexer for all PostScript-like text.
//!
//! In: bytes. Out: tokens that borrow them. Numbers are not converted here: most numbers of a page belong to drawing
//! operators that nobody asks about, and converting them cost 8 % of the time (perf, 800 files).

use std::borrow::Cow;

use memchr::memchr2_iter;

/// A token; the bytes are those between its delimiters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::extract) enum Token<'a> {
    /// Digits, not yet converted: see [`number`].
    Number(&'a [u8]),
    /// `/Name`, without the slash; `#xx` not yet replaced.
    Name(&'a [u8]),
    /// `(text)`, escapes not yet replaced: see [`unescape`].
    Literal(&'a [u8]),
    /// `<48656C6C6F>`: see [`unhex`].
    Hex(&'a [u8]),
    /// `<< ... >>` with its delimiters.
    Dict(&'a [u8]),
    /// `[` or `{`
    Open,
    /// `]` or `}`
    Close,
    /// Anything else: an operator or another bare word.
    Word(&'a [u8]),
}

const REGULAR: u8 = 0;
const BLANK: u8 = 1;
const DELIMITER: u8 = 2;

const CLASS: [u8; 256] = {
    let mut class = [REGULAR; 256];
    let mut index = 0;
    while index < 256 {
        class[index] = match index as u8 {
            b'\0' | b'\t' | b'\n' | 0x0C | b'\r' | b' ' => BLANK,
            b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%' => DELIMITER,
            _ => REGULAR,
        };
        index += 1;
    }
    class
};

fn class(byte: u8) -> u8 {
    CLASS.get(usize::from(byte)).copied().unwrap_or(REGULAR)
}

/// Reads tokens one after the other. Never fails: what makes no sense is skipped byte by byte.
#[derive(Debug, Clone)]
pub(in crate::extract) struct Lexer<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(in crate::extract) fn new(data: &'a [u8]) -> Lexer<'a> {
        Lexer { data, at: 0 }
    }

    fn byte(&self, offset: usize) -> Option<u8> {
        self.data.get(self.at + offset).copied()
    }

    /// The regular bytes from `begin` on; ends behind them.
    #[inline]
    fn take_regular(&mut self, begin: usize) -> &'a [u8] {
        let data = self.data;
        let mut end = begin;
        while data.get(end).is_some_and(|&byte| class(byte) == REGULAR) {
            end += 1;
        }
        self.at = end;
        data.get(begin..end).unwrap_or(&[])
    }

    /// The next token; `None` at the end.
    pub(in crate::extract) fn next(&mut self) -> Option<Token<'a>> {
        self.next_inlined()
    }

    /// The same, made a part of the loop that calls it: numbers and operators are nearly all there is.
    #[inline(always)]
    pub(super) fn next_inlined(&mut self) -> Option<Token<'a>> {
        let data = self.data;
        let mut at = self.at;
        loop {
            let Some(&byte) = data.get(at) else {
                self.at = at;
                return None;
            };
            match class(byte) {
                BLANK => at += 1,
                REGULAR => {
                    let word = self.take_regular(at);
                    return Some(match byte {
                        b'0'..=b'9' | b'+' | b'-' | b'.' => Token::Number(word),
                        _ => Token::Word(word),
                    });
                }
                _ => {
                    self.at = at;
                    if let Some(token) = self.delimited(byte) {
                        return Some(token);
                    }
                    at = self.at;
                }
            }
        }
    }

    /// What begins with a delimiter, at which `self.at` is; `None` for a comment, and for what is out of place.
    fn delimited(&mut self, byte: u8) -> Option<Token<'a>> {
        match byte {
            b'/' => return Some(Token::Name(self.take_regular(self.at + 1))),
            b'(' => return Some(Token::Literal(self.literal())),
            b'<' if self.byte(1) == Some(b'<') => return Some(Token::Dict(self.dict())),
            b'<' => {
                self.at += 1;
                let rest = self.data.get(self.at..).unwrap_or(&[]);
                let len = memchr::memchr(b'>', rest).unwrap_or(rest.len());
                self.at += len + 1;
                return Some(Token::Hex(rest.get(..len).unwrap_or(&[])));
            }
            b'%' => {
                let rest = self.data.get(self.at..).unwrap_or(&[]);
                self.at += memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
                return None;
            }
            _ => self.at += 1,
        }
        match byte {
            b'[' | b'{' => Some(Token::Open),
            b']' | b'}' => Some(Token::Close),
            _ => None,
        }
    }

    /// A literal string; `self.at` is on its opening parenthesis.
    fn literal(&mut self) -> &'a [u8] {
        self.at += 1;
        let rest = self.data.get(self.at..).unwrap_or(&[]);
        let mut depth = 0u32;
        let mut index = 0;
        while let Some(&byte) = rest.get(index) {
            match byte {
                b'\\' => index += 1,
                b'(' => depth += 1,
                b')' if depth == 0 => {
                    self.at += index + 1;
                    return rest.get(..index).unwrap_or(&[]);
                }
                b')' => depth -= 1,
                _ => {}
            }
            index += 1;
        }
        self.at = self.data.len();
        rest
    }

    /// A dictionary with all that is nested in it; `self.at` is on its first `<`. Counts, does not recurse.
    fn dict(&mut self) -> &'a [u8] {
        let begin = self.at;
        let mut depth = 0u32;
        while let Some(byte) = self.byte(0) {
            match byte {
                b'<' if self.byte(1) == Some(b'<') => {
                    depth += 1;
                    self.at += 2;
                }
                b'>' if self.byte(1) == Some(b'>') => {
                    depth = depth.saturating_sub(1);
                    self.at += 2;
                    if depth == 0 {
                        break;
                    }
                }
                b'(' => {
                    self.literal();
                }
                b'<' => {
                    // A hexadecimal string, whose end must not count as the dictionary's.
                    let rest = self.data.get(self.at..).unwrap_or(&[]);
                    self.at += memchr::memchr(b'>', rest).map_or(rest.len(), |length| length + 1);
                }
                _ => self.at += 1,
            }
        }
        self.data.get(begin..self.at).unwrap_or(&[])
    }

    /// Skips the data of an inline image; called after its `ID`.
    ///
    /// The data is binary and has no length, so the end is an `EI` between blanks that is followed by something that
    /// looks like content: the next ten bytes are printable.
    pub(super) fn skip_inline_image(&mut self) {
        let rest = self.data.get(self.at..).unwrap_or(&[]);
        for found in memchr2_iter(b'E', b'E', rest) {
            let around = |offset: usize| rest.get(found + offset).copied();
            let begins = found == 0 || rest.get(found - 1).is_some_and(|&byte| class(byte) == BLANK);
            let ends = around(2).is_none_or(|byte| class(byte) == BLANK);
            if around(1) == Some(b'I') && begins && ends {
                let after = rest.get(found + 2..).unwrap_or(&[]);
                if after.iter().take(10).all(|&byte| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r')) {
                    self.at += found + 2;
                    return;
                }
            }
        }
        self.at = self.data.len();
    }
}

/// One over ten to the power of the index; 53 bits hold no more digits.
const TENTHS: [f64; 18] = [
    1e0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12, 1e-13, 1e-14, 1e-15,
    1e-16, 1e-17,
];

/// The value of a number token. Broken numbers give what can be read of them, as viewers do: `--5` is -5, `5-3` is 5.
pub(super) fn number(digits: &[u8]) -> f32 {
    plain_number(digits).unwrap_or_else(|| odd_number(digits))
}

/// A number as nearly all are: a sign at most, few digits, a full stop at most.
#[inline]
fn plain_number(digits: &[u8]) -> Option<f32> {
    let (negative, rest) = match digits.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, digits),
    };
    if rest.len() > 9 {
        return None;
    }
    let mut mantissa = 0u32;
    let mut places = None;
    for (index, &byte) in rest.iter().enumerate() {
        match byte {
            b'0'..=b'9' => mantissa = mantissa * 10 + u32::from(byte - b'0'),
            b'.' if places.is_none() => places = Some(rest.len() - index - 1),
            _ => return None,
        }
    }
    let value = f64::from(mantissa) * TENTHS.get(places.unwrap_or(0)).copied().unwrap_or(0.0);
    // Page coordinates need no more than the 24 bits that are left.
    #[allow(clippy::cast_possible_truncation)]
    let value = value.min(1e9) as f32;
    Some(if negative { -value } else { value })
}

/// Any other number.
fn odd_number(digits: &[u8]) -> f32 {
    let mut negative = false;
    let mut mantissa = 0u64;
    let mut places = 0usize;
    let mut fraction = false;
    let mut started = false;
    for &byte in digits {
        match byte {
            b'-' if !started => negative = true,
            b'+' if !started => {}
            b'.' if !fraction => {
                fraction = true;
                started = true;
            }
            b'0'..=b'9' => {
                started = true;
                if mantissa < 1 << 53 {
                    mantissa = mantissa * 10 + u64::from(byte - b'0');
                    places += usize::from(fraction);
                } else if !fraction {
                    // Beyond every page: cut below.
                    mantissa = u64::MAX / 16;
                }
            }
            _ => break,
        }
    }
    // 54 bits lose what no page can show.
    #[allow(clippy::cast_precision_loss)]
    let value = mantissa as f64 * TENTHS.get(places).copied().unwrap_or(0.0);
    let value = value.min(1e9);
    // Page coordinates need no more than the 24 bits that are left.
    #[allow(clippy::cast_possible_truncation)]
    let value = value as f32;
    if negative { -value } else { value }
}

/// The bytes of a literal string.
pub(in crate::extract) fn unescape(raw: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr2(b'\\', b'\r', raw).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if byte == b'\r' {
            bytes.next_if_eq(&b'\n');
            out.push(b'\n');
            continue;
        }
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match bytes.next() {
            Some(b'n') => out.push(b'\n'),
            Some(b'r') => out.push(b'\r'),
            Some(b't') => out.push(b'\t'),
            Some(b'b') => out.push(8),
            Some(b'f') => out.push(12),
            Some(b'\r') => {
                bytes.next_if_eq(&b'\n');
            }
            Some(b'\n') | None => {}
            Some(digit @ b'0'..=b'7') => {
                let mut value = u32::from(digit - b'0');
                for _ in 0..2 {
                    match bytes.next_if(|next| matches!(next, b'0'..=b'7')) {
                        Some(next) => value = value * 8 + u32::from(next - b'0'),
                        None => break,
                    }
                }
                out.push(value.to_le_bytes()[0]);
            }
            Some(other) => out.push(other),
        }
    }
    Cow::Owned(out)
}

/// The bytes of a hexadecimal string; an odd last digit counts as its high half.
pub(super) fn unhex(raw: &[u8], out: &mut Vec<u8>) {
    let mut high = None;
    for &byte in raw {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            _ => continue,
        };
        match high.take() {
            Some(first) => out.push(first << 4 | digit),
            None => high = Some(digit),
        }
    }
    out.extend(high.map(|first: u8| first << 4));
}

/// A name with its `#xx` replaced.
pub(super) fn unname(raw: &[u8]) -> Cow<'_, [u8]> {
    if !raw.contains(&b'#') {
        return Cow::Borrowed(raw);
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&byte, tail)) = rest.split_first() {
        let digit = |index: usize| tail.get(index).and_then(|&d| char::from(d).to_digit(16));
        match (byte, digit(0), digit(1)) {
            (b'#', Some(high), Some(low)) => {
                out.push((high * 16 + low).to_le_bytes()[0]);
                rest = tail.get(2..).unwrap_or(&[]);
            }
            _ => {
                out.push(byte);
                rest = tail;
            }
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(data: &[u8]) -> Vec<Token<'_>> {
        let mut lexer = Lexer::new(data);
        std::iter::from_fn(|| lexer.next()).collect()
    }

    #[test]
    fn pdf_tokens() {
        use Token::*;
        let content = b"/F1 12 Tf[(a\\)b)-3.5<4142>]TJ % c\n<</A<</B(>>)/C<41>>>>>BDC";
        assert_eq!(
            all(content),
            [
                Name(b"F1"),
                Number(b"12"),
                Word(b"Tf"),
                Open,
                Literal(b"a\\)b"),
                Number(b"-3.5"),
                Hex(b"4142"),
                Close,
                Word(b"TJ"),
                Dict(b"<</A<</B(>>)/C<41>>>>>"),
                Word(b"BDC"),
            ]
        );
    }

    #[test]
    fn pdf_tokens_of_broken_data_end() {
        for broken in [&b"((((("[..], b"<<<<<<", b"<41", b"/", b">>>>", b")))", b"[[[[", b"%"] {
            assert!(all(broken).len() < 8);
        }
        assert_eq!(all(&b"<<".repeat(100_000)).len(), 1);
    }

    #[test]
    fn pdf_numbers() {
        for (text, value) in
            [("12", 12.0), ("-.5", -0.5), ("--7", -7.0), ("5-3", 5.0), ("+1.25", 1.25), ("-", 0.0)]
        {
            assert_eq!(number(text.as_bytes()), value, "{text}");
        }
        assert!(number(&[b'9'; 400]).is_finite());
    }

    #[test]
    fn pdf_strings() {
        assert_eq!(unescape(b"a\\051\\n\\53x\\\r\nb").as_ref(), b"a)\n+xb");
        assert_eq!(unname(b"A#42#4").as_ref(), b"AB#4");
        let mut out = Vec::new();
        unhex(b"41 4", &mut out);
        assert_eq!(out, [0x41, 0x40]);
    }

    #[test]
    fn pdf_inline_image_ends_at_its_end() {
        let mut lexer = Lexer::new(b" \x00\xffEI\x01 EI \xff\xfe EI\nQ 1 0 0 RG q");
        lexer.skip_inline_image();
        assert_eq!(lexer.next(), Some(Token::Word(b"Q")));
    }
}
