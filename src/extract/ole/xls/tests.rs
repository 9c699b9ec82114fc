use std::io::Write as _;

use cfb::CompoundFile;

use super::super::super::testing::{Record, read_bytes};
use super::super::Ole;
use super::*;

fn record(kind: u16, body: &[u8]) -> Vec<u8> {
    let len = u16::try_from(body.len()).unwrap();
    [&kind.to_le_bytes()[..], &len.to_le_bytes(), body].concat()
}

fn begin(content: u16) -> Vec<u8> {
    record(0x0809, &[&0x0600u16.to_le_bytes()[..], &content.to_le_bytes(), &[0; 12]].concat())
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn workbook(stream: &[u8]) -> Record {
    let mut file = CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
    file.create_stream("/Workbook").unwrap().write_all(stream).unwrap();
    file.flush().unwrap();
    read_bytes(&Ole, "x.xls", &file.into_inner().into_inner())
}

/// A workbook with these shared strings (records after the SST's head) and these records in its sheet.
fn with_strings(strings: &[Vec<u8>], count: u8, sheet: &[Vec<u8>]) -> Record {
    let mut globals = begin(0x0005);
    let bound = globals.len() + 4;
    globals.extend(record(0x0085, &[&[0; 6][..], &[2, 0], b"Ke"].concat()));
    let mut parts = strings.iter();
    let first = parts.next().map_or(&[][..], Vec::as_slice);
    let head = [&[count, 0, 0, 0, count, 0, 0, 0][..], first].concat();
    globals.extend(record(0x00FC, &head));
    globals.extend(parts.flat_map(|part| record(0x003C, part)));
    globals.extend(record(0x000A, &[]));
    let at = u32::try_from(globals.len()).unwrap().to_le_bytes();
    globals.get_mut(bound..bound + 4).unwrap().copy_from_slice(&at);
    globals.extend(begin(0x0010));
    globals.extend(sheet.concat());
    globals.extend(record(0x000A, &[]));
    workbook(&globals)
}

fn cell(row: u16, column: u16, string: u32) -> Vec<u8> {
    let body = [&row.to_le_bytes()[..], &column.to_le_bytes(), &[0, 0], &string.to_le_bytes()].concat();
    record(0x00FD, &body)
}

#[test]
fn a_string_goes_on_in_the_next_record_in_other_letters() {
    // "TOI " in bytes, then "MẬT" in UTF-16 behind flags of its own.
    let first = [&[7, 0, 0][..], b"TOI "].concat();
    let second = [&[1][..], &wide("MẬT")].concat();
    let got = with_strings(&[first, second], 1, &[cell(2, 1, 0)]);
    let seen = got.the("TOI MẬT");
    assert_eq!((seen.place.sheet.as_deref(), seen.place.cell.as_deref()), (Some("Ke"), Some("B3")));
    assert!(got.gaps.is_empty(), "{:?}", got.gaps);
}

#[test]
fn hidden_rows_and_columns() {
    let row = |flags: u16| [&[3, 0][..], &[0; 10], &flags.to_le_bytes(), &[0, 0]].concat();
    let column = [&[4, 0, 4, 0][..], &[0; 4], &[1, 0, 0, 0]].concat();
    let strings = ["hidden row", "hidden column", "shown"]
        .iter()
        .flat_map(|text| [&[u8::try_from(text.len()).unwrap(), 0, 0], text.as_bytes()].concat())
        .collect();
    let sheet =
        [record(0x007D, &column), record(0x0208, &row(0x20)), cell(3, 0, 0), cell(0, 4, 1), cell(0, 0, 2)];
    let got = with_strings(&[strings], 3, &sheet);
    assert!(!got.the("hidden row").place.visible);
    assert!(!got.the("hidden column").place.visible);
    assert!(got.the("shown").place.visible);
}

#[test]
fn strings_no_cell_shows_are_not_lost() {
    let got = with_strings(&[[&[4, 0, 0][..], b"left"].concat()], 1, &[]);
    assert_eq!(got.of(Kind::Hidden), ["left"]);
}

#[test]
fn a_comment_finds_its_cell_and_a_box_has_none() {
    let object = |kind: u16, id: u16| {
        record(0x005D, &[&[0x15, 0, 0x12, 0][..], &kind.to_le_bytes(), &id.to_le_bytes()].concat())
    };
    let text = |text: &str| {
        let len = u16::try_from(text.len()).unwrap().to_le_bytes();
        let head = record(0x01B6, &[&[0; 10][..], &len, &[16, 0], &[0; 4]].concat());
        [head, record(0x003C, &[&[0][..], text.as_bytes()].concat()), record(0x003C, &[0; 16])].concat()
    };
    let note = [&[4, 0, 2, 0, 0, 0, 9, 0][..], &[3, 0, 0], b"Ann"].concat();
    let sheet = [object(6, 1), text("in a box"), object(0x19, 9), text("a remark"), record(0x001C, &note)];
    let got = with_strings(&[], 0, &sheet);
    assert_eq!(got.the("in a box").place.kind, Kind::Textbox);
    assert_eq!(got.the("a remark").place.cell.as_deref(), Some("C5"));
    assert_eq!(got.of(Kind::Comment), ["Ann", "a remark"]);
}

#[test]
fn what_breaks_off_is_searched_and_told() {
    let mut stream = begin(0x0005);
    stream.extend(record(
        0x00FC,
        &[&[1, 0, 0, 0, 1, 0, 0, 0, 200, 0, 0][..], b"not two hundred letters"].concat(),
    ));
    let got = workbook(&stream);
    assert!(got.gaps.iter().any(|gap| gap.reason == GapReason::Damaged));
    assert!(got.segments.iter().any(|seen| seen.text.contains("not two hundred letters")));
}

#[test]
fn another_password_is_told() {
    let mut stream = begin(0x0005);
    stream.extend(record(0x002F, &[0; 6]));
    let got = workbook(&stream);
    assert_eq!(got.gaps.iter().map(|gap| gap.reason).collect::<Vec<_>>(), [GapReason::Encrypted]);
}

#[test]
fn a_bare_sheet_of_excel_4() {
    let mut stream = record(0x0409, &[0, 4, 0x10, 0, 0, 0]);
    stream.extend(record(0x0204, &[&[1, 0, 2, 0, 0, 0, 5, 0][..], b"lamps"].concat()));
    stream.extend(record(0x0014, &[&[7][..], b"&Cdraft"].concat()));
    stream.extend(record(0x000A, &[]));
    let head = Head { bytes: &stream, extension: "xls", media: None };
    assert!(Biff.matches(&head));
    let got = read_bytes(&Biff, "x.xls", &stream);
    assert_eq!(got.the("lamps").place.cell.as_deref(), Some("C2"));
    assert_eq!(got.of(Kind::Header), ["draft"]);
    assert!(got.gaps.is_empty());
}

#[test]
fn values_of_a_name_that_stands_for_an_array() {
    // n_array = {"A","CC";"BBB",1}: the token of an array, and its values behind the tokens.
    let array = [
        &[0x60, 0, 0, 0, 0, 0, 0, 0][..],
        &[1, 1, 0],
        &[2, 1, 0, 0, b'A'],
        &[2, 2, 0, 1, b'C', 0, b'C', 0],
        &[2, 3, 0, 0, b'B', b'B', b'B'],
        &[1, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F],
    ]
    .concat();
    let head = [0, 0, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let mut stream = begin(0x0005);
    stream.extend(record(0x0018, &[&head[..], &[0], b"n_array", &array].concat()));
    stream.extend(record(0x000A, &[]));
    let got = workbook(&stream);
    assert_eq!(got.of(Kind::Hidden), ["A", "CC", "BBB"]);
    assert_eq!(got.of(Kind::Bookmark), ["n_array"]);
    assert!(got.gaps.is_empty(), "{:?}", got.gaps);
}

#[test]
fn the_table_of_a_chart_by_microsoft_graph() {
    let label = |row: u8, column: u8, text: &str| {
        let len = u8::try_from(text.encode_utf16().count()).unwrap();
        record(0x0004, &[&[row, 0, column, 0, 0, 0, 0, len, 1][..], &wide(text)].concat())
    };
    let mut stream = begin(0x0005);
    stream.extend(record(0x0085, &[41, 0, 0, 0, 0, 2, 0, 0]));
    stream.extend(record(0x000A, &[]));
    stream.extend(begin(0x8000));
    stream.extend([label(0, 1, "Quý I"), label(2, 0, "TUYỆT MẬT")].concat());
    stream.extend(record(0x100D, &[&[0, 0, 4, 0][..], b"East"].concat()));
    stream.extend(record(0x000A, &[]));
    let got = workbook(&stream);
    let place = &got.the("TUYỆT MẬT").place;
    assert_eq!((place.sheet.as_deref(), place.cell.as_deref()), (None, Some("A3")));
    assert_eq!((got.of(Kind::Table), got.of(Kind::Body)), (vec!["Quý I", "TUYỆT MẬT"], vec!["East"]));
    assert!(got.of(Kind::Property).is_empty());
    assert!(got.gaps.is_empty(), "{:?}", got.gaps);
}
