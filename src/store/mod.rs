//! The archive's only source of truth: one SQLite file, opened in one place.
//! Owns connections, migrations and the wording of database errors; each aggregate has its file.

mod alignments;
mod councils;
mod meetings;
mod overrules;
mod purge;
mod recordings;
mod speeches;
mod transcripts;
mod windows;
mod withheld;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};

use crate::domain::{Error, Result};

pub use alignments::StoredAlignment;
pub use councils::Change;
pub use meetings::MeetingRow;
pub use recordings::Published;
pub use transcripts::{StoredTranscript, TranscriptId};

/// Name of the database file in the data directory.
pub const ARCHIVE_FILE: &str = "archive.sqlite";

/// Versions before this one can lose committed writes when a checkpoint and a write race
/// (SQLite's "WAL reset" defect, mended in 3.51.3).
pub const OLDEST_SOUND_SQLITE: i32 = 3_051_003;

const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_start.sql"),
    include_str!("migrations/0002_recording_choice.sql"),
    include_str!("migrations/0003_windows.sql"),
    include_str!("migrations/0004_overrules.sql"),
    include_str!("migrations/0005_speeches.sql"),
    include_str!("migrations/0006_purge.sql"),
];
const BUSY_WAIT: Duration = Duration::from_secs(10);

/// A handle to the archive; cheap to clone, usable from every thread.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    file: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Store {
    /// Opens the archive in `data_dir`, creating and migrating it as needed.
    ///
    /// # Errors
    /// `Archive` where the folder cannot be written, the file is damaged or is newer than this
    /// program.
    pub fn open(data_dir: &Path) -> Result<Self> {
        std::fs::create_dir_all(data_dir).map_err(|e| {
            Error::archive(format!("Datenordner {} lässt sich nicht anlegen", data_dir.display()))
                .because(e)
                .remedy("Wählen Sie mit --data-dir einen Ordner mit Schreibrecht")
        })?;
        let file = data_dir.join(ARCHIVE_FILE);
        let store = Self { shared: Arc::new(Shared { file, idle: Mutex::default() }) };
        let mut connection = store.connect()?;
        store.explain(migrate(&mut connection))?;
        store.give_back(connection);
        Ok(store)
    }

    /// Where the database file lies.
    pub fn file(&self) -> &Path {
        &self.shared.file
    }

    /// Writes the log back into the file and empties it: what was deleted is overwritten there too.
    /// Readers that are in the way only delay this to the next time.
    fn empty_log(&self) -> Result<()> {
        self.read(|c| c.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)"))
    }

    /// Checks the whole file; gives SQLite's complaints, none if all is well.
    pub fn integrity_complaints(&self) -> Result<Vec<String>> {
        self.read(|c| {
            let mut statement = c.prepare("PRAGMA integrity_check")?;
            let lines =
                statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<_>, _>>()?;
            Ok(lines.into_iter().filter(|l: &String| l != "ok").collect())
        })
    }

    /// Runs `work` on a connection.
    fn read<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        let connection = self.take()?;
        let result = work(&connection);
        self.give_back(connection);
        self.explain(result)
    }

    /// Runs `work` in one transaction; it is kept whole or not at all.
    fn write<T>(&self, work: impl FnOnce(&Transaction) -> rusqlite::Result<T>) -> Result<T> {
        let mut connection = self.take()?;
        let result = connection.transaction_with_behavior(TransactionBehavior::Immediate).and_then(
            |transaction| {
                let value = work(&transaction)?;
                transaction.commit()?;
                Ok(value)
            },
        );
        self.give_back(connection);
        self.explain(result)
    }

    fn take(&self) -> Result<Connection> {
        let idle = self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| self.connect(), Ok)
    }

    fn give_back(&self, connection: Connection) {
        self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }

    fn connect(&self) -> Result<Connection> {
        let open = || {
            let connection = Connection::open(&self.shared.file)?;
            connection.busy_timeout(BUSY_WAIT)?;
            // Deleted text is overwritten: what was withdrawn must not linger in free pages.
            connection.execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
                 PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;",
            )?;
            Ok(connection)
        };
        self.explain(open())
    }

    fn explain<T>(&self, result: rusqlite::Result<T>) -> Result<T> {
        result.map_err(|e| explain(&self.shared.file, e))
    }
}

/// Puts a database error into words that say what to do.
fn explain(file: &Path, error: rusqlite::Error) -> Error {
    let file = file.display();
    let (what, remedy) = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => (
            format!("Das Archiv {file} wird gerade von einem anderen Vorgang beschrieben"),
            "Warten Sie, bis er fertig ist, und versuchen Sie es noch einmal",
        ),
        Some(ErrorCode::DiskFull) => (
            format!("Kein Platz mehr für das Archiv {file}"),
            "Schaffen Sie Platz auf dem Datenträger; es ist nichts verloren gegangen",
        ),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => (
            format!("Das Archiv {file} lässt sich nicht öffnen oder beschreiben"),
            "Prüfen Sie die Rechte am Datenordner",
        ),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            (format!("Das Archiv {file} ist beschädigt"), "Spielen Sie die letzte Sicherung zurück")
        }
        _ => (format!("Fehler im Archiv {file}"), "Näheres zeigt `mitschnitt doctor`"),
    };
    Error::archive(what).because(error).remedy(remedy)
}

fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let version = |c: &Connection| c.pragma_query_value(None, "user_version", |r| r.get(0));
    let current: usize = version(connection)?;
    if current == MIGRATIONS.len() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Read again under the lock: another process may have migrated meanwhile.
    let current: usize = version(&transaction)?;
    if current > MIGRATIONS.len() {
        return Err(rusqlite::Error::ToSqlConversionFailure(
            format!("archive format {current} is newer than this program knows").into(),
        ));
    }
    for sql in &MIGRATIONS[current..] {
        transaction.execute_batch(sql)?;
    }
    transaction.pragma_update(None, "user_version", MIGRATIONS.len())?;
    transaction.commit()
}

/// A JSON column, read and written as the type it holds.
struct Json<T>(T);

impl<T: serde::Serialize> rusqlite::ToSql for Json<T> {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        serde_json::to_string(&self.0)
            .map(Into::into)
            .map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))
    }
}

impl<T: serde::de::DeserializeOwned> rusqlite::types::FromSql for Json<T> {
    fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?)
            .map(Json)
            .map_err(|e| rusqlite::types::FromSqlError::Other(e.into()))
    }
}

/// A text column that holds an id, a date or another value with a textual form.
struct Text<T>(T);

impl<T: std::str::FromStr> rusqlite::types::FromSql for Text<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
        value
            .as_str()?
            .parse()
            .map(Text)
            .map_err(|e: T::Err| rusqlite::types::FromSqlError::Other(Box::new(e)))
    }
}

#[cfg(test)]
mod tests;
