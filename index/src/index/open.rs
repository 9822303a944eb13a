//! Opens an index directory, or makes it anew where it is missing, damaged or of another version.
//! It touches no directory that is not an index, and none that another process writes into.

use std::fs::{self, File};
use std::io;
use std::panic;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, RwLock};

use tantivy::directory::error::{LockError, OpenReadError};
use tantivy::directory::{INDEX_WRITER_LOCK, MmapDirectory};
use tantivy::error::DataCorruption;
use tantivy::{Directory, IndexReader, ReloadPolicy, TantivyError};

use super::changes::{IDLE_MEMORY, commit};
use super::directory::FileDirectory;
use super::files::{self, FileStamps, MANAGED};
use super::health::Health;
use super::{Index, IndexState};
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

/// Makes what was written in `dir` survive a power cut: Tantivy syncs files, not their names.
pub(super) fn sync(dir: &Path) -> Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(|e| io_error("sichern", dir, e))
}

enum Contents {
    Nothing,
    Index,
    Something,
}

fn look(dir: &Path) -> Result<Contents> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Contents::Nothing),
        entries => entries.map_err(|e| io_error("lesen", dir, e))?,
    };
    let mut found = Contents::Nothing;
    for entry in entries {
        let name = entry.map_err(|e| io_error("lesen", dir, e))?.file_name();
        let name = name.to_string_lossy();
        if name == "meta.json" || name == ".managed.json" || name.starts_with(".tantivy-") {
            return Ok(Contents::Index);
        }
        found = Contents::Something;
    }
    Ok(found)
}

/// The index in `dir`, of which any byte may be wrong: over some, Tantivy panics in place of saying so.
fn load_damaged(dir: &Path) -> tantivy::Result<Option<Index>> {
    panic::catch_unwind(|| load(dir)).unwrap_or_else(|_| {
        let damage = "its lengths contradict each other".to_owned();
        Err(TantivyError::DataCorruption(DataCorruption::comment_only(damage)))
    })
}

/// Tantivy's index over the files in `dir`.
pub(super) fn open_files(dir: &Path) -> tantivy::Result<tantivy::Index> {
    tantivy::Index::open(FileDirectory::open(dir)?)
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

/// Whether making the index anew is the cure. Lack of rights or memory is no damage.
pub(super) fn is_damage(error: &TantivyError) -> bool {
    let broken = |kind| {
        use io::ErrorKind::{InvalidData, InvalidInput, NotFound, Other, UnexpectedEof};
        matches!(kind, InvalidData | InvalidInput | NotFound | Other | UnexpectedEof)
    };
    match error {
        TantivyError::DataCorruption(_)
        | TantivyError::IncompatibleIndex(_)
        | TantivyError::SchemaError(_)
        | TantivyError::FieldNotFound(_)
        | TantivyError::InternalError(_)
        | TantivyError::OpenReadError(
            OpenReadError::FileDoesNotExist(_) | OpenReadError::IncompatibleIndex(_),
        ) => true,
        TantivyError::OpenReadError(OpenReadError::IoError { io_error, .. }) => {
            broken(io_error.kind())
        }
        TantivyError::IoError(error) => broken(error.kind()),
        _ => false,
    }
}

/// Takes an index out of the way and deletes it: what is redacted must not linger in a copy.
fn retire(dir: &Path) -> Result<()> {
    let directory = MmapDirectory::open(dir)
        .map_err(|e| io_error("öffnen", dir, io::Error::other(e.to_string())))?;
    let lock = match directory.acquire_lock(&INDEX_WRITER_LOCK) {
        Ok(lock) => lock,
        Err(LockError::LockBusy) => return Err(Error::Busy { dir: dir.to_owned() }),
        Err(LockError::IoError(e)) => {
            return Err(io_error("sperren", dir, io::Error::other(e.to_string())));
        }
    };
    let aside = sibling(dir, RETIRED);
    remove(&aside)?;
    fs::rename(dir, &aside).map_err(|e| io_error("beiseitelegen", dir, e))?;
    drop(lock);
    remove(&aside)
}

/// Makes an empty index beside `dir` and puts it there whole, so that a kill leaves none half-made.
fn create(dir: &Path) -> Result<()> {
    const DOING: &str = "leeren Suchindex anlegen";
    let fresh = sibling(dir, "neu");
    remove(&fresh)?;
    fs::create_dir_all(&fresh).map_err(|e| io_error("anlegen", &fresh, e))?;
    let index = tantivy::Index::create_in_dir(&fresh, Fields::new().schema).doing(DOING)?;
    let mut writer = index.writer_with_num_threads(1, IDLE_MEMORY).doing(DOING)?;
    commit(&mut writer, &Payload::new(String::new(), 0, 0))?;
    drop(writer);
    sync(&fresh)?;
    match fs::rename(&fresh, dir) {
        // Another process was first; its index is as good.
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => remove(&fresh),
        renamed => renamed.map_err(|e| io_error("anlegen", dir, e)),
    }
}

/// Deletes what processes that were killed had put out of the way of `dir`. To be called by the one
/// that may write.
pub(super) fn forget_retired(dir: &Path) -> Result<()> {
    let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    let begins = format!("{}.{RETIRED}-", dir.file_name().unwrap_or_default().to_string_lossy());
    let entries = fs::read_dir(parent).map_err(|e| io_error("lesen", parent, e))?;
    for entry in entries {
        let entry = entry.map_err(|e| io_error("lesen", parent, e))?;
        if entry.file_name().to_string_lossy().starts_with(&begins) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// Names what was put out of the way.
const RETIRED: &str = "alt";

/// A directory beside `dir`, of this process only.
fn sibling(dir: &Path, suffix: &str) -> PathBuf {
    let mut name = dir.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{suffix}-{}", std::process::id()));
    dir.with_file_name(name)
}

fn remove(dir: &Path) -> Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(io_error("löschen", dir, error))
        }
        _ => Ok(()),
    }
}

fn io_error(doing: &str, path: &Path, source: io::Error) -> Error {
    Error::Io { doing: format!("Suchindex „{}“ {doing}", path.display()), source }
}
