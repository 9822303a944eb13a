//! Who spoke to what: agenda items, speakers and passages, from the words, the agenda and the
//! roster. Pure functions without IO; the same input gives the same output.
//!
//! The files stand in layers; each uses those above it in this list and none below:
//! - `lexicon` has the formulas and their words, `stream` the words of a transcript, folded, and finds
//!   formulas in them;
//! - `numbers` reads numbers, `roster` and `names` find persons;
//! - `fixed` lays upon the words what a clerk knows better, `items` has the agenda, `course` decodes
//!   items from calls, which `agenda` finds;
//! - `voices` says whose an anonymous voice or a microphone is, `evidence` gathers what the words and pauses
//!   say of speakers, and `speakers` decodes;
//! - `turns` and `votes` say what was found, `passages` cuts for search, `lookup` finds what a clerk
//!   means.

mod agenda;
mod course;
mod evidence;
mod fixed;
mod items;
mod lexicon;
mod lookup;
mod names;
mod numbers;
mod passages;
mod roster;
mod speakers;
mod stream;
mod turns;
mod voices;
mod votes;

#[cfg(test)]
mod tests;

pub use lookup::{item_meant, person_meant};
pub use passages::{CutSpeeches, passages, passages_of_speeches};

use crate::domain::{
    ALIGNMENT_FORMAT, AgendaItem, Alignment, Council, FixedPoint, ItemAlignment, Span, Transcript,
};
use course::{Opening, Stretch};
use evidence::Evidence;
use fixed::{BY_CLERK, Fixed};
use items::Items;
use roster::Roster;

use stream::{WordStream, span_of};
use voices::Voices;

/// Part of the stage key: raised whenever the same input gives another result.
pub const VERSION: u32 = 6;

/// Finds the agenda item and the speaker of every word. Deterministic; linear in the words.
///
/// What is `fixed` holds for the words that start in it, whatever they say, and the rest is decoded
/// anew around it; where points of the same kind overlap, the later in the list holds. A point that
/// names items or a person the council does not have says nothing.
pub fn align(transcript: &Transcript, council: &Council, fixed: &[FixedPoint]) -> Alignment {
    let fixed = Fixed::new(fixed, transcript, council);
    let mut edges = fixed.edges();
    edges.extend(voices::changes(transcript));
    edges.sort_unstable();
    edges.dedup();
    let stream = WordStream::new(transcript, &edges);
    let hits = stream::find(&stream.tokens);
    let items = Items::new(council, &stream);
    let roster = Roster::new(council);
    let voices = Voices::new(transcript, &stream, &roster);
    let mut evidence = Evidence::gather(&stream, &hits, &roster, voices);
    let chair = speakers::chairs(&evidence, &fixed.speakers);
    let stretches = agenda::decode(&stream, &hits, &items, &chair, &fixed.items);
    evidence.called(&stretches, &movers(council));
    let runs = speakers::decode(&evidence, &fixed.speakers);
    let turns = turns::build(transcript, council, &stretches, &evidence, &runs);
    let mut items_found = item_alignments(transcript, council, &stream, &stretches);
    let chair = speakers::chair_turns(&stream, &runs);
    let announced = votes::find(&stream, &hits, &items, &stretches, &chair);
    votes::attach(&mut items_found, transcript, &stream, &announced);
    Alignment { format: ALIGNMENT_FORMAT.to_owned(), items: items_found, turns }
}

/// For each item of the agenda, who brought its papers in (indices into the roster).
fn movers(council: &Council) -> Vec<Vec<usize>> {
    let of = |item: &AgendaItem| {
        let persons = council.papers_of(item).flat_map(|paper| &paper.originator_persons);
        persons.filter_map(|id| council.persons.iter().position(|p| p.id == *id)).collect()
    };
    council.meeting.agenda.iter().map(of).collect()
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

/// What opened a stretch, for people.
fn opening(stream: &WordStream, opened: Opening) -> Option<String> {
    match opened {
        Opening::Called { first, end } => {
            Some(format!("aufgerufen: „{}“", stream.quote(first, end)))
        }
        Opening::Fixed => Some(BY_CLERK.to_owned()),
        Opening::ByContent => Some("nach dem Inhalt der Debatte".to_owned()),
        Opening::GoesOn => None,
    }
}
