//! What the recogniser answered to each window of a recording, so that a killed run goes on where it
//! was. Kept with the recording, deleted with it and when what it says is restricted.

use rusqlite::{OptionalExtension, params};

use super::Store;
use crate::domain::{Digest, LONGEST_RECORDING, MeetingId, Result, Span};

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

    /// Keeps the answer for a stretch of the recording; it is on the disk when this returns. What may no
    /// longer be heard is not kept, nor what is of a recording that is gone.
    pub fn put_window(
        &self,
        meeting: &MeetingId,
        recording: &Digest,
        key: &Digest,
        place: Span,
        content: &str,
    ) -> Result<()> {
        self.write(|t| {
            let all = super::recordings::of_meeting(t, meeting)?;
            let now = all.iter().find(|r| r.sha256 == *recording);
            let open = now.map(|r| r.public.within(LONGEST_RECORDING)).unwrap_or_default();
            if !super::redacting::window_is_allowed(place, &open) {
                return Ok(());
            }
            t.prepare_cached(
                "INSERT OR REPLACE INTO recognized_window VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                meeting.as_str(),
                recording.as_str(),
                key.as_str(),
                content,
                place.start().millis(),
                place.end().millis(),
            ])?;
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
