//! Whether the archive has changed, and of which meetings something else would be shown: for whoever keeps
//! in memory what many meetings say together. Owns which rows decide that; refuses to read what they say.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

use super::{Parsed, Store};
use crate::domain::{MeetingId, Result};

/// A connection of its own that notices when anybody has written to the archive.
pub struct ChangeWatch {
    connection: Connection,
    store: Store,
}

impl ChangeWatch {
    /// A number that is another one after every commit.
    pub fn count(&self) -> Result<i64> {
        let count = self.connection.query_row("PRAGMA data_version", [], |r| r.get(0));
        self.store.explain(count)
    }
}

/// Rows that belong to one meeting, which stands first. Texts have keys of their own.
const OF_MEETINGS: &[&str] = &[
    "SELECT m.*, b.name FROM meeting m JOIN body b ON b.id = m.body",
    "SELECT * FROM agenda_item ORDER BY meeting, position",
    "SELECT * FROM agenda_item_paper ORDER BY meeting, item, rank",
    "SELECT m.meeting, m.position, o.* FROM meeting_organization m
     JOIN organization o ON o.id = m.organization ORDER BY m.meeting, m.position",
    "SELECT m.meeting, m.position, p.* FROM meeting_paper m
     JOIN paper p ON p.id = m.paper ORDER BY m.meeting, m.position",
    "SELECT meeting, sha256, position, offset_ms, video_url, video_offset_ms, public, transcript
     FROM recording ORDER BY meeting, sha256",
    "SELECT meeting, key, octet_length(content) FROM alignment ORDER BY meeting",
    "SELECT meeting, number, edit IS NULL, taken_back_at FROM revision ORDER BY meeting, number",
    "SELECT meeting, key FROM imported ORDER BY meeting",
    "SELECT meeting, number, event, released_at, content FROM restriction ORDER BY meeting, number",
    "SELECT * FROM restriction_span ORDER BY meeting, number, start_ms, end_ms",
    "SELECT * FROM restriction_speech ORDER BY meeting, number, speech, words",
    "SELECT meeting, reason, detail FROM held ORDER BY meeting, reason",
    "SELECT meeting, recording FROM confirmed ORDER BY meeting, recording",
    "SELECT * FROM hidden_paper ORDER BY meeting, item, paper",
    "SELECT * FROM review ORDER BY meeting, item",
    "SELECT * FROM resolution_form ORDER BY meeting, item",
    "SELECT * FROM meeting_record ORDER BY meeting",
    "SELECT * FROM recorded_vote ORDER BY meeting, position",
];

/// Rows of persons, who stand first.
const OF_PERSONS: &[&str] =
    &["SELECT * FROM person", "SELECT * FROM membership ORDER BY person, position"];

impl Store {
    /// Watches for changes, by whomever.
    ///
    /// # Errors
    /// `Archive` where the archive cannot be opened once more.
    pub fn watch_changes(&self) -> Result<ChangeWatch> {
        Ok(ChangeWatch { connection: self.connect()?, store: self.clone() })
    }

    /// A fingerprint of every meeting: another one where something else may be shown of it. They are
    /// compared within one process.
    pub fn fingerprints(&self) -> Result<BTreeMap<MeetingId, u64>> {
        let all = self.read(|c| {
            let persons = hashed(c, OF_PERSONS)?;
            let mut meetings = hashed(c, OF_MEETINGS)?;
            let mut roster = c.prepare_cached(
                "SELECT meeting, person FROM meeting_person ORDER BY meeting, position",
            )?;
            let mut rows = roster.query([])?;
            while let Some(row) = rows.next()? {
                let meeting = row.get_ref(0)?.as_str()?;
                let person = persons.get(row.get_ref(1)?.as_str()?).map(Hasher::finish);
                if let Some(hasher) = meetings.get_mut(meeting) {
                    person.hash(hasher);
                }
            }
            let known = c
                .prepare_cached("SELECT id FROM meeting")?
                .query_map([], |r| Ok(r.get::<_, Parsed<MeetingId>>(0)?.0))?
                .collect::<Result<Vec<_>, _>>()?;
            Ok((known, meetings))
        });
        let (known, meetings) = all?;
        let fingerprint = |id: &MeetingId| meetings.get(id.as_str()).map_or(0, Hasher::finish);
        Ok(known.into_iter().map(|id| (id.clone(), fingerprint(&id))).collect())
    }
}

/// Hashes of the rows by what stands first in them.
fn hashed(c: &Connection, statements: &[&str]) -> rusqlite::Result<HashMap<String, DefaultHasher>> {
    let mut all: HashMap<String, DefaultHasher> = HashMap::new();
    for (number, statement) in statements.iter().enumerate() {
        let mut statement = c.prepare_cached(statement)?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let owner = row.get_ref(0)?.as_str()?;
            if !all.contains_key(owner) {
                all.insert(owner.to_owned(), DefaultHasher::new());
            }
            if let Some(hasher) = all.get_mut(owner) {
                number.hash(hasher);
                add(row, columns, hasher)?;
            }
        }
    }
    Ok(all)
}

fn add(row: &Row, columns: usize, hasher: &mut DefaultHasher) -> rusqlite::Result<()> {
    for column in 1..columns {
        match row.get_ref(column)? {
            ValueRef::Null => 0u8.hash(hasher),
            ValueRef::Integer(n) => (1u8, n).hash(hasher),
            ValueRef::Real(x) => (2u8, x.to_bits()).hash(hasher),
            ValueRef::Text(bytes) => (3u8, bytes).hash(hasher),
            ValueRef::Blob(bytes) => (4u8, bytes).hash(hasher),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Council, Role, Speech};

    fn put(store: &Store, id: &str, texts: &[&str]) -> MeetingId {
        let id = MeetingId::new(id).unwrap();
        let date = jiff::civil::date(2025, 6, 12);
        let council = Council::by_names(&id, "Lindenau", Some("Rat"), date).unwrap();
        let speech = |(n, text): (usize, &&str)| Speech {
            order: n as u32,
            item: None,
            speaker: None,
            party: None,
            role: Role::Member,
            start_ms: None,
            end_ms: None,
            video_url: None,
            text: (*text).to_owned(),
        };
        let speeches: Vec<Speech> = texts.iter().enumerate().map(speech).collect();
        store.put_speeches(&council, &speeches, &Default::default()).unwrap();
        id
    }

    #[test]
    fn a_meeting_that_changes_is_noticed_and_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::create(dir.path()).unwrap();
        let reader = Store::open_to_read(dir.path()).unwrap();
        let watch = reader.watch_changes().unwrap();
        let (a, b) = (put(&store, "a", &["Ja."]), put(&store, "b", &["Nein."]));
        let (count, before) = (watch.count().unwrap(), reader.fingerprints().unwrap());
        assert_eq!(watch.count().unwrap(), count, "nobody wrote");
        put(&store, "b", &["Vielleicht."]);
        assert_ne!(watch.count().unwrap(), count);
        let after = reader.fingerprints().unwrap();
        assert_eq!(before[&a], after[&a]);
        assert_ne!(before[&b], after[&b]);
    }
}
