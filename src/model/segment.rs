use super::Place;

/// How a text looks. Unknown values are `None` or `false`; a reader sets what its format tells.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Style<'a> {
    /// Font size in points.
    pub size: Option<f32>,
    /// Text colour as red, green, blue.
    pub color: Option<[u8; 3]>,
    /// Bold face.
    pub bold: bool,
    /// Shown in capitals whatever the letters are (`w:caps`).
    pub capitals: bool,
    /// Struck through.
    pub struck: bool,
    /// A frame or box is drawn around it.
    pub framed: bool,
    /// Font name; legacy Vietnamese fonts (`.VnTime`, `VNI-Times`) decide how the letters are decoded.
    pub font: Option<&'a str>,
}

/// Where on its page a text stands: points, origin at the top left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Left edge.
    pub left: f32,
    /// Upper edge.
    pub top: f32,
    /// Right edge.
    pub right: f32,
    /// Lower edge.
    pub bottom: f32,
    /// Width of the page.
    pub page_width: f32,
    /// Height of the page.
    pub page_height: f32,
}

/// What a segment's text is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shape {
    /// One piece: a paragraph, cell, field, positioned line. `\n` and `\t` in it are breaks the author made.
    #[default]
    Piece,
    /// A block of many lines, as a plain text or a page of HTML gives them. Blocks end at a line end.
    Lines,
    /// As `Lines`; each line is a table row whose cells this byte separates.
    Rows(u8),
    /// The same text as segments already pushed, in another order or joined otherwise (a page's stream order beside
    /// its position order). It may add findings; it does not count as a repetition.
    View,
}

/// What a reader of a format sees as one piece of text, with its place and look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment<'a> {
    /// The text, decoded; not yet normalised or folded.
    pub text: &'a str,
    /// Where it stands.
    pub place: Place<'a>,
    /// How it looks.
    pub style: Style<'a>,
    /// Its box on the page, where the format has pages.
    pub area: Option<Area>,
    /// One piece or many lines.
    pub shape: Shape,
}

impl<'a> Segment<'a> {
    /// A piece of text at a place, nothing known of its look.
    #[must_use]
    pub fn new(text: &'a str, place: Place<'a>) -> Segment<'a> {
        Segment { text, place, style: Style::default(), area: None, shape: Shape::Piece }
    }

    /// A block of many lines.
    #[must_use]
    pub fn lines(text: &'a str, place: Place<'a>) -> Segment<'a> {
        Segment { shape: Shape::Lines, ..Segment::new(text, place) }
    }

    /// The same with a style.
    #[must_use]
    pub fn styled(mut self, style: Style<'a>) -> Segment<'a> {
        self.style = style;
        self
    }
}
