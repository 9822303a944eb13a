//! Transcripts: written once, never changed; each recording shows one of them.

use rusqlite::{OptionalExtension, params};

use super::{Json, Store, Text};
use crate::domain::{Digest, MeetingId, Result, Transcript};

/// Number of a transcript within the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TranscriptId(i64);

/// A transcript with its place in the archive.
#[derive(Clone, Debug)]
pub struct StoredTranscript {
    /// Its number.
    pub id: TranscriptId,
    /// Hash of everything that decided the text.
    pub key: Digest,
    /// The text.
    pub transcript: Transcript,
}

impl Store {
    /// Keeps a transcript under its key and shows it from now on. One that is there already under
    /// this key stays as it is.
    pub fn put_transcript(
        &self,
        meeting: &MeetingId,
        recording: &Digest,
        key: &Digest,
        transcript: &Transcript,
    ) -> Result<()> {
        self.write(|t| {
            t.execute(
                "INSERT INTO transcript (meeting, recording, key, model, created, content)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
                params![
                    meeting.as_str(),
                    recording.as_str(),
                    key.as_str(),
                    transcript.engine.model,
                    jiff::Timestamp::now().to_string(),
                    Json(transcript),
                ],
            )?;
            show(t, meeting, recording, key)?;
            Ok(())
        })
    }

    /// Forgets the transcript with this key, because it is made again.
    pub fn forget_transcript(
        &self,
        meeting: &MeetingId,
        recording: &Digest,
        key: &Digest,
    ) -> Result<()> {
        self.write(|t| {
            t.execute(
                "DELETE FROM transcript WHERE meeting = ?1 AND recording = ?2 AND key = ?3",
                [meeting.as_str(), recording.as_str(), key.as_str()],
            )?;
            Ok(())
        })
    }

    /// Shows the transcript with this key from now on; gives whether there is one.
    pub fn show_transcript(
        &self,
        meeting: &MeetingId,
        recording: &Digest,
        key: &Digest,
    ) -> Result<bool> {
        self.write(|t| show(t, meeting, recording, key))
    }

    /// The transcript that is shown for a recording.
    pub fn transcript(
        &self,
        meeting: &MeetingId,
        recording: &Digest,
    ) -> Result<Option<StoredTranscript>> {
        self.read(|c| {
            c.query_row(
                "SELECT t.id, t.key, t.content FROM recording r JOIN transcript t
                 ON t.id = r.transcript WHERE r.meeting = ?1 AND r.sha256 = ?2",
                [meeting.as_str(), recording.as_str()],
                |r| {
                    Ok(StoredTranscript {
                        id: TranscriptId(r.get(0)?),
                        key: r.get::<_, Text<_>>(1)?.0,
                        transcript: r.get::<_, Json<_>>(2)?.0,
                    })
                },
            )
            .optional()
        })
    }

    /// Key and model of the transcript that is shown for a recording, without its text.
    pub fn transcript_key(
        &self,
        meeting: &MeetingId,
        recording: &Digest,
    ) -> Result<Option<(Digest, String)>> {
        self.read(|c| {
            c.query_row(
                "SELECT t.key, t.model FROM recording r JOIN transcript t ON t.id = r.transcript
                 WHERE r.meeting = ?1 AND r.sha256 = ?2",
                [meeting.as_str(), recording.as_str()],
                |r| Ok((r.get::<_, Text<_>>(0)?.0, r.get(1)?)),
            )
            .optional()
        })
    }

    /// What decides a meeting's text, without the text: for each recording that shows a transcript
    /// its offset, and the transcript's key and time of making.
    pub fn shown_transcripts(&self, meeting: &MeetingId) -> Result<Vec<(u64, String, String)>> {
        self.read(|c| {
            c.prepare_cached(
                "SELECT r.offset_ms, t.key, t.created FROM recording r
                 JOIN transcript t ON t.id = r.transcript WHERE r.meeting = ?1 ORDER BY r.position",
            )?
            .query_map([meeting.as_str()], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?
            .collect()
        })
    }

    /// How many transcripts of a recording are kept, older ones included.
    pub fn transcript_count(&self, meeting: &MeetingId, recording: &Digest) -> Result<u64> {
        self.read(|c| {
            c.query_row(
                "SELECT count(*) FROM transcript WHERE meeting = ?1 AND recording = ?2",
                [meeting.as_str(), recording.as_str()],
                |r| r.get(0),
            )
        })
    }
}

fn show(
    c: &rusqlite::Connection,
    meeting: &MeetingId,
    recording: &Digest,
    key: &Digest,
) -> rusqlite::Result<bool> {
    let changed = c.execute(
        "UPDATE recording SET transcript = t.id FROM (SELECT id FROM transcript
           WHERE meeting = ?1 AND recording = ?2 AND key = ?3) AS t
         WHERE meeting = ?1 AND sha256 = ?2",
        [meeting.as_str(), recording.as_str(), key.as_str()],
    )?;
    Ok(changed == 1)
}
