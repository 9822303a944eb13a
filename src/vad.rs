//! Temporary.
#![allow(missing_docs)]
pub const FRAME_SAMPLES: usize = 256;
pub struct Vad { detector: earshot::Detector, rest: Vec<f32> }
impl Vad {
    pub fn new() -> Self { Self { detector: earshot::Detector::default(), rest: Vec::new() } }
    pub fn push(&mut self, samples: &[f32]) -> Vec<f32> {
        self.rest.extend_from_slice(samples);
        let n = self.rest.len() / 256;
        let out = self.rest.chunks_exact(256).map(|f| self.detector.predict_f32(f)).collect();
        self.rest.drain(..n * 256);
        out
    }
}
