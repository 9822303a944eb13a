//! What is heard at once, frame by frame: the pitch, and the partial tones that stand out of the spectrum.
//! Owns the signal processing and what a frame is; refuses to judge whether that is a voice.

use std::collections::VecDeque;
use std::f32::consts::PI;
use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

/// Voices and tunes are told apart below 2 kHz, where one sample in four is enough: 4 kHz.
const STEP: usize = 4;
/// Samples of a frame at 4 kHz.
const SHORT_FRAME: usize = FRAME / STEP;
/// The band that is looked at, in Hz: below half of 4 kHz, and less of what lies below a voice. The
/// filter is short: it takes 4 dB off hum and offset, and 1 dB off 300 Hz.
const BAND: (f32, f32) = (90.0, 1800.0);
/// Coefficients of the band's filter.
const TAPS: usize = 64;
/// Samples at 4 kHz that are compared with themselves to find the pitch: 40 ms.
const COMPARED: usize = 160;
/// They start so many samples before their frame, so that the middle of both falls together.
const AHEAD: usize = 64;
/// Periods of a voice in samples at 4 kHz: 444 Hz down to 64 Hz.
const PERIODS: std::ops::RangeInclusive<usize> = 9..=62;
/// From this correlation on sound has a pitch.
const PITCHED: f32 = 0.5;
/// A shorter period as good as this share of the best one is the true one, not its multiple.
const NEAR_BEST: f32 = 0.92;
/// Samples at 4 kHz of one spectrum: 128 ms, bins of 7.8 Hz.
const SPECTRUM: usize = 512;
/// The bins within the band.
const BINS: std::ops::Range<usize> = 10..236;
/// A partial tone stands out of so many bins to either side …
const AROUND: usize = 10;
/// … by this factor, as a natural logarithm.
const STANDS_OUT: f32 = 1.0;
/// What is added to every amplitude, so that silence has no tones.
const FLOOR: f32 = 1e-4;

/// Mean square that is added to every frame's, so that silence has a level: that of −90 dB.
const QUIET: f32 = 1e-9;

/// What one frame sounds like.
#[derive(Clone, Debug, PartialEq)]
pub struct Tone {
    /// Mean square of its sound between 90 and 1800 Hz, never 0.
    pub power: f32,
    /// Its pitch in semitones above 1 Hz, if it has one.
    pub pitch: Option<f32>,
    /// Partial tones: their bin, and by how much they stand out.
    pub partials: Vec<(usize, f32)>,
}

/// Number of bins a partial tone may lie in.
pub const N_BINS: usize = BINS.end - BINS.start;

/// Turns samples at 16 kHz into one tone per frame, 80 ms later.
pub struct Tones {
    taps: [f32; TAPS],
    window: [f32; SPECTRUM],
    fourier: Arc<dyn RealToComplex<f32>>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    /// Samples at 16 kHz that the filter still needs.
    raw: VecDeque<f32>,
    /// Filtered samples at 4 kHz, from half a spectrum before the next frame's middle on.
    low: VecDeque<f32>,
    frames_in: usize,
    frames_out: usize,
}

/// Samples at 4 kHz from the first of `low` to the start of the next frame.
const BEFORE: usize = SPECTRUM / 2 - SHORT_FRAME / 2;

impl Tones {
    /// For a recording from its start on.
    pub fn new() -> Self {
        let fourier = RealFftPlanner::new().plan_fft_forward(SPECTRUM);
        let angle = |n: usize| 2.0 * PI * n as f32 / (SPECTRUM - 1) as f32;
        Self {
            taps: band_filter(),
            window: std::array::from_fn(|n| 0.5 - 0.5 * angle(n).cos()),
            spectrum: fourier.make_output_vec(),
            scratch: fourier.make_scratch_vec(),
            fourier,
            raw: VecDeque::from(vec![0.0; TAPS / 2]),
            low: VecDeque::from(vec![0.0; BEFORE]),
            frames_in: 0,
            frames_out: 0,
        }
    }

    /// Takes the samples of one frame at 16 kHz.
    pub fn push(&mut self, frame: &[f32]) {
        self.raw.extend(frame);
        self.frames_in += 1;
        self.filter();
    }

    /// Says that nothing follows.
    pub fn finish(&mut self) {
        self.raw.extend([0.0; TAPS]);
        self.filter();
        self.low.resize(self.low.len() + SPECTRUM, 0.0);
    }

    /// The tone of the next frame, as soon as enough is heard of what follows it.
    pub fn next_tone(&mut self) -> Option<Tone> {
        if self.frames_out == self.frames_in || self.low.len() < SPECTRUM {
            return None;
        }
        self.frames_out += 1;
        let low = &self.low.make_contiguous()[..SPECTRUM];
        let pitch = pitch(&low[BEFORE - AHEAD..]);
        let frame = &low[BEFORE..BEFORE + SHORT_FRAME];
        let square = frame.iter().map(|s| s * s).sum::<f32>() / SHORT_FRAME as f32;
        let power = square + QUIET;
        let mut samples: Vec<f32> = low.iter().zip(&self.window).map(|(s, w)| s * w).collect();
        // The lengths of all buffers come from the plan itself.
        let _ =
            self.fourier.process_with_scratch(&mut samples, &mut self.spectrum, &mut self.scratch);
        self.low.drain(..SHORT_FRAME);
        Some(Tone { power, pitch, partials: partials(&self.spectrum[BINS]) })
    }

    fn filter(&mut self) {
        let raw = self.raw.make_contiguous();
        let n = (raw.len() + STEP).saturating_sub(TAPS) / STEP;
        self.low.extend((0..n).map(|i| dot(&raw[i * STEP..], &self.taps)));
        self.raw.drain(..n * STEP);
    }
}

/// A windowed-sinc band pass (Hamming window) at 16 kHz.
fn band_filter() -> [f32; TAPS] {
    let sinc = |hz: f32, x: f32| (2.0 * PI * hz / 16_000.0 * x).sin() / (PI * x);
    std::array::from_fn(|n| {
        let x = n as f32 - (TAPS - 1) as f32 / 2.0;
        let window = 0.54 - 0.46 * (2.0 * PI * n as f32 / (TAPS - 1) as f32).cos();
        (sinc(BAND.1, x) - sinc(BAND.0, x)) * window
    })
}

/// Sum of products over the length of `b`, in eight lanes.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0; 8];
    for (a, b) in a[..b.len()].chunks_exact(8).zip(b.chunks_exact(8)) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += a * b;
        }
    }
    lanes.iter().sum()
}

/// The pitch of the first samples in semitones, by normalised cross-correlation with what follows.
fn pitch(low: &[f32]) -> Option<f32> {
    // An offset would be like itself at any period.
    let low = &low[..COMPARED + PERIODS.end() + 2];
    let mean = low.iter().sum::<f32>() / low.len() as f32;
    let low: Vec<f32> = low.iter().map(|s| s - mean).collect();
    let here = &low[..COMPARED];
    let energy = dot(here, here);
    let (first, last) = (*PERIODS.start() - 1, *PERIODS.end() + 1);
    let mut there = dot(&low[first..], &low[first..first + COMPARED]);
    let mut likeness = [0.0f32; 64];
    for period in first..=last {
        likeness[period] = dot(&low[period..], here) / (energy * there + 1e-9).sqrt();
        there += low[period + COMPARED].powi(2) - low[period].powi(2);
        there = there.max(0.0);
    }
    let peaks = || {
        let top = |p: &usize| likeness[*p] >= likeness[p - 1] && likeness[*p] >= likeness[p + 1];
        PERIODS.filter(top)
    };
    let best = peaks().map(|p| likeness[p]).fold(0.0, f32::max);
    let period = peaks().find(|p| likeness[*p] >= NEAR_BEST * best)?;
    if likeness[period] <= PITCHED {
        return None;
    }
    // The top of the parabola through three points lies between whole samples.
    let (left, top, right) = (likeness[period - 1], likeness[period], likeness[period + 1]);
    let shift = 0.5 * (left - right) / (left - 2.0 * top + right - 1e-9);
    let exact = period as f32 + shift.clamp(-0.5, 0.5);
    Some(12.0 * (16_000.0 / STEP as f32 / exact).log2())
}

/// The peaks that stand out of a spectrum.
fn partials(spectrum: &[Complex<f32>]) -> Vec<(usize, f32)> {
    let level: Vec<f32> = spectrum.iter().map(|c| (c.norm() + FLOOR).ln()).collect();
    let n = level.len();
    let at = |i: isize| level[i.clamp(0, n as isize - 1) as usize];
    let around = AROUND as isize;
    let mut sum: f32 = (-around..=around).map(at).sum();
    let mut above = Vec::with_capacity(n);
    for i in 0..n as isize {
        above.push(at(i) - sum / (2 * AROUND + 1) as f32);
        sum += at(i + around + 1) - at(i - around);
    }
    let peak =
        |i: &usize| above[*i] > STANDS_OUT && above[*i] > above[i - 1] && above[*i] >= above[i + 1];
    (1..n - 1).filter(peak).map(|i| (i, above[i])).collect()
}

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
