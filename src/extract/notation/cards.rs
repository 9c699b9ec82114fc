//! vCard (RFC 6350, and 2.1) and iCalendar (RFC 5545): folded lines joined, quoted-printable and escapes decoded.

use super::super::{base64, charset};
use super::{Notation, Out};

#[derive(Debug, Default)]
pub(super) struct Cards {
    /// A line with what was folded behind it.
    line: String,
    /// Line ends that it took.
    ends: u32,
    /// It ends with the `=` of quoted-printable and goes on whatever follows.
    soft: bool,
}

/// A field longer than this is no text.
const LONGEST: usize = 16 << 20;

impl Notation for Cards {
    fn block(&mut self, source: &str, out: &mut Out) {
        for line in source.split_inclusive('\n') {
            let text = line.trim_end_matches(['\n', '\r']);
            let continues = self.soft || line.starts_with([' ', '\t']);
            if !continues || self.line.len() > LONGEST {
                self.finish(out);
            }
            let quoted = self.soft || text.to_ascii_uppercase().contains("QUOTED-PRINTABLE");
            let text = if continues && !self.soft { text.get(1..).unwrap_or_default() } else { text };
            self.soft = quoted && text.ends_with('=');
            self.line.push_str(if self.soft { text.get(..text.len() - 1).unwrap_or_default() } else { text });
            self.ends += u32::from(line.ends_with('\n'));
        }
    }

    fn end(&mut self, out: &mut Out) {
        self.finish(out);
    }
}

impl Cards {
    fn finish(&mut self, out: &mut Out) {
        let line = std::mem::take(&mut self.line);
        field(&line, out);
        for _ in 0..std::mem::take(&mut self.ends) {
            out.body.push('\n');
        }
    }
}

fn field(line: &str, out: &mut Out) {
    let mut quoted = false;
    let colon = line.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == b':' && !quoted
    });
    let Some((head, value)) =
        colon.map(|at| (line.get(..at).unwrap_or_default(), line.get(at + 1..).unwrap_or_default()))
    else {
        out.body.push_str(line);
        return;
    };
    let mut parameters = head.split(';');
    let name = parameters.next().unwrap_or_default();
    let name = name.rsplit('.').next().unwrap_or(name);
    let mut coding = "";
    let mut label = None;
    for parameter in parameters {
        let (key, of) = parameter.split_once('=').unwrap_or(("ENCODING", parameter));
        if key.eq_ignore_ascii_case("ENCODING") {
            coding = of;
        } else if key.eq_ignore_ascii_case("CHARSET") {
            label = Some(of);
        } else if of.len() > 3 {
            // Names and other words: `CN="Sở Thử Nghiệm"`.
            Out::line(&mut out.properties, of.trim_matches('"'));
        }
    }
    if coding.eq_ignore_ascii_case("BASE64") || coding.eq_ignore_ascii_case("B") {
        if name.eq_ignore_ascii_case("ATTACH") {
            let number = out.members.len() + 1;
            out.members.push((format!("attachment-{number}"), base64::decode(value.as_bytes())));
        }
        return;
    }
    let decoded;
    let mut value = value;
    if coding.eq_ignore_ascii_case("QUOTED-PRINTABLE") {
        let bytes = base64::quoted_printable(value.as_bytes());
        decoded = charset::decode(&bytes, label).0.into_owned();
        value = &decoded;
    }
    if ["CLASS", "STATUS", "TRANSP"].iter().any(|formal| name.eq_ignore_ascii_case(formal)) {
        // `CLASS:CONFIDENTIAL` is what a calendar shows to whom, and no mark of a document.
        out.body.push_str(name);
        out.body.push(':');
        out.body.push(' ');
    } else {
        out.body.push_str(name);
        out.border();
    }
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n' | 'N') => out.border(),
                Some(escaped) => out.body.push(escaped),
                None => {}
            },
            ';' | '\n' | '\r' => out.border(),
            letter => out.body.push(letter),
        }
    }
}
