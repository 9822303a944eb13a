//! How fast a stage goes and how long it will take, from how far it has come.

use std::time::{Duration, Instant};

use crate::domain::MediaTime;
use crate::transcribe::Reached;

/// The pace of a stage that runs.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    total: Option<MediaTime>,
    began: Instant,
    /// Where and when the work of this run began: what was recalled from an earlier one took no time and says
    /// nothing of the speed.
    own: (MediaTime, Instant),
    reached: Option<Reached>,
}

impl Pace {
    /// Of a stage that begins now; `total` is its length on the recording's time line, where that is known.
    pub fn begin(total: Option<MediaTime>) -> Self {
        let now = Instant::now();
        Self { total, began: now, own: (MediaTime::ZERO, now), reached: None }
    }

    /// It has come this far.
    pub fn reach(&mut self, reached: Reached) {
        let before = self.reached.map_or(0, |r| r.recalled);
        if reached.recalled > before {
            self.own = (reached.at, Instant::now());
        }
        self.reached = Some(reached);
    }

    /// How far it has come.
    pub fn reached(&self) -> Option<Reached> {
        self.reached
    }

    /// Its length, where that is known.
    pub fn total(&self) -> Option<MediaTime> {
        self.total
    }

    /// How long it has taken until now.
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Its speed as a multiple of real time.
    pub fn speed(&self) -> f64 {
        let at = self.reached.map_or(MediaTime::ZERO, |r| r.at);
        let (from, since) = self.own;
        let spent = since.elapsed().as_secs_f64().max(0.001);
        at.since(from) as f64 / 1000.0 / spent
    }

    /// The time left, in whole seconds, where that can be told.
    pub fn left_s(&self) -> Option<u64> {
        let at = self.reached.map_or(MediaTime::ZERO, |r| r.at);
        let speed = self.speed();
        let total = self.total.filter(|_| speed > 0.0)?;
        Some((total.since(at) as f64 / 1000.0 / speed) as u64)
    }
}
