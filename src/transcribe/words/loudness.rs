//! Where a window is loud enough to be speech, on the grid of 10 ms on which words are placed: what the
//! voice activity detector, which lets go of speech 100 to 250 ms late, cannot say. Knows nothing of words.

use crate::transcribe::SAMPLE_RATE;

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
