//! Who speaks: the course of speakers, decoded over the whole meeting from hand-overs by the chair,
//! thanks, questions and pauses. Owns prices and search; what the words say is `evidence`.
//!
//! For every person s ever offered the floor (and somebody unknown) there are three states: the
//! chair speaks after s, s speaks, somebody puts a question to s. Each segment speaks for or
//! against the chair; each boundary may change the state at a price that names, formulas and the
//! pause lower, and anonymous voices where there are any. One Viterbi pass: segments × persons.
//!
//! Where a clerk has fixed who speaks, no other state is possible; at its edges nobody needs the
//! chair to be handed the floor, and who was interrupted without the chair goes on behind it.

use super::evidence::{Evidence, Habits};
use super::fixed::{FixedRange, FixedSpeaker};
use super::stream::WordStream;
use super::voices::{DecodedSpeaker, SpeechRun, Voices};
use crate::domain::Role;

/// Price of the chair cutting in.
const TO_CHAIR: f32 = -3.0;
/// Price of the last speaker going on after the chair.
const RESUME: f32 = -3.5;
/// Price of a hand-over, before what names and formulas give.
const HAND_OVER: f32 = -4.0;
/// Price of giving the floor to a person nobody named.
const UNNAMED: f32 = -9.0;
/// Price of giving it to somebody unknown.
const UNKNOWN: f32 = -6.0;
/// Price of somebody putting a question to the speaker, before the chair's announcing it.
const ASK: f32 = -6.0;
/// Price of the speaker answering a question.
const ANSWER: f32 = -2.0;
/// How much of the odds of closing words counts, as the chair also cuts in.
const ENDING: f32 = 0.7;
/// A chair pauses between the steps of a procedure; how much of a pause's odds that is worth.
const CHAIR_PAUSES: f32 = 0.25;

const UNREACHED: f32 = f32::NEG_INFINITY;

/// An offer of the floor this strong is a plain hand-over; price of the chair's going on then.
const HANDED: f32 = 5.0;
const UNUSED: f32 = -1.0;

/// For each segment whether the chair seems to speak.
pub(super) fn chairs(evidence: &Evidence, fixed: &[FixedRange<FixedSpeaker>]) -> Vec<bool> {
    let mut chairs = vec![false; evidence.chair.len()];
    let runs = decode(evidence, fixed);
    for run in runs.iter().filter(|run| run.is_chair()) {
        chairs[run.first..run.end].fill(true);
    }
    chairs
}

/// The tokens `first..end` of each of the chair's turns, in order.
pub(super) fn chair_turns(stream: &WordStream, runs: &[SpeechRun]) -> Vec<(usize, usize)> {
    let tokens =
        |run: &SpeechRun| (stream.segments[run.first].first, stream.segments[run.end - 1].end);
    runs.iter().filter(|run| run.is_chair()).map(tokens).collect()
}

/// The course of speakers through all segments, in order, without gaps. `fixed` holds the speakers a
/// clerk has fixed. Where there are voices, whose they are is learnt from a first course.
pub(super) fn decode(evidence: &Evidence, fixed: &[FixedRange<FixedSpeaker>]) -> Vec<SpeechRun> {
    let runs = best_course(evidence, fixed, &evidence.voices);
    if !evidence.voices.heard() {
        return runs;
    }
    best_course(evidence, fixed, &evidence.voices.learnt(&runs, evidence.stream))
}

fn best_course(
    evidence: &Evidence,
    fixed: &[FixedRange<FixedSpeaker>],
    voices: &Voices,
) -> Vec<SpeechRun> {
    let offered = evidence.offers.iter().flatten().map(|o| o.0);
    let named = fixed.iter().filter_map(|held| held.fact.person);
    let mut persons: Vec<usize> = offered.chain(named).collect();
    persons.sort_unstable();
    persons.dedup();
    let mut course = SpeakerDecoder::new(evidence, persons, fixed, voices);
    let mut came: Vec<Vec<u32>> = Vec::with_capacity(evidence.chair.len());
    for i in 0..evidence.chair.len() {
        let back = course.advance(i);
        course.hear(i);
        course.hold(i, &back);
        came.push(back);
    }
    let score = &course.score;
    let mut state = (0..score.len()).max_by(|a, b| score[*a].total_cmp(&score[*b])).unwrap_or(0);
    let mut path = vec![0; came.len()];
    for (i, back) in came.iter().enumerate().rev() {
        path[i] = state;
        state = back[state] as usize;
    }
    course.runs(&path)
}

/// The search: scores of all states after the segments heard so far.
struct SpeakerDecoder<'a> {
    evidence: &'a Evidence<'a>,
    voices: &'a Voices,
    habits: Habits,
    /// Persons by slot; the slot behind them is somebody unknown.
    persons: Vec<usize>,
    /// Slots by person.
    slot: Vec<usize>,
    score: Vec<f32>,
    /// Per segment, what the clerk has fixed.
    fixed: Vec<Option<&'a FixedRange<FixedSpeaker>>>,
    /// The slot of whoever spoke when what is fixed began, if that is somebody else.
    interrupted: Option<usize>,
}

/// How much of a hand-over still counts for a speaker who goes on after an interruption.
const GOES_ON: f32 = 0.85;

/// The three states of a slot.
const CHAIR: usize = 0;
const SPEAKS: usize = 1;
const ASKED: usize = 2;

impl<'a> SpeakerDecoder<'a> {
    fn new(
        evidence: &'a Evidence<'a>,
        persons: Vec<usize>,
        fixed: &'a [FixedRange<FixedSpeaker>],
        voices: &'a Voices,
    ) -> Self {
        let mut slot = vec![persons.len(); evidence.roster.len()];
        for (s, person) in persons.iter().enumerate() {
            slot[*person] = s;
        }
        let mut score = vec![-8.0; 3 * (persons.len() + 1)];
        score[3 * persons.len() + CHAIR] = 0.0;
        let fixed =
            evidence.stream.segments.iter().map(|s| FixedRange::at(fixed, s.first)).collect();
        Self {
            evidence,
            voices,
            habits: Habits::learn(evidence),
            persons,
            slot,
            score,
            fixed,
            interrupted: None,
        }
    }

    /// Leaves only the states that agree with the clerk; `back` says where each came from.
    fn hold(&mut self, i: usize, back: &[u32]) {
        let Some(held) = self.fixed[i] else { return };
        let spoken = held.fact.person.map_or(self.persons.len(), |person| self.slot[person]);
        if held.fact.is_chair() {
            self.interrupted = None;
        } else if i > 0 && self.fixed[i - 1].is_none() {
            let before = back[3 * spoken + SPEAKS] as usize;
            let other = before % 3 == SPEAKS && before / 3 != spoken;
            self.interrupted = other.then_some(before / 3);
        }
        for (slot, states) in self.score.chunks_exact_mut(3).enumerate() {
            let chair = held.fact.is_chair();
            states[CHAIR] = if chair { states[CHAIR] } else { UNREACHED };
            states[SPEAKS] = if !chair && slot == spoken { states[SPEAKS] } else { UNREACHED };
            states[ASKED] = UNREACHED;
        }
    }

    /// Whether what the clerk has fixed starts or ends before segment `i`.
    fn at_edge(&self, i: usize) -> bool {
        i > 0 && self.fixed[i] != self.fixed[i - 1]
    }

    /// Adds what segment `i` says for each state.
    fn hear(&mut self, i: usize) {
        let segment = self.evidence.stream.segments[i];
        let long = 0.01 * (segment.end - segment.first) as f32;
        for state in self.score.chunks_exact_mut(3) {
            state[CHAIR] += self.evidence.chair[i];
            state[ASKED] -= long;
        }
        match self.voices.owner(i) {
            Some((DecodedSpeaker::Chair, odds)) => {
                self.score.chunks_exact_mut(3).for_each(|state| state[CHAIR] += odds);
            }
            Some((DecodedSpeaker::Person(person), odds)) => {
                let slot = self.slot[person];
                if slot < self.persons.len() {
                    self.score[3 * slot + SPEAKS] += odds;
                }
                self.score.chunks_exact_mut(3).for_each(|state| state[CHAIR] -= odds);
            }
            _ => {}
        }
        for (person, odds) in &self.evidence.about[i] {
            let slot = self.slot[*person];
            if slot < self.persons.len() {
                self.score[3 * slot + SPEAKS] += odds;
            }
        }
    }

    /// One boundary: who may speak from segment `i` on. Returns the state each state came from.
    fn advance(&mut self, i: usize) -> Vec<u32> {
        let evidence = self.evidence;
        let (pause, ending) = match i {
            0 => (0.0, 0.0),
            _ => (self.habits.pause(evidence.stream, i), self.habits.ending(evidence, i)),
        };
        let unknown = self.persons.len();
        let before = self.score.clone();
        let mut back: Vec<u32> = (0..before.len() as u32).collect();
        let best = (0..=unknown)
            .map(|s| 3 * s + CHAIR)
            .max_by(|a, b| before[*a].total_cmp(&before[*b]))
            .unwrap_or(0);
        // At the edges of what is fixed anybody may follow anybody.
        let edge = self.at_edge(i).then(|| {
            (0..before.len()).max_by(|a, b| before[*a].total_cmp(&before[*b])).unwrap_or(0)
        });
        let mut gains = vec![UNNAMED; unknown + 1];
        gains[unknown] = UNKNOWN + 1.5 * evidence.floor[i];
        for (person, value) in &evidence.offers[i] {
            gains[self.slot[*person]] = (HAND_OVER + value).max(UNNAMED);
        }
        let thanked: Vec<usize> =
            evidence.thanked[i].iter().map(|p| self.slot[*p]).filter(|s| *s < unknown).collect();
        // A hand-over is seldom left unused; elsewhere a chair may pause and go on.
        let handed = evidence.offers[i].first().is_some_and(|o| o.1 >= HANDED);
        let goes_on = match evidence.floor[i] >= 2.0 {
            _ if handed => UNUSED,
            true => 0.0,
            false => CHAIR_PAUSES * pause.max(0.0),
        };
        let pause = pause + self.voices.change(i);
        let resume = RESUME + pause + 0.8 * evidence.interjected[i];
        let ask = ASK + pause + 1.2 * evidence.pending[i];
        for (s, gain) in gains.iter().enumerate() {
            let (chair, speaks, asked) = (3 * s + CHAIR, 3 * s + SPEAKS, 3 * s + ASKED);
            let thanks = match (thanked.is_empty(), thanked.contains(&s)) {
                (true, _) => 0.0,
                (false, true) => 3.0,
                (false, false) => -1.0,
            };
            self.score[chair] = before[chair] + goes_on;
            let mut go = |to: usize, ways: &[(usize, f32)]| {
                for (from, gain) in ways {
                    if before[*from] + gain > self.score[to] {
                        self.score[to] = before[*from] + gain;
                        back[to] = *from as u32;
                    }
                }
            };
            let cut_in = TO_CHAIR + pause + ENDING * ending;
            go(chair, &[(speaks, cut_in + thanks), (asked, cut_in)]);
            let answer = ANSWER + pause + evidence.answers[i];
            go(speaks, &[(chair, resume), (best, gain + pause), (asked, answer)]);
            go(asked, &[(chair, ask), (speaks, ask - 1.0)]);
            if let Some(last) = edge {
                go(chair, &[(last, cut_in)]);
                go(speaks, &[(last, gain + pause)]);
            }
        }
        if let (Some(last), None) = (edge, self.fixed[i])
            && let Some(slot) = self.interrupted.take()
        {
            let goes_on = 3 * slot + SPEAKS;
            self.score[last] += RESUME;
            if before[last] > self.score[goes_on] {
                self.score[goes_on] = before[last];
                back[goes_on] = last as u32;
            }
        }
        back
    }

    fn runs(&self, path: &[usize]) -> Vec<SpeechRun> {
        let mut runs: Vec<SpeechRun> = Vec::new();
        let mut last = usize::MAX;
        for (i, state) in path.iter().enumerate() {
            let same = *state == last || state % 3 == CHAIR && last % 3 == CHAIR;
            let same = same && !self.at_edge(i);
            last = *state;
            match runs.last_mut() {
                Some(run) if same && i > 0 => run.end = i + 1,
                _ => {
                    let speaker = self.speaker(*state, i);
                    let fixed = self.fixed[i].map(|held| held.fact.role);
                    let (mut strength, mut margin) = match fixed {
                        Some(_) => (HANDED, HANDED),
                        None => strength(self.evidence, i, speaker),
                    };
                    let goes_on = runs.iter().rev().take(4).find(|run| run.speaker == speaker);
                    let goes_on = goes_on.filter(|run| run.strength > strength);
                    if let (DecodedSpeaker::Person(_), Some(run), None) = (speaker, goes_on, fixed)
                    {
                        // Goes on after the chair or a question: as sure as before, or nearly.
                        (strength, margin) = (GOES_ON * run.strength, run.margin);
                    }
                    let end = i + 1;
                    runs.push(SpeechRun { first: i, end, speaker, strength, margin, fixed });
                }
            }
        }
        runs
    }

    fn speaker(&self, state: usize, i: usize) -> DecodedSpeaker {
        if let Some(held) = self.fixed[i] {
            return match (held.fact.person, held.fact.role) {
                (Some(person), _) => DecodedSpeaker::Person(person),
                (None, Role::Chair) => DecodedSpeaker::Chair,
                (None, _) => DecodedSpeaker::Unknown,
            };
        }
        match (state % 3, self.persons.get(state / 3)) {
            (CHAIR, _) => DecodedSpeaker::Chair,
            (SPEAKS, Some(person)) => DecodedSpeaker::Person(*person),
            (ASKED, asked) => self
                .evidence
                .questioner(i)
                .filter(|person| Some(person) != asked)
                .map_or(DecodedSpeaker::Unknown, DecodedSpeaker::Person),
            _ => DecodedSpeaker::Unknown,
        }
    }
}

fn strength(evidence: &Evidence, i: usize, speaker: DecodedSpeaker) -> (f32, f32) {
    let DecodedSpeaker::Person(person) = speaker else { return (evidence.chair[i], 0.0) };
    let offers = &evidence.offers[i];
    let own = offers.iter().find(|o| o.0 == person).map_or(0.0, |o| o.1);
    let other = offers.iter().filter(|o| o.0 != person).map(|o| o.1).fold(0.0, f32::max);
    (own, own - other)
}
