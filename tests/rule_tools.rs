//! Tools for rules and word lists: outside tables, damaged marks, hashed lists, warnings.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

mod common;

use std::fs;
use std::path::Path;

use common::{command, here, run};

fn at(dir: &Path, name: &str, content: &str) -> String {
    let path = dir.join(name);
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The row of a class: its columns.
fn row<'a>(table: &'a str, class: &str) -> Vec<&'a str> {
    let line = table.lines().rev().find(|line| line.starts_with(&format!("{class} "))).unwrap();
    line[class.len()..].split_whitespace().collect()
}

#[test]
fn an_outside_table_is_scored_by_class() {
    let dir = tempfile::tempdir().unwrap();
    let table = at(
        dir.path(),
        "lines.tsv",
        "# text, level, class\nTOP SECRET//SI//NOFORN\ttop-secret\tbanner\nSECRET//NOFORN\ttop-secret\tbanner\n\
         The weather is fine.\tsecret\tbanner\nNATO SECRET⏎Orla\tany\tnato\nA secret of the kitchen.\tnone\tprose\nSECRET//NOFORN\tnone\tprose\n",
    );
    let told = run(["rules", "test", "--oracle", &table, "-v"]);
    assert_eq!(told.code, 0, "{}", told.err);
    assert_eq!(row(&told.out, "banner"), ["3", "2", "1", "33.33", "%", "0", "0"]);
    assert_eq!(row(&told.out, "nato"), ["1", "1", "1", "100.00", "%", "0", "0"]);
    assert_eq!(row(&told.out, "prose"), ["0", "0", "0", "-", "2", "1"]);
    assert!(told.out.contains("banner 4: wanted secret; found nothing"), "{}", told.out);
    assert!(told.out.contains("prose 7: wanted none; found us."), "{}", told.out);

    assert_eq!(run(["rules", "test", "--oracle", &table, "--at-least", "95"]).code, 2);
    assert_eq!(run(["rules", "test", "--oracle", &table, "--at-least", "95%", "--class", "nato"]).code, 0);
    // Half of the unmarked lines were left alone.
    assert_eq!(run(["rules", "test", "--oracle", &table, "--at-least", "51", "--class", "prose"]).code, 2);
    assert_eq!(run(["rules", "test", "--oracle", &table, "--at-least", "50", "--class", "prose"]).code, 0);
}

#[test]
fn a_wrong_table_fails_with_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let table = at(dir.path(), "lines.tsv", "SECRET//NOFORN\tsecret\nNATO SECRET\tvery\n");
    let told = run(["rules", "test", "--oracle", &table]);
    assert_eq!(told.code, 2);
    assert!(told.err.contains("lines.tsv: line 2"), "{}", told.err);
    assert_eq!(run(["rules", "test", "--oracle", "no/such.tsv"]).code, 2);
    let empty = at(dir.path(), "empty.tsv", "# nothing\n");
    assert_eq!(
        run(["rules", "test", "--oracle", &empty, "--at-least", "95"]).code,
        2,
        "nothing passes no threshold"
    );
    assert_eq!(run(["rules", "test", "--oracle", &table, "--at-least", "101"]).code, 2);
}

#[test]
fn damage_is_the_same_in_every_run_and_held_to_a_threshold() {
    let pack = here("rules/examples/orla.toml");
    let args = |more: &[&'static str]| {
        let own = ["rules", "test", "--pack", "generic", "--rules", pack.to_str().unwrap(), "--mutate"];
        own.iter().chain(more).map(ToString::to_string).collect::<Vec<_>>()
    };
    let first = run(args(&["-v"]));
    assert_eq!(first.code, 0, "{}", first.err);
    assert_eq!(first.out, run(args(&["-v"])).out);
    let typo = row(&first.out, "typo");
    assert!(typo[0].parse::<u32>().unwrap() >= 8, "{typo:?}");
    assert!(first.out.contains("wanted confidential; found "), "{}", first.out);
    assert!(first.out.lines().any(|line| line.starts_with("pack ")), "{}", first.out);
    // Small letters are a miss for this pack, and the threshold says so; a slip is none.
    assert_eq!(run(args(&["--class", "case", "--at-least", "95"])).code, 2);
    assert_eq!(run(args(&["--class", "typo", "--at-least", "95"])).code, 0);

    let dir = tempfile::tempdir().unwrap();
    let table =
        at(dir.path(), "lines.tsv", "TOP SECRET//SI//NOFORN\ttop-secret\nThe weather is fine.\tnone\n");
    let told = run(["rules", "test", "--oracle", &table, "--mutate", "--class", "delimiter"]);
    assert_eq!(told.code, 0, "{}", told.err);
    assert_eq!(row(&told.out, "delimiter")[0], "7", "{}", told.out);
}

#[test]
fn a_hashed_list_finds_what_the_plain_one_does() {
    let dir = tempfile::tempdir().unwrap();
    let words = at(dir.path(), "words.txt", "Giấy Lồng Đèn\tsecret\nOrla Keepers\nLighthouse-7\n");
    let key = at(dir.path(), "key", "0123456789abcdef0123456789abcdef\n");
    let hashed = dir.path().join("words.hashed");
    let hashed = hashed.to_str().unwrap();
    let made = run(["rules", "hash-words", &words, "--key", &key, "-o", hashed]);
    assert_eq!(made.code, 0, "{}", made.err);
    let text = fs::read_to_string(hashed).unwrap();
    assert!(text.starts_with("daumat hashed keywords 2\n"));
    for word in ["giấy", "orla", "keepers", "lighthouse"] {
        assert!(!text.to_lowercase().contains(word), "{word}");
    }
    assert_eq!(
        text,
        run(["rules", "hash-words", &words, "--key", &key]).out,
        "same list, same key, same hashes"
    );
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(hashed).unwrap().permissions()) & 0o777,
        0o600
    );

    let papers = dir.path().join("papers");
    fs::create_dir(&papers).unwrap();
    let letter =
        "DỰ ÁN GIẤY  LỒNG\u{a0}ĐÈN và orla keepers,\nlighthouse 7 nhưng không phải Orla hay lighthouse 70.\n";
    at(&papers, "a.txt", letter);
    at(&papers, "b.txt", "Giâ\u{301}y Lô\u{300}ng Đe\u{300}n\n");
    let papers = papers.to_str().unwrap();
    let found = |more: &[&str]| {
        let run = run(["scan", papers, "-f", "jsonl", "--exit-zero"].iter().chain(more));
        assert_eq!(run.code, 0, "{}", run.err);
        let findings = run.of("finding");
        findings
            .iter()
            .map(|f| {
                [&f["path"], &f["rule"], &f["level"], &f["matched"], &f["place"]].map(ToString::to_string)
            })
            .collect::<Vec<_>>()
    };
    let plain = found(&["--keywords", &words]);
    assert_eq!(plain.len(), 4, "{plain:?}");
    assert_eq!(found(&["--keywords", hashed, "--keywords-key", &key]), plain);
    assert!(plain.iter().all(|finding| finding[3].contains("•••")), "masked: {plain:?}");
    // Both at once: each term once.
    let both = found(&["--keywords", hashed, "--keywords", &words, "--keywords-key", &key]);
    assert_eq!(both, plain);

    let by_variable = command(["scan", papers, "--keywords", hashed, "-q"])
        .env("DAUMAT_KEYWORDS_KEY", "0123456789abcdef0123456789abcdef")
        .output()
        .unwrap();
    assert_eq!(by_variable.status.code(), Some(1));
}

#[test]
fn a_hashed_list_without_its_key_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let words = at(dir.path(), "words.txt", "Orla Keepers\n");
    let key = at(dir.path(), "key", "0123456789abcdef");
    let other = at(dir.path(), "other", "fedcba9876543210");
    let short = at(dir.path(), "short", "orla\n");
    let hashed = at(dir.path(), "hashed", &run(["rules", "hash-words", &words, "--key", &key]).out);
    let paper = at(dir.path(), "paper.txt", "Orla Keepers");
    let refused = |args: &[&str], why: &str| {
        let run = run(args);
        assert_eq!(run.code, 2, "{args:?}");
        assert!(run.err.contains(why), "{args:?}: {}", run.err);
    };
    refused(&["scan", &paper, "--keywords", &hashed], "--keywords-key");
    refused(&["scan", &paper, "--keywords", &hashed, "--keywords-key", &other], "another key");
    refused(&["scan", &paper, "--keywords", &hashed, "--keywords-key", &short], "16 bytes");
    refused(&["rules", "hash-words", &words], "DAUMAT_KEYWORDS_KEY");
    refused(&["rules", "hash-words", &words, "--key", &key, "-o", &words], "words.txt");
    let text = fs::read_to_string(&hashed).unwrap();
    let cut = at(dir.path(), "cut", &text.replace("term ", "word "));
    refused(&["scan", &paper, "--keywords", &cut, "--keywords-key", &key], "line 5");
    let lines = text.lines().filter(|line| !line.starts_with("begin"));
    let cut = at(dir.path(), "lines", &lines.map(|line| format!("{line}\n")).collect::<String>());
    refused(&["scan", &paper, "--keywords", &cut, "--keywords-key", &key], "changed");
}

#[test]
fn check_warns_of_words_that_flood_and_of_doubled_examples() {
    let dir = tempfile::tempdir().unwrap();
    let words = at(dir.path(), "words.txt", "Paper Lantern\nOrange\nAB\n2026\nBáo cáo\npaper LANTERN\n");
    let told = run(["rules", "check", "--keywords", &words]);
    assert_eq!(told.code, 0, "warnings are no failure: {}", told.out);
    for (line, why) in [(2, "common"), (3, "fewer"), (4, "digits"), (5, "common"), (6, "already")] {
        let wanted = told.out.lines().find(|told| told.contains(&format!("words.txt: line {line}: ")));
        assert!(wanted.is_some_and(|told| told.contains(why)), "{line}: {}", told.out);
    }
    assert!(!told.out.contains("line 1:") && !told.out.contains("Orange"));

    let pack = |examples: &str, counter: &str, pattern: &str| {
        format!(
            "[pack]\nid = \"orla\"\nformat = 1\nversion = \"1.0.0\"\nauthority = \"Orla\"\nlicense = \"CC0-1.0\"\ntitle = {{ en = \"Orla\" }}\n\
             [[rule]]\nid = \"orla.a\"\ntitle = {{ en = \"A\" }}\nlevel = \"secret\"\npatterns = ['''{pattern}''']\nanchors = [\"ORLA\"]\n\
             points = {{ alone = 60 }}\nexamples = {examples}\ncounter_examples = {counter}\n"
        )
    };
    let check = |name: &str, text: &str| {
        let file = at(dir.path(), name, text);
        run(["rules", "check", "--pack", "generic", "--rules", &file])
    };
    let twice = check("twice.toml", &pack("['ORLA', 'ORLA']", "['Orla', 'orla']", "ORLA"));
    assert_eq!(twice.code, 0, "{}", twice.out);
    assert!(twice.out.contains("orla.a: warning: an example stands there twice: ORLA"), "{}", twice.out);
    let both = check("both.toml", &pack("['ORLA', 'ORLA ']", "['ORLA', 'orla']", "ORLA"));
    assert_eq!(both.code, 2, "{}", both.out);
    let costly =
        check("costly.toml", &pack("['ORLA', 'ORLA ']", "['Orla', 'orla']", r"ORLA(?:\w{1,40}\s){0,200}"));
    assert!(costly.out.contains("orla.a: warning: a costly pattern") || costly.code == 2, "{}", costly.out);
}

#[test]
fn releases_parts_and_mentions_are_tried_as_well() {
    let told = run(["rules", "test", "--pack", "all"]);
    assert_eq!(told.code, 0, "{}", told.out);
    let dir = tempfile::tempdir().unwrap();
    let pack = |examples: &str| {
        let rule = "[pack]\nid = \"orla\"\nformat = 1\nversion = \"1\"\ntitle = { en = \"Orla\" }\n\n[[rule]]\nid = \"orla.release\"\n\
                    title = { en = \"Released\" }\nkind = \"cancel\"\npatterns = ['''^ORLA RELEASED$''']\nanchors = [\"ORLA\"]\n\
                    ceiling = 45\npoints = { alone = 0 }\n";
        at(dir.path(), "orla.toml", &format!("{rule}{examples}"))
    };
    let tried = |examples: &str, command: &str| {
        let file = pack(examples);
        run(["rules", command, "--pack", "us", "--rules", &file])
    };
    let right = "examples = [\"ORLA RELEASED\", \"SECRET⏎ORLA RELEASED\"]\ncounter_examples = [\"ORLA WILL BE RELEASED\", \"ORLA\"]\n";
    for command in ["check", "test"] {
        let told = tried(right, command);
        assert_eq!(told.code, 0, "{}", told.out);
    }
    assert!(tried("examples = [\"ORLA RELEASED\"]\n", "check").out.contains("orla.release"));
    let wrong = tried("examples = [\"ORLA\"]\ncounter_examples = [\"ORLA RELEASED\"]\n", "test");
    assert_eq!(wrong.code, 2, "{}", wrong.out);
    assert_eq!(wrong.out.matches("orla.release: ").count(), 2, "{}", wrong.out);
}
