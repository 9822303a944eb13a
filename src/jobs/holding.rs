//! Holding a job while it is done: a thread prolongs the lease, so that whoever does the work need not think
//! of it. Owns the beat; what is written after the lease is lost, the store refuses.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, Scope};
use std::time::Duration;

use jiff::Timestamp;

use crate::domain::JobLease;
use crate::store::{Heartbeat, LeaseTerms, Store};

/// Heartbeats within the length of a lease: two may fail.
const BEATS: u32 = 3;

/// Prolongs a lease until it is dropped.
pub(super) struct Holding {
    _stop: Sender<()>,
}

impl Holding {
    /// Begins to; the thread ends with `scope` at the latest.
    pub fn begin<'scope>(
        scope: &'scope Scope<'scope, '_>,
        store: &'scope Store,
        lease: JobLease,
        worker: &'scope str,
        length: Duration,
    ) -> Self {
        let (stop, stopped) = mpsc::channel();
        let beat = move || {
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(length / BEATS) {
                let terms = LeaseTerms { worker, now: Timestamp::now(), length };
                match store.heartbeat(lease, &terms) {
                    Ok(Heartbeat::GoOn) => {}
                    Ok(Heartbeat::LetGo) => {
                        tracing::info!(job = %lease.job, "the job is called off or halted");
                    }
                    Ok(Heartbeat::Lost) => {
                        tracing::warn!(job = %lease.job, "the lease is lost, nothing of it is written any more");
                        return;
                    }
                    // A full disk, or others that write: the next beat may succeed.
                    Err(error) => tracing::debug!(job = %lease.job, %error, "no heartbeat"),
                }
            }
        };
        // Without the thread the lease runs out, and the work is refused: nothing is harmed.
        let started = thread::Builder::new().name("heartbeat".to_owned()).spawn_scoped(scope, beat);
        if let Err(error) = started {
            tracing::error!(%error, "no thread for heartbeats");
        }
        Self { _stop: stop }
    }
}
