//! Which samples may be heard: the public spans as sample ranges. Owns silencing what is not
//! public; refuses to know where samples come from.

use crate::domain::{MediaTime, PublicSpans, Span};

use super::samples::SAMPLE_RATE;

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
    use proptest::prelude::*;

    use super::*;

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
