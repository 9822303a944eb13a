//! What is asked of a search and what it gives: the shapes of `GET /api/v1/search`.

use jiff::civil::Date;
use mitschnitt_index::{
    Breadth, Facets, Filters, ItemRef, Kind, Sort, SpeakerRef, Understood, VoteRef, Why,
};
use serde::{Serialize, Serializer};

use crate::domain::{MediaTime, MeetingId};

/// How many hits a page has.
pub const PAGE_SIZE: usize = 20;
/// How many groups a page has where hits are grouped, and how many hits of each it shows.
pub const GROUPS: usize = 10;
/// See [`GROUPS`].
pub const PER_GROUP: usize = 3;
/// How many hits within one meeting are given; no meeting has so many passages.
pub const IN_MEETING: usize = 5000;
/// The last page that is given; nobody reads further, and deep pages are expensive.
pub const LAST_PAGE: usize = 100;

/// A search as typed, with its filters. Every field may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchRequest {
    /// The query in the language of CONTRACT.md.
    pub q: String,
    /// What every hit must have.
    pub filters: Filters,
    /// How far apart the words may stand at least; where nothing is found, the search looks wider by itself.
    pub breadth: Breadth,
    /// Which hits stand together; then pages are of groups.
    pub group: GroupBy,
    /// The order of the hits.
    pub sort: Sort,
    /// The page, from 1; 0 reads as 1.
    pub page: usize,
}

/// One page of hits with what surrounds it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Results {
    /// The query as typed.
    pub query: String,
    /// How the query was read, in German words, where that differs from what was typed.
    pub understood: Option<String>,
    /// The same as codes, for those who word it themselves.
    #[serde(skip)]
    pub reading: Understood,
    /// How many passages match, merely similar ones among them.
    pub total: u64,
    /// How many of them are merely similar to what was asked; they are looked for where little else
    /// is found.
    pub similar: u64,
    /// How far apart the words stand in what was found.
    pub breadth: Breadth,
    /// The next wider step, where little was found and there is one.
    pub wider: Option<Breadth>,
    /// The words of the query that hits do without, where the breadth is `most`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// In how many meetings.
    pub meetings: u64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// The page, from 1.
    pub page: usize,
    /// How many pages there are to see.
    pub pages: usize,
    /// The hits of this page; empty where they are grouped.
    pub hits: Vec<LinkedHit>,
    /// The meetings or debates of this page with their best hits, where they are grouped; else the debates that
    /// the hits belong to, without their hits.
    pub groups: Vec<HitGroup>,
    /// Counts over all matches.
    pub facets: Facets,
    /// Another spelling, where few hits were found.
    pub suggestion: Option<String>,
}

impl Results {
    /// All hits of this page, grouped or not.
    pub fn all_hits(&self) -> impl Iterator<Item = &LinkedHit> {
        self.hits.iter().chain(self.groups.iter().flat_map(|group| &group.hits))
    }
}

/// Which hits stand together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupBy {
    /// None: one by one.
    #[default]
    Nothing,
    /// Those of a meeting.
    Meeting,
    /// Those of an agenda item of a meeting.
    Debate,
}

/// A meeting, or a debate, with its best hits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HitGroup {
    /// The meeting.
    pub meeting: HitMeeting,
    /// The agenda item, of a debate that is under one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agenda_item: Option<ItemRef>,
    /// How many passages of it match.
    pub total: u64,
    /// How many speeches these are of; absent for meetings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speeches: Option<u64>,
    /// The passage of its best hit.
    pub passage: String,
    /// The best of them, where hits are grouped.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hits: Vec<LinkedHit>,
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

/// A matching passage with the addresses at which it is seen and heard.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LinkedHit {
    /// Where its words come from.
    #[serde(serialize_with = "by_name")]
    pub kind: Kind,
    /// The meeting it was said in.
    pub meeting: HitMeeting,
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
    /// Of a vote: what came of it, as far as anybody says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vote: Option<VoteRef>,
    /// An excerpt with the matching words marked.
    pub snippet: Vec<LinkedPart>,
    /// The numbers of all its matching words among those of the meeting.
    #[serde(skip)]
    pub words: Vec<usize>,
    /// When the first of them is spoken, or the passage begins; of records about.
    #[serde(skip)]
    pub at: Option<MediaTime>,
    /// Why it is a hit, word by word of the query.
    pub why: Vec<Why>,
    /// Address of the page with the video at 1.5 s before the first matching word.
    pub url: String,
    /// The same place in a public copy elsewhere.
    pub video_url: Option<String>,
}

fn by_name<S: Serializer>(kind: &Kind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.as_str())
}

impl LinkedHit {
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
pub struct HitMeeting {
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

/// A piece of an excerpt; a matching word has its time and the address of that.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LinkedPart {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::search::{Bucket, Completed, Completion, Facet, How};

    /// CONTRACT.md, "API": others build on these names, whichever crate their types stand in.
    #[test]
    fn hits_and_completions_have_the_names_of_the_contract() {
        let part = |text: &str, hit, url| LinkedPart {
            text: text.to_owned(),
            hit,
            start_ms: None,
            end_ms: None,
            url,
        };
        let hit = LinkedHit {
            kind: Kind::Spoken,
            meeting: HitMeeting {
                id: MeetingId::new("kt-1").unwrap(),
                name: "Kreistag".to_owned(),
                date: None,
                organization: "Kreistag".to_owned(),
                body: "Musterland".to_owned(),
                synthetic: true,
            },
            passage: "kt-1/0".to_owned(),
            order: 3,
            start_ms: Some(MediaTime::from_millis(71_000)),
            end_ms: None,
            agenda_item: Some(ItemRef { number: None, title: "Haushalt".into(), paper: None }),
            speaker: Some(SpeakerRef { id: "p".into(), name: "Frau Muster".into(), party: None }),
            vote: None,
            snippet: vec![part("der ", false, None), part("Haushalt", true, Some("/x".into()))],
            words: vec![],
            at: None,
            why: vec![Why {
                asked: "haushalts".into(),
                how: How::WordForm,
                found: vec!["Haushalt".into()],
            }],
            url: "/sitzung/kt-1".to_owned(),
            video_url: None,
        };
        let written = json!({
            "kind": "spoken",
            "meeting": {"id": "kt-1", "name": "Kreistag", "date": null, "organization": "Kreistag",
                "body": "Musterland", "synthetic": true},
            "passage": "kt-1/0", "order": 3, "start_ms": 71_000, "end_ms": null,
            "agenda_item": {"number": null, "title": "Haushalt", "paper": null},
            "speaker": {"id": "p", "name": "Frau Muster", "party": null},
            "snippet": [{"text": "der "}, {"text": "Haushalt", "hit": true, "url": "/x"}],
            "why": [{"asked": "haushalts", "how": "word_form", "found": ["Haushalt"]}],
            "url": "/sitzung/kt-1", "video_url": null,
        });
        assert_eq!(serde_json::to_value(hit).unwrap(), written);
        let completion = Completion {
            text: "MV-0029/21".into(),
            what: Completed::Paper,
            query: "MV-0029/21".into(),
            id: "p".into(),
        };
        let written = r#"{"text":"MV-0029/21","kind":"paper","query":"MV-0029/21"}"#;
        assert_eq!(serde_json::to_string(&completion).unwrap(), written);
        let muster = Bucket { id: "p".into(), label: "Muster".into(), count: 4 };
        let facets = Facets { values: [(Facet::Person, vec![muster])].into(), ..Facets::default() };
        let written = r#"{"organization":[],"person":[["p","Muster",4]],"party":[],"role":[],"item":[],"kind":[],"review":[],"year":[],"month":[]}"#;
        assert_eq!(serde_json::to_string(&facets).unwrap(), written);
        for kind in [Kind::Spoken, Kind::Item, Kind::Paper, Kind::Vote] {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
    }
}
