//! Vietnamese office papers made of the records of scans: the minutes of a scan (`biên bản rà quét`) and the periodic
//! report (`báo cáo định kỳ`), in the layout of Decree 30/2020/NĐ-CP, appendix I, as DOCX and HTML.
//!
//! They hold numbers, levels and fingerprints. They never hold text or names of documents: such a paper travels further
//! than the list of what was found.

mod docx;
mod figures;
mod minutes;
mod page;
mod periodic;

use serde::Deserialize;

pub use docx::write_docx;
pub use figures::{Figures, Period, Scan};
pub use minutes::minutes;
pub use page::write_html;
pub use periodic::{Term, periodic};

/// Names of units and persons. They belong to the user's settings, never to the program.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Office {
    /// The unit above (`tên cơ quan, tổ chức chủ quản`).
    pub parent: Option<String>,
    /// The unit that issues the paper (`tên cơ quan, tổ chức ban hành`).
    pub unit: Option<String>,
    /// Its short name in the symbol of papers, such as `STN`.
    pub code: Option<String>,
    /// Number of the paper.
    pub number: Option<String>,
    /// Name of the place before the date (`địa danh`).
    pub place: Option<String>,
    /// Date of the paper, ISO 8601.
    pub date: Option<String>,
    /// Where it was scanned: building, room.
    pub location: Option<String>,
    /// The machine or share that was scanned.
    pub machine: Option<String>,
    /// Persons present, with their posts.
    pub present: Vec<String>,
    /// Who gets the paper (`nơi nhận`).
    pub recipients: Vec<String>,
    /// Post of who signs.
    pub signer_title: Option<String>,
    /// Who signs.
    pub signer: Option<String>,
    /// Who wrote the minutes.
    pub secretary: Option<String>,
    /// The law that the paper names.
    pub legal_basis: Option<Law>,
}

/// A law on the protection of state secrets that papers name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, clap::ValueEnum)]
pub enum Law {
    /// Law 117/2025/QH15, in force since 1 March 2026
    #[default]
    #[serde(rename = "2026")]
    #[value(name = "2026")]
    Of2026,
    /// Law 29/2018/QH14, in force until then
    #[serde(rename = "2020")]
    #[value(name = "2020")]
    Of2020,
}

impl Office {
    /// What was given in `over` wins.
    #[must_use]
    pub fn overlaid(self, over: Office) -> Office {
        let list = |own: Vec<String>, over: Vec<String>| if over.is_empty() { own } else { over };
        Office {
            parent: over.parent.or(self.parent),
            unit: over.unit.or(self.unit),
            code: over.code.or(self.code),
            number: over.number.or(self.number),
            place: over.place.or(self.place),
            date: over.date.or(self.date),
            location: over.location.or(self.location),
            machine: over.machine.or(self.machine),
            present: list(self.present, over.present),
            recipients: list(self.recipients, over.recipients),
            signer_title: over.signer_title.or(self.signer_title),
            signer: over.signer.or(self.signer),
            secretary: over.secretary.or(self.secretary),
            legal_basis: over.legal_basis.or(self.legal_basis),
        }
    }

    /// The laws the paper is based on.
    fn laws(&self) -> &'static str {
        match self.legal_basis.unwrap_or_default() {
            Law::Of2020 => {
                "Luật Bảo vệ bí mật nhà nước số 29/2018/QH14 và Nghị định số 26/2020/NĐ-CP của Chính phủ"
            }
            Law::Of2026 => {
                "Luật Bảo vệ bí mật nhà nước số 117/2025/QH15 và Nghị định số 63/2026/NĐ-CP của Chính phủ"
            }
        }
    }

    fn head(&self, kind: &str) -> Head {
        let blank = |text: &Option<String>, blank: &str| text.clone().unwrap_or_else(|| blank.to_owned());
        Head {
            parent: blank(&self.parent, "……………………").to_uppercase(),
            unit: blank(&self.unit, "……………………").to_uppercase(),
            number: format!("Số: {}/{kind}-{}", blank(&self.number, "……"), blank(&self.code, "……")),
            dated: format!("{}, {}", blank(&self.place, "…………"), self.dated()),
        }
    }

    fn dated(&self) -> String {
        self.date.as_deref().and_then(day_in_words).unwrap_or_else(|| "ngày … tháng … năm ……".to_owned())
    }
}

/// `2026-11-22` as `ngày 22 tháng 11 năm 2026`. Days below 10 and months 1 and 2 get a zero (Decree 30/2020, appendix
/// I, part II, section 4).
fn day_in_words(date: &str) -> Option<String> {
    let date: jiff::civil::Date = date.get(..10)?.parse().ok()?;
    let month = if date.month() < 3 { format!("{:02}", date.month()) } else { date.month().to_string() };
    Some(format!("ngày {:02} tháng {month} năm {}", date.day(), date.year()))
}

/// A paper: what stands in it, whatever it is written as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    head: Head,
    /// Kind of paper, in capitals.
    kind: String,
    /// What it is about.
    subject: String,
    blocks: Vec<Block>,
    sign: Vec<Signature>,
    recipients: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Head {
    parent: String,
    unit: String,
    number: String,
    dated: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Signature {
    title: String,
    note: String,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Block {
    /// A numbered heading.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A paragraph that is not justified, for long codes.
    Left(String),
    /// A paragraph in italics.
    Note(String),
    /// A table: shares of the width in percent, head, rows; the first column is text, the others are centred.
    Table { widths: Vec<u32>, head: Vec<String>, rows: Vec<Vec<String>> },
}

fn table(widths: &[u32], head: &[&str], rows: Vec<Vec<String>>) -> Block {
    Block::Table { widths: widths.to_vec(), head: head.iter().map(|cell| (*cell).to_owned()).collect(), rows }
}

/// Dotted lines to be filled in by hand.
fn blank_lines(count: usize) -> impl Iterator<Item = Block> {
    std::iter::repeat_n(Block::Text("…".repeat(28)), count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_as_the_decree_writes_them() {
        assert_eq!(day_in_words("2026-02-03").as_deref(), Some("ngày 03 tháng 02 năm 2026"));
        assert_eq!(day_in_words("2026-11-22T01:02:03Z").as_deref(), Some("ngày 22 tháng 11 năm 2026"));
        assert_eq!(day_in_words("2026-5-1"), None);
    }
}
