//! Why a meeting is held back although nothing of it is restricted, and what a person has confirmed.

use rusqlite::{Connection, Transaction, params};

use super::{Parsed, Store, recordings};
use crate::domain::{Digest, Error, MeetingId, Recording, Result, Signature};

/// Why a meeting is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldReason {
    /// Its agenda has an item that is not public, and nobody said what of its recordings is.
    PublicUnsaid,
    /// A recording was replaced whose sound is not that of the one before: the meeting keeps what it
    /// has.
    RecordingReplaced,
    /// Another meeting has the same recording: this one is not shown at all.
    SameMeeting,
    /// An item was restricted of which no text told where it is treated: its words may stand anywhere.
    ItemUnplaced,
    /// A recording of another time came to a meeting with restricted items, which may be treated in it
    /// too.
    RecordingAdded,
    /// A record of speeches was replaced by one in which restricted ones are not found again: edited,
    /// split or put together, they may stand anywhere.
    RecordChanged,
}

impl HoldReason {
    /// As they are stored; what follows from restrictions is not.
    const ALL: [(Self, &'static str); 5] = [
        (Self::PublicUnsaid, "public_unsaid"),
        (Self::RecordingReplaced, "recording_replaced"),
        (Self::SameMeeting, "same_meeting"),
        (Self::RecordingAdded, "recording_added"),
        (Self::RecordChanged, "record_changed"),
    ];

    fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(reason, _)| *reason == self).map_or("", |(_, name)| name)
    }
}

/// A meeting that is held back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The meeting.
    pub meeting: MeetingId,
    /// Why.
    pub reason: HoldReason,
    /// What the reason is about (the other meeting, the restriction); empty where it needs nothing.
    pub detail: String,
}

/// Holds a meeting back for a reason, or no longer.
pub(super) fn put(
    t: &Transaction,
    id: &MeetingId,
    reason: HoldReason,
    detail: Option<&str>,
) -> rusqlite::Result<()> {
    let name = reason.name();
    match detail {
        Some(detail) => t.execute(
            "INSERT INTO held VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET detail = ?3",
            params![id.as_str(), name, detail, jiff::Timestamp::now().to_string()],
        )?,
        None => {
            t.execute("DELETE FROM held WHERE meeting = ?1 AND reason = ?2", [id.as_str(), name])?
        }
    };
    Ok(())
}

pub(super) fn of_meeting(c: &Connection, id: &MeetingId) -> rusqlite::Result<Vec<Held>> {
    let all: Vec<(String, String)> = c
        .prepare_cached("SELECT reason, detail FROM held WHERE meeting = ?1 ORDER BY reason")?
        .query_map([id.as_str()], |r| Ok((r.get(0)?, r.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let known = |name: &str| HoldReason::ALL.into_iter().find(|(_, n)| *n == name);
    let mut held: Vec<Held> = all
        .into_iter()
        .filter_map(|(name, detail)| {
            Some(Held { meeting: id.clone(), reason: known(&name)?.0, detail })
        })
        .collect();
    for restriction in super::restrictions::in_force(c, id)? {
        let subject = unplaced_name(restriction.number);
        if restriction.unplaced && restriction.spans.is_empty() && !was_confirmed(c, id, &subject)?
        {
            let detail = restriction.number.to_string();
            held.push(Held { meeting: id.clone(), reason: HoldReason::ItemUnplaced, detail });
        }
    }
    Ok(held)
}

/// The name under which it is noted that a restricted item is treated nowhere.
fn unplaced_name(number: u32) -> String {
    format!("Sperre {number}")
}

pub(super) fn was_confirmed(c: &Connection, id: &MeetingId, what: &str) -> rusqlite::Result<bool> {
    c.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM confirmed WHERE meeting = ?1 AND recording = ?2)",
    )?
    .query_row([id.as_str(), what], |r| r.get(0))
}

/// Whether a person said that these are two meetings.
pub(super) fn is_confirmed(
    c: &Connection,
    id: &MeetingId,
    other: &MeetingId,
) -> rusqlite::Result<bool> {
    c.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM confirmed WHERE (meeting, recording) IN ((?1, ?2), (?2, ?1)))",
    )?
    .query_row([id.as_str(), other.as_str()], |r| r.get(0))
}

impl Store {
    /// Why a meeting is held back; nothing where it is not.
    pub fn held(&self, id: &MeetingId) -> Result<Vec<Held>> {
        self.read(|c| of_meeting(c, id))
    }

    /// All meetings that are held back.
    pub fn all_held(&self) -> Result<Vec<Held>> {
        self.read(|c| {
            let meetings: Vec<MeetingId> = c
                .prepare_cached(
                    "SELECT meeting FROM held UNION SELECT r.meeting FROM restriction r
                     JOIN meeting m ON m.id = r.meeting WHERE r.released_at IS NULL
                       AND json_extract(r.content, '$.unplaced') ORDER BY 1",
                )?
                .query_map([], |r| Ok(r.get::<_, Parsed<_>>(0)?.0))?
                .collect::<Result<_, _>>()?;
            let mut all = Vec::new();
            for id in &meetings {
                all.extend(of_meeting(c, id)?);
            }
            Ok(all)
        })
    }

    /// The meetings whose recordings are shown whole although the agenda has an item that is not
    /// public and nobody said what of them is: they are from before that was asked.
    pub fn shown_unsaid(&self) -> Result<Vec<MeetingId>> {
        self.read(|c| {
            c.prepare_cached(
                "SELECT DISTINCT meeting FROM recording r WHERE unsaid
                   AND EXISTS (SELECT 1 FROM agenda_item a
                               WHERE a.meeting = r.meeting AND NOT a.source_public)
                   AND NOT EXISTS (SELECT 1 FROM held h
                                   WHERE h.meeting = r.meeting AND h.reason = 'public_unsaid')
                 ORDER BY meeting",
            )?
            .query_map([], |r| Ok(r.get::<_, Parsed<_>>(0)?.0))?
            .collect()
        })
    }

    /// Keeps recordings that are to take the place of those that the meeting has, once a person has
    /// confirmed that they run on the same clock.
    pub fn hold_recordings(&self, id: &MeetingId, recordings: &[Recording]) -> Result<()> {
        let json = serde_json::to_string(recordings)
            .map_err(|e| Error::failed("Die Aufnahmen lassen sich nicht merken").because(e))?;
        self.write(|t| put(t, id, HoldReason::RecordingReplaced, Some(&json)))
    }

    /// Forgets them: the source has what the archive has.
    pub fn forget_held_recordings(&self, id: &MeetingId) -> Result<()> {
        self.write(|t| put(t, id, HoldReason::RecordingReplaced, None))
    }

    /// Whether a person confirmed that a recording keeps the meeting's clock.
    pub fn is_confirmed(&self, id: &MeetingId, recording: &Digest) -> Result<bool> {
        self.read(|c| was_confirmed(c, id, recording.as_str()))
    }

    /// A person says that the recordings which the meeting is held back for are in order: replaced ones
    /// keep its clock, an added one treats no restricted item, another meeting with the same one is
    /// another. Gives what it was held back for.
    ///
    /// # Errors
    /// `NotFound` where nothing of this is to be confirmed.
    pub fn confirm(&self, id: &MeetingId, by: &Signature) -> Result<Vec<HoldReason>> {
        let confirmed = self.write(|t| {
            let mut done = Vec::new();
            for held in of_meeting(t, id)? {
                match held.reason {
                    HoldReason::PublicUnsaid | HoldReason::ItemUnplaced => continue,
                    HoldReason::RecordingAdded => {}
                    HoldReason::RecordChanged => note(t, id, &held.detail, by)?,
                    HoldReason::SameMeeting => note(t, id, &held.detail, by)?,
                    HoldReason::RecordingReplaced => self.take_replaced(t, id, &held.detail, by)?,
                }
                put(t, id, held.reason, None)?;
                super::restrictions::note_purges(t, id)?;
                done.push(held.reason);
            }
            Ok(done)
        })?;
        if confirmed.is_empty() {
            return Err(Error::not_found(format!("Bei der Sitzung {id} ist nichts zu bestätigen"))
                .remedy("`mitschnitt doctor` sagt, was zurückgehalten wird und warum"));
        }
        Ok(confirmed)
    }

    fn take_replaced(
        &self,
        t: &Transaction,
        id: &MeetingId,
        detail: &str,
        by: &Signature,
    ) -> rusqlite::Result<()> {
        let new: Vec<Recording> = serde_json::from_str(detail)
            .map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
        for recording in &new {
            note(t, id, recording.sha256.as_str(), by)?;
        }
        let unsaid: bool = t.query_row(
            "SELECT coalesce(max(unsaid), 0) FROM recording WHERE meeting = ?1",
            [id.as_str()],
            |r| r.get(0),
        )?;
        recordings::put(t, id, &new, unsaid, &|path| self.stored_path(path))?;
        super::redacting::apply(t, id).map(|_| ())
    }

    /// A person says that the item of a restriction is treated nowhere.
    ///
    /// # Errors
    /// `NotFound` where the meeting is not held back for it.
    pub fn confirm_unplaced(&self, id: &MeetingId, number: u32, by: &Signature) -> Result<()> {
        let detail = number.to_string();
        let held = self.held(id)?;
        if !held.iter().any(|h| h.reason == HoldReason::ItemUnplaced && h.detail == detail) {
            let what =
                format!("Die Sitzung {id} wird nicht wegen der Sperre {number} zurückgehalten");
            return Err(Error::not_found(what)
                .remedy("`mitschnitt doctor` sagt, was zurückgehalten wird und warum"));
        }
        self.write(|t| {
            note(t, id, &unplaced_name(number), by)?;
            super::restrictions::note_purges(t, id)
        })
    }
}

fn note(t: &Transaction, id: &MeetingId, what: &str, by: &Signature) -> rusqlite::Result<()> {
    t.execute(
        "INSERT OR REPLACE INTO confirmed VALUES (?1, ?2, ?3, ?4)",
        params![id.as_str(), what, by.by, by.at.to_string()],
    )?;
    Ok(())
}
