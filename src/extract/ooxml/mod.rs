//! Office Open XML: Word, Excel, PowerPoint (and Visio) packages.
//!
//! In: an opened zip with `[Content_Types].xml`. Out: every part that can hold text, found by relationship, content
//! type or path, in reading order; then every XML part that is left, so that nothing is passed over in silence.
//! Embedded files and OLE objects are members. Left out: pictures (counted as a fact; a document of pictures alone is
//! a gap), sound, video, fonts, printer settings.

mod binary;
mod cells;
mod flow;
mod memo;
mod props;
mod sheet;
mod styles;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io::Read;
use std::rc::Rc;

use flow::{Flow, Role};
pub(super) use props::kind_of_property;
use sheet::{Book, CellStyles, SheetEntry};

use super::look::Fonts;
use super::metafile;
use super::ole::runs::{self, Aside};
use super::workbook::Strings;
use super::xml::{Token, Xml};
use super::zip::Package;
use super::{Sink, Unreadable};
use crate::model::{Gap, GapReason, Kind, Place, Segment};

/// One relationship of a package.
#[derive(Debug)]
struct Relation {
    /// Part it belongs to; `None` for the package itself.
    owner: Option<usize>,
    id: String,
    /// Last step of its type, such as `header`; the same in strict and transitional files.
    kind: String,
    target: Target,
}

#[derive(Debug)]
enum Target {
    Part(usize),
    External(String),
    Missing,
}

/// More relationships than this are not followed. A workbook of 20,000 links is already rare.
const MAX_RELATIONS: usize = 500_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Word,
    Sheet,
    Slide,
    Other,
}

/// What is to be done with a part.
enum Action {
    Flow(Role),
    /// A part that has no text, as a rule: read only if it has.
    Quiet(Role),
    /// Leaves as properties.
    Plain,
    Custom,
    Labels,
    Picture,
    Media,
    /// Records of a binary workbook.
    Search,
    /// Bytes with text between.
    Runs,
    Member,
    /// Bytes without text: printer settings, embedded fonts, thumbnails of the shell.
    Nothing,
}

/// Reads a package; false when it is none of the office formats (XPS, NuGet...), with nothing pushed.
///
/// # Errors
/// When the sink stops or a limit of the whole entry is met.
pub(super) fn read(package: &mut Package<'_>, sink: &mut dyn Sink) -> Result<bool, Unreadable> {
    let types = content_types(package);
    let type_of = |package: &Package<'_>, index: usize| -> String {
        let name = package.name(index).to_lowercase();
        types.get(name.trim_start_matches('/')).cloned().unwrap_or_default()
    };
    let relations = relations(package, sink)?;
    let main = relations
        .iter()
        .find_map(|relation| match (relation.owner, relation.kind.as_str(), &relation.target) {
            (None, "officeDocument" | "document", Target::Part(part)) => Some(*part),
            _ => None,
        })
        .or_else(|| {
            [
                "word/document.xml",
                "xl/workbook.xml",
                "xl/workbook.bin",
                "ppt/presentation.xml",
                "visio/document.xml",
            ]
            .iter()
            .find_map(|name| package.find(name))
        })
        .or_else(|| (0..package.len()).find(|part| type_of(package, *part).contains(".main+xml")));
    let Some(main) = main else { return Ok(false) };
    let Some((family, format)) = family(&type_of(package, main), package.name(main)) else {
        return Ok(false);
    };
    sink.format(format);
    let mut reader = Reader {
        kinds: kinds(package, &relations, &types),
        done: vec![false; package.len()],
        slide_of: vec![None; package.len()],
        sheet_of: vec![None; package.len()],
        relations,
        sheets: Vec::new(),
        pictures: 0,
        embedded: false,
    };
    reader.all(package, family, main, sink)?;
    Ok(true)
}

/// Reads one part of a package whose directory is lost, by its path alone; false when its path is none of ours.
///
/// # Errors
/// What reading its bytes gave, or when the sink stops.
pub(super) fn read_stray(
    content: &mut dyn Read,
    name: &str,
    max_nesting: u32,
    sink: &mut dyn Sink,
) -> Result<bool, Unreadable> {
    let lower = name.to_lowercase();
    let ours = ["word/", "xl/", "ppt/", "docprops/", "docmetadata/", "customxml/"]
        .iter()
        .any(|root| lower.starts_with(root));
    if !ours || !is_xml(name) {
        return Ok(false);
    }
    let file = lower.rsplit('/').next().unwrap_or_default();
    let stem = file.split('.').next().unwrap_or_default();
    let xml = Xml::new(content);
    match stem.trim_end_matches(|c: char| c.is_ascii_digit()) {
        "custom" if lower.starts_with("docprops/") => return props::read_custom(xml, sink).map(|()| true),
        _ if lower.starts_with("docprops/") => return props::read_plain(xml, sink).map(|()| true),
        "labelinfo" => return props::read_labels(xml, sink).map(|()| true),
        kind => {
            let role = match kind {
                "document" | "slide" | "sharedstrings" => Role::new(Kind::Body),
                "header" => Role::new(Kind::Header),
                "footer" => Role::new(Kind::Footer),
                "footnotes" | "endnotes" => Role::new(Kind::Footnote),
                "comments" | "comment" => Role::new(Kind::Comment),
                "notesslide" => Role::new(Kind::Notes),
                _ => Role::new(Kind::Hidden).hidden(),
            };
            Flow::new(sink, max_nesting).read(xml, role.named(stem))?;
        }
    }
    Ok(true)
}

/// Family and format name from the main part's content type, else from its path.
fn family(content_type: &str, path: &str) -> Option<(Family, &'static str)> {
    let content_type = content_type.to_lowercase();
    let macros = content_type.contains("macroenabled");
    let template = content_type.contains("template");
    let pick = |names: [&'static str; 4]| match (template, macros) {
        (false, false) => names[0],
        (false, true) => names[1],
        (true, false) => names[2],
        (true, true) => names[3],
    };
    let path = path.to_lowercase();
    let has = |part: &str| content_type.contains(part);
    if has("wordprocessingml") || has("ms-word") || path.contains("word/") {
        Some((Family::Word, pick(["docx", "docm", "dotx", "dotm"])))
    } else if has("spreadsheetml") || has("ms-excel") || path.contains("xl/") {
        if path.ends_with(".bin") {
            return Some((Family::Sheet, "xlsb"));
        }
        Some((Family::Sheet, pick(["xlsx", "xlsm", "xltx", "xltm"])))
    } else if has("presentationml") || has("ms-powerpoint") || path.contains("ppt/") {
        if has("slideshow") {
            return Some((Family::Slide, if macros { "ppsm" } else { "ppsx" }));
        }
        Some((Family::Slide, pick(["pptx", "pptm", "potx", "potm"])))
    } else if has("visio") || path.contains("visio/") {
        Some((Family::Other, "vsdx"))
    } else {
        None
    }
}

/// Content types by lower-case part name. Defaults by extension are left out: they say nothing the path does not.
fn content_types(package: &mut Package<'_>) -> HashMap<String, String> {
    let mut types = HashMap::new();
    let Some(mut xml) = package.find("[Content_Types].xml").and_then(|part| package.xml(part).ok()) else {
        return types;
    };
    // A broken list only means that paths decide.
    while let Ok(Some(token)) = xml.next() {
        if let Token::Start(tag) = token {
            let (mut name, mut kind) = (None, None);
            for attribute in tag.attributes() {
                match attribute.local() {
                    "PartName" if name.is_none() => name = Some(attribute.value()),
                    "ContentType" if kind.is_none() => kind = Some(attribute.value()),
                    _ => {}
                }
            }
            if let (Some(name), Some(kind)) = (name, kind) {
                types.insert(name.trim_start_matches('/').to_lowercase(), kind.into_owned());
            }
            if types.len() > MAX_RELATIONS {
                break;
            }
        }
    }
    types
}

/// All relationships of the package, in the order of the archive.
fn relations(package: &mut Package<'_>, sink: &mut dyn Sink) -> Result<Vec<Relation>, Unreadable> {
    let mut relations = Vec::new();
    for part in 0..package.len() {
        let name = package.name(part).to_owned();
        let Some(stem) = name.strip_suffix(".rels") else { continue };
        let Some((folder, file)) = stem.rsplit_once("_rels/") else { continue };
        let owner = package.find(&format!("{folder}{file}"));
        let mut xml = match package.xml(part) {
            Ok(xml) => xml,
            Err(error) => {
                note(Err(error), &name, sink)?;
                continue;
            }
        };
        let mut found = Vec::new();
        let result = loop {
            match xml.next() {
                Ok(Some(Token::Start(tag))) if tag.local() == "Relationship" => {
                    let (mut id, mut kind, mut target) = (String::new(), String::new(), String::new());
                    let mut external = false;
                    // The first of a name counts.
                    for attribute in tag.attributes() {
                        match attribute.local() {
                            "Id" if id.is_empty() => id = attribute.value().into_owned(),
                            "Type" if kind.is_empty() => {
                                let full = attribute.value();
                                full.rsplit('/').next().unwrap_or_default().clone_into(&mut kind);
                            }
                            "Target" if target.is_empty() => target = attribute.value().into_owned(),
                            "TargetMode" => external |= attribute.raw.eq_ignore_ascii_case("external"),
                            _ => {}
                        }
                    }
                    found.push((id, kind, target, external));
                    if relations.len() + found.len() > MAX_RELATIONS {
                        break Err(Unreadable::gap(GapReason::LimitCount, "more relationships than 500,000"));
                    }
                }
                Ok(Some(_)) => {}
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        drop(xml);
        note(result, &name, sink)?;
        for (id, kind, target, external) in found {
            let target = if external {
                Target::External(target)
            } else {
                match package.find(&join(folder, &target)) {
                    Some(part) => Target::Part(part),
                    None => Target::Missing,
                }
            };
            let owner = if file.is_empty() { None } else { owner };
            relations.push(Relation { owner, id, kind, target });
        }
    }
    Ok(relations)
}

/// A relative target against the folder of its owner (ends in `/` or is empty).
fn join(folder: &str, target: &str) -> String {
    let target = target.split('#').next().unwrap_or_default();
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut steps: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
    for step in target.split(['/', '\\']) {
        match step {
            ".." => {
                steps.pop();
            }
            "" | "." => {}
            step => steps.push(step),
        }
    }
    steps.join("/")
}

/// What each part is: by the relationship that leads to it, else by content type, else by path.
fn kinds(package: &Package<'_>, relations: &[Relation], types: &HashMap<String, String>) -> Vec<String> {
    let mut kinds = vec![String::new(); package.len()];
    for relation in relations {
        if let Target::Part(part) = relation.target
            && let Some(kind) = kinds.get_mut(part).filter(|kind| kind.is_empty())
        {
            kind.clone_from(&relation.kind);
        }
    }
    for (part, kind) in kinds.iter_mut().enumerate() {
        if !kind.is_empty() {
            continue;
        }
        let name = package.name(part).to_lowercase();
        let content_type = types.get(name.trim_start_matches('/')).map_or("", String::as_str);
        // "...wordprocessingml.header+xml" ends in the same word the relationship type does.
        let by_type =
            content_type.strip_suffix("+xml").and_then(|kind| kind.rsplit('.').next()).unwrap_or("");
        if !by_type.is_empty() && by_type != "main" {
            by_type.clone_into(kind);
            continue;
        }
        let file = name.rsplit('/').next().unwrap_or_default();
        let stem = file.split('.').next().unwrap_or_default().trim_end_matches(|c: char| c.is_ascii_digit());
        *kind = match stem {
            "core" | "app" if name.contains("docprops/") => "core-properties",
            "custom" if name.contains("docprops/") => "custom-properties",
            "sheet" if name.contains("worksheets/") => "worksheet",
            "sharedstrings" => "sharedStrings",
            "comment" => "comments",
            "notesslide" => "notesSlide",
            "slidelayout" => "slideLayout",
            "slidemaster" => "slideMaster",
            "labelinfo" => "classificationlabels",
            "item" if name.contains("customxml/") => "customXml",
            "vbaproject" => "vbaProject",
            stem => stem,
        }
        .to_owned();
    }
    kinds
}

/// A part's error becomes a gap of the document; only what ends the whole reading is passed on.
fn note(result: Result<(), Unreadable>, name: &str, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    match result {
        Ok(()) => Ok(()),
        Err(Unreadable::Stop) => Err(Unreadable::Stop),
        Err(Unreadable::Gap { reason: reason @ (GapReason::Timeout | GapReason::LimitSize), detail }) => {
            Err(Unreadable::Gap { reason, detail })
        }
        Err(Unreadable::Gap { reason, detail }) => {
            let detail = if detail.contains(name) { detail } else { format!("{detail}: {name}") };
            sink.gap(Gap::new(reason, detail));
            Ok(())
        }
    }
}

struct Reader {
    relations: Vec<Relation>,
    kinds: Vec<String>,
    done: Vec<bool>,
    slide_of: Vec<Option<u32>>,
    sheet_of: Vec<Option<usize>>,
    sheets: Vec<SheetEntry>,
    pictures: usize,
    embedded: bool,
}

impl Reader {
    fn all(
        &mut self,
        package: &mut Package<'_>,
        family: Family,
        main: usize,
        sink: &mut dyn Sink,
    ) -> Result<(), Unreadable> {
        let max_nesting = package.budget().limits.max_nesting;
        let order = match family {
            Family::Word => vec![main],
            Family::Slide => self.slides(package, main, sink)?,
            Family::Sheet => {
                self.workbook(package, main, sink)?;
                Vec::new()
            }
            Family::Other => vec![main],
        };
        let mut flow = Flow::new(sink, max_nesting);
        if family == Family::Word
            && let Some(part) = self.target(main, "styles")
        {
            let name = package.name(part).to_owned();
            let result = package.xml(part).and_then(|xml| flow.read_styles(xml));
            note(result, &name, flow.sink())?;
            self.finish(part);
        }
        for part in order.into_iter().chain(0..package.len()) {
            self.part(package, part, (family, main), &mut flow)?;
        }
        let text = flow.visible_text;
        self.links(flow.sink())?;
        if self.pictures > 0 {
            flow.sink().fact("pictures", self.pictures.to_string());
            // An embedded file shows as a picture of its icon.
            if family != Family::Sheet && text < super::look::SCAN_TEXT && !self.embedded {
                flow.sink().gap(Gap::new(GapReason::ImageOnly, "nothing but pictures"));
            }
        }
        Ok(())
    }

    /// The part a relationship of that kind leads to.
    fn target(&self, owner: usize, kind: &str) -> Option<usize> {
        self.relations.iter().find_map(|relation| match relation.target {
            Target::Part(part) if relation.owner == Some(owner) && relation.kind == kind => Some(part),
            _ => None,
        })
    }

    fn by_id(&self, owner: usize, id: &str) -> Option<usize> {
        self.relations.iter().find_map(|relation| match relation.target {
            Target::Part(part) if relation.owner == Some(owner) && relation.id == id => Some(part),
            _ => None,
        })
    }

    /// External targets: pages, files, templates.
    fn links(&self, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        for relation in &self.relations {
            let Target::External(target) = &relation.target else { continue };
            let sheet = relation
                .owner
                .and_then(|owner| *self.sheet_of.get(owner)?)
                .and_then(|at| self.sheets.get(at));
            let place = Place {
                slide: relation.owner.and_then(|owner| *self.slide_of.get(owner)?),
                sheet: sheet.map(|sheet| sheet.name.as_str()),
                ..Place::new(Kind::Link).hidden().named(&relation.kind)
            };
            sink.segment(Segment::new(target, place))?;
        }
        Ok(())
    }

    /// Parts that hang on these roots, each marked with the number of its root. Slides and sheets lead to each other
    /// and to masters through relationships; those do not belong to one of them.
    fn spread(&self, root: usize, mut mark: impl FnMut(usize) -> bool) -> Vec<usize> {
        let mut found = Vec::new();
        let mut queue = vec![root];
        while let Some(part) = queue.pop() {
            if !mark(part) {
                continue;
            }
            found.push(part);
            // Last in first out, so go backwards to keep the order.
            for relation in self.relations.iter().rev().filter(|relation| relation.owner == Some(part)) {
                let shared = matches!(
                    relation.kind.as_str(),
                    "slide" | "slideLayout" | "slideMaster" | "notesMaster" | "theme" | "worksheet" | "image"
                );
                if let (Target::Part(target), false) = (&relation.target, shared) {
                    queue.push(*target);
                }
            }
        }
        found
    }

    /// Order of reading for a presentation: slides as listed, each followed by what hangs on it.
    fn slides(
        &mut self,
        package: &mut Package<'_>,
        main: usize,
        sink: &mut dyn Sink,
    ) -> Result<Vec<usize>, Unreadable> {
        let mut ids = Vec::new();
        let name = package.name(main).to_owned();
        let result = package.xml(main).and_then(|mut xml| {
            while let Some(token) = xml.next()? {
                if let Token::Start(tag) = token
                    && tag.local() == "sldId"
                    && ids.len() < MAX_RELATIONS
                {
                    let id = tag.attributes().find(|a| a.name != "id" && a.local() == "id");
                    ids.extend(id.map(|id| id.value().into_owned()));
                }
            }
            Ok(())
        });
        note(result, &name, sink)?;
        let targets: HashMap<&str, usize> = self
            .relations
            .iter()
            .filter(|relation| relation.owner == Some(main))
            .filter_map(|relation| match relation.target {
                Target::Part(part) => Some((relation.id.as_str(), part)),
                _ => None,
            })
            .collect();
        let roots: Vec<usize> = ids.iter().filter_map(|id| targets.get(id.as_str()).copied()).collect();
        let mut order = Vec::new();
        for (number, root) in roots.into_iter().enumerate() {
            let number = u32::try_from(number).unwrap_or(u32::MAX).saturating_add(1);
            let mut marks = std::mem::take(&mut self.slide_of);
            order.extend(self.spread(root, |part| match marks.get_mut(part) {
                Some(mark @ None) => {
                    *mark = Some(number);
                    true
                }
                _ => false,
            }));
            self.slide_of = marks;
        }
        Ok(order)
    }

    /// Reads workbook, strings, styles and sheets.
    fn workbook(
        &mut self,
        package: &mut Package<'_>,
        main: usize,
        sink: &mut dyn Sink,
    ) -> Result<(), Unreadable> {
        let name = package.name(main).to_owned();
        let budget = Rc::clone(package.budget());
        self.finish(main);
        let sheets = if is_binary(&name) {
            package.part(main).and_then(|part| binary::read_workbook(part, &budget, sink))
        } else {
            package.xml(main).and_then(|xml| sheet::read_workbook(xml, sink))
        };
        match sheets {
            Ok(sheets) => self.sheets = sheets,
            Err(error) => note(Err(error), &name, sink)?,
        }
        let mut book =
            Book { strings: Strings::default(), styles: CellStyles::default(), fonts: Fonts::default() };
        if let Some(part) = self.target(main, "styles").filter(|part| is_readable(package.name(*part))) {
            self.finish(part);
            let name = package.name(part).to_owned();
            let styles = if is_binary(&name) {
                package.part(part).and_then(|part| binary::read_styles(part, &mut book.fonts, sink))
            } else {
                package.xml(part).and_then(|xml| CellStyles::read(xml, &mut book.fonts, sink))
            };
            match styles {
                Ok(styles) => book.styles = styles,
                Err(error) => note(Err(error), &name, sink)?,
            }
        }
        let strings = self
            .target(main, "sharedStrings")
            .or_else(|| package.find("xl/sharedStrings.xml"))
            .or_else(|| package.find("xl/sharedStrings.bin"));
        if let Some(part) = strings.filter(|part| is_readable(package.name(*part))) {
            self.finish(part);
            let name = package.name(part).to_owned();
            let strings = if is_binary(&name) {
                package
                    .part(part)
                    .and_then(|part| binary::read_strings(part, &book.styles, &book.fonts, &budget, sink))
            } else {
                package.xml(part).and_then(|xml| sheet::read_strings(xml, &mut book.fonts, &budget, sink))
            };
            match strings {
                Ok(strings) => book.strings = strings,
                Err(error) => note(Err(error), &name, sink)?,
            }
        }
        let mut listed: Vec<(usize, SheetEntry)> = Vec::new();
        for sheet in &self.sheets {
            if let Some(part) = self.by_id(main, &sheet.relation) {
                listed.push((part, sheet.clone()));
            }
        }
        // Sheets the workbook does not list are still in the file.
        for (part, kind) in self.kinds.iter().enumerate() {
            let is_sheet =
                matches!(kind.as_str(), "worksheet" | "chartsheet" | "dialogsheet" | "xlMacrosheet");
            let is_wanted = kind == "worksheet" || (is_sheet && is_binary(package.name(part)));
            if is_wanted && !listed.iter().any(|(known, _)| *known == part) {
                listed.push((
                    part,
                    SheetEntry { name: package.name(part).to_owned(), ..SheetEntry::default() },
                ));
            }
        }
        self.sheets = listed.iter().map(|(_, sheet)| sheet.clone()).collect();
        for (number, (part, sheet)) in listed.iter().enumerate() {
            let mut marks = std::mem::take(&mut self.sheet_of);
            self.spread(*part, |part| match marks.get_mut(part) {
                Some(mark @ None) => {
                    *mark = Some(number);
                    true
                }
                _ => false,
            });
            self.sheet_of = marks;
            if is_readable(package.name(*part)) && !self.done.get(*part).copied().unwrap_or(true) {
                self.finish(*part);
                let name = package.name(*part).to_owned();
                let result = if is_binary(&name) {
                    let content = package.part(*part);
                    content.and_then(|content| binary::read_sheet(content, sheet, &mut book, &budget, sink))
                } else {
                    package.xml(*part).and_then(|xml| sheet::read_sheet(xml, sheet, &mut book, sink))
                };
                note(result, &name, sink)?;
            }
            let comments = self.target(*part, "comments").filter(|part| is_binary(package.name(*part)));
            if let Some(part) = comments.filter(|part| !self.done.get(*part).copied().unwrap_or(true)) {
                self.finish(part);
                let name = package.name(part).to_owned();
                let content = package.part(part);
                let result =
                    content.and_then(|content| binary::read_comments(content, Some(sheet), &book, sink));
                note(result, &name, sink)?;
            }
        }
        book.strings.push_unused(&book.fonts, sink)
    }

    fn finish(&mut self, part: usize) {
        if let Some(done) = self.done.get_mut(part) {
            *done = true;
        }
    }

    fn part(
        &mut self,
        package: &mut Package<'_>,
        part: usize,
        (family, main): (Family, usize),
        flow: &mut Flow<'_>,
    ) -> Result<(), Unreadable> {
        if self.done.get(part).copied().unwrap_or(true) || package.is_dir(part) {
            return Ok(());
        }
        self.finish(part);
        let name = package.name(part).to_owned();
        if name.eq_ignore_ascii_case("[Content_Types].xml") || name.ends_with(".rels") {
            return Ok(());
        }
        let action = if part == main && is_xml(&name) {
            let mut role = Role::new(Kind::Body);
            role.pages = family == Family::Word;
            Action::Flow(role)
        } else {
            self.action(package, part, &name, family)
        };
        match action {
            Action::Flow(mut role) => {
                role.slide = self.slide_of.get(part).copied().flatten();
                if let Some(sheet) =
                    self.sheet_of.get(part).copied().flatten().and_then(|at| self.sheets.get(at))
                {
                    role.visible &= sheet.visible;
                    role.sheet = Some(sheet.name.clone());
                }
                let result = package.xml(part).and_then(|xml| flow.read(xml, role));
                note(result, &name, flow.sink())
            }
            Action::Quiet(role) => {
                let result = match package.xml(part).and_then(Xml::holds_only_markup) {
                    Ok(true) => Ok(()),
                    // What is wrong with it shows when it is read.
                    Ok(false) | Err(_) => package.xml(part).and_then(|xml| flow.read(xml, role)),
                };
                note(result, &name, flow.sink())
            }
            Action::Plain => {
                let result = package.xml(part).and_then(|xml| props::read_plain(xml, flow.sink()));
                note(result, &name, flow.sink())
            }
            Action::Custom => {
                let result = package.xml(part).and_then(|xml| props::read_custom(xml, flow.sink()));
                note(result, &name, flow.sink())
            }
            Action::Labels => {
                let result = package.xml(part).and_then(|xml| props::read_labels(xml, flow.sink()));
                note(result, &name, flow.sink())
            }
            Action::Picture => {
                self.pictures += 1;
                self.drawing(package, part, &name, flow)
            }
            Action::Search => {
                let budget = Rc::clone(package.budget());
                let stem = name.rsplit('/').next().unwrap_or(&name).to_owned();
                let sheet = self.sheet_of.get(part).copied().flatten().and_then(|at| self.sheets.get(at));
                let base =
                    Place { sheet: sheet.map(|sheet| sheet.name.as_str()), ..Place::new(Kind::Hidden) };
                let content = package.part(part);
                let result = content
                    .and_then(|content| binary::read_other(content, &stem, base, &budget, flow.sink()));
                note(result, &name, flow.sink())
            }
            Action::Runs => {
                let budget = Rc::clone(package.budget());
                let mut aside = Aside { base: Place::new(Kind::Property), sink: flow.sink() };
                let result = package.part(part).and_then(|mut content| {
                    runs::search(&mut content, &name, runs::MIN_LETTERS, &budget, &mut aside)
                });
                note(result, &name, flow.sink())
            }
            Action::Member => {
                self.embedded = true;
                flow.sink().next_on_slide(self.slide_of.get(part).copied().flatten());
                package.member(part, flow.sink())
            }
            Action::Media | Action::Nothing => Ok(()),
        }
    }

    /// Reads the texts of a picture that is a drawing.
    fn drawing(
        &self,
        package: &mut Package<'_>,
        part: usize,
        name: &str,
        flow: &mut Flow<'_>,
    ) -> Result<(), Unreadable> {
        let extension = super::input::extension(name);
        if !matches!(extension.as_str(), "emf" | "wmf" | "emz" | "wmz") {
            return Ok(());
        }
        let owner = self.relations.iter().find_map(|relation| match relation.target {
            Target::Part(target) if target == part => relation.owner,
            _ => None,
        });
        let of_owner = owner.and_then(|owner| self.kinds.get(owner)).map_or("", String::as_str);
        let kind = match of_owner {
            "header" => Kind::Header,
            "footer" => Kind::Footer,
            _ => Kind::Textbox,
        };
        let sheet = owner.and_then(|owner| *self.sheet_of.get(owner)?).and_then(|at| self.sheets.get(at));
        let file = name.rsplit('/').next().unwrap_or(name);
        let place = Place {
            slide: owner.and_then(|owner| *self.slide_of.get(owner)?),
            sheet: sheet.map(|sheet| sheet.name.as_str()),
            ..Place::new(kind).named(file)
        };
        let budget = Rc::clone(package.budget());
        let result = package.part(part).and_then(|content| {
            metafile::read_picture(content, extension.ends_with('z'), place, &budget, flow.sink())
        });
        match result {
            Ok(letters) => {
                flow.visible_text += letters;
                Ok(())
            }
            Err(error) => note(Err(error), name, flow.sink()),
        }
    }

    fn action(&mut self, package: &mut Package<'_>, part: usize, name: &str, family: Family) -> Action {
        let kind = self.kinds.get(part).map_or("", String::as_str);
        let stem = name.rsplit('/').next().unwrap_or(name).split('.').next().unwrap_or_default().to_owned();
        let lower = name.to_lowercase();
        let flow = |kind: Kind| Action::Flow(Role::new(kind).named(stem.clone()));
        let extension = super::input::extension(name);
        match extension.as_str() {
            "png" | "jpg" | "jpeg" | "jpe" | "jfif" | "gif" | "bmp" | "dib" | "tif" | "tiff" | "emf"
            | "wmf" | "emz" | "wmz" | "wdp" | "jxr" | "hdp" | "pcx" | "ico" | "pict" | "pct" | "webp"
            | "heic" | "eps" => {
                // The shell's thumbnail repeats page 1.
                return if kind == "thumbnail" { Action::Nothing } else { Action::Picture };
            }
            "mp3" | "mp4" | "m4a" | "m4v" | "mov" | "avi" | "wmv" | "wma" | "wav" | "mpg" | "mpeg"
            | "mid" | "glb" => {
                return Action::Media;
            }
            "odttf" | "fntdata" | "ttf" | "otf" => return Action::Nothing,
            _ => {}
        }
        if kind == "vbaProject" || lower.ends_with("vbaproject.bin") {
            return Action::Member;
        }
        if kind == "printerSettings" || lower.contains("printersettings/") {
            return Action::Nothing;
        }
        if matches!(kind, "package" | "oleObject" | "aFChunk" | "attachedToolbars")
            || lower.contains("embeddings/")
        {
            return Action::Member;
        }
        if !is_xml(name) && !looks_like_xml(&package.peek(part, 64)) {
            // Binary workbook parts and custom properties of sheets hold UTF-16.
            if family == Family::Sheet && extension == "bin" && !lower.contains("activex") {
                return match kind {
                    // The order of calculation, and where rows begin.
                    "calcChain" | "xlBinaryIndex" => Action::Nothing,
                    // UTF-16 without records.
                    "customProperty" => Action::Runs,
                    _ => Action::Search,
                };
            }
            return Action::Member;
        }
        match kind {
            "core-properties" | "extended-properties" => Action::Plain,
            "custom-properties" => Action::Custom,
            "classificationlabels" => Action::Labels,
            "header" => flow(Kind::Header),
            "footer" => flow(Kind::Footer),
            "footnotes" | "endnotes" => flow(Kind::Footnote),
            "comments" | "commentsExtended" | "threadedComment" | "commentAuthors" | "authors" | "person"
            | "people" | "comment" => flow(Kind::Comment),
            "glossaryDocument" => Action::Flow(Role::new(Kind::Hidden).named("glossary").hidden()),
            "slide" => Action::Flow(Role::new(Kind::Body)),
            "slideMaster" => Action::Flow(Role::new(Kind::Body).named("master")),
            "slideLayout" => Action::Flow(Role::new(Kind::Body).named("layout")),
            "notesSlide" => Action::Flow(Role::new(Kind::Notes)),
            "notesMaster" | "handoutMaster" => Action::Flow(Role::new(Kind::Notes).named("master")),
            "chart" | "chartEx" | "chartUserShapes" | "chartsheet" => flow(Kind::Body),
            "diagramData" | "diagramDrawing" | "drawing" => flow(Kind::Textbox),
            "vmlDrawing" => Action::Flow(Role::new(Kind::Textbox).named(format!("vml {stem}"))),
            "externalLink" | "externalLinkPath" => {
                Action::Flow(Role::new(Kind::Hidden).named("external link").hidden())
            }
            "pivotCacheDefinition"
            | "pivotCacheRecords"
            | "pivotTable"
            | "table"
            | "slicerCache"
            | "connections" => {
                let mut role = Role::new(Kind::Hidden).named(stem.clone()).hidden();
                role.all_attributes = true;
                Action::Flow(role)
            }
            "customXml" | "xml" => {
                let mut role = Role::new(Kind::Property).named(stem.clone()).hidden();
                role.all_attributes = true;
                Action::Flow(role)
            }
            "page" | "master" if family == Family::Other => flow(Kind::Body),
            "theme" | "themeOverride" | "fontTable" | "webSettings" | "stylesWithEffects" | "tableStyles"
            | "presProps" | "viewProps" | "calcChain" | "diagramColors" | "diagramQuickStyle"
            | "diagramLayout" | "chartColorStyle" | "chartStyle" => {
                Action::Quiet(Role::new(Kind::Hidden).named(stem.clone()).hidden())
            }
            _ => Action::Flow(Role::new(Kind::Hidden).named(stem.clone()).hidden()),
        }
    }
}

/// Content that begins as XML does, in 8 or 16 bits.
fn looks_like_xml(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    [&b"<"[..], b"\xff\xfe<", b"\xfe\xff\0<"].iter().any(|start| head.starts_with(start))
}

fn is_xml(name: &str) -> bool {
    let lower = name.to_lowercase();
    [".xml", ".vml", ".svg", ".xsd", ".xsl"].iter().any(|extension| lower.ends_with(extension))
}

/// A part of records, as a binary workbook has them.
fn is_binary(name: &str) -> bool {
    name.to_lowercase().ends_with(".bin")
}

fn is_readable(name: &str) -> bool {
    is_xml(name) || is_binary(name)
}
