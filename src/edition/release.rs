//! What is not published yet: drafts, and what waits to be released. Owns that the public sees nothing of
//! it, and that a preview sees it as the public will.

use std::collections::{BTreeMap, BTreeSet};

use super::{Edition, Limited};
use crate::domain::{
    AgendaItem, AgendaItemId, Alignment, Council, Hidden, MeetingId, MeetingReview, PlainNumber,
    RecordedVote, ResolutionForm, Result, Span, TextReview, plain_reference,
};
use crate::store::{ShownOutside, Store};

/// The items of a meeting that its public may not see yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Unreleased {
    items: BTreeSet<AgendaItemId>,
    /// Where they are treated.
    places: Vec<Span>,
    /// Whether a text treats them somewhere that nobody knows.
    is_unplaced: bool,
}

impl Unreleased {
    /// Those of a meeting that is published itself.
    pub(super) fn of(store: &Store, id: &MeetingId, review: &MeetingReview) -> Result<Self> {
        let items: BTreeSet<AgendaItemId> = review.unpublished().into_iter().cloned().collect();
        if items.is_empty() {
            return Ok(Self::default());
        }
        let alignment: Option<Alignment> = store.alignment(id)?.map(|stored| stored.alignment);
        let spans_of = |item: &AgendaItemId| {
            let found = alignment.iter().flat_map(|a| &a.items).find(|i| i.id == *item);
            found.map(|i| i.spans.clone()).unwrap_or_default()
        };
        let found: Vec<Vec<Span>> = items.iter().map(spans_of).collect();
        let has_text = !store.shown_transcripts(id)?.is_empty();
        Ok(Self {
            is_unplaced: has_text && found.iter().any(Vec::is_empty),
            places: found.into_iter().flatten().collect(),
            items,
        })
    }

    /// Adds to what limits the meeting.
    pub(super) fn limit(&self, limited: &mut Limited) {
        limited.is_held_back |= self.is_unplaced;
        if let Hidden::Spans(spans) = &mut limited.hidden {
            spans.extend(&self.places);
        }
    }

    pub(super) fn contains(&self, item: &AgendaItemId) -> bool {
        self.items.contains(item)
    }

    /// Takes the results of these items out; that they are on the agenda is public.
    pub(super) fn take_results(&self, council: &mut Council) {
        for item in council.meeting.agenda.iter_mut().filter(|item| self.contains(&item.id)) {
            item.result = None;
        }
    }

    /// Takes the votes on these items out.
    pub(super) fn take_votes(&self, council: &Council, outside: &mut ShownOutside) {
        if !self.items.is_empty() {
            outside.votes.retain(|vote| !may_be_on(vote, council, &self.items, &self.places));
        }
    }
}

/// Whether a vote may be one on these items, which are treated in these places: by number, paper or time. One that
/// says none of them may be on anything.
fn may_be_on(
    vote: &RecordedVote,
    council: &Council,
    items: &BTreeSet<AgendaItemId>,
    places: &[Span],
) -> bool {
    let number = vote.agenda_number.as_deref().map(PlainNumber::of).filter(|n| !n.is_empty());
    let paper = vote.motion.as_deref().map(plain_reference);
    let is_on = |item: &AgendaItem| {
        let own = item.number.as_deref().map(PlainNumber::of).filter(|own| !own.is_empty());
        let mut references = council.papers_of(item).filter_map(|p| p.reference.as_deref());
        own.zip(number.as_ref()).is_some_and(|(own, number)| number.is_of(&own))
            || references.any(|own| paper.as_ref() == Some(&plain_reference(own)))
    };
    let is_there = |at| places.iter().any(|place| place.contains(at));
    let says_nothing = number.is_none() && paper.is_none() && vote.at_ms.is_none();
    says_nothing
        || vote.at_ms.is_some_and(is_there)
        || council.meeting.agenda.iter().any(|item| items.contains(&item.id) && is_on(item))
}

impl Edition {
    /// How far the words said under these items can be relied on; of all words, where none is given.
    pub fn text_review(&self, items: &[AgendaItemId]) -> TextReview {
        if self.text.is_none() && !self.speeches.is_empty() {
            return TextReview::Recorded;
        }
        let of = |item| self.review.of(item).is_checked(&self.reviewed_text);
        let is_checked = match items {
            [] => {
                let own = self.review.items.keys();
                self.review.meeting.is_checked(&self.reviewed_text) && own.into_iter().all(of)
            }
            items => items.iter().all(of),
        };
        if is_checked { TextReview::Checked } else { TextReview::Automatic }
    }
}

/// The forms that a council's rules ask of its decisions.
pub(super) struct Resolutions(BTreeMap<AgendaItemId, ResolutionForm>);

impl Resolutions {
    pub(super) fn of(store: &Store, id: &MeetingId) -> Result<Self> {
        Ok(Self(store.resolution_forms(id)?))
    }

    /// Puts the decisions into their forms. Votes go with a decision that is not shown.
    pub(super) fn put_into_form(&self, council: &mut Council, outside: &mut ShownOutside) {
        let withheld = self.withheld();
        if !withheld.is_empty() {
            outside.votes.retain(|vote| !may_be_on(vote, council, &withheld, &[]));
        }
        for item in &mut council.meeting.agenda {
            match self.0.get(&item.id) {
                None | Some(ResolutionForm::Whole) => {}
                Some(ResolutionForm::Essence(text)) if item.public => {
                    item.result = Some(text.clone());
                }
                Some(ResolutionForm::Essence(_) | ResolutionForm::Withheld) => item.result = None,
            }
        }
    }

    /// The same for votes that were read from what was said.
    pub(super) fn take_votes(&self, alignment: &mut Alignment) {
        let withheld = self.withheld();
        let items = alignment.items.iter_mut().filter(|item| withheld.contains(&item.id));
        items.for_each(|item| item.votes.clear());
    }

    fn withheld(&self) -> BTreeSet<AgendaItemId> {
        let forms = self.0.iter().filter(|(_, form)| **form == ResolutionForm::Withheld);
        forms.map(|(item, _)| item.clone()).collect()
    }
}
