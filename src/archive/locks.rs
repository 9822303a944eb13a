//! Locks between processes: one for writing the index, held shortly, and for each meeting one for
//! hearing it and one for its copies. Owns that nobody who withdraws something waits for hours behind
//! a recognition.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::domain::{Error, MeetingId, Result};

/// How often a lock that is taken is asked for again.
const AGAIN: Duration = Duration::from_millis(30);

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
