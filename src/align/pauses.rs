//! What a pause says for a change of speaker, learnt from the meeting itself: rooms and recognisers
//! differ, so the pauses after plain hand-overs are compared with all others.

use super::evidence::Evidence;
use super::stream::Stream;

/// Upper ends of the bins, in milliseconds.
const BINS: [u64; 9] = [100, 200, 300, 420, 560, 800, 1200, 2000, u64::MAX];
/// Shares of the bins before anything is learnt: at changes of speaker, and elsewhere.
const AT_CHANGE: [f32; 9] = [0.12, 0.06, 0.06, 0.08, 0.10, 0.14, 0.16, 0.14, 0.14];
const ELSEWHERE: [f32; 9] = [0.40, 0.14, 0.11, 0.10, 0.08, 0.08, 0.05, 0.03, 0.01];
/// How many observations the shares above are worth.
const TRUST: f32 = 15.0;

/// Log-odds by bin.
pub(super) struct Pauses {
    odds: [f32; BINS.len()],
}

impl Pauses {
    /// Counts pauses after hand-overs that are plain by their words, and all others.
    pub fn learn(evidence: &Evidence) -> Self {
        let mut change = AT_CHANGE.map(|share| TRUST * share);
        let mut other = ELSEWHERE.map(|share| TRUST * share);
        for i in 1..evidence.stream.segments.len() {
            let bin = bin(pause(evidence.stream, i));
            let plain = evidence.offers[i].first().is_some_and(|o| o.1 >= 6.0);
            let quiet = evidence.chair[i] <= 0.0 && evidence.chair[i - 1] <= 0.0;
            if plain {
                change[bin] += 1.0;
            } else if quiet && evidence.offers[i].is_empty() {
                other[bin] += 1.0;
            }
        }
        let (all_change, all_other) = (change.iter().sum::<f32>(), other.iter().sum::<f32>());
        let mut odds = [0.0; BINS.len()];
        for (bin, odds) in odds.iter_mut().enumerate() {
            let ratio = (change[bin] / all_change) / (other[bin] / all_other);
            *odds = ratio.ln().clamp(-3.0, 3.0);
        }
        Self { odds }
    }

    /// Log-odds for a change of speaker at the start of segment `i`.
    pub fn odds(&self, stream: &Stream, i: usize) -> f32 {
        self.odds[bin(pause(stream, i))]
    }
}

fn pause(stream: &Stream, segment: usize) -> u64 {
    stream.tokens[stream.segments[segment].first].pause
}

fn bin(pause: u64) -> usize {
    BINS.iter().position(|end| pause < *end).unwrap_or(BINS.len() - 1)
}
