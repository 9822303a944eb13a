//! How far the work has come, for whoever waits. Codes only: what people read is the command line's.

use crate::domain::MediaTime;
use crate::transcribe::Reached;

/// The kinds of work that take long enough to be reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Reading a long file through; the subject is its path.
    Checksum,
    /// Trying out how many windows at once.
    Calibration,
    /// Speech to text; the subject is the model.
    Recognition,
    /// Making the copy that the site serves.
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

/// Who waits for the work.
pub trait Progress {
    /// A stage begins; `subject` is what it works on, where that is worth saying, `total` its length on
    /// the recording's time line, where that is known.
    fn begin(&self, stage: Stage, subject: &str, total: Option<MediaTime>);
    /// It has come this far.
    fn at(&self, reached: Reached);
    /// It is done.
    fn end(&self);
}

/// Nobody waits.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: Stage, _: &str, _: Option<MediaTime>) {}
    fn at(&self, _: Reached) {}
    fn end(&self) {}
}
