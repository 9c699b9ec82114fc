//! Source code, Java properties, message catalogues: as they stand, with the escapes of strings decoded, so that
//! `M\u1EACT` can be read.

use super::super::html::script_text;
use super::{Notation, Out};

#[derive(Debug, Default)]
pub(super) struct Escapes;

impl Notation for Escapes {
    fn block(&mut self, source: &str, out: &mut Out) {
        // Blocks end behind lines, and an escape stands in one line. `\n` becomes a border, not a line end, so that
        // lines keep their numbers.
        for line in source.split_inclusive('\n') {
            if line.contains("\\u") {
                let (text, end) = line.strip_suffix('\n').map_or((line, ""), |text| (text, "\n"));
                out.body.push_str(&script_text(text).replace('\n', "\t"));
                out.body.push_str(end);
            } else {
                out.body.push_str(line);
            }
        }
    }

    fn end(&mut self, _out: &mut Out) {}
}
