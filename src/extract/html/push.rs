//! Pushing what was collected: blocks of the body, what is not seen, and lists of values.

use super::{BLOCK, Page};
use crate::extract::{Sink, Stop};
use crate::model::{Kind, Place, Segment};

impl Page<'_, '_> {
    pub(super) fn unseen_piece(&mut self, text: &str, name: &'static str, offset: usize) -> Result<(), Stop> {
        if text.trim().is_empty() {
            return Ok(());
        }
        let line = self.lines.at(self.text, offset);
        let place = Place { line: Some(line), ..Place::new(Kind::Hidden) }.hidden().named(name);
        self.sink.segment(Segment::lines(text, place))
    }

    pub(super) fn flush_unseen(&mut self, why: &'static str) -> Result<(), Stop> {
        if self.unseen.text.is_empty() {
            return Ok(());
        }
        let line = self.lines.at(self.text, self.unseen.offset);
        let place = Place { line: Some(line), ..Place::new(Kind::Hidden) }.hidden().named(why);
        let text = self.unseen.text.trim_end();
        let segment =
            if text.contains('\n') { Segment::lines(text, place) } else { Segment::new(text, place) };
        let result = self.sink.segment(segment);
        self.unseen.clear();
        result
    }

    pub(super) fn flush_full(&mut self) -> Result<(), Stop> {
        if self.body.text.len() >= BLOCK && self.body.at_line_start() {
            self.flush_body()?;
        }
        for (buffer, kind) in [(&mut self.links, Kind::Link), (&mut self.data, Kind::Property)] {
            if buffer.len() >= BLOCK {
                flush_lines(self.sink, buffer, kind)?;
            }
        }
        Ok(())
    }

    pub(super) fn flush_body(&mut self) -> Result<(), Stop> {
        let open = std::mem::take(&mut self.special);
        let mut result = Ok(());
        for special in
            open.iter().filter(|special| special.look.font.is_some() && special.look.hidden.is_none())
        {
            result = result.and(self.push_view(special));
        }
        self.special = open;
        for special in &mut self.special {
            special.start = 0;
            special.long = true;
        }
        result?;
        if self.body.text.is_empty() {
            return Ok(());
        }
        let line = self.lines.at(self.text, self.body.offset);
        let place = Place { line: Some(line), ..Place::new(Kind::Body) };
        self.sink.segment(Segment::lines(&self.body.text, place))?;
        self.body.clear();
        self.cell = None;
        self.controls.cut();
        Ok(())
    }

    pub(super) fn finish(&mut self) -> Result<(), Stop> {
        while !self.special.is_empty() {
            self.pop()?;
        }
        self.flush_unseen("hidden")?;
        self.flush_body()?;
        let mut options = std::mem::take(&mut self.options.text);
        // A choice of a list is not its value, so it is told apart from what a field holds.
        if !options.is_empty() {
            let place = Place::new(Kind::FormField).named("option");
            self.sink.segment(Segment::lines(&options, place))?;
            options.clear();
        }
        for (buffer, kind) in [
            (&mut self.alternatives, Kind::AltText),
            (&mut self.fields, Kind::FormField),
            (&mut self.links, Kind::Link),
            (&mut self.data, Kind::Property),
            (&mut self.handlers, Kind::Script),
        ] {
            flush_lines(self.sink, buffer, kind)?;
        }
        Ok(())
    }
}

fn flush_lines(sink: &mut dyn Sink, buffer: &mut String, kind: Kind) -> Result<(), Stop> {
    if buffer.is_empty() {
        return Ok(());
    }
    let place = Place { visible: kind == Kind::FormField, ..Place::new(kind) };
    let result = sink.segment(Segment::lines(buffer, place));
    buffer.clear();
    result
}
