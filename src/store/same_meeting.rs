//! Meetings that are one meeting under two ids: by their id at the source, or because the same time of the
//! same recording is public in both. Owns that what is restricted of one is restricted of the other.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::held::{self, HoldReason};
use super::registering::{Registration, shifted};
use super::restrictions::{self, NewRestriction};
use super::{Json, Parsed, Store, recordings};
use crate::domain::{
    Digest, MediaTime, Meeting, MeetingId, PublicSpans, Restriction, Result, Span,
};

/// Another meeting that is this one under another id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Other {
    pub(super) meeting: MeetingId,
    /// Whether it was removed: then only what was restricted of it matters.
    pub(super) removed: bool,
}

impl Store {
    /// The id under which the archive has a meeting, or remembers it, whose id this program made: of the
    /// meeting's fields as it reads them now, as it read them `formerly`, or as they were when it was read
    /// in. A meeting that is new has its own.
    ///
    /// # Errors
    /// `Archive` where it cannot be read.
    pub fn id_of_made(&self, meeting: &Meeting, formerly: &MeetingId) -> Result<MeetingId> {
        self.read(|c| {
            for id in [&meeting.id, formerly] {
                if is_remembered(c, id)? {
                    return Ok(id.clone());
                }
            }
            let same: Vec<MeetingId> = c
                .prepare_cached(
                    "SELECT id FROM meeting WHERE oparl_id = ?1
                     UNION SELECT meeting FROM removed WHERE oparl_id = ?1",
                )?
                .query_map([&meeting.oparl_id], |r| Ok(r.get::<_, Parsed<_>>(0)?.0))?
                .collect::<rusqlite::Result<_>>()?;
            // The last part of an id that was made stands for the id at the source.
            let last = |id: &MeetingId| id.as_str().rsplit('-').next().map(str::to_owned);
            let mut made = same.into_iter().filter(|id| last(id) == last(formerly));
            match (made.next(), made.next()) {
                (Some(only), None) => Ok(only),
                _ => Ok(meeting.id.clone()),
            }
        })
    }
}

impl Store {
    /// The meeting under another id that has recordings of the same council at the same time: registered beside it,
    /// this one would take its place.
    ///
    /// # Errors
    /// `Archive` where it cannot be read.
    pub fn at_the_same_time(&self, meeting: &Meeting) -> Result<Option<MeetingId>> {
        let Some(start) = meeting.start else { return Ok(None) };
        let (body, organizations) = (meeting.body.as_str(), Json(&meeting.organizations));
        let (start, id) = (start.to_string(), meeting.id.as_str());
        self.read(|c| {
            c.prepare_cached(
                "SELECT id FROM meeting m WHERE body = ?1 AND organizations = ?2 AND starts = ?3
                   AND id <> ?4 AND EXISTS (SELECT 1 FROM recording r WHERE r.meeting = m.id) LIMIT 1",
            )?
            .query_row(params![body, organizations, start, id], |r| Ok(r.get::<_, Parsed<_>>(0)?.0))
            .optional()
        })
    }
}

/// Whether the archive has something of this id: the meeting, its stone, or what is restricted of it.
fn is_remembered(c: &Connection, id: &MeetingId) -> rusqlite::Result<bool> {
    c.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM meeting WHERE id = ?1)
             OR EXISTS (SELECT 1 FROM removed WHERE meeting = ?1)
             OR EXISTS (SELECT 1 FROM restriction WHERE meeting = ?1)",
    )?
    .query_row([id.as_str()], |r| r.get(0))
}

/// Other meetings that are this one under another id: of the same OParl id, or with the same recording
/// of which the same time is public.
pub(super) fn find(t: &Transaction, new: &Registration<'_>) -> rusqlite::Result<Vec<Other>> {
    let id = &new.council.meeting.id;
    let mut same: BTreeSet<Other> = BTreeSet::new();
    // One of the two is not shown already.
    if held::of_meeting(t, id)?.iter().any(|held| held.reason == HoldReason::SameMeeting) {
        return Ok(Vec::new());
    }
    // An agenda alone takes no film away.
    if new.recordings.is_empty() {
        return Ok(Vec::new());
    }
    let meeting = &new.council.meeting;
    if let Some(start) = meeting.start {
        let mut others = t.prepare_cached(
            "SELECT id, 0 FROM meeting m WHERE body = ?1 AND organizations = ?2 AND starts = ?3
               AND id <> ?4 AND EXISTS (SELECT 1 FROM recording r WHERE r.meeting = m.id)
             UNION ALL SELECT meeting, 1 FROM removed
               WHERE held_by = json_array(?1, ?2, ?3) AND meeting <> ?4",
        )?;
        let rows = others.query_map(
            params![
                meeting.body.as_str(),
                Json(&meeting.organizations),
                start.to_string(),
                id.as_str()
            ],
            |r| Ok(Other { meeting: r.get::<_, Parsed<_>>(0)?.0, removed: r.get(1)? }),
        )?;
        for other in rows {
            same.insert(other?);
        }
    }
    if let Some(oparl) = &new.council.meeting.oparl_id {
        let mut others = t.prepare_cached(
            "SELECT id, 0 FROM meeting WHERE oparl_id = ?1 AND id <> ?2
             UNION ALL SELECT meeting, 1 FROM removed WHERE oparl_id = ?1 AND meeting <> ?2",
        )?;
        let rows = others.query_map([oparl.as_str(), id.as_str()], |r| {
            Ok(Other { meeting: r.get::<_, Parsed<_>>(0)?.0, removed: r.get(1)? })
        })?;
        for other in rows {
            same.insert(other?);
        }
    }
    for recording in new.recordings {
        let mut others = t.prepare_cached(
            "SELECT meeting, 0, source_public FROM recording WHERE sha256 = ?1 AND meeting <> ?2
             UNION ALL SELECT f.meeting, 1, f.public FROM former_recording f
               JOIN removed USING (meeting) WHERE f.sha256 = ?1 AND f.meeting <> ?2",
        )?;
        let rows = others.query_map([recording.sha256.as_str(), id.as_str()], |r| {
            let other = Other { meeting: r.get::<_, Parsed<_>>(0)?.0, removed: r.get(1)? };
            Ok((other, r.get::<_, Json<PublicSpans>>(2)?.0))
        })?;
        for row in rows {
            let (other, public) = row?;
            if !public.intersection(&recording.public).is_empty() {
                same.insert(other);
            }
        }
    }
    // One that was confirmed to be another meeting stays one.
    let unconfirmed = |other: Other| {
        let confirmed = held::is_confirmed(t, &other.meeting, id);
        confirmed.map(|confirmed| (!confirmed).then_some(other)).transpose()
    };
    same.into_iter().filter_map(unconfirmed).collect()
}

/// What is restricted of the same meeting under its other id is restricted of this one. What was released
/// here is not set again.
pub(super) fn take_restrictions_of(
    t: &Transaction,
    other: &MeetingId,
    new: &Registration<'_>,
) -> rusqlite::Result<()> {
    let id = &new.council.meeting.id;
    let mut theirs: Vec<(Digest, MediaTime)> =
        recordings::of_meeting(t, other)?.into_iter().map(|r| (r.sha256, r.offset)).collect();
    theirs.extend(recordings::former(t, other)?.into_iter().map(|f| (f.sha256, f.offset)));
    let by = theirs.iter().find_map(|(sha256, offset)| {
        let ours = new.recordings.iter().find(|n| n.sha256 == *sha256)?;
        Some(ours.offset.millis() as i64 - offset.millis() as i64)
    });
    let present = restrictions::of_meeting(t, id)?;
    for restriction in restrictions::in_force(t, other)? {
        let spans: Vec<Span> =
            restriction.spans.iter().filter_map(|s| shifted(*s, by.unwrap_or(0))).collect();
        let Restriction { scope, covers, origin, why, withdrew, made, unplaced, .. } = restriction;
        let new = NewRestriction { scope, covers, origin, why, withdrew, made, unplaced };
        if !present.iter().any(|p| p.scope == new.scope && p.made == new.made) {
            restrictions::set(t, id, &new, &spans)?;
        }
    }
    Ok(())
}
