//! Paragraphs and their letters: visible, hidden, deleted, and those of fields.

use super::{El, Flow, Paragraph, append};
use crate::extract::look::Look;
use crate::extract::ooxml::props;
use crate::extract::xml::{Tag, has_letter};
use crate::extract::{Unreadable, field};
use crate::model::Kind;
use std::mem;

impl Paragraph {
    /// The beginning, the middle or the end of a field. Two instructions are no word; one inside another is part of it.
    pub(super) fn field_mark(&mut self, kind: &str) {
        match kind {
            "begin" => {
                if self.instructions == 0 && !self.field.is_empty() {
                    self.field.push('\n');
                }
                self.instructions = self.instructions << 1 | 1;
            }
            "separate" => self.instructions &= !1,
            _ => self.instructions >>= 1,
        }
    }
}

impl Flow<'_> {
    pub(super) fn paragraph(&mut self) -> Option<&mut Paragraph> {
        self.open.checked_sub(1).and_then(|last| self.paragraphs.get_mut(last))
    }

    pub(super) fn start_paragraph(&mut self) {
        self.open += 1;
        if self.paragraphs.len() < self.open {
            self.paragraphs.push(Paragraph::default());
        }
        let mut base = self.styles.default_paragraph();
        if self.boxes > 0 && self.box_framed {
            base.framed = Some(true);
        }
        if let Some(paragraph) = self.paragraph() {
            paragraph.base = base;
            paragraph.run = Look::default();
            paragraph.run_style = Look::default();
            paragraph.stale = true;
            paragraph.any = false;
            paragraph.choice_from = None;
            paragraph.fallback_from = None;
            paragraph.instructions = 0;
        }
    }

    pub(super) fn end_paragraph(&mut self) -> Result<(), Unreadable> {
        self.flush_text()?;
        let Some(paragraph) = self.paragraph() else { return Ok(()) };
        paragraph.any = false;
        let mut sides = [
            (Kind::Deleted, mem::take(&mut paragraph.deleted)),
            (Kind::Hidden, mem::take(&mut paragraph.hidden)),
            (Kind::Hidden, mem::take(&mut paragraph.field)),
        ];
        for (at, (kind, text)) in sides.iter().enumerate() {
            if !text.trim().is_empty() {
                match at {
                    2 => text.lines().try_for_each(|instruction| self.instruction(instruction))?,
                    1 => self.emit_place(*kind, false, Some("hidden text"), text, Look::default())?,
                    _ => self.emit_place(*kind, false, None, text, Look::default())?,
                }
            }
        }
        if let Some(paragraph) = self.paragraph() {
            paragraph.hidden_at = 0;
        }
        let [(_, deleted), (_, hidden), (_, field)] = &mut sides;
        for text in [&mut *deleted, &mut *hidden, &mut *field] {
            text.clear();
        }
        if let Some(paragraph) = self.paragraph() {
            let [(_, deleted), (_, hidden), (_, field)] = sides;
            (paragraph.deleted, paragraph.hidden, paragraph.field) = (deleted, hidden, field);
        }
        self.open -= 1;
        Ok(())
    }

    /// Pushes a field's instruction, or what it draws.
    fn instruction(&mut self, instruction: &str) -> Result<(), Unreadable> {
        match field::drawn(instruction) {
            Some(drawn) => self.emit(self.role.kind, self.role.visible, &drawn, Look::default()),
            None => self.aside(field::kind(instruction), "field", instruction.trim_end()),
        }
    }

    /// Pushes the visible text of the innermost paragraph collected so far.
    pub(super) fn flush_text(&mut self) -> Result<(), Unreadable> {
        let Some(paragraph) = self.paragraph() else { return Ok(()) };
        let look = paragraph.tally.take();
        let mut text = mem::take(&mut paragraph.text);
        (paragraph.choice_from, paragraph.fallback_from) = (None, None);
        if !text.trim().is_empty() {
            let kind = self.kind();
            self.emit(kind, self.role.visible, &text, look)?;
        }
        text.clear();
        if let Some(paragraph) = self.paragraph() {
            paragraph.text = text;
        }
        Ok(())
    }

    pub(super) fn kind(&self) -> Kind {
        if self.watermark {
            return Kind::Watermark;
        }
        match self.role.kind {
            Kind::Body | Kind::Header | Kind::Footer if self.boxes > 0 => Kind::Textbox,
            Kind::Body if !self.tables.is_empty() => Kind::Table,
            kind => self.shape.unwrap_or(kind),
        }
    }

    /// A character that an element stands for.
    pub(super) fn plain(&mut self, c: char) {
        let deleted = self.del > 0;
        if let Some(paragraph) = self.paragraph() {
            if deleted { paragraph.deleted.push(c) } else { paragraph.text.push(c) }
        }
    }

    /// Word says that a page ended here when it was last shown.
    pub(super) fn page_mark(&mut self) {
        self.page_marks = true;
        if !mem::take(&mut self.explicit_break) {
            self.page += 1;
        }
        self.since_break = 0;
    }

    pub(super) fn line_break(&mut self, tag: &Tag<'_>) {
        if self.role.pages && tag.raw("type") == Some("page") {
            self.page += 1;
            self.since_break = 0;
            self.explicit_break = true;
        }
        self.plain('\n');
    }

    pub(super) fn text(&mut self, raw: &str, literal: bool) {
        let top = self.nest.top();
        let of_paragraph = match top {
            Some(El::Text | El::Deleted | El::Instruction) => self.open > 0,
            Some(El::Paragraph) => self.open > 0 && !raw.trim_ascii().is_empty(),
            Some(El::Keyword) => return,
            _ => false,
        };
        if !of_paragraph {
            if !self.leaf.is_empty() || !raw.trim_ascii().is_empty() {
                append(raw, literal, &mut self.leaf);
            }
            return;
        }
        match top {
            Some(El::Deleted) => self.struck_text(raw, literal),
            Some(El::Instruction) => {
                if let Some(paragraph) = self.paragraph() {
                    append(raw, literal, &mut paragraph.field);
                }
            }
            _ => self.run_text(raw, literal),
        }
    }

    pub(super) fn struck_text(&mut self, raw: &str, literal: bool) {
        if let Some(paragraph) = self.paragraph() {
            append(raw, literal, &mut paragraph.deleted);
        }
    }

    /// Text of the innermost paragraph in the look of its run.
    pub(super) fn run_text(&mut self, raw: &str, literal: bool) {
        if self.del > 0 {
            return self.struck_text(raw, literal);
        }
        let white_hides = self.tables.is_empty() && self.boxes == 0;
        let Some(paragraph) = self.open.checked_sub(1).and_then(|at| self.paragraphs.get_mut(at)) else {
            return;
        };
        if paragraph.stale {
            paragraph.stale = false;
            let mut look = paragraph.run.over(paragraph.run_style).over(paragraph.base);
            // Word paints no white paper behind white letters; a tiny size hides as well as a colour does.
            let white = look.color == Some([255; 3]) && look.shaded != Some(true) && white_hides;
            if look.size.is_some_and(|size| size <= 2) || white {
                look.hidden = Some(true);
            }
            paragraph.now = look;
        }
        let now = paragraph.now;
        if now.hidden == Some(true) {
            // Two hidden pieces with something seen between them are no word.
            let seen = mem::replace(&mut paragraph.hidden_at, paragraph.text.len()) != paragraph.text.len();
            if seen && !paragraph.hidden.is_empty() {
                paragraph.hidden.push('\n');
            }
            return append(raw, literal, &mut paragraph.hidden);
        }
        if paragraph.any && self.fonts.differ(now.font, paragraph.font) {
            // The letters of a legacy font are decoded per segment, so none may hold two encodings.
            if self.flush_text().is_err() {
                return;
            }
        }
        self.explicit_break = false;
        self.since_break += raw.len();
        self.visible_text += raw.len();
        let Some(paragraph) = self.paragraph() else { return };
        paragraph.any = true;
        paragraph.font = now.font;
        let before = paragraph.text.len();
        append(raw, literal, &mut paragraph.text);
        let added = paragraph.text.len() - before;
        paragraph.tally.add(now, added);
    }

    /// Pushes the text of an element that nobody knows.
    #[inline(always)]
    pub(super) fn flush_leaf(&mut self) -> Result<(), Unreadable> {
        if self.leaf.is_empty() { Ok(()) } else { self.push_leaf() }
    }

    fn push_leaf(&mut self) -> Result<(), Unreadable> {
        let mut leaf = mem::take(&mut self.leaf);
        let text = leaf.trim();
        if has_letter(text) && !matches!(text, "True" | "False" | "General") {
            if self.role.all_attributes {
                let name = mem::take(&mut self.leaf_name);
                let kind = match props::kind_of_property(&name) {
                    Kind::Label => Kind::Label,
                    _ => self.role.kind,
                };
                self.emit_place(kind, self.role.visible, Some(&name), text, Look::default())?;
                self.leaf_name = name;
            } else if self.nest.parent() == Some(El::ClientData) {
                let name = mem::take(&mut self.leaf_name);
                let kind = if name == "FmlaMacro" { Kind::Script } else { Kind::Hidden };
                self.aside(kind, &name, text)?;
                self.leaf_name = name;
            } else {
                let kind = self.kind();
                self.emit(kind, self.role.visible, text, Look::default())?;
            }
        }
        leaf.clear();
        self.leaf = leaf;
        Ok(())
    }
}
