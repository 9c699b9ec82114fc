//! Documents written by LibreOffice (`fixtures/doc`), and small ones put together by hand for what it does not write:
//! quick saves, Word 6, broken tables.

use std::io::Write as _;

use cfb::CompoundFile;

use crate::extract::ole::Ole;
use crate::extract::testing::{Record, read_bytes};
use crate::model::{GapReason, Kind};

fn fixture(name: &str) -> Record {
    let path = format!("{}/fixtures/doc/{name}.doc", env!("CARGO_MANIFEST_DIR"));
    let record = read_bytes(&Ole, name, &std::fs::read(path).unwrap());
    assert_eq!(record.error, None, "{name}");
    assert!(record.gaps.is_empty(), "{name}: {:?}", record.gaps);
    record
}

#[test]
fn places_of_a_document_by_libreoffice() {
    let report = fixture("report");
    let stamp = report.the("TỐI MẬT");
    assert_eq!((stamp.place.kind, stamp.place.page), (Kind::Body, Some(1)));
    assert_eq!(stamp.look, "13pt #c00000 bold Tinos");
    assert_eq!(report.the("TỈNH VÍ DỤ").place.kind, Kind::Table);
    for (name, kind, text) in [
        ("header", Kind::Header, "TỐI MẬT"),
        ("watermark", Kind::Watermark, "TUYỆT MẬT"),
        ("comment", Kind::Comment, "TỐI MẬT"),
        ("deleted", Kind::Deleted, "TUYỆT MẬT"),
        ("hidden", Kind::Hidden, "TUYỆT MẬT"),
        ("footnote", Kind::Footnote, "TỐI MẬT"),
        ("framed-cell", Kind::Table, "MẬT"),
    ] {
        let record = fixture(name);
        let seen: Vec<_> = record.segments.iter().filter(|seen| seen.text.trim() == text).collect();
        assert_eq!(seen.len(), 1, "{name}: {:#?}", record.lines());
        assert_eq!(seen[0].place.kind, kind, "{name}");
        assert_eq!(seen[0].framed, name == "framed-cell", "{name}");
        let hides = matches!(kind, Kind::Deleted | Kind::Hidden);
        assert_eq!(seen[0].place.visible, !hides, "{name}");
    }
    assert!(fixture("comment").lines().contains(&"comment|author|Lê Thị Giả Thiết".to_owned()));
    let boxed = fixture("textbox");
    assert_eq!(boxed.the("TUYỆT MẬT").place.kind, Kind::Textbox);
}

#[test]
fn letters_of_legacy_fonts_keep_their_bytes_and_their_font() {
    let fonts = fixture("tcvn3-fonts");
    assert_eq!(fonts.the("Sè: 21/BC-STN").font.as_deref(), Some(".VnTime"));
    assert_eq!(fonts.the("céng hßa x· héi chñ nghÜa viÖt nam").font.as_deref(), Some(".VnTimeH"));
}

/// Puts a document together. `pieces`: text, and whether it takes two bytes a letter; `order`: how they lie in the file.
struct Maker {
    main: Vec<u8>,
    table: Vec<u8>,
}

impl Maker {
    fn new() -> Maker {
        let mut main = vec![0; 0x400];
        main[..4].copy_from_slice(&[0xEC, 0xA5, 0xC1, 0]);
        main[32] = 14;
        main[62] = 22;
        main[152] = 93;
        Maker { main, table: vec![0; 4] }
    }

    fn long(&mut self, at: usize, value: usize) {
        self.main[at..at + 4].copy_from_slice(&u32::try_from(value).unwrap().to_le_bytes());
    }

    fn table(&mut self, number: usize, bytes: &[u8]) {
        self.long(154 + number * 8, self.table.len());
        self.long(158 + number * 8, bytes.len());
        self.table.extend(bytes);
    }

    /// `pieces` in the order of the text; each lies where `order` says.
    fn pieces(&mut self, pieces: &[(&str, bool)], order: &[usize]) -> Vec<usize> {
        let mut places = vec![(0, 0); pieces.len()];
        self.long(24, self.main.len());
        for at in order {
            let (text, wide) = pieces[*at];
            let place = self.main.len();
            if wide {
                self.main.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
            } else {
                self.main.extend(text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()));
            }
            places[*at] = (place, if wide { place } else { (place * 2) | 0x4000_0000 });
        }
        self.long(28, self.main.len());
        let mut length = 0;
        let mut clx: Vec<u8> = 0u32.to_le_bytes().to_vec();
        for (text, _) in pieces {
            length += text.chars().count();
            clx.extend(u32::try_from(length).unwrap().to_le_bytes());
        }
        for (_, coded) in &places {
            clx.extend([0; 2]);
            clx.extend(u32::try_from(*coded).unwrap().to_le_bytes());
            clx.extend([0; 2]);
        }
        let mut whole = vec![2];
        whole.extend(u32::try_from(clx.len()).unwrap().to_le_bytes());
        whole.extend(clx);
        self.table(33, &whole);
        self.long(76, length);
        places.iter().map(|(place, _)| *place).collect()
    }

    fn done(self) -> Record {
        let mut file = CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
        file.create_stream("/WordDocument").unwrap().write_all(&self.main).unwrap();
        file.create_stream("/0Table").unwrap().write_all(&self.table).unwrap();
        file.flush().unwrap();
        read_bytes(&Ole, "x.doc", &file.into_inner().into_inner())
    }
}

#[test]
fn quick_saves_are_read_in_the_order_of_the_pieces() {
    let mut maker = Maker::new();
    let pieces = [("T\u{d4}I l\u{e0} ", false), ("TỐI ", true), ("end\r", false)];
    let places = maker.pieces(&pieces, &[2, 1, 0]);
    // Between the pieces lies what was deleted.
    maker.main.extend(b"deleted words of Orla\r");
    let end = maker.main.len();
    maker.long(28, end);
    assert!(places[0] > places[2]);
    let record = maker.done();
    assert_eq!(record.of(Kind::Body), ["TÔI là TỐI end"]);
    assert_eq!(record.of(Kind::Revision), ["deleted words of Orla"]);
    assert!(record.gaps.is_empty(), "{:?}", record.gaps);
}

#[test]
fn fields_cells_and_breaks() {
    let mut maker = Maker::new();
    let text = "before \u{13} HYPERLINK \"https://example.org/\" \\l \"_Toc1\" \u{14}shown\u{15} after\u{b}line\r\
                \u{13} DOCPROPERTY Mark \u{15}cell one\u{7}cell two\u{7}\u{7}page\u{c}next\u{1e}one\r\u{13} never closed\r";
    maker.pieces(&[(text, true)], &[0]);
    let record = maker.done();
    assert_eq!(record.of(Kind::Link), ["https://example.org/"]);
    assert_eq!(record.of(Kind::Hidden), ["DOCPROPERTY Mark", "never closed"]);
    assert_eq!(
        record.of(Kind::Body),
        ["before shown after\nline", "cell one", "cell two", "page", "next\u{2011}one"]
    );
    assert_eq!(record.the("page").place.page, Some(1));
    assert_eq!(record.the("next\u{2011}one").place.page, Some(2));
}

#[test]
fn runs_have_their_look() {
    let mut maker = Maker::new();
    let text = "seen hidden gone TèI\r";
    let place = maker.pieces(&[(text, false)], &[0])[0];
    let mut fonts = vec![2, 0, 0, 0];
    for name in ["Arial", ".VnTimeH"] {
        let mut font = vec![0; 39];
        font.extend(name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes));
        fonts.push(u8::try_from(font.len()).unwrap());
        fonts.extend(font);
    }
    maker.table(15, &fonts);
    // A page of runs: offsets, where each list lies, and the lists from the end.
    maker.main.resize(0x600, 0);
    let mut page = vec![0u8; 512];
    let lists: [(usize, &[u8]); 4] = [
        (5, &[0x35, 0x08, 1, 0x43, 0x4A, 28, 0, 0x4F, 0x4A, 0, 0]),
        (7, &[0x3C, 0x08, 1]),
        (5, &[0x00, 0x08, 1]),
        (4, &[0x51, 0x4A, 1, 0, 0x70, 0x68, 0xC0, 0, 0, 0]),
    ];
    let (mut offset, mut end) = (place, 510);
    for (at, (len, list)) in lists.iter().enumerate() {
        page[at * 4..at * 4 + 4].copy_from_slice(&u32::try_from(offset).unwrap().to_le_bytes());
        offset += len;
        page[at * 4 + 4..at * 4 + 8].copy_from_slice(&u32::try_from(offset).unwrap().to_le_bytes());
        end = (end - list.len() - 1) & !1;
        page[end] = u8::try_from(list.len()).unwrap();
        page[end + 1..end + 1 + list.len()].copy_from_slice(list);
        page[20 + at] = u8::try_from(end / 2).unwrap();
    }
    page[511] = 4;
    maker.main.extend(page);
    let mut bins = Vec::new();
    for value in [place, place + text.chars().count(), 3] {
        bins.extend(u32::try_from(value).unwrap().to_le_bytes());
    }
    maker.table(12, &bins);
    let record = maker.done();
    assert_eq!(record.the("seen ").look, "14pt bold Arial");
    assert_eq!(record.the("hidden ").place.kind, Kind::Hidden);
    assert_eq!(record.the("gone ").place.kind, Kind::Deleted);
    assert_eq!(record.the("TèI").look, "10pt #c00000 .VnTimeH");
}

#[test]
fn word_6_without_a_piece_table() {
    let mut maker = Maker::new();
    maker.main[..0x400].fill(0);
    maker.main[..4].copy_from_slice(&[0xDC, 0xA5, 101, 0]);
    // Russian.
    maker.main[6..8].copy_from_slice(&[0x19, 0x04]);
    let place = maker.main.len();
    maker.main.extend(b"\xD1\xEE\xE2\xE5\xF0\xF8\xE5\xED\xED\xEE\rOrla\r");
    let end = maker.main.len();
    maker.long(24, place);
    maker.long(28, end);
    maker.long(52, end - place);
    assert_eq!(maker.done().of(Kind::Body), ["Совершенно", "Orla"]);
}

#[test]
fn broken_tables_leave_the_search_for_runs() {
    let mut maker = Maker::new();
    maker.main.extend(b"words of Orla\r");
    maker.table(33, &[9, 9, 9]);
    let record = maker.done();
    assert_eq!(record.of(Kind::Body), ["words of Orla"]);
    let reasons: Vec<GapReason> = record.gaps.iter().map(|gap| gap.reason).collect();
    assert_eq!(reasons, [GapReason::Damaged, GapReason::Unsupported]);

    let mut maker = Maker::new();
    maker.pieces(&[("short\r", false)], &[0]);
    maker.main.truncate(0x403);
    let record = maker.done();
    assert_eq!(record.of(Kind::Body)[0], "sho");
    assert!(record.gaps.iter().any(|gap| gap.reason == GapReason::Damaged));
}

#[test]
fn any_bytes_end_in_an_outcome() {
    let path = format!("{}/fixtures/doc/report.doc", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(path).unwrap();
    let mut state = 7u32;
    for _ in 0..300 {
        let mut broken = bytes.clone();
        for _ in 0..20 {
            // A linear congruential generator is random enough to break a table (Numerical Recipes, 7.1).
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = (state >> 8) as usize % broken.len();
            broken[at] = state as u8;
        }
        read_bytes(&Ole, "x.doc", &broken);
    }
}
