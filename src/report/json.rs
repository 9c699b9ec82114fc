//! One JSON document: `{"start": …, "findings": […], "documents": […], "summary": …}`, each with the records of JSONL.

use std::io::{self, Write};

use super::spool::Spool;
use super::{Report, Start, Tally, Threshold, record};
use crate::model::{EntryReport, Finding};

/// See the module's head. Findings are written as they come; documents wait.
pub struct Json<W: Write> {
    out: W,
    threshold: Threshold,
    list_all: bool,
    findings: u64,
    documents: Spool,
}

impl<W: Write> Json<W> {
    /// A report that goes to `out`.
    pub fn new(out: W, threshold: Threshold, list_all: bool) -> Json<W> {
        Json { out, threshold, list_all, findings: 0, documents: Spool::new() }
    }
}

impl<W: Write> Report for Json<W> {
    fn start(&mut self, start: &Start) -> io::Result<()> {
        self.out.write_all(b"{\"start\":")?;
        serde_json::to_writer(&mut self.out, &record::start(start))?;
        self.out.write_all(b",\n\"findings\":[")
    }

    fn entry(&mut self, report: &EntryReport) -> io::Result<()> {
        for document in &report.documents {
            let told: Vec<&Finding> = self.threshold.told(document).collect();
            for finding in &told {
                self.out.write_all(if self.findings == 0 { b"\n" } else { b",\n" })?;
                self.findings += 1;
                serde_json::to_writer(&mut self.out, &record::finding(&report.path, document, finding))?;
            }
            if super::is_listed(document, &told, self.list_all) {
                let waiting = self.documents.next(",\n")?;
                serde_json::to_writer(waiting, &record::document(&report.path, document, &told))?;
            }
        }
        Ok(())
    }

    fn finish(&mut self, tally: &Tally) -> io::Result<()> {
        self.out.write_all(b"\n],\n\"documents\":[\n")?;
        std::mem::replace(&mut self.documents, Spool::new()).copy_to(&mut self.out)?;
        self.out.write_all(b"\n],\n\"summary\":")?;
        serde_json::to_writer(&mut self.out, &record::summary(tally))?;
        self.out.write_all(b"}\n")?;
        self.out.flush()
    }
}
