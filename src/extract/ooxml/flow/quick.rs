//! Paragraphs, cells and runs the way Word writes them, read in one pass over their bytes.
//!
//! Nineteen of twenty runs of ordinary documents are properties that were met before and a text. As tokens they took a third of
//! the time of reading a document. Any other run is left to the tokens, and so is any that is not wholly in the window.

use std::io::Read;

use super::properties::block_end;
use super::{El, Flow, Unreadable};
use crate::extract::look::Look;
use crate::extract::ooxml::memo::{Around, Looks, Under};
use crate::extract::xml::{Xml, near, sure_tag_end};

/// What stands in a run behind its properties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'x> {
    Text(&'x str),
    Plain(char),
    PageMark,
}

/// Runs with more pieces are left to the tokens.
const PIECES: usize = 8;

impl Flow<'_> {
    /// Reads what comes next of paragraphs and cells, as far as it is written the plain way: their tags, properties that were met
    /// before, and runs.
    ///
    /// # Errors
    /// When the sink stops.
    pub(super) fn quick<R: Read>(&mut self, xml: &mut Xml<R>) -> Result<(), Unreadable> {
        if !self.role.all_attributes && self.learning.is_none() {
            while self.step(xml)? {}
        }
        Ok(())
    }

    /// Reads one tag, block or run; false when it takes the tokens.
    fn step<R: Read>(&mut self, xml: &mut Xml<R>) -> Result<bool, Unreadable> {
        let ahead = xml.ahead();
        // Two elements lie in a run.
        if self.nest.len() + 2 > self.max_nesting as usize {
            return Ok(false);
        }
        let Some(tag) = ahead.strip_prefix("<w:") else {
            return self.end_tag(xml);
        };
        let top = self.nest.top();
        match tag.as_bytes() {
            [b'r', b'>' | b' ', ..] | [b'p', b'r', ..] => Ok(self.open > 0 && self.run(xml)?),
            [b'p', b'>' | b' ', ..] => {
                let end = sure_tag_end(tag.as_bytes(), xml.has_single_quotes());
                let Some(end) = end.filter(|end| tag.as_bytes().get(end - 1) != Some(&b'/')) else {
                    return Ok(false);
                };
                xml.enter(end + 4);
                self.flush_leaf()?;
                self.nest.push(El::Paragraph);
                self.start_paragraph();
                Ok(true)
            }
            [b't', b'c', b'>', ..] => {
                xml.enter(6);
                self.flush_leaf()?;
                self.nest.push(El::Cell);
                self.start_cell()?;
                Ok(true)
            }
            [b'p', b'P', b'r', b'>', ..] if top == Some(El::Paragraph) => {
                self.known_block(xml, "<w:pPr>", Around::Paragraph)
            }
            [b't', b'c', b'P', b'r', b'>', ..] if top == Some(El::Cell) => {
                self.known_block(xml, "<w:tcPr>", Around::Cell)
            }
            _ => Ok(false),
        }
    }

    /// The end of a paragraph or a cell.
    fn end_tag<R: Read>(&mut self, xml: &mut Xml<R>) -> Result<bool, Unreadable> {
        let (len, el) = match xml.ahead().as_bytes() {
            [b'<', b'/', b'w', b':', b'p', b'>', ..] => (6, El::Paragraph),
            [b'<', b'/', b'w', b':', b't', b'c', b'>', ..] => (7, El::Cell),
            _ => return Ok(false),
        };
        if self.nest.top() != Some(el) || !xml.leave(len) {
            return Ok(false);
        }
        self.flush_leaf()?;
        self.nest.pop();
        self.end(el)?;
        Ok(true)
    }

    /// Properties of a paragraph or cell, if they were met before or are plain.
    fn known_block<R: Read>(
        &mut self,
        xml: &mut Xml<R>,
        tag: &str,
        around: Around,
    ) -> Result<bool, Unreadable> {
        self.flush_leaf()?;
        let under = Under { around, looks: self.looks() };
        let ahead = xml.ahead().get(tag.len()..).unwrap_or_default();
        if let Some((len, after)) = self.memo.recall_recent(ahead, under) {
            self.look_so(after);
            xml.pass(tag.len() + len);
            return Ok(true);
        }
        let name = if around == Around::Cell { "w:tcPr" } else { "w:pPr" };
        let block = block_end(ahead, name).and_then(|len| ahead.get(..len));
        let Some(block) = block else { return Ok(false) };
        if let Some(after) = self.memo.recall(block, name, under) {
            self.look_so(after);
        } else if self.block(block, around, xml.has_single_quotes()) {
            let after = self.looks();
            self.memo.learn(block, name, under, after);
        } else {
            return Ok(false);
        }
        let len = tag.len() + block.len() + tag.len() + 1;
        xml.pass(len);
        Ok(true)
    }

    /// What the properties that a run begins with do: their length with the end tag, the looks of the run and of its style.
    fn run_properties(&mut self, ahead: &str, single_quotes: bool) -> Option<(usize, Look, Look)> {
        const NAME: &str = "w:rPr";
        if let Some(known) = self.memo.recall_run(ahead.as_bytes()) {
            return Some(known);
        }
        let block = ahead.get(..block_end(ahead, NAME)?)?;
        let len = block.len() + NAME.len() + 3;
        if let Some((look, style)) = self.memo.recall_of_run(block) {
            return Some((len, look, style));
        }
        let (look, style) = self.run_block(block, single_quotes)?;
        let none = Looks { run: Look::default(), run_style: Look::default(), ..self.looks() };
        let after = Looks { run: look, run_style: style, ..none };
        self.memo.learn(block, NAME, Under { around: Around::Run, looks: none }, after);
        Some((len, look, style))
    }

    fn run<R: Read>(&mut self, xml: &mut Xml<R>) -> Result<bool, Unreadable> {
        let ahead = xml.ahead();
        let single_quotes = xml.has_single_quotes();
        let Some(mut rest) = ahead.strip_prefix("<w:") else { return Ok(false) };
        // Where the speller marked something.
        if rest.starts_with("proofErr ")
            && let Some(end) = sure_tag_end(rest.as_bytes(), single_quotes)
            && rest.as_bytes().get(end - 1) == Some(&b'/')
        {
            let len = end + 4;
            self.flush_leaf()?;
            xml.pass(len);
            return Ok(true);
        }
        let Some(inside) = rest.strip_prefix('r') else { return Ok(false) };
        rest = match inside.as_bytes().first() {
            Some(b'>') => inside.get(1..).unwrap_or_default(),
            Some(b' ') => match sure_tag_end(inside.as_bytes(), single_quotes) {
                Some(end) if inside.as_bytes().get(end - 1) != Some(&b'/') => {
                    inside.get(end + 1..).unwrap_or_default()
                }
                _ => return Ok(false),
            },
            _ => return Ok(false),
        };
        let (mut run, mut run_style) = (Look::default(), Look::default());
        if let Some(block) = rest.strip_prefix("<w:rPr>") {
            let Some((len, look, style)) = self.run_properties(block, single_quotes) else {
                return Ok(false);
            };
            (run, run_style) = (look, style);
            rest = block.get(len..).unwrap_or_default();
        }
        let mut pieces = [Piece::PageMark; PIECES];
        let mut count = 0;
        let rest = loop {
            if let Some(after) = rest.strip_prefix("</w:r>") {
                break after;
            }
            let Some((piece, after)) = piece(rest) else { return Ok(false) };
            let Some(place) = pieces.get_mut(count) else { return Ok(false) };
            (*place, rest, count) = (piece, after, count + 1);
        };
        self.flush_leaf()?;
        if let Some(paragraph) = self.paragraph() {
            (paragraph.run, paragraph.run_style, paragraph.stale) = (run, run_style, true);
        }
        for piece in pieces.iter().take(count) {
            match piece {
                Piece::Text("") => {}
                Piece::Text(text) => self.run_text(text, false),
                Piece::Plain(c) => self.plain(*c),
                Piece::PageMark => self.page_mark(),
            }
        }
        let len = ahead.len() - rest.len();
        xml.pass(len);
        Ok(true)
    }
}

/// One element of a run, and what follows it.
fn piece(rest: &str) -> Option<(Piece<'_>, &str)> {
    let element = rest.strip_prefix("<w:")?;
    let text = element.strip_prefix("t>").or_else(|| element.strip_prefix("t xml:space=\"preserve\">"));
    if let Some(text) = text {
        let (text, after) = text.split_at_checked(near(b'<', text.as_bytes())?)?;
        return Some((Piece::Text(text), after.strip_prefix("</w:t>")?));
    }
    Some(if let Some(after) = element.strip_prefix("tab/>") {
        (Piece::Plain('\t'), after)
    } else if let Some(after) = element.strip_prefix("br/>") {
        (Piece::Plain('\n'), after)
    } else {
        (Piece::PageMark, element.strip_prefix("lastRenderedPageBreak/>")?)
    })
}
