//! JSONL to the letter of the contract: one object a line. Every other format can be made from it (`replay`).

use std::io::{self, Write};

use serde::Serialize;

use super::{Report, Start, Tally, Threshold, record};
use crate::model::{EntryReport, Finding};

/// See the module's head.
pub struct Jsonl<W: Write> {
    out: W,
    threshold: Threshold,
    list_all: bool,
}

impl<W: Write> Jsonl<W> {
    /// A report that goes to `out`.
    pub fn new(out: W, threshold: Threshold, list_all: bool) -> Jsonl<W> {
        Jsonl { out, threshold, list_all }
    }

    fn line(&mut self, record: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, record)?;
        self.out.write_all(b"\n")
    }
}

impl<W: Write> Report for Jsonl<W> {
    fn start(&mut self, start: &Start) -> io::Result<()> {
        self.line(&record::start(start))
    }

    fn entry(&mut self, report: &EntryReport) -> io::Result<()> {
        for document in &report.documents {
            let told: Vec<&Finding> = self.threshold.told(document).collect();
            for finding in &told {
                self.line(&record::finding(&report.path, document, finding))?;
            }
            if super::is_listed(document, &told, self.list_all) {
                self.line(&record::document(&report.path, document, &told))?;
            }
        }
        Ok(())
    }

    fn finish(&mut self, tally: &Tally) -> io::Result<()> {
        self.line(&record::summary(tally))?;
        self.out.flush()
    }
}
