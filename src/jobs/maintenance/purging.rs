//! Ends what withdrawals have begun and could not end themselves.

use super::Chore;
use crate::archive::Environment;
use crate::domain::Result;
use crate::pipeline::{OpenArchive, Silent};

/// The purging of an archive.
pub struct Purging {
    archive: OpenArchive,
    environment: Environment,
}

impl Purging {
    /// Of this archive.
    pub fn new(archive: OpenArchive, environment: &Environment) -> Self {
        Self { archive, environment: environment.clone() }
    }
}

impl Chore for Purging {
    fn name(&self) -> &'static str {
        "purging of what was withdrawn"
    }

    fn run(&mut self) -> Result<()> {
        if self.archive.store.pending_purges()?.is_empty() {
            return Ok(());
        }
        let unpurged = self.archive.pipeline(&self.environment, &Silent)?.purge()?;
        unpurged.into_iter().next().map_or(Ok(()), |first| Err(first.why))
    }
}
