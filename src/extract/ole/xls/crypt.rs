//! Workbooks that are encrypted (MS-XLS 2.2.10, MS-OFFCRYPTO 2.3), with the password nobody is asked for or one of the list.
//!
//! Excel writes a workbook whose structure is protected encrypted with "VelvetSweatshop", and opens it without asking.

use rc4::Rc4;
use rc4::cipher::StreamCipher as _;

use super::super::rc4_key::{Key, passwords};
use super::super::{u16_at, xor_key};
use crate::extract::limits::Budget;

/// A new key begins after so many bytes of the stream.
const BLOCK: u64 = 1_024;

#[derive(Clone)]
enum Method {
    Rc4(Key),
    Xor([u8; 16]),
}

/// Decrypts the records of a stream, in order.
pub(super) struct Cipher {
    method: Method,
    rc4: Option<(u64, Rc4)>,
    /// Offset in the stream of the next byte of the key stream.
    at: u64,
}

impl Cipher {
    /// From the content of the FilePass record; `None` when another password or another method is needed.
    pub(super) fn new(pass: &[u8], version: u8, budget: &Budget) -> Option<Cipher> {
        passwords(budget).find_map(|password| Cipher::with_password(pass, version, password))
    }

    fn with_password(pass: &[u8], version: u8, password: &str) -> Option<Cipher> {
        let cipher = |method| Cipher { method, rc4: None, at: 0 };
        if version < 8 {
            return xor(password, u16_at(pass, 0)?, u16_at(pass, 2)?).map(cipher);
        }
        match u16_at(pass, 0)? {
            0 => xor(password, u16_at(pass, 2)?, u16_at(pass, 4)?).map(cipher),
            1 => Key::new(pass.get(2..)?, password).map(|key| cipher(Method::Rc4(key))),
            _ => None,
        }
    }

    /// For the beginning of another stream that is encrypted in the same way (MS-XLS 2.2.10).
    pub(super) fn anew(&self) -> Cipher {
        Cipher { method: self.method.clone(), rc4: None, at: 0 }
    }

    /// The key stream of a block.
    fn stream(&self, block: u64) -> Option<Rc4> {
        match &self.method {
            Method::Rc4(key) => key.stream(u32::try_from(block).ok()?),
            Method::Xor(_) => None,
        }
    }

    /// Decrypts the content of a record that stands at `offset` in the stream.
    pub(super) fn apply(&mut self, kind: u16, offset: u64, body: &mut [u8]) {
        // BOF, FilePass, UsrExcl, FileLock, InterfaceHdr, RRDInfo, RRDHead are never encrypted; of BoundSheet8 the offset is not.
        let clear = match kind {
            0x0809 | 0x002F | 0x0194 | 0x0195 | 0x00E1 | 0x0196 | 0x0138 => return,
            0x0085 => 4,
            _ => 0,
        };
        let len = body.len();
        let Some(body) = body.get_mut(clear..) else { return };
        if let Method::Xor(key) = &self.method {
            for (at, byte) in body.iter_mut().enumerate() {
                let place = (offset as usize).wrapping_add(len).wrapping_add(clear + at) & 15;
                *byte = byte.rotate_left(3) ^ key.get(place).copied().unwrap_or(0);
            }
            return;
        }
        let mut offset = offset + clear as u64;
        let mut rest = body;
        while !rest.is_empty() {
            let block = offset / BLOCK;
            if !matches!(&self.rc4, Some((now, _)) if *now == block && self.at <= offset) {
                self.rc4 = self.stream(block).map(|stream| (block, stream));
                self.at = block * BLOCK;
            }
            let Some((_, stream)) = &mut self.rc4 else { return };
            let mut passed = [0u8; BLOCK as usize];
            let pass = usize::try_from(offset - self.at).unwrap_or(0);
            stream.apply_keystream(passed.get_mut(..pass).unwrap_or_default());
            let len = usize::try_from((block + 1) * BLOCK - offset).unwrap_or(0).min(rest.len());
            let (now, later) = rest.split_at_mut(len);
            stream.apply_keystream(now);
            offset += len as u64;
            self.at = offset;
            rest = later;
        }
    }
}

/// XOR obfuscation, method 1 (MS-OFFCRYPTO 2.3.7.2).
fn xor(password: &str, key: u16, verifier: u16) -> Option<Method> {
    xor_key::array(password, key, verifier, 2).map(Method::Xor)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let digits = hex.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok());
        digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
    }

    /// The FilePass record of `35897-type4.xls` of Apache POI, written by Excel with the password "freedom": RC4 CryptoAPI.
    pub(in super::super::super) fn lock_of_excel() -> Vec<u8> {
        bytes(
            "0100040002000c0000007e0000000c0000000000000001680000048000008000000001000000000000000000\
             00004d006900630072006f0073006f0066007400200045006e00680061006e0063006500640020004300720079\
             00700074006f0067007200610070006800690063002000500072006f0076006900640065007200200076003100\
             2e003000000010000000e2f5f90214a23a31c490916e2015da52937516471a45b2b72ce1fb1bef456376140000\
             00327032ffb14de9065a7332aff746fef30dd59543",
        )
    }

    /// The FilePass records of `35897-type4.xls` and `xor-encryption-abc.xls` of Apache POI, written by Excel.
    #[test]
    fn verifiers_of_excel() {
        let budget = Budget::new(crate::extract::limits::Limits::default());
        let api = lock_of_excel();
        assert!(Cipher::with_password(&api, 8, "freedom").is_some());
        assert!(Cipher::new(&api, 8, &budget).is_none());
        let xor = bytes("00004a511acc");
        assert!(Cipher::with_password(&xor, 8, "abc").is_some());
        assert!(Cipher::new(&xor, 8, &budget).is_none());
    }

    #[test]
    fn blocks_have_keys_of_their_own() {
        let cipher = || Cipher { method: Method::Rc4(Key::Binary([1, 2, 3, 4, 5])), rc4: None, at: 0 };
        let mut whole = vec![0; 3_000];
        cipher().apply(0x00FC, 100, &mut whole);
        let mut parts = vec![0; 3_000];
        let (first, second) = parts.split_at_mut(1_000);
        let mut steps = cipher();
        steps.apply(0x00FC, 100, first);
        steps.apply(0x003C, 1_100, second);
        assert_eq!(whole, parts);
        let mut block = vec![0; 10];
        cipher().stream(1).unwrap().apply_keystream(&mut block);
        assert_eq!(whole.get(924..934), Some(block.as_slice()));
    }
}
