//! The list of meetings, as pages and commands show it.

use jiff::civil::Date;
use rusqlite::OptionalExtension;

use super::{Json, Store, Text};
use crate::domain::{Alignment, MediaTime, MeetingId, OrganizationId, Result, Transcript};

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
}

impl Store {
    /// All meetings, newest first; those without a date last.
    pub fn meetings(&self) -> Result<Vec<MeetingRow>> {
        self.read(|c| {
            c.prepare_cached(
                "SELECT m.id, m.name, b.name, m.date, m.synthetic, m.cancelled,
                   (SELECT count(*) FROM recording r WHERE r.meeting = m.id),
                   EXISTS (SELECT 1 FROM alignment a WHERE a.meeting = m.id), m.organizations
                 FROM meeting m JOIN body b ON b.id = m.body
                 ORDER BY m.date IS NULL, m.date DESC, m.id",
            )?
            .query_map([], |r| {
                let organizations: Vec<OrganizationId> = r.get::<_, Json<_>>(8)?.0;
                Ok(MeetingRow {
                    id: r.get::<_, Text<_>>(0)?.0,
                    name: r.get(1)?,
                    body: r.get(2)?,
                    organization: organization_name(c, &organizations)?,
                    date: r.get::<_, Option<Text<_>>>(3)?.map(|t| t.0),
                    synthetic: r.get(4)?,
                    cancelled: r.get(5)?,
                    recordings: r.get(6)?,
                    transcribed: r.get(7)?,
                })
            })?
            .collect()
        })
    }

    /// Deletes a meeting with its recordings' entries, transcripts and alignment. Media files stay.
    pub fn remove_meeting(&self, id: &MeetingId) -> Result<bool> {
        let removed = self.write(|t| {
            let removed = t.execute("DELETE FROM meeting WHERE id = ?1", [id.as_str()])? == 1;
            super::councils::forget_unused(t)?;
            super::purge::note(t)?;
            Ok(removed)
        })?;
        self.empty_log()?;
        Ok(removed)
    }

    /// A meeting's text on the meeting's clock with its alignment, once both are there. What of it may
    /// be seen, the edition says.
    pub fn text(&self, id: &MeetingId) -> Result<Option<(Transcript, Alignment)>> {
        let Some(stored) = self.alignment(id)? else { return Ok(None) };
        Ok(self.meeting_transcript(id)?.map(|transcript| (transcript, stored.alignment)))
    }

    /// The transcripts of a meeting's recordings as one, on the meeting's clock; `None` while none
    /// of them has one.
    pub fn meeting_transcript(&self, id: &MeetingId) -> Result<Option<Transcript>> {
        let mut parts: Vec<(MediaTime, Transcript)> = Vec::new();
        for recording in self.recordings(id)? {
            if let Some(stored) = self.transcript(id, &recording.sha256)? {
                parts.push((recording.offset, stored.transcript));
            }
        }
        Ok(Transcript::on_meeting_clock(parts))
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
