//! The terms of one state of the index, and what one search has looked up of them: each once, for
//! all that it does with them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;

use foldhash::HashMap;
use tantivy::index::SegmentId;
use tantivy::postings::{SegmentPostings, TermInfo};
use tantivy::query::Bm25StatisticsProvider;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{InvertedIndexReader, Result, Score, Searcher, TantivyError, Term};

use crate::model::document::Kind;
use crate::model::facet::Facet;
use crate::postings::intersection::PostingList;
use crate::postings::sounds::{SoundLimits, SoundTable};

/// The terms of one state of the index. Shared between the threads of a search.
#[derive(Clone)]
pub(crate) struct Terms(Arc<TermCache>);

struct TermCache {
    searcher: Searcher,
    dictionaries: Arc<Dictionaries>,
    looked_up: Mutex<HashMap<Term, Arc<Known>>>,
    /// The first error that whoever met it could tell nobody.
    untold: Mutex<Option<TantivyError>>,
}

/// The terms of all files of one state of the index, opened once.
#[derive(Default)]
pub(crate) struct Dictionaries {
    of_fields: HashMap<Field, OfField>,
    /// How many documents are votes.
    votes: u64,
    /// Made when it is first wanted, by a thread of its own.
    sounds: OnceLock<SoundTable>,
    sounds_wanted: AtomicBool,
}

/// The terms of one field.
#[derive(Default)]
struct OfField {
    /// The files that have any.
    files: Vec<(SegmentId, Arc<InvertedIndexReader>)>,
    /// How many tokens these have.
    tokens: u64,
}

impl Dictionaries {
    /// Opens those of the state that `searcher` sees.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(crate) fn open(searcher: &Searcher) -> Result<Self> {
        let mut of_fields: HashMap<Field, OfField> = HashMap::default();
        let kind = searcher.schema().get_field(Facet::Kind.column())?;
        let votes = searcher.doc_freq(&Term::from_field_text(kind, Kind::Vote.as_str()))?;
        let indexed = searcher.schema().fields().filter(|(_, entry)| entry.is_indexed());
        for (field, _) in indexed {
            let OfField { files, tokens } = of_fields.entry(field).or_default();
            for reader in searcher.segment_readers() {
                let inverted = reader.inverted_index(field)?;
                if inverted.terms().num_terms() > 0 {
                    *tokens += inverted.total_num_tokens();
                    files.push((reader.segment_id(), inverted));
                }
            }
        }
        Ok(Self { of_fields, votes, ..Self::default() })
    }
}

/// A term as the files of the index have it.
pub(crate) struct Known {
    /// By file; none where the file has no such term.
    places: Vec<SegmentTerm>,
    /// Passages that have it.
    pub passages: u64,
}

/// Where the postings of a term lie in a file.
struct SegmentTerm {
    file: SegmentId,
    inverted: Arc<InvertedIndexReader>,
    info: TermInfo,
}

impl Known {
    fn place(&self, file: SegmentId) -> Option<&SegmentTerm> {
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
    pub(crate) fn list(&self, file: SegmentId) -> Result<Option<PostingList>> {
        let Some(SegmentTerm { inverted, info, .. }) = self.place(file) else { return Ok(None) };
        let postings =
            inverted.read_block_postings_from_terminfo(info, IndexRecordOption::Basic)?;
        Ok(Some(PostingList::new(postings)))
    }

    /// Passages of a file that have it; none where the file has no such term.
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
        let open =
            |place: &SegmentTerm| place.inverted.read_postings_from_terminfo(&place.info, option);
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
    /// The words of a field by how they are said, once they are gathered; the first who asks has it done.
    pub(crate) fn sounds(&self, field: Field, limits: &SoundLimits) -> Option<&SoundTable> {
        let dictionaries = &self.0.dictionaries;
        if !dictionaries.sounds_wanted.swap(true, Ordering::Relaxed) {
            let (searcher, limits) = (self.0.searcher.clone(), limits.clone());
            let dictionaries = Arc::clone(dictionaries);
            let gather = move || {
                if let Ok(table) = SoundTable::new(&searcher, field, &limits) {
                    let _first = dictionaries.sounds.set(table);
                }
            };
            // Without a thread, and where reading fails, the dictionary is walked each time.
            let _detached = thread::Builder::new().name("sounds".to_owned()).spawn(gather);
        }
        dictionaries.sounds.get()
    }

    /// Of what `searcher` sees, of which these are the dictionaries.
    pub(crate) fn new(searcher: Searcher, dictionaries: Arc<Dictionaries>) -> Self {
        let (looked_up, untold) = Default::default();
        Self(Arc::new(TermCache { searcher, dictionaries, looked_up, untold }))
    }

    /// The state of the index.
    pub(crate) fn searcher(&self) -> &Searcher {
        &self.0.searcher
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
        if let Some(known) = looked_up.get(term) {
            return Ok(Arc::clone(known));
        }
        let of_field = self.0.dictionaries.of_fields.get(&term.field());
        let files = of_field.map_or(&[][..], |of_field| &of_field.files);
        let (mut places, mut passages) = (Vec::with_capacity(files.len()), 0);
        for (file, inverted) in files {
            if coarser.is_some_and(|coarser| coarser.place(*file).is_none()) {
                continue;
            }
            if let Some(info) = inverted.get_term_info(term)? {
                passages += u64::from(info.doc_freq);
                places.push(SegmentTerm { file: *file, inverted: Arc::clone(inverted), info });
            }
        }
        let known = Arc::new(Known { places, passages });
        looked_up.insert(term.clone(), Arc::clone(&known));
        Ok(known)
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
        Ok(self.0.dictionaries.of_fields.get(&field).map_or(0, |of_field| of_field.tokens))
    }

    /// Without votes: how rare a word is does not depend on how often was voted.
    fn total_num_docs(&self) -> Result<u64> {
        Ok(self.0.searcher.total_num_docs()?.saturating_sub(self.0.dictionaries.votes).max(1))
    }

    /// BM25 refuses words that more documents have than there are: those that only votes say.
    fn doc_freq(&self, term: &Term) -> Result<u64> {
        Ok(self.passages(term)?.min(self.total_num_docs()?))
    }
}
