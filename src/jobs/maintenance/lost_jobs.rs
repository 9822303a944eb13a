//! Gives back to the queue what processes held that are gone or hang.

use super::Chore;
use crate::archive::Locks;
use crate::domain::Result;
use crate::jobs::{Hanging, presence};
use crate::store::Store;

/// The jobs of an archive whose holders are lost.
pub struct LostJobs {
    store: Store,
    locks: Locks,
    hanging: Hanging,
}

impl LostJobs {
    /// Of this archive; who hangs is added to `hanging`.
    pub fn new(store: Store, locks: Locks, hanging: Hanging) -> Self {
        Self { store, locks, hanging }
    }
}

impl Chore for LostJobs {
    fn name(&self) -> &'static str {
        "jobs of lost processes"
    }

    fn run(&mut self) -> Result<()> {
        presence::lose_jobs_of_the_gone(&self.store, &self.locks)?;
        for worker in self.store.lose_overdue_jobs(jiff::Timestamp::now())? {
            tracing::warn!(worker, "a process did not prolong its lease, its job is tried again");
            self.hanging.add(worker);
        }
        Ok(())
    }
}
