//! Times that may no longer be shown, because the item that was treated then became hidden.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::Json;
use crate::domain::{AgendaItemId, Alignment, Council, MeetingId, Recording, Span};

/// Notes where the items that `now` hides, and `before` did not, were treated.
pub(super) fn note(
    t: &Transaction,
    before: &Council,
    now: &Council,
    recordings: &[Recording],
) -> rusqlite::Result<()> {
    let id = &before.meeting.id;
    let alignment: Option<Json<Alignment>> = t
        .query_row("SELECT content FROM alignment WHERE meeting = ?1", [id.as_str()], |r| r.get(0))
        .optional()?;
    let Some(Json(alignment)) = alignment else { return Ok(()) };
    let is_hidden = |item: &AgendaItemId| !is_public(now, item);
    for item in alignment.items.iter().filter(|i| is_public(before, &i.id) && is_hidden(&i.id)) {
        for recording in recordings {
            let offset = recording.offset.millis();
            for span in &item.spans {
                let (start, end) =
                    (span.start().minus_millis(offset), span.end().minus_millis(offset));
                if let Some(span) = Span::new(start, end).filter(|s| s.millis() > 0) {
                    t.execute(
                        "INSERT INTO withheld VALUES (?1, ?2, ?3, ?4)",
                        params![
                            id.as_str(),
                            item.id.as_str(),
                            recording.sha256.as_str(),
                            Json(span)
                        ],
                    )?;
                }
            }
        }
    }
    Ok(())
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
