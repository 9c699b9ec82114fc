//! Annotations of a page: their text, their appearance, their links and files.
//!
//! In: `/Annots`. Out: notes. A stamp's text often stands only in its appearance stream, a sticky note's only in
//! `/Contents`, and a predefined stamp's only in its name; equal texts of one annotation are given once.

use std::collections::HashSet;

use super::canvas::{Box2, Canvas, Matrix};
use super::content::{Interpreter, six, text_of};
use super::document::{Array, Dict, Name, Object, Page, Rect, Stream};
use super::layout::{self, Class};
use super::reader::{Note, Reader};
use crate::extract::Unreadable;
use crate::model::Kind;

/// Annotations of one page that are read. Forms of tax offices have 2,000.
pub(super) const MAX_ANNOTATIONS: usize = 20_000;

/// Annotations of a document that are remembered as read.
const MAX_REMEMBERED: usize = 1 << 20;

/// Annotation flags, ISO 32000-2 table 167.
const HIDDEN: i32 = 1 << 1;
const NO_VIEW: i32 = 1 << 5;

/// The texts of the annotations of a page.
pub(super) fn read<'d>(
    reader: &mut Reader<'d>,
    page: &'d Page<'d>,
    base: Matrix,
    area: Box2,
) -> Result<Vec<Note>, Unreadable> {
    let mut notes = Vec::new();
    let Some(list) = page.raw().get::<Array<'d>>("Annots") else { return Ok(notes) };
    let mut canvas = std::mem::take(&mut reader.canvas);
    let mut result = Ok(());
    for annotation in list.iter::<Object<'d>>().take(MAX_ANNOTATIONS).filter_map(Object::into_dict) {
        result = one(reader, &mut canvas, &annotation, page, base, area, &mut notes);
        if result.is_err() {
            break;
        }
    }
    reader.canvas = canvas;
    result.map(|()| notes)
}

fn one<'d>(
    reader: &mut Reader<'d>,
    canvas: &mut Canvas,
    annotation: &Dict<'d>,
    page: &'d Page<'d>,
    base: Matrix,
    area: Box2,
    notes: &mut Vec<Note>,
) -> Result<(), Unreadable> {
    let subtype = annotation.get::<Name<'_>>("Subtype");
    let subtype = subtype.as_deref().unwrap_or(b"");
    if reader.annotations.len() < MAX_REMEMBERED {
        reader.annotations.push((annotation.data().as_ptr() as usize, annotation.data().len()));
    }
    if subtype == b"Popup" {
        return Ok(());
    }
    if subtype == b"FileAttachment"
        && reader.attached.len() < MAX_ANNOTATIONS
        && let Some(spec) = annotation.get::<Dict<'d>>("FS")
    {
        reader.attached.push(spec);
    }
    let kind = match subtype {
        b"Stamp" => Kind::Stamp,
        b"Widget" => Kind::FormField,
        b"Watermark" => Kind::Watermark,
        _ => Kind::Annotation,
    };
    if subtype == b"StrikeOut" && reader.strikes.len() < MAX_ANNOTATIONS {
        strikes(annotation, base, &mut reader.strikes);
    }
    let flags = annotation.get::<i32>("F").unwrap_or(0);
    let visible = flags & (HIDDEN | NO_VIEW) == 0 && !reader.layers.hides(annotation, b"OC");
    let name = match kind {
        Kind::FormField => super::interactive::field_name(annotation, &mut reader.parents),
        _ => Some(String::from_utf8_lossy(subtype).into_owned()).filter(|name| !name.is_empty()),
    };
    // The choices of a list are not its value.
    let choices =
        kind == Kind::FormField && super::interactive::is_open_list(annotation, &mut reader.parents);
    let drawn_name = if choices { Some("option".to_owned()) } else { name.clone() };
    let mut said: HashSet<String> = HashSet::new();
    let mut appearance_says = String::new();
    if let Some(form) = appearance(annotation) {
        canvas.clear();
        let ctm = placed(&form, annotation, base);
        let layers = &reader.layers;
        let mut interpreter = Interpreter::new(&mut reader.fonts, &mut reader.decoder, layers, canvas, area);
        interpreter.form(&form, page.resources(), ctm)?;
        let lines = layout::lines(canvas, &reader.fonts, area);
        for line in &lines.lines {
            let text = lines.text_of(line);
            let key = bare(text);
            if !choices {
                if !line.view {
                    appearance_says.push_str(&key);
                }
                said.insert(key);
            }
            notes.push(Note {
                kind,
                visible: visible && line.class == Class::Shown,
                text: text.to_owned(),
                name: drawn_name.clone(),
                look: Some(line.clone()),
            });
        }
        notes.extend(canvas.asides.drain(..).map(Note::aside));
    }
    let mut say = |kind: Kind, text: String, shown: bool, name: Option<String>| {
        let key = bare(&text);
        if key.is_empty() || said.contains(&key) || appearance_says == key {
            return;
        }
        said.insert(key);
        notes.push(Note { kind, visible: shown, text, name, look: None });
    };
    for key in ["Contents", "Subj"] {
        if let Some(text) = text_of(annotation, key) {
            say(kind, text, visible, name.clone());
        }
    }
    // ISO 32000-2, table 172: whoever wrote a note; table 226: a field's name.
    if let Some(text) = text_of(annotation, "T") {
        let (kind, name) =
            if kind == Kind::FormField { (kind, "field name") } else { (Kind::Comment, "author") };
        say(kind, text, false, Some(name.to_owned()));
    }
    if kind == Kind::Stamp
        && let Some(predefined) = annotation.get::<Name<'_>>("Name")
    {
        // Without an appearance a viewer draws `TopSecret` as a stamp of that name.
        say(
            kind,
            words(&String::from_utf8_lossy(&predefined)),
            visible && appearance(annotation).is_none(),
            name.clone(),
        );
    }
    if kind == Kind::FormField
        && let Some(value) =
            super::interactive::field_value(annotation, &mut reader.parents, &mut reader.decoder)?
    {
        say(kind, value, visible, name.clone());
    }
    if kind == Kind::FormField {
        for option in super::interactive::options(annotation, &mut reader.parents) {
            // A viewer shows them when the field is opened.
            say(kind, option, false, Some("option".to_owned()));
        }
    }
    for (_, script) in super::interactive::events(annotation, &mut reader.decoder)? {
        say(Kind::Script, script, false, name.clone());
    }
    if let Some(action) = annotation.get::<Dict<'d>>("A") {
        let uri = action.get::<Object<'_>>("URI").and_then(Object::into_string);
        if let Some(uri) = uri {
            let text = String::from_utf8_lossy(uri.as_bytes()).into_owned();
            say(Kind::Link, text, false, None);
        }
        for script in super::interactive::scripts_of(&action, &mut reader.decoder)? {
            say(Kind::Script, script, false, None);
        }
    }
    Ok(())
}

/// The normal appearance; of several states the one that is set.
pub(super) fn appearance<'d>(annotation: &Dict<'d>) -> Option<Stream<'d>> {
    let all = annotation.get::<Dict<'d>>("AP")?;
    match all.get::<Object<'d>>("N")? {
        Object::Stream(stream) => Some(stream),
        Object::Dict(states) => states.get::<Stream<'d>>(annotation.get::<Name<'d>>("AS")?.as_ref()),
        _ => None,
    }
}

/// ISO 32000-2, 12.5.5, algorithm 8.1: the appearance's box, after its matrix, is fitted to the annotation's rectangle.
fn placed(form: &Stream<'_>, annotation: &Dict<'_>, base: Matrix) -> Matrix {
    let (Some(bbox), Some(rect)) = (form.dict().get::<Rect>("BBox"), annotation.get::<Rect>("Rect")) else {
        return base;
    };
    let matrix = six(form.dict().get::<Array<'_>>("Matrix")).map_or(Matrix::IDENTITY, Matrix::from);
    let (shape, _) = matrix.area(bbox.x0 as f32, bbox.y0 as f32, bbox.width() as f32, bbox.height() as f32);
    let scale = |from: f32, to: f64| if from > 1e-3 { to as f32 / from } else { 1.0 };
    let (sx, sy) = (scale(shape.width(), rect.width()), scale(shape.height(), rect.height()));
    let fit = Matrix {
        a: sx,
        b: 0.0,
        c: 0.0,
        d: sy,
        e: rect.x0 as f32 - shape.left * sx,
        f: rect.y0 as f32 - shape.top * sy,
    };
    fit.then(base)
}

/// What a strike-out lies over: quadrilaterals, each around a line or a part of it.
fn strikes(annotation: &Dict<'_>, base: Matrix, out: &mut Vec<Box2>) {
    let Some(points) = annotation.get::<Array<'_>>("QuadPoints") else { return };
    let numbers: Vec<f32> = points.iter::<f32>().take(8 * 1000).collect();
    for quad in numbers.chunks_exact(8) {
        let mut area = Box2::EMPTY;
        for corner in quad.chunks_exact(2) {
            if let [x, y] = corner {
                let (x, y) = base.point(*x, *y);
                area.extend(x, y);
            }
        }
        out.push(area);
    }
}

fn bare(text: &str) -> String {
    let mut bare = String::with_capacity(text.len());
    bare.extend(text.split_whitespace());
    bare
}

/// `TopSecret` as words.
fn words(name: &str) -> String {
    let name = name.trim_start_matches('#').trim_start_matches("SB");
    let mut out = String::new();
    let mut small = false;
    for letter in name.chars() {
        if letter.is_uppercase() && small {
            out.push(' ');
        }
        small = letter.is_lowercase();
        out.push(letter);
    }
    out
}
