//! What restrictions take out of the archive: texts, windows, alignment, speeches, titles and copies,
//! in the transaction that sets them. Owns that what is stored never says more than may be said.

use std::collections::{BTreeSet, HashMap};

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::anchored::AnchoredTexts;
use super::outside_claims::{references, remember_papers};
use super::restrictions::{self, SpeechFilter};
use super::{Json, Parsed, purge, recordings};
use crate::domain::{
    AgendaItemId, Alignment, Hidden, LONGEST_RECORDING, MediaTime, MeetingId, PublicSpans,
    Recording, Restriction, Scope, Span, Transcript,
};

/// What may be processed of recordings as their source has them, by what is restricted now.
pub(super) fn allowed(
    c: &Connection,
    id: &MeetingId,
    source: &PublicSpans,
    offset: MediaTime,
) -> rusqlite::Result<PublicSpans> {
    Ok(Hidden::by(&restrictions::in_force(c, id)?).leave_of(source, offset))
}

/// Makes everything that is stored of a meeting say no more than may be said now. Gives whether
/// something had to go.
pub(super) fn apply(t: &Transaction, id: &MeetingId) -> rusqlite::Result<bool> {
    let in_force = restrictions::in_force(t, id)?;
    let hidden = Hidden::by(&in_force);
    let mut narrowed = false;
    // Before anything is cut: what people put right is found by its words, too.
    let texts = AnchoredTexts::read(t, id)?;
    for (recording, source) in recordings::with_source(t, id)? {
        let allowed = hidden.leave_of(&source, recording.offset);
        if allowed != recording.public {
            t.execute(
                "UPDATE recording SET public = ?3 WHERE meeting = ?1 AND sha256 = ?2",
                params![id.as_str(), recording.sha256.as_str(), Json(&allowed)],
            )?;
        }
        narrowed |= redact_recording(t, id, &recording, &allowed)?;
    }
    narrowed |= super::revisions::redact(t, id, &hidden, &texts)?;
    super::overrules::redact(t, id, &hidden, &texts)?;
    narrowed |= redact_alignment(t, id)?;
    narrowed |= redact_speeches(t, id)?;
    narrowed |= redact_agenda(t, id, &in_force)?;
    narrowed |= super::outside::redact(t, id)?;
    reveal_items(t, id, &in_force)?;
    if narrowed {
        restrictions::note_purges(t, id)?;
    }
    Ok(narrowed)
}

/// Takes out of what people put right or fixed what may not be seen, once a text tells more of where that is.
pub(super) fn apply_to_anchors(t: &Transaction, id: &MeetingId) -> rusqlite::Result<()> {
    let hidden = Hidden::by(&restrictions::in_force(t, id)?);
    if hidden.hides_something() {
        let texts = AnchoredTexts::read(t, id)?;
        if super::revisions::redact(t, id, &hidden, &texts)? {
            restrictions::note_purges(t, id)?;
        }
        super::overrules::redact(t, id, &hidden, &texts)?;
    }
    Ok(())
}

/// Cuts everything that was made of a recording down to `allowed`.
fn redact_recording(
    t: &Transaction,
    id: &MeetingId,
    recording: &Recording,
    allowed: &PublicSpans,
) -> rusqlite::Result<bool> {
    let sha256 = recording.sha256.as_str();
    let mut narrowed = false;
    let heard: Vec<(i64, PublicSpans)> = t
        .prepare_cached("SELECT id, heard FROM transcript WHERE meeting = ?1 AND recording = ?2")?
        .query_map([id.as_str(), sha256], |r| Ok((r.get(0)?, r.get::<_, Json<_>>(1)?.0)))?
        .collect::<Result<_, _>>()?;
    for (transcript, heard) in heard.iter().filter(|(_, heard)| !heard.is_within(allowed)) {
        redact_transcript(t, *transcript, &heard.intersection(allowed))?;
        narrowed = true;
    }
    let open = allowed.within(LONGEST_RECORDING);
    let windows: Vec<(String, Option<u64>, Option<u64>)> = t
        .prepare_cached(
            "SELECT key, start_ms, end_ms FROM recognized_window WHERE meeting = ?1 AND recording = ?2",
        )?
        .query_map([id.as_str(), sha256], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?
        .collect::<Result<_, _>>()?;
    for (key, start, end) in windows {
        let place = start
            .zip(end)
            .and_then(|(a, b)| Span::new(MediaTime::from_millis(a), MediaTime::from_millis(b)));
        // Of answers of older versions nobody knows the place.
        let known = place.map_or(allowed.is_whole(), |place| window_is_allowed(place, &open));
        if !known {
            t.execute(
                "DELETE FROM recognized_window WHERE meeting = ?1 AND recording = ?2 AND key = ?3",
                [id.as_str(), sha256, key.as_str()],
            )?;
            narrowed = true;
        }
    }
    let copy: Option<PublicSpans> = t
        .query_row(
            "SELECT shows FROM published WHERE meeting = ?1 AND recording = ?2",
            [id.as_str(), sha256],
            |r| Ok(r.get::<_, Json<_>>(0)?.0),
        )
        .optional()?;
    if copy.is_some_and(|shows| !shows.is_within(allowed)) {
        recordings::unpublish(t, id, &recording.sha256)?;
        narrowed = true;
    }
    Ok(narrowed)
}

/// Whether a window may be kept: it may reach over silence that stands for what is not public, so it
/// is the part of it that was heard that counts. A window that touches a hidden stretch goes.
pub(super) fn window_is_allowed(place: Span, open: &[Span]) -> bool {
    open.iter().any(|s| s.start() <= place.start() && place.end() <= s.end())
}

/// Writes a transcript anew with the words that may still be read.
fn redact_transcript(t: &Transaction, row: i64, heard: &PublicSpans) -> rusqlite::Result<()> {
    type Row = (String, String, String, String, Transcript);
    let (meeting, recording, key, model, transcript): Row = t.query_row(
        "SELECT meeting, recording, key, model, content FROM transcript WHERE id = ?1",
        [row],
        |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get::<_, Json<_>>(4)?.0)),
    )?;
    let shown: bool =
        t.query_row("SELECT EXISTS (SELECT 1 FROM recording WHERE transcript = ?1)", [row], |r| {
            r.get(0)
        })?;
    t.execute("DELETE FROM transcript WHERE id = ?1", [row])?;
    t.execute(
        "INSERT INTO transcript (id, meeting, recording, key, model, created, content, heard)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            row,
            meeting,
            recording,
            key,
            model,
            jiff::Timestamp::now().to_string(),
            Json(transcript.only(heard)),
            Json(heard),
        ],
    )?;
    if shown {
        t.execute(
            "UPDATE recording SET transcript = ?3 WHERE meeting = ?1 AND sha256 = ?2",
            params![meeting, recording, row],
        )?;
    }
    Ok(())
}

/// What of a meeting's clock may be seen: what is public of any of its recordings.
pub(super) fn open_on_clock(c: &Connection, id: &MeetingId) -> rusqlite::Result<PublicSpans> {
    let mut open = Vec::new();
    for recording in recordings::of_meeting(c, id)? {
        open.extend(recording.public.on_meeting_clock(recording.offset));
    }
    Ok(Hidden::by(&restrictions::in_force(c, id)?).leave_of_clock(open))
}

fn redact_alignment(t: &Transaction, id: &MeetingId) -> rusqlite::Result<bool> {
    let row: Option<Json<Alignment>> = t
        .query_row("SELECT content FROM alignment WHERE meeting = ?1", [id.as_str()], |r| r.get(0))
        .optional()?;
    let Some(Json(before)) = row else { return Ok(false) };
    let hidden: BTreeSet<AgendaItemId> = t
        .prepare_cached("SELECT id FROM agenda_item WHERE meeting = ?1 AND NOT public")?
        .query_map([id.as_str()], |r| Ok(r.get::<_, Parsed<_>>(0)?.0))?
        .collect::<Result<_, _>>()?;
    let open = open_on_clock(t, id)?;
    let mut after = before.clone().only(&open);
    // An item that is not public is nowhere in a text.
    for item in after.items.iter_mut().filter(|item| hidden.contains(&item.id)) {
        item.spans.clear();
        item.votes.clear();
    }
    // Where nothing lies outside, the evidence stays too.
    if after.has_places_of(&before) {
        return Ok(false);
    }
    t.execute(
        "UPDATE alignment SET content = ?2 WHERE meeting = ?1",
        params![id.as_str(), Json(after)],
    )?;
    Ok(true)
}

fn redact_speeches(t: &Transaction, id: &MeetingId) -> rusqlite::Result<bool> {
    let filter = SpeechFilter::of(t, id, &HashMap::new())?;
    let rows = super::speeches::rows(t, id)?;
    let hidden: Vec<i64> = (rows.into_iter())
        .filter(|(_, speech)| !filter.shows(speech))
        .map(|(position, _)| position)
        .collect();
    for position in &hidden {
        t.execute(
            "DELETE FROM speech WHERE meeting = ?1 AND position = ?2",
            params![id.as_str(), position],
        )?;
    }
    if !hidden.is_empty() {
        super::speeches::note_change(t, id)?;
    }
    Ok(!hidden.is_empty())
}

/// Items that their source shows and nothing restricts any more are items again; their titles come back
/// when the meeting is read in.
fn reveal_items(t: &Transaction, id: &MeetingId, in_force: &[Restriction]) -> rusqlite::Result<()> {
    if in_force.iter().any(|r| r.scope == Scope::Meeting) {
        return Ok(());
    }
    let hidden: Vec<AgendaItemId> = t
        .prepare_cached(
            "SELECT id FROM agenda_item WHERE meeting = ?1 AND NOT public AND source_public",
        )?
        .query_map([id.as_str()], |r| Ok(r.get::<_, Parsed<_>>(0)?.0))?
        .collect::<Result<_, _>>()?;
    for item in hidden {
        if !in_force.iter().any(|r| r.is_of(&item)) {
            t.execute(
                "UPDATE agenda_item SET public = 1 WHERE meeting = ?1 AND id = ?2",
                [id.as_str(), item.as_str()],
            )?;
        }
    }
    Ok(())
}

/// Titles, papers and results of restricted items go; of a restricted meeting, those of all items.
fn redact_agenda(
    t: &Transaction,
    id: &MeetingId,
    in_force: &[Restriction],
) -> rusqlite::Result<bool> {
    let all = in_force.iter().any(|r| r.scope == Scope::Meeting);
    let public: Vec<(i64, AgendaItemId)> = t
        .prepare_cached("SELECT position, id FROM agenda_item WHERE meeting = ?1 AND public")?
        .query_map([id.as_str()], |r| Ok((r.get(0)?, r.get::<_, Parsed<_>>(1)?.0)))?
        .collect::<Result<_, _>>()?;
    let restricted = |item: &AgendaItemId| in_force.iter().any(|r| r.is_of(item));
    let mut hidden = false;
    for (position, item) in public.iter().filter(|(_, item)| all || restricted(item)) {
        super::identity::remember_title(t, id, *position)?;
        let papers = references(t, id, item)?;
        remember_papers(t, id, item, papers.iter().map(String::as_str))?;
        t.execute(
            "UPDATE agenda_item SET public = 0, title = '', result = NULL
             WHERE meeting = ?1 AND position = ?2",
            params![id.as_str(), position],
        )?;
        t.execute(
            "DELETE FROM agenda_item_paper WHERE meeting = ?1 AND item = ?2",
            params![id.as_str(), position],
        )?;
        hidden = true;
    }
    if hidden {
        t.execute(
            "DELETE FROM meeting_paper WHERE meeting = ?1 AND paper NOT IN
               (SELECT paper FROM agenda_item_paper WHERE meeting = ?1)",
            [id.as_str()],
        )?;
        super::councils::forget_unused(t)?;
        purge::note(t, purge::Purge::Index, id.as_str())?;
        purge::note(t, purge::Purge::Inbox, id.as_str())?;
    }
    Ok(hidden)
}
