//! Long files read through: whether recordings are the registered ones, whether models are whole. Owns
//! that a run reads each recording once.

use std::cell::RefCell;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{Progress, Stage};
use crate::archive::models::{self, Model};
use crate::domain::{Digest, Error, Recording, Result};

/// Files longer than this take seconds to read, and that is reported.
const LONG: u64 = 256 << 20;

/// Recordings that a run has found to be the registered ones.
#[derive(Debug, Default)]
pub(super) struct CheckedRecordings(RefCell<Vec<(PathBuf, FileStamp)>>);

/// What changes when a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileStamp {
    bytes: u64,
    modified: Option<SystemTime>,
}

impl CheckedRecordings {
    /// Refuses a recording that is not the one that was registered.
    pub fn refuse_changed(&self, recording: &Recording, progress: &dyn Progress) -> Result<()> {
        let stamp = recording.path.metadata().ok().map(|m| {
            (recording.path.clone(), FileStamp { bytes: m.len(), modified: m.modified().ok() })
        });
        if stamp.as_ref().is_some_and(|stamp| self.0.borrow().contains(stamp)) {
            return Ok(());
        }
        let (sha256, _) = hash(&recording.path, progress)?;
        if sha256 != recording.sha256 {
            let path = recording.path.display();
            let what = format!("Die Aufnahme {path} ist nicht mehr die, die eingelesen wurde");
            return Err(Error::bad_input(what)
                .remedy("Lesen Sie die Sitzung mit `mitschnitt ingest` neu ein"));
        }
        self.0.borrow_mut().extend(stamp);
        Ok(())
    }
}

/// Digest and length of a recording.
///
/// # Errors
/// `BadInput` where the file cannot be read.
pub fn hash(path: &Path, progress: &dyn Progress) -> Result<(Digest, u64)> {
    reported(path, progress, || {
        File::open(path).and_then(Digest::of_reader).map_err(|e| {
            Error::bad_input(format!("Die Aufnahme {} ist nicht lesbar", path.display()))
                .because(e)
                .remedy("Prüfen Sie die Datei, oder lesen Sie die Sitzung neu ein")
        })
    })
}

/// Checks a model against the table.
///
/// # Errors
/// Those of [`models::verify`].
pub fn verify(model: &Model, progress: &dyn Progress) -> Result<Digest> {
    reported(&model.path, progress, || models::verify(model))
}

fn reported<T>(path: &Path, progress: &dyn Progress, work: impl FnOnce() -> T) -> T {
    if path.metadata().is_ok_and(|m| m.len() <= LONG) {
        return work();
    }
    progress.begin(Stage::Checksum, &path.display().to_string(), None);
    let done = work();
    progress.end();
    done
}
