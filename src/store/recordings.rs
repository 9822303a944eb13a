//! Recordings of a meeting, and the files that the site may serve for them.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{Json, Store, Text};
use crate::domain::{Digest, MediaTime, MeetingId, Recording, Result};

/// The file that is served for a recording: cut to its public parts where it has others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// SHA-256 of the served file; its address is `/medien/{sha256}`.
    pub sha256: Digest,
    /// Where it lies.
    pub path: PathBuf,
    /// Its length in bytes.
    pub bytes: u64,
}

impl Store {
    /// The recordings of a meeting in the manifest's order.
    pub fn recordings(&self, meeting: &MeetingId) -> Result<Vec<Recording>> {
        self.read(|c| of_meeting(c, meeting))
    }

    /// Names the file that may be served for a recording.
    pub fn put_published(
        &self,
        meeting: &MeetingId,
        recording: &Digest,
        file: &Published,
    ) -> Result<()> {
        self.write(|t| {
            t.execute(
                "INSERT OR REPLACE INTO published VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    meeting.as_str(),
                    recording.as_str(),
                    file.sha256.as_str(),
                    path_text(&file.path)?,
                    file.bytes,
                ],
            )?;
            Ok(())
        })
    }

    /// The file that may be served for a recording, if there is one yet.
    pub fn published(&self, meeting: &MeetingId, recording: &Digest) -> Result<Option<Published>> {
        self.read(|c| {
            c.query_row(
                "SELECT sha256, path, bytes FROM published WHERE meeting = ?1 AND recording = ?2",
                [meeting.as_str(), recording.as_str()],
                read_published,
            )
            .optional()
        })
    }

    /// Every file that may be served.
    pub fn published_paths(&self) -> Result<Vec<PathBuf>> {
        self.read(|c| {
            c.prepare_cached("SELECT path FROM published")?
                .query_map([], |r| Ok(PathBuf::from(r.get::<_, String>(0)?)))?
                .collect()
        })
    }

    /// The served file with this hash.
    pub fn published_by_hash(&self, sha256: &Digest) -> Result<Option<Published>> {
        self.read(|c| {
            c.query_row(
                "SELECT sha256, path, bytes FROM published WHERE sha256 = ?1 LIMIT 1",
                [sha256.as_str()],
                read_published,
            )
            .optional()
        })
    }
}

fn read_published(r: &rusqlite::Row) -> rusqlite::Result<Published> {
    Ok(Published {
        sha256: r.get::<_, Text<_>>(0)?.0,
        path: PathBuf::from(r.get::<_, String>(1)?),
        bytes: r.get(2)?,
    })
}

pub(super) fn of_meeting(c: &Connection, id: &MeetingId) -> rusqlite::Result<Vec<Recording>> {
    c.prepare_cached(
        "SELECT sha256, path, bytes, offset_ms, video_url, video_offset_ms, public, sound, seats
         FROM recording WHERE meeting = ?1 ORDER BY position",
    )?
    .query_map([id.as_str()], |r| {
        Ok(Recording {
            sha256: r.get::<_, Text<_>>(0)?.0,
            path: PathBuf::from(r.get::<_, String>(1)?),
            bytes: r.get(2)?,
            offset: MediaTime::from_millis(r.get(3)?),
            video_url: r.get(4)?,
            video_offset_ms: r.get(5)?,
            public: r.get::<_, Json<_>>(6)?.0,
            sound: r.get::<_, Json<_>>(7)?.0,
            seats: r.get::<_, Json<_>>(8)?.0,
        })
    })?
    .collect()
}

/// Makes `recordings` the recordings of the meeting. A recording that is gone, or whose public
/// parts changed, loses its transcripts and its public copy; gives whether that happened.
pub(super) fn put(
    t: &Transaction,
    id: &MeetingId,
    recordings: &[Recording],
) -> rusqlite::Result<bool> {
    let mut withdrawn = false;
    for old in of_meeting(t, id)? {
        let kept = recordings.iter().any(|r| r.sha256 == old.sha256 && r.public == old.public);
        if !kept {
            withdrawn = true;
            t.execute(
                "DELETE FROM recording WHERE meeting = ?1 AND sha256 = ?2",
                [id.as_str(), old.sha256.as_str()],
            )?;
        }
    }
    for (position, r) in recordings.iter().enumerate() {
        t.execute(
            "INSERT INTO recording (meeting, sha256, position, path, bytes, offset_ms, video_url,
                                    video_offset_ms, public, sound, seats)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT (meeting, sha256) DO UPDATE SET position = ?3, path = ?4, bytes = ?5,
               offset_ms = ?6, video_url = ?7, video_offset_ms = ?8, sound = ?10, seats = ?11",
            params![
                id.as_str(),
                r.sha256.as_str(),
                position,
                path_text(&r.path)?,
                r.bytes,
                r.offset.millis(),
                r.video_url,
                r.video_offset_ms,
                Json(&r.public),
                Json(&r.sound),
                Json(&r.seats),
            ],
        )?;
    }
    Ok(withdrawn)
}

/// Paths are kept as text; one that is not UTF-8 is refused rather than changed.
fn path_text(path: &Path) -> rusqlite::Result<&str> {
    path.to_str().ok_or_else(|| {
        let message = format!("Dateiname {} ist kein UTF-8; bitte umbenennen", path.display());
        rusqlite::Error::ToSqlConversionFailure(message.into())
    })
}
