//! The few types that travel between the stages. Depends on nothing else in this crate.
//!
//! An *entry* is a file the walk found. A *document* is bytes of one format; a *member* is a document inside
//! another. A *segment* is what a reader of a format sees as one piece of text; it has a *place* and a *style*.
//! A *gap* is a spot that could not be read. A *finding* is a judged claim about a document.

mod finding;
mod gap;
mod level;
mod locator;
mod outcome;
mod part;
mod place;
mod segment;

pub use finding::{Band, Finding, Reason, Suppression};
pub use gap::{Gap, GapReason, SkipReason};
pub use level::Level;
pub use locator::{Locator, show_path};
pub use outcome::{Coverage, DocumentReport, EntryReport, Fact, Quiet};
pub use part::{Seam, Span};
pub use place::{Cell, Kind, OwnedPlace, Place};
pub use segment::{Area, Segment, Shape, Style};
