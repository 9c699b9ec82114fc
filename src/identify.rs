//! What a document is, by content before name.
//!
//! In: its first bytes, extension and declared type. Out: the reader that takes it, or that it is a known medium
//! without text, or that nobody here reads it. Left out: formats that show only inside (docx in zip); their reader
//! refines the name.

use crate::extract::{FORMATS, Format, Head, Input};
use crate::model::SkipReason;

/// What is to be done with a document.
#[derive(Clone, Copy)]
pub enum Identity {
    /// Read it.
    Read(&'static dyn Format),
    /// Leave it out: a known medium without text. The name is the format's.
    Skip(SkipReason, &'static str),
    /// Nobody reads it. The name is the format's, or `unknown`.
    Unsupported(&'static str),
}

impl Identity {
    /// Short lower-case name of the format, as shown in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Identity::Read(format) => format.name(),
            Identity::Skip(_, name) | Identity::Unsupported(name) => name,
        }
    }
}

/// Says what a document is.
#[must_use]
pub fn identify(input: &Input<'_>) -> Identity {
    if input.is_empty() {
        return Identity::Skip(SkipReason::Empty, "empty");
    }
    let extension = input.extension();
    let head = Head { bytes: input.head(), extension: &extension, media: input.media() };
    match FORMATS.iter().find(|format| format.matches(&head)) {
        Some(format) => Identity::Read(*format),
        None => Identity::Unsupported("unknown"),
    }
}
