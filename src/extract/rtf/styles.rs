//! What style sheets hold: names, and headers of page styles (LibreOffice's `\\pgdsctbl`).

use std::collections::HashSet;

use super::super::look::{Fonts, Look};
use super::super::xml::has_letter;
use super::super::{Sink, Stop};
use super::MAX_KEPT;
use crate::model::{Kind, Place, Segment};

/// Pushes the names of styles, which end in a semicolon each.
///
/// # Errors
/// When the sink stops.
pub(super) fn names(text: &str, sink: &mut dyn Sink) -> Result<(), Stop> {
    let names = text.split([';', '\n']).map(str::trim).filter(|name| has_letter(name));
    let mut names = names.map(|name| Segment::new(name, Place::new(Kind::Property).hidden().named("style")));
    names.try_for_each(|name| sink.segment(name))
}

/// Headers and footers of page styles. They stand before the document, which repeats those it uses.
#[derive(Default)]
pub(super) struct PageStyles {
    kept: Vec<(Kind, String, Look)>,
    used: HashSet<String>,
}

impl PageStyles {
    /// A header or footer of a page style.
    pub(super) fn keep(&mut self, kind: Kind, text: &str, look: Look) {
        if has_letter(text) && self.kept.len() < MAX_KEPT {
            self.kept.push((kind, text.to_owned(), look));
        }
    }

    /// A header or footer that the document shows.
    pub(super) fn used(&mut self, text: &str) {
        if !self.kept.is_empty() && self.used.len() < MAX_KEPT {
            self.used.insert(text.to_owned());
        }
    }

    /// Pushes those that the document never showed.
    ///
    /// # Errors
    /// When the sink stops.
    pub(super) fn push_unused(&mut self, fonts: &Fonts, sink: &mut dyn Sink) -> Result<(), Stop> {
        let used = std::mem::take(&mut self.used);
        for (kind, text, look) in self.kept.drain(..).filter(|(_, text, _)| !used.contains(text)) {
            let place = Place::new(kind).hidden().named("page style");
            sink.segment(Segment::new(&text, place).styled(look.style(fonts)))?;
        }
        Ok(())
    }
}
