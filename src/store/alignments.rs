//! The alignment of each meeting: derived, replaced when what it depends on changes.

use rusqlite::{OptionalExtension, Transaction, params};

use super::transcripts::ShownText;
use super::{Json, Parsed, Store};
use crate::domain::{Alignment, Digest, MeetingId, Restriction, Result};

/// An alignment with the key of what it was made from.
#[derive(Clone, Debug)]
pub struct StoredAlignment {
    /// Hash of transcripts, agenda, roster, what is fixed, and aligner.
    pub key: Digest,
    /// Items and turns.
    pub alignment: Alignment,
}

/// What became of an alignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is kept as it is.
    Kept,
    /// Items that are not public were found in the text: their words are gone, and these restrictions
    /// say so.
    Redacted(Vec<Restriction>),
    /// It is of texts that the meeting no longer has.
    Outdated,
}

impl Store {
    /// Replaces the meeting's alignment, which was made of `texts` (as [`Self::shown_transcripts`] gives
    /// them). Where it finds an item that is not public, that place is restricted, and its words go.
    /// Keeps nothing, and says [`Put::Outdated`], where the texts are others meanwhile.
    pub fn put_alignment(
        &self,
        meeting: &MeetingId,
        key: &Digest,
        alignment: &Alignment,
        texts: &[ShownText],
    ) -> Result<Put> {
        let put = self.write_reserved(|t| {
            if super::transcripts::shown(t, meeting)? != texts {
                return Ok(Put::Outdated);
            }
            t.execute(
                "INSERT OR REPLACE INTO alignment VALUES (?1, ?2, ?3)",
                params![meeting.as_str(), key.as_str(), Json(alignment)],
            )?;
            super::places::learn(t, meeting, alignment)?;
            let placed = super::registering::place_hidden(t, meeting, alignment)?;
            let redacted = super::redacting::apply(t, meeting)?;
            Ok(match redacted {
                true => Put::Redacted(placed),
                false => Put::Kept,
            })
        })?;
        if matches!(put, Put::Redacted(_)) {
            self.tell_ledger()?;
        }
        Ok(put)
    }

    /// The meeting's alignment.
    pub fn alignment(&self, meeting: &MeetingId) -> Result<Option<StoredAlignment>> {
        self.read(|c| {
            c.query_row(
                "SELECT key, content FROM alignment WHERE meeting = ?1",
                [meeting.as_str()],
                |r| {
                    Ok(StoredAlignment {
                        key: r.get::<_, Parsed<_>>(0)?.0,
                        alignment: r.get::<_, Json<_>>(1)?.0,
                    })
                },
            )
            .optional()
        })
    }

    /// The key of the meeting's alignment, without its content.
    pub fn alignment_key(&self, meeting: &MeetingId) -> Result<Option<Digest>> {
        self.read(|c| {
            c.query_row("SELECT key FROM alignment WHERE meeting = ?1", [meeting.as_str()], |r| {
                Ok(r.get::<_, Parsed<_>>(0)?.0)
            })
            .optional()
        })
    }

    /// The hash of an alignment's content, whatever it was made of.
    pub fn alignment_content(&self, meeting: &MeetingId) -> Result<Option<Digest>> {
        self.read(|c| {
            let mut content =
                c.prepare_cached("SELECT content FROM alignment WHERE meeting = ?1")?;
            let hash = |r: &rusqlite::Row| Ok(Digest::of(r.get_ref(0)?.as_str()?.as_bytes()));
            content.query_row([meeting.as_str()], hash).optional()
        })
    }
}

/// Changes the alignment of a meeting, where it has one. Its key stays: it is still made of the same.
pub(super) fn rewrite(
    t: &Transaction,
    meeting: &MeetingId,
    change: impl FnOnce(Alignment) -> Alignment,
) -> rusqlite::Result<()> {
    let stored: Option<Json<Alignment>> = t
        .query_row("SELECT content FROM alignment WHERE meeting = ?1", [meeting.as_str()], |r| {
            r.get(0)
        })
        .optional()?;
    let Some(Json(alignment)) = stored else { return Ok(()) };
    t.execute(
        "UPDATE alignment SET content = ?2 WHERE meeting = ?1",
        params![meeting.as_str(), Json(change(alignment))],
    )?;
    Ok(())
}
