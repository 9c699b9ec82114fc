//! What exactly was not read, in Vietnamese. Readers tell it in English, in a few words and often with a name or a number.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use super::Lang;

/// The detail of a gap in a language: phrases that are known are translated, names and what other programs' libraries say stay.
#[must_use]
pub fn detail(text: &str, lang: Lang) -> Cow<'_, str> {
    match lang {
        Lang::En => Cow::Borrowed(text),
        Lang::Vi => {
            let told = |part| phrase(part).map_or(Cow::Borrowed(part), Cow::Owned);
            Cow::Owned(text.split(": ").map(told).collect::<Vec<_>>().join(": "))
        }
    }
}

/// A phrase in Vietnamese; `None` for one that is not known.
fn phrase(text: &str) -> Option<String> {
    if let Some(pages) = text.strip_prefix("pages ").or_else(|| text.strip_prefix("page "))
        && pages.bytes().all(|byte| byte.is_ascii_digit() || b"-, ".contains(&byte))
    {
        return Some(format!("trang {pages}"));
    }
    if let Some((what, near)) = text.split_once(", near byte ") {
        return Some(format!("{}, gần byte {near}", phrase(what)?));
    }
    if let Some(method) = text.strip_prefix("7z method ") {
        return Some(format!("phương pháp nén 7z {method}"));
    }
    lookup(text).or_else(|| {
        let (what, aside) = text.strip_suffix(')')?.rsplit_once(" (")?;
        Some(format!("{} ({aside})", lookup(what)?))
    })
}

/// A phrase of [`PHRASES`], its numbers filled in.
fn lookup(text: &str) -> Option<String> {
    let mut pattern = String::with_capacity(text.len());
    let mut numbers = Vec::new();
    let mut rest = text;
    let is_digit = |c: char| c.is_ascii_digit();
    let is_named = NAMES.iter().any(|name| text.contains(name));
    while let Some(start) = rest.find(is_digit).filter(|_| !is_named) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c| !is_digit(c)).unwrap_or(from.len());
        pattern.push_str(before);
        pattern.push_str("{}");
        numbers.push(from.get(..end).unwrap_or_default());
        rest = from.get(end..).unwrap_or_default();
    }
    pattern.push_str(rest);
    let known = KNOWN.get(pattern.as_str())?;
    Some(numbers.iter().fold((*known).to_owned(), |told, number| told.replacen("{}", number, 1)))
}

/// Words with digits that are no numbers.
const NAMES: &[&str] = &["LZMA2", "LZ4", "ISO 9660"];

static KNOWN: LazyLock<HashMap<&'static str, &'static str>> =
    LazyLock::new(|| PHRASES.iter().copied().collect());

/// Phrases with `{}` for numbers.
const PHRASES: &[(&str, &str)] = &[
    // Passwords and rights.
    ("a password is needed", "cần mật khẩu"),
    ("a password is needed to open it", "cần mật khẩu để mở"),
    ("password needed", "cần mật khẩu"),
    ("password needed, even for the names", "cần mật khẩu, kể cả để xem tên tệp bên trong"),
    ("{} parts need a password", "{} phần cần mật khẩu"),
    ("encrypted in a way that is not read", "mã hóa theo cách chưa đọc được"),
    ("encrypted message (S/MIME)", "thư mã hóa (S/MIME)"),
    ("encrypted message (OpenPGP)", "thư mã hóa (OpenPGP)"),
    ("encrypted text (OpenPGP)", "văn bản mã hóa (OpenPGP)"),
    ("message under rights management", "thư được bảo vệ quyền (rights management)"),
    ("rights management", "được bảo vệ quyền (rights management)"),
    ("under Windows Information Protection", "được Windows Information Protection bảo vệ"),
    // Pictures and letters.
    ("picture {}x{}, not read by OCR", "ảnh {}x{}, chưa nhận dạng chữ (OCR)"),
    ("picture, not read by OCR", "ảnh, chưa nhận dạng chữ (OCR)"),
    ("pictures without text", "chỉ có ảnh, không có chữ"),
    ("nothing but pictures", "chỉ có ảnh"),
    ("drawing without text", "hình vẽ không có chữ"),
    ("pixels in a drawing, not read by OCR", "ảnh điểm trong hình vẽ, chưa nhận dạng chữ (OCR)"),
    ("letters by their numbers in a font", "chữ ghi bằng số thứ tự trong phông"),
    ("the drawing breaks off", "hình vẽ bị đứt đoạn"),
    ("a drawing larger than may be held in memory", "hình vẽ lớn hơn mức có thể giữ trong bộ nhớ"),
    ("not a picture", "không phải ảnh"),
    (
        "up to {} % of the letters in fonts that do not tell which they are",
        "đến {} % số chữ dùng phông không cho biết là chữ gì",
    ),
    // Kinds.
    ("format not read", "định dạng chưa đọc được"),
    ("unknown", "không rõ"),
    ("more than {} encrypted streams", "có hơn {} luồng dữ liệu được mã hóa"),
    ("PostScript", "PostScript"),
    ("only strings and comments are read", "chỉ đọc các chuỗi chữ và chú thích"),
    ("no program behind the header", "sau phần đầu không có chương trình"),
    ("read as text runs only", "chỉ tìm các đoạn chữ, chưa đọc theo cấu trúc"),
    ("binary data within the text", "dữ liệu nhị phân trong văn bản"),
    ("content packed in a way that is not read", "nội dung nén theo cách chưa đọc được"),
    ("cryptographic message of an unknown type", "thông điệp mật mã loại không rõ"),
    ("not a regular file (pipe, socket or device)", "không phải tệp thường (pipe, socket hoặc thiết bị)"),
    ("no ISO 9660 volume in it", "không có phân vùng ISO 9660"),
    ("zip method {}", "phương pháp nén zip {}"),
    ("zip method {} without a length", "phương pháp nén zip {} mà không có độ dài"),
    ("{} binary values of no known format", "{} giá trị nhị phân không rõ định dạng"),
    ("compressed RTF body", "thân thư RTF nén"),
    ("one part of a message that was sent in several", "một phần của thư gửi làm nhiều phần"),
    ("continues in another volume", "còn tiếp ở tập khác của bộ nén"),
    ("continues in another cabinet", "còn tiếp ở tệp cabinet khác"),
    ("no password is known for this encryption", "không có mật khẩu cho kiểu mã hóa này"),
    ("Quantum compression", "kiểu nén Quantum"),
    ("UDF without ISO 9660", "UDF không kèm ISO 9660"),
    ("store of version {}", "kho thư phiên bản {}"),
    ("missing", "thiếu"),
    // Limits.
    ("not held in memory", "không giữ được trong bộ nhớ"),
    ("table larger than {} MB", "bảng lớn hơn {} MB"),
    ("a record larger than {} MB", "một bản ghi lớn hơn {} MB"),
    ("Zstandard dictionary larger than {} MB", "từ điển Zstandard lớn hơn {} MB"),
    (
        "file in uuencode or yEnc larger than memory",
        "tệp dạng uuencode hoặc yEnc lớn hơn mức có thể giữ trong bộ nhớ",
    ),
    ("larger than can be held in memory", "lớn hơn mức có thể giữ trong bộ nhớ"),
    ("an object stream inflates beyond all measure", "một luồng đối tượng giải nén ra quá lớn"),
    ("limit reached", "đạt giới hạn"),
    ("nested deeper than allowed", "lồng nhau sâu hơn mức cho phép"),
    ("parts nested deeper than allowed", "các phần lồng nhau sâu hơn mức cho phép"),
    ("elements nested deeper than {}", "phần tử lồng nhau sâu hơn {} cấp"),
    ("more parts in one message than allowed", "một thư có nhiều phần hơn mức cho phép"),
    ("more content than is read", "nhiều nội dung hơn mức được đọc"),
    ("larger than may be held in memory", "lớn hơn mức có thể giữ trong bộ nhớ"),
    ("a document larger than may be held in memory", "tài liệu lớn hơn mức có thể giữ trong bộ nhớ"),
    (
        "a presentation larger than may be held in memory",
        "bản trình chiếu lớn hơn mức có thể giữ trong bộ nhớ",
    ),
    (
        "an embedded document larger than may be held in memory",
        "tài liệu nhúng lớn hơn mức có thể giữ trong bộ nhớ",
    ),
    ("properties larger than may be held in memory", "thuộc tính lớn hơn mức có thể giữ trong bộ nhớ"),
    ("a row larger than can be held in memory", "một hàng lớn hơn mức có thể giữ trong bộ nhớ"),
    (
        "larger than {} MB, and this format must be held in memory",
        "lớn hơn {} MB, mà định dạng này phải giữ trong bộ nhớ",
    ),
    ("{} bytes, more than --max-file-size allows", "{} byte, vượt mức --max-file-size cho phép"),
    ("an XML tag is longer than {} MB", "một thẻ XML dài hơn {} MB"),
    ("directory larger than {} MB", "thư mục bên trong lớn hơn {} MB"),
    ("header of a record longer than {} MB", "phần đầu bản ghi dài hơn {} MB"),
    ("too many lines to compare the revisions", "quá nhiều dòng để so sánh các bản sửa đổi"),
    (
        "more than {} texts in objects that nothing refers to",
        "hơn {} văn bản trong các đối tượng không còn được tham chiếu",
    ),
    ("{} of the earlier revisions are not read", "{} bản sửa đổi trước chưa được đọc"),
    ("shares its data with many other entries", "dùng chung dữ liệu với nhiều mục khác"),
    ("not read within {} s; the reader was ended", "chưa đọc xong trong {} giây; tiến trình đọc đã bị dừng"),
    ("the reader died on it", "tiến trình đọc bị hỏng khi đọc tệp này"),
    // Damage.
    ("XML closes what was not opened", "XML đóng phần tử chưa mở"),
    ("XML ends inside a comment or CDATA section", "XML kết thúc giữa chú thích hoặc CDATA"),
    ("XML ends inside a tag", "XML kết thúc giữa thẻ"),
    ("XML ends inside an element", "XML kết thúc giữa phần tử"),
    ("XML has bytes that are not of its encoding", "XML có byte không thuộc bảng mã của nó"),
    ("XML with a bare <", "XML có dấu < đứng riêng"),
    ("compound file", "tệp OLE"),
    ("central directory", "mục lục zip"),
    ("main part", "phần chính"),
    ("shared strings", "chuỗi dùng chung"),
    ("invalid Zip archive", "tệp zip không hợp lệ"),
    ("Invalid checksum", "sai mã kiểm tra"),
    ("File is larger than its declared uncompressed size", "lớn hơn kích thước đã khai"),
    ("incomplete deflate stream", "dữ liệu nén deflate bị đứt"),
    ("corrupt deflate stream", "dữ liệu nén deflate bị hỏng"),
    ("deflate data ends early", "dữ liệu nén deflate bị đứt"),
    ("failed to fill whole buffer", "dữ liệu kết thúc sớm"),
    ("unexpected EOF during skip", "dữ liệu kết thúc sớm"),
    ("unexpected end of file", "dữ liệu kết thúc sớm"),
    ("no page tree found", "không thấy cây trang"),
    ("page tree broken; read from what is left", "cây trang hỏng; đọc từ phần còn lại"),
    ("first {} of {} pages read", "đã đọc {} trang đầu trong số {} trang"),
    ("{} pages declared, {} found", "khai {} trang, thấy {} trang"),
    ("content breaks off", "nội dung bị đứt"),
    ("breaks off", "bị đứt"),
    ("stream breaks off", "luồng dữ liệu bị đứt"),
    ("the workbook breaks off", "bảng tính bị đứt"),
    ("a record breaks off", "một bản ghi bị đứt"),
    ("a record ends too early", "một bản ghi kết thúc sớm"),
    ("a text breaks off", "một đoạn chữ bị đứt"),
    ("records of the presentation break off", "các bản ghi của bản trình chiếu bị đứt"),
    ("the piece table points outside of the file", "bảng đoạn chữ trỏ ra ngoài tệp"),
    ("no file information block", "không có khối thông tin tệp"),
    ("piece table", "bảng đoạn chữ"),
    ("ends inside a group", "kết thúc giữa nhóm"),
    ("ends inside an attribute", "kết thúc giữa thuộc tính"),
    ("embedded object {} is broken", "đối tượng nhúng {} bị hỏng"),
    ("several entries of the same name, only the last was read", "nhiều mục cùng tên, chỉ mục cuối được đọc"),
    ("checksum", "mã kiểm tra"),
    ("checksum of a gzip member does not fit", "mã kiểm tra của phần gzip không khớp"),
    ("checksum of a Zstandard frame does not fit", "mã kiểm tra của khung Zstandard không khớp"),
    ("lzip checksum", "mã kiểm tra lzip không khớp"),
    ("zstd checksum", "mã kiểm tra zstd không khớp"),
    ("a block of data has a wrong checksum", "một khối dữ liệu sai mã kiểm tra"),
    ("a block is missing", "thiếu một khối"),
    ("archive ends early", "tệp nén kết thúc sớm"),
    ("data ends early", "dữ liệu kết thúc sớm"),
    ("file ends early", "tệp kết thúc sớm"),
    ("page ends early", "trang kết thúc sớm"),
    ("directory ends early", "mục lục kết thúc sớm"),
    ("overflow pages end early", "các trang tràn kết thúc sớm"),
    ("overflow pages in a circle", "các trang tràn lặp vòng"),
    ("the file ends within a header", "tệp kết thúc giữa phần đầu bản ghi"),
    ("the file ends within a record", "tệp kết thúc giữa bản ghi"),
    ("header of a record", "phần đầu bản ghi"),
    ("broken gzip member", "phần gzip bị hỏng"),
    ("no gzip member where a record should begin", "không có phần gzip ở chỗ bản ghi phải bắt đầu"),
    ("no Zstandard frame where a record should begin", "không có khung Zstandard ở chỗ bản ghi phải bắt đầu"),
    ("no record at the beginning", "không có bản ghi ở đầu tệp"),
    ("no record where one should begin", "không có bản ghi ở chỗ phải bắt đầu"),
    ("record without length", "bản ghi không có độ dài"),
    ("record cut into several", "bản ghi bị cắt thành nhiều phần"),
    ("only its first part is read", "chỉ phần đầu được đọc"),
    ("later part of a record that was cut into several", "phần sau của bản ghi bị cắt thành nhiều phần"),
    ("the length of the message", "độ dài của thư"),
    ("dictionary", "từ điển nén"),
    ("notebook", "sổ tay (notebook)"),
    ("list of properties", "danh sách thuộc tính"),
    ("property list without its table", "danh sách thuộc tính thiếu bảng"),
    ("objects outside the property list", "đối tượng nằm ngoài danh sách thuộc tính"),
    ("cryptographic message", "thông điệp mật mã"),
    // Inside archives, stores and databases: what of their own structure is broken.
    ("LZMA properties", "tham số LZMA bị hỏng"),
    ("LZMA2 properties", "tham số LZMA2 bị hỏng"),
    ("PPMd properties", "tham số PPMd bị hỏng"),
    ("PPMd restore method", "cách khôi phục của PPMd bị hỏng"),
    ("properties of LZMA", "tham số LZMA bị hỏng"),
    ("LZX frame", "khung LZX bị hỏng"),
    ("window of LZX", "cửa sổ LZX bị hỏng"),
    ("MSZIP block", "khối MSZIP bị hỏng"),
    ("code of compress", "mã nén compress bị hỏng"),
    ("code width of compress", "độ rộng mã compress bị hỏng"),
    ("no compress header", "không có phần đầu compress"),
    ("no LZ4 frame", "không có khung LZ4"),
    ("no zstd frame", "không có khung zstd"),
    ("no lzip member", "không có phần lzip"),
    ("dictionary of lzip", "từ điển lzip bị hỏng"),
    ("version of lzip", "phiên bản lzip chưa đọc được"),
    ("compression of a cabinet", "kiểu nén cabinet chưa đọc được"),
    ("length of a block", "độ dài khối bị hỏng"),
    ("files that overlap", "các tệp chồng lên nhau"),
    ("name of a cabinet's file", "tên tệp trong cabinet bị hỏng"),
    ("name of a cpio entry", "tên mục cpio bị hỏng"),
    ("name of an ar entry", "tên mục ar bị hỏng"),
    ("no ar header", "không có phần đầu ar"),
    ("no cpio header", "không có phần đầu cpio"),
    ("number in a header", "số trong phần đầu bị hỏng"),
    ("a coder without input", "bộ giải nén không có đầu vào"),
    ("coder with alternatives", "bộ giải nén có nhiều lựa chọn, chưa đọc được"),
    ("coders in a circle", "các bộ giải nén lặp vòng"),
    ("number of coders", "số bộ giải nén bị hỏng"),
    ("no such block", "không có khối như vậy"),
    ("no such coder", "không có bộ giải nén như vậy"),
    ("no blocks in the directory", "mục lục không có khối nào"),
    ("no directory", "không có mục lục"),
    ("directory", "mục lục bị hỏng"),
    ("directory packed too often", "mục lục bị nén quá nhiều lần"),
    ("count in the directory", "số đếm trong mục lục bị hỏng"),
    ("length in the directory", "độ dài trong mục lục bị hỏng"),
    ("unknown part of the directory", "phần không rõ trong mục lục"),
    ("the directory lies behind the end of the file", "mục lục nằm sau cuối tệp"),
    ("method", "phương pháp nén chưa đọc được"),
    ("sizes in a block", "kích thước trong khối bị hỏng"),
    ("sizes of packed streams", "kích thước các luồng nén bị hỏng"),
    ("start of the data", "chỗ bắt đầu dữ liệu bị hỏng"),
    ("streams of a block", "các luồng của khối bị hỏng"),
    ("streams of a coder", "các luồng của bộ giải nén bị hỏng"),
    ("control data", "dữ liệu điều khiển bị hỏng"),
    ("reset table", "bảng khởi động lại bị hỏng"),
    ("overlaps the page before it", "chồng lên trang trước"),
    ("no primary volume descriptor", "không có mô tả phân vùng chính"),
    ("file behind the end of the image", "tệp nằm sau cuối ảnh đĩa"),
    ("block", "khối dữ liệu bị hỏng"),
    ("header", "phần đầu bị hỏng"),
    ("list of nodes", "danh sách nút bị hỏng"),
    ("more blocks than the file has", "nhiều khối hơn số có trong tệp"),
    ("no heap on a node", "nút không có vùng dữ liệu"),
    ("no table on a node", "nút không có bảng"),
    ("page of a tree", "trang của cây bị hỏng"),
    ("points behind its end", "trỏ ra sau cuối tệp"),
    ("tree of blocks", "cây khối bị hỏng"),
    ("tree with a loop", "cây có vòng lặp"),
    ("tree in a circle", "cây lặp vòng"),
    ("tree with more pages than the file", "cây có nhiều trang hơn tệp"),
    ("cell on page {}", "ô trên trang {} bị hỏng"),
    ("page size", "cỡ trang bị hỏng"),
    ("page {} is no page of a tree", "trang {} không phải trang của cây"),
    ("page {} is not in the file", "trang {} không có trong tệp"),
];

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn phrases_numbers_and_names() {
        let vi = |text| detail(text, Lang::Vi).into_owned();
        assert_eq!(vi("password needed: báo cáo.txt"), "cần mật khẩu: báo cáo.txt");
        assert_eq!(vi("picture 320x223, not read by OCR"), "ảnh 320x223, chưa nhận dạng chữ (OCR)");
        assert_eq!(vi("pages 2-3, 7: pictures without text"), "trang 2-3, 7: chỉ có ảnh, không có chữ");
        assert_eq!(
            vi("the file ends within a record, near byte 3853"),
            "tệp kết thúc giữa bản ghi, gần byte 3853"
        );
        assert_eq!(vi("LZMA2 properties"), "tham số LZMA2 bị hỏng");
        assert_eq!(vi("no word of ours 12"), "no word of ours 12");
        assert_eq!(detail("a password is needed", Lang::En), "a password is needed");
    }

    #[test]
    fn no_phrase_stands_twice_and_numbers_stay() {
        assert_eq!(KNOWN.len(), PHRASES.len());
        for (en, vi) in PHRASES {
            assert_eq!(en.matches("{}").count(), vi.matches("{}").count(), "{en}");
        }
    }

    /// Every literal that a reader gives for a gap, as far as it can be seen in the source.
    #[test]
    fn no_detail_in_the_source_lacks_a_translation() {
        let given = regex::Regex::new(
            r#"(?:Gap::new\(\s*(?:GapReason::)?\w+,|Unreadable::gap\(\s*(?:GapReason::)?\w+,|hurt\(|damaged?\(|broken\(|detail[:=])\s*(?:format!\(\s*)?"([^"]*)""#,
        )
        .unwrap();
        let filled = regex::Regex::new(r"\{[\w:]*\}").unwrap();
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
        let (mut seen, mut missing) = (0, Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                if path.file_name().is_some_and(|name| name == "tests.rs" || name == "details.rs") {
                    continue;
                }
                let source = fs::read_to_string(&path).unwrap_or_default();
                let source = source.split("#[cfg(test)]").next().unwrap_or_default();
                for found in given.captures_iter(source) {
                    // `{name}` stands for a name behind a colon or for a number.
                    let first = found[1].split(": ").next().unwrap_or_default();
                    let text = filled.replace_all(first, "7").into_owned();
                    seen += 1;
                    if text.chars().any(char::is_alphabetic) && phrase(&text).is_none() {
                        missing.push(format!("{}: {text:?}", path.display()));
                    }
                }
            }
        }
        assert!(seen > 100, "only {seen} details seen");
        assert!(missing.is_empty(), "no Vietnamese for:\n{}", missing.join("\n"));
    }
}
