use proptest::prelude::*;

use super::super::limits::{Budget, Limits};
use super::super::testing::Record;
use super::*;

fn read(message: &str) -> Record {
    let mut sink = Record::default();
    read_message(message.replace('\n', "\r\n").as_bytes(), 100, &mut sink).unwrap();
    sink
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
        read(&text);
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
