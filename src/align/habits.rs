//! What pauses and closing words say for a change of speaker, learnt from the meeting itself:
//! rooms, recognisers and councils differ, so what happens where the words make a change plain is
//! compared with what happens elsewhere.

use super::evidence::Evidence;
use super::lexicon::FormulaKind;
use super::stream::WordStream;

/// Upper ends of the bins of pauses, in milliseconds.
const BINS: [u64; 9] = [100, 200, 300, 420, 560, 800, 1200, 2000, u64::MAX];
/// Shares of the bins before anything is learnt: at changes of speaker, and elsewhere.
const AT_CHANGE: [f32; 9] = [0.12, 0.06, 0.06, 0.08, 0.10, 0.14, 0.16, 0.14, 0.14];
const ELSEWHERE: [f32; 9] = [0.40, 0.14, 0.11, 0.10, 0.08, 0.08, 0.05, 0.03, 0.01];
/// Shares of closing words (thanks for the attention) before anything is learnt.
const CLOSED_AT_CHANGE: f32 = 0.25;
const CLOSED_ELSEWHERE: f32 = 0.02;
/// How many observations the shares above are worth.
const TRUST: f32 = 15.0;
/// No single habit is worth more than this.
const MOST: f32 = 3.0;

/// Log-odds for a change, by pause and by closing words.
pub(super) struct Habits {
    pauses: [f32; BINS.len()],
    closed: f32,
    open: f32,
}

impl Habits {
    /// Counts what precedes changes that are plain by their words, and everything else.
    pub fn learn(evidence: &Evidence) -> Self {
        let mut change = AT_CHANGE.map(|share| TRUST * share);
        let mut other = ELSEWHERE.map(|share| TRUST * share);
        let mut closed = [TRUST * CLOSED_AT_CHANGE, TRUST * CLOSED_ELSEWHERE];
        let mut all = [TRUST, TRUST];
        for i in 1..evidence.stream.segments.len() {
            let bin = bin(pause(evidence.stream, i));
            let quiet = evidence.chair[i] <= 0.0 && evidence.chair[i - 1] <= 0.0;
            let handed = evidence.offers[i].first().is_some_and(|o| o.1 >= 6.0);
            let taken = evidence.chair[i] >= 2.0 && evidence.chair[i - 1] < 1.0 && !handed;
            if handed {
                change[bin] += 1.0;
            } else if quiet && evidence.offers[i].is_empty() {
                other[bin] += 1.0;
            }
            if taken || quiet {
                let kind = usize::from(quiet);
                all[kind] += 1.0;
                closed[kind] += if closes(evidence, i - 1) { 1.0 } else { 0.0 };
            }
        }
        let (all_change, all_other) = (change.iter().sum::<f32>(), other.iter().sum::<f32>());
        let mut pauses = [0.0; BINS.len()];
        for (bin, odds) in pauses.iter_mut().enumerate() {
            let ratio = (change[bin] / all_change) / (other[bin] / all_other);
            *odds = ratio.ln().clamp(-MOST, MOST);
        }
        let (yes, no) = (closed[0] / all[0], closed[1] / all[1]);
        let odds = |a: f32, b: f32| (a / b).ln().clamp(-MOST, MOST);
        Self { pauses, closed: odds(yes, no), open: odds(1.0 - yes, 1.0 - no) }
    }

    /// Log-odds of the pause before segment `i` for a change of speaker.
    pub fn pause(&self, stream: &WordStream, i: usize) -> f32 {
        self.pauses[bin(pause(stream, i))]
    }

    /// Log-odds of the words before segment `i` for the end of a speech.
    pub fn ending(&self, evidence: &Evidence, i: usize) -> f32 {
        if closes(evidence, i - 1) { self.closed } else { self.open }
    }
}

/// Whether a segment ends as speeches end: with thanks.
fn closes(evidence: &Evidence, segment: usize) -> bool {
    let segment = evidence.stream.segments[segment];
    let from = evidence.hits.partition_point(|h| h.first < segment.first);
    evidence.hits[from..].iter().take_while(|h| h.first < segment.end).any(|h| {
        let thanks =
            h.kind == FormulaKind::Thanks || h.kind == FormulaKind::Member && h.weight >= 3.0;
        thanks && h.end + 5 >= segment.end
    })
}

fn pause(stream: &WordStream, segment: usize) -> u64 {
    stream.tokens[stream.segments[segment].first].pause
}

fn bin(pause: u64) -> usize {
    BINS.iter().position(|end| pause < *end).unwrap_or(BINS.len() - 1)
}
