//! When a meeting was first shown and when what is shown of it last changed: what feeds are ordered by.
//! Owns that nothing counts as a change that leaves things as they were; what is shown, its callers say.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::{Json, Parsed, Store};
use crate::domain::{Digest, MeetingId, Result, TextExtent};

/// Since when a meeting is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Publication {
    /// When the archive first showed it.
    pub first_shown: Timestamp,
    /// When what is shown of it last changed.
    pub changed: Timestamp,
}

impl Store {
    /// Notes what is shown of a meeting, as a hash, or that nothing is. Without a change nothing is written.
    pub fn note_publication(&self, meeting: &MeetingId, shows: Option<&Digest>) -> Result<()> {
        let shows = shows.map_or("", Digest::as_str);
        let before = self.read(|c| shown(c, meeting))?;
        if before.as_ref().is_some_and(|before| before.as_deref() == Some(shows)) {
            return Ok(());
        }
        let now = Timestamp::now().to_string();
        self.write(|t| {
            match shown(t, meeting)? {
                // What was never shown has no date yet.
                None if shows.is_empty() => 0,
                None => t.execute(
                    "INSERT INTO publication (meeting, first_shown, changed, shows)
                     SELECT id, ?2, ?2, ?3 FROM meeting WHERE id = ?1",
                    params![meeting.as_str(), now, shows],
                )?,
                // Of what was there before this was noted, nobody knows whether it changed.
                Some(before) => t.execute(
                    "UPDATE publication SET shows = ?3, changed = iif(?4, ?2, changed)
                     WHERE meeting = ?1",
                    params![meeting.as_str(), now, shows, before.is_some_and(|b| b != shows)],
                )?,
            };
            Ok(())
        })
    }

    /// Notes how much of what is shown of a meeting can be searched. Without a change nothing is written.
    pub fn note_extent(&self, meeting: &MeetingId, extent: &TextExtent) -> Result<()> {
        let known: Option<Option<Json<TextExtent>>> = self.read(|c| {
            c.prepare_cached("SELECT extent FROM publication WHERE meeting = ?1")?
                .query_row([meeting.as_str()], |r| r.get(0))
                .optional()
        })?;
        if known.flatten().is_some_and(|known| known.0 == *extent) {
            return Ok(());
        }
        self.write(|t| {
            t.execute(
                "UPDATE publication SET extent = ?2 WHERE meeting = ?1",
                params![meeting.as_str(), Json(extent)],
            )?;
            Ok(())
        })
    }

    /// Since when a meeting is shown; `None` while that was not noted.
    pub fn publication(&self, meeting: &MeetingId) -> Result<Option<Publication>> {
        self.read(|c| {
            c.query_row(
                "SELECT first_shown, changed FROM publication WHERE meeting = ?1",
                [meeting.as_str()],
                |r| of_row(r, 0),
            )
            .optional()
        })
    }
}

/// Two columns of a row.
pub(super) fn of_row(r: &rusqlite::Row, first: usize) -> rusqlite::Result<Publication> {
    let at = |column| Ok::<_, rusqlite::Error>(r.get::<_, Parsed<Timestamp>>(column)?.0);
    Ok(Publication { first_shown: at(first)?, changed: at(first + 1)? })
}

/// What was shown of a meeting when that was last noted; `Some(None)` where that is not known.
fn shown(c: &Connection, meeting: &MeetingId) -> rusqlite::Result<Option<Option<String>>> {
    c.prepare_cached("SELECT shows FROM publication WHERE meeting = ?1")?
        .query_row([meeting.as_str()], |r| r.get(0))
        .optional()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Council;
    use crate::store::Registration;

    #[test]
    fn only_what_is_known_to_differ_is_a_change() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::create(dir.path()).unwrap();
        let id = MeetingId::new("kt-1").unwrap();
        let date = jiff::civil::date(2021, 6, 21);
        let council = Council::by_names(&id, "Musterland", Some("Kreistag"), date).unwrap();
        store.register(&Registration::of(&council, &[])).unwrap();
        let digests = [Digest::of(b"one"), Digest::of(b"other")];
        let note = |shows: Option<&Digest>| {
            std::thread::sleep(std::time::Duration::from_millis(2));
            store.note_publication(&id, shows).unwrap();
            store.publication(&id).unwrap()
        };
        assert_eq!(note(None), None, "what was never shown has no date");
        let first = note(Some(&digests[0])).unwrap();
        assert_eq!(first.first_shown, first.changed);
        assert_eq!(note(Some(&digests[0])), Some(first));
        let changed = note(Some(&digests[1])).unwrap();
        assert!(changed.first_shown == first.first_shown && changed.changed > first.changed);
        // Withdrawn, and shown again as it was.
        note(None);
        let again = note(Some(&digests[1])).unwrap();
        assert!(again.first_shown == first.first_shown && again.changed > changed.changed);
        // An archive of a version that noted nothing.
        store.write(|t| t.execute("UPDATE publication SET shows = NULL", [])).unwrap();
        assert_eq!(note(Some(&digests[0])), Some(again));
        assert!(note(Some(&digests[1])).unwrap().changed > again.changed);
    }
}
