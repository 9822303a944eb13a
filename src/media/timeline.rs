//! Puts decoded packets on the recording's time line: gaps become silence, overlaps are dropped.
//! Owns the rule that time comes from packet timestamps; refuses to count samples as a clock.

use std::ops::Range;

/// Deviations up to this many milliseconds are jitter of the container's clock (the coarsest in use
/// tick in milliseconds), not gaps. More would be heard as words beside their place.
pub(super) const JITTER_MS: u64 = 10;

/// A gap longer than this, in seconds, is a damaged timestamp and no pause: days of silence would
/// have to be made, and searched for speech.
pub(super) const LONGEST_GAP: f64 = 4.0 * 3600.0;

/// This many packets in a row that all had to be moved mean that the sample rate is wrong
/// (implicit SBR decodes to half its samples), not that sound is missing.
pub(super) const SUSPICIOUS_RUN: u32 = 8;

/// Samples at the source's rate, contiguous from time zero.
/// A sample here is one of every channel; they lie interleaved.
pub(super) struct Timeline {
    rate: u32,
    channels: usize,
    next: u64,
    exact: bool,
    moved_in_a_row: u32,
    dropped: u64,
}

/// The packets' times and their numbers of samples contradict each other throughout.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct WrongRate;

impl Timeline {
    pub(super) fn new(rate: u32, channels: usize) -> Self {
        Self {
            rate,
            channels: channels.max(1),
            next: 0,
            exact: true,
            moved_in_a_row: 0,
            dropped: 0,
        }
    }

    /// Samples per second.
    pub(super) fn rate(&self) -> u32 {
        self.rate
    }

    /// The number of samples delivered.
    pub(super) fn len(&self) -> u64 {
        self.next
    }

    /// The next packet follows no sound of the packet before it: place it exactly.
    pub(super) fn realign(&mut self) {
        self.exact = true;
    }

    /// Delivers `samples`, whose first belongs at sample number `start` (negative: before the
    /// recording's start, dropped), through `sink` in pieces of bounded size. Returns the sample
    /// numbers that had to be filled with silence before it.
    pub(super) fn place(
        &mut self,
        start: i64,
        samples: &[f32],
        sink: &mut dyn FnMut(&[f32]),
    ) -> Result<Range<u64>, WrongRate> {
        let late = start.saturating_sub(self.next.min(i64::MAX as u64) as i64);
        let moved = late.unsigned_abs() > u64::from(self.rate) * JITTER_MS / 1000;
        let late = if self.exact || moved { late } else { 0 };
        let count = (samples.len() / self.channels) as u64;
        let overlap = late.min(0).unsigned_abs().min(count);
        if !self.exact {
            self.dropped += overlap;
        }
        self.judge(moved && !self.exact)?;
        let gap = self.next..self.next + late.max(0) as u64;
        let heard = &samples[overlap as usize * self.channels..];
        if heard.is_empty() {
            return Ok(self.next..self.next); // wholly in the past
        }
        self.silence(gap.end - gap.start, sink);
        self.exact = false;
        self.next += count - overlap;
        sink(heard);
        Ok(gap)
    }

    fn judge(&mut self, moved: bool) -> Result<(), WrongRate> {
        self.moved_in_a_row = if moved { self.moved_in_a_row + 1 } else { 0 };
        let dropped_a_lot =
            self.dropped * 4 > u64::from(self.rate) && self.dropped * 200 > self.next;
        if self.moved_in_a_row >= SUSPICIOUS_RUN || dropped_a_lot {
            return Err(WrongRate);
        }
        Ok(())
    }

    fn silence(&mut self, mut samples: u64, sink: &mut dyn FnMut(&[f32])) {
        const ZEROS: [f32; 4096] = [0.0; 4096];
        self.next += samples;
        let room = (ZEROS.len() / self.channels) as u64;
        while samples > 0 {
            let n = samples.min(room);
            sink(&ZEROS[..n as usize * self.channels]);
            samples -= n;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Packets of ten samples of value `k + 1`, at 1000 Hz.
    fn lay(starts: &[i64]) -> (Vec<f32>, Result<(), WrongRate>) {
        let mut timeline = Timeline::new(1000, 1);
        let mut line = Vec::new();
        for (k, &start) in starts.iter().enumerate() {
            let placed =
                timeline.place(start, &[k as f32 + 1.0; 10], &mut |s| line.extend_from_slice(s));
            if let Err(e) = placed {
                return (line, Err(e));
            }
        }
        assert_eq!(timeline.len(), line.len() as u64);
        (line, Ok(()))
    }

    proptest! {
        /// Whatever the gaps, each packet is heard where its timestamp says, within the jitter.
        #[test]
        fn sound_stays_at_its_timestamp(gaps in proptest::collection::vec(0i64..60, 1..40)) {
            let mut t = 0;
            let starts: Vec<i64> = gaps.iter().map(|gap| { t += 10 + gap; t }).collect();
            let (line, placed) = lay(&starts);
            if placed.is_ok() {
                for (k, &start) in starts.iter().enumerate() {
                    let heard = line.iter().position(|&s| s == k as f32 + 1.0).unwrap() as i64;
                    prop_assert!((heard - start).abs() <= JITTER_MS as i64, "{k}: {start} heard at {heard}");
                }
            }
        }
    }

    #[test]
    fn priming_is_dropped_and_the_first_packet_is_placed_exactly() {
        assert_eq!(lay(&[-4]).0, vec![1.0; 6]);
        assert_eq!(lay(&[3]).0[..4], [0.0, 0.0, 0.0, 1.0]);
    }

    #[test]
    fn half_the_samples_everywhere_is_a_wrong_rate() {
        let starts: Vec<i64> = (0..40).map(|k| k * 40).collect();
        assert_eq!(lay(&starts).1, Err(WrongRate));
    }
}
