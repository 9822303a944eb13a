//! The index brought to what the archive shows.

use super::Workplace;
use crate::domain::{MeetingId, Result};

pub(super) fn run(meeting: Option<&MeetingId>, place: &Workplace<'_>) -> Result<String> {
    let pipeline = place.pipeline()?;
    let meetings = match meeting {
        Some(meeting) => usize::from(pipeline.index(meeting)?),
        None => pipeline.index_all()?,
    };
    Ok(format!("indexed={meetings}"))
}
