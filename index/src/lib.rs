//! Full-text index of spoken passages with word-precise hits, on Tantivy.
//!
//! The crate takes plain documents and knows nothing of the archive: what is in an index can always
//! be made again by its caller. From top to bottom: what goes in, what is asked, what comes out,
//! then how words become forms, how a query is read, and how both meet.

/// The matches of every debate, counted.
mod debates;
/// What is indexed: meetings and their passages, as plain values.
mod document;
/// What went wrong, told to a clerk.
mod error;
/// The properties by which passages are counted and narrowed down.
mod facet;
/// What is asked and what is answered.
mod request;

/// Words to the forms under which they are found.
mod analysis;
/// The query language: text to a tree, and the tree to conditions on the index.
mod query;

/// A document as it is written: values and texts.
mod index_document;
/// Documents to Tantivy's documents, and what is stored of them.
mod record;
/// The fields of the index and its version.
mod schema;
/// The times of a passage's words, packed.
mod times;
/// The words of a text, held as one.
mod words;
/// Meetings to files of the index, in the threads that write.
mod writing;

/// Words that are asked for together, ranked by likeness and nearness.
mod bag;
/// How long one search may take.
mod budget;
/// The columns of all files, opened once.
mod columns;
/// What a beginning may become while it is typed.
mod complete;
/// Where the postings of a term stand.
mod cursor;
/// Passages that were found before.
mod docs;
/// Counts over all matches.
mod facets;
/// Which words of a passage a query matched.
mod highlight;
/// Which passages of a file have what is asked for, many at a time.
mod intersection;
/// The meetings that hits belong to, kept while the index does not change.
mod meetings;
/// All meetings with matches, the newest first.
mod newest;
/// What is looked for of a query, step by step.
mod plan;
/// Small things that change the order of hits of one rank.
mod reorder;
/// From a request to its answer.
mod search;
/// What sounds or is spelt like the words asked for.
mod similar;
/// The excerpt around the first matching word.
mod snippet;
/// Phrases and nearness, over a passage's own words and its lookahead.
mod span;
/// What one search has looked up of terms.
mod terms;
/// The best passages of a query, over all files.
mod top;
/// Why a passage is a hit.
mod why;
/// What is looked for where words do not stand in one passage.
mod wider;

/// The index in its directory: open, write, refresh, check.
mod index;

pub use analysis::Vocabulary;
pub use complete::{Completed, Completion};
pub use document::{ItemRef, Kind, MeetingDoc, PassageDoc, SpeakerRef, WordTime};
pub use error::{Error, Result};
pub use facet::{Bucket, Facet, Facets, Filters};
pub use index::{Checked, Index, Opened, Reason};
pub use query::{LOOKAHEAD, MAX_CHARS, MAX_TERMS};
pub use request::{
    Breadth, Group, Grouping, Hit, HitWord, How, MeetingRef, Request, Response, SnippetPart, Sort,
    Why,
};
pub use words::Words;

#[cfg(test)]
mod tests;
