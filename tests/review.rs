//! `daumat review` under a real pseudo-terminal: keys go in as bytes, and the screen is read back as a terminal shows it.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod common;

use std::fs;
use std::io::{Read as _, Write as _};
use std::num::NonZero;
use std::process::Child;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::{Command, Pty};
use serde_json::Value;

use common::Desk;

const TAB: &str = "\t";
const ENTER: &str = "\r";
const CONTROL_C: &str = "\u{3}";
const CONTROL_U: &str = "\u{15}";
const BACKSPACE: &str = "\u{7f}";

/// A desk with three marked papers and a report of them.
fn desk() -> Desk {
    let desk = Desk::holding(&[
        ("outbox/báo cáo.txt", common::MARKED),
        ("outbox/memo.txt", "Orla project\n\nSECRET//NOFORN\n\nMinutes of the fictitious meeting.\n"),
        ("outbox/notice.txt", "NATO RESTRICTED\n\nFictitious notice.\n"),
    ]);
    let scan = desk.run(&["scan", "outbox", "-f", "jsonl", "--show-context", "-o", "report.jsonl"]);
    assert_eq!(scan.code, 1, "{}", scan.err);
    desk
}

impl Desk {
    /// Opens the review on a terminal of that size.
    fn review(&self, (columns, rows): (u16, u16), lang: &str) -> Terminal {
        let (pty, pts) = pty_process::blocking::open().unwrap();
        pty.resize(Size::new(rows, columns)).unwrap();
        let child = Command::new(common::binary())
            .args(["review", "report.jsonl", "--baseline", "known.jsonl", "--approver", "Trần Thị Thử"])
            .args(["--lang", lang])
            .env("TERM", "xterm-256color")
            .current_dir(self.folder.path())
            .spawn(pts)
            .unwrap();
        let pty = Arc::new(pty);
        let screen = Arc::new(Mutex::new(vt100::Parser::new(cells(rows), cells(columns), 0)));
        let (input, shown) = (Arc::clone(&pty), Arc::clone(&screen));
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // Reading fails when the program has closed its end.
            while let Ok(count @ 1..) = (&*input).read(&mut bytes) {
                shown.lock().unwrap().process(&bytes[..count]);
            }
        });
        Terminal { pty, child, screen }
    }

    /// Entries of the baseline by file name: decision, reason, approver.
    fn entry(&self, name: &str) -> [String; 3] {
        let text = fs::read_to_string(self.path("known.jsonl")).unwrap();
        let entries: Vec<Value> =
            text.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect();
        let meant: Vec<_> = entries.iter().filter(|it| it["path"] == format!("outbox/{name}")).collect();
        let [entry] = meant.as_slice() else { panic!("{name}: {text}") };
        ["decision", "reason", "approver"].map(|key| entry[key].as_str().unwrap_or_default().to_owned())
    }
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).unwrap()
}

struct Terminal {
    pty: Arc<Pty>,
    child: Child,
    screen: Arc<Mutex<vt100::Parser>>,
}

impl Terminal {
    fn press(&self, keys: &str) {
        (&*self.pty).write_all(keys.as_bytes()).unwrap();
    }

    fn text(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// Waits until the screen is as expected.
    fn wait(&self, what: &str, fits: impl Fn(&str) -> bool) {
        let begun = Instant::now();
        loop {
            let text = self.text();
            if fits(&text) {
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "waited for {what}:\n{text}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn see(&self, text: &str) {
        self.see_with(&[text], &[]);
    }

    /// Waits until all of `shown` and none of `absent` stands on the screen. One wait for everything, since a frame
    /// arrives in pieces: what is looked for afterwards may not be there yet, or still be there.
    fn see_with(&self, shown: &[&str], absent: &[&str]) {
        self.wait(&format!("{shown:?} without {absent:?}"), |screen| {
            shown.iter().all(|part| screen.contains(part)) && !absent.iter().any(|part| screen.contains(part))
        });
    }

    /// Presses a key and waits for what it shows.
    fn press_and_see(&self, keys: &str, text: &str) {
        self.press(keys);
        self.see(text);
    }

    /// Presses a key that scrolls until each of `parts` has been on the screen.
    fn scroll_and_see(&self, key: &str, parts: &[&str]) {
        let mut missing = parts.to_vec();
        loop {
            let before = self.text();
            missing.retain(|part| !before.contains(part));
            if missing.is_empty() {
                return;
            }
            self.press(key);
            self.wait(&format!("{missing:?} by scrolling"), |screen| screen != before);
            // The rest of the frame.
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The program has ended well, and the terminal is as it was.
    fn end(mut self) {
        let begun = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            if begun.elapsed() > Duration::from_secs(20) {
                let text = self.text();
                self.child.kill().unwrap();
                panic!("does not end:\n{text}");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(self.child.wait().unwrap().success(), "{}", self.text());
        self.wait("the first screen", |_| {
            let parser = self.screen.lock().unwrap();
            !parser.screen().alternate_screen() && !parser.screen().hide_cursor()
        });
    }
}

#[test]
fn findings_are_seen_decided_and_saved() {
    let desk = desk();
    let terminal = desk.review((110, 30), "en");
    // Worst first: with mark, place and covered text.
    let listed = ["3 of 3 findings, 3 undecided", "outbox/báo cáo.txt", "Stamp TỐI MẬT", "body"];
    terminal.see_with(&[listed.as_slice(), &["•"]].concat(), &["BC-STN"]);
    terminal.press_and_see("m", "BC-STN");
    terminal.press("m");
    terminal.see_with(&listed, &["BC-STN"]);

    // A reason with Vietnamese letters, one of which arrives in two pieces, and one is taken back as input methods do.
    terminal.press_and_see("a", "> reason:");
    let (first, rest) = "đã giải mâ".as_bytes().split_at(1);
    (&*terminal.pty).write_all(first).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    (&*terminal.pty).write_all(rest).unwrap();
    terminal.press_and_see(BACKSPACE, "> reason: đã giải m▏");
    terminal.press_and_see("ật theo QĐ 12/QĐ-STN", "> reason: đã giải mật theo QĐ 12/QĐ-STN▏");
    terminal.press_and_see(TAB, "> who decides: Trần Thị Thử▏");
    terminal.press(ENTER);
    terminal.see_with(&["2 undecided, not saved", "SECRET//NOFORN"], &[]);
    assert!(!desk.path("known.jsonl").exists());

    // Only one paper, whatever else there is.
    terminal.press_and_see("/", "/");
    terminal.press_and_see("notice", "1 of 3 findings");
    terminal.press(ENTER);
    terminal.see_with(&["a accept", "NATO RESTRICTED"], &["memo.txt"]);
    terminal.press_and_see("t", "> reason: đã giải mật theo QĐ 12/QĐ-STN▏");
    terminal.press_and_see(CONTROL_U, "> reason: ▏");
    terminal.press_and_see(ENTER, "<- needed");
    terminal.press_and_see("phải gỡ", "> reason: phải gỡ▏");
    terminal.press_and_see(ENTER, "1 undecided, not saved");
    terminal.press("s");
    terminal.see_with(&["saved: known.jsonl"], &["not saved"]);
    terminal.press("q");
    terminal.end();

    let decided = |decision: &str, reason: &str| [decision, reason, "Trần Thị Thử"].map(str::to_owned);
    assert_eq!(desk.entry("báo cáo.txt"), decided("accepted", "đã giải mật theo QĐ 12/QĐ-STN"));
    assert_eq!(desk.entry("notice.txt"), decided("to-fix", "phải gỡ"));
    assert_eq!(desk.entry("memo.txt"), ["undecided".to_owned(), String::new(), String::new()]);
    let stored = fs::read_to_string(desk.path("known.jsonl")).unwrap();
    assert!(!stored.contains("BC-STN") && !stored.contains("NOFORN"), "text of documents: {stored}");

    // The next time begins where this one ended.
    let terminal = desk.review((110, 30), "en");
    terminal.see("3 of 3 findings, 1 undecided");
    terminal.press("q");
    terminal.end();
}

#[test]
fn nothing_is_written_without_saving() {
    let desk = desk();
    let terminal = desk.review((110, 30), "en");
    terminal.see("3 undecided");
    terminal.press_and_see("f", "> reason:");
    terminal.press_and_see("no", "> reason: no▏");
    terminal.press_and_see(ENTER, "2 undecided, not saved");
    // Ctrl-C asks, too; another key goes on.
    terminal.press_and_see(CONTROL_C, "Decisions are not saved");
    terminal.press_and_see("j", "a accept");
    terminal.press_and_see("q", "Decisions are not saved");
    terminal.press("q");
    terminal.end();
    assert!(!desk.path("known.jsonl").exists());
}

#[test]
fn a_small_terminal_shows_everything_too() {
    let desk = desk();
    let terminal = desk.review((40, 12), "vi");
    terminal.see_with(&["outbox/báo cáo.txt", "TỐI MẬT", "trợ giúp"], &[]);
    // All of the details can be reached.
    terminal.scroll_and_see(" ", &["nội dung", "+70", "•", "chưa quyết định"]);
    terminal.press_and_see("?", "Lên, Xuống");
    terminal.scroll_and_see(" ", &["báo nhầm", "Phím khác để đóng"]);
    terminal.press("x");
    terminal.wait("the list", |screen| !screen.contains("Phím khác"));
    // A long reason stays visible where it is typed.
    terminal.press_and_see("t", "lý do");
    let reason = "chuyển văn bản này về văn thư để xử lý theo quy định, rồi báo cáo lại ".repeat(3) + "xong.";
    terminal.press_and_see(&reason, "xong.▏");
    terminal.press(ENTER);
    terminal.press_and_see("s", "đã lưu");
    // The window grows meanwhile.
    terminal.screen.lock().unwrap().screen_mut().set_size(cells(30), cells(110));
    terminal.pty.resize(Size::new(30, 110)).unwrap();
    terminal.see("2 chưa quyết định");
    terminal.press("q");
    terminal.end();
    assert_eq!(desk.entry("báo cáo.txt")[1], reason);
}
