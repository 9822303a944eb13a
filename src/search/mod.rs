//! Between the archive's words and the index's: documents in, hits out as CONTRACT.md's API has them.
//! Owns the mapping and the links; the index itself is the `mitschnitt-index` crate.

mod documents;
mod formula;
mod guarded;
pub mod link;
mod reopening;
mod results;
mod searcher;
mod votes;
mod wording;

pub use documents::{Recorded, Spoken, VERSION, Wording};
pub use guarded::Guarded;
pub use mitschnitt_index::{
    Breadth, Bucket, Completed, Completion, CountedBy, Facet, Facets, Filters, How, ItemRef, Kind,
    KnownAbbreviation, Remark, Sort, SpeakerRef, Understood, VoteCount, VoteRef, Why,
};
pub use results::{
    GROUPS, GroupBy, HitGroup, HitMeeting, LAST_PAGE, LinkedHit, LinkedPart, PAGE_SIZE, Results,
    SearchRequest, first_day, last_day,
};
pub use searcher::{Indexable, Lesson, Searcher};
pub use wording::{InLanguage, in_words};

use crate::domain::MeetingId;

/// What the site needs of a search: the index behind it can be exchanged.
pub trait SearchBackend: Send + Sync {
    /// Runs a search. A query that cannot be read is read leniently, never refused.
    ///
    /// # Errors
    /// `Archive` where the index is missing or damaged, `Rebuilding` while it is made anew.
    fn search(&self, request: &SearchRequest) -> crate::domain::Result<Results>;

    /// The hits of `q` within one meeting, in the order of time: all, but for a limit that only the
    /// most frequent words reach.
    ///
    /// # Errors
    /// `Archive` where the index is missing or damaged.
    fn search_meeting(&self, meeting: &MeetingId, q: &str) -> crate::domain::Result<Results>;

    /// What the beginning of a query may become, the likeliest first.
    ///
    /// # Errors
    /// `Archive` where the index is missing or damaged.
    fn complete(&self, beginning: &str) -> crate::domain::Result<Vec<Completion>>;
}
