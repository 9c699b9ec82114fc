use proptest::prelude::*;

use super::super::limits::Limits;
use super::super::testing::{Record, read_bytes, read_with};
use super::*;

fn read(rtf: &[u8]) -> Record {
    read_bytes(&Rtf, "x.rtf", rtf)
}

fn holds(rtf: &[u8], expected: &[&str]) -> Record {
    let got = read(rtf);
    let lines = got.lines();
    for expected in expected {
        assert!(lines.iter().any(|line| line == expected), "{expected:?} not in {lines:#?}");
    }
    got
}

#[test]
fn pieces_with_their_places() {
    let rtf = br#"{\rtf1\ansi\ansicpg1258\deff0{\fonttbl{\f0\fnil\fcharset163 Times;}{\f1 .VnTimeH;}}
{\colortbl;\red255\green0\blue0;}{\stylesheet{\s0 Normal;}}
{\info{\title T\u7845?p}{\author Ng\u432\'3f\u7901?i}{\*\company S\u7903?}}
{\header \pard TOP SECRET\par}{\*\generator x;}
\pard\cf1\b\fs28 TUY\'ca\'f2T M\'c2\'f2T\par \plain a{\v kh\u244?ng th\u7845?y}b{\deleted x\'f3a}\line c\par
\trowd\intbl one\cell two\cell\row\pard
text{\footnote note}{\*\annotation remark}{\*\atnauthor Orla} on\par
{\f1 tuy\'d6t m\'cbt}\par
{\shp{\*\shpinst{\sp{\sn gtextUNICODE}{\sv M\u7852?T}}{\shptxt boxed\par}}}
{\field{\*\fldinst HYPERLINK "http://vidu.example"}{\fldrslt link}}\par
{\*\unknown some words}{\pict 00ff00}
}"#;
    let sink = holds(
        rtf,
        &[
            "title||Tấp",
            "property|author|Người",
            "property|company|Sở",
            "header||TOP SECRET",
            "body||TUYÊ\u{323}T MÂ\u{323}T",
            "body||ab\nc",
            "hidden||không thấy",
            "deleted||xóa",
            "table||one",
            "table||two",
            "body||text on",
            "footnote||note",
            "comment||remark",
            "comment|author|Orla",
            "body||tuyÖt mËt",
            "watermark||MẬT",
            "textbox||boxed",
            "link|field|HYPERLINK \"http://vidu.example\"",
            "body||link",
            "hidden|ignored-group|some words",
        ],
    );
    let red = sink.segments.iter().find(|s| s.text.starts_with("TUY")).unwrap();
    assert_eq!(red.color, Some([255, 0, 0]));
    let legacy = sink.segments.iter().find(|s| s.text.starts_with("tuy")).unwrap();
    assert_eq!(legacy.font.as_deref(), Some(".VnTimeH"));
    assert!(sink.gaps.is_empty(), "{:?}", sink.gaps);
}

#[test]
fn a_file_cut_off_gives_what_is_there() {
    let sink = read(br"{\rtf1 one\par {\b SECRET");
    assert_eq!(sink.lines(), ["body||one", "body||SECRET"]);
    assert_eq!(sink.gaps[0].reason, GapReason::Damaged);
    assert_eq!(read(&b"{".repeat(100_000)).lines().len(), 0);
}

#[test]
fn a_star_inside_a_group_names_no_destination() {
    holds(
        br"{\rtf1 {\f2\i0\*\cs7\cf0 The quick} {\b0\*\unheard brown} {\*\unheard fox}\par}",
        &["body||The quick brown", "hidden|ignored-group|fox"],
    );
}

#[test]
fn code_pages_are_the_fonts() {
    holds(
        br"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset204 B;}{\f2\cpg1250 C{\*\falt D};}{\f3\fcharset128 E;}}
\f0\'e9\f1\'e9\f2\'e8\f3\'82\'a0\'82`\plain \'e9\par}",
        &["body||éйčあＡé"],
    );
}

#[test]
fn properties_variables_and_labels() {
    let got = holds(
        br"{\rtf1{\info{\keywords k}{\*\userprops {\propname MSIP_Label_1_Name}\proptype30{\staticval SECRET}{\propname Level}\proptype30{\staticval high}}}
{\*\docvar {Stamp}{TOI MAT}}{\*\revtbl {Unknown;}{Orla;}}{\upr{\*\bkmkstart n?}{\*\ud{\*\bkmkstart n\u7845?}}}{\upr a?{\*\ud \u7845?}}\par}",
        &[
            "property|keywords|k",
            "label|MSIP_Label_1_Name|SECRET",
            "property|Level|high",
            "property|Stamp|TOI MAT",
            "property|revision authors|Unknown;Orla;",
            "bookmark|bookmark|nấ",
            "body||ấ",
        ],
    );
    assert_eq!(got.segments.iter().filter(|s| s.text == "SECRET").count(), 1);
}

#[test]
fn unknown_groups_keep_words_and_drop_digits() {
    let got = holds(
        br"{\rtf1{\*\a SECRET}{\*\zz 0123456789abcdef0123456789}{\*\zzz\par one\par two}x\par}z",
        &[
            "hidden|ignored-group|SECRET",
            "hidden|ignored-group|one\ntwo",
            "body||x",
            "hidden|behind the end|z",
        ],
    );
    assert_eq!(got.segments.len(), 4);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn ole1(class: &str, native: &[u8]) -> Vec<u8> {
    let name = |text: &str| {
        let mut bytes = u32::try_from(text.len() + 1).unwrap().to_le_bytes().to_vec();
        bytes.extend(text.as_bytes());
        bytes.push(0);
        bytes
    };
    let mut object = vec![1, 5, 0, 0, 2, 0, 0, 0];
    object.extend(name(class));
    object.extend([0; 8]);
    object.extend(u32::try_from(native.len()).unwrap().to_le_bytes());
    object.extend(native);
    object.extend([1, 5, 0, 0, 0, 0, 0, 0]);
    object
}

#[test]
fn objects_are_members() {
    let mut package = b"\x02\0report.txt\0C:\\x\\report.txt\0\0\0\x03\0".to_vec();
    package.extend(16u32.to_le_bytes());
    package.extend(b"C:\\x\\report.txt\0");
    package.extend(10u32.to_le_bytes());
    package.extend(b"TOP SECRET");
    let package = hex(&ole1("Package", &package));
    let (first, second) = package.split_at(31);
    let word = hex(&ole1("Word.Document.8", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest"));
    let linked = {
        let mut object = vec![1, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
        object.extend(15u32.to_le_bytes());
        object.extend(b"C:\\SECRET\\x.doc\0");
        object.splice(12..16, 16u32.to_le_bytes());
        object.extend([0; 16]);
        hex(&object)
    };
    let rtf = format!(
        "{{\\rtf1 {{\\object\\objemb{{\\*\\objclass Package}}{{\\*\\objdata {first}\r\n{second}}}{{\\result shown}}}}\
         {{\\object{{\\*\\objdata\\bin8 \x01\x05{{}}{{}}{{}}}}}}{{\\object{{\\*\\objclass Y}}{{\\*\\objdata {word}}}}}\
         {{\\object{{\\*\\objdata {linked}}}}}\\par}}"
    );
    let got = holds(rtf.as_bytes(), &["body||shown", "link|object|C:\\SECRET\\x.doc"]);
    assert_eq!(
        got.members,
        [
            ("report.txt".to_owned(), b"TOP SECRET".to_vec()),
            ("Word.Document.8-3.bin".to_owned(), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest".to_vec()),
        ]
    );
}

#[test]
fn html_that_outlook_wrapped_is_a_member() {
    let got = read(
        br#"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0 Arial;}}
{\*\htmltag19 <html>}{\*\htmltag2 \par }{\*\htmltag64 <p title="\'e9">}\htmlrtf {\b gone \htmlrtf0 T\u7888?I M\u7852?T{\*\mhtmltag y}\htmlrtf }\htmlrtf0
{\*\htmltag72 </p>}\par end}"#,
    );
    assert_eq!(got.members.len(), 1);
    assert_eq!(got.members[0].0, "body.html");
    let html = String::from_utf8(got.members[0].1.clone()).unwrap();
    assert_eq!(html, "\u{feff}<html>\n<p title=\"é\">TỐI MẬT</p>\nend");
    assert_eq!(got.lines(), ["hidden||gone"]);
}

#[test]
fn more_than_memory_is_read() {
    let mut rtf = br"{\rtf1 before\par {\pict\pngblip ".to_vec();
    rtf.extend(b"00ff".repeat(500_000));
    rtf.extend(br"}TOP SECRET\par}");
    let got = read_with(&Rtf, "x.rtf", &rtf, Limits { max_in_memory: 1 << 16, ..Limits::default() });
    assert_eq!(got.lines(), ["body||before", "body||TOP SECRET"]);
    assert_eq!(got.error, None);
}

#[test]
fn old_forms_of_shapes_are_not_told_twice() {
    let got = read(
        br"{\rtf1 {\shp{\*\shpinst{\shptxt boxed\par}}{\shprslt{\*\do{\dptxbxtext boxed\par other\par}}}}x\par}",
    );
    assert_eq!(got.lines(), ["textbox||boxed", "hidden|shape for old readers|other", "body||x"]);
}

#[test]
fn what_stands_in_tables_and_pictures() {
    let rtf = br"{\rtf1 {\stylesheet{\s0 Normal;}{\*\cs10 \additive Orla Stamp;}}
{\*\userprops{\propname Orla Level}\proptype30{\staticval SECRET}}
{\*\pgdsctbl{\pgdsc0{\header in use\par}\pgdscnxt0 Default;}{\pgdsc1{\headerf TOP SECRET\par}\pgdscnxt1 First;}}
{\header in use\par}
{\*\shppict{\pict{\*\picprop{\sp{\sn wzDescription}{\sv a lighthouse}}}\pngblip 89504e47}}
{\nonshppict{\pict{\*\picprop{\sp{\sn wzDescription}{\sv a lighthouse}}}\wmetafile8 0100}}
a{\v one}b{\v two}{\v three}\par
{\field{\*\fldinst EQ \\x(NATO RESTRICTED)}{\fldrslt }}\par}";
    let got = read(rtf);
    assert_eq!(
        got.lines(),
        [
            "property|style|Normal",
            "property|style|Orla Stamp",
            "property|property name|Orla Level",
            "property|Orla Level|SECRET",
            "property|style|Default",
            "property|style|First",
            "header||in use",
            "alt-text||a lighthouse",
            "body||ab",
            "hidden||one\ntwothree",
            "body|field|NATO RESTRICTED",
            "header|page style|TOP SECRET",
        ]
    );
}

proptest! {
    #[test]
    fn any_bytes_end(text in "(\\{|\\}|\\\\par |\\\\u7852\\?|\\\\'c2|\\\\\\*|\\\\header |\\\\pict|\\\\bin9 |\\\\v |\\\\objdata |\\\\upr|\\\\ud |\\\\fromhtml1|\\\\htmltag1 |\\\\docvar|\\\\sv |\\\\pgdsctbl |\\\\picprop |\\\\stylesheet |\\\\fldinst EQ |[a-z0-9 ]{0,4}){0,60}") {
        read(text.as_bytes());
    }
}

#[test]
fn drawings_in_pictures_give_their_texts() {
    let stamp = include_bytes!("../../../fixtures/emf/stamp.emf");
    let banner = include_bytes!("../../../fixtures/emf/banner.wmf");
    let alone = |name, bytes: &[u8]| -> Vec<String> {
        let got = read_bytes(&super::super::metafile::Metafile, name, bytes);
        got.lines().iter().map(|line| line.rsplit('|').next().unwrap().to_owned()).collect()
    };
    let (of_stamp, of_banner) = (alone("a.emf", stamp), alone("a.wmf", banner));
    assert!(!of_stamp.is_empty() && !of_banner.is_empty());
    let digits = |bytes: &[u8]| -> Vec<u8> {
        bytes
            .chunks(40)
            .flat_map(|line| {
                [line.iter().map(|byte| format!("{byte:02x}")).collect(), "\r\n".to_owned()]
                    .concat()
                    .into_bytes()
            })
            .collect()
    };
    let head = br"\picw100\pich100{\*\blipuid 0123456789abcdef0123456789abcdef}";
    let bin = format!("\\bin{} ", banner.len()).into_bytes();
    let rtf = [
        &br"{\rtf1 a\par {\*\shppict{\pict\emfblip"[..],
        head,
        b"\r\n",
        &digits(stamp),
        br"}}{\nonshppict{\pict\wmetafile8",
        head,
        b"\n",
        &digits(stamp),
        br"}}{\pict\wmetafile8",
        head,
        &bin,
        banner,
        br"}b\par}",
    ]
    .concat();
    let got = read(&rtf);
    let drawn: Vec<&str> = got.of(Kind::Textbox);
    assert_eq!(drawn, of_stamp.iter().chain(&of_banner).map(String::as_str).collect::<Vec<_>>());
    assert_eq!(got.of(Kind::Body), ["a", "b"]);
    assert!(got.gaps.is_empty(), "{:?}", got.gaps);
}
