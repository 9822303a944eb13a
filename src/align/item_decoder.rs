//! The best course of a meeting through its items: one Viterbi pass over the chair's calls and states
//! (each item, sets called together, "none"), where moving forward is cheap, skipping and jumping
//! back cost, and the words of the debate speak for the item whose title they share.
//! Owns prices and search; what a call is worth, `agenda` says. Linear in words × items.
//!
//! What a clerk has fixed stands, and ends where the clerk says: behind it nothing is open until
//! something is called, or the words speak strongly for another item. A stretch fixed to no item
//! interrupts: what was open before it goes on behind it.

use super::fixed::FixedRange;
use super::items::{ItemStates, Items, StateId};
use super::stream::{SpeechSegment, WordStream};
use super::timed_votes::TimedVote;

/// What a change of item must be worth at least (log-odds against one more segment of the same).
const CHANGE: f32 = 5.0;
/// How much likelier a call is while no item is open.
const FROM_NONE: f32 = 1.0;
/// Price of coming back to an item that was left before.
const REVISIT: f32 = 3.5;
/// Price of a point below one that was called as a whole: mostly a vote inside it.
const BELOW: f32 = 2.5;
/// How much one title word in the debate speaks for the item, per unit of rarity.
const CONTENT: f32 = 0.3;

/// How much a recorded vote speaks for its item: less than a plain call, for some are wrong.
const VOTED: f32 = 4.0;

/// A stretch of tokens `first..end` under one state, with what opened it.
#[derive(Clone, Debug)]
pub(super) struct Stretch {
    /// Indices into the agenda; several when called together.
    pub items: Vec<usize>,
    pub first: usize,
    pub end: usize,
    /// How sure the call is, 0..=1.
    pub confidence: f32,
    pub opened: Opening,
}

/// What opens a stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// The words `first..end`.
    Called { first: usize, end: usize },
    /// The clerk.
    Fixed,
    /// Nobody was understood to, but others recorded a vote on it.
    Voted,
    /// Its own words, behind the end of what is fixed.
    ByContent,
    /// Nothing: it goes on after an interruption.
    GoesOn,
}

/// A place where the chair may open something.
pub(super) struct Call {
    /// The sentence it is said in.
    pub sentence: SpeechSegment,
    /// Index of the segment it takes effect with.
    pub segment: usize,
    /// Tokens of the calling words; none where nobody was understood to call.
    pub words: Option<(usize, usize)>,
    /// States it may open, each with its log-odds.
    pub candidates: Vec<(StateId, f32)>,
    /// Log-odds for whatever follows on the agenda.
    pub next: Option<f32>,
}

/// The stretches of all items, in order of time.
pub(super) fn best(
    stream: &WordStream,
    items: &Items,
    mut states: ItemStates,
    calls: Vec<Call>,
    (fixed, votes): (&[FixedRange<Vec<usize>>], &[TimedVote]),
) -> Vec<Stretch> {
    let junctures = junctures(stream, items, &mut states, calls, (fixed, votes));
    let path = best_path(stream, items, &states, &junctures, fixed);
    interrupted(stretches(stream, &states, &junctures, &path), fixed)
}

/// A place where the state may or must change.
struct Juncture {
    segment: usize,
    change: Transition,
}

enum Transition {
    /// A state fixed by the clerk ends, and this state without items follows it.
    Leave { fixed: StateId, none: StateId },
    /// A state fixed by the clerk begins.
    Enter { fixed: StateId },
    /// Others recorded a vote: its item was open, and no state changes.
    Vote(TimedVote),
    /// The chair may open something.
    Call(Call),
}

/// The calls and the edges of what is fixed, in order.
fn junctures(
    stream: &WordStream,
    items: &Items,
    states: &mut ItemStates,
    calls: Vec<Call>,
    (fixed, votes): (&[FixedRange<Vec<usize>>], &[TimedVote]),
) -> Vec<Juncture> {
    let mut edges: Vec<Juncture> = Vec::new();
    for held in fixed.iter().filter(|held| !held.fact.is_empty()) {
        let state = items.state_of(&held.fact, states);
        let segment = stream.segment_at(held.first);
        edges.push(Juncture { segment, change: Transition::Enter { fixed: state } });
        if held.end < stream.tokens.len() {
            let none = states.push(Items::none_after(&states[state]));
            let change = Transition::Leave { fixed: state, none };
            edges.push(Juncture { segment: stream.segment_at(held.end), change });
        }
    }
    let calls =
        calls.into_iter().map(|c| Juncture { segment: c.segment, change: Transition::Call(c) });
    let votes = votes
        .iter()
        .map(|vote| Juncture { segment: vote.segment, change: Transition::Vote(vote.clone()) });
    let mut junctures: Vec<Juncture> = edges.into_iter().chain(votes).chain(calls).collect();
    // Stable: what ends and what begins at the same word keep their order, then votes, calls come behind.
    junctures.sort_by_key(|j| j.segment);
    junctures
}

const UNREACHED: f32 = f32::NEG_INFINITY;

/// For every juncture the state of the best course through the meeting.
fn best_path(
    stream: &WordStream,
    items: &Items,
    states: &ItemStates,
    junctures: &[Juncture],
    fixed: &[FixedRange<Vec<usize>>],
) -> Vec<StateId> {
    let mut course = ItemDecoder::new(items, states);
    // For every juncture the states it was left from; a state that is not named went on.
    let mut came: Vec<Vec<(StateId, StateId)>> = Vec::with_capacity(junctures.len());
    let mut done = 0;
    for juncture in junctures {
        course.hear(stream, fixed, done, juncture.segment);
        done = juncture.segment;
        course.at = done;
        came.push(match &juncture.change {
            Transition::Call(call) => course.call(call),
            Transition::Enter { fixed } => course.enter(*fixed),
            Transition::Leave { fixed, none } => course.leave(*fixed, *none),
            Transition::Vote(vote) => {
                course.vote(vote);
                Vec::new()
            }
        });
    }
    course.hear(stream, fixed, done, stream.segments.len());
    let score = |state: StateId| course.score[state.index()];
    let last = states.ids().max_by(|a, b| score(*a).total_cmp(&score(*b)));
    let mut state = last.unwrap_or(StateId::NONE);
    let mut path = vec![StateId::NONE; junctures.len()];
    for (i, moves) in came.iter().enumerate().rev() {
        path[i] = state;
        if let Some((_, from)) = moves.iter().find(|(to, _)| *to == state) {
            state = *from;
        }
    }
    path
}

/// The search: scores of all states after what was heard so far.
struct ItemDecoder<'a> {
    items: &'a Items,
    states: &'a ItemStates,
    score: Vec<f32>,
    /// For the best course into each state, the segment up to which each item was open that it went
    /// through before.
    visited: Vec<Vec<Option<usize>>>,
    /// The segment that is reached.
    at: usize,
}

/// A move to the first state, the score there, and the state it comes from.
type Move = (StateId, f32, StateId);

impl<'a> ItemDecoder<'a> {
    fn new(items: &'a Items, states: &'a ItemStates) -> Self {
        let mut score = vec![UNREACHED; states.len()];
        score[0] = 0.0;
        Self { items, states, score, visited: vec![vec![None; items.len()]; states.len()], at: 0 }
    }

    /// Adds what the words of segments `from..to` say for each state, above what each item's words
    /// come to on average: words spread evenly over the meeting speak for nothing. Interruptions
    /// say nothing.
    fn hear(
        &mut self,
        stream: &WordStream,
        fixed: &[FixedRange<Vec<usize>>],
        from: usize,
        to: usize,
    ) {
        let interrupts =
            |s: &SpeechSegment| FixedRange::at(fixed, s.first).is_some_and(|h| h.fact.is_empty());
        let segments = || stream.segments[from..to].iter().filter(|s| !interrupts(s));
        let words: usize = segments().map(|s| s.end - s.first).sum();
        for (state, score) in self.states.ids().zip(self.score.iter_mut()) {
            let items = &self.states[state].items;
            let expected: f32 = items.iter().map(|i| self.items.content_rate(*i)).sum();
            *score -= CONTENT * expected * words as f32;
        }
        for segment in segments() {
            for (item, weight) in self.items.content(*segment) {
                for &state in self.items.states_with(*item, self.states).iter() {
                    self.score[state.index()] += CONTENT * weight;
                }
            }
        }
    }

    /// Moves to each candidate from its best predecessor. Returns `(to, from)` of the moves taken.
    fn call(&mut self, call: &Call) -> Vec<(StateId, StateId)> {
        let mut gains: Vec<(StateId, f32)> = call.candidates.clone();
        if let Some(gain) = call.next {
            let following = (0..self.items.len()).filter(|i| self.items.in_agenda(*i));
            gains.extend(following.map(|i| (StateId::of_item(i), gain - 0.5)));
        }
        gains.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        gains.dedup_by_key(|g| g.0);
        let mut taken: Vec<Move> = Vec::new();
        for (to, gain) in gains {
            if let Some((before, from)) = self.best_into(to, |from| from != to)
                && before + gain - CHANGE > self.score[to.index()]
            {
                taken.push((to, before + gain - CHANGE, from));
            }
        }
        self.take(taken)
    }

    /// A vote on items that are open now or were within the time by which votes are recorded late speaks for
    /// the courses that had them open.
    fn vote(&mut self, vote: &TimedVote) {
        for (state, score) in self.states.ids().zip(self.score.iter_mut()) {
            let open = |item: &usize| {
                let left = self.visited[state.index()][*item];
                self.states[state].items.contains(item) || left.is_some_and(|at| at >= vote.since)
            };
            *score += if vote.items.iter().any(open) { VOTED } else { 0.0 };
        }
    }

    /// Whatever was open, this state is now. Where its items were open already, that costs what
    /// coming back to them costs.
    fn enter(&mut self, fixed: StateId) -> Vec<(StateId, StateId)> {
        let (score, from) = self.best_into(fixed, |_| true).unwrap_or((0.0, StateId::NONE));
        self.score.fill(UNREACHED);
        self.take(vec![(fixed, score, from)])
    }

    /// The fixed state is over; nothing follows, or at the price of a change without a call any
    /// other item.
    fn leave(&mut self, fixed: StateId, none: StateId) -> Vec<(StateId, StateId)> {
        let before = self.score[fixed.index()];
        let ended = &self.states[fixed].items;
        let others = self.states.ids().skip(1).filter(|to| {
            let items = &self.states[*to].items;
            !items.is_empty()
                && items.iter().all(|i| self.items.in_agenda(*i) && !ended.contains(i))
        });
        let mut moves: Vec<Move> =
            others.map(|to| (to, before - self.price(fixed, to) - CHANGE, fixed)).collect();
        moves.push((none, before, fixed));
        self.score.fill(UNREACHED);
        self.take(moves)
    }

    /// The best score with which `to` is reached, before what calls for it.
    fn best_into(&self, to: StateId, from: impl Fn(StateId) -> bool) -> Option<(f32, StateId)> {
        let score = |state: StateId| self.score[state.index()];
        self.states
            .ids()
            .filter(|f| from(*f) && score(*f) > UNREACHED)
            .map(|from| (score(from) - self.price(from, to), from))
            .max_by(|a, b| a.0.total_cmp(&b.0))
    }

    fn take(&mut self, moves: Vec<Move>) -> Vec<(StateId, StateId)> {
        let histories: Vec<Vec<Option<usize>>> =
            moves.iter().map(|(_, _, from)| self.visited[from.index()].clone()).collect();
        for ((to, score, from), mut history) in moves.iter().zip(histories) {
            self.score[to.index()] = *score;
            let open = self.states[*from].items.iter().chain(&self.states[*to].items);
            open.for_each(|item| history[*item] = Some(self.at));
            self.visited[to.index()] = history;
        }
        moves.into_iter().map(|(to, _, from)| (to, from)).collect()
    }

    fn price(&self, from: StateId, to: StateId) -> f32 {
        let (items, states, visited) = (self.items, self.states, &self.visited[from.index()]);
        let mut price = items.move_cost(&states[from], &states[to]);
        if states[from].items.is_empty() {
            price -= FROM_NONE;
        }
        let target = &states[to].items;
        if target.iter().any(|i| visited[*i].is_some()) {
            price += REVISIT;
        }
        let whole = |part: usize| items.wholes(part).iter().any(|whole| visited[*whole].is_some());
        if target.iter().any(|i| whole(*i)) {
            price += BELOW;
        }
        price
    }
}

fn stretches(
    stream: &WordStream,
    states: &ItemStates,
    junctures: &[Juncture],
    path: &[StateId],
) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut state = StateId::NONE;
    for (juncture, to) in junctures.iter().zip(path) {
        let enters = matches!(juncture.change, Transition::Enter { .. });
        if *to == state && !enters {
            continue;
        }
        state = *to;
        let first = stream.segments[juncture.segment].first;
        if let Some(last) = stretches.last_mut() {
            last.end = last.end.min(first);
        }
        if states[state].items.is_empty() {
            continue;
        }
        let (confidence, opened) = match &juncture.change {
            Transition::Enter { .. } => (1.0, Opening::Fixed),
            Transition::Leave { .. } => (likelihood(0.0), Opening::ByContent),
            Transition::Call(call) => {
                let named = call.candidates.iter().filter(|(candidate, _)| *candidate == state);
                let gain = named.map(|(_, gain)| *gain).chain(call.next).fold(0.0, f32::max);
                match call.words {
                    Some((first, end)) => (likelihood(gain), Opening::Called { first, end }),
                    None => (likelihood(gain + VOTED), Opening::Voted),
                }
            }
            // A vote changes no state.
            Transition::Vote(_) => continue,
        };
        stretches.push(Stretch {
            items: states[state].items.clone(),
            first,
            end: stream.tokens.len(),
            confidence,
            opened,
        });
    }
    stretches.retain(|stretch| stretch.first < stretch.end);
    stretches
}

/// How sure a change is that the words call with these log-odds.
fn likelihood(gain: f32) -> f32 {
    1.0 / (1.0 + (-(gain - CHANGE) * 0.8).exp())
}

/// Takes the interruptions out of the stretches that run across them.
fn interrupted(stretches: Vec<Stretch>, fixed: &[FixedRange<Vec<usize>>]) -> Vec<Stretch> {
    let mut parts = Vec::with_capacity(stretches.len());
    for mut rest in stretches {
        let from = fixed.partition_point(|held| held.end <= rest.first);
        let within = fixed[from..].iter().take_while(|held| held.first < rest.end);
        for pause in within.filter(|held| held.fact.is_empty()) {
            if rest.first < pause.first {
                parts.push(Stretch { end: pause.first, ..rest.clone() });
                rest.opened = Opening::GoesOn;
            }
            rest.first = pause.end.min(rest.end);
        }
        if rest.first < rest.end {
            parts.push(rest);
        }
    }
    parts
}
