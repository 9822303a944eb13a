//! How far people have come with meetings: read, and moved on by steps. Owns that a step is audited with
//! what it did, and that what leaves the public's sight is noted to be purged from the index.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::purge::{self, Purge};
use super::{Json, NewJob, Parsed, Store, audit, jobs};
use crate::domain::{
    Act, AgendaItemId, Check, Digest, Error, Eyes, MeetingId, MeetingReview, ResolutionForm,
    Result, Review, ReviewRefusal, ReviewStep, Signature,
};

impl Store {
    /// The review of a meeting and its items.
    pub fn review(&self, meeting: &MeetingId) -> Result<MeetingReview> {
        self.read(|c| of_meeting(c, meeting))
    }

    /// The meetings that the public may not see.
    pub fn unpublished_meetings(&self) -> Result<BTreeSet<MeetingId>> {
        self.read(|c| {
            c.prepare_cached("SELECT meeting FROM review WHERE item = '' AND state <> 'published'")?
                .query_map([], |r| Ok(r.get::<_, Parsed<_>>(0)?.0))?
                .collect()
        })
    }

    /// Lets a meeting begin as a draft; one that was there before stays what it is.
    ///
    /// # Errors
    /// `Archive` where it cannot be written.
    pub fn begin_review(&self, meeting: &MeetingId) -> Result<()> {
        self.write(|t| {
            let is_known = t
                .query_row("SELECT 1 FROM meeting WHERE id = ?1", [meeting.as_str()], |_| Ok(()))
                .optional()?;
            match is_known {
                Some(()) => Ok(()),
                None => put(t, meeting, None, &Review::BEGUN),
            }
        })
    }

    /// Takes a step with a meeting, or with one of its items apart from it; with it is queued what it leaves to be
    /// done, if anything.
    ///
    /// # Errors
    /// `BadInput` where the step cannot be taken, with the reason; nothing has changed then.
    pub fn take_review_step(
        &self,
        meeting: &MeetingId,
        item: Option<&AgendaItemId>,
        step: ReviewStep,
        made: &Signature,
        eyes: Eyes,
        follows: Option<&NewJob>,
    ) -> Result<Review> {
        let taken = self.write_reserved(|t| {
            let before = of_meeting(t, meeting)?;
            let review = item.map_or(&before.meeting, |item| before.of(item));
            let text = text_of(t, meeting)?;
            let after = match review.after(step, made, &text, eyes) {
                Ok(after) => after,
                Err(refusal) => return Ok(Err(refusal)),
            };
            put(t, meeting, item, &after)?;
            if review.is_public() != after.is_public() || review.checked != after.checked {
                // Whoever keeps the archive in order brings the index in line; until then search shows nothing.
                purge::note(t, Purge::Index, meeting.as_str())?;
            }
            let details = [
                ("item", item.map_or("", AgendaItemId::as_str)),
                ("step", step.code()),
                ("state", after.state.code()),
            ];
            audit::append(t, made, Act::ReviewChanged, meeting.as_str(), &details)?;
            if let Some(job) = follows {
                jobs::enqueue(t, job)?;
            }
            Ok(Ok(after))
        })?;
        taken.map_err(refused)
    }

    /// The text of a meeting as a review means it: another one after every change of words, items or speakers.
    pub fn reviewed_text(&self, meeting: &MeetingId) -> Result<Digest> {
        self.read(|c| text_of(c, meeting))
    }

    /// How the decisions of a meeting's items are shown, where not as they are on record.
    pub fn resolution_forms(
        &self,
        meeting: &MeetingId,
    ) -> Result<BTreeMap<AgendaItemId, ResolutionForm>> {
        self.read(|c| {
            c.prepare_cached("SELECT item, form FROM resolution_form WHERE meeting = ?1")?
                .query_map([meeting.as_str()], |r| {
                    Ok((r.get::<_, Parsed<_>>(0)?.0, r.get::<_, Json<_>>(1)?.0))
                })?
                .collect()
        })
    }

    /// Says how the decision on an item is shown.
    ///
    /// # Errors
    /// `Archive` where it cannot be written.
    pub fn put_resolution_form(
        &self,
        meeting: &MeetingId,
        item: &AgendaItemId,
        form: &ResolutionForm,
        made: &Signature,
    ) -> Result<()> {
        self.write(|t| {
            t.execute(
                "INSERT OR REPLACE INTO resolution_form VALUES (?1, ?2, ?3)",
                params![meeting.as_str(), item.as_str(), Json(form)],
            )?;
            purge::note(t, Purge::Index, meeting.as_str())?;
            let form = match form {
                ResolutionForm::Whole => "whole",
                ResolutionForm::Essence(_) => "essence",
                ResolutionForm::Withheld => "withheld",
            };
            let details = [("item", item.as_str()), ("resolution", form)];
            audit::append(t, made, Act::ReviewChanged, meeting.as_str(), &details)
        })
    }
}

/// What stands in the way of a step, and what helps.
fn refused(refusal: ReviewRefusal) -> Error {
    let (what, remedy) = match refusal {
        ReviewRefusal::AlreadyChecked => ("Das ist schon geprüft", "Es ist nichts zu tun"),
        ReviewRefusal::AlreadyPublished => ("Das ist schon veröffentlicht", "Es ist nichts zu tun"),
        ReviewRefusal::AlreadyDraft => ("Das ist schon ein Entwurf", "Es ist nichts zu tun"),
        ReviewRefusal::Unchecked => (
            "Das ist noch nicht geprüft, oder der Wortlaut hat sich seit der Prüfung geändert",
            "Prüfen Sie es und bestätigen Sie die Prüfung; dann lässt es sich freigeben",
        ),
        ReviewRefusal::SamePerson => (
            "Wer geprüft hat, darf nicht auch freigeben (Vier-Augen-Prinzip)",
            "Bitten Sie eine andere Person um die Freigabe",
        ),
    };
    Error::bad_input(what).remedy(remedy)
}

fn of_meeting(c: &Connection, meeting: &MeetingId) -> rusqlite::Result<MeetingReview> {
    let mut review = MeetingReview { meeting: Review::UNREVIEWED, items: BTreeMap::new() };
    let mut statement = c.prepare_cached(
        "SELECT item, state, checked_by, checked_at, checked_text FROM review WHERE meeting = ?1",
    )?;
    let mut rows = statement.query([meeting.as_str()])?;
    while let Some(row) = rows.next()? {
        let item: String = row.get(0)?;
        match item.is_empty() {
            true => review.meeting = read(row)?,
            false => {
                review.items.insert(row.get::<_, Parsed<_>>(0)?.0, read(row)?);
            }
        }
    }
    Ok(review)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Review> {
    let checked_by: Option<String> = row.get(2)?;
    let checked = match checked_by {
        Some(by) => Some(Check {
            made: Signature { by, at: row.get::<_, Parsed<_>>(3)?.0 },
            text: row.get::<_, Parsed<_>>(4)?.0,
        }),
        None => None,
    };
    Ok(Review { state: row.get::<_, Parsed<_>>(1)?.0, checked })
}

/// Before a meeting goes: which item is which is forgotten with it. Where one of them was not released, or its decision
/// not to be shown as it is, the meeting is a draft once it is there again.
pub(super) fn keep_for_return(t: &Transaction, meeting: &MeetingId) -> rusqlite::Result<()> {
    let review = of_meeting(t, meeting)?;
    let forms = t.execute("DELETE FROM resolution_form WHERE meeting = ?1", [meeting.as_str()])?;
    if review.meeting.is_public() && (forms > 0 || !review.unpublished().is_empty()) {
        put(t, meeting, None, &Review::BEGUN)?;
    }
    t.execute("DELETE FROM review WHERE meeting = ?1 AND item <> ''", [meeting.as_str()])?;
    Ok(())
}

fn put(
    t: &Transaction,
    meeting: &MeetingId,
    item: Option<&AgendaItemId>,
    review: &Review,
) -> rusqlite::Result<()> {
    let check = review.checked.as_ref();
    t.execute(
        "INSERT OR REPLACE INTO review VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            meeting.as_str(),
            item.map_or("", AgendaItemId::as_str),
            review.state.code(),
            check.map(|c| &c.made.by),
            check.map(|c| c.made.at.to_string()),
            check.map(|c| c.text.as_str()),
        ],
    )?;
    Ok(())
}

/// Another hash after every change of what is said, by whom and to which item.
fn text_of(c: &Connection, meeting: &MeetingId) -> rusqlite::Result<Digest> {
    let mut content: Vec<String> = c
        .prepare_cached(
            "SELECT t.key || ' ' || t.heard FROM recording r JOIN transcript t ON t.id = r.transcript
             WHERE r.meeting = ?1 ORDER BY r.sha256",
        )?
        .query_map([meeting.as_str()], |r| r.get(0))?
        .collect::<Result<_, _>>()?;
    let alignment = c
        .prepare_cached("SELECT key FROM alignment WHERE meeting = ?1")?
        .query_row([meeting.as_str()], |r| r.get(0));
    content.extend(alignment.optional()?);
    content.extend(super::revisions::state(c, meeting)?);
    let record = c
        .prepare_cached("SELECT key FROM imported WHERE meeting = ?1")?
        .query_row([meeting.as_str()], |r| r.get(0));
    content.extend(record.optional()?);
    Ok(Digest::of(content.join("\n").as_bytes()))
}
