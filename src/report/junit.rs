//! JUnit XML as build servers read it: a test case for each document that has something to say, and one for the ledger,
//! so that a clean run is not taken for a run without tests.
//!
//! A finding that counts is a failure, a gap an error, a decision of a person a skipped test.

use std::io::{self, Write};

use super::escape::for_terminal;
use super::spool::Spool;
use super::{Options, Report, Start, Tally, display, place_in_words};
use crate::model::{DocumentReport, EntryReport, Finding};
use crate::text::details::detail;
use crate::text::{Word, codes};

/// See the module's head.
pub struct Junit<W: Write> {
    out: W,
    options: Options,
    start: Start,
    cases: Spool,
    failures: u64,
    errors: u64,
    skipped: u64,
}

impl<W: Write> Junit<W> {
    /// A report that goes to `out`.
    pub fn new(out: W, options: Options) -> Junit<W> {
        let start = Start::default();
        Junit { out, options, start, cases: Spool::new(), failures: 0, errors: 0, skipped: 0 }
    }

    fn case(&mut self, path: &str, document: &DocumentReport, told: &[&Finding]) -> io::Result<()> {
        let lang = self.options.lang;
        let counted: Vec<&&Finding> = told.iter().filter(|finding| !finding.is_suppressed()).collect();
        let mut body = String::new();
        let mut failed = 0;
        for finding in &counted {
            let head = format!(
                "\"{}\": {} ({} {})",
                finding.matched,
                codes::level(finding.level, lang),
                Word::Confidence.get(lang),
                finding.confidence
            );
            let reasons: Vec<String> = finding
                .reasons
                .iter()
                .map(|reason| {
                    format!("{:+} {}", reason.points, self.options.glossary.reason(&reason.code, lang))
                })
                .collect();
            let title = self.options.glossary.title(&finding.rule, &finding.title, lang);
            let place = place_in_words(&finding.place, lang);
            let mut lines = vec![title.to_owned(), place];
            lines.extend(reasons);
            lines.extend(finding.context.iter().flat_map(|context| context.lines()).map(str::to_owned));
            lines.push(finding.fingerprint.clone());
            let lines: Vec<String> = lines.iter().map(|line| xml(line)).collect();
            body += &format!(
                "<failure type=\"{}\" message=\"{}\">{}</failure>",
                xml(&finding.rule),
                xml(&head),
                lines.join("\n")
            );
            failed = 1;
        }
        let gaps = if document.skipped.is_none() { document.gaps.as_slice() } else { &[] };
        for gap in gaps {
            body += &format!(
                "<error type=\"{}\" message=\"{}\">{}</error>",
                gap.reason.as_str(),
                xml(&format!("{}: {}", codes::gap(gap.reason, lang), detail(&gap.detail, lang))),
                xml(codes::advice(gap.reason, lang)),
            );
        }
        if body.is_empty() {
            let why = match (document.skipped, told.first().and_then(|finding| finding.known.as_ref())) {
                (Some(reason), _) => Some(codes::skip(reason, lang).to_owned()),
                (None, Some(decided)) => Some(decided.told()),
                (None, None) => None,
            };
            if let Some(why) = why {
                self.skipped += 1;
                body = format!("<skipped message=\"{}\"/>", xml(&why));
            }
        }
        self.failures += failed;
        self.errors += u64::from(failed == 0 && !gaps.is_empty());
        write!(
            self.cases.next("\n")?,
            "<testcase classname=\"daumat.{}\" name=\"{}\" time=\"0\">{body}</testcase>",
            xml(&document.format),
            xml(&display(path, &document.members))
        )
    }
}

/// Text for XML 1.0, where most control letters cannot even be escaped.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in for_terminal(text).chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{FFFE}' | '\u{FFFF}' => out.push('\u{FFFD}'),
            letter => out.push(letter),
        }
    }
    out
}

impl<W: Write> Report for Junit<W> {
    fn start(&mut self, start: &Start) -> io::Result<()> {
        self.start = start.clone();
        Ok(())
    }

    fn entry(&mut self, report: &EntryReport) -> io::Result<()> {
        for document in &report.documents {
            let told: Vec<&Finding> = self.options.threshold.told(document).collect();
            if super::is_listed(document, &told, self.options.list_all) {
                self.case(&report.path, document, &told)?;
            }
        }
        Ok(())
    }

    fn finish(&mut self, tally: &Tally) -> io::Result<()> {
        let lang = self.options.lang;
        let seconds = tally.elapsed.as_secs_f64();
        let ledger = super::ledger_line(tally, lang);
        let counts = format!(
            "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{seconds:.3}\"",
            self.cases.items() + 1,
            self.failures,
            self.errors + u64::from(tally.interrupted),
            self.skipped,
        );
        // Ant's schema wants neither a zone nor fractions.
        let stamp = self.start.started.get(..19).unwrap_or("1970-01-01T00:00:00");
        writeln!(self.out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        writeln!(self.out, "<testsuites name=\"daumat\" {counts}>")?;
        writeln!(
            self.out,
            "<testsuite name=\"daumat\" hostname=\"localhost\" timestamp=\"{stamp}\" {counts}>"
        )?;
        writeln!(self.out, "<properties>")?;
        for (name, value) in [
            ("version", self.start.version.clone()),
            ("rules_digest", self.start.rules_digest.clone()),
            ("packs", self.start.packs.join(",")),
            ("documents", tally.documents.to_string()),
            ("full", tally.full.to_string()),
            ("partial", tally.partial.to_string()),
            ("none", tally.none.to_string()),
            ("skipped", tally.skipped_total().to_string()),
            ("verdict", tally.verdict().as_str().to_owned()),
        ] {
            writeln!(self.out, "<property name=\"{name}\" value=\"{}\"/>", xml(&value))?;
        }
        writeln!(self.out, "</properties>")?;
        std::mem::replace(&mut self.cases, Spool::new()).copy_to(&mut self.out)?;
        let stopped = match tally.interrupted {
            true => format!("<error type=\"interrupted\" message=\"{}\"/>", xml(Word::Interrupted.get(lang))),
            false => String::new(),
        };
        writeln!(
            self.out,
            "\n<testcase classname=\"daumat\" name=\"{}\" time=\"{seconds:.3}\">{stopped}</testcase>",
            xml(&ledger)
        )?;
        writeln!(self.out, "</testsuite>\n</testsuites>")?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text() {
        assert_eq!(xml("<a b=\"c\">&\u{1}\n\u{FFFE}"), "&lt;a b=&quot;c&quot;&gt;&amp;\\u{1}\\u{a}\u{FFFD}");
    }
}
