//! What stands in attributes: values to be seen, links, documents in them, properties of the page, fields.

use std::borrow::Cow;

use super::attributes::{Attribute, percent_bytes, percent_decoded};
use super::style::Look;
use super::tags::{LONGEST_NAME, Tag, lowered};
use super::{Page, base64, flow};
use crate::extract::heads::names_a_degree;
use crate::extract::{Member, Stop};
use crate::model::{Kind, Place, Segment};

impl<'t> Page<'t, '_> {
    pub(super) fn attribute(
        &mut self,
        tag: Tag,
        element: &[u8],
        attribute: Attribute<'t>,
        look: &mut Look,
        meta: &mut Meta<'t>,
    ) -> Result<(), Stop> {
        let mut lower = [0; LONGEST_NAME];
        let name = lowered(attribute.name.as_bytes(), &mut lower);
        let value = attribute.value;
        match name {
            b"class" | b"id" | b"rel" | b"width" | b"height" | b"target" | b"lang" | b"dir" | b"type"
            | b"role" | b"align" | b"valign" | b"colspan" | b"rowspan" | b"d" | b"for" | b"border"
            | b"cellpadding" | b"cellspacing" | b"bgcolor" => {
                match name {
                    b"type" => meta.kind = Some(value),
                    b"class" => meta.classes = value,
                    b"id" => meta.id = value,
                    b"for" => meta.target = value,
                    b"colspan" => meta.span = value.trim().parse().unwrap_or(1),
                    b"rowspan" => meta.rows = value.trim().parse().unwrap_or(1),
                    _ => {}
                }
                if memchr::memchr(b'<', value.as_bytes()).is_some() {
                    // A quote was left out, and text fell into the value.
                    self.data_line(value);
                }
            }
            b"style" => look.read(value),
            b"hidden" => look.hidden = Some("hidden"),
            b"color" if element == b"font" => look.set_color(value),
            b"face" if element == b"font" => look.set_font(value),
            b"href" | b"src" | b"action" | b"formaction" | b"cite" | b"background" | b"poster"
            | b"longdesc" | b"xlink:href" | b"data" | b"codebase" | b"ping" | b"manifest" | b"data-src"
            | b"data-href" => {
                self.link(value)?;
            }
            b"alt" | b"title" | b"aria-label" | b"placeholder" | b"summary" | b"label"
            | b"aria-description" | b"abbr" | b"standby" => {
                if tag == Tag::Input && meta.caption.is_empty() && names_a_degree(&decoded(value)) {
                    meta.caption = value;
                }
                add_line(&mut self.alternatives, &decoded(value));
            }
            b"name" if tag == Tag::Input => {
                if meta.caption.is_empty() && names_a_degree(value) {
                    meta.caption = value;
                } else if value.contains(' ') {
                    self.data_line(value);
                }
            }
            b"checked" if tag == Tag::Input => meta.selected = true,
            b"name" | b"property" | b"http-equiv" | b"itemprop" if tag == Tag::Meta => {
                meta.name = Some(value);
            }
            b"content" => {
                if tag == Tag::Meta {
                    meta.content = Some(value);
                } else {
                    add_line(&mut self.data, &decoded(value));
                }
            }
            b"value" => {
                if tag == Tag::Input {
                    meta.content = Some(value);
                } else {
                    add_line(&mut self.fields, &decoded(value));
                }
            }
            b"selected" if tag == Tag::Option => meta.selected = true,
            b"srcdoc" => {
                self.embedded += 1;
                let name = format!("srcdoc-{}.html", self.embedded);
                let document = decoded(value);
                let member = Member { name: &name, media: Some("text/html"), charset: Some("utf-8") };
                self.sink.member(member, &mut document.as_bytes())?;
            }
            _ if name.starts_with(b"data-") => self.data_line(value),
            _ if name.starts_with(b"on") => add_line(&mut self.handlers, &decoded(value)),
            // Of unknown attributes what can be text, not numbers and single words.
            _ if memchr::memchr2(b' ', b'<', value.as_bytes()).is_some() => self.data_line(value),
            _ => {}
        }
        Ok(())
    }

    pub(super) fn data_line(&mut self, value: &str) {
        if value.len() > 2 {
            add_line(&mut self.data, &decoded(value));
        }
    }

    pub(super) fn link(&mut self, value: &str) -> Result<(), Stop> {
        let target = decoded(value);
        let target = target.trim();
        if target.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:")) {
            return self.data_uri(target.get(5..).unwrap_or_default());
        }
        if target.len() > 1 {
            add_line(&mut self.links, &percent_decoded(target));
        }
        Ok(())
    }

    /// `text/html;charset=utf-8;base64,…`: a document in an attribute. Pictures in pages are decoration.
    pub(super) fn data_uri(&mut self, uri: &str) -> Result<(), Stop> {
        let Some((head, payload)) = uri.split_once(',') else { return Ok(()) };
        let mut parts = head.split(';').map(str::trim);
        let media =
            parts.next().filter(|media| !media.is_empty()).unwrap_or("text/plain").to_ascii_lowercase();
        if ["image/", "audio/", "video/", "font/", "application/font", "application/x-font"]
            .iter()
            .any(|kind| media.starts_with(kind))
            && media != "image/svg+xml"
        {
            return Ok(());
        }
        let mut charset = None;
        let mut coded = false;
        for part in parts {
            if part.eq_ignore_ascii_case("base64") {
                coded = true;
            } else if let Some((name, value)) = part.split_once('=')
                && name.eq_ignore_ascii_case("charset")
            {
                charset = Some(value);
            }
        }
        let bytes = percent_bytes(payload);
        let bytes = if coded { Cow::Owned(base64::decode(&bytes)) } else { bytes };
        self.embedded += 1;
        let extension = match media.as_str() {
            "text/html" => "html",
            "application/pdf" => "pdf",
            "image/svg+xml" => "svg",
            _ => "txt",
        };
        let name = format!("data-{}.{extension}", self.embedded);
        self.sink.member(Member { name: &name, media: Some(&media), charset }, &mut &*bytes)
    }

    pub(super) fn meta(&mut self, meta: &Meta<'_>) -> Result<(), Stop> {
        let Some(content) = meta.content.map(decoded).filter(|content| !content.trim().is_empty()) else {
            return Ok(());
        };
        let name = meta.name.map(decoded).unwrap_or_default();
        let lower = name.to_ascii_lowercase();
        if matches!(
            lower.as_str(),
            "viewport" | "content-type" | "x-ua-compatible" | "robots" | "theme-color"
        ) {
            return Ok(());
        }
        let label =
            ["msip", "protective", "marking", "titus", "sensitivity"].iter().any(|word| lower.contains(word));
        let place = Place::new(if label { Kind::Label } else { Kind::Property }).hidden().named(&name);
        self.sink.segment(Segment::new(&content, place))
    }

    pub(super) fn field(&mut self, meta: &Meta<'_>) -> Result<(), Stop> {
        let is_box = |kind: &str| ["radio", "checkbox"].iter().any(|other| kind.eq_ignore_ascii_case(other));
        if meta.kind.is_some_and(is_box) {
            // As it is shown: the text behind it is what was chosen, or not.
            self.show(if meta.selected { " ☒ " } else { " ☐ " }, self.at);
        }
        let Some(value) = meta.content.map(decoded).filter(|value| !value.trim().is_empty()) else {
            return Ok(());
        };
        if meta.kind.is_some_and(|kind| kind.eq_ignore_ascii_case("hidden")) {
            return self.sink.segment(Segment::new(&value, Place::new(Kind::FormField).hidden()));
        }
        // The value of a box or a button is a choice, or an action.
        let is_one_of = |kinds: &[&str]| {
            meta.kind.is_some_and(|kind| kinds.iter().any(|other| kind.eq_ignore_ascii_case(other)))
        };
        let written = !is_one_of(&["radio", "checkbox", "submit", "button", "reset", "image"]);
        let caption = || (!meta.caption.is_empty()).then(|| decoded(meta.caption).into_owned());
        if let Some(name) = self.control_name(meta.id).or_else(caption).filter(|_| written) {
            return self.sink.segment(Segment::new(value.trim(), Place::new(Kind::FormField).named(&name)));
        }
        add_line(&mut self.fields, &value);
        Ok(())
    }
}

/// Attributes that only count together.
#[derive(Default)]
pub(super) struct Meta<'t> {
    pub(super) name: Option<&'t str>,
    pub(super) content: Option<&'t str>,
    pub(super) kind: Option<&'t str>,
    pub(super) classes: &'t str,
    pub(super) id: &'t str,
    /// The control that a label speaks of.
    pub(super) target: &'t str,
    /// Columns that a cell spans; 0 where nothing is said.
    pub(super) span: u32,
    /// Rows that it spans; 0 where nothing is said.
    pub(super) rows: u32,
    /// The option that is chosen, the box that is ticked.
    pub(super) selected: bool,
    /// What a control says of itself, where that names a degree.
    pub(super) caption: &'t str,
}

/// Adds a line of its own, without the blanks around it.
pub(super) fn add_line(buffer: &mut String, text: &str) {
    let text = text.trim();
    if !text.is_empty() {
        buffer.push_str(text);
        buffer.push('\n');
    }
}

/// An attribute's value with its entities decoded.
pub(in crate::extract) fn decoded(value: &str) -> Cow<'_, str> {
    if memchr::memchr(b'&', value.as_bytes()).is_none() {
        return Cow::Borrowed(value);
    }
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        out.push_str(rest.get(..at).unwrap_or_default());
        let after = rest.get(at..).unwrap_or_default();
        let used = flow::entity(after, true, |text| out.push_str(text));
        if used == 0 {
            out.push('&');
        }
        rest = after.get(used.max(1)..).unwrap_or_default();
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Text that is no markup, with references to letters decoded: somebody took markup for text. No line is added.
pub(in crate::extract) fn with_letters(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut shown = 0;
    for at in memchr::memchr_iter(b'&', text.as_bytes()) {
        if let Some((letter, used)) = flow::letter(text.as_bytes().get(at + 1..).unwrap_or_default()) {
            out.push_str(text.get(shown..at).unwrap_or_default());
            out.push(letter);
            shown = at + 1 + used;
        }
    }
    if shown == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(shown..).unwrap_or_default());
    Cow::Owned(out)
}
