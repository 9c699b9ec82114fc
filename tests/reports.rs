//! Reports through the real binary: every format against its own reader or schema, hostile names in each, and the same
//! report made at once and from records.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use common::{MARKED, PLAIN, command, here, run};
use serde_json::Value;

const FORMATS: &[&str] =
    &["text", "paths", "jsonl", "json", "sarif", "junit", "csv", "html", "annotations", "gitlab"];

/// Names that a spreadsheet, a page, a terminal, a build server or a URI would obey.
const HOSTILE: &[&str] = &[
    "=HYPERLINK(\"x\",\"y\").txt",
    "@SUM(1+1)|cmd.txt",
    "<script>alert(1)</script>.txt",
    "a\"b'c&d]]>.txt",
    "đúng\u{202e}txt.exe.txt",
    "new\nline::error::x.txt",
    "\u{1b}[2Jclear.txt",
    "100% #hash?query.txt",
    "\u{7}bell\u{200b}zero\u{feff}.txt",
];

/// A folder of marked files with hostile names, a container, and files that cannot be read.
fn world() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &[u8]| {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    };
    write("plain.txt", PLAIN.as_bytes());
    write("unknown.bin", b"\x00\x01\x02\x03\xff\xfe\x00\x99nothing known");
    write("sound.mp3", b"ID3\x04\x00\x00\x00\x00\x00\x00");
    write("phòng một/đèn lồng.txt", MARKED.as_bytes());
    if cfg!(unix) {
        for (index, name) in HOSTILE.iter().enumerate() {
            write(&format!("hostile/{name}"), format!("{MARKED}{index}\n").as_bytes());
        }
    }
    let mut zip = zip::ZipWriter::new(fs::File::create(dir.path().join("outer.zip")).unwrap());
    let stored = zip::write::SimpleFileOptions::default();
    for name in ["trong/báo cáo <b>.txt", "=1+1.txt"] {
        zip.start_file(name, stored).unwrap();
        zip.write_all(MARKED.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    dir
}

/// Every format of one scan of the world, by name.
fn all_formats(dir: &Path, more: &[&str]) -> std::collections::BTreeMap<String, String> {
    let out = tempfile::tempdir().unwrap();
    let mut args: Vec<String> = vec!["scan".into(), ".".into(), "-o".into(), "/dev/null".into()];
    for format in FORMATS {
        args.push("--report".into());
        args.push(format!("{format}={}", out.path().join(format).display()));
    }
    args.extend(more.iter().map(|arg| (*arg).to_owned()));
    let output = command(&args).current_dir(dir).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let read = |format: &&str| fs::read_to_string(out.path().join(format)).unwrap();
    FORMATS.iter().map(|format| ((*format).to_owned(), read(format))).collect()
}

fn records(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn of<'a>(records: &'a [Value], kind: &str) -> Vec<&'a Value> {
    records.iter().filter(|record| record["type"] == kind).collect()
}

#[test]
#[cfg(unix)]
fn a_report_made_of_records_is_the_report_made_at_once() {
    let dir = world();
    for lang in ["en", "vi"] {
        let direct = all_formats(dir.path(), &["--lang", lang]);
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), &direct["jsonl"]).unwrap();
        for format in FORMATS.iter().filter(|format| **format != "paths") {
            let args = [
                "report",
                "convert",
                file.path().to_str().unwrap(),
                "-f",
                format,
                "--lang",
                lang,
                "--min-confidence",
                "medium",
            ];
            let made = run(args);
            assert_eq!(made.code, 0, "{}", made.err);
            assert_eq!(made.out, direct[*format], "{format} in {lang}");
        }
    }
}

#[test]
#[cfg(unix)]
fn sarif_is_valid_and_tells_everything() {
    let dir = world();
    let reports = all_formats(dir.path(), &[]);
    let sarif: Value = serde_json::from_str(&reports["sarif"]).unwrap();
    // One pattern of the schema as published has a bracket too many, which is no regular expression of ECMA 262.
    let schema = fs::read_to_string(here("tests/schemas/sarif-2.1.0.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema.replace("{2}]?$", "{2}$")).unwrap();
    let schema = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let errors: Vec<String> =
        schema.iter_errors(&sarif).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let records = records(&reports["jsonl"]);
    let run = &sarif["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), of(&records, "finding").len());
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(rule["help"]["markdown"].as_str().unwrap().contains("Sources"));
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        assert!(
            uri.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"\\^`{|}#?:".contains(&byte)),
            "{uri}"
        );
        let text = result["message"]["text"].as_str().unwrap();
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
    }
    let gaps: usize =
        of(&records, "document").iter().map(|document| document["gaps"].as_array().unwrap().len()).sum();
    let told = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    assert_eq!(told.len(), gaps);
    assert!(gaps >= 1 && run["invocations"][0]["executionSuccessful"] == true);
    let member = results
        .iter()
        .find(|result| result["locations"][0]["logicalLocations"][0]["name"] == "trong/báo cáo <b>.txt");
    assert!(member.is_some(), "members are logical locations");
}

#[test]
#[cfg(unix)]
fn json_holds_the_records() {
    let reports = all_formats(world().path(), &[]);
    let json: Value = serde_json::from_str(&reports["json"]).unwrap();
    let records = records(&reports["jsonl"]);
    for (kind, name) in [("finding", "findings"), ("document", "documents")] {
        let there: Vec<&Value> = json[name].as_array().unwrap().iter().collect();
        assert_eq!(there, of(&records, kind));
    }
    assert_eq!(&json["start"], of(&records, "start")[0]);
    assert_eq!(&json["summary"], of(&records, "summary")[0]);
}

/// A CSV reader of RFC 4180, since a parser of ours in the tests is the only other one here; `tests/tools/reports.py`
/// asks Python's and LibreOffice's.
fn rows(text: &str) -> Vec<Vec<String>> {
    let mut rows = vec![vec![String::new()]];
    let mut quoted = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let row = rows.last_mut().unwrap();
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                row.last_mut().unwrap().push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(String::new()),
            '\r' if !quoted => {}
            '\n' if !quoted => rows.push(vec![String::new()]),
            letter => row.last_mut().unwrap().push(letter),
        }
    }
    rows.pop();
    rows
}

#[test]
#[cfg(unix)]
fn csv_has_no_formula_and_every_finding() {
    let reports = all_formats(world().path(), &["--lang", "vi"]);
    let csv = reports["csv"].strip_prefix('\u{feff}').unwrap();
    let rows = rows(csv);
    let records = records(&reports["jsonl"]);
    let findings = of(&records, "finding").len();
    assert_eq!(rows.iter().filter(|row| row[0] == "finding").count(), findings);
    for row in &rows {
        assert_eq!(row.len(), rows[0].len(), "{row:?}");
        for cell in row {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{cell:?}");
            assert!(!cell.contains(|letter: char| letter.is_control()), "{cell:?}");
        }
    }
    assert!(csv.contains("đứng riêng một dòng"), "reasons in Vietnamese");
}

#[test]
#[cfg(unix)]
fn annotations_and_gitlab_keep_to_their_lines() {
    let reports = all_formats(world().path(), &[]);
    let lines: Vec<&str> = reports["annotations"].lines().collect();
    let records = records(&reports["jsonl"]);
    let findings = of(&records, "finding").len();
    assert_eq!(lines.iter().filter(|line| line.starts_with("::error file=")).count(), findings);
    for line in &lines {
        assert!(
            line.starts_with("::error ") || line.starts_with("::warning ") || line.starts_with("::notice ")
        );
        assert!(!line.contains('\u{1b}'), "{line:?}");
        let head = line.trim_start_matches("::").split("::").next().unwrap();
        assert!(!head.contains('\n') && head.split(',').all(|part| part.contains('=')), "{head:?}");
    }
    let issues: Vec<Value> = serde_json::from_str(&reports["gitlab"]).unwrap();
    let fingerprints: BTreeSet<&str> =
        issues.iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(fingerprints.len(), issues.len(), "each issue has a fingerprint of its own");
    for issue in &issues {
        assert!(!issue["location"]["path"].as_str().unwrap().starts_with("./"));
        assert!(
            ["info", "minor", "major", "critical", "blocker"].contains(&issue["severity"].as_str().unwrap())
        );
    }
}

#[test]
#[cfg(unix)]
fn junit_counts_what_it_holds() {
    let reports = all_formats(world().path(), &[]);
    let junit = &reports["junit"];
    let mut reader = quick_xml::Reader::from_str(junit);
    let (mut cases, mut failed, mut counts) = (0, BTreeSet::new(), None);
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Eof => break,
            quick_xml::events::Event::Start(tag) | quick_xml::events::Event::Empty(tag) => {
                match tag.name().as_ref() {
                    "testcase" => cases += 1,
                    "failure" => drop(failed.insert(cases)),
                    "testsuite" => {
                        let attribute = |name: &str| {
                            let found = tag.try_get_attribute(name).unwrap().unwrap();
                            found.value.parse::<usize>().unwrap()
                        };
                        counts = Some((attribute("tests"), attribute("failures")));
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    assert_eq!(counts, Some((cases, failed.len())));
    assert!(!junit.contains(['\u{1b}', '\u{202e}', '\u{7}']));
}

#[test]
fn merged_ledgers_add_up() {
    let one = tempfile::tempdir().unwrap();
    let two = tempfile::tempdir().unwrap();
    fs::write(one.path().join("a.txt"), MARKED).unwrap();
    fs::write(two.path().join("b.txt"), PLAIN).unwrap();
    fs::write(two.path().join("c.bin"), b"\x00\x01\x02\x03\xff\xfe\x00\x99nothing known").unwrap();
    let out = tempfile::tempdir().unwrap();
    let file = |name: &str| out.path().join(name).to_str().unwrap().to_owned();
    for (dir, name) in [(&one, "1.jsonl"), (&two, "2.jsonl")] {
        run(["scan", dir.path().to_str().unwrap(), "-f", "jsonl", "-o", &file(name)]);
    }
    let merged = run(["report", "merge", &file("1.jsonl"), &file("2.jsonl"), "-f", "jsonl"]);
    assert_eq!(merged.code, 0, "{}", merged.err);
    let summary = merged.summary();
    for (name, count) in [("documents", 3), ("full", 2), ("none", 1), ("flagged_documents", 1)] {
        assert_eq!(summary[name], count, "{name}");
    }
    assert_eq!(summary["verdict"], "findings");
    assert_eq!(merged.of("start")[0]["roots"].as_array().unwrap().len(), 2);
    let again = run_with_text(&["report", "convert", "-", "-f", "jsonl"], &merged.out);
    assert_eq!(again, merged.out, "records of records are the same records");
}

fn run_with_text(args: &[&str], input: &str) -> String {
    common::run_with_input(args, input.as_bytes()).out
}

#[test]
fn records_that_are_wrong_are_refused_with_their_line() {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("r.jsonl");
    let name = file.to_str().unwrap();
    let start = r#"{"type":"start","schema":1,"tool":"daumat","version":"0.1.0","rules_digest":"x","packs":[],"roots":["a"],"started":"2026-11-22T01:02:03Z"}"#;
    for (text, told) in [
        (String::new(), "empty"),
        ("{}\n".to_owned(), "line 1"),
        (format!("{start}\n{{\"type\":\"finding\"}}\n"), "line 2"),
        (format!("{start}\nnot json\n"), "line 2"),
        (start.replace("\"schema\":1", "\"schema\":7"), "schema is 7"),
        (format!("{start}\n{start}\n"), "second `start`"),
    ] {
        fs::write(&file, text).unwrap();
        let run = run(["report", "convert", name]);
        assert_eq!(run.code, 2);
        assert!(run.err.contains(told), "{told}: {}", run.err);
    }
    fs::write(&file, format!("{start}\n")).unwrap();
    let cut = run(["report", "convert", name]);
    assert_eq!(cut.code, 0);
    assert!(cut.err.contains("break off") && cut.out.contains("interrupted"), "{} {}", cut.err, cut.out);
    let onto_itself = run(["report", "convert", name, "-o", name]);
    assert_eq!(onto_itself.code, 2, "{}", onto_itself.err);
    assert!(fs::read_to_string(&file).unwrap().starts_with(start), "the input is still there");
}

#[test]
fn own_words_are_masked_unless_context_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("words.txt"), "Hải đăng Orla\tconfidential\n").unwrap();
    fs::create_dir(dir.path().join("in")).unwrap();
    fs::write(dir.path().join("in/b.txt"), "Kế hoạch sửa hải đăng Orla năm tới\n").unwrap();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    for format in FORMATS {
        let args = ["scan", &at("in"), "--keywords", &at("words.txt"), "-f", format];
        let run = common::run(args);
        assert_eq!(run.code, 1, "{}", run.err);
        assert!(!run.out.contains("Orla") && !run.out.contains("đăng"), "{format}: {}", run.out);
    }
    let shown = common::run(["scan", &at("in"), "--keywords", &at("words.txt"), "--show-context"]);
    assert!(shown.out.contains("hải đăng Orla"), "{}", shown.out);
}

#[test]
fn decisions_of_persons_are_suppressions() {
    let start = r#"{"type":"start","schema":1,"tool":"daumat","version":"0.1.0","rules_digest":"x","packs":[],"roots":["a"],"started":"2026-11-22T01:02:03Z"}"#;
    let finding = r#"{"type":"finding","path":"a","members":[],"display":"a#body","format":"text","rule":"vn.state-secret.mat","pack":"vn","title":"t","level":"confidential","confidence":90,"band":"high","place":{"kind":"body","visible":true},"matched":"MẬT","reasons":[{"code":"own-line","points":90}],"fingerprint":"abcd","baseline":{"decision":"false-alarm","suppresses":true,"expired":false,"reason":"tên cửa hàng mật ong","approver":"Nguyễn Văn Ví Dụ","expires":"2027-01-01","first_seen":"2026-11-01"}}"#;
    let document = r#"{"type":"document","path":"a","members":[],"display":"a","format":"text","bytes":3,"coverage":"full","gaps":[],"findings":1,"level":"confidential","confidence":90}"#;
    let input = [start, finding, document].join("\n");
    let made = |format: &str| run_with_text(&["report", "convert", "-", "-f", format], &input);
    let sarif: Value = serde_json::from_str(&made("sarif")).unwrap();
    let suppression = &sarif["runs"][0]["results"][0]["suppressions"][0];
    assert_eq!(suppression["justification"], "tên cửa hàng mật ong");
    assert!(made("junit").contains("<skipped message=\"false-alarm"));
    assert!(made("csv").contains("false-alarm: tên cửa hàng mật ong"));
    assert!(made("jsonl").contains("\"baseline\":{\"decision\":\"false-alarm\""));
    for format in ["paths", "annotations", "gitlab"] {
        assert!(!made(format).contains("MẬT"), "{format} shows only what is left to do");
    }
    let schema: Value = serde_json::from_str(&run(["schema"]).out).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    assert!(schema.is_valid(&serde_json::from_str(finding).unwrap()));
}

/// The text of a DOCX, by the reader this program has for it, and its parts as they are.
fn docx(path: &Path) -> (String, Vec<(String, String)>) {
    let mut zip = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
    let parts: Vec<(String, String)> = (0..zip.len())
        .map(|index| {
            let mut part = zip.by_index(index).unwrap();
            let name = part.name().unwrap().into_owned();
            let mut text = String::new();
            std::io::Read::read_to_string(&mut part, &mut text).unwrap();
            (name, text)
        })
        .collect();
    (run(["extract", path.to_str().unwrap()]).out, parts)
}

#[test]
#[cfg(unix)]
fn office_papers_hold_figures_and_no_text_or_name_of_a_document() {
    let dir = world();
    let reports = all_formats(dir.path(), &["--show-context"]);
    let out = tempfile::tempdir().unwrap();
    let at = |name: &str| out.path().join(name).to_str().unwrap().to_owned();
    fs::write(at("scan.jsonl"), &reports["jsonl"]).unwrap();
    let found = of(&records(&reports["jsonl"]), "finding").len().to_string();
    let office = "parent = \"Ủy ban nhân dân tỉnh Ví Dụ\"\nunit = \"Sở Thử Nghiệm\"\ncode = \"STN\"\nplace = \"Ví Dụ\"\ndate = \"2026-02-03\"\n\
        recipients = [\"Công an tỉnh Ví Dụ\", \"<w:p>&\"]\n";
    fs::write(at("office.toml"), office).unwrap();
    for verb in ["minutes", "periodic"] {
        for extension in ["docx", "html"] {
            let file = at(&format!("{verb}.{extension}"));
            let made = run([
                "report",
                verb,
                &at("scan.jsonl"),
                "-o",
                &file,
                "--office",
                &at("office.toml"),
                "--number",
                "7",
                "--signer",
                "Nguyễn Văn <b>Thử</b>",
            ]);
            assert_eq!(made.code, 0, "{}", made.err);
            let text = if extension == "docx" {
                let (text, parts) = docx(Path::new(&file));
                for (name, part) in &parts {
                    let mut reader = quick_xml::Reader::from_str(part);
                    while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
                    assert!(!part.contains("<w:p>&\""), "{name}");
                }
                text
            } else {
                fs::read_to_string(&file).unwrap()
            };
            for told in [
                "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
                "Độc lập - Tự do - Hạnh phúc",
                "SỞ THỬ NGHIỆM",
                "Ví Dụ, ngày 03 tháng 02 năm 2026",
                "Công an tỉnh Ví Dụ",
                "Công cụ chỉ phát hiện dấu hiệu hình thức",
                found.as_str(),
            ] {
                assert!(text.contains(told), "{verb}.{extension} lacks {told}");
            }
            assert!(text.contains(if verb == "minutes" { "Số: 7/BB-STN" } else { "Số: 7/BC-STN" }));
            for secret in ["đèn lồng", "SUM(1+1)", "hostile", "outer.zip", "báo cáo <b>", "Về chiếc"]
            {
                assert!(!text.contains(secret), "{verb}.{extension} tells {secret}");
            }
        }
    }
    assert_eq!(run(["report", "minutes", &at("scan.jsonl"), "-o", &at("x.odt")]).code, 2);
}

/// Records of a scan with findings `a` and `b`, each a fingerprint in a document of that name.
fn scan_with(started: &str, findings: &[&str]) -> String {
    let mut out = format!(
        "{{\"type\":\"start\",\"schema\":1,\"tool\":\"daumat\",\"version\":\"0.1.0\",\"rules_digest\":\"x\",\"packs\":[],\"roots\":[\"/srv\"],\"started\":\"{started}\"}}\n"
    );
    for name in findings {
        out += &format!(
            "{{\"type\":\"finding\",\"path\":\"{name}\",\"members\":[],\"display\":\"{name}\",\"format\":\"text\",\"rule\":\"vn.state-secret.mat\",\"pack\":\"vn\",\"title\":\"t\",\"level\":\"confidential\",\"confidence\":90,\"band\":\"high\",\"place\":{{\"kind\":\"body\",\"visible\":true}},\"matched\":\"MẬT\",\"reasons\":[{{\"code\":\"own-line\",\"points\":90}}],\"fingerprint\":\"{name}{name}\"}}\n\
             {{\"type\":\"document\",\"path\":\"{name}\",\"members\":[],\"display\":\"{name}\",\"format\":\"text\",\"bytes\":3,\"coverage\":\"full\",\"gaps\":[],\"findings\":1,\"level\":\"confidential\",\"confidence\":90}}\n"
        );
    }
    let flagged = findings.len();
    out + &format!(
        "{{\"type\":\"summary\",\"documents\":10,\"bytes\":1,\"full\":10,\"partial\":0,\"none\":0,\"skipped\":0,\"findings\":{{\"high\":{flagged},\"medium\":0,\"low\":0}},\"flagged_documents\":{flagged},\"gaps\":{{}},\"elapsed_ms\":1,\"verdict\":\"findings\"}}\n"
    )
}

#[test]
fn what_a_later_scan_no_longer_finds_is_handled() {
    let out = tempfile::tempdir().unwrap();
    let at = |name: &str| out.path().join(name).to_str().unwrap().to_owned();
    fs::write(at("1.jsonl"), scan_with("2026-03-01T01:00:00Z", &["a", "b", "c"])).unwrap();
    fs::write(at("2.jsonl"), scan_with("2026-06-01T01:00:00Z", &["b", "d"])).unwrap();
    fs::write(at("3.jsonl"), scan_with("2025-06-01T01:00:00Z", &["z"])).unwrap();
    let args = ["report", "periodic", &at("1.jsonl"), &at("2.jsonl"), &at("3.jsonl"), "-o", &at("r.html")];
    let made = run(args);
    assert_eq!(made.code, 0, "{}", made.err);
    assert!(made.err.contains("3.jsonl") && made.err.contains("outside the period"), "{}", made.err);
    let text = fs::read_to_string(at("r.html")).unwrap();
    assert!(text.contains("<td>Mật</td><td>4</td><td>2</td><td>2</td>"), "a and c are handled: {text}");
    assert!(text.contains("15/12/2025") && text.contains("14/12/2026"));
    let half = run([
        "report",
        "periodic",
        &at("1.jsonl"),
        "-o",
        &at("h.html"),
        "--period",
        "6-months",
        "--closing",
        "31/12",
    ]);
    assert_eq!(half.code, 0, "{}", half.err);
    let text = fs::read_to_string(at("h.html")).unwrap();
    assert!(text.contains("01/01/2026") && text.contains("30/06/2026") && text.contains("06 tháng"));
    let days = [
        "report",
        "periodic",
        &at("1.jsonl"),
        "-o",
        &at("d.html"),
        "--from",
        "2026-02-01",
        "--to",
        "2026-03-31",
    ];
    assert_eq!(run(days).code, 0);
    let text = fs::read_to_string(at("d.html")).unwrap();
    assert!(text.contains("điện tử từ ngày 01/02/2026 đến hết ngày 31/03/2026"), "{text}");
    assert!(!text.contains("tháng đầu năm") && text.contains("117/2025/QH15"), "{text}");
    fs::write(at("unit.toml"), "legal-basis = \"1999\"\n").unwrap();
    let wrong =
        run(["report", "periodic", &at("1.jsonl"), "-o", &at("w.html"), "--office", &at("unit.toml")]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("unit.toml") && wrong.err.contains("1999"), "{}", wrong.err);
    let none = run(["report", "periodic", &at("1.jsonl"), "-o", &at("n.html"), "--year", "2020"]);
    assert_eq!(none.code, 2, "{}", none.err);
}

#[test]
fn both_languages_speak() {
    let help = run(["scan", "--help", "--lang", "vi"]);
    assert_eq!(help.code, 0);
    for told in ["Cách dùng:", "Quét những gì", "Rà quét tệp", "[mặc định: medium]", "- sarif: SARIF 2.1.0"]
    {
        assert!(help.out.contains(told), "{told}: {}", help.out);
    }
    for english in ["Usage:", "Options:", "Print help", "[default:", "possible values"] {
        assert!(!help.out.contains(english), "{english}: {}", help.out);
    }
    assert!(run(["--help"]).out.contains("Usage:"));
    let wrong = |args: &[&str]| run(args);
    for (args, vi) in [
        (vec!["scan", "--fail-on", "moon", "x"], "giá trị 'moon' không hợp lệ"),
        (vec!["scan", "--moon", "x"], "không có tùy chọn '--moon'"),
        (vec!["scna"], "không có lệnh 'scna'"),
        (vec!["scan"], "chưa có đường dẫn để quét"),
        (vec!["scan", "README.md", "--pack", "moon"], "không có bộ quy tắc `moon`"),
        (vec!["report", "merge"], "còn thiếu"),
        (vec!["scan", "README.md", "--report", "moon=y"], "không có định dạng `moon`"),
    ] {
        let said = wrong(&[args.as_slice(), &["--lang=vi"]].concat());
        assert_eq!(said.code, 2, "{args:?}");
        assert!(said.err.contains("daumat: lỗi: ") && said.err.contains(vi), "{args:?}: {}", said.err);
        let said = wrong(&args);
        assert!(said.code == 2 && !said.err.contains("lỗi"), "{args:?}: {}", said.err);
    }
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("b.txt"), MARKED).unwrap();
    let mut command = command(["scan", dir.path().to_str().unwrap()]);
    let output = command.env("LC_ALL", "vi_VN.UTF-8").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for told in [
        "TỐI MẬT 100 (cao)",
        "Dấu độ mật TỐI MẬT",
        "đứng riêng một dòng",
        "1 tài liệu: 1 đọc toàn bộ",
        "không thay thế người có thẩm quyền",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
}
