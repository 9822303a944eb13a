//! A microphone on each channel: finds at any time the one that somebody speaks into and passes
//! its sound on. Owns that decision; refuses to know who sits at which microphone.
//!
//! The method is energy per channel over that channel's own noise floor, with a margin and a
//! hysteresis against the sound of one voice in other microphones, as in automatic microphone
//! mixers: a channel takes over when it is `MARGIN_DB` above the present one for `HOLD` frames.

use std::collections::VecDeque;

use super::info::SAMPLE_RATE;

/// Samples per frame and channel: 20 ms, about the shortest stretch over which speech is steady.
pub(super) const FRAME: usize = SAMPLE_RATE as usize / 50;

/// Frames to both sides over which energy is averaged (220 ms in all): a syllable and its pause.
const REACH: usize = 5;

/// Frames for which another channel must be ahead before it takes over: 300 ms. Shorter ones are
/// coughs and knocks.
const HOLD: usize = 15;

/// Decibels by which it must be ahead; the same voice in the next microphone varies by about half.
const MARGIN_DB: f32 = 6.0;

/// Decibels over the noise floor from which on a channel is spoken into.
const ACTIVE_DB: f32 = 9.0;

/// Seconds over which the quietest moment counts as a channel's noise: speech pauses oftener.
const FLOOR_SECONDS: usize = 30;

/// The floor that is assumed until a channel has been heard for a second, in dBFS.
const FLOOR_GUESS_DB: f32 = -45.0;

/// No floor is lower, in dBFS: in a channel without any noise each whisper would be speech.
const LEAST_FLOOR_DB: f32 = -65.0;

/// Samples of the cross-fade where channels change: 5 ms, too short to hear, too long to click.
const FADE: usize = SAMPLE_RATE as usize / 200;

/// More channels than any desk has; bounds the memory.
pub(super) const MOST_CHANNELS: usize = 64;

const FRAMES_PER_SECOND: usize = SAMPLE_RATE as usize / FRAME;

/// A stretch of frames of one active channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ChannelSpeech {
    /// The first of its samples at 16 kHz.
    pub(super) start: u64,
    /// The sample behind its last.
    pub(super) end: u64,
    /// Index of the channel.
    pub(super) channel: usize,
}

/// Picks among channels at 16 kHz; looks ahead by `REACH + HOLD` frames (400 ms).
pub(super) struct Splitter {
    floors: Vec<Floor>,
    /// Mean squares per channel of the frames around the one that is judged next.
    energies: VecDeque<Vec<f32>>,
    /// Frames not given out yet, the last `REACH` of them not judged yet.
    waiting: VecDeque<MultichannelFrame>,
    /// How many of `waiting` are judged.
    judged: usize,
    active: Option<usize>,
    /// A channel that is ahead of the active one, and for how many frames.
    rival: (usize, usize),
    /// Whom the last frame given out was taken from.
    given_from: usize,
    given: u64,
}

struct MultichannelFrame {
    /// One after the other, `FRAME` samples of each channel.
    planes: Vec<f32>,
    /// Decibels of each channel over its noise floor, once judged.
    levels: Vec<f32>,
}

impl Splitter {
    pub(super) fn new(channels: usize) -> Self {
        let mut energies = VecDeque::new();
        // Silence before the start.
        energies.resize(REACH, vec![0.0; channels]);
        Self {
            floors: (0..channels).map(|_| Floor::default()).collect(),
            energies,
            waiting: VecDeque::new(),
            judged: 0,
            active: None,
            rival: (0, 0),
            given_from: 0,
            given: 0,
        }
    }

    /// Takes whole frames from the front of `planes` (one a channel, equally long) and appends
    /// what is decided to `mono` and `spoken`.
    pub(super) fn push(
        &mut self,
        planes: &mut [Vec<f32>],
        mono: &mut Vec<f32>,
        spoken: &mut Vec<ChannelSpeech>,
    ) {
        let frames = planes.iter().map(Vec::len).min().unwrap_or(0) / FRAME;
        for n in 0..frames {
            let parts = planes.iter().map(|p| &p[n * FRAME..(n + 1) * FRAME]);
            let planes: Vec<f32> = parts.clone().flatten().copied().collect();
            self.energies.push_back(parts.map(mean_square).collect());
            self.waiting.push_back(MultichannelFrame { planes, levels: Vec::new() });
            self.judge();
            if self.judged > HOLD {
                self.give(mono, spoken);
            }
        }
        planes.iter_mut().for_each(|p| drop(p.drain(..frames * FRAME)));
    }

    /// Gives out the rest; `planes` may hold less than a frame, which becomes one with silence.
    /// Returns how many samples that silence was.
    pub(super) fn finish(
        &mut self,
        planes: &mut [Vec<f32>],
        mono: &mut Vec<f32>,
        spoken: &mut Vec<ChannelSpeech>,
    ) -> usize {
        let rest = planes.iter().map(Vec::len).max().unwrap_or(0);
        let padding = rest.next_multiple_of(FRAME) - rest;
        planes.iter_mut().for_each(|p| p.resize(rest + padding, 0.0));
        self.push(planes, mono, spoken);
        for _ in 0..REACH {
            self.energies.push_back(vec![0.0; self.floors.len()]);
            self.judge();
        }
        while !self.waiting.is_empty() {
            self.give(mono, spoken);
        }
        padding
    }

    /// Judges the next frame, if enough of what follows it is known.
    fn judge(&mut self) {
        if self.energies.len() <= 2 * REACH || self.judged >= self.waiting.len() {
            return;
        }
        let levels: Vec<f32> = (self.floors.iter_mut().enumerate())
            .map(|(c, floor)| {
                let around = self.energies.iter().map(|e| e[c]);
                let whole = around.clone().all(|e| e > 0.0);
                let mean = around.sum::<f32>() / self.energies.len() as f32;
                floor.level(decibels(mean), whole)
            })
            .collect();
        self.energies.pop_front();
        let best = (0..levels.len()).rev().max_by(|&a, &b| levels[a].total_cmp(&levels[b]));
        let ahead = best.filter(|&b| {
            let than = self.active.map_or(f32::NEG_INFINITY, |a| levels[a] + MARGIN_DB);
            levels[b] > ACTIVE_DB && levels[b] > than
        });
        self.rival = match ahead {
            Some(channel) if channel == self.rival.0 => (channel, self.rival.1 + 1),
            Some(channel) => (channel, 1),
            None => (0, 0),
        };
        self.waiting[self.judged].levels = levels;
        self.judged += 1;
    }

    /// Gives out the oldest frame; whoever has been ahead since then for long enough is in it.
    fn give(&mut self, mono: &mut Vec<f32>, spoken: &mut Vec<ChannelSpeech>) {
        if self.rival.1 >= HOLD && self.rival.1 >= self.judged {
            self.active = Some(self.rival.0);
            self.rival = (0, 0);
        }
        let Some(frame) = self.waiting.pop_front() else { return };
        self.judged = self.judged.saturating_sub(1);
        let channel = self.active.unwrap_or(0);
        let old = &frame.planes[self.given_from * FRAME..];
        let new = &frame.planes[channel * FRAME..(channel + 1) * FRAME];
        mono.extend(new.iter().zip(old).enumerate().map(|(n, (new, old))| {
            let share = (n as f32 / FADE as f32).min(1.0);
            old + (new - old) * share
        }));
        self.given_from = channel;
        let start = self.given;
        self.given += FRAME as u64;
        let heard = frame.levels.get(channel).is_some_and(|level| *level > ACTIVE_DB);
        if heard && self.active.is_some() {
            match spoken.last_mut() {
                Some(last) if last.channel == channel && last.end == start => last.end = self.given,
                _ => spoken.push(ChannelSpeech { start, end: self.given, channel }),
            }
        }
    }
}

/// The quietest moments of a channel: one for each of the last seconds.
#[derive(Default)]
struct Floor {
    seconds: VecDeque<f32>,
    /// Frames in the youngest second.
    frames: usize,
}

impl Floor {
    /// Decibels of `energy` over the floor, which takes note of it if it is a `measure`: digital
    /// silence is a microphone that is switched off, not one in a quiet room.
    fn level(&mut self, energy: f32, measure: bool) -> f32 {
        if measure {
            if self.frames == 0 {
                self.seconds.push_back(energy);
                if self.seconds.len() > FLOOR_SECONDS {
                    self.seconds.pop_front();
                }
            }
            self.frames = (self.frames + 1) % FRAMES_PER_SECOND;
            if let Some(second) = self.seconds.back_mut() {
                *second = second.min(energy);
            }
        }
        let start = if self.seconds.len() > 1 { f32::INFINITY } else { FLOOR_GUESS_DB };
        let floor = self.seconds.iter().copied().fold(start, f32::min);
        energy - floor.max(LEAST_FLOOR_DB)
    }
}

fn mean_square(samples: &[f32]) -> f32 {
    samples.iter().map(|s| s * s).sum::<f32>() / samples.len() as f32
}

/// Decibels below full scale; silence is far below everything.
fn decibels(mean_square: f32) -> f32 {
    10.0 * mean_square.max(1e-20).log10()
}
