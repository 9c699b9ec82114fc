use serde::{Deserialize, Serialize};

/// How bad it is if a document of this marking leaks. One scale for all authorities; ordered, lowest first.
///
/// Viet Nam (Law 117/2025/QH15 and before it 29/2018/QH14): TUYỆT MẬT, TỐI MẬT, MẬT are `TopSecret`, `Secret`,
/// `Confidential`; internal-use marks are `Internal`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// For use inside an organisation; no state grade.
    Internal,
    /// The lowest state grade, or controlled unclassified information.
    Restricted,
    /// MẬT, CONFIDENTIAL.
    Confidential,
    /// TỐI MẬT, SECRET.
    Secret,
    /// TUYỆT MẬT, TOP SECRET.
    TopSecret,
}

impl Level {
    /// All levels, lowest first.
    pub const ALL: [Level; 5] =
        [Level::Internal, Level::Restricted, Level::Confidential, Level::Secret, Level::TopSecret];

    /// The name used on the command line and in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Internal => "internal",
            Level::Restricted => "restricted",
            Level::Confidential => "confidential",
            Level::Secret => "secret",
            Level::TopSecret => "top-secret",
        }
    }

    /// The level of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Level> {
        Self::ALL.into_iter().find(|level| level.as_str() == name)
    }
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
