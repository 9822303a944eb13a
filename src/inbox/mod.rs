//! What the public writes to whoever runs the site: reports of faults. Owns the place for it, a database beside the
//! archive, opened here and nowhere else, so that nothing from outside is ever written into the archive itself;
//! knows nothing of what a meeting shows, and stores nothing of whoever writes but what they say of themselves.

mod reports;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};

use crate::domain::{Error, Result};

pub use reports::{MOST_OPEN, Taken};

/// Name of the inbox's database in the data directory.
pub const INBOX_FILE: &str = "inbox.sqlite";

/// `application_id` of the file: "MitI".
const APPLICATION: i32 = 0x4D69_7449;

/// Applied in this order, each once, and never edited.
const MIGRATIONS: &[&str] = &[include_str!("migrations/0001_reports.sql")];

/// How long a statement waits for another process that writes.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// A handle to the inbox of a data directory; cheap to clone. The file is made when something comes in first.
#[derive(Clone)]
pub struct Inbox {
    shared: Arc<SharedInbox>,
}

struct SharedInbox {
    file: PathBuf,
    /// One is enough: reports are few.
    connection: Mutex<Option<Connection>>,
}

impl Inbox {
    /// The inbox beside an archive.
    pub fn beside(data_dir: &Path) -> Self {
        let shared = SharedInbox { file: data_dir.join(INBOX_FILE), connection: Mutex::default() };
        Self { shared: Arc::new(shared) }
    }

    /// Runs `work` in one transaction; it is kept whole or not at all.
    fn write<T>(&self, work: impl FnOnce(&Transaction) -> Result<T, Halt>) -> Result<T> {
        self.with(|connection| {
            let behavior = TransactionBehavior::Immediate;
            let transaction = connection.transaction_with_behavior(behavior)?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        })
    }

    /// Runs `work` on what is there; `None` where nothing has come in yet.
    fn read<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<Option<T>> {
        if !self.shared.file.is_file() {
            return Ok(None);
        }
        self.with(|connection| Ok(Some(work(connection)?)))
    }

    /// What was deleted is overwritten in the log as well; whether nobody who reads was in the way.
    fn purge_log(&self) -> Result<bool> {
        self.with(|connection| {
            let emptied: i64 =
                connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |r| r.get(0))?;
            Ok(emptied == 0)
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Connection) -> Result<T, Halt>) -> Result<T> {
        let mut kept = self.shared.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let done = match &mut *kept {
            Some(connection) => work(connection),
            None => open(&self.shared.file).map_err(Halt::from).and_then(|mut connection| {
                let done = work(&mut connection);
                *kept = Some(connection);
                done
            }),
        };
        done.map_err(|halt| match halt {
            Halt::Database(error) => explain(&self.shared.file, error),
            Halt::Other(error) => error,
        })
    }
}

/// Why work on the inbox ended early.
enum Halt {
    Database(rusqlite::Error),
    Other(Error),
}

impl From<rusqlite::Error> for Halt {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

fn open(file: &Path) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open(file)?;
    connection.busy_timeout(BUSY_WAIT)?;
    // Deleted text is overwritten, as in the archive.
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;",
    )?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (application, version, tables): (i32, usize, u32) = transaction.query_row(
        "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_master)
         FROM pragma_application_id, pragma_user_version",
        [],
        |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)),
    )?;
    let refusal = |why: &str| rusqlite::Error::ToSqlConversionFailure(why.into());
    if tables > 0 && application != APPLICATION {
        return Err(refusal("die Datei ist kein Posteingang dieses Programms"));
    }
    let new = MIGRATIONS
        .get(version..)
        .ok_or_else(|| refusal("die Datei ist von einer neueren Version des Programms"))?;
    for sql in new {
        transaction.execute_batch(sql)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", MIGRATIONS.len())?;
    transaction.commit()?;
    Ok(connection)
}

/// Puts a database error into words that say what to do.
fn explain(file: &Path, error: rusqlite::Error) -> Error {
    let file = file.display();
    let written = [rusqlite::ffi::SQLITE_IOERR_SHMSIZE, rusqlite::ffi::SQLITE_IOERR_WRITE];
    let is_full = error.sqlite_error_code() == Some(ErrorCode::DiskFull)
        || error.sqlite_error().is_some_and(|e| written.contains(&e.extended_code));
    if is_full {
        return Error::no_room(format!("Kein Platz mehr für den Posteingang {file}"))
            .because(error)
            .remedy("Schaffen Sie Platz auf dem Datenträger; es ist nichts verloren gegangen");
    }
    let (what, remedy) = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => (
            format!("Der Posteingang {file} wird gerade von einem anderen Vorgang beschrieben"),
            "Versuchen Sie es gleich noch einmal",
        ),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => (
            format!("Der Posteingang {file} lässt sich nicht öffnen oder beschreiben"),
            "Prüfen Sie die Rechte am Datenordner",
        ),
        _ => (
            format!("Fehler im Posteingang {file}"),
            "Ist die Datei beschädigt, legen Sie sie beiseite oder die der letzten Sicherung zurück; \
             das Archiv betrifft es nicht",
        ),
    };
    Error::archive(what).because(error).remedy(remedy)
}

#[cfg(test)]
impl Inbox {
    /// As on a disk that is full from now on, or not any more.
    pub(crate) fn pretend_full(&self, full: bool) {
        let pages = if full { 1 } else { 1_000_000 };
        let set = |c: &mut Connection| Ok(c.pragma_update(None, "max_page_count", pages)?);
        self.with(set).unwrap();
    }
}
