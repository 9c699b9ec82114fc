//! One entry from its bytes to its report: the door, finding and judging put together.

use std::fs::File;
use std::io::Read as _;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::door::{Consumer, ReadOutcome, read_document};
use crate::extract::Input;
use crate::extract::limits::{Budget, Limits};
use crate::find::{Finder, Sieve};
use crate::identify::splits;
use crate::judge::{Options, judge};
use crate::model::{
    DocumentReport, EntryReport, Fact, Finding, Gap, GapReason, Kind, Level, OwnedPlace, Quiet, Reason,
    Segment, Span,
};
use crate::rules::{DigestKind, RuleSet};
use crate::text::{Lang, Word};
use crate::walk::{Entry, io_gap};

/// Files up to this size are read at once into a buffer that each thread keeps; larger ones are read where they lie.
const READ_AT_ONCE: u64 = 8 << 20;

/// Other addresses of one content that are named.
const MAX_ADDRESSES: usize = 100;

/// What is the same for all entries of a scan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// What reading may cost.
    pub limits: Limits,
    /// Report documents of which there is nothing to say, too.
    pub list_all: bool,
    /// Tell the content hash of every document, not only of those with findings.
    pub digests: bool,
    /// Tell the digest of every document's text, as a fact.
    #[serde(default)]
    pub text_digests: bool,
    /// Keep the text around findings.
    pub context: bool,
    /// Language of titles.
    pub lang: Lang,
    /// Passwords that documents may be opened with.
    pub passwords: Vec<String>,
}

/// The compiled rules of a scan, shared by all threads.
pub struct Equipment {
    /// What is looked for.
    pub rules: RuleSet,
    /// Its prefilter.
    pub sieve: Sieve,
    /// The same for all entries.
    pub settings: Settings,
}

impl Equipment {
    /// Makes the prefilter of a rule set.
    #[must_use]
    pub fn new(rules: RuleSet, settings: Settings) -> Arc<Equipment> {
        let sieve = Sieve::new(&rules);
        Arc::new(Equipment { rules, sieve, settings })
    }
}

/// Examines entries, one after another. Each thread has its own.
pub struct Examiner<'e> {
    equipment: &'e Equipment,
    /// One for each depth of nesting.
    finders: Vec<Finder<'e>>,
    buffer: Vec<u8>,
}

impl<'e> Examiner<'e> {
    /// An examiner with empty buffers.
    #[must_use]
    pub fn new(equipment: &'e Equipment) -> Examiner<'e> {
        Examiner { equipment, finders: Vec::new(), buffer: Vec::new() }
    }

    /// Examines one entry. Never fails: what cannot be read is in the report.
    pub fn entry(&mut self, entry: &Entry) -> EntryReport {
        let unread = |gap| EntryReport::unread(&entry.path, entry.size, Some(gap), None);
        let limits = self.equipment.settings.limits;
        if entry.size > limits.max_file_size {
            let detail = format!("{} bytes, more than --max-file-size allows", entry.size);
            return unread(Gap::new(GapReason::LimitSize, detail));
        }
        if let Some(span) = entry.span {
            return self.part(entry, span);
        }
        let passwords = &self.equipment.settings.passwords;
        let budget = Budget::with_passwords(limits, Some(entry.size), passwords);
        if self.equipment.rules.known.has(DigestKind::Sha256) {
            budget.want_sha256();
        }
        if let Some(content) = &entry.content {
            let mut input = Input::from_bytes(&entry.name, content, &budget);
            return self.document(&mut input, entry);
        }
        let file = match File::open(&entry.path) {
            Ok(file) => file,
            Err(error) => return unread(io_gap(&error)),
        };
        if entry.size > READ_AT_ONCE {
            return match Input::from_file(&entry.name, &file, &budget) {
                Ok(mut input) => self.document(&mut input, entry),
                Err(error) => unread(io_gap(&error)),
            };
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        // The file may have grown since the walk saw it; what it has now counts, up to a limit of its own.
        let read = (&file).take(READ_AT_ONCE * 2).read_to_end(&mut buffer);
        let buffer = Arc::new(buffer);
        let report = match read {
            Ok(_) => self.document(&mut Input::from_shared(&entry.name, Arc::clone(&buffer), &budget), entry),
            Err(error) => unread(io_gap(&error)),
        };
        self.buffer = Arc::try_unwrap(buffer).unwrap_or_default();
        report
    }

    /// Examines a part of a long file. What turns out to be no file that can be read in parts is read whole by the first.
    fn part(&mut self, entry: &Entry, span: Span) -> EntryReport {
        let unread = |error| EntryReport::unread(&entry.path, entry.size, Some(io_gap(&error)), None);
        let opened = File::open(&entry.path).and_then(|file| Ok((file.metadata()?.len(), file)));
        let (length, file) = match opened {
            Ok(opened) => opened,
            Err(error) => return unread(error),
        };
        let size = if span.start == 0 { length } else { entry.size };
        let settings = &self.equipment.settings;
        let budget = Budget::with_passwords(settings.limits, Some(size), &settings.passwords);
        if self.equipment.rules.known.has(DigestKind::Sha256) {
            budget.want_sha256();
        }
        let input = match Input::from_file(&entry.name, &file, &budget) {
            Ok(input) => input,
            Err(error) => return unread(error),
        };
        if splits(&input) {
            return self.document(&mut input.part(Some(span)), entry);
        }
        if span.start > 0 {
            return EntryReport::of(&entry.path, length);
        }
        let mut input = input;
        self.document(&mut input, entry)
    }

    fn document(&mut self, input: &mut Input<'_>, entry: &Entry) -> EntryReport {
        let mut examination = Examination {
            examiner: self,
            depth: 0,
            documents: Vec::new(),
            quiet: Quiet::default(),
            open: Vec::new(),
        };
        read_document(input, &entry.name, &mut examination);
        let Examination { documents, quiet, .. } = examination;
        let bytes = input.len().unwrap_or(entry.size);
        EntryReport {
            documents: documents.into_iter().flatten().collect(),
            quiet,
            seam: input.seam(),
            ..EntryReport::of(&entry.path, bytes)
        }
    }
}

/// The documents of one entry.
struct Examination<'x, 'e> {
    examiner: &'x mut Examiner<'e>,
    depth: usize,
    documents: Vec<Option<DocumentReport>>,
    quiet: Quiet,
    /// Where the reports of open documents go, so that a container stands before its members, and the slide each lies on.
    open: Vec<(usize, Option<u32>)>,
}

impl Consumer for Examination<'_, '_> {
    fn begin(&mut self, _members: &[String], slide: Option<u32>) {
        if self.examiner.finders.len() <= self.depth {
            let equipment = self.examiner.equipment;
            self.examiner.finders.push(Finder::new(&equipment.rules, &equipment.sieve));
        }
        self.depth += 1;
        self.open.push((self.documents.len(), slide));
        self.documents.push(None);
    }

    fn segment(&mut self, segment: Segment<'_>) {
        let innermost = self.depth.checked_sub(1).and_then(|depth| self.examiner.finders.get_mut(depth));
        if let Some(finder) = innermost {
            finder.segment(&segment);
        }
    }

    fn end(
        &mut self,
        members: &[String],
        outcome: ReadOutcome,
        digest: &mut dyn FnMut(DigestKind) -> Option<String>,
    ) {
        self.depth = self.depth.saturating_sub(1);
        let equipment = self.examiner.equipment;
        let Some(finder) = self.examiner.finders.get_mut(self.depth) else { return };
        let found = finder.finish();
        let options = Options { context: equipment.settings.context, lang: equipment.settings.lang };
        let mut findings = if found.groups.is_empty() && found.outline.label_numbers.is_empty() {
            Vec::new()
        } else {
            judge(&found, &equipment.rules, options)
        };
        let known = &equipment.rules.known;
        let mut digests: Vec<(DigestKind, String)> = Vec::new();
        digests.extend(found.text.clone().map(|text| (DigestKind::Text, text)));
        for kind in [DigestKind::Sha256, DigestKind::Blake3] {
            let taken = if known.has(kind) { digest(kind) } else { None };
            digests.extend(taken.map(|digest| (kind, digest)));
        }
        for (kind, digest) in &digests {
            if let Some(level) = known.level(*kind, digest) {
                findings.push(known_document(*kind, digest, level, options.lang));
            }
        }
        let mut outcome = outcome;
        if equipment.settings.text_digests {
            let text = found.text.map(|value| Fact { code: "text-digest".to_owned(), value });
            outcome.facts.extend(text);
        }
        let Some((slot, slide)) = self.open.pop() else { return };
        // After judging: the first page of a document on slide 3 is a first page.
        findings.iter_mut().for_each(|finding| finding.place.slide = finding.place.slide.or(slide));
        let quiet = findings.is_empty() && outcome.gaps.is_empty() && !equipment.settings.list_all;
        if quiet {
            match outcome.skipped {
                Some(reason) => *self.quiet.skipped.entry(reason).or_default() += 1,
                None => self.quiet.full += 1,
            }
            // The last placeholder is dropped, so that a million quiet members leave nothing behind.
            if slot + 1 == self.documents.len() {
                self.documents.pop();
            }
            return;
        }
        let report = DocumentReport {
            members: members.to_vec(),
            format: outcome.format.to_owned(),
            bytes: outcome.bytes,
            coverage: outcome.coverage,
            skipped: outcome.skipped,
            gaps: outcome.gaps,
            facts: outcome.facts,
            blake3: if findings.is_empty() && !equipment.settings.digests {
                None
            } else {
                digest(DigestKind::Blake3)
            },
            findings,
        };
        if let Some(place) = self.documents.get_mut(slot) {
            *place = Some(report);
        }
    }

    fn repeated(&mut self, members: &[String], name: &str, first: &str) {
        let is_first = |document: &&mut DocumentReport| {
            document.members.split_last().is_some_and(|(last, way)| last == first && way == members)
        };
        let known = self.documents.iter_mut().flatten().find(is_first);
        if let Some(document) = known.filter(|document| document.facts.len() < MAX_ADDRESSES && name != first)
        {
            let also = Fact { code: "also-at".to_owned(), value: name.to_owned() };
            if !document.facts.contains(&also) {
                document.facts.push(also);
            }
        }
    }
}

/// The finding of a document that stands in a list of known ones.
fn known_document(kind: DigestKind, digest: &str, level: Level, lang: Lang) -> Finding {
    let (rule, code, title) = match kind {
        DigestKind::Text => ("known.text", "known-text", Word::RuleKnownText),
        DigestKind::Sha256 | DigestKind::Blake3 => ("known.file", "known-file", Word::RuleKnownFile),
    };
    let mut hasher = blake3::Hasher::new_derive_key("daumat finding fingerprint v1");
    hasher.update(rule.as_bytes()).update(digest.as_bytes());
    Finding {
        rule: rule.to_owned(),
        pack: "known".to_owned(),
        title: title.get(lang).to_owned(),
        level,
        confidence: 100,
        place: OwnedPlace { kind: Kind::Name, visible: true, ..OwnedPlace::default() },
        matched: format!("{}:{digest}", kind.as_str()),
        reasons: vec![Reason { code: code.to_owned(), points: 100 }],
        context: None,
        fingerprint: hasher.finalize().to_hex().chars().take(32).collect(),
        known: None,
    }
}
