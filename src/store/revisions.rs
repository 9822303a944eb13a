//! What people put right in texts: appended, taken back, never changed. Owns that nothing is written over a text
//! that has changed meanwhile, and that words of what may no longer be seen go.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::anchored::AnchoredTexts;
use super::{Json, Parsed, Store, alignments, audit, recordings};
use crate::domain::{
    Act, Anchor, Corrected, Digest, Error, Hidden, MeetingId, ParagraphEdit, PublicSpans,
    Recording, Result, Revision, Signature, Span, TextEdit, Transcript,
};

/// A text as it is shown, with the recording it is of and the transcript that it was made from, to be changed.
#[derive(Clone, Debug)]
pub struct CorrectedText {
    /// The recording.
    pub recording: Recording,
    /// The transcript, as it was heard.
    pub transcript: Transcript,
    /// The same with what people put right.
    pub corrected: Corrected,
}

/// The revisions of a meeting as somebody saw them: what is built on them is refused once they have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevisionsSeen(String);

/// What became of edits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revised {
    /// They are kept under these numbers, the first of which is their batch.
    Kept(Vec<u32>),
    /// Somebody else was faster: what they were made on is not what holds now.
    Outdated,
}

impl Store {
    /// The whole history of a meeting's texts, in the order it was made, without what may no longer be seen.
    pub fn revisions(&self, meeting: &MeetingId) -> Result<Vec<Revision>> {
        self.read(|c| of_meeting(c, meeting))
    }

    /// Another text after every change of a meeting's revisions, for keys; none while there is no revision.
    pub fn revised(&self, meeting: &MeetingId) -> Result<Option<String>> {
        self.read(|c| state(c, meeting))
    }

    /// The revisions of a meeting as they are now.
    pub fn revisions_seen(&self, meeting: &MeetingId) -> Result<RevisionsSeen> {
        self.read(|c| seen(c, meeting))
    }

    /// How many corrections of words, speakers and items hold in a meeting.
    pub fn correction_count(&self, meeting: &MeetingId) -> Result<usize> {
        let overrules = self.overrules(meeting)?;
        let holding = overrules.iter().filter(|overrule| overrule.taken_back.is_none());
        Ok(holding.count() + Revision::in_force(&self.revisions(meeting)?).len())
    }

    /// The meetings whose texts people have corrected.
    pub fn revised_meetings(&self) -> Result<Vec<MeetingId>> {
        self.read(|c| {
            c.prepare_cached("SELECT DISTINCT meeting FROM revision")?
                .query_map([], |r| Ok(r.get::<_, Parsed<_>>(0)?.0))?
                .collect()
        })
    }

    /// The texts of a meeting's recordings as they are shown: with what people put right, in their order; without
    /// those of recordings that nobody has heard yet.
    pub fn shown_texts(&self, meeting: &MeetingId) -> Result<Vec<(Recording, Transcript)>> {
        let (recordings, history) = (self.recordings(meeting)?, self.revisions(meeting)?);
        let hashes = hashes(&recordings);
        let in_force = Revision::in_force(&history);
        let mut texts = Vec::new();
        for recording in recordings {
            let Some(stored) = self.transcript(meeting, &recording.sha256)? else { continue };
            let transcript = match in_force.is_empty() {
                true => stored.transcript,
                false => {
                    self.laid_upon(&recording, stored.transcript, &hashes, &in_force).transcript
                }
            };
            texts.push((recording, transcript));
        }
        Ok(texts)
    }

    /// The same, with the transcripts as they were heard and the places of the revisions: for whoever changes them.
    pub fn corrected_texts(&self, meeting: &MeetingId) -> Result<Vec<CorrectedText>> {
        let mut heard = Vec::new();
        for recording in self.recordings(meeting)? {
            if let Some(stored) = self.transcript(meeting, &recording.sha256)? {
                heard.push((recording, stored.transcript));
            }
        }
        self.corrected(meeting, heard)
    }

    /// Texts that were loaded a moment ago, with the revisions that hold now.
    pub fn correct_again(
        &self,
        meeting: &MeetingId,
        texts: Vec<CorrectedText>,
    ) -> Result<Vec<CorrectedText>> {
        let heard = texts.into_iter().map(|text| (text.recording, text.transcript));
        self.corrected(meeting, heard.collect())
    }

    fn corrected(
        &self,
        meeting: &MeetingId,
        heard: Vec<(Recording, Transcript)>,
    ) -> Result<Vec<CorrectedText>> {
        let history = self.revisions(meeting)?;
        let in_force = Revision::in_force(&history);
        let hashes = hashes(&self.recordings(meeting)?);
        let texts = heard.into_iter().map(|(recording, transcript)| {
            let corrected = self.laid_upon(&recording, transcript.clone(), &hashes, &in_force);
            CorrectedText { recording, transcript, corrected }
        });
        let mut texts: Vec<CorrectedText> = texts.collect();
        settle(&mut texts);
        Ok(texts)
    }

    /// What holds, laid upon the text of a recording.
    fn laid_upon(
        &self,
        recording: &Recording,
        transcript: Transcript,
        recordings: &[Digest],
        in_force: &[&Revision],
    ) -> Corrected {
        let own = (&recording.sha256, &recording.public);
        let lay = |known: &mut _| Corrected::of(transcript, own, recordings, in_force, known);
        self.shared.places.with(&recording.sha256, lay)
    }

    /// Keeps what a person put right, all of it or nothing, where the revisions are still those `on` which it
    /// was made.
    ///
    /// # Errors
    /// `Withdrawn` where a place may not be seen any more; `Archive` where it cannot be written.
    pub fn add_revisions(
        &self,
        meeting: &MeetingId,
        edits: &[ParagraphEdit],
        on: &RevisionsSeen,
        made: &Signature,
    ) -> Result<Revised> {
        let kept = self.write(|t| {
            if seen(t, meeting)? != *on {
                return Ok(Some(Revised::Outdated));
            }
            let public = public_by_recording(t, meeting)?;
            let is_open = |edit: &ParagraphEdit| {
                let anchor = &edit.edit.anchor;
                let of = public.iter().find(|(recording, _)| *recording == anchor.recording);
                of.is_some_and(|(_, public)| {
                    edit.edit.clone().only(public).as_ref() == Some(&edit.edit)
                })
            };
            if !edits.iter().all(is_open) {
                return Ok(None);
            }
            let next: u32 = t.query_row(
                "SELECT coalesce(max(number), 0) + 1 FROM revision WHERE meeting = ?1",
                [meeting.as_str()],
                |r| r.get(0),
            )?;
            let mut numbers = Vec::with_capacity(edits.len());
            for (number, edit) in (next..).zip(edits) {
                t.execute(
                    "INSERT INTO revision (meeting, number, batch, edit, replaces, made_by, made_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    params![
                        meeting.as_str(),
                        number,
                        next,
                        Json(&edit.edit),
                        Json(&edit.replaces),
                        made.by,
                        made.at.to_string()
                    ],
                )?;
                numbers.push(number);
            }
            // Until the text is aligned anew, what was added behind a speech is still that speaker's and item's.
            let added: Vec<Span> = edits.iter().filter_map(|edit| edit.edit.added()).collect();
            if !added.is_empty() {
                alignments::rewrite(t, meeting, |alignment| alignment.reaching(added))?;
            }
            if let Some(last) = numbers.last() {
                let details = [("number", &*next.to_string()), ("to", &*last.to_string())];
                audit::append(t, made, Act::Corrected, meeting.as_str(), &details)?;
            }
            Ok(Some(Revised::Kept(numbers)))
        })?;
        kept.ok_or_else(|| {
            Error::withdrawn("Diese Stelle darf nicht mehr gezeigt werden")
                .remedy("Laden Sie die Seite neu; was dort stand, ist entfernt")
        })
    }

    /// Takes these back, those of them that hold; they stay in the history, and what they replaced holds again.
    ///
    /// # Errors
    /// `NotFound` where none of them holds, `BadInput` where later corrections stand in their place.
    pub fn take_back_revisions(
        &self,
        meeting: &MeetingId,
        numbers: &[u32],
        taken_back: &Signature,
    ) -> Result<()> {
        let refused = self.write(|t| {
            let history = of_meeting(t, meeting)?;
            let is_own = |r: &&Revision| numbers.contains(&r.number) && r.taken_back.is_none();
            let own: Vec<u32> = history.iter().filter(is_own).map(|r| r.number).collect();
            let (Some(first), Some(last)) = (own.first(), own.last()) else {
                return Ok(Some(Error::not_found(
                    "Diese Korrektur gibt es nicht, oder sie ist schon zurückgenommen",
                )));
            };
            let in_force = Revision::in_force(&history);
            let mut later = in_force.iter().filter(|r| !own.contains(&r.number));
            if let Some(later) = later.find(|r| r.replaces.iter().any(|n| own.contains(n))) {
                return Ok(Some(
                    Error::bad_input("Danach wurde dieselbe Stelle noch einmal korrigiert")
                        .remedy(format!("Nehmen Sie zuerst die Korrektur {} zurück", later.number)),
                ));
            }
            for number in &own {
                t.execute(
                    "UPDATE revision SET taken_back_by = ?3, taken_back_at = ?4
                     WHERE meeting = ?1 AND number = ?2",
                    params![meeting.as_str(), number, taken_back.by, taken_back.at.to_string()],
                )?;
            }
            let details = [("number", &*first.to_string()), ("to", &*last.to_string())];
            audit::append(t, taken_back, Act::CorrectionTakenBack, meeting.as_str(), &details)?;
            Ok(None)
        })?;
        refused.map_or(Ok(()), Err)
    }
}

fn hashes(recordings: &[Recording]) -> Vec<Digest> {
    recordings.iter().map(|recording| recording.sha256.clone()).collect()
}

/// What belongs to a recording that the meeting has no more is looked for in all of its texts: where one of them has
/// a place for it, the others need none, and otherwise one of them names it.
fn settle(texts: &mut [CorrectedText]) {
    let placed = texts.iter().flat_map(|text| &text.corrected.placed);
    let mut known: BTreeSet<u32> = placed.map(|placed| placed.number).collect();
    for text in texts {
        text.corrected.unplaced.retain(|unplaced| known.insert(unplaced.number));
    }
}

/// Something else after every revision that is made, taken back or has lost its words; nothing while there is none.
pub(super) fn state(c: &Connection, meeting: &MeetingId) -> rusqlite::Result<Option<String>> {
    c.prepare_cached(
        "SELECT max(number) || ' ' || count(taken_back_at) || ' ' || count(edit) FROM revision
         WHERE meeting = ?1 HAVING count(*) > 0",
    )?
    .query_row([meeting.as_str()], |r| r.get(0))
    .optional()
}

fn seen(c: &Connection, meeting: &MeetingId) -> rusqlite::Result<RevisionsSeen> {
    Ok(RevisionsSeen(state(c, meeting)?.unwrap_or_default()))
}

pub(super) fn of_meeting(c: &Connection, meeting: &MeetingId) -> rusqlite::Result<Vec<Revision>> {
    let mut statement = c.prepare_cached(
        "SELECT number, batch, edit, replaces, made_by, made_at, taken_back_by, taken_back_at
         FROM revision WHERE meeting = ?1 ORDER BY number DESC",
    )?;
    let mut rows = statement.query([meeting.as_str()])?;
    let mut all = Vec::new();
    // What was replaced by one whose words are gone does not come back.
    let mut replaced: BTreeSet<u32> = BTreeSet::new();
    while let Some(row) = rows.next()? {
        let (number, replaces) = (row.get(0)?, row.get::<_, Json<Vec<u32>>>(3)?.0);
        let taken_back: Option<String> = row.get(6)?;
        let edit: Option<Json<TextEdit>> = row.get(2)?;
        let edit = match edit {
            Some(Json(edit)) if !replaced.contains(&number) => edit,
            _ => {
                if taken_back.is_none() {
                    replaced.extend(replaces);
                }
                continue;
            }
        };
        all.push(Revision {
            number,
            batch: row.get(1)?,
            edit,
            replaces,
            made: Signature { by: row.get(4)?, at: row.get::<_, Parsed<_>>(5)?.0 },
            taken_back: match taken_back {
                Some(by) => Some(Signature { by, at: row.get::<_, Parsed<_>>(7)?.0 }),
                None => None,
            },
        });
    }
    all.reverse();
    Ok(all)
}

/// What may be seen of each recording that the meeting has, or had when it was corrected.
fn public_by_recording(
    c: &Connection,
    meeting: &MeetingId,
) -> rusqlite::Result<Vec<(Digest, PublicSpans)>> {
    let own = recordings::of_meeting(c, meeting)?;
    Ok(own.into_iter().map(|r| (r.sha256, r.public)).collect())
}

/// Takes the words of what may no longer be seen out of revisions; gives whether there were any.
pub(super) fn redact(
    t: &Transaction,
    meeting: &MeetingId,
    hidden: &Hidden,
    texts: &AnchoredTexts,
) -> rusqlite::Result<bool> {
    let rows: Vec<(u32, TextEdit)> = t
        .prepare_cached(
            "SELECT number, edit FROM revision WHERE meeting = ?1 AND edit IS NOT NULL",
        )?
        .query_map([meeting.as_str()], |r| Ok((r.get(0)?, r.get::<_, Json<_>>(1)?.0)))?
        .collect::<Result<_, _>>()?;
    if rows.is_empty() {
        return Ok(false);
    }
    let anchors: Vec<&Anchor> = rows.iter().map(|(_, edit)| &edit.anchor).collect();
    let open = texts.open(t, meeting, (&anchors, hidden))?;
    let mut redacted = false;
    for ((number, edit), open) in rows.iter().zip(open) {
        let left = edit.clone().only(&open);
        if left.as_ref() != Some(edit) {
            t.execute(
                "UPDATE revision SET edit = ?3 WHERE meeting = ?1 AND number = ?2",
                params![meeting.as_str(), number, left.map(Json)],
            )?;
            redacted = true;
        }
    }
    Ok(redacted)
}
