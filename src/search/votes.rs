//! The votes of a meeting as index documents: what was voted on, what came of it, and when. Results are those
//! that the chair said or a record prints; none is worked out from counts.

use std::collections::HashMap;

use mitschnitt_index::{self as index, CountedBy, VoteVerdict};

use super::documents::{PassageNames, public_items, time};
use crate::domain::{
    AgendaItem, AgendaItemId, Alignment, Council, Majority, MediaTime, Outcome, RecordedVote,
    TextReview, Vote, VoteCast, VoteCounts, plain_reference,
};
use crate::edition::{Elsewhere, item_of};

/// A vote with its place among what was said: before the passage of this number.
pub(super) type PlacedVote = (usize, index::PassageDoc);

/// The votes on public items, by the chair's words and by what others recorded.
pub(super) fn votes(
    council: &Council,
    alignment: Option<&Alignment>,
    elsewhere: &Elsewhere,
    spoken: &[index::PassageDoc],
) -> Vec<PlacedVote> {
    let mut builder =
        VoteDocs { council, items: public_items(council), spoken, names: PassageNames::default() };
    let announced = alignment.into_iter().flat_map(|alignment| &alignment.items);
    let mut announced: Vec<AnnouncedVote> =
        announced.flat_map(|item| item.votes.iter().map(|vote| (&item.id, vote))).collect();
    let recorded = elsewhere.votes.iter().map(|vote| {
        let same = builder.announcement(vote, elsewhere, &announced);
        builder.recorded(vote, same.map(|place| announced.remove(place).1))
    });
    let mut all: Vec<PlacedVote> = recorded.collect();
    all.extend(announced.into_iter().filter_map(|(item, vote)| builder.announced(item, vote)));
    all
}

/// The item of a vote whose result the chair announced, and the vote.
type AnnouncedVote<'m> = (&'m AgendaItemId, &'m Vote);

/// A result is recorded so long after it was announced, or before, at most, in milliseconds: what is farther away is
/// another vote of the same item.
const SAME_VOTE_MS: u64 = 180_000;

/// What makes documents of the votes of one meeting.
struct VoteDocs<'m> {
    council: &'m Council,
    items: HashMap<&'m AgendaItemId, index::ItemRef>,
    spoken: &'m [index::PassageDoc],
    names: PassageNames,
}

impl VoteDocs<'_> {
    /// A vote whose result the chair announced; none where its item is not public.
    fn announced(&mut self, item: &AgendaItemId, vote: &Vote) -> Option<PlacedVote> {
        let item = self.items.get(item)?.clone();
        let mut text = item.title.clone();
        text.extend(item.paper.iter().map(|paper| format!(" {paper}")));
        if !vote.words.is_empty() {
            text += &format!(" – „{}“", vote.words);
        }
        let known = index::VoteRef {
            result: Some(vote.result()),
            verdicts: [Some(outcome(vote.outcome)), vote.majority.map(majority)]
                .into_iter()
                .flatten()
                .collect(),
            counts: counts(vote.in_favour, vote.against, vote.abstentions, CountedBy::Source),
        };
        let name = format!("abstimmung-t{}", vote.start_ms.millis());
        let (place, mut document) = self.document(name, item, Some(vote.start_ms), &text, known);
        document.end_ms = Some(time(vote.end_ms));
        document.review = Some(TextReview::Automatic.code().to_owned());
        Some((place, document))
    }

    /// Which of the announced votes a recorded one is: of its item, with its outcome, at its time; where nobody
    /// recorded a time, the only one of an item with one vote.
    fn announcement(
        &self,
        vote: &RecordedVote,
        elsewhere: &Elsewhere,
        announced: &[AnnouncedVote],
    ) -> Option<usize> {
        let item = &self.agenda_item(vote)?.id;
        let told = vote.result.as_deref().map(VoteVerdict::told).unwrap_or_default();
        let of_item = announced.iter().enumerate().filter(|(_, (of, _))| *of == item);
        let fits = |(_, (_, said)): &(usize, &AnnouncedVote)| {
            told.is_empty() || told.contains(&outcome(said.outcome))
        };
        let Some(at) = vote.at_ms else {
            let recorded = elsewhere.votes.iter().filter_map(|other| self.agenda_item(other));
            let is_only = recorded.filter(|other| other.id == *item).count() == 1
                && of_item.clone().count() == 1;
            return of_item.filter(fits).map(|(place, _)| place).next().filter(|_| is_only);
        };
        let away = |said: &Vote| match at < said.start_ms {
            true => said.start_ms.since(at),
            false => at.since(said.end_ms),
        };
        let near = of_item.filter(fits).filter(|(_, (_, said))| away(said) <= SAME_VOTE_MS);
        near.min_by_key(|(_, (_, said))| away(said)).map(|(place, _)| place)
    }

    /// A vote that others recorded, and as the chair announced it, where that is known.
    fn recorded(&mut self, vote: &RecordedVote, announced: Option<&Vote>) -> PlacedVote {
        let item = self.item(vote);
        let result = vote.result.clone();
        let known = index::VoteRef {
            verdicts: result.as_deref().map(VoteVerdict::told).unwrap_or_default(),
            result,
            counts: match vote.counts {
                Some(VoteCounts { yes, no, abstain }) => {
                    counts(yes, no, abstain, CountedBy::Source)
                }
                None => single_votes(vote),
            },
        };
        let name = match (vote.order, &vote.motion) {
            (Some(order), _) => format!("abstimmung-{order}"),
            (None, Some(motion)) => format!("abstimmung-{motion}"),
            (None, None) => "abstimmung".to_owned(),
        };
        let mut text = voted_on(vote, &item);
        if let Some(said) = announced.filter(|said| !said.words.is_empty()) {
            text += &format!(" – „{}“", said.words);
        }
        let at = vote.at_ms.or(announced.map(|said| said.start_ms));
        let (place, mut document) = self.document(name, item, at, &text, known);
        document.review = Some(TextReview::Recorded.code().to_owned());
        (place, document)
    }

    /// The item of the agenda that a recorded vote is of.
    fn agenda_item(&self, vote: &RecordedVote) -> Option<&AgendaItem> {
        let treats = || {
            let motion = plain_reference(vote.motion.as_deref()?);
            let agenda = self.council.meeting.agenda.iter().filter(|item| item.public);
            let mut of = agenda.filter(|item| {
                let papers = self.council.papers_of(item);
                papers
                    .filter_map(|paper| paper.reference.as_deref())
                    .any(|own| plain_reference(own) == motion)
            });
            of.next()
        };
        item_of(self.council, vote.agenda_number.as_deref()).or_else(treats)
    }

    /// The same, with the number of what was voted on.
    fn item(&self, vote: &RecordedVote) -> index::ItemRef {
        let item = self.agenda_item(vote);
        let known = item.and_then(|item| self.items.get(&item.id)).cloned();
        let item = known.unwrap_or_else(|| index::ItemRef {
            number: vote.agenda_number.clone(),
            title: vote.title.clone().unwrap_or_default(),
            paper: None,
        });
        index::ItemRef { paper: vote.motion.clone().or(item.paper), ..item }
    }

    /// A vote at its time; where nobody knows that, where its item begins.
    fn document(
        &mut self,
        name: String,
        item: index::ItemRef,
        at: Option<MediaTime>,
        text: &str,
        vote: index::VoteRef,
    ) -> PlacedVote {
        let is_of = |passage: &index::PassageDoc| {
            let of = passage.item.as_ref();
            of.is_some_and(|of| (&of.number, &of.title) == (&item.number, &item.title))
        };
        let at = at.map(time);
        let place = match at {
            Some(at) => self.spoken.iter().position(|p| p.start_ms.is_some_and(|t| t > at)),
            None => self.spoken.iter().rposition(is_of).map(|last| last + 1),
        };
        let place = place.unwrap_or(self.spoken.len());
        let first = self.spoken.iter().find(|passage| is_of(passage));
        let before = place.checked_sub(1).and_then(|before| self.spoken.get(before));
        let document = index::PassageDoc {
            id: self.names.name(self.council, name),
            order: before.map_or(0, |passage| passage.order),
            kind: index::Kind::Vote,
            start_ms: at.or_else(|| first?.start_ms),
            first_word: first.map_or(0, |passage| passage.first_word),
            item: Some(item),
            speaker: None,
            words: text.split_whitespace().collect(),
            lookahead: index::Words::default(),
            word_times: Vec::new(),
            end_ms: None,
            link: None,
            review: None,
            role: None,
            formula: false,
            unlisted: false,
            vote: Some(vote),
        };
        (place, document)
    }
}

/// What was voted on, in a line: "Änderungsantrag DS0513/25/1: Querungshilfe (Linde) – Radweg am Anger".
fn voted_on(vote: &RecordedVote, item: &index::ItemRef) -> String {
    let named = [vote.kind.as_deref(), vote.motion.as_deref()];
    let mut text = named.into_iter().flatten().collect::<Vec<_>>().join(" ");
    if let Some(title) = &vote.title {
        text += if text.is_empty() { "" } else { ": " };
        text += title;
    }
    if !vote.movers.is_empty() {
        text += &format!(" ({})", vote.movers.join(", "));
    }
    if !item.title.is_empty() && vote.title.as_ref() != Some(&item.title) {
        text += if text.is_empty() { "" } else { " – " };
        text += &item.title;
    }
    text
}

fn counts(
    yes: Option<u32>,
    no: Option<u32>,
    abstain: Option<u32>,
    counted: CountedBy,
) -> Option<index::VoteCount> {
    let is_known = yes.or(no).or(abstain).is_some();
    is_known.then_some(index::VoteCount { yes, no, abstain, counted })
}

/// The members' votes, where they are known one by one.
fn single_votes(vote: &RecordedVote) -> Option<index::VoteCount> {
    if vote.votes.is_empty() {
        return None;
    }
    let cast = |kind: VoteCast| {
        let cast = vote.votes.iter().filter(|single| single.vote == kind).count();
        Some(u32::try_from(cast).unwrap_or(u32::MAX))
    };
    counts(cast(VoteCast::Yes), cast(VoteCast::No), cast(VoteCast::Abstain), CountedBy::SingleVotes)
}

fn outcome(outcome: Outcome) -> VoteVerdict {
    match outcome {
        Outcome::Adopted => VoteVerdict::Adopted,
        Outcome::Rejected => VoteVerdict::Rejected,
        Outcome::Referred => VoteVerdict::Referred,
        Outcome::Postponed => VoteVerdict::Postponed,
        Outcome::Withdrawn => VoteVerdict::Withdrawn,
        Outcome::Noted => VoteVerdict::Noted,
        Outcome::Elected => VoteVerdict::Elected,
    }
}

fn majority(majority: Majority) -> VoteVerdict {
    match majority {
        Majority::Unanimous => VoteVerdict::Unanimous,
        Majority::ByMajority => VoteVerdict::ByMajority,
    }
}

#[cfg(test)]
mod tests;
