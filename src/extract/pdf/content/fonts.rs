//! The fonts of a document, read once each.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::super::document::{Dict, Id};
use super::super::filter::Decoder;
use super::super::font::Font;
use crate::extract::limits::LimitReached;

/// Fonts kept for a document at once.
const MAX_FONTS: usize = 1024;

/// The fonts met so far.
#[derive(Default)]
pub(in crate::extract::pdf) struct Fonts<'d> {
    fonts: Vec<Rc<RefCell<Font<'d>>>>,
    /// By the place of the dictionary in memory, which stays as long as the document is open.
    known: HashMap<(usize, usize), u32>,
    /// By object number.
    numbered: HashMap<Id, u32>,
    missing: Option<u32>,
}

impl<'d> Fonts<'d> {
    /// The name of a font.
    pub(in crate::extract::pdf) fn with<T>(&self, index: u32, ask: impl FnOnce(&Font<'d>) -> T) -> Option<T> {
        self.fonts.get(index as usize).map(|font| ask(&font.borrow()))
    }

    pub(super) fn get(&self, index: u32) -> Option<Rc<RefCell<Font<'d>>>> {
        self.fonts.get(index as usize).map(Rc::clone)
    }

    fn add(&mut self, font: Font<'d>) -> u32 {
        self.fonts.push(Rc::new(RefCell::new(font)));
        u32::try_from(self.fonts.len() - 1).unwrap_or(0)
    }

    pub(super) fn missing(&mut self) -> u32 {
        match self.missing {
            Some(index) => index,
            None => {
                let index = self.add(Font::missing());
                self.missing = Some(index);
                index
            }
        }
    }

    /// The font that a resource dictionary calls `key`. A page's resources are asked for the same fonts as those of the
    /// page before, so a font that is known by its number is not looked at again.
    pub(super) fn named(
        &mut self,
        all: &Dict<'d>,
        key: &[u8],
        decoder: &mut Decoder,
    ) -> Result<u32, LimitReached> {
        let id = all.get_ref(key).map(Id::from);
        if let Some(&index) = id.and_then(|id| self.numbered.get(&id)) {
            return Ok(index);
        }
        let index = self.read(all.get::<Dict<'d>>(key), decoder)?;
        if let (Some(id), true) = (id, self.numbered.len() < 2 * MAX_FONTS) {
            self.numbered.insert(id, index);
        }
        Ok(index)
    }

    pub(super) fn read(
        &mut self,
        dict: Option<Dict<'d>>,
        decoder: &mut Decoder,
    ) -> Result<u32, LimitReached> {
        let Some(dict) = dict else { return Ok(self.missing()) };
        let key = (dict.data().as_ptr() as usize, dict.data().len());
        if let Some(&index) = self.known.get(&key) {
            return Ok(index);
        }
        if self.fonts.len() >= MAX_FONTS {
            // Runs already drawn keep their index, so nothing is thrown away; a file with more fonts is read as if
            // the rest were plain.
            return Ok(self.missing());
        }
        let font = Font::read(&dict, decoder)?;
        let index = self.add(font);
        self.known.insert(key, index);
        Ok(index)
    }
}
