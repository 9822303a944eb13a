//! What is asked of the index and what it answers. Plain values; no behaviour.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::model::document::{ItemRef, Kind, SpeakerRef};
use crate::model::facet::{Facets, Filters};
use crate::model::understood::Understood;
use crate::model::vote::VoteRef;

/// A search.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The query as typed (CONTRACT.md, "Query language"); empty lists everything by date.
    pub q: String,
    /// What every hit must have.
    pub filters: Filters,
    /// The order of hits.
    pub sort: Sort,
    /// How many hits are passed over.
    pub offset: usize,
    /// How many hits are wanted at most; 0 only counts.
    pub limit: usize,
    /// Which hits are shown together; then `offset` and `limit` count groups.
    pub grouping: Grouping,
    /// Whether nothing is counted: total and facets stay empty.
    pub hits_only: bool,
    /// How far apart the words may stand at least; where nothing is found, the search looks wider by itself.
    pub breadth: Breadth,
}

/// The order of hits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// What was said before titles, and these before what only the speaker's name or the item's
    /// title adds; whatever matches exactly before word forms, these before parts of compounds; of
    /// those alike several words near each other before words far apart. What is merely similar is
    /// last.
    #[default]
    Relevance,
    /// Newest meeting first, within it in order of time.
    Date,
    /// Oldest meeting first, within it in order of time.
    Oldest,
}

/// Which hits are shown together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grouping {
    /// None: one by one.
    #[default]
    Alone,
    /// Those of a meeting.
    Meetings {
        /// How many of each, at most.
        most: usize,
    },
    /// Those of an agenda item of a meeting; what belongs to no item is together too.
    Debates {
        /// How many of each, at most.
        most: usize,
    },
}

impl Grouping {
    /// How many hits of a group are shown, at most; 0 where there are no groups.
    pub(crate) fn most(self) -> usize {
        match self {
            Self::Alone => 0,
            Self::Meetings { most } | Self::Debates { most } => most,
        }
    }
}

/// How far apart the words of a query may stand; each step holds those before it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Breadth {
    /// All in one passage.
    #[default]
    Passage,
    /// All in what somebody says in one go.
    Speech,
    /// All under one agenda item of a meeting.
    Item,
    /// Most of them in one passage.
    Most,
}

/// The answer to a [`Request`].
#[derive(Clone, Debug, Default)]
pub struct Response {
    /// How many passages match, merely similar ones among them.
    pub total: u64,
    /// How many of them are merely similar; they are looked for where little else is found.
    pub similar: u64,
    /// How far apart the words stand in what was found.
    pub breadth: Breadth,
    /// The next wider step, where little was found and there is one.
    pub wider: Option<Breadth>,
    /// The words of the query that hits do without, where the breadth is [`Breadth::Most`].
    pub missing: Vec<String>,
    /// Those asked for; of a grouped request, those of one group next to each other.
    pub hits: Vec<Hit>,
    /// The groups of a grouped request, in the order of the hits; else the debates of the hits, which stand in
    /// any order.
    pub groups: Vec<Group>,
    /// How many groups there are.
    pub all_groups: u64,
    /// How many meetings have matches.
    pub meetings: u64,
    /// The query with other words in the place of those that nobody said.
    pub suggestion: Option<String>,
    /// Counts over all matching passages.
    pub facets: Facets,
    /// How the query was read.
    pub understood: Understood,
}

/// The hits of one meeting, or of one debate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// How many passages of it match.
    pub total: u64,
    /// How many speeches these are of; 0 for meetings, of which that is not counted.
    pub speeches: u64,
    /// The place of the best of them among the hits.
    pub best: usize,
    /// How many of them are among the hits shown.
    pub shown: usize,
}

/// A matching passage.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The meeting it belongs to.
    pub meeting: MeetingRef,
    /// Id of the passage.
    pub passage: String,
    /// The turn's number in its meeting.
    pub order: u32,
    /// Where its words come from.
    pub kind: Kind,
    /// The agenda item it belongs to.
    pub item: Option<ItemRef>,
    /// Who speaks.
    pub speaker: Option<SpeakerRef>,
    /// Index of the passage's first word in the meeting.
    pub first_word: u32,
    /// How many words of its own the passage has.
    pub n_words: u32,
    /// Beginning of the passage in milliseconds.
    pub start_ms: Option<u32>,
    /// End of the passage in milliseconds.
    pub end_ms: Option<u32>,
    /// What the caller gave along with the passage.
    pub link: Option<String>,
    /// What is known of the vote that it is.
    pub vote: Option<VoteRef>,
    /// Why it is a hit, word by word of the query; empty where only conditions were asked.
    pub why: Vec<Why>,
    /// The excerpt; its texts joined are readable as they are.
    pub snippet: Vec<SnippetPart>,
    /// Every matching word of the passage, in order; none where only filters matched.
    pub hits: Vec<HitWord>,
}

impl Hit {
    /// The first matching word.
    pub fn first_hit(&self) -> Option<HitWord> {
        self.hits.first().copied()
    }

    /// Whether some word of the query has no better answer here than something similar.
    pub fn is_similar(&self) -> bool {
        self.why.iter().any(|why| why.how.is_similar())
    }
}

/// What answers one word of a query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Why {
    /// The word, or number, as typed.
    pub asked: String,
    /// The best way in which it is answered.
    pub how: How,
    /// The words that answer it so, as written, each once.
    pub found: Vec<String>,
}

/// How a word is answered; the first is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// As spelt.
    Exact,
    /// Another form of the word, another spelling of the number, or an abbreviation.
    WordForm,
    /// A compound with it, or its parts near each other.
    Part,
    /// The number of the paper that is spoken about.
    Paper,
    /// The speaker's name.
    Speaker,
    /// The title of the item that is spoken about.
    Title,
    /// A word that is spelt alike.
    Spelling,
    /// A name that sounds alike.
    Sound,
    /// What the compound that was asked for is a sort of.
    Related,
}

impl How {
    /// Whether the answer is merely similar to what was asked.
    pub fn is_similar(self) -> bool {
        matches!(self, Self::Spelling | Self::Sound | Self::Related)
    }
}

/// The meeting of a hit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeetingRef {
    /// Its id.
    pub id: String,
    /// Its name as shown.
    pub name: String,
    /// The day, where it is known.
    pub date: Option<Date>,
    /// Municipality or county.
    pub body: String,
    /// Council or committee.
    pub organization: String,
    /// What the caller gave along.
    pub extra: String,
}

/// A piece of an excerpt: plain text, or one word that matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnippetPart {
    /// The text with its spaces and punctuation.
    pub text: String,
    /// Set where the text is a word that matched.
    pub hit: Option<HitWord>,
}

/// A word that matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HitWord {
    /// Its index among the words of the meeting (of the title or paper, for other kinds).
    pub word: u32,
    /// Its beginning in milliseconds, to 10 ms downwards.
    pub start_ms: Option<u32>,
    /// Its end in milliseconds, to 10 ms.
    pub end_ms: Option<u32>,
}
