//! What clerks have fixed over the alignment: appended, taken back, never changed or deleted. Owns that it moves
//! with the meeting: with its recordings, its words and its agenda.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::anchored::AnchoredTexts;
use super::{Json, Parsed, Store, audit, identity, recordings, transcripts};
use crate::domain::{
    Act, Anchor, AnchorPlace, AnchorText, Error, Fact, FixedPoint, Hidden, ItemIdentity, MediaTime,
    MeetingId, Overrule, OverruleAnchor, PlacedOverrule, Recording, Result, Signature, Span,
    Transcript,
};

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
            let texts = texts(t, meeting)?;
            put_anchor(t, meeting, number, point, &texts)?;
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

    /// What holds, in the order it was made, where it lies on the meeting's clock now.
    pub fn placed_overrules(&self, meeting: &MeetingId) -> Result<Vec<PlacedOverrule>> {
        self.read(|c| placed(c, meeting))
    }

    /// What holds: the fixed points that nobody took back, in the order they were made.
    pub fn fixed_points(&self, meeting: &MeetingId) -> Result<Vec<FixedPoint>> {
        let placed = self.placed_overrules(meeting)?.into_iter();
        Ok(placed.map(|p| FixedPoint { span: p.span, fact: p.overrule.point.fact }).collect())
    }
}

/// A recording and what was heard in it.
type RecordingText = (Recording, Option<Transcript>);

fn texts(c: &Connection, meeting: &MeetingId) -> rusqlite::Result<Vec<RecordingText>> {
    let mut all = Vec::new();
    for recording in recordings::of_meeting(c, meeting)? {
        let stored = transcripts::stored(c, meeting, &recording.sha256)?;
        all.push((recording, stored.map(|stored| stored.transcript)));
    }
    all.sort_by_key(|(recording, _)| recording.offset);
    Ok(all)
}

/// Remembers where those overrules lie that do not say it yet, before anything moves.
pub(super) fn anchor_all(t: &Transaction, meeting: &MeetingId) -> rusqlite::Result<()> {
    let anchors = anchors(t, meeting)?;
    let without = of_meeting(t, meeting)?.into_iter().filter(|o| !anchors.contains_key(&o.number));
    let without: Vec<Overrule> = without.collect();
    if without.is_empty() {
        return Ok(());
    }
    let texts = texts(t, meeting)?;
    for overrule in without {
        put_anchor(t, meeting, overrule.number, &overrule.point, &texts)?;
    }
    Ok(())
}

/// What the items are known by that overrules name.
pub(super) fn identities(
    c: &Connection,
    meeting: &MeetingId,
) -> rusqlite::Result<Vec<ItemIdentity>> {
    let holds = |number: &u32, all: &[Overrule]| {
        all.iter().any(|o| o.number == *number && o.taken_back.is_none())
    };
    let all = of_meeting(c, meeting)?;
    let anchors = anchors(c, meeting)?.into_iter().filter(|(number, _)| holds(number, &all));
    Ok(anchors.flat_map(|(_, anchor)| anchor.items).collect())
}

/// Takes words that may no longer be seen out of what overrules are known again by.
pub(super) fn redact(
    t: &Transaction,
    meeting: &MeetingId,
    hidden: &Hidden,
    texts: &AnchoredTexts,
) -> rusqlite::Result<()> {
    let all = anchors(t, meeting)?;
    if all.is_empty() {
        return Ok(());
    }
    let ends: Vec<&Anchor> = all.values().flat_map(|anchor| [&anchor.start, &anchor.end]).collect();
    let open = texts.open(t, meeting, (&ends, hidden))?;
    for ((number, anchor), open) in all.iter().zip(open.chunks(2)) {
        let [of_start, of_end] = open else { continue };
        let left = anchor.clone().among(of_start, of_end);
        if left != *anchor {
            t.execute(
                "UPDATE overrule_anchor SET content = ?3 WHERE meeting = ?1 AND number = ?2",
                params![meeting.as_str(), number, Json(left)],
            )?;
        }
    }
    Ok(())
}

fn anchors(c: &Connection, meeting: &MeetingId) -> rusqlite::Result<BTreeMap<u32, OverruleAnchor>> {
    c.prepare_cached("SELECT number, content FROM overrule_anchor WHERE meeting = ?1")?
        .query_map([meeting.as_str()], |r| Ok((r.get(0)?, r.get::<_, Json<_>>(1)?.0)))?
        .collect()
}

fn put_anchor(
    t: &Transaction,
    meeting: &MeetingId,
    number: u32,
    point: &FixedPoint,
    texts: &[RecordingText],
) -> rusqlite::Result<()> {
    let edge = |at: MediaTime| {
        let begun = texts.iter().rfind(|(recording, _)| recording.offset <= at);
        let (recording, transcript) = begun.or(texts.first())?;
        let (sha256, offset) = (&recording.sha256, recording.offset);
        let at = MediaTime::from_millis(at.since(offset));
        let words = transcript.as_ref().map(|t| t.words.as_slice()).unwrap_or_default();
        let first = words.partition_point(|word| word.start_ms < at);
        let span = Span::moment(at);
        let anchor = Anchor::of(sha256, offset, words, first..first);
        let nothing = || Anchor {
            recording: sha256.clone(),
            offset_ms: offset,
            span,
            before: Vec::new(),
            words: Vec::new(),
            after: Vec::new(),
        };
        Some(Anchor { span, ..anchor.unwrap_or_else(nothing) })
    };
    let Some((start, end)) = edge(point.span.start()).zip(edge(point.span.end())) else {
        return Ok(());
    };
    let items = match &point.fact {
        Fact::Items(ids) => {
            let known = identity::known_items(t, meeting)?.into_iter().map(|known| known.identity);
            known.filter(|known| ids.contains(&known.id)).collect()
        }
        Fact::Speaker { .. } => Vec::new(),
    };
    t.execute(
        "INSERT OR IGNORE INTO overrule_anchor VALUES (?1, ?2, ?3)",
        params![meeting.as_str(), number, Json(OverruleAnchor { start, end, items })],
    )?;
    Ok(())
}

pub(super) fn placed(c: &Connection, meeting: &MeetingId) -> rusqlite::Result<Vec<PlacedOverrule>> {
    let all = of_meeting(c, meeting)?.into_iter().filter(|o| o.taken_back.is_none());
    let all: Vec<Overrule> = all.collect();
    let anchors = anchors(c, meeting)?;
    let as_made = |overrule: Overrule| {
        let span = overrule.point.span;
        PlacedOverrule { overrule, span, is_sure: true }
    };
    if anchors.is_empty() {
        return Ok(all.into_iter().map(as_made).collect());
    }
    let texts = texts(c, meeting)?;
    let edges: Vec<&Anchor> = anchors.values().flat_map(|a| [&a.start, &a.end]).collect();
    let place = Edges::new(&texts, &edges);
    let placed = all.into_iter().map(|overrule| {
        let Some(anchor) = anchors.get(&overrule.number) else { return as_made(overrule) };
        let made = overrule.point.span;
        let start = place.of(&anchor.start, made.start());
        let end = place.of(&anchor.end, made.end());
        match Span::new(start.0, end.0) {
            Some(span) => PlacedOverrule { overrule, span, is_sure: start.1 && end.1 },
            None => PlacedOverrule { span: overrule.point.span, overrule, is_sure: false },
        }
    });
    Ok(placed.collect())
}

/// Where the edges of overrules lie in the texts that a meeting has now.
struct Edges<'t> {
    texts: &'t [RecordingText],
    own: Vec<Option<AnchorText<'t>>>,
    /// For each text, by recordings that are gone: the text on their times.
    former: Vec<(usize, &'t Anchor, AnchorText<'t>)>,
}

impl<'t> Edges<'t> {
    fn new(texts: &'t [RecordingText], anchors: &[&'t Anchor]) -> Self {
        let text = |(_, transcript): &'t RecordingText| {
            transcript.as_ref().map(|t| AnchorText::new(&t.words, t.times))
        };
        let own: Vec<Option<AnchorText<'t>>> = texts.iter().map(text).collect();
        let mut gone: BTreeMap<&str, Vec<&'t Anchor>> = BTreeMap::new();
        for anchor in anchors {
            if !texts.iter().any(|(recording, _)| recording.sha256 == anchor.recording) {
                gone.entry(anchor.recording.as_str()).or_default().push(anchor);
            }
        }
        let mut former = Vec::new();
        for anchors in gone.values() {
            for (n, text) in own.iter().enumerate() {
                if let Some(text) = text.as_ref().and_then(|text| text.after(anchors)) {
                    former.extend(anchors.first().map(|first| (n, *first, text)));
                }
            }
        }
        Self { texts, own, former }
    }

    /// Where on the meeting's clock an edge lies that was `made` there, and whether the words say so.
    fn of(&self, anchor: &Anchor, made: MediaTime) -> (MediaTime, bool) {
        let then = anchor.span.start();
        let own = self.texts.iter().position(|(r, _)| r.sha256 == anchor.recording);
        if let Some(n) = own {
            let offset = self.texts[n].0.offset;
            let as_made = match offset == anchor.offset_ms {
                true => made,
                false => then.plus_millis(offset.millis()),
            };
            return match self.own[n].as_ref().map(|text| at(text, anchor)) {
                Some(Some(at)) if at != then => (at.plus_millis(offset.millis()), true),
                Some(None) => (as_made, false),
                // Just there, or nobody has heard it yet, or not any more.
                Some(Some(_)) | None => (as_made, true),
            };
        }
        let former = self.former.iter().filter(|(_, of, _)| of.recording == anchor.recording);
        let mut found = former.filter_map(|(n, _, text)| {
            Some(at(text, anchor)?.plus_millis(self.texts[*n].0.offset.millis()))
        });
        match found.next() {
            Some(at) => (at, true),
            None => (made, false),
        }
    }
}

/// Where in a text an edge lies.
fn at(text: &AnchorText<'_>, anchor: &Anchor) -> Option<MediaTime> {
    match text.place(anchor) {
        AnchorPlace::Same(_) => Some(anchor.span.start()),
        AnchorPlace::Found(range) => match text.words().get(range.end) {
            Some(word) => Some(word.start_ms),
            None => text.words().last().map(|word| word.end_ms),
        },
        AnchorPlace::Doubtful(_) | AnchorPlace::Lost => None,
    }
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
