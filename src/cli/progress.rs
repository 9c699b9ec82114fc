//! How far the scan is, on one line of standard error.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use super::args::WhenArg;
use super::lang;
use crate::scan::conductor::Progress as Count;
use crate::text::{Word, fill};

/// A scan shorter than this shows nothing.
const QUIET_START: Duration = Duration::from_millis(700);
/// Time between two updates.
const STEP: Duration = Duration::from_millis(200);

/// See the module's head.
pub(super) struct Progress {
    shown: bool,
    on: bool,
    started: Instant,
    last: Instant,
}

impl Progress {
    pub(super) fn new(when: WhenArg, quiet: bool) -> Progress {
        let on = match when {
            WhenArg::Always => true,
            WhenArg::Never => false,
            WhenArg::Auto => !quiet && io::stderr().is_terminal(),
        };
        Progress { shown: false, on, started: Instant::now(), last: Instant::now() }
    }

    /// Shows the count, now and then.
    pub(super) fn update(&mut self, count: Count, flagged: u64) {
        if !self.on || self.started.elapsed() < QUIET_START || self.last.elapsed() < STEP {
            return;
        }
        self.last = Instant::now();
        self.shown = true;
        let of = if count.walked { count.found.to_string() } else { format!("{}+", count.found) };
        let seconds = self.started.elapsed().as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = count.bytes as f64 / 1e6 / seconds;
        let megabytes = count.bytes / 1_000_000;
        let rate = format!("{rate:.0}");
        let line = fill(Word::Progress.get(lang()), &[&count.done, &of, &megabytes, &rate, &flagged]);
        let _ = write!(io::stderr().lock(), "\r\x1b[K{line}");
    }

    /// Removes the line.
    pub(super) fn end(&mut self) {
        if self.shown {
            let _ = write!(io::stderr().lock(), "\r\x1b[K");
        }
    }
}
