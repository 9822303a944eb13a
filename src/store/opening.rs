//! Opening an archive: for writing or reading, creating it only where that is asked for, bringing an
//! older one up to date. Owns the migrations and the reserve; refuses files that are no archive.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};

use percent_encoding::{AsciiSet, CONTROLS, percent_encode};
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior, params};

use super::{
    ARCHIVE_FILE, BUSY_WAIT, PlacesByRecording, Power, READER_WAIT, SharedStore, Store, ledger,
    redacting, restrictions,
};
use crate::domain::{Error, Result};

/// Versions before this one can lose committed writes when a checkpoint and a write race
/// (SQLite's "WAL reset" defect, mended in 3.51.3).
pub const OLDEST_SOUND_SQLITE: i32 = 3_051_003;

/// `application_id` of our files: "Mits".
const APPLICATION: i32 = 0x4D69_7473;

/// Applied in this order, each once, and never edited.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_start.sql"),
    include_str!("migrations/0002_recording_choice.sql"),
    include_str!("migrations/0003_windows.sql"),
    include_str!("migrations/0004_overrules.sql"),
    include_str!("migrations/0005_speeches.sql"),
    include_str!("migrations/0006_purge.sql"),
    include_str!("migrations/0007_restrictions.sql"),
    include_str!("migrations/0008_outside_evidence.sql"),
    include_str!("migrations/0009_meeting_records.sql"),
    include_str!("migrations/0010_publications.sql"),
    include_str!("migrations/0011_shown_as.sql"),
    include_str!("migrations/0012_audit.sql"),
    include_str!("migrations/0013_accounts.sql"),
    include_str!("migrations/0014_jobs.sql"),
    include_str!("migrations/0015_review.sql"),
    include_str!("migrations/0016_intake.sql"),
    include_str!("migrations/0017_revision.sql"),
    include_str!("migrations/0018_glossary.sql"),
    include_str!("migrations/0019_job_again.sql"),
    include_str!("migrations/0020_extent.sql"),
];

/// The file beside the archive that keeps room for a withdrawal on a full disk.
const RESERVE_FILE: &str = "reserve";
/// Its size in bytes: the texts of a long meeting, written anew, a few times over.
const RESERVE: u64 = 32 << 20;
/// The ledger, where the settings do not put it elsewhere.
const LEDGER_FILE: &str = "restrictions.jsonl";

/// Where an archive lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The data directory.
    pub data_dir: PathBuf,
    /// The ledger of restrictions.
    pub ledger: PathBuf,
}

impl Location {
    /// In a data directory, with the ledger where the settings say.
    pub fn new(data_dir: &Path, ledger: Option<&Path>) -> Self {
        let beside = || data_dir.join(LEDGER_FILE);
        Self { data_dir: data_dir.to_owned(), ledger: ledger.map_or_else(beside, Path::to_owned) }
    }

    /// Whether there is an archive.
    pub fn has_archive(&self) -> bool {
        self.data_dir.join(ARCHIVE_FILE).is_file()
    }
}

impl From<&Path> for Location {
    fn from(data_dir: &Path) -> Self {
        Self::new(data_dir, None)
    }
}

impl Store {
    /// Opens the archive for writing, and brings an older one up to date.
    ///
    /// # Errors
    /// `NotFound` where there is none, `Archive` where the file is empty, damaged, not ours, or newer
    /// than this program.
    pub fn open(location: impl Into<Location>) -> Result<Self> {
        let store = Self::handle(location.into(), Power::Write)?;
        let mut connection = store.connect()?;
        let migrated = migrate(&mut connection, &store);
        store.put_first(connection);
        store.explain(migrated)?;
        store.refuse_lost_ledger()?;
        store.read_ledger()?;
        store.tell_ledger()?;
        store.keep_reserve();
        Ok(store)
    }

    /// The same, and makes a new archive where there is none.
    ///
    /// # Errors
    /// As of [`Self::open`]; `Archive` where the folder cannot be written.
    pub fn create(location: impl Into<Location>) -> Result<Self> {
        let location = location.into();
        if !location.data_dir.join(ARCHIVE_FILE).exists() {
            make(&location.data_dir)?;
        }
        Self::open(location)
    }

    /// Opens the archive for reading only; the data directory may be read-only too.
    ///
    /// # Errors
    /// As of [`Self::open`]; `Archive` where the archive is older than this program, or than the ledger
    /// of what was withdrawn: both need somebody who may write.
    pub fn open_to_read(location: impl Into<Location>) -> Result<Self> {
        let location = location.into();
        let store = match Self::reading(location.clone(), Power::Read) {
            // Without the right to write beside the file, SQLite reads only what nobody changes.
            Err(error) if !log_has_content(&location) => {
                Self::reading(location, Power::ReadUnchanging).map_err(|_| error)?
            }
            opened => opened?,
        };
        store.refuse_lost_ledger()?;
        if !store.missing_events()?.is_empty() {
            let file = store.file().display();
            let what =
                format!("Das Archiv {file} ist älter als das, was seither zurückgezogen wurde");
            return Err(Error::archive(what).remedy(
                "Machen Sie den Datenordner beschreibbar: der nächste Befehl trägt es nach",
            ));
        }
        Ok(store)
    }

    fn reading(location: Location, power: Power) -> Result<Self> {
        let store = Self::handle(location, power)?;
        let connection = store.connect()?;
        let version = store.explain(version(&connection))?;
        store.put_first(connection);
        if version < MIGRATIONS.len() {
            let file = store.file().display();
            return Err(Error::archive(format!("Das Archiv {file} ist von einer älteren Version"))
                .remedy("Machen Sie den Datenordner beschreibbar; jeder Befehl bringt es dann auf den Stand"));
        }
        Ok(store)
    }

    /// Without the ledger that it had, nobody knows what was withdrawn since this archive was copied.
    fn refuse_lost_ledger(&self) -> Result<()> {
        if !self.is_ledger_lost()? {
            return Ok(());
        }
        let path = self.ledger().display();
        Err(Error::archive(format!("Das Sperrverzeichnis {path} fehlt")).remedy(
            "Hängen Sie seinen Datenträger ein oder legen Sie es aus der Sicherung zurück; ist es verloren, \
             nehmen Sie `restrictions_file` aus mitschnitt.toml",
        ))
    }

    fn handle(location: Location, power: Power) -> Result<Self> {
        let file = location.data_dir.join(ARCHIVE_FILE);
        check_file(&file, &location.data_dir)?;
        let pool = Mutex::default();
        let (freed, places) = (Condvar::new(), PlacesByRecording::default());
        let shared = SharedStore { location, file, power, pool, freed, places };
        Ok(Self { shared: Arc::new(shared), fence: None })
    }

    /// Takes the connection that was opened beside the pool into it.
    fn put_first(&self, connection: Connection) {
        let mut pool = self.shared.pool.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        pool.open += 1;
        pool.idle.push(connection);
    }

    pub(super) fn connect(&self) -> Result<Connection> {
        let open = || {
            let file = &self.shared.file;
            let read = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = match self.shared.power {
                Power::Write => Connection::open_with_flags(
                    file,
                    OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
                )?,
                Power::Read => Connection::open_with_flags(file, read)?,
                Power::ReadUnchanging => Connection::open_with_flags(
                    unchanging(file),
                    read | OpenFlags::SQLITE_OPEN_URI,
                )?,
            };
            connection.busy_timeout(BUSY_WAIT)?;
            connection.execute_batch(match self.shared.power {
                // Deleted text is overwritten: what was withdrawn must not linger in free pages.
                Power::Write => {
                    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
                     PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;"
                }
                Power::Read | Power::ReadUnchanging => "PRAGMA query_only = ON;",
            })?;
            // Shows at once whether it can be read.
            version(&connection)?;
            Ok(connection)
        };
        let mut opened = open();
        let full = opened.as_ref().is_err_and(super::is_full);
        if full && self.shared.power == Power::Write && self.give_up_reserve() {
            opened = open();
        }
        self.explain(opened)
    }

    /// Writes the archive's log back into its file and empties it, so that what was deleted is
    /// overwritten there too. Gives whether that succeeded: whoever is reading an older state of the
    /// archive is in the way.
    ///
    /// # Errors
    /// `Archive` where the disk fails.
    pub fn purge_log(&self) -> Result<bool> {
        self.read(|c| {
            c.busy_timeout(READER_WAIT)?;
            let emptied = c
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |r| Ok(r.get::<_, i64>(0)? == 0));
            c.busy_timeout(BUSY_WAIT)?;
            emptied
        })
    }

    /// Keeps room for withdrawals, where there is room and it is not kept yet.
    pub fn keep_reserve(&self) {
        let path = self.data_dir().join(RESERVE_FILE);
        let make = || -> std::io::Result<()> {
            let file =
                std::fs::OpenOptions::new().write(true).create(true).truncate(false).open(&path)?;
            rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, RESERVE)?;
            Ok(())
        };
        if path.metadata().is_ok_and(|m| m.len() >= RESERVE) {
            return;
        }
        if let Err(error) = make() {
            tracing::debug!(%error, "no reserve for withdrawals");
            let _ = std::fs::remove_file(&path);
        }
    }

    /// Whether room is kept for withdrawals.
    pub fn has_reserve(&self) -> bool {
        self.data_dir().join(RESERVE_FILE).metadata().is_ok_and(|m| m.len() >= RESERVE)
    }

    /// Gives up the reserve; whether there was one.
    pub(super) fn give_up_reserve(&self) -> bool {
        tracing::warn!("the disk is full, the reserve is given up for a withdrawal");
        std::fs::remove_file(self.data_dir().join(RESERVE_FILE)).is_ok()
    }

    /// The copies of the archive from before it was brought up to date. They hold what was withdrawn
    /// since, so a withdrawal ends them.
    pub fn upgrade_copies(&self) -> Vec<PathBuf> {
        (1..MIGRATIONS.len())
            .map(|n| copy_of_format(self.data_dir(), n))
            .filter(|p| p.exists())
            .collect()
    }

    /// Writes a copy of the archive, as it is at this moment, to `target`, while others go on.
    ///
    /// # Errors
    /// `Archive` where it cannot be written.
    pub fn copy_to(&self, target: &Path) -> Result<()> {
        self.read(|c| copy(c, target))
    }

    /// The same of a database that is none of the archive.
    ///
    /// # Errors
    /// `Archive` where it cannot be read or the copy not be written.
    pub fn copy_database(file: &Path, target: &Path) -> Result<()> {
        let copied = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)
            .and_then(|connection| copy(&connection, target));
        copied.map_err(|e| super::explain(file, e))
    }
}

fn copy(from: &Connection, target: &Path) -> rusqlite::Result<()> {
    let mut copy = Connection::open(target)?;
    let backup = rusqlite::backup::Backup::new(from, &mut copy)?;
    backup.run_to_completion(1_000, std::time::Duration::from_millis(1), None)?;
    drop(backup);
    // One file, without a log beside it.
    copy.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))
}

fn copy_of_format(data_dir: &Path, format: usize) -> PathBuf {
    data_dir.join(format!("archive-format-{format}.sqlite"))
}

/// What would end the path in a `file:` address of SQLite.
const NOT_IN_PATHS: &AsciiSet = &CONTROLS.add(b'%').add(b'?').add(b'#');

fn unchanging(file: &Path) -> PathBuf {
    let path = percent_encode(file.as_os_str().as_encoded_bytes(), NOT_IN_PATHS);
    PathBuf::from(format!("file:{path}?immutable=1"))
}

/// Whether there is a log with content beside the archive.
fn log_has_content(location: &Location) -> bool {
    let log = location.data_dir.join(format!("{ARCHIVE_FILE}-wal"));
    log.metadata().is_ok_and(|m| m.len() > 0)
}

fn check_file(file: &Path, data_dir: &Path) -> Result<()> {
    match file.metadata() {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            Err(Error::not_found(format!("In {} ist kein Archiv", data_dir.display())).remedy(
                "Nennen Sie seinen Ordner mit --data-dir; `mitschnitt ingest` legt eines an",
            ))
        }
        Err(e) => Err(Error::archive(format!("{} ist nicht lesbar", file.display()))
            .because(e)
            .remedy("Prüfen Sie die Rechte am Datenordner")),
        Ok(m) if m.len() == 0 && !data_dir.join(format!("{ARCHIVE_FILE}-wal")).exists() => {
            Err(Error::archive(format!("Das Archiv {} ist leer", file.display())).remedy(
                "Spielen Sie die letzte Sicherung zurück; war hier nie ein Archiv, löschen Sie die Datei",
            ))
        }
        Ok(_) => Ok(()),
    }
}

/// Makes an empty archive beside its place and puts it there whole.
fn make(data_dir: &Path) -> Result<()> {
    let file = data_dir.join(ARCHIVE_FILE);
    let failed = |e: std::io::Error| {
        Error::archive(format!("Datenordner {} lässt sich nicht anlegen", data_dir.display()))
            .because(e)
            .remedy("Wählen Sie mit --data-dir einen Ordner mit Schreibrecht")
    };
    std::fs::create_dir_all(data_dir).map_err(failed)?;
    let fresh = data_dir.join(format!("{ARCHIVE_FILE}.neu-{}", std::process::id()));
    let _ = std::fs::remove_file(&fresh);
    let fill = || {
        let mut connection = Connection::open(&fresh)?;
        let transaction = connection.transaction()?;
        apply(&transaction, 0, data_dir)?;
        transaction.commit()
    };
    fill().map_err(|e| super::explain(&fresh, e))?;
    std::fs::File::open(&fresh).and_then(|f| f.sync_all()).map_err(failed)?;
    // Whoever was first has made it as well.
    match std::fs::hard_link(&fresh, &file) {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => {
            std::fs::rename(&fresh, &file).map_err(failed)?;
        }
        _ => std::fs::remove_file(&fresh).map_err(failed)?,
    }
    std::fs::File::open(data_dir).and_then(|d| d.sync_all()).map_err(failed)
}

/// The format of an archive.
fn version(c: &Connection) -> rusqlite::Result<usize> {
    // In one statement: another process may be migrating, and half of each answer is neither.
    let (application, version, ours): (i32, usize, bool) = c.query_row(
        "SELECT application_id, user_version,
                EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'transcript')
         FROM pragma_application_id, pragma_user_version",
        [],
        |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)),
    )?;
    let said = application == APPLICATION || application == 0 && version < 7;
    match (ours && said && version > 0, version > MIGRATIONS.len()) {
        (false, _) => Err(refusal("die Datei ist kein Archiv dieses Programms")),
        (true, true) => Err(refusal("die Datei ist von einer neueren Version des Programms")),
        (true, false) => Ok(version),
    }
}

fn refusal(why: &str) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(why.into())
}

/// Brings an older archive up to date, and keeps a copy of it as it was.
fn migrate(connection: &mut Connection, store: &Store) -> rusqlite::Result<()> {
    let current = version(connection)?;
    if current < MIGRATIONS.len() {
        keep_copy(connection, &copy_of_format(store.data_dir(), current))?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Read again under the lock: another process may have migrated meanwhile.
        let current = version(&transaction)?;
        apply(&transaction, current, store.data_dir())?;
        if current < 7 {
            ledger::adopt_name(&transaction, store.ledger())?;
            // What was withheld of recordings that were replaced since is withheld of the new ones.
            for meeting in restrictions::meetings(&transaction)? {
                redacting::apply(&transaction, &meeting)?;
            }
        }
        transaction.commit()?;
    }
    Ok(())
}

/// Keeps the archive as it is, whole or not at all.
fn keep_copy(connection: &Connection, copy: &Path) -> rusqlite::Result<()> {
    if copy.exists() {
        return Ok(());
    }
    let part = copy.with_extension(format!("teil-{}", std::process::id()));
    let failed = |e: std::io::Error| rusqlite::Error::ToSqlConversionFailure(e.into());
    let _ = std::fs::remove_file(&part);
    connection.execute("VACUUM INTO ?1", params![part.to_string_lossy()])?;
    std::fs::File::open(&part).and_then(|f| f.sync_all()).map_err(failed)?;
    std::fs::rename(&part, copy).map_err(failed)
}

fn apply(t: &Transaction, current: usize, data_dir: &Path) -> rusqlite::Result<()> {
    for sql in &MIGRATIONS[current..] {
        t.execute_batch(sql)?;
    }
    t.pragma_update(None, "user_version", MIGRATIONS.len())?;
    if current < 7 {
        make_relative(t, data_dir)?;
        ledger::complete(t)?;
    }
    Ok(())
}

/// Paths below the data directory become relative, also where that has been moved since.
fn make_relative(t: &Transaction, data_dir: &Path) -> rusqlite::Result<()> {
    let real = data_dir.canonicalize().unwrap_or_else(|_| data_dir.to_owned());
    for (table, key) in [("published", "sha256"), ("recording", "sha256")] {
        let rows: Vec<(String, String, String)> = t
            .prepare(&format!("SELECT meeting, {key}, path FROM {table}"))?
            .query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?
            .collect::<Result<_, _>>()?;
        for (meeting, sha256, path) in rows {
            let path = Path::new(&path);
            let inside = path.strip_prefix(&real).or_else(|_| path.strip_prefix(data_dir));
            let moved = || {
                let name = path.file_name()?;
                let relative = Path::new(path.parent()?.file_name()?).join(name);
                data_dir.join(&relative).is_file().then_some(relative)
            };
            let Some(inside) = inside.ok().map(Path::to_owned).or_else(moved) else { continue };
            t.execute(
                &format!("UPDATE {table} SET path = ?3 WHERE meeting = ?1 AND {key} = ?2"),
                params![meeting, sha256, inside.to_string_lossy()],
            )?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;
    use crate::domain::ErrorKind;

    /// An archive of the first format, with a meeting.
    fn first_format(data_dir: &Path) {
        let old = Connection::open(data_dir.join(ARCHIVE_FILE)).unwrap();
        old.execute_batch(MIGRATIONS[0]).unwrap();
        old.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA user_version = 1;
             INSERT INTO body VALUES ('b', 'Musterland');
             INSERT INTO meeting VALUES ('kt-1', NULL, 'b', '[]', '[]', 'Sitzung', NULL, NULL, 0, 1);",
        )
        .unwrap();
    }

    /// Each migration is applied once, also where several look at the version at the same moment.
    #[test]
    fn several_bring_an_archive_up_to_date_at_once() {
        for _ in 0..20 {
            let dir = tempfile::tempdir().unwrap();
            first_format(dir.path());
            // Threads share the process id in the name of a copy on its way; processes do not.
            std::fs::write(copy_of_format(dir.path(), 1), "there").unwrap();
            let start = Barrier::new(4);
            std::thread::scope(|scope| {
                let open = || {
                    start.wait();
                    Store::open(dir.path()).map(|store| store.meetings().unwrap().len())
                };
                let all = [(); 4].map(|()| scope.spawn(open));
                for opened in all {
                    assert_eq!(opened.join().unwrap().unwrap(), 1);
                }
            });
            let connection = Connection::open(dir.path().join(ARCHIVE_FILE)).unwrap();
            assert_eq!(version(&connection).unwrap(), MIGRATIONS.len());
        }
    }

    #[test]
    fn what_is_no_archive_of_ours_is_refused_and_left_as_it_is() {
        for (case, sql) in [
            ("empty", ""),
            ("foreign", "CREATE TABLE transcript (x)"),
            ("newer", "PRAGMA user_version = 99"),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let file = dir.path().join(ARCHIVE_FILE);
            match case {
                "newer" => drop(Store::create(dir.path()).unwrap()),
                _ => std::fs::write(&file, "").unwrap(),
            }
            Connection::open(&file).unwrap().execute_batch(sql).unwrap();
            let before = std::fs::read(&file).unwrap();
            for opened in [Store::open(dir.path()), Store::open_to_read(dir.path())] {
                let Err(error) = opened else { panic!("{case} was opened") };
                assert_eq!(error.kind(), ErrorKind::Archive, "{case}: {error}");
            }
            let same = |from: usize| std::fs::read(&file).unwrap()[from..] == before[from..];
            // Opening for writing notes in the head of a sound file how it logs.
            assert!(same(before.len().min(100)), "{case} was changed");
        }
    }

    #[test]
    fn a_file_of_any_name_is_opened_where_nobody_may_write() {
        let dir = tempfile::tempdir().unwrap();
        let mut names =
            vec![PathBuf::from("a b%20?c#d&mode=memory.sqlite"), "Gremien ä.sqlite".into()];
        #[cfg(target_os = "linux")]
        {
            use std::os::unix::ffi::OsStrExt as _;
            names.push(std::ffi::OsStr::from_bytes(b"no \xff text").into());
        }
        for name in names {
            let file = dir.path().join(name);
            Connection::open(&file).unwrap().execute_batch("CREATE TABLE x (y)").unwrap();
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
            let connection = Connection::open_with_flags(unchanging(&file), flags).unwrap();
            let rows: u32 =
                connection.query_row("SELECT count(*) FROM x", [], |r| r.get(0)).unwrap();
            assert_eq!(rows, 0, "{}", file.display());
        }
    }
}
