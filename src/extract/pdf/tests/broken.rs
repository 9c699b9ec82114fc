//! Damaged, hostile and encrypted files.

use super::*;

#[test]
fn pdf_damaged_and_encrypted_files() {
    let whole = page("BT /F 12 Tf 50 700 Td (still there) Tj ET");
    // Without its cross-reference table, and with junk before it.
    let cut = &whole[..memchr::memmem::find(&whole, b"xref").unwrap()];
    assert_eq!(read(cut).body(), ["still there"]);
    // The catalog is gone as well: nothing but the page is left.
    let lost = String::from_utf8(cut.to_vec())
        .unwrap()
        .replace("/Type/Catalog", "/Tipe/Kat")
        .replace("/Type/Pages", "/Tipe/Pags");
    assert_eq!(read(lost.as_bytes()).body(), ["still there"]);
    let mut shifted = b"junk junk\n".to_vec();
    shifted.extend(&whole);
    assert_eq!(read(&shifted).body(), ["still there"]);
    assert_eq!(read(b"%PDF-1.4 nothing").gaps[0].0, GapReason::Damaged);
    let locked = pages(
        &["BT ET"],
        "",
        "",
        "",
        &[],
        "/ID[<00><00>]/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -4\
        /O<0000000000000000000000000000000000000000000000000000000000000000>\
        /U<0000000000000000000000000000000000000000000000000000000000000000>>>",
    );
    assert_eq!(read(&locked).gaps[0].0, GapReason::Encrypted);
    let small = Limits { max_in_memory: 100, ..Limits::default() };
    assert_eq!(read_with(&whole, small).gaps[0].0, GapReason::LimitSize);
}

#[test]
fn pdf_hostile_content_ends() {
    // Each of twelve forms runs the next one twice, and itself.
    let forms: Vec<Vec<u8>> = (6..30)
        .map(|number| {
            let next = number + 1;
            stream(
                &format!("/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</A {next} 0 R/B {number} 0 R>>>>"),
                b"/A Do /B Do /A Do",
            )
        })
        .collect();
    let seen = read(&pages(&["/A Do"], "/XObject<</A 6 0 R>>", "", "", &forms, ""));
    assert!(seen.gaps.iter().any(|gap| gap.0 == GapReason::LimitCount), "{:?}", seen.gaps);
    for content in
        ["[".repeat(200_000), "q ".repeat(200_000), "<<".repeat(100_000), "/P BMC ".repeat(100_000)]
    {
        read(&page(&format!("{content} BT /F 12 Tf 50 700 Td (x) Tj ET")));
    }
    let numbers = "BT /F 12 Tf 1e9999 99999999999999999999999999 Td (far) Tj 0 0 0 0 0 0 Tm (flat) Tj ET";
    read(&page(numbers));
    read(&page(&"0 0 1 1 re f ".repeat(50_000)));
}

#[test]
fn pdf_bombs_are_cut() {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    let block = vec![b' '; 1 << 20];
    for _ in 0..80 {
        encoder.write_all(&block).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    let objects = [
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>".to_vec(),
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R>>".to_vec(),
        stream("/Filter/FlateDecode", &bomb),
    ];
    let bytes = file(&objects, "");
    let seen = read(&bytes);
    assert!(seen.gaps.iter().any(|gap| gap.0 == GapReason::LimitCount), "{:?}", seen.gaps);
    let little = Limits { max_archive_size: 1 << 20, ..Limits::default() };
    assert_eq!(read_with(&bytes, little).gaps.last().unwrap().0, GapReason::LimitSize);
}

#[test]
fn pdf_bombs_in_object_streams_are_found_before_they_are_read() {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    let block = vec![b' '; 1 << 20];
    for _ in 0..80 {
        encoder.write_all(&block).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    let objects = [
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Count 0/Kids[]>>".to_vec(),
        stream("/Type/ObjStm/N 1/First 4/Filter/FlateDecode", &bomb),
    ];
    assert_eq!(read(&file(&objects, "")).gaps[0].0, GapReason::LimitRatio);
}

#[test]
fn pdf_that_lost_its_cross_reference_stream_is_read_from_its_object_streams() {
    let whole =
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/pdf/object-streams.pdf")).unwrap();
    let end = memchr::memmem::rfind(&whole, b"/XRef").unwrap();
    let seen = read(&whole[..end]);
    assert_eq!(seen.body(), read(&whole).body());
    assert_eq!(seen.gaps[0].0, GapReason::Damaged);
}

#[test]
fn pdf_with_fewer_pages_than_it_says_is_not_read_in_full() {
    let objects = [
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Count 1000000/Kids[2 0 R 2 0 R]>>".to_vec(),
    ];
    let gaps = read(&file(&objects, "")).gaps;
    assert_eq!(gaps, [(GapReason::Damaged, "1000000 pages declared, 0 found".to_owned())]);
}

#[test]
fn pdf_content_with_an_unknown_filter_is_a_gap() {
    let objects = [
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>".to_vec(),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>".to_vec(),
        stream("/Filter/BrotliDecode", b"\x0b\x02\x80BT (x) Tj ET\x03"),
    ];
    assert_eq!(read(&file(&objects, "")).gaps[0].0, GapReason::Unsupported);
}

#[test]
fn pdf_passwords_of_a_list_are_tried() {
    let bytes =
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/pdf/encrypted-password.pdf")).unwrap();
    let read = |passwords: &[&str]| {
        let passwords: Vec<String> = passwords.iter().map(|&password| password.to_owned()).collect();
        let budget = Budget::with_passwords(Limits::default(), None, &passwords);
        let mut seen = Seen::default();
        let result = Pdf.read(&mut Input::from_bytes("test.pdf", &bytes, &budget), &mut seen);
        (seen, result.is_ok())
    };
    let (seen, opened) = read(&["wrong", "orla"]);
    assert!(opened && !seen.body().is_empty() && seen.gaps.is_empty(), "{seen:?}");
    assert!(!read(&["wrong"]).1);
    assert!(!read(&[]).1);
}

#[test]
fn pdf_content_without_an_end_is_read_and_told() {
    let whole = page("BT /F 12 Tf 50 700 Td (TOI MAT) Tj ET");
    let at = memchr::memmem::find(&whole, b"endstream").unwrap();
    let mut bytes = whole.clone();
    bytes[at..at + 9].copy_from_slice(b"enxstream");
    let seen = read(&bytes);
    assert_eq!((seen.body(), seen.gaps[0].0), (vec!["TOI MAT"], GapReason::Damaged));
    assert!(read(&whole).gaps.is_empty());
}

#[test]
fn pdf_of_which_only_the_files_are_encrypted_is_read() {
    let key = "41".repeat(48);
    let bytes = pages(
        &["BT /F 12 Tf 50 700 Td (TOI MAT) Tj ET"],
        "",
        "",
        "/Names<</EmbeddedFiles<</Names[(a)6 0 R]>>>>",
        &[
            b"<</F(a.txt)/EF<</F 7 0 R>>>>".to_vec(),
            stream("/Type/EmbeddedFile", b"secret bytes"),
            format!(
                "<</Filter/Standard/V 5/R 6/Length 256/P -1028/O<{key}>/U<{key}>/OE<{0}>/UE<{0}>/Perms<{1}>\
                 /CF<</StdCF<</AuthEvent/EFOpen/CFM/AESV3/Length 32>>>>/EFF/StdCF/StmF/Identity/StrF /Identity>>",
                "42".repeat(32),
                "43".repeat(16)
            )
            .into_bytes(),
        ],
        "/Encrypt 8 0 R/ID[<00><00>]",
    );
    let seen = read(&bytes);
    assert_eq!((seen.body(), seen.members.len()), (vec!["TOI MAT"], 0));
    assert_eq!(seen.unread, [("a.txt".to_owned(), GapReason::Encrypted)]);
}
