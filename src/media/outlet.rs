//! The last steps of both decoders: from the source's rate to 16 kHz without moving anything in time, and
//! mono blocks for the reader. Owns that nothing leaves that is not public, in no channel; refuses to know
//! where the sound comes from.

use std::ops::Range;
use std::sync::mpsc::SyncSender;

use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{Fft, FixedSync, Indexing, Resampler as _, WindowFunction};

use super::info::{Report, SAMPLE_RATE, SoundCheck, sane};
use super::phase::{LevelMeter, PhaseMixer};
use super::split::{ChannelSpeech, MOST_CHANNELS, Splitter};
use super::timeline::Mask;
use crate::domain::{ChannelNumber, Channels, MediaTime, Span};

/// Samples at least handed over at once; small enough for progress, large enough to be cheap.
pub(super) const BLOCK: usize = SAMPLE_RATE as usize;

/// Blocks that may wait for the reader: bounds the memory.
pub(super) const WAITING: usize = 4;

/// Shorter holes than this are not worth a report, in milliseconds.
const LEAST_MISSING_MS: u64 = 20;

/// Makes one of several planes.
enum Mixer {
    /// There is one.
    Single,
    /// A microphone each.
    Split(Splitter),
    /// Sum and difference.
    Phase(PhaseMixer),
}

/// Takes the sound of one track.
pub(super) struct Outlet {
    sender: SyncSender<Report>,
    mask: Mask,
    /// Samples that the reader has from elsewhere.
    from: u64,
    /// 16 kHz sound that is not in `block` yet: of each channel; where they are mixed, of the sum;
    /// of two channels also of the difference.
    pub(super) planes: Vec<Vec<f32>>,
    mixer: Mixer,
    level: LevelMeter,
    spoken: Vec<ChannelSpeech>,
    block: Vec<f32>,
    /// Samples that left `planes`.
    taken: u64,
    /// Samples that left `block`.
    sent: u64,
    /// Whether the reader still listens and wants more.
    pub(super) open: bool,
}

impl Outlet {
    pub(super) fn new(sender: SyncSender<Report>, mask: Mask, from: u64) -> Self {
        Self {
            sender,
            mask,
            from,
            planes: vec![Vec::new()],
            mixer: Mixer::Single,
            level: LevelMeter::default(),
            spoken: Vec::new(),
            block: Vec::new(),
            taken: 0,
            sent: 0,
            open: true,
        }
    }

    /// Makes so many planes, before any sound comes; the number of channels where that cannot be.
    pub(super) fn prepare(&mut self, use_of: Channels, planes: usize) -> Result<(), usize> {
        self.mixer = match (use_of, planes) {
            (Channels::Mix, 2) => Mixer::Phase(PhaseMixer::new()),
            (Channels::Mix, _) => return Ok(()),
            (Channels::Split, 2..=MOST_CHANNELS) => Mixer::Split(Splitter::new(planes)),
            (Channels::Split, channels) => return Err(channels),
        };
        self.planes = vec![Vec::new(); planes];
        Ok(())
    }

    /// Says something to the reader.
    pub(super) fn tell(&mut self, report: Report) {
        self.open &= self.sender.send(report).is_ok();
    }

    /// Reports silence that stands for missing sound, in samples of `rate` a second, unless it is
    /// too short to hold a word.
    pub(super) fn missing(&mut self, samples: Range<u64>, rate: u32) {
        let time = |n: u64| MediaTime::from_millis(n * 1000 / u64::from(rate));
        let span = Span::new(time(samples.start), time(samples.end));
        if let Some(span) = span.filter(|s| s.millis() >= LEAST_MISSING_MS) {
            self.tell(Report::Missing(span));
        }
    }

    /// Hands over what is ready, if it is at least `least` samples.
    pub(super) fn flush(&mut self, least: usize) {
        self.take();
        if self.block.len() >= least && self.open {
            self.send();
        }
    }

    /// Hands over what is left, up to sample `end`.
    pub(super) fn finish(&mut self, end: Option<u64>) {
        self.take();
        let (planes, block) = (&mut self.planes, &mut self.block);
        let padding = match &mut self.mixer {
            Mixer::Single => 0,
            Mixer::Split(splitter) => splitter.finish(planes, block, &mut self.spoken),
            Mixer::Phase(mixer) => mixer.finish(planes, block),
        };
        self.block.truncate(self.block.len().saturating_sub(padding));
        if let Some(end) = end {
            self.block.truncate(end.saturating_sub(self.sent).min(usize::MAX as u64) as usize);
        }
        if !self.block.is_empty() && self.open {
            self.send();
        }
        let channels = match &self.mixer {
            Mixer::Phase(mixer) => mixer.check(),
            Mixer::Single | Mixer::Split(_) => SoundCheck::default(),
        };
        self.tell(Report::Checked(SoundCheck { soft_db: self.level.soft_db(), ..channels }));
    }

    /// From the planes to the block, without what is not public.
    fn take(&mut self) {
        let before: usize = self.planes.first().map_or(0, Vec::len);
        for plane in &mut self.planes {
            self.mask.apply(self.taken, plane);
        }
        let (planes, block) = (&mut self.planes, &mut self.block);
        match &mut self.mixer {
            Mixer::Single => planes.iter_mut().for_each(|p| block.append(p)),
            Mixer::Split(splitter) => splitter.push(planes, block, &mut self.spoken),
            Mixer::Phase(mixer) => mixer.push(planes, block),
        }
        let left = self.planes.first().map_or(0, Vec::len);
        self.taken += (before - left) as u64;
    }

    fn send(&mut self) {
        let mut block = std::mem::take(&mut self.block);
        let spoken = std::mem::take(&mut self.spoken);
        self.mask.apply(self.sent, &mut block);
        block.truncate(self.mask.end().saturating_sub(self.sent).min(block.len() as u64) as usize);
        let ended = block.is_empty();
        // A change of rate overshoots at full scale.
        block.iter_mut().for_each(|sample| *sample = sane(*sample));
        self.level.take(&block);
        let known = self.from.saturating_sub(self.sent).min(block.len() as u64) as usize;
        self.sent += block.len() as u64;
        block.drain(..known);
        for part in spoken {
            let time = |n: u64| MediaTime::from_millis(n * 1000 / u64::from(SAMPLE_RATE));
            let span = Span::new(time(part.start.max(self.from)), time(part.end.min(self.sent)));
            let public: Vec<Span> = span.iter().flat_map(|s| self.mask.public_parts(*s)).collect();
            for span in public {
                self.tell(Report::Spoken(span, ChannelNumber::of_index(part.channel as u32)));
            }
        }
        if ended {
            self.open = false;
        } else if !block.is_empty() {
            self.tell(Report::Block(block));
        }
    }
}

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
