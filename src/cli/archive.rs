//! The archive as commands use it: store, index and the lock that keeps two writers apart.

use std::fs::{File, TryLockError};

use super::Context;
use super::progress::Display;
use crate::child::ChildProgram;
use crate::domain::{Error, Result};
use crate::media::Decoder;
use crate::pipeline::{Pipeline, Progress, Stage, Wanted};
use crate::search::Searcher;
use crate::store::{ARCHIVE_FILE, Store};
use crate::transcribe::EngineProcess;

/// Store and index of a data directory.
pub struct Archive {
    /// The only source of truth.
    pub store: Store,
    /// Derived from it.
    pub searcher: Searcher,
}

impl Archive {
    /// Opens an archive that is there already.
    ///
    /// # Errors
    /// `NotFound` where there is none yet: asking for something must not make an empty one.
    pub fn open_existing(context: &Context) -> Result<Self> {
        let dir = &context.global.data_dir;
        if dir.join(ARCHIVE_FILE).is_file() {
            return Self::open(context);
        }
        Err(Error::not_found(format!("In {} ist kein Archiv", dir.display()))
            .remedy("Nennen Sie seinen Ordner mit --data-dir; `mitschnitt ingest` legt eines an"))
    }

    /// Opens both; an index that was missing, damaged or of another format is filled again.
    pub fn open(context: &Context) -> Result<Self> {
        let store = Store::open(&context.global.data_dir)?;
        let (searcher, fresh) = Searcher::open(&context.global.data_dir.join("index"))?;
        let archive = Self { store, searcher };
        if let Some(reason) = fresh {
            let progress = context.progress();
            let pipeline = archive.pipeline(context, &progress)?;
            let filled = !archive.store.meetings()?.is_empty();
            if filled {
                progress.begin(Stage::Index, "Suchindex", None);
            }
            let refilled = pipeline.index_all();
            if filled {
                progress.end();
            }
            let refilled = refilled?;
            archive.searcher.release()?;
            if refilled > 0 {
                tracing::warn!(%reason, meetings = refilled, "index rebuilt");
            }
        }
        Ok(archive)
    }

    /// The stages over this archive.
    pub fn pipeline<'a>(
        &'a self,
        context: &'a Context,
        progress: &'a Display,
    ) -> Result<Pipeline<'a>> {
        Ok(Pipeline {
            store: &self.store,
            searcher: &self.searcher,
            data_dir: &context.global.data_dir,
            engine: ChildProgram::itself(EngineProcess::COMMAND)?,
            decoder: Decoder::this_program()?,
            cutting: context.config.windows,
            wanted: Wanted::default(),
            efforts: context.efforts(),
            model_dirs: context.model_dirs(),
            progress,
        })
    }
}

/// Held while one process brings the archive up to date; freed by the system when it dies.
pub struct WriterLock(#[allow(dead_code)] File);

impl WriterLock {
    /// Takes the lock, or says that another process has it.
    pub fn take(context: &Context) -> Result<Self> {
        let path = context.global.data_dir.join("run.lock");
        let failed = |e: std::io::Error| {
            Error::archive(format!("{} lässt sich nicht anlegen", path.display()))
                .because(e)
                .remedy("Prüfen Sie Rechte und freien Platz des Datenordners")
        };
        std::fs::create_dir_all(&context.global.data_dir).map_err(failed)?;
        let file = File::create(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => {
                let dir = context.global.data_dir.display();
                Err(Error::archive(format!("Ein anderer Lauf bearbeitet gerade das Archiv {dir}"))
                    .remedy("Warten Sie, bis er fertig ist"))
            }
            Err(TryLockError::Error(e)) => Err(failed(e)),
        }
    }
}
