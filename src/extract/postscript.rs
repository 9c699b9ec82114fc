//! PostScript and EPS: the strings that the program holds, and its comments.
//!
//! In: a program (PostScript Language Reference, third edition), or one with a preview in front (EPS for DOS). Out: strings in the order of
//! the file, a line for each place the pen is set to; comments. PostScript draws its text by running: blanks are moves of the pen, and
//! drivers often write numbers of glyphs instead of letters. So this is never all of it, and a gap says so. Left out: running it, previews.

use std::rc::Rc;

use super::charset;
use super::pdf::lexer::{Lexer, Token, unescape};
use super::xml::has_letter;
use super::{Format, Head, Input, Sink, Unreadable};
use crate::model::{Gap, GapReason, Kind, Place, Segment};

/// PostScript and EPS.
pub(super) struct PostScript;

/// Begins a file that holds a program and a preview: then four bytes each for where the program begins and how long it is.
const WITH_PREVIEW: [u8; 4] = [0xC5, 0xD0, 0xD3, 0xC6];

/// Comments of the document structuring conventions (Adobe Technical Note 5001) that are texts, and what they are.
const COMMENTS: [(&str, Kind); 4] = [
    ("%%Title:", Kind::Title),
    ("%%For:", Kind::Property),
    ("%%Creator:", Kind::Property),
    ("%%Keywords:", Kind::Property),
];

/// Lines that are pushed at once, in bytes.
const BLOCK: usize = 64 << 10;

impl Format for PostScript {
    fn name(&self) -> &'static str {
        "postscript"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["ps", "eps", "epsf", "epsi", "prn"]
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        program(head.bytes).is_some() || head.bytes.starts_with(&WITH_PREVIEW)
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let budget = Rc::clone(input.budget());
        let bytes = input.bytes()?;
        let Some(program) = program(bytes) else {
            return Err(Unreadable::damaged("PostScript: no program behind the header"));
        };
        comments(program, sink)?;
        let mut lexer = Lexer::new(program);
        let mut text = String::new();
        // Where the last string begins; operators since then, and numbers before and behind the first of them.
        let (mut begin, mut operators, mut before, mut behind) = (0, 0u32, 0u32, 0u32);
        while let Some(token) = lexer.next() {
            match token {
                Token::Number(_) if operators > 0 => behind += 1,
                Token::Number(_) => {
                    before += 1;
                    // `(text)72 96 Q`: two numbers are the place of the string in front of them.
                    if before == 2 && begin > 0 {
                        new_line(&mut text, begin);
                    }
                }
                Token::Word(_) => operators += 1,
                Token::Literal(raw) => {
                    // `72 96 moveto (text)`: or of the one behind them.
                    if behind > 1 {
                        let end = text.len();
                        new_line(&mut text, end);
                    }
                    if text.len() > BLOCK {
                        budget.charge(0)?;
                        // What has no line end but at its beginning goes as a whole: else it would be looked through for each string.
                        let end = text.rfind('\n').filter(|end| *end > 0).unwrap_or(text.len());
                        push(text.get(..end).unwrap_or(&text), Place::new(Kind::Body), sink)?;
                        text.drain(..end);
                    }
                    (begin, operators, before, behind) = (text.len(), 0, 0, 0);
                    text.push_str(&charset::decode(&unescape(raw), None).0);
                }
                _ => {}
            }
        }
        push(&text, Place::new(Kind::Body), sink)?;
        sink.gap(Gap::new(GapReason::Unsupported, "PostScript: only strings and comments are read"));
        Ok(())
    }
}

fn new_line(text: &mut String, at: usize) {
    if !text.get(..at).is_none_or(|before| before.ends_with('\n')) {
        text.insert(at, '\n');
    }
}

/// The program in a file, with its preview cut off.
fn program(bytes: &[u8]) -> Option<&[u8]> {
    let number = |at: usize| Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?) as usize);
    let program = if bytes.starts_with(&WITH_PREVIEW) {
        let rest = bytes.get(number(4)?..)?;
        rest.get(..number(8)?).unwrap_or(rest)
    } else {
        // Some drivers put an end of file in front.
        let bytes = bytes.trim_ascii_start();
        bytes.strip_prefix(&[0x04]).unwrap_or(bytes)
    };
    program.starts_with(b"%!").then_some(program)
}

/// Comments that are texts, each with its name; the others in blocks.
fn comments(program: &[u8], sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let mut others = String::new();
    for line in program.split(|byte| matches!(byte, b'\n' | b'\r')).filter(|line| line.starts_with(b"%")) {
        let known = COMMENTS.iter().find(|(comment, _)| line.starts_with(comment.as_bytes()));
        let Some((comment, kind)) = known else {
            if !line.starts_with(b"%%") {
                others.push_str(&charset::decode(line, None).0);
                others.push('\n');
            }
            if others.len() > BLOCK {
                push(&others, Place::new(Kind::Hidden).hidden(), sink)?;
                others.clear();
            }
            continue;
        };
        let value = line.get(comment.len()..).unwrap_or_default().trim_ascii();
        let raw = value.strip_prefix(b"(").and_then(|value| value.strip_suffix(b")")).unwrap_or(value);
        let value = charset::decode(&unescape(raw), None).0.into_owned();
        if has_letter(&value) && raw != b"atend" {
            let name = comment.trim_matches(['%', ':']);
            sink.segment(Segment::new(&value, Place::new(*kind).hidden().named(name)))?;
        }
    }
    push(&others, Place::new(Kind::Hidden).hidden(), sink)
}

fn push(text: &str, place: Place<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    if has_letter(text) {
        sink.segment(Segment::lines(text.trim_start_matches('\n'), place))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::read_bytes;
    use super::*;

    const PROGRAM: &str = "%!PS-Adobe-3.0\n%%Title: (Orla \\050draft\\051)\n%%Creator: (atend)\n% NATO RESTRICTED\n\
                           /F0 10/Times-Bold@0 SF(SE)72 72 S(CRET)-.5 E(Copy)72 96 Q\n20 700 moveto (Minutes) show\n%%EOF\n";

    #[test]
    fn postscript_gives_strings_and_comments() {
        let got = read_bytes(&PostScript, "a.ps", PROGRAM.as_bytes());
        assert_eq!(got.text_of(Kind::Title), "Orla (draft)");
        assert_eq!(got.text_of(Kind::Body), "SECRET\nCopy\nMinutes");
        assert!(got.text_of(Kind::Hidden).contains("NATO RESTRICTED"));
        assert_eq!(got.gaps.len(), 1, "never all of it");
    }

    #[test]
    fn postscript_of_one_long_line_goes_in_blocks() {
        let comments = "% a remark\n".repeat(8_000);
        let program = format!("%!PS\n{comments}% the last\n(a) 1 1 m 1 1 m{}", "(ab)".repeat(100_000));
        let got = read_bytes(&PostScript, "a.ps", program.as_bytes());
        assert_eq!(got.of(Kind::Body).first(), Some(&"a"));
        assert_eq!(got.text_of(Kind::Body), format!("a{}", "ab".repeat(100_000)));
        assert!(got.segments.iter().all(|seen| seen.text.len() <= BLOCK + 16), "blocks");
        assert_eq!(got.text_of(Kind::Hidden).matches("remark").count(), 8_000);
        assert!(got.text_of(Kind::Hidden).ends_with("the last\n"));
    }

    #[test]
    fn postscript_behind_a_preview() {
        let mut file = WITH_PREVIEW.to_vec();
        for number in [32, u32::try_from(PROGRAM.len()).unwrap(), 0, 0, 0, 0] {
            file.extend(number.to_le_bytes());
        }
        file.resize(32, 0);
        file.extend(PROGRAM.as_bytes());
        file.extend(b"(preview) show");
        let head = Head { bytes: &file, extension: "", media: None };
        assert!(PostScript.matches(&head));
        assert_eq!(read_bytes(&PostScript, "a.eps", &file).text_of(Kind::Body), "SECRET\nCopy\nMinutes");
        let broken = read_bytes(&PostScript, "a.eps", &WITH_PREVIEW);
        assert!(broken.text_of(Kind::Body).is_empty());
    }
}
