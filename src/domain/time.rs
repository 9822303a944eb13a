//! Times on a recording's or a meeting's line: integer milliseconds, never float seconds.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Milliseconds from the start of the recording (or of the meeting's clock). Never negative.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct MediaTime(u64);

impl MediaTime {
    /// The start.
    pub const ZERO: Self = Self(0);

    /// From whole milliseconds.
    pub const fn from_millis(ms: u64) -> Self {
        Self(ms)
    }

    /// From seconds; negative and NaN become zero, fractions round to the nearest millisecond.
    pub fn from_secs_f64(secs: f64) -> Self {
        Self((secs.max(0.0) * 1000.0).round() as u64)
    }

    /// Whole milliseconds.
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// Seconds, for display and for links (`?t=72.8`).
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// This time plus `ms` milliseconds.
    #[must_use]
    pub const fn plus_millis(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// This time less `ms` milliseconds, not below zero.
    #[must_use]
    pub const fn minus_millis(self, ms: u64) -> Self {
        Self(self.0.saturating_sub(ms))
    }

    /// This time moved by `ms` milliseconds, not below zero.
    #[must_use]
    pub const fn moved(self, ms: i64) -> Self {
        if ms < 0 {
            self.minus_millis(ms.unsigned_abs())
        } else {
            self.plus_millis(ms.unsigned_abs())
        }
    }

    /// Milliseconds from `earlier` to here; zero if `earlier` is later.
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// `H:MM:SS`, as people read it.
    pub fn clock(self) -> String {
        let s = self.0 / 1000;
        format!("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
    }
}

/// `HH:MM:SS.mmm`, as WebVTT writes it.
impl fmt::Display for MediaTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (s, ms) = (self.0 / 1000, self.0 % 1000);
        write!(f, "{:02}:{:02}:{:02}.{ms:03}", s / 3600, s / 60 % 60, s % 60)
    }
}

/// A text that is not a time of the form `HH:MM:SS[.mmm]`, `MM:SS` or seconds.
#[derive(Debug)]
pub struct InvalidTime(String);

impl fmt::Display for InvalidTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "„{}“ ist keine Zeit der Form HH:MM:SS", self.0)
    }
}

impl std::error::Error for InvalidTime {}

/// Reads `HH:MM:SS[.mmm]`, `MM:SS[.mmm]` or `SS[.mmm]`; minutes and seconds stay below 60.
impl FromStr for MediaTime {
    type Err = InvalidTime;

    fn from_str(text: &str) -> Result<Self, InvalidTime> {
        let bad = || InvalidTime(text.to_owned());
        let parts: Vec<&str> = text.trim().split(':').collect();
        if parts.len() > 3 {
            return Err(bad());
        }
        let (seconds, whole) = parts.split_last().ok_or_else(bad)?;
        if seconds.is_empty() || !seconds.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return Err(bad());
        }
        let seconds: f64 = seconds.parse().map_err(|_| bad())?;
        if !whole.is_empty() && seconds >= 60.0 {
            return Err(bad());
        }
        let mut minutes = 0u64;
        for (i, part) in whole.iter().enumerate() {
            let value: u64 = part.parse().map_err(|_| bad())?;
            if i > 0 && value >= 60 || value > 10_000 {
                return Err(bad());
            }
            minutes = minutes * 60 + value;
        }
        Ok(Self::from_secs_f64(seconds).plus_millis(minutes * 60_000))
    }
}

/// A stretch of time, `start <= end`; the end is not part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawSpan", into = "RawSpan")]
pub struct Span {
    start: MediaTime,
    end: MediaTime,
}

impl Span {
    /// A span, or `None` if it would end before it starts.
    pub fn new(start: MediaTime, end: MediaTime) -> Option<Self> {
        (start <= end).then_some(Self { start, end })
    }

    /// No more than a moment.
    pub const fn moment(at: MediaTime) -> Self {
        Self { start: at, end: at }
    }

    /// Where it starts.
    pub const fn start(self) -> MediaTime {
        self.start
    }

    /// Where it ends.
    pub const fn end(self) -> MediaTime {
        self.end
    }

    /// How long it is, in milliseconds.
    pub const fn millis(self) -> u64 {
        self.end.since(self.start)
    }

    /// Whether `t` lies in it (start included, end not).
    pub fn contains(self, t: MediaTime) -> bool {
        self.start <= t && t < self.end
    }

    /// Milliseconds shared with `other`.
    pub fn overlap_millis(self, other: Self) -> u64 {
        self.end.min(other.end).since(self.start.max(other.start))
    }

    /// A stretch of a recording's line on the meeting's clock, where the recording starts at `offset`.
    #[must_use]
    pub fn on_meeting_clock(self, offset: MediaTime) -> Self {
        let ms = offset.millis();
        Self { start: self.start.plus_millis(ms), end: self.end.plus_millis(ms) }
    }

    /// A stretch of the meeting's clock on the line of a recording that starts at `offset`; `None` of
    /// what lies before it.
    pub fn on_recording(self, offset: MediaTime) -> Option<Self> {
        let ms = offset.millis();
        let moved = Self { start: self.start.minus_millis(ms), end: self.end.minus_millis(ms) };
        (moved.millis() > 0).then_some(moved)
    }

    /// The part shared with `other`, unless it is empty.
    pub fn intersect(self, other: Self) -> Option<Self> {
        let (start, end) = (self.start.max(other.start), self.end.min(other.end));
        (start < end).then_some(Self { start, end })
    }
}

#[derive(Serialize, Deserialize)]
struct RawSpan {
    start_ms: MediaTime,
    end_ms: MediaTime,
}

impl TryFrom<RawSpan> for Span {
    type Error = String;

    fn try_from(raw: RawSpan) -> Result<Self, String> {
        Self::new(raw.start_ms, raw.end_ms).ok_or_else(|| {
            format!("span ends ({}) before it starts ({})", raw.end_ms, raw.start_ms)
        })
    }
}

impl From<Span> for RawSpan {
    fn from(span: Span) -> Self {
        Self { start_ms: span.start, end_ms: span.end }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(ms in 0u64..400_000_000) {
            let t = MediaTime::from_millis(ms);
            prop_assert_eq!(t.to_string().parse::<MediaTime>().unwrap(), t);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*") {
            let _ = text.parse::<MediaTime>();
        }
    }

    #[test]
    fn wrong_times_are_refused() {
        for text in ["", ":", "1:2:3:4", "00:61:00", "00:00:60", "-1", "1e9", "NaN", "12:xx"] {
            assert!(text.parse::<MediaTime>().is_err(), "{text:?} was read");
        }
    }
}
