//! The public copies of a meeting.

use super::Workplace;
use crate::domain::{MeetingId, Result};

pub(super) fn run(meeting: &MeetingId, place: &Workplace<'_>) -> Result<String> {
    Ok(place.pipeline()?.publish(meeting)?.codes())
}
