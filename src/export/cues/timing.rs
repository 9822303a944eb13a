//! When captions appear and vanish: with their words, long enough to be read, never two at once, never
//! where it is not public. Refuses to be further from the words than that takes.

use super::{CUE_MS, Cue, FASTEST, SHORTEST_MS};
use crate::domain::{MediaTime, Span};

/// Characters a second that everybody reads: so long a caption stands where nobody speaks behind it.
const EASY: u64 = 13;
/// A gap shorter than this between two captions flickers.
const FLICKER_MS: u64 = 500;
/// So much before its first word a caption may come where it would be gone too soon.
const EARLY_MS: u64 = 300;
/// So much behind its first word a caption may come where that before it is hard to read and it is not.
const LATE_MS: u64 = 250;

/// Makes the times of captions sound that lie in an open stretch, one after the other. As yet their times
/// are those of their words, whatever these may be.
pub fn settle(cues: &mut [Cue], open: Span) {
    begin(cues, open);
    for i in 0..cues.len() {
        let next = cues.get(i + 1).map_or(open.end(), |next| next.start);
        let cue = &mut cues[i];
        let readable = cue.start.plus_millis(cue.takes(EASY).max(SHORTEST_MS));
        let longest = cue.start.plus_millis(CUE_MS).min(next);
        cue.end = cue.end.max(readable).min(longest);
        if next.since(cue.end) < FLICKER_MS {
            cue.end = longest;
        }
    }
}

/// Sets when captions appear.
fn begin(cues: &mut [Cue], open: Span) {
    let n = cues.len() as u64;
    // Where more is said than has room, all share what there is.
    let least = (open.millis() / n.max(1)).clamp(1, SHORTEST_MS);
    let within = |t: MediaTime| t.max(open.start()).min(open.end());
    let said = |cues: &[Cue], i: usize| cues.get(i).map_or(open.end(), |cue| within(cue.start));
    // What comes behind needs its time too.
    let latest = |i: usize| open.end().minus_millis((n - i as u64) * least);
    let (mut free, mut spoken) = (open.start(), open.start());
    for i in 0..cues.len() {
        let next = said(cues, i + 1);
        let said_at = said(cues, i).max(free);
        let lacks = least.saturating_sub(next.since(said_at)).min(EARLY_MS);
        let early = said_at.minus_millis(lacks).max(free).max(spoken.min(said_at));
        let start = early.min(latest(i));
        let hurried = start.plus_millis(cues[i].takes(FASTEST)).since(next);
        let spare = cues.get(i + 1).map_or(0, |behind| {
            let window = said(cues, i + 2).since(next);
            window.saturating_sub(behind.takes(FASTEST).max(SHORTEST_MS))
        });
        free = start.plus_millis(least);
        if hurried > 0 {
            let late = next.plus_millis(hurried.min(spare).min(LATE_MS));
            free = free.max(late.min(latest(i + 1)));
        }
        spoken = within(cues[i].end).max(spoken);
        cues[i].start = start;
    }
}

impl Cue {
    /// Milliseconds that it takes to read so many characters a second.
    fn takes(&self, chars_a_second: u64) -> u64 {
        let chars: usize = self.lines.iter().map(|line| line.chars().count() + 1).sum();
        (chars as u64 * 1000).div_ceil(chars_a_second)
    }
}
