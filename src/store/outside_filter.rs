//! Which of the facts that others recorded may be seen, by what a meeting hides. Owns that a fact must be
//! known not to be of a hidden item; knows these by number, and by hashes of title and papers.

use rusqlite::{Connection, Transaction, params};

use super::identity::known_items;
use super::meeting_records::{self, HiddenMark};
use super::outside::{on_clock, on_clock_segment, video_shift};
use super::{recordings, restrictions};
use crate::domain::{
    AgendaItemId, Digest, Hidden, LONGEST_RECORDING, MediaTime, MeetingId, PlainNumber,
    PublicSpans, RecordedItem, RecordedVote, Scope, SpeakerSegment, TitleHash, plain_reference,
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
    papers: Vec<TitleHash>,
}

/// An item that may not be seen.
struct HiddenItem {
    id: AgendaItemId,
    number: Option<PlainNumber>,
    title: Option<TitleHash>,
    papers: Vec<TitleHash>,
}

/// What a fact says of the item that it is of.
struct Claim {
    numbers: Vec<PlainNumber>,
    title: Option<TitleHash>,
    /// Its paper, and those that this one lies below.
    papers: Vec<TitleHash>,
}

impl OutsideFilter {
    pub(super) fn of(c: &Connection, id: &MeetingId) -> rusqlite::Result<Self> {
        let key = restrictions::title_key(c)?;
        let in_force = restrictions::in_force(c, id)?;
        let (mut public, mut hidden): (Vec<PublicItem>, Vec<HiddenItem>) = (Vec::new(), Vec::new());
        for known in known_items(c, id)? {
            let item = known.identity.id.clone();
            let number = known.identity.number.as_deref().map(PlainNumber::of);
            let number = number.filter(|number| !number.is_empty());
            let title = known.identity.title;
            if known.public && !in_force.iter().any(|r| r.is_of(&item)) {
                public.push(PublicItem { id: item, number, title, papers: Vec::new() });
            } else {
                let papers = hidden_papers(c, id, &item)?;
                hidden.push(HiddenItem { id: item, number, title, papers });
            }
        }
        // They matter beside hidden ones alone.
        for item in public.iter_mut().filter(|_| !hidden.is_empty()) {
            let references = references(c, id, &item.id)?;
            item.papers = references.iter().filter_map(|r| paper_hash(&key, r)).collect();
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
        let claim = self.claim(
            vote.agenda_number.as_deref().map(PlainNumber::of).into_iter().collect(),
            vote.title.as_deref(),
            vote.motion.as_deref(),
        );
        let public = self.public.iter().filter_map(|item| item.number.as_ref());
        let is_on_public = public.chain(&self.recorded).any(|number| claim.is_below(number));
        seen && self.hidden_by(&claim).is_none()
            && !self.is_marked(&claim)
            && (self.hidden.is_empty() || is_on_public)
    }

    /// Whether an item of the meeting's record may be seen. While an item is hidden, it must be known to be
    /// another one.
    pub(super) fn shows_item(&self, id: &MeetingId, item: &RecordedItem) -> bool {
        let claim = self.claim_of(item);
        !self.hides_meeting
            && self.hidden_by(&claim).is_none()
            && (self.hidden.is_empty() || self.is_another(id, &claim))
    }

    /// The hidden item that an item of the record is, or lies below.
    pub(super) fn hidden_item(&self, item: &RecordedItem) -> Option<&AgendaItemId> {
        self.hidden_by(&self.claim_of(item)).map(|hidden| &hidden.id)
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

    fn claim_of(&self, item: &RecordedItem) -> Claim {
        self.claim(item.numbers().collect(), item.title.as_deref(), item.paper.as_deref())
    }

    fn claim(&self, numbers: Vec<PlainNumber>, title: Option<&str>, paper: Option<&str>) -> Claim {
        let paper = paper.map(plain_reference).unwrap_or_default();
        let ends = paper.match_indices('/').map(|(end, _)| end).chain([paper.len()]);
        Claim {
            numbers,
            title: title.and_then(|title| TitleHash::of(&self.key, title)),
            papers: ends.filter_map(|end| paper_hash(&self.key, &paper[..end])).collect(),
        }
    }

    /// The hidden item that something is of, by any of what it says. What a public item of the same number
    /// is called, or treats, gives nothing away.
    fn hidden_by(&self, claim: &Claim) -> Option<&HiddenItem> {
        let same = || self.public.iter().filter(|item| claim.is_exactly(item.number.as_ref()));
        let title = claim.title.as_ref().filter(|t| !same().any(|i| i.title.as_ref() == Some(t)));
        let is_known = |paper: &&TitleHash| same().any(|item| item.papers.contains(paper));
        let papers: Vec<&TitleHash> = claim.papers.iter().filter(|p| !is_known(p)).collect();
        self.hidden.iter().find(|hidden| {
            hidden.number.as_ref().is_some_and(|number| claim.is_below(number))
                || title.is_some() && hidden.title.as_ref() == title
                || hidden.papers.iter().any(|paper| papers.contains(&paper))
        })
    }

    /// Whether the record calls not public what something is of. Where it counts anew, its number says
    /// nothing.
    fn is_marked(&self, claim: &Claim) -> bool {
        let public = self.public.iter().filter_map(|item| item.number.as_ref());
        let counted: Vec<&PlainNumber> = public.chain(&self.recorded).collect();
        self.marks.iter().any(|mark| {
            let number = mark.number.as_deref().map(PlainNumber::of).filter(|n| !n.is_empty());
            number.is_some_and(|n| !counted.contains(&&n) && claim.is_below(&n))
                || mark.title.is_some() && mark.title == claim.title
                || mark.paper.as_ref().is_some_and(|paper| claim.papers.contains(paper))
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

impl Claim {
    fn is_below(&self, item: &PlainNumber) -> bool {
        self.numbers.iter().any(|number| number.is_of(item))
    }

    fn is_exactly(&self, item: Option<&PlainNumber>) -> bool {
        item.is_some_and(|item| self.numbers.contains(item))
    }
}

/// A paper's reference under the archive's key.
pub(super) fn paper_hash(key: &Digest, reference: &str) -> Option<TitleHash> {
    TitleHash::of(key, reference)
}

/// Keeps what the papers of an item are known again by before they go.
pub(super) fn remember_papers<'p>(
    t: &Transaction,
    id: &MeetingId,
    item: &AgendaItemId,
    references: impl IntoIterator<Item = &'p str>,
) -> rusqlite::Result<()> {
    let key = restrictions::title_key(t)?;
    let mut put = t.prepare_cached("INSERT OR IGNORE INTO hidden_paper VALUES (?1, ?2, ?3)")?;
    for hash in references.into_iter().filter_map(|reference| paper_hash(&key, reference)) {
        put.execute(params![id.as_str(), item.as_str(), hash.as_str()])?;
    }
    Ok(())
}

fn hidden_papers(
    c: &Connection,
    id: &MeetingId,
    item: &AgendaItemId,
) -> rusqlite::Result<Vec<TitleHash>> {
    c.prepare_cached("SELECT paper FROM hidden_paper WHERE meeting = ?1 AND item = ?2")?
        .query_map([id.as_str(), item.as_str()], |r| Ok(r.get::<_, super::Parsed<_>>(0)?.0))?
        .collect()
}

/// The references of an item's papers.
pub(super) fn references(
    c: &Connection,
    id: &MeetingId,
    item: &AgendaItemId,
) -> rusqlite::Result<Vec<String>> {
    c.prepare_cached(
        "SELECT p.reference FROM agenda_item i
         JOIN agenda_item_paper a ON a.meeting = i.meeting AND a.item = i.position
         JOIN paper p ON p.id = a.paper
         WHERE i.meeting = ?1 AND i.id = ?2 AND p.reference IS NOT NULL",
    )?
    .query_map([id.as_str(), item.as_str()], |r| r.get(0))?
    .collect()
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
