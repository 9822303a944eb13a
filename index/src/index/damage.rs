//! What counts as damage, and whether any is suspected. Looks for none itself.

use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tantivy::TantivyError;
use tantivy::directory::error::OpenReadError;

use super::files::FileStamps;
use crate::model::error::{Error, Result};

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
    pub(super) fn files(&self) -> MutexGuard<'_, FileStamps> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether all files should be verified because of what was suspected.
    pub(super) fn must_verify(&self) -> bool {
        let mut verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        let lately = verified.is_some_and(|when| when.elapsed() < VERIFIED_EVERY);
        let must = !lately && self.suspected.swap(false, Ordering::Relaxed);
        if must {
            *verified = Some(Instant::now());
        }
        must
    }

    /// Runs what reads the index. Over damaged bytes Tantivy fails in many ways and panics in some:
    /// all of these become [`Error::Damaged`], and the files are verified at the next look.
    pub(super) fn guarded<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        // What a panic leaves half-done is dropped with the work, or is whole after every step.
        let worked = match panic::catch_unwind(AssertUnwindSafe(work)) {
            Ok(Err(Error::Engine { doing, source })) if is_damage(&source) => {
                Err(Error::Damaged { what: format!("{doing}: {source}") })
            }
            Ok(worked) => worked,
            Err(_) => Err(Error::Damaged { what: "Längen widersprechen einander".to_owned() }),
        };
        if matches!(worked, Err(Error::Damaged { .. })) {
            self.suspected.store(true, Ordering::Relaxed);
        }
        worked
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
