//! The directory of an index in its folder: looked into, made whole beside its place, put out of the way
//! and deleted. Touches none that is not an index.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tantivy::Directory;
use tantivy::directory::error::LockError;
use tantivy::directory::{INDEX_WRITER_LOCK, MmapDirectory};

use super::commit::{IDLE_MEMORY, commit};
use super::directory::FileDirectory;
use crate::model::error::{Doing, Error, Result};
use crate::segment::schema::{Fields, Payload};

/// Names what was put out of the way.
const RETIRED: &str = "alt";

/// Makes what was written in `dir` survive a power cut: Tantivy syncs files, not their names.
pub(super) fn sync(dir: &Path) -> Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(|e| io_error("sichern", dir, e))
}

/// What is in a directory.
pub(super) enum Contents {
    Nothing,
    Index,
    Something,
}

/// What is in `dir`.
///
/// # Errors
/// The file system refused.
pub(super) fn look(dir: &Path) -> Result<Contents> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Contents::Nothing),
        entries => entries.map_err(|e| io_error("lesen", dir, e))?,
    };
    let mut found = Contents::Nothing;
    for entry in entries {
        let name = entry.map_err(|e| io_error("lesen", dir, e))?.file_name();
        let name = name.to_string_lossy();
        if name == "meta.json" || name == ".managed.json" || name.starts_with(".tantivy-") {
            return Ok(Contents::Index);
        }
        found = Contents::Something;
    }
    Ok(found)
}

/// Tantivy's index over the files in `dir`.
pub(super) fn open_files(dir: &Path) -> tantivy::Result<tantivy::Index> {
    tantivy::Index::open(FileDirectory::open(dir)?)
}

/// Takes an index out of the way and deletes it: what is redacted must not linger in a copy.
pub(super) fn retire(dir: &Path) -> Result<()> {
    let directory = MmapDirectory::open(dir)
        .map_err(|e| io_error("öffnen", dir, io::Error::other(e.to_string())))?;
    let lock = match directory.acquire_lock(&INDEX_WRITER_LOCK) {
        Ok(lock) => lock,
        Err(LockError::LockBusy) => return Err(Error::Busy { dir: dir.to_owned() }),
        Err(LockError::IoError(e)) => {
            return Err(io_error("sperren", dir, io::Error::other(e.to_string())));
        }
    };
    let aside = sibling(dir, RETIRED);
    remove(&aside)?;
    fs::rename(dir, &aside).map_err(|e| io_error("beiseitelegen", dir, e))?;
    drop(lock);
    remove(&aside)
}

/// Makes an empty index beside `dir` and puts it there whole, so that a kill leaves none half-made.
pub(super) fn create(dir: &Path) -> Result<()> {
    const DOING: &str = "leeren Suchindex anlegen";
    let fresh = sibling(dir, "neu");
    remove(&fresh)?;
    fs::create_dir_all(&fresh).map_err(|e| io_error("anlegen", &fresh, e))?;
    let index = tantivy::Index::create_in_dir(&fresh, Fields::new().schema).doing(DOING)?;
    let mut writer = index.writer_with_num_threads(1, IDLE_MEMORY).doing(DOING)?;
    commit(&mut writer, &Payload::new(String::new(), 0, 0))?;
    drop(writer);
    sync(&fresh)?;
    match fs::rename(&fresh, dir) {
        // Another process was first; its index is as good.
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => remove(&fresh),
        renamed => renamed.map_err(|e| io_error("anlegen", dir, e)),
    }
}

/// Deletes what processes that were killed had put out of the way of `dir`. To be called by the one
/// that may write.
pub(super) fn forget_retired(dir: &Path) -> Result<()> {
    let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    let begins = format!("{}.{RETIRED}-", dir.file_name().unwrap_or_default().to_string_lossy());
    let entries = fs::read_dir(parent).map_err(|e| io_error("lesen", parent, e))?;
    for entry in entries {
        let entry = entry.map_err(|e| io_error("lesen", parent, e))?;
        if entry.file_name().to_string_lossy().starts_with(&begins) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// A directory beside `dir`, of this process only.
fn sibling(dir: &Path, suffix: &str) -> PathBuf {
    let mut name = dir.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{suffix}-{}", std::process::id()));
    dir.with_file_name(name)
}

fn remove(dir: &Path) -> Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(io_error("löschen", dir, error))
        }
        _ => Ok(()),
    }
}

fn io_error(doing: &str, path: &Path, source: io::Error) -> Error {
    Error::Io { doing: format!("Suchindex „{}“ {doing}", path.display()), source }
}
