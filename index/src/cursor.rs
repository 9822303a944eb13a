//! Postings of one term that remember where they stand: most of what a search does is to ask them
//! that, and Tantivy's are too large to lie side by side in memory.

use tantivy::postings::{Postings, SegmentPostings};
use tantivy::{DocId, DocSet};

/// The postings of one term in one file.
pub(crate) struct Cursor {
    doc: DocId,
    postings: Box<SegmentPostings>,
}

impl Cursor {
    /// Where `postings` stand.
    pub(crate) fn new(postings: SegmentPostings) -> Self {
        Self { doc: postings.doc(), postings: Box::new(postings) }
    }

    /// The passage it stands at, or `TERMINATED`.
    pub(crate) fn doc(&self) -> DocId {
        self.doc
    }

    /// Moves to the first passage from `target` on; stays where it is behind that.
    pub(crate) fn seek(&mut self, target: DocId) -> DocId {
        if self.doc < target {
            self.doc = self.postings.seek(target);
        }
        self.doc
    }

    /// How often the term is in this passage.
    pub(crate) fn term_freq(&self) -> u32 {
        self.postings.term_freq()
    }

    /// Passages that have the term.
    pub(crate) fn most(&self) -> u32 {
        self.postings.doc_freq()
    }

    /// Adds where the term stands in this passage.
    pub(crate) fn positions(&mut self, positions: &mut Vec<u32>) {
        self.postings.append_positions_with_offset(0, positions);
    }
}
