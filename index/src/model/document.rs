//! What is indexed: meetings and their passages as plain values. Knows neither Tantivy nor the
//! archive's own types.

use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::model::error::{Error, Result};
use crate::model::vote::VoteRef;
use crate::model::words::Words;

/// A whole meeting; indexing it again replaces it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeetingDoc {
    /// Stable name of the meeting.
    pub id: String,
    /// Its name as shown.
    pub name: String,
    /// The day, where it is known.
    pub date: Option<Date>,
    /// Municipality or county.
    pub body: String,
    /// Council or committee.
    pub organization: String,
    /// Kept for the caller and given back with every hit; never searched.
    pub extra: String,
    /// What the caller compares to learn whether this meeting is up to date in the index.
    pub fingerprint: String,
    /// In the order of the meeting.
    pub passages: Vec<PassageDoc>,
}

/// When a word is spoken, in milliseconds from the recording's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WordTime {
    /// Its beginning.
    pub start_ms: u32,
    /// Its end.
    pub end_ms: u32,
}

/// A stretch of a meeting that is found as one hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassageDoc {
    /// Name of the passage within the index.
    pub id: String,
    /// The turn's number in its meeting.
    pub order: u32,
    /// Where its words come from.
    pub kind: Kind,
    /// The agenda item it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<ItemRef>,
    /// Who speaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speaker: Option<SpeakerRef>,
    /// Index of its first word among the meeting's words.
    pub first_word: u32,
    /// Its own words, with their punctuation.
    pub words: Words,
    /// The words behind it, so that phrases match across its end; [`crate::LOOKAHEAD`] suffice.
    pub lookahead: Words,
    /// When they are said, first its own words, then those behind it; empty where nobody knows.
    #[serde(skip)]
    pub word_times: Vec<WordTime>,
    /// Its beginning in milliseconds, where it has times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_ms: Option<u32>,
    /// Its end in milliseconds, where it has times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_ms: Option<u32>,
    /// Kept for the caller and given back with the hit; never searched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// How far its words were checked, by a name of the caller's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<String>,
    /// As what somebody speaks, by a name of the caller's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Whether nothing is said in it but formulas of the chair, as its caller knows them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub formula: bool,
    /// Whether who speaks is no value of the facet of persons, and no suggestion: guests of a meeting are
    /// found by what they say, and not by who they are.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unlisted: bool,
    /// What is known of the vote that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vote: Option<VoteRef>,
}

/// Where a passage's words come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Said in the meeting.
    Spoken,
    /// The title of an agenda item.
    Item,
    /// A paper of the meeting.
    Paper,
    /// What was voted on. Found only by those who ask for votes: what was voted on is an item or a paper, which
    /// are found by their own titles.
    Vote,
}

impl Kind {
    /// Its name in the index and wherever one filters by it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Spoken => "spoken",
            Self::Item => "item",
            Self::Paper => "paper",
            Self::Vote => "vote",
        }
    }
}

impl FromStr for Kind {
    type Err = ();

    fn from_str(name: &str) -> std::result::Result<Self, ()> {
        let all = [Self::Spoken, Self::Item, Self::Paper, Self::Vote];
        all.into_iter().find(|kind| kind.as_str() == name).ok_or(())
    }
}

/// An agenda item as shown with a hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemRef {
    /// Its number as written in the agenda, such as "Ö 5.1".
    pub number: Option<String>,
    /// Its title.
    pub title: String,
    /// The number of its paper, such as "MV-0029/21".
    pub paper: Option<String>,
}

/// A speaker as shown with a hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpeakerRef {
    /// Stable name of the person.
    pub id: String,
    /// Name as shown.
    pub name: String,
    /// Parliamentary group or party.
    pub party: Option<String>,
}

impl MeetingDoc {
    /// Refuses what could not be found or linked rightly later.
    ///
    /// # Errors
    /// [`Error::BadMeeting`] naming the meeting and the reason.
    pub(crate) fn check(&self) -> Result<()> {
        let refuse = |reason: String| Err(Error::BadMeeting { meeting: self.id.clone(), reason });
        if self.id.is_empty() {
            return refuse("sie hat keine Kennung".to_owned());
        }
        for passage in self.passages.iter().filter(|passage| !passage.word_times.is_empty()) {
            let spoken = match passage.kind {
                Kind::Spoken => passage.words.len() + passage.lookahead.len(),
                Kind::Item | Kind::Paper | Kind::Vote => 0,
            };
            let times = passage.word_times.len();
            if spoken != times {
                return refuse(format!(
                    "ihr Abschnitt „{}“ hat {spoken} gesprochene Wörter, aber {times} Zeiten",
                    passage.id
                ));
            }
        }
        Ok(())
    }
}

/// A day as the number YYYYMMDD, whose order is the order of days; days before Christ have none.
pub(crate) fn day_number(date: Date) -> Option<u64> {
    let year = u64::try_from(date.year()).ok()?;
    Some(year * 10_000 + date.month() as u64 * 100 + date.day() as u64)
}
