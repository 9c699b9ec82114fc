//! Office packages that are encrypted (MS-OFFCRYPTO 2.3.4.5 to 2.3.4.15), with the password nobody is asked for or one of the list.
//!
//! Excel and PowerPoint write a document that is only protected against changes encrypted with a password of their own, and open it
//! without asking. In: the streams `EncryptionInfo` and `EncryptedPackage`. Out: the package, decrypted while it is read.

use std::io::{self, Read};

use aes::cipher::{BlockModeDecrypt as _, KeyIvInit as _};
use aes::{Aes128, Aes192, Aes256};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::{u16_at, u32_at};
use crate::extract::base64;
use crate::extract::xml::{Token, Xml};

/// More rounds of the hash than this are not made: Office makes 100,000, the format allows 10,000,000.
const MAX_ROUNDS: u32 = 1_000_000;

/// Bits of the longest key of AES.
const MAX_KEY: usize = 256;

/// Bytes of the package that have a vector of their own.
const SEGMENT: usize = 4_096;

const BLOCK: usize = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    fn named(name: &str) -> Option<Hash> {
        Some(match name.replace('-', "").to_ascii_uppercase().as_str() {
            "SHA1" => Hash::Sha1,
            "SHA256" => Hash::Sha256,
            "SHA384" => Hash::Sha384,
            "SHA512" => Hash::Sha512,
            _ => return None,
        })
    }

    fn of(self, parts: &[&[u8]]) -> Vec<u8> {
        fn digest<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
            let mut hasher = D::new();
            parts.iter().for_each(|part| hasher.update(part));
            hasher.finalize().to_vec()
        }
        match self {
            Hash::Sha1 => digest::<Sha1>(parts),
            Hash::Sha256 => digest::<Sha256>(parts),
            Hash::Sha384 => digest::<Sha384>(parts),
            Hash::Sha512 => digest::<Sha512>(parts),
        }
    }

    /// The hash of a password after so many rounds.
    fn of_password(self, salt: &[u8], password: &str, rounds: u32) -> Vec<u8> {
        let letters: Vec<u8> = password.encode_utf16().flat_map(u16::to_le_bytes).collect();
        (0..rounds).fold(self.of(&[salt, &letters]), |hash, round| self.of(&[&round.to_le_bytes(), &hash]))
    }
}

/// How the package is encrypted, with its key.
#[derive(Debug)]
pub(super) enum Key {
    /// One vector for each segment.
    Agile { key: Vec<u8>, hash: Vectors },
    /// Block by block.
    Standard(Vec<u8>),
}

/// What the vectors of segments are made of.
#[derive(Debug)]
pub(super) struct Vectors {
    hash: Hash,
    salt: Vec<u8>,
}

impl Key {
    /// The key from the content of `EncryptionInfo`; `None` when another password or another method is needed.
    pub(super) fn new(info: &[u8], password: &str) -> Option<Key> {
        match (u16_at(info, 0)?, u16_at(info, 2)?) {
            (4, 4) => agile(info.get(8..)?, password),
            (2..=4, 2) => standard(info, password),
            _ => None,
        }
    }

    fn decrypt(&self, number: u32, bytes: &mut [u8]) -> Option<()> {
        match self {
            Key::Agile { key, hash: Vectors { hash, salt } } => {
                let mut vector = hash.of(&[salt, &number.to_le_bytes()]);
                vector.resize(BLOCK, 0x36);
                cbc(key, &vector, bytes)
            }
            Key::Standard(key) => {
                let none = [0; BLOCK];
                bytes.chunks_exact_mut(BLOCK).try_for_each(|block| cbc(key, &none, block))
            }
        }
    }
}

/// AES in CBC mode, in place. One block under a vector of zeros is a block in ECB mode.
fn cbc(key: &[u8], vector: &[u8], bytes: &mut [u8]) -> Option<()> {
    let (blocks, _) = bytes.as_chunks_mut::<BLOCK>();
    macro_rules! run {
        ($aes:ty) => {{
            let mut mode = cbc::Decryptor::<$aes>::new_from_slices(key, vector).ok()?;
            for block in blocks {
                mode.decrypt_block(block.into());
            }
        }};
    }
    match key.len() {
        16 => run!(Aes128),
        24 => run!(Aes192),
        32 => run!(Aes256),
        _ => return None,
    }
    Some(())
}

/// MS-OFFCRYPTO 2.3.4.10 to 2.3.4.13.
fn agile(xml: &[u8], password: &str) -> Option<Key> {
    #[derive(Default)]
    struct Part {
        salt: Vec<u8>,
        hash: Option<Hash>,
        key_len: usize,
        rounds: u32,
        values: [Vec<u8>; 3],
        is_known: bool,
    }
    let (mut data, mut locked) = (Part::default(), Part::default());
    let mut reader = Xml::new(xml);
    while let Ok(Some(token)) = reader.next() {
        let Token::Start(tag) = token else { continue };
        let part = match tag.local() {
            "keyData" => &mut data,
            "encryptedKey" => &mut locked,
            _ => continue,
        };
        let text = |name: &str| tag.raw(name).unwrap_or_default();
        let bytes = |name: &str| base64::decode(text(name).as_bytes());
        part.salt = bytes("saltValue");
        part.hash = Hash::named(text("hashAlgorithm"));
        part.key_len = text("keyBits").parse::<usize>().ok().filter(|bits| *bits <= MAX_KEY)? / 8;
        part.rounds = text("spinCount").parse().unwrap_or(0);
        part.values = [
            bytes("encryptedVerifierHashInput"),
            bytes("encryptedVerifierHashValue"),
            bytes("encryptedKeyValue"),
        ];
        part.is_known = text("cipherAlgorithm") == "AES" && text("cipherChaining") == "ChainingModeCBC";
    }
    let (hash, of_data) = (locked.hash?, data.hash?);
    if !locked.is_known || !data.is_known || locked.rounds > MAX_ROUNDS {
        return None;
    }
    let from_password = hash.of_password(&locked.salt, password, locked.rounds);
    let mut vector = locked.salt.clone();
    vector.resize(BLOCK, 0x36);
    // A key for each value (MS-OFFCRYPTO 2.3.4.13).
    let open = |value: &[u8], purpose: [u8; 8]| -> Option<Vec<u8>> {
        let mut key = hash.of(&[&from_password, &purpose]);
        key.resize(locked.key_len, 0x36);
        let mut value = value.to_vec();
        cbc(&key, &vector, &mut value)?;
        Some(value)
    };
    let [input, expected, key] = &locked.values;
    let mut input = open(input, [0xFE, 0xA7, 0xD2, 0x76, 0x3B, 0x4B, 0x9E, 0x79])?;
    let expected = open(expected, [0xD7, 0xAA, 0x0F, 0x6D, 0x30, 0x61, 0x34, 0x4E])?;
    input.truncate(locked.salt.len());
    if !expected.starts_with(&hash.of(&[&input])) || expected.is_empty() {
        return None;
    }
    let mut key = open(key, [0x14, 0x6E, 0x0B, 0xE7, 0xAB, 0xAC, 0xD0, 0xD6])?;
    key.truncate(data.key_len);
    Some(Key::Agile { key, hash: Vectors { hash: of_data, salt: data.salt } })
}

/// MS-OFFCRYPTO 2.3.4.5 to 2.3.4.9.
fn standard(info: &[u8], password: &str) -> Option<Key> {
    const ROUNDS: u32 = 50_000;
    let size = u32_at(info, 8)? as usize;
    let header = info.get(12..)?.get(..size)?;
    // AES with 128, 192 or 256 bits.
    if !(0x660E..=0x6610).contains(&u32_at(header, 8)?) {
        return None;
    }
    let key_len = u32_at(header, 16)? as usize / 8;
    let verifier = info.get(12 + size..)?;
    let hash = Hash::Sha1.of_password(verifier.get(4..20)?, password, ROUNDS);
    let hash = Hash::Sha1.of(&[&hash, &[0; 4]]);
    let half = |fill: u8| {
        let mut block = [fill; 64];
        block.iter_mut().zip(&hash).for_each(|(byte, of_hash)| *byte ^= of_hash);
        Hash::Sha1.of(&[&block])
    };
    let mut key = [half(0x36), half(0x5C)].concat();
    key.truncate(key_len);
    let key = Key::Standard(key);
    let (mut input, mut expected) = (verifier.get(20..36)?.to_vec(), verifier.get(40..72)?.to_vec());
    key.decrypt(0, &mut input)?;
    key.decrypt(0, &mut expected)?;
    expected.starts_with(&Hash::Sha1.of(&[&input])).then_some(key)
}

/// The package, decrypted.
pub(super) struct Decrypted<R> {
    from: R,
    key: Key,
    /// Bytes of the package that are still to come.
    left: u64,
    segment: Vec<u8>,
    at: usize,
    number: u32,
}

impl<R: Read> Decrypted<R> {
    /// `from` is the stream `EncryptedPackage`, which begins with the length of the package.
    ///
    /// # Errors
    /// What reading gave.
    pub(super) fn new(mut from: R, key: Key) -> io::Result<Decrypted<R>> {
        let mut len = [0; 8];
        from.read_exact(&mut len)?;
        Ok(Decrypted { from, key, left: u64::from_le_bytes(len), segment: Vec::new(), at: 0, number: 0 })
    }
}

impl<R: Read> Read for Decrypted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.segment.len() && self.left > 0 {
            self.segment.clear();
            self.at = 0;
            (&mut self.from).take(SEGMENT as u64).read_to_end(&mut self.segment)?;
            let whole = self.segment.len() / BLOCK * BLOCK;
            self.segment.truncate(whole);
            self.key.decrypt(self.number, &mut self.segment).ok_or(io::ErrorKind::InvalidData)?;
            self.number = self.number.wrapping_add(1);
            self.segment.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
            if self.segment.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.left -= self.segment.len() as u64;
        }
        let rest = self.segment.get(self.at..).unwrap_or_default();
        let length = rest.len().min(into.len());
        if let (Some(to), Some(from)) = (into.get_mut(..length), rest.get(..length)) {
            to.copy_from_slice(from);
        }
        self.at += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWORD: &str = "VelvetSweatshop";

    #[test]
    #[ignore = "reads the protected packages of Apache POI below DAUMAT_POI"]
    fn packages_of_office_open_with_their_passwords() {
        let folder = std::env::var("DAUMAT_POI").unwrap();
        for (path, password) in [
            ("poifs/protected_agile.docx", PASSWORD),
            ("poifs/protected_sha512.xlsx", "this is a test"),
            ("document/bug53475-password-is-pass.docx", "pass"),
            ("document/bug53475-password-is-solrcell.docx", "solrcell"),
            ("spreadsheet/protected_passtika.xlsx", "tika"),
        ] {
            let mut file = cfb::open(format!("{folder}/{path}")).unwrap();
            let mut info = Vec::new();
            file.open_stream("EncryptionInfo").unwrap().read_to_end(&mut info).unwrap();
            assert_eq!(Key::new(&info, PASSWORD).is_some(), password == PASSWORD, "{path}");
            let key = Key::new(&info, password).unwrap_or_else(|| panic!("{path}"));
            let mut package = Vec::new();
            let stream = file.open_stream("EncryptedPackage").unwrap();
            Decrypted::new(stream, key).unwrap().read_to_end(&mut package).unwrap();
            let mut zip = zip::ZipArchive::new(io::Cursor::new(package)).unwrap();
            for part in 0..zip.len() {
                io::copy(&mut zip.by_index(part).unwrap(), &mut io::sink()).unwrap();
            }
        }
    }

    #[test]
    fn hostile_headers_end() {
        let xml = r#"<encryption><keyData saltValue="" hashAlgorithm="SHA512" keyBits="9"/><keyEncryptors><encryptedKey
            spinCount="4000000000" keyBits="256" hashAlgorithm="SHA512" cipherAlgorithm="AES" cipherChaining="ChainingModeCBC"/></keyEncryptors></encryption>"#;
        let info = [&[4, 0, 4, 0, 0x40, 0, 0, 0][..], xml.as_bytes()].concat();
        for end in 0..info.len() {
            assert!(Key::new(info.get(..end).unwrap(), PASSWORD).is_none());
        }
        let long = xml.replace("keyBits=\"256\"", "keyBits=\"9999999999999\"").replace("4000000000", "1");
        assert!(Key::new(&[&info[..8], long.as_bytes()].concat(), PASSWORD).is_none());
        assert!(Key::new(&[3, 0, 2, 0, 0, 0, 0, 0, 255, 255, 255, 255], PASSWORD).is_none());
    }
}
