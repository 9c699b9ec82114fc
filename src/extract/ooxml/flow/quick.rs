//! Runs the way Word writes them, read in one pass over their bytes.
//!
//! Nineteen of twenty runs of ordinary documents are properties that were met before and a text. As tokens they took a third of
//! the time of reading a document. Any other run is left to the tokens, and so is any that is not wholly in the window.

use std::io::Read;

use super::{Flow, Unreadable};
use crate::extract::look::Look;
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
    /// Reads the plain runs of a paragraph that come next, if any.
    ///
    /// # Errors
    /// When the sink stops.
    pub(super) fn runs<R: Read>(&mut self, xml: &mut Xml<R>) -> Result<(), Unreadable> {
        // Two elements lie in a run.
        let deep = self.nest.len() + 2 > self.max_nesting as usize;
        if !xml.ahead().starts_with("<w:") || self.open == 0 || self.role.all_attributes || deep {
            return Ok(());
        }
        while self.run(xml)? {}
        Ok(())
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
            let Some((len, look, style)) = self.memo.recall_run(block.as_bytes()) else { return Ok(false) };
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
