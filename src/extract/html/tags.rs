//! What elements do to the flow of text, and their names.

use memchr::memmem;

/// What an element does to the flow of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    /// Inline: its text joins its neighbours.
    Inline,
    /// Begins and ends a line.
    Block,
    Paragraph,
    Item,
    Cell,
    Row,
    Break,
    /// No content, no break.
    Void,
    Pre,
    Raw,
    Script,
    Title,
    Textarea,
    Option,
    Select,
    Unseen,
    Meta,
    Input,
    Svg,
    Plaintext,
}

/// What the element of that name does, in lower case.
pub(super) fn tag(name: &[u8]) -> Tag {
    match name {
        b"div" | b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" | b"ul" | b"ol" | b"dl" | b"table"
        | b"thead" | b"tbody" | b"tfoot" | b"caption" | b"section" | b"article" | b"header" | b"footer"
        | b"nav" | b"aside" | b"main" | b"form" | b"fieldset" | b"legend" | b"figure" | b"figcaption"
        | b"address" | b"blockquote" | b"center" | b"details" | b"summary" | b"dialog" | b"dir" | b"menu"
        | b"body" | b"html" | b"head" | b"frameset" | b"hgroup" | b"optgroup" | b"button" | b"object"
        | b"text" | b"foreignobject" | b"desc" | b"video" | b"audio" | b"canvas" | b"marquee" | b"search" => {
            Tag::Block
        }
        b"p" => Tag::Paragraph,
        b"li" | b"dt" | b"dd" => Tag::Item,
        b"td" | b"th" => Tag::Cell,
        b"tr" => Tag::Row,
        b"br" | b"hr" => Tag::Break,
        b"img" | b"link" | b"base" | b"col" | b"area" | b"embed" | b"source" | b"track" | b"wbr"
        | b"param" | b"frame" | b"bgsound" | b"keygen" | b"basefont" => Tag::Void,
        b"pre" | b"listing" => Tag::Pre,
        b"xmp" | b"iframe" | b"noembed" | b"noframes" => Tag::Raw,
        b"script" | b"style" => Tag::Script,
        b"title" => Tag::Title,
        b"textarea" => Tag::Textarea,
        b"option" => Tag::Option,
        b"select" | b"datalist" => Tag::Select,
        b"template" | b"noscript" => Tag::Unseen,
        b"meta" => Tag::Meta,
        b"input" => Tag::Input,
        b"svg" => Tag::Svg,
        b"plaintext" => Tag::Plaintext,
        _ => Tag::Inline,
    }
}

/// Longest element name that is told from others; longer ones are inline and unknown.
pub(super) const LONGEST_NAME: usize = 16;

/// Elements that stand in a line and have a meaning (HTML, 4.5, and those of former versions).
pub(super) static INLINE: &[&[u8]] = &[
    b"a", b"abbr", b"acronym", b"b", b"bdi", b"bdo", b"big", b"cite", b"code", b"data", b"del", b"dfn",
    b"em", b"font", b"i", b"ins", b"kbd", b"label", b"mark", b"nobr", b"o:p", b"q", b"rp", b"rt", b"ruby",
    b"s", b"samp", b"small", b"span", b"strike", b"strong", b"sub", b"sup", b"time", b"tt", b"u", b"var",
];

/// The bytes of an element's name at the beginning.
pub(super) fn element_name(rest: &[u8]) -> &[u8] {
    let end = rest
        .iter()
        .position(|byte| matches!(byte, b' ' | b'\n' | b'\t' | b'\r' | b'\x0c' | b'/' | b'>'))
        .unwrap_or(rest.len());
    let name = rest.get(..end).unwrap_or_default();
    if name.first().is_some_and(u8::is_ascii_alphabetic) { name } else { &[] }
}

/// A name in lower case; one too long for `buffer` is cut and equals no known name.
pub(super) fn lowered<'b>(name: &[u8], buffer: &'b mut [u8; LONGEST_NAME]) -> &'b [u8] {
    let length = name.len().min(LONGEST_NAME);
    for (slot, byte) in buffer.iter_mut().zip(name) {
        *slot = byte.to_ascii_lowercase();
    }
    buffer.get(..length).unwrap_or_default()
}

/// Where the end tag of a raw-text element begins.
pub(super) fn end_of(content: &[u8], name: &[u8]) -> Option<usize> {
    memmem::find_iter(content, b"</").find(|at| {
        let after = content.get(at + 2..).unwrap_or_default();
        after.get(..name.len()).is_some_and(|is| is.eq_ignore_ascii_case(name))
            && !after.get(name.len()).is_some_and(u8::is_ascii_alphanumeric)
    })
}
