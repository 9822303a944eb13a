//! Where the places lie that people put right or fixed something at, in the texts as they stand. Owns that what may no
//! longer be seen is found by its words too: a place is known by the times of the recording and of the text that it
//! was made on, and both may be others by now.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::{recordings, transcripts};
use crate::domain::{
    Anchor, AnchorPlace, AnchorText, Digest, Hidden, LONGEST_RECORDING, MeetingId, PublicSpans,
    Recording, Span, Transcript,
};

/// Another file of the same sound begins at most so much earlier or later, in milliseconds.
const NEAR_MS: u64 = 15 * 60_000;

/// The texts of a meeting, read before anything is cut from them.
pub(super) struct AnchoredTexts {
    texts: Vec<(Recording, Transcript)>,
    /// Whether some recording has no text yet.
    lacks_some: bool,
}

/// A place in a text.
struct TextPlace<'t> {
    recording: &'t Digest,
    /// Its time on that recording's line.
    span: Span,
    /// By how much it is later there than where it was made, in milliseconds.
    later: i64,
    is_sure: bool,
    /// Whether it is just as it was, so that its own line says all.
    is_same: bool,
}

impl AnchoredTexts {
    /// The texts as they are now; none where nothing is anchored in them.
    pub(super) fn read(c: &Connection, meeting: &MeetingId) -> rusqlite::Result<Self> {
        let is_asked: bool = c.query_row(
            "SELECT EXISTS (SELECT 1 FROM revision WHERE meeting = ?1 AND edit IS NOT NULL)
                 OR EXISTS (SELECT 1 FROM overrule_anchor WHERE meeting = ?1)",
            [meeting.as_str()],
            |r| r.get(0),
        )?;
        if !is_asked {
            return Ok(Self { texts: Vec::new(), lacks_some: true });
        }
        let (mut texts, mut lacks_some) = (Vec::new(), false);
        for recording in recordings::of_meeting(c, meeting)? {
            match transcripts::stored(c, meeting, &recording.sha256)? {
                Some(stored) => texts.push((recording, stored.transcript)),
                None => lacks_some = true,
            }
        }
        let lacks_some = lacks_some || texts.is_empty();
        Ok(Self { texts, lacks_some })
    }

    /// How much may be seen of the line on which each of these places was made, by what is public of the meeting's
    /// recordings now.
    pub(super) fn open(
        &self,
        c: &Connection,
        meeting: &MeetingId,
        (anchors, hidden): (&[&Anchor], &Hidden),
    ) -> rusqlite::Result<Vec<PublicSpans>> {
        let own: BTreeMap<Digest, PublicSpans> = recordings::of_meeting(c, meeting)?
            .into_iter()
            .map(|recording| (recording.sha256, recording.public))
            .collect();
        let former = recordings::former(c, meeting)?;
        let public_then = |anchor: &Anchor| {
            let recording = former.iter().find(|f| f.sha256 == anchor.recording);
            recording.map_or(PublicSpans::WHOLE, |recording| recording.public.clone())
        };
        let (places, nothing) = (self.places(anchors, &own), PublicSpans::NOTHING);
        let open = anchors.iter().zip(places).map(|(anchor, places)| {
            let narrowed = |open: PublicSpans, place: &TextPlace<'_>| {
                let public = own.get(place.recording).unwrap_or(&nothing);
                match public.covers(place.span) {
                    true => open.intersection(&earlier(public, place.later)),
                    false => PublicSpans::NOTHING,
                }
            };
            let mut sure = places.iter().filter(|place| place.is_sure).peekable();
            match own.get(&anchor.recording) {
                // Its own line tells; the text may have been heard anew, at times a little different.
                Some(public) => sure.filter(|p| !p.is_same).fold(public.clone(), narrowed),
                None if sure.peek().is_some() => sure.fold(PublicSpans::WHOLE, narrowed),
                // Of a recording that is gone nobody knows where this is: it may be what is hidden near there.
                None if !self.lacks_some && hidden.touches(around(anchor)) => PublicSpans::NOTHING,
                // Where it lay on the meeting's clock when it was made.
                None => hidden.leave_of(&public_then(anchor), anchor.offset_ms),
            }
        });
        Ok(open.collect())
    }

    /// The places of each of these in the texts.
    fn places<'t>(
        &'t self,
        anchors: &[&Anchor],
        own: &BTreeMap<Digest, PublicSpans>,
    ) -> Vec<Vec<TextPlace<'t>>> {
        let mut places: Vec<Vec<TextPlace<'t>>> = anchors.iter().map(|_| Vec::new()).collect();
        for (recording, transcript) in &self.texts {
            let text = AnchorText::new(&transcript.words, transcript.times);
            let mut of_recording: BTreeMap<&Digest, Vec<usize>> = BTreeMap::new();
            for (n, anchor) in anchors.iter().enumerate() {
                let is_elsewhere =
                    own.contains_key(&anchor.recording) && anchor.recording != recording.sha256;
                if !is_elsewhere {
                    of_recording.entry(&anchor.recording).or_default().push(n);
                }
            }
            for (sha256, numbers) in of_recording {
                let together: Vec<&Anchor> = numbers.iter().map(|n| anchors[*n]).collect();
                let moved = match *sha256 == recording.sha256 {
                    true => None,
                    false => match text.after(&together) {
                        Some(moved) => Some(moved),
                        None => continue,
                    },
                };
                let text = moved.as_ref().unwrap_or(&text);
                for n in numbers {
                    let found = text.place(anchors[n]);
                    let Some(range) = found.range() else { continue };
                    let span = text.span(range);
                    let (now, then) = (span.start(), anchors[n].span.start());
                    let later = now.millis() as i64 - then.millis() as i64;
                    let (recording, is_sure) = (&recording.sha256, found.is_sure());
                    let is_same = matches!(found, AnchorPlace::Same(_));
                    places[n].push(TextPlace { recording, span, later, is_sure, is_same });
                }
            }
        }
        places
    }
}

/// Where a place may lie on the meeting's clock, by where it lay when it was made.
fn around(anchor: &Anchor) -> Span {
    let span = anchor.span.on_meeting_clock(anchor.offset_ms);
    let (from, to) = (span.start().minus_millis(NEAR_MS), span.end().plus_millis(NEAR_MS));
    Span::new(from, to).unwrap_or(span)
}

/// What is public, on a line on which everything is so much earlier.
fn earlier(public: &PublicSpans, by: i64) -> PublicSpans {
    if by == 0 || public.is_whole() {
        return public.clone();
    }
    let spans = public.within(LONGEST_RECORDING).into_iter();
    let moved = spans.filter_map(|s| Span::new(s.start().moved(-by), s.end().moved(-by)));
    PublicSpans::only(moved.collect())
}
