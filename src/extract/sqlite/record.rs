//! Records of SQLite: values by serial type (section 2.1), names of columns, text in either encoding.

use std::borrow::Cow;

use super::varint;

/// One value of a row.
#[derive(Debug)]
pub(super) enum Value {
    Null,
    Integer(i64),
    Text(Vec<u8>),
    Blob(Vec<u8>),
}

/// How texts are stored; the same for a whole database.
#[derive(Debug, Clone, Copy)]
pub(super) enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
}

impl Encoding {
    /// The number at byte 56 to 59 of the header.
    pub(super) fn from_header(number: u8) -> Encoding {
        match number {
            2 => Encoding::Utf16Le,
            3 => Encoding::Utf16Be,
            _ => Encoding::Utf8,
        }
    }

    /// A text; programs store other encodings, too, which are then guessed.
    pub(super) fn decode(self, bytes: &[u8]) -> String {
        match self {
            Encoding::Utf8 => match std::str::from_utf8(bytes) {
                Ok(text) => text.to_owned(),
                Err(_) => crate::extract::charset::decode(bytes, None).0.into_owned(),
            },
            Encoding::Utf16Le => wide(bytes, u16::from_le_bytes),
            Encoding::Utf16Be => wide(bytes, u16::from_be_bytes),
        }
    }

    /// Pieces of text among other bytes: at least six letters without a control character between them.
    pub(super) fn runs(self, bytes: &[u8]) -> Vec<String> {
        const SHORTEST: usize = 6;
        let texts: Vec<Cow<'_, str>> = match self {
            Encoding::Utf8 => vec![String::from_utf8_lossy(bytes)],
            // Texts may begin at odd bytes.
            _ => [0, 1].iter().filter_map(|at| Some(self.decode(bytes.get(*at..)?).into())).collect(),
        };
        let is_end = |letter: char| {
            (letter.is_control() && !matches!(letter, '\n' | '\r' | '\t'))
                || letter == char::REPLACEMENT_CHARACTER
        };
        let mut runs = Vec::new();
        for text in &texts {
            for run in text.split(is_end) {
                let letters = run.chars().filter(|letter| letter.is_alphabetic()).count();
                if letters >= SHORTEST && letters * 3 >= run.chars().count() {
                    runs.push(run.to_owned());
                }
            }
        }
        runs
    }
}

fn wide(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(|pair| unit(*pair)).collect();
    String::from_utf16_lossy(&units)
}

/// The values of a record. What lies behind its end is missing.
pub(super) fn values(record: &[u8]) -> Vec<Value> {
    let mut header = record;
    let Some(length) = varint(&mut header).and_then(|length| usize::try_from(length).ok()) else {
        return Vec::new();
    };
    let used = record.len() - header.len();
    let mut types = header.get(..length.saturating_sub(used)).unwrap_or(header);
    let mut body = record.get(length..).unwrap_or_default();
    let mut values = Vec::new();
    while let Some(kind) = varint(&mut types) {
        let size = match kind {
            0 | 8 | 9 | 10 | 11 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            _ => (kind - 12) / 2,
        };
        let size = usize::try_from(size).unwrap_or(usize::MAX).min(body.len());
        let (bytes, rest) = body.split_at_checked(size).unwrap_or((body, &[]));
        body = rest;
        values.push(match kind {
            0 | 7 | 10 | 11 => Value::Null,
            8 => Value::Integer(0),
            9 => Value::Integer(1),
            1..=6 => {
                let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
                Value::Integer(
                    bytes.iter().fold(if negative { -1 } else { 0 }, |sum, byte| sum << 8 | i64::from(*byte)),
                )
            }
            even if even % 2 == 0 => Value::Blob(bytes.to_vec()),
            _ => Value::Text(bytes.to_vec()),
        });
    }
    values
}

/// Names of the columns, from the statement that made the table; a name that is not understood is empty.
pub(super) fn columns(sql: &str) -> Vec<String> {
    let Some((_, body)) = sql.split_once('(') else { return Vec::new() };
    let mut columns = Vec::new();
    let (mut depth, mut quote, mut definition) = (0u32, None, String::new());
    for letter in body.chars() {
        match (letter, quote) {
            (end, Some(open)) if end == open => quote = None,
            (_, Some(_)) => {}
            ('"' | '\'' | '`', None) => quote = Some(letter),
            ('[', None) => quote = Some(']'),
            ('(', None) => depth += 1,
            (')', None) if depth == 0 => break,
            (')', None) => depth -= 1,
            (',', None) if depth == 0 => {
                columns.extend(column(&definition));
                definition.clear();
                continue;
            }
            _ => {}
        }
        definition.push(letter);
    }
    columns.extend(column(&definition));
    columns
}

/// The name at the start of a column's definition; `None` for a constraint.
fn column(definition: &str) -> Option<String> {
    let definition = definition.trim_start();
    for (open, close) in [('"', '"'), ('\'', '\''), ('`', '`'), ('[', ']')] {
        if let Some(rest) = definition.strip_prefix(open) {
            return Some(rest.split(close).next().unwrap_or_default().to_owned());
        }
    }
    let name =
        definition.split(|letter: char| letter.is_whitespace() || letter == '(').next().unwrap_or_default();
    let constraint = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"];
    (!constraint.contains(&name.to_ascii_uppercase().as_str())).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_columns() {
        let sql = "CREATE TABLE t (id INTEGER PRIMARY KEY, \"tên, họ\" TEXT DEFAULT (1,2), [số] , CHECK (a > 1), PRIMARY KEY (id))";
        assert_eq!(columns(sql), ["id", "tên, họ", "số"]);
        assert!(columns("").is_empty());
    }

    #[test]
    fn integers_are_signed() {
        let got = values(&[4, 1, 2, 8, 0xFF, 0x01, 0x00]);
        assert!(matches!(got[..], [Value::Integer(-1), Value::Integer(256), Value::Integer(0)]), "{got:?}");
    }
}
