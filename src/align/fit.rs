//! Fits the weights of cues to debates whose speakers are known, by conditional likelihood (Lafferty,
//! McCallum, Pereira 2001): the likelihood is concave, so that there is one best answer, found by steps of
//! their own size for each weight (RMSprop-like resilient propagation, Riedmiller and Braun 1993). For
//! developers; nothing here runs when meetings are aligned.

use rayon::prelude::*;

use super::agenda;
use super::cues::{HABITS, SpeakerCue, Weights};
use super::evidence::Evidence;
use super::fixed::Fixed;
use super::items::{self, Items};
use super::lattice::{ASKED, CUT_IN, ENDED, Lattice, SPEAKS};
use super::presidency::Presidency;
use super::roster::Roster;
use super::stream::{self, FormulaMatch, WordStream};
use super::voices::{Voices, WordLabels};
use crate::domain::{Council, MediaTime, Role, Transcript, Turn};

/// How often the weights are improved.
const ROUNDS: usize = 45;
/// How much a weight of 1 costs, in segments; keeps cues that are seldom seen small.
const PRIOR: f64 = 2.0;
/// Who is interrupted for longer by the chair does not resume, but speaks again (words).
const LONGEST_INTERRUPTION: usize = 60;
/// From so many words on a mayor who presides debates.
const DEBATES: usize = 40;
/// A question is no longer than this (words).
const LONGEST_QUESTION: usize = 150;

/// A debate whose speakers are known.
pub struct Debate {
    /// What was said.
    pub transcript: Transcript,
    /// Agenda and roster.
    pub council: Council,
    /// Who said it.
    pub turns: Vec<Turn>,
    /// How much it counts beside others.
    pub weight: f64,
}

/// Weights of cues.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedWeights(pub(super) Weights);

/// Those in use.
impl Default for FittedWeights {
    fn default() -> Self {
        Self(Weights::fitted().clone())
    }
}

impl FittedWeights {
    /// As the file `src/align/weights.tsv`, with what is said about them.
    pub fn to_file(&self, about: &str) -> String {
        self.0.to_file(about)
    }
}

/// The weights under which these debates are likeliest.
pub fn fit(debates: &[&Debate]) -> FittedWeights {
    let read: Vec<Read> = debates.iter().map(|debate| Read::new(debate)).collect();
    let mut evidence: Vec<Evidence> = (read.iter().zip(debates).enumerate())
        .map(|(n, (read, debate))| read.evidence(debate, n % 2 == 1))
        .collect();
    let truths: Vec<Vec<(Option<usize>, usize)>> =
        evidence.iter().zip(debates).map(|(evidence, debate)| truth(evidence, debate)).collect();
    // Every second debate without a habit of its council's, or two.
    let habits = [vec![0], vec![1], vec![2], vec![0, 1]];
    for (evidence, habits) in evidence.iter_mut().skip(1).step_by(2).zip(habits.iter().cycle()) {
        let cues: Vec<SpeakerCue> =
            habits.iter().flat_map(|habit| HABITS[*habit]).copied().collect();
        evidence.segments.iter_mut().for_each(|seen| seen.without(&cues));
    }
    let prior = Weights::beforehand();
    let prior: Vec<f32> = prior.clone().values().to_vec();
    let mut weights = Weights::beforehand();
    let count = weights.values().len();
    let (mut steps, mut last) = (vec![0.1f64; count], vec![0.0f64; count]);
    for _ in 0..ROUNDS {
        let of = |n: usize| {
            let mut gradient = vec![0.0; count];
            let lattice = Lattice::new(&evidence[n], &weights, &[]);
            let truth: Vec<usize> = truths[n].iter().map(|s| lattice.state(s.0, s.1)).collect();
            lattice.gradient(&truth, &mut gradient);
            gradient.iter_mut().for_each(|g| *g *= debates[n].weight);
            gradient
        };
        let gradients: Vec<Vec<f64>> = (0..debates.len()).into_par_iter().map(of).collect();
        let mut gradient = vec![0.0; count];
        for one in gradients {
            gradient.iter_mut().zip(one).for_each(|(sum, g)| *sum += g);
        }
        for (n, weight) in weights.values().iter_mut().enumerate() {
            let slope = gradient[n] - PRIOR * f64::from(*weight - prior[n]);
            let agrees = slope * last[n];
            steps[n] = match agrees.total_cmp(&0.0) {
                std::cmp::Ordering::Greater => (steps[n] * 1.2).min(1.0),
                std::cmp::Ordering::Less => (steps[n] * 0.5).max(1e-4),
                std::cmp::Ordering::Equal => steps[n],
            };
            // Beyond the top of the hill: wait for one round.
            last[n] = if agrees < 0.0 { 0.0 } else { slope };
            if last[n] != 0.0 {
                *weight += (steps[n] * slope.signum()) as f32;
            }
        }
    }
    FittedWeights(weights)
}

/// What is read of a debate before anything is known of its speakers.
struct Read {
    stream: WordStream,
    hits: Vec<FormulaMatch>,
    roster: Roster,
}

impl Read {
    fn new(debate: &Debate) -> Self {
        let labels = WordLabels::new(&debate.transcript, &[]);
        let stream = WordStream::new(&debate.transcript, &labels.edges());
        let hits = stream::find(&stream.tokens);
        Self { stream, hits, roster: Roster::new(&debate.council) }
    }

    /// What is seen of it; where it is `misheard`, without a tenth of the names.
    fn evidence<'a>(&'a self, debate: &Debate, misheard: bool) -> Evidence<'a> {
        let labels = WordLabels::new(&debate.transcript, &[]);
        let voices = Voices::new(&labels, &self.stream, &self.roster, &debate.council);
        let (stream, hits, roster) = (&self.stream, &self.hits, &self.roster);
        let known = (voices, Presidency::elected(roster));
        let mut evidence = Evidence::gather_hearing(stream, hits, roster, known, |mention| {
            !misheard || (mention.first * 2_654_435_761) >> 7 & 1023 > 100
        });
        let speakers = by_segment(&self.stream, debate);
        let chair: Vec<bool> = speakers
            .iter()
            .map(|turn| turn.is_some_and(|turn| debate.turns[turn].role == Role::Chair))
            .collect();
        let items = Items::new(&debate.council, &self.stream);
        let fixed = Fixed::new(&[], &debate.transcript, &debate.council);
        let stretches =
            agenda::decode(&self.stream, &self.hits, &items, &chair, (&fixed.items, &[]));
        evidence.called(&stretches, &items::movers(&debate.council));
        evidence
    }
}

/// For each segment the turn that most of its words belong to.
fn by_segment(stream: &WordStream, debate: &Debate) -> Vec<Option<usize>> {
    let words = &debate.transcript.words;
    let turn = |word: usize| {
        let word = &words[word];
        let middle = MediaTime::from_millis((word.start_ms.millis() + word.end_ms.millis()) / 2);
        let at = debate.turns.partition_point(|turn| turn.end_ms <= middle);
        debate.turns.get(at).filter(|turn| turn.start_ms <= middle).map(|_| at)
    };
    let most = |first: usize, end: usize| {
        let mut counts: Vec<(usize, usize)> = Vec::new();
        for turn in (first..end).filter_map(turn) {
            match counts.iter_mut().find(|c| c.0 == turn) {
                Some(count) => count.1 += 1,
                None => counts.push((turn, 1)),
            }
        }
        counts.into_iter().max_by_key(|c| c.1).map(|c| c.0)
    };
    stream.segments.iter().map(|s| most(s.first, s.end)).collect()
}

/// The states of the course that was taken, for each segment: whose, and which.
fn truth(evidence: &Evidence, debate: &Debate) -> Vec<(Option<usize>, usize)> {
    let of = |turn: &Turn| {
        let person = turn.person.as_ref();
        person.and_then(|id| debate.council.persons.iter().position(|p| p.id == *id))
    };
    // Turns as the segments have them: nobody for the chair, or a person, if known; first segment, words.
    let mut turns: Vec<(Option<Option<usize>>, usize, usize)> = Vec::new();
    for (i, turn) in by_segment(evidence.stream, debate).into_iter().enumerate() {
        let segment = evidence.stream.segments[i];
        let words = segment.end - segment.first;
        let speaker = turn.map(|turn| {
            let turn = &debate.turns[turn];
            (turn.role != Role::Chair).then(|| of(turn))
        });
        match (turns.last_mut(), speaker) {
            (Some(last), Some(speaker)) if last.0 == speaker => last.2 += words,
            (Some(last), None) => last.2 += words,
            (_, speaker) => turns.push((speaker.flatten(), i, words)),
        }
    }
    let next = |n: usize| turns[n + 1..].iter().find_map(|turn| turn.0);
    let mut states = vec![(None, ENDED); evidence.segments.len()];
    // Whoever spoke last and was not only asking, and the state before.
    let (mut speaker, mut before) = (None, ENDED);
    for (n, (who, first, words)) in turns.iter().enumerate() {
        let end = turns.get(n + 1).map_or(states.len(), |turn| turn.1);
        let goes_on = || {
            // Somebody asks, and the speaker answers.
            let asking = turns[n + 1..].iter().position(|turn| turn.0.is_some());
            let asked = asking
                .map(|p| n + 1 + p)
                .is_some_and(|p| turns[p].2 <= LONGEST_QUESTION && next(p) == Some(speaker));
            next(n) == Some(speaker) || asked
        };
        let state = match who {
            None if before == ENDED && n > 0 => ENDED,
            None if n > 0 && *words <= LONGEST_INTERRUPTION && goes_on() => CUT_IN,
            None => ENDED,
            Some(who) if *who == speaker => SPEAKS,
            Some(_)
                if before != ENDED && *words <= LONGEST_QUESTION && next(n) == Some(speaker) =>
            {
                ASKED
            }
            Some(who) => {
                speaker = *who;
                SPEAKS
            }
        };
        states[*first..end].fill((speaker, state));
        before = state;
        let long = who.is_none() && state == ENDED && *words > DEBATES;
        if let Some(mayor) = evidence.roster.mayor().filter(|_| long) {
            let debates = debating(evidence, *first, end);
            if !debates.is_empty() {
                states[debates.clone()].fill((Some(mayor), SPEAKS));
                states[debates.end..end].fill((Some(mayor), ENDED));
                (speaker, before) = (Some(mayor), if debates.end < end { ENDED } else { SPEAKS });
            }
        }
    }
    states
}

/// Of the words of a mayor who presides, `first..end`, those between what only chairs say.
fn debating(evidence: &Evidence, first: usize, end: usize) -> std::ops::Range<usize> {
    let presides = |i: usize| {
        let seen = &evidence.segments[i].chair;
        let formulas = [
            SpeakerCue::ChairCall,
            SpeakerCue::ChairNext,
            SpeakerCue::ChairPhrase,
            SpeakerCue::ChairDone,
            SpeakerCue::ChairFloor,
        ];
        let sum: f32 = seen
            .iter()
            .filter(|(cue, _)| formulas.contains(cue))
            .map(|(_, strength)| strength)
            .sum();
        sum >= 1.5
    };
    let from = (first..end).find(|i| !presides(*i)).unwrap_or(end);
    let to = (from..end).rev().find(|i| !presides(*i)).map_or(from, |i| i + 1);
    from..to
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::align::tests::{SENTENCES, council, transcript};

    /// The gradient is the slope of the likelihood: measured for every weight by a small step.
    #[test]
    fn the_gradient_is_the_slope_of_the_likelihood() {
        let said: Vec<(usize, u64)> =
            (0..60).map(|n| ((n * 7) % SENTENCES.len(), 200 * (n as u64 % 6))).collect();
        let mut council = council();
        council.persons[0].memberships[0].role = Some("Landrätin, Vorsitzende".into());
        let transcript = transcript(&said);
        let length = transcript.media.duration_ms.millis();
        let turn = |n: u64| Turn {
            start_ms: MediaTime::from_millis(n * length / 12),
            end_ms: MediaTime::from_millis((n + 1) * length / 12),
            person: (n % 3 == 1).then(|| council.persons[1 + (n as usize % 2)].id.clone()),
            name: None,
            role: if n.is_multiple_of(3) { Role::Chair } else { Role::Member },
            confidence: 1.0,
            evidence: Vec::new(),
        };
        let turns = (0..12).map(turn).collect();
        let debate = Debate { transcript, council: council.clone(), turns, weight: 1.0 };
        let read = Read::new(&debate);
        let evidence = read.evidence(&debate, false);
        let truth = truth(&evidence, &debate);
        let mut weights = Weights::beforehand();
        for (n, weight) in weights.values().iter_mut().enumerate() {
            *weight += 0.3 * ((n * 37 % 11) as f32 / 5.0 - 1.0);
        }
        let count = weights.values().len();
        let likelihood = |weights: &Weights, gradient: &mut [f64]| {
            let lattice = Lattice::new(&evidence, weights, &[]);
            let truth: Vec<usize> = truth.iter().map(|s| lattice.state(s.0, s.1)).collect();
            lattice.gradient(&truth, gradient)
        };
        let mut gradient = vec![0.0; count];
        likelihood(&weights, &mut gradient);
        const STEP: f32 = 1e-2;
        for (n, expected) in gradient.iter().enumerate() {
            let mut slope = 0.0;
            for sign in [1.0, -1.0] {
                let mut moved = weights.clone();
                moved.values()[n] += sign * STEP;
                slope += f64::from(sign) * likelihood(&moved, &mut vec![0.0; count]);
            }
            slope /= 2.0 * f64::from(STEP);
            let off = (slope - expected).abs();
            assert!(off < 0.02 + 0.02 * slope.abs(), "{n}: {slope} {expected}");
        }
    }
}
