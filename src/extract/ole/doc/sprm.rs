//! Lists of single property modifiers: what a run, a paragraph, a row or a section differs in (MS-DOC 2.6).

use super::super::u16_at;

/// A modifier: its code as Word 97 has it, and its value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sprm<'a> {
    pub(super) code: u16,
    pub(super) value: &'a [u8],
}

impl Sprm<'_> {
    /// First byte of the value.
    pub(super) fn byte(&self) -> u8 {
        self.value.first().copied().unwrap_or(0)
    }

    /// First two bytes of the value.
    pub(super) fn word(&self) -> u16 {
        u16_at(self.value, 0).unwrap_or_else(|| u16::from(self.byte()))
    }

    /// First four bytes of the value.
    pub(super) fn long(&self) -> u32 {
        super::super::u32_at(self.value, 0).unwrap_or(0)
    }
}

/// Goes through a list. One with an unknown length ends it.
pub(super) fn list(bytes: &[u8], is_old: bool) -> impl Iterator<Item = Sprm<'_>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (sprm, len) = if is_old { old(rest)? } else { new(rest)? };
        rest = rest.get(len..).unwrap_or_default();
        Some(sprm)
    })
}

fn new(bytes: &[u8]) -> Option<(Sprm<'_>, usize)> {
    let code = u16_at(bytes, 0)?;
    let rest = bytes.get(2..)?;
    // spra, the upper three bits, tells the length of the value (MS-DOC 2.6.1).
    let (skip, len) = match (code >> 13, code) {
        // Counts itself less one.
        (6, 0xD608 | 0xD606) => (2, usize::from(u16_at(rest, 0)?).saturating_sub(1)),
        (6, 0xC615) if rest.first() == Some(&255) => {
            let deleted = usize::from(*rest.get(1)?);
            let added = usize::from(*rest.get(2 + deleted * 4)?);
            (1, 2 + deleted * 4 + added * 3)
        }
        (6, _) => (1, usize::from(*rest.first()?)),
        (0 | 1, _) => (0, 1),
        (2 | 4 | 5, _) => (0, 2),
        (3, _) => (0, 4),
        _ => (0, 3),
    };
    let value = rest.get(skip..)?;
    Some((Sprm { code, value: value.get(..len).unwrap_or(value) }, 2 + skip + len))
}

fn old(bytes: &[u8]) -> Option<(Sprm<'_>, usize)> {
    let short = *bytes.first()?;
    let rest = bytes.get(1..)?;
    // Lengths of the values of Word 6; 255 stands for "told by the first byte".
    let len = match short {
        0 | 83 => 0,
        4..=11
        | 13
        | 14
        | 24
        | 25
        | 29
        | 37
        | 44
        | 50
        | 51
        | 65..=67
        | 71
        | 75
        | 85..=92
        | 94
        | 98
        | 100
        | 102
        | 104
        | 117..=119
        | 131
        | 132
        | 142
        | 143
        | 146
        | 147
        | 150..=153
        | 158
        | 159
        | 162
        | 163
        | 172..=181
        | 185
        | 186 => 1,
        2
        | 16..=19
        | 21
        | 22
        | 26..=28
        | 30..=36
        | 38..=43
        | 45..=49
        | 69
        | 72
        | 80
        | 93
        | 96
        | 97
        | 99
        | 101
        | 107
        | 109
        | 110
        | 121..=124
        | 140
        | 141
        | 144
        | 145
        | 148
        | 149
        | 154..=157
        | 160
        | 161
        | 164..=171
        | 182..=184
        | 189 => 2,
        73 | 95 | 136 | 137 | 193 => 3,
        20 | 70 | 192 | 194 => 4,
        187 => 12,
        190 => {
            let len = usize::from(u16_at(rest, 0)?).saturating_sub(1);
            let value = rest.get(2..)?;
            return Some((Sprm { code: 0xD608, value: value.get(..len).unwrap_or(value) }, 3 + len));
        }
        3 | 12 | 15 | 23 | 52 | 68 | 74 | 81 | 82 | 103 | 105 | 106 | 108 | 120 | 133 | 188 | 191 => 255,
        _ => return None,
    };
    let (skip, len) = if len == 255 { (1, usize::from(*rest.first()?)) } else { (0, len) };
    let value = rest.get(skip..)?;
    Some((Sprm { code: code_of(short), value: value.get(..len).unwrap_or(value) }, 1 + skip + len))
}

/// The code of Word 97 for one of Word 6, which pieces use too (Prm0); 0 for those that do not matter here.
pub(super) fn code_of(short: u8) -> u16 {
    match short {
        2 => 0x4600,
        9 => 0x2407,
        24 => 0x2416,
        25 => 0x2417,
        26 => 0x8418,
        27 => 0x8419,
        28 => 0x841A,
        38..=41 => 0x6424 + u16::from(short - 38),
        46 => 0x442C,
        47 => 0x442D,
        65..=67 => 0x0800 + u16::from(short - 65),
        68 => 0x6A03,
        71 => 0x0806,
        74 => 0x6A09,
        75 => 0x080A,
        80 => 0x4A30,
        83 => 0x2A33,
        85..=92 => 0x0835 + u16::from(short - 85),
        93 => 0x4A4F,
        98 => 0x2A42,
        99 => 0x4A43,
        117 => 0x0855,
        118 => 0x0856,
        142 => 0x3009,
        143 => 0x300A,
        _ => 0,
    }
}
