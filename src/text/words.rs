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
    RuleKeyword: "Keyword of the user's list", "Từ khóa của người dùng";
    RuleKnownFile: "Known file", "Tệp đã biết";
    RuleKnownText: "Document with a known text", "Văn bản có nội dung đã biết";
    RuleLabelMapped: "Label of the user's file", "Nhãn theo tệp của người dùng";
    RuleLabelUnknown: "Label that nothing explains", "Nhãn không rõ nghĩa";
    RuleLabelContradiction: "Label \"{}\" is lower than the marking in the text: {}",
        "Nhãn “{}” thấp hơn dấu trong văn bản: {}";
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
    LegalBasisCited: "legal basis ({}): {}", "căn cứ pháp lý ({}): {}";
    NoBasis: "no legal basis `{}`\nhint: there are {}", "không có căn cứ pháp lý `{}`\nhint: có các căn cứ {}";
    Known: "known", "đã biết";
    KnownSince: "{}, known since {}", "{}, đã biết từ {}";
    DecisionOver: ", expired {}", ", hết hạn {}";
    Covered: "covered by the baseline and not shown: {}", "đã có trong danh sách đã biết, không hiển thị: {}";
    Recalled: "not changed since the last scan, reported as then: {} files",
        "không thay đổi từ lần rà quét trước, báo cáo như lần trước: {} tệp";
    StateOther: "{}: the state is of other rules, limits, settings or of another build of the program; every file is read again",
        "{}: trạng thái thuộc về bộ quy tắc, giới hạn, thiết lập hoặc bản chương trình khác; mọi tệp được đọc lại";
    StateDamaged: "{}: the state is damaged or was changed by somebody; every file is read again",
        "{}: tệp trạng thái bị hỏng hoặc đã bị sửa; mọi tệp được đọc lại";
    StateFailed: "cannot keep the state in {}: {}", "không ghi được trạng thái vào {}: {}";
    Expired: "{} baseline entries are expired; their findings count again",
        "{} mục trong danh sách đã biết đã hết hạn; dấu hiệu tương ứng được tính lại";
    Stale: "{} baseline entries met nothing: their documents were changed or removed\nhint: `daumat baseline prune` removes them",
        "{} mục trong danh sách đã biết không còn khớp: tài liệu đã thay đổi hoặc đã bị xóa\nhint: `daumat baseline prune` loại bỏ các mục đó";
    ConfigScanned: "{} lies in what is scanned, so its settings were not used\nhint: name it with --config if it is yours",
        "{} nằm trong phạm vi quét nên không được dùng\nhint: chỉ rõ bằng --config nếu đó là tệp của bạn";
    CanaryMissed: "built-in canaries were not found: {}\nhint: do not trust this scan; `daumat doctor` tells more",
        "không tìm thấy tài liệu mẫu kiểm tra: {}\nhint: không nên tin kết quả lần quét này; chạy `daumat doctor` để biết thêm";
    NoCanary: "--canary: none of the rules in effect finds a canary\nhint: canaries carry Vietnamese degrees (pack vn)",
        "--canary: không quy tắc nào đang dùng tìm được tài liệu mẫu kiểm tra\nhint: tài liệu mẫu mang độ mật Việt Nam (gói vn)";
    DoctorRules: "rules       {} rules of the packs {}; digest {}", "quy tắc     {} quy tắc của các gói {}; mã {}";
    DoctorReader: "reader      a process of its own", "đọc tệp     bằng tiến trình riêng";
    DoctorFiles: "files       reads only below the given paths: {}", "tệp         chỉ đọc trong đường dẫn đã cho: {}";
    DoctorCalls: "network     none, and no other programs: {}", "mạng        không kết nối, không chạy chương trình khác: {}";
    DoctorMemory: "memory      limited: {}", "bộ nhớ      có giới hạn: {}";
    DoctorOcr: "pictures    not read (no OCR): a page that is a picture is a gap `image-only`",
        "ảnh         không đọc (không có OCR): trang ảnh được ghi là `image-only`";
    DoctorLimits: "limits      {} MB held of one file, {} GB out of its containers, {} documents, depth {}, {} s",
        "giới hạn    giữ {} MB của một tệp, {} GB từ tệp nén, {} tài liệu, sâu {} lớp, {} giây";
    DoctorCanaries: "canaries    {} of {} found", "mẫu thử     tìm thấy {} trong {}";
    DoctorFound: "found", "tìm thấy";
    DoctorMissed: "NOT FOUND", "KHÔNG THẤY";
    DoctorUnread: "not read    {}", "không đọc   {}";
    Yes: "yes", "có";
    No: "no", "không";
    EvidenceTold: "{}: scanned {} with {}, rules {}: {} documents, {} read in full, {} not or in part, {} left out; {} with possible markings; verdict {}",
        "{}: đã quét {} bằng {}, quy tắc {}: {} tài liệu, {} đọc toàn bộ, {} không đọc hoặc đọc một phần, {} bỏ qua; {} có dấu hiệu; kết quả {}";
    EvidenceSigned: "unchanged and signed by the given key", "không bị thay đổi và được ký bằng khóa đã cho";
    EvidenceOwnKey: "unchanged since signing; who signed is not proved (give --public-key)",
        "không bị thay đổi kể từ khi ký; chưa chứng minh được ai ký (cần --public-key)";
    EvidenceKey: "{}: no usable key: {}\nhint: `daumat report keygen FILE` makes one; DAUMAT_KEY_PASSWORD opens a protected one",
        "{}: khóa không dùng được: {}\nhint: `daumat report keygen TỆP` tạo khóa; DAUMAT_KEY_PASSWORD mở khóa có mật khẩu";
    EvidenceManifest: "{}: not a manifest: {}", "{}: không phải bản kê: {}";
    EvidenceSignature: "{}: the signature does not fit: {}\nhint: the proof was changed, or somebody else signed it",
        "{}: chữ ký không khớp: {}\nhint: chứng cứ đã bị thay đổi hoặc do người khác ký";
    EvidenceChanged: "{}: was changed after signing", "{}: đã bị thay đổi sau khi ký";
    KeysMade: "{}: secret key, keep it; {}: public key, give it to who checks",
        "{}: khóa bí mật, phải giữ kín; {}: khóa công khai, giao cho người kiểm tra";
    ReviewNoTerminal: "the review needs a terminal\nhint: `daumat baseline audit` lists and decides without one",
        "cần một cửa sổ dòng lệnh để rà soát\nhint: `daumat baseline audit` liệt kê và quyết định không cần cửa sổ";
    ReviewCounts: "{} of {} findings, {} undecided", "{} trong {} dấu hiệu, {} chưa quyết định";
    ReviewUnsaved: ", not saved", ", chưa lưu";
    ReviewList: "Findings", "Dấu hiệu";
    ReviewFinding: "Finding", "Chi tiết";
    ReviewKeys: "a accept  f false alarm  t to fix  u undecided  n next  / filter  m text  s save  q quit  ? help",
        "a chấp nhận  f báo nhầm  t phải xử lý  u bỏ quyết định  n tiếp  / lọc  m văn bản  s lưu  q thoát  ? trợ giúp";
    ReviewKeysNarrow: "a f t u decide  n next  / filter\ns save  q quit  ? help  Space scrolls",
        "a f t u quyết định  n tiếp  / lọc\ns lưu  q thoát  ? trợ giúp  Space cuộn";
    ReviewLeave: "Decisions are not saved: s saves them, q leaves without, any other key goes on",
        "Quyết định chưa lưu: s để lưu, q thoát không lưu, phím khác để tiếp tục";
    ReviewNoContext: "(no text around it in this report: scan with --show-context)",
        "(báo cáo không kèm văn bản xung quanh: quét với --show-context)";
    ReviewUnbound: "This document has no content hash: nothing can be decided about it",
        "Tài liệu không có mã băm nội dung: không quyết định được";
    ReviewReason: "reason", "lý do";
    ReviewApprover: "who decides", "người quyết định";
    ReviewExpires: "holds until (empty: as long as the content)", "có hiệu lực đến (để trống: khi nội dung chưa đổi)";
    ReviewWrong: "  <- needed", "  <- cần điền đúng";
    ReviewAskKeys: "Enter decides, Tab goes on, Ctrl-U clears, Esc goes back",
        "Enter quyết định, Tab sang ô khác, Ctrl-U xóa dòng, Esc quay lại";
    ReviewWholeDocument: ", every finding of this document", ", mọi dấu hiệu của tài liệu này";
    ReviewSaved: "saved: {}", "đã lưu: {}";
    ReviewHelp: "Up, Down, PgUp, PgDn, Home, End   move\nSpace, Right, Left   scroll what does not fit\nn        next undecided finding\na f t    accept, false alarm, to fix\nA F T    the same for every finding of the document\nu        undecided again\n/        show only paths or rules with these letters; Esc shows all\nm        cover or show the text around a marking\ns        save the baseline\nq, Esc   quit\n\n+ accepted   - false alarm   ! to fix\n\nAny other key closes this.",
        "Lên, Xuống, PgUp, PgDn, Home, End   di chuyển\nPhím cách, Phải, Trái   cuộn phần chưa hiện\nn        dấu hiệu chưa quyết định tiếp theo\na f t    chấp nhận, báo nhầm, phải xử lý\nA F T    như trên, cho mọi dấu hiệu của tài liệu\nu        bỏ quyết định\n/        chỉ hiện đường dẫn hoặc quy tắc có các chữ này; Esc hiện tất cả\nm        che hoặc hiện văn bản xung quanh dấu\ns        lưu danh sách đã biết\nq, Esc   thoát\n\n+ chấp nhận   - báo nhầm   ! phải xử lý\n\nPhím khác để đóng.";
    NoBaseline: "{} is no baseline: its first line is not a baseline head\nhint: `daumat baseline create` makes one of a JSONL report",
        "{} không phải danh sách đã biết: dòng đầu không đúng\nhint: `daumat baseline create` tạo danh sách từ báo cáo JSONL";
    LineWrong: "{}: line {}: {}", "{}: dòng {}: {}";
    NeedsApprover: "a decision needs an approver and a reason", "quyết định phải có người duyệt và lý do";
    BaselineThere: "{} is there already\nhint: `daumat baseline update` keeps its decisions; --force replaces it",
        "{} đã có\nhint: `daumat baseline update` giữ các quyết định; --force thay thế";
    BaselineUnbound: "{} findings are in no baseline: their documents have no content hash, or could not be read to the end",
        "{} dấu hiệu không đưa vào danh sách được: tài liệu không có mã băm nội dung hoặc không đọc được đến hết";
    BaselineCount: "{}: {} entries, {} new, {} known", "{}: {} mục, {} mới, {} đã biết";
    BaselinePruned: "{}: {} entries, {} removed", "{}: {} mục, loại bỏ {}";
    DecideAll: "this would decide about every entry\nhint: choose with --finding, --path, --rule or --decision, or say --all",
        "lệnh này sẽ quyết định cho mọi mục\nhint: chọn bằng --finding, --path, --rule hoặc --decision, hoặc ghi rõ --all";
    DayOver: "--expires: that day is over", "--expires: ngày đó đã qua";
    NoEntryMeant: "no entry is meant\nhint: `daumat baseline audit FILE` lists them",
        "không có mục nào phù hợp\nhint: `daumat baseline audit TỆP` liệt kê các mục";
    EntriesDecided: "{} entries: {}", "{} mục: {}";
    EntryIs: "{} in {}, finding {}, first seen {}", "{} tại {}, dấu hiệu {}, thấy lần đầu {}";
    IsExpired: " (expired)", " (hết hạn)";
    DecidedOn: " on {}", " ngày {}";
    DecidedUntil: ", until {}", ", đến {}";
    EntriesShown: "{} of {} entries, {} undecided", "{} trong {} mục, {} chưa quyết định";
    ConfigFine: "{}: no problem", "{}: không có lỗi";
    NoSetting: "`{}` is no setting of [{}]\nhint: settings are the flags of `daumat {} --help`",
        "`{}` không phải thiết lập của [{}]\nhint: thiết lập là các cờ của `daumat {} --help`";
    NoSettingNear: "`{}` is no setting here\nhint: did you mean `{}`?", "`{}` không phải thiết lập ở đây\nhint: có phải là `{}`?";
    NoSettingTop: "`{}` is no table of settings\nhint: settings stand in a table named after a verb, such as `[scan]`",
        "`{}` không phải bảng thiết lập\nhint: thiết lập nằm trong bảng mang tên lệnh, ví dụ `[scan]`";
    SettingType: "a {} cannot stand here", "ở đây không dùng được kiểu {}";
    SettingBool: "true or false is expected", "cần true hoặc false";
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
    AManual: "manual", "văn bản quy định";
    ShowLaw: "law", "luật";
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
    CostlyPattern: "warning: a costly pattern, more than 1 MB when compiled: {}",
        "cảnh báo: mẫu tốn tài nguyên, biên dịch ra hơn 1 MB: {}";
    ExampleTwice: "warning: an example stands there twice: {}", "cảnh báo: ví dụ bị lặp: {}";
    ExampleBoth: "both an example and a counter-example: {}", "vừa là ví dụ vừa là phản ví dụ: {}";
    FloodShort: "warning: fewer than four letters; would be found everywhere",
        "cảnh báo: ngắn hơn bốn chữ cái; sẽ gặp ở khắp nơi";
    FloodDigits: "warning: nothing but digits; would be found everywhere", "cảnh báo: chỉ có chữ số; sẽ gặp ở khắp nơi";
    FloodCommon: "warning: a common word; would be found everywhere", "cảnh báo: từ thông dụng; sẽ gặp ở khắp nơi";
    FloodTwice: "warning: stands in the list already", "cảnh báo: đã có trong danh sách";
    Warnings: "{} warnings", "{} cảnh báo";
    NoKeywordKey: "no key for the list\nhint: give it with --key FILE or in DAUMAT_KEYWORDS_KEY; `openssl rand -hex 32` makes one",
        "chưa có khóa cho danh sách\nhint: ghi --key TỆP hoặc đặt biến DAUMAT_KEYWORDS_KEY; có thể tạo khóa bằng `openssl rand -hex 32`";
    OracleLine: "{}: line {}: the second column is no level\nhint: columns are text, level (top-secret, secret, confidential, restricted, internal, none or any), class, with tabs between",
        "{}: dòng {}: cột thứ hai không phải độ mật\nhint: các cột là văn bản, độ mật (top-secret, secret, confidential, restricted, internal, none hoặc any), nhóm, cách nhau bằng tab";
    NoDigest: "{}: could not be read", "{}: không đọc được";
    OneWord: "{}, one word", "{}, một từ";
    ShortWords: "{}, short words", "{}, toàn từ ngắn";
    PackHead: "pack", "gói";
    NothingTried: "nothing was tried: no text of such a class", "không có gì để thử: không có văn bản nào thuộc nhóm đó";
    WantedFound: "wanted {}; found {}", "cần {}; tìm thấy {}";
    ClassHead: "class", "nhóm";
    MarkedHead: "marked", "có dấu";
    FoundHead: "found", "tìm thấy";
    RightHead: "right level", "đúng độ mật";
    RecallHead: "recall", "tỷ lệ";
    PlainHead: "unmarked", "không dấu";
    FalselyHead: "false hits", "báo nhầm";
    ClassesBelow: "classes below {} %: {}", "số nhóm dưới {} %: {}";
    ExtractFile: "file", "tệp";
    ExtractEnd: "{}: {}, {} bytes, read: {}", "{}: {}, {} byte, đọc: {}";
    ExtractNotRead: "not read", "chưa đọc";
    IsFolder: "{}: is a folder; `extract` takes one file", "{}: là thư mục; `extract` chỉ nhận một tệp";
    TooLargeForLimit: "{}: larger than --max-file-size allows", "{}: lớn hơn mức --max-file-size cho phép";

    // Rule errors.
    NoRecord: "{}, line {}: not a record of `daumat scan --format jsonl`: {}",
        "{}, dòng {}: không phải bản ghi của `daumat scan --format jsonl`: {}";
    LaterSchema: "{}: its schema is {}, this program knows {}\nhint: use the program that wrote it, or a later one",
        "{}: phiên bản bản ghi là {}, chương trình này chỉ biết {}\nhint: dùng chương trình đã ghi tệp này hoặc bản mới hơn";
    IgnoreFileWrong: "ignore file: {}", "tệp loại trừ: {}";
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
