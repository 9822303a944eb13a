//! `mitschnitt.alignment/1`: which agenda item and which person each stretch of speech belongs to.

use serde::{Deserialize, Serialize};

use super::{AgendaItemId, MediaTime, PersonId, Span};

/// The format's name (CONTRACT.md).
pub const ALIGNMENT_FORMAT: &str = "mitschnitt.alignment/1";

/// Items and turns of one meeting on the meeting's clock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alignment {
    /// Always [`ALIGNMENT_FORMAT`].
    pub format: String,
    /// Every agenda item in the agenda's order; an item never reached has no spans.
    pub items: Vec<ItemAlignment>,
    /// Who spoke, in order of time, without overlap.
    pub turns: Vec<Turn>,
}

/// Where an agenda item was treated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ItemAlignment {
    /// The item.
    pub id: AgendaItemId,
    /// Its number as on the agenda.
    #[serde(default)]
    pub number: Option<String>,
    /// Where it was treated, in order.
    pub spans: Vec<Span>,
    /// How sure that is, 0..=1.
    #[serde(default)]
    pub confidence: f32,
    /// The words that say so.
    #[serde(default)]
    pub evidence: Vec<String>,
}

/// Consecutive utterances of one speaker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// Where it starts.
    pub start_ms: MediaTime,
    /// Where it ends.
    pub end_ms: MediaTime,
    /// Who; not knowing is an answer.
    pub person: Option<PersonId>,
    /// The name as shown ("Frau Muster").
    #[serde(default)]
    pub name: Option<String>,
    /// As what.
    #[serde(default)]
    pub role: Role,
    /// How sure that is, 0..=1.
    #[serde(default)]
    pub confidence: f32,
    /// What says so ("hand-over").
    #[serde(default)]
    pub evidence: Vec<String>,
}

/// As what somebody speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Presides.
    Chair,
    /// Of the council.
    Member,
    /// Landrat, Beigeordnete, staff.
    Administration,
    /// Invited.
    Guest,
    /// In the Einwohnerfragestunde.
    Resident,
    /// Not known.
    #[default]
    Unknown,
}
