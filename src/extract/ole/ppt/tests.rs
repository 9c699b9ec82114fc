use std::io::Write as _;

use cfb::CompoundFile;

use super::super::super::testing::{Record as Seen, read_bytes};
use super::super::Ole;
use super::*;

fn atom(kind: u16, instance: u16, content: &[u8]) -> Vec<u8> {
    of(kind, instance << 4, content)
}

fn container(kind: u16, instance: u16, content: &[Vec<u8>]) -> Vec<u8> {
    of(kind, instance << 4 | 0xF, &content.concat())
}

fn of(kind: u16, head: u16, content: &[u8]) -> Vec<u8> {
    let len = u32::try_from(content.len()).unwrap();
    [&head.to_le_bytes()[..], &kind.to_le_bytes(), &len.to_le_bytes(), content].concat()
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn presentation(stream: &[u8]) -> Seen {
    let mut file = CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
    file.create_stream("/PowerPoint Document").unwrap().write_all(stream).unwrap();
    file.flush().unwrap();
    read_bytes(&Ole, "x.ppt", &file.into_inner().into_inner())
}

/// A document with two fonts, and texts of its one slide in two fonts.
fn document() -> Vec<u8> {
    let font = |number: u16, name: &str| {
        let mut content = wide(name);
        content.resize(68, 0);
        atom(record::FONT, number, &content)
    };
    let fonts = container(record::FONTS, 0, &[font(0, "Arial"), font(1, ".VnTime")]);
    let run = |len: u32, font: u16| {
        [&len.to_le_bytes()[..], &0x0001_0000u32.to_le_bytes(), &font.to_le_bytes()].concat()
    };
    let style = [&14u32.to_le_bytes()[..], &[0; 2], &[0; 4], &run(6, 0), &run(8, 1)].concat();
    let list = container(
        record::SLIDE_LIST,
        0,
        &[
            atom(record::SLIDE_PERSIST, 0, &[0; 20]),
            atom(record::TEXT_HEADER, 0, &[1, 0, 0, 0]),
            atom(record::TEXT_BYTES, 0, b"Lamp\rMT\xE8I M\xCBT"),
            atom(record::TEXT_STYLE, 0, &style),
        ],
    );
    container(record::DOCUMENT, 0, &[container(record::ENVIRONMENT, 0, &[fonts]), list])
}

#[test]
fn paragraphs_are_cut_where_a_legacy_font_begins() {
    let got = presentation(&document());
    assert_eq!(got.of(Kind::Body), ["Lamp", "M", "TèI MËT"]);
    let seen = got.the("TèI MËT");
    assert_eq!((seen.font.as_deref(), seen.place.slide), (Some(".VnTime"), Some(1)));
    assert!(got.gaps.is_empty(), "{:?}", got.gaps);
}

#[test]
fn comments_and_hidden_slides() {
    let comment = container(
        record::COMMENT,
        0,
        &[atom(record::STRING, 0, &wide("Ann")), atom(record::STRING, 1, &wide("TUYỆT MẬT"))],
    );
    let tag = container(5002, 0, &[atom(record::BINARY_TAG, 0, &comment)]);
    let hidden = atom(record::SLIDE_SHOW, 0, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0]);
    let slide = container(record::SLIDE, 0, &[hidden, container(5000, 0, &[tag])]);
    // Zeros between records, as some writers leave them.
    let got = presentation(&[document(), vec![0; 43], slide].concat());
    let seen = got.the("TUYỆT MẬT");
    assert_eq!((seen.place.kind, seen.place.visible), (Kind::Comment, false));
    assert_eq!(got.of(Kind::Comment), ["Ann", "TUYỆT MẬT"]);
    assert!(got.gaps.is_empty(), "{:?}", got.gaps);
}

#[test]
fn an_embedded_object_knows_its_slide() {
    let numbers = |all: &[u32]| all.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    let object = atom(record::OBJECT, 0, b"an object");
    // The second slide shows object 7, whose bytes are persistent object 4.
    let shape =
        container(0xF004, 0, &[container(0xF011, 0, &[atom(record::OBJECT_REFERENCE, 0, &numbers(&[7]))])]);
    let plain = container(record::SLIDE, 0, &[]);
    let shows =
        container(record::SLIDE, 0, &[container(record::DRAWING, 0, &[container(0xF002, 0, &[shape])])]);
    let listed = |number: u32| atom(record::SLIDE_PERSIST, 0, &numbers(&[number, 0, 0, number, 0]));
    let list = container(record::SLIDE_LIST, 0, &[listed(2), listed(3)]);
    let embedded = container(4044, 0, &[atom(record::OBJECT_ATOM, 0, &numbers(&[1, 0, 7, 0, 4, 0]))]);
    let document = container(record::DOCUMENT, 0, &[container(1033, 0, &[embedded]), list]);
    let (mut stream, mut offsets) = (Vec::new(), Vec::new());
    for part in [document, plain, shows, object] {
        offsets.push(u32::try_from(stream.len()).unwrap());
        stream.extend(part);
    }
    let directory = u32::try_from(stream.len()).unwrap();
    stream.extend(atom(record::PERSIST_DIRECTORY, 0, &[numbers(&[4 << 20 | 1]), numbers(&offsets)].concat()));
    let edit = u32::try_from(stream.len()).unwrap();
    stream.extend(atom(record::USER_EDIT, 0, &numbers(&[0, 0, 0, directory, 1, 4, 0])));
    let mut file = CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
    file.create_stream("/PowerPoint Document").unwrap().write_all(&stream).unwrap();
    let user = [numbers(&[20, 0xE391_C05F, 0, 0]), numbers(&[edit])].concat();
    file.create_stream("/Current User").unwrap().write_all(&user).unwrap();
    file.flush().unwrap();
    let got = read_bytes(&Ole, "x.ppt", &file.into_inner().into_inner());
    assert_eq!(got.members, [("object-1.bin".to_owned(), b"an object".to_vec())]);
    assert_eq!(got.slides, [Some(2)]);
}

#[test]
fn what_breaks_off_is_searched_and_told() {
    let mut stream = document();
    stream.extend(atom(record::STRING, 0, &wide("half a text")));
    stream.truncate(stream.len() - 4);
    let got = presentation(&stream);
    let reasons: Vec<GapReason> = got.gaps.iter().map(|gap| gap.reason).collect();
    assert_eq!(reasons, [GapReason::Damaged, GapReason::Unsupported]);
    assert!(got.segments.iter().any(|seen| seen.text.contains("half a te")));
}

#[test]
fn bytes_that_are_no_records_are_searched() {
    let got = presentation(&wide("slides of PowerPoint 95"));
    assert_eq!(got.gaps.iter().map(|gap| gap.reason).collect::<Vec<_>>(), [GapReason::Unsupported]);
}
