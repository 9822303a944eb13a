//! Items and speakers of a meeting anew, as after something was fixed.

use super::Workplace;
use crate::domain::{MeetingId, Result};

pub(super) fn run(meeting: &MeetingId, place: &Workplace<'_>) -> Result<String> {
    Ok(place.pipeline()?.realign(meeting)?.codes())
}
