use serde::{Deserialize, Serialize};

/// A part of a long file: the records that begin in these bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: u64,
    /// First byte behind it; `u64::MAX` for the last part, whatever the file has grown to.
    pub end: u64,
    /// A record begins at `start`; otherwise the first one behind it is looked for.
    pub exact: bool,
}

/// Where the records lie that were read of a [`Span`]. Two parts fit when one begins where the other ended.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Seam {
    /// First byte of the first record; `None` when no record begins in the part.
    pub begin: Option<u64>,
    /// First byte of the record behind the last one, or the end of the file; `None` when reading broke off.
    pub end: Option<u64>,
    /// Members of the file whose records these are, in order, when they are not its own.
    pub members: Vec<String>,
    /// The first of those members began in a part before.
    pub resumes: bool,
}
