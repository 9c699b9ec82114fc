//! Text that waits for the end of the scan, deflated in memory: a scan of a million documents lists many gaps, and
//! temporary files are no place for the names of secret papers.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::{DeflateDecoder, DeflateEncoder};

/// See the module's head.
pub(super) struct Spool {
    deflated: DeflateEncoder<Vec<u8>>,
    items: u64,
}

impl Spool {
    pub(super) fn new() -> Spool {
        Spool { deflated: DeflateEncoder::new(Vec::new(), Compression::fast()), items: 0 }
    }

    /// Writes the separator unless this is the first item.
    pub(super) fn next(&mut self, separator: &str) -> io::Result<&mut dyn Write> {
        if self.items > 0 {
            self.deflated.write_all(separator.as_bytes())?;
        }
        self.items += 1;
        Ok(&mut self.deflated)
    }

    /// Items so far.
    pub(super) fn items(&self) -> u64 {
        self.items
    }

    /// Gives everything to `out`.
    pub(super) fn copy_to(self, out: &mut dyn Write) -> io::Result<()> {
        let deflated = self.deflated.finish()?;
        let mut inflate = DeflateDecoder::new(out);
        inflate.write_all(&deflated)?;
        inflate.finish().map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out() {
        let mut spool = Spool::new();
        for item in 0..1_000 {
            write!(spool.next(",").unwrap(), "tỉnh Ví Dụ {item}").unwrap();
        }
        assert_eq!(spool.items(), 1_000);
        let mut out = Vec::new();
        spool.copy_to(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.split(',').count(), 1_000);
        assert!(text.starts_with("tỉnh Ví Dụ 0,tỉnh Ví Dụ 1,") && text.ends_with("tỉnh Ví Dụ 999"));
    }
}
