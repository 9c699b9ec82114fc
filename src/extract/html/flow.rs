//! Running text as a browser sets it: white space collapsed, entities decoded, lines broken.

use super::entities;

/// One stream of text.
#[derive(Default)]
pub(super) struct Flow {
    pub(super) text: String,
    /// Source offset of the first character.
    pub(super) offset: usize,
    /// White space was met since the last character.
    blank: bool,
}

/// Bytes that are copied as they are: neither white space, `&`, nor NUL.
static PLAIN: [bool; 256] = {
    let mut plain = [true; 256];
    let mut at = 0;
    while at < 256 {
        plain[at] = !matches!(at as u8, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' | b'&' | 0);
        at += 1;
    }
    plain
};

fn is_plain(byte: u8) -> bool {
    PLAIN.get(usize::from(byte)).copied().unwrap_or(true)
}

impl Flow {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.blank = false;
    }

    pub(super) fn at_line_start(&self) -> bool {
        self.text.is_empty() || self.text.ends_with('\n')
    }

    pub(super) fn line_break(&mut self) {
        self.blank = false;
        if !self.at_line_start() {
            self.text.push('\n');
        }
    }

    /// Adds source text; `offset` is its place in the source, `keep` whether white space stands as it is.
    pub(super) fn add(&mut self, text: &str, keep: bool, offset: usize) {
        if self.text.is_empty() {
            self.offset = offset;
        }
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if is_plain(byte) {
                let start = at;
                at += run(bytes.get(at..).unwrap_or_default());
                self.push(text.get(start..at).unwrap_or_default());
            } else if byte == b'&' {
                let used = entity(text.get(at..).unwrap_or_default(), false, |text| {
                    if text.bytes().all(|byte| byte.is_ascii_whitespace()) && !keep {
                        self.blank = true;
                    } else {
                        self.push(text);
                    }
                });
                if used == 0 {
                    self.push("&");
                }
                at += used.max(1);
            } else {
                at += 1;
                if byte == 0 {
                    continue;
                }
                if keep {
                    self.text.push(if byte == b'\r' && bytes.get(at) != Some(&b'\n') {
                        '\n'
                    } else {
                        char::from(byte)
                    });
                } else {
                    self.blank = true;
                }
            }
        }
    }

    /// The same for text in which `&` is only itself.
    pub(super) fn add_plain(&mut self, text: &str, keep: bool, offset: usize) {
        for (index, part) in text.split('&').enumerate() {
            if index > 0 {
                self.push("&");
            }
            self.add(part, keep, offset);
        }
    }

    fn push(&mut self, text: &str) {
        if self.blank {
            self.blank = false;
            if !self.at_line_start() {
                self.text.push(' ');
            }
        }
        self.text.push_str(text);
    }
}

/// Length of the leading part that is copied as it is: words with single blanks between them.
fn run(bytes: &[u8]) -> usize {
    let mut at = 0;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(length) = rest.iter().position(|byte| !is_plain(*byte)) else { return bytes.len() };
        at += length;
        if bytes.get(at) != Some(&b' ') || !bytes.get(at + 1).is_some_and(|byte| is_plain(*byte)) {
            return at;
        }
        at += 1;
    }
}

/// Decodes the character reference that `text` begins with and gives its characters to `push`. Returns its length in
/// bytes, 0 when there is none. In attributes a name without a semicolon does not count before `=` or a letter, so
/// that `?a=1&copy=2` stays.
pub(super) fn entity(text: &str, in_attribute: bool, mut push: impl FnMut(&str)) -> usize {
    let bytes = text.as_bytes();
    let name = bytes.get(1..).unwrap_or_default();
    if name.first() == Some(&b'#') {
        return numeric(name).map_or(0, |(c, used)| {
            push(c.encode_utf8(&mut [0; 4]));
            1 + used
        });
    }
    let window = name.get(..=entities::LONGEST).unwrap_or(name);
    let length = window.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(window.len());
    let name = window.get(..length).unwrap_or_default();
    if window.get(length) == Some(&b';')
        && let Some(text) = entities::named(name)
    {
        // `&amp;#7852;`: a page was written by a program that took markup for text.
        if text == "&"
            && let Some((letter, used)) = letter(bytes.get(length + 2..).unwrap_or_default())
        {
            push(letter.encode_utf8(&mut [0; 4]));
            return length + 2 + used;
        }
        push(text);
        return length + 2;
    }
    match entities::bare(name) {
        Some((used, text)) => {
            let next = bytes.get(1 + used);
            if in_attribute && next.is_some_and(|byte| *byte == b'=' || byte.is_ascii_alphanumeric()) {
                return 0;
            }
            push(text);
            1 + used + usize::from(next == Some(&b';'))
        }
        None => 0,
    }
}

/// The letter of the reference whose rest behind `&` this is, and that rest's length. References without semicolon and
/// to signs do not count: `&lt;` is how people write about markup.
pub(super) fn letter(name: &[u8]) -> Option<(char, usize)> {
    let (c, used) = if name.first() == Some(&b'#') {
        numeric(name)?
    } else {
        let window = name.get(..=entities::LONGEST).unwrap_or(name);
        let length = window.iter().position(|byte| !byte.is_ascii_alphanumeric())?;
        let mut chars = entities::named(window.get(..length)?)?.chars();
        (chars.next().filter(|_| chars.next().is_none())?, length + 1)
    };
    let counts = c.is_alphabetic() || matches!(c, '\u{300}'..='\u{36F}' | '\u{A0}');
    (counts && name.get(used - 1) == Some(&b';')).then_some((c, used))
}

/// The character of a numeric reference, from its `#` on, and how long it is.
fn numeric(name: &[u8]) -> Option<(char, usize)> {
    let (radix, from) = if matches!(name.get(1), Some(b'x' | b'X')) { (16, 2) } else { (10, 1) };
    let mut code = 0u32;
    let mut at = from;
    while let Some(digit) = name.get(at).and_then(|byte| char::from(*byte).to_digit(radix)) {
        code = code.saturating_mul(radix).saturating_add(digit);
        at += 1;
    }
    if at == from {
        return None;
    }
    let c = match code {
        // The standard reads C1 controls as Windows-1252 (13.2.5.80).
        0x80..=0x9F => u8::try_from(code).ok().map_or(char::REPLACEMENT_CHARACTER, windows_1252),
        0 => char::REPLACEMENT_CHARACTER,
        code => char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
    };
    Some((c, at + usize::from(name.get(at) == Some(&b';'))))
}

fn windows_1252(byte: u8) -> char {
    let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(std::slice::from_ref(&byte));
    text.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER)
}
