use super::*;

/// Gives one byte a call, to cut the input everywhere.
struct Drip<'a>(&'a [u8]);

impl Read for Drip<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let n = self.0.len().min(1).min(buf.len());
        let (now, later) = self.0.split_at(n);
        buf[..n].copy_from_slice(now);
        self.0 = later;
        Ok(n)
    }
}

fn walk(bytes: &[u8]) -> Vec<String> {
    let mut xml = Xml::new(Drip(bytes));
    let mut out = Vec::new();
    while let Some(token) = xml.next().unwrap() {
        out.push(match token {
            Token::Start(tag) => {
                let attributes: Vec<String> =
                    tag.attributes().map(|a| format!("{}={}", a.name, a.value())).collect();
                format!("+{}[{}]", tag.name, attributes.join(","))
            }
            Token::End => "-".into(),
            Token::Text(text) => {
                let mut resolved = String::new();
                resolve(text, &mut resolved);
                resolved
            }
            Token::Literal(text) => format!("L{text}"),
            Token::Comment(text) => format!("C{text}"),
        });
    }
    if let Some(damage) = xml.damage() {
        out.push(format!("!{damage}"));
    }
    out
}

#[test]
fn tokens_of_a_well_formed_part() {
    let xml = "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY e \">\">]><w:a x='1' w:y = \"a>b &amp; 'c'\"><b/>T\u{1ed0}I &lt;M\u{1eac}T&#x3e;<![CDATA[<x>]]><!-- note --></w:a>";
    assert_eq!(
        walk(xml.as_bytes()),
        [
            "CDOCTYPE a [<!ENTITY e \">\">]",
            "+w:a[x=1,w:y=a>b & 'c']",
            "+b[]",
            "-",
            "TỐI <MẬT>",
            "L<x>",
            "C note ",
            "-"
        ]
    );
}

#[test]
fn utf16_and_declared_encodings_are_decoded() {
    let text = "<a>TỐI MẬT</a>";
    let mut utf16 = vec![0xff, 0xfe];
    utf16.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(walk(&utf16), ["+a[]", "TỐI MẬT", "-"]);
    let bare: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(walk(&bare), ["+a[]", "TỐI MẬT", "-"]);
    assert_eq!(walk(b"<?xml version='1.0' encoding='windows-1252'?><a>\xe9</a>"), ["+a[]", "é", "-"]);
}

#[test]
fn broken_parts_give_what_is_there() {
    for (input, texts) in [
        ("<a>one<b>two", vec!["+a[]", "one", "+b[]", "two", "!XML ends inside an element"]),
        ("<a>x</b></c>y", vec!["+a[]", "x", "-", "y", "!XML closes what was not opened"]),
        ("<a>1 < 2</a>", vec!["+a[]", "1 ", "<", " 2", "-", "!XML with a bare <"]),
        ("<a>t<b x=\"", vec!["+a[]", "t", "b x=\"", "!XML ends inside a tag"]),
    ] {
        assert_eq!(walk(input.as_bytes()), texts, "{input}");
    }
    assert_eq!(
        walk(b"<a>\xff</a>"),
        ["+a[]", "\u{fffd}", "-", "!XML has bytes that are not of its encoding"]
    );
}

#[test]
fn long_text_and_long_tags_cross_the_window() {
    let long = "ậ &amp; ".repeat(60_000);
    let input = format!("<a k=\"{long}\">{long}<!--{long}--></a>");
    let mut xml = Xml::new(input.as_bytes());
    let (mut text, mut comment, mut value) = (String::new(), String::new(), String::new());
    while let Some(token) = xml.next().unwrap() {
        match token {
            Token::Start(tag) => value = tag.attribute("k").unwrap().into_owned(),
            Token::Text(piece) => resolve(piece, &mut text),
            Token::Comment(piece) => comment.push_str(piece),
            Token::End | Token::Literal(_) => {}
        }
    }
    let resolved = long.replace("&amp;", "&");
    assert!(text == resolved && value == resolved && comment == long);
    assert_eq!(xml.damage(), None);
}

/// The witness: on well-formed input the same elements, attributes and text come out of `quick-xml`.
#[test]
fn quick_xml_sees_the_same() {
    use quick_xml::events::Event;
    let input = "<r a='1'><p><t xml:space=\"preserve\"> x &amp; y</t><e k='v'/></p>\n<q>ậ&#7853;</q></r>";
    let mut ours = String::new();
    let mut xml = Xml::new(input.as_bytes());
    while let Some(token) = xml.next().unwrap() {
        match token {
            Token::Start(tag) => {
                ours.push_str(&format!("<{}", tag.name));
                tag.attributes().for_each(|a| ours.push_str(&format!(" {}={}", a.name, a.value())));
                ours.push('>');
            }
            Token::End => ours.push_str("</>"),
            Token::Text(text) => resolve(text, &mut ours),
            Token::Literal(text) | Token::Comment(text) => ours.push_str(text),
        }
    }
    let mut theirs = String::new();
    let mut reader = quick_xml::Reader::from_str(input);
    reader.config_mut().expand_empty_elements = true;
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) => {
                theirs.push_str(&format!("<{}", tag.name().as_ref()));
                for a in tag.attributes().map(Result::unwrap) {
                    theirs.push_str(&format!(
                        " {}={}",
                        a.key.as_ref(),
                        a.normalized_value(quick_xml::XmlVersion::Implicit1_0).unwrap()
                    ));
                }
                theirs.push('>');
            }
            Event::End(_) => theirs.push_str("</>"),
            Event::Text(text) => theirs.push_str(&text.xml10_content()),
            Event::GeneralRef(r) => resolve(&format!("&{};", r.into_inner()), &mut theirs),
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(ours, theirs);
}

#[test]
fn parts_without_text_are_known() {
    let only_markup = |xml: &str| Xml::new(xml.as_bytes()).holds_only_markup().unwrap();
    let long = "<a k=\"0123456789\"/>".repeat(2_000);
    assert!(only_markup("<?xml version=\"1.0\"?>\r\n<a>\n  <b k=\"x y\"/>\n</a>\n"));
    assert!(only_markup(&format!("<a>{long}</a>")));
    for text in ["MẬT", " MẬT", "\n\tx", "<!--x-->", "<![CDATA[x]]>", "\u{a0}x"] {
        assert!(!only_markup(&format!("<a><b/>{text}</a>")), "{text}");
        assert!(!only_markup(&format!("<a>{long}{text}<b/></a>")), "{text}");
    }
    // Wherever the first window ends: within a comment's beginning, between a tag and the text behind it...
    for fill in CHUNK - 30..CHUNK + 5 {
        for text in ["<!--x-->", "  x"] {
            let start = format!("<a k=\"{}\">", "y".repeat(fill - 8));
            assert!(!only_markup(&format!("{start}{text}</a>")), "{fill} {text}");
        }
    }
    assert!(!only_markup("<a><b"));
}

#[test]
fn what_comes_before_a_break_is_read() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::InvalidData.into())
        }
    }
    let mut xml = Xml::new("<a>T\u{1ed0}I M\u{1eac}T<b/>".as_bytes().chain(Broken));
    let mut tokens = 0;
    while let Ok(Some(_)) = xml.next() {
        tokens += 1;
    }
    assert_eq!(tokens, 4);
    let mut xml = Xml::new("<a><b/>".as_bytes().chain(Broken));
    assert!(xml.next().is_ok());
    assert!(xml.skip_markup("a").is_err());
}

#[test]
fn a_deep_part_stays_balanced() {
    let mut nest = Nest::new(3);
    for n in 0..10 {
        assert_eq!(nest.push(n), n < 3);
    }
    let popped: Vec<Option<i32>> = (0..11).map(|_| nest.pop()).collect();
    assert_eq!(popped[..7], [None; 7]);
    assert_eq!(popped[7..], [Some(2), Some(1), Some(0), None]);
    assert!(nest.overflowed());
}
