//! The states of speakers and their probabilities over the whole meeting, by a linear-chain conditional random
//! field (Lafferty, McCallum, Pereira 2001). Owns states and probabilities; what the words show is
//! `evidence`, what that is worth `cues`.
//!
//! For every person of the roster and somebody unknown there are four states: the chair speaks after a
//! speech of theirs has ended, the chair cuts into their speech, they speak, somebody puts a question to
//! them. So it is known in each state who speaks next if nobody else is given the floor. One pass forward
//! and one back over segments × persons; the chair gives the floor to anybody from any state, which is one
//! sum.
//!
//! Where a clerk has fixed who speaks, no other state is possible; at its edges nobody needs the chair to be
//! handed the floor, and who was interrupted without the chair goes on behind it.

use super::cues::{SeenCues, SpeakerCue, Weights};
use super::evidence::{Evidence, SegmentEvidence};
use super::fixed::{FixedRange, FixedSpeaker};

/// The states of a person.
pub(super) const ENDED: usize = 0;
pub(super) const CUT_IN: usize = 1;
pub(super) const SPEAKS: usize = 2;
pub(super) const ASKED: usize = 3;
pub(super) const STATES: usize = 4;

/// How much likelier whoever was interrupted without the chair goes on behind it (log-odds).
const GOES_ON: f32 = 4.0;
/// No single potential is worth more, so that products stay numbers.
const MOST: f32 = 30.0;

const UNREACHED: f32 = f32::NEG_INFINITY;

/// What one segment and the boundary before it are worth for every state and move (log-odds).
#[derive(Clone, Debug, Default)]
pub(super) struct Potentials {
    pub chair: f32,
    pub cutting: f32,
    pub asking: f32,
    pub speaks: Vec<(usize, f32)>,
    pub end: f32,
    pub end_of: Vec<(usize, f32)>,
    pub interrupt: f32,
    pub interrupt_of: Vec<(usize, f32)>,
    pub resume: f32,
    pub resume_of: Vec<(usize, f32)>,
    pub stay: f32,
    pub new: f32,
    pub again: f32,
    pub switch: f32,
    pub ask: f32,
    pub ask_alone: f32,
    pub answer: f32,
    pub after_question: f32,
    /// Who begins, by slot.
    pub begins: Vec<f32>,
    /// Who begins without the chair: certain slots, the rest are worth nothing more.
    pub switch_of: Vec<(usize, f32)>,
}

/// The persons who may speak: those ever named, and whom a clerk has fixed.
pub(super) struct Slots {
    /// Persons by slot; the slot behind them is somebody unknown.
    pub persons: Vec<usize>,
    /// Slots by person.
    pub slots: Vec<Option<usize>>,
}

impl Slots {
    pub fn new(evidence: &Evidence, fixed: &[FixedRange<FixedSpeaker>]) -> Self {
        let named = evidence.segments.iter().flat_map(|seen| seen.named.iter().map(|n| n.0));
        let held = fixed.iter().filter_map(|held| held.fact.person);
        let mut persons: Vec<usize> = named.chain(held).collect();
        persons.sort_unstable();
        persons.dedup();
        let mut slots = vec![None; evidence.roster.len()];
        persons.iter().enumerate().for_each(|(slot, person)| slots[*person] = Some(slot));
        Self { persons, slots }
    }

    /// What is said of persons, of those who may speak.
    pub fn of<'a, T>(&'a self, list: &'a [(usize, T)]) -> impl Iterator<Item = (usize, &'a T)> {
        list.iter().filter_map(|(person, of)| Some((self.slots[*person]?, of)))
    }
}

impl Potentials {
    pub fn new(seen: &SegmentEvidence, weights: &Weights, slots: &Slots) -> Self {
        let of = |seen: &[(SpeakerCue, f32)]| weights.of(seen).clamp(-MOST, MOST);
        let all = |seen: &[(usize, SeenCues)]| {
            slots.of(seen).map(|(slot, seen)| (slot, of(seen))).collect()
        };
        let persons = slots.persons.len();
        // Whom nobody named is one of many.
        let one_of_many = -(persons.max(1) as f32).ln();
        let mut begins = vec![of(&seen.unnamed) + one_of_many; persons + 1];
        for (slot, seen) in slots.of(&seen.unnamed_of) {
            begins[slot] += of(seen);
        }
        for (slot, seen) in slots.of(&seen.named) {
            begins[slot] = of(seen);
        }
        begins[persons] = of(&seen.unknown);
        let mut switch_of: Vec<(usize, f32)> = all(&seen.switch_of);
        switch_of.iter_mut().for_each(|(_, odds)| *odds -= one_of_many);
        switch_of.push((persons, of(&seen.switch_unknown) - one_of_many));
        Self {
            switch: of(&seen.switch) + one_of_many,
            switch_of,
            chair: of(&seen.chair),
            cutting: of(&seen.interrupting),
            asking: of(&seen.asking),
            speaks: all(&seen.speaks),
            end: of(&seen.end),
            end_of: all(&seen.end_of),
            interrupt: of(&seen.interrupt),
            interrupt_of: all(&seen.interrupt_of),
            resume: of(&seen.resume),
            resume_of: all(&seen.resume_of),
            stay: of(&seen.stay),
            new: of(&seen.new),
            again: of(&seen.again),
            ask: of(&seen.ask),
            ask_alone: of(&seen.ask_alone),
            answer: of(&seen.answer),
            after_question: of(&seen.after_question),
            begins,
        }
    }
}

/// The moves within one person's states, to and from.
pub(super) const MOVES: [(usize, usize); 12] = [
    (ENDED, ENDED),
    (ENDED, SPEAKS),
    (ENDED, ASKED),
    (CUT_IN, CUT_IN),
    (CUT_IN, SPEAKS),
    (CUT_IN, ASKED),
    (SPEAKS, SPEAKS),
    (SPEAKS, CUT_IN),
    (SPEAKS, ASKED),
    (ASKED, ASKED),
    (ASKED, CUT_IN),
    (ASKED, SPEAKS),
];
/// Which of the moves count for certain persons as well.
pub(super) const END: usize = 1;
pub(super) const INTERRUPT: usize = 4;
pub(super) const RESUME: usize = 7;

impl Potentials {
    /// What the moves within anybody's states are worth.
    pub fn moves(&self) -> [f32; MOVES.len()] {
        [
            self.stay,
            self.end,
            self.end + self.after_question,
            self.stay,
            self.interrupt,
            self.interrupt + self.after_question,
            0.0,
            self.resume,
            self.answer,
            0.0,
            self.ask,
            self.ask_alone,
        ]
    }

    /// What they are worth in addition for certain persons: person, move, odds.
    pub fn own_moves(&self) -> impl Iterator<Item = (usize, usize, f32)> {
        let lists =
            [(&self.end_of, END), (&self.interrupt_of, INTERRUPT), (&self.resume_of, RESUME)];
        lists.into_iter().flat_map(|(list, n)| list.iter().map(move |(p, odds)| (*p, n, *odds)))
    }
}

/// All states of a meeting, segment by segment.
pub(super) struct Lattice<'a> {
    pub evidence: &'a Evidence<'a>,
    pub potentials: Vec<Potentials>,
    pub who: Slots,
    /// How many slots are persons.
    pub persons: usize,
    /// The slot of the head of the administration who presides and debates as the chair.
    pub mayor: Option<usize>,
    /// Per segment, what the clerk has fixed.
    pub fixed: Vec<Option<&'a FixedRange<FixedSpeaker>>>,
}

impl<'a> Lattice<'a> {
    pub fn new(
        evidence: &'a Evidence<'a>,
        weights: &Weights,
        fixed: &'a [FixedRange<FixedSpeaker>],
    ) -> Self {
        let who = Slots::new(evidence, fixed);
        let persons = who.persons.len();
        let mayor = evidence.roster.mayor().and_then(|person| who.slots[person]);
        let potentials =
            evidence.segments.iter().map(|seen| Potentials::new(seen, weights, &who)).collect();
        let fixed =
            evidence.stream.segments.iter().map(|s| FixedRange::at(fixed, s.first)).collect();
        Self { evidence, potentials, who, persons, mayor, fixed }
    }

    pub fn states(&self) -> usize {
        STATES * (self.persons + 1)
    }

    /// Whether what the clerk has fixed starts or ends before segment `i`.
    pub fn at_edge(&self, i: usize) -> bool {
        i > 0 && self.fixed[i] != self.fixed[i - 1]
    }

    /// The slot that speaks in segment `i`, if a clerk has fixed it; `None` for the chair.
    pub fn held(&self, i: usize) -> Option<Option<usize>> {
        let held = self.fixed[i]?;
        Some(match held.fact.is_chair() {
            true => None,
            false => Some(held.fact.person.and_then(|p| self.who.slots[p]).unwrap_or(self.persons)),
        })
    }

    /// Who was interrupted by what a clerk has fixed, without the chair, goes on behind it.
    pub fn resume_interrupted(&mut self, likely: &[Vec<f32>]) {
        for i in 1..self.fixed.len() {
            if self.fixed[i].is_some() || self.fixed[i - 1].is_none() {
                continue;
            }
            let begins =
                (0..i).rev().find(|j| *j == 0 || self.fixed[*j - 1].is_none()).unwrap_or(0);
            let chair = (begins..i).any(|j| self.fixed[j].is_some_and(|h| h.fact.is_chair()));
            let before = begins.checked_sub(1).and_then(|j| {
                (0..self.states()).max_by(|a, b| likely[j][*a].total_cmp(&likely[j][*b]))
            });
            if let Some(before) = before.filter(|state| !chair && state % STATES == SPEAKS) {
                let of = &mut self.potentials[i];
                let most = of.begins.iter().copied().fold(UNREACHED, f32::max);
                of.begins[before / STATES] = most.max(0.0) + GOES_ON;
                of.new = of.new.max(0.0);
            }
        }
    }

    /// How likely each state is in each segment, by all courses together.
    pub fn marginals(&self) -> Vec<Vec<f32>> {
        let mut likely: Vec<Vec<f32>> = vec![Vec::new(); self.potentials.len()];
        self.forward_backward(|i, _, here, behind| {
            let mut product: Vec<f64> = here.iter().zip(behind).map(|(a, b)| a * b).collect();
            scale(&mut product);
            likely[i] = product.iter().map(|p| *p as f32).collect();
        });
        likely
    }

    /// Forward and backward over all courses (Rabiner 1989), each segment scaled to a sum of one. `visit`
    /// is told for every segment, from the last to the first, the states before it, those in it by what
    /// came so far, and what comes behind. Gives the logarithm of the sum over all courses.
    pub fn forward_backward(&self, mut visit: impl FnMut(usize, &[f64], &[f64], &[f64])) -> f64 {
        let count = self.potentials.len();
        let mut forward: Vec<Vec<f64>> = Vec::with_capacity(count + 1);
        forward.push(self.start());
        let mut sum = 0.0;
        for i in 0..count {
            let mut next = self.step(i, &forward[i]);
            self.factors(i).apply(&mut next);
            sum += scale(&mut next);
            forward.push(next);
        }
        let mut behind = vec![1.0; self.states()];
        for i in (0..count).rev() {
            visit(i, &forward[i], &forward[i + 1], &behind);
            self.factors(i).apply(&mut behind);
            behind = self.step_back(i, &behind);
            scale(&mut behind);
        }
        sum
    }

    /// Before anything is said, the chair has the floor.
    pub fn start(&self) -> Vec<f64> {
        let mut start = vec![0.0; self.states()];
        start[STATES * self.persons + ENDED] = 1.0;
        start
    }

    /// What segment `i` is worth in each state, as factors.
    pub fn factors(&self, i: usize) -> Factors {
        let of = &self.potentials[i];
        let odds = [of.chair, of.chair + of.cutting, 0.0, of.asking];
        Factors {
            states: odds.map(exp),
            speaks: of.speaks.iter().map(|(person, odds)| (*person, exp(*odds))).collect(),
            held: self.held(i),
        }
    }

    /// All moves at the boundary before segment `i`, forward.
    pub fn step(&self, i: usize, before: &[f64]) -> Vec<f64> {
        let of = &self.potentials[i];
        let sum = |state: usize| before.iter().skip(state).step_by(STATES).sum::<f64>();
        let (ended, speaking) = (sum(ENDED), sum(SPEAKS));
        let any: f64 = if self.at_edge(i) { before.iter().sum() } else { 0.0 };
        if any > 0.0 && self.fixed[i].is_some() {
            return vec![any; before.len()];
        }
        let (new, again, switch) = (exp(of.new), exp(of.again), exp(of.switch));
        let (moves, end) = (of.moves().map(exp), exp(of.end));
        let begins = exponentials(&of.begins);
        let mut next = vec![0.0; before.len()];
        for (slot, (next, before)) in
            next.chunks_exact_mut(STATES).zip(before.chunks_exact(STATES)).enumerate()
        {
            for ((to, from), worth) in MOVES.iter().zip(moves) {
                next[*to] += before[*from] * worth;
            }
            let others = (ended - before[ENDED]).max(0.0) + before[ENDED] * again;
            let speakers = (speaking - before[SPEAKS]).max(0.0);
            next[SPEAKS] += begins[slot] * new * (others + any) + switch * speakers;
            next[ENDED] += any * end;
        }
        for (slot, odds) in &of.switch_of {
            let at = STATES * slot + SPEAKS;
            next[at] += switch * (speaking - before[at]).max(0.0) * (exp(*odds) - 1.0);
        }
        for (person, n, odds) in of.own_moves() {
            let ((to, from), at) = (MOVES[n], STATES * person);
            next[at + to] += before[at + from] * moves[n] * (exp(odds) - 1.0);
        }
        next
    }

    /// All moves at the boundary before segment `i`, backward.
    pub fn step_back(&self, i: usize, behind: &[f64]) -> Vec<f64> {
        if self.at_edge(i) && self.fixed[i].is_some() {
            return vec![behind.iter().sum(); behind.len()];
        }
        let of = &self.potentials[i];
        let begins = exponentials(&of.begins);
        let reached: f64 =
            begins.iter().zip(behind.chunks_exact(STATES)).map(|(b, s)| b * s[SPEAKS]).sum();
        let (new, again, switch) = (exp(of.new), exp(of.again), exp(of.switch));
        let mut follows: f64 = behind.iter().skip(SPEAKS).step_by(STATES).sum();
        for (slot, odds) in &of.switch_of {
            follows += behind[STATES * slot + SPEAKS] * (exp(*odds) - 1.0);
        }
        let moves = of.moves().map(exp);
        let any: f64 = match self.at_edge(i) {
            true => {
                let ended: f64 = behind.iter().skip(ENDED).step_by(STATES).sum();
                new * reached + exp(of.end) * ended
            }
            false => 0.0,
        };
        let mut before = vec![any; behind.len()];
        for (slot, (before, behind)) in
            before.chunks_exact_mut(STATES).zip(behind.chunks_exact(STATES)).enumerate()
        {
            for ((to, from), worth) in MOVES.iter().zip(moves) {
                before[*from] += behind[*to] * worth;
            }
            let own = begins[slot] * behind[SPEAKS];
            let others = (reached - own).max(0.0);
            before[ENDED] += new * (others + own * again);
            before[SPEAKS] += switch * (follows - behind[SPEAKS]);
        }
        // Nobody follows themselves.
        for (slot, odds) in &of.switch_of {
            let at = STATES * slot + SPEAKS;
            before[at] -= switch * behind[at] * (exp(*odds) - 1.0);
        }
        before.iter_mut().for_each(|value| *value = value.max(0.0));
        for (person, n, odds) in of.own_moves() {
            let ((to, from), at) = (MOVES[n], STATES * person);
            before[at + from] += behind[at + to] * moves[n] * (exp(odds) - 1.0);
        }
        before
    }
}

pub(super) fn exp(odds: f32) -> f64 {
    f64::from(odds).exp()
}

/// Neighbours that are alike, as most persons are, cost but one.
pub(super) fn exponentials(odds: &[f32]) -> Vec<f64> {
    let mut last = (0.0, 1.0);
    let mut one = |odds: &f32| {
        if *odds != last.0 {
            last = (*odds, exp(*odds));
        }
        last.1
    };
    odds.iter().map(&mut one).collect()
}

/// Makes the sum one; gives the logarithm of what it was.
fn scale(values: &mut [f64]) -> f64 {
    let sum: f64 = values.iter().sum();
    if sum > 0.0 {
        values.iter_mut().for_each(|value| *value /= sum);
    }
    sum.max(f64::MIN_POSITIVE).ln()
}

/// What a segment is worth in each state, as factors.
pub(super) struct Factors {
    states: [f64; STATES],
    speaks: Vec<(usize, f64)>,
    held: Option<Option<usize>>,
}

impl Factors {
    pub fn apply(&self, values: &mut [f64]) {
        for states in values.chunks_exact_mut(STATES) {
            for (value, factor) in states.iter_mut().zip(self.states) {
                *value *= factor;
            }
        }
        for (person, factor) in &self.speaks {
            values[STATES * person + SPEAKS] *= factor;
        }
        let Some(held) = self.held else { return };
        for (slot, states) in values.chunks_exact_mut(STATES).enumerate() {
            states[ASKED] = 0.0;
            if held.is_some() {
                (states[ENDED], states[CUT_IN]) = (0.0, 0.0);
            }
            if held != Some(slot) {
                states[SPEAKS] = 0.0;
            }
        }
    }
}
