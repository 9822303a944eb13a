//! The frame: the step in which sound is judged, and what one is taken for.

/// Samples of one frame at 16 kHz.
pub const FRAME: usize = 256;

/// Milliseconds of one frame.
pub const FRAME_MS: u64 = 16;

/// A frame of at least this probability may hold a word, whatever thresholds the cutter is given;
/// only such frames are judged by what is around them.
pub const ACTIVE: f32 = 0.35;

/// What one frame of sound is taken for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VoiceActivity {
    /// Probability of speech, 0..=1.
    pub speech: f32,
    /// The detector takes it for speech, but no voice moves in the seconds around it: music,
    /// applause. `speech` is 0 then.
    pub voiceless: bool,
}
