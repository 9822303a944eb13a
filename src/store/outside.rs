//! What others recorded of a meeting: votes, and who spoke when. Replaced whole by kind with an import; what
//! may not be seen never comes in, and goes when it is restricted.

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Json, Store, recordings, restrictions};
use crate::domain::{
    Error, Hidden, LONGEST_RECORDING, MediaTime, MeetingId, OutsideEvidence, OutsideFacts,
    PublicSpans, RecordedVote, Result, SpeakerSegment, TimeBase,
};

impl Store {
    /// Writes the facts in place of those of their kind. Gives how many of them may not be seen, and did
    /// not come in.
    ///
    /// # Errors
    /// `NotFound` where the archive has no such meeting.
    pub fn put_outside(&self, id: &MeetingId, facts: &OutsideFacts) -> Result<usize> {
        let left_out = self.write_reserved(|t| {
            let known: bool = t.query_row(
                "SELECT EXISTS (SELECT 1 FROM meeting WHERE id = ?1)",
                [id.as_str()],
                |r| r.get(0),
            )?;
            if !known {
                return Ok(None);
            }
            let count = match facts {
                OutsideFacts::Votes(votes) => write(t, id, Table::Votes, votes)?,
                OutsideFacts::Segments(segments) => write(t, id, Table::Segments, segments)?,
            };
            redact(t, id)?;
            let kept = match facts {
                OutsideFacts::Votes(_) => rows::<RecordedVote>(t, id, Table::Votes)?.len(),
                OutsideFacts::Segments(_) => rows::<SpeakerSegment>(t, id, Table::Segments)?.len(),
            };
            Ok(Some(count.saturating_sub(kept)))
        })?;
        left_out.ok_or_else(|| {
            Error::not_found(format!("Die Sitzung {id} ist nicht im Archiv"))
                .remedy("Nehmen Sie sie zuerst auf: `mitschnitt ingest` oder `mitschnitt import`")
        })
    }

    /// What others recorded of a meeting, all on the meeting's clock.
    pub fn outside_evidence(&self, id: &MeetingId) -> Result<OutsideEvidence> {
        self.read(|c| {
            let shift = video_shift(c, id)?;
            let votes = rows::<RecordedVote>(c, id, Table::Votes)?;
            let votes = votes.into_iter().map(|(_, vote)| on_clock_vote(vote, shift)).collect();
            let segments = rows::<SpeakerSegment>(c, id, Table::Segments)?;
            let mut segments: Vec<SpeakerSegment> =
                segments.into_iter().map(|(_, segment)| on_clock_segment(segment, shift)).collect();
            segments.sort_by_key(|segment| (segment.start_ms, segment.end_ms));
            Ok(OutsideEvidence { votes, segments })
        })
    }
}

#[derive(Clone, Copy)]
enum Table {
    Votes,
    Segments,
}

impl Table {
    fn name(self) -> &'static str {
        match self {
            Self::Votes => "recorded_vote",
            Self::Segments => "speaker_segment",
        }
    }
}

fn write<T: Serialize>(
    t: &Transaction,
    id: &MeetingId,
    table: Table,
    facts: &[T],
) -> rusqlite::Result<usize> {
    let table = table.name();
    t.execute(&format!("DELETE FROM {table} WHERE meeting = ?1"), [id.as_str()])?;
    let mut insert = t.prepare(&format!("INSERT INTO {table} VALUES (?1, ?2, ?3)"))?;
    for (position, fact) in facts.iter().enumerate() {
        insert.execute(params![id.as_str(), position, Json(fact)])?;
    }
    Ok(facts.len())
}

fn rows<T: DeserializeOwned>(
    c: &Connection,
    id: &MeetingId,
    table: Table,
) -> rusqlite::Result<Vec<(i64, T)>> {
    let table = table.name();
    c.prepare_cached(&format!(
        "SELECT position, content FROM {table} WHERE meeting = ?1 ORDER BY position"
    ))?
    .query_map([id.as_str()], |r| Ok((r.get(0)?, r.get::<_, Json<_>>(1)?.0)))?
    .collect()
}

/// Video's clock + this = the meeting's clock, in milliseconds, by the first recording with a public copy.
fn video_shift(c: &Connection, id: &MeetingId) -> rusqlite::Result<i64> {
    let copy = recordings::of_meeting(c, id)?.into_iter().find(|r| r.video_url.is_some());
    Ok(copy.map_or(0, |r| r.offset.millis() as i64 - r.video_offset_ms))
}

fn on_clock(time: MediaTime, base: TimeBase, shift: i64) -> MediaTime {
    match base {
        TimeBase::Meeting => time,
        TimeBase::Video => time.moved(shift),
    }
}

fn on_clock_vote(mut vote: RecordedVote, shift: i64) -> RecordedVote {
    vote.at_ms = vote.at_ms.map(|at| on_clock(at, vote.clock, shift));
    vote.clock = TimeBase::Meeting;
    vote
}

fn on_clock_segment(mut segment: SpeakerSegment, shift: i64) -> SpeakerSegment {
    segment.start_ms = on_clock(segment.start_ms, segment.clock, shift);
    segment.end_ms = on_clock(segment.end_ms, segment.clock, shift);
    segment.clock = TimeBase::Meeting;
    segment
}

/// What of the meeting's clock may be seen of what others recorded: all but what recordings say is not
/// public, and what is restricted. Where nothing was recorded, votes are public.
fn open(c: &Connection, id: &MeetingId) -> rusqlite::Result<PublicSpans> {
    let recordings = recordings::of_meeting(c, id)?;
    let mut hidden = Vec::new();
    for (n, recording) in recordings.iter().enumerate() {
        let next = recordings.get(n + 1).map_or(LONGEST_RECORDING, |next| {
            MediaTime::from_millis(next.offset.since(recording.offset))
        });
        let not_public = recording.public.hidden_within(next);
        hidden.extend(not_public.into_iter().map(|span| span.on_meeting_clock(recording.offset)));
    }
    let open = PublicSpans::WHOLE.without(&hidden).within(LONGEST_RECORDING);
    Ok(Hidden::by(&restrictions::in_force(c, id)?).leave_of_clock(open))
}

/// Takes out what may not be seen: votes in hidden time or on hidden items, and the hidden parts of segments.
/// Gives whether anything had to go.
pub(super) fn redact(t: &Transaction, id: &MeetingId) -> rusqlite::Result<bool> {
    let (open, shift) = (open(t, id)?, video_shift(t, id)?);
    let hidden_numbers: Vec<String> = t
        .prepare_cached(
            "SELECT number FROM agenda_item WHERE meeting = ?1 AND NOT public AND number <> ''",
        )?
        .query_map([id.as_str()], |r| r.get(0))?
        .collect::<Result<_, _>>()?;
    let mut gone = false;
    let mut delete = |table: Table, position: i64| {
        gone = true;
        let table = table.name();
        t.execute(
            &format!("DELETE FROM {table} WHERE meeting = ?1 AND position = ?2"),
            params![id.as_str(), position],
        )
    };
    for (position, vote) in rows::<RecordedVote>(t, id, Table::Votes)? {
        let at = vote.at_ms.map(|at| on_clock(at, vote.clock, shift));
        let seen = at.map_or(!open.is_empty(), |at| open.contains(at));
        let number = vote.agenda_number.as_deref().map(str::trim);
        if !seen || number.is_some_and(|n| hidden_numbers.iter().any(|hidden| is_of(n, hidden))) {
            delete(Table::Votes, position)?;
        }
    }
    let mut cut: Vec<SpeakerSegment> = Vec::new();
    for (position, stored) in rows::<SpeakerSegment>(t, id, Table::Segments)? {
        let segment = on_clock_segment(stored, shift);
        let Some(span) = segment.span().filter(|span| !open.covers(*span)) else { continue };
        delete(Table::Segments, position)?;
        let parts = PublicSpans::only(vec![span]).intersection(&open).within(LONGEST_RECORDING);
        cut.extend(parts.into_iter().filter(|part| part.millis() > 0).map(|part| SpeakerSegment {
            start_ms: part.start(),
            end_ms: part.end(),
            ..segment.clone()
        }));
    }
    let last: Option<i64> = t
        .query_row(
            "SELECT max(position) FROM speaker_segment WHERE meeting = ?1",
            [id.as_str()],
            |r| r.get(0),
        )
        .optional()?
        .flatten();
    for (n, segment) in cut.into_iter().enumerate() {
        t.execute(
            "INSERT INTO speaker_segment VALUES (?1, ?2, ?3)",
            params![id.as_str(), last.unwrap_or(0) + 1 + n as i64, Json(segment)],
        )?;
    }
    Ok(gone)
}

/// Whether a number is that of an item, or of something below it ("7.5.1" of "Ö 7.5").
fn is_of(number: &str, item: &str) -> bool {
    let bare = |number: &str| {
        let number = number.trim();
        let bare = ["Ö", "TOP"].iter().find_map(|part| number.strip_prefix(part));
        bare.unwrap_or(number).trim().to_owned()
    };
    let (number, item) = (bare(number), bare(item));
    number.strip_prefix(&item).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
