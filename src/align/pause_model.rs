//! What pauses say of a change of speaker: how long they are, and how rare in this meeting, since rooms and
//! recognisers differ; and whether the text has sentences. Decides nothing.

use super::stream::{SpeechSegment, WordStream};

/// How many pauses of other meetings count beside those of this one, and how long they are on average (ms).
const KNOWN_PAUSES: f32 = 100.0;
const MEAN_PAUSE: f32 = 300.0;
/// Longer pauses say no more than this, in milliseconds.
const LONGEST_PAUSE: u64 = 1500;

/// How long pauses are, and how rare in this meeting: rooms and recognisers differ.
pub(super) struct PauseModel {
    /// In order.
    lengths: Vec<u64>,
    /// Whether most segments end as sentences, so that one which does not says something.
    pub punctuated: bool,
}

impl PauseModel {
    pub fn new(stream: &WordStream) -> Self {
        let mut lengths: Vec<u64> = (0..stream.segments.len()).map(|i| pause(stream, i)).collect();
        lengths.sort_unstable();
        let ends = |s: &&SpeechSegment| stream.tokens[s.end - 1].ends_sentence();
        let ended = stream.segments.iter().filter(ends).count();
        Self { lengths, punctuated: 2 * ended >= stream.segments.len() }
    }

    /// Seconds of the pause before segment `i`, and the logarithm of how few are as long.
    pub fn at(&self, stream: &WordStream, i: usize) -> (f32, f32) {
        let length = pause(stream, i);
        let shorter = self.lengths.partition_point(|l| *l < length);
        // Of few pauses many may be between speakers: then those of other meetings count as well.
        let elsewhere = KNOWN_PAUSES * (-(length as f32) / MEAN_PAUSE).exp();
        let share = ((self.lengths.len() - shorter) as f32 + elsewhere)
            / (self.lengths.len() as f32 + KNOWN_PAUSES);
        (length as f32 / 1000.0, -share.ln().max(-4.0))
    }
}

fn pause(stream: &WordStream, segment: usize) -> u64 {
    stream.tokens[stream.segments[segment].first].pause.min(LONGEST_PAUSE)
}
