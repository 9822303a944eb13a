//! Speeches of meetings that were put on record elsewhere: replaced whole with their meeting.

use rusqlite::{OptionalExtension, params};

use super::{Change, Json, Store, Text};
use crate::domain::{Council, Digest, Error, MeetingId, Result, Speech};

impl Store {
    /// Writes a meeting of another record with its speeches in place of what was there of it.
    ///
    /// # Errors
    /// `BadInput` where the archive holds recordings of this meeting: what was said there is known
    /// from them.
    pub fn put_speeches(&self, council: &Council, speeches: &[Speech]) -> Result<Change> {
        let id = &council.meeting.id;
        let key = key(speeches)?;
        enum Done {
            Recorded,
            Changed(Change),
        }
        let done = self.write(|t| {
            if !super::recordings::of_meeting(t, id)?.is_empty() {
                return Ok(Done::Recorded);
            }
            let before = super::councils::read(t, id)?;
            let key_before = key_of(t, id)?;
            let same = before.as_ref() == Some(council) && key_before.as_ref() == Some(&key);
            if same {
                return Ok(Done::Changed(Change::Unchanged));
            }
            super::councils::write(t, council)?;
            t.execute("DELETE FROM imported WHERE meeting = ?1", [id.as_str()])?;
            t.execute("INSERT INTO imported VALUES (?1, ?2)", [id.as_str(), key.as_str()])?;
            let mut insert = t.prepare_cached("INSERT INTO speech VALUES (?1, ?2, ?3)")?;
            for (position, speech) in speeches.iter().enumerate() {
                insert.execute(params![id.as_str(), position, Json(speech)])?;
            }
            Ok(Done::Changed(match before {
                None => Change::Added,
                // Which words went is not worth finding out: all of the old ones go for good.
                Some(_) if key_before.is_some_and(|before| before != key) => {
                    super::purge::note(t)?;
                    Change::Withdrawn
                }
                Some(_) => Change::Updated,
            }))
        })?;
        match done {
            Done::Changed(change) => {
                if change == Change::Withdrawn {
                    self.empty_log()?;
                }
                Ok(change)
            }
            Done::Recorded => {
                Err(Error::bad_input(format!("Die Sitzung {id} hat Aufnahmen im Archiv"))
                    .remedy("Geben Sie ihr in der Datei eine andere Kennung"))
            }
        }
    }

    /// The speeches of a meeting in their order; none where it was not imported.
    pub fn speeches(&self, meeting: &MeetingId) -> Result<Vec<Speech>> {
        self.read(|c| {
            c.prepare_cached("SELECT content FROM speech WHERE meeting = ?1 ORDER BY position")?
                .query_map([meeting.as_str()], |r| Ok(r.get::<_, Json<_>>(0)?.0))?
                .collect()
        })
    }

    /// The hash of a meeting's speeches; `None` where it was not imported.
    pub fn speeches_key(&self, meeting: &MeetingId) -> Result<Option<Digest>> {
        self.read(|c| key_of(c, meeting))
    }
}

fn key(speeches: &[Speech]) -> Result<Digest> {
    let json = serde_json::to_vec(speeches)
        .map_err(|e| Error::failed("Die Beiträge lassen sich nicht schreiben").because(e))?;
    Ok(Digest::of(&json))
}

fn key_of(c: &rusqlite::Connection, meeting: &MeetingId) -> rusqlite::Result<Option<Digest>> {
    c.query_row("SELECT key FROM imported WHERE meeting = ?1", [meeting.as_str()], |r| {
        Ok(r.get::<_, Text<_>>(0)?.0)
    })
    .optional()
}
