//! Files that are one compressed stream: bzip2, xz, lzma, zstd, lz4, lzip, compress. One member, streamed, however many
//! streams stand behind each other. gzip has a reader of its own, since its header may name the member.

use std::io::Read;
use std::rc::Rc;

use super::codec::{self, buffered};
use super::limits::Budget;
use super::{Format, Head, Input, Member, Sink, Unreadable};

/// Opens the decoder of a stream.
type Open = for<'a> fn(Box<dyn Read + 'a>, &Rc<Budget>) -> std::io::Result<Box<dyn Read + 'a>>;

/// The reader of one kind of compressed file.
pub(super) struct Packed {
    name: &'static str,
    extensions: &'static [&'static str],
    matches: fn(&[u8]) -> bool,
    open: Open,
}

/// bzip2.
pub(super) static BZIP2: Packed = Packed {
    name: "bzip2",
    extensions: &["bz2", "bz", "tbz", "tbz2", "tb2"],
    // The header's digit is the block size; then a block's or the end's 48-bit number (digits of pi, of its root).
    matches: |head| {
        head.starts_with(b"BZh")
            && head.get(3).is_some_and(|level| (b'1'..=b'9').contains(level))
            && [&b"\x31\x41\x59\x26\x53\x59"[..], b"\x17\x72\x45\x38\x50\x90"]
                .contains(&head.get(4..10).unwrap_or(&[]))
    },
    open: |inner, budget| Ok(Box::new(codec::bzip2(inner, budget)?)),
};

/// XZ.
pub(super) static XZ: Packed = Packed {
    name: "xz",
    extensions: &["xz", "txz"],
    matches: |head| head.starts_with(b"\xFD7zXZ\0"),
    open: |inner, budget| Ok(Box::new(codec::xz(inner, budget)?)),
};

/// Zstandard.
pub(super) static ZSTD: Packed = Packed {
    name: "zstd",
    extensions: &["zst", "zstd", "tzst"],
    // A first skippable frame may hold a dictionary or a table.
    matches: |head| {
        head.starts_with(b"\x28\xB5\x2F\xFD")
            || (matches!(head, [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..]) && !skips_to(head, b"\x04\x22\x4D\x18"))
    },
    open: |inner, budget| Ok(Box::new(codec::zstd(inner, budget))),
};

/// LZ4 frames.
pub(super) static LZ4: Packed = Packed {
    name: "lz4",
    extensions: &["lz4", "tlz4"],
    matches: |head| {
        head.starts_with(b"\x04\x22\x4D\x18")
            || head.starts_with(b"\x02\x21\x4C\x18")
            || (matches!(head, [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..]) && skips_to(head, b"\x04\x22\x4D\x18"))
    },
    open: |inner, _| Ok(Box::new(codec::Lz4::new(buffered(inner)))),
};

/// lzip.
pub(super) static LZIP: Packed = Packed {
    name: "lzip",
    extensions: &["lz", "tlz"],
    matches: |head| head.starts_with(b"LZIP\x01"),
    open: |inner, budget| Ok(Box::new(codec::Lzip::new(buffered(inner), budget))),
};

/// compress.
pub(super) static COMPRESS: Packed = Packed {
    name: "compress",
    extensions: &["z", "taz"],
    matches: |head| {
        head.starts_with(b"\x1F\x9D")
            && head.get(2).is_some_and(|flags| flags & 0x60 == 0 && (9..=16).contains(&(flags & 0x1F)))
    },
    open: |inner, _| Ok(Box::new(codec::Compress::new(buffered(inner))?)),
};

/// `.lzma`, which has no signature.
pub(super) static LZMA: Packed = Packed {
    name: "lzma",
    extensions: &["lzma", "tlz"],
    matches: is_lzma,
    open: |inner, budget| Ok(Box::new(codec::lzma_alone(inner, budget)?)),
};

/// As `xz` tells it: properties every writer uses, a dictionary of 2^n or 2^n + 2^(n-1) bytes, a length below 256 GB
/// or none, and a range coder that starts with a zero byte.
fn is_lzma(head: &[u8]) -> bool {
    is_lzma_of(head, |props| props == 0x5D)
}

fn is_lzma_of(head: &[u8], usual_props: fn(u8) -> bool) -> bool {
    let Some(([props, d0, d1, d2, d3, length @ .., first], _)) = head.split_first_chunk::<14>() else {
        return false;
    };
    let dictionary = u32::from_le_bytes([*d0, *d1, *d2, *d3]);
    let usual = dictionary >= 4096
        && (dictionary.is_power_of_two()
            || (dictionary % 3 == 0 && (dictionary / 3).is_power_of_two())
            || dictionary == u32::MAX);
    let length = length.first_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    usual_props(*props) && usual && *first == 0 && (length == u64::MAX || (length > 0 && length < 1 << 38))
}

/// Whether a skippable frame at the start is followed by this, as far as the head shows.
fn skips_to(head: &[u8], magic: &[u8]) -> bool {
    let length =
        head.get(4..8).and_then(|bytes| bytes.first_chunk::<4>()).map(|bytes| u32::from_le_bytes(*bytes));
    let next = length.and_then(|length| usize::try_from(length).ok()?.checked_add(8));
    next.and_then(|next| head.get(next..)).is_some_and(|rest| rest.starts_with(magic))
}

impl Format for Packed {
    fn name(&self) -> &'static str {
        self.name
    }

    fn extensions(&self) -> &'static [&'static str] {
        self.extensions
    }

    fn matches(&self, head: &Head<'_>) -> bool {
        // Other properties than the usual are too little of a signature without a name.
        let named = self.name == "lzma" && matches!(head.extension, "lzma" | "tlz");
        (self.matches)(head.bytes) || (named && is_lzma_of(head.bytes, |props| props < 225))
    }

    fn read(&self, input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<(), Unreadable> {
        let budget = Rc::clone(input.budget());
        let packed = input.len().unwrap_or(0);
        let name = inner_name(input.name());
        let decoder = (self.open)(input.stream()?, &budget)?;
        sink.member(Member::named(&name), &mut budget.guard(decoder, packed))?;
        Ok(())
    }
}

/// What the file was called before it was compressed.
pub(super) fn inner_name(name: &str) -> String {
    let own = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let Some((stem, extension)) = own.rsplit_once('.') else { return format!("{own} content") };
    match extension.to_ascii_lowercase().as_str() {
        "tgz" | "taz" | "tbz" | "tbz2" | "tb2" | "txz" | "tlz" | "tzst" | "tlz4" => format!("{stem}.tar"),
        "svgz" => format!("{stem}.svg"),
        "emz" => format!("{stem}.emf"),
        "wmz" => format!("{stem}.wmf"),
        _ => stem.to_owned(),
    }
}

#[cfg(test)]
mod tests;
