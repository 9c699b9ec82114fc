//! What elements mean when they begin.

use super::{El, Family, MAX_BLANKS, MAX_STYLES, Reader, Style, repeated};
use crate::extract::look::Look;
use crate::extract::ooxml::kind_of_property;
use crate::extract::style_names::is_built_in;
use crate::extract::xml::{Tag, has_letter, has_word, is_given};
use crate::extract::{Unreadable, field};
use crate::model::Kind;

impl Reader<'_> {
    pub(super) fn start(&mut self, tag: &Tag<'_>) -> Result<El, Unreadable> {
        let prefix = tag.prefix();
        Ok(match tag.local() {
            "p" | "h" if prefix == "text" || prefix.is_empty() => {
                self.start_paragraph(tag);
                El::Paragraph
            }
            "span" | "a" => {
                if tag.local() == "a" {
                    for attribute in tag.attributes() {
                        // Links of a table of contents lead to marks that the program made.
                        if matches!(attribute.local(), "href" | "title" | "name" | "target-frame-name")
                            && !attribute.raw.starts_with("#__Ref")
                            && !attribute.raw.starts_with('_')
                        {
                            self.aside(Kind::Link, attribute.local(), &attribute.value())?;
                        }
                    }
                }
                let own = tag
                    .attribute("style-name")
                    .map(|name| self.look(Family::Text, &name))
                    .unwrap_or_default();
                if let Some(paragraph) = self.paragraph() {
                    let base = paragraph.looks.last().copied().unwrap_or_default();
                    // Spans nest as deep as elements do, and those are capped.
                    paragraph.looks.push(own.over(base));
                }
                if self.open > 0 { El::Span } else { El::Other }
            }
            "s" if prefix == "text" => {
                let count = tag.raw("c").and_then(|count| count.parse::<usize>().ok()).unwrap_or(1);
                for _ in 0..count.min(MAX_BLANKS) {
                    self.plain(' ');
                }
                El::Other
            }
            "tab" => {
                self.plain('\t');
                El::Other
            }
            "line-break" => {
                self.plain('\n');
                El::Other
            }
            "ruby-text" => {
                self.plain(' ');
                El::Other
            }
            // Who changed a text, when, and his comment.
            "change-info" => {
                self.changes += 1;
                El::Change
            }
            "annotation" => {
                self.annotations += 1;
                El::Annotation
            }
            "deletion" => {
                self.deletions += 1;
                El::Deletion
            }
            "note" => {
                self.notes += 1;
                El::Note
            }
            "notes" if prefix == "presentation" => {
                self.slide_notes += 1;
                El::Notes
            }
            "header" | "header-left" | "header-first" if prefix == "style" => {
                self.region = Some(Kind::Header);
                El::Header
            }
            "footer" | "footer-left" | "footer-first" if prefix == "style" => {
                self.region = Some(Kind::Footer);
                El::Footer
            }
            // The declarations of a presentation hold their text directly.
            "header-decl" | "footer-decl" | "date-time-decl" => {
                let kind = if tag.local() == "header-decl" { Kind::Header } else { Kind::Footer };
                self.begin_capture(kind, tag.local())
            }
            "frame" => {
                self.placeholder = match tag.raw("class") {
                    Some("footer" | "date-time" | "page-number") => Some(Kind::Footer),
                    Some("header") => Some(Kind::Header),
                    Some("notes") => Some(Kind::Notes),
                    Some(_) => Some(Kind::Body),
                    None => None,
                };
                self.shape_name(tag)?;
                self.shape_framed = tag
                    .attribute("style-name")
                    .is_some_and(|name| self.look(Family::Other, &name).framed == Some(true));
                El::Frame
            }
            "text-box" | "custom-shape" | "rect" | "ellipse" | "circle" | "polygon" | "polyline" | "path"
            | "line" | "connector" | "caption" | "regular-polygon" | "measure" | "control" => {
                if tag.local() != "text-box" {
                    self.placeholder = None;
                    self.shape_name(tag)?;
                    // A slanting shape in a header is what Word's watermarks become in LibreOffice.
                    self.watermark |= self.region.is_some()
                        && tag.raw("transform").is_some_and(|transform| transform.contains("rotate"));
                    self.shape_framed = true;
                }
                if self.placeholder.is_some() {
                    El::Other
                } else {
                    self.shapes += 1;
                    El::Shape
                }
            }
            "table" if prefix == "table" => {
                if !self.sheet_document
                    && let Some(name) = tag.attribute("name").filter(|name| is_given(name))
                {
                    self.aside(Kind::Property, "table", &name)?;
                }
                self.start_table(tag)?;
                El::Table
            }
            "spreadsheet" => {
                self.sheet_document = true;
                El::Other
            }
            "table-column" => {
                let count = repeated(tag, "number-columns-repeated");
                if tag.raw("visibility").is_some_and(|value| value != "visible")
                    && self.hidden_columns.len() < 1_024
                {
                    self.hidden_columns.push((self.column_at, self.column_at.saturating_add(count)));
                }
                self.column_at = self.column_at.saturating_add(count);
                El::Other
            }
            "table-row" => {
                if self.tables <= 1 {
                    self.row = self.row.saturating_add(self.rows_next);
                    self.rows_next = repeated(tag, "number-rows-repeated");
                    self.row_hidden = tag.raw("visibility").is_some_and(|value| value != "visible");
                    self.column = 0;
                    self.columns_next = 0;
                }
                El::Row
            }
            "table-cell" | "covered-table-cell" => {
                self.start_cell(tag)?;
                El::Cell
            }
            "section" => {
                if let Some(name) = tag.attribute("name").filter(|name| is_given(name)) {
                    self.aside(Kind::Property, "section", &name)?;
                }
                if matches!(tag.raw("display"), Some("none" | "condition"))
                    || tag.raw("is-hidden") == Some("true")
                {
                    self.hidden_sections += 1;
                    El::HiddenSection
                } else {
                    El::Other
                }
            }
            "hidden-text" | "conditional-text" | "hidden-paragraph" => {
                for attribute in tag.attributes() {
                    if matches!(
                        attribute.local(),
                        "string-value" | "string-value-if-true" | "string-value-if-false"
                    ) {
                        self.aside(Kind::Hidden, tag.local(), &attribute.value())?;
                    }
                }
                El::Other
            }
            "style" | "default-style" if prefix == "style" => {
                let family = match tag.raw("family") {
                    Some("paragraph") => Family::Paragraph,
                    Some("text") => Family::Text,
                    Some("table-cell") => Family::Cell,
                    _ => Family::Other,
                };
                let parent = tag.attribute("parent-style-name").map(Into::into);
                let name: Option<String> = tag.attribute("name").map(Into::into);
                // One that is written otherwise than it is shown has both.
                let shown = tag.attribute("display-name").or_else(|| tag.attribute("name"));
                if let Some(shown) = shown.filter(|name| has_letter(name) && !is_built_in(name)) {
                    self.aside(Kind::Property, "style", &shown)?;
                }
                self.style = Some((family, name, Style { parent, ..Style::default() }));
                El::Style
            }
            "text-properties"
            | "paragraph-properties"
            | "table-cell-properties"
            | "graphic-properties"
            | "table-properties"
            | "drawing-page-properties" => {
                self.properties(tag);
                El::Other
            }
            "font-face" => {
                if let (Some(name), Some(face)) = (tag.attribute("name"), tag.attribute("font-family"))
                    && self.faces.len() < MAX_STYLES
                {
                    self.faces.insert(name.into_owned(), face.trim_matches(['\'', '"']).to_owned());
                }
                El::Other
            }
            "page" if prefix == "draw" => {
                self.slide = self.slide.saturating_add(1);
                let hidden = tag.attribute("style-name").is_some_and(|name| self.hides(&name));
                self.slide_visible = !hidden;
                if let Some(name) =
                    tag.attribute("name").filter(|name| has_letter(name) && !name.starts_with("page"))
                {
                    self.aside(Kind::Property, "slide", &name)?;
                }
                El::Page
            }
            "meta" if prefix == "office" => {
                self.in_meta = true;
                El::Meta
            }
            name if self.in_meta => {
                if name == "template" {
                    for attribute in tag.attributes().filter(|a| matches!(a.local(), "title" | "href")) {
                        self.aside(Kind::Property, "template", &attribute.value())?;
                    }
                }
                let field = tag.attribute("name").unwrap_or_else(|| name.into());
                if name == "user-defined" {
                    self.aside(Kind::Property, "property name", &field)?;
                }
                let kind = if name == "title" { Kind::Title } else { kind_of_property(&field) };
                self.begin_capture(kind, &field)
            }
            "title" | "desc" if prefix == "svg" => self.begin_capture(Kind::AltText, tag.local()),
            "creator" | "creator-initials" => {
                let kind = if self.annotations > 0 { Kind::Comment } else { Kind::Property };
                self.begin_capture(kind, "author")
            }
            "date" | "date-string" if self.annotations > 0 || prefix == "dc" => {
                self.begin_capture(Kind::Property, "date")
            }
            "script" if prefix == "text" => self.begin_capture(Kind::Script, "script"),
            "module" if prefix == "script" => {
                self.begin_capture(Kind::Script, &tag.attribute("name").unwrap_or_default())
            }
            "config-item" => {
                if tag.raw("type") == Some("base64Binary") {
                    El::Binary
                } else {
                    self.begin_capture(Kind::Property, &tag.attribute("name").unwrap_or_default())
                }
            }
            "binary-data" | "X509Certificate" | "SignatureValue" | "DigestValue" | "Modulus" => {
                if tag.local() == "binary-data" {
                    self.pictures += 1;
                }
                El::Binary
            }
            "content-validation" => {
                self.validations += 1;
                if let Some(rule) =
                    tag.attribute("condition").filter(|rule| rule.contains('"') && has_letter(rule))
                {
                    self.aside(Kind::Hidden, "list or rule", &rule)?;
                }
                El::Validation
            }
            "help-message" | "error-message" => {
                if let Some(title) = tag.attribute("title") {
                    self.aside(Kind::FormField, "title", &title)?;
                }
                El::Other
            }
            "named-range"
            | "named-expression"
            | "database-range"
            | "bookmark"
            | "bookmark-start"
            | "reference-mark"
            | "reference-mark-start" => {
                for attribute in tag.attributes() {
                    let value = attribute.value();
                    if attribute.local() == "name" && !value.starts_with('_') {
                        self.aside(Kind::Bookmark, "name", &value)?;
                    } else if attribute.local() == "expression" && value.contains('"') {
                        self.aside(Kind::Hidden, "expression", &value)?;
                    }
                }
                El::Other
            }
            "user-field-decl" | "variable-decl" | "variable-set" => {
                if let Some(value) = tag.attribute("string-value") {
                    let name = tag.attribute("name").unwrap_or_default();
                    self.aside(Kind::FormField, &name, &value)?;
                }
                El::Other
            }
            "region-left" | "region-center" | "region-right" => El::Other,
            name => {
                self.attributes(prefix, name, tag)?;
                if self.open == 0 && prefix == "number" && name == "text" {
                    return Ok(self.begin_capture(Kind::Hidden, "number format"));
                }
                El::Other
            }
        })
    }

    /// A parameter of a field or form control: of a field of Word that the program does not know, the instruction.
    fn parameter(&mut self, tag: &Tag<'_>) -> Result<(), Unreadable> {
        let name = tag.attribute("name").unwrap_or_default();
        let value = tag.attribute("value").unwrap_or_default();
        let (kind, label) = match &*name {
            "vnd.oasis.opendocument.field.code" => (field::kind(&value), "field"),
            _ => (Kind::FormField, "value"),
        };
        if !name.starts_with("vnd.oasis.") && has_word(&name) {
            self.aside(Kind::FormField, "name", &name)?;
        }
        if has_word(&value) { self.aside(kind, label, &value) } else { Ok(()) }
    }

    /// Text that elements without a meaning of their own here hold in attributes.
    pub(super) fn attributes(&mut self, prefix: &str, name: &str, tag: &Tag<'_>) -> Result<(), Unreadable> {
        let (kind, wanted): (Kind, &[&str]) = match (prefix, name) {
            ("form", _) => {
                (Kind::FormField, &["name", "label", "value", "current-value", "title", "help-text"])
            }
            ("text", "text-input" | "placeholder" | "drop-down") => {
                (Kind::FormField, &["name", "description", "help", "hint"])
            }
            ("text", "label") => (Kind::FormField, &["name", "value"]),
            ("field", "param") => return self.parameter(tag),
            ("field", _) => (Kind::FormField, &["name"]),
            ("text", "list-level-style-number" | "outline-level-style") => {
                (Kind::Hidden, &["num-prefix", "num-suffix", "num-list-format"])
            }
            ("table", "filter-condition" | "filter-set-item") => (Kind::Hidden, &["value"]),
            ("table", "scenario") => (Kind::Hidden, &["comment"]),
            ("calcext", "condition") => (Kind::Hidden, &["value"]),
            ("style", "map") => (Kind::Hidden, &["condition"]),
            ("presentation", "show") => (Kind::Property, &["name"]),
            ("text", "user-field-get" | "variable-get") => (Kind::FormField, &["name"]),
            _ => return Ok(()),
        };
        for attribute in tag.attributes().filter(|attribute| wanted.contains(&attribute.local())) {
            let value = attribute.value();
            if has_word(&value) {
                let visible = attribute.local() == "label" && self.slide_visible;
                self.push(kind, visible, Some(attribute.local()), &value, Look::default())?;
            }
        }
        Ok(())
    }
}
