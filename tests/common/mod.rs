//! The binary under test, and what it printed. `DAUMAT_BIN` names another one, so that releases are tested as shipped.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What a run gave.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    /// The records of a JSONL report.
    pub(crate) fn records(&self) -> Vec<serde_json::Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Records of a type.
    pub(crate) fn of(&self, kind: &str) -> Vec<serde_json::Value> {
        self.records().into_iter().filter(|record| record["type"] == kind).collect()
    }

    /// The summary.
    pub(crate) fn summary(&self) -> serde_json::Value {
        self.of("summary").pop().unwrap()
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Run {
        Run {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A desk with a folder of its own, where commands are typed.
pub(crate) struct Desk {
    pub(crate) folder: tempfile::TempDir,
}

impl Desk {
    /// With these files on it.
    pub(crate) fn holding(files: &[(&str, &str)]) -> Desk {
        let desk = Desk { folder: tempfile::tempdir().unwrap() };
        for (name, content) in files {
            desk.put(name, content);
        }
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub(crate) fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn run(&self, args: &[&str]) -> Run {
        self.run_with(args, b"")
    }

    pub(crate) fn run_with(&self, args: &[&str], input: &[u8]) -> Run {
        let mut child = command(args).current_dir(self.folder.path()).stdin(Stdio::piped()).spawn().unwrap();
        // A program that stops before it reads is not what is tested here.
        let _ = child.stdin.take().unwrap().write_all(input);
        child.wait_with_output().unwrap().into()
    }
}

pub(crate) fn binary() -> PathBuf {
    std::env::var_os("DAUMAT_BIN").map_or_else(|| env!("CARGO_BIN_EXE_daumat").into(), PathBuf::from)
}

pub(crate) fn command<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(binary());
    // English, whatever the tester speaks.
    command.args(args).env("LC_ALL", "C").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub(crate) fn run<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Run {
    command(args).output().unwrap().into()
}

pub(crate) fn run_with_input<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>, input: &[u8]) -> Run {
    let mut child = command(args).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap().into()
}

/// A file of the repository.
pub(crate) fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Every file below a folder, sorted.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// A letter of a fictitious office with a stamp, as plain text.
pub(crate) const MARKED: &str = "SỞ THỬ NGHIỆM TỈNH VÍ DỤ    CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nSố: 12/BC-STN\nTỐI MẬT\nBÁO CÁO\nVề chiếc đèn lồng giấy\n";
/// One without.
pub(crate) const PLAIN: &str =
    "SỞ THỬ NGHIỆM TỈNH VÍ DỤ\nSố: 13/BC-STN\nBÁO CÁO\nVề mật độ dân số và mật ong\n";
