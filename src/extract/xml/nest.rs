//! The stack of a reader along the elements, and what names and texts are worth.

/// A reader's own stack along the elements: capped, so that a hostile part cannot make it grow, and always balanced.
#[derive(Debug)]
pub(crate) struct Nest<T> {
    stack: Vec<T>,
    cap: usize,
    beyond: usize,
    overflowed: bool,
}

impl<T: Copy> Nest<T> {
    /// A stack of at most `cap` elements.
    pub(crate) fn new(cap: u32) -> Nest<T> {
        Nest { stack: Vec::new(), cap: cap as usize, beyond: 0, overflowed: false }
    }

    /// An element begins; false when it lies beyond the cap.
    pub(crate) fn push(&mut self, value: T) -> bool {
        let fits = self.stack.len() < self.cap;
        if fits {
            self.stack.push(value);
        } else {
            self.beyond += 1;
            self.overflowed = true;
        }
        fits
    }

    /// The innermost element ends; `None` when it lay beyond the cap or nothing is open.
    pub(crate) fn pop(&mut self) -> Option<T> {
        if self.beyond > 0 {
            self.beyond -= 1;
            return None;
        }
        self.stack.pop()
    }

    /// Number of open elements.
    pub(crate) fn len(&self) -> usize {
        self.stack.len() + self.beyond
    }

    /// The innermost element.
    pub(crate) fn top(&self) -> Option<T> {
        self.stack.last().copied()
    }

    /// The element around the innermost one.
    pub(crate) fn parent(&self) -> Option<T> {
        self.ancestor(1)
    }

    /// The element `up` levels around the innermost one.
    pub(crate) fn ancestor(&self, up: usize) -> Option<T> {
        self.stack.iter().rev().nth(up).copied()
    }

    /// Whether the cap was met.
    pub(crate) fn overflowed(&self) -> bool {
        self.overflowed
    }
}

/// Whether a text has a letter at all. Numbers, marks and blanks alone cannot be a marking, and charts, positions and
/// ids are full of them.
pub(crate) fn has_letter(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_alphabetic())
        || (!text.is_ascii() && text.chars().any(char::is_alphabetic))
}

/// Whether three letters stand in a row: "%1." and "III" have no reader, "MẬT %1" has.
pub(crate) fn has_word(text: &str) -> bool {
    let mut row = 0;
    text.chars().any(|c| {
        row = if c.is_alphabetic() { row + 1 } else { 0 };
        row == 3
    })
}

/// Whether a name was given by a person: programs number theirs (`Picture 3`, `Table1`).
pub(crate) fn is_given(name: &str) -> bool {
    has_letter(name) && !name.bytes().any(|byte| byte.is_ascii_digit())
}

/// Whether text in this font is stored in a legacy Vietnamese 8-bit encoding, so that a change of font changes the
/// meaning of the letters: TCVN3 (`.VnTime`, `.VnTimeH`) and VNI (`VNI-Times`).
pub(crate) fn is_legacy_font(font: &str) -> bool {
    let starts = |prefix: &str| {
        font.as_bytes().get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    starts(".Vn") || starts("VNI") || starts("VnTime") || starts("VNtime")
}
