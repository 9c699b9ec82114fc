//! The recipes in `integrations/`, run with the real program as their users would run them.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]
#![cfg(unix)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use common::{binary, here};

const MARKED: &str = "SỞ THỬ NGHIỆM\nSố: 07/BC-STN\nTỐI MẬT\nBÁO CÁO\nKết quả thử nghiệm số 1\n";
const CLEAN: &str = "Soup of the day\n";

fn desk() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// A command that finds the program under the name its users know.
fn command(program: impl AsRef<std::ffi::OsStr>, folder: &Path) -> Command {
    let bin = folder.join(".bin");
    fs::create_dir_all(&bin).unwrap();
    let link = bin.join("daumat");
    if !link.exists() {
        std::os::unix::fs::symlink(binary(), &link).unwrap();
    }
    let mut command = Command::new(program);
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    command.current_dir(folder).env("PATH", path).env("LC_ALL", "C.UTF-8");
    command
}

fn git(folder: &Path, args: &[&str]) -> Output {
    let name = ["-c", "user.name=Thử", "-c", "user.email=thu@example.invalid", "-c", "commit.gpgsign=false"];
    command("git", folder).args(name).args(args).output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_commit_of_a_marked_document_is_stopped() {
    let desk = desk();
    let repository = desk.path().join("papers with blank");
    fs::create_dir(&repository).unwrap();
    assert!(git(&repository, &["init", "-q"]).status.success());
    let hook = repository.join(".git/hooks/pre-commit");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::copy(here("integrations/pre-commit/daumat-pre-commit"), &hook).unwrap();
    fs::write(repository.join("thực đơn.txt"), CLEAN).unwrap();
    git(&repository, &["add", "."]);
    let clean = git(&repository, &["commit", "-qm", "menu"]);
    assert!(clean.status.success(), "{}", told(&clean));
    // The working file is harmless by now; what is staged counts.
    fs::write(repository.join("báo cáo.txt"), MARKED).unwrap();
    git(&repository, &["add", "."]);
    fs::write(repository.join("báo cáo.txt"), CLEAN).unwrap();
    let marked = git(&repository, &["commit", "-qm", "report"]);
    assert!(!marked.status.success() && told(&marked).contains("marked document"), "{}", told(&marked));
    git(&repository, &["add", "."]);
    assert!(git(&repository, &["commit", "-qm", "report"]).status.success());
}

/// The commands of a YAML file behind `key`: a block, or a list of one command a line.
fn commands(file: &str, key: &str) -> String {
    let text = fs::read_to_string(here(file)).unwrap();
    let mut lines = text.lines().skip_while(|line| !line.trim_start().starts_with(key));
    let head = lines.next().unwrap();
    let depth = head.len() - head.trim_start().len();
    let block =
        lines.take_while(|line| line.trim().is_empty() || line.len() - line.trim_start().len() > depth);
    block.map(|line| line.trim_start().trim_start_matches("- ")).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_github_action_gates_and_reports() {
    let desk = desk();
    let script = commands("integrations/github/action.yml", "run: |");
    for (text, code) in [(CLEAN, 0), (MARKED, 1)] {
        fs::create_dir_all(desk.path().join("docs")).unwrap();
        fs::write(desk.path().join("docs/a.txt"), text).unwrap();
        let output = command("bash", desk.path())
            .args(["-e", "-o", "pipefail", "-c", &script])
            .envs([
                ("SCAN_PATH", "docs"),
                ("SCAN_ARGUMENTS", "--fail-on secret -q"),
                ("SCAN_SARIF", "out.sarif"),
            ])
            .env("GITHUB_OUTPUT", desk.path().join("outputs"))
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", told(&output));
        assert_eq!(told(&output).contains("::error"), code == 1, "{}", told(&output));
        let sarif: serde_json::Value =
            serde_json::from_slice(&fs::read(desk.path().join("out.sarif")).unwrap()).unwrap();
        assert_eq!(sarif["version"], "2.1.0");
        assert!(
            fs::read_to_string(desk.path().join("outputs"))
                .unwrap()
                .ends_with(&format!("exit-code={code}\n"))
        );
    }
}

#[test]
fn the_gitlab_job_gates_and_reports() {
    let desk = desk();
    let script = commands("integrations/gitlab/daumat.gitlab-ci.yml", "script:");
    for (text, code) in [(CLEAN, 0), (MARKED, 1)] {
        fs::create_dir_all(desk.path().join("public")).unwrap();
        fs::write(desk.path().join("public/a.txt"), text).unwrap();
        let output = command("sh", desk.path())
            .args(["-e", "-c", &script])
            .envs([("DAUMAT_PATH", "public"), ("DAUMAT_ARGUMENTS", "")])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", told(&output));
        let quality: serde_json::Value =
            serde_json::from_slice(&fs::read(desk.path().join("gl-code-quality-report.json")).unwrap())
                .unwrap();
        assert_eq!(quality.as_array().unwrap().is_empty(), code == 0);
        assert!(fs::read_to_string(desk.path().join("daumat-junit.xml")).unwrap().contains("<testsuite"));
    }
}

fn upload(folder: &Path, file: &Path) -> (String, i32, Duration) {
    let begun = Instant::now();
    let output = command(here("integrations/upload/daumat-upload"), folder)
        .stdin(Stdio::from(fs::File::open(file).unwrap()))
        .output()
        .unwrap();
    let word = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    (word, output.status.code().unwrap(), begun.elapsed())
}

#[test]
fn an_upload_gets_its_verdict_at_once() {
    let desk = desk();
    let file = |name: &str, text: &str| {
        let path = desk.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let verdict = |path: PathBuf| {
        let (word, code, _) = upload(desk.path(), &path);
        (word, code)
    };
    assert_eq!(verdict(file("a", CLEAN)), ("publish".to_owned(), 0));
    assert_eq!(verdict(file("b", MARKED)), ("stop".to_owned(), 1));
    assert_eq!(verdict(here("fixtures/zip/encrypted-aes.zip")), ("ask".to_owned(), 3));
    assert_eq!(verdict(here("fixtures/docx/header.docx")), ("stop".to_owned(), 1));
}

#[test]
fn the_nightly_scan_tells_only_what_is_new() {
    let desk = desk();
    let site = desk.path().join("site");
    fs::create_dir(&site).unwrap();
    fs::write(site.join("old.txt"), MARKED).unwrap();
    let night = || {
        let script = here("integrations/nightly/daumat-nightly");
        command(script, desk.path()).args(["state", "site"]).output().unwrap()
    };
    let first = night();
    assert_eq!(first.status.code(), Some(1), "{}", told(&first));
    let second = night();
    assert_eq!(second.status.code(), Some(0), "{}", told(&second));
    fs::write(site.join("new.txt"), MARKED.replace('1', "2")).unwrap();
    let third = night();
    assert_eq!(third.status.code(), Some(1));
    let text = told(&third);
    assert!(text.contains("new.txt") && !text.contains("old.txt"), "{text}");
    assert_eq!(night().status.code(), Some(0));
    // A scan that fails makes nothing known.
    let broken =
        command(here("integrations/nightly/daumat-nightly"), desk.path()).args(["state", "nowhere"]).output();
    assert_eq!(broken.unwrap().status.code(), Some(2));
}

#[test]
fn make_publishes_only_what_is_clean() {
    let desk = desk();
    fs::create_dir_all(desk.path().join("outbox")).unwrap();
    fs::create_dir_all(desk.path().join("public")).unwrap();
    let make = || {
        command("make", desk.path())
            .arg("-f")
            .arg(here("integrations/Makefile.example"))
            .arg("publish")
            .output()
    };
    fs::write(desk.path().join("outbox/a.txt"), MARKED).unwrap();
    let Ok(stopped) = make() else { return };
    assert!(!stopped.status.success() && !desk.path().join("public/a.txt").exists(), "{}", told(&stopped));
    fs::write(desk.path().join("outbox/a.txt"), CLEAN).unwrap();
    let published = make().unwrap();
    assert!(published.status.success() && desk.path().join("public/a.txt").exists(), "{}", told(&published));
}

#[test]
fn the_units_are_sound() {
    // systemd's own opinion, where it is installed; the program's path is that of an installed package.
    let desk = desk();
    for unit in ["daumat-nightly.service", "daumat-nightly.timer"] {
        let text = fs::read_to_string(here("integrations/nightly").join(unit)).unwrap();
        let script = here("integrations/nightly/daumat-nightly");
        let text = text.replace("/usr/share/daumat/daumat-nightly", script.to_str().unwrap());
        fs::write(desk.path().join(unit), text).unwrap();
    }
    let Ok(checked) =
        Command::new("systemd-analyze").arg("verify").arg(desk.path().join("daumat-nightly.timer")).output()
    else {
        return;
    };
    assert!(checked.status.success(), "{}", told(&checked));
}
