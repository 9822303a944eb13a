//! The index in its directory: written by one process at a time, read by many. Everything in it is
//! derived; whoever lost it puts the meetings in again.

mod changes;
mod dictionary;
mod directory;
mod files;
mod health;
mod merging;
mod open;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use tantivy::collector::DocSetCollector;
use tantivy::query::{BooleanQuery, Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{IndexReader, IndexWriter, Searcher, Term};

pub use health::Checked;
pub use open::{Opened, Reason};

use crate::analysis::Analyzer;
use crate::answer::complete::{Completion, Completions};
use crate::answer::meetings::Meetings;
use crate::answer::search::IndexSearch;
use crate::model::error::{Doing, Error, Result};
use crate::model::request::{Request, Response};
use crate::postings::terms::{Dictionaries, Terms};
use crate::query::Stems;
use crate::segment::columns::Columns;
use crate::segment::schema::{DocumentKind, FINGERPRINT, Fields, Payload, SEPARATOR};
use crate::segment::writing::Writing;
use dictionary::Dictionary;
use health::Health;

/// For how long searches are answered from before while the index cannot be read.
const GRACE: Duration = Duration::from_millis(800);

/// A search index. Shared between threads by reference.
pub struct Index {
    dir: PathBuf,
    fields: Fields,
    index: tantivy::Index,
    reader: IndexReader,
    state: RwLock<Arc<IndexState>>,
    writer: Mutex<Option<IndexWriter>>,
    writing: Writing,
    meetings: Meetings,
    /// Abbreviations that overrule those that are known.
    overruling: RwLock<BTreeMap<String, String>>,
    seen: Mutex<Seen>,
    health: Health,
}

/// What is known of the index's files.
#[derive(Default)]
struct Seen {
    /// `meta.json` as last loaded.
    meta: Vec<u8>,
    /// Since when it cannot be loaded.
    failing: Option<Instant>,
}

/// What a search sees: the documents, and the words by which their compounds were split.
struct IndexState {
    searcher: Searcher,
    payload: Payload,
    analyzer: Arc<Analyzer>,
    columns: Columns,
    dictionaries: Arc<Dictionaries>,
    /// Gathered when it is first asked for.
    completions: OnceLock<Arc<Completions>>,
    /// Those of a state before, by which questions are answered until then; none of them where the
    /// index was purged since.
    older: Option<Arc<Completions>>,
}

impl IndexState {
    fn gather(&self, fields: &Fields) -> Result<Completions> {
        let words = Dictionary::read(fields, &self.searcher)?;
        let words = words.as_ref().map_or(&[][..], Dictionary::entries);
        Completions::new(&self.searcher, words)
    }
}

impl Index {
    /// Sees what other processes have written since; costs one small file where nothing changed.
    ///
    /// # Errors
    /// Reading the index failed, or another version of the program has replaced it.
    pub fn refresh(&self) -> Result<()> {
        self.load(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The same for searching, which need not wait: while one thread loads what is new, others are
    /// answered from before, and so is everybody for a moment while the index is being replaced.
    ///
    /// # Errors
    /// As for [`Self::refresh`], when that has lasted for longer than a moment.
    pub fn follow(&self) -> Result<()> {
        let mut seen = match self.seen.try_lock() {
            Ok(seen) => seen,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Ok(()),
        };
        match self.load(&mut seen) {
            Ok(()) => Ok(()),
            Err(error @ Error::Replaced { .. }) => Err(error),
            Err(error) => {
                let since = *seen.failing.get_or_insert_with(Instant::now);
                // What was removed must be gone within a second.
                if since.elapsed() < GRACE { Ok(()) } else { Err(error) }
            }
        }
    }

    /// Takes these abbreviations in place of those that the program and the documents know; an empty text takes
    /// one out. Nothing is indexed anew.
    ///
    /// # Errors
    /// Reading the index failed.
    pub fn overrule_abbreviations(&self, own: &BTreeMap<String, String>) -> Result<()> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        self.overruling.write().unwrap_or_else(PoisonError::into_inner).clone_from(own);
        // Loaded again, with them.
        seen.meta.clear();
        self.load(&mut seen)
    }

    /// Every abbreviation that the documents explain or that overrules them, with what it stands for, sorted.
    ///
    /// # Errors
    /// Reading the index failed.
    pub fn abbreviations(&self) -> Result<Vec<(String, String)>> {
        let dictionary = Dictionary::read(&self.fields, &self.state().searcher)?;
        let own = self.overruling.read().unwrap_or_else(PoisonError::into_inner);
        let explained = dictionary.as_ref().map_or(&[][..], Dictionary::explained).iter();
        let explained = explained.filter(|known| !own.contains_key(&known.short));
        let mut all: Vec<(String, String)> =
            explained.map(|known| (known.short.clone(), known.long.clone())).collect();
        let set = own.iter().filter(|(_, long)| !long.is_empty());
        all.extend(set.map(|(short, long)| (short.clone(), long.clone())));
        all.sort();
        Ok(all)
    }

    fn load(&self, seen: &mut Seen) -> Result<()> {
        self.guarded(|| self.load_changed(seen))
    }

    fn load_changed(&self, seen: &mut Seen) -> Result<()> {
        let path = self.dir.join("meta.json");
        let meta = fs::read(&path).map_err(|source| Error::Io {
            doing: format!("Suchindex „{}“ lesen", path.display()),
            source,
        })?;
        if seen.meta != meta {
            let now = self.index.load_metas().doing("Suchindex neu laden")?;
            let Some(payload) = Payload::read(now.payload.as_deref()) else {
                return Err(Error::Replaced { dir: self.dir.clone() });
            };
            self.reader.reload().doing("Suchindex neu laden")?;
            self.note_files(&now)?;
            self.see(payload)?;
            // What was read may be older than what was loaded, never newer: at worst it loads again.
            seen.meta = meta;
        }
        seen.failing = None;
        Ok(())
    }

    /// Makes what the reader has loaded the state that searches see.
    fn see(&self, payload: Payload) -> Result<()> {
        let searcher = self.reader.searcher();
        let before = self.state();
        let overruling = self.overruling.read().unwrap_or_else(PoisonError::into_inner).clone();
        let is_same = before.payload.dictionary == payload.dictionary
            && before.analyzer.abbreviations.overruling == overruling;
        let analyzer = match is_same {
            true => Arc::clone(&before.analyzer),
            false => {
                let dictionary = Dictionary::read(&self.fields, &searcher)?;
                let mut analyzer =
                    dictionary.map_or_else(Analyzer::default, |dictionary| dictionary.analyzer());
                analyzer.abbreviations.overrule(overruling);
                Arc::new(analyzer)
            }
        };
        let columns = Columns::open(&searcher)?;
        let dictionaries = Dictionaries::open(&searcher).doing("Wörter des Suchindex öffnen")?;
        let dictionaries = Arc::new(dictionaries);
        let older = before.completions.get().or(before.older.as_ref()).cloned();
        let older = match before.payload.purged == payload.purged {
            true => older,
            false => older.map(|_| Arc::default()),
        };
        let completions = OnceLock::new();
        let state = Arc::new(IndexState {
            searcher,
            payload,
            analyzer,
            columns,
            dictionaries,
            completions,
            older,
        });
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&state);
        if state.older.is_some() {
            // Whoever completes should not wait, nor see for long what is gone.
            let fields = self.fields.clone();
            let gather = move || {
                // Nothing, rather than what may be gone.
                let completions = state.gather(&fields).unwrap_or_default();
                let _first = state.completions.set(Arc::new(completions));
            };
            // Not by rayon, where a panic over damaged bytes would end the process. Without a thread
            // the old ones are offered until the next change.
            let _detached = thread::Builder::new().name("completions".to_owned()).spawn(gather);
        }
        Ok(())
    }

    fn state(&self) -> Arc<IndexState> {
        // It is exchanged whole, so a poisoned lock is no reason to stop.
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What meetings the index holds: id and fingerprint.
    ///
    /// # Errors
    /// Reading the index failed.
    pub fn fingerprints(&self) -> Result<BTreeMap<String, String>> {
        self.refresh()?;
        self.guarded(|| self.fingerprints_in(&self.state().searcher))
    }

    /// The fingerprint with which the index holds a meeting, if it does.
    ///
    /// # Errors
    /// Reading the index failed.
    pub fn fingerprint(&self, meeting: &str) -> Result<Option<String>> {
        self.refresh()?;
        let term = Term::from_field_text(self.fields.meeting, meeting);
        let named = TermQuery::new(term, IndexRecordOption::Basic);
        let query = BooleanQuery::intersection(vec![
            Box::new(self.all(DocumentKind::Meeting)),
            Box::new(named),
        ]);
        let mut found = self.guarded(|| self.fingerprints_of(&self.state().searcher, &query))?;
        Ok(found.remove(meeting))
    }

    fn fingerprints_in(&self, searcher: &Searcher) -> Result<BTreeMap<String, String>> {
        self.fingerprints_of(searcher, &self.all(DocumentKind::Meeting))
    }

    fn fingerprints_of(
        &self,
        searcher: &Searcher,
        query: &dyn Query,
    ) -> Result<BTreeMap<String, String>> {
        const DOING: &str = "Sitzungen im Suchindex aufzählen";
        let found = searcher.search(query, &DocSetCollector).doing(DOING)?;
        let mut fingerprints = BTreeMap::new();
        for address in found {
            let reader = searcher.segment_reader(address.segment_ord);
            let Some(column) = reader.fast_fields().str(FINGERPRINT).doing(DOING)? else {
                continue;
            };
            let mut entry = String::new();
            if let Some(number) = column.term_ords(address.doc_id).next() {
                column.ord_to_str(number, &mut entry).doing(DOING)?;
            }
            if let Some((id, fingerprint)) = entry.split_once(SEPARATOR) {
                fingerprints.insert(id.to_owned(), fingerprint.to_owned());
            }
        }
        Ok(fingerprints)
    }

    /// Answers a request from the state last loaded.
    ///
    /// # Errors
    /// Reading the index failed; no query is an error.
    pub fn search(&self, request: &Request) -> Result<Response> {
        self.guarded(|| self.searching(&self.state()).run(request))
    }

    /// What `beginning` may become, at most `limit`. The very first call gathers all there is, which
    /// takes as long as reading four columns; after a change of the index a thread of its own does
    /// so, and until it has, what was there before is offered.
    ///
    /// # Errors
    /// Reading the index failed.
    pub fn complete(&self, beginning: &str, limit: usize) -> Result<Vec<Completion>> {
        let state = self.state();
        if let Some(completions) = state.completions.get().or(state.older.as_ref()) {
            return Ok(completions.of(beginning, limit));
        }
        self.guarded(|| Ok(self.gathered(&state)?.of(beginning, limit)))
    }

    fn gathered<'s>(&self, state: &'s IndexState) -> Result<&'s Completions> {
        if let Some(completions) = state.completions.get() {
            return Ok(completions);
        }
        let gathered = Arc::new(state.gather(&self.fields)?);
        Ok(state.completions.get_or_init(|| gathered))
    }

    /// Ranks the hits of a request without reading them; gives how many there are. For measuring.
    ///
    /// # Errors
    /// As for [`Index::search`].
    pub fn rank(&self, request: &Request) -> Result<usize> {
        self.guarded(|| self.searching(&self.state()).rank_only(request))
    }

    fn searching<'s>(&'s self, state: &'s IndexState) -> IndexSearch<'s> {
        IndexSearch {
            fields: &self.fields,
            terms: Terms::new(state.searcher.clone(), Arc::clone(&state.dictionaries)),
            stems: Stems::default(),
            analyzer: &state.analyzer,
            meetings: &self.meetings,
            columns: &state.columns,
            executor: self.index.search_executor(),
        }
    }

    fn all(&self, what: DocumentKind) -> TermQuery {
        TermQuery::new(self.fields.all(what), IndexRecordOption::Basic)
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        // Nobody is left to tell; an unfinished merge is only made again later.
        let _ = self.release();
    }
}
