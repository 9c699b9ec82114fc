use super::super::testing::{read_bytes, read_with};
use super::*;
use crate::extract::limits::Limits;

fn body(format: &dyn Format, name: &str, text: &str) -> String {
    read_bytes(format, name, text.as_bytes()).text_of(Kind::Body)
}

#[test]
fn xml_joins_words_and_breaks_fields() {
    let text = "<?xml version=\"1.0\"?>\n<r>\n<a>TUY&#7878;T</a><b>M<b>&#x1EAC;</b>T</b>\n<p>T<i>Ố</i><b>I</b>\nx</p>\
                <c><![CDATA[<p>TỐI M<b>Ậ</b>T</p>]]></c><d><![CDATA[if (a<b) c>d]]></d>\n<br/>M<br/>N\n</r>";
    let got = body(&XML, "a.xml", text);
    assert_eq!(got, "\n\nTUYỆT\tMẬT\nTỐI\nx\tTỐI MẬT\tif (a<b) c>d\nM\tN\n");
}

#[test]
fn xml_without_declaration_is_told_by_its_namespace() {
    let told = |text: &str| XML.matches(&Head { bytes: text.as_bytes(), extension: "fpage", media: None });
    assert!(told("<FixedPage Width=\"7\" xmlns=\"urn:x\">"));
    assert!(told("<a:b\n xmlns:a='urn:x'/>"));
    for other in ["<p>xmlns</p>", "< a xmlns", "<TỐI MẬT>", "a <b xmlns=''>"] {
        assert!(!told(other), "{other}");
    }
}

#[test]
fn latex_is_told_behind_comments_and_options() {
    let told = |text: &str| LATEX.matches(&Head { bytes: text.as_bytes(), extension: "beamer", media: None });
    assert!(told("% slides\n\\PassOptionsToPackage{unicode}{hyperref}\n%\n\n\\documentclass[\n]{beamer}\n"));
    for other in ["% slides\nReport on \\documentclass", "\\section{MẬT}\n\\documentclass"] {
        assert!(!told(other), "{other}");
    }
}

#[test]
fn xml_gives_what_is_not_text() {
    let text = "<!DOCTYPE r [<!ENTITY m \"MẬT\">]>\n<r xmlns='urn:x' mark='TỐI MẬT' id='abc'><!-- NỘI BỘ\n --><a href=\"x/M%E1%BA%ACT\"/>&m;</r>";
    let got = read_bytes(&XML, "a.xml", text.as_bytes());
    assert_eq!(got.of(Kind::Property), ["TỐI MẬT\n"]);
    assert_eq!(got.of(Kind::Link), ["x/MẬT\n"]);
    assert!(
        got.text_of(Kind::Hidden).contains("NỘI BỘ")
            && got.text_of(Kind::Hidden).contains("ENTITY m \"MẬT\"")
    );
    assert_eq!(got.text_of(Kind::Body).trim(), "&m;");
}

#[test]
fn lines_keep_their_numbers() {
    let xml = "<r>\n<a\n  b='1'>\n<!-- x\n y -->\n<c>M</c>\n</r>";
    let json = "{\n \"a\": [\n  1,\n  \"x\\ny\",\n  \"M\"\n ]\n}\n";
    let csv = "a,b\n\"x\ny\",\"q\"\"q\"\nM,\n";
    for (format, name, text, line) in
        [(&XML, "a.xml", xml, 6), (&JSON, "a.json", json, 5), (&CSV, "a.csv", csv, 4)]
    {
        let got = read_bytes(format, name, text.as_bytes());
        let segment = got.segments.iter().find(|segment| segment.text.contains('M')).unwrap();
        let before = segment.text.split('M').next().unwrap().matches('\n').count() as u64;
        assert_eq!(segment.place.line.unwrap() + before, line, "{name}");
        assert_eq!(got.text_of(Kind::Body).matches('\n').count(), text.matches('\n').count(), "{name}");
    }
}

#[test]
fn json_strings_are_decoded() {
    let text = r#"{"mark":"T\u1ED0I M\u1EACT","x":["a\/b","\ud83d\ude00","q\"q"],"Độ mật":"M","n":12.5,"deg\\":null}"#;
    assert_eq!(body(&JSON, "a.json", text), "TỐI MẬT\ta/b\t😀\tq\"q\tĐộ mật: M\t12.5\tdeg\\\tnull\t");
    assert!(JSON.matches(&Head { bytes: text.as_bytes(), extension: "", media: None }));
    for other in ["[section]\na=1", "{\\rtf1", "{ text }", "[1] a", "{% block %}"] {
        assert!(!JSON.matches(&Head { bytes: other.as_bytes(), extension: "", media: None }), "{other}");
    }
}

#[test]
fn strings_with_markup_are_markup() {
    let json = r#"{"title":"B&#225;o c\u00E1o","body":"<p>T<b>Ố</b>I M\u1EACT</p>\n<p title='Nội bộ'>a &lt; b<\/p>","n":"a<b"}"#;
    assert_eq!(body(&JSON, "a.json", json), "Báo cáo\tTỐI MẬT\ta < b\ta<b\t");
    assert_eq!(read_bytes(&JSON, "a.json", json.as_bytes()).of(Kind::Property), ["Nội bộ\n"]);
    let csv = "so,noi_dung\n1,\"<p>T<i>Ố</i>I\n MẬT</p><p>x</p>\"\n2,<b>M</b>ẬT\n3,a<b\n";
    assert_eq!(body(&CSV, "a.csv", csv), "so\tnoi_dung\n1\tTỐI\n MẬT\tx\n2\tMẬT\n3\ta<b\n");
    let feed = "<rss><description>&lt;p&gt;T&lt;b&gt;&amp;#7888;&lt;/b&gt;I M&amp;#7852;T&lt;/p&gt;&lt;p&gt;x</description></rss>";
    assert_eq!(body(&XML, "a.rss", feed).trim(), "TỐI MẬT\tx");
}

#[test]
fn markup_in_long_strings_is_markup() {
    let paragraph = "<p>M<b>Ậ</b>T</p>\\n";
    let text = format!("{{\"a\":\"{}\",\"b\":\"{}\"}}", paragraph.repeat(20_000), "<p>N</p>".repeat(90_000));
    let read = body(&JSON, "a.json", &text);
    assert_eq!(read.matches("MẬT").count(), 20_000);
    // A tag that a block's end cuts where no border is near stays as it is.
    assert!(read.matches('<').count() < 20, "{}", read.matches('<').count());
}

#[test]
fn dumps_of_data_bases_give_their_strings() {
    let text = "-- MySQL dump, it's fictitious\nCREATE TABLE `vb` (`id` int); /* don't\n */\n\
        INSERT INTO `vb` VALUES (1,'12/BC','Tối mật','It''s','a\\nb\\'c'),(2,'<p>M<b>Ậ</b>T</p>',NULL);\n\
        INSERT INTO vb VALUES ('hai\ndòng',3);\nCOPY public.vb (id, ten) FROM stdin;\n\
        1\tdon't <p>MẬT</p>\n2\tx\\ny\n\\.\nSELECT 'z';\n";
    let got = body(&SQL, "a.sql", text);
    assert_eq!(
        got,
        "-- MySQL dump, it's fictitious\nCREATE TABLE `vb` (`id` int); /* don't\n */\n\
        INSERT INTO `vb` VALUES (1,\t12/BC\t,\tTối mật\t,\tIt's\t,\ta\tb'c\t),(2,\tMẬT\t,NULL);\n\
        INSERT INTO vb VALUES (\thai\ndòng\t,3);\nCOPY public.vb (id, ten) FROM stdin;\n\
        1\tdon't \tMẬT\n2\tx\ty\n\\.\nSELECT \tz\t;\n"
    );
    assert_eq!(body(&SQL, "a.sql", &"'lone\n".repeat(3_000)).matches("lone").count(), 3_000);
    assert!(SQL.matches(&Head { bytes: text.as_bytes(), extension: "txt", media: None }));
}

#[test]
fn names_of_a_degree_or_a_credential_stand_before_their_values() {
    let json = "{\"title\": \"Plan\", \"doMat\": \"Tối mật\", \"security_classification\" :\n \"SECRET\", \"classification\": [\"A\"], \"client_secret\": \"S\", \"classified\": \"no\"}";
    assert_eq!(
        body(&JSON, "a.json", json),
        "Plan\tdoMat: Tối mật\t\nsecurity_classification: SECRET\tclassification: \tA\tclient_secret: S\tno\t"
    );
    let xml = "<r><SoKyHieu>12</SoKyHieu><DoMat>Mật</DoMat><x:classification>\n <b>TOP</b> SECRET</x:classification><a>b</a>\
               <field name='Độ mật'>Tối mật</field><DoMat/><c>d</c></r>";
    assert_eq!(
        body(&XML, "a.xml", xml),
        "12\tDoMat: Mật\n \tclassification: TOP SECRET\tb\tĐộ mật: Tối mật\td"
    );
    // The value on lines of its own, and no value.
    let lines = "<r>\n<classification>\n  Secret\n</classification>\n<doMat>\n</doMat></r>";
    assert_eq!(body(&XML, "a.xml", lines), "\n\nclassification: Secret\n\n\n");
    let lines = "{\"classification\":\n\n  \"Secret\",\n\"doMat\":\n null, \"a\": \"b\"}";
    assert_eq!(body(&JSON, "a.json", lines), "\n\nclassification: Secret\t\n\ndoMat: null\tb\t");
    let attributes = "<r do-mat='Tối mật' mark='x'><item key='classification' value='SECRET'/><item key='name' value='Orla'/></r>";
    let got = read_bytes(&XML, "a.xml", attributes.as_bytes());
    let named: Vec<_> = got
        .segments
        .iter()
        .filter_map(|segment| Some((segment.place.name.as_deref()?, segment.text.as_str())))
        .collect();
    assert_eq!(named, [("do-mat", "Tối mật"), ("classification", "SECRET")]);
}

#[test]
fn one_long_line_of_json_passes_in_blocks() {
    let mut text = String::from("[");
    for number in 0..60_000 {
        text.push_str(&format!("{{\"a\":\"trang {number} \\u1EACT\"}},"));
    }
    let limits = Limits { max_in_memory: 1 << 20, ..Limits::default() };
    let got = read_with(&JSON, "a.json", text.as_bytes(), limits);
    assert!(got.segments.len() > 4 && got.segments.iter().all(|segment| segment.text.len() < 600_000));
    let all = got.text_of(Kind::Body);
    assert_eq!(
        all.split('\t').filter(|cell| cell.starts_with("trang ") && cell.ends_with(" ẬT")).count(),
        60_000
    );
}

#[test]
fn blocks_may_end_anywhere() {
    let xml = "<a>TỐI &amp; M<b>Ậ</b>T<!-- c --><![CDATA[<p>x</p>]]></a>";
    let json = r#"{"Độ":"\u1EAC\ud83d\ude00\n","Số" : "x"}"#;
    let csv = "a,\"b\"\"c\",d\n";
    for (format, text) in [(&XML, xml), (&JSON, json), (&CSV, csv)] {
        let notate = |pieces: Vec<&str>| {
            let budget = crate::extract::limits::Budget::new(Limits::default());
            let mut notation = (format.notation)(&Input::from_bytes("a.csv", text.as_bytes(), &budget));
            let mut out = Out::default();
            pieces.into_iter().for_each(|piece| notation.block(piece, &mut out));
            notation.end(&mut out);
            (out.body, out.hidden)
        };
        let whole = notate(vec![text]);
        for (at, _) in text.char_indices() {
            let (before, after) = text.split_at(at);
            assert_eq!(notate(vec![before, after]), whole, "{} cut at {at}", format.name);
        }
    }
}

#[test]
fn legacy_charsets_and_utf_16_pass() {
    let wide: Vec<u8> =
        "\u{FEFF}<?xml version=\"1.0\"?><a>TỐI MẬT</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(XML.matches(&Head { bytes: &wide, extension: "", media: None }));
    assert_eq!(read_bytes(&XML, "a", &wide).text_of(Kind::Body), "TỐI MẬT");
    let narrow = b"<?xml version='1.0' encoding='windows-1258'?><a>M\xC2\xF2T</a>";
    assert_eq!(read_bytes(&XML, "a", narrow).text_of(Kind::Body), "MÂ\u{323}T");
}

#[test]
fn cells_are_unquoted() {
    assert_eq!(body(&CSV, "a.csv", "Số;\"TỐI MẬT; \"\"x\"\"\";\"a\nb\"\n"), "Số\tTỐI MẬT; \"x\"\ta\nb\n");
    assert_eq!(body(&CSV, "a.tsv", "a, b\tc\n"), "a, b\tc\n");
    assert_eq!(body(&CSV, "a.csv", "6\" pipe,x\n"), "6\" pipe\tx\n");
}

#[test]
fn cards_are_unfolded() {
    let text = "BEGIN:VCARD\r\nVERSION:2.1\r\nNOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:T=E1=BB=90I M=E1=BA=\r\n=ACT\r\n\
                ORG:Sở Thử;Nghiệm\r\nSUMMARY:Tài liệu TỐI\r\n  MẬT\\nhai\\, ba\r\nPHOTO;ENCODING=b:AAAA\r\nEND:VCARD\r\n";
    let got = read_bytes(&CARDS, "a.vcf", text.as_bytes());
    let lines: Vec<String> = got.text_of(Kind::Body).lines().map(str::to_owned).collect();
    assert_eq!(lines[2], "NOTE\tTỐI MẬT");
    assert_eq!(lines[4], "ORG\tSở Thử\tNghiệm");
    assert_eq!(lines[5], "SUMMARY\tTài liệu TỐI MẬT\thai, ba");
    assert_eq!(lines[8], "END\tVCARD");
}

#[test]
fn latex_accents_and_looks() {
    use unicode_normalization::UnicodeNormalization as _;
    let text =
        "\\section{T\\'{\\^O}I M\\d{\\^A}T} % NỘI BỘ\n\\textbf{T\\h{u}y}\\DJ \\ohorn\\\\50\\% a~b \\'\\i\n";
    let got = read_bytes(&LATEX, "a.tex", text.as_bytes());
    let accents: String = got.text_of(Kind::Body).nfc().collect();
    assert_eq!(accents, "TỐI MẬT \nTủyĐơ\t50% a b í\n");
    assert_eq!(got.text_of(Kind::Hidden).trim(), "NỘI BỘ");
    let text = "\\begin{center}\\textbf{MẬT}\\end{center} a \\begin x\n";
    assert_eq!(body(&LATEX, "a.tex", text), "center\tMẬT\tcenter\t a \tx\n");
}

#[test]
fn subtitles_lose_their_tags() {
    assert_eq!(
        body(&SUBTITLES, "a.srt", "1\n00:01 --> 00:02\n<i>M{\\an8}<b>Ậ</b>T</i>\n"),
        "1\n00:01 --> 00:02\nMẬT\n"
    );
    let ass = "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,TỐI MẬT\\Nhai, ba\n";
    assert!(body(&SUBTITLES, "a.ass", ass).ends_with("\tTỐI MẬT\thai, ba\n"));
}

#[test]
fn escapes_in_source_code() {
    assert_eq!(body(&ESCAPED, "a.properties", "k = M\\u1EACT\\nx\nb=2\n"), "k = MẬT\tx\nb=2\n");
}

#[test]
fn binary_property_lists() {
    // <dict><key>a</key><string>MẬT</string></dict>, as plutil writes it.
    let mut bytes = b"bplist00\xD1\x01\x02\x51a\x63\x00M\x1E\xAC\x00T".to_vec();
    let table = bytes.len() as u64;
    bytes.extend([8, 11, 13, 0, 0, 0, 0, 0, 0, 1, 1]);
    bytes.extend(3u64.to_be_bytes());
    bytes.extend(0u64.to_be_bytes());
    bytes.extend(table.to_be_bytes());
    let got = read_bytes(&BinaryPlist, "a.plist", &bytes);
    assert_eq!((got.text_of(Kind::Body).as_str(), got.gaps.len()), ("a\nMẬT\n", 0));
    for cut in 8..bytes.len() {
        read_bytes(&BinaryPlist, "a.plist", &bytes[..cut]);
    }
}

/// What the grammars give a meaning to.
static TOKENS: &[&str] = &[
    "<p>",
    "</p>",
    "<p a='b\n'>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<br/>",
    "<",
    ">",
    "=",
    "\"",
    "'",
    "\\",
    "\\n",
    "\\u1EAC",
    "\\ud83d",
    "\n",
    "\t",
    " ",
    ",",
    ";",
    "{",
    "}",
    "[",
    ":",
    "a",
    "MẬT",
    "&#7852;",
    "&lt;",
    "&amp;",
    "--",
    "/*",
    "*/",
    "\nCOPY x FROM stdin;\n",
    "\n\\.\n",
    "%",
    "\\begin{a}",
    "-->",
    "Dialogue:",
    "BEGIN:VCARD\n",
];

proptest::proptest! {
    #[test]
    fn any_text_ends_and_gets_no_more_lines(tokens in proptest::collection::vec(proptest::sample::select(TOKENS), 0..60)) {
        let text = tokens.concat();
        for format in [&XML, &JSON, &CSV, &SQL, &CARDS, &LATEX, &SUBTITLES, &ESCAPED] {
            let got = read_bytes(format, "a.x", text.as_bytes());
            for segment in got.segments.iter().filter(|segment| segment.place.kind == Kind::Body) {
                let last = segment.place.line.unwrap() + segment.text.matches('\n').count() as u64;
                proptest::prop_assert!(last <= 1 + text.matches('\n').count() as u64, "{}: {:?}", format.name, segment);
            }
        }
    }
}
