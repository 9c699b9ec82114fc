//! What an inline style says of visibility and of a stamp's look.

/// Look of one element, as far as it is written at the element itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Look {
    /// Why its text is not seen.
    pub(super) hidden: Option<&'static str>,
    /// Set only when it is red: other colours say nothing.
    pub(super) color: Option<[u8; 3]>,
    pub(super) bold: bool,
    /// Points.
    pub(super) size: Option<f32>,
    pub(super) framed: bool,
    /// Struck through.
    pub(super) struck: bool,
    /// Set only for Vietnamese fonts before Unicode.
    pub(super) font: Option<String>,
    /// It says that the element is shown, so that a rule before it does not count.
    shown: bool,
}

impl Look {
    /// Whether the element's text must be told apart.
    pub(super) fn counts(&self) -> bool {
        self.hidden.is_some() || self.color.is_some() || self.framed || self.struck || self.font.is_some()
    }

    /// Adds what a stronger rule says.
    pub(super) fn take(&mut self, over: &Look) {
        if over.shown {
            self.hidden = None;
            self.shown = true;
        }
        self.hidden = over.hidden.or(self.hidden);
        self.color = over.color.or(self.color);
        self.size = over.size.or(self.size);
        self.bold |= over.bold;
        self.framed |= over.framed;
        self.struck |= over.struck;
        if over.font.is_some() {
            self.font.clone_from(&over.font);
        }
    }

    /// Reads the declarations of a rule in a style sheet. White letters say nothing there: their ground is painted by
    /// another rule.
    pub(super) fn read_sheet(&mut self, declarations: &str) {
        self.read(declarations);
        if self.hidden == Some("white") {
            self.hidden = None;
        }
        // Frames are everywhere on a page; a stamp's is red or bold besides.
        self.framed &= self.color.is_some() || self.bold;
    }

    /// Reads a `style` attribute.
    pub(super) fn read(&mut self, style: &str) {
        let mut white = false;
        let mut background = false;
        let mut colors = (None, None);
        for declaration in style.split(';') {
            let Some((property, value)) = declaration.split_once(':') else { continue };
            let property = property.trim();
            let value = value.trim().trim_end_matches("!important").trim_end();
            let is = |name: &str| property.eq_ignore_ascii_case(name);
            let says = |name: &str| value.eq_ignore_ascii_case(name);
            if is("display") && says("none") {
                self.hidden = Some("display:none");
                self.shown = false;
            } else if is("display") || (is("visibility") && says("visible")) {
                self.hidden = None;
                self.shown = true;
            } else if is("visibility") && (says("hidden") || says("collapse")) {
                self.hidden = Some("visibility:hidden");
            } else if is("opacity") && value.parse::<f32>().is_ok_and(|opacity| opacity <= 0.01) {
                self.hidden = Some("opacity:0");
            } else if is("font-size") {
                match points(value) {
                    Some(size) if size < 1.0 => self.hidden = Some("font-size:0"),
                    size => self.size = size,
                }
            } else if is("color") {
                colors.0 = color(value);
                match color(value) {
                    Some([250..=255, 250..=255, 250..=255]) => white = true,
                    Some(_) => self.set_color(value),
                    None => white |= says("transparent"),
                }
            } else if is("background") || is("background-color") || is("background-image") {
                background = true;
                colors.1 = color(value).or(colors.1);
            } else if is("font-weight") {
                self.bold =
                    says("bold") || says("bolder") || value.parse::<u16>().is_ok_and(|weight| weight >= 600);
            } else if is("border") || is("outline") {
                let lower = value.to_ascii_lowercase();
                let line = ["solid", "double", "dashed", "dotted", "groove", "ridge", "inset", "outset"];
                let none = lower.split_whitespace().any(|word| matches!(word, "0" | "0px" | "0pt"));
                self.framed |= !none && line.iter().any(|line| lower.contains(line));
            } else if is("text-decoration") || is("text-decoration-line") {
                self.struck = value.to_ascii_lowercase().contains("line-through");
            } else if is("font-family") || is("font") {
                self.set_font(value);
            } else if (is("text-indent") || is("left") || is("top") || is("margin-left"))
                && points(value).is_some_and(|offset| offset <= -700.0)
            {
                self.hidden = Some("off-screen");
            } else if (is("clip") && (value.starts_with("rect(0") || value.starts_with("rect(1px")))
                || (is("clip-path") && (value.starts_with("inset(50%") || value.starts_with("inset(100%")))
            {
                self.hidden = Some("clipped");
            }
        }
        if colors.0.is_some() && colors.0 == colors.1 && self.hidden.is_none() {
            self.hidden = Some("colour of its ground");
        }
        // White on an unknown ground: text on a dark banner says its ground beside it.
        if white && !background && self.hidden.is_none() {
            self.hidden = Some("white");
        }
    }

    /// Takes a colour when it is red.
    pub(super) fn set_color(&mut self, value: &str) {
        if let Some([red, green, blue]) = color(value)
            && red >= 150
            && green < 90
            && blue < 90
        {
            self.color = Some([red, green, blue]);
        }
    }

    /// Takes a font when its letters are not Unicode: `.VnTime`, `VNI-Times`.
    pub(super) fn set_font(&mut self, value: &str) {
        let legacy = value.split(',').map(|font| font.trim().trim_matches(['"', '\''])).find(|font| {
            let begins =
                |prefix: &str| font.get(..prefix.len()).is_some_and(|is| is.eq_ignore_ascii_case(prefix));
            begins(".vn") || begins("vni")
        });
        if let Some(font) = legacy {
            self.font = Some(font.to_owned());
        }
    }
}

/// A length in points; pixels are three quarters of one.
fn points(value: &str) -> Option<f32> {
    let end =
        value.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+'))).unwrap_or(value.len());
    let (number, unit) = value.split_at_checked(end)?;
    let number: f32 = number.parse().ok()?;
    match unit.trim().to_ascii_lowercase().as_str() {
        "px" | "" => Some(number * 0.75),
        "pt" => Some(number),
        "em" | "rem" => Some(number * 12.0),
        "%" => Some(number * 0.12),
        _ => None,
    }
}

/// Red, green, blue of a CSS colour; only the names that matter here.
fn color(value: &str) -> Option<[u8; 3]> {
    let value = value.trim().to_ascii_lowercase();
    if let Some(digits) = value.strip_prefix('#').or_else(|| (value.len() == 6).then_some(value.as_str())) {
        let nibble = |at: usize| digits.as_bytes().get(at).and_then(|byte| char::from(*byte).to_digit(16));
        let byte = |high: usize, low: usize| u8::try_from(nibble(high)? * 16 + nibble(low)?).ok();
        if let (3 | 4, Some(r), Some(g), Some(b)) = (digits.len(), byte(0, 0), byte(1, 1), byte(2, 2)) {
            return Some([r, g, b]);
        }
        if let (6 | 8, Some(r), Some(g), Some(b)) = (digits.len(), byte(0, 1), byte(2, 3), byte(4, 5)) {
            return Some([r, g, b]);
        }
    }
    if let Some(inner) = value.strip_prefix("rgb") {
        let mut parts = inner
            .split(|c: char| !(c.is_ascii_digit() || c == '.'))
            .filter(|part| !part.is_empty())
            .map(|part| part.split('.').next().unwrap_or_default().parse::<u8>().ok());
        return Some([parts.next()??, parts.next()??, parts.next()??]);
    }
    Some(match value.as_str() {
        "red" => [255, 0, 0],
        "darkred" => [139, 0, 0],
        "crimson" => [220, 20, 60],
        "firebrick" => [178, 34, 34],
        "white" => [255, 255, 255],
        "black" => [0, 0, 0],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(style: &str) -> Look {
        let mut look = Look::default();
        look.read(style);
        look
    }

    #[test]
    fn hidden_in_many_ways() {
        for style in [
            "display:none",
            "DISPLAY : None !important",
            "visibility:hidden",
            "font-size:0px",
            "color:#fff",
            "color: white; font-weight: bold",
            "opacity:0",
            "text-indent:-9999px",
            "color:#eee;background:#EEEEEE",
            "position:absolute;clip:rect(0,0,0,0)",
        ] {
            assert!(look(style).hidden.is_some(), "{style}");
        }
        for style in [
            "display:block",
            "color:#fff;background:#000",
            "display:none;display:block",
            "opacity:0.5",
            "font-size:12px",
            "color:#333",
        ] {
            assert!(!look(style).counts(), "{style}");
        }
    }

    #[test]
    fn red_and_framed() {
        for style in ["color:red", "color:#F00", "color:#c00000", "color: rgb(255, 0, 0)"] {
            assert!(look(style).color.is_some(), "{style}");
        }
        assert!(look("border: 2px solid red").framed);
        assert!(!look("border: 0 solid").framed);
        assert_eq!(look("font-family: '.VnTimeH', serif").font.as_deref(), Some(".VnTimeH"));
    }
}
