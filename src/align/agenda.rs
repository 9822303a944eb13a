//! Which agenda item each word belongs to: calls found in the words, decoded over the whole meeting.
//! Owns the decision for items; knows nothing of speakers.
//!
//! The chair's calls (formula, number, title words, paper) give scored candidates; one Viterbi pass
//! over candidates and states (each item, sets called together, "none") picks the best course of
//! the meeting, where moving forward is cheap, skipping and jumping back cost, and the words of the
//! debate speak for the item whose title they share. Linear in words × items.

use super::cues::{self, Hit, Kind};
use super::items::{Items, State};
use super::numbers::{self, Number, Part};
use super::stream::{Segment, Stream};

/// What a change of item must be worth at least (log-odds against one more segment of the same).
const CHANGE: f32 = 5.0;
/// How many tokens behind a call its title is looked for.
const TITLE_WINDOW: usize = 40;
/// The most a title can add to a call.
const TITLE_CAP: f32 = 5.5;
/// Price of a call that nobody who sounds like the chair makes.
const NOT_THE_CHAIR: f32 = 3.5;
/// How much likelier a call is while no item is open.
const FROM_NONE: f32 = 1.0;
/// Price of coming back to an item that was left before.
const REVISIT: f32 = 3.5;
/// Price of a point below one that was called as a whole: mostly a vote inside it.
const BELOW: f32 = 2.5;
/// How much one title word in the debate speaks for the item, per unit of rarity.
const CONTENT: f32 = 0.3;

/// A stretch of tokens `first..end` under one state, with what opened it.
#[derive(Clone, Debug)]
pub(super) struct Stretch {
    /// Indices into the agenda; several when called together.
    pub items: Vec<usize>,
    pub first: usize,
    pub end: usize,
    /// How sure the call is, 0..=1.
    pub confidence: f32,
    /// `first..end` of the calling words.
    pub call: (usize, usize),
}

/// A place where the chair may open something.
struct Call {
    /// Index of the segment it starts with.
    segment: usize,
    /// Tokens of the calling words.
    words: (usize, usize),
    /// States it may open, each with its log-odds.
    candidates: Vec<(usize, f32)>,
    /// Log-odds for whatever follows on the agenda.
    next: Option<f32>,
}

/// Finds the stretches of all items, in order of time.
/// `chair` says for each segment whether the chair seems to speak.
pub(super) fn decode(stream: &Stream, hits: &[Hit], items: &Items, chair: &[bool]) -> Vec<Stretch> {
    let mut states = items.states();
    let mut calls = find_calls(stream, hits, items, &mut states);
    for call in calls.iter_mut().filter(|call| !chair[call.segment]) {
        call.candidates.iter_mut().for_each(|(_, gain)| *gain -= NOT_THE_CHAIR);
        call.next = call.next.map(|gain| gain - NOT_THE_CHAIR);
    }
    let path = best_path(stream, items, &states, &calls);
    stretches(stream, &states, &calls, &path)
}

/// Collects the calls segment by segment: a call starts in a segment with an opening formula or
/// an agenda noun with a number.
fn find_calls(stream: &Stream, hits: &[Hit], items: &Items, states: &mut Vec<State>) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    let mut hit = 0;
    // Up to here the words belong to a call that was already read.
    let mut covered = 0;
    for (index, segment) in stream.segments.iter().enumerate() {
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
        let call = call_in(stream, &hits[hit..end], items, states, index, *segment);
        if call.is_some() {
            covered = with_second_item(stream, *segment).end;
        }
        calls.extend(call);
    }
    calls
}

fn strongest(hits: &[Hit], kind: Kind) -> f32 {
    hits.iter().filter(|h| h.kind == kind).map(|h| h.weight).fold(0.0, f32::max)
}

fn call_in(
    stream: &Stream,
    hits: &[Hit],
    items: &Items,
    states: &mut Vec<State>,
    index: usize,
    segment: Segment,
) -> Option<Call> {
    let close = strongest(hits, Kind::Close);
    if close >= 3.0 {
        let none = vec![(0, close + 2.0)];
        return Some(Call {
            segment: index,
            words: (segment.first, segment.end),
            candidates: none,
            next: None,
        });
    }
    let formula = strongest(hits, Kind::Call);
    let next = strongest(hits, Kind::Next);
    let mention = mention_in(stream, with_second_item(stream, segment));
    if formula < 0.8 && next == 0.0 && mention.is_none() {
        return None;
    }
    let against = strongest(hits, Kind::Arrange);
    let opening = formula.max(next) - 1.2 * against;
    let at = hits
        .iter()
        .filter(|h| matches!(h.kind, Kind::Call | Kind::Next))
        .map(|h| h.first)
        .chain(mention.iter().map(|m| m.first))
        .min()
        .unwrap_or(segment.first);
    let at_start = if at <= segment.first + 2 {
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
    let words = (segment.first.max(at.saturating_sub(6)), (at + 14).min(stream.tokens.len()));
    (!candidates.is_empty() || next.is_some()).then_some(Call {
        segment: index,
        words,
        candidates,
        next,
    })
}

/// The states a call may open: items named by number or title, and all numbers together.
fn candidates(
    items: &Items,
    states: &mut Vec<State>,
    mention: Option<&Mention>,
    titles: &[(usize, f32)],
    base: f32,
) -> Vec<(usize, f32)> {
    let numbered = mention.is_some_and(|m| !m.numbers.is_empty());
    let called = mention.map(|m| items.called(&m.numbers)).unwrap_or_default();
    let noun = mention.map_or(0.0, |m| m.noun);
    let mut candidates: Vec<(usize, f32)> = Vec::new();
    for (item, title) in titles {
        let number = match (called.contains(item), numbered) {
            (true, _) => noun + 2.0,
            (false, true) => -2.5,
            (false, false) => 0.0,
        };
        candidates.push((1 + item, base + number + title.min(TITLE_CAP)));
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
fn with_second_item(stream: &Stream, segment: Segment) -> Segment {
    let tokens = &stream.tokens;
    let noun = |i: usize| tokens.get(i).and_then(|t| t.key).and_then(cues::noun).is_some();
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
        Some(i) => Segment { end: (i + 5).min(tokens.len()), ..segment },
        None => segment,
    }
}

/// An agenda noun and the numbers behind it.
pub(super) struct Mention {
    /// How strongly the noun says that the numbers are those of items.
    pub noun: f32,
    pub numbers: Vec<Number>,
    first: usize,
}

/// All agenda numbers named in a segment ("Tagesordnungspunkt 12 sowie die Zusatzpunkte 8 und 9").
pub(super) fn mention_in(stream: &Stream, segment: Segment) -> Option<Mention> {
    let tokens = &stream.tokens;
    let mut found: Option<Mention> = None;
    let mut i = segment.first;
    while i < segment.end {
        let weight = tokens[i].key.and_then(cues::noun);
        let Some(weight) = weight else {
            i += 1;
            continue;
        };
        let part = match tokens[i].key {
            Some("zusatzpunkt" | "zusatzpunkte" | "zusatzpunkten") => Part::Added,
            Some("einzelplan") => Part::Budget,
            _ => Part::Main,
        };
        let skip = usize::from(
            tokens.get(i + 1).is_some_and(|t| matches!(t.text.as_str(), "nummer" | "nr")),
        );
        let reading = numbers::read(tokens, i + 1 + skip, part);
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

const UNREACHED: f32 = f32::NEG_INFINITY;

/// For every segment the state of the best course through the meeting. State 0 is "none".
fn best_path(stream: &Stream, items: &Items, states: &[State], calls: &[Call]) -> Vec<usize> {
    let mut score = vec![UNREACHED; states.len()];
    score[0] = 0.0;
    let mut visited: Vec<Vec<bool>> = vec![vec![false; items.len()]; states.len()];
    // For every call the states it was left from; `u32::MAX` means the state went on.
    let mut came: Vec<Vec<(usize, usize)>> = Vec::with_capacity(calls.len());
    let mut done = 0;
    for call in calls {
        add_content(stream, items, states, &mut score, done, call.segment);
        done = call.segment;
        came.push(step(items, states, &mut score, &mut visited, call));
    }
    add_content(stream, items, states, &mut score, done, stream.segments.len());
    let mut state = (0..states.len()).max_by(|a, b| score[*a].total_cmp(&score[*b])).unwrap_or(0);
    let mut path = vec![0; calls.len()];
    for (i, moves) in came.iter().enumerate().rev() {
        path[i] = state;
        if let Some((_, from)) = moves.iter().find(|(to, _)| *to == state) {
            state = *from;
        }
    }
    path
}

/// Adds what the words of segments `from..to` say for each state, above what each item's words
/// come to on average: words spread evenly over the meeting speak for nothing.
fn add_content(
    stream: &Stream,
    items: &Items,
    states: &[State],
    score: &mut [f32],
    from: usize,
    to: usize,
) {
    let words: usize = stream.segments[from..to].iter().map(|s| s.end - s.first).sum();
    for (state, score) in states.iter().zip(score.iter_mut()) {
        let expected: f32 = state.items.iter().map(|i| items.content_rate(*i)).sum();
        *score -= CONTENT * expected * words as f32;
    }
    for segment in &stream.segments[from..to] {
        for (item, weight) in items.content(*segment) {
            for &state in items.states_with(*item, states).iter() {
                score[state] += CONTENT * weight;
            }
        }
    }
}

/// Moves to each candidate from its best predecessor. Returns `(to, from)` of the moves taken.
/// `visited` holds, for the best course into each state, the items it went through.
fn step(
    items: &Items,
    states: &[State],
    score: &mut [f32],
    visited: &mut [Vec<bool>],
    call: &Call,
) -> Vec<(usize, usize)> {
    let mut gains: Vec<(usize, f32)> = call.candidates.clone();
    if let Some(gain) = call.next {
        let following = (0..items.len()).filter(|i| items.in_agenda(*i));
        gains.extend(following.map(|i| (1 + i, gain - 0.5)));
    }
    gains.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    gains.dedup_by_key(|g| g.0);
    let mut taken: Vec<(usize, f32, usize)> = Vec::new();
    for (to, gain) in gains {
        let best = (0..states.len())
            .filter(|from| *from != to && score[*from] > UNREACHED)
            .map(|from| (score[from] - price(items, states, from, to, &visited[from]), from))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((before, from)) = best
            && before + gain - CHANGE > score[to]
        {
            taken.push((to, before + gain - CHANGE, from));
        }
    }
    let histories: Vec<Vec<bool>> =
        taken.iter().map(|(_, _, from)| visited[*from].clone()).collect();
    for ((to, value, _), mut history) in taken.iter().zip(histories) {
        score[*to] = *value;
        states[*to].items.iter().for_each(|i| history[*i] = true);
        visited[*to] = history;
    }
    taken.into_iter().map(|(to, _, from)| (to, from)).collect()
}

fn price(items: &Items, states: &[State], from: usize, to: usize, visited: &[bool]) -> f32 {
    let mut price = items.move_cost(&states[from], &states[to]);
    if states[from].items.is_empty() {
        price -= FROM_NONE;
    }
    let target = &states[to].items;
    if target.iter().any(|i| visited[*i]) {
        price += REVISIT;
    }
    let whole = |part: usize| (0..visited.len()).any(|w| visited[w] && items.is_below(part, w));
    if target.iter().any(|i| whole(*i)) {
        price += BELOW;
    }
    price
}

fn stretches(stream: &Stream, states: &[State], calls: &[Call], path: &[usize]) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut state = 0;
    for (call, to) in calls.iter().zip(path) {
        if *to == state {
            continue;
        }
        state = *to;
        let first = stream.segments[call.segment].first;
        if let Some(last) = stretches.last_mut() {
            last.end = last.end.min(first);
        }
        if state == 0 {
            continue;
        }
        let gain = call
            .candidates
            .iter()
            .filter(|(candidate, _)| *candidate == state)
            .map(|(_, gain)| *gain)
            .chain(call.next)
            .fold(0.0, f32::max);
        stretches.push(Stretch {
            items: states[state].items.clone(),
            first,
            end: stream.tokens.len(),
            confidence: 1.0 / (1.0 + (-(gain - CHANGE) * 0.8).exp()),
            call: call.words,
        });
    }
    stretches
}
