//! The one door every document passes, whether it is a file or lies inside another: identify, read, decide the
//! coverage. Depth, count, time and size are watched here.

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use crate::extract::limits::Budget;
use crate::extract::{Input, Member, Sink, Stop, Unreadable, Window, percent_decoded};
use crate::identify::{Identity, identify};
use crate::model::{Coverage, Fact, Gap, GapReason, Kind, Place, Seam, Segment, SkipReason, Span};
use crate::rules::DigestKind;

/// Takes the text of documents in reading order. A document's members come between its own segments, so `members`
/// is given with each call's `begin` and `end`.
pub trait Consumer {
    /// A document begins. Documents nest: a member begins before its container ends. `slide`: it lies on that slide of a
    /// presentation around it.
    fn begin(&mut self, members: &[String], slide: Option<u32>);
    /// A piece of text of the innermost document.
    fn segment(&mut self, segment: Segment<'_>);
    /// The innermost document ends. `digest` gives SHA-256 or BLAKE3 of its content in hex, where that can be told.
    fn end(
        &mut self,
        members: &[String],
        outcome: ReadOutcome,
        digest: &mut dyn FnMut(DigestKind) -> Option<String>,
    );
    /// A document `name` in the one that `members` leads to has the same content as `first` in it, which was read.
    fn repeated(&mut self, _members: &[String], _name: &str, _first: &str) {}
}

/// How reading a document ended.
#[derive(Debug)]
pub struct ReadOutcome {
    /// Name of the format.
    pub format: &'static str,
    /// Bytes of the document, as far as they are known.
    pub bytes: u64,
    /// How much was read.
    pub coverage: Coverage,
    /// Left out on purpose.
    pub skipped: Option<SkipReason>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// What was noted besides.
    pub facts: Vec<Fact>,
}

/// Reads one document and everything in it.
///
/// `name` is what the name rules see: for an entry its path below the scan's root, for a member its name in the container.
pub fn read_document(input: &mut Input<'_>, name: &str, consumer: &mut dyn Consumer) {
    let mut members = Vec::new();
    pass(input, name, &mut members, Known::default(), consumer);
}

/// Two gaps of the same reason beyond this many are only counted: a damaged mailbox must not fill the report.
const MAX_GAPS: usize = 200;

/// What the container knows of a document.
#[derive(Debug, Default)]
struct Known {
    facts: Vec<Fact>,
    /// The slide it lies on.
    slide: Option<u32>,
}

fn pass(
    input: &mut Input<'_>,
    name: &str,
    members: &mut Vec<String>,
    known: Known,
    consumer: &mut dyn Consumer,
) {
    consumer.begin(members, known.slide);
    consumer.segment(Segment::new(&percent_decoded(name), Place::new(Kind::Name)));
    let identity = identify(input);
    let budget = Rc::clone(input.budget());
    let mut door = Door {
        consumer,
        members,
        budget,
        format: identity.name(),
        gaps: Vec::new(),
        facts: known.facts,
        slide: known.slide,
        skipped: None,
        next: Known::default(),
        pushed: false,
        since_clock: 0,
    };
    let mut bytes = input.len();
    match identity {
        Identity::Skip(reason, _) => door.skipped = Some(reason),
        Identity::Empty => {}
        Identity::Unsupported(format) => {
            door.gap(Gap::new(GapReason::Unsupported, format!("format not read: {format}")));
        }
        Identity::Read(format) => {
            let extension = input.extension();
            let known = format.extensions();
            if !known.is_empty() && !extension.is_empty() && !known.contains(&extension.as_str()) {
                door.fact("extension", extension);
            }
            // A panic of a reader is a defect of ours that costs the rest of one document, not the run.
            let result = catch_unwind(AssertUnwindSafe(|| format.read(input, &mut door)));
            match result {
                Ok(Ok(()) | Err(Unreadable::Stop)) => {}
                Ok(Err(Unreadable::Gap { reason, detail })) => door.gap(Gap::new(reason, detail)),
                Err(panic) => door.gap(Gap::new(GapReason::Crash, panic_text(panic.as_ref()))),
            }
            bytes = bytes.or_else(|| input.len());
        }
    }
    if let Some(Unreadable::Gap { reason, detail }) = input.take_damage() {
        door.gap(Gap::new(reason, detail));
    }
    let coverage = match (door.gaps.is_empty(), door.pushed) {
        (true, _) => Coverage::Full,
        (false, true) => Coverage::Partial,
        (false, false) => Coverage::None,
    };
    let Door { format, gaps, facts, skipped, .. } = door;
    let bytes = bytes.unwrap_or(0);
    let outcome = ReadOutcome { format, bytes, coverage, skipped, gaps, facts };
    let mut digest = |kind| match kind {
        DigestKind::Sha256 => input.sha256(),
        DigestKind::Blake3 => input.digest(),
        DigestKind::Text => None,
    };
    consumer.end(members, outcome, &mut digest);
}

/// What a panic said, without its backtrace.
fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    format!("the reader panicked: {}", text.chars().take(200).collect::<String>())
}

struct Door<'c> {
    consumer: &'c mut dyn Consumer,
    members: &'c mut Vec<String>,
    budget: Rc<Budget>,
    format: &'static str,
    gaps: Vec<Gap>,
    facts: Vec<Fact>,
    skipped: Option<SkipReason>,
    /// The slide that the document lies on.
    slide: Option<u32>,
    /// What is known of the member that comes next.
    next: Known,
    /// Whether anything of the document itself was read.
    pushed: bool,
    /// Text bytes since the clock was last looked at.
    since_clock: usize,
}

/// The clock is looked at once per this many bytes of text; reading it for every cell would cost more than the cell.
const CLOCK_STEP: usize = 64 << 10;

impl Door<'_> {
    /// Whether one more document may be read, here and so deep.
    fn lets_in(&mut self, member: Member<'_>) -> Result<bool, Stop> {
        self.check_clock()?;
        if !self.budget.another_document() {
            return Err(self.stop(GapReason::LimitCount, "more documents inside one file than allowed"));
        }
        if self.members.len() >= self.budget.limits.max_archive_depth as usize {
            self.unread_member(member, Gap::new(GapReason::LimitDepth, "nested deeper than allowed"));
            return Ok(false);
        }
        self.pushed = true;
        Ok(true)
    }

    fn go_in<'m>(&mut self, member: Member<'m>, input: Input<'m>) -> Option<Seam> {
        let mut input = input.declared(member.media, member.charset);
        let known = self.known_of_next();
        self.members.push(member.name.to_owned());
        pass(&mut input, member.name, self.members, known, self.consumer);
        self.members.pop();
        input.seam()
    }

    fn known_of_next(&mut self) -> Known {
        let Known { facts, slide } = std::mem::take(&mut self.next);
        Known { facts, slide: slide.or(self.slide) }
    }

    fn cannot_open(&mut self, member: Member<'_>, error: std::io::Error) {
        let gap: Option<Gap> = Unreadable::from(error).into();
        if let Some(gap) = gap {
            self.unread_member(member, gap);
        }
    }

    fn stop(&mut self, reason: GapReason, detail: &str) -> Stop {
        self.gap(Gap::new(reason, detail));
        Stop
    }

    fn check_clock(&mut self) -> Result<(), Stop> {
        if self.budget.is_late() {
            return Err(self.stop(GapReason::Timeout, "the time for this file is over"));
        }
        Ok(())
    }
}

impl Sink for Door<'_> {
    fn segment(&mut self, segment: Segment<'_>) -> Result<(), Stop> {
        self.pushed = true;
        self.since_clock += segment.text.len() + 64;
        if self.since_clock > CLOCK_STEP {
            self.since_clock = 0;
            self.check_clock()?;
        }
        self.consumer.segment(segment);
        Ok(())
    }

    fn member(&mut self, member: Member<'_>, content: &mut dyn Read) -> Result<(), Stop> {
        if !self.lets_in(member)? {
            return Ok(());
        }
        let budget = Rc::clone(&self.budget);
        match Input::from_stream(member.name, content, &budget) {
            Ok(input) => drop(self.go_in(member, input)),
            Err(error) => self.cannot_open(member, error),
        }
        Ok(())
    }

    fn member_in_memory(&mut self, member: Member<'_>, content: &[u8]) -> Result<(), Stop> {
        if self.lets_in(member)? {
            let budget = Rc::clone(&self.budget);
            self.go_in(member, Input::from_bytes(member.name, content, &budget));
        }
        Ok(())
    }

    fn member_part(
        &mut self,
        member: Member<'_>,
        window: Window<'_>,
        part: Span,
    ) -> Result<Option<Seam>, Stop> {
        if !self.lets_in(member)? {
            return Ok(None);
        }
        let budget = Rc::clone(&self.budget);
        Ok(match Input::from_window(member.name, window, &budget) {
            Ok(input) => self.go_in(member, input.part(Some(part))),
            Err(error) => {
                self.cannot_open(member, error);
                None
            }
        })
    }

    fn about_next(&mut self, code: &'static str, value: String) {
        self.next.facts.push(Fact { code: code.to_owned(), value });
    }

    fn next_on_slide(&mut self, slide: Option<u32>) {
        self.next.slide = slide;
    }

    fn repeated(&mut self, name: &str, first: &str) -> Result<(), Stop> {
        self.check_clock()?;
        self.consumer.repeated(self.members, name, first);
        Ok(())
    }

    fn unread_member(&mut self, member: Member<'_>, gap: Gap) {
        self.pushed = true;
        let known = self.known_of_next();
        self.members.push(member.name.to_owned());
        self.consumer.begin(self.members, known.slide);
        self.consumer.segment(Segment::new(&percent_decoded(member.name), Place::new(Kind::Name)));
        let outcome = ReadOutcome {
            format: "unknown",
            bytes: 0,
            coverage: Coverage::None,
            skipped: None,
            gaps: vec![gap],
            facts: known.facts,
        };
        self.consumer.end(self.members, outcome, &mut |_| None);
        self.members.pop();
    }

    fn gap(&mut self, gap: Gap) {
        if self.gaps.len() < MAX_GAPS && !self.gaps.contains(&gap) {
            self.gaps.push(gap);
        }
    }

    fn fact(&mut self, code: &'static str, value: String) {
        if self.facts.len() < MAX_GAPS {
            self.facts.push(Fact { code: code.to_owned(), value });
        }
    }

    fn skip(&mut self, reason: SkipReason) {
        self.skipped = Some(reason);
    }

    fn format(&mut self, name: &'static str) {
        self.format = name;
    }
}
