//! What this installation can do, proved: documents of every format with a known marking, built into the program.
//!
//! In: nothing but the program. Out: which canaries were found, and which not. A scan that runs every night can take them
//! along: whoever breaks the reader, the rules or the selection then hears of it, instead of a silence that looks clean.

use crate::model::{EntryReport, Kind, OwnedPlace};
use crate::rules::RuleSet;
use crate::walk::Entry;

/// A document with a known marking.
#[derive(Debug, Clone, Copy)]
pub struct Canary {
    /// What it proves.
    pub format: &'static str,
    /// Its file name.
    pub name: &'static str,
    /// The rule that must find it.
    pub rule: &'static str,
    /// The kind of place the marking stands in.
    pub kind: Kind,
    content: &'static [u8],
}

macro_rules! canary {
    ($format:literal, $file:literal, $rule:literal, $kind:ident) => {
        Canary {
            format: $format,
            name: $file,
            rule: concat!("vn.state-secret.", $rule),
            kind: Kind::$kind,
            content: include_bytes!(concat!("../fixtures/", $file)),
        }
    };
}

/// Every canary, by format. CHM and RAR have none: no free program writes them.
pub static CANARIES: &[Canary] = &[
    canary!("7z", "pack/solid.7z", "tuyet-mat", Body),
    canary!("ar", "pack/gnu.ar", "tuyet-mat", Body),
    canary!("bzip2", "pack/report.txt.bz2", "tuyet-mat", Body),
    canary!("cab", "pack/mszip.cab", "tuyet-mat", Body),
    canary!("compress", "pack/report.txt.Z", "tuyet-mat", Body),
    canary!("cpio", "pack/newc.cpio", "tuyet-mat", Body),
    canary!("csv", "notation/quoted.csv", "toi-mat", Body),
    canary!("doc", "doc/header.doc", "toi-mat", Header),
    canary!("docx", "docx/libreoffice-textbox.docx", "tuyet-mat", Textbox),
    canary!("eml", "eml/base64-body.eml", "toi-mat", Body),
    canary!("emlx", "emlx/1.emlx", "toi-mat", Body),
    canary!("epub", "pack/book.epub", "tuyet-mat", Body),
    canary!("gzip", "gz/report.txt.gz", "tuyet-mat", Body),
    canary!("html", "html/entities-split-tags.html", "toi-mat", Body),
    canary!("ipynb", "pack/notebook.ipynb", "tuyet-mat", Body),
    canary!("iso9660", "pack/plain.iso", "tuyet-mat", Body),
    canary!("json", "notation/escaped.json", "toi-mat", Body),
    canary!("latex", "notation/report.tex", "toi-mat", Body),
    canary!("lz4", "pack/report.txt.lz4", "tuyet-mat", Body),
    canary!("lzip", "pack/report.txt.lz", "tuyet-mat", Body),
    canary!("lzma", "pack/report.txt.lzma", "tuyet-mat", Body),
    canary!("msg", "msg/body.msg", "toi-mat", Body),
    canary!("odp", "odp/slide-box.odp", "toi-mat", Textbox),
    canary!("ods", "ods/hidden-sheet.ods", "tuyet-mat", Hidden),
    canary!("odt", "odt/header.odt", "tuyet-mat", Header),
    canary!("pdf", "pdf/libreoffice-header.pdf", "tuyet-mat", Header),
    canary!("plist", "notation/settings.plist", "toi-mat", Body),
    canary!("ppt in gzip", "ppt/places.ppt.gz", "tuyet-mat", Notes),
    canary!("pptx", "pptx/master.pptx", "toi-mat", Textbox),
    canary!("rtf", "rtf/header.rtf", "tuyet-mat", Header),
    canary!("self-extracting", "pack/self-extracting.exe", "tuyet-mat", Body),
    canary!("sqlite", "pack/utf-8.sqlite", "toi-mat", Body),
    canary!("subtitles", "notation/film.srt", "toi-mat", Body),
    canary!("tar", "tar/one-marked.tar", "tuyet-mat", Body),
    canary!("text", "txt/party-two-lines.txt", "tuyet-mat", Body),
    canary!("tnef", "dat/winmail.dat", "toi-mat", Body),
    canary!("uuencode", "notation/plan.uue", "toi-mat", Body),
    canary!("vcard", "notation/contact.vcf", "toi-mat", Body),
    canary!("warc", "warc/site.warc.gz", "toi-mat", Body),
    canary!("wacz", "warc/site.wacz", "toi-mat", Body),
    canary!("xls", "xls/tcvn3-fonts.xls", "toi-mat", Table),
    canary!("xlsx", "xlsx/print-header.xlsx", "toi-mat", Header),
    canary!("xml", "notation/utf-16.xml", "toi-mat", Body),
    canary!("xz", "pack/report.txt.xz", "tuyet-mat", Body),
    canary!("zip", "pack/method-xz.zip", "tuyet-mat", Body),
    canary!("zstd", "pack/report.txt.zst", "tuyet-mat", Body),
];

/// Where canaries lie. No file system has a NUL in a path, so no document of the user is taken for one.
const FOLDER: &str = "\0canary/";

/// Canaries on their way through a scan.
#[derive(Debug, Clone, Default)]
pub struct Flock {
    sent: Vec<(&'static Canary, bool)>,
}

impl Flock {
    /// Those that the rules in effect must find.
    #[must_use]
    pub fn of(rules: &RuleSet) -> Flock {
        let in_effect = |canary: &&Canary| rules.rules.iter().any(|rule| rule.rule.id == canary.rule);
        Flock { sent: CANARIES.iter().filter(in_effect).map(|canary| (canary, false)).collect() }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sent.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sent.len()
    }

    /// Entries for a scan, numbered from `first`.
    #[must_use]
    pub fn entries(&self, first: u64) -> Vec<Entry> {
        let entry = |(id, (canary, _)): (u64, &(&Canary, bool))| Entry {
            id,
            path: format!("{FOLDER}{}", canary.name).into(),
            // Only its content may be found, not a name that tells.
            name: canary.name.rsplit('/').next().unwrap_or_default().to_owned(),
            size: canary.content.len() as u64,
            content: Some(canary.content.to_vec()),
            span: None,
        };
        (first..).zip(&self.sent).map(entry).collect()
    }

    /// Takes the report of a canary; gives back one of a document of the user.
    pub fn take(&mut self, report: EntryReport) -> Option<EntryReport> {
        let Some(name) = report.path.strip_prefix(FOLDER) else { return Some(report) };
        let seen = self.sent.iter_mut().find(|(canary, _)| canary.name == name);
        if let Some((canary, found)) = seen {
            let mut findings = report.documents.iter().flat_map(|document| &document.findings);
            let is_there = |place: &OwnedPlace| place.kind == canary.kind;
            *found = findings.any(|finding| finding.rule == canary.rule && is_there(&finding.place));
        }
        None
    }

    /// Each with whether it was found.
    pub fn results(&self) -> impl Iterator<Item = (&'static Canary, bool)> + '_ {
        self.sent.iter().copied()
    }

    /// Formats of those that were not found.
    #[must_use]
    pub fn missed(&self) -> Vec<&'static str> {
        self.sent.iter().filter(|(_, found)| !found).map(|(canary, _)| canary.format).collect()
    }
}
