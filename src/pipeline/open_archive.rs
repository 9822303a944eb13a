//! An archive and its index, opened together: what was missing is made up for before anything else.

use std::sync::Arc;

use super::{Efforts, Pipeline, Progress, Stage, Wanted};
use crate::archive::Environment;
use crate::child::ChildProgram;
use crate::domain::{JobLease, Result};
use crate::edition::{Editions, Viewer};
use crate::media::Decoder;
use crate::search::{Guarded, Searcher};
use crate::store::{Location, Store};
use crate::transcribe::EngineProcess;

/// Store and index of a data directory; cheap to clone.
#[derive(Clone)]
pub struct OpenArchive {
    /// The only source of truth.
    pub store: Store,
    /// Derived from it.
    pub searcher: Searcher,
}

impl OpenArchive {
    /// Opens an archive that is there already.
    ///
    /// # Errors
    /// `NotFound` where there is none yet: asking for something must not make an empty one. `Archive`
    /// where it or its index cannot be opened.
    pub fn open(environment: &Environment, progress: &dyn Progress) -> Result<Self> {
        Self::with_index(Store::open(location(environment))?, environment, progress)
    }

    /// The same, and makes a new archive where there is none.
    ///
    /// # Errors
    /// `Archive` where it or its index cannot be made or opened.
    pub fn create(environment: &Environment, progress: &dyn Progress) -> Result<Self> {
        Self::with_index(Store::create(location(environment))?, environment, progress)
    }

    /// An open store with its index. An index that was missing, damaged or of another format is filled
    /// again; what a withdrawal could not purge is purged, and what is in the way of that is left to
    /// those who withdraw.
    ///
    /// # Errors
    /// `Archive` where the index cannot be opened or made anew.
    pub fn with_index(
        store: Store,
        environment: &Environment,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let (searcher, fresh) = Searcher::open(&environment.data_dir.index())?;
        searcher.overrule_abbreviations(&environment.abbreviations)?;
        let archive = Self { store, searcher };
        if let Some(reason) = fresh {
            archive.refill(environment, progress, &reason)?;
        }
        if !archive.store.pending_purges()?.is_empty() {
            archive.pipeline(environment, progress)?.purge()?;
        }
        Ok(archive)
    }

    fn refill(
        &self,
        environment: &Environment,
        progress: &dyn Progress,
        reason: &str,
    ) -> Result<()> {
        let pipeline = self.pipeline(environment, progress)?;
        if self.store.meetings()?.is_empty() {
            return pipeline.index_all().map(|_| ());
        }
        progress.begin(Stage::Index, "", None);
        let refilled = pipeline.index_all();
        progress.end();
        let meetings = refilled?;
        if meetings > 0 {
            tracing::warn!(%reason, meetings, "index rebuilt");
        }
        Ok(())
    }

    /// The same, written to only as long as the lease of a job holds.
    #[must_use]
    pub fn under(&self, lease: JobLease) -> Self {
        Self { store: self.store.under(lease), searcher: self.searcher.clone() }
    }

    /// What of it anybody may see.
    pub fn editions(&self) -> Editions {
        Editions::new(self.store.clone(), Viewer::Public)
    }

    /// The search, without what was withdrawn a moment ago.
    pub fn guarded(&self) -> Guarded {
        Guarded::new(Arc::new(self.searcher.clone()), self.editions())
    }

    /// The stages over this archive.
    ///
    /// # Errors
    /// `Failed` where the program does not find itself, to start its child processes.
    pub fn pipeline<'a>(
        &'a self,
        environment: &'a Environment,
        progress: &'a dyn Progress,
    ) -> Result<Pipeline<'a>> {
        Ok(Pipeline {
            store: &self.store,
            searcher: &self.searcher,
            files: Box::new(environment.data_dir.files()),
            locks: environment.data_dir.locks(),
            engine: ChildProgram::itself(EngineProcess::COMMAND)?,
            decoder: Decoder::this_program()?,
            cutting: environment.cutting,
            decoding: environment.decoding,
            wanted: Wanted::default(),
            efforts: Efforts::new(environment.calibration.clone()),
            terms: Vec::new(),
            model_dirs: environment.model_dirs.clone(),
            progress,
        })
    }
}

/// Where the archive of this environment lies.
pub fn location(environment: &Environment) -> Location {
    Location::new(environment.data_dir.path(), environment.ledger.as_deref())
}
