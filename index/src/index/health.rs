//! Whether the index is as it was written. Owns what counts as damage and how it is found; what is
//! damaged is reported, and made anew only by whoever opens the index again.

use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tantivy::IndexMeta;
use tantivy::query::Query;

use super::files::{self, FileStamps, MANAGED};
use super::{Index, open};
use crate::model::error::{Doing, Error, Result};
use crate::segment::schema::{DocumentKind, Payload};

/// Damage is what is still there after this time: another process may be exchanging the index.
const SECOND_LOOK: Duration = Duration::from_millis(100);
/// All bytes are read at most this often because a search stumbled: if they are sound, it is a query
/// that makes it stumble, and everybody can ask it.
const VERIFIED_EVERY: Duration = Duration::from_secs(60);

/// What is known of an index's health.
#[derive(Debug)]
pub(super) struct Health {
    files: Mutex<FileStamps>,
    /// Whether somebody stumbled over damage since the files were last verified.
    suspected: AtomicBool,
    /// When all files were verified.
    verified: Mutex<Option<Instant>>,
}

impl Health {
    /// Of an index with these files.
    pub(super) fn new(files: FileStamps) -> Self {
        Self { files: Mutex::new(files), suspected: false.into(), verified: Mutex::default() }
    }

    /// Their stamps are whole after every step, so a poisoned lock is no reason to stop.
    fn files(&self) -> MutexGuard<'_, FileStamps> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether all files should be verified because of what was suspected.
    fn must_verify(&self) -> bool {
        let mut verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        let lately = verified.is_some_and(|when| when.elapsed() < VERIFIED_EVERY);
        let must = !lately && self.suspected.swap(false, Ordering::Relaxed);
        if must {
            *verified = Some(Instant::now());
        }
        must
    }
}

/// What [`Index::check`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Meetings in the index.
    pub meetings: u64,
    /// Their passages.
    pub passages: u64,
    /// Files whose checksum is wrong; any of them means: rebuild.
    pub damaged: Vec<String>,
}

impl Index {
    /// Counts what is there and verifies every file's checksum.
    ///
    /// # Errors
    /// Reading the index failed.
    pub fn check(&self) -> Result<Checked> {
        self.refresh()?;
        let damaged = self.damaged_files()?;
        let state = self.state();
        let count = |what| self.all(what).count(&state.searcher).doing("Suchindex prüfen");
        // What is damaged may not let itself be counted.
        let counted =
            self.guarded(|| Ok((count(DocumentKind::Meeting)?, count(DocumentKind::Passage)?)));
        let (meetings, passages) = match counted {
            Err(Error::Damaged { .. }) if !damaged.is_empty() => (0, 0),
            counted => counted?,
        };
        Ok(Checked { meetings: meetings as u64, passages: passages as u64, damaged })
    }

    /// Looks whether the files on disk are those that were written, and gives what is damaged. Costs
    /// some dozen looks at a folder; bytes are read only of files that have changed, and of all
    /// where a search has stumbled since.
    ///
    /// # Errors
    /// It cannot be known, also because another version of the program has replaced the index.
    pub fn find_damage(&self) -> Result<Option<String>> {
        self.guarded(|| {
            let must_verify = self.health.must_verify();
            if self.look_for_damage(must_verify)?.is_none() {
                return Ok(None);
            }
            thread::sleep(SECOND_LOOK);
            self.look_for_damage(must_verify)
        })
    }

    fn look_for_damage(&self, must_verify: bool) -> Result<Option<String>> {
        let meta = match self.index.load_metas() {
            Err(error) if open::is_damage(&error) => return Ok(Some(error.to_string())),
            meta => meta.doing("Suchindex prüfen")?,
        };
        if Payload::read(meta.payload.as_deref()).is_none() {
            return Err(Error::Replaced { dir: self.dir.clone() });
        }
        if !files::is_managed(&self.dir, &meta).map_err(|e| self.unknown(e))? {
            return Ok(Some(MANAGED.to_owned()));
        }
        let changed = self.health.files().compare(&self.dir, &meta).map_err(|e| self.unknown(e))?;
        if must_verify {
            let damaged = self.damaged_files_of(&meta)?;
            if !damaged.is_empty() {
                return Ok(Some(damaged.join(", ")));
            }
        }
        let mut damaged = Vec::new();
        for path in changed {
            match files::is_whole(&self.dir.join(&path)).map_err(|e| self.unknown(e))? {
                true => {
                    let accepted = self.health.files().accept(&self.dir, path);
                    accepted.map_err(|e| self.unknown(e))?;
                }
                false => damaged.push(path.display().to_string()),
            }
        }
        Ok((!damaged.is_empty()).then(|| damaged.join(", ")))
    }

    /// The files whose checksum is wrong, in order.
    ///
    /// # Errors
    /// Reading the index failed.
    pub(super) fn damaged_files(&self) -> Result<Vec<String>> {
        self.damaged_files_of(&self.index.load_metas().doing("Suchindex prüfen")?)
    }

    fn damaged_files_of(&self, meta: &IndexMeta) -> Result<Vec<String>> {
        let mut damaged = Vec::new();
        let is_there = |path: &PathBuf| self.dir.join(path).exists();
        for path in meta.segments.iter().flat_map(files::paths).filter(is_there) {
            if !files::is_whole(&self.dir.join(&path)).map_err(|e| self.unknown(e))? {
                damaged.push(path.display().to_string());
            }
        }
        damaged.sort();
        Ok(damaged)
    }

    fn unknown(&self, source: std::io::Error) -> Error {
        Error::Io { doing: format!("Suchindex „{}“ prüfen", self.dir.display()), source }
    }

    /// Takes note of the files of a commit.
    pub(super) fn note_files(&self, meta: &IndexMeta) -> Result<()> {
        self.health.files().compare(&self.dir, meta).map_err(|e| self.unknown(e))?;
        Ok(())
    }

    /// Runs what reads the index. Over damaged bytes Tantivy fails in many ways and panics in some:
    /// all of these become [`Error::Damaged`], and the files are verified at the next look.
    pub(super) fn guarded<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        // What a panic leaves half-done is dropped with the work, or is whole after every step.
        let worked = match panic::catch_unwind(AssertUnwindSafe(work)) {
            Ok(Err(Error::Engine { doing, source })) if open::is_damage(&source) => {
                Err(Error::Damaged { what: format!("{doing}: {source}") })
            }
            Ok(worked) => worked,
            Err(_) => Err(Error::Damaged { what: "Längen widersprechen einander".to_owned() }),
        };
        if matches!(worked, Err(Error::Damaged { .. })) {
            self.health.suspected.store(true, Ordering::Relaxed);
        }
        worked
    }
}
