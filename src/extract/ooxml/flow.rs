//! Flowing text of OOXML parts: WordprocessingML, DrawingML, VML and everything unknown, in one walk.
//!
//! In: one XML part and the role it plays. Out: one segment per paragraph, with its kind and the look of most of its
//! letters; deleted, hidden and field text of a paragraph as segments of their own; alternative texts, bookmarks,
//! authors. Text in elements nobody knows comes out as leaves, one segment each, when it has a letter.
//!
//! Names are compared without prefix: `w:p` and `a:p`, `w:t` and `a:t` mean the same, strict and transitional too.

mod elements;
mod paragraphs;
mod properties;
mod quick;

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::io::Read;
use std::mem;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::memo::{Around, Looks, MAX_BLOCK, Memo, Under};
use super::styles::{Borders, Styles};
use crate::extract::heads::Heads;
use crate::extract::look::{Fonts, Look, Tally};
use crate::extract::xml::{Markup, Nest, Tag, Token, Xml, has_letter, has_word, resolve};
use crate::extract::{Sink, Unreadable};
use crate::model::{Cell, Gap, GapReason, Kind, Place, Segment};

/// What a part is in its document.
#[derive(Debug, Clone)]
pub(super) struct Role {
    /// Kind of its paragraphs; `Body` is refined by tables, boxes and placeholders.
    pub(super) kind: Kind,
    /// Whether it is seen as usual.
    pub(super) visible: bool,
    /// Name for the place.
    pub(super) name: Option<String>,
    /// Slide from 1.
    pub(super) slide: Option<u32>,
    /// Sheet name.
    pub(super) sheet: Option<String>,
    /// Pages are counted.
    pub(super) pages: bool,
    /// Every attribute is pushed, not only the known ones: parts that hold somebody's own data.
    pub(super) all_attributes: bool,
}

impl Role {
    /// A visible part of that kind.
    pub(super) fn new(kind: Kind) -> Role {
        Role {
            kind,
            visible: true,
            name: None,
            slide: None,
            sheet: None,
            pages: false,
            all_attributes: false,
        }
    }

    /// The same with a name.
    pub(super) fn named(mut self, name: impl Into<String>) -> Role {
        self.name = Some(name.into());
        self
    }

    /// The same, not seen as usual.
    pub(super) fn hidden(mut self) -> Role {
        self.visible = false;
        self
    }
}

/// Elements that mean something here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum El {
    Other,
    Paragraph,
    ParagraphProps,
    Borders,
    Run,
    RunProps,
    Text,
    Deleted,
    Instruction,
    Del,
    Table,
    TableProps,
    CellProps,
    TableBorders,
    Row,
    Cell,
    Box,
    Alternate,
    Choice,
    Fallback,
    Shape,
    SolidFill,
    Line,
    /// What a program keeps of a control or comment that is drawn in VML: calls, links to cells, words of the format.
    ClientData,
    /// Text inside is a keyword of the format.
    Keyword,
}

fn element(name: &str) -> El {
    match name {
        "p" | "text" | "si" => El::Paragraph,
        "r" | "fld" => El::Run,
        "rPr" => El::RunProps,
        "t" => El::Text,
        "pPr" => El::ParagraphProps,
        "delText" => El::Deleted,
        "instrText" | "delInstrText" => El::Instruction,
        "del" | "moveFrom" => El::Del,
        "tbl" => El::Table,
        "tblPr" => El::TableProps,
        "tcPr" => El::CellProps,
        "tblBorders" | "tcBorders" => El::TableBorders,
        "tr" => El::Row,
        "tc" => El::Cell,
        "pBdr" => El::Borders,
        "txbxContent" => El::Box,
        "AlternateContent" => El::Alternate,
        "Choice" => El::Choice,
        "Fallback" => El::Fallback,
        "sp" | "pic" | "graphicFrame" | "cxnSp" | "drawing" | "pict" | "object" | "wsp" => El::Shape,
        "solidFill" => El::SolidFill,
        "ln" => El::Line,
        "ClientData" => El::ClientData,
        "align" | "sizeRelH" | "sizeRelV" => El::Keyword,
        _ => El::Other,
    }
}

/// A paragraph being put together. They nest: a text box stands inside a run of another paragraph.
#[derive(Debug, Default)]
struct Paragraph {
    text: String,
    deleted: String,
    hidden: String,
    /// Length of `text` when something was last added to `hidden`.
    hidden_at: usize,
    field: String,
    /// A bit for each field that is open, the innermost the lowest: its instruction has not ended yet.
    instructions: u64,
    tally: Tally,
    base: Look,
    run: Look,
    run_style: Look,
    now: Look,
    stale: bool,
    font: Option<u16>,
    any: bool,
    /// Length of `text` where an alternate content began, and where its fallback began.
    choice_from: Option<usize>,
    fallback_from: Option<usize>,
}

#[derive(Debug, Default)]
struct Table {
    cells: u32,
    heads: Heads,
    borders: Borders,
    styled: bool,
}

/// A segment of a table's first cell waits until the table ends or a second cell begins: alone in a bordered
/// table it stands in a frame.
struct Held {
    text: String,
    kind: Kind,
    visible: bool,
    page: Option<u32>,
    look: Look,
}

/// At most so many segments wait.
const MAX_HELD: usize = 8;

/// At most so many texts of an alternate content are remembered to leave out their repetition.
const MAX_SEEN: usize = 4_096;

/// Letters on a page at most while the page number is still sure without Word's own page marks. A dense A4 page set in
/// 9 points holds about 5,500.
const SURE_PAGE: usize = 3_000;

/// Walks parts and pushes their text.
pub(super) struct Flow<'s> {
    sink: &'s mut dyn Sink,
    styles: Styles,
    pub(super) fonts: Fonts,
    max_nesting: u32,
    authors: HashSet<u64>,
    role: Role,
    /// Letters of visible text so far, in bytes.
    pub(super) visible_text: usize,
    nest: Nest<El>,
    paragraphs: Vec<Paragraph>,
    open: usize,
    tables: Vec<Table>,
    held: Vec<Held>,
    holding: bool,
    boxes: u32,
    box_framed: bool,
    del: u32,
    alternates: u32,
    fallbacks: u32,
    seen: HashSet<u64>,
    watermark: bool,
    shape: Option<Kind>,
    cell: Option<Cell>,
    leaf: String,
    /// Element the leaf stands in, kept for parts of somebody's own data and of controls.
    leaf_name: String,
    sides: u32,
    page: u32,
    page_marks: bool,
    since_break: usize,
    explicit_break: bool,
    /// Segments pushed or held back so far.
    emitted: usize,
    memo: Memo,
    learning: Option<Lesson>,
}

/// A block of properties that is being walked for the first time.
struct Lesson {
    name: &'static str,
    block: String,
    under: Under,
    box_framed: bool,
    emitted: usize,
    /// Elements open around the block.
    outside: usize,
}

/// Elements whose insides change nothing but looks, as a rule. Other prefixes are read without this shortcut.
fn properties(name: &str) -> Option<&'static str> {
    match name {
        "w:rPr" => Some("w:rPr"),
        "w:pPr" => Some("w:pPr"),
        "w:tcPr" => Some("w:tcPr"),
        "a:rPr" => Some("a:rPr"),
        _ => None,
    }
}

/// Elements that hold geometry, effects or defaults, and nothing that is looked for here but text that somebody hid in them.
/// A `match` and no list: every start tag is asked.
fn dull(name: &str) -> Option<&'static str> {
    Some(match name {
        "w:rsids" => "w:rsids",
        "w:compat" => "w:compat",
        "w:sectPr" => "w:sectPr",
        "w:tblGrid" => "w:tblGrid",
        "m:mathPr" => "m:mathPr",
        "a:lstStyle" => "a:lstStyle",
        "a:custGeom" => "a:custGeom",
        "a:prstGeom" => "a:prstGeom",
        "a:gradFill" => "a:gradFill",
        "a:effectLst" => "a:effectLst",
        "a:scene3d" => "a:scene3d",
        "a:sp3d" => "a:sp3d",
        "a:tblPr" => "a:tblPr",
        "a:tcPr" => "a:tcPr",
        "a:fontScheme" => "a:fontScheme",
        "p:txStyles" => "p:txStyles",
        "p:timing" => "p:timing",
        "p:style" => "p:style",
        "wps:style" => "wps:style",
        "xdr:style" => "xdr:style",
        "c:spPr" => "c:spPr",
        "dgm:style" => "dgm:style",
        "dsp:style" => "dsp:style",
        "v:formulas" => "v:formulas",
        "v:handles" => "v:handles",
        _ => return None,
    })
}

impl<'s> Flow<'s> {
    /// A walker over the parts of one document.
    pub(super) fn new(sink: &'s mut dyn Sink, max_nesting: u32) -> Flow<'s> {
        Flow {
            sink,
            styles: Styles::default(),
            fonts: Fonts::default(),
            max_nesting,
            authors: HashSet::new(),
            role: Role::new(Kind::Body),
            visible_text: 0,
            nest: Nest::new(max_nesting),
            paragraphs: Vec::new(),
            open: 0,
            tables: Vec::new(),
            held: Vec::new(),
            holding: false,
            boxes: 0,
            box_framed: false,
            del: 0,
            alternates: 0,
            fallbacks: 0,
            seen: HashSet::new(),
            watermark: false,
            shape: None,
            cell: None,
            leaf: String::new(),
            leaf_name: String::new(),
            sides: 0,
            page: 1,
            page_marks: false,
            since_break: 0,
            explicit_break: false,
            emitted: 0,
            memo: Memo::default(),
            learning: None,
        }
    }

    /// The sink, for what is not flowing text.
    pub(super) fn sink(&mut self) -> &mut dyn Sink {
        self.sink
    }

    /// Reads one part.
    ///
    /// # Errors
    /// What reading its bytes gave. What was pushed before stays.
    pub(super) fn read<R: Read>(&mut self, mut xml: Xml<R>, role: Role) -> Result<(), Unreadable> {
        self.begin(role);
        let mut result = Ok(());
        loop {
            if let Err(error) = self.quick(&mut xml) {
                result = Err(error);
                break;
            }
            match xml.next() {
                Ok(Some(token)) => {
                    let (block, dull, level) = match &token {
                        Token::Start(tag) => (properties(tag.name), dull(tag.name), tag.name == "w:lvl"),
                        _ => (None, None, false),
                    };
                    let ends = matches!(token, Token::End);
                    let mut done = self.token(token);
                    if done.is_ok() && level {
                        done = self.pass_level(&mut xml);
                    } else if done.is_ok()
                        && let Some(name) = block
                    {
                        done = self.pass_over(&mut xml, name);
                    } else if done.is_ok()
                        && let Some(name) = dull
                        && !self.role.all_attributes
                    {
                        done = match xml.skip_markup(name) {
                            Ok(true) => self.token(Token::End),
                            Ok(false) => Ok(()),
                            Err(error) => Err(error),
                        };
                    } else if ends && self.learning.is_some() {
                        self.learn();
                    }
                    if let Err(error) = done {
                        result = Err(error);
                        break;
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    result = Err(error);
                    break;
                }
            }
        }
        if !matches!(result, Err(Unreadable::Stop)) {
            // A part that breaks off still gives the paragraph it broke off in.
            self.flush_leaf()?;
            while self.open > 0 {
                self.end_paragraph()?;
            }
            self.release(false)?;
        }
        let name = self.role.name.as_deref().unwrap_or("main part");
        if self.nest.overflowed() {
            let detail = format!("elements nested deeper than {}: {name}", self.max_nesting);
            self.sink.gap(Gap::new(GapReason::LimitDepth, detail));
        }
        // VML is often HTML inside and never well-formed.
        if let Some(damage) = xml.damage().filter(|_| !name.contains("vml")) {
            self.sink.gap(Gap::new(GapReason::Damaged, format!("{damage}: {name}")));
        }
        result
    }

    /// Passes over the block of properties that just began, if it is known what it does; else learns it.
    fn pass_over<R: Read>(&mut self, xml: &mut Xml<R>, name: &'static str) -> Result<(), Unreadable> {
        if self.role.all_attributes {
            return Ok(());
        }
        let around = match self.nest.parent() {
            Some(El::Run) => Around::Run,
            Some(El::Paragraph) => Around::Paragraph,
            Some(El::Cell) => Around::Cell,
            _ => Around::Other,
        };
        let under = Under { around, looks: self.looks() };
        if let Some((len, after)) = self.memo.recall_recent(xml.ahead(), under) {
            self.look_so(after);
            xml.skip_block(len - name.len() - 3, name);
            return self.token(Token::End);
        }
        let Some(block) = xml.block(name) else { return Ok(()) };
        if let Some(after) = self.memo.recall(block, name, under) {
            let len = block.len();
            self.look_so(after);
            xml.skip_block(len, name);
            return self.token(Token::End);
        }
        if self.learning.is_none() && block.len() <= MAX_BLOCK && is_plain(block, name) {
            self.learning = Some(Lesson {
                name,
                block: block.to_owned(),
                under,
                box_framed: self.box_framed,
                emitted: self.emitted,
                outside: self.nest.len() - 1,
            });
        }
        Ok(())
    }

    /// Passes over the level of a list that just began, if nobody wrote words before its numbers: a document has hundreds of them
    /// whether it has a list or not.
    fn pass_level<R: Read>(&mut self, xml: &mut Xml<R>) -> Result<(), Unreadable> {
        const NAME: &str = "w:lvl";
        let dull = xml.block(NAME).filter(|block| !self.role.all_attributes && is_dull_level(block));
        let Some(len) = dull.map(str::len) else { return Ok(()) };
        xml.skip_block(len, NAME);
        self.token(Token::End)
    }

    fn look_so(&mut self, after: Looks) {
        if let Some(paragraph) = self.paragraph() {
            (paragraph.base, paragraph.run, paragraph.run_style) = (after.base, after.run, after.run_style);
            paragraph.stale = true;
        }
        if let Some(table) = self.tables.last_mut() {
            table.borders = after.borders;
        }
    }

    /// Remembers the block that just ended, unless it did more than to change looks.
    fn learn(&mut self) {
        let Some(lesson) = self.learning.take_if(|lesson| lesson.outside == self.nest.len()) else { return };
        if lesson.emitted == self.emitted && lesson.box_framed == self.box_framed {
            let after = self.looks();
            self.memo.learn(&lesson.block, lesson.name, lesson.under, after);
        }
    }

    fn looks(&self) -> Looks {
        let paragraph = self.open.checked_sub(1).and_then(|last| self.paragraphs.get(last));
        Looks {
            base: paragraph.map(|paragraph| paragraph.base).unwrap_or_default(),
            run: paragraph.map(|paragraph| paragraph.run).unwrap_or_default(),
            run_style: paragraph.map(|paragraph| paragraph.run_style).unwrap_or_default(),
            borders: self.tables.last().map(|table| table.borders).unwrap_or_default(),
        }
    }

    /// Takes the styles of a Word document.
    ///
    /// # Errors
    /// What reading its bytes gave.
    pub(super) fn read_styles<R: Read>(&mut self, xml: Xml<R>) -> Result<(), Unreadable> {
        self.styles = Styles::read(xml, &mut self.fonts, self.sink)?;
        Ok(())
    }

    fn begin(&mut self, role: Role) {
        self.role = role;
        self.learning = None;
        self.nest = Nest::new(self.max_nesting);
        self.open = 0;
        self.tables.clear();
        self.held.clear();
        self.holding = false;
        (self.boxes, self.del, self.alternates, self.fallbacks) = (0, 0, 0, 0);
        self.box_framed = false;
        self.seen.clear();
        self.watermark = false;
        self.shape = None;
        self.cell = None;
        self.leaf.clear();
        (self.page, self.page_marks, self.since_break, self.explicit_break) = (1, false, 0, false);
    }

    fn token(&mut self, token: Token<'_>) -> Result<(), Unreadable> {
        match token {
            Token::Start(tag) => {
                self.flush_leaf()?;
                let el = element(tag.local());
                if self.nest.push(el) {
                    self.start(el, &tag)?;
                }
            }
            Token::End => {
                self.flush_leaf()?;
                if let Some(el) = self.nest.pop() {
                    self.end(el)?;
                }
            }
            Token::Text(text) => self.text(text, false),
            Token::Literal(text) => self.text(text, true),
            Token::Comment(text) => {
                if has_letter(text) {
                    self.aside(Kind::Hidden, "comment in the source", text)?;
                }
            }
        }
        Ok(())
    }

    fn start(&mut self, el: El, tag: &Tag<'_>) -> Result<(), Unreadable> {
        match el {
            El::Paragraph => self.start_paragraph(),
            El::Run => {
                if let Some(paragraph) = self.paragraph() {
                    paragraph.run = Look::default();
                    paragraph.run_style = Look::default();
                    paragraph.stale = true;
                }
            }
            El::RunProps => {
                if self.nest.parent() == Some(El::Run) {
                    self.drawing_run(tag);
                }
            }
            El::Del => {
                self.del += 1;
                self.author(tag)?;
            }
            El::Table => {
                self.release(false)?;
                self.tables.push(Table::default());
                self.holding = true;
            }
            El::Row => self.tables.last_mut().into_iter().for_each(|table| table.heads.row()),
            El::Cell => self.start_cell()?,
            El::Box => self.boxes += 1,
            El::Borders => self.sides = 0,
            El::Alternate => {
                if self.alternates == 0 {
                    self.seen.clear();
                }
                self.alternates += 1;
                if let Some(paragraph) = self.paragraph() {
                    paragraph.choice_from = Some(paragraph.text.len());
                    paragraph.fallback_from = None;
                }
            }
            El::Fallback => {
                self.fallbacks += 1;
                if let Some(paragraph) = self.paragraph() {
                    paragraph.fallback_from = Some(paragraph.text.len());
                }
            }
            El::Shape => {
                if tag.local() != "drawing" && tag.local() != "pict" && tag.local() != "object" {
                    self.shape =
                        Some(self.role.kind).filter(|kind| *kind != Kind::Body).or(Some(Kind::Textbox));
                }
            }
            El::Other | El::TableProps | El::CellProps | El::SolidFill | El::Line | El::ParagraphProps => {
                self.start_other(tag)?;
            }
            El::Text
            | El::Deleted
            | El::Instruction
            | El::TableBorders
            | El::Choice
            | El::Keyword
            | El::ClientData => {}
        }
        if self.role.all_attributes || self.nest.parent() == Some(El::ClientData) {
            self.leaf_name.clear();
            self.leaf_name.push_str(tag.local());
        }
        if self.role.all_attributes {
            self.every_attribute(tag)?;
        }
        Ok(())
    }

    /// The cell at hand of the innermost table is so many columns wide (`w:gridSpan`).
    fn widen_cell(&mut self, columns: &str) {
        if let (Some(table), Ok(columns)) = (self.tables.last_mut(), columns.trim().parse()) {
            table.heads.widen(columns);
        }
    }

    /// A cell of the innermost table begins. The second one ends the waiting for a frame of one cell.
    fn start_cell(&mut self) -> Result<(), Unreadable> {
        let mut second = false;
        if let Some(table) = self.tables.last_mut() {
            table.cells += 1;
            table.heads.cell(1, 1);
            second = table.cells > 1;
        }
        if second && self.holding {
            self.release(false)?;
        }
        Ok(())
    }

    fn end(&mut self, el: El) -> Result<(), Unreadable> {
        match el {
            El::Paragraph => self.end_paragraph()?,
            El::Del => self.del = self.del.saturating_sub(1),
            El::Table => {
                let framed =
                    self.tables.pop().is_some_and(|table| table.cells == 1 && table.borders.is_frame());
                self.release(framed)?;
            }
            El::Box => {
                self.boxes = self.boxes.saturating_sub(1);
                self.box_framed = false;
            }
            El::Borders => {
                if self.sides >= 3
                    && let Some(paragraph) = self.paragraph()
                {
                    paragraph.base.framed = Some(true);
                    paragraph.stale = true;
                }
            }
            El::Fallback => {
                self.fallbacks = self.fallbacks.saturating_sub(1);
                self.end_fallback()?;
            }
            El::Alternate => self.alternates = self.alternates.saturating_sub(1),
            El::Shape => {
                self.watermark = false;
                self.shape = None;
            }
            _ => {}
        }
        Ok(())
    }

    /// Choice and fallback stand in the same paragraph: the same text must not come twice, another must not be lost.
    fn end_fallback(&mut self) -> Result<(), Unreadable> {
        let Some(paragraph) = self.paragraph() else { return Ok(()) };
        let (Some(choice), Some(fallback)) = (paragraph.choice_from.take(), paragraph.fallback_from.take())
        else {
            return Ok(());
        };
        let first = paragraph.text.get(choice..fallback).unwrap_or_default();
        let second = paragraph.text.get(fallback..).unwrap_or_default();
        if first.is_empty() || second.is_empty() {
            return Ok(());
        }
        let other = (first != second).then(|| second.to_owned());
        paragraph.text.truncate(fallback);
        if let Some(other) = other {
            self.aside(Kind::Hidden, "fallback", &other)?;
        }
        Ok(())
    }

    /// Text that stands beside the flow: names, targets, alternative text.
    fn aside(&mut self, kind: Kind, name: &str, text: &str) -> Result<(), Unreadable> {
        if text.trim().is_empty() {
            return Ok(());
        }
        let visible = kind == Kind::Comment && self.role.visible;
        self.emit_place(kind, visible, Some(name), text, Look::default())
    }

    fn emit(&mut self, kind: Kind, visible: bool, text: &str, look: Look) -> Result<(), Unreadable> {
        self.emit_place(kind, visible, None, text, look)
    }

    fn emit_place(
        &mut self,
        kind: Kind,
        visible: bool,
        name: Option<&str>,
        text: &str,
        look: Look,
    ) -> Result<(), Unreadable> {
        self.emitted += 1;
        if self.alternates > 0 {
            let known = hash(text);
            if self.fallbacks > 0 {
                if self.seen.contains(&known) {
                    return Ok(());
                }
            } else if self.seen.len() < MAX_SEEN {
                self.seen.insert(known);
            }
        }
        if let Some(table) = self.tables.last_mut().filter(|_| kind == Kind::Table && name.is_none()) {
            table.heads.text(text);
        }
        let sure = self.page_marks || self.since_break <= SURE_PAGE;
        let page = (self.role.pages && sure).then_some(self.page);
        if self.holding && name.is_none() {
            if self.held.len() < MAX_HELD {
                self.held.push(Held { text: text.to_owned(), kind, visible, page, look });
                return Ok(());
            }
            self.release(false)?;
        }
        self.push(kind, visible, name, page, text, look)
    }

    fn push(
        &mut self,
        kind: Kind,
        visible: bool,
        name: Option<&str>,
        page: Option<u32>,
        text: &str,
        look: Look,
    ) -> Result<(), Unreadable> {
        let table = self.tables.last().filter(|_| kind == Kind::Table);
        let head = table.and_then(|table| table.heads.of_cell());
        let place = Place {
            kind,
            visible,
            page,
            sheet: self.role.sheet.as_deref(),
            cell: self.cell,
            slide: self.role.slide,
            line: None,
            name: name.or(head).or(self.role.name.as_deref()),
        };
        self.sink.segment(Segment::new(text, place).styled(look.style(&self.fonts)))?;
        Ok(())
    }

    /// Lets go the segments of a table's first cell.
    fn release(&mut self, framed: bool) -> Result<(), Unreadable> {
        self.holding = false;
        for held in mem::take(&mut self.held) {
            let mut look = held.look;
            if framed {
                look.framed = Some(true);
            }
            self.push(held.kind, held.visible, None, held.page, &held.text, look)?;
        }
        Ok(())
    }
}

fn append(raw: &str, literal: bool, out: &mut String) {
    if literal { out.push_str(raw) } else { resolve(raw, out) }
}

/// Whether a block can be remembered: markup alone, without an element of the same name inside.
fn is_plain(block: &str, name: &str) -> bool {
    !block.contains(name) && !Markup::is_text_within(block)
}

/// Whether the level of a list holds numbers and looks only.
fn is_dull_level(block: &str) -> bool {
    let words =
        |tag: &str| tag.split('"').skip(1).step_by(2).any(|value| value.contains('&') || has_word(value));
    static AUTHOR: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("author"));
    static TEXT: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("lvlText"));
    !Markup::is_text_within(block)
        && AUTHOR.find(block.as_bytes()).is_none()
        && TEXT.find_iter(block.as_bytes()).all(|at| {
            let rest = block.get(at..).unwrap_or_default();
            let tag = rest.split('>').next().unwrap_or_default();
            !tag.contains('\'') && !words(tag)
        })
}

fn is_watermark(name: &str) -> bool {
    name.len() >= 9 && name.to_ascii_lowercase().contains("watermark")
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
