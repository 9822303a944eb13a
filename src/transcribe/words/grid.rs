//! The grid on which words are placed.

use crate::transcribe::SAMPLE_RATE;

/// Words are placed on a grid of this many milliseconds …
pub const STEP_MS: u64 = 10;
/// … which are so many samples.
pub const STEP_SAMPLES: usize = (STEP_MS * SAMPLE_RATE / 1000) as usize;
