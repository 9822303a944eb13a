//! The archive as commands use it: store and index, and what every command that writes makes up for.

use std::sync::Arc;

use super::Context;
use super::progress::Display;
use crate::child::ChildProgram;
use crate::domain::{Result, Signature};
use crate::edition::{Editions, Viewer};
use crate::locks::Locks;
use crate::media::Decoder;
use crate::pipeline::{Pipeline, Progress, Stage, Unpurged, Wanted};
use crate::search::{Guarded, Searcher};
use crate::store::{Place, Store, What};
use crate::transcribe::EngineProcess;

/// Store and index of a data directory; cheap to clone.
#[derive(Clone)]
pub struct Archive {
    /// The only source of truth.
    pub store: Store,
    /// Derived from it.
    pub searcher: Searcher,
}

impl Archive {
    /// Opens both, and makes them where there are none. An index that was missing, damaged or of another
    /// format is filled again.
    pub fn create(context: &Context) -> Result<Self> {
        Self::with_index(Store::create(context.place())?, context)
    }

    /// Opens an archive that is there already.
    ///
    /// # Errors
    /// `NotFound` where there is none yet: asking for something must not make an empty one.
    pub fn open(context: &Context) -> Result<Self> {
        Self::with_index(Store::open(context.place())?, context)
    }

    /// An open archive with its index.
    ///
    /// # Errors
    /// `Archive` where the index cannot be opened or made anew.
    pub fn with_index(store: Store, context: &Context) -> Result<Self> {
        let (searcher, fresh) = Searcher::open(&context.index_dir())?;
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
            if refilled > 0 {
                tracing::warn!(%reason, meetings = refilled, "index rebuilt");
            }
        }
        if !archive.store.pending_purges()?.is_empty() {
            // What a withdrawal could not end, the next command does; what is in the way, those say that
            // withdraw.
            let progress = context.progress();
            archive.pipeline(context, &progress)?.purge()?;
        }
        Ok(archive)
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
    pub fn pipeline<'a>(
        &'a self,
        context: &'a Context,
        progress: &'a Display,
    ) -> Result<Pipeline<'a>> {
        Ok(Pipeline {
            store: &self.store,
            searcher: &self.searcher,
            data_dir: &context.global.data_dir,
            locks: Locks::of(&context.global.data_dir),
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

impl Context {
    /// Where the search index lies.
    pub fn index_dir(&self) -> std::path::PathBuf {
        self.global.data_dir.join("index")
    }

    /// Where the archive lies.
    pub fn place(&self) -> Place {
        Place::new(&self.global.data_dir, self.config.restrictions_file.as_deref())
    }
}

/// Ends what withdrawals have begun, and says what is still to be done and why.
///
/// # Errors
/// `Archive` where the archive cannot be read or written.
pub fn purge(pipeline: &Pipeline<'_>) -> Result<bool> {
    let unpurged = pipeline.purge()?;
    for Unpurged { pending, why } in &unpurged {
        note!("  Noch nicht getilgt: {} – {why}", describe(pending.what, &pending.subject));
    }
    if !unpurged.is_empty() {
        note!(
            "  Gezeigt wird davon nichts. Der nächste Befehl oder die laufende Website holt es nach."
        );
    }
    Ok(unpurged.is_empty())
}

/// What is to be purged, in words.
pub fn describe(what: What, subject: &str) -> String {
    match what {
        What::Index if subject.is_empty() => "Wörter in Dateien des Suchindex".to_owned(),
        What::Index => format!("Wörter der Sitzung {subject} in Dateien des Suchindex"),
        What::Copies => format!("nicht mehr gezeigte Fassungen der Sitzung {subject}"),
        What::File => format!("die Datei {subject}"),
        What::Log => "Zurückgezogenes im Protokoll des Archivs".to_owned(),
        What::Ledger => "die Einträge im Sperrverzeichnis fehlen".to_owned(),
    }
}

/// Who does something now: the name given, or that of the system's user.
pub fn signature(by: Option<&str>) -> Signature {
    let named = by.map(str::to_owned).or_else(user).unwrap_or_else(|| "unbekannt".to_owned());
    Signature { by: named, at: jiff::Timestamp::now() }
}

/// The name of the user whose process this is.
fn user() -> Option<String> {
    let number = rustix::process::getuid().as_raw().to_string();
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let of_user = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == number).then(|| name.to_owned())
    });
    of_user.or_else(|| std::env::var("USER").ok()).or(Some(format!("Benutzer {number}")))
}
