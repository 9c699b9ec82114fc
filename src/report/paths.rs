//! One flagged path a line, as `rg -l` prints them.

use std::io::{self, Write};

use super::{Report, Start, Tally, Threshold};
use crate::model::EntryReport;

/// See the module's head. Names are escaped only for a terminal: a pipe must get the name of the file.
pub struct Paths<W: Write> {
    out: W,
    threshold: Threshold,
    escape: bool,
}

impl<W: Write> Paths<W> {
    /// A report that goes to `out`.
    pub fn new(out: W, threshold: Threshold, escape: bool) -> Paths<W> {
        Paths { out, threshold, escape }
    }
}

impl<W: Write> Report for Paths<W> {
    fn start(&mut self, _start: &Start) -> io::Result<()> {
        Ok(())
    }

    fn entry(&mut self, report: &EntryReport) -> io::Result<()> {
        let flagged = report.documents.iter().any(|document| self.threshold.shown(document).next().is_some());
        if !flagged {
            return Ok(());
        }
        if self.escape {
            return writeln!(self.out, "{}", super::escape::for_terminal(&report.path));
        }
        // A pipe gets the bytes of the name, whatever they are.
        let bytes = report.file.as_ref().map_or(report.path.as_bytes(), |file| file.as_encoded_bytes());
        self.out.write_all(bytes)?;
        self.out.write_all(b"\n")
    }

    fn finish(&mut self, _tally: &Tally) -> io::Result<()> {
        self.out.flush()
    }
}
