//! What a run is asked for, what it tells, and the keys under which stages keep their results.

use serde::Serialize;

use crate::domain::{Digest, Error, MediaTime, Result};

/// What is told while a stage runs.
pub trait Progress {
    /// A stage begins; `total` is its length on the recording's time line, where that is known.
    fn begin(&self, what: &str, total: Option<MediaTime>);
    /// It has come this far.
    fn at(&self, done: MediaTime);
    /// It is done.
    fn end(&self);
}

/// Which model is asked for.
#[derive(Clone, Debug)]
pub enum ModelChoice {
    /// This one; meetings transcribed with another are transcribed anew.
    Exactly(String),
    /// Whatever a meeting was transcribed with, else this one.
    Otherwise(String),
}

/// Whether results that are there already count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redo {
    /// Only what is missing or out of date is done.
    Missing,
    /// Everything is done again.
    Everything,
}

/// What a run did to a meeting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Recordings transcribed.
    pub transcribed: usize,
    /// Whether items and speakers were aligned.
    pub aligned: bool,
    /// Whether the meeting was indexed.
    pub indexed: bool,
}

/// The key of a stage's result: the hash of everything that decides it.
pub(super) fn key(parts: &impl Serialize) -> Result<Digest> {
    let bytes =
        serde_json::to_vec(parts).map_err(|e| Error::failed("Stufenschlüssel").because(e))?;
    Ok(Digest::of(&bytes))
}
