//! Transcripts: written once, never changed; each recording shows one of them.

use rusqlite::{OptionalExtension, params};

use super::{Json, Parsed, Store};
use crate::domain::{Digest, MeetingId, PublicSpans, Result, SoundChoice, Transcript};

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

/// Of what a transcript was made.
#[derive(Clone, Copy, Debug)]
pub struct Heard<'a> {
    /// What of the recording was public.
    pub public: &'a PublicSpans,
    /// Which of its sound.
    pub sound: &'a SoundChoice,
}

/// The transcript that a recording shows, without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownTranscript {
    /// Hash of everything that decided the text but what was public.
    pub key: Digest,
    /// The model's name.
    pub model: String,
    /// What of the recording it says.
    pub heard: PublicSpans,
}

impl Store {
    /// Stores a transcript of what was public when it was heard, under its key, and shows it from now
    /// on. Gives `false`, and stores nothing, as [`Self::store_transcript`] does.
    pub fn put_transcript(
        &self,
        meeting: &MeetingId,
        recording: &Digest,
        key: &Digest,
        transcript: &Transcript,
        heard: &Heard<'_>,
    ) -> Result<bool> {
        self.write(|t| {
            Ok(insert(t, meeting, recording, key, transcript, heard)?
                && show(t, meeting, recording, key)?)
        })
    }

    /// Stores a transcript of what was public when it was heard, under its key; what may no longer be
    /// said is taken out of it before. One of the same key stays as it is where it says as much. Gives
    /// `false`, and stores nothing, where the recording is gone meanwhile, or other sound of it is
    /// wanted.
    pub fn store_transcript(
        &self,
        meeting: &MeetingId,
        recording: &Digest,
        key: &Digest,
        transcript: &Transcript,
        heard: &Heard<'_>,
    ) -> Result<bool> {
        self.write(|t| insert(t, meeting, recording, key, transcript, heard))
    }

    /// Forgets the transcript with this key, because it is made again.
    pub fn forget_transcript(
        &self,
        meeting: &MeetingId,
        recording: &Digest,
        key: &Digest,
    ) -> Result<()> {
        self.write(|t| forget(t, meeting, recording, key))
    }

    /// Shows the transcript with this key from now on, where it says all that is public; gives whether
    /// there is one.
    pub fn show_transcript(
        &self,
        meeting: &MeetingId,
        recording: &Digest,
        key: &Digest,
    ) -> Result<bool> {
        self.write(|t| {
            Ok(is_whole(t, meeting, recording, key)? && show(t, meeting, recording, key)?)
        })
    }

    /// Whether there is a transcript with this key that says all that is public, shown or not.
    pub fn has_transcript(
        &self,
        meeting: &MeetingId,
        recording: &Digest,
        key: &Digest,
    ) -> Result<bool> {
        self.read(|c| is_whole(c, meeting, recording, key))
    }

    /// The text of the transcript with this key, shown or not.
    pub fn transcript_of(
        &self,
        meeting: &MeetingId,
        recording: &Digest,
        key: &Digest,
    ) -> Result<Option<Transcript>> {
        self.read(|c| {
            c.query_row(
                "SELECT content FROM transcript WHERE meeting = ?1 AND recording = ?2 AND key = ?3",
                [meeting.as_str(), recording.as_str(), key.as_str()],
                |r| Ok(r.get::<_, Json<_>>(0)?.0),
            )
            .optional()
        })
    }

    /// The transcript that is shown for a recording.
    pub fn transcript(
        &self,
        meeting: &MeetingId,
        recording: &Digest,
    ) -> Result<Option<StoredTranscript>> {
        self.read(|c| stored(c, meeting, recording))
    }

    /// What is known of the transcript that is shown for a recording, without its text.
    pub fn shown_transcript(
        &self,
        meeting: &MeetingId,
        recording: &Digest,
    ) -> Result<Option<ShownTranscript>> {
        self.read(|c| {
            c.query_row(
                "SELECT t.key, t.model, t.heard FROM recording r
                 JOIN transcript t ON t.id = r.transcript WHERE r.meeting = ?1 AND r.sha256 = ?2",
                [meeting.as_str(), recording.as_str()],
                |r| {
                    Ok(ShownTranscript {
                        key: r.get::<_, Parsed<_>>(0)?.0,
                        model: r.get(1)?,
                        heard: r.get::<_, Json<_>>(2)?.0,
                    })
                },
            )
            .optional()
        })
    }

    /// What decides a meeting's text, without the text: for each recording that shows a transcript
    /// its offset, and the transcript's key and time of making.
    pub fn shown_transcripts(&self, meeting: &MeetingId) -> Result<Vec<ShownText>> {
        self.read(|c| shown(c, meeting))
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

/// The transcript that is shown for a recording.
pub(super) fn stored(
    c: &rusqlite::Connection,
    meeting: &MeetingId,
    recording: &Digest,
) -> rusqlite::Result<Option<StoredTranscript>> {
    c.prepare_cached(
        "SELECT t.id, t.key, t.content FROM recording r JOIN transcript t
         ON t.id = r.transcript WHERE r.meeting = ?1 AND r.sha256 = ?2",
    )?
    .query_row([meeting.as_str(), recording.as_str()], |r| {
        Ok(StoredTranscript {
            id: TranscriptId(r.get(0)?),
            key: r.get::<_, Parsed<_>>(1)?.0,
            transcript: r.get::<_, Json<_>>(2)?.0,
        })
    })
    .optional()
}

/// A recording's offset, and key and time of making of the transcript that it shows.
pub type ShownText = (u64, String, String);

pub(super) fn shown(
    c: &rusqlite::Connection,
    meeting: &MeetingId,
) -> rusqlite::Result<Vec<ShownText>> {
    c.prepare_cached(
        "SELECT r.offset_ms, t.key, t.created FROM recording r
         JOIN transcript t ON t.id = r.transcript WHERE r.meeting = ?1 ORDER BY r.position",
    )?
    .query_map([meeting.as_str()], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?
    .collect()
}

fn insert(
    t: &rusqlite::Transaction,
    meeting: &MeetingId,
    recording: &Digest,
    key: &Digest,
    transcript: &Transcript,
    heard: &Heard<'_>,
) -> rusqlite::Result<bool> {
    let all = super::recordings::of_meeting(t, meeting)?;
    let now = all.into_iter().find(|r| r.sha256 == *recording);
    let Some(now) = now.filter(|r| r.sound == *heard.sound) else { return Ok(false) };
    let heard = heard.public.intersection(&now.public);
    let before: Option<PublicSpans> = t
        .query_row(
            "SELECT heard FROM transcript WHERE meeting = ?1 AND recording = ?2 AND key = ?3",
            [meeting.as_str(), recording.as_str(), key.as_str()],
            |r| Ok(r.get::<_, Json<_>>(0)?.0),
        )
        .optional()?;
    if before.is_none_or(|before| !heard.is_within(&before)) {
        forget(t, meeting, recording, key)?;
        t.execute(
            "INSERT INTO transcript (meeting, recording, key, model, created, content, heard)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                meeting.as_str(),
                recording.as_str(),
                key.as_str(),
                transcript.engine.model,
                jiff::Timestamp::now().to_string(),
                Json(transcript.clone().only(&heard)),
                Json(heard),
            ],
        )?;
    }
    Ok(true)
}

fn forget(
    t: &rusqlite::Transaction,
    meeting: &MeetingId,
    recording: &Digest,
    key: &Digest,
) -> rusqlite::Result<()> {
    t.execute(
        "DELETE FROM transcript WHERE meeting = ?1 AND recording = ?2 AND key = ?3",
        [meeting.as_str(), recording.as_str(), key.as_str()],
    )?;
    Ok(())
}

fn is_whole(
    c: &rusqlite::Connection,
    meeting: &MeetingId,
    recording: &Digest,
    key: &Digest,
) -> rusqlite::Result<bool> {
    let spans: Option<(PublicSpans, PublicSpans)> = c
        .query_row(
            "SELECT t.heard, r.public FROM transcript t JOIN recording r
             ON r.meeting = t.meeting AND r.sha256 = t.recording
             WHERE t.meeting = ?1 AND t.recording = ?2 AND t.key = ?3",
            [meeting.as_str(), recording.as_str(), key.as_str()],
            |r| Ok((r.get::<_, Json<_>>(0)?.0, r.get::<_, Json<_>>(1)?.0)),
        )
        .optional()?;
    Ok(spans.is_some_and(|(heard, public)| public.is_within(&heard)))
}

fn show(
    t: &rusqlite::Transaction,
    meeting: &MeetingId,
    recording: &Digest,
    key: &Digest,
) -> rusqlite::Result<bool> {
    let changed = t.execute(
        "UPDATE recording SET transcript = t.id FROM (SELECT id FROM transcript
           WHERE meeting = ?1 AND recording = ?2 AND key = ?3) AS t
         WHERE meeting = ?1 AND sha256 = ?2",
        [meeting.as_str(), recording.as_str(), key.as_str()],
    )?;
    super::redacting::apply_to_anchors(t, meeting)?;
    Ok(changed == 1)
}
