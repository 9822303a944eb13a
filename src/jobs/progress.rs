//! Progress of a job in the archive, for whoever looks at the queue: written at most every other second.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use crate::domain::{JobEvent, JobLease, JobProgress, MediaTime};
use crate::pipeline::{Pace, Progress, Stage};
use crate::store::Store;
use crate::transcribe::Reached;

/// Between two writes.
const EVERY: Duration = Duration::from_secs(2);

/// Writes how far a job has come; also says it to who waits in front of it.
pub(super) struct StoredProgress<'a> {
    store: &'a Store,
    lease: JobLease,
    shown: &'a dyn Progress,
    now: RefCell<Option<RunningStage>>,
}

/// The stage that runs.
struct RunningStage {
    stage: Stage,
    subject: String,
    pace: Pace,
    written: Instant,
}

impl<'a> StoredProgress<'a> {
    /// Of the job of this lease; `shown` is told all of it.
    pub fn new(store: &'a Store, lease: JobLease, shown: &'a dyn Progress) -> Self {
        Self { store, lease, shown, now: RefCell::default() }
    }

    fn write(&self, now: &RunningStage) {
        let progress = JobProgress {
            stage: now.stage.name().to_owned(),
            subject: now.subject.clone(),
            reached_ms: now.pace.reached().map_or(0, |reached| reached.at.millis()),
            total_ms: now.pace.total().map(MediaTime::millis),
            speed: (now.pace.speed() * 100.0).round() / 100.0,
            left_s: now.pace.left_s(),
        };
        // Whether the lease still holds shows when a result is written; progress is worth no failure.
        if let Err(error) = self.store.job_progress(self.lease, &progress) {
            tracing::debug!(%error, "progress was not written");
        }
    }
}

impl Progress for StoredProgress<'_> {
    fn begin(&self, stage: Stage, subject: &str, total: Option<MediaTime>) {
        self.shown.begin(stage, subject, total);
        let pace = Pace::begin(total);
        let now =
            RunningStage { stage, subject: subject.to_owned(), pace, written: Instant::now() };
        if let Err(error) = self.store.job_note(self.lease, JobEvent::Stage, stage.name()) {
            tracing::debug!(%error, "the stage was not written");
        }
        self.write(&now);
        *self.now.borrow_mut() = Some(now);
    }

    fn at(&self, reached: Reached) {
        self.shown.at(reached);
        let mut now = self.now.borrow_mut();
        let Some(now) = now.as_mut() else { return };
        now.pace.reach(reached);
        if now.written.elapsed() >= EVERY {
            now.written = Instant::now();
            self.write(now);
        }
    }

    fn end(&self) {
        self.shown.end();
        *self.now.borrow_mut() = None;
    }
}
