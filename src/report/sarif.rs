//! SARIF 2.1.0 (OASIS Standard, with errata 01): findings as results, what could not be read as notifications of the
//! invocation.
//!
//! Results are written as they come. Rules, notifications and the ledger follow, since they are known only then; the
//! order of members of a JSON object is free.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::escape::for_terminal;
use super::record::display_with_place;
use super::spool::Spool;
use super::{Options, Report, Start, Tally, display, place_in_words, record};
use crate::model::{Band, DocumentReport, EntryReport, Finding, Gap, GapReason, Level};
use crate::text::details::detail;
use crate::text::{Word, codes, fill};

/// Where the standard's schema lies.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// See the module's head.
pub struct Sarif<W: Write> {
    out: W,
    options: Options,
    start: Start,
    results: u64,
    /// Rules met, with the number they have in the list of rules, their pack and the title the findings had.
    rules: BTreeMap<String, (usize, String, String)>,
    notifications: Spool,
}

impl<W: Write> Sarif<W> {
    /// A report that goes to `out`.
    pub fn new(out: W, options: Options) -> Sarif<W> {
        let start = Start::default();
        Sarif { out, options, start, results: 0, rules: BTreeMap::new(), notifications: Spool::new() }
    }

    fn result(&mut self, path: &str, document: &DocumentReport, finding: &Finding) -> Value {
        let lang = self.options.lang;
        let next = self.rules.len();
        let (index, ..) = *self
            .rules
            .entry(finding.rule.clone())
            .or_insert_with(|| (next, finding.pack.clone(), finding.title.clone()));
        let title = self.options.glossary.title(&finding.rule, &finding.title, lang);
        let reasons: Vec<String> = finding
            .reasons
            .iter()
            .map(|reason| format!("{:+} {}", reason.points, self.options.glossary.reason(&reason.code, lang)))
            .collect();
        let mut text = format!(
            "{}: \"{}\", {} ({} {}); {}; {}",
            title,
            for_terminal(&finding.matched),
            codes::level(finding.level, lang),
            Word::Confidence.get(lang),
            finding.confidence,
            for_terminal(&place_in_words(&finding.place, lang)),
            reasons.join("; "),
        );
        if let Some(context) = &finding.context {
            text.push('\n');
            text.push_str(&context.lines().map(for_terminal).collect::<Vec<_>>().join("\n"));
        }
        let mut location = location(path, &document.members, finding.place.line);
        if let Some(location) = location.as_object_mut() {
            let place = &finding.place;
            let mut logical = logical(path, &document.members);
            logical.push(json!({
                "name": place.name.as_deref().unwrap_or(place.kind.as_str()),
                "fullyQualifiedName": display_with_place(path, &document.members, place),
                "kind": place.kind.as_str(),
            }));
            location.insert("logicalLocations".to_owned(), Value::Array(logical));
        }
        let mut result = json!({
            "ruleId": finding.rule,
            "ruleIndex": index,
            "kind": "fail",
            "level": severity(finding),
            "message": { "text": text },
            "locations": [location],
            "partialFingerprints": { "daumat/v1": finding.fingerprint },
            "rank": f64::from(finding.confidence),
            "properties": {
                "level": finding.level.as_str(),
                "confidence": finding.confidence,
                "band": finding.band().as_str(),
                "pack": finding.pack,
                "format": document.format,
                "matched": finding.matched,
                "place": record::PlaceRecord::of(&finding.place),
                "reasons": finding.reasons,
            },
        });
        if let (Some(decided), Some(result)) =
            (finding.known.as_ref().filter(|known| known.suppresses), result.as_object_mut())
        {
            result.insert(
                "suppressions".to_owned(),
                json!([{
                    "kind": "external",
                    "status": "accepted",
                    "justification": decided.reason,
                    "properties": decided,
                }]),
            );
        }
        result
    }

    fn notification(&mut self, path: &str, document: &DocumentReport, gap: &Gap) -> io::Result<()> {
        let lang = self.options.lang;
        let text = format!(
            "{}: {}: {} ({}). {}",
            for_terminal(&display(path, &document.members)),
            codes::coverage(document.coverage, lang),
            codes::gap(gap.reason, lang),
            for_terminal(&detail(&gap.detail, lang)),
            codes::advice(gap.reason, lang),
        );
        let mut location = location(path, &document.members, gap.place.as_ref().and_then(|place| place.line));
        let logical = logical(path, &document.members);
        if let (false, Some(location)) = (logical.is_empty(), location.as_object_mut()) {
            location.insert("logicalLocations".to_owned(), Value::Array(logical));
        }
        let notification = json!({
            "descriptor": { "id": gap_id(gap.reason) },
            "level": "warning",
            "message": { "text": text },
            "locations": [location],
            "properties": { "reason": gap.reason.as_str(), "coverage": document.coverage.as_str() },
        });
        serde_json::to_writer(self.notifications.next(",\n")?, &notification)?;
        Ok(())
    }

    fn rule(&self, id: &str, pack: &str, told: &str) -> Value {
        let lang = self.options.lang;
        let words = self.options.glossary.rules.get(id);
        let title = self.options.glossary.title(id, told, lang);
        let references: &[String] = words.map_or(&[], |words| &words.references);
        let by_match = Word::LevelByMatch.get(lang);
        let level = words.and_then(|words| words.level).map_or(by_match, |level| codes::level(level, lang));
        let meaning = fill(Word::RuleMeaning.get(lang), &[&title, &level]);
        let mut plain = format!("{meaning}\n{}", Word::Honesty.get(lang));
        let mut markdown = format!("{meaning}\n\n*{}*", Word::Honesty.get(lang));
        if !references.is_empty() {
            let sources = Word::Sources.get(lang);
            plain = format!("{plain}\n{sources}: {}", references.join("; "));
            let list: Vec<String> = references.iter().map(|source| format!("- {source}")).collect();
            markdown = format!("{markdown}\n\n{sources}:\n\n{}", list.join("\n"));
        }
        let mut properties = json!({ "pack": pack, "tags": ["security", "classification", pack] });
        if let (Some(level), Some(properties)) =
            (words.and_then(|words| words.level), properties.as_object_mut())
        {
            properties.insert("level".to_owned(), level.as_str().into());
            properties.insert("security-severity".to_owned(), security_severity(level).into());
        }
        json!({
            "id": id,
            "name": camel(id),
            "shortDescription": { "text": title },
            "fullDescription": { "text": meaning },
            "help": { "text": plain, "markdown": markdown },
            "defaultConfiguration": { "level": "error" },
            "properties": properties,
        })
    }
}

impl<W: Write> Report for Sarif<W> {
    fn start(&mut self, start: &Start) -> io::Result<()> {
        self.start = start.clone();
        write!(self.out, "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{\"results\":[")
    }

    fn entry(&mut self, report: &EntryReport) -> io::Result<()> {
        for document in &report.documents {
            for finding in self.options.threshold.told(document) {
                let result = self.result(&report.path, document, finding);
                self.out.write_all(if self.results == 0 { b"\n" } else { b",\n" })?;
                self.results += 1;
                serde_json::to_writer(&mut self.out, &result)?;
            }
            if document.skipped.is_none() {
                for gap in &document.gaps {
                    self.notification(&report.path, document, gap)?;
                }
            }
        }
        Ok(())
    }

    fn finish(&mut self, tally: &Tally) -> io::Result<()> {
        let lang = self.options.lang;
        let mut rules: Vec<(&usize, Value)> =
            self.rules.iter().map(|(id, (index, pack, title))| (index, self.rule(id, pack, title))).collect();
        rules.sort_by_key(|(index, _)| **index);
        let rules: Vec<Value> = rules.into_iter().map(|(_, rule)| rule).collect();
        let gaps: Vec<Value> = GapReason::ALL
            .into_iter()
            .map(|reason| {
                json!({
                    "id": gap_id(reason),
                    "shortDescription": { "text": codes::gap(reason, lang) },
                    "help": { "text": codes::advice(reason, lang) },
                    "defaultConfiguration": { "level": "warning" },
                })
            })
            .collect();
        let driver = json!({
            "name": "daumat",
            "version": self.start.version,
            "semanticVersion": self.start.version,
            "shortDescription": { "text": Word::About.get(lang) },
            "rules": rules,
            "notifications": gaps,
            "properties": { "rules_digest": self.start.rules_digest, "packs": self.start.packs },
        });
        write!(self.out, "\n],\n\"tool\":{},\n\"invocations\":[{{", json!({ "driver": driver }))?;
        write!(self.out, "\"executionSuccessful\":{}", !tally.interrupted)?;
        if let Ok(begun) = self.start.started.parse::<jiff::Timestamp>() {
            let ended = jiff::SignedDuration::try_from(tally.elapsed).unwrap_or_default();
            let ended = begun.checked_add(ended).unwrap_or(begun);
            // The standard wants no more than milliseconds.
            write!(self.out, ",\"startTimeUtc\":\"{begun:.3}\",\"endTimeUtc\":\"{ended:.3}\"")?;
        }
        self.out.write_all(b",\"toolExecutionNotifications\":[\n")?;
        std::mem::replace(&mut self.notifications, Spool::new()).copy_to(&mut self.out)?;
        let properties = json!({ "summary": record::summary(tally), "roots": self.start.roots });
        write!(
            self.out,
            "\n]}}],\n\"language\":\"{}\",\"columnKind\":\"unicodeCodePoints\",\"properties\":{properties}}}]}}\n",
            lang.tag()
        )?;
        self.out.flush()
    }
}

fn severity(finding: &Finding) -> &'static str {
    match finding.band() {
        Band::High => "error",
        Band::Medium => "warning",
        Band::Low => "note",
    }
}

/// As code-scanning services sort: 9 and more is critical, 7 high, 4 medium.
fn security_severity(level: Level) -> &'static str {
    match level {
        Level::TopSecret => "9.8",
        Level::Secret => "9.0",
        Level::Confidential => "8.0",
        Level::Restricted => "6.0",
        Level::Internal => "4.0",
    }
}

fn gap_id(reason: GapReason) -> String {
    format!("gap/{}", reason.as_str())
}

/// `vn.state-secret.toi-mat` as `VnStateSecretToiMat`.
fn camel(id: &str) -> String {
    let words = id.split(|letter: char| !letter.is_alphanumeric());
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>())
    };
    words.filter_map(capital).collect()
}

/// The file on disk, and the line when it is a line of that file.
fn location(path: &str, members: &[String], line: Option<u64>) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": uri(path) } });
    if let (Some(line), true, Some(physical)) = (line, members.is_empty(), physical.as_object_mut()) {
        physical.insert("region".to_owned(), json!({ "startLine": line }));
    }
    json!({ "physicalLocation": physical })
}

/// The way into a container, one location a member.
fn logical(path: &str, members: &[String]) -> Vec<Value> {
    let member = |(index, name): (usize, &String)| {
        json!({
            "name": name,
            "fullyQualifiedName": display(path, members.get(..=index).unwrap_or_default()),
            "kind": "member",
        })
    };
    members.iter().enumerate().map(member).collect()
}

/// A path as a URI reference (RFC 3986): absolute paths as `file:`, everything but unreserved letters and `/` in
/// percent signs. `\xNN`, by which records tell bytes that are not UTF-8, becomes that byte.
pub(super) fn uri(path: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(path.len() + 16);
    let drive = matches!(path.as_bytes(), [letter, b':', b'/', ..] if letter.is_ascii_alphabetic());
    if path.starts_with('/') {
        out.push_str("file://");
    } else if drive {
        out.push_str("file:///");
    }
    let mut rest = path;
    while let Some(letter) = rest.chars().next() {
        let hex = rest.strip_prefix("\\x").and_then(|hex| hex.get(..2));
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok().filter(|byte| *byte >= 0x80))
        {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
            rest = rest.get(4..).unwrap_or_default();
            continue;
        }
        let (first, more) = rest.split_at(letter.len_utf8());
        for byte in first.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
                out.push(char::from(byte));
            } else {
                let _ = write!(out, "%{byte:02X}");
            }
        }
        rest = more;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_are_percent_encoded() {
        assert_eq!(uri("a b/ổ.txt"), "a%20b/%E1%BB%95.txt");
        assert_eq!(uri("/srv/a#b?.pdf"), "file:///srv/a%23b%3F.pdf");
        assert_eq!(uri("C:/x.pdf"), "file:///C%3A/x.pdf");
        assert_eq!(uri("b\\xFF.txt"), "b%FF.txt");
        assert_eq!(uri("a:b"), "a%3Ab");
        assert_eq!(uri("<script>\n\u{202e}"), "%3Cscript%3E%0A%E2%80%AE");
    }

    #[test]
    fn names_of_rules() {
        assert_eq!(camel("vn.state-secret.toi-mat"), "VnStateSecretToiMat");
    }
}
