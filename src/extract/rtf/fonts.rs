//! Fonts of a document and the code page each is written in.

use std::collections::HashMap;

use encoding_rs::{Encoding, WINDOWS_1252};

use super::super::look::Fonts;

/// One entry of the font table.
#[derive(Debug, Clone, Copy, Default)]
struct Font {
    /// Number of its name.
    name: Option<u16>,
    /// Encoding of its letters; `None`: the document's.
    encoding: Option<&'static Encoding>,
}

/// The font table: `\fN` to name and encoding.
#[derive(Default)]
pub(super) struct Table {
    fonts: HashMap<i32, Font>,
    /// All names.
    pub(super) names: Fonts,
    /// The entry that is being read.
    pub(super) under_way: i32,
    /// `\deffN`
    pub(super) default: i32,
}

/// Entries beyond this many are not kept; Word writes some hundreds.
const MAX_FONTS: usize = 65_536;

impl Table {
    fn entry(&mut self) -> Option<&mut Font> {
        if self.fonts.len() >= MAX_FONTS && !self.fonts.contains_key(&self.under_way) {
            return None;
        }
        Some(self.fonts.entry(self.under_way).or_default())
    }

    /// Names the entry under way.
    pub(super) fn set_name(&mut self, name: &str) {
        let number = self.names.number(name.trim());
        if let Some(font) = self.entry() {
            font.name = number;
        }
    }

    /// Sets the encoding of the entry under way: `\fcharset` or `\cpg`.
    pub(super) fn set_encoding(&mut self, encoding: Option<&'static Encoding>) {
        if let (Some(encoding), Some(font)) = (encoding, self.entry()) {
            font.encoding = Some(encoding);
        }
    }

    fn font(&self, number: Option<i32>) -> Font {
        self.fonts.get(&number.unwrap_or(self.default)).copied().unwrap_or_default()
    }

    /// The number of the name of that font; the default font for `None`.
    pub(super) fn name(&self, number: Option<i32>) -> Option<u16> {
        self.font(number).name
    }

    /// What its bytes are decoded with. Vietnamese fonts before Unicode keep their bytes: the fold stage decodes them.
    pub(super) fn encoding(&self, number: Option<i32>, document: &'static Encoding) -> &'static Encoding {
        let font = self.font(number);
        if self.names.is_legacy(font.name) { WINDOWS_1252 } else { font.encoding.unwrap_or(document) }
    }
}

/// Encodings of `\fcharset` (RTF 1.9.1, "Font Table"); `None`: the document's.
pub(in crate::extract) fn charset(charset: i32) -> Option<&'static Encoding> {
    code_page(match charset {
        0 => 1252,
        77 => 10_000,
        78 | 128 => 932,
        79 | 129 => 949,
        80 | 134 => 936,
        81 | 136 => 950,
        83 | 177 => 1255,
        84 | 178 => 1256,
        85 | 161 => 1253,
        86 | 162 => 1254,
        87 | 222 => 874,
        88 | 238 => 1250,
        89 => 10_007,
        163 => 1258,
        186 => 1257,
        204 => 1251,
        _ => return None,
    })
}

/// The encoding of a Windows code page; `None` for those nobody decodes.
pub(super) fn code_page(number: i32) -> Option<&'static Encoding> {
    Some(match number {
        874 => encoding_rs::WINDOWS_874,
        866 => encoding_rs::IBM866,
        932 => encoding_rs::SHIFT_JIS,
        936 => encoding_rs::GBK,
        949 => encoding_rs::EUC_KR,
        950 => encoding_rs::BIG5,
        1250 => encoding_rs::WINDOWS_1250,
        1251 => encoding_rs::WINDOWS_1251,
        1252 => WINDOWS_1252,
        1253 => encoding_rs::WINDOWS_1253,
        1254 => encoding_rs::WINDOWS_1254,
        1255 => encoding_rs::WINDOWS_1255,
        1256 => encoding_rs::WINDOWS_1256,
        1257 => encoding_rs::WINDOWS_1257,
        1258 => encoding_rs::WINDOWS_1258,
        10_000 => encoding_rs::MACINTOSH,
        10_007 => encoding_rs::X_MAC_CYRILLIC,
        65_001 => encoding_rs::UTF_8,
        _ => return None,
    })
}
