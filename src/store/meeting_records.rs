//! Meetings as others have them on record: written whole by an import, which makes a meeting that the archive
//! does not know. Of what is not public, hashes alone come in.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};

use super::outside_claims::{Claim, HiddenMark, remember_papers, remember_title};
use super::outside_filter::OutsideFilter;
use super::{Json, Parsed, Store, councils, meetings, redacting, restrictions};
use crate::domain::{
    AgendaItem, AgendaItemId, Council, Digest, ItemIdentity, MeetingId, MeetingRecord, PlainNumber,
    RecordedItem, RecordedVote, Result, TitleHash,
};

/// What others recorded of a meeting, as far as it may be seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ShownOutside {
    /// The meeting itself, without its agenda.
    pub record: Option<MeetingRecord>,
    /// The record's agenda in its order; the ids stay the same for as long as number, or title, do.
    pub agenda: Vec<(AgendaItemId, RecordedItem)>,
    /// Votes, on the meeting's clock.
    pub votes: Vec<RecordedVote>,
}

/// What became of a record.
pub(super) enum PutRecord {
    /// It is there; so many of its items did not come in.
    Done(usize),
    /// There is no such meeting, and nothing to be written of it.
    Unknown,
    /// There is no such meeting, and the record does not say whose or of which day.
    Incomplete,
    /// Nothing of it came in: it calls items not public that the archive shows from elsewhere.
    Shown(ShownItems),
}

/// Items of the archive that a record calls not public.
pub(super) struct ShownItems {
    pub(super) items: Vec<AgendaItem>,
    /// Whether they came with speeches.
    pub(super) of_speeches: bool,
}

/// A record as it is stored.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct StoredRecord {
    pub(super) record: MeetingRecord,
    /// What it calls not public, or once did.
    #[serde(default)]
    pub(super) hidden: Vec<HiddenMark>,
}

impl Store {
    /// What others recorded of a meeting and may be seen: its record and its votes.
    pub fn shown_outside(&self, id: &MeetingId) -> Result<ShownOutside> {
        self.read(|c| {
            let key = restrictions::title_key(c)?;
            let filter = OutsideFilter::of(c, id)?;
            let votes = super::outside::votes(c, id, &filter)?;
            let stored = stored(c, id)?.filter(|_| !filter.hides_meeting());
            let Some(StoredRecord { mut record, .. }) = stored else {
                return Ok(ShownOutside { votes, ..ShownOutside::default() });
            };
            let shown = std::mem::take(&mut record.agenda).into_iter();
            let shown = shown.filter(|item| filter.shows_item(id, item));
            let agenda = shown.filter_map(|item| Some((item_id(id, &key, &item)?, item))).collect();
            Ok(ShownOutside { record: Some(record), agenda, votes })
        })
    }

    /// The names of meetings by their records.
    pub fn recorded_names(&self) -> Result<BTreeMap<MeetingId, String>> {
        self.read(|c| {
            c.prepare_cached(
                "SELECT meeting, json_extract(content, '$.record.name') FROM meeting_record
                 WHERE json_extract(content, '$.record.name') IS NOT NULL",
            )?
            .query_map([], |r| Ok((r.get::<_, Parsed<_>>(0)?.0, r.get(1)?)))?
            .collect()
        })
    }
}

/// Writes a record in place of the one that is there, and the meeting, where the archive has it from records
/// alone.
pub(super) fn put(
    t: &Transaction,
    id: &MeetingId,
    record: Option<&MeetingRecord>,
) -> rusqlite::Result<PutRecord> {
    let council = councils::read(t, id)?;
    let before = content(t, id)?;
    let Some(record) = record else {
        if council.is_none() {
            return Ok(PutRecord::Unknown);
        }
        t.execute("DELETE FROM meeting_record WHERE meeting = ?1", [id.as_str()])?;
        if before.is_some() {
            restrictions::note_purges(t, id)?;
        }
        return Ok(PutRecord::Done(0));
    };
    let key = restrictions::title_key(t)?;
    let filter = OutsideFilter::of(t, id)?;
    let known = stored(t, id)?.map(|stored| stored.hidden).unwrap_or_default();
    let (mut seen, marks) = without_hidden(&key, record, known, |item| filter.shows_item(id, item));
    let items = council.as_ref().map(|council| called_hidden(&key, &marks, council));
    if let Some(items) = items.filter(|items| !items.is_empty()) {
        let of_speeches = is_of_speeches(t, id)?;
        return Ok(PutRecord::Shown(ShownItems { items, of_speeches }));
    }
    let is_made = match &council {
        Some(_) => is_of_record_alone(t, id)?,
        None => true,
    };
    if is_made && !make(t, id, record, council.as_ref())? {
        return Ok(PutRecord::Incomplete);
    }
    if filter.hides_meeting() {
        forget(t, id, marks)?;
        return Ok(PutRecord::Done(record.agenda.len()));
    }
    redact_record(t, id, &filter, &mut seen)?;
    let left_out = record.agenda.len() - seen.agenda.len();
    write(t, id, is_made, &StoredRecord { record: seen, hidden: marks })?;
    let is_other = before.is_some() && before != content(t, id)?;
    // Which words went is not worth finding out. The film's offset may have moved votes, too.
    if redacting::apply(t, id)? || is_other {
        restrictions::note_purges(t, id)?;
    }
    Ok(PutRecord::Done(left_out))
}

/// A record without what it calls not public, or once did, and what that is known by. What it calls so no
/// more is hidden whatever it says of it now.
fn without_hidden(
    key: &Digest,
    record: &MeetingRecord,
    known: Vec<HiddenMark>,
    shows: impl Fn(&RecordedItem) -> bool,
) -> (MeetingRecord, Vec<HiddenMark>) {
    let taken = |mut record: MeetingRecord| {
        let hidden = record.take_hidden();
        let shown = record.agenda.iter().filter(|item| shows(item));
        let shown: Vec<RecordedItem> = shown.cloned().collect();
        let marks = hidden.iter().filter_map(|item| HiddenMark::of(key, item, &shown));
        (marks.collect::<Vec<_>>(), record)
    };
    let mut record = record.clone();
    let (said, _) = taken(record.clone());
    let gone: Vec<&HiddenMark> = known.iter().filter(|mark| !said.contains(mark)).collect();
    for item in &mut record.agenda {
        let claim = Claim::of_recorded(key, item);
        if gone.iter().any(|mark| mark.hides(&claim)) {
            item.public = Some(false);
        }
    }
    let (marks, record) = taken(record);
    let mut all = known;
    for mark in marks {
        if !all.contains(&mark) {
            all.push(mark);
        }
    }
    (record, all)
}

/// The items that a meeting shows and marks call not public.
fn called_hidden(key: &Digest, marks: &[HiddenMark], council: &Council) -> Vec<AgendaItem> {
    let is_marked = |item: &&AgendaItem| {
        let claim = Claim::of_item(key, council, item);
        item.public && marks.iter().any(|mark| mark.hides(&claim))
    };
    council.meeting.agenda.iter().filter(is_marked).cloned().collect()
}

/// The items of a meeting that its stored record calls not public.
pub(super) fn hidden_of(c: &Connection, council: &Council) -> rusqlite::Result<Vec<AgendaItem>> {
    let Some(stored) = stored(c, &council.meeting.id)? else { return Ok(Vec::new()) };
    Ok(called_hidden(&restrictions::title_key(c)?, &stored.hidden, council))
}

/// Takes a record out; what it calls not public stays known.
fn forget(t: &Transaction, id: &MeetingId, hidden: Vec<HiddenMark>) -> rusqlite::Result<()> {
    if hidden.is_empty() {
        t.execute("DELETE FROM meeting_record WHERE meeting = ?1", [id.as_str()])?;
        return Ok(());
    }
    write(t, id, false, &StoredRecord { hidden, ..StoredRecord::default() })
}

/// Takes out what may not be seen any more. Gives whether anything had to go.
pub(super) fn redact(
    t: &Transaction,
    id: &MeetingId,
    filter: &OutsideFilter,
) -> rusqlite::Result<bool> {
    let Some(StoredRecord { mut record, hidden }) = stored(t, id)? else { return Ok(false) };
    if filter.hides_meeting() {
        let was_said = record != MeetingRecord::default();
        forget(t, id, hidden)?;
        return Ok(was_said);
    }
    if !redact_record(t, id, filter, &mut record)? {
        return Ok(false);
    }
    let made =
        t.query_row("SELECT made FROM meeting_record WHERE meeting = ?1", [id.as_str()], |r| {
            r.get(0)
        })?;
    write(t, id, made, &StoredRecord { record, hidden })?;
    Ok(true)
}

/// What is stored of a meeting's record.
pub(super) fn stored(c: &Connection, id: &MeetingId) -> rusqlite::Result<Option<StoredRecord>> {
    c.prepare_cached("SELECT content FROM meeting_record WHERE meeting = ?1")?
        .query_row([id.as_str()], |r| Ok(r.get::<_, Json<_>>(0)?.0))
        .optional()
}

/// What an item of the meeting's record is known again by.
pub(super) fn identity_of(
    c: &Connection,
    id: &MeetingId,
    item: &AgendaItemId,
) -> rusqlite::Result<Option<ItemIdentity>> {
    let key = restrictions::title_key(c)?;
    let agenda = stored(c, id)?.map(|stored| stored.record.agenda).unwrap_or_default();
    let found = agenda.into_iter().find(|own| item_id(id, &key, own).as_ref() == Some(item));
    Ok(found.map(|own| ItemIdentity {
        id: item.clone(),
        source: None,
        title: own.title.as_deref().and_then(|title| TitleHash::of(&key, title)),
        number: own.number,
    }))
}

/// Whether an item has its id from the meeting's record.
pub(super) fn is_own_id(id: &MeetingId, item: &AgendaItemId) -> bool {
    item.as_str().strip_prefix(id.as_str()).is_some_and(|rest| rest.starts_with(OWN))
}

/// Between the meeting's id and the rest of the ids of its record's items; those of other agendas have a
/// number there.
const OWN: &str = "/top-";

/// By its number, else by what else it is known by, under the archive's key.
fn item_id(id: &MeetingId, key: &Digest, item: &RecordedItem) -> Option<AgendaItemId> {
    let number = item.number.as_deref().map(PlainNumber::of).filter(|n| !n.is_empty());
    let name = match number {
        Some(number) => number.to_string(),
        None => {
            let text = item.title.as_deref().or(item.paper.as_deref())?;
            TitleHash::of(key, text)?.as_str()[..16].to_owned()
        }
    };
    AgendaItemId::new(format!("{id}{OWN}{name}")).ok()
}

/// Takes hidden items out of a record's agenda with all that lies below them, and keeps what their papers are
/// known by. Gives whether anything had to go.
fn redact_record(
    t: &Transaction,
    id: &MeetingId,
    filter: &OutsideFilter,
    record: &mut MeetingRecord,
) -> rusqlite::Result<bool> {
    let key = restrictions::title_key(t)?;
    let agenda = std::mem::take(&mut record.agenda);
    let before = agenda.len();
    let (mut shown, mut gone): (Vec<_>, Vec<_>) =
        agenda.into_iter().partition(|item| filter.shows_item(id, item));
    for item in &gone {
        if let Some(hidden) = filter.hidden_item(item) {
            remember_papers(t, id, hidden, item.paper.as_deref())?;
            if let Some(title) = item.title.as_deref()
                && item_id(id, &key, item).as_ref() == Some(hidden)
            {
                remember_title(t, id, hidden, title)?;
            }
        }
    }
    gone.retain(|item| filter.hidden_item(item).is_some());
    loop {
        let is_below = |item: &RecordedItem| gone.iter().any(|other| item.is_of(other));
        let (more, rest): (Vec<_>, Vec<_>) = shown.into_iter().partition(is_below);
        shown = rest;
        if more.is_empty() {
            break;
        }
        gone.extend(more);
    }
    record.agenda = shown;
    Ok(record.agenda.len() < before)
}

fn write(
    t: &Transaction,
    id: &MeetingId,
    made: bool,
    stored: &StoredRecord,
) -> rusqlite::Result<()> {
    t.execute(
        "INSERT OR REPLACE INTO meeting_record VALUES (?1, ?2, ?3)",
        params![id.as_str(), made, Json(stored)],
    )?;
    Ok(())
}

fn content(c: &Connection, id: &MeetingId) -> rusqlite::Result<Option<String>> {
    c.query_row("SELECT content FROM meeting_record WHERE meeting = ?1", [id.as_str()], |r| {
        r.get(0)
    })
    .optional()
}

fn is_of_speeches(c: &Connection, id: &MeetingId) -> rusqlite::Result<bool> {
    c.query_row("SELECT EXISTS (SELECT 1 FROM imported WHERE meeting = ?1)", [id.as_str()], |r| {
        r.get(0)
    })
}

/// Whether nothing but its record says anything of a meeting.
fn is_of_record_alone(c: &Connection, id: &MeetingId) -> rusqlite::Result<bool> {
    c.query_row(
        "SELECT EXISTS (SELECT 1 FROM meeting_record r JOIN meeting m ON m.id = r.meeting
                        WHERE m.id = ?1 AND r.made AND m.oparl_id IS NULL)
           AND NOT EXISTS (SELECT 1 FROM imported WHERE meeting = ?1)
           AND NOT EXISTS (SELECT 1 FROM recording WHERE meeting = ?1)
           AND NOT EXISTS (SELECT 1 FROM agenda_item WHERE meeting = ?1)",
        [id.as_str()],
        |r| r.get(0),
    )
}

/// Writes the meeting of a record; what the record leaves open stays as it was. Gives whether day and body are
/// known.
fn make(
    t: &Transaction,
    id: &MeetingId,
    record: &MeetingRecord,
    before: Option<&Council>,
) -> rusqlite::Result<bool> {
    let date = record.date.or_else(|| before?.meeting.date);
    let body = record.body.as_deref().or_else(|| Some(before?.body.name.as_str()));
    let known = before.map(Council::organization_name).filter(|name| !name.is_empty());
    let (Some(date), Some(body)) = (date, body) else { return Ok(false) };
    let council = Council::by_names(id, body, record.organization.as_deref().or(known), date)
        .map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
    councils::write(t, &council)?;
    meetings::note_return(t, id)?;
    Ok(true)
}
