//! What a clerk knows better than the aligner: facts fixed for a stretch of a meeting, and the record
//! of who said so. Owns the values; how the rest is decoded around them is `align`'s.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AgendaItemId, Anchor, ItemIdentity, PersonId, PublicSpans, Role, Span};

/// A fact that holds for a stretch of the meeting, whatever the words say. In JSON
/// `{"start_ms":…,"end_ms":…,"items":["…"]}` or
/// `{"start_ms":…,"end_ms":…,"speaker":{"person":"…","role":"member"}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixedPoint {
    /// For the words that start in it, on the meeting's clock.
    #[serde(flatten)]
    pub span: Span,
    /// What holds there.
    #[serde(flatten)]
    pub fact: Fact,
}

/// What a clerk can fix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fact {
    /// These items are treated, together where there are several; none in an interruption.
    Items(Vec<AgendaItemId>),
    /// This is who speaks.
    Speaker {
        /// Who, where that is known. A chair without a person is whoever presides.
        #[serde(default)]
        person: Option<PersonId>,
        /// As what. Where it is unknown and the person is known, as the roster says.
        #[serde(default)]
        role: Role,
    },
}

/// A fixed point as kept: never changed and never deleted, at most taken back. The `Revision` of an
/// alignment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overrule {
    /// Its number within the meeting, from 1, in the order they were made.
    pub number: u32,
    /// What was fixed.
    #[serde(flatten)]
    pub point: FixedPoint,
    /// Who fixed it, and when.
    pub made: Signature,
    /// Who took it back, and when; it holds while nobody did.
    #[serde(default)]
    pub taken_back: Option<Signature>,
}

/// Where an overrule lies in the text that it was made on, and what its items are known by: with these it moves
/// with the meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverruleAnchor {
    /// Before the first word that it is about.
    pub start: Anchor,
    /// Behind the last.
    pub end: Anchor,
    /// The items that it names.
    #[serde(default)]
    pub items: Vec<ItemIdentity>,
}

impl OverruleAnchor {
    /// Without words that may not be seen, where so much is public of the line of either end.
    #[must_use]
    pub fn among(self, of_start: &PublicSpans, of_end: &PublicSpans) -> Self {
        Self { start: self.start.among(of_start), end: self.end.among(of_end), ..self }
    }
}

/// An overrule that holds, where it lies on the meeting's clock now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedOverrule {
    /// As it was made.
    pub overrule: Overrule,
    /// Where it lies now.
    pub span: Span,
    /// Whether the words there say so; else it lies where the clock says.
    pub is_sure: bool,
}

/// Who did something, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The name of the clerk's account.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_read_as_they_are_documented() {
        let read = |json: &str| serde_json::from_str::<FixedPoint>(json);
        let items = read(r#"{"start_ms":1000,"end_ms":2000,"items":[]}"#).unwrap();
        assert_eq!(items.fact, Fact::Items(Vec::new()));
        assert_eq!(items.span.millis(), 1000);
        let chair = r#"{"start_ms":0,"end_ms":5,"speaker":{"role":"chair"}}"#;
        let chair = read(chair).unwrap();
        assert_eq!(chair.fact, Fact::Speaker { person: None, role: Role::Chair });
        let written = serde_json::to_string(&chair).unwrap();
        assert_eq!(read(&written).unwrap(), chair);
        assert!(read(r#"{"start_ms":2,"end_ms":1,"items":[]}"#).is_err(), "ends before it starts");
        assert!(read(r#"{"start_ms":1,"end_ms":2}"#).is_err(), "nothing is fixed");
    }
}
