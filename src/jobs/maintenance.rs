//! What the server does beside answering: one thread goes over its chores, every second, until the server
//! stops. Owns their loop; each chore has its file, may be killed anywhere, and one that fails is tried
//! again at the next round and ends nothing.

mod index_repair;
mod lost_jobs;
mod purging;
mod reports;
mod reserve;
mod watching;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::domain::{Error, Result};

pub use index_repair::IndexRepair;
pub use lost_jobs::LostJobs;
pub use purging::Purging;
pub use reports::ReportKeeping;
pub use reserve::Reserve;
pub use watching::Watching;

/// Between two rounds.
const EVERY: Duration = Duration::from_secs(1);
/// How long a chore may go on when the server stops. Whatever it is, it can be killed: what it has not
/// finished is done when the server starts again.
const PATIENCE: Duration = Duration::from_secs(3);

/// Something to be done again and again; mostly there is nothing to do.
pub trait Chore: Send {
    /// For the log.
    fn name(&self) -> &'static str;

    /// Does what there is to do.
    ///
    /// # Errors
    /// It is tried again at the next round.
    fn run(&mut self) -> Result<()>;
}

/// The thread with the chores.
pub struct Maintenance {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Maintenance {
    /// Starts it.
    pub fn start(chores: Vec<Box<dyn Chore>>) -> Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let mut chores: Vec<_> = chores.into_iter().map(Reported::new).collect();
        let rounds = move || {
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(EVERY) {
                chores.iter_mut().for_each(Reported::run);
            }
        };
        let thread = thread::Builder::new().name("maintenance".to_owned()).spawn(rounds);
        let thread =
            thread.map_err(|e| Error::failed("Die Wartung lässt sich nicht starten").because(e))?;
        Ok(Self { stop, thread })
    }

    /// Ends it, as soon as the chore that it is at allows.
    pub fn stop(self) {
        drop(self.stop);
        let deadline = Instant::now() + PATIENCE;
        while !self.thread.is_finished() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A chore whose failures are logged, each once as long as it lasts.
struct Reported {
    chore: Box<dyn Chore>,
    failure: Option<String>,
}

impl Reported {
    fn new(chore: Box<dyn Chore>) -> Self {
        Self { chore, failure: None }
    }

    fn run(&mut self) {
        let name = self.chore.name();
        // A chore begins anew at every round, so nothing half-done of it is used.
        let done = catch_unwind(AssertUnwindSafe(|| self.chore.run()))
            .unwrap_or_else(|_| Err(Error::failed("abgestürzt")));
        let failure = done.err().map(|error| error.to_string());
        if let Some(error) = failure.as_ref().filter(|_| failure != self.failure) {
            tracing::error!(chore = name, error, "maintenance failed; it is tried every second");
        }
        self.failure = failure;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// Fails, then crashes, then works.
    struct Unlucky(Arc<AtomicU32>);

    impl Chore for Unlucky {
        fn name(&self) -> &'static str {
            "unlucky"
        }

        fn run(&mut self) -> Result<()> {
            match self.0.fetch_add(1, Ordering::Relaxed) {
                0 => Err(Error::failed("an error of the test")),
                1 => panic!("a panic of the test"),
                _ => Ok(()),
            }
        }
    }

    #[test]
    fn a_chore_that_fails_is_tried_again_until_it_is_stopped() {
        let rounds = Arc::new(AtomicU32::new(0));
        let maintenance = Maintenance::start(vec![Box::new(Unlucky(Arc::clone(&rounds)))]).unwrap();
        while rounds.load(Ordering::Relaxed) < 3 {
            thread::sleep(Duration::from_millis(10));
        }
        maintenance.stop();
        assert_eq!(Arc::strong_count(&rounds), 1, "the thread is gone");
    }
}
