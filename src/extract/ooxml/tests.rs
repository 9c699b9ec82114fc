//! Small packages built here, read through the zip door.

use crate::extract::limits::Limits;
use crate::extract::testing::{Record, read_bytes, read_with, zip_of};
use crate::extract::zip::Zip;
use crate::model::{GapReason, Kind};

const RELS: &str = "<Relationships><Relationship Id='rId1' Type='http://x/officeDocument' Target='/word/document.xml'/></Relationships>";
const TYPES: &str = "<Types><Override PartName='/word/document.xml' ContentType='application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml'/></Types>";

fn docx(body: &str, more: &[(&str, &str)]) -> Record {
    let document = format!("<w:document><w:body>{body}</w:body></w:document>");
    let mut files =
        vec![("[Content_Types].xml", TYPES), ("_rels/.rels", RELS), ("word/document.xml", &document)];
    files.extend_from_slice(more);
    read_bytes(&Zip, "x.docx", &zip_of(&files))
}

fn doc_rels(inside: &str) -> String {
    format!("<Relationships>{inside}</Relationships>")
}

#[test]
fn a_paragraph_is_one_segment_with_the_look_of_most_of_it() {
    let got = docx(
        "<w:p><w:pPr><w:pBdr><w:top w:val='single'/><w:left w:val='single'/><w:bottom w:val='single'/><w:right w:val='single'/></w:pBdr></w:pPr>\
         <w:r><w:rPr><w:b/><w:sz w:val='28'/><w:color w:val='FF0000'/><w:rFonts w:ascii='Times New Roman'/></w:rPr><w:t>TỐI </w:t></w:r>\
         <w:r><w:rPr><w:b/><w:sz w:val='28'/><w:color w:val='FF0000'/><w:rFonts w:ascii='Times New Roman'/></w:rPr><w:t>MẬT</w:t><w:br/><w:t>x</w:t><w:tab/></w:r></w:p>",
        &[],
    );
    assert_eq!(got.format, Some("docx"));
    let seen = got.the("TỐI MẬT\nx\t");
    assert_eq!(seen.look, "14pt #ff0000 bold framed Times New Roman");
    assert_eq!((seen.place.kind, seen.place.page), (Kind::Body, Some(1)));
    assert!(got.gaps.is_empty(), "{:?}", got.gaps);
}

#[test]
fn styles_inherit() {
    let rels = doc_rels("<Relationship Id='r' Type='http://x/styles' Target='styles.xml'/>");
    let got = docx(
        "<w:p><w:pPr><w:pStyle w:val='Stamp'/></w:pPr><w:r><w:t>MẬT</w:t></w:r></w:p><w:p><w:r><w:t>plain</w:t></w:r></w:p>",
        &[
            ("word/_rels/document.xml.rels", &rels),
            (
                "word/styles.xml",
                "<w:styles><w:docDefaults><w:rPrDefault><w:rPr><w:sz w:val='22'/></w:rPr></w:rPrDefault></w:docDefaults>\
                 <w:style w:type='paragraph' w:default='1' w:styleId='Normal'><w:rPr><w:rFonts w:ascii='.VnTime'/></w:rPr></w:style>\
                 <w:style w:type='paragraph' w:styleId='Base'><w:basedOn w:val='Stamp'/><w:rPr><w:b/><w:caps/></w:rPr></w:style>\
                 <w:style w:type='paragraph' w:styleId='Stamp'><w:basedOn w:val='Base'/><w:rPr><w:sz w:val='32'/></w:rPr></w:style></w:styles>",
            ),
        ],
    );
    assert_eq!(got.the("MẬT").look, "16pt bold capitals", "a loop of styles ends");
    assert_eq!(got.the("plain").look, "11pt .VnTime");
}

#[test]
fn hidden_deleted_and_field_text_stand_apart() {
    let got = docx(
        "<w:p><w:r><w:t>one </w:t></w:r><w:del w:author='Ann'><w:r><w:delText>gone</w:delText></w:r></w:del>\
         <w:r><w:rPr><w:vanish/></w:rPr><w:t>unseen</w:t></w:r><w:r><w:instrText>TITLE x</w:instrText></w:r>\
         <w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom>\
         <w:r><w:rPr><w:color w:val='FFFFFF'/></w:rPr><w:t>white</w:t></w:r><w:r><w:t>two</w:t></w:r></w:p>",
        &[],
    );
    assert_eq!(got.of(Kind::Body), ["one two"]);
    assert_eq!(got.of(Kind::Deleted), ["gonemoved"]);
    assert_eq!(got.of(Kind::Hidden), ["unseenwhite", "TITLE x"]);
    assert!(!got.the("gonemoved").place.visible);
    let fields = docx(
        "<w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>FILLIN </w:instrText></w:r><w:r><w:instrText>\"Độ mật?\"</w:instrText></w:r>\
         <w:r><w:fldChar w:fldCharType='separate'/></w:r><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>EQ \\x(</w:instrText></w:r>\
         <w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>QUOTE x</w:instrText></w:r><w:r><w:fldChar w:fldCharType='end'/></w:r><w:r><w:instrText>)</w:instrText></w:r></w:p>",
        &[],
    );
    assert_eq!(fields.lines(), ["form-field|field|FILLIN \"Độ mật?\"", "body||QUOTE x"]);
    assert_eq!(got.the("Ann").place.name.as_deref(), Some("revision author"));
}

#[test]
fn boxes_watermarks_and_fallbacks() {
    let rels = doc_rels("<Relationship Id='r' Type='http://x/header' Target='h.xml'/>");
    let got = docx(
        "<w:p><w:r><w:t>before</w:t></w:r><w:r><mc:AlternateContent><mc:Choice><w:drawing><wp:docPr name='Box 1' descr='a stamp'/>\
         <w:txbxContent><w:p><w:r><w:t>TỐI MẬT</w:t></w:r></w:p></w:txbxContent></w:drawing></mc:Choice>\
         <mc:Fallback><w:pict><v:shape><v:textbox><w:txbxContent><w:p><w:r><w:t>TỐI MẬT</w:t></w:r></w:p><w:p><w:r><w:t>only here</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback>\
         </mc:AlternateContent></w:r><w:r><w:t> after</w:t></w:r></w:p>",
        &[
            ("word/_rels/document.xml.rels", &rels),
            (
                "word/h.xml",
                "<w:hdr><w:p><w:r><w:pict><v:shape id='PowerPlusWaterMarkObject1'><v:textpath string='MẬT'/></v:shape></w:pict></w:r><w:r><w:t>Sở Thử Nghiệm</w:t></w:r></w:p></w:hdr>",
            ),
        ],
    );
    assert_eq!(got.the("TỐI MẬT").place.kind, Kind::Textbox);
    assert_eq!(got.the("only here").place.kind, Kind::Textbox);
    assert_eq!(got.the("only here").look, "framed");
    assert_eq!(got.of(Kind::Body), ["before after"]);
    assert_eq!(got.of(Kind::AltText), ["a stamp"]);
    assert_eq!(got.of(Kind::Watermark), ["MẬT"]);
    assert_eq!(got.of(Kind::Header), ["Sở Thử Nghiệm"]);
}

#[test]
fn a_table_of_one_bordered_cell_is_a_frame() {
    let borders = "<w:tblPr><w:tblBorders><w:top w:val='single'/><w:left w:val='single'/><w:bottom w:val='single'/><w:right w:val='single'/></w:tblBorders></w:tblPr>";
    let cell = |text: &str| format!("<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>");
    let got = docx(
        &format!(
            "<w:tbl>{borders}<w:tr>{}</w:tr></w:tbl><w:tbl>{borders}<w:tr>{}{}</w:tr></w:tbl>",
            cell("alone"),
            cell("left"),
            cell("right")
        ),
        &[],
    );
    assert_eq!((got.the("alone").look.as_str(), got.the("alone").place.kind), ("framed", Kind::Table));
    assert_eq!(got.the("left").look, "");
    assert_eq!(got.of(Kind::Table), ["alone", "left", "right"]);
}

#[test]
fn a_legacy_font_cuts_the_paragraph() {
    let run = |font: &str, text: &str| {
        format!("<w:r><w:rPr><w:rFonts w:ascii='{font}'/></w:rPr><w:t>{text}</w:t></w:r>")
    };
    let got = docx(
        &format!("<w:p>{}{}{}</w:p>", run("Arial", "a"), run("Calibri", "b"), run(".VnTimeH", "TuyÖt")),
        &[],
    );
    assert_eq!(got.of(Kind::Body), ["ab", "TuyÖt"]);
    assert_eq!(got.the("TuyÖt").look, ".VnTimeH");
}

#[test]
fn properties_and_labels_keep_their_names() {
    let got = docx(
        "<w:p/>",
        &[
            (
                "docProps/core.xml",
                "<cp:coreProperties><dc:title>Kế hoạch</dc:title><cp:keywords>a b</cp:keywords></cp:coreProperties>",
            ),
            (
                "docProps/custom.xml",
                "<Properties><property name='MSIP_Label_1_Enabled'><vt:lpwstr>true</vt:lpwstr></property><property name='MSIP_Label_1_ContentBits'><vt:i4>2</vt:i4></property></Properties>",
            ),
            (
                "docMetadata/LabelInfo.xml",
                "<clbl:labelList><clbl:label id='{1}' enabled='1' siteId='{2}'/></clbl:labelList>",
            ),
            ("customXml/item1.xml", "<x xmlns='urn:y'><Classification>SECRET</Classification></x>"),
        ],
    );
    assert_eq!(got.of(Kind::Title), ["Kế hoạch"]);
    assert_eq!(got.of(Kind::Label), ["true", "2", "{1}", "1", "{2}", "SECRET"]);
    assert_eq!(got.the("2").place.name.as_deref(), Some("MSIP_Label_1_ContentBits"));
}

#[test]
fn embedded_files_links_and_unknown_parts() {
    let rels = doc_rels(
        "<Relationship Id='a' Type='http://x/package' Target='embeddings/b.xlsx'/>\
         <Relationship Id='b' Type='http://x/hyperlink' Target='http://orla.example/secret' TargetMode='External'/>\
         <Relationship Id='c' Type='http://x/document' Target='document.xml'/>",
    );
    let got = docx(
        "<w:p/>",
        &[
            ("word/_rels/document.xml.rels", &rels),
            ("word/embeddings/b.xlsx", "PK..."),
            ("word/nobody.xml", "<q><z>left over</z><n>12.5</n></q>"),
            ("word/vbaProject.bin", "\0"),
        ],
    );
    let members: Vec<&str> = got.members.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(members, ["word/embeddings/b.xlsx", "word/vbaProject.bin"]);
    assert_eq!(got.of(Kind::Link), ["http://orla.example/secret"]);
    assert_eq!(got.of(Kind::Hidden), ["left over"]);
    assert!(got.gaps.is_empty());
}

#[test]
fn hostile_parts_end_in_gaps() {
    let deep = "<a>".repeat(100_000) + "text" + &"</a>".repeat(100_000);
    let got = docx(&deep, &[("word/broken.xml", "<a>x<b")]);
    let reasons: Vec<GapReason> = got.gaps.iter().map(|gap| gap.reason).collect();
    assert_eq!(reasons, [GapReason::LimitDepth, GapReason::Damaged]);

    // A part that inflates a thousandfold stops, what follows is read.
    let bomb = format!("<w:document><w:p><w:r><w:t>start</w:t></w:r></w:p><!--{}-->", "0".repeat(40 << 20));
    let files = [
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", RELS),
        ("word/document.xml", &bomb),
        ("word/z.xml", "<a>end</a>"),
    ];
    let limits = Limits { max_archive_ratio: 100, ..Limits::default() };
    let got = read_with(&Zip, "x.docx", &zip_of(&files), limits);
    assert_eq!(got.gaps.iter().map(|gap| gap.reason).collect::<Vec<_>>(), [GapReason::LimitRatio]);
    assert!(
        got.segments.iter().any(|seen| seen.text == "start")
            && got.segments.iter().any(|seen| seen.text == "end")
    );
}

#[test]
fn a_truncated_package_is_read_from_its_local_headers() {
    let document = "<w:document><w:p><w:r><w:t>TỐI MẬT</w:t></w:r></w:p></w:document>";
    let whole = zip_of(&[
        ("word/document.xml", document),
        ("word/media/x.png", &"x".repeat(5_000)),
        ("docProps/core.xml", "<a/>"),
    ]);
    let got = read_bytes(&Zip, "x.docx", &whole[..whole.len() - 60]);
    assert_eq!(got.the("TỐI MẬT").place.kind, Kind::Body);
    assert_eq!(got.gaps.first().map(|gap| gap.reason), Some(GapReason::Damaged));
}

const XTYPES: &str = "<Types><Override PartName='/xl/workbook.xml' ContentType='application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml'/></Types>";
const XRELS: &str = "<Relationships><Relationship Id='rId1' Type='http://x/officeDocument' Target='xl/workbook.xml'/></Relationships>";

fn xlsx(more: &[(&str, &str)]) -> Record {
    let rels = doc_rels(
        "<Relationship Id='r1' Type='http://x/worksheet' Target='worksheets/sheet1.xml'/><Relationship Id='r2' Type='http://x/worksheet' Target='worksheets/sheet2.xml'/>\
         <Relationship Id='r3' Type='http://x/sharedStrings' Target='sharedStrings.xml'/>",
    );
    let mut files = vec![
        ("[Content_Types].xml", XTYPES),
        ("_rels/.rels", XRELS),
        ("xl/_rels/workbook.xml.rels", &rels),
        (
            "xl/workbook.xml",
            "<workbook><sheets><sheet name='Số liệu' r:id='r1'/><sheet name='Ẩn' state='veryHidden' r:id='r2'/></sheets><definedNames><definedName name='Range1'>Sheet1!$A$1</definedName></definedNames></workbook>",
        ),
        (
            "xl/sharedStrings.xml",
            "<sst><si><t>zero</t></si><si><r><t>TỐI </t></r><r><t>MẬT</t></r></si><si><t>orphan</t></si></sst>",
        ),
    ];
    files.extend_from_slice(more);
    read_bytes(&Zip, "x.xlsx", &zip_of(&files))
}

#[test]
fn cells_have_sheet_and_reference() {
    let got = xlsx(&[
        (
            "xl/worksheets/sheet1.xml",
            "<worksheet><cols><col min='3' max='3' hidden='1'/></cols><sheetData><row r='2'><c r='B2' t='s'><v>1</v></c><c t='inlineStr'><is><r><t>in</t></r><r><t>line</t></r></is></c>\
             <c r='D2' t='str'><f>IF(A1,\"SECRET\",\"\")</f><v>SECRET</v></c><c r='E2'><v>12.5E3</v></c></row><row hidden='1'><c t='inlineStr'><is><t>low</t></is></c></row></sheetData>\
             <dataValidations><dataValidation prompt='Chọn mức'><formula1>\"A,B\"</formula1></dataValidation></dataValidations></worksheet>",
        ),
        (
            "xl/worksheets/sheet2.xml",
            "<worksheet><sheetData><row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1' t='s'><v>99999999</v></c></row></sheetData></worksheet>",
        ),
    ]);
    assert!(got.gaps.is_empty(), "{:?}", got.gaps);
    let place = |text: &str| {
        let place = &got.the(text).place;
        (place.sheet.clone().unwrap_or_default(), place.cell.clone().unwrap_or_default(), place.visible)
    };
    assert_eq!(place("TỐI MẬT"), ("Số liệu".into(), "B2".into(), true));
    assert_eq!(place("inline"), ("Số liệu".into(), "C2".into(), false));
    assert_eq!(place("SECRET"), ("Số liệu".into(), "D2".into(), true));
    assert_eq!(place("low"), ("Số liệu".into(), "A3".into(), false));
    assert_eq!(place("zero"), ("Ẩn".into(), "A1".into(), false));
    assert_eq!(got.the("IF(A1,\"SECRET\",\"\")").place.kind, Kind::Hidden);
    assert_eq!(got.the("orphan").place.name.as_deref(), Some("unused string"));
    assert_eq!(got.of(Kind::FormField), ["Chọn mức"]);
    assert!(got.segments.iter().any(|seen| seen.text == "\"A,B\""));
}

#[test]
fn names_of_tables_and_what_buttons_call() {
    let table = "<table name='Lists1' displayName='Lists1' ref='A1:B2'><tableColumns><tableColumn name='Độ'/></tableColumns></table>";
    let button = "<xml><v:shape><v:textbox><div>Ấn đây</div></v:textbox><x:ClientData ObjectType='Button'><x:FmlaMacro>[0]!Secret</x:FmlaMacro><x:TextHAlign>Center</x:TextHAlign></x:ClientData></v:shape></xml>";
    let got = xlsx(&[
        (
            "xl/worksheets/_rels/sheet1.xml.rels",
            &doc_rels(
                "<Relationship Id='t' Type='http://x/table' Target='../tables/table1.xml'/><Relationship Id='v' Type='http://x/vmlDrawing' Target='../drawings/v.vml'/>",
            ),
        ),
        ("xl/worksheets/sheet1.xml", "<worksheet><sheetData/></worksheet>"),
        ("xl/tables/table1.xml", table),
        ("xl/drawings/v.vml", button),
    ]);
    let lines = got.lines();
    for line in [
        "bookmark|displayName|Lists1",
        "hidden|name|Độ",
        "textbox|vml v|Ấn đây",
        "script|FmlaMacro|[0]!Secret",
        "hidden|TextHAlign|Center",
    ] {
        assert!(lines.iter().any(|it| it == line), "{line}: {lines:#?}");
    }
    assert!(!got.the("[0]!Secret").place.visible);
}

#[test]
fn slides_in_order_with_what_hangs_on_them() {
    let slide = |text: &str, show: &str| {
        format!(
            "<p:sld{show}><p:cSld><p:spTree><p:sp><p:nvSpPr><p:nvPr><p:ph type='title'/></p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:rPr sz='2400' b='1'><a:solidFill><a:srgbClr val='FF0000'/></a:solidFill></a:rPr><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>\
                 <p:sp><p:txBody><a:p><a:r><a:t>box {text}</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld></p:sld>"
        )
    };
    let (one, two) = (slide("one", " show='0'"), slide("two", ""));
    let got = read_bytes(
        &Zip,
        "x.pptx",
        &zip_of(&[
            ("[Content_Types].xml", "<Types/>"),
            (
                "_rels/.rels",
                "<Relationships><Relationship Id='r' Type='http://x/officeDocument' Target='ppt/presentation.xml'/></Relationships>",
            ),
            (
                "ppt/presentation.xml",
                "<p:presentation><p:sldIdLst><p:sldId id='256' r:id='b'/><p:sldId id='257' r:id='a'/></p:sldIdLst></p:presentation>",
            ),
            (
                "ppt/_rels/presentation.xml.rels",
                &doc_rels(
                    "<Relationship Id='a' Type='http://x/slide' Target='slides/slide1.xml'/><Relationship Id='b' Type='http://x/slide' Target='slides/slide2.xml'/>",
                ),
            ),
            ("ppt/slides/slide1.xml", &one),
            ("ppt/slides/slide2.xml", &two),
            (
                "ppt/slides/_rels/slide2.xml.rels",
                &doc_rels("<Relationship Id='n' Type='http://x/notesSlide' Target='../notesSlides/n.xml'/>"),
            ),
            (
                "ppt/notesSlides/n.xml",
                "<p:notes><p:sp><p:txBody><a:p><a:r><a:t>spoken</a:t></a:r></a:p></p:txBody></p:sp></p:notes>",
            ),
            (
                "ppt/notesSlides/_rels/n.xml.rels",
                &doc_rels("<Relationship Id='s' Type='http://x/slide' Target='../slides/slide2.xml'/>"),
            ),
        ]),
    );
    assert_eq!(got.format, Some("pptx"));
    let order: Vec<(&str, Option<u32>, Kind, bool)> = got
        .segments
        .iter()
        .map(|s| (s.text.as_str(), s.place.slide, s.place.kind, s.place.visible))
        .collect();
    assert_eq!(
        order,
        [
            ("two", Some(1), Kind::Body, true),
            ("box two", Some(1), Kind::Textbox, true),
            ("spoken", Some(1), Kind::Notes, true),
            ("one", Some(2), Kind::Body, false),
            ("box one", Some(2), Kind::Textbox, false),
        ]
    );
    assert_eq!(got.the("two").look, "24pt #ff0000 bold");
}

/// What the memory of property blocks does must not show: the same runs in another prefix, which has no such shortcut, give
/// the same segments.
#[test]
fn remembered_properties_change_nothing() {
    let run = |props: &str, text: &str| format!("<w:r><w:rPr>{props}</w:rPr><w:t>{text}</w:t></w:r>");
    let red = "<w:b/><w:color w:val='FF0000'/><w:sz w:val='28'/>";
    let cell = "<w:tc><w:tcPr><w:tcBorders><w:top w:val='single'/><w:left w:val='single'/><w:bottom w:val='single'/>\
                <w:right w:val='single'/></w:tcBorders></w:tcPr><w:p><w:r><w:t>MẬT</w:t></w:r></w:p></w:tc>";
    let mut body = String::new();
    for _ in 0..3 {
        body += &format!("<w:p><w:pPr><w:pStyle w:val='S'/></w:pPr>{}</w:p>", run(red, "TỐI MẬT"));
        body += &format!("<w:p>{}{}</w:p>", run("<w:vanish/>", "ẩn"), run("", "hiện"));
        body += &format!("<w:p>{}</w:p>", run("<w:rFonts w:ascii='.VnTime'/>", "T&#232;I M&#203;T"));
        body += &format!("<w:tbl><w:tr>{cell}</w:tr></w:tbl>");
        // A change inside the block: nothing is remembered of it.
        body += &format!(
            "<w:p>{}</w:p>",
            run("<w:rPrChange w:author='A'><w:rPr><w:vanish/></w:rPr></w:rPrChange><w:b/>", "đổi")
        );
    }
    let seen = |body: &str| -> Vec<String> {
        docx(body, &[]).segments.iter().map(|s| format!("{:?} {} {}", s.place, s.look, s.text)).collect()
    };
    let plain = seen(&body.replace("w:", "z:"));
    assert_eq!(seen(&body), plain);
    assert_eq!(plain.iter().filter(|line| line.contains("TỐI MẬT") && line.contains("#ff0000")).count(), 3);
    assert_eq!(plain.iter().filter(|line| line.contains("framed") && line.contains("MẬT")).count(), 3);
}

/// Parts and blocks that are passed over unread are so only when they hold no text, however it is set off.
#[test]
fn text_in_dull_places_is_found() {
    for gap in ["", " ", "\n\t"] {
        let text = |name: &str| format!("{gap}giấu {name}");
        let run = format!("<w:p><w:r><w:rPr><w:b/>{}</w:rPr><w:t>x</w:t></w:r></w:p>", text("rPr"));
        let body = format!("{run}{run}<w:sectPr><w:pgSz/>{}</w:sectPr>", text("sectPr"));
        let styles = format!(
            "<w:styles><w:style w:styleId='T'><w:tblStylePr><w:rPr/>{}</w:tblStylePr></w:style></w:styles>",
            text("styles")
        );
        let theme = format!("<a:theme><a:x/>{}</a:theme>", text("theme"));
        let got = docx(
            &body,
            &[
                (
                    "word/_rels/document.xml.rels",
                    &doc_rels("<Relationship Id='s' Type='http://x/styles' Target='styles.xml'/>"),
                ),
                ("word/styles.xml", &styles),
                ("word/theme/theme1.xml", &theme),
            ],
        );
        let all: Vec<&str> = got.segments.iter().map(|segment| segment.text.trim()).collect();
        for place in ["rPr", "sectPr", "styles", "theme"] {
            let times = all.iter().filter(|seen| **seen == format!("giấu {place}")).count();
            assert_eq!(times, if place == "rPr" { 2 } else { 1 }, "{gap:?} {place}: {all:?}");
        }
    }
}
