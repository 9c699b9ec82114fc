//! AES-256 as 7-Zip uses it (7zAES.txt of the LZMA SDK): the key of a password, and a stream under it.
//!
//! In: the properties of the coder and a password of the list. Out: the plain stream. The method has no check of its own:
//! whether a password fits shows in what comes out of the coders behind it.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io::{self, Read};

use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeDecrypt as _, KeyIvInit as _};
use sha2::{Digest as _, Sha256};

use crate::extract::limits::Budget;

/// Most rounds as a power of two; 7-Zip writes 19 and reads up to 24.
const MAX_POWER: u8 = 24;

/// Bytes that are deciphered at once.
const CHUNK: usize = 16 << 10;

/// The properties of a coder, and the number of a password.
type Name = (Vec<u8>, usize);

/// Keys already made, since each takes half a million rounds.
#[derive(Debug, Default)]
pub(super) struct Keys {
    known: RefCell<HashMap<Name, [u8; 32]>>,
    /// The password of the list that fitted last.
    pub(super) last: Cell<Option<usize>>,
}

impl Keys {
    /// The stream under the coder with these properties, with that password of the list; `None` when the properties are none,
    /// or the time is over.
    pub(super) fn decipher<R: Read>(
        &self,
        inner: R,
        properties: &[u8],
        number: usize,
        budget: &Budget,
    ) -> Option<Deciphered<R>> {
        let (&first, rest) = properties.split_first()?;
        let (mut salt_len, mut iv_len) = (usize::from(first >> 7), usize::from(first >> 6 & 1));
        let mut rest = rest;
        if first & 0xC0 != 0 {
            let (&second, more) = rest.split_first()?;
            salt_len += usize::from(second >> 4);
            iv_len += usize::from(second & 15);
            rest = more;
        }
        let (salt, start) = (rest.get(..salt_len)?, rest.get(salt_len..salt_len + iv_len)?);
        let mut iv = [0; 16];
        iv.get_mut(..iv_len)?.copy_from_slice(start);
        let name = (properties.to_vec(), number);
        let known = self.known.borrow().get(&name).copied();
        let key = match known {
            Some(key) => key,
            None => {
                let key = key_of(budget.passwords().get(number)?, salt, first & 0x3F, budget)?;
                self.known.borrow_mut().insert(name, key);
                key
            }
        };
        Some(Deciphered { inner, key, iv, buffer: Vec::new(), at: 0 })
    }
}

/// SHA-256 over 2^`power` times the salt, the password as UTF-16 and a counter; a power of 63 means no hash at all.
fn key_of(password: &str, salt: &[u8], power: u8, budget: &Budget) -> Option<[u8; 32]> {
    let mut round = salt.to_vec();
    round.extend(password.encode_utf16().flat_map(u16::to_le_bytes));
    if power == 63 {
        return Some(std::array::from_fn(|index| round.get(index).copied().unwrap_or(0)));
    }
    let rounds = (power <= MAX_POWER).then(|| 1u64 << power)?;
    let mut hash = Sha256::new();
    for number in 0..rounds {
        if number & 0xFFFF == 0 && budget.is_late() {
            return None;
        }
        hash.update(&round);
        hash.update(number.to_le_bytes());
    }
    Some(hash.finalize().into())
}

/// A stream under AES-256 in CBC mode.
pub(super) struct Deciphered<R> {
    inner: R,
    key: [u8; 32],
    /// The block of the cipher text before the next one.
    iv: [u8; 16],
    buffer: Vec<u8>,
    at: usize,
}

impl<R: Read> Read for Deciphered<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.at == self.buffer.len() {
            self.buffer.clear();
            self.at = 0;
            (&mut self.inner).take(CHUNK as u64).read_to_end(&mut self.buffer)?;
            // A block that is not whole cannot be deciphered.
            self.buffer.truncate(self.buffer.len() / 16 * 16);
            let Some(&next) = self.buffer.last_chunk::<16>() else { return Ok(0) };
            let broken = |_| io::Error::from(io::ErrorKind::InvalidData);
            cbc::Decryptor::<aes::Aes256>::new(&self.key.into(), &self.iv.into())
                .decrypt_padded::<NoPadding>(&mut self.buffer)
                .map_err(broken)?;
            self.iv = next;
        }
        let rest = self.buffer.get(self.at..).unwrap_or_default();
        let count = rest.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.at += count;
        Ok(count)
    }
}
