//! Whole files through the reader: small PDFs made here, read, and compared.

use std::io::{Read, Write as _};

use super::*;
use crate::extract::limits::{Budget, Limits};
use crate::extract::{Member, Stop};
use crate::model::{Area, Kind, Segment, Shape};

/// Text, colour, bold, framed, font.
type Look = (String, Option<[u8; 3]>, bool, bool, Option<String>);

#[derive(Debug, Default)]
struct Seen {
    segments: Vec<(Kind, bool, String)>,
    looks: Vec<Look>,
    numbers: Vec<(String, Option<u32>)>,
    views: Vec<String>,
    members: Vec<(String, Vec<u8>)>,
    gaps: Vec<(GapReason, String)>,
    struck: Vec<String>,
    unread: Vec<(String, GapReason)>,
    facts: Vec<(&'static str, String)>,
}

impl Sink for Seen {
    fn segment(&mut self, segment: Segment<'_>) -> Result<(), Stop> {
        if segment.shape == Shape::View {
            self.views.push(segment.text.to_owned());
            return Ok(());
        }
        self.segments.push((segment.place.kind, segment.place.visible, segment.text.to_owned()));
        self.numbers.push((segment.text.to_owned(), segment.place.page));
        let style = segment.style;
        if style.struck {
            self.struck.push(segment.text.to_owned());
        }
        self.looks.push((
            segment.text.to_owned(),
            style.color,
            style.bold,
            style.framed,
            style.font.map(str::to_owned),
        ));
        Ok(())
    }

    fn member(&mut self, member: Member<'_>, content: &mut dyn Read) -> Result<(), Stop> {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes).unwrap();
        self.members.push((member.name.to_owned(), bytes));
        Ok(())
    }

    fn unread_member(&mut self, member: Member<'_>, gap: Gap) {
        self.unread.push((member.name.to_owned(), gap.reason));
    }

    fn gap(&mut self, gap: Gap) {
        self.gaps.push((gap.reason, gap.detail));
    }

    fn fact(&mut self, code: &'static str, value: String) {
        self.facts.push((code, value));
    }

    fn skip(&mut self, _: crate::model::SkipReason) {}

    fn format(&mut self, _: &'static str) {}
}

impl Seen {
    fn has(&self, kind: Kind, visible: bool, text: &str) {
        let wanted = (kind, visible, text.to_owned());
        assert!(self.segments.contains(&wanted), "{wanted:?} not in {:#?} {:?}", self.segments, self.gaps);
    }

    fn body(&self) -> Vec<&str> {
        self.of(Kind::Body)
    }

    /// The pages that a text stands on.
    fn pages_of(&self, text: &str) -> Vec<Option<u32>> {
        self.numbers.iter().filter(|one| one.0 == text).map(|one| one.1).collect()
    }

    fn of(&self, kind: Kind) -> Vec<&str> {
        self.segments.iter().filter(|segment| segment.0 == kind).map(|segment| segment.2.as_str()).collect()
    }
}

fn read(bytes: &[u8]) -> Seen {
    read_with(bytes, Limits::default())
}

fn read_with(bytes: &[u8], limits: Limits) -> Seen {
    let budget = Budget::new(limits);
    let mut input = Input::from_bytes("test.pdf", bytes, &budget);
    let mut seen = Seen::default();
    if let Err(Unreadable::Gap { reason, detail }) = Pdf.read(&mut input, &mut seen) {
        seen.gaps.push((reason, detail));
    }
    seen
}

/// A PDF from its objects, numbered from 1; object 1 is the catalog. With a cross-reference table and a trailer.
fn file(objects: &[Vec<u8>], trailer: &str) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (number, object) in (1..).zip(objects) {
        offsets.push(out.len());
        writeln!(out, "{number} 0 obj").unwrap();
        out.extend(object);
        out.extend(b"\nendobj\n");
    }
    let start = out.len();
    write!(out, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).unwrap();
    for offset in offsets {
        writeln!(out, "{offset:010} 00000 n ").unwrap();
    }
    writeln!(out, "trailer <</Size {} /Root 1 0 R {trailer}>>\nstartxref\n{start}\n%%EOF", objects.len() + 1)
        .unwrap();
    out
}

fn stream(dict: &str, data: &[u8]) -> Vec<u8> {
    let mut out = format!("<<{dict} /Length {}>>\nstream\n", data.len()).into_bytes();
    out.extend(data);
    out.extend(b"\nendstream");
    out
}

/// Pages with these contents, and further objects from number 6 + pages on.
fn pages(
    contents: &[&str],
    resources: &str,
    page: &str,
    catalog: &str,
    more: &[Vec<u8>],
    trailer: &str,
) -> Vec<u8> {
    let count = contents.len();
    let kids: Vec<String> = (0..count).map(|index| format!("{} 0 R", 4 + index * 2)).collect();
    let mut objects = vec![
        format!("<</Type/Catalog/Pages 2 0 R {catalog}>>").into_bytes(),
        format!("<</Type/Pages/Count {count}/Kids[{}]/MediaBox[0 0 600 800]>>", kids.join(" ")).into_bytes(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding<</BaseEncoding/WinAnsiEncoding/Differences[\
          1/Ecircumflexdotbelow/Acircumflexdotbelow/Ograve/Dcroat]>>>>"
            .to_vec(),
    ];
    for (index, content) in contents.iter().enumerate() {
        objects.push(
            format!(
                "<</Type/Page/Parent 2 0 R/Contents {} 0 R/Resources<</Font<</F 3 0 R>>{resources}>>{page}>>",
                5 + index * 2
            )
            .into_bytes(),
        );
        objects.push(stream("", content.as_bytes()));
    }
    objects.extend(more.iter().cloned());
    file(&objects, trailer)
}

fn page(content: &str) -> Vec<u8> {
    pages(&[content], "", "", "", &[], "")
}

#[test]
fn pdf_letters_drawn_late_come_back_into_their_word() {
    // As LibreOffice writes a font without Vietnamese letters: gaps in the line, the letters after it.
    let seen = read(&page(
        "BT /F 10 Tf 1 0 0 rg 50 700 Td [(TUY) -667 (T M) -667 (T)] TJ ET\n\
         BT /F 10 Tf 1 0 0 rg 70.55 700 Td (\\001) Tj ET BT /F 10 Tf 1 0 0 rg 95 700 Td (\\002) Tj ET",
    ));
    assert_eq!(seen.body(), ["TUYỆT MẬT"]);
    assert_eq!(seen.looks.last().unwrap().1, Some([255, 0, 0]));
    assert_eq!(seen.views.len(), 1);
}

#[test]
fn pdf_stamp_over_a_line_stays_whole() {
    let seen = read(&page(
        "BT /F 12 Tf 100 700 Td (Kinh gui: So Thu Nghiem tinh Vi Du) Tj ET\n\
         BT /F 12 Tf 1 0 0 rg 130 701 Td (TOI) Tj 24 0 Td (MAT) Tj ET",
    ));
    let mut body = seen.body();
    body.sort_unstable();
    assert_eq!(body, ["Kinh gui: So Thu Nghiem tinh Vi Du", "TOI MAT"]);
}

#[test]
fn pdf_columns_are_cut_and_words_are_not() {
    let seen = read(&page(
        "BT /F 12 Tf 50 700 Td (SO THU) Tj 50 0 Td (NGHIEM) Tj 200 0 Td (CONG HOA) Tj ET\n\
         BT /F 12 Tf 50 650 Td 3 Tc (MAT) Tj ET BT /F 12 Tf 0 Tc 50 600 Td [(wo) 20 (rd) -300 (next)] TJ ET",
    ));
    assert_eq!(seen.body(), ["SO THU NGHIEM", "CONG HOA", "MAT", "word next"]);
}

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
fn pdf_headers_are_what_repeats_in_the_margin() {
    let one = |body: &str| {
        format!(
            "BT /F 10 Tf 50 780 Td (TOI MAT) Tj ET BT /F 10 Tf 50 400 Td ({body}) Tj ET BT 300 20 Td (Trang {}) Tj ET",
            body.len()
        )
    };
    let contents = [one("a"), one("bb"), one("ccc")];
    let contents: Vec<&str> = contents.iter().map(String::as_str).collect();
    let seen = read(&pages(&contents, "", "", "", &[], ""));
    assert_eq!(
        seen.segments.iter().filter(|segment| segment.0 == Kind::Header && segment.2 == "TOI MAT").count(),
        3
    );
    seen.has(Kind::Footer, true, "Trang 2");
    assert_eq!(seen.body(), ["a", "bb", "ccc"]);
    // The only page has no header: what stands there is its text.
    assert_eq!(read(&page(&one("x"))).segments.iter().filter(|segment| segment.0 == Kind::Header).count(), 0);
}

#[test]
fn pdf_rotated_pages_read_as_shown() {
    let rotated = pages(&["BT 0 1 -1 0 100 50 Tm /F 12 Tf (upright) Tj ET"], "", "/Rotate 90", "", &[], "");
    let budget = Budget::new(Limits::default());
    struct Areas(Vec<Area>);
    impl Sink for Areas {
        fn segment(&mut self, segment: Segment<'_>) -> Result<(), Stop> {
            self.0.extend(segment.area);
            Ok(())
        }
        fn member(&mut self, _: Member<'_>, _: &mut dyn Read) -> Result<(), Stop> {
            Ok(())
        }
        fn unread_member(&mut self, _: Member<'_>, _: Gap) {}
        fn gap(&mut self, _: Gap) {}
        fn fact(&mut self, _: &'static str, _: String) {}
        fn skip(&mut self, _: crate::model::SkipReason) {}

        fn format(&mut self, _: &'static str) {}
    }
    let mut areas = Areas(Vec::new());
    Pdf.read(&mut Input::from_bytes("r.pdf", &rotated, &budget), &mut areas).unwrap();
    let area = areas.0[0];
    assert_eq!((area.page_width, area.page_height), (800.0, 600.0));
    assert!(area.right - area.left > 30.0 && area.bottom - area.top < 13.0, "{area:?}");
    assert!((area.left - 50.0).abs() < 1.0 && (area.bottom - 102.4).abs() < 1.0, "{area:?}");
}

#[test]
fn pdf_forms_patterns_and_actual_text() {
    let seen = read(&pages(
        &["/X Do /Span <</ActualText <FEFF1EAC0054>>> BDC BT /F 12 Tf 50 100 Td <FE> Tj ET EMC\n\
           /Pattern cs /P scn 0 0 10 10 re f"],
        "/XObject<</X 6 0 R>>/Pattern<</P 7 0 R>>",
        "",
        "",
        &[
            stream(
                "/Type/XObject/Subtype/Form/BBox[0 0 99 99]/Matrix[1 0 0 1 50 500]",
                b"BT /F 12 Tf (in a form) Tj ET /X Do",
            ),
            stream(
                "/PatternType 1/BBox[0 0 99 399]/XStep 99/YStep 399/Resources<</Font<</F 3 0 R>>>>",
                b"BT /F 12 Tf 10 300 Td (in a pattern) Tj ET",
            ),
        ],
        "",
    ));
    seen.has(Kind::Body, true, "in a form");
    seen.has(Kind::Body, true, "in a pattern");
    assert!(seen.views.contains(&"ẬT".to_owned()), "{seen:?}");
}

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
    assert_eq!(seen.segments.iter().filter(|segment| segment.0 == Kind::Redacted).count(), 2, "{seen:?}");
}

#[test]
fn pdf_overlapping_letters_of_no_size_end() {
    // Found by the mutation run: a run that was not like itself was taken apart for ever.
    let seen = read(&page(
        "BT /F 0.001 Tf 50 700 Td (aaaa) Tj 1 0 0 1 50 700 Tm (bbbb) Tj ET BT /F 9 Tf 50 50 Td (end) Tj ET",
    ));
    assert_eq!(seen.body(), ["end"]);
    // Each run in its own colour, all on one line and over each other.
    let mut content = String::from("BT /F 12 Tf ");
    for number in 0..20_000 {
        let part = |shift: u32| f64::from((number >> shift) & 127) / 127.0;
        content.push_str(&format!(
            "{:.3} {:.3} 0 rg 1 0 0 1 {} 700 Tm (ab) Tj ",
            part(0),
            part(7),
            number % 500
        ));
    }
    content.push_str("ET");
    assert!(!read(&page(&content)).segments.is_empty());
}

#[test]
fn pdf_operators_within_an_array_do_not_end_it() {
    let seen = read(&page("BT /F 12 Tf 50 700 Td [(one) 0 Tc -250 (two)] TJ [3 0 d (three) Tj ET"));
    assert_eq!(seen.body(), ["one twothree"]);
}

#[test]
fn pdf_legacy_vietnamese_runs_keep_their_font() {
    let seen = read(&pages(
        &["BT /F 12 Tf 50 700 Td (Do mat: ) Tj /V 12 Tf (TUY\\326T M\\313T) Tj ET"],
        "/Font<</F 3 0 R/V 6 0 R>>",
        "",
        "",
        &[b"<</Type/Font/Subtype/TrueType/BaseFont/ABCDEF+.VnTimeH/Encoding/WinAnsiEncoding>>".to_vec()],
        "",
    ));
    let legacy = seen.looks.iter().find(|look| look.4.as_deref() == Some(".VnTimeH"));
    assert_eq!(legacy.map(|look| look.0.as_str()), Some("TUYÖT MËT"));
}

#[test]
fn pdf_unreadable_fonts_and_pictures_are_gaps() {
    let seen = read(&pages(
        &["BT /G 12 Tf 50 700 Td <010002000300> Tj ET", "600 0 0 800 0 0 cm /I Do", "600 0 0 800 0 0 cm /I Do"],
        "/Font<</F 3 0 R/G 10 0 R>>/XObject<</I 11 0 R>>",
        "",
        "",
        &[
            b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[<</Subtype/CIDFontType2>>]>>".to_vec(),
            stream("/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray", b"x"),
        ],
        "",
    ));
    let gaps: Vec<(GapReason, &str)> =
        seen.gaps.iter().map(|(reason, detail)| (*reason, detail.as_str())).collect();
    assert!(gaps.contains(&(GapReason::ImageOnly, "pages 2-3: pictures without text")), "{gaps:?}");
    assert!(
        gaps.iter().any(|gap| gap.0 == GapReason::FontUnreadable && gap.1.starts_with("page 1: up to 100 %"))
    );
}

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
    assert_eq!(seen.segments.iter().filter(|segment| segment.0 == Kind::Revision).count(), 1);
    assert!(seen.facts.contains(&("revisions", "2".to_owned())));
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
fn pdf_lines_struck_out_by_an_annotation_are_struck() {
    let content =
        "BT /F 12 Tf 50 700 Td (TOI MAT) Tj 0 -100 Td (a longer line that is struck out in part) Tj ET";
    let quad =
        |x0: u32, x1: u32, y: u32| format!("{x0} {} {x1} {} {x0} {} {x1} {}", y + 9, y + 9, y - 3, y - 3);
    let annotation = format!(
        "<</Subtype/StrikeOut/Rect[0 0 9 9]/QuadPoints[{} {}]>>",
        quad(49, 110, 700),
        quad(50, 80, 600)
    );
    let seen = read(&pages(&[content], "", "/Annots[6 0 R]", "", &[annotation.into_bytes()], ""));
    assert_eq!(seen.struck, ["TOI MAT"]);
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
    assert_eq!(seen.segments.iter().filter(|segment| segment.0 == Kind::Hidden).count(), 3, "{seen:#?}");
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

#[test]
fn pdf_text_of_the_first_pages_comes_before_the_last_are_read() {
    struct First(Vec<u32>);
    impl Sink for First {
        fn segment(&mut self, segment: Segment<'_>) -> Result<(), Stop> {
            self.0.extend(segment.place.page);
            if segment.text == "MARK" { Err(Stop) } else { Ok(()) }
        }
        fn member(&mut self, _: Member<'_>, _: &mut dyn Read) -> Result<(), Stop> {
            Ok(())
        }
        fn unread_member(&mut self, _: Member<'_>, _: Gap) {}
        fn gap(&mut self, _: Gap) {}
        fn fact(&mut self, _: &'static str, _: String) {}
        fn skip(&mut self, _: crate::model::SkipReason) {}
        fn format(&mut self, _: &'static str) {}
    }
    // Beyond the third page nothing may be touched: the content of the others would use up what may be inflated.
    let mut contents = vec!["BT /F 12 Tf 50 700 Td (MARK) Tj ET"];
    contents.resize(400, "BT /F 12 Tf 50 700 Td (page) Tj ET");
    let bytes = pages(&contents, "", "", "", &[], "");
    let budget = Budget::new(Limits { max_archive_size: 6 * 40, ..Limits::default() });
    let mut first = First(Vec::new());
    let result = Pdf.read(&mut Input::from_bytes("test.pdf", &bytes, &budget), &mut first);
    assert!(matches!(result, Err(Unreadable::Stop)), "{result:?}");
    assert_eq!(first.0, [1]);
}

#[test]
fn pdf_too_long_to_be_held_is_read_without_its_pictures() {
    let noise: Vec<u8> = (0..600_000u32).map(|at| at.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
    let attached = [b"TUYET MAT\n".repeat(20_000), b"end".to_vec()].concat();
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::none());
    encoder.write_all(&attached).unwrap();
    // The length of the second picture is wrong, and that of the third an object of its own.
    let mut wrong = stream("/Type/XObject/Subtype/Image/Width 9/Height 9", &noise);
    let length = memchr::memmem::find(&wrong, b"600000").unwrap();
    wrong[length] = b'5';
    let mut indirect = b"<</Subtype/Image/Width 9/Height 9/Length 9 0 R>>\nstream\n".to_vec();
    indirect.extend(&noise);
    indirect.extend(b"\nendstream");
    let bytes = pages(
        &["BT /F 12 Tf 50 700 Td (stays) Tj ET q 99 0 0 99 0 0 cm /I Do Q"],
        "/XObject<</I 6 0 R/J 7 0 R/K 8 0 R>>",
        "",
        "/Names<</EmbeddedFiles<</Names[(a)10 0 R(b)12 0 R]>>>>",
        &[
            stream("/Type/XObject/Subtype/Image/Width 9/Height 9", &noise),
            wrong,
            indirect,
            b"600000".to_vec(),
            b"<</F(a.txt)/EF<</F 11 0 R>>>>".to_vec(),
            stream("/Type/EmbeddedFile", &attached),
            b"<</F(b.txt)/EF<</F 13 0 R>>>>".to_vec(),
            stream("/Type/EmbeddedFile/Filter/FlateDecode", &encoder.finish().unwrap()),
        ],
        "",
    );
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&bytes).unwrap();
    let budget = Budget::new(Limits { max_in_memory: 50_000, ..Limits::default() });
    let mut input = Input::from_file("long.pdf", &file, &budget).unwrap();
    let mut seen = Seen::default();
    Pdf.read(&mut input, &mut seen).unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!((seen.body(), &seen.gaps), (vec!["stays"], &Vec::new()));
    let names: Vec<_> = seen.members.iter().map(|member| (member.0.as_str(), member.1 == attached)).collect();
    assert_eq!(names, [("a.txt", true), ("b.txt", true)]);
    // A stream out of a container can be read once only.
    assert_eq!(read_with(&bytes, Limits { max_in_memory: 50_000, ..Limits::default() }).gaps.len(), 1);
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
fn pdf_single_pages_are_read_alone() {
    let contents: Vec<String> =
        (1..=9).map(|number| format!("BT /F 12 Tf 50 400 Td (page {number}) Tj ET")).collect();
    let contents: Vec<&str> = contents.iter().map(String::as_str).collect();
    let mut bytes = pages(&contents, "", "", "/Names<</Dests<<>>>>", &[], "/Info 22 0 R");
    let read = |bytes: &[u8], asked: (u32, u32)| {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        let budget = Budget::new(Limits::default());
        let mut input = Input::from_file("a.pdf", &file, &budget).unwrap().only_pages(Some(asked));
        let mut seen = Seen::default();
        Pdf.read(&mut input, &mut seen).unwrap_or_else(|error| panic!("{error:?}"));
        (seen.body().join(", "), seen.facts.iter().map(|fact| fact.1.clone()).collect::<Vec<_>>().join(" "))
    };
    let text = |parts: (&str, &str)| (parts.0.to_owned(), parts.1.to_owned());
    assert_eq!(read(&bytes, (1, 1)), text(("page 1", "9 1")));
    assert_eq!(read(&bytes, (3, 4)), text(("page 3, page 4", "9 3-4")));
    assert_eq!(read(&bytes, (8, u32::MAX)), text(("page 8, page 9", "9 8-9")));
    // A page of which nothing is left does not hinder the others: it is not looked at.
    let last = memchr::memmem::find(&bytes, b"(page 9)").unwrap();
    bytes[last - 60..last].fill(b'x');
    assert_eq!(read(&bytes, (2, 2)), text(("page 2", "9 2")));
    // Without a cross-reference the whole is read for it.
    let table = memchr::memmem::rfind(&bytes, b"xref\n0").unwrap();
    assert_eq!(read(&bytes[..table], (2, 2)).0, "page 2");
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
fn pdf_fonts_whose_map_is_named_or_numbered() {
    let font = |map: &str, glyphs: &str| {
        format!(
            "<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[<</Subtype/CIDFontType2\
             /CIDSystemInfo<</Registry(Orla)/Ordering(Identity)>>/FontDescriptor<</FontFile2 9 0 R>>{glyphs}>>]/ToUnicode {map}>>"
        )
        .into_bytes()
    };
    let seen = read(&pages(
        &["BT /G 12 Tf 50 700 Td <0054004F0049> Tj ET BT /H 12 Tf 50 600 Td <004D1EAC0054> Tj ET"],
        "/Font<</G 6 0 R/H 7 0 R>>",
        "",
        "",
        &[
            font("/Identity-H", "/CIDToGIDMap 9 0 R"),
            font("8 0 R", "/CIDToGIDMap 9 0 R"),
            stream("", b"begincmap 1 begincidrange <0000> <FFFF> 0 endcidrange endcmap"),
            stream("", b"no font"),
        ],
        "",
    ));
    assert_eq!(seen.body(), ["TOI", "MẬT"]);
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
