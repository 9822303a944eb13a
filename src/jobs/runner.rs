//! A process that works the queue off: it leases a job, does it, says how it ended, and takes the next. Owns
//! that whatever happens to a job is caught, logged once, and noted with what to do about it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::holding::Holding;
use super::kinds::{self, Workplace};
use super::presence::{self, Presence};
use super::progress::StoredProgress;
use crate::archive::Environment;
use crate::domain::{Error, Job, JobFailure, JobLease, JobState, Result};
use crate::pipeline::{OpenArchive, Progress};
use crate::store::{JobEnd, LeaseTerms, Store};

/// Between two looks at an empty queue.
const PAUSE: Duration = Duration::from_secs(1);

/// When a runner ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Nothing is due.
    Idle,
    /// The process ends.
    Told,
}

/// How many jobs a runner has done, and how many have failed for good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkedOff {
    /// Done.
    pub done: usize,
    /// Failed for good.
    pub failed: usize,
}

/// A process that does jobs, one after the other.
pub struct Runner {
    store: Store,
    environment: Environment,
    model: String,
    lease: Duration,
    presence: Presence,
    /// The job that it is at.
    at: Arc<Mutex<Option<JobLease>>>,
}

impl Runner {
    /// Over the archive of this environment; `model` is for meetings that have no transcript yet.
    ///
    /// # Errors
    /// `Archive` where it cannot be shown that this process is there.
    pub fn new(
        store: Store,
        environment: &Environment,
        model: &str,
        lease: Duration,
    ) -> Result<Self> {
        let presence = Presence::show(&environment.data_dir.locks())?;
        let (environment, model) = (environment.clone(), model.to_owned());
        Ok(Self { store, environment, model, lease, presence, at: Arc::default() })
    }

    /// What gives the job back that the runner is at, so that another can begin it at once: for when the
    /// process is about to end.
    pub fn release(&self) -> impl Fn() + Send + Sync + Clone + 'static {
        let (store, at) = (self.store.clone(), Arc::clone(&self.at));
        move || {
            let lease = at.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(lease) = lease
                && let Err(error) = store.leave_job(lease, &JobEnd::Released, Timestamp::now())
            {
                tracing::warn!(job = %lease.job, %error, "the job was not given back");
            }
        }
    }

    /// Works the queue off; each failure of the archive itself is logged once as long as it lasts.
    ///
    /// # Errors
    /// Those of the archive, where the runner is to end when nothing is due.
    pub fn work(&self, until: Until, progress: &dyn Progress) -> Result<WorkedOff> {
        let mut tally = WorkedOff::default();
        let mut known: Option<String> = None;
        loop {
            let began = Instant::now();
            let step = self.step(progress);
            match step {
                Ok(Some(JobState::Done)) => tally.done += 1,
                Ok(Some(JobState::Failed)) => tally.failed += 1,
                Ok(Some(_)) => {}
                Ok(None) if until == Until::Idle => return Ok(tally),
                Ok(None) => thread::sleep(PAUSE),
                Err(error) if until == Until::Idle => return Err(error),
                Err(error) => {
                    let error = error.to_string();
                    if known.as_ref() != Some(&error) {
                        tracing::error!(
                            error,
                            "the queue cannot be worked off; it is tried every second"
                        );
                    }
                    known = Some(error);
                    thread::sleep(PAUSE.saturating_sub(began.elapsed()));
                    continue;
                }
            }
            known = None;
        }
    }

    /// Does the next job; gives where it stands then, `None` where nothing is due.
    fn step(&self, progress: &dyn Progress) -> Result<Option<JobState>> {
        presence::lose_jobs_of_the_gone(&self.store, &self.environment.data_dir.locks())?;
        let (worker, length) = (self.presence.name(), self.lease);
        let terms = LeaseTerms { worker, now: Timestamp::now(), length };
        let Some((job, lease)) = self.store.lease_job(&terms)? else { return Ok(None) };
        self.set(Some(lease));
        let state = self.hold(&job, lease, progress);
        self.set(None);
        Ok(Some(state))
    }

    fn set(&self, lease: Option<JobLease>) {
        *self.at.lock().unwrap_or_else(PoisonError::into_inner) = lease;
    }

    /// Does a job under its lease, to the end and to the note of how it ended.
    fn hold(&self, job: &Job, lease: JobLease, progress: &dyn Progress) -> JobState {
        let kind = job.work.kind().code();
        let meeting = job.work.meeting().map(|m| m.as_str());
        let _entered = tracing::error_span!("job", job = %job.id, kind, meeting).entered();
        let began = Instant::now();
        thread::scope(|scope| {
            let _holding =
                Holding::begin(scope, &self.store, lease, self.presence.name(), self.lease);
            let done = self.act(job, lease, progress);
            let duration_ms = began.elapsed().as_millis() as u64;
            let failure = done.as_ref().err().map(JobFailure::from);
            let how = match (&done, &failure) {
                (_, Some(failure)) => JobEnd::Failed(failure),
                (Ok(what), None) => JobEnd::Done(what),
                (Err(_), None) => JobEnd::Released,
            };
            let Some(state) = self.leave(lease, &how) else {
                tracing::warn!(duration_ms, "the lease was lost, what came of it late was refused");
                return JobState::Queued;
            };
            match (&done, state) {
                (Ok(_), _) => tracing::info!(duration_ms, attempts = job.attempts, "done"),
                (Err(error), JobState::Failed) => {
                    tracing::error!(duration_ms, attempts = job.attempts, %error, "failed for good");
                }
                (Err(error), state) => {
                    let state = state.code();
                    tracing::warn!(duration_ms, attempts = job.attempts, state, %error, "not done");
                }
            }
            state
        })
    }

    fn act(&self, job: &Job, lease: JobLease, shown: &dyn Progress) -> Result<String> {
        let progress = StoredProgress::new(&self.store, lease, shown);
        let act = || {
            // Opened for each job, as a command does: whoever wrote meanwhile, the index is the newest.
            let archive =
                OpenArchive::with_index(self.store.clone(), &self.environment, &progress)?;
            let archive = archive.under(lease);
            let (environment, model) = (&self.environment, self.model.as_str());
            let place = Workplace { archive: &archive, environment, model, progress: &progress };
            kinds::work(&job.work, &place)
        };
        // What a job has half done counts for nothing: the next attempt begins anew.
        catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|_| {
            Err(Error::failed("Das Programm ist bei diesem Auftrag abgestürzt")
                .remedy("Das ist ein Fehler des Programms; sein Protokoll nennt die Stelle"))
        })
    }

    /// Notes how a job ended, on a full disk for as long as it takes; `None` where the lease is lost.
    fn leave(&self, lease: JobLease, how: &JobEnd<'_>) -> Option<JobState> {
        let mut is_told = false;
        loop {
            match self.store.leave_job(lease, how, Timestamp::now()) {
                Ok(state) => return state,
                Err(error) => {
                    if !is_told {
                        tracing::warn!(%error, "how the job ended cannot be noted yet");
                    }
                    is_told = true;
                    thread::sleep(PAUSE);
                }
            }
        }
    }
}
