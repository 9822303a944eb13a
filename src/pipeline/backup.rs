//! The whole archive to another folder while everything goes on, and back into an empty one. Owns the
//! backup's format; what was withdrawn since it was made stays withdrawn when it comes back.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::archive::{DataDir, delete_if_there, write_whole};
use crate::domain::{Digest, Error, Result};
use crate::inbox::INBOX_FILE;
use crate::store::{ARCHIVE_FILE, Location, Store};

/// The format's name (CONTRACT.md).
const FORMAT: &str = "mitschnitt.backup/1";
/// What says which files a backup has; written last, so that a broken backup has none.
const LIST: &str = "backup.json";
/// The ledger in a backup.
const LEDGER: &str = "restrictions.jsonl";
/// Folder of the public copies.
const COPIES: &str = "public";

/// The files of a backup.
#[derive(Debug, Serialize, Deserialize)]
struct Listing {
    format: String,
    /// The name that the archive gave itself.
    archive: String,
    made_at: jiff::Timestamp,
    files: Vec<BackupFile>,
}

/// One of them.
#[derive(Debug, Serialize, Deserialize)]
struct BackupFile {
    path: PathBuf,
    sha256: Digest,
    bytes: u64,
}

/// What a backup has.
#[derive(Clone, Copy, Debug)]
pub struct BackedUp {
    /// Files in it.
    pub files: usize,
    /// Their length.
    pub bytes: u64,
    /// Public copies that the archive itself lacks.
    pub missing: usize,
}

/// Where the ledger of restrictions lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerPlace {
    /// In the data directory.
    Beside,
    /// Where the settings say.
    Elsewhere,
}

/// What came back.
#[derive(Clone, Copy, Debug)]
pub struct Restored {
    /// When the backup was made.
    pub made_at: jiff::Timestamp,
    /// Whether there is a ledger that knows what was withdrawn since.
    pub knows_more: bool,
}

/// Copies the archive, its public copies and its ledger; an earlier backup in that folder is brought up to date.
///
/// # Errors
/// `BadInput` where the folder holds something else; `Failed` where it cannot be written.
pub fn back_up(store: &Store, folder: &Path) -> Result<BackedUp> {
    refuse_foreign(folder, store.data_dir())?;
    refuse_another(folder, store)?;
    let failed = |e: std::io::Error| unwritable(folder, e);
    std::fs::create_dir_all(folder).map_err(failed)?;
    // Without its list the folder is no backup until everything is there.
    delete_if_there(&folder.join(LIST)).map_err(failed)?;
    let mut paths = vec![PathBuf::from(ARCHIVE_FILE)];
    let fresh = folder.join(format!("{ARCHIVE_FILE}.neu"));
    delete_if_there(&fresh).map_err(failed)?;
    store.copy_to(&fresh)?;
    sync(&fresh).map_err(failed)?;
    std::fs::rename(&fresh, folder.join(ARCHIVE_FILE)).map_err(failed)?;
    let mut missing = 0;
    for file in files(store)? {
        let (from, to) = (store.data_dir().join(&file), folder.join(&file));
        // A copy that has rotted in the backup is made again: its name says what it should be.
        if is_rotten(&to) {
            delete_if_there(&to).map_err(failed)?;
        }
        match copy(&from, &to) {
            Ok(()) => paths.push(file),
            // Withdrawn a moment ago, or lost: the archive goes without.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => missing += 1,
            Err(e) => return Err(failed(e)),
        }
    }
    if store.ledger().is_file() {
        delete_if_there(&folder.join(LEDGER)).map_err(failed)?;
        copy(store.ledger(), &folder.join(LEDGER)).map_err(failed)?;
        paths.push(LEDGER.into());
    }
    let inbox = store.data_dir().join(INBOX_FILE);
    if inbox.is_file() {
        Store::copy_database(&inbox, &folder.join(INBOX_FILE))?;
        paths.push(INBOX_FILE.into());
    }
    sweep(folder, &paths).map_err(failed)?;
    let entries = paths.into_iter().map(|path| entry(folder, path)).collect::<Result<Vec<_>>>()?;
    let bytes: u64 = entries.iter().map(|e| e.bytes).sum();
    let count = entries.len();
    let made_at = jiff::Timestamp::now();
    let listing =
        Listing { format: FORMAT.to_owned(), archive: store.name()?, made_at, files: entries };
    let json = serde_json::to_string_pretty(&listing)
        .map_err(|e| Error::failed("Das Verzeichnis der Sicherung").because(e))?;
    write_whole(&folder.join(LIST), json.as_bytes()).map_err(failed)?;
    Ok(BackedUp { files: count, bytes, missing })
}

/// Puts a backup into an empty data directory. Where the settings put the ledger elsewhere, it must be there.
///
/// # Errors
/// `BadInput` where the directory is not empty, the backup not whole, or the ledger missing.
pub fn restore(folder: &Path, place: &Location, ledger: LedgerPlace) -> Result<Restored> {
    let data_dir = place.data_dir.as_path();
    // What may be there before: the ledger of the archive that was lost, and models.
    let harmless = ["restrictions.jsonl", "reserve", "locks", "models"];
    let occupied = std::fs::read_dir(data_dir).is_ok_and(|entries| {
        entries.flatten().any(|e| !harmless.iter().any(|name| e.file_name() == *name))
    });
    if occupied {
        let what = format!("Der Datenordner {} ist nicht leer", data_dir.display());
        return Err(Error::bad_input(what)
            .remedy("Nennen Sie mit --data-dir einen leeren; den alten heben Sie am besten auf"));
    }
    let listing = verified(folder)?;
    if ledger == LedgerPlace::Elsewhere && !place.ledger.is_file() {
        let path = place.ledger.display();
        let own = folder.join(LEDGER);
        return Err(Error::bad_input(format!("Das Sperrverzeichnis {path} fehlt")).remedy(format!(
            "Hängen Sie seinen Datenträger ein; ist es verloren, kopieren Sie {} dorthin: dann fehlt nur, was \
             seit der Sicherung zurückgezogen wurde",
            own.display()
        )));
    }
    let failed = |e: std::io::Error| unwritable(data_dir, e);
    std::fs::create_dir_all(data_dir).map_err(failed)?;
    // The archive itself comes last: until then the folder is none.
    let (archive, others): (Vec<_>, Vec<_>) =
        listing.files.iter().partition(|e| e.path == Path::new(ARCHIVE_FILE));
    let knows_more = place.ledger.is_file();
    for entry in others.into_iter().chain(archive) {
        let target = match entry.path == Path::new(LEDGER) {
            // What was withdrawn since stands in the ledger that is there.
            true if place.ledger.is_file() => continue,
            true => place.ledger.clone(),
            false => data_dir.join(&entry.path),
        };
        copy(&folder.join(&entry.path), &target).map_err(failed)?;
    }
    Ok(Restored { made_at: listing.made_at, knows_more })
}

/// Reads every file of a backup.
///
/// # Errors
/// `BadInput` where one is not what was written.
pub fn verify_backup(folder: &Path) -> Result<()> {
    verified(folder).map(|_| ())
}

/// The files of the data directory that belong to a backup, relative to it: public copies, and
/// recordings that lie there.
fn files(store: &Store) -> Result<BTreeSet<PathBuf>> {
    let mut files = BTreeSet::new();
    // What came in by the desk may hold what is not public: it is no part of any backup.
    let intake = DataDir::new(store.data_dir()).intake();
    let relative = |path: &Path| path.strip_prefix(store.data_dir()).ok().map(Path::to_owned);
    files.extend(store.all_published()?.iter().filter_map(|(.., file)| relative(&file.path)));
    for meeting in store.meetings()? {
        let recordings = store.recordings(&meeting.id)?;
        let own = recordings.iter().filter(|r| !r.path.starts_with(&intake));
        files.extend(own.filter_map(|r| relative(&r.path)));
    }
    Ok(files)
}

/// Copies a file whole, unless it is there with the same length: public copies are named by content.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    let length = from.metadata()?.len();
    if to.metadata().is_ok_and(|m| m.len() == length) {
        return Ok(());
    }
    let folder = to.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut part = tempfile::Builder::new().prefix(".teil-").tempfile_in(folder)?;
    std::io::copy(&mut File::open(from)?, &mut part)?;
    part.flush()?;
    part.as_file().sync_all()?;
    part.persist(to)?;
    File::open(folder)?.sync_all()
}

/// Whether a file that is named by its content holds something else.
fn is_rotten(file: &Path) -> bool {
    let named = file.file_stem().and_then(|stem| Digest::new(stem.to_str()?).ok());
    let digest = || File::open(file).and_then(Digest::of_reader).ok().map(|(digest, _)| digest);
    named.is_some_and(|named| digest().is_some_and(|digest| digest != named))
}

/// Deletes what the backup no longer has: what was withdrawn must not stay in it.
fn sweep(folder: &Path, kept: &[PathBuf]) -> std::io::Result<()> {
    let copies = folder.join(COPIES);
    if !copies.is_dir() {
        return Ok(());
    }
    for meeting in std::fs::read_dir(&copies)? {
        let meeting = meeting?.path();
        if !meeting.is_dir() {
            remove_unless_kept(folder, &meeting, kept)?;
            continue;
        }
        for file in std::fs::read_dir(&meeting)? {
            remove_unless_kept(folder, &file?.path(), kept)?;
        }
        // Goes only where it is empty.
        let _ = std::fs::remove_dir(&meeting);
    }
    Ok(())
}

fn remove_unless_kept(folder: &Path, file: &Path, kept: &[PathBuf]) -> std::io::Result<()> {
    let relative = file.strip_prefix(folder).unwrap_or(file);
    if kept.iter().any(|k| k == relative) { Ok(()) } else { std::fs::remove_file(file) }
}

fn entry(folder: &Path, path: PathBuf) -> Result<BackupFile> {
    let file = folder.join(&path);
    let digest = File::open(&file).and_then(Digest::of_reader).map_err(|e| unreadable(&file, e))?;
    Ok(BackupFile { path, sha256: digest.0, bytes: digest.1 })
}

/// Reads every file of a backup.
fn verified(folder: &Path) -> Result<Listing> {
    let list = folder.join(LIST);
    let text = std::fs::read_to_string(&list).map_err(|e| {
        Error::bad_input(format!("{} ist keine vollständige Sicherung", folder.display()))
            .because(e)
            .remedy("Nennen Sie den Ordner, den `mitschnitt backup` geschrieben hat")
    })?;
    let listing: Listing = serde_json::from_str(&text)
        .map_err(|e| Error::bad_input(format!("{} ist nicht lesbar", list.display())).because(e))?;
    if listing.format != FORMAT {
        let what = format!("{}: das Format „{}“ ist unbekannt", list.display(), listing.format);
        return Err(Error::bad_input(what).remedy("Dafür braucht es eine neuere Version"));
    }
    for entry in &listing.files {
        let inside = entry.path.components().all(|c| matches!(c, Component::Normal(_)));
        let file = folder.join(&entry.path);
        let (sha256, _) =
            File::open(&file).and_then(Digest::of_reader).map_err(|e| unreadable(&file, e))?;
        if !inside || sha256 != entry.sha256 {
            let what = format!("{} ist nicht, was gesichert wurde", file.display());
            return Err(Error::bad_input(what).remedy("Nehmen Sie eine andere Sicherung"));
        }
    }
    Ok(listing)
}

/// A backup goes into a folder of its own.
fn refuse_foreign(folder: &Path, data_dir: &Path) -> Result<()> {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let own = |path: &Path| path.canonicalize().unwrap_or_else(|_| absolute(path));
    if own(folder).starts_with(own(data_dir)) {
        return Err(Error::bad_input("Eine Sicherung im Datenordner selbst schützt vor nichts")
            .remedy("Nennen Sie einen Ordner auf einem anderen Datenträger"));
    }
    let empty = !std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    let ours = [LIST, ARCHIVE_FILE].iter().any(|name| folder.join(name).is_file());
    if empty || ours {
        return Ok(());
    }
    Err(Error::bad_input(format!("In {} liegt etwas anderes", folder.display()))
        .remedy("Nennen Sie einen leeren Ordner, oder den einer früheren Sicherung"))
}

/// The backup of another archive is not overwritten.
fn refuse_another(folder: &Path, store: &Store) -> Result<()> {
    let text = std::fs::read_to_string(folder.join(LIST)).unwrap_or_default();
    let Ok(listing) = serde_json::from_str::<Listing>(&text) else { return Ok(()) };
    if listing.archive == store.name()? {
        return Ok(());
    }
    Err(Error::bad_input(format!("{} ist die Sicherung eines anderen Archivs", folder.display()))
        .remedy("Nennen Sie einen anderen Ordner"))
}

fn sync(path: &Path) -> std::io::Result<()> {
    File::open(path)?.sync_all()
}

fn unwritable(folder: &Path, error: std::io::Error) -> Error {
    Error::failed(format!("In {} lässt sich nicht schreiben", folder.display()))
        .because(error)
        .remedy("Prüfen Sie Rechte und freien Platz")
}

fn unreadable(file: &Path, error: std::io::Error) -> Error {
    Error::bad_input(format!("{} ist nicht lesbar", file.display()))
        .because(error)
        .remedy("Nehmen Sie eine andere Sicherung")
}
