//! Opens an index directory, or makes it anew where it is missing, damaged or of another version.
//! It touches no directory that is not an index, and none that another process writes into.

use std::panic;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, RwLock};

use tantivy::error::DataCorruption;
use tantivy::{IndexReader, ReloadPolicy, TantivyError};

use super::damage::{Health, is_damage};
use super::files::{self, FileStamps, MANAGED};
use super::place::{Contents, create, look, open_files, retire};
use super::state::{Index, IndexState};
use crate::analysis::Analyzer;
use crate::answer::meetings::Meetings;
use crate::model::error::{Doing, Error, Result};
use crate::postings::terms::Dictionaries;
use crate::segment::columns::Columns;
use crate::segment::schema::{Fields, Payload};
use crate::segment::writing::Writing;

/// Threads that one search uses; two cores are what the smallest server has.
const SEARCH_THREADS: usize = 2;

/// An index ready for use.
pub struct Opened {
    /// The index.
    pub index: Index,
    /// Set where the index is new and empty: the caller puts its meetings in again.
    pub rebuilt: Option<Reason>,
}

/// Why an index was made anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There was none.
    Missing,
    /// It could not be read; the text is for the log.
    Damaged(String),
    /// Another version of the program wrote it.
    OtherVersion,
}

impl Index {
    /// Opens the index in `dir`; an empty one takes the place of what is missing, damaged or of
    /// another version.
    ///
    /// # Errors
    /// [`Error::NotAnIndex`] where the directory holds other things, [`Error::Busy`] where a
    /// damaged or old index is being written by another process, and failures of the file system.
    pub fn open(dir: &Path) -> Result<Opened> {
        let reason = match look(dir)? {
            Contents::Nothing => Reason::Missing,
            Contents::Something => return Err(Error::NotAnIndex { dir: dir.to_owned() }),
            Contents::Index => match load_damaged(dir) {
                Ok(Some(index)) => return Ok(Opened { index, rebuilt: None }),
                Ok(None) => Reason::OtherVersion,
                Err(error) if is_damage(&error) => Reason::Damaged(error.to_string()),
                Err(source) => {
                    return Err(Error::Engine { doing: "Suchindex öffnen", source });
                }
            },
        };
        anew(dir, reason)
    }

    /// Opens the index in `dir` and changes nothing, as where nobody may write.
    ///
    /// # Errors
    /// [`Error::Damaged`] where there is none of this version that can be read.
    pub fn open_to_read(dir: &Path) -> Result<Self> {
        let damaged = |what: String| Error::Damaged { what };
        match load_damaged(dir) {
            Ok(Some(index)) => Ok(index),
            Ok(None) => {
                Err(damaged("eine andere Version des Programms hat ihn angelegt".to_owned()))
            }
            Err(error) => Err(damaged(error.to_string())),
        }
    }

    /// Opens the index in `dir` of which something is said to be damaged that opening it does not
    /// read: verifies every file's checksum and puts an empty index in its place if any is wrong.
    ///
    /// # Errors
    /// As for [`Index::open`].
    pub fn open_verified(dir: &Path) -> Result<Opened> {
        let opened = Self::open(dir)?;
        if opened.rebuilt.is_some() {
            return Ok(opened);
        }
        let damaged = opened.index.damaged_files()?;
        if damaged.is_empty() {
            return Ok(opened);
        }
        drop(opened);
        anew(dir, Reason::Damaged(damaged.join(", ")))
    }
}

/// Puts an empty index in the place of what is there, if anything is.
fn anew(dir: &Path, reason: Reason) -> Result<Opened> {
    if reason != Reason::Missing {
        retire(dir)?;
    }
    create(dir)?;
    match load(dir).doing("neuen Suchindex öffnen")? {
        Some(index) => Ok(Opened { index, rebuilt: Some(reason) }),
        None => Err(Error::Busy { dir: dir.to_owned() }),
    }
}

/// The index in `dir`, of which any byte may be wrong: over some, Tantivy panics in place of saying so.
fn load_damaged(dir: &Path) -> tantivy::Result<Option<Index>> {
    panic::catch_unwind(|| load(dir)).unwrap_or_else(|_| {
        let damage = "its lengths contradict each other".to_owned();
        Err(TantivyError::DataCorruption(DataCorruption::comment_only(damage)))
    })
}

/// The index in `dir`; `None` where another version wrote it.
fn load(dir: &Path) -> tantivy::Result<Option<Index>> {
    let fields = Fields::new();
    let mut index = open_files(dir)?;
    index.set_multithread_executor(SEARCH_THREADS)?;
    let meta = index.load_metas()?;
    let Some(payload) = Payload::read(meta.payload.as_deref()) else {
        return Ok(None);
    };
    if !files::is_managed(dir, &meta)? {
        let damage = format!("{MANAGED} does not have all files");
        return Err(TantivyError::DataCorruption(DataCorruption::comment_only(damage)));
    }
    let mut files = FileStamps::default();
    files.compare(dir, &meta)?;
    if index.schema() != fields.schema {
        return Ok(None);
    }
    let reader: IndexReader =
        index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
    // Without a dictionary until the first look at it, which is next.
    let state = IndexState {
        searcher: reader.searcher(),
        payload: Payload::new(String::new(), payload.learned, payload.purged),
        analyzer: Arc::new(Analyzer::default()),
        columns: Columns::default(),
        dictionaries: Arc::new(Dictionaries::default()),
        completions: OnceLock::new(),
        older: None,
    };
    let index = Index {
        dir: dir.to_owned(),
        fields,
        index,
        reader,
        state: RwLock::new(Arc::new(state)),
        writing: Writing::default(),
        writer: Mutex::new(None),
        meetings: Meetings::default(),
        overruling: RwLock::default(),
        seen: Mutex::default(),
        health: Health::new(files),
    };
    match index.see(payload) {
        Ok(()) => Ok(Some(index)),
        Err(Error::Engine { source, .. }) => Err(source),
        Err(error) => {
            Err(TantivyError::DataCorruption(DataCorruption::comment_only(error.to_string())))
        }
    }
}
