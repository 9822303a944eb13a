//! Who works on which part of a meeting's text, and for how many minutes people have: never which of them.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, params};

use super::{Parsed, Store};
use crate::domain::{MeetingId, Result, Signature};

impl Store {
    /// Who works on which part: by the id of its item, by nothing for what belongs to none.
    pub fn text_claims(&self, meeting: &MeetingId) -> Result<BTreeMap<String, Signature>> {
        self.read(|c| {
            c.prepare_cached(
                "SELECT item, claimed_by, claimed_at FROM text_claim WHERE meeting = ?1",
            )?
            .query_map([meeting.as_str()], |r| {
                Ok((r.get(0)?, Signature { by: r.get(1)?, at: r.get::<_, Parsed<_>>(2)?.0 }))
            })?
            .collect()
        })
    }

    /// Somebody works on a part, in place of whoever did; or gives it free, where it is theirs.
    pub fn claim_text(
        &self,
        meeting: &MeetingId,
        item: &str,
        by: &Signature,
        is_taken: bool,
    ) -> Result<()> {
        self.write(|t| {
            match is_taken {
                true => t.execute(
                    "INSERT OR REPLACE INTO text_claim VALUES (?1, ?2, ?3, ?4)",
                    params![meeting.as_str(), item, by.by, by.at.to_string()],
                ),
                false => t.execute(
                    "DELETE FROM text_claim WHERE meeting = ?1 AND item = ?2 AND claimed_by = ?3",
                    params![meeting.as_str(), item, by.by],
                ),
            }
            .map(|_| ())
        })
    }

    /// One more minute of work.
    pub fn add_work_minute(&self, meeting: &MeetingId) -> Result<()> {
        self.write(|t| {
            t.execute(
                "INSERT INTO work_time VALUES (?1, 1)
                 ON CONFLICT (meeting) DO UPDATE SET minutes = minutes + 1",
                [meeting.as_str()],
            )?;
            Ok(())
        })
    }

    /// How many minutes people have worked on a meeting's text.
    pub fn work_minutes(&self, meeting: &MeetingId) -> Result<u32> {
        let minutes = self.read(|c| {
            c.prepare_cached("SELECT minutes FROM work_time WHERE meeting = ?1")?
                .query_row([meeting.as_str()], |r| r.get(0))
                .optional()
        })?;
        Ok(minutes.unwrap_or_default())
    }
}
