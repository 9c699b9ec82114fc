//! Styles: what they say of letters, along what they are based on.

use super::{Family, MAX_CHAIN, Reader, Style};
use crate::extract::look::{Look, hex_color};
use crate::extract::xml::Tag;
use std::collections::HashMap;

impl Reader<'_> {
    pub(super) fn family(&mut self, family: Family) -> &mut HashMap<String, Style> {
        let [paragraph, text, cell, other] = &mut self.styles;
        match family {
            Family::Paragraph => paragraph,
            Family::Text => text,
            Family::Cell => cell,
            Family::Other => other,
        }
    }

    /// Look of a style with its parents, without the document's defaults.
    pub(super) fn look(&mut self, family: Family, name: &str) -> Look {
        // Cells and paragraphs of one style stand in rows.
        if let Some((known, look)) = self.last_looks.get(family as usize)
            && known == name
        {
            return *look;
        }
        let look = self.resolve(family, name);
        if let Some((known, last)) = self.last_looks.get_mut(family as usize) {
            name.clone_into(known);
            *last = look;
        }
        look
    }

    pub(super) fn resolve(&mut self, family: Family, name: &str) -> Look {
        let styles = self.family(family);
        let mut look = Look::default();
        let mut next = Some(name);
        for _ in 0..MAX_CHAIN {
            let Some(style) = next.and_then(|name| styles.get(name)) else { break };
            look = look.over(style.look);
            next = style.parent.as_deref();
        }
        look
    }

    pub(super) fn hides(&mut self, name: &str) -> bool {
        self.family(Family::Other).get(name).is_some_and(|style| style.hides)
    }

    pub(super) fn properties(&mut self, tag: &Tag<'_>) {
        let Some((_, _, style)) = &mut self.style else { return };
        let look = &mut style.look;
        let mut sides = 0;
        for attribute in tag.attributes() {
            let raw = attribute.raw;
            match attribute.local() {
                "font-size" => {
                    // A percentage is relative to the parent and stays unknown.
                    let points = raw.strip_suffix("pt").and_then(|size| size.parse::<f32>().ok());
                    let points = points.filter(|size| (0.0..10_000.0).contains(size));
                    look.size = points.map(|points| (points * 2.0) as u16).or(look.size);
                }
                "font-weight" => {
                    look.bold = Some(raw == "bold" || raw.parse::<u16>().is_ok_and(|weight| weight >= 600))
                }
                "color" => look.color = hex_color(raw).or(look.color),
                "background-color" => {
                    look.shaded = Some(raw != "transparent" && !raw.eq_ignore_ascii_case("#ffffff"))
                }
                "text-line-through-style" => look.struck = Some(raw != "none"),
                "text-transform" => look.capitals = Some(raw == "uppercase"),
                "display" if tag.local() == "text-properties" => look.hidden = Some(raw == "none"),
                "display" => style.hides = raw == "false",
                "visibility" => style.hides = raw == "hidden",
                "font-name" => {
                    let name = attribute.value();
                    let face = self.faces.get(name.as_ref()).map_or(name.as_ref(), String::as_str);
                    look.font = self.fonts.number(face).or(look.font);
                }
                "font-family" => {
                    look.font = self.fonts.number(attribute.value().trim_matches(['\'', '"'])).or(look.font)
                }
                "border" => look.framed = Some(raw != "none" && !raw.starts_with("0pt")),
                "border-top" | "border-bottom" | "border-left" | "border-right" => {
                    sides += u32::from(raw != "none");
                    look.framed = Some(sides >= 4);
                }
                "stroke" => look.framed = Some(raw != "none"),
                _ => {}
            }
        }
    }
}
