//! What names say: that of a font about its look, those of glyphs about their codes.

use std::borrow::Cow;

use super::super::document::{Array, Object};
use super::super::lexer::{Lexer, Token, number, unname};

/// A font name without its subset tag: six capitals and a plus sign.
pub(super) fn bare_name(name: &[u8]) -> String {
    let text = match std::str::from_utf8(name) {
        Ok(text) => text.to_owned(),
        Err(_) => name.iter().map(|&byte| char::from(byte)).collect(),
    };
    match text.split_once('+') {
        Some((tag, rest)) if tag.len() == 6 && tag.bytes().all(|byte| byte.is_ascii_uppercase()) => {
            rest.to_owned()
        }
        _ => text,
    }
}

/// TCVN3 fonts are called `.VnTime`, `.VnArialH` and so on, VNI fonts `VNI-Times`, `VNI-Helve`.
pub(super) fn is_legacy(name: &str) -> bool {
    let starts =
        |prefix: &str| name.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
    starts(".Vn") || starts("VNI")
}

/// By name, flag or weight.
pub(super) fn is_bold(name: &str, flags: i32, weight: Option<f32>) -> bool {
    const FORCE_BOLD: i32 = 1 << 18;
    let lower = name.to_ascii_lowercase();
    let named = ["bold", "black", "heavy", "demi"].iter().any(|word| lower.contains(word));
    named || flags & FORCE_BOLD != 0 || weight.is_some_and(|weight| weight >= 600.0)
}

/// Fonts of pictures and mathematical signs.
pub(super) fn is_symbols(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let words = [
        "symbol", "dingbat", "wingding", "webding", "icon", "awesome", "math", "cmsy", "cmex", "cmmi",
        "msam", "msbm",
    ];
    words.iter().any(|word| lower.contains(word))
}

/// `a65` at code 65: names that repeat their code say that the code is the letter. TeX's Type 3 fonts are written so.
pub(super) fn numbered(name: &str, code: u8, out: &mut String) -> bool {
    let digits = name.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
    let same = digits.len() < name.len() && digits.parse() == Ok(code) && (0x21..0x7F).contains(&code);
    if same {
        out.push(char::from(code));
    }
    same
}

/// `/Differences`: a code, then names for it and its followers.
pub(super) fn differences<'d>(list: &Array<'d>) -> Vec<(u8, Cow<'d, [u8]>)> {
    let mut names = Vec::new();
    let mut code = 0u32;
    let data = list.data();
    let mut lexer = Lexer::new(data);
    // Numbers and names only, nearly always: read as they lie there.
    let mut plain = true;
    for token in std::iter::from_fn(|| lexer.next()).take(1025) {
        match token {
            Token::Number(digits) => {
                let value = number(digits);
                code = if value < 0.0 { u32::MAX } else { value as u32 };
            }
            Token::Name(raw) => {
                if let Ok(code) = u8::try_from(code) {
                    names.push((code, unname(raw)));
                }
                code = code.saturating_add(1);
            }
            Token::Open | Token::Close => {}
            _ => {
                plain = false;
                break;
            }
        }
    }
    if plain {
        return names;
    }
    names.clear();
    code = 0;
    for item in list.iter::<Object<'d>>().take(1024) {
        match item {
            Object::Number(number) => code = u32::try_from(number.as_i64()).unwrap_or(u32::MAX),
            Object::Name(name) => {
                if let Ok(code) = u8::try_from(code) {
                    names.push((code, Cow::Owned(name.to_vec())));
                }
                code = code.saturating_add(1);
            }
            _ => {}
        }
    }
    names
}
