//! What the conductor tells the reader process, in frames (`crate::frames`).

use serde::{Deserialize, Serialize};

use super::examine::Settings;
use crate::rules::Selection;
use crate::walk::Entry;

/// What the conductor tells the reader.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Order {
    /// First of all: how to work.
    Begin(Box<Begin>),
    /// Examine these, in one thread.
    Examine(Vec<Entry>),
}

/// How a reader works.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Begin {
    /// What is looked for.
    pub(super) selection: Selection,
    /// The same for all entries.
    pub(super) settings: Settings,
    /// Threads.
    pub(super) jobs: usize,
    /// Roots that may be read; the sandbox allows nothing else.
    pub(super) roots: Vec<std::ffi::OsString>,
    /// Whether to give up what is not needed.
    pub(super) sandbox: bool,
}
