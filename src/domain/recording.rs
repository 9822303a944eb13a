//! A media file of a meeting, and which parts of it may be processed at all.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Digest, MediaTime, SoundChoice, Span};

/// One media file of a meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// SHA-256 of the file; its name in addresses (`/medien/{hash}`).
    pub sha256: Digest,
    /// Where the file lies.
    pub path: PathBuf,
    /// Length of the file in bytes.
    pub bytes: u64,
    /// Where the recording starts on the meeting's clock.
    pub offset: MediaTime,
    /// A public copy elsewhere.
    pub video_url: Option<String>,
    /// Recording time + this = time in the public copy, in milliseconds (may be negative).
    pub video_offset_ms: i64,
    /// How the site shows it.
    #[serde(default)]
    pub shown_as: ShownAs,
    /// The parts that may be processed.
    pub public: PublicSpans,
    /// Which of its sound is transcribed.
    #[serde(default)]
    pub sound: SoundChoice,
    /// Who sits at the microphone of each channel, from the first on; only where they are split.
    #[serde(default)]
    pub seats: Vec<String>,
}

/// How the site shows a recording; its words are shown all the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShownAs {
    /// By a copy that the site serves.
    #[default]
    File,
    /// Only where its public copy lies.
    Link,
    /// Not at all.
    None,
}

impl ShownAs {
    /// All of them, with their names in manifests.
    const ALL: [(&str, Self); 3] =
        [("file", Self::File), ("link", Self::Link), ("none", Self::None)];

    /// The name in manifests.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, shown)| *shown == self).map_or("file", |(name, _)| name)
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, shown)| *shown)
    }
}

/// No recording is longer (1,000 hours); stands for "to the end" where the length is not known.
pub const LONGEST_RECORDING: MediaTime = MediaTime::from_millis(3_600_000_000);

/// The spans of a recording that are public, on the recording's own time line.
/// Everything outside is never decoded to text, shown or logged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PublicSpans(Option<Vec<Span>>);

impl PublicSpans {
    /// The whole recording: the manifest names no spans, so nothing in it is non-public.
    pub const WHOLE: Self = Self(None);

    /// Only these spans. Sorted and merged here; an empty list makes nothing public.
    pub fn only(mut spans: Vec<Span>) -> Self {
        spans.sort();
        let mut merged: Vec<Span> = Vec::new();
        for span in spans {
            match merged.last_mut() {
                Some(last) if span.start() <= last.end() => {
                    let end = last.end().max(span.end());
                    // Both ends lie at or behind `last.start()`.
                    *last = Span::new(last.start(), end).unwrap_or(*last);
                }
                _ => merged.push(span),
            }
        }
        Self(Some(merged))
    }

    /// Whether `t` is public.
    pub fn contains(&self, t: MediaTime) -> bool {
        self.0.as_ref().is_none_or(|spans| spans.iter().any(|s| s.contains(t)))
    }

    /// The public spans inside a recording of length `duration`.
    pub fn within(&self, duration: MediaTime) -> Vec<Span> {
        let Some(whole) = Span::new(MediaTime::ZERO, duration) else { return Vec::new() };
        match &self.0 {
            None => vec![whole],
            Some(spans) => spans.iter().filter_map(|s| s.intersect(whole)).collect(),
        }
    }

    /// These spans without the parts in `cut`.
    #[must_use]
    pub fn without(&self, cut: &[Span]) -> Self {
        if cut.is_empty() {
            return self.clone();
        }
        let mut open = self.within(LONGEST_RECORDING);
        for hidden in cut {
            let parts = open.iter().flat_map(|s| {
                let before = Span::new(s.start(), s.end().min(hidden.start()));
                let behind = Span::new(s.start().max(hidden.end()), s.end());
                before.into_iter().chain(behind)
            });
            open = parts.filter(|s| s.millis() > 0).collect();
        }
        Self::only(open)
    }

    /// What is public of a recording that starts at `offset`, on the meeting's clock.
    pub fn on_meeting_clock(&self, offset: MediaTime) -> Vec<Span> {
        let spans = self.within(LONGEST_RECORDING).into_iter();
        spans.map(|span| span.on_meeting_clock(offset)).collect()
    }

    /// Nothing at all.
    pub const NOTHING: Self = Self(Some(Vec::new()));

    /// Whether nothing is public.
    pub fn is_empty(&self) -> bool {
        self.0.as_ref().is_some_and(|spans| spans.iter().all(|s| s.millis() == 0))
    }

    /// Whether all of `span` is public; of a span without length, its moment.
    pub fn covers(&self, span: Span) -> bool {
        let inside = |s: &Span| match span.millis() {
            0 => s.contains(span.start()),
            _ => s.start() <= span.start() && span.end() <= s.end(),
        };
        self.0.as_ref().is_none_or(|spans| spans.iter().any(inside))
    }

    /// Whether nothing is public here that is not public there.
    pub fn is_within(&self, other: &Self) -> bool {
        self.within(LONGEST_RECORDING)
            .into_iter()
            .filter(|s| s.millis() > 0)
            .all(|s| other.covers(s))
    }

    /// What is public in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        match (&self.0, &other.0) {
            (None, _) => other.clone(),
            (_, None) => self.clone(),
            (Some(ours), Some(theirs)) => Self::only(
                ours.iter().flat_map(|a| theirs.iter().filter_map(|b| a.intersect(*b))).collect(),
            ),
        }
    }

    /// What is not public of a recording of length `duration`.
    pub fn hidden_within(&self, duration: MediaTime) -> Vec<Span> {
        Self::WHOLE.without(&self.within(LONGEST_RECORDING)).within(duration)
    }

    /// Whether the whole recording is public.
    pub fn is_whole(&self) -> bool {
        self.0.is_none()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spans() -> impl Strategy<Value = Vec<Span>> {
        let span = (0u64..100, 0u64..30).prop_map(|(start, length)| {
            let at = MediaTime::from_millis;
            Span::new(at(start), at(start + length)).unwrap()
        });
        prop::collection::vec(span, 0..6)
    }

    proptest! {
        #[test]
        fn what_is_cut_is_not_public_and_nothing_else_changes(public in spans(), cut in spans(), t in 0u64..140) {
            let t = MediaTime::from_millis(t);
            let hidden = cut.iter().any(|s| s.contains(t));
            for before in [PublicSpans::WHOLE, PublicSpans::only(public)] {
                let after = before.without(&cut);
                prop_assert_eq!(after.contains(t), before.contains(t) && !hidden);
                prop_assert!(after.is_within(&before));
                let both = PublicSpans::only(cut.clone()).intersection(&before);
                prop_assert_eq!(both.contains(t), before.contains(t) && hidden);
                let out = after.hidden_within(MediaTime::from_millis(1000));
                prop_assert_eq!(out.iter().any(|s| s.contains(t)), !after.contains(t));
            }
        }
    }
}
