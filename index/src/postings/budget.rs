//! How long one search may look for passages. Whoever asks for very much gets what was found until
//! then, and is told so.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Counting and ranking have so long each: no search that anybody means comes near it, and all are
/// answered within a second.
const LONGEST: Duration = Duration::from_millis(400);
/// Steps between two looks at the clock; some tens of microseconds.
const STEPS: u32 = 1024;

/// The time of one search, shared by all its threads.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Arc<Time>);

#[derive(Debug)]
struct Time {
    end: Instant,
    spent: AtomicBool,
}

impl Budget {
    /// For a search that begins now.
    pub(crate) fn new() -> Self {
        Self::of(LONGEST)
    }

    /// For what must be looked for to the end.
    pub(crate) fn endless() -> Self {
        Self::of(Duration::from_secs(24 * 60 * 60))
    }

    /// So much time from now on.
    pub(crate) fn of(time: Duration) -> Self {
        Self(Arc::new(Time { end: Instant::now() + time, spent: AtomicBool::new(false) }))
    }

    /// Whether anything was left out for want of time.
    pub(crate) fn is_spent(&self) -> bool {
        self.0.spent.load(Relaxed)
    }

    fn look(&self) -> bool {
        if !self.is_spent() && Instant::now() >= self.0.end {
            self.0.spent.store(true, Relaxed);
        }
        self.is_spent()
    }
}

/// Counts the steps of one loop, so that it seldom looks at the clock.
#[derive(Debug)]
pub(crate) struct Meter {
    budget: Budget,
    steps: u32,
}

impl Meter {
    /// For a loop within `budget`.
    pub(crate) fn new(budget: &Budget) -> Self {
        Self { budget: budget.clone(), steps: 0 }
    }

    /// One step more; gives whether it is one too many.
    pub(crate) fn is_over(&mut self) -> bool {
        self.steps += 1;
        if self.steps < STEPS {
            return false;
        }
        self.is_over_now()
    }

    /// The same for a step that itself takes long.
    pub(crate) fn is_over_now(&mut self) -> bool {
        self.steps = 0;
        self.budget.look()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loops_end_when_time_is_over_and_not_before() {
        let steps = |budget: &Budget| {
            let mut meter = Meter::new(budget);
            (0..10 * STEPS).find(|_| meter.is_over())
        };
        let (none, enough) = (Budget::of(Duration::ZERO), Budget::endless());
        assert_eq!((steps(&none), none.is_spent()), (Some(STEPS - 1), true));
        assert_eq!((steps(&enough), enough.is_spent()), (None, false));
    }
}
