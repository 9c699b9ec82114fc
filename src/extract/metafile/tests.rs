use proptest::prelude::*;

use super::super::testing::{Record, read_bytes};
use super::*;

static STAMP: &[u8] = include_bytes!("../../../fixtures/emf/stamp.emf");
static BANNER: &[u8] = include_bytes!("../../../fixtures/emf/banner.wmf");

fn record(kind: u32, fields: &[u32], tail: &[u8]) -> Vec<u8> {
    let mut bytes = kind.to_le_bytes().to_vec();
    let padded = tail.len().next_multiple_of(4);
    bytes.extend((u32::try_from(8 + fields.len() * 4 + padded).unwrap()).to_le_bytes());
    bytes.extend(fields.iter().flat_map(|field| field.to_le_bytes()));
    bytes.extend(tail);
    bytes.resize(8 + fields.len() * 4 + padded, 0);
    bytes
}

fn utf16_of(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A text in a font of 100 units height, with the advance of each letter.
fn text_at(x: u32, y: u32, text: &str, advance: u32) -> Vec<u8> {
    let units = utf16_of(text);
    let count = u32::try_from(units.len() / 2).unwrap();
    let padded = u32::try_from(units.len().next_multiple_of(4)).unwrap();
    let mut tail = units;
    tail.resize(padded as usize, 0);
    tail.extend((0..count).flat_map(|_| advance.to_le_bytes()));
    record(84, &[0, 0, 0, 0, 1, 0, 0, x, y, count, 76, 0, 0, 0, 0, 0, 76 + padded], &tail)
}

fn file(records: &[Vec<u8>]) -> Vec<u8> {
    let mut head = vec![0u32; 23];
    head[8] = 0x464D_4520;
    let mut font = vec![1, 100];
    font.extend([0; 4]);
    font.push(0);
    let mut face = utf16_of("Arial");
    face.resize(64, 0);
    let mut bytes = record(1, &head, &[]);
    bytes.extend(record(82, &font, &face));
    bytes.extend(record(37, &[1], &[]));
    records.iter().for_each(|record| bytes.extend(record));
    bytes.extend(record(14, &[0, 0, 0], &[]));
    bytes
}

fn texts(bytes: &[u8]) -> Vec<String> {
    let got = read_bytes(&Metafile, "a.emf", bytes);
    assert_eq!(got.error, None);
    got.of(Kind::Body).iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn letters_and_words_of_a_line_are_one_text() {
    let letters: Vec<Vec<u8>> =
        "MẬT".chars().zip([0, 60, 120]).map(|(c, x)| text_at(x, 500, &c.to_string(), 60)).collect();
    assert_eq!(texts(&file(&letters)), ["MẬT"]);
    let words = [
        text_at(0, 500, "TOP", 60),
        text_at(220, 500, "SECRET", 60),
        text_at(2_000, 500, "far", 60),
        text_at(0, 700, "below", 60),
    ];
    assert_eq!(texts(&file(&words)), ["TOP SECRET", "far", "below"]);
}

#[test]
fn a_second_form_of_the_drawing_says_nothing_twice() {
    let string = |text: &str| {
        let mut data = [0u32; 7];
        data[2] = u32::try_from(text.encode_utf16().count()).unwrap();
        let mut data: Vec<u8> = data.iter().flat_map(|field| field.to_le_bytes()).collect();
        data.extend(utf16_of(text));
        data.resize(data.len().next_multiple_of(4), 0);
        let size = u32::try_from(data.len()).unwrap();
        let mut plus = vec![0x1C, 0x40, 0, 0];
        plus.extend((size + 12).to_le_bytes());
        plus.extend(size.to_le_bytes());
        plus.extend(data);
        let length = u32::try_from(plus.len() + 4).unwrap();
        record(70, &[length, emfplus::COMMENT], &plus)
    };
    let drawn = file(&[string("TOP SECRET"), string("NOFORN"), text_at(0, 0, "TOP SECRET", 60)]);
    assert_eq!(texts(&drawn), ["TOP SECRET", "NOFORN"]);
}

#[test]
fn a_page_that_is_kept_beside_its_pixels_is_a_document() {
    let page = b"%PDF-1.3 and so on";
    let size = u32::try_from(page.len()).unwrap();
    // EMR_COMMENT_MULTIFORMATS: bounds, one format, its signature, version, size and offset from the identifier on.
    let formats = [44 + size, 0x4349_4447, 0x4000_0004, 0, 0, 0, 0, 1, 0x5044_4620, 1, size, 44];
    let got = read_bytes(&Metafile, "a.emf", &file(&[record(70, &formats, page)]));
    assert_eq!(got.members, [("drawing.pdf".to_owned(), page.to_vec())]);
}

#[test]
fn what_cannot_be_read_is_told() {
    let mut glyphs = text_at(0, 0, "ab", 60);
    glyphs[52] = 0x10;
    let got = read_bytes(&Metafile, "a.emf", &file(&[glyphs]));
    let reasons: Vec<GapReason> = got.gaps.iter().map(|gap| gap.reason).collect();
    assert_eq!(reasons, [GapReason::FontUnreadable, GapReason::ImageOnly]);
    let got = read_bytes(&Metafile, "a.emf", &STAMP[..STAMP.len() - 40]);
    assert_eq!(got.of(Kind::Body)[0], "TUYỆT MẬT");
    assert_eq!(got.gaps[0].reason, GapReason::Damaged);
}

/// The record of a picture (OfficeArtBlipEMF) with that drawing in it.
fn blip_of(drawing: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut packed, drawing).unwrap();
    let packed = packed.finish().unwrap();
    let size = u32::try_from(packed.len()).unwrap();
    let mut blip = vec![7, 0xF0, 1, 0xF0, 0x40, 0x3D, 0x1A, 0xF0];
    blip.extend((size + 50).to_le_bytes());
    blip.extend([0; 16 + 28]);
    blip.extend(size.to_le_bytes());
    blip.extend([0, 0xFE]);
    blip.extend(&packed);
    blip
}

/// What is read of that record in a stream.
fn pushed(blip: &[u8]) -> Record {
    let budget = super::super::limits::Budget::new(super::super::limits::Limits::default());
    let mut sink = Record::default();
    assert!(has_drawing(blip));
    push_all(blip, Place::new(Kind::Textbox), &budget, &mut sink).unwrap();
    sink
}

#[test]
fn pictures_in_streams_are_found() {
    let sink = pushed(&blip_of(STAMP));
    assert_eq!(sink.of(Kind::Textbox), ["TUYỆT MẬT", "Sở Thử Nghiệm"]);
    assert_eq!(sink.gaps, []);
    let preview = [&[1, 2, 3][..], STAMP].concat();
    assert!(find(&preview).is_some_and(is_emf));
    let preview = [&[1, 2, 3][..], &BANNER[22..]].concat();
    assert!(find(&preview).is_some_and(is_wmf));
}

#[test]
fn what_is_lost_of_a_picture_is_told() {
    let cut = pushed(&blip_of(&STAMP[..STAMP.len() - 40]));
    assert_eq!(cut.of(Kind::Textbox)[0], "TUYỆT MẬT");
    assert_eq!(cut.gaps[0].reason, GapReason::Damaged);
    let mut glyphs = text_at(0, 0, "ab", 60);
    glyphs[52] = 0x10;
    assert_eq!(pushed(&blip_of(&file(&[glyphs]))).gaps[0].reason, GapReason::FontUnreadable);
    let long = [STAMP, &vec![0; usize::try_from(MAX_DRAWING).unwrap()]].concat();
    let long = pushed(&blip_of(&long));
    assert_eq!(long.of(Kind::Textbox)[0], "TUYỆT MẬT");
    assert_eq!(long.gaps[0].reason, GapReason::LimitSize);
}

proptest! {
    #[test]
    fn any_drawing_ends(wide: bool, at in 0usize..3_000, bytes in prop::collection::vec(any::<u8>(), 0..9), cut in 0usize..3_000) {
        let mut file = if wide { STAMP } else { BANNER }.to_vec();
        for (number, byte) in bytes.into_iter().enumerate() {
            if let Some(place) = file.get_mut(at + number) {
                *place = byte;
            }
        }
        file.truncate(cut.max(46));
        let _ = read_bytes(&Metafile, "a.emf", &file);
    }
}
