//! From the source's sample rate to 16 kHz, without moving anything in time. Owns the filter's
//! delay and its tail; refuses more than one channel.

use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{Fft, FixedSync, Indexing, Resampler as _, WindowFunction};

use super::samples::SAMPLE_RATE;

/// Samples per filter block: at 48 kHz 21 ms, long enough for a steep filter below 8 kHz.
const CHUNK: usize = 1024;

/// Rates outside are no sound of a meeting but a damaged header.
const RATES: std::ops::RangeInclusive<u32> = 2_000..=768_000;

/// A streaming resampler of one channel.
pub(super) struct Resampler {
    rate: u32,
    fft: Option<Fft<f32>>,
    pending: Vec<f32>,
    out: Vec<f32>,
    /// Output samples still to be thrown away: the filter's delay.
    delay: usize,
    taken: u64,
    given: u64,
}

impl Resampler {
    /// From `rate` Hz; an error names a rate that cannot be.
    pub(super) fn new(rate: u32) -> Result<Self, String> {
        if !RATES.contains(&rate) {
            return Err(format!("Abtastrate {rate} Hz"));
        }
        let fft = (rate != SAMPLE_RATE)
            .then(|| {
                let (from, to) = (rate as usize, SAMPLE_RATE as usize);
                let window = WindowFunction::BlackmanHarris2;
                Fft::new_custom(from, to, CHUNK, 1, 1, window, FixedSync::Input)
            })
            .transpose()
            .map_err(|e| e.to_string())?;
        let delay = fft.as_ref().map_or(0, |f| f.output_delay());
        let out = vec![0.0; fft.as_ref().map_or(0, |f| f.output_frames_max())];
        Ok(Self { rate, fft, pending: Vec::new(), out, delay, taken: 0, given: 0 })
    }

    /// Takes samples and appends what is ready to `to`.
    pub(super) fn push(&mut self, samples: &[f32], to: &mut Vec<f32>) -> Result<(), String> {
        self.taken += samples.len() as u64;
        if self.fft.is_none() {
            to.extend_from_slice(samples);
            self.given = self.taken;
            return Ok(());
        }
        self.pending.extend_from_slice(samples);
        self.run(to)
    }

    /// Appends the tail: afterwards as much time has been given as was taken.
    pub(super) fn finish(&mut self, to: &mut Vec<f32>) -> Result<(), String> {
        let due = (self.taken * u64::from(SAMPLE_RATE)).div_ceil(u64::from(self.rate));
        while self.given < due {
            let before = to.len();
            let missing = self.input_needed().saturating_sub(self.pending.len());
            self.pending.resize(self.pending.len() + missing, 0.0);
            self.run(to)?;
            if self.given > due {
                let surplus = (self.given - due) as usize;
                to.truncate((to.len() - surplus).max(before));
                self.given = due;
            }
        }
        Ok(())
    }

    fn input_needed(&self) -> usize {
        self.fft.as_ref().map_or(0, |f| f.input_frames_next())
    }

    fn run(&mut self, to: &mut Vec<f32>) -> Result<(), String> {
        let Some(fft) = &mut self.fft else { return Ok(()) };
        let mut used = 0;
        while self.pending.len() - used >= fft.input_frames_next() {
            let left = &self.pending[used..];
            let room = self.out.len();
            let input = SequentialSlice::new(left, 1, left.len()).map_err(|e| e.to_string())?;
            let mut output =
                SequentialSlice::new_mut(&mut self.out, 1, room).map_err(|e| e.to_string())?;
            let (read, written) = fft
                .process_into_buffer(&input, &mut output, Some(&Indexing::new()))
                .map_err(|e| e.to_string())?;
            used += read;
            let skipped = self.delay.min(written);
            self.delay -= skipped;
            to.extend_from_slice(&self.out[skipped..written]);
            self.given += (written - skipped) as u64;
        }
        self.pending.drain(..used);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A band-limited click stays where it is, and the length in time stays the same.
    #[test]
    fn nothing_moves_in_time() {
        for rate in [8_000, 11_025, 16_000, 22_050, 44_000, 44_100, 48_000, 96_000] {
            let mut resampler = Resampler::new(rate).unwrap();
            let middle = f64::from(rate) * 0.5;
            let click: Vec<f32> = (0..rate)
                .map(|i| {
                    let t = (f64::from(i) - middle) / f64::from(rate) * 2_000.0;
                    (-t * t).exp() as f32
                })
                .collect();
            let mut line = Vec::new();
            for piece in click.chunks(777) {
                resampler.push(piece, &mut line).unwrap();
            }
            resampler.finish(&mut line).unwrap();
            assert_eq!(line.len(), 16_000, "{rate} Hz");
            let peak = (0..line.len()).max_by(|&a, &b| line[a].total_cmp(&line[b])).unwrap();
            assert!(peak.abs_diff(8_000) <= 1, "{rate} Hz: the click moved to {peak}");
            assert!((line[peak] - 1.0).abs() < 0.05, "{rate} Hz: {}", line[peak]);
        }
    }
}
