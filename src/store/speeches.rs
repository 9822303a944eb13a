//! Speeches of meetings that were put on record elsewhere: replaced whole with their meeting.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::restrictions::SpeechFilter;
use super::{Change, Json, Parsed, Store, held};
use crate::domain::{AgendaItem, Council, Digest, Error, FormerReading, MeetingId, Result, Speech};

impl Store {
    /// Writes a meeting of another record with its speeches in place of what was there of it. What is
    /// restricted does not come in, also where it was restricted as it was read `formerly`.
    ///
    /// # Errors
    /// `BadInput` where the archive holds recordings of this meeting: what was said there is known
    /// from them; and where the meeting's record calls an item not public that they stand under.
    pub fn put_speeches(
        &self,
        council: &Council,
        speeches: &[Speech],
        formerly: &FormerReading,
    ) -> Result<Change> {
        let id = &council.meeting.id;
        enum Written {
            Recorded,
            NotPublic(Vec<AgendaItem>),
            Changed(Change),
        }
        let done = self.write_reserved(|t| {
            if !super::recordings::of_meeting(t, id)?.is_empty() {
                return Ok(Written::Recorded);
            }
            let before = super::councils::read(t, id)?;
            let (council, speeches, identities) =
                super::identity::known_again(t, council, speeches, &formerly.titles)?;
            let not_public = super::meeting_records::hidden_of(t, &council)?;
            if !not_public.is_empty() {
                return Ok(Written::NotPublic(not_public));
            }
            let filter = SpeechFilter::of(t, id, &formerly.texts)?;
            let shown: Vec<&Speech> = speeches.iter().filter(|s| filter.shows(s)).collect();
            let agenda: Vec<_> = council.meeting.agenda.iter().map(|i| i.id.clone()).collect();
            let unsure = filter.unsure(&agenda, &speeches);
            let key_before = key_of(t, id)?;
            let key = key(&shown)?;
            let same = key_before.as_ref() == Some(&key);
            super::councils::write(t, &council)?;
            super::councils::put_identities(t, id, &identities)?;
            super::meetings::note_return(t, id)?;
            let record = self::key(&speeches.iter().collect::<Vec<_>>())?;
            let unsure = !unsure.is_empty() && !held::was_confirmed(t, id, record.as_str())?;
            held::put(t, id, held::HoldReason::RecordChanged, unsure.then_some(record.as_str()))?;
            if unsure {
                super::restrictions::note_purges(t, id)?;
            }
            super::redacting::apply(t, id)?;
            if same && super::councils::read(t, id)? == before {
                return Ok(Written::Changed(Change::Unchanged));
            }
            if !same {
                t.execute("DELETE FROM imported WHERE meeting = ?1", [id.as_str()])?;
                t.execute("INSERT INTO imported VALUES (?1, ?2)", [id.as_str(), key.as_str()])?;
                let mut insert = t.prepare_cached("INSERT INTO speech VALUES (?1, ?2, ?3)")?;
                for (position, speech) in shown.iter().enumerate() {
                    insert.execute(params![id.as_str(), position, Json(speech)])?;
                }
            }
            Ok(Written::Changed(match before {
                None => Change::Added,
                // Which words went is not worth finding out: all of the old ones go for good.
                Some(_) if !same && key_before.is_some() => {
                    super::restrictions::note_purges(t, id)?;
                    Change::Withdrawn
                }
                Some(_) => Change::Updated,
            }))
        })?;
        match done {
            Written::Changed(change) => {
                if change == Change::Withdrawn {
                    self.purge_log()?;
                }
                self.tell_ledger()?;
                Ok(change)
            }
            Written::NotPublic(items) => Err(Error::bad_input(format!(
                "Sitzung {id}: Redebeiträge stehen unter {}, was nach ihrer übernommenen Tagesordnung (import \
                 --kind meetings) nichtöffentlich ist; übernommen ist von ihnen nichts",
                super::outside::named(&items)
            ))
            .remedy(format!(
                "Nehmen Sie diese Beiträge aus der Datei. Ist der Punkt öffentlich, entfernen Sie jene Angaben \
                 (mitschnitt import --kind meetings --meeting {id} mit leerer Datei), und übernehmen Sie sie \
                 berichtigt"
            ))),
            Written::Recorded => {
                Err(Error::bad_input(format!("Die Sitzung {id} hat Aufnahmen im Archiv"))
                    .remedy("Geben Sie ihr in der Datei eine andere Kennung"))
            }
        }
    }

    /// The speeches of a meeting in their order; none where it was not imported.
    pub fn speeches(&self, meeting: &MeetingId) -> Result<Vec<Speech>> {
        self.read(|c| of_meeting(c, meeting))
    }

    /// The hash of a meeting's speeches; `None` where it was not imported.
    pub fn speeches_key(&self, meeting: &MeetingId) -> Result<Option<Digest>> {
        self.read(|c| key_of(c, meeting))
    }
}

pub(super) fn of_meeting(c: &Connection, meeting: &MeetingId) -> rusqlite::Result<Vec<Speech>> {
    Ok(rows(c, meeting)?.into_iter().map(|(_, speech)| speech).collect())
}

/// The speeches with their places.
pub(super) fn rows(c: &Connection, meeting: &MeetingId) -> rusqlite::Result<Vec<(i64, Speech)>> {
    c.prepare_cached("SELECT position, content FROM speech WHERE meeting = ?1 ORDER BY position")?
        .query_map([meeting.as_str()], |r| Ok((r.get(0)?, r.get::<_, Json<_>>(1)?.0)))?
        .collect()
}

/// Notes that the speeches are others than before.
pub(super) fn note_change(t: &Transaction, meeting: &MeetingId) -> rusqlite::Result<()> {
    let speeches = of_meeting(t, meeting)?;
    let key = key(&speeches.iter().collect::<Vec<_>>())?;
    t.execute("UPDATE imported SET key = ?2 WHERE meeting = ?1", [meeting.as_str(), key.as_str()])?;
    Ok(())
}

fn key(speeches: &[&Speech]) -> rusqlite::Result<Digest> {
    let json = serde_json::to_vec(speeches)
        .map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
    Ok(Digest::of(&json))
}

fn key_of(c: &rusqlite::Connection, meeting: &MeetingId) -> rusqlite::Result<Option<Digest>> {
    c.query_row("SELECT key FROM imported WHERE meeting = ?1", [meeting.as_str()], |r| {
        Ok(r.get::<_, Parsed<_>>(0)?.0)
    })
    .optional()
}
