//! The kinds of jobs: one file each, and one line here. Owns which function does which work; they call the
//! pipeline and may be killed anywhere.

mod align;
mod backup;
mod clip;
mod import;
mod index;
mod publish;
mod purge;
mod transcribe;

use crate::archive::Environment;
use crate::domain::{JobWork, Result};
use crate::pipeline::{OpenArchive, Pipeline, Progress};

/// What a job is done with.
pub struct Workplace<'a> {
    /// The archive, written to as long as the lease holds.
    pub archive: &'a OpenArchive,
    /// Everything outside of the program.
    pub environment: &'a Environment,
    /// The model for meetings that have no transcript yet.
    pub model: &'a str,
    /// Who waits.
    pub progress: &'a dyn Progress,
}

impl Workplace<'_> {
    fn pipeline(&self) -> Result<Pipeline<'_>> {
        self.archive.pipeline(self.environment, self.progress)
    }
}

/// Does a job; gives what was done, as codes.
///
/// # Errors
/// Those of the work.
pub(super) fn work(work: &JobWork, place: &Workplace<'_>) -> Result<String> {
    match work {
        JobWork::Transcribe(order) => transcribe::run(order, place),
        JobWork::Align { meeting } => align::run(meeting, place),
        JobWork::Index { meeting } => index::run(meeting.as_ref(), place),
        JobWork::Publish { meeting } => publish::run(meeting, place),
        JobWork::Purge => purge::run(place),
        JobWork::Clip { meeting, file, span } => clip::run(meeting, file, *span, place),
        JobWork::Import { files, meeting } => import::run(files, meeting.as_ref(), place),
        JobWork::Backup { folder } => backup::run(folder, place),
    }
}
