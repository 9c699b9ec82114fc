//! JSON (RFC 8259) and its relatives with comments: strings decoded, each a field, and read as markup where they hold
//! some; names of members only where they may be words of people.

use super::super::html::escaped_unit;
use super::{Notation, Out};
use crate::extract::heads::names_a_degree;

#[derive(Debug, Default)]
pub(super) struct Json {
    in_string: bool,
    /// The beginning of an escape that the block's end cut.
    carry: String,
    /// A high surrogate waits for its other half.
    high: Option<u16>,
    /// Where the last string begins, while nothing followed it.
    last: Option<usize>,
    start: usize,
    /// The name of a degree or a credential, whose value comes next, be it on another line.
    named: Option<String>,
}

/// The fields of the JSON that a script is, or that it puts into a variable, on the script's lines; behind them what
/// markup in its strings does not show.
pub(in crate::extract) fn of_script(source: &str) -> Option<String> {
    let source = source.trim_start();
    let value = match source.split_once('=') {
        Some((variable, value)) if variable.len() < 80 && !variable.contains(['{', '(', ';']) => {
            value.trim_start()
        }
        _ => source,
    };
    if !begins(value) {
        return None;
    }
    let mut out = Out::default();
    let mut json = Json::default();
    json.block(value, &mut out);
    json.end(&mut out);
    for (name, value) in out.degrees {
        out.body.push_str(&format!("\n{name}: {value}"));
    }
    Some([out.body, out.hidden, out.properties, out.links].join("\n"))
}

/// An object whose first member has a name, or a list of such objects.
pub(super) fn begins(beginning: &str) -> bool {
    let rest = beginning.strip_prefix('[').map_or(beginning, str::trim_start);
    let Some(rest) = rest.strip_prefix('{').map(str::trim_start) else { return false };
    let Some((name, after)) = rest.strip_prefix('"').and_then(|rest| rest.split_once('"')) else {
        return false;
    };
    name.len() < 100 && after.trim_start().starts_with(':')
}

impl Notation for Json {
    fn block(&mut self, source: &str, out: &mut Out) {
        let joined;
        let mut rest = source;
        if !self.carry.is_empty() {
            joined = std::mem::take(&mut self.carry) + source;
            rest = &joined;
        }
        self.last = None;
        // What was complete is gone from the buffer, and the string's rest begins it.
        self.start = 0;
        while !rest.is_empty() {
            let used = if self.in_string { self.string(rest, out) } else { self.between(rest, out) };
            if used == 0 {
                self.carry.push_str(rest);
                return;
            }
            rest = rest.get(used..).unwrap_or_default();
        }
        if self.in_string {
            // What begins with the last tag stays in the buffer, for it may go on in the next block.
            let tail = out.body.rfind(['<', '\t']).map_or(0, |at| at.max(self.start));
            let tail = out.body.split_off(tail);
            out.unfold(self.start);
            out.body.push_str(&tail);
        }
    }

    fn end(&mut self, out: &mut Out) {
        out.body.push_str(&std::mem::take(&mut self.carry));
    }
}

impl Json {
    /// Text between strings, up to the next one.
    fn between(&mut self, rest: &str, out: &mut Out) -> usize {
        for (at, byte) in rest.bytes().enumerate() {
            match byte {
                b'"' => {
                    match self.named.take() {
                        Some(name) => out.field(&name),
                        None => out.border(),
                    }
                    self.in_string = true;
                    self.start = out.body.len();
                    return at + 1;
                }
                b':' => {
                    let name =
                        self.last.take().map(|start| (start, out.body.get(start..).unwrap_or_default()));
                    if let Some((start, name)) = name {
                        let kept =
                            (names_a_degree(name) || names_a_credential(name)).then(|| name.to_owned());
                        if kept.is_some() || is_identifier(name) {
                            out.body.truncate(start);
                        }
                        self.named = kept;
                    }
                    out.border();
                }
                b'{' | b'}' | b'[' | b']' | b',' => {
                    if let Some(name) = self.named.take() {
                        out.field(&name);
                    }
                    out.border();
                }
                b'\n' => {
                    self.last = None;
                    out.body.push('\n');
                }
                b' ' | b'\t' | b'\r' => {}
                _ => {
                    // Numbers, literals, comments: up to where something else begins.
                    self.last = None;
                    if let Some(name) = self.named.take() {
                        out.field(&name);
                    }
                    let word = rest.get(at..).unwrap_or_default();
                    let end = word
                        .bytes()
                        .position(|byte| {
                            matches!(byte, b'"' | b':' | b'{' | b'}' | b'[' | b']' | b',' | b'\n')
                        })
                        .unwrap_or(word.len());
                    out.body.push_str(word.get(..end).unwrap_or_default());
                    return at + end;
                }
            }
        }
        rest.len()
    }

    /// Inside a string; 0 when an escape is not complete.
    fn string(&mut self, rest: &str, out: &mut Out) -> usize {
        let end = memchr::memchr3(b'"', b'\\', b'\n', rest.as_bytes()).unwrap_or(rest.len());
        if end > 0 {
            self.lone(out);
            out.body.push_str(rest.get(..end).unwrap_or_default());
            return end;
        }
        match rest.as_bytes() {
            [b'"', ..] => {
                self.lone(out);
                self.in_string = false;
                self.last = (!out.unfold(self.start)).then_some(self.start);
                1
            }
            // A string ends with its line; where it does not, the quote was something else.
            [b'\n', ..] => {
                self.lone(out);
                self.in_string = false;
                out.body.push('\n');
                1
            }
            [b'\\', b'u', ..] if rest.len() >= 6 => {
                match escaped_unit(rest) {
                    Some(unit) => self.unit(unit, out),
                    None => out.body.push_str("\\u"),
                }
                if escaped_unit(rest).is_some() { 6 } else { 2 }
            }
            [b'\\', b'u', ..] | [b'\\'] => 0,
            [b'\\', letter, ..] => {
                self.lone(out);
                match letter {
                    b'n' | b'r' | b't' => out.border(),
                    b'b' | b'f' => out.body.push(' '),
                    b'"' | b'\\' | b'/' => out.body.push(char::from(*letter)),
                    b'\n' => {
                        out.body.push('\n');
                    }
                    _ => {
                        out.body.push('\\');
                        return 1;
                    }
                }
                2
            }
            _ => rest.len(),
        }
    }

    fn unit(&mut self, unit: u16, out: &mut Out) {
        match (self.high.take(), unit) {
            (Some(high), 0xDC00..=0xDFFF) => {
                out.body.extend(
                    char::decode_utf16([high, unit]).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)),
                );
            }
            (high, 0xD800..=0xDBFF) => {
                if high.is_some() {
                    out.body.push(char::REPLACEMENT_CHARACTER);
                }
                self.high = Some(unit);
            }
            (high, unit) => {
                if high.is_some() {
                    out.body.push(char::REPLACEMENT_CHARACTER);
                }
                out.body.push(char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
        }
    }

    /// Half a pair stands alone.
    fn lone(&mut self, out: &mut Out) {
        if self.high.take().is_some() {
            out.body.push(char::REPLACEMENT_CHARACTER);
        }
    }
}

/// Whether a value is a credential, as of OAuth 2.0 (RFC 6749): a `SECRET` that stands in for one is no mark.
fn names_a_credential(name: &str) -> bool {
    const WORDS: [&str; 5] = ["secret", "password", "passphrase", "token", "apikey"];
    let letters: String =
        name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    WORDS.iter().any(|word| letters.ends_with(word)) && letters != "secret"
}

/// Names that programs give: `created_at`, `id`.
fn is_identifier(name: &str) -> bool {
    name.bytes().all(|byte| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b'.' | b'@' | b'$')
    })
}
