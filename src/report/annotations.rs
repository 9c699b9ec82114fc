//! Workflow commands that GitHub shows beside the changed files of a pull request.

use std::io::{self, Write};

use super::escape::for_terminal;
use super::{Options, Report, Start, Tally, display, place_in_words};
use crate::model::EntryReport;
use crate::text::details::detail;
use crate::text::{Word, codes};

/// See the module's head.
pub struct Annotations<W: Write> {
    out: W,
    options: Options,
}

impl<W: Write> Annotations<W> {
    /// A report that goes to `out`.
    pub fn new(out: W, options: Options) -> Annotations<W> {
        Annotations { out, options }
    }
}

/// A message: percent signs and line ends as the runner undoes them. Other control letters are shown, so that no name
/// can speak to the runner.
fn message(text: &str) -> String {
    text.lines().map(for_terminal).collect::<Vec<_>>().join("\n").replace('%', "%25").replace('\n', "%0A")
}

/// A property: colons and commas end one, so they are escaped, too. A name of a file is passed on as it is.
fn property(text: &str) -> String {
    let escape = |letter: char| match letter {
        '%' => "%25".to_owned(),
        '\r' => "%0D".to_owned(),
        '\n' => "%0A".to_owned(),
        ':' => "%3A".to_owned(),
        ',' => "%2C".to_owned(),
        letter if letter.is_control() => for_terminal(&letter.to_string()),
        letter => letter.to_string(),
    };
    text.chars().map(escape).collect()
}

impl<W: Write> Report for Annotations<W> {
    fn start(&mut self, _start: &Start) -> io::Result<()> {
        Ok(())
    }

    fn entry(&mut self, report: &EntryReport) -> io::Result<()> {
        let lang = self.options.lang;
        for document in &report.documents {
            let threshold = self.options.threshold;
            let name = display(&report.path, &document.members);
            let file = property(&report.path);
            for finding in threshold.shown(document) {
                let command = if threshold.fails(finding) { "error" } else { "warning" };
                let line = match finding.place.line {
                    Some(line) if document.members.is_empty() => format!(",line={line}"),
                    _ => String::new(),
                };
                let title = self.options.glossary.title(&finding.rule, &finding.title, lang);
                let text = format!(
                    "{name}: \"{}\", {} ({} {}), {}",
                    finding.matched,
                    codes::level(finding.level, lang),
                    Word::Confidence.get(lang),
                    finding.confidence,
                    place_in_words(&finding.place, lang)
                );
                writeln!(
                    self.out,
                    "::{command} file={file}{line},title={}::{}",
                    property(title),
                    message(&for_terminal(&text))
                )?;
            }
            if document.skipped.is_some() {
                continue;
            }
            for gap in &document.gaps {
                let text = format!(
                    "{name}: {}: {}\n{}",
                    codes::gap(gap.reason, lang),
                    detail(&gap.detail, lang),
                    codes::advice(gap.reason, lang)
                );
                let title = codes::coverage(document.coverage, lang);
                writeln!(self.out, "::warning file={file},title={}::{}", property(title), message(&text))?;
            }
        }
        Ok(())
    }

    fn finish(&mut self, tally: &Tally) -> io::Result<()> {
        let lang = self.options.lang;
        writeln!(self.out, "::notice title=daumat::{}", message(&super::ledger_line(tally, lang)))?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_can_begin_a_command() {
        assert_eq!(property("a:b,c%\n::error::x"), "a%3Ab%2Cc%25%0A%3A%3Aerror%3A%3Ax");
        assert_eq!(message("a\n::set-output 100%\u{1b}[2J"), "a%0A::set-output 100%25\\u{1b}[2J");
    }
}
