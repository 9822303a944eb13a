//! Who spoke to what: agenda items, speakers and passages, from the words, the agenda and the
//! roster. Pure functions without IO; the same input gives the same output.
//!
//! `stream` folds the words, `cues` finds formulas, `agenda` decodes items, `speakers` decodes
//! turns, `votes` reads results from the chair's words, `passages` cuts for search.

mod agenda;
mod cues;
mod evidence;
mod habits;
mod items;
mod names;
mod numbers;
mod passages;
mod roster;
mod speakers;
mod stream;
mod turns;
mod votes;

#[cfg(test)]
mod cases;
#[cfg(test)]
mod tests;

pub use passages::passages;

use crate::domain::{ALIGNMENT_FORMAT, Alignment, Council, ItemAlignment, Span, Transcript};
use agenda::Stretch;
use evidence::Evidence;
use items::Items;
use roster::Roster;

use stream::Stream;

/// Part of the stage key: raised whenever the same input gives another result.
pub const VERSION: u32 = 4;

/// Finds the agenda item and the speaker of every word. Deterministic; linear in the words.
pub fn align(transcript: &Transcript, council: &Council) -> Alignment {
    let stream = Stream::new(transcript);
    let hits = cues::find(&stream.tokens);
    let items = Items::new(council, &stream);
    let roster = Roster::new(council);
    let mut evidence = Evidence::gather(&stream, &hits, &roster);
    let chair = speakers::chairs(&evidence);
    let stretches = agenda::decode(&stream, &hits, &items, &chair);
    evidence.called(&stretches);
    let runs = speakers::decode(&evidence);
    let turns = turns::build(transcript, council, &stretches, &evidence, &runs);
    let mut items_found = item_alignments(transcript, council, &stream, &stretches);
    let chair = speakers::chair_turns(&stream, &runs);
    let announced = votes::find(&stream, &hits, &items, &stretches, &chair);
    votes::attach(&mut items_found, transcript, &stream, &announced);
    Alignment { format: ALIGNMENT_FORMAT.to_owned(), items: items_found, turns }
}

fn item_alignments(
    transcript: &Transcript,
    council: &Council,
    stream: &Stream,
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
    for stretch in stretches {
        let Some(span) = span_of(transcript, stretch.first, stretch.end) else { continue };
        for &item in stretch.items.iter().filter(|i| council.meeting.agenda[**i].public) {
            let entry = &mut aligned[item];
            entry.confidence = match entry.spans.is_empty() {
                true => stretch.confidence,
                false => entry.confidence.min(stretch.confidence),
            };
            entry.spans.push(span);
            let (first, end) = stretch.call;
            entry.evidence.push(format!("aufgerufen: „{}“", stream.quote(first, end)));
        }
    }
    aligned
}

/// From the first word's start to the last word's end of `first..end`.
fn span_of(transcript: &Transcript, first: usize, end: usize) -> Option<Span> {
    let words = transcript.words.get(first..end)?;
    Span::new(words.first()?.start_ms, words.last()?.end_ms)
}
