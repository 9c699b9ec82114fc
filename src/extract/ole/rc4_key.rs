//! Keys of RC4 as old Office encrypts with it (MS-OFFCRYPTO 2.3.5 and 2.3.6), of workbooks, texts and presentations alike.
//!
//! RC4, MD5 and SHA-1 protect little: 40 bits of key are guessed in days. Here a password that is known is tried, nothing else.

use md5::{Digest as _, Md5};
use rc4::cipher::StreamCipher as _;
use rc4::{KeyInit as _, Rc4};
use sha1::Sha1;

use super::{u16_at, u32_at};
use crate::extract::limits::Budget;

/// Passwords that programs take themselves, so that nobody is asked: of Excel, of PowerPoint (MS-PPT 2.3.7), and none.
const OWN: [&str; 3] = ["VelvetSweatshop", "/01Hannes Ruescher/01", ""];

/// Letters of a password that count for the older programs.
const SHORT: usize = 15;

/// The passwords to try, those of programs first. Ends when the time for the file is over.
pub(super) fn passwords(budget: &Budget) -> impl Iterator<Item = &str> {
    OWN.into_iter().chain(budget.passwords().iter().map(String::as_str)).take_while(|_| !budget.is_late())
}

/// The key of a document; every block of a stream has one of its own that is made of it.
#[derive(Debug, Clone)]
pub(super) enum Key {
    /// "Office binary document RC4": 40 bits from MD5.
    Binary([u8; 5]),
    /// "RC4 CryptoAPI": so many bytes from SHA-1.
    CryptoApi([u8; 20], usize),
}

impl Key {
    /// The key from the encryption header, which begins with its version; `None` when another password or another method is needed.
    pub(super) fn new(header: &[u8], password: &str) -> Option<Key> {
        let letters: Vec<u8> = password.encode_utf16().flat_map(u16::to_le_bytes).collect();
        match (u16_at(header, 0)?, u16_at(header, 2)?) {
            (1, 1) => {
                // Word, LibreOffice and Excel of 2000 take 15 letters, later ones all.
                let short = letters.get(..2 * SHORT);
                [Some(letters.as_slice()), short].into_iter().flatten().find_map(|it| Key::binary(header, it))
            }
            (2..=4, 2) => {
                // Flags, size of what follows, that, verifier.
                let size = u32_at(header, 8)? as usize;
                let what = header.get(12..)?.get(..size)?;
                let bits = match u32_at(what, 16)? {
                    0 => 40,
                    bits => bits as usize,
                };
                let verifier = header.get(12 + size..)?;
                let mut hash = Sha1::new();
                hash.update(verifier.get(4..20)?);
                hash.update(&letters);
                let key = Key::CryptoApi(hash.finalize().into(), bits / 8);
                let mut check = [verifier.get(20..36)?, verifier.get(40..60)?].concat();
                key.stream(0)?.apply_keystream(&mut check);
                let (verifier, expected) = check.split_at_checked(16)?;
                (Sha1::digest(verifier).as_slice() == expected).then_some(key)
            }
            _ => None,
        }
    }

    /// The key of 40 bits, if it is that of these letters.
    fn binary(header: &[u8], letters: &[u8]) -> Option<Key> {
        let salt = header.get(4..20)?;
        let first = Md5::digest(letters);
        let mut hash = Md5::new();
        for _ in 0..16 {
            hash.update(first.get(..5)?);
            hash.update(salt);
        }
        let key = Key::Binary(*hash.finalize().first_chunk()?);
        let mut check: Vec<u8> = header.get(20..52)?.to_vec();
        key.stream(0)?.apply_keystream(&mut check);
        let (verifier, expected) = check.split_at_checked(16)?;
        (Md5::digest(verifier).as_slice() == expected).then_some(key)
    }

    /// The key stream of a block.
    pub(super) fn stream(&self, block: u32) -> Option<Rc4> {
        let number = block.to_le_bytes();
        match self {
            Key::Binary(key) => Rc4::new_from_slice(&Md5::digest([&key[..], &number].concat())).ok(),
            Key::CryptoApi(hash, bytes) => {
                let hash = Sha1::digest([&hash[..], &number].concat());
                // 40 bits are filled up with zeros.
                let mut key = hash.get(..(*bytes).min(16))?.to_vec();
                if key.len() <= 5 {
                    key.resize(16, 0);
                }
                Rc4::new_from_slice(&key).ok()
            }
        }
    }

    /// Decrypts bytes that begin a block; what cannot be decrypted stays.
    pub(super) fn open(&self, block: u32, bytes: &mut [u8]) {
        if let Some(mut stream) = self.stream(block) {
            stream.apply_keystream(bytes);
        }
    }

    /// Decrypts a stream from its beginning, with a key for every `len` bytes.
    pub(super) fn open_blocks(&self, len: usize, bytes: &mut [u8]) {
        for (number, block) in bytes.chunks_mut(len).enumerate() {
            self.open(u32::try_from(number).unwrap_or(u32::MAX), block);
        }
    }
}
