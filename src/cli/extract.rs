//! `daumat extract`: what the scanner sees of a file.

use std::io::{self, BufWriter, Read as _, Write};

use super::args::{ExtractArgs, ExtractFormat};
use super::{Exit, Failure, lang};
use crate::extract::Input;
use crate::extract::limits::Budget;
use crate::model::show_path;
use crate::report::escape::for_terminal;
use crate::report::place_in_words;
use crate::scan::door::read_document;
use crate::scan::transcript::{Line, Transcript};
use crate::text::details::detail;
use crate::text::{Word, fill};

/// Reads one file in this process and prints its segments.
pub(super) fn run(args: &ExtractArgs) -> Result<Exit, Failure> {
    let path = args.file.as_os_str();
    let unreadable = |error: io::Error| Failure::new(format!("{}: {error}", args.file.display()));
    let budget = Budget::with_passwords(args.limits.limits(), None, &args.passwords.read()?);
    let mut out = BufWriter::new(io::stdout().lock());
    let mut result = Ok(());
    let mut complete = true;
    let name = args.file.file_name().map_or_else(|| show_path(path), show_path);
    let mut transcript = Transcript::new(|line| {
        if let Line::Document { coverage, .. } = &line {
            complete &= matches!(coverage.as_str(), "full" | "skipped");
        }
        if result.is_ok() {
            result = match args.format {
                ExtractFormat::Jsonl => serde_json::to_writer(&mut out, &line)
                    .map_err(io::Error::from)
                    .and_then(|()| out.write_all(b"\n")),
                ExtractFormat::Text => text(&mut out, &line),
            };
        }
    });
    if path == "-" {
        let mut content = Vec::new();
        io::stdin().lock().read_to_end(&mut content)?;
        let input = Input::from_bytes("", &content, &budget);
        read_document(&mut input.only_pages(args.pages), "", &mut transcript);
    } else {
        let file = std::fs::File::open(&args.file).map_err(unreadable)?;
        if file.metadata().map_err(unreadable)?.is_dir() {
            return Err(Failure::new(fill(Word::IsFolder.get(lang()), &[&args.file.display()])));
        }
        if file.metadata().map_err(unreadable)?.len() > budget.limits.max_file_size {
            return Err(Failure::new(fill(Word::TooLargeForLimit.get(lang()), &[&args.file.display()])));
        }
        let input = Input::from_file(&name, &file, &budget).map_err(unreadable)?;
        read_document(&mut input.only_pages(args.pages), &name, &mut transcript);
    }
    result?;
    out.flush()?;
    Ok(if complete { Exit::Clean } else { Exit::Incomplete })
}

/// One line for each segment, and one for each document's end.
fn text(out: &mut impl Write, line: &Line) -> io::Result<()> {
    match line {
        Line::Segment { members, place, text, size, color, font, look, .. } => {
            let mut place = place_in_words(place, lang());
            let looks = [
                size.map(|size| format!("{size} pt")),
                color.clone(),
                font.clone(),
                (!look.is_empty()).then(|| look.join(" ")),
            ];
            for look in looks.into_iter().flatten() {
                place.push_str("; ");
                place.push_str(&look);
            }
            let way: String = members.iter().map(|member| format!("{member}!")).collect();
            for line in text.split('\n') {
                writeln!(out, "[{}] {}", for_terminal(&format!("{way}{place}")), for_terminal(line))?;
            }
            Ok(())
        }
        Line::Document { members, format, bytes, coverage, gaps, facts } => {
            let file = Word::ExtractFile.get(lang()).to_owned();
            let way = for_terminal(&if members.is_empty() { file } else { members.join("!") });
            let end = fill(Word::ExtractEnd.get(lang()), &[&way, format, bytes, coverage]);
            writeln!(out, "-- {end}")?;
            for gap in gaps {
                let not_read = Word::ExtractNotRead.get(lang());
                writeln!(
                    out,
                    "   {not_read}: {}: {}",
                    gap.reason.as_str(),
                    for_terminal(&detail(&gap.detail, lang()))
                )?;
            }
            for fact in facts {
                writeln!(out, "   {}: {}", fact.code, for_terminal(&fact.value))?;
            }
            Ok(())
        }
    }
}
