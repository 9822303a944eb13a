//! Makes the search index anew where it is damaged, from what the archive holds.

use std::time::{Duration, Instant};

use super::Chore;
use crate::archive::Environment;
use crate::domain::{Error, Result};
use crate::pipeline::{OpenArchive, Silent};

/// The repair of an archive's index.
pub struct IndexRepair {
    archive: OpenArchive,
    environment: Environment,
}

impl IndexRepair {
    /// Of the index of this archive.
    pub fn new(archive: OpenArchive, environment: &Environment) -> Self {
        Self { archive, environment: environment.clone() }
    }
}

impl Chore for IndexRepair {
    fn name(&self) -> &'static str {
        "repair of the search index"
    }

    fn run(&mut self) -> Result<()> {
        let searcher = &self.archive.searcher;
        if !searcher.is_suspended() {
            let Some(damage) = searcher.find_damage()? else { return Ok(()) };
            tracing::error!(damage, "the search index is damaged and will be made anew");
            searcher.suspend();
        }
        let began = Instant::now();
        let pipeline = self.archive.pipeline(&self.environment, &Silent)?;
        let reason = {
            let busy = || Error::archive("In den Suchindex schreibt gerade ein anderer Vorgang");
            let _lock = pipeline.locks.index(Duration::ZERO)?.ok_or_else(busy)?;
            searcher.reopen()?
        };
        let meetings = searcher.refill(|| pipeline.index_all())?;
        let duration_ms = began.elapsed().as_millis() as u64;
        let reason = reason.as_deref().unwrap_or("sound by now");
        tracing::warn!(reason, meetings, duration_ms, "the search answers again");
        Ok(())
    }
}
