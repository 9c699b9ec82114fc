//! The reader process: gets entries on standard input, gives reports on standard output. It may die; the conductor
//! sees to it that this costs one document.

use std::io::{self, BufReader, BufWriter, Write as _};
use std::sync::mpsc::channel;
use std::thread;

use super::examine::Equipment;
use super::pool::{Event, Pool};
use super::protocol::{Begin, Order};
use super::sandbox;
use crate::frames;
use crate::rules;

/// Runs until standard input ends.
///
/// # Errors
/// When the conductor is gone or speaks another language; when the rules do not load.
pub fn run() -> io::Result<()> {
    let mut orders = BufReader::with_capacity(64 << 10, io::stdin().lock());
    let Some(Order::Begin(begin)) = frames::read(&mut orders)? else { return Ok(()) };
    let Begin { selection, settings, jobs, roots, sandbox } = *begin;
    let rules = rules::load(&selection).map_err(io::Error::other)?;
    let equipment = Equipment::new(rules, settings);
    let given = if sandbox { sandbox::enter(&roots, jobs) } else { sandbox::Given::default() };
    // Ctrl-C goes to the whole process group; the conductor decides what it means for us. The handler is a thread, and
    // threads that started before the sandbox would stand outside it.
    drop(ctrlc::set_handler(|| {}));
    let (events, happened) = channel();
    drop(events.send(Event::Ready(given)));
    let pool = Pool::start(&equipment, jobs, events);
    let writer = thread::Builder::new().name("reports".to_owned()).spawn(move || -> io::Result<()> {
        let mut out = BufWriter::with_capacity(256 << 10, io::stdout().lock());
        while let Ok(event) = happened.recv() {
            frames::write(&mut out, &event)?;
            // Whatever else is ready goes into the same write.
            while let Ok(event) = happened.try_recv() {
                frames::write(&mut out, &event)?;
            }
            out.flush()?;
        }
        Ok(())
    })?;
    while let Some(Order::Examine(entries)) = frames::read(&mut orders)? {
        pool.submit(entries);
    }
    // The conductor has what it wanted, or is gone: waiting for threads that still work would help nobody.
    std::mem::forget(pool);
    drop(writer);
    Ok(())
}
