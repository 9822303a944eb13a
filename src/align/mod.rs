//! Who spoke to what: agenda items, speakers and passages, from the words, the agenda and the
//! roster. Pure functions without IO; the same input gives the same output.
//!
//! The files stand in layers; each uses those above it in this list and none below:
//! - `lexicon` has the formulas and their words, `stream` the words of a transcript, folded, and finds
//!   formulas in them;
//! - `numbers` reads numbers, `roster` and `names` find persons;
//! - `fixed` lays upon the words what a clerk knows better, `items` has the agenda, `item_decoder` decodes
//!   items from calls, which `agenda` finds, and from votes that others recorded (`timed_votes`);
//! - `voices` says whose an anonymous voice or a microphone is, `pause_model` how rare a pause is, `cues` names what
//!   can be seen and what it is worth; `evidence` gathers what the words say of speakers, with what lies at
//!   their `boundaries` and whom they offer the floor (`offers`);
//! - `lattice` has the states of speakers and their probabilities, `speakers` chooses among them, `hand_over`
//!   reads who presides (`presidency`); `gradient` and `fit` fit the weights of cues, and run when somebody fits them only;
//! - `turns` and `votes` say what was found, `passages` cuts for search, `lookup` finds what a clerk
//!   means.

mod agenda;
mod boundaries;
mod cues;
mod evidence;
pub mod fit;
mod fixed;
mod gradient;
mod hand_over;
mod item_decoder;
mod items;
mod lattice;
mod lexicon;
mod lookup;
mod names;
mod numbers;
mod offers;
mod passages;
mod pause_model;
mod presidency;
mod roster;
mod speakers;
mod stream;
mod timed_votes;
mod turns;
mod voices;
mod votes;

#[cfg(test)]
pub(super) mod tests;

pub use lookup::{item_meant, person_meant};
pub use passages::{CutSpeeches, passages, passages_of_speeches};

use crate::domain::{
    ALIGNMENT_FORMAT, Alignment, Council, FixedPoint, FoundBy, ItemAlignment, OutsideEvidence,
    Span, Transcript,
};
use cues::Weights;
use evidence::Evidence;
use fixed::Fixed;
use item_decoder::{Opening, Stretch};
use items::Items;
use presidency::Presidency;
use roster::Roster;

use stream::{WordStream, span_of};
use voices::{Voices, WordLabels};

/// Part of the stage key: raised whenever the same input gives another result.
pub const VERSION: u32 = 8;

/// Finds the agenda item and the speaker of every word. Deterministic; linear in the words.
///
/// What is `fixed` holds for the words that start in it, whatever they say, and the rest is decoded
/// anew around it; where points of the same kind overlap, the later in the list holds. A point that
/// names items or a person the council does not have says nothing.
pub fn align(transcript: &Transcript, council: &Council, fixed: &[FixedPoint]) -> Alignment {
    align_knowing(transcript, council, fixed, &OutsideEvidence::NONE)
}

/// As [`align`], with what others recorded of the meeting on its clock. That is evidence like any other: the
/// chair's words outweigh a vote or a voice that contradicts them.
pub fn align_knowing(
    transcript: &Transcript,
    council: &Council,
    fixed: &[FixedPoint],
    outside: &OutsideEvidence,
) -> Alignment {
    align_by(transcript, council, fixed, outside, Weights::fitted())
}

/// As [`align`], by other weights: what was fitted without a corpus is measured on it.
pub fn align_with(
    transcript: &Transcript,
    council: &Council,
    outside: &OutsideEvidence,
    weights: &fit::FittedWeights,
) -> Alignment {
    align_by(transcript, council, &[], outside, &weights.0)
}

fn align_by(
    transcript: &Transcript,
    council: &Council,
    fixed: &[FixedPoint],
    outside: &OutsideEvidence,
    weights: &Weights,
) -> Alignment {
    let fixed = Fixed::new(fixed, transcript, council);
    let labels = WordLabels::new(transcript, &outside.segments);
    let mut edges = fixed.edges();
    edges.extend(labels.edges());
    edges.sort_unstable();
    edges.dedup();
    let stream = WordStream::new(transcript, &edges);
    let hits = stream::find(&stream.tokens);
    let items = Items::new(council, &stream);
    let roster = Roster::new(council);
    let voices = Voices::new(&labels, &stream, &roster, council);
    let elected = Presidency::elected(&roster);
    let mut evidence = Evidence::gather(&stream, &hits, &roster, voices, elected);
    let course = speakers::decode(&evidence, &fixed.speakers, weights);
    let presidency = hand_over::read(&evidence, &course);
    if evidence.voices.heard() || presidency.changes() {
        let voices = evidence.voices.learnt(&course, &stream);
        evidence = Evidence::gather(&stream, &hits, &roster, voices, presidency);
    }
    let chair = speakers::chairs(&evidence, &course);
    let timed = timed_votes::of(outside, transcript, &stream, &items);
    let stretches = agenda::decode(&stream, &hits, &items, &chair, (&fixed.items, &timed));
    evidence.called(&stretches, &items::movers(council));
    let runs = speakers::decode(&evidence, &fixed.speakers, weights);
    let presidency = hand_over::read(&evidence, &runs);
    let runs = presidency.cut(runs);
    let turns = turns::build(transcript, council, &stretches, &evidence, (&runs, &presidency));
    let mut items_found = item_alignments(transcript, council, &stream, &stretches);
    let chair = speakers::chair_turns(&stream, &runs);
    let announced = votes::find(&stream, &hits, &items, &stretches, &chair);
    votes::attach(&mut items_found, transcript, &stream, &announced);
    Alignment { format: ALIGNMENT_FORMAT.to_owned(), items: items_found, turns }
}

fn item_alignments(
    transcript: &Transcript,
    council: &Council,
    stream: &WordStream,
    stretches: &[Stretch],
) -> Vec<ItemAlignment> {
    let mut aligned: Vec<ItemAlignment> = council
        .meeting
        .agenda
        .iter()
        .map(|item| ItemAlignment {
            id: item.id.clone(),
            number: item.number.clone(),
            spans: Vec::new(),
            confidence: 0.0,
            evidence: Vec::new(),
            votes: Vec::new(),
        })
        .collect();
    let mut before: Option<&Stretch> = None;
    for stretch in stretches {
        // What is fixed and what is called may meet under the same items: that is one span.
        let goes_on = before.is_some_and(|b| b.end == stretch.first && b.items == stretch.items);
        before = Some(stretch);
        let Some(span) = span_of(transcript, stretch.first, stretch.end) else { continue };
        for &item in stretch.items.iter().filter(|i| council.meeting.agenda[**i].public) {
            let entry = &mut aligned[item];
            entry.confidence = match entry.spans.is_empty() {
                true => stretch.confidence,
                false => entry.confidence.min(stretch.confidence),
            };
            match entry.spans.last_mut().filter(|_| goes_on) {
                Some(last) => *last = Span::new(last.start(), span.end()).unwrap_or(*last),
                None => entry.spans.push(span),
            }
            entry.evidence.extend(opening(stream, stretch.opened));
        }
    }
    aligned
}

/// Why a stretch begins.
fn opening(stream: &WordStream, opened: Opening) -> Option<FoundBy> {
    match opened {
        Opening::Called { first, end } => Some(FoundBy::Called(stream.quote(first, end))),
        Opening::Fixed => Some(FoundBy::ByClerk),
        Opening::ByContent => Some(FoundBy::ByContent),
        Opening::Voted => Some(FoundBy::Voted),
        Opening::GoesOn => None,
    }
}
