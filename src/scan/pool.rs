//! Threads that examine entries, and a watchdog over them. Runs inside the reader process, or inside the conductor's
//! with `--isolation none`.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::examine::{Equipment, Examiner};
use super::sandbox::Given;
use crate::model::EntryReport;
use crate::walk::Entry;

/// How long a reader that does not look at the clock may go on after its time is over.
const GRACE: Duration = Duration::from_secs(2);
/// How often the watchdog looks.
const WATCH: Duration = Duration::from_millis(250);
/// Stack of an examining thread: readers keep their own stacks, but libraries recurse within their limits.
const STACK: usize = 16 << 20;

/// What threads report.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Event {
    /// Entries were examined.
    Done(Vec<(u64, EntryReport)>),
    /// What the reader gave up before it began.
    Ready(Given),
    /// A thread works on this entry longer than allowed and does not stop.
    Hung(u64),
}

/// What a thread works on since when.
type Clock = Arc<Mutex<Option<(u64, Instant)>>>;

/// See the module's head.
pub(super) struct Pool {
    work: Option<Sender<Vec<Entry>>>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Pool {
    /// Starts `jobs` threads; each event is handed to `events`.
    #[must_use]
    pub(super) fn start(equipment: &Arc<Equipment>, jobs: usize, events: Sender<Event>) -> Pool {
        let (work, queue) = channel::<Vec<Entry>>();
        let queue = Arc::new(Mutex::new(queue));
        let mut threads = Vec::new();
        let mut clocks = Vec::new();
        for number in 0..jobs.max(1) {
            let clock: Clock = Arc::default();
            clocks.push(Arc::clone(&clock));
            let (equipment, queue, events) = (Arc::clone(equipment), Arc::clone(&queue), events.clone());
            let builder = thread::Builder::new().name(format!("examine-{number}")).stack_size(STACK);
            // A thread that cannot be started is one thread fewer; with none, the channel closes and the conductor sees it.
            threads.extend(builder.spawn(move || examine(&equipment, &queue, &clock, &events)));
        }
        let patience = equipment.settings.limits.timeout + GRACE;
        // Not joined: it ends with the process, or when nobody listens.
        drop(
            thread::Builder::new()
                .name("watchdog".to_owned())
                .spawn(move || watch(&clocks, patience, &events)),
        );
        Pool { work: Some(work), threads }
    }

    /// Queues entries for one thread.
    pub(super) fn submit(&self, entries: Vec<Entry>) {
        if let Some(work) = &self.work {
            // Fails only when every thread has ended; then the events' channel is closed, too.
            drop(work.send(entries));
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        drop(self.work.take());
        for thread in self.threads.drain(..) {
            drop(thread.join());
        }
    }
}

fn examine(
    equipment: &Equipment,
    queue: &Mutex<Receiver<Vec<Entry>>>,
    clock: &Clock,
    events: &Sender<Event>,
) {
    let mut examiner = Examiner::new(equipment);
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(entries) = next else { return };
        let mut done = Vec::with_capacity(entries.len());
        for entry in entries {
            *clock.lock().unwrap_or_else(PoisonError::into_inner) = Some((entry.id, Instant::now()));
            #[cfg(feature = "fault-injection")]
            super::fault::obey(&entry);
            done.push((entry.id, examiner.entry(&entry)));
        }
        *clock.lock().unwrap_or_else(PoisonError::into_inner) = None;
        if events.send(Event::Done(done)).is_err() {
            return;
        }
    }
}

fn watch(clocks: &[Clock], patience: Duration, events: &Sender<Event>) {
    let mut told: Vec<u64> = Vec::new();
    loop {
        thread::sleep(WATCH);
        // Only the watchdog's own handle is left when all threads have ended.
        if clocks.iter().all(|clock| Arc::strong_count(clock) == 1) {
            return;
        }
        for clock in clocks {
            let current = *clock.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((id, since)) = current
                && since.elapsed() > patience
                && !told.contains(&id)
            {
                told.push(id);
                if events.send(Event::Hung(id)).is_err() {
                    return;
                }
            }
        }
    }
}
