//! Finds documents that bear a classification marking, says where it stands and why, and what could not be read.
//!
//! ```text
//!  conductor process (never parses a document)              reader process (may die)
//!  walk ─► entries in stable order ─► byte budget ── entry ─► identify ─► extract ─segments─► fold ─► find ─► judge
//!  report ◄─ baseline ◄─ order ◄─ state       ◄─ report ──      └─members─► identify (the same door again)
//! ```
//!
//! Stages know [`model`] and not each other; only [`scan`] knows all. Between scans, [`baseline`] keeps findings that are known,
//! [`state`] what was said of files that have not changed, and [`evidence`] a signed proof; [`doctor`] shows what is read here.
//! [`report`] writes what was found, in the words of [`text`].

pub mod model;

pub mod walk;

pub mod extract;
pub mod identify;

pub mod find;
pub mod fold;
pub mod judge;
pub mod rules;

mod frames;
pub mod scan;

pub mod state;

pub mod baseline;
pub mod doctor;
pub mod evidence;

pub mod report;
pub mod text;

pub mod cli;
