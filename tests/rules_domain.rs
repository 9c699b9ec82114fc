//! Every line of the domain notes on Vietnamese markings, and our own variants of them, through finding and judging as a
//! document would go: as positioned pieces of a page (what PDF readers give), as a plain text, and as a web page.
//!
//! The notes have the bands stop (70 and more of 100 points), review (45 to 69), info (25 to 44) and none. Ours are high
//! (80), medium (50) and low, and the strong words start 10 points higher for it. So: stop is high, review is medium,
//! info is low or medium, and of none nothing may be
//! found at medium or above, nor below it but internal-use words and
//! texts about markings. A plain text has neither sides nor colours nor fonts, so there stop may be medium where
//! the line needs one of them .

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::fmt::Write as _;
use std::sync::Arc;

use daumat::find::Finder;
use daumat::judge::{Options, judge};
use daumat::model::{Area, Band, Finding, Kind, Level, Place, Segment, Style};
use daumat::rules::{Selection, load};
use daumat::scan::examine::{Equipment, Examiner, Settings};
use daumat::walk::Entry;

struct Line {
    id: String,
    band: String,
    rule: String,
    zone: String,
    red: bool,
    framed: bool,
    font: Option<String>,
    pages: u32,
    web: bool,
    text: String,
}

fn lines(data: &str) -> Vec<Line> {
    data.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(line).collect()
}

fn line(row: &str) -> Line {
    let fields: Vec<&str> = row.split('\t').collect();
    assert!(fields.len() >= 5, "{row}");
    // Fonts have blanks in their names, so `font=` ends where the next flag begins.
    let value = |name: &str| {
        let rest = fields[3].split_once(name)?.1;
        let end = ["zone=", "color=", "box", "pages=", "font=", "fmt="]
            .iter()
            .filter_map(|flag| rest.find(&format!(" {flag}")))
            .min();
        Some(rest[..end.unwrap_or(rest.len())].trim().to_owned())
    };
    Line {
        id: fields[0].to_owned(),
        band: fields[1].to_owned(),
        rule: fields[2].to_owned(),
        zone: value("zone=").unwrap_or_default(),
        red: fields[3].contains("color=red"),
        framed: fields[3].split(' ').any(|flag| flag == "box"),
        font: value("font="),
        pages: value("pages=").map_or(1, |pages| pages.parse().unwrap()),
        web: fields[3].contains("fmt=legalweb"),
        text: unescaped(&fields[4..].join("\t")),
    }
}

/// `\uXXXX` as its letter, `⏎` as a line break.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\u") {
        out.push_str(before);
        out.push(char::from_u32(u32::from_str_radix(&after[..4], 16).unwrap()).unwrap());
        rest = &after[4..];
    }
    out.push_str(rest);
    out.replace('⏎', "\n")
}

/// What would be inked or boxed on such a page: a short line of capitals, not the letterhead.
fn is_stamp(line: &str) -> bool {
    let letters = line.chars().filter(|letter| letter.is_alphabetic()).count();
    (1..=24).contains(&letters)
        && !line.chars().any(char::is_numeric)
        && !line.contains("UBND")
        && !line.contains("PHÒNG")
}

/// The line as positioned pieces of pages, each column its own.
fn as_page(line: &Line, equipment: &Equipment) -> Vec<Finding> {
    let mut finder = Finder::new(&equipment.rules, &equipment.sieve);
    for page in 1..=line.pages {
        let kind = match line.zone.as_str() {
            "header" => Kind::Header,
            "footer" => Kind::Footer,
            "watermark" => Kind::Watermark,
            "stamp" => Kind::Stamp,
            "textbox" => Kind::Textbox,
            "cell" => Kind::Table,
            _ => Kind::Body,
        };
        let first = match line.zone.as_str() {
            "body" => 300.0,
            "last-page" => 640.0,
            _ => 60.0,
        };
        let number = match line.zone.as_str() {
            "body" => 5,
            "last-page" => 12,
            _ => page,
        };
        for (row, text) in line.text.lines().enumerate() {
            let columns: Vec<&str> =
                text.split("    ").map(str::trim).filter(|part| !part.is_empty()).collect();
            for (column, part) in columns.iter().enumerate() {
                let left = match (line.zone.as_str(), columns.len()) {
                    ("p1-top-right", 1) => 340.0,
                    ("p1-top" | "cover" | "header" | "footer", 1) => 180.0,
                    (_, 1) => 60.0,
                    _ => 60.0 + 480.0 / columns.len() as f32 * column as f32,
                };
                let top = first + 18.0 * row as f32;
                let area = Area {
                    left,
                    top,
                    right: left + 150.0,
                    bottom: top + 14.0,
                    page_width: 595.0,
                    page_height: 842.0,
                };
                let paged = matches!(
                    kind,
                    Kind::Body | Kind::Header | Kind::Footer | Kind::Watermark | Kind::Stamp | Kind::Textbox
                );
                let place = Place { page: paged.then_some(number), ..Place::new(kind) };
                let stamp = is_stamp(part);
                let style = Style {
                    color: (line.red && stamp).then_some([220, 0, 0]),
                    framed: line.framed && stamp,
                    font: line.font.as_deref(),
                    ..Style::default()
                };
                let area = matches!(kind, Kind::Body).then_some(area);
                finder.segment(&Segment { area, style, ..Segment::new(part, place) });
            }
        }
    }
    judge(&finder.finish(), &equipment.rules, Options::default())
}

/// A whole file through the door.
fn as_file(name: &str, content: String, equipment: &Arc<Equipment>) -> Vec<Finding> {
    let entry = Entry {
        id: 0,
        path: name.into(),
        name: name.into(),
        size: content.len() as u64,
        content: Some(content.into_bytes()),
        span: None,
    };
    let report = Examiner::new(equipment).entry(&entry);
    report.documents.into_iter().flat_map(|document| document.findings).collect()
}

/// The line in a plain text; what stands in the body has other lines before it.
fn as_text(line: &Line, equipment: &Arc<Equipment>) -> Vec<Finding> {
    let mut text = String::new();
    if matches!(line.zone.as_str(), "body" | "last-page") {
        for number in 1..25 {
            writeln!(text, "Dòng chữ thường thứ {number} của một văn bản dài, không có gì đáng chú ý.")
                .unwrap();
        }
    }
    as_file("vi-du.txt", text + &line.text + "\n", equipment)
}

/// The line in a web page, with colour and frame.
fn as_html(line: &Line, equipment: &Arc<Equipment>) -> Vec<Finding> {
    let mut body = String::new();
    if matches!(line.zone.as_str(), "body" | "last-page") {
        for number in 1..25 {
            writeln!(body, "<p>Dòng chữ thường thứ {number} của một văn bản dài.</p>").unwrap();
        }
    }
    for row in line.text.lines() {
        let columns: Vec<&str> = row.split("    ").map(str::trim).filter(|part| !part.is_empty()).collect();
        let cells: Vec<String> = columns
            .iter()
            .map(|part| {
                let mut style = String::new();
                if line.red && is_stamp(part) {
                    style.push_str("color:#d00000;");
                }
                if line.framed && is_stamp(part) {
                    style.push_str("border:2px solid #d00000;");
                }
                let part = part.replace('&', "&amp;").replace('<', "&lt;");
                format!("<p style=\"{style}\">{part}</p>")
            })
            .collect();
        match cells.as_slice() {
            [one] => body.push_str(one),
            more => {
                let row: String = more.iter().map(|cell| format!("<td>{cell}</td>")).collect();
                write!(body, "<table><tr>{row}</tr></table>").unwrap();
            }
        }
    }
    if line.web {
        body = format!("<select><option>{}</option></select>", line.text.replace('\n', "</option><option>"));
    }
    as_file(
        "vi-du.html",
        format!(
            "<!DOCTYPE html><html lang=vi><meta charset=utf-8><title>x</title><body>{body}</body></html>"
        ),
        equipment,
    )
}

fn level_of(rule: &str) -> Option<Level> {
    match rule {
        "VN-TUYETMAT" => Some(Level::TopSecret),
        "VN-TOIMAT" => Some(Level::Secret),
        "VN-MAT" => Some(Level::Confidential),
        _ => None,
    }
}

/// What is wrong with the findings of a line in a carrier; nothing where all is well.
fn problem(line: &Line, carrier: &str, findings: &[Finding]) -> Option<String> {
    let best = findings
        .iter()
        .filter(|finding| is_ours(finding) && finding.level > Level::Internal)
        .max_by_key(|f| f.confidence);
    let band = best.map(Finding::band);
    // Without side, colour, frame and font the sum is what is left.
    let less = carrier == "text"
        && (line.red || line.framed || line.font.is_some() || line.zone.starts_with("p1-top"));
    let placed = matches!(line.zone.as_str(), "header" | "footer" | "watermark" | "stamp" | "textbox");
    // An option of a list is only one in a web page.
    if carrier != "page" && placed || carrier != "html" && line.web {
        return None;
    }
    let fits = match line.band.as_str() {
        "stop" if less || (carrier == "html" && line.font.is_some()) => band >= Some(Band::Medium),
        "stop" => band == Some(Band::High),
        "review" => band == Some(Band::Medium),
        "info" => band == Some(Band::Low) || band == Some(Band::Medium),
        "low" => band <= Some(Band::Low),
        "none" => findings.iter().all(|finding| {
            finding.band() == Band::Low
                && (!is_ours(finding)
                    || finding.level == Level::Internal
                    || finding.reasons.iter().any(|reason| reason.code == "manual"))
        }),
        other => panic!("{other}"),
    };
    let level = level_of(&line.rule).is_none_or(|level| best.is_some_and(|best| best.level == level));
    if fits && (level || line.band == "none") {
        return None;
    }
    let told: Vec<String> = findings
        .iter()
        .map(|finding| {
            let reasons: Vec<String> =
                finding.reasons.iter().map(|r| format!("{} {:+}", r.code, r.points)).collect();
            format!(
                "    {} {} {} {:?}: {}",
                finding.rule,
                finding.level,
                finding.confidence,
                finding.matched,
                reasons.join(", ")
            )
        })
        .collect();
    Some(format!(
        "{} {carrier}: expected {} {}, zone {}: {:?}\n{}",
        line.id,
        line.band,
        line.rule,
        line.zone,
        line.text,
        told.join("\n")
    ))
}

/// The built-in packs; or, to try a pack without building, a file whose ids begin with `vx` in place of `vn`.
fn equipment() -> Arc<Equipment> {
    let selection = match std::env::var_os("DAUMAT_TRIAL_PACK") {
        Some(path) => {
            Selection { packs: vec!["generic".to_owned()], paths: vec![path.into()], ..Selection::default() }
        }
        None => Selection::default(),
    };
    Equipment::new(load(&selection).unwrap(), Settings::default())
}

/// Whether a finding is of the pack under test.
fn is_ours(finding: &Finding) -> bool {
    matches!(finding.pack.as_str(), "vn" | "vx")
}

fn data(name: &str) -> String {
    std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name))
        .unwrap()
}

fn check(name: &str, least: usize) {
    let equipment = equipment();
    let data = data(name);
    let lines = lines(&data);
    assert!(lines.len() >= least, "{} lines", lines.len());
    let mut problems = Vec::new();
    for line in &lines {
        problems.extend(problem(line, "page", &as_page(line, &equipment)));
        problems.extend(problem(line, "text", &as_text(line, &equipment)));
        problems.extend(problem(line, "html", &as_html(line, &equipment)));
    }
    assert!(
        problems.is_empty(),
        "{} of {} lines in three carriers:\n{}",
        problems.len(),
        lines.len(),
        problems.join("\n")
    );
}

#[test]
fn lines_of_the_domain_notes() {
    check("vn_lines.tsv", 111);
}

#[test]
fn our_own_variants() {
    check("vn_variants.tsv", 200);
}

#[test]
fn names_of_files_and_folders() {
    let equipment = equipment();
    let mut problems = Vec::new();
    for row in data("vn_names.tsv").lines().filter(|row| !row.starts_with('#')) {
        let (sign, name) = row.split_once('\t').unwrap();
        let mut finder = Finder::new(&equipment.rules, &equipment.sieve);
        finder.segment(&Segment::new(name, Place::new(Kind::Name)));
        let findings = judge(&finder.finish(), &equipment.rules, Options::default());
        if (sign == "+") == findings.is_empty() {
            let told: Vec<String> = findings.iter().map(|f| format!("{} {}", f.rule, f.confidence)).collect();
            problems.push(format!("{sign} {name}: {told:?}"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Lines that speak against a marking, or end the paper's secrecy; whatever stands beside a stamp, the floor holds.
const AGAINST: [&str; 16] = [
    "TUYỆT MẬT",
    "TỐI MẬT",
    "MẬT",
    "Mẫu dấu theo Mẫu số 02",
    "Hình chữ nhật, kích thước 40 x 8 mm",
    "Biểu mẫu kèm theo Thông tư",
    "BẢN MẪU",
    "SPECIMEN",
    "Thường",
    "Mật ong rừng 150.000đ",
    "LÊ VĂN",
    "GIẢI MẬT",
    "Phân biệt độ Tuyệt mật, Tối mật và Mật.",
    "a) độ Tuyệt mật; b) độ Tối mật; c) độ Mật.",
    "☐ Tuyệt mật ☐ Tối mật ☐ Mật",
    "TOP SECRET",
];
/// Lines that speak for one.
const FOR: [&str; 6] = [
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Số: 07/BC-STN",
    "Bản số: 03",
    "Không được phép sao, chụp",
    "Thời hạn bảo vệ: 10 năm",
    "BÁO CÁO",
];

mod properties {
    use super::*;
    use proptest::prelude::*;

    thread_local! {
        static EQUIPMENT: Arc<Equipment> = equipment();
    }

    fn findings(lines: &[(&str, Style<'_>)], top: f32, page: u32) -> Vec<Finding> {
        EQUIPMENT.with(|equipment| {
            let mut finder = Finder::new(&equipment.rules, &equipment.sieve);
            for (row, (text, style)) in lines.iter().enumerate() {
                let top = top + 12.0 * row as f32;
                let area = Area {
                    left: 60.0,
                    top,
                    right: 250.0,
                    bottom: top + 11.0,
                    page_width: 595.0,
                    page_height: 842.0,
                };
                let place = Place { page: Some(page), ..Place::new(Kind::Body) };
                finder.segment(&Segment { area: Some(area), style: *style, ..Segment::new(text, place) });
            }
            judge(&finder.finish(), &equipment.rules, Options::default())
        })
    }

    proptest! {
        /// A stamp alone in the top block of a letter never falls below medium.
        #[test]
        fn the_floor_holds(
            mark in prop::sample::select(vec![("TUYỆT MẬT", Level::TopSecret), ("TỐI MẬT", Level::Secret), ("MẬT", Level::Confidential)]),
            decoration in prop::sample::select(vec![("", ""), ("* ", " *"), ("[", "]"), ("“", "”"), ("── ", " ──")]),
            cue in prop::sample::select(vec!["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "ĐẢNG CỘNG SẢN VIỆT NAM", "Số: 07/BC-STN", "Số 04-KH/HU"]),
            before in prop::collection::vec(prop::sample::select(AGAINST.to_vec()), 0..4),
            after in prop::collection::vec(prop::sample::select(AGAINST.to_vec()), 0..6),
            struck in any::<bool>(),
        ) {
            let text = format!("{}{}{}", decoration.0, mark.0, decoration.1);
            let mut lines: Vec<(&str, Style<'_>)> = vec![(cue, Style::default())];
            lines.extend(before.iter().map(|line| (*line, Style::default())));
            lines.push((&text, Style { struck, ..Style::default() }));
            lines.extend(after.iter().map(|line| (*line, Style::default())));
            let found = findings(&lines, 60.0, 1);
            let best = found.iter().filter(|finding| finding.level == mark.1 && is_ours(finding)).map(Finding::band).max();
            prop_assert!(best >= Some(Band::Medium), "{lines:?}: {found:?}");
        }

        /// Words within a sentence never reach high, whatever speaks for them; names and weak words neither.
        #[test]
        fn ceilings_hold(
            mention in prop::sample::select(vec![
                "Gửi kèm tài liệu TUYỆT MẬT để quản lý theo chế độ", "Nhận báo cáo TỐI MẬT tại văn thư", "TUYỆT MẬT là độ cao nhất trong ba độ",
                "Tuyệt mật", "Mật", "MẶT", "MÂT", "MAT", "LƯU HÀNH NỘI BỘ", "TÀI LIỆU THU HỒI", "Số: 07/BC-STN(M)", "DỰ THẢO - MẬT",
            ]),
            lines in prop::collection::vec(prop::sample::select(FOR.to_vec()), 0..8),
            red in any::<bool>(),
            framed in any::<bool>(),
            page in 1u32..3,
        ) {
            let style = Style { color: red.then_some([220, 0, 0]), framed, ..Style::default() };
            let mut all: Vec<(&str, Style<'_>)> = lines.iter().map(|line| (*line, Style::default())).collect();
            all.push((mention, style));
            let found = findings(&all, 60.0, page);
            prop_assert!(found.iter().all(|finding| finding.band() < Band::High), "{all:?}: {found:?}");
        }
    }
}

/// Whole files of the notes' end of section 7: none of them is marked, and the texts about markings say so at low.
#[test]
fn whole_files_without_marking() {
    let equipment = equipment();
    let law: String = (1..=400)
        .map(|article| {
            format!(
                "Điều {article}. Quy định\n1. Cơ quan, tổ chức có trách nhiệm bảo vệ bí mật nhà nước độ Tuyệt mật, độ Tối mật và độ Mật.\n\
                 2. Người tiếp cận tài liệu độ Tuyệt mật, Tối mật, Mật phải được phép.\na) 30 năm đối với độ Tuyệt mật;\nb) 20 năm đối với độ Tối mật;\nc) 10 năm đối với độ Mật.\n"
            )
        })
        .collect();
    let law = format!(
        "QUỐC HỘI    CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nLuật số: 00/2026/QH16\nLUẬT\nBẢO VỆ BÍ MẬT NHÀ NƯỚC\n{law}"
    );
    let register = "SỔ ĐĂNG KÝ BÍ MẬT NHÀ NƯỚC ĐI\nNăm ......\nSố\tNgày, tháng\tTên loại\tĐộ mật\tNơi nhận\tKý nhận\n\t\t\t\t\t\n\t\t\t\t\t\n";
    let quiz = "BỘ CÂU HỎI TÌM HIỂU LUẬT BẢO VỆ BÍ MẬT NHÀ NƯỚC\nCâu 1. Bí mật nhà nước có mấy độ mật?\nA. Tuyệt mật\nB. Tối mật\nC. Mật\nD. Cả A, B, C\nCâu 2. Thời hạn bảo vệ độ Tối mật là\nA. 10 năm\nB. 20 năm\nC. 30 năm\nĐáp án: 1D, 2B\n";
    let menu = "<!DOCTYPE html><html lang=vi><meta charset=utf-8><title>Văn bản đến</title><form><label>Độ mật</label><select><option>Thường</option><option>Mật</option><option>Tối mật</option><option>Tuyệt mật</option></select><label>Độ khẩn</label><select><option>Khẩn</option><option>Hỏa tốc</option></select></form></html>";
    let spanish =
        "El niño español soñó con la mañana. ¡QUÉ AÑO! ÑANDÚ, PINGÜINO, CIGÜEÑA\nMËT ÖST\nMÄT\n".repeat(200);
    let german = "Größe, Straße, Äpfel und Öl: GRÖSSE, MÄSSIG, ËRSTË\nMËTZ\nTÖT\nMAßE\n".repeat(200);
    let honey = "MẬT ONG RỪNG VÍ DỤ\nGiới thiệu\nMật\nSữa ong chúa\nPhấn hoa\nGiá: 150.000 đồng\n";
    let plan = "UBND TỈNH VÍ DỤ    CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nSố: 22/KH-UBND    Ví Dụ, ngày 03 tháng 02 năm 2026\nKẾ HOẠCH\nKiểm tra công tác bảo vệ bí mật nhà nước\nRà soát việc đóng dấu độ mật (TUYỆT MẬT, TỐI MẬT hoặc MẬT) trên văn bản.\nKhông chụp tài liệu có dấu \"TỐI MẬT\".\n";
    for (name, content) in [
        ("luat.txt", law.as_str()),
        ("so.txt", register),
        ("trac-nghiem.txt", quiz),
        ("van-ban-den.html", menu),
        ("es.txt", &spanish),
        ("de.txt", &german),
        ("ong.txt", honey),
        ("ke-hoach.txt", plan),
    ] {
        let found = as_file(name, content.to_owned(), &equipment);
        let wrong: Vec<&Finding> = found.iter().filter(|finding| finding.band() > Band::Low).collect();
        assert!(wrong.is_empty(), "{name}: {wrong:?}");
        let manual = found.iter().any(|finding| finding.reasons.iter().any(|reason| reason.code == "manual"));
        assert_eq!(manual, name == "luat.txt", "{name}: {found:?}");
    }
    // Sources in TCVN3 are full of such words.
    let source: Vec<u8> = b"// b\xDD m\xCBt\nchar *s = \"tuy\xD6t m\xCBt\";\nm\xCBt\n".repeat(50);
    let entry = Entry {
        id: 0,
        path: "tro.cpp".into(),
        name: "tro.cpp".into(),
        size: source.len() as u64,
        content: Some(source),
        span: None,
    };
    let report = Examiner::new(&equipment).entry(&entry);
    let found: Vec<Finding> = report.documents.into_iter().flat_map(|document| document.findings).collect();
    assert!(found.iter().all(|finding| finding.band() == Band::Low), "{found:?}");
}
