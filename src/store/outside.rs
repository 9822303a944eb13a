//! What others recorded of a meeting: its record, votes, and who spoke when. Replaced whole by kind with an
//! import; what may not be seen never comes in, and goes when it is restricted.

use rusqlite::{Connection, Transaction, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::meeting_records::{self, PutRecord, ShownItems};
use super::outside_filter::OutsideFilter;
use super::{Json, Store, recordings, restrictions};
use crate::domain::{
    AgendaItem, Error, MediaTime, MeetingId, OutsideEvidence, OutsideFacts, RecordedVote, Result,
    SpeakerSegment, TimeBase,
};

impl Store {
    /// Writes the facts in place of those of their kind. Gives how many of them may not be seen, and did
    /// not come in. A record of a meeting that the archive does not know makes it.
    ///
    /// # Errors
    /// `NotFound` where the archive has no such meeting, `BadInput` where its record does not say enough to
    /// make it, or calls items not public that the archive shows from elsewhere.
    pub fn put_outside(&self, id: &MeetingId, facts: &OutsideFacts) -> Result<usize> {
        let put = self.write_reserved(|t| match facts {
            OutsideFacts::Meeting(record) => meeting_records::put(t, id, record.as_deref()),
            _ if !is_known(t, id)? => Ok(PutRecord::Unknown),
            OutsideFacts::Votes(votes) => put_votes(t, id, votes).map(PutRecord::Done),
            OutsideFacts::Segments(segments) => put_segments(t, id, segments).map(PutRecord::Done),
        })?;
        self.tell_ledger()?;
        match put {
            PutRecord::Done(left_out) => Ok(left_out),
            PutRecord::Shown(shown) => Err(is_shown(id, &shown)),
            PutRecord::Unknown => Err(Error::not_found(format!(
                "Die Sitzung {id} ist nicht im Archiv"
            ))
            .remedy("Nehmen Sie sie zuerst auf: `mitschnitt ingest` oder `mitschnitt import`")),
            PutRecord::Incomplete => {
                let what = format!(
                    "Die Sitzung {id} ist noch nicht im Archiv, und ihre Zeile nennt nicht Tag und Körperschaft"
                );
                Err(Error::bad_input(what).remedy(
                    "Ergänzen Sie `date` und `body`, oder nehmen Sie die Sitzung zuerst auf",
                ))
            }
        }
    }

    /// What others recorded of a meeting, all on the meeting's clock.
    pub fn outside_evidence(&self, id: &MeetingId) -> Result<OutsideEvidence> {
        self.read(|c| {
            let shift = video_shift(c, id)?;
            let votes = rows::<RecordedVote>(c, id, Table::Votes)?;
            let votes = votes.into_iter().map(|vote| on_clock_vote(vote, shift)).collect();
            let segments = rows::<SpeakerSegment>(c, id, Table::Segments)?;
            let mut segments: Vec<SpeakerSegment> =
                segments.into_iter().map(|segment| on_clock_segment(segment, shift)).collect();
            segments.sort_by_key(|segment| (segment.start_ms, segment.end_ms));
            Ok(OutsideEvidence { votes, segments })
        })
    }
}

/// That a record calls not public what the archive shows.
fn is_shown(id: &MeetingId, shown: &ShownItems) -> Error {
    let source = match shown.of_speeches {
        true => "den übernommenen Redebeiträgen",
        false => "ihrer Tagesordnung (Ratsinformation oder meeting.toml)",
    };
    let typed = shown.items.iter().map(|item| match &item.number {
        Some(number) => format!("\"{number}\""),
        None => item.id.to_string(),
    });
    let mut typed = typed.collect::<Vec<_>>().into_iter();
    let first = typed.next().unwrap_or_default();
    let others: String = typed.map(|item| format!(", ebenso {item}")).collect();
    Error::bad_input(format!(
        "Sitzung {id}: nichtöffentlich ist danach {}, was das Archiv aus {source} zeigt; übernommen ist von der \
         Zeile nichts",
        named(&shown.items)
    ))
    .remedy(format!(
        "Sperren Sie das zuerst (mitschnitt withhold {id} --item {first} --why …{others}), oder berichtigen Sie die Datei"
    ))
}

/// Items as people name them.
pub(super) fn named(items: &[AgendaItem]) -> String {
    let name = |item: &AgendaItem| match &item.number {
        Some(number) => format!("TOP {number}"),
        None => format!("„{}“", item.title),
    };
    items.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn is_known(c: &Connection, id: &MeetingId) -> rusqlite::Result<bool> {
    c.query_row("SELECT EXISTS (SELECT 1 FROM meeting WHERE id = ?1)", [id.as_str()], |r| r.get(0))
}

/// What may not be seen is not even written.
fn put_votes(t: &Transaction, id: &MeetingId, votes: &[RecordedVote]) -> rusqlite::Result<usize> {
    let filter = OutsideFilter::of(t, id)?;
    let before = rows::<RecordedVote>(t, id, Table::Votes)?;
    let seen: Vec<&RecordedVote> = votes.iter().filter(|vote| filter.shows(vote)).collect();
    write(t, id, Table::Votes, &seen)?;
    // What they said is in the index.
    if !before.is_empty() && !before.iter().eq(seen.iter().copied()) {
        restrictions::note_purges(t, id)?;
    }
    Ok(votes.len() - seen.len())
}

fn put_segments(
    t: &Transaction,
    id: &MeetingId,
    segments: &[SpeakerSegment],
) -> rusqlite::Result<usize> {
    let filter = OutsideFilter::of(t, id)?;
    let cut: Vec<Vec<SpeakerSegment>> =
        segments.iter().map(|segment| filter.cut(segment)).collect();
    let gone = cut.iter().filter(|parts| parts.is_empty()).count();
    write(t, id, Table::Segments, &cut.concat())?;
    Ok(gone)
}

/// The votes that may be seen, on the meeting's clock.
pub(super) fn votes(
    c: &Connection,
    id: &MeetingId,
    filter: &OutsideFilter,
) -> rusqlite::Result<Vec<RecordedVote>> {
    let shift = video_shift(c, id)?;
    let votes = rows::<RecordedVote>(c, id, Table::Votes)?.into_iter();
    Ok(votes.filter(|vote| filter.shows(vote)).map(|vote| on_clock_vote(vote, shift)).collect())
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
) -> rusqlite::Result<()> {
    let table = table.name();
    t.execute(&format!("DELETE FROM {table} WHERE meeting = ?1"), [id.as_str()])?;
    let mut insert = t.prepare(&format!("INSERT INTO {table} VALUES (?1, ?2, ?3)"))?;
    for (position, fact) in facts.iter().enumerate() {
        insert.execute(params![id.as_str(), position, Json(fact)])?;
    }
    Ok(())
}

fn rows<T: DeserializeOwned>(
    c: &Connection,
    id: &MeetingId,
    table: Table,
) -> rusqlite::Result<Vec<T>> {
    let table = table.name();
    c.prepare_cached(&format!("SELECT content FROM {table} WHERE meeting = ?1 ORDER BY position"))?
        .query_map([id.as_str()], |r| Ok(r.get::<_, Json<_>>(0)?.0))?
        .collect()
}

/// Video's clock + this = the meeting's clock, in milliseconds, by the first recording with a public copy;
/// where nothing was recorded here, by the film that the meeting's record names.
pub(super) fn video_shift(c: &Connection, id: &MeetingId) -> rusqlite::Result<i64> {
    let recordings = recordings::of_meeting(c, id)?;
    if recordings.is_empty() {
        let stored = meeting_records::stored(c, id)?;
        return Ok(stored.map_or(0, |stored| -stored.record.video_offset_ms));
    }
    let copy = recordings.into_iter().find(|r| r.video_url.is_some());
    Ok(copy.map_or(0, |r| r.offset.millis() as i64 - r.video_offset_ms))
}

pub(super) fn on_clock(time: MediaTime, base: TimeBase, shift: i64) -> MediaTime {
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

pub(super) fn on_clock_segment(mut segment: SpeakerSegment, shift: i64) -> SpeakerSegment {
    segment.start_ms = on_clock(segment.start_ms, segment.clock, shift);
    segment.end_ms = on_clock(segment.end_ms, segment.clock, shift);
    segment.clock = TimeBase::Meeting;
    segment
}

/// Takes out what may not be seen. Gives whether anything had to go.
pub(super) fn redact(t: &Transaction, id: &MeetingId) -> rusqlite::Result<bool> {
    // What the record's agenda says of votes must be known before any of it goes.
    let filter = OutsideFilter::of(t, id)?;
    let fewer_items = meeting_records::redact(t, id, &filter)?;
    let votes = rows::<RecordedVote>(t, id, Table::Votes)?;
    let seen: Vec<&RecordedVote> = votes.iter().filter(|vote| filter.shows(vote)).collect();
    let segments = rows::<SpeakerSegment>(t, id, Table::Segments)?;
    let cut: Vec<SpeakerSegment> =
        segments.iter().flat_map(|segment| filter.cut(segment)).collect();
    let (fewer_votes, fewer_segments) = (seen.len() < votes.len(), cut != segments);
    if fewer_votes {
        write(t, id, Table::Votes, &seen)?;
    }
    if fewer_segments {
        write(t, id, Table::Segments, &cut)?;
    }
    Ok(fewer_items || fewer_votes || fewer_segments)
}
