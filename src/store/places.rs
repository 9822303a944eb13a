//! Where agenda items are treated, as far as any text of the meeting ever told: times without words, so
//! that an item which is hidden later is hidden whole, also where something of it is restricted already.

use rusqlite::{Connection, Transaction, params};

use super::{Parsed, redacting};
use crate::domain::{
    AgendaItemId, Alignment, LONGEST_RECORDING, MediaTime, MeetingId, PublicSpans, Span,
};

/// The places of all items of a meeting.
pub(super) fn of_meeting(
    c: &Connection,
    id: &MeetingId,
) -> rusqlite::Result<Vec<(AgendaItemId, Span)>> {
    Ok(all(c, id)?.into_iter().map(|place| (place.item, place.span)).collect())
}

/// Whether words of an item were ever shown.
pub(super) fn was_shown(
    c: &Connection,
    id: &MeetingId,
    item: &AgendaItemId,
) -> rusqlite::Result<bool> {
    Ok(all(c, id)?.iter().any(|place| place.shown && place.item == *item))
}

struct ItemPlace {
    item: AgendaItemId,
    span: Span,
    shown: bool,
}

fn all(c: &Connection, id: &MeetingId) -> rusqlite::Result<Vec<ItemPlace>> {
    let rows: Vec<Option<ItemPlace>> = c
        .prepare_cached(
            "SELECT item, start_ms, end_ms, shown FROM item_place WHERE meeting = ?1
             ORDER BY start_ms",
        )?
        .query_map([id.as_str()], |r| {
            let at = |n| Ok::<_, rusqlite::Error>(MediaTime::from_millis(r.get(n)?));
            let (item, shown) = (r.get::<_, Parsed<_>>(0)?.0, r.get(3)?);
            Ok(Span::new(at(1)?, at(2)?).map(|span| ItemPlace { item, span, shown }))
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows.into_iter().flatten().collect())
}

/// Takes over what an alignment says of the open parts of the meeting; of the others, what was known
/// before stays.
pub(super) fn learn(
    t: &Transaction,
    id: &MeetingId,
    alignment: &Alignment,
) -> rusqlite::Result<()> {
    let open = redacting::open_on_clock(t, id)?.within(LONGEST_RECORDING);
    let public: Vec<AgendaItemId> = t
        .prepare_cached("SELECT id FROM agenda_item WHERE meeting = ?1 AND public")?
        .query_map([id.as_str()], |r| Ok(r.get::<_, Parsed<_>>(0)?.0))?
        .collect::<Result<_, _>>()?;
    let mut places: Vec<ItemPlace> = Vec::new();
    for ItemPlace { item, span, shown } in all(t, id)? {
        let hidden = PublicSpans::only(vec![span]).without(&open).within(LONGEST_RECORDING);
        places.extend(hidden.into_iter().map(|span| ItemPlace { item: item.clone(), span, shown }));
    }
    for item in &alignment.items {
        let shown = public.contains(&item.id);
        let place = |span: &Span| ItemPlace { item: item.id.clone(), span: *span, shown };
        places.extend(item.spans.iter().map(place));
    }
    put(t, id, &places)
}

/// Moves places along with the recordings that they lie in.
pub(super) fn shift(
    t: &Transaction,
    id: &MeetingId,
    shifts: &[(Span, i64)],
) -> rusqlite::Result<()> {
    let moved = |place: ItemPlace| {
        let start = place.span.start();
        let by = shifts.iter().find(|(range, _)| range.contains(start)).map_or(0, |s| s.1);
        let span = Span::new(start.moved(by), place.span.end().moved(by))?;
        Some(ItemPlace { span, ..place })
    };
    let places: Vec<_> = all(t, id)?.into_iter().filter_map(moved).collect();
    put(t, id, &places)
}

fn put(t: &Transaction, id: &MeetingId, places: &[ItemPlace]) -> rusqlite::Result<()> {
    t.execute("DELETE FROM item_place WHERE meeting = ?1", [id.as_str()])?;
    let mut insert =
        t.prepare_cached("INSERT OR IGNORE INTO item_place VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for ItemPlace { item, span, shown } in places.iter().filter(|place| place.span.millis() > 0) {
        insert.execute(params![
            id.as_str(),
            item.as_str(),
            span.start().millis(),
            span.end().millis(),
            shown
        ])?;
    }
    Ok(())
}
