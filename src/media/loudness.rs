//! The course of a recording's loudness, by which two files are found to be the same sound at the
//! same time. Owns the measure and what counts as alike; refuses to know what is said.

use std::path::Path;

use super::child::Decoder;
use super::info::SAMPLE_RATE;
use super::stream::open;
use super::timeline::Mask;
use crate::domain::{MediaTime, PublicSpans, Result, SoundChoice};

/// Milliseconds of one value.
const STEP_MS: u64 = 100;

/// Samples of one value.
const STEP: usize = (SAMPLE_RATE as u64 * STEP_MS / 1000) as usize;

/// Values below, in dB of full scale, are silence: dither, and what encoders leave of nothing.
const SILENCE_DB: f32 = -70.0;

/// Decibels below the loud parts at which a room's noise begins, which encoders change at will.
const RANGE_DB: f32 = 35.0;

/// How many of the values are loud: one in so many.
const LOUD_ONE_IN: usize = 20;

/// Values on either side of which the mean is taken away: what is left are syllables and words,
/// not how loud a speaker is.
const AROUND: usize = 10;

/// Values compared at once: 30 s.
const STRETCH: usize = 300;

/// Loudness moves at least so much, in dB, where somebody speaks.
const LIVELY_DB: f32 = 3.0;

/// Stretches correlate at least so much where they are the same sound. Measured on the demo meeting
/// (see the tests): re-encoded sound stays above 0.9, other sound below 0.4.
const ALIKE: f32 = 0.75;

/// Decibels by which stretches without speech may differ.
const ABOUT_DB: f32 = 12.0;

/// Of so many stretches one may differ, but no two in a row (they overlap by half).
const ODD_ONE_IN: usize = 20;

/// Values by which two files of the same meeting may lie apart: 300 ms.
const REACH: usize = 3;

/// Values by which two files of the same meeting may differ in length: 1 s, exclusively.
const LENGTH: usize = 10;

/// Milliseconds left out at the edges of public parts, where files are cut differently.
const EDGE_MS: u64 = 500;

/// The course of loudness: a value for each 100 ms, the last one where half of it is there.
///
/// A value is the root mean square in half decibels above −96 dB of full scale: 0 is digital
/// silence (or less than that), 192 the loudest square wave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loudness(Vec<u8>);

impl Loudness {
    /// Listens to what is public of a file; the rest is silence, and what lies behind the last
    /// public span is left out.
    ///
    /// # Errors
    /// Those of [`open`] and [`super::AudioStream::next_block`].
    pub fn of(
        path: &Path,
        public: &PublicSpans,
        sound: &SoundChoice,
        decoder: &Decoder,
    ) -> Result<Self> {
        let mut stream = open(path, public, sound, decoder)?;
        let (mut course, mut rest) = (Vec::new(), Vec::new());
        while let Some(block) = stream.next_block()? {
            rest.extend(block);
            let (steps, left) = rest.as_chunks::<STEP>();
            course.extend(steps.iter().map(|s| value(s)));
            rest = left.to_vec();
        }
        if rest.len() >= STEP / 2 {
            course.push(value(&rest));
        }
        Ok(Self(course))
    }

    /// A course that was stored.
    pub fn from_bytes(values: Vec<u8>) -> Self {
        Self(values)
    }

    /// For storing.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The length of the sound, to 100 ms.
    pub fn length(&self) -> MediaTime {
        MediaTime::from_millis(self.0.len() as u64 * STEP_MS)
    }

    /// Whether both are the same sound on the same clock, as far as it lies in `within`: encoded
    /// anew, louder or softer, up to 300 ms earlier or later, and up to a second longer.
    pub fn matches(&self, other: &Self, within: &PublicSpans) -> bool {
        self.agrees(other, within, REACH)
    }

    /// As [`Self::matches`], and not moved.
    pub(super) fn is_in_step(&self, other: &Self, within: &PublicSpans) -> bool {
        self.agrees(other, within, 1)
    }

    /// Whether there is nothing to hear where it is not public. One step beside the public is left
    /// out: encoders smear sound over some ten milliseconds.
    pub(super) fn is_silent_outside(&self, public: &PublicSpans) -> bool {
        let mask = Mask::new(public);
        let hears = |n: usize| {
            let (from, to) = (n.saturating_sub(1) as f64, (n + 2) as f64);
            mask.touches(from * STEP_MS as f64 / 1e3, to * STEP_MS as f64 / 1e3)
        };
        self.0.iter().enumerate().all(|(n, v)| decibels(*v) < SILENCE_DB + 10.0 || hears(n))
    }

    fn agrees(&self, other: &Self, within: &PublicSpans, reach: usize) -> bool {
        let end = within.within(MediaTime::from_millis(u64::MAX)).last().map(|s| s.end());
        let end = end.map_or(0, |e| e.millis().div_ceil(STEP_MS)) as usize;
        let (ours, theirs) = (self.0.len().min(end), other.0.len().min(end));
        if ours.abs_diff(theirs) >= LENGTH {
            return false;
        }
        let compared = compared(within, ours.max(theirs));
        let (ours, theirs) = (relative(&self.0, &compared), relative(&other.0, &compared));
        let reach = reach as isize;
        (-reach..=reach).any(|lag| is_same(&ours, &theirs, &compared, lag))
    }
}

fn value(samples: &[f32]) -> u8 {
    let square = samples.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / samples.len() as f64;
    // The cast saturates, also for the logarithm of zero.
    ((10.0 * square.log10() + 96.0) * 2.0).round() as u8
}

fn decibels(value: u8) -> f32 {
    f32::from(value) / 2.0 - 96.0
}

/// Which of the first `count` values lie inside of `within`, away from its edges.
fn compared(within: &PublicSpans, count: usize) -> Vec<bool> {
    let mut inside = vec![false; count];
    for span in within.within(MediaTime::from_millis(u64::MAX)) {
        let is_start = span.start().millis() == 0;
        let from = if is_start { 0 } else { span.start().millis().saturating_add(EDGE_MS) };
        let to = span.end().millis().saturating_sub(EDGE_MS) / STEP_MS;
        let index = |n: u64| n.min(count as u64) as usize;
        let (from, to) = (index(from.div_ceil(STEP_MS)), index(to));
        inside[from.min(to)..to].fill(true);
    }
    inside
}

/// Decibels below the loud parts of what is compared; where nothing is loud, all is equally soft.
fn relative(course: &[u8], compared: &[bool]) -> Vec<f32> {
    let seen = course.iter().zip(compared).filter(|(_, inside)| **inside);
    let mut loud: Vec<f32> = seen.map(|(v, _)| decibels(*v)).filter(|d| *d > SILENCE_DB).collect();
    loud.sort_by(f32::total_cmp);
    let Some(top) = loud.get(loud.len().saturating_sub(1 + loud.len() / LOUD_ONE_IN)) else {
        return vec![-RANGE_DB; course.len()];
    };
    let floor = (top - RANGE_DB).max(SILENCE_DB);
    course.iter().map(|v| (decibels(*v).max(floor) - top).max(-RANGE_DB)).collect()
}

/// Whether the courses are alike throughout when one is moved by `lag` values.
fn is_same(ours: &[f32], theirs: &[f32], compared: &[bool], lag: isize) -> bool {
    let (mut a, mut b, mut at) = (Vec::new(), Vec::new(), Vec::new());
    let inside = |n: usize| compared.get(n).is_some_and(|c| *c);
    for (n, value) in ours.iter().enumerate().filter(|(n, _)| inside(*n)) {
        let moved = n.checked_add_signed(lag).filter(|m| inside(*m));
        if let Some(moved) = moved.and_then(|m| theirs.get(m)) {
            a.push(*value);
            b.push(*moved);
            at.push(n);
        }
    }
    let (syllables_a, syllables_b) = (syllables(&a, &at), syllables(&b, &at));
    let mut odd = Vec::new();
    for stretch in stretches(a.len()) {
        let (from, to) = stretch;
        let likeness = likeness(&syllables_a[from..to], &syllables_b[from..to]);
        odd.push(match likeness {
            Some(likeness) => likeness < ALIKE,
            None => (mean(&a[from..to]) - mean(&b[from..to])).abs() > ABOUT_DB,
        });
    }
    let count = odd.iter().filter(|o| **o).count();
    count * ODD_ONE_IN <= odd.len() && !odd.windows(2).any(|pair| pair[0] && pair[1])
}

/// Ranges of `count` values that overlap by half; the last one ends with them.
fn stretches(count: usize) -> Vec<(usize, usize)> {
    if count <= STRETCH {
        return if count == 0 { Vec::new() } else { vec![(0, count)] };
    }
    let last = count - STRETCH;
    let starts = (0..last).step_by(STRETCH / 2).chain([last]);
    starts.map(|from| (from, from + STRETCH)).collect()
}

/// How alike two stretches are, from −1 to 1; `None` where nobody speaks in either.
fn likeness(a: &[f32], b: &[f32]) -> Option<f32> {
    let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
    let (energy_a, energy_b) = (product(a, a), product(b, b));
    let lively = LIVELY_DB * LIVELY_DB * a.len() as f32;
    let both = (energy_a * energy_b).sqrt();
    (energy_a.max(energy_b) >= lively).then(|| product(a, b) / both.max(f32::MIN_POSITIVE))
}

/// What moves as syllables and words do: smoothed over three values, less the mean of two seconds.
/// Values lie at the places `at`; others than those are no neighbours.
fn syllables(values: &[f32], at: &[usize]) -> Vec<f32> {
    let smooth = local_means(values, at, 1);
    let slow = local_means(values, at, AROUND);
    smooth.iter().zip(&slow).map(|(s, m)| s - m).collect()
}

/// The means of the values up to `reach` places away.
fn local_means(values: &[f32], at: &[usize], reach: usize) -> Vec<f32> {
    let (mut from, mut to) = (0, 0);
    let mut means = Vec::with_capacity(values.len());
    for place in at {
        while at[from] + reach < *place {
            from += 1;
        }
        while at.get(to).is_some_and(|t| *t <= place + reach) {
            to += 1;
        }
        means.push(mean(&values[from..to]));
    }
    means
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len().max(1) as f32
}

#[cfg(test)]
mod tests;
