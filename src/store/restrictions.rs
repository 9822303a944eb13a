//! What may not be seen of a meeting: set, listed, released. Owns the facts and where they lie; what
//! they take out of texts is `redacting`'s, who an item is `identity`'s.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};

use super::ledger::{self, Event};
use super::{Json, NewJob, Parsed, Store, audit, jobs, purge, redacting};
use crate::domain::{
    Act, AgendaItemId, Alignment, Covers, Digest, Error, Fact, ItemIdentity, LONGEST_RECORDING,
    MeetingId, Origin, PublicSpans, Restriction, Result, Scope, Signature, Span, Speech, TitleHash,
    Transcript,
};

/// A restriction that is to be set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewRestriction {
    /// What it is for.
    pub scope: Scope,
    /// What of it.
    #[serde(default)]
    pub covers: Covers,
    /// Who says so.
    pub origin: Origin,
    /// Why.
    pub why: String,
    /// Whether it takes back something that was published.
    pub withdrew: bool,
    /// Who sets it, and when.
    pub made: Signature,
    /// Whether it is an item's of which no text tells yet where it is treated; found out when it is set.
    #[serde(default)]
    pub unplaced: bool,
}

impl Store {
    /// Sets a restriction with the stretches of the meeting's clock in which it lies. When this
    /// returns, nothing of it is shown; what [`Self::pending_purges`] still names is to be overwritten. With it is
    /// queued what it leaves to be done, if anything.
    ///
    /// # Errors
    /// `Archive` where it cannot be written.
    pub fn restrict(
        &self,
        meeting: &MeetingId,
        new: &NewRestriction,
        spans: &[Span],
        follows: Option<&NewJob>,
    ) -> Result<Restriction> {
        let number = self.write_reserved(|t| {
            let number = set(t, meeting, new, spans)?;
            widen(t, meeting, number)?;
            redacting::apply(t, meeting)?;
            if let Some(job) = follows {
                jobs::enqueue(t, job)?;
            }
            Ok(number)
        })?;
        self.tell_ledger()?;
        let all = self.restrictions_of(meeting)?;
        all.into_iter().find(|r| r.number == number).ok_or_else(|| Error::archive("restriction"))
    }

    /// Releases a restriction, and queues in the same transaction what `follows`; gives it as it was.
    ///
    /// # Errors
    /// `NotFound` where there is none of this number, or it was released before.
    pub fn release(
        &self,
        meeting: &MeetingId,
        number: u32,
        by: &Signature,
        follows: Option<&NewJob>,
    ) -> Result<Restriction> {
        let known = self.restrictions_of(meeting)?.into_iter().find(|r| r.number == number);
        let remedy = format!("`mitschnitt restrictions {meeting}` nennt alle");
        let Some(known) = known else {
            let what = format!("Die Sitzung {meeting} hat keine Sperre {number}");
            return Err(Error::not_found(what).remedy(remedy));
        };
        if known.released.is_some() {
            let what = format!("Die Sperre {number} der Sitzung {meeting} ist schon aufgehoben");
            return Err(Error::not_found(what).remedy(remedy));
        }
        self.write(|t| {
            release(t, meeting, number, by)?;
            if let Some(job) = follows {
                jobs::enqueue(t, job)?;
            }
            redacting::apply(t, meeting)
        })?;
        self.tell_ledger()?;
        Ok(known)
    }

    /// All restrictions of a meeting, released ones among them, in the order they were set. The
    /// meeting need not be in the archive any more.
    pub fn restrictions_of(&self, meeting: &MeetingId) -> Result<Vec<Restriction>> {
        self.read(|c| of_meeting(c, meeting))
    }

    /// The meetings that have restrictions, released ones among them.
    pub fn restricted_meetings(&self) -> Result<Vec<MeetingId>> {
        self.read(meetings)
    }

    /// Where an item was treated by what the archive knows: the alignment, and what clerks have fixed.
    pub fn places_of(&self, meeting: &MeetingId, item: &AgendaItemId) -> Result<Vec<Span>> {
        self.read(|c| {
            let all = treated(c, meeting)?;
            Ok(all.into_iter().filter(|(id, _)| id == item).map(|(_, span)| span).collect())
        })
    }

    /// What an item of a meeting is known again by.
    pub fn identity_of(
        &self,
        meeting: &MeetingId,
        item: &AgendaItemId,
    ) -> Result<Option<ItemIdentity>> {
        self.read(|c| {
            let all = super::identity::known_items(c, meeting)?;
            match all.into_iter().map(|known| known.identity).find(|known| known.id == *item) {
                Some(known) => Ok(Some(known)),
                None => super::meeting_records::identity_of(c, meeting, item),
            }
        })
    }
}

pub(super) fn meetings(c: &Connection) -> rusqlite::Result<Vec<MeetingId>> {
    c.prepare_cached("SELECT DISTINCT meeting FROM restriction ORDER BY meeting")?
        .query_map([], |r| Ok(r.get::<_, Parsed<_>>(0)?.0))?
        .collect()
}

/// Appends a restriction; gives its number.
pub(super) fn set(
    t: &Transaction,
    meeting: &MeetingId,
    new: &NewRestriction,
    spans: &[Span],
) -> rusqlite::Result<u32> {
    let speeches = reached_speeches(t, meeting, &new.scope, spans)?;
    // Of a record of speeches it is known without times.
    let unplaced = matches!(new.scope, Scope::Item(_)) && spans.is_empty() && speeches.is_empty();
    let new = &NewRestriction { unplaced, ..new.clone() };
    let event = Event::set(meeting, new, spans, &speeches);
    let number = insert(t, meeting, &event.id, new, spans, &speeches, None)?;
    ledger::append(t, &event)?;
    let details = [("number", &*number.to_string())];
    audit::append(t, &new.made, Act::Restricted, meeting.as_str(), &details)?;
    Ok(number)
}

/// Lets a restricted item take in the wordless time around its places.
pub(super) fn widen(t: &Transaction, meeting: &MeetingId, number: u32) -> rusqlite::Result<()> {
    let all = of_meeting(t, meeting)?;
    let Some(r) = all.into_iter().find(|r| r.number == number) else { return Ok(()) };
    if !r.is_of_an_item() || r.spans.is_empty() {
        return Ok(());
    }
    let wide = widened(t, meeting, &r.spans)?;
    if wide == r.spans { Ok(()) } else { place(t, meeting, number, &wide) }
}

/// The places of an item with the wordless time around them: what the recogniser did not understand
/// there may be heard in the film.
fn widened(t: &Transaction, meeting: &MeetingId, spans: &[Span]) -> rusqlite::Result<Vec<Span>> {
    let (mut said, mut heard): (Vec<Span>, Vec<Span>) = (Vec::new(), Vec::new());
    for recording in super::recordings::of_meeting(t, meeting)? {
        let stored: Option<(Json<Transcript>, Json<PublicSpans>)> = t
            .query_row(
                "SELECT t.content, t.heard FROM recording r JOIN transcript t
                 ON t.id = r.transcript WHERE r.meeting = ?1 AND r.sha256 = ?2",
                [meeting.as_str(), recording.sha256.as_str()],
                |r| Ok((r.get(0)?, r.get(1)?)),
            )
            .optional()?;
        let Some((Json(transcript), Json(public))) = stored else { continue };
        let by = recording.offset.millis();
        said.extend(
            transcript
                .words
                .into_iter()
                .filter_map(|w| Span::new(w.start_ms.plus_millis(by), w.end_ms.plus_millis(by))),
        );
        heard.extend(public.on_meeting_clock(recording.offset));
    }
    // Not beyond what was heard: what is hidden for another reason may be released for itself.
    let open = PublicSpans::only(heard).within(LONGEST_RECORDING);
    let wide = |span: &Span| {
        let (start, end) = (span.start(), span.end());
        let first = open.iter().find(|o| o.start() < start && start <= o.end());
        let last = open.iter().find(|o| o.start() <= end && end < o.end());
        let before = said.iter().map(|w| w.end()).filter(|end| *end <= start).max();
        let after = said.iter().map(|w| w.start()).filter(|start| *start >= end).min();
        let start = first.map_or(start, |o| o.start().max(before.unwrap_or(start)));
        let end = last.map_or(end, |o| o.end().min(after.unwrap_or(end)));
        Span::new(start, end)
    };
    Ok(spans.iter().filter_map(wide).collect())
}

/// A speech that a restriction reaches: its number, and the hash of its words.
pub(super) type ReachedSpeech = (u32, TitleHash);

/// Writes a restriction under `number`, or the next one where that is taken or not given.
pub(super) fn insert(
    t: &Transaction,
    meeting: &MeetingId,
    event: &str,
    new: &NewRestriction,
    spans: &[Span],
    speeches: &[ReachedSpeech],
    number: Option<u32>,
) -> rusqlite::Result<u32> {
    let taken: BTreeSet<u32> = t
        .prepare_cached("SELECT number FROM restriction WHERE meeting = ?1")?
        .query_map([meeting.as_str()], |r| r.get(0))?
        .collect::<Result<_, _>>()?;
    let next = taken.last().map_or(1, |last| last + 1);
    let number = number.filter(|n| !taken.contains(n)).unwrap_or(next);
    t.execute(
        "INSERT INTO restriction (meeting, number, event, content) VALUES (?1, ?2, ?3, ?4)",
        params![meeting.as_str(), number, event, Json(new)],
    )?;
    for span in spans.iter().filter(|span| span.millis() > 0) {
        add_span(t, meeting, number, *span)?;
    }
    for (speech, words) in speeches {
        t.execute(
            "INSERT OR IGNORE INTO restriction_speech VALUES (?1, ?2, ?3, ?4)",
            params![meeting.as_str(), number, speech, words.as_str()],
        )?;
    }
    Ok(number)
}

fn add_span(t: &Transaction, meeting: &MeetingId, number: u32, span: Span) -> rusqlite::Result<()> {
    t.execute(
        "INSERT OR IGNORE INTO restriction_span VALUES (?1, ?2, ?3, ?4)",
        params![meeting.as_str(), number, span.start().millis(), span.end().millis()],
    )?;
    Ok(())
}

/// Puts a restriction where it was found to lie, in place of where it was thought to.
pub(super) fn place(
    t: &Transaction,
    meeting: &MeetingId,
    number: u32,
    spans: &[Span],
) -> rusqlite::Result<()> {
    put_spans(t, meeting, number, spans)?;
    ledger::append(t, &Event::placed(meeting, &event_of(t, meeting, number)?, spans))
}

/// Puts a restriction also where it lay once.
pub(super) fn add_spans(
    t: &Transaction,
    meeting: &MeetingId,
    number: u32,
    spans: &[Span],
) -> rusqlite::Result<()> {
    spans.iter().try_for_each(|span| add_span(t, meeting, number, *span))
}

pub(super) fn put_spans(
    t: &Transaction,
    meeting: &MeetingId,
    number: u32,
    spans: &[Span],
) -> rusqlite::Result<()> {
    t.execute(
        "DELETE FROM restriction_span WHERE meeting = ?1 AND number = ?2",
        params![meeting.as_str(), number],
    )?;
    let spans = spans.iter().filter(|span| span.millis() > 0);
    spans.copied().try_for_each(|span| add_span(t, meeting, number, span))
}

/// Notes that a restriction no longer holds.
pub(super) fn release(
    t: &Transaction,
    meeting: &MeetingId,
    number: u32,
    by: &Signature,
) -> rusqlite::Result<()> {
    put_release(t, meeting, number, by)?;
    let details = [("number", &*number.to_string())];
    audit::append(t, by, Act::Released, meeting.as_str(), &details)?;
    ledger::append(t, &Event::released(meeting, &event_of(t, meeting, number)?, by))
}

pub(super) fn put_release(
    t: &Transaction,
    meeting: &MeetingId,
    number: u32,
    by: &Signature,
) -> rusqlite::Result<()> {
    t.execute(
        "UPDATE restriction SET released_by = ?3, released_at = ?4
         WHERE meeting = ?1 AND number = ?2 AND released_at IS NULL",
        params![meeting.as_str(), number, by.by, by.at.to_string()],
    )?;
    Ok(())
}

/// The ledger's line that set a restriction.
fn event_of(t: &Transaction, meeting: &MeetingId, number: u32) -> rusqlite::Result<String> {
    t.query_row(
        "SELECT event FROM restriction WHERE meeting = ?1 AND number = ?2",
        params![meeting.as_str(), number],
        |r| r.get(0),
    )
}

pub(super) fn of_meeting(
    c: &Connection,
    meeting: &MeetingId,
) -> rusqlite::Result<Vec<Restriction>> {
    let mut spans = c.prepare_cached(
        "SELECT start_ms, end_ms FROM restriction_span WHERE meeting = ?1 AND number = ?2
         ORDER BY start_ms",
    )?;
    let read_span = |r: &rusqlite::Row| {
        use crate::domain::MediaTime;
        let (start, end) = (MediaTime::from_millis(r.get(0)?), MediaTime::from_millis(r.get(1)?));
        Ok(Span::new(start, end))
    };
    c.prepare_cached(
        "SELECT number, content, released_by, released_at FROM restriction
         WHERE meeting = ?1 ORDER BY number",
    )?
    .query_map([meeting.as_str()], |r| {
        let number = r.get(0)?;
        let new: NewRestriction = r.get::<_, Json<_>>(1)?.0;
        let lies = spans.query_map(params![meeting.as_str(), number], read_span)?;
        let released: Option<String> = r.get(2)?;
        Ok(Restriction {
            number,
            scope: new.scope,
            spans: lies.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().flatten().collect(),
            covers: new.covers,
            origin: new.origin,
            why: new.why,
            withdrew: new.withdrew,
            unplaced: new.unplaced,
            made: new.made,
            released: match released {
                Some(by) => Some(Signature { by, at: r.get::<_, Parsed<Timestamp>>(3)?.0 }),
                None => None,
            },
        })
    })?
    .collect()
}

/// Those that hold.
pub(super) fn in_force(c: &Connection, meeting: &MeetingId) -> rusqlite::Result<Vec<Restriction>> {
    Ok(of_meeting(c, meeting)?.into_iter().filter(Restriction::holds).collect())
}

/// Items with the spans in which they were treated, on the meeting's clock, also where words are gone.
pub(super) fn treated(
    c: &Connection,
    id: &MeetingId,
) -> rusqlite::Result<Vec<(AgendaItemId, Span)>> {
    let alignment: Option<Json<Alignment>> = c
        .query_row("SELECT content FROM alignment WHERE meeting = ?1", [id.as_str()], |r| r.get(0))
        .optional()?;
    let items = alignment.into_iter().flat_map(|Json(alignment)| alignment.items);
    let mut treated: Vec<_> =
        items.flat_map(|i| i.spans.into_iter().map(move |span| (i.id.clone(), span))).collect();
    treated.extend(super::places::of_meeting(c, id)?);
    for placed in super::overrules::placed(c, id)? {
        if let Fact::Items(items) = placed.overrule.point.fact {
            treated.extend(items.into_iter().map(|item| (item, placed.span)));
        }
    }
    Ok(treated)
}

/// The speeches of the meeting's other record that a restriction reaches.
fn reached_speeches(
    t: &Transaction,
    meeting: &MeetingId,
    scope: &Scope,
    spans: &[Span],
) -> rusqlite::Result<Vec<ReachedSpeech>> {
    let key = title_key(t)?;
    let all = super::speeches::of_meeting(t, meeting)?;
    let reached = all.iter().filter(|speech| reaches(scope, spans, speech));
    Ok(reached.filter_map(|s| Some((s.order, TitleHash::of(&key, &s.text)?))).collect())
}

/// Whether a restriction reaches a speech by what both say of themselves.
fn reaches(scope: &Scope, spans: &[Span], speech: &Speech) -> bool {
    let by_scope = match scope {
        Scope::Meeting => true,
        Scope::Item(item) => speech.item.as_ref() == Some(&item.id),
        Scope::Speech(order) => speech.order == *order,
        Scope::Span => false,
    };
    by_scope || spans.iter().any(|s| speech.span().is_some_and(|own| own.overlap_millis(*s) > 0))
}

/// Characters from which on a speech is known again by its words alone.
const DISTINCTIVE: usize = 25;

/// Characters from which on a speech is known again in another meeting, by its words alone.
const UNMISTAKABLE: usize = 80;

/// What of a record may be seen: tells of each speech whether it may.
pub(super) struct SpeechFilter {
    key: Digest,
    /// Other hashes under which speeches were restricted, by their numbers.
    former: HashMap<u32, String>,
    restrictions: Vec<(Restriction, Vec<(u32, String)>)>,
    /// Words that are restricted in other meetings.
    elsewhere: BTreeSet<String>,
}

impl SpeechFilter {
    /// Of a meeting's record; `former_texts` are speeches, by their numbers, as they were read before.
    pub(super) fn of(
        c: &Connection,
        meeting: &MeetingId,
        former_texts: &HashMap<u32, String>,
    ) -> rusqlite::Result<Self> {
        let key = title_key(c)?;
        let former = former_texts.iter();
        let former = former.filter_map(|(order, text)| Some((*order, hash(&key, text)?))).collect();
        let mut restrictions = Vec::new();
        for restriction in in_force(c, meeting)? {
            let reached: Vec<(u32, String)> = c
                .prepare_cached(
                    "SELECT speech, words FROM restriction_speech WHERE meeting = ?1 AND number = ?2",
                )?
                .query_map(params![meeting.as_str(), restriction.number], |r| {
                    Ok((r.get(0)?, r.get(1)?))
                })?
                .collect::<Result<_, _>>()?;
            restrictions.push((restriction, reached));
        }
        let elsewhere = c
            .prepare_cached(
                "SELECT DISTINCT words FROM restriction_speech s JOIN restriction r
                 USING (meeting, number) WHERE r.released_at IS NULL AND meeting <> ?1",
            )?
            .query_map([meeting.as_str()], |r| r.get(0))?
            .collect::<Result<_, _>>()?;
        Ok(Self { key, former, restrictions, elsewhere })
    }

    /// Whether a speech may be seen.
    pub(super) fn shows(&self, speech: &Speech) -> bool {
        let words = hash(&self.key, &speech.text).unwrap_or_default();
        let former = self.former.get(&speech.order);
        let is = |known: &String| *known == words || Some(known) == former;
        let length = speech.text.chars().count();
        let restricted = |(r, reached): &(Restriction, Vec<(u32, String)>)| {
            let same = |(number, known): &(u32, String)| {
                // "Vielen Dank." is said by many.
                is(known) && (length >= DISTINCTIVE || *number == speech.order)
            };
            // Of a stretch of time nobody knows which speeches without times lie in it, unless it was
            // set when they had some.
            let anywhere = r.scope == Scope::Span && reached.is_empty();
            reaches(&r.scope, &r.spans, speech)
                || reached.iter().any(same)
                || anywhere && speech.start_ms.is_none()
        };
        let contains = |words: &String| self.elsewhere.contains(words);
        let elsewhere =
            length >= UNMISTAKABLE && (contains(&words) || former.is_some_and(contains));
        !self.restrictions.iter().any(restricted) && !elsewhere
    }

    /// The restrictions of which it is not sure what they reach in this record: words that they reached
    /// are not in it, and neither times nor the agenda say where they went.
    pub(super) fn unsure(&self, agenda: &[AgendaItemId], speeches: &[Speech]) -> Vec<u32> {
        let now = speeches.iter().filter_map(|s| hash(&self.key, &s.text));
        let words: BTreeSet<String> = now.chain(self.former.values().cloned()).collect();
        let timed = speeches.iter().all(|s| s.start_ms.is_some());
        let unsure = |(r, reached): &&(Restriction, Vec<(u32, String)>)| {
            let all_there = reached.iter().all(|(_, known)| words.contains(known));
            let by_time = timed && !r.spans.is_empty();
            let by_item = agenda.iter().any(|item| r.is_of(item));
            !all_there && !by_time && !by_item && r.scope != Scope::Meeting
        };
        self.restrictions.iter().filter(unsure).map(|(r, _)| r.number).collect()
    }
}

/// The hash of what was said; `None` where nothing of it counts.
fn hash(key: &Digest, text: &str) -> Option<String> {
    Some(TitleHash::of(key, text)?.as_str().to_owned())
}

/// The key of hidden titles.
pub(super) fn title_key(c: &Connection) -> rusqlite::Result<Digest> {
    c.query_row("SELECT value FROM setting WHERE name = 'key'", [], |r| {
        Ok(r.get::<_, Parsed<_>>(0)?.0)
    })
}

/// Notes what is to be overwritten of a meeting that something was withdrawn from.
pub(super) fn note_purges(t: &Transaction, meeting: &MeetingId) -> rusqlite::Result<()> {
    for what in [purge::Purge::Index, purge::Purge::Copies, purge::Purge::Inbox] {
        purge::note(t, what, meeting.as_str())?;
    }
    purge::note(t, purge::Purge::Log, "")
}
