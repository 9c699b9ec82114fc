//! Long files, and some of their pages.

use super::*;

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
fn pdf_of_more_pages_than_allowed_is_read_at_its_beginning() {
    let contents: Vec<String> =
        (1..=9).map(|number| format!("BT /F 12 Tf 50 400 Td (page {number}) Tj ET")).collect();
    let contents: Vec<&str> = contents.iter().map(String::as_str).collect();
    let bytes = pages(&contents, "", "", "", &[], "");
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&bytes).unwrap();
    let told = |most, from: &mut dyn FnMut(&Rc<Budget>) -> Seen| {
        let seen = from(&Budget::new(Limits { max_pages: most, ..Limits::default() }));
        (seen.body().join(" "), seen.gaps)
    };
    // From a file, where the other pages stay untouched, and out of a container, where they cannot.
    let mut from_file = |budget: &Rc<Budget>| {
        let mut seen = Seen::default();
        Pdf.read(&mut Input::from_file("long.pdf", &file, budget).unwrap(), &mut seen).unwrap();
        seen
    };
    let mut from_bytes = |budget: &Rc<Budget>| {
        let mut seen = Seen::default();
        Pdf.read(&mut Input::from_bytes("long.pdf", &bytes, budget), &mut seen).unwrap();
        seen
    };
    let left = vec![(GapReason::LimitCount, "first 2 of 9 pages read".to_owned())];
    assert_eq!(told(2, &mut from_file), ("page 1 page 2".to_owned(), left.clone()));
    assert_eq!(told(2, &mut from_bytes), ("page 1 page 2".to_owned(), left));
    let all = told(u32::MAX, &mut from_file);
    assert_eq!(all.1, []);
    assert_eq!(told(9, &mut from_file), all);
}

#[test]
fn pdf_with_lost_pages_says_so_when_it_is_read_at_its_beginning() {
    let contents = ["BT /F 12 Tf 50 400 Td (page) Tj ET"; 9];
    let whole = pages(&contents, "", "", "", &[], "");
    let table = memchr::memmem::rfind(&whole, b"xref\n0").unwrap();
    let lost = String::from_utf8_lossy(&whole[..table])
        .replace("/Type/Catalog", "/Tipe/Kat")
        .replace("/Type/Pages", "/Tipe/Pags");
    let more = String::from_utf8_lossy(&whole).replace("/Count 9", "/Count 12");
    let broken = "page tree broken; read from what is left";
    for (bytes, told) in [(lost, broken), (more, "12 pages declared, 9 found")] {
        let seen = read_with(bytes.as_bytes(), Limits { max_pages: 2, ..Limits::default() });
        let left = (GapReason::LimitCount, "first 2 of 9 pages read".to_owned());
        assert_eq!(seen.gaps, [(GapReason::Damaged, told.to_owned()), left]);
        assert_eq!(seen.body(), ["page", "page"]);
        assert_eq!(seen.facts, [("pages", "9".to_owned()), ("pages-read", "1-2".to_owned())]);
    }
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
