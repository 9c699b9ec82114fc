//! `Biên bản rà quét`: who scanned what, when, with what, and with what result.

use std::collections::BTreeMap;

use super::{Block, Office, Paper, Scan, Signature, table};
use crate::model::Level;
use crate::report::ledger_line;
use crate::text::{Lang, Word, codes};

/// Findings that are listed one by one; the rest is counted.
const MAX_LISTED: usize = 300;

/// The minutes of a scan.
#[must_use]
pub fn minutes(office: &Office, scan: &Scan) -> Paper {
    let lang = Lang::Vi;
    let number = |n: u64| lang.number(n);
    let mut blocks = vec![Block::Note(format!("Căn cứ {};", office.laws()))];
    let mut text = |line: String| blocks.push(Block::Text(line));
    let blank = |text: &Option<String>| text.clone().unwrap_or_else(|| "…".repeat(30));
    let clock = |time: &jiff::Zoned| {
        let day = super::day_in_words(&time.date().to_string()).unwrap_or_default();
        format!("{:02} giờ {:02} phút, {day}", time.hour(), time.minute())
    };
    let (begun, ended) = match scan.times() {
        Some((begun, ended)) => (clock(&begun), clock(&ended)),
        None => ("…".repeat(20), "…".repeat(20)),
    };
    text(format!("Thời gian bắt đầu: {begun}."));
    text(format!("Địa điểm: {}.", blank(&office.location)));
    text("Thành phần tham dự:".to_owned());
    for person in &office.present {
        text(format!("- {person};"));
    }
    if office.present.is_empty() {
        (0..2).for_each(|_| text(format!("- {}", "…".repeat(50))));
    }
    text("Đã tiến hành rà quét dấu chỉ độ mật trên tài liệu điện tử, kết quả như sau:".to_owned());

    blocks.push(Block::Heading("1. Phạm vi và công cụ".to_owned()));
    let mut text = |line: String| blocks.push(Block::Text(line));
    text(format!("Máy, thiết bị lưu trữ: {}.", blank(&office.machine)));
    text(format!("Số thư mục, tệp được chỉ định: {}.", number(scan.start.roots.len() as u64)));
    text(format!("Phần mềm: daumat {}; bộ quy tắc: {}.", scan.start.version, scan.start.packs.join(", ")));
    blocks.push(Block::Left(format!("Mã băm bộ quy tắc: {}.", scan.start.rules_digest)));

    blocks.push(Block::Heading("2. Kết quả đọc tài liệu".to_owned()));
    blocks.push(Block::Text(format!("{}.", ledger_line(&scan.tally, lang))));
    if scan.tally.interrupted {
        blocks.push(Block::Text("Lần quét bị dừng giữa chừng; số liệu chỉ gồm phần đã đọc.".to_owned()));
    }
    if scan.unread.is_empty() {
        blocks.push(Block::Text("Mọi tài liệu đã chọn đều được đọc toàn bộ.".to_owned()));
    } else {
        let rows = scan.unread.iter().map(|(reason, n)| {
            vec![codes::gap(*reason, lang).to_owned(), number(*n), codes::advice(*reason, lang).to_owned()]
        });
        blocks.push(Block::Text("Tài liệu chưa đọc được hoặc đọc chưa hết:".to_owned()));
        blocks.push(table(&[30, 15, 55], &["Lý do", "Số tài liệu", "Cách xử lý"], rows.collect()));
    }

    blocks.push(Block::Heading("3. Dấu hiệu phát hiện".to_owned()));
    let mut rows = Vec::new();
    let mut sums = (0, 0);
    for level in Level::ALL.into_iter().rev() {
        let of = scan.findings.values().filter(|found| found.level == level);
        let all = of.clone().count() as u64;
        let decided = of.filter(|found| found.decided).count() as u64;
        sums = (sums.0 + all, sums.1 + decided);
        rows.push(vec![
            codes::level(level, lang).to_owned(),
            number(all),
            number(decided),
            number(all - decided),
        ]);
    }
    rows.push(vec!["Tổng số".to_owned(), number(sums.0), number(sums.1), number(sums.0 - sums.1)]);
    blocks.push(table(&[34, 22, 22, 22], &["Độ mật", "Số phát hiện", "Đã có kết luận", "Cần xem xét"], rows));
    // The same mark in the same surroundings has one fingerprint, however many documents bear it.
    let mut groups: BTreeMap<(Level, [u8; 12]), (u8, u64)> = BTreeMap::new();
    for one in scan.findings.values().filter(|found| !found.decided) {
        let (confidence, documents) = groups.entry((one.level, one.fingerprint)).or_default();
        *confidence = one.confidence.max(*confidence);
        *documents += 1;
    }
    let mut found: Vec<_> = groups.into_iter().collect();
    found.sort_by_key(|((level, fingerprint), (confidence, _))| {
        (std::cmp::Reverse((*level, *confidence)), *fingerprint)
    });
    if !found.is_empty() {
        blocks
            .push(Block::Text("Danh mục theo mã nhận dạng (không trích nội dung, tên tài liệu):".to_owned()));
        let rows =
            found.iter().take(MAX_LISTED).enumerate().map(|(index, (what, (confidence, documents)))| {
                vec![
                    (index + 1).to_string(),
                    String::from_utf8_lossy(&what.1).trim().to_owned(),
                    codes::level(what.0, lang).to_owned(),
                    confidence.to_string(),
                    number(*documents),
                ]
            });
        blocks.push(table(
            &[10, 30, 22, 18, 20],
            &["STT", "Mã nhận dạng", "Độ mật", "Độ tin cậy", "Số tài liệu"],
            rows.collect(),
        ));
        let more = found.len().saturating_sub(MAX_LISTED);
        if more > 0 {
            let line = format!("và {} mã khác theo báo cáo chi tiết kèm theo.", number(more as u64));
            blocks.push(Block::Text(line));
        }
    }
    blocks.push(Block::Note(Word::Honesty.get(lang).to_owned()));

    blocks.push(Block::Heading("4. Ý kiến và hướng xử lý".to_owned()));
    blocks.extend(super::blank_lines(3));
    blocks.push(Block::Text(format!(
        "Việc rà quét kết thúc vào hồi {ended}. Biên bản đã được đọc lại cho những người có tên trên cùng nghe, công nhận là đúng và ký tên dưới đây."
    )));
    let note = "(Ký, ghi rõ họ tên)".to_owned();
    Paper {
        head: office.head("BB"),
        kind: "BIÊN BẢN".to_owned(),
        subject: "Rà quét dấu chỉ độ mật trên tài liệu điện tử".to_owned(),
        blocks,
        sign: vec![
            Signature {
                title: "NGƯỜI THỰC HIỆN".to_owned(),
                note: note.clone(),
                name: office.secretary.clone().unwrap_or_default(),
            },
            Signature {
                title: office
                    .signer_title
                    .clone()
                    .unwrap_or_else(|| "Thủ trưởng đơn vị".to_owned())
                    .to_uppercase(),
                note,
                name: office.signer.clone().unwrap_or_default(),
            },
        ],
        recipients: office.recipients.clone(),
    }
}
