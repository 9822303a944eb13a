//! The archive's only source of truth: one SQLite file, opened in one place.
//! Owns connections, what they may do, and the wording of database errors; each aggregate has its file.

mod accounts;
mod alignments;
mod anchored;
mod audit;
mod changes;
mod councils;
mod glossary;
mod held;
mod identity;
mod intakes;
mod job_leases;
mod jobs;
mod known_places;
mod ledger;
mod meeting_records;
mod meetings;
mod opening;
mod outside;
mod outside_claims;
mod outside_filter;
mod overrules;
mod places;
mod publications;
mod purge;
mod recordings;
mod redacting;
mod registering;
mod restrictions;
mod reviews;
mod revisions;
mod same_meeting;
mod sealing;
mod sign_ins;
mod speeches;
mod text_work;
mod transcripts;
mod windows;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};

use crate::domain::{Error, JobLease, Result};

use known_places::PlacesByRecording;

pub use accounts::{AccountSecrets, FailedSignIns};
pub use alignments::{Put, StoredAlignment};
pub use changes::ChangeWatch;
pub use councils::Change;
pub use glossary::GlossaryState;
pub use held::{Held, HoldReason};
pub use intakes::RegisteredFile;
pub use job_leases::{Begun, Heartbeat, JobEnd, LeaseTerms};
pub use jobs::{Cancelled, Enqueued, NewJob, QueueSwitch};
pub use meeting_records::ShownOutside;
pub use meetings::MeetingRow;
pub use opening::{Location, OLDEST_SOUND_SQLITE};
pub use publications::Publication;
pub use purge::{PendingPurge, Purge};
pub use recordings::{FormerRecording, MediaRow, Published};
pub use registering::{Notice, Registered, Registration};
pub use restrictions::NewRestriction;
pub use revisions::{CorrectedText, Revised, RevisionsSeen};
pub use sign_ins::{Present, SignInLimits};
pub use transcripts::{Heard, ShownText, ShownTranscript, StoredTranscript, TranscriptId};

/// Name of the database file in the data directory.
pub const ARCHIVE_FILE: &str = "archive.sqlite";

/// How long a statement waits for others that write.
const BUSY_WAIT: Duration = Duration::from_secs(10);
/// How long emptying the log waits for others that read; after that it stays to be done.
const READER_WAIT: Duration = Duration::from_secs(2);
/// Connections at once; more work waits for one to be free.
const CONNECTIONS: usize = 12;

/// A handle to the archive; cheap to clone, usable from every thread.
#[derive(Clone)]
pub struct Store {
    shared: Arc<SharedStore>,
    /// The lease without which nothing is written, where it is a job that writes.
    fence: Option<JobLease>,
}

struct SharedStore {
    location: Location,
    file: PathBuf,
    power: Power,
    pool: Mutex<ConnectionPool>,
    freed: Condvar,
    places: PlacesByRecording,
}

#[derive(Default)]
struct ConnectionPool {
    idle: Vec<Connection>,
    open: usize,
}

/// What a handle may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Power {
    Write,
    Read,
    /// Reads a file that nobody can write, as on a medium that is mounted read-only.
    ReadUnchanging,
}

impl Store {
    /// The data directory.
    pub fn data_dir(&self) -> &Path {
        &self.shared.location.data_dir
    }

    /// Where the database file lies.
    pub fn file(&self) -> &Path {
        &self.shared.file
    }

    /// Where the ledger of restrictions lies.
    pub fn ledger(&self) -> &Path {
        &self.shared.location.ledger
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

    /// The columns that should hold JSON and do not: table, column and how many rows.
    pub fn broken_json(&self) -> Result<Vec<(String, String, u64)>> {
        const COLUMNS: &[(&str, &str)] = &[
            ("transcript", "content"),
            ("transcript", "heard"),
            ("alignment", "content"),
            ("recording", "public"),
            ("recording", "source_public"),
            ("recognized_window", "content"),
            ("speech", "content"),
            ("recorded_vote", "content"),
            ("speaker_segment", "content"),
            ("meeting_record", "content"),
            ("overrule", "point"),
            ("restriction", "content"),
            ("published", "shows"),
            ("meeting", "organizations"),
            ("person", "titles"),
            ("audit", "details"),
            ("resolution_form", "form"),
            ("job", "work"),
        ];
        self.read(|c| {
            let mut broken = Vec::new();
            for (table, column) in COLUMNS {
                let sql = format!("SELECT count(*) FROM {table} WHERE NOT json_valid({column})");
                let rows: u64 = c.query_row(&sql, [], |r| r.get(0))?;
                if rows > 0 {
                    broken.push(((*table).to_owned(), (*column).to_owned(), rows));
                }
            }
            Ok(broken)
        })
    }

    /// Runs `work` on a connection.
    fn read<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        let lease = self.lease()?;
        self.explain(work(&lease))
    }

    /// Runs `work` in one transaction; it is kept whole or not at all.
    fn write<T>(&self, work: impl FnOnce(&Transaction) -> rusqlite::Result<T>) -> Result<T> {
        let mut lease = self.lease()?;
        self.explain(in_transaction(&mut lease, self.fence, work))
    }

    /// As [`Self::write`], for what must not fail for want of room: where the disk is full, the reserve
    /// is given up for it.
    fn write_reserved<T>(&self, work: impl Fn(&Transaction) -> rusqlite::Result<T>) -> Result<T> {
        let mut lease = self.lease()?;
        let mut result = in_transaction(&mut lease, self.fence, &work);
        if result.as_ref().is_err_and(is_full) && self.give_up_reserve() {
            result = in_transaction(&mut lease, self.fence, &work);
        }
        self.explain(result)
    }

    /// Waits for a connection to be free.
    fn lease(&self) -> Result<Lease<'_>> {
        let mut pool = self.shared.pool.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(connection) = pool.idle.pop() {
                return Ok(Lease { connection: Some(connection), shared: &self.shared });
            }
            if pool.open < CONNECTIONS {
                pool.open += 1;
                break;
            }
            pool = self.shared.freed.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
        drop(pool);
        match self.connect() {
            Ok(connection) => Ok(Lease { connection: Some(connection), shared: &self.shared }),
            Err(error) => {
                self.shared.one_less();
                Err(error)
            }
        }
    }

    fn explain<T>(&self, result: rusqlite::Result<T>) -> Result<T> {
        result.map_err(|e| explain(&self.shared.file, e))
    }
}

/// A connection in use; free again when it is dropped, also by a panic.
struct Lease<'s> {
    /// Taken out by `drop` alone.
    connection: Option<Connection>,
    shared: &'s SharedStore,
}

impl std::ops::Deref for Lease<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("it is there until the lease is dropped")
    }
}

impl std::ops::DerefMut for Lease<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("it is there until the lease is dropped")
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        self.shared.pool.lock().unwrap_or_else(PoisonError::into_inner).idle.push(connection);
        self.shared.freed.notify_one();
    }
}

impl SharedStore {
    /// A connection that was counted could not be opened.
    fn one_less(&self) {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner).open -= 1;
        self.freed.notify_one();
    }
}

fn in_transaction<T>(
    connection: &mut Connection,
    fence: Option<JobLease>,
    work: impl FnOnce(&Transaction) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    job_leases::admit(&transaction, fence)?;
    let value = work(&transaction)?;
    transaction.commit()?;
    Ok(value)
}

/// Whether an operation failed for want of room, also for the file that connections share.
fn is_full(error: &rusqlite::Error) -> bool {
    let rusqlite::Error::SqliteFailure(failure, _) = error else { return false };
    let code = failure.extended_code;
    failure.code == ErrorCode::DiskFull
        || [rusqlite::ffi::SQLITE_IOERR_SHMSIZE, rusqlite::ffi::SQLITE_IOERR_WRITE].contains(&code)
}

/// Puts a database error into words that say what to do.
fn explain(file: &Path, error: rusqlite::Error) -> Error {
    if let Some(lost) = job_leases::explain_lost(&error) {
        return lost;
    }
    let file = file.display();
    if is_full(&error) {
        return Error::no_room(format!("Kein Platz mehr für das Archiv {file}"))
            .because(error)
            .remedy("Schaffen Sie Platz auf dem Datenträger; es ist nichts verloren gegangen");
    }
    let (what, remedy) = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => (
            format!("Das Archiv {file} wird gerade von einem anderen Vorgang beschrieben"),
            "Warten Sie, bis er fertig ist, und versuchen Sie es noch einmal",
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
struct Parsed<T>(T);

impl<T: std::str::FromStr> rusqlite::types::FromSql for Parsed<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
        value
            .as_str()?
            .parse()
            .map(Parsed)
            .map_err(|e: T::Err| rusqlite::types::FromSqlError::Other(Box::new(e)))
    }
}

#[cfg(test)]
mod tests;
