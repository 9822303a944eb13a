//! Times that may no longer be shown, because the item that was treated then became hidden.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::Json;
use crate::domain::{AgendaItemId, Alignment, Council, Fact, MeetingId, Recording, Span};

/// Notes where the items that `now` hides, and `before` did not, were treated: by the alignment, and
/// by what clerks have fixed since.
pub(super) fn note(
    t: &Transaction,
    before: &Council,
    now: &Council,
    recordings: &[Recording],
) -> rusqlite::Result<()> {
    let id = &before.meeting.id;
    let becomes_hidden = |item: &AgendaItemId| is_public(before, item) && !is_public(now, item);
    for (item, span) in treated(t, id)?.iter().filter(|(item, _)| becomes_hidden(item)) {
        for recording in recordings {
            let offset = recording.offset.millis();
            let (start, end) = (span.start().minus_millis(offset), span.end().minus_millis(offset));
            if let Some(span) = Span::new(start, end).filter(|s| s.millis() > 0) {
                t.execute(
                    "INSERT INTO withheld VALUES (?1, ?2, ?3, ?4)",
                    params![id.as_str(), item.as_str(), recording.sha256.as_str(), Json(span)],
                )?;
            }
        }
    }
    Ok(())
}

/// Items with the spans in which they were treated, on the meeting's clock.
fn treated(c: &Connection, id: &MeetingId) -> rusqlite::Result<Vec<(AgendaItemId, Span)>> {
    let alignment: Option<Json<Alignment>> = c
        .query_row("SELECT content FROM alignment WHERE meeting = ?1", [id.as_str()], |r| r.get(0))
        .optional()?;
    let items = alignment.into_iter().flat_map(|Json(alignment)| alignment.items);
    let mut treated: Vec<(AgendaItemId, Span)> =
        items.flat_map(|i| i.spans.into_iter().map(move |span| (i.id.clone(), span))).collect();
    for point in super::overrules::in_force(c, id)? {
        if let Fact::Items(items) = point.fact {
            treated.extend(items.into_iter().map(|item| (item, point.span)));
        }
    }
    Ok(treated)
}

fn is_public(council: &Council, item: &AgendaItemId) -> bool {
    council.meeting.agenda.iter().any(|i| i.id == *item && i.public)
}

/// Forgets what was withheld for items that are public again.
pub(super) fn forget_shown(t: &Transaction, now: &Council) -> rusqlite::Result<()> {
    for item in now.meeting.agenda.iter().filter(|i| i.public) {
        t.execute(
            "DELETE FROM withheld WHERE meeting = ?1 AND item = ?2",
            [now.meeting.id.as_str(), item.id.as_str()],
        )?;
    }
    Ok(())
}

/// The recordings with what is withheld cut from their public parts.
pub(super) fn cut(
    c: &Connection,
    id: &MeetingId,
    recordings: &[Recording],
) -> rusqlite::Result<Vec<Recording>> {
    let mut statement =
        c.prepare_cached("SELECT span FROM withheld WHERE meeting = ?1 AND recording = ?2")?;
    let cut = |recording: &Recording| {
        let spans: Vec<Span> = statement
            .query_map([id.as_str(), recording.sha256.as_str()], |r| {
                Ok(r.get::<_, Json<Span>>(0)?.0)
            })?
            .collect::<Result<_, _>>()?;
        Ok(Recording { public: recording.public.without(&spans), ..recording.clone() })
    };
    recordings.iter().map(cut).collect()
}
