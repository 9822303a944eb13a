//! Between the archive's words and the index's: documents in, hits out as CONTRACT.md's API has them.
//! Owns the mapping and the links; the index itself is the `mitschnitt-index` crate.

mod results;

pub use results::{
    Facets, Hit, ItemRef, MeetingRef, Request, Results, SnippetPart, Sort, SpeakerRef,
};
