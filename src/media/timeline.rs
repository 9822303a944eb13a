//! Puts decoded packets on the recording's time line: gaps become silence, overlaps are dropped, and what
//! is not public is silenced. Owns the rule that time comes from packet timestamps, and when those (of
//! ffmpeg, by its filter `ashowinfo`) stop being credible; refuses to count samples as a clock.

use std::ops::Range;
use std::sync::mpsc::{Sender, SyncSender};

use super::info::{Report, SAMPLE_RATE};
use crate::domain::{MediaTime, PublicSpans, Span};

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

/// Seconds of a gap that is worth a report.
const LEAST_HOLE: f64 = 0.02;

/// Seconds of silence between frames that are all further apart than they are long: a wrong clock
/// and not a bad connection.
const SPARSE: f64 = 60.0;

/// Finds gaps between the frames that ffmpeg's filter `ashowinfo` notes, which `aresample` fills.
pub(super) struct Holes {
    mask: Mask,
    /// Samples that were delivered, and whose gaps were reported, before.
    from: u64,
    lead: f64,
    /// Where the last frame ended, in samples of the source, and how many are a second.
    reached: Option<(i64, i64)>,
    /// How many frames in a row lay further apart than they are long, and the seconds between.
    sparse: (u32, f64),
    sender: SyncSender<Report>,
    noted: Sender<Noted>,
}

/// A frame that ffmpeg has noted, on its way to the output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Noted {
    /// Where it begins, in seconds by its own time.
    pub(super) start: f64,
    /// Where it ends.
    pub(super) end: f64,
    /// The sound changes its form before it, and ffmpeg begins to filter anew: it gives out silence up to
    /// the frame's time first, as it does at the start.
    pub(super) is_restart: bool,
}

impl Holes {
    /// For frames whose times count from `lead` seconds; holes before sample `from` are known.
    pub(super) fn new(
        mask: Mask,
        from: u64,
        lead: f64,
        sender: SyncSender<Report>,
        noted: Sender<Noted>,
    ) -> Self {
        Self { mask, from, lead, reached: None, sparse: (0, 0.0), sender, noted }
    }

    /// Ends decoding where timestamps cannot be true: `gap` seconds before a frame of `length`.
    fn judge(&mut self, gap: f64, length: f64) {
        if gap > length {
            self.sparse = (self.sparse.0 + 1, self.sparse.1 + gap);
        } else {
            self.sparse = (0, 0.0);
        }
        let why = if gap > LONGEST_GAP {
            "ein Zeitstempel springt um Stunden"
        } else if self.sparse.0 >= SUSPICIOUS_RUN && self.sparse.1 > SPARSE {
            "Dauer und Abtastrate widersprechen sich"
        } else {
            return;
        };
        // A reader that has gone needs no more.
        let _ = self.sender.send(Report::Truncated(why.to_owned()));
    }

    /// `n:3 pts:3072 pts_time:… rate:48000 nb_samples:1024 …`: a frame begins at sample `pts`.
    pub(super) fn frame(&mut self, note: &str) {
        let field = |name: &str| -> Option<i64> {
            note.split(' ').find_map(|f| f.strip_prefix(name)).and_then(|v| v.parse().ok())
        };
        let (Some(start), Some(rate @ 1..), Some(samples)) =
            (field("pts:"), field("rate:"), field("nb_samples:"))
        else {
            return;
        };
        let before = self.reached.map_or(0.0, |(end, rate)| end as f64 / rate as f64);
        self.judge(start as f64 / rate as f64 - before, samples as f64 / rate as f64);
        let reached = self.reached.replace((start.saturating_add(samples), rate));
        let seconds = |n: i64| n as f64 / rate as f64 + self.lead;
        let is_restart = reached.is_some() && field("n:") == Some(0);
        let end = seconds(start.saturating_add(samples));
        // A reader that has gone needs no more.
        let _ = self.noted.send(Noted { start: seconds(start), end, is_restart });
        let Some((reached, _)) = reached.filter(|(_, before)| *before == rate) else { return };
        let told = self.from as f64 / f64::from(SAMPLE_RATE);
        let (from, to) = (seconds(reached).max(told), seconds(start));
        if to - from < LEAST_HOLE {
            return;
        }
        let at = MediaTime::from_secs_f64;
        for hole in Span::new(at(from), at(to)).iter().flat_map(|h| self.mask.public_parts(*h)) {
            // A reader that has gone needs no more.
            let _ = self.sender.send(Report::Missing(hole));
        }
    }
}

const SAMPLES_PER_MS: u64 = SAMPLE_RATE as u64 / 1000;

/// The public spans of a recording, sorted and disjoint, on its time line.
#[derive(Clone, Debug)]
pub(super) struct Mask {
    spans: Vec<Span>,
}

impl Mask {
    pub(super) fn new(public: &PublicSpans) -> Self {
        Self { spans: public.within(MediaTime::from_millis(u64::MAX)) }
    }

    /// The sample behind the last public one; nothing from there on is ever delivered.
    pub(super) fn end(&self) -> u64 {
        self.spans.last().map_or(0, |s| first_sample_at(s.end()))
    }

    /// Where public sound ends, unless it goes on to the end of the recording.
    pub(super) fn last_public_time(&self) -> Option<MediaTime> {
        self.spans.last().map(|s| s.end()).filter(|end| end.millis() < u64::MAX)
    }

    /// Whether the stretch `start..end` (seconds) touches a public span; stretches of no length
    /// count as a point.
    pub(super) fn touches(&self, start: f64, end: f64) -> bool {
        self.spans.iter().any(|s| start < s.end().as_secs_f64() && end >= s.start().as_secs_f64())
    }

    /// The parts of a span that are public.
    pub(super) fn public_parts(&self, span: Span) -> impl Iterator<Item = Span> {
        let parts = self.spans.iter().filter_map(move |s| s.intersect(span));
        parts.filter(|s| s.millis() > 0)
    }

    /// Silences what is not public in `block`, whose first sample is number `first`.
    pub(super) fn apply(&self, first: u64, block: &mut [f32]) {
        let mut heard_to = 0usize;
        let index = |sample: u64| sample.saturating_sub(first).min(block.len() as u64) as usize;
        let ranges: Vec<(usize, usize)> = (self.spans.iter())
            .map(|s| (index(first_sample_at(s.start())), index(first_sample_at(s.end()))))
            .collect();
        for (start, end) in ranges {
            if start > heard_to {
                block[heard_to..start].fill(0.0);
            }
            heard_to = heard_to.max(end);
        }
        block[heard_to..].fill(0.0);
    }
}

fn first_sample_at(t: MediaTime) -> u64 {
    t.millis().saturating_mul(SAMPLES_PER_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn a_sample_is_heard_exactly_if_its_time_is_public(
            raw in proptest::collection::vec((0u64..40, 0u64..20), 0..5),
            first in 0u64..400,
        ) {
            let spans = raw.iter().map(|&(start, length)| {
                Span::new(MediaTime::from_millis(start), MediaTime::from_millis(start + length))
                    .unwrap()
            });
            let public = PublicSpans::only(spans.collect());
            let mut block = vec![1.0; 500];
            Mask::new(&public).apply(first, &mut block);
            for (i, sample) in block.iter().enumerate() {
                let t = MediaTime::from_millis((first + i as u64) / SAMPLES_PER_MS);
                prop_assert_eq!(*sample == 1.0, public.contains(t));
            }
        }
    }
}
