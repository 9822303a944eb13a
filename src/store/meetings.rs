//! The list of meetings, as pages and commands show it.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension, Transaction, params};

use super::publications::{self, Publication};
use super::{Json, Parsed, Store};
use crate::domain::{
    Act, Alignment, MeetingId, OrganizationId, Result, Signature, TextExtent, Transcript,
};

/// A meeting in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeetingRow {
    /// Its id.
    pub id: MeetingId,
    /// Its name.
    pub name: String,
    /// The body's name.
    pub body: String,
    /// The name of the organization that meets, as far as it is known.
    pub organization: String,
    /// Its day.
    pub date: Option<Date>,
    /// Whether it is invented.
    pub synthetic: bool,
    /// Whether it was called off.
    pub cancelled: bool,
    /// How many recordings it has.
    pub recordings: u32,
    /// Whether its text can be read.
    pub transcribed: bool,
    /// Whether what was said in it is on record elsewhere.
    pub recorded: bool,
    /// When it starts, where that is known to the minute.
    pub start: Option<Timestamp>,
    /// Since when it is shown; `None` while that was not noted.
    pub publication: Option<Publication>,
    /// How much of what was said can be searched, as far as that was noted.
    pub extent: Option<TextExtent>,
}

impl Store {
    /// All meetings, newest first; those without a date last.
    pub fn meetings(&self) -> Result<Vec<MeetingRow>> {
        self.read(|c| {
            c.prepare_cached(
                "SELECT m.id, m.name, b.name, m.date, m.synthetic, m.cancelled,
                   (SELECT count(*) FROM recording r WHERE r.meeting = m.id),
                   EXISTS (SELECT 1 FROM alignment a JOIN recording r ON r.meeting = a.meeting
                           WHERE a.meeting = m.id AND r.transcript IS NOT NULL), m.organizations,
                   m.starts, p.first_shown, p.changed,
                   EXISTS (SELECT 1 FROM speech s WHERE s.meeting = m.id), p.extent
                 FROM meeting m JOIN body b ON b.id = m.body
                 LEFT JOIN publication p ON p.meeting = m.id
                 ORDER BY m.date IS NULL, m.date DESC, m.id",
            )?
            .query_map([], |r| {
                let organizations: Vec<OrganizationId> = r.get::<_, Json<_>>(8)?.0;
                Ok(MeetingRow {
                    id: r.get::<_, Parsed<_>>(0)?.0,
                    name: r.get(1)?,
                    body: r.get(2)?,
                    organization: organization_name(c, &organizations)?,
                    date: r.get::<_, Option<Parsed<_>>>(3)?.map(|t| t.0),
                    synthetic: r.get(4)?,
                    cancelled: r.get(5)?,
                    recordings: r.get(6)?,
                    transcribed: r.get(7)?,
                    recorded: r.get(12)?,
                    start: r.get::<_, Option<Parsed<_>>>(9)?.map(|t| t.0),
                    publication: match r.get_ref(10)? {
                        ValueRef::Null => None,
                        _ => Some(publications::of_row(r, 10)?),
                    },
                    extent: r.get::<_, Option<Json<_>>>(13)?.map(|extent| extent.0),
                })
            })?
            .collect()
        })
    }

    /// Takes a meeting out of the archive with everything that was made of it. What was restricted of
    /// it stays known; the recordings stay where they lie. Gives whether it was there.
    pub fn remove_meeting(&self, id: &MeetingId, by: &Signature) -> Result<bool> {
        let removed = self.write_reserved(|t| {
            let removed = remove(t, id, by)?;
            if removed {
                super::ledger::append(t, &super::ledger::Event::removed(id, by))?;
                super::audit::append(t, by, Act::MeetingRemoved, id.as_str(), &[])?;
            }
            Ok(removed)
        })?;
        self.tell_ledger()?;
        Ok(removed)
    }

    /// Who removed a meeting, and when, where it is not there again.
    pub fn removed(&self, id: &MeetingId) -> Result<Option<Signature>> {
        self.read(|c| {
            c.query_row(
                "SELECT made_by, made_at FROM removed WHERE meeting = ?1",
                [id.as_str()],
                |r| Ok(Signature { by: r.get(0)?, at: r.get::<_, Parsed<_>>(1)?.0 }),
            )
            .optional()
        })
    }

    /// A meeting's text on the meeting's clock with its alignment, once both are there. What of it may
    /// be seen, the edition says.
    pub fn text(&self, id: &MeetingId) -> Result<Option<(Transcript, Alignment)>> {
        let Some(stored) = self.alignment(id)? else { return Ok(None) };
        Ok(self.meeting_transcript(id)?.map(|transcript| (transcript, stored.alignment)))
    }

    /// The texts of a meeting's recordings as one, on the meeting's clock, with what people put right in them;
    /// `None` while none of them has one.
    pub fn meeting_transcript(&self, id: &MeetingId) -> Result<Option<Transcript>> {
        let texts = self.shown_texts(id)?.into_iter();
        let parts = texts.map(|(recording, transcript)| (recording.offset, transcript));
        Ok(Transcript::on_meeting_clock(parts.collect()))
    }
}

/// Deletes the meeting's rows, and leaves a stone with its name.
pub(super) fn remove(t: &Transaction, id: &MeetingId, by: &Signature) -> rusqlite::Result<bool> {
    let known_by: Option<(Option<String>, Option<String>)> = t
        .query_row(
            "SELECT oparl_id, json_array(body, organizations, starts) FROM meeting WHERE id = ?1",
            [id.as_str()],
            |r| Ok((r.get(0)?, r.get(1)?)),
        )
        .optional()?;
    let (oparl_id, held_by) = known_by.unwrap_or_default();
    for recording in super::recordings::of_meeting(t, id)? {
        super::recordings::remember(t, id, &recording)?;
        super::recordings::unpublish(t, id, &recording.sha256)?;
    }
    super::reviews::keep_for_return(t, id)?;
    let removed = t.execute("DELETE FROM meeting WHERE id = ?1", [id.as_str()])? == 1;
    if removed {
        super::councils::forget_unused(t)?;
        super::restrictions::note_purges(t, id)?;
        t.execute(
            "INSERT OR REPLACE INTO removed VALUES (?1, ?2, ?3, ?4, ?5)",
            params![id.as_str(), oparl_id, held_by, by.by, by.at.to_string()],
        )?;
        // What was not shown because of it is shown again.
        let freed: Vec<MeetingId> = t
            .prepare("SELECT meeting FROM held WHERE reason = 'same_meeting' AND detail = ?1")?
            .query_map([id.as_str()], |r| Ok(r.get::<_, Parsed<_>>(0)?.0))?
            .collect::<Result<_, _>>()?;
        for other in freed {
            super::held::put(t, &other, super::held::HoldReason::SameMeeting, None)?;
            super::restrictions::note_purges(t, &other)?;
        }
    }
    Ok(removed)
}

/// Notes that a meeting that was removed is there again.
pub(super) fn note_return(t: &Transaction, id: &MeetingId) -> rusqlite::Result<()> {
    match t.execute("DELETE FROM removed WHERE meeting = ?1", [id.as_str()])? {
        0 => Ok(()),
        _ => super::ledger::append(t, &super::ledger::Event::returned(id)),
    }
}

/// The first of the organizations whose name is known; nothing where none is.
fn organization_name(
    c: &rusqlite::Connection,
    organizations: &[OrganizationId],
) -> rusqlite::Result<String> {
    let mut statement = c.prepare_cached("SELECT name FROM organization WHERE id = ?1")?;
    for id in organizations {
        if let Some(name) = statement.query_row([id.as_str()], |r| r.get(0)).optional()? {
            return Ok(name);
        }
    }
    Ok(String::new())
}
