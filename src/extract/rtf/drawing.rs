//! Pictures that are metafiles: `\\emfblip` and `\\wmetafile` (RTF 1.9.1, "Pictures"), as digits or as they are behind `\\bin`.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Read as _;

use super::object::Digits;
use super::*;
use crate::extract::{Relay, metafile};

impl Reader<'_, '_> {
    /// Pushes the texts of the drawing that begins here: `bytes` as they are, then digits.
    ///
    /// # Errors
    /// When the sink stops.
    pub(super) fn drawing(&mut self, bytes: u64) -> Result<(), Stop> {
        self.state.drawing = false;
        let most = metafile::MAX_DRAWING.min(self.budget.room() / 2);
        let _lease = self.budget.hold(most);
        let mut data = Digits::behind_bin(&mut self.source, bytes);
        let mut content = Vec::new();
        // Reading breaks off where the document does, which is told at its end.
        let _ = (&mut data).take(most).read_to_end(&mut content);
        data.finish();
        if content.len() as u64 == most {
            metafile::too_large(self.sink);
        }
        let place = if self.state.repeats {
            Place::new(Kind::Textbox).hidden().named("picture for old readers")
        } else {
            Place::new(Kind::Textbox).named("picture")
        };
        let mut once = Once { seen: &mut self.boxes, repeats: self.state.repeats, sink: self.sink };
        match metafile::read(&content, place, &mut once) {
            Ok(seen) if !self.state.repeats => self.visible += seen.letters,
            Ok(_) => {}
            Err(Unreadable::Stop) => return Err(Stop),
            Err(Unreadable::Gap { reason, detail }) => self.sink.gap(Gap::new(reason, detail)),
        }
        Ok(())
    }
}

/// Passes on the texts of a drawing; of one that stands for another only those that the other has not.
struct Once<'a> {
    seen: &'a mut HashSet<u64>,
    repeats: bool,
    sink: &'a mut dyn Sink,
}

impl Relay for Once<'_> {
    fn inner(&mut self) -> &mut dyn Sink {
        self.sink
    }

    fn relay(&mut self, segment: Segment<'_>) -> Result<(), Stop> {
        let mut hasher = DefaultHasher::new();
        segment.text.hash(&mut hasher);
        let known = hasher.finish();
        if self.repeats && self.seen.contains(&known) {
            return Ok(());
        }
        if self.seen.len() < MAX_KEPT {
            self.seen.insert(known);
        }
        self.sink.segment(segment)
    }
}
