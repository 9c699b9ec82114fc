//! Runs content streams: pages, forms, patterns, appearances.
//!
//! In: a content stream with its resources. Out: text runs and painted areas on a [`Canvas`]. Everything that does not
//! place, colour, cover or hide text is skipped without converting its numbers. Of a clipping path only the upright box
//! around it counts. Left out: clipping to letters, shadings' colours, blend modes, outlines of Type 3 letters.

mod fonts;
mod layers;
mod marked;
mod path;
mod show;
mod state;

pub(super) use fonts::Fonts;
pub(super) use layers::Layers;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::canvas::{Box2, Canvas, Matrix};
use super::color::{self, Space};
use super::document::{Array, Dict, Id, Name, Object, Rect, Resources, Stream};
use super::encoding;
use super::filter::{Decoded, Decoder};
use super::lexer::{Lexer, Token, number, unname};
use crate::extract::limits::LimitReached;
use marked::Mark;
use path::Path;
use state::{GraphicsState, State};

/// Forms inside forms. Producers nest 3; 12 is what the prototype of 1,225 files never reached.
const MAX_FORM_DEPTH: u32 = 12;

/// Forms run for one page. A map with a form for each tree has 8,000.
pub(super) const MAX_FORMS: u32 = 20_000;

/// Bytes of content run for one page, forms counted each time: twelve doublings of a small form are 4,096 runs.
const MAX_PAGE_CONTENT: usize = 256 << 20;

/// Saved graphics states. The standard names 28, real files reach 60.
const MAX_SAVED: usize = 512;

/// Operands of one operator: a `TJ` array of a long line has 400.
const MAX_OPERANDS: usize = 20_000;

/// Nested marked content that is told apart.
const MAX_MARKS: usize = 512;

/// Runs the content of one page, and of what belongs to it.
pub(super) struct Interpreter<'r, 'd> {
    pub(super) fonts: &'r mut Fonts<'d>,
    pub(super) decoder: &'r mut Decoder,
    pub(super) layers: &'r Layers,
    pub(super) canvas: &'r mut Canvas,
    /// The page as it is shown.
    pub(super) page: Box2,
    /// Something was cut off at a limit.
    pub(super) cut: bool,
    /// A stream was broken.
    pub(super) broken: bool,
    /// A stream has a filter that is not known here.
    pub(super) unsupported: bool,
    forms: u32,
    content: usize,
    /// Forms that are running, against recursion; patterns already read.
    running: Vec<Id>,
    patterns: HashSet<Id>,
    buffers: Vec<Vec<u8>>,
    spaces: HashMap<(usize, usize), Rc<Space>>,
    gray: Rc<Space>,
    rgb: Rc<Space>,
    cmyk: Rc<Space>,
    string: Vec<u8>,
    document: std::marker::PhantomData<&'d ()>,
}

impl<'r, 'd> Interpreter<'r, 'd> {
    pub(super) fn new(
        fonts: &'r mut Fonts<'d>,
        decoder: &'r mut Decoder,
        layers: &'r Layers,
        canvas: &'r mut Canvas,
        page: Box2,
    ) -> Interpreter<'r, 'd> {
        Interpreter {
            fonts,
            decoder,
            layers,
            canvas,
            page,
            cut: false,
            broken: false,
            unsupported: false,
            forms: 0,
            content: 0,
            running: Vec::new(),
            patterns: HashSet::new(),
            buffers: Vec::new(),
            spaces: HashMap::new(),
            gray: Rc::new(Space::Gray),
            rgb: Rc::new(Space::Rgb),
            cmyk: Rc::new(Space::Cmyk),
            string: Vec::new(),
            document: std::marker::PhantomData,
        }
    }

    /// Runs a page's content.
    ///
    /// # Errors
    /// When the entry has produced more than it may, or its time is over.
    pub(super) fn page(
        &mut self,
        content: &[u8],
        resources: &Resources<'d>,
        base: Matrix,
    ) -> Result<(), LimitReached> {
        if !may_show(content) && !marked::may_describe(content, resources) {
            return Ok(());
        }
        self.run(content, resources, State::new(base), 0, false)
    }

    /// Runs a form XObject or an appearance stream under `ctm`.
    ///
    /// # Errors
    /// As [`Interpreter::page`].
    pub(super) fn form(
        &mut self,
        form: &Stream<'d>,
        inherited: &Resources<'d>,
        ctm: Matrix,
    ) -> Result<(), LimitReached> {
        self.form_with(form, inherited, State::new(ctm), 0, false)
    }

    fn form_with(
        &mut self,
        form: &Stream<'d>,
        inherited: &Resources<'d>,
        mut state: State,
        depth: u32,
        off: bool,
    ) -> Result<(), LimitReached> {
        let id = form.obj_id();
        if depth >= MAX_FORM_DEPTH || self.forms >= MAX_FORMS {
            self.cut = true;
            return Ok(());
        }
        if self.running.contains(&id) {
            return Ok(());
        }
        self.forms += 1;
        let dict = form.dict();
        if let Some(matrix) = six(dict.get::<Array<'_>>("Matrix")) {
            state.ctm = Matrix::from(matrix).then(state.ctm);
        }
        if let Some(bbox) = dict.get::<Rect>("BBox") {
            let (x, y, width, height) =
                (bbox.x0 as f32, bbox.y0 as f32, bbox.width() as f32, bbox.height() as f32);
            if width > 0.0 && height > 0.0 {
                state.cut(state.ctm.area(x, y, width, height).0);
            }
        }
        let own = dict.get::<Dict<'_>>("Resources").map(Resources::new);
        let mut content = self.buffers.pop().unwrap_or_default();
        content.clear();
        match self.decoder.decode(form, &mut content)? {
            Decoded::Whole => {}
            Decoded::Cut => self.cut = true,
            Decoded::Broken | Decoded::Picture => self.broken = true,
            Decoded::Unsupported => self.unsupported = true,
        }
        self.running.push(id);
        let off = off || self.layers.hides(dict, b"OC");
        let resources = own.as_ref().unwrap_or(inherited);
        let runs =
            content.len() <= MAX_DRAWING || may_show(&content) || marked::may_describe(&content, resources);
        let result = if runs { self.run(&content, resources, state, depth + 1, off) } else { Ok(()) };
        self.running.pop();
        if content.capacity() <= 4 << 20 {
            self.buffers.push(content);
        }
        result
    }

    #[allow(clippy::too_many_lines)] // one arm an operator: split, it would be harder to read
    fn run(
        &mut self,
        content: &[u8],
        resources: &Resources<'d>,
        mut state: State,
        depth: u32,
        off: bool,
    ) -> Result<(), LimitReached> {
        self.content = self.content.saturating_add(content.len());
        if self.content > MAX_PAGE_CONTENT {
            self.cut = true;
            return Ok(());
        }
        let mut lexer = Lexer::new(content);
        let mut operands: Vec<Token<'_>> = Vec::with_capacity(64);
        let mut saved: Vec<State> = Vec::new();
        let mut marks: Vec<Mark> = Vec::new();
        let mut deeper_marks = 0usize;
        let mut off_marks = usize::from(off);
        let mut path = Path::default();
        let (mut matrix, mut line) = (Matrix::IDENTITY, Matrix::IDENTITY);
        // Fonts and graphics states of these resources, by name.
        let mut names: Vec<(&[u8], u32)> = Vec::new();
        let mut states: Vec<(&[u8], Option<GraphicsState>)> = Vec::new();
        let mut in_array = false;
        while let Some(token) = lexer.next_inlined() {
            let Token::Word(word) = token else {
                match token {
                    Token::Open => in_array = true,
                    Token::Close => in_array = false,
                    _ => {}
                }
                if operands.len() < MAX_OPERANDS {
                    operands.push(token);
                }
                continue;
            };
            // `[(a) 0 Tc (b)] TJ`: seen; the operator is ignored, not the array.
            if in_array && matches!(word, [b'T', b'c' | b'w' | b'z' | b'L' | b's' | b'r']) {
                continue;
            }
            in_array = false;
            // Slices are told apart by length and byte, literals one after the other.
            match word {
                [b'q'] if saved.len() < MAX_SAVED => saved.push(state.clone()),
                [b'Q'] => {
                    if let Some(before) = saved.pop() {
                        state = before;
                    }
                }
                [b'c', b'm'] => {
                    if let Some(six) = numbers(&operands) {
                        state.ctm = Matrix::from(six).then(state.ctm);
                    }
                }
                [b'B', b'T'] => {
                    (matrix, line) = (Matrix::IDENTITY, Matrix::IDENTITY);
                    self.canvas.moved();
                }
                [b'T', b'f'] => {
                    if let [.., Token::Name(name), Token::Number(size)] = operands.as_slice() {
                        state.size = number(size);
                        let known = names.iter().find(|known| known.0 == *name).map(|known| known.1);
                        let index = match known {
                            Some(index) => index,
                            None => {
                                let key = unname(name);
                                let index = self.fonts.named(&resources.fonts, &key, self.decoder)?;
                                if names.len() < 64 {
                                    names.push((name, index));
                                }
                                index
                            }
                        };
                        state.font = Some(index);
                    }
                }
                [b'T', b'c'] => state.char_space = last(&operands, state.char_space),
                [b'T', b'w'] => state.word_space = last(&operands, state.word_space),
                [b'T', b'z'] => state.scale = last(&operands, state.scale * 100.0) / 100.0,
                [b'T', b'L'] => state.leading = last(&operands, state.leading),
                [b'T', b's'] => state.rise = last(&operands, state.rise),
                [b'T', b'r'] => state.mode = last(&operands, 0.0) as u8,
                [b'T', b'd'] | [b'T', b'D'] => {
                    if let Some([x, y]) = numbers(&operands) {
                        if word == b"TD" {
                            state.leading = -y;
                        }
                        line = Matrix { e: x, f: y, ..Matrix::IDENTITY }.then(line);
                        matrix = line;
                    }
                }
                [b'T', b'm'] => {
                    if let Some(six) = numbers(&operands) {
                        line = Matrix::from(six);
                        matrix = line;
                    }
                }
                [b'T', b'*'] => {
                    line = Matrix { f: -state.leading, ..Matrix::IDENTITY }.then(line);
                    matrix = line;
                }
                [b'T', b'j'] | [b'T', b'J'] => self.show(&operands, &state, &mut matrix, off_marks > 0)?,
                [b'\''] | [b'"'] => {
                    if let (b"\"", [Token::Number(words), Token::Number(letters), ..]) =
                        (word, operands.as_slice())
                    {
                        state.word_space = number(words);
                        state.char_space = number(letters);
                    }
                    line = Matrix { f: -state.leading, ..Matrix::IDENTITY }.then(line);
                    matrix = line;
                    let from = operands.len().saturating_sub(1);
                    self.show(operands.get(from..).unwrap_or(&[]), &state, &mut matrix, off_marks > 0)?;
                }
                [b'g'] => {
                    if let Some([gray]) = numbers(&operands) {
                        state.fill = color::rgb(gray, gray, gray);
                        state.space = Rc::clone(&self.gray);
                    }
                }
                [b'r', b'g'] => {
                    if let Some([r, g, b]) = numbers(&operands) {
                        state.fill = color::rgb(r, g, b);
                        state.space = Rc::clone(&self.rgb);
                    }
                }
                [b'k'] => {
                    if let Some([c, m, y, k]) = numbers(&operands) {
                        state.fill = color::cmyk(c, m, y, k);
                        state.space = Rc::clone(&self.cmyk);
                    }
                }
                [b'G'] => {
                    if let Some([gray]) = numbers(&operands) {
                        state.stroke = color::rgb(gray, gray, gray);
                    }
                }
                [b'R', b'G'] => {
                    if let Some([r, g, b]) = numbers(&operands) {
                        state.stroke = color::rgb(r, g, b);
                    }
                }
                [b'K'] => {
                    if let Some([c, m, y, k]) = numbers(&operands) {
                        state.stroke = color::cmyk(c, m, y, k);
                    }
                }
                [b'c', b's'] => {
                    if let Some(Token::Name(name)) = operands.last() {
                        state.space = self.space(name, resources);
                        state.fill = state.space.initial();
                    }
                }
                [b's', b'c'] | [b's', b'c', b'n'] => {
                    if let Some(Token::Name(name)) = operands.last() {
                        state.fill = [128; 3];
                        self.pattern(name, resources, &state, depth, off_marks > 0)?;
                    } else {
                        let values: Vec<f32> = tail_numbers(&operands);
                        if let Some(color) = state.space.color(&values) {
                            state.fill = color;
                        }
                    }
                }
                [b'g', b's'] => {
                    if let Some(Token::Name(name)) = operands.last() {
                        let known = states.iter().find(|known| known.0 == *name).map(|known| known.1);
                        let set = match known {
                            Some(set) => set,
                            None => {
                                let dict = resources.ext_g_states.get::<Dict<'d>>(unname(name).as_ref());
                                let set = dict.map(|dict| self.graphics_state(&dict)).transpose()?;
                                if states.len() < 64 {
                                    states.push((name, set));
                                }
                                set
                            }
                        };
                        if let Some(set) = set {
                            set.apply(&mut state);
                        }
                    }
                }
                [b'D', b'o'] => {
                    if let Some(Token::Name(name)) = operands.last()
                        && let Some(object) = resources.x_objects.get::<Stream<'d>>(unname(name).as_ref())
                    {
                        self.canvas.close();
                        self.object(&object, resources, &state, depth, off_marks > 0)?;
                    }
                }
                [b'B', b'I'] => {
                    self.picture(&state, false);
                    while let Some(token) = lexer.next() {
                        if token == Token::Word(b"ID") {
                            lexer.skip_inline_image();
                            break;
                        }
                    }
                }
                [b'B', b'M', b'C'] | [b'B', b'D', b'C'] => {
                    if marks.len() < MAX_MARKS {
                        let mark = self.mark(&operands, resources);
                        off_marks += usize::from(mark.off);
                        marks.push(mark);
                    } else {
                        deeper_marks += 1;
                    }
                }
                [b'E', b'M', b'C'] => {
                    if deeper_marks > 0 {
                        deeper_marks -= 1;
                    } else if let Some(mark) = marks.pop() {
                        off_marks -= usize::from(mark.off);
                        if let Some(actual) = mark.actual {
                            self.end_actual(actual, &state, matrix, off_marks > 0);
                        }
                    }
                }
                [b'r', b'e'] => {
                    if let Some([x, y, width, height]) = numbers(&operands) {
                        let (area, upright) = state.ctm.area(x, y, width, height);
                        if path.rectangles.len() < 256 {
                            path.rectangles.push((area, upright));
                        } else {
                            path.open = true;
                        }
                    }
                }
                [b'm'] => {
                    path.end_subpath();
                    if let Some([x, y]) = numbers(&operands) {
                        path.point(state.ctm.point(x, y));
                    }
                }
                [b'l'] => {
                    // Six points are no rectangle any more: the rest of the subpath is not looked at.
                    if path.points.len() >= 6 {
                        path.open = true;
                    } else if let Some([x, y]) = numbers(&operands) {
                        path.point(state.ctm.point(x, y));
                    }
                }
                [b'c'] | [b'v'] | [b'y'] => (path.complex, path.open) = (true, true),
                [b'W'] | [b'W', b'*'] => path.clips = true,
                [b'h'] => {}
                [b'S'] | [b's'] => {
                    path.end_subpath();
                    path.clip(&mut state);
                    for (area, upright) in path.rectangles.drain(..) {
                        if upright {
                            self.canvas.frame(area);
                        }
                    }
                    path.clear();
                }
                [b'f'] | [b'F'] | [b'f', b'*'] | [b'B'] | [b'B', b'*'] | [b'b'] | [b'b', b'*'] => {
                    path.end_subpath();
                    let stroked = matches!(word, b"B" | b"B*" | b"b" | b"b*");
                    let solid = state.solid && *state.space != Space::Pattern && off_marks == 0;
                    let nested = path.is_nested();
                    for &(area, upright) in &path.rectangles {
                        self.canvas.fill(state.clipped(area), state.fill, solid && upright && !nested, false);
                        if stroked && upright {
                            self.canvas.frame(area);
                        }
                    }
                    if let (true, Some(around)) = (path.complex, path.around) {
                        self.canvas.fill(state.clipped(around), state.fill, false, false);
                    }
                    path.clip(&mut state);
                    path.clear();
                }
                [b's', b'h'] => {
                    self.canvas.fill(state.clipped(self.page), [128; 3], false, false);
                }
                [b'n'] => {
                    path.end_subpath();
                    path.clip(&mut state);
                    path.clear();
                }
                _ => {}
            }
            operands.clear();
        }
        for mark in marks.drain(..) {
            if let Some(actual) = mark.actual {
                self.end_actual(actual, &state, matrix, false);
            }
        }
        self.canvas.close();
        Ok(())
    }

    fn space(&mut self, name: &[u8], resources: &Resources<'d>) -> Rc<Space> {
        match name {
            b"DeviceGray" => return Rc::clone(&self.gray),
            b"DeviceRGB" => return Rc::clone(&self.rgb),
            b"DeviceCMYK" => return Rc::clone(&self.cmyk),
            _ => {}
        }
        // By the place of the name in the content and of the resources: the same name means the same again.
        let key = (resources.color_spaces.data().as_ptr() as usize, hash(name));
        if let Some(space) = self.spaces.get(&key) {
            return Rc::clone(space);
        }
        let space = match resources.color_spaces.get::<Object<'_>>(unname(name).as_ref()) {
            Some(object) => Space::read(&object, 0),
            None => Space::named(name).unwrap_or(Space::Gray),
        };
        let space = Rc::new(space);
        if self.spaces.len() < 256 {
            self.spaces.insert(key, Rc::clone(&space));
        }
        space
    }

    /// What a graphics state dictionary sets of what is asked here.
    fn graphics_state(&mut self, dict: &Dict<'d>) -> Result<GraphicsState, LimitReached> {
        let alpha = dict.get::<f32>("ca");
        let mask = dict.get::<Object<'_>>("SMask");
        let solid = match (alpha, &mask) {
            (_, Some(Object::Dict(_))) => Some(false),
            (Some(alpha), _) => Some(alpha > 0.99),
            (None, Some(_)) => Some(true),
            (None, None) => None,
        };
        let mut font = None;
        if let Some(list) = dict.get::<Array<'d>>("Font") {
            let mut items = list.flex_iter();
            if let (Some(dict), Some(size)) = (items.next::<Dict<'d>>(), items.next::<f32>()) {
                font = Some((self.fonts.read(Some(dict), self.decoder)?, size));
            }
        }
        Ok(GraphicsState { solid, font })
    }

    fn pattern(
        &mut self,
        name: &[u8],
        resources: &Resources<'d>,
        state: &State,
        depth: u32,
        off: bool,
    ) -> Result<(), LimitReached> {
        let Some(pattern) = resources.patterns.get::<Stream<'d>>(unname(name).as_ref()) else {
            return Ok(());
        };
        if !self.patterns.insert(pattern.obj_id()) {
            return Ok(());
        }
        self.canvas.close();
        self.form_with(&pattern, resources, State::new(state.ctm), depth, off)
    }

    fn object(
        &mut self,
        object: &Stream<'d>,
        resources: &Resources<'d>,
        state: &State,
        depth: u32,
        off: bool,
    ) -> Result<(), LimitReached> {
        let dict = object.dict();
        if dict.get::<Name<'_>>("Subtype").as_deref() == Some(b"Image") {
            let see_through = dict.contains_key("SMask")
                || dict.contains_key("Mask")
                || dict.get::<bool>("ImageMask").unwrap_or(false);
            self.picture(state, !see_through && state.solid && !off && !self.layers.hides(dict, b"OC"));
            return Ok(());
        }
        self.form_with(object, resources, state.clone(), depth, off)
    }

    fn picture(&mut self, state: &State, covers: bool) {
        let (area, upright) = state.ctm.area(0.0, 0.0, 1.0, 1.0);
        self.canvas.fill(state.clipped(area), [128; 3], covers && upright, true);
    }
}

/// Whether content may show text or a picture, itself or through a form, or a pattern. Everything else is drawing.
fn may_show(content: &[u8]) -> bool {
    [&b"BT"[..], b"Do", b"Tj", b"TJ", b"BI", b"scn"]
        .iter()
        .any(|operator| memchr::memmem::find(content, operator).is_some())
}

/// Whether content shows text itself.
pub(super) fn shows_text(content: &[u8]) -> bool {
    let has = |operator: &[u8]| memchr::memmem::find(content, operator).is_some();
    has(b"BT") && (has(b"Tj") || has(b"TJ") || has(b")'") || has(b") '"))
}

/// Whether a stream is content of a page.
pub(super) fn contents_hold(page: &Dict<'_>, stream: Id) -> bool {
    if page.get_ref("Contents").is_some_and(|one| Id::from(one) == stream) {
        return true;
    }
    let list = page.get::<Array<'_>>("Contents");
    list.is_some_and(|list| {
        list.raw_iter().take(1000).filter_map(|one| one.as_obj_ref()).any(|one| Id::from(one) == stream)
    })
}

/// A form that only draws is looked at for frames and covers up to this many bytes; beyond it is a picture or a map.
const MAX_DRAWING: usize = 64 << 10;

/// Six numbers of an array.
pub(super) fn six(array: Option<Array<'_>>) -> Option<[f32; 6]> {
    let mut items = array?.iter::<f32>().collect::<Vec<_>>().into_iter();
    let mut next = || items.next();
    Some([next()?, next()?, next()?, next()?, next()?, next()?])
}

/// A text string of a dictionary.
pub(super) fn text_of(dict: &Dict<'_>, key: &str) -> Option<String> {
    let string = dict.get::<Object<'_>>(key)?.into_string()?;
    Some(encoding::text_string(string.as_bytes()))
}

fn hash(bytes: &[u8]) -> usize {
    bytes.iter().fold(bytes.len(), |sum, &byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)))
}

/// The last `N` operands as numbers.
fn numbers<const N: usize>(operands: &[Token<'_>]) -> Option<[f32; N]> {
    let from = operands.len().checked_sub(N)?;
    let mut out = [0.0; N];
    for (slot, token) in out.iter_mut().zip(operands.get(from..)?) {
        let Token::Number(digits) = token else { return None };
        *slot = number(digits);
    }
    Some(out)
}

fn tail_numbers(operands: &[Token<'_>]) -> Vec<f32> {
    operands
        .iter()
        .take(32)
        .filter_map(|token| if let Token::Number(digits) = token { Some(number(digits)) } else { None })
        .collect()
}

fn last(operands: &[Token<'_>], otherwise: f32) -> f32 {
    match operands.last() {
        Some(Token::Number(digits)) => number(digits),
        _ => otherwise,
    }
}
