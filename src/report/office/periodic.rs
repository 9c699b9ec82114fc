//! `Báo cáo định kỳ`: half a year or a year of scans, for the unit above.

use super::{Block, Figures, Office, Paper, Period, Scan, Signature, table};
use crate::model::Level;
use crate::text::{Lang, Word, codes};

/// Scans that are listed one by one; a nightly scan makes some hundred a year.
const MAX_LISTED: usize = 60;

/// What a periodic report reports on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term {
    /// The first half of a year.
    HalfYear(i16),
    /// A year.
    Year(i16),
    /// From one day to another.
    Days,
}

/// The report of a period.
#[must_use]
pub fn periodic(office: &Office, scans: &[Scan], period: Period, term: Term) -> Paper {
    let lang = Lang::Vi;
    let number = |n: u64| lang.number(n);
    let day = |date: jiff::civil::Date| date.strftime("%d/%m/%Y").to_string();
    let (from, to) = (day(period.from), day(period.to));
    let days = format!("từ ngày {from} đến hết ngày {to}");
    let (name, closed) = match term {
        Term::Year(year) => (format!("năm {year}"), format!(" (số liệu {days})")),
        Term::HalfYear(year) => (format!("06 tháng đầu năm {year}"), format!(" (số liệu {days})")),
        Term::Days => (days, String::new()),
    };
    let figures = Figures::of(scans);
    let (found, handled, remaining) = figures.total();
    let mut blocks = vec![
        Block::Text(format!(
            "Thực hiện {}, {} báo cáo kết quả rà quét dấu chỉ độ mật trên tài liệu điện tử {name}{closed} như sau:",
            office.laws(),
            office.unit.as_deref().unwrap_or("……………………")
        )),
        Block::Heading("I. TÌNH HÌNH THỰC HIỆN".to_owned()),
        Block::Text(format!(
            "Trong kỳ đã thực hiện {} lần rà quét, tổng cộng {} lượt tài liệu.",
            number(scans.len() as u64),
            number(scans.iter().map(|scan| scan.tally.documents).sum())
        )),
    ];
    let mut order: Vec<&Scan> = scans.iter().collect();
    order.sort_by(|a, b| a.start.started.cmp(&b.start.started));
    let left_out = order.len().saturating_sub(MAX_LISTED);
    let rows = order.iter().skip(left_out).enumerate().map(|(index, scan)| {
        vec![
            (left_out + index + 1).to_string(),
            scan.day().map(day).unwrap_or_default(),
            number(scan.tally.documents),
            number(scan.tally.full),
            number(scan.tally.partial),
            number(scan.tally.none),
            number(scan.tally.skipped_total()),
        ]
    });
    blocks.push(table(
        &[8, 20, 16, 16, 14, 14, 12],
        &["TT", "Ngày quét", "Số tài liệu", "Đọc toàn bộ", "Đọc một phần", "Không đọc được", "Bỏ qua"],
        rows.collect(),
    ));
    if left_out > 0 {
        blocks.push(Block::Text(format!("({} lần quét trước đó không liệt kê.)", number(left_out as u64))));
    }
    blocks.push(Block::Heading("II. KẾT QUẢ".to_owned()));
    blocks.push(Block::Text(format!(
        "Phát hiện {} dấu hiệu; đã xử lý {}; còn lại {}. Đã xử lý gồm dấu hiệu không còn ở lần quét sau cùng của cùng phạm vi và dấu hiệu đã có kết luận.",
        number(found),
        number(handled),
        number(remaining)
    )));
    let mut rows: Vec<Vec<String>> = Vec::new();
    for level in Level::ALL.into_iter().rev() {
        let (found, handled, remaining) = figures.by_level.get(&level).copied().unwrap_or_default();
        rows.push(vec![
            codes::level(level, lang).to_owned(),
            number(found),
            number(handled),
            number(remaining),
        ]);
    }
    rows.push(vec!["Tổng số".to_owned(), number(found), number(handled), number(remaining)]);
    blocks.push(table(&[34, 22, 22, 22], &["Độ mật", "Số phát hiện", "Đã xử lý", "Còn lại"], rows));
    if figures.unread.is_empty() {
        blocks.push(Block::Text("Lần quét sau cùng đọc được toàn bộ tài liệu đã chọn.".to_owned()));
    } else {
        blocks.push(Block::Text(
            "Tài liệu chưa đọc được hoặc đọc chưa hết ở lần quét sau cùng của mỗi phạm vi:".to_owned(),
        ));
        let rows = figures.unread.iter().map(|(reason, n)| {
            vec![codes::gap(*reason, lang).to_owned(), number(*n), codes::advice(*reason, lang).to_owned()]
        });
        blocks.push(table(&[30, 15, 55], &["Lý do", "Số tài liệu", "Cách xử lý"], rows.collect()));
    }
    blocks.push(Block::Note(Word::Honesty.get(lang).to_owned()));
    blocks.push(Block::Heading("III. VỤ VIỆC LỘ, MẤT BÍ MẬT NHÀ NƯỚC VÀ VIỆC KHẮC PHỤC".to_owned()));
    blocks.extend(super::blank_lines(3));
    blocks.push(Block::Heading("IV. DỰ BÁO VÀ KIẾN NGHỊ".to_owned()));
    blocks.extend(super::blank_lines(3));
    blocks.push(Block::Text(format!("Trên đây là báo cáo kết quả rà quét {name}./.")));
    Paper {
        head: office.head("BC"),
        kind: "BÁO CÁO".to_owned(),
        subject: format!("Kết quả rà quét dấu chỉ độ mật trên tài liệu điện tử {name}"),
        blocks,
        sign: vec![Signature {
            title: office
                .signer_title
                .clone()
                .unwrap_or_else(|| "Thủ trưởng đơn vị".to_owned())
                .to_uppercase(),
            note: "(Chữ ký, dấu của cơ quan)".to_owned(),
            name: office.signer.clone().unwrap_or_default(),
        }],
        recipients: office.recipients.clone(),
    }
}
