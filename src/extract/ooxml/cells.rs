//! Cells of a sheet the way Excel writes them, read in one pass over their bytes.
//!
//! Most of a sheet is empty cells, numbers, and numbers of shared strings; as tokens they took half of the time of reading it.
//! Any other cell, and any other way to write one, is left to the tokens.

use std::io::Read;

use crate::extract::xml::{Xml, near};

/// A cell that is empty or holds a number or the number of a shared string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct PlainCell {
    /// Row, from 1.
    pub(super) row: u32,
    /// Column, from 1.
    pub(super) column: u32,
    /// Number of its style.
    pub(super) style: u32,
    /// Number of its shared string.
    pub(super) string: Option<u32>,
}

/// Passes over cells that are empty or hold a number and gives the first that holds the number of a shared string. `None`:
/// what comes next is something else, or not all of it is in the window. `position` becomes the row and column, from 1, of
/// the last cell that was used up.
pub(super) fn next_string<R: Read>(xml: &mut Xml<R>, position: &mut (u32, u32)) -> Option<PlainCell> {
    let ahead = xml.ahead().as_bytes();
    let (mut rest, mut found) = (ahead, None);
    while let Some((cell, after)) = plain_cell(rest) {
        rest = after;
        *position = (cell.row, cell.column);
        if cell.string.is_some() {
            found = Some(cell);
            break;
        }
    }
    let used = ahead.len() - rest.len();
    xml.pass(used);
    found
}

/// Gives the text of the shared string that comes next, as it stands, if it is written the plain way: one text without looks.
pub(super) fn plain_string(ahead: &str) -> Option<(&str, &str)> {
    let item = ahead.strip_prefix("<si><t")?;
    let text = item.strip_prefix('>').or_else(|| item.strip_prefix(" xml:space=\"preserve\">"))?;
    let (text, after) = text.split_at_checked(near(b'<', text.as_bytes())?)?;
    Some((text, after.strip_prefix("</t></si>")?))
}

/// One cell at the beginning of `bytes`, and what follows it: `<c r="B7" s="3" t="s"><v>12</v></c>`.
fn plain_cell(bytes: &[u8]) -> Option<(PlainCell, &[u8])> {
    let mut rest = bytes.strip_prefix(b"<c r=\"")?;
    let mut cell = PlainCell::default();
    while let [letter @ b'A'..=b'Z', after @ ..] = rest {
        cell.column = cell.column.checked_mul(26)?.checked_add(u32::from(letter - b'A') + 1)?;
        rest = after;
    }
    (cell.row, rest) = digits(rest)?;
    rest = rest.strip_prefix(b"\"")?;
    if let Some(after) = rest.strip_prefix(b" s=\"") {
        (cell.style, rest) = digits(after)?;
        rest = rest.strip_prefix(b"\"")?;
    }
    let shared = rest.strip_prefix(b" t=\"s\"");
    // Numbers and truth values.
    let number = || rest.strip_prefix(b" t=\"n\"").or_else(|| rest.strip_prefix(b" t=\"b\""));
    rest = shared.or_else(number).unwrap_or(rest);
    if let Some(after) = rest.strip_prefix(b"/>") {
        return Some((cell, after));
    }
    rest = rest.strip_prefix(b">")?;
    // A formula that another cell has.
    if let Some(after) = rest.strip_prefix(b"<f t=\"shared\" si=\"") {
        (_, rest) = digits(after)?;
        rest = rest.strip_prefix(b"\"/>")?;
    }
    rest = rest.strip_prefix(b"<v>")?;
    if shared.is_some() {
        let number;
        (number, rest) = digits(rest)?;
        cell.string = Some(number);
    } else {
        while let [b'0'..=b'9' | b'.' | b'-' | b'+' | b'E' | b'e', after @ ..] = rest {
            rest = after;
        }
    }
    Some((cell, rest.strip_prefix(b"</v></c>")?))
}

fn digits(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let mut rest = bytes;
    let mut number = 0u32;
    while let [digit @ b'0'..=b'9', after @ ..] = rest {
        number = number.checked_mul(10)?.checked_add(u32::from(digit - b'0'))?;
        rest = after;
    }
    (rest.len() < bytes.len()).then_some((number, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::xml::Token;

    #[test]
    fn plain_cells_are_passed_over() {
        let sheet = "<row r=\"3\"><c r=\"A3\"/><c r=\"A3\" t=\"b\"><f t=\"shared\" si=\"0\"/><v>1</v></c><c r=\"B3\" s=\"2\"><v>-1.5E3</v></c><c r=\"AB3\" s=\"7\" t=\"s\"><v>12</v></c>\
                     <c r=\"AC3\" t=\"str\"><v>x</v></c></row>";
        let mut xml = Xml::new(sheet.as_bytes());
        assert!(matches!(xml.next().unwrap(), Some(Token::Start(tag)) if tag.name == "row"));
        let mut position = (0, 0);
        let cell = next_string(&mut xml, &mut position);
        assert_eq!(cell, Some(PlainCell { row: 3, column: 28, style: 7, string: Some(12) }));
        assert_eq!((next_string(&mut xml, &mut position), position), (None, (3, 28)));
        assert!(matches!(xml.next().unwrap(), Some(Token::Start(tag)) if tag.raw("r") == Some("AC3")));
        assert_eq!(plain_string("<si><t>a&amp;b</t></si><si>"), Some(("a&amp;b", "<si>")));
        assert_eq!(plain_string("<si><t xml:space=\"preserve\"> </t></si>"), Some((" ", "")));
        assert_eq!(plain_string("<si><t>a</t><r/></si>"), None);
        for other in [
            "<c r=\"A1\"><v>1e5<",
            "<c r=\"A1\" t=\"s\"><v>x</v></c>",
            "<c r=\"A99999999999\"/>",
            "<c s=\"1\"/>",
        ] {
            assert_eq!(plain_cell(other.as_bytes()), None, "{other}");
        }
    }
}
