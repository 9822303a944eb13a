//! Where somebody speaks: 16 kHz mono samples to speech probabilities, and these to spans. Owns
//! the hysteresis between speech and silence; refuses to know where samples come from.

use earshot::Detector;

use crate::domain::{MediaTime, Span};

/// Samples of one frame at 16 kHz.
pub const FRAME: usize = 256;

/// Milliseconds of one frame.
pub const FRAME_MS: u64 = 16;

/// A voice activity detector for one recording: feed it all samples in order.
///
/// earshot 1.2 (weights in the crate) looks at 48 ms that end with the frame, so that its answer
/// for a frame is about sound up to 32 ms earlier; and it lets go of speech slowly.
pub struct Vad {
    detector: Box<Detector>,
    pending: Vec<f32>,
}

impl Default for Vad {
    fn default() -> Self {
        Self::new()
    }
}

impl Vad {
    /// A detector that has heard nothing yet.
    pub fn new() -> Self {
        Self { detector: Box::default(), pending: Vec::with_capacity(FRAME) }
    }

    /// Takes samples in -1..=1 and returns the probability of speech, 0..=1, of every frame they
    /// complete. Frame number n over all calls is the sound from [`frame_start`]`(n)` on.
    pub fn push(&mut self, samples: &[f32]) -> Vec<f32> {
        let mut probabilities = Vec::with_capacity(samples.len() / FRAME + 1);
        let mut rest = samples;
        while self.pending.len() + rest.len() >= FRAME {
            let (now, later) = rest.split_at(FRAME - self.pending.len());
            self.pending.extend_from_slice(now);
            probabilities.push(self.predict());
            rest = later;
        }
        self.pending.extend_from_slice(rest);
        probabilities
    }

    /// The probability of the last, incomplete frame, if there is one; the detector may then be
    /// used for another recording.
    pub fn finish(&mut self) -> Option<f32> {
        let last = (!self.pending.is_empty()).then(|| {
            self.pending.resize(FRAME, 0.0);
            self.predict()
        });
        self.detector.reset();
        last
    }

    fn predict(&mut self) -> f32 {
        let probability = self.detector.predict_f32(&self.pending);
        self.pending.clear();
        probability
    }
}

/// Where frame number `frame` starts.
pub const fn frame_start(frame: usize) -> MediaTime {
    MediaTime::from_millis(frame as u64 * FRAME_MS)
}

/// The frame that holds `t`.
pub const fn frame_at(t: MediaTime) -> usize {
    (t.millis() / FRAME_MS) as usize
}

/// How probabilities become spans.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// Speech begins with a frame at least this probable.
    pub enter: f32,
    /// Speech goes on while frames are at least this probable; not above `enter`.
    pub leave: f32,
    /// Shorter speech is a knock or a cough, in milliseconds.
    pub min_speech_ms: u64,
    /// Shorter silence is a pause inside of speech, in milliseconds.
    pub min_silence_ms: u64,
    /// Every span starts this much earlier, in milliseconds: soft consonants at the start of a
    /// word are not recognised as speech.
    pub lead_ms: u64,
    /// Every span ends this much later, in milliseconds. The detector itself lets go 100 ms
    /// (after a clear end) to 250 ms late.
    pub trail_ms: u64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            enter: 0.4,
            leave: 0.35,
            min_speech_ms: 160,
            min_silence_ms: 112,
            lead_ms: 96,
            trail_ms: 0,
        }
    }
}

/// The spans of speech in a recording whose frames have these probabilities: sorted, disjoint,
/// within the recording. First hysteresis (enter, leave), then short silences are closed, then
/// short speech is dropped, then all is padded; spans that touch become one.
pub fn speech_spans(probabilities: &[f32], thresholds: &Thresholds) -> Vec<Span> {
    let (lead, trail) = (thresholds.lead_ms, thresholds.trail_ms);
    let end = frame_start(probabilities.len());
    let mut runs = closed(voiced_runs(probabilities, thresholds), thresholds.min_silence_ms);
    runs.retain(|(from, to)| to.since(*from) >= thresholds.min_speech_ms);
    let padded = runs
        .into_iter()
        .map(|(from, to)| (from.minus_millis(lead), to.plus_millis(trail).min(end)));
    closed(padded.collect(), 1).into_iter().filter_map(|(from, to)| Span::new(from, to)).collect()
}

/// Runs of frames between entering and leaving speech, as start and end.
fn voiced_runs(probabilities: &[f32], thresholds: &Thresholds) -> Vec<(MediaTime, MediaTime)> {
    let mut runs = Vec::new();
    let mut start = None;
    for (frame, &probability) in probabilities.iter().enumerate() {
        match start {
            None if probability >= thresholds.enter => start = Some(frame),
            Some(first) if probability < thresholds.leave => {
                runs.push((frame_start(first), frame_start(frame)));
                start = None;
            }
            _ => {}
        }
    }
    if let Some(first) = start {
        runs.push((frame_start(first), frame_start(probabilities.len())));
    }
    runs
}

/// Joins neighbours with less than `min_gap_ms` between them.
fn closed(runs: Vec<(MediaTime, MediaTime)>, min_gap_ms: u64) -> Vec<(MediaTime, MediaTime)> {
    let mut joined: Vec<(MediaTime, MediaTime)> = Vec::with_capacity(runs.len());
    for (from, to) in runs {
        match joined.last_mut() {
            Some(last) if from.since(last.1) < min_gap_ms => last.1 = last.1.max(to),
            _ => joined.push((from, to)),
        }
    }
    joined
}

#[cfg(test)]
mod tests;
