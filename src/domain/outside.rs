//! What others have recorded of a meeting: votes with their second, and who spoke when by voices or
//! microphones. Facts with a source, and evidence for the alignment; never taken for its result.

use serde::{Deserialize, Deserializer, Serialize};

use super::{MediaTime, Span};

/// Everything that others have recorded of a meeting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutsideEvidence {
    /// Votes, in their order.
    #[serde(default)]
    pub votes: Vec<RecordedVote>,
    /// Who speaks when, in order of time; segments may overlap.
    #[serde(default)]
    pub segments: Vec<SpeakerSegment>,
}

impl OutsideEvidence {
    /// Nothing.
    pub const NONE: Self = Self { votes: Vec::new(), segments: Vec::new() };
}

/// Facts of one kind about a meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutsideFacts {
    /// Votes.
    Votes(Vec<RecordedVote>),
    /// Who spoke when.
    Segments(Vec<SpeakerSegment>),
}

impl OutsideFacts {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Votes(votes) => votes.len(),
            Self::Segments(segments) => segments.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Which clock a time runs on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimeBase {
    /// The meeting's.
    #[default]
    Meeting,
    /// The published video's; `video_offset` of the meeting leads to the meeting's clock.
    Video,
}

/// A vote as somebody recorded it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedVote {
    /// Its number in the meeting, where the source counts.
    #[serde(default)]
    pub order: Option<u32>,
    /// The agenda item's number, free text ("7.14.1").
    #[serde(default)]
    pub agenda_number: Option<String>,
    /// What was voted on: mostly a paper's reference ("DS0513/25/1").
    #[serde(default)]
    pub motion: Option<String>,
    /// What it is called.
    #[serde(default)]
    pub title: Option<String>,
    /// "Änderungsantrag", "Geschäftsordnung" …, as given.
    #[serde(default)]
    pub kind: Option<String>,
    /// Who moved it, by name.
    #[serde(default, deserialize_with = "or_default")]
    pub movers: Vec<String>,
    /// When its result was there.
    #[serde(default)]
    pub at_ms: Option<MediaTime>,
    /// What `at_ms` counts from.
    #[serde(default, deserialize_with = "or_default")]
    pub clock: TimeBase,
    /// The result as said or printed; never worked out from counts.
    #[serde(default)]
    pub result: Option<String>,
    /// How many voted how, where somebody counted.
    #[serde(default)]
    pub counts: Option<VoteCounts>,
    /// Every member's vote, where it is known.
    #[serde(default, deserialize_with = "or_default")]
    pub votes: Vec<MemberVote>,
    /// Where it was read.
    #[serde(default)]
    pub source: Option<VoteSource>,
    /// Whether a person has looked it over.
    #[serde(default, deserialize_with = "or_default")]
    pub reviewed: bool,
}

/// How many voted how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoteCounts {
    /// In favour.
    #[serde(default)]
    pub yes: Option<u32>,
    /// Against.
    #[serde(default)]
    pub no: Option<u32>,
    /// Abstentions.
    #[serde(default)]
    pub abstain: Option<u32>,
}

/// One member's vote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberVote {
    /// By name, as given.
    pub person: String,
    /// Their party or parliamentary group.
    #[serde(default)]
    pub party: Option<String>,
    /// How they voted.
    pub vote: VoteCast,
}

/// How a member voted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VoteCast {
    /// In favour.
    Yes,
    /// Against.
    No,
    /// Neither.
    Abstain,
    /// Did not vote.
    Absent,
}

/// Where a vote was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VoteSource {
    /// From the display in the room.
    Screen,
    /// From minutes.
    Minutes,
    /// As the chair said it.
    Spoken,
    /// From the voting system.
    System,
}

/// A stretch in which one voice speaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpeakerSegment {
    /// Where it starts.
    pub start_ms: MediaTime,
    /// Where it ends.
    pub end_ms: MediaTime,
    /// What the source calls the voice: "SPEAKER_03", a seat, or a name as people say it.
    pub label: String,
    /// Who it is, by id or by whole name, where the source knows.
    #[serde(default)]
    pub person: Option<String>,
    /// Who says so.
    #[serde(default, deserialize_with = "or_default")]
    pub source: SegmentSource,
    /// What the times count from.
    #[serde(default, deserialize_with = "or_default")]
    pub clock: TimeBase,
}

impl SpeakerSegment {
    /// Where it lies; nothing where it ends before it starts.
    pub fn span(&self) -> Option<Span> {
        Span::new(self.start_ms, self.end_ms)
    }
}

/// Who says which voice speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SegmentSource {
    /// A program that tells voices apart.
    #[default]
    Diarization,
    /// The log of the room's microphones.
    Microphone,
    /// A person.
    Clerk,
}

/// What has no value has the default one, whether it is absent or null.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}
