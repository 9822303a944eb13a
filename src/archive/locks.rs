//! Locks between processes: one for writing the index, held shortly, and for each meeting one for
//! hearing it and one for its copies. Owns that nobody who withdraws something waits for hours behind
//! a recognition.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::domain::{Error, MeetingId, Result};

/// How often a lock that is taken is asked for again.
const AGAIN: Duration = Duration::from_millis(30);

/// What the names of processes' locks begin with.
const WORKER: &str = "vorgang-";
/// After this, whoever made a lock has taken it.
const SETTLED: Duration = Duration::from_secs(60);

/// The locks of a data directory, as files in a folder of their own.
#[derive(Clone, Debug)]
pub struct Locks {
    folder: PathBuf,
}

/// Held until it is dropped; freed by the system when the process dies.
#[derive(Debug)]
pub struct Guard(#[allow(dead_code)] File);

impl Locks {
    /// Those in this folder; it is made where there is none.
    pub fn of(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// The right to write the search index. Waits as long as `patience` for whoever has it; `None`
    /// where that is not enough.
    ///
    /// # Errors
    /// `Archive` where the lock cannot be made.
    pub fn index(&self, patience: Duration) -> Result<Option<Guard>> {
        let until = Instant::now() + patience;
        loop {
            match self.take("index")? {
                Some(guard) => return Ok(Some(guard)),
                None if Instant::now() >= until => return Ok(None),
                None => std::thread::sleep(AGAIN),
            }
        }
    }

    /// The right to make a meeting's text; `None` where another process is at it.
    ///
    /// # Errors
    /// `Archive` where the lock cannot be made.
    pub fn meeting(&self, id: &MeetingId) -> Result<Option<Guard>> {
        self.take(&format!("sitzung-{id}"))
    }

    /// The right to make or delete public copies of a meeting; `None` where another process is at it.
    ///
    /// # Errors
    /// `Archive` where the lock cannot be made.
    pub fn copies(&self, meeting: &MeetingId) -> Result<Option<Guard>> {
        self.take(&format!("fassungen-{meeting}"))
    }

    /// The lock that a process of this name holds as long as it lives; `None` where it does.
    ///
    /// # Errors
    /// `Archive` where the lock cannot be made.
    pub fn worker(&self, name: &str) -> Result<Option<Guard>> {
        self.take(&worker_file(name))
    }

    /// Forgets the lock of a process that is gone; its name does not come again.
    pub fn forget_worker(&self, name: &str) {
        let _ = std::fs::remove_file(self.folder.join(worker_file(name)));
    }

    /// Forgets the locks of all processes that are gone.
    pub fn forget_gone_workers(&self) {
        let Ok(files) = std::fs::read_dir(&self.folder) else { return };
        for file in files.flatten() {
            let name = file.file_name().to_string_lossy().into_owned();
            // A new one is there a moment before it is locked.
            let age = file.metadata().ok().and_then(|m| m.modified().ok()?.elapsed().ok());
            let is_old = age.is_some_and(|age| age > SETTLED);
            if is_old && name.starts_with(WORKER) && matches!(self.take(&name), Ok(Some(_))) {
                let _ = std::fs::remove_file(file.path());
            }
        }
    }

    fn take(&self, name: &str) -> Result<Option<Guard>> {
        let path = self.folder.join(name);
        let failed = |e: std::io::Error| {
            Error::archive(format!("{} lässt sich nicht anlegen", path.display()))
                .because(e)
                .remedy("Prüfen Sie Rechte und freien Platz des Datenordners")
        };
        std::fs::create_dir_all(&self.folder).map_err(failed)?;
        let file = File::create(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Guard(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(failed(e)),
        }
    }
}

fn worker_file(name: &str) -> String {
    // A name out of the archive must not lead elsewhere.
    let plain: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    format!("{WORKER}{plain}")
}
