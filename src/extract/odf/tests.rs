use super::*;
use crate::extract::testing::{Record, read_bytes, zip_of};
use crate::extract::zip::Zip;

fn odf(kind: &str, body: &str, more: &[(&str, &str)]) -> Record {
    let mime = format!("{MIME}{kind}");
    let content = format!("<office:document-content>{body}</office:document-content>");
    let mut files = vec![("mimetype", mime.as_str()), ("content.xml", content.as_str())];
    files.extend_from_slice(more);
    read_bytes(&Zip, "x.odt", &zip_of(&files))
}

#[test]
fn text_with_everything_beside_it() {
    let got = odf(
        "text",
        "<office:automatic-styles><style:style style:name='P1' style:family='paragraph'><style:paragraph-properties fo:border='1pt solid #000'/><style:text-properties fo:font-size='14pt' fo:font-weight='bold'/></style:style>\
         <style:style style:name='T1' style:family='text'><style:text-properties text:display='none'/></style:style></office:automatic-styles>\
         <office:body><office:text><text:tracked-changes><text:changed-region><text:deletion><office:change-info><dc:creator>Ann</dc:creator></office:change-info><text:p>gone</text:p></text:deletion></text:changed-region></text:tracked-changes>\
         <text:p text:style-name='P1'>TỐI <text:span>M\n   ẬT</text:span><text:s text:c='2'/><text:tab/>x<office:annotation><dc:creator>Bob</dc:creator><text:p>remark</text:p></office:annotation><text:span text:style-name='T1'>unseen</text:span></text:p>\
         <draw:frame><draw:text-box><text:p>box</text:p></draw:text-box><svg:desc>seal</svg:desc></draw:frame>\
         <text:section text:display='none'><text:p>section</text:p></text:section></office:text></office:body>",
        &[
            (
                "styles.xml",
                "<office:document-styles><office:master-styles><style:master-page><style:header><text:p>top</text:p></style:header><style:footer-first><text:p>bottom</text:p></style:footer-first></style:master-page></office:master-styles></office:document-styles>",
            ),
            (
                "meta.xml",
                "<office:document-meta><office:meta><dc:title>Kế hoạch</dc:title><meta:user-defined meta:name='Classification'>X1</meta:user-defined></office:meta></office:document-meta>",
            ),
        ],
    );
    assert_eq!(got.format, Some("odt"));
    assert_eq!(got.the("TỐI M ẬT  \tx").look, "14pt bold framed");
    for (kind, texts) in [
        (Kind::Deleted, vec!["gone"]),
        (Kind::Comment, vec!["Bob", "remark"]),
        (Kind::Textbox, vec!["box"]),
        (Kind::AltText, vec!["seal"]),
        (Kind::Hidden, vec!["unseen", "section"]),
        (Kind::Header, vec!["top"]),
        (Kind::Footer, vec!["bottom"]),
        (Kind::Title, vec!["Kế hoạch"]),
        (Kind::Label, vec!["X1"]),
    ] {
        assert_eq!(got.of(kind), texts, "{kind:?}");
    }
}

#[test]
fn repeated_cells_count_once_and_move_the_next() {
    let got = odf(
        "spreadsheet",
        "<office:automatic-styles><style:style style:name='ta' style:family='table'><style:table-properties table:display='false'/></style:style></office:automatic-styles>\
         <office:body><office:spreadsheet><table:table table:name='S1'><table:table-row table:number-rows-repeated='1000000000'><table:table-cell table:number-columns-repeated='1000000000'><text:p>wide</text:p></table:table-cell><table:table-cell><text:p>next</text:p></table:table-cell></table:table-row></table:table>\
         <table:table table:name='S2' table:style-name='ta'><table:table-row><table:table-cell/><table:table-cell><text:p>secret sheet</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body>",
        &[],
    );
    assert_eq!(got.the("wide").place.cell.as_deref(), Some("A1"));
    let hidden = got.the("secret sheet");
    assert_eq!((hidden.place.sheet.as_deref(), hidden.place.cell.as_deref()), (Some("S2"), Some("B1")));
    assert_eq!((hidden.place.kind, hidden.place.visible), (Kind::Hidden, false));
}

#[test]
fn encrypted_parts_are_a_gap() {
    let got = odf(
        "text",
        "",
        &[(
            "META-INF/manifest.xml",
            "<manifest:manifest><manifest:file-entry manifest:full-path='content.xml'><manifest:encryption-data/></manifest:file-entry></manifest:manifest>",
        )],
    );
    assert_eq!(got.gaps.iter().map(|gap| gap.reason).collect::<Vec<_>>(), [GapReason::Encrypted]);
}

#[test]
fn flat_files() {
    let flat = "<?xml version='1.0'?><office:document xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0' office:mimetype='application/vnd.oasis.opendocument.text'><office:body><office:text><text:p>MẬT</text:p><draw:frame><office:binary-data>QUJD</office:binary-data></draw:frame></office:text></office:body></office:document>";
    let head = Head { bytes: flat.as_bytes(), extension: "xml", media: None };
    assert!(FlatOdf.matches(&head));
    let got = read_bytes(&FlatOdf, "x.fodt", flat.as_bytes());
    assert_eq!((got.format, got.of(Kind::Body)), (Some("fodt"), vec!["MẬT"]));
    assert_eq!(got.segments.len(), 1);
}
