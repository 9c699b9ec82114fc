use serde::{Deserialize, Serialize};

use super::OwnedPlace;

/// Why something could not be read. The names are the contract's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapReason {
    /// A password is needed.
    Encrypted,
    /// Larger than the size limit, or more bytes came out of it than allowed.
    LimitSize,
    /// Inflates by more than the allowed ratio.
    LimitRatio,
    /// Nested deeper than allowed.
    LimitDepth,
    /// More members, pages or parts than allowed.
    LimitCount,
    /// Took longer than allowed.
    Timeout,
    /// The reader process died on it.
    Crash,
    /// Breaks its format's rules; what could be read was read.
    Damaged,
    /// A format, or a feature of one, that is not read.
    Unsupported,
    /// A page that is only a picture.
    ImageOnly,
    /// Text in a font whose letters cannot be told.
    FontUnreadable,
    /// The disk or share failed.
    Io,
    /// No permission to read.
    Permission,
}

impl GapReason {
    /// All reasons, in the order the contract lists them.
    pub const ALL: [GapReason; 13] = [
        GapReason::Encrypted,
        GapReason::LimitSize,
        GapReason::LimitRatio,
        GapReason::LimitDepth,
        GapReason::LimitCount,
        GapReason::Timeout,
        GapReason::Crash,
        GapReason::Damaged,
        GapReason::Unsupported,
        GapReason::ImageOnly,
        GapReason::FontUnreadable,
        GapReason::Io,
        GapReason::Permission,
    ];

    /// The name used on the command line and in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            GapReason::Encrypted => "encrypted",
            GapReason::LimitSize => "limit-size",
            GapReason::LimitRatio => "limit-ratio",
            GapReason::LimitDepth => "limit-depth",
            GapReason::LimitCount => "limit-count",
            GapReason::Timeout => "timeout",
            GapReason::Crash => "crash",
            GapReason::Damaged => "damaged",
            GapReason::Unsupported => "unsupported",
            GapReason::ImageOnly => "image-only",
            GapReason::FontUnreadable => "font-unreadable",
            GapReason::Io => "io",
            GapReason::Permission => "permission",
        }
    }

    /// The reason of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<GapReason> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }
}

/// A spot that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Gap {
    /// Why.
    pub reason: GapReason,
    /// What exactly, in a few words without the document's text.
    pub detail: String,
    /// Where, when it is a part of the document.
    pub place: Option<OwnedPlace>,
}

impl Gap {
    /// A gap that concerns the document as a whole or a part named in `detail`.
    #[must_use]
    pub fn new(reason: GapReason, detail: impl Into<String>) -> Gap {
        Gap { reason, detail: detail.into(), place: None }
    }

    /// The same gap at a place.
    #[must_use]
    pub fn at(mut self, place: OwnedPlace) -> Gap {
        self.place = Some(place);
        self
    }
}

/// Why a document was left out on purpose: a known media type without text. Never used for what could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SkipReason {
    /// Sound.
    Audio,
    /// Moving pictures.
    Video,
    /// Font program.
    Font,
    /// Program, library, object file, byte code.
    Executable,
    /// Disk images' neighbours: caches, indexes and other machine data known to hold no document text.
    MachineData,
    /// The user's own filter.
    Filter,
    /// A symbolic link that is not followed; its target is read where it lies, if it lies below a root.
    Symlink,
}

impl SkipReason {
    /// The name used in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            SkipReason::Audio => "audio",
            SkipReason::Video => "video",
            SkipReason::Font => "font",
            SkipReason::Executable => "executable",
            SkipReason::MachineData => "machine-data",
            SkipReason::Filter => "filter",
            SkipReason::Symlink => "symlink",
        }
    }
}
