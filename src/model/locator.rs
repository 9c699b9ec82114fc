use std::ffi::OsStr;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// Address of a document: the file on disk, and the way into it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Locator {
    /// The file as given to the scan, `/` as separator; bytes that are not UTF-8 as `\xNN`.
    pub path: String,
    /// Names of the containers' members that lead to the document; empty for a plain file.
    pub members: Vec<String>,
}

impl Locator {
    /// The address of a plain file.
    #[must_use]
    pub fn file(path: impl Into<String>) -> Locator {
        Locator { path: path.into(), members: Vec::new() }
    }

    /// The address of a member of this document.
    #[must_use]
    pub fn member(&self, name: impl Into<String>) -> Locator {
        let mut members = self.members.clone();
        members.push(name.into());
        Locator { path: self.path.clone(), members }
    }

    /// `outer.zip!inner.zip!doc.docx`, for people.
    #[must_use]
    pub fn display(&self) -> String {
        let mut out = self.path.clone();
        for member in &self.members {
            out.push('!');
            out.push_str(member);
        }
        out
    }
}

/// A path as text: `/` as separator, bytes that are not UTF-8 as `\xNN`.
#[must_use]
pub fn show_path(path: &OsStr) -> String {
    let mut out = String::with_capacity(path.len());
    for chunk in path.as_encoded_bytes().utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\x{byte:02X}");
        }
    }
    if cfg!(windows) { out.replace('\\', "/") } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn names_that_are_not_utf8_stay_readable_and_distinct() {
        use std::os::unix::ffi::OsStrExt as _;
        assert_eq!(show_path(OsStr::from_bytes(b"a/\xff\xfeb.txt")), "a/\\xFF\\xFEb.txt");
    }

    #[test]
    fn display_joins_members() {
        assert_eq!(Locator::file("a.zip").member("b.zip").member("c.txt").display(), "a.zip!b.zip!c.txt");
    }
}
