//! What a page or the file holds and nobody sees.

use super::*;

#[test]
fn pdf_hidden_and_covered_text_is_told() {
    let seen = read(&pages(
        &[
            "BT /F 12 Tf 50 700 Td (plain) Tj ET BT 3 Tr 50 650 Td (unpainted) Tj ET BT 0 Tr 1 g 50 600 Td (white) Tj ET\n\
           0 g BT 50 900 Td (outside) Tj ET BT /F 0.5 Tf 50 500 Td (tiny) Tj ET\n\
           BT /F 12 Tf 50 450 Td (blackened) Tj ET 0 g 40 440 100 30 re f\n\
           0 0 1 rg 40 390 100 30 re f BT 1 g 50 400 Td (on blue) Tj ET\n\
           0 g /OC /L BDC BT 50 350 Td (layer) Tj ET EMC BT 50 300 Td (framed) Tj ET 45 295 50 18 re S",
        ],
        "/Properties<</L 6 0 R>>",
        "",
        "/OCProperties<</OCGs[6 0 R]/D<</OFF[6 0 R]>>>>",
        &[b"<</Type/OCG/Name(Draft)>>".to_vec()],
        "",
    ));
    seen.has(Kind::Body, true, "plain");
    for hidden in ["unpainted", "white", "outside", "tiny", "layer"] {
        seen.has(Kind::Hidden, false, hidden);
    }
    seen.has(Kind::Property, false, "Draft");
    seen.has(Kind::Redacted, false, "blackened");
    seen.has(Kind::Body, true, "on blue");
    let framed: Vec<&str> = seen.looks.iter().filter(|look| look.3).map(|look| look.0.as_str()).collect();
    assert_eq!(framed, ["on blue", "framed"]);
}

#[test]
fn pdf_a_box_within_a_line_is_a_redaction() {
    let seen = read(&page(
        "BT /F 12 Tf 50 700 Td (Level: TOP SECRET, file) Tj ET 0 g 84 696 78.5 14 re f\n\
         BT /F 12 Tf 50 600 Td (struck out) Tj ET 50 603 60 3 re f\n\
         BT /F 12 Tf 50 500 Td (under a page) Tj ET 1 g 0 0 600 560 re f 0 g BT /F 12 Tf 50 400 Td (seen) Tj ET\n\
         84 296 30 14 re f BT /F 12 Tf 50 300 Td (Level: MAT black on black) Tj ET\n\
         50 196 99 14 re f 1 0 0 rg 50 196 99 14 re f 0 g BT /F 12 Tf 50 200 Td (black on red) Tj ET\n\
         1 0 0 rg 200 190 100 30 re 203 193 94 24 re f* BT /F 12 Tf 210 200 Td (in a frame) Tj ET\n\
         q 0 0 1 1 re W n 0 0 1 rg 0 0 600 180 re f Q 0 0 1 rg BT /F 12 Tf 50 100 Td (over a clipped area) Tj ET",
    ));
    seen.has(Kind::Redacted, false, "TOP SECRET");
    seen.has(Kind::Body, true, "Level:");
    seen.has(Kind::Body, true, "struck out");
    seen.has(Kind::Hidden, false, "under a page");
    seen.has(Kind::Body, true, "seen");
    seen.has(Kind::Redacted, false, "MAT");
    seen.has(Kind::Body, true, "black on red");
    seen.has(Kind::Body, true, "in a frame");
    seen.has(Kind::Body, true, "over a clipped area");
    assert_eq!(seen.of(Kind::Redacted).len(), 2, "{seen:?}");
}

#[test]
fn pdf_earlier_revisions_are_read() {
    let mut bytes = page("BT /F 12 Tf 50 700 Td (MAT) Tj ET BT /F 12 Tf 50 600 Td (stays) Tj ET");
    let at = bytes.len();
    let before = memchr::memmem::rfind(&bytes, b"xref\n0").unwrap();
    bytes.extend(b"5 0 obj\n");
    bytes.extend(stream("", b"BT /F 12 Tf 50 600 Td (stays) Tj ET"));
    let start = bytes.len() + 8;
    write!(
        bytes,
        "\nendobj\nxref\n5 1\n{at:010} 00000 n \ntrailer <</Size 6 /Root 1 0 R /Prev {before}>>\nstartxref\n{start}\n%%EOF\n"
    )
    .unwrap();
    let seen = read(&bytes);
    assert_eq!(seen.body(), ["stays"]);
    seen.has(Kind::Revision, false, "MAT");
    assert_eq!(seen.of(Kind::Revision).len(), 1);
    assert!(seen.facts.contains(&("revisions", "2".to_owned())));
}

#[test]
fn pdf_text_outside_the_clip_is_hidden() {
    let seen = read(&page(
        "q 40 690 500 30 re W n BT /F 12 Tf 50 700 Td (within) Tj 0 -100 Td (TOI MAT) Tj ET Q\n\
         q 40 500 m 500 500 l 500 520 l 40 520 l h W* n BT /F 12 Tf 50 505 Td (in a path) Tj ET Q\n\
         q 40 300 100 100 re 300 300 100 100 re W n BT /F 12 Tf 310 320 Td (in one of two) Tj ET Q\n\
         q 0 0 m 9 9 9 9 50 50 c W n BT /F 12 Tf 50 200 Td (curves are not judged) Tj ET Q\n\
         BT /F 12 Tf 50 100 Td (free again) Tj ET",
    ));
    seen.has(Kind::Hidden, false, "TOI MAT");
    assert_eq!(seen.body(), ["within", "in a path", "in one of two", "curves are not judged", "free again"]);
}

#[test]
fn pdf_what_no_page_shows_is_found() {
    let left = b"BT /F 12 Tf 50 600 Td [(TUY) (\\001) (T M) (\\002) (T)] TJ ET";
    let bytes = pages(
        &["BT /F 12 Tf 50 700 Td (shown) Tj ET"],
        "",
        "/Annots[9 0 R]",
        "",
        &[
            // A page that was taken out of the tree, its content, and a note on it.
            b"<</Type/Page/Contents 7 0 R/Resources<</Font<</F 3 0 R>>>>/Annots[8 0 R]>>".to_vec(),
            stream("", left),
            b"<</Subtype/Text/Contents(a note that is left)/Rect[0 0 9 9]>>".to_vec(),
            b"<</Subtype/Text/Contents(a note on the page)/Rect[0 0 9 9]>>".to_vec(),
            // The signature's bytes are no text.
            b"<</Type/Sig/Contents<308203F002010102>/ByteRange[0 1 2 3]>>".to_vec(),
            stream(
                "/Type/XObject/Subtype/Form/BBox[0 0 99 99]/Resources<</Font<</F 3 0 R>>>>",
                b"BT /F 9 Tf (unused) Tj ET",
            ),
        ],
        "",
    );
    let seen = read(&bytes);
    seen.has(Kind::Hidden, false, "TUYỆT MẬT");
    seen.has(Kind::Hidden, false, "unused");
    seen.has(Kind::Hidden, false, "a note that is left");
    seen.has(Kind::Annotation, true, "a note on the page");
    assert_eq!(seen.of(Kind::Hidden).len(), 3, "{seen:#?}");
}

#[test]
fn pdf_strings_of_objects_that_nothing_refers_to_are_found() {
    let mut bytes = pages(
        &["BT /F 12 Tf 50 700 Td (shown) Tj ET"],
        "",
        "",
        "/Outlines 6 0 R",
        &[
            b"<</First 7 0 R>>".to_vec(),
            b"<</Title(Chapter one)>>".to_vec(),
            // A bookmark and a field that were taken out, the latter with its value inside another dictionary.
            b"<</Title<FEFF0054005500591EC600540020004D1EAC0054>/Parent 6 0 R/M(D:20261122)>>".to_vec(),
            b"<</T(level)/MK<</CA(TOP SECRET)>>/DA(/Helv 0 Tf 0 g)>>".to_vec(),
        ],
        "",
    );
    let seen = read(&bytes);
    seen.has(Kind::Bookmark, true, "Chapter one");
    for text in ["TUYỆT MẬT", "level", "TOP SECRET"] {
        seen.has(Kind::Hidden, false, text);
    }
    assert_eq!(seen.of(Kind::Hidden).len(), 3, "{seen:#?}");
    // The bookmark is written anew: what it said before is told, what it still says is not.
    let table = memchr::memmem::rfind(&bytes, b"xref\n0").unwrap();
    let place = bytes.len();
    let update = format!(
        "\n7 0 obj\n<</Title(Chapter two)/Parent 6 0 R>>\nendobj\nxref\n7 1\n{:010} 00000 n \n\
         trailer <</Size 10/Root 1 0 R/Prev {table}>>\nstartxref\n{}\n%%EOF",
        place + 1,
        place + 53
    );
    bytes.extend_from_slice(update.as_bytes());
    let seen = read(&bytes);
    seen.has(Kind::Bookmark, true, "Chapter two");
    seen.has(Kind::Hidden, false, "Chapter one");
    assert_eq!(seen.of(Kind::Hidden).len(), 4, "{seen:#?}");
}
