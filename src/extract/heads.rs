//! Heads of tables in documents and pages, whose cells have no address: what the first row, or the cell in front, says of a cell.
//!
//! Only heads that name a degree of secrecy are kept, since only their cells are read with them. Left out: columns that the format's
//! reader does not tell, such as those a row of DOCX leaves out at its beginning.

use std::ops::Range;

/// Rows in which heads may stand: a title may stand above them.
const HEAD_ROWS: u32 = 3;
/// Columns of a table that are remembered.
const MAX_COLUMNS: usize = 16;

/// Cells over several rows of a table that are remembered.
const MAX_TALL: usize = 32;
/// Most columns that a table has.
const MOST_COLUMNS: u32 = 16_384;

/// Heads of one table, fed cell by cell.
#[derive(Debug, Default)]
pub(super) struct Heads {
    row: u32,
    /// Cells of this row that have begun; the last one is at hand.
    cells: u32,
    /// Columns of the cell at hand.
    at: Range<u32>,
    /// Columns that cells of former rows take, and the last row where they do.
    tall: Vec<(Range<u32>, u32)>,
    /// Columns, row and text of the heads of columns.
    columns: Vec<(Range<u32>, u32, String)>,
    /// A cell of this row that names a degree: where, and what.
    front: Option<(u32, String)>,
}

impl Heads {
    /// A row begins.
    pub(super) fn row(&mut self) {
        self.row += 1;
        (self.cells, self.at) = (0, 0..0);
        self.front = None;
        let row = self.row;
        self.tall.retain(|(_, last)| *last >= row);
    }

    /// A cell begins, so many columns wide and so many rows high.
    pub(super) fn cell(&mut self, columns: u32, rows: u32) {
        self.cells += 1;
        let mut start = self.at.end;
        while let Some((taken, _)) = self.tall.iter().find(|(taken, _)| taken.contains(&start)) {
            start = taken.end;
        }
        self.at = start..start.saturating_add(columns.clamp(1, MOST_COLUMNS));
        if rows > 1 && self.tall.len() < MAX_TALL {
            self.tall.push((self.at.clone(), self.row.saturating_add(rows - 1)));
        }
    }

    /// The cell at hand is so many columns wide.
    pub(super) fn widen(&mut self, columns: u32) {
        self.at.end = self.at.start.saturating_add(columns.clamp(1, MOST_COLUMNS));
    }

    /// Text of the cell at hand: whether it is a head.
    pub(super) fn text(&mut self, text: &str) {
        let text = text.trim().trim_end_matches(':').trim_end();
        if !names_a_degree(text) {
            return;
        }
        if self.row <= HEAD_ROWS && self.columns.len() < MAX_COLUMNS {
            self.columns.push((self.at.clone(), self.row, text.to_owned()));
        }
        self.front = Some((self.cells, text.to_owned()));
    }

    /// The head of the cell at hand: the cell in front of it, or that of its column. A head over several columns says what all of them
    /// are, not each: only a cell as wide is its value.
    pub(super) fn of_cell(&self) -> Option<&str> {
        let front = self.front.as_ref().filter(|(at, _)| at + 1 == self.cells);
        let column = || self.columns.iter().rev().find(|(at, row, _)| *at == self.at && *row < self.row);
        front.map(|(_, text)| text.as_str()).or_else(|| column().map(|(.., text)| text.as_str()))
    }
}

/// Whether a name of a member, element, attribute, column or control says that its value is the degree of secrecy of something: then
/// the two are read together. Other names are left out or are fields of their own, since a mark that stands alone in its field
/// says more than one behind any word.
pub(super) fn names_a_degree(name: &str) -> bool {
    /// Of the names, in bytes.
    const LENGTHS: std::ops::RangeInclusive<usize> = 5..=40;
    // Most names are told by their last letter.
    let last = name.bytes().last().unwrap_or_default();
    if !LENGTHS.contains(&name.len()) || last.is_ascii() && !b"dglntDGLNT".contains(&last) {
        return false;
    }
    let letters: String = name
        .chars()
        .filter(|letter| !matches!(letter, '_' | '-' | '.' | ' '))
        .flat_map(char::to_lowercase)
        .collect();
    matches!(
        letters.as_str(),
        "domat"
            | "mucdomat"
            | "capdomat"
            | "mucmat"
            | "độmật"
            | "mứcđộmật"
            | "cấpđộmật"
            | "mứcmật"
            | "mucdobaomat"
            | "capdobaomat"
            | "độbảomật"
            | "mứcđộbảomật"
            | "cấpđộbảomật"
            | "classification"
            | "classificationlevel"
            | "classificationmarking"
            | "securityclassification"
            | "securitymarking"
            | "overallclassification"
            | "documentclassification"
            | "dataclassification"
            | "informationclassification"
            | "protectivemarking"
            | "einstufung"
            | "geheimhaltungsgrad"
            | "vsgrad"
            | "gradering"
            | "sikkerhetsgradering"
            | "rubricering"
            | "классификация"
            | "грифсекретности"
            | "密级"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cell_in_front_goes_before_the_head_of_the_column() {
        let mut heads = Heads::default();
        let mut table = |rows: &[&[&str]]| {
            let mut got = Vec::new();
            for row in rows {
                heads.row();
                for text in *row {
                    heads.cell(1, 1);
                    got.push(heads.of_cell().map(str::to_owned));
                    heads.text(text);
                }
            }
            got.into_iter().flatten().collect::<Vec<_>>()
        };
        let got = table(&[
            &["Sổ đi"],
            &["Số", "Độ mật", "Ghi chú"],
            &["1", "Mật", ""],
            &["Classification:", "Secret", "x"],
            &["2"],
        ]);
        // What stands beside a head may be its value: `Ghi chú` bears its name as well, and means nothing under it.
        assert_eq!(got, ["Độ mật", "Độ mật", "Classification"]);
    }

    #[test]
    fn cells_over_rows_and_columns_are_counted() {
        let mut heads = Heads::default();
        // Số and Độ mật over two rows, Ngày over two columns.
        heads.row();
        for (text, columns, rows) in [("Số", 1, 2), ("Ngày", 2, 1), ("Độ mật", 1, 2)] {
            heads.cell(1, rows);
            heads.widen(columns);
            heads.text(text);
        }
        heads.row();
        for text in ["Đi", "Đến"] {
            heads.cell(1, 1);
            assert_eq!(heads.of_cell(), None, "{text}");
        }
        heads.row();
        let mut row = |widths: &[u32]| {
            let mut got = Vec::new();
            for width in widths {
                heads.cell(*width, 1);
                got.push(heads.of_cell().is_some());
            }
            heads.row();
            got
        };
        assert_eq!(row(&[1, 1, 1, 1]), [false, false, false, true]);
        assert_eq!(row(&[3, 1]), [false, true]);
        // Subheads under one head are no values of it.
        assert_eq!(row(&[1, 1, 1, 2]), [false; 4]);
    }
}
