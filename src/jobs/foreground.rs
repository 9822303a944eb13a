//! A job that a command does itself, at once: under a lease like any other, so that no worker is at the same
//! meeting, and what is written late is refused. What came to nothing leaves no trace in the queue.

use std::time::Duration;

use jiff::Timestamp;

use super::holding::Holding;
use super::presence::{self, Presence};
use super::progress::StoredProgress;
use crate::archive::Locks;
use crate::domain::{JobFailure, JobLease, JobPriority, JobWork, Result, Signature};
use crate::pipeline::{OpenArchive, Progress, busy};
use crate::store::{Begun, JobEnd, LeaseTerms, NewJob, Store};

/// Where and how commands do their jobs.
pub struct Foreground<'a> {
    /// The archive.
    pub archive: &'a OpenArchive,
    /// The locks of its data directory.
    pub locks: &'a Locks,
    /// Who waits.
    pub progress: &'a dyn Progress,
    /// This process.
    pub presence: &'a Presence,
    /// How long a lease lasts.
    pub lease: Duration,
}

/// Whether anything came of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// Everything was as it should be.
    ToNothing,
    /// This was done, as codes.
    To(String),
}

/// Does a job in this process: `work` is given the archive and the progress that it is to use.
///
/// # Errors
/// Those of the work; `Archive` where another process is at the same meeting.
pub fn run_here<T>(
    place: &Foreground<'_>,
    work: JobWork,
    queued: Signature,
    act: impl FnOnce(&OpenArchive, &dyn Progress) -> Result<(T, Came)>,
) -> Result<T> {
    let (store, worker) = (&place.archive.store, place.presence.name());
    presence::lose_jobs_of_the_gone(store, place.locks)?;
    let new = NewJob { work, priority: JobPriority::HIGH, queued };
    let terms = LeaseTerms { worker, now: Timestamp::now(), length: place.lease };
    let lease = match store.begin_job(&new, &terms)? {
        Begun::Lease(lease) => lease,
        Begun::Busy(_) => return Err(busy()),
    };
    let done = std::thread::scope(|scope| {
        let _holding = Holding::begin(scope, store, lease, worker, place.lease);
        let progress = StoredProgress::new(store, lease, place.progress);
        act(&place.archive.under(lease), &progress)
    });
    let failure = done.as_ref().err().map(JobFailure::from);
    let how = match (&done, &failure) {
        (Ok((_, Came::ToNothing)), _) => JobEnd::Nothing,
        (Ok((_, Came::To(what))), _) => JobEnd::Done(what),
        (Err(_), Some(failure)) => JobEnd::Failed(failure),
        (Err(_), None) => JobEnd::Released,
    };
    leave(store, lease, &how);
    done.map(|(value, _)| value)
}

/// What is done is done, also where that cannot be noted; the job is then lost when the process ends.
fn leave(store: &Store, lease: JobLease, how: &JobEnd<'_>) {
    if let Err(error) = store.leave_job(lease, how, Timestamp::now()) {
        tracing::warn!(job = %lease.job, %error, "how the job ended was not noted");
    }
}
