//! Text on pages: lines by place, order, fonts.

use super::*;

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
