//! The form of all sound in this program: 16 kHz mono `f32`, no louder than full scale.

/// Samples per second of all sound in this program.
pub const SAMPLE_RATE: u32 = 16_000;

/// What is no number, or louder than full scale, is damage.
pub(super) fn sane(sample: f32) -> f32 {
    if sample.is_nan() { 0.0 } else { sample.clamp(-1.0, 1.0) }
}
