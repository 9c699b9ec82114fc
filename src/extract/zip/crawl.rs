//! A part of a long WACZ file: the records that begin in it, and with the first part everything that is no record.

use std::rc::Rc;

use zip::CompressionMethod;

use super::{Package, directory_memory, read_whole, tell_archive};
use crate::extract::input::{Access, Input};
use crate::extract::warc::{Stored, is_crawl, read_stored};
use crate::extract::{Sink, Unreadable};
use crate::model::Span;

/// Bytes of a member that are looked at: a gzip header, and enough of what it packs to know a record.
const HEAD: u64 = 4 << 10;

/// Reads a part of an archive. One without crawl files that are stored as they are is read whole with its first part.
///
/// # Errors
/// As [`Format::read`](crate::extract::Format::read).
pub(super) fn read_part(input: &mut Input<'_>, part: Span, sink: &mut dyn Sink) -> Result<(), Unreadable> {
    let budget = Rc::clone(input.budget());
    let file = input.file();
    let package = match input.access()? {
        Access::Once(_) => None,
        Access::Random(mut reader) => directory_memory(&mut reader)
            .filter(|memory| *memory <= budget.room())
            .and_then(|memory| Package::open(reader, memory, &budget).ok()),
    };
    let found = package.map(|mut package| (stored(&mut package), package));
    let (Some((crawls, mut package)), Some(file)) = (found.filter(|(crawls, _)| !crawls.is_empty()), file)
    else {
        return if part.start == 0 { read_whole(input, sink) } else { Ok(()) };
    };
    tell_archive(&package, sink)?;
    if part.start == 0 {
        for index in 0..package.len() {
            package.member_comment(index, sink)?;
            if !crawls.iter().any(|crawl| crawl.name == package.name(index)) {
                package.member(index, sink)?;
            }
        }
    }
    drop(package);
    let seam = read_stored(&crawls, &file, part, sink)?;
    input.set_seam(seam);
    Ok(())
}

/// The crawl files of an archive that are stored as they are, by their offsets.
fn stored(package: &mut Package<'_>) -> Vec<Stored> {
    if package.find("[Content_Types].xml").is_some() {
        return Vec::new();
    }
    let mut crawls = Vec::new();
    for index in 0..package.len() {
        let name = package.name(index).to_owned();
        let lower = name.to_lowercase();
        let named = [".warc", ".warc.gz", ".warc.zst"].iter().any(|end| lower.ends_with(end));
        if !named || package.overlapping.contains_key(&index) || !is_crawl(&package.peek(index, HEAD)) {
            continue;
        }
        if let Ok(entry) = package.archive.by_index_raw(index)
            && entry.compression() == CompressionMethod::Stored
            && let Some(start) = entry.data_start()
        {
            crawls.push(Stored { name, start, len: entry.size() });
        }
    }
    crawls.sort_by_key(|crawl| crawl.start);
    crawls
}
