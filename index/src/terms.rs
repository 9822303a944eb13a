//! What one search has looked up of the index's terms: each once, for all that it does with them.

use std::sync::{Arc, Mutex, PoisonError};

use foldhash::HashMap;
use tantivy::index::SegmentId;
use tantivy::postings::{SegmentPostings, TermInfo};
use tantivy::query::Bm25StatisticsProvider;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{InvertedIndexReader, Result, Score, Searcher, TantivyError, Term};

use crate::cursor::Cursor;
use crate::sieve::List;

/// The terms of one state of the index. Shared between the threads of a search.
#[derive(Clone)]
pub(crate) struct Terms(Arc<Shared>);

struct Shared {
    searcher: Searcher,
    looked_up: Mutex<LookedUp>,
    /// The first error that whoever met it could tell nobody.
    untold: Mutex<Option<TantivyError>>,
}

#[derive(Default)]
struct LookedUp {
    known: HashMap<Term, Arc<Known>>,
    /// Of each field the files that have any term of it.
    files: HashMap<Field, Arc<[File]>>,
    /// Of each field the number of its tokens.
    tokens: HashMap<Field, u64>,
}

type File = (SegmentId, Arc<InvertedIndexReader>);

/// A term as the files of the index have it.
pub(crate) struct Known {
    /// By file; none where the file has no such term.
    places: Vec<Place>,
    /// Passages that have it.
    pub passages: u64,
}

/// Where the postings of a term lie in a file.
struct Place {
    file: SegmentId,
    inverted: Arc<InvertedIndexReader>,
    info: TermInfo,
}

impl Known {
    fn place(&self, file: SegmentId) -> Option<&Place> {
        self.places.iter().find(|place| place.file == file)
    }

    /// How rare it is among `all` passages: BM25's measure of what it says about one.
    pub(crate) fn rarity(&self, all: u64) -> Score {
        rarity(self.passages, all)
    }

    /// The passages of a file that have it, if there are any.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(crate) fn list(&self, file: SegmentId) -> Result<Option<List>> {
        let Some(Place { inverted, info, .. }) = self.place(file) else { return Ok(None) };
        let postings =
            inverted.read_block_postings_from_terminfo(info, IndexRecordOption::Basic)?;
        Ok(Some(List::new(postings)))
    }

    /// Passages of a file that have it.
    pub(crate) fn passages_in(&self, file: SegmentId) -> u32 {
        self.place(file).map_or(0, |place| place.info.doc_freq)
    }

    /// The postings in a file, if it has any.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(crate) fn open(
        &self,
        file: SegmentId,
        option: IndexRecordOption,
    ) -> Result<Option<SegmentPostings>> {
        let open = |place: &Place| place.inverted.read_postings_from_terminfo(&place.info, option);
        Ok(self.place(file).map(open).transpose()?)
    }
}

/// How rare a word is that so many of all passages have: the inverse document frequency of BM25
/// (Robertson & Zaragoza 2009), never negative.
pub(crate) fn rarity(passages: u64, all: u64) -> Score {
    let (with, all) = (passages as Score, all as Score);
    (1.0 + (all - with + 0.5).max(0.5) / (with + 0.5)).ln()
}

impl Terms {
    /// Of what `searcher` sees.
    pub(crate) fn new(searcher: Searcher) -> Self {
        let (looked_up, untold) = Default::default();
        Self(Arc::new(Shared { searcher, looked_up, untold }))
    }

    /// The state of the index.
    pub(crate) fn searcher(&self) -> &Searcher {
        &self.0.searcher
    }

    /// What stands at the passages of a file that have a term, if any has it.
    pub(crate) fn cursor(
        &self,
        known: &Arc<Known>,
        file: SegmentId,
        option: IndexRecordOption,
    ) -> Option<Cursor> {
        known.place(file)?;
        Some(Cursor::new(self.clone(), Arc::clone(known), file, option))
    }

    /// Keeps an error for [`Self::told`].
    pub(crate) fn keep(&self, error: TantivyError) {
        self.0.untold.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }

    /// Whether all could be read that was asked for.
    ///
    /// # Errors
    /// Reading the index failed where nobody could be told, since moving among passages cannot fail.
    pub(crate) fn told(&self) -> Result<()> {
        let untold = self.0.untold.lock().unwrap_or_else(PoisonError::into_inner).take();
        untold.map_or(Ok(()), Err)
    }

    /// What is known of a term.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(crate) fn known(&self, term: &Term) -> Result<Arc<Known>> {
        self.known_where(term, None)
    }

    /// The same for a term that is only in files that have `coarser`.
    ///
    /// # Errors
    /// As for [`Self::known`].
    pub(crate) fn known_where(&self, term: &Term, coarser: Option<&Known>) -> Result<Arc<Known>> {
        // What it holds is whole after every step.
        let mut looked_up = self.0.looked_up.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = looked_up.known.get(term) {
            return Ok(Arc::clone(known));
        }
        let (mut places, mut passages) = (Vec::new(), 0);
        for (file, inverted) in &*self.files(&mut looked_up, term.field())? {
            if coarser.is_some_and(|coarser| coarser.place(*file).is_none()) {
                continue;
            }
            if let Some(info) = inverted.get_term_info(term)? {
                passages += u64::from(info.doc_freq);
                places.push(Place { file: *file, inverted: Arc::clone(inverted), info });
            }
        }
        let known = Arc::new(Known { places, passages });
        looked_up.known.insert(term.clone(), Arc::clone(&known));
        Ok(known)
    }

    fn files(&self, looked_up: &mut LookedUp, field: Field) -> Result<Arc<[File]>> {
        if let Some(files) = looked_up.files.get(&field) {
            return Ok(Arc::clone(files));
        }
        let mut files = Vec::new();
        for reader in self.0.searcher.segment_readers() {
            let inverted = reader.inverted_index(field)?;
            if inverted.terms().num_terms() > 0 {
                files.push((reader.segment_id(), inverted));
            }
        }
        let files: Arc<[File]> = files.into();
        looked_up.files.insert(field, Arc::clone(&files));
        Ok(files)
    }

    /// Passages that have a term.
    ///
    /// # Errors
    /// As for [`Self::known`].
    pub(crate) fn passages(&self, term: &Term) -> Result<u64> {
        Ok(self.known(term)?.passages)
    }

    /// The postings of a term in a file, if it has any.
    ///
    /// # Errors
    /// As for [`Self::known`].
    pub(crate) fn open(
        &self,
        term: &Term,
        file: SegmentId,
        option: IndexRecordOption,
    ) -> Result<Option<SegmentPostings>> {
        self.known(term)?.open(file, option)
    }
}

impl Bm25StatisticsProvider for Terms {
    fn total_num_tokens(&self, field: Field) -> Result<u64> {
        let mut looked_up = self.0.looked_up.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tokens) = looked_up.tokens.get(&field) {
            return Ok(*tokens);
        }
        let files = self.files(&mut looked_up, field)?;
        let tokens = files.iter().map(|(_, inverted)| inverted.total_num_tokens()).sum();
        looked_up.tokens.insert(field, tokens);
        Ok(tokens)
    }

    fn total_num_docs(&self) -> Result<u64> {
        self.0.searcher.total_num_docs()
    }

    fn doc_freq(&self, term: &Term) -> Result<u64> {
        self.passages(term)
    }
}
