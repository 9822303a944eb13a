//! Votes that others recorded with their second, as evidence for which item was open: laid upon words and
//! items. Owns where a vote counts; what it is worth, `item_decoder` says.

use super::items::Items;
use super::stream::WordStream;
use crate::domain::{OutsideEvidence, Transcript};

/// A vote is seldom recorded later than this after it was taken, in milliseconds.
const LATE_MS: u64 = 45_000;

/// A vote on items, at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TimedVote {
    /// Indices into the agenda; one of them was open.
    pub items: Vec<usize>,
    /// The word at which its result was there.
    pub word: usize,
    /// The segment of that word.
    pub segment: usize,
    /// The segment from which on it may have been taken.
    pub since: usize,
}

/// The votes that have a time and an item of this agenda, in order of time.
pub(super) fn of(
    outside: &OutsideEvidence,
    transcript: &Transcript,
    stream: &WordStream,
    items: &Items,
) -> Vec<TimedVote> {
    let words = &transcript.words;
    let last = stream.segments.len().saturating_sub(1);
    let timed = outside.votes.iter().filter_map(|vote| {
        let at = vote.at_ms?;
        let voted = items.voted_on(vote.agenda_number.as_deref(), vote.motion.as_deref());
        let word = words.partition_point(|word| word.end_ms <= at);
        let early = words.partition_point(|word| word.end_ms.millis() + LATE_MS <= at.millis());
        (!voted.is_empty() && !words.is_empty()).then(|| TimedVote {
            items: voted,
            word,
            segment: stream.segment_at(word).min(last),
            since: stream.segment_at(early).min(last),
        })
    });
    let mut timed: Vec<TimedVote> = timed.collect();
    timed.sort_by_key(|vote| vote.word);
    // Amendments of one item are voted on one after the other: together they say once that it was open.
    timed.dedup_by(|next, kept| {
        let same = next.items == kept.items;
        if same {
            kept.clone_from(next);
        }
        same
    });
    timed
}
