//! What single elements say: of the look of letters, of shapes, links, fields and people.

use super::{El, Flow, MAX_SEEN, hash, is_watermark};
use crate::extract::Unreadable;
use crate::extract::look::{Look, hex_color};
use crate::extract::ooxml::props;
use crate::extract::ooxml::sheet::parse_reference;
use crate::extract::ooxml::styles::run_property;
use crate::extract::xml::{Tag, has_letter, has_word, is_given};
use crate::model::Kind;

impl Flow<'_> {
    pub(super) fn start_other(&mut self, tag: &Tag<'_>) -> Result<(), Unreadable> {
        let parent = self.nest.parent();
        let name = tag.local();
        match parent {
            Some(El::RunProps) if name.starts_with("hlink") => return self.link(tag),
            Some(El::RunProps) => {
                if self.nest.ancestor(2) == Some(El::Run) {
                    self.run_prop(tag);
                }
                return Ok(());
            }
            Some(El::ParagraphProps) => {
                self.paragraph_prop(tag);
                return Ok(());
            }
            Some(El::Borders) => {
                self.sides += u32::from(!matches!(tag.raw("val"), Some("none" | "nil") | None));
                return Ok(());
            }
            Some(El::TableBorders) => {
                if let Some(table) = self.tables.last_mut() {
                    table.borders.side(name, tag.raw("val").unwrap_or_default());
                }
                return Ok(());
            }
            Some(El::CellProps) if name == "gridSpan" => {
                self.widen_cell(tag.raw("val").unwrap_or_default());
                return Ok(());
            }
            Some(El::TableProps) if name == "tblStyle" => {
                if let (Some(id), Some(table)) = (tag.attribute("val"), self.tables.last_mut()) {
                    table.borders = self.styles.table_borders(&id);
                    table.styled = true;
                }
                return Ok(());
            }
            Some(El::SolidFill) if name == "srgbClr" => {
                match self.nest.ancestor(2) {
                    Some(El::RunProps) => {
                        let color = tag.raw("val").and_then(hex_color);
                        if let Some(paragraph) = self.paragraph() {
                            paragraph.run.color = color;
                            paragraph.stale = true;
                        }
                    }
                    Some(El::Line) => self.box_framed = true,
                    _ => {}
                }
                return Ok(());
            }
            _ => {}
        }
        match name {
            "br" | "cr" => self.line_break(tag),
            // The stops of a paragraph have the same name.
            "tab" | "ptab" if parent == Some(El::Run) => self.plain('\t'),
            "noBreakHyphen" => self.plain('\u{2011}'),
            "softHyphen" => self.plain('\u{ad}'),
            "sym" => self.plain(' '),
            "lastRenderedPageBreak" => self.page_mark(),
            "docPr" | "cNvPr" => self.described(tag)?,
            "ph" => {
                let kind = match tag.raw("type") {
                    Some("ftr") => Kind::Footer,
                    Some("hdr" | "dt" | "sldNum") => Kind::Header,
                    _ => self.role.kind,
                };
                self.shape = Some(kind);
            }
            "shape" | "rect" | "roundrect" | "oval" | "shapetype" => self.vml_shape(tag)?,
            "textpath" => {
                if let Some(text) = tag.attribute("string") {
                    let kind = if self.watermark || matches!(self.role.kind, Kind::Header | Kind::Footer) {
                        Kind::Watermark
                    } else {
                        Kind::Textbox
                    };
                    self.emit(kind, self.role.visible, &text, Look::default())?;
                }
            }
            "bookmarkStart" => {
                if let Some(name) = tag.attribute("name").filter(|name| !name.starts_with('_')) {
                    self.aside(Kind::Bookmark, "bookmark", &name)?;
                }
            }
            // Of workbooks that this one takes values from.
            "sheetName" | "definedName" => {
                for attribute in
                    tag.attributes().filter(|it| matches!(it.local(), "val" | "name" | "refersTo"))
                {
                    self.aside(Kind::Hidden, "external link", &attribute.value())?;
                }
            }
            "control" => {
                if let Some(name) = tag.attribute("name") {
                    self.aside(Kind::FormField, "control", &name)?;
                }
            }
            "fldSimple" => {
                if let (Some(code), Some(paragraph)) = (tag.attribute("instr"), self.paragraph()) {
                    paragraph.field_mark("begin");
                    paragraph.field.push_str(&code);
                    paragraph.field_mark("end");
                }
            }
            "fldChar" => {
                if let Some(paragraph) = self.paragraph() {
                    paragraph.field_mark(tag.raw("fldCharType").unwrap_or_default());
                }
            }
            "comment" | "cm" | "threadedComment" => {
                self.cell = tag.raw("ref").and_then(parse_reference);
                for attribute in tag.attributes() {
                    if matches!(attribute.local(), "author" | "initials") {
                        self.aside(Kind::Comment, attribute.local(), &attribute.value())?;
                    }
                }
            }
            "cmAuthor" | "author" | "person" => {
                for attribute in tag.attributes() {
                    if matches!(attribute.local(), "name" | "displayName" | "author" | "userId" | "initials")
                    {
                        self.aside(Kind::Comment, "author", &attribute.value())?;
                    }
                }
            }
            "ins" | "moveTo" | "rPrChange" | "pPrChange" => self.author(tag)?,
            // Of a presentation; a content control's tag has a value only.
            "tag" if tag.raw("name").is_some() => {
                let name = tag.attribute("name").unwrap_or_default();
                let value = tag.attribute("val").unwrap_or_default();
                let kind = props::kind_of_property(&name);
                self.aside(Kind::Property, "tag", &name)?;
                self.aside(kind, &name, &value)?;
            }
            "alias" | "tag" | "helpText" | "statusText" | "listEntry" | "default" | "docPart" | "name" => {
                if let Some(value) = tag.attribute("val") {
                    self.aside(Kind::FormField, name, &value)?;
                }
            }
            "listItem" => {
                for attribute in tag.attributes() {
                    if matches!(attribute.local(), "displayText" | "value") {
                        self.aside(Kind::FormField, "list item", &attribute.value())?;
                    }
                }
            }
            "lvlText" => {
                if let Some(value) = tag.attribute("val").filter(|value| has_word(value)) {
                    self.aside(Kind::Hidden, "numbering", &value)?;
                }
            }
            "docVar" => {
                if let Some(value) = tag.attribute("val") {
                    let name = tag.attribute("name").unwrap_or_default();
                    self.aside(Kind::Property, "document variable", &name)?;
                    self.aside(props::kind_of_property(&name), &name, &value)?;
                }
            }
            "hlinkClick" | "hyperlink" | "hlinkHover" | "hlinkMouseOver" => self.link(tag)?,
            // The base and its reading are two words.
            "rt" | "rubyBase" => self.plain(' '),
            "smartTag" | "attr" | "dataBinding" | "presenceInfo" | "connectString" | "query"
            | "mailSubject" => {
                for attribute in tag.attributes() {
                    if matches!(attribute.local(), "element" | "name" | "val" | "xpath" | "userId") {
                        self.aside(Kind::Hidden, name, &attribute.value())?;
                    }
                }
            }
            "description" => {
                if let Some(value) = tag.attribute("val") {
                    self.aside(Kind::Hidden, name, &value)?;
                }
            }
            "sld" => {
                if matches!(tag.raw("show"), Some("0" | "false")) {
                    self.role.visible = false;
                }
            }
            "cSld" | "section" | "custShow" => {
                if let Some(name) = tag.attribute("name") {
                    self.aside(Kind::Property, "name", &name)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// `w:` run properties are elements.
    pub(super) fn run_prop(&mut self, tag: &Tag<'_>) {
        if tag.local() == "rStyle" {
            let look = tag.attribute("val").map(|id| self.styles.character(&id)).unwrap_or_default();
            if let Some(paragraph) = self.paragraph() {
                paragraph.run_style = look;
                paragraph.stale = true;
            }
            return;
        }
        let Some(mut look) = self.paragraph().map(|paragraph| paragraph.run) else { return };
        run_property(tag, &mut look, &mut self.fonts);
        if let Some(paragraph) = self.paragraph() {
            paragraph.run = look;
            paragraph.stale = true;
        }
    }

    /// `a:` run properties are attributes.
    pub(super) fn drawing_run(&mut self, tag: &Tag<'_>) {
        let Some(mut look) = self.paragraph().map(|paragraph| paragraph.run) else { return };
        for attribute in tag.attributes() {
            match attribute.local() {
                // Hundredths of a point.
                "sz" => {
                    look.size =
                        attribute.raw.parse::<u32>().ok().and_then(|size| u16::try_from(size / 50).ok())
                }
                "b" => look.bold = Some(matches!(attribute.raw, "1" | "true")),
                "strike" => look.struck = Some(attribute.raw != "noStrike"),
                "cap" => look.capitals = Some(attribute.raw == "all"),
                _ => {}
            }
        }
        if let Some(paragraph) = self.paragraph() {
            paragraph.run = look;
            paragraph.stale = true;
        }
    }

    pub(super) fn paragraph_prop(&mut self, tag: &Tag<'_>) {
        match tag.local() {
            "pStyle" => {
                let look = tag.attribute("val").map(|id| self.styles.paragraph(&id)).unwrap_or_default();
                if let Some(paragraph) = self.paragraph() {
                    let framed = paragraph.base.framed;
                    paragraph.base = look;
                    paragraph.base.framed = framed.or(look.framed);
                    paragraph.stale = true;
                }
            }
            "framePr" => {
                // A drop cap is a frame for layout only.
                if tag.raw("dropCap").is_none()
                    && let Some(paragraph) = self.paragraph()
                {
                    paragraph.base.framed = Some(true);
                    paragraph.stale = true;
                }
            }
            "shd" => {
                let shaded = !matches!(tag.raw("fill"), Some("auto" | "FFFFFF" | "ffffff") | None);
                if let Some(paragraph) = self.paragraph() {
                    paragraph.base.shaded = Some(shaded);
                    paragraph.stale = true;
                }
            }
            _ => {}
        }
    }

    pub(super) fn described(&mut self, tag: &Tag<'_>) -> Result<(), Unreadable> {
        for attribute in tag.attributes() {
            match attribute.local() {
                "descr" | "title" => self.aside(Kind::AltText, attribute.local(), &attribute.value())?,
                "name" if is_watermark(attribute.raw) => self.watermark = true,
                "name" if is_given(attribute.raw) => {
                    self.aside(Kind::AltText, "name", &attribute.value())?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Where a link leads within the document, and what it says when pointed at.
    pub(super) fn link(&mut self, tag: &Tag<'_>) -> Result<(), Unreadable> {
        for attribute in tag.attributes() {
            if matches!(attribute.local(), "tooltip" | "location" | "display" | "anchor") {
                self.aside(Kind::Link, attribute.local(), &attribute.value())?;
            }
        }
        Ok(())
    }

    pub(super) fn vml_shape(&mut self, tag: &Tag<'_>) -> Result<(), Unreadable> {
        if tag.prefix() != "v" {
            return Ok(());
        }
        let mut stroked = tag.local() != "shapetype";
        for attribute in tag.attributes() {
            match attribute.local() {
                "id" | "spid" | "name" => self.watermark |= is_watermark(attribute.raw),
                "alt" | "title" => self.aside(Kind::AltText, "alt", &attribute.value())?,
                "stroked" => stroked = !matches!(attribute.raw, "f" | "false"),
                _ => {}
            }
        }
        self.box_framed = stroked;
        Ok(())
    }

    pub(super) fn author(&mut self, tag: &Tag<'_>) -> Result<(), Unreadable> {
        if let Some(author) = tag.attribute("author")
            && self.authors.len() < MAX_SEEN
            && self.authors.insert(hash(&author))
        {
            self.aside(Kind::Property, "revision author", &author)?;
        }
        Ok(())
    }

    pub(super) fn every_attribute(&mut self, tag: &Tag<'_>) -> Result<(), Unreadable> {
        for attribute in tag.attributes() {
            if !attribute.name.starts_with("xmlns") && has_letter(attribute.raw) {
                let kind = match (tag.local(), props::kind_of_property(attribute.local())) {
                    (_, Kind::Label) => Kind::Label,
                    // Formulas call a table by its name, as they do what has a defined name.
                    ("table", _) if matches!(attribute.local(), "name" | "displayName") => Kind::Bookmark,
                    _ => Kind::Hidden,
                };
                self.aside(kind, attribute.local(), &attribute.value())?;
            }
        }
        Ok(())
    }
}
