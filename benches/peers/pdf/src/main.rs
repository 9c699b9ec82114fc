//! `pdf TOOL < LIST`: reads the PDFs whose names stand in the list, one a line, with one tool, and prints how many it could read and
//! how many bytes of text (or, for `floor`, of inflated streams) came out.

use std::collections::HashSet;
use std::io::Read;
use std::panic::catch_unwind;
use std::sync::Arc;

use hayro_syntax::Pdf;
use hayro_syntax::object::dict::keys::{CONTENTS, FONT, RESOURCES, SUBTYPE, TO_UNICODE, XOBJECT};
use hayro_syntax::object::{Array, Dict, Name, Stream};

/// Everything that a page's text needs, inflated and thrown away: contents, forms, ToUnicode maps. Object and reference streams
/// are inflated by opening the file.
fn floor(bytes: Vec<u8>) -> Option<usize> {
    let pdf = Pdf::new(Arc::new(bytes)).ok()?;
    let mut floor = Floor { total: 0, seen: HashSet::new(), buffer: vec![0; 1 << 16] };
    for page in pdf.pages().iter() {
        let page = page.raw();
        if let Some(stream) = page.get::<Stream<'_>>(CONTENTS) {
            floor.inflate(&stream);
        } else if let Some(parts) = page.get::<Array<'_>>(CONTENTS) {
            parts.iter::<Stream<'_>>().for_each(|stream| {
                floor.inflate(&stream);
            });
        }
        let mut next = Some(page.clone());
        for _ in 0..16 {
            let Some(dict) = next else { break };
            if let Some(resources) = dict.get::<Dict<'_>>(RESOURCES) {
                floor.resources(&resources, 0);
                break;
            }
            next = dict.get::<Dict<'_>>(b"Parent".as_slice());
        }
    }
    Some(floor.total)
}

struct Floor {
    total: usize,
    seen: HashSet<(u32, i32)>,
    buffer: Vec<u8>,
}

impl Floor {
    /// False when the stream was met before.
    fn inflate(&mut self, stream: &Stream<'_>) -> bool {
        let id = stream.obj_id();
        if !self.seen.insert((id.obj_number, id.gen_number)) {
            return false;
        }
        let raw = stream.raw_data();
        let plain = stream.dict().get::<Name<'_>>(b"Filter".as_slice()).is_some_and(|name| &*name == b"FlateDecode");
        if plain {
            let mut inflate = flate2::read::ZlibDecoder::new(&*raw);
            while let Ok(got @ 1..) = inflate.read(&mut self.buffer) {
                self.total += got;
            }
        } else {
            self.total += stream.decoded().map_or(0, |data| data.len());
        }
        true
    }

    fn resources(&mut self, resources: &Dict<'_>, depth: u32) {
        if let Some(fonts) = resources.get::<Dict<'_>>(FONT) {
            for name in fonts.keys() {
                let map = fonts.get::<Dict<'_>>(name.clone()).and_then(|font| font.get::<Stream<'_>>(TO_UNICODE));
                if let Some(map) = map {
                    self.inflate(&map);
                }
            }
        }
        let Some(forms) = resources.get::<Dict<'_>>(XOBJECT) else { return };
        for name in forms.keys() {
            let Some(form) = forms.get::<Stream<'_>>(name.clone()) else { continue };
            let is_form = form.dict().get::<Name<'_>>(SUBTYPE).is_some_and(|name| &*name == b"Form");
            if is_form && self.inflate(&form) && depth < 12
                && let Some(inner) = form.dict().get::<Dict<'_>>(RESOURCES)
            {
                self.resources(&inner, depth + 1);
            }
        }
    }
}

fn with_lopdf(bytes: Vec<u8>) -> Option<usize> {
    let document = lopdf::Document::load_mem(&bytes).ok()?;
    let pages = document.get_pages();
    Some(pages.keys().filter_map(|page| document.extract_text(&[*page]).ok()).map(|text| text.len()).sum())
}

fn main() {
    let tool = match std::env::args().nth(1).as_deref() {
        Some("floor") => floor,
        Some("lopdf") => with_lopdf,
        _ => {
            eprintln!("usage: pdf floor|lopdf < LIST");
            std::process::exit(2);
        }
    };
    std::panic::set_hook(Box::new(|_| {}));
    let list = std::io::read_to_string(std::io::stdin()).unwrap_or_default();
    let work = move || {
        let (mut files, mut bytes, mut panics) = (0, 0, 0);
        for name in list.lines() {
            let Ok(content) = std::fs::read(name) else { continue };
            match catch_unwind(|| tool(content)) {
                Ok(Some(len)) => (files, bytes) = (files + 1, bytes + len),
                Ok(None) => {}
                Err(_) => panics += 1,
            }
        }
        println!("{files} files, {bytes} bytes, {panics} panics");
    };
    // Some readers recurse deeply.
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(work);
    let _ = thread.map(std::thread::JoinHandle::join);
}
