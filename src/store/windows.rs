//! What the recogniser answered to each window of a recording, so that a killed run goes on where it
//! was. Kept with the recording, deleted with it and when its public parts change.

use rusqlite::OptionalExtension;

use super::Store;
use crate::domain::{Digest, MeetingId, Result};

impl Store {
    /// The answer under this key, as it was given to [`Self::put_window`].
    pub fn window(
        &self,
        meeting: &MeetingId,
        recording: &Digest,
        key: &Digest,
    ) -> Result<Option<String>> {
        self.read(|c| {
            c.prepare_cached(
                "SELECT content FROM recognized_window
                 WHERE meeting = ?1 AND recording = ?2 AND key = ?3",
            )?
            .query_row([meeting.as_str(), recording.as_str(), key.as_str()], |r| r.get(0))
            .optional()
        })
    }

    /// Keeps an answer; it is on the disk when this returns.
    pub fn put_window(
        &self,
        meeting: &MeetingId,
        recording: &Digest,
        key: &Digest,
        content: &str,
    ) -> Result<()> {
        self.write(|t| {
            t.prepare_cached("INSERT OR REPLACE INTO recognized_window VALUES (?1, ?2, ?3, ?4)")?
                .execute([meeting.as_str(), recording.as_str(), key.as_str(), content])?;
            Ok(())
        })
    }

    /// Forgets all answers of a recording, because they are to be given again.
    pub fn forget_windows(&self, meeting: &MeetingId, recording: &Digest) -> Result<()> {
        self.write(|t| {
            t.execute(
                "DELETE FROM recognized_window WHERE meeting = ?1 AND recording = ?2",
                [meeting.as_str(), recording.as_str()],
            )?;
            Ok(())
        })
    }
}
