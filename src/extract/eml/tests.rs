use proptest::prelude::*;

use super::super::limits::{Budget, Limits};
use super::super::testing::Record;
use super::*;

fn read(message: &str) -> Record {
    let message = message.replace('\n', "\r\n");
    let mut sink = Record::default();
    read_message(message.as_bytes(), 100, &mut sink).unwrap();
    assert_eq!(told(&read_once(message.as_bytes())), told(&sink), "read once");
    sink
}

/// The message as one too large to be held.
fn read_once(message: &[u8]) -> Record {
    let mut sink = Record::default();
    large::read(message, 100, &Budget::new(Limits::default()), &mut sink).unwrap();
    sink
}

fn base64_of(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |three: &[u8]| {
        let bits = (0..3).fold(0u32, |bits, at| bits << 8 | u32::from(*three.get(at).unwrap_or(&0)));
        (0..4).map(move |at| char::from(LETTERS[(bits >> (18 - 6 * at)) as usize & 63])).take(three.len() + 1)
    };
    bytes.chunks(3).flat_map(group).collect()
}

/// All that was found, in an order of its own.
fn told(sink: &Record) -> Vec<String> {
    let mut told = sink.lines();
    told.extend(
        sink.members.iter().map(|(name, content)| format!("member {name} {}", content.escape_ascii())),
    );
    told.extend(sink.unread.iter().map(|(name, reason)| format!("unread {name} {}", reason.as_str())));
    told.extend(sink.gaps.iter().map(|gap| format!("gap {}", gap.detail)));
    told.extend(sink.facts.iter().map(|(code, value)| format!("fact {code} {value}")));
    told.sort();
    told
}

#[test]
fn a_message_larger_than_memory_gives_its_parts_one_by_one() {
    let page = "Công văn số 12/UBND\r\n".repeat(30_000);
    let attached: Vec<u8> = (0..3_000_000u32).map(|at| (at % 251) as u8).collect();
    // Three bytes are four letters, a line of 57 is one of 76.
    let lines: Vec<String> = attached.chunks(57).map(base64_of).collect();
    let quoted = "M=E1=BA=ACT=\r\n x =3D\r\n".repeat(60_000);
    let message = format!(
        "From: a@vidu.example\r\nSubject: T\u{1ed0}I M\u{1eac}T\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nSECRET\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{page}\
         --b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n\
         --b\r\nContent-Type: text/plain; name=q.txt\r\nContent-Disposition: attachment\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\r\n{quoted}--b--\r\n",
        lines.join("\r\n")
    );
    let budget = Budget::new(Limits { max_in_memory: 1 << 20, ..Limits::default() });
    let mut stream = message.as_bytes();
    let mut input = Input::from_stream("a.eml", &mut stream, &budget).unwrap();
    let mut sink = Record::default();
    Eml.read(&mut input, &mut sink).unwrap();
    assert_eq!(sink.gaps, []);
    assert_eq!(sink.of(Kind::Body), ["SECRET\r\n"]);
    let names: Vec<&str> = sink.members.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["part-3.txt", "a.pdf", "q.txt"]);
    assert!(sink.members[0].1 == page.as_bytes(), "text");
    assert!(sink.members[1].1 == attached, "base64");
    assert!(sink.members[2].1 == "M\u{1eac}T x =\r\n".repeat(60_000).as_bytes(), "quoted-printable");
}

#[test]
#[ignore = "compares both ways of reading on the messages in the folders of DAUMAT_MAIL"]
fn both_ways_agree_on_public_messages() {
    let mut waiting: Vec<std::path::PathBuf> =
        std::env::var("DAUMAT_MAIL").unwrap().split(':').map(Into::into).collect();
    let mut count = 0;
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(std::fs::read_dir(path).unwrap().flatten().map(|entry| entry.path()));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap_or_default();
        let name = path.to_string_lossy().to_lowercase();
        let mail = [".eml", ".mht", ".mhtml"].iter().any(|end| name.ends_with(end));
        if mail && has_headers(&bytes) {
            let mut sink = Record::default();
            read_message(&bytes, 100, &mut sink).unwrap();
            assert_eq!(told(&read_once(&bytes)), told(&sink), "{name}");
            count += 1;
        }
    }
    assert!(count > 0);
    println!("{count} messages");
}

#[test]
fn headers_texts_and_attachments() {
    let sink = read(
        "From: =?utf-8?Q?S=E1=BB=9F_Th=E1=BB=AD?= <a@vidu.example>\nTo: b@vidu.example\n\
         Subject: =?utf-8?B?VFVZ4bs=?=\n =?utf-8?B?hlQgTeG6rFQ=?= x\nX-Protective-Marking: VER=2018.4,\n SEC=SECRET\n\
         MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"b;1\"\n\nsee\n--b;1\n\
         Content-Type: multipart/alternative; boundary=in\n\n--in\n\nM=1\n--in\n\
         Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n<p>M=E1=BA=ACT=\n!</p>\n\
         --in--\n--b;1\nContent-Type: application/pdf; name*0*=utf-8''t%E1%BA%ADp; name*1=.pdf\n\
         Content-Transfer-Encoding: base64\n\nJVBERg==\n--b;1\nContent-Type: message/rfc822\n\nSubject: x\n\ny\n--b;1--\nafter\n",
    );
    let lines = sink.lines();
    for expected in [
        "property|from|Sở Thử <a@vidu.example>",
        "subject|subject|TUYỆT MẬT x",
        "label|x-protective-marking|VER=2018.4, SEC=SECRET",
        "hidden|preamble|see\r\n",
        "hidden|epilogue|after\r\n",
        "body||M=1\r\n",
        "body||MẬT!\n",
    ] {
        assert!(lines.iter().any(|line| line == expected), "{expected:?} not in {lines:#?}");
    }
    assert_eq!(sink.members[0].0, "tập.pdf");
    assert_eq!(sink.members[0].1, b"%PDF");
    assert_eq!(sink.members[1].0, "part-6.eml");
}

#[test]
fn encrypted_messages_are_gaps() {
    for kind in [
        "multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b",
        "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m",
    ] {
        let sink = read(&format!("From: a@b.example\nTo: c\nContent-Type: {kind}\n\nMIAG\n"));
        assert_eq!(sink.gaps[0].reason, GapReason::Encrypted);
    }
}

#[test]
fn a_boundary_that_is_missing_loses_no_text() {
    let sink = read("From: a\nTo: b\nContent-Type: multipart/mixed; boundary=x\n\nMẬT\n");
    assert_eq!(sink.text_of(Kind::Body), "MẬT\r\n");
    let sink = read("From: a\nTo: b\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\ncut off MẬT");
    assert_eq!(sink.text_of(Kind::Body), "cut off MẬT");
}

#[test]
fn mailboxes_are_members() {
    let bytes = b"From a@b Thu Jan  1 00:00:00 2026\nSubject: 1\nFrom: x\n\none\n>From here\nFrom there\n\n\
        From a@b Thu Jan  1 00:00:00 2026\nSubject: 2\nFrom: x\n\ntwo\n";
    assert!(Mbox.matches(&Head { bytes, extension: "", media: None }));
    let budget = Budget::new(Limits::default());
    let mut input = Input::from_bytes("a.mbox", bytes, &budget);
    let mut sink = Record::default();
    Mbox.read(&mut input, &mut sink).unwrap();
    let texts: Vec<_> = sink.members.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes)).collect();
    assert_eq!(
        texts,
        ["Subject: 1\nFrom: x\n\none\nFrom here\nFrom there\n\n", "Subject: 2\nFrom: x\n\ntwo\n"]
    );
}

#[test]
fn what_is_a_message() {
    assert!(has_headers(b"Received: by x\r\n\tid 1\r\nFrom: a\r\n\r\n"));
    assert!(!has_headers(b"Note: this\nFrom here on: nothing\n"));
    assert!(!has_headers(b"From: only one\n\nSubject: no\n"));
}

proptest! {
    #[test]
    fn any_message_ends(text in "(From: a\n|To: b\n|Content-Type: multipart/mixed; boundary=x\n|\n|--x\n|--x--\n|=\\?utf-8\\?B\\?|\\?=|[a-z ]{0,5}){0,30}") {
        read_message(text.as_bytes(), 100, &mut Record::default()).unwrap();
        read_once(text.as_bytes());
    }
}

#[test]
fn signed_parts_files_in_letters_and_labels() {
    let sink = read(
        "From: a\nTo: b\nMIME-Version: 1.0\nSIO-Label: marking=\"TOP SECRET\"; type=\":ess\"\n\
         Content-Type: multipart/signed; boundary=b; protocol=\"application/pkcs7-signature\"\n\n--b\n\
         Subject: protected\nContent-Type: text/plain; charset=utf-7; format=flowed\n\nM+Hqw-T \nmore\n\n\
         begin 644 a.txt\n*5$]0(%-%0U)%5   \n`\nend\nafter\n--b\n\
         Content-Type: application/pkcs7-signature\n\nMIAG\n--b--\n",
    );
    let lines = sink.lines();
    for expected in [
        "label|sio-label marking|TOP SECRET",
        "subject|subject|protected",
        "body||M\u{1eac}T more\r\n\r\n",
        "body||after\r\n",
    ] {
        assert!(lines.iter().any(|line| line == expected), "{expected:?} not in {lines:#?}");
    }
    assert_eq!(sink.members, [("a.txt".to_owned(), b"TOP SECRET".to_vec())]);
    assert!(sink.gaps.is_empty());
}

#[test]
fn messages_of_apple_mail() {
    let message = b"From: a\nTo: b\n\nTOP SECRET\n";
    let bytes =
        [format!("{}  \n", message.len()).as_bytes(), message, b"<?xml version=\"1.0\"?><plist/>"].concat();
    assert!(Emlx.matches(&Head { bytes: &bytes, extension: "emlx", media: None }));
    assert!(!Emlx.matches(&Head { bytes: b"12\n34\n", extension: "", media: None }));
    let budget = Budget::new(Limits::default());
    let mut sink = Record::default();
    Emlx.read(&mut Input::from_bytes("1.emlx", &bytes, &budget), &mut sink).unwrap();
    assert_eq!(sink.members[0].1, message);
    assert_eq!(sink.members[1].1, b"<?xml version=\"1.0\"?><plist/>");
}

#[test]
fn what_only_its_server_opens_is_encrypted() {
    let sink = read(
        "From: a\nTo: b\nContent-Type: application/x-microsoft-rpmsg-message; name=message.rpmsg\n\
         Content-Disposition: attachment\n\nabc\n",
    );
    assert_eq!(sink.unread, [("message.rpmsg".to_owned(), GapReason::Encrypted)]);
}
