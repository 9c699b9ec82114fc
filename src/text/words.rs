//! Words and sentences that the program picks by name. `{}` is filled in order (`text::fill`).

use super::Lang;

/// Makes an enum of texts; a text that lacks a language does not compile.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident: $en:literal, $vi:literal;)*) => {
        /// A text of the program; the English stands in its comment.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Word { $(#[doc = $en] $name,)* }

        impl Word {
            /// Every text.
            pub const ALL: &'static [Word] = &[$(Word::$name,)*];

            /// Its name in the program, which the HTML report uses, too.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Word::$name => stringify!($name),)* }
            }

            /// The text in a language.
            #[must_use]
            pub fn get(self, lang: Lang) -> &'static str {
                match self { $(Word::$name => lang.pick($en, $vi),)* }
            }
        }
    };
}

words! {
    About: "Finds documents that bear a classification marking, says where it stands and why, and what could not be read",
        "Tìm tài liệu mang dấu chỉ độ mật, chỉ ra vị trí, căn cứ và những gì chưa đọc được";
    Honesty: "Formal signs only: this does not decide what is secret, and a missing mark proves nothing.",
        "Công cụ chỉ phát hiện dấu hiệu hình thức; không xác định bí mật nhà nước, không thay thế người có thẩm quyền.";
    Confidence: "confidence", "độ tin cậy";
    LevelByMatch: "as the mark says", "theo nội dung dấu";
    RuleMeaning: "The document bears the sign \"{}\" (level: {}).", "Tài liệu có dấu hiệu “{}” (độ mật: {}).";
    Sources: "Sources", "Căn cứ";
    Interrupted: "interrupted: only what was read until then is reported",
        "bị dừng giữa chừng: chỉ báo cáo phần đã đọc";
    Ledger: "{} documents: {} read in full, {} in part, {} not read, {} left out",
        "{} tài liệu: {} đọc toàn bộ, {} đọc một phần, {} không đọc được, {} bỏ qua";
    PossibleMarkings: "possible markings: {}, in {} documents", "dấu hiệu phát hiện: {}, trong {} tài liệu";
    NotShown: "; not shown: {}", "; không hiển thị: {}";
    NothingFound: "no marking found in what was read", "không phát hiện dấu chỉ độ mật trong phần đã đọc";
    UnreadIsAbove: "; what was not read is listed above", "; phần chưa đọc được liệt kê ở trên";
    NotRead: "Not read, or not in full:", "Không đọc được hoặc đọc chưa hết:";
    AndMore: "and {} more (-v names all)", "và {} tài liệu nữa (-v liệt kê hết)";
    Where: "where", "vị trí ";
    Why: "why", "căn cứ ";
    Text: "text", "văn bản";
    CountsAs: ", counts as {}", ", tính là {}";
    Decided: "decided", "đã xử lý";
    PlacePage: "page {}", "trang {}";
    PlaceSlide: "slide {}", "trang chiếu {}";
    PlaceSheet: "sheet {}", "trang tính {}";
    PlaceCell: "cell {}", "ô {}";
    PlaceLine: "line {}", "dòng {}";
    NotVisible: "not visible", "không hiển thị khi mở";

    // Messages.
    Error: "error", "lỗi";
    Warning: "warning", "cảnh báo";
    Hint: "hint:", "gợi ý:";
    NoFile: "no file was found at the given paths", "không tìm thấy tệp nào theo đường dẫn đã cho";
    NoPath: "no path to scan\nhint: `daumat scan .` scans the current folder",
        "chưa có đường dẫn để quét\nhint: `daumat scan .` quét thư mục hiện tại";
    CannotScan: "cannot scan {}", "không quét được {}";
    StdinTwice: "standard input cannot be a document and the list of files at once",
        "đầu vào chuẩn không thể vừa là tài liệu vừa là danh sách tệp";
    StdinTooLarge: "standard input is larger than {} MB\nhint: write it to a file and scan that",
        "dữ liệu từ đầu vào chuẩn lớn hơn {} MB\nhint: ghi ra tệp rồi quét tệp đó";
    StandardInput: "standard input", "đầu vào chuẩn";
    NoReason: "--allow-incomplete: no reason `{}`\nhint: reasons are {}",
        "--allow-incomplete: không có lý do `{}`\nhint: các lý do là {}";
    ReportSyntax: "--report {}: expected FORMAT=FILE", "--report {}: cần dạng ĐỊNH-DẠNG=TỆP";
    ReportFormat: "--report {}: no format `{}`\nhint: formats are {}",
        "--report {}: không có định dạng `{}`\nhint: các định dạng là {}";
    CannotWrite: "cannot write {}: {}", "không ghi được {}: {}";
    CannotRead: "cannot read {}: {}", "không đọc được {}: {}";
    SameFile: "two reports would be written to {}", "hai báo cáo cùng ghi vào {}";
    CutShort: "{}: the records break off; the scan did not end", "{}: bản ghi bị ngắt quãng; lần quét chưa kết thúc";
    FingerprintAlone: "a fingerprint alone does not tell where to look\nhint: add --in PATH, the file or folder of the scan",
        "chỉ có mã nhận dạng thì chưa biết tìm ở đâu\nhint: thêm --in ĐƯỜNG-DẪN, tệp hoặc thư mục đã quét";
    NoFinding: "no finding {} there\nhint: the text around it may have changed",
        "không có phát hiện {} ở đó\nhint: văn bản xung quanh có thể đã thay đổi";
    StandsAs: "stands as \"{}\" in {}", "ghi là “{}” ở {}";
    SumCounts: "{} to 100 counts as {}", "đến 100, mức {}, tính là {}";
    Sum: "sum", "tổng";
    Progress: "{} of {} files, {} MB, {} MB/s, {} flagged", "{}/{} tệp, {} MB, {} MB/giây, {} có dấu hiệu";
    ReaderUnusable: "the reader process cannot be used: {}", "không dùng được tiến trình đọc: {}";
    WalkFailed: "the walk cannot start: {}", "không duyệt được thư mục: {}";

    // `rules` and `extract`.
    Declassified: "declassified", "giải mật";
    ByMatch: "by match", "theo dấu";
    RulesCount: "{} rules, {} keywords, digest {}", "{} quy tắc, {} từ khóa, mã băm {}";
    ShowLevel: "level", "độ mật";
    ShowByText: "by what it says: {}", "theo nội dung: {}";
    ShowWord: "word", "từ";
    ShowPattern: "pattern", "mẫu";
    ShowLetters: "letters", "chữ";
    LettersCapitals: "capitals", "viết hoa";
    LettersAny: "any", "bất kỳ";
    LettersMixed: "not all capitals", "không phải toàn chữ hoa";
    ShowPoints: "points", "điểm";
    ShapeAlone: "alone", "đứng riêng";
    ShapeField: "after a field label", "sau tên trường";
    ShapeEdge: "at the edge of a header, footer, text box", "ở đầu hoặc cuối đầu trang, chân trang, hộp văn bản";
    ShapePrefix: "beginning a paragraph", "mở đầu đoạn";
    ShapeWithin: "within a line", "giữa dòng";
    ShowAtMost: "at most", "tối đa";
    AtMost: "{} ({} within a line)", "{} ({} khi ở giữa dòng)";
    ShowFinds: "finds", "tìm thấy";
    ShowLeaves: "leaves", "bỏ qua";
    ShowSource: "source", "căn cứ";
    NeedsExamples: "needs {} examples and {} counter-examples", "cần {} ví dụ và {} phản ví dụ";
    RulesChecked: "{} rules checked, {} problems", "đã kiểm tra {} quy tắc, {} lỗi";
    ExamplesTried: "{} examples, {} wrong", "{} ví dụ, {} sai";
    ExtractFile: "file", "tệp";
    ExtractEnd: "{}: {}, {} bytes, read: {}", "{}: {}, {} byte, đọc: {}";
    ExtractNotRead: "not read", "chưa đọc";
    IsFolder: "{}: is a folder; `extract` takes one file", "{}: là thư mục; `extract` chỉ nhận một tệp";
    TooLargeForLimit: "{}: larger than --max-file-size allows", "{}: lớn hơn mức --max-file-size cho phép";

    // Rule errors.
    RuleUnreadable: "{}: cannot be read: {}", "{}: không đọc được: {}";
    RuleWrong: "{}: rule `{}`: {}", "{}: quy tắc `{}`: {}";
    NoPackFiles: "{}: no rule pack (*.toml) in this folder", "{}: không có bộ quy tắc (*.toml) trong thư mục này";
    NoPack: "no pack `{}`\nhint: packs are {}", "không có bộ quy tắc `{}`\nhint: các bộ quy tắc là {}";
    NoRule: "no rule `{}`\nhint: `daumat rules list` shows them",
        "không có quy tắc `{}`\nhint: xem bằng `daumat rules list`";
    NoRuleInEffect: "no rule is in effect, so nothing would be found\nhint: check --pack, --rule and --exclude-rule",
        "không có quy tắc nào có hiệu lực nên sẽ không tìm được gì\nhint: xem lại --pack, --rule và --exclude-rule";

    // Usage.
    Usage: "Usage:", "Cách dùng:";
    Commands: "Commands", "Các lệnh";
    Arguments: "Arguments", "Đối số";
    OptionsHead: "Options", "Tùy chọn";
    PrintHelp: "Print help", "In hướng dẫn";
    PrintVersion: "Print version", "In phiên bản";
    UnknownArgument: "unexpected argument '{}'", "không có tùy chọn '{}'";
    UnknownVerb: "unrecognized subcommand '{}'", "không có lệnh '{}'";
    WrongValue: "invalid value '{}' for '{}'", "giá trị '{}' không hợp lệ cho '{}'";
    WrongValueWhy: "invalid value '{}' for '{}': {}", "giá trị '{}' không hợp lệ cho '{}': {}";
    MissingValue: "a value is required for '{}'", "thiếu giá trị cho '{}'";
    MissingArgument: "missing: {}", "còn thiếu: {}";
    Conflict: "the argument '{}' cannot be used with '{}'", "không dùng '{}' cùng với '{}'";
    PossibleValues: "possible values: {}", "các giá trị: {}";
    DidYouMean: "did you mean '{}'", "có phải ý bạn là '{}'";
    ForMore: "for more, try '--help'", "xem thêm: '--help'";
    NotASize: "not a size such as 500M", "không phải dung lượng như 500M";

    NotAClosingDay: "not a day and month such as 14/12", "không phải ngày/tháng như 14/12";
    PaperExtension: "{}: the extension tells neither docx nor html\nhint: add --format docx",
        "{}: đuôi tệp không phải docx hay html\nhint: thêm --format docx";
    OutsidePeriod: "{}: scanned on {}, outside the period; not counted", "{}: quét ngày {}, ngoài kỳ báo cáo; không tính";
    NothingInPeriod: "no scan lies in the period from {} to {}", "không có lần quét nào trong kỳ từ {} đến {}";
    PeriodBackwards: "the period ends ({}) before it begins ({})", "kỳ báo cáo kết thúc ({}) trước khi bắt đầu ({})";

    // HTML report.
    ReportTitle: "Report of a scan for classification markings", "Báo cáo rà quét dấu chỉ độ mật";
    Language: "Tiếng Việt", "English";
    ScannedAt: "Scanned", "Thời điểm quét";
    Scope: "Scope", "Phạm vi";
    RulesUsed: "Rules", "Bộ quy tắc";
    ToolVersion: "Program", "Phần mềm";
    Summary: "Summary", "Tổng hợp";
    Documents: "Documents", "Tài liệu";
    ReadInFull: "read in full", "đọc toàn bộ";
    ReadInPart: "read in part", "đọc một phần";
    ReadNot: "not read", "không đọc được";
    LeftOut: "left out", "bỏ qua";
    Flagged: "with findings", "có dấu hiệu";
    Elapsed: "Time taken", "Thời gian quét";
    ByLevel: "Documents by level", "Tài liệu theo độ mật";
    ByFolder: "Documents with findings by folder", "Tài liệu có dấu hiệu theo thư mục";
    OtherFolders: "other folders", "thư mục khác";
    Findings: "Findings", "Phát hiện";
    Search: "Search name, mark, rule", "Tìm theo tên, dấu, quy tắc";
    Level: "Level", "Độ mật";
    Certainty: "Certainty", "Mức tin cậy";
    AllLevels: "all levels", "mọi độ mật";
    AllBands: "any", "mọi mức";
    GroupBy: "Group", "Nhóm";
    GroupDocument: "by document", "theo tài liệu";
    GroupContent: "by identical content", "theo nội dung trùng nhau";
    ShowDecided: "show decided", "hiện mục đã xử lý";
    Shown: "{} of {} documents shown", "hiển thị {}/{} tài liệu";
    ShowMore: "Show {} more", "Hiện thêm {}";
    Copies: "{} copies", "{} bản trùng";
    Rule: "Rule", "Quy tắc";
    Place: "Place", "Vị trí";
    Reasons: "Reasons", "Căn cứ";
    Context: "Context", "Ngữ cảnh";
    Fingerprint: "Fingerprint", "Mã nhận dạng";
    Format: "Format", "Định dạng";
    Unread: "What could not be read", "Những gì chưa đọc được";
    UnreadNone: "Everything selected was read in full.", "Mọi tài liệu đã chọn đều được đọc toàn bộ.";
    WhatToDo: "What to do", "Cách xử lý";
    LeftOutHead: "Left out", "Đã bỏ qua";
    NoFindings: "No marking was found in what was read.", "Không phát hiện dấu chỉ độ mật trong phần đã đọc.";
    NothingMatches: "Nothing matches the filter.", "Không có mục nào khớp bộ lọc.";
    Keys: "Keys: / search, j and k next and previous document, Enter opens or closes, p prints",
        "Phím: / tìm, j và k sang tài liệu sau, trước, Enter mở hoặc đóng, p in";
    NeedsScript: "This page shows its list by its own script, which this browser does not run. The summary above is complete.",
        "Trang này hiển thị danh sách bằng mã lệnh của chính nó, nhưng trình duyệt đang tắt mã lệnh. Phần tổng hợp ở trên vẫn đầy đủ.";
    VerdictClean: "Nothing was found, and everything was read.", "Không phát hiện dấu hiệu, mọi tài liệu đã được đọc.";
    VerdictFindings: "Documents with possible markings were found.", "Có tài liệu mang dấu hiệu, cần xem xét.";
    VerdictIncomplete: "Nothing was found, but not everything was read.",
        "Chưa phát hiện dấu hiệu, nhưng chưa đọc được hết.";
    SignedBy: "Person who scanned", "Người thực hiện";
    CheckedBy: "Person who checked", "Người kiểm tra";
    ApprovedBy: "Head of the unit", "Thủ trưởng đơn vị";
    SignHere: "(signature, full name)", "(ký, ghi rõ họ tên)";
    Print: "Print", "In";
    Page: "page", "trang";
    ExpandAll: "Open all", "Mở tất cả";
    Contents: "Skip to the findings", "Đến phần phát hiện";
    Theme: "Dark or light", "Nền tối hoặc sáng";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_the_same_places_to_fill() {
        for word in Word::ALL {
            let places = |lang| word.get(lang).matches("{}").count();
            assert_eq!(places(Lang::En), places(Lang::Vi), "{}", word.name());
            assert!(!word.get(Lang::Vi).trim().is_empty(), "{}", word.name());
            let hints = |lang| word.get(lang).matches("\nhint: ").count();
            assert_eq!(hints(Lang::En), hints(Lang::Vi), "{}", word.name());
        }
    }
}
