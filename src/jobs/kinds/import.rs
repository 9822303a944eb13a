//! What others put on record, taken over. One meeting that fails keeps no other from being taken; the job
//! then fails with the first reason.

use std::path::PathBuf;

use super::Workplace;
use crate::domain::{MeetingId, Result};
use crate::pipeline::{Import, Imported};

pub(super) fn run(
    files: &[PathBuf],
    meeting: Option<&MeetingId>,
    place: &Workplace<'_>,
) -> Result<String> {
    let import = Import::read(files, None, meeting)?;
    let (mut taken, mut failure) = (0_usize, None);
    let pipeline = place.pipeline()?;
    pipeline.import(import, &mut |imported| match imported {
        Imported::Failed(error) => failure = failure.take().or(Some(error)),
        Imported::Facts { .. } => taken += 1,
        Imported::Speeches { meetings, .. } => taken += meetings,
        Imported::Held(_) | Imported::LeftOut { .. } => {}
    });
    pipeline.purge()?;
    pipeline.index_all()?;
    failure.map_or_else(|| Ok(format!("meetings={taken}")), Err)
}
