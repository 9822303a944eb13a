//! Who speaks: the course of speakers, chosen by how likely each is in every segment. Owns the choice and
//! what it says; probabilities are `lattice`'s.

use super::cues::Weights;
use super::evidence::Evidence;
use super::fixed::{FixedRange, FixedSpeaker};
use super::lattice::{ASKED, CUT_IN, ENDED, Lattice, SPEAKS, STATES};
use super::stream::WordStream;
use super::voices::{DecodedSpeaker, SpeechRun};
use crate::domain::Role;

/// How many words a change of speaker costs: none where nothing changes.
const CHANGE: f32 = 0.3;
/// How many words it costs that a speech whose speaker is named goes on as nobody's.
const LOST: f32 = 10.0;

/// For each segment whether the chair seems to speak.
pub(super) fn chairs(evidence: &Evidence, runs: &[SpeechRun]) -> Vec<bool> {
    let mut chairs = vec![false; evidence.segments.len()];
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
/// clerk has fixed.
pub(super) fn decode(
    evidence: &Evidence,
    fixed: &[FixedRange<FixedSpeaker>],
    weights: &Weights,
) -> Vec<SpeechRun> {
    let mut lattice = Lattice::new(evidence, weights, fixed);
    let mut likely = lattice.marginals();
    if !fixed.is_empty() {
        lattice.resume_interrupted(&likely);
        likely = lattice.marginals();
    }
    lattice.runs(&lattice.voices_of(&likely))
}

impl Lattice<'_> {
    /// For each segment how likely it is that the chair speaks, each slot, and somebody who asks.
    fn voices_of(&self, likely: &[Vec<f32>]) -> Vec<Likely> {
        let of = |(i, states): (usize, &Vec<f32>)| {
            let mayor = self.mayor.filter(|_| self.evidence.presiding_mayor(i).is_some());
            let mut chair = 0.0;
            let mut asks = 0.0;
            let mut slots: Vec<f32> = Vec::with_capacity(self.persons + 1);
            for (slot, states) in states.chunks_exact(STATES).enumerate() {
                let debates = mayor == Some(slot);
                chair +=
                    states[ENDED] + states[CUT_IN] + if debates { states[SPEAKS] } else { 0.0 };
                asks += states[ASKED];
                slots.push(if debates { 0.0 } else { states[SPEAKS] });
            }
            slots.extend([chair, asks]);
            Likely(slots)
        };
        likely.iter().enumerate().map(of).collect()
    }

    /// The course by which most words can be expected to be with who said them, less [`CHANGE`] words for
    /// every change of speaker.
    fn runs(&self, likely: &[Likely]) -> Vec<SpeechRun> {
        let count = self.persons + 3;
        let (chair, asks) = (self.persons + 1, self.persons + 2);
        let words = |i: usize| {
            let segment = self.evidence.stream.segments[i];
            (segment.end - segment.first) as f32
        };
        let mut score = vec![0.0f32; count];
        let mut came: Vec<Vec<u16>> = Vec::with_capacity(likely.len());
        for (i, likely) in likely.iter().enumerate() {
            let edge = self.at_edge(i);
            // Nobody becomes unknown in the middle of a speech.
            let price = |from: usize, to: usize| match to == self.persons && from < self.persons {
                _ if edge => 0.0,
                true => LOST,
                false => CHANGE,
            };
            let best_into = |to: usize| {
                let worth = |from: usize| score[from] - price(from, to);
                (0..count).max_by(|a, b| worth(*a).total_cmp(&worth(*b))).unwrap_or(0)
            };
            let (best, best_unknown) = (best_into(chair), best_into(self.persons));
            let mut next = Vec::with_capacity(count);
            let mut back = Vec::with_capacity(count);
            for to in 0..count {
                let from = if to == self.persons { best_unknown } else { best };
                let change = score[from] - price(from, to);
                back.push(if score[to] >= change { to as u16 } else { from as u16 });
                next.push(score[to].max(change) + words(i) * likely.0[to]);
            }
            score = next;
            came.push(back);
        }
        let mut at = (0..count).max_by(|a, b| score[*a].total_cmp(&score[*b])).unwrap_or(0);
        let mut path = vec![0; likely.len()];
        for (i, back) in came.iter().enumerate().rev() {
            path[i] = at;
            at = usize::from(back[at]);
        }
        let mut runs: Vec<SpeechRun> = Vec::new();
        let mut sum = 0.0;
        for (i, at) in path.iter().enumerate() {
            let probability = likely[i].0[*at];
            if i > 0
                && path[i - 1] == *at
                && !self.at_edge(i)
                && let Some(run) = runs.last_mut()
            {
                run.end = i + 1;
                run.probability =
                    (run.probability * sum + probability * words(i)) / (sum + words(i));
                sum += words(i);
                continue;
            }
            let speaker = match *at {
                at if at == chair => DecodedSpeaker::Chair,
                at if at == asks => self.asking(i),
                slot => self
                    .who
                    .persons
                    .get(slot)
                    .map_or(DecodedSpeaker::Unknown, |person| DecodedSpeaker::Person(*person)),
            };
            let resumed = runs.len() >= 2 && runs[runs.len() - 2].speaker == speaker;
            runs.push(SpeechRun {
                first: i,
                end: i + 1,
                speaker: self.held_speaker(i).unwrap_or(speaker),
                probability,
                resumed,
                fixed: self.fixed[i].map(|held| held.fact.role),
            });
            sum = words(i);
        }
        runs
    }

    /// Who puts the question that begins with segment `i`.
    fn asking(&self, i: usize) -> DecodedSpeaker {
        let asking = self.evidence.questioner(i);
        asking.map_or(DecodedSpeaker::Unknown, DecodedSpeaker::Person)
    }

    /// Who speaks segment `i`, if a clerk has fixed it.
    fn held_speaker(&self, i: usize) -> Option<DecodedSpeaker> {
        let held = self.fixed[i]?;
        Some(match (held.fact.person, held.fact.role) {
            (Some(person), _) => DecodedSpeaker::Person(person),
            (None, Role::Chair) => DecodedSpeaker::Chair,
            (None, _) => DecodedSpeaker::Unknown,
        })
    }
}

/// How likely somebody speaks: each slot, the chair, somebody who asks.
struct Likely(Vec<f32>);
