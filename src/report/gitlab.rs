//! GitLab's code quality report: one JSON array of issues.

use std::io::{self, Write};

use serde_json::json;

use super::escape::for_terminal;
use super::{Options, Report, Start, Tally, display, place_in_words};
use crate::model::{EntryReport, Finding, Level};
use crate::text::details::detail;
use crate::text::{Word, codes};

/// See the module's head.
pub struct Gitlab<W: Write> {
    out: W,
    options: Options,
    issues: u64,
}

impl<W: Write> Gitlab<W> {
    /// A report that goes to `out`.
    pub fn new(out: W, options: Options) -> Gitlab<W> {
        Gitlab { out, options, issues: 0 }
    }

    fn issue(&mut self, issue: &serde_json::Value) -> io::Result<()> {
        self.out.write_all(if self.issues == 0 { b"\n" } else { b",\n" })?;
        self.issues += 1;
        serde_json::to_writer(&mut self.out, issue)?;
        Ok(())
    }
}

/// GitLab takes two issues with one fingerprint for the same issue, so the document belongs to it.
fn fingerprint(parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    hasher.finalize().to_hex().chars().take(32).collect()
}

fn severity(finding: &Finding) -> &'static str {
    match finding.level {
        Level::TopSecret => "blocker",
        Level::Secret => "critical",
        Level::Confidential => "major",
        Level::Restricted => "minor",
        Level::Internal => "info",
    }
}

impl<W: Write> Report for Gitlab<W> {
    fn start(&mut self, _start: &Start) -> io::Result<()> {
        self.out.write_all(b"[")
    }

    fn entry(&mut self, report: &EntryReport) -> io::Result<()> {
        let lang = self.options.lang;
        // GitLab knows files of its repository only, without `./`.
        let path = report.path.strip_prefix("./").unwrap_or(&report.path);
        for document in &report.documents {
            let threshold = self.options.threshold;
            let name = display(&report.path, &document.members);
            for finding in threshold.shown(document) {
                let place = place_in_words(&finding.place, lang);
                let text = format!(
                    "{name}: \"{}\", {} ({} {}), {place}",
                    finding.matched,
                    codes::level(finding.level, lang),
                    Word::Confidence.get(lang),
                    finding.confidence,
                );
                let line = finding.place.line.filter(|_| document.members.is_empty()).unwrap_or(1);
                self.issue(&json!({
                    "type": "issue",
                    "description": for_terminal(&text),
                    "check_name": finding.rule,
                    "fingerprint": fingerprint(&[&finding.fingerprint, &name, &place]),
                    "severity": severity(finding),
                    "categories": ["Security"],
                    "location": { "path": path, "lines": { "begin": line } },
                }))?;
            }
            if document.skipped.is_some() {
                continue;
            }
            for (index, gap) in document.gaps.iter().enumerate() {
                let text = format!("{name}: {}: {}", codes::gap(gap.reason, lang), detail(&gap.detail, lang));
                self.issue(&json!({
                    "type": "issue",
                    "description": for_terminal(&text),
                    "check_name": format!("gap/{}", gap.reason.as_str()),
                    "fingerprint": fingerprint(&[gap.reason.as_str(), &name, &gap.detail, &index.to_string()]),
                    "severity": "minor",
                    "categories": ["Security"],
                    "location": { "path": path, "lines": { "begin": 1 } },
                }))?;
            }
        }
        Ok(())
    }

    fn finish(&mut self, _tally: &Tally) -> io::Result<()> {
        self.out.write_all(b"\n]\n")?;
        self.out.flush()
    }
}
