//! Spreadsheets: workbook, shared strings, sheets.
//!
//! Out: one segment per cell with text, in the order of the sheets; formulas that hold a string literal; headers and
//! footers without their codes; prompts, lists and link texts. Left out: cells that hold a number, a truth value, an
//! error, or a text without a single letter; they cannot be a marking and most sheets are made of them.

use std::io::Read;
use std::rc::Rc;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::cells::{PlainCell, next_string, plain_string};
use crate::extract::limits::Budget;
use crate::extract::look::{Fonts, Look, hex_color};
use crate::extract::workbook::{Run, Strings, header_footer, is_in, push_cell};
use crate::extract::xml::{Tag, Token, Xml, has_letter, resolve};
use crate::extract::{Sink, Unreadable};
use crate::model::{Cell, Kind, Place, Segment};

/// One sheet as the workbook lists it.
#[derive(Debug, Clone, Default)]
pub(super) struct SheetEntry {
    /// Its name.
    pub(super) name: String,
    /// Relationship to its part.
    pub(super) relation: String,
    /// Neither hidden nor very hidden.
    pub(super) visible: bool,
}

/// Sheets listed in one workbook beyond this many are read without a name. Excel holds what memory holds; real files
/// have hundreds.
const MAX_SHEETS: usize = 20_000;

/// Reads `xl/workbook.xml`: lists the sheets, pushes their names and the defined names.
///
/// # Errors
/// What reading its bytes gave.
pub(super) fn read_workbook<R: Read>(
    mut xml: Xml<R>,
    sink: &mut dyn Sink,
) -> Result<Vec<SheetEntry>, Unreadable> {
    let mut sheets = Vec::new();
    let mut defined = None;
    let mut value = String::new();
    while let Some(token) = xml.next()? {
        match token {
            Token::Start(tag) => match tag.local() {
                "sheet" if sheets.len() < MAX_SHEETS => {
                    let name = tag.attribute("name").unwrap_or_default().into_owned();
                    let visible = !matches!(tag.raw("state"), Some("hidden" | "veryHidden"));
                    let mut place = Place::new(Kind::Property).named("sheet");
                    place.visible = visible;
                    place.sheet = Some(&name);
                    sink.segment(Segment::new(&name, place))?;
                    let relation = tag
                        .attributes()
                        .find(|attribute| attribute.name != "id" && attribute.local() == "id")
                        .map(|attribute| attribute.value().into_owned())
                        .unwrap_or_default();
                    sheets.push(SheetEntry { name, relation, visible });
                }
                "definedName" => {
                    for attribute in tag.attributes() {
                        let text = attribute.value();
                        if matches!(attribute.local(), "name" | "comment" | "description")
                            && !text.starts_with("_xlnm.")
                        {
                            sink.segment(Segment::new(
                                &text,
                                Place::new(Kind::Bookmark).hidden().named("defined name"),
                            ))?;
                        }
                    }
                    defined = Some(());
                    value.clear();
                }
                _ => {}
            },
            Token::Text(text) if defined.is_some() => resolve(text, &mut value),
            Token::End if defined.take().is_some() && value.contains('"') && has_letter(&value) => {
                sink.segment(Segment::new(&value, Place::new(Kind::Hidden).hidden().named("defined name")))?;
            }
            _ => {}
        }
    }
    Ok(sheets)
}

/// Reads `xl/sharedStrings.xml`. Readings (`rPh`) are pushed at once, they belong to no cell's text.
///
/// # Errors
/// What reading its bytes gave.
pub(super) fn read_strings<R: Read>(
    mut xml: Xml<R>,
    fonts: &mut Fonts,
    budget: &Rc<Budget>,
    sink: &mut dyn Sink,
) -> Result<Strings, Unreadable> {
    let mut strings = Strings::with_room(budget.room());
    let mut value = String::new();
    let mut reading = String::new();
    let (mut depth, mut item_at, mut reading_at, mut text_at, mut props_at) = (0u32, 0, 0, 0, 0);
    let mut runs: Vec<Run> = Vec::new();
    let mut text_from = 0;
    loop {
        if depth > 0 && [item_at, reading_at, text_at, props_at] == [0; 4] {
            let ahead = xml.ahead();
            let mut rest = ahead;
            while let Some((text, after)) = plain_string(rest) {
                value.clear();
                resolve(text, &mut value);
                unescape_from(0, &mut value);
                strings.add(&value, &[], fonts, sink)?;
                rest = after;
            }
            let used = ahead.len() - rest.len();
            xml.pass(used);
        }
        let Some(token) = xml.next()? else { break };
        match token {
            Token::Start(tag) => {
                depth += 1;
                match tag.local() {
                    // The second is of a beta of Office 2007.
                    "si" | "sstItem" => {
                        item_at = depth;
                        value.clear();
                        runs.clear();
                    }
                    "rPh" => reading_at = depth,
                    "t" => {
                        text_at = depth;
                        text_from = value.len();
                    }
                    "r" if item_at > 0 => {
                        runs.push((u32::try_from(value.len()).unwrap_or(u32::MAX), Look::default()));
                    }
                    "rPr" => props_at = depth,
                    _ if props_at > 0 => {
                        if let Some((_, look)) = runs.last_mut() {
                            sheet_font(&tag, look, fonts);
                        }
                    }
                    _ => {}
                }
            }
            Token::Text(text) | Token::Literal(text) | Token::Comment(text)
                if (text_at == 0 || item_at == 0) && has_letter(text) =>
            {
                sink.segment(Segment::new(text, Place::new(Kind::Hidden).hidden().named("shared strings")))?;
            }
            Token::Text(text) if text_at > 0 => {
                resolve(text, if reading_at > 0 { &mut reading } else { &mut value });
            }
            Token::Literal(text) if text_at > 0 => {
                if reading_at > 0 { &mut reading } else { &mut value }.push_str(text);
            }
            Token::End => {
                if depth == text_at {
                    text_at = 0;
                    unescape_from(text_from, &mut value);
                }
                if depth == props_at {
                    props_at = 0;
                }
                if depth == reading_at {
                    reading_at = 0;
                    if has_letter(&reading) {
                        sink.segment(Segment::new(
                            &reading,
                            Place::new(Kind::Hidden).hidden().named("reading"),
                        ))?;
                    }
                    reading.clear();
                }
                if depth == item_at {
                    item_at = 0;
                    strings.add(&value, &runs, fonts, sink)?;
                }
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
    }
    strings.finish(budget.hold(strings.cost() as u64));
    Ok(strings)
}

/// Replaces what stands for a character in a text from there on.
fn unescape_from(from: usize, value: &mut String) {
    let text = value.get(from..).filter(|text| memchr::memchr(b'_', text.as_bytes()).is_some());
    if let Some(text) = text.filter(|text| text.contains("_x")) {
        let escaped = text.to_owned();
        value.truncate(from);
        unescape(&escaped, value);
    }
}

/// `_x000D_` stands for a character that XML cannot hold.
fn unescape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let code = from
            .get(2..6)
            .filter(|_| from.get(6..7) == Some("_"))
            .and_then(|hex| u32::from_str_radix(hex, 16).ok());
        match code.and_then(char::from_u32) {
            Some(c) => {
                out.push(c);
                rest = from.get(7..).unwrap_or_default();
            }
            None => {
                out.push_str("_x");
                rest = from.get(2..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
}

/// Looks of cells: `cellXfs` joined with fonts and borders. Also pushes number formats that print words.
#[derive(Debug, Default)]
pub(super) struct CellStyles {
    /// Looks of cells by the number of their format.
    pub(super) looks: Vec<Look>,
    /// Looks of fonts by their number; only binary workbooks ask for them again.
    pub(super) fonts: Vec<Look>,
}

/// Excel allows 65,490 cell formats.
const MAX_FORMATS: usize = 70_000;

impl CellStyles {
    /// Reads `xl/styles.xml`.
    ///
    /// # Errors
    /// What reading its bytes gave.
    pub(super) fn read<R: Read>(
        mut xml: Xml<R>,
        fonts: &mut Fonts,
        sink: &mut dyn Sink,
    ) -> Result<CellStyles, Unreadable> {
        let mut styles = CellStyles::default();
        let (mut font_looks, mut borders) = (Vec::new(), Vec::new());
        let mut section = "";
        let mut sides = 0;
        while let Some(token) = xml.next()? {
            let Token::Start(tag) = token else { continue };
            match tag.local() {
                "fonts" => section = "fonts",
                "borders" => section = "borders",
                "cellXfs" => section = "cellXfs",
                "cellStyleXfs" | "cellStyles" | "dxfs" | "fills" => section = "",
                "numFmt" => {
                    if let Some(code) =
                        tag.attribute("formatCode").filter(|code| code.contains('"') && has_letter(code))
                    {
                        sink.segment(Segment::new(
                            &code,
                            Place::new(Kind::Hidden).hidden().named("number format"),
                        ))?;
                    }
                }
                "font" if section == "fonts" && font_looks.len() < MAX_FORMATS => {
                    font_looks.push(Look::default())
                }
                "border" if section == "borders" && borders.len() < MAX_FORMATS => {
                    borders.push(false);
                    sides = 0;
                }
                "left" | "right" | "top" | "bottom" | "start" | "end" if section == "borders" => {
                    sides += u32::from(!matches!(tag.raw("style"), Some("none") | None));
                    if let Some(last) = borders.last_mut() {
                        *last = sides >= 4;
                    }
                }
                "xf" if section == "cellXfs" && styles.looks.len() < MAX_FORMATS => {
                    let number = |name| tag.raw(name).and_then(|id| id.parse::<usize>().ok()).unwrap_or(0);
                    let mut look: Look = font_looks.get(number("fontId")).copied().unwrap_or_default();
                    look.framed = borders.get(number("borderId")).copied().filter(|framed| *framed);
                    styles.looks.push(look);
                }
                _ if section == "fonts" => {
                    if let Some(look) = font_looks.last_mut() {
                        sheet_font(&tag, look, fonts);
                    }
                }
                _ => {}
            }
        }
        Ok(styles)
    }
}

/// One child of a spreadsheet `font` or `rPr`.
fn sheet_font(tag: &Tag<'_>, look: &mut Look, fonts: &mut Fonts) {
    let value = tag.raw("val");
    let on = || !matches!(value, Some("0" | "false"));
    match tag.local() {
        "b" => look.bold = Some(on()),
        "strike" => look.struck = Some(on()),
        "sz" => {
            let points =
                value.and_then(|size| size.parse::<f32>().ok()).filter(|size| (0.0..10_000.0).contains(size));
            // In range, so the cast keeps the value.
            look.size = points.map(|points| (points * 2.0) as u16);
        }
        "color" => look.color = tag.raw("rgb").and_then(hex_color),
        "name" | "rFont" => look.font = tag.attribute("val").and_then(|name| fonts.number(&name)),
        _ => {}
    }
}

/// What all sheets of a workbook share.
pub(super) struct Book {
    pub(super) strings: Strings,
    pub(super) styles: CellStyles,
    pub(super) fonts: Fonts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Nothing,
    /// A number, truth value or error; anything else in its place is pushed.
    Number,
    Value,
    Inline,
    Formula,
    Rule,
    HeaderFooter(Kind),
    /// Text of an element nobody knows.
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Number,
    Shared,
    Text,
    Inline,
}

/// Rows have many attributes, and this one seldom.
static HIDDEN: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("hidden"));

/// Hidden column ranges kept per sheet.
const MAX_COLUMNS: usize = 1_024;

/// Reads one sheet.
///
/// # Errors
/// What reading its bytes gave.
pub(super) fn read_sheet<R: Read>(
    mut xml: Xml<R>,
    sheet: &SheetEntry,
    book: &mut Book,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    let base = Place { sheet: Some(&sheet.name), visible: sheet.visible, ..Place::new(Kind::Table) };
    let cell_kind = if sheet.visible { Kind::Table } else { Kind::Hidden };
    let mut at = At::Nothing;
    let mut value = String::new();
    let mut hidden_columns: Vec<(u32, u32)> = Vec::new();
    let (mut row, mut column) = (0u32, 0u32);
    let mut row_hidden = false;
    let mut kind = Type::Number;
    let mut style = 0usize;
    let (mut depth, mut cell_at) = (0u32, 0u32);
    loop {
        if cell_at == 0 {
            let mut position = (row.saturating_add(1), column);
            while let Some(PlainCell { row, column, style, string: Some(string) }) =
                next_string(&mut xml, &mut position)
            {
                let cell = Cell { row: row.saturating_sub(1), column: column.saturating_sub(1) };
                let visible = base.visible && !row_hidden && !is_in(&hidden_columns, cell.column);
                let place = Place { kind: cell_kind, cell: Some(cell), visible, ..base };
                let look = book.styles.looks.get(style as usize).copied().unwrap_or_default();
                book.strings.push(string as usize, place, look, &book.fonts, sink)?;
            }
            (row, column) = (position.0.saturating_sub(1), position.1);
        }
        let Some(token) = xml.next()? else { break };
        match token {
            Token::Start(tag) => {
                depth += 1;
                match tag.local() {
                    "c" => {
                        cell_at = depth;
                        let mut reference = None;
                        kind = Type::Number;
                        style = 0;
                        for attribute in tag.attributes() {
                            match attribute.name {
                                "r" => reference = parse_reference(attribute.raw),
                                "s" => style = attribute.raw.parse().unwrap_or(0),
                                "t" => {
                                    kind = match attribute.raw {
                                        "s" => Type::Shared,
                                        "str" | "d" => Type::Text,
                                        "inlineStr" => Type::Inline,
                                        _ => Type::Number,
                                    }
                                }
                                _ => {}
                            }
                        }
                        match reference {
                            Some(cell) => (row, column) = (cell.row, cell.column.saturating_add(1)),
                            None => column = column.saturating_add(1),
                        }
                        value.clear();
                        at = At::Nothing;
                    }
                    "v" => at = if kind == Type::Number { At::Number } else { At::Value },
                    "t" if cell_at > 0 => at = At::Inline,
                    "f" => {
                        value.clear();
                        at = At::Formula;
                    }
                    // Readings of an inline string: their `t` goes with the text, in its own line.
                    "rPh" => value.push('\n'),
                    "is" | "r" | "rPr" => {}
                    "row" => {
                        row = match tag.raw("r").and_then(|number| number.parse::<u32>().ok()) {
                            Some(number) => number.saturating_sub(1),
                            None if column == 0 && row == 0 => 0,
                            None => row.saturating_add(1),
                        };
                        column = 0;
                        row_hidden = tag.may_have(&HIDDEN) && matches!(tag.raw("hidden"), Some("1" | "true"));
                    }
                    "col" => {
                        if matches!(tag.raw("hidden"), Some("1" | "true"))
                            && hidden_columns.len() < MAX_COLUMNS
                        {
                            let number =
                                |name| tag.raw(name).and_then(|n| n.parse::<u32>().ok()).unwrap_or(0);
                            hidden_columns
                                .push((number("min").saturating_sub(1), number("max").saturating_sub(1)));
                        }
                    }
                    "oddHeader" | "evenHeader" | "firstHeader" => {
                        value.clear();
                        at = At::HeaderFooter(Kind::Header);
                    }
                    "oddFooter" | "evenFooter" | "firstFooter" => {
                        value.clear();
                        at = At::HeaderFooter(Kind::Footer);
                    }
                    "formula1" | "formula2" | "formula" => {
                        value.clear();
                        at = At::Rule;
                    }
                    // Looks of the runs of an inline string.
                    _ if cell_at > 0 && kind == Type::Inline => at = At::Nothing,
                    name => {
                        at = At::Other;
                        value.clear();
                        known_attributes(name, &tag, base, sink)?;
                    }
                }
            }
            Token::Text(text) => match at {
                At::Nothing => {}
                At::Number => {
                    if is_worded(text) {
                        resolve(text, &mut value);
                    }
                }
                At::Other if text.trim_ascii().is_empty() => {}
                _ => resolve(text, &mut value),
            },
            Token::Literal(text) => {
                if at != At::Nothing {
                    value.push_str(text);
                }
            }
            Token::Comment(text) => {
                if has_letter(text) {
                    sink.segment(Segment::new(
                        text,
                        Place { kind: Kind::Hidden, ..base.hidden() }.named("comment in the source"),
                    ))?;
                }
            }
            Token::End => {
                let cell = Cell { row, column: column.saturating_sub(1) };
                let place = Place { kind: cell_kind, cell: Some(cell), ..base };
                match at {
                    At::Nothing => {
                        if depth == cell_at && kind == Type::Inline && !value.is_empty() {
                            let visible = base.visible
                                && !row_hidden
                                && !is_in(&hidden_columns, column.saturating_sub(1));
                            let look = book.styles.looks.get(style).copied().unwrap_or_default();
                            push_cell(&value, &[], Place { visible, ..place }, look, &book.fonts, sink)?;
                            value.clear();
                        }
                    }
                    At::Value | At::Number => {
                        let visible =
                            base.visible && !row_hidden && !is_in(&hidden_columns, column.saturating_sub(1));
                        let place = Place { visible, ..place };
                        let look = book.styles.looks.get(style).copied().unwrap_or_default();
                        if at == At::Value && kind == Type::Shared {
                            if let Ok(number) = value.trim().parse() {
                                book.strings.push(number, place, look, &book.fonts, sink)?;
                            }
                        } else {
                            push_cell(&value, &[], place, look, &book.fonts, sink)?;
                        }
                        value.clear();
                    }
                    // More runs may follow; pushed at the end of the cell.
                    At::Inline => {}
                    At::Formula => {
                        if value.contains('"') && has_letter(&value) {
                            let place = Place { kind: Kind::Hidden, ..place.hidden() };
                            sink.segment(Segment::new(&value, place.named("formula")))?;
                        }
                        value.clear();
                    }
                    At::Rule => {
                        if value.contains('"') && has_letter(&value) {
                            let place = Place { kind: Kind::Hidden, ..base.hidden() };
                            sink.segment(Segment::new(&value, place.named("list or rule")))?;
                        }
                        value.clear();
                    }
                    At::HeaderFooter(kind) => {
                        header_footer(&value, Place { kind, ..base }, sink)?;
                        value.clear();
                    }
                    At::Other => {
                        if has_letter(&value) {
                            let place = Place { kind: Kind::Hidden, ..base.hidden() };
                            sink.segment(Segment::new(value.trim(), place))?;
                        }
                        value.clear();
                    }
                }
                at = At::Nothing;
                if depth == cell_at {
                    cell_at = 0;
                }
                depth = depth.saturating_sub(1);
            }
        }
    }
    match xml.damage() {
        Some(damage) => Err(Unreadable::damaged(damage)),
        None => Ok(()),
    }
}

/// Whether the value of a number cell is anything but a number, a truth value or an error.
fn is_worded(text: &str) -> bool {
    text.bytes().any(|byte| !byte.is_ascii_digit() && !b"+-.,eE \r\n\t".contains(&byte))
        && !text.starts_with('#')
        && !matches!(text, "TRUE" | "FALSE" | "true" | "false")
}

fn known_attributes(
    name: &str,
    tag: &Tag<'_>,
    base: Place<'_>,
    sink: &mut dyn Sink,
) -> Result<(), Unreadable> {
    let (kind, wanted): (Kind, &[&str]) = match name {
        "dataValidation" => (Kind::FormField, &["prompt", "promptTitle", "error", "errorTitle"]),
        "hyperlink" => (Kind::Link, &["location", "tooltip", "display"]),
        "cfRule" => (Kind::Hidden, &["text"]),
        "protectedRange" | "customPr" | "customSheetView" => (Kind::Property, &["name"]),
        "scenario" => (Kind::Hidden, &["name", "comment", "user"]),
        "inputCells" => (Kind::Hidden, &["val"]),
        "tabColor" | "sheetPr" => (Kind::Property, &["codeName"]),
        "filter" | "customFilter" => (Kind::Hidden, &["val"]),
        _ => return Ok(()),
    };
    for attribute in tag.attributes().filter(|attribute| wanted.contains(&attribute.local())) {
        let value = attribute.value();
        if has_letter(&value) {
            let mut text = String::new();
            unescape(&value, &mut text);
            sink.segment(Segment::new(&text, Place { kind, ..base.hidden() }.named(attribute.local())))?;
        }
    }
    Ok(())
}

/// `AB12` as a cell; ranges give their first.
pub(super) fn parse_reference(text: &str) -> Option<Cell> {
    let (mut column, mut row) = (0u32, 0u32);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' => column = column.checked_mul(26)?.checked_add(u32::from(byte - b'A') + 1)?,
            b'a'..=b'z' => column = column.checked_mul(26)?.checked_add(u32::from(byte - b'a') + 1)?,
            b'0'..=b'9' => row = row.checked_mul(10)?.checked_add(u32::from(byte - b'0'))?,
            b'$' => {}
            _ => break,
        }
    }
    Some(Cell { row: row.checked_sub(1)?, column: column.checked_sub(1)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        assert_eq!(parse_reference("A1"), Some(Cell { row: 0, column: 0 }));
        assert_eq!(parse_reference("$AB$12:C3"), Some(Cell { row: 11, column: 27 }));
        assert_eq!(parse_reference("A0"), None);
        assert_eq!(parse_reference("ZZZZZZZZZZZZ1"), None);
    }

    #[test]
    fn escapes_of_characters() {
        let mut out = String::new();
        unescape("a_x000D_b_xyz_x00", &mut out);
        assert_eq!(out, "a\rb_xyz_x00");
    }
}
