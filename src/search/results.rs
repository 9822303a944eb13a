//! What is asked of a search and what it gives: the shapes of `GET /api/v1/search`.

use jiff::civil::Date;
pub use mitschnitt_index::How;
use serde::{Deserialize, Serialize};

use crate::domain::{MediaTime, MeetingId};

/// How many hits a page has.
pub const PAGE_SIZE: usize = 20;
/// How many meetings a page has where hits are grouped, and how many hits of each it shows.
pub const GROUPS: usize = 10;
/// See [`GROUPS`].
pub const PER_MEETING: usize = 3;
/// How many hits within one meeting are given; no meeting has so many passages.
pub const IN_MEETING: usize = 5000;
/// The last page that is given; nobody reads further, and deep pages are expensive.
pub const LAST_PAGE: usize = 100;

/// A search as typed, with its filters. Every field may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Request {
    /// The query in the language of CONTRACT.md.
    pub q: String,
    /// Only this meeting.
    pub meeting: Option<String>,
    /// Only this body, by name.
    pub body: Option<String>,
    /// Only this organization, by name.
    pub organization: Option<String>,
    /// Only this person, by id.
    pub person: Option<String>,
    /// Only this party, by name.
    pub party: Option<String>,
    /// Only agenda items with this title, this number, or these words in their title.
    pub item: Option<String>,
    /// Only this year.
    pub year: Option<i16>,
    /// Not before this day.
    pub from: Option<Date>,
    /// Not after this day.
    pub to: Option<Date>,
    /// Only what is of this kind.
    pub kind: Option<Kind>,
    /// Only what was checked so far: `automatic`, `recorded`.
    pub review: Option<String>,
    /// Whether the hits of a meeting stand together; then pages are of meetings.
    pub group: bool,
    /// The order of the hits.
    pub sort: Sort,
    /// The page, from 1; 0 reads as 1.
    pub page: usize,
}

/// The order of hits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// Best first.
    #[default]
    Relevance,
    /// Newest first.
    Date,
}

/// One page of hits with what surrounds it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Results {
    /// The query as typed.
    pub query: String,
    /// How the query was read, in German words, where that differs from what was typed.
    pub understood: Option<String>,
    /// How many passages match, merely similar ones among them.
    pub total: u64,
    /// How many of them are merely similar to what was asked; they are looked for where little else
    /// is found.
    pub similar: u64,
    /// In how many meetings.
    pub meetings: u64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// The page, from 1.
    pub page: usize,
    /// How many pages there are to see.
    pub pages: usize,
    /// The hits of this page; empty where they are grouped.
    pub hits: Vec<Hit>,
    /// The meetings of this page with their best hits, where they are grouped.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// Counts over all matches.
    pub facets: Facets,
    /// Another spelling, where few hits were found.
    pub suggestion: Option<String>,
}

impl Results {
    /// All hits of this page, grouped or not.
    pub fn all_hits(&self) -> impl Iterator<Item = &Hit> {
        self.hits.iter().chain(self.groups.iter().flat_map(|group| &group.hits))
    }
}

/// A meeting with its best hits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// The meeting.
    pub meeting: MeetingRef,
    /// How many of its passages match.
    pub total: u64,
    /// The best of them.
    pub hits: Vec<Hit>,
}

/// What a hit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It was said.
    Spoken,
    /// The title of an agenda item.
    Item,
    /// A paper.
    Paper,
}

impl std::str::FromStr for Kind {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        serde_json::from_value(name.into()).map_err(|_| ())
    }
}

/// The first day of what is written as `2021`, `2021-06` or `2021-06-21`.
pub fn first_day(text: &str) -> Option<Date> {
    let missing = match text.len() {
        4 => "-01-01",
        7 => "-01",
        _ => "",
    };
    format!("{text}{missing}").parse().ok()
}

/// The last day of the same.
pub fn last_day(text: &str) -> Option<Date> {
    let first = first_day(text)?;
    Some(match text.len() {
        4 => first.last_of_year(),
        7 => first.last_of_month(),
        _ => first,
    })
}

/// A matching passage.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hit {
    /// What it is.
    pub kind: Kind,
    /// The meeting it was said in.
    pub meeting: MeetingRef,
    /// The passage's id.
    pub passage: String,
    /// The turn's number in its meeting.
    pub order: u32,
    /// Where the passage starts on the meeting's clock.
    pub start_ms: Option<MediaTime>,
    /// Where it ends.
    pub end_ms: Option<MediaTime>,
    /// The agenda item it belongs to.
    pub agenda_item: Option<ItemRef>,
    /// Who said it, where that is known.
    pub speaker: Option<SpeakerRef>,
    /// An excerpt with the matching words marked.
    pub snippet: Vec<SnippetPart>,
    /// Why it is a hit, word by word of the query.
    pub why: Vec<Why>,
    /// Address of the page with the video at 1.5 s before the first matching word.
    pub url: String,
    /// The same place in a public copy elsewhere.
    pub video_url: Option<String>,
}

/// What answers one word of a query in a hit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Why {
    /// The word as typed.
    pub asked: String,
    /// How it is answered: `exact`, `word_form`, `part`, `paper`, `speaker`, `title`, or merely
    /// similar: `spelling`, `sound`, `related`.
    pub how: How,
    /// The words that answer it, as written.
    pub found: Vec<String>,
}

impl Hit {
    /// Whether it was said, not only written.
    pub fn is_spoken(&self) -> bool {
        self.kind == Kind::Spoken
    }

    /// Whether some word of the query has no better answer here than something similar.
    pub fn is_similar(&self) -> bool {
        self.why.iter().any(|why| why.how.is_similar())
    }
}

/// A meeting as a hit names it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MeetingRef {
    /// Its id.
    pub id: MeetingId,
    /// Its name.
    pub name: String,
    /// Its day, `YYYY-MM-DD`.
    pub date: Option<String>,
    /// The organization that met.
    pub organization: String,
    /// Whose meeting it was.
    pub body: String,
    /// Whether it is invented.
    pub synthetic: bool,
}

/// An agenda item as a hit names it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ItemRef {
    /// Its number.
    pub number: Option<String>,
    /// Its title.
    pub title: String,
    /// Reference of its paper.
    pub paper: Option<String>,
}

/// A speaker as a hit names them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SpeakerRef {
    /// The person's id.
    pub id: String,
    /// The name as shown.
    pub name: String,
    /// Party or parliamentary group.
    pub party: Option<String>,
}

/// A piece of an excerpt; a matching word carries its time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SnippetPart {
    /// The text as written, with its spaces.
    pub text: String,
    /// Whether it matches.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub hit: bool,
    /// Where the word starts on the meeting's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_ms: Option<MediaTime>,
    /// Where it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_ms: Option<MediaTime>,
    /// Address of the page with the video at this word; only for matching words with a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Counts over all matches, most frequent first: label and number of passages.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Facets {
    /// By organization.
    pub organization: Vec<(String, u64)>,
    /// By year.
    pub year: Vec<(String, u64)>,
    /// By person: id, name and number.
    pub person: Vec<(String, String, u64)>,
    /// By party.
    pub party: Vec<(String, u64)>,
    /// By month, `YYYY-MM`, oldest first.
    pub month: Vec<(String, u64)>,
    /// By title of the agenda item.
    pub item: Vec<(String, u64)>,
    /// By kind: `spoken`, `item`, `paper`.
    pub kind: Vec<(String, u64)>,
    /// By how far the words were checked: `automatic`, `recorded`.
    pub review: Vec<(String, u64)>,
}

/// What the beginning of a query may become.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Completion {
    /// The text to take in.
    pub text: String,
    /// What it is: `person`, `organization`, `paper`, `item` or `word`.
    pub kind: &'static str,
}
