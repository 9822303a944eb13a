//! Which of the facts that others recorded may be seen, by what a meeting hides. Owns that a fact must be
//! known not to be of a hidden item; what is compared is `outside_claims`'.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::identity::known_items;
use super::meeting_records;
use super::outside::{on_clock, on_clock_segment, video_shift};
use super::outside_claims::{Claim, HiddenMark, hidden_forms, references};
use super::{recordings, restrictions};
use crate::domain::{
    AgendaItemId, Digest, Hidden, LONGEST_RECORDING, LooseNumber, MediaTime, MeetingId,
    PlainNumber, PublicSpans, RecordedItem, RecordedVote, Scope, SpeakerSegment, TitleHash,
    plain_reference,
};

/// What of a meeting's outside facts may be seen.
pub(super) struct OutsideFilter {
    key: Digest,
    open: PublicSpans,
    shift: i64,
    /// Whether nothing of the meeting may be seen.
    hides_meeting: bool,
    /// Whether stretches or items are restricted: then what has no time is nowhere.
    is_restricted: bool,
    public: Vec<PublicItem>,
    hidden: Vec<HiddenItem>,
    /// What the meeting's record calls not public.
    marks: Vec<HiddenMark>,
    /// Numbers on the record's agenda.
    recorded: Vec<PlainNumber>,
}

/// An item of the archive's agenda that is shown.
struct PublicItem {
    id: AgendaItemId,
    number: Option<PlainNumber>,
    title: Option<TitleHash>,
    /// Its papers as they are called.
    papers: Vec<String>,
}

/// An item that may not be seen.
struct HiddenItem {
    id: AgendaItemId,
    number: Option<LooseNumber>,
    title: Option<TitleHash>,
    /// Of its title and papers, however they are written.
    forms: BTreeSet<TitleHash>,
}

impl OutsideFilter {
    pub(super) fn of(c: &Connection, id: &MeetingId) -> rusqlite::Result<Self> {
        let key = restrictions::title_key(c)?;
        let in_force = restrictions::in_force(c, id)?;
        let (mut public, mut hidden): (Vec<PublicItem>, Vec<HiddenItem>) = (Vec::new(), Vec::new());
        for known in known_items(c, id)? {
            let item = known.identity.id.clone();
            let (number, title) = (known.identity.number.as_deref(), known.identity.title);
            if known.public && !in_force.iter().any(|r| r.is_of(&item)) {
                let number = number.map(PlainNumber::of).filter(|number| !number.is_empty());
                public.push(PublicItem { id: item, number, title, papers: Vec::new() });
            } else {
                let forms = hidden_forms(c, id, &item)?;
                hidden.push(HiddenItem {
                    id: item,
                    number: number.map(LooseNumber::of),
                    title,
                    forms,
                });
            }
        }
        // They matter beside hidden ones alone.
        for item in public.iter_mut().filter(|_| !hidden.is_empty()) {
            let references = references(c, id, &item.id)?;
            item.papers = references.iter().map(|reference| plain_reference(reference)).collect();
        }
        let mut filter = Self {
            key,
            open: open(c, id)?,
            shift: video_shift(c, id)?,
            hides_meeting: in_force.iter().any(|r| r.scope == Scope::Meeting),
            is_restricted: !in_force.is_empty(),
            public,
            hidden,
            marks: Vec::new(),
            recorded: Vec::new(),
        };
        if let Some(stored) = meeting_records::stored(c, id)? {
            let shown = stored.record.agenda.iter().filter(|item| filter.shows_item(id, item));
            let numbers = shown.filter_map(|item| item.number.as_deref()).map(PlainNumber::of);
            filter.recorded = numbers.collect();
            filter.marks = stored.hidden;
        }
        Ok(filter)
    }

    /// Whether nothing of the meeting may be seen.
    pub(super) fn hides_meeting(&self) -> bool {
        self.hides_meeting
    }

    /// Whether a vote may be seen. While an item is hidden, it must be known to be on another one.
    pub(super) fn shows(&self, vote: &RecordedVote) -> bool {
        let at = vote.at_ms.map(|at| on_clock(at, vote.clock, self.shift));
        let seen =
            at.map_or(!self.is_restricted && !self.open.is_empty(), |at| self.open.contains(at));
        let claim = Claim::of_vote(&self.key, vote);
        let public = self.public.iter().filter_map(|item| item.number.as_ref());
        let is_on_public = public.chain(&self.recorded).any(|number| claim.is_below(number));
        seen && !claim.is_not_public()
            && self.hidden_by(&claim).is_none()
            && !self.marks.iter().any(|mark| mark.hides(&claim))
            && (self.hidden.is_empty() || is_on_public)
    }

    /// Whether an item of the meeting's record may be seen. While an item is hidden, it must be known to be
    /// another one.
    pub(super) fn shows_item(&self, id: &MeetingId, item: &RecordedItem) -> bool {
        let claim = Claim::of_recorded(&self.key, item);
        !self.hides_meeting
            && !claim.is_not_public()
            && self.hidden_by(&claim).is_none()
            && (self.hidden.is_empty() || self.is_another(id, &claim))
    }

    /// The hidden item that an item of the record is, or lies below.
    pub(super) fn hidden_item(&self, item: &RecordedItem) -> Option<&AgendaItemId> {
        self.hidden_by(&Claim::of_recorded(&self.key, item)).map(|hidden| &hidden.id)
    }

    /// The parts of a segment that may be seen, on its own clock.
    pub(super) fn cut(&self, segment: &SpeakerSegment) -> Vec<SpeakerSegment> {
        let moved = on_clock_segment(segment.clone(), self.shift);
        let Some(span) = moved.span() else { return Vec::new() };
        if self.open.covers(span) {
            return vec![segment.clone()];
        }
        let back = |time: MediaTime| on_clock(time, segment.clock, -self.shift);
        let parts = PublicSpans::only(vec![span]).intersection(&self.open);
        let parts = parts.within(LONGEST_RECORDING).into_iter().filter(|part| part.millis() > 0);
        parts
            .map(|part| SpeakerSegment {
                start_ms: back(part.start()),
                end_ms: back(part.end()),
                ..segment.clone()
            })
            .collect()
    }

    /// The hidden item that something is of, by any of what it says. What a public item of the same number
    /// is called, or treats, gives nothing away.
    fn hidden_by(&self, claim: &Claim) -> Option<&HiddenItem> {
        let same = || self.public.iter().filter(|item| claim.is_exactly(item.number.as_ref()));
        let is_called = |item: &PublicItem| claim.title.is_some() && item.title == claim.title;
        let treats = |reference: &String| same().any(|item| item.papers.contains(reference));
        let title_counts = !same().any(is_called);
        let papers_count = !claim.references.iter().all(treats);
        self.hidden.iter().find(|hidden| {
            hidden.number.as_ref().is_some_and(|number| claim.may_be_of(number))
                || title_counts
                    && (claim.title.is_some() && hidden.title == claim.title
                        || claim.is_called(&hidden.forms))
                || papers_count && claim.treats(&hidden.forms)
        })
    }

    /// Whether an item of the record is known to be none of the hidden ones: it is on the archive's agenda
    /// under its number, and not under another title. Hidden ones that the record itself brought are
    /// counted and called as it counts and calls the others.
    fn is_another(&self, id: &MeetingId, claim: &Claim) -> bool {
        let is_comparable = |hidden: &HiddenItem| {
            meeting_records::is_own_id(id, &hidden.id)
                && (hidden.number.is_some() && !claim.numbers.is_empty()
                    || hidden.title.is_some() && claim.title.is_some())
        };
        let is_public = |item: &PublicItem| {
            let titles = item.title.as_ref().zip(claim.title.as_ref());
            let is_item = claim.is_exactly(item.number.as_ref());
            item.number.as_ref().is_some_and(|number| claim.is_below(number))
                && (!is_item || titles.is_none_or(|(known, said)| known == said))
        };
        self.hidden.iter().all(is_comparable) || self.public.iter().any(is_public)
    }
}

/// What of the meeting's clock may be seen of what others recorded: all but what recordings say is not
/// public, and what is restricted. Where nothing was recorded, votes are public.
fn open(c: &Connection, id: &MeetingId) -> rusqlite::Result<PublicSpans> {
    let recordings = recordings::of_meeting(c, id)?;
    let mut hidden = Vec::new();
    for (n, recording) in recordings.iter().enumerate() {
        let next = recordings.get(n + 1).map_or(LONGEST_RECORDING, |next| {
            MediaTime::from_millis(next.offset.since(recording.offset))
        });
        let not_public = recording.public.hidden_within(next);
        hidden.extend(not_public.into_iter().map(|span| span.on_meeting_clock(recording.offset)));
    }
    let open = PublicSpans::WHOLE.without(&hidden).within(LONGEST_RECORDING);
    Ok(Hidden::by(&restrictions::in_force(c, id)?).leave_of_clock(open))
}
