//! What modifiers say of runs, paragraphs and rows, as far as it matters for finding marks.

use super::sprm::{self, Sprm};
use crate::extract::look::Look;

/// Word's colours by number (Ico, MS-DOC 2.9.119); 0 is automatic.
const COLORS: [[u8; 3]; 17] = [
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 255],
    [0, 255, 255],
    [0, 255, 0],
    [255, 0, 255],
    [255, 0, 0],
    [255, 255, 0],
    [255, 255, 255],
    [0, 0, 128],
    [0, 128, 128],
    [0, 128, 0],
    [128, 0, 128],
    [128, 0, 0],
    [128, 128, 0],
    [128, 128, 128],
    [192, 192, 192],
];

/// What a run is besides its look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Marks {
    /// A tracked deletion.
    pub(super) deleted: bool,
    /// Its characters stand for something else: pictures, notes, symbols.
    pub(super) special: bool,
    /// The picture is the data of a field.
    pub(super) data: bool,
    /// The picture is an embedded object.
    pub(super) object: bool,
    /// Offset of the picture or the data.
    pub(super) picture: Option<u32>,
    /// A symbol: font and letter.
    pub(super) symbol: Option<(u16, u16)>,
}

/// Takes the modifiers of a run that are not its look.
pub(super) fn marks(list: &[u8], is_old: bool, marks: &mut Marks) {
    for sprm in sprm::list(list, is_old) {
        match sprm.code {
            0x0800 => marks.deleted = sprm.byte() & 1 != 0,
            0x0855 => marks.special = sprm.byte() & 1 != 0,
            0x0806 => marks.data = sprm.byte() & 1 != 0,
            0x080A | 0x0856 => marks.object = sprm.byte() & 1 != 0,
            0x6A03 => {
                marks.picture = Some(sprm.long());
                marks.special = true;
            }
            0x6A09 => {
                let [low, high] = sprm.word().to_le_bytes();
                let letter = sprm.value.get(2..).map_or(0, |rest| Sprm { code: 0, value: rest }.word());
                marks.symbol = Some((u16::from_le_bytes([low, high]), letter));
                marks.special = true;
            }
            _ => {}
        }
    }
}

/// Takes the modifiers of a run's look. `style` is what the look was before any of them; `fonts` gives the font's number
/// for its number in the file; `character` gives what a character style says.
pub(super) fn look(
    list: &[u8],
    is_old: bool,
    look: &mut Look,
    style: Look,
    fonts: &dyn Fontlist,
    character: &dyn Fn(u16, Look) -> Look,
) {
    let mut style = style;
    for sprm in sprm::list(list, is_old) {
        match sprm.code {
            0x4A30 => {
                *look = character(sprm.word(), *look);
                style = *look;
            }
            0x2A33 => *look = style,
            0x0835 => look.bold = toggle(sprm.byte(), style.bold),
            0x0837 | 0x2A53 => look.struck = toggle(sprm.byte(), style.struck),
            0x083B => look.capitals = toggle(sprm.byte(), style.capitals),
            0x083C | 0x0818 => look.hidden = toggle(sprm.byte(), style.hidden),
            0x2A42 => look.color = COLORS.get(usize::from(sprm.byte())).copied(),
            0x6870 => {
                let [red, green, blue, automatic] = sprm.long().to_le_bytes();
                look.color = Some(if automatic == 0xFF { [0; 3] } else { [red, green, blue] });
            }
            0x4A43 => look.size = Some(sprm.word()),
            0x4A4F => look.font = fonts.ascii(sprm.word(), look.font),
            // The font of letters outside of ASCII counts when they are Vietnamese in a legacy font.
            0x4A51 => look.font = fonts.other(sprm.word(), look.font),
            0x6865 | 0xCA72 => look.framed = Some(is_border(sprm.value)),
            0x2A0C => look.shaded = Some(sprm.byte() != 0),
            0x4866 | 0xCA71 => look.shaded = Some(is_shaded(sprm.value)),
            _ => {}
        }
    }
}

/// The fonts of a file by the file's numbers.
pub(super) trait Fontlist {
    /// The font for ASCII letters becomes this one.
    fn ascii(&self, number: u16, before: Option<u16>) -> Option<u16>;
    /// The font for other letters becomes this one.
    fn other(&self, number: u16, before: Option<u16>) -> Option<u16>;
}

/// 0 and 1 say it themselves; 128 leaves it to the style, 129 is the opposite of the style (MS-DOC 2.9.327).
fn toggle(value: u8, style: Option<bool>) -> Option<bool> {
    match value {
        0 => Some(false),
        128 => style,
        129 => Some(style != Some(true)),
        _ => Some(true),
    }
}

/// Whether a border is drawn (Brc80 of four bytes, Brc of eight, and Word 6's of two; MS-DOC 2.9.16, 2.9.17).
pub(super) fn is_border(value: &[u8]) -> bool {
    match *value {
        [low, high] => u16::from_le_bytes([low, high]) & 0x1F != 0,
        [width, kind, ..] if value.len() == 4 => kind != 0 && kind != 0xFF && width != 0xFF,
        [_, _, _, _, _, kind, ..] => kind != 0 && kind != 0xFF,
        _ => false,
    }
}

/// Whether a background is painted (Shd80 of two bytes, Shd of ten; MS-DOC 2.9.245, 2.9.246).
fn is_shaded(value: &[u8]) -> bool {
    match *value {
        [low, high] => {
            let shade = u16::from_le_bytes([low, high]);
            // Background colours automatic and white without a pattern are paper.
            shade != 0xFFFF && (shade >> 10 != 0 || !matches!((shade >> 5) & 0x1F, 0 | 8))
        }
        [_, _, _, _, red, green, blue, automatic, low, high] => {
            let pattern = u16::from_le_bytes([low, high]);
            pattern != 0xFFFF && (pattern != 0 || (automatic != 0xFF && [red, green, blue] != [255; 3]))
        }
        _ => false,
    }
}

/// What matters of a paragraph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Paragraph {
    /// It stands in a table.
    pub(super) in_table: bool,
    /// It is the mark that ends a row.
    pub(super) ends_row: bool,
    /// A page begins before it.
    pub(super) new_page: bool,
    /// A background is painted behind it.
    pub(super) shaded: bool,
    /// Bits of the sides that are drawn: top, left, bottom, right.
    sides: u8,
    /// It stands in a frame of its own.
    frame: bool,
    drop_cap: bool,
    /// Cells of the row; of row ends only.
    pub(super) cells: u8,
    /// Sides of the first cell, and of the whole table.
    cell_sides: u8,
    table_sides: u8,
    /// Its properties lie in the data stream at this offset.
    pub(super) huge: Option<u32>,
}

impl Paragraph {
    /// Whether a box is drawn around it. A drop cap is a frame for layout only.
    pub(super) fn is_framed(self) -> bool {
        self.sides.count_ones() >= 3 || (self.frame && !self.drop_cap)
    }

    /// Whether the row is one cell with a box around it.
    pub(super) fn is_framed_row(self) -> bool {
        self.cells == 1 && (self.cell_sides | self.table_sides) == 15
    }

    /// Takes modifiers.
    pub(super) fn apply(&mut self, list: &[u8], is_old: bool) {
        for sprm in sprm::list(list, is_old) {
            let value = sprm.value;
            let mut side = |bit: u16, value: &[u8]| {
                if is_border(value) { self.sides |= 1 << bit } else { self.sides &= !(1 << bit) }
            };
            match sprm.code {
                0x6424..=0x6427 => side(sprm.code - 0x6424, value),
                0xC64E..=0xC651 => side(sprm.code - 0xC64E, value),
                0x2416 => self.in_table = sprm.byte() != 0,
                // sprmPItap: depth of the table.
                0x6649 => self.in_table = sprm.long() != 0,
                0x2417 | 0x244C => self.ends_row = sprm.byte() != 0,
                0x2407 => self.new_page = sprm.byte() != 0,
                0x442D | 0xC64D => self.shaded = is_shaded(value),
                0x8418 | 0x8419 => self.frame = true,
                0x442C => self.drop_cap = sprm.byte() & 7 != 0,
                0x6645 | 0x6646 => self.huge = Some(sprm.long()),
                0xD608 => self.row(value, is_old),
                // Table borders: top, left, bottom, right and two inner ones.
                0xD605 => self.table_sides = sides(value, 4),
                0xD613 => self.table_sides = sides(value, 8),
                _ => {}
            }
        }
    }

    /// Cells and the first cell's borders (sprmTDefTable: TDefTableOperand, MS-DOC 2.9.322).
    fn row(&mut self, value: &[u8], is_old: bool) {
        let Some(cells) = value.first() else { return };
        self.cells = *cells;
        let first = 1 + (usize::from(*cells) + 1) * 2;
        let (skip, size) = if is_old { (2, 2) } else { (4, 4) };
        self.cell_sides = sides(value.get(first + skip..).unwrap_or_default(), size);
    }
}

/// Which of four borders of that size are drawn, one after the other.
fn sides(value: &[u8], size: usize) -> u8 {
    let mut sides = 0;
    for (bit, border) in value.chunks_exact(size).take(4).enumerate() {
        if is_border(border) {
            sides |= 1 << bit;
        }
    }
    sides
}
