//! Meetings that are one meeting under two ids: by their id at the source, or because the same time of the
//! same recording is public in both. Owns that what is restricted of one is restricted of the other.

use std::collections::BTreeSet;

use rusqlite::Transaction;

use super::held::{self, Reason};
use super::registering::{Registration, shifted};
use super::restrictions::{self, NewRestriction};
use super::{Json, Text, recordings};
use crate::domain::{MeetingId, PublicSpans, Restriction, Span};

/// Other meetings that are this one under another id: of the same OParl id, or with the same recording
/// of which the same time is public.
pub(super) fn find(t: &Transaction, new: &Registration<'_>) -> rusqlite::Result<Vec<MeetingId>> {
    let id = &new.council.meeting.id;
    let mut same: BTreeSet<MeetingId> = BTreeSet::new();
    // One of the two is not shown already.
    if held::of_meeting(t, id)?.iter().any(|held| held.reason == Reason::SameMeeting) {
        return Ok(Vec::new());
    }
    if let Some(oparl) = &new.council.meeting.oparl_id {
        let mut others =
            t.prepare_cached("SELECT id FROM meeting WHERE oparl_id = ?1 AND id <> ?2")?;
        for other in
            others.query_map([oparl.as_str(), id.as_str()], |r| Ok(r.get::<_, Text<_>>(0)?.0))?
        {
            same.insert(other?);
        }
    }
    for recording in new.recordings {
        let mut others = t.prepare_cached(
            "SELECT meeting, source_public FROM recording WHERE sha256 = ?1 AND meeting <> ?2",
        )?;
        let rows = others.query_map([recording.sha256.as_str(), id.as_str()], |r| {
            Ok((r.get::<_, Text<_>>(0)?.0, r.get::<_, Json<PublicSpans>>(1)?.0))
        })?;
        for row in rows {
            let (other, public) = row?;
            if !public.intersection(&recording.public).is_empty() {
                same.insert(other);
            }
        }
    }
    // One that was confirmed to be another meeting stays one.
    let unconfirmed = |other| {
        let confirmed = held::is_confirmed(t, &other, id);
        confirmed.map(|confirmed| (!confirmed).then_some(other)).transpose()
    };
    same.into_iter().filter_map(unconfirmed).collect()
}

/// What is restricted of the same meeting under its other id is restricted of this one.
pub(super) fn take_restrictions_of(
    t: &Transaction,
    other: &MeetingId,
    new: &Registration<'_>,
) -> rusqlite::Result<()> {
    let id = &new.council.meeting.id;
    let theirs = recordings::of_meeting(t, other)?;
    let by = theirs.iter().find_map(|r| {
        let ours = new.recordings.iter().find(|n| n.sha256 == r.sha256)?;
        Some(ours.offset.millis() as i64 - r.offset.millis() as i64)
    });
    let present = restrictions::in_force(t, id)?;
    for restriction in restrictions::in_force(t, other)? {
        let spans: Vec<Span> =
            restriction.spans.iter().filter_map(|s| shifted(*s, by.unwrap_or(0))).collect();
        let Restriction { scope, covers, origin, why, withdrew, made, unplaced, .. } = restriction;
        let new = NewRestriction { scope, covers, origin, why, withdrew, made, unplaced };
        if !present.iter().any(|p| p.scope == new.scope && p.spans == spans) {
            restrictions::set(t, id, &new, &spans)?;
        }
    }
    Ok(())
}
