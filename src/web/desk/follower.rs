//! What the desk asks of whoever keeps alignment and search in line with texts that people change.

use crate::domain::{MeetingId, Result};

/// Brings alignment and index after changes at the desk.
pub trait TextFollower: Send + Sync {
    /// Words have changed: search follows within a second, alignment when nobody types any more.
    fn text_changed(&self, meeting: &MeetingId);

    /// Something was fixed over the alignment: it is decoded anew before this returns; search follows.
    ///
    /// # Errors
    /// Those of the archive.
    fn fixed(&self, meeting: &MeetingId) -> Result<()>;
}

/// Nothing follows before `run` does.
pub struct NoFollower;

impl TextFollower for NoFollower {
    fn text_changed(&self, _: &MeetingId) {}

    fn fixed(&self, _: &MeetingId) -> Result<()> {
        Ok(())
    }
}
