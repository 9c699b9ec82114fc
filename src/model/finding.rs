use serde::{Deserialize, Serialize};

use super::{Level, OwnedPlace};

/// How sure we are that the document bears the marking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Band {
    /// Below 50: the words occur, a mention.
    Low,
    /// 50 to 79: a person should look.
    Medium,
    /// 80 and more: this document bears the marking.
    High,
}

impl Band {
    /// The band of a confidence.
    #[must_use]
    pub fn of(confidence: u8) -> Band {
        match confidence {
            80.. => Band::High,
            50..80 => Band::Medium,
            _ => Band::Low,
        }
    }

    /// The name used on the command line and in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Band::Low => "low",
            Band::Medium => "medium",
            Band::High => "high",
        }
    }
}

/// One named reason of a confidence.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reason {
    /// Name of the reason, such as `own-line`.
    pub code: String,
    /// Points it adds or takes.
    pub points: i32,
}

/// Somebody looked at a finding and decided. It stays in machine reports, and no longer makes a run fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// What was decided: `accepted`, `false-alarm` or `to-fix`.
    pub decision: String,
    /// Why, in that person's words.
    pub reason: String,
    /// Who decided.
    #[serde(default)]
    pub approver: Option<String>,
    /// Until when it holds, as a date.
    #[serde(default)]
    pub expires: Option<String>,
}

/// A judged claim: this document bears that marking, there, for these reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Rule id, such as `vn.state-secret.toi-mat`.
    pub rule: String,
    /// Pack id, such as `vn`.
    pub pack: String,
    /// Title of the rule in the chosen language.
    pub title: String,
    /// How bad.
    pub level: Level,
    /// How sure, 0 to 100: the reasons' points, clamped.
    pub confidence: u8,
    /// Where.
    pub place: OwnedPlace,
    /// The marking as it stands, NFC, at most 200 characters.
    pub matched: String,
    /// Why; the points add up to the confidence before clamping.
    pub reasons: Vec<Reason>,
    /// Surrounding text, only when the user asked for it.
    pub context: Option<String>,
    /// Stable over moves of the file and edits elsewhere in it.
    pub fingerprint: String,
    /// Set when a decision of a person takes it out of what counts.
    pub suppressed: Option<Suppression>,
}

impl Finding {
    /// Whether a person's decision takes it out of what counts.
    #[must_use]
    pub fn is_suppressed(&self) -> bool {
        self.suppressed.is_some()
    }

    /// The band of its confidence.
    #[must_use]
    pub fn band(&self) -> Band {
        Band::of(self.confidence)
    }
}
