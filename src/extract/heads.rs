//! Heads of tables in documents and pages, whose cells have no address: what the first row, or the cell in front, says of a cell.
//!
//! Only heads that name a degree of secrecy are kept, since only their cells are read with them. Left out: cells that span rows or
//! columns where the format's reader does not tell.

/// Rows in which heads may stand: a title may stand above them.
const HEAD_ROWS: u32 = 3;
/// Columns of a table that are remembered.
const MAX_COLUMNS: usize = 16;

/// Heads of one table, fed cell by cell.
#[derive(Debug, Default)]
pub(super) struct Heads {
    row: u32,
    /// Cells of this row that have begun; the last one is at hand.
    cells: u32,
    /// Where the next cell stands.
    next: u32,
    /// Column, row and text of the heads of columns.
    columns: Vec<(u32, u32, String)>,
    /// A cell of this row that names a degree: where, and what.
    front: Option<(u32, String)>,
}

impl Heads {
    /// A row begins.
    pub(super) fn row(&mut self) {
        self.row += 1;
        (self.cells, self.next) = (0, 0);
        self.front = None;
    }

    /// A cell begins, so many columns wide.
    pub(super) fn cell(&mut self, columns: u32) {
        self.cells += 1;
        self.next = self.next.saturating_add(columns.max(1));
    }

    /// Text of the cell at hand: whether it is a head.
    pub(super) fn text(&mut self, text: &str) {
        let text = text.trim().trim_end_matches(':').trim_end();
        if !names_a_degree(text) {
            return;
        }
        if self.row <= HEAD_ROWS && self.columns.len() < MAX_COLUMNS {
            self.columns.push((self.next, self.row, text.to_owned()));
        }
        self.front = Some((self.cells, text.to_owned()));
    }

    /// The head of the cell at hand: the cell in front of it, or that of its column.
    pub(super) fn of_cell(&self) -> Option<&str> {
        let front = self.front.as_ref().filter(|(at, _)| at + 1 == self.cells);
        let column = || self.columns.iter().rev().find(|(at, row, _)| *at == self.next && *row < self.row);
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
                    heads.cell(1);
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
}
