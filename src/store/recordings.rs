//! Recordings of a meeting, and the files that the site may serve for them.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{Json, Parsed, Store};
use crate::domain::{Digest, MediaTime, MeetingId, PublicSpans, Recording, Result, ShownAs};

/// The file that is served for a recording: a copy of what may be seen of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// SHA-256 of the served file; its address is `/medien/{sha256}`.
    pub sha256: Digest,
    /// Where it lies.
    pub path: PathBuf,
    /// Its length in bytes.
    pub bytes: u64,
    /// What of the recording it shows.
    pub shows: PublicSpans,
    /// Hash of everything it was made of.
    pub made_of: String,
    /// Whether there is a picture.
    pub has_video: bool,
}

/// What becomes of a file that is asked for by its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaRow {
    /// It is served.
    Published(Published),
    /// It was served and may not be served again.
    Withdrawn,
    /// There never was such a file.
    Unknown,
}

impl Store {
    /// The recordings of a meeting in the manifest's order.
    pub fn recordings(&self, meeting: &MeetingId) -> Result<Vec<Recording>> {
        let stored = self.read(|c| of_meeting(c, meeting))?;
        Ok(stored
            .into_iter()
            .map(|r| Recording { path: self.data_dir().join(&r.path), ..r })
            .collect())
    }

    /// The recordings of a meeting with what their source says is public of them.
    pub fn recordings_by_source(&self, meeting: &MeetingId) -> Result<Vec<Recording>> {
        let stored = self.read(|c| with_source(c, meeting))?;
        let path = |r: &Recording| self.data_dir().join(&r.path);
        Ok(stored
            .into_iter()
            .map(|(r, public)| Recording { path: path(&r), public, ..r })
            .collect())
    }

    /// Names the file that may be served for a recording, unless what it shows may no longer be seen;
    /// gives whether it may. The file that was served before is to be deleted then.
    pub fn put_published(
        &self,
        meeting: &MeetingId,
        recording: &Digest,
        file: &Published,
    ) -> Result<bool> {
        let path = self.stored_path(&file.path);
        self.write(|t| {
            let all = of_meeting(t, meeting)?;
            let allowed = all.iter().find(|r| r.sha256 == *recording).map(|r| &r.public);
            let may = allowed.is_some_and(|allowed| file.shows.is_within(allowed));
            if !may {
                super::purge::note(t, super::purge::Purge::Copies, meeting.as_str())?;
                return Ok(false);
            }
            unpublish_other(t, meeting, recording, Some(&file.sha256))?;
            t.execute(
                "INSERT OR REPLACE INTO published
                   (meeting, recording, sha256, path, bytes, shows, made_of, has_video)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    meeting.as_str(),
                    recording.as_str(),
                    file.sha256.as_str(),
                    path_text(&path)?,
                    file.bytes,
                    Json(&file.shows),
                    file.made_of,
                    file.has_video,
                ],
            )?;
            t.execute("DELETE FROM withdrawn_media WHERE sha256 = ?1", [file.sha256.as_str()])?;
            Ok(true)
        })
    }

    /// The file that may be served for a recording, if there is one yet.
    pub fn published(&self, meeting: &MeetingId, recording: &Digest) -> Result<Option<Published>> {
        self.read(|c| {
            c.prepare_cached(
                "SELECT sha256, path, bytes, shows, made_of, has_video FROM published
                 WHERE meeting = ?1 AND recording = ?2",
            )?
            .query_row([meeting.as_str(), recording.as_str()], |r| self.read_published(r))
            .optional()
        })
    }

    /// Every file of a meeting that may be served.
    pub fn published_paths(&self, meeting: &str) -> Result<Vec<PathBuf>> {
        self.read(|c| {
            c.prepare_cached("SELECT path FROM published WHERE meeting = ?1")?
                .query_map([meeting], |r| Ok(self.file_at(&r.get::<_, String>(0)?)))?
                .collect()
        })
    }

    /// The meetings and recordings with the file that is served for them.
    pub fn all_published(&self) -> Result<Vec<(MeetingId, Digest, Published)>> {
        self.read(|c| {
            c.prepare_cached(
                "SELECT sha256, path, bytes, shows, made_of, has_video, meeting, recording
                 FROM published ORDER BY meeting, recording",
            )?
            .query_map([], |r| {
                let (meeting, recording) =
                    (r.get::<_, Parsed<_>>(6)?.0, r.get::<_, Parsed<_>>(7)?.0);
                Ok((meeting, recording, self.read_published(r)?))
            })?
            .collect()
        })
    }

    /// What becomes of the file with this hash, and of which meetings and recordings it is.
    pub fn media(&self, sha256: &Digest) -> Result<(MediaRow, Vec<(MeetingId, Digest)>)> {
        self.read(|c| {
            let rows: Vec<_> = c
                .prepare_cached(
                    "SELECT sha256, path, bytes, shows, made_of, has_video, meeting, recording
                     FROM published WHERE sha256 = ?1",
                )?
                .query_map([sha256.as_str()], |r| {
                    let of = (r.get::<_, Parsed<_>>(6)?.0, r.get::<_, Parsed<_>>(7)?.0);
                    Ok((self.read_published(r)?, of))
                })?
                .collect::<Result<_, _>>()?;
            if let Some((file, _)) = rows.first().cloned() {
                let of = rows.into_iter().map(|(_, of)| of).collect();
                return Ok((MediaRow::Published(file), of));
            }
            let withdrawn = c
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM withdrawn_media WHERE sha256 = ?1)")?
                .query_row([sha256.as_str()], |r| r.get(0))?;
            Ok((if withdrawn { MediaRow::Withdrawn } else { MediaRow::Unknown }, Vec::new()))
        })
    }

    fn read_published(&self, r: &rusqlite::Row) -> rusqlite::Result<Published> {
        Ok(Published {
            sha256: r.get::<_, Parsed<_>>(0)?.0,
            path: self.file_at(&r.get::<_, String>(1)?),
            bytes: r.get(2)?,
            shows: r.get::<_, Json<_>>(3)?.0,
            made_of: r.get(4)?,
            has_video: r.get(5)?,
        })
    }

    /// The course of loudness of a recording's public parts, as it was kept.
    pub fn loudness(&self, meeting: &MeetingId, recording: &Digest) -> Result<Option<Vec<u8>>> {
        self.read(|c| {
            c.query_row(
                "SELECT loudness FROM recording WHERE meeting = ?1 AND sha256 = ?2",
                [meeting.as_str(), recording.as_str()],
                |r| r.get(0),
            )
            .optional()
            .map(Option::flatten)
        })
    }

    /// Keeps the course of loudness of a recording's public parts.
    pub fn put_loudness(
        &self,
        meeting: &MeetingId,
        recording: &Digest,
        loudness: &[u8],
    ) -> Result<()> {
        self.write(|t| {
            t.execute(
                "UPDATE recording SET loudness = ?3 WHERE meeting = ?1 AND sha256 = ?2",
                params![meeting.as_str(), recording.as_str(), loudness],
            )?;
            Ok(())
        })
    }

    /// A file's path as it is stored: relative where it lies under the data directory.
    pub(super) fn stored_path(&self, path: &Path) -> PathBuf {
        let inside = path.strip_prefix(self.data_dir()).ok().map(Path::to_owned);
        let inside = inside.or_else(|| {
            let (path, dir) = (path.canonicalize().ok()?, self.data_dir().canonicalize().ok()?);
            Some(path.strip_prefix(dir).ok()?.to_owned())
        });
        inside.unwrap_or_else(|| path.to_owned())
    }

    /// Where a stored path leads.
    pub(super) fn file_at(&self, stored: &str) -> PathBuf {
        self.data_dir().join(stored)
    }
}

/// A recording that a meeting had once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerRecording {
    /// Its hash.
    pub sha256: Digest,
    /// Where it started on the meeting's clock.
    pub offset: MediaTime,
    /// What of it was public.
    pub public: PublicSpans,
    /// The course of loudness of that, where it was ever listened to.
    pub loudness: Option<Vec<u8>>,
}

impl Store {
    /// The recordings that a meeting had and has no more, also from before it was removed.
    pub fn former_recordings(&self, meeting: &MeetingId) -> Result<Vec<FormerRecording>> {
        self.read(|c| former(c, meeting))
    }
}

pub(super) fn former(
    c: &Connection,
    meeting: &MeetingId,
) -> rusqlite::Result<Vec<FormerRecording>> {
    c.prepare_cached(
        "SELECT sha256, offset_ms, public, loudness FROM former_recording WHERE meeting = ?1",
    )?
    .query_map([meeting.as_str()], |r| {
        Ok(FormerRecording {
            sha256: r.get::<_, Parsed<_>>(0)?.0,
            offset: MediaTime::from_millis(r.get(1)?),
            public: r.get::<_, Json<_>>(2)?.0,
            loudness: r.get(3)?,
        })
    })?
    .collect()
}

/// Keeps what a recording is known again by, before it goes.
pub(super) fn remember(
    t: &Transaction,
    id: &MeetingId,
    recording: &Recording,
) -> rusqlite::Result<()> {
    t.execute(
        "INSERT OR REPLACE INTO former_recording
           SELECT meeting, sha256, offset_ms, public, loudness FROM recording
           WHERE meeting = ?1 AND sha256 = ?2",
        [id.as_str(), recording.sha256.as_str()],
    )?;
    Ok(())
}

/// No longer serves the file of a recording, and notes that it is to be deleted.
pub(super) fn unpublish(
    t: &Transaction,
    meeting: &MeetingId,
    recording: &Digest,
) -> rusqlite::Result<()> {
    unpublish_other(t, meeting, recording, None)?;
    t.execute(
        "DELETE FROM published WHERE meeting = ?1 AND recording = ?2",
        [meeting.as_str(), recording.as_str()],
    )?;
    Ok(())
}

/// Notes that the served file, unless it is `kept`, is to be deleted and is gone for good.
fn unpublish_other(
    t: &Transaction,
    meeting: &MeetingId,
    recording: &Digest,
    kept: Option<&Digest>,
) -> rusqlite::Result<()> {
    use super::purge::{self, Purge};
    let row: Option<(String, String)> = t
        .query_row(
            "SELECT sha256, path FROM published WHERE meeting = ?1 AND recording = ?2",
            [meeting.as_str(), recording.as_str()],
            |r| Ok((r.get(0)?, r.get(1)?)),
        )
        .optional()?;
    let Some((sha256, path)) = row.filter(|(old, _)| kept.is_none_or(|k| k.as_str() != old)) else {
        return Ok(());
    };
    t.execute(
        "INSERT OR IGNORE INTO withdrawn_media VALUES (?1, ?2)",
        [sha256, jiff::Timestamp::now().to_string()],
    )?;
    purge::note(t, Purge::Copies, meeting.as_str())?;
    // Copies of older versions do not lie in the meeting's folder. Originals elsewhere are not ours.
    if Path::new(&path).is_relative() {
        purge::note(t, Purge::File, &path)?;
    }
    Ok(())
}

/// The recordings with what their source says is public of them.
pub(super) fn with_source(
    c: &Connection,
    id: &MeetingId,
) -> rusqlite::Result<Vec<(Recording, PublicSpans)>> {
    let all = of_meeting(c, id)?;
    let mut source =
        c.prepare_cached("SELECT source_public FROM recording WHERE meeting = ?1 AND sha256 = ?2")?;
    all.into_iter()
        .map(|r| {
            let public = source.query_row([id.as_str(), r.sha256.as_str()], |row| {
                Ok(row.get::<_, Json<_>>(0)?.0)
            })?;
            Ok((r, public))
        })
        .collect()
}

pub(super) fn of_meeting(c: &Connection, id: &MeetingId) -> rusqlite::Result<Vec<Recording>> {
    c.prepare_cached(
        "SELECT sha256, path, bytes, offset_ms, video_url, video_offset_ms, public, sound, seats,
                shown_as
         FROM recording WHERE meeting = ?1 ORDER BY position",
    )?
    .query_map([id.as_str()], |r| {
        Ok(Recording {
            sha256: r.get::<_, Parsed<_>>(0)?.0,
            path: PathBuf::from(r.get::<_, String>(1)?),
            bytes: r.get(2)?,
            offset: MediaTime::from_millis(r.get(3)?),
            video_url: r.get(4)?,
            video_offset_ms: r.get(5)?,
            public: r.get::<_, Json<_>>(6)?.0,
            sound: r.get::<_, Json<_>>(7)?.0,
            seats: r.get::<_, Json<_>>(8)?.0,
            shown_as: ShownAs::named(&r.get::<_, String>(9)?).unwrap_or(ShownAs::None),
        })
    })?
    .collect()
}

/// Makes `recordings`, of which `public` is what their source says, the recordings of the meeting. One
/// that is gone, or of which other sound is chosen, loses what was made of it; gives whether that
/// happened.
pub(super) fn put(
    t: &Transaction,
    id: &MeetingId,
    recordings: &[Recording],
    unsaid: bool,
    stored_path: &dyn Fn(&Path) -> PathBuf,
) -> rusqlite::Result<bool> {
    let mut withdrawn = false;
    for old in of_meeting(t, id)? {
        let same =
            |r: &&Recording| r.sha256 == old.sha256 && r.sound == old.sound && r.seats == old.seats;
        if !recordings.iter().any(|r| same(&r)) {
            withdrawn = true;
            remember(t, id, &old)?;
            unpublish(t, id, &old.sha256)?;
            t.execute(
                "DELETE FROM recording WHERE meeting = ?1 AND sha256 = ?2",
                [id.as_str(), old.sha256.as_str()],
            )?;
        }
    }
    for (position, r) in recordings.iter().enumerate() {
        let allowed = super::redacting::allowed(t, id, &r.public, r.offset)?;
        t.execute(
            "INSERT INTO recording (meeting, sha256, position, path, bytes, offset_ms, video_url,
                                    video_offset_ms, public, sound, seats, source_public, unsaid, shown_as)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
             ON CONFLICT (meeting, sha256) DO UPDATE SET position = ?3, path = ?4, bytes = ?5,
               offset_ms = ?6, video_url = ?7, video_offset_ms = ?8, public = ?9, sound = ?10,
               seats = ?11, source_public = ?12, unsaid = ?13, shown_as = ?14",
            params![
                id.as_str(),
                r.sha256.as_str(),
                position,
                path_text(&stored_path(&r.path))?,
                r.bytes,
                r.offset.millis(),
                r.video_url,
                r.video_offset_ms,
                Json(&allowed),
                Json(&r.sound),
                Json(&r.seats),
                Json(&r.public),
                unsaid,
                r.shown_as.as_str(),
            ],
        )?;
        if r.shown_as != ShownAs::File {
            unpublish(t, id, &r.sha256)?;
        }
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
