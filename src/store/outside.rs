//! What others recorded of a meeting: votes, and who spoke when. Replaced whole by kind with an import; what
//! may not be seen never comes in, and goes when it is restricted.

use rusqlite::{Connection, Transaction, params};
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
            let filter = OutsideFilter::of(t, id)?;
            // What may not be seen is not even written.
            let left_out = match facts {
                OutsideFacts::Votes(votes) => {
                    let seen: Vec<&RecordedVote> =
                        votes.iter().filter(|vote| filter.shows(vote)).collect();
                    write(t, id, Table::Votes, &seen)?;
                    votes.len() - seen.len()
                }
                OutsideFacts::Segments(segments) => {
                    let cut: Vec<Vec<SpeakerSegment>> =
                        segments.iter().map(|segment| filter.cut(segment)).collect();
                    let gone = cut.iter().filter(|parts| parts.is_empty()).count();
                    write(t, id, Table::Segments, &cut.concat())?;
                    gone
                }
            };
            Ok(Some(left_out))
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
            let votes = votes.into_iter().map(|vote| on_clock_vote(vote, shift)).collect();
            let segments = rows::<SpeakerSegment>(c, id, Table::Segments)?;
            let mut segments: Vec<SpeakerSegment> =
                segments.into_iter().map(|segment| on_clock_segment(segment, shift)).collect();
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

/// Takes out what may not be seen. Gives whether anything had to go.
pub(super) fn redact(t: &Transaction, id: &MeetingId) -> rusqlite::Result<bool> {
    let filter = OutsideFilter::of(t, id)?;
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
    Ok(fewer_votes || fewer_segments)
}

/// What of a meeting's outside evidence may be seen.
struct OutsideFilter {
    open: PublicSpans,
    shift: i64,
    /// Whether stretches or items are restricted: then what has no time is nowhere.
    is_restricted: bool,
    /// Numbers of items, as [`plain_number`] has them.
    public: Vec<String>,
    hidden: Vec<String>,
    /// Whether any item is hidden, with a number or without.
    hides_items: bool,
}

impl OutsideFilter {
    fn of(c: &Connection, id: &MeetingId) -> rusqlite::Result<Self> {
        let items: Vec<(Option<String>, bool)> = c
            .prepare_cached("SELECT number, public FROM agenda_item WHERE meeting = ?1")?
            .query_map([id.as_str()], |r| Ok((r.get(0)?, r.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let numbers = |shown: bool| -> Vec<String> {
            let of = items.iter().filter(|(_, public)| *public == shown);
            of.filter_map(|(number, _)| number.as_deref()).map(plain_number).collect()
        };
        Ok(Self {
            open: open(c, id)?,
            shift: video_shift(c, id)?,
            is_restricted: !restrictions::in_force(c, id)?.is_empty(),
            public: numbers(true),
            hidden: numbers(false),
            hides_items: items.iter().any(|(_, public)| !public),
        })
    }

    /// Whether a vote may be seen. While an item is hidden, it must be known to be on another one.
    fn shows(&self, vote: &RecordedVote) -> bool {
        let at = vote.at_ms.map(|at| on_clock(at, vote.clock, self.shift));
        let seen =
            at.map_or(!self.is_restricted && !self.open.is_empty(), |at| self.open.contains(at));
        let number = vote.agenda_number.as_deref().map(plain_number);
        let is_of = |items: &[String]| {
            number.as_deref().is_some_and(|n| items.iter().any(|item| is_below(n, item)))
        };
        seen && (!self.hides_items || is_of(&self.public) && !is_of(&self.hidden))
    }

    /// The parts of a segment that may be seen, on its own clock.
    fn cut(&self, segment: &SpeakerSegment) -> Vec<SpeakerSegment> {
        let moved = on_clock_segment(segment.clone(), self.shift);
        let Some(span) = moved.span() else { return Vec::new() };
        if self.open.covers(span) {
            return vec![segment.clone()];
        }
        let back = |time: MediaTime| on_clock(time, segment.clock, -self.shift);
        let parts = PublicSpans::only(vec![span]).intersection(&self.open);
        let parts = parts.within(LONGEST_RECORDING).into_iter().filter(|part| part.millis() > 0);
        parts
            .map(|part| SpeakerSegment {
                start_ms: back(part.start()),
                end_ms: back(part.end()),
                ..segment.clone()
            })
            .collect()
    }
}

/// A number without what stands around it: of "TOP Ö 07.5" 7.5, of "N 1" n1.
fn plain_number(number: &str) -> String {
    let folded = mitschnitt_german::folding::fold(number);
    let words = ["tagesordnungspunkt", "top", "punkt", "oeffentlich", "oe", "o"];
    let mut rest = folded.as_str();
    while let Some(bare) = words.iter().find_map(|word| rest.strip_prefix(word)) {
        rest = bare;
    }
    // Folding drops what parts the levels.
    let levels = number.trim().trim_end_matches(['.', ':']);
    let figures = levels.find(|c: char| c.is_ascii_digit()).map_or("", |at| &levels[at..]);
    let letters: String = rest.chars().take_while(|c| c.is_alphabetic()).collect();
    format!("{letters}{}", figures.trim_start_matches('0').to_lowercase())
}

/// Whether a number is that of an item, or of something below it ("7.5.1" of "7.5").
fn is_below(number: &str, item: &str) -> bool {
    number.strip_prefix(item).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
