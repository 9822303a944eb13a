//! Where somebody speaks: 16 kHz mono samples to speech probabilities. Joins what the detector
//! says of each moment with what seconds of sound say; refuses to know where samples come from.

mod tones;
mod voice;

use std::collections::VecDeque;

use earshot::Detector;

pub use tones::{ACTIVE, FRAME, FRAME_MS, VoiceActivity};

use tones::Tones;
use voice::Voice;

/// A voice activity detector for one recording: feed it all samples in order.
///
/// earshot 1.2 (weights in the crate) looks at 48 ms that end with the frame, so that its answer
/// for a frame is about sound up to 32 ms earlier; and it lets go of speech slowly. It takes music
/// for speech, which [`Voice`] puts right; so answers come about five seconds late.
pub struct Vad {
    detector: Box<Detector>,
    tones: Tones,
    voice: Voice,
    pending: Vec<f32>,
    /// Of frames whose tones are not known yet.
    probabilities: VecDeque<f32>,
}

impl Default for Vad {
    fn default() -> Self {
        Self::new()
    }
}

impl Vad {
    /// A detector that has heard nothing yet.
    pub fn new() -> Self {
        Self {
            detector: Box::default(),
            tones: Tones::new(),
            voice: Voice::default(),
            pending: Vec::with_capacity(FRAME),
            probabilities: VecDeque::new(),
        }
    }

    /// Takes samples in -1..=1 and returns what the next frames are, as far as it is decided.
    pub fn push(&mut self, samples: &[f32]) -> Vec<VoiceActivity> {
        let mut rest = samples;
        while self.pending.len() + rest.len() >= FRAME {
            let (now, later) = rest.split_at(FRAME - self.pending.len());
            self.pending.extend_from_slice(now);
            self.listen();
            rest = later;
        }
        self.pending.extend_from_slice(rest);
        self.judge()
    }

    /// What the remaining frames are; silence completes the last one. The detector may then be
    /// used for another recording.
    pub fn finish(&mut self) -> Vec<VoiceActivity> {
        if !self.pending.is_empty() {
            self.pending.resize(FRAME, 0.0);
            self.listen();
        }
        self.tones.finish();
        let mut heard = self.judge();
        heard.extend(self.voice.finish());
        *self = Self::new();
        heard
    }

    fn listen(&mut self) {
        self.probabilities.push_back(self.detector.predict_f32(&self.pending));
        self.tones.push(&self.pending);
        self.pending.clear();
    }

    fn judge(&mut self) -> Vec<VoiceActivity> {
        let mut heard = Vec::new();
        while let Some(tone) = self.tones.next_tone() {
            // The detector is asked before the tones hear of a frame, so there is an answer.
            let speech = self.probabilities.pop_front().unwrap_or_default();
            heard.extend(self.voice.push(speech, &tone));
        }
        heard
    }
}

#[cfg(test)]
mod tests;
