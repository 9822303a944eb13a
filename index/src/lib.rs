//! Full-text index of spoken passages with word-precise hits, on Tantivy.
//!
//! The crate takes plain documents and knows nothing of the archive: what is in an index can always
//! be made again by its caller. Its folders lie upon each other, from the lowest to the highest: each uses
//! itself and those above it in this list, and no two files use each other (`tests/layers.rs`).

/// What goes in, what is asked, what comes out: plain values.
mod model {
    /// What is indexed: meetings and their passages, as plain values.
    pub(crate) mod document;
    /// What went wrong, told to a clerk.
    pub(crate) mod error;
    /// The properties by which passages are counted and narrowed down.
    pub(crate) mod facet;
    /// An abbreviation that an index knows.
    pub(crate) mod known_abbreviation;
    /// What is asked and what is answered.
    pub(crate) mod request;
    /// How a query was read.
    pub(crate) mod understood;
    /// What is known of a vote.
    pub(crate) mod vote;
    /// The words of a text, held as one.
    pub(crate) mod words;
}

/// Words to the forms under which they are found.
mod analysis;

/// Meetings to files of the index, and what these hold.
mod segment {
    /// The columns of all files, opened once.
    pub(crate) mod columns;
    /// A document as it is written: values and texts.
    pub(crate) mod index_document;
    /// Documents to Tantivy's documents, and what is stored of them.
    pub(crate) mod record;
    /// The fields of the index and its version.
    pub(crate) mod schema;
    /// The times of a passage's words, packed.
    pub(crate) mod times;
    /// Meetings to files of the index, in the threads that write.
    pub(crate) mod writing;
}

/// Lists of passages, and where words stand in them.
mod postings {
    /// How long one search may take.
    pub(crate) mod budget;
    /// Where the postings of a term stand.
    pub(crate) mod cursor;
    /// Passages that were found before.
    pub(crate) mod docs;
    /// Which passages of a file have what is asked for, many at a time.
    pub(crate) mod intersection;
    /// Words by how they are said.
    pub(crate) mod sounds;
    /// Phrases and nearness, over a passage's own words and its lookahead.
    pub(crate) mod span;
    /// What one search has looked up of terms.
    pub(crate) mod terms;
}

/// Which passages are the best.
mod ranking {
    /// Words that are asked for together, ranked by likeness and nearness.
    pub(crate) mod bag;
    /// A hit with its place in the order of all.
    pub(crate) mod ranked;
    /// Small things that change the order of hits of one rank.
    pub(crate) mod reorder;
    /// The best passages of a query, over all files.
    pub(crate) mod top;
}

/// The query language: text to a tree, and the tree to conditions on the index, step by step.
mod query;

/// From a request to its answer.
mod answer {
    /// What a beginning may become while it is typed.
    pub(crate) mod complete;
    /// The matches of every debate, counted.
    pub(crate) mod debates;
    /// Counts over all matches.
    pub(crate) mod facets;
    /// Which words of a passage a query matched.
    pub(crate) mod highlight;
    /// The meetings that hits belong to, kept while the index does not change.
    pub(crate) mod meetings;
    /// All meetings with matches, the newest first.
    pub(crate) mod newest;
    /// From a request to its answer.
    pub(crate) mod search;
    /// The excerpt around the first matching word.
    pub(crate) mod snippet;
    /// Why a passage is a hit.
    pub(crate) mod why;
}

/// The index in its directory: open, write, refresh, check.
mod index;

pub use analysis::Vocabulary;
pub use answer::complete::{Completed, Completion};
pub use index::{Checked, Index, Opened, Reason};
pub use mitschnitt_german::verdicts::VoteVerdict;
pub use model::document::{ItemRef, Kind, MeetingDoc, PassageDoc, SpeakerRef, WordTime};
pub use model::error::{Error, Result};
pub use model::facet::{Bucket, Facet, Facets, Filters};
pub use model::known_abbreviation::KnownAbbreviation;
pub use model::request::{
    Breadth, Group, Grouping, Hit, HitWord, How, MeetingRef, Request, Response, SnippetPart, Sort,
    Why,
};
pub use model::understood::{AskedField, AskedWord, QueryPart, Remark, Understood};
pub use model::vote::{CountedBy, VoteCount, VoteRef};
pub use model::words::Words;
pub use query::{LOOKAHEAD, MAX_CHARS, MAX_TERMS};

#[cfg(test)]
mod tests;
