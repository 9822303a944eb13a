//! What clerks have fixed over the alignment: appended, taken back, never changed or deleted.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Json, Parsed, Store, audit};
use crate::domain::{Act, Error, FixedPoint, MeetingId, Overrule, Result, Signature};

impl Store {
    /// Keeps a fixed point of a meeting that is there; gives its number within the meeting.
    pub fn add_overrule(
        &self,
        meeting: &MeetingId,
        point: &FixedPoint,
        made: &Signature,
    ) -> Result<u32> {
        self.write(|t| {
            let number: u32 = t.query_row(
                "SELECT coalesce(max(number), 0) + 1 FROM overrule WHERE meeting = ?1",
                [meeting.as_str()],
                |r| r.get(0),
            )?;
            t.execute(
                "INSERT INTO overrule (meeting, number, point, made_by, made_at)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                params![meeting.as_str(), number, Json(point), made.by, made.at.to_string()],
            )?;
            let details = [("number", &*format!("{number}"))];
            audit::append(t, made, Act::Overruled, meeting.as_str(), &details)?;
            Ok(number)
        })
    }

    /// Takes a fixed point back; it stays in the history.
    ///
    /// # Errors
    /// `NotFound` where the meeting has no such number, or it was taken back before.
    pub fn take_back_overrule(
        &self,
        meeting: &MeetingId,
        number: u32,
        taken_back: &Signature,
    ) -> Result<()> {
        let holds = self.write(|t| {
            let taken: Option<bool> = t
                .query_row(
                    "SELECT taken_back_at IS NOT NULL FROM overrule
                     WHERE meeting = ?1 AND number = ?2",
                    params![meeting.as_str(), number],
                    |r| r.get(0),
                )
                .optional()?;
            if taken == Some(false) {
                t.execute(
                    "UPDATE overrule SET taken_back_by = ?3, taken_back_at = ?4
                     WHERE meeting = ?1 AND number = ?2",
                    params![meeting.as_str(), number, taken_back.by, taken_back.at.to_string()],
                )?;
                let details = [("number", &*number.to_string())];
                audit::append(t, taken_back, Act::OverruleTakenBack, meeting.as_str(), &details)?;
            }
            Ok(taken)
        })?;
        match holds {
            Some(false) => Ok(()),
            Some(true) => {
                Err(Error::not_found(format!("Die Festlegung {number} ist schon zurückgenommen")))
            }
            None => Err(Error::not_found(format!(
                "Die Sitzung {meeting} hat keine Festlegung {number}"
            ))
            .remedy(format!("`mitschnitt overrule {meeting} --list` nennt alle"))),
        }
    }

    /// The whole history of a meeting, in the order it was made.
    pub fn overrules(&self, meeting: &MeetingId) -> Result<Vec<Overrule>> {
        self.read(|c| of_meeting(c, meeting))
    }

    /// What holds: the fixed points that nobody took back, in the order they were made.
    pub fn fixed_points(&self, meeting: &MeetingId) -> Result<Vec<FixedPoint>> {
        self.read(|c| in_force(c, meeting))
    }
}

pub(super) fn in_force(c: &Connection, meeting: &MeetingId) -> rusqlite::Result<Vec<FixedPoint>> {
    let all = of_meeting(c, meeting)?;
    Ok(all.into_iter().filter(|o| o.taken_back.is_none()).map(|o| o.point).collect())
}

fn of_meeting(c: &Connection, meeting: &MeetingId) -> rusqlite::Result<Vec<Overrule>> {
    c.prepare_cached(
        "SELECT number, point, made_by, made_at, taken_back_by, taken_back_at
         FROM overrule WHERE meeting = ?1 ORDER BY number",
    )?
    .query_map([meeting.as_str()], |r| {
        let taken_back: Option<String> = r.get(4)?;
        Ok(Overrule {
            number: r.get(0)?,
            point: r.get::<_, Json<_>>(1)?.0,
            made: Signature { by: r.get(2)?, at: r.get::<_, Parsed<_>>(3)?.0 },
            taken_back: match taken_back {
                Some(by) => Some(Signature { by, at: r.get::<_, Parsed<_>>(5)?.0 }),
                None => None,
            },
        })
    })?
    .collect()
}
