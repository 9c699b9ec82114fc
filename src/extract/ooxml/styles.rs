//! Styles of a Word document: `word/styles.xml` resolved along `basedOn`.

use std::collections::HashMap;
use std::io::Read;

use crate::extract::look::{Fonts, Look, hex_color};
use crate::extract::style_names::is_built_in;
use crate::extract::xml::{Tag, Token, Xml, has_letter};
use crate::extract::{Sink, Unreadable};
use crate::model::{Kind, Place, Segment};

/// Which sides of a table are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Borders {
    sides: u8,
}

impl Borders {
    /// Takes one border element of `w:tblBorders` or `w:tcBorders`.
    pub(super) fn side(&mut self, name: &str, value: &str) {
        let bit = match name {
            "top" => 1,
            "bottom" => 2,
            "left" | "start" => 4,
            "right" | "end" => 8,
            _ => return,
        };
        if matches!(value, "" | "nil" | "none") { self.sides &= !bit } else { self.sides |= bit }
    }

    /// Whether they close a box.
    pub(super) fn is_frame(self) -> bool {
        self.sides == 15
    }
}

#[derive(Debug, Default, Clone)]
struct Raw {
    look: Look,
    borders: Borders,
    based_on: Option<String>,
}

/// A style chain longer than this is a loop or hostile; Word itself stops at about 10.
const MAX_CHAIN: usize = 32;

/// More styles than this are not kept. Word allows 4,079.
const MAX_STYLES: usize = 20_000;

/// Resolved styles.
#[derive(Debug, Default)]
pub(super) struct Styles {
    looks: HashMap<String, (Look, Borders)>,
    defaults: Look,
    default_paragraph: Look,
}

impl Styles {
    /// Reads `word/styles.xml`. Names that somebody gave to styles of his own are pushed, so is text where none belongs.
    ///
    /// # Errors
    /// What reading its bytes gave, or when the sink stops.
    pub(super) fn read<R: Read>(
        mut xml: Xml<R>,
        fonts: &mut Fonts,
        sink: &mut dyn Sink,
    ) -> Result<Styles, Unreadable> {
        let mut raw: HashMap<String, Raw> = HashMap::new();
        let mut defaults = Look::default();
        let mut default_paragraph = None;
        let mut current: Option<(String, Raw)> = None;
        // Names of open elements as far as they matter: what stands how deep.
        let (mut depth, mut style_at, mut props_at, mut borders_at, mut in_defaults) = (0u32, 0, 0, 0, false);
        let mut paragraph_borders = false;
        let mut sides = 0;
        let mut is_own = false;
        let mut dull = None;
        loop {
            let bordered = |xml: &Xml<R>, name| {
                let borders = if name == "w:pPr" { "pBdr" } else { "tblBorders" };
                matches!(name, "w:pPr" | "w:tblPr")
                    && xml.block(name).is_none_or(|block| block.contains(borders))
            };
            if let Some(name) = dull.take()
                && !bordered(&xml, name)
                && xml.skip_markup(name)?
            {
                depth -= 1;
            }
            if props_at > 0
                && depth == props_at
                && let Some(look) =
                    if in_defaults { Some(&mut defaults) } else { current.as_mut().map(|c| &mut c.1.look) }
            {
                let passed = run_properties(xml.ahead(), xml.has_single_quotes(), look, fonts);
                xml.pass(passed);
            }
            if style_at > 0 && depth == style_at {
                xml.pass_empty(|name| {
                    matches!(
                        name,
                        "w:uiPriority"
                            | "w:rsid"
                            | "w:next"
                            | "w:link"
                            | "w:semiHidden"
                            | "w:unhideWhenUsed"
                            | "w:qFormat"
                    )
                });
            }
            let Some(token) = xml.next()? else { break };
            match token {
                Token::Start(tag) => {
                    depth += 1;
                    match tag.local() {
                        "docDefaults" => in_defaults = true,
                        // Hundreds of names that Word knows, and nothing else.
                        "latentStyles" => dull = Some("w:latentStyles"),
                        // First row, last column...: most of a table style, and never the look of its whole text.
                        "tblStylePr" => dull = Some("w:tblStylePr"),
                        // Nothing in them but a border tells of the look of letters.
                        "pPr" => dull = Some("w:pPr"),
                        "tblPr" => dull = Some("w:tblPr"),
                        "style" => {
                            style_at = depth;
                            let id = tag.attribute("styleId").unwrap_or_default().into_owned();
                            if tag.raw("type") == Some("paragraph")
                                && matches!(tag.raw("default"), Some("1" | "true" | "on"))
                            {
                                default_paragraph = Some(id.clone());
                            }
                            is_own = matches!(tag.raw("customStyle"), Some("1" | "true"));
                            current = Some((id, Raw::default()));
                        }
                        "name" | "aliases" if depth == style_at + 1 => {
                            // Other programs than Word do not say which styles are somebody's own.
                            let own = |name: &str| has_letter(name) && (is_own || !is_built_in(name));
                            if let Some(name) = tag.attribute("val").filter(|name| own(name)) {
                                let place = Place::new(Kind::Property).hidden().named("style");
                                sink.segment(Segment::new(&name, place))?;
                            }
                        }
                        "basedOn" if depth == style_at + 1 => {
                            if let Some((_, raw)) = &mut current {
                                raw.based_on = tag.attribute("val").map(Into::into);
                            }
                        }
                        // Only the style's own, not those of a table style's conditional parts.
                        "rPr" if in_defaults || depth == style_at + 1 => props_at = depth,
                        "pBdr" | "tblBorders" if style_at > 0 && depth == style_at + 2 => {
                            borders_at = depth;
                            paragraph_borders = tag.local() == "pBdr";
                            sides = 0;
                        }
                        name if borders_at > 0 && depth == borders_at + 1 => {
                            if let Some((_, raw)) = &mut current {
                                let value = tag.raw("val").unwrap_or_default();
                                if paragraph_borders {
                                    sides += u32::from(!matches!(value, "" | "nil" | "none"));
                                    raw.look.framed = Some(sides >= 3);
                                } else {
                                    raw.borders.side(name, value);
                                }
                            }
                        }
                        _ if props_at > 0 && depth == props_at + 1 => {
                            let look = if in_defaults {
                                Some(&mut defaults)
                            } else {
                                current.as_mut().map(|c| &mut c.1.look)
                            };
                            if let Some(look) = look {
                                run_property(&tag, look, fonts);
                            }
                        }
                        _ => {}
                    }
                }
                Token::End => {
                    if depth == props_at {
                        props_at = 0;
                    }
                    if depth == borders_at {
                        borders_at = 0;
                    }
                    if depth == style_at {
                        style_at = 0;
                        if let Some((id, style)) = current.take().filter(|_| raw.len() < MAX_STYLES) {
                            raw.insert(id, style);
                        }
                    }
                    depth = depth.saturating_sub(1);
                    if depth <= 1 {
                        in_defaults = false;
                    }
                }
                Token::Text(text) | Token::Literal(text) | Token::Comment(text) => {
                    if has_letter(text) {
                        sink.segment(Segment::new(text, Place::new(Kind::Hidden).hidden().named("styles")))?;
                    }
                }
            }
        }
        let mut looks = HashMap::with_capacity(raw.len());
        for id in raw.keys() {
            let mut look = Look::default();
            let mut borders = Borders::default();
            let mut next = Some(id.as_str());
            for _ in 0..MAX_CHAIN {
                let Some(style) = next.and_then(|id| raw.get(id)) else { break };
                look = look.over(style.look);
                if borders == Borders::default() {
                    borders = style.borders;
                }
                next = style.based_on.as_deref();
            }
            looks.insert(id.clone(), (look, borders));
        }
        let mut styles = Styles { looks, defaults, default_paragraph: defaults };
        if let Some(id) = default_paragraph {
            styles.default_paragraph = styles.paragraph(&id);
        }
        Ok(styles)
    }

    /// Look of a paragraph of that style, defaults included.
    pub(super) fn paragraph(&self, id: &str) -> Look {
        self.looks.get(id).map_or(self.default_paragraph, |(look, _)| look.over(self.defaults))
    }

    /// What a character style says itself.
    pub(super) fn character(&self, id: &str) -> Look {
        self.looks.get(id).map(|(look, _)| *look).unwrap_or_default()
    }

    /// Borders a table style draws.
    pub(super) fn table_borders(&self, id: &str) -> Borders {
        self.looks.get(id).map(|(_, borders)| *borders).unwrap_or_default()
    }

    /// Look of a paragraph without a style.
    pub(super) fn default_paragraph(&self) -> Look {
        self.default_paragraph
    }
}

/// Takes the children of `w:rPr` that come next, as long as they are empty elements of Word; gives their length.
fn run_properties(ahead: &str, single_quotes: bool, look: &mut Look, fonts: &mut Fonts) -> usize {
    let mut passed = 0;
    while let Some(rest) = ahead.get(passed..)
        && rest.starts_with("<w:")
        && let Some((tag, len)) = Tag::empty(rest, single_quotes)
        // These mean something wherever they stand.
        && !matches!(
            tag.local(),
            "docDefaults" | "latentStyles" | "tblStylePr" | "tblPr" | "tblBorders" | "pPr" | "pBdr" | "rPr" | "style"
        )
    {
        run_property(&tag, look, fonts);
        passed += len;
    }
    passed
}

/// Takes one child of `w:rPr`.
pub(super) fn run_property(tag: &Tag<'_>, look: &mut Look, fonts: &mut Fonts) {
    let on = || !matches!(tag.raw("val"), Some("0" | "false" | "off"));
    match tag.local() {
        "b" => look.bold = Some(on()),
        "caps" => look.capitals = Some(on()),
        "strike" | "dstrike" => look.struck = Some(on()),
        "vanish" | "specVanish" => look.hidden = Some(on()),
        "sz" => look.size = tag.raw("val").and_then(|size| size.parse().ok()).or(look.size),
        "color" => {
            look.color = match tag.raw("val") {
                Some("auto") => Some([0; 3]),
                Some(value) => hex_color(value).or(look.color),
                None => look.color,
            }
        }
        "bdr" => look.framed = Some(!matches!(tag.raw("val"), Some("none" | "nil") | None)),
        "shd" => look.shaded = Some(!matches!(tag.raw("fill"), Some("auto" | "FFFFFF" | "ffffff") | None)),
        "highlight" => look.shaded = Some(true),
        "rFonts" => {
            let name = tag.attribute("ascii").or_else(|| tag.attribute("hAnsi"));
            if let Some(name) = name {
                look.font = fonts.number(&name);
            }
        }
        _ => {}
    }
}
