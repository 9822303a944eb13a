//! An index and the state of it that searches see, which is loaded anew when somebody has written.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use tantivy::{IndexMeta, IndexReader, IndexWriter, Searcher};

use super::damage::Health;
use super::dictionary::Dictionary;
use crate::analysis::Analyzer;
use crate::answer::complete::Completions;
use crate::answer::meetings::Meetings;
use crate::model::error::{Doing, Error, Result};
use crate::postings::terms::Dictionaries;
use crate::segment::columns::Columns;
use crate::segment::schema::{Fields, Payload};
use crate::segment::writing::Writing;

/// For how long searches are answered from before while the index cannot be read.
const GRACE: Duration = Duration::from_millis(800);

/// A search index. Shared between threads by reference.
pub struct Index {
    pub(super) dir: PathBuf,
    pub(super) fields: Fields,
    pub(super) index: tantivy::Index,
    pub(super) reader: IndexReader,
    pub(super) state: RwLock<Arc<IndexState>>,
    pub(super) writer: Mutex<Option<IndexWriter>>,
    pub(super) writing: Writing,
    pub(super) meetings: Meetings,
    /// Abbreviations that overrule those that are known.
    pub(super) overruling: RwLock<BTreeMap<String, String>>,
    pub(super) seen: Mutex<Seen>,
    pub(super) health: Health,
}

/// What is known of the index's files.
#[derive(Default)]
pub(super) struct Seen {
    /// `meta.json` as last loaded.
    meta: Vec<u8>,
    /// Since when it cannot be loaded.
    failing: Option<Instant>,
}

/// What a search sees: the documents, and the words by which their compounds were split.
pub(super) struct IndexState {
    pub(super) searcher: Searcher,
    pub(super) payload: Payload,
    pub(super) analyzer: Arc<Analyzer>,
    pub(super) columns: Columns,
    pub(super) dictionaries: Arc<Dictionaries>,
    /// Gathered when it is first asked for.
    pub(super) completions: OnceLock<Arc<Completions>>,
    /// Those of a state before, by which questions are answered until then; none of them where the
    /// index was purged since.
    pub(super) older: Option<Arc<Completions>>,
}

impl IndexState {
    /// What beginnings may become.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(super) fn gather(&self, fields: &Fields) -> Result<Completions> {
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
    pub(super) fn see(&self, payload: Payload) -> Result<()> {
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

    /// The state last loaded.
    pub(super) fn state(&self) -> Arc<IndexState> {
        // It is exchanged whole, so a poisoned lock is no reason to stop.
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Runs what reads the index; see [`Health::guarded`].
    ///
    /// # Errors
    /// Those of `work`, and [`Error::Damaged`].
    pub(super) fn guarded<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.health.guarded(work)
    }

    /// Takes note of the files of a commit.
    fn note_files(&self, meta: &IndexMeta) -> Result<()> {
        self.health.files().compare(&self.dir, meta).map_err(|e| self.unknown(e))?;
        Ok(())
    }

    /// That the file system does not let the index be looked at.
    pub(super) fn unknown(&self, source: std::io::Error) -> Error {
        Error::Io { doing: format!("Suchindex „{}“ prüfen", self.dir.display()), source }
    }
}
