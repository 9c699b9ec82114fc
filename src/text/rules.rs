//! What is wrong with a rule pack, a keyword list or a list of digests, in Vietnamese. `src/rules/` says it in English; what the parsers of
//! TOML and of regular expressions add in their own words stays.

use std::borrow::Cow;

use super::{Lang, fill};

/// A message of `src/rules/` in a language, line by line: lines that are known are translated.
#[must_use]
pub fn wrong(text: &str, lang: Lang) -> Cow<'_, str> {
    match lang {
        Lang::En => Cow::Borrowed(text),
        Lang::Vi => {
            let told = |line| phrase(line).map_or(Cow::Borrowed(line), Cow::Owned);
            Cow::Owned(text.split('\n').map(told).collect::<Vec<_>>().join("\n"))
        }
    }
}

/// A line in Vietnamese; `None` for one that is not known.
fn phrase(line: &str) -> Option<String> {
    PHRASES.iter().find_map(|(english, vietnamese)| {
        let values = values_of(english, line)?;
        let values: Vec<&dyn std::fmt::Display> = values.iter().map(|value| value as _).collect();
        Some(fill(vietnamese, &values))
    })
}

/// What stands in the places `{}` of a template; `None` where the text is not made of it.
fn values_of<'t>(template: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let mut parts = template.split("{}");
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut values = Vec::new();
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        // The last part ends the text; what a value holds may look like it.
        let at = if parts.peek().is_none() {
            rest.ends_with(part).then(|| rest.len() - part.len())?
        } else {
            rest.find(part)?
        };
        values.push(rest.get(..at)?);
        rest = rest.get(at + part.len()..)?;
    }
    rest.is_empty().then_some(values)
}

/// Lines with `{}` for numbers and names, in the same order in both languages.
const PHRASES: &[(&str, &str)] = &[
    // Packs.
    (
        "pack format {} is not known; this program reads format 1",
        "không biết định dạng bộ quy tắc {}; chương trình này đọc định dạng 1",
    ),
    ("the id must begin with `{}`", "mã quy tắc phải bắt đầu bằng `{}`"),
    (
        "the id is there already; rules of packs before it cannot be replaced",
        "mã này đã có; không thể thay quy tắc của các bộ trước",
    ),
    ("neither terms nor patterns", "không có `terms` mà cũng không có `patterns`"),
    (
        "a rule of patterns needs anchors: letters that stand in every match",
        "quy tắc dùng `patterns` cần có `anchors`: những chữ có mặt trong mọi chỗ khớp",
    ),
    ("an anchor must have two letters at least", "mỗi `anchors` phải có ít nhất hai chữ cái"),
    ("a mark among the slips has 4 to 62 letters", "mỗi dấu trong `slips` phải có từ 4 đến 62 chữ cái"),
    ("neither level nor level_from", "không có `level` mà cũng không có `level_from`"),
    ("a block reaches 8 lines at most", "một khối (`block`) dài nhất là 8 dòng"),
    ("no table `{}` in this pack", "bộ quy tắc này không có bảng `{}`"),
    ("an example is empty", "có một ví dụ để trống"),
    // Parsers.
    ("TOML parse error at line {}, column {}", "lỗi cú pháp TOML ở dòng {}, cột {}"),
    ("unknown field `{}`, expected one of {}", "không có trường `{}`; các trường là {}"),
    ("unknown field `{}`, expected {}", "không có trường `{}`; các trường là {}"),
    ("unknown variant `{}`, expected one of {}", "không có giá trị `{}`; các giá trị là {}"),
    ("missing field `{}`", "thiếu trường `{}`"),
    ("duplicate key", "khóa bị lặp lại"),
    ("invalid type: {}, expected {}", "sai kiểu: {}, cần {}"),
    ("regex parse error:", "lỗi cú pháp biểu thức chính quy:"),
    ("error: unclosed group", "lỗi: nhóm chưa đóng"),
    ("error: unopened group", "lỗi: nhóm chưa mở"),
    ("error: unclosed character class", "lỗi: lớp ký tự chưa đóng"),
    // Keyword lists and their keys.
    ("a key needs 16 bytes at least", "khóa phải dài ít nhất 16 byte"),
    ("hint: make one with `{}`", "hint: tạo khóa bằng `{}`"),
    ("line {}: no level `{}`; levels are {}", "dòng {}: không có mức `{}`; các mức là {}"),
    ("line {}: no letter or digit in it", "dòng {}: không có chữ cái hay chữ số nào"),
    ("line {}: more than {} words", "dòng {}: nhiều hơn {} từ"),
    ("no term in it", "không có từ khóa nào"),
    ("a hashed list, made with key {}", "danh sách đã băm, tạo bằng khóa {}"),
    (
        "hint: give the key with --keywords-key FILE or in {}",
        "hint: cho biết khóa bằng --keywords-key TỆP hoặc biến {}",
    ),
    ("made with another key ({}, not {})", "tạo bằng khóa khác ({}, không phải {})"),
    ("lines of it were changed or are missing", "có dòng bị thay đổi hoặc bị thiếu"),
    ("hint: make it again with {}", "hint: tạo lại bằng {}"),
    ("line {}: not a line of a hashed list", "dòng {}: không phải dòng của danh sách đã băm"),
    // Lists of known documents.
    ("line {}: no digest `{}`; there are {}", "dòng {}: không có kiểu mã băm `{}`; các kiểu là {}"),
    ("line {}: a digest has {} hexadecimal digits", "dòng {}: mã băm có {} chữ số thập lục phân"),
    ("no digest in it", "không có mã băm nào"),
];

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn lines_and_their_values() {
        let vi = |text| wrong(text, Lang::Vi).into_owned();
        assert_eq!(vi("no table `levels` in this pack"), "bộ quy tắc này không có bảng `levels`");
        assert_eq!(
            vi("a key needs 16 bytes at least\nhint: make one with `openssl rand -hex 32`"),
            "khóa phải dài ít nhất 16 byte\nhint: tạo khóa bằng `openssl rand -hex 32`"
        );
        assert_eq!(
            vi(
                "TOML parse error at line 3, column 1\n  |\n3 | colour = 1\nunknown field `colour`, expected `id`"
            ),
            "lỗi cú pháp TOML ở dòng 3, cột 1\n  |\n3 | colour = 1\nkhông có trường `colour`; các trường là `id`"
        );
        assert_eq!(vi("what nobody says"), "what nobody says");
        assert_eq!(wrong("no digest in it", Lang::En), "no digest in it");
    }

    #[test]
    fn every_value_stays() {
        for (english, vietnamese) in PHRASES {
            assert_eq!(english.matches("{}").count(), vietnamese.matches("{}").count(), "{english}");
        }
    }

    /// Every message that loading and checking give, as far as it can be seen in the source.
    #[test]
    fn no_message_of_the_rules_lacks_a_translation() {
        let given = regex::Regex::new(
            r#"(?:Err\(\s*|wrong\(\s*rule,\s*&?|ok_or_else\(\|\| \{?\s*|let message =\s*)(?:format!\(\s*)?"([^"]*)""#,
        )
        .unwrap();
        let filled = regex::Regex::new(r"\{[\w:]*\}").unwrap();
        let (mut seen, mut missing) = (0, Vec::new());
        for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules")).unwrap() {
            let path = entry.unwrap().path();
            let source = fs::read_to_string(&path).unwrap_or_default();
            let source = source.split("#[cfg(test)]").next().unwrap_or_default();
            for found in given.captures_iter(source) {
                let text = filled.replace_all(&found[1], "7").replace("\\n", "\n");
                seen += 1;
                let unknown = |line: &&str| phrase(line).is_none();
                missing.extend(
                    text.split('\n').filter(unknown).map(|line| format!("{}: {line:?}", path.display())),
                );
            }
        }
        assert!(seen >= 20, "only {seen} messages seen");
        assert!(missing.is_empty(), "no Vietnamese for:\n{}", missing.join("\n"));
    }
}
