//! The alignment of each meeting: derived, replaced when what it depends on changes.

use rusqlite::{OptionalExtension, params};

use super::{Json, Store, Text};
use crate::domain::{Alignment, Digest, MeetingId, Result};

/// An alignment with the key of what it was made from.
#[derive(Clone, Debug)]
pub struct StoredAlignment {
    /// Hash of transcripts, agenda, roster, what is fixed, and aligner.
    pub key: Digest,
    /// Items and turns.
    pub alignment: Alignment,
}

impl Store {
    /// Replaces the meeting's alignment.
    pub fn put_alignment(
        &self,
        meeting: &MeetingId,
        key: &Digest,
        alignment: &Alignment,
    ) -> Result<()> {
        self.write(|t| {
            t.execute(
                "INSERT OR REPLACE INTO alignment VALUES (?1, ?2, ?3)",
                params![meeting.as_str(), key.as_str(), Json(alignment)],
            )?;
            Ok(())
        })
    }

    /// The meeting's alignment.
    pub fn alignment(&self, meeting: &MeetingId) -> Result<Option<StoredAlignment>> {
        self.read(|c| {
            c.query_row(
                "SELECT key, content FROM alignment WHERE meeting = ?1",
                [meeting.as_str()],
                |r| {
                    Ok(StoredAlignment {
                        key: r.get::<_, Text<_>>(0)?.0,
                        alignment: r.get::<_, Json<_>>(1)?.0,
                    })
                },
            )
            .optional()
        })
    }

    /// The key of the meeting's alignment, without its content.
    pub fn alignment_key(&self, meeting: &MeetingId) -> Result<Option<Digest>> {
        self.read(|c| {
            c.query_row("SELECT key FROM alignment WHERE meeting = ?1", [meeting.as_str()], |r| {
                Ok(r.get::<_, Text<_>>(0)?.0)
            })
            .optional()
        })
    }
}
