//! Words for the codes of records: levels, bands, places, reasons, gaps, what was left out, facts.

use super::Lang;
use crate::model::{Band, Coverage, Decision, GapReason, Kind, Level, SkipReason};

/// A level in words.
#[must_use]
pub fn level(level: Level, lang: Lang) -> &'static str {
    let (en, vi) = match level {
        Level::TopSecret => ("top secret", "Tuyệt mật"),
        Level::Secret => ("secret", "Tối mật"),
        Level::Confidential => ("confidential", "Mật"),
        Level::Restricted => ("restricted", "Hạn chế"),
        Level::Internal => ("internal", "Nội bộ"),
    };
    lang.pick(en, vi)
}

/// A band in words.
#[must_use]
pub fn band(band: Band, lang: Lang) -> &'static str {
    let (en, vi) = match band {
        Band::High => ("high", "cao"),
        Band::Medium => ("medium", "trung bình"),
        Band::Low => ("low", "thấp"),
    };
    lang.pick(en, vi)
}

/// A decision about a finding, in words.
#[must_use]
pub fn decision(decision: Decision, lang: Lang) -> &'static str {
    let (en, vi) = match decision {
        Decision::Undecided => ("undecided", "chưa quyết định"),
        Decision::Accepted => ("accepted", "chấp nhận"),
        Decision::FalseAlarm => ("false alarm", "báo nhầm"),
        Decision::ToFix => ("to fix", "phải xử lý"),
    };
    lang.pick(en, vi)
}

/// How much was read, in words.
#[must_use]
pub fn coverage(coverage: Coverage, lang: Lang) -> &'static str {
    let (en, vi) = match coverage {
        Coverage::Full => ("read in full", "đọc được toàn bộ"),
        Coverage::Partial => ("read in part", "đọc được một phần"),
        Coverage::None => ("not read", "không đọc được"),
    };
    lang.pick(en, vi)
}

/// The part of a document, in words.
#[must_use]
pub fn kind(kind: Kind, lang: Lang) -> &'static str {
    let (en, vi) = match kind {
        Kind::Body => ("body", "phần nội dung"),
        Kind::Header => ("page header", "đầu trang"),
        Kind::Footer => ("page footer", "chân trang"),
        Kind::Textbox => ("text box", "hộp văn bản"),
        Kind::Watermark => ("watermark", "hình mờ"),
        Kind::Stamp => ("stamp", "dấu"),
        Kind::Table => ("table", "bảng"),
        Kind::Comment => ("comment", "nhận xét"),
        Kind::Deleted => ("tracked deletion", "phần đã xóa còn lưu vết"),
        Kind::Footnote => ("footnote", "chú thích cuối trang"),
        Kind::Notes => ("speaker notes", "ghi chú của người trình bày"),
        Kind::Title => ("title", "tiêu đề"),
        Kind::Property => ("document property", "thuộc tính tệp"),
        Kind::Label => ("sensitivity label", "nhãn độ nhạy cảm"),
        Kind::AltText => ("alternative text", "văn bản thay thế hình"),
        Kind::Annotation => ("annotation", "chú giải"),
        Kind::FormField => ("form field", "trường biểu mẫu"),
        Kind::Bookmark => ("bookmark", "dấu trang"),
        Kind::Link => ("link target", "đích liên kết"),
        Kind::Script => ("script", "mã lệnh"),
        Kind::Hidden => ("hidden text", "chữ ẩn"),
        Kind::Redacted => ("text under a cover", "chữ nằm dưới phần che"),
        Kind::Revision => ("earlier revision", "phiên bản trước"),
        Kind::Ocr => ("text recognised in a picture", "chữ nhận dạng từ ảnh"),
        Kind::Subject => ("subject of a message", "chủ đề thư"),
        Kind::Name => ("name", "tên tệp"),
    };
    lang.pick(en, vi)
}

/// Why something could not be read, in words.
#[must_use]
pub fn gap(reason: GapReason, lang: Lang) -> &'static str {
    let (en, vi) = match reason {
        GapReason::Encrypted => ("protected by a password", "có mật khẩu bảo vệ"),
        GapReason::LimitSize => ("larger than the limit", "vượt giới hạn dung lượng"),
        GapReason::LimitRatio => ("unpacks to far more than its size", "giải nén ra quá lớn"),
        GapReason::LimitDepth => ("nested too deep", "lồng nhau quá sâu"),
        GapReason::LimitCount => ("too many parts", "quá nhiều thành phần"),
        GapReason::Timeout => ("took too long", "quá thời gian cho phép"),
        GapReason::Crash => ("the reader failed on it", "trình đọc bị lỗi"),
        GapReason::Damaged => ("damaged", "bị hỏng"),
        GapReason::Unsupported => ("of a kind that is not read", "loại chưa đọc được"),
        GapReason::ImageOnly => ("a picture without text", "chỉ có ảnh, không có chữ"),
        GapReason::FontUnreadable => {
            ("in a font whose letters cannot be told", "phông chữ không nhận ra được")
        }
        GapReason::Io => ("the disk or share failed", "lỗi đĩa hoặc thư mục chia sẻ"),
        GapReason::Permission => ("no permission to read it", "không có quyền đọc"),
    };
    lang.pick(en, vi)
}

/// What a person can do about it.
#[must_use]
pub fn advice(reason: GapReason, lang: Lang) -> &'static str {
    let (en, vi) = match reason {
        GapReason::Encrypted => (
            "Open it with its password and look, or scan a copy without one.",
            "Mở bằng mật khẩu để xem trực tiếp, hoặc quét bản không đặt mật khẩu.",
        ),
        GapReason::LimitSize => (
            "Scan it alone with a higher --max-file-size or --max-archive-size.",
            "Quét riêng với --max-file-size hoặc --max-archive-size lớn hơn.",
        ),
        GapReason::LimitRatio => (
            "Ask where it comes from; a normal file does not unpack so far. Then scan it alone with a higher --max-archive-ratio.",
            "Hỏi lại nguồn gốc tệp (tệp thường không giãn ra như vậy), rồi quét riêng với --max-archive-ratio lớn hơn.",
        ),
        GapReason::LimitDepth => (
            "Unpack the outer container and scan what is inside, or raise --max-archive-depth.",
            "Giải nén lớp ngoài rồi quét bên trong, hoặc tăng --max-archive-depth.",
        ),
        GapReason::LimitCount => (
            "Scan it alone with a higher --max-archive-files, or without --max-pages.",
            "Quét riêng với --max-archive-files lớn hơn, hoặc bỏ --max-pages.",
        ),
        GapReason::Timeout => ("Scan it alone with a longer --timeout.", "Quét riêng với --timeout dài hơn."),
        GapReason::Crash => (
            "Open it by hand, and report the file's kind to the makers of this program.",
            "Mở xem trực tiếp và báo loại tệp này cho nhóm phát triển.",
        ),
        GapReason::Damaged => (
            "Open it with its own program, look, and save it anew.",
            "Mở bằng phần mềm gốc, xem lại và lưu thành tệp mới.",
        ),
        GapReason::Unsupported => (
            "Open it with its own program and look, or scan an export (PDF).",
            "Mở bằng phần mềm gốc để xem, hoặc quét bản xuất ra PDF.",
        ),
        GapReason::ImageOnly => (
            "Look at the pages, or scan a copy with recognised text.",
            "Xem từng trang, hoặc quét bản đã nhận dạng chữ (OCR).",
        ),
        GapReason::FontUnreadable => (
            "Look at the pages; print to PDF anew where possible.",
            "Xem từng trang; nếu được thì in lại ra PDF.",
        ),
        GapReason::Io => {
            ("Check the disk or share, and scan again.", "Kiểm tra đĩa hoặc thư mục chia sẻ rồi quét lại.")
        }
        GapReason::Permission => {
            ("Scan again with an account that may read it.", "Quét lại bằng tài khoản có quyền đọc.")
        }
    };
    lang.pick(en, vi)
}

/// Why something was left out, in words.
#[must_use]
pub fn skip(reason: SkipReason, lang: Lang) -> &'static str {
    let (en, vi) = match reason {
        SkipReason::Audio => ("sound", "âm thanh"),
        SkipReason::Video => ("video", "phim"),
        SkipReason::Font => ("fonts", "phông chữ"),
        SkipReason::Executable => ("programs", "chương trình"),
        SkipReason::MachineData => ("machine data", "dữ liệu máy"),
        SkipReason::Filter => ("by your filters", "theo bộ lọc đã chọn"),
        SkipReason::Symlink => ("symbolic links", "liên kết tượng trưng"),
    };
    lang.pick(en, vi)
}

/// Reasons that the judge gives of itself, English and Vietnamese. Those of packs have their texts in the packs.
pub const REASONS: &[(&str, &str, &str)] = &[
    ("own-line", "stands alone in its line, cell or box", "đứng riêng một dòng, một ô hoặc một khung"),
    (
        "beside-number",
        "alone but for a page number, copy number or date",
        "đứng riêng, chỉ kèm số trang, số bản hoặc ngày",
    ),
    ("field-value", "the value of a field such as Classification", "là giá trị của trường như “Độ mật:”"),
    (
        "edge-of-line",
        "begins or ends a header, footer, text box or subject",
        "ở đầu hoặc cuối đầu trang, chân trang, hộp văn bản, chủ đề",
    ),
    ("begins-paragraph", "begins a paragraph", "mở đầu một đoạn"),
    ("in-line", "stands within a longer line", "nằm trong một dòng dài hơn"),
    ("form-ok", "obeys its grammar", "đúng quy cách"),
    ("form-delimiter", "a delimiter is wrong or missing", "dấu phân cách sai hoặc thiếu"),
    ("form-order", "not in the order of the register", "không đúng thứ tự quy định"),
    ("form-unknown", "a control that the register does not hold", "có ký hiệu không nằm trong danh mục"),
    ("form-typo", "misspelt", "viết sai chính tả"),
    ("form-case", "not in capitals", "không viết hoa"),
    (
        "form-abbreviation",
        "a portion's abbreviation in a banner, or the other way round",
        "dùng chữ viết tắt của đoạn trong dòng dấu, hoặc ngược lại",
    ),
    (
        "form-noforn",
        "a control that needs NOFORN or a release list stands without",
        "thiếu NOFORN hoặc danh sách được phổ biến",
    ),
    (
        "form-rel-to",
        "a release list without USA at its head, or without another country",
        "danh sách được phổ biến không bắt đầu bằng USA hoặc không có nước khác",
    ),
    ("form-level", "a control that does not go with this level", "ký hiệu không đi với độ mật này"),
    ("label-map", "the user's label file explains the number", "tệp nhãn của người dùng giải thích mã số"),
    ("label-unknown", "nothing explains the number of this label", "không rõ ý nghĩa mã số của nhãn"),
    (
        "label-contradiction",
        "the document bears a higher marking than its label says",
        "dấu trong tài liệu cao hơn độ mật ghi ở nhãn",
    ),
    (
        "ambiguous",
        "the same word is another level with another authority, and nothing tells which",
        "cùng từ này ở cơ quan khác là độ mật khác, chưa xác định được",
    ),
    ("keyword", "a word of the user's list", "từ trong danh sách của người dùng"),
    ("top-left-of-page-1", "upper third of page 1, left half", "một phần ba trên của trang 1, bên trái"),
    ("top-right-of-page-1", "upper third of page 1, right half", "một phần ba trên của trang 1, bên phải"),
    ("top-of-document", "among the first lines", "trong những dòng đầu"),
    ("page-edge", "at the upper or lower edge of a page", "sát mép trên hoặc mép dưới trang"),
    ("watermark", "in a watermark, a place made for markings", "ở hình mờ, nơi thường đặt dấu độ mật"),
    ("stamp", "in a stamp, a place made for markings", "ở con dấu, nơi thường đặt dấu độ mật"),
    ("header", "in a page header, a place made for markings", "ở đầu trang, nơi thường đặt dấu độ mật"),
    ("footer", "in a page footer, a place made for markings", "ở chân trang, nơi thường đặt dấu độ mật"),
    ("textbox", "in a text box, a place made for markings", "ở hộp văn bản, nơi thường đặt dấu độ mật"),
    ("subject", "in a message's subject", "ở chủ đề thư"),
    ("label", "in a machine-readable label", "ở nhãn máy đọc được"),
    ("repeated-on-pages", "on two or more pages", "lặp lại ở từ hai trang trở lên"),
    ("red", "red letters", "chữ màu đỏ"),
    ("framed", "a frame around it", "có khung viền"),
    ("struck-through", "struck through", "bị gạch ngang"),
    (
        "list-of-levels",
        "other levels stand alone beside it: a legend or form",
        "bên cạnh có các độ mật khác: bảng liệt kê hoặc biểu mẫu",
    ),
    ("choice", "a choice of levels, or a box to tick", "là lựa chọn độ mật hoặc ô đánh dấu"),
    ("quoted", "in quotation marks within a line", "nằm trong dấu ngoặc kép giữa dòng"),
    ("sentence", "within a sentence", "nằm trong một câu"),
    ("option", "a choice of a drop-down list", "là một mục của danh sách chọn"),
    ("link", "the target of a link", "là đích của liên kết"),
    ("script", "a value in a script", "là giá trị trong mã lệnh"),
    ("title", "the document's title, not its page", "ở tiêu đề tệp, không ở trang văn bản"),
    (
        "manual",
        "the document speaks of several levels: a text about markings",
        "tài liệu nói về nhiều độ mật: văn bản hướng dẫn về dấu độ mật",
    ),
    (
        "floor-top-block",
        "a stamp alone in the top block of a letter always deserves a look",
        "dấu đứng riêng ở phần đầu văn bản luôn cần xem lại",
    ),
    ("letter-spaced", "set letter by letter", "các chữ cái viết rời"),
    ("split-over-lines", "broken over lines or cells", "bị ngắt qua nhiều dòng hoặc nhiều ô"),
    (
        "look-alike-letters",
        "written with letters of another script that look alike",
        "dùng chữ cái của hệ chữ khác trông giống",
    ),
    ("mistyped", "one slip of the keyboard in it", "có một lỗi gõ phím"),
    ("misread", "with letters and digits taken for each other", "có chữ cái và chữ số bị nhận dạng lẫn nhau"),
    ("glued", "its words are written without blanks", "các từ viết dính liền"),
    (
        "other-delimiters",
        "with other signs between its words than its form asks for",
        "dấu phân cách giữa các từ không đúng thể thức",
    ),
    ("without-accents", "its accents are lost", "bị mất dấu"),
    (
        "ceiling-damaged",
        "a damaged mark is never more certain than that",
        "dấu bị hỏng chữ thì không chắc chắn hơn mức đó",
    ),
    (
        "known-file",
        "its digest stands in the list of known documents",
        "mã băm của tệp có trong danh sách tài liệu đã biết",
    ),
    (
        "known-text",
        "the digest of its text stands in the list of known documents",
        "mã băm của nội dung có trong danh sách tài liệu đã biết",
    ),
    ("declassified", "the document says that it was declassified", "văn bản ghi đã được giải mật"),
    (
        "ceiling",
        "evidence of this kind is never more certain than that",
        "loại căn cứ này không chắc chắn hơn mức đó",
    ),
    (
        "ceiling-mention",
        "a mention is never more certain than that",
        "chỉ là lời nhắc đến, không chắc chắn hơn mức đó",
    ),
    (
        "ceiling-name",
        "a name alone is never more certain than that",
        "chỉ riêng tên tệp thì không chắc chắn hơn mức đó",
    ),
];

/// What a reason of the judge means; `None` for those of packs.
#[must_use]
pub fn reason(code: &str, lang: Lang) -> Option<String> {
    if let Some((_, en, vi)) = REASONS.iter().find(|(known, ..)| *known == code) {
        return Some(lang.pick(*en, *vi).to_owned());
    }
    if let Some(charset) = code.strip_prefix("charset-") {
        let charset = charset.to_uppercase();
        return Some(lang.pick(
            format!("written in the old charset {charset}, which was guessed"),
            format!("viết bằng bảng mã cũ {charset} (do suy đoán)"),
        ));
    }
    None
}

/// A fact of a document in words; its code where there are none.
#[must_use]
pub fn fact(code: &str, lang: Lang) -> &str {
    match code {
        "captured" => lang.pick("captured", "thu thập lúc"),
        "also-at" => lang.pick("also at", "cũng có tại"),
        "extension-mismatch" => {
            lang.pick("the name's extension says otherwise", "đuôi tệp không khớp nội dung")
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{RuleKind, Selection, load};

    /// Codes that the judge's source gives to reasons.
    fn codes_of_the_judge() -> Vec<String> {
        let source = include_str!("../judge/mod.rs");
        let given = [
            r#"(?:add|cap|raise|push)\(\s*\(?\s*"([a-z0-9-]+)""#,
            r#"Shape::\w+ => "([a-z-]+)""#,
            r#"\("([a-z0-9-]+)", points::"#,
        ];
        let mut codes = Vec::new();
        for pattern in given {
            let pattern = regex::Regex::new(pattern).unwrap();
            codes.extend(pattern.captures_iter(source).map(|found| found[1].to_owned()));
        }
        // Header and footer are given by the name of their kind.
        codes.extend(["header", "footer", "charset-tcvn3"].map(str::to_owned));
        codes
    }

    #[test]
    fn every_reason_of_the_judge_has_both_texts() {
        let codes = codes_of_the_judge();
        assert!(codes.len() > 30, "{codes:?}");
        for code in codes {
            for lang in [Lang::En, Lang::Vi] {
                assert!(
                    reason(&code, lang).is_some_and(|text| !text.is_empty()),
                    "{code} lacks {}",
                    lang.tag()
                );
            }
        }
    }

    #[test]
    fn every_rule_and_evidence_of_our_packs_has_both_texts() {
        let all = Selection { packs: vec!["all".to_owned()], ..Selection::default() };
        let rules = load(&all).unwrap();
        let mut missing = Vec::new();
        for rule in rules.rules.iter().filter(|rule| rule.rule.kind != RuleKind::Part) {
            if rule.rule.title.vi.as_ref().is_none_or(String::is_empty) {
                missing.push(rule.rule.id.clone());
            }
        }
        for item in &rules.evidence {
            if item.evidence.title.vi.as_ref().is_none_or(String::is_empty) {
                missing.push(item.evidence.code.clone());
            }
        }
        assert!(missing.is_empty(), "no Vietnamese title: {missing:?}");
    }
}
