//! What stands at the passages of one term, one by one, and knows how often and where the term is
//! there. It reads nothing before it is asked, which of most terms of a query it never is.

use std::sync::Arc;

use tantivy::index::SegmentId;
use tantivy::postings::{Postings as _, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, TERMINATED};

use crate::postings::terms::{Known, Terms};

/// The postings of one term in one file.
pub(crate) struct Cursor {
    terms: Terms,
    known: Arc<Known>,
    file: SegmentId,
    option: IndexRecordOption,
    /// Where it stands: most of what a search does is to ask that, and Tantivy's postings are too
    /// large to lie side by side in memory.
    doc: DocId,
    postings: Postings,
}

enum Postings {
    Closed,
    Open(Box<SegmentPostings>),
    Unreadable,
}

impl Cursor {
    /// Of the passages of `file` that have the term `known`, if any has it; not at any before it is
    /// moved.
    pub(crate) fn new(
        terms: &Terms,
        known: &Arc<Known>,
        file: SegmentId,
        option: IndexRecordOption,
    ) -> Option<Self> {
        let (doc, postings) = (TERMINATED, Postings::Closed);
        let (terms, known) = (terms.clone(), Arc::clone(known));
        (known.passages_in(file) > 0).then_some(Self { terms, known, file, option, doc, postings })
    }

    /// The passage that it was moved to, or `TERMINATED`.
    pub(crate) fn doc(&self) -> DocId {
        self.doc
    }

    /// Moves to the first passage from `target` on; stays where it is behind that.
    pub(crate) fn seek(&mut self, target: DocId) -> DocId {
        match &mut self.postings {
            Postings::Open(postings) if self.doc < target => self.doc = postings.seek(target),
            Postings::Open(_) | Postings::Unreadable => {}
            Postings::Closed => self.open(target),
        }
        self.doc
    }

    fn open(&mut self, target: DocId) {
        let mut postings = match self.known.open(self.file, self.option) {
            Ok(Some(postings)) => postings,
            failed => {
                // Whoever moves among passages cannot fail: the search does, at its end.
                failed.err().into_iter().for_each(|error| self.terms.keep(error));
                self.postings = Postings::Unreadable;
                return;
            }
        };
        self.doc = match postings.doc() < target {
            true => postings.seek(target),
            false => postings.doc(),
        };
        self.postings = Postings::Open(Box::new(postings));
    }

    /// How often the term is in the passage that it stands at.
    pub(crate) fn term_freq(&self) -> u32 {
        match &self.postings {
            Postings::Open(postings) => postings.term_freq(),
            Postings::Closed | Postings::Unreadable => 0,
        }
    }

    /// Passages that have the term.
    pub(crate) fn most(&self) -> u32 {
        self.known.passages_in(self.file)
    }

    /// Adds where the term stands in the passage that it stands at.
    pub(crate) fn positions(&mut self, positions: &mut Vec<u32>) {
        if let Postings::Open(postings) = &mut self.postings {
            postings.append_positions_with_offset(0, positions);
        }
    }
}
