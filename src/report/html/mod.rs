//! One HTML file that stands alone: no network, no other file, two languages, for a screen and for paper.
//!
//! Documents with findings or gaps travel as JSON inside the page, and `page.js` shows them some at a time, so that
//! thousands stay quick. The summary is plain HTML and SVG: it is there without a script. A content security policy
//! allows the one style and the one script by their digests and nothing else, so that a name that would get past the
//! escaping still could not do anything.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::escape::for_terminal;
use super::record::PlaceRecord;
use super::spool::Spool;
use super::{Options, Report, Start, Tally, Verdict, display};
use crate::model::{
    Band, Coverage, DocumentReport, EntryReport, Finding, GapReason, Kind, Level, OwnedPlace,
};
use crate::text::details::detail;
use crate::text::{Lang, Word, codes};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Folders with a bar of their own.
const MAX_FOLDERS: usize = 8;

/// Words that the script puts on the page.
const WORDS: &[Word] = &[
    Word::ReportTitle,
    Word::Language,
    Word::ScannedAt,
    Word::Scope,
    Word::RulesUsed,
    Word::ToolVersion,
    Word::Summary,
    Word::Documents,
    Word::ReadInFull,
    Word::ReadInPart,
    Word::ReadNot,
    Word::LeftOut,
    Word::Flagged,
    Word::Elapsed,
    Word::ByLevel,
    Word::ByFolder,
    Word::OtherFolders,
    Word::Findings,
    Word::Search,
    Word::Level,
    Word::Certainty,
    Word::AllLevels,
    Word::AllBands,
    Word::GroupBy,
    Word::GroupDocument,
    Word::GroupContent,
    Word::ShowDecided,
    Word::Shown,
    Word::ShowMore,
    Word::Copies,
    Word::Rule,
    Word::Place,
    Word::Reasons,
    Word::Context,
    Word::Fingerprint,
    Word::Format,
    Word::Unread,
    Word::UnreadNone,
    Word::WhatToDo,
    Word::LeftOutHead,
    Word::NoFindings,
    Word::NothingMatches,
    Word::Keys,
    Word::VerdictClean,
    Word::VerdictFindings,
    Word::VerdictIncomplete,
    Word::Interrupted,
    Word::SignedBy,
    Word::CheckedBy,
    Word::ApprovedBy,
    Word::SignHere,
    Word::Print,
    Word::ExpandAll,
    Word::Contents,
    Word::Theme,
    Word::Honesty,
    Word::Confidence,
    Word::Decided,
    Word::PlacePage,
    Word::PlaceSlide,
    Word::PlaceSheet,
    Word::PlaceCell,
    Word::PlaceLine,
    Word::NotVisible,
];

/// See the module's head.
pub struct Html<W: Write> {
    out: W,
    options: Options,
    start: Start,
    documents: Spool,
    rules: BTreeMap<String, String>,
    reasons: BTreeSet<String>,
    levels: BTreeMap<Level, u64>,
    folders: BTreeMap<String, u64>,
}

impl<W: Write> Html<W> {
    /// A report that goes to `out`.
    pub fn new(out: W, options: Options) -> Html<W> {
        Html {
            out,
            options,
            start: Start::default(),
            documents: Spool::new(),
            rules: BTreeMap::new(),
            reasons: BTreeSet::new(),
            levels: BTreeMap::new(),
            folders: BTreeMap::new(),
        }
    }

    fn document(&mut self, path: &str, document: &DocumentReport, told: &[&Finding]) -> io::Result<()> {
        let counted = told.iter().filter(|finding| !finding.is_suppressed());
        if let Some(worst) = counted.map(|finding| finding.level).max() {
            *self.levels.entry(worst).or_default() += 1;
            *self.folders.entry(folder(path, &self.start.roots)).or_default() += 1;
        }
        let findings: Vec<Value> = told.iter().map(|finding| self.finding(finding)).collect();
        let gaps: Vec<Value> = document
            .gaps
            .iter()
            .filter(|_| document.skipped.is_none())
            .map(|gap| {
                let place = gap.place.as_ref().map(shown);
                let detail = [Lang::En, Lang::Vi].map(|lang| for_terminal(&detail(&gap.detail, lang)));
                json!([gap.reason.as_str(), detail, place])
            })
            .collect();
        let facts: Vec<Value> =
            document.facts.iter().map(|fact| json!([fact.code, for_terminal(&fact.value)])).collect();
        let value = json!({
            "n": for_terminal(&display(path, &document.members)),
            "f": document.format,
            "c": document.coverage.as_str(),
            "d": document.blake3.as_deref().unwrap_or_default(),
            "x": facts,
            "g": gaps,
            "h": findings,
        });
        write_json(self.documents.next(",\n")?, &value)
    }

    fn finding(&mut self, finding: &Finding) -> Value {
        self.rules.entry(finding.rule.clone()).or_insert_with(|| finding.title.clone());
        for reason in &finding.reasons {
            if !self.reasons.contains(&reason.code) {
                self.reasons.insert(reason.code.clone());
            }
        }
        let reasons: Vec<Value> =
            finding.reasons.iter().map(|reason| json!([reason.code, reason.points])).collect();
        let mut value = json!({
            "r": finding.rule,
            "t": for_terminal(&finding.title),
            "l": finding.level.as_str(),
            "c": finding.confidence,
            "b": finding.band().as_str(),
            "m": for_terminal(&finding.matched),
            "p": shown(&finding.place),
            "w": reasons,
            "f": finding.fingerprint,
        });
        if let Some(fields) = value.as_object_mut() {
            if let Some(context) = &finding.context {
                let lines: Vec<String> = context.lines().map(for_terminal).collect();
                fields.insert("x".to_owned(), lines.join("\n").into());
            }
            if let Some(decided) = finding.known.as_ref().filter(|known| known.suppresses) {
                fields.insert("s".to_owned(), json!(decided));
            }
        }
        value
    }

    /// Names of codes in both languages, as `[English, Vietnamese]`.
    fn tables(&self) -> Value {
        let both = |text: &dyn Fn(Lang) -> String| json!([text(Lang::En), text(Lang::Vi)]);
        let glossary = &self.options.glossary;
        let words: BTreeMap<&str, Value> =
            WORDS.iter().map(|word| (word.name(), both(&|lang| word.get(lang).to_owned()))).collect();
        let rules: BTreeMap<&String, Value> = self
            .rules
            .iter()
            .map(|(id, told)| (id, both(&|lang| for_terminal(glossary.title(id, told, lang)))))
            .collect();
        let reasons: BTreeMap<&String, Value> = self
            .reasons
            .iter()
            .map(|code| (code, both(&|lang| for_terminal(&glossary.reason(code, lang)))))
            .collect();
        let levels: BTreeMap<&str, Value> = Level::ALL
            .iter()
            .map(|level| (level.as_str(), both(&|lang| codes::level(*level, lang).to_owned())))
            .collect();
        let bands: BTreeMap<&str, Value> = [Band::Low, Band::Medium, Band::High]
            .iter()
            .map(|band| (band.as_str(), both(&|lang| codes::band(*band, lang).to_owned())))
            .collect();
        let coverage: BTreeMap<&str, Value> = [Coverage::Full, Coverage::Partial, Coverage::None]
            .iter()
            .map(|one| (one.as_str(), both(&|lang| codes::coverage(*one, lang).to_owned())))
            .collect();
        let kinds: BTreeMap<&str, Value> = Kind::ALL
            .iter()
            .map(|kind| (kind.as_str(), both(&|lang| codes::kind(*kind, lang).to_owned())))
            .collect();
        let gap = |text: fn(GapReason, Lang) -> &'static str| {
            GapReason::ALL
                .into_iter()
                .map(|reason| (reason.as_str(), both(&|lang| text(reason, lang).to_owned())))
                .collect::<BTreeMap<_, _>>()
        };
        let facts: BTreeMap<&str, Value> = ["captured", "also-at", "extension-mismatch"]
            .iter()
            .map(|code| (*code, both(&|lang| codes::fact(code, lang).to_owned())))
            .collect();
        json!({
            "lang": self.options.lang.tag(),
            "words": words,
            "rules": rules,
            "reasons": reasons,
            "levels": levels,
            "bands": bands,
            "coverage": coverage,
            "kinds": kinds,
            "gaps": gap(codes::gap),
            "advice": gap(codes::advice),
            "facts": facts,
        })
    }

    fn page(&mut self, tally: &Tally) -> io::Result<()> {
        let lang = self.options.lang;
        let word = |word: Word| format!("<span data-w=\"{}\">{}</span>", word.name(), escape(word.get(lang)));
        let number = |n: u64| format!("<b data-n=\"{n}\">{}</b>", lang.number(n));
        let policy = format!(
            "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
            digest(STYLE),
            digest(SCRIPT)
        );
        let title = escape(Word::ReportTitle.get(lang));
        let (verdict, sentence) = match tally.verdict() {
            Verdict::Clean => ("clean", Word::VerdictClean),
            Verdict::Findings => ("findings", Word::VerdictFindings),
            Verdict::Incomplete => ("incomplete", Word::VerdictIncomplete),
        };
        let roots: Vec<String> = self.start.roots.iter().map(|root| escape(root)).collect();
        let times = json!([Lang::En.time(&self.start.started), Lang::Vi.time(&self.start.started)]);
        let seconds = tally.elapsed.as_secs();
        let took = format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
        let cell = |name: Word, n: u64| format!("<li>{} {}</li>", number(n), word(name));
        let ledger = [
            cell(Word::Documents, tally.documents),
            cell(Word::ReadInFull, tally.full),
            cell(Word::ReadInPart, tally.partial),
            cell(Word::ReadNot, tally.none),
            cell(Word::LeftOut, tally.skipped_total()),
            cell(Word::Flagged, tally.flagged_documents),
        ];
        let interrupted = match tally.interrupted {
            true => format!("<p class=\"verdict incomplete\">{}</p>", word(Word::Interrupted)),
            false => String::new(),
        };
        let out = &mut self.out;
        write!(
            out,
            "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
            lang.tag()
        )?;
        write!(
            out,
            "<a class=\"skip\" href=\"#findings\" data-w=\"Contents\">{}</a>\n<header>\n<div class=\"bar\">\
             <button id=\"lang\" type=\"button\" data-w=\"Language\">{}</button>\
             <button id=\"theme\" type=\"button\" data-w=\"Theme\">{}</button>\
             <button id=\"print\" type=\"button\" data-w=\"Print\">{}</button></div>\n\
             <h1 data-w=\"ReportTitle\">{title}</h1>\n</header>\n<main>\n",
            Word::Contents.get(lang),
            Word::Language.get(lang),
            Word::Theme.get(lang),
            Word::Print.get(lang)
        )?;
        write!(
            out,
            "<p class=\"verdict {verdict}\">{}</p>\n{interrupted}<p class=\"honesty\">{}</p>\n<dl class=\"about\">\
             <dt>{}</dt><dd data-time=\"{}\">{}</dd><dt>{}</dt><dd>{took}</dd><dt>{}</dt><dd>{}</dd>\
             <dt>{}</dt><dd>daumat {}</dd><dt>{}</dt><dd>{} <span class=\"code\">{}</span></dd></dl>\n",
            word(sentence),
            word(Word::Honesty),
            word(Word::ScannedAt),
            escape(&times.to_string()),
            escape(&lang.time(&self.start.started)),
            word(Word::Elapsed),
            word(Word::Scope),
            roots.join("<br>"),
            word(Word::ToolVersion),
            escape(&self.start.version),
            word(Word::RulesUsed),
            escape(&self.start.packs.join(", ")),
            escape(&self.start.rules_digest)
        )?;
        write!(
            out,
            "<section><h2 data-w=\"Summary\">{}</h2>\n<ul class=\"ledger\">{}</ul>\n{}\n",
            Word::Summary.get(lang),
            ledger.concat(),
            ledger_bar(tally)
        )?;
        let left_out: Vec<String> = tally
            .skipped
            .iter()
            .map(|(reason, n)| format!("{} {}", codes::skip(*reason, lang), lang.number(*n)))
            .collect();
        if !left_out.is_empty() {
            writeln!(out, "<p>{}: {}</p>", word(Word::LeftOutHead), escape(&left_out.join(", ")))?;
        }
        let by_level: Vec<Bar> = Level::ALL
            .into_iter()
            .rev()
            .map(|level| Bar {
                class: format!("l-{}", level.as_str()),
                name: codes::level(level, lang).to_owned(),
                code: Some(format!("data-code=\"levels/{}\"", level.as_str())),
                count: self.levels.get(&level).copied().unwrap_or(0),
                rest: false,
            })
            .collect();
        let mut folders: Vec<(&String, &u64)> = self.folders.iter().collect();
        folders.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
        let mut by_folder: Vec<Bar> = folders
            .iter()
            .take(MAX_FOLDERS)
            .map(|(name, count)| Bar {
                class: String::new(),
                name: shorten(&for_terminal(name)),
                code: None,
                count: **count,
                rest: false,
            })
            .collect();
        let rest: u64 = folders.iter().skip(MAX_FOLDERS).map(|(_, count)| **count).sum();
        if rest > 0 {
            by_folder.push(Bar {
                class: String::new(),
                name: Word::OtherFolders.get(lang).to_owned(),
                code: Some("data-w=\"OtherFolders\"".to_owned()),
                count: rest,
                rest: true,
            });
        }
        writeln!(
            out,
            "<div class=\"charts\">{}{}</div></section>",
            chart(Word::ByLevel, &by_level, lang),
            { if by_folder.is_empty() { String::new() } else { chart(Word::ByFolder, &by_folder, lang) } }
        )?;
        write!(
            out,
            "<noscript><p class=\"verdict incomplete\">{}</p></noscript>\n<div id=\"app\" hidden>\n\
             <section id=\"findings\" tabindex=\"-1\"><h2 data-w=\"Findings\"></h2>\n<div class=\"tools\" role=\"search\">\
             <label class=\"grow\"><span data-w=\"Search\"></span><input id=\"text\" type=\"search\" autocomplete=\"off\" \
             spellcheck=\"false\"></label>\
             <label><span data-w=\"Level\"></span><select id=\"level\"></select></label>\
             <label><span data-w=\"Certainty\"></span><select id=\"band\"></select></label>\
             <label><span data-w=\"GroupBy\"></span><select id=\"group\"></select></label>\
             <label class=\"row\"><input id=\"decided\" type=\"checkbox\"><span data-w=\"ShowDecided\"></span></label>\
             <button id=\"open\" type=\"button\" data-w=\"ExpandAll\"></button></div>\n\
             <p class=\"count\" id=\"count\" role=\"status\" aria-live=\"polite\"></p>\n<div id=\"list\"></div>\n\
             <button id=\"more\" class=\"more\" type=\"button\" hidden></button>\n<p class=\"keys\" data-w=\"Keys\"></p></section>\n\
             <section><h2 data-w=\"Unread\"></h2><div id=\"gaps\"></div></section>\n</div>\n",
            escape(Word::NeedsScript.get(lang))
        )?;
        let sign = |who: Word| format!("<div><b>{}</b><i>{}</i></div>", word(who), word(Word::SignHere));
        write!(
            out,
            "<div class=\"sign\">{}{}{}</div>\n</main>\n<script type=\"application/json\" id=\"data\">",
            sign(Word::SignedBy),
            sign(Word::CheckedBy),
            sign(Word::ApprovedBy)
        )
    }
}

impl<W: Write> Report for Html<W> {
    fn start(&mut self, start: &Start) -> io::Result<()> {
        self.start = start.clone();
        Ok(())
    }

    fn entry(&mut self, report: &EntryReport) -> io::Result<()> {
        for document in &report.documents {
            let told: Vec<&Finding> = self.options.threshold.told(document).collect();
            // Documents without anything to say are in the ledger, even when other reports list them all.
            if super::is_listed(document, &told, false) {
                self.document(&report.path, document, &told)?;
            }
        }
        Ok(())
    }

    fn finish(&mut self, tally: &Tally) -> io::Result<()> {
        self.page(tally)?;
        let mut tables = Vec::new();
        write_json(&mut tables, &self.tables())?;
        // The tables are an object; the documents join it as its last field.
        self.out.write_all(tables.strip_suffix(b"}").unwrap_or_default())?;
        self.out.write_all(b",\"docs\":[\n")?;
        std::mem::replace(&mut self.documents, Spool::new()).copy_to(&mut self.out)?;
        writeln!(self.out, "\n]}}</script>\n<script>{SCRIPT}</script>\n</body>\n</html>")?;
        self.out.flush()
    }
}

/// A place without what a reader of the page would obey.
fn shown(place: &OwnedPlace) -> Value {
    let safe = OwnedPlace {
        sheet: place.sheet.as_deref().map(for_terminal),
        cell: place.cell.as_deref().map(for_terminal),
        name: place.name.as_deref().map(for_terminal),
        ..place.clone()
    };
    json!(PlaceRecord::of(&safe))
}

/// JSON that cannot end the element it stands in.
fn write_json(out: &mut (impl Write + ?Sized), value: &Value) -> io::Result<()> {
    let text = serde_json::to_string(value)?;
    let safe = text.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
    out.write_all(safe.as_bytes())
}

/// Text for an element or an attribute in double quotes, without what changes the order of letters.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in for_terminal(text).chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter => out.push(letter),
        }
    }
    out
}

/// The digest by which a content security policy names an inline script or style.
pub(super) fn digest(text: &str) -> String {
    format!("sha256-{}", base64(&Sha256::digest(text.as_bytes())))
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let all = chunk.iter().fold(0u32, |all, byte| all << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for index in 0..4 {
            let letter = LETTERS.get((all >> (18 - 6 * index) & 63) as usize).copied().unwrap_or(b'=');
            out.push(if index <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

/// The folder of the chart: the root, and the first folder below it.
fn folder(path: &str, roots: &[String]) -> String {
    let folder = path.rsplit_once('/').map_or(".", |(folder, _)| folder);
    let below = |root: &&String| {
        let root = root.trim_end_matches('/');
        let rest = folder.strip_prefix(root)?;
        let first = rest.strip_prefix('/').and_then(|rest| rest.split('/').next());
        match (rest.is_empty(), first) {
            (true, _) => Some(root.to_owned()),
            (false, Some(first)) => Some(format!("{root}/{first}")),
            (false, None) => None,
        }
    };
    roots
        .iter()
        .max_by_key(|root| if below(root).is_some() { root.len() + 1 } else { 0 })
        .and_then(|root| below(&root))
        .unwrap_or_else(|| folder.to_owned())
}

/// The end of a long name: what tells folders apart.
fn shorten(name: &str) -> String {
    const MOST: usize = 34;
    let letters = name.chars().count();
    if letters <= MOST {
        return name.to_owned();
    }
    let tail: String = name.chars().skip(letters + 1 - MOST).collect();
    format!("…{tail}")
}

struct Bar {
    class: String,
    name: String,
    /// How the script finds the name in the other language.
    code: Option<String>,
    count: u64,
    /// Everything that has no bar of its own.
    rest: bool,
}

#[expect(clippy::cast_precision_loss, reason = "widths of bars")]
fn chart(title: Word, bars: &[Bar], lang: Lang) -> String {
    use std::fmt::Write as _;
    const ROW: usize = 46;
    const WIDTH: f64 = 400.0;
    // What is left over would dwarf the named ones, so it gets its number and no bar.
    let named = bars.iter().filter(|bar| !bar.rest);
    let most = named.map(|bar| bar.count).max().unwrap_or(0).max(1) as f64;
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "<figure><figcaption data-w=\"{}\">{}</figcaption><svg viewBox=\"0 0 480 {}\" role=\"group\">",
        title.name(),
        escape(title.get(lang)),
        bars.len() * ROW
    );
    for (index, bar) in bars.iter().enumerate() {
        let top = index * ROW;
        let width = if bar.rest { 0.0 } else { bar.count as f64 / most * WIDTH };
        let _ = write!(
            out,
            "<text x=\"0\" y=\"{}\" {}>{}</text><g class=\"{}\"><rect x=\"0\" y=\"{}\" width=\"{width:.1}\" height=\"16\" rx=\"2\"/></g>\
             <text class=\"n\" x=\"{:.1}\" y=\"{}\" data-n=\"{}\">{}</text>",
            top + 14,
            bar.code.as_deref().unwrap_or_default(),
            escape(&bar.name),
            bar.class,
            top + 20,
            width + 6.0,
            top + 33,
            bar.count,
            lang.number(bar.count)
        );
    }
    out + "</svg></figure>"
}

#[expect(clippy::cast_precision_loss, reason = "widths of bars")]
fn ledger_bar(tally: &Tally) -> String {
    let all = tally.documents.max(1) as f64;
    let mut left = 0.0;
    let mut out = "<svg viewBox=\"0 0 960 14\" aria-hidden=\"true\" preserveAspectRatio=\"none\">".to_owned();
    for (class, count) in [
        ("full", tally.full),
        ("partial", tally.partial),
        ("none", tally.none),
        ("skipped", tally.skipped_total()),
    ] {
        let width = count as f64 / all * 960.0;
        out +=
            &format!("<rect class=\"{class}\" x=\"{left:.1}\" y=\"0\" width=\"{width:.1}\" height=\"14\"/>");
        left += width;
    }
    out + "</svg>"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_as_a_browser_makes_them() {
        // printf 'alert(1)' | openssl dgst -sha256 -binary | base64
        assert_eq!(digest("alert(1)"), "sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI=");
        assert_eq!(base64(b"a"), "YQ==");
        assert_eq!(base64(b"ab"), "YWI=");
    }

    #[test]
    fn folders_below_their_root() {
        let roots = ["/srv".to_owned(), "/srv/share".to_owned()];
        assert_eq!(folder("/srv/share/a/b/c.pdf", &roots), "/srv/share/a");
        assert_eq!(folder("/srv/share/c.pdf", &roots), "/srv/share");
        assert_eq!(folder("/srv/other/c.pdf", &roots), "/srv/other");
        assert_eq!(folder("c.pdf", &roots), ".");
        assert_eq!(folder("./a/c.pdf", &[".".to_owned()]), "./a");
    }

    #[test]
    fn data_cannot_end_its_element() {
        let mut out = Vec::new();
        write_json(&mut out, &json!("</script><!--")).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "\"\\u003c/script>\\u003c!--\"");
        assert_eq!(
            escape("<a b='c' d=\"\u{202e}\">&"),
            "&lt;a b=&#39;c&#39; d=&quot;\\u{202e}&quot;&gt;&amp;"
        );
    }
}
