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
    /// What the user's baseline says of it.
    pub known: Option<Known>,
}

/// What a person decided about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Nothing yet.
    #[default]
    Undecided,
    /// It is a marking, and the document may stay where it is.
    Accepted,
    /// It is no marking of this document.
    FalseAlarm,
    /// It is a marking, and the document must be taken away or changed.
    ToFix,
}

impl Decision {
    /// The name used on the command line and in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Decision::Undecided => "undecided",
            Decision::Accepted => "accepted",
            Decision::FalseAlarm => "false-alarm",
            Decision::ToFix => "to-fix",
        }
    }
}

/// What a baseline says of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// What was decided.
    pub decision: Decision,
    /// Whether the finding no longer counts.
    pub suppresses: bool,
    /// Whether the time of the decision is over.
    pub expired: bool,
    /// Why it was decided so.
    pub reason: Option<String>,
    /// Who decided.
    pub approver: Option<String>,
    /// Last day the decision holds, as `2026-11-22`.
    pub expires: Option<String>,
    /// Day the finding was first seen.
    pub first_seen: String,
}

impl Known {
    /// Decision and reason on one line.
    #[must_use]
    pub fn told(&self) -> String {
        match &self.reason {
            Some(reason) => format!("{}: {reason}", self.decision.as_str()),
            None => self.decision.as_str().to_owned(),
        }
    }
}

impl Finding {
    /// The band of its confidence.
    #[must_use]
    pub fn band(&self) -> Band {
        Band::of(self.confidence)
    }

    /// Whether the user's baseline says that it does not count.
    #[must_use]
    pub fn is_suppressed(&self) -> bool {
        self.known.as_ref().is_some_and(|known| known.suppresses)
    }
}
