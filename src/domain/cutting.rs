//! How a recording is cut into windows for the recogniser: the thresholds, and their defaults.

use serde::{Deserialize, Serialize};

/// Thresholds of the cutter, to be set in `mitschnitt.toml` under `[windows]`. They decide the
/// text, so changing one makes transcripts anew.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cutting {
    /// A frame of 16 ms counts as speech from this probability on (0..=1) …
    pub speech: f32,
    /// … and as a pause below this one; not above `speech`.
    pub pause: f32,
    /// Sound kept around speech, in milliseconds: the detector notices onsets late.
    pub padding_ms: u32,
    /// A pause in which one may cut lasts at least this long, in milliseconds.
    pub shortest_pause_ms: u32,
    /// A pause beyond this length, in milliseconds, is no better to cut in than a shorter one.
    pub ample_pause_ms: u32,
    /// A pause of this length always ends a window, in milliseconds; 0: an eighth of the longest
    /// window (3.75 s of 30 s), but at least 0.75 s, because a new thought begins there.
    pub splitting_pause_ms: u32,
    /// The longest window, in milliseconds; 0, or more than Whisper takes: what Whisper takes.
    pub longest_ms: u32,
}

impl Default for Cutting {
    fn default() -> Self {
        Self {
            speech: 0.5,
            pause: 0.35,
            padding_ms: 160,
            shortest_pause_ms: 112,
            ample_pause_ms: 480,
            splitting_pause_ms: 0,
            longest_ms: 0,
        }
    }
}

impl Cutting {
    /// What is wrong with these thresholds, if anything, in words for the operator.
    pub fn complaint(&self) -> Option<&'static str> {
        let Self { speech, pause, padding_ms, shortest_pause_ms, .. } = *self;
        if !(0.0..=1.0).contains(&speech) || !(0.0..=speech).contains(&pause) {
            return Some("speech und pause liegen zwischen 0 und 1, pause nicht über speech");
        }
        if padding_ms > 1000 || !(16..=2000).contains(&shortest_pause_ms) {
            return Some("padding_ms ist höchstens 1000, shortest_pause_ms 16 bis 2000");
        }
        (1..2000).contains(&self.longest_ms).then_some("longest_ms ist 0 oder mindestens 2000")
    }
}
