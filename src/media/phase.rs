//! Mixes two channels so that a voice stays where one is the inverse of the other, and measures how
//! loud each is. Owns that decision, which leaves ordinary stereo untouched bit for bit; refuses to
//! choose between microphones (see `split`).
//!
//! The planes are the sum and the difference of both channels, halved alike. Where one channel is
//! the inverse of the other (a cable with swapped wires) the sum cancels out and the difference is
//! the voice.

use std::collections::VecDeque;

use super::info::{SAMPLE_RATE, SoundCheck, StereoChannel};

/// Samples per frame: 20 ms.
const FRAME: usize = SAMPLE_RATE as usize / 50;

/// Frames to both sides over which energy is compared: a second in all, so that pauses between
/// words, whose noise says nothing of phase, decide nothing.
const REACH: usize = 25;

/// Frames for which a decision stays: a second.
const HOLD: u32 = 50;

/// The difference is taken where it has so many times the energy of the sum (9 dB). Channels that
/// have nothing in common, and a voice in one of them alone, give one.
const CANCELLED: f64 = 8.0;

/// And until it has less than this.
const RESTORED: f64 = 0.5;

/// Energy is compared without what lies below voices (hum differs in phase from device to device):
/// each sample less this share of the one before it.
const EMPHASIS: f32 = 0.97;

/// Mean square below which there is nothing to compare: −90 dBFS.
const NOTHING: f64 = 1e-9;

/// Samples of the cross-fade between sum and difference: 5 ms.
const FADE: usize = SAMPLE_RATE as usize / 200;

/// Decibels of the louder channel from which on silence in the other is worth a word.
const HEARD_DB: f64 = -50.0;

/// Decibels between channels from which on the softer one is silent: less than a voice leaves in a
/// microphone across a hall, about what one cable leaves in the next.
const SILENT_DB: f64 = 50.0;

/// Decibels below full scale of the loudest seconds from which on a recording is soft.
const SOFT_DB: f64 = -50.0;

/// Frames of both planes.
struct MidSideFrame {
    mid: Vec<f32>,
    side: Vec<f32>,
}

/// Energies of a frame, emphasised.
#[derive(Clone, Copy, Default)]
struct MidSideEnergy {
    mid: f64,
    side: f64,
}

/// Makes one of two planes at 16 kHz; looks ahead by `REACH` frames (half a second).
#[derive(Default)]
pub(super) struct PhaseMixer {
    /// Energies of the frames around the one that is given out next.
    around: VecDeque<MidSideEnergy>,
    waiting: VecDeque<MidSideFrame>,
    /// The last sample of either plane.
    last: [f32; 2],
    /// Whether the difference is taken, and for how many frames.
    is_inverse: bool,
    since: u32,
    given: u64,
    inverse: u64,
    /// Sums of squares of the left and the right channel.
    squares: [f64; 2],
}

impl PhaseMixer {
    pub(super) fn new() -> Self {
        Self { since: HOLD, ..Self::default() }
    }

    /// Takes whole frames from the front of `planes` (sum and difference, equally long) and appends
    /// what is decided to `mono`.
    pub(super) fn push(&mut self, planes: &mut [Vec<f32>], mono: &mut Vec<f32>) {
        let [mid, side] = planes else { return };
        let frames = mid.len().min(side.len()) / FRAME;
        for n in 0..frames {
            let range = n * FRAME..(n + 1) * FRAME;
            let frame =
                MidSideFrame { mid: mid[range.clone()].to_vec(), side: side[range].to_vec() };
            self.measure(&frame);
            self.waiting.push_back(frame);
            if self.waiting.len() > REACH {
                self.give(mono);
            }
        }
        planes.iter_mut().for_each(|p| drop(p.drain(..frames * FRAME)));
    }

    /// Gives out the rest; `planes` may hold less than a frame, which becomes one with silence.
    /// Returns how many samples that silence was.
    pub(super) fn finish(&mut self, planes: &mut [Vec<f32>], mono: &mut Vec<f32>) -> usize {
        let rest = planes.iter().map(Vec::len).max().unwrap_or(0);
        let padding = rest.next_multiple_of(FRAME) - rest;
        planes.iter_mut().for_each(|p| p.resize(rest + padding, 0.0));
        self.push(planes, mono);
        while !self.waiting.is_empty() {
            self.give(mono);
        }
        padding
    }

    /// What was found of both channels.
    pub(super) fn check(&self) -> SoundCheck {
        let samples = (self.given * FRAME as u64).max(1) as f64;
        let [left, right] = self.squares.map(|s| 10.0 * (s / samples).max(1e-20).log10());
        let silent = match left - right {
            d if d < -SILENT_DB && right > HEARD_DB => Some(StereoChannel::Left),
            d if d > SILENT_DB && left > HEARD_DB => Some(StereoChannel::Right),
            _ => None,
        };
        let is_inverse = self.inverse > 0 && self.inverse * 10 >= self.given;
        SoundCheck { silent, is_inverse, soft_db: None }
    }

    fn measure(&mut self, frame: &MidSideFrame) {
        let emphasised = |samples: &[f32], last: &mut f32| -> f64 {
            samples
                .iter()
                .map(|s| {
                    let before = std::mem::replace(last, *s);
                    f64::from(s - EMPHASIS * before).powi(2)
                })
                .sum()
        };
        let [mid, side] = &mut self.last;
        let (mid, side) = (emphasised(&frame.mid, mid), emphasised(&frame.side, side));
        self.around.push_back(MidSideEnergy { mid, side });
        for (mid, side) in frame.mid.iter().zip(&frame.side) {
            self.squares[0] += f64::from(mid + side).powi(2);
            self.squares[1] += f64::from(mid - side).powi(2);
        }
    }

    /// Gives out the oldest frame.
    fn give(&mut self, mono: &mut Vec<f32>) {
        let Some(frame) = self.waiting.pop_front() else { return };
        let was_inverse = self.is_inverse;
        self.decide();
        self.given += 1;
        self.inverse += u64::from(self.is_inverse);
        // The frames before the one that is given next, and those behind it.
        if self.around.len() > REACH + self.waiting.len() {
            self.around.pop_front();
        }
        let new = if self.is_inverse { &frame.side } else { &frame.mid };
        if was_inverse == self.is_inverse {
            mono.extend_from_slice(new);
            return;
        }
        let old = if was_inverse { &frame.side } else { &frame.mid };
        mono.extend(new.iter().zip(old).enumerate().map(|(n, (new, old))| {
            let share = (n as f32 / FADE as f32).min(1.0);
            old + (new - old) * share
        }));
    }

    fn decide(&mut self) {
        self.since = self.since.saturating_add(1);
        if self.since < HOLD {
            return;
        }
        let (mut mid, mut side) = (0.0, 0.0);
        for energy in &self.around {
            mid += energy.mid;
            side += energy.side;
        }
        let nothing = NOTHING * (self.around.len() * FRAME) as f64;
        let is_inverse = if self.is_inverse {
            side >= RESTORED * mid
        } else {
            side > CANCELLED * mid && side > nothing
        };
        if is_inverse != self.is_inverse {
            // At the very start nothing came before.
            self.since = if self.given == 0 { HOLD } else { 0 };
            self.is_inverse = is_inverse;
        }
    }
}

/// Finds the loudest second of what is heard.
#[derive(Default)]
pub(super) struct LevelMeter {
    squares: f64,
    count: usize,
    loudest: f64,
    seconds: u32,
}

impl LevelMeter {
    /// Takes samples at 16 kHz.
    pub(super) fn take(&mut self, samples: &[f32]) {
        for piece in samples.chunks(FRAME) {
            self.squares += piece.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>();
            self.count += piece.len();
            if self.count >= SAMPLE_RATE as usize {
                self.loudest = self.loudest.max(self.squares / self.count as f64);
                (self.squares, self.count) = (0.0, 0);
                self.seconds += 1;
            }
        }
    }

    /// The loudest second in decibels, where it is soft; silence is told elsewhere.
    pub(super) fn soft_db(&self) -> Option<i32> {
        let loudest = 10.0 * self.loudest.max(1e-20).log10();
        (self.seconds > 0 && self.loudest > 0.0 && loudest < SOFT_DB)
            .then_some(loudest.round() as i32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Syllables of noise, pauses of `pause` frames in 50 that have noise of their own.
    fn voice(frames: usize, pause: usize) -> Vec<f32> {
        let mut noise = noise(7);
        (0..frames * FRAME)
            .map(|n| noise() * if n / FRAME % 50 < pause { 0.0 } else { 0.3 })
            .collect()
    }

    fn noise(seed: u32) -> impl FnMut() -> f32 {
        let mut state = seed;
        move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        }
    }

    /// Mixes channels in pieces of odd length.
    fn mix(left: &[f32], right: &[f32]) -> (Vec<f32>, SoundCheck) {
        let (mut mixer, mut mono) = (PhaseMixer::new(), Vec::new());
        let mut planes = [Vec::new(), Vec::new()];
        for (l, r) in left.chunks(777).zip(right.chunks(777)) {
            planes[0].extend(l.iter().zip(r).map(|(l, r)| (l + r) * 0.5));
            planes[1].extend(l.iter().zip(r).map(|(l, r)| (l - r) * 0.5));
            mixer.push(&mut planes, &mut mono);
        }
        let padding = mixer.finish(&mut planes, &mut mono);
        mono.truncate(mono.len() - padding);
        assert_eq!(mono.len(), left.len());
        (mono, mixer.check())
    }

    fn energy(samples: &[f32]) -> f32 {
        samples.iter().map(|s| s * s).sum()
    }

    #[test]
    fn an_inverse_channel_does_not_cancel_a_voice_not_even_its_first_word() {
        let (voice, mut hiss) = (voice(500, 20), [noise(1), noise(2)]);
        for share in [1.0, 0.7, 0.5] {
            let left: Vec<f32> = voice.iter().map(|s| s + hiss[0]() * 1e-3).collect();
            let right: Vec<f32> = voice.iter().map(|s| -share * s + hiss[1]() * 1e-3).collect();
            let (mono, check) = mix(&left, &right);
            for (n, (heard, said)) in mono.chunks(FRAME).zip(voice.chunks(FRAME)).enumerate() {
                let lost = energy(heard) < 0.3 * energy(said);
                assert!(!lost, "frame {n} at a share of {share}");
            }
            assert!(check.is_inverse && check.silent.is_none());
        }
    }

    #[test]
    fn ordinary_stereo_passes_untouched() {
        let (voice, mut hiss) = (voice(500, 20), [noise(1), noise(2)]);
        for (l, r, own) in [
            (1.0, 1.0, 0.01),
            (1.0, 0.1, 0.01),
            (0.0, 1.0, 0.3),
            (0.0, 0.0, 0.3),
            (1.0, -0.2, 0.01),
        ] {
            let left: Vec<f32> = voice.iter().map(|s| l * s + hiss[0]() * own).collect();
            let right: Vec<f32> = voice.iter().map(|s| r * s + hiss[1]() * own).collect();
            let sum: Vec<f32> = left.iter().zip(&right).map(|(l, r)| (l + r) * 0.5).collect();
            let (mono, check) = mix(&left, &right);
            assert!(mono == sum && !check.is_inverse, "{l} {r}");
        }
    }

    #[test]
    fn what_turns_in_the_middle_is_followed_without_flapping() {
        let voice = voice(600, 10);
        let right: Vec<f32> = (voice.iter().enumerate())
            .map(|(n, s)| if (200..400).contains(&(n / FRAME)) { -s } else { *s })
            .collect();
        let (mono, check) = mix(&voice, &right);
        let lost = (mono.chunks(FRAME).zip(voice.chunks(FRAME)))
            .filter(|(heard, said)| energy(heard) < 0.3 * energy(said))
            .count();
        assert!(lost <= 2 * REACH, "{lost} frames lost at two turns");
        assert!(check.is_inverse);
    }

    #[test]
    fn a_silent_channel_and_a_soft_recording_are_found() {
        let voice = voice(200, 10);
        let nothing = vec![0.0; voice.len()];
        assert_eq!(mix(&voice, &nothing).1.silent, Some(StereoChannel::Right));
        assert_eq!(mix(&nothing, &voice).1.silent, Some(StereoChannel::Left));
        assert_eq!(mix(&nothing, &nothing).1.silent, None);
        for (gain, soft) in [(1.0, false), (0.05, false), (0.003, true), (0.0, false)] {
            let mut meter = LevelMeter::default();
            meter.take(&voice.iter().map(|s| s * gain).collect::<Vec<_>>());
            assert_eq!(meter.soft_db().is_some(), soft, "{gain}");
        }
    }
}
