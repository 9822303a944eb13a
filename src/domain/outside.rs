//! What others have recorded of a meeting: the meeting itself with its agenda, votes with their second, and
//! who spoke when by voices or microphones. Facts with a source; votes and voices are evidence for the
//! alignment, and never taken for its result.

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize};

use super::{LooseNumber, MediaTime, Span, paper_forms, papers_meant, title_form, titles_meant};

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
    /// The meeting itself; nothing where nothing of it holds any more.
    Meeting(Option<Box<MeetingRecord>>),
}

impl OutsideFacts {
    /// How many there are; of a meeting, the items of its agenda.
    pub fn len(&self) -> usize {
        match self {
            Self::Votes(votes) => votes.len(),
            Self::Segments(segments) => segments.len(),
            Self::Meeting(record) => record.as_ref().map_or(0, |record| record.agenda.len()),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A meeting as somebody else has it on record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingRecord {
    /// What it is called.
    #[serde(default)]
    pub name: Option<String>,
    /// Its day.
    #[serde(default)]
    pub date: Option<Date>,
    /// The body's name.
    #[serde(default)]
    pub body: Option<String>,
    /// The organization's name.
    #[serde(default)]
    pub organization: Option<String>,
    /// A public film of it (http or https).
    #[serde(default)]
    pub video_url: Option<String>,
    /// The meeting's time + this = time in the film, in milliseconds.
    #[serde(default)]
    pub video_offset_ms: i64,
    /// Its minutes (http or https).
    #[serde(default)]
    pub minutes_url: Option<String>,
    /// Whether a person has looked the record over.
    #[serde(default)]
    pub reviewed: bool,
    /// The agenda in its order.
    #[serde(default)]
    pub agenda: Vec<RecordedItem>,
}

/// An agenda item as somebody else has it on record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedItem {
    /// Its number, free text ("7.14.1").
    #[serde(default)]
    pub number: Option<String>,
    /// The number of the item that it lies below, where the source says so.
    #[serde(default)]
    pub parent: Option<String>,
    /// The title.
    #[serde(default)]
    pub title: Option<String>,
    /// The paper's reference ("DS0513/25/1").
    #[serde(default)]
    pub paper: Option<String>,
    /// "amendment", "Antrag" …, as given.
    #[serde(default)]
    pub kind: Option<String>,
    /// Who moved it, by name.
    #[serde(default)]
    pub movers: Vec<String>,
    /// Whether it is public, where the source says so.
    #[serde(default)]
    pub public: Option<bool>,
}

impl MeetingRecord {
    /// Takes out of the agenda what is not public, and what lies below that or is the same, unless the
    /// source calls it public itself. Gives it, for its hashes alone.
    pub fn take_hidden(&mut self) -> Vec<RecordedItem> {
        let (mut hidden, mut shown): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.agenda).into_iter().partition(RecordedItem::is_hidden);
        loop {
            let follows = |item: &RecordedItem| {
                let is_same = |other| item.is_of(other) || item.is_called_as(other);
                item.public.is_none() && hidden.iter().any(is_same)
            };
            let (more, rest): (Vec<_>, Vec<_>) = shown.into_iter().partition(follows);
            shown = rest;
            if more.is_empty() {
                break;
            }
            hidden.extend(more);
        }
        self.agenda = shown;
        hidden
    }
}

impl RecordedItem {
    /// Whether it says that it is not public: itself, or by a number ("N 1"), whatever else it says.
    fn is_hidden(&self) -> bool {
        self.public == Some(false) || self.numbers().any(|number| number.is_not_public())
    }

    /// The numbers by which it is placed: its own, and that of the item that it lies below.
    fn numbers(&self) -> impl Iterator<Item = LooseNumber> {
        [&self.number, &self.parent].into_iter().flatten().map(|number| LooseNumber::of(number))
    }

    /// Whether it may be this item of the same agenda, or lie below it, by number or paper: 7.14.1 and
    /// DS0513/25/1 lie below 7.14 and DS0513/25.
    pub fn is_of(&self, other: &Self) -> bool {
        let number = other.number.as_deref().map(LooseNumber::of);
        let by_number = number.is_some_and(|number| self.numbers().any(|own| own.is_of(&number)));
        let papers = self.paper.as_deref().zip(other.paper.as_deref());
        by_number
            || papers
                .is_some_and(|(own, other)| !paper_forms(other).is_disjoint(&papers_meant(own)))
    }

    /// Whether it may be called the same.
    fn is_called_as(&self, other: &Self) -> bool {
        let form = other.title.as_deref().and_then(title_form);
        self.title.as_deref().zip(form).is_some_and(|(own, form)| titles_meant(own).contains(&form))
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
