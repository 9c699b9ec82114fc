//! CSV for spreadsheets (RFC 4180, with a byte order mark so that Excel takes it for UTF-8): a row for each finding
//! and each gap.
//!
//! Names of columns are the records', whatever the language, so that a script can rely on them. No cell can become a
//! formula (OWASP, "CSV Injection"): one that would begin as such gets an apostrophe, and control letters are shown.

use std::io::{self, Write};

use super::escape::for_terminal;
use super::{Options, Report, Start, Tally, display};
use crate::model::{EntryReport, OwnedPlace};
use crate::text::details::detail;

const COLUMNS: &[&str] = &[
    "type",
    "level",
    "confidence",
    "band",
    "path",
    "document",
    "format",
    "coverage",
    "kind",
    "visible",
    "page",
    "sheet",
    "cell",
    "slide",
    "line",
    "name",
    "matched",
    "rule",
    "title",
    "reasons",
    "gap",
    "detail",
    "decision",
    "context",
    "fingerprint",
    "blake3",
];

/// See the module's head.
pub struct Csv<W: Write> {
    out: W,
    options: Options,
}

impl<W: Write> Csv<W> {
    /// A report that goes to `out`.
    pub fn new(out: W, options: Options) -> Csv<W> {
        Csv { out, options }
    }

    fn row(&mut self, cells: &[String]) -> io::Result<()> {
        for (index, cell) in cells.iter().enumerate() {
            if index > 0 {
                self.out.write_all(b",")?;
            }
            self.out.write_all(quoted(cell).as_bytes())?;
        }
        self.out.write_all(b"\r\n")
    }
}

/// A cell that is text and nothing else.
fn quoted(cell: &str) -> String {
    let shown = for_terminal(cell);
    // Full-width signs work as formulas in East Asian versions of Excel.
    let formula = shown.trim_start().starts_with(['=', '+', '-', '@', '|', '%', '＝', '＋', '－', '＠']);
    let apostrophe = if formula { "'" } else { "" };
    if formula || shown.contains(['"', ',', ';', ' ', '\'']) {
        format!("\"{apostrophe}{}\"", shown.replace('"', "\"\""))
    } else {
        shown
    }
}

fn place_cells(place: Option<&OwnedPlace>) -> [String; 8] {
    let Some(place) = place else { return Default::default() };
    let number = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
    [
        place.kind.as_str().to_owned(),
        place.visible.to_string(),
        number(place.page.map(u64::from)),
        place.sheet.clone().unwrap_or_default(),
        place.cell.clone().unwrap_or_default(),
        number(place.slide.map(u64::from)),
        number(place.line),
        place.name.clone().unwrap_or_default(),
    ]
}

impl<W: Write> Report for Csv<W> {
    fn start(&mut self, _start: &Start) -> io::Result<()> {
        self.out.write_all("\u{feff}".as_bytes())?;
        writeln!(self.out, "{}\r", COLUMNS.join(","))
    }

    fn entry(&mut self, report: &EntryReport) -> io::Result<()> {
        let lang = self.options.lang;
        for document in &report.documents {
            let name = display(&report.path, &document.members);
            let head = |kind: &str, level: &str, confidence: &str, band: &str| {
                vec![
                    kind.to_owned(),
                    level.to_owned(),
                    confidence.to_owned(),
                    band.to_owned(),
                    report.path.clone(),
                    name.clone(),
                    document.format.clone(),
                    document.coverage.as_str().to_owned(),
                ]
            };
            let digest = document.blake3.clone().unwrap_or_default();
            for finding in self.options.threshold.told(document) {
                let told = |reason: &crate::model::Reason| {
                    format!("{} ({:+})", self.options.glossary.reason(&reason.code, lang), reason.points)
                };
                let reasons: Vec<String> = finding.reasons.iter().map(told).collect();
                let decision = finding.known.as_ref().map(crate::model::Known::told);
                let mut cells = head(
                    "finding",
                    finding.level.as_str(),
                    &finding.confidence.to_string(),
                    finding.band().as_str(),
                );
                cells.extend(place_cells(Some(&finding.place)));
                cells.extend([
                    finding.matched.clone(),
                    finding.rule.clone(),
                    self.options.glossary.title(&finding.rule, &finding.title, lang).to_owned(),
                    reasons.join("; "),
                    String::new(),
                    String::new(),
                    decision.unwrap_or_default(),
                    finding.context.clone().unwrap_or_default(),
                    finding.fingerprint.clone(),
                    digest.clone(),
                ]);
                self.row(&cells)?;
            }
            if document.skipped.is_some() {
                continue;
            }
            for gap in &document.gaps {
                let mut cells = head("gap", "", "", "");
                cells.extend(place_cells(gap.place.as_ref()));
                cells.extend(vec![String::new(); 4]);
                cells.extend([gap.reason.as_str().to_owned(), detail(&gap.detail, lang).into_owned()]);
                cells.extend(vec![String::new(); 3]);
                cells.push(digest.clone());
                self.row(&cells)?;
            }
        }
        Ok(())
    }

    fn finish(&mut self, _tally: &Tally) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(quoted("=cmd|' /C calc'!A0"), "\"'=cmd|' /C calc'!A0\"");
        assert_eq!(quoted("  +1"), "\"'  +1\"");
        assert_eq!(quoted("-2.pdf"), "\"'-2.pdf\"");
        assert_eq!(quoted("\t=1"), "\\u{9}=1");
        assert_eq!(quoted("a\r\n=1"), "a\\u{d}\\u{a}=1");
        assert_eq!(quoted("TỐI MẬT \"2\""), "\"TỐI MẬT \"\"2\"\"\"");
    }
}
