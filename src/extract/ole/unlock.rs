//! Documents and presentations that are encrypted with RC4 or obfuscated with XOR and open with a password of a program or of the list
//! (MS-DOC 2.2.6, MS-PPT 2.3.7, MS-OFFCRYPTO 2.3.5.4 and 2.3.7).
//!
//! In: an encrypted compound file. Out: a copy of it in memory as it was before, for the readers that know nothing of this.

use std::io;

use super::compound::Compound;
use super::rc4_key::{Key, passwords};
use super::{ppt, property_set, u16_at, u32_at, xls, xor_key};
use crate::extract::limits::LimitReached;
use crate::extract::{Member, Sink, Unreadable};
use crate::model::{Gap, GapReason};

/// Bytes of a Word document's streams that have a key of their own (MS-DOC 2.2.6.2).
const BLOCK: usize = 512;

/// What of the main stream of a Word document is never encrypted (MS-DOC 2.2.6).
const CLEAR: usize = 68;

/// The same of Word 6 and 95.
const CLEAR_OLD: usize = 52;

/// How the streams of a Word document open.
enum Opens {
    Rc4(Key),
    Xor([u8; 16]),
}

/// A copy of a Word document without its encryption; `None` when no password fits.
///
/// # Errors
/// When its streams cannot be read.
pub(super) fn document(file: &mut Compound<'_>) -> io::Result<Option<Vec<u8>>> {
    let Some(main) = file.find("WordDocument") else { return Ok(None) };
    let mut head = file.head(main, CLEAR as u64);
    let fields = u16_at(&head, 2).zip(u16_at(&head, 10)).zip(u32_at(&head, 14));
    let Some(((version, flags), lock)) = fields else { return Ok(None) };
    if version < 0xC0 {
        head.truncate(CLEAR_OLD);
    }
    let budget = std::rc::Rc::clone(file.budget());
    // fObfuscated: XOR; Word 6 and 95 have nothing else.
    let opens = if flags & 0x8000 != 0 || version < 0xC0 {
        let (key, verifier) = ((lock >> 16) as u16, lock as u16);
        passwords(&budget).find_map(|password| xor_key::array(password, key, verifier, 7)).map(Opens::Xor)
    } else {
        let table = if flags & 0x0200 != 0 { "1Table" } else { "0Table" };
        let Some(at) = file.find(table) else { return Ok(None) };
        let header = file.head(at, u64::from(lock.min(1 << 16)));
        passwords(&budget).find_map(|password| Key::new(&header, password)).map(Opens::Rc4)
    };
    let Some(opens) = opens else { return Ok(None) };
    let open = |bytes: &mut [u8]| match &opens {
        Opens::Rc4(key) => key.open_blocks(BLOCK, bytes),
        Opens::Xor(array) => xor_key::open(array, bytes),
    };
    file.copy_with(&mut |name, mut bytes| {
        match name {
            "WordDocument" => {
                open(&mut bytes);
                let clear = bytes.len().min(head.len());
                if let (Some(to), Some(from)) = (bytes.get_mut(..clear), head.get(..clear)) {
                    to.copy_from_slice(from);
                }
                // fEncrypted.
                if let Some(flags) = bytes.get_mut(11) {
                    *flags &= !1;
                }
            }
            // Word 2003 writes zeros where there are no data, and leaves them so.
            "Data" if bytes.iter().all(|byte| *byte == 0) => {}
            "0Table" | "1Table" | "Data" => open(&mut bytes),
            "encryption" => {
                if let Opens::Rc4(key) = &opens {
                    return streams(key, bytes).0;
                }
            }
            _ => {}
        }
        vec![(None, bytes)]
    })
    .map(Some)
}

/// A copy of a presentation without its encryption; `None` when no password fits.
///
/// # Errors
/// When its streams cannot be read.
pub(super) fn presentation(file: &mut Compound<'_>) -> io::Result<Option<Vec<u8>>> {
    /// MS-PPT 2.3.2, headerToken of a presentation that is not encrypted.
    const PLAIN: [u8; 4] = 0xE391_C05F_u32.to_le_bytes();
    let (Some(user), Some(main)) = (file.find("Current User"), file.find("PowerPoint Document")) else {
        return Ok(None);
    };
    let Some(edit) = u32_at(&file.small(user), 16) else { return Ok(None) };
    let budget = std::rc::Rc::clone(file.budget());
    let len = file.stream(main).len;
    if len > budget.room() {
        return Err(io::Error::other(LimitReached { reason: GapReason::LimitSize }));
    }
    let content = file.head(main, len);
    let Some(session) = ppt::crypt::Session::find(&content, edit) else { return Ok(None) };
    let key = passwords(&budget).find_map(|password| Key::new(session.header(&content)?, password));
    drop(content);
    let Some(key) = key else { return Ok(None) };
    file.copy_with(&mut |name, mut bytes| {
        match name {
            "PowerPoint Document" => session.open(&key, &mut bytes),
            "Pictures" => ppt::crypt::open_pictures(&key, &mut bytes),
            "Current User" => {
                if let Some(token) = bytes.get_mut(12..16) {
                    token.copy_from_slice(&PLAIN);
                }
            }
            "EncryptedSummary" => return streams(&key, bytes).0,
            _ => {}
        }
        vec![(None, bytes)]
    })
    .map(Some)
}

/// Pushes the properties of a workbook that are encrypted with it, each set of them a stream inside one (MS-OFFCRYPTO 2.3.5.4), and what else
/// lies there; without a password nothing, which the reader of the workbook tells.
///
/// # Errors
/// When the sink stops.
pub(super) fn properties_of_workbook(file: &mut Compound<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let Some((at, book)) = file.find("encryption").zip(file.find("Workbook")) else { return Ok(()) };
    let budget = std::rc::Rc::clone(file.budget());
    // FilePass is one of the first records.
    let head = file.head(book, 4_096);
    let Some(pass) = xls::file_pass(&head) else { return Ok(()) };
    let content = file.claim(at);
    // Only RC4 has such a stream; its header follows the number of the method.
    let key = passwords(&budget).find_map(|password| Key::new(pass.get(2..)?, password));
    let (found, more) = key.map(|key| streams(&key, content)).unwrap_or_default();
    if more {
        sink.gap(Gap::new(GapReason::LimitCount, format!("more than {MOST_STREAMS} encrypted streams")));
    }
    for (name, content) in found {
        // With RC4 CryptoAPI controls, lists and embedded objects may lie there, too (MS-XLS 2.2.10).
        match name.as_deref() {
            Some(name) if !name.starts_with('\u{5}') => {
                sink.member(Member::named(name), &mut content.as_slice())?;
            }
            _ => property_set::read(&content, sink)?,
        }
    }
    Ok(())
}

/// Streams with their names.
type Named = Vec<(Option<String>, Vec<u8>)>;

/// Streams in one encrypted stream that are read; two is what programs write.
const MOST_STREAMS: u32 = 16;

/// The streams that lie in one encrypted stream, mostly of properties, with their names (MS-OFFCRYPTO 2.3.5.4), and whether there are more.
fn streams(key: &Key, bytes: Vec<u8>) -> (Named, bool) {
    let mut streams = Vec::new();
    let mut head = bytes.get(..8).unwrap_or_default().to_vec();
    key.open(0, &mut head);
    let listed = u32_at(&head, 0).zip(u32_at(&head, 4)).and_then(|(offset, len)| {
        let mut list = bytes.get(offset as usize..)?.get(..len as usize)?.to_vec();
        key.open(0, &mut list);
        Some(list)
    });
    let list = listed.unwrap_or_default();
    let mut at = 4;
    let count = u32_at(&list, 0).unwrap_or(0);
    for _ in 0..count.min(MOST_STREAMS) {
        let entry = || {
            let (offset, len) = (u32_at(&list, at)? as usize, u32_at(&list, at + 4)? as usize);
            let (block, letters) = (u16_at(&list, at + 8)?, usize::from(*list.get(at + 10)?));
            let name = list.get(at + 16..)?.get(..letters * 2)?;
            let name: String = char::decode_utf16((0..letters).filter_map(|letter| u16_at(name, letter * 2)))
                .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect();
            let mut content = bytes.get(offset..)?.get(..len)?.to_vec();
            key.open(u32::from(block), &mut content);
            Some((name, content, at + 16 + letters * 2 + 2))
        };
        let Some((name, content, next)) = entry() else { break };
        streams.push((Some(name), content));
        at = next;
    }
    (streams, count > MOST_STREAMS)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::super::Ole;
    use super::Key;
    use crate::extract::Format as _;
    use crate::extract::Input;
    use crate::extract::limits::{Budget, Limits};
    use crate::extract::testing::{Record, Seen};

    fn read(bytes: &[u8], passwords: &[&str]) -> Record {
        let passwords: Vec<String> = passwords.iter().map(|&password| password.to_owned()).collect();
        let budget = Budget::with_passwords(Limits::default(), None, &passwords);
        let mut record = Record::default();
        Ole.read(&mut Input::from_bytes("x", bytes, &budget), &mut record).unwrap();
        record
    }

    /// What Excel may encrypt beside the workbook (MS-XLS 2.2.10).
    #[test]
    fn what_lies_beside_the_properties_of_a_workbook_is_a_member() {
        let lock = super::xls::lock_of_excel();
        let key = Key::new(lock.get(2..).unwrap(), "freedom").unwrap();
        let book = [
            &[0x09, 0x08, 16, 0, 0, 6, 5, 0][..],
            &[0; 12],
            &[0x2F, 0, u8::try_from(lock.len()).unwrap(), 0],
            &lock,
            &[0x0A, 0, 0, 0],
        ]
        .concat();
        // Where the list stands and its length, the content of a stream, the list: one entry with the name "Ctls".
        let content = b"Orla's lamp".to_vec();
        let name: Vec<u8> = "Ctls".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let list =
            [&[1, 0, 0, 0, 8, 0, 0, 0, 11, 0, 0, 0, 1, 0, 4, 1, 0, 0, 0, 0][..], &name, &[0, 0]].concat();
        let mut parts =
            [vec![19, 0, 0, 0, u8::try_from(list.len()).unwrap(), 0, 0, 0], content.clone(), list];
        for (part, block) in parts.iter_mut().zip([0, 1, 0]) {
            key.open(block, part);
        }
        let mut file = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
        file.create_stream("/Workbook").unwrap().write_all(&book).unwrap();
        file.create_stream("/encryption").unwrap().write_all(&parts.concat()).unwrap();
        file.flush().unwrap();
        let bytes = file.into_inner().into_inner();
        let got = read(&bytes, &["freedom"]);
        assert_eq!(got.members, [("Ctls".to_owned(), content)]);
        assert!(got.gaps.is_empty(), "{:?}", got.gaps);
        assert_eq!(read(&bytes, &["wrong"]).gaps.len(), 1);
    }

    /// Files of msoffcrypto-tool's tests with what that tool makes of them.
    #[test]
    #[ignore = "reads the tests of msoffcrypto-tool below DAUMAT_MSOFFCRYPTO"]
    fn what_is_unlocked_reads_as_what_another_tool_unlocked() {
        let folder = std::env::var("DAUMAT_MSOFFCRYPTO").unwrap();
        let bytes = |path: &str| std::fs::read(format!("{folder}/{path}")).unwrap();
        for (name, password) in [
            ("rc4cryptoapi_password.doc", "Password1234_"),
            ("rc4cryptoapi_password.ppt", "Password1234_"),
            ("rc4cryptoapi_password.xls", "Password1234_"),
            ("xor_password_123456789012345.xls", "123456789012345"),
        ] {
            let locked = bytes(&format!("inputs/{name}"));
            let plain = bytes(&format!("outputs/{}", name.replace('.', "_plain.")));
            let (got, expected) = (read(&locked, &["wrong", password]), read(&plain, &[]));
            assert!(!expected.lines().is_empty(), "{name}");
            for line in expected.lines() {
                assert!(got.lines().contains(&line), "{name}: {line}");
            }
            assert!(got.gaps.is_empty(), "{name}: {:?}", got.gaps);
            assert_eq!(read(&locked, &["wrong"]).gaps.len(), 1, "{name}");
        }
    }

    /// Files that Office 2003, XP, 2007 and 2010 and LibreOffice wrote, with the password in the name; each says what the text beside it says
    /// that is not encrypted.
    #[test]
    #[ignore = "reads the Office files of openwall/john-samples below DAUMAT_JOHN"]
    fn what_office_encrypted_reads_as_what_it_did_not() {
        let folder = std::env::var("DAUMAT_JOHN").unwrap();
        let bytes = |path: &std::path::Path| std::fs::read(path).unwrap();
        let (mut files, mut xor) = (0, 0);
        for program in std::fs::read_dir(format!("{folder}/Office/Office_Secrets")).unwrap().flatten() {
            for file in std::fs::read_dir(program.path()).into_iter().flatten().flatten() {
                let name = file.file_name().into_string().unwrap();
                let Some((stem, extension)) = name.rsplit_once("_.") else { continue };
                let (_, password) = stem.rsplit_once('_').unwrap();
                if !matches!(extension, "doc" | "dot" | "xls" | "xlt") {
                    continue;
                }
                let got = read(&bytes(&file.path()), &["wrong", password]);
                assert!(got.gaps.is_empty(), "{name}: {:?}", got.gaps);
                // The workbooks hold numbers only, and their names.
                let shown = |seen: &Seen| match extension {
                    "doc" | "dot" => seen.text.contains("Lorem ipsum dolor"),
                    _ => seen.place.name.as_deref() == Some("sheet"),
                };
                assert!(got.segments.iter().any(shown), "{name}");
                // RC4 CryptoAPI encrypts the properties too.
                if name.contains("RC4-") {
                    assert!(
                        got.lines().iter().any(|line| line.starts_with("property|property|Microsoft ")),
                        "{name}"
                    );
                }
                files += 1;
                xor += usize::from(name.contains("XOR"));
            }
        }
        assert!(files >= 20 && xor == 2, "{files} {xor}");
    }
}
