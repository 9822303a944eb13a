//! Where the words of a window lie: the most likely places given the recogniser's times, how long
//! words last and where it is loud, which the voice activity detector, letting go of speech 100 to 250 ms
//! late, cannot say. Refuses to look outside its window.
//!
//! One dynamic programme over the words, on a grid of 10 ms (a semi-Markov model: word, pause, word
//! …; Viterbi, IEEE Trans. Inf. Theory 13, 1967). The constants and what each is worth were
//! measured, see docs/word-times.md.

use std::ops::RangeInclusive;

use crate::transcribe::SAMPLE_RATE;

/// How regular speech is. A letter's length is taken as gamma-distributed with this shape, so that
/// of a word of n letters is as well, with n times the shape: it deviates by 1 / √(1.6 n), which is
/// a third of its length for six letters.
const SHAPE: f32 = 1.6;
/// A window's rate of speech is taken from its loud steps, but a letter lasts at least and at most
/// so many steps (40 and 160 ms).
const LETTER_STEPS: (f32, f32) = (4.0, 16.0);
/// The rate of what is loud is at most so many times the usual one between the recogniser's times.
const FASTER: f32 = 1.25;
/// The recogniser's times have heavy tails (Cauchy): half of them are nearer than this to where the
/// word starts, in milliseconds, if it starts earlier …
const EARLIER_MS: f32 = 60.0;
/// … and if it starts later; they run ahead more often than behind, above all before a full stop.
const LATER_MS: f32 = 90.0;
/// Times between the tokens inside of a word say less than those between words.
const INSIDE: f32 = 0.5;
/// By how much all times of a window run ahead of the sound, in milliseconds: a property of model
/// and voice, of which the likeliest is taken.
const LAGS_MS: [f32; 5] = [-50.0, -10.0, 30.0, 70.0, 110.0];
/// The middle one is so much likelier than its neighbours (nats; four times that for the next),
/// since a window with few words says little of it.
const LAG_PRIOR: f32 = 0.4;
/// No word is looked for farther from the recogniser's time than this, in milliseconds; behind a
/// mark, after which any pause may follow, that holds only for earlier places.
const REACH_MS: u64 = 600;
/// What a pause where nothing is punctuated costs, in nats, …
const PAUSE: f32 = 5.0;
/// … and each step of any pause.
const PAUSE_STEP: f32 = 0.02;
/// What it costs that somebody speaks in a pause, in nats. Recognisers leave out sentences, over
/// which the words before and behind must not be stretched.
const UNWRITTEN: f32 = 15.0;
/// What a word without any length costs; only absurd times force one.
const NO_LENGTH: f32 = 50.0;

const IMPOSSIBLE: f32 = f32::NEG_INFINITY;

/// What is known of a word before it is placed.
pub struct Said {
    /// How long it is to speak, in letters; above zero.
    pub letters: f32,
    /// What is written behind it.
    pub then: Then,
    /// Where it starts by the recogniser, in milliseconds from the window's start, if it says so.
    pub start_ms: Option<u64>,
    /// Where its tokens meet by the recogniser: the share of the word's letters before that, and
    /// the milliseconds from the window's start.
    pub inside: Vec<(f32, u64)>,
}

/// What is written behind a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// The next word.
    Word,
    /// A mark, at which one may pause.
    Mark,
}

/// Start and end of each word, in milliseconds from the window's start: in order, none before the
/// end of the word before it. `speech` is the evidence for speech in each step of the window; the
/// recogniser's times must not fall.
pub fn place(words: &[Said], speech: &[f32]) -> Vec<(u64, u64)> {
    let lasting = lasting(words, speech);
    let loud = summed(speech.iter().copied());
    let unwritten = summed(speech.iter().map(|says| says.max(0.0)));
    let middle = LAGS_MS.len() / 2;
    // Where there are no times, none of them run ahead. (The first word's start says nothing.)
    let timed = words.iter().skip(1).any(|word| word.start_ms.is_some());
    let tried = LAGS_MS.iter().enumerate().filter(|(i, _)| timed || *i == middle);
    let placed = tried.map(|(i, lag)| {
        let mut placed =
            ViterbiSearch { words, lasting: &lasting, loud: &loud, unwritten: &unwritten }
                .run(*lag);
        placed.score -= LAG_PRIOR * (i.abs_diff(middle) as f32).powi(2);
        placed
    });
    let best = placed.max_by(|a, b| a.score.total_cmp(&b.score));
    let steps = best.map_or(Vec::new(), |b| b.places);
    steps.into_iter().map(|(from, to)| (from as u64 * STEP_MS, to as u64 * STEP_MS)).collect()
}

/// The sum up to each bound between steps, which are one more than the steps.
fn summed(steps: impl Iterator<Item = f32>) -> Vec<f32> {
    let sum = |sum: &mut f32, says| {
        *sum += says;
        Some(*sum)
    };
    std::iter::once(0.0).chain(steps.scan(0.0, sum)).collect()
}

/// For each word what each length in steps is worth, given the window's own rate of speech.
fn lasting(words: &[Said], speech: &[f32]) -> Vec<Vec<f32>> {
    let rate = rate(words, speech).clamp(LETTER_STEPS.0, LETTER_STEPS.1);
    let table = |word: &Said| {
        let usual = rate * word.letters;
        let longest = ((usual * 3.0) as usize).max(30).min(speech.len());
        let worth = |steps: usize| {
            let share = steps as f32 / usual;
            if steps == 0 { -NO_LENGTH } else { SHAPE * word.letters * (share.ln() - share + 1.0) }
        };
        (0..=longest).map(worth).collect()
    };
    words.iter().map(table).collect()
}

/// How many steps a letter lasts: all that is loud, shared among all letters; but where much is loud
/// that was not written, not more than the recogniser's times allow.
fn rate(words: &[Said], speech: &[f32]) -> f32 {
    let loud = speech.iter().filter(|says| **says > 0.0).count() as f32;
    let letters: f32 = words.iter().map(|word| word.letters).sum();
    let pairs = words.windows(2).filter(|pair| pair[0].then == Then::Word);
    let apart = |pair: &[Said]| {
        let apart = pair[1].start_ms? - pair[0].start_ms?;
        Some(apart as f32 / STEP_MS as f32 / pair[0].letters)
    };
    let mut rates: Vec<f32> = pairs.filter_map(apart).collect();
    rates.sort_unstable_by(f32::total_cmp);
    let of_times = rates.get(rates.len() / 2).map_or(f32::MAX, |middle| middle * FASTER);
    (loud / letters).min(of_times)
}

/// Where the words lie, in steps, and what that is worth.
struct Placed {
    score: f32,
    places: Vec<(usize, usize)>,
}

/// For each bound between steps, 0..=last, what it is worth that something happens there, and where
/// the thing before it did.
struct Column {
    worth: Vec<f32>,
    from: Vec<u32>,
}

/// All that does not depend on the lag.
#[derive(Clone, Copy)]
struct ViterbiSearch<'a> {
    words: &'a [Said],
    lasting: &'a [Vec<f32>],
    /// Evidence for speech summed up to each bound.
    loud: &'a [f32],
    /// The same if each step without evidence for speech counts nothing, as in a pause.
    unwritten: &'a [f32],
}

impl ViterbiSearch<'_> {
    /// The best places for one lag.
    fn run(self, lag: f32) -> Placed {
        let last = self.loud.len() - 1;
        let times = Times::new(last, lag);
        // The first word may start anywhere before the second does.
        let second =
            self.words.get(1).map_or(last, |w| *times.reach(w.start_ms, self.words[0].then).end());
        let heard = |heard: f32| (heard - UNWRITTEN).max(0.0);
        let mut starts: Vec<f32> = self.unwritten.iter().map(|before| heard(*before)).collect();
        let mut reach = 0..=second;
        let (mut word_columns, mut pause_columns) = (Vec::new(), Vec::new());
        for i in 0..self.words.len() {
            let column = self.word(i, &starts, reach.clone(), &times);
            if let Some(next) = self.words.get(i + 1) {
                let pause = self.pause(self.words[i].then, &column.worth);
                starts.clone_from(&pause.worth);
                reach = times.reach(next.start_ms, self.words[i].then);
                for (bound, ms) in reach.clone().zip(std::iter::repeat(next.start_ms)) {
                    starts[bound] += ms.map_or(0.0, |ms| times.worth(bound, ms));
                }
                pause_columns.push(pause.from);
            }
            word_columns.push(column);
        }
        let mut ends = word_columns.last().map_or(Vec::new(), |c| c.worth.clone());
        for (worth, before) in ends.iter_mut().zip(self.unwritten) {
            *worth += heard(self.unwritten[last] - before);
        }
        let best = (0..ends.len()).max_by(|a, b| ends[*a].total_cmp(&ends[*b]));
        let mut end = best.unwrap_or(0);
        let score = ends.get(end).copied().unwrap_or(0.0);
        let mut places = vec![(0, 0); self.words.len()];
        for i in (0..self.words.len()).rev() {
            let start = word_columns[i].from[end] as usize;
            places[i] = (start, end);
            end = if i > 0 { pause_columns[i - 1][start] as usize } else { 0 };
        }
        Placed { score, places }
    }

    /// Word `i` ends, having started within `reach`.
    fn word(
        &self,
        i: usize,
        starts: &[f32],
        reach: RangeInclusive<usize>,
        times: &Times,
    ) -> Column {
        let bounds = self.loud.len();
        let mut column = Column { worth: vec![IMPOSSIBLE; bounds], from: vec![0; bounds] };
        let low = *reach.start();
        let before: Vec<f32> = reach.map(|bound| starts[bound] - self.loud[bound]).collect();
        let mut worth = vec![0.0; before.len()];
        // The inner loops run over starts side by side in memory, which compilers turn into vectors.
        for (steps, lasting) in self.lasting[i].iter().enumerate() {
            let n = before.len().min(bounds.saturating_sub(low + steps));
            let worth = &mut worth[..n];
            worth.iter_mut().zip(&before).for_each(|(w, before)| *w = before + lasting);
            for (share, ms) in &self.words[i].inside {
                let meets = times.worths(low + (share * steps as f32).round() as usize, *ms, n);
                worth.iter_mut().zip(meets).for_each(|(w, meets)| *w += INSIDE * meets);
            }
            let end = (low + steps).min(bounds);
            let ends = column.worth[end..][..n].iter_mut().zip(&mut column.from[end..][..n]);
            let heard = worth.iter().zip(&self.loud[end..][..n]);
            for ((start, (best, from)), (worth, loud)) in (low..).zip(ends).zip(heard) {
                let worth = worth + loud;
                let better = worth > *best;
                *best = if better { worth } else { *best };
                *from = if better { start as u32 } else { *from };
            }
        }
        column
    }

    /// The next word starts, after a pause or none, `ends` being worth what they are.
    fn pause(&self, then: Then, ends: &[f32]) -> Column {
        let cost = if then == Then::Mark { 0.0 } else { PAUSE };
        let mut column = Column { worth: ends.to_vec(), from: (0..ends.len() as u32).collect() };
        // The best end so far, if nobody speaks in between and if somebody does.
        let (mut silent, mut spoken) = ((IMPOSSIBLE, 0), (IMPOSSIBLE, 0));
        for bound in 1..ends.len() {
            let end = ends[bound - 1] - cost;
            if end > silent.0 {
                silent = (end, bound as u32 - 1);
            }
            let end = end - UNWRITTEN - self.unwritten[bound - 1];
            if end > spoken.0 {
                spoken = (end, bound as u32 - 1);
            }
            silent.0 -= PAUSE_STEP;
            spoken.0 -= PAUSE_STEP;
            for (worth, end) in [silent, (spoken.0 + self.unwritten[bound], spoken.1)] {
                if worth > column.worth[bound] {
                    (column.worth[bound], column.from[bound]) = (worth, end);
                }
            }
        }
        column
    }
}

/// What the recogniser's times say once moved by the lag.
struct Times {
    last: usize,
    lag: f32,
    /// What each distance from a time is worth, in steps; that of none stands at `last`.
    worth: Vec<f32>,
}

impl Times {
    fn new(last: usize, lag: f32) -> Self {
        let worth = |i: usize| {
            let ms = (i as f32 - last as f32) * STEP_MS as f32;
            let scale = if ms > 0.0 { LATER_MS } else { EARLIER_MS };
            -(1.0 + (ms / scale).powi(2)).ln()
        };
        Self { last, lag, worth: (0..=2 * last).map(worth).collect() }
    }

    /// The bound that the recogniser means by `ms`.
    fn bound(&self, ms: u64) -> usize {
        (((ms as f32 + self.lag) / STEP_MS as f32).max(0.0) as usize).min(self.last)
    }

    /// What it is worth that something is at `bound` of which the recogniser says `ms`.
    fn worth(&self, bound: usize, ms: u64) -> f32 {
        self.worth[bound + self.last - self.bound(ms)]
    }

    /// The same for `n` bounds from `bound` on; fewer where the window ends.
    fn worths(&self, bound: usize, ms: u64, n: usize) -> &[f32] {
        let from = (bound + self.last - self.bound(ms)).min(self.worth.len());
        &self.worth[from..(from + n).min(self.worth.len())]
    }

    /// The bounds at which a word may start of which the recogniser says `ms`, after what is
    /// written before it; all where it says nothing.
    fn reach(&self, ms: Option<u64>, before: Then) -> RangeInclusive<usize> {
        let Some(ms) = ms else { return 0..=self.last };
        let (middle, reach) = (self.bound(ms), (REACH_MS / STEP_MS) as usize);
        let latest = if before == Then::Mark { self.last } else { middle + reach };
        middle.saturating_sub(reach)..=latest.min(self.last)
    }
}

/// Sound of less than this energy (-90 dBFS) is all alike: digital silence.
const SILENCE: f32 = 1e-9;
/// The louder steps of a window are speech: this quantile of the levels is its level.
const SPEECH_QUANTILE: f32 = 0.85;
/// Every window has some steps without speech (it is cut in pauses): this quantile is the room.
const ROOM_QUANTILE: f32 = 0.03;
/// Speech is at most so many dB above what still counts as its part, however silent the room.
const RANGE_DB: f32 = 38.0;
/// Between room (0) and speech (1) on the scale of decibels, as likely the one as the other: below
/// the middle, since unvoiced consonants are soft.
const EVEN: f32 = 0.3;
/// So many dB beyond that point, all is said.
const CERTAIN_DB: f32 = 6.0;
/// What one step may say for or against speech, in nats. Steps that follow each other are not
/// independent, so this is less than a likelihood of one step alone.
const SAYS: f32 = 1.0;

/// For each step the evidence that somebody speaks in it: above zero for, below against.
pub fn evidence(samples: &[f32]) -> Vec<f32> {
    let levels = levels(samples);
    let mut sorted = levels.clone();
    sorted.sort_unstable_by(f32::total_cmp);
    let quantile = |q: f32| {
        sorted.get((sorted.len().saturating_sub(1) as f32 * q) as usize).copied().unwrap_or(0.0)
    };
    let speech = quantile(SPEECH_QUANTILE);
    let room = quantile(ROOM_QUANTILE).max(speech - RANGE_DB);
    let even = room + EVEN * (speech - room);
    levels.iter().map(|level| SAYS * ((level - even) / CERTAIN_DB).clamp(-1.0, 1.0)).collect()
}

/// The level of each step in dB, over twice its length. The sound's slope is measured, not the
/// sound: hum and rumble have little of it, the soft consonants much.
fn levels(samples: &[f32]) -> Vec<f32> {
    let half = STEP_SAMPLES / 2;
    let steps = samples.len().div_ceil(STEP_SAMPLES);
    let level = |step: usize| {
        let from = (step * STEP_SAMPLES).saturating_sub(half).max(1);
        let to = ((step + 1) * STEP_SAMPLES + half).min(samples.len());
        let slope = (from..to).map(|i| samples[i] - 0.9 * samples[i - 1]);
        let energy: f32 = slope.map(|d| d * d).sum();
        10.0 * (energy / to.saturating_sub(from).max(1) as f32 + SILENCE).log10()
    };
    (0..steps).map(level).collect()
}

/// Words are placed on a grid of this many milliseconds …
pub const STEP_MS: u64 = 10;
/// … which are so many samples.
pub const STEP_SAMPLES: usize = (STEP_MS * SAMPLE_RATE / 1000) as usize;
