//! Which processes are there: each that takes jobs holds a lock of its own, which the system frees when it
//! dies. Owns the names of processes; a process that hangs is there.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

use crate::archive::{Guard, Locks};
use crate::domain::{Error, Result};
use crate::store::Store;

/// This process, as a holder of leases.
#[derive(Debug)]
pub struct Presence {
    name: String,
    locks: Locks,
    _lock: Guard,
}

impl Presence {
    /// Shows that this process is there, until it is dropped or dies.
    ///
    /// # Errors
    /// `Archive` where the lock cannot be made.
    pub fn show(locks: &Locks) -> Result<Self> {
        locks.forget_gone_workers();
        // Numbers of processes come again; the moment does not.
        let moment = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos());
        let name = format!("{}-{moment:x}", std::process::id());
        let lock = locks.worker(&name)?;
        let taken = || Error::archive("Ein anderer Vorgang hat denselben Namen");
        Ok(Self { _lock: lock.ok_or_else(taken)?, locks: locks.clone(), name })
    }

    /// Its name, of which there is one.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Whether a name is that of the process with this number.
pub(super) fn is_of(name: &str, process: u32) -> bool {
    name.split_once('-').is_some_and(|(number, _)| number == process.to_string())
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.locks.forget_worker(&self.name);
    }
}

/// Takes back the leases of processes that have died.
///
/// # Errors
/// `Archive` where the archive cannot be read or written.
pub(super) fn lose_jobs_of_the_gone(store: &Store, locks: &Locks) -> Result<()> {
    for worker in store.job_holders()? {
        // Whoever is there holds its lock.
        let Some(_lock) = locks.worker(&worker)? else { continue };
        let jobs = store.lose_jobs_of(&worker, Timestamp::now())?;
        tracing::warn!(worker, jobs, "a process that worked on jobs is gone");
        locks.forget_worker(&worker);
    }
    Ok(())
}
