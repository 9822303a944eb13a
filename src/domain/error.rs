//! The one error of the program: what went wrong, where, and what its reader can do about it.

use std::{fmt, io};

use serde::{Deserialize, Serialize};

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What sort of failure it is; decides the exit code (CONTRACT.md) and the HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ErrorKind {
    /// The program could not do its work (exit 1).
    Failed,
    /// The input is wrong: the message names file, place and reason (exit 3).
    BadInput,
    /// There is no such thing (exit 4).
    NotFound,
    /// It was there and may no longer be seen (exit 4).
    Withdrawn,
    /// The archive is busy, damaged or read-only (exit 5).
    Archive,
    /// The disk has no room for it; nothing was lost (exit 5).
    NoRoom,
    /// What is derived from the archive is being made anew; the archive itself is sound (exit 5).
    Rebuilding,
}

/// A failure told to a person: `what` happened (naming file and place) and the `remedy`.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    what: String,
    remedy: Option<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    fn new(kind: ErrorKind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), remedy: None, source: None }
    }

    /// The program could not do its work.
    pub fn failed(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::Failed, what)
    }

    /// The input is wrong; `what` names file, place and reason.
    pub fn bad_input(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::BadInput, what)
    }

    /// There is no such thing.
    pub fn not_found(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, what)
    }

    /// It was there and may no longer be seen.
    pub fn withdrawn(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::Withdrawn, what)
    }

    /// The archive is busy, damaged or read-only.
    pub fn archive(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::Archive, what)
    }

    /// The disk has no room for it.
    pub fn no_room(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::NoRoom, what)
    }

    /// A file or folder of the archive could not be written: for want of room, or because it may not be.
    pub fn unwritable(what: impl Into<String>, error: io::Error) -> Self {
        let remedy = match is_full(&error) {
            true => "Schaffen Sie Platz auf dem Datenträger",
            false => "Prüfen Sie die Rechte am Datenordner",
        };
        Self::archive(what).because(error).remedy(remedy)
    }

    /// What is derived from the archive is being made anew.
    pub fn rebuilding(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::Rebuilding, what)
    }

    /// An error that another process of this program told: its kind, and its whole message.
    pub fn told(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::new(kind, message)
    }

    /// Adds what the reader can do next, as a German sentence.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// Adds the cause. Want of room on a disk is a kind of its own, whatever was being done.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let source = source.into();
        if source.downcast_ref::<std::io::Error>().is_some_and(is_full) {
            self.kind = ErrorKind::NoRoom;
        }
        self.source = Some(source);
        self
    }

    /// Says what it was about, before everything else ("Sitzung kt-1: …").
    #[must_use]
    pub fn about(mut self, subject: &str) -> Self {
        self.what = format!("{subject}: {}", self.what);
        self
    }

    /// What sort of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What went wrong, without cause and remedy.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// What its reader can do next, where that is known.
    pub fn advice(&self) -> Option<&str> {
        self.remedy.as_deref()
    }

    /// Whether it was want of room on a disk.
    pub fn lacked_room(&self) -> bool {
        self.kind == ErrorKind::NoRoom
    }

    /// What went wrong and why, without the remedy.
    pub fn reason(&self) -> String {
        let mut reason = self.what.clone();
        let mut cause = self.source.as_deref().map(|e| e as &dyn std::error::Error);
        while let Some(e) = cause {
            reason.push_str(&format!(": {e}"));
            cause = e.source();
        }
        reason
    }
}

fn is_full(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded)
}

/// The whole message on one line: what, why, and what to do.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason())?;
        if let Some(remedy) = &self.remedy {
            write!(f, ". {remedy}")?;
        }
        Ok(())
    }
}

// The cause is part of the message above, so it is not offered a second time as `source()`.
impl std::error::Error for Error {}
