use proptest::prelude::*;

use super::super::limits::{Budget, Limits};
use super::super::testing::Record;
use super::*;

fn read(page: &str) -> Record {
    let mut sink = Record::default();
    read_page(page, 512, &mut sink).unwrap();
    sink
}

fn body(page: &str) -> String {
    read(page)
        .segments
        .into_iter()
        .filter(|s| s.place.kind == Kind::Body && s.shape == Shape::Lines)
        .map(|s| s.text)
        .collect()
}

#[test]
fn tags_and_entities_do_not_split_words() {
    assert_eq!(body("<p><b>TUYỆT</b> <i>MẬT</i></p>"), "TUYỆT MẬT\n");
    assert_eq!(body("T<span>U</span>Y&#x1EC6;T M&#7852;T"), "TUYỆT MẬT");
    assert_eq!(body("M<!-- x -->ẬT<wbr>!"), "MẬT!");
    assert_eq!(body("a\n  b&nbsp;c&#10;d"), "a b\u{a0}c d");
    assert_eq!(
        body("caf&eacute &amp;lt; &notanentity; AT&T &copy2 &#150;"),
        "café &lt; ¬anentity; AT&T ©2 –"
    );
}

#[test]
fn struck_text_stands_by_itself() {
    for mark in [
        "<s>TỐI MẬT</s>",
        "<strike>TỐI MẬT</strike>",
        "<del>TỐI MẬT</del>",
        "<span style='text-decoration: line-through red'>TỐI MẬT</span>",
        "<style>.off { text-decoration-line: line-through }</style><b class=off>TỐI MẬT</b>",
    ] {
        let read = read(&format!("<p>Số: 12</p><p>{mark}</p><p>MẬT</p>"));
        assert_eq!(read.the("TỐI MẬT").look, "struck", "{mark}");
        assert_eq!(read.the("Số: 12\nMẬT\n").look, "", "{mark}");
    }
}

#[test]
fn blocks_and_cells_break() {
    assert_eq!(
        body("<table><tr><td>MẬT</td><td>Số: 01</td></tr><tr><td>x</table>y<br>z<ul><li>1<li>2</ul>"),
        "MẬT\nSố: 01\nx\ny\nz\n1\n2\n"
    );
    assert_eq!(body("<pre>a\n  b</pre>c"), "a\n  b\nc");
}

#[test]
fn what_is_not_shown_has_its_place() {
    let page = "<title>Sở &amp; Thử</title><meta name=keywords content='a, b'><!-- note -->\
        <img alt='con dấu' src=a%20b.png><a href='/t%E1%BA%ADp'>x</a><script>var a = \"M\\u1eacT\";</script>\
        <div style='display:none'>ẩn <div>trong</div></div><p hidden>giấu<p>hiện\
        <input value=gõ><select><option>một<option>hai</select><textarea>ô</textarea>\
        <div data-note='ghi chú'></div><noscript>không</noscript>";
    let lines = read(page).lines();
    for expected in [
        "title||Sở & Thử",
        "property|keywords|a, b",
        "hidden|comment| note ",
        "alt-text||con dấu\n",
        "link||a b.png\n/tập\n",
        "script|script|var a = \"MẬT\";",
        "hidden|display:none|ẩn\ntrong",
        "hidden|hidden|giấu",
        "hidden|noscript|không",
        "form-field|option|một\nhai\n",
        "form-field||gõ\n",
        "form-field||ô",
        "property||ghi chú\n",
        "body||x\nhiện\n",
    ] {
        assert!(lines.iter().any(|line| line == expected), "{expected:?} not in {lines:#?}");
    }
}

#[test]
fn a_red_or_framed_element_is_seen_twice() {
    let sink = read("<p>Độ mật: <span style='color:#f00;border:1px solid'>MẬT</span> hết</p>");
    let view = sink.segments.iter().find(|s| s.shape == Shape::View).unwrap();
    assert_eq!((view.text.as_str(), view.color, view.framed), ("MẬT", Some([255, 0, 0]), true));
    assert_eq!(sink.text_of(Kind::Body), "MẬTĐộ mật: MẬT hết\n");
    let sink = read("<font face='.VnTimeH'>tuyÖt mËt</font>");
    assert_eq!(sink.segments[0].font.as_deref(), Some(".VnTimeH"));
}

#[test]
fn nested_special_elements_of_one_name() {
    let sink = read("<div hidden>a<div>b</div><div style='display:none'>c</div>d</div>e");
    assert_eq!(sink.text_of(Kind::Hidden), "a\nb\nc\nd");
    assert_eq!(sink.text_of(Kind::Body), "e");
}

#[test]
fn embedded_documents_are_members() {
    let sink = read(
        "<iframe srcdoc='&lt;p&gt;MẬT'></iframe><a href='data:text/html;base64,TeG6rFQ='>x</a>\
        <object data=\"data:,M%E1%BA%ACT\"></object><img src='data:image/png;base64,AAAA'>",
    );
    let members: Vec<_> =
        sink.members.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    assert_eq!(
        members,
        [
            ("srcdoc-1.html", "<p>MẬT".as_bytes()),
            ("data-2.html", "MẬT".as_bytes()),
            ("data-3.txt", "MẬT".as_bytes())
        ]
    );
}

#[test]
fn broken_markup_loses_nothing() {
    for page in [
        "<p>one <!-- two MẬT",
        "<script>var x = 'MẬT'",
        "one < two MẬT",
        "<a href=\"x>MẬT</a>",
        "<div title='MẬT",
        "a<b MẬT",
        "<![CDATA[MẬT]]>",
        "<![CDATA[MẬT",
        "M\0ẬT",
        "<title>MẬT",
        "<textarea>MẬT",
        "</MẬT>",
        "<MẬT>",
        "<plaintext>MẬT</plaintext>",
        "<p class=\"a>MẬT</p><p id=\"b\">",
        "<iframe>MẬT",
        "<x y=\"<\">MẬT",
    ] {
        let all: String = read(page).segments.into_iter().map(|s| s.text).collect();
        assert!(all.contains("MẬT"), "{page}: {all}");
    }
}

#[test]
fn broken_quotes_cost_linear_time() {
    let page = "<a b=\">\"".repeat(200_000);
    let start = std::time::Instant::now();
    read(&page);
    read(&"<a b='".repeat(300_001));
    read(&"<!--".repeat(300_000));
    read(&"</".repeat(300_000));
    read(&"<script></scrip".repeat(100_000));
    read(&"<b hidden>".repeat(300_000));
    read(&"<b style=color:red>x".repeat(100_000));
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn encodings_of_pages() {
    let read = |bytes: &[u8]| {
        let budget = Budget::new(Limits::default());
        let mut input = Input::from_bytes("a.html", bytes, &budget);
        let mut sink = Record::default();
        Html.read(&mut input, &mut sink).unwrap();
        sink.text_of(Kind::Body)
    };
    assert_eq!(read(b"<html><meta charset=windows-1258><p>M\xC2\xF2T"), "MÂ\u{323}T");
    assert_eq!(
        read(b"<html><META HTTP-EQUIV='Content-Type' CONTENT='text/html; charset=x-user-defined'><p>m\xCBt"),
        "mËt"
    );
    let wide: Vec<u8> = "<html><p>MẬT".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(&wide), "MẬT");
    let head = |bytes: &'static [u8], extension: &'static str| {
        sniff::is_html(&Head { bytes, extension, media: None })
    };
    assert!(head(b"\xEF\xBB\xBF\n<!-- x --><!DOCTYPE HTML PUBLIC", "txt"));
    assert!(head(b"<?xml version='1.0'?><html xmlns='x'>", "xml"));
    assert!(head(b"<div>x", ""));
    assert!(!head(b"<p align=center>readme", "md"));
    assert!(!head(b"<svg xmlns=", "svg"));
    assert!(!head(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x30\0\0\0\x30", "html"));
}

proptest! {
    #[test]
    fn any_page_ends(page in "[<>/!\\-a-z\"'= &;#0-9\\[\\]MẬT\\n]{0,300}") {
        read(&page);
    }

    #[test]
    fn words_outside_tags_stay(words in proptest::collection::vec("[a-zạậ]{1,8}", 1..20)) {
        let page: String = words.iter().map(|word| format!("<p class='x'>{word}</p>\n")).collect();
        let text = body(&page);
        let found: Vec<&str> = text.lines().collect();
        prop_assert_eq!(found, words.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

#[test]
fn markup_that_was_commented_out() {
    let got = read("<!-- <p class='x y'>M<b>&#7852;</b>T</p><td>1</td> <SECRET> a < b --><p>x");
    let comment = got.text_of(Kind::Hidden);
    assert!(comment.contains("\nMẬT\n"), "{comment:?}");
    assert!(comment.contains("class='x y'") && comment.contains("<SECRET> a < b"), "{comment:?}");
}

#[test]
fn style_sheets_hide_and_write() {
    let got = read(
        "<style>.a{display:none} #b{visibility:hidden} .c{color:red;font-weight:bold;border:1px solid}
         .d::after{content:'T\\1ED0 I'}</style><p class='x a'>one</p><p id=b>two</p><p class=c>three</p><p class=a style='display:block'>four</p>",
    );
    assert_eq!(got.of(Kind::Hidden), ["one", "two"]);
    assert!(got.of(Kind::Body).contains(&"TỐI"));
    let red = got.segments.iter().find(|segment| segment.color.is_some()).unwrap();
    assert_eq!((red.text.as_str(), red.framed), ("three", true));
    assert!(got.text_of(Kind::Body).contains("four"));
}

#[test]
fn letters_escaped_twice_are_letters() {
    let got = read(
        "<p>T&amp;#7888;I M&amp;#x1EAC;T, D&amp;Eacute;FENSE, &amp;lt;b&amp;gt; &amp;#60; &amp;copy;</p>",
    );
    assert_eq!(got.text_of(Kind::Body), "TỐI MẬT, DÉFENSE, &lt;b&gt; &#60; &copy;\n");
    assert_eq!(
        with_letters("T&#7888;I M&#x1eac;T D&Eacute; &lt; &#60; a&b &#7888 &;"),
        "TỐI MẬT DÉ &lt; &#60; a&b &#7888 &;"
    );
    assert!(matches!(with_letters("a & b"), Cow::Borrowed(_)));
}

#[test]
fn data_of_scripts_is_read_as_data() {
    for script in [
        r#"{"doc":{"body":"<p>T\u1ED0I M\u1EACT</p>","n":1}}"#,
        r#"window.__STATE__ = {"doc":{"body":"<p>TỐI MẬT</p>"}};"#,
    ] {
        let got = read(&format!("<p>a</p>\n<script type='application/json'>{script}</script>"));
        let data = got.segments.iter().find(|segment| segment.place.kind == Kind::Hidden).unwrap();
        assert_eq!(data.place.name.as_deref(), Some("json"));
        assert_eq!(data.place.line, Some(2));
        assert!(data.text.split('\t').any(|field| field == "TỐI MẬT"), "{}", data.text);
        assert_eq!(got.of(Kind::Script), [""; 0]);
    }
    assert_eq!(read("<script>if (a) { f({\"x\": 1}) }</script>").of(Kind::Script).len(), 1);
}
