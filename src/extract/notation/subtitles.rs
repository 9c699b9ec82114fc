//! Subtitles: SubRip, WebVTT, Sub Station Alpha. Tags and overrides within the text are taken out.

use super::{Notation, Out};

#[derive(Debug, Default)]
pub(super) struct Subtitles;

/// Fields before the text of a Sub Station Alpha event.
const FIELDS: usize = 9;

impl Notation for Subtitles {
    fn block(&mut self, source: &str, out: &mut Out) {
        for line in source.split_inclusive('\n') {
            let mut rest = line;
            if line.starts_with("Dialogue:") || line.starts_with("Comment:") {
                let mut fields = line.splitn(FIELDS + 1, ',');
                for field in fields.by_ref().take(FIELDS) {
                    out.body.push_str(field);
                    out.border();
                }
                rest = fields.next().unwrap_or_default();
            }
            while let Some(at) = rest.find(['<', '{', '\\']) {
                let (before, from) = rest.split_at(at);
                out.body.push_str(before);
                let end = match from.as_bytes() {
                    [b'<', ..] => from.find('>'),
                    [b'{', b'\\', ..] => from.find('}'),
                    [b'\\', b'N' | b'n' | b'h', ..] => {
                        out.border();
                        Some(1)
                    }
                    _ => None,
                };
                let used = match end {
                    Some(end) => end + 1,
                    None => {
                        out.body.push_str(from.get(..1).unwrap_or_default());
                        1
                    }
                };
                rest = from.get(used..).unwrap_or_default();
            }
            out.body.push_str(rest);
        }
    }

    fn end(&mut self, _out: &mut Out) {}
}
