//! Files encrypted with AES-256 under revision 6, opened fast: without a password, or with one of the list.
//!
//! In: the bytes of a file. Out: the same bytes with the encryption dictionary as revision 5 would write it for an empty password. Revision 6
//! (ISO 32000-2, 7.6.4.3.4, algorithm 2.B) makes a password slow to test: 64 rounds or more of AES and SHA, three times
//! over. hayro-syntax does that without the processor's AES instructions, 10 ms a file, more than most files take as a
//! whole (10 % of the pdf.js corpus for 12 of its 971 files). So the file's key is computed here and wrapped anew in the
//! simple way of revision 5 (Adobe supplement, extension level 3), in the same place and length. Where no password fits,
//! only the number of the revision is changed, so that hayro says so at once. What cannot be written in its place stays
//! as it is, and hayro judges. Left out: revisions 2 to 5, which are fast.

use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::lexer::{Lexer, Token, unescape, unhex};
use crate::extract::limits::Budget;

/// Most bytes of an encryption dictionary; with certificates it could be longer, but those are other handlers.
const MAX_DICT: usize = 8 << 10;

/// Salts tried until the new strings are no longer than the old ones.
const MAX_SALTS: u32 = 256;

/// Longest password in bytes of UTF-8 (7.6.4.3.3).
const MAX_PASSWORD: usize = 127;

/// Rewrites the encryption dictionaries, which hold one of these `/UE`, where that is possible.
pub(super) fn unlock(bytes: &mut [u8], keys: &[usize], budget: &Budget) {
    for &at in keys {
        let from = at.saturating_sub(MAX_DICT);
        let before = bytes.get(from..at).unwrap_or(&[]);
        let Some(object) = memchr::memmem::rfind(before, b"obj") else { continue };
        // The dictionary is an object, or stands in the trailer behind the objects.
        let inside = memchr::memmem::rfind_iter(before, b"/Encrypt").find(|&at| {
            before.get(at + 8..).is_some_and(|after| after.trim_ascii_start().starts_with(b"<<"))
        });
        let begin = from + inside.map_or(object + 3, |at| (at + 8).max(object + 3));
        for (place, new) in patches(bytes, begin, budget).unwrap_or_default() {
            if let Some(old) = bytes.get_mut(place..place + new.len()) {
                old.copy_from_slice(&new);
            }
        }
    }
}

/// What to write where, for the dictionary that begins at or after `begin`.
fn patches(bytes: &[u8], begin: usize, budget: &Budget) -> Option<Vec<(usize, Vec<u8>)>> {
    let area = bytes.get(begin..bytes.len().min(begin + 2 * MAX_DICT))?;
    let Some(Token::Dict(dict)) = Lexer::new(area).next() else { return None };
    let mut lexer = Lexer::new(dict.get(2..)?);
    let (mut revision, mut user, mut owner, mut user_key, mut owner_key) = (None, None, None, None, None);
    let mut key: &[u8] = b"";
    while let Some(token) = lexer.next() {
        match (key, token) {
            (_, Token::Name(name)) => {
                key = name;
                continue;
            }
            (b"R", Token::Number(digits)) => revision = Some(digits),
            (b"U", token) => user = Some(token),
            (b"O", token) => owner = Some(token),
            (b"UE", token) => user_key = Some(token),
            (b"OE", token) => owner_key = Some(token),
            _ => {}
        }
        key = b"";
    }
    let revision = revision.filter(|digits| *digits == b"6")?;
    let (user, user_key) = (user?, user_key?);
    let place = |part: &[u8]| (part.as_ptr() as usize).checked_sub(bytes.as_ptr() as usize);
    let as_five = (place(revision)?, b"5".to_vec());
    let old = value(user)?;
    let verifier = old.get(..48)?;
    let (user_salts, user_key_bytes) = (salts(verifier)?, value(user_key)?);
    let owner = owner.and_then(value).zip(owner_key.and_then(value));
    let owner_salts = owner.as_ref().and_then(|(owner, _)| salts(owner));
    let mut file_key = None;
    for password in std::iter::once("").chain(budget.passwords().iter().map(String::as_str)) {
        if budget.is_late() {
            return None;
        }
        let password = password.as_bytes();
        let password = password.get(..MAX_PASSWORD).unwrap_or(password);
        let ([validation, salt], fits) = (user_salts, verifier.get(..32));
        if hash(password, validation, b"").get(..) == fits {
            file_key = Some(unwrap(&hash(password, salt, b""), &user_key_bytes)?);
            break;
        }
        let (Some((owner, owner_key)), Some([validation, salt])) = (&owner, owner_salts) else { continue };
        if hash(password, validation, verifier).get(..) == owner.get(..32) {
            file_key = Some(unwrap(&hash(password, salt, verifier), owner_key)?);
            break;
        }
    }
    let Some(file_key) = file_key else { return Some(vec![as_five]) };
    let (salt, wrapped) = (0..MAX_SALTS).find_map(|number| {
        let salt = letters(number);
        let wrapped = written(&wrap(&Sha256::digest(salt).into(), &file_key)?, user_key)?;
        Some((salt, wrapped))
    })?;
    let verifier = (0..MAX_SALTS).find_map(|number| {
        let mut verifier = Sha256::digest(letters(number)).to_vec();
        verifier.extend(letters(number));
        verifier.extend(salt);
        written(&verifier, user)
    })?;
    Some(vec![as_five, (place(raw(user)?)?, verifier), (place(raw(user_key)?)?, wrapped)])
}

/// A salt of capital letters, which no string has to escape.
fn letters(number: u32) -> [u8; 8] {
    std::array::from_fn(|index| b'A' + u8::try_from(number >> (4 * index).min(31) & 15).unwrap_or(0))
}

fn raw(token: Token<'_>) -> Option<&[u8]> {
    match token {
        Token::Literal(raw) | Token::Hex(raw) => Some(raw),
        _ => None,
    }
}

fn value(token: Token<'_>) -> Option<Vec<u8>> {
    match token {
        Token::Literal(raw) => Some(unescape(raw).into_owned()),
        Token::Hex(raw) => {
            let mut out = Vec::new();
            unhex(raw, &mut out);
            Some(out)
        }
        _ => None,
    }
}

/// `value` as it stands between the delimiters of `token`, in exactly as many bytes; `None` when it does not fit. It
/// must end in a capital letter if it may have to be stretched by one byte.
fn written(value: &[u8], token: Token<'_>) -> Option<Vec<u8>> {
    let room = raw(token)?.len();
    let mut out = Vec::with_capacity(room);
    if let Token::Hex(_) = token {
        value.iter().for_each(|byte| out.extend(format!("{byte:02X}").bytes()));
        out.resize(room.max(out.len()), b' ');
        return (out.len() == room).then_some(out);
    }
    for &byte in value {
        if matches!(byte, b'(' | b')' | b'\\' | b'\r') {
            out.push(b'\\');
        }
        out.push(if byte == b'\r' { b'r' } else { byte });
    }
    let spare = room.checked_sub(out.len())?;
    if spare % 2 == 1 {
        // A backslash before a letter that needs none is ignored.
        let last = out.pop().filter(u8::is_ascii_uppercase)?;
        out.extend([b'\\', last]);
    }
    // An escaped line feed is nothing.
    out.extend(b"\\\n".repeat(spare / 2));
    Some(out)
}

/// The validation salt and the key salt of a verifier.
fn salts(verifier: &[u8]) -> Option<[&[u8]; 2]> {
    Some([verifier.get(32..40)?, verifier.get(40..48)?])
}

/// Algorithm 2.B.
fn hash(password: &[u8], salt: &[u8], user: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(password);
    digest.update(salt);
    digest.update(user);
    let mut key: Vec<u8> = digest.finalize().to_vec();
    let mut round = 0u32;
    loop {
        let block = [password, &key, user].concat();
        let mut data = block.repeat(64);
        let length = data.len();
        let (Some(cipher), Some(iv)) = (key.get(..16), key.get(16..32)) else { break };
        let Ok(encryptor) = cbc::Encryptor::<aes::Aes128>::new_from_slices(cipher, iv) else { break };
        if encryptor.encrypt_padded::<NoPadding>(&mut data, length).is_err() {
            break;
        }
        // 256 leaves 1 when divided by 3, so the digits of the number may be added up.
        let rest = data.iter().take(16).map(|&byte| u32::from(byte)).sum::<u32>() % 3;
        key = match rest {
            0 => Sha256::digest(&data).to_vec(),
            1 => Sha384::digest(&data).to_vec(),
            _ => Sha512::digest(&data).to_vec(),
        };
        round += 1;
        let last = data.last().copied().map_or(0, u32::from);
        // The last byte is below 256, so it ends.
        if round >= 64 && last + 32 <= round {
            break;
        }
    }
    std::array::from_fn(|index| key.get(index).copied().unwrap_or(0))
}

fn unwrap(key: &[u8; 32], wrapped: &[u8]) -> Option<[u8; 32]> {
    let mut data: [u8; 32] = wrapped.try_into().ok()?;
    let cipher = cbc::Decryptor::<aes::Aes256>::new_from_slices(key, &[0; 16]).ok()?;
    cipher.decrypt_padded::<NoPadding>(&mut data).ok()?;
    Some(data)
}

fn wrap(key: &[u8; 32], plain: &[u8; 32]) -> Option<[u8; 32]> {
    let mut data = *plain;
    let cipher = cbc::Encryptor::<aes::Aes256>::new_from_slices(key, &[0; 16]).ok()?;
    cipher.encrypt_padded::<NoPadding>(&mut data, 32).ok()?;
    Some(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pdf_strings_are_written_in_the_length_they_had() {
        for (value, raw) in [
            (&b"a(b)\\\rAZ"[..], &[b'x'; 12][..]),
            (b"a(b)\\\rAZ", &[b'x'; 13]),
            (b"AZ", &[b'x'; 9]),
            (b"AZ", &[b'x'; 2]),
        ] {
            let out = written(value, Token::Literal(raw)).unwrap();
            assert_eq!((out.len(), unescape(&out).as_ref()), (raw.len(), value));
        }
        assert_eq!(written(b"a(b)\\\rAZ", Token::Literal(&[0; 11])), None);
        assert_eq!(written(b"\x0AZ", Token::Hex(b"00 0000")).unwrap(), b"0A5A   ");
    }

    #[test]
    fn pdf_keys_survive_wrapping() {
        let (key, plain) = ([7; 32], [9; 32]);
        assert_eq!(unwrap(&key, &wrap(&key, &plain).unwrap()), Some(plain));
    }
}
