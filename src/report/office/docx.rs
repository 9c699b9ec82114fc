//! A paper as DOCX (ECMA-376, transitional): the few parts a text processor needs, written by hand.
//!
//! The crate `docx-rs` was looked at: it builds a model of the whole standard in memory and brings an image and an XML
//! stack of its own, for two papers that need paragraphs, tables and one header.

use std::io::{self, Seek, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{Block, Paper, Signature};
use crate::report::escape::for_terminal;

const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/><Override PartName="/word/header1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"/><Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>"#;

const RELS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>"#;

const DOCUMENT_RELS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/header" Target="header1.xml"/></Relationships>"#;

/// Times New Roman 14, black, 6 points after a paragraph (Decree 30/2020, appendix I, part I).
const STYLES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="Times New Roman" w:cs="Times New Roman"/><w:sz w:val="28"/><w:szCs w:val="28"/><w:lang w:val="vi-VN"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style><w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:basedOn w:val="Normal"/><w:next w:val="Normal"/><w:qFormat/><w:pPr><w:keepNext/><w:spacing w:before="120" w:after="120"/><w:ind w:firstLine="709"/><w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/><w:bCs/></w:rPr></w:style><w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style></w:styles>"#;

/// The number of the page in the middle of the upper margin, from the second page.
const HEADER: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:hdr xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>2</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p></w:hdr>"#;

/// Width between the margins in twentieths of a point: 210 mm less 30 and 20.
const WIDTH: u32 = 9_071;
/// Columns of the head: the national motto must stand in one line, so they reach into the margins a little.
const LEFT_HEAD: u32 = 3_850;
const RIGHT_HEAD: u32 = 5_571;
/// A4, margins of 20 mm, 30 mm at the left (decree: 20 to 25, 30 to 35, 15 to 20), page number 10 mm from the edge.
const PAGE: &str = r#"<w:sectPr><w:headerReference w:type="default" r:id="rId2"/><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1701" w:header="567" w:footer="567" w:gutter="0"/><w:titlePg/></w:sectPr>"#;

/// Writes a paper as DOCX.
///
/// # Errors
/// When it cannot be written.
pub fn write_docx(paper: &Paper, out: impl Write + Seek) -> io::Result<()> {
    let mut zip = ZipWriter::new(out);
    let core = format!(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{}</dc:title><dc:language>vi-VN</dc:language></cp:coreProperties>"#,
        xml(&format!("{}: {}", paper.kind, paper.subject))
    );
    for (name, text) in [
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", RELS),
        ("word/_rels/document.xml.rels", DOCUMENT_RELS),
        ("word/styles.xml", STYLES),
        ("word/header1.xml", HEADER),
        ("docProps/core.xml", &core),
        ("word/document.xml", &document(paper)),
    ] {
        zip.start_file(name, SimpleFileOptions::default())?;
        zip.write_all(text.as_bytes())?;
    }
    zip.finish()?.flush()
}

fn document(paper: &Paper) -> String {
    let mut out = String::from(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><w:body>"#,
    );
    let head = &paper.head;
    let left = line(&head.parent, 24, "", CENTER)
        + &line(&head.unit, 24, BOLD, CENTER)
        + &rule(1_300, 1_300)
        + &line(&head.number, 26, "", CENTER);
    let right = line("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 24, BOLD, CENTER)
        + &line("Độc lập - Tự do - Hạnh phúc", 26, BOLD, CENTER)
        + &rule(1_350, 1_350)
        + &line(&head.dated, 26, ITALIC, CENTER);
    out += &columns(&[(LEFT_HEAD, left), (RIGHT_HEAD, right)]);
    out += &line(&paper.kind, 28, BOLD, r#"<w:spacing w:before="360"/><w:jc w:val="center"/>"#);
    out += &line(&paper.subject, 28, BOLD, CENTER);
    out += &rule(3_400, 3_400);
    for block in &paper.blocks {
        out += &match block {
            Block::Heading(text) => {
                format!("<w:p><w:pPr><w:pStyle w:val=\"Heading1\"/></w:pPr>{}</w:p>", run(text, 28, ""))
            }
            Block::Text(text) => line(text, 28, "", BODY),
            Block::Left(text) => line(text, 28, "", LEFT),
            Block::Note(text) => line(text, 28, ITALIC, BODY),
            Block::Table { widths, head, rows } => grid(widths, head, rows),
        };
    }
    out += &signatures(&paper.sign, &paper.recipients);
    out += PAGE;
    out += "</w:body></w:document>";
    out
}

const CENTER: &str = r#"<w:jc w:val="center"/>"#;
const BODY: &str = r#"<w:spacing w:after="120"/><w:ind w:firstLine="709"/><w:jc w:val="both"/>"#;
const LEFT: &str = r#"<w:spacing w:after="120"/><w:ind w:firstLine="709"/>"#;
const BOLD: &str = "<w:b/><w:bCs/>";
const ITALIC: &str = "<w:i/><w:iCs/>";

fn run(text: &str, size: u32, look: &str) -> String {
    let size = format!("<w:sz w:val=\"{size}\"/><w:szCs w:val=\"{size}\"/>");
    format!("<w:r><w:rPr>{look}{size}</w:rPr><w:t xml:space=\"preserve\">{}</w:t></w:r>", xml(text))
}

/// A paragraph; sizes in half points.
fn line(text: &str, size: u32, look: &str, properties: &str) -> String {
    format!("<w:p><w:pPr>{properties}</w:pPr>{}</w:p>", run(text, size, look))
}

/// The line below a name, shorter than it.
fn rule(left: u32, right: u32) -> String {
    format!(
        "<w:p><w:pPr><w:pBdr><w:top w:val=\"single\" w:sz=\"4\" w:space=\"1\" w:color=\"000000\"/></w:pBdr>\
         <w:spacing w:before=\"40\" w:after=\"80\" w:line=\"120\" w:lineRule=\"exact\"/>\
         <w:ind w:left=\"{left}\" w:right=\"{right}\"/></w:pPr></w:p>"
    )
}

/// A row of cells without borders.
fn columns(cells: &[(u32, String)]) -> String {
    let whole: u32 = cells.iter().map(|(width, _)| width).sum();
    let grid: String = cells.iter().map(|(width, _)| format!("<w:gridCol w:w=\"{width}\"/>")).collect();
    let row: String = cells
        .iter()
        .map(|(width, text)| {
            format!("<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/></w:tcPr>{text}</w:tc>")
        })
        .collect();
    format!(
        "<w:tbl><w:tblPr><w:tblW w:w=\"{whole}\" w:type=\"dxa\"/><w:jc w:val=\"center\"/><w:tblLayout w:type=\"fixed\"/></w:tblPr>\
         <w:tblGrid>{grid}</w:tblGrid><w:tr><w:trPr><w:cantSplit/></w:trPr>{row}</w:tr></w:tbl>"
    )
}

fn grid(widths: &[u32], head: &[String], rows: &[Vec<String>]) -> String {
    let widths: Vec<u32> = widths.iter().map(|share| WIDTH * share / 100).collect();
    let columns: String = widths.iter().map(|width| format!("<w:gridCol w:w=\"{width}\"/>")).collect();
    let row = |cells: &[String], head: bool| {
        let cells: String = cells
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(index, (text, width))| {
                // Sentences stand at the left, numbers in the middle.
                let left = !head && (index == 0 && widths.first() > widths.get(1) || text.chars().count() > 24);
                let align = if left { "" } else { CENTER };
                let text = line(text, 26, if head { BOLD } else { "" }, align);
                format!(
                    "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/><w:vAlign w:val=\"center\"/></w:tcPr>{text}</w:tc>"
                )
            })
            .collect();
        let properties = if head { "<w:cantSplit/><w:tblHeader/>" } else { "<w:cantSplit/>" };
        format!("<w:tr><w:trPr>{properties}</w:trPr>{cells}</w:tr>")
    };
    let border =
        |side: &str| format!("<w:{side} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/>");
    let borders: String = ["top", "left", "bottom", "right", "insideH", "insideV"].map(border).concat();
    let body: String = rows.iter().map(|cells| row(cells, false)).collect();
    format!(
        "<w:tbl><w:tblPr><w:tblW w:w=\"{WIDTH}\" w:type=\"dxa\"/><w:tblBorders>{borders}</w:tblBorders>\
         <w:tblLayout w:type=\"fixed\"/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>{}{body}</w:tbl>\
         <w:p><w:pPr><w:spacing w:after=\"60\"/></w:pPr></w:p>",
        row(head, true)
    )
}

fn signatures(sign: &[Signature], recipients: &[String]) -> String {
    let signature = |one: &Signature| {
        let space: String = (0..4).map(|_| line("", 28, "", CENTER)).collect();
        line(&one.title, 28, BOLD, CENTER)
            + &line(&one.note, 26, ITALIC, CENTER)
            + &space
            + &line(&one.name, 28, BOLD, CENTER)
    };
    let mut cells = String::from("<w:p/>");
    let mut received = line("Nơi nhận:", 24, "<w:b/><w:bCs/><w:i/><w:iCs/>", "");
    for one in recipients {
        received += &line(&format!("- {one};"), 22, "", "");
    }
    received += &line("- Lưu: VT.", 22, "", "");
    match sign {
        [one] => cells += &columns(&[(WIDTH / 2, received), (WIDTH - WIDTH / 2, signature(one))]),
        [one, two, ..] => {
            cells += &columns(&[(WIDTH / 2, signature(one)), (WIDTH - WIDTH / 2, signature(two))]);
            cells += &columns(&[(WIDTH, String::from("<w:p/>") + &received)]);
        }
        [] => {}
    }
    // A table must not be the last thing of a body.
    cells + "<w:p/>"
}

/// Text for XML 1.0; control letters, which it cannot hold, are shown.
fn xml(text: &str) -> String {
    let shown = for_terminal(text).replace(['\u{FFFE}', '\u{FFFF}'], "\u{FFFD}");
    shown.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
