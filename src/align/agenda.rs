//! Which agenda item each word belongs to: the chair's calls (formula, number, title words, paper)
//! are found in the words and give scored candidates, of which `item_decoder` picks.
//! Owns what counts as a call and what it is worth; knows nothing of speakers.
//!
//! No call counts inside what a clerk has fixed. One that runs into it, or names its items shortly
//! before it, is its own call: the clerk has said where it begins. One just before its end opens what
//! follows: the clerk has said where that begins, if not to the word.

use super::fixed::FixedRange;
use super::item_decoder::{self, Call, Stretch};
use super::items::{ItemStates, Items, StateId};
use super::lexicon::{self, FormulaKind};
use super::numbers::{self, AgendaPart, ItemNumber};
use super::stream::{FormulaMatch, SpeechSegment, StreamToken, WordStream};
use super::timed_votes::TimedVote;

/// How many tokens behind a call its title is looked for.
const TITLE_WINDOW: usize = 40;
/// The most a title can add to a call.
const TITLE_CAP: f32 = 5.5;
/// From how much of a title on, a sentence of the chair's may be a call though it calls nothing.
const BY_TITLE: f32 = 3.0;
/// What such a call is worth less than one with a formula.
const UNCALLED: f32 = 1.0;
/// Price of a call that nobody who sounds like the chair makes.
const NOT_THE_CHAIR: f32 = 3.5;

/// How much likelier a call is where the item before was just settled, and for how many tokens.
const SETTLED: f32 = 1.5;
const SETTLED_WITHIN: usize = 40;

/// How much likelier a call is shortly behind a vote that others recorded.
const VOTED_BEFORE: f32 = 1.0;
/// What a place is worth at which an item that was voted on may have begun unheard.
const UNHEARD: f32 = 2.0;

/// A fixed end may be this many tokens behind the start of the call it belongs to: ten seconds.
const LATE: usize = 25;

/// Finds the stretches of all items, in order of time.
/// `chair` says for each segment whether the chair seems to speak.
/// `fixed` holds the items a clerk has fixed, `votes` what others recorded.
pub(super) fn decode(
    stream: &WordStream,
    hits: &[FormulaMatch],
    items: &Items,
    chair: &[bool],
    (fixed, votes): (&[FixedRange<Vec<usize>>], &[TimedVote]),
) -> Vec<Stretch> {
    let mut states = items.states();
    let mut calls = find_calls(stream, hits, items, &mut states, chair);
    for call in calls.iter_mut().filter(|call| voted_before(votes, &call.sentence)) {
        call.candidates.iter_mut().for_each(|(_, gain)| *gain += VOTED_BEFORE);
        call.next = call.next.map(|gain| gain + VOTED_BEFORE);
    }
    let unheard = unheard_calls(stream, votes, &calls, chair);
    calls.extend(unheard);
    calls.retain_mut(|call| place(call, stream, &states, fixed));
    for call in calls.iter_mut().filter(|call| !chair[call.segment]) {
        call.candidates.iter_mut().for_each(|(_, gain)| *gain -= NOT_THE_CHAIR);
        call.next = call.next.map(|gain| gain - NOT_THE_CHAIR);
    }
    item_decoder::best(stream, items, states, calls, (fixed, votes))
}

/// Whether a vote was recorded shortly before a sentence: its item is settled.
fn voted_before(votes: &[TimedVote], sentence: &SpeechSegment) -> bool {
    let behind = votes.partition_point(|vote| vote.word <= sentence.first);
    votes[..behind].last().is_some_and(|vote| vote.word + SETTLED_WITHIN >= sentence.first)
}

/// Where an item that was voted on may have begun though nobody was understood to call it: where the chair
/// begins to speak, behind the vote before.
fn unheard_calls(
    stream: &WordStream,
    votes: &[TimedVote],
    calls: &[Call],
    chair: &[bool],
) -> Vec<Call> {
    let mut unheard = Vec::new();
    let mut from = 0;
    for vote in votes {
        let candidate = |call: &Call| {
            call.candidates
                .iter()
                .any(|(state, _)| vote.items.iter().any(|item| StateId::of_item(*item) == *state))
        };
        let called = calls
            .iter()
            .any(|call| (from..=vote.segment).contains(&call.segment) && candidate(call));
        let begins = |i: &usize| chair[*i] && (*i == from || !chair[i - 1]);
        let places = (from..vote.segment).filter(begins).filter(|_| !called);
        unheard.extend(places.map(|i| {
            let sentence = stream.segments[i];
            Call {
                sentence,
                segment: i,
                words: None,
                candidates: vote
                    .items
                    .iter()
                    .map(|item| (StateId::of_item(*item), UNHEARD))
                    .collect(),
                next: None,
            }
        }));
        from = from.max(vote.segment);
    }
    unheard
}

/// Collects the calls segment by segment: a call starts in a segment with an opening formula or
/// an agenda noun with a number.
fn find_calls(
    stream: &WordStream,
    hits: &[FormulaMatch],
    items: &Items,
    states: &mut ItemStates,
    chair: &[bool],
) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    let mut hit = 0;
    // Up to here the words belong to a call that was already read.
    let mut covered = 0;
    for segment in &stream.sentences {
        while hit < hits.len() && hits[hit].first < segment.first {
            hit += 1;
        }
        let mut end = hit;
        while end < hits.len() && hits[end].first < segment.end {
            end += 1;
        }
        if segment.first < covered {
            continue;
        }
        let mut call = call_in(stream, &hits[hit..end], items, states, *segment)
            .or_else(|| call_by_title(stream, items, *segment, chair));
        let arranges = strongest(&hits[hit..end], FormulaKind::Arrange) > 0.0;
        if let Some(call) = call.as_mut().filter(|_| !arranges && settled(&hits[..hit], segment)) {
            call.candidates.iter_mut().for_each(|(_, gain)| *gain += SETTLED);
            call.next = call.next.map(|gain| gain + SETTLED);
        }
        if call.is_some() {
            covered = with_second_item(stream, *segment).end;
        }
        calls.extend(call);
    }
    calls
}

/// Whether the chair has ended the debate or the vote on what was open shortly before a segment.
fn settled(before: &[FormulaMatch], segment: &SpeechSegment) -> bool {
    let mut recent = before.iter().rev().take_while(|h| h.first + SETTLED_WITHIN >= segment.first);
    recent.any(|h| h.kind == FormulaKind::Done && h.weight >= 1.5)
}

fn strongest(hits: &[FormulaMatch], kind: FormulaKind) -> f32 {
    hits.iter().filter(|h| h.kind == kind).map(|h| h.weight).fold(0.0, f32::max)
}

fn call_in(
    stream: &WordStream,
    hits: &[FormulaMatch],
    items: &Items,
    states: &mut ItemStates,
    segment: SpeechSegment,
) -> Option<Call> {
    let index = stream.segment_at(segment.first);
    let close = strongest(hits, FormulaKind::Close);
    if close >= 3.0 {
        let none = vec![(StateId::NONE, close + 2.0)];
        return Some(Call {
            sentence: segment,
            segment: index,
            words: Some((segment.first, segment.end)),
            candidates: none,
            next: None,
        });
    }
    let formula = strongest(hits, FormulaKind::Call);
    let next = strongest(hits, FormulaKind::Next);
    let mention = mention_in(stream, with_second_item(stream, segment))
        .or_else(|| bare_number(stream, hits, segment));
    if formula < 0.8 && next == 0.0 && mention.is_none() {
        return None;
    }
    let against = strongest(hits, FormulaKind::Arrange);
    let opening = formula.max(next) - 1.2 * against;
    let at = hits
        .iter()
        .filter(|h| matches!(h.kind, FormulaKind::Call | FormulaKind::Next))
        .map(|h| h.first)
        .chain(mention.iter().map(|m| m.first))
        .min()
        .unwrap_or(segment.first);
    let at_start = if at <= segment.first + 3 {
        1.0
    } else if formula == 0.0 && next == 0.0 {
        -3.0
    } else {
        0.0
    };
    let titles = items.title_scores(stream, at, (at + TITLE_WINDOW).min(stream.tokens.len()));
    let base = opening + at_start;
    let candidates = candidates(items, states, mention.as_ref(), &titles, base);
    let noun = mention.as_ref().map_or(0.0, |m| m.noun);
    let numbered = mention.as_ref().is_some_and(|m| !m.numbers.is_empty());
    let unnamed = !numbered && (next > 0.0 || noun >= 2.0 && formula >= 1.5);
    let next = unnamed.then_some(base + noun).filter(|s| *s > 1.0);
    let words = Some((segment.first.max(at.saturating_sub(6)), (at + 14).min(stream.tokens.len())));
    (!candidates.is_empty() || next.is_some()).then_some(Call {
        sentence: segment,
        segment: index,
        words,
        candidates,
        next,
    })
}

/// The chair says what an item is called, without any word that calls it, or none that was understood.
fn call_by_title(
    stream: &WordStream,
    items: &Items,
    segment: SpeechSegment,
    chair: &[bool],
) -> Option<Call> {
    let index = stream.segment_at(segment.first);
    if !chair.get(index).is_some_and(|chair| *chair) {
        return None;
    }
    let mut titles = items.title_scores(stream, segment.first, segment.end);
    titles.retain(|(_, score)| *score >= BY_TITLE);
    let candidates: Vec<(StateId, f32)> = titles
        .into_iter()
        .map(|(item, score)| (StateId::of_item(item), score.min(TITLE_CAP) - UNCALLED))
        .collect();
    let words = Some((segment.first, segment.end.min(segment.first + 20)));
    (!candidates.is_empty()).then_some(Call {
        sentence: segment,
        segment: index,
        words,
        candidates,
        next: None,
    })
}

/// The states a call may open: items named by number or title, and all numbers together.
fn candidates(
    items: &Items,
    states: &mut ItemStates,
    mention: Option<&Mention>,
    titles: &[(usize, f32)],
    base: f32,
) -> Vec<(StateId, f32)> {
    let numbered = mention.is_some_and(|m| !m.numbers.is_empty());
    let called = mention.map(|m| items.called(&m.numbers)).unwrap_or_default();
    let noun = mention.map_or(0.0, |m| m.noun);
    let mut candidates: Vec<(StateId, f32)> = Vec::new();
    for (item, title) in titles {
        let number = match (called.contains(item), numbered) {
            (true, _) => noun + 2.0,
            (false, true) => -2.5,
            (false, false) => 0.0,
        };
        candidates.push((StateId::of_item(*item), base + number + title.min(TITLE_CAP)));
    }
    if !called.is_empty() {
        let title = titles.iter().filter(|(item, _)| called.contains(item));
        let title = title.map(|(_, score)| score.min(TITLE_CAP)).fold(0.0, f32::max);
        candidates.push((items.state_of(&called, states), base + noun + 2.0 + title));
    }
    candidates.retain(|(_, score)| *score > 1.0);
    candidates
}

/// "… TOP 4 auf, Nahverkehrsplan, und den TOP 5, Rufbus": the segment, or up to a second number
/// that follows within a few words. Recognisers put full stops where a speaker only breathes, so a
/// sentence that begins with such an "und" counts as well.
fn with_second_item(stream: &WordStream, segment: SpeechSegment) -> SpeechSegment {
    let tokens = &stream.tokens;
    let noun = |i: usize| tokens.get(i).and_then(|t| t.key).and_then(lexicon::noun).is_some();
    if !(segment.first..segment.end).any(noun) {
        return segment;
    }
    let adds = |i: usize| {
        matches!(tokens[i].text.as_str(), "und" | "sowie") && (noun(i + 1) || noun(i + 2))
    };
    let behind = segment.end..(segment.end + 8).min(tokens.len());
    let second =
        behind.take_while(|i| !tokens[*i - 1].ends_sentence() || adds(*i)).find(|i| adds(*i));
    match second {
        Some(i) => SpeechSegment { end: (i + 5).min(tokens.len()), ..segment },
        None => segment,
    }
}

/// An agenda noun and the numbers behind it.
pub(super) struct Mention {
    /// How strongly the noun says that the numbers are those of items.
    pub noun: f32,
    pub numbers: Vec<ItemNumber>,
    first: usize,
}

/// All agenda numbers named in a segment ("Tagesordnungspunkt 12 sowie die Zusatzpunkte 8 und 9").
pub(super) fn mention_in(stream: &WordStream, segment: SpeechSegment) -> Option<Mention> {
    let tokens = &stream.tokens;
    let mut found: Option<Mention> = None;
    let mut i = segment.first;
    while i < segment.end {
        let weight = tokens[i].key.and_then(lexicon::noun);
        let Some(weight) = weight else {
            i += 1;
            continue;
        };
        let part = match tokens[i].key {
            Some("zusatzpunkt" | "zusatzpunkte" | "zusatzpunkten") => AgendaPart::Added,
            Some("einzelplan") => AgendaPart::Budget,
            _ => AgendaPart::Main,
        };
        let skip = usize::from(tokens.get(i + 1).is_some_and(|t| {
            matches!(t.text.as_str(), "nummer" | "nr" | "also" | "aeh" | "aehm" | "ja" | "nun")
        }));
        let reading = numbers::read(tokens, i + 1 + skip, part)
            .filter(|reading| weight >= 2.0 || !counts_something_else(tokens, i, reading.end));
        // "Satz 1 Nummer 3 der Geschäftsordnung" names no item, nor does the noun.
        if reading.is_none() && weight < 1.0 {
            i += 1;
            continue;
        }
        let mention = found.get_or_insert(Mention { noun: weight, numbers: Vec::new(), first: i });
        mention.noun = mention.noun.max(weight);
        i += 1 + skip;
        if let Some(reading) = reading {
            mention.numbers.extend(reading.numbers);
            i = reading.end;
        }
    }
    found
}

/// Whether the number behind the noun at `noun`, up to `end`, is one of a paragraph, a paper, a time or a sum.
fn counts_something_else(tokens: &[StreamToken], noun: usize, end: usize) -> bool {
    let before = ["satz", "absatz", "paragraph", "paragraf", "artikel", "drucksache"];
    let behind = ["uhr", "euro", "prozent", "geschaeftsordnung", "gemeindeordnung", "aktuelle"];
    let lead = &tokens[noun.saturating_sub(3)..noun];
    let tail = &tokens[end.min(tokens.len())..(end + 2).min(tokens.len())];
    lead.iter().any(|t| before.contains(&t.text.as_str()))
        || tail.iter().any(|t| behind.contains(&t.text.as_str()))
}

/// "Ich rufe auf den … fünfzehn": the noun was lost, the number ends the sentence.
fn bare_number(
    stream: &WordStream,
    hits: &[FormulaMatch],
    segment: SpeechSegment,
) -> Option<Mention> {
    const NOUN_LOST: f32 = 1.0;
    let call = hits.iter().find(|h| h.kind == FormulaKind::Call && h.weight >= 3.0)?;
    // "Unter 7 haben wir …": inside the formula, too.
    (call.first + 1..segment.end.min(call.end + 4)).find_map(|i| {
        let reading = numbers::read(&stream.tokens, i, AgendaPart::Main)
            .filter(|reading| !counts_something_else(&stream.tokens, i, reading.end))?;
        let ends = reading.end < call.end
            || reading.end == segment.end
            || stream.tokens[reading.end - 1].punctuated();
        ends.then_some(Mention { noun: NOUN_LOST, numbers: reading.numbers, first: call.first })
    })
}

/// Moves a call to where it counts; gives whether it counts at all. One inside of what is fixed does
/// at its end, for other items, where its sentence runs on behind that or starts just before it.
fn place(
    call: &mut Call,
    stream: &WordStream,
    states: &ItemStates,
    fixed: &[FixedRange<Vec<usize>>],
) -> bool {
    let SpeechSegment { first, end } = call.sentence;
    let others_than = |held: &FixedRange<Vec<usize>>, candidates: &mut Vec<(StateId, f32)>| {
        candidates.retain(|(state, _)| !states[*state].items.iter().any(|i| held.fact.contains(i)));
    };
    if let Some(held) = FixedRange::at(fixed, first) {
        // What is as near its start is its own call, misheard.
        let just_before = first + LATE >= held.end && first > held.first + LATE;
        let free = held.end < stream.tokens.len() && FixedRange::at(fixed, held.end).is_none();
        if !free || held.end >= end && !just_before {
            return false;
        }
        call.segment = stream.segment_at(held.end);
        others_than(held, &mut call.candidates);
        return true;
    }
    let ahead = fixed.partition_point(|held| held.end <= first);
    if let Some(held) = fixed[ahead..].iter().find(|held| !held.fact.is_empty()) {
        if held.first < first + TITLE_WINDOW {
            others_than(held, &mut call.candidates);
        }
        return held.first >= end;
    }
    true
}
