//! What debates whose speakers are known say of the weights: the gradient of their likelihood. Owns the
//! counting of cues; the steps are `fit`'s.

use super::cues::SpeakerCue;
use super::evidence::SegmentEvidence;
use super::lattice::{
    ASKED, CUT_IN, END, ENDED, INTERRUPT, Lattice, MOVES, Potentials, RESUME, SPEAKS, STATES,
    Slots, exp, exponentials,
};

impl Lattice<'_> {
    /// The state of a person; of somebody unknown where they are never named.
    pub fn state(&self, person: Option<usize>, state: usize) -> usize {
        let slot = person.and_then(|person| self.who.slots[person]).unwrap_or(self.persons);
        STATES * slot + state
    }

    /// What the segments of a meeting say of the weights: for every cue, how strongly it was seen on the
    /// course that was really taken, less how strongly on all courses by their likelihood; and the
    /// logarithm of the likelihood of the course that was taken. The gradient of the one is the other.
    pub fn gradient(&self, truth: &[usize], add: &mut [f64]) -> f64 {
        let mut worth = 0.0;
        let mut last = STATES * self.persons + ENDED;
        let segments = &self.evidence.segments;
        for (i, state) in truth.iter().enumerate() {
            let mass = self.taken(i, last, *state);
            worth += self.potentials[i].dot(&mass);
            count(&segments[i], &self.who, &mass, 1.0, add);
            last = *state;
        }
        let sum = self.forward_backward(|i, before, here, behind| {
            let mass = self.expected(i, before, here, behind);
            count(&segments[i], &self.who, &mass, -1.0, add);
        });
        worth - sum
    }

    /// Which potentials a single step uses.
    fn taken(&self, i: usize, from: usize, to: usize) -> Potentials {
        let unit = |state: usize| {
            let mut one = vec![0.0; self.states()];
            one[state] = 1.0;
            one
        };
        self.expected(i, &unit(from), &unit(to), &unit(to))
    }

    /// How much each potential of segment `i` is used by all courses that come from `before` to `here` and
    /// go on `behind`.
    fn expected(&self, i: usize, before: &[f64], here: &[f64], behind: &[f64]) -> Potentials {
        let of = &self.potentials[i];
        let mut used = Potentials { begins: vec![0.0; self.persons + 1], ..Potentials::default() };
        let total: f64 = here.iter().zip(behind).map(|(a, b)| a * b).sum();
        let share =
            |state: usize| (here[state] * behind[state] / total.max(f64::MIN_POSITIVE)) as f32;
        let sum = |state: usize| (0..=self.persons).map(|s| share(STATES * s + state)).sum::<f32>();
        let cut_in = sum(CUT_IN);
        used.chair = sum(ENDED) + cut_in;
        used.cutting = cut_in;
        used.asking = sum(ASKED);
        used.speaks = of.speaks.iter().map(|(p, _)| (*p, share(STATES * p + SPEAKS))).collect();

        // What comes behind, with what the segment itself is worth.
        let mut behind = behind.to_vec();
        self.factors(i).apply(&mut behind);
        let moves = of.moves().map(exp);
        let begins = exponentials(&of.begins);
        let (new, again, switch) = (exp(of.new), exp(of.again), exp(of.switch));
        let sum = |state: usize| before.iter().skip(state).step_by(STATES).sum::<f64>();
        let (ended, speaking) = (sum(ENDED), sum(SPEAKS));
        let mut own = vec![[0.0f32; 3]; self.persons + 1];
        let which = |n| [END, INTERRUPT, RESUME].iter().position(|m| *m == n).unwrap_or(0);
        of.own_moves().for_each(|(person, n, odds)| own[person][which(n)] += odds);
        let mut masses = [0.0f64; MOVES.len()];
        let (mut news, mut agains, mut switches) = (0.0, 0.0, 0.0);
        let mut begun = vec![0.0f64; self.persons + 1];
        let mut followed = vec![0.0f64; self.persons + 1];
        let mut switches_to = vec![1.0f64; self.persons + 1];
        of.switch_of.iter().for_each(|(slot, odds)| switches_to[*slot] = exp(*odds));
        let mut owned = vec![[0.0f64; 3]; self.persons + 1];
        for slot in 0..=self.persons {
            let at = STATES * slot;
            for (n, (to, from)) in MOVES.iter().enumerate() {
                let mut mass = before[at + from] * behind[at + to];
                if mass == 0.0 {
                    continue;
                }
                mass *= moves[n];
                if matches!(n, END | INTERRUPT | RESUME) {
                    mass *= exp(own[slot][which(n)]);
                    owned[slot][which(n)] += mass;
                }
                masses[n] += mass;
            }
            let reached = begins[slot] * behind[at + SPEAKS];
            let others = (ended - before[at + ENDED]).max(0.0) * new * reached;
            let same = before[at + ENDED] * new * again * reached;
            let follows = switches_to[slot] * behind[at + SPEAKS];
            let switched = (speaking - before[at + SPEAKS]).max(0.0) * switch * follows;
            (news, agains, switches) = (news + others + same, agains + same, switches + switched);
            begun[slot] = others + same;
            followed[slot] = switched;
        }
        let all = masses.iter().sum::<f64>() + news + switches;
        // A step that no course takes says nothing.
        let share = |mass: f64| if all > 0.0 { (mass / all) as f32 } else { 0.0 };
        used.stay = share(masses[0] + masses[3]);
        used.end = share(masses[1] + masses[2]);
        used.interrupt = share(masses[4] + masses[5]);
        used.after_question = share(masses[2] + masses[5]);
        used.resume = share(masses[7]);
        used.answer = share(masses[8]);
        used.ask = share(masses[10]);
        used.ask_alone = share(masses[11]);
        (used.new, used.again, used.switch) = (share(news), share(agains), share(switches));
        used.begins = begun.iter().map(|mass| share(*mass)).collect();
        used.switch_of =
            of.switch_of.iter().map(|(slot, _)| (*slot, share(followed[*slot]))).collect();
        let of_persons = |list: &[(usize, f32)], n: usize| {
            list.iter().map(|(p, _)| (*p, share(owned[*p][n]))).collect()
        };
        used.end_of = of_persons(&of.end_of, 0);
        used.interrupt_of = of_persons(&of.interrupt_of, 1);
        used.resume_of = of_persons(&of.resume_of, 2);
        used
    }
}

impl Potentials {
    /// What is used, times what it is worth.
    fn dot(&self, used: &Self) -> f64 {
        let list = |a: &[(usize, f32)], b: &[(usize, f32)]| {
            a.iter().zip(b).map(|(a, b)| a.1 * b.1).sum::<f32>()
        };
        let plain = [
            (self.chair, used.chair),
            (self.cutting, used.cutting),
            (self.asking, used.asking),
            (self.end, used.end),
            (self.interrupt, used.interrupt),
            (self.resume, used.resume),
            (self.stay, used.stay),
            (self.new, used.new),
            (self.again, used.again),
            (self.switch, used.switch),
            (self.ask, used.ask),
            (self.ask_alone, used.ask_alone),
            (self.answer, used.answer),
            (self.after_question, used.after_question),
        ];
        let plain: f32 = plain.iter().map(|(a, b)| a * b).sum();
        let begins: f32 = self.begins.iter().zip(&used.begins).map(|(a, b)| a * b).sum();
        f64::from(
            plain
                + begins
                + list(&self.speaks, &used.speaks)
                + list(&self.end_of, &used.end_of)
                + list(&self.interrupt_of, &used.interrupt_of)
                + list(&self.resume_of, &used.resume_of)
                + list(&self.switch_of, &used.switch_of),
        )
    }
}

/// Adds to every cue how strongly it was seen where it was used.
fn count(seen: &SegmentEvidence, who: &Slots, used: &Potentials, sign: f64, add: &mut [f64]) {
    let mut all = |seen: &[(SpeakerCue, f32)], used: f32| {
        if used != 0.0 {
            for (cue, strength) in seen {
                add[*cue as usize] += sign * f64::from(strength * used);
            }
        }
    };
    for (seen, used) in [
        (&seen.chair, used.chair),
        (&seen.interrupting, used.cutting),
        (&seen.asking, used.asking),
        (&seen.end, used.end),
        (&seen.interrupt, used.interrupt),
        (&seen.resume, used.resume),
        (&seen.stay, used.stay),
        (&seen.new, used.new),
        (&seen.again, used.again),
        (&seen.switch, used.switch),
        (&seen.ask, used.ask),
        (&seen.ask_alone, used.ask_alone),
        (&seen.answer, used.answer),
        (&seen.after_question, used.after_question),
    ] {
        all(seen, used);
    }
    for (seen, used) in [
        (&seen.speaks, &used.speaks),
        (&seen.end_of, &used.end_of),
        (&seen.interrupt_of, &used.interrupt_of),
        (&seen.resume_of, &used.resume_of),
        (&seen.switch_of, &used.switch_of),
    ] {
        who.of(seen).zip(used).for_each(|((_, seen), (_, used))| all(seen, *used));
    }
    let unknown = used.begins.len() - 1;
    all(&seen.switch_unknown, used.switch_of.last().map_or(0.0, |(_, used)| *used));
    all(&seen.unknown, used.begins[unknown]);
    let mut unnamed = used.begins[..unknown].to_vec();
    for (slot, cues) in who.of(&seen.named) {
        all(cues, std::mem::take(&mut unnamed[slot]));
    }
    for (slot, cues) in who.of(&seen.unnamed_of) {
        all(cues, unnamed[slot]);
    }
    all(&seen.unnamed, unnamed.iter().sum());
}
