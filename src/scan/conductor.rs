//! The trusted half: walks, hands out entries, watches the reader process, and gives reports in walk order.
//!
//! It never parses a document. When the reader dies, every entry it had not reported is tried again alone in a new
//! reader; the one that kills it again is recorded, the others are not lost.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::io::{self, BufReader, BufWriter, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::examine::{Equipment, Settings};
use super::parts::{Cutter, Joined, Joiner};
use super::pool::{Event, Pool};
use super::protocol::{Begin, Order};
use super::sandbox::Given;
use crate::frames;
use crate::model::{EntryReport, Gap, GapReason, Span};
use crate::rules::Selection;
use crate::state::{Sighting, State};
use crate::walk::{Entry, Found, Walker};

/// Where documents are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// In a process of their own, which may die.
    Process,
    /// In this process: for embedding and for comparison.
    None,
}

/// How to scan.
pub struct Plan {
    /// What is looked for; the reader process loads it itself.
    pub selection: Selection,
    /// The same for all entries.
    pub settings: Settings,
    /// Threads that read.
    pub jobs: usize,
    /// Where documents are read.
    pub isolation: Isolation,
    /// Whether the reader process gives up what it does not need.
    pub sandbox: bool,
    /// What the reader process may read.
    pub roots: Vec<OsString>,
}

/// Where entries come from.
pub struct Intake<'s> {
    /// Files.
    pub walker: Walker,
    /// What has no file; it goes first.
    pub extra: Vec<Entry>,
    /// What an earlier scan said of files that have not changed.
    pub state: Option<&'s mut State>,
}

/// What goes on while scanning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Entries the walk found so far.
    pub found: u64,
    /// Whether the walk has ended, so that `found` is all there is.
    pub walked: bool,
    /// Entries reported.
    pub done: u64,
    /// Bytes of entries reported.
    pub bytes: u64,
    /// Of them, those told as an earlier scan did, because they have not changed.
    pub recalled: u64,
    /// Readers that died.
    pub crashes: u64,
    /// What the reader process gave up; `None` while there is none.
    pub sandbox: Option<Given>,
}

/// Why a scan could not go on.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The reader process does not start or does not understand.
    #[error("the reader process cannot be used: {0}")]
    Reader(io::Error),
    /// The walk cannot start.
    #[error("the walk cannot start: {0}")]
    Walk(io::Error),
    /// A report cannot be written.
    #[error("{0}")]
    Report(io::Error),
    /// The state cannot be written.
    #[error("the state cannot be written: {0}")]
    State(io::Error),
}

/// How a scan ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Everything was examined.
    Whole,
    /// Somebody stopped it; what was examined until then was reported.
    Interrupted,
}

/// Entries handed out together: enough to make small files cheap, few enough to be tried again one by one.
const BATCH: usize = 48;
/// Bytes of entries handed out together.
const BATCH_BYTES: u64 = 1 << 20;
/// Bytes of entries in work, for each thread; a larger file goes alone. Only the conductor waits for this budget.
const BYTES_IN_WORK: u64 = 32 << 20;
/// Bytes of one part of a long crawl file: half of what a thread may have in work, and some hundred records.
pub(super) const PART: u64 = 16 << 20;
/// Ids of parts; the walk does not come so far.
const PART_IDS: u64 = 1 << 63;
/// Reports that may wait for an earlier one, so that one slow file does not let reports pile up without end.
const MAX_WAITING: u64 = 20_000;
/// How often the conductor looks up when nothing happens: Ctrl-C must end the run within a second.
const TICK: Duration = Duration::from_millis(50);
/// Readers that die without having examined anything: then it is not the documents' fault.
const MAX_STILLBORN: u32 = 3;

/// A reader process that makes its rules ready while nothing is known to read yet. Ended when it is dropped.
pub struct Early(Option<Reader>);

impl Early {
    /// Starts a reader. What goes wrong is told when something is to be read.
    #[must_use]
    pub fn start(plan: &Plan) -> Early {
        let (send, events) = channel();
        let hands = start_process(plan, send).ok();
        Early(hands.map(|hands| Reader { hands, events, proven: false }))
    }
}

impl Drop for Early {
    fn drop(&mut self) {
        if let Some(reader) = self.0.take() {
            end(reader.hands);
        }
    }
}

/// What is there before a scan begins.
pub enum Ready {
    /// Nothing: a reader process is started when something is to be read.
    Nothing,
    /// A reader process.
    Process(Early),
    /// The rules, for [`Isolation::None`].
    Rules(Arc<Equipment>),
}

/// Scans everything the walker finds. `report` gets each entry's report in walk order; `progress` is called often.
///
/// # Errors
/// When the reader process cannot be used, or `report` fails.
pub fn scan(
    plan: &Plan,
    ready: Ready,
    intake: Intake<'_>,
    interrupted: &Arc<AtomicBool>,
    report: &mut dyn FnMut(EntryReport) -> io::Result<()>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Ended, ScanError> {
    let Intake { walker, extra, state } = intake;
    let walk = start_walk(walker, extra, Arc::clone(interrupted)).map_err(ScanError::Walk)?;
    let (reader, equipment) = match ready {
        Ready::Nothing => (None, None),
        Ready::Process(mut early) => (early.0.take(), None),
        Ready::Rules(equipment) => (None, Some(equipment)),
    };
    let mut conductor = Conductor {
        plan,
        equipment,
        state,
        sightings: BTreeMap::new(),
        reader,
        in_work: BTreeMap::new(),
        bytes_in_work: 0,
        batch: Vec::new(),
        batch_bytes: 0,
        suspects: VecDeque::new(),
        probing: None,
        waiting: BTreeMap::new(),
        cutter: None,
        joiner: Joiner::default(),
        next_part: PART_IDS,
        next_report: 0,
        next_place: 0,
        progress: Progress::default(),
        stillborn: 0,
        last_sign: Instant::now(),
    };
    let mut walked = false;
    loop {
        if interrupted.load(Ordering::Relaxed) {
            conductor.stop_reader();
            conductor.give_all(report).map_err(ScanError::Report)?;
            return Ok(Ended::Interrupted);
        }
        while conductor.has_room() {
            if conductor.cut()? {
                continue;
            }
            if walked {
                break;
            }
            match walk.try_recv() {
                Ok(found) => conductor.take(found)?,
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => walked = true,
            }
        }
        conductor.progress.walked = walked;
        conductor.hand_out()?;
        conductor.give(report)?;
        progress(conductor.progress);
        if conductor.is_idle() {
            if walked {
                conductor.stop_reader();
                conductor.give_all(report).map_err(ScanError::Report)?;
                return Ok(Ended::Whole);
            }
            match walk.recv_timeout(TICK) {
                Ok(found) => conductor.take(found)?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => walked = true,
            }
        } else {
            conductor.listen()?;
        }
    }
}

/// Walks in a thread of its own, so that files are counted while the scan already runs.
fn start_walk(
    walker: Walker,
    extra: Vec<Entry>,
    interrupted: Arc<AtomicBool>,
) -> io::Result<Receiver<Found>> {
    let (send, receive) = sync_channel(8_192);
    let walk = move || {
        let first = extra.len() as u64;
        for entry in extra {
            if send.send(Found::Entry(entry)).is_err() {
                return;
            }
        }
        walker.run(first, &mut |found| !interrupted.load(Ordering::Relaxed) && send.send(found).is_ok());
    };
    // A walk that does not start must not look like a folder without files.
    thread::Builder::new().name("walk".to_owned()).spawn(walk)?;
    Ok(receive)
}

/// A running reader, whichever kind.
struct Reader {
    hands: Hands,
    events: Receiver<Event>,
    /// Whether it has given any report.
    proven: bool,
}

/// A report whose turn has not come.
struct Waiting {
    size: u64,
    report: EntryReport,
    /// What was examined, when it was a part of a file: it may have to be read again.
    part: Option<Entry>,
}

enum Hands {
    Process { child: Child, orders: BufWriter<ChildStdin> },
    Threads(Pool),
}

struct Conductor<'p> {
    plan: &'p Plan,
    equipment: Option<Arc<Equipment>>,
    state: Option<&'p mut State>,
    /// What files looked like that are read and to be remembered, by the place of their first report.
    sightings: BTreeMap<u64, Sighting>,
    reader: Option<Reader>,
    /// Handed out and not reported, by id; the number is its place in the order of reports.
    in_work: BTreeMap<u64, (u64, Entry)>,
    bytes_in_work: u64,
    batch: Vec<(u64, Entry)>,
    batch_bytes: u64,
    /// Entries that a dead reader had not reported, to be tried alone.
    suspects: VecDeque<(u64, Entry)>,
    /// The suspect being tried.
    probing: Option<u64>,
    waiting: BTreeMap<u64, Waiting>,
    /// A long file that is being handed out in parts.
    cutter: Option<Cutter>,
    /// The long file whose parts are being reported.
    joiner: Joiner,
    next_part: u64,
    next_report: u64,
    next_place: u64,
    progress: Progress,
    stillborn: u32,
    last_sign: Instant,
}

impl Conductor<'_> {
    fn is_idle(&self) -> bool {
        self.in_work.is_empty() && self.batch.is_empty() && self.suspects.is_empty() && self.cutter.is_none()
    }

    fn has_room(&self) -> bool {
        let budget = BYTES_IN_WORK * self.plan.jobs.max(1) as u64;
        self.suspects.is_empty()
            && self.probing.is_none()
            && self.bytes_in_work + self.batch_bytes < budget
            && self.in_work.len() + self.batch.len() < BATCH * 4 * self.plan.jobs.max(1)
            && self.next_place - self.next_report < MAX_WAITING
    }

    fn take(&mut self, found: Found) -> Result<(), ScanError> {
        self.progress.found += 1;
        match found {
            Found::Unread { path, gap, skipped } => {
                let report = EntryReport::unread(&path, 0, gap, skipped);
                self.waiting.insert(self.next_place, Waiting { size: 0, report, part: None });
                self.next_place += 1;
                Ok(())
            }
            Found::Entry(entry) if self.recall(&entry)? => Ok(()),
            Found::Entry(entry) => match Cutter::new(entry, self.plan.settings.limits.max_file_size) {
                Ok(cutter) => {
                    self.cutter = Some(cutter);
                    Ok(())
                }
                Err(entry) => self.put(entry),
            },
        }
    }

    /// Gives the report of an earlier scan, if the file has not changed since; otherwise notes what it looks like.
    fn recall(&mut self, entry: &Entry) -> Result<bool, ScanError> {
        let Some(state) = &mut self.state else { return Ok(false) };
        let Some(sighting) = Sighting::of(entry) else { return Ok(false) };
        match state.recall(&sighting).map_err(ScanError::State)? {
            Some(report) => {
                self.progress.recalled += 1;
                self.waiting.insert(self.next_place, Waiting { size: entry.size, report, part: None });
                self.next_place += 1;
                Ok(true)
            }
            None => {
                self.sightings.insert(self.next_place, sighting);
                Ok(false)
            }
        }
    }

    /// Keeps the report whose turn it is for the next scan.
    fn remember(&mut self, report: &EntryReport) -> io::Result<()> {
        let Some(sighting) = self.sightings.first_entry().filter(|first| *first.key() <= self.next_report)
        else {
            return Ok(());
        };
        let sighting = sighting.remove();
        self.state.as_mut().map_or(Ok(()), |state| state.remember(&sighting, report))
    }

    /// Takes the next part of the file at hand; false when there is none.
    fn cut(&mut self) -> Result<bool, ScanError> {
        let Some(part) = self.cutter.as_mut().and_then(|cutter| cutter.part(self.next_part)) else {
            self.cutter = None;
            return Ok(false);
        };
        self.next_part += 1;
        self.put(part)?;
        Ok(true)
    }

    /// Gives an entry or part the next place in the order.
    fn put(&mut self, entry: Entry) -> Result<(), ScanError> {
        self.batch_bytes += entry.size;
        self.batch.push((self.next_place, entry));
        self.next_place += 1;
        if self.batch.len() >= BATCH || self.batch_bytes >= BATCH_BYTES { self.hand_out() } else { Ok(()) }
    }

    /// Gives the collected entries, or the next suspect, to the reader.
    fn hand_out(&mut self) -> Result<(), ScanError> {
        if self.probing.is_some() {
            return Ok(());
        }
        if self.in_work.is_empty()
            && let Some((place, entry)) = self.suspects.pop_front()
        {
            self.probing = Some(entry.id);
            return self.send(vec![(place, entry)]);
        }
        if self.batch.is_empty() || !self.suspects.is_empty() {
            return Ok(());
        }
        self.batch_bytes = 0;
        let batch = std::mem::take(&mut self.batch);
        self.send(batch)
    }

    fn send(&mut self, batch: Vec<(u64, Entry)>) -> Result<(), ScanError> {
        if self.in_work.is_empty() {
            self.last_sign = Instant::now();
        }
        let entries: Vec<Entry> = batch.iter().map(|(_, entry)| entry.clone()).collect();
        for (place, entry) in batch {
            self.bytes_in_work += entry.size;
            self.in_work.insert(entry.id, (place, entry));
        }
        if self.reader.is_none() {
            self.reader = Some(self.start_reader()?);
        }
        let sent = match self.reader.as_mut().map(|reader| &mut reader.hands) {
            Some(Hands::Process { orders, .. }) => {
                frames::write(orders, &Order::Examine(entries)).and_then(|()| orders.flush())
            }
            Some(Hands::Threads(pool)) => {
                pool.submit(entries);
                Ok(())
            }
            None => Ok(()),
        };
        if sent.is_err() { self.reader_died() } else { Ok(()) }
    }

    fn start_reader(&self) -> Result<Reader, ScanError> {
        let (send, events) = channel();
        let hands = match (&self.equipment, self.plan.isolation) {
            (Some(equipment), Isolation::None) => {
                Hands::Threads(Pool::start(equipment, self.plan.jobs, send))
            }
            _ => start_process(self.plan, send).map_err(ScanError::Reader)?,
        };
        Ok(Reader { hands, events, proven: false })
    }

    /// Waits for the reader for a moment.
    fn listen(&mut self) -> Result<(), ScanError> {
        let Some(reader) = &mut self.reader else { return self.hand_out() };
        match reader.events.recv_timeout(TICK) {
            Ok(Event::Done(reports)) => {
                reader.proven = true;
                self.stillborn = 0;
                self.last_sign = Instant::now();
                for (id, report) in reports {
                    self.finished(id, report);
                }
                Ok(())
            }
            Ok(Event::Ready(given)) => {
                self.progress.sandbox = Some(given);
                Ok(())
            }
            Ok(Event::Hung(id)) => self.hung(id),
            Err(RecvTimeoutError::Disconnected) => self.reader_died(),
            Err(RecvTimeoutError::Timeout) => {
                // The watchdog inside the reader speaks first; this is for a reader that cannot even do that.
                let patience = self.plan.settings.limits.timeout * 3 + Duration::from_secs(30);
                if self.last_sign.elapsed() > patience && self.plan.isolation == Isolation::Process {
                    return self.reader_died();
                }
                Ok(())
            }
        }
    }

    fn finished(&mut self, id: u64, report: EntryReport) {
        let Some((place, entry)) = self.in_work.remove(&id) else { return };
        self.bytes_in_work = self.bytes_in_work.saturating_sub(entry.size);
        if self.probing == Some(id) {
            self.probing = None;
        }
        let size = entry.size;
        let part = entry.span.is_some().then_some(entry);
        self.waiting.insert(place, Waiting { size, report, part });
    }

    /// Records an entry that cost its reader, as the only document lost.
    fn lost(&mut self, id: u64, gap: Gap) {
        let Some((_, entry)) = self.in_work.get(&id) else { return };
        let report = EntryReport::unread(&entry.path, entry.size, Some(gap), None);
        self.finished(id, report);
    }

    fn hung(&mut self, id: u64) -> Result<(), ScanError> {
        let seconds = self.plan.settings.limits.timeout.as_secs();
        self.lost(
            id,
            Gap::new(GapReason::Timeout, format!("not read within {seconds} s; the reader was ended")),
        );
        if self.plan.isolation == Isolation::None {
            // A thread cannot be ended. It stays with its document; the others go on.
            return Ok(());
        }
        self.stop_reader();
        self.progress.crashes += 1;
        // The others did nothing wrong: they are handed out as before.
        let others: Vec<(u64, Entry)> = std::mem::take(&mut self.in_work).into_values().collect();
        self.bytes_in_work = 0;
        self.probing = None;
        self.suspects.extend(others);
        Ok(())
    }

    fn reader_died(&mut self) -> Result<(), ScanError> {
        let proven = self.reader.as_ref().is_some_and(|reader| reader.proven);
        // Reports that were under way when it died count.
        while let Some(Ok(event)) = self.reader.as_ref().map(|reader| reader.events.recv_timeout(TICK)) {
            if let Event::Done(reports) = event {
                reports.into_iter().for_each(|(id, report)| self.finished(id, report));
            }
        }
        let how = self.stop_reader();
        self.progress.crashes += 1;
        if !proven && self.probing.is_none() {
            self.stillborn += 1;
            if self.stillborn > MAX_STILLBORN {
                return Err(ScanError::Reader(io::Error::other(format!(
                    "it ends before it reads anything ({how})"
                ))));
            }
        }
        if let Some(id) = self.probing.take() {
            self.lost(id, Gap::new(GapReason::Crash, format!("the reader died on it ({how})")));
        }
        let others: Vec<(u64, Entry)> = std::mem::take(&mut self.in_work).into_values().collect();
        self.bytes_in_work = 0;
        self.suspects.extend(others);
        Ok(())
    }

    /// Ends the reader; says how it ended.
    fn stop_reader(&mut self) -> String {
        self.reader.take().map(|reader| end(reader.hands)).unwrap_or_default()
    }

    /// Gives the reports whose turn it is.
    fn give(&mut self, report: &mut dyn FnMut(EntryReport) -> io::Result<()>) -> Result<(), ScanError> {
        while let Some(Waiting { size, report: ready, part }) = self.waiting.remove(&self.next_report) {
            let whole = match part {
                None => ready,
                Some(mut part) => {
                    let span = part.span.unwrap_or(Span { start: 0, end: u64::MAX, exact: true });
                    match self.joiner.add(span, ready) {
                        Joined::Whole(whole) => whole,
                        Joined::More => {
                            self.next_report += 1;
                            self.progress.bytes += size;
                            continue;
                        }
                        Joined::Again(span) => {
                            part.span = Some(span);
                            self.batch_bytes += part.size;
                            self.batch.push((self.next_report, part));
                            return Ok(());
                        }
                    }
                }
            };
            self.remember(&whole).map_err(ScanError::State)?;
            self.next_report += 1;
            self.progress.done += 1;
            self.progress.bytes += size;
            report(whole).map_err(ScanError::Report)?;
        }
        Ok(())
    }

    /// Gives what there is, in order, whether or not earlier ones are missing.
    fn give_all(&mut self, report: &mut dyn FnMut(EntryReport) -> io::Result<()>) -> io::Result<()> {
        for Waiting { size, report: ready, part } in std::mem::take(&mut self.waiting).into_values() {
            self.progress.bytes += size;
            let whole = match part.and_then(|part| part.span) {
                None => ready,
                // Nothing is read again any more.
                Some(span) => match self.joiner.add(Span { exact: true, ..span }, ready) {
                    Joined::Whole(whole) => whole,
                    Joined::More | Joined::Again(_) => continue,
                },
            };
            self.progress.done += 1;
            report(whole)?;
        }
        // A file of which only some parts were read.
        match self.joiner.finish() {
            Some(begun) => report(begun),
            None => Ok(()),
        }
    }
}

impl Drop for Conductor<'_> {
    fn drop(&mut self) {
        self.stop_reader();
    }
}

/// Starts a reader process and tells it how to work.
fn start_process(plan: &Plan, events: Sender<Event>) -> io::Result<Hands> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg(READER_VERB)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let (Some(orders), Some(reports)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(io::Error::other("no pipes"));
    };
    let mut orders = BufWriter::with_capacity(64 << 10, orders);
    let begin = Begin {
        selection: plan.selection.clone(),
        settings: plan.settings.clone(),
        jobs: plan.jobs,
        roots: plan.roots.clone(),
        sandbox: plan.sandbox,
    };
    frames::write(&mut orders, &Order::Begin(Box::new(begin)))?;
    orders.flush()?;
    thread::Builder::new().name("reports".to_owned()).spawn(move || {
        let mut reports = BufReader::with_capacity(256 << 10, reports);
        // A torn message is the end of the reader as much as the end of its output is.
        while let Ok(Some(event)) = frames::read::<Event>(&mut reports) {
            if events.send(event).is_err() {
                return;
            }
        }
    })?;
    Ok(Hands::Process { child, orders })
}

/// Ends a reader; says how it ended.
fn end(hands: Hands) -> String {
    match hands {
        Hands::Process { mut child, orders } => {
            drop(orders.into_parts());
            drop(child.kill());
            child.wait().map_or_else(|error| error.to_string(), |status| status.to_string())
        }
        Hands::Threads(pool) => {
            // Threads that hang would never be joined.
            std::mem::forget(pool);
            String::new()
        }
    }
}

/// The hidden verb that makes the binary a reader.
pub const READER_VERB: &str = "__reader";
