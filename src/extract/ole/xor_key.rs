//! XOR obfuscation as Excel and Word used it before RC4 (MS-OFFCRYPTO 2.3.7).
//!
//! The 16 bytes that are laid over the content repeat; it protects nothing. A password that is known is tried, nothing else.

/// Bytes a password is filled up with (MS-OFFCRYPTO 2.3.7.2, PadArray).
const PAD: [u8; 15] =
    [0xBB, 0xFF, 0xFF, 0xBA, 0xFF, 0xFF, 0xB9, 0x80, 0x00, 0xBE, 0x0F, 0x00, 0xBF, 0x0F, 0x00];

/// Letters of a password that count.
const MOST: usize = 15;

/// The 16 bytes of a password, if key and verifier that stand in the file are its. Every byte is rotated left by `turn` bits: 2 in
/// workbooks, 7 in Word (which the standard words as rotated right by one).
pub(super) fn array(password: &str, key: u16, verifier: u16, turn: u32) -> Option<[u8; 16]> {
    let letters = letters(password);
    if verifier_of(&letters) != verifier || key_of(&letters) != key {
        return None;
    }
    let mut array = [0u8; 16];
    let [low, high] = key.to_le_bytes();
    for (at, (slot, byte)) in array.iter_mut().zip(letters.into_iter().chain(PAD)).enumerate() {
        *slot = (byte ^ if at % 2 == 0 { low } else { high }).rotate_left(turn);
    }
    Some(array)
}

/// One byte per letter: the lower one of UTF-16, or the upper one where that is zero (2.3.7.4).
fn letters(password: &str) -> Vec<u8> {
    password
        .encode_utf16()
        .take(MOST)
        .map(|unit| match unit.to_le_bytes() {
            [0, high] => high,
            [low, _] => low,
        })
        .collect()
}

/// CreatePasswordVerifier_Method1.
fn verifier_of(letters: &[u8]) -> u16 {
    let rotate = |hash: u16| (hash >> 14 & 1) | (hash << 1 & 0x7FFF);
    let hash = letters.iter().rev().fold(0u16, |hash, byte| rotate(hash) ^ u16::from(*byte));
    rotate(hash) ^ u16::try_from(letters.len()).unwrap_or(0) ^ 0xCE4B
}

/// CreateXorKey_Method1. The tables InitialCode and XorMatrix of the standard are states of a shift register with the polynomial 0x1021.
fn key_of(letters: &[u8]) -> u16 {
    let step = |state: u16| (state << 1) ^ if state & 0x8000 == 0 { 0 } else { 0x1021 };
    let (mut bit, mut initial, mut key) = (0x8000, 0xFFFF, 0);
    for byte in letters.iter().rev() {
        for shift in 0..8 {
            (bit, initial) = (step(bit), step(initial));
            if shift < 7 && byte >> shift & 1 == 1 {
                key ^= bit;
            }
        }
    }
    key ^ initial
}

/// Undoes the transformation of Word's streams (2.3.7.6): zeros, and what would become zero, stand as they are. `bytes` begin their
/// stream.
pub(super) fn open(array: &[u8; 16], bytes: &mut [u8]) {
    for (byte, key) in bytes.iter_mut().zip(array.iter().cycle()) {
        if *byte != 0 && *byte != *key {
            *byte ^= key;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys and verifiers that Excel wrote (`xor-encryption-abc.xls` of Apache POI) and Word 2003 (`Test-weak-XOR` of john-samples).
    #[test]
    fn keys_of_excel_and_word() {
        assert!(array("abc", 0x514A, 0xCC1A, 2).is_some());
        assert!(array("abd", 0x514A, 0xCC1A, 2).is_none());
        assert!(array("myhovercraftisfullofeels", 0xCABE, 0xF705, 7).is_some(), "15 letters count");
        assert!(array("", 0, 0, 7).is_none());
    }

    #[test]
    fn zeros_stand_as_they_are() {
        let key: [u8; 16] = std::array::from_fn(|at| u8::try_from(at + 1).unwrap());
        let plain: Vec<u8> = (0..64).collect();
        let mut bytes = plain.clone();
        open(&key, &mut bytes);
        assert_eq!(bytes.first(), Some(&0));
        assert_ne!(bytes, plain);
        open(&key, &mut bytes);
        assert_eq!(bytes, plain);
    }
}
