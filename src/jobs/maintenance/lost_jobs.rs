//! Gives back to the queue what processes held that are gone or hang.

use super::Chore;
use crate::archive::Locks;
use crate::domain::Result;
use crate::jobs::presence;
use crate::store::Store;

/// The jobs of an archive whose holders are lost.
pub struct LostJobs {
    store: Store,
    locks: Locks,
}

impl LostJobs {
    /// Of this archive.
    pub fn new(store: Store, locks: Locks) -> Self {
        Self { store, locks }
    }
}

impl Chore for LostJobs {
    fn name(&self) -> &'static str {
        "jobs of lost processes"
    }

    fn run(&mut self) -> Result<()> {
        presence::lose_jobs_of_the_gone(&self.store, &self.locks)?;
        let hanging = self.store.lose_overdue_jobs(jiff::Timestamp::now())?;
        for worker in hanging {
            tracing::warn!(worker, "a process did not prolong its lease, its job is tried again");
        }
        Ok(())
    }
}
