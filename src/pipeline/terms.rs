//! What a run is asked for, what it tells, and the keys under which stages keep their results.

use serde::Serialize;

use crate::domain::{Digest, Error, MediaTime, Result};
use crate::transcribe::Reached;

/// The kinds of work that take long enough to be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Reading a long file through.
    Checksum,
    /// Trying out how many windows at once.
    Calibration,
    /// Speech to text.
    Recognition,
    /// Cutting a copy to the public parts.
    PublicCopy,
    /// Items and speakers.
    Alignment,
    /// Filling the index.
    Index,
}

impl Stage {
    /// Its name for machines; never changed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Checksum => "checksum",
            Self::Calibration => "calibration",
            Self::Recognition => "recognition",
            Self::PublicCopy => "public_copy",
            Self::Alignment => "alignment",
            Self::Index => "index",
        }
    }
}

/// What is told while a stage runs.
pub trait Progress {
    /// A stage begins; `what` is its name for people, `total` its length on the recording's time
    /// line, where that is known.
    fn begin(&self, stage: Stage, what: &str, total: Option<MediaTime>);
    /// It has come this far.
    fn at(&self, reached: Reached);
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
    /// Public copies made.
    pub published: usize,
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
