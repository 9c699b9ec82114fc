//! What stands beside the pages: annotations, fields, properties, scripts, alternative texts.

use super::*;

#[test]
fn pdf_marked_content_says_what_it_shows() {
    let seen = read(&pages(
        // The first page only draws; on the second a list stands among the resources, and a form has one of its own.
        &[
            "/Figure <</MCID 0/Alt(seal of the province)>> BDC 0 0 m 50 50 l S EMC",
            "/Span /MC0 BDC BT /F 12 Tf 50 700 Td (TM) Tj ET EMC /X Do /X Do /Span <</MCID 3>> BDC EMC",
        ],
        "/Properties<</MC0<</E(TUYET MAT)/Alt<FEFF004D1EAC0054>>>>>/XObject<</X 8 0 R>>",
        "",
        "",
        &[stream(
            "/Type/XObject/Subtype/Form/BBox[0 0 99 99]",
            b"/Figure<</Alt(a form)>>BDC 0 0 9 9 re f EMC",
        )],
        "",
    ));
    for (page, text) in [(1, "seal of the province"), (2, "TUYET MAT"), (2, "MẬT"), (2, "a form")] {
        seen.has(Kind::AltText, false, text);
        assert_eq!(seen.pages_of(text), [Some(page)], "{text}");
    }
    seen.has(Kind::Body, true, "TM");
}

#[test]
fn pdf_structure_elements_have_titles_and_expansions() {
    let tree = |element: &str| {
        let objects: [&[u8]; 2] = [b"<</Type/StructTreeRoot/K[8 0 R]>>", element.as_bytes()];
        pages(
            &["BT /F 12 Tf 50 700 Td (page) Tj ET"],
            "",
            "/Annots[<</Subtype/Text/Rect[0 0 9 9]/Contents(note)/T(Orla Writer)/P 4 0 R>>]",
            "/StructTreeRoot 6 0 R/Outlines<<>>",
            &[objects[0].to_vec(), b"<<>>".to_vec(), objects[1].to_vec()],
            "",
        )
    };
    let seen = read(&tree("<</S/Sect/P 6 0 R/T (Secret part)/E<FEFF004D1EAC0054>>>"));
    seen.has(Kind::AltText, false, "Secret part");
    seen.has(Kind::AltText, false, "MẬT");
    // The author of a note is no title, and an action's target no element.
    assert_eq!(seen.of(Kind::AltText).len(), 2);
    read(&tree("<</Type/StructElem/S/Sect/T(Other part)>>")).has(Kind::AltText, false, "Other part");
    assert!(read(&tree("<</S/GoToR/T(other)>>")).of(Kind::AltText).is_empty());
}

#[test]
fn pdf_side_channels() {
    let seen = read(&pages(
        &["BT /F 12 Tf 50 700 Td (page) Tj ET"],
        "",
        "/Annots[6 0 R 7 0 R 8 0 R 9 0 R]",
        "/Outlines 10 0 R/Names<</EmbeddedFiles<</Names[(a) 12 0 R]>>/JavaScript<</Names[(j)<</S/JavaScript/JS(app.alert\\(1\\))>>]>>>>\
         /AcroForm<</Fields[9 0 R]>>/Metadata 14 0 R",
        &[
            b"<</Subtype/Stamp/Rect[10 10 110 60]/Name/TopSecret/AP<</N 15 0 R>>/Contents(drawn mark)>>".to_vec(),
            b"<</Subtype/Text/Rect[0 0 9 9]/Contents(sticky note)/T(Orla Writer)>>".to_vec(),
            b"<</Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://example.org/mat)>>>>".to_vec(),
            b"<</Subtype/Widget/FT/Tx/T(level)/V<FEFF004D1EAC0054>/Rect[0 0 9 9]>>".to_vec(),
            b"<</First 11 0 R/Last 11 0 R>>".to_vec(),
            b"<</Title(Chapter)/Next 11 0 R>>".to_vec(),
            b"<</F(note.txt)/EF<</F 13 0 R>>>>".to_vec(),
            stream("", b"inside"),
            stream("/Type/Metadata", b"<x:xmpmeta xmlns:x='x'><rdf:RDF><rdf:Description pdfx:Classification='MAT'><xmp:Thumbnails><rdf:Alt><rdf:li><xmpGImg:image>/9j/4AAQ</xmpGImg:image></rdf:li></rdf:Alt></xmp:Thumbnails><dc:title><rdf:Alt><rdf:li>A &amp; B</rdf:li></rdf:Alt></dc:title></rdf:Description></rdf:RDF></x:xmpmeta>"),
            stream("/Subtype/Form/BBox[0 0 100 50]/Resources<</Font<</F 3 0 R>>>>", b"BT /F 12 Tf 5 20 Td (drawn mark) Tj ET"),
            b"<</Title(Plan)/MSIP_Label_11_Name(Orla Secret)/Company(Orla)>>".to_vec(),
        ],
        "/Info 16 0 R",
    ));
    seen.has(Kind::Stamp, true, "drawn mark");
    assert_eq!(seen.segments.iter().filter(|segment| segment.2 == "drawn mark").count(), 1);
    seen.has(Kind::Stamp, false, "Top Secret");
    seen.has(Kind::Annotation, true, "sticky note");
    seen.has(Kind::Comment, false, "Orla Writer");
    seen.has(Kind::Link, false, "https://example.org/mat");
    seen.has(Kind::FormField, true, "MẬT");
    seen.has(Kind::Bookmark, true, "Chapter");
    seen.has(Kind::Script, false, "app.alert(1)");
    seen.has(Kind::Title, false, "Plan");
    seen.has(Kind::Title, false, "A & B");
    seen.has(Kind::Label, false, "Orla Secret");
    seen.has(Kind::Label, false, "MAT");
    seen.has(Kind::Property, false, "Orla");
    assert!(seen.facts.contains(&("previews", "1 in the metadata".to_owned())), "{:?}", seen.facts);
    assert_eq!(seen.members, [("note.txt".to_owned(), b"inside".to_vec())]);
    assert!(seen.gaps.is_empty(), "{:?}", seen.gaps);
}

#[test]
fn pdf_texts_beside_the_pages() {
    let xfa = "<xdp:xdp xmlns:xdp='x'><template><draw><exData><p>TOI <b>MAT</b></p></exData></draw><script>app.beep()</script>\
               </template><data><degree>Mat</degree><page>7</page></data></xdp:xdp>";
    let seen = read(&pages(
        &["BT /F 12 Tf 50 700 Td (page) Tj ET"],
        "",
        "/Annots[8 0 R]",
        "/Names<</Dests<</Names[(chapter.mat) [4 0 R/Fit]]>>>>/Dests<</OldName[4 0 R/Fit]>>\
         /PageLabels<</Nums[0<</S/D/P(MAT-)>>3<</S/r>>]>>/AcroForm<</Fields[8 0 R]/XFA[(template) 6 0 R]>>/StructTreeRoot 7 0 R",
        &[
            stream("", xfa.as_bytes()),
            b"<</Type/StructTreeRoot/K[<</S/Figure/Alt(unused place)>>]/Alt(a picture of the seal)>>"
                .to_vec(),
            b"<</Subtype/Widget/FT/Ch/T(level)/Opt[(open)[(1)(top secret)]]/Rect[0 0 9 9]\
              /AA<</K<</S/JavaScript/JS(check\\(\\))>>>>>>"
                .to_vec(),
        ],
        "",
    ));
    seen.has(Kind::FormField, true, "TOI MAT");
    seen.has(Kind::FormField, true, "Mat");
    seen.has(Kind::Script, false, "app.beep()");
    seen.has(Kind::Bookmark, false, "chapter.mat");
    seen.has(Kind::Bookmark, false, "OldName");
    seen.has(Kind::Property, true, "MAT-");
    seen.has(Kind::AltText, false, "a picture of the seal");
    seen.has(Kind::FormField, false, "open");
    seen.has(Kind::FormField, false, "top secret");
    seen.has(Kind::Script, false, "check()");
    assert!(!seen.segments.iter().any(|segment| segment.2 == "7"), "{:?}", seen.segments);
}

#[test]
fn pdf_scripts_of_pages_and_those_that_follow_are_given() {
    let seen = read(&pages(
        &["BT /F 12 Tf 50 700 Td (x) Tj ET"],
        "",
        "/AA<</O<</S/JavaScript/JS(opened\\(\\))/Next[<</S/JavaScript/JS(then\\(\\))>>]>>>>/Thumb 6 0 R",
        "",
        &[stream("/Subtype/Image", b"x")],
        "",
    ));
    seen.has(Kind::Script, false, "opened()");
    seen.has(Kind::Script, false, "then()");
    assert!(seen.facts.iter().any(|fact| fact.0 == "thumbnails"), "{:?}", seen.facts);
}
