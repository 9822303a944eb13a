//! Who speaks: turns from hand-overs by the chair, thanks, forms of address and pauses, decoded
//! over the whole meeting. Owns the course of speakers; roles and evidence are `turns`.
//!
//! States are "the chair, after person p" and "person p" (or somebody unknown). Each segment speaks
//! for or against the chair by its formulas; each boundary may change the speaker at a price that
//! names, formulas and the pause lower. One Viterbi pass: segments × persons.

use super::agenda::Stretch;
use super::cues::{Hit, Kind};
use super::names::{Mention, Roster};
use super::pauses::Pauses;
use super::stream::Stream;
use super::turns;
use crate::domain::{Council, Transcript, Turn};

/// Price of the chair cutting in.
const TO_CHAIR: f32 = -3.0;
/// Price of the last speaker going on after the chair.
const RESUME: f32 = -3.5;
/// Price of a hand-over, before what names and formulas give.
const HAND_OVER: f32 = -4.0;
/// Price of giving the floor to a person nobody named.
const UNNAMED: f32 = -9.0;
/// Price of giving it to somebody unknown.
const UNKNOWN: f32 = -6.5;
/// How far back from a boundary a name hands over (words).
const REACH: usize = 30;

/// Who speaks in a run of segments `first..end`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Run {
    pub first: usize,
    pub end: usize,
    pub speaker: Speaker,
    /// What the hand-over was worth (log-odds), and how far ahead of the next best name.
    pub strength: f32,
    pub margin: f32,
}

/// A speaker as decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaker {
    Chair,
    Person(usize),
    Unknown,
}

/// Everything the decoder knows about the segments.
pub(super) struct Evidence<'a> {
    pub stream: &'a Stream,
    pub hits: &'a [Hit],
    pub roster: &'a Roster,
    pub mentions: Vec<Mention>,
    /// Per segment: log-odds that the chair speaks.
    pub chair: Vec<f32>,
    /// Per segment: who may be handed the floor at its start.
    pub offers: Vec<Vec<(usize, f32)>>,
    /// Per segment: strength of a hand-over formula just before, name or not.
    pub floor: Vec<f32>,
    /// Per segment: strength of a chair's interjection in the segment before.
    pub interjected: Vec<f32>,
    /// Per segment: persons thanked at its start.
    pub thanked: Vec<Vec<usize>>,
}

/// Decodes the turns of a meeting, in order, without overlap.
pub(super) fn decode(
    transcript: &Transcript,
    stream: &Stream,
    hits: &[Hit],
    council: &Council,
    stretches: &[Stretch],
) -> Vec<Turn> {
    let roster = Roster::new(council);
    let evidence = Evidence::gather(stream, hits, &roster, stretches);
    let runs = best_course(&evidence);
    turns::build(transcript, council, stretches, &evidence, &runs)
}

impl<'a> Evidence<'a> {
    fn gather(
        stream: &'a Stream,
        hits: &'a [Hit],
        roster: &'a Roster,
        stretches: &[Stretch],
    ) -> Self {
        let by_segment = hits_by_segment(stream, hits);
        let wanted = |i: usize| {
            let segment = stream.segments[i];
            segment.end - segment.first <= 16
                || [i.saturating_sub(1), i, i + 1].iter().any(|j| {
                    by_segment
                        .get(*j)
                        .is_some_and(|hits| hits.iter().any(|h| names_somebody(h.kind)))
                })
        };
        let mentions = roster.mentions(&stream.tokens, &stream.segments, wanted);
        let mut evidence = Self {
            stream,
            hits,
            roster,
            chair: chair_odds(stream, &by_segment, &mentions, stretches),
            offers: Vec::new(),
            floor: Vec::new(),
            interjected: Vec::new(),
            thanked: Vec::new(),
            mentions,
        };
        evidence.look_back(&by_segment);
        evidence
    }

    /// Fills what each boundary knows from the words before and behind it.
    fn look_back(&mut self, by_segment: &[&[Hit]]) {
        let count = self.stream.segments.len();
        let chair = self.roster.chair();
        let mut mention = 0;
        for i in 0..count {
            let at = self.stream.segments[i].first;
            while mention < self.mentions.len() && self.mentions[mention].end <= at {
                mention += 1;
            }
            let recent = &self.mentions[mention.saturating_sub(6)..mention];
            let near: Vec<Hit> =
                (i.saturating_sub(4)..i).flat_map(|j| by_segment[j]).copied().collect();
            let mut offers: Vec<(usize, f32)> = Vec::new();
            for m in recent.iter().filter(|m| at - m.end <= REACH) {
                let gain = offer(self.stream, m, &near, at);
                for (person, fit) in m.persons.iter().filter(|(p, _)| Some(*p) != chair) {
                    let value = gain + 5.0 * (fit - 0.75);
                    match offers.iter_mut().find(|o| o.0 == *person) {
                        Some(o) => o.1 = o.1.max(value),
                        None => offers.push((*person, value)),
                    }
                }
            }
            offers.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            self.offers.push(offers);
            let last = i.checked_sub(1).map_or(&[][..], |j| by_segment[j]);
            let strongest =
                |kind| last.iter().filter(|h| h.kind == kind).map(|h| h.weight).fold(0.0, f32::max);
            self.floor.push(strongest(Kind::Floor));
            self.interjected.push(strongest(Kind::Interject));
            self.thanked.push(thanked(&self.mentions[mention..], by_segment, i, at));
        }
    }
}

fn names_somebody(kind: Kind) -> bool {
    matches!(kind, Kind::Floor | Kind::Thanks | Kind::Interject | Kind::Chair)
}

fn hits_by_segment<'a>(stream: &Stream, hits: &'a [Hit]) -> Vec<&'a [Hit]> {
    let mut from = 0;
    let slice = |segment: &super::stream::Segment| {
        let start = from + hits[from..].partition_point(|h| h.first < segment.first);
        let end = start + hits[start..].partition_point(|h| h.first < segment.end);
        from = end;
        &hits[start..end]
    };
    stream.segments.iter().map(slice).collect()
}

/// What a name says for its bearer speaking from token `at` on.
fn offer(stream: &Stream, mention: &Mention, near: &[Hit], at: usize) -> f32 {
    let close = |h: &&Hit| h.first + 12 >= mention.first && h.first <= mention.end + 6;
    let strongest = |kind: Kind| {
        near.iter().filter(close).filter(|h| h.kind == kind).map(|h| h.weight).fold(0.0, f32::max)
    };
    let floor = strongest(Kind::Floor);
    let asked = strongest(Kind::Interject);
    let thanked = near
        .iter()
        .any(|h| h.kind == Kind::Thanks && h.end <= mention.first && h.end + 4 >= mention.first);
    let pleased = stream.tokens[mention.end..at].iter().any(|t| t.text == "bitte");
    let between = &stream.tokens[mention.end..at];
    let sentences = between.iter().filter(|t| t.ends_sentence()).count() as f32;
    let mut gain = 2.0 + floor.max(0.7 * asked) - 0.12 * between.len() as f32 - 0.6 * sentences;
    gain += if mention.addressed { 0.7 } else { -0.5 };
    if between.len() <= 1 {
        gain += 1.0;
    }
    if thanked && !pleased && floor < 2.0 {
        gain -= 2.0;
    }
    gain
}

fn thanked(mentions: &[Mention], by_segment: &[&[Hit]], i: usize, at: usize) -> Vec<usize> {
    let thanks = by_segment[i].iter().find(|h| h.kind == Kind::Thanks && h.first <= at + 2);
    let Some(thanks) = thanks else { return Vec::new() };
    let named =
        mentions.iter().take(2).find(|m| m.first >= thanks.end && m.first <= thanks.end + 4);
    named.map(|m| m.persons.iter().map(|p| p.0).collect()).unwrap_or_default()
}

/// Log-odds per segment that the chair speaks, from formulas and agenda calls.
fn chair_odds(
    stream: &Stream,
    by_segment: &[&[Hit]],
    mentions: &[Mention],
    stretches: &[Stretch],
) -> Vec<f32> {
    let mut odds: Vec<f32> = Vec::with_capacity(stream.segments.len());
    let mut mention = 0;
    for (segment, hits) in stream.segments.iter().zip(by_segment) {
        while mention < mentions.len() && mentions[mention].first < segment.first {
            mention += 1;
        }
        let named = mentions.get(mention).filter(|m| m.first < segment.end);
        let mut sum = 0.0;
        for hit in *hits {
            sum += match hit.kind {
                Kind::Call => 0.5 * hit.weight,
                Kind::Next => 0.7 * hit.weight,
                Kind::Close | Kind::Reopen | Kind::Chair => hit.weight,
                Kind::Interject => 0.8 * hit.weight,
                Kind::Floor => 0.6 * hit.weight,
                Kind::Thanks
                    if named.is_some_and(|m| m.first >= hit.end && m.first <= hit.end + 4) =>
                {
                    2.0
                }
                Kind::Thanks if hit.first <= segment.first + 1 => 0.4,
                Kind::Thanks | Kind::Arrange => 0.0,
                Kind::Member | Kind::Introduce => -hit.weight,
            };
        }
        if let Some(m) = named
            && m.addressed
            && segment.end - segment.first <= 8
        {
            sum += 1.0;
        }
        odds.push(sum.clamp(-5.0, 6.0) - 0.015 * (segment.end - segment.first) as f32);
    }
    for stretch in stretches {
        let at = stream.segments.partition_point(|s| s.first <= stretch.first);
        if let Some(odds) = odds.get_mut(at.max(1) - 1) {
            *odds += 4.0 * stretch.confidence;
        }
    }
    odds
}

/// The best course of speakers. States `2s` (chair after s) and `2s + 1` (s speaks), where s is
/// an index into the persons ever offered the floor, and the last s is somebody unknown.
fn best_course(evidence: &Evidence) -> Vec<Run> {
    let mut persons: Vec<usize> = evidence.offers.iter().flatten().map(|o| o.0).collect();
    persons.sort_unstable();
    persons.dedup();
    let mut slot = vec![usize::MAX; evidence.roster.len()];
    for (s, person) in persons.iter().enumerate() {
        slot[*person] = s;
    }
    let unknown = persons.len();
    let states = 2 * (unknown + 1);
    let pauses = Pauses::learn(evidence);
    let mut score = vec![-8.0f32; states];
    score[2 * unknown] = 0.0;
    let mut came: Vec<Vec<u32>> = Vec::with_capacity(evidence.chair.len());
    for i in 0..evidence.chair.len() {
        let pause = if i == 0 { 0.0 } else { pauses.odds(evidence.stream, i) };
        came.push(advance(evidence, i, pause, &slot, unknown, &mut score));
        for s in 0..=unknown {
            score[2 * s] += evidence.chair[i];
        }
    }
    let mut state = (0..states).max_by(|a, b| score[*a].total_cmp(&score[*b])).unwrap_or(0);
    let mut path = vec![0; came.len()];
    for (i, back) in came.iter().enumerate().rev() {
        path[i] = state;
        state = back[state] as usize;
    }
    runs(evidence, &path, &persons)
}

/// One boundary: who may speak from segment `i` on. Returns the state each state came from.
fn advance(
    evidence: &Evidence,
    i: usize,
    pause: f32,
    slot: &[usize],
    unknown: usize,
    score: &mut [f32],
) -> Vec<u32> {
    let mut back: Vec<u32> = (0..score.len() as u32).collect();
    let chairs = (0..=unknown).map(|s| 2 * s);
    let best = chairs.max_by(|a, b| score[*a].total_cmp(&score[*b])).unwrap_or(2 * unknown);
    let before = score.to_vec();
    let mut gains = vec![UNNAMED; unknown + 1];
    gains[unknown] = UNKNOWN + evidence.floor[i];
    for (person, value) in &evidence.offers[i] {
        gains[slot[*person]] = (HAND_OVER + value).max(UNNAMED);
    }
    let thanked: Vec<usize> = evidence.thanked[i].iter().map(|p| slot[*p]).collect();
    for s in 0..=unknown {
        let (chair, speaks) = (2 * s, 2 * s + 1);
        let thanks = match thanked.is_empty() {
            true => 0.0,
            false => {
                if thanked.contains(&s) {
                    3.0
                } else {
                    -1.0
                }
            }
        };
        let cut_in = before[speaks] + TO_CHAIR + pause + thanks;
        if cut_in > before[chair] {
            score[chair] = cut_in;
            back[chair] = speaks as u32;
        }
        let resume = before[chair] + RESUME + pause + 0.8 * evidence.interjected[i];
        let given = before[best] + gains[s] + pause;
        if resume.max(given) > before[speaks] {
            score[speaks] = resume.max(given);
            back[speaks] = if resume > given { chair } else { best } as u32;
        }
    }
    back
}

fn runs(evidence: &Evidence, path: &[usize], persons: &[usize]) -> Vec<Run> {
    let speaker = |state: usize| match (state % 2, persons.get(state / 2)) {
        (0, _) => Speaker::Chair,
        (_, Some(person)) => Speaker::Person(*person),
        _ => Speaker::Unknown,
    };
    let mut runs: Vec<Run> = Vec::new();
    for (i, state) in path.iter().enumerate() {
        let speaker = speaker(*state);
        match runs.last_mut() {
            Some(run) if run.speaker == speaker => run.end = i + 1,
            _ => {
                let (strength, margin) = strength(evidence, i, speaker);
                runs.push(Run { first: i, end: i + 1, speaker, strength, margin });
            }
        }
    }
    runs
}

fn strength(evidence: &Evidence, i: usize, speaker: Speaker) -> (f32, f32) {
    let Speaker::Person(person) = speaker else { return (evidence.chair[i], 0.0) };
    let offers = &evidence.offers[i];
    let own = offers.iter().find(|o| o.0 == person).map_or(0.0, |o| o.1);
    let other = offers.iter().filter(|o| o.0 != person).map(|o| o.1).fold(0.0, f32::max);
    (own, own - other)
}
